/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vhost_vdpa.h - what the files of vhost_vdpa.ko share.
 *
 * One struct vhost_vdpa exists per vdpa device that is bound to this driver. It outlives the
 * device while a client still holds the node open: remove() takes everything that touches the
 * device away at once and marks the object dead, the last close frees the memory.
 *
 * Locks, outermost first:
 *
 *   map_lock   the address spaces: wanted tables, device tables, batches, group binding, and the
 *              DRIVER_OK bit as far as mapping depends on it. Not held while memory is pinned: a
 *              client can make that take as long as it likes.
 *   ctl_lock   everything else a client can set: vrings, eventfds, features, status, owner. User
 *              memory is never accessed under it, so that no client can hold up removal there.
 *   doorbell_lock  (mmap.c) mapping doorbells against removal. Taken under the mm's mmap_lock,
 *              and by removal under both mutexes.
 *   vq->lock, config_lock  (vring.c, config.c) eventfd contexts that callbacks use; irq-safe
 *              spinlocks. The lock of an eventfd's wait queue nests inside.
 *
 * A change of status takes both mutexes, because it decides when tables reach the device.
 * A message takes map_lock only, so that a long change of tables does not stop GET_STATUS or the
 * vrings. Locks of the pin registry (pin.h) nest inside map_lock.
 */
#ifndef VHOST_VDPA_H
#define VHOST_VDPA_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/spinlock.h>
#include <linux/vdpa.h>
#include <linux/vhost.h>

#include "park.h"
#include "pin.h"
#include "reset_policy.h"

struct address_space;
struct dentry;
struct eventfd_ctx;
struct file;
struct iommu_domain;
struct iov_iter;
struct vhost_vdpa_space;
struct vhost_vdpa_vq;
struct vm_area_struct;

/**
 * struct vhost_vdpa_stats - counters of one device since its node was created
 * @pages_pinned: pages newly pinned for this device, in PAGE_SIZE units
 * @pages_unpinned: pages given up by this device's requests
 * @pages_reused: pages of a mapping request that were pinned already
 * @maps: ranges added to the device's table
 * @unmaps: ranges removed from the device's table
 * @parks: wanted ranges that were unmapped while the device could not do DMA
 * @revives: wanted ranges that needed no new pin
 * @resets: resets, from open, ioctl, release and removal
 * @set_map_calls: calls of vdpa_config_ops.set_map
 * @dma_map_calls: calls of vdpa_config_ops.dma_map or iommu_map
 * @dma_unmap_calls: calls of vdpa_config_ops.dma_unmap or iommu_unmap
 *
 * Shown in debugfs (vhost_vdpa/vhost-vdpa-N/stats), one "name value" line each.
 */
struct vhost_vdpa_stats {
	atomic64_t pages_pinned;
	atomic64_t pages_unpinned;
	atomic64_t pages_reused;
	atomic64_t maps;
	atomic64_t unmaps;
	atomic64_t parks;
	atomic64_t revives;
	atomic64_t resets;
	atomic64_t set_map_calls;
	atomic64_t dma_map_calls;
	atomic64_t dma_unmap_calls;
};

