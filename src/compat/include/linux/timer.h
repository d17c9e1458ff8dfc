/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/timer.h: newest names of the timer calls.
 */
#ifndef VC_LINUX_TIMER_H
#define VC_LINUX_TIMER_H

#include_next <linux/timer.h>

/*
 * VC_HAS_TIMER_DELETE_SYNC, VC_HAS_TIMER_DELETE: renamed in 6.2, backported here and there; the old
 * names are gone in 7.x. Remove when el8.8 and el9.2 are no longer supported.
 */
#if !VC_HAS_TIMER_DELETE_SYNC
#define timer_delete_sync(timer) del_timer_sync(timer)
#endif

#if !VC_HAS_TIMER_DELETE
#define timer_delete(timer) del_timer(timer)
#endif

/*
 * VC_HAS_TIMER_CONTAINER_OF: from_timer() until 6.15.
 * Remove when nothing older than 6.16 is supported.
 */
#if !VC_HAS_TIMER_CONTAINER_OF
#define timer_container_of(var, timer, field) container_of(timer, typeof(*(var)), field)
#endif

#endif /* VC_LINUX_TIMER_H */
