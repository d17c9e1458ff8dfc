/* SPDX-License-Identifier: GPL-2.0-only */
/* tracepoint.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_TRACEPOINT_H
#define UNIT_ENGINE_TRACEPOINT_H

#include <linux/types.h>

#define TP_PROTO(...) __VA_ARGS__
#define TP_ARGS(...) __VA_ARGS__
#define DECLARE_EVENT_CLASS(name, ...) struct unit_unused_export
#define TRACE_EVENT(name, proto, ...) \
	static inline void trace_##name(proto) { } \
	static inline bool trace_##name##_enabled(void) { return false; } \
	struct unit_unused_export
#define DEFINE_EVENT(template, name, proto, ...) \
	static inline void trace_##name(proto) { } struct unit_unused_export

#endif
