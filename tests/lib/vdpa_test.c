// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdpa_test.c - fixtures and checks that say what went wrong.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void vdpa_assert_result(long got, long expected, const char *what, const char *file, int line)
{
	if (got == expected)
		return;

	print_error("%s: got %ld (%s), expected %ld (%s)\n", what, got,
		    got < 0 ? strerror(-got) : "no error", expected,
		    expected < 0 ? strerror(-expected) : "no error");
	_fail(file, line);
}

void vdpa_assert_pinned(long pages, const char *file, int line)
{
	long got = vdpa_pinned_pages();

	if (got == pages)
		return;

	print_error("pinned pages of the process: %ld, expected %ld\n", got, pages);
	_fail(file, line);
}

void vdpa_assert_count(const struct vdpa_counters *since, uint64_t got, uint64_t expected,
		       const char *what, const char *file, int line)
{
	if (got == expected)
		return;

	print_error("%s: %" PRIu64 ", expected %" PRIu64 "\n"
		    "pages_pinned %" PRIu64 " pages_unpinned %" PRIu64 " pages_reused %" PRIu64
		    " maps %" PRIu64 " unmaps %" PRIu64 " parks %" PRIu64 " revives %" PRIu64
		    " resets %" PRIu64 " set_map %" PRIu64 " dma_map %" PRIu64
		    " dma_unmap %" PRIu64 "\n", what, got, expected, since->pages_pinned,
		    since->pages_unpinned, since->pages_reused, since->maps, since->unmaps,
		    since->parks, since->revives, since->resets, since->set_map_calls,
		    since->dma_map_calls, since->dma_unmap_calls);
	_fail(file, line);
}

static bool param(const char *module, const char *name, bool otherwise)
{
	int value = vdpa_admin_param(module, name);

	return value < 0 ? otherwise : value;
}

const struct vdpa_mode *vdpa_mode(void)
{
	static struct vdpa_mode mode;
	static bool known;

	if (!known) {
		/* Hardware cannot; the simulator tells. */
		mode.use_va = param("vdpa_sim", "use_va", access("/sys/module/mlx5_vdpa", F_OK));
		mode.batch_mapping = param("vdpa_sim", "batch_mapping", true);
		mode.iotlb_persist = param("vdpa_sim", "iotlb_persist", true);
		mode.pin_reuse = param("vhost_vdpa", "pin_reuse", true);
		known = true;
	}

	return &mode;
}

enum guest_mem_kind vdpa_mode_memory(void)
{
	return vdpa_mode()->use_va ? GUEST_MEM_SHARED : GUEST_MEM_ANON;
}

int vdpa_bench_open(struct vdpa_bench *b, const struct vdpa_setup *setup)
{
	const char *dev = setup->dev ? setup->dev : VDPA_TEST_NET;
	size_t ram_size = setup->ram_pages * GUEST_PAGE;
	int ret;

	memset(b, 0, sizeof(*b));
	b->c.fd = -1;
	b->pinned_before = vdpa_pinned_pages();
	ret = guest_mem_alloc(&b->loop_mem, NET_LOOP_BYTES, vdpa_mode_memory());
	if (!ret)
		ret = net_loop_init(&b->loop, b->loop_mem.base, VDPA_LOOP_IOVA);
	if (!ret && ram_size) {
		ret = guest_mem_alloc(&b->ram, ram_size, vdpa_mode_memory());
		if (!ret)
			guest_mem_fill(b->ram.base, ram_size, 1);
	}
	if (!ret)
		ret = setup->no_owner ? vdpa_open(&b->c, dev) :
					vdpa_open_as(&b->c, dev, setup->backend);
	if (ret)
		vdpa_bench_close(b);

	return ret;
}

void vdpa_bench_close(struct vdpa_bench *b)
{
	vdpa_close(&b->c);
	net_loop_exit(&b->loop);
	guest_mem_free(&b->loop_mem);
	guest_mem_free(&b->ram);
}

int vdpa_setup_bench(void **state)
{
	struct vdpa_bench *b = malloc(sizeof(*b));
	int ret;

	if (!b)
		return -1;
	ret = vdpa_bench_open(b, *state);
	if (ret) {
		print_error("cannot set up the test: %s\n", strerror(-ret));
		free(b);
		return -1;
	}
	*state = b;

	return 0;
}

int vdpa_teardown_bench(void **state)
{
	struct vdpa_bench *b = *state;
	long pinned;

	vdpa_close(&b->c);
	pinned = vdpa_pinned_pages() - b->pinned_before;
	vdpa_bench_close(b);
	free(b);
	if (pinned)
		print_error("%ld pages are still pinned after close\n", pinned);

	return pinned ? -1 : 0;
}

int vdpa_bench_map_ram(struct vdpa_bench *b, uint64_t iova)
{
	return vdpa_map(&b->c, 0, iova, b->ram.size, b->ram.base, VHOST_ACCESS_RW);
}

