/* SPDX-License-Identifier: GPL-2.0-only */
/* mutex.h: locks that lock, for tests with threads. */
#ifndef UNIT_THREADS_MUTEX_H
#define UNIT_THREADS_MUTEX_H

#include <pthread.h>

#include <linux/bug.h>
#include <linux/types.h>

struct mutex {
	pthread_mutex_t lock;
};

#define DEFINE_MUTEX(m) struct mutex m = { PTHREAD_MUTEX_INITIALIZER }
#define mutex_destroy(m) BUG_ON(pthread_mutex_destroy(&(m)->lock))

static inline void mutex_init(struct mutex *m)
{
	BUG_ON(pthread_mutex_init(&m->lock, NULL));
}

static inline void mutex_lock(struct mutex *m)
{
	BUG_ON(pthread_mutex_lock(&m->lock));
}

static inline void mutex_unlock(struct mutex *m)
{
	BUG_ON(pthread_mutex_unlock(&m->lock));
}

static inline bool mutex_trylock(struct mutex *m)
{
	return !pthread_mutex_trylock(&m->lock);
}

#endif
