/* SPDX-License-Identifier: GPL-2.0-only */
/* string.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_STRING_H
#define UNIT_LINUX_STRING_H

#include <string.h>

#endif
