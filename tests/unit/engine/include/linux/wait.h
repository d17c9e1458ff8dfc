/* SPDX-License-Identifier: GPL-2.0-only */
/* wait.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_WAIT_H
#define UNIT_ENGINE_WAIT_H

#include <linux/types.h>

/*
 * One thread: whoever sleeps waits for ever, unless the test says with unit_sleep() what happens
 * meanwhile.
 */
typedef struct {
	unsigned long wakeups;
} wait_queue_head_t;

extern void (*unit_sleep)(void);

#define TASK_KILLABLE 0
#define DEFINE_WAIT(w) wait_queue_head_t *w = NULL
#define prepare_to_wait(wq, w, s) (*(w) = (wq))
#define finish_wait(wq, w) ((void)(wq), (void)*(w))
#define init_waitqueue_head(wq) ((wq)->wakeups = 0)
#define wake_up_all(wq) ((wq)->wakeups++)

void schedule(void);

#endif
