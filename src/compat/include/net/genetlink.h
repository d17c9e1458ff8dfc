/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net/genetlink.h: commands from which on the reserved header is checked.
 */
#ifndef VC_NET_GENETLINK_H
#define VC_NET_GENETLINK_H

#include_next <net/genetlink.h>

/*
 * VC_HAS_GENL_RESV_START_OP: since 6.1 (el9.4) a family names its first strict command; before,
 * none was strict. Used as a line of its own, without a comma, in the family's initialiser.
 * Remove when nothing older is supported.
 */
#if VC_HAS_GENL_RESV_START_OP
#define VC_GENL_RESV_START_OP(op) .resv_start_op = (op),
#else
#define VC_GENL_RESV_START_OP(op)
#endif

#endif /* VC_NET_GENETLINK_H */
