/* SPDX-License-Identifier: GPL-2.0-only */
/* errno.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_ERRNO_H
#define UNIT_LINUX_ERRNO_H

#include_next <linux/errno.h>
#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif

#endif
