// SPDX-License-Identifier: GPL-2.0-only
/*
 * space_test.c - address spaces of a device: what messages, resets and DRIVER_OK do to its table.
 *
 * Every case runs for each kind of parent, unless it says otherwise.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/jiffies.h>
#include <linux/shrinker.h>
#include <linux/uio.h>

#include "client.h"

#define PAGES 64

static struct client c;
static enum fake_kind kind;

/* One device, opened. After a case that went wrong there is no telling what state all is in. */
static bool busy;

static void begin(void)
{
	assert_false(busy);
	busy = true;
	fake_mm_init(PAGES, false);
	client_probe(&c, kind, true, false);
	assert_int_equal(client_open(&c), 0);
}

static void end(void)
{
	client_close(&c);
	/* The parent got its initial mapping back, whatever happened. */
	assert_true(c.p.as[0].initial);
	assert_int_equal(c.p.as[0].n, 0);
	client_remove(&c);
	fake_mm_fini();
	busy = false;
}

static bool whole(void)
{
	return kind == FAKE_SET_MAP;
}

/* The device reaches the frame of page @va at @iova. */
static bool sees(u64 iova, unsigned long va)
{
	const struct fake_range *r = fake_lookup(&c.p.as[0], iova);

	return r && r->addr + iova - r->first == fake_frame(va);
}

static bool sees_nothing(u64 iova)
{
	return !fake_lookup(&c.p.as[0], iova);
}

/* Calls that change the parent's table. */
static u64 table_calls(void)
{
	return stat(&c.v.stats.set_map_calls) + stat(&c.v.stats.dma_map_calls) +
	       stat(&c.v.stats.dma_unmap_calls);
}

/* A reset cycle as stock QEMU does it: nothing may be done. */
static void test_same_again(void **state)
{
	const enum vhost_vdpa_map_fate fates[] = {
		VHOST_VDPA_MAP_KEPT, VHOST_VDPA_MAP_CLEAN_LATER,
	};
	unsigned int i;
	u64 calls;

	for (i = 0; i < ARRAY_SIZE(fates); i++) {
		begin();
		assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
		assert_int_equal(client_map(&c, 0, 30, 10, 20, RO), 0);
		assert_int_equal(client_driver_ok(&c), 0);
		assert_int_equal(fake_pinned_ever, 30);
		calls = table_calls();

		client_reset(&c, fates[i]);
		assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
		assert_int_equal(client_unmap(&c, 0, 30, 10), 0);
		assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
		assert_int_equal(client_map(&c, 0, 30, 10, 20, RO), 0);
		assert_int_equal(client_driver_ok(&c), 0);

		assert_int_equal(fake_pinned_ever, 30);
		assert_int_equal(table_calls(), calls);
		assert_true(sees(19, 19) && sees(30, 20));
		end();
	}
}

