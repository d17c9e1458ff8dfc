// SPDX-License-Identifier: GPL-2.0-only
/*
 * cloud_hypervisor_sequence.c - not Cloud Hypervisor, which Debian does not have, but its requests
 * in its order.
 *
 * It acknowledges every backend feature that the kernel offers, maps the guest's memory once when
 * the device is made, with single messages before that acknowledgement reaches the kernel, and
 * never again. A reset by the guest disables the virtqueues and writes status 0, nothing else. It
 * writes features while the status is still 0, and then all of the status at once. A migration
 * begins with a suspend.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Two blocks, as below and above the gap below 4 GiB; and one that is plugged in later. */
#define RAM_PAGES	512
#define LOW_PAGES	192
#define LOW_IOVA	0x100000ULL
#define HIGH_IOVA	0x100000000ULL
#define PLUGGED_PAGES	128
#define PLUGGED_IOVA	0x200000000ULL
#define RINGS_IOVA	0x4000000ULL

#define REBOOTS		10
#define QUEUES		2

#define PERSIST		VDPA_BIT(VHOST_BACKEND_F_IOTLB_PERSIST)

/* The file is opened, and nothing asked of it yet. */
static const struct vdpa_setup vmm = { .ram_pages = RAM_PAGES, .no_owner = true };

static uint64_t offered;
static int config_event = -1;

static long pages(long n)
{
	return vdpa_mode()->use_va ? 0 : n;
}

static long total_pages(void)
{
	return pages(RAM_PAGES + VDPA_LOOP_PAGES);
}

/* What it asks when the VM is made. From here on it writes messages of the second form. */
static void make_device(struct vdpa_bench *b)
{
	struct vhost_vdpa_iova_range range;
	uint64_t features;
	uint32_t id;
	uint16_t num;

	assert_ok(vdpa_set_owner(&b->c));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_DEVICE_ID, &id));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_NUM, &num));
	assert_ok(vdpa_get_features(&b->c, &features));
	assert_true(features & VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM));
	assert_ok(vdpa_get_backend(&b->c, &offered));
	b->c.backend = offered;
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_IOVA_RANGE, &range));
	assert_true(range.first <= LOW_IOVA && PLUGGED_IOVA < range.last);
}

static void map_memory(struct vdpa_bench *b)
{
	const size_t low = LOW_PAGES * GUEST_PAGE;

	b->loop.iova = RINGS_IOVA;
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, LOW_IOVA, low, b->ram.base, VHOST_ACCESS_RW));
	assert_ok(vdpa_map(&b->c, 0, HIGH_IOVA, b->ram.size - low, b->ram.base + low,
			   VHOST_ACCESS_RW));
}

/* What the guest's driver sets off with DRIVER_OK. */
static void activate(struct vdpa_bench *b)
{
	struct net_loop *l = &b->loop;
	const struct vring_driver *ring[QUEUES] = { &l->rx, &l->tx };
	const int call[QUEUES] = { l->rx_call, l->tx_call };
	const int kick[QUEUES] = { l->rx_kick, l->tx_kick };
	unsigned int i;

	net_loop_rewind(l, RINGS_IOVA);
	l->c = &b->c;
	assert_int_equal(vdpa_get_status(&b->c), 0);
	assert_ok(vdpa_set_features(&b->c, NET_LOOP_FEATURES));
	assert_ok(vdpa_ack_backend(&b->c, offered));
	for (i = 0; i < QUEUES; i++) {
		assert_ok(vdpa_vring_num(&b->c, i, ring[i]->num));
		assert_ok(vdpa_vring_addr(&b->c, i, ring[i]->desc_iova, ring[i]->driver_iova,
					  ring[i]->device_iova));
		assert_ok(vdpa_vring_base(&b->c, i, 0));
		assert_ok(vdpa_vring_call(&b->c, i, call[i]));
		assert_ok(vdpa_vring_kick(&b->c, i, kick[i]));
	}
	assert_ok(vdpa_config_call(&b->c, config_event));
	for (i = 0; i < QUEUES; i++)
		assert_ok(vdpa_vring_enable(&b->c, i, true));
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
	assert_int_equal(vdpa_get_status(&b->c), VDPA_S_DRIVER_OK);
}

