// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine.c - life of a function, commands, complaints. See engine.h.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "engine.h"

static void __printf(3, 0) complain(struct m5_dev *dev, const char *what, const char *fmt,
				    va_list args)
{
	u32 left = M5_LOG_BYTES - dev->log_len;
	int n;

	/* The first ones tell the story; the rest is counted. */
	if (left < 256)
		return;
	n = snprintf(dev->log + dev->log_len, left, "%s: ", what);
	dev->log_len += n;
	left -= n;
	n = vsnprintf(dev->log + dev->log_len, left - 1, fmt, args);
	dev->log_len += min_t(u32, n, left - 2);
	dev->log[dev->log_len++] = '\n';
	dev->log[dev->log_len] = 0;
}

void m5_error(struct m5_dev *dev, const char *fmt, ...)
{
	va_list args;

	dev->errors++;
	va_start(args, fmt);
	complain(dev, "error", fmt, args);
	va_end(args);
}

void m5_fault(struct m5_dev *dev, const char *fmt, ...)
{
	va_list args;

	dev->faults++;
	va_start(args, fmt);
	complain(dev, "fault", fmt, args);
	va_end(args);
}

int m5_dev_init(struct m5_dev *dev)
{
	int i;

	for (i = 0; i < M5_TYPES; i++) {
		INIT_LIST_HEAD(&dev->objs[i]);
		dev->next_id[i] = i << 20;
	}
	/* It spans nothing, so that every access through it is one outside of it. */
	dev->null_mkey.key = M5_NULL_KEY;
	dev->null_mkey.mode = M5_MODE_KLM;
	dev->frame = kvmalloc(2 * M5_FRAME_MAX, GFP_KERNEL);
	return dev->frame ? 0 : -ENOMEM;
}

u32 m5_dev_leaks(struct m5_dev *dev, bool loud)
{
	struct m5_obj *obj;
	u32 n = 0;
	int i;

	for (i = 0; i < M5_TYPES; i++) {
		n += dev->live[i];
		if (!loud)
			continue;
		list_for_each_entry(obj, &dev->objs[i], node)
			m5_error(dev, "%s %#x is left behind", m5_type_name(i), obj->id);
	}
	return n;
}

void m5_dev_wipe(struct m5_dev *dev)
{
	struct m5_obj *obj, *n;
	int i;

	/* No reference counts: everything goes at once. */
	for (i = 0; i < M5_TYPES; i++) {
		list_for_each_entry_safe(obj, n, &dev->objs[i], node) {
			switch (i) {
			case M5_T_MKEY:
				kvfree(((struct m5_mkey *)obj)->mtt);
				break;
			case M5_T_RQT:
				kfree(((struct m5_rqt *)obj)->vq);
				break;
			}
			m5_obj_free(dev, obj);
		}
	}
	dev->mkeys_live = 0;
}

void m5_dev_exit(struct m5_dev *dev)
{
	if (!dev->dead)
		m5_dev_leaks(dev, true);
	m5_dev_wipe(dev);
	kvfree(dev->frame);
}

/* Length of the answer without what depends on the query. */
static size_t out_bytes(u16 opcode, u16 general)
{
	switch (opcode) {
	case M5_QUERY_HCA_CAP:
		return M5_HEADER + M5_CAP_BYTES;
	case M5_QUERY_SPECIAL:
		return 0x14;
	case M5_QUERY_GENERAL:
		return general == M5_GENERAL_VQ ? M5_VQ_BYTES : M5_CNT_BYTES;
	default:
		return 8;
	}
}

