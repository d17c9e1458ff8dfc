// SPDX-License-Identifier: GPL-2.0-only
/* fake_parent.c - vdpa parents for tests of the mapping engine; see fake_parent.h. */
#include <stdlib.h>
#include <string.h>

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/vdpa.h>
#include <linux/vhost_iotlb.h>

#include "fake_mm.h"
#include "fake_parent.h"

long fake_fail_call;
bool fake_fail_all;
unsigned int fake_room;
static LIST_HEAD(parents);

static bool call_fails(void)
{
	if (!fake_fail_call)
		return false;
	if (fake_fail_call == 1) {
		fake_fail_call = fake_fail_all;
		return true;
	}
	fake_fail_call--;
	return false;
}

static bool too_many(unsigned int n)
{
	return fake_room && n > fake_room;
}

static struct fake_parent *parent_of(struct vdpa_device *vdpa)
{
	return container_of(vdpa, struct fake_parent, vdpa);
}

static void table_add(struct fake_table *t, struct fake_range r)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 16;
		t->range = realloc(t->range, t->cap * sizeof(*t->range));
		BUG_ON(!t->range);
	}
	t->range[t->n++] = r;
}

static void table_empty(struct fake_table *t)
{
	free(t->range);
	*t = (struct fake_table){ };
}

const struct fake_range *fake_lookup(const struct fake_table *t, u64 page)
{
	unsigned int i;

	for (i = 0; i < t->n; i++)
		if (t->range[i].first <= page && page <= t->range[i].last)
			return &t->range[i];
	return NULL;
}

static struct fake_range range_of(struct fake_parent *p, u64 iova, u64 size, u64 addr, u32 perm,
				  const struct vdpa_map_file *file)
{
	struct fake_range r = {
		.first = iova >> PAGE_SHIFT,
		.last = (iova + size - 1) >> PAGE_SHIFT,
		.addr = addr >> PAGE_SHIFT,
		.perm = perm,
		.file = file ? file->file : NULL,
		.offset = file ? file->offset : 0,
	};
	u64 i;

	BUG_ON((iova | size | addr) & ~PAGE_MASK || !size);
	BUG_ON(file && !p->vdpa.use_va);
	for (i = r.addr; !p->vdpa.use_va && i <= r.addr + r.last - r.first; i++)
		BUG_ON(fake_pins(i) <= 0);
	return r;
}

static int dma_map(struct vdpa_device *vdpa, unsigned int asid, u64 iova, u64 size, u64 pa,
		   u32 perm, void *opaque)
{
	struct fake_parent *p = parent_of(vdpa);
	struct fake_range r = range_of(p, iova, size, pa, perm, opaque);
	struct fake_table *t = &p->as[asid];
	unsigned int i;

	t->initial = false;
	if (call_fails())
		return -EIO;
	if (too_many(t->n + 1))
		return -ENOSPC;
	for (i = 0; i < t->n && t->n < 5000; i++)
		BUG_ON(t->range[i].first <= r.last && r.first <= t->range[i].last);
	table_add(t, r);
	return 0;
}

static int dma_unmap(struct vdpa_device *vdpa, unsigned int asid, u64 iova, u64 size)
{
	u64 first = iova >> PAGE_SHIFT, last = (iova + size - 1) >> PAGE_SHIFT;
	struct fake_parent *p = parent_of(vdpa);
	struct fake_table *t = &p->as[asid];
	unsigned int i, kept = 0;

	t->initial = false;
	if (call_fails())
		return -EIO;
	for (i = 0; i < t->n; i++) {
		struct fake_range r = t->range[i];

		if (r.last < first || r.first > last) {
			t->range[kept++] = r;
			continue;
		}
		BUG_ON(r.first < first || r.last > last);
		table_add(&p->removed[asid], r);
	}
	t->n = kept;
	return 0;
}

static int set_map(struct vdpa_device *vdpa, unsigned int asid, struct vhost_iotlb *iotlb)
{
	struct fake_parent *p = parent_of(vdpa);
	struct fake_table new = { };
	struct vhost_iotlb_map *map;
	int err;

	for (map = vhost_iotlb_itree_first(iotlb, 0, U64_MAX); map;
	     map = vhost_iotlb_itree_next(map, 0, U64_MAX))
		table_add(&new, range_of(p, map->start, vhost_iotlb_map_size(map), map->addr,
					 map->perm, vhost_iotlb_map_opaque(map)));
	err = call_fails() ? -EIO : too_many(new.n) ? -ENOSPC : 0;
	if (err) {
		table_empty(&new);
		return err;
	}
	table_empty(&p->as[asid]);
	p->as[asid] = new;
	return 0;
}

