// SPDX-License-Identifier: GPL-2.0-only
/*
 * net.c - a virtio-net PCI function as vdpa device: QEMU's device model does the DMA, through the
 * VM's IOMMU, and sends each frame back to where it came from.
 *
 * usage: net [PATTERN]
 */
#include "vdpa_test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/virtio_net.h>

#include "vdpa_nl.h"
#include "vp.h"

#define RAM_PAGES	64
#define TX		1

/* Not in every linux/virtio_config.h. */
#define RING_RESET	40

/* Where PCI functions of a PC write to raise an interrupt. */
#define MSI_FIRST	0xfee00000ULL
#define MSI_LAST	0xfeefffffULL

/* What QEMU acknowledges of what is offered: a PCI function cannot be suspended. */
#define QEMU_BACKEND	(VDPA_QEMU_BACKEND & ~VDPA_BIT(VHOST_BACKEND_F_SUSPEND))

static const struct vdpa_setup qemu = { .backend = QEMU_BACKEND, .ram_pages = RAM_PAGES };
static const struct vdpa_setup persist = {
	.backend = QEMU_BACKEND | VDPA_BIT(VHOST_BACKEND_F_IOTLB_PERSIST),
	.ram_pages = RAM_PAGES,
};

static int make(const char *bdf)
{
	int ret = vp_bind(bdf, "vp-vdpa");

	if (!ret)
		ret = vdpa_admin_add(VDPA_TEST_NET, vp_mgmt(bdf));
	if (ret)
		print_error("no vdpa device of %s: %s\n", bdf, strerror(-ret));
	return ret;
}

static int unmake(const char *bdf)
{
	int ret = 0;

	if (vdpa_admin_exists(VDPA_TEST_NET))
		ret = vdpa_admin_del(VDPA_TEST_NET);
	return ret ? ret : vp_bind(bdf, NULL);
}

/* The function that the tests of a group are about. */
static const char *function;

static int group(void **state)
{
	return make(function);
}

static int group_end(void **state)
{
	return unmake(function);
}

static void start(struct vdpa_bench *b)
{
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, VDPA_RAM_IOVA));
	assert_ok(net_loop_start(&b->loop, &b->c));
	assert_int_equal(vdpa_get_status(&b->c), VDPA_S_DRIVER_OK);
}

static uint64_t *mark_of(struct vdpa_bench *b, size_t page)
{
	return (uint64_t *)(b->ram.base + page * GUEST_PAGE);
}

/* The kernel prints ten faults in five seconds: the access is repeated if its line is missing. */
#define TRIES	3

/* What the device reads where it is not allowed to is not what is in memory there. */
static void reads_nothing(struct vdpa_bench *b, int log, uint64_t iova, size_t page)
{
	uint64_t value;
	int i, ret;

	for (i = 0, ret = -1; ret && i < TRIES; i++) {
		value = 0;
		net_loop_read(&b->loop, iova, &value, sizeof(value));
		assert_true(value != *mark_of(b, page));
		ret = vp_log_fault(log, VP_NET, false, iova);
	}
	assert_ok(ret);
}

static void writes_nothing(struct vdpa_bench *b, int log, uint64_t iova, size_t page)
{
	uint64_t before = *mark_of(b, page), value = ~before;
	int i, ret;

	for (i = 0, ret = -1; ret && i < TRIES; i++) {
		net_loop_write(&b->loop, iova, &value, sizeof(value));
		assert_true(*(volatile uint64_t *)mark_of(b, page) == before);
		ret = vp_log_fault(log, VP_NET, true, iova);
	}
	assert_ok(ret);
}

static int log_open(void)
{
	int fd = vp_log_open();

	assert_true(fd >= 0);
	return fd;
}

