/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * engine.h - a strict model of the part of a ConnectX function that virtio emulation uses.
 *
 * The engine takes commands in the form of the firmware interface and keeps the objects they
 * make; it walks split virtqueues through the keys it was given, as the device does. It is plain C
 * over the few helpers below, and runs in the test module mlx5_core and in unit tests.
 *
 * Two kinds of complaint are counted apart:
 *
 *   errors   what a correct driver never does, whatever its user does: an illegal command, state,
 *            size or order, an object left behind, an access through a key that is gone, to memory
 *            that the IOMMU does not translate or that nobody has pinned
 *   faults   what the owner of a virtqueue can cause: rings or buffers in memory that is not mapped
 *
 * Nothing here locks: the caller makes calls for all devices of a wire one at a time. Nothing here
 * waits; all memory is allocated with GFP_KERNEL.
 */
#ifndef M5_ENGINE_H
#define M5_ENGINE_H

#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/list.h>
#include <linux/types.h>

#include "engine_bits.h"

enum m5_opcode {
	M5_QUERY_HCA_CAP	= 0x100,
	M5_CREATE_MKEY		= 0x200,
	M5_DESTROY_MKEY		= 0x202,
	M5_QUERY_SPECIAL	= 0x203,
	M5_CREATE_CQ		= 0x400,
	M5_DESTROY_CQ		= 0x401,
	M5_CREATE_QP		= 0x500,
	M5_DESTROY_QP		= 0x501,
	M5_RST2INIT_QP		= 0x502,
	M5_INIT2RTR_QP		= 0x503,
	M5_RTR2RTS_QP		= 0x504,
	M5_2RST_QP		= 0x50a,
	M5_QUERY_VPORT		= 0x750,
	M5_MODIFY_NIC		= 0x755,
	M5_ALLOC_PD		= 0x800,
	M5_DEALLOC_PD		= 0x801,
	M5_ALLOC_TD		= 0x816,
	M5_DEALLOC_TD		= 0x817,
	M5_CREATE_TIR		= 0x900,
	M5_DESTROY_TIR		= 0x902,
	M5_CREATE_TIS		= 0x912,
	M5_DESTROY_TIS		= 0x914,
	M5_CREATE_RQT		= 0x916,
	M5_MODIFY_RQT		= 0x917,
	M5_DESTROY_RQT		= 0x918,
	M5_CREATE_GENERAL	= 0xa00,
	M5_MODIFY_GENERAL	= 0xa01,
	M5_QUERY_GENERAL	= 0xa02,
	M5_DESTROY_GENERAL	= 0xa03,
	M5_CREATE_UCTX		= 0xa04,
	M5_DESTROY_UCTX		= 0xa06,
	M5_CREATE_UMEM		= 0xa08,
	M5_DESTROY_UMEM		= 0xa0a,
};

enum m5_status {
	M5_OK			= 0x00,
	M5_INT_ERR		= 0x01,
	M5_BAD_OP		= 0x02,
	M5_BAD_PARAM		= 0x03,
	M5_BAD_RES		= 0x05,
	M5_RES_BUSY		= 0x06,
	M5_LIMIT		= 0x08,
	M5_BAD_STATE		= 0x09,
	M5_BAD_IN_LEN		= 0x50,
	M5_BAD_OUT_LEN		= 0x51,
};

/* Types of general objects. */
#define M5_GENERAL_VQ		0x0d
#define M5_GENERAL_COUNTERS	0x1c

enum m5_type {
	M5_T_NONE,
	M5_T_UCTX, M5_T_PD, M5_T_TD, M5_T_TIS, M5_T_MKEY, M5_T_CQ, M5_T_QP, M5_T_UMEM,
	M5_T_COUNTERS, M5_T_VQ, M5_T_RQT, M5_T_TIR, M5_T_TABLE, M5_T_RULE, M5_T_UAR,
	M5_TYPES,
};

/* Modes of a key; states of a QP and of a virtqueue. */
enum { M5_MODE_PA, M5_MODE_MTT, M5_MODE_KLM };
enum { M5_QP_NEW, M5_QP_RST, M5_QP_INIT, M5_QP_RTR, M5_QP_RTS };
enum { M5_VQ_INIT, M5_VQ_RDY, M5_VQ_SUSPEND, M5_VQ_ERR };

