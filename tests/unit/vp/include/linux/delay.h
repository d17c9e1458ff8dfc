/* SPDX-License-Identifier: GPL-2.0-only */
/* delay.h: userspace stand-in for the test of vp_vdpa. */
#ifndef UNIT_VP_DELAY_H
#define UNIT_VP_DELAY_H

#include <linux/jiffies.h>

static inline void usleep_range(unsigned long min, unsigned long max)
{
	jiffies++;
}

#endif
