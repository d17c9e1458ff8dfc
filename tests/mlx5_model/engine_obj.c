// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine_obj.c - objects: identity, references, and those whose content is little: firmware
 * buffers, RQ tables, TIRs, steering.
 *
 * An id is type << 20 plus a number that is not used again, so that an id of the wrong kind and one
 * whose object is gone are told apart.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "engine.h"

static const char * const type_names[M5_TYPES] = {
	"nothing", "user context", "PD", "transport domain", "TIS", "mkey", "CQ", "QP", "umem",
	"counter set", "virtqueue", "RQT", "TIR", "flow table", "flow rule", "UAR",
};

const char *m5_type_name(enum m5_type type)
{
	return type_names[type];
}

struct m5_obj *m5_obj_new(struct m5_dev *dev, enum m5_type type, u16 uid, size_t size)
{
	struct m5_obj *obj = kzalloc(size, GFP_KERNEL);

	if (!obj)
		return NULL;
	obj->type = type;
	obj->uid = uid;
	obj->id = ++dev->next_id[type];
	list_add_tail(&obj->node, &dev->objs[type]);
	dev->live[type]++;
	return obj;
}

void m5_obj_free(struct m5_dev *dev, struct m5_obj *obj)
{
	if (dev->hint[obj->type] == &obj->node)
		dev->hint[obj->type] = obj->node.next;
	list_del(&obj->node);
	dev->live[obj->type]--;
	kfree(obj);
}

struct m5_obj *m5_find(struct m5_dev *dev, enum m5_type type, u32 id)
{
	struct list_head *head = &dev->objs[type], *first = dev->hint[type] ?: head, *n = first;

	/* Objects are mostly asked for in the order they were made in. */
	do {
		if (n != head && list_entry(n, struct m5_obj, node)->id == id) {
			dev->hint[type] = n->next;
			return list_entry(n, struct m5_obj, node);
		}
		n = n->next;
	} while (n != first);
	return NULL;
}

struct m5_obj *m5_need(struct m5_dev *dev, enum m5_type type, u32 id, u16 uid, const char *whose)
{
	struct m5_obj *obj = m5_find(dev, type, id);

	if (!obj) {
		if (id >> 20 == type && id <= dev->next_id[type])
			m5_error(dev, "%s names %s %#x, which is gone", whose, type_names[type],
				 id);
		else
			m5_error(dev, "%s names %#x, which is no %s", whose, id, type_names[type]);
	} else if (obj->uid != uid) {
		m5_error(dev, "%s as user %u names %s %#x of user %u", whose, uid, type_names[type],
			 id, obj->uid);
		obj = NULL;
	}
	return obj;
}

void m5_ref(struct m5_obj *obj)
{
	obj->refs++;
}

void m5_unref(struct m5_obj *obj)
{
	obj->refs--;
}

u8 m5_take(struct m5_dev *dev, enum m5_type type, u32 id, u16 uid, struct m5_obj **obj)
{
	*obj = m5_need(dev, type, id, uid, "a destroy command");
	if (!*obj)
		return M5_BAD_RES;
	if ((*obj)->refs) {
		m5_error(dev, "%s %#x destroyed while %u others use it", type_names[type], id,
			 (*obj)->refs);
		return M5_RES_BUSY;
	}
	return M5_OK;
}

u8 m5_umem_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	u16 uid = m5_get(in, M5_IN_UID);
	struct m5_umem *umem;
	const char *why;
	u32 log, offset;
	u64 count, i;

	if (len < M5_UMEM_BYTES)
		return M5_BAD_IN_LEN;
	log = 12 + m5_get(in, M5_UMEM_LOG_PAGE);
	offset = m5_get(in, M5_UMEM_OFFSET);
	count = m5_get(in, M5_UMEM_NUM_MTT);
	if (!uid && !dev->caps.uid0) {
		m5_error(dev, "umem without a user context");
		return M5_BAD_PARAM;
	}
	if (uid && !m5_need(dev, M5_T_UCTX, M5_T_UCTX << 20 | uid, 0, "CREATE_UMEM"))
		return M5_BAD_RES;
	if (!count || len != M5_UMEM_BYTES + 8 * count || offset >= 1ULL << log) {
		m5_error(dev, "umem of %llu entries, offset %u, in %zu bytes", count, offset, len);
		return M5_BAD_IN_LEN;
	}
	for (i = 0; i < count; i++) {
		u64 mtt = m5_word(in + M5_UMEM_BYTES, i);

		if ((mtt & 3) != 3 || (mtt & ~3ULL & ((1ULL << log) - 1))) {
			m5_error(dev, "umem entry %llu is %#llx: not aligned, or not read-write", i,
				 mtt);
			return M5_BAD_PARAM;
		}
		if (!dev->host->page(dev, mtt & ~3ULL, true, &why)) {
			m5_error(dev, "umem entry %llu at %#llx: %s", i, mtt & ~3ULL, why);
			return M5_BAD_PARAM;
		}
	}
	umem = (void *)m5_obj_new(dev, M5_T_UMEM, uid, sizeof(*umem));
	if (!umem)
		return M5_INT_ERR;
	umem->bytes = (count << log) - offset;
	m5_put(out, M5_OUT_ID, umem->obj.id);
	return M5_OK;
}

