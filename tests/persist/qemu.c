// SPDX-License-Identifier: GPL-2.0-only
/*
 * qemu.c - what stock QEMU sends over a reboot and a migration, replayed.
 *
 * QEMU does not map again what it unmapped: firmware cuts RAM differently from one cycle to the
 * next, shadow virtqueues move it, and it never acknowledges IOTLB_PERSIST. Whatever it does, no
 * page of guest RAM may be pinned twice, and after each DRIVER_OK the device must find the guest
 * where QEMU last put it.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MIB		(1UL << 20)
#define RAM_SIZE	(128 * MIB)
#define RAM_PAGES	(RAM_SIZE / GUEST_PAGE)
#define ROM_SIZE	0x40000UL
#define ROM_PAGES	(ROM_SIZE / GUEST_PAGE)
/* QEMU's own pages: the shadow control queue's rings and buffers. */
#define CVQ_PAGES	4

/* The rings of the data queues are in guest RAM, as a guest's driver has them. */
#define LOOP_GPA	0x2000000UL

enum what { STATUS, MAP, UNMAP, BEGIN, END };
enum block { RAM, ROM, CVQ };

struct step {
	enum what what;
	uint32_t asid;
	uint64_t iova;
	uint64_t size;
	uint8_t perm;
	enum block block;
	uint64_t offset;
};

#define S(value)			{ .what = STATUS, .size = (value) }
#define M(at, len, perm, offset)	{ MAP, 0, at, len, perm, RAM, offset }
#define M_ROM(at, len, perm)		{ MAP, 0, at, len, perm, ROM, 0 }
#define M_CVQ(at, len, perm)		{ MAP, 1, at, len, perm, CVQ, (at) - 0x1000 }
#define U(at, len)			{ UNMAP, 0, at, len, 0, RAM, 0 }
#define U_CVQ(at, len)			{ UNMAP, 1, at, len, 0, CVQ, 0 }
#define B				{ .what = BEGIN }
#define E				{ .what = END }
#define N(steps)			(sizeof(steps) / sizeof(steps[0]))

struct vmm {
	struct vdpa_bench *b;
	struct guest_mem ram;
	struct guest_mem rom;
	struct guest_mem cvq;
};

static const struct vdpa_setup qemu = { .backend = VDPA_QEMU_BACKEND };

static long pages(long n)
{
	return vdpa_mode()->use_va ? 0 : n;
}

static uint8_t *block_base(const struct vmm *vmm, enum block block)
{
	const struct guest_mem *m = block == RAM ? &vmm->ram : block == ROM ? &vmm->rom : &vmm->cvq;

	return m->base;
}

static void set_status(struct vmm *vmm, uint8_t status)
{
	struct vdpa_bench *b = vmm->b;

	/* 8 is FEATURES_OK on top of 3, 4 is DRIVER_OK: QEMU sets bits one by one. */
	switch (status) {
	case 0:
		assert_ok(vdpa_reset(&b->c));
		break;
	case 8:
		assert_ok(vdpa_negotiate(&b->c, NET_LOOP_FEATURES));
		assert_ok(vdpa_group_asid(&b->c, 1, 1));
		break;
	case 0xc:
		assert_ok(net_loop_attach(&b->loop, &b->c));
		assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
		break;
	default:
		assert_ok(vdpa_set_status(&b->c, status));
	}
}

static void play(struct vmm *vmm, const struct step *steps, size_t n)
{
	const struct vdpa_client *c = &vmm->b->c;
	const struct step *s;

	for (s = steps; s < steps + n; s++) {
		switch (s->what) {
		case STATUS:
			set_status(vmm, s->size);
			break;
		case MAP:
			assert_ok(vdpa_map(c, s->asid, s->iova, s->size,
					   block_base(vmm, s->block) + s->offset, s->perm));
			break;
		case UNMAP:
			assert_ok(vdpa_unmap(c, s->asid, s->iova, s->size));
			break;
		case BEGIN:
			assert_ok(vdpa_batch_begin(c, s->asid));
			break;
		case END:
			assert_ok(vdpa_batch_end(c, s->asid));
			break;
		}
	}
}

/* The guest's rings start afresh; the device sees them at @iova. */
static void fresh_rings(struct vmm *vmm, uint64_t iova)
{
	net_loop_rewind(&vmm->b->loop, iova);
}

/* Pages @first .. @first + @n of RAM are what the device reads at @iova: a sample of them. */
static void device_sees_ram(struct vmm *vmm, uint64_t iova, size_t first, size_t n)
{
	size_t i, step = n / 64 ? n / 64 : 1;

	for (i = 0; i < n; i += step) {
		/* The rings have overwritten their marks. */
		if ((first + i) * GUEST_PAGE >= LOOP_GPA &&
		    (first + i) * GUEST_PAGE < LOOP_GPA + NET_LOOP_BYTES)
			continue;
		vdpa_bench_sees(vmm->b, iova + i * GUEST_PAGE, first + i, 1, 1);
	}
}

