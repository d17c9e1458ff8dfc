/* SPDX-License-Identifier: GPL-2.0-only */
/* fs.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_FS_H
#define UNIT_ENGINE_FS_H

#include <linux/types.h>

struct file {
	int refs;
};

static inline struct file *get_file(struct file *f)
{
	f->refs++;
	return f;
}

static inline void fput(struct file *f)
{
	f->refs--;
}

#endif
