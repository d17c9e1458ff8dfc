// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin_test.c - the registry of pinned memory: sharing, changes under way, limits, named memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/uio.h>

#include "client.h"

#define PAGES 64

static struct pin_mm *pm;
static struct pin_count count;
static unsigned int changes, holds, sheds;

static void on_changed(struct pin_user *user)
{
	changes++;
}

static void on_hold(struct pin_user *user)
{
	holds++;
}

static void on_shed(struct pin_user *user)
{
	assert_int_equal(holds, ++sheds);
}

static struct pin_user user = { .changed = on_changed, .hold = on_hold, .shed = on_shed };
static struct pin_user second = { .changed = on_changed, .hold = on_hold, .shed = on_shed };

static int begin(void **state)
{
	fake_mm_init(PAGES, false);
	pm = pin_mm_get(&fake_mm, true);
	assert_non_null(pm);
	pin_mm_join(pm, &user);
	count = (struct pin_count){ };
	changes = 0;
	holds = 0;
	sheds = 0;
	return 0;
}

static int end(void **state)
{
	fake_pin_hook = NULL;
	pin_mm_leave(pm, &user);
	pin_mm_put(pm);
	fake_mm_fini();
	return 0;
}

static int get(struct pin_segs *segs, unsigned long va, unsigned long n, bool write)
{
	*segs = (struct pin_segs){ };
	return pin_get(pm, FAKE_VA + va, n, write, segs, &count);
}

static unsigned long frame_of(const struct pin_segs *segs, unsigned long page)
{
	struct pin_chunk chunk;
	struct pin_iter it;

	pin_iter_start(&it, segs);
	while (pin_iter_next(&it, &chunk)) {
		if (page < chunk.npages)
			return (chunk.addr >> PAGE_SHIFT) + page;
		page -= chunk.npages;
	}
	return 0;
}

static void test_share(void **state)
{
	struct pin_segs a, b, both = { };

	assert_int_equal(get(&a, 0, 20, true), 0);
	assert_int_equal(get(&b, 5, 10, true), 0);
	assert_int_equal(count.pinned, 20);
	assert_int_equal(count.reused, 10);
	assert_int_equal(fake_pinned, 20);
	/* What the first gives back, the second keeps. */
	assert_int_equal(pin_segs_put(&a), 10);
	assert_int_equal(fake_pinned, 10);
	assert_int_equal(frame_of(&b, 0), fake_frame(5));
	/* The gaps on both sides are new, the middle is not. */
	assert_int_equal(get(&a, 0, 20, false), 0);
	assert_int_equal(a.n, 3);
	assert_int_equal(count.pinned, 30);
	assert_int_equal(pin_segs_copy(&both, &a, 3, 14), 0);
	assert_int_equal(frame_of(&both, 0), fake_frame(3));
	assert_int_equal(frame_of(&both, 13), fake_frame(16));
	assert_int_equal(pin_segs_put(&a), 6);
	assert_int_equal(pin_segs_put(&both), 4);
	assert_int_equal(pin_segs_put(&b), 10);
}

/* A second private registry of the process neither finds nor hands out anything. */
static void test_private(void **state)
{
	struct pin_mm *own = pin_mm_get(&fake_mm, false);
	struct pin_segs a, b = { }, d = { };

	assert_ptr_not_equal(own, pm);
	pin_mm_join(own, &second);
	assert_int_equal(get(&a, 0, 10, true), 0);
	assert_int_equal(pin_get(own, FAKE_VA, 10, true, &b, &count), 0);
	assert_int_equal(pin_get(own, FAKE_VA, 10, true, &d, &count), 0);
	assert_int_equal(count.pinned, 30);
	assert_int_equal(count.reused, 0);
	assert_int_equal(fake_pins(fake_frame(0)), 3);
	/* Parts of it can be given back. */
	d.seg[0].npages = 5;
	assert_int_equal(pin_put(&d.seg[0]), 5);
	d.seg[0].first = 5;
	assert_int_equal(pin_segs_put(&d), 5);
	assert_int_equal(pin_segs_put(&a), 10);
	assert_int_equal(pin_segs_put(&b), 10);
	pin_mm_leave(own, &second);
	pin_mm_put(own);
}

