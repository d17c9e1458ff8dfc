/* SPDX-License-Identifier: GPL-2.0-only */
/* moduleparam.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_MODULEPARAM_H
#define UNIT_ENGINE_MODULEPARAM_H

/* A test reaches the variable behind a parameter through unit_param_NAME. */
#define module_param(n, t, p) __typeof__(n) *const unit_param_##n = &n
#define MODULE_PARM_DESC(n, x) struct unit_unused_export

#endif
