/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vdpa_test.h - cmocka with TAP, exact errnos, and the usual fixtures.
 *
 * A test that does not apply in the mode it runs in (a module parameter) is not in the list of
 * tests at all: nothing here skips.
 */
#ifndef VDPA_TEST_H
#define VDPA_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "guest_mem.h"
#include "net_loop.h"
#include "vdpa_admin.h"
#include "vdpa_client.h"

/* 0, or the test fails and says which error it was. */
#define assert_ok(expr) \
	vdpa_assert_result(expr, 0, #expr, __FILE__, __LINE__)

/* Exactly this error; @err is positive. */
#define assert_err(expr, err) \
	vdpa_assert_result(expr, -(err), #expr, __FILE__, __LINE__)

void vdpa_assert_result(long got, long expected, const char *what, const char *file, int line);

/* Pages pinned by this process: exactly @pages. */
#define assert_pinned(pages) \
	vdpa_assert_pinned(pages, __FILE__, __LINE__)

void vdpa_assert_pinned(long pages, const char *file, int line);

/* A counter, with the whole set printed if it differs. */
#define assert_count(since, member, expected) \
	vdpa_assert_count(&(since), (since).member, expected, #member, __FILE__, __LINE__)

void vdpa_assert_count(const struct vdpa_counters *since, uint64_t got, uint64_t expected,
		       const char *what, const char *file, int line);

/* How the simulator was loaded. */
struct vdpa_mode {
	bool use_va;
	bool batch_mapping;
	bool iotlb_persist;
	bool pin_reuse;
};

const struct vdpa_mode *vdpa_mode(void);

/* Devices that the group fixtures make. */
#define VDPA_TEST_NET		"vdpatest-net"
#define VDPA_TEST_BLK		"vdpatest-blk"
#define VDPA_TEST_MAC		"02:76:64:70:61:01"

/**
 * struct vdpa_setup - what a test starts with; initial state of vdpa_setup_bench()
 * @dev: device to open, NULL for VDPA_TEST_NET
 * @backend: backend features to acknowledge
 * @ram_pages: size of the guest memory
 * @no_owner: leave out VHOST_SET_OWNER and the backend features
 */
struct vdpa_setup {
	const char *dev;
	uint64_t backend;
	size_t ram_pages;
	bool no_owner;
};

/**
 * struct vdpa_bench - a client with a looping device and some guest memory
 * @c: the client
 * @loop: rings and slots, meant for VDPA_LOOP_IOVA
 * @loop_mem: memory of the loop
 * @ram: guest memory, filled with marks of tag 1
 * @before: counters as of vdpa_bench_mark()
 * @pinned_before: pages pinned by the process before the client was opened
 */
struct vdpa_bench {
	struct vdpa_client c;
	struct net_loop loop;
	struct guest_mem loop_mem;
	struct guest_mem ram;
	struct vdpa_counters before;
	long pinned_before;
};

/* Far above RAM: a device with an identity table left over must not reach anything there. */
#define VDPA_LOOP_IOVA	0x7000000000ULL
#define VDPA_RAM_IOVA	0x6000000000ULL
#define VDPA_LOOP_PAGES	((long)(NET_LOOP_BYTES / GUEST_PAGE))

/* Memory of the kind that the mode can reach: shared for use_va, else private. */
enum guest_mem_kind vdpa_mode_memory(void);

/*
 * Setup and teardown of one test. The state is the struct vdpa_bench. The teardown closes what
 * the test left open and fails if the process has more pinned pages than before.
 */
int vdpa_setup_bench(void **state);
int vdpa_teardown_bench(void **state);

/* The same two for tests that need several clients. */
int vdpa_bench_open(struct vdpa_bench *b, const struct vdpa_setup *setup);
void vdpa_bench_close(struct vdpa_bench *b);

/* Remembers the counters; vdpa_bench_since() is what happened from then on. */
void vdpa_bench_mark(struct vdpa_bench *b);
struct vdpa_counters vdpa_bench_since(const struct vdpa_bench *b);

/* Maps all guest memory at @iova in address space 0, read-write. */
int vdpa_bench_map_ram(struct vdpa_bench *b, uint64_t iova);

/* Maps the loop, and all guest memory at @iova, in one batch; takes both back in one batch. */
int vdpa_bench_map_all(struct vdpa_bench *b, uint64_t iova);
int vdpa_bench_unmap_all(struct vdpa_bench *b, uint64_t iova);

/* New rings where the loop is mapped, up to DRIVER_OK. */
int vdpa_bench_start(struct vdpa_bench *b);

/* The device reads all marks of @tag, counted from @first_page, in @n pages at @iova. */
void vdpa_bench_sees(struct vdpa_bench *b, uint64_t iova, size_t first_page, size_t n,
		     uint64_t tag);
/* The device can read none of @n pages at @iova. */
void vdpa_bench_blind(struct vdpa_bench *b, uint64_t iova, size_t n);

/* Group fixtures: create the net device, the block device or both; the end deletes them. */
int vdpa_group_net(void **state);
int vdpa_group_both(void **state);
int vdpa_group_end(void **state);

/*
 * Runs the group in TAP; argv[1] or $TEST_FILTER, if given, is a pattern of test names. 0 if all
 * passed.
 */
#define vdpa_test_main(name, tests, setup, argc, argv) \
	(vdpa_test_begin(argc, argv), \
	 cmocka_run_group_tests_name(name, tests, setup, vdpa_group_end))

void vdpa_test_begin(int argc, char **argv);

/* A test with a bench made from a struct vdpa_setup; one without; one for each kind of device. */
#define vdpa_test(name, fn, setup) \
	{ name, fn, vdpa_setup_bench, vdpa_teardown_bench, (void *)(setup) }
#define vdpa_test_bare(name, fn) \
	{ name, fn, NULL, NULL, NULL }
#define vdpa_test_both(name, fn, net, blk) \
	vdpa_test("net: " name, fn, net), vdpa_test("blk: " name, fn, blk)

#endif /* VDPA_TEST_H */
