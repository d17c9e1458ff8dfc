/* SPDX-License-Identifier: GPL-2.0-only */
/* align.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_ALIGN_H
#define UNIT_LINUX_ALIGN_H

#define ALIGN(x, a) (((x) + (__typeof__(x))(a) - 1) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a) ((x) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a) (((x) & ((__typeof__(x))(a) - 1)) == 0)
#define round_up ALIGN
#define round_down ALIGN_DOWN

#endif
