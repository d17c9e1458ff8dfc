// SPDX-License-Identifier: GPL-2.0-only
/*
 * pin_piece.c - pieces of extents: found, cut, joined; see pin_piece.h. pm->lock held everywhere.
 */
#include <linux/kernel.h>
#include <linux/slab.h>

#include "fault.h"
#include "pin_piece.h"

static struct pin_piece *in_ext(struct rb_node *node)
{
	return rb_entry(node, struct pin_piece, in_ext);
}

static void ext_insert(struct pin_piece *piece)
{
	struct rb_root *root = &piece->ext->pieces;
	struct rb_node **link = &root->rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		parent = *link;
		if (piece->first < in_ext(parent)->first)
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&piece->in_ext, parent, link);
	rb_insert_color(&piece->in_ext, root);
}

/**
 * pin_piece_new() - one piece for all of an extent, with one user
 * @ext: extent without pieces
 *
 * Return: piece, or NULL if memory is short.
 */
struct pin_piece *pin_piece_new(struct pin_extent *ext)
{
	struct pin_piece *piece = vhost_vdpa_alloc_fails() ? NULL :
				  kzalloc(sizeof(*piece), GFP_KERNEL_ACCOUNT);

	if (!piece)
		return NULL;
	piece->ext = ext;
	piece->npages = ext->npages;
	piece->users = 1;
	ext_insert(piece);
	return piece;
}

static struct rb_root *fresh_root(struct pin_extent *ext)
{
	return &ext->pm->fresh[ext->write];
}

/**
 * pin_piece_publish() - let others find a piece
 * @piece: piece that is not fresh
 *
 * In a private registry nothing is ever found again, so nothing is fresh.
 */
void pin_piece_publish(struct pin_piece *piece)
{
	struct rb_root *root = fresh_root(piece->ext);
	struct rb_node **link = &root->rb_node;
	struct rb_node *parent = NULL;
	unsigned long va = pin_piece_va(piece);

	if (!piece->ext->pm->shared)
		return;
	while (*link) {
		parent = *link;
		if (va < pin_piece_va(rb_entry(parent, struct pin_piece, node)))
			link = &parent->rb_left;
		else
			link = &parent->rb_right;
	}
	rb_link_node(&piece->node, parent, link);
	rb_insert_color(&piece->node, root);
	piece->fresh = true;
}

/**
 * pin_piece_retire() - hand a piece out no more
 * @piece: piece
 */
void pin_piece_retire(struct pin_piece *piece)
{
	if (piece->fresh)
		rb_erase(&piece->node, fresh_root(piece->ext));
	piece->fresh = false;
}

/**
 * pin_piece_remove() - take a piece out of its extent
 * @piece: piece; its @link may be used now
 */
void pin_piece_remove(struct pin_piece *piece)
{
	pin_piece_retire(piece);
	rb_erase(&piece->in_ext, &piece->ext->pieces);
}

/* First fresh piece that ends after @va. */
static struct pin_piece *fresh_from(struct rb_root *root, unsigned long va)
{
	struct rb_node *node = root->rb_node;
	struct pin_piece *best = NULL;

