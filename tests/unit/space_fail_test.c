// SPDX-License-Identifier: GPL-2.0-only
/*
 * space_fail_test.c - a failed message leaves everything as it was; memory that a device could
 * still reach stays pinned.
 *
 * Each step of each scenario is repeated with the first pin failing, then the second, and so on
 * until the step succeeds; likewise for allocations and for calls of the parent. After every
 * failure both tables, what the device sees, and the charge are compared with the state before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/jiffies.h>
#include <linux/module.h>

#include "client.h"

#define PAGES	64
#define LIMIT	128	/* pages of I/O address space that are compared */

static struct client c;
static enum fake_kind kind;

enum what { FAIL_ALLOC, FAIL_PIN, FAIL_CALL, FAIL_KINDS };

static void arm(enum what what, long n)
{
	unit_fail_alloc = what == FAIL_ALLOC ? n : 0;
	fake_fail_pin = what == FAIL_PIN ? n : 0;
	fake_fail_call = what == FAIL_CALL ? n : 0;
}

static bool struck(void)
{
	bool armed = unit_fail_alloc || fake_fail_pin || fake_fail_call;

	arm(FAIL_KINDS, 0);
	return !armed;
}

struct step {
	enum { MAP, UNMAP, BATCH, END, OK, RESET, HOLES } op;
	unsigned int iova, n, va;
	u8 perm;
};

static int run(const struct step *s)
{
	switch (s->op) {
	case MAP:
		return client_map(&c, 0, s->iova, s->n, s->va, s->perm);
	case UNMAP:
		return client_unmap(&c, 0, s->iova, s->n);
	case BATCH:
	case END:
		return client_batch(&c, 0, s->op == BATCH);
	case OK:
		return client_driver_ok(&c);
	case RESET:
		client_reset(&c, s->n);
		return 0;
	default:
		/* Every other page is replaced, so that the rest is in many pieces. */
		fake_replace(s->va, 1);
		fake_replace(s->va + 4, 2);
		fake_replace(s->va + 9, 1);
		unit_run_work();
		return 0;
	}
}

static void fail_everywhere(const struct step *steps, unsigned int nsteps, enum what what)
{
	unsigned int i, failures = 0;
	long n;

	fake_mm_init(PAGES, true);
	client_probe(&c, kind, true, false);
	assert_int_equal(client_open(&c), 0);
	for (i = 0; i < nsteps; i++) {
		for (n = 1;; n++) {
			struct client_state before = client_save(&c, LIMIT), after;
			bool batch = c.v.in_batch, failed;
			int err;

			if (steps[i].op != RESET && steps[i].op != HOLES)
				arm(what, n);
			err = run(&steps[i]);
			failed = struck();
			after = client_save(&c, LIMIT);
			if (err) {
				assert_true(failed);
				failures++;
				/* DRIVER_OK may have brought another address space up to date. */
				assert_true(client_same(&before, &after) || steps[i].op == OK);
				c.v.in_batch = batch;
			}
			client_forget(&before);
			client_forget(&after);
			assert_true(n < 1000);
			if (!err)
				break;
		}
	}
	assert_true(failures > 0);
	client_close(&c);
	assert_true(c.p.as[0].initial);
	client_remove(&c);
	fake_mm_fini();
}

#define M(iova, n, va, perm)	{ MAP, iova, n, va, perm }
#define U(iova, n)		{ UNMAP, iova, n, 0, 0 }
#define R(fate)			{ RESET, 0, fate, 0, 0 }
#define DO(op)			{ op, 0, 0, 0, 0 }

static const struct step live_steps[] = {
	M(0, 20, 0, RW), DO(OK), M(20, 20, 5, RO), M(50, 30, 20, RW),
	U(0, 20), M(0, 20, 3, RW), DO(BATCH), U(20, 60),
	M(30, 12, 12, RW), M(60, 12, 30, WO), DO(END), U(0, LIMIT),
};

static const struct step reset_steps[] = {
	M(0, 20, 0, RW), M(40, 10, 30, RO), DO(OK), R(VHOST_VDPA_MAP_KEPT),
	U(0, 20), DO(HOLES), M(10, 18, 1, RW), M(60, 20, 0, RO),
	U(40, 10), M(0, 10, 30, RW), DO(OK), M(30, 5, 50, RW),
	R(VHOST_VDPA_MAP_CLEAN_LATER), M(100, 5, 10, RW), U(0, 30),
	DO(BATCH), M(0, 20, 0, RW), DO(END), DO(OK),
	R(VHOST_VDPA_MAP_CLEANED), DO(OK), M(110, 2, 0, RW), U(0, LIMIT),
};

