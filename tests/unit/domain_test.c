// SPDX-License-Identifier: GPL-2.0-only
/*
 * domain_test.c - attaching a device to a domain, every way that can fail, and reserved addresses.
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
#include <linux/slab.h>

#include "space.h"

static struct {
	bool coherent;
	bool no_group;
	int alloc_err, regions_err, msi_err, attach_err;
	struct iommu_resv_region regions[4];
	unsigned int nregions;
	unsigned int groups, domains, attached;
	u64 msi_base;
	unsigned long pgsizes;
} fake;

static struct device dma_dev;
static const struct vdpa_config_ops ops;
static struct vdpa_device vdpa = { .config = &ops, .vmap.dma_dev = &dma_dev };
static struct vhost_vdpa v;

bool device_iommu_capable(struct device *dev, int cap)
{
	return fake.coherent;
}

struct iommu_domain *iommu_paging_domain_alloc(struct device *dev)
{
	struct iommu_domain *domain;

	if (fake.alloc_err)
		return ERR_PTR(fake.alloc_err);
	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	domain->geometry.aperture_end = (1ULL << 39) - 1;
	domain->geometry.force_aperture = true;
	fake.domains++;
	return domain;
}

void iommu_domain_free(struct iommu_domain *domain)
{
	fake.domains--;
	kfree(domain);
}

int iommu_attach_device(struct iommu_domain *domain, struct device *dev)
{
	assert_ptr_equal(dev, &dma_dev);
	if (fake.attach_err)
		return fake.attach_err;
	fake.attached++;
	/* Some drivers only know then. */
	domain->pgsize_bitmap = fake.pgsizes;
	return 0;
}

void iommu_detach_device(struct iommu_domain *domain, struct device *dev)
{
	fake.attached--;
}

struct iommu_group *iommu_group_get(struct device *dev)
{
	if (fake.no_group)
		return NULL;
	fake.groups++;
	return (struct iommu_group *)&fake;
}

void iommu_group_put(struct iommu_group *group)
{
	fake.groups--;
}

int iommu_get_group_resv_regions(struct iommu_group *group, struct list_head *head)
{
	struct iommu_resv_region *r;
	unsigned int i;

	for (i = 0; i < fake.nregions; i++) {
		r = kmalloc(sizeof(*r), GFP_KERNEL);
		*r = fake.regions[i];
		list_add_tail(&r->list, head);
	}
	return fake.regions_err;
}

int iommu_get_msi_cookie(struct iommu_domain *domain, u64 base)
{
	assert_int_equal(fake.attached, 0);
	fake.msi_base = base;
	return fake.msi_err;
}

static void reserve(u64 start, u64 length, enum iommu_resv_type type)
{
	struct iommu_resv_region *r = &fake.regions[fake.nregions++];

	r->start = start;
	r->length = length;
	r->type = type;
}

static int setup(void **state)
{
	memset(&fake, 0, sizeof(fake));
	memset(&v, 0, sizeof(v));
	fake.coherent = true;
	fake.pgsizes = 0x40201000;
	v.vdpa = &vdpa;
	return 0;
}

static int teardown(void **state)
{
	return fake.groups || fake.domains || fake.attached || unit_allocs_live ? -1 : 0;
}

static void interrupt_window(void **state)
{
	reserve(0xfee00000, 0x100000, IOMMU_RESV_MSI);
	assert_int_equal(vhost_vdpa_domain_open(&v), 0);
	assert_int_equal(fake.msi_base, 0);
	assert_true(vhost_vdpa_domain_range(&v).last == (1ULL << 39) - 1);
	assert_false(vhost_vdpa_domain_reserved(&v, 0, 0xfedfffff));
	assert_true(vhost_vdpa_domain_reserved(&v, 0xfedff000, 0xfee00fff));
	assert_true(vhost_vdpa_domain_reserved(&v, 0xfee00000, 0xfee00fff));
	assert_true(vhost_vdpa_domain_reserved(&v, 0xfeeff000, 0xfeefffff));
	assert_true(vhost_vdpa_domain_reserved(&v, 0xfeeff000, 0xfef00fff));
	assert_true(vhost_vdpa_domain_reserved(&v, 0, U64_MAX));
	assert_false(vhost_vdpa_domain_reserved(&v, 0xfef00000, U64_MAX));
	vhost_vdpa_domain_close(&v);
}

