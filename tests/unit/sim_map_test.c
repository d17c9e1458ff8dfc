// SPDX-License-Identifier: GPL-2.0-only
/*
 * sim_map_test.c - address spaces of a simulated device: whole tables, single ranges, and that a
 * failure, of whichever allocation, changes nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "vdpa_sim.h"

static int limit;
static const struct vdpasim_type type = { .nas = 2, .ngroups = 1 };
static struct vdpasim *sim;

int vdpasim_iotlb_limit(void)
{
	return limit;
}

static int setup(void **state)
{
	(void)state;
	limit = 0;
	sim = calloc(1, sizeof(*sim));
	sim->type = &type;
	return vdpasim_init_spaces(sim);
}

static int teardown(void **state)
{
	(void)state;
	unit_fail_alloc = 0;
	vdpasim_free_spaces(sim);
	free(sim);
	return unit_allocs_live == 0 ? 0 : -1;
}

struct range {
	u64 start, last, addr;
};

static void expect(unsigned int asid, const struct range *want, unsigned int n)
{
	struct vhost_iotlb *t = &sim->spaces[asid].vs.iotlb;
	struct vhost_iotlb_map *m;
	unsigned int i = 0;

	assert_int_equal(t->nmaps, n);
	for (m = vhost_iotlb_itree_first(t, 0, U64_MAX); m;
	     m = vhost_iotlb_itree_next(m, 0, U64_MAX), i++) {
		assert_true(i < n);
		assert_true(m->start == want[i].start);
		assert_true(m->last == want[i].last);
		assert_true(m->addr == want[i].addr);
	}
}

#define EXPECT(asid, ...) do { \
	const struct range want[] = { __VA_ARGS__ }; \
	expect(asid, want, ARRAY_SIZE(want)); \
} while (0)

static void expect_identity(unsigned int asid)
{
	assert_true(sim->spaces[asid].identity);
	EXPECT(asid, { 0, U64_MAX / 2, 0 }, { U64_MAX / 2 + 1, U64_MAX, U64_MAX / 2 + 1 });
}

static int map(u64 iova, u64 size, u64 addr)
{
	return vdpasim_dma_map(&sim->vdpa, 0, iova, size, addr, VHOST_MAP_RW, NULL);
}

static int unmap(u64 iova, u64 size)
{
	return vdpasim_dma_unmap(&sim->vdpa, 0, iova, size);
}

static void test_identity_until_mapped(void **state)
{
	(void)state;
	expect_identity(0);
	expect_identity(1);
	assert_int_equal(map(0x1000, 0x1000, 0xa000), 0);
	assert_false(sim->spaces[0].identity);
	EXPECT(0, { 0x1000, 0x1fff, 0xa000 });
	expect_identity(1);
	assert_int_equal(vdpasim_reset_map(&sim->vdpa, 0), 0);
	expect_identity(0);
	/* Who unmaps first is not to reach anything either. */
	assert_int_equal(unmap(0, 0x1000), 0);
	assert_int_equal(sim->spaces[0].vs.iotlb.nmaps, 0);
	assert_int_equal(vdpasim_clean_spaces(sim), 0);
	expect_identity(0);
}

static void test_bad_arguments(void **state)
{
	struct vhost_iotlb t;

	(void)state;
	vhost_iotlb_init(&t, 0, 0);
	assert_int_equal(map(0, 0, 0), -EINVAL);
	assert_int_equal(map(U64_MAX, 2, 0), -EINVAL);
	assert_int_equal(unmap(0, 0), -EINVAL);
	assert_int_equal(unmap(U64_MAX, 2), -EINVAL);
	assert_int_equal(vdpasim_dma_map(&sim->vdpa, 2, 0, 1, 0, VHOST_MAP_RW, NULL), -EINVAL);
	assert_int_equal(vdpasim_dma_unmap(&sim->vdpa, 2, 0, 1), -EINVAL);
	assert_int_equal(vdpasim_set_map(&sim->vdpa, 2, &t), -EINVAL);
	assert_int_equal(vdpasim_reset_map(&sim->vdpa, 2), -EINVAL);
	expect_identity(0);
	assert_int_equal(map(0x1000, 0x2000, 0), 0);
	assert_int_equal(map(0x2000, 0x1000, 0), -EEXIST);
	EXPECT(0, { 0x1000, 0x2fff, 0 });
}

static void test_unmap_parts(void **state)
{
	(void)state;
	assert_int_equal(map(0x10000, 0x10000, 0x800000), 0);
	assert_int_equal(map(0x20000, 0x10000, 0x900000), 0);
	/* Out of the middle of one, across the border of two, to the end, all. */
	assert_int_equal(unmap(0x14000, 0x1000), 0);
	EXPECT(0, { 0x10000, 0x13fff, 0x800000 }, { 0x15000, 0x1ffff, 0x805000 },
	       { 0x20000, 0x2ffff, 0x900000 });
	assert_int_equal(unmap(0x1f000, 0x2000), 0);
	EXPECT(0, { 0x10000, 0x13fff, 0x800000 }, { 0x15000, 0x1efff, 0x805000 },
	       { 0x21000, 0x2ffff, 0x901000 });
	assert_int_equal(unmap(0x2f000, 0x100000), 0);
	EXPECT(0, { 0x10000, 0x13fff, 0x800000 }, { 0x15000, 0x1efff, 0x805000 },
	       { 0x21000, 0x2efff, 0x901000 });
	assert_int_equal(unmap(0x15000, 0xa000), 0);
	EXPECT(0, { 0x10000, 0x13fff, 0x800000 }, { 0x21000, 0x2efff, 0x901000 });
	assert_int_equal(unmap(0, U64_MAX), 0);
	assert_int_equal(sim->spaces[0].vs.iotlb.nmaps, 0);
}

