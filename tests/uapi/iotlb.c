// SPDX-License-Identifier: GPL-2.0-only
/*
 * iotlb.c - IOTLB messages: forms, ranges, overlaps, address spaces, limits, batches.
 *
 * Errors are exact. Mainline returns EFAULT for whatever its handler says; this driver returns
 * what the handler says, which no client can mistake for success.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RAM_PAGES	64
#define MANY		5000ULL
#define RW		VHOST_ACCESS_RW
#define RO		VHOST_ACCESS_RO
#define WO		VHOST_ACCESS_WO

static const struct vdpa_setup net = { .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES };
static const struct vdpa_setup blk = {
	.dev = VDPA_TEST_BLK, .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES
};
static const struct vdpa_setup none = { .backend = 0, .ram_pages = RAM_PAGES };
static const struct vdpa_setup no_asid = {
	.backend = VDPA_BIT(VHOST_BACKEND_F_IOTLB_MSG_V2), .ram_pages = RAM_PAGES
};

static const uint64_t at = VDPA_RAM_IOVA;

/* Pages charged for @n mapped pages: none if the device works on the process's own addresses. */
static long charged(const struct vdpa_bench *b, long n)
{
	return b->pinned_before + (vdpa_mode()->use_va ? 0 : n);
}

static void start(struct vdpa_bench *b)
{
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(net_loop_start(&b->loop, &b->c));
}

static void mapped_memory_is_pinned_and_seen(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_bench_map_ram(b, at));
	assert_pinned(charged(b, RAM_PAGES));
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	vdpa_bench_blind(b, at - GUEST_PAGE, 1);
	vdpa_bench_blind(b, at + RAM_PAGES * GUEST_PAGE, 1);
}

static void mapping_while_the_device_runs_takes_effect_at_once(void **state)
{
	struct vdpa_bench *b = *state;

	start(b);
	vdpa_bench_blind(b, at, 2);
	assert_ok(vdpa_bench_map_ram(b, at));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_ok(vdpa_unmap(&b->c, 0, at, b->ram.size));
	vdpa_bench_blind(b, at, RAM_PAGES);
	assert_pinned(charged(b, VDPA_LOOP_PAGES));
}

static void read_only_memory_is_not_written(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t value = 0x1122334455667788ULL, found;

	assert_ok(vdpa_map(&b->c, 0, at, GUEST_PAGE, b->ram.base, RO));
	assert_ok(vdpa_map(&b->c, 0, at + GUEST_PAGE, GUEST_PAGE, b->ram.base + GUEST_PAGE, RW));
	start(b);
	vdpa_bench_sees(b, at, 0, 2, 1);
	assert_err(net_loop_write(&b->loop, at, &value, sizeof(value)), EIO);
	memcpy(&found, b->ram.base, sizeof(found));
	assert_true(found == guest_mem_mark(1, 0));
	assert_ok(net_loop_write(&b->loop, at + GUEST_PAGE, &value, sizeof(value)));
	memcpy(&found, b->ram.base + GUEST_PAGE, sizeof(found));
	assert_true(found == value);
}

static void write_only_memory_is_not_read(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t value = 0x1122334455667788ULL, found;

	assert_ok(vdpa_map(&b->c, 0, at, GUEST_PAGE, b->ram.base, WO));
	start(b);
	vdpa_bench_blind(b, at, 1);
	assert_ok(net_loop_write(&b->loop, at, &value, sizeof(value)));
	memcpy(&found, b->ram.base, sizeof(found));
	assert_true(found == value);
}

