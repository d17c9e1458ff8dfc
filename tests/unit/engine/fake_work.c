// SPDX-License-Identifier: GPL-2.0-only
/* fake_work.c - work items that run when the test says so, and the shrinker. */
#include <stdlib.h>

#include <linux/bug.h>
#include <linux/jiffies.h>
#include <linux/shrinker.h>
#include <linux/workqueue.h>

struct shrinker *unit_shrinker;
static struct shrinker the_shrinker;
static LIST_HEAD(queued);

void unit_init_work(struct work_struct *work, void (*func)(struct work_struct *work))
{
	work->func = func;
	INIT_LIST_HEAD(&work->link);
}

static bool queue(struct work_struct *work, unsigned long delay, bool modify)
{
	bool pending = !list_empty(&work->link);

	BUG_ON(!work->func);
	if (pending && !modify)
		return false;
	if (!pending)
		list_add_tail(&work->link, &queued);
	work->due = jiffies + delay;
	return pending;
}

static bool cancel(struct work_struct *work)
{
	bool pending = !list_empty(&work->link);

	list_del_init(&work->link);
	return pending;
}

bool schedule_work(struct work_struct *work)
{
	return !queue(work, 0, false);
}

bool cancel_work_sync(struct work_struct *work)
{
	return cancel(work);
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork, unsigned long delay)
{
	return queue(&dwork->work, delay, true);
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *dwork,
			unsigned long delay)
{
	return !queue(&dwork->work, delay, false);
}

bool cancel_delayed_work(struct delayed_work *dwork)
{
	return cancel(&dwork->work);
}

bool cancel_delayed_work_sync(struct delayed_work *dwork)
{
	return cancel(&dwork->work);
}

unsigned int unit_run_work(void)
{
	struct work_struct *work;
	unsigned int n = 0;

again:
	list_for_each_entry(work, &queued, link) {
		if (time_before(jiffies, work->due))
			continue;
		list_del_init(&work->link);
		work->func(work);
		BUG_ON(++n > 100000);
		goto again;
	}
	return n;
}

struct shrinker *shrinker_alloc(unsigned int flags, const char *fmt, ...)
{
	return &the_shrinker;
}

void shrinker_register(struct shrinker *shrinker)
{
	unit_shrinker = shrinker;
}

void shrinker_free(struct shrinker *shrinker)
{
	unit_shrinker = NULL;
}
