/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mlx5_vdpa.h - vDPA network devices of ConnectX-6 Dx and later and of BlueField: who owns what,
 * and what protects it.
 *
 * A function of the NIC that can emulate virtio queues (a VF or SF, never a PF) is offered as a
 * management device; from it, one vDPA device can be made. Its queues are objects of the firmware,
 * which reads and writes the rings and the buffers of the driver (a guest, mostly) by itself. It
 * reaches memory by keys only: a queue refers to one key for buffers and may refer to another for
 * descriptors. Nothing else in the device gives access to memory of the driver.
 *
 *	mlx5v_func	a function that is offered. main.c and mgmt.c
 *	  mlx5v_dev	its vDPA device. Registered with the vdpa core from the end of dev_add to
 *			the beginning of dev_del, which gives everything that the firmware knows
 *			back. The memory of the structure itself goes with the last reference
 *	    mlx5v_queue	a data queue, with its objects
 *	    mlx5v_table	a table of translations and the keys made of it. Shared by what refers to it
 *	      mlx5v_key	access to up to 1 GiB of memory. Shared by tables in which it is the same
 *
 * Locks, outermost first. All but the last sleep:
 *
 *   funcs_lock (main.c)  which functions are offered
 *   dev->map_lock	  mutex; making and ending tables and keys, which takes long. Commands for
 *			  keys (window keys_win) are sent with it held
 *   dev->lock		  rwsem; everything that the driver can set, the state of queues and of the
 *			  receive side, which table an address space has. Held for writing by what
 *			  changes anything, including the work of the control queue; for reading by
 *			  queries. Commands for queues (window queue_win) are sent with it held for
 *			  writing
 *   call->lock		  spinlock, interrupts off; a callback to the driver. Held while it runs, so
 *			  that one that was replaced is not running any more
 *
 * Interrupts, completions of asynchronous commands and link events come in atomic context. They
 * take call->lock and the lock of a window, nothing else; what must sleep is left to dev->wq.
 */
#ifndef MLX5_VDPA_H
#define MLX5_VDPA_H

#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/if_vlan.h>
#include <linux/kref.h>
#include <linux/msi_api.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/vdpa.h>
#include <linux/vdpa_vring.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <linux/mlx5/cq.h>
#include <linux/mlx5/device.h>
#include <linux/mlx5/driver.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_net.h>

#include "cmd.h"
#include "ifc.h"
#include "mem.h"

struct dentry;
struct mlx5_flow_handle;
struct mlx5_flow_table;
struct scatterlist;

/* Largest queue, and the one that queues are made for before the driver has said anything. */
#define MLX5V_QUEUE_SIZE	256

/* A device starts with one pair of queues; the control queue switches more on (5.1.6.5.5). */
#define MLX5V_START_VQS		2

/* What an MTU of the port has beyond one of virtio. */
#define MLX5V_FRAME_OVERHEAD	(ETH_HLEN + VLAN_HLEN + ETH_FCS_LEN)

/* A key spans 1 GiB at most, and so does an entry in a list of keys. */
#define MLX5V_KEY_SHIFT		30
#define MLX5V_KEY_SIZE		BIT_ULL(MLX5V_KEY_SHIFT)

/* A command that frees something is repeated this often before its memory is given up. */
#define MLX5V_TRIES		3

enum mlx5v_group {
	MLX5V_GROUP_DATA,	/* buffers of data queues */
	MLX5V_GROUP_CVQ,	/* the control queue */
	MLX5V_GROUP_DESC,	/* rings of data queues, if the device can tell them apart */
	MLX5V_GROUPS,
};

#define MLX5V_SPACES 2

/**
 * struct mlx5v_caps - what a function can do; constant
 * @features: MLX5V_FEAT_... bits
 * @version_1: queues can follow virtio 1.0
 * @split: split queues
 * @msix: queues can raise interrupts of their own
 * @desc_mkey: queues can have a key of their own for the rings
 * @resumable: a suspended queue can go on, with other keys and addresses
 * @counters: queues count descriptors
 * @umem_uid_0: objects need no user context, and keys to all memory are allowed
 * @uctx: user contexts can be made
 * @max_queues: data queues
 * @max_klms: entries in a list of keys
 * @doorbell: where the doorbell page is in the BAR
 * @doorbell_page: it is a page of its own
 */
struct mlx5v_caps {
	u16 features;
	bool version_1;
	bool split;
	bool msix;
	bool desc_mkey;
	bool resumable;
	bool counters;
	bool umem_uid_0;
	bool uctx;
	u32 max_queues;
	u32 max_klms;
	u64 doorbell;
	bool doorbell_page;
};

