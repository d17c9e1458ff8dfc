/* SPDX-License-Identifier: GPL-2.0-only */
/* math.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_MATH_H
#define UNIT_LINUX_MATH_H

#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define roundup(x, y) (((x) + (y) - 1) / (y) * (y))
#define rounddown(x, y) ((x) - (x) % (y))

#endif
