/* SPDX-License-Identifier: GPL-2.0-only */
/* wait.h: wait queues that wait, for tests with threads. */
#ifndef UNIT_THREADS_WAIT_H
#define UNIT_THREADS_WAIT_H

#include <pthread.h>

typedef struct {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	unsigned long wakeups;
} wait_queue_head_t;

struct unit_wait {
	wait_queue_head_t *wq;
	unsigned long wakeups;
};

extern void (*unit_sleep)(void);
extern __thread struct unit_wait unit_waiting;

void schedule(void);

#define TASK_KILLABLE 0
#define DEFINE_WAIT(w) struct unit_wait w

static inline void init_waitqueue_head(wait_queue_head_t *wq)
{
	pthread_mutex_init(&wq->lock, NULL);
	pthread_cond_init(&wq->cond, NULL);
	wq->wakeups = 0;
}

static inline void prepare_to_wait(wait_queue_head_t *wq, struct unit_wait *w, int state)
{
	pthread_mutex_lock(&wq->lock);
	w->wq = wq;
	w->wakeups = wq->wakeups;
	unit_waiting = *w;
	pthread_mutex_unlock(&wq->lock);
}

static inline void finish_wait(wait_queue_head_t *wq, struct unit_wait *w)
{
	unit_waiting.wq = NULL;
}

static inline void wake_up_all(wait_queue_head_t *wq)
{
	pthread_mutex_lock(&wq->lock);
	wq->wakeups++;
	pthread_cond_broadcast(&wq->cond);
	pthread_mutex_unlock(&wq->lock);
}

#endif