static void test_changes(void **state)
{
	unsigned long first = 0, npages;
	struct pin_segs a, b;
	unsigned long old;

	assert_int_equal(get(&a, 0, 20, true), 0);
	old = fake_frame(7);
	fake_replace(7, 2);
	assert_int_equal(changes, 0);
	unit_run_work();
	assert_int_equal(changes, 1);
	/* Rights and NUMA hints come and go; the pages stay. */
	fake_protect(12, 2, true);
	unit_run_work();
	assert_int_equal(changes, 1);

	assert_true(pin_seg_fresh(&a.seg[0], &first, &npages));
	assert_true(first == 0 && npages == 7);
	first += npages;
	assert_true(pin_seg_fresh(&a.seg[0], &first, &npages));
	assert_true(first == 9 && npages == 11);
	first += npages;
	assert_false(pin_seg_fresh(&a.seg[0], &first, &npages));

	/* Who has the old pages keeps them; who asks gets the new ones. */
	assert_int_equal(get(&b, 0, 20, true), 0);
	assert_int_equal(count.pinned, 22);
	assert_int_equal(frame_of(&a, 7), old);
	assert_int_equal(frame_of(&b, 7), fake_frame(7));
	assert_int_equal(frame_of(&b, 9), frame_of(&a, 9));
	assert_int_equal(pin_segs_put(&a), 2);
	assert_int_equal(pin_segs_put(&b), 20);
}

static void replace_once(void)
{
	fake_pin_hook = NULL;
	fake_replace(10, 3);
}

/* Memory that changes while it is pinned: the change comes before the pin, or makes it stale. */
static void test_change_while_pinned(void **state)
{
	struct pin_segs a, b;
	unsigned int i;

	fake_pin_hook = replace_once;
	assert_int_equal(get(&a, 0, 20, true), 0);
	unit_run_work();
	assert_int_equal(get(&b, 0, 20, true), 0);
	for (i = 0; i < 20; i++)
		assert_int_equal(frame_of(&b, i), fake_frame(i));
	pin_segs_put(&a);
	pin_segs_put(&b);
}

/* A change that began before the memory was watched: it is over before a page is pinned. */
static void test_change_under_way(void **state)
{
	struct pin_segs a;
	unsigned int i;

	fake_replace_begin(5, 3);
	assert_int_equal(get(&a, 0, 20, true), 0);
	fake_replace_end();
	for (i = 0; i < 20; i++)
		assert_int_equal(frame_of(&a, i), fake_frame(i));
	pin_segs_put(&a);
}

/* Memory ends in the middle, or cannot be written there: all or nothing. */
static void test_partial(void **state)
{
	struct pin_segs a;

	fake_unmap(10, 1);
	assert_int_equal(get(&a, 0, 20, true), -EFAULT);
	assert_int_equal(get(&a, PAGES - 5, 10, true), -EFAULT);
	assert_int_equal(get(&a, 10, 1, false), -EFAULT);
	fake_protect(0, 5, false);
	assert_int_equal(get(&a, 0, 10, true), -EFAULT);
	assert_int_equal(fake_pinned, 0);
	assert_int_equal(get(&a, 0, 10, false), 0);
	assert_int_equal(a.n, 2);
	pin_segs_put(&a);
}

