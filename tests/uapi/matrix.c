// SPDX-License-Identifier: GPL-2.0-only
/*
 * matrix.c - every ioctl of the node against every state, every caller and every wrong argument, on
 * a device of each kind. One row per ioctl; the columns that follow from a row are not written out.
 *
 * usage: matrix [mock]: on simulated network and block devices, or on the mock device
 */
#include "vdpa_test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY	65534
#define MOCK	"mock0"

enum kind { NET, BLK, MOCKED };

static const struct {
	const char *name;
	unsigned int nvqs;
	unsigned int ngroups;
} kinds[] = {
	[NET] = { VDPA_TEST_NET, 3, 2 },
	[BLK] = { VDPA_TEST_BLK, 1, 1 },
	[MOCKED] = { MOCK, 2, 3 },
};

/* The owner of a device that is stopped, runs, is suspended; no owner; somebody else's device. */
enum state { STOPPED, RUNNING, SUSPENDED, UNOWNED, FOREIGN, STATES };

static const char *const state_names[STATES] = {
	"stopped", "running", "suspended", "without an owner", "of another process"
};

union arg {
	uint8_t num8;
	uint16_t num16;
	uint32_t num32;
	uint64_t num64;
	struct vhost_vdpa_iova_range range;
	struct vhost_vring_state state;
	struct vhost_vring_file file;
	struct vhost_vring_addr addr;
	struct vhost_memory memory;
	struct {
		uint32_t off;
		uint32_t len;
		uint8_t buf[1];
	} config;
	uint8_t bytes[128];
};

/* Errors by state, in the order of enum state. */
#define ANYBODY		{ 0, 0, 0, 0, 0 }
#define OWNER		{ 0, 0, 0, EPERM, EPERM }
#define NOT_OTHERS	{ 0, 0, 0, 0, EPERM }

/* What an argument starts with. */
enum index { NONE, QUEUE, GROUP };

struct row {
	const char *name;
	unsigned long cmd;
	size_t size;
	enum index index;
	union arg arg;
	int err[STATES];
};

#define CMD(c)			.name = #c, .cmd = c
#define ARG(member, ...)	.size = sizeof(((union arg *)0)->member), .arg.member = __VA_ARGS__

