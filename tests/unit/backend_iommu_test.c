// SPDX-License-Identifier: GPL-2.0-only
/*
 * backend_iommu_test.c - translations in an IOMMU domain: how they are cut into calls, and calls
 * that fail or do half of what they are asked for.
 *
 * The domain here is a list of ranges. It aborts where an IOMMU driver would complain: something is
 * mapped over something else, or something is taken away that is not there. As some drivers do, it
 * makes one large page of each call if that fits, and takes away large pages as a whole.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/iommu.h>
#include <linux/mm.h>

#include "fault.h"
#include "space.h"

#define GB	0x40000000ULL
#define MB	0x100000ULL
#define RANGES	64

struct range {
	u64 iova, size, addr;
};

/* What the domain has, and how its next calls behave. */
static struct {
	struct range range[RANGES];
	unsigned int n;
	int prot;
	u64 largest;		/* of a call, ever */
	unsigned int crossed;	/* calls across a multiple of 1 GiB */
	int map_fails;		/* the nth call from now; 0: none */
	int unmap_stops;	/* likewise: takes nothing away */
	int unmap_halves;	/* likewise: takes half of it away */
} dom;

/* The memory behind the entry: chunks of physically contiguous pages. */
static struct pin_chunk memory[8];
static unsigned int nmemory;

static struct iommu_domain domain;
static struct vhost_vdpa v;
static struct map_entry entry;

static bool now(int *nth)
{
	return *nth && !--*nth;
}

static u64 min_of(u64 a, u64 b)
{
	return a < b ? a : b;
}

void pin_iter_start(struct pin_iter *it, const struct pin_segs *segs)
{
	memset(it, 0, sizeof(*it));
}

bool pin_iter_next(struct pin_iter *it, struct pin_chunk *chunk)
{
	if (it->run == nmemory)
		return false;
	*chunk = memory[it->run++];
	return true;
}

static void note_call(u64 iova, u64 size)
{
	if (size > dom.largest)
		dom.largest = size;
	dom.crossed += iova / GB != (iova + size - 1) / GB;
	assert_int_equal((iova | size) & (PAGE_SIZE - 1), 0);
}

static struct range *find(u64 iova)
{
	unsigned int i;

	for (i = 0; i < dom.n; i++)
		if (iova - dom.range[i].iova < dom.range[i].size)
			return &dom.range[i];
	return NULL;
}

static u64 mapped(void)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < dom.n; i++)
		sum += dom.range[i].size;
	return sum;
}

int iommu_map(struct iommu_domain *d, unsigned long iova, phys_addr_t paddr, size_t size, int prot,
	      gfp_t gfp)
{
	unsigned int i;

	assert_ptr_equal(d, &domain);
	note_call(iova, size);
	for (i = 0; i < dom.n; i++)
		assert_false(iova < dom.range[i].iova + dom.range[i].size &&
			     dom.range[i].iova < iova + size);
	if (now(&dom.map_fails))
		return -ENOMEM;
	assert_true(dom.n < RANGES);
	dom.range[dom.n++] = (struct range){ iova, size, paddr };
	dom.prot = prot;
	return 0;
}

phys_addr_t iommu_iova_to_phys(struct iommu_domain *d, u64 iova)
{
	struct range *r = find(iova);

	return r ? r->addr + iova - r->iova : 0;
}

/* Takes away what starts at @iova: to the end of its range, or of @size. Returns how much. */
static u64 take(u64 iova, u64 size)
{
	struct range *r = find(iova);
	u64 n;

	/* Drivers complain. */
	assert_non_null(r);
	assert_true(r->iova == iova);
	n = min_of(size, r->size);
	r->iova += n;
	r->addr += n;
	r->size -= n;
	if (!r->size)
		*r = dom.range[--dom.n];
	return n;
}

size_t iommu_unmap(struct iommu_domain *d, unsigned long iova, size_t size)
{
	u64 done = 0;

	note_call(iova, size);
	if (now(&dom.unmap_stops))
		return 0;
	if (now(&dom.unmap_halves))
		return take(iova, size / 2);
	while (done < size)
		done += take(iova + done, size - done);
	return done;
}

static void give(u64 addr, u64 size)
{
	memory[nmemory++] = (struct pin_chunk){
		.addr = addr, .npages = size >> PAGE_SHIFT,
	};
	entry.last += size >> PAGE_SHIFT;
}

static int setup(void **state)
{
	memset(&dom, 0, sizeof(dom));
	memset(&entry, 0, sizeof(entry));
	nmemory = 0;
	v.domain = &domain;
	entry.first = (3 * GB - 8 * MB) >> PAGE_SHIFT;
	entry.last = entry.first - 1;
	entry.perm = VHOST_MAP_RW;
	return 0;
}

