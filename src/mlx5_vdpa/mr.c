// SPDX-License-Identifier: GPL-2.0-only
/*
 * mr.c - tables of translations as keys of the firmware.
 *
 * A table becomes one *direct* key per contiguous range of IOVA with the same access, cut at
 * multiples of 1 GiB, and one *list* that puts them, and null keys for the holes between them, side
 * by side. Queues refer to the list.
 *
 * Because the cuts do not depend on what is mapped beside, a direct key can serve several tables.
 * When a table changes, only ranges in which it differs need a new key, and the list; that is what
 * makes memory hotplug cheap, and a table that did not change free.
 *
 * A new table is complete before the first queue is told of it. An old one ends when nothing refers
 * to it any more: first the list, then direct keys that no other table has, then their DMA
 * mappings. Only then does the caller get to unpin the memory.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/mlx5/qp.h>

#include "mlx5_vdpa.h"

/* A range that begins or ends less aligned than this is cut at 2 MiB; see next_window(). */
#define FINE_ALIGN	SZ_64K
#define COARSE_ALIGN	SZ_2M

/*
 * Ranges
 */

/* A range that becomes a direct key. */
struct window {
	u64 start;
	u64 end;
	u32 perm;
};

/* Goes through a table, window by window. */
struct window_iter {
	struct vhost_iotlb_map *map;
	u64 pos;
	u64 run_end;
	u32 perm;
	struct window w;
};

static void window_start(struct window_iter *it, struct vhost_iotlb *iotlb)
{
	it->map = vhost_iotlb_itree_first(iotlb, 0, U64_MAX);
	it->pos = 0;
	it->run_end = 0;
}

/* The next contiguous range with the same access. */
static bool next_range(struct window_iter *it)
{
	if (!it->map)
		return false;
	it->pos = it->map->start;
	it->perm = it->map->perm;
	do {
		it->run_end = it->map->last + 1;
		it->map = vhost_iotlb_itree_next(it->map, it->run_end, U64_MAX);
	} while (it->map && it->map->start == it->run_end && it->map->perm == it->perm);
	return true;
}

/*
 * One odd page at an end of a range would make all of its window consist of single pages, so that
 * is cut off if the rest is large enough to matter.
 */
static bool next_window(struct window_iter *it)
{
	u64 end, cut;

	if (it->pos == it->run_end && !next_range(it))
		return false;
	end = min(ALIGN_DOWN(it->pos, MLX5V_KEY_SIZE) + MLX5V_KEY_SIZE, it->run_end);
	if (!IS_ALIGNED(it->pos, FINE_ALIGN)) {
		cut = ALIGN(it->pos, COARSE_ALIGN);
		if (cut + COARSE_ALIGN < end)
			end = cut;
	}
	if (!IS_ALIGNED(end, FINE_ALIGN)) {
		cut = ALIGN_DOWN(end, COARSE_ALIGN);
		if (cut > it->pos + COARSE_ALIGN)
			end = cut;
	}
	it->w = (struct window) { .start = it->pos, .end = end, .perm = it->perm };
	it->pos = end;
	return true;
}

/* Only whole pages can be translated, and the last byte of all has no address after it. */
static bool table_fits(struct vhost_iotlb *iotlb)
{
	struct vhost_iotlb_map *map;

	for (map = vhost_iotlb_itree_first(iotlb, 0, U64_MAX); map;
	     map = vhost_iotlb_itree_next(map, 0, U64_MAX))
		if (!PAGE_ALIGNED(map->start) || !PAGE_ALIGNED(map->addr) ||
		    map->last == U64_MAX || !PAGE_ALIGNED(map->last + 1) ||
		    !(map->perm & VHOST_MAP_RW))
			return false;
	return true;
}

/*
 * Direct keys
 */

static size_t mtt_octwords(const struct mlx5v_key *key)
{
	return DIV_ROUND_UP((key->end - key->start) >> key->log_page, 2);
}

