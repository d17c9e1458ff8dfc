/* SPDX-License-Identifier: GPL-2.0-only */
/* sizes.h: userspace stand-in */
#ifndef UNIT_SIZES_H
#define UNIT_SIZES_H

#define SZ_2M	0x00200000
#define SZ_1G	0x40000000

#endif