static void device_cannot_write(struct vmm *vmm, uint64_t iova)
{
	uint64_t value = 0;

	assert_err(net_loop_write(&vmm->b->loop, iova, &value, sizeof(value)), EIO);
}

static int setup(void **state)
{
	struct vmm *vmm = calloc(1, sizeof(*vmm));
	void *bench = (void *)&qemu;
	int ret;

	if (!vmm)
		return -1;
	ret = guest_mem_alloc(&vmm->ram, RAM_SIZE, vdpa_mode_memory());
	if (!ret)
		ret = guest_mem_alloc(&vmm->rom, ROM_SIZE, vdpa_mode_memory());
	if (!ret)
		ret = guest_mem_alloc(&vmm->cvq, CVQ_PAGES * GUEST_PAGE, vdpa_mode_memory());
	if (!ret)
		ret = vdpa_setup_bench(&bench);
	if (ret) {
		print_error("no memory or device for the guest: %s\n", strerror(-ret));
		return -1;
	}
	guest_mem_fill(vmm->ram.base, RAM_SIZE, 1);
	vmm->b = bench;
	net_loop_exit(&vmm->b->loop);
	ret = net_loop_init(&vmm->b->loop, vmm->ram.base + LOOP_GPA, LOOP_GPA);
	*state = vmm;

	return ret;
}

static int teardown(void **state)
{
	struct vmm *vmm = *state;
	void *bench = vmm->b;
	int ret = vdpa_teardown_bench(&bench);

	guest_mem_free(&vmm->ram);
	guest_mem_free(&vmm->rom);
	guest_mem_free(&vmm->cvq);
	free(vmm);

	return ret;
}

#define MAP_GUEST \
	B, \
	M(0x0, 0xc3000, 3, 0x0), M(0xc3000, 0x25000, 1, 0xc3000), \
	M(0xe8000, 0x8000, 3, 0xe8000), M(0xf0000, 0x10000, 1, 0xf0000), \
	M(0x100000, 0x7f00000, 3, 0x100000), M_ROM(0xfffc0000, 0x40000, 1), \
	E

#define UNMAP_GUEST \
	B, \
	U(0x0, 0xc3000), U(0xc3000, 0x25000), U(0xe8000, 0x8000), U(0xf0000, 0x10000), \
	U(0x100000, 0x7f00000), U(0xfffc0000, 0x40000), \
	E

static const struct step boot[] = {
	S(0x8),
	M_CVQ(0x1000, 0x1000, 1), M_CVQ(0x2000, 0x1000, 3),
	M_CVQ(0x3000, 0x1000, 1), M_CVQ(0x4000, 0x1000, 3),
	MAP_GUEST,
	S(0xc),
};

static const struct step shutdown_for_reboot[] = {
	U_CVQ(0x3000, 0x1000), U_CVQ(0x4000, 0x1000),
	S(0x0), S(0x3),
	UNMAP_GUEST,
	U_CVQ(0x1000, 0x1000), U_CVQ(0x2000, 0x1000),
	S(0x0), S(0x0), S(0x0), S(0x0),
};

static void check_guest(struct vmm *vmm)
{
	device_sees_ram(vmm, 0, 0, RAM_PAGES);
	device_cannot_write(vmm, 0xc3000);
	device_cannot_write(vmm, 0xf0000);
	assert_pinned(vmm->b->pinned_before + pages(RAM_PAGES + ROM_PAGES + CVQ_PAGES));
}

static void reboot(void **state)
{
	struct vmm *vmm = *state;
	struct vdpa_bench *b = vmm->b;
	struct vdpa_counters since;
	unsigned int i;

	vdpa_bench_mark(b);
	play(vmm, boot, N(boot));
	check_guest(vmm);
	since = vdpa_bench_since(b);
	assert_count(since, pages_pinned, pages(RAM_PAGES + ROM_PAGES + CVQ_PAGES));

	for (i = 0; i < 3; i++) {
		vdpa_bench_mark(b);
		play(vmm, shutdown_for_reboot, N(shutdown_for_reboot));
		fresh_rings(vmm, LOOP_GPA);
		play(vmm, boot, N(boot));
		check_guest(vmm);
		since = vdpa_bench_since(b);
		/* Two of QEMU's own pages are unmapped while the device runs. */
		assert_count(since, pages_pinned, pages(2));
		if (vdpa_mode()->batch_mapping) {
			/* Two unmaps under DRIVER_OK, and both pages back: address space 1. */
			assert_count(since, set_map_calls, 3);
		} else {
			assert_count(since, dma_unmap_calls, 2);
			assert_count(since, dma_map_calls, 2);
		}
	}
}

static void reboot_without_reuse(void **state)
{
	struct vmm *vmm = *state;
	struct vdpa_bench *b = vmm->b;
	struct vdpa_counters since;
	unsigned int i;

	play(vmm, boot, N(boot));
	for (i = 0; i < 3; i++) {
		vdpa_bench_mark(b);
		play(vmm, shutdown_for_reboot, N(shutdown_for_reboot));
		fresh_rings(vmm, LOOP_GPA);
		play(vmm, boot, N(boot));
		check_guest(vmm);
		since = vdpa_bench_since(b);
		assert_count(since, pages_pinned, pages(RAM_PAGES + ROM_PAGES + CVQ_PAGES));
		assert_count(since, pages_reused, 0);
		if (vdpa_mode()->batch_mapping)
			/* Each message in space 1, and one table for each batch in space 0. */
			assert_count(since, set_map_calls, 8 + 2);
	}
}

