// SPDX-License-Identifier: GPL-2.0-only
/*
 * failure.c - the parent refuses: after a failed message everything is as it was before.
 *
 * The simulator fails its nth set_map or dma_map; the driver, in debug builds, its nth allocation,
 * pin, or call of the parent. Before and after are compared in the driver's tables, in the
 * simulator's, in the pages charged, and in what the device reads.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RAM_PAGES	64
#define HALF		(RAM_PAGES / 2)
#define RW		VHOST_ACCESS_RW
#define TEXT		65536

static const struct vdpa_setup qemu = { .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES };
static const struct vdpa_setup persist = {
	.backend = VDPA_PERSIST_BACKEND, .ram_pages = RAM_PAGES
};

static const uint64_t at = VDPA_RAM_IOVA;
static const uint64_t other = VDPA_RAM_IOVA + 0x100000000ULL;

struct snapshot {
	long pinned;
	char tables[TEXT];
	char sim[TEXT];
};

static struct snapshot before, after;

static void snapshot(struct vdpa_bench *b, struct snapshot *s)
{
	s->pinned = vdpa_pinned_pages();
	assert_true(vdpa_tables_read(b->c.minor, s->tables, sizeof(s->tables)) > 0);
	assert_true(vdpa_sim_map_read(b->c.name, s->sim, sizeof(s->sim)) > 0);
}

static void assert_as_before(struct vdpa_bench *b)
{
	snapshot(b, &after);
	assert_string_equal(after.tables, before.tables);
	assert_string_equal(after.sim, before.sim);
	assert_int_equal(after.pinned, before.pinned);
}

static const char *op(void)
{
	return vdpa_mode()->batch_mapping ? "set_map" : "dma_map";
}

static void fail_nth(struct vdpa_bench *b, unsigned int nth)
{
	assert_ok(vdpa_sim_fail_nth(b->c.name, op(), nth));
}

static void start(struct vdpa_bench *b)
{
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, at, HALF * GUEST_PAGE, b->ram.base, RW));
	assert_ok(net_loop_start(&b->loop, &b->c));
	vdpa_bench_sees(b, at, 0, HALF, 1);
}

static int teardown(void **state)
{
	struct vdpa_bench *b = *state;

	vdpa_sim_fail_nth(b->c.name, op(), 0);
	return vdpa_teardown_bench(state);
}

static int map_second_half(struct vdpa_bench *b)
{
	return vdpa_map(&b->c, 0, other, HALF * GUEST_PAGE, b->ram.base + HALF * GUEST_PAGE, RW);
}

static void map_that_fails_changes_nothing(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	snapshot(b, &before);
	fail_nth(b, 1);
	assert_err(map_second_half(b), ENOMEM);
	assert_as_before(b);
	vdpa_bench_sees(b, at, 0, HALF, 1);
	vdpa_bench_blind(b, other, HALF);

	assert_ok(map_second_half(b));
	vdpa_bench_sees(b, other, HALF, HALF, 1);
	vdpa_bench_sees(b, at, 0, HALF, 1);
}

/* A range in several physical pieces takes several dma_map calls: fail each of them. */
static void map_that_fails_in_the_middle_changes_nothing(void **state)
{
	struct vdpa_counters mark, now, since;
	struct vdpa_bench *b = *state;
	unsigned int calls, nth;

	start(b);
	assert_ok(vdpa_counters_read(b->c.minor, &mark));
	assert_ok(map_second_half(b));
	assert_ok(vdpa_counters_read(b->c.minor, &now));
	since = vdpa_counters_since(&mark, &now);
	calls = since.set_map_calls + since.dma_map_calls;
	assert_true(calls >= 1);
	assert_ok(vdpa_unmap(&b->c, 0, other, HALF * GUEST_PAGE));
	snapshot(b, &before);

	for (nth = 1; nth <= calls; nth++) {
		fail_nth(b, nth);
		assert_err(map_second_half(b), ENOMEM);
		assert_as_before(b);
	}
	vdpa_bench_sees(b, at, 0, HALF, 1);
	vdpa_bench_blind(b, other, HALF);
	assert_ok(map_second_half(b));
	vdpa_bench_sees(b, other, HALF, HALF, 1);
}

static const char * const kinds[] = { "alloc", "pin", "call" };

static int teardown_kinds(void **state)
{
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		vdpa_fail_nth(kinds[i], 0);
	return teardown(state);
}

static int unmap_second_half(struct vdpa_bench *b)
{
	return vdpa_unmap(&b->c, 0, other, HALF * GUEST_PAGE);
}

