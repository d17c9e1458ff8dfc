// SPDX-License-Identifier: GPL-2.0-only
/*
 * removal.c - devices and management devices go while they are in use: by a client that has the
 * node open, by other commands, by drivers that come and go.
 */
#include "vdpa_nl.h"
#include "vdpa_test.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NET	"nl-net"
#define OTHER	"nl-other"

static struct vdpa_nl nl;

static int setup(void **state)
{
	return vdpa_nl_open(&nl);
}

static int teardown(void **state)
{
	vdpa_nl_del(&nl, NET);
	vdpa_nl_del(&nl, OTHER);
	vdpa_nl_close(&nl);
	return 0;
}

static unsigned long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000UL + ts.tv_nsec / 1000000UL;
}

/* The removal does not wait for the client; the client gets errors; the name is free again. */
static void node_is_open(void **state)
{
	struct vdpa_client c, again;

	assert_ok(vdpa_nl_add(&nl, NET, VDPA_MGMT_NET));
	assert_true(vdpa_admin_minor(NET) >= 0);
	assert_ok(vdpa_open_as(&c, NET, VDPA_QEMU_BACKEND));
	assert_ok(vdpa_set_status(&c, VDPA_S_DRIVER));

	assert_ok(vdpa_nl_del(&nl, NET));
	assert_err(vdpa_nl_get(&nl, NET), ENODEV);
	assert_err(vdpa_get_status(&c), ENODEV);

	assert_ok(vdpa_nl_add(&nl, NET, VDPA_MGMT_NET));
	assert_true(vdpa_admin_minor(NET) >= 0);
	assert_ok(vdpa_open_as(&again, NET, VDPA_QEMU_BACKEND));
	assert_int_equal(vdpa_get_status(&again), 0);
	assert_err(vdpa_get_status(&c), ENODEV);
	vdpa_close(&c);
	assert_int_equal(vdpa_get_status(&again), 0);
	vdpa_close(&again);
}

struct racer {
	pthread_t thread;
	int (*round)(struct vdpa_nl *nl);
	atomic_bool *stop;
	unsigned long rounds, won;
	int bad;
};

static void *race(void *data)
{
	struct racer *r = data;
	struct vdpa_nl mine;
	int ret;

	r->bad = vdpa_nl_open(&mine);
	if (r->bad)
		return NULL;
	while (!atomic_load(r->stop) && !r->bad) {
		ret = r->round(&mine);
		r->rounds++;
		if (ret == 1)
			r->won++;
		else if (ret)
			r->bad = ret;
	}
	vdpa_nl_close(&mine);
	return NULL;
}

/* 1: did it, 0: lost the race in one of the ways that are right, else the errno that is not. */
static int add_round(struct vdpa_nl *nl)
{
	int ret = vdpa_nl_add(nl, NET, VDPA_MGMT_NET);

	return !ret ? 1 : ret == -EEXIST ? 0 : ret;
}

static int del_round(struct vdpa_nl *nl)
{
	int ret = vdpa_nl_del(nl, NET);

	return !ret ? 1 : ret == -ENODEV || ret == -EBUSY ? 0 : ret;
}

static int look_round(struct vdpa_nl *nl)
{
	int ret = vdpa_nl_get(nl, NET);

	if (ret && ret != -ENODEV)
		return ret;
	vdpa_nl_begin(nl, VDPA_CMD_DEV_CONFIG_GET, NLM_F_DUMP);
	ret = vdpa_nl_talk(nl, NULL, NULL);
	return ret ? ret : 1;
}

static int add_round_unloaded(struct vdpa_nl *nl)
{
	int ret = vdpa_nl_add(nl, NET, VDPA_MGMT_NET);

	return !ret ? 1 : ret == -EEXIST || ret == -ENODEV ? 0 : ret;
}

static void run_race(struct racer *racers, unsigned int n, unsigned int seconds,
		     void (*meanwhile)(void))
{
	atomic_bool stop = false;
	unsigned long end;
	unsigned int i;

	for (i = 0; i < n; i++) {
		racers[i].stop = &stop;
		assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
	}
	end = now_ms() + seconds * 1000;
	while (now_ms() < end) {
		if (meanwhile)
			meanwhile();
		else
			usleep(100000);
	}
	atomic_store(&stop, true);
	for (i = 0; i < n; i++)
		pthread_join(racers[i].thread, NULL);
	for (i = 0; i < n; i++) {
		if (racers[i].bad || !racers[i].won)
			print_error("racer %u: %lu rounds, %lu won, error %d\n", i,
				    racers[i].rounds, racers[i].won, racers[i].bad);
		assert_int_equal(racers[i].bad, 0);
		assert_true(racers[i].won > 0);
	}
}

/* One name, two who add, two who delete, one who looks. */
static void one_name_many_hands(void **state)
{
	struct racer racers[] = {
		{ .round = add_round }, { .round = add_round },
		{ .round = del_round }, { .round = del_round },
		{ .round = look_round },
	};

	run_race(racers, 5, 10, NULL);
	/* As many devices went as came. */
	if (vdpa_admin_exists(NET))
		racers[2].won++;
	assert_int_equal(racers[0].won + racers[1].won, racers[2].won + racers[3].won);
}

static void rebind(void)
{
	vdpa_admin_unbind(OTHER, "vhost_vdpa");
	vdpa_admin_bind(OTHER, "vhost_vdpa");
}

static int del_other_round(struct vdpa_nl *nl)
{
	int ret = vdpa_nl_add(nl, OTHER, VDPA_MGMT_NET);

	if (ret)
		return ret;
	ret = vdpa_nl_del(nl, OTHER);
	return ret ? ret : 1;
}

/* A driver is bound and unbound through sysfs while the device comes and goes. */
static void unbind_meanwhile(void **state)
{
	struct racer racer = { .round = del_other_round };

	run_race(&racer, 1, 8, rebind);
	assert_false(vdpa_admin_exists(OTHER));
}

static void reload(void)
{
	static const char *const out[] = { "rmmod", "vdpa_sim_net", NULL };
	static const char *const in[] = { "modprobe", "vdpa_sim_net", NULL };

	assert_int_equal(vdpa_admin_run(30, out), 0);
	assert_int_equal(vdpa_admin_run(30, in), 0);
}

/* The management device goes with its devices, while others add, delete and look. */
static void mgmtdev_goes(void **state)
{
	struct racer racers[] = {
		{ .round = add_round_unloaded }, { .round = del_round }, { .round = look_round },
	};

	run_race(racers, 3, 10, reload);
}

/* ... and while a client has one of its devices open. */
static void mgmtdev_goes_while_open(void **state)
{
	struct vdpa_client c;

	assert_ok(vdpa_nl_add(&nl, NET, VDPA_MGMT_NET));
	assert_true(vdpa_admin_minor(NET) >= 0);
	assert_ok(vdpa_open_as(&c, NET, VDPA_QEMU_BACKEND));
	reload();
	assert_false(vdpa_admin_exists(NET));
	assert_err(vdpa_get_status(&c), ENODEV);
	vdpa_close(&c);
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(node_is_open),
		test(one_name_many_hands),
		test(unbind_meanwhile),
		test(mgmtdev_goes),
		test(mgmtdev_goes_while_open),
	};

	return vdpa_test_main("netlink/removal", tests, NULL, argc, argv);
}
