// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine_cq.c - completion queues and the queue pairs that carry a virtqueue's events.
 *
 * An event takes one receive entry of the driver's QP and leaves one completion. The host hears of
 * it once per arming: the doorbell record holds a sequence number that counts the events raised.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "engine.h"

#define CQE_BYTES	64
#define CQE_OWN		63	/* last byte: opcode << 4 | owner */
#define CQE_INVALID	0xf
#define CQE_RECEIVED	2
#define ARM_NOT_NEXT	(1U << 24)	/* "solicited only" */

static bool aligned_list(struct m5_dev *dev, const u8 *pas, u32 count, u32 log, const char *whose)
{
	const char *why;
	u32 i;

	for (i = 0; i < count; i++) {
		u64 pa = m5_word(pas, i);

		if (pa & ((1ULL << log) - 1)) {
			m5_error(dev, "%s: page %u is %#llx", whose, i, pa);
			return false;
		}
		if (!dev->host->page(dev, pa, true, &why)) {
			m5_error(dev, "%s: page %u at %#llx: %s", whose, i, pa, why);
			return false;
		}
	}
	return true;
}

u8 m5_cq_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	u32 log_size, log_page, pages;
	struct m5_cq *cq;
	u64 bytes;
	u8 own;

	if (len < M5_CQ_BYTES)
		return M5_BAD_IN_LEN;
	log_size = m5_get(in, M5_CQ_LOG_SIZE);
	log_page = 12 + m5_get(in, M5_CQ_LOG_PAGE);
	bytes = (u64)CQE_BYTES << log_size;
	pages = (bytes + (1ULL << log_page) - 1) >> log_page;
	if (m5_get(in, M5_CQ_CQE_SZ) || log_size > 22 || len != M5_CQ_BYTES + 8 * pages) {
		m5_error(dev, "CQ of 2^%u entries in %zu bytes", log_size, len);
		return M5_BAD_IN_LEN;
	}
	if (m5_get(in, M5_CQ_EQN) != dev->eqn) {
		m5_error(dev, "CQ for event queue %llu", m5_get(in, M5_CQ_EQN));
		return M5_BAD_RES;
	}
	if (!m5_need(dev, M5_T_UAR, m5_get(in, M5_CQ_UAR), 0, "CREATE_CQ"))
		return M5_BAD_RES;
	if (!aligned_list(dev, in + M5_CQ_BYTES, pages, log_page, "CQ"))
		return M5_BAD_PARAM;
	/* Software must not take what was in the buffer before for completions. */
	if (m5_dma(dev, m5_word(in + M5_CQ_BYTES, 0) + CQE_OWN, &own, 1, false, "CQ"))
		return M5_BAD_PARAM;
	if (own >> 4 != CQE_INVALID) {
		m5_error(dev, "the buffer of a CQ is not initialised");
		return M5_BAD_PARAM;
	}
	cq = (void *)m5_obj_new(dev, M5_T_CQ, m5_get(in, M5_IN_UID), struct_size(cq, pas, pages));
	if (!cq)
		return M5_INT_ERR;
	cq->log_size = log_size;
	cq->log_page = log_page;
	cq->dbr = m5_get(in, M5_CQ_DBR);
	cq->pages = pages;
	while (pages--)
		cq->pas[pages] = m5_word(in + M5_CQ_BYTES, pages);
	m5_put(out, M5_OUT_ID, cq->obj.id);
	return M5_OK;
}

u8 m5_qp_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	u16 uid = m5_get(in, M5_IN_UID);
	struct m5_obj *pd, *cq = NULL;
	u32 log_page, pages = 0;
	struct m5_qp *qp;
	bool fw;

	if (len < M5_QP_BYTES)
		return M5_BAD_IN_LEN;
	fw = m5_get(in, M5_QP_RQ_TYPE) == 3;
	pd = m5_need(dev, M5_T_PD, m5_get(in, M5_QP_PD), uid, "CREATE_QP");
	if (!pd)
		return M5_BAD_RES;
	if (m5_get(in, M5_QP_ST) || m5_get(in, M5_QP_PM) != 3 || m5_get(in, M5_QP_MTU) != 1 ||
	    !m5_get(in, M5_QP_NO_SQ) || (!fw && m5_get(in, M5_QP_RQ_TYPE))) {
		m5_error(dev, "QP that is not RC, migrated, of MTU 256, without a send queue");
		return M5_BAD_PARAM;
	}
	if (!fw) {
		log_page = 12 + m5_get(in, M5_QP_LOG_PAGE);
		pages = ((16ULL << (m5_get(in, M5_QP_LOG_RQ_SIZE) +
				    m5_get(in, M5_QP_LOG_RQ_STRIDE))) +
			 (1ULL << log_page) - 1) >> log_page;
		cq = m5_need(dev, M5_T_CQ, m5_get(in, M5_QP_CQN), uid, "CREATE_QP");
		if (!cq || !m5_need(dev, M5_T_UAR, m5_get(in, M5_QP_UAR), 0, "CREATE_QP"))
			return M5_BAD_RES;
		if (len >= M5_QP_BYTES + 8 * pages &&
		    !aligned_list(dev, in + M5_QP_BYTES, pages, log_page, "QP"))
			return M5_BAD_PARAM;
	}
	if (len != M5_QP_BYTES + 8 * pages) {
		m5_error(dev, "QP of %u pages in %zu bytes", pages, len);
		return M5_BAD_IN_LEN;
	}
	qp = (void *)m5_obj_new(dev, M5_T_QP, uid, sizeof(*qp));
	if (!qp)
		return M5_INT_ERR;
	qp->fw = fw;
	qp->pd = pd;
	m5_ref(pd);
	qp->cq = (struct m5_cq *)cq;
	if (cq) {
		m5_ref(cq);
		qp->dbr = m5_get(in, M5_QP_DBR);
	}
	m5_put(out, M5_OUT_ID, qp->obj.id);
	return M5_OK;
}

