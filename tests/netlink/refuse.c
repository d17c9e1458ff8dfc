// SPDX-License-Identifier: GPL-2.0-only
/*
 * refuse.c - requests that must be refused: attributes that are missing, malformed or out of
 * range, things that do not exist, callers without the right to ask.
 */
#include "vdpa_nl.h"
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NET	"nl-net"

static struct vdpa_nl nl;

static int setup(void **state)
{
	return vdpa_nl_open(&nl);
}

static int teardown(void **state)
{
	vdpa_nl_del(&nl, NET);
	vdpa_nl_close(&nl);
	return 0;
}

static int talk(void)
{
	return vdpa_nl_talk(&nl, NULL, NULL);
}

static void begin_add(const char *name)
{
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_NEW, 0);
	if (name)
		mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, name);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, VDPA_MGMT_NET);
}

/* Commands that are about one device say so, and which attribute they need. */
static void no_device_name(void **state)
{
	static const uint8_t cmds[] = {
		VDPA_CMD_DEV_NEW, VDPA_CMD_DEV_DEL, VDPA_CMD_DEV_GET, VDPA_CMD_DEV_CONFIG_GET,
		VDPA_CMD_DEV_VSTATS_GET, VDPA_CMD_DEV_ATTR_SET,
	};
	unsigned int i;

	for (i = 0; i < sizeof(cmds); i++) {
		vdpa_nl_begin(&nl, cmds[i], 0);
		if (cmds[i] == VDPA_CMD_DEV_VSTATS_GET)
			mnl_attr_put_u32(nl.nlh, VDPA_ATTR_DEV_QUEUE_INDEX, 0);
		assert_err(talk(), EINVAL);
		assert_non_null(strstr(nl.message, "DEV_NAME is missing"));
	}
}

static void no_mgmtdev_name(void **state)
{
	vdpa_nl_begin(&nl, VDPA_CMD_MGMTDEV_GET, 0);
	assert_err(talk(), EINVAL);
	assert_non_null(strstr(nl.message, "MGMTDEV_DEV_NAME is missing"));

	vdpa_nl_begin(&nl, VDPA_CMD_DEV_NEW, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, NET);
	assert_err(talk(), EINVAL);
	assert_non_null(strstr(nl.message, "MGMTDEV_DEV_NAME is missing"));
}

static void unknown_mgmtdev(void **state)
{
	assert_err(vdpa_nl_add(&nl, NET, "nl-nobody"), ENODEV);
	assert_string_equal(nl.message, "management device not found");
	assert_int_equal(nl.bad_attr, VDPA_ATTR_MGMTDEV_DEV_NAME);

	vdpa_nl_begin(&nl, VDPA_CMD_MGMTDEV_GET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, "nl-nobody");
	assert_err(talk(), ENODEV);

	/* The simulator is on no bus. */
	vdpa_nl_begin(&nl, VDPA_CMD_MGMTDEV_GET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_BUS_NAME, "pci");
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, VDPA_MGMT_NET);
	assert_err(talk(), ENODEV);
}

static void unknown_device(void **state)
{
	static const uint8_t cmds[] = {
		VDPA_CMD_DEV_DEL, VDPA_CMD_DEV_GET, VDPA_CMD_DEV_CONFIG_GET,
		VDPA_CMD_DEV_VSTATS_GET, VDPA_CMD_DEV_ATTR_SET,
	};
	unsigned int i;

	for (i = 0; i < sizeof(cmds); i++) {
		vdpa_nl_begin(&nl, cmds[i], 0);
		mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, "nl-nobody");
		if (cmds[i] == VDPA_CMD_DEV_VSTATS_GET)
			mnl_attr_put_u32(nl.nlh, VDPA_ATTR_DEV_QUEUE_INDEX, 0);
		assert_err(talk(), ENODEV);
		assert_string_equal(nl.message, "device not found");
		assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_NAME);
	}
}

/* No string is read beyond its attribute, whichever attribute it is. */
static void not_terminated(void **state)
{
	static const uint16_t names[] = {
		VDPA_ATTR_DEV_NAME, VDPA_ATTR_MGMTDEV_DEV_NAME, VDPA_ATTR_MGMTDEV_BUS_NAME,
	};
	unsigned int i;

	for (i = 0; i < 3; i++) {
		vdpa_nl_begin(&nl, VDPA_CMD_DEV_NEW, 0);
		mnl_attr_put(nl.nlh, names[i], strlen(NET), NET);
		if (names[i] != VDPA_ATTR_DEV_NAME)
			mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, NET);
		if (names[i] != VDPA_ATTR_MGMTDEV_DEV_NAME)
			mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, VDPA_MGMT_NET);
		assert_err(talk(), EINVAL);
		assert_int_equal(nl.bad_attr, names[i]);
	}
	assert_false(vdpa_admin_exists(NET));
}

