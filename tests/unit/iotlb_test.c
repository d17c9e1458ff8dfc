// SPDX-License-Identifier: GPL-2.0-only
/* iotlb_test.c - vhost_iotlb tables: limits, the full range, and a model for everything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vhost_iotlb.h>

static int no_leaks(void **state)
{
	(void)state;
	unit_fail_alloc = 0;
	return unit_allocs_live == 0 ? 0 : -1;
}

static void test_layout(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct vhost_iotlb_map), 32);
}

static void test_limit(void **state)
{
	static const unsigned int none[] = { 0, UINT_MAX };
	struct vhost_iotlb t;
	unsigned int i, k;

	(void)state;
	for (k = 0; k < ARRAY_SIZE(none); k++) {
		vhost_iotlb_init(&t, none[k], 0);
		for (i = 0; i < 5000; i++)
			assert_int_equal(vhost_iotlb_add_range(&t, i, i, 0, VHOST_MAP_RW), 0);
		assert_int_equal(t.nmaps, 5000);
		vhost_iotlb_reset(&t);
		assert_int_equal(t.nmaps, 0);
	}

	vhost_iotlb_init(&t, 2, 0);
	assert_int_equal(vhost_iotlb_add_range(&t, 0, 9, 0, VHOST_MAP_RW), 0);
	assert_int_equal(vhost_iotlb_add_range(&t, 0, U64_MAX, 0, VHOST_MAP_RW), -ENOSPC);
	assert_int_equal(vhost_iotlb_add_range(&t, 10, 19, 0, VHOST_MAP_RW), 0);
	assert_int_equal(vhost_iotlb_add_range(&t, 20, 29, 0, VHOST_MAP_RW), -ENOSPC);
	vhost_iotlb_del_range(&t, 5, 5);
	assert_int_equal(vhost_iotlb_add_range(&t, 20, 29, 0, VHOST_MAP_RW), 0);
	vhost_iotlb_reset(&t);
}

static void test_bad_ranges(void **state)
{
	struct vhost_iotlb *t = vhost_iotlb_alloc(0, 0);

	(void)state;
	assert_int_equal(vhost_iotlb_add_range(t, 10, 9, 0, VHOST_MAP_RW), -EFAULT);
	assert_int_equal(vhost_iotlb_add_range(t, 100, 199, 0, VHOST_MAP_RW), 0);
	assert_int_equal(vhost_iotlb_add_range(t, 0, 100, 0, VHOST_MAP_RW), -EEXIST);
	assert_int_equal(vhost_iotlb_add_range(t, 199, 300, 0, VHOST_MAP_RW), -EEXIST);
	assert_int_equal(vhost_iotlb_add_range(t, 120, 130, 0, VHOST_MAP_RW), -EEXIST);
	assert_int_equal(vhost_iotlb_add_range(t, 0, U64_MAX, 0, VHOST_MAP_RW), -EEXIST);
	assert_int_equal(t->nmaps, 1);
	assert_null(vhost_iotlb_itree_first(t, 150, 140));
	vhost_iotlb_del_range(t, 150, 140);
	assert_int_equal(t->nmaps, 1);
	vhost_iotlb_free(t);
	vhost_iotlb_free(NULL);
}

static void test_whole_range(void **state)
{
	struct vhost_iotlb_map *m;
	struct vhost_iotlb t;
	long nth;
	int err;

	(void)state;
	vhost_iotlb_init(&t, 2, 0);
	/* Whichever allocation fails, nothing is left behind. */
	for (nth = 1; ; nth++) {
		unit_fail_alloc = nth;
		err = vhost_iotlb_add_range_ctx(&t, 0, U64_MAX, 0x1000, VHOST_MAP_RW, &t);
		if (!err)
			break;
		assert_int_equal(err, -ENOMEM);
		assert_int_equal(t.nmaps, 0);
		assert_null(vhost_iotlb_itree_first(&t, 0, U64_MAX));
	}
	assert_true(nth > 2);
	assert_int_equal(t.nmaps, 2);
	m = vhost_iotlb_itree_first(&t, 0, U64_MAX);
	assert_true(m->start == 0 && m->last == U64_MAX / 2 && m->addr == 0x1000);
	assert_ptr_equal(vhost_iotlb_map_opaque(m), &t);
	m = vhost_iotlb_itree_next(m, 0, U64_MAX);
	assert_true(m->start == U64_MAX / 2 + 1 && m->last == U64_MAX);
	assert_true(m->addr == U64_MAX / 2 + 1 + 0x1000);
	assert_true(vhost_iotlb_map_size(m) == 1ULL << 63);
	assert_null(vhost_iotlb_itree_next(m, 0, U64_MAX));
	vhost_iotlb_reset(&t);
}

