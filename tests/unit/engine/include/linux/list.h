/* SPDX-License-Identifier: GPL-2.0-only */
/* list.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_LIST_H
#define UNIT_ENGINE_LIST_H

#include_next <linux/list.h>

static inline bool list_is_last(const struct list_head *l, const struct list_head *h)
{
	return l->next == h;
}

static inline void list_splice(struct list_head *l, struct list_head *h)
{
	if (list_empty(l))
		return;
	l->prev->next = h->next;
	h->next->prev = l->prev;
	l->next->prev = h;
	h->next = l->next;
}

#endif
