// SPDX-License-Identifier: GPL-2.0-only
/*
 * m5_engine_test.c - the engine of the mlx5 model: a function brought up by hand, traffic over its
 * queues, and every kind of mistake it must not let pass.
 *
 * Memory of the device is an array; DMA addresses begin at DMA_BASE. A page can be made one that
 * the device must not touch.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "engine.h"

#define DMA_BASE	0x40000000ULL
#define PAGES		512
#define QSIZE		16
#define RING		0x100000ULL	/* IOVA of the rings, one page per queue */
#define DATA		0x110000ULL	/* and of buffers */

struct bench {
	struct m5_dev dev;
	u8 *mem;
	bool barred[PAGES];
	u32 used_pages;
	u32 irqs;
	u32 vectors[4];		/* how often each was raised */
	u8 out[0x1010];
	u32 pd, td, tis, uar, direct, key;
	u32 cq[4], fwqp[4], swqp[4], umem[4][3], vq[4];
	u64 cq_dbr[4], qp_dbr[4];
	u32 rqt, tir, table, rule;
};

static void *page(struct m5_dev *dev, u64 dma, bool write, const char **why)
{
	struct bench *b = dev->priv;
	u64 off = dma - DMA_BASE;

	if (off >= PAGES * M5_PAGE || b->barred[off / M5_PAGE]) {
		*why = "barred";
		return NULL;
	}
	return b->mem + off;
}

static void irq(struct m5_dev *dev, u32 cqn)
{
	((struct bench *)dev->priv)->irqs++;
}

static void msix(struct m5_dev *dev, u32 vector)
{
	((struct bench *)dev->priv)->vectors[vector]++;
}

static bool send(struct m5_dev *dev, const u8 *frame, u32 len)
{
	if (m5_paused(dev, frame, len))
		return false;
	m5_receive(dev, frame, len);
	return true;
}

static const struct m5_host host = { .page = page, .irq = irq, .msix = msix, .send = send };

static u64 take_pages(struct bench *b, u32 n)
{
	u64 dma = DMA_BASE + b->used_pages * M5_PAGE;

	b->used_pages += n;
	assert_true(b->used_pages <= PAGES);
	return dma;
}

static u8 *at(struct bench *b, u64 dma)
{
	return b->mem + (dma - DMA_BASE);
}

static u8 exec(struct bench *b, const u8 *in, size_t len)
{
	return m5_exec(&b->dev, in, len, b->out, sizeof(b->out));
}

static u8 simple(struct bench *b, u16 opcode, u32 id)
{
	u8 in[M5_HEADER] = {};

	m5_put(in, M5_IN_OPCODE, opcode);
	m5_put(in, M5_IN_ID, id);
	return exec(b, in, sizeof(in));
}

static u32 made(struct bench *b)
{
	return m5_get(b->out, M5_OUT_ID);
}

static u8 general(struct bench *b, u16 opcode, u16 type, u32 id)
{
	u8 in[M5_CNT_BYTES] = {};

	m5_put(in, M5_IN_OPCODE, opcode);
	m5_put(in, M5_GEN_TYPE, type);
	m5_put(in, M5_GEN_ID, id);
	return exec(b, in, opcode == M5_CREATE_GENERAL ? sizeof(in) : M5_HEADER);
}

/* A key over @n entries of 2^@log bytes from @dma; @extra entries are claimed besides. */
static u8 mtt_key(struct bench *b, u64 dma, u32 n, u32 log, bool lw)
{
	u32 oct = (n + 1) / 2, i;
	u8 in[M5_MKEY_BYTES + 16 * 256] = {};

	m5_put(in, M5_IN_OPCODE, M5_CREATE_MKEY);
	m5_put(in, M5_MKEY_PD, b->pd);
	m5_put(in, M5_MKEY_QPN, 0xffffff);
	m5_put(in, M5_MKEY_MODE, M5_MODE_MTT);
	m5_put(in, M5_MKEY_LR, 1);
	m5_put(in, M5_MKEY_LW, lw);
	m5_put(in, M5_MKEY_LEN, (u64)n << log);
	m5_put(in, M5_MKEY_LOG_PAGE, log);
	m5_put(in, M5_MKEY_OCTWORDS, oct);
	m5_put(in, M5_MKEY_ACTUAL, oct);
	for (i = 0; i < n; i++)
		m5_put_bits(in + M5_MKEY_BYTES + 8 * i, 0, 64, dma + ((u64)i << log));
	return exec(b, in, M5_MKEY_BYTES + 16 * oct);
}

struct entry {
	u32 key, bytes;
	u64 va;
};

