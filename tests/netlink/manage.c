// SPDX-License-Identifier: GPL-2.0-only
/*
 * manage.c - management devices and devices over netlink: show, add, delete, dumps, notifications.
 */
#include "vdpa_nl.h"
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/virtio_ids.h>

#define NET		"nl-net"
#define BLK		"nl-blk"
#define MANY		64

static struct vdpa_nl nl;

static int setup(void **state)
{
	return vdpa_nl_open(&nl);
}

/* Devices that a failed test left behind. */
struct leftovers {
	char name[2 * MANY][256];
	unsigned int n;
};

static int collect(uint8_t cmd, vdpa_nl_attrs attrs, void *data)
{
	struct leftovers *left = data;

	if (left->n < 2 * MANY)
		snprintf(left->name[left->n++], sizeof(left->name[0]), "%s",
			 mnl_attr_get_str(attrs[VDPA_ATTR_DEV_NAME]));
	return 0;
}

static int teardown(void **state)
{
	static struct leftovers left;

	left.n = 0;
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_GET, NLM_F_DUMP);
	vdpa_nl_talk(&nl, collect, &left);
	while (left.n)
		vdpa_nl_del(&nl, left.name[--left.n]);
	vdpa_nl_close(&nl);
	return 0;
}

struct mgmtdevs {
	int net, blk;
};

/* Every attribute that mainline gives must be there, with the type it has. */
static int see_mgmtdev(uint8_t cmd, vdpa_nl_attrs attrs, void *data)
{
	struct mgmtdevs *seen = data;
	const char *name;
	uint64_t classes;

	assert_int_equal(cmd, VDPA_CMD_MGMTDEV_NEW);
	assert_non_null(attrs[VDPA_ATTR_MGMTDEV_DEV_NAME]);
	assert_non_null(attrs[VDPA_ATTR_MGMTDEV_SUPPORTED_CLASSES]);
	assert_non_null(attrs[VDPA_ATTR_DEV_MGMTDEV_MAX_VQS]);
	assert_non_null(attrs[VDPA_ATTR_DEV_SUPPORTED_FEATURES]);
	assert_null(attrs[VDPA_ATTR_MGMTDEV_BUS_NAME]);

	name = mnl_attr_get_str(attrs[VDPA_ATTR_MGMTDEV_DEV_NAME]);
	classes = mnl_attr_get_u64(attrs[VDPA_ATTR_MGMTDEV_SUPPORTED_CLASSES]);
	assert_true(mnl_attr_get_u32(attrs[VDPA_ATTR_DEV_MGMTDEV_MAX_VQS]) > 0);
	assert_true(mnl_attr_get_u64(attrs[VDPA_ATTR_DEV_SUPPORTED_FEATURES]) &
		    VDPA_BIT(VIRTIO_F_VERSION_1));

	if (!strcmp(name, VDPA_MGMT_NET)) {
		assert_int_equal(classes, 1ULL << VIRTIO_ID_NET);
		seen->net++;
	} else if (!strcmp(name, VDPA_MGMT_BLK)) {
		assert_int_equal(classes, 1ULL << VIRTIO_ID_BLOCK);
		seen->blk++;
	}
	return 0;
}

static void mgmtdev_dump(void **state)
{
	struct mgmtdevs seen = {};

	vdpa_nl_begin(&nl, VDPA_CMD_MGMTDEV_GET, NLM_F_DUMP);
	assert_ok(vdpa_nl_talk(&nl, see_mgmtdev, &seen));
	assert_int_equal(seen.net, 1);
	assert_int_equal(seen.blk, 1);
}

static void mgmtdev_get(void **state)
{
	struct mgmtdevs seen = {};

	vdpa_nl_begin(&nl, VDPA_CMD_MGMTDEV_GET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, VDPA_MGMT_BLK);
	assert_ok(vdpa_nl_talk(&nl, see_mgmtdev, &seen));
	assert_int_equal(seen.net, 0);
	assert_int_equal(seen.blk, 1);
}

