// SPDX-License-Identifier: GPL-2.0-only
/*
 * device.c - what a client can ask about a device, and its config space.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>

static const struct vdpa_setup net = { .backend = VDPA_QEMU_BACKEND };
static const struct vdpa_setup blk = { .dev = VDPA_TEST_BLK, .backend = VDPA_QEMU_BACKEND };
static const struct vdpa_setup net_no_owner = { .no_owner = true };
static const struct vdpa_setup blk_no_owner = { .dev = VDPA_TEST_BLK, .no_owner = true };

static bool is_blk(const struct vdpa_bench *b)
{
	return !strcmp(b->c.name, VDPA_TEST_BLK);
}

static uint32_t get_u32(struct vdpa_bench *b, unsigned long cmd)
{
	uint32_t value = 0xdeadbeef;

	assert_ok(vdpa_ioctl(&b->c, cmd, &value));
	return value;
}

static void device_id_is_that_of_the_kind(void **state)
{
	struct vdpa_bench *b = *state;

	assert_int_equal(get_u32(b, VHOST_VDPA_GET_DEVICE_ID),
			 is_blk(b) ? VIRTIO_ID_BLOCK : VIRTIO_ID_NET);
}

static void queues_groups_and_address_spaces_are_counted(void **state)
{
	struct vdpa_bench *b = *state;

	assert_int_equal(get_u32(b, VHOST_VDPA_GET_VQS_COUNT), is_blk(b) ? 1 : 3);
	assert_int_equal(get_u32(b, VHOST_VDPA_GET_GROUP_NUM), is_blk(b) ? 1 : 2);
	assert_int_equal(get_u32(b, VHOST_VDPA_GET_AS_NUM), is_blk(b) ? 1 : 2);
}

static void queue_size_limit_is_256(void **state)
{
	struct vdpa_bench *b = *state;
	uint16_t num[2] = { 0, 0x1234 };

	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_NUM, num));
	assert_int_equal(num[0], 256);
	/* The ioctl returns 16 bits and must not touch more. */
	assert_int_equal(num[1], 0x1234);
}

static void iova_range_is_everything(void **state)
{
	struct vdpa_bench *b = *state;
	struct vhost_vdpa_iova_range range = { .first = 1, .last = 1 };

	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_IOVA_RANGE, &range));
	assert_true(range.first == 0);
	assert_true(range.last == UINT64_MAX);
}

static void config_size_is_that_of_the_kind(void **state)
{
	struct vdpa_bench *b = *state;
	uint32_t size = get_u32(b, VHOST_VDPA_GET_CONFIG_SIZE);

	if (is_blk(b))
		assert_in_range(size, offsetof(struct virtio_blk_config, max_secure_erase_sectors),
				4096);
	else
		assert_in_range(size, offsetof(struct virtio_net_config, mtu) + 2, 4096);
}

static void config_reads_what_the_device_was_made_with(void **state)
{
	static const uint8_t mac[6] = { 0x02, 0x76, 0x64, 0x70, 0x61, 0x01 };
	struct vdpa_bench *b = *state;
	struct virtio_net_config config;
	uint64_t capacity = 0;
	uint8_t part[4];

	assert_ok(vdpa_negotiate(&b->c, ~0ULL));
	if (is_blk(b)) {
		assert_ok(vdpa_get_config(&b->c, 0, &capacity, sizeof(capacity)));
		assert_int_equal(capacity, 0x40000);
		return;
	}

	assert_ok(vdpa_get_config(&b->c, 0, &config, offsetof(struct virtio_net_config, mtu) + 2));
	assert_memory_equal(config.mac, mac, sizeof(mac));
	assert_int_equal(config.mtu, 1500);
	assert_int_equal(config.status & VIRTIO_NET_S_LINK_UP, VIRTIO_NET_S_LINK_UP);

	/* From the middle of a field. */
	assert_ok(vdpa_get_config(&b->c, 2, part, sizeof(part)));
	assert_memory_equal(part, mac + 2, sizeof(part));
}

static void config_can_be_read_before_features_are_set(void **state)
{
	struct vdpa_bench *b = *state;
	uint8_t byte;

	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_get_config(&b->c, 0, &byte, 1));
}

static void config_beyond_its_end_is_refused(void **state)
{
	struct vdpa_bench *b = *state;
	uint32_t size = get_u32(b, VHOST_VDPA_GET_CONFIG_SIZE);
	uint8_t *buf = calloc(1, size + 8);
	const unsigned long cmd[] = { VHOST_VDPA_GET_CONFIG, VHOST_VDPA_SET_CONFIG };
	struct vhost_vdpa_config huge = { .off = 1, .len = UINT32_MAX };
	unsigned int i;

	assert_ok(vdpa_get_config(&b->c, 0, buf, size));
	assert_ok(vdpa_get_config(&b->c, size - 1, buf, 1));
	assert_err(vdpa_get_config(&b->c, 0, buf, 0), EINVAL);
	assert_err(vdpa_get_config(&b->c, 0, buf, size + 1), EINVAL);
	assert_err(vdpa_get_config(&b->c, size, buf, 1), EINVAL);
	assert_err(vdpa_get_config(&b->c, size - 1, buf, 2), EINVAL);
	assert_err(vdpa_get_config(&b->c, UINT32_MAX, buf, 1), EINVAL);
	assert_err(vdpa_set_config(&b->c, 0, buf, 0), EINVAL);
	assert_err(vdpa_set_config(&b->c, 0, buf, size + 1), EINVAL);
	assert_err(vdpa_set_config(&b->c, size, buf, 1), EINVAL);
	assert_err(vdpa_set_config(&b->c, UINT32_MAX, buf, 1), EINVAL);
	free(buf);

	/* off + len wraps to 0 in 32 bits. */
	for (i = 0; i < 2; i++)
		assert_err(vdpa_ioctl(&b->c, cmd[i], &huge), EINVAL);
}

