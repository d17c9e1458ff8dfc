/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/slab.h: the home of kvzalloc() and friends.
 */
#ifndef VC_LINUX_SLAB_H
#define VC_LINUX_SLAB_H

#include_next <linux/slab.h>

/*
 * VC_HAS_SLAB_KVZALLOC: until 5.15 (el9.2) they were declared in linux/mm.h.
 * Remove when nothing older is supported.
 */
#if !VC_HAS_SLAB_KVZALLOC
#include <linux/mm.h>
#endif

#endif /* VC_LINUX_SLAB_H */
