// SPDX-License-Identifier: GPL-2.0-only
/*
 * blk.c - requests of the simulated block device through /dev/vhost-vdpa-N.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <linux/virtio_blk.h>

#define RAM_PAGES	64
#define SECTOR		512U
#define CAPACITY	0x40000ULL
#define NO_ANSWER	0xee

static const struct vdpa_setup blk = {
	.dev = VDPA_TEST_BLK, .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES
};

static const uint64_t at = VDPA_RAM_IOVA;

/* Ring, then one page with header and status, in the memory meant for a net loop. */
static struct vring_driver ring;
static int kick = -1;

#define HDR_OFFSET	VRING_DRIVER_BYTES
#define STATUS_OFFSET	(VRING_DRIVER_BYTES + 64)

static void start(struct vdpa_bench *b, bool packed, uint64_t features)
{
	uint8_t *mem = b->loop_mem.base;

	features |= NET_LOOP_FEATURES | (packed ? VDPA_BIT(VIRTIO_F_RING_PACKED) : 0);
	vring_driver_init(&ring, packed, 16, mem, VDPA_LOOP_IOVA);
	if (kick < 0)
		kick = eventfd(0, EFD_CLOEXEC);
	assert_ok(vdpa_map(&b->c, 0, VDPA_LOOP_IOVA, NET_LOOP_BYTES, mem, VHOST_ACCESS_RW));
	assert_ok(vdpa_bench_map_ram(b, at));
	assert_ok(vdpa_negotiate(&b->c, features));
	assert_ok(vdpa_vring_num(&b->c, 0, ring.num));
	assert_ok(vdpa_vring_addr(&b->c, 0, ring.desc_iova, ring.driver_iova, ring.device_iova));
	assert_ok(vdpa_vring_base(&b->c, 0, vring_driver_base(&ring)));
	assert_ok(vdpa_vring_kick(&b->c, 0, kick));
	assert_ok(vdpa_vring_enable(&b->c, 0, true));
	assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
}

/* Status byte of the request, NO_ANSWER if none came within 10 s. @written: the used length. */
static uint8_t submit(struct vdpa_bench *b, uint32_t type, uint64_t sector, uint64_t data,
		      uint32_t len, bool device_writes, uint32_t *written)
{
	uint8_t *mem = b->loop_mem.base;
	struct virtio_blk_outhdr hdr = { .type = type, .sector = sector };
	struct vring_seg seg[3] = {
		{ VDPA_LOOP_IOVA + HDR_OFFSET, sizeof(hdr), false },
		{ data, len, device_writes },
		{ VDPA_LOOP_IOVA + STATUS_OFFSET, 1, true },
	};
	uint64_t one = 1;
	uint32_t used;
	int i, id = -1;

	memcpy(mem + HDR_OFFSET, &hdr, sizeof(hdr));
	mem[STATUS_OFFSET] = NO_ANSWER;
	if (!len)
		seg[1] = seg[2];
	assert_true(vring_driver_add(&ring, seg, len ? 3 : 2) >= 0);
	assert_int_equal(write(kick, &one, sizeof(one)), sizeof(one));
	for (i = 0; i < 10000 && id < 0; i++) {
		id = vring_driver_get(&ring, &used);
		if (id < 0)
			usleep(1000);
	}
	if (written)
		*written = used;

	return id < 0 ? NO_ANSWER : mem[STATUS_OFFSET];
}

static uint8_t out(struct vdpa_bench *b, uint64_t sector, uint64_t data, uint32_t len)
{
	return submit(b, VIRTIO_BLK_T_OUT, sector, data, len, false, NULL);
}

static uint8_t in(struct vdpa_bench *b, uint64_t sector, uint64_t data, uint32_t len)
{
	uint32_t written = 0;
	uint8_t status = submit(b, VIRTIO_BLK_T_IN, sector, data, len, true, &written);

	if (status == VIRTIO_BLK_S_OK)
		assert_int_equal(written, len + 1);
	return status;
}

static void fill(uint8_t *p, size_t len, unsigned int seed)
{
	while (len--) {
		seed = seed * 1103515245 + 12345;
		*p++ = seed >> 16;
	}
}

