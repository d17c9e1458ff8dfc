// SPDX-License-Identifier: GPL-2.0-only
/*
 * slow.c - memory whose pages come late: the client serves its own page faults (userfaultfd), and
 * an UPDATE waits for it. Nobody else may wait with that UPDATE: not the client's other requests,
 * not the removal of the device, not the end of the process.
 *
 * Whatever has to wait where it must not hangs, and the time limit of the test tells.
 *
 * Where the kernel does not let a long-term pin wait for userfaultfd there is no such memory: the
 * UPDATE fails with EFAULT at once, and the test is skipped (tests/matrix knows these kernels).
 */
#include "vdpa_test.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define RAM_PAGES	16
#define SLOW_PAGES	8
#define RW		VHOST_ACCESS_RW

static const struct vdpa_setup persist = {
	.backend = VDPA_PERSIST_BACKEND, .ram_pages = RAM_PAGES
};

static const uint64_t at = VDPA_RAM_IOVA;
static const uint64_t other = VDPA_RAM_IOVA + 0x100000000ULL;

/* Memory without pages; whoever wants one waits until slow_serve(). */
struct slow_mem {
	int uffd;
	unsigned char *base;
};

static int slow_alloc(struct slow_mem *m)
{
	struct uffdio_register range = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };

	m->uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (m->uffd < 0 || ioctl(m->uffd, UFFDIO_API, &api))
		return -errno;
	m->base = mmap(NULL, SLOW_PAGES * GUEST_PAGE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m->base == MAP_FAILED)
		return -errno;
	range.range.start = (uintptr_t)m->base;
	range.range.len = SLOW_PAGES * GUEST_PAGE;
	return ioctl(m->uffd, UFFDIO_REGISTER, &range) ? -errno : 0;
}

static void slow_free(struct slow_mem *m)
{
	munmap(m->base, SLOW_PAGES * GUEST_PAGE);
	close(m->uffd);
}

static int slow_serve(const struct slow_mem *m)
{
	static unsigned char content[SLOW_PAGES * GUEST_PAGE];
	struct uffdio_copy copy = {
		.dst = (uintptr_t)m->base, .src = (uintptr_t)content, .len = sizeof(content),
	};

	memset(content, 0x5a, sizeof(content));
	return ioctl(m->uffd, UFFDIO_COPY, &copy) ? -errno : 0;
}

struct late_map {
	const struct vdpa_client *c;
	const struct slow_mem *m;
	pthread_t thread;
	atomic_bool done;
	int result;
};

static void *late_map_thread(void *arg)
{
	struct late_map *l = arg;

	l->result = vdpa_map(l->c, 0, other, SLOW_PAGES * GUEST_PAGE, l->m->base, RW);
	l->done = true;
	return NULL;
}

/* Returns when the UPDATE waits for a page; false if it did not wait but failed with EFAULT. */
static bool late_map_waits(struct late_map *l, const struct vdpa_client *c, struct slow_mem *m)
{
	struct pollfd fd = { .fd = m->uffd, .events = POLLIN };

	l->c = c;
	l->m = m;
	l->done = false;
	assert_int_equal(pthread_create(&l->thread, NULL, late_map_thread, l), 0);
	while (poll(&fd, 1, 10) == 0 && !l->done)
		;
	if (!l->done)
		return true;
	assert_int_equal(pthread_join(l->thread, NULL), 0);
	assert_err(l->result, EFAULT);
	slow_free(m);
	return false;
}

static void late_map_begin(struct late_map *l, const struct vdpa_client *c, struct slow_mem *m)
{
	if (!late_map_waits(l, c, m))
		skip();
}

static void start(struct vdpa_bench *b)
{
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	assert_ok(net_loop_start(&b->loop, &b->c));
}