#define M5_PAGE			4096
#define M5_NULL_KEY		0x0000ff00
#define M5_MAX_BCOUNT		(1ULL << 30)
#define M5_FRAME_MAX		65550
#define M5_LOG_BYTES		8192

struct m5_dev;

/**
 * struct m5_caps - what the function can do; set before m5_dev_init(), then read-only
 * @uid0: umem_uid_0, objects need no user context
 * @resume: SUSPEND to RDY is legal (freeze_to_rdy)
 * @desc_mkey: a key of its own for the rings
 * @counters: VIRTIO_Q_COUNTERS exist
 * @features: device_features_bits_mask
 * @max_queues: virtqueues
 * @log_klm: log2 of the largest key list
 * @max_mkeys: keys at the same time
 * @vectors: MSI-X vectors, the first of which is not for virtqueues; 0: none
 * @lenient: what a card must let pass, for the in-tree driver, is done, and counted as an error
 * @umem_a: bytes per entry of firmware buffer n
 * @umem_b: bytes besides
 */
struct m5_caps {
	bool uid0;
	bool resume;
	bool desc_mkey;
	bool counters;
	u16 features;
	u32 max_queues;
	u32 log_klm;
	u32 max_mkeys;
	u32 vectors;
	bool lenient;
	u32 umem_a[3];
	u32 umem_b[3];
};

/**
 * struct m5_host - what the engine needs from its surroundings
 * @page: address of the byte at DMA address @dma, valid to the end of its 4 KiB page, or NULL with
 *	the reason in @why if the device cannot get there. Called for every access.
 * @irq: completion queue @cqn has an event
 * @msix: raise MSI-X vector @vector
 * @send: a frame leaves; ends in m5_receive() of whoever is on the wire. False: a receiver has
 *	stopped its queue, m5_paused(), the frame has to wait, as behind a port that sends pause
 *	frames
 */
struct m5_host {
	void *(*page)(struct m5_dev *dev, u64 dma, bool write, const char **why);
	void (*irq)(struct m5_dev *dev, u32 cqn);
	void (*msix)(struct m5_dev *dev, u32 vector);
	bool (*send)(struct m5_dev *dev, const u8 *frame, u32 len);
};

/* What all objects have: found by type and id; not destroyed while @refs. */
struct m5_obj {
	struct list_head node;
	u8 type;
	u16 uid;
	u32 id;
	u32 refs;
};

struct m5_klm {
	struct m5_obj *key;	/* NULL: null key, a fault to use */
	u64 va;
	u64 end;		/* offset within the list at which this entry ends */
};

struct m5_mkey {
	struct m5_obj obj;
	u32 key;
	u8 mode;
	bool lr, lw;
	u64 start, len;
	struct m5_obj *pd;
	u32 log_page;
	u32 count;
	union {
		u64 *mtt;
		struct m5_klm *klm;
	};
};

struct m5_umem {
	struct m5_obj obj;
	u64 bytes;
	struct m5_obj *user;	/* the virtqueue, a buffer has only one */
};

struct m5_tis {
	struct m5_obj obj;
	struct m5_obj *td;
};

struct m5_counters {
	struct m5_obj obj;
	u64 received, completed;
	u32 bad_desc;
};

struct m5_cq {
	struct m5_obj obj;
	u32 log_size, log_page, pages;
	u64 dbr;
	u32 pi;			/* completions written */
	u32 events;		/* events raised; the low two bits are the expected arm_sn */
	u64 pas[];
};

struct m5_qp {
	struct m5_obj obj;
	bool fw;
	u8 state;
	u32 remote;
	struct m5_obj *pd;
	struct m5_cq *cq;
	u64 dbr;
	u32 consumed;
};

