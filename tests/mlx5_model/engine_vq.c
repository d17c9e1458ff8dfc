// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine_vq.c - virtqueue objects: what they may be made of, their states, what may change when.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "engine.h"

#define SEL_STATE		(1ULL << 0)
#define SEL_ADDRS		(1ULL << 6)
#define SEL_AVAIL_IDX		(1ULL << 7)
#define SEL_USED_IDX		(1ULL << 8)
#define SEL_VERSION		(1ULL << 10)
#define SEL_MKEY		(1ULL << 11)
#define SEL_FEATURES		(1ULL << 12)
#define SEL_DESC_MKEY		(1ULL << 14)
#define SEL_FIELDS		(SEL_ADDRS | SEL_AVAIL_IDX | SEL_USED_IDX | SEL_VERSION | \
				 SEL_MKEY | SEL_FEATURES | SEL_DESC_MKEY)

#define MODE_QP			1
#define MODE_MSIX		2

static const char * const state_names[] = { "INIT", "RDY", "SUSPEND", "ERR" };

static u16 features_of(const u8 *in)
{
	return m5_get(in, M5_VQ_FEATURES_HI) << 3 | m5_get(in, M5_VQ_FEATURES_LO);
}

/* Exchanges one key for another; 0 takes it away. */
static u8 set_key(struct m5_dev *dev, struct m5_vq *vq, struct m5_mkey **slot, u32 key)
{
	struct m5_mkey *mkey = NULL;

	if (key == M5_NULL_KEY) {
		mkey = &dev->null_mkey;
		m5_ref(&mkey->obj);
	} else if (key) {
		mkey = m5_mkey_need(dev, key, vq->pd, "a virtqueue");
		if (!mkey)
			return M5_BAD_RES;
		m5_ref(&mkey->obj);
	}
	if (*slot)
		m5_unref(&(*slot)->obj);
	*slot = mkey;
	return M5_OK;
}

void m5_vq_release(struct m5_dev *dev, struct m5_vq *vq)
{
	int i;

	set_key(dev, vq, &vq->mkey, 0);
	set_key(dev, vq, &vq->desc_mkey, 0);
	for (i = 0; i < 3; i++) {
		if (vq->umem[i]) {
			vq->umem[i]->user = NULL;
			m5_unref(&vq->umem[i]->obj);
		}
	}
	if (vq->counters)
		m5_unref(&vq->counters->obj);
	if (vq->qp)
		m5_unref(&vq->qp->obj);
	if (vq->tis)
		m5_unref(vq->tis);
	m5_unref(vq->pd);
}

/* A vector of its own. */
static u8 attach_vector(struct m5_dev *dev, struct m5_vq *vq, u32 vector)
{
	struct m5_obj *obj;

	if (!vector || vector >= dev->caps.vectors) {
		m5_error(dev, "virtqueue %u with vector %u of %u", vq->index, vector,
			 dev->caps.vectors);
		return M5_BAD_PARAM;
	}
	list_for_each_entry(obj, &dev->objs[M5_T_VQ], node) {
		if (((struct m5_vq *)obj)->vector == vector) {
			m5_error(dev, "vector %u has two virtqueues", vector);
			return M5_BAD_RES;
		}
	}
	vq->vector = vector;
	return M5_OK;
}

/* The parts a new queue is made of; what was taken is given back by m5_vq_release(). */
static u8 attach(struct m5_dev *dev, struct m5_vq *vq, const u8 *in)
{
	const struct m5_caps *caps = &dev->caps;
	u32 id, mode = m5_get(in, M5_VQ_EVENT_MODE);
	u16 uid = vq->obj.uid;
	struct m5_obj *obj;
	struct m5_qp *qp;
	int i;

	for (i = 0; i < 3; i++) {
		u64 need = (u64)caps->umem_a[i] * vq->size + caps->umem_b[i];
		struct m5_umem *umem;

		umem = (void *)m5_need(dev, M5_T_UMEM, m5_get(in, M5_VQ_UMEM_ID(i)), uid,
				       "a virtqueue");
		if (!umem)
			return M5_BAD_RES;
		if (umem->user) {
			m5_error(dev, "umem %#x of virtqueue %u has another user", umem->obj.id,
				 vq->index);
			return M5_BAD_RES;
		}
		if (m5_get(in, M5_VQ_UMEM_SIZE(i)) < need || umem->bytes < need) {
			m5_error(dev, "umem %d of virtqueue %u: %llu of %llu bytes, needs %llu",
				 i + 1, vq->index, m5_get(in, M5_VQ_UMEM_SIZE(i)), umem->bytes,
				 need);
			return M5_BAD_PARAM;
		}
		umem->user = &vq->obj;
		m5_ref(&umem->obj);
		vq->umem[i] = umem;
	}

	id = m5_get(in, M5_VQ_TISN);
	if (vq->index & 1) {
		obj = m5_need(dev, M5_T_TIS, id, uid, "a transmit queue");
		if (!obj)
			return M5_BAD_RES;
		m5_ref(obj);
		vq->tis = obj;
	} else if (id) {
		m5_error(dev, "receive queue %u with TIS %#x", vq->index, id);
		return M5_BAD_PARAM;
	}

	id = m5_get(in, M5_VQ_COUNTERS);
	if (id) {
		obj = m5_need(dev, M5_T_COUNTERS, id, uid, "a virtqueue");
		if (!obj)
			return M5_BAD_RES;
		if (obj->refs) {
			m5_error(dev, "counter set %#x has two users", id);
			return M5_BAD_RES;
		}
		m5_ref(obj);
		vq->counters = (struct m5_counters *)obj;
	}

	if (mode == MODE_MSIX)
		return attach_vector(dev, vq, m5_get(in, M5_VQ_EVENT));
	if (mode != MODE_QP) {
		m5_error(dev, "virtqueue %u with event mode %u", vq->index, mode);
		return M5_BAD_PARAM;
	}
	qp = (void *)m5_need(dev, M5_T_QP, m5_get(in, M5_VQ_EVENT), uid, "a virtqueue");
	if (!qp)
		return M5_BAD_RES;
	if (!qp->fw || qp->state != M5_QP_RTS || qp->obj.refs) {
		m5_error(dev, "QP %#x of virtqueue %u: in state %u, for firmware %d, users %u",
			 qp->obj.id, vq->index, qp->state, qp->fw, qp->obj.refs);
		return M5_BAD_RES;
	}
	m5_ref(&qp->obj);
	vq->qp = qp;
	return M5_OK;
}

