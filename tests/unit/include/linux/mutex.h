/* SPDX-License-Identifier: GPL-2.0-only */
/* mutex.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_MUTEX_H
#define UNIT_LINUX_MUTEX_H

#include <linux/bug.h>
#include <linux/types.h>

/* Unit tests are single-threaded: a lock only checks that it is used in pairs. */
struct mutex {
	int held;
};

#define DEFINE_MUTEX(m) struct mutex m = { 0 }
#define mutex_destroy(m) WARN_ON((m)->held)

static inline void mutex_init(struct mutex *m)
{
	m->held = 0;
}

static inline void mutex_lock(struct mutex *m)
{
	BUG_ON(m->held);
	m->held = 1;
}

static inline void mutex_unlock(struct mutex *m)
{
	BUG_ON(!m->held);
	m->held = 0;
}

static inline bool mutex_trylock(struct mutex *m)
{
	if (m->held)
		return false;
	m->held = 1;
	return true;
}

static inline bool mutex_is_locked(struct mutex *m)
{
	return m->held;
}

#endif
