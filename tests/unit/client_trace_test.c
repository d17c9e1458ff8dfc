// SPDX-License-Identifier: GPL-2.0-only
/*
 * client_trace_test.c - what QEMU sends, replayed: reboots, and both ends of a live migration.
 *
 * The guest has 128 MiB. No page of it may be pinned twice, over any number of cycles, and while
 * the device runs it sees exactly what is mapped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "client.h"

#define RAM	0x8000000ul
#define ROM	0xfffc0000ul
#define ROM_LEN	0x40000ul
#define SHADOW	0x100000ul	/* pages of QEMU's own, behind RAM and ROM in the arena */
#define ARENA	((RAM + ROM_LEN + SHADOW) >> PAGE_SHIFT)

/* One message, or something else that QEMU does; addresses in bytes. @to: where the memory is. */
struct event {
	char what;	/* m: map, u: unmap, (: batch, ): its end, R: reset, K: DRIVER_OK, .: end */
	u64 iova;
	u64 size;
	u8 perm;
	u64 to;
};

#define MAP(iova, size, perm)		{ 'm', iova, size, perm, iova }
#define MAP_AT(iova, size, perm, to)	{ 'm', iova, size, perm, to }
#define UNMAP(iova, size)		{ 'u', iova, size, 0, 0 }
#define DO(what)			{ what, 0, 0, 0, 0 }
/* The guest's memory as QEMU lists it when firmware has set up the memory attributes. */
#define MAP_ALL		MAP(0, 0xc3000, 3), MAP(0xc3000, 0x25000, 1), MAP(0xe8000, 0x8000, 3), \
			MAP(0xf0000, 0x10000, 1), MAP(0x100000, 0x7f00000, 3), MAP(ROM, ROM_LEN, 1)
#define UNMAP_ALL	UNMAP(0, 0xc3000), UNMAP(0xc3000, 0x25000), UNMAP(0xe8000, 0x8000), \
			UNMAP(0xf0000, 0x10000), UNMAP(0x100000, 0x7f00000), UNMAP(ROM, ROM_LEN)
/* The shadow control queue: QEMU's own pages, at iovas that the guest's RAM does not use then. */
#define CVQ(n)		(RAM + ROM_LEN + (n) * 0x1000)

static const struct event reboot[] = {
	DO('('), MAP_ALL, DO(')'), DO('K'),
	/* The guest reboots. */
	DO('R'), DO('R'), DO('('), UNMAP_ALL, DO(')'), DO('R'), DO('R'), DO('R'), DO('R'),
	DO('('), MAP_ALL, DO(')'), DO('K'),
	DO('.'),
};

static const struct event migration_in[] = {
	MAP(0, RAM, 3),
	DO('('), UNMAP(0, RAM), MAP(0, 0xe0000, 3), MAP(0xe0000, 0x20000, 1),
	MAP(0x100000, 0x7f00000, 3), DO(')'),
	MAP(ROM, ROM_LEN, 1),
	DO('('), UNMAP(0, 0xe0000), MAP(0, 0xc0000, 3), MAP(0xc0000, 0x20000, 1), DO(')'),
	DO('R'),
	DO('('), UNMAP(0, 0xc0000), UNMAP(0xc0000, 0x20000), UNMAP(0xe0000, 0x20000),
	UNMAP(0x100000, 0x7f00000), UNMAP(ROM, ROM_LEN), DO(')'),
	DO('('), MAP_ALL, DO(')'), DO('K'),
	DO('.'),
};

/* Shadow virtqueues: the same memory comes back at other iovas, and later at the old ones. */
static const struct event migration_out[] = {
	DO('('), MAP_ALL, DO(')'), DO('K'),
	DO('R'), DO('('), UNMAP_ALL, DO(')'),
	MAP_AT(0x1000, 0x1000, 1, CVQ(0)), MAP_AT(0x2000, 0x1000, 3, CVQ(1)),
	MAP_AT(0x3000, 0x3000, 1, CVQ(2)), MAP_AT(0x6000, 0x5000, 3, CVQ(5)),
	DO('('), MAP_AT(0xb000, 0xc3000, 3, 0), MAP_AT(0xce000, 0x25000, 1, 0xc3000),
	MAP_AT(0xf3000, 0x8000, 3, 0xe8000), MAP_AT(0xfb000, 0x10000, 1, 0xf0000),
	MAP_AT(0x10b000, 0x7f00000, 3, 0x100000), MAP_AT(0x800b000, ROM_LEN, 1, ROM), DO(')'),
	DO('K'),
	DO('R'), DO('('), UNMAP(0xb000, 0x8040000), DO(')'), UNMAP(0x1000, 0xa000),
	DO('('), MAP_ALL, DO(')'), DO('K'),
	DO('.'),
};

static struct client c;
static enum fake_kind kind;

static u64 va_of(u64 to)
{
	return (to >= ROM ? RAM + to - ROM : to) >> PAGE_SHIFT;
}

static struct event live[64];
static unsigned int nlive;

static void check_device(void)
{
	unsigned int i;
	u64 page;

	for (i = 0; i < nlive; i++) {
		const struct event *e = &live[i];

		for (page = 0; page < e->size >> PAGE_SHIFT; page += 7) {
			const struct fake_range *r = fake_lookup(&c.p.as[0],
								 (e->iova >> PAGE_SHIFT) + page);

			assert_non_null(r);
			assert_int_equal(r->addr + (e->iova >> PAGE_SHIFT) + page - r->first,
					 fake_frame(va_of(e->to) + page));
			assert_int_equal(r->perm, e->perm);
		}
	}
}