static void test_other_split(void **state)
{
	begin();
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	client_reset(&c, VHOST_VDPA_MAP_KEPT);
	assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
	assert_int_equal(client_map(&c, 0, 0, 5, 0, RW), 0);
	assert_int_equal(client_map(&c, 0, 5, 3, 5, RO), 0);
	assert_int_equal(client_map(&c, 0, 8, 12, 8, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	assert_int_equal(fake_pinned_ever, 20);
	assert_int_equal(fake_lookup(&c.p.as[0], 6)->perm, RO);
	assert_true(sees(0, 0) && sees(7, 7) && sees(19, 19));

	/* One piece goes while the device runs; the others are there all the time (client.c). */
	assert_int_equal(client_unmap(&c, 0, 8, 12), 0);
	assert_true(sees(4, 4) && sees(7, 7) && sees_nothing(8));
	end();
}

/* The same pages, in pieces that together are what the device has: still one unmap at a time. */
static void test_finer_split(void **state)
{
	begin();
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	client_reset(&c, VHOST_VDPA_MAP_KEPT);
	assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
	assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), 0);
	assert_int_equal(client_map(&c, 0, 10, 10, 10, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	assert_int_equal(fake_pinned_ever, 20);
	assert_int_equal(client_unmap(&c, 0, 10, 10), 0);
	assert_true(sees(9, 9) && sees_nothing(10));
	assert_int_equal(fake_pinned, 10);
	end();
}

static void test_other_iova(void **state)
{
	begin();
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	client_reset(&c, VHOST_VDPA_MAP_KEPT);
	assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
	assert_int_equal(client_map(&c, 0, 11, 20, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	assert_int_equal(fake_pinned_ever, 20);
	assert_true(sees(11, 0) && sees(30, 19) && sees_nothing(10) && sees_nothing(0));
	end();
}

static void test_gaps_only(void **state)
{
	begin();
	assert_int_equal(client_map(&c, 0, 0, 5, 10, RW), 0);
	assert_int_equal(client_map(&c, 0, 10, 5, 20, RO), 0);
	assert_int_equal(client_map(&c, 0, 100, 30, 0, RO), 0);
	assert_int_equal(fake_pinned_ever, 30);
	assert_int_equal(stat(&c.v.stats.pages_reused), 10);
	assert_int_equal(client_driver_ok(&c), 0);
	assert_true(sees(0, 10) && sees(110, 10) && sees(129, 29) && sees(14, 24));
	end();
}

/* Memory that the process cannot write serves readers; once it can, a writer pins it anew. */
static void test_read_only(void **state)
{
	begin();
	fake_protect(0, 10, false);
	assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), -EFAULT);
	assert_int_equal(client_map(&c, 0, 0, 10, 0, WO), -EFAULT);
	assert_int_equal(client_map(&c, 0, 0, 10, 0, RO), 0);
	assert_int_equal(fake_pinned_ever, 10);
	fake_protect(0, 10, true);
	assert_int_equal(client_map(&c, 0, 20, 10, 0, RW), 0);
	assert_int_equal(fake_pinned_ever, 20);
	/* A writer's pin serves readers. */
	assert_int_equal(client_map(&c, 0, 40, 10, 0, RO), 0);
	assert_int_equal(fake_pinned_ever, 20);
	/* What is pinned for writing is of no use when the process may not write any more. */
	fake_protect(0, 10, false);
	assert_int_equal(client_map(&c, 0, 60, 10, 0, RW), -EFAULT);
	assert_int_equal(fake_pinned, atomic64_read(&fake_mm.pinned_vm));
	end();
}

static void test_stale_part(void **state)
{
	begin();
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	client_reset(&c, VHOST_VDPA_MAP_KEPT);
	assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
	fake_replace(5, 3);
	unit_run_work();
	assert_int_equal(fake_pinned, 17);
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(fake_pinned_ever, 23);
	assert_int_equal(client_driver_ok(&c), 0);
	assert_true(sees(4, 4) && sees(5, 5) && sees(7, 7) && sees(8, 8));
	end();
}

/* What was replaced before it is unmapped is not worth parking. */
static void test_stale_before(void **state)
{
	begin();
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	fake_replace(0, 10);
	unit_run_work();
	client_reset(&c, VHOST_VDPA_MAP_KEPT);
	assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
	unit_run_work();
	assert_int_equal(fake_pinned, 10);
	end();
}

static void test_time_out(void **state)
{
	unsigned int wait;

	begin();
	wait = *unit_param_pin_reuse_ms;
	*unit_param_pin_reuse_ms = 500;
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_unmap(&c, 0, 0, 10), 0);
	unit_run_work();
	assert_int_equal(fake_pinned, 20);
	jiffies += 499;
	/* A change elsewhere does not start the time anew. */
	fake_replace(15, 1);
	unit_run_work();
	assert_int_equal(fake_pinned, 19);
	jiffies += 1;
	unit_run_work();
	assert_int_equal(fake_pinned, 0);
	assert_true(sees_nothing(0));
	*unit_param_pin_reuse_ms = wait;
	end();
}

static void test_pressure(void **state)
{
	struct shrink_control sc = { .nr_to_scan = 1 };

	begin();
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_map(&c, 0, 20, 5, 20, RW), 0);
	assert_true(unit_shrinker->count_objects(unit_shrinker, &sc) == SHRINK_EMPTY);
	assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
	assert_int_equal(unit_shrinker->count_objects(unit_shrinker, &sc), 20);
	assert_true(unit_shrinker->scan_objects(unit_shrinker, &sc) == SHRINK_STOP);
	assert_int_equal(fake_pinned, 25);
	unit_run_work();
	assert_int_equal(fake_pinned, 5);
	assert_true(unit_shrinker->count_objects(unit_shrinker, &sc) == SHRINK_EMPTY);
	end();
}

