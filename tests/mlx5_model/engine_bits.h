/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * engine_bits.h - the fields of commands that the model looks at, and how to read and write them.
 *
 * Commands are big-endian; bit 0 is the most significant bit of byte 0. A field is written here
 * as "bit offset, width". The numbers are the engine's own, not taken from the headers that the
 * driver under test is compiled with: layout.c checks at build time that the two agree.
 */
#ifndef M5_ENGINE_BITS_H
#define M5_ENGINE_BITS_H

#include <linux/types.h>

/* Header of all commands, and of all answers. */
#define M5_IN_OPCODE		0x00, 16
#define M5_IN_UID		0x10, 16
#define M5_IN_OP_MOD		0x30, 16
#define M5_IN_ID		0x48, 24	/* of the object that most commands name */
#define M5_OUT_STATUS		0x00, 8
#define M5_OUT_SYNDROME		0x20, 32
#define M5_OUT_ID		0x48, 24
#define M5_HEADER		16

/* General objects. */
#define M5_GEN_TYPE		0x30, 16
#define M5_GEN_ID		0x40, 32

/* CREATE_UCTX, DESTROY_UCTX. */
#define M5_UCTX_CAP		0x80, 32
#define M5_UCTX_UID		0x50, 16

#define M5_NULL_MKEY		0x80, 32

/* CREATE_MKEY: context at 0x80. */
#define M5_MKEY_BYTES		0x110
#define M5_MKEY_MODE_HI		0x83, 3
#define M5_MKEY_RW		0x92, 1
#define M5_MKEY_RR		0x93, 1
#define M5_MKEY_LW		0x94, 1
#define M5_MKEY_LR		0x95, 1
#define M5_MKEY_MODE		0x96, 2
#define M5_MKEY_QPN		0xa0, 24
#define M5_MKEY_VARIANT		0xb8, 8
#define M5_MKEY_LENGTH64	0xe0, 1
#define M5_MKEY_PD		0xe8, 24
#define M5_MKEY_START		0x100, 64
#define M5_MKEY_LEN		0x140, 64
#define M5_MKEY_OCTWORDS	0x220, 32
#define M5_MKEY_LOG_PAGE	0x25a, 6
#define M5_MKEY_ACTUAL		0x300, 32

/* CREATE_UMEM: context at 0x80. */
#define M5_UMEM_BYTES		0x30
#define M5_UMEM_LOG_PAGE	0x11b, 5
#define M5_UMEM_OFFSET		0x120, 32
#define M5_UMEM_NUM_MTT		0x140, 64

#define M5_TIS_TD		0x228, 24

/* QP commands: context at 0xc0. */
#define M5_QP_BYTES		0x110
#define M5_QP_ST		0xc8, 8
#define M5_QP_PM		0xd3, 2
#define M5_QP_PD		0xe8, 24
#define M5_QP_MTU		0x100, 3
#define M5_QP_LOG_MSG_MAX	0x103, 5
#define M5_QP_LOG_RQ_SIZE	0x109, 4
#define M5_QP_LOG_RQ_STRIDE	0x10d, 3
#define M5_QP_NO_SQ		0x110, 1
#define M5_QP_UAR		0x128, 24
#define M5_QP_LOG_PAGE		0x163, 5
#define M5_QP_REMOTE		0x168, 24
#define M5_QP_PORT		0x2a8, 8
#define M5_QP_CQN		0x5a8, 24
#define M5_QP_DBR		0x5c0, 64
#define M5_QP_RQ_TYPE		0x625, 3

/* CREATE_CQ: context at 0x80. */
#define M5_CQ_BYTES		0x110
#define M5_CQ_CQE_SZ		0x88, 3
#define M5_CQ_LOG_SIZE		0xe3, 5
#define M5_CQ_UAR		0xe8, 24
#define M5_CQ_EQN		0x120, 32
#define M5_CQ_LOG_PAGE		0x143, 5
#define M5_CQ_DBR		0x240, 64

/* CREATE_RQT, MODIFY_RQT: context at 0x100. */
#define M5_RQT_BYTES		0x110
#define M5_RQT_BITMASK		0x80, 64
#define M5_RQT_TYPE		0x1a5, 3
#define M5_RQT_MAX		0x1b0, 16
#define M5_RQT_ACTUAL		0x1d0, 16

/* CREATE_TIR: context at 0x100. */
#define M5_TIR_BYTES		0x110
#define M5_TIR_DISP		0x120, 4
#define M5_TIR_RQT		0x208, 24
#define M5_TIR_HASH_FN		0x220, 4
#define M5_TIR_TD		0x228, 24

#define M5_VPORT_ADMIN		0x78, 4
#define M5_VPORT_STATE		0x7c, 4
#define M5_NIC_SELECT_MTU	0x79, 1
#define M5_NIC_MTU		0x930, 16