static void test_limit(void **state)
{
	struct pin_segs a, b, d;

	fake_memlock = 20;
	assert_int_equal(get(&a, 0, 21, true), -ENOMEM);
	/* Everybody was asked once to give something up. */
	assert_int_equal(sheds, 1);
	pin_mm_join(pm, &second);
	assert_int_equal(get(&a, 0, 21, true), -ENOMEM);
	assert_int_equal(sheds, 3);
	pin_mm_leave(pm, &second);
	assert_int_equal(get(&a, 0, 20, true), 0);
	/* What is there already costs nothing; one page more does. */
	assert_int_equal(get(&b, 0, 20, true), 0);
	assert_int_equal(get(&d, 10, 11, true), -ENOMEM);
	assert_int_equal(fake_pinned, 20);
	fake_capable = true;
	assert_int_equal(get(&d, 10, 11, true), 0);
	fake_capable = false;
	assert_int_equal(atomic64_read(&fake_mm.pinned_vm), 21);
	pin_segs_put(&a);
	pin_segs_put(&b);
	pin_segs_put(&d);
	/* No limit does not mean no charge. */
	fake_memlock = ULONG_MAX;
	assert_int_equal(get(&a, 0, 5, true), 0);
	assert_int_equal(atomic64_read(&fake_mm.pinned_vm), 5);
	pin_segs_put(&a);
}

static void test_killed(void **state)
{
	struct pin_segs a;

	fake_killed = true;
	assert_int_equal(get(&a, 0, 5, true), -EINTR);
	fake_killed = false;
	assert_int_equal(fake_pinned, 0);
}

/* A large page that is mapped as a whole has one pin, which goes with the last of its pages. */
static void test_large(void **state)
{
	struct pin_segs a, b, part;
	unsigned int i;

	fake_make_large(8);
	fake_make_large(16);
	assert_int_equal(get(&a, 10, 30, true), 0);
	/* Both large ones, the first in part, and 16 small ones. */
	assert_int_equal(fake_pinned_ever, 2 + 16);
	assert_int_equal(atomic64_read(&fake_mm.pinned_vm), 30);
	assert_int_equal(count.pinned, 30);
	for (i = 0; i < 30; i++)
		assert_int_equal(frame_of(&a, i), fake_frame(10 + i));
	assert_int_equal(get(&b, 10, 2, true), 0);
	assert_int_equal(get(&part, 14, 4, true), 0);
	assert_int_equal(count.reused, 6);

	/* Some pages of both are still in use, so both stay pinned. */
	assert_int_equal(pin_segs_put(&a), 30 - 6);
	assert_int_equal(fake_pins(fake_frame(8)), 1);
	assert_int_equal(fake_pins(fake_frame(23)), 1);
	assert_int_equal(fake_pinned, 2);
	assert_int_equal(atomic64_read(&fake_mm.pinned_vm), 6);
	assert_int_equal(pin_segs_put(&b), 2);
	assert_int_equal(fake_pinned, 2);
	assert_int_equal(pin_segs_put(&part), 4);
	assert_int_equal(fake_pinned, 0);

	/* What is given up ends within a large page; then, what is left begins there. */
	assert_int_equal(get(&a, 8, 16, true), 0);
	assert_int_equal(get(&b, 20, 4, true), 0);
	assert_int_equal(pin_segs_put(&a), 12);
	assert_int_equal(fake_pins(fake_frame(8)), 0);
	assert_int_equal(fake_pins(fake_frame(20)), 1);
	assert_int_equal(pin_segs_put(&b), 4);
	assert_int_equal(fake_pinned, 0);

	/* Part of a large page is no less whole; two pins of one do not meet. */
	fake_pinned_ever = 0;
	assert_int_equal(get(&a, 10, 4, true), 0);
	assert_int_equal(get(&b, 6, 6, true), 0);
	assert_int_equal(get(&part, 8, 8, true), 0);
	/* 4 pages of it, 2 before it and the 2 that were missing, and the last 2 */
	assert_int_equal(fake_pinned_ever, 1 + 4 + 1);
	assert_int_equal(pin_segs_put(&b), 2);
	assert_int_equal(pin_segs_put(&part), 4);
	assert_int_equal(pin_segs_put(&a), 4);
}