static const struct row rows[] = {
	{ CMD(VHOST_SET_OWNER), .err = { EBUSY, EBUSY, EBUSY, 0, EBUSY } },
	{ CMD(VHOST_SET_FORK_FROM_OWNER), ARG(num8, VHOST_FORK_OWNER_TASK),
	  .err = { EBUSY, EBUSY, EBUSY, 0, EBUSY } },
	{ CMD(VHOST_GET_FORK_FROM_OWNER), ARG(num8, 0), .err = ANYBODY },
	{ CMD(VHOST_GET_FEATURES), ARG(num64, 0), .err = ANYBODY },
	{ CMD(VHOST_SET_FEATURES),
	  ARG(num64, VDPA_BIT(VIRTIO_F_VERSION_1) | VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM)),
	  .err = { 0, EBUSY, EBUSY, 0, EPERM } },
	{ CMD(VHOST_GET_BACKEND_FEATURES), ARG(num64, 0), .err = ANYBODY },
	{ CMD(VHOST_SET_BACKEND_FEATURES), ARG(num64, VDPA_PERSIST_BACKEND),
	  .err = { 0, EBUSY, EBUSY, 0, EPERM } },
	{ CMD(VHOST_SET_MEM_TABLE), ARG(memory, { 0 }), .err = OWNER },

	{ CMD(VHOST_VDPA_GET_DEVICE_ID), ARG(num32, 0), .err = ANYBODY },
	{ CMD(VHOST_VDPA_GET_STATUS), ARG(num8, 0), .err = ANYBODY },
	/* Under DRIVER_OK this would clear bits, which only a reset does. */
	{ CMD(VHOST_VDPA_SET_STATUS), ARG(num8, VIRTIO_CONFIG_S_ACKNOWLEDGE),
	  .err = { 0, EINVAL, EINVAL, 0, EPERM } },
	{ CMD(VHOST_VDPA_GET_CONFIG), ARG(config, { .len = 1 }), .err = ANYBODY },
	{ CMD(VHOST_VDPA_SET_CONFIG), ARG(config, { .len = 1 }), .err = NOT_OTHERS },
	{ CMD(VHOST_VDPA_GET_CONFIG_SIZE), ARG(num32, 0), .err = ANYBODY },
	{ CMD(VHOST_VDPA_SET_CONFIG_CALL), ARG(num32, VHOST_FILE_UNBIND), .err = NOT_OTHERS },
	{ CMD(VHOST_VDPA_GET_IOVA_RANGE), ARG(range, { 0 }), .err = ANYBODY },
	{ CMD(VHOST_VDPA_GET_VRING_NUM), ARG(num16, 0), .err = ANYBODY },
	{ CMD(VHOST_VDPA_GET_VQS_COUNT), ARG(num32, 0), .err = ANYBODY },
	{ CMD(VHOST_VDPA_GET_GROUP_NUM), ARG(num32, 0), .err = ANYBODY },
	{ CMD(VHOST_VDPA_GET_AS_NUM), ARG(num32, 0), .err = ANYBODY },
	{ CMD(VHOST_VDPA_SUSPEND), .err = NOT_OTHERS },
	{ CMD(VHOST_VDPA_RESUME), .err = NOT_OTHERS },
	{ CMD(VHOST_VDPA_SET_GROUP_ASID), ARG(state, { 0 }), .index = GROUP,
	  .err = { 0, EBUSY, EBUSY, EPERM, EPERM } },

	{ CMD(VHOST_VDPA_GET_VRING_GROUP), ARG(state, { 0 }), .index = QUEUE, .err = OWNER },
	{ CMD(VHOST_VDPA_GET_VRING_DESC_GROUP), ARG(state, { 0 }), .index = QUEUE, .err = OWNER },
	{ CMD(VHOST_VDPA_GET_VRING_SIZE), ARG(state, { 0 }), .index = QUEUE, .err = OWNER },
	{ CMD(VHOST_VDPA_SET_VRING_ENABLE), ARG(state, { 0 }), .index = QUEUE, .err = OWNER },
	{ CMD(VHOST_SET_VRING_NUM), ARG(state, { .num = 16 }), .index = QUEUE,
	  .err = { 0, EBUSY, 0, EPERM, EPERM } },
	{ CMD(VHOST_SET_VRING_ADDR), ARG(addr, { 0 }), .index = QUEUE,
	  .err = { 0, EINVAL, 0, EPERM, EPERM } },
	{ CMD(VHOST_SET_VRING_BASE), ARG(state, { .num = 1 }), .index = QUEUE,
	  .err = { 0, EINVAL, 0, EPERM, EPERM } },
	{ CMD(VHOST_GET_VRING_BASE), ARG(state, { 0 }), .index = QUEUE, .err = OWNER },
	{ CMD(VHOST_SET_VRING_KICK), ARG(file, { .fd = -1 }), .index = QUEUE, .err = OWNER },
	{ CMD(VHOST_SET_VRING_CALL), ARG(file, { .fd = -1 }), .index = QUEUE, .err = OWNER },
	{ CMD(VHOST_SET_VRING_ERR), ARG(file, { .fd = -1 }), .index = QUEUE, .err = OWNER },
	{ CMD(VHOST_SET_VRING_BUSYLOOP_TIMEOUT), ARG(state, { 0 }), .index = QUEUE, .err = OWNER },
	{ CMD(VHOST_GET_VRING_BUSYLOOP_TIMEOUT), ARG(state, { 0 }), .index = QUEUE, .err = OWNER },
};

#define N_ROWS	(sizeof(rows) / sizeof(rows[0]))
#define ONLY(s)	(1u << (s))
#define OWNED	(ONLY(STOPPED) | ONLY(RUNNING) | ONLY(SUSPENDED))

/* What only some kinds of device can do. */
static const struct {
	unsigned long cmd;
	unsigned int kinds;
	unsigned int states;
} unsupported[] = {
	{ VHOST_VDPA_GET_VRING_DESC_GROUP, ONLY(NET) | ONLY(BLK), OWNED },
	{ VHOST_VDPA_GET_VRING_SIZE, ONLY(MOCKED), OWNED },
	/* Of a device that does not run, nothing is asked. */
	{ VHOST_VDPA_RESUME, ONLY(MOCKED), ONLY(RUNNING) | ONLY(SUSPENDED) },
};

static int expected(const struct row *row, enum kind kind, enum state state)
{
	unsigned int i;

	for (i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
		if (unsupported[i].cmd == row->cmd && unsupported[i].kinds & ONLY(kind) &&
		    unsupported[i].states & ONLY(state))
			return -EOPNOTSUPP;
	}
	return -row->err[state];
}

/* 1 and a line if the result is not @want; also counts in children, which cannot use cmocka. */
static unsigned int judge(const struct row *row, const char *how, int got, int want)
{
	if (got == want)
		return 0;
	print_error("%s, %s: got %d, expected %d\n", row->name, how, got, want);
	return 1;
}

static int call(const struct vdpa_client *c, const struct row *row)
{
	union arg arg = row->arg;

	return vdpa_ioctl(c, row->cmd, row->size ? &arg : NULL);
}

