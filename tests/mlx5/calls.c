// SPDX-License-Identifier: GPL-2.0-only
/*
 * calls.c - callbacks are replaced, and taken away by a reset, while the device calls them all the
 * time: what the device was told to forget is not running any more and does not run again
 * (vdpa_calls).
 */
#include "vdpa_test.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "m5.h"

#define DEV	"m5-c"
#define CALLS	"/sys/kernel/debug/vdpa_calls/" DEV

static int up(void **state)
{
	int ret;

	m5_forget_complaints();
	ret = vdpa_admin_add_with(DEV, m5_mgmt(0), "max_vqp", "1");
	/* Whoever took it first. */
	if (!ret && vdpa_admin_exists(DEV))
		vdpa_admin_unbind(DEV, "vhost_vdpa");
	ret = ret ?: vdpa_admin_override(DEV, "vdpa_calls");
	ret = ret ?: vdpa_admin_bind(DEV, "vdpa_calls");
	return ret ?: m5_set(0, "storm", "1");
}

static int down(void **state)
{
	int bad = m5_set(0, "storm", "0");

	if (vdpa_admin_del(DEV))
		bad = -1;
	if (m5_stat(0, "live") || m5_stat(0, "buffers"))
		bad = -1;
	return m5_complaints() ? -1 : bad;
}

/* Does it, and finds that callbacks came, but none of them late. */
static void calls(const char *command, int at_least)
{
	int count = -1, late = -1;
	char text[64];

	assert_ok(vdpa_admin_write(CALLS, command));
	assert_true(vdpa_admin_read(CALLS, text, sizeof(text)) > 0);
	assert_int_equal(sscanf(text, "%d %d", &count, &late), 2);
	printf("# %s: %d calls\n", command, count);
	assert_true(count >= at_least);
	assert_int_equal(late, 0);
}

static void receive_queue(void **state)
{
	calls("queue 0 300", 600);
}

static void transmit_queue(void **state)
{
	calls("queue 1 300", 600);
}

static void reset(void **state)
{
	calls("reset 100", 100);
}

static void *keep_toggling(void *arg)
{
	atomic_bool *stop = arg;

	while (!*stop) {
		m5_set(0, "link", "0");
		m5_set(0, "link", "1");
	}
	return NULL;
}

static void configuration(void **state)
{
	static atomic_bool stop;
	pthread_t thread;

	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, keep_toggling, &stop), 0);
	calls("config 50", 100);
	stop = true;
	pthread_join(thread, NULL);
}

static int nothing(void **state)
{
	return 0;
}

#define call_test(fn)	cmocka_unit_test_setup_teardown(fn, up, down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		call_test(receive_queue),
		call_test(transmit_queue),
		call_test(reset),
		call_test(configuration),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("mlx5 calls", tests, nothing, nothing);
}
