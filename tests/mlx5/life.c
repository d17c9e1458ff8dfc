// SPDX-License-Identifier: GPL-2.0-only
/*
 * life.c - mlx5_vdpa on the modelled card, through vhost-vdpa: traffic, what resets and changes of
 * the table cost in firmware commands, migration.
 *
 * Every test ends with no complaint of the model and none of its objects left over.
 */
#include <errno.h>
#include <unistd.h>

#include "m5_bench.h"

#define RAM_PAGES	512
#define DEV2		"m5-b"

static const uint64_t at = VDPA_RAM_IOVA;
static const struct vdpa_setup persist = {
	.dev = M5_DEV, .backend = VDPA_PERSIST_BACKEND, .ram_pages = RAM_PAGES
};
static const struct vdpa_setup qemu = {
	.dev = M5_DEV, .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES
};

static void traffic(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_int_equal(m5_get_file(0, "audit"), 0);
	assert_int_equal(m5_stat(0, "rx_dropped"), 0);
	assert_true(m5_stat(0, "tx_frames") >= RAM_PAGES);
}

/* The goal of it all: no command for memory. */
static void reset_often(struct vdpa_bench *b, bool remap)
{
	long long keys;
	int i;

	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	keys = m5_mkey_cmds(0);
	for (i = 0; i < 5; i++) {
		assert_ok(vdpa_reset(&b->c));
		if (remap) {
			assert_ok(vdpa_bench_unmap_all(b, at));
			assert_ok(vdpa_bench_map_all(b, at));
		}
		assert_ok(vdpa_bench_start(b));
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	}
	assert_int_equal(m5_mkey_cmds(0), keys);
}

static void reset_persist(void **state)
{
	reset_often(*state, false);
}

static void reset_qemu(void **state)
{
	reset_often(*state, true);
}

/* A client that maps nothing again after a reset finds an empty device. */
static void reset_compat(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int timeout;

	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_ok(vdpa_reset(&b->c));
	net_loop_rewind(&b->loop, b->loop.iova);
	timeout = b->loop.timeout_ms;
	if (!net_loop_start(&b->loop, &b->c)) {
		b->loop.timeout_ms = 500;
		assert_err(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 8), ETIMEDOUT);
		b->loop.timeout_ms = timeout;
	}
	/* That it tried to reach its rings is its owner's doing. */
	assert_int_equal(m5_stat(0, "errors"), 0);
	m5_forget_complaints();
}

/* Memory comes and goes under a running device: only what differs gets a key. */
static void change_map(void **state)
{
	struct vdpa_bench *b = *state;
	struct guest_mem more;
	long long creates;

	assert_ok(guest_mem_alloc(&more, 64 * GUEST_PAGE, GUEST_MEM_ANON));
	guest_mem_fill(more.base, more.size, 7);
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	creates = m5_stat(0, "op_200");
	/* In another GiB: one new key and the list. */
	assert_ok(vdpa_map(&b->c, 0, at + (8ULL << 30), more.size, more.base, VHOST_ACCESS_RW));
	assert_int_equal(m5_stat(0, "op_200"), creates + 2);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	vdpa_bench_sees(b, at + (8ULL << 30), 0, 64, 7);
	assert_ok(vdpa_unmap(&b->c, 0, at + (8ULL << 30), more.size));
	assert_int_equal(m5_stat(0, "op_200"), creates + 3);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_int_equal(m5_get_file(0, "audit"), 0);
	guest_mem_free(&more);
}

/*
 * Memory that is contiguous and crosses a multiple of 1 GiB, ranges of all sizes at all distances,
 * and holes of more than 4 GiB: each key and each entry of the list leads to the right page.
 */
