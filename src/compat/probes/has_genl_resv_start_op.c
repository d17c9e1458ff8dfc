// SPDX-License-Identifier: GPL-2.0-only
/*
 * A generic netlink family names the first command whose reserved header must be zero.
 *
 * since: 6.1, el9.4
 */
#include <net/genetlink.h>

static inline void has_genl_resv_start_op(void)
{
	struct genl_family family = { .resv_start_op = 1 };

	(void)family;
}