static void test_set_map_replaces(void **state)
{
	struct vhost_iotlb t;
	u64 gen;
	u32 i;

	(void)state;
	vhost_iotlb_init(&t, 0, 0);
	assert_int_equal(vhost_iotlb_add_range(&t, 0x1000, 0x1fff, 0x5000, VHOST_MAP_RO), 0);
	gen = sim->spaces[0].vs.gen;
	assert_int_equal(vdpasim_set_map(&sim->vdpa, 0, &t), 0);
	EXPECT(0, { 0x1000, 0x1fff, 0x5000 });
	assert_true(sim->spaces[0].vs.gen != gen);
	/* The caller's table is its own again. */
	for (i = 0; i < 3; i++)
		assert_int_equal(vhost_iotlb_add_range(&t, 0x10000 * (i + 1), 0x10000 * (i + 1) + 1,
						       i, VHOST_MAP_RO), 0);
	EXPECT(0, { 0x1000, 0x1fff, 0x5000 });
	limit = 3;
	assert_int_equal(vdpasim_set_map(&sim->vdpa, 0, &t), -ENOSPC);
	EXPECT(0, { 0x1000, 0x1fff, 0x5000 });
	vhost_iotlb_reset(&t);
	assert_int_equal(vdpasim_set_map(&sim->vdpa, 0, &t), 0);
	assert_int_equal(sim->spaces[0].vs.iotlb.nmaps, 0);
	assert_false(sim->spaces[0].identity);
}

/* Do @op with the nth allocation failing, for all n, until it works; nothing may change before. */
#define FAIL_EACH(op, ...) do { \
	long nth; \
	for (nth = 1; ; nth++) { \
		unit_fail_alloc = nth; \
		if (!(op)) \
			break; \
		unit_fail_alloc = 0; \
		EXPECT(0, __VA_ARGS__); \
	} \
	assert_true(nth > 1); \
	unit_fail_alloc = 0; \
} while (0)

static void test_no_memory(void **state)
{
	struct vhost_iotlb t;

	(void)state;
	FAIL_EACH(map(0x1000, 0x2000, 0x7000),
		  { 0, U64_MAX / 2, 0 }, { U64_MAX / 2 + 1, U64_MAX, U64_MAX / 2 + 1 });
	EXPECT(0, { 0x1000, 0x2fff, 0x7000 });
	FAIL_EACH(unmap(0x1800, 0x800), { 0x1000, 0x2fff, 0x7000 });
	EXPECT(0, { 0x1000, 0x17ff, 0x7000 }, { 0x2000, 0x2fff, 0x8000 });

	vhost_iotlb_init(&t, 0, 0);
	assert_int_equal(vhost_iotlb_add_range(&t, 0, 9, 0, VHOST_MAP_RO), 0);
	FAIL_EACH(vdpasim_set_map(&sim->vdpa, 0, &t),
		  { 0x1000, 0x17ff, 0x7000 }, { 0x2000, 0x2fff, 0x8000 });
	EXPECT(0, { 0, 9, 0 });
	vhost_iotlb_reset(&t);

	/* Cleaning has no way back: without memory, nothing is reachable. */
	unit_fail_alloc = 1;
	assert_int_equal(vdpasim_reset_map(&sim->vdpa, 0), -ENOMEM);
	assert_int_equal(sim->spaces[0].vs.iotlb.nmaps, 0);
	assert_int_equal(vdpasim_reset_map(&sim->vdpa, 0), 0);
	expect_identity(0);
}

static void test_injected_failures(void **state)
{
	struct vhost_iotlb t;

	(void)state;
	vhost_iotlb_init(&t, 0, 0);
	atomic_set(&sim->fail_nth_set_map, 2);
	assert_int_equal(vdpasim_set_map(&sim->vdpa, 0, &t), 0);
	assert_int_equal(vdpasim_set_map(&sim->vdpa, 0, &t), -ENOMEM);
	assert_int_equal(vdpasim_set_map(&sim->vdpa, 0, &t), 0);
	atomic_set(&sim->fail_nth_dma_map, 1);
	assert_int_equal(map(0, 1, 0), -ENOMEM);
	assert_int_equal(map(0, 1, 0), 0);
	assert_int_equal(atomic64_read(&sim->count.set_map), 3);
	assert_int_equal(atomic64_read(&sim->count.dma_map), 2);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_identity_until_mapped),
		T(test_bad_arguments),
		T(test_unmap_parts),
		T(test_set_map_replaces),
		T(test_no_memory),
		T(test_injected_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
