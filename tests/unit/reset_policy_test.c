// SPDX-License-Identifier: GPL-2.0-only
/* reset_policy_test.c - what a reset does to mappings: row by row, then for every possible case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/string.h>

#include "reset_policy.h"

#define OPEN	VHOST_VDPA_RESET_OPEN
#define IOCTL	VHOST_VDPA_RESET_IOCTL
#define CLOSE	VHOST_VDPA_RESET_RELEASE

#define KEPT	VHOST_VDPA_MAP_KEPT
#define CLEANED	VHOST_VDPA_MAP_CLEANED
#define LATER	VHOST_VDPA_MAP_CLEAN_LATER
#define LOST	VHOST_VDPA_MAP_LOST

/* Parents as they exist: translates, persistent, reset_map, compat_reset. */
#define PLATFORM	false, true, false, false	/* vp_vdpa */
#define MODERN		true, true, true, true		/* mlx5_vdpa, vdpa_sim */
#define TIDY		true, true, true, false		/* reset never cleaned */
#define GRANTS		true, true, false, false	/* only says so in its backend features */
#define GRANTS_COMPAT	true, true, false, true
#define OLD		true, false, false, false	/* vdpa_sim.iotlb_persist=N */
#define OLD_COMPAT	true, false, false, true

struct row {
	const char *what;
	struct vhost_vdpa_reset_case c;
	const char *name;
	bool clean_map;
	enum vhost_vdpa_map_fate fate;
};

static const struct row rows[] = {
	/*
	 * The two traps of the original series: a reset at the first open, when nothing of the
	 * client exists yet, and at the second open, when the former client's choice must not
	 * count. Both ask with nothing acked, as an open file starts.
	 */
	{ "first open", { OPEN, MODERN, false, false }, "open", false, KEPT },
	{ "open, close, open", { OPEN, MODERN, false, true }, "open", false, KEPT },
	{ "open of an old parent", { OPEN, OLD, false, true }, "open", false, KEPT },
	{ "open, platform IOMMU", { OPEN, PLATFORM, false, true }, "open", false, KEPT },

	{ "IOMMU", { IOCTL, PLATFORM, false, true }, "platform iommu", false, KEPT },
	{ "IOMMU, acked", { IOCTL, PLATFORM, true, true }, "platform iommu", false, KEPT },
	{ "IOMMU, no reuse", { IOCTL, PLATFORM, false, false }, "platform iommu", false, KEPT },

	{ "acked", { IOCTL, MODERN, true, true }, "persist acked", false, KEPT },
	{ "acked, no reuse", { IOCTL, MODERN, true, false }, "persist acked", false, KEPT },
	{ "acked, tidy", { IOCTL, TIDY, true, true }, "persist acked", false, KEPT },
	{ "acked, granted", { IOCTL, GRANTS, true, true }, "persist acked", false, KEPT },

	{ "old, asked", { IOCTL, OLD_COMPAT, false, true }, "no promise, told to clean", true,
	  CLEANED },
	{ "old, asked, no reuse", { IOCTL, OLD_COMPAT, false, false },
	  "no promise, told to clean", true, CLEANED },
	{ "old", { IOCTL, OLD, false, true }, "no promise", false, LOST },
	{ "old, no reuse", { IOCTL, OLD, false, false }, "no promise", false, LOST },

	{ "stock QEMU", { IOCTL, MODERN, false, true }, "compat, lazily", false, LATER },
	{ "granted, compat", { IOCTL, GRANTS_COMPAT, false, true }, "compat, lazily", false,
	  LATER },
	{ "as mainline", { IOCTL, MODERN, false, false }, "compat", true, CLEANED },
	{ "tidy", { IOCTL, TIDY, false, true }, "never cleaned", false, KEPT },
	{ "tidy, no reuse", { IOCTL, TIDY, false, false }, "never cleaned", false, KEPT },

	{ "close, IOMMU", { CLOSE, PLATFORM, false, true }, "close, platform iommu", false, KEPT },
	{ "close", { CLOSE, MODERN, false, true }, "close, reset_map follows", false, KEPT },
	{ "close, acked", { CLOSE, MODERN, true, true }, "close, reset_map follows", false, KEPT },
	{ "close, no reuse", { CLOSE, MODERN, false, false }, "close, reset_map follows", false,
	  KEPT },
	{ "close, old, asked", { CLOSE, OLD_COMPAT, false, true }, "close, told to clean", true,
	  CLEANED },
	{ "close, granted, acked", { CLOSE, GRANTS_COMPAT, true, true }, "close, told to clean",
	  true, CLEANED },
	{ "close, old", { CLOSE, OLD, false, true }, "close", false, KEPT },
};

