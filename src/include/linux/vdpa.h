/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vdpa.h - the in-kernel vdpa API: what a parent (device) driver and a bus driver agree on.
 *
 * Three parties meet here:
 *
 *   parent driver   owns the hardware or its simulation, allocates a struct vdpa_device and fills
 *                   in struct vdpa_config_ops; often offers a struct vdpa_mgmt_dev as well, from
 *                   which an administrator creates devices through generic netlink
 *   bus driver      struct vdpa_driver: vhost_vdpa or virtio_vdpa; drives a device by its ops
 *   core            vdpa.ko: naming, life cycle, binding, netlink
 *
 * Names and signatures are those of the newest mainline kernel, whatever kernel this is built for.
 * Section numbers refer to the OASIS virtio specification 1.3.
 */
#ifndef _LINUX_VDPA_H
#define _LINUX_VDPA_H

#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/if_ether.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/vhost_iotlb.h>
#include <linux/virtio.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_net.h>

struct eventfd_ctx;
struct file;
struct mm_struct;
struct module;
struct netlink_ext_ack;
struct sk_buff;
struct vdpa_mgmt_dev;
struct virtio_device_id;
struct virtio_map_ops;

/**
 * struct vdpa_callback - how a parent tells a bus driver that something happened
 * @callback: called by the parent, with @private; may run in hard interrupt context, must not
 *	sleep. NULL: the bus driver does not want to hear of it
 * @private: argument of @callback
 * @trigger: if not NULL, signalling this eventfd has the same effect as @callback, so that a
 *	parent may do so directly (or hand it to hardware or to another process) instead. Belongs
 *	to the bus driver, valid until the callback is replaced
 */
struct vdpa_callback {
	irqreturn_t (*callback)(void *data);
	void *private;
	struct eventfd_ctx *trigger;
};

/**
 * struct vdpa_notification_area - the doorbell of a virtqueue in physical address space
 * @addr: physical address of the first byte
 * @size: bytes; exactly PAGE_SIZE, with @addr page aligned, if userspace may map it
 */
struct vdpa_notification_area {
	resource_size_t addr;
	resource_size_t size;
};

/**
 * struct vdpa_vq_state_split - position of the device in a split virtqueue (2.7)
 * @avail_index: free-running index of the next available entry the device will read
 */
struct vdpa_vq_state_split {
	u16 avail_index;
};

/**
 * struct vdpa_vq_state_packed - position of the device in a packed virtqueue (2.8)
 * @last_avail_counter: driver ring wrap counter at @last_avail_idx
 * @last_avail_idx: slot of the next descriptor the device will read
 * @last_used_counter: device ring wrap counter at @last_used_idx
 * @last_used_idx: slot of the next descriptor the device will write
 */
struct vdpa_vq_state_packed {
	u16 last_avail_counter:1;
	u16 last_avail_idx:15;
	u16 last_used_counter:1;
	u16 last_used_idx:15;
};

/**
 * struct vdpa_vq_state - position of the device in a virtqueue
 * @split: valid unless VIRTIO_F_RING_PACKED was negotiated
 * @packed: valid if VIRTIO_F_RING_PACKED was negotiated
 */
struct vdpa_vq_state {
	union {
		struct vdpa_vq_state_split split;
		struct vdpa_vq_state_packed packed;
	};
};

/**
 * enum vdpa_device_state - where a device is in its life; for the core only
 * @VDPA_DEVICE_NEW: allocated, not registered; known to its parent driver only
 * @VDPA_DEVICE_ADDING: its name is taken, it is being added to the bus
 * @VDPA_DEVICE_LIVE: registered; netlink commands may call its ops
 * @VDPA_DEVICE_GOING: being removed: takes no driver and no command any more. The name stays taken
 *	until the device has left sysfs
 */
enum vdpa_device_state {
	VDPA_DEVICE_NEW,
	VDPA_DEVICE_ADDING,
	VDPA_DEVICE_LIVE,
	VDPA_DEVICE_GOING,
};