static u8 klm_key(struct bench *b, u64 start, const struct entry *e, u32 n)
{
	u32 oct = (n + 3) & ~3, i;
	u8 in[M5_MKEY_BYTES + 16 * 16] = {};
	u64 len = 0;

	m5_put(in, M5_IN_OPCODE, M5_CREATE_MKEY);
	m5_put(in, M5_MKEY_PD, b->pd);
	m5_put(in, M5_MKEY_QPN, 0xffffff);
	m5_put(in, M5_MKEY_MODE, M5_MODE_KLM);
	m5_put(in, M5_MKEY_LR, 1);
	m5_put(in, M5_MKEY_LW, 1);
	m5_put(in, M5_MKEY_START, start);
	m5_put(in, M5_MKEY_OCTWORDS, oct);
	m5_put(in, M5_MKEY_ACTUAL, n);
	for (i = 0; i < n; i++) {
		m5_put_bits(in + M5_MKEY_BYTES + 16 * i, 0, 32, e[i].bytes);
		m5_put_bits(in + M5_MKEY_BYTES + 16 * i, 32, 32, e[i].key);
		m5_put_bits(in + M5_MKEY_BYTES + 16 * i + 8, 0, 64, e[i].va);
		len += e[i].bytes;
	}
	m5_put(in, M5_MKEY_LEN, len);
	return exec(b, in, M5_MKEY_BYTES + 16 * oct);
}

static u8 cq_create(struct bench *b, int i)
{
	u8 in[M5_CQ_BYTES + 8] = {};
	u64 buf = take_pages(b, 1);
	int e;

	for (e = 0; e < 64; e++)
		at(b, buf)[64 * e + 63] = 0xf0;
	b->cq_dbr[i] = take_pages(b, 1);
	m5_put(in, M5_IN_OPCODE, M5_CREATE_CQ);
	m5_put(in, M5_CQ_LOG_SIZE, 6);
	m5_put(in, M5_CQ_UAR, b->uar);
	m5_put(in, M5_CQ_EQN, 7);
	m5_put(in, M5_CQ_DBR, b->cq_dbr[i]);
	m5_put_bits(in + M5_CQ_BYTES, 0, 64, buf);
	return exec(b, in, sizeof(in));
}

static u8 qp_create(struct bench *b, int i, bool fw)
{
	u8 in[M5_QP_BYTES + 8] = {};

	m5_put(in, M5_IN_OPCODE, M5_CREATE_QP);
	m5_put(in, M5_QP_PM, 3);
	m5_put(in, M5_QP_PD, b->pd);
	m5_put(in, M5_QP_MTU, 1);
	m5_put(in, M5_QP_NO_SQ, 1);
	if (fw) {
		m5_put(in, M5_QP_RQ_TYPE, 3);
		return exec(b, in, M5_QP_BYTES);
	}
	b->qp_dbr[i] = take_pages(b, 1);
	at(b, b->qp_dbr[i])[3] = 64;
	m5_put(in, M5_QP_LOG_RQ_SIZE, 6);
	m5_put(in, M5_QP_UAR, b->uar);
	m5_put(in, M5_QP_CQN, b->cq[i]);
	m5_put(in, M5_QP_DBR, b->qp_dbr[i]);
	m5_put_bits(in + M5_QP_BYTES, 0, 64, take_pages(b, 1));
	return exec(b, in, sizeof(in));
}

static u8 qp_step(struct bench *b, u16 opcode, u32 qpn, u32 remote)
{
	u8 in[M5_QP_BYTES] = {};

	m5_put(in, M5_IN_OPCODE, opcode);
	m5_put(in, M5_IN_ID, qpn);
	m5_put(in, M5_QP_PORT, 1);
	m5_put(in, M5_QP_MTU, 1);
	m5_put(in, M5_QP_REMOTE, remote);
	return exec(b, in, sizeof(in));
}

static void connect(struct bench *b, int i)
{
	static const u16 steps[] = { M5_2RST_QP, M5_RST2INIT_QP, M5_INIT2RTR_QP };
	int s;

	for (s = 0; s < 3; s++) {
		assert_int_equal(qp_step(b, steps[s], b->fwqp[i], b->swqp[i]), 0);
		assert_int_equal(qp_step(b, steps[s], b->swqp[i], b->fwqp[i]), 0);
	}
	assert_int_equal(qp_step(b, M5_RTR2RTS_QP, b->fwqp[i], 0), 0);
}

static u8 umem_create(struct bench *b, u32 pages)
{
	u8 in[M5_UMEM_BYTES + 8 * 4] = {};
	u64 buf = take_pages(b, pages);
	u32 i;

	m5_put(in, M5_IN_OPCODE, M5_CREATE_UMEM);
	m5_put(in, M5_UMEM_NUM_MTT, pages);
	for (i = 0; i < pages; i++)
		m5_put_bits(in + M5_UMEM_BYTES + 8 * i, 0, 64, (buf + i * M5_PAGE) | 3);
	return exec(b, in, M5_UMEM_BYTES + 8 * pages);
}