static u8 query_cap(struct m5_dev *dev, const u8 *in, u8 *out)
{
	const struct m5_caps *caps = &dev->caps;
	u16 mod = m5_get(in, M5_IN_OP_MOD);
	u8 *cap = out + M5_HEADER;
	int i;

	switch (mod >> 1) {
	case 0x00:
		m5_put(cap, M5_CAP_VHCA_ID, 1);
		m5_put(cap, M5_CAP_LOG_MAX_MKEY, 24);
		m5_put(cap, M5_CAP_LOG_KLM, caps->log_klm);
		m5_put(cap, M5_CAP_UMEM_UID_0, caps->uid0);
		m5_put(cap, M5_CAP_LOG_MAX_RQT, 11);
		m5_put(cap, M5_CAP_OBJ_TYPES, 1ULL << M5_GENERAL_VQ |
		       (caps->counters ? 1ULL << M5_GENERAL_COUNTERS : 0));
		m5_put(cap, M5_CAP_LOG_MAX_UCTX, 8);
		m5_put(cap, M5_CAP_LOG_MIN_SF, 12);
		return M5_OK;
	case 0x13:
		m5_put(cap, M5_EMU_ETH_FRAME, 1);
		m5_put(cap, M5_EMU_VERSION_1, 1);
		m5_put(cap, M5_EMU_FEATURES, caps->features);
		m5_put(cap, M5_EMU_EVENT_MODE, (caps->vectors ? 1 << 2 : 0) | 1 << 1 | 1);
		m5_put(cap, M5_EMU_QUEUE_TYPE, 1);
		m5_put(cap, M5_EMU_MAX_QUEUES, caps->max_queues);
		m5_put(cap, M5_EMU_DESC_MKEY, caps->desc_mkey);
		m5_put(cap, M5_EMU_RESUME, caps->resume);
		for (i = 0; i < 3; i++) {
			m5_put(cap, M5_EMU_UMEM_A(i), caps->umem_a[i]);
			m5_put(cap, M5_EMU_UMEM_B(i), caps->umem_b[i]);
		}
		return M5_OK;
	}
	m5_error(dev, "QUERY_HCA_CAP of unknown kind %#x", mod);
	return M5_BAD_PARAM;
}

/* Objects without content of their own. */
static u8 plain_create(struct m5_dev *dev, enum m5_type type, u16 uid, u8 *out)
{
	struct m5_obj *obj;

	if (uid && !m5_need(dev, M5_T_UCTX, M5_T_UCTX << 20 | uid, 0, m5_type_name(type)))
		return M5_BAD_RES;
	obj = m5_obj_new(dev, type, uid, sizeof(*obj));
	if (!obj)
		return M5_INT_ERR;
	m5_put(out, M5_OUT_ID, obj->id);
	return M5_OK;
}

static u8 plain_destroy(struct m5_dev *dev, enum m5_type type, u32 id, u16 uid)
{
	struct m5_obj *obj;
	u8 status = m5_take(dev, type, id, uid, &obj);

	if (!status)
		m5_obj_free(dev, obj);
	return status;
}

static u8 uctx_create(struct m5_dev *dev, u8 *out)
{
	struct m5_obj *obj = m5_obj_new(dev, M5_T_UCTX, 0, sizeof(*obj));

	if (!obj)
		return M5_INT_ERR;
	m5_put(out, M5_UCTX_UID, obj->id & 0xffff);
	return M5_OK;
}

static u8 tis_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	u16 uid = m5_get(in, M5_IN_UID);
	struct m5_tis *tis;
	struct m5_obj *td;

	if (len < 0xc0)
		return M5_BAD_IN_LEN;
	td = m5_need(dev, M5_T_TD, m5_get(in, M5_TIS_TD), uid, "CREATE_TIS");
	if (!td)
		return M5_BAD_RES;
	tis = (struct m5_tis *)m5_obj_new(dev, M5_T_TIS, uid, sizeof(*tis));
	if (!tis)
		return M5_INT_ERR;
	tis->td = td;
	m5_ref(td);
	m5_put(out, M5_OUT_ID, tis->obj.id);
	return M5_OK;
}

/* DESTROY of an object that holds others. */
static u8 destroy(struct m5_dev *dev, enum m5_type type, u32 id, u16 uid)
{
	struct m5_obj *obj;
	u8 status = m5_take(dev, type, id, uid, &obj);
	u32 i;

	if (status)
		return status;
	switch (type) {
	case M5_T_TIS:
		m5_unref(((struct m5_tis *)obj)->td);
		break;
	case M5_T_QP:
		m5_unref(((struct m5_qp *)obj)->pd);
		if (((struct m5_qp *)obj)->cq)
			m5_unref(&((struct m5_qp *)obj)->cq->obj);
		break;
	case M5_T_TIR:
		m5_unref(((struct m5_tir *)obj)->td);
		m5_unref(&((struct m5_tir *)obj)->rqt->obj);
		break;
	case M5_T_RQT:
		for (i = 0; i < ((struct m5_rqt *)obj)->actual; i++)
			m5_unref(&((struct m5_rqt *)obj)->vq[i]->obj);
		kfree(((struct m5_rqt *)obj)->vq);
		break;
	case M5_T_VQ:
		m5_vq_release(dev, (struct m5_vq *)obj);
		break;
	default:
		break;
	}
	m5_obj_free(dev, obj);
	return M5_OK;
}