static void odd_tables(void **state)
{
	const uint64_t cut = (at | ((1ULL << 30) - 1)) + 1;
	struct vdpa_bench *b = *state;
	struct guest_mem large;
	size_t page, n;
	uint64_t iova;

	assert_ok(guest_mem_alloc(&large, 512 * GUEST_PAGE, GUEST_MEM_THP));
	guest_mem_fill(large.base, large.size, 9);
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, cut - 200 * GUEST_PAGE, large.size, large.base,
			   VHOST_ACCESS_RW));
	for (page = 0, n = 1, iova = at; page + n <= RAM_PAGES; page += n, n += 2) {
		assert_ok(vdpa_map(&b->c, 0, iova, n * GUEST_PAGE, b->ram.base + page * GUEST_PAGE,
				   VHOST_ACCESS_RW));
		iova += (2 * n + 3) * GUEST_PAGE;
	}
	assert_ok(vdpa_map(&b->c, 0, at + (12ULL << 30) + 3 * GUEST_PAGE, 5 * GUEST_PAGE,
			   b->ram.base, VHOST_ACCESS_RW));
	assert_ok(vdpa_batch_end(&b->c, 0));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, cut - 200 * GUEST_PAGE, 0, 512, 9);
	for (page = 0, n = 1, iova = at; page + n <= RAM_PAGES; page += n, n += 2) {
		vdpa_bench_sees(b, iova, page, n, 1);
		iova += (2 * n + 3) * GUEST_PAGE;
	}
	vdpa_bench_sees(b, at + (12ULL << 30) + 3 * GUEST_PAGE, 0, 5, 1);
	assert_int_equal(m5_get_file(0, "audit"), 0);
	vdpa_close(&b->c);
	guest_mem_free(&large);
}

/* What happens in the control queue's address space is nothing to the data. */
static void other_address_space(void **state)
{
	struct vdpa_bench *b = *state;
	int i;

	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	for (i = 0; i < 3; i++) {
		assert_ok(vdpa_map(&b->c, 1, at, 16 * GUEST_PAGE, b->ram.base, VHOST_ACCESS_RW));
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
		assert_ok(vdpa_unmap(&b->c, 1, at, 16 * GUEST_PAGE));
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	}
	assert_int_equal(m5_get_file(0, "audit"), 0);
}

static void suspend(struct vdpa_client *c)
{
	assert_ok(vdpa_ioctl(c, VHOST_VDPA_SUSPEND, NULL));
}

/* Migration in miniature: the rings go on, on another function, where they stopped. */
static void migrate(void **state)
{
	struct vdpa_bench *b = *state;
	struct vdpa_client second;
	unsigned int rx, tx;
	int i;

	assert_ok(vdpa_admin_add(DEV2, m5_mgmt(1)));
	assert_ok(vdpa_open_as(&second, DEV2, VDPA_QEMU_BACKEND));
	assert_ok(m5_set(0, "loopback", "1"));
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	for (i = 0; i < 4; i++) {
		struct vdpa_client *from = i & 1 ? &second : &b->c;
		struct vdpa_client *to = i & 1 ? &b->c : &second;

		suspend(from);
		assert_ok(vdpa_get_vring_base(from, 0, &rx));
		assert_ok(vdpa_get_vring_base(from, 1, &tx));
		assert_int_equal(rx, b->loop.rx.last_used);
		assert_int_equal(tx, b->loop.tx.last_used);
		/* What a client mapped stays its own over a reset, until it takes it back. */
		assert_ok(vdpa_reset(from));
		assert_ok(net_loop_unmap(&b->loop, from));
		assert_ok(vdpa_unmap(from, 0, at, b->ram.size));

		b->loop.c = to;
		m5_go_on(b, to, at, rx, tx);
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	}
	assert_ok(vdpa_reset(&second));
	vdpa_close(&second);
	assert_ok(vdpa_admin_del(DEV2));
	assert_int_equal(m5_stat(1, "live"), 0);
	b->loop.c = &b->c;
}

/* The configuration space says so when the link goes and comes. */
static void link_state(void **state)
{
	struct vdpa_bench *b = *state;
	uint8_t status[2];
	int i;

	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	for (i = 0; i < 4; i++) {
		int waited;

		assert_ok(m5_set(0, "link", i & 1 ? "1" : "0"));
		for (waited = 0; waited < 3000; waited++) {
			assert_ok(vdpa_get_config(&b->c, 6, status, 2));
			if ((status[0] & 1) == (i & 1))
				break;
			usleep(10000);
		}
		assert_int_equal(status[0] & 1, i & 1);
	}
	vdpa_bench_sees(b, at, 0, 16, 1);
}

static int nothing(void **state)
{
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		m5_test(traffic, &persist),
		m5_test(reset_persist, &persist),
		m5_test(reset_qemu, &qemu),
		m5_test(reset_compat, &qemu),
		m5_test(change_map, &qemu),
		m5_test(odd_tables, &qemu),
		m5_test(other_address_space, &qemu),
		m5_test(migrate, &qemu),
		m5_test(link_state, &persist),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("mlx5 life", tests, nothing, nothing);
}