static void vq_fill(struct bench *b, int i, u8 *in)
{
	int n;

	m5_put(in, M5_IN_OPCODE, M5_CREATE_GENERAL);
	m5_put(in, M5_GEN_TYPE, M5_GENERAL_VQ);
	m5_put(in, M5_VQ_EVENT_MODE, 1);
	m5_put(in, M5_VQ_EVENT, b->fwqp[i]);
	m5_put(in, M5_VQ_INDEX, i);
	m5_put(in, M5_VQ_SIZE, QSIZE);
	m5_put(in, M5_VQ_VERSION_1, 1);
	m5_put(in, M5_VQ_PD, b->pd);
	if (i & 1)
		m5_put(in, M5_VQ_TISN, b->tis);
	for (n = 0; n < 3; n++) {
		m5_put(in, M5_VQ_UMEM_ID(n), b->umem[i][n]);
		m5_put(in, M5_VQ_UMEM_SIZE(n), 2 * M5_PAGE);
	}
}

static void vq_parts(struct bench *b, int i)
{
	int n;

	assert_int_equal(cq_create(b, i), 0);
	b->cq[i] = made(b);
	assert_int_equal(qp_create(b, i, true), 0);
	b->fwqp[i] = made(b);
	assert_int_equal(qp_create(b, i, false), 0);
	b->swqp[i] = made(b);
	connect(b, i);
	for (n = 0; n < 3; n++) {
		assert_int_equal(umem_create(b, 2), 0);
		b->umem[i][n] = made(b);
	}
}

static u8 vq_modify(struct bench *b, int i, u64 select, u8 state)
{
	u8 in[M5_VQ_BYTES] = {};
	u64 ring = RING + i * M5_PAGE;

	m5_put(in, M5_IN_OPCODE, M5_MODIFY_GENERAL);
	m5_put(in, M5_GEN_TYPE, M5_GENERAL_VQ);
	m5_put(in, M5_GEN_ID, b->vq[i]);
	m5_put(in, M5_VQ_SELECT, select);
	m5_put(in, M5_VQ_STATE, state);
	m5_put(in, M5_VQ_DESC, ring);
	m5_put(in, M5_VQ_AVAIL, ring + 0x400);
	m5_put(in, M5_VQ_USED, ring + 0x800);
	m5_put(in, M5_VQ_MKEY, b->key);
	m5_put(in, M5_VQ_VERSION_1, 1);
	return exec(b, in, sizeof(in));
}

static void up(struct bench *b)
{
	static const struct m5_match all = { .mac_mask = { 1 }, .mac = { 1 } };
	u8 in[M5_TIR_BYTES + 16] = {};
	struct entry e;
	int i;

	simple(b, M5_ALLOC_PD, 0);
	b->pd = made(b);
	simple(b, M5_ALLOC_TD, 0);
	b->td = made(b);
	m5_put(in, M5_IN_OPCODE, M5_CREATE_TIS);
	m5_put(in, M5_TIS_TD, b->td);
	assert_int_equal(exec(b, in, 0xc0), 0);
	b->tis = made(b);
	b->uar = m5_uar_get(&b->dev);

	/* 2 MiB less what the queues took, seen at RING. */
	assert_int_equal(mtt_key(b, take_pages(b, 300), 300, 12, true), 0);
	b->direct = made(b) << 8;
	e = (struct entry){ b->direct, 300 * M5_PAGE, 0 };
	assert_int_equal(klm_key(b, RING, &e, 1), 0);
	b->key = made(b) << 8;

	for (i = 0; i < 2; i++) {
		u8 vq[M5_VQ_BYTES] = {};

		vq_parts(b, i);
		vq_fill(b, i, vq);
		assert_int_equal(exec(b, vq, sizeof(vq)), 0);
		b->vq[i] = m5_get(b->out, M5_GEN_ID);
	}

	memset(in, 0, sizeof(in));
	m5_put(in, M5_IN_OPCODE, M5_CREATE_RQT);
	m5_put(in, M5_RQT_TYPE, 1);
	m5_put(in, M5_RQT_MAX, 4);
	m5_put(in, M5_RQT_ACTUAL, 1);
	m5_put_bits(in + M5_RQT_BYTES, 0, 32, b->vq[0]);
	assert_int_equal(exec(b, in, M5_RQT_BYTES + 16), 0);
	b->rqt = made(b);
	memset(in, 0, sizeof(in));
	m5_put(in, M5_IN_OPCODE, M5_CREATE_TIR);
	m5_put(in, M5_TIR_DISP, 1);
	m5_put(in, M5_TIR_HASH_FN, 2);
	m5_put(in, M5_TIR_RQT, b->rqt);
	m5_put(in, M5_TIR_TD, b->td);
	assert_int_equal(exec(b, in, M5_TIR_BYTES), 0);
	b->tir = made(b);
	assert_int_equal(m5_table_create(&b->dev, 16, &b->table), 0);
	assert_int_equal(m5_rule_add(&b->dev, b->table, b->tir, &all, &b->rule), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(vq_modify(b, i, 0x9c0 | 1 << 10, 0), 0);
		assert_int_equal(vq_modify(b, i, 1, M5_VQ_RDY), 0);
	}
	assert_int_equal(b->dev.errors, 0);
}

