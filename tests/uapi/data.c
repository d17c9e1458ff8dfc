// SPDX-License-Identifier: GPL-2.0-only
/*
 * data.c - virtqueues at work: kicks, interrupts, packed rings, suspend, control queue.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/virtio_net.h>

#define RAM_PAGES	8

static const struct vdpa_setup net = {
	.backend = VDPA_QEMU_BACKEND | VDPA_BIT(VHOST_BACKEND_F_RESUME), .ram_pages = RAM_PAGES
};

static const uint64_t at = VDPA_RAM_IOVA;

static void start(struct vdpa_bench *b)
{
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(net_loop_start(&b->loop, &b->c));
}

static void fill_random(uint8_t *p, size_t len, unsigned int seed)
{
	while (len--) {
		seed = seed * 1103515245 + 12345;
		*p++ = seed >> 16;
	}
}

static void frames_loop_back_unchanged(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i, len;

	start(b);
	for (i = 0; i < 300; i++) {
		len = 1 + (i * 37) % NET_LOOP_MAX_COPY;
		fill_random(b->ram.base, len, i);
		memset(b->ram.base + GUEST_PAGE, 0xee, GUEST_PAGE);
		assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, len));
		assert_memory_equal(b->ram.base, b->ram.base + GUEST_PAGE, len);
		/* Not a byte more. */
		assert_int_equal(b->ram.base[GUEST_PAGE + len], 0xee);
	}
}

static void packed_rings_loop_back_unchanged(void **state)
{
	struct vdpa_bench *b = *state;

	b->loop.packed = true;
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	frames_loop_back_unchanged(state);
}

static void buffers_cross_mappings(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i;

	/* Each page from another place: neighbours in IOVA space that are none in memory. */
	for (i = 0; i < RAM_PAGES; i++)
		assert_ok(vdpa_map(&b->c, 0, at + i * GUEST_PAGE, GUEST_PAGE,
				   b->ram.base + (i ^ 1) * GUEST_PAGE, VHOST_ACCESS_RW));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(net_loop_start(&b->loop, &b->c));

	fill_random(b->ram.base + 2 * GUEST_PAGE - 500, 500, 7);
	fill_random(b->ram.base, 500, 8);
	/* iova [page 0 end - 500, page 1 begin + 500) is memory page 1 end, then page 0 begin. */
	assert_ok(net_loop_copy(&b->loop, at + GUEST_PAGE - 500, at + 5 * GUEST_PAGE - 300, 1000));
	assert_memory_equal(b->ram.base + 6 * GUEST_PAGE - 300, b->ram.base + 2 * GUEST_PAGE - 500,
			    300);
	assert_memory_equal(b->ram.base + 4 * GUEST_PAGE, b->ram.base + 2 * GUEST_PAGE - 200, 200);
	assert_memory_equal(b->ram.base + 4 * GUEST_PAGE + 200, b->ram.base, 500);
}

static uint64_t drain(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static bool signalled(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, ms) == 1;
}

static void used_buffers_raise_the_call_eventfd(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	drain(b->loop.tx_call);
	assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
	assert_true(signalled(b->loop.tx_call, 2000));
	assert_true(drain(b->loop.tx_call) >= 1);
	assert_false(signalled(b->loop.tx_call, 50));
}

static void call_eventfd_can_be_replaced_while_running(void **state)
{
	struct vdpa_bench *b = *state;
	int other = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	start(b);
	assert_ok(vdpa_vring_call(&b->c, 1, other));
	drain(b->loop.tx_call);
	assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
	assert_true(signalled(other, 2000));
	assert_false(signalled(b->loop.tx_call, 0));
	assert_ok(vdpa_vring_call(&b->c, 1, VHOST_FILE_UNBIND));
	drain(other);
	assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
	assert_false(signalled(other, 50));
	close(other);
}