/* A batch of keys of one table. */
struct key_batch {
	struct vhost_iotlb *iotlb;
	struct mlx5v_key **keys;
};

static void set_access_mode(void *mkc, unsigned int mode)
{
	MLX5_SET(mkc, mkc, access_mode_1_0, mode & 3);
	MLX5_SET(mkc, mkc, access_mode_4_2, mode >> 2);
}

/* Mapping is done here, so that the firmware is at work meanwhile. */
static int prepare_create(struct mlx5v_dev *dev, void *data, unsigned int i,
			  struct mlx5v_cmd *cmd)
{
	struct key_batch *b = data;
	struct mlx5v_key *key = b->keys[i];
	size_t octwords;
	void *mkc;
	int err;

	err = mlx5v_dma_map(dev, b->iotlb, key);
	if (err)
		return err;

	octwords = mtt_octwords(key);
	cmd->inlen = MLX5_ST_SZ_BYTES(create_mkey_in) + octwords * 16;
	cmd->outlen = MLX5_ST_SZ_BYTES(create_mkey_out);
	cmd->in = kvzalloc(cmd->inlen, GFP_KERNEL);
	if (!cmd->in)
		return -ENOMEM;

	MLX5_SET(create_mkey_in, cmd->in, opcode, MLX5_CMD_OP_CREATE_MKEY);
	MLX5_SET(create_mkey_in, cmd->in, uid, dev->uid);
	MLX5_SET(create_mkey_in, cmd->in, translations_octword_actual_size, octwords);
	mkc = MLX5_ADDR_OF(create_mkey_in, cmd->in, memory_key_mkey_entry);
	set_access_mode(mkc, MLX5_MKC_ACCESS_MODE_MTT);
	MLX5_SET(mkc, mkc, lr, !!(key->perm & VHOST_MAP_RO));
	MLX5_SET(mkc, mkc, lw, !!(key->perm & VHOST_MAP_WO));
	MLX5_SET(mkc, mkc, qpn, 0xffffff);
	MLX5_SET(mkc, mkc, pd, dev->pdn);
	MLX5_SET64(mkc, mkc, len, key->end - key->start);
	MLX5_SET(mkc, mkc, log_page_size, key->log_page);
	MLX5_SET(mkc, mkc, translations_octword_size, octwords);
	mlx5v_dma_fill_mtt(key, MLX5_ADDR_OF(create_mkey_in, cmd->in, klm_pas_mtt));
	atomic64_add(octwords * 16, &dev->count.key_bytes);
	return 0;
}

static void create_done(struct mlx5v_dev *dev, void *data, unsigned int i, int err,
			const struct mlx5v_cmd *cmd)
{
	struct key_batch *b = data;
	struct mlx5v_key *key = b->keys[i];

	if (err)
		return;
	key->mkey = mlx5_idx_to_mkey(MLX5_GET(create_mkey_out, cmd->out, mkey_index));
	key->live = true;
	atomic64_inc(&dev->count.keys_made);
}

static const struct mlx5v_batch create_keys = {
	.prepare = prepare_create,
	.done = create_done,
};

static void fill_destroy(struct mlx5v_dev *dev, u32 mkey, void *in)
{
	MLX5_SET(destroy_mkey_in, in, opcode, MLX5_CMD_OP_DESTROY_MKEY);
	MLX5_SET(destroy_mkey_in, in, uid, dev->uid);
	MLX5_SET(destroy_mkey_in, in, mkey_index, mlx5_mkey_to_idx(mkey));
}

static int prepare_destroy(struct mlx5v_dev *dev, void *data, unsigned int i,
			   struct mlx5v_cmd *cmd)
{
	struct key_batch *b = data;

	cmd->inlen = MLX5_ST_SZ_BYTES(destroy_mkey_in);
	cmd->outlen = MLX5_ST_SZ_BYTES(destroy_mkey_out);
	fill_destroy(dev, b->keys[i]->mkey, cmd->in);
	return 0;
}

