// SPDX-License-Identifier: GPL-2.0-only
/*
 * devices.c - several devices of one VMM map the same memory: what it costs and what is charged.
 *
 * usage: devices KIND MIB DEVICE...
 */
#include "bench.h"

#define MAX_DEVICES	16

int main(int argc, char **argv)
{
	struct vdpa_client c[MAX_DEVICES];
	uint64_t map, unmap, begin;
	struct guest_mem ram;
	char name[64];
	int n = argc - 3, i;
	size_t mib;
	long pinned;

	if (n < 1 || n > MAX_DEVICES) {
		fprintf(stderr, "usage: devices KIND MIB DEVICE...\n");
		return 2;
	}
	bench_setup();
	mib = strtoul(argv[2], NULL, 0);
	must("guest memory", bench_alloc(&ram, mib * MIB, argv[1]));
	for (i = 0; i < n; i++) {
		must("open", vdpa_open_as(&c[i], argv[3 + i], VDPA_QEMU_BACKEND));
		must("negotiate", vdpa_negotiate(&c[i], BENCH_FEATURES));
	}

	begin = now_ns();
	for (i = 0; i < n; i++) {
		bench_map(&c[i], &ram);
		must("DRIVER_OK", vdpa_set_status(&c[i], VDPA_S_DRIVER_OK));
	}
	map = now_ns() - begin;
	pinned = vdpa_pinned_pages();

	begin = now_ns();
	for (i = 0; i < n; i++)
		bench_unmap(&c[i], &ram);
	unmap = now_ns() - begin;
	for (i = 0; i < n; i++)
		vdpa_close(&c[i]);
	guest_mem_free(&ram);

	snprintf(name, sizeof(name), "devices_%d_map_%s", n, argv[1]);
	bench_result(name, map, "ns");
	snprintf(name, sizeof(name), "devices_%d_unmap_%s", n, argv[1]);
	bench_result(name, unmap, "ns");
	snprintf(name, sizeof(name), "devices_%d_pinned_%s", n, argv[1]);
	bench_result(name, pinned, "pages");

	return 0;
}