/* Runs in either direction, also into the middle of a table, leave dense chunks. */
static void test_density(void **state)
{
	struct vhost_iotlb t;
	unsigned int i;

	(void)state;
	vhost_iotlb_init(&t, 0, 0);
	for (i = 0; i < 12700; i++)
		assert_int_equal(vhost_iotlb_add_range(&t, i, i, i, VHOST_MAP_RO), 0);
	assert_true(t.nr_chunks <= 101);
	for (i = 0; i < 12700; i++)
		assert_int_equal(vhost_iotlb_add_range(&t, 100000 - i, 100000 - i, i,
						       VHOST_MAP_RO), 0);
	assert_true(t.nr_chunks <= 204);
	for (i = 0; i < 12700; i++)
		assert_int_equal(vhost_iotlb_add_range(&t, 50000 + i, 50000 + i, i,
						       VHOST_MAP_RO), 0);
	assert_true(t.nr_chunks <= 308);
	/* Thinned out, it shrinks. */
	for (i = 0; i < 200000; i++)
		if (i % 100)
			vhost_iotlb_del_range(&t, i, i);
	assert_int_equal(t.nmaps, 381);
	assert_true(t.nr_chunks <= 16);
	vhost_iotlb_reset(&t);
}

/* The model: what each of SPACE addresses translates to. */
#define SPACE 3000

struct model {
	u64 addr[SPACE];
	void *opaque[SPACE];
	int id[SPACE];		/* 0: unmapped; else the same number for one entry */
	int next_id;
	unsigned int n;
};

static void check_same(struct vhost_iotlb *t, const struct model *m)
{
	struct vhost_iotlb_map *e;
	unsigned int pos = 0, n = 0;

	for (e = vhost_iotlb_itree_first(t, 0, U64_MAX); e;
	     e = vhost_iotlb_itree_next(e, 0, U64_MAX)) {
		assert_true(e->start >= pos && e->last < SPACE);
		for (; pos < e->start; pos++)
			assert_int_equal(m->id[pos], 0);
		for (; pos <= e->last; pos++) {
			assert_int_not_equal(m->id[pos], 0);
			assert_int_equal(m->id[pos], m->id[e->start]);
			assert_true(e->addr + (pos - e->start) == m->addr[pos]);
			assert_ptr_equal(vhost_iotlb_map_opaque(e), m->opaque[pos]);
		}
		n++;
	}
	for (; pos < SPACE; pos++)
		assert_int_equal(m->id[pos], 0);
	assert_int_equal(n, t->nmaps);
	assert_int_equal(n, m->n);
}

static void check_lookup(struct vhost_iotlb *t, const struct model *m, u64 a, u64 b)
{
	struct vhost_iotlb_map *e = vhost_iotlb_itree_first(t, a, b);
	u64 i, prev = U64_MAX;

	for (i = a; i <= b; i++) {
		if (!m->id[i] || (prev != U64_MAX && m->id[i] == m->id[prev]))
			continue;
		prev = i;
		assert_non_null(e);
		assert_true(e->start <= i && e->last >= i);
		e = vhost_iotlb_itree_next(e, a, b);
	}
	assert_null(e);
}

static void model_add(struct vhost_iotlb *t, struct model *m, u64 a, u64 b, bool with_opaque)
{
	u64 addr = (u64)rand() << 12, i;
	void *opaque = with_opaque ? (void *)(addr + 1) : NULL;
	int want = 0, err;

	for (i = a; i <= b; i++)
		if (m->id[i])
			want = -EEXIST;
	err = vhost_iotlb_add_range_ctx(t, a, b, addr, VHOST_MAP_RW, opaque);
	if (err == -ENOMEM && !unit_fail_alloc)
		return;
	assert_int_equal(err, want);
	if (err)
		return;
	m->next_id++;
	m->n++;
	for (i = a; i <= b; i++) {
		m->id[i] = m->next_id;
		m->addr[i] = addr + (i - a);
		m->opaque[i] = opaque;
	}
}

