// SPDX-License-Identifier: GPL-2.0-only
/* client.c - a client of /dev/vhost-vdpa-N, for tests of the mapping engine; see client.h. */
#include <stdlib.h>
#include <string.h>

#include <linux/bug.h>
#include <linux/sched/mm.h>
#include <linux/uio.h>

#include "client.h"

void client_probe(struct client *c, enum fake_kind kind, bool reset_map, bool use_va)
{
	memset(c, 0, sizeof(*c));
	fake_parent_init(&c->p, kind, reset_map, use_va);
	c->v.vdpa = &c->p.vdpa;
	c->v.nas = c->p.vdpa.nas;
	mutex_init(&c->v.map_lock);
	vhost_vdpa_park_setup(&c->v);
}

void client_remove(struct client *c)
{
	vhost_vdpa_park_finish(&c->v);
	fake_parent_fini(&c->p);
}

int client_open(struct client *c)
{
	int err;

	mutex_lock(&c->v.map_lock);
	err = vhost_vdpa_spaces_open(&c->v);
	mutex_unlock(&c->v.map_lock);
	if (err)
		return err;
	mmgrab(current->mm);
	c->v.mm = current->mm;
	c->v.backend_features = BIT_ULL(VHOST_BACKEND_F_IOTLB_ASID);
	return 0;
}

void client_close_after(struct client *c, int reset_err)
{
	mutex_lock(&c->v.map_lock);
	c->v.driver_ok = false;
	c->p.running = false;
	vhost_vdpa_spaces_close(&c->v, reset_err);
	mutex_unlock(&c->v.map_lock);
	mmdrop(c->v.mm);
	c->v.mm = NULL;
}

void client_close(struct client *c)
{
	client_close_after(c, 0);
}

int client_send(struct client *c, u8 type, u32 asid, u64 iova, u64 size, u64 uaddr, u8 perm)
{
	struct vhost_msg_v2 msg = {
		.type = VHOST_IOTLB_MSG_V2,
		.asid = asid,
		.iotlb = {
			.iova = iova, .size = size, .uaddr = uaddr, .perm = perm, .type = type,
		},
	};
	struct iov_iter from = { .data = (const char *)&msg, .count = sizeof(msg) };
	ssize_t len;

	fake_watch(&c->p);
	len = vhost_vdpa_message_write(&c->v, &from);
	BUG_ON(len >= 0 && len != sizeof(msg));
	/* What stays mapped is there all the time, while the device may use it. */
	BUG_ON(len >= 0 && c->p.running && fake_glitched(&c->p));
	return len < 0 ? len : 0;
}

int client_map(struct client *c, u32 asid, u64 iova, u64 npages, u64 va, u8 perm)
{
	return client_send(c, VHOST_IOTLB_UPDATE, asid, iova << PAGE_SHIFT, npages << PAGE_SHIFT,
			   (FAKE_VA + va) << PAGE_SHIFT, perm);
}

int client_unmap(struct client *c, u32 asid, u64 iova, u64 npages)
{
	return client_send(c, VHOST_IOTLB_INVALIDATE, asid, iova << PAGE_SHIFT,
			   npages << PAGE_SHIFT, 0, 0);
}

int client_batch(struct client *c, u32 asid, bool begin)
{
	return client_send(c, begin ? VHOST_IOTLB_BATCH_BEGIN : VHOST_IOTLB_BATCH_END, asid, 0, 0,
			   0, 0);
}

/* As status.c does. */
int client_driver_ok(struct client *c)
{
	int err;

	mutex_lock(&c->v.map_lock);
	err = vhost_vdpa_spaces_driver_ok(&c->v);
	if (!err) {
		c->v.driver_ok = true;
		c->p.running = true;
		vhost_vdpa_spaces_running(&c->v);
	}
	mutex_unlock(&c->v.map_lock);
	return err;
}

/* As reset.c does; a parent that cleans has done so before. */
void client_reset(struct client *c, enum vhost_vdpa_map_fate fate)
{
	mutex_lock(&c->v.map_lock);
	c->v.driver_ok = false;
	c->p.running = false;
	if (fate == VHOST_VDPA_MAP_CLEANED)
		fake_clean(&c->p);
	vhost_vdpa_spaces_reset(&c->v, fate);
	mutex_unlock(&c->v.map_lock);
}

struct client_page client_page(const struct map_table *t, u64 page)
{
	const struct map_entry *e = map_table_find(t, page, page);
	struct client_page result = { };
	struct pin_chunk chunk;
	struct pin_iter it;
	u64 at;

	if (!e)
		return result;
	result.perm = e->perm;
	result.hidden = map_entry_hidden(t, e);
	at = e->first;
	pin_iter_start(&it, &e->segs);
	while (pin_iter_next(&it, &chunk)) {
		if (page < at + chunk.npages) {
			result.addr = (chunk.addr >> PAGE_SHIFT) + page - at;
			return result;
		}
		at += chunk.npages;
	}
	BUG();
}

struct client_state client_save(const struct client *c, u64 limit)
{
	struct client_state s = { .n = 3 * FAKE_NAS * limit };
	struct client_page *next;
	unsigned int as;
	u64 page;

	s.charge = atomic64_read(&fake_mm.pinned_vm);
	s.page = calloc(s.n, sizeof(*s.page));
	BUG_ON(!s.page);
	next = s.page;
	for (as = 0; as < c->v.nas; as++) {
		for (page = 0; page < limit; page++) {
			const struct fake_range *r = fake_lookup(&c->p.as[as], page);

			*next++ = client_page(&c->v.spaces[as].wanted, page);
			*next++ = client_page(&c->v.spaces[as].device, page);
			if (r)
				*next = (struct client_page){
					.addr = r->addr + page - r->first, .perm = r->perm,
				};
			next++;
		}
	}
	return s;
}

bool client_same(const struct client_state *a, const struct client_state *b)
{
	return a->charge == b->charge && a->n == b->n &&
	       !memcmp(a->page, b->page, a->n * sizeof(*a->page));
}

void client_forget(struct client_state *s)
{
	free(s->page);
	s->page = NULL;
}
