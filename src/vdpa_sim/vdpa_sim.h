/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vdpa_sim.h - simulated vDPA devices: what the core offers to device types, and who owns what.
 *
 * A simulated device has its own translation (an on-chip IOMMU, so to speak): one table per address
 * space. A kernel thread per device serves its queues; nothing is served elsewhere, so there is no
 * DMA but in that thread.
 *
 * Locks, outermost first. All of them sleep:
 *
 *   sim->lock      status, features, queues, group binding, bound mm, configuration space. The
 *                  thread holds it while it serves queues. Who has it knows that there is no DMA.
 *   sim->map_lock  the tables. The thread holds it for reading while it serves queues; a table is
 *                  changed with it held for writing, which therefore waits for DMA under way.
 *
 * Callbacks to the driver are called with both held, bottom halves off. They must not call back
 * into anything but kick_vq, which takes no lock.
 */
#ifndef VDPA_SIM_H
#define VDPA_SIM_H

#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/vdpa.h>
#include <linux/vdpa_vring.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_ring.h>

#define VDPASIM_QUEUE_MAX 256
#define VDPASIM_VENDOR_ID 0

/* Offered by all types unless provisioned otherwise. */
#define VDPASIM_FEATURES	(BIT_ULL(VIRTIO_F_ANY_LAYOUT) | \
				 BIT_ULL(VIRTIO_F_VERSION_1) | \
				 BIT_ULL(VIRTIO_F_ACCESS_PLATFORM))

/*
 * What the kernel's own simulator does not have. Offered when provisioned (device_features), or
 * always with the parameter ring_features=Y: releases of QEMU that cannot shadow such rings refuse
 * to migrate a device that offers them.
 */
#define VDPASIM_RING_FEATURES	(BIT_ULL(VIRTIO_F_RING_PACKED) | \
				 BIT_ULL(VIRTIO_RING_F_EVENT_IDX) | \
				 BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC))

struct dentry;
struct vdpasim;

/**
 * struct vdpasim_vq - a virtqueue; sim->lock
 * @ring: the device side of it
 * @desc: IOVA of the descriptor area, as set by the driver
 * @driver: IOVA of the driver area
 * @device: IOVA of the device area
 * @num: size set by the driver
 * @ready: enabled by the driver
 * @cb: how to interrupt the driver
 */
struct vdpasim_vq {
	struct vdpa_vring ring;
	u64 desc;
	u64 driver;
	u64 device;
	u32 num;
	bool ready;
	struct vdpa_callback cb;
};

/**
 * struct vdpasim_space - an address space; sim->map_lock
 * @vs: the table, as rings see it
 * @identity: nothing was mapped since creation or reset_map: every IOVA is the physical address
 */
struct vdpasim_space {
	struct vdpa_vring_space vs;
	bool identity;
};

/**
 * struct vdpasim_counters - what happened to a device since it was created, for debugfs
 * @set_map: calls of set_map
 * @dma_map: calls of dma_map
 * @dma_unmap: calls of dma_unmap
 * @reset_map: calls of reset_map
 * @resets: resets, of either kind
 * @clean_resets: those of them that took the mappings away
 * @work: times the thread looked at the queues
 */
struct vdpasim_counters {
	atomic64_t set_map;
	atomic64_t dma_map;
	atomic64_t dma_unmap;
	atomic64_t reset_map;
	atomic64_t resets;
	atomic64_t clean_resets;
	atomic64_t work;
};

/**
 * struct vdpasim_type - a type of device; constant
 * @id: virtio device id
 * @features: virtio features it can offer
 * @features_default: those it offers if nothing else is provisioned
 * @size: size of the type's structure, whose first member is the struct vdpasim
 * @config_size: size of the configuration space
 * @nas: number of address spaces
 * @ngroups: number of virtqueue groups
 * @vq_group: group of a queue, by the features negotiated; NULL if all are in group 0
 * @work: serves the queues, for a limited time; true if there is more to do. Called by the thread
 *	with all locks held, only while the device runs
 * @get_config: brings sim->config up to date before it is read. sim->lock is held. Optional
 * @set_config: the driver wrote to the configuration space: take over what it may change. sim->lock
 *	is held. NULL: it may change nothing
 * @get_stats: see vdpa_config_ops.get_vendor_vq_stats. Optional
 * @reset: forget what belongs to the driver. sim->lock is held. Optional
 * @free: release what the type allocated. The thread is gone. Optional
 */
struct vdpasim_type {
	u32 id;
	u64 features;
	u64 features_default;
	size_t size;
	size_t config_size;
	unsigned int nas;
	unsigned int ngroups;

