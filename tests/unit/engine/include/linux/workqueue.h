/* SPDX-License-Identifier: GPL-2.0-only */
/* workqueue.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_WORKQUEUE_H
#define UNIT_ENGINE_WORKQUEUE_H

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/types.h>

struct work_struct {
	void (*func)(struct work_struct *work);
	struct list_head link;
	unsigned long due;
};

struct delayed_work {
	struct work_struct work;
};

struct workqueue_struct;

#define system_wq ((struct workqueue_struct *)0)
#define system_dfl_wq system_wq
#define INIT_WORK(w, f) unit_init_work(w, f)
#define INIT_DELAYED_WORK(d, f) unit_init_work(&(d)->work, f)
#define to_delayed_work(w) container_of(w, struct delayed_work, work)

void unit_init_work(struct work_struct *work, void (*func)(struct work_struct *work));
bool schedule_work(struct work_struct *work);
bool cancel_work_sync(struct work_struct *work);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
		      unsigned long delay);
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay);
bool cancel_delayed_work(struct delayed_work *dwork);
bool cancel_delayed_work_sync(struct delayed_work *dwork);

/* Runs what is due at the current value of jiffies. Returns how many work items ran. */
unsigned int unit_run_work(void);

#endif
