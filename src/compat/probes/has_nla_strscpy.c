// SPDX-License-Identifier: GPL-2.0-only
/*
 * nla_strscpy() copies a string attribute and tells if it was cut.
 *
 * since: 5.11, el8.6
 */
#include <net/netlink.h>

static inline void has_nla_strscpy(void)
{
	ssize_t (*fn)(char *dst, const struct nlattr *nla, size_t dstsize) = nla_strscpy;

	(void)fn;
}
