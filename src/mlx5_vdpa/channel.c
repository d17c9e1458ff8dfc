// SPDX-License-Identifier: GPL-2.0-only
/*
 * channel.c - what a data queue needs besides its object: how the firmware signals used buffers,
 * and memory for the firmware's own use.
 *
 * The firmware signals by sending an empty message over a reliable connection between two queue
 * pairs of this device: its own end, which it operates by itself, and the driver's, which only
 * receives. Each message takes a receive buffer and makes an entry in a completion queue, whose
 * interrupt is what the driver of the virtqueue gets to see. That path is made once for all queue
 * sizes.
 */
#include <linux/interrupt.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/mlx5/qp.h>

#include "mlx5_vdpa.h"

/* Entries of the completion queue, and receive buffers: at most one message per used buffer. */
#define CHANNEL_ENTRIES	MLX5V_QUEUE_SIZE
#define CQE_SIZE	64

static int node_of(struct mlx5v_queue *q)
{
	return q->dev->mdev->priv.numa_node;
}

/*
 * Completions
 */

static struct mlx5_cqe64 *next_cqe(struct mlx5v_cq *cq)
{
	u32 ci = cq->mcq.cons_index;
	struct mlx5_cqe64 *cqe = mlx5_frag_buf_get_wqe(&cq->fbc, ci & (CHANNEL_ENTRIES - 1));
	u8 op_own = READ_ONCE(cqe->op_own);

	/* An entry is the hardware's until its owner bit is that of this round. */
	if (op_own >> 4 == MLX5_CQE_INVALID ||
	    (op_own & MLX5_CQE_OWNER_MASK) != !!(ci & CHANNEL_ENTRIES))
		return NULL;
	return cqe;
}

static void post_receive(struct mlx5v_qp *qp, unsigned int n)
{
	qp->head += n;
	qp->db.db[MLX5_RCV_DBR] = cpu_to_be32(qp->head);
}

/* Give back what was consumed, and pass it on. */
static void signal(struct mlx5v_queue *q, unsigned int n)
{
	mlx5_cq_set_ci(&q->cq.mcq);
	/* Room for completions before receive buffers that will need it. */
	dma_wmb();
	post_receive(&q->drv, n);
	mlx5v_call(&q->call);
}

/* Atomic, and one at a time for a queue. */
static void cq_completed(struct mlx5_core_cq *mcq, struct mlx5_eqe *eqe)
{
	struct mlx5v_queue *q = container_of(mcq, struct mlx5v_queue, cq.mcq);
	unsigned int n = 0;

	while (next_cqe(&q->cq)) {
		mcq->cons_index++;
		/* Do not let the firmware run out of buffers while it keeps this busy. */
		if (++n == CHANNEL_ENTRIES / 2) {
			signal(q, n);
			n = 0;
		}
	}
	if (n)
		signal(q, n);
	mlx5_cq_arm(mcq, MLX5_CQ_DB_REQ_NOT, q->dev->uar->map, mcq->cons_index);
}

static int cq_alloc(struct mlx5v_queue *q)
{
	struct mlx5_core_dev *mdev = q->dev->mdev;
	struct mlx5v_cq *cq = &q->cq;
	unsigned int i;
	int err;

	err = mlx5_db_alloc_node(mdev, &cq->db, node_of(q));
	if (err)
		return err;
	err = mlx5_frag_buf_alloc_node(mdev, CHANNEL_ENTRIES * CQE_SIZE, &cq->buf, node_of(q));
	if (err) {
		mlx5_db_free(mdev, &cq->db);
		return err;
	}
	mlx5_init_fbc(cq->buf.frags, ilog2(CQE_SIZE), ilog2(CHANNEL_ENTRIES), &cq->fbc);
	for (i = 0; i < CHANNEL_ENTRIES; i++) {
		struct mlx5_cqe64 *cqe = mlx5_frag_buf_get_wqe(&cq->fbc, i);

		cqe->op_own = MLX5_CQE_INVALID << 4;
	}
	return 0;
}