static void memory_that_is_read_only_for_us_cannot_be_mapped_for_writing(void **state)
{
	struct vdpa_bench *b = *state;

	assert_int_equal(mprotect(b->ram.base, b->ram.size, PROT_READ), 0);
	assert_err(vdpa_bench_map_ram(b, at), EFAULT);
	assert_pinned(b->pinned_before);
	assert_ok(vdpa_map(&b->c, 0, at, b->ram.size, b->ram.base, RO));
	assert_int_equal(mprotect(b->ram.base, b->ram.size, PROT_READ | PROT_WRITE), 0);
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void memory_that_is_not_there_cannot_be_mapped(void **state)
{
	struct vdpa_bench *b = *state;

	assert_err(vdpa_map(&b->c, 0, at, GUEST_PAGE, (void *)GUEST_PAGE, RW), EFAULT);
	/* A hole at the end: nothing of the part before it stays pinned. */
	assert_int_equal(munmap(b->ram.base + (RAM_PAGES - 1) * GUEST_PAGE, GUEST_PAGE), 0);
	assert_err(vdpa_bench_map_ram(b, at), EFAULT);
	assert_pinned(b->pinned_before);
	start(b);
	vdpa_bench_blind(b, at, RAM_PAGES);
}

static void impossible_ranges_are_refused(void **state)
{
	struct vdpa_bench *b = *state;
	uint8_t *ram = b->ram.base;

	assert_err(vdpa_map(&b->c, 0, at, 0, ram, RW), EINVAL);
	assert_err(vdpa_map(&b->c, 0, 0, 0, ram, RW), EINVAL);
	/* Around the end of IOVA space, and of the process's addresses. */
	assert_err(vdpa_map(&b->c, 0, -GUEST_PAGE, 2 * GUEST_PAGE, ram, RW), EINVAL);
	assert_err(vdpa_map(&b->c, 0, at, -at + GUEST_PAGE, ram, RW), EINVAL);
	assert_err(vdpa_map(&b->c, 0, 1, UINT64_MAX, ram, RW), EINVAL);
	assert_err(vdpa_map(&b->c, 0, GUEST_PAGE, UINT64_MAX - GUEST_PAGE, ram, RW), EINVAL);
	assert_err(vdpa_map(&b->c, 0, at, 2 * GUEST_PAGE, (void *)-GUEST_PAGE, RW), EINVAL);
	assert_pinned(b->pinned_before);
}

static void impossible_ranges_cannot_be_unmapped(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_bench_map_ram(b, at));
	assert_err(vdpa_unmap(&b->c, 0, 0, 0), EINVAL);
	assert_err(vdpa_unmap(&b->c, 0, at, 0), EINVAL);
	assert_err(vdpa_unmap(&b->c, 0, -GUEST_PAGE, 2 * GUEST_PAGE), EINVAL);
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void the_last_page_of_iova_space_can_be_mapped(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_map(&b->c, 0, -GUEST_PAGE, GUEST_PAGE, b->ram.base, RW));
	start(b);
	vdpa_bench_sees(b, -GUEST_PAGE, 0, 1, 1);
	assert_ok(vdpa_unmap(&b->c, 0, -GUEST_PAGE, GUEST_PAGE));
	vdpa_bench_blind(b, -GUEST_PAGE, 1);
}

static void offsets_in_the_page_must_agree(void **state)
{
	struct vdpa_bench *b = *state;

	assert_err(vdpa_map(&b->c, 0, at + 8, 0x100, b->ram.base, RW), EINVAL);
	assert_err(vdpa_map(&b->c, 0, at, 0x100, b->ram.base + 8, RW), EINVAL);
	assert_err(vdpa_map(&b->c, 0, at + 8, 0x100, b->ram.base + 16, RW), EINVAL);
	assert_pinned(b->pinned_before);
}

static void unknown_access_rights_are_refused(void **state)
{
	struct vdpa_bench *b = *state;

	assert_err(vdpa_map(&b->c, 0, at, GUEST_PAGE, b->ram.base, 0), EINVAL);
	assert_err(vdpa_map(&b->c, 0, at, GUEST_PAGE, b->ram.base, 4), EINVAL);
	assert_err(vdpa_map(&b->c, 0, at, GUEST_PAGE, b->ram.base, 0xff), EINVAL);
}

