// SPDX-License-Identifier: GPL-2.0-only
/*
 * layout.c - the engine's idea of commands (engine_bits.h) and the kernel's are the same.
 *
 * The engine's numbers were written down on their own, so that a wrong field in a driver is not
 * wrong in the same way in its judge. Fields that some kernels do not describe are not listed.
 */
#include <linux/build_bug.h>
#include <linux/mlx5/driver.h>
#include <linux/mlx5/mlx5_ifc.h>

#include "engine_bits.h"

#define FIRST(a, b)	(a)
#define SECOND(a, b)	(b)
#define PICK(which, ...)	which(__VA_ARGS__)

#define SAME(type, field, base, ...) \
	static_assert((base) + __mlx5_bit_off(type, field) == PICK(FIRST, __VA_ARGS__) && \
		      __mlx5_bit_sz(type, field) == PICK(SECOND, __VA_ARGS__), \
		      #type "." #field)

SAME(create_mkey_in, opcode, 0, M5_IN_OPCODE);
SAME(create_mkey_in, op_mod, 0, M5_IN_OP_MOD);
SAME(create_mkey_in, translations_octword_actual_size, 0, M5_MKEY_ACTUAL);
SAME(create_mkey_out, status, 0, M5_OUT_STATUS);
SAME(create_mkey_out, syndrome, 0, M5_OUT_SYNDROME);
SAME(create_mkey_out, mkey_index, 0, M5_OUT_ID);
SAME(destroy_mkey_in, mkey_index, 0, M5_IN_ID);
SAME(mkc, rw, 0x80, M5_MKEY_RW);
SAME(mkc, rr, 0x80, M5_MKEY_RR);
SAME(mkc, lw, 0x80, M5_MKEY_LW);
SAME(mkc, lr, 0x80, M5_MKEY_LR);
SAME(mkc, access_mode_1_0, 0x80, M5_MKEY_MODE);
SAME(mkc, access_mode_4_2, 0x80, M5_MKEY_MODE_HI);
SAME(mkc, qpn, 0x80, M5_MKEY_QPN);
SAME(mkc, mkey_7_0, 0x80, M5_MKEY_VARIANT);
SAME(mkc, length64, 0x80, M5_MKEY_LENGTH64);
SAME(mkc, pd, 0x80, M5_MKEY_PD);
SAME(mkc, start_addr, 0x80, M5_MKEY_START);
SAME(mkc, len, 0x80, M5_MKEY_LEN);
SAME(mkc, translations_octword_size, 0x80, M5_MKEY_OCTWORDS);
SAME(create_umem_in, uid, 0, M5_IN_UID);
SAME(create_umem_out, umem_id, 0, M5_OUT_ID);
SAME(umem, log_page_size, 0x80, M5_UMEM_LOG_PAGE);
SAME(umem, page_offset, 0x80, M5_UMEM_OFFSET);
SAME(umem, num_of_mtt, 0x80, M5_UMEM_NUM_MTT);
SAME(tisc, transport_domain, 0x100, M5_TIS_TD);
SAME(create_uctx_out, uid, 0, M5_UCTX_UID);
SAME(query_special_contexts_out, null_mkey, 0, M5_NULL_MKEY);
SAME(qpc, st, 0xc0, M5_QP_ST);
SAME(qpc, pm_state, 0xc0, M5_QP_PM);
SAME(qpc, pd, 0xc0, M5_QP_PD);
SAME(qpc, mtu, 0xc0, M5_QP_MTU);
SAME(qpc, log_msg_max, 0xc0, M5_QP_LOG_MSG_MAX);
SAME(qpc, log_rq_size, 0xc0, M5_QP_LOG_RQ_SIZE);
SAME(qpc, log_rq_stride, 0xc0, M5_QP_LOG_RQ_STRIDE);
SAME(qpc, no_sq, 0xc0, M5_QP_NO_SQ);
SAME(qpc, uar_page, 0xc0, M5_QP_UAR);
SAME(qpc, log_page_size, 0xc0, M5_QP_LOG_PAGE);
SAME(qpc, remote_qpn, 0xc0, M5_QP_REMOTE);
SAME(qpc, cqn_rcv, 0xc0, M5_QP_CQN);
SAME(qpc, dbr_addr, 0xc0, M5_QP_DBR);
SAME(qpc, rq_type, 0xc0, M5_QP_RQ_TYPE);
SAME(ads, vhca_port_num, 0xc0 + __mlx5_bit_off(qpc, primary_address_path), M5_QP_PORT);
SAME(cqc, cqe_sz, 0x80, M5_CQ_CQE_SZ);
SAME(cqc, log_cq_size, 0x80, M5_CQ_LOG_SIZE);
SAME(cqc, uar_page, 0x80, M5_CQ_UAR);
SAME(cqc, log_page_size, 0x80, M5_CQ_LOG_PAGE);
SAME(cqc, dbr_addr, 0x80, M5_CQ_DBR);
SAME(modify_rqt_in, rqtn, 0, M5_IN_ID);
SAME(rqtc, rqt_max_size, 0x100, M5_RQT_MAX);
SAME(rqtc, rqt_actual_size, 0x100, M5_RQT_ACTUAL);
SAME(tirc, disp_type, 0x100, M5_TIR_DISP);
SAME(tirc, indirect_table, 0x100, M5_TIR_RQT);
SAME(tirc, rx_hash_fn, 0x100, M5_TIR_HASH_FN);
SAME(tirc, transport_domain, 0x100, M5_TIR_TD);
SAME(query_vport_state_out, state, 0, M5_VPORT_STATE);
SAME(query_vport_state_out, admin_state, 0, M5_VPORT_ADMIN);
SAME(nic_vport_context, mtu, 0x800, M5_NIC_MTU);
SAME(general_obj_in_cmd_hdr, obj_type, 0, M5_GEN_TYPE);
SAME(general_obj_in_cmd_hdr, obj_id, 0, M5_GEN_ID);
/* Kernels that have no auxiliary devices do not know the bit by name. */
#if VC_HAS_MLX5_ADEV
SAME(cmd_hca_cap, umem_uid_0, 0, M5_CAP_UMEM_UID_0);
#endif
SAME(cmd_hca_cap, log_max_rqt_size, 0, M5_CAP_LOG_MAX_RQT);
SAME(cmd_hca_cap, general_obj_types, 0, M5_CAP_OBJ_TYPES);
SAME(cmd_hca_cap, log_max_uctx, 0, M5_CAP_LOG_MAX_UCTX);
SAME(cmd_hca_cap, log_min_sf_size, 0, M5_CAP_LOG_MIN_SF);
SAME(virtio_emulation_cap, eth_frame_offload_type, 0, M5_EMU_ETH_FRAME);
SAME(virtio_emulation_cap, virtio_version_1_0, 0, M5_EMU_VERSION_1);
SAME(virtio_emulation_cap, event_mode, 0, M5_EMU_EVENT_MODE);
SAME(virtio_emulation_cap, virtio_queue_type, 0, M5_EMU_QUEUE_TYPE);
SAME(virtio_emulation_cap, doorbell_bar_offset, 0, M5_EMU_BELL_OFFSET);
SAME(virtio_emulation_cap, max_num_virtio_queues, 0, M5_EMU_MAX_QUEUES);
SAME(virtio_emulation_cap, umem_1_buffer_param_a, 0, M5_EMU_UMEM_A(0));
SAME(virtio_emulation_cap, umem_2_buffer_param_a, 0, M5_EMU_UMEM_A(1));
SAME(virtio_emulation_cap, umem_3_buffer_param_b, 0, M5_EMU_UMEM_B(2));
