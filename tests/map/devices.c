// SPDX-License-Identifier: GPL-2.0-only
/*
 * devices.c - several devices of one process share what is pinned; those of two processes do not.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_DEVICES	4
#define RAM_PAGES	256
#define RW		VHOST_ACCESS_RW
#define RO		VHOST_ACCESS_RO

static const char *const names[N_DEVICES] = {
	VDPA_TEST_NET, "vdpatest-net2", "vdpatest-net3", "vdpatest-net4"
};
static const uint64_t at = VDPA_RAM_IOVA;

struct many {
	struct guest_mem ram;
	struct vdpa_bench b[N_DEVICES];
};

static void map_and_start(struct many *m, unsigned int i)
{
	struct vdpa_bench *b = &m->b[i];

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, at, m->ram.size, m->ram.base, RW));
	assert_ok(net_loop_start(&b->loop, &b->c));
}

static void memory_is_pinned_once_for_all_devices(void **state)
{
	struct many *m = *state;
	struct vdpa_counters since;
	unsigned int i;

	for (i = 0; i < N_DEVICES; i++) {
		vdpa_bench_mark(&m->b[i]);
		map_and_start(m, i);
		vdpa_bench_sees(&m->b[i], at, 0, RAM_PAGES, 1);
		assert_pinned(RAM_PAGES + (i + 1) * VDPA_LOOP_PAGES);
		since = vdpa_bench_since(&m->b[i]);
		assert_count(since, pages_pinned, VDPA_LOOP_PAGES + (i ? 0 : RAM_PAGES));
		assert_count(since, pages_reused, i ? RAM_PAGES : 0);
	}

	/* Whoever goes, the others keep what they share. */
	for (i = 0; i < N_DEVICES; i++) {
		if (i + 1 < N_DEVICES)
			vdpa_bench_sees(&m->b[N_DEVICES - 1], at, 0, RAM_PAGES, 1);
		vdpa_close(&m->b[i].c);
		assert_pinned(i + 1 < N_DEVICES ?
			      RAM_PAGES + (N_DEVICES - 1 - i) * VDPA_LOOP_PAGES : 0);
	}
}

static void unmapping_one_device_leaves_the_others(void **state)
{
	struct many *m = *state;

	map_and_start(m, 0);
	map_and_start(m, 1);
	assert_ok(vdpa_unmap(&m->b[0].c, 0, at, m->ram.size));
	vdpa_bench_blind(&m->b[0], at, 8);
	vdpa_bench_sees(&m->b[1], at, 0, RAM_PAGES, 1);
	assert_pinned(RAM_PAGES + 2 * VDPA_LOOP_PAGES);
	assert_ok(vdpa_unmap(&m->b[1].c, 0, at, m->ram.size));
	assert_pinned(2 * VDPA_LOOP_PAGES);
}

static void overlapping_parts_are_pinned_once(void **state)
{
	struct many *m = *state;
	const size_t quarter = RAM_PAGES / 4 * GUEST_PAGE;
	unsigned int i;

	/* Each has half of the memory, a quarter shared with the one before. */
	for (i = 0; i < 3; i++) {
		struct vdpa_bench *b = &m->b[i];

		assert_ok(net_loop_map(&b->loop, &b->c));
		assert_ok(vdpa_map(&b->c, 0, at, 2 * quarter, m->ram.base + i * quarter, RW));
		assert_ok(net_loop_start(&b->loop, &b->c));
		vdpa_bench_sees(b, at, i * RAM_PAGES / 4, RAM_PAGES / 2, 1);
	}
	assert_pinned(RAM_PAGES + 3 * VDPA_LOOP_PAGES);
	vdpa_close(&m->b[1].c);
	assert_pinned(RAM_PAGES + 2 * VDPA_LOOP_PAGES);
	vdpa_close(&m->b[0].c);
	assert_pinned(RAM_PAGES / 2 + VDPA_LOOP_PAGES);
	vdpa_bench_sees(&m->b[2], at, RAM_PAGES / 2, RAM_PAGES / 2, 1);
}

