// SPDX-License-Identifier: GPL-2.0-only
/*
 * blk_store.c - the simulated block device: its data, as a sparse array of pages.
 *
 * What was never written, or was discarded, takes no memory and reads as zeroes.
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "blk.h"

#define STORE_PAGES DIV_ROUND_UP((u64)BLK_CAPACITY << BLK_SECTOR_SHIFT, PAGE_SIZE)

struct vdpasim_blk_store {
	struct mutex lock;	/* pages, and what is in them */
	void *pages[];
};

struct vdpasim_blk_store *vdpasim_blk_store_alloc(void)
{
	struct vdpasim_blk_store *store;

	store = kvzalloc(sizeof(*store) + STORE_PAGES * sizeof(store->pages[0]), GFP_KERNEL);
	if (store)
		mutex_init(&store->lock);
	return store;
}

void vdpasim_blk_store_free(struct vdpasim_blk_store *store)
{
	unsigned long i;

	if (!store)
		return;
	for (i = 0; i < STORE_PAGES; i++) {
		free_page((unsigned long)store->pages[i]);
		cond_resched();
	}
	kvfree(store);
}

void vdpasim_blk_store_lock(struct vdpasim_blk_store *store)
{
	mutex_lock(&store->lock);
}

void vdpasim_blk_store_unlock(struct vdpasim_blk_store *store)
{
	mutex_unlock(&store->lock);
}

/* Cut *len so that it does not reach beyond the page of @pos. */
static unsigned long store_page(u64 pos, u64 *len)
{
	*len = min_t(u64, *len, PAGE_SIZE - offset_in_page(pos));
	return pos >> PAGE_SHIFT;
}

/* Data at @pos to read, *len bytes of it at most; *len is what can be had in one piece. */
const void *vdpasim_blk_store_peek(struct vdpasim_blk_store *store, u64 pos, u64 *len)
{
	void *page = store->pages[store_page(pos, len)];

	return (page ? page : page_address(ZERO_PAGE(0))) + offset_in_page(pos);
}

/* Likewise, to be written; NULL if there is no memory. */
void *vdpasim_blk_store_poke(struct vdpasim_blk_store *store, u64 pos, u64 *len)
{
	void **page = &store->pages[store_page(pos, len)];

	if (!*page)
		*page = (void *)get_zeroed_page(GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	return *page ? *page + offset_in_page(pos) : NULL;
}

/* Make a range read as zeroes; with @unmap, give up the memory of whole pages. */
void vdpasim_blk_store_zero(struct vdpasim_blk_store *store, u64 pos, u64 len, bool unmap)
{
	while (len) {
		u64 n = len;
		void **page = &store->pages[store_page(pos, &n)];

		if (*page && unmap && n == PAGE_SIZE) {
			free_page((unsigned long)*page);
			*page = NULL;
		} else if (*page) {
			memset(*page + offset_in_page(pos), 0, n);
		}
		pos += n;
		len -= n;
		cond_resched();
	}
}