static void test_memlock(void **state)
{
	begin();
	fake_memlock = 20;
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(client_map(&c, 0, 20, 1, 20, RW), -ENOMEM);
	assert_int_equal(fake_pinned, 20);
	/* What is pinned costs nothing more. */
	assert_int_equal(client_map(&c, 0, 40, 20, 0, RO), 0);
	assert_int_equal(client_unmap(&c, 0, 40, 20), 0);
	assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
	assert_int_equal(fake_pinned, 20);
	/* Parked memory gives way. */
	assert_int_equal(client_map(&c, 0, 0, 15, 30, RW), 0);
	assert_int_equal(fake_pinned, 15);
	fake_capable = true;
	assert_int_equal(client_map(&c, 0, 100, 30, 0, RW), 0);
	end();
}

/* Give up at the limit what another device of the process has parked. */
static void test_memlock_other_device(void **state)
{
	struct client other;

	begin();
	client_probe(&other, FAKE_DMA_MAP, true, false);
	assert_int_equal(client_open(&other), 0);
	fake_memlock = 20;
	assert_int_equal(client_map(&other, 0, 0, 20, 0, RW), 0);
	/* Shared: pinned and charged once. */
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_int_equal(fake_pinned, 20);
	assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
	assert_int_equal(client_unmap(&other, 0, 0, 20), 0);
	assert_int_equal(fake_pinned, 20);
	assert_int_equal(client_map(&c, 0, 0, 20, 40, RW), 0);
	assert_int_equal(fake_pinned, 20);
	assert_true(sees(0, 40) || whole());
	client_close(&other);
	client_remove(&other);
	end();
}

static void test_no_reuse(void **state)
{
	*unit_param_pin_reuse = false;
	begin();
	assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
	assert_true(sees(0, 0));
	assert_int_equal(client_map(&c, 0, 30, 20, 0, RW), 0);
	assert_int_equal(fake_pinned, 40);
	assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
	assert_int_equal(fake_pinned, 20);
	assert_true(sees_nothing(0) && sees(30, 0));
	*unit_param_pin_reuse = true;
	end();
}

/* A cleaning reset on old userspace that keeps its map: what mainline did. */
static void test_hidden(void **state)
{
	begin();
	assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	client_reset(&c, VHOST_VDPA_MAP_CLEANED);
	assert_int_equal(client_map(&c, 0, 5, 1, 0, RW), -EEXIST);
	assert_int_equal(client_driver_ok(&c), 0);
	assert_true(sees_nothing(0));
	if (whole()) {
		/* A message that fails does not bring it back, one that works does. */
		fake_fail_call = 1;
		assert_int_equal(client_map(&c, 0, 20, 1, 20, RW), -EIO);
		client_reset(&c, VHOST_VDPA_MAP_KEPT);
		assert_int_equal(client_driver_ok(&c), 0);
		assert_true(sees_nothing(0));
	}
	assert_int_equal(client_map(&c, 0, 20, 1, 20, RW), 0);
	assert_true(whole() ? sees(0, 0) : sees_nothing(0));
	assert_int_equal(client_unmap(&c, 0, 0, 10), 0);
	assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), 0);
	assert_true(sees(0, 0) && sees(20, 20));
	end();
}

/* The clean table is owed until DRIVER_OK. */
static void test_clean_later(void **state)
{
	begin();
	assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	client_reset(&c, VHOST_VDPA_MAP_CLEAN_LATER);
	assert_int_equal(client_driver_ok(&c), 0);
	assert_true(sees_nothing(0));
	assert_int_equal(fake_pinned, 10);
	end();
}

