// SPDX-License-Identifier: GPL-2.0-only
/*
 * no_memory.c - the kernel is out of memory for a moment, at every moment of a device's life.
 *
 * A life goes from "vdpa dev add" over mapping, traffic, a live change and a reset to "vdpa dev
 * del". In the n-th life the n-th allocation that the kernel makes for this thread fails, until a
 * life needs fewer than that. The call it happens in may get by, or fail with ENOMEM; then nothing
 * has changed, and the same call works when it is made again. KASAN and kmemleak see the rest.
 *
 * Needs a kernel with CONFIG_FAULT_INJECTION: /proc/thread-self/fail-nth.
 */
#include "vdpa_nl.h"
#include "vdpa_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEV		"vdpatest-mem"
#define RAM_PAGES	32
#define MORE_IOVA	(VDPA_RAM_IOVA + (1ULL << 30))
#define FAULTS		"/sys/kernel/debug/"

/**
 * struct life - one life
 * @left: allocations that still succeed; 0: the one that fails is over
 * @calls: calls that failed
 */
struct life {
	struct vdpa_client c;
	struct net_loop loop;
	struct guest_mem loop_mem;
	struct guest_mem ram;
	struct vdpa_nl nl;
	uint64_t backend;
	unsigned int left;
	unsigned int calls;
	int fail_nth;
};

static void arm(struct life *l, unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	assert_int_equal(pwrite(l->fail_nth, text, len, 0), len);
}

/* How many are left; 0 if the fault has happened. */
static unsigned int disarm(struct life *l)
{
	char text[16] = "";
	unsigned int left;

	assert_true(pread(l->fail_nth, text, sizeof(text) - 1, 0) > 0);
	left = strtoul(text, NULL, 10);
	arm(l, 0);
	return left;
}

typedef int (*step_fn)(struct life *l);

static void step(struct life *l, const char *name, step_fn fn)
{
	long pinned = vdpa_pinned_pages();
	unsigned int before = l->left;
	int ret;

	arm(l, before);
	ret = fn(l);
	l->left = before ? disarm(l) : 0;
	if (ret && before && !l->left) {
		l->calls++;
		if (ret != -ENOMEM)
			print_error("%s: without memory (allocation %u)\n", name, before);
		assert_err(ret, ENOMEM);
		assert_int_equal(vdpa_pinned_pages(), pinned);
		ret = fn(l);
	}
	if (ret)
		print_error("%s: with memory\n", name);
	assert_ok(ret);
}

#define STEP(l, fn)	step(l, #fn, fn)

/*
 * The socket may run out of memory for the request (ENOBUFS), or for the answer to one that was
 * carried out, which is lost then.
 */
static int admin(struct life *l, uint8_t cmd, bool wanted)
{
	int ret;

	vdpa_nl_begin(&l->nl, cmd, 0);
	mnl_attr_put_strz(l->nl.nlh, VDPA_ATTR_DEV_NAME, DEV);
	if (cmd == VDPA_CMD_DEV_NEW)
		mnl_attr_put_strz(l->nl.nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, VDPA_MGMT_NET);
	ret = vdpa_nl_talk(&l->nl, NULL, NULL);
	if (ret != -ENOBUFS)
		return ret;
	vdpa_nl_close(&l->nl);
	assert_ok(vdpa_nl_open(&l->nl));
	return vdpa_admin_exists(DEV) == wanted ? 0 : -ENOMEM;
}

static int add_device(struct life *l)
{
	return admin(l, VDPA_CMD_DEV_NEW, true);
}

static int del_device(struct life *l)
{
	return admin(l, VDPA_CMD_DEV_DEL, false);
}

static int open_node(struct life *l)
{
	l->c.fd = open(l->c.node, O_RDWR | O_CLOEXEC);
	return l->c.fd < 0 ? -errno : 0;
}

static int own(struct life *l)
{
	return vdpa_set_owner(&l->c);
}

static int ack(struct life *l)
{
	return vdpa_ack_backend(&l->c, l->backend);
}

static int negotiate(struct life *l)
{
	return vdpa_negotiate(&l->c, NET_LOOP_FEATURES);
}

static int begin(struct life *l)
{
	return vdpa_batch_begin(&l->c, 0);
}

static int end(struct life *l)
{
	return vdpa_batch_end(&l->c, 0);
}

static int map_loop(struct life *l)
{
	return net_loop_map(&l->loop, &l->c);
}

static int map_ram(struct life *l)
{
	return vdpa_map(&l->c, 0, VDPA_RAM_IOVA, l->ram.size, l->ram.base, VHOST_ACCESS_RW);
}

static int map_more(struct life *l)
{
	return vdpa_map(&l->c, 0, MORE_IOVA, l->ram.size / 2, l->ram.base, VHOST_ACCESS_RO);
}

static int unmap_loop(struct life *l)
{
	return net_loop_unmap(&l->loop, &l->c);
}

static int unmap_ram(struct life *l)
{
	return vdpa_unmap(&l->c, 0, VDPA_RAM_IOVA, l->ram.size);
}

static int unmap_more(struct life *l)
{
	return vdpa_unmap(&l->c, 0, MORE_IOVA, l->ram.size / 2);
}