/* VIRTIO_NET_Q: object behind the header of 16 bytes. */
#define M5_VQ_BYTES		0xd0
#define M5_VQ_SELECT		0x80, 64
#define M5_VQ_FEATURES_HI	0x100, 10
#define M5_VQ_STATE		0x11c, 4
#define M5_VQ_FEATURES_LO	0x125, 3
#define M5_VQ_TISN		0x128, 24
#define M5_VQ_HW_AVAIL		0x1c0, 16
#define M5_VQ_HW_USED		0x1d0, 16
#define M5_VQ_TYPE		0x280, 8
#define M5_VQ_EVENT_MODE	0x28d, 3
#define M5_VQ_INDEX		0x290, 16
#define M5_VQ_VERSION_1		0x2a1, 1
#define M5_VQ_EVENT		0x2a8, 24
#define M5_VQ_SIZE		0x2d0, 16
#define M5_VQ_DESC		0x300, 64
#define M5_VQ_USED		0x340, 64
#define M5_VQ_AVAIL		0x380, 64
#define M5_VQ_MKEY		0x3c0, 32
#define M5_VQ_UMEM_ID(n)	0x400 + 0x80 * (n), 32
#define M5_VQ_UMEM_SIZE(n)	0x420 + 0x80 * (n), 32
#define M5_VQ_COUNTERS		0x580, 32
#define M5_VQ_PD		0x5a8, 24
#define M5_VQ_DESC_MKEY		0x5e0, 32

/* VIRTIO_Q_COUNTERS: object behind the header. */
#define M5_CNT_BYTES		0x90
#define M5_CNT_RECEIVED		0x100, 64
#define M5_CNT_COMPLETED	0x140, 64
#define M5_CNT_BAD_DESC		0x1a0, 32

/* Capabilities, counted from the beginning of the capability itself. */
#define M5_CAP_BYTES		0x1000
#define M5_CAP_VHCA_ID		0x30, 16
#define M5_CAP_LOG_MAX_MKEY	0xea, 6
#define M5_CAP_LOG_KLM		0x11a, 6
#define M5_CAP_UMEM_UID_0	0x252, 1
#define M5_CAP_LOG_MAX_RQT	0x393, 5
#define M5_CAP_OBJ_TYPES	0x400, 64
#define M5_CAP_LOG_MAX_UCTX	0x463, 5
#define M5_CAP_LOG_MIN_SF	0x690, 8

#define M5_EMU_ETH_FRAME	0x01, 1
#define M5_EMU_VERSION_1	0x02, 1
#define M5_EMU_FEATURES		0x03, 13
#define M5_EMU_EVENT_MODE	0x10, 8
#define M5_EMU_QUEUE_TYPE	0x18, 8
#define M5_EMU_BELL_OFFSET	0x40, 64
#define M5_EMU_MAX_QUEUES	0x88, 24
#define M5_EMU_DESC_MKEY	0xd3, 1
#define M5_EMU_RESUME		0xd4, 1
#define M5_EMU_UMEM_A(n)	0x100 + 0x40 * (n), 32
#define M5_EMU_UMEM_B(n)	0x120 + 0x40 * (n), 32

static inline u64 m5_get_bits(const void *buf, unsigned int off, unsigned int width)
{
	const u8 *p = (const u8 *)buf + off / 32 * 4;
	unsigned int i, n = width > 32 ? 8 : 4;
	u64 v = 0;

	for (i = 0; i < n; i++)
		v = v << 8 | p[i];
	if (width > 32)
		return v;
	v >>= 32 - off % 32 - width;
	return v & (~0ULL >> (64 - width));
}

static inline void m5_put_bits(void *buf, unsigned int off, unsigned int width, u64 value)
{
	u8 *p = (u8 *)buf + off / 32 * 4;
	unsigned int i, n = width > 32 ? 8 : 4;
	u64 mask = ~0ULL >> (64 - width), v = 0;

	if (width > 32) {
		v = value;
	} else {
		unsigned int shift = 32 - off % 32 - width;

		for (i = 0; i < n; i++)
			v = v << 8 | p[i];
		v = (v & ~(mask << shift)) | (value & mask) << shift;
	}
	for (i = 0; i < n; i++)
		p[i] = v >> (8 * (n - 1 - i));
}

/* m5_get(in, M5_IN_OPCODE): the field, in host order. m5_put() is the opposite. */
#define m5_get(buf, ...)	m5_get_bits(buf, __VA_ARGS__)
#define m5_put(buf, ...)	m5_put_field(buf, __VA_ARGS__)
#define m5_put_field(buf, off, width, value)	m5_put_bits(buf, off, width, value)

/* Big-endian 64-bit words behind a command: translation entries, key lists. */
static inline u64 m5_word(const void *buf, size_t index)
{
	const u8 *p = (const u8 *)buf + 8 * index;

	return (u64)p[0] << 56 | (u64)p[1] << 48 | (u64)p[2] << 40 | (u64)p[3] << 32 |
	       (u64)p[4] << 24 | (u64)p[5] << 16 | (u64)p[6] << 8 | p[7];
}

#endif /* M5_ENGINE_BITS_H */
