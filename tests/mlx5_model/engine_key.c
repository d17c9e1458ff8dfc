// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine_key.c - memory keys: what may be programmed, and the way from an address to memory.
 *
 * An access goes from the key of a virtqueue through a list of keys (KLM), one of those, its
 * translation entries (MTT), and whatever IOMMU the host has, to a page. A key that others refer to
 * cannot be destroyed, so that a walk never meets a key that is gone; that it was tried is an
 * error.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "engine.h"

/* Entries of a new key whose memory is looked at; m5_audit() looks at all. */
#define SAMPLES		64

struct m5_mkey *m5_mkey_need(struct m5_dev *dev, u32 key, struct m5_obj *pd, const char *whose)
{
	struct m5_obj *obj = m5_find(dev, M5_T_MKEY, key >> 8);
	struct m5_mkey *mkey = (struct m5_mkey *)obj;

	if (!obj) {
		if (key >> 28 == M5_T_MKEY && key >> 8 <= dev->next_id[M5_T_MKEY])
			m5_error(dev, "%s uses key %#x, which is destroyed", whose, key);
		else
			m5_error(dev, "%s uses %#x, which is no key", whose, key);
		return NULL;
	}
	if (mkey->key != key) {
		m5_error(dev, "%s uses key %#x, but its variant is now %#x", whose, key, mkey->key);
		return NULL;
	}
	if (mkey->pd != pd) {
		m5_error(dev, "%s uses key %#x of another protection domain", whose, key);
		return NULL;
	}
	return mkey;
}

static u8 fill_mtt(struct m5_dev *dev, struct m5_mkey *mkey, const u8 *in, size_t len)
{
	u64 page = 1ULL << mkey->log_page, octwords = m5_get(in, M5_MKEY_OCTWORDS);
	const char *why;
	u32 i, step;

	if (mkey->log_page < 12 || mkey->log_page > 31) {
		m5_error(dev, "key with entities of 2^%u bytes", mkey->log_page);
		return M5_BAD_PARAM;
	}
	if (mkey->len > M5_MAX_BCOUNT << 1 || !mkey->len) {
		m5_error(dev, "key of %#llx bytes", mkey->len);
		return M5_BAD_PARAM;
	}
	mkey->count = (mkey->len + page - 1) >> mkey->log_page;
	if (octwords != (mkey->count + 1) / 2 || m5_get(in, M5_MKEY_ACTUAL) != octwords) {
		m5_error(dev, "key of %#llx bytes in %u entries: %llu octwords, %llu in use",
			 mkey->len, mkey->count, octwords, m5_get(in, M5_MKEY_ACTUAL));
		return M5_BAD_PARAM;
	}
	if (len != M5_MKEY_BYTES + 16 * octwords) {
		m5_error(dev, "key of %llu octwords in a command of %zu bytes", octwords, len);
		return M5_BAD_IN_LEN;
	}
	mkey->mtt = kvmalloc_array(mkey->count, sizeof(u64), GFP_KERNEL);
	if (!mkey->mtt)
		return M5_INT_ERR;
	step = mkey->count / SAMPLES + 1;
	for (i = 0; i < mkey->count; i++) {
		u64 mtt = m5_word(in + M5_MKEY_BYTES, i) & ~3ULL;

		if (mtt & (page - 1)) {
			m5_error(dev, "entry %u of a key is %#llx, not aligned to its entities of %#llx",
				 i, mtt, page);
			return M5_BAD_PARAM;
		}
		mkey->mtt[i] = mtt;
		if (i % step && i != mkey->count - 1)
			continue;
		if (!dev->host->page(dev, mtt, mkey->lw, &why)) {
			m5_error(dev, "entry %u of a key is %#llx: %s", i, mtt, why);
			return M5_BAD_PARAM;
		}
	}
	dev->payload += 16 * octwords;
	return M5_OK;
}

static u8 fill_klm(struct m5_dev *dev, struct m5_mkey *mkey, const u8 *in, size_t len)
{
	u64 octwords = m5_get(in, M5_MKEY_OCTWORDS), off = 0;
	u32 i;

	mkey->count = m5_get(in, M5_MKEY_ACTUAL);
	if (!mkey->count || octwords != (((u64)mkey->count + 3) & ~3ULL) ||
	    len != M5_MKEY_BYTES + 16 * octwords) {
		m5_error(dev, "list of %u keys: %llu octwords in %zu bytes", mkey->count, octwords,
			 len);
		return M5_BAD_IN_LEN;
	}
	if (mkey->count > 1ULL << dev->caps.log_klm) {
		m5_error(dev, "list of %u keys, the limit is 2^%u", mkey->count, dev->caps.log_klm);
		return M5_BAD_PARAM;
	}
	mkey->klm = kvcalloc(mkey->count, sizeof(*mkey->klm), GFP_KERNEL);
	if (!mkey->klm)
		return M5_INT_ERR;
	for (i = 0; i < mkey->count; i++) {
		u64 word = m5_word(in + M5_MKEY_BYTES, 2 * i);
		u32 bcount = word >> 32, key = word;
		struct m5_mkey *child;

		if (!bcount || bcount > M5_MAX_BCOUNT) {
			m5_error(dev, "entry %u of a list spans %u bytes", i, bcount);
			return M5_BAD_PARAM;
		}
		off += bcount;
		mkey->klm[i].end = off;
		mkey->klm[i].va = m5_word(in + M5_MKEY_BYTES, 2 * i + 1);
		if (key == M5_NULL_KEY)
			continue;
		child = m5_mkey_need(dev, key, mkey->pd, "a list of keys");
		if (!child)
			return M5_BAD_RES;
		if (child->mode == M5_MODE_KLM || mkey->klm[i].va < child->start ||
		    bcount > child->len - (mkey->klm[i].va - child->start)) {
			m5_error(dev, "entry %u of a list: %u bytes from %#llx of key %#x", i,
				 bcount, mkey->klm[i].va, key);
			return M5_BAD_PARAM;
		}
		mkey->klm[i].key = &child->obj;
		m5_ref(&child->obj);
	}
	if (off != mkey->len) {
		m5_error(dev, "list of keys spans %#llx of %#llx bytes", off, mkey->len);
		return M5_BAD_PARAM;
	}
	return M5_OK;
}