static void what_it_is(void **state)
{
	struct vdpa_bench *b = *state;
	struct vhost_vring_state s = { .index = TX };
	struct vhost_vdpa_iova_range range = {};
	uint32_t id = 0, n = 0, size = 0;
	uint64_t features;
	uint8_t mac[6];
	uint16_t num = 0;

	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_DEVICE_ID, &id));
	assert_int_equal(id, 1);
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VQS_COUNT, &n));
	assert_int_equal(n, 3);
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_NUM, &num));
	assert_int_equal(num, 256);
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_SIZE, &s));
	assert_int_equal(s.num, 256);
	s.index = 2;
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_SIZE, &s));
	assert_int_equal(s.num, 64);
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_CONFIG_SIZE, &size));
	assert_true(size >= 12);
	assert_ok(vdpa_get_config(&b->c, 0, mac, sizeof(mac)));
	assert_memory_equal(mac, "\x02\x76\x64\x70\x61\x05", 6);
	assert_err(vdpa_get_config(&b->c, size, mac, 1), EINVAL);

	assert_ok(vdpa_get_features(&b->c, &features));
	assert_true(features & VDPA_BIT(VIRTIO_F_VERSION_1));
	assert_true(features & VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM));
	/* QEMU's device can reset single queues; the vdpa bus has no way to ask for that. */
	assert_false(features & VDPA_BIT(RING_RESET));

	/* QEMU's IOMMU translates 39 bits; older kernels say more, and see at the first mapping. */
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_IOVA_RANGE, &range));
	assert_int_equal(range.first, 0);
	assert_true(range.last >= (1ULL << 39) - 1);
	assert_true(vdpa_map(&b->c, 0, 1ULL << 39, GUEST_PAGE, b->ram.base, VHOST_ACCESS_RW) < 0);
	assert_pinned(b->pinned_before);
}

static void features_it_needs(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t offered;

	assert_ok(vdpa_get_features(&b->c, &offered));
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER));
	assert_err(vdpa_set_features(&b->c, VDPA_BIT(VIRTIO_F_VERSION_1)), EINVAL);
	assert_err(vdpa_set_features(&b->c, VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM)), EINVAL);
	assert_err(vdpa_set_features(&b->c, NET_LOOP_FEATURES | VDPA_BIT(RING_RESET)), EINVAL);
	assert_ok(vdpa_set_features(&b->c, offered));
	assert_ok(vdpa_set_status(&b->c, VDPA_S_FEATURES_OK));
	assert_int_equal(vdpa_get_status(&b->c), VDPA_S_FEATURES_OK);
}

static void data_both_ways(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t value;

	start(b);
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
	assert_ok(net_loop_copy(&b->loop, VDPA_RAM_IOVA, VDPA_RAM_IOVA + 9 * GUEST_PAGE, 2048));
	assert_memory_equal(mark_of(b, 9), mark_of(b, 0), 2048);
	value = 0x1122334455667788;
	assert_ok(net_loop_write(&b->loop, VDPA_RAM_IOVA + GUEST_PAGE, &value, sizeof(value)));
	assert_true(*mark_of(b, 1) == value);
}

static void packed_ring(void **state)
{
	struct vdpa_bench *b = *state;

	b->loop.packed = true;
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	start(b);
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
}

static void position(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int base;

	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
	assert_ok(vdpa_vring_base(&b->c, TX, 0));
	assert_err(vdpa_vring_base(&b->c, TX, 1), EOPNOTSUPP);
	assert_err(vdpa_get_vring_base(&b->c, TX, &base), EOPNOTSUPP);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES | VDPA_BIT(VIRTIO_F_RING_PACKED)));
	assert_ok(vdpa_vring_base(&b->c, TX, 0x80008000));
	assert_err(vdpa_vring_base(&b->c, TX, 0), EOPNOTSUPP);
	assert_err(vdpa_vring_base(&b->c, TX, 0x80018000), EOPNOTSUPP);
}

/* Each queue may have fewer entries than the largest one. */
static void size_of_another_queue(void **state)
{
	struct vdpa_bench *b = *state;
	struct vhost_vring_state s = { .index = 2 };

	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
	assert_ok(vdpa_vring_num(&b->c, 2, 32));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_SIZE, &s));
	assert_int_equal(s.num, 32);
	assert_err(vdpa_vring_num(&b->c, 2, 512), EINVAL);
	assert_int_equal(vdpa_get_status(&b->c), VDPA_S_FEATURES_OK);
}