static void destroy_done(struct mlx5v_dev *dev, void *data, unsigned int i, int err,
			 const struct mlx5v_cmd *cmd)
{
	struct key_batch *b = data;

	if (!err) {
		b->keys[i]->live = false;
		atomic64_inc(&dev->count.keys_ended);
		return;
	}
	mlx5v_err(dev, "the firmware does not give back a memory key: %d\n", err);
	atomic64_inc(&dev->count.leaks);
}

static const struct mlx5v_batch destroy_keys = {
	.prepare = prepare_destroy,
	.done = destroy_done,
	.keep_going = true,
	.tries = MLX5V_TRIES,
};

/* A key the firmware still has keeps its DMA mapping: the memory must not become someone else's. */
static void free_key(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb, struct mlx5v_key *key)
{
	if (!key->live)
		mlx5v_dma_unmap(dev, iotlb, key);
	kvfree(key->chunks);
	kvfree(key->segs);
	kfree(key);
}

/* A key for the same memory that some table has already. */
static struct mlx5v_key *find_key(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb,
				  const struct window *w)
{
	struct mlx5v_table *t;

	list_for_each_entry(t, &dev->tables, node) {
		u32 lo = 0, hi = t->nkeys;

		while (lo < hi) {
			u32 mid = lo + (hi - lo) / 2;

			if (t->keys[mid]->start < w->start)
				lo = mid + 1;
			else
				hi = mid;
		}
		if (lo < t->nkeys && t->keys[lo]->start == w->start &&
		    t->keys[lo]->end == w->end && t->keys[lo]->perm == w->perm &&
		    mlx5v_same_memory(&t->vs.iotlb, iotlb, w->start, w->end))
			return t->keys[lo];
	}
	return NULL;
}

/*
 * Lists
 */

static void put_klm(struct mlx5_klm **klm, u32 key, u64 size)
{
	(*klm)->key = cpu_to_be32(key);
	(*klm)->bcount = cpu_to_be32(size);
	(*klm)++;
}

static void fill_klms(struct mlx5v_dev *dev, const struct mlx5v_table *t, struct mlx5_klm *klm)
{
	u64 pos = t->start;
	u32 i;

	for (i = 0; i < t->nkeys; i++) {
		while (pos < t->keys[i]->start) {
			u64 hole = min_t(u64, t->keys[i]->start - pos, MLX5V_KEY_SIZE);

			put_klm(&klm, dev->null_mkey, hole);
			pos += hole;
		}
		put_klm(&klm, t->keys[i]->mkey, t->keys[i]->end - t->keys[i]->start);
		pos = t->keys[i]->end;
	}
}

static int create_list(struct mlx5v_dev *dev, struct mlx5v_table *t)
{
	u32 out[MLX5_ST_SZ_DW(create_mkey_out)] = {};
	u32 octwords = ALIGN(t->nklms, 4);
	int inlen = MLX5_ST_SZ_BYTES(create_mkey_in) + octwords * sizeof(struct mlx5_klm);
	void *in, *mkc;
	int err;

	in = kvzalloc(inlen, GFP_KERNEL_ACCOUNT);
	if (!in)
		return -ENOMEM;
	MLX5_SET(create_mkey_in, in, opcode, MLX5_CMD_OP_CREATE_MKEY);
	MLX5_SET(create_mkey_in, in, uid, dev->uid);
	MLX5_SET(create_mkey_in, in, translations_octword_actual_size, t->nklms);
	mkc = MLX5_ADDR_OF(create_mkey_in, in, memory_key_mkey_entry);
	set_access_mode(mkc, MLX5_MKC_ACCESS_MODE_KLMS);
	MLX5_SET(mkc, mkc, lr, 1);
	MLX5_SET(mkc, mkc, lw, 1);
	MLX5_SET(mkc, mkc, qpn, 0xffffff);
	MLX5_SET(mkc, mkc, pd, dev->pdn);
	MLX5_SET64(mkc, mkc, start_addr, t->start);
	MLX5_SET64(mkc, mkc, len, t->end - t->start);
	MLX5_SET(mkc, mkc, translations_octword_size, octwords);
	fill_klms(dev, t, MLX5_ADDR_OF(create_mkey_in, in, klm_pas_mtt));
	err = mlx5v_exec(dev, in, inlen, out, sizeof(out));
	kvfree(in);
	if (err)
		return err;
	t->mkey = mlx5_idx_to_mkey(MLX5_GET(create_mkey_out, out, mkey_index));
	t->live = true;
	atomic64_inc(&dev->count.keys_made);
	atomic64_add(octwords * sizeof(struct mlx5_klm), &dev->count.key_bytes);
	return 0;
}

