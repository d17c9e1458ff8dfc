// SPDX-License-Identifier: GPL-2.0-only
/*
 * A generic netlink family has one policy for all its commands.
 *
 * since: 5.2, el8.1
 */
#include <net/genetlink.h>

static inline void has_genl_family_policy(void)
{
	struct genl_family family = { .policy = NULL, .maxattr = 1, .ops = NULL, .n_ops = 0 };

	(void)family;
}