u8 m5_qp_modify(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	u16 opcode = m5_get(in, M5_IN_OPCODE), uid = m5_get(in, M5_IN_UID);
	struct m5_qp *qp, *remote;
	u8 from, to;

	qp = (void *)m5_need(dev, M5_T_QP, m5_get(in, M5_IN_ID), uid, "a QP command");
	if (!qp)
		return M5_BAD_RES;
	if (opcode == M5_2RST_QP) {
		qp->state = M5_QP_RST;
		qp->consumed = 0;
		return M5_OK;
	}
	if (len < M5_QP_BYTES)
		return M5_BAD_IN_LEN;
	switch (opcode) {
	case M5_RST2INIT_QP:
		from = M5_QP_RST;
		to = M5_QP_INIT;
		if (m5_get(in, M5_QP_PORT) != 1) {
			m5_error(dev, "QP %#x for port %llu", qp->obj.id, m5_get(in, M5_QP_PORT));
			return M5_BAD_PARAM;
		}
		break;
	case M5_INIT2RTR_QP:
		from = M5_QP_INIT;
		to = M5_QP_RTR;
		remote = (void *)m5_need(dev, M5_T_QP, m5_get(in, M5_QP_REMOTE), uid,
					 "INIT2RTR_QP");
		if (!remote)
			return M5_BAD_RES;
		if (remote->fw == qp->fw || m5_get(in, M5_QP_MTU) != 1) {
			m5_error(dev, "QP %#x connected to one of its own kind", qp->obj.id);
			return M5_BAD_PARAM;
		}
		qp->remote = remote->obj.id;
		break;
	default:
		from = M5_QP_RTR;
		to = M5_QP_RTS;
		break;
	}
	if (qp->state != from) {
		m5_error(dev, "QP %#x in state %u, command %#x wants %u", qp->obj.id, qp->state,
			 opcode, from);
		return M5_BAD_STATE;
	}
	qp->state = to;
	return M5_OK;
}

/* Raises an event if there is something new, and the driver has asked for it. */
static void cq_check(struct m5_dev *dev, struct m5_cq *cq)
{
	u32 rec[2], arm, ci;

	if (m5_dma(dev, cq->dbr, rec, sizeof(rec), false, "doorbell record of a CQ"))
		return;
	ci = m5_get_bits(rec, 0, 32) & 0xffffff;
	arm = m5_get_bits(rec, 32, 32);
	if (((cq->pi - ci) & 0xffffff) > 1U << cq->log_size) {
		m5_error(dev, "CQ %#x: consumer index %u, producer %u", cq->obj.id, ci, cq->pi);
		return;
	}
	if (!cq->pages || arm & ARM_NOT_NEXT || (arm >> 28) != (cq->events & 3) ||
	    (arm & 0xffffff) == (cq->pi & 0xffffff))
		return;
	cq->events++;
	dev->host->irq(dev, cq->obj.id);
}

void m5_cq_poll(struct m5_dev *dev)
{
	struct m5_obj *obj;

	list_for_each_entry(obj, &dev->objs[M5_T_CQ], node)
		cq_check(dev, (struct m5_cq *)obj);
}

void m5_event(struct m5_dev *dev, struct m5_vq *vq)
{
	struct m5_qp *qp = vq->qp, *peer;
	u8 cqe[CQE_BYTES] = {};
	u32 rec[2], index;
	struct m5_cq *cq;

	if (vq->vector)
		dev->host->msix(dev, vq->vector);
	if (!qp)
		return;
	peer = (struct m5_qp *)m5_find(dev, M5_T_QP, qp->remote);
	if (!peer || !peer->cq || peer->state < M5_QP_RTR || peer->remote != qp->obj.id) {
		m5_error(dev, "event of virtqueue %u: its QP is not connected", vq->index);
		return;
	}
	if (m5_dma(dev, peer->dbr, rec, sizeof(rec), false, "doorbell record of a QP"))
		return;
	if ((u16)m5_get_bits(rec, 0, 32) == (u16)peer->consumed) {
		m5_error(dev, "event of virtqueue %u: no receive entry for it", vq->index);
		return;
	}
	peer->consumed++;

	cq = peer->cq;
	if (m5_dma(dev, cq->dbr, rec, sizeof(rec), false, "doorbell record of a CQ"))
		return;
	if (((cq->pi - m5_get_bits(rec, 0, 32)) & 0xffffff) >= 1U << cq->log_size) {
		m5_error(dev, "CQ %#x runs over", cq->obj.id);
		return;
	}
	index = cq->pi & ((1U << cq->log_size) - 1);
	cqe[CQE_OWN] = CQE_RECEIVED << 4 | (cq->pi >> cq->log_size & 1);
	cq->pi++;
	if (m5_dma(dev, cq->pas[index * CQE_BYTES >> cq->log_page] +
		   (index * CQE_BYTES & ((1U << cq->log_page) - 1)), cqe, sizeof(cqe), true,
		   "buffer of a CQ"))
		return;
	cq_check(dev, cq);
}
