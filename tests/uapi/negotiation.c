// SPDX-License-Identifier: GPL-2.0-only
/*
 * negotiation.c - owner, status, virtio features and backend features.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/virtio_blk.h>
#include <linux/virtio_net.h>

static const struct vdpa_setup net = { .backend = VDPA_QEMU_BACKEND };
static const struct vdpa_setup blk = { .dev = VDPA_TEST_BLK, .backend = VDPA_QEMU_BACKEND };
static const struct vdpa_setup net_no_owner = { .no_owner = true };
static const struct vdpa_setup blk_no_owner = { .dev = VDPA_TEST_BLK, .no_owner = true };

static void owner_is_set_once(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_set_owner(&b->c));
	assert_err(vdpa_set_owner(&b->c), EBUSY);
}

static void rings_need_an_owner(void **state)
{
	struct vdpa_bench *b = *state;
	struct vhost_vring_state s = { .index = 0, .num = 16 };
	unsigned int base;

	assert_err(vdpa_vring_num(&b->c, 0, 16), EPERM);
	assert_err(vdpa_vring_addr(&b->c, 0, 0, 0, 0), EPERM);
	assert_err(vdpa_vring_base(&b->c, 0, 0), EPERM);
	assert_err(vdpa_get_vring_base(&b->c, 0, &base), EPERM);
	assert_err(vdpa_vring_kick(&b->c, 0, -1), EPERM);
	assert_err(vdpa_vring_call(&b->c, 0, -1), EPERM);
	assert_err(vdpa_vring_err(&b->c, 0, -1), EPERM);
	assert_err(vdpa_vring_enable(&b->c, 0, true), EPERM);
	assert_err(vdpa_group_asid(&b->c, 0, 0), EPERM);
	assert_err(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_GROUP, &s), EPERM);
	assert_err(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_SIZE, &s), EPERM);
	assert_err(vdpa_ioctl(&b->c, VHOST_VDPA_GET_VRING_DESC_GROUP, &s), EPERM);
}

static void messages_need_an_owner(void **state)
{
	struct vdpa_bench *b = *state;

	assert_err(vdpa_map(&b->c, 0, 0, NET_LOOP_BYTES, b->loop_mem.base, VHOST_ACCESS_RW), EPERM);
	assert_err(vdpa_unmap(&b->c, 0, 0, NET_LOOP_BYTES), EPERM);
	assert_err(vdpa_batch_begin(&b->c, 0), EPERM);
	assert_err(vdpa_batch_end(&b->c, 0), EPERM);
	assert_pinned(b->pinned_before);
}

/* Runs in a child that has inherited the open node. Exit code 0: all as expected. */
static int foreign_process(const struct vdpa_client *c)
{
	static char page[GUEST_PAGE] __attribute__((aligned(4096)));
	const uint64_t none = 0;

	if (vdpa_vring_num(c, 0, 16) != -EPERM)
		return 1;
	if (vdpa_map(c, 0, 0, GUEST_PAGE, page, VHOST_ACCESS_RW) != -EPERM)
		return 2;
	if (vdpa_unmap(c, 0, 0, GUEST_PAGE) != -EPERM)
		return 3;
	if (vdpa_set_owner(c) != -EBUSY)
		return 4;
	/* What only reads is open to whoever holds the file. What writes is not. */
	if (vdpa_get_status(c) != 0)
		return 5;
	if (vdpa_set_status(c, 0) != -EPERM)
		return 6;
	if (vdpa_set_features(c, NET_LOOP_FEATURES) != -EPERM)
		return 7;
	if (vdpa_ioctl(c, VHOST_SET_BACKEND_FEATURES, &none) != -EPERM)
		return 8;
	if (vdpa_ioctl(c, VHOST_VDPA_SUSPEND, NULL) != -EPERM)
		return 9;
	if (vdpa_config_call(c, -1) != -EPERM)
		return 10;
	if (vdpa_set_config(c, 0, page, 1) != -EPERM)
		return 11;

	return 0;
}