/**
 * struct mlx5v_umem_size - size of a queue's firmware buffer: a * entries + b bytes
 */
struct mlx5v_umem_size {
	u32 a;
	u32 b;
};

/**
 * struct mlx5v_func - a function of the NIC that is offered to administrators
 * @ref: main.c, and devices that have not left their last user
 * @node: in the list of main.c. funcs_lock
 * @mdev: the function; valid until the function is detached
 * @caps: what it can do
 * @mgmt: the management device
 * @ops: ops of its devices: the ones the function cannot do are missing
 * @dev: the vDPA device, or NULL. Calls of mgmt's ops are serialised
 */
struct mlx5v_func {
	struct kref ref;
	struct list_head node;
	struct mlx5_core_dev *mdev;
	struct mlx5v_caps caps;
	struct vdpa_mgmt_dev mgmt;
	struct vdpa_config_ops ops;
	struct mlx5v_dev *dev;
};

/*
 * Queues: channel.c, virtq.c
 */

/**
 * struct mlx5v_call - a callback to the driver
 * @lock: all of it; held while the callback runs
 * @cb: the callback
 */
struct mlx5v_call {
	spinlock_t lock;	/* see above */
	struct vdpa_callback cb;
};

/**
 * struct mlx5v_qp - one end of the connection by which the firmware signals
 * @qpn: its number
 * @exists: the firmware has it
 * @buf: receive queue (driver's end only)
 * @db: doorbell record (driver's end only)
 * @head: receive buffers posted. Completion handler only, once the queue is running
 */
struct mlx5v_qp {
	u32 qpn;
	bool exists;
	struct mlx5_frag_buf buf;
	struct mlx5_db db;
	u16 head;
};

/**
 * struct mlx5v_cq - completions of the driver's end
 * @mcq: of mlx5_core
 * @exists: the firmware has it
 * @forgotten: mlx5_core does not know it any more
 * @buf: the ring
 * @fbc: how to find an entry of it
 * @db: doorbell records
 */
struct mlx5v_cq {
	struct mlx5_core_cq mcq;
	bool exists;
	bool forgotten;
	struct mlx5_frag_buf buf;
	struct mlx5_frag_buf_ctrl fbc;
	struct mlx5_db db;
};

/**
 * struct mlx5v_umem - a buffer for the firmware
 * @id: its number
 * @size: bytes
 * @exists: the firmware has it
 * @buf: the memory
 */
struct mlx5v_umem {
	u32 id;
	u32 size;
	bool exists;
	struct mlx5_frag_buf buf;
};

/* States of a queue object; all but the last two are the firmware's. */
enum mlx5v_queue_state {
	MLX5V_STATE_INIT = 0,
	MLX5V_STATE_RDY = 1,
	MLX5V_STATE_SUSPEND = 2,
	MLX5V_STATE_ERR = 3,
	MLX5V_STATE_NONE = 16,	/* there is no object */
	MLX5V_STATE_LOST = 17,	/* the firmware does not destroy it: take it for running */
};

/* Who knows where in the ring a queue stands. */
enum mlx5v_position {
	MLX5V_POS_KNOWN,	/* mlx5v_queue.index_pos says so */
	MLX5V_POS_OBJECT,	/* the object: it runs, or was not asked since */
	MLX5V_POS_LOST,		/* nobody: the object ended before it was asked */
};

/**
 * struct mlx5v_queue - a data queue
 * @dev: the device; constant
 * @index: of the queue; constant
 * @call: how to tell the driver of used buffers
 * @desc: what the driver set: IOVA of the descriptor area. dev->lock, like all below
 * @driver: IOVA of the driver area
 * @device: IOVA of the device area
 * @num: entries
 * @ready: enabled
 * @index_pos: ring position, as far as @pos says that it is right
 * @pos: who knows the position
 * @kickable: the object is running; read without a lock
 * @cq: signalling: completions
 * @fw: signalling: the firmware's end
 * @drv: signalling: the driver's end
 * @counters: counter set
 * @counters_exist: the firmware has it
 * @umem: buffers of the object
 * @obj: the object
 * @state: its state
 * @obj_num: entries it was made for
 * @obj_features: firmware features it has
 * @obj_version_1: virtio version it has
 * @dirty: MLX5V_MOD_... fields that the object does not have yet
 * @table: what its key for buffers belongs to, or NULL: it was given none
 * @desc_table: what its key for rings belongs to, or NULL
 * @irq: its own interrupt, virq is 0 if it has none; constant
 * @irq_name: name of that interrupt
 */
struct mlx5v_queue {
	struct mlx5v_dev *dev;
	u16 index;
	struct mlx5v_call call;

