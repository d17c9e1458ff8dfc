/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vp_vdpa.h - what the files of vp_vdpa.ko share.
 *
 * A struct vp_function exists as long as this driver is bound to a PCI function; it is the
 * function's registers and its management device. The administrator makes at most one
 * struct vp_vdpa from it, the vdpa device, which never outlives it as far as registers are
 * concerned: unbinding removes the vdpa device first.
 *
 * Locks:
 *
 *   mdev.ops_lock   (vdpa core) fn->vp and the life of the vdpa device
 *   fn->lock        mutex: registers that are reached through a selector (features, queues), status
 *                   and reset, and what is kept here about them. Netlink queries of one process run
 *                   beside a bus driver of another
 *   cb->lock        irq-safe spinlock: one callback. Held while it is called, so that replacing it
 *                   waits for it. kick_vq and what it calls take no lock
 *
 * Registers, structures and numbers are those of the virtio specification 1.2, chapter 4.1.
 */
#ifndef VP_VDPA_H
#define VP_VDPA_H

#include <linux/cpumask.h>
#include <linux/mod_devicetable.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/spinlock.h>
#include <linux/vdpa.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_pci.h>

struct vp_vdpa;

/*
 * What every driver must accept, and what is offered always: with less a function is a legacy one,
 * or its DMA goes round the IOMMU, and a client of vhost_vdpa could reach all of the machine's
 * memory.
 */
#define VP_FEATURES_NEEDED	(BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_F_ACCESS_PLATFORM))

/**
 * struct vp_function - a virtio PCI function and its registers
 * @pdev: the function
 * @lock: see the top of this file
 * @common: common configuration structure (4.1.4.3)
 * @common_len: bytes of it that the function has, at least up to the queue addresses
 * @isr: ISR status (4.1.4.5)
 * @config: device-specific configuration (4.1.4.6), or NULL
 * @config_len: bytes of it
 * @notify: doorbells (4.1.4.4), mapped as far as the queues need it
 * @notify_len: bytes that are mapped
 * @notify_size: bytes that the function says are doorbells
 * @notify_pa: physical address of @notify; 0 if it is in I/O ports
 * @notify_multiplier: bytes between two notification offsets
 * @notify_data: all doorbells have room for four bytes (VIRTIO_F_NOTIFICATION_DATA)
 * @bars: BARs that were requested, as a mask
 * @nqs: number of virtqueues
 * @max_size: size of the largest virtqueue, in entries
 * @features: virtio features that the function offers
 * @gone: it answers with ones only: it was pulled out, or its link is down. Never cleared
 * @off_bus: it may do no DMA, because it was not reset. @lock
 * @mgmt: the management device
 * @id_table: the one type of device that it is, and the end
 * @vp: the vdpa device, or NULL
 */
struct vp_function {
	struct pci_dev *pdev;
	struct mutex lock;

	void __iomem *common;
	u32 common_len;
	void __iomem *isr;
	void __iomem *config;
	u32 config_len;
	void __iomem *notify;
	u64 notify_len;
	u64 notify_size;
	resource_size_t notify_pa;
	u32 notify_multiplier;
	bool notify_data;
	int bars;

	u16 nqs;
	u16 max_size;
	u64 features;
	bool gone;
	bool off_bus;

	struct vdpa_mgmt_dev mgmt;
	struct virtio_device_id id_table[2];
	struct vp_vdpa *vp;
};

/**
 * struct vp_callback - a bus driver's callback
 * @lock: protects @cb, held while it is called
 * @cb: what to call
 */
struct vp_callback {
	spinlock_t lock;
	struct vdpa_callback cb;
};

/**
 * struct vp_queue - a virtqueue
 * @callback: for used buffers
 * @doorbell: the register that notifies it
 * @doorbell_pa: its physical address; 0 if nobody may map it
 * @doorbell_size: bytes from there that are this queue's
 * @num_bad: a size was asked for that it does not have: it must not be enabled. fn->lock
 * @stopped: it was reset alone, and lost size, addresses and vector: likewise. fn->lock
 * @kicked: notified before the device ran
 * @wants_irq: it had a callback when the interrupts were set up. fn->lock
 * @vector: index of its interrupt vector. fn->lock
 * @irq: Linux number of an interrupt of its own, or -1. fn->lock
 * @has_affinity: @affinity was set. The bus driver's calls
 * @affinity: where that interrupt shall be handled; allocated once it is set
 * @name: of the interrupt
 */
