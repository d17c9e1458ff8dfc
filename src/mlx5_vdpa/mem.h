/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mem.h - tables of translations and the keys made of them: mr.c, dma.c. Part of mlx5_vdpa.h.
 */
#ifndef MLX5_VDPA_MEM_H
#define MLX5_VDPA_MEM_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/vdpa_vring.h>
#include <linux/vhost_iotlb.h>

struct mlx5v_dev;

/**
 * struct mlx5v_seg - contiguous memory as the device sees it
 * @addr: DMA address
 * @len: bytes
 */
struct mlx5v_seg {
	u64 addr;
	u64 len;
};

/**
 * struct mlx5v_chunk - what was mapped for DMA by one call
 * @start: first IOVA
 * @end: IOVA after the last
 * @nents: pieces of physically contiguous memory
 * @nsegs: DMA segments they became
 */
struct mlx5v_chunk {
	u64 start;
	u64 end;
	u32 nents;
	u32 nsegs;
};

/**
 * struct mlx5v_key - a memory key with translations. map_lock, constant once it exists
 * @users: tables it is in
 * @start: first IOVA
 * @end: IOVA after the last
 * @perm: VHOST_MAP_...
 * @mkey: the key
 * @live: the firmware has it
 * @log_page: the memory consists of naturally aligned pieces of this size, in DMA addresses
 * @nchunks: of @chunks
 * @nsegs: of @segs
 * @max_chunks: room in @chunks
 * @max_segs: room in @segs
 * @chunks: how it was mapped, in ascending order
 * @segs: segments of all chunks
 */
struct mlx5v_key {
	unsigned int users;
	u64 start;
	u64 end;
	u32 perm;
	u32 mkey;
	bool live;
	u8 log_page;
	u32 nchunks;
	u32 nsegs;
	u32 max_chunks;
	u32 max_segs;
	struct mlx5v_chunk *chunks;
	struct mlx5v_seg *segs;
};

enum mlx5v_table_kind {
	MLX5V_TABLE_EMPTY,	/* nothing is mapped */
	MLX5V_TABLE_ALL,	/* every address is a DMA address */
	MLX5V_TABLE_LIST,	/* a list of keys */
};

/**
 * struct mlx5v_table - the translations of an address space
 * @node: among the tables that exist. map_lock
 * @refs: address spaces and queues that refer to it. dev->lock
 * @kind: see above; constant
 * @mkey: what a queue refers to; constant
 * @live: the firmware has the key of the list. map_lock
 * @start: first IOVA of the list; constant
 * @end: IOVA after the last
 * @nkeys: of @keys; constant
 * @nklms: entries of the list: keys, and holes between them
 * @keys: in ascending order of IOVA; constant
 * @vs: the translations themselves, as the control queue uses them; constant
 */
struct mlx5v_table {
	struct list_head node;
	unsigned int refs;
	enum mlx5v_table_kind kind;
	u32 mkey;
	bool live;
	u64 start;
	u64 end;
	u32 nkeys;
	u32 nklms;
	struct mlx5v_key **keys;
	struct vdpa_vring_space vs;
};

/* dma.c */
int mlx5v_dma_init(struct mlx5v_dev *dev);
void mlx5v_dma_exit(struct mlx5v_dev *dev);
bool mlx5v_same_memory(struct vhost_iotlb *a, struct vhost_iotlb *b, u64 start, u64 end);
int mlx5v_dma_map(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb, struct mlx5v_key *key);
void mlx5v_dma_unmap(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb, struct mlx5v_key *key);
void mlx5v_dma_fill_mtt(const struct mlx5v_key *key, __be64 *mtt);

/* mr.c */
int mlx5v_mr_init(struct mlx5v_dev *dev);
void mlx5v_mr_exit(struct mlx5v_dev *dev);
struct mlx5v_table *mlx5v_table_make(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb,
				     unsigned int asid);
struct mlx5v_table *mlx5v_table_initial(struct mlx5v_dev *dev, unsigned int asid);
void mlx5v_tables_reap(struct mlx5v_dev *dev);

static inline void mlx5v_table_get(struct mlx5v_table *t)
{
	t->refs++;
}

/* What is not referred to any more is ended by mlx5v_tables_reap(). dev->lock */
static inline void mlx5v_table_put(struct mlx5v_table *t)
{
	t->refs--;
}

#endif /* MLX5_VDPA_MEM_H */