/* Pieces of a large page go one by one, in any order, and at once though they were unlike. */
static void test_large_pieces(void **state)
{
	static const unsigned char orders[][4] = {
		{ 0, 1, 2, 3 }, { 3, 2, 1, 0 }, { 1, 3, 0, 2 }, { 2, 0, 3, 1 },
	};
	struct pin_segs a, part[4], whole = { };
	unsigned int i, j;

	fake_make_large(16);
	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		assert_int_equal(get(&a, 16, 8, true), 0);
		assert_int_equal(fake_pinned, 1);
		for (j = 0; j < 4; j++)
			assert_int_equal(get(&part[j], 16 + 2 * j, 2, true), 0);
		assert_int_equal(pin_segs_put(&a), 0);
		for (j = 0; j < 4; j++) {
			assert_int_equal(fake_pinned, 1);
			assert_int_equal(pin_segs_put(&part[orders[i][j]]), 2);
		}
		assert_int_equal(fake_pinned, 0);
	}
	/* Neighbours that are not alike, because one of them is stale, go in one step. */
	assert_int_equal(get(&a, 16, 12, true), 0);
	fake_replace(17, 2);
	unit_run_work();
	assert_int_equal(pin_segs_copy(&whole, &a, 0, 12), 0);
	assert_int_equal(pin_segs_put(&a), 0);
	assert_int_equal(pin_segs_put(&whole), 12);
	assert_int_equal(fake_pinned, 0);
}

static void split_once(void)
{
	fake_pin_hook = NULL;
	fake_replace(18, 1);
}

static void replace_all_once(void)
{
	fake_pinned_hook = NULL;
	fake_make_large(16);
}

/* A large page that is no longer mapped as a whole when it is pinned. */
static void test_large_changes(void **state)
{
	struct pin_segs a;
	unsigned int i;

	fake_make_large(16);
	fake_pin_hook = split_once;
	assert_int_equal(get(&a, 16, 8, true), 0);
	for (i = 0; i < 8; i++) {
		assert_int_equal(frame_of(&a, i), fake_frame(16 + i));
		assert_true(fake_pins(fake_frame(16 + i)) > 0);
	}
	assert_int_equal(fake_pinned, 8);
	assert_int_equal(pin_segs_put(&a), 8);

	/* The same, and another large page is there when its mapping is looked at again. */
	fake_make_large(16);
	fake_pin_hook = split_once;
	fake_pinned_hook = replace_all_once;
	assert_int_equal(get(&a, 16, 8, true), 0);
	for (i = 1; i < 8; i++)
		assert_int_equal(frame_of(&a, i), fake_frame(16 + i));
	assert_int_equal(pin_segs_put(&a), 8);

	/* Read only for the process, so it is pinned for reading. */
	fake_make_large(24);
	fake_protect(24, 8, false);
	assert_int_equal(get(&a, 20, 12, true), -EFAULT);
	assert_int_equal(get(&a, 20, 12, false), 0);
	assert_int_equal(pin_segs_put(&a), 12);
}

/* More physically scattered pages than one extent takes. */
static void test_scattered(void **state)
{
	const unsigned long n = 150000;
	struct pin_segs a, b;
	unsigned long i;

	end(state);
	fake_mm_init(n, true);
	pm = pin_mm_get(&fake_mm, true);
	pin_mm_join(pm, &user);
	assert_int_equal(get(&a, 0, n, true), 0);
	assert_true(a.n > 1);
	assert_int_equal(get(&b, 1000, n - 2000, false), 0);
	assert_int_equal(fake_pinned, n);
	for (i = 0; i < n - 2000; i += 9973)
		assert_int_equal(frame_of(&b, i), fake_frame(1000 + i));
	pin_segs_put(&a);
	assert_int_equal(fake_pinned, n - 2000);
	pin_segs_put(&b);
}

/*
 * Virtual address mode
 */

static struct file files[2];

static void va_begin(struct client *c, enum fake_kind kind)
{
	fake_mm_init(PAGES, false);
	fake_set_file(0, 20, &files[0], 100);
	fake_set_file(20, 10, &files[1], 7);
	fake_unmap(50, 2);
	client_probe(c, kind, true, true);
	assert_int_equal(client_open(c), 0);
}

static void va_end(struct client *c)
{
	client_close(c);
	client_remove(c);
	assert_int_equal(files[0].refs, 0);
	assert_int_equal(files[1].refs, 0);
	fake_mm_fini();
}