static const struct step destination_early[] = {
	M(0x0, 0x8000000, 3, 0),
	B,
	U(0x0, 0x8000000),
	M(0x0, 0xe0000, 3, 0), M(0xe0000, 0x20000, 1, 0xe0000),
	M(0x100000, 0x7f00000, 3, 0x100000),
	E,
	M_ROM(0xfffc0000, 0x40000, 1),
	U(0x0, 0xe0000), M(0x0, 0xc0000, 3, 0), M(0xc0000, 0x20000, 1, 0xc0000),
	S(0x0),
	U(0x0, 0xc0000), U(0xc0000, 0x20000), U(0xe0000, 0x20000), U(0x100000, 0x7f00000),
	U(0xfffc0000, 0x40000),
};

static const struct step destination_run[] = {
	S(0x8),
	MAP_GUEST,
	S(0xc),
};

static void migration_destination(void **state)
{
	struct vmm *vmm = *state;
	struct vdpa_counters since;

	vdpa_bench_mark(vmm->b);
	play(vmm, destination_early, N(destination_early));
	play(vmm, destination_run, N(destination_run));
	device_sees_ram(vmm, 0, 0, RAM_PAGES);
	device_cannot_write(vmm, 0xc3000);
	assert_pinned(vmm->b->pinned_before + pages(RAM_PAGES + ROM_PAGES));
	since = vdpa_bench_since(vmm->b);
	assert_count(since, pages_pinned, pages(RAM_PAGES + ROM_PAGES));
}

/* Shadow virtqueues: the same guest memory at IOVAs of QEMU's own choice. */
static const struct step to_shadow[] = {
	S(0x0),
	UNMAP_GUEST,
	S(0x8),
	B,
	M(0xb000, 0xc3000, 3, 0x0), M(0xce000, 0x25000, 1, 0xc3000),
	M(0xf3000, 0x8000, 3, 0xe8000), M(0xfb000, 0x10000, 1, 0xf0000),
	M(0x10b000, 0x7f00000, 3, 0x100000), M_ROM(0x800b000, 0x40000, 1),
	E,
	S(0xc),
};

static const struct step from_shadow[] = {
	S(0x0),
	B,
	U(0xb000, 0xc3000), U(0xce000, 0x25000), U(0xf3000, 0x8000), U(0xfb000, 0x10000),
	U(0x10b000, 0x7f00000), U(0x800b000, 0x40000),
	E,
	S(0x8),
	MAP_GUEST,
	S(0xc),
};

static void migration_source(void **state)
{
	struct vmm *vmm = *state;
	struct vdpa_counters since;
	unsigned int i;

	play(vmm, destination_run, N(destination_run));
	device_sees_ram(vmm, 0, 0, RAM_PAGES);
	vdpa_bench_mark(vmm->b);
	for (i = 0; i < 3; i++) {
		fresh_rings(vmm, LOOP_GPA + 0xb000);
		play(vmm, to_shadow, N(to_shadow));
		device_sees_ram(vmm, 0xb000, 0, 0xc3);
		device_sees_ram(vmm, 0x10b000, 0x100, RAM_PAGES - 0x100);
		device_cannot_write(vmm, 0xce000);
		vdpa_bench_blind(vmm->b, 0, 0xb);

		fresh_rings(vmm, LOOP_GPA);
		play(vmm, from_shadow, N(from_shadow));
		device_sees_ram(vmm, 0, 0, RAM_PAGES);
		device_cannot_write(vmm, 0xc3000);
		vdpa_bench_blind(vmm->b, 0x8000000, 0x4b);
	}
	since = vdpa_bench_since(vmm->b);
	assert_count(since, pages_pinned, 0);
	assert_pinned(vmm->b->pinned_before + pages(RAM_PAGES + ROM_PAGES));
}

static int group(void **state)
{
	int ret = vdpa_admin_write("/sys/module/vhost_vdpa/parameters/pin_reuse_ms", "600000");

	return ret ? ret : vdpa_group_net(state);
}

#define T(name, fn) { name, fn, setup, teardown, NULL }

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		T("a guest reboots three times: no page is pinned twice but two of QEMU's own",
		  reboot),
		T("a migration's destination pins no page twice", migration_destination),
		T("a migration's source goes to shadow virtqueues and back, three times",
		  migration_source),
	};
	const struct CMUnitTest no_reuse[] = {
		T("without reuse each reboot pins the whole guest again", reboot_without_reuse),
	};

	if (vdpa_mode()->pin_reuse)
		return vdpa_test_main("persist/qemu", tests, group, argc, argv);

	return vdpa_test_main("persist/qemu", no_reuse, group, argc, argv);
}
