/* SPDX-License-Identifier: GPL-2.0-only */
/* gfp.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_GFP_H
#define UNIT_LINUX_GFP_H

#include <linux/types.h>

#define GFP_KERNEL 0x1u
#define GFP_ATOMIC 0x2u
#define GFP_NOWAIT 0x4u
#define __GFP_ZERO 0x8u
#define __GFP_ACCOUNT 0x10u
#define __GFP_NOWARN 0x20u
#define __GFP_NORETRY 0x40u
#define __GFP_RETRY_MAYFAIL 0x80u
#define __GFP_NOFAIL 0x100u
#define GFP_KERNEL_ACCOUNT (GFP_KERNEL | __GFP_ACCOUNT)

unsigned long __get_free_page(gfp_t gfp);
unsigned long get_zeroed_page(gfp_t gfp);
void free_page(unsigned long addr);

#endif