void m5_mkey_release(struct m5_dev *dev, struct m5_mkey *mkey)
{
	u32 i;

	if (mkey->mode == M5_MODE_KLM && mkey->klm) {
		for (i = 0; i < mkey->count; i++) {
			if (mkey->klm[i].key)
				m5_unref(mkey->klm[i].key);
		}
	}
	kvfree(mkey->mtt);
	m5_unref(mkey->pd);
	dev->mkeys_live--;
	m5_obj_free(dev, &mkey->obj);
}

u8 m5_mkey_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	u16 uid = m5_get(in, M5_IN_UID);
	struct m5_mkey *mkey;
	struct m5_obj *pd;
	u8 status = M5_OK;

	if (len < M5_MKEY_BYTES)
		return M5_BAD_IN_LEN;
	pd = m5_need(dev, M5_T_PD, m5_get(in, M5_MKEY_PD), uid, "CREATE_MKEY");
	if (!pd)
		return M5_BAD_RES;
	if (dev->mkeys_live >= dev->caps.max_mkeys)
		return M5_LIMIT;
	if (m5_get(in, M5_MKEY_QPN) != 0xffffff || m5_get(in, M5_MKEY_RR) ||
	    m5_get(in, M5_MKEY_RW) || m5_get(in, M5_MKEY_MODE_HI) ||
	    (!m5_get(in, M5_MKEY_LR) && !m5_get(in, M5_MKEY_LW))) {
		m5_error(dev, "key for remote access, for one QP only, or for nothing");
		return M5_BAD_PARAM;
	}
	mkey = (void *)m5_obj_new(dev, M5_T_MKEY, uid, sizeof(*mkey));
	if (!mkey)
		return M5_INT_ERR;
	mkey->key = mkey->obj.id << 8 | m5_get(in, M5_MKEY_VARIANT);
	mkey->mode = m5_get(in, M5_MKEY_MODE);
	mkey->lr = m5_get(in, M5_MKEY_LR);
	mkey->lw = m5_get(in, M5_MKEY_LW);
	mkey->start = m5_get(in, M5_MKEY_START);
	mkey->len = m5_get(in, M5_MKEY_LEN);
	mkey->log_page = m5_get(in, M5_MKEY_LOG_PAGE);
	mkey->pd = pd;
	m5_ref(pd);
	dev->mkeys_live++;
	if (dev->mkeys_live > dev->mkeys_peak)
		dev->mkeys_peak = dev->mkeys_live;

	if (mkey->mode == M5_MODE_PA) {
		if (!m5_get(in, M5_MKEY_LENGTH64) || len != M5_MKEY_BYTES) {
			m5_error(dev, "physical key of limited length, or with entries");
			status = M5_BAD_PARAM;
		}
		mkey->start = 0;
		mkey->len = ~0ULL;
	} else if (m5_get(in, M5_MKEY_LENGTH64) || mkey->start + mkey->len < mkey->start) {
		m5_error(dev, "key from %#llx of %#llx bytes", mkey->start, mkey->len);
		status = M5_BAD_PARAM;
	} else if (mkey->mode == M5_MODE_MTT) {
		status = fill_mtt(dev, mkey, in, len);
	} else if (mkey->mode == M5_MODE_KLM) {
		status = fill_klm(dev, mkey, in, len);
	} else {
		m5_error(dev, "key of mode %u", mkey->mode);
		status = M5_BAD_PARAM;
	}
	if (status) {
		m5_mkey_release(dev, mkey);
		return status;
	}
	m5_put(out, M5_OUT_ID, mkey->obj.id);
	return M5_OK;
}

u8 m5_mkey_destroy(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	struct m5_obj *obj;
	u8 status = m5_take(dev, M5_T_MKEY, m5_get(in, M5_IN_ID), m5_get(in, M5_IN_UID), &obj);

	if (!status)
		m5_mkey_release(dev, (struct m5_mkey *)obj);
	return status;
}