static void interrupts_can_be_suppressed(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	b->loop.tx.avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	drain(b->loop.tx_call);
	assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
	assert_false(signalled(b->loop.tx_call, 50));
}

static void kick_before_the_fd_is_attached_is_not_lost(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t one = 1;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, at));
	assert_int_equal(write(b->loop.tx_kick, &one, sizeof(one)), sizeof(one));
	assert_ok(net_loop_start(&b->loop, &b->c));
	assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
}

static void queue_that_is_not_enabled_does_not_move(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
	assert_ok(net_loop_attach(&b->loop, &b->c));
	assert_ok(vdpa_vring_enable(&b->c, 1, false));
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
	b->loop.timeout_ms = 300;
	assert_err(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64), ETIMEDOUT);
	assert_int_equal(b->loop.tx.used->idx, 0);
}

static void nothing_moves_before_driver_ok(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
	assert_ok(net_loop_attach(&b->loop, &b->c));
	b->loop.timeout_ms = 300;
	assert_err(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64), ETIMEDOUT);
	assert_int_equal(b->loop.tx.used->idx, 0);
}

static void nothing_moves_after_reset(void **state)
{
	struct vdpa_bench *b = *state;
	uint16_t used;

	start(b);
	assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
	assert_ok(vdpa_reset(&b->c));
	used = b->loop.tx.used->idx;
	b->loop.timeout_ms = 300;
	assert_err(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64), ETIMEDOUT);
	assert_int_equal(b->loop.tx.used->idx, used);
}

static void suspend_stops_and_resume_continues(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int base = 0;
	uint16_t used;

	start(b);
	assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
	used = b->loop.tx.used->idx;
	assert_ok(vdpa_get_vring_base(&b->c, 1, &base));
	assert_int_equal(base, used);

	b->loop.timeout_ms = 300;
	assert_err(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64), ETIMEDOUT);
	assert_int_equal(b->loop.tx.used->idx, used);

	/* The frames kicked meanwhile go out now. */
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_RESUME, NULL));
	b->loop.timeout_ms = 30000;
	assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
	assert_int_equal((uint16_t)(b->loop.tx.used->idx - used) >= 4, 1);
}

static void packed_rings_go_on_where_the_base_says(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i;

	b->loop.packed = true;
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	start(b);
	/* Past the end of the ring, so that the wrap counters differ from those of a fresh one. */
	for (i = 0; i < 70; i++)
		assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
	assert_ok(vdpa_get_vring_base(&b->c, 0, &b->loop.rx_base));
	assert_ok(vdpa_get_vring_base(&b->c, 1, &b->loop.tx_base));
	vdpa_close(&b->c);

	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, VDPA_QEMU_BACKEND));
	start(b);
	for (i = 0; i < 70; i++)
		assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
}

static void base_set_after_enable_counts(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int base = 0;

	/* Enabled, but not running yet. */
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
	assert_ok(net_loop_attach(&b->loop, &b->c));
	assert_ok(vdpa_vring_base(&b->c, 0, 7));
	assert_ok(vdpa_get_vring_base(&b->c, 0, &base));
	assert_int_equal(base, 7);

	/* Running and suspended. */
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
	assert_ok(vdpa_vring_base(&b->c, 0, 9));
	assert_ok(vdpa_get_vring_base(&b->c, 0, &base));
	assert_int_equal(base, 9);
}

static void rings_go_on_where_the_base_says(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i;

	/* As a VMM does after migration: fresh device, rings in the middle of their life. */
	start(b);
	for (i = 0; i < 10; i++)
		assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
	assert_ok(vdpa_get_vring_base(&b->c, 0, &b->loop.rx_base));
	assert_ok(vdpa_get_vring_base(&b->c, 1, &b->loop.tx_base));
	assert_int_equal(b->loop.rx_base, b->loop.rx.used->idx);
	assert_int_equal(b->loop.tx_base, b->loop.tx.used->idx);
	vdpa_close(&b->c);

	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, VDPA_QEMU_BACKEND));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(net_loop_start(&b->loop, &b->c));
	for (i = 0; i < 10; i++)
		assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
}

