// SPDX-License-Identifier: GPL-2.0-only
/*
 * map_table_test.c - tables as functions: comparison, hiding, parts; and the messages that change
 * them: what is refused, and how.
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

#define LAST (U64_MAX >> PAGE_SHIFT)

/* An entry whose memory is only named: page @va and what follows. */
static struct map_entry *entry(u64 first, u64 last, u32 perm, unsigned long va)
{
	struct map_entry *e = map_entry_new(first, last, perm);
	struct pin_extent *ext = kzalloc(sizeof(*ext), GFP_KERNEL);

	assert_true(e && ext);
	ext->va = va;
	ext->npages = last - first + 1;
	ext->users = 1;
	assert_int_equal(pin_segs_reserve(&e->segs, 1), 0);
	pin_segs_append(&e->segs, ext, 0, ext->npages);
	map_entry_count(e);
	return e;
}

static void test_find(void **state)
{
	struct map_table t = { .root = RB_ROOT };
	struct map_entry *e;
	unsigned int n = 0;

	map_table_insert(&t, entry(10, 19, RW, 0));
	map_table_insert(&t, entry(LAST - 1, LAST, RW, 0));
	map_table_insert(&t, entry(0, 0, RW, 0));
	assert_int_equal(t.n, 3);
	assert_null(map_table_find(&t, 1, 9));
	assert_int_equal(map_table_find(&t, 1, 10)->first, 10);
	assert_int_equal(map_table_find(&t, 19, 1000)->first, 10);
	assert_null(map_table_find(&t, 20, LAST - 2));
	assert_int_equal(map_table_find(&t, 20, LAST)->last, LAST);
	map_table_for_each(e, &t)
		n++;
	assert_int_equal(n, 3);
	map_table_hide(&t);
	assert_null(map_table_find_visible(&t, 0, LAST));
	e = entry(30, 30, RW, 0);
	e->epoch = t.epoch;
	map_table_insert(&t, e);
	assert_ptr_equal(map_table_find_visible(&t, 0, LAST), e);
	map_table_clear(&t);
	assert_int_equal(t.n, 0);
	assert_int_equal(t.nruns, 0);
}

/* Tables are equal if they map alike, however they are cut. */
static void test_same(void **state)
{
	struct map_table a = { .root = RB_ROOT }, b = { .root = RB_ROOT };
	struct map_entry *e;

	map_table_insert(&a, entry(10, 29, RW, 100));
	map_table_insert(&b, entry(10, 14, RW, 100));
	map_table_insert(&b, entry(15, 29, RW, 105));
	assert_true(map_table_same(&a, &b, 0, LAST));
	map_table_insert(&b, entry(40, 49, RO, 0));
	assert_false(map_table_same(&a, &b, 0, LAST));
	assert_true(map_table_same(&a, &b, 0, 39));
	assert_true(map_table_same(&a, &b, 50, LAST));
	assert_false(map_table_same(&a, &b, 49, 49));
	assert_true(map_table_within(&a, &b));
	assert_false(map_table_within(&b, &a));
	/* Another right, or other memory. */
	map_table_insert(&a, entry(40, 49, RW, 0));
	assert_false(map_table_same(&a, &b, 45, 45));
	map_table_insert(&a, entry(60, 69, RW, 50));
	map_table_insert(&b, entry(60, 69, RW, 51));
	assert_false(map_table_same(&a, &b, 60, 69));
	map_table_insert(&a, entry(LAST, LAST, RW, 7));
	map_table_insert(&b, entry(LAST, LAST, RW, 7));
	assert_true(map_table_same(&a, &b, 70, LAST));
	/* What is hidden is not there. */
	map_table_hide(&a);
	assert_false(map_table_same(&a, &b, LAST, LAST));
	e = entry(70, 70, RW, 0);
	e->epoch = a.epoch;
	map_table_insert(&a, e);
	assert_false(map_table_within(&a, &b));
	assert_int_equal(map_table_show(&a), a.epoch);
	assert_true(map_table_same(&a, &b, 71, LAST));
	map_table_clear(&a);
	map_table_clear(&b);
}