	u64 desc;
	u64 driver;
	u64 device;
	u32 num;
	bool ready;
	u16 index_pos;
	enum mlx5v_position pos;
	bool kickable;

	struct mlx5v_cq cq;
	struct mlx5v_qp fw;
	struct mlx5v_qp drv;
	u32 counters;
	bool counters_exist;

	struct mlx5v_umem umem[3];
	u32 obj;
	enum mlx5v_queue_state state;
	u32 obj_num;
	u16 obj_features;
	bool obj_version_1;
	u64 dirty;
	struct mlx5v_table *table;
	struct mlx5v_table *desc_table;

	struct msi_map irq;
	char irq_name[40];
};

/**
 * struct mlx5v_change - a queue in a batch of modifications. dev->lock
 * @q: the queue
 * @mask: MLX5V_MOD_... fields to set
 * @state: state to enter, if @mask has it
 * @err: how it went
 */
struct mlx5v_change {
	struct mlx5v_queue *q;
	u64 mask;
	enum mlx5v_queue_state state;
	int err;
};

/**
 * struct mlx5v_cvq - the control queue. dev->lock
 * @ring: the device side of it
 * @work: serves it
 * @call: how to tell the driver
 * @desc: what the driver set: IOVA of the descriptor area
 * @driver: IOVA of the driver area
 * @device: IOVA of the device area
 * @num: entries
 * @ready: enabled
 * @running: being served; read without a lock
 * @received: commands taken
 * @completed: commands answered
 */
struct mlx5v_cvq {
	struct vdpa_vring ring;
	struct work_struct work;
	struct mlx5v_call call;
	u64 desc;
	u64 driver;
	u64 device;
	u32 num;
	bool ready;
	bool running;
	u64 received;
	u64 completed;
};

/**
 * struct mlx5v_rx - how packets find a queue. dev->lock
 * @table: flow table; as long as the device
 * @rqtn: table of queues
 * @rqt_exists: the firmware has it
 * @pairs: pairs of queues it lists
 * @tirn: what hashes packets into it
 * @tir_exists: the firmware has it
 * @rules: struct mlx5v_rule by VLAN; while the driver runs only
 */
struct mlx5v_rx {
	struct mlx5_flow_table *table;
	u32 rqtn;
	bool rqt_exists;
	u16 pairs;
	u32 tirn;
	bool tir_exists;
	struct xarray rules;
};

/**
 * struct mlx5v_count - what happened to a device since it was made, for debugfs
 */
struct mlx5v_count {
	atomic64_t cmds;
	atomic64_t async_cmds;
	atomic64_t sync_fallbacks;
	atomic64_t keys_made;
	atomic64_t keys_shared;
	atomic64_t keys_ended;
	atomic64_t key_bytes;
	atomic64_t set_map;
	atomic64_t reset_map;
	atomic64_t resets;
	atomic64_t clean_resets;
	atomic64_t queues_made;
	atomic64_t leaks;
};

/**
 * struct mlx5v_dev - a vDPA device
 * @vdpa: the device on the vdpa bus; first member
 * @func: where it comes from; a reference
 * @mdev: func->mdev; not to be used after dev_del
 * @caps: func->caps
 * @offered: virtio features offered. Changes under @lock only
 * @max_vqs: data queues; constant
 * @queues: the data queues
 * @wq: for what cannot be done where it comes up
 *
 * @uar: doorbells of completion queues; this and all below constant while the device exists
 * @uid: user context, 0 for none
 * @pdn: protection domain
 * @null_mkey: reads zeros, ignores writes
 * @tdn: transport domain
 * @tisn: transmit side
 * @kick: doorbell of virtqueues
 * @kick_phys: its physical address
 * @res: which of them exist, RES_... of res.c
 * @umem_size: sizes of queues' buffers
 *
 * @map_lock: see the top of this file
 * @tables: tables that exist. @map_lock
 * @all: table of every address, or NULL. As long as the device
 * @empty: table of nothing. As long as the device
 * @sg: for mapping. @map_lock
 * @keys_win: commands for keys. @map_lock
 *
 * @lock: see the top of this file. All below
 * @status: device status; read without a lock
 * @features: negotiated features; read without a lock
 * @cvq_index: number of the control queue; read without a lock
 * @cur_vqs: data queues that the driver uses
 * @suspended: suspended by vdpa_config_ops.suspend
 * @sync_objects: mlx5_core does not take commands for objects asynchronously
 * @generation: of the configuration space; read without a lock
 * @spaces: tables of the address spaces; changed with @map_lock held, too
 * @group_asid: address space of each group
 * @cvq: control queue
 * @rx: receive side
 * @config: configuration space, in the byte order of virtio 1.0
 * @mpfs_mac: address that the embedded switch was told of, or zero
 * @config_call: how to tell the driver that it changed
 * @changes: room for a batch of modifications
 * @queue_win: commands for queues
 *
 * @link_nb: link events
 * @link_work: reads the state of the link
 * @link_nb_on: @link_nb is registered
 * @count: counters
 * @debugfs: directory of this device
 */
