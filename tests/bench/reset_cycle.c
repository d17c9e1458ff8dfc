// SPDX-License-Identifier: GPL-2.0-only
/*
 * reset_cycle.c - what a device reset costs a VMM, and what the kernel does meanwhile.
 *
 * usage: reset_cycle DEVICE CYCLES MIB...
 *
 * qemu: status 0, unmap all in a batch, map all in a batch, DRIVER_OK, as every QEMU release
 * does. persist: acks IOTLB_PERSIST and keeps its mapping. Guest memory is THP, in a PC's
 * pieces; each size is the beginning of the same memory. Vring ioctls, which cost the same
 * everywhere, are left out.
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

static uint64_t piece_size(const struct piece *p, size_t size)
{
	return (p->end < size ? p->end : size) - p->start;
}

static void map_all(const struct vdpa_client *c, const struct guest_mem *ram, size_t size)
{
	size_t i;

	must("batch begin", vdpa_batch_begin(c, 0));
	for (i = 0; i < NPIECES; i++)
		must("map", vdpa_map(c, 0, pieces[i].start, piece_size(&pieces[i], size),
				     ram->base + pieces[i].start, pieces[i].perm));
	must("batch end", vdpa_batch_end(c, 0));
}

static void unmap_all(const struct vdpa_client *c, size_t size)
{
	size_t i;

	must("batch begin", vdpa_batch_begin(c, 0));
	for (i = 0; i < NPIECES; i++)
		must("unmap", vdpa_unmap(c, 0, pieces[i].start, piece_size(&pieces[i], size)));
	must("batch end", vdpa_batch_end(c, 0));
}

static void start(const struct vdpa_client *c)
{
	must("negotiate", vdpa_negotiate(c, BENCH_FEATURES));
	must("DRIVER_OK", vdpa_set_status(c, VDPA_S_DRIVER_OK));
}

static void expect_pinned(size_t size)
{
	if (vdpa_pinned_pages() == (long)(size / GUEST_PAGE))
		return;
	fprintf(stderr, "%ld pages are pinned\n", vdpa_pinned_pages());
	exit(1);
}

static void result(const char *what, const char *habit, size_t size, double value,
		   const char *unit)
{
	char name[64];

	snprintf(name, sizeof(name), "reset_cycle_%s%s_%zum", habit, what, size / MIB);
	bench_result(name, value, unit);
}

static void measure(const char *device, bool qemu, const struct guest_mem *ram, size_t size,
		    unsigned int cycles)
{
	const char *habit = qemu ? "qemu" : "persist";
	struct vdpa_counters before, after, work;
	uint64_t time[MAX_CYCLES], begin;
	struct vdpa_client c;
	long unpinned = 0;
	bool counters;
	unsigned int i;

	must("open", vdpa_open_as(&c, device, qemu ? VDPA_QEMU_BACKEND : VDPA_PERSIST_BACKEND));
	map_all(&c, ram, size);
	start(&c);

	/* An in-tree stack does not count; what it unpins and pins again shows in VmPin. */
	counters = !vdpa_counters_read(c.minor, &before);
	for (i = 0; i < cycles; i++) {
		begin = now_ns();
		must("reset", vdpa_reset(&c));
		if (qemu) {
			unmap_all(&c, size);
			time[i] = now_ns() - begin;
			unpinned += size / GUEST_PAGE - vdpa_pinned_pages();
			begin = now_ns() - time[i];
			map_all(&c, ram, size);
		}
		start(&c);
		time[i] = now_ns() - begin;
		expect_pinned(size);
	}

	result("", habit, size, median(time, cycles), "ns");
	if (counters) {
		must("counters", vdpa_counters_read(c.minor, &after));
		work = vdpa_counters_since(&before, &after);
		result("_table_ops", habit, size, (double)vdpa_counters_table_ops(&work) / cycles,
		       "calls");
		unpinned = work.pages_pinned;
	}
	result("_repinned_pages", habit, size, (double)unpinned / cycles, "pages");
	vdpa_close(&c);
}

int main(int argc, char **argv)
{
	struct guest_mem ram;
	unsigned long cycles;
	size_t most = 0, mib;
	int i;

	cycles = argc > 3 ? strtoul(argv[2], NULL, 0) : 0;
	if (!cycles || cycles > MAX_CYCLES) {
		fprintf(stderr, "usage: reset_cycle DEVICE CYCLES MIB...\n");
		return 2;
	}
	bench_setup();
	for (i = 3; i < argc; i++) {
		mib = strtoul(argv[i], NULL, 0);
		most = mib > most ? mib : most;
	}
	must("guest memory", bench_alloc(&ram, most * MIB, "thp"));
	for (i = 3; i < argc; i++) {
		mib = strtoul(argv[i], NULL, 0);
		measure(argv[1], true, &ram, mib * MIB, cycles);
		measure(argv[1], false, &ram, mib * MIB, cycles);
	}
	guest_mem_free(&ram);

	return 0;
}
