// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shows what a device reset costs, for the kinds of userspace that exist.
 *
 * usage: reset_cost DEVICE MIB ROUNDS
 *
 * Maps MIB of "guest memory" through the node of vdpa device DEVICE (a looping net
 * device) and resets it ROUNDS times the way a VMM does. After every reset, fresh data
 * must make its way from one end of the memory to the other through the device: so a
 * mapping counts as alive only if the device can do DMA through it. Work is counted by
 * the driver (debugfs) and by the kernel (VmPin), not guessed from the clock.
 *
 * Exit code 0 only if every line is what it has to be.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "guest_mem.h"
#include "net_loop.h"
#include "vdpa_admin.h"
#include "vdpa_client.h"

#define PIN_REUSE	"/sys/module/vhost_vdpa/parameters/pin_reuse"
#define LOOP_IOVA	0x7000000000ULL
#define MIB		(1UL << 20)
#define SAMPLES		8
#define SAMPLE_BYTES	1500

enum after { INTACT, GONE, BROKEN };

/* What a client does between SET_STATUS 0 and DRIVER_OK. */
enum habit {
	KEEPS,		/* acked IOTLB_PERSIST: its mapping is still there */
	REMAPS,		/* stock QEMU: unmaps everything, maps everything */
	FORGETS,	/* did not ack it and maps nothing: the device must be empty */
};

struct scenario {
	const char *title;
	enum habit habit;
	bool pin_reuse;
	uint64_t backend;
};

static const struct scenario scenarios[] = {
	{ "acks IOTLB_PERSIST, keeps its map", KEEPS, true, VDPA_PERSIST_BACKEND },
	{ "stock QEMU: unmap all, map all", REMAPS, true, VDPA_QEMU_BACKEND },
	{ "the same, pin_reuse=N (as in-tree)", REMAPS, false, VDPA_QEMU_BACKEND },
	{ "control: old client, maps nothing", FORGETS, true, VDPA_QEMU_BACKEND },
};

struct outcome {
	struct vdpa_counters work;
	double ms;
	enum after after;
	long pinned_first;
	long pinned_last;
};

/* A PC's memory below 1 MiB is in pieces, part of it read-only; the rest is one block. */
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

static void die(const char *what, int err)
{
	fprintf(stderr, "reset_cost: %s: %s\n", what, strerror(err < 0 ? -err : err));
	exit(2);
}

static void must(const char *what, int result)
{
	if (result < 0)
		die(what, result);
}

static double now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

static uint64_t piece_end(const struct piece *p, const struct guest_mem *ram)
{
	return p->end < ram->size ? p->end : ram->size;
}

static void map_all(const struct vdpa_client *c, const struct net_loop *loop,
		    const struct guest_mem *ram)
{
	size_t i;

	must("map rings", net_loop_map(loop, c));
	must("batch begin", vdpa_batch_begin(c, 0));
	for (i = 0; i < NPIECES; i++)
		must("map", vdpa_map(c, 0, pieces[i].start,
				     piece_end(&pieces[i], ram) - pieces[i].start,
				     ram->base + pieces[i].start, pieces[i].perm));
	must("batch end", vdpa_batch_end(c, 0));
}

static void unmap_all(const struct vdpa_client *c, const struct net_loop *loop,
		      const struct guest_mem *ram)
{
	size_t i;

	must("batch begin", vdpa_batch_begin(c, 0));
	for (i = 0; i < NPIECES; i++)
		must("unmap", vdpa_unmap(c, 0, pieces[i].start,
					 piece_end(&pieces[i], ram) - pieces[i].start));
	must("batch end", vdpa_batch_end(c, 0));
	must("unmap rings", net_loop_unmap(loop, c));
}

/*
 * Data that did not exist before this round goes from low to high memory, through the
 * device, at several places of the whole range.
 */
static enum after probe(struct net_loop *loop, const struct guest_mem *ram, unsigned int round)
{
	size_t half = ram->size / 2;
	enum after after = INTACT;
	unsigned int i, b;
	int err;

