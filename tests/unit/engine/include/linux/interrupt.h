/* SPDX-License-Identifier: GPL-2.0-only */
/* interrupt.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_INTERRUPT_H
#define UNIT_ENGINE_INTERRUPT_H

typedef int irqreturn_t;

#endif