static int create_all(struct mlx5v_dev *dev, struct mlx5v_table *t)
{
	u32 in[MLX5_ST_SZ_DW(create_mkey_in)] = {};
	u32 out[MLX5_ST_SZ_DW(create_mkey_out)] = {};
	void *mkc = MLX5_ADDR_OF(create_mkey_in, in, memory_key_mkey_entry);
	int err;

	MLX5_SET(create_mkey_in, in, opcode, MLX5_CMD_OP_CREATE_MKEY);
	MLX5_SET(create_mkey_in, in, uid, dev->uid);
	set_access_mode(mkc, MLX5_MKC_ACCESS_MODE_PA);
	MLX5_SET(mkc, mkc, length64, 1);
	MLX5_SET(mkc, mkc, lr, 1);
	MLX5_SET(mkc, mkc, lw, 1);
	MLX5_SET(mkc, mkc, qpn, 0xffffff);
	MLX5_SET(mkc, mkc, pd, dev->pdn);
	err = mlx5v_exec(dev, in, sizeof(in), out, sizeof(out));
	if (err)
		return err;
	t->mkey = mlx5_idx_to_mkey(MLX5_GET(create_mkey_out, out, mkey_index));
	t->live = true;
	atomic64_inc(&dev->count.keys_made);
	return 0;
}

/*
 * Tables
 */

static struct mlx5v_table *table_alloc(struct mlx5v_dev *dev, enum mlx5v_table_kind kind)
{
	struct mlx5v_table *t = kzalloc(sizeof(*t), GFP_KERNEL_ACCOUNT);

	if (!t)
		return NULL;
	INIT_LIST_HEAD(&t->node);
	t->kind = kind;
	t->mkey = dev->null_mkey;
	vhost_iotlb_init(&t->vs.iotlb, mlx5v_iotlb_limit(), 0);
	return t;
}

/* Also for a table that is not complete: keys without a DMA mapping, keys that are missing. */
static void table_free(struct mlx5v_dev *dev, struct mlx5v_table *t)
{
	struct key_batch b = { .iotlb = &t->vs.iotlb };
	u32 in[MLX5_ST_SZ_DW(destroy_mkey_in)] = {};
	u32 i, n = 0, live = 0;

	list_del(&t->node);
	if (t->live) {
		fill_destroy(dev, t->mkey, in);
		if (!mlx5v_exec_free(dev, "list of memory keys", in, sizeof(in)))
			atomic64_inc(&dev->count.keys_ended);
	}

	/* Keys that end are put to the front, those the firmware has first. */
	for (i = 0; i < t->nkeys; i++) {
		struct mlx5v_key *key = t->keys[i];

		if (!key || --key->users)
			continue;
		t->keys[i] = t->keys[n];
		t->keys[n] = key;
		if (key->live) {
			swap(t->keys[n], t->keys[live]);
			live++;
		}
		n++;
	}
	b.keys = t->keys;
	if (live)
		mlx5v_exec_batch(&dev->keys_win, &destroy_keys, live, &b);
	for (i = 0; i < n; i++)
		free_key(dev, &t->vs.iotlb, t->keys[i]);

	vhost_iotlb_reset(&t->vs.iotlb);
	kvfree(t->keys);
	kfree(t);
}

