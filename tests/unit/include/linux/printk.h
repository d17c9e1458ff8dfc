/* SPDX-License-Identifier: GPL-2.0-only */
/* printk.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_PRINTK_H
#define UNIT_LINUX_PRINTK_H

#include <stdarg.h>
#include <stdio.h>

/* Messages of code under test are noise unless UNIT_VERBOSE is defined. */
#ifdef UNIT_VERBOSE
#define printk(...) fprintf(stderr, __VA_ARGS__)
#else
#define printk(...) do { if (0) fprintf(stderr, __VA_ARGS__); } while (0)
#endif
#define pr_err printk
#define pr_warn printk
#define pr_info printk
#define pr_debug printk
#define pr_err_ratelimited printk
#define pr_warn_ratelimited printk
#define pr_info_ratelimited printk
#define pr_debug_ratelimited printk
#define pr_warn_once printk

#endif
