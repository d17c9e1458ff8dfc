/* SPDX-License-Identifier: GPL-2.0-only */
/* uio.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_UIO_H
#define UNIT_ENGINE_UIO_H

#include <string.h>

#include <linux/types.h>

struct iov_iter {
	const char *data;
	size_t count;
};

static inline size_t iov_iter_count(const struct iov_iter *i)
{
	return i->count;
}

static inline void iov_iter_advance(struct iov_iter *i, size_t n)
{
	i->data += n;
	i->count -= n;
}

static inline bool copy_from_iter_full(void *to, size_t n, struct iov_iter *i)
{
	if (n > i->count)
		return false;
	memcpy(to, i->data, n);
	iov_iter_advance(i, n);
	return true;
}

#endif