int vdpa_bench_map_all(struct vdpa_bench *b, uint64_t iova)
{
	int ret = vdpa_batch_begin(&b->c, 0);

	if (!ret)
		ret = net_loop_map(&b->loop, &b->c);
	if (!ret)
		ret = vdpa_bench_map_ram(b, iova);
	return ret ?: vdpa_batch_end(&b->c, 0);
}

int vdpa_bench_unmap_all(struct vdpa_bench *b, uint64_t iova)
{
	int ret = vdpa_batch_begin(&b->c, 0);

	if (!ret)
		ret = net_loop_unmap(&b->loop, &b->c);
	if (!ret)
		ret = vdpa_unmap(&b->c, 0, iova, b->ram.size);
	return ret ?: vdpa_batch_end(&b->c, 0);
}

int vdpa_bench_start(struct vdpa_bench *b)
{
	net_loop_rewind(&b->loop, b->loop.iova);
	return net_loop_start(&b->loop, &b->c);
}

void vdpa_bench_mark(struct vdpa_bench *b)
{
	assert_ok(vdpa_counters_read(b->c.minor, &b->before));
}

struct vdpa_counters vdpa_bench_since(const struct vdpa_bench *b)
{
	struct vdpa_counters now;

	assert_ok(vdpa_counters_read(b->c.minor, &now));
	return vdpa_counters_since(&b->before, &now);
}

static void look(struct vdpa_bench *b, uint64_t iova, size_t n, uint64_t *value, bool *ok)
{
	uint64_t *at = calloc(n, sizeof(*at));
	size_t i;

	assert_non_null(at);
	for (i = 0; i < n; i++)
		at[i] = iova + i * GUEST_PAGE;
	assert_ok(net_loop_peek(&b->loop, at, n, value, ok));
	free(at);
}

void vdpa_bench_sees(struct vdpa_bench *b, uint64_t iova, size_t first_page, size_t n,
		     uint64_t tag)
{
	uint64_t *value = calloc(n, sizeof(*value));
	bool *ok = calloc(n, sizeof(*ok));
	size_t i;

	look(b, iova, n, value, ok);
	for (i = 0; i < n; i++) {
		if (ok[i] && value[i] == guest_mem_mark(tag, first_page + i))
			continue;
		if (ok[i])
			print_error("page %zu at iova %#" PRIx64 ": device read %#" PRIx64
				    ", expected %#" PRIx64 "\n", i, iova + i * GUEST_PAGE,
				    value[i], guest_mem_mark(tag, first_page + i));
		else
			print_error("page %zu at iova %#" PRIx64 ": device could not read\n", i,
				    iova + i * GUEST_PAGE);
		free(value);
		free(ok);
		fail();
	}
	free(value);
	free(ok);
}

void vdpa_bench_blind(struct vdpa_bench *b, uint64_t iova, size_t n)
{
	uint64_t *value = calloc(n, sizeof(*value));
	bool *ok = calloc(n, sizeof(*ok));
	size_t i;

	look(b, iova, n, value, ok);
	for (i = 0; i < n; i++) {
		if (!ok[i])
			continue;
		print_error("page %zu at iova %#" PRIx64 ": device read %#" PRIx64
			    ", expected no access\n", i, iova + i * GUEST_PAGE, value[i]);
		free(value);
		free(ok);
		fail();
	}
	free(value);
	free(ok);
}

static int create(const char *name, const char *mgmtdev, const char *attr, const char *value)
{
	int ret;

	if (vdpa_admin_exists(name))
		vdpa_admin_del(name);
	ret = vdpa_admin_add_with(name, mgmtdev, attr, value);
	if (ret)
		print_error("cannot create %s on %s: %s\n", name, mgmtdev, strerror(-ret));

	return ret;
}

int vdpa_group_net(void **state)
{
	(void)state;
	return create(VDPA_TEST_NET, VDPA_MGMT_NET, "mac", VDPA_TEST_MAC);
}

int vdpa_group_both(void **state)
{
	int ret = vdpa_group_net(state);

	return ret ? ret : create(VDPA_TEST_BLK, VDPA_MGMT_BLK, NULL, NULL);
}

int vdpa_group_end(void **state)
{
	int ret = 0;

	(void)state;
	if (vdpa_admin_exists(VDPA_TEST_BLK))
		ret = vdpa_admin_del(VDPA_TEST_BLK);
	if (vdpa_admin_exists(VDPA_TEST_NET) && !ret)
		ret = vdpa_admin_del(VDPA_TEST_NET);

	return ret;
}

void vdpa_test_begin(int argc, char **argv)
{
	const char *filter = getenv("TEST_FILTER");

	setvbuf(stdout, NULL, _IOLBF, 0);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (argc > 1)
		filter = argv[1];
	if (filter && *filter)
		cmocka_set_test_filter(filter);
}
