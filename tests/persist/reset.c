// SPDX-License-Identifier: GPL-2.0-only
/*
 * reset.c - what a reset does to a mapping, judged by the device's own accesses after it.
 *
 * Counters only back up what the device shows: first it must read the right bytes, then it must
 * turn out that no work was done for it.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RAM_PAGES	256
#define RW		VHOST_ACCESS_RW
#define RO		VHOST_ACCESS_RO

static const struct vdpa_setup acked = {
	.backend = VDPA_PERSIST_BACKEND, .ram_pages = RAM_PAGES
};
static const struct vdpa_setup compat = { .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES };

static const uint64_t at = VDPA_RAM_IOVA;

/* @n, or 0 if the device works on the process's own addresses. */
static long pages(long n)
{
	return vdpa_mode()->use_va ? 0 : n;
}

/* Mapped, running, and the device sees it all. */
static void first_run(struct vdpa_bench *b)
{
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_pinned(b->pinned_before + pages(RAM_PAGES + VDPA_LOOP_PAGES));
	vdpa_bench_mark(b);
}

static void assert_no_work(struct vdpa_bench *b)
{
	struct vdpa_counters since = vdpa_bench_since(b);

	assert_count(since, pages_pinned, 0);
	assert_count(since, pages_unpinned, 0);
	assert_count(since, set_map_calls, 0);
	assert_count(since, dma_map_calls, 0);
	assert_count(since, dma_unmap_calls, 0);
	assert_pinned(b->pinned_before + pages(RAM_PAGES + VDPA_LOOP_PAGES));
}

static void assert_no_pin(struct vdpa_bench *b)
{
	struct vdpa_counters since = vdpa_bench_since(b);

	assert_count(since, pages_pinned, 0);
}

/* The device runs, but not even its rings are within its reach. */
static void assert_cut_off(struct vdpa_bench *b)
{
	unsigned int timeout = b->loop.timeout_ms;

	b->loop.timeout_ms = 400;
	assert_err(net_loop_copy(&b->loop, at, at + GUEST_PAGE, 8), ETIMEDOUT);
	assert_int_equal(b->loop.tx.used->idx, 0);
	assert_int_equal(b->loop.rx.used->idx, 0);
	b->loop.timeout_ms = timeout;
}

static void persistent_map_survives_reset(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i;

	first_run(b);
	for (i = 0; i < 20; i++) {
		assert_ok(vdpa_reset(&b->c));
		assert_ok(vdpa_bench_start(b));
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	}
	assert_no_work(b);
}

static void persistent_map_survives_resets_in_a_row(void **state)
{
	struct vdpa_bench *b = *state;
	struct vdpa_counters since;
	unsigned int i;

	first_run(b);
	for (i = 0; i < 5; i++)
		assert_ok(vdpa_reset(&b->c));
	since = vdpa_bench_since(b);
	assert_count(since, resets, 5);
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_no_work(b);
}

static void persistent_map_made_before_the_first_reset_survives_it(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void persistent_map_can_be_changed_between_reset_and_start(void **state)
{
	struct vdpa_bench *b = *state;
	const size_t half = RAM_PAGES / 2 * GUEST_PAGE;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, at, half, b->ram.base, RW));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES / 2, 1);
	vdpa_bench_blind(b, at + half, RAM_PAGES / 2);

	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_unmap(&b->c, 0, at, half));
	assert_ok(vdpa_map(&b->c, 0, at + half, half, b->ram.base + half, RW));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_blind(b, at, RAM_PAGES / 2);
	vdpa_bench_sees(b, at + half, RAM_PAGES / 2, RAM_PAGES / 2, 1);
	assert_pinned(b->pinned_before + pages(RAM_PAGES / 2 + VDPA_LOOP_PAGES));
}

static void mapping_again_after_a_persistent_reset_is_refused(void **state)
{
	struct vdpa_bench *b = *state;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_err(vdpa_bench_map_ram(b, at), EEXIST);
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_no_work(b);
}

