/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_KERNEL_H
#define UNIT_ENGINE_KERNEL_H

#include_next <linux/kernel.h>
#include <linux/atomic.h>
#include <linux/errno.h>

#define CONFIG_SPARSEMEM_VMEMMAP 1
#define IS_ENABLED(option) (option)
#define xchg(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)

#endif
