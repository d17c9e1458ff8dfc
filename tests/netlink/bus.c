// SPDX-License-Identifier: GPL-2.0-only
/*
 * bus.c - which driver gets a device: driver_override, bind, unbind, autoprobe.
 */
#include "vdpa_nl.h"
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NET		"nl-net"
#define OVERRIDE	"/sys/bus/vdpa/devices/" NET "/driver_override"
#define AUTOPROBE	"/sys/bus/vdpa/drivers_autoprobe"
#define PROBE		"/sys/bus/vdpa/drivers_probe"

static struct vdpa_nl nl;

static int setup(void **state)
{
	int ret = vdpa_nl_open(&nl);

	return ret ? ret : vdpa_nl_add(&nl, NET, VDPA_MGMT_NET);
}

static int teardown(void **state)
{
	vdpa_admin_write(AUTOPROBE, "1");
	vdpa_nl_del(&nl, NET);
	vdpa_nl_close(&nl);
	return 0;
}

static void assert_driver(const char *expected)
{
	char driver[64];

	assert_true(vdpa_admin_driver(NET, driver, sizeof(driver)) >= 0);
	assert_string_equal(driver, expected);
}

static void assert_override(const char *expected)
{
	char buf[64];

	assert_true(vdpa_admin_read(OVERRIDE, buf, sizeof(buf)) >= 0);
	assert_string_equal(buf, expected);
}

static void override_file(void **state)
{
	assert_override("(null)");
	assert_ok(vdpa_admin_write(OVERRIDE, "virtio_vdpa"));
	assert_override("virtio_vdpa");
	assert_ok(vdpa_admin_write(OVERRIDE, "other\n"));
	assert_override("other");
	assert_ok(vdpa_admin_write(OVERRIDE, "\n"));
	assert_override("(null)");
}

/* One page is what sysfs passes on at most; what cannot be shown again is not stored. */
static void override_too_long(void **state)
{
	char name[4096];

	memset(name, 'x', sizeof(name));
	name[4095] = 0;
	assert_err(vdpa_admin_write(OVERRIDE, name), EINVAL);
	assert_override("(null)");
	name[4094] = 0;
	assert_ok(vdpa_admin_write(OVERRIDE, name));
	assert_ok(vdpa_admin_write(OVERRIDE, "\n"));
}

static void override_decides(void **state)
{
	assert_driver("vhost_vdpa");
	assert_ok(vdpa_admin_write(OVERRIDE, "virtio_vdpa"));
	/* It decides about the next bind, the present driver stays. */
	assert_driver("vhost_vdpa");
	assert_ok(vdpa_admin_unbind(NET, "vhost_vdpa"));
	assert_driver("");
	assert_err(vdpa_admin_bind(NET, "vhost_vdpa"), ENODEV);
	assert_ok(vdpa_admin_write(PROBE, NET));
	assert_driver("virtio_vdpa");

	assert_ok(vdpa_admin_write(OVERRIDE, "nobody"));
	assert_ok(vdpa_admin_unbind(NET, "virtio_vdpa"));
	vdpa_admin_write(PROBE, NET);
	assert_driver("");

	assert_ok(vdpa_admin_write(OVERRIDE, "\n"));
	assert_ok(vdpa_admin_bind(NET, "vhost_vdpa"));
	assert_driver("vhost_vdpa");
}

static void autoprobe_off(void **state)
{
	assert_ok(vdpa_nl_del(&nl, NET));
	assert_ok(vdpa_admin_write(AUTOPROBE, "0"));
	assert_ok(vdpa_nl_add(&nl, NET, VDPA_MGMT_NET));
	assert_driver("");
	/* A device without a driver is shown as any other. */
	assert_ok(vdpa_nl_get(&nl, NET));
	assert_ok(vdpa_admin_bind(NET, "virtio_vdpa"));
	assert_driver("virtio_vdpa");
}

/* From hand to hand: each driver finds a device that works. */
static void back_and_forth(void **state)
{
	static const char *const drivers[] = { "virtio_vdpa", "vhost_vdpa" };
	struct vdpa_client c;
	uint64_t features;
	int i;

	for (i = 0; i < 100; i++) {
		assert_ok(vdpa_admin_unbind(NET, drivers[!(i & 1)]));
		assert_ok(vdpa_admin_bind(NET, drivers[i & 1]));
		assert_driver(drivers[i & 1]);
		if (i % 20 == 19) {
			assert_true(vdpa_admin_minor(NET) >= 0);
			assert_ok(vdpa_open_as(&c, NET, VDPA_QEMU_BACKEND));
			assert_ok(vdpa_get_features(&c, &features));
			assert_ok(vdpa_negotiate(&c, features));
			vdpa_close(&c);
		}
	}
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(override_file),
		test(override_too_long),
		test(override_decides),
		test(autoprobe_off),
		test(back_and_forth),
	};

	return vdpa_test_main("netlink/bus", tests, NULL, argc, argv);
}
