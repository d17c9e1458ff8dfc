// SPDX-License-Identifier: GPL-2.0-only
/*
 * res.c - what a device needs before it can have queues and keys: protection domain, transport
 * domain and so on. All of it lives as long as the device.
 */
#include <linux/io.h>

#include "mlx5_vdpa.h"

/* Bits of dev->res, in the order in which things are allocated. */
enum {
	RES_UAR,
	RES_UCTX,
	RES_PD,
	RES_TD,
	RES_TIS,
	RES_KICK,
};

static int alloc_uar(struct mlx5v_dev *dev)
{
	dev->uar = mlx5_get_uars_page(dev->mdev);
	return PTR_ERR_OR_ZERO(dev->uar);
}

static void free_uar(struct mlx5v_dev *dev)
{
	mlx5_put_uars_page(dev->mdev, dev->uar);
}

/* A user context is needed by firmware that takes buffers from nobody else. */
static int alloc_uctx(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(create_uctx_in)] = {};
	u32 out[MLX5_ST_SZ_DW(create_uctx_out)] = {};
	int err;

	if (dev->caps->umem_uid_0)
		return 0;
	if (!dev->caps->uctx)
		return -EOPNOTSUPP;
	MLX5_SET(create_uctx_in, in, opcode, MLX5_CMD_OP_CREATE_UCTX);
	MLX5_SET(create_uctx_in, in, uctx.cap, MLX5_UCTX_CAP_RAW_TX);
	err = mlx5v_exec(dev, in, sizeof(in), out, sizeof(out));
	if (!err)
		dev->uid = MLX5_GET(create_uctx_out, out, uid);
	return err;
}

static void free_uctx(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(destroy_uctx_in)] = {};

	if (!dev->uid)
		return;
	MLX5_SET(destroy_uctx_in, in, opcode, MLX5_CMD_OP_DESTROY_UCTX);
	MLX5_SET(destroy_uctx_in, in, uid, dev->uid);
	mlx5v_exec_free(dev, "user context", in, sizeof(in));
	dev->uid = 0;
}

static int alloc_pd(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(alloc_pd_in)] = {};
	u32 out[MLX5_ST_SZ_DW(alloc_pd_out)] = {};
	int err;

	MLX5_SET(alloc_pd_in, in, opcode, MLX5_CMD_OP_ALLOC_PD);
	MLX5_SET(alloc_pd_in, in, uid, dev->uid);
	err = mlx5v_exec(dev, in, sizeof(in), out, sizeof(out));
	if (!err)
		dev->pdn = MLX5_GET(alloc_pd_out, out, pd);
	return err;
}

static void free_pd(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(dealloc_pd_in)] = {};

	MLX5_SET(dealloc_pd_in, in, opcode, MLX5_CMD_OP_DEALLOC_PD);
	MLX5_SET(dealloc_pd_in, in, uid, dev->uid);
	MLX5_SET(dealloc_pd_in, in, pd, dev->pdn);
	mlx5v_exec_free(dev, "protection domain", in, sizeof(in));
}

static int query_null_mkey(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(query_special_contexts_in)] = {};
	u32 out[MLX5_ST_SZ_DW(query_special_contexts_out)] = {};
	int err;

	MLX5_SET(query_special_contexts_in, in, opcode, MLX5_CMD_OP_QUERY_SPECIAL_CONTEXTS);
	err = mlx5v_exec(dev, in, sizeof(in), out, sizeof(out));
	if (!err)
		dev->null_mkey = MLX5_GET(query_special_contexts_out, out, null_mkey);
	return err;
}

static int alloc_td(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(alloc_transport_domain_in)] = {};
	u32 out[MLX5_ST_SZ_DW(alloc_transport_domain_out)] = {};
	int err;

	MLX5_SET(alloc_transport_domain_in, in, opcode, MLX5_CMD_OP_ALLOC_TRANSPORT_DOMAIN);
	MLX5_SET(alloc_transport_domain_in, in, uid, dev->uid);
	err = mlx5v_exec(dev, in, sizeof(in), out, sizeof(out));
	if (!err)
		dev->tdn = MLX5_GET(alloc_transport_domain_out, out, transport_domain);
	return err;
}

static void free_td(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(dealloc_transport_domain_in)] = {};

	MLX5_SET(dealloc_transport_domain_in, in, opcode, MLX5_CMD_OP_DEALLOC_TRANSPORT_DOMAIN);
	MLX5_SET(dealloc_transport_domain_in, in, uid, dev->uid);
	MLX5_SET(dealloc_transport_domain_in, in, transport_domain, dev->tdn);
	mlx5v_exec_free(dev, "transport domain", in, sizeof(in));
}

static int alloc_tis(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(create_tis_in)] = {};
	u32 out[MLX5_ST_SZ_DW(create_tis_out)] = {};
	void *ctx = MLX5_ADDR_OF(create_tis_in, in, ctx);
	int err;

	MLX5_SET(create_tis_in, in, opcode, MLX5_CMD_OP_CREATE_TIS);
	MLX5_SET(create_tis_in, in, uid, dev->uid);
	MLX5_SET(tisc, ctx, transport_domain, dev->tdn);
	err = mlx5v_exec(dev, in, sizeof(in), out, sizeof(out));
	if (!err)
		dev->tisn = MLX5_GET(create_tis_out, out, tisn);
	return err;
}

static void free_tis(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(destroy_tis_in)] = {};

	MLX5_SET(destroy_tis_in, in, opcode, MLX5_CMD_OP_DESTROY_TIS);
	MLX5_SET(destroy_tis_in, in, uid, dev->uid);
	MLX5_SET(destroy_tis_in, in, tisn, dev->tisn);
	mlx5v_exec_free(dev, "TIS", in, sizeof(in));
}

static int map_kick(struct mlx5v_dev *dev)
{
	dev->kick_phys = dev->mdev->bar_addr + dev->caps->doorbell;
	dev->kick = ioremap(dev->kick_phys, PAGE_SIZE);
	return dev->kick ? 0 : -ENOMEM;
}

static void unmap_kick(struct mlx5v_dev *dev)
{
	iounmap(dev->kick);
}

static const struct {
	int (*alloc)(struct mlx5v_dev *dev);
	void (*free)(struct mlx5v_dev *dev);
} steps[] = {
	[RES_UAR] = { alloc_uar, free_uar },
	[RES_UCTX] = { alloc_uctx, free_uctx },
	[RES_PD] = { alloc_pd, free_pd },
	[RES_TD] = { alloc_td, free_td },
	[RES_TIS] = { alloc_tis, free_tis },
	[RES_KICK] = { map_kick, unmap_kick },
};

/**
 * mlx5v_res_alloc() - allocates what a device needs before it can have queues and keys
 * @dev: device
 *
 * Context: sleeps.
 * Return: 0; or -errno, with nothing left behind.
 */
int mlx5v_res_alloc(struct mlx5v_dev *dev)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		err = steps[i].alloc(dev);
		if (err)
			goto undo;
		dev->res |= BIT(i);
	}
	err = query_null_mkey(dev);
	if (!err)
		err = mlx5v_umem_sizes_query(dev);
undo:
	if (err)
		mlx5v_res_free(dev);
	return err;
}

/**
 * mlx5v_res_free() - undoes mlx5v_res_alloc()
 * @dev: device that has neither queues nor keys any more
 *
 * Context: sleeps.
 */
void mlx5v_res_free(struct mlx5v_dev *dev)
{
	int i;

	for (i = ARRAY_SIZE(steps) - 1; i >= 0; i--)
		if (dev->res & BIT(i))
			steps[i].free(dev);
	dev->res = 0;
}
