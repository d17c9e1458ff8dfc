// SPDX-License-Identifier: GPL-2.0-only
/*
 * cycle.c - for the benchmark: what a running device asks of the firmware when it is reset, as a
 * client with persistence does it and as QEMU does it, and when memory is plugged in.
 *
 * usage: cycle [lenient]
 *
 * Prints "cycle KIND KEY_COMMANDS ALL_COMMANDS NANOSECONDS", time up to DRIVER_OK again, and
 * "errors N", what the model has to say against the driver. That is a failure unless "lenient".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "m5.h"
#include "vdpa_test.h"

#define DEV		"c0"
#define RAM_PAGES	1024
#define PLUGGED		(VDPA_RAM_IOVA + (4ULL << 30))
/* The in-tree driver ends keys that are not needed any more 2 s later. */
#define LATER		3

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int reset(struct vdpa_bench *b)
{
	int ret = vdpa_reset(&b->c);

	return ret ?: vdpa_bench_start(b);
}

static int reset_remap(struct vdpa_bench *b)
{
	int ret = vdpa_reset(&b->c);

	ret = ret ?: vdpa_bench_unmap_all(b, VDPA_RAM_IOVA);
	ret = ret ?: vdpa_bench_map_all(b, VDPA_RAM_IOVA);
	return ret ?: vdpa_bench_start(b);
}

static int plug(struct vdpa_bench *b)
{
	int ret = vdpa_batch_begin(&b->c, 0);

	ret = ret ?: vdpa_map(&b->c, 0, PLUGGED, 16 * GUEST_PAGE, b->ram.base, VHOST_ACCESS_RW);
	return ret ?: vdpa_batch_end(&b->c, 0);
}

static int cycle(const char *kind, uint64_t backend, int (*act)(struct vdpa_bench *b))
{
	struct vdpa_setup setup = { .dev = DEV, .backend = backend, .ram_pages = RAM_PAGES };
	struct vdpa_bench b;
	long long keys, all;
	uint64_t value, begun, ns;
	int ret = vdpa_bench_open(&b, &setup);

	if (ret)
		return ret;
	ret = vdpa_bench_map_all(&b, VDPA_RAM_IOVA);
	ret = ret ?: vdpa_bench_start(&b);
	ret = ret ?: net_loop_read(&b.loop, VDPA_RAM_IOVA, &value, sizeof(value));
	sleep(LATER);
	keys = m5_mkey_cmds(0);
	all = m5_stat(0, "commands");
	begun = now();
	ret = ret ?: act(&b);
	ns = now() - begun;
	ret = ret ?: net_loop_read(&b.loop, VDPA_RAM_IOVA, &value, sizeof(value));
	sleep(LATER);
	keys = m5_mkey_cmds(0) - keys;
	all = m5_stat(0, "commands") - all;
	vdpa_bench_close(&b);
	if (!ret)
		printf("cycle %s %lld %lld %llu\n", kind, keys, all, (unsigned long long)ns);
	else
		fprintf(stderr, "%s: %s\n", kind, strerror(-ret));
	return ret;
}

int main(int argc, char **argv)
{
	int ret = vdpa_admin_add_with(DEV, m5_mgmt(0), "max_vqp", "1"), gone;
	long long errors;

	ret = ret ?: cycle("persist", VDPA_PERSIST_BACKEND, reset);
	ret = ret ?: cycle("qemu", VDPA_QEMU_BACKEND, reset_remap);
	ret = ret ?: cycle("plug", VDPA_QEMU_BACKEND, plug);
	gone = vdpa_admin_del(DEV);
	ret = ret ?: gone;
	errors = m5_complaints();
	printf("errors %lld\n", errors);
	if (errors && argc < 2)
		ret = -EPROTO;
	if (ret)
		fprintf(stderr, "cycle: %s\n", strerror(-ret));
	return ret ? 1 : 0;
}
