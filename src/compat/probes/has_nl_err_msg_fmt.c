// SPDX-License-Identifier: GPL-2.0-only
/*
 * A netlink error message may contain formatted values.
 *
 * since: 6.3, el8.10, el9.4
 */
#include <linux/netlink.h>

#ifndef NL_SET_ERR_MSG_FMT_MOD
#error "messages must be constant strings"
#endif
