/* SPDX-License-Identifier: GPL-2.0-only */
/* io.h: userspace stand-in for the test of vp_vdpa. */
#ifndef UNIT_VP_IO_H
#define UNIT_VP_IO_H

#include <linux/types.h>

/* Tests run where this is so. */
#define cpu_to_le16(v) (v)
#define cpu_to_le32(v) (v)
#define le16_to_cpu(v) (v)
#define le32_to_cpu(v) (v)

/* Implemented by ../../fake_function.c. */
u8 ioread8(const void __iomem *at);
u16 ioread16(const void __iomem *at);
u32 ioread32(const void __iomem *at);
void iowrite8(u8 value, void __iomem *at);
void iowrite16(u16 value, void __iomem *at);
void iowrite32(u32 value, void __iomem *at);

#endif