/**
 * struct vdpa_device - a vdpa device
 * @dev: the device on the vdpa bus; its reference count owns this structure
 * @vmap: what DMA mappings for this device are made with; set by the parent before registration
 * @config: the parent's ops; constant
 * @map: ops by which buffers are mapped, or NULL: the DMA API on vmap.dma_dev; constant
 * @cf_lock: serialises what reads and writes the configuration space, features and status: held
 *	for writing by vdpa_reset(), vdpa_set_features(), vdpa_set_config(), vdpa_set_status() and
 *	around vdpa_mgmtdev_ops.dev_set_attr; for reading by vdpa_get_config() and netlink queries.
 *	Ops called with it held must not take it
 * @index: unique small number, for parents to build names from; constant
 * @features_valid: set_driver_features was called since the last reset. cf_lock
 * @use_va: the device is given user virtual addresses rather than physical ones; constant
 * @nvqs: number of virtqueues; constant once registered
 * @mdev: the management device this one was created from, NULL for a device that the parent driver
 *	registered by itself; set by the parent before registration
 * @ngroups: number of virtqueue groups; constant
 * @nas: number of address spaces; constant
 */
struct vdpa_device {
	struct device dev;
	union virtio_map vmap;
	const struct vdpa_config_ops *config;
	const struct virtio_map_ops *map;
	struct rw_semaphore cf_lock;
	unsigned int index;
	bool features_valid;
	bool use_va;
	u32 nvqs;
	struct vdpa_mgmt_dev *mdev;
	unsigned int ngroups;
	unsigned int nas;

	/* private: vdpa.ko only, see src/vdpa_core/core.h for what protects them */
	struct rw_semaphore life_lock;
	enum vdpa_device_state state;
	struct list_head node;
	unsigned long serial;
	char *driver_override;
};

/**
 * struct vdpa_iova_range - I/O virtual addresses a device can reach
 * @first: lowest address
 * @last: highest address, inclusive
 */
struct vdpa_iova_range {
	u64 first;
	u64 last;
};

/**
 * struct vdpa_dev_set_config - attributes an administrator gave for a device
 * @device_features: virtio features to offer, out of vdpa_mgmt_dev.supported_features
 * @net: for virtio network devices (5.1)
 * @net.mac: Ethernet address
 * @net.mtu: bytes, host order
 * @net.max_vq_pairs: receive/transmit pairs, host order, at least 1
 * @mask: which of the above were given: BIT_ULL(VDPA_ATTR_...) of the attribute that carries it
 */
struct vdpa_dev_set_config {
	u64 device_features;
	struct {
		u8 mac[ETH_ALEN];
		u16 mtu;
		u16 max_vq_pairs;
	} net;
	u64 mask;
};

/**
 * struct vdpa_map_file - what a mapping of a vdpa_device.use_va device is backed by
 * @file: the file mapped at that user address; the iotlb entry's opaque pointer holds a reference
 * @offset: bytes from the start of @file
 */
struct vdpa_map_file {
	struct file *file;
	u64 offset;
};

/* Flags of vdpa_reset() and vdpa_config_ops.compat_reset. */
#define VDPA_RESET_F_CLEAN_MAP	1	/* also give every address space its initial mapping */

/**
 * struct vdpa_config_ops - what a parent driver can do for its device
 *
 * Required unless marked optional. May sleep unless marked atomic. Virtqueue indices are below
 * vdpa_device.nvqs, groups below ngroups, address spaces below nas: the callers see to that.
 * Apart from kick_vq, kick_vq_with_data and get_generation, a bus driver calls the ops of one
 * device one after the other; netlink queries (those that take no state forward: get_*) run beside
 * it, under vdpa_device.cf_lock where noted.
 */
struct vdpa_config_ops {
	/**
	 * @set_vq_address: Tells where the three areas of virtqueue @idx are (4.1.4.3): @desc_area,
	 * @driver_area and @device_area are I/O virtual addresses in the address space of the
	 * queue's (descriptor) group. Only while the queue is not ready, or while the device is
	 * suspended. Returns 0 or -errno.
	 */
	int (*set_vq_address)(struct vdpa_device *vdev, u16 idx, u64 desc_area, u64 driver_area,
			      u64 device_area);

