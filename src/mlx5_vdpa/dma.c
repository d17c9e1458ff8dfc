// SPDX-License-Identifier: GPL-2.0-only
/*
 * dma.c - the memory behind a key: which it is, and how the device addresses it.
 *
 * A table says what is where in physical memory. Physically contiguous memory is one *run*, however
 * the table is cut. Runs are mapped for DMA in *chunks* of at most SG_MAX of them, and become
 * *segments* of DMA addresses: one per run where DMA addresses are physical ones, one per chunk
 * where an IOMMU puts them together.
 *
 * Chunks are naturally aligned blocks of IOVA. An IOMMU aligns what it allocates to its size, so
 * that even memory scattered in single pages has an alignment of 2 MiB in DMA addresses: that, and
 * not how the memory was pinned, decides how many entries a key needs.
 *
 * The scatter list is only needed to map and unmap, so there is one per device, and what must be
 * kept of it are the segments: to unmap, it is made again from them and the table. Unmapping
 * allocates nothing and cannot fail.
 */
#include <linux/bitops.h>
#include <linux/dma-mapping.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "mlx5_vdpa.h"

/* Chunks halve down to this; then the smallest pages fit. */
#define MIN_CHUNK	SZ_2M
#define SG_MAX		(MIN_CHUNK / PAGE_SIZE > 256 ? MIN_CHUNK / PAGE_SIZE : 256)

int mlx5v_dma_init(struct mlx5v_dev *dev)
{
	dev->sg = kvcalloc(SG_MAX, sizeof(*dev->sg), GFP_KERNEL);
	return dev->sg ? 0 : -ENOMEM;
}

void mlx5v_dma_exit(struct mlx5v_dev *dev)
{
	kvfree(dev->sg);
	dev->sg = NULL;
}

/* Physically contiguous memory, and where to look for the next. */
struct run {
	struct vhost_iotlb_map *map;
	u64 pos;
	u64 end;
	u64 addr;
	u64 len;
};

static void run_start(struct run *r, struct vhost_iotlb *iotlb, u64 start, u64 end)
{
	r->map = vhost_iotlb_itree_first(iotlb, start, end - 1);
	r->pos = start;
	r->end = end;
}

/* The range has no holes. */
static bool run_next(struct run *r)
{
	u64 stop;

	if (!r->map || r->pos >= r->end)
		return false;
	r->addr = r->map->addr + (r->pos - r->map->start);
	r->len = 0;
	while (r->map && r->pos < r->end) {
		if (r->len && r->map->addr + (r->pos - r->map->start) != r->addr + r->len)
			break;
		stop = min(r->map->last + 1, r->end);
		r->len += stop - r->pos;
		r->pos = stop;
		if (stop < r->end)
			r->map = vhost_iotlb_itree_next(r->map, stop, r->end - 1);
	}
	return true;
}

/**
 * mlx5v_same_memory() - whether two tables agree about a range
 * @a: a table without holes in the range
 * @b: likewise
 * @start: first IOVA
 * @end: IOVA after the last
 *
 * Access rights are not looked at.
 *
 * Context: both tables do not change.
 */
bool mlx5v_same_memory(struct vhost_iotlb *a, struct vhost_iotlb *b, u64 start, u64 end)
{
	struct run ra, rb;

	run_start(&ra, a, start, end);
	run_start(&rb, b, start, end);
	while (run_next(&ra))
		if (!run_next(&rb) || ra.addr != rb.addr || ra.len != rb.len)
			return false;
	return !run_next(&rb);
}

/*
 * Make the scatter list of a range, or of as much of it as there is room for. Returns the number of
 * entries; *@end becomes where the list ends.
 */
static unsigned int fill_sg(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb, u64 start, u64 *end)
{
	struct scatterlist *sg = dev->sg;
	unsigned int n = 0;
	struct run r;

	run_start(&r, iotlb, start, *end);
	while (n < SG_MAX && run_next(&r)) {
		/* Nothing of what was here before; the rest of the list is not looked at. */
		memset(sg, 0, sizeof(*sg));
		sg_set_page(sg++, pfn_to_page(PHYS_PFN(r.addr)), r.len, 0);
		n++;
	}
	if (n)
		sg_mark_end(sg - 1);
	*end = r.pos;
	return n;
}

/* Likewise for the chunk that begins at @start. *@size is a guess, and what it is cut to. */
static unsigned int fill_chunk(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb, u64 start,
			       u64 limit, u64 *size, u64 *end)
{
	for (;; *size /= 2) {
		u64 stop = min(ALIGN_DOWN(start, *size) + *size, limit);
		unsigned int n;

		*end = stop;
		n = fill_sg(dev, iotlb, start, end);
		if (*end == stop || *size <= MIN_CHUNK)
			return n;
	}
}

static enum dma_data_direction direction(const struct mlx5v_key *key)
{
	switch (key->perm) {
	case VHOST_MAP_RO:
		return DMA_TO_DEVICE;
	case VHOST_MAP_WO:
		return DMA_FROM_DEVICE;
	default:
		return DMA_BIDIRECTIONAL;
	}
}

/* Room for @more elements behind the first @n. Grows by half, so that it is done rarely. */
static int reserve(void **array, u32 *max, u32 n, u32 more, size_t size)
{
	u32 want = n + more;
	void *grown;

	if (want <= *max)
		return 0;
	want = max(want, *max + *max / 2);
	grown = kvmalloc_array(want, size, GFP_KERNEL_ACCOUNT);
	if (!grown)
		return -ENOMEM;
	if (n)
		memcpy(grown, *array, n * size);
	kvfree(*array);
	*array = grown;
	*max = want;
	return 0;
}