static void other_requests_do_not_wait(void **state)
{
	struct vdpa_bench *b = *state;
	struct slow_mem m;
	struct late_map l;
	uint64_t found;

	assert_ok(slow_alloc(&m));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, at, b->ram.size, b->ram.base, RW));
	start(b);
	late_map_begin(&l, &b->c, &m);

	/* The rest of the device's life goes on, resets included. */
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_ok(vdpa_unmap(&b->c, 0, at, b->ram.size));
	vdpa_bench_blind(b, at, RAM_PAGES);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_map(&b->c, 0, at, b->ram.size, b->ram.base, RW));
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	vdpa_bench_blind(b, other, SLOW_PAGES);
	assert_pinned(RAM_PAGES + VDPA_LOOP_PAGES + SLOW_PAGES);	/* charged in advance */

	assert_ok(slow_serve(&m));
	assert_int_equal(pthread_join(l.thread, NULL), 0);
	assert_ok(l.result);
	assert_ok(net_loop_read(&b->loop, other, &found, sizeof(found)));
	assert_true(found == 0x5a5a5a5a5a5a5a5aULL);
	slow_free(&m);
}

/* What was allowed when the request began is looked at again when its memory is there. */
static void range_that_was_taken_meanwhile(void **state)
{
	struct vdpa_bench *b = *state;
	struct slow_mem m;
	struct late_map l;

	assert_ok(slow_alloc(&m));
	late_map_begin(&l, &b->c, &m);
	assert_ok(vdpa_map(&b->c, 0, other + GUEST_PAGE, GUEST_PAGE, b->ram.base, RW));
	assert_ok(slow_serve(&m));
	assert_int_equal(pthread_join(l.thread, NULL), 0);
	assert_err(l.result, EEXIST);
	assert_pinned(1);
	slow_free(&m);
}

static void removal_does_not_wait(void **state)
{
	struct vdpa_bench *b = *state;
	struct slow_mem m;
	struct late_map l;

	assert_ok(slow_alloc(&m));
	assert_ok(net_loop_map(&b->loop, &b->c));
	start(b);
	late_map_begin(&l, &b->c, &m);
	assert_ok(vdpa_admin_del(VDPA_TEST_NET));
	assert_ok(slow_serve(&m));
	assert_int_equal(pthread_join(l.thread, NULL), 0);
	assert_err(l.result, ENODEV);
	assert_pinned(0);
	slow_free(&m);
	vdpa_close(&b->c);
	assert_ok(vdpa_admin_add_with(VDPA_TEST_NET, VDPA_MGMT_NET, "mac", VDPA_TEST_MAC));
	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, VDPA_PERSIST_BACKEND));
}

/* Two threads of a child: one pins and waits for a page, the other waits for that pin. */
static void child(int ready)
{
	struct late_map l[2];
	struct vdpa_client c;
	struct slow_mem m;

	if (slow_alloc(&m) || vdpa_open_as(&c, VDPA_TEST_NET, VDPA_PERSIST_BACKEND))
		_exit(1);
	if (!late_map_waits(&l[0], &c, &m))
		_exit(2);
	l[1].c = &c;
	l[1].m = &m;
	pthread_create(&l[1].thread, NULL, late_map_thread, &l[1]);
	usleep(100000);
	if (write(ready, "", 1) != 1)
		_exit(1);
	pause();
}

static void process_that_is_killed_does_not_wait(void **state)
{
	struct vdpa_bench *b = *state;
	int ready[2], status;
	pid_t pid;
	char byte;

	vdpa_close(&b->c);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		child(ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) == 1)
		assert_int_equal(kill(pid, SIGKILL), 0);
	close(ready[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status)) {
		assert_int_equal(WEXITSTATUS(status), 2);
		assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, VDPA_PERSIST_BACKEND));
		skip();
	}
	/* Its file is closed, too. */
	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, VDPA_PERSIST_BACKEND));
}

#define T(name, fn) { name, fn, vdpa_setup_bench, vdpa_teardown_bench, (void *)&persist }

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T("other requests do not wait for slow memory", other_requests_do_not_wait),
		T("a range that was taken meanwhile is refused", range_that_was_taken_meanwhile),
		T("removal does not wait for slow memory", removal_does_not_wait),
		T("a process that waits for slow memory can be killed",
		  process_that_is_killed_does_not_wait),
	};

	return vdpa_test_main("map/slow", tests, vdpa_group_net, argc, argv);
}