static void reset(struct vdpa_bench *b)
{
	unsigned int i;

	for (i = 0; i < QUEUES; i++)
		assert_ok(vdpa_vring_enable(&b->c, i, false));
	assert_ok(vdpa_set_status(&b->c, 0));
}

/* The device reads and writes the whole guest. */
static void assert_data_flows(struct vdpa_bench *b)
{
	vdpa_bench_sees(b, LOW_IOVA, 0, LOW_PAGES, 1);
	vdpa_bench_sees(b, HIGH_IOVA, LOW_PAGES, RAM_PAGES - LOW_PAGES, 1);
	assert_ok(net_loop_copy(&b->loop, LOW_IOVA + GUEST_PAGE, HIGH_IOVA + 8, 1024));
	assert_memory_equal(b->ram.base + LOW_PAGES * GUEST_PAGE + 8, b->ram.base + GUEST_PAGE,
			    1024);
}

/* The rings are out of the device's reach, so that not a descriptor is used. */
static void assert_no_data_flows(struct vdpa_bench *b)
{
	unsigned int timeout = b->loop.timeout_ms;

	b->loop.timeout_ms = 400;
	assert_err(net_loop_copy(&b->loop, LOW_IOVA, HIGH_IOVA, 8), ETIMEDOUT);
	assert_int_equal(b->loop.tx.used->idx, 0);
	assert_int_equal(b->loop.rx.used->idx, 0);
	b->loop.timeout_ms = timeout;
}

static void boot(struct vdpa_bench *b)
{
	make_device(b);
	map_memory(b);
	activate(b);
	assert_data_flows(b);
	assert_pinned(b->pinned_before + total_pages());
	vdpa_bench_mark(b);
}

/* Since the guest booted nothing was pinned or let go, and the device was told of no memory. */
static void assert_nothing_done(struct vdpa_bench *b, uint64_t resets)
{
	struct vdpa_counters since = vdpa_bench_since(b);

	assert_count(since, resets, resets);
	assert_count(since, pages_pinned, 0);
	assert_count(since, pages_unpinned, 0);
	assert_count(since, maps, 0);
	assert_count(since, unmaps, 0);
	assert_count(since, set_map_calls, 0);
	assert_count(since, dma_map_calls, 0);
	assert_count(since, dma_unmap_calls, 0);
	assert_pinned(b->pinned_before + total_pages());
}

static void every_backend_feature_is_offered(void **state)
{
	struct vdpa_bench *b = *state;

	make_device(b);
	assert_true(offered & VDPA_BIT(VHOST_BACKEND_F_IOTLB_MSG_V2));
	assert_true(offered & VDPA_BIT(VHOST_BACKEND_F_SUSPEND));
	assert_int_equal(!!(offered & PERSIST), vdpa_mode()->iotlb_persist);
	/* All of them at once, again and again, as each activation does. */
	assert_ok(vdpa_ack_backend(&b->c, offered));
	assert_ok(vdpa_ack_backend(&b->c, offered));
}

static void reboots(void **state)
{
	struct vdpa_bench *b = *state;
	int i;

	boot(b);
	for (i = 1; i <= REBOOTS; i++) {
		reset(b);
		activate(b);
		assert_data_flows(b);
		assert_nothing_done(b, i);
	}
}

/* Firmware, boot loader and kernel each have a driver that resets first; some end with a reset. */
static void resets_in_a_row(void **state)
{
	struct vdpa_bench *b = *state;

	boot(b);
	reset(b);
	assert_ok(vdpa_set_status(&b->c, 0));
	assert_ok(vdpa_set_status(&b->c, 0));
	activate(b);
	reset(b);
	activate(b);
	assert_data_flows(b);
	assert_nothing_done(b, 4);
}