static bool names(struct client *c, u64 iova, unsigned long va, struct file *file, u64 pgoff)
{
	const struct fake_range *r = fake_lookup(&c->p.as[0], iova);

	return r && r->addr + iova - r->first == FAKE_VA + va && r->file == file &&
	       (r->offset >> PAGE_SHIFT) + iova - r->first == pgoff;
}

static void test_va(void **state)
{
	const enum fake_kind kinds[] = { FAKE_SET_MAP, FAKE_DMA_MAP };
	struct client c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		va_begin(&c, kinds[i]);
		assert_int_equal(client_map(&c, 0, 0, 35, 2, RW), 0);
		assert_int_equal(client_driver_ok(&c), 0);
		assert_true(names(&c, 0, 2, &files[0], 102));
		assert_true(names(&c, 17, 19, &files[0], 119));
		assert_true(names(&c, 18, 20, &files[1], 7));
		/* Memory of no file stays unmapped; memory that is not there is an error. */
		assert_null(fake_lookup(&c.p.as[0], 30));
		assert_int_equal(client_map(&c, 0, 100, 5, 47, RW), -EINVAL);
		assert_int_equal(fake_pin_calls, 0);
		assert_int_equal(client_unmap(&c, 0, 0, 35), 0);
		assert_int_equal(c.p.as[0].n, 0);
		va_end(&c);
	}
}

/* A table that has part of what is wanted gets the rest, which begins inside the file. */
static void test_va_part(void **state)
{
	const enum fake_kind kinds[] = { FAKE_SET_MAP, FAKE_DMA_MAP };
	struct client c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		va_begin(&c, kinds[i]);
		assert_int_equal(client_map(&c, 0, 0, 5, 0, RW), 0);
		assert_int_equal(client_map(&c, 0, 8, 2, 8, RW), 0);
		assert_int_equal(client_driver_ok(&c), 0);
		client_reset(&c, VHOST_VDPA_MAP_KEPT);
		assert_int_equal(client_unmap(&c, 0, 0, 20), 0);
		assert_int_equal(client_map(&c, 0, 0, 20, 0, RW), 0);
		assert_int_equal(client_driver_ok(&c), 0);
		assert_true(names(&c, 4, 4, &files[0], 104));
		assert_true(names(&c, 5, 5, &files[0], 105));
		assert_true(names(&c, 9, 9, &files[0], 109));
		assert_true(names(&c, 19, 19, &files[0], 119));
		va_end(&c);
	}
}

static int bind_mm(struct vdpa_device *vdpa, struct mm_struct *mm)
{
	return 0;
}

/* A parent that works in the process's address space takes any memory. */
static void test_va_bound(void **state)
{
	struct client c;

	va_begin(&c, FAKE_DMA_MAP);
	c.p.ops.bind_mm = bind_mm;
	assert_int_equal(client_map(&c, 0, 0, 20, 30, RW), 0);
	assert_int_equal(client_driver_ok(&c), 0);
	assert_true(names(&c, 19, 49, NULL, 19));
	va_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_share, begin, end),
		cmocka_unit_test_setup_teardown(test_private, begin, end),
		cmocka_unit_test_setup_teardown(test_changes, begin, end),
		cmocka_unit_test_setup_teardown(test_change_while_pinned, begin, end),
		cmocka_unit_test_setup_teardown(test_change_under_way, begin, end),
		cmocka_unit_test_setup_teardown(test_partial, begin, end),
		cmocka_unit_test_setup_teardown(test_limit, begin, end),
		cmocka_unit_test_setup_teardown(test_killed, begin, end),
		cmocka_unit_test_setup_teardown(test_large, begin, end),
		cmocka_unit_test_setup_teardown(test_large_pieces, begin, end),
		cmocka_unit_test_setup_teardown(test_large_changes, begin, end),
		cmocka_unit_test_setup_teardown(test_scattered, begin, end),
		cmocka_unit_test(test_va),
		cmocka_unit_test(test_va_part),
		cmocka_unit_test(test_va_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
