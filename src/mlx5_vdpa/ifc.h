/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ifc.h - what the firmware's virtio emulation looks like in commands.
 *
 * The kernel's mlx5 headers describe the commands themselves, but the objects of virtio emulation
 * only from some release on, and new fields of them later still. They are part of the device, not
 * of a kernel, so they are described here once, under names of our own. Used with MLX5_SET(),
 * MLX5_GET() and MLX5_ADDR_OF(), which is why every structure is called mlx5_ifc_..._bits and
 * counts bits; the comments give the bit at which a group begins.
 */
#ifndef MLX5V_IFC_H
#define MLX5V_IFC_H

#include <linux/types.h>
#include <linux/mlx5/mlx5_ifc.h>

/* Types of general objects. */
#define MLX5V_OBJ_VIRTIO_NET_Q		0x0d
#define MLX5V_OBJ_VIRTIO_Q_COUNTERS	0x1c

/* Operation modifiers of QUERY_HCA_CAP: twice the kind of capability, plus 1 for current values. */
#define MLX5V_CAP_OP_GENERAL		((0x00 << 1) | 1)
#define MLX5V_CAP_OP_VDPA_EMULATION	((0x13 << 1) | 1)

/* event_mode of a queue; the capability of that name is a mask of BIT(mode). */
#define MLX5V_EVENT_QP			1
#define MLX5V_EVENT_MSIX		2

/* virtio_queue_type of the capabilities is a mask of BIT(type). */
#define MLX5V_QUEUE_SPLIT		0

/* Bits of device_features_bits_mask and of a queue's feature mask. */
#define MLX5V_FEAT_MRG_RXBUF		BIT(2)
#define MLX5V_FEAT_HOST_ECN		BIT(4)
#define MLX5V_FEAT_GUEST_ECN		BIT(6)
#define MLX5V_FEAT_GUEST_TSO6		BIT(7)
#define MLX5V_FEAT_GUEST_TSO4		BIT(8)
#define MLX5V_FEAT_GUEST_CSUM		BIT(9)
#define MLX5V_FEAT_CSUM			BIT(10)
#define MLX5V_FEAT_HOST_TSO6		BIT(11)
#define MLX5V_FEAT_HOST_TSO4		BIT(12)

/* modify_select of a queue: which fields a MODIFY command carries. */
#define MLX5V_MOD_STATE			BIT_ULL(0)
#define MLX5V_MOD_ADDRS			BIT_ULL(6)
#define MLX5V_MOD_AVAIL_IDX		BIT_ULL(7)
#define MLX5V_MOD_USED_IDX		BIT_ULL(8)
#define MLX5V_MOD_VERSION		BIT_ULL(10)
#define MLX5V_MOD_MKEY			BIT_ULL(11)
#define MLX5V_MOD_FEATURES		BIT_ULL(12)
#define MLX5V_MOD_DESC_MKEY		BIT_ULL(14)

/* list_q_type of an RQ table. */
#define MLX5V_RQT_VIRTIO_NET_Q		1

/* A buffer for the firmware's own use. */
struct mlx5_ifc_mlx5v_umem_bits {
	u8 id[0x20];
	u8 size[0x20];
	u8 offset[0x40];
};

/* The part of a queue that does not depend on the type of device. */
struct mlx5_ifc_mlx5v_virtq_bits {
	u8 virtio_q_type[0x8];			/* 0x0 */
	u8 reserved_8[0x5];
	u8 event_mode[0x3];
	u8 queue_index[0x10];

	u8 full_emulation[0x1];			/* 0x20 */
	u8 virtio_version_1_0[0x1];
	u8 reserved_22[0x2];
	u8 offload_type[0x4];
	u8 event_qpn_or_msix[0x18];

	u8 doorbell_stride_index[0x10];		/* 0x40 */
	u8 queue_size[0x10];
	u8 device_emulation_id[0x20];

	u8 desc_addr[0x40];			/* 0x80 */
	u8 used_addr[0x40];
	u8 available_addr[0x40];

	u8 virtio_q_mkey[0x20];			/* 0x140 */
	u8 max_tunnel_desc[0x10];
	u8 reserved_170[0x8];
	u8 error_type[0x8];

	struct mlx5_ifc_mlx5v_umem_bits umem[3];	/* 0x180 */

	u8 counter_set_id[0x20];		/* 0x300 */
	u8 reserved_320[0x8];
	u8 pd[0x18];
	u8 reserved_340[0x20];
	u8 desc_group_mkey[0x20];		/* 0x360 */
	u8 reserved_380[0x80];
};