/* Fills @vq with references to the queues that the command lists. */
static u8 rqt_fill(struct m5_dev *dev, const u8 *in, size_t len, u32 max, struct m5_vq **list,
		   u32 *count)
{
	u32 actual = m5_get(in, M5_RQT_ACTUAL), i;
	u16 uid = m5_get(in, M5_IN_UID);

	if (m5_get(in, M5_RQT_TYPE) != 1 || !actual || actual > max || (actual & (actual - 1)) ||
	    len < M5_RQT_BYTES + 4 * actual) {
		m5_error(dev, "RQT of type %llu with %u of %u entries in %zu bytes",
			 m5_get(in, M5_RQT_TYPE), actual, max, len);
		return M5_BAD_PARAM;
	}
	for (i = 0; i < actual; i++) {
		u32 id = m5_get_bits(in + M5_RQT_BYTES + 4 * i, 0, 32);
		struct m5_vq *vq = (void *)m5_need(dev, M5_T_VQ, id, uid, "an RQT");

		if (!vq)
			return M5_BAD_RES;
		if (vq->index & 1) {
			m5_error(dev, "RQT entry %u is transmit queue %u", i, vq->index);
			return M5_BAD_PARAM;
		}
		list[i] = vq;
	}
	*count = actual;
	return M5_OK;
}

u8 m5_rqt_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	struct m5_vq **list;
	struct m5_rqt *rqt;
	u32 max, actual, i;
	u8 status;

	if (len < M5_RQT_BYTES)
		return M5_BAD_IN_LEN;
	max = m5_get(in, M5_RQT_MAX);
	if (!max || max > 1 << 11) {
		m5_error(dev, "RQT of at most %u entries", max);
		return M5_BAD_PARAM;
	}
	list = kcalloc(max, sizeof(*list), GFP_KERNEL);
	if (!list)
		return M5_INT_ERR;
	status = rqt_fill(dev, in, len, max, list, &actual);
	rqt = status ? NULL :
	      (void *)m5_obj_new(dev, M5_T_RQT, m5_get(in, M5_IN_UID), sizeof(*rqt));
	if (!rqt) {
		kfree(list);
		return status ?: M5_INT_ERR;
	}
	for (i = 0; i < actual; i++)
		m5_ref(&list[i]->obj);
	rqt->max = max;
	rqt->actual = actual;
	rqt->vq = list;
	m5_put(out, M5_OUT_ID, rqt->obj.id);
	return M5_OK;
}

u8 m5_rqt_modify(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	struct m5_vq **list;
	struct m5_rqt *rqt;
	u32 actual, i;
	u8 status;

	if (len < M5_RQT_BYTES)
		return M5_BAD_IN_LEN;
	rqt = (void *)m5_need(dev, M5_T_RQT, m5_get(in, M5_IN_ID), m5_get(in, M5_IN_UID),
			      "MODIFY_RQT");
	if (!rqt)
		return M5_BAD_RES;
	if (m5_get(in, M5_RQT_BITMASK) != 1) {
		m5_error(dev, "MODIFY_RQT with bit mask %#llx", m5_get(in, M5_RQT_BITMASK));
		return M5_BAD_PARAM;
	}
	list = kcalloc(rqt->max, sizeof(*list), GFP_KERNEL);
	if (!list)
		return M5_INT_ERR;
	status = rqt_fill(dev, in, len, rqt->max, list, &actual);
	if (status) {
		kfree(list);
		return status;
	}
	for (i = 0; i < actual; i++)
		m5_ref(&list[i]->obj);
	for (i = 0; i < rqt->actual; i++)
		m5_unref(&rqt->vq[i]->obj);
	kfree(rqt->vq);
	rqt->vq = list;
	rqt->actual = actual;
	return M5_OK;
}