struct mlx5v_dev {
	struct vdpa_device vdpa;
	struct mlx5v_func *func;
	struct mlx5_core_dev *mdev;
	const struct mlx5v_caps *caps;
	u64 offered;
	u32 max_vqs;
	struct mlx5v_queue *queues;
	struct workqueue_struct *wq;

	struct mlx5_uars_page *uar;
	u16 uid;
	u32 pdn;
	u32 null_mkey;
	u32 tdn;
	u32 tisn;
	void __iomem *kick;
	phys_addr_t kick_phys;
	unsigned long res;
	struct mlx5v_umem_size umem_size[3];

	struct mutex map_lock;	/* see the top of this file */
	struct list_head tables;
	struct mlx5v_table *all;
	struct mlx5v_table *empty;
	struct scatterlist *sg;
	struct mlx5v_window keys_win;

	struct rw_semaphore lock;
	u8 status;
	u64 features;
	u16 cvq_index;
	u16 cur_vqs;
	bool suspended;
	bool sync_objects;
	atomic_t generation;
	struct mlx5v_table *spaces[MLX5V_SPACES];
	unsigned int group_asid[MLX5V_GROUPS];
	struct mlx5v_cvq cvq;
	struct mlx5v_rx rx;
	struct virtio_net_config config;
	u8 mpfs_mac[ETH_ALEN];
	struct mlx5v_call config_call;
	struct mlx5v_change *changes;
	struct mlx5v_window queue_win;

	struct notifier_block link_nb;
	struct work_struct link_work;
	bool link_nb_on;
	struct mlx5v_count count;
	struct dentry *debugfs;
};

static inline struct mlx5v_dev *vdpa_to_mlx5v(struct vdpa_device *vdpa)
{
	return container_of(vdpa, struct mlx5v_dev, vdpa);
}

static inline bool mlx5v_has(const struct mlx5v_dev *dev, unsigned int bit)
{
	return dev->features & BIT_ULL(bit);
}

/* DRIVER_OK, and not suspended: queues that are enabled run. dev->lock */
static inline bool mlx5v_running(const struct mlx5v_dev *dev)
{
	return (dev->status & VIRTIO_CONFIG_S_DRIVER_OK) && !dev->suspended;
}

/* Legacy drivers use their own byte order, which is taken to be that of this machine. */
static inline bool mlx5v_little_endian(const struct mlx5v_dev *dev)
{
	return mlx5v_has(dev, VIRTIO_F_VERSION_1) || virtio_legacy_is_little_endian();
}