static void only_the_owner_process_has_rights(void **state)
{
	struct vdpa_bench *b = *state;
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(foreign_process(&b->c));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void owner_of_workers_can_be_chosen_before_the_owner_is_set(void **state)
{
	struct vdpa_bench *b = *state;
	uint8_t value = 9;

	/* There are no workers, but programs for other vhost devices ask. */
	assert_ok(vdpa_ioctl(&b->c, VHOST_GET_FORK_FROM_OWNER, &value));
	assert_in_range(value, 0, 1);
	value = VHOST_FORK_OWNER_KTHREAD;
	assert_ok(vdpa_ioctl(&b->c, VHOST_SET_FORK_FROM_OWNER, &value));
	value = 9;
	assert_ok(vdpa_ioctl(&b->c, VHOST_GET_FORK_FROM_OWNER, &value));
	assert_int_equal(value, VHOST_FORK_OWNER_KTHREAD);
	value = 2;
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_FORK_FROM_OWNER, &value), EINVAL);
	assert_ok(vdpa_set_owner(&b->c));
	value = VHOST_FORK_OWNER_TASK;
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_FORK_FROM_OWNER, &value), EBUSY);
}

static void memory_table_is_checked_and_ignored(void **state)
{
	struct vdpa_bench *b = *state;
	struct {
		struct vhost_memory head;
		struct vhost_memory_region region[2];
	} table = { .head.nregions = 1 };

	table.region[0].memory_size = b->loop_mem.size;
	table.region[0].userspace_addr = (uintptr_t)b->loop_mem.base;
	assert_ok(vdpa_ioctl(&b->c, VHOST_SET_MEM_TABLE, &table));
	assert_pinned(b->pinned_before);
	table.head.padding = 1;
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_MEM_TABLE, &table), EOPNOTSUPP);
	table.head.padding = 0;
	table.head.nregions = UINT32_MAX;
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_MEM_TABLE, &table), E2BIG);
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_MEM_TABLE, (void *)1), EFAULT);
}

static void owner_ends_with_close(void **state)
{
	struct vdpa_bench *b = *state;

	vdpa_close(&b->c);
	assert_ok(vdpa_open(&b->c, VDPA_TEST_NET));
	assert_err(vdpa_vring_num(&b->c, 0, 16), EPERM);
	assert_ok(vdpa_set_owner(&b->c));
	assert_ok(vdpa_vring_num(&b->c, 0, 16));
}

static void status_only_grows_until_reset(void **state)
{
	struct vdpa_bench *b = *state;

	assert_int_equal(vdpa_get_status(&b->c), 0);
	assert_ok(vdpa_set_status(&b->c, VIRTIO_CONFIG_S_ACKNOWLEDGE));
	assert_int_equal(vdpa_get_status(&b->c), VIRTIO_CONFIG_S_ACKNOWLEDGE);
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER));
	assert_err(vdpa_set_status(&b->c, VIRTIO_CONFIG_S_ACKNOWLEDGE), EINVAL);
	assert_err(vdpa_set_status(&b->c, VIRTIO_CONFIG_S_DRIVER), EINVAL);
	assert_int_equal(vdpa_get_status(&b->c), VDPA_S_DRIVER);
	assert_ok(vdpa_reset(&b->c));
	assert_int_equal(vdpa_get_status(&b->c), 0);
	assert_ok(vdpa_reset(&b->c));
}

static void features_are_offered_by_kind(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t features, want = NET_LOOP_FEATURES;

	if (strcmp(b->c.name, VDPA_TEST_BLK))
		want |= VDPA_BIT(VIRTIO_NET_F_MAC) | VDPA_BIT(VIRTIO_NET_F_MTU) |
			VDPA_BIT(VIRTIO_NET_F_STATUS) | VDPA_BIT(VIRTIO_NET_F_CTRL_VQ) |
			VDPA_BIT(VIRTIO_NET_F_CTRL_MAC_ADDR);
	else
		want |= VDPA_BIT(VIRTIO_BLK_F_FLUSH) | VDPA_BIT(VIRTIO_BLK_F_SIZE_MAX) |
			VDPA_BIT(VIRTIO_BLK_F_SEG_MAX) | VDPA_BIT(VIRTIO_BLK_F_BLK_SIZE) |
			VDPA_BIT(VIRTIO_BLK_F_TOPOLOGY) | VDPA_BIT(VIRTIO_BLK_F_MQ) |
			VDPA_BIT(VIRTIO_BLK_F_DISCARD) | VDPA_BIT(VIRTIO_BLK_F_WRITE_ZEROES);

	assert_ok(vdpa_get_features(&b->c, &features));
	assert_true((features & want) == want);
}