static int reset_map(struct vdpa_device *vdpa, unsigned int asid)
{
	struct fake_parent *p = parent_of(vdpa);

	if (call_fails())
		return -EIO;
	table_empty(&p->as[asid]);
	p->as[asid].initial = true;
	p->reset_maps++;
	return 0;
}

/*
 * The platform's IOMMU: a domain is address space 0 of the parent behind it
 */

bool device_iommu_capable(struct device *dev, int cap)
{
	return true;
}

struct iommu_domain *iommu_paging_domain_alloc(struct device *dev)
{
	struct iommu_domain *domain = calloc(1, sizeof(*domain));

	BUG_ON(!domain);
	domain->dev = dev;
	domain->pgsize_bitmap = PAGE_SIZE;
	return domain;
}

void iommu_domain_free(struct iommu_domain *domain)
{
	free(domain);
}

static struct fake_parent *parent_behind(struct iommu_domain *domain)
{
	return container_of(domain->dev, struct fake_parent, dma_dev);
}

int iommu_attach_device(struct iommu_domain *domain, struct device *dev)
{
	parent_behind(domain)->as[0].initial = false;
	return 0;
}

void iommu_detach_device(struct iommu_domain *domain, struct device *dev)
{
	table_empty(&parent_behind(domain)->as[0]);
	parent_behind(domain)->as[0].initial = true;
}

int iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr, size_t size,
	      int prot, gfp_t gfp)
{
	u32 perm = (prot & IOMMU_READ ? VHOST_MAP_RO : 0) | (prot & IOMMU_WRITE ? VHOST_MAP_WO : 0);

	return dma_map(&parent_behind(domain)->vdpa, 0, iova, size, paddr, perm, NULL);
}

size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	return dma_unmap(&parent_behind(domain)->vdpa, 0, iova, size) ? 0 : size;
}

phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, u64 iova)
{
	const struct fake_range *r = fake_lookup(&parent_behind(domain)->as[0], iova >> PAGE_SHIFT);

	return r ? (r->addr + (iova >> PAGE_SHIFT) - r->first) << PAGE_SHIFT : 0;
}

void fake_clean(struct fake_parent *p)
{
	unsigned int i;

	for (i = 0; i < FAKE_NAS; i++) {
		table_empty(&p->as[i]);
		p->as[i].initial = true;
	}
}

void fake_watch(struct fake_parent *p)
{
	unsigned int i;

	for (i = 0; i < FAKE_NAS; i++)
		p->removed[i].n = 0;
}

bool fake_glitched(const struct fake_parent *p)
{
	unsigned int as, i;
	u64 page;

	for (as = 0; as < FAKE_NAS; as++) {
		for (i = 0; i < p->removed[as].n; i++) {
			const struct fake_range *old = &p->removed[as].range[i], *now;

			for (page = old->first; page <= old->last; page++) {
				now = fake_lookup(&p->as[as], page);
				if (now && now->perm == old->perm &&
				    now->addr + page - now->first == old->addr + page - old->first)
					return true;
			}
		}
	}
	return false;
}

/* No device may reach a frame that loses its last pin. */
static void unpin_hook(unsigned long pfn)
{
	struct fake_parent *p;
	unsigned int as, i;

	list_for_each_entry(p, &parents, link) {
		if (p->vdpa.use_va)
			continue;
		for (as = 0; as < FAKE_NAS; as++) {
			for (i = 0; i < p->as[as].n; i++) {
				const struct fake_range *r = &p->as[as].range[i];

				BUG_ON(pfn >= r->addr && pfn <= r->addr + r->last - r->first);
			}
		}
	}
}

void fake_parent_init(struct fake_parent *p, enum fake_kind kind, bool has_reset_map, bool use_va)
{
	memset(p, 0, sizeof(*p));
	if (kind == FAKE_SET_MAP) {
		p->ops.set_map = set_map;
	} else if (kind == FAKE_DMA_MAP) {
		p->ops.dma_map = dma_map;
		p->ops.dma_unmap = dma_unmap;
	}
	if (has_reset_map)
		p->ops.reset_map = reset_map;
	p->vdpa.config = &p->ops;
	p->vdpa.use_va = use_va;
	p->vdpa.nas = kind == FAKE_IOMMU ? 1 : FAKE_NAS;
	p->vdpa.ngroups = p->vdpa.nas;
	p->vdpa.vmap.dma_dev = &p->dma_dev;
	fake_clean(p);
	list_add_tail(&p->link, &parents);
	fake_unpin_hook = unpin_hook;
}

void fake_parent_fini(struct fake_parent *p)
{
	unsigned int i;

	list_del(&p->link);
	for (i = 0; i < FAKE_NAS; i++) {
		table_empty(&p->as[i]);
		table_empty(&p->removed[i]);
	}
}
