// SPDX-License-Identifier: GPL-2.0-only
/*
 * space_limit_test.c - what is kept for reuse has bounds: room in the parent's table, kernel
 * memory, time.
 *
 * Every case runs for each kind of parent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/jiffies.h>
#include <linux/slab.h>

#include "client.h"

#define PAGES	64
#define KINDS	3	/* of enum fake_kind */

static struct client c;

static void begin(enum fake_kind kind)
{
	fake_mm_init(PAGES, false);
	client_probe(&c, kind, true, false);
	assert_int_equal(client_open(&c), 0);
}

static void end(void)
{
	client_close(&c);
	client_remove(&c);
	fake_mm_fini();
}

/* A batch that maps or unmaps one page. */
static int batch(bool map, u64 iova)
{
	int err;

	assert_int_equal(client_batch(&c, 0, true), 0);
	err = map ? client_map(&c, 0, iova, 1, 0, RW) : client_unmap(&c, 0, iova, 1);
	assert_int_equal(err, 0);
	return client_batch(&c, 0, false);
}

/* One page, at one place after the other, while the device does not run. */
static void wander(unsigned int places)
{
	unsigned int i;

	for (i = 0; i < places; i++) {
		assert_int_equal(batch(true, 2 * i), 0);
		assert_int_equal(batch(false, 2 * i), 0);
	}
}

/* A parent with room for what is wanted never refuses because of what is only kept. */
static void test_room(void **state)
{
	enum fake_kind kind;

	for (kind = 0; kind < KINDS; kind++) {
		begin(kind);
		fake_room = 4;
		wander(20);
		/* What does not fit is refused, and nothing has changed. */
		assert_int_equal(client_map(&c, 0, 100, 1, 0, RW), 0);
		assert_int_equal(client_map(&c, 0, 102, 1, 2, RW), 0);
		assert_int_equal(client_map(&c, 0, 104, 1, 4, RW), 0);
		assert_int_equal(client_map(&c, 0, 106, 1, 6, RW), 0);
		if (kind != FAKE_SET_MAP)
			assert_int_equal(client_map(&c, 0, 108, 1, 8, RW), -ENOSPC);
		assert_int_equal(client_driver_ok(&c), 0);
		assert_int_equal(client_map(&c, 0, 108, 1, 8, RW), -ENOSPC);
		assert_int_equal(c.p.as[0].n, 4);
		assert_int_equal(fake_pinned, 4);
		fake_room = 0;
		end();
	}
}

/* One pinned page does not make a table of any length. */
static void test_bound(void **state)
{
	enum fake_kind kind;

	for (kind = FAKE_DMA_MAP; kind < KINDS; kind++) {
		begin(kind);
		wander(VHOST_VDPA_MAX_RANGES + 100);
		assert_in_range(c.v.spaces[0].device.n, 1, VHOST_VDPA_MAX_RANGES);
		assert_int_equal(fake_pinned, 1);
		end();
	}
}

/* What the parent does not let go of when the time is over is tried again. */
static void test_time(void **state)
{
	unsigned long wait = *unit_param_pin_reuse_ms;
	enum fake_kind kind;

	for (kind = 0; kind < KINDS; kind++) {
		begin(kind);
		/* No time at all is still no reason to try without end. */
		*unit_param_pin_reuse_ms = kind == FAKE_SET_MAP ? 0 : 500;
		assert_int_equal(client_map(&c, 0, 0, 8, 0, RW), 0);
		assert_int_equal(client_driver_ok(&c), 0);
		client_reset(&c, VHOST_VDPA_MAP_KEPT);
		assert_int_equal(client_unmap(&c, 0, 0, 8), 0);

		fake_fail_call = 1;
		jiffies += *unit_param_pin_reuse_ms;
		unit_run_work();
		assert_int_equal(fake_fail_call, 0);
		assert_int_equal(fake_pinned, 8);
		jiffies += HZ;
		unit_run_work();
		assert_int_equal(fake_pinned, 0);
		*unit_param_pin_reuse_ms = wait;
		end();
	}
}

/*
 * Memory that was pinned page by page is wanted in one range, with every other page of it in the
 * device's table already: each of the many parts costs what it is made of, and not the range.
 */
static void test_parts(void **state)
{
	enum fake_kind kind;
	struct map_entry *e;
	u64 page;

	for (kind = FAKE_DMA_MAP; kind < KINDS; kind++) {
		begin(kind);
		for (page = 0; page < PAGES; page++)
			assert_int_equal(client_map(&c, 0, page, 1, page, RW), 0);
		assert_int_equal(client_unmap(&c, 0, 0, PAGES), 0);
		vhost_vdpa_park_shed(&c.v);
		assert_int_equal(fake_pinned, 0);

		for (page = 0; page < PAGES; page++)
			assert_int_equal(client_map(&c, 0, page % 2 ? 1000 + page : page, 1, page,
						    RW), 0);
		for (page = 0; page < PAGES; page += 2)
			assert_int_equal(client_unmap(&c, 0, page, 1), 0);
		assert_int_equal(client_map(&c, 0, 0, PAGES, 0, RW), 0);
		assert_int_equal(fake_pinned_ever, 2 * PAGES);
		assert_int_equal(c.v.spaces[0].wanted.n, 1 + PAGES / 2);
		assert_int_equal(c.v.spaces[0].device.n, PAGES + PAGES / 2);
		map_table_for_each(e, &c.v.spaces[0].device)
			assert_int_equal(e->segs.cap, 1);
		assert_int_equal(client_driver_ok(&c), 0);
		end();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
