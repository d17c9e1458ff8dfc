// SPDX-License-Identifier: GPL-2.0-only
/*
 * faults.c - firmware that refuses, does not answer, or goes away, at every step of every sequence.
 *
 * A sequence runs once to count its commands; then it runs again for each of them, with that one
 * going wrong. Whatever comes of it: the device can be deleted, nothing is left over, the model has
 * nothing to complain about, and afterwards a new device works.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "m5.h"

#define DEV		"m5-a"
#define RAM_PAGES	16

static const uint64_t at = VDPA_RAM_IOVA;
/* Plugged in for a while: not pinned by anything else. */
static char extra[GUEST_PAGE] __attribute__((aligned(GUEST_PAGE)));
static const struct vdpa_setup setup = {
	.dev = DEV, .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES
};

/* Queues cost most of the commands; one pair is enough to have every kind of them. */
static int add(void)
{
	return vdpa_admin_add_with(DEV, m5_mgmt(0), "max_vqp", "1");
}

/*
 * One whole life; the first error ends it. A client without VHOST_BACKEND_F_IOTLB_PERSIST maps
 * again after a reset, or the device finds no ring when it starts.
 */
static int life(struct vdpa_bench *b)
{
	uint64_t value;
	int ret;

	ret = vdpa_bench_map_all(b, at);
	if (!ret)
		ret = vdpa_bench_start(b);
	if (!ret)
		ret = vdpa_map(&b->c, 0, at + (4ULL << 30), GUEST_PAGE, extra, VHOST_ACCESS_RW);
	if (!ret)
		ret = net_loop_read(&b->loop, at, &value, sizeof(value));
	if (!ret && value != guest_mem_mark(1, 0))
		ret = -EILSEQ;
	if (!ret)
		ret = vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL);
	if (!ret)
		ret = vdpa_reset(&b->c);
	if (!ret)
		ret = vdpa_bench_unmap_all(b, at);
	if (!ret)
		ret = vdpa_bench_map_all(b, at);
	if (!ret)
		ret = vdpa_bench_start(b);
	return ret;
}

/* Adds the device, lives, deletes it; faults that did not strike are taken away before the end. */
static int sequence(void)
{
	struct vdpa_bench b;
	int ret = add();

	if (ret) {
		assert_false(vdpa_admin_exists(DEV));
		return ret;
	}
	ret = vdpa_bench_open(&b, &setup);
	assert_ok(ret);
	b.loop.timeout_ms = 1000;
	ret = life(&b);
	/* Whatever became of it: no key to memory that is not held any more. */
	assert_int_equal(m5_get_file(0, "audit"), 0);
	vdpa_bench_close(&b);
	assert_ok(vdpa_admin_del(DEV));
	return ret;
}

static void assert_clean(const char *what, unsigned int step)
{
	bool complaints = m5_complaints();

	if (complaints || m5_stat(0, "live") || m5_stat(0, "buffers")) {
		print_error("%s at command %u: %lld objects and %lld buffers left over\n", what,
			    step, m5_stat(0, "live"), m5_stat(0, "buffers"));
		fail();
	}
}

static void sweep(const char *action, unsigned int stride)
{
	unsigned int commands, step, failed = 0;
	char fault[64];
	long pinned = vdpa_pinned_pages();

	memset(extra, 1, sizeof(extra));
	m5_forget_complaints();
	assert_ok(sequence());
	assert_clean("nothing", 0);
	commands = m5_stat(0, "commands");
	assert_true(commands > 50);
	for (step = 1; step <= commands; step += stride) {
		m5_forget_complaints();
		snprintf(fault, sizeof(fault), "0 %u %s", step, action);
		assert_ok(m5_set(0, "inject", fault));
		failed += !!sequence();
		m5_set(0, "inject", "clear");
		assert_clean(action, step);
		assert_pinned(pinned);
	}
	/* Most commands are such that their failure must be heard of. */
	printf("# %s: %u of %u sequences failed\n", action, failed, commands / stride);
	assert_true(failed > commands / stride / 4);
	m5_forget_complaints();
	assert_ok(sequence());
	assert_clean("nothing", 0);
}

static void status(void **state)
{
	sweep("status 1", 1);
}

static void timeout(void **state)
{
	/* Without an answer is like with a bad one to most of the driver: not every step again. */
	sweep("timeout", 5);
}

/* Queues cannot be changed for a while: what undoes the first failure fails as well. */
static void stuck(void **state)
{
	unsigned int commands, step, times;
	long pinned = vdpa_pinned_pages();
	char fault[64];

	memset(extra, 1, sizeof(extra));
	m5_forget_complaints();
	assert_ok(sequence());
	commands = m5_stat(0, "op_a01_d");
	assert_true(commands >= 8);
	for (times = 2; times <= 4; times++) {
		for (step = 1; step <= commands; step++) {
			m5_forget_complaints();
			snprintf(fault, sizeof(fault), "0xa01:0xd %u status 1 times %u", step,
				 times);
			assert_ok(m5_set(0, "inject", fault));
			sequence();
			m5_set(0, "inject", "clear");
			assert_clean("queues stuck", step);
			assert_pinned(pinned);
		}
	}
	m5_forget_complaints();
	assert_ok(sequence());
	assert_clean("nothing", 0);
}

static void submission(void **state)
{
	unsigned int step;
	char fault[64];

	/* Asynchronous submission fails: the driver has another way for each of them. */
	for (step = 1; step <= 12; step++) {
		m5_forget_complaints();
		snprintf(fault, sizeof(fault), "0 %u submit %u times 3", step * 7,
			 step & 1 ? EBUSY : EINVAL);
		assert_ok(m5_set(0, "inject", fault));
		assert_ok(sequence());
		m5_set(0, "inject", "clear");
		assert_clean("submit", step);
	}
}

static void rules(void **state)
{
	/* What different kernels do with asynchronous commands for general objects. */
	static const char * const rule[] = { "0", "1", "2" };
	int i;

	for (i = 0; i < 3; i++) {
		m5_forget_complaints();
		assert_ok(m5_param("async_rule", rule[i]));
		assert_ok(sequence());
		assert_clean("rule", i);
	}
}

/* Firmware goes away for good in the middle; the function is removed and comes again. */
static void removal(void **state)
{
	unsigned int commands, step;
	struct vdpa_bench b;
	char fault[64];
	bool complaints;
	long pinned = vdpa_pinned_pages();

	m5_forget_complaints();
	assert_ok(sequence());
	commands = m5_stat(0, "commands");
	for (step = 1; step <= commands; step += 5) {
		m5_forget_complaints();
		snprintf(fault, sizeof(fault), "0 %u dead", step);
		assert_ok(m5_set(0, "inject", fault));
		if (!add()) {
			assert_ok(vdpa_bench_open(&b, &setup));
			b.loop.timeout_ms = 200;
			life(&b);
			vdpa_bench_close(&b);
		}
		assert_ok(m5_unbind(0));
		assert_false(vdpa_admin_exists(DEV));
		complaints = m5_complaints();
		assert_ok(m5_bind(0));
		assert_pinned(pinned);
		if (complaints) {
			print_error("dead at command %u\n", step);
			fail();
		}
	}
	m5_forget_complaints();
	assert_ok(sequence());
	assert_clean("nothing", 0);
}

static int nothing(void **state)
{
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(status),
		cmocka_unit_test(timeout),
		cmocka_unit_test(stuck),
		cmocka_unit_test(submission),
		cmocka_unit_test(rules),
		cmocka_unit_test(removal),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("mlx5 faults", tests, nothing, nothing);
}