static void interrupts(void **state)
{
	struct vdpa_bench *b = *state;
	struct vring_seg seg = { .iova = VDPA_RAM_IOVA, .len = 60 };
	struct pollfd pfd = { .events = POLLIN };
	uint64_t one = 1;
	uint32_t len;

	start(b);
	memset(b->ram.base, 0, 60);
	pfd.fd = b->loop.tx_call;
	assert_int_equal(poll(&pfd, 1, 0), 0);
	assert_true(vring_driver_add(&b->loop.tx, &seg, 1) >= 0);
	assert_int_equal(write(b->loop.tx_kick, &one, sizeof(one)), sizeof(one));
	/* No receive buffer: only the transmit queue has anything to say. */
	assert_int_equal(poll(&pfd, 1, 10000), 1);
	assert_true(vring_driver_get(&b->loop.tx, &len) >= 0);
}

/* An eventfd that comes after DRIVER_OK is heard, too. */
static void interrupts_later(void **state)
{
	struct vdpa_bench *b = *state;
	struct vring_seg seg = { .iova = VDPA_RAM_IOVA, .len = 60 };
	struct pollfd pfd = { .events = POLLIN };
	uint64_t one = 1;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, VDPA_RAM_IOVA));
	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
	assert_ok(net_loop_attach(&b->loop, &b->c));
	assert_ok(vdpa_vring_call(&b->c, TX, -1));
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
	assert_ok(vdpa_vring_call(&b->c, TX, b->loop.tx_call));
	memset(b->ram.base, 0, 60);
	pfd.fd = b->loop.tx_call;
	assert_true(vring_driver_add(&b->loop.tx, &seg, 1) >= 0);
	assert_int_equal(write(b->loop.tx_kick, &one, sizeof(one)), sizeof(one));
	assert_int_equal(poll(&pfd, 1, 10000), 1);
}

static void kick_before_driver_ok(void **state)
{
	struct vdpa_bench *b = *state;
	struct vring_seg seg = { .iova = VDPA_RAM_IOVA, .len = 60 };
	struct pollfd pfd = { .events = POLLIN };
	uint64_t one = 1;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, VDPA_RAM_IOVA));
	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
	assert_ok(net_loop_attach(&b->loop, &b->c));
	memset(b->ram.base, 0, 60);
	assert_true(vring_driver_add(&b->loop.tx, &seg, 1) >= 0);
	assert_int_equal(write(b->loop.tx_kick, &one, sizeof(one)), sizeof(one));
	pfd.fd = b->loop.tx_call;
	assert_int_equal(poll(&pfd, 1, 200), 0);
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
	assert_int_equal(poll(&pfd, 1, 10000), 1);
}

/* The client rings by itself; the kernel is not told. */
static void doorbell(void **state)
{
	struct vdpa_bench *b = *state;
	struct vring_seg seg = { .iova = VDPA_RAM_IOVA, .len = 60 };
	struct pollfd pfd = { .events = POLLIN };
	volatile uint16_t *bell;

	start(b);
	assert_true(mmap(NULL, GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, b->c.fd,
			 TX * GUEST_PAGE) == MAP_FAILED);
	bell = mmap(NULL, GUEST_PAGE, PROT_WRITE, MAP_SHARED, b->c.fd, TX * GUEST_PAGE);
	assert_true(bell != MAP_FAILED);
	memset(b->ram.base, 0, 60);
	assert_true(vring_driver_add(&b->loop.tx, &seg, 1) >= 0);
	*bell = TX;
	pfd.fd = b->loop.tx_call;
	assert_int_equal(poll(&pfd, 1, 10000), 1);
	munmap((void *)bell, GUEST_PAGE);
}

