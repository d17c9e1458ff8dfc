// SPDX-License-Identifier: GPL-2.0-only
/*
 * removal.c - the device goes away while a client has its node open.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define RAM_PAGES	16

static const struct vdpa_setup net = { .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES };

static unsigned long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000UL + ts.tv_nsec / 1000000UL;
}

/* Each test removes the device, so each makes one. */
static int setup(void **state)
{
	if (!vdpa_admin_exists(VDPA_TEST_NET) && vdpa_group_net(state))
		return -1;

	return vdpa_setup_bench(state);
}

/* With the node open: it would never return if it waited for the client. */
static void remove_device(void)
{
	assert_ok(vdpa_admin_del(VDPA_TEST_NET));
	assert_false(vdpa_admin_exists(VDPA_TEST_NET));
}

static void start(struct vdpa_bench *b)
{
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, VDPA_RAM_IOVA));
	assert_ok(net_loop_start(&b->loop, &b->c));
}

static void assert_gone(struct vdpa_bench *b)
{
	struct vhost_vring_state s = { .index = 0, .num = 16 };
	uint64_t features;
	uint8_t byte;

	assert_err(vdpa_get_status(&b->c), ENODEV);
	assert_err(vdpa_reset(&b->c), ENODEV);
	assert_err(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK), ENODEV);
	assert_err(vdpa_get_features(&b->c, &features), ENODEV);
	assert_err(vdpa_set_features(&b->c, NET_LOOP_FEATURES), ENODEV);
	assert_err(vdpa_get_backend(&b->c, &features), ENODEV);
	assert_err(vdpa_ioctl(&b->c, VHOST_SET_VRING_NUM, &s), ENODEV);
	assert_err(vdpa_vring_kick(&b->c, 0, -1), ENODEV);
	assert_err(vdpa_vring_call(&b->c, 0, -1), ENODEV);
	assert_err(vdpa_vring_enable(&b->c, 0, true), ENODEV);
	assert_err(vdpa_get_config(&b->c, 0, &byte, 1), ENODEV);
	assert_err(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL), ENODEV);
	assert_err(vdpa_config_call(&b->c, -1), ENODEV);
	assert_err(vdpa_set_owner(&b->c), ENODEV);
	assert_err(vdpa_bench_map_ram(b, VDPA_RAM_IOVA + 0x100000000ULL), ENODEV);
	assert_err(vdpa_unmap(&b->c, 0, VDPA_RAM_IOVA, GUEST_PAGE), ENODEV);
	assert_err(vdpa_batch_begin(&b->c, 0), ENODEV);
}

static void removal_before_any_ioctl(void **state)
{
	struct vdpa_bench *b = *state;

	vdpa_close(&b->c);
	assert_ok(vdpa_open(&b->c, VDPA_TEST_NET));
	remove_device();
	assert_gone(b);
}

static void removal_with_an_owner(void **state)
{
	remove_device();
	assert_gone(*state);
}

static void removal_with_memory_mapped(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_bench_map_ram(b, VDPA_RAM_IOVA));
	remove_device();
	assert_pinned(b->pinned_before);
	assert_gone(b);
}

static void removal_in_an_open_batch(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(vdpa_bench_map_ram(b, VDPA_RAM_IOVA));
	remove_device();
	assert_pinned(b->pinned_before);
	assert_gone(b);
}

static void removal_with_parked_memory(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_unmap(&b->c, 0, VDPA_RAM_IOVA, b->ram.size));
	remove_device();
	assert_pinned(b->pinned_before);
	assert_gone(b);
}

static void removal_while_running(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
	remove_device();
	assert_pinned(b->pinned_before);
	assert_gone(b);
	/* And nothing is written to our rings any more. */
	b->loop.timeout_ms = 200;
	assert_err(net_loop_copy(&b->loop, VDPA_RAM_IOVA, VDPA_RAM_IOVA + GUEST_PAGE, 8),
		   ETIMEDOUT);
}

static bool signalled(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 2000) == 1;
}

static void removal_signals_the_eventfds(void **state)
{
	struct vdpa_bench *b = *state;
	int config = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	int err = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	start(b);
	assert_ok(vdpa_config_call(&b->c, config));
	assert_ok(vdpa_vring_err(&b->c, 0, err));
	remove_device();
	assert_true(signalled(config));
	assert_true(signalled(err));
	close(config);
	close(err);
}

static void other_commands_work_after_removal_under_a_client(void **state)
{
	const char *const show[] = { "vdpa", "dev", "show", NULL };
	struct vdpa_client second;

	remove_device();
	assert_int_equal(vdpa_admin_run(5, show), 0);
	/* The same name again while the old node is still open. */
	assert_ok(vdpa_group_net(state));
	assert_ok(vdpa_open_as(&second, VDPA_TEST_NET, VDPA_QEMU_BACKEND));
	assert_int_equal(vdpa_get_status(&second), 0);
	vdpa_close(&second);
}

