/* SPDX-License-Identifier: GPL-2.0-only */
/* module.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_MODULE_H
#define UNIT_ENGINE_MODULE_H

#include <linux/export.h>
#include <linux/moduleparam.h>

#define THIS_MODULE NULL

extern unsigned int unit_module_refs;

#define __module_get(m) ((void)(m), unit_module_refs++)

#endif
