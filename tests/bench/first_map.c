// SPDX-License-Identifier: GPL-2.0-only
/*
 * first_map.c - what it costs to map memory that is not pinned yet, and to unmap it for good.
 *
 * usage: first_map DEVICE KIND MIB
 *
 * Map: from BATCH_BEGIN to a device that has DRIVER_OK, so that work which a stack puts off is
 * counted. Unmap: while the device has DRIVER_OK, so that nothing may be kept. Close: what a
 * process that ends leaves to the kernel. Results are per GiB.
 */
#include "bench.h"

#define ROUNDS	3

static void client_open(struct vdpa_client *c, const char *device)
{
	uint64_t offered;

	must("open", vdpa_open(c, device));
	must("owner", vdpa_set_owner(c));
	/* As QEMU does it; a PCI function cannot be suspended. */
	must("backend features", vdpa_get_backend(c, &offered));
	must("acknowledge", vdpa_ack_backend(c, offered & VDPA_QEMU_BACKEND));
	must("negotiate", vdpa_negotiate(c, BENCH_FEATURES));
}

int main(int argc, char **argv)
{
	uint64_t map[ROUNDS], unmap[ROUNDS], shut[ROUNDS], begin;
	struct vdpa_client c;
	struct guest_mem ram;
	double per_gib;
	char name[64];
	size_t mib;
	int i;

	if (argc != 4) {
		fprintf(stderr, "usage: first_map DEVICE KIND MIB\n");
		return 2;
	}
	bench_setup();
	mib = strtoul(argv[3], NULL, 0);
	must("guest memory", bench_alloc(&ram, mib * MIB, argv[2]));
	per_gib = 1024.0 / mib;

	for (i = 0; i < ROUNDS; i++) {
		client_open(&c, argv[1]);
		begin = now_ns();
		bench_map(&c, &ram);
		must("DRIVER_OK", vdpa_set_status(&c, VDPA_S_DRIVER_OK));
		map[i] = now_ns() - begin;
		if (vdpa_pinned_pages() != (long)(mib * MIB / GUEST_PAGE)) {
			fprintf(stderr, "%ld pages are pinned\n", vdpa_pinned_pages());
			return 1;
		}

		begin = now_ns();
		bench_unmap(&c, &ram);
		unmap[i] = now_ns() - begin;
		if (vdpa_pinned_pages()) {
			fprintf(stderr, "%ld pages are still pinned\n", vdpa_pinned_pages());
			return 1;
		}
		vdpa_close(&c);

		client_open(&c, argv[1]);
		bench_map(&c, &ram);
		must("DRIVER_OK", vdpa_set_status(&c, VDPA_S_DRIVER_OK));
		begin = now_ns();
		vdpa_close(&c);
		shut[i] = now_ns() - begin;
	}

	snprintf(name, sizeof(name), "map_%s", argv[2]);
	bench_result(name, median(map, ROUNDS) * per_gib, "ns/GiB");
	snprintf(name, sizeof(name), "unmap_%s", argv[2]);
	bench_result(name, median(unmap, ROUNDS) * per_gib, "ns/GiB");
	snprintf(name, sizeof(name), "close_%s", argv[2]);
	bench_result(name, median(shut, ROUNDS) * per_gib, "ns/GiB");
	guest_mem_free(&ram);

	return 0;
}