struct m5_vq {
	struct m5_obj obj;
	u8 state;
	u16 index, size;
	u16 features;
	bool version_1;
	u64 desc, avail, used;
	u16 hw_used;
	u16 prefetched;
	u64 received, completed;
	struct m5_obj *pd, *tis;
	struct m5_mkey *mkey, *desc_mkey;
	struct m5_umem *umem[3];
	struct m5_counters *counters;
	struct m5_qp *qp;
	u32 vector;		/* instead of @qp, if not 0 */
};

struct m5_rqt {
	struct m5_obj obj;
	u32 max, actual;
	struct m5_vq **vq;
};

struct m5_tir {
	struct m5_obj obj;
	struct m5_obj *td;
	struct m5_rqt *rqt;
};

struct m5_table {
	struct m5_obj obj;
	u32 rules, max;
};

/**
 * struct m5_match - what a steering rule looks for
 * @mac_mask: bits of the destination address that matter
 * @mac: and their values
 * @vlan_matters: @tagged (and @vid, if tagged) must fit
 */
struct m5_match {
	u8 mac_mask[6], mac[6];
	bool vlan_matters, tagged;
	u16 vid;
};

struct m5_rule {
	struct m5_obj obj;
	struct m5_table *table;
	struct m5_tir *tir;
	struct m5_match match;
	u64 hits;
};

/**
 * struct m5_op_stat - one opcode
 * @opcode: which
 * @general: type of the general object, else 0
 * @count: commands
 * @failed: of these with a status other than 0
 * @bytes: of input
 */
struct m5_op_stat {
	u16 opcode, general;
	u64 count, failed, bytes;
};
#define M5_OP_STATS	64

/* A buffer of a virtqueue, as its descriptors say. */
#define M5_SEGMENTS	64

struct m5_seg {
	u64 addr;
	u32 len;
	u16 flags, next;
};

struct m5_chain {
	u16 head;
	u32 count;
	u64 bytes;
	struct m5_seg seg[M5_SEGMENTS];
};

/**
 * struct m5_dev - one function
 * @host: set by the caller
 * @priv: the caller's
 * @caps: set by the caller
 * @eqn: event queue that completion queues may use
 * @link_up: state of the virtual port
 * @dead: the function has been taken away; no command reaches it, nothing moves
 * @mtu: of the virtual port
 * @errors: see the top of the file
 * @faults: likewise
 * @mkeys_live: keys at this moment
 * @mkeys_peak: largest value of @mkeys_live
 * @payload: bytes of translation entries of all CREATE_MKEY so far
 * @tx_frames: frames taken from virtqueues
 * @rx_frames: frames put into virtqueues
 * @rx_dropped: frames for this function with nowhere to put them
 * @log: first complaints, in words
 * @frame: a frame on its way out
 *
 * The rest is the engine's own.
 */
struct m5_dev {
	const struct m5_host *host;
	void *priv;
	struct m5_caps caps;
	u32 eqn;
	bool link_up, dead;
	u16 mtu;

	u64 errors, faults;
	u32 mkeys_live, mkeys_peak;
	u64 payload;
	u64 tx_frames, rx_frames, rx_dropped;
	u32 log_len;
	char log[M5_LOG_BYTES];

	struct m5_op_stat ops[M5_OP_STATS];
	struct list_head objs[M5_TYPES];
	struct list_head *hint[M5_TYPES];	/* where to look first */
	u32 next_id[M5_TYPES];
	u32 live[M5_TYPES];
	u8 *frame;
	struct m5_mkey null_mkey;
	struct m5_chain tx_chain, rx_chain[2];
};

/* Life. Exit counts what is left as errors, unless the function is dead. */
int m5_dev_init(struct m5_dev *dev);
void m5_dev_exit(struct m5_dev *dev);
/* Objects a driver has made and not destroyed; complains about each if @complain. */
u32 m5_dev_leaks(struct m5_dev *dev, bool complain);
/* All objects vanish, as firmware that has gone. */
void m5_dev_wipe(struct m5_dev *dev);

/*
 * One command. @out is cleared and filled, its first byte is the status. The result is the same
 * status; everything but M5_OK counts an error, as no correct driver earns one (LIMIT does not).
 */
