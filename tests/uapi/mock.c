// SPDX-License-Identifier: GPL-2.0-only
/*
 * mock.c - what only some hardware does, on the device of tests/kmod/vdpa_mock.c: doorbells,
 * interrupt bypass, descriptor groups, config interrupts, and ops that fail.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/userfaultfd.h>
#include <sys/ioctl.h>

#define MOCK	"mock0"
#define PARAM	"/sys/module/vdpa_mock/parameters/"
#define PAGE	4096UL
#define REPLACEMENTS	20000

static struct vdpa_client c;
static long pinned_before;

static void set(const char *knob, long value)
{
	char path[128], text[32];
	int fd, len;

	snprintf(path, sizeof(path), PARAM "%s", knob);
	len = snprintf(text, sizeof(text), "%ld", value);
	fd = open(path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	close(fd);
}

static long get(const char *counter)
{
	char path[128], text[32] = "";
	int fd;

	snprintf(path, sizeof(path), PARAM "%s", counter);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	assert_true(read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	return atol(text);
}

static bool is_set(const char *knob)
{
	char path[128], text[8];

	snprintf(path, sizeof(path), PARAM "%s", knob);
	assert_true(vdpa_admin_read(path, text, sizeof(text)) > 0);
	return text[0] == 'Y';
}

static void calm(void)
{
	static const char *const errors[] = {
		"reset_error", "bind_error", "map_error", "suspend_error", "group_error",
		"bell_offset", "hammer", "block_status",
	};
	unsigned int i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		set(errors[i], 0);
	set("irq", -1);
	set("group", 1);
	set("bell_size", PAGE);
	set("present", 1);
}

static int setup(void **state)
{
	calm();
	pinned_before = vdpa_pinned_pages();
	return vdpa_open_as(&c, MOCK, VDPA_QEMU_BACKEND);
}

static int teardown(void **state)
{
	vdpa_close(&c);
	calm();
	assert_int_equal(vdpa_pinned_pages(), pinned_before);
	return 0;
}

static sigjmp_buf back;

static void on_fault(int sig)
{
	siglongjmp(back, sig);
}

/* The signal that a write to @p raises, or 0. */
static int poke(volatile uint32_t *p, uint32_t value)
{
	struct sigaction sa = { .sa_handler = on_fault }, bus, segv;
	int sig;

	sigaction(SIGBUS, &sa, &bus);
	sigaction(SIGSEGV, &sa, &segv);
	sig = sigsetjmp(back, 1);
	if (!sig)
		*p = value;
	sigaction(SIGBUS, &bus, NULL);
	sigaction(SIGSEGV, &segv, NULL);
	return sig;
}

static void *map_bell(unsigned int vq, int prot)
{
	return mmap(NULL, PAGE, prot, MAP_SHARED, c.fd, vq * PAGE);
}

static void assert_no_bell(unsigned int vq, int prot, int err)
{
	assert_true(map_bell(vq, prot) == MAP_FAILED);
	assert_int_equal(errno, err);
}

static void doorbell_reaches_the_device(void **state)
{
	void *bell = map_bell(1, PROT_WRITE);

	assert_true(bell != MAP_FAILED);
	assert_int_equal(poke(bell, 4711), 0);
	assert_int_equal(get("bell"), 4711);
	assert_int_equal(munmap(bell, PAGE), 0);
}