static void test_live(void **state)
{
	enum what what;

	for (what = 0; what < FAIL_KINDS; what++)
		fail_everywhere(live_steps, ARRAY_SIZE(live_steps), what);
}

static void test_reset(void **state)
{
	struct step steps[ARRAY_SIZE(reset_steps)];
	enum what what;
	unsigned int i;

	memcpy(steps, reset_steps, sizeof(steps));
	/* No reset reaches the platform's IOMMU. */
	for (i = 0; kind == FAKE_IOMMU && i < ARRAY_SIZE(steps); i++)
		if (steps[i].op == RESET)
			steps[i].n = VHOST_VDPA_MAP_KEPT;
	for (what = 0; what < FAIL_KINDS; what++)
		fail_everywhere(steps, ARRAY_SIZE(steps), what);
}

static void test_no_reuse(void **state)
{
	*unit_param_pin_reuse = false;
	test_live(state);
	*unit_param_pin_reuse = true;
}

/* The device can neither be reset nor cut off: its memory is given up for good. */
static bool stuck(void)
{
	client_probe(&c, kind, false, false);
	if (client_open(&c) || client_map(&c, 0, 0, 20, 0, RW) ||
	    client_map(&c, 1, 0, 5, 30, RW) || client_driver_ok(&c))
		return false;
	fake_fail_all = true;
	fake_fail_call = 1;
	client_close_after(&c, -EIO);
	return fake_pinned == 25 && unit_module_refs == 1;
}

static void test_stuck(void **state)
{
	int status;
	pid_t pid;

	fake_mm_init(PAGES, false);
	/* A process of its own, because things stay behind. */
	pid = fork();
	if (!pid)
		_exit(!stuck());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	fake_mm_fini();
}

/* The platform's IOMMU cuts off any device: what it cannot unmap goes with the domain. */
static void test_cut_off(void **state)
{
	fake_mm_init(PAGES, false);
	client_probe(&c, FAKE_IOMMU, false, false);
	assert_int_equal(client_open(&c), 0);
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	fake_fail_all = true;
	fake_fail_call = 1;
	client_close_after(&c, -EIO);
	fake_fail_all = false;
	fake_fail_call = 0;
	assert_int_equal(fake_pinned, 0);
	assert_int_equal(unit_module_refs, 0);
	client_remove(&c);
	fake_mm_fini();
}

/* If it was reset, nothing reaches memory any more, and all is given back. */
static void test_not_stuck(void **state)
{
	fake_mm_init(PAGES, false);
	client_probe(&c, kind, false, false);
	assert_int_equal(client_open(&c), 0);
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	fake_clean(&c.p);
	fake_fail_all = true;
	fake_fail_call = 1;
	client_close_after(&c, 0);
	fake_fail_all = false;
	fake_fail_call = 0;
	client_remove(&c);
	fake_mm_fini();
}