	/**
	 * @set_vq_num: Sets the size of virtqueue @idx to @num entries, between get_vq_num_min and
	 * get_vq_num_max; a power of two for split queues. Only while the queue is not ready.
	 */
	void (*set_vq_num)(struct vdpa_device *vdev, u16 idx, u32 num);

	/**
	 * @kick_vq: Available buffer notification for virtqueue @idx (2.9). Atomic: called from
	 * eventfd wake-ups with interrupts off. At any time, also before DRIVER_OK, where it must
	 * be without effect or be remembered until then. Must not call the queue's callback by
	 * itself, nor take a lock that is held around callbacks: the caller may hold the lock of
	 * the very eventfd that a callback signals.
	 */
	void (*kick_vq)(struct vdpa_device *vdev, u16 idx);

	/**
	 * @kick_vq_with_data: Optional, goes with VIRTIO_F_NOTIFICATION_DATA: as kick_vq, where
	 * @data is the little-endian notification structure of 4.1.5.2 as a number: bits 0 to 15
	 * the virtqueue, 16 to 30 the next offset, 31 the wrap counter (packed) or the top bit of
	 * the next available index (split). Atomic. The queue number in @data comes from the
	 * driver and must be checked by the parent.
	 */
	void (*kick_vq_with_data)(struct vdpa_device *vdev, u32 data);

	/**
	 * @set_vq_cb: Sets what to call when buffers of virtqueue @idx were used. @cb is copied;
	 * cb->callback may be NULL. On return the former callback is not called any more and is
	 * not running, unless this is called from within it.
	 */
	void (*set_vq_cb)(struct vdpa_device *vdev, u16 idx, struct vdpa_callback *cb);

	/**
	 * @set_vq_ready: Enables (@ready) or stops virtqueue @idx. When it returns after stopping,
	 * the device accesses neither the ring nor its buffers.
	 */
	void (*set_vq_ready)(struct vdpa_device *vdev, u16 idx, bool ready);

	/** @get_vq_ready: Whether virtqueue @idx is enabled. */
	bool (*get_vq_ready)(struct vdpa_device *vdev, u16 idx);

	/**
	 * @set_vq_state: Sets the ring position from which the device goes on in virtqueue @idx.
	 * Only while the queue is not ready. Returns 0 or -errno (-EINVAL: no such position).
	 */
	int (*set_vq_state)(struct vdpa_device *vdev, u16 idx, const struct vdpa_vq_state *state);

	/**
	 * @get_vq_state: Reads the ring position of virtqueue @idx into @state. Meaningful while
	 * the queue is stopped or the device suspended. Returns 0 or -errno.
	 */
	int (*get_vq_state)(struct vdpa_device *vdev, u16 idx, struct vdpa_vq_state *state);

	/**
	 * @get_vendor_vq_stats: Optional. Adds pairs of VDPA_ATTR_DEV_VENDOR_ATTR_NAME and
	 * VDPA_ATTR_DEV_VENDOR_ATTR_VALUE for virtqueue @idx to @msg; here @idx comes from
	 * userspace and must be checked (-EINVAL, and a message in @extack). cf_lock is held for
	 * reading. Returns 0, -EMSGSIZE or another -errno.
	 */
	int (*get_vendor_vq_stats)(struct vdpa_device *vdev, u16 idx, struct sk_buff *msg,
				   struct netlink_ext_ack *extack);

	/** @get_vq_notification: Optional. The doorbell of virtqueue @idx, for mapping. */
	struct vdpa_notification_area (*get_vq_notification)(struct vdpa_device *vdev, u16 idx);

	/**
	 * @get_vq_irq: Optional. Linux interrupt number that virtqueue @idx raises, for interrupt
	 * bypass; fixed while DRIVER_OK is set. -errno: none.
	 */
	int (*get_vq_irq)(struct vdpa_device *vdev, u16 idx);