static void mapping_ends_with_close(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t backend = b->c.backend;

	first_run(b);
	vdpa_close(&b->c);
	assert_pinned(b->pinned_before);
	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, backend));
	assert_ok(vdpa_bench_start(b));
	assert_cut_off(b);
}

static void persistence_ends_with_close(void **state)
{
	struct vdpa_bench *b = *state;

	first_run(b);
	vdpa_close(&b->c);
	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, VDPA_QEMU_BACKEND));
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_start(b));
	assert_cut_off(b);
}

static void old_client_finds_a_clean_device_after_reset(void **state)
{
	struct vdpa_bench *b = *state;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_start(b));
	assert_cut_off(b);
}

static void old_client_finds_a_clean_device_after_the_next_reset_too(void **state)
{
	struct vdpa_bench *b = *state;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_start(b));
	assert_cut_off(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_start(b));
	assert_cut_off(b);

	/* What it unmaps and maps is there again. */
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_unmap_all(b, at));
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void old_client_that_maps_more_after_reset_gets_what_mainline_gives(void **state)
{
	struct vdpa_bench *b = *state;
	struct guest_mem extra;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(guest_mem_alloc(&extra, GUEST_PAGE, vdpa_mode_memory()));
	assert_ok(vdpa_map(&b->c, 0, at + 0x100000000ULL, GUEST_PAGE, extra.base, RW));
	assert_ok(vdpa_bench_start(b));
	if (vdpa_mode()->batch_mapping)
		/* The parent is handed the whole table, and with it what reset had cleaned. */
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	else
		/* The parent is handed the new range alone. */
		assert_cut_off(b);
	vdpa_close(&b->c);
	guest_mem_free(&extra);
}

static void same_map_after_reset_costs_nothing(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i;

	first_run(b);
	for (i = 0; i < 10; i++) {
		assert_ok(vdpa_reset(&b->c));
		assert_ok(vdpa_bench_unmap_all(b, at));
		assert_ok(vdpa_bench_map_all(b, at));
		assert_ok(vdpa_bench_start(b));
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	}
	assert_no_work(b);
}

static void same_map_without_batches_costs_nothing(void **state)
{
	struct vdpa_bench *b = *state;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(net_loop_unmap(&b->loop, &b->c));
	assert_ok(vdpa_unmap(&b->c, 0, at, b->ram.size));
	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_no_work(b);
}

/*
 * A device that is mapped range by range can only take back what it was given as a whole, so its
 * entries are made anew where the client cuts differently: one that spans two wanted ranges would
 * take the one away with the other later. That costs no pin.
 */
static void assert_no_work_but_cuts(struct vdpa_bench *b)
{
	if (vdpa_mode()->batch_mapping) {
		assert_no_work(b);
		return;
	}
	assert_no_pin(b);
	assert_pinned(b->pinned_before + pages(RAM_PAGES + VDPA_LOOP_PAGES));
}

static void same_map_in_other_pieces_costs_no_pin(void **state)
{
	static const unsigned int split[] = { 0, 1, 2, 17, 64, 65, 200, RAM_PAGES };
	struct vdpa_bench *b = *state;
	unsigned int i;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_unmap_all(b, at));
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(net_loop_map(&b->loop, &b->c));
	for (i = 0; split[i] < RAM_PAGES; i++)
		assert_ok(vdpa_map(&b->c, 0, at + split[i] * GUEST_PAGE,
				   (split[i + 1] - split[i]) * GUEST_PAGE,
				   b->ram.base + split[i] * GUEST_PAGE, RW));
	assert_ok(vdpa_batch_end(&b->c, 0));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_no_work_but_cuts(b);

	/* And back to one piece. */
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_unmap_all(b, at));
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_no_work_but_cuts(b);
}