	u32 (*vq_group)(struct vdpasim *sim, u16 idx);
	bool (*work)(struct vdpasim *sim);
	void (*get_config)(struct vdpasim *sim, void *config);
	void (*set_config)(struct vdpasim *sim, unsigned int offset, const void *buf,
			   unsigned int len);
	int (*get_stats)(struct vdpasim *sim, u16 idx, struct sk_buff *msg,
			 struct netlink_ext_ack *extack);
	void (*reset)(struct vdpasim *sim);
	void (*free)(struct vdpasim *sim);
};

/**
 * struct vdpasim - a simulated device
 * @vdpa: the device on the vdpa bus; first member
 * @type: its type
 * @nvqs: number of queues, constant
 * @vqs: the queues
 * @supported: virtio features offered, constant
 * @worker: the thread
 * @work: serve the queues
 * @lock: see the top of this file
 * @status: device status; written under @lock
 * @running: DRIVER_OK and not suspended; written under @lock
 * @features: negotiated features. @lock
 * @generation: of the configuration space
 * @mm: the address space that user addresses belong to (mmgrab reference), or NULL. @lock
 * @config: configuration space. @lock
 * @config_cb: how to tell the driver that it changed. @lock
 * @map_lock: see the top of this file
 * @spaces: address spaces. @map_lock
 * @group_asid: address space of each group. @lock
 * @count: counters
 * @fail_nth_set_map: debugfs: make the nth set_map from now fail; 0 for none
 * @fail_nth_dma_map: debugfs: likewise for dma_map
 * @debugfs: directory of this device
 */
struct vdpasim {
	struct vdpa_device vdpa;
	const struct vdpasim_type *type;
	u32 nvqs;
	struct vdpasim_vq *vqs;
	u64 supported;

	struct kthread_worker *worker;
	struct kthread_work work;

	struct mutex lock;	/* see the top of this file */
	u8 status;
	bool running;
	u64 features;
	atomic_t generation;
	struct mm_struct *mm;
	void *config;
	struct vdpa_callback config_cb;

	struct rw_semaphore map_lock;
	struct vdpasim_space *spaces;
	u32 *group_asid;

	struct vdpasim_counters count;
	atomic_t fail_nth_set_map;
	atomic_t fail_nth_dma_map;
	struct dentry *debugfs;
};

static inline struct vdpasim *vdpa_to_sim(struct vdpa_device *vdpa)
{
	return container_of(vdpa, struct vdpasim, vdpa);
}

static inline bool vdpasim_has(const struct vdpasim *sim, unsigned int bit)
{
	return sim->features & BIT_ULL(bit);
}

/* dev.c: for device types */
struct vdpasim *vdpasim_create(struct vdpa_mgmt_dev *mdev, const struct vdpasim_type *type,
			       u32 nvqs, const char *name,
			       const struct vdpa_dev_set_config *config);
int vdpasim_register(struct vdpasim *sim);
void vdpasim_unregister(struct vdpasim *sim);
void vdpasim_discard(struct vdpasim *sim);
void vdpasim_kick(struct vdpasim *sim);
void vdpasim_signal(struct vdpasim *sim, struct vdpasim_vq *vq);
void vdpasim_config_changed(struct vdpasim *sim);
bool vdpasim_check_ring(struct vdpasim *sim, struct vdpasim_vq *vq, int ret);

/* dev.c: inside vdpa_sim.ko */
void vdpasim_teardown(struct vdpasim *sim);
int vdpasim_iotlb_limit(void);
bool vdpasim_persists(void);

/* ops.c */
const struct vdpa_config_ops *vdpasim_choose_ops(bool batch, bool persist);
void vdpasim_bind_queues(struct vdpasim *sim);

/* map.c */
int vdpasim_init_spaces(struct vdpasim *sim);
void vdpasim_free_spaces(struct vdpasim *sim);
int vdpasim_clean_spaces(struct vdpasim *sim);
int vdpasim_set_map(struct vdpa_device *vdpa, unsigned int asid, struct vhost_iotlb *iotlb);
int vdpasim_dma_map(struct vdpa_device *vdpa, unsigned int asid, u64 iova, u64 size, u64 pa,
		    u32 perm, void *opaque);
int vdpasim_dma_unmap(struct vdpa_device *vdpa, unsigned int asid, u64 iova, u64 size);
int vdpasim_reset_map(struct vdpa_device *vdpa, unsigned int asid);

/* debugfs.c */
void vdpasim_debugfs_init(void);
void vdpasim_debugfs_exit(void);
void vdpasim_debugfs_add(struct vdpasim *sim);
void vdpasim_debugfs_remove(struct vdpasim *sim);

#endif /* VDPA_SIM_H */