static void cq_free(struct mlx5v_queue *q)
{
	mlx5_frag_buf_free(q->dev->mdev, &q->cq.buf);
	mlx5_db_free(q->dev->mdev, &q->cq.db);
}

/* All that a completion needs is set before there can be one. */
static int cq_exec(struct mlx5v_queue *q)
{
	u32 out[MLX5_ST_SZ_DW(create_cq_out)] = {};
	struct mlx5v_dev *dev = q->dev;
	struct mlx5v_cq *cq = &q->cq;
	int inlen, eqn, err;
	void *in, *cqc;

	err = mlx5_comp_eqn_get(dev->mdev, 0, &eqn);
	if (err)
		return err;
	inlen = MLX5_ST_SZ_BYTES(create_cq_in) + cq->buf.npages * sizeof(__be64);
	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;

	memset(&cq->mcq, 0, sizeof(cq->mcq));
	cq->mcq.cqe_sz = CQE_SIZE;
	cq->mcq.set_ci_db = cq->db.db;
	cq->mcq.arm_db = cq->db.db + 1;
	cq->mcq.comp = cq_completed;

	MLX5_SET(create_cq_in, in, uid, dev->uid);
	cqc = MLX5_ADDR_OF(create_cq_in, in, cq_context);
	MLX5_SET(cqc, cqc, log_page_size, cq->buf.page_shift - MLX5_ADAPTER_PAGE_SHIFT);
	MLX5_SET(cqc, cqc, log_cq_size, ilog2(CHANNEL_ENTRIES));
	MLX5_SET(cqc, cqc, uar_page, dev->uar->index);
	MLX5_SET(cqc, cqc, c_eqn_or_apu_element, eqn);
	MLX5_SET64(cqc, cqc, dbr_addr, cq->db.dma);
	mlx5_fill_page_frag_array(&cq->buf, (__be64 *)MLX5_ADDR_OF(create_cq_in, in, pas));

	atomic64_inc(&dev->count.cmds);
	err = mlx5_core_create_cq(dev->mdev, &cq->mcq, in, inlen, out, sizeof(out));
	kvfree(in);
	return err;
}

static int cq_create(struct mlx5v_queue *q)
{
	int err = cq_alloc(q);

	if (err)
		return err;
	err = cq_exec(q);
	if (err) {
		cq_free(q);
		return err;
	}
	q->cq.exists = true;
	q->cq.forgotten = false;
	mlx5_cq_arm(&q->cq.mcq, MLX5_CQ_DB_REQ_NOT, q->dev->uar->map, q->cq.mcq.cons_index);
	return 0;
}

/* What mlx5_core_destroy_cq() does after it has forgotten the queue. */
static int cq_destroy_forgotten(struct mlx5v_queue *q)
{
	u32 in[MLX5_ST_SZ_DW(destroy_cq_in)] = {};
	struct mlx5_core_cq *mcq = &q->cq.mcq;
	int err;

	MLX5_SET(destroy_cq_in, in, opcode, MLX5_CMD_OP_DESTROY_CQ);
	MLX5_SET(destroy_cq_in, in, uid, mcq->uid);
	MLX5_SET(destroy_cq_in, in, cqn, mcq->cqn);
	err = mlx5v_exec_free(q->dev, "completion queue", in, sizeof(in));
	if (err)
		return err;
	/* Who handles an event has a reference. */
	synchronize_irq(mcq->irqn);
	mlx5_cq_put(mcq);
	wait_for_completion(&mcq->free);
	return 0;
}

/*
 * mlx5_core forgets the queue before it sends the command, and cannot be asked a second time. Waits
 * for the completion handler.
 */
static int cq_destroy(struct mlx5v_queue *q)
{
	int err = -EAGAIN;

	if (!q->cq.exists)
		return 0;
	if (!q->cq.forgotten) {
		q->cq.forgotten = true;
		atomic64_inc(&q->dev->count.cmds);
		err = mlx5_core_destroy_cq(q->dev->mdev, &q->cq.mcq);
	}
	if (err)
		err = cq_destroy_forgotten(q);
	if (err)
		return err;
	q->cq.exists = false;
	cq_free(q);
	return 0;
}

