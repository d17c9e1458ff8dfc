/* SPDX-License-Identifier: GPL-2.0-only */
/* limits.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_LIMITS_H
#define UNIT_LINUX_LIMITS_H

#include_next <linux/limits.h>
#include <limits.h>

#define U8_MAX ((u8)~0U)
#define U16_MAX ((u16)~0U)
#define U32_MAX (~0U)
#define U64_MAX (~0ULL)
#define S64_MAX ((s64)(U64_MAX >> 1))
#ifndef SIZE_MAX
#define SIZE_MAX (~(size_t)0)
#endif

#endif