	/**
	 * @get_vq_size: Optional. Size of virtqueue @idx in entries: the largest possible before
	 * set_vq_num, else what that set; 0 if the queue does not exist.
	 */
	u16 (*get_vq_size)(struct vdpa_device *vdev, u16 idx);

	/** @get_vq_align: Alignment in bytes of the areas of a split ring made in one piece. */
	u32 (*get_vq_align)(struct vdpa_device *vdev);

	/**
	 * @get_vq_group: Optional. Group of virtqueue @idx: queues of one group always share an
	 * address space. Fixed from feature negotiation on. Without it everything is in group 0.
	 */
	u32 (*get_vq_group)(struct vdpa_device *vdev, u16 idx);

	/**
	 * @get_vq_desc_group: Optional. Group by which the three areas of virtqueue @idx are
	 * accessed, where that may differ from get_vq_group (used for the buffers).
	 */
	u32 (*get_vq_desc_group)(struct vdpa_device *vdev, u16 idx);

	/** @get_device_features: Virtio features offered (2.2), after provisioning. */
	u64 (*get_device_features)(struct vdpa_device *vdev);

	/**
	 * @get_backend_features: Optional. BIT_ULL(VHOST_BACKEND_F_...) that the parent grants
	 * beyond what its other ops imply. Constant.
	 */
	u64 (*get_backend_features)(const struct vdpa_device *vdev);

	/**
	 * @set_driver_features: Sets the features that the driver accepted. cf_lock is held for
	 * writing. Returns 0, or -EINVAL if the device cannot work with this subset.
	 */
	int (*set_driver_features)(struct vdpa_device *vdev, u64 features);

	/** @get_driver_features: What set_driver_features was given; 0 after a reset. */
	u64 (*get_driver_features)(struct vdpa_device *vdev);

	/**
	 * @set_config_cb: Sets what to call when the configuration space changes (2.5.4).
	 * Otherwise as set_vq_cb.
	 */
	void (*set_config_cb)(struct vdpa_device *vdev, struct vdpa_callback *cb);

	/** @get_vq_num_max: Largest queue size in entries, 1 to 32768. */
	u16 (*get_vq_num_max)(struct vdpa_device *vdev);

	/** @get_vq_num_min: Optional. Smallest queue size in entries; 1 without it. */
	u16 (*get_vq_num_min)(struct vdpa_device *vdev);

	/** @get_device_id: Virtio device type, VIRTIO_ID_... (5). Constant. */
	u32 (*get_device_id)(struct vdpa_device *vdev);

	/** @get_vendor_id: Virtio vendor number. Constant. */
	u32 (*get_vendor_id)(struct vdpa_device *vdev);

	/** @get_status: Device status field (2.1). Must not wait for the device. */
	u8 (*get_status)(struct vdpa_device *vdev);

	/**
	 * @set_status: Writes the device status field; never 0, that is what reset is for. cf_lock
	 * is held for writing. A parent that cannot follow sets VIRTIO_CONFIG_S_FAILED or
	 * VIRTIO_CONFIG_S_NEEDS_RESET instead, or leaves FEATURES_OK clear.
	 */
	void (*set_status)(struct vdpa_device *vdev, u8 status);

	/**
	 * @reset: Resets the device (2.4): status, features, queues, ring positions and callbacks
	 * as after creation, groups back in address space 0. What is mapped in the address spaces
	 * stays mapped, if the parent has reset_map. When this returns 0, the device does no DMA.
	 * cf_lock is held for writing. Returns 0 or -errno.
	 */
	int (*reset)(struct vdpa_device *vdev);

	/**
	 * @compat_reset: Optional. As reset, but @flags (VDPA_RESET_F_..., not 0) ask for what old
	 * userspace may depend on. For parents whose reset used to do more.
	 */
	int (*compat_reset)(struct vdpa_device *vdev, u32 flags);

	/**
	 * @suspend: Optional. Stops processing so that all state (ring positions, configuration)
	 * can be read and stays as it is; on return, used buffers are written and the device does
	 * no DMA. Returns 0 or -errno.
	 */
	int (*suspend)(struct vdpa_device *vdev);

