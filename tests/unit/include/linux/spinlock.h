/* SPDX-License-Identifier: GPL-2.0-only */
/* spinlock.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_SPINLOCK_H
#define UNIT_LINUX_SPINLOCK_H

#include <linux/mutex.h>

typedef struct mutex spinlock_t;

#define DEFINE_SPINLOCK(l) spinlock_t l = { 0 }
#define spin_lock_init mutex_init
#define spin_lock mutex_lock
#define spin_unlock mutex_unlock
#define spin_lock_bh mutex_lock
#define spin_unlock_bh mutex_unlock
#define spin_lock_irq mutex_lock
#define spin_unlock_irq mutex_unlock
#define spin_lock_irqsave(l, f) do { (f) = 0; mutex_lock(l); } while (0)
#define spin_unlock_irqrestore(l, f) do { (void)(f); mutex_unlock(l); } while (0)

#endif