static void doorbell_is_never_readable(void **state)
{
	void *bell;

	assert_no_bell(0, PROT_READ, EINVAL);
	assert_no_bell(0, PROT_READ | PROT_WRITE, EINVAL);
	assert_no_bell(0, PROT_WRITE | PROT_EXEC, EINVAL);
	bell = map_bell(0, PROT_WRITE);
	assert_true(bell != MAP_FAILED);
	assert_int_equal(mprotect(bell, PAGE, PROT_READ | PROT_WRITE), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(mprotect(bell, PAGE, PROT_WRITE | PROT_EXEC), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(munmap(bell, PAGE), 0);
}

static void doorbell_of_no_queue_is_refused(void **state)
{
	assert_no_bell(2, PROT_WRITE, EINVAL);
	assert_no_bell(0x10000, PROT_WRITE, EINVAL);
	assert_no_bell(0x7fffffff, PROT_WRITE, EINVAL);
}

static void doorbell_must_fill_its_page(void **state)
{
	set("bell_offset", 64);
	assert_no_bell(0, PROT_WRITE, EINVAL);
	set("bell_offset", 0);
	set("bell_size", 64);
	assert_no_bell(0, PROT_WRITE, 524);
	set("bell_size", 2 * PAGE);
	assert_no_bell(0, PROT_WRITE, 524);
}

static void doorbell_goes_with_the_device(void **state)
{
	uint32_t *used = map_bell(0, PROT_WRITE), *unused = map_bell(1, PROT_WRITE);

	assert_true(used != MAP_FAILED && unused != MAP_FAILED);
	assert_int_equal(poke(used, 1), 0);
	set("present", 0);
	assert_int_equal(poke(used, 2), SIGBUS);
	assert_int_equal(poke(unused, 2), SIGBUS);
	assert_no_bell(0, PROT_WRITE, ENODEV);
	assert_int_equal(get("bell"), 1);
	assert_int_equal(munmap(used, PAGE), 0);
	assert_int_equal(munmap(unused, PAGE), 0);
}

/* A doorbell mapping keeps the file: the client is gone only when the mapping is. */
static void doorbell_keeps_the_node_open(void **state)
{
	uint32_t *bell = map_bell(0, PROT_WRITE);
	struct vdpa_client second;

	assert_true(bell != MAP_FAILED);
	vdpa_close(&c);
	assert_err(vdpa_open(&second, MOCK), EBUSY);
	assert_int_equal(poke(bell, 5), 0);
	set("present", 0);
	assert_int_equal(poke(bell, 6), SIGBUS);
	assert_int_equal(munmap(bell, PAGE), 0);
	set("present", 1);
	assert_ok(vdpa_open_as(&c, MOCK, VDPA_QEMU_BACKEND));
}

static long bypassed(void)
{
	return get("bypass_added") - get("bypass_removed");
}

static void start(void)
{
	assert_ok(vdpa_negotiate(&c, ~0ULL));
	assert_ok(vdpa_set_status(&c, VDPA_S_DRIVER_OK));
}

static void interrupts_bypass_the_host_while_the_device_runs(void **state)
{
	int a = eventfd(0, EFD_CLOEXEC), b = eventfd(0, EFD_CLOEXEC);
	long before = bypassed(), added = get("bypass_added");

	set("irq", 3);
	assert_ok(vdpa_vring_call(&c, 0, a));
	assert_int_equal(bypassed(), before);
	start();
	assert_int_equal(bypassed(), before + 1);
	/* One that comes later, a replaced one, one that goes. */
	assert_ok(vdpa_vring_call(&c, 1, b));
	assert_int_equal(bypassed(), before + 2);
	assert_ok(vdpa_vring_call(&c, 1, -1));
	assert_int_equal(bypassed(), before + 1);
	assert_ok(vdpa_vring_call(&c, 0, b));
	assert_int_equal(bypassed(), before + 1);
	assert_int_equal(get("bypass_added"), added + 3);
	assert_ok(vdpa_reset(&c));
	assert_int_equal(bypassed(), before);
	close(a);
	close(b);
}

static void one_eventfd_for_two_interrupts_costs_only_the_bypass(void **state)
{
	int a = eventfd(0, EFD_CLOEXEC);
	long before = bypassed();

	set("irq", 3);
	assert_ok(vdpa_vring_call(&c, 0, a));
	assert_ok(vdpa_vring_call(&c, 1, a));
	start();
	assert_int_equal(bypassed(), before + 1);
	assert_ok(vdpa_vring_call(&c, 1, -1));
	assert_ok(vdpa_reset(&c));
	assert_int_equal(bypassed(), before);
	close(a);
}

static void bypass_ends_with_the_device(void **state)
{
	int a = eventfd(0, EFD_CLOEXEC);
	long before = bypassed();

	set("irq", 3);
	assert_ok(vdpa_vring_call(&c, 0, a));
	start();
	assert_int_equal(bypassed(), before + 1);
	set("present", 0);
	assert_int_equal(bypassed(), before);
	close(a);
}

static void kick_reaches_the_device_also_if_it_came_before(void **state)
{
	int a = eventfd(0, EFD_CLOEXEC);
	uint64_t one = 1;
	long before = get("kicks");

	assert_ok(vdpa_vring_kick(&c, 0, a));
	assert_int_equal(get("kicks"), before);
	assert_int_equal(write(a, &one, sizeof(one)), sizeof(one));
	assert_int_equal(get("kicks"), before + 1);
	assert_ok(vdpa_vring_kick(&c, 0, -1));
	assert_int_equal(write(a, &one, sizeof(one)), sizeof(one));
	assert_int_equal(get("kicks"), before + 1);
	/* Still signalled. */
	assert_ok(vdpa_vring_kick(&c, 1, a));
	assert_int_equal(get("kicks"), before + 2);
	set("present", 0);
	assert_int_equal(write(a, &one, sizeof(one)), sizeof(one));
	assert_int_equal(get("kicks"), before + 2);
	close(a);
}

static void kick_on_a_full_eventfd_changes_nothing(void **state)
{
	int full = eventfd(0, EFD_CLOEXEC), a = eventfd(0, EFD_CLOEXEC);
	uint64_t most = UINT64_MAX - 1, one = 1;
	long before = get("kicks");

	/* Full is what only the kernel can make it; as far as we can go it is valid. */
	assert_int_equal(write(full, &most, sizeof(most)), sizeof(most));
	assert_ok(vdpa_vring_kick(&c, 0, a));
	assert_err(vdpa_vring_kick(&c, 0, 9999), EBADF);
	assert_int_equal(write(a, &one, sizeof(one)), sizeof(one));
	assert_int_equal(get("kicks"), before + 1);
	assert_ok(vdpa_vring_kick(&c, 0, full));
	assert_int_equal(get("kicks"), before + 2);
	close(full);
	close(a);
}

static bool readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

static void config_interrupt_signals_the_client(void **state)
{
	int a = eventfd(0, EFD_CLOEXEC);

	assert_ok(vdpa_config_call(&c, a));
	assert_false(readable(a));
	set("config", 1);
	assert_true(readable(a));
	close(a);
}

/* The thread of the module calls the callback of queue 0 all the time. */
static void call_eventfd_is_replaced_under_interrupts(void **state)
{
	unsigned int i;
	int fd;

	set("hammer", 1);
	for (i = 0; i < REPLACEMENTS; i++) {
		fd = eventfd(0, EFD_CLOEXEC);
		assert_true(fd >= 0);
		assert_ok(vdpa_vring_call(&c, 0, fd));
		close(fd);
		if (i % 3 == 0)
			assert_ok(vdpa_vring_call(&c, 0, -1));
	}
	assert_true(get("calls") > 0);
	/* And gone under it. */
	fd = eventfd(0, EFD_CLOEXEC);
	assert_ok(vdpa_vring_call(&c, 0, fd));
	set("present", 0);
	assert_true(readable(fd));
	close(fd);
}

/* Also by what is no eventfd, which must not be what an interrupt finds meanwhile. */
static void config_eventfd_is_replaced_under_interrupts(void **state)
{
	struct pollfd pfd = { .events = POLLIN };
	unsigned int i;
	uint64_t value;
	int fd, other;

	set("hammer", 1);
	for (i = 0; i < REPLACEMENTS; i++) {
		fd = eventfd(0, EFD_CLOEXEC);
		assert_true(fd >= 0);
		assert_ok(vdpa_config_call(&c, fd));
		close(fd);
		assert_err(vdpa_config_call(&c, 9999), EBADF);
		if (i % 3 == 0)
			assert_ok(vdpa_config_call(&c, -1));
	}
	assert_true(get("config_calls") > 0);
	/* One that is refused leaves the one that was there. */
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	other = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_ok(vdpa_config_call(&c, fd));
	assert_err(vdpa_config_call(&c, other), EINVAL);
	pfd.fd = fd;
	while (read(fd, &value, sizeof(value)) > 0)
		;
	assert_int_equal(poll(&pfd, 1, 10000), 1);
	set("present", 0);
	close(fd);
	close(other);
}

static void groups_come_from_the_device(void **state)
{
	struct vhost_vring_state s = { .index = 0 };

	set("group", 2);
	assert_ok(vdpa_ioctl(&c, VHOST_VDPA_GET_VRING_GROUP, &s));
	assert_int_equal(s.num, 2);
	assert_ok(vdpa_ioctl(&c, VHOST_VDPA_GET_VRING_DESC_GROUP, &s));
	assert_int_equal(s.num, 2);
	set("group", 3);
	assert_err(vdpa_ioctl(&c, VHOST_VDPA_GET_VRING_GROUP, &s), EIO);
	assert_err(vdpa_ioctl(&c, VHOST_VDPA_GET_VRING_DESC_GROUP, &s), EIO);
	assert_err(vdpa_ioctl(&c, VHOST_VDPA_GET_VRING_SIZE, &s), EOPNOTSUPP);
}

static void groups_are_not_counted_by_queues(void **state)
{
	/* Two queues, three groups. */
	assert_ok(vdpa_group_asid(&c, 2, 1));
	assert_err(vdpa_group_asid(&c, 3, 1), EINVAL);
	assert_err(vdpa_group_asid(&c, 2, 2), EINVAL);
	set("group_error", -EIO);
	assert_err(vdpa_group_asid(&c, 0, 0), EIO);
	start();
	assert_err(vdpa_group_asid(&c, 0, 0), EBUSY);
}

static void backend_features_follow_the_device(void **state)
{
	uint64_t features;

	assert_ok(vdpa_get_backend(&c, &features));
	/* No resume; persistence granted; a bit that no parent can grant is not passed on. */
	assert_int_equal(features, VDPA_QEMU_BACKEND | VDPA_BIT(VHOST_BACKEND_F_DESC_ASID) |
			 VDPA_BIT(VHOST_BACKEND_F_IOTLB_PERSIST));
	assert_ok(vdpa_ack_backend(&c, features));
	assert_err(vdpa_ack_backend(&c, VDPA_BIT(VHOST_BACKEND_F_RESUME)), EOPNOTSUPP);
	/* Not offered, but mainline takes it from everybody. */
	assert_ok(vdpa_ack_backend(&c, VDPA_BIT(VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK)));
	assert_err(vdpa_ack_backend(&c, VDPA_BIT(VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK + 3)),
		   EOPNOTSUPP);
	assert_err(vdpa_ack_backend(&c, VDPA_BIT(VHOST_BACKEND_F_DESC_ASID)), EINVAL);
}

static void backend_features_are_fixed_where_something_depends_on_them(void **state)
{
	const uint64_t more = VDPA_PERSIST_BACKEND;

	assert_ok(vdpa_batch_begin(&c, 0));
	assert_err(vdpa_ack_backend(&c, more), EBUSY);
	assert_ok(vdpa_ack_backend(&c, VDPA_QEMU_BACKEND));
	assert_ok(vdpa_batch_end(&c, 0));
	start();
	assert_err(vdpa_ack_backend(&c, more), EBUSY);
	assert_ok(vdpa_ack_backend(&c, VDPA_QEMU_BACKEND));
	assert_ok(vdpa_reset(&c));
	assert_ok(vdpa_ack_backend(&c, more));
}

static void suspend_fails_as_the_device_does(void **state)
{
	assert_ok(vdpa_ioctl(&c, VHOST_VDPA_SUSPEND, NULL));
	assert_ok(vdpa_ioctl(&c, VHOST_VDPA_RESUME, NULL));
	start();
	set("suspend_error", -EIO);
	assert_err(vdpa_ioctl(&c, VHOST_VDPA_SUSPEND, NULL), EIO);
	assert_err(vdpa_vring_base(&c, 0, 1), EINVAL);
	set("suspend_error", 0);
	assert_ok(vdpa_ioctl(&c, VHOST_VDPA_SUSPEND, NULL));
	assert_ok(vdpa_vring_base(&c, 0, 1));
	assert_ok(vdpa_vring_num(&c, 0, 16));
	assert_err(vdpa_ioctl(&c, VHOST_VDPA_RESUME, NULL), EOPNOTSUPP);
}

static void failed_reset_is_told_and_leaves_the_device_running(void **state)
{
	start();
	assert_err(vdpa_vring_num(&c, 0, 16), EBUSY);
	set("reset_error", -EIO);
	assert_err(vdpa_reset(&c), EIO);
	assert_int_equal(vdpa_get_status(&c), VDPA_S_DRIVER_OK);
	assert_err(vdpa_vring_num(&c, 0, 16), EBUSY);
	assert_err(vdpa_group_asid(&c, 0, 0), EBUSY);
	set("reset_error", 0);
	assert_ok(vdpa_reset(&c));
	assert_ok(vdpa_vring_num(&c, 0, 16));
}

static void failed_reset_at_open_leaves_the_node_closed(void **state)
{
	vdpa_close(&c);
	set("reset_error", -EIO);
	assert_err(vdpa_open(&c, MOCK), EIO);
	assert_err(vdpa_open(&c, MOCK), EIO);
	set("reset_error", 0);
	assert_ok(vdpa_open_as(&c, MOCK, VDPA_QEMU_BACKEND));
}

static void close_works_although_the_reset_fails(void **state)
{
	static char page[PAGE] __attribute__((aligned(4096)));

	assert_ok(vdpa_map(&c, 0, 0, PAGE, page, VHOST_ACCESS_RW));
	start();
	set("reset_error", -EIO);
	vdpa_close(&c);
	assert_int_equal(vdpa_pinned_pages(), pinned_before);
	set("reset_error", 0);
	assert_ok(vdpa_open_as(&c, MOCK, VDPA_QEMU_BACKEND));
}

static void mapping_that_fails_before_driver_ok_leaves_the_status(void **state)
{
	static char page[PAGE] __attribute__((aligned(4096)));
	int r;

	assert_ok(vdpa_negotiate(&c, ~0ULL));
	set("map_error", -EIO);
	/* Reported by the message or by DRIVER_OK, but reported. */
	r = vdpa_map(&c, 0, 0, PAGE, page, VHOST_ACCESS_RW);
	if (!r) {
		assert_err(vdpa_set_status(&c, VDPA_S_DRIVER_OK), EIO);
		assert_int_equal(vdpa_get_status(&c), VDPA_S_FEATURES_OK);
		set("map_error", 0);
	} else {
		assert_int_equal(r, -EIO);
	}
	assert_ok(vdpa_set_status(&c, VDPA_S_DRIVER_OK));
}

static void packed_positions_stay_packed_over_a_reset(void **state)
{
	unsigned int base;

	assert_ok(vdpa_negotiate(&c, ~0ULL));
	assert_ok(vdpa_vring_base(&c, 0, 0x80018002));
	assert_ok(vdpa_get_vring_base(&c, 0, &base));
	assert_int_equal(base, 0x80018002);
	assert_ok(vdpa_reset(&c));
	assert_ok(vdpa_get_vring_base(&c, 0, &base));
	assert_int_equal(base, 0);
}

static void binding_that_fails_leaves_no_owner(void **state)
{
	long bound = get("bound"), unbound = get("unbound");

	vdpa_close(&c);
	assert_int_equal(get("unbound"), unbound + 1);
	assert_ok(vdpa_open(&c, MOCK));
	set("bind_error", -EIO);
	assert_err(vdpa_set_owner(&c), EIO);
	assert_err(vdpa_vring_num(&c, 0, 16), EPERM);
	set("bind_error", 0);
	assert_ok(vdpa_set_owner(&c));
	assert_ok(vdpa_vring_num(&c, 0, 16));
	assert_int_equal(get("bound"), bound + 1);
	set("present", 0);
	assert_int_equal(get("unbound"), unbound + 2);
}

/* An ioctl whose argument never arrives: memory that a userfaultfd guards and nobody serves. */
static void *stuck_ioctl(void *page)
{
	vdpa_ioctl(&c, VHOST_VDPA_SET_STATUS, page);
	return NULL;
}

static void client_that_does_not_answer_stops_nobody(void **state)
{
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_zeropage zero = { 0 };
	pthread_t thread;
	void *page;

	assert_true(uffd >= 0);
	assert_int_equal(ioctl(uffd, UFFDIO_API, &api), 0);
	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(page != MAP_FAILED);
	reg.range.start = (uintptr_t)page;
	reg.range.len = PAGE;
	assert_int_equal(ioctl(uffd, UFFDIO_REGISTER, &reg), 0);

	assert_int_equal(pthread_create(&thread, NULL, stuck_ioctl, page), 0);
	usleep(100000);
	assert_int_equal(vdpa_get_status(&c), 0);
	assert_ok(vdpa_vring_num(&c, 0, 16));
	set("present", 0);
	assert_err(vdpa_get_status(&c), ENODEV);

	zero.range = reg.range;
	assert_int_equal(ioctl(uffd, UFFDIO_ZEROPAGE, &zero), 0);
	pthread_join(thread, NULL);
	munmap(page, PAGE);
	close(uffd);
}

static void *set_driver_ok(void *result)
{
	*(int *)result = vdpa_set_status(&c, VDPA_S_DRIVER_OK);
	return NULL;
}

static void *remove_device(void *unused)
{
	set("present", 0);
	return NULL;
}

/* The parent takes its time; the device is taken away meanwhile. */
static void removal_waits_for_a_change_of_status(void **state)
{
	uint32_t *bell = map_bell(0, PROT_WRITE);
	pthread_t setter, remover;
	int ret = 1;

	assert_true(bell != MAP_FAILED);
	assert_ok(vdpa_negotiate(&c, ~0ULL));
	*bell = 0;
	set("block_status", 1);
	assert_int_equal(pthread_create(&setter, NULL, set_driver_ok, &ret), 0);
	while (!is_set("in_status"))
		usleep(10000);
	assert_int_equal(pthread_create(&remover, NULL, remove_device, NULL), 0);
	/* Long enough for it to get there; nothing is lost if it is not. */
	usleep(100000);
	*bell = 1;
	pthread_join(setter, NULL);
	pthread_join(remover, NULL);
	assert_int_equal(ret, 0);
	assert_err(vdpa_get_status(&c), ENODEV);
	assert_int_equal(munmap(bell, PAGE), 0);
}

#define CASE(name, fn) { name, fn, setup, teardown, NULL }

static int group_none(void **state)
{
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		CASE("a doorbell reaches the device", doorbell_reaches_the_device),
		CASE("a doorbell is never readable, nor made so", doorbell_is_never_readable),
		CASE("there is no doorbell without a queue", doorbell_of_no_queue_is_refused),
		CASE("a doorbell must fill its page", doorbell_must_fill_its_page),
		CASE("a doorbell raises SIGBUS when the device is gone",
		     doorbell_goes_with_the_device),
		CASE("a mapped doorbell keeps the node open", doorbell_keeps_the_node_open),
		CASE("interrupts bypass the host while the device runs",
		     interrupts_bypass_the_host_while_the_device_runs),
		CASE("an eventfd used twice costs only the bypass",
		     one_eventfd_for_two_interrupts_costs_only_the_bypass),
		CASE("the bypass ends with the device", bypass_ends_with_the_device),
		CASE("a kick reaches the device, also one that came before",
		     kick_reaches_the_device_also_if_it_came_before),
		CASE("a kick eventfd that is refused changes nothing",
		     kick_on_a_full_eventfd_changes_nothing),
		CASE("a config interrupt signals the client",
		     config_interrupt_signals_the_client),
		CASE("a call eventfd is replaced 20000 times under interrupts",
		     call_eventfd_is_replaced_under_interrupts),
		CASE("the config eventfd is replaced 20000 times under interrupts",
		     config_eventfd_is_replaced_under_interrupts),
		CASE("groups come from the device, EIO if it errs", groups_come_from_the_device),
		CASE("groups are bounded by their own number", groups_are_not_counted_by_queues),
		CASE("backend features follow the device", backend_features_follow_the_device),
		CASE("backend features are EBUSY in a batch and under DRIVER_OK, unless the same",
		     backend_features_are_fixed_where_something_depends_on_them),
		CASE("suspend fails as the device does", suspend_fails_as_the_device_does),
		CASE("a failed reset is told, and the device counts as running",
		     failed_reset_is_told_and_leaves_the_device_running),
		CASE("a failed reset at open leaves the node closed",
		     failed_reset_at_open_leaves_the_node_closed),
		CASE("close works although the reset fails", close_works_although_the_reset_fails),
		CASE("a mapping that fails before DRIVER_OK leaves the status",
		     mapping_that_fails_before_driver_ok_leaves_the_status),
		CASE("packed positions keep their form over a reset",
		     packed_positions_stay_packed_over_a_reset),
		CASE("a device goes in the middle of a change of its status",
		     removal_waits_for_a_change_of_status),
		CASE("a client that does not answer stops neither others nor removal",
		     client_that_does_not_answer_stops_nobody),
	};
	const struct CMUnitTest va_tests[] = {
		CASE("binding that fails leaves no owner, removal unbinds",
		     binding_that_fails_leaves_no_owner),
	};

	if (argc > 1 && !strcmp(argv[1], "va"))
		return vdpa_test_main("uapi/mock va", va_tests, group_none, 1, argv);
	return vdpa_test_main("uapi/mock", tests, group_none, argc, argv);
}
