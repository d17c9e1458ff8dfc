/* SPDX-License-Identifier: GPL-2.0-only */
/* capability.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_CAPABILITY_H
#define UNIT_ENGINE_CAPABILITY_H

#include <linux/types.h>

#define CAP_IPC_LOCK 14

bool capable(int cap);

#endif