	for (i = 0; i < SAMPLES; i++) {
		/* the first sample is at 1 MiB, the last one ends where the memory ends */
		size_t src = MIB + (half - MIB - SAMPLE_BYTES) / (SAMPLES - 1) * i;
		size_t dst = half + (half - SAMPLE_BYTES) / (SAMPLES - 1) * i;

		for (b = 0; b < SAMPLE_BYTES; b++)
			ram->base[src + b] = (uint8_t)(round * 31 + i * 7 + b);
		memset(ram->base + dst, 0xee, SAMPLE_BYTES);
		err = net_loop_copy(loop, src, dst, SAMPLE_BYTES);
		/* the device cannot even reach its rings */
		if (err == -ETIMEDOUT && i == 0)
			return GONE;
		if (err == -EFAULT || err == -EIO) {
			after = GONE;
			continue;
		}
		must("loop a frame", err);
		if (after == GONE || memcmp(ram->base + src, ram->base + dst, SAMPLE_BYTES))
			return BROKEN;
	}
	return after;
}

static void reset_once(const struct vdpa_client *c, struct net_loop *loop,
		       const struct guest_mem *ram, enum habit habit)
{
	must("reset", vdpa_reset(c));
	net_loop_rewind(loop, LOOP_IOVA);
	switch (habit) {
	case KEEPS:
	case FORGETS:
		break;
	case REMAPS:
		/* in the order of QEMU's own calls, with its several resets in a row */
		must("status", vdpa_set_status(c, VDPA_S_DRIVER));
		unmap_all(c, loop, ram);
		must("reset", vdpa_reset(c));
		must("reset", vdpa_reset(c));
		map_all(c, loop, ram);
		break;
	}
	must("start", net_loop_start(loop, c));
}

static int compare_ms(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void play(const struct scenario *s, const char *device, const struct guest_mem *ram,
		 unsigned int rounds, struct outcome *o)
{
	struct vdpa_counters before, after;
	struct vdpa_client c;
	struct net_loop loop;
	struct guest_mem rings;
	unsigned int i;
	double begin;
	double *ms = calloc(rounds, sizeof(*ms));

	if (!ms)
		die("memory", ENOMEM);
	must(PIN_REUSE, vdpa_admin_write(PIN_REUSE, s->pin_reuse ? "Y" : "N"));
	must("memory", guest_mem_alloc(&rings, NET_LOOP_BYTES, GUEST_MEM_ANON));
	must("open", vdpa_open_as(&c, device, s->backend));
	must("rings", net_loop_init(&loop, rings.base, LOOP_IOVA));
	map_all(&c, &loop, ram);
	must("start", net_loop_start(&loop, &c));
	if (probe(&loop, ram, 0) != INTACT)
		die("no traffic even before the first reset", EIO);

	if (s->habit == FORGETS)
		loop.timeout_ms = 500;		/* nothing will come */

	must("counters", vdpa_counters_read(c.minor, &before));
	o->pinned_first = vdpa_pinned_pages();
	o->after = INTACT;
	for (i = 1; i <= rounds; i++) {
		enum after now;

		begin = now_ms();
		reset_once(&c, &loop, ram, s->habit);
		ms[i - 1] = now_ms() - begin;
		now = probe(&loop, ram, i);
		if (i == 1)
			o->after = now;
		else if (now != o->after)
			o->after = BROKEN;
	}
	o->pinned_last = vdpa_pinned_pages();
	must("counters", vdpa_counters_read(c.minor, &after));
	o->work = vdpa_counters_since(&before, &after);
	/* the median: other work on the machine makes single rounds long */
	qsort(ms, rounds, sizeof(*ms), compare_ms);
	o->ms = ms[rounds / 2];
	free(ms);

	must("reset", vdpa_reset(&c));
	net_loop_exit(&loop);
	vdpa_close(&c);
	guest_mem_free(&rings);
}

/* One sentence for each thing that is not as it has to be. */
static bool right(const struct scenario *s, const struct outcome *o, unsigned int rounds,
		  long pages)
{
	uint64_t ops = vdpa_counters_table_ops(&o->work);
	bool good = true;

#define EXPECT(cond, ...) do {						\
	if (!(cond)) {							\
		printf("  WRONG (%s): ", s->title);			\
		printf(__VA_ARGS__);					\
		printf("\n");						\
		good = false;						\
	}								\
} while (0)

	if (s->habit == FORGETS) {
		EXPECT(o->after == GONE, "the device still reached memory that is not mapped");
		return good;
	}
	EXPECT(o->after == INTACT, "the device could not do DMA after a reset");
	EXPECT(o->pinned_last == o->pinned_first, "pages pinned went from %ld to %ld",
	       o->pinned_first, o->pinned_last);
	EXPECT(o->pinned_last >= pages, "only %ld pages are pinned", o->pinned_last);
	if (s->pin_reuse) {
		EXPECT(o->work.pages_pinned == 0, "%llu pages were pinned again",
		       (unsigned long long)o->work.pages_pinned);
		EXPECT(ops == 0, "the device's table was changed %llu times",
		       (unsigned long long)ops);
	} else {
		EXPECT(o->work.pages_pinned >= (uint64_t)pages * rounds,
		       "without reuse only %llu pages were pinned again",
		       (unsigned long long)o->work.pages_pinned);
		EXPECT(ops >= rounds, "without reuse the device's table was changed only %llu times",
		       (unsigned long long)ops);
	}
	return good;
}