/* Sends one MAC_ADDR_SET through the control queue; returns the device's answer, if one comes. */
static uint8_t set_mac(struct vdpa_bench *b, uint8_t *mem, uint64_t iova, const uint8_t *mac,
		       int kick, int tries)
{
	struct vring_driver cvq;
	struct virtio_net_ctrl_hdr hdr = {
		.class = VIRTIO_NET_CTRL_MAC, .cmd = VIRTIO_NET_CTRL_MAC_ADDR_SET
	};
	uint8_t *buf = mem + VRING_DRIVER_BYTES;
	struct vring_seg seg[3] = {
		{ iova + VRING_DRIVER_BYTES, sizeof(hdr), false },
		{ iova + VRING_DRIVER_BYTES + 16, 6, false },
		{ iova + VRING_DRIVER_BYTES + 32, 1, true },
	};
	uint64_t one = 1;
	uint32_t len;
	int i, id;

	vring_driver_init(&cvq, false, 16, mem, iova);
	memcpy(buf, &hdr, sizeof(hdr));
	memcpy(buf + 16, mac, 6);
	buf[32] = 0xee;

	assert_ok(vdpa_vring_num(&b->c, 2, 16));
	assert_ok(vdpa_vring_addr(&b->c, 2, cvq.desc_iova, cvq.driver_iova, cvq.device_iova));
	assert_ok(vdpa_vring_base(&b->c, 2, 0));
	assert_ok(vdpa_vring_kick(&b->c, 2, kick));
	assert_ok(vdpa_vring_enable(&b->c, 2, true));
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));

	assert_true(vring_driver_add(&cvq, seg, 3) >= 0);
	assert_int_equal(write(kick, &one, sizeof(one)), sizeof(one));
	for (i = 0, id = -1; i < tries && id < 0; i++) {
		id = vring_driver_get(&cvq, &len);
		if (id < 0)
			usleep(2000);
	}

	return id < 0 ? 0xff : buf[32];
}

static void control_queue_works_in_an_address_space_of_its_own(void **state)
{
	static const uint8_t mac[6] = { 0x02, 0x76, 0x64, 0x70, 0x61, 0x99 };
	uint64_t features = NET_LOOP_FEATURES | VDPA_BIT(VIRTIO_NET_F_CTRL_VQ) |
			    VDPA_BIT(VIRTIO_NET_F_CTRL_MAC_ADDR) | VDPA_BIT(VIRTIO_NET_F_MAC);
	struct vdpa_bench *b = *state;
	uint64_t iova = VDPA_LOOP_IOVA;
	struct guest_mem mem;
	uint8_t now[6];
	int kick = eventfd(0, EFD_CLOEXEC);

	/* The rings of queues 0 and 1 and that of the control queue are at the same IOVAs. */
	assert_ok(guest_mem_alloc(&mem, VRING_DRIVER_BYTES + GUEST_PAGE, vdpa_mode_memory()));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 1, iova, mem.size, mem.base, VHOST_ACCESS_RW));
	assert_ok(vdpa_group_asid(&b->c, 1, 1));
	assert_ok(vdpa_negotiate(&b->c, features));
	assert_ok(net_loop_attach(&b->loop, &b->c));
	assert_int_equal(set_mac(b, mem.base, iova, mac, kick, 10000), VIRTIO_NET_OK);
	assert_ok(vdpa_get_config(&b->c, 0, now, sizeof(now)));
	assert_memory_equal(now, mac, sizeof(mac));
	assert_ok(net_loop_copy(&b->loop, iova, iova + NET_LOOP_BYTES - 64, 32));
	vdpa_close(&b->c);
	close(kick);
	guest_mem_free(&mem);
}