static u8 general(struct m5_dev *dev, u16 opcode, const u8 *in, size_t len, u8 *out)
{
	u16 type = m5_get(in, M5_GEN_TYPE), uid = m5_get(in, M5_IN_UID);
	u32 id = m5_get(in, M5_GEN_ID);
	struct m5_counters *counters;

	if (type == M5_GENERAL_VQ) {
		switch (opcode) {
		case M5_CREATE_GENERAL:
			return m5_vq_create(dev, in, len, out);
		case M5_MODIFY_GENERAL:
			return m5_vq_modify(dev, in, len, out);
		case M5_QUERY_GENERAL:
			return m5_vq_query(dev, in, len, out);
		default:
			return destroy(dev, M5_T_VQ, id, uid);
		}
	}
	if (type != M5_GENERAL_COUNTERS || !dev->caps.counters || opcode == M5_MODIFY_GENERAL) {
		m5_error(dev, "command %#x for general object of type %#x", opcode, type);
		return M5_BAD_PARAM;
	}
	if (opcode == M5_CREATE_GENERAL) {
		counters = (void *)m5_obj_new(dev, M5_T_COUNTERS, uid, sizeof(*counters));
		if (!counters)
			return M5_INT_ERR;
		m5_put(out, M5_GEN_ID, counters->obj.id);
		return M5_OK;
	}
	if (opcode == M5_DESTROY_GENERAL)
		return plain_destroy(dev, M5_T_COUNTERS, id, uid);
	counters = (void *)m5_need(dev, M5_T_COUNTERS, id, uid, "QUERY of counters");
	if (!counters)
		return M5_BAD_RES;
	m5_put(out, M5_CNT_RECEIVED, counters->received);
	m5_put(out, M5_CNT_COMPLETED, counters->completed);
	m5_put(out, M5_CNT_BAD_DESC, counters->bad_desc);
	return M5_OK;
}

static u8 dispatch(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	u16 opcode = m5_get(in, M5_IN_OPCODE), uid = m5_get(in, M5_IN_UID);
	u32 id = m5_get(in, M5_IN_ID);

	switch (opcode) {
	case M5_QUERY_HCA_CAP:
		return query_cap(dev, in, out);
	case M5_CREATE_MKEY:
		return m5_mkey_create(dev, in, len, out);
	case M5_DESTROY_MKEY:
		return m5_mkey_destroy(dev, in, len, out);
	case M5_QUERY_SPECIAL:
		m5_put(out, M5_NULL_MKEY, M5_NULL_KEY);
		return M5_OK;
	case M5_CREATE_CQ:
		return m5_cq_create(dev, in, len, out);
	case M5_DESTROY_CQ:
		return plain_destroy(dev, M5_T_CQ, id, uid);
	case M5_CREATE_QP:
		return m5_qp_create(dev, in, len, out);
	case M5_DESTROY_QP:
		return destroy(dev, M5_T_QP, id, uid);
	case M5_2RST_QP:
	case M5_RST2INIT_QP:
	case M5_INIT2RTR_QP:
	case M5_RTR2RTS_QP:
		return m5_qp_modify(dev, in, len, out);
	case M5_QUERY_VPORT:
		m5_put(out, M5_VPORT_STATE, dev->link_up);
		m5_put(out, M5_VPORT_ADMIN, 1);
		return M5_OK;
	case M5_MODIFY_NIC:
		if (len < 0x200)
			return M5_BAD_IN_LEN;
		if (m5_get(in, M5_NIC_SELECT_MTU))
			dev->mtu = m5_get(in, M5_NIC_MTU);
		return M5_OK;
	case M5_ALLOC_PD:
		return plain_create(dev, M5_T_PD, uid, out);
	case M5_DEALLOC_PD:
		return plain_destroy(dev, M5_T_PD, id, uid);
	case M5_ALLOC_TD:
		return plain_create(dev, M5_T_TD, uid, out);
	case M5_DEALLOC_TD:
		return plain_destroy(dev, M5_T_TD, id, uid);
	case M5_CREATE_TIR:
		return m5_tir_create(dev, in, len, out);
	case M5_DESTROY_TIR:
		return destroy(dev, M5_T_TIR, id, uid);
	case M5_CREATE_TIS:
		return tis_create(dev, in, len, out);
	case M5_DESTROY_TIS:
		return destroy(dev, M5_T_TIS, id, uid);
	case M5_CREATE_RQT:
		return m5_rqt_create(dev, in, len, out);
	case M5_MODIFY_RQT:
		return m5_rqt_modify(dev, in, len, out);
	case M5_DESTROY_RQT:
		return destroy(dev, M5_T_RQT, id, uid);
	case M5_CREATE_GENERAL:
	case M5_MODIFY_GENERAL:
	case M5_QUERY_GENERAL:
	case M5_DESTROY_GENERAL:
		return general(dev, opcode, in, len, out);
	case M5_CREATE_UCTX:
		return uctx_create(dev, out);
	case M5_DESTROY_UCTX:
		return plain_destroy(dev, M5_T_UCTX, M5_T_UCTX << 20 | m5_get(in, M5_UCTX_UID), 0);
	case M5_CREATE_UMEM:
		return m5_umem_create(dev, in, len, out);
	case M5_DESTROY_UMEM:
		return destroy(dev, M5_T_UMEM, id, uid);
	}
	m5_error(dev, "unknown command %#x", opcode);
	return M5_BAD_OP;
}

