// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring.c - state of virtqueues: size, addresses, base, eventfds, groups.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const struct vdpa_setup net = { .backend = VDPA_QEMU_BACKEND };
static const struct vdpa_setup blk = { .dev = VDPA_TEST_BLK, .backend = VDPA_QEMU_BACKEND };

static unsigned int nvqs(const struct vdpa_bench *b)
{
	uint32_t n = 0;

	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VQS_COUNT, &n));
	return n;
}

static void queue_size_is_a_power_of_two_up_to_the_limit(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int num;

	for (num = 1; num <= 256; num *= 2)
		assert_ok(vdpa_vring_num(&b->c, 0, num));
	assert_err(vdpa_vring_num(&b->c, 0, 0), EINVAL);
	assert_err(vdpa_vring_num(&b->c, 0, 3), EINVAL);
	assert_err(vdpa_vring_num(&b->c, 0, 255), EINVAL);
	assert_err(vdpa_vring_num(&b->c, 0, 512), EINVAL);
	assert_err(vdpa_vring_num(&b->c, 0, 0x10000), EINVAL);
	assert_err(vdpa_vring_num(&b->c, 0, 0x10010), EINVAL);
	assert_err(vdpa_vring_num(&b->c, 0, 0x80000000U), EINVAL);
}

static void queue_that_does_not_exist_is_refused(void **state)
{
	struct vdpa_bench *b = *state;
	const unsigned int wrong[] = { nvqs(b), 0xffff, 0x10000, 0x80000000U, UINT32_MAX };
	struct vhost_vring_state s;
	unsigned int i, base;

	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_err(vdpa_vring_num(&b->c, wrong[i], 16), ENOBUFS);
		assert_err(vdpa_vring_addr(&b->c, wrong[i], 0, 0, 0), ENOBUFS);
		assert_err(vdpa_vring_base(&b->c, wrong[i], 0), ENOBUFS);
		assert_err(vdpa_get_vring_base(&b->c, wrong[i], &base), ENOBUFS);
		assert_err(vdpa_vring_kick(&b->c, wrong[i], -1), ENOBUFS);
		assert_err(vdpa_vring_call(&b->c, wrong[i], -1), ENOBUFS);
		assert_err(vdpa_vring_err(&b->c, wrong[i], -1), ENOBUFS);
		assert_err(vdpa_vring_enable(&b->c, wrong[i], true), ENOBUFS);
		s.index = wrong[i];
		assert_err(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_GROUP, &s), ENOBUFS);
		assert_err(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_SIZE, &s), ENOBUFS);
	}
}

static void last_queue_can_be_set_up(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int last = nvqs(b) - 1, base = 77;

	assert_ok(vdpa_vring_num(&b->c, last, 16));
	assert_ok(vdpa_vring_addr(&b->c, last, 0x1000, 0x2000, 0x3000));
	assert_ok(vdpa_vring_base(&b->c, last, 9));
	assert_ok(vdpa_get_vring_base(&b->c, last, &base));
	assert_int_equal(base, 9);
}

static void split_base_has_16_bits(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int base = 0;

	assert_ok(vdpa_vring_base(&b->c, 0, 0xffff));
	assert_ok(vdpa_get_vring_base(&b->c, 0, &base));
	assert_int_equal(base, 0xffff);
	assert_err(vdpa_vring_base(&b->c, 0, 0x10000), EINVAL);
	assert_err(vdpa_vring_base(&b->c, 0, UINT32_MAX), EINVAL);
	assert_ok(vdpa_get_vring_base(&b->c, 0, &base));
	assert_int_equal(base, 0xffff);
}

static void packed_base_has_both_halves(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int base = 0;
	uint64_t offered;

	assert_ok(vdpa_get_features(&b->c, &offered));
	assert_true(offered & VDPA_BIT(VIRTIO_F_RING_PACKED));
	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES | VDPA_BIT(VIRTIO_F_RING_PACKED)));
	assert_ok(vdpa_vring_num(&b->c, 0, 128));
	assert_ok(vdpa_vring_base(&b->c, 0, 0x00118022));
	assert_ok(vdpa_get_vring_base(&b->c, 0, &base));
	assert_int_equal(base, 0x00118022);
}

static void base_is_zero_after_reset(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int base = 0;

	assert_ok(vdpa_vring_base(&b->c, 0, 5));
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_get_vring_base(&b->c, 0, &base));
	assert_int_equal(base, 0);
}