static void reset_while_suspended(void **state)
{
	struct vdpa_bench *b = *state;
	int i;

	boot(b);
	for (i = 1; i <= 3; i++) {
		assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
		b->loop.timeout_ms = 200;
		assert_err(net_loop_copy(&b->loop, LOW_IOVA, HIGH_IOVA, 8), ETIMEDOUT);
		b->loop.timeout_ms = 10000;
		reset(b);
		activate(b);
		assert_data_flows(b);
		assert_nothing_done(b, i);
	}
}

/* What is plugged in while the guest runs is there after a reset, too; what is taken out is not. */
static void memory_hotplug(void **state)
{
	struct vdpa_bench *b = *state;
	struct guest_mem plugged;

	boot(b);
	assert_ok(guest_mem_alloc(&plugged, PLUGGED_PAGES * GUEST_PAGE, vdpa_mode_memory()));
	guest_mem_fill(plugged.base, plugged.size, 2);
	assert_ok(vdpa_map(&b->c, 0, PLUGGED_IOVA, plugged.size, plugged.base, VHOST_ACCESS_RW));
	vdpa_bench_sees(b, PLUGGED_IOVA, 0, PLUGGED_PAGES, 2);
	reset(b);
	activate(b);
	assert_data_flows(b);
	vdpa_bench_sees(b, PLUGGED_IOVA, 0, PLUGGED_PAGES, 2);

	reset(b);
	assert_ok(vdpa_unmap(&b->c, 0, PLUGGED_IOVA, plugged.size));
	activate(b);
	assert_data_flows(b);
	vdpa_bench_blind(b, PLUGGED_IOVA, PLUGGED_PAGES);
	assert_pinned(b->pinned_before + total_pages());
	guest_mem_free(&plugged);
}

/* A migration on one machine: it suspends, closes the file, and the other process opens it. */
static void migration(void **state)
{
	struct vdpa_bench *b = *state;

	boot(b);
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
	vdpa_close(&b->c);
	assert_pinned(b->pinned_before);
	assert_ok(vdpa_open(&b->c, VDPA_TEST_NET));
	boot(b);
	reset(b);
	activate(b);
	assert_data_flows(b);
	assert_nothing_done(b, 1);
}

/*
 * A kernel that does not promise persistence clears the device's table at a reset, and this client
 * does not map again: its guest has no network any more, with every request answered by success,
 * and its memory pinned to the end. That is why it needs the promise.
 */
static void reset_without_persistence(void **state)
{
	struct vdpa_bench *b = *state;
	struct vdpa_counters since;

	boot(b);
	reset(b);
	activate(b);
	assert_no_data_flows(b);
	since = vdpa_bench_since(b);
	assert_count(since, pages_pinned, 0);
	assert_count(since, pages_unpinned, 0);
	assert_pinned(b->pinned_before + total_pages());
}

static int group(void **state)
{
	config_event = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	return config_event < 0 ? -errno : vdpa_group_net(state);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest promised[] = {
		vdpa_test("every backend feature is offered and taken",
			  every_backend_feature_is_offered, &vmm),
		vdpa_test("ten reboots: the map stays, nothing is pinned or mapped", reboots, &vmm),
		vdpa_test("resets in a row", resets_in_a_row, &vmm),
		vdpa_test("resets while suspended", reset_while_suspended, &vmm),
		vdpa_test("memory is plugged in and out", memory_hotplug, &vmm),
		vdpa_test("migration to another process", migration, &vmm),
	};
	/* vdpa_sim.iotlb_persist=N: what kernels before the promise do. */
	const struct CMUnitTest not_promised[] = {
		vdpa_test("every backend feature is offered and taken",
			  every_backend_feature_is_offered, &vmm),
		vdpa_test("a reset takes the map away, as on old kernels",
			  reset_without_persistence, &vmm),
	};

	if (vdpa_mode()->iotlb_persist)
		return vdpa_test_main("clients/cloud_hypervisor_sequence", promised, group, argc,
				      argv);
	return vdpa_test_main("clients/cloud_hypervisor_sequence", not_promised, group, argc, argv);
}