static void control_queue_does_not_see_the_other_address_space(void **state)
{
	static const uint8_t mac[6] = { 0x02, 0x76, 0x64, 0x70, 0x61, 0x98 };
	uint64_t features = NET_LOOP_FEATURES | VDPA_BIT(VIRTIO_NET_F_CTRL_VQ) |
			    VDPA_BIT(VIRTIO_NET_F_CTRL_MAC_ADDR) | VDPA_BIT(VIRTIO_NET_F_MAC);
	struct vdpa_bench *b = *state;
	uint64_t iova = VDPA_LOOP_IOVA + 0x100000;
	struct guest_mem mem;
	int kick = eventfd(0, EFD_CLOEXEC);

	/* Mapped in space 0 only, but the group is bound to space 1, which has one other page. */
	assert_ok(guest_mem_alloc(&mem, VRING_DRIVER_BYTES + GUEST_PAGE, vdpa_mode_memory()));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, iova, mem.size, mem.base, VHOST_ACCESS_RW));
	assert_ok(vdpa_map(&b->c, 1, at, GUEST_PAGE, b->ram.base, VHOST_ACCESS_RW));
	assert_ok(vdpa_group_asid(&b->c, 1, 1));
	assert_ok(vdpa_negotiate(&b->c, features));
	assert_ok(net_loop_attach(&b->loop, &b->c));
	assert_int_equal(set_mac(b, mem.base, iova, mac, kick, 100), 0xff);
	vdpa_close(&b->c);
	close(kick);
	guest_mem_free(&mem);
}

/* Whoever opens the node next and sets none does not signal the eventfds of the one before. */
static void call_eventfds_end_with_close(void **state)
{
	struct vdpa_bench *b = *state;
	const struct vring_seg seg = { .iova = at, .len = 64 };
	const struct vring_driver *tx = &b->loop.tx, *ring[] = { &b->loop.rx, tx };
	const int kick[] = { b->loop.rx_kick, b->loop.tx_kick };
	uint64_t value = 1;
	unsigned int i;

	start(b);
	assert_ok(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 64));
	vdpa_close(&b->c);
	while (read(b->loop.tx_call, &value, sizeof(value)) > 0)
		;

	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, VDPA_QEMU_BACKEND));
	net_loop_rewind(&b->loop, b->loop.iova);
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
	for (i = 0; i < 2; i++) {
		assert_ok(vdpa_vring_num(&b->c, i, ring[i]->num));
		assert_ok(vdpa_vring_addr(&b->c, i, ring[i]->desc_iova, ring[i]->driver_iova,
					  ring[i]->device_iova));
		assert_ok(vdpa_vring_kick(&b->c, i, kick[i]));
		assert_ok(vdpa_vring_enable(&b->c, i, true));
	}
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
	assert_true(vring_driver_add(&b->loop.tx, &seg, 1) >= 0);
	value = 1;
	assert_int_equal(write(b->loop.tx_kick, &value, sizeof(value)), sizeof(value));
	for (i = 0; i < 1000 && !*(volatile uint16_t *)&tx->used->idx; i++)
		usleep(10000);
	assert_int_equal(tx->used->idx, 1);
	/* The interrupt comes after the index, if there is one. */
	usleep(100000);
	assert_int_equal(read(b->loop.tx_call, &value, sizeof(value)), -1);
}

/* Sends @len bytes at @iova, which may come back to the same place; what was received, or 0. */
static uint32_t looped(struct vdpa_bench *b, uint64_t iova, uint32_t len)
{
	const struct vring_seg seg = { iova, len, false };
	uint64_t one = 1;
	uint32_t got = 0;

	assert_true(vring_driver_add(&b->loop.tx, &seg, 1) >= 0);
	assert_int_equal(write(b->loop.tx_kick, &one, sizeof(one)), sizeof(one));
	while (vring_driver_get(&b->loop.tx, &got) < 0) {
		assert_true(signalled(b->loop.tx_call, 30000));
		drain(b->loop.tx_call);
	}
	/* What was received is visible before what was sent is given back. */
	return vring_driver_get(&b->loop.rx, &got) >= 0 ? got : 0;
}

