/* SPDX-License-Identifier: GPL-2.0-only */
/* cdev.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_CDEV_H
#define UNIT_ENGINE_CDEV_H

struct cdev {
	int unused;
};

#endif