static void bad_device_names(void **state)
{
	static const char *const names[] = { "", ".", "..", "a/b", "/", "a\nb", "a\x7f", "\x01" };
	char name[257];
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		begin_add(names[i]);
		assert_err(talk(), EINVAL);
		assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_NAME);
	}

	memset(name, 'x', 256);
	name[256] = 0;
	begin_add(name);
	assert_err(talk(), EINVAL);
	assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_NAME);
}

/* A percent sign is a character like any other. */
static void format_in_name(void **state)
{
	static const char name[] = "nl-%s%n%p";

	assert_ok(vdpa_nl_add(&nl, name, VDPA_MGMT_NET));
	assert_true(vdpa_admin_exists(name));
	assert_ok(vdpa_nl_del(&nl, name));
}

static void out_of_range(void **state)
{
	static const struct {
		uint16_t attr, value;
		int err;
	} bad[] = {
		{ VDPA_ATTR_DEV_NET_CFG_MTU, 0, ERANGE },
		{ VDPA_ATTR_DEV_NET_CFG_MTU, 67, ERANGE },
		{ VDPA_ATTR_DEV_NET_CFG_MAX_VQP, 0, EINVAL },
		{ VDPA_ATTR_DEV_NET_CFG_MAX_VQP, 0x8001, ERANGE },
		{ VDPA_ATTR_DEV_NET_CFG_MAX_VQP, 0xffff, ERANGE },
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin_add(NET);
		mnl_attr_put_u16(nl.nlh, bad[i].attr, bad[i].value);
		assert_err(talk(), bad[i].err);
		assert_int_equal(nl.bad_attr, bad[i].attr);
	}
	assert_false(vdpa_admin_exists(NET));

	/* The smallest ones that are allowed. */
	begin_add(NET);
	mnl_attr_put_u16(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MTU, 68);
	mnl_attr_put_u16(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MAX_VQP, 1);
	assert_ok(talk());
}

/* What requests may have, beside names. */
static const struct {
	uint16_t attr, size;
} request_attrs[] = {
	{ VDPA_ATTR_DEV_NET_CFG_MACADDR, 6 },
	{ VDPA_ATTR_DEV_NET_CFG_MTU, 2 },
	{ VDPA_ATTR_DEV_NET_CFG_MAX_VQP, 2 },
	{ VDPA_ATTR_DEV_FEATURES, 8 },
	{ VDPA_ATTR_DEV_QUEUE_INDEX, 4 },
};

#define N_REQUEST_ATTRS	(sizeof(request_attrs) / sizeof(request_attrs[0]))

static const uint8_t all_cmds[] = {
	VDPA_CMD_MGMTDEV_GET, VDPA_CMD_DEV_NEW, VDPA_CMD_DEV_DEL, VDPA_CMD_DEV_GET,
	VDPA_CMD_DEV_CONFIG_GET, VDPA_CMD_DEV_VSTATS_GET, VDPA_CMD_DEV_ATTR_SET,
};

static void begin(uint8_t cmd)
{
	vdpa_nl_begin(&nl, cmd, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, NET);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, VDPA_MGMT_NET);
}

/* Attributes that are shorter or longer than their type: refused, not read beyond. */
static void wrong_size(void **state)
{
	static const uint8_t zeroes[16];
	unsigned int i, k, cmd;
	int ret;

	for (cmd = 0; cmd < sizeof(all_cmds); cmd++) {
		for (i = 0; i < N_REQUEST_ATTRS; i++) {
			const uint16_t size = request_attrs[i].size;
			const uint16_t wrong[] = { 0, size - 1, size + 1, 2 * size };

			for (k = 0; k < 4; k++) {
				begin(all_cmds[cmd]);
				mnl_attr_put(nl.nlh, request_attrs[i].attr, wrong[k], zeroes);
				ret = talk();
				/* Which of the two depends on how the kernel's parser says it. */
				if (ret != -EINVAL && ret != -ERANGE)
					print_error("command %u, attribute %u of %u bytes: %d\n",
						    all_cmds[cmd], request_attrs[i].attr, wrong[k],
						    ret);
				assert_true(ret == -EINVAL || ret == -ERANGE);
				assert_int_equal(nl.bad_attr, request_attrs[i].attr);
			}
		}
	}
	assert_false(vdpa_admin_exists(NET));
}