static void enter(struct vdpa_client *c, enum kind kind, enum state state)
{
	if (state == UNOWNED) {
		assert_ok(vdpa_open(c, kinds[kind].name));
		return;
	}
	assert_ok(vdpa_open_as(c, kinds[kind].name, VDPA_QEMU_BACKEND));
	if (state == STOPPED || state == FOREIGN)
		return;
	assert_ok(vdpa_negotiate(c, ~0ULL));
	assert_ok(vdpa_set_status(c, VDPA_S_DRIVER_OK));
	if (state == SUSPENDED)
		assert_ok(vdpa_ioctl(c, VHOST_VDPA_SUSPEND, NULL));
}

/* Runs @fn in another process; its result is the number of wrong answers there. */
static unsigned int elsewhere(unsigned int (*fn)(struct vdpa_client *c, enum kind kind),
			      struct vdpa_client *c, enum kind kind)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(fn(c, kind));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static unsigned int as_foreigner(struct vdpa_client *c, enum kind kind)
{
	unsigned int i, bad = 0;

	for (i = 0; i < N_ROWS; i++)
		bad += judge(&rows[i], state_names[FOREIGN], call(c, &rows[i]),
			     expected(&rows[i], kind, FOREIGN));
	return bad;
}

/* Every row from a fresh start, since what one does another one would feel. */
static void in_state(enum kind kind, enum state state)
{
	unsigned int i, bad = 0;
	struct vdpa_client c;

	if (state == FOREIGN) {
		enter(&c, kind, state);
		assert_int_equal(elsewhere(as_foreigner, &c, kind), 0);
		/* And the owner's state is untouched. */
		assert_int_equal(vdpa_get_status(&c), 0);
		vdpa_close(&c);
		return;
	}
	for (i = 0; i < N_ROWS; i++) {
		enter(&c, kind, state);
		bad += judge(&rows[i], state_names[state], call(&c, &rows[i]),
			     expected(&rows[i], kind, state));
		vdpa_close(&c);
	}
	assert_int_equal(bad, 0);
}

static bool is_row(unsigned long cmd)
{
	unsigned int i;

	for (i = 0; i < N_ROWS; i++) {
		if (rows[i].cmd == cmd)
			return true;
	}
	return false;
}

/* The number of an ioctl includes the size and direction of its argument. */
static void wrong_size(enum kind kind)
{
	unsigned int i, k, bad = 0;
	struct vdpa_client c;

	enter(&c, kind, STOPPED);
	for (i = 0; i < N_ROWS; i++) {
		const unsigned long cmd = rows[i].cmd;
		const unsigned int dir = _IOC_DIR(cmd), nr = _IOC_NR(cmd), size = _IOC_SIZE(cmd);
		const unsigned long wrong[] = {
			_IOC(dir, VHOST_VIRTIO, nr, size + 1),
			_IOC(dir, VHOST_VIRTIO, nr, size ? size - 1 : 8),
			_IOC(dir ^ _IOC_READ, VHOST_VIRTIO, nr, size),
			_IOC(dir ^ _IOC_WRITE, VHOST_VIRTIO, nr, size),
			_IOC(dir, VHOST_VIRTIO + 1, nr, size),
		};
		uint64_t zero[64] = { 0 };

		for (k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
			if (!is_row(wrong[k]))
				bad += judge(&rows[i], "with another size, direction or type",
					     vdpa_ioctl(&c, wrong[k], zero), -ENOTTY);
		}
	}
	vdpa_close(&c);
	assert_int_equal(bad, 0);
}

