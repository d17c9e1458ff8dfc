// SPDX-License-Identifier: GPL-2.0-only
/*
 * table.c - tables of translations of every shape: what the keys made of them lead to. The memory
 * does not exist, so that sizes do not matter (vdpa_table, and the model's parameter "synthetic").
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "m5.h"

#define DEV	"m5-t"
#define TABLE	"/sys/kernel/debug/vdpa_table/" DEV
#define KIB(n)	((uint64_t)(n) << 10)
#define MIB(n)	((uint64_t)(n) << 20)
#define GIB(n)	((uint64_t)(n) << 30)
#define TIB(n)	((uint64_t)(n) << 40)
/* Where no memory of a VM is. */
#define NOWHERE	TIB(4)

struct piece {
	uint64_t iova, size, addr;
};

static int up(void **state)
{
	m5_forget_complaints();
	return vdpa_admin_add_with(DEV, m5_mgmt(0), "max_vqp", "1");
}

static int down(void **state)
{
	int bad = vdpa_admin_del(DEV);

	if (m5_stat(0, "live") || m5_stat(0, "buffers"))
		bad = -1;
	return m5_complaints() ? -1 : bad;
}

static int set(const struct piece *p, unsigned int n)
{
	char text[64];
	unsigned int i;

	assert_ok(vdpa_admin_write(TABLE, "clear"));
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "add %llx %llx %llx", (unsigned long long)p[i].iova,
			 (unsigned long long)p[i].size, (unsigned long long)p[i].addr);
		assert_ok(vdpa_admin_write(TABLE, text));
	}
	return vdpa_admin_write(TABLE, "set");
}

/* Where the device gets to from @iova: an address, or -1. */
static long long translate(uint64_t iova)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)iova);
	assert_ok(m5_set(0, "translate", text));
	return m5_get_file(0, "translate");
}

static void leads(uint64_t iova, long long want)
{
	long long got = translate(iova);

	if (got == want)
		return;
	print_error("0x%llx leads to 0x%llx, not to 0x%llx\n", (unsigned long long)iova, got, want);
	fail();
}

/* The first and the last byte of each piece, around each GiB in it, and where there is nothing. */
static void check(const struct piece *p, unsigned int n)
{
	unsigned int i;
	uint64_t cut;

	for (i = 0; i < n; i++) {
		leads(p[i].iova, p[i].addr);
		leads(p[i].iova + p[i].size - 1, p[i].addr + p[i].size - 1);
		for (cut = (p[i].iova | (GIB(1) - 1)) + 1; cut < p[i].iova + p[i].size;
		     cut += GIB(1)) {
			leads(cut - 1, p[i].addr + (cut - 1 - p[i].iova));
			leads(cut, p[i].addr + (cut - p[i].iova));
		}
		if (i && p[i].iova > p[i - 1].iova + p[i - 1].size) {
			leads(p[i].iova - 1, -1);
			leads(p[i - 1].iova + p[i - 1].size, -1);
		}
	}
}

#define right(p) do {				\
	assert_ok(set(p, ARRAY_SIZE(p)));	\
	check(p, ARRAY_SIZE(p));		\
} while (0)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* The second and later GiB of contiguous memory are not the first one again. */
static void several_gib(void **state)
{
	static const struct piece aligned[] = { { GIB(1), GIB(4), NOWHERE } };
	static const struct piece shifted[] = {
		{ GIB(3) - MIB(6), GIB(3) + MIB(10), NOWHERE + MIB(2) },
	};

	right(aligned);
	right(shifted);
}

/* Pages whose size fits the addresses, not only the sizes of pieces and their IOVA. */
static void alignment(void **state)
{
	static const struct piece high[] = {
		{ TIB(1), GIB(1), NOWHERE + MIB(2) },
		{ TIB(1) + GIB(1), GIB(1), NOWHERE + GIB(8) + KIB(4) },
	};
	static const struct piece odd[] = {
		{ GIB(1), KIB(12), NOWHERE + KIB(8) },
		{ GIB(1) + KIB(12), KIB(20), NOWHERE + MIB(64) },
		{ GIB(1) + KIB(32), MIB(6), NOWHERE + MIB(96) + KIB(32) },
		{ GIB(1) + KIB(32) + MIB(6), MIB(2), NOWHERE + MIB(200) },
		{ GIB(1) + KIB(32) + MIB(8), KIB(4), NOWHERE + MIB(128) + KIB(36) },
	};

	right(high);
	right(odd);
}

/* Holes of any size are holes to the last byte, and what comes after them is in its place. */
static void holes(void **state)
{
	static const struct piece p[] = {
		{ 0, MIB(2), NOWHERE },
		{ MIB(2) + KIB(4), KIB(4), NOWHERE + GIB(1) },
		{ GIB(1), MIB(2), NOWHERE + GIB(2) },
		{ GIB(2) + MIB(2), MIB(2), NOWHERE + GIB(3) },
		{ GIB(7), MIB(2), NOWHERE + GIB(4) },
		{ TIB(8) + MIB(4), MIB(4), NOWHERE + GIB(5) },
	};

	right(p);
}

/* More entries than the device's list has: refused, and the old table stays. */
static void too_scattered(void **state)
{
	static const struct piece small[] = { { GIB(1), MIB(2), NOWHERE } };
	static const struct piece far[] = {
		{ GIB(1), MIB(2), NOWHERE },
		{ TIB(200), MIB(2), NOWHERE + GIB(1) },
	};
	long long keys;

	right(small);
	keys = m5_stat(0, "live_mkey");
	assert_err(set(far, ARRAY_SIZE(far)), ENOSPC);
	check(small, ARRAY_SIZE(small));
	assert_int_equal(m5_stat(0, "live_mkey"), keys);
}

/* A table in which little differs: the rest keeps its keys, and leads where it did. */
static void change(void **state)
{
	static const struct piece before[] = {
		{ 0, GIB(8), NOWHERE },
		{ GIB(16), GIB(8), NOWHERE + GIB(32) },
	};
	static const struct piece after[] = {
		{ 0, GIB(8), NOWHERE },
		{ GIB(9), MIB(2), NOWHERE + GIB(100) },
		{ GIB(16), GIB(4), NOWHERE + GIB(32) },
		{ GIB(20), GIB(4), NOWHERE + GIB(64) },
	};
	long long creates, destroys;

	right(before);
	creates = m5_stat(0, "op_200");
	destroys = m5_stat(0, "op_202");
	right(after);
	/* The piece that is new, four GiB that moved, and the list. */
	assert_int_equal(m5_stat(0, "op_200"), creates + 6);
	/* What moved, and the old list; at once, as their memory may be given up. */
	assert_int_equal(m5_stat(0, "op_202"), destroys + 5);
	assert_int_equal(m5_stat(0, "live_mkey"), 1 + 17 + 1);
}

static int nothing(void **state)
{
	return 0;
}

#define table_test(fn)	{ #fn, fn, up, down, NULL }

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		table_test(several_gib),
		table_test(alignment),
		table_test(holes),
		table_test(too_scattered),
		table_test(change),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("mlx5 table", tests, nothing, nothing);
}
