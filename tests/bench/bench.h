/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bench.h - what the measuring programs share.
 *
 * They use only what every vhost-vdpa offers, so that the same binary measures this stack and an
 * in-tree one. Each result is a line "BENCH name value unit" on stdout; tests/bench/report.awk
 * puts the lines of all stacks together. Times are CLOCK_MONOTONIC; under tests/bench/run that
 * clock counts instructions.
 */
#ifndef BENCH_H
#define BENCH_H

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>

#include "guest_mem.h"
#include "vdpa_admin.h"
#include "vdpa_client.h"

#define MIB		(1UL << 20)
#define BENCH_FEATURES	(VDPA_BIT(VIRTIO_F_VERSION_1) | VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM))

static inline void bench_result(const char *name, double value, const char *unit)
{
	printf("BENCH %s %.0f %s\n", name, value, unit);
	fflush(stdout);
}

static inline void must(const char *what, long result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-result));
	exit(1);
}

static inline uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static inline void bench_setup(void)
{
	const struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	if (setrlimit(RLIMIT_MEMLOCK, &unlimited))
		must("RLIMIT_MEMLOCK", -errno);
}

/*
 * Private 4 KiB pages touched in random order: neighbours in the process are not neighbours in
 * memory, as in a VMM on a host that has been up for long.
 */
static inline int alloc_scattered(struct guest_mem *m, size_t size)
{
	size_t n = size / GUEST_PAGE, i, j;
	uint64_t random = 88172645463325252ULL;
	uint32_t *order;

	memset(m, 0, sizeof(*m));
	m->fd = -1;
	m->size = size;
	m->area_size = size;
	m->area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->area == MAP_FAILED)
		return -errno;
	m->base = m->area;
	madvise(m->area, size, MADV_NOHUGEPAGE);

	order = malloc(n * sizeof(*order));
	if (!order)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		/* xorshift: the same order in every run */
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		j = random % (i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	for (i = 0; i < n; i++)
		m->base[order[i] * GUEST_PAGE] = 1;
	free(order);

	return 0;
}

static inline int bench_alloc(struct guest_mem *m, size_t size, const char *kind)
{
	if (!strcmp(kind, "4k"))
		return guest_mem_alloc(m, size, GUEST_MEM_ANON);
	if (!strcmp(kind, "4k_scattered"))
		return alloc_scattered(m, size);
	if (!strcmp(kind, "thp"))
		return guest_mem_alloc(m, size, GUEST_MEM_THP);
	if (!strcmp(kind, "hugetlb"))
		return guest_mem_alloc(m, size, GUEST_MEM_HUGETLB);
	if (!strcmp(kind, "memfd"))
		return guest_mem_alloc(m, size, GUEST_MEM_SHARED);
	return -EINVAL;
}

/* All of @m at IOVA 0, in one message inside a batch. */
static inline void bench_map(const struct vdpa_client *c, const struct guest_mem *m)
{
	must("batch begin", vdpa_batch_begin(c, 0));
	must("map", vdpa_map(c, 0, 0, m->size, m->base, VHOST_ACCESS_RW));
	must("batch end", vdpa_batch_end(c, 0));
}

static inline void bench_unmap(const struct vdpa_client *c, const struct guest_mem *m)
{
	must("batch begin", vdpa_batch_begin(c, 0));
	must("unmap", vdpa_unmap(c, 0, 0, m->size));
	must("batch end", vdpa_batch_end(c, 0));
}

static inline int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static inline uint64_t median(uint64_t *value, unsigned int n)
{
	qsort(value, n, sizeof(*value), by_value);
	return value[n / 2];
}

#endif /* BENCH_H */
