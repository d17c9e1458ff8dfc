/* SPDX-License-Identifier: GPL-2.0-only */
/* rwsem.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_RWSEM_H
#define UNIT_LINUX_RWSEM_H

#include <linux/bug.h>

struct rw_semaphore {
	int readers;
	int writer;
};

#define DECLARE_RWSEM(s) struct rw_semaphore s = { 0, 0 }

static inline void init_rwsem(struct rw_semaphore *s)
{
	s->readers = 0;
	s->writer = 0;
}

static inline void down_read(struct rw_semaphore *s)
{
	BUG_ON(s->writer);
	s->readers++;
}

static inline void up_read(struct rw_semaphore *s)
{
	BUG_ON(!s->readers);
	s->readers--;
}

static inline void down_write(struct rw_semaphore *s)
{
	BUG_ON(s->writer || s->readers);
	s->writer = 1;
}

static inline void up_write(struct rw_semaphore *s)
{
	BUG_ON(!s->writer);
	s->writer = 0;
}

static inline void downgrade_write(struct rw_semaphore *s)
{
	up_write(s);
	down_read(s);
}

#endif