	/** @resume: Optional, goes with suspend: goes on where it stopped. Returns 0 or -errno. */
	int (*resume)(struct vdpa_device *vdev);

	/** @get_config_size: Bytes of configuration space, with conditional fields. Constant. */
	size_t (*get_config_size)(struct vdpa_device *vdev);

	/**
	 * @get_config: Reads @len bytes at byte @offset of the configuration space (2.5) into @buf;
	 * little-endian fields. cf_lock is held. What lies beyond the configuration space is left
	 * alone in @buf, a parent may also return nothing at all then.
	 */
	void (*get_config)(struct vdpa_device *vdev, unsigned int offset, void *buf,
			   unsigned int len);

	/**
	 * @set_config: Writes @len bytes from @buf at byte @offset. cf_lock is held for writing.
	 * What the driver may not write is ignored.
	 */
	void (*set_config)(struct vdpa_device *vdev, unsigned int offset, const void *buf,
			   unsigned int len);

	/**
	 * @get_generation: Optional. Number that changes whenever the configuration space does
	 * (2.5.2).
	 */
	u32 (*get_generation)(struct vdpa_device *vdev);

	/** @get_iova_range: Optional. Addresses the device can reach; all of them without it. */
	struct vdpa_iova_range (*get_iova_range)(struct vdpa_device *vdev);

	/**
	 * @set_vq_affinity: Optional. Asks that completions of virtqueue @idx run on @cpu_mask
	 * (NULL: anywhere). Returns 0 or -errno; a failure costs speed only.
	 */
	int (*set_vq_affinity)(struct vdpa_device *vdev, u16 idx, const struct cpumask *cpu_mask);

	/** @get_vq_affinity: Optional. Where completions of virtqueue @idx run, or NULL. */
	const struct cpumask *(*get_vq_affinity)(struct vdpa_device *vdev, u16 idx);

	/*
	 * Mapping. A parent has set_map, or dma_map and dma_unmap, or none of them. With none, the
	 * platform's IOMMU translates, and everything below but get_vq_map is of no use.
	 */

	/**
	 * @set_map: Optional. Makes the mapping of address space @asid equal to @iotlb (which may
	 * be empty). @iotlb is the caller's and only valid during the call. Returns 0, or -errno
	 * with the old mapping in force.
	 */
	int (*set_map)(struct vdpa_device *vdev, unsigned int asid, struct vhost_iotlb *iotlb);

	/**
	 * @dma_map: Optional. Adds to address space @asid: @size bytes from I/O virtual address
	 * @iova become physical address @pa (user virtual address for use_va devices, with @opaque
	 * a struct vdpa_map_file), with access @perm (VHOST_MAP_RO, _WO, _RW, as the device sees
	 * it). The range is not mapped yet. Returns 0 or -errno with nothing mapped.
	 */
	int (*dma_map)(struct vdpa_device *vdev, unsigned int asid, u64 iova, u64 size, u64 pa,
		       u32 perm, void *opaque);

	/**
	 * @dma_unmap: Optional, goes with dma_map. Removes [@iova, @iova + @size) from address
	 * space @asid. When this returns 0, the device does not access that memory any more.
	 */
	int (*dma_unmap)(struct vdpa_device *vdev, unsigned int asid, u64 iova, u64 size);

	/**
	 * @reset_map: Optional. Takes address space @asid back to the mapping it had when the
	 * device was created. Having it says that reset leaves mappings alone. Returns 0 or
	 * -errno; if it fails, the device must not access the former mapping either.
	 */
	int (*reset_map)(struct vdpa_device *vdev, unsigned int asid);

	/**
	 * @set_group_asid: Optional. Makes virtqueue group @group use address space @asid. Not
	 * while DRIVER_OK is set; not at the same time as set_status. Returns 0 or -errno.
	 */
	int (*set_group_asid)(struct vdpa_device *vdev, unsigned int group, unsigned int asid);