static void several_kinds(void **state)
{
	reserve(0x1000, 0x1000, IOMMU_RESV_DIRECT_RELAXABLE);
	reserve(0x3000, 0x1000, IOMMU_RESV_DIRECT);
	reserve(0x8000000, 0x100000, IOMMU_RESV_SW_MSI);
	reserve(0xfffffffffffff000, 0x1000, IOMMU_RESV_RESERVED);
	assert_int_equal(vhost_vdpa_domain_open(&v), 0);
	assert_true(fake.msi_base == 0x8000000);
	assert_false(vhost_vdpa_domain_reserved(&v, 0x1000, 0x2fff));
	assert_true(vhost_vdpa_domain_reserved(&v, 0x1000, 0x3000));
	assert_true(vhost_vdpa_domain_reserved(&v, 0x80fffff, 0x80fffff));
	assert_true(vhost_vdpa_domain_reserved(&v, U64_MAX, U64_MAX));
	vhost_vdpa_domain_close(&v);
	/* Closed twice, as after an open that failed, it is nothing. */
	vhost_vdpa_domain_close(&v);
}

static void no_groups(void **state)
{
	fake.no_group = true;
	assert_int_equal(vhost_vdpa_domain_open(&v), 0);
	assert_false(vhost_vdpa_domain_reserved(&v, 0, U64_MAX));
	vhost_vdpa_domain_close(&v);
}

static void failures(void **state)
{
	reserve(0x8000000, 0x100000, IOMMU_RESV_SW_MSI);

	fake.coherent = false;
	assert_int_equal(vhost_vdpa_domain_open(&v), -ENOTSUPP);
	fake.coherent = true;
	fake.alloc_err = -ENODEV;
	assert_int_equal(vhost_vdpa_domain_open(&v), -ENODEV);
	fake.alloc_err = 0;
	fake.regions_err = -ENOMEM;
	assert_int_equal(vhost_vdpa_domain_open(&v), -ENOMEM);
	fake.regions_err = 0;
	fake.msi_err = -ENODEV;
	assert_int_equal(vhost_vdpa_domain_open(&v), -ENODEV);
	fake.msi_err = 0;
	fake.attach_err = -EINVAL;
	assert_int_equal(vhost_vdpa_domain_open(&v), -EINVAL);
	assert_null(v.domain);
	assert_false(vhost_vdpa_domain_reserved(&v, 0, U64_MAX));
	assert_int_equal(unit_allocs_live, 0);
	fake.attach_err = 0;
	assert_int_equal(vhost_vdpa_domain_open(&v), 0);
	vhost_vdpa_domain_close(&v);
}

static void page_sizes(void **state)
{
	/* None, larger ones only, and what does. */
	fake.pgsizes = 0;
	assert_int_equal(vhost_vdpa_domain_open(&v), -ENOTSUPP);
	fake.pgsizes = 2 * PAGE_SIZE;
	assert_int_equal(vhost_vdpa_domain_open(&v), -ENOTSUPP);
	assert_null(v.domain);
	assert_int_equal(fake.attached, 0);
	assert_int_equal(fake.domains, 0);
	fake.pgsizes = PAGE_SIZE;
	assert_int_equal(vhost_vdpa_domain_open(&v), 0);
	vhost_vdpa_domain_close(&v);
	fake.pgsizes = PAGE_SIZE / 4;
	assert_int_equal(vhost_vdpa_domain_open(&v), 0);
	vhost_vdpa_domain_close(&v);
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(interrupt_window),
		test(several_kinds),
		test(no_groups),
		test(failures),
		test(page_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
