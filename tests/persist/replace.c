// SPDX-License-Identifier: GPL-2.0-only
/*
 * replace.c - the process replaces memory that is parked, or mapped in another device.
 *
 * Reuse must never hand a device the pages that used to be at an address. The device transmits
 * what it finds there, and the marks of the new pages must come back.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RAM_PAGES	128
#define FIRST		32
#define COUNT		16
#define RW		VHOST_ACCESS_RW
#define RO		VHOST_ACCESS_RO
#define SECOND_NET	"vdpatest-net2"

static const struct vdpa_setup compat = { .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES };

static const uint64_t at = VDPA_RAM_IOVA;

static long pages(long n)
{
	return vdpa_mode()->use_va ? 0 : n;
}

static void map_all(struct vdpa_bench *b, uint8_t perm)
{
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, at, b->ram.size, b->ram.base, perm));
}

static void park_all(struct vdpa_bench *b)
{
	assert_ok(vdpa_reset(&b->c));
	assert_ok(net_loop_unmap(&b->loop, &b->c));
	assert_ok(vdpa_unmap(&b->c, 0, at, b->ram.size));
}

static void start(struct vdpa_bench *b)
{
	net_loop_rewind(&b->loop, b->loop.iova);
	assert_ok(net_loop_start(&b->loop, &b->c));
}

/*
 * Ways to put other pages at [@addr, @addr + @size), each page then empty.
 */
static void by_mmap_over(struct guest_mem *m, size_t offset, size_t size)
{
	int flags = MAP_FIXED | (m->fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS);
	int fd = -1;
	void *p;

	if (m->fd >= 0) {
		fd = memfd_create("replacement", MFD_CLOEXEC);
		assert_true(fd >= 0);
		assert_int_equal(ftruncate(fd, size), 0);
	}
	p = mmap(m->base + offset, size, PROT_READ | PROT_WRITE, flags, fd, 0);
	assert_true(p != MAP_FAILED);
	if (fd >= 0)
		close(fd);
}

static void by_munmap_and_mmap(struct guest_mem *m, size_t offset, size_t size)
{
	assert_ok(guest_mem_replace(m, offset, size));
}

static void by_mremap(struct guest_mem *m, size_t offset, size_t size)
{
	struct guest_mem other;
	void *p;

	/* Other memory moves to the address. */
	assert_ok(guest_mem_alloc(&other, size, vdpa_mode_memory()));
	p = mremap(other.base, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, m->base + offset);
	assert_true(p == m->base + offset);
	if (other.fd >= 0)
		close(other.fd);
}

static void by_dontneed(struct guest_mem *m, size_t offset, size_t size)
{
	/* Shared memory would come back from its file: make a hole in that instead. */
	if (m->fd >= 0)
		assert_int_equal(fallocate(m->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					   offset, size), 0);
	else
		assert_int_equal(madvise(m->base + offset, size, MADV_DONTNEED), 0);
}

typedef void (*replace_fn)(struct guest_mem *m, size_t offset, size_t size);

static void wait_pinned(long expected)
{
	unsigned int i;

	for (i = 0; i < 3000 && vdpa_pinned_pages() != expected; i++)
		usleep(10000);
	assert_pinned(expected);
}

/* New marks on [@first, @first + @n), and the device finds them, and the old ones elsewhere. */
static void mark_part(struct vdpa_bench *b, size_t first, size_t n)
{
	size_t i;
	uint64_t mark;

	for (i = first; i < first + n; i++) {
		mark = guest_mem_mark(2, i);
		memcpy(b->ram.base + i * GUEST_PAGE, &mark, sizeof(mark));
	}
}

static void check_part(struct vdpa_bench *b, size_t first, size_t n)
{
	vdpa_bench_sees(b, at, 0, first, 1);
	vdpa_bench_sees(b, at + first * GUEST_PAGE, first, n, 2);
	vdpa_bench_sees(b, at + (first + n) * GUEST_PAGE, first + n, RAM_PAGES - first - n, 1);
}

static void replace_parked(struct vdpa_bench *b, replace_fn replace, size_t first, size_t n)
{
	struct vdpa_counters since;

	map_all(b, RW);
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	park_all(b);
	vdpa_bench_mark(b);

	replace(&b->ram, first * GUEST_PAGE, n * GUEST_PAGE);
	/* What is stale is given up at once, and nothing else. */
	wait_pinned(b->pinned_before + pages(RAM_PAGES - n + VDPA_LOOP_PAGES));

	mark_part(b, first, n);
	map_all(b, RW);
	start(b);
	check_part(b, first, n);
	since = vdpa_bench_since(b);
	assert_count(since, pages_pinned, pages(n));
	assert_pinned(b->pinned_before + pages(RAM_PAGES + VDPA_LOOP_PAGES));
}