static void parked_memory_of_one_serves_another(void **state)
{
	struct many *m = *state;
	struct vdpa_counters since;

	map_and_start(m, 0);
	assert_ok(vdpa_reset(&m->b[0].c));
	assert_ok(vdpa_unmap(&m->b[0].c, 0, at, m->ram.size));
	vdpa_bench_mark(&m->b[1]);
	map_and_start(m, 1);
	vdpa_bench_sees(&m->b[1], at, 0, RAM_PAGES, 1);
	since = vdpa_bench_since(&m->b[1]);
	assert_count(since, pages_pinned, VDPA_LOOP_PAGES);
	vdpa_close(&m->b[0].c);
	vdpa_bench_sees(&m->b[1], at, 0, RAM_PAGES, 1);
	assert_pinned(RAM_PAGES + VDPA_LOOP_PAGES);
}

static void read_only_in_one_does_not_help_or_hurt_another(void **state)
{
	struct many *m = *state;
	uint64_t value = 77, found;

	assert_ok(net_loop_map(&m->b[0].loop, &m->b[0].c));
	assert_ok(vdpa_map(&m->b[0].c, 0, at, m->ram.size, m->ram.base, RO));
	assert_ok(net_loop_start(&m->b[0].loop, &m->b[0].c));
	map_and_start(m, 1);
	assert_err(net_loop_write(&m->b[0].loop, at, &value, sizeof(value)), EIO);
	assert_ok(net_loop_write(&m->b[1].loop, at, &value, sizeof(value)));
	memcpy(&found, m->ram.base, sizeof(found));
	assert_true(found == value);
	/* Both see the same page. */
	assert_ok(net_loop_read(&m->b[0].loop, at, &found, sizeof(found)));
	assert_true(found == value);
}

#define expect(cond)	do { if (!(cond)) return __LINE__ - base_line; } while (0)

static int limited_process(void)
{
	const int base_line = __LINE__;
	const struct rlimit limit = { RAM_PAGES * GUEST_PAGE, RAM_PAGES * GUEST_PAGE };
	struct vdpa_client c[N_DEVICES];
	struct guest_mem ram;
	unsigned int i;

	expect(!guest_mem_alloc(&ram, 2 * RAM_PAGES * GUEST_PAGE, GUEST_MEM_ANON));
	expect(!setrlimit(RLIMIT_MEMLOCK, &limit));
	expect(!vdpa_drop_ipc_lock());
	for (i = 0; i < N_DEVICES; i++) {
		expect(!vdpa_open_as(&c[i], names[i], VDPA_QEMU_BACKEND));
		expect(!vdpa_map(&c[i], 0, at, RAM_PAGES * GUEST_PAGE, ram.base, RW));
		expect(vdpa_pinned_pages() == RAM_PAGES);
	}
	expect(vdpa_map(&c[1], 0, at + 0x100000000ULL, GUEST_PAGE,
			ram.base + RAM_PAGES * GUEST_PAGE, RW) == -ENOMEM);
	expect(vdpa_pinned_pages() == RAM_PAGES);

	/* What another device has parked gives way as well. */
	for (i = 0; i < N_DEVICES; i++)
		expect(!vdpa_unmap(&c[i], 0, at, RAM_PAGES * GUEST_PAGE));
	expect(!vdpa_map(&c[1], 0, at, RAM_PAGES * GUEST_PAGE,
			 ram.base + RAM_PAGES * GUEST_PAGE, RW));
	expect(vdpa_pinned_pages() == RAM_PAGES);
	for (i = 0; i < N_DEVICES; i++)
		vdpa_close(&c[i]);
	expect(vdpa_pinned_pages() == 0);

	return 0;
}