static void write_and_read(struct vdpa_bench *b)
{
	static const uint64_t sectors[] = { 0, 1, 7, 8, 1000, CAPACITY - 16 };
	uint8_t *ram = b->ram.base;
	unsigned int i;

	for (i = 0; i < sizeof(sectors) / sizeof(sectors[0]); i++) {
		fill(ram, 16 * SECTOR, i);
		memset(ram + 16 * GUEST_PAGE, 0, 16 * SECTOR);
		assert_int_equal(out(b, sectors[i], at, 16 * SECTOR), VIRTIO_BLK_S_OK);
		assert_int_equal(in(b, sectors[i], at + 16 * GUEST_PAGE, 16 * SECTOR),
				 VIRTIO_BLK_S_OK);
		assert_memory_equal(ram, ram + 16 * GUEST_PAGE, 16 * SECTOR);
		/* One sector out of the middle. */
		assert_int_equal(in(b, sectors[i] + 5, at + 32 * GUEST_PAGE, SECTOR),
				 VIRTIO_BLK_S_OK);
		assert_memory_equal(ram + 5 * SECTOR, ram + 32 * GUEST_PAGE, SECTOR);
	}
}

static void data_written_is_read_back(void **state)
{
	start(*state, false, 0);
	write_and_read(*state);
}

static void data_written_is_read_back_over_packed_rings(void **state)
{
	start(*state, true, 0);
	write_and_read(*state);
}