static void model_del(struct vhost_iotlb *t, struct model *m, u64 a, u64 b)
{
	u64 i, k;

	vhost_iotlb_del_range(t, a, b);
	for (i = a; i <= b; i++) {
		int id = m->id[i];

		if (!id)
			continue;
		m->n--;
		for (k = i; k > 0 && m->id[k - 1] == id; k--)
			;
		for (; k < SPACE && m->id[k] == id; k++)
			m->id[k] = 0;
	}
}

static void run_model(unsigned int seed, bool opaque, bool failures)
{
	struct model *m = calloc(1, sizeof(*m));
	struct vhost_iotlb t, copy;
	unsigned int step;

	srand(seed);
	vhost_iotlb_init(&t, 0, 0);
	vhost_iotlb_init(&copy, 0, 0);
	for (step = 0; step < 20000; step++) {
		unsigned int phase = step / 2500 % 2;
		u64 a = rand() % SPACE, b = min_t(u64, SPACE - 1, a + rand() % 4 * (rand() % 3));

		unit_fail_alloc = failures && rand() % 8 == 0 ? 1 + rand() % 3 : 0;
		if (rand() % 10 < (phase ? 3 : 8))
			model_add(&t, m, a, b, opaque && rand() % 3 == 0);
		else
			model_del(&t, m, a, rand() % 200 ? b : min_t(u64, SPACE - 1, a + 600));
		unit_fail_alloc = 0;
		check_lookup(&t, m, a, min_t(u64, SPACE - 1, a + 20));
		if (step % 97 == 0)
			check_same(&t, m);
		if (step % 701 == 0) {
			unit_fail_alloc = failures ? rand() % 6 : 0;
			if (!vhost_iotlb_dup(&copy, &t, GFP_KERNEL_ACCOUNT)) {
				check_same(&copy, m);
				assert_true(copy.nr_chunks <= t.nr_chunks);
				vhost_iotlb_swap(&copy, &t);
				check_same(&t, m);
			} else {
				assert_true(failures);
				assert_int_equal(copy.nmaps, 0);
			}
			unit_fail_alloc = 0;
			vhost_iotlb_reset(&copy);
		}
	}
	check_same(&t, m);
	while (t.nmaps)
		vhost_iotlb_map_free(&t, vhost_iotlb_itree_first(&t, 0, U64_MAX));
	vhost_iotlb_reset(&t);
	free(m);
}

static void test_model(void **state)
{
	unsigned int seed;

	(void)state;
	for (seed = 1; seed <= 6; seed++)
		run_model(seed, false, false);
}

static void test_model_opaque(void **state)
{
	unsigned int seed;

	(void)state;
	for (seed = 11; seed <= 14; seed++)
		run_model(seed, true, false);
}

static void test_model_no_memory(void **state)
{
	unsigned int seed;

	(void)state;
	for (seed = 21; seed <= 26; seed++)
		run_model(seed, seed & 1, true);
}

static void test_dup_errors(void **state)
{
	struct vhost_iotlb src, dst;

	(void)state;
	vhost_iotlb_init(&src, 0, 0);
	vhost_iotlb_init(&dst, 1, 0);
	assert_int_equal(vhost_iotlb_dup(&dst, &src, GFP_KERNEL), 0);
	assert_int_equal(vhost_iotlb_add_range(&src, 0, 9, 0, VHOST_MAP_RO), 0);
	assert_int_equal(vhost_iotlb_dup(&dst, &src, GFP_KERNEL), 0);
	assert_int_equal(vhost_iotlb_dup(&dst, &src, GFP_KERNEL), -EBUSY);
	vhost_iotlb_reset(&dst);
	assert_int_equal(vhost_iotlb_add_range(&src, 10, 19, 0, VHOST_MAP_RO), 0);
	assert_int_equal(vhost_iotlb_dup(&dst, &src, GFP_KERNEL), -ENOSPC);
	vhost_iotlb_reset(&src);
	vhost_iotlb_reset(&dst);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_layout, no_leaks),
		cmocka_unit_test_teardown(test_limit, no_leaks),
		cmocka_unit_test_teardown(test_bad_ranges, no_leaks),
		cmocka_unit_test_teardown(test_whole_range, no_leaks),
		cmocka_unit_test_teardown(test_density, no_leaks),
		cmocka_unit_test_teardown(test_model, no_leaks),
		cmocka_unit_test_teardown(test_model_opaque, no_leaks),
		cmocka_unit_test_teardown(test_model_no_memory, no_leaks),
		cmocka_unit_test_teardown(test_dup_errors, no_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