static void overlaps_are_refused(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t mid = at + 16 * GUEST_PAGE, page = GUEST_PAGE;
	struct vdpa_counters since;

	assert_ok(vdpa_map(&b->c, 0, mid, 8 * page, b->ram.base + 16 * page, RW));
	vdpa_bench_mark(b);
	assert_err(vdpa_map(&b->c, 0, mid, 8 * page, b->ram.base, RW), EEXIST);
	assert_err(vdpa_map(&b->c, 0, mid - page, 2 * page, b->ram.base, RW), EEXIST);
	assert_err(vdpa_map(&b->c, 0, mid + 7 * page, 2 * page, b->ram.base, RW), EEXIST);
	assert_err(vdpa_map(&b->c, 0, mid + 3 * page, page, b->ram.base, RW), EEXIST);
	assert_err(vdpa_map(&b->c, 0, at, RAM_PAGES * page, b->ram.base, RW), EEXIST);
	since = vdpa_bench_since(b);
	assert_count(since, pages_pinned, 0);
	assert_pinned(charged(b, 8));
	/* Neighbours are none. */
	assert_ok(vdpa_map(&b->c, 0, at, 16 * page, b->ram.base, RW));
	assert_ok(vdpa_map(&b->c, 0, mid + 8 * page, 40 * page, b->ram.base + 24 * page, RW));
	assert_pinned(charged(b, RAM_PAGES));
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void unmapping_what_is_not_mapped_does_nothing(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(vdpa_unmap(&b->c, 0, at - 64 * GUEST_PAGE, 64 * GUEST_PAGE));
	assert_ok(vdpa_unmap(&b->c, 0, at + RAM_PAGES * GUEST_PAGE, GUEST_PAGE));
	assert_pinned(charged(b, RAM_PAGES));
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void unmapping_everything_is_allowed(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, at));
	/* The whole space but its last byte: its size does not fit a message. */
	assert_ok(vdpa_unmap(&b->c, 0, 0, UINT64_MAX));
	start(b);
	vdpa_bench_blind(b, at, RAM_PAGES);
}

static void address_spaces_that_do_not_exist_are_refused(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int nas = 0, i;

	assert_ok(vdpa_ioctl(&b->c, VHOST_VDPA_GET_AS_NUM, &nas));
	for (i = 0; i < 2; i++) {
		uint32_t asid = i ? UINT32_MAX : nas;

		assert_err(vdpa_map(&b->c, asid, at, GUEST_PAGE, b->ram.base, RW), EINVAL);
		assert_err(vdpa_unmap(&b->c, asid, at, GUEST_PAGE), EINVAL);
		assert_err(vdpa_batch_begin(&b->c, asid), EINVAL);
		assert_err(vdpa_batch_end(&b->c, asid), EINVAL);
	}
	assert_pinned(b->pinned_before);
}

/* One that is empty is still there, in a batch and out of it. */
static void address_space_that_became_empty_goes_on(void **state)
{
	struct vdpa_bench *b = *state;
	int i;

	for (i = 0; i < 3; i++) {
		assert_ok(vdpa_map(&b->c, 1, at, b->ram.size, b->ram.base, RW));
		assert_ok(vdpa_batch_begin(&b->c, 1));
		assert_ok(vdpa_unmap(&b->c, 1, at, b->ram.size));
		assert_ok(vdpa_unmap(&b->c, 1, at, b->ram.size));
		assert_ok(vdpa_batch_end(&b->c, 1));
		assert_ok(vdpa_unmap(&b->c, 1, at, b->ram.size));
		assert_ok(vdpa_batch_end(&b->c, 1));
	}
	assert_ok(vdpa_map(&b->c, 1, at, b->ram.size, b->ram.base, RW));
	assert_ok(vdpa_group_asid(&b->c, 0, 1));
	b->loop.timeout_ms = 10000;
	assert_ok(vdpa_map(&b->c, 1, b->loop.iova, NET_LOOP_BYTES, b->loop.mem, RW));
	assert_ok(net_loop_start(&b->loop, &b->c));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

/* More than any process has, though neither end wraps around. */
static void huge_ranges_are_refused(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t size;

	for (size = 1ULL << 47; size; size <<= 1) {
		assert_true(vdpa_map(&b->c, 0, 0, size, b->ram.base, RW) < 0);
		assert_true(vdpa_map(&b->c, 0, GUEST_PAGE, size - GUEST_PAGE, b->ram.base, RW) < 0);
		assert_pinned(b->pinned_before);
	}
	start(b);
	vdpa_bench_blind(b, at, RAM_PAGES);
}

static void address_spaces_are_separate(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_map(&b->c, 1, at, b->ram.size, b->ram.base, RW));
	assert_pinned(charged(b, RAM_PAGES));
	start(b);
	/* Receive and transmit queues are in space 0. */
	vdpa_bench_blind(b, at, RAM_PAGES);
	assert_ok(vdpa_map(&b->c, 0, at, GUEST_PAGE, b->ram.base, RW));
	vdpa_bench_sees(b, at, 0, 1, 1);
	assert_ok(vdpa_unmap(&b->c, 1, at, b->ram.size));
	vdpa_bench_sees(b, at, 0, 1, 1);
}