static void account(struct m5_dev *dev, const u8 *in, size_t len, u8 status)
{
	u16 opcode = m5_get(in, M5_IN_OPCODE), type = 0;
	int i;

	if ((opcode & ~3) == M5_CREATE_GENERAL)
		type = m5_get(in, M5_GEN_TYPE);
	for (i = 0; i < M5_OP_STATS - 1; i++) {
		if (!dev->ops[i].opcode ||
		    (dev->ops[i].opcode == opcode && dev->ops[i].general == type))
			break;
	}
	dev->ops[i].opcode = opcode;
	dev->ops[i].general = type;
	dev->ops[i].count++;
	dev->ops[i].bytes += len;
	dev->ops[i].failed += !!status;
}

u8 m5_exec(struct m5_dev *dev, const void *in, size_t in_len, void *out, size_t out_len)
{
	u64 errors = dev->errors;
	u16 opcode, type = 0;
	u8 status;

	memset(out, 0, out_len);
	if (in_len < M5_HEADER || out_len < 8) {
		m5_error(dev, "command of %zu bytes with an answer of %zu", in_len, out_len);
		return M5_BAD_IN_LEN;
	}
	opcode = m5_get(in, M5_IN_OPCODE);
	if (opcode == M5_QUERY_GENERAL)
		type = m5_get(in, M5_GEN_TYPE);
	if (out_len < out_bytes(opcode, type)) {
		m5_error(dev, "command %#x: answer of %zu bytes does not fit", opcode, out_len);
		status = M5_BAD_OUT_LEN;
	} else {
		status = dispatch(dev, in, in_len, out);
	}
	/* A status has a reason, except a full table, and a queue that its owner broke. */
	if (status && status != M5_LIMIT && status != M5_BAD_STATE &&
	    dev->errors == errors)
		m5_error(dev, "command %#x of %zu bytes: status %#x", opcode, in_len, status);
	m5_put(out, M5_OUT_STATUS, status);
	if (status)
		m5_put(out, M5_OUT_SYNDROME, 0x4d350000 | opcode);
	account(dev, in, in_len, status);
	return status;
}

void m5_fake_status(struct m5_dev *dev, const void *in, size_t in_len, void *out, size_t out_len,
		    u8 status, u32 syndrome)
{
	memset(out, 0, out_len);
	m5_put(out, M5_OUT_STATUS, status);
	m5_put(out, M5_OUT_SYNDROME, syndrome);
	account(dev, in, in_len, status);
}