/* A queue of a network device. */
struct mlx5_ifc_mlx5v_net_q_bits {
	u8 modify_select[0x40];			/* 0x0 */
	u8 reserved_40[0x20];
	u8 vhca_id[0x10];
	u8 reserved_70[0x10];

	u8 features_12_3[0xa];			/* 0x80 */
	u8 dirty_bitmap_dump_enable[0x1];
	u8 vhost_log_page[0x5];
	u8 reserved_90[0xc];
	u8 state[0x4];

	u8 reserved_a0[0x5];			/* 0xa0 */
	u8 features_2_0[0x3];
	u8 tisn_or_qpn[0x18];

	u8 dirty_bitmap_mkey[0x20];		/* 0xc0 */
	u8 dirty_bitmap_size[0x20];
	u8 dirty_bitmap_addr[0x40];

	u8 hw_available_index[0x10];		/* 0x140 */
	u8 hw_used_index[0x10];
	u8 reserved_160[0xa0];

	struct mlx5_ifc_mlx5v_virtq_bits virtq;	/* 0x200 */
};

struct mlx5_ifc_mlx5v_net_q_in_bits {
	struct mlx5_ifc_general_obj_in_cmd_hdr_bits hdr;
	struct mlx5_ifc_mlx5v_net_q_bits q;
};

struct mlx5_ifc_mlx5v_net_q_out_bits {
	struct mlx5_ifc_general_obj_out_cmd_hdr_bits hdr;
	struct mlx5_ifc_mlx5v_net_q_bits q;
};

/* What a queue has done. */
struct mlx5_ifc_mlx5v_counters_bits {
	u8 modify_select[0x40];			/* 0x0 */
	u8 reserved_40[0x40];
	u8 received_desc[0x40];			/* 0x80 */
	u8 completed_desc[0x40];
	u8 error_cqes[0x20];			/* 0x100 */
	u8 bad_desc_errors[0x20];
	u8 exceed_max_chain[0x20];
	u8 invalid_buffer[0x20];
	u8 reserved_180[0x280];
};

struct mlx5_ifc_mlx5v_counters_in_bits {
	struct mlx5_ifc_general_obj_in_cmd_hdr_bits hdr;
	struct mlx5_ifc_mlx5v_counters_bits counters;
};

struct mlx5_ifc_mlx5v_counters_out_bits {
	struct mlx5_ifc_general_obj_out_cmd_hdr_bits hdr;
	struct mlx5_ifc_mlx5v_counters_bits counters;
};

/* General capabilities: only what is asked for here, the rest is reserved. */
struct mlx5_ifc_mlx5v_gen_cap_bits {
	u8 reserved_0[0x11a];
	u8 log_max_klm_list_size[0x6];		/* 0x11a */
	u8 reserved_120[0x132];
	u8 umem_uid_0[0x1];			/* 0x252 */
	u8 reserved_253[0x140];
	u8 log_max_rqt_size[0x5];		/* 0x393 */
	u8 reserved_398[0x68];
	u8 general_obj_types[0x40];		/* 0x400 */
	u8 reserved_440[0x23];
	u8 log_max_uctx[0x5];			/* 0x463 */
	u8 reserved_468[0x228];
	u8 log_min_sf_size[0x8];		/* 0x690 */
	u8 reserved_698[0x168];
};

/* Size of a queue's firmware buffer: a * entries + b bytes. */
struct mlx5_ifc_mlx5v_umem_cap_bits {
	u8 a[0x20];
	u8 b[0x20];
};

/* Capabilities of virtio emulation. */
struct mlx5_ifc_mlx5v_emu_cap_bits {
	u8 desc_tunnel_offload_type[0x1];	/* 0x0 */
	u8 eth_frame_offload_type[0x1];
	u8 virtio_version_1_0[0x1];
	u8 device_features[0xd];
	u8 event_mode[0x8];
	u8 virtio_queue_type[0x8];

	u8 max_tunnel_desc[0x10];		/* 0x20 */
	u8 reserved_30[0x3];
	u8 log_doorbell_stride[0x5];
	u8 reserved_38[0x3];
	u8 log_doorbell_bar_size[0x5];

	u8 doorbell_bar_offset[0x40];		/* 0x40 */

	u8 max_emulated_devices[0x8];		/* 0x80 */
	u8 max_num_virtio_queues[0x18];
	u8 reserved_a0[0x33];
	u8 desc_group_mkey_supported[0x1];	/* 0xd3 */
	u8 freeze_to_rdy_supported[0x1];
	u8 reserved_d5[0x2b];

	struct mlx5_ifc_mlx5v_umem_cap_bits umem[3];	/* 0x100 */
	u8 reserved_1c0[0x640];
};

#endif /* MLX5V_IFC_H */