/* Nothing is mapped but the rings; then something is; then it is not any more. */
static void outside_the_table(void **state)
{
	struct vdpa_bench *b = *state;
	int log = log_open();

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(net_loop_start(&b->loop, &b->c));
	reads_nothing(b, log, VDPA_RAM_IOVA, 0);
	writes_nothing(b, log, VDPA_RAM_IOVA + GUEST_PAGE, 1);

	assert_ok(vdpa_bench_map_ram(b, VDPA_RAM_IOVA));
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);

	/* The IOMMU has just used these translations: they must leave its cache as well. */
	assert_ok(vdpa_unmap(&b->c, 0, VDPA_RAM_IOVA, b->ram.size));
	assert_pinned(b->pinned_before + VDPA_LOOP_PAGES);
	reads_nothing(b, log, VDPA_RAM_IOVA + 2 * GUEST_PAGE, 2);
	writes_nothing(b, log, VDPA_RAM_IOVA + 3 * GUEST_PAGE, 3);
	close(log);
}

static void neighbours_of_the_table(void **state)
{
	struct vdpa_bench *b = *state;
	int log = log_open();

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, VDPA_RAM_IOVA + GUEST_PAGE, GUEST_PAGE,
			   b->ram.base + GUEST_PAGE, VHOST_ACCESS_RO));
	assert_ok(net_loop_start(&b->loop, &b->c));
	/* In this order: QEMU's IOMMU reports no write that a cached read-only entry forbids. */
	writes_nothing(b, log, VDPA_RAM_IOVA + GUEST_PAGE, 1);
	vdpa_bench_sees(b, VDPA_RAM_IOVA + GUEST_PAGE, 1, 1, 1);
	reads_nothing(b, log, VDPA_RAM_IOVA, 0);
	reads_nothing(b, log, VDPA_RAM_IOVA + 2 * GUEST_PAGE, 2);
	close(log);
}

/* What a reset parks is out of reach again as soon as the device may do DMA. */
static void unmapped_over_a_reset(void **state)
{
	struct vdpa_bench *b = *state;
	int log = log_open();

	start(b);
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_unmap(&b->c, 0, VDPA_RAM_IOVA, b->ram.size));
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	assert_ok(net_loop_start(&b->loop, &b->c));
	assert_pinned(b->pinned_before + VDPA_LOOP_PAGES);
	reads_nothing(b, log, VDPA_RAM_IOVA, 0);
	writes_nothing(b, log, VDPA_RAM_IOVA + GUEST_PAGE, 1);
	close(log);
}

static void map_all(struct vdpa_bench *b)
{
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, VDPA_RAM_IOVA, 16 * GUEST_PAGE, b->ram.base,
			   VHOST_ACCESS_RW));
	assert_ok(vdpa_map(&b->c, 0, VDPA_RAM_IOVA + 16 * GUEST_PAGE, 48 * GUEST_PAGE,
			   b->ram.base + 16 * GUEST_PAGE, VHOST_ACCESS_RW));
	assert_ok(vdpa_batch_end(&b->c, 0));
}

static void unmap_all(struct vdpa_bench *b)
{
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(vdpa_unmap(&b->c, 0, VDPA_RAM_IOVA, 16 * GUEST_PAGE));
	assert_ok(vdpa_unmap(&b->c, 0, VDPA_RAM_IOVA + 16 * GUEST_PAGE, 48 * GUEST_PAGE));
	assert_ok(net_loop_unmap(&b->loop, &b->c));
	assert_ok(vdpa_batch_end(&b->c, 0));
}

/* Starts again. Since vdpa_bench_mark() nothing was pinned, and the IOMMU was told nothing. */
static void starts_for_nothing(struct vdpa_bench *b, long resets)
{
	struct vdpa_counters since;

	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	assert_ok(net_loop_start(&b->loop, &b->c));
	since = vdpa_bench_since(b);
	assert_count(since, pages_pinned, 0);
	assert_count(since, dma_map_calls, 0);
	assert_count(since, dma_unmap_calls, 0);
	assert_count(since, resets, resets);
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
}