/*
 * Queue pairs
 */

static int qp_alloc(struct mlx5v_queue *q, struct mlx5v_qp *qp)
{
	struct mlx5_core_dev *mdev = q->dev->mdev;
	int err;

	if (qp == &q->fw)
		return 0;
	err = mlx5_frag_buf_alloc_node(mdev, CHANNEL_ENTRIES * sizeof(struct mlx5_wqe_data_seg),
				       &qp->buf, node_of(q));
	if (err)
		return err;
	err = mlx5_db_alloc_node(mdev, &qp->db, node_of(q));
	if (err)
		mlx5_frag_buf_free(mdev, &qp->buf);
	return err;
}

static void qp_free(struct mlx5v_queue *q, struct mlx5v_qp *qp)
{
	if (qp == &q->fw)
		return;
	mlx5_db_free(q->dev->mdev, &qp->db);
	mlx5_frag_buf_free(q->dev->mdev, &qp->buf);
}

static int qp_exec(struct mlx5v_queue *q, struct mlx5v_qp *qp)
{
	u32 out[MLX5_ST_SZ_DW(create_qp_out)] = {};
	struct mlx5v_dev *dev = q->dev;
	bool fw = qp == &q->fw;
	void *in, *qpc;
	int inlen, err;

	inlen = MLX5_ST_SZ_BYTES(create_qp_in) + (fw ? 0 : qp->buf.npages * sizeof(__be64));
	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	MLX5_SET(create_qp_in, in, opcode, MLX5_CMD_OP_CREATE_QP);
	MLX5_SET(create_qp_in, in, uid, dev->uid);
	qpc = MLX5_ADDR_OF(create_qp_in, in, qpc);
	MLX5_SET(qpc, qpc, st, MLX5_QP_ST_RC);
	MLX5_SET(qpc, qpc, pm_state, MLX5_QP_PM_MIGRATED);
	MLX5_SET(qpc, qpc, pd, dev->pdn);
	MLX5_SET(qpc, qpc, mtu, MLX5_QPC_MTU_256_BYTES);
	MLX5_SET(qpc, qpc, no_sq, 1);
	if (fw) {
		MLX5_SET(qpc, qpc, rq_type, MLX5_ZERO_LEN_RQ);
	} else {
		MLX5_SET(qpc, qpc, rq_type, MLX5_NON_ZERO_RQ);
		MLX5_SET(qpc, qpc, log_rq_size, ilog2(CHANNEL_ENTRIES));
		MLX5_SET(qpc, qpc, cqn_rcv, q->cq.mcq.cqn);
		MLX5_SET(qpc, qpc, uar_page, dev->uar->index);
		MLX5_SET(qpc, qpc, log_page_size, qp->buf.page_shift - MLX5_ADAPTER_PAGE_SHIFT);
		MLX5_SET64(qpc, qpc, dbr_addr, qp->db.dma);
		mlx5_fill_page_frag_array(&qp->buf,
					  (__be64 *)MLX5_ADDR_OF(create_qp_in, in, pas));
	}
	err = mlx5v_exec(dev, in, inlen, out, sizeof(out));
	kvfree(in);
	if (!err)
		qp->qpn = MLX5_GET(create_qp_out, out, qpn);
	return err;
}

static int qp_create(struct mlx5v_queue *q, struct mlx5v_qp *qp)
{
	int err = qp_alloc(q, qp);

	if (err)
		return err;
	err = qp_exec(q, qp);
	if (err) {
		qp_free(q, qp);
		return err;
	}
	qp->exists = true;
	qp->head = 0;
	/* The messages are empty: the buffers need no address. */
	if (qp == &q->drv)
		post_receive(qp, CHANNEL_ENTRIES);
	return 0;
}