static u8 check_features(struct m5_dev *dev, u16 index, u16 features)
{
	if (!(features & ~dev->caps.features))
		return M5_OK;
	m5_error(dev, "virtqueue %u with features %#x, the function has %#x", index, features,
		 dev->caps.features);
	return M5_BAD_PARAM;
}

u8 m5_vq_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	u16 uid = m5_get(in, M5_IN_UID), index, size;
	struct m5_obj *obj, *pd;
	struct m5_vq *vq;
	u8 status;

	if (len != M5_VQ_BYTES)
		return M5_BAD_IN_LEN;
	index = m5_get(in, M5_VQ_INDEX);
	size = m5_get(in, M5_VQ_SIZE);
	if (index >= dev->caps.max_queues || !size || (size & (size - 1)) ||
	    m5_get(in, M5_VQ_TYPE) || m5_get(in, M5_VQ_STATE) || m5_get(in, M5_VQ_SELECT)) {
		m5_error(dev, "virtqueue %u of %u, %u entries, type %llu, state %llu", index,
			 dev->caps.max_queues, size, m5_get(in, M5_VQ_TYPE),
			 m5_get(in, M5_VQ_STATE));
		return M5_BAD_PARAM;
	}
	status = check_features(dev, index, features_of(in));
	if (status)
		return status;
	list_for_each_entry(obj, &dev->objs[M5_T_VQ], node) {
		if (((struct m5_vq *)obj)->index == index) {
			m5_error(dev, "virtqueue %u exists already", index);
			return M5_BAD_RES;
		}
	}
	pd = m5_need(dev, M5_T_PD, m5_get(in, M5_VQ_PD), uid, "a virtqueue");
	if (!pd)
		return M5_BAD_RES;
	vq = (void *)m5_obj_new(dev, M5_T_VQ, uid, sizeof(*vq));
	if (!vq)
		return M5_INT_ERR;
	vq->index = index;
	vq->size = size;
	vq->pd = pd;
	m5_ref(pd);
	vq->features = features_of(in);
	vq->version_1 = m5_get(in, M5_VQ_VERSION_1);
	vq->desc = m5_get(in, M5_VQ_DESC);
	vq->avail = m5_get(in, M5_VQ_AVAIL);
	vq->used = m5_get(in, M5_VQ_USED);
	vq->hw_used = m5_get(in, M5_VQ_HW_USED);
	vq->prefetched = m5_get(in, M5_VQ_HW_AVAIL);
	status = attach(dev, vq, in);
	if (!status)
		status = set_key(dev, vq, &vq->mkey, m5_get(in, M5_VQ_MKEY));
	if (!status && m5_get(in, M5_VQ_DESC_MKEY)) {
		if (!dev->caps.desc_mkey) {
			m5_error(dev, "virtqueue %u with a key for its rings", index);
			status = M5_BAD_PARAM;
		} else {
			status = set_key(dev, vq, &vq->desc_mkey, m5_get(in, M5_VQ_DESC_MKEY));
		}
	}
	if (status) {
		m5_vq_release(dev, vq);
		m5_obj_free(dev, &vq->obj);
		return status;
	}
	m5_put(out, M5_GEN_ID, vq->obj.id);
	return M5_OK;
}

/* A queue starts: now it must be complete. */
static u8 check_ready(struct m5_dev *dev, struct m5_vq *vq)
{
	if (!vq->mkey) {
		m5_error(dev, "virtqueue %u starts without a key", vq->index);
		return M5_BAD_STATE;
	}
	if (vq->desc % 16 || vq->avail % 2 || vq->used % 4) {
		m5_error(dev, "virtqueue %u: rings at %#llx, %#llx, %#llx", vq->index, vq->desc,
			 vq->avail, vq->used);
		return M5_BAD_PARAM;
	}
	if ((u16)(vq->prefetched - vq->hw_used) > vq->size) {
		m5_error(dev, "virtqueue %u of %u entries: available index %u, used index %u",
			 vq->index, vq->size, vq->prefetched, vq->hw_used);
		return M5_BAD_PARAM;
	}
	return M5_OK;
}