static int map(void)
{
	return vhost_vdpa_backend_iommu.map(&v, 0, &entry);
}

static int unmap(void)
{
	return vhost_vdpa_backend_iommu.unmap(&v, 0, &entry);
}

/* Across two multiples of 1 GiB, as 1 + 2 + 1 + 1 calls. */
static u64 give_much(void)
{
	give(0x100000000, 4 * MB);
	give(0x900000000, 4 * MB + 2 * GB + 12 * MB);
	give(0x200000000, 16 * MB);
	return 2 * GB + 36 * MB;
}

static void pieces(void **state)
{
	u64 size = give_much();

	assert_int_equal(map(), 0);
	assert_true(mapped() == size);
	assert_int_equal(dom.n, 6);
	assert_int_equal(dom.prot, IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE);
	assert_true(find(3 * GB - 8 * MB)->addr == 0x100000000);
	assert_true(iommu_iova_to_phys(&domain, 3 * GB) == 0x900000000 + 4 * MB);
	assert_true(iommu_iova_to_phys(&domain, 4 * GB) == 0x900000000 + 4 * MB + GB);
	assert_true(iommu_iova_to_phys(&domain, 5 * GB + 12 * MB) == 0x200000000);
	assert_int_equal(unmap(), 0);
	assert_int_equal(dom.n, 0);
	assert_true(dom.largest == GB);
	assert_int_equal(dom.crossed, 0);
}

/* What is wholly within one is one call. */
static void small(void **state)
{
	entry.first = 0x1000;
	entry.last = entry.first - 1;
	entry.perm = VHOST_MAP_RO;
	give(0x100000000, GB / 2);
	assert_int_equal(map(), 0);
	assert_int_equal(dom.n, 1);
	assert_int_equal(dom.prot, IOMMU_READ | IOMMU_CACHE);
	assert_int_equal(unmap(), 0);
}

/* At the very end of the address space nothing wraps. */
static void last_page(void **state)
{
	entry.first = U64_MAX >> PAGE_SHIFT;
	entry.last = entry.first - 1;
	give(0x100000000, PAGE_SIZE);
	assert_int_equal(map(), 0);
	assert_int_equal(unmap(), 0);
	assert_int_equal(dom.n, 0);
	assert_int_equal(dom.crossed, 0);
}

static void map_that_fails(void **state)
{
	int nth;

	for (nth = 1; nth <= 6; nth++) {
		setup(state);
		give_much();
		dom.map_fails = nth;
		assert_int_equal(map(), -ENOMEM);
		assert_int_equal(dom.map_fails, 0);
		assert_int_equal(dom.n, 0);
		assert_false(entry.broken);
	}
	/* The one after it does not: there were six. */
	setup(state);
	give_much();
	dom.map_fails = 7;
	assert_int_equal(map(), 0);
}

/* It goes on where the IOMMU stopped. */
static void unmap_of_half(void **state)
{
	int nth;

	for (nth = 1; nth <= 4; nth++) {
		setup(state);
		give_much();
		assert_int_equal(map(), 0);
		dom.unmap_halves = nth;
		assert_int_equal(unmap(), 0);
		assert_int_equal(dom.unmap_halves, 0);
		assert_int_equal(dom.n, 0);
		assert_false(entry.broken);
	}
}

/* What cannot be taken away now can be later, though part of it is gone. */
static void unmap_that_stops(void **state)
{
	int nth;

	for (nth = 1; nth <= 4; nth++) {
		setup(state);
		give_much();
		assert_int_equal(map(), 0);
		dom.unmap_stops = nth;
		assert_int_equal(unmap(), -EIO);
		assert_true(entry.broken);
		assert_true(dom.n > 0);
		assert_int_equal(unmap(), 0);
		assert_int_equal(dom.n, 0);
		assert_false(entry.broken);
		/* Nor is it an error if nothing is left. */
		entry.broken = true;
		assert_int_equal(unmap(), 0);
	}
}

static void map_that_fails_for_good(void **state)
{
	int nth;

	for (nth = 2; nth <= 6; nth++) {
		setup(state);
		give_much();
		dom.map_fails = nth;
		dom.unmap_stops = 1;
		assert_int_equal(map(), -ENOMEM);
		assert_true(entry.broken);
		assert_true(dom.n > 0);
		assert_int_equal(unmap(), 0);
		assert_int_equal(dom.n, 0);
	}
}

#define test(fn) cmocka_unit_test_setup(fn, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(pieces),
		test(small),
		test(last_page),
		test(map_that_fails),
		test(unmap_of_half),
		test(unmap_that_stops),
		test(map_that_fails_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
