/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/module.h: no remarks about what the macros of old kernels are made of.
 */
#ifndef VC_LINUX_MODULE_H
#define VC_LINUX_MODULE_H

#include_next <linux/module.h>

/*
 * VC_HAS_MODULE_INIT_COPY: until 4.20 (el8) module_init() made an alias without the attributes of
 * the function. Compilers newer than those kernels, gcc 9 and later, remark on it in every module.
 * Remove when el8 is no longer supported.
 */
#if !VC_HAS_MODULE_INIT_COPY && defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmissing-attributes"
#endif

#endif /* VC_LINUX_MODULE_H */