/**
 * struct vhost_vdpa - a vdpa device offered to userspace as /dev/vhost-vdpa-N
 * @dev: the device behind the node, child of the vdpa device
 * @cdev: the node
 * @minor: N
 * @vdpa: the device; NULL once it was removed. Written under both mutexes and doorbell_lock
 * @dead: set first by removal; ioctls then fail with -ENODEV. Written as @vdpa
 * @opened: taken by whoever opens the node, until the release is complete: one client at a time
 * @in_use: a client's state exists: between a successful open and release or removal. Both mutexes
 * @map_lock: see the top of this file
 * @ctl_lock: see the top of this file
 * @doorbell_lock: see the top of this file
 * @mapping: of the open node's inode, to take doorbells out of page tables. Both mutexes
 * @mm: the owner's mm (mmgrab reference), NULL before VHOST_SET_OWNER. Written under both mutexes
 * @backend_features: acked VHOST_BACKEND_F_* bits. Written under both mutexes
 * @features: virtio features of the last VHOST_SET_FEATURES, which say how VHOST_*_VRING_BASE
 *	encodes a position; a reset leaves them, as in mainline. ctl_lock
 * @fork_owner: value of VHOST_SET_FORK_FROM_OWNER, without effect: there is no worker. ctl_lock
 * @nvqs: number of virtqueues, constant
 * @vq_num_max: largest queue size as of the last successful reset; 0 if that failed. ctl_lock
 * @suspended: the device was suspended by the client. ctl_lock
 * @vqs: virtqueue state (vring.c). ctl_lock, or vq->lock
 * @config_lock: protects @config_ctx against the config callback; irq-safe
 * @config_ctx: eventfd for config changes, or NULL
 * @driver_ok: the device may do DMA: DRIVER_OK was written, and no reset succeeded since. Both
 *	mutexes to write
 * @range: IOVA range the client may use, first and last byte
 * @domain: IOMMU domain of a parent without its own translation, else NULL. map_lock
 * @reserved: ranges that @domain cannot translate, struct iommu_resv_region (domain.c). map_lock
 * @spaces: array of vdpa->nas address spaces while open (space.c). map_lock
 * @nas: number of entries in @spaces, constant
 * @in_batch: a batch is open, for @batch_asid. map_lock
 * @batch_asid: address space of the open batch. map_lock
 * @pin_reuse: park and share pins: module parameter vhost_vdpa.pin_reuse as it was at open.
 *	Set by vhost_vdpa_spaces_open(), false before. Both mutexes
 * @pins: the pin registry of the owner (pin.c); from the first mapping to close. map_lock
 * @pin_user: this device's place in @pins
 * @parked: pins kept for reuse though nothing wants them (park.c). map_lock
 * @stats: counters
 * @debugfs: this device's directory
 */
struct vhost_vdpa {
	struct device dev;
	struct cdev cdev;
	int minor;
	struct vdpa_device *vdpa;
	bool dead;
	atomic_t opened;
	bool in_use;

	struct mutex map_lock;
	struct mutex ctl_lock;
	struct mutex doorbell_lock;
	struct address_space *mapping;

	struct mm_struct *mm;
	u64 backend_features;
	u64 features;
	u8 fork_owner;

	u32 nvqs;
	u16 vq_num_max;
	bool suspended;
	struct vhost_vdpa_vq *vqs;

	spinlock_t config_lock;
	struct eventfd_ctx *config_ctx;

	bool driver_ok;

	struct vdpa_iova_range range;
	struct iommu_domain *domain;
	struct list_head reserved;
	struct vhost_vdpa_space *spaces;
	unsigned int nas;
	bool in_batch;
	u32 batch_asid;
	bool pin_reuse;
	struct pin_mm *pins;
	struct pin_user pin_user;
	struct park parked;

	struct vhost_vdpa_stats stats;
	struct dentry *debugfs;
};

static inline bool vhost_vdpa_backend_has(const struct vhost_vdpa *v, unsigned int bit)
{
	return v->backend_features & BIT_ULL(bit);
}

/*
 * Address spaces (space.c). All sleep.
 */

/* Open: domain, IOVA range and empty tables. map_lock held, device just reset. 0 or -errno. */
int vhost_vdpa_spaces_open(struct vhost_vdpa *v);

/*
 * Close or removal: takes every translation away, gives the parent its initial mapping back,
 * then unpins. map_lock held; the device was reset, @reset_err is what that returned.
 */
void vhost_vdpa_spaces_close(struct vhost_vdpa *v, int reset_err);

/*
 * The device is about to get DRIVER_OK: make its tables equal the wanted ones. Both mutexes held.
 * On error nothing changed and the status must not be written.
 */
int vhost_vdpa_spaces_driver_ok(struct vhost_vdpa *v);

/* DRIVER_OK was written: what is not wanted may be given up now. Both mutexes held. */
void vhost_vdpa_spaces_running(struct vhost_vdpa *v);

/* After a successful reset, but not that of open. Both mutexes held. */
void vhost_vdpa_spaces_reset(struct vhost_vdpa *v, enum vhost_vdpa_map_fate fate);