/* A guest's reboot under QEMU as it is. */
static void reset_as_qemu_does_it(void **state)
{
	struct vdpa_bench *b = *state;
	int i;

	if (!vdpa_mode()->pin_reuse)
		fail_msg("the suite loads vhost_vdpa with pin_reuse");
	map_all(b);
	assert_ok(net_loop_start(&b->loop, &b->c));
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);

	for (i = 0; i < 3; i++) {
		vdpa_bench_mark(b);
		assert_ok(vdpa_reset(&b->c));
		unmap_all(b);
		assert_ok(vdpa_reset(&b->c));
		map_all(b);
		starts_for_nothing(b, 2);
	}
}

static void reset_that_keeps_the_map(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	vdpa_bench_mark(b);
	assert_ok(vdpa_reset(&b->c));
	assert_int_equal(vdpa_get_status(&b->c), 0);
	starts_for_nothing(b, 1);
}

/* A write there is an interrupt, whatever the table says. */
static void where_interrupts_go(void **state)
{
	struct vdpa_bench *b = *state;
	const uint64_t first = MSI_FIRST, last = MSI_LAST + 1 - GUEST_PAGE;

	assert_err(vdpa_map(&b->c, 0, first, GUEST_PAGE, b->ram.base, VHOST_ACCESS_RW), EINVAL);
	assert_err(vdpa_map(&b->c, 0, last, GUEST_PAGE, b->ram.base, VHOST_ACCESS_RW), EINVAL);
	assert_err(vdpa_map(&b->c, 0, first - GUEST_PAGE, 2 * GUEST_PAGE, b->ram.base,
			    VHOST_ACCESS_RW), EINVAL);
	assert_err(vdpa_map(&b->c, 0, last, 2 * GUEST_PAGE, b->ram.base, VHOST_ACCESS_RW), EINVAL);
	assert_pinned(b->pinned_before);
	assert_ok(vdpa_map(&b->c, 0, first - GUEST_PAGE, GUEST_PAGE, b->ram.base,
			   VHOST_ACCESS_RW));
	assert_ok(vdpa_map(&b->c, 0, MSI_LAST + 1, GUEST_PAGE, b->ram.base, VHOST_ACCESS_RW));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(net_loop_start(&b->loop, &b->c));
	vdpa_bench_sees(b, first - GUEST_PAGE, 0, 1, 1);
	vdpa_bench_sees(b, MSI_LAST + 1, 0, 1, 1);
}

/* Only a reset stops a queue, or that queue's own. */
static void stopped_queue(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t value;

	start(b);
	assert_ok(net_loop_read(&b->loop, VDPA_RAM_IOVA, &value, sizeof(value)));
	assert_ok(vdpa_vring_enable(&b->c, TX, false));
	assert_int_equal(vdpa_get_status(&b->c), VDPA_S_DRIVER_OK);
	b->loop.timeout_ms = 500;
	assert_err(net_loop_read(&b->loop, VDPA_RAM_IOVA, &value, sizeof(value)), ETIMEDOUT);
	/* And only the former brings it back. */
	assert_ok(vdpa_vring_enable(&b->c, TX, true));
	assert_err(net_loop_read(&b->loop, VDPA_RAM_IOVA, &value, sizeof(value)), ETIMEDOUT);
	b->loop.timeout_ms = 30000;
	assert_ok(vdpa_reset(&b->c));
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	assert_ok(net_loop_start(&b->loop, &b->c));
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
}

static void strange_status(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_set_status(&b->c, 0xff & ~VIRTIO_CONFIG_S_DRIVER_OK));
	assert_true(vdpa_get_status(&b->c) != 0xff);
	assert_ok(vdpa_reset(&b->c));
	start(b);
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
}

/* Unbinding does not wait for the client, which is left with a dead node and no pinned page. */
static void unbound_under_the_client(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	assert_ok(vp_bind(VP_NET, NULL));
	assert_false(vdpa_admin_exists(VDPA_TEST_NET));
	assert_pinned(b->pinned_before);
	assert_err(vdpa_get_status(&b->c), ENODEV);
	assert_ok(make(VP_NET));
}