/* Does something with its first, second, ... step failing until no step is left to fail. */
static unsigned int fail_each_step(struct vdpa_bench *b, const char *kind,
				   int (*act)(struct vdpa_bench *b))
{
	unsigned int nth;
	int err;

	for (nth = 1; nth < 1000; nth++) {
		snapshot(b, &before);
		assert_ok(vdpa_fail_nth(kind, nth));
		err = act(b);
		if (!err)
			break;
		assert_int_equal(vdpa_fail_left(kind), 0);
		assert_as_before(b);
	}
	assert_ok(err);
	assert_true(vdpa_fail_left(kind) > 0);
	assert_ok(vdpa_fail_nth(kind, 0));
	return nth - 1;
}

static void failure_at_any_step_changes_nothing(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i, maps, unmaps;

	start(b);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		maps = fail_each_step(b, kinds[i], map_second_half);
		vdpa_bench_sees(b, at, 0, HALF, 1);
		vdpa_bench_sees(b, other, HALF, HALF, 1);
		unmaps = fail_each_step(b, kinds[i], unmap_second_half);
		vdpa_bench_sees(b, at, 0, HALF, 1);
		vdpa_bench_blind(b, other, HALF);
		print_message("# %s: %u steps of a map failed, %u of an unmap\n", kinds[i], maps,
			      unmaps);
		assert_true(maps > 0);
		/* Unmapping pins nothing, and needs the parent. */
		assert_int_equal(unmaps > 0 && strcmp(kinds[i], "alloc"), !strcmp(kinds[i], "call"));
	}
}

/* What a stopped device owes is paid at DRIVER_OK, or DRIVER_OK is refused. */
static void failure_at_any_step_of_a_start(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i, nth;
	int err;

	start(b);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		long pinned = vdpa_pinned_pages();

		assert_ok(map_second_half(b));
		assert_ok(vdpa_reset(&b->c));
		assert_ok(unmap_second_half(b));
		net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
		for (nth = 1; nth < 1000; nth++) {
			assert_ok(vdpa_fail_nth(kinds[i], nth));
			/* DRIVER_OK is the last thing that this does. */
			err = nth == 1 ? net_loop_start(&b->loop, &b->c) :
					 vdpa_set_status(&b->c, VDPA_S_DRIVER_OK);
			if (!err)
				break;
			assert_int_equal(vdpa_fail_left(kinds[i]), 0);
			assert_int_equal(vdpa_get_status(&b->c), VDPA_S_FEATURES_OK);
			assert_pinned(pinned + HALF);
		}
		assert_ok(err);
		assert_ok(vdpa_fail_nth(kinds[i], 0));
		assert_int_equal(nth > 1 || !strcmp(kinds[i], "alloc"),
				 strcmp(kinds[i], "pin") != 0);
		assert_pinned(pinned);
	}
}

static void unmap_that_fails_changes_nothing(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	assert_ok(map_second_half(b));
	snapshot(b, &before);
	fail_nth(b, 1);
	assert_err(vdpa_unmap(&b->c, 0, other, HALF * GUEST_PAGE), ENOMEM);
	assert_as_before(b);
	vdpa_bench_sees(b, other, HALF, HALF, 1);
	assert_ok(vdpa_unmap(&b->c, 0, other, HALF * GUEST_PAGE));
	vdpa_bench_blind(b, other, HALF);
}

static void batch_end_that_fails_is_reported(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	assert_true(vdpa_sim_map_read(b->c.name, before.sim, sizeof(before.sim)) > 0);
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(map_second_half(b));
	fail_nth(b, 1);
	assert_err(vdpa_batch_end(&b->c, 0), ENOMEM);
	/* The device has its former table, and what it can reach is pinned. */
	assert_true(vdpa_sim_map_read(b->c.name, after.sim, sizeof(after.sim)) > 0);
	assert_string_equal(after.sim, before.sim);
	vdpa_bench_sees(b, at, 0, HALF, 1);
	vdpa_bench_blind(b, other, HALF);

	/* The batch is over, and the next message brings all that was wanted. */
	assert_ok(vdpa_map(&b->c, 0, other + HALF * GUEST_PAGE, GUEST_PAGE, b->ram.base, RW));
	vdpa_bench_sees(b, other, HALF, HALF, 1);
	vdpa_bench_sees(b, other + HALF * GUEST_PAGE, 0, 1, 1);
}