/*
 * write() on the node: one IOTLB message (message.c). Takes map_lock. Returns the number of bytes
 * consumed or -errno.
 */
ssize_t vhost_vdpa_message_write(struct vhost_vdpa *v, struct iov_iter *from);

/* Counters in debugfs (stats.c). */
void vhost_vdpa_stats_init(void);
void vhost_vdpa_stats_exit(void);
void vhost_vdpa_stats_add(struct vhost_vdpa *v);
void vhost_vdpa_stats_del(struct vhost_vdpa *v);

/*
 * Reset policy (reset.c). Both mutexes held.
 */

/*
 * Resets the device by the policy, refreshes vq_num_max, clears suspended and driver_ok, counts,
 * and tells the address spaces, if there are any. Returns what vdpa_reset() returned.
 */
int vhost_vdpa_reset(struct vhost_vdpa *v, enum vhost_vdpa_reset_why why);

/*
 * The ioctls (ioctl.c).
 */
long vhost_vdpa_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/**
 * union vhost_vdpa_arg - argument of an ioctl, copied from and to the client outside all locks
 * @num8: status, fork owner
 * @num16: largest queue size
 * @num32: counts, sizes, device type
 * @num64: features
 * @fd: an eventfd or VHOST_FILE_UNBIND
 * @range: I/O virtual addresses
 * @state: virtqueue or group index, and a number
 * @file: virtqueue index, and an eventfd or VHOST_FILE_UNBIND
 * @addr: virtqueue index and ring addresses
 */
union vhost_vdpa_arg {
	u8 num8;
	u16 num16;
	u32 num32;
	u64 num64;
	int fd;
	struct vhost_vdpa_iova_range range;
	struct vhost_vring_state state;
	struct vhost_vring_file file;
	struct vhost_vring_addr addr;
};

/* What vhost_vdpa_enter() does beyond taking ctl_lock and refusing a dead device. */
#define VHOST_VDPA_NEED_OWNER	BIT(0)	/* the caller must be the owner */
#define VHOST_VDPA_NOT_FOREIGN	BIT(1)	/* if there is an owner, the caller must be it */
#define VHOST_VDPA_NEED_MAP	BIT(2)	/* take map_lock as well */

int vhost_vdpa_enter(struct vhost_vdpa *v, unsigned int how);
void vhost_vdpa_leave(struct vhost_vdpa *v, unsigned int how);

/*
 * Owner and status (status.c). Both mutexes held; suspend and resume: ctl_lock.
 */
int vhost_vdpa_set_owner(struct vhost_vdpa *v);
void vhost_vdpa_unbind_mm(struct vhost_vdpa *v);
void vhost_vdpa_drop_owner(struct vhost_vdpa *v);
int vhost_vdpa_set_status(struct vhost_vdpa *v, u8 status);
int vhost_vdpa_suspend(struct vhost_vdpa *v);
int vhost_vdpa_resume(struct vhost_vdpa *v);

/*
 * Features (features.c). Both mutexes held where they write.
 */
u64 vhost_vdpa_backend_features_offered(const struct vhost_vdpa *v);
bool vhost_vdpa_has_persistent_map(const struct vhost_vdpa *v);
int vhost_vdpa_set_features(struct vhost_vdpa *v, u64 features);
int vhost_vdpa_set_backend_features(struct vhost_vdpa *v, u64 features);

/*
 * Configuration space (config.c).
 */
long vhost_vdpa_get_config(struct vhost_vdpa *v, struct vhost_vdpa_config __user *argp);
long vhost_vdpa_set_config(struct vhost_vdpa *v, struct vhost_vdpa_config __user *argp);
int vhost_vdpa_set_config_call(struct vhost_vdpa *v, int fd);
void vhost_vdpa_config_signal(struct vhost_vdpa *v);
void vhost_vdpa_config_detach(struct vhost_vdpa *v);
void vhost_vdpa_config_release(struct vhost_vdpa *v);

/*
 * Doorbells (mmap.c).
 */
int vhost_vdpa_mmap(struct file *file, struct vm_area_struct *vma);

#endif /* VHOST_VDPA_H */