	while (node) {
		struct pin_piece *piece = rb_entry(node, struct pin_piece, node);

		if (va < pin_piece_end(piece)) {
			best = piece;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best;
}

/**
 * pin_piece_at() - the piece that serves a user address
 * @pm: registry
 * @va: page number
 * @end: page number where the caller's interest ends
 * @write: for writing
 * @gap: receives, if there is none, the first page number after @va that some piece serves, at
 *	most @end
 *
 * Return: fresh piece, or NULL.
 */
struct pin_piece *pin_piece_at(struct pin_mm *pm, unsigned long va, unsigned long end, bool write,
			       unsigned long *gap)
{
	int tree;

	*gap = end;
	for (tree = 1; tree >= (write ? 1 : 0); tree--) {
		struct pin_piece *piece = fresh_from(&pm->fresh[tree], va);

		if (!piece)
			continue;
		if (pin_piece_va(piece) <= va)
			return piece;
		*gap = min(*gap, pin_piece_va(piece));
	}
	return NULL;
}

/**
 * pin_piece_find() - the first piece of an extent in a range
 * @ext: extent
 * @first: first page
 * @last: last page
 *
 * Return: piece that overlaps the range, or NULL.
 */
struct pin_piece *pin_piece_find(const struct pin_extent *ext, unsigned long first,
				 unsigned long last)
{
	struct rb_node *node = ext->pieces.rb_node;
	struct pin_piece *best = NULL;

	while (node) {
		struct pin_piece *piece = in_ext(node);

		if (first < piece->first + piece->npages) {
			best = piece;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return best && best->first <= last ? best : NULL;
}

/**
 * pin_piece_next() - the piece after another
 * @piece: piece
 *
 * Return: piece of the same extent, or NULL.
 */
struct pin_piece *pin_piece_next(const struct pin_piece *piece)
{
	struct rb_node *node = rb_next(&piece->in_ext);

	return node ? in_ext(node) : NULL;
}

/* Splits the piece that reaches over page @at, if one does. 0 or -ENOMEM. */
static int cut(struct pin_extent *ext, unsigned long at, gfp_t gfp)
{
	struct pin_piece *piece = pin_piece_find(ext, at, at), *tail;

	if (!piece || piece->first == at)
		return 0;
	if (!(gfp & __GFP_NOFAIL) && vhost_vdpa_alloc_fails())
		return -ENOMEM;
	tail = kmalloc(sizeof(*tail), gfp);
	if (!tail)
		return -ENOMEM;
	*tail = *piece;
	tail->fresh = false;
	tail->first = at;
	tail->npages -= at - piece->first;
	piece->npages = at - piece->first;
	ext_insert(tail);
	if (piece->fresh)
		pin_piece_publish(tail);
	return 0;
}

/**
 * pin_pieces_cut() - make pieces end where a range does
 * @ext: extent
 * @first: first page
 * @npages: length
 * @gfp: for two objects of less than a hundred bytes. Giving memory back must not fail, so who does
 *	that passes __GFP_NOFAIL, from a context that may sleep
 *
 * pin_pieces_join() undoes it.
 *
 * Return: 0 or -ENOMEM.
 */
int pin_pieces_cut(struct pin_extent *ext, unsigned long first, unsigned long npages, gfp_t gfp)
{
	int err = cut(ext, first, gfp);

	return err ? err : cut(ext, first + npages, gfp);
}

/**
 * pin_pieces_join() - join neighbours that have become alike
 * @ext: extent
 * @first: first page of the range in which pieces were changed
 * @npages: length of that range; its neighbours on both sides are looked at, too
 */
void pin_pieces_join(struct pin_extent *ext, unsigned long first, unsigned long npages)
{
	unsigned long end = first + npages;
	struct pin_piece *piece, *next;

	piece = pin_piece_find(ext, first ? first - 1 : 0, end);
	while (piece && piece->first < end) {
		next = pin_piece_next(piece);
		if (!next)
			break;
		if (piece->first + piece->npages != next->first ||
		    piece->users != next->users || piece->fresh != next->fresh) {
			piece = next;
			continue;
		}
		pin_piece_remove(next);
		piece->npages += next->npages;
		kfree(next);
	}
}

/**
 * pin_piece_to_units() - what can be unpinned of a piece that nobody uses any more
 * @piece: piece that was taken out of its extent; receives the range to unpin, which may be empty
 *
 * A large page has one pin for all of it. So what it lies in is unpinned as a whole, by the last of
 * its pieces.
 */
void pin_piece_to_units(struct pin_piece *piece)
{
	unsigned long start = piece->first, end = start + piece->npages, first, last;
	const struct pin_extent *ext = piece->ext;

	pin_unit(ext, start, &first, &last);
	if (first != start || last >= end) {
		if (pin_piece_find(ext, first, last)) {
			start = last + 1;
		} else {
			start = first;
			end = max(end, last + 1);
		}
	}
	if (start < end) {
		pin_unit(ext, end - 1, &first, &last);
		if (last >= end)
			end = pin_piece_find(ext, first, last) ? first : last + 1;
	}
	piece->first = start;
	piece->npages = start < end ? end - start : 0;
}
