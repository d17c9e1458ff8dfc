// SPDX-License-Identifier: GPL-2.0-only
/*
 * cycle.c - for the benchmark: commands for keys of one reset, as a client with persistence does it
 * and as QEMU does it. Prints "cycle KIND COMMANDS IN-TREE".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "m5.h"
#include "vdpa_test.h"

#define DEV		"c0"
#define RAM_PAGES	1024

static int cycle(const char *kind, uint64_t backend, bool remap)
{
	struct vdpa_setup setup = { .dev = DEV, .backend = backend, .ram_pages = RAM_PAGES };
	struct vdpa_bench b;
	long long first = 0, keys = 0;
	uint64_t value;
	int ret = vdpa_bench_open(&b, &setup);

	if (ret)
		return ret;
	first = m5_mkey_cmds(0);
	ret = vdpa_bench_map_all(&b, VDPA_RAM_IOVA);
	ret = ret ?: vdpa_bench_start(&b);
	ret = ret ?: net_loop_read(&b.loop, VDPA_RAM_IOVA, &value, sizeof(value));
	first = m5_mkey_cmds(0) - first;
	keys = m5_mkey_cmds(0);
	ret = ret ?: vdpa_reset(&b.c);
	if (remap) {
		ret = ret ?: vdpa_bench_unmap_all(&b, VDPA_RAM_IOVA);
		ret = ret ?: vdpa_bench_map_all(&b, VDPA_RAM_IOVA);
	}
	ret = ret ?: vdpa_bench_start(&b);
	ret = ret ?: net_loop_read(&b.loop, VDPA_RAM_IOVA, &value, sizeof(value));
	keys = m5_mkey_cmds(0) - keys;
	vdpa_bench_close(&b);
	/* In-tree destroys the keys of the old table and makes those of the new one. */
	if (!ret)
		printf("cycle %s %lld %lld\n", kind, keys, remap ? 2 * first : 0);
	return ret;
}

int main(void)
{
	int ret = vdpa_admin_add_with(DEV, m5_mgmt(0), "max_vqp", "1");

	ret = ret ?: cycle("persist", VDPA_PERSIST_BACKEND, false);
	ret = ret ?: cycle("qemu", VDPA_QEMU_BACKEND, true);
	ret = ret ?: vdpa_admin_del(DEV);
	if (m5_complaints())
		ret = -EPROTO;
	if (ret)
		fprintf(stderr, "cycle: %s\n", strerror(-ret));
	return ret ? 1 : 0;
}