static void replay(const struct event *e)
{
	unsigned int i, kept;

	for (; e->what != '.'; e++) {
		switch (e->what) {
		case 'm':
			assert_int_equal(client_map(&c, 0, e->iova >> PAGE_SHIFT,
						    e->size >> PAGE_SHIFT, va_of(e->to), e->perm),
					 0);
			live[nlive++] = *e;
			break;
		case 'u':
			assert_int_equal(client_unmap(&c, 0, e->iova >> PAGE_SHIFT,
						      e->size >> PAGE_SHIFT), 0);
			for (i = 0, kept = 0; i < nlive; i++)
				if (live[i].iova >= e->iova + e->size ||
				    live[i].iova + live[i].size <= e->iova)
					live[kept++] = live[i];
			nlive = kept;
			break;
		case '(':
		case ')':
			assert_int_equal(client_batch(&c, 0, e->what == '('), 0);
			break;
		case 'R':
			client_reset(&c, kind == FAKE_IOMMU ? VHOST_VDPA_MAP_KEPT :
							      VHOST_VDPA_MAP_CLEAN_LATER);
			break;
		default:
			assert_int_equal(client_driver_ok(&c), 0);
			check_device();
		}
	}
}

/* @own: pages of QEMU that it does not map while the guest uses the device itself. */
static void cycles(const struct event *trace, u64 npages, u64 own)
{
	u64 calls = 0;
	unsigned int i;

	fake_mm_init(ARENA, false);
	client_probe(&c, kind, true, false);
	assert_int_equal(client_open(&c), 0);
	nlive = 0;
	for (i = 0; i < 4; i++) {
		replay(trace);
		if (trace == reboot) {
			/* After the first time nothing is done at all. */
			if (i)
				assert_int_equal(calls, stat(&c.v.stats.maps));
			calls = stat(&c.v.stats.maps);
		}
		/* DRIVER_OK gave up what is not wanted; nothing of the guest is among it. */
		assert_int_equal(fake_pinned_ever, npages + (i + 1) * own);
		client_reset(&c, VHOST_VDPA_MAP_KEPT);
		assert_int_equal(client_unmap(&c, 0, 0, U64_MAX >> PAGE_SHIFT), 0);
		nlive = 0;
	}
	assert_int_equal(stat(&c.v.stats.pages_pinned), npages + i * own);
	client_close(&c);
	client_remove(&c);
	fake_mm_fini();
}

static void test_reboot(void **state)
{
	cycles(reboot, (RAM + ROM_LEN) >> PAGE_SHIFT, 0);
}

static void test_migration_in(void **state)
{
	cycles(migration_in, (RAM + ROM_LEN) >> PAGE_SHIFT, 0);
}

static void test_migration_out(void **state)
{
	cycles(migration_out, (RAM + ROM_LEN) >> PAGE_SHIFT, 10);
}

/* Several devices of one guest: pinned and charged once, whoever comes first and goes last. */
static void test_devices(void **state)
{
	static struct client more[3];
	unsigned int i;

	fake_mm_init(ARENA, false);
	fake_memlock = (RAM + ROM_LEN) >> PAGE_SHIFT;
	client_probe(&c, kind, true, false);
	assert_int_equal(client_open(&c), 0);
	for (i = 0; i < 3; i++) {
		client_probe(&more[i], i % 2 ? FAKE_SET_MAP : FAKE_DMA_MAP, true, false);
		assert_int_equal(client_open(&more[i]), 0);
		assert_int_equal(client_map(&more[i], i % 2, 0, RAM >> PAGE_SHIFT, 0, RW), 0);
	}
	nlive = 0;
	replay(reboot);
	for (i = 0; i < 3; i++)
		assert_int_equal(client_driver_ok(&more[i]), 0);
	client_close(&more[0]);
	client_close(&more[1]);
	assert_int_equal(fake_pinned, (RAM + ROM_LEN) >> PAGE_SHIFT);
	client_close(&c);
	assert_int_equal(fake_pinned, RAM >> PAGE_SHIFT);
	client_close(&more[2]);
	assert_int_equal(fake_pinned_ever, (RAM + ROM_LEN) >> PAGE_SHIFT);
	for (i = 0; i < 3; i++)
		client_remove(&more[i]);
	client_remove(&c);
	fake_mm_fini();
}

#define KINDS(f)	\
	static void f##_set_map(void **state) { kind = FAKE_SET_MAP; f(state); }	\
	static void f##_dma_map(void **state) { kind = FAKE_DMA_MAP; f(state); }	\
	static void f##_iommu(void **state) { kind = FAKE_IOMMU; f(state); }
#define RUN(f) \
	cmocka_unit_test(f##_set_map), cmocka_unit_test(f##_dma_map), cmocka_unit_test(f##_iommu)

KINDS(test_reboot)
KINDS(test_migration_in)
KINDS(test_migration_out)
KINDS(test_devices)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RUN(test_reboot), RUN(test_migration_in), RUN(test_migration_out),
		RUN(test_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