static void features_without_translation_are_refused(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER));
	assert_err(vdpa_set_features(&b->c, VDPA_BIT(VIRTIO_F_VERSION_1)), EINVAL);
	assert_err(vdpa_set_features(&b->c, 0), EINVAL);
	assert_ok(vdpa_set_features(&b->c, NET_LOOP_FEATURES));
}

static void features_are_fixed_by_features_ok(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
	assert_err(vdpa_set_features(&b->c, NET_LOOP_FEATURES), EBUSY);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_set_features(&b->c, NET_LOOP_FEATURES));
}

static void backend_features_are_those_of_mainline(void **state)
{
	uint64_t want = VDPA_QEMU_BACKEND | VDPA_BIT(VHOST_BACKEND_F_RESUME) |
			VDPA_BIT(VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK);
	struct vdpa_bench *b = *state;
	uint64_t features;

	if (vdpa_mode()->iotlb_persist)
		want |= VDPA_BIT(VHOST_BACKEND_F_IOTLB_PERSIST);
	assert_ok(vdpa_get_backend(&b->c, &features));
	assert_int_equal(features, want);
}

static void backend_features_that_are_offered_can_be_acknowledged(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t features;
	unsigned int bit;

	assert_ok(vdpa_get_backend(&b->c, &features));
	for (bit = 0; bit < 64; bit++)
		if (features & VDPA_BIT(bit))
			assert_ok(vdpa_ack_backend(&b->c, VDPA_BIT(bit)));
	assert_ok(vdpa_ack_backend(&b->c, features));
	assert_ok(vdpa_ack_backend(&b->c, 0));
}

static void backend_features_that_are_unknown_are_refused(void **state)
{
	struct vdpa_bench *b = *state;

	assert_err(vdpa_ack_backend(&b->c, VDPA_BIT(0)), EOPNOTSUPP);
	assert_err(vdpa_ack_backend(&b->c, VDPA_BIT(9)), EOPNOTSUPP);
	assert_err(vdpa_ack_backend(&b->c, VDPA_BIT(63)), EOPNOTSUPP);
	assert_err(vdpa_ack_backend(&b->c, VDPA_QEMU_BACKEND | VDPA_BIT(63)), EOPNOTSUPP);
}

static void descriptor_groups_need_asids_and_a_device_with_them(void **state)
{
	struct vdpa_bench *b = *state;

	assert_err(vdpa_ack_backend(&b->c, VDPA_BIT(VHOST_BACKEND_F_DESC_ASID)), EINVAL);
	assert_err(vdpa_ack_backend(&b->c, VDPA_BIT(VHOST_BACKEND_F_DESC_ASID) |
				    VDPA_BIT(VHOST_BACKEND_F_IOTLB_ASID)), EOPNOTSUPP);
}

static void persistence_is_offered_and_accepted_together(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t features;

	assert_ok(vdpa_get_backend(&b->c, &features));
	if (features & VDPA_BIT(VHOST_BACKEND_F_IOTLB_PERSIST))
		assert_ok(vdpa_ack_backend(&b->c, VDPA_PERSIST_BACKEND));
	else
		assert_err(vdpa_ack_backend(&b->c, VDPA_PERSIST_BACKEND), EOPNOTSUPP);
	assert_int_equal(!!(features & VDPA_BIT(VHOST_BACKEND_F_IOTLB_PERSIST)),
			 vdpa_mode()->iotlb_persist);
}

static void failed_acknowledgement_changes_nothing(void **state)
{
	struct vdpa_bench *b = *state;

	/* MSG_V2 with ASIDs is acknowledged: AS 1 exists on the net device. */
	assert_err(vdpa_ack_backend(&b->c, VDPA_BIT(63)), EOPNOTSUPP);
	assert_ok(vdpa_batch_begin(&b->c, 1));
	assert_ok(vdpa_batch_end(&b->c, 1));
	assert_err(vdpa_batch_begin(&b->c, 2), EINVAL);
}