static void same_memory_at_other_iovas_is_not_pinned_again(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t other = at + 0xb000;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_unmap_all(b, at));
	b->loop.iova += 0x123000;
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, other));
	assert_ok(vdpa_batch_end(&b->c, 0));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, other, 0, RAM_PAGES, 1);
	vdpa_bench_blind(b, at, 0xb000 / GUEST_PAGE);
	assert_no_pin(b);

	assert_ok(vdpa_reset(&b->c));
	assert_ok(net_loop_unmap(&b->loop, &b->c));
	assert_ok(vdpa_unmap(&b->c, 0, other, b->ram.size));
	b->loop.iova -= 0x123000;
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	vdpa_bench_blind(b, at + b->ram.size, 0xb000 / GUEST_PAGE);
	assert_no_pin(b);
	assert_pinned(b->pinned_before + pages(RAM_PAGES + VDPA_LOOP_PAGES));
}

static void memory_that_becomes_read_only_is_not_pinned_again(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t value = 42;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_unmap_all(b, at));
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, at, b->ram.size, b->ram.base, RO));
	assert_ok(vdpa_batch_end(&b->c, 0));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_err(net_loop_write(&b->loop, at, &value, sizeof(value)), EIO);
	assert_no_pin(b);
}

static void memory_that_becomes_writable_is_written(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t value = 42, found;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, at, b->ram.size, b->ram.base, RO));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_err(net_loop_write(&b->loop, at, &value, sizeof(value)), EIO);

	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_unmap_all(b, at));
	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_ok(net_loop_write(&b->loop, at, &value, sizeof(value)));
	memcpy(&found, b->ram.base, sizeof(found));
	assert_true(found == value);
}

static void what_is_not_mapped_again_is_gone_when_the_device_runs(void **state)
{
	struct vdpa_bench *b = *state;
	const size_t half = RAM_PAGES / 2 * GUEST_PAGE;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_unmap_all(b, at));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_map(&b->c, 0, at + half, half, b->ram.base + half, RW));
	assert_ok(vdpa_bench_start(b));
	assert_pinned(b->pinned_before + pages(RAM_PAGES / 2 + VDPA_LOOP_PAGES));
	vdpa_bench_blind(b, at, RAM_PAGES / 2);
	vdpa_bench_sees(b, at + half, RAM_PAGES / 2, RAM_PAGES / 2, 1);
	assert_no_pin(b);
}

static void parked_memory_is_given_up_at_close(void **state)
{
	struct vdpa_bench *b = *state;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_unmap_all(b, at));
	assert_pinned(b->pinned_before + pages(RAM_PAGES + VDPA_LOOP_PAGES));
	vdpa_close(&b->c);
	assert_pinned(b->pinned_before);
}

static void set_reuse_ms(const char *ms)
{
	assert_ok(vdpa_admin_write("/sys/module/vhost_vdpa/parameters/pin_reuse_ms", ms));
}

/* A slow machine must not lose by the clock what these tests are about. */
#define PATIENT_MS	"600000"

/* What was parked is unpinned before long, and all is well with it afterwards. */
static void assert_given_up(struct vdpa_bench *b)
{
	unsigned int i;

	for (i = 0; i < 3000 && vdpa_pinned_pages() != b->pinned_before; i++)
		usleep(10000);
	set_reuse_ms(PATIENT_MS);
	assert_pinned(b->pinned_before);

	assert_ok(vdpa_bench_map_all(b, at));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void parked_memory_is_given_up_in_time(void **state)
{
	struct vdpa_bench *b = *state;

	set_reuse_ms("200");
	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_unmap_all(b, at));
	assert_given_up(b);
}

/* The administrator's request goes the same way as that of a system that runs out of memory. */
static void parked_memory_is_given_up_on_demand(void **state)
{
	struct vdpa_bench *b = *state;

	first_run(b);
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_unmap_all(b, at));
	assert_ok(vdpa_admin_write("/proc/sys/vm/drop_caches", "2"));
	assert_given_up(b);
}