static void bad_pointer(enum kind kind)
{
	uint8_t *area = mmap(NULL, 2 * GUEST_PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *edge = area + GUEST_PAGE;
	unsigned int i, bad = 0;
	struct vdpa_client c;
	size_t size;

	assert_true(area != MAP_FAILED);
	assert_int_equal(mprotect(edge, GUEST_PAGE, PROT_NONE), 0);
	for (i = 0; i < N_ROWS; i++) {
		size = rows[i].size;
		if (!size)
			continue;
		enter(&c, kind, STOPPED);
		bad += judge(&rows[i], "nowhere", vdpa_ioctl(&c, rows[i].cmd, (void *)1), -EFAULT);
		bad += judge(&rows[i], "in the kernel",
			     vdpa_ioctl(&c, rows[i].cmd, (void *)-GUEST_PAGE), -EFAULT);
		bad += judge(&rows[i], "behind the end of memory",
			     vdpa_ioctl(&c, rows[i].cmd, edge), -EFAULT);
		if (size > 1) {
			memcpy(edge - size / 2, &rows[i].arg, size / 2);
			bad += judge(&rows[i], "half of it behind the end of memory",
				     vdpa_ioctl(&c, rows[i].cmd, edge - size / 2), -EFAULT);
		}
		vdpa_close(&c);
	}
	munmap(area, 2 * GUEST_PAGE);
	assert_int_equal(bad, 0);
}

static void wrong_index(enum kind kind)
{
	const uint32_t wrong[] = { 0, 0x7fff, 0xffff, 0x10000, 0x80000000U, UINT32_MAX };
	unsigned int i, k, bad = 0;
	struct vdpa_client c;
	struct row row;

	enter(&c, kind, STOPPED);
	for (i = 0; i < N_ROWS; i++) {
		if (rows[i].index == NONE)
			continue;
		row = rows[i];
		for (k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
			row.arg.state.index = wrong[k];
			/* The first one that does not exist. */
			if (!k)
				row.arg.state.index = row.index == QUEUE ? kinds[kind].nvqs :
									   kinds[kind].ngroups;
			bad += judge(&row, "with an index too large", call(&c, &row),
				     row.index == QUEUE ? -ENOBUFS : -EINVAL);
		}
	}
	vdpa_close(&c);
	assert_int_equal(bad, 0);
}

static unsigned int as_nobody(struct vdpa_client *c, enum kind kind)
{
	struct vdpa_client mine = *c;
	unsigned int i, bad = 0;
	int err;

	if (chmod(c->node, 0600) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return 200;
	mine.fd = open(c->node, O_RDWR);
	if (mine.fd >= 0 || errno != EACCES) {
		print_error("nobody opened %s: %d\n", c->node, mine.fd);
		return 201;
	}
	/* With the file in hand there is nothing that would need more. */
	for (i = 0; i < N_ROWS; i++) {
		err = vdpa_set_owner(c);
		if (err && err != -EBUSY)
			return 202;
		err = call(c, &rows[i]);
		bad += judge(&rows[i], "by nobody", err, expected(&rows[i], kind, STOPPED));
	}
	return bad;
}

static void no_privilege(enum kind kind)
{
	struct vdpa_client c;

	enter(&c, kind, UNOWNED);
	assert_int_equal(elsewhere(as_nobody, &c, kind), 0);
	vdpa_close(&c);
}

static void remove_device(enum kind kind)
{
	if (kind == MOCKED)
		assert_ok(vdpa_admin_write("/sys/module/vdpa_mock/parameters/present", "0"));
	else
		assert_ok(vdpa_admin_del(kinds[kind].name));
}

static void make_device(enum kind kind)
{
	if (kind == MOCKED)
		assert_ok(vdpa_admin_write("/sys/module/vdpa_mock/parameters/present", "1"));
	else
		assert_ok(vdpa_admin_add(kinds[kind].name, kind == NET ? VDPA_MGMT_NET :
								       VDPA_MGMT_BLK));
}

static void removed(enum kind kind)
{
	unsigned int i, state, bad = 0;
	struct vdpa_client c;

	for (state = STOPPED; state <= UNOWNED; state++) {
		enter(&c, kind, state);
		remove_device(kind);
		for (i = 0; i < N_ROWS; i++)
			bad += judge(&rows[i], "on a device that is gone", call(&c, &rows[i]),
				     -ENODEV);
		vdpa_close(&c);
		make_device(kind);
	}
	assert_int_equal(bad, 0);
}

/* A test is a column for one kind of device. */
struct column {
	enum kind kind;
	void (*check)(enum kind kind);
	enum state state;
};

static void run(void **state)
{
	const struct column *column = *state;

	if (column->check)
		column->check(column->kind);
	else
		in_state(column->kind, column->state);
}

#define IN_STATE(name, k, s) \
	{ name, run, NULL, NULL, &(struct column){ .kind = k, .state = s } }
#define CHECK(name, k, fn) \
	{ name, run, NULL, NULL, &(struct column){ .kind = k, .check = fn } }
#define KIND(prefix, k)								\
	IN_STATE(prefix ": every ioctl, stopped", k, STOPPED),			\
	IN_STATE(prefix ": every ioctl, running", k, RUNNING),			\
	IN_STATE(prefix ": every ioctl, suspended", k, SUSPENDED),		\
	IN_STATE(prefix ": every ioctl, without an owner", k, UNOWNED),		\
	IN_STATE(prefix ": every ioctl, by another process", k, FOREIGN),	\
	CHECK(prefix ": every ioctl, of another size or direction", k, wrong_size), \
	CHECK(prefix ": every ioctl, with a bad pointer", k, bad_pointer),	\
	CHECK(prefix ": every ioctl, with an index too large", k, wrong_index),	\
	CHECK(prefix ": every ioctl, without privileges", k, no_privilege),	\
	CHECK(prefix ": every ioctl, after removal", k, removed)

static int group_mock(void **state)
{
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest sim[] = { KIND("net", NET), KIND("blk", BLK) };
	const struct CMUnitTest mock[] = { KIND("mock", MOCKED) };

	if (argc > 1 && !strcmp(argv[1], "mock"))
		return vdpa_test_main("uapi/matrix mock", mock, group_mock, 1, argv);
	return vdpa_test_main("uapi/matrix", sim, vdpa_group_both, argc, argv);
}
