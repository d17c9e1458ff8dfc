// SPDX-License-Identifier: GPL-2.0-only
/*
 * caps.c - what a function can do, and what that means in virtio features.
 *
 * The firmware is asked, rather than what mlx5_core remembers: that has different places on
 * different kernels, and lacks the capabilities that are newer than the kernel.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "mlx5_vdpa.h"

/* Lists of keys could be longer on some devices; this one takes a command of 16 MiB. */
#define MAX_KLMS_SHIFT 20

static const struct {
	u16 fw;
	unsigned int virtio;
} feature_map[] = {
	{ MLX5V_FEAT_MRG_RXBUF, VIRTIO_NET_F_MRG_RXBUF },
	{ MLX5V_FEAT_HOST_ECN, VIRTIO_NET_F_HOST_ECN },
	{ MLX5V_FEAT_GUEST_ECN, VIRTIO_NET_F_GUEST_ECN },
	{ MLX5V_FEAT_GUEST_TSO6, VIRTIO_NET_F_GUEST_TSO6 },
	{ MLX5V_FEAT_GUEST_TSO4, VIRTIO_NET_F_GUEST_TSO4 },
	{ MLX5V_FEAT_GUEST_CSUM, VIRTIO_NET_F_GUEST_CSUM },
	{ MLX5V_FEAT_CSUM, VIRTIO_NET_F_CSUM },
	{ MLX5V_FEAT_HOST_TSO6, VIRTIO_NET_F_HOST_TSO6 },
	{ MLX5V_FEAT_HOST_TSO4, VIRTIO_NET_F_HOST_TSO4 },
};

/* Ask for one kind of capability; the answer is for kfree(), the capabilities begin at @cap. */
static void *query(struct mlx5_core_dev *mdev, u16 op_mod, void **cap)
{
	u32 in[MLX5_ST_SZ_DW(query_hca_cap_in)] = {};
	size_t outlen = MLX5_ST_SZ_BYTES(query_hca_cap_out);
	void *out = kzalloc(outlen, GFP_KERNEL);
	int err;

	if (!out)
		return ERR_PTR(-ENOMEM);
	MLX5_SET(query_hca_cap_in, in, opcode, MLX5_CMD_OP_QUERY_HCA_CAP);
	MLX5_SET(query_hca_cap_in, in, op_mod, op_mod);
	err = mlx5_cmd_exec(mdev, in, sizeof(in), out, outlen);
	if (err) {
		kfree(out);
		return ERR_PTR(err);
	}
	*cap = MLX5_ADDR_OF(query_hca_cap_out, out, capability);
	return out;
}

static int query_general(struct mlx5_core_dev *mdev, struct mlx5v_caps *caps, u32 *max_rqt)
{
	u64 objects;
	void *out, *cap;
	u8 log;

	out = query(mdev, MLX5V_CAP_OP_GENERAL, &cap);
	if (IS_ERR(out))
		return PTR_ERR(out);

	objects = MLX5_GET64(mlx5v_gen_cap, cap, general_obj_types);
	caps->counters = objects & BIT_ULL(MLX5V_OBJ_VIRTIO_Q_COUNTERS);
	caps->umem_uid_0 = MLX5_GET(mlx5v_gen_cap, cap, umem_uid_0);
	caps->uctx = MLX5_GET(mlx5v_gen_cap, cap, log_max_uctx);
	log = min_t(u8, MLX5_GET(mlx5v_gen_cap, cap, log_max_klm_list_size), MAX_KLMS_SHIFT);
	caps->max_klms = BIT(log);
	log = MLX5_GET(mlx5v_gen_cap, cap, log_max_rqt_size);
	*max_rqt = BIT(min_t(u8, log, 15));
	/* A smaller BAR shares its page with other functions: userspace must not see it. */
	caps->doorbell_page = MLX5_GET(mlx5v_gen_cap, cap, log_min_sf_size) + 12 >= PAGE_SHIFT;
	kfree(out);
	return 0;
}

/**
 * mlx5v_caps_query() - finds out what a function can do
 * @mdev: the function
 * @caps: filled in
 *
 * Context: sleeps; two commands.
 * Return: 0 or -errno of a command.
 */
