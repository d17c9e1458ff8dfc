// SPDX-License-Identifier: GPL-2.0-only
/*
 * traffic.c - mlx5_vdpa under a device that is at work: none of the frames under way is lost or
 * wrong, whatever is done to the device meanwhile.
 *
 * A thread sends frames without end, each with what is in a page of guest memory, and looks at what
 * comes back.
 */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "m5_bench.h"

#define RAM_PAGES	512
#define DEV2		"m5-b"
#define FRAMES		NET_LOOP_SLOTS

static const uint64_t at = VDPA_RAM_IOVA;
static const struct vdpa_setup persist = {
	.dev = M5_DEV, .backend = VDPA_PERSIST_BACKEND, .ram_pages = RAM_PAGES
};
static const struct vdpa_setup qemu = {
	.dev = M5_DEV, .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES
};

/* Static, and of the thread too, should a test end early. */
static struct reader {
	struct net_loop *loop;
	pthread_t thread;
	atomic_bool stop;
	atomic_uint rounds;
	atomic_int err;
} reader;

/* Each frame must bring what is in its page. */
static void *keep_reading(void *arg)
{
	struct reader *r = arg;
	uint64_t iova[FRAMES], value[FRAMES];
	bool ok[FRAMES];
	unsigned int i;
	int err;

	for (i = 0; i < FRAMES; i++)
		iova[i] = at + i * GUEST_PAGE;
	do {
		err = net_loop_peek(r->loop, iova, FRAMES, value, ok);
		for (i = 0; i < FRAMES && !err; i++)
			if (!ok[i] || value[i] != guest_mem_mark(1, i))
				err = -EILSEQ;
		r->err = err;
		r->rounds++;
	} while (!r->stop && !err);
	return NULL;
}

static void reader_start(struct vdpa_bench *b)
{
	reader.loop = &b->loop;
	reader.stop = false;
	reader.rounds = 0;
	reader.err = 0;
	assert_int_equal(pthread_create(&reader.thread, NULL, keep_reading, &reader), 0);
}

/* Until @n more rounds are over, or something went wrong. */
static void reader_goes_on(unsigned int n)
{
	unsigned int before = reader.rounds;

	while (reader.rounds < before + n && !reader.err)
		usleep(1000);
}

static void reader_end(void)
{
	reader.stop = true;
	pthread_join(reader.thread, NULL);
	printf("# %u rounds of %u frames\n", (unsigned int)reader.rounds, FRAMES);
	assert_ok(reader.err);
}

/* Keys come and go under a running device. */
static void change_map(void **state)
{
	struct vdpa_bench *b = *state;
	struct guest_mem more;
	int i;

	assert_ok(guest_mem_alloc(&more, 16 * GUEST_PAGE, GUEST_MEM_ANON));
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	reader_start(b);
	for (i = 0; i < 30; i++) {
		assert_ok(vdpa_map(&b->c, 0, at + (4ULL << 30), more.size, more.base,
				   VHOST_ACCESS_RW));
		assert_ok(vdpa_unmap(&b->c, 0, at + (4ULL << 30), more.size));
		if (i % 10 == 9)
			reader_goes_on(1);
	}
	reader_goes_on(1);
	reader_end();
	guest_mem_free(&more);
}

/* From one function to the other, where the rings stopped. */
static void hand_over(struct vdpa_bench *b, struct vdpa_client *from, struct vdpa_client *to)
{
	unsigned int rx, tx;

	assert_ok(vdpa_ioctl(from, VHOST_VDPA_SUSPEND, NULL));
	assert_ok(vdpa_get_vring_base(from, 0, &rx));
	assert_ok(vdpa_get_vring_base(from, 1, &tx));
	m5_go_on(b, to, at, rx, tx);
	assert_ok(vdpa_reset(from));
	assert_ok(net_loop_unmap(&b->loop, from));
	assert_ok(vdpa_unmap(from, 0, at, b->ram.size));
}

/* Migration in miniature. What the second function sends waits for the suspended first one. */
static void migrate(void **state)
{
	struct vdpa_bench *b = *state;
	struct vdpa_client second;
	unsigned int i;

	assert_ok(vdpa_admin_add(DEV2, m5_mgmt(1)));
	assert_ok(vdpa_open_as(&second, DEV2, VDPA_QEMU_BACKEND));
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	reader_start(b);
	for (i = 0; i < 20 && !reader.err; i++) {
		reader_goes_on(i % 3);
		hand_over(b, i & 1 ? &second : &b->c, i & 1 ? &b->c : &second);
	}
	reader_goes_on(3);
	reader_end();
	b->loop.c = &b->c;
	vdpa_close(&second);
	assert_ok(vdpa_admin_del(DEV2));
	assert_int_equal(m5_stat(1, "live"), 0);
	assert_int_equal(m5_stat(0, "rx_dropped"), 0);
	assert_int_equal(m5_stat(1, "rx_dropped"), 0);
}

/*
 * Steps of the driver take a while, and what comes in for a queue that does not run is lost: then
 * only the order of the steps can keep a frame that the device sends to itself.
 */
static int slow_up(void **state)
{
	int ret = m5_setup_bench(state);

	ret = ret ?: m5_param("pause", "0");
	return ret ?: m5_param("base_us", "2000");
}

static int slow_down(void **state)
{
	m5_param("base_us", "0");
	m5_param("pause", "1");
	return m5_teardown_bench(state);
}

/* Buffers are waiting in both rings before the device starts. */
static void first_frames(void **state)
{
	struct vdpa_bench *b = *state;
	volatile unsigned int *posted = &b->loop.tx_posted;
	int i;

	assert_ok(vdpa_bench_map_all(b, at));
	for (i = 0; i < 3; i++) {
		net_loop_rewind(&b->loop, b->loop.iova);
		assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
		assert_ok(net_loop_attach(&b->loop, &b->c));
		reader_start(b);
		while (*posted < FRAMES)
			usleep(1000);
		assert_int_equal(m5_stat(0, "tx_frames"), i ? m5_stat(0, "rx_frames") : 0);
		assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
		reader_goes_on(1);
		reader_end();
		assert_int_equal(m5_stat(0, "rx_dropped"), 0);
		assert_ok(vdpa_reset(&b->c));
	}
}

/* Queues are stopped and go on. */
static void stop_and_go(void **state)
{
	struct vdpa_bench *b = *state;
	int i;

	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	reader_start(b);
	for (i = 0; i < 5; i++) {
		assert_ok(vdpa_map(&b->c, 0, at + (4ULL << 30), GUEST_PAGE, b->ram.base,
				   VHOST_ACCESS_RW));
		reader_goes_on(1);
		assert_ok(vdpa_unmap(&b->c, 0, at + (4ULL << 30), GUEST_PAGE));
		reader_goes_on(1);
		assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_SUSPEND, NULL));
		assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_RESUME, NULL));
		reader_goes_on(1);
	}
	reader_end();
	assert_int_equal(m5_stat(0, "rx_dropped"), 0);
}

static int nothing(void **state)
{
	return 0;
}

#define slow_test(fn)	{ #fn, fn, slow_up, slow_down, (void *)&persist }

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		m5_test(change_map, &qemu),
		m5_test(migrate, &qemu),
		slow_test(first_frames),
		slow_test(stop_and_go),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("mlx5 traffic", tests, nothing, nothing);
}
