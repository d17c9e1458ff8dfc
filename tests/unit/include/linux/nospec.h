/* SPDX-License-Identifier: GPL-2.0-only */
/* nospec.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_NOSPEC_H
#define UNIT_LINUX_NOSPEC_H

#define array_index_nospec(i, n) (i)

#endif
