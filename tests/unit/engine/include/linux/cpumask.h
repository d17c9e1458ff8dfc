/* SPDX-License-Identifier: GPL-2.0-only */
/* cpumask.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_CPUMASK_H
#define UNIT_ENGINE_CPUMASK_H

struct cpumask;

#endif
