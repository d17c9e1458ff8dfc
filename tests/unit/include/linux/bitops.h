/* SPDX-License-Identifier: GPL-2.0-only */
/* bitops.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_BITOPS_H
#define UNIT_LINUX_BITOPS_H

#include <linux/bits.h>

static inline bool test_bit(unsigned long nr, const unsigned long *p)
{
	return p[nr / BITS_PER_LONG] >> (nr % BITS_PER_LONG) & 1;
}

static inline void __set_bit(unsigned long nr, unsigned long *p)
{
	p[nr / BITS_PER_LONG] |= 1UL << (nr % BITS_PER_LONG);
}

static inline void __clear_bit(unsigned long nr, unsigned long *p)
{
	p[nr / BITS_PER_LONG] &= ~(1UL << (nr % BITS_PER_LONG));
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static inline unsigned long __ffs64(u64 x)
{
	return __builtin_ctzll(x);
}

static inline unsigned long __ffs(unsigned long x)
{
	return __builtin_ctzl(x);
}

#define set_bit __set_bit
#define clear_bit __clear_bit
#define hweight32(x) __builtin_popcount(x)
#define hweight64(x) __builtin_popcountll(x)

#endif