static void down(struct bench *b)
{
	int i, n;

	assert_int_equal(m5_rule_del(&b->dev, b->rule), 0);
	assert_int_equal(m5_table_destroy(&b->dev, b->table), 0);
	assert_int_equal(simple(b, M5_DESTROY_TIR, b->tir), 0);
	assert_int_equal(simple(b, M5_DESTROY_RQT, b->rqt), 0);
	for (i = 0; i < 2; i++) {
		assert_int_equal(general(b, M5_DESTROY_GENERAL, M5_GENERAL_VQ, b->vq[i]), 0);
		for (n = 0; n < 3; n++)
			assert_int_equal(simple(b, M5_DESTROY_UMEM, b->umem[i][n]), 0);
		assert_int_equal(simple(b, M5_DESTROY_QP, b->swqp[i]), 0);
		assert_int_equal(simple(b, M5_DESTROY_QP, b->fwqp[i]), 0);
		assert_int_equal(simple(b, M5_DESTROY_CQ, b->cq[i]), 0);
	}
	assert_int_equal(simple(b, M5_DESTROY_MKEY, b->key >> 8), 0);
	assert_int_equal(simple(b, M5_DESTROY_MKEY, b->direct >> 8), 0);
	assert_int_equal(simple(b, M5_DESTROY_TIS, b->tis), 0);
	assert_int_equal(simple(b, M5_DEALLOC_TD, b->td), 0);
	assert_int_equal(simple(b, M5_DEALLOC_PD, b->pd), 0);
	m5_uar_put(&b->dev, b->uar);
	assert_int_equal(m5_dev_leaks(&b->dev, false), 0);
}

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->mem = calloc(PAGES, M5_PAGE);
	b->dev.host = &host;
	b->dev.priv = b;
	b->dev.eqn = 7;
	b->dev.link_up = true;
	b->dev.caps = (struct m5_caps){
		.uid0 = true, .resume = true, .features = 1 << 2 | 1 << 10, .max_queues = 4,
		.log_klm = 4, .max_mkeys = 8, .counters = true,
		.umem_a = { 16, 32, 64 }, .umem_b = { 4096, 4096, 4096 },
	};
	assert_int_equal(m5_dev_init(&b->dev), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	m5_dev_exit(&b->dev);
	free(b->mem);
	free(b);
	return unit_allocs_live ? -1 : 0;
}

/* Where the bench itself sees IOVA @iova; the direct key's memory is the first that was taken. */
static u8 *iova(struct bench *b, u64 iova)
{
	return b->mem + (iova - RING);
}

