/* SPDX-License-Identifier: GPL-2.0-only */
/* mm_types.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_MM_TYPES_H
#define UNIT_ENGINE_MM_TYPES_H

struct mm_struct;

#endif