static void closed_client_leaves_nothing_behind(void **state)
{
	struct vdpa_bench *b = *state;
	char path[128];

	start(b);
	remove_device();
	snprintf(path, sizeof(path), "/sys/kernel/debug/vhost_vdpa/vhost-vdpa-%d", b->c.minor);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(access(b->c.node, F_OK), -1);
	vdpa_close(&b->c);
	assert_pinned(b->pinned_before);
}

static void removal_while_suspended(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
	remove_device();
	assert_pinned(b->pinned_before);
	assert_gone(b);
	assert_err(vdpa_ioctl(&b->c, VHOST_VDPA_RESUME, NULL), ENODEV);
}

struct traffic {
	struct vdpa_bench *b;
	int last;
};

/* Everything a client does, until the device says that it is gone. */
static void *traffic(void *arg)
{
	struct traffic *t = arg;
	struct vdpa_bench *b = t->b;
	unsigned long end = now_ms() + 20000;
	uint64_t iova = VDPA_RAM_IOVA + 0x200000000ULL;
	uint64_t one = 1;
	int ret = 0;

	while (now_ms() < end) {
		ret = vdpa_map(&b->c, 0, iova, b->ram.size, b->ram.base, VHOST_ACCESS_RW);
		if (!ret)
			ret = vdpa_unmap(&b->c, 0, iova, b->ram.size);
		if (!ret)
			ret = vdpa_get_status(&b->c) < 0 ? vdpa_get_status(&b->c) : 0;
		if (!ret)
			ret = vdpa_vring_call(&b->c, 0, b->loop.rx_call);
		if (ret)
			break;
		if (write(b->loop.tx_kick, &one, sizeof(one)) < 0)
			break;
	}
	t->last = ret;

	return NULL;
}

/* Through all states, in both directions. */
static void *changing_status(void *arg)
{
	struct traffic *t = arg;
	struct vdpa_bench *b = t->b;
	unsigned long end = now_ms() + 20000;
	int ret = 0;

	while (now_ms() < end && !ret) {
		ret = vdpa_reset(&b->c);
		if (!ret)
			ret = vdpa_negotiate(&b->c, NET_LOOP_FEATURES);
		if (!ret)
			ret = vdpa_set_status(&b->c, VDPA_S_DRIVER_OK);
		if (!ret)
			ret = vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL);
		if (!ret)
			ret = vdpa_ioctl(&b->c, VHOST_VDPA_RESUME, NULL);
	}
	t->last = ret;

	return NULL;
}

static void removal_under(void **state, void *(*load)(void *))
{
	struct vdpa_bench *b = *state;
	struct traffic t = { .b = b };
	pthread_t thread;
	unsigned int i;

	for (i = 0; i < 10; i++) {
		if (i) {
			vdpa_close(&b->c);
			assert_ok(vdpa_group_net(state));
			assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, VDPA_QEMU_BACKEND));
			net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
		}
		start(b);
		assert_int_equal(pthread_create(&thread, NULL, load, &t), 0);
		usleep(20000 + 7000 * i);
		remove_device();
		pthread_join(thread, NULL);
		assert_int_equal(t.last, -ENODEV);
		assert_pinned(b->pinned_before);
	}
}

static void removal_under_load(void **state)
{
	removal_under(state, traffic);
}

static void removal_between_changes_of_status(void **state)
{
	removal_under(state, changing_status);
}

static void driver_can_be_unbound_under_a_client(void **state)
{
	struct vdpa_bench *b = *state;
	char driver[64];

	start(b);
	assert_ok(vdpa_admin_unbind(VDPA_TEST_NET, "vhost_vdpa"));
	assert_ok(vdpa_admin_driver(VDPA_TEST_NET, driver, sizeof(driver)));
	assert_string_equal(driver, "");
	assert_gone(b);
	assert_pinned(b->pinned_before);
	vdpa_close(&b->c);
	assert_ok(vdpa_admin_bind(VDPA_TEST_NET, "vhost_vdpa"));
	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, VDPA_QEMU_BACKEND));
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	start(b);
	vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
}

#define NET(name, fn) { name, fn, setup, vdpa_teardown_bench, (void *)&net }

static int group_none(void **state)
{
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		NET("a device goes under a client that did nothing yet", removal_before_any_ioctl),
		NET("a device goes under a client with an owner", removal_with_an_owner),
		NET("a device goes with memory mapped, and the memory is unpinned at once",
		    removal_with_memory_mapped),
		NET("a device goes in an open batch", removal_in_an_open_batch),
		NET("a device goes with memory parked", removal_with_parked_memory),
		NET("a device goes while it runs", removal_while_running),
		NET("removal signals the config and error eventfds", removal_signals_the_eventfds),
		NET("other vdpa commands work, and the name is free, while the old node is open",
		    other_commands_work_after_removal_under_a_client),
		NET("node and counters are gone after removal",
		    closed_client_leaves_nothing_behind),
		NET("a device goes while it is suspended", removal_while_suspended),
		NET("a device goes ten times under load", removal_under_load),
		NET("a device goes ten times while its status changes all the time",
		    removal_between_changes_of_status),
		NET("the driver can be unbound under a running client, and bound again",
		    driver_can_be_unbound_under_a_client),
	};

	return vdpa_test_main("uapi/removal", tests, group_none, argc, argv);
}