static void removed_under_the_client(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	assert_ok(vdpa_admin_write("/sys/bus/pci/devices/" VP_NET "/remove", "1"));
	assert_false(vdpa_admin_exists(VDPA_TEST_NET));
	assert_pinned(b->pinned_before);
	assert_err(vdpa_get_status(&b->c), ENODEV);
	assert_ok(vdpa_admin_write("/sys/bus/pci/rescan", "1"));
	assert_ok(make(VP_NET));
	vdpa_close(&b->c);
	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, QEMU_BACKEND));
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	start(b);
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
}

/* A client that runs, and dies with everything mapped. */
static void __attribute__((noreturn)) client_that_is_killed(struct vdpa_bench *b)
{
	if (vdpa_open_as(&b->c, VDPA_TEST_NET, QEMU_BACKEND))
		_exit(1);
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	if (net_loop_map(&b->loop, &b->c) || vdpa_bench_map_ram(b, VDPA_RAM_IOVA))
		_exit(2);
	if (net_loop_start(&b->loop, &b->c) || vdpa_get_status(&b->c) != VDPA_S_DRIVER_OK)
		_exit(3);
	kill(getpid(), SIGKILL);
	_exit(4);
}

static void killed_client(void **state)
{
	struct vdpa_bench *b = *state;
	struct vdpa_counters since;
	int status;
	pid_t pid;

	vdpa_bench_mark(b);
	vdpa_close(&b->c);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		client_that_is_killed(b);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);

	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, QEMU_BACKEND));
	since = vdpa_bench_since(b);
	assert_true(since.pages_pinned >= RAM_PAGES + VDPA_LOOP_PAGES);
	assert_int_equal(since.pages_unpinned, since.pages_pinned);
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	start(b);
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
}

static void one_device_per_function(void **state)
{
	assert_true(vdpa_admin_add("vp-second", vp_mgmt(VP_NET)));
	assert_false(vdpa_admin_exists("vp-second"));
}

/* As "vdpa dev add ... device_features", which older vdpa tools do not know. */
static int add_with_features(uint64_t features)
{
	struct vdpa_nl nl;
	int ret;

	assert_ok(vdpa_nl_open(&nl));
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_NEW, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, VDPA_TEST_NET);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_BUS_NAME, "pci");
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, VP_NET);
	mnl_attr_put_u64(nl.nlh, VDPA_ATTR_DEV_FEATURES, features);
	ret = vdpa_nl_talk(&nl, NULL, NULL);
	vdpa_nl_close(&nl);
	return ret;
}

static void provisioned_features(void **state)
{
	const uint64_t wanted = NET_LOOP_FEATURES | VDPA_BIT(VIRTIO_NET_F_MAC);
	struct vdpa_client c;
	uint64_t features;

	assert_ok(vdpa_admin_del(VDPA_TEST_NET));
	assert_err(add_with_features(wanted & ~VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM)), EINVAL);
	assert_err(add_with_features(wanted | VDPA_BIT(RING_RESET)), EINVAL);
	assert_false(vdpa_admin_exists(VDPA_TEST_NET));
	assert_ok(add_with_features(wanted));

	assert_ok(vdpa_open(&c, VDPA_TEST_NET));
	assert_ok(vdpa_get_features(&c, &features));
	assert_true(features == wanted);
	assert_ok(vdpa_set_owner(&c));
	assert_ok(vdpa_set_status(&c, VDPA_S_DRIVER));
	assert_err(vdpa_set_features(&c, wanted | VDPA_BIT(VIRTIO_NET_F_CSUM)), EINVAL);
	assert_ok(vdpa_set_features(&c, wanted));
	assert_ok(vdpa_set_status(&c, VDPA_S_FEATURES_OK));
	assert_int_equal(vdpa_get_status(&c), VDPA_S_FEATURES_OK);
	vdpa_close(&c);

	assert_ok(vdpa_admin_del(VDPA_TEST_NET));
	assert_ok(vdpa_admin_add(VDPA_TEST_NET, vp_mgmt(VP_NET)));
}