static int qp_destroy(struct mlx5v_queue *q, struct mlx5v_qp *qp)
{
	u32 in[MLX5_ST_SZ_DW(destroy_qp_in)] = {};
	int err;

	if (!qp->exists)
		return 0;
	MLX5_SET(destroy_qp_in, in, opcode, MLX5_CMD_OP_DESTROY_QP);
	MLX5_SET(destroy_qp_in, in, uid, q->dev->uid);
	MLX5_SET(destroy_qp_in, in, qpn, qp->qpn);
	err = mlx5v_exec_free(q->dev, "queue pair", in, sizeof(in));
	if (err)
		return err;
	qp->exists = false;
	qp_free(q, qp);
	return 0;
}

static int qp_to_reset(struct mlx5v_queue *q, struct mlx5v_qp *qp)
{
	u32 in[MLX5_ST_SZ_DW(qp_2rst_in)] = {};
	u32 out[MLX5_ST_SZ_DW(qp_2rst_out)] = {};

	MLX5_SET(qp_2rst_in, in, opcode, MLX5_CMD_OP_2RST_QP);
	MLX5_SET(qp_2rst_in, in, uid, q->dev->uid);
	MLX5_SET(qp_2rst_in, in, qpn, qp->qpn);
	return mlx5v_exec(q->dev, in, sizeof(in), out, sizeof(out));
}

static int qp_to_init(struct mlx5v_queue *q, struct mlx5v_qp *qp, struct mlx5v_qp *peer)
{
	u32 in[MLX5_ST_SZ_DW(rst2init_qp_in)] = {};
	u32 out[MLX5_ST_SZ_DW(rst2init_qp_out)] = {};
	void *qpc = MLX5_ADDR_OF(rst2init_qp_in, in, qpc);
	void *path = MLX5_ADDR_OF(qpc, qpc, primary_address_path);

	MLX5_SET(rst2init_qp_in, in, opcode, MLX5_CMD_OP_RST2INIT_QP);
	MLX5_SET(rst2init_qp_in, in, uid, q->dev->uid);
	MLX5_SET(rst2init_qp_in, in, qpn, qp->qpn);
	MLX5_SET(qpc, qpc, remote_qpn, peer->qpn);
	MLX5_SET(qpc, qpc, rwe, 1);
	MLX5_SET(ads, path, vhca_port_num, 1);
	return mlx5v_exec(q->dev, in, sizeof(in), out, sizeof(out));
}

static int qp_to_rtr(struct mlx5v_queue *q, struct mlx5v_qp *qp, struct mlx5v_qp *peer)
{
	u32 in[MLX5_ST_SZ_DW(init2rtr_qp_in)] = {};
	u32 out[MLX5_ST_SZ_DW(init2rtr_qp_out)] = {};
	void *qpc = MLX5_ADDR_OF(init2rtr_qp_in, in, qpc);
	void *path = MLX5_ADDR_OF(qpc, qpc, primary_address_path);

	MLX5_SET(init2rtr_qp_in, in, opcode, MLX5_CMD_OP_INIT2RTR_QP);
	MLX5_SET(init2rtr_qp_in, in, uid, q->dev->uid);
	MLX5_SET(init2rtr_qp_in, in, qpn, qp->qpn);
	MLX5_SET(qpc, qpc, mtu, MLX5_QPC_MTU_256_BYTES);
	MLX5_SET(qpc, qpc, log_msg_max, 30);
	MLX5_SET(qpc, qpc, remote_qpn, peer->qpn);
	/* Both ends are on this device: packets never leave it. */
	MLX5_SET(ads, path, fl, 1);
	return mlx5v_exec(q->dev, in, sizeof(in), out, sizeof(out));
}

static int qp_to_rts(struct mlx5v_queue *q, struct mlx5v_qp *qp)
{
	u32 in[MLX5_ST_SZ_DW(rtr2rts_qp_in)] = {};
	u32 out[MLX5_ST_SZ_DW(rtr2rts_qp_out)] = {};
	void *qpc = MLX5_ADDR_OF(rtr2rts_qp_in, in, qpc);
	void *path = MLX5_ADDR_OF(qpc, qpc, primary_address_path);

	MLX5_SET(rtr2rts_qp_in, in, opcode, MLX5_CMD_OP_RTR2RTS_QP);
	MLX5_SET(rtr2rts_qp_in, in, uid, q->dev->uid);
	MLX5_SET(rtr2rts_qp_in, in, qpn, qp->qpn);
	MLX5_SET(qpc, qpc, retry_count, 7);
	MLX5_SET(qpc, qpc, rnr_retry, 7);
	MLX5_SET(ads, path, ack_timeout, 14);
	return mlx5v_exec(q->dev, in, sizeof(in), out, sizeof(out));
}