static void reset_in_an_open_batch_loses_nothing(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_reset(&b->c));
	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(vdpa_batch_end(&b->c, 0));
	assert_ok(vdpa_bench_start(b));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void open_map_close_many_times(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t backend = b->c.backend;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		vdpa_close(&b->c);
		assert_pinned(b->pinned_before);
		assert_ok(vdpa_open_as(&b->c, VDPA_TEST_NET, backend));
		assert_ok(vdpa_bench_map_all(b, at));
		assert_ok(vdpa_bench_start(b));
		vdpa_bench_sees(b, at, 0, 8, 1);
		if (i & 1)
			assert_ok(vdpa_reset(&b->c));
	}
}

static void unmapped_while_running_is_gone_and_unpinned_at_once(void **state)
{
	struct vdpa_bench *b = *state;
	struct vdpa_counters since;

	first_run(b);
	assert_ok(vdpa_unmap(&b->c, 0, at, b->ram.size));
	assert_pinned(b->pinned_before + pages(VDPA_LOOP_PAGES));
	vdpa_bench_blind(b, at, RAM_PAGES);
	since = vdpa_bench_since(b);
	assert_count(since, pages_unpinned, pages(RAM_PAGES));
	assert_count(since, parks, 0);
}

/* Without reuse: what kernels without it do. */
static void every_cycle_pins_and_maps_again(void **state)
{
	struct vdpa_bench *b = *state;
	struct vdpa_counters since;
	unsigned int i;

	first_run(b);
	for (i = 0; i < 5; i++) {
		vdpa_bench_mark(b);
		assert_ok(vdpa_reset(&b->c));
		assert_ok(vdpa_bench_unmap_all(b, at));
		assert_pinned(b->pinned_before);
		assert_ok(vdpa_bench_map_all(b, at));
		assert_ok(vdpa_bench_start(b));
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
		since = vdpa_bench_since(b);
		assert_count(since, pages_pinned, pages(RAM_PAGES + VDPA_LOOP_PAGES));
		assert_count(since, pages_unpinned, pages(RAM_PAGES + VDPA_LOOP_PAGES));
		assert_count(since, pages_reused, 0);
		assert_count(since, parks, 0);
		/*
		 * One table at the end of each batch; and since the reset gave both address
		 * spaces their initial mapping, an empty one for the space that is not used.
		 */
		if (vdpa_mode()->batch_mapping)
			assert_count(since, set_map_calls, 3);
		else
			assert_true(since.dma_map_calls >= 2);
	}
}

/* Without the promise of persistence: pins are reused, the table is made again. */
static void pins_are_reused_even_if_the_table_is_lost(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i;

	first_run(b);
	for (i = 0; i < 5; i++) {
		assert_ok(vdpa_reset(&b->c));
		assert_ok(vdpa_bench_unmap_all(b, at));
		assert_ok(vdpa_bench_map_all(b, at));
		assert_ok(vdpa_bench_start(b));
		vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	}
	assert_no_pin(b);
	assert_pinned(b->pinned_before + pages(RAM_PAGES + VDPA_LOOP_PAGES));
}

#define ACKED(name, fn)		vdpa_test("persist: " name, fn, &acked)
#define COMPAT(name, fn)	vdpa_test("compat: " name, fn, &compat)

#define ACKED_TESTS \
	ACKED("a reset keeps the map, and nothing is done for it", \
	      persistent_map_survives_reset), \
	ACKED("resets in a row keep the map", persistent_map_survives_resets_in_a_row), \
	ACKED("a map made before the first reset survives it", \
	      persistent_map_made_before_the_first_reset_survives_it), \
	ACKED("the map can be changed between reset and start", \
	      persistent_map_can_be_changed_between_reset_and_start), \
	ACKED("mapping again after a reset is EEXIST and harmless", \
	      mapping_again_after_a_persistent_reset_is_refused), \
	ACKED("the mapping ends with close", mapping_ends_with_close), \
	ACKED("the promise of persistence ends with close", persistence_ends_with_close), \
	ACKED("a reset in an open batch loses nothing", reset_in_an_open_batch_loses_nothing), \
	ACKED("open, map, run and close 20 times", open_map_close_many_times), \
	ACKED("what is unmapped under DRIVER_OK is gone and unpinned at once", \
	      unmapped_while_running_is_gone_and_unpinned_at_once)