static void test_lost(void **state)
{
	unsigned int cleans;

	for (cleans = 0; cleans < 2; cleans++) {
		begin();
		assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), 0);
		assert_int_equal(client_driver_ok(&c), 0);
		if (cleans)
			fake_clean(&c.p);
		client_reset(&c, VHOST_VDPA_MAP_LOST);
		assert_int_equal(client_unmap(&c, 0, 0, 10), 0);
		assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), 0);
		assert_int_equal(client_driver_ok(&c), 0);
		assert_true(sees(0, 0) && sees(9, 9));
		assert_int_equal(fake_pinned_ever, 10);
		client_reset(&c, VHOST_VDPA_MAP_LOST);
		assert_int_equal(client_unmap(&c, 0, 0, 10), 0);
		jiffies += msecs_to_jiffies(*unit_param_pin_reuse_ms);
		unit_run_work();
		assert_int_equal(fake_pinned, 0);
		end();
	}
}

/* A running device sees a batch at its end, if the parent takes whole tables. */
static void test_batch(void **state)
{
	u64 calls;

	begin();
	assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	calls = table_calls();
	assert_int_equal(client_batch(&c, 0, true), 0);
	assert_int_equal(client_unmap(&c, 0, 0, 10), 0);
	assert_int_equal(client_map(&c, 0, 0, 4, 20, RW), 0);
	if (whole()) {
		assert_true(sees(0, 0));
		assert_int_equal(table_calls(), calls);
		fake_fail_call = 1;
		assert_int_equal(client_batch(&c, 0, false), -EIO);
		assert_true(sees(0, 0) && sees(9, 9));
		/* The batch is over; the next message brings the device up to date. */
		assert_int_equal(client_map(&c, 0, 50, 1, 50, RW), 0);
	} else {
		assert_int_equal(client_batch(&c, 0, false), 0);
	}
	assert_true(sees(0, 20) && sees_nothing(4));
	assert_int_equal(client_batch(&c, 0, false), 0);
	end();
}

static void test_batch_asid(void **state)
{
	begin();
	assert_int_equal(client_batch(&c, 1, true), 0);
	assert_int_equal(client_batch(&c, 0, true), -EINVAL);
	assert_int_equal(client_map(&c, 0, 0, 1, 0, RW), -EINVAL);
	assert_int_equal(client_unmap(&c, 0, 0, 1), -EINVAL);
	assert_int_equal(client_batch(&c, 0, false), -EINVAL);
	assert_int_equal(client_map(&c, 1, 0, 1, 0, RW), 0);
	assert_int_equal(client_batch(&c, 1, false), 0);
	assert_int_equal(client_map(&c, 0, 0, 1, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	assert_non_null(fake_lookup(&c.p.as[1], 0));
	end();
}

/*
 * While memory is pinned no lock of the device is held, so anything can happen meanwhile.
 */

static void map_the_same(void)
{
	fake_pin_hook = NULL;
	assert_int_equal(client_map(&c, 0, 5, 10, 30, RW), 0);
}

static void remove_device(void)
{
	fake_pin_hook = NULL;
	mutex_lock(&c.v.map_lock);
	c.v.dead = true;
	vhost_vdpa_spaces_close(&c.v, 0);
	mutex_unlock(&c.v.map_lock);
	assert_int_equal(fake_pinned, 0);
}

static void run_device(void)
{
	fake_pin_hook = NULL;
	assert_int_equal(client_driver_ok(&c), 0);
}

static void unmap_all(void)
{
	fake_pin_hook = NULL;
	assert_int_equal(client_unmap(&c, 0, 0, 100), 0);
}

static void begin_other_batch(void)
{
	fake_pin_hook = NULL;
	assert_int_equal(client_batch(&c, 1, true), 0);
}

static void test_meanwhile(void **state)
{
	begin();
	fake_pin_hook = map_the_same;
	assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), -EEXIST);
	assert_int_equal(fake_pinned, 10);
	fake_pin_hook = run_device;
	assert_int_equal(client_map(&c, 0, 20, 10, 10, RW), 0);
	assert_true(sees(5, 30) && sees(20, 10));
	fake_pin_hook = unmap_all;
	assert_int_equal(client_map(&c, 0, 40, 10, 0, RW), 0);
	assert_int_equal(fake_pinned, 10);
	assert_true(sees(40, 0) && sees_nothing(5) && sees_nothing(20));
	end();
}