static void backend_features_are_fixed_while_something_depends_on_them(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_err(vdpa_ack_backend(&b->c, VDPA_BIT(VHOST_BACKEND_F_IOTLB_MSG_V2)), EBUSY);
	assert_ok(vdpa_ack_backend(&b->c, VDPA_QEMU_BACKEND));
	assert_ok(vdpa_batch_end(&b->c, 0));

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(net_loop_start(&b->loop, &b->c));
	assert_err(vdpa_ack_backend(&b->c, VDPA_BIT(VHOST_BACKEND_F_IOTLB_MSG_V2)), EBUSY);
	assert_ok(vdpa_ack_backend(&b->c, VDPA_QEMU_BACKEND));
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_ack_backend(&b->c, VDPA_BIT(VHOST_BACKEND_F_IOTLB_MSG_V2)));
}

static void backend_features_end_with_close(void **state)
{
	struct vdpa_bench *b = *state;

	vdpa_close(&b->c);
	assert_ok(vdpa_open(&b->c, VDPA_TEST_NET));
	assert_ok(vdpa_set_owner(&b->c));
	/* Not acknowledged any more: the ASID word of a v2 message is ignored, so 7 is fine. */
	b->c.backend = VDPA_BIT(VHOST_BACKEND_F_IOTLB_MSG_V2);
	assert_ok(vdpa_map(&b->c, 7, VDPA_LOOP_IOVA, NET_LOOP_BYTES, b->loop_mem.base,
			   VHOST_ACCESS_RW));
}

#define BOTH(name, fn) vdpa_test_both(name, fn, &net, &blk)
#define BOTH_NO_OWNER(name, fn) vdpa_test_both(name, fn, &net_no_owner, &blk_no_owner)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		BOTH_NO_OWNER("an owner is set once, then EBUSY", owner_is_set_once),
		BOTH_NO_OWNER("ring ioctls without an owner are EPERM", rings_need_an_owner),
		BOTH_NO_OWNER("messages without an owner are EPERM", messages_need_an_owner),
		BOTH("a process that inherits the node is not the owner",
		     only_the_owner_process_has_rights),
		BOTH_NO_OWNER("the owner of workers can be chosen, with no effect, before the owner is set",
			      owner_of_workers_can_be_chosen_before_the_owner_is_set),
		BOTH("a memory table is checked, and nothing is mapped by it",
		     memory_table_is_checked_and_ignored),
		vdpa_test("net: ownership ends with close", owner_ends_with_close, &net),
		BOTH("status bits are only added, until a reset", status_only_grows_until_reset),
		BOTH("the features of the kind are offered", features_are_offered_by_kind),
		BOTH("features without ACCESS_PLATFORM are EINVAL",
		     features_without_translation_are_refused),
		BOTH("features are EBUSY after FEATURES_OK, free after reset",
		     features_are_fixed_by_features_ok),
		BOTH("the backend features offered are those of mainline",
		     backend_features_are_those_of_mainline),
		BOTH("each backend feature that is offered can be acknowledged",
		     backend_features_that_are_offered_can_be_acknowledged),
		BOTH("unknown backend features are EOPNOTSUPP",
		     backend_features_that_are_unknown_are_refused),
		BOTH("DESC_ASID is EINVAL without IOTLB_ASID, EOPNOTSUPP without the device's help",
		     descriptor_groups_need_asids_and_a_device_with_them),
		BOTH("IOTLB_PERSIST is accepted exactly if it is offered",
		     persistence_is_offered_and_accepted_together),
		vdpa_test("net: a refused acknowledgement leaves the earlier one in force",
			  failed_acknowledgement_changes_nothing, &net),
		vdpa_test("net: a change of backend features is EBUSY under DRIVER_OK and in a batch",
			  backend_features_are_fixed_while_something_depends_on_them, &net),
		vdpa_test("net: backend features end with close", backend_features_end_with_close,
			  &net),
	};

	return vdpa_test_main("uapi/negotiation", tests, vdpa_group_both, argc, argv);
}
