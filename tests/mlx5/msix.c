// SPDX-License-Identifier: GPL-2.0-only
/*
 * msix.c - queues with interrupts of their own: as many as the function has vectors for, the others
 * through completion queues. The function has four vectors, of which the first is not for queues.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "m5.h"

#define DEV		"m5-a"
#define RAM_PAGES	128
#define QUEUES		4
#define VECTORS		3

static const uint64_t at = VDPA_RAM_IOVA;
static const struct vdpa_setup setup = {
	.dev = DEV, .backend = VDPA_PERSIST_BACKEND, .ram_pages = RAM_PAGES
};

/* Whether this kernel can allocate single vectors is a question to the kernel itself. */
static unsigned int vectors_expected(void)
{
	char line[256];
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (strstr(line, " pci_msix_alloc_irq_at\n"))
			n = VECTORS;
	fclose(f);
	return n;
}

/* How often the interrupt of a queue came, or -1: it has none. */
static long interrupts(unsigned int queue)
{
	char name[32], line[512], *p, *end;
	FILE *f = fopen("/proc/interrupts", "r");
	long sum = -1;

	assert_non_null(f);
	snprintf(name, sizeof(name), DEV "-vq-%u\n", queue);
	while (sum < 0 && fgets(line, sizeof(line), f)) {
		if (!strstr(line, name))
			continue;
		sum = 0;
		for (p = strchr(line, ':') + 1;; p = end) {
			long n = strtol(p, &end, 10);

			if (end == p)
				break;
			sum += n;
		}
	}
	fclose(f);
	return sum;
}

static int up(void **state)
{
	int ret;

	m5_forget_complaints();
	ret = vdpa_admin_add_with(DEV, m5_mgmt(0), "max_vqp", "2");
	return ret ?: vdpa_setup_bench(state);
}

static int down(void **state)
{
	int bad = vdpa_teardown_bench(state);

	if (vdpa_admin_del(DEV))
		bad = -1;
	if (m5_stat(0, "live") || m5_stat(0, "buffers") || interrupts(0) >= 0)
		bad = -1;
	return m5_complaints() ? -1 : bad;
}

static void vectors(void **state)
{
	unsigned int n = vectors_expected(), i;

	printf("# %u vectors\n", n);
	for (i = 0; i < QUEUES; i++)
		assert_int_equal(interrupts(i) >= 0, i < n);
}

static void traffic(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i;

	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	if (!vectors_expected())
		return;
	for (i = 0; i < 2; i++)
		assert_true(interrupts(i) > 0);
	assert_int_equal(interrupts(2), 0);
}

/* The function goes, with its vectors, while queues have them. */
static void removal(void **state)
{
	struct vdpa_bench b;
	int i;

	for (i = 0; i < 3; i++) {
		m5_forget_complaints();
		assert_ok(vdpa_admin_add_with(DEV, m5_mgmt(0), "max_vqp", "2"));
		assert_ok(vdpa_bench_open(&b, &setup));
		assert_ok(vdpa_bench_map_all(&b, at));
		assert_ok(vdpa_bench_start(&b));
		vdpa_bench_close(&b);
		assert_ok(m5_unbind(0));
		assert_true(interrupts(0) < 0);
		assert_int_equal(m5_complaints(), 0);
		assert_ok(m5_bind(0));
	}
}

static int nothing(void **state)
{
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{ "vectors", vectors, up, down, (void *)&setup },
		{ "traffic", traffic, up, down, (void *)&setup },
		cmocka_unit_test(removal),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("mlx5 msix", tests, nothing, nothing);
}