static void put16(u8 *p, u16 v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static u16 get16(const u8 *p)
{
	return p[0] | p[1] << 8;
}

static void offer(struct bench *b, int i, u16 slot, u64 addr, u32 len, bool write)
{
	u8 *ring = iova(b, RING + i * M5_PAGE), *desc = ring + 16 * slot;

	memset(desc, 0, 16);
	memcpy(desc, &addr, 8);
	memcpy(desc + 8, &len, 4);
	put16(desc + 12, write ? 2 : 0);
	put16(ring + 0x404 + 2 * (get16(ring + 0x402) % QSIZE), slot);
	put16(ring + 0x402, get16(ring + 0x402) + 1);
}

static u16 used(struct bench *b, int i)
{
	return get16(iova(b, RING + i * M5_PAGE) + 0x802);
}

static void frame(struct bench *b, u64 addr, u32 len, u8 seed)
{
	u8 *p = iova(b, addr);
	u32 i;

	memset(p, 0, 12);
	memset(p + 12, 0xff, 6);
	for (i = 18; i < 12 + len; i++)
		p[i] = seed + i;
}

static void loops(void **state)
{
	struct bench *b = *state;
	int n;

	up(b);
	for (n = 0; n < 40; n++) {
		u64 tx = DATA + 2 * M5_PAGE * (n % QSIZE) + 100, rx = tx + 40 * M5_PAGE;

		frame(b, tx, 1000 + n, n);
		memset(iova(b, rx), 0, 2048);
		offer(b, 0, n % QSIZE, rx, 2048, true);
		offer(b, 1, n % QSIZE, tx, 1012 + n, false);
		/* Both doorbell records follow, as a driver's handler would have them. */
		at(b, b->cq_dbr[0])[3] = n;
		at(b, b->cq_dbr[1])[3] = n;
		at(b, b->qp_dbr[0])[3] = n + 32;
		at(b, b->qp_dbr[1])[3] = n + 32;
		assert_int_equal(m5_poll(&b->dev), 1);
		assert_int_equal(used(b, 0), n + 1);
		assert_int_equal(used(b, 1), n + 1);
		assert_memory_equal(iova(b, rx) + 12, iova(b, tx) + 12, 1000 + n);
	}
	assert_int_equal(b->dev.errors + b->dev.faults, 0);
	assert_int_equal(b->dev.rx_frames, 40);
	down(b);
	assert_int_equal(b->dev.errors, 0);
}

/* A frame longer than one buffer is spread over several, if that was negotiated. */
static void merges(void **state)
{
	struct bench *b = *state;
	u8 in[M5_VQ_BYTES] = {};
	int n;

	up(b);
	assert_int_equal(vq_modify(b, 0, 1, M5_VQ_SUSPEND), 0);
	m5_put(in, M5_IN_OPCODE, M5_MODIFY_GENERAL);
	m5_put(in, M5_GEN_TYPE, M5_GENERAL_VQ);
	m5_put(in, M5_GEN_ID, b->vq[0]);
	m5_put(in, M5_VQ_SELECT, 1 << 12 | 1);
	m5_put(in, M5_VQ_STATE, M5_VQ_RDY);
	m5_put(in, M5_VQ_FEATURES_LO, 4);
	assert_int_equal(exec(b, in, sizeof(in)), 0);
	for (n = 0; n < 4; n++)
		offer(b, 0, n, DATA + 0x1000 * n, 600, true);
	frame(b, DATA + 0x8000, 1500, 1);
	offer(b, 1, 0, DATA + 0x8000, 1512, false);
	assert_int_equal(m5_poll(&b->dev), 1);
	assert_int_equal(used(b, 0), 3);
	assert_int_equal(get16(iova(b, DATA) + 10), 3);
	assert_memory_equal(iova(b, DATA) + 12, iova(b, DATA + 0x8000) + 12, 588);
	assert_memory_equal(iova(b, DATA + 0x1000), iova(b, DATA + 0x8000) + 600, 600);
	assert_memory_equal(iova(b, DATA + 0x2000), iova(b, DATA + 0x8000) + 1200, 312);
	down(b);
	assert_int_equal(b->dev.errors + b->dev.faults, 0);
}

/* A queue goes on where it stopped, also on another function. */
static void resumes(void **state)
{
	struct bench *b = *state;

	up(b);
	frame(b, DATA, 100, 1);
	offer(b, 1, 0, DATA, 112, false);
	assert_int_equal(m5_poll(&b->dev), 1);
	assert_int_equal(vq_modify(b, 1, 1, M5_VQ_SUSPEND), 0);
	offer(b, 1, 1, DATA, 112, false);
	assert_int_equal(m5_poll(&b->dev), 0);
	general(b, M5_QUERY_GENERAL, M5_GENERAL_VQ, b->vq[1]);
	assert_int_equal(m5_get(b->out, M5_VQ_HW_USED), 1);
	assert_int_equal(m5_get(b->out, M5_VQ_STATE), M5_VQ_SUSPEND);
	assert_int_equal(vq_modify(b, 1, 1, M5_VQ_RDY), 0);
	assert_int_equal(m5_poll(&b->dev), 1);
	assert_int_equal(used(b, 1), 2);
	down(b);
	assert_int_equal(b->dev.errors, 0);
}

/* A frame waits for a receiver that is suspended; it is not lost. */
static void pauses(void **state)
{
	struct bench *b = *state;

	up(b);
	assert_int_equal(vq_modify(b, 0, 1, M5_VQ_SUSPEND), 0);
	frame(b, DATA, 100, 1);
	offer(b, 1, 0, DATA, 112, false);
	offer(b, 0, 0, DATA + 0x2000, 2048, true);
	assert_int_equal(m5_poll(&b->dev), 0);
	assert_int_equal(used(b, 1), 0);
	assert_int_equal(vq_modify(b, 0, 1, M5_VQ_RDY), 0);
	assert_int_equal(m5_poll(&b->dev), 1);
	assert_int_equal(used(b, 0), 1);
	assert_int_equal(used(b, 1), 1);
	assert_memory_equal(iova(b, DATA + 0x2000) + 12, iova(b, DATA) + 12, 100);
	down(b);
	assert_int_equal(b->dev.errors + b->dev.faults, 0);
}

/* The one thing is wrong, and it is an error: counted, refused, nothing made. */
#define refuse(b, expr) do { \
	u64 before = (b)->dev.errors; \
	u32 live = m5_dev_leaks(&(b)->dev, false); \
	assert_int_not_equal(expr, 0); \
	assert_int_equal((b)->dev.errors, before + 1); \
	assert_int_equal(m5_dev_leaks(&(b)->dev, false), live); \
} while (0)