	/**
	 * @get_vq_map: Optional. What the memory of virtqueue @idx is to be mapped with, where that
	 * differs from vdpa_device.vmap.
	 */
	union virtio_map (*get_vq_map)(struct vdpa_device *vdev, u16 idx);

	/**
	 * @bind_mm: Optional, for use_va devices: user virtual addresses belong to @mm from now on.
	 * The parent takes its own reference. Returns 0 or -errno.
	 */
	int (*bind_mm)(struct vdpa_device *vdev, struct mm_struct *mm);

	/** @unbind_mm: Optional, undoes bind_mm: @mm is not accessed any more on return. */
	void (*unbind_mm)(struct vdpa_device *vdev);

	/**
	 * @free: Optional. The last reference to the device is gone: frees what the parent
	 * allocated for it, but not the structure itself. Also called for a device that was never
	 * registered.
	 */
	void (*free)(struct vdpa_device *vdev);
};

/*
 * What every parent and every bus driver calls first has link names of its own. A module that was
 * built for another vdpa bus, with other structures, asks for the plain names, which are not there:
 * the loader refuses it, by whatever way it comes and whether or not the kernel checks the versions
 * of symbols. Ours are refused by another bus in the same way.
 */
#define __vdpa_alloc_device	__vdpa_dkms_alloc_device
#define __vdpa_register_driver	__vdpa_dkms_register_driver

struct vdpa_device *__vdpa_alloc_device(struct device *parent,
					const struct vdpa_config_ops *config,
					const struct virtio_map_ops *map,
					unsigned int ngroups, unsigned int nas,
					size_t size, const char *name,
					bool use_va);

/**
 * vdpa_alloc_device() - allocates a device inside a parent driver's structure
 * @dev_struct: type of the parent driver's structure
 * @member: name of its struct vdpa_device, which must be its first member
 * @parent: parent in the device tree
 * @config: ops; dma_map and dma_unmap both or neither
 * @map: mapping ops or NULL
 * @ngroups: number of virtqueue groups
 * @nas: number of address spaces
 * @name: device name; NULL: "vdpa" and the device's index
 * @use_va: the device works on user virtual addresses; needs set_map or dma_map
 *
 * The structure is zeroed apart from the vdpa_device. It belongs to that device's reference count:
 * put_device() gets rid of it until it is registered.
 *
 * Context: sleeps.
 * Return: the structure, or ERR_PTR: -EINVAL for ops that do not fit together, -ENOMEM, -ENOSPC.
 */
#define vdpa_alloc_device(dev_struct, member, parent, config, map, ngroups, nas, name, use_va)	\
	container_of(__vdpa_alloc_device(parent, config, map, ngroups, nas,			\
					 sizeof(dev_struct) +					\
					 BUILD_BUG_ON_ZERO(offsetof(dev_struct, member)),	\
					 name, use_va),						\
		     dev_struct, member)

int vdpa_register_device(struct vdpa_device *vdev, u32 nvqs);
void vdpa_unregister_device(struct vdpa_device *vdev);

int _vdpa_register_device(struct vdpa_device *vdev, u32 nvqs);
void _vdpa_unregister_device(struct vdpa_device *vdev);

/**
 * struct vdpa_driver - a bus driver
 * @driver: name, and what else the driver model needs to know
 * @probe: optional; takes the device. Returns 0 or -errno
 * @remove: optional; gives the device up. Must not wait for userspace: other users of the device
 *	may be waiting for its removal
 */
struct vdpa_driver {
	struct device_driver driver;
	int (*probe)(struct vdpa_device *vdev);
	void (*remove)(struct vdpa_device *vdev);
};

#define vdpa_register_driver(drv) __vdpa_register_driver(drv, THIS_MODULE)
int __vdpa_register_driver(struct vdpa_driver *drv, struct module *owner);
void vdpa_unregister_driver(struct vdpa_driver *drv);

#define module_vdpa_driver(__vdpa_driver) \
	module_driver(__vdpa_driver, vdpa_register_driver, vdpa_unregister_driver)

static inline struct vdpa_driver *drv_to_vdpa(struct device_driver *driver)
{
	return container_of(driver, struct vdpa_driver, driver);
}