static void set_mac_and_back(struct vdpa_bench *b)
{
	static const uint8_t mac[6] = { 0x02, 0x76, 0x64, 0x70, 0x61, 0x77 };
	uint8_t old[6], now[6];

	assert_ok(vdpa_get_config(&b->c, 0, old, sizeof(old)));
	assert_memory_not_equal(old, mac, sizeof(mac));
	assert_ok(vdpa_set_config(&b->c, 0, mac, sizeof(mac)));
	assert_ok(vdpa_get_config(&b->c, 0, now, sizeof(now)));
	assert_ok(vdpa_set_config(&b->c, 0, old, sizeof(old)));
	assert_memory_equal(now, mac, sizeof(mac));
}

static void mac_address_can_be_written(void **state)
{
	struct vdpa_bench *b = *state;

	/* What QEMU does before its guest runs, and what it passes on later, with any features. */
	set_mac_and_back(b);
	assert_ok(vdpa_negotiate(&b->c, ~0ULL));
	set_mac_and_back(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES | VDPA_BIT(VIRTIO_NET_F_MAC)));
	set_mac_and_back(b);
}

static void nothing_else_in_the_config_space_can_be_written(void **state)
{
	struct vdpa_bench *b = *state;
	uint32_t size = get_u32(b, VHOST_VDPA_GET_CONFIG_SIZE), from = is_blk(b) ? 0 : 6;
	uint8_t *old = malloc(size), *now = malloc(size), *ones = malloc(size);

	assert_true(old && now && ones);
	memset(ones, 0xff, size);
	assert_ok(vdpa_negotiate(&b->c, ~0ULL));
	assert_ok(vdpa_get_config(&b->c, 0, old, size));
	assert_ok(vdpa_set_config(&b->c, from, ones, size - from));
	assert_ok(vdpa_get_config(&b->c, 0, now, size));
	assert_memory_equal(now, old, size);
	free(ones);
	free(now);
	free(old);
}

/* Two pages, the second one not accessible; returns the end of the first. */
static uint8_t *edge_of_memory(void)
{
	uint8_t *area = mmap(NULL, 2 * GUEST_PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(area != MAP_FAILED);
	assert_int_equal(mprotect(area + GUEST_PAGE, GUEST_PAGE, PROT_NONE), 0);

	return area + GUEST_PAGE;
}

static void free_edge(uint8_t *edge)
{
	munmap(edge - GUEST_PAGE, 2 * GUEST_PAGE);
}

static void config_buffer_that_is_not_there_faults(void **state)
{
	struct vdpa_bench *b = *state;
	uint8_t *edge = edge_of_memory();
	struct vhost_vdpa_config *config = (void *)(edge - sizeof(*config));

	config->off = 0;
	config->len = 1;
	assert_err(vdpa_ioctl(&b->c, VHOST_VDPA_GET_CONFIG, config), EFAULT);
	assert_err(vdpa_ioctl(&b->c, VHOST_VDPA_SET_CONFIG, config), EFAULT);
	free_edge(edge);
}

static void unknown_ioctls_are_refused(void **state)
{
	static const unsigned long unknown[] = {
		_IO(VHOST_VIRTIO, 0xff), _IOW(VHOST_VIRTIO, 0x6f, __u32), _IO('V', 0),
		/* These exist for other vhost devices. */
		VHOST_RESET_OWNER, VHOST_SET_LOG_BASE, VHOST_SET_LOG_FD, VHOST_NET_SET_BACKEND,
		VHOST_NEW_WORKER, VHOST_FREE_WORKER, VHOST_ATTACH_VRING_WORKER,
		VHOST_GET_VRING_WORKER,
	};
	struct vdpa_bench *b = *state;
	uint64_t zero[32] = { 0 };
	unsigned int i, bad = 0;
	int ret;

	for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		ret = vdpa_ioctl(&b->c, unknown[i], zero);
		if (ret != -ENOTTY) {
			print_error("ioctl %#lx: got %d, expected %d\n", unknown[i], ret, -ENOTTY);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

static void questions_need_no_owner(void **state)
{
	struct vdpa_bench *b = *state;
	struct vhost_vdpa_iova_range range;
	uint64_t features;
	uint16_t num;
	uint8_t byte;

	get_u32(b, VHOST_VDPA_GET_DEVICE_ID);
	get_u32(b, VHOST_VDPA_GET_VQS_COUNT);
	get_u32(b, VHOST_VDPA_GET_GROUP_NUM);
	get_u32(b, VHOST_VDPA_GET_AS_NUM);
	get_u32(b, VHOST_VDPA_GET_CONFIG_SIZE);
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_IOVA_RANGE, &range));
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_NUM, &num));
	assert_ok(vdpa_get_config(&b->c, 0, &byte, 1));
	assert_ok(vdpa_get_features(&b->c, &features));
	assert_ok(vdpa_get_backend(&b->c, &features));
	assert_ok(vdpa_get_status(&b->c));
}