static void refuses_keys(void **state)
{
	struct bench *b = *state;
	struct entry e[17];
	u32 spare, i;

	up(b);
	refuse(b, mtt_key(b, DMA_BASE + 0x1000, 2, 13, true));		/* alignment */
	refuse(b, mtt_key(b, DMA_BASE, 1, 11, true));			/* entity size */
	refuse(b, mtt_key(b, DMA_BASE + PAGES * M5_PAGE, 1, 12, true));	/* no memory */
	b->barred[400] = true;
	refuse(b, mtt_key(b, DMA_BASE + 400 * M5_PAGE, 1, 12, true));
	refuse(b, simple(b, M5_DESTROY_MKEY, b->direct >> 8));		/* the list uses it */
	refuse(b, simple(b, M5_DESTROY_MKEY, b->key >> 8));		/* queues use it */
	refuse(b, simple(b, M5_DESTROY_MKEY, 0x123456));

	assert_int_equal(mtt_key(b, DMA_BASE, 4, 12, true), 0);
	spare = made(b);
	e[0] = (struct entry){ spare << 8, 4 * M5_PAGE + 1, 0 };
	refuse(b, klm_key(b, 0, e, 1));					/* beyond the key */
	e[0] = (struct entry){ b->key, M5_PAGE, RING };
	refuse(b, klm_key(b, 0, e, 1));					/* a list in a list */
	e[0] = (struct entry){ spare << 8, 0, 0 };
	refuse(b, klm_key(b, 0, e, 1));					/* empty */
	e[0] = (struct entry){ M5_NULL_KEY, (1u << 30) + 1, 0 };
	refuse(b, klm_key(b, 0, e, 1));					/* too large a hole */
	e[0] = (struct entry){ (spare << 8) + 1, M5_PAGE, 0 };
	refuse(b, klm_key(b, 0, e, 1));					/* wrong variant */
	b->dev.caps.log_klm = 2;
	for (i = 0; i < 5; i++)
		e[i] = (struct entry){ M5_NULL_KEY, M5_PAGE, 0 };
	refuse(b, klm_key(b, 0, e, 5));					/* list too long */
	assert_int_equal(simple(b, M5_DESTROY_MKEY, spare), 0);
	e[0] = (struct entry){ spare << 8, M5_PAGE, 0 };
	refuse(b, klm_key(b, 0, e, 1));					/* key is gone */
	refuse(b, simple(b, M5_DESTROY_MKEY, spare));
	down(b);
}

static void limits_keys(void **state)
{
	struct bench *b = *state;
	u32 keys[8], n = 0, i;

	simple(b, M5_ALLOC_PD, 0);
	b->pd = made(b);
	while (!mtt_key(b, DMA_BASE, 1, 12, true))
		keys[n++] = made(b);
	assert_int_equal(n, 8);
	assert_int_equal(m5_get(b->out, M5_OUT_STATUS), M5_LIMIT);
	assert_int_equal(b->dev.errors, 0);
	for (i = 0; i < n; i++)
		assert_int_equal(simple(b, M5_DESTROY_MKEY, keys[i]), 0);
	simple(b, M5_DEALLOC_PD, b->pd);
}

static void refuses_states(void **state)
{
	struct bench *b = *state;
	u64 n;

	up(b);
	refuse(b, vq_modify(b, 0, 1 << 11, 0));			/* a key while running */
	refuse(b, vq_modify(b, 0, 1, M5_VQ_RDY));		/* runs already */
	refuse(b, vq_modify(b, 0, 1, M5_VQ_INIT));
	refuse(b, vq_modify(b, 0, 0, 0));			/* nothing */
	refuse(b, vq_modify(b, 0, 1 << 5, 0));			/* unknown field */
	refuse(b, vq_modify(b, 0, 1 << 14, 0));			/* no such capability */
	n = b->dev.errors;
	b->dev.caps.lenient = true;
	assert_int_equal(vq_modify(b, 0, 0, 0), 0);		/* nothing, done and counted */
	assert_int_equal(b->dev.errors, n + 1);
	refuse(b, vq_modify(b, 0, 1 << 5, 0));
	b->dev.caps.lenient = false;
	b->dev.caps.resume = false;
	assert_int_equal(vq_modify(b, 0, 1, M5_VQ_SUSPEND), 0);
	refuse(b, vq_modify(b, 0, 1, M5_VQ_RDY));
	refuse(b, vq_modify(b, 0, 1 << 11, 0));
	refuse(b, qp_step(b, M5_RTR2RTS_QP, b->fwqp[0], 0));	/* is there already */
	down(b);
}