static int see_net(uint8_t cmd, vdpa_nl_attrs attrs, void *data)
{
	int *seen = data;

	assert_int_equal(cmd, VDPA_CMD_DEV_NEW);
	assert_string_equal(mnl_attr_get_str(attrs[VDPA_ATTR_MGMTDEV_DEV_NAME]), VDPA_MGMT_NET);
	assert_string_equal(mnl_attr_get_str(attrs[VDPA_ATTR_DEV_NAME]), NET);
	assert_int_equal(mnl_attr_get_u32(attrs[VDPA_ATTR_DEV_ID]), VIRTIO_ID_NET);
	assert_int_equal(mnl_attr_get_u32(attrs[VDPA_ATTR_DEV_VENDOR_ID]), 0);
	assert_int_equal(mnl_attr_get_u32(attrs[VDPA_ATTR_DEV_MAX_VQS]), 3);
	assert_int_equal(mnl_attr_get_u16(attrs[VDPA_ATTR_DEV_MAX_VQ_SIZE]), 256);
	assert_int_equal(mnl_attr_get_u16(attrs[VDPA_ATTR_DEV_MIN_VQ_SIZE]), 1);
	++*seen;
	return 0;
}

static void add_get_del(void **state)
{
	int seen = 0;

	assert_ok(vdpa_nl_add(&nl, NET, VDPA_MGMT_NET));
	assert_true(vdpa_admin_exists(NET));

	vdpa_nl_begin(&nl, VDPA_CMD_DEV_GET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, NET);
	assert_ok(vdpa_nl_talk(&nl, see_net, &seen));
	assert_int_equal(seen, 1);

	assert_ok(vdpa_nl_del(&nl, NET));
	assert_false(vdpa_admin_exists(NET));
	assert_err(vdpa_nl_get(&nl, NET), ENODEV);
	assert_string_equal(nl.message, "device not found");
	assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_NAME);
}

/* A name is taken on all management devices, not only on the one it was given to. */
static void names_are_unique(void **state)
{
	assert_ok(vdpa_nl_add(&nl, NET, VDPA_MGMT_NET));
	assert_err(vdpa_nl_add(&nl, NET, VDPA_MGMT_NET), EEXIST);
	assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_NAME);
	assert_err(vdpa_nl_add(&nl, NET, VDPA_MGMT_BLK), EEXIST);
	assert_ok(vdpa_nl_del(&nl, NET));
	assert_ok(vdpa_nl_add(&nl, NET, VDPA_MGMT_BLK));
	assert_ok(vdpa_nl_del(&nl, NET));
}

/* The longest name that netlink takes works everywhere, also in sysfs. */
static void longest_name(void **state)
{
	char path[] = "/sys/bus/vdpa/devices/" "................................................"
		      "................................................................"
		      "................................................................"
		      "................................................................"
		      "...............";
	char *name = strrchr(path, '/') + 1;

	memset(name, 'x', strlen(name));
	assert_int_equal(strlen(name), 255);
	assert_ok(vdpa_nl_add(&nl, name, VDPA_MGMT_NET));
	assert_ok(access(path, F_OK));
	assert_ok(vdpa_nl_get(&nl, name));
	assert_ok(vdpa_nl_del(&nl, name));
	assert_int_equal(access(path, F_OK), -1);
}

struct census {
	unsigned char seen[MANY];
	int others;
};

static int count_many(uint8_t cmd, vdpa_nl_attrs attrs, void *data)
{
	struct census *c = data;
	unsigned int i;

	if (sscanf(mnl_attr_get_str(attrs[VDPA_ATTR_DEV_NAME]), "nl-many-%u", &i) == 1 && i < MANY)
		c->seen[i]++;
	else
		c->others++;
	return 0;
}

static void many(const char *what, unsigned int from, unsigned int to, unsigned int step)
{
	char name[32];
	unsigned int i;

	for (i = from; i < to; i += step) {
		snprintf(name, sizeof(name), "nl-many-%u", i);
		if (!strcmp(what, "add"))
			assert_ok(vdpa_nl_add(&nl, name, i % 4 ? VDPA_MGMT_NET : VDPA_MGMT_BLK));
		else
			assert_ok(vdpa_nl_del(&nl, name));
	}
}

