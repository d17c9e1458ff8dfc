/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net/netlink.h: copying string attributes.
 */
#ifndef VC_NET_NETLINK_H
#define VC_NET_NETLINK_H

#include_next <net/netlink.h>

/*
 * VC_HAS_NLA_STRSCPY: until 5.10 (el8.4) nla_strlcpy() returned the length of the source.
 * Remove when neither is supported.
 */
#if !VC_HAS_NLA_STRSCPY
static inline ssize_t nla_strscpy(char *dst, const struct nlattr *nla, size_t dstsize)
{
	size_t len;

	if (!dstsize)
		return -E2BIG;
	len = nla_strlcpy(dst, nla, dstsize);
	return len < dstsize ? (ssize_t)len : -E2BIG;
}
#endif

#endif /* VC_NET_NETLINK_H */