static void asid_is_ignored_unless_acknowledged(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_map(&b->c, 1, at, b->ram.size, b->ram.base, RW));
	assert_err(vdpa_map(&b->c, 0, at, b->ram.size, b->ram.base, RW), EEXIST);
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void old_messages_work_without_any_feature(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_bench_map_ram(b, at));
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	assert_ok(vdpa_unmap(&b->c, 0, at, b->ram.size));
	vdpa_bench_blind(b, at, RAM_PAGES);
}

static void old_messages_go_to_address_space_0(void **state)
{
	struct vdpa_bench *b = *state;
	struct vhost_msg msg = { .type = VHOST_IOTLB_MSG };

	msg.iotlb.type = VHOST_IOTLB_UPDATE;
	msg.iotlb.iova = at;
	msg.iotlb.size = b->ram.size;
	msg.iotlb.uaddr = (uintptr_t)b->ram.base;
	msg.iotlb.perm = RW;
	/* IOTLB_ASID is acknowledged, and this form has no room for one. */
	assert_int_equal(vdpa_write_raw(&b->c, &msg, sizeof(msg)), sizeof(msg));
	assert_err(vdpa_bench_map_ram(b, at), EEXIST);
}

static void truncated_messages_are_refused(void **state)
{
	struct vdpa_bench *b = *state;
	struct vhost_msg_v2 v2 = { .type = VHOST_IOTLB_MSG_V2 };
	struct vhost_msg v1 = { .type = VHOST_IOTLB_MSG };
	const size_t need = offsetof(struct vhost_msg_v2, iotlb) + sizeof(struct vhost_iotlb_msg);
	size_t len;

	v2.iotlb.type = VHOST_IOTLB_UPDATE;
	v2.iotlb.iova = at;
	v2.iotlb.size = GUEST_PAGE;
	v2.iotlb.uaddr = (uintptr_t)b->ram.base;
	v2.iotlb.perm = RW;
	v1.iotlb = v2.iotlb;
	for (len = 1; len < need; len++) {
		assert_err(vdpa_write_raw(&b->c, &v2, len), EINVAL);
		assert_err(vdpa_write_raw(&b->c, &v1, len), EINVAL);
	}
	assert_pinned(b->pinned_before);
	assert_int_equal(vdpa_write_raw(&b->c, &v2, sizeof(v2)), sizeof(v2));
}

static void unknown_messages_are_refused(void **state)
{
	static const uint8_t types[] = {
		0, VHOST_IOTLB_MISS, VHOST_IOTLB_ACCESS_FAIL, VHOST_IOTLB_BATCH_END + 1, 255
	};
	struct vhost_iotlb_msg msg = { .iova = at, .size = GUEST_PAGE, .perm = RW };
	struct vdpa_bench *b = *state;
	struct vhost_msg raw = { .type = 3 };
	unsigned int i;

	msg.uaddr = (uintptr_t)b->ram.base;
	/* So that the address space exists. */
	assert_ok(vdpa_bench_map_ram(b, at));
	for (i = 0; i < sizeof(types); i++) {
		msg.type = types[i];
		assert_err(vdpa_message(&b->c, 0, &msg), EINVAL);
	}
	raw.iotlb = msg;
	raw.iotlb.type = VHOST_IOTLB_UPDATE;
	assert_err(vdpa_write_raw(&b->c, &raw, sizeof(raw)), EINVAL);
	raw.type = 0;
	assert_err(vdpa_write_raw(&b->c, &raw, sizeof(raw)), EINVAL);
	assert_pinned(charged(b, RAM_PAGES));
}

