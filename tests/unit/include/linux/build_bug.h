/* SPDX-License-Identifier: GPL-2.0-only */
/* build_bug.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_BUILD_BUG_H
#define UNIT_LINUX_BUILD_BUG_H

#include <linux/bug.h>

#endif