/* How many keys and list entries it takes. */
static int table_measure(struct mlx5v_dev *dev, struct mlx5v_table *t)
{
	struct window_iter it;
	u64 klms = 0, keys = 0;

	window_start(&it, &t->vs.iotlb);
	while (next_window(&it)) {
		if (!keys++)
			t->start = it.w.start;
		else
			klms += DIV_ROUND_UP_ULL(it.w.start - t->end, MLX5V_KEY_SIZE);
		t->end = it.w.end;
	}
	klms += keys;
	if (klms > dev->caps->max_klms) {
		mlx5v_err(dev,
			  "a table of %llu ranges from 0x%llx to 0x%llx needs a list of %llu keys, the device takes %u\n",
			  keys, t->start, t->end - 1, klms, dev->caps->max_klms);
		return -ENOSPC;
	}
	t->nklms = klms;
	t->nkeys = keys;
	return 0;
}

/*
 * Take keys from other tables, and allocate the others: they come first in @fresh. Returns their
 * number or -errno.
 */
static int table_fill(struct mlx5v_dev *dev, struct mlx5v_table *t, struct mlx5v_key **fresh)
{
	struct window_iter it;
	u32 i = 0, n = 0;

	window_start(&it, &t->vs.iotlb);
	while (i < t->nkeys && next_window(&it)) {
		struct mlx5v_key *key = find_key(dev, &t->vs.iotlb, &it.w);

		if (key) {
			atomic64_inc(&dev->count.keys_shared);
		} else {
			key = kzalloc(sizeof(*key), GFP_KERNEL_ACCOUNT);
			if (!key)
				return -ENOMEM;
			key->start = it.w.start;
			key->end = it.w.end;
			key->perm = it.w.perm;
			fresh[n++] = key;
		}
		key->users++;
		t->keys[i++] = key;
		cond_resched();
	}
	return n;
}

static bool same_keys(const struct mlx5v_table *a, const struct mlx5v_table *b)
{
	return a->kind == b->kind && a->nkeys == b->nkeys &&
	       !memcmp(a->keys, b->keys, array_size(a->nkeys, sizeof(*a->keys)));
}

static int table_build(struct mlx5v_dev *dev, struct mlx5v_table *t, struct mlx5v_table *old)
{
	struct key_batch b = { .iotlb = &t->vs.iotlb };
	int n, err;

	b.keys = kvcalloc(t->nkeys, sizeof(*b.keys), GFP_KERNEL_ACCOUNT);
	if (!b.keys)
		return -ENOMEM;
	n = table_fill(dev, t, b.keys);
	err = n < 0 ? n : 0;
	if (n > 0)
		err = mlx5v_exec_batch(&dev->keys_win, &create_keys, n, &b);
	kvfree(b.keys);
	if (err)
		return err;
	if (!n && same_keys(t, old))
		return 0;
	return create_list(dev, t);
}

/**
 * mlx5v_table_make() - makes the keys for a table of translations
 * @dev: device
 * @iotlb: the table, by physical addresses
 * @asid: address space it is for
 *
 * Context: sleeps; map_lock held, dev->lock not.
 * Return: the table, not referred to; the one that the address space has, if that is the same; or
 * ERR_PTR: -EINVAL: not whole pages; -ENOSPC: too scattered for the device, or more than
 * max_iotlb_entries; -ENOMEM; or -errno of a command. Nothing has changed then.
 */
