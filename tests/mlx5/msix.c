// SPDX-License-Identifier: GPL-2.0-only
/*
 * msix.c - queues with interrupts of their own: as many as the function has vectors for, the others
 * through completion queues. The function has four vectors, of which the first is not for queues.
 * Those interrupts can bypass the host (irq_consumer is in the place of KVM).
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "m5.h"

#define DEV		"m5-a"
#define RAM_PAGES	128
#define QUEUES		4
#define VECTORS		3
#define CONSUMER	"/sys/kernel/debug/irq_consumer"

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

/* How often the interrupt of a queue came, or -1: it has none; and its number. */
static long interrupt_of(unsigned int queue, int *irq)
{
	char name[32], line[512], *p, *end;
	FILE *f = fopen("/proc/interrupts", "r");
	long sum = -1;

	assert_non_null(f);
	*irq = -1;
	snprintf(name, sizeof(name), DEV "-vq-%u\n", queue);
	while (sum < 0 && fgets(line, sizeof(line), f)) {
		if (!strstr(line, name))
			continue;
		sum = 0;
		*irq = atoi(line);
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

static long interrupts(unsigned int queue)
{
	int irq;

	return interrupt_of(queue, &irq);
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

static void consume(int fd)
{
	char text[32];

	snprintf(text, sizeof(text), "add %d", fd);
	assert_ok(vdpa_admin_write(CONSUMER, text));
}

/* Which queues' interrupts the first three eventfds are connected to now, and were before. */
static void bypass_is(int rx, int tx, int spare, unsigned int times)
{
	int queue[3] = { rx, tx, spare }, irq, want;
	unsigned int n, sum = 0, i;
	char text[128], *line = text;

	assert_true(vdpa_admin_read(CONSUMER, text, sizeof(text)) > 0);
	for (i = 0; i < 3; i++) {
		assert_non_null(line);
		assert_int_equal(sscanf(line, "%d %u", &irq, &n), 2);
		want = -1;
		if (queue[i] >= 0)
			interrupt_of(queue[i], &want);
		assert_int_equal(irq, want);
		sum += n;
		line = strchr(line, '\n');
		line += !!line;
	}
	assert_int_equal(sum, vectors_expected() ? times : 0);
}

/*
 * A guest gets the interrupt of its queue as long as the device runs and has the guest's eventfd;
 * not before, and not after any of the ways in which that ends.
 */
static void bypass(void **state)
{
	struct vdpa_bench b;
	int spare = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	m5_forget_complaints();
	assert_ok(vdpa_admin_add_with(DEV, m5_mgmt(0), "max_vqp", "2"));
	assert_ok(vdpa_bench_open(&b, &setup));
	consume(b.loop.rx_call);
	consume(b.loop.tx_call);
	consume(spare);
	assert_ok(vdpa_bench_map_all(&b, at));
	assert_ok(vdpa_vring_call(&b.c, 0, b.loop.rx_call));
	bypass_is(-1, -1, -1, 0);
	assert_ok(vdpa_bench_start(&b));
	bypass_is(0, 1, -1, 2);
	/* Another eventfd, and the same for another queue. */
	assert_ok(vdpa_vring_call(&b.c, 0, spare));
	bypass_is(-1, 1, 0, 3);
	assert_ok(vdpa_vring_call(&b.c, 1, -1));
	bypass_is(-1, -1, 0, 3);
	assert_ok(vdpa_vring_call(&b.c, 1, b.loop.rx_call));
	bypass_is(1, -1, 0, 4);
	/* A queue beyond the vectors. */
	assert_ok(vdpa_vring_call(&b.c, 3, b.loop.tx_call));
	bypass_is(1, -1, 0, 4);
	assert_ok(vdpa_reset(&b.c));
	bypass_is(-1, -1, -1, 4);
	assert_ok(vdpa_bench_start(&b));
	bypass_is(0, 1, -1, 6);
	/* The interrupt still comes to whoever did not take it over. */
	vdpa_bench_sees(&b, at, 0, RAM_PAGES, 1);
	vdpa_close(&b.c);
	bypass_is(-1, -1, -1, 6);

	assert_ok(vdpa_open_as(&b.c, DEV, VDPA_PERSIST_BACKEND));
	assert_ok(vdpa_bench_map_all(&b, at));
	assert_ok(vdpa_bench_start(&b));
	bypass_is(0, 1, -1, 8);
	/* The function goes, although its device is open. */
	assert_ok(m5_unbind(0));
	bypass_is(-1, -1, -1, 8);
	vdpa_close(&b.c);
	assert_ok(vdpa_admin_write(CONSUMER, "clear"));
	vdpa_bench_close(&b);
	close(spare);
	assert_int_equal(m5_complaints(), 0);
	assert_ok(m5_bind(0));
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
		cmocka_unit_test(bypass),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("mlx5 msix", tests, nothing, nothing);
}
