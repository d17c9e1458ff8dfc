/* SPDX-License-Identifier: GPL-2.0-only */
/* module.h: userspace stand-in for unit tests, see ../../README. */
#ifndef UNIT_LINUX_MODULE_H
#define UNIT_LINUX_MODULE_H

#include <linux/export.h>

#define MODULE_LICENSE(x) struct unit_unused_export
#define MODULE_DESCRIPTION(x) struct unit_unused_export
#define MODULE_AUTHOR(x) struct unit_unused_export
#define MODULE_VERSION(x) struct unit_unused_export
#define MODULE_PARM_DESC(n, x) struct unit_unused_export
#define module_param(n, t, p) struct unit_unused_export

#endif
