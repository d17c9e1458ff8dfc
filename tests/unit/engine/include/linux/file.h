/* SPDX-License-Identifier: GPL-2.0-only */
/* file.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_FILE_H
#define UNIT_ENGINE_FILE_H

#include <linux/fs.h>

#endif
