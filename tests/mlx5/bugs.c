// SPDX-License-Identifier: GPL-2.0-only
/*
 * bugs.c - mistakes that drivers for this card have made (docs/mlx5.md, "Known mistakes"), one test
 * each, as far as the others do not find them anyway.
 */
#include "vdpa_nl.h"
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "m5.h"

#define RAM_PAGES	64
#define DEV		"m5-a"

#define OP_DESTROY_OBJECT	"op_a03_d"
#define OP_CREATE_MKEY		"op_200"

static const uint64_t at = VDPA_RAM_IOVA;
static const struct vdpa_setup qemu = {
	.dev = DEV, .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES
};

static int up(void **state)
{
	int ret;

	m5_forget_complaints();
	ret = vdpa_admin_add(DEV, m5_mgmt(0));
	return ret ?: vdpa_setup_bench(state);
}

static int down(void **state)
{
	int bad = vdpa_teardown_bench(state);

	if (vdpa_admin_del(DEV))
		bad = -1;
	if (m5_stat(0, "live") || m5_stat(0, "buffers") || m5_stat(0, "switch_macs"))
		bad = -1;
	return m5_complaints() ? -1 : bad;
}

static void run(struct vdpa_bench *b)
{
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

/* Parameters of the model that are no default, for functions that are bound from now on. */
static void firmware(const char *uid0, const char *resume, const char *desc_mkey,
		     const char *counters)
{
	assert_ok(m5_unbind(0));
	assert_ok(m5_param("uid0", uid0));
	assert_ok(m5_param("resume", resume));
	assert_ok(m5_param("desc_mkey", desc_mkey));
	assert_ok(m5_param("counters", counters));
	assert_ok(m5_bind(0));
}

static int old_firmware_up(void **state)
{
	firmware("0", "0", "0", "0");
	return up(state);
}

static int old_firmware_down(void **state)
{
	int bad = down(state);

	firmware("1", "1", "1", "1");
	return bad;
}

/* Objects with a user context; queues that cannot be resumed: a change makes them anew. */
static void old_firmware(void **state)
{
	struct vdpa_bench *b = *state;
	int i;

	run(b);
	assert_ok(vdpa_map(&b->c, 0, at + (4ULL << 30), GUEST_PAGE, b->ram.base, VHOST_ACCESS_RW));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_ok(vdpa_unmap(&b->c, 0, at + (4ULL << 30), GUEST_PAGE));
	for (i = 0; i < 2; i++) {
		assert_ok(vdpa_reset(&b->c));
		assert_ok(vdpa_bench_unmap_all(b, at));
		run(b);
	}
	assert_int_equal(m5_get_file(0, "audit"), 0);
}

/* Queues that wait in INIT survive a change of the table whatever the firmware can. */
static void map_before_start(void **state)
{
	struct vdpa_bench *b = *state;
	long long before = m5_stat(0, OP_DESTROY_OBJECT);
	int i;

	for (i = 0; i < 3; i++) {
		assert_ok(vdpa_bench_map_all(b, at));
		assert_ok(vdpa_bench_unmap_all(b, at));
	}
	assert_int_equal(m5_stat(0, OP_DESTROY_OBJECT), before);
	run(b);
}

/* A client that maps nothing reaches nothing, although a new device has a key to all memory. */
static void nothing_mapped(void **state)
{
	struct vdpa_bench *b = *state;

	b->loop.timeout_ms = 500;
	if (!vdpa_bench_start(b))
		assert_err(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 8), ETIMEDOUT);
	assert_int_equal(m5_stat(0, "errors"), 0);
	assert_int_equal(m5_stat(0, "tx_frames"), 0);
	m5_forget_complaints();
}

/* Each queue has its own size, in whatever order they are told. */
static void sizes(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_vring_num(&b->c, 0, 16));
	assert_ok(vdpa_vring_num(&b->c, 1, 256));
	run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_vring_num(&b->c, 1, 16));
	assert_ok(vdpa_vring_num(&b->c, 0, 256));
	assert_ok(vdpa_bench_unmap_all(b, at));
	run(b);
}