/* Both ends go from state to state together; only the firmware's sends. */
static int qps_connect(struct mlx5v_queue *q)
{
	int err;

	err = qp_to_reset(q, &q->fw);
	if (!err)
		err = qp_to_reset(q, &q->drv);
	if (!err)
		err = qp_to_init(q, &q->fw, &q->drv);
	if (!err)
		err = qp_to_init(q, &q->drv, &q->fw);
	if (!err)
		err = qp_to_rtr(q, &q->fw, &q->drv);
	if (!err)
		err = qp_to_rtr(q, &q->drv, &q->fw);
	if (!err)
		err = qp_to_rts(q, &q->fw);
	return err;
}

/*
 * Counters
 */

static int counters_create(struct mlx5v_queue *q)
{
	u32 in[MLX5_ST_SZ_DW(mlx5v_counters_in)] = {};
	u32 out[MLX5_ST_SZ_DW(mlx5v_counters_out)] = {};
	int err;

	if (!q->dev->caps->counters)
		return 0;
	MLX5_SET(general_obj_in_cmd_hdr, in, opcode, MLX5_CMD_OP_CREATE_GENERAL_OBJECT);
	MLX5_SET(general_obj_in_cmd_hdr, in, obj_type, MLX5V_OBJ_VIRTIO_Q_COUNTERS);
	MLX5_SET(general_obj_in_cmd_hdr, in, uid, q->dev->uid);
	err = mlx5v_exec(q->dev, in, sizeof(in), out, sizeof(out));
	if (err)
		return err;
	q->counters = MLX5_GET(general_obj_out_cmd_hdr, out, obj_id);
	q->counters_exist = true;
	return 0;
}

static int counters_destroy(struct mlx5v_queue *q)
{
	u32 in[MLX5_ST_SZ_DW(general_obj_in_cmd_hdr)] = {};
	int err;

	if (!q->counters_exist)
		return 0;
	MLX5_SET(general_obj_in_cmd_hdr, in, opcode, MLX5_CMD_OP_DESTROY_GENERAL_OBJECT);
	MLX5_SET(general_obj_in_cmd_hdr, in, obj_type, MLX5V_OBJ_VIRTIO_Q_COUNTERS);
	MLX5_SET(general_obj_in_cmd_hdr, in, obj_id, q->counters);
	MLX5_SET(general_obj_in_cmd_hdr, in, uid, q->dev->uid);
	err = mlx5v_exec_free(q->dev, "counter set", in, sizeof(in));
	if (!err)
		q->counters_exist = false;
	return err;
}

/**
 * mlx5v_channel_destroy() - undoes mlx5v_channel_create(), as far as that got
 * @q: queue without an object
 *
 * Context: sleeps; dev->lock held for writing. On return the completion handler does not run.
 * Return: 0; or -errno: what is still there stays until this is called again.
 */
int mlx5v_channel_destroy(struct mlx5v_queue *q)
{
	int err;

	err = counters_destroy(q);
	if (!err)
		err = qp_destroy(q, &q->drv);
	if (!err)
		err = qp_destroy(q, &q->fw);
	if (!err)
		err = cq_destroy(q);
	return err;
}

/**
 * mlx5v_channel_create() - makes what a queue needs besides its object and the firmware's memory
 * @q: queue that has nothing of it
 *
 * Context: sleeps; dev->lock held for writing.
 * Return: 0; or -errno, with nothing left behind.
 */
int mlx5v_channel_create(struct mlx5v_queue *q)
{
	int err;

	err = cq_create(q);
	if (!err)
		err = qp_create(q, &q->fw);
	if (!err)
		err = qp_create(q, &q->drv);
	if (!err)
		err = qps_connect(q);
	if (!err)
		err = counters_create(q);
	if (err)
		mlx5v_channel_destroy(q);
	return err;
}