static void ring_addresses_are_checked_for_alignment(void **state)
{
	struct vdpa_bench *b = *state;
	struct vhost_vring_addr addr = { .index = 0 };

	assert_ok(vdpa_vring_addr(&b->c, 0, 0x10000, 0x11000, 0x12000));
	assert_err(vdpa_vring_addr(&b->c, 0, 0x10000, 0x11001, 0x12000), EINVAL);
	assert_err(vdpa_vring_addr(&b->c, 0, 0x10000, 0x11000, 0x12002), EINVAL);
	addr.flags = 1u << 1;
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_VRING_ADDR, &addr), EOPNOTSUPP);
	addr.flags = 0;
	addr.log_guest_addr = 2;
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_VRING_ADDR, &addr), EINVAL);
}

static void eventfds_are_taken_replaced_and_removed(void **state)
{
	int (*const set[])(const struct vdpa_client *, unsigned int, int) = {
		vdpa_vring_kick, vdpa_vring_call, vdpa_vring_err
	};
	struct vdpa_bench *b = *state;
	int a = eventfd(0, EFD_CLOEXEC), c = eventfd(0, EFD_CLOEXEC), pipefd[2];
	unsigned int i;

	assert_true(a >= 0 && c >= 0);
	assert_int_equal(pipe(pipefd), 0);
	for (i = 0; i < 3; i++) {
		assert_ok(set[i](&b->c, 0, a));
		assert_ok(set[i](&b->c, 0, a));
		assert_ok(set[i](&b->c, 0, c));
		assert_err(set[i](&b->c, 0, pipefd[0]), EINVAL);
		assert_err(set[i](&b->c, 0, 9999), EBADF);
		assert_err(set[i](&b->c, 0, -2), EBADF);
		assert_ok(set[i](&b->c, 0, VHOST_FILE_UNBIND));
		assert_ok(set[i](&b->c, 0, VHOST_FILE_UNBIND));
	}
	close(a);
	close(c);
	close(pipefd[0]);
	close(pipefd[1]);
}

static void queues_belong_to_groups(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i, n = nvqs(b);
	struct vhost_vring_state s;

	for (i = 0; i < n; i++) {
		s.index = i;
		s.num = 99;
		assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_GROUP, &s));
		assert_int_equal(s.index, i);
		/* On the net device the control queue, the last one, has a group of its own. */
		assert_int_equal(s.num, n == 3 && i == 2 ? 1 : 0);
	}
}

static void descriptor_groups_do_not_exist_here(void **state)
{
	struct vdpa_bench *b = *state;
	struct vhost_vring_state s = { .index = 0 };

	assert_err(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_DESC_GROUP, &s), EOPNOTSUPP);
}

static void groups_are_bound_to_address_spaces(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int groups = 0, spaces = 0;

	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_GROUP_NUM, &groups));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_AS_NUM, &spaces));
	assert_ok(vdpa_group_asid(&b->c, groups - 1, spaces - 1));
	assert_ok(vdpa_group_asid(&b->c, groups - 1, 0));
	assert_err(vdpa_group_asid(&b->c, 0, spaces), EINVAL);
	assert_err(vdpa_group_asid(&b->c, 0, UINT32_MAX), EINVAL);
}

static void groups_are_bounded(void **state)
{
	struct vdpa_bench *b = *state;

	/* Group 2 does not exist although queue 2 does. */
	assert_err(vdpa_group_asid(&b->c, 2, 0), EINVAL);
}

static void groups_are_fixed_while_the_device_runs(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(net_loop_start(&b->loop, &b->c));
	assert_err(vdpa_group_asid(&b->c, 1, 1), EBUSY);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_group_asid(&b->c, 1, 1));
}

static void queue_size_can_be_asked_for(void **state)
{
	struct vhost_vring_state s = { .index = 0 };
	struct vdpa_bench *b = *state;

	/* The largest possible one until the device runs. */
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_SIZE, &s));
	assert_int_equal(s.num, 256);
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(net_loop_start(&b->loop, &b->c));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_SIZE, &s));
	assert_int_equal(s.num, 128);
}