static inline struct vdpa_device *dev_to_vdpa(struct device *_dev)
{
	return container_of(_dev, struct vdpa_device, dev);
}

static inline void *vdpa_get_drvdata(const struct vdpa_device *vdev)
{
	return dev_get_drvdata(&vdev->dev);
}

static inline void vdpa_set_drvdata(struct vdpa_device *vdev, void *data)
{
	dev_set_drvdata(&vdev->dev, data);
}

/**
 * vdpa_get_map() - what to map DMA memory for a device with
 * @vdev: the device
 *
 * Context: any.
 * Return: what it is to be mapped with, unless get_vq_map says otherwise for a virtqueue.
 */
static inline union virtio_map vdpa_get_map(struct vdpa_device *vdev)
{
	return vdev->vmap;
}

int vdpa_reset(struct vdpa_device *vdev, u32 flags);
int vdpa_set_features_unlocked(struct vdpa_device *vdev, u64 features);
int vdpa_set_features(struct vdpa_device *vdev, u64 features);
void vdpa_get_config(struct vdpa_device *vdev, unsigned int offset, void *buf, unsigned int len);
void vdpa_set_config(struct vdpa_device *vdev, unsigned int offset, const void *buf,
		     unsigned int length);
void vdpa_set_status(struct vdpa_device *vdev, u8 status);

/**
 * struct vdpa_mgmtdev_ops - what a management device can do
 *
 * Calls for one management device are serialised by the core. May sleep.
 */
struct vdpa_mgmtdev_ops {
	/**
	 * @dev_add: Creates a device called @name: allocates it, sets vdpa_device.mdev, applies
	 * @config (only attributes in vdpa_mgmt_dev.config_attr_mask are given) and registers it
	 * with _vdpa_register_device(). Returns 0 or -errno with nothing left behind; -EEXIST if
	 * the name is taken, -ENOSPC if there is no room for another one.
	 */
	int (*dev_add)(struct vdpa_mgmt_dev *mdev, const char *name,
		       const struct vdpa_dev_set_config *config);

	/**
	 * @dev_del: Removes a device that @dev_add created, with _vdpa_unregister_device(). No
	 * driver is bound to it any more.
	 */
	void (*dev_del)(struct vdpa_mgmt_dev *mdev, struct vdpa_device *dev);

	/**
	 * @dev_set_attr: Optional. Changes what @config->mask names on an existing device.
	 * @dev's cf_lock is held for writing. Returns 0 or -errno with nothing changed.
	 */
	int (*dev_set_attr)(struct vdpa_mgmt_dev *mdev, struct vdpa_device *dev,
			    const struct vdpa_dev_set_config *config);
};

/**
 * struct vdpa_mgmt_dev - a management device: what devices are created from
 * @device: the device it stands for; its name (and bus) is how an administrator calls it
 * @ops: dev_add and dev_del are required
 * @id_table: types of device it can create; ends with an entry whose device is 0
 * @config_attr_mask: BIT_ULL(VDPA_ATTR_...) that dev_add understands
 * @list: entry in the core's list
 * @supported_features: virtio features it can give to a device; 0 if it does not say
 * @max_supported_vqs: most virtqueues it can give to a device
 *
 * Filled in by the parent driver (private members zeroed), valid until vdpa_mgmtdev_unregister()
 * has returned.
 */
struct vdpa_mgmt_dev {
	struct device *device;
	const struct vdpa_mgmtdev_ops *ops;
	struct virtio_device_id *id_table;
	u64 config_attr_mask;
	struct list_head list;
	u64 supported_features;
	u32 max_supported_vqs;

	/* private: vdpa.ko only, see src/vdpa_core/core.h for what protects them */
	struct mutex ops_lock;
	unsigned int users;
	unsigned long serial;
};

int vdpa_mgmtdev_register(struct vdpa_mgmt_dev *mdev);
void vdpa_mgmtdev_unregister(struct vdpa_mgmt_dev *mdev);

#endif /* _LINUX_VDPA_H */