/* Fields and state in one command, to a queue that never ran. */
static void refuses_quirk(void **state)
{
	struct bench *b = *state;
	u8 in[M5_VQ_BYTES] = {};

	up(b);
	vq_parts(b, 2);
	vq_fill(b, 2, in);
	assert_int_equal(exec(b, in, sizeof(in)), 0);
	b->vq[2] = m5_get(b->out, M5_GEN_ID);
	refuse(b, exec(b, in, sizeof(in)));			/* the index exists */
	refuse(b, vq_modify(b, 2, 1, M5_VQ_RDY));		/* without a key */
	refuse(b, vq_modify(b, 2, 0x1dc1, M5_VQ_RDY));
	refuse(b, vq_modify(b, 2, 1, M5_VQ_SUSPEND));
	assert_int_equal(vq_modify(b, 2, 0x1dc0, 0), 0);
	assert_int_equal(vq_modify(b, 2, 1, M5_VQ_RDY), 0);
	refuse(b, simple(b, M5_DESTROY_QP, b->fwqp[2]));	/* in use */
	refuse(b, simple(b, M5_DESTROY_UMEM, b->umem[2][0]));
	refuse(b, simple(b, M5_DESTROY_CQ, b->cq[2]));
}

static void refuses_order(void **state)
{
	struct bench *b = *state;
	u8 in[M5_VQ_BYTES] = {};

	up(b);
	refuse(b, simple(b, M5_DEALLOC_PD, b->pd));
	refuse(b, simple(b, M5_DEALLOC_TD, b->td));
	refuse(b, simple(b, M5_DESTROY_TIS, b->tis));
	refuse(b, simple(b, M5_DESTROY_TIR, b->tir));
	refuse(b, simple(b, M5_DESTROY_RQT, b->rqt));
	refuse(b, m5_table_destroy(&b->dev, b->table));
	refuse(b, general(b, M5_DESTROY_GENERAL, M5_GENERAL_VQ, b->vq[0]));	/* in the RQT */
	refuse(b, simple(b, 0x999, 0));
	refuse(b, simple(b, M5_CREATE_TIR, 0));			/* too short */

	vq_parts(b, 2);
	vq_fill(b, 2, in);
	m5_put(in, M5_VQ_UMEM_SIZE(2), 4096);
	refuse(b, exec(b, in, sizeof(in)));			/* size formula */
	m5_put(in, M5_VQ_UMEM_SIZE(2), 2 * M5_PAGE);
	m5_put(in, M5_VQ_UMEM_ID(2), b->umem[2][1]);
	refuse(b, exec(b, in, sizeof(in)));			/* one buffer twice */
	m5_put(in, M5_VQ_UMEM_ID(2), b->umem[2][2]);
	m5_put(in, M5_VQ_EVENT, b->swqp[2]);
	refuse(b, exec(b, in, sizeof(in)));			/* the wrong QP */
	m5_put(in, M5_VQ_EVENT, b->fwqp[2]);
	m5_put(in, M5_VQ_FEATURES_LO, 1);
	refuse(b, exec(b, in, sizeof(in)));			/* no such feature */
	m5_put(in, M5_VQ_FEATURES_LO, 0);
	m5_put(in, M5_IN_UID, 3);
	refuse(b, exec(b, in, sizeof(in)));			/* another user's objects */
}

/* What is left behind is told at the end. */
static void tells_leaks(void **state)
{
	struct bench *b = *state;

	up(b);
	assert_int_equal(b->dev.errors, 0);
	assert_true(m5_dev_leaks(&b->dev, true) > 20);
	assert_int_equal(b->dev.errors, m5_dev_leaks(&b->dev, false));
	assert_non_null(strstr(b->dev.log, "is left behind"));
}

/* What the owner of a queue does wrong is a fault, not an error, and stops that queue only. */
static void faults(void **state)
{
	struct bench *b = *state;

	up(b);
	offer(b, 1, 0, RING + 300 * M5_PAGE - 50, 100, false);
	m5_poll(&b->dev);
	assert_int_equal(b->dev.faults, 1);
	assert_int_equal(b->dev.errors, 0);
	general(b, M5_QUERY_GENERAL, M5_GENERAL_VQ, b->vq[1]);
	assert_int_equal(m5_get(b->out, M5_VQ_STATE), M5_VQ_ERR);
	general(b, M5_QUERY_GENERAL, M5_GENERAL_VQ, b->vq[0]);
	assert_int_equal(m5_get(b->out, M5_VQ_STATE), M5_VQ_RDY);
	/* Stopping it is refused, and nobody's mistake. */
	assert_int_equal(vq_modify(b, 1, 1, M5_VQ_SUSPEND), M5_BAD_STATE);
	down(b);
}