static void test_parts(void **state)
{
	struct map_table t = { .root = RB_ROOT }, copy = { .root = RB_ROOT };
	struct map_entry *e = entry(10, 29, RW, 100), *part;
	long allocs = unit_allocs_live;
	unsigned int n;

	part = map_entry_clone(e, 15, 19);
	assert_int_equal(client_page(&t, 0).perm, 0);
	map_table_insert(&t, part);
	assert_int_equal(client_page(&t, 15).addr, 105);
	assert_int_equal(client_page(&t, 19).addr, 109);
	assert_int_equal(client_page(&t, 20).perm, 0);
	for (n = 1;; n++) {
		struct map_entry *failed;

		unit_fail_alloc = n;
		failed = map_entry_clone(e, 11, 12);
		if (failed) {
			unit_fail_alloc = 0;
			map_entry_free(failed);
			break;
		}
	}
	assert_true(n > 2);
	assert_int_equal(map_table_copy(&copy, &t), 0);
	assert_true(map_table_same(&copy, &t, 0, LAST));
	map_table_clear(&copy);
	map_table_clear(&t);
	assert_int_equal(unit_allocs_live, allocs);
	map_entry_free(e);
}

/*
 * Messages
 */

#define P(n) ((u64)(n) << PAGE_SHIFT)
#define UADDR P(FAKE_VA)

static const struct {
	const char *what;
	u8 type;
	u32 asid;
	u64 iova, size, uaddr;
	u8 perm;
	int err;
} messages[] = {
	{ "one page", VHOST_IOTLB_UPDATE, 0, P(0), P(1), UADDR, RW, 0 },
	{ "the same again", VHOST_IOTLB_UPDATE, 0, P(0), P(1), UADDR, RW, -EEXIST },
	{ "overlap at the end", VHOST_IOTLB_UPDATE, 1, P(4), P(2), UADDR, RW, 0 },
	{ "overlap at the start", VHOST_IOTLB_UPDATE, 1, P(3), P(2), UADDR, RW, -EEXIST },
	{ "size 0", VHOST_IOTLB_UPDATE, 0, P(8), 0, UADDR, RW, -EINVAL },
	{ "iova wraps", VHOST_IOTLB_UPDATE, 0, P(8), -P(8) + 1, UADDR, RW, -EINVAL },
	{ "out of range", VHOST_IOTLB_UPDATE, 0, P(1000), P(1), UADDR, RW, -EINVAL },
	{ "ends out of range", VHOST_IOTLB_UPDATE, 0, P(999), P(1) + 1, UADDR, RW, -EINVAL },
	{ "last page", VHOST_IOTLB_UPDATE, 0, P(999), P(1), UADDR, RW, 0 },
	{ "offsets differ", VHOST_IOTLB_UPDATE, 0, P(8), P(1), UADDR + 1, RW, -EINVAL },
	{ "widened to pages", VHOST_IOTLB_UPDATE, 0, P(8) + 9, P(1), UADDR + 9, RW, 0 },
	{ "as widened", VHOST_IOTLB_UPDATE, 0, P(9), P(1), UADDR, RW, -EEXIST },
	{ "uaddr wraps", VHOST_IOTLB_UPDATE, 0, P(10), P(2), -P(1), RW, -EINVAL },
	{ "uaddr at the end", VHOST_IOTLB_UPDATE, 0, P(10), P(1), -P(1), RW, -EINVAL },
	{ "no memory there", VHOST_IOTLB_UPDATE, 0, P(10), P(1), P(5), RW, -EFAULT },
	{ "no permission", VHOST_IOTLB_UPDATE, 0, P(10), P(1), UADDR, 0, -EINVAL },
	{ "unknown permission", VHOST_IOTLB_UPDATE, 0, P(10), P(1), UADDR, 7, -EINVAL },
	{ "no such space", VHOST_IOTLB_UPDATE, 2, P(10), P(1), UADDR, RW, -EINVAL },
	{ "unknown message", 1, 0, P(10), P(1), UADDR, RW, -EINVAL },
	{ "message 0", 0, 0, P(10), P(1), UADDR, RW, -EINVAL },
	{ "unmap size 0", VHOST_IOTLB_INVALIDATE, 0, 0, 0, 0, 0, -EINVAL },
	{ "unmap wraps", VHOST_IOTLB_INVALIDATE, 0, P(8), -P(8) + 1, 0, 0, -EINVAL },
	{ "unmap nothing", VHOST_IOTLB_INVALIDATE, 0, P(100), P(1), 0, 0, 0 },
	{ "unmap part", VHOST_IOTLB_INVALIDATE, 0, P(9), P(1), 0, 0, 0 },
	{ "it went as a whole", VHOST_IOTLB_UPDATE, 0, P(8), P(1), UADDR, RW, 0 },
	{ "unmap out of range", VHOST_IOTLB_INVALIDATE, 0, P(1000), P(1), 0, 0, 0 },
	{ "unmap everything", VHOST_IOTLB_INVALIDATE, 0, 0, U64_MAX, 0, 0, 0 },
	{ "the last page is gone", VHOST_IOTLB_UPDATE, 0, P(999), P(1), UADDR, RW, 0 },
	{ "the first as well", VHOST_IOTLB_UPDATE, 0, P(0), P(1), UADDR, RW, 0 },
	{ "another space is not", VHOST_IOTLB_UPDATE, 1, P(4), P(2), UADDR, RW, -EEXIST },
	{ "batch, no such space", VHOST_IOTLB_BATCH_BEGIN, 7, 0, 0, 0, 0, -EINVAL },
	{ "end without a batch", VHOST_IOTLB_BATCH_END, 0, 0, 0, 0, 0, 0 },
};