/* More devices than fit a buffer, of two types: each is there once, with either kind of dump. */
static void dump_many(void **state)
{
	static const uint8_t cmds[] = { VDPA_CMD_DEV_GET, VDPA_CMD_DEV_CONFIG_GET };
	unsigned int i, c;

	many("add", 0, MANY, 1);
	for (c = 0; c < 2; c++) {
		struct census census = {};

		vdpa_nl_begin(&nl, cmds[c], NLM_F_DUMP);
		assert_ok(vdpa_nl_talk(&nl, count_many, &census));
		assert_int_equal(census.others, 0);
		for (i = 0; i < MANY; i++)
			assert_int_equal(census.seen[i], 1);
	}
	many("del", 0, MANY, 1);
}

/*
 * Devices that go while a dump is under way take no other one out of it, and none is shown twice.
 */
static void dump_while_deleting(void **state)
{
	struct census census = {};
	struct vdpa_nl dump;
	unsigned int i;
	int ret;

	many("add", 0, MANY, 1);

	assert_ok(vdpa_nl_open(&dump));
	vdpa_nl_begin(&dump, VDPA_CMD_DEV_CONFIG_GET, NLM_F_DUMP);
	assert_ok(vdpa_nl_send(&dump));
	ret = vdpa_nl_hear(&dump, count_many, &census);
	assert_int_equal(ret, 1);
	/* The point of the test: there is something left, and something was shown. */
	assert_int_equal(census.seen[0], 1);
	assert_int_equal(census.seen[MANY - 1], 0);

	many("del", 0, MANY, 2);
	while (ret > 0)
		ret = vdpa_nl_hear(&dump, count_many, &census);
	assert_ok(ret);
	for (i = 1; i < MANY; i += 2)
		assert_int_equal(census.seen[i], 1);
	for (i = 0; i < MANY; i += 2)
		assert_true(census.seen[i] <= 1);

	vdpa_nl_close(&dump);
	many("del", 1, MANY, 2);
}

/* A dump of nothing ends well. */
static void dump_none(void **state)
{
	struct census census = {};

	vdpa_nl_begin(&nl, VDPA_CMD_DEV_GET, NLM_F_DUMP);
	assert_ok(vdpa_nl_talk(&nl, count_many, &census));
	assert_int_equal(census.others, 0);
}

struct note {
	uint8_t cmd;
	char name[32];
	char mgmtdev[32];
};

static int take_note(uint8_t cmd, vdpa_nl_attrs attrs, void *data)
{
	struct note *note = data;

	note->cmd = cmd;
	snprintf(note->name, sizeof(note->name), "%s",
		 mnl_attr_get_str(attrs[VDPA_ATTR_DEV_NAME]));
	snprintf(note->mgmtdev, sizeof(note->mgmtdev), "%s",
		 mnl_attr_get_str(attrs[VDPA_ATTR_MGMTDEV_DEV_NAME]));
	return 0;
}

static void notifications(void **state)
{
	struct note note = {};
	struct vdpa_nl ear;

	assert_ok(vdpa_nl_open(&ear));
	assert_ok(vdpa_nl_join(&ear));

	assert_ok(vdpa_nl_add(&nl, BLK, VDPA_MGMT_BLK));
	assert_ok(vdpa_nl_wait(&ear, 2000, take_note, &note));
	assert_int_equal(note.cmd, VDPA_CMD_DEV_NEW);
	assert_string_equal(note.name, BLK);
	assert_string_equal(note.mgmtdev, VDPA_MGMT_BLK);

	/* What fails is not announced. */
	assert_err(vdpa_nl_add(&nl, BLK, VDPA_MGMT_BLK), EEXIST);
	assert_err(vdpa_nl_wait(&ear, 200, take_note, &note), EAGAIN);

	assert_ok(vdpa_nl_del(&nl, BLK));
	assert_ok(vdpa_nl_wait(&ear, 2000, take_note, &note));
	assert_int_equal(note.cmd, VDPA_CMD_DEV_DEL);
	assert_string_equal(note.name, BLK);
	vdpa_nl_close(&ear);
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(mgmtdev_dump),
		test(mgmtdev_get),
		test(dump_none),
		test(add_get_del),
		test(names_are_unique),
		test(longest_name),
		test(dump_many),
		test(dump_while_deleting),
		test(notifications),
	};

	return vdpa_test_main("netlink/manage", tests, NULL, argc, argv);
}