static void test_meanwhile_removed(void **state)
{
	begin();
	assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), 0);
	fake_pin_hook = remove_device;
	assert_int_equal(client_map(&c, 0, 20, 10, 10, RW), -ENODEV);
	assert_int_equal(fake_pinned, 0);
	assert_int_equal(client_map(&c, 0, 20, 10, 10, RW), -ENODEV);
	end();
}

static void test_meanwhile_batch(void **state)
{
	begin();
	fake_pin_hook = begin_other_batch;
	assert_int_equal(client_map(&c, 0, 0, 10, 0, RW), -EINVAL);
	assert_int_equal(fake_pinned, 0);
	assert_int_equal(client_batch(&c, 1, false), 0);
	end();
}

/* DRIVER_OK takes the initial mapping away, also if nothing is wanted; close gives it back. */
static void test_initial(void **state)
{
	begin();
	assert_true(c.p.as[0].initial == (kind != FAKE_IOMMU));
	assert_int_equal(client_driver_ok(&c), 0);
	assert_false(c.p.as[0].initial);
	end();

	/* A first map that fails has cost the parent its initial mapping. */
	begin();
	fake_fail_call = 1;
	if (!whole())
		assert_int_equal(client_map(&c, 0, 0, 1, 0, RW), -EIO);
	fake_fail_call = 0;
	end();
}

/* A parent without reset_map is told to clean by the reset at close. */
static void test_no_reset_map(void **state)
{
	assert_false(busy);
	fake_mm_init(PAGES, false);
	client_probe(&c, kind, false, false);
	assert_int_equal(client_open(&c), 0);
	assert_int_equal(client_map(&c, 0, 0, 9, 0, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	client_reset(&c, VHOST_VDPA_MAP_CLEANED);
	end();
}

/* Parents with tables of their own; and the platform's IOMMU. */
#define OWN(f)	\
	static void f##_set_map(void **state) { kind = FAKE_SET_MAP; f(state); }	\
	static void f##_dma_map(void **state) { kind = FAKE_DMA_MAP; f(state); }
#define KINDS(f)	OWN(f)	\
	static void f##_iommu(void **state) { kind = FAKE_IOMMU; f(state); }
#define RUN_OWN(f) cmocka_unit_test(f##_set_map), cmocka_unit_test(f##_dma_map)
#define RUN(f) RUN_OWN(f), cmocka_unit_test(f##_iommu)

KINDS(test_same_again)
KINDS(test_other_split)
KINDS(test_finer_split)
KINDS(test_other_iova)
KINDS(test_gaps_only)
KINDS(test_read_only)
KINDS(test_stale_part)
KINDS(test_stale_before)
KINDS(test_time_out)
KINDS(test_pressure)
KINDS(test_memlock)
KINDS(test_memlock_other_device)
KINDS(test_no_reuse)
KINDS(test_hidden)
KINDS(test_clean_later)
KINDS(test_lost)
KINDS(test_batch)
OWN(test_batch_asid)
KINDS(test_meanwhile)
KINDS(test_meanwhile_removed)
OWN(test_meanwhile_batch)
KINDS(test_initial)
OWN(test_no_reset_map)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_same_again), RUN(test_other_split), RUN(test_finer_split),
		RUN(test_other_iova), RUN(test_gaps_only), RUN(test_read_only),
		RUN(test_stale_part), RUN(test_stale_before), RUN(test_time_out),
		RUN(test_pressure), RUN(test_memlock), RUN(test_memlock_other_device),
		RUN(test_no_reuse), RUN(test_hidden), RUN(test_clean_later), RUN(test_lost),
		RUN(test_batch), RUN_OWN(test_batch_asid), RUN(test_initial),
		RUN_OWN(test_no_reset_map), RUN(test_meanwhile), RUN(test_meanwhile_removed),
		RUN_OWN(test_meanwhile_batch),
	};
	int failed;

	if (vhost_vdpa_park_module_init())
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	vhost_vdpa_park_module_exit();
	return failed;
}