static bool may_be_asked(uint16_t attr)
{
	unsigned int i;

	for (i = 0; i < N_REQUEST_ATTRS; i++) {
		if (request_attrs[i].attr == attr)
			return true;
	}
	return attr == VDPA_ATTR_DEV_NAME || attr == VDPA_ATTR_MGMTDEV_DEV_NAME ||
	       attr == VDPA_ATTR_MGMTDEV_BUS_NAME;
}

/* Attributes that only the kernel gives, and such as do not exist. */
static void not_for_requests(void **state)
{
	unsigned int cmd;
	uint16_t attr;
	int ret;

	for (cmd = 0; cmd < sizeof(all_cmds); cmd++) {
		for (attr = 1; attr < VDPA_ATTR_MAX + 8; attr++) {
			if (may_be_asked(attr))
				continue;
			begin(all_cmds[cmd]);
			mnl_attr_put_u32(nl.nlh, attr, 1);
			ret = talk();
			if (ret != -EINVAL)
				print_error("command %u, attribute %u: %d\n", all_cmds[cmd], attr,
					    ret);
			assert_int_equal(ret, -EINVAL);
		}
	}
	assert_false(vdpa_admin_exists(NET));
}

static void unknown_commands(void **state)
{
	static const uint8_t cmds[] = { VDPA_CMD_UNSPEC, VDPA_CMD_MGMTDEV_NEW, 9, 255 };
	unsigned int i;

	for (i = 0; i < sizeof(cmds); i++) {
		vdpa_nl_begin(&nl, cmds[i], 0);
		assert_err(talk(), EOPNOTSUPP);
	}

	/* No dump of what is about one device. */
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_VSTATS_GET, NLM_F_DUMP);
	assert_err(talk(), EOPNOTSUPP);
}

/* A request that ends in the middle of an attribute. */
static void truncated(void **state)
{
	begin_add(NET);
	nl.nlh->nlmsg_len -= 8;
	assert_true(talk() < 0);
	assert_false(vdpa_admin_exists(NET));
}

/* In a child without capabilities. Its exit code is the number of the first check that failed. */
static int as_nobody(void)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	int check = 0;

	vdpa_nl_close(&nl);
	if (setgid(65534) || setuid(65534) || vdpa_nl_open(&nl))
		return 100;

#define check(cond) do { check++; if (!(cond)) return check; } while (0)
	/* 1 to 4: whoever may log in may look. */
	check(vdpa_nl_get(&nl, NET) == 0);
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_CONFIG_GET, NLM_F_DUMP);
	check(talk() == 0);
	vdpa_nl_begin(&nl, VDPA_CMD_MGMTDEV_GET, NLM_F_DUMP);
	check(talk() == 0);
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_CONFIG_GET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, NET);
	check(talk() == 0);

	/* 5 to 8: not change anything, and not read statistics. */
	check(vdpa_nl_add(&nl, "nl-other", VDPA_MGMT_NET) == -EPERM);
	check(vdpa_nl_del(&nl, NET) == -EPERM);
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_ATTR_SET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, NET);
	mnl_attr_put(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MACADDR, 6, mac);
	check(talk() == -EPERM);
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_VSTATS_GET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, NET);
	mnl_attr_put_u32(nl.nlh, VDPA_ATTR_DEV_QUEUE_INDEX, 0);
	check(talk() == -EPERM);
#undef check
	return 0;
}

static void no_privilege(void **state)
{
	int status;
	pid_t pid;

	assert_ok(vdpa_nl_add(&nl, NET, VDPA_MGMT_NET));

	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(as_nobody());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);

	assert_ok(vdpa_nl_get(&nl, NET));
	assert_false(vdpa_admin_exists("nl-other"));
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(no_device_name),
		test(no_mgmtdev_name),
		test(unknown_mgmtdev),
		test(unknown_device),
		test(not_terminated),
		test(bad_device_names),
		test(format_in_name),
		test(out_of_range),
		test(wrong_size),
		test(not_for_requests),
		test(unknown_commands),
		test(truncated),
		test(no_privilege),
	};

	return vdpa_test_main("netlink/refuse", tests, NULL, argc, argv);
}