int mlx5v_caps_query(struct mlx5_core_dev *mdev, struct mlx5v_caps *caps)
{
	void *out, *cap;
	u32 max_rqt;
	int err;

	memset(caps, 0, sizeof(*caps));
	err = query_general(mdev, caps, &max_rqt);
	if (err)
		return err;

	out = query(mdev, MLX5V_CAP_OP_VDPA_EMULATION, &cap);
	if (IS_ERR(out))
		return PTR_ERR(out);
	caps->features = MLX5_GET(mlx5v_emu_cap, cap, device_features);
	caps->version_1 = MLX5_GET(mlx5v_emu_cap, cap, virtio_version_1_0);
	caps->split = MLX5_GET(mlx5v_emu_cap, cap, virtio_queue_type) & BIT(MLX5V_QUEUE_SPLIT);
	caps->msix = MLX5_GET(mlx5v_emu_cap, cap, event_mode) & BIT(MLX5V_EVENT_MSIX);
	caps->desc_mkey = MLX5_GET(mlx5v_emu_cap, cap, desc_group_mkey_supported);
	caps->resumable = MLX5_GET(mlx5v_emu_cap, cap, freeze_to_rdy_supported);
	caps->doorbell = MLX5_GET64(mlx5v_emu_cap, cap, doorbell_bar_offset);
	/* Half of the queues receive, in a table of queues. The last index is the CVQ. */
	caps->max_queues = min3(MLX5_GET(mlx5v_emu_cap, cap, max_num_virtio_queues),
				max_rqt, (u32)U16_MAX - 1);
	caps->max_queues = rounddown(caps->max_queues, 2);
	kfree(out);
	return 0;
}

/**
 * mlx5v_umem_sizes_query() - reads how large the firmware's buffers have to be
 * @dev: device; dev->umem_size is filled in
 *
 * Asked for each device, because the numbers may change while a function is in use.
 *
 * Context: sleeps; one command.
 * Return: 0 or -errno of the command.
 */
int mlx5v_umem_sizes_query(struct mlx5v_dev *dev)
{
	void *out, *cap, *umem;
	unsigned int i;

	out = query(dev->mdev, MLX5V_CAP_OP_VDPA_EMULATION, &cap);
	if (IS_ERR(out))
		return PTR_ERR(out);
	umem = MLX5_ADDR_OF(mlx5v_emu_cap, cap, umem);
	for (i = 0; i < ARRAY_SIZE(dev->umem_size); i++) {
		dev->umem_size[i].a = MLX5_GET(mlx5v_umem_cap, umem, a);
		dev->umem_size[i].b = MLX5_GET(mlx5v_umem_cap, umem, b);
		umem += MLX5_ST_SZ_BYTES(mlx5v_umem_cap);
	}
	kfree(out);
	return 0;
}

/**
 * mlx5v_supported_features() - virtio features that a device of a function can offer
 * @caps: the function's capabilities
 *
 * Those that the queues do not see are the driver's own.
 *
 * Context: any.
 */
u64 mlx5v_supported_features(const struct mlx5v_caps *caps)
{
	u64 features = BIT_ULL(VIRTIO_F_ACCESS_PLATFORM) | BIT_ULL(VIRTIO_NET_F_CTRL_VQ) |
		       BIT_ULL(VIRTIO_NET_F_CTRL_MAC_ADDR) | BIT_ULL(VIRTIO_NET_F_CTRL_VLAN) |
		       BIT_ULL(VIRTIO_NET_F_MQ) | BIT_ULL(VIRTIO_NET_F_STATUS) |
		       BIT_ULL(VIRTIO_NET_F_MTU) | BIT_ULL(VIRTIO_NET_F_MAC);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(feature_map); i++)
		if (caps->features & feature_map[i].fw)
			features |= BIT_ULL(feature_map[i].virtio);
	if (caps->version_1)
		features |= BIT_ULL(VIRTIO_F_VERSION_1);
	return features;
}

/**
 * mlx5v_fw_features() - how the firmware calls virtio features
 * @features: virtio feature bits; those it does not know are left out
 *
 * VIRTIO_NET_F_GUEST_CSUM is left out: it is offered if the device has it, but no driver for this
 * firmware has ever set it in a queue.
 *
 * Context: any.
 * Return: MLX5V_FEAT_... bits.
 */
u16 mlx5v_fw_features(u64 features)
{
	u16 fw = 0;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(feature_map); i++)
		if (features & BIT_ULL(feature_map[i].virtio))
			fw |= feature_map[i].fw;
	return fw & ~MLX5V_FEAT_GUEST_CSUM;
}
