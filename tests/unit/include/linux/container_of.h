/* SPDX-License-Identifier: GPL-2.0-only */
/* container_of.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_CONTAINER_OF_H
#define UNIT_LINUX_CONTAINER_OF_H

#include <stddef.h>

#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define container_of_const container_of
#ifndef sizeof_field
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#endif

#endif
