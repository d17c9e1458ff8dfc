/* SPDX-License-Identifier: GPL-2.0-only */
/* atomic.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_ATOMIC_H
#define UNIT_LINUX_ATOMIC_H

#include <linux/types.h>

#define ATOMIC_INIT(v) { (v) }
#define ATOMIC64_INIT(v) { (v) }

#define UNIT_ATOMIC(pre, type, val) \
static inline val pre##_read(const type *v) { return __atomic_load_n(&v->counter, 5); } \
static inline void pre##_set(type *v, val i) { __atomic_store_n(&v->counter, i, 5); } \
static inline void pre##_add(val i, type *v) { __atomic_add_fetch(&v->counter, i, 5); } \
static inline void pre##_sub(val i, type *v) { __atomic_sub_fetch(&v->counter, i, 5); } \
static inline void pre##_inc(type *v) { pre##_add(1, v); } \
static inline void pre##_dec(type *v) { pre##_sub(1, v); } \
static inline val pre##_add_return(val i, type *v) \
{ return __atomic_add_fetch(&v->counter, i, 5); } \
static inline val pre##_sub_return(val i, type *v) \
{ return __atomic_sub_fetch(&v->counter, i, 5); } \
static inline val pre##_inc_return(type *v) { return pre##_add_return(1, v); } \
static inline val pre##_dec_return(type *v) { return pre##_sub_return(1, v); } \
static inline bool pre##_dec_and_test(type *v) { return !pre##_sub_return(1, v); } \
static inline val pre##_xchg(type *v, val i) \
{ return __atomic_exchange_n(&v->counter, i, 5); } \
static inline val pre##_cmpxchg(type *v, val old, val new) \
{ __atomic_compare_exchange_n(&v->counter, &old, new, 0, 5, 5); return old; } \
static inline bool pre##_try_cmpxchg(type *v, val *old, val new) \
{ return __atomic_compare_exchange_n(&v->counter, old, new, 0, 5, 5); } \
struct unit_unused_export

UNIT_ATOMIC(atomic, atomic_t, int);
UNIT_ATOMIC(atomic64, atomic64_t, s64);
UNIT_ATOMIC(atomic_long, atomic_long_t, long);

#endif
