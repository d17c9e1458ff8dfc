/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * core.h - what the files of vdpa.ko share: bus.c, device.c, config.c, mgmt.c, netlink*.c
 *
 * Locks, outermost first. Each is taken only after those above it:
 *
 *   mdev->ops_lock     (mutex, one per management device) held around dev_add, dev_del and
 *                      dev_set_attr, so that a parent driver sees one call at a time
 *   vdev->life_lock    (rwsem, one per device) protects vdev->state. Held for reading while a
 *                      netlink command uses the device, for writing while it is added, which
 *                      includes the probe of a driver, and to declare it as going
 *   device_lock(vdev)  (the driver core's) held while a driver is bound or unbound
 *   vdev->cf_lock      see struct vdpa_device
 *   vdpa_lists_lock    (mutex) protects the list of management devices, the list of registered
 *                      devices with their serials, and mdev->users. Held for short and bounded
 *                      times; no callback of a parent is called with it
 *
 * No lock but a device's own is held while a driver gives a device up, which may take as long as
 * the driver likes: other devices and other commands do not wait for that. A command that waits
 * for one device or management device can be killed; a dump waits for none.
 *
 * Life of a device:
 *
 *   NEW -> ADDING   register; the name is taken, the device is on the list
 *   ADDING -> LIVE  device_add() was successful (else back to NEW and off the list)
 *   LIVE -> GOING   somebody removes it; who makes this transition is the only one to do so.
 *                   Waits for commands that use the device. The driver is released with no lock
 *                   held, then the parent takes the device off the bus and the list
 *
 * Life of a management device: mdev->users counts commands and removals under way that may call
 * or read it. It can only be raised while the management device or one of its devices is on a
 * list. vdpa_mgmtdev_unregister() takes it off its list, removes its devices, and waits for users
 * to become 0; after that nobody can find it any more, and nobody holds a reference to one of its
 * devices on behalf of a command.
 */
#ifndef VDPA_CORE_H
#define VDPA_CORE_H

#include <linux/mutex.h>
#include <linux/vdpa.h>
#include <linux/wait.h>

/* bus.c */
extern struct bus_type vdpa_bus;

/* device.c */

/* Woken when a device has left the list, and when an mdev->users went down. */
extern wait_queue_head_t vdpa_gone_wq;
extern struct mutex vdpa_lists_lock;

/**
 * enum vdpa_name_use - who has a device name
 * @VDPA_NAME_FREE: nobody
 * @VDPA_NAME_TAKEN: a device
 * @VDPA_NAME_GOING: a device that is being removed
 */
enum vdpa_name_use {
	VDPA_NAME_FREE,
	VDPA_NAME_TAKEN,
	VDPA_NAME_GOING,
};

enum vdpa_name_use vdpa_name_use(const char *name);

struct vdpa_device *vdpa_device_get_by_name(const char *name);
struct vdpa_device *vdpa_device_get_next(unsigned long serial);
struct vdpa_device *vdpa_device_get_of_mgmtdev(const struct vdpa_mgmt_dev *mdev);
void vdpa_device_put(struct vdpa_device *vdev);

int vdpa_device_enter(struct vdpa_device *vdev);
bool vdpa_device_try_enter(struct vdpa_device *vdev);
void vdpa_device_leave(struct vdpa_device *vdev);

int vdpa_device_begin_removal(struct vdpa_device *vdev);
int vdpa_device_begin_removal_killable(struct vdpa_device *vdev);
void vdpa_device_wait_gone(struct vdpa_device *vdev);

/* mgmt.c */
struct vdpa_mgmt_dev *vdpa_mgmtdev_get_by_name(const char *bus_name, const char *name);
struct vdpa_mgmt_dev *vdpa_mgmtdev_get_next(unsigned long serial);
void vdpa_mgmtdev_put(struct vdpa_mgmt_dev *mdev);
u64 vdpa_mgmtdev_classes(const struct vdpa_mgmt_dev *mdev, unsigned int *nclasses);
int vdpa_mgmtdev_add_device(struct vdpa_mgmt_dev *mdev, const char *name,
			    const struct vdpa_dev_set_config *config);
int vdpa_mgmtdev_set_attr(struct vdpa_device *vdev, const struct vdpa_dev_set_config *config);
int vdpa_mgmtdev_remove_device(struct vdpa_device *vdev);
int vdpa_mgmt_init(void);
void vdpa_mgmt_exit(void);

/* netlink.c */
int vdpa_netlink_init(void);
void vdpa_netlink_exit(void);
void vdpa_netlink_notify_added(struct vdpa_device *vdev);
void vdpa_netlink_notify_removed(struct vdpa_device *vdev);

#endif /* VDPA_CORE_H */