struct mlx5v_table *mlx5v_table_make(struct mlx5v_dev *dev, struct vhost_iotlb *iotlb,
				     unsigned int asid)
{
	struct mlx5v_table *old = dev->spaces[asid];
	struct mlx5v_table *t;
	int err;

	if (!iotlb->nmaps)
		return dev->empty;
	if (!table_fits(iotlb))
		return ERR_PTR(-EINVAL);

	t = table_alloc(dev, MLX5V_TABLE_LIST);
	if (!t)
		return ERR_PTR(-ENOMEM);
	err = vhost_iotlb_dup(&t->vs.iotlb, iotlb, GFP_KERNEL_ACCOUNT);
	if (!err)
		err = table_measure(dev, t);
	if (!err) {
		t->keys = kvcalloc(t->nkeys, sizeof(*t->keys), GFP_KERNEL_ACCOUNT);
		if (!t->keys)
			err = -ENOMEM;
	}
	if (err) {
		t->nkeys = 0;
	} else {
		err = table_build(dev, t, old);
		if (!err && t->live) {
			list_add(&t->node, &dev->tables);
			return t;
		}
	}
	table_free(dev, t);
	return err ? ERR_PTR(err) : old;
}

/**
 * mlx5v_table_initial() - the table that an address space begins with
 * @dev: device
 * @asid: address space
 *
 * Everything, for the first, which is what virtio_vdpa uses: DMA addresses of the function. Where
 * the firmware does not allow that, and for the others: nothing.
 *
 * Context: any.
 */
struct mlx5v_table *mlx5v_table_initial(struct mlx5v_dev *dev, unsigned int asid)
{
	return asid == 0 && dev->all ? dev->all : dev->empty;
}

/**
 * mlx5v_tables_reap() - ends the tables that nothing refers to
 * @dev: device
 *
 * Context: sleeps; map_lock held, dev->lock not. A table can be given a first reference by the
 * holder of map_lock only.
 */
void mlx5v_tables_reap(struct mlx5v_dev *dev)
{
	struct mlx5v_table *t, *next;

	list_for_each_entry_safe(t, next, &dev->tables, node)
		if (!READ_ONCE(t->refs))
			table_free(dev, t);
}

/**
 * mlx5v_mr_init() - makes the tables that a device always has
 * @dev: device
 *
 * Context: sleeps; nobody else knows the device.
 * Return: 0 or -errno; mlx5v_mr_exit() is to be called in any case.
 */
int mlx5v_mr_init(struct mlx5v_dev *dev)
{
	unsigned int i;
	int err;

	dev->empty = table_alloc(dev, MLX5V_TABLE_EMPTY);
	if (!dev->empty)
		return -ENOMEM;
	mlx5v_table_get(dev->empty);
	if (dev->caps->umem_uid_0) {
		dev->all = table_alloc(dev, MLX5V_TABLE_ALL);
		if (!dev->all)
			return -ENOMEM;
		mlx5v_table_get(dev->all);
		err = vhost_iotlb_add_range(&dev->all->vs.iotlb, 0, U64_MAX, 0, VHOST_MAP_RW);
		if (err)
			return err;
		err = create_all(dev, dev->all);
		if (err)
			return err;
	}
	for (i = 0; i < MLX5V_SPACES; i++) {
		dev->spaces[i] = mlx5v_table_initial(dev, i);
		mlx5v_table_get(dev->spaces[i]);
	}
	return 0;
}

/**
 * mlx5v_mr_exit() - ends all tables
 * @dev: device without queues
 *
 * Context: sleeps; nobody else knows the device any more.
 */
void mlx5v_mr_exit(struct mlx5v_dev *dev)
{
	unsigned int i;

	for (i = 0; i < MLX5V_SPACES; i++) {
		if (dev->spaces[i])
			mlx5v_table_put(dev->spaces[i]);
		dev->spaces[i] = NULL;
	}
	/* A queue that the firmware kept keeps its table and what is mapped by it. */
	mlx5v_tables_reap(dev);
	if (dev->all)
		table_free(dev, dev->all);
	if (dev->empty)
		table_free(dev, dev->empty);
	dev->all = NULL;
	dev->empty = NULL;
}