static u8 check_modify(struct m5_dev *dev, struct m5_vq *vq, u64 select, u8 to)
{
	bool state = select & SEL_STATE, legal;

	if (!select || (select & ~(SEL_FIELDS | SEL_STATE))) {
		m5_error(dev, "virtqueue %u: fields %#llx cannot be modified", vq->index, select);
		/* The in-tree driver does so before it starts a queue that is new. */
		return !select && dev->caps.lenient ? M5_OK : M5_BAD_PARAM;
	}
	if (select & SEL_FIELDS) {
		if (vq->state != M5_VQ_INIT && (vq->state != M5_VQ_SUSPEND || !dev->caps.resume)) {
			m5_error(dev, "virtqueue %u: fields %#llx modified in state %s", vq->index,
				 select, state_names[vq->state]);
			return M5_BAD_STATE;
		}
		/* The firmware applies the fields of such a command only afterwards. */
		if (vq->state == M5_VQ_INIT && state) {
			m5_error(dev, "virtqueue %u: fields %#llx and the state in one command",
				 vq->index, select);
			return M5_BAD_STATE;
		}
	}
	if ((select & SEL_DESC_MKEY) && !dev->caps.desc_mkey) {
		m5_error(dev, "virtqueue %u: the function has no key for rings", vq->index);
		return M5_BAD_PARAM;
	}
	if (!state)
		return M5_OK;
	legal = (vq->state == M5_VQ_INIT && to == M5_VQ_RDY) ||
		(vq->state == M5_VQ_RDY && to == M5_VQ_SUSPEND) ||
		(vq->state == M5_VQ_SUSPEND && to == M5_VQ_RDY && dev->caps.resume);
	/* A queue that its owner broke can only be stopped. */
	if (vq->state == M5_VQ_ERR && to == M5_VQ_SUSPEND)
		return M5_BAD_STATE;
	if (!legal) {
		m5_error(dev, "virtqueue %u from %s to state %u", vq->index, state_names[vq->state],
			 to);
		return M5_BAD_STATE;
	}
	return M5_OK;
}

u8 m5_vq_modify(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	struct m5_vq *vq;
	u64 select;
	u8 status, to;

	if (len != M5_VQ_BYTES)
		return M5_BAD_IN_LEN;
	vq = (void *)m5_need(dev, M5_T_VQ, m5_get(in, M5_GEN_ID), m5_get(in, M5_IN_UID),
			     "a modify command");
	if (!vq)
		return M5_BAD_RES;
	select = m5_get(in, M5_VQ_SELECT);
	to = m5_get(in, M5_VQ_STATE);
	status = check_modify(dev, vq, select, to);
	if (!status && (select & SEL_FEATURES))
		status = check_features(dev, vq->index, features_of(in));
	if (!status && (select & SEL_MKEY))
		status = set_key(dev, vq, &vq->mkey, m5_get(in, M5_VQ_MKEY));
	if (!status && (select & SEL_DESC_MKEY))
		status = set_key(dev, vq, &vq->desc_mkey, m5_get(in, M5_VQ_DESC_MKEY));
	if (status)
		return status;
	if (select & SEL_ADDRS) {
		vq->desc = m5_get(in, M5_VQ_DESC);
		vq->avail = m5_get(in, M5_VQ_AVAIL);
		vq->used = m5_get(in, M5_VQ_USED);
	}
	if (select & SEL_AVAIL_IDX)
		vq->prefetched = m5_get(in, M5_VQ_HW_AVAIL);
	if (select & SEL_USED_IDX)
		vq->hw_used = m5_get(in, M5_VQ_HW_USED);
	if (select & SEL_VERSION)
		vq->version_1 = m5_get(in, M5_VQ_VERSION_1);
	if (select & SEL_FEATURES)
		vq->features = features_of(in);
	if (!(select & SEL_STATE))
		return M5_OK;
	if (to == M5_VQ_RDY) {
		status = check_ready(dev, vq);
		if (status)
			return status;
	}
	vq->state = to;
	return M5_OK;
}

u8 m5_vq_query(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	struct m5_vq *vq;

	vq = (void *)m5_need(dev, M5_T_VQ, m5_get(in, M5_GEN_ID), m5_get(in, M5_IN_UID),
			     "a query command");
	if (!vq)
		return M5_BAD_RES;
	m5_put(out, M5_VQ_STATE, vq->state);
	m5_put(out, M5_VQ_INDEX, vq->index);
	m5_put(out, M5_VQ_SIZE, vq->size);
	/* What is fetched may be ahead of what is done; only the used index is worth anything. */
	m5_put(out, M5_VQ_HW_AVAIL, vq->prefetched);
	m5_put(out, M5_VQ_HW_USED, vq->hw_used);
	return M5_OK;
}
