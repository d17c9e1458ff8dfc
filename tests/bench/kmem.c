// SPDX-License-Identifier: GPL-2.0-only
/*
 * kmem.c - kernel memory that a mapping of guest memory takes.
 *
 * usage: kmem DEVICE KIND MIB
 *
 * By what MemFree loses between the touched, unmapped memory and the running device, so that no
 * kind of allocation escapes. Nothing else runs in the VM. Bytes per GiB.
 */
#include <fcntl.h>
#include <unistd.h>

#include "bench.h"

/* A line of /proc/meminfo in bytes, counters that are kept per CPU folded in first. */
static long meminfo(const char *field)
{
	size_t len = strlen(field);
	char line[256];
	long kib = -1;
	FILE *f;

	vdpa_admin_write("/proc/sys/vm/stat_refresh", "1");
	f = fopen("/proc/meminfo", "r");
	if (!f)
		must("/proc/meminfo", -errno);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, field, len) && line[len] == ':')
			kib = strtol(line + len + 1, NULL, 10);
	fclose(f);

	return kib * 1024;
}

int main(int argc, char **argv)
{
	static const char *const fields[] = { "MemFree", "Slab", "VmallocUsed", "Percpu" };
	long before[4], after[4];
	struct vdpa_client c;
	struct guest_mem ram;
	char name[64];
	size_t mib;
	int i;

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

	for (i = 0; i < 4; i++)
		before[i] = meminfo(fields[i]);
	bench_map(&c, &ram);
	must("DRIVER_OK", vdpa_set_status(&c, VDPA_S_DRIVER_OK));
	for (i = 0; i < 4; i++)
		after[i] = meminfo(fields[i]);

	snprintf(name, sizeof(name), "kmem_%s", argv[2]);
	bench_result(name, (before[0] - after[0]) * 1024.0 / mib, "bytes/GiB");
	for (i = 1; i < 4; i++)
		printf("# %s: %+ld KiB\n", fields[i], (after[i] - before[i]) / 1024);
	vdpa_close(&c);
	guest_mem_free(&ram);

	return 0;
}