static void unmap_in_a_batch_that_fails_keeps_memory_pinned(void **state)
{
	struct vdpa_bench *b = *state;
	long pinned;

	start(b);
	pinned = vdpa_pinned_pages();
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(vdpa_unmap(&b->c, 0, at, HALF * GUEST_PAGE));
	/* The device can reach it until the end of the batch. */
	assert_pinned(pinned);
	vdpa_bench_sees(b, at, 0, HALF, 1);
	fail_nth(b, 1);
	assert_err(vdpa_batch_end(&b->c, 0), ENOMEM);
	assert_pinned(pinned);
	vdpa_bench_sees(b, at, 0, HALF, 1);
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(vdpa_batch_end(&b->c, 0));
	vdpa_bench_blind(b, at, HALF);
	assert_pinned(pinned - HALF);
}

static void start_that_fails_leaves_the_status(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(net_loop_unmap(&b->loop, &b->c));
	assert_ok(vdpa_unmap(&b->c, 0, at, HALF * GUEST_PAGE));
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(map_second_half(b));
	/* The device refuses once. What is only kept goes, and it is asked again. */
	fail_nth(b, 1);
	assert_ok(vdpa_batch_end(&b->c, 0));
	assert_ok(unmap_second_half(b));
	fail_nth(b, 1);
	assert_err(net_loop_start(&b->loop, &b->c), ENOMEM);
	assert_int_equal(vdpa_get_status(&b->c), VDPA_S_FEATURES_OK);
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
	vdpa_bench_blind(b, other, HALF);
	vdpa_bench_blind(b, at, HALF);
}

static void close_gives_the_initial_mapping_back(void **state)
{
	struct vdpa_bench *b = *state;

	assert_int_equal(vdpa_sim_stat(VDPA_TEST_NET, "as0_identity"), 1);
	start(b);
	assert_int_equal(vdpa_sim_stat(VDPA_TEST_NET, "as0_identity"), 0);
	vdpa_close(&b->c);
	assert_int_equal(vdpa_sim_stat(VDPA_TEST_NET, "as0_identity"), 1);
	assert_int_equal(vdpa_sim_stat(VDPA_TEST_NET, "as1_identity"), 1);
}

static void running_device_never_has_the_initial_mapping(void **state)
{
	struct vdpa_bench *b = *state;

	/* It would be all of the machine's memory. */
	assert_ok(net_loop_start(&b->loop, &b->c));
	assert_int_equal(vdpa_sim_stat(VDPA_TEST_NET, "as0_identity"), 0);
	assert_int_equal(vdpa_sim_stat(VDPA_TEST_NET, "as1_identity"), 0);
	assert_int_equal(vdpa_sim_stat(VDPA_TEST_NET, "as0_entries"), 0);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(net_loop_start(&b->loop, &b->c));
	assert_int_equal(vdpa_sim_stat(VDPA_TEST_NET, "as0_identity"), 0);
}

#define T(name, fn, s) { name, fn, vdpa_setup_bench, teardown, (void *)(s) }

int main(int argc, char **argv)
{
#define COMMON \
	{ "a failure of any step of a map or an unmap changes nothing", \
	  failure_at_any_step_changes_nothing, vdpa_setup_bench, teardown_kinds, (void *)&qemu }, \
	{ "a failure of any step of DRIVER_OK leaves the status, and memory pinned", \
	  failure_at_any_step_of_a_start, vdpa_setup_bench, teardown_kinds, (void *)&qemu }, \
	T("a map that fails changes nothing", map_that_fails_changes_nothing, &qemu), \
	T("a map that fails at any of its calls changes nothing", \
	  map_that_fails_in_the_middle_changes_nothing, &qemu), \
	T("close gives the device its initial mapping back", \
	  close_gives_the_initial_mapping_back, &qemu), \
	T("a running device never has the initial mapping", \
	  running_device_never_has_the_initial_mapping, &qemu), \
	T("nor does one whose client counts on persistence", \
	  running_device_never_has_the_initial_mapping, &persist)

	const struct CMUnitTest whole[] = {
		COMMON,
		T("an unmap that fails changes nothing", unmap_that_fails_changes_nothing, &qemu),
		T("a failure at the end of a batch is reported, and the old table in force",
		  batch_end_that_fails_is_reported, &qemu),
		T("memory unmapped in a batch that fails stays pinned while the device reaches it",
		  unmap_in_a_batch_that_fails_keeps_memory_pinned, &qemu),
		T("a failure at DRIVER_OK leaves the status, and a second try works",
		  start_that_fails_leaves_the_status, &qemu),
	};
	const struct CMUnitTest ranges[] = { COMMON };

	if (vdpa_mode()->batch_mapping)
		return vdpa_test_main("map/failure", whole, vdpa_group_net, argc, argv);

	return vdpa_test_main("map/failure", ranges, vdpa_group_net, argc, argv);
}
