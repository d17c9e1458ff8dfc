/* SPDX-License-Identifier: GPL-2.0-only */
/* export.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_EXPORT_H
#define UNIT_LINUX_EXPORT_H

#define EXPORT_SYMBOL_GPL(s) struct unit_unused_export
#define EXPORT_SYMBOL(s) struct unit_unused_export

#endif