/* The limit is that of the frame, whichever length the header has that goes before it. */
static void frames_have_a_largest_size(void **state)
{
	const uint32_t hdr[] = { sizeof(struct virtio_net_hdr), sizeof(struct virtio_net_hdr_v1) };
	const uint32_t most = 65536;
	struct vdpa_bench *b = *state;
	const struct vring_seg room = { at, 20 * GUEST_PAGE, true };
	unsigned int i, page;

	for (i = 0; i < 2; i++) {
		for (page = 0; page < 20; page++)
			assert_ok(vdpa_map(&b->c, 0, at + page * GUEST_PAGE, GUEST_PAGE,
					   b->ram.base + page % RAM_PAGES * GUEST_PAGE,
					   VHOST_ACCESS_RW));
		assert_ok(net_loop_map(&b->loop, &b->c));
		net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
		assert_ok(vdpa_negotiate(&b->c, VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM) |
					 (i ? VDPA_BIT(VIRTIO_F_VERSION_1) : 0)));
		assert_ok(net_loop_attach(&b->loop, &b->c));
		assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
		/* To everybody, wherever the frame starts. */
		memset(b->ram.base, 0xff, RAM_PAGES * GUEST_PAGE);

		assert_true(vring_driver_add(&b->loop.rx, &room, 1) >= 0);
		assert_int_equal(looped(b, at, hdr[i] + most + 1), 0);
		assert_int_equal(looped(b, at, 19 * GUEST_PAGE), 0);
		assert_int_equal(looped(b, at, hdr[i] + most), hdr[i] + most);
		/* A reset cleans the device for this client, which then has to map again. */
		assert_ok(vdpa_reset(&b->c));
		assert_ok(vdpa_unmap(&b->c, 0, at, 20 * GUEST_PAGE));
		assert_ok(net_loop_unmap(&b->loop, &b->c));
	}
}

#define NET(name, fn) vdpa_test(name, fn, &net)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		NET("frames of all sizes loop back unchanged", frames_loop_back_unchanged),
		NET("frames of all sizes loop back unchanged over packed rings",
		    packed_rings_loop_back_unchanged),
		NET("frames have a largest size, with either header", frames_have_a_largest_size),
		NET("a buffer may cross from one mapping to the next", buffers_cross_mappings),
		NET("a used buffer raises the call eventfd", used_buffers_raise_the_call_eventfd),
		NET("the call eventfd can be replaced and removed while the device runs",
		    call_eventfd_can_be_replaced_while_running),
		NET("a driver that wants no interrupt gets none", interrupts_can_be_suppressed),
		NET("a kick from before its eventfd was attached does no harm",
		    kick_before_the_fd_is_attached_is_not_lost),
		NET("a queue that is not enabled does not move",
		    queue_that_is_not_enabled_does_not_move),
		NET("nothing moves before DRIVER_OK", nothing_moves_before_driver_ok),
		NET("nothing moves after a reset", nothing_moves_after_reset),
		NET("suspend stops the device, resume sends what was kicked meanwhile",
		    suspend_stops_and_resume_continues),
		NET("call eventfds end with close", call_eventfds_end_with_close),
		NET("rings go on where the base says, in another open",
		    rings_go_on_where_the_base_says),
		NET("packed rings go on where the base says, in another open",
		    packed_rings_go_on_where_the_base_says),
		NET("a base that is set counts, before the device runs and while it is suspended",
		    base_set_after_enable_counts),
		NET("the control queue works in an address space of its own",
		    control_queue_works_in_an_address_space_of_its_own),
		NET("the control queue does not see the other address space",
		    control_queue_does_not_see_the_other_address_space),
	};

	return vdpa_test_main("uapi/data", tests, vdpa_group_net, argc, argv);
}