static void audits(void **state)
{
	struct bench *b = *state;

	up(b);
	assert_int_equal(m5_audit(&b->dev), 0);
	b->barred[17] = true;
	assert_int_equal(m5_audit(&b->dev), 1);
	assert_int_equal(b->dev.errors, 1);
	/* And an access there is an error, too. */
	offer(b, 1, 0, RING + 17 * M5_PAGE, 100, false);
	m5_poll(&b->dev);
	assert_int_equal(b->dev.errors, 2);
	b->barred[17] = false;
}

/* One event for each time it was asked for; a driver that does not keep up is told so. */
static void events(void **state)
{
	struct bench *b = *state;
	int n;

	up(b);
	for (n = 0; n < 3; n++) {
		frame(b, DATA, 100, n);
		offer(b, 1, n, DATA, 112, false);
		m5_poll(&b->dev);
	}
	assert_int_equal(b->irqs, 1);		/* armed once, as the record begins */
	at(b, b->cq_dbr[1])[3] = 2;
	at(b, b->cq_dbr[1])[7] = 2;
	at(b, b->cq_dbr[1])[4] = 1 << 4;	/* the next sequence number, from entry 2 on */
	m5_poll(&b->dev);
	assert_int_equal(b->irqs, 2);
	for (n = 0; n < 70; n++) {
		offer(b, 1, n % QSIZE, DATA, 112, false);
		m5_poll(&b->dev);
	}
	assert_true(b->dev.errors > 0);		/* 64 receive entries, none given back */
}

/* A vector of its own, of those that there are for queues. */
static void vectors(void **state)
{
	struct bench *b = *state;
	u8 in[M5_VQ_BYTES] = {};

	b->dev.caps.vectors = 3;
	up(b);
	assert_int_equal(vq_modify(b, 1, 1, M5_VQ_SUSPEND), 0);
	assert_int_equal(general(b, M5_DESTROY_GENERAL, M5_GENERAL_VQ, b->vq[1]), 0);
	vq_fill(b, 1, in);
	m5_put(in, M5_VQ_EVENT_MODE, 2);
	m5_put(in, M5_VQ_EVENT, 0);
	assert_int_equal(exec(b, in, sizeof(in)), M5_BAD_PARAM);
	m5_put(in, M5_VQ_EVENT, 3);
	assert_int_equal(exec(b, in, sizeof(in)), M5_BAD_PARAM);
	m5_put(in, M5_VQ_EVENT, 2);
	assert_int_equal(exec(b, in, sizeof(in)), 0);
	b->vq[1] = m5_get(b->out, M5_GEN_ID);
	assert_int_equal(b->dev.errors, 2);
	assert_int_equal(vq_modify(b, 1, 1 << 6 | 1 << 10 | 1 << 11, 0), 0);
	assert_int_equal(vq_modify(b, 1, 1, M5_VQ_RDY), 0);
	frame(b, DATA, 100, 1);
	offer(b, 1, 0, DATA, 112, false);
	m5_poll(&b->dev);
	assert_int_equal(b->vectors[2], 1);
	assert_int_equal(b->irqs, 0);
	down(b);
}

/* Where addresses lead: through the list and the keys in it, nowhere in holes and outside. */
static void translates(void **state)
{
	struct bench *b = *state;
	u64 dma;

	up(b);
	assert_true(m5_translate(&b->dev, DATA + 5, &dma));
	assert_int_equal(dma, DMA_BASE + (DATA - RING) + 5);
	assert_false(m5_translate(&b->dev, RING - 1, &dma));
	assert_false(m5_translate(&b->dev, ~0ULL, &dma));
	down(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(loops, setup, teardown),
		cmocka_unit_test_setup_teardown(merges, setup, teardown),
		cmocka_unit_test_setup_teardown(resumes, setup, teardown),
		cmocka_unit_test_setup_teardown(pauses, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(limits_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_states, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_quirk, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_order, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_leaks, setup, teardown),
		cmocka_unit_test_setup_teardown(faults, setup, teardown),
		cmocka_unit_test_setup_teardown(audits, setup, teardown),
		cmocka_unit_test_setup_teardown(events, setup, teardown),
		cmocka_unit_test_setup_teardown(vectors, setup, teardown),
		cmocka_unit_test_setup_teardown(translates, setup, teardown),
	};

	return cmocka_run_group_tests_name("m5_engine", tests, NULL, NULL);
}
