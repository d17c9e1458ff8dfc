// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin_threads_test.c - the registry under load from several threads of a process.
 *
 * Each thread is a user of its own, as the files of several devices are. They pin overlapping
 * memory at the same time, so that they wait for each other's pins and share them, near the limit,
 * so that they ask each other to give something up, while another thread replaces pages. ITER=n
 * sets the number of requests of each thread.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "fake_mm.h"
#include "pin.h"

#define PAGES	48
#define THREADS	3
#define HELD	6

__thread struct unit_wait unit_waiting;
static struct work_struct *volatile due;
static volatile bool stop;
static unsigned long requests = 20000;
static unsigned long waits, failures;

static void sleep_now(void)
{
	wait_queue_head_t *wq = unit_waiting.wq;

	pthread_mutex_lock(&wq->lock);
	while (wq->wakeups == unit_waiting.wakeups)
		pthread_cond_wait(&wq->cond, &wq->lock);
	pthread_mutex_unlock(&wq->lock);
	__atomic_add_fetch(&waits, 1, __ATOMIC_RELAXED);
}

/* One work item exists, that of the one registry. */
void unit_init_work(struct work_struct *work, void (*func)(struct work_struct *work))
{
	work->func = func;
}

bool schedule_work(struct work_struct *work)
{
	return !__atomic_exchange_n(&due, work, __ATOMIC_SEQ_CST);
}

bool cancel_work_sync(struct work_struct *work)
{
	return __atomic_exchange_n(&due, NULL, __ATOMIC_SEQ_CST);
}

static void *worker(void *arg)
{
	while (!stop) {
		struct work_struct *work = __atomic_exchange_n(&due, NULL, __ATOMIC_SEQ_CST);

		if (work)
			work->func(work);
		usleep(100);
	}
	return NULL;
}

static unsigned int next_random(unsigned int *seed, unsigned int n)
{
	return rand_r(seed) / 7 % n;
}

static void *replacer(void *arg)
{
	unsigned int seed = 99;

	while (!stop) {
		unsigned int first = next_random(&seed, PAGES);

		if (next_random(&seed, 3))
			fake_replace(first, 1 + next_random(&seed, PAGES - first));
		else
			fake_make_large(first & ~(FAKE_LARGE - 1));
		usleep(50);
	}
	return NULL;
}

/* Pinning takes a while, so that others come meanwhile. */
static void linger(void)
{
	usleep(20);
}

struct party {
	struct pin_mm *pm;
	struct pin_user user;
	struct pin_segs held[HELD];
	unsigned int seed;
};

static void on_changed(struct pin_user *user)
{
}

static void on_hold(struct pin_user *user)
{
}

static void on_shed(struct pin_user *user)
{
	usleep(10);
}

static void check_held(const struct pin_segs *segs)
{
	struct pin_chunk chunk;
	struct pin_iter it;
	unsigned long i;

	pin_iter_start(&it, segs);
	while (pin_iter_next(&it, &chunk))
		for (i = 0; i < chunk.npages; i++)
			if (fake_pins((chunk.addr >> PAGE_SHIFT) + i) <= 0)
				abort();
}

static void *client(void *arg)
{
	struct party *p = arg;
	struct pin_count count = { };
	unsigned long i;

	for (i = 0; i < requests; i++) {
		struct pin_segs *segs = &p->held[next_random(&p->seed, HELD)];
		unsigned int va = next_random(&p->seed, PAGES);
		unsigned int n = 1 + next_random(&p->seed, PAGES - va);

		if (segs->n) {
			check_held(segs);
			pin_segs_put(segs);
			continue;
		}
		/* Users come and go as well. */
		if (!next_random(&p->seed, 50)) {
			pin_mm_leave(p->pm, &p->user);
			pin_mm_join(p->pm, &p->user);
		}
		if (pin_get(p->pm, FAKE_VA + va, n, next_random(&p->seed, 2), segs,
			    &count))
			__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED);
		check_held(segs);
	}
	for (i = 0; i < HELD; i++)
		pin_segs_put(&p->held[i]);
	return NULL;
}

static void test_threads(void **state)
{
	static struct party party[THREADS];
	pthread_t thread[THREADS], work, replace;
	unsigned int i;

	unit_sleep = sleep_now;
	fake_mm_init(PAGES, true);
	fake_pin_hook = linger;
	fake_memlock = 5 * PAGES;
	pthread_create(&work, NULL, worker, NULL);
	pthread_create(&replace, NULL, replacer, NULL);
	for (i = 0; i < THREADS; i++) {
		party[i].pm = pin_mm_get(&fake_mm, true);
		party[i].user.changed = on_changed;
		party[i].user.hold = on_hold;
		party[i].user.shed = on_shed;
		party[i].seed = i + 1;
		assert_ptr_equal(party[i].pm, party[0].pm);
		pin_mm_join(party[i].pm, &party[i].user);
		pthread_create(&thread[i], NULL, client, &party[i]);
	}
	for (i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	stop = true;
	pthread_join(work, NULL);
	pthread_join(replace, NULL);
	for (i = 0; i < THREADS; i++) {
		pin_mm_leave(party[i].pm, &party[i].user);
		pin_mm_put(party[i].pm);
	}
	print_message("%lu waits, %lu requests over the limit\n", waits, failures);
	/* The test is of no use if nobody ever had to wait. */
	assert_true(waits > 0);
	fake_mm_fini();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_threads),
	};

	if (getenv("ITER"))
		requests = strtoul(getenv("ITER"), NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