static void rings_are_fixed_while_the_device_runs(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(net_loop_start(&b->loop, &b->c));
	assert_err(vdpa_vring_addr(&b->c, 0, 0x10000, 0x11000, 0x12000), EINVAL);
	assert_err(vdpa_vring_base(&b->c, 0, 3), EINVAL);
	/* And it still runs with the old ones. */
	assert_ok(net_loop_copy(&b->loop, VDPA_LOOP_IOVA, VDPA_LOOP_IOVA + NET_LOOP_BYTES - 64, 8));
}

static void rings_can_be_moved_while_suspended(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(net_loop_start(&b->loop, &b->c));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
	assert_ok(vdpa_vring_addr(&b->c, 0, 0x10000, 0x11000, 0x12000));
	assert_ok(vdpa_vring_base(&b->c, 0, 3));
}

static void suspend_and_resume_do_nothing_before_the_device_runs(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_RESUME, NULL));
}

static void busy_polling_time_is_remembered(void **state)
{
	struct vdpa_bench *b = *state;
	struct vhost_vring_state s = { .index = 0, .num = 50 };

	/* Nothing polls here, but other vhost devices answer. */
	assert_ok(vdpa_ioctl(&b->c, VHOST_SET_VRING_BUSYLOOP_TIMEOUT, &s));
	s.num = 0;
	assert_ok(vdpa_ioctl(&b->c, VHOST_GET_VRING_BUSYLOOP_TIMEOUT, &s));
	assert_int_equal(s.num, 50);
	s.index = nvqs(b);
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_VRING_BUSYLOOP_TIMEOUT, &s), ENOBUFS);
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_VRING_BUSYLOOP_TIMEOUT, (void *)1), EFAULT);
}

static void byte_order_of_rings_cannot_be_set(void **state)
{
	struct vhost_vring_state s = { .index = 0, .num = VHOST_VRING_LITTLE_ENDIAN };
	struct vdpa_bench *b = *state;

	/* As on any kernel without CONFIG_VHOST_CROSS_ENDIAN_LEGACY, which x86 does not have. */
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_VRING_ENDIAN, &s), ENOTTY);
	assert_err(vdpa_ioctl(&b->c, VHOST_GET_VRING_ENDIAN, &s), ENOTTY);
}

#define BOTH(name, fn) vdpa_test_both(name, fn, &net, &blk)
#define NET(name, fn) vdpa_test("net: " name, fn, &net)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		BOTH("a queue size is a power of two up to the limit, else EINVAL",
		     queue_size_is_a_power_of_two_up_to_the_limit),
		BOTH("a queue that does not exist is ENOBUFS in every ring ioctl",
		     queue_that_does_not_exist_is_refused),
		BOTH("the last queue can be set up", last_queue_can_be_set_up),
		BOTH("the base of a split ring has 16 bits", split_base_has_16_bits),
		BOTH("the base of a packed ring has both indices and both wrap counters",
		     packed_base_has_both_halves),
		BOTH("the base is 0 after reset", base_is_zero_after_reset),
		BOTH("ring addresses that are misaligned are EINVAL, unknown flags EOPNOTSUPP",
		     ring_addresses_are_checked_for_alignment),
		BOTH("kick, call and error eventfds can be set, replaced and removed",
		     eventfds_are_taken_replaced_and_removed),
		BOTH("the time for busy polling is remembered", busy_polling_time_is_remembered),
		BOTH("the byte order of rings is ENOTTY", byte_order_of_rings_cannot_be_set),
		BOTH("each queue belongs to its group", queues_belong_to_groups),
		BOTH("descriptor groups are EOPNOTSUPP", descriptor_groups_do_not_exist_here),
		BOTH("a group is bound to an address space that exists, else EINVAL",
		     groups_are_bound_to_address_spaces),
		NET("a group that does not exist is EINVAL", groups_are_bounded),
		NET("a group's address space is EBUSY under DRIVER_OK",
		    groups_are_fixed_while_the_device_runs),
		NET("the size of a queue is 256 at first, then what was set",
		    queue_size_can_be_asked_for),
		NET("addresses and base are EINVAL under DRIVER_OK",
		    rings_are_fixed_while_the_device_runs),
		NET("addresses and base can be set while suspended",
		    rings_can_be_moved_while_suspended),
		BOTH("suspend and resume before DRIVER_OK do nothing",
		     suspend_and_resume_do_nothing_before_the_device_runs),
	};

	return vdpa_test_main("uapi/vring", tests, vdpa_group_both, argc, argv);
}