/* A device that lets go of nothing any more keeps its memory pinned, whatever is tried. */
static void test_no_unmap(void **state)
{
	fake_mm_init(PAGES, false);
	client_probe(&c, kind, true, false);
	assert_int_equal(client_open(&c), 0);
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_map(&c, 0, 20, 20, 20, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	fake_fail_all = true;
	fake_fail_call = 1;
	assert_int_equal(client_unmap(&c, 0, 0, 20), -EIO);
	assert_int_equal(client_map(&c, 0, 50, 1, 50, RW), -EIO);
	assert_int_equal(fake_pinned, 40);
	client_reset(&c, VHOST_VDPA_MAP_KEPT);
	assert_int_equal(client_unmap(&c, 0, 0, 40), 0);
	jiffies += msecs_to_jiffies(*unit_param_pin_reuse_ms);
	unit_run_work();
	assert_int_equal(fake_pinned, 40);
	assert_true(client_driver_ok(&c) < 0);
	fake_fail_all = false;
	fake_fail_call = 0;
	assert_int_equal(client_driver_ok(&c), 0);
	assert_int_equal(fake_pinned, 0);
	client_close(&c);
	client_remove(&c);
	fake_mm_fini();
}

/* Everything that the parent has is pinned. */
static void assert_pinned(void)
{
	const struct fake_table *t = &c.p.as[0];
	unsigned int i;
	u64 page;

	for (i = 0; i < t->n; i++)
		for (page = 0; page <= t->range[i].last - t->range[i].first; page++)
			assert_true(fake_pins(t->range[i].addr + page) > 0);
}

/* A map that fails half way and cannot be taken back: what the device has of it stays pinned. */
static void test_no_way_back(void **state)
{
	unsigned int i;

	fake_mm_init(PAGES, true);
	client_probe(&c, kind, true, false);
	assert_int_equal(client_open(&c), 0);
	assert_int_equal(client_map(&c, 0, 0, 5, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	fake_fail_all = true;
	fake_fail_call = 3;
	assert_int_equal(client_map(&c, 0, 10, 10, 10, RW), -EIO);
	assert_true(c.p.as[0].n > 5);
	assert_pinned();
	assert_int_equal(fake_pinned, 15);
	/* Nothing is lost: the next message clears it away first. */
	fake_fail_all = false;
	fake_fail_call = 0;
	assert_int_equal(client_map(&c, 0, 10, 10, 12, RW), 0);
	assert_pinned();
	assert_int_equal(fake_pinned, 15);
	assert_int_equal(fake_lookup(&c.p.as[0], 10)->addr, fake_frame(12));

	/* Nor does the part that is there pass for the whole. */
	assert_int_equal(client_unmap(&c, 0, 10, 10), 0);
	fake_fail_all = true;
	fake_fail_call = 3;
	assert_int_equal(client_map(&c, 0, 10, 10, 10, RW), -EIO);
	fake_fail_all = false;
	fake_fail_call = 0;
	/* Taken away and given anew, which a device that runs must not see of anything else. */
	c.p.running = false;
	assert_int_equal(client_map(&c, 0, 10, 10, 10, RW), 0);
	c.p.running = true;
	for (i = 0; i < 10; i++)
		assert_non_null(fake_lookup(&c.p.as[0], 10 + i));
	assert_pinned();
	client_close(&c);
	client_remove(&c);
	fake_mm_fini();
}

/* A reset of which nobody knows what it did, and a parent that does not let go. */
static void test_lost_and_stuck(void **state)
{
	fake_mm_init(PAGES, false);
	client_probe(&c, kind, true, false);
	assert_int_equal(client_open(&c), 0);
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	fake_fail_all = true;
	fake_fail_call = 1;
	client_reset(&c, VHOST_VDPA_MAP_LOST);
	assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
	jiffies += msecs_to_jiffies(*unit_param_pin_reuse_ms);
	unit_run_work();
	assert_int_equal(fake_pinned, 20);
	assert_true(client_driver_ok(&c) < 0);
	fake_fail_all = false;
	fake_fail_call = 0;
	assert_int_equal(client_driver_ok(&c), 0);
	assert_int_equal(c.p.as[0].n, 0);
	assert_int_equal(fake_pinned, 0);
	client_close(&c);
	client_remove(&c);
	fake_mm_fini();
}

/* Parents that take ranges; with tables of their own; and the platform's IOMMU. */
#define RANGES(f)	\
	static void f##_dma_map(void **state) { kind = FAKE_DMA_MAP; f(state); }	\
	static void f##_iommu(void **state) { kind = FAKE_IOMMU; f(state); }
#define RUN_RANGES(f) cmocka_unit_test(f##_dma_map), cmocka_unit_test(f##_iommu)
#define OWN(f)	\
	static void f##_set_map(void **state) { kind = FAKE_SET_MAP; f(state); }	\
	static void f##_dma_map(void **state) { kind = FAKE_DMA_MAP; f(state); }
#define KINDS(f)	OWN(f)	\
	static void f##_iommu(void **state) { kind = FAKE_IOMMU; f(state); }
#define RUN_OWN(f) cmocka_unit_test(f##_set_map), cmocka_unit_test(f##_dma_map)
#define RUN(f) RUN_OWN(f), cmocka_unit_test(f##_iommu)

KINDS(test_live)
KINDS(test_reset)
KINDS(test_no_reuse)
OWN(test_stuck)
OWN(test_not_stuck)
OWN(test_no_unmap)
RANGES(test_no_way_back)
OWN(test_lost_and_stuck)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_live), RUN(test_reset), RUN(test_no_reuse), RUN_OWN(test_stuck),
		cmocka_unit_test(test_cut_off),
		RUN_OWN(test_not_stuck), RUN_OWN(test_no_unmap), RUN_RANGES(test_no_way_back),
		RUN_OWN(test_lost_and_stuck),
	};
	int failed;

	if (vhost_vdpa_park_module_init())
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	vhost_vdpa_park_module_exit();
	return failed;
}