static struct vdpa_iova_range short_range(struct vdpa_device *vdpa)
{
	return (struct vdpa_iova_range){ .first = 0, .last = P(1000) - 1 };
}

static void begin(struct client *c)
{
	fake_mm_init(16, false);
	client_probe(c, FAKE_DMA_MAP, true, false);
	c->p.ops.get_iova_range = short_range;
	assert_int_equal(client_open(c), 0);
}

static void end(struct client *c)
{
	client_close(c);
	client_remove(c);
	fake_mm_fini();
}

static void test_messages(void **state)
{
	struct client c;
	unsigned int i;

	begin(&c);
	for (i = 0; i < ARRAY_SIZE(messages); i++) {
		int err = client_send(&c, messages[i].type, messages[i].asid, messages[i].iova,
				      messages[i].size, messages[i].uaddr, messages[i].perm);

		if (err != messages[i].err)
			print_error("%s: %d\n", messages[i].what, err);
		assert_int_equal(err, messages[i].err);
	}
	end(&c);
}

static ssize_t write_raw(struct client *c, const void *data, size_t len)
{
	struct iov_iter from = { .data = data, .count = len };

	return vhost_vdpa_message_write(&c->v, &from);
}

static void test_writes(void **state)
{
	struct vhost_iotlb_msg map = {
		.iova = 0, .size = P(1), .uaddr = UADDR, .perm = RW, .type = VHOST_IOTLB_UPDATE,
	};
	struct vhost_msg_v2 v2 = { .type = VHOST_IOTLB_MSG_V2, .asid = 5, .iotlb = map };
	struct vhost_msg v1 = { .type = VHOST_IOTLB_MSG, .iotlb = map };
	struct task_struct *self = current, stranger = { };
	struct client c;
	size_t len;

	begin(&c);
	/* An address space counts only if the client asked for them. */
	assert_int_equal(write_raw(&c, &v2, sizeof(v2)), -EINVAL);
	c.v.backend_features = 0;
	assert_int_equal(write_raw(&c, &v2, sizeof(v2)), sizeof(v2));
	assert_non_null(fake_lookup(&c.p.as[0], 0));
	v1.iotlb.iova = P(1);
	assert_int_equal(write_raw(&c, &v1, sizeof(v1)), sizeof(v1));
	assert_non_null(fake_lookup(&c.p.as[0], 1));
	/* The payload counts, not the padding behind it. */
	for (len = 0; len < offsetof(struct vhost_msg_v2, iotlb) + sizeof(map); len++)
		assert_int_equal(write_raw(&c, &v2, len), -EINVAL);
	v2.type = 3;
	assert_int_equal(write_raw(&c, &v2, sizeof(v2)), -EINVAL);
	v2.type = VHOST_IOTLB_MSG_V2;
	v2.iotlb.iova = P(2);
	current = &stranger;
	assert_int_equal(write_raw(&c, &v2, sizeof(v2)), -EPERM);
	current = self;
	c.v.dead = true;
	assert_int_equal(write_raw(&c, &v2, sizeof(v2)), -ENODEV);
	c.v.dead = false;
	end(&c);
}

/* The limit counts what the device's table needs, not messages. */
static void test_entry_limit(void **state)
{
	struct client c;

	*unit_param_max_iotlb_entries = 3;
	fake_mm_init(32, false);
	client_probe(&c, FAKE_SET_MAP, true, false);
	assert_int_equal(client_open(&c), 0);
	fake_replace(5, 1);
	assert_int_equal(client_map(&c, 0, 0, 8, 0, RW), 0);
	assert_int_equal(client_map(&c, 0, 20, 1, 20, RW), -ENOSPC);
	assert_int_equal(client_map(&c, 1, 20, 1, 20, RW), 0);
	assert_int_equal(fake_pinned, 9);
	client_close(&c);
	client_remove(&c);
	fake_mm_fini();
	*unit_param_max_iotlb_entries = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find), cmocka_unit_test(test_same),
		cmocka_unit_test(test_parts), cmocka_unit_test(test_messages),
		cmocka_unit_test(test_writes), cmocka_unit_test(test_entry_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