static void config_eventfd_is_taken_replaced_and_removed(void **state)
{
	struct vdpa_bench *b = *state;
	int efd = eventfd(0, EFD_CLOEXEC), pipefd[2];

	assert_true(efd >= 0);
	assert_int_equal(pipe(pipefd), 0);
	assert_ok(vdpa_config_call(&b->c, efd));
	assert_ok(vdpa_config_call(&b->c, efd));
	assert_err(vdpa_config_call(&b->c, pipefd[0]), EINVAL);
	assert_err(vdpa_config_call(&b->c, 9999), EBADF);
	assert_err(vdpa_config_call(&b->c, -2), EBADF);
	assert_ok(vdpa_config_call(&b->c, VHOST_FILE_UNBIND));
	assert_ok(vdpa_config_call(&b->c, VHOST_FILE_UNBIND));
	close(efd);
	close(pipefd[0]);
	close(pipefd[1]);
}

static void node_opens_once(void **state)
{
	struct vdpa_bench *b = *state;
	struct vdpa_client second;

	assert_err(vdpa_open(&second, b->c.name), EBUSY);
	vdpa_close(&b->c);
	assert_ok(vdpa_open(&second, b->c.name));
	vdpa_close(&second);
}

static void node_opens_and_closes_a_hundred_times_before_any_ioctl(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i;

	vdpa_close(&b->c);
	for (i = 0; i < 100; i++) {
		assert_ok(vdpa_open(&b->c, is_blk(b) ? VDPA_TEST_BLK : VDPA_TEST_NET));
		vdpa_close(&b->c);
	}
}

static void doorbell_cannot_be_mapped_on_a_device_without_one(void **state)
{
	struct vdpa_bench *b = *state;
	void *p;

	p = mmap(NULL, 2 * GUEST_PAGE, PROT_WRITE, MAP_SHARED, b->c.fd, 0);
	assert_true(p == MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	p = mmap(NULL, GUEST_PAGE, PROT_WRITE, MAP_PRIVATE, b->c.fd, 0);
	assert_true(p == MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	p = mmap(NULL, GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, b->c.fd, 0);
	assert_true(p == MAP_FAILED);
	assert_int_equal(errno, EINVAL);
	p = mmap(NULL, GUEST_PAGE, PROT_WRITE, MAP_SHARED, b->c.fd, 0);
	assert_true(p == MAP_FAILED);
	/* ENOTSUPP, as in mainline, which has no name in user space. */
	assert_int_equal(errno, 524);
}

#define BOTH(name, fn) vdpa_test_both(name, fn, &net, &blk)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		BOTH("the device id is that of the kind", device_id_is_that_of_the_kind),
		BOTH("queues, groups and address spaces are counted",
		     queues_groups_and_address_spaces_are_counted),
		BOTH("the queue size limit is 256 and fills 16 bits only",
		     queue_size_limit_is_256),
		BOTH("the IOVA range is everything", iova_range_is_everything),
		BOTH("the config size is that of the kind", config_size_is_that_of_the_kind),
		BOTH("the config space reads what the device was made with",
		     config_reads_what_the_device_was_made_with),
		BOTH("the config space can be read before features are set",
		     config_can_be_read_before_features_are_set),
		BOTH("access beyond the end of the config space is EINVAL",
		     config_beyond_its_end_is_refused),
		vdpa_test("net: the MAC address can be written, whatever the features",
			  mac_address_can_be_written, &net),
		BOTH("nothing else in the config space can be written",
		     nothing_else_in_the_config_space_can_be_written),
		BOTH("a config buffer that is not there is EFAULT",
		     config_buffer_that_is_not_there_faults),
		BOTH("unknown ioctls and those of other vhost devices are ENOTTY",
		     unknown_ioctls_are_refused),
		vdpa_test_both("questions need no owner", questions_need_no_owner, &net_no_owner,
			       &blk_no_owner),
		BOTH("the config eventfd can be set, replaced and removed",
		     config_eventfd_is_taken_replaced_and_removed),
		BOTH("the node is open once at a time", node_opens_once),
		BOTH("open and close 100 times before any ioctl",
		     node_opens_and_closes_a_hundred_times_before_any_ioctl),
		BOTH("mmap refuses wrong size, private, readable, and a missing doorbell",
		     doorbell_cannot_be_mapped_on_a_device_without_one),
	};

	return vdpa_test_main("uapi/device", tests, vdpa_group_both, argc, argv);
}
