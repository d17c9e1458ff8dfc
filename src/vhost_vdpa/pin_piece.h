/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pin_piece.h - which parts of an extent are in use; between pin.c and pin_piece.c.
 *
 * The pieces of an extent cover what is pinned of it, each page once, and pieces that border on
 * each other and are used alike are one piece. A piece is in a tree of its extent, and while it is
 * fresh in one of its registry as well. Everything here happens under pm->lock.
 */
#ifndef VHOST_VDPA_PIN_PIECE_H
#define VHOST_VDPA_PIN_PIECE_H

#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "pin.h"

/**
 * struct pin_piece - part of an extent that is used as one
 * @node: in pm->fresh[ext->write] by user page number, if @fresh
 * @in_ext: in ext->pieces by @first
 * @link: for lists of pieces that are in no tree any more
 * @ext: extent
 * @first: first page within the extent
 * @npages: length
 * @users: number of segments that cover it
 * @fresh: may be handed out
 */
struct pin_piece {
	union {
		struct rb_node node;
		struct list_head link;
	};
	struct rb_node in_ext;
	struct pin_extent *ext;
	unsigned long first;
	unsigned long npages;
	unsigned int users;
	bool fresh;
};

static inline unsigned long pin_piece_va(const struct pin_piece *piece)
{
	return piece->ext->va + piece->first;
}

static inline unsigned long pin_piece_end(const struct pin_piece *piece)
{
	return pin_piece_va(piece) + piece->npages;
}

struct pin_piece *pin_piece_new(struct pin_extent *ext);
void pin_piece_publish(struct pin_piece *piece);
void pin_piece_retire(struct pin_piece *piece);
void pin_piece_remove(struct pin_piece *piece);
void pin_piece_to_units(struct pin_piece *piece);

struct pin_piece *pin_piece_at(struct pin_mm *pm, unsigned long va, unsigned long end, bool write,
			       unsigned long *gap);
struct pin_piece *pin_piece_find(const struct pin_extent *ext, unsigned long first,
				 unsigned long last);
struct pin_piece *pin_piece_next(const struct pin_piece *piece);

int pin_pieces_cut(struct pin_extent *ext, unsigned long first, unsigned long npages, gfp_t gfp);
void pin_pieces_join(struct pin_extent *ext, unsigned long first, unsigned long npages);

/* Pieces in [@f, @l] of @ext, which was cut there. The body may remove @piece. */
#define for_each_piece_in(piece, next, ext, f, l)					\
	for ((piece) = pin_piece_find(ext, f, l);					\
	     (piece) && (piece)->first <= (l) && ((next) = pin_piece_next(piece), true);	\
	     (piece) = (next))

#endif /* VHOST_VDPA_PIN_PIECE_H */