#define COMPAT_TESTS \
	COMPAT("after a reset the device does not reach the old mapping", \
	       old_client_finds_a_clean_device_after_reset), \
	COMPAT("nor after the next one, until it is unmapped and mapped", \
	       old_client_finds_a_clean_device_after_the_next_reset_too), \
	COMPAT("a client that only maps more after a reset gets what mainline gives", \
	       old_client_that_maps_more_after_reset_gets_what_mainline_gives), \
	COMPAT("memory that becomes writable is written", \
	       memory_that_becomes_writable_is_written), \
	COMPAT("the mapping ends with close", mapping_ends_with_close), \
	COMPAT("open, map, run and close 20 times", open_map_close_many_times), \
	COMPAT("what is unmapped under DRIVER_OK is gone and unpinned at once", \
	       unmapped_while_running_is_gone_and_unpinned_at_once)

#define REUSE_TESTS \
	COMPAT("memory at other IOVAs is not pinned again", \
	       same_memory_at_other_iovas_is_not_pinned_again), \
	COMPAT("memory that becomes read-only is not pinned again", \
	       memory_that_becomes_read_only_is_not_pinned_again), \
	COMPAT("what is not mapped again is gone when the device runs", \
	       what_is_not_mapped_again_is_gone_when_the_device_runs), \
	COMPAT("parked memory is given up at close", parked_memory_is_given_up_at_close), \
	COMPAT("parked memory is given up in time", parked_memory_is_given_up_in_time), \
	COMPAT("parked memory is given up when the system wants memory", \
	       parked_memory_is_given_up_on_demand)

#define FREE_TESTS \
	COMPAT("the same map after a reset costs nothing", same_map_after_reset_costs_nothing), \
	COMPAT("the same map without batches costs nothing", \
	       same_map_without_batches_costs_nothing), \
	COMPAT("the same map in other pieces costs no pin, and a whole-table device nothing", \
	       same_map_in_other_pieces_costs_no_pin)

static int group(void **state)
{
	int ret = vdpa_admin_write("/sys/module/vhost_vdpa/parameters/pin_reuse_ms", PATIENT_MS);

	return ret ? ret : vdpa_group_net(state);
}

int main(int argc, char **argv)
{
	/* As loaded by default. */
	const struct CMUnitTest full[] = { ACKED_TESTS, COMPAT_TESTS, REUSE_TESTS, FREE_TESTS };
	/* vdpa_sim.iotlb_persist=N: no promise, the table is cleared by every reset. */
	const struct CMUnitTest no_promise[] = {
		COMPAT_TESTS, REUSE_TESTS,
		COMPAT("pins are reused although every reset clears the table",
		       pins_are_reused_even_if_the_table_is_lost),
	};
	/* vhost_vdpa.pin_reuse=N: what mainline does. */
	const struct CMUnitTest no_reuse[] = {
		ACKED_TESTS, COMPAT_TESTS,
		COMPAT("every cycle pins and maps again", every_cycle_pins_and_maps_again),
	};
	const struct CMUnitTest neither[] = {
		COMPAT_TESTS,
		COMPAT("every cycle pins and maps again", every_cycle_pins_and_maps_again),
	};

	if (vdpa_mode()->pin_reuse) {
		if (vdpa_mode()->iotlb_persist)
			return vdpa_test_main("persist/reset", full, group, argc, argv);
		return vdpa_test_main("persist/reset", no_promise, group, argc, argv);
	}
	if (vdpa_mode()->iotlb_persist)
		return vdpa_test_main("persist/reset", no_reuse, group, argc, argv);
	return vdpa_test_main("persist/reset", neither, group, argc, argv);
}