/* The IOMMU cannot tell the functions of one group apart. */
static void function_with_a_sibling(void **state)
{
	struct vdpa_client c;
	int log = log_open();

	assert_ok(vp_bind(VP_NET_GROUP, "vp-vdpa"));
	assert_ok(vdpa_admin_add("vp-group", vp_mgmt(VP_NET_GROUP)));
	assert_err(vdpa_open(&c, "vp-group"), EINVAL);
	assert_ok(vp_log_wait(log, 5, VP_NET_GROUP, "IOMMU group", NULL));
	assert_ok(vdpa_admin_del("vp-group"));
	assert_ok(vp_bind(VP_NET_GROUP, NULL));
	close(log);
}

static void function_that_bypasses_the_iommu(void **state)
{
	int log = log_open();

	assert_true(vp_bind(VP_NET_BYPASS, "vp-vdpa") < 0);
	assert_ok(vp_log_wait(log, 5, VP_NET_BYPASS, "VIRTIO_F_ACCESS_PLATFORM", NULL));
	assert_ok(vp_bind(VP_NET_BYPASS, NULL));
	close(log);
}

/* Doorbells that share a page cannot be given away. */
static void no_doorbell(void **state)
{
	struct vdpa_bench *b = *state;

	assert_true(mmap(NULL, GUEST_PAGE, PROT_WRITE, MAP_SHARED, b->c.fd, TX * GUEST_PAGE) ==
		    MAP_FAILED);
	assert_int_equal(errno, EINVAL);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		vdpa_test("what it is", what_it_is, &qemu),
		vdpa_test("features it needs", features_it_needs, &qemu),
		vdpa_test("data both ways", data_both_ways, &qemu),
		vdpa_test("packed ring", packed_ring, &qemu),
		vdpa_test("only the initial position can be set", position, &qemu),
		vdpa_test("queues have sizes of their own", size_of_another_queue, &qemu),
		vdpa_test("interrupts reach the eventfd", interrupts, &qemu),
		vdpa_test("interrupts reach an eventfd set later", interrupts_later, &qemu),
		vdpa_test("a kick before DRIVER_OK counts", kick_before_driver_ok, &qemu),
		vdpa_test("a doorbell in the client's hands", doorbell, &qemu),
		vdpa_test("DMA outside the table faults", outside_the_table, &qemu),
		vdpa_test("DMA beside the table faults", neighbours_of_the_table, &qemu),
		vdpa_test("DMA to what a reset let go faults", unmapped_over_a_reset, &qemu),
		vdpa_test("a reset as QEMU does it costs nothing", reset_as_qemu_does_it, &qemu),
		vdpa_test("a reset that keeps the map", reset_that_keeps_the_map, &persist),
		vdpa_test("interrupt addresses cannot be mapped", where_interrupts_go, &qemu),
		vdpa_test("a queue is stopped", stopped_queue, &qemu),
		vdpa_test("a status that no device has", strange_status, &qemu),
		vdpa_test("its client is killed", killed_client, &qemu),
		vdpa_test("unbound while in use", unbound_under_the_client, &qemu),
		vdpa_test("removed while in use, and found again", removed_under_the_client, &qemu),
		vdpa_test_bare("one vdpa device per function", one_device_per_function),
		vdpa_test_bare("provisioned features", provisioned_features),
		vdpa_test_bare("a function with a sibling is refused", function_with_a_sibling),
		vdpa_test_bare("a function that bypasses the IOMMU is refused",
			       function_that_bypasses_the_iommu),
	};
	const struct CMUnitTest shared_tests[] = {
		vdpa_test("data both ways", data_both_ways, &qemu),
		vdpa_test("interrupts reach the eventfd", interrupts, &qemu),
		vdpa_test("interrupts reach an eventfd set later", interrupts_later, &qemu),
		vdpa_test("a doorbell beside others cannot be mapped", no_doorbell, &qemu),
	};
	int ret;

	vdpa_test_begin(argc, argv);
	function = VP_NET;
	ret = cmocka_run_group_tests_name("own vectors", tests, group, group_end);
	function = VP_NET_SHARED;
	ret |= cmocka_run_group_tests_name("two vectors", shared_tests, group, group_end);
	function = VP_NET_INTX;
	ret |= cmocka_run_group_tests_name("INTx", shared_tests, group, group_end);
	return ret;
}
