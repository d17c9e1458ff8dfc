/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/device.h: callbacks of a bus in their newest form.
 *
 * A callback whose type changed gets an adapter of the kernel's own type; calling it through a
 * cast pointer would not survive control-flow integrity. For a bus callback fn:
 *
 *	VC_BUS_MATCH_ADAPTER(fn);	after the definition of fn
 *	.match = VC_BUS_MATCH(fn),	in the initialiser
 *
 * The declaration at the end of each adapter declares nothing; it takes the semicolon.
 */
#ifndef VC_LINUX_DEVICE_H
#define VC_LINUX_DEVICE_H

#include_next <linux/device.h>

/*
 * VC_HAS_BUS_MATCH_CONST_DRIVER: the driver became constant in 6.11 (el10.0).
 * Remove when nothing older is supported.
 */
#if VC_HAS_BUS_MATCH_CONST_DRIVER
#define VC_BUS_MATCH_ADAPTER(fn) struct device
#define VC_BUS_MATCH(fn) fn
#else
#define VC_BUS_MATCH_ADAPTER(fn) \
	static int vc_##fn(struct device *dev, struct device_driver *drv) \
	{ \
		return fn(dev, drv); \
	} \
	struct device
#define VC_BUS_MATCH(fn) vc_##fn
#endif

/*
 * VC_HAS_BUS_REMOVE_VOID: remove() returned an int, which the driver core ignored, until 5.14.
 * Remove when 5.10, el8 and el9.0 are no longer supported.
 */
#if VC_HAS_BUS_REMOVE_VOID
#define VC_BUS_REMOVE_ADAPTER(fn) struct device
#define VC_BUS_REMOVE(fn) fn
#else
#define VC_BUS_REMOVE_ADAPTER(fn) \
	static int vc_##fn(struct device *dev) \
	{ \
		fn(dev); \
		return 0; \
	} \
	struct device
#define VC_BUS_REMOVE(fn) vc_##fn
#endif

#endif /* VC_LINUX_DEVICE_H */
