/* SPDX-License-Identifier: GPL-2.0-only */
/* bug.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_BUG_H
#define UNIT_LINUX_BUG_H

#include <stdio.h>
#include <stdlib.h>

#include <linux/compiler.h>

/* A WARN is a failed test: nothing in a unit test may warn unless it says so beforehand. */
extern int unit_warn_expected;

#define BUG() do { \
	fprintf(stderr, "BUG at %s:%d\n", __FILE__, __LINE__); \
	abort(); \
} while (0)
#define BUG_ON(c) do { if (c) BUG(); } while (0)
#define WARN_ON(c) ({ \
	int __c = !!(c); \
	if (__c && unit_warn_expected) { \
		unit_warn_expected--; \
	} else if (__c) { \
		fprintf(stderr, "WARN at %s:%d: %s\n", __FILE__, __LINE__, #c); \
		abort(); \
	} \
	__c; })
#define WARN_ON_ONCE(c) WARN_ON(c)
#define WARN(c, ...) ({ if (c) fprintf(stderr, __VA_ARGS__); WARN_ON(c); })
#define WARN_ONCE(c, ...) WARN(c, __VA_ARGS__)
#define BUILD_BUG_ON(c) _Static_assert(!(c), #c)
#define BUILD_BUG_ON_MSG(c, m) _Static_assert(!(c), m)

#endif