static void test_rows(void **state)
{
	const struct vhost_vdpa_reset_rule *r;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		r = vhost_vdpa_reset_rule(&rows[i].c);
		assert_non_null(r);
		if (strcmp(r->name, rows[i].name) || r->clean_map != rows[i].clean_map ||
		    r->fate != rows[i].fate)
			fail_msg("%s: got \"%s\", clean_map %d, fate %d", rows[i].what, r->name,
				 r->clean_map, r->fate);
	}
}

static struct vhost_vdpa_reset_case nth(unsigned int n)
{
	struct vhost_vdpa_reset_case c = {
		.why = n >> 6,
		.translates = n & 1,
		.persistent = n & 2,
		.reset_map = n & 4,
		.compat_reset = n & 8,
		.acked = n & 16,
		.pin_reuse = n & 32,
	};

	return c;
}

#define CASES (3 << 6)

/* Whatever the rows say, these hold for every case. */
static void test_invariants(void **state)
{
	unsigned int n;

	for (n = 0; n < CASES; n++) {
		struct vhost_vdpa_reset_case c = nth(n);
		const struct vhost_vdpa_reset_rule *r = vhost_vdpa_reset_rule(&c);

		assert_non_null(r);
		/* Only asked of those who can, and then it is done. */
		if (r->clean_map)
			assert_true(c.compat_reset && c.translates);
		assert_int_equal(r->clean_map, r->fate == CLEANED);
		/* A client that acked keeps its map; open never touches one. */
		if (c.why == OPEN || (c.why == IOCTL && c.acked))
			assert_int_equal(r->fate, KEPT);
		/* Nobody's reset reaches our own IOMMU domain. */
		if (!c.translates)
			assert_int_equal(r->fate, KEPT);
		/* A debt to the client exists only where it could have got a clean device. */
		if (r->fate == LATER)
			assert_true(c.why == IOCTL && c.pin_reuse && c.compat_reset &&
				    c.persistent && !c.acked);
		/* The initial mapping is built once. */
		if (c.why == CLOSE && c.reset_map)
			assert_false(r->clean_map);
	}
}

/* Without reuse, and from a parent as mainline has them, the flags of an ioctl are mainline's. */
static void test_like_mainline(void **state)
{
	unsigned int n;

	for (n = 0; n < CASES; n++) {
		struct vhost_vdpa_reset_case c = nth(n);

		if (c.why != IOCTL || c.pin_reuse || !c.translates || !c.compat_reset)
			continue;
		assert_int_equal(vhost_vdpa_reset_rule(&c)->clean_map, !c.acked);
	}
}

/* No row that decides anything is left out above. */
static void test_coverage(void **state)
{
	unsigned int n, i;

	for (n = 0; n < CASES; n++) {
		struct vhost_vdpa_reset_case c = nth(n);
		const struct vhost_vdpa_reset_rule *r = vhost_vdpa_reset_rule(&c);

		for (i = 0; i < ARRAY_SIZE(rows); i++)
			if (!strcmp(rows[i].name, r->name))
				break;
		if (i == ARRAY_SIZE(rows))
			fail_msg("row \"%s\" is not tested", r->name);
	}
}

static void test_unknown(void **state)
{
	struct vhost_vdpa_reset_case c = { .why = CLOSE + 1 };

	assert_null(vhost_vdpa_reset_rule(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_invariants),
		cmocka_unit_test(test_like_mainline),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