/* The same with no time for the driver to notice: the next message comes at once. */
static void replace_parked_at_once(struct vdpa_bench *b, replace_fn replace)
{
	unsigned int i;

	map_all(b, RW);
	start(b);
	for (i = 0; i < 20; i++) {
		guest_mem_fill(b->ram.base, b->ram.size, 1);
		park_all(b);
		replace(&b->ram, FIRST * GUEST_PAGE, COUNT * GUEST_PAGE);
		mark_part(b, FIRST, COUNT);
		map_all(b, RW);
		start(b);
		check_part(b, FIRST, COUNT);
	}
}

#define REPLACE_TESTS(fn) \
static void fn##_part(void **state) \
{ \
	replace_parked(*state, fn, FIRST, COUNT); \
} \
static void fn##_all(void **state) \
{ \
	replace_parked(*state, fn, 0, RAM_PAGES); \
} \
static void fn##_at_once(void **state) \
{ \
	replace_parked_at_once(*state, fn); \
}

REPLACE_TESTS(by_mmap_over)
REPLACE_TESTS(by_munmap_and_mmap)
REPLACE_TESTS(by_mremap)
REPLACE_TESTS(by_dontneed)

static void memory_that_moves_away_leaves_nothing_behind(void **state)
{
	struct vdpa_bench *b = *state;
	uint8_t *away;

	/* The pages go to another address: there they are the ones to be seen. */
	map_all(b, RW);
	start(b);
	park_all(b);
	away = mmap(NULL, b->ram.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(away != MAP_FAILED);
	assert_true(mremap(b->ram.base, b->ram.size, b->ram.size,
			   MREMAP_MAYMOVE | MREMAP_FIXED, away) == away);
	assert_err(vdpa_bench_map_ram(b, at), vdpa_mode()->use_va ? EINVAL : EFAULT);
	b->ram.area = away;
	b->ram.base = away;
	map_all(b, RW);
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void memory_that_is_gone_cannot_be_mapped_from_the_park(void **state)
{
	struct vdpa_bench *b = *state;
	const size_t middle = FIRST * GUEST_PAGE;

	map_all(b, RW);
	start(b);
	park_all(b);
	assert_int_equal(munmap(b->ram.base + middle, COUNT * GUEST_PAGE), 0);
	assert_err(vdpa_bench_map_ram(b, at), vdpa_mode()->use_va ? EINVAL : EFAULT);
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, at, middle, b->ram.base, RW));
	start(b);
	vdpa_bench_sees(b, at, 0, FIRST, 1);
	vdpa_bench_blind(b, at + middle, RAM_PAGES - FIRST);
}

static void memory_that_loses_write_access_is_not_handed_out_for_writing(void **state)
{
	struct vdpa_bench *b = *state;

	map_all(b, RW);
	start(b);
	park_all(b);
	assert_int_equal(mprotect(b->ram.base, b->ram.size, PROT_READ), 0);
	assert_err(vdpa_bench_map_ram(b, at), EFAULT);
	map_all(b, RO);
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_int_equal(mprotect(b->ram.base, b->ram.size, PROT_READ | PROT_WRITE), 0);
}

/* A child that has a copy of our memory and stays until it is told to go. */
static pid_t fork_child(int *pipe_write)
{
	int fds[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(fds), 0);
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		close(fds[1]);
		_exit(read(fds[0], &byte, 1) < 0);
	}
	close(fds[0]);
	*pipe_write = fds[1];

	return pid;
}