static void message_from_a_bad_address_faults(void **state)
{
	struct vdpa_bench *b = *state;

	assert_err(vdpa_write_raw(&b->c, (void *)1, sizeof(struct vhost_msg_v2)), EFAULT);
}

static void batch_takes_effect_at_its_end(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i;

	start(b);
	assert_ok(vdpa_batch_begin(&b->c, 0));
	for (i = 0; i < RAM_PAGES; i += 8)
		assert_ok(vdpa_map(&b->c, 0, at + i * GUEST_PAGE, 8 * GUEST_PAGE,
				   b->ram.base + i * GUEST_PAGE, RW));
	assert_ok(vdpa_batch_end(&b->c, 0));
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);

	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(vdpa_unmap(&b->c, 0, at, 8 * GUEST_PAGE));
	assert_ok(vdpa_unmap(&b->c, 0, at + 32 * GUEST_PAGE, 8 * GUEST_PAGE));
	assert_ok(vdpa_batch_end(&b->c, 0));
	vdpa_bench_blind(b, at, 8);
	vdpa_bench_sees(b, at + 8 * GUEST_PAGE, 8, 24, 1);
	vdpa_bench_blind(b, at + 32 * GUEST_PAGE, 8);
	vdpa_bench_sees(b, at + 40 * GUEST_PAGE, 40, 24, 1);
}

static void batch_rebuilds_a_whole_table_once(void **state)
{
	struct vdpa_bench *b = *state;
	struct vdpa_counters since;
	unsigned int i;

	start(b);
	vdpa_bench_mark(b);
	assert_ok(vdpa_batch_begin(&b->c, 0));
	for (i = 0; i < RAM_PAGES; i += 8)
		assert_ok(vdpa_map(&b->c, 0, at + i * GUEST_PAGE, 8 * GUEST_PAGE,
				   b->ram.base + i * GUEST_PAGE, RW));
	assert_ok(vdpa_batch_end(&b->c, 0));
	since = vdpa_bench_since(b);
	assert_count(since, set_map_calls, vdpa_mode()->batch_mapping ? 1 : 0);
}

static void batch_belongs_to_one_address_space(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_err(vdpa_map(&b->c, 1, at, GUEST_PAGE, b->ram.base, RW), EINVAL);
	assert_err(vdpa_batch_end(&b->c, 1), EINVAL);
	assert_err(vdpa_batch_begin(&b->c, 1), EINVAL);
	assert_ok(vdpa_map(&b->c, 0, at, GUEST_PAGE, b->ram.base, RW));
	assert_ok(vdpa_batch_end(&b->c, 0));
	assert_ok(vdpa_map(&b->c, 1, at, GUEST_PAGE, b->ram.base, RW));
}