#define mlx5v_err(m, fmt, ...) \
	dev_err_ratelimited(&(m)->vdpa.dev, fmt, ##__VA_ARGS__)
#define mlx5v_warn(m, fmt, ...) \
	dev_warn_ratelimited(&(m)->vdpa.dev, fmt, ##__VA_ARGS__)

/* main.c */
bool mlx5v_persists(void);
int mlx5v_iotlb_limit(void);

/* mgmt.c */
struct mlx5v_func *mlx5v_func_create(struct mlx5_core_dev *mdev);
void mlx5v_func_destroy(struct mlx5v_func *func);
void mlx5v_func_put(struct mlx5v_func *func);

/* caps.c */
int mlx5v_caps_query(struct mlx5_core_dev *mdev, struct mlx5v_caps *caps);
int mlx5v_umem_sizes_query(struct mlx5v_dev *dev);
u64 mlx5v_supported_features(const struct mlx5v_caps *caps);
u16 mlx5v_fw_features(u64 features);

/* res.c */
int mlx5v_res_alloc(struct mlx5v_dev *dev);
void mlx5v_res_free(struct mlx5v_dev *dev);

/* channel.c */
int mlx5v_channel_create(struct mlx5v_queue *q);
int mlx5v_channel_destroy(struct mlx5v_queue *q);
int mlx5v_umems_create(struct mlx5v_queue *q);
int mlx5v_umems_destroy(struct mlx5v_queue *q);

/* virtq.c */
int mlx5v_queue_create(struct mlx5v_queue *q, bool filled);
int mlx5v_queue_destroy(struct mlx5v_queue *q);
void mlx5v_queue_defaults(struct mlx5v_queue *q);
int mlx5v_modify(struct mlx5v_dev *dev, unsigned int n);
int mlx5v_query_positions(struct mlx5v_dev *dev, unsigned int n);
int mlx5v_queue_position(struct mlx5v_queue *q);
struct mlx5v_table *mlx5v_queue_table(const struct mlx5v_queue *q);
struct mlx5v_table *mlx5v_queue_desc_table(const struct mlx5v_queue *q);

/* run.c */
int mlx5v_queues_create(struct mlx5v_dev *dev);
int mlx5v_queues_destroy(struct mlx5v_dev *dev);
int mlx5v_queues_start(struct mlx5v_dev *dev);
int mlx5v_queues_stop(struct mlx5v_dev *dev, bool all);
int mlx5v_queues_halt(struct mlx5v_dev *dev);
int mlx5v_queues_reset(struct mlx5v_dev *dev);
int mlx5v_queue_end(struct mlx5v_queue *q);
int mlx5v_space_switch(struct mlx5v_dev *dev, unsigned int asid, struct mlx5v_table *t);
void mlx5v_broken(struct mlx5v_dev *dev);

/* steering.c */
int mlx5v_rx_init(struct mlx5v_dev *dev);
void mlx5v_rx_exit(struct mlx5v_dev *dev);
int mlx5v_rx_up(struct mlx5v_dev *dev);
int mlx5v_rx_down(struct mlx5v_dev *dev);
int mlx5v_rx_set_pairs(struct mlx5v_dev *dev, u16 pairs);
int mlx5v_rules_on(struct mlx5v_dev *dev);
void mlx5v_rules_off(struct mlx5v_dev *dev);
int mlx5v_vlan_add(struct mlx5v_dev *dev, u16 vid);
void mlx5v_vlan_del(struct mlx5v_dev *dev, u16 vid);
int mlx5v_set_mac(struct mlx5v_dev *dev, const u8 *mac);
int mlx5v_mpfs_add(struct mlx5v_dev *dev);
void mlx5v_mpfs_del(struct mlx5v_dev *dev);

/* cvq.c */
int mlx5v_cvq_init(struct mlx5v_dev *dev);
void mlx5v_cvq_exit(struct mlx5v_dev *dev);
int mlx5v_cvq_start(struct mlx5v_dev *dev);
void mlx5v_cvq_stop(struct mlx5v_dev *dev);
void mlx5v_cvq_reset(struct mlx5v_dev *dev);
void mlx5v_cvq_bind(struct mlx5v_dev *dev);
void mlx5v_cvq_kick(struct mlx5v_dev *dev);

/* events.c */
void mlx5v_call_init(struct mlx5v_call *call);
void mlx5v_call_set(struct mlx5v_call *call, const struct vdpa_callback *cb);
irqreturn_t mlx5v_call(struct mlx5v_call *call);
void mlx5v_config_changed(struct mlx5v_dev *dev);
bool mlx5v_link_up(struct mlx5v_dev *dev);
void mlx5v_link_on(struct mlx5v_dev *dev);
void mlx5v_link_off(struct mlx5v_dev *dev);
void mlx5v_irqs_alloc(struct mlx5v_dev *dev);
void mlx5v_irqs_free(struct mlx5v_dev *dev);

/* dev.c, state.c */
extern const struct vdpa_config_ops mlx5v_ops;
bool mlx5v_is_cvq(const struct mlx5v_dev *dev, u16 idx);
void mlx5v_set_status(struct vdpa_device *vdpa, u8 status);
int mlx5v_reset(struct vdpa_device *vdpa);
int mlx5v_compat_reset(struct vdpa_device *vdpa, u32 flags);
int mlx5v_suspend(struct vdpa_device *vdpa);
int mlx5v_resume(struct vdpa_device *vdpa);
int mlx5v_set_map(struct vdpa_device *vdpa, unsigned int asid, struct vhost_iotlb *iotlb);
int mlx5v_reset_map(struct vdpa_device *vdpa, unsigned int asid);
int mlx5v_set_group_asid(struct vdpa_device *vdpa, unsigned int group, unsigned int asid);

/* stats.c */
int mlx5v_get_vq_stats(struct vdpa_device *vdpa, u16 idx, struct sk_buff *msg,
		       struct netlink_ext_ack *extack);

/* debugfs.c */
void mlx5v_debugfs_init(void);
void mlx5v_debugfs_exit(void);
void mlx5v_debugfs_add(struct mlx5v_dev *dev);
void mlx5v_debugfs_remove(struct mlx5v_dev *dev);

#endif /* MLX5_VDPA_H */
