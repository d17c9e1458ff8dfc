/* SPDX-License-Identifier: GPL-2.0-only */
/* define_trace.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_DEFINE_TRACE_H
#define UNIT_ENGINE_DEFINE_TRACE_H

/* Nothing to define. */

#endif