/* Map the scatter list for DMA; it has @nents entries for the range from @start to @end. */
static int map_chunk(struct mlx5v_dev *dev, struct mlx5v_key *key, u64 start, u64 end,
		     unsigned int nents)
{
	struct mlx5v_chunk *chunk;
	struct scatterlist *sg;
	int nsegs, i;

	if (reserve((void **)&key->chunks, &key->max_chunks, key->nchunks, 1,
		    sizeof(*key->chunks)) ||
	    reserve((void **)&key->segs, &key->max_segs, key->nsegs, nents, sizeof(*key->segs)))
		return -ENOMEM;

	nsegs = dma_map_sg_attrs(dev->vdpa.vmap.dma_dev, dev->sg, nents, direction(key), 0);
	if (nsegs <= 0)
		return -ENOMEM;
	chunk = &key->chunks[key->nchunks++];
	*chunk = (struct mlx5v_chunk) {
		.start = start, .end = end, .nents = nents, .nsegs = nsegs,
	};
	for_each_sg(dev->sg, sg, nsegs, i)
		key->segs[key->nsegs++] = (struct mlx5v_seg) {
			.addr = sg_dma_address(sg), .len = sg_dma_len(sg),
		};
	return 0;
}

static void unmap_chunk(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb, struct mlx5v_key *key)
{
	struct mlx5v_chunk *chunk = &key->chunks[--key->nchunks];
	u64 end = chunk->end;
	struct scatterlist *sg;
	int i;

	fill_sg(dev, iotlb, chunk->start, &end);
	key->nsegs -= chunk->nsegs;
	for_each_sg(dev->sg, sg, chunk->nents, i) {
		bool used = i < chunk->nsegs;

		sg_dma_address(sg) = used ? key->segs[key->nsegs + i].addr : 0;
		sg_dma_len(sg) = used ? key->segs[key->nsegs + i].len : 0;
	}
	dma_unmap_sg_attrs(dev->vdpa.vmap.dma_dev, dev->sg, chunk->nents, direction(key), 0);
	cond_resched();
}

/* Segments that happen to be contiguous, whichever chunk they are of. Returns the next one. */
static u32 join_segs(const struct mlx5v_key *key, u32 i, struct mlx5v_seg *joined)
{
	*joined = key->segs[i++];
	while (i < key->nsegs && key->segs[i].addr == joined->addr + joined->len)
		joined->len += key->segs[i++].len;
	return i;
}

/* The largest naturally aligned piece that all of the memory consists of. */
static u8 find_log_page(const struct mlx5v_key *key)
{
	struct mlx5v_seg seg;
	u64 bits = BIT_ULL(MLX5V_KEY_SHIFT);
	u32 i = 0;

	while (i < key->nsegs) {
		i = join_segs(key, i, &seg);
		bits |= seg.addr | seg.len;
	}
	return __ffs64(bits);
}

/**
 * mlx5v_dma_map() - makes the memory of a key accessible to the device
 * @dev: device
 * @iotlb: table that says which memory it is; no holes between key->start and key->end
 * @key: key; DMA segments and page size are filled in
 *
 * Context: sleeps; map_lock held.
 * Return: 0; or -errno, with nothing mapped.
 */
int mlx5v_dma_map(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb, struct mlx5v_key *key)
{
	u64 size = MLX5V_KEY_SIZE;
	u64 start, end;
	unsigned int nents;
	int err;

	for (start = key->start; start < key->end; start = end) {
		nents = fill_chunk(dev, iotlb, start, key->end, &size, &end);
		err = map_chunk(dev, key, start, end, nents);
		if (err) {
			mlx5v_dma_unmap(dev, iotlb, key);
			return err;
		}
		/* What comes next may be less scattered. */
		size = min_t(u64, size * 2, MLX5V_KEY_SIZE);
		cond_resched();
	}
	key->log_page = find_log_page(key);
	return 0;
}

/**
 * mlx5v_dma_unmap() - undoes mlx5v_dma_map()
 * @dev: device
 * @iotlb: a table with the same memory in the key's range
 * @key: key that the firmware does not have (any more)
 *
 * Context: sleeps; map_lock held.
 */
void mlx5v_dma_unmap(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb, struct mlx5v_key *key)
{
	while (key->nchunks)
		unmap_chunk(dev, iotlb, key);
	kvfree(key->chunks);
	kvfree(key->segs);
	key->chunks = NULL;
	key->segs = NULL;
	key->max_chunks = 0;
	key->max_segs = 0;
}

/**
 * mlx5v_dma_fill_mtt() - writes the translations of a key
 * @key: key whose memory is mapped
 * @mtt: room for (end - start) >> log_page entries
 *
 * Context: map_lock held.
 */
void mlx5v_dma_fill_mtt(const struct mlx5v_key *key, __be64 *mtt)
{
	u64 page = BIT_ULL(key->log_page);
	u64 addr;
	u32 i;

	for (i = 0; i < key->nsegs; i++) {
		struct mlx5v_seg seg;

		i = join_segs(key, i, &seg) - 1;
		for (addr = seg.addr; addr < seg.addr + seg.len; addr += page)
			*mtt++ = cpu_to_be64(addr);
	}
}
