// SPDX-License-Identifier: GPL-2.0-only
/*
 * single_pages.c - what it costs to map single pages of memory that is pinned already, by how many
 * there are: shared pieces of one large range, as shadow virtqueues and small guests' balloons make
 * them.
 *
 * usage: single_pages DEVICE PAGES...
 *
 * All memory is mapped once. Then every other page of it is mapped again elsewhere, one message
 * for each, in one batch, and unmapped in the next one. The cost of one must not grow with their
 * number.
 */
#include "bench.h"

#define ELSEWHERE	(1ULL << 40)

static void measure(const struct vdpa_client *c, const struct guest_mem *ram, unsigned long n)
{
	uint64_t begin, map, unmap;
	char name[64];
	unsigned long i;

	begin = now_ns();
	must("batch begin", vdpa_batch_begin(c, 0));
	for (i = 0; i < n; i++)
		must("map", vdpa_map(c, 0, ELSEWHERE + 2 * i * GUEST_PAGE, GUEST_PAGE,
				     ram->base + 2 * i * GUEST_PAGE, VHOST_ACCESS_RW));
	must("batch end", vdpa_batch_end(c, 0));
	map = now_ns() - begin;

	begin = now_ns();
	must("batch begin", vdpa_batch_begin(c, 0));
	for (i = 0; i < n; i++)
		must("unmap", vdpa_unmap(c, 0, ELSEWHERE + 2 * i * GUEST_PAGE, GUEST_PAGE));
	must("batch end", vdpa_batch_end(c, 0));
	unmap = now_ns() - begin;

	snprintf(name, sizeof(name), "map_single_of_%lu", n);
	bench_result(name, (double)map / n, "ns");
	snprintf(name, sizeof(name), "unmap_single_of_%lu", n);
	bench_result(name, (double)unmap / n, "ns");
}

int main(int argc, char **argv)
{
	unsigned long n, most = 0;
	struct vdpa_client c;
	struct guest_mem ram;
	int i;

	for (i = 2; i < argc; i++) {
		n = strtoul(argv[i], NULL, 0);
		most = n > most ? n : most;
	}
	if (!most) {
		fprintf(stderr, "usage: single_pages DEVICE PAGES...\n");
		return 2;
	}
	bench_setup();
	must("guest memory", bench_alloc(&ram, 2 * most * GUEST_PAGE, "thp"));
	must("open", vdpa_open_as(&c, argv[1], VDPA_QEMU_BACKEND));
	bench_map(&c, &ram);
	for (i = 2; i < argc; i++)
		measure(&c, &ram, strtoul(argv[i], NULL, 0));
	vdpa_close(&c);
	guest_mem_free(&ram);

	return 0;
}
