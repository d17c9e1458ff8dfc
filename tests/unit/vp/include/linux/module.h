/* SPDX-License-Identifier: GPL-2.0-only */
/* module.h: userspace stand-in for the test of vp_vdpa. */
#ifndef UNIT_VP_MODULE_H
#define UNIT_VP_MODULE_H

#define MODULE_VERSION(x) struct unit_unused
#define MODULE_LICENSE(x) struct unit_unused
#define MODULE_AUTHOR(x) struct unit_unused
#define MODULE_DESCRIPTION(x) struct unit_unused

#endif