static int attach(struct life *l)
{
	return net_loop_attach(&l->loop, &l->c);
}

static int driver_ok(struct life *l)
{
	return vdpa_set_status(&l->c, VDPA_S_DRIVER_OK);
}

static int suspend(struct life *l)
{
	return vdpa_ioctl(&l->c, VHOST_VDPA_SUSPEND, NULL);
}

static int reset(struct life *l)
{
	return vdpa_reset(&l->c);
}

static int close_node(struct life *l)
{
	return close(l->c.fd) ? -errno : 0;
}

static void sees(struct life *l, uint64_t at, size_t page)
{
	uint64_t iova = at + page * GUEST_PAGE, value;
	bool ok;

	assert_ok(net_loop_peek(&l->loop, &iova, 1, &value, &ok));
	assert_true(ok);
	assert_int_equal(value, guest_mem_mark(1, page));
}

static void start(struct life *l)
{
	STEP(l, begin);
	STEP(l, map_loop);
	STEP(l, map_ram);
	STEP(l, end);
	STEP(l, negotiate);
	net_loop_rewind(&l->loop, l->loop.iova);
	STEP(l, attach);
	STEP(l, driver_ok);
	sees(l, VDPA_RAM_IOVA, 0);
	sees(l, VDPA_RAM_IOVA, RAM_PAGES - 1);
}

/* The n-th allocation fails. False if there are not so many. */
static bool live(struct life *l, unsigned int n)
{
	long pinned = vdpa_pinned_pages();
	char driver[32];

	l->left = n;
	STEP(l, add_device);
	/* A driver that cannot take it leaves it as a device without one. */
	assert_ok(vdpa_admin_driver(DEV, driver, sizeof(driver)));
	if (!driver[0]) {
		assert_int_equal(l->left, 0);
		assert_ok(vdpa_admin_bind(DEV, "vhost_vdpa"));
		l->calls++;
	}
	l->c.minor = vdpa_admin_minor(DEV);
	assert_true(l->c.minor >= 0);
	snprintf(l->c.node, sizeof(l->c.node), "/dev/vhost-vdpa-%d", l->c.minor);
	STEP(l, open_node);
	STEP(l, own);
	STEP(l, ack);
	start(l);

	STEP(l, map_more);
	sees(l, MORE_IOVA, 3);
	STEP(l, unmap_more);
	sees(l, VDPA_RAM_IOVA, 3);
	STEP(l, suspend);
	STEP(l, reset);
	STEP(l, unmap_ram);
	STEP(l, unmap_loop);
	start(l);
	STEP(l, close_node);
	assert_int_equal(vdpa_pinned_pages(), pinned);
	STEP(l, del_device);
	return !l->left;
}

/* Static, for the teardown of a test that ends early. */
static struct life life = { .c.fd = -1 };

static void every_allocation(uint64_t backend)
{
	unsigned int n = 0;

	memset(&life, 0, sizeof(life));
	life.c.fd = -1;
	life.backend = backend;
	life.c.backend = backend;
	life.fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	assert_true(life.fail_nth >= 0);
	assert_ok(vdpa_nl_open(&life.nl));
	assert_ok(guest_mem_alloc(&life.loop_mem, NET_LOOP_BYTES, vdpa_mode_memory()));
	assert_ok(guest_mem_alloc(&life.ram, RAM_PAGES * GUEST_PAGE, vdpa_mode_memory()));
	guest_mem_fill(life.ram.base, life.ram.size, 1);
	assert_ok(net_loop_init(&life.loop, life.loop_mem.base, VDPA_LOOP_IOVA));

	while (live(&life, ++n))
		assert_true(n < 5000);
	printf("# %u allocations failed, one in each life; %u calls returned ENOMEM\n", n - 1,
	       life.calls);
	assert_true(life.calls > 20);

	net_loop_exit(&life.loop);
	guest_mem_free(&life.loop_mem);
	guest_mem_free(&life.ram);
	vdpa_nl_close(&life.nl);
	close(life.fail_nth);
}

static int teardown(void **state)
{
	if (!vdpa_admin_exists(DEV))
		return 0;
	close(life.c.fd);
	return vdpa_admin_del(DEV);
}

static void qemu(void **state)
{
	every_allocation(VDPA_QEMU_BACKEND);
}

static void persist(void **state)
{
	every_allocation(VDPA_PERSIST_BACKEND);
}

/* Also those that may sleep, and single pages; nothing about it in the log. */
static int allow_faults(void **state)
{
	return vdpa_admin_write(FAULTS "failslab/ignore-gfp-wait", "N") ||
	       vdpa_admin_write(FAULTS "failslab/verbose", "0") ||
	       vdpa_admin_write(FAULTS "fail_page_alloc/ignore-gfp-wait", "N") ||
	       vdpa_admin_write(FAULTS "fail_page_alloc/min-order", "0") ||
	       vdpa_admin_write(FAULTS "fail_page_alloc/verbose", "0") ? -1 : 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		{ "the client resets, unmaps and maps again", qemu, NULL, teardown, NULL },
		{ "the client relies on its mapping", persist, NULL, teardown, NULL },
	};

	return vdpa_test_main("no_memory", tests, allow_faults, argc, argv);
}