int m5_dma(struct m5_dev *dev, u64 dma, void *buf, u32 len, bool write, const char *what)
{
	const char *why = "";

	while (len) {
		u32 n = min_t(u32, len, M5_PAGE - dma % M5_PAGE);
		void *p = dev->host->page(dev, dma, write, &why);

		if (!p) {
			m5_error(dev, "%s at %#llx: %s", what, dma, why);
			return -EFAULT;
		}
		if (write)
			memcpy(p, buf, n);
		else
			memcpy(buf, p, n);
		dma += n;
		buf += n;
		len -= n;
	}
	return 0;
}

/* The list entry in which byte @off lies. */
static struct m5_klm *klm_at(struct m5_mkey *mkey, u64 off, u64 *begin)
{
	u32 low = 0, high = mkey->count - 1;

	while (low < high) {
		u32 mid = (low + high) / 2;

		if (off < mkey->klm[mid].end)
			high = mid;
		else
			low = mid + 1;
	}
	*begin = low ? mkey->klm[low - 1].end : 0;
	return &mkey->klm[low];
}

static int walk(struct m5_dev *dev, struct m5_mkey *mkey, u64 va, u8 *buf, u32 len, bool write)
{
	if (va < mkey->start || va - mkey->start > mkey->len ||
	    len > mkey->len - (va - mkey->start)) {
		m5_fault(dev, "access to %#llx, %u bytes: key %#x spans %#llx bytes from %#llx", va,
			 len, mkey->key, mkey->len, mkey->start);
		return -EFAULT;
	}
	if (write ? !mkey->lw : !mkey->lr) {
		m5_fault(dev, "%s at %#llx through key %#x, which does not allow it",
			 write ? "writing" : "reading", va, mkey->key);
		return -EFAULT;
	}
	while (len) {
		u64 off = va - mkey->start, begin, page, room;
		u32 n = len;
		int err;

		switch (mkey->mode) {
		case M5_MODE_PA:
			return m5_dma(dev, va, buf, len, write, "access through the physical key");
		case M5_MODE_MTT:
			page = 1ULL << mkey->log_page;
			room = page - (off & (page - 1));
			if (n > room)
				n = room;
			err = m5_dma(dev, mkey->mtt[off >> mkey->log_page] + (off & (page - 1)),
				     buf, n, write, "access through a key");
			break;
		default: {
			struct m5_klm *klm = klm_at(mkey, off, &begin);

			room = klm->end - off;
			if (n > room)
				n = room;
			if (!klm->key) {
				m5_fault(dev, "access to %#llx, a hole in key %#x", va, mkey->key);
				return -EFAULT;
			}
			err = walk(dev, (struct m5_mkey *)klm->key, klm->va + (off - begin), buf, n,
				   write);
		}
		}
		if (err)
			return err;
		va += n;
		buf += n;
		len -= n;
	}
	return 0;
}

int m5_key_read(struct m5_dev *dev, struct m5_mkey *mkey, u64 va, void *buf, u32 len)
{
	return walk(dev, mkey, va, buf, len, false);
}

int m5_key_write(struct m5_dev *dev, struct m5_mkey *mkey, u64 va, const void *buf, u32 len)
{
	return walk(dev, mkey, va, (u8 *)buf, len, true);
}

bool m5_translate(struct m5_dev *dev, u64 va, u64 *dma)
{
	struct m5_mkey *list = NULL, *mkey;
	struct m5_obj *obj;
	struct m5_klm *klm;
	u64 off, begin;

	list_for_each_entry(obj, &dev->objs[M5_T_MKEY], node) {
		mkey = (struct m5_mkey *)obj;
		if (mkey->mode == M5_MODE_KLM && (!list || obj->id > list->obj.id))
			list = mkey;
	}
	if (!list || va < list->start || va - list->start >= list->len)
		return false;
	klm = klm_at(list, va - list->start, &begin);
	mkey = (struct m5_mkey *)klm->key;
	if (!mkey || mkey->mode != M5_MODE_MTT)
		return false;
	off = klm->va + (va - list->start - begin) - mkey->start;
	*dma = mkey->mtt[off >> mkey->log_page] + (off & ((1ULL << mkey->log_page) - 1));
	return true;
}

u64 m5_audit(struct m5_dev *dev)
{
	struct m5_obj *obj;
	u64 bad = 0, at;
	u32 i;

	list_for_each_entry(obj, &dev->objs[M5_T_MKEY], node) {
		struct m5_mkey *mkey = (struct m5_mkey *)obj;
		const char *why;

		if (mkey->mode != M5_MODE_MTT)
			continue;
		for (i = 0; i < mkey->count; i++) {
			for (at = 0; at < 1ULL << mkey->log_page; at += M5_PAGE) {
				if (((u64)i << mkey->log_page) + at >= mkey->len)
					break;
				if (dev->host->page(dev, mkey->mtt[i] + at, mkey->lw, &why))
					continue;
				m5_error(dev, "key %#x can reach %#llx: %s", mkey->key,
					 mkey->mtt[i] + at, why);
				bad++;
			}
		}
	}
	return bad;
}
