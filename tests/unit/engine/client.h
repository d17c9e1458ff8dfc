/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * client.h - a client of /dev/vhost-vdpa-N, for tests of the mapping engine.
 *
 * Messages go through write(), as they do in the kernel. Everything is counted in pages: iova is a
 * page number, va is a page of the arena of fake_mm.h. Functions return 0 or -errno.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include "fake_mm.h"
#include "fake_parent.h"
#include "space.h"

struct client {
	struct vhost_vdpa v;
	struct fake_parent p;
};

#define RO VHOST_MAP_RO
#define WO VHOST_MAP_WO
#define RW VHOST_MAP_RW

extern bool *const unit_param_pin_reuse;
extern unsigned int *const unit_param_pin_reuse_ms;
extern unsigned int *const unit_param_max_iotlb_entries;

/* The device, which appears and goes; then open and close of its node. */
void client_probe(struct client *c, enum fake_kind kind, bool reset_map, bool use_va);
void client_remove(struct client *c);
int client_open(struct client *c);
void client_close(struct client *c);
void client_close_after(struct client *c, int reset_err);

int client_send(struct client *c, u8 type, u32 asid, u64 iova, u64 size, u64 uaddr, u8 perm);
int client_map(struct client *c, u32 asid, u64 iova, u64 npages, u64 va, u8 perm);
int client_unmap(struct client *c, u32 asid, u64 iova, u64 npages);
int client_batch(struct client *c, u32 asid, bool begin);
int client_driver_ok(struct client *c);
void client_reset(struct client *c, enum vhost_vdpa_map_fate fate);

static inline u64 stat(const atomic64_t *s)
{
	return atomic64_read(s);
}

/* What a table says about a page: frame (or user page) and permission; 0 if nothing. */
struct client_page {
	u64 addr;
	u32 perm;
	bool hidden;
};

struct client_page client_page(const struct map_table *t, u64 page);

/* Both tables of all address spaces, the parent's view, in the pages below @limit. */
struct client_state {
	u64 charge;
	unsigned int n;
	struct client_page *page;
};

struct client_state client_save(const struct client *c, u64 limit);
bool client_same(const struct client_state *a, const struct client_state *b);
void client_forget(struct client_state *s);

#endif
