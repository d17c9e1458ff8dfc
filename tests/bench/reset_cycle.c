// SPDX-License-Identifier: GPL-2.0-only
/*
 * reset_cycle.c - what a device reset costs a VMM, and what the kernel does meanwhile.
 *
 * usage: reset_cycle DEVICE qemu|persist MIB CYCLES
 *
 * qemu: status 0, unmap all in a batch, map all in a batch, DRIVER_OK, as every QEMU release
 * does. persist: acks IOTLB_PERSIST and keeps its mapping. Guest memory is THP, in a PC's
 * pieces. Vring ioctls, which cost the same everywhere, are left out.
 */
#include <stdbool.h>

#include "bench.h"

#define MAX_CYCLES	64

struct piece {
	uint64_t start;
	uint64_t end;
	uint8_t perm;
};

static const struct piece pieces[] = {
	{ 0x000000, 0x0c3000, VHOST_ACCESS_RW },
	{ 0x0c3000, 0x0e8000, VHOST_ACCESS_RO },
	{ 0x0e8000, 0x0f0000, VHOST_ACCESS_RW },
	{ 0x0f0000, 0x100000, VHOST_ACCESS_RO },
	{ 0x100000, UINT64_MAX, VHOST_ACCESS_RW },
};

#define NPIECES	(sizeof(pieces) / sizeof(pieces[0]))

static uint64_t piece_size(const struct piece *p, const struct guest_mem *ram)
{
	return (p->end < ram->size ? p->end : ram->size) - p->start;
}

static void map_all(const struct vdpa_client *c, const struct guest_mem *ram)
{
	size_t i;

	must("batch begin", vdpa_batch_begin(c, 0));
	for (i = 0; i < NPIECES; i++)
		must("map", vdpa_map(c, 0, pieces[i].start, piece_size(&pieces[i], ram),
				     ram->base + pieces[i].start, pieces[i].perm));
	must("batch end", vdpa_batch_end(c, 0));
}

static void unmap_all(const struct vdpa_client *c, const struct guest_mem *ram)
{
	size_t i;

	must("batch begin", vdpa_batch_begin(c, 0));
	for (i = 0; i < NPIECES; i++)
		must("unmap", vdpa_unmap(c, 0, pieces[i].start, piece_size(&pieces[i], ram)));
	must("batch end", vdpa_batch_end(c, 0));
}

static void start(const struct vdpa_client *c)
{
	must("negotiate", vdpa_negotiate(c, BENCH_FEATURES));
	must("DRIVER_OK", vdpa_set_status(c, VDPA_S_DRIVER_OK));
}

int main(int argc, char **argv)
{
	struct vdpa_counters before, after, work;
	uint64_t time[MAX_CYCLES], begin;
	unsigned int cycles, i;
	struct vdpa_client c;
	struct guest_mem ram;
	bool qemu, counters;
	long unpinned = 0;
	char name[64];
	size_t mib;

	if (argc != 5 || strtoul(argv[4], NULL, 0) - 1 >= MAX_CYCLES) {
		fprintf(stderr, "usage: reset_cycle DEVICE qemu|persist MIB CYCLES\n");
		return 2;
	}
	bench_setup();
	qemu = !strcmp(argv[2], "qemu");
	mib = strtoul(argv[3], NULL, 0);
	cycles = strtoul(argv[4], NULL, 0);
	must("guest memory", bench_alloc(&ram, mib * MIB, "thp"));
	must("open", vdpa_open_as(&c, argv[1], qemu ? VDPA_QEMU_BACKEND : VDPA_PERSIST_BACKEND));
	map_all(&c, &ram);
	start(&c);

	/* An in-tree stack does not count; what it unpins and pins again shows in VmPin. */
	counters = !vdpa_counters_read(c.minor, &before);
	for (i = 0; i < cycles; i++) {
		begin = now_ns();
		must("reset", vdpa_reset(&c));
		if (qemu) {
			unmap_all(&c, &ram);
			time[i] = now_ns() - begin;
			unpinned += mib * MIB / GUEST_PAGE - vdpa_pinned_pages();
			begin = now_ns() - time[i];
			map_all(&c, &ram);
		}
		start(&c);
		time[i] = now_ns() - begin;
		if (vdpa_pinned_pages() != (long)(mib * MIB / GUEST_PAGE)) {
			fprintf(stderr, "%ld pages are pinned\n", vdpa_pinned_pages());
			return 1;
		}
	}

	snprintf(name, sizeof(name), "reset_cycle_%s_%zum", argv[2], mib);
	bench_result(name, median(time, cycles), "ns");
	if (counters) {
		must("counters", vdpa_counters_read(c.minor, &after));
		work = vdpa_counters_since(&before, &after);
		snprintf(name, sizeof(name), "reset_cycle_%s_table_ops_%zum", argv[2], mib);
		bench_result(name, (double)vdpa_counters_table_ops(&work) / cycles, "calls");
		unpinned = work.pages_pinned;
	}
	snprintf(name, sizeof(name), "reset_cycle_%s_repinned_pages_%zum", argv[2], mib);
	bench_result(name, (double)unpinned / cycles, "pages");
	vdpa_close(&c);
	guest_mem_free(&ram);

	return 0;
}