u8 m5_exec(struct m5_dev *dev, const void *in, size_t in_len, void *out, size_t out_len);
/* A status that was injected: only counted and filled in. */
void m5_fake_status(struct m5_dev *dev, const void *in, size_t in_len, void *out, size_t out_len,
		    u8 status, u32 syndrome);

void __printf(2, 3) m5_error(struct m5_dev *dev, const char *fmt, ...);
void __printf(2, 3) m5_fault(struct m5_dev *dev, const char *fmt, ...);

/* What has no command of its own here. Steering returns 0 or a status. */
u32 m5_uar_get(struct m5_dev *dev);
void m5_uar_put(struct m5_dev *dev, u32 id);
u8 m5_table_create(struct m5_dev *dev, u32 max_rules, u32 *id);
u8 m5_table_destroy(struct m5_dev *dev, u32 id);
u8 m5_rule_add(struct m5_dev *dev, u32 table, u32 tirn, const struct m5_match *match, u32 *id);
u8 m5_rule_del(struct m5_dev *dev, u32 id);

/* Data path. m5_poll() does what there is to do and returns how many buffers that were. */
unsigned int m5_poll(struct m5_dev *dev);
/* A frame from the wire: true if some rule wanted it. */
bool m5_receive(struct m5_dev *dev, const u8 *frame, u32 len);
/* The queue that would get the frame is suspended. */
bool m5_paused(struct m5_dev *dev, const u8 *frame, u32 len);

/* Checks every entry of every key: the pages must be reachable. Returns how many are not. */
u64 m5_audit(struct m5_dev *dev);
/* Where @va leads through the newest list of keys; false: nowhere. Rights are not looked at. */
bool m5_translate(struct m5_dev *dev, u64 va, u64 *dma);

/* ---- between the engine's own files ---- */

/* engine_obj.c */
struct m5_obj *m5_obj_new(struct m5_dev *dev, enum m5_type type, u16 uid, size_t size);
void m5_obj_free(struct m5_dev *dev, struct m5_obj *obj);
struct m5_obj *m5_find(struct m5_dev *dev, enum m5_type type, u32 id);
/* The object, or NULL and a complaint that says what is wrong with the id. */
struct m5_obj *m5_need(struct m5_dev *dev, enum m5_type type, u32 id, u16 uid, const char *whose);
void m5_ref(struct m5_obj *obj);
void m5_unref(struct m5_obj *obj);
const char *m5_type_name(enum m5_type type);
/* The object that a destroy command names, if it may be destroyed. */
u8 m5_take(struct m5_dev *dev, enum m5_type type, u32 id, u16 uid, struct m5_obj **obj);

/* One command each. */
u8 m5_mkey_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
u8 m5_mkey_destroy(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
void m5_mkey_release(struct m5_dev *dev, struct m5_mkey *mkey);
u8 m5_umem_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
u8 m5_cq_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
u8 m5_qp_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
u8 m5_qp_modify(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
u8 m5_rqt_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
u8 m5_rqt_modify(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
u8 m5_tir_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
u8 m5_vq_create(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
u8 m5_vq_modify(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
u8 m5_vq_query(struct m5_dev *dev, const u8 *in, size_t len, u8 *out);
void m5_vq_release(struct m5_dev *dev, struct m5_vq *vq);

/* engine_key.c: the key that number @key names now, of protection domain @pd. */
struct m5_mkey *m5_mkey_need(struct m5_dev *dev, u32 key, struct m5_obj *pd, const char *whose);
/* Copies through a key: 0, or -EFAULT after a complaint. */
int m5_key_read(struct m5_dev *dev, struct m5_mkey *mkey, u64 va, void *buf, u32 len);
int m5_key_write(struct m5_dev *dev, struct m5_mkey *mkey, u64 va, const void *buf, u32 len);
/* Copies at a DMA address: 0, or -EFAULT after a complaint. */
int m5_dma(struct m5_dev *dev, u64 dma, void *buf, u32 len, bool write, const char *what);

/* engine_cq.c: one event of a virtqueue; events that were asked for in the meantime. */
void m5_event(struct m5_dev *dev, struct m5_vq *vq);
void m5_cq_poll(struct m5_dev *dev);

#endif /* M5_ENGINE_H */
