/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * model.h - the module that stands in for mlx5_core: functions, and what its files share.
 *
 * A struct model is one function of the modelled card: a PCI device that QEMU provides (its BAR 2
 * is RAM and serves as the doorbell page), the struct mlx5_core_dev that drivers see, and the
 * engine.
 *
 * Locks: model_lock (a mutex) protects the list of functions, all engines, the list of completion
 * queues and the flow tables; it is held while an event reaches a driver. cmd_lock (a spinlock, in
 * cmd.c) protects slots and what is counted about commands; fault_lock (a spinlock, in fault.c)
 * faults to inject. Nothing else is shared.
 */
#ifndef M5_MODEL_H
#define M5_MODEL_H

#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/mlx5/driver.h>
#include <linux/mlx5/device.h>

#include "compat.h"
#include "engine.h"

#define M5_SWITCH_MACS 4

/* Commands since the last "reset" of a function: the @first began, the @last ended. cmd_lock */
struct model_cmds {
	ktime_t first, last;
	u64 total, submitted_async, helpers;
	u32 in_flight, max_in_flight;
	u64 bytes, max_bytes;
};

enum model_fault_kind {
	M5_FAULT_NONE, M5_FAULT_STATUS, M5_FAULT_TIMEOUT, M5_FAULT_SUBMIT, M5_FAULT_DEAD,
};

/* The @nth command from now on of @opcode (0: any), and of @general if that is not 0. */
struct model_fault {
	struct model *model;
	u16 opcode, general;
	u32 nth;
	u32 times;
	enum model_fault_kind kind;
	int value;
};

/**
 * struct model - one function
 * @list: in models
 * @dev: the engine
 * @mdev: what drivers see; its priv leads nowhere
 * @index: in order of probing; names the auxiliary device
 * @bell: the doorbell page, or NULL
 * @mac: of the virtual port
 * @switch_macs: addresses that the embedded switch lets in, zero where there is none
 * @work: virtqueues may have something to do although no doorbell rang
 * @storm: virtqueues signal all the time
 * @loopback: frames come back to their sender, too
 * @uar: the page for completion queue doorbells, shared by its @uar_users
 * @notifiers: of drivers
 * @cqs: struct model_cq, by number
 * @cmds: what is counted about commands
 * @buffers: DMA buffers and doorbell records that drivers hold
 * @translate: address that the file of that name is about
 * @front: how drivers learn of the function, see front.c
 * @dir: in debugfs
 * @driver_dir: in debugfs, for drivers
 */
struct model {
	struct list_head list;
	struct m5_dev dev;
	struct mlx5_core_dev *mdev;
	unsigned int index;
	void __iomem *bell;
	u8 mac[6];
	u8 switch_macs[M5_SWITCH_MACS][6];
	bool work;
	bool storm;
	bool loopback;
	struct mlx5_uars_page *uar;
	unsigned int uar_users;
	struct atomic_notifier_head notifiers;
	struct list_head cqs;
	struct model_cmds cmds;
	atomic_t buffers;
	u64 translate;
	void *front;
	struct dentry *dir, *driver_dir;
};

struct model_cq {
	struct list_head list;
	struct mlx5_core_cq *mcq;
};

extern struct list_head models;
extern struct mutex model_lock;
void model_wake_all(void);

/* Parameters. */
extern char *model_aname;
extern bool model_synthetic;

/* Drivers find @mdev as the PCI device's driver data; the model itself is next to it. */
struct model_mdev {
	struct mlx5_core_dev mdev;
	struct model *model;
};

static inline struct model *to_model(struct mlx5_core_dev *mdev)
{
	return container_of(mdev, struct model_mdev, mdev)->model;
}

/* dma.c: DMA addresses of a function, from before it has any to after the last. */
void model_dma_init(struct device *dev);
void model_dma_exit(struct device *dev);
void *model_page(struct m5_dev *dev, u64 dma, bool write, const char **why);

/* cmd.c: a command that has no engine counterpart, only time and faults: 0 or a negative errno. */
int model_helper(struct model *m, u16 opcode);
int model_cmd_init(void);
void model_cmd_exit(void);
void model_cmd_show(struct seq_file *s, struct model *m);
void model_cmd_forget(struct model *m);
void model_die(struct model *m);

/* fault.c */
struct model_fault model_fault_pick(struct model *m, u16 opcode, u16 general);
void model_fault_show(struct seq_file *s, struct model *m);
int model_fault_parse(struct model *m, char *text);

/* export.c */
void model_irq(struct m5_dev *dev, u32 cqn);
void model_msix(struct m5_dev *dev, u32 vector);
void model_link(struct model *m, bool up);
unsigned int model_switch_macs(const struct model *m);

/* front.c */
int model_front_add(struct model *m);
void model_front_del(struct model *m);

/* debugfs.c */
void model_debugfs_init(void);
void model_debugfs_exit(void);
void model_debugfs_add(struct model *m);
/* Complaints of a function outlive it. */
void model_debugfs_del(struct model *m);

#endif /* M5_MODEL_H */