/*
 * Memory for the firmware
 */

static int umem_create(struct mlx5v_queue *q, struct mlx5v_umem *umem)
{
	u32 out[MLX5_ST_SZ_DW(create_umem_out)] = {};
	struct mlx5v_dev *dev = q->dev;
	void *in, *ctx;
	int inlen, err;

	err = mlx5_frag_buf_alloc_node(dev->mdev, umem->size, &umem->buf, node_of(q));
	if (err)
		return err;
	inlen = MLX5_ST_SZ_BYTES(create_umem_in) + umem->buf.npages * MLX5_ST_SZ_BYTES(mtt);
	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in) {
		err = -ENOMEM;
		goto free_buf;
	}
	MLX5_SET(create_umem_in, in, opcode, MLX5_CMD_OP_CREATE_UMEM);
	MLX5_SET(create_umem_in, in, uid, dev->uid);
	ctx = MLX5_ADDR_OF(create_umem_in, in, umem);
	MLX5_SET(umem, ctx, log_page_size, umem->buf.page_shift - MLX5_ADAPTER_PAGE_SHIFT);
	MLX5_SET64(umem, ctx, num_of_mtt, umem->buf.npages);
	mlx5_fill_page_frag_array_perm(&umem->buf, (__be64 *)MLX5_ADDR_OF(umem, ctx, mtt),
				       MLX5_MTT_PERM_RW);
	err = mlx5v_exec(dev, in, inlen, out, sizeof(out));
	kvfree(in);
	if (err)
		goto free_buf;
	umem->id = MLX5_GET(create_umem_out, out, umem_id);
	umem->exists = true;
	return 0;

free_buf:
	mlx5_frag_buf_free(dev->mdev, &umem->buf);
	return err;
}

static int umem_destroy(struct mlx5v_queue *q, struct mlx5v_umem *umem)
{
	u32 in[MLX5_ST_SZ_DW(destroy_umem_in)] = {};
	int err;

	if (!umem->exists)
		return 0;
	MLX5_SET(destroy_umem_in, in, opcode, MLX5_CMD_OP_DESTROY_UMEM);
	MLX5_SET(destroy_umem_in, in, uid, q->dev->uid);
	MLX5_SET(destroy_umem_in, in, umem_id, umem->id);
	err = mlx5v_exec_free(q->dev, "buffer", in, sizeof(in));
	if (err)
		return err;
	umem->exists = false;
	mlx5_frag_buf_free(q->dev->mdev, &umem->buf);
	return 0;
}

/**
 * mlx5v_umems_destroy() - undoes mlx5v_umems_create(), as far as that got
 * @q: queue without an object
 *
 * Context: sleeps; dev->lock held for writing.
 * Return: 0; or -errno: what is still there stays until this is called again.
 */
int mlx5v_umems_destroy(struct mlx5v_queue *q)
{
	int i, err = 0;

	for (i = ARRAY_SIZE(q->umem) - 1; i >= 0; i--) {
		int ret = umem_destroy(q, &q->umem[i]);

		if (!err)
			err = ret;
	}
	return err;
}

/**
 * mlx5v_umems_create() - gives the firmware the memory it needs for a queue of q->num entries
 * @q: queue without an object
 *
 * Context: sleeps; dev->lock held for writing.
 * Return: 0; -EOVERFLOW: the firmware wants more than is reasonable; or another -errno. Nothing is
 * left behind then.
 */
int mlx5v_umems_create(struct mlx5v_queue *q)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(q->umem) && !err; i++) {
		const struct mlx5v_umem_size *s = &q->dev->umem_size[i];
		u64 size = (u64)s->a * q->num + s->b;

		if (!size || size > SZ_64M) {
			err = -EOVERFLOW;
			break;
		}
		q->umem[i].size = size;
		err = umem_create(q, &q->umem[i]);
	}
	if (err)
		mlx5v_umems_destroy(q);
	return err;
}