static void ranges_beyond_the_end_are_errors(void **state)
{
	struct vdpa_bench *b = *state;

	start(b, false, 0);
	assert_int_equal(in(b, CAPACITY - 1, at, SECTOR), VIRTIO_BLK_S_OK);
	assert_int_equal(in(b, CAPACITY - 1, at, 2 * SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(in(b, CAPACITY, at, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(out(b, CAPACITY, at, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(out(b, CAPACITY + 1, at, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(out(b, UINT64_MAX, at, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(out(b, UINT64_MAX - 1, at, 2 * SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(out(b, 1ULL << 55, at, SECTOR), VIRTIO_BLK_S_IOERR);
}

static void parts_of_sectors_are_errors(void **state)
{
	struct vdpa_bench *b = *state;

	/* Up to 511 bytes more must not reach past the last sector. */
	start(b, false, 0);
	assert_int_equal(out(b, CAPACITY - 1, at, SECTOR + 511), VIRTIO_BLK_S_IOERR);
	assert_int_equal(in(b, CAPACITY - 1, at, SECTOR + 511), VIRTIO_BLK_S_IOERR);
	assert_int_equal(out(b, 0, at, 1), VIRTIO_BLK_S_IOERR);
	assert_int_equal(in(b, 0, at, 1000), VIRTIO_BLK_S_IOERR);
}

static void memory_that_is_not_mapped_is_an_error(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t nowhere = at + RAM_PAGES * GUEST_PAGE;

	start(b, false, 0);
	assert_int_equal(out(b, 0, nowhere, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(in(b, 0, nowhere, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(in(b, 0, nowhere - SECTOR, 2 * SECTOR), VIRTIO_BLK_S_IOERR);
	/* And the queue goes on. */
	assert_int_equal(in(b, 0, at, SECTOR), VIRTIO_BLK_S_OK);
}

static void read_only_memory_is_not_read_into(void **state)
{
	struct vdpa_bench *b = *state;
	uint64_t ro = at + 0x100000000ULL;

	start(b, false, 0);
	assert_ok(vdpa_map(&b->c, 0, ro, GUEST_PAGE, b->ram.base, VHOST_ACCESS_RO));
	fill(b->ram.base, SECTOR, 99);
	assert_int_equal(out(b, 40, ro, SECTOR), VIRTIO_BLK_S_OK);
	assert_int_equal(in(b, 41, ro, SECTOR), VIRTIO_BLK_S_IOERR);
	assert_int_equal(in(b, 40, at + GUEST_PAGE, SECTOR), VIRTIO_BLK_S_OK);
	assert_memory_equal(b->ram.base, b->ram.base + GUEST_PAGE, SECTOR);
}

static void device_id_and_flush_are_answered(void **state)
{
	struct vdpa_bench *b = *state;

	start(b, false, VDPA_BIT(VIRTIO_BLK_F_FLUSH));
	memset(b->ram.base, 0xaa, 32);
	assert_int_equal(submit(b, VIRTIO_BLK_T_GET_ID, 0, at, VIRTIO_BLK_ID_BYTES, true, NULL),
			 VIRTIO_BLK_S_OK);
	assert_string_equal((char *)b->ram.base, "vdpa_blk_sim");
	assert_int_equal(b->ram.base[VIRTIO_BLK_ID_BYTES], 0xaa);
	assert_int_equal(submit(b, VIRTIO_BLK_T_FLUSH, 0, 0, 0, false, NULL), VIRTIO_BLK_S_OK);
}

static void unknown_requests_are_unsupported(void **state)
{
	struct vdpa_bench *b = *state;

	start(b, false, 0);
	assert_int_equal(submit(b, 3, 0, at, SECTOR, false, NULL), VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(submit(b, UINT32_MAX, 0, at, SECTOR, true, NULL), VIRTIO_BLK_S_UNSUPP);
}

static uint8_t zero(struct vdpa_bench *b, uint32_t type, uint64_t sector, uint32_t n,
		    uint32_t flags)
{
	struct virtio_blk_discard_write_zeroes range = {
		.sector = sector, .num_sectors = n, .flags = flags
	};

	memcpy(b->ram.base, &range, sizeof(range));
	return submit(b, type, 0, at, sizeof(range), false, NULL);
}

static void discard_and_write_zeroes_clear_exactly_their_range(void **state)
{
	struct vdpa_bench *b = *state;
	uint8_t *data = b->ram.base + GUEST_PAGE, *found = b->ram.base + 32 * GUEST_PAGE;
	static const uint32_t types[] = { VIRTIO_BLK_T_DISCARD, VIRTIO_BLK_T_WRITE_ZEROES };
	unsigned int i;

	start(b, false, VDPA_BIT(VIRTIO_BLK_F_DISCARD) | VDPA_BIT(VIRTIO_BLK_F_WRITE_ZEROES));
	for (i = 0; i < 2; i++) {
		fill(data, 64 * SECTOR, i);
		assert_int_equal(out(b, 96, at + GUEST_PAGE, 64 * SECTOR), VIRTIO_BLK_S_OK);
		assert_int_equal(zero(b, types[i], 104, 40, 0), VIRTIO_BLK_S_OK);
		memset(data + 8 * SECTOR, 0, 40 * SECTOR);
		assert_int_equal(in(b, 96, at + 32 * GUEST_PAGE, 64 * SECTOR), VIRTIO_BLK_S_OK);
		assert_memory_equal(found, data, 64 * SECTOR);

		assert_int_equal(zero(b, types[i], CAPACITY - 8, 16, 0), VIRTIO_BLK_S_IOERR);
		assert_int_equal(zero(b, types[i], CAPACITY, 1, 0), VIRTIO_BLK_S_IOERR);
		assert_int_equal(zero(b, types[i], UINT64_MAX, UINT32_MAX, 0), VIRTIO_BLK_S_IOERR);
		assert_int_equal(zero(b, types[i], 0, 8, 1u << 31), VIRTIO_BLK_S_UNSUPP);
	}
	assert_int_equal(zero(b, VIRTIO_BLK_T_DISCARD, 104, 8, 1), VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(zero(b, VIRTIO_BLK_T_WRITE_ZEROES, 104, 8, 1), VIRTIO_BLK_S_OK);
}

static void discard_needs_its_feature(void **state)
{
	struct vdpa_bench *b = *state;

	start(b, false, 0);
	assert_int_equal(zero(b, VIRTIO_BLK_T_DISCARD, 0, 8, 0), VIRTIO_BLK_S_UNSUPP);
	assert_int_equal(zero(b, VIRTIO_BLK_T_WRITE_ZEROES, 0, 8, 0), VIRTIO_BLK_S_UNSUPP);
}

static void data_outlives_reset_and_close(void **state)
{
	struct vdpa_bench *b = *state;

	start(b, false, 0);
	fill(b->ram.base, SECTOR, 7);
	assert_int_equal(out(b, 12345, at, SECTOR), VIRTIO_BLK_S_OK);
	vdpa_close(&b->c);
	assert_ok(vdpa_open_as(&b->c, VDPA_TEST_BLK, VDPA_QEMU_BACKEND));
	start(b, false, 0);
	assert_int_equal(in(b, 12345, at + GUEST_PAGE, SECTOR), VIRTIO_BLK_S_OK);
	assert_memory_equal(b->ram.base, b->ram.base + GUEST_PAGE, SECTOR);
}

static int group(void **state)
{
	return vdpa_group_both(state);
}

#define BLK(name, fn) vdpa_test(name, fn, &blk)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		BLK("data written is read back", data_written_is_read_back),
		BLK("data written is read back over packed rings",
		    data_written_is_read_back_over_packed_rings),
		BLK("ranges beyond the end of the disk are errors",
		    ranges_beyond_the_end_are_errors),
		BLK("data that is no whole number of sectors is an error",
		    parts_of_sectors_are_errors),
		BLK("data in memory that is not mapped is an error, and the queue goes on",
		    memory_that_is_not_mapped_is_an_error),
		BLK("memory mapped read-only is written to disk, not read into",
		    read_only_memory_is_not_read_into),
		BLK("device id and flush are answered", device_id_and_flush_are_answered),
		BLK("unknown requests are unsupported", unknown_requests_are_unsupported),
		BLK("discard and write zeroes clear exactly their range",
		    discard_and_write_zeroes_clear_exactly_their_range),
		BLK("discard and write zeroes need their features", discard_needs_its_feature),
		BLK("data outlives reset and close", data_outlives_reset_and_close),
	};

	return vdpa_test_main("uapi/blk", tests, group, argc, argv);
}