struct vp_queue {
	struct vp_callback callback;
	void __iomem *doorbell;
	resource_size_t doorbell_pa;
	u64 doorbell_size;
	bool num_bad;
	bool stopped;
	bool kicked;
	bool wants_irq;
	u16 vector;
	int irq;
	bool has_affinity;
	cpumask_var_t affinity;
	char name[40];
};

/**
 * struct vp_vdpa - the vdpa device made from a function
 * @vdpa: the device; its reference count owns this structure
 * @fn: the function; not used once the device has left the bus
 * @features: virtio features that are offered, after provisioning. Constant
 * @driver_features: what the driver accepted. fn->lock
 * @nqs: number of entries in @queues. Constant
 * @queues: the virtqueues
 * @config_callback: for changes of the configuration
 * @running: DRIVER_OK was written: doorbells may be rung. fn->lock to write
 * @nvectors: interrupt vectors that are allocated; 0: none. fn->lock
 * @intx: the one vector is the function's INTx line. fn->lock
 * @irq: Linux number of vector 0 (configuration, and queues without their own), or -1. fn->lock
 * @shared_irq: Linux number of vector 1 if queues share that, or -1. fn->lock
 * @name: of vector 0
 * @shared_name: of vector 1
 */
struct vp_vdpa {
	struct vdpa_device vdpa;
	struct vp_function *fn;
	u64 features;
	u64 driver_features;
	u16 nqs;
	struct vp_queue *queues;
	struct vp_callback config_callback;
	bool running;

	u16 nvectors;
	bool intx;
	int irq;
	int shared_irq;
	char name[40];
	char shared_name[40];
};

static inline struct vp_vdpa *vdpa_to_vp(struct vdpa_device *vdpa)
{
	return container_of(vdpa, struct vp_vdpa, vdpa);
}

/* caps.c: finds, requests and maps the registers. Sleep. */
int vp_regions_open(struct vp_function *fn);
void vp_regions_close(struct vp_function *fn);
int vp_map_doorbells(struct vp_function *fn);
int vp_find_doorbell(struct vp_function *fn, u16 index, struct vp_queue *q);

/* regs.c: the registers. Those that say so want fn->lock. */
bool vp_is_gone(struct vp_function *fn);
u8 vp_get_status(struct vp_function *fn);
void vp_set_status(struct vp_function *fn, u8 status);
int vp_reset(struct vp_function *fn);
u64 vp_read_features(struct vp_function *fn);
void vp_write_features(struct vp_function *fn, u64 features);
u16 vp_num_queues(struct vp_function *fn);
u16 vp_notify_offset(struct vp_function *fn, u16 index);
u16 vp_get_queue_size(struct vp_function *fn, u16 index);
void vp_set_queue_size(struct vp_function *fn, u16 index, u16 size);
void vp_set_queue_address(struct vp_function *fn, u16 index, u64 desc, u64 driver, u64 device);
bool vp_queue_enabled(struct vp_function *fn, u16 index);
void vp_enable_queue(struct vp_function *fn, u16 index);
int vp_reset_queue(struct vp_function *fn, u16 index);
bool vp_has_queue_reset(const struct vp_function *fn);
int vp_set_queue_vector(struct vp_function *fn, u16 index, u16 vector);
int vp_set_config_vector(struct vp_function *fn, u16 vector);
u8 vp_generation(struct vp_function *fn);
void vp_read_config(struct vp_function *fn, unsigned int offset, void *buf, unsigned int len);
void vp_write_config(struct vp_function *fn, unsigned int offset, const void *buf,
		     unsigned int len);

/* irq.c: interrupts and callbacks. fn->lock held, apart from vp_callback_*. */
void vp_callback_init(struct vp_callback *c);
void vp_callback_set(struct vp_callback *c, const struct vdpa_callback *cb);
int vp_irqs_start(struct vp_vdpa *vp);
void vp_irqs_free(struct vp_vdpa *vp);
int vp_irq_affinity(struct vp_queue *q, const struct cpumask *mask);

/* ops.c */
extern const struct vdpa_config_ops vp_vdpa_ops;

#endif /* VP_VDPA_H */