static void run_child(int (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		print_error("line %d of the child does not hold\n", WEXITSTATUS(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void memlock_limit_counts_shared_memory_once(void **state)
{
	run_child(limited_process);
}

static struct guest_mem *inherited;

static int other_process(void)
{
	const int base_line = __LINE__;
	struct vdpa_client c;

	/* The same addresses, but of a copy. */
	expect(!vdpa_open_as(&c, names[1], VDPA_QEMU_BACKEND));
	guest_mem_fill(inherited->base, inherited->size, 9);
	expect(!vdpa_map(&c, 0, at, inherited->size, inherited->base, RW));
	expect(vdpa_pinned_pages() == RAM_PAGES);
	vdpa_close(&c);
	expect(vdpa_pinned_pages() == 0);

	return 0;
}

static void processes_do_not_share(void **state)
{
	struct many *m = *state;

	map_and_start(m, 0);
	vdpa_close(&m->b[1].c);
	inherited = &m->ram;
	run_child(other_process);
	vdpa_bench_sees(&m->b[0], at, 0, RAM_PAGES, 1);
	assert_pinned(RAM_PAGES + VDPA_LOOP_PAGES);
}

static int dying_process(void)
{
	const int base_line = __LINE__;
	struct guest_mem ram;
	struct vdpa_client c;
	unsigned int i;

	/* Ends with everything open, mapped and parked. */
	expect(!guest_mem_alloc(&ram, RAM_PAGES * GUEST_PAGE, GUEST_MEM_ANON));
	for (i = 0; i < N_DEVICES; i++) {
		expect(!vdpa_open_as(&c, names[i], VDPA_QEMU_BACKEND));
		expect(!vdpa_map(&c, 0, at, ram.size, ram.base, RW));
		if (i & 1)
			expect(!vdpa_unmap(&c, 0, at, ram.size));
	}

	return 0;
}

static void process_that_ends_leaves_nothing(void **state)
{
	unsigned int i;

	for (i = 0; i < 5; i++)
		run_child(dying_process);
}

static int setup_ram(void **state)
{
	struct many *m = calloc(1, sizeof(*m));
	unsigned int i;
	int ret;

	if (!m)
		return -1;
	for (i = 0; i < N_DEVICES; i++)
		m->b[i].c.fd = -1;
	ret = guest_mem_alloc(&m->ram, RAM_PAGES * GUEST_PAGE, GUEST_MEM_ANON);
	guest_mem_fill(m->ram.base, m->ram.size, 1);
	*state = m;

	return ret;
}

static int setup(void **state)
{
	const struct vdpa_setup any = { .backend = VDPA_QEMU_BACKEND };
	struct many *m;
	unsigned int i;
	int ret = setup_ram(state);

	m = *state;
	for (i = 0; i < N_DEVICES && !ret; i++) {
		struct vdpa_setup setup = any;

		setup.dev = names[i];
		ret = vdpa_bench_open(&m->b[i], &setup);
	}

	return ret;
}

static int teardown(void **state)
{
	struct many *m = *state;
	unsigned int i;
	long pinned;

	for (i = 0; i < N_DEVICES; i++)
		if (m->b[i].loop.c || m->b[i].loop_mem.base)
			vdpa_bench_close(&m->b[i]);
	guest_mem_free(&m->ram);
	free(m);
	pinned = vdpa_pinned_pages();
	if (pinned)
		print_error("%ld pages are still pinned\n", pinned);

	return pinned ? -1 : 0;
}

static int group(void **state)
{
	unsigned int i;
	int ret = vdpa_admin_write("/sys/module/vhost_vdpa/parameters/pin_reuse_ms", "600000");

	if (!ret)
		ret = vdpa_group_net(state);
	for (i = 1; i < N_DEVICES && !ret; i++)
		ret = vdpa_admin_add(names[i], VDPA_MGMT_NET);

	return ret;
}

static int group_end(void **state)
{
	unsigned int i;
	int ret = 0;

	for (i = 1; i < N_DEVICES && !ret; i++)
		ret = vdpa_admin_del(names[i]);

	return ret ? ret : vdpa_group_end(state);
}

#define T(name, fn)	{ name, fn, setup, teardown, NULL }
#define T_ALONE(name, fn) { name, fn, setup_ram, teardown, NULL }

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T("four devices map the same memory, which is pinned and charged once",
		  memory_is_pinned_once_for_all_devices),
		T("unmapping one device leaves the others", unmapping_one_device_leaves_the_others),
		T("memory that overlaps in part is pinned once", overlapping_parts_are_pinned_once),
		T("memory parked by one device serves another",
		  parked_memory_of_one_serves_another),
		T("a device with read-only access does not hinder one with write access",
		  read_only_in_one_does_not_help_or_hurt_another),
		T_ALONE("RLIMIT_MEMLOCK counts shared memory once, and all parked memory gives way",
			memlock_limit_counts_shared_memory_once),
		T("processes do not share", processes_do_not_share),
		T_ALONE("a process that ends with everything open leaves nothing",
			process_that_ends_leaves_nothing),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("map/devices", tests, group, group_end);
}