/* A table for the control queue is none of the data queues' business, and the other way round. */
static void spaces(void **state)
{
	struct vdpa_bench *b = *state;
	long long creates;
	int i;

	assert_ok(vdpa_group_asid(&b->c, 1, 1));
	run(b);
	creates = m5_stat(0, OP_CREATE_MKEY);
	for (i = 0; i < 3; i++) {
		assert_ok(vdpa_map(&b->c, 1, at, GUEST_PAGE, b->ram.base, VHOST_ACCESS_RW));
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
		assert_ok(vdpa_unmap(&b->c, 1, at, GUEST_PAGE));
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	}
	printf("# %lld keys for the control queue\n", m5_stat(0, OP_CREATE_MKEY) - creates);
	assert_err(vdpa_group_asid(&b->c, 0, 1), EBUSY);
	assert_int_equal(m5_get_file(0, "audit"), 0);
}

static int set_mac(struct vdpa_nl *nl, const uint8_t *mac)
{
	vdpa_nl_begin(nl, VDPA_CMD_DEV_ATTR_SET, 0);
	mnl_attr_put_strz(nl->nlh, VDPA_ATTR_DEV_NAME, DEV);
	mnl_attr_put(nl->nlh, VDPA_ATTR_DEV_NET_CFG_MACADDR, 6, mac);
	return vdpa_nl_talk(nl, NULL, NULL);
}

/* The address is not changed under a driver, and the switch forgets the old one. */
static void address(void **state)
{
	static const uint8_t one[6] = { 2, 0, 0, 0, 0, 1 }, two[6] = { 2, 0, 0, 0, 0, 2 };
	struct vdpa_bench *b = *state;
	uint8_t now[6];
	struct vdpa_nl nl;

	assert_ok(vdpa_nl_open(&nl));
	assert_int_equal(m5_stat(0, "switch_macs"), 1);
	assert_ok(set_mac(&nl, one));
	assert_int_equal(m5_stat(0, "switch_macs"), 1);
	run(b);
	assert_err(set_mac(&nl, two), EBUSY);
	assert_ok(vdpa_get_config(&b->c, 0, now, 6));
	assert_memory_equal(now, one, 6);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(set_mac(&nl, two));
	assert_int_equal(m5_stat(0, "switch_macs"), 1);
	vdpa_nl_close(&nl);
}

/* A suspend that fails leaves a device that works; one that succeeds afterwards is one. */
static void suspend_fails(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int base;

	run(b);
	assert_ok(m5_set(0, "inject", "0xa01:0xd 1 status 1"));
	assert_true(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL) < 0);
	m5_set(0, "inject", "clear");
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
	assert_ok(vdpa_get_vring_base(&b->c, 0, &base));
	assert_int_equal(base, b->loop.rx.last_used);
}

/* Sizes of buffers that the firmware does not tell are not guessed. */
static void no_sizes(void **state)
{
	m5_forget_complaints();
	assert_ok(m5_set(0, "inject", "0x100 1 status 1"));
	assert_true(vdpa_admin_add(DEV, m5_mgmt(0)) < 0);
	assert_false(vdpa_admin_exists(DEV));
	m5_set(0, "inject", "clear");
	assert_int_equal(m5_stat(0, "live"), 0);
	assert_int_equal(m5_complaints(), 0);
}

static int nothing(void **state)
{
	return 0;
}

#define bug(fn)	{ #fn, fn, up, down, (void *)&qemu }

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{ "old_firmware", old_firmware, old_firmware_up, old_firmware_down, (void *)&qemu },
		{ "map_before_start, firmware cannot resume", map_before_start, old_firmware_up,
		  old_firmware_down, (void *)&qemu },
		bug(map_before_start),
		bug(nothing_mapped),
		bug(sizes),
		bug(spaces),
		bug(address),
		bug(suspend_fails),
		cmocka_unit_test(no_sizes),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("mlx5 bugs", tests, nothing, nothing);
}