static void end_child(pid_t pid, int pipe_write)
{
	close(pipe_write);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void fork_and_write(struct vdpa_bench *b, uint8_t perm, bool child_ends_first)
{
	pid_t child;
	int fd;

	map_all(b, perm);
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	park_all(b);
	child = fork_child(&fd);
	if (child_ends_first)
		end_child(child, fd);
	/* In private memory the first write after a fork may move us to another page. */
	mark_part(b, FIRST, COUNT);
	map_all(b, perm);
	start(b);
	check_part(b, FIRST, COUNT);
	if (!child_ends_first)
		end_child(child, fd);

	/* Nor may it later, while the device runs on it. */
	guest_mem_fill(b->ram.base, b->ram.size, 1);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void writes_after_a_fork_are_seen(void **state)
{
	fork_and_write(*state, RW, false);
}

static void writes_after_a_fork_that_ended_are_seen(void **state)
{
	fork_and_write(*state, RW, true);
}

static void writes_after_a_fork_are_seen_read_only(void **state)
{
	fork_and_write(*state, RO, false);
}

static void writes_after_a_fork_under_a_running_device_are_seen(void **state)
{
	struct vdpa_bench *b = *state;
	pid_t child;
	int fd;

	map_all(b, RW);
	start(b);
	child = fork_child(&fd);
	mark_part(b, FIRST, COUNT);
	check_part(b, FIRST, COUNT);
	end_child(child, fd);
	guest_mem_fill(b->ram.base, b->ram.size, 1);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

/* The second client of the tests below. */
static struct vdpa_bench second;

static int setup_two(void **state)
{
	const struct vdpa_setup setup = { .dev = SECOND_NET, .backend = VDPA_QEMU_BACKEND };

	return vdpa_bench_open(&second, &setup) ? -1 : vdpa_setup_bench(state);
}

static int teardown_two(void **state)
{
	struct vdpa_bench *b = *state;

	vdpa_bench_close(&second);
	/* That was pinned before the first client came, and is not any more. */
	b->pinned_before = 0;
	return vdpa_teardown_bench(state);
}

static void replace_shared(struct vdpa_bench *a, replace_fn replace)
{
	long both = pages(RAM_PAGES + 2 * VDPA_LOOP_PAGES);
	struct vdpa_bench *b = &second;

	map_all(a, RW);
	start(a);

	/* The second device shares what the first one has pinned. */
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, at, a->ram.size, a->ram.base, RW));
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_pinned(both);

	replace(&a->ram, FIRST * GUEST_PAGE, COUNT * GUEST_PAGE);
	mark_part(a, FIRST, COUNT);

	/* What it maps now must be the new memory, though the old is pinned still. */
	assert_ok(vdpa_unmap(&b->c, 0, at, a->ram.size));
	assert_ok(vdpa_map(&b->c, 0, at, a->ram.size, a->ram.base, RW));
	check_part(b, FIRST, COUNT);
	assert_pinned(both + pages(COUNT));
	assert_ok(vdpa_unmap(&a->c, 0, at, a->ram.size));
	assert_ok(vdpa_map(&a->c, 0, at, a->ram.size, a->ram.base, RW));
	check_part(a, FIRST, COUNT);
	check_part(b, FIRST, COUNT);
	assert_pinned(both);
}

static void memory_first_written_after_it_was_mapped_read_only(void **state)
{
	struct vdpa_bench *b = *state;

	/* Never touched: a read-only pin could take the page of zeroes that all processes share. */
	by_mmap_over(&b->ram, 0, b->ram.size);
	map_all(b, RO);
	start(b);
	mark_part(b, 0, RAM_PAGES);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 2);
}

static void replace_shared_by_mmap_over(void **state)
{
	replace_shared(*state, by_mmap_over);
}

static void replace_shared_by_munmap_and_mmap(void **state)
{
	replace_shared(*state, by_munmap_and_mmap);
}

static void replace_shared_by_mremap(void **state)
{
	replace_shared(*state, by_mremap);
}

static void replace_shared_by_dontneed(void **state)
{
	replace_shared(*state, by_dontneed);
}

#define T(name, fn) vdpa_test(name, fn, &compat)
#define REPLACE(what, fn) \
	T("parked memory, a part replaced by " what, fn##_part), \
	T("parked memory, all replaced by " what, fn##_all), \
	T("parked memory, replaced by " what " and mapped at once", fn##_at_once), \
	{ "memory of two devices, a part replaced by " what, replace_shared_##fn, setup_two, \
	  teardown_two, (void *)&compat }

static int group(void **state)
{
	int ret = vdpa_admin_write("/sys/module/vhost_vdpa/parameters/pin_reuse_ms", "600000");

	if (!ret)
		ret = vdpa_group_net(state);
	if (!ret)
		ret = vdpa_admin_add(SECOND_NET, VDPA_MGMT_NET);

	return ret;
}

static int group_end(void **state)
{
	int ret = vdpa_admin_del(SECOND_NET);

	return ret ? ret : vdpa_group_end(state);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		REPLACE("mmap over it", by_mmap_over),
		REPLACE("munmap and mmap", by_munmap_and_mmap),
		REPLACE("mremap onto it", by_mremap),
		REPLACE("MADV_DONTNEED or a hole in the file", by_dontneed),
		T("parked memory that moves to another address",
		  memory_that_moves_away_leaves_nothing_behind),
		T("parked memory that is unmapped cannot be mapped",
		  memory_that_is_gone_cannot_be_mapped_from_the_park),
		T("writes after a fork are seen in parked memory that is mapped again",
		  writes_after_a_fork_are_seen),
		T("writes after a fork whose child has ended are seen",
		  writes_after_a_fork_that_ended_are_seen),
		T("writes after a fork are seen through a read-only mapping",
		  writes_after_a_fork_are_seen_read_only),
		T("writes after a fork under a running device are seen",
		  writes_after_a_fork_under_a_running_device_are_seen),
		T("memory first written after it was mapped read-only",
		  memory_first_written_after_it_was_mapped_read_only),
		/* Last: of the process's own addresses nothing is pinned, so nothing is checked. */
		T("parked memory that becomes read-only is EFAULT for writing",
		  memory_that_loses_write_access_is_not_handed_out_for_writing),
	};
	const size_t n = sizeof(tests) / sizeof(tests[0]);
	struct CMUnitTest own_addresses[sizeof(tests) / sizeof(tests[0]) - 1];

	memcpy(own_addresses, tests, (n - 1) * sizeof(tests[0]));
	vdpa_test_begin(argc, argv);
	if (vdpa_mode()->use_va)
		return cmocka_run_group_tests_name("persist/replace", own_addresses, group,
						   group_end);

	return cmocka_run_group_tests_name("persist/replace", tests, group, group_end);
}