u8 m5_tir_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out)
{
	u16 uid = m5_get(in, M5_IN_UID);
	struct m5_obj *td, *rqt;
	struct m5_tir *tir;

	if (len < M5_TIR_BYTES)
		return M5_BAD_IN_LEN;
	td = m5_need(dev, M5_T_TD, m5_get(in, M5_TIR_TD), uid, "CREATE_TIR");
	rqt = m5_need(dev, M5_T_RQT, m5_get(in, M5_TIR_RQT), uid, "CREATE_TIR");
	if (!td || !rqt)
		return M5_BAD_RES;
	if (m5_get(in, M5_TIR_DISP) != 1 || m5_get(in, M5_TIR_HASH_FN) != 2) {
		m5_error(dev, "TIR that does not spread by the Toeplitz hash over a table");
		return M5_BAD_PARAM;
	}
	tir = (void *)m5_obj_new(dev, M5_T_TIR, uid, sizeof(*tir));
	if (!tir)
		return M5_INT_ERR;
	m5_ref(td);
	m5_ref(rqt);
	tir->td = td;
	tir->rqt = (struct m5_rqt *)rqt;
	m5_put(out, M5_OUT_ID, tir->obj.id);
	return M5_OK;
}

u32 m5_uar_get(struct m5_dev *dev)
{
	struct m5_obj *obj = list_first_entry_or_null(&dev->objs[M5_T_UAR], struct m5_obj, node);

	if (!obj)
		obj = m5_obj_new(dev, M5_T_UAR, 0, sizeof(*obj));
	if (!obj)
		return 0;
	obj->refs++;
	return obj->id;
}

void m5_uar_put(struct m5_dev *dev, u32 id)
{
	struct m5_obj *obj = m5_need(dev, M5_T_UAR, id, 0, "giving up a UAR");

	if (obj && !--obj->refs)
		m5_obj_free(dev, obj);
}

u8 m5_table_create(struct m5_dev *dev, u32 max_rules, u32 *id)
{
	struct m5_table *table;

	if (!max_rules) {
		m5_error(dev, "flow table without room for a rule");
		return M5_BAD_PARAM;
	}
	table = (void *)m5_obj_new(dev, M5_T_TABLE, 0, sizeof(*table));
	if (!table)
		return M5_INT_ERR;
	table->max = max_rules;
	*id = table->obj.id;
	return M5_OK;
}

u8 m5_table_destroy(struct m5_dev *dev, u32 id)
{
	struct m5_obj *obj;
	u8 status = m5_take(dev, M5_T_TABLE, id, 0, &obj);

	if (!status)
		m5_obj_free(dev, obj);
	return status;
}

u8 m5_rule_add(struct m5_dev *dev, u32 table_id, u32 tirn, const struct m5_match *match, u32 *id)
{
	struct m5_table *table = (void *)m5_need(dev, M5_T_TABLE, table_id, 0, "a flow rule");
	struct m5_tir *tir = (void *)m5_find(dev, M5_T_TIR, tirn);
	struct m5_rule *rule;

	if (!tir)
		m5_error(dev, "flow rule for TIR %#x, which does not exist", tirn);
	if (!table || !tir)
		return M5_BAD_RES;
	if (table->rules == table->max)
		return M5_LIMIT;
	rule = (void *)m5_obj_new(dev, M5_T_RULE, 0, sizeof(*rule));
	if (!rule)
		return M5_INT_ERR;
	rule->table = table;
	rule->tir = tir;
	rule->match = *match;
	table->rules++;
	m5_ref(&table->obj);
	m5_ref(&tir->obj);
	*id = rule->obj.id;
	return M5_OK;
}

u8 m5_rule_del(struct m5_dev *dev, u32 id)
{
	struct m5_obj *obj;
	struct m5_rule *rule;
	u8 status = m5_take(dev, M5_T_RULE, id, 0, &obj);

	if (status)
		return status;
	rule = (struct m5_rule *)obj;
	rule->table->rules--;
	m5_unref(&rule->table->obj);
	m5_unref(&rule->tir->obj);
	m5_obj_free(dev, obj);
	return M5_OK;
}
