// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmem.c - kernel memory that a mapping of guest memory takes.
 *
 * usage: kmem DEVICE KIND MIB
 *
 * By the free pages that are lost between the touched, unmapped memory and the running device, so
 * that no kind of allocation escapes. Pages that the allocator keeps per CPU are free as well.
 * Nothing else runs in the VM. Bytes per GiB.
 */
#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

static long free_pages(void)
{
	long total = 0, n;
	char line[256];
	FILE *f;

	f = fopen("/proc/zoneinfo", "r");
	if (!f)
		must("/proc/zoneinfo", -errno);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " pages free %ld", &n) == 1 ||
		    sscanf(line, " count: %ld", &n) == 1)
			total += n;
	fclose(f);

	return total;
}

int main(int argc, char **argv)
{
	struct vdpa_client c;
	struct guest_mem ram;
	char name[64];
	size_t mib;
	long lost;

	if (argc != 4) {
		fprintf(stderr, "usage: kmem DEVICE KIND MIB\n");
		return 2;
	}
	bench_setup();
	mib = strtoul(argv[3], NULL, 0);
	must("guest memory", bench_alloc(&ram, mib * MIB, argv[2]));
	must("open", vdpa_open_as(&c, argv[1], VDPA_QEMU_BACKEND));
	must("negotiate", vdpa_negotiate(&c, BENCH_FEATURES));
	/* Once over a small part, for what is allocated only once. */
	must("map", vdpa_map(&c, 0, 0, MIB, ram.base, VHOST_ACCESS_RW));
	must("unmap", vdpa_unmap(&c, 0, 0, MIB));
	free_pages();

	lost = free_pages();
	bench_map(&c, &ram);
	must("DRIVER_OK", vdpa_set_status(&c, VDPA_S_DRIVER_OK));
	lost -= free_pages();

	snprintf(name, sizeof(name), "kmem_%s", argv[2]);
	bench_result(name, lost * (double)GUEST_PAGE * 1024 / mib, "bytes/GiB");
	vdpa_close(&c);
	guest_mem_free(&ram);

	return 0;
}