int main(int argc, char **argv)
{
	static const char *const words[] = { "alive", "gone", "BROKEN" };
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct outcome out[sizeof(scenarios) / sizeof(scenarios[0])];
	unsigned int rounds, i;
	struct guest_mem ram;
	bool good = true;
	size_t mib;
	long left;

	if (argc != 4) {
		fprintf(stderr, "usage: reset_cost DEVICE MIB ROUNDS\n");
		return 2;
	}
	mib = strtoul(argv[2], NULL, 0);
	rounds = strtoul(argv[3], NULL, 0);
	if (mib < 16 || !rounds) {
		fprintf(stderr, "reset_cost: at least 16 MiB and one round\n");
		return 2;
	}
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited))
		die("RLIMIT_MEMLOCK", errno);
	must("guest memory", guest_mem_alloc(&ram, mib * MIB, GUEST_MEM_ANON));

	printf("\nWhat a device reset costs: %zu MiB of guest memory (%zu pages), %u resets each\n\n",
	       mib, mib * MIB / GUEST_PAGE, rounds);
	printf("%-36s %13s %13s %11s  %s\n", "", "pages pinned", "device table", "time per",
	       "mapping");
	printf("%-36s %13s %13s %11s  %s\n", "client", "per reset", "calls, reset", "reset, ms",
	       "afterwards");
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++) {
		play(&scenarios[i], argv[1], &ram, rounds, &out[i]);
		printf("%-36s %13.1f %13.1f %11.2f  %s\n", scenarios[i].title,
		       (double)out[i].work.pages_pinned / rounds,
		       (double)vdpa_counters_table_ops(&out[i].work) / rounds, out[i].ms,
		       words[out[i].after]);
		fflush(stdout);
	}
	printf("\n");
	for (i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++)
		good &= right(&scenarios[i], &out[i], rounds, mib * MIB / GUEST_PAGE);

	guest_mem_free(&ram);
	left = vdpa_pinned_pages();
	if (left) {
		printf("  WRONG: %ld pages are still pinned after the last close\n", left);
		good = false;
	}
	if (good)
		printf("Every line is as it has to be. \"alive\": after each reset the device moved new\n"
		       "data across the whole range; \"gone\": it could not, as an old client expects.\n"
		       "A reset costs 1/%.0f of what it costs a stock QEMU without reuse.\n",
		       out[1].ms > 0 ? out[2].ms / out[1].ms : 0);
	return good ? 0 : 1;
}