static void batch_end_without_begin_does_nothing(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(vdpa_batch_end(&b->c, 0));
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void same_memory_can_be_mapped_twice(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t other = at + 0x100000000ULL;

	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(vdpa_bench_map_ram(b, other));
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
	vdpa_bench_sees(b, other, 0, RAM_PAGES, 1);
	assert_ok(vdpa_unmap(&b->c, 0, at, b->ram.size));
	vdpa_bench_blind(b, at, RAM_PAGES);
	vdpa_bench_sees(b, other, 0, RAM_PAGES, 1);
}

/* Many stacks stop at 2048 entries in an address space; a guest on scattered memory needs more. */
static void many_pieces_fit_in_an_address_space(void **state)
{
	struct vdpa_bench *b = *state;
	unsigned int i;

	assert_ok(vdpa_batch_begin(&b->c, 0));
	for (i = 0; i < MANY; i++)
		assert_ok(vdpa_map(&b->c, 0, at + 2 * i * GUEST_PAGE, GUEST_PAGE,
				   b->ram.base + i % RAM_PAGES * GUEST_PAGE, RW));
	assert_ok(vdpa_batch_end(&b->c, 0));
	start(b);
	vdpa_bench_sees(b, at, 0, 1, 1);
	vdpa_bench_blind(b, at + GUEST_PAGE, 1);
	vdpa_bench_sees(b, at + 2 * (MANY - 1) * GUEST_PAGE, (MANY - 1) % RAM_PAGES, 1, 1);
}

/*
 * In a child, because limit and capability are the process's. Exit code: line of the first
 * expectation that does not hold, 0 if all do.
 */
#define expect(cond)	do { if (!(cond)) return __LINE__ - base_line; } while (0)

static int limited_process(void)
{
	const int base_line = __LINE__;
	const struct rlimit limit = { 32 * GUEST_PAGE, 32 * GUEST_PAGE };
	struct vdpa_counters before, after;
	struct vdpa_client c;
	struct guest_mem ram;

	expect(!vdpa_open_as(&c, VDPA_TEST_NET, VDPA_QEMU_BACKEND));
	expect(!guest_mem_alloc(&ram, 64 * GUEST_PAGE, GUEST_MEM_ANON));
	expect(!setrlimit(RLIMIT_MEMLOCK, &limit));

	/* With CAP_IPC_LOCK there is no limit. */
	expect(!vdpa_map(&c, 0, at, 64 * GUEST_PAGE, ram.base, RW));
	expect(vdpa_pinned_pages() == 64);
	expect(!vdpa_unmap(&c, 0, at, 64 * GUEST_PAGE));
	vdpa_close(&c);
	expect(vdpa_pinned_pages() == 0);

	expect(!vdpa_drop_ipc_lock());
	expect(!vdpa_open_as(&c, VDPA_TEST_NET, VDPA_QEMU_BACKEND));
	expect(!vdpa_counters_read(c.minor, &before));
	expect(vdpa_map(&c, 0, at, 64 * GUEST_PAGE, ram.base, RW) == -ENOMEM);
	expect(vdpa_map(&c, 0, at, 33 * GUEST_PAGE, ram.base, RW) == -ENOMEM);
	expect(vdpa_pinned_pages() == 0);
	expect(!vdpa_map(&c, 0, at, 32 * GUEST_PAGE, ram.base, RW));
	expect(vdpa_pinned_pages() == 32);
	expect(vdpa_map(&c, 0, at + 32 * GUEST_PAGE, GUEST_PAGE, ram.base + 32 * GUEST_PAGE, RW) ==
	       -ENOMEM);
	expect(vdpa_pinned_pages() == 32);
	/* Memory unmapped from a device that does not run gives way to new memory. */
	expect(!vdpa_unmap(&c, 0, at, 32 * GUEST_PAGE));
	expect(!vdpa_map(&c, 0, at, 32 * GUEST_PAGE, ram.base + 32 * GUEST_PAGE, RW));
	expect(vdpa_pinned_pages() == 32);
	expect(!vdpa_counters_read(c.minor, &after));
	vdpa_close(&c);
	expect(vdpa_pinned_pages() == 0);

	return 0;
}

static void memlock_limit_holds(void **state)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		_exit(limited_process());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status))
		print_error("line %d of limited_process() does not hold\n", WEXITSTATUS(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void mapping_survives_the_close_of_other_files(void **state)
{
	struct vdpa_bench *b = *state;

	/* The memory of a closed memfd stays, and so does private memory of a closed node. */
	assert_ok(vdpa_bench_map_ram(b, at));
	if (b->ram.fd >= 0) {
		close(b->ram.fd);
		b->ram.fd = -1;
	}
	start(b);
	vdpa_bench_sees(b, at, 0, RAM_PAGES, 1);
}

static void close_unpins_everything(void **state)
{
	struct vdpa_bench *b = *state;

	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(vdpa_map(&b->c, 0, at + 0x100000000ULL, b->ram.size, b->ram.base, RO));
	assert_ok(vdpa_batch_begin(&b->c, 0));
	assert_ok(net_loop_map(&b->loop, &b->c));
	vdpa_close(&b->c);
	assert_pinned(b->pinned_before);
}

#define NET(name, fn)	vdpa_test("net: " name, fn, &net)
#define BOTH(name, fn)	vdpa_test_both(name, fn, &net, &blk)

#define COMMON_TESTS \
	NET("mapped memory is pinned and the device sees exactly it", \
	    mapped_memory_is_pinned_and_seen), \
	NET("a message under DRIVER_OK takes effect at once", \
	    mapping_while_the_device_runs_takes_effect_at_once), \
	NET("a read-only mapping is read, not written", read_only_memory_is_not_written), \
	NET("a write-only mapping is written, not read", write_only_memory_is_not_read), \
	BOTH("a range of size 0, or that wraps around, cannot be mapped: EINVAL", \
	     impossible_ranges_are_refused), \
	NET("a range of size 0, or that wraps around, cannot be unmapped: EINVAL", \
	    impossible_ranges_cannot_be_unmapped), \
	NET("the last page of IOVA space can be mapped", \
	    the_last_page_of_iova_space_can_be_mapped), \
	BOTH("page offsets of IOVA and address that differ are EINVAL", \
	     offsets_in_the_page_must_agree), \
	BOTH("access rights other than read, write or both are EINVAL", \
	     unknown_access_rights_are_refused), \
	NET("a range that overlaps another is EEXIST and pins nothing", overlaps_are_refused), \
	NET("unmapping what is not mapped does nothing", \
	    unmapping_what_is_not_mapped_does_nothing), \
	NET("everything can be unmapped at once", unmapping_everything_is_allowed), \
	BOTH("an address space that does not exist is EINVAL in every message", \
	     address_spaces_that_do_not_exist_are_refused), \
	NET("address spaces are separate", address_spaces_are_separate), \
	NET("an address space that became empty goes on", \
	    address_space_that_became_empty_goes_on), \
	NET("a range larger than any process is refused, and pins nothing", \
	    huge_ranges_are_refused), \
	vdpa_test("net: the ASID of a message is ignored unless IOTLB_ASID is acknowledged", \
		  asid_is_ignored_unless_acknowledged, &no_asid), \
	vdpa_test("net: messages of the old form work with no backend feature", \
		  old_messages_work_without_any_feature, &none), \
	NET("messages of the old form go to address space 0", \
	    old_messages_go_to_address_space_0), \
	BOTH("a truncated message of any length is EINVAL", truncated_messages_are_refused), \
	BOTH("unknown messages are EINVAL", unknown_messages_are_refused), \
	BOTH("a message at a bad address is EFAULT", message_from_a_bad_address_faults), \
	NET("a batch has taken effect at its end", batch_takes_effect_at_its_end), \
	NET("a batch hands a whole-table device one table", batch_rebuilds_a_whole_table_once), \
	NET("a batch belongs to one address space", batch_belongs_to_one_address_space), \
	NET("the end of a batch that was not begun does nothing", \
	    batch_end_without_begin_does_nothing), \
	NET("the same memory can be mapped at two IOVAs", same_memory_can_be_mapped_twice), \
	NET("5000 pieces fit in an address space", many_pieces_fit_in_an_address_space), \
	NET("a mapping does not need its file to stay open", \
	    mapping_survives_the_close_of_other_files), \
	BOTH("close unpins everything, also in an open batch", close_unpins_everything)

int main(int argc, char **argv)
{
	/* Of the process's own addresses nothing is pinned, so the limit does not apply. */
	const struct CMUnitTest pinning[] = {
		COMMON_TESTS,
		NET("memory that is read-only for the process is EFAULT for writing",
		    memory_that_is_read_only_for_us_cannot_be_mapped_for_writing),
		NET("memory that is not there is EFAULT, and nothing of it stays pinned",
		    memory_that_is_not_there_cannot_be_mapped),
		vdpa_test_bare("net: RLIMIT_MEMLOCK is ENOMEM with nothing pinned, and unwanted "
			       "memory gives way", memlock_limit_holds),
	};
	const struct CMUnitTest own_addresses[] = { COMMON_TESTS };

	if (vdpa_mode()->use_va)
		return vdpa_test_main("uapi/iotlb", own_addresses, vdpa_group_both, argc, argv);

	return vdpa_test_main("uapi/iotlb", pinning, vdpa_group_both, argc, argv);
}
