// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring_test.c - the device side of a virtqueue: a model driver over both formats, and a driver
 * that lies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/slab.h>
#include <linux/virtio_config.h>

#include "vring_driver.h"

/* Where things are in guest_mem, and at which IOVA. */
#define SHIFT 0x7f0000000000ull
#define DESC_OFF 0x1000u
#define DRIVER_OFF 0x3000u
#define DEVICE_OFF 0x4000u
#define TABLES_OFF 0x8000u
#define DATA_OFF 0x10000u
#define DATA_LEN 0x10000u
#define IOVA(off) ((u64)(off) + SHIFT)

#define F(bit) BIT_ULL(bit)
#define MODERN F(VIRTIO_F_VERSION_1)

struct fixture {
	struct vdpa_vring_space space;
	struct vdpa_vring vr;
	struct drv drv;
	struct vdpa_vring_config cfg;
};

static struct fixture *f;

static void map(u64 off, u64 len, u32 perm)
{
	assert_int_equal(vhost_iotlb_add_range(&f->space.iotlb, IOVA(off), IOVA(off + len - 1),
					       off, perm), 0);
	f->space.gen++;
}

static int setup(void **state)
{
	(void)state;
	guest_mem = malloc(GUEST_SIZE);
	memset(guest_mem, 0x5a, GUEST_SIZE);
	f = calloc(1, sizeof(*f));
	vhost_iotlb_init(&f->space.iotlb, 0, 0);
	return vdpa_vring_init(&f->vr, DRV_MAX_NUM);
}

static int teardown(void **state)
{
	(void)state;
	vdpa_vring_cleanup(&f->vr);
	vhost_iotlb_reset(&f->space.iotlb);
	free(f);
	free(guest_mem);
	return unit_allocs_live == 0 ? 0 : -1;
}

static void start(u32 num, u64 features, bool ring_perms)
{
	struct drv *d = &f->drv;

	d->packed = features & F(VIRTIO_F_RING_PACKED);
	d->event_idx = features & F(VIRTIO_RING_F_EVENT_IDX);
	d->num = num;
	d->shift = SHIFT;
	d->desc = DESC_OFF;
	d->driver = DRIVER_OFF;
	d->device = DEVICE_OFF;
	d->tables = TABLES_OFF;
	drv_init(d);
	/* As little as the device needs: what it must not write, it cannot. */
	if (ring_perms) {
		map(DESC_OFF, 0x2000, d->packed ? VHOST_MAP_RW : VHOST_MAP_RO);
		map(DRIVER_OFF, 0x1000, VHOST_MAP_RO);
		map(DEVICE_OFF, 0x1000, VHOST_MAP_WO);
		map(TABLES_OFF, 0x8000, VHOST_MAP_RO);
	}
	vdpa_vring_set_space(&f->vr, &f->space);
	f->cfg = (struct vdpa_vring_config){
		.desc = IOVA(DESC_OFF), .driver = IOVA(DRIVER_OFF), .device = IOVA(DEVICE_OFF),
		.num = num, .features = features | MODERN, .mem = &guest_accessors,
	};
	assert_int_equal(vdpa_vring_start(&f->vr, &f->cfg), 0);
}

/* A small data area in several pieces, so that buffers cross translations. */
static void map_data(void)
{
	u32 off, len;

	for (off = 0; off < DATA_LEN; off += len) {
		len = min(DATA_LEN - off, 100u + rand() % 3000);
		map(DATA_OFF + off, len, VHOST_MAP_RW);
	}
}

/*
 * The model: a request carries up to 8 buffers at random places; the device answers each byte that
 * it read, plus 1, as far as there is room. Interrupts and kicks are delivered only when asked for:
 * one lost and the two sides wait for each other forever.
 */
struct outstanding {
	struct drv_seg segs[DRV_MAX_SEGS];
	u32 n, out_len, in_len;
	u8 out[4096];
};

struct run {
	struct outstanding req[DRV_MAX_NUM];
	bool kick, irq, irq_on;
	u32 posted, done;
	u32 data_used;
};

static void post(struct run *r, bool may_indirect)
{
	struct outstanding o = {};
	u32 n = 1 + rand() % DRV_MAX_SEGS, outs = rand() % (n + 1), i, pos;
	bool indirect = may_indirect && rand() % 2;
	int id;

	if (!indirect && n > f->drv.num)
		n = f->drv.num;
	outs = min(outs, n);
	pos = r->data_used;
	for (i = 0; i < n; i++) {
		u32 len = rand() % 5 ? 1 + rand() % 60 : 0;

		/* Buffers of outstanding requests must not overlap: walk through the area. */
		if (pos + len > DATA_LEN)
			pos = 0;
		o.segs[i] = (struct drv_seg){ IOVA(DATA_OFF + pos), len, i >= outs };
		if (i < outs) {
			u32 k;

			for (k = 0; k < len; k++)
				guest_mem[DATA_OFF + pos + k] = rand();
			memcpy(o.out + o.out_len, guest_mem + DATA_OFF + pos, len);
			o.out_len += len;
		} else {
			o.in_len += len;
		}
		pos += len;
	}
	o.n = n;
	id = drv_add(&f->drv, o.segs, n, indirect);
	if (id < 0)
		return;
	r->req[id] = o;
	r->data_used = pos;
	r->posted++;
}

static void harvest(struct run *r)
{
	u32 len;
	int id;

	while ((id = drv_get_used(&f->drv, &len)) >= 0) {
		struct outstanding *o = &r->req[id];
		u32 i, k, pos = 0, want = min(o->out_len, o->in_len);

		assert_int_equal(len, want);
		for (i = 0; i < o->n; i++) {
			const struct drv_seg *s = &o->segs[i];

			for (k = 0; s->write && k < s->len && pos < want; k++, pos++)
				assert_int_equal(guest_mem[s->iova - SHIFT + k],
						 (u8)(o->out[pos] + 1));
		}
		assert_int_equal(pos, want);
		r->done++;
	}
	assert_int_equal(id, -1);
}

static void answer(struct vdpa_vring_req *req)
{
	u64 out_len = req->out_len, in_len = req->in_len, want = min(out_len, in_len), i;
	u8 buf[4096];
	u64 got = 0;

	/* In pieces of any size. */
	while (got < out_len) {
		ssize_t n = vdpa_vring_pull(&f->vr, req, buf + got, 1 + rand() % 100);

		assert_true(n > 0);
		got += n;
	}
	assert_int_equal(vdpa_vring_pull(&f->vr, req, buf, 1), 0);
	for (i = 0; i < got; i++)
		buf[i]++;
	for (i = 0; i < want; ) {
		u64 n = min_t(u64, want - i, 1 + rand() % 100);

		assert_int_equal(vdpa_vring_push(&f->vr, req, buf + i, n), n);
		i += n;
	}
	vdpa_vring_skip_in(&f->vr, req, 1 + rand() % 10);
	assert_int_equal(vdpa_vring_put(&f->vr, req, want), 0);
}

static void migrate(void)
{
	struct vdpa_vring_state pos;

	vdpa_vring_get_state(&f->vr, f->drv.packed, &pos);
	vdpa_vring_cleanup(&f->vr);
	memset(&f->vr, 0xa5, sizeof(f->vr));
	assert_int_equal(vdpa_vring_init(&f->vr, DRV_MAX_NUM), 0);
	vdpa_vring_set_space(&f->vr, &f->space);
	vdpa_vring_set_state(&f->vr, &pos);
	assert_int_equal(vdpa_vring_start(&f->vr, &f->cfg), 0);
}

static void serve(struct run *r)
{
	u32 budget = 1 + rand() % 50;
	struct vdpa_vring_req req;
	int ret;

	r->kick = false;
again:
	vdpa_vring_kick_disable(&f->vr);
	while (budget && (ret = vdpa_vring_get(&f->vr, &req)) > 0) {
		budget--;
		if (rand() % 8 == 0) {
			/* Not now; the same request comes again. */
			struct vdpa_vring_req second;

			vdpa_vring_unget(&f->vr, &req);
			assert_int_equal(vdpa_vring_get(&f->vr, &second), 1);
			assert_memory_equal(&req, &second, sizeof(req));
		}
		answer(&req);
		if (rand() % 10 == 0) {
			ret = vdpa_vring_flush(&f->vr);
			assert_true(ret >= 0);
			r->irq |= ret;
		}
	}
	assert_true(ret >= 0);
	ret = vdpa_vring_flush(&f->vr);
	assert_true(ret >= 0);
	r->irq |= ret;
	if (rand() % 40 == 0) {
		/* On the other side the device does not wait for a kick that it missed. */
		migrate();
		r->kick = true;
		return;
	}
	if (!budget) {
		r->kick = true;
		return;
	}
	ret = vdpa_vring_kick_enable(&f->vr);
	assert_true(ret >= 0);
	if (ret)
		goto again;
}

static void driver_step(struct run *r, u32 total, bool may_indirect)
{
	u32 i;

	if (r->irq) {
		u16 skip = f->drv.num > 1 && rand() % 2 ? rand() % f->drv.num : 0;

		r->irq = false;
		drv_irq_off(&f->drv);
		harvest(r);
		/* Delay the interrupt only if as much is outstanding as to reach it. */
		if (f->drv.num - f->drv.free_slots <= skip || f->drv.packed)
			skip = 0;
		if (!f->drv.packed && skip >= r->posted - r->done)
			skip = 0;
		if (drv_irq_on(&f->drv, skip))
			r->irq = true;
	}
	for (i = rand() % 10; i && r->posted < total; i--)
		post(r, may_indirect);
	if (drv_wants_kick(&f->drv))
		r->kick = true;
}

static void run_model(u32 num, u64 features, u32 total)
{
	bool may_indirect = features & F(VIRTIO_RING_F_INDIRECT_DESC);
	struct run *r = calloc(1, sizeof(*r));
	u32 idle = 0;

	start(num, features, true);
	map_data();
	drv_irq_on(&f->drv, 0);
	while (r->done < total) {
		bool moved = r->irq || r->kick || r->posted < total;
		u32 before = r->done + r->posted;

		if (rand() % 2)
			driver_step(r, total, may_indirect);
		if (r->kick && rand() % 3)
			serve(r);
		if (!moved)
			fail_msg("both sides wait: posted %u done %u", r->posted, r->done);
		idle = before == r->done + r->posted ? idle + 1 : 0;
		if (idle > 10000)
			fail_msg("no progress: posted %u done %u irq %d kick %d free %u",
				 r->posted, r->done, r->irq, r->kick, f->drv.free_slots);
	}
	assert_int_equal(f->drv.free_slots, num);
	assert_int_equal(guest_bad_accesses, 0);
	vdpa_vring_reset(&f->vr);
	vhost_iotlb_reset(&f->space.iotlb);
	f->space.gen++;
	free(r);
}

static void test_model_split(void **state)
{
	static const u32 nums[] = { 1, 2, 8, 32, 256 };
	u32 i, k;

	(void)state;
	srand(1);
	for (i = 0; i < ARRAY_SIZE(nums); i++)
		for (k = 0; k < 4; k++)
			run_model(nums[i], (k & 1 ? F(VIRTIO_RING_F_EVENT_IDX) : 0) |
				  (k & 2 ? F(VIRTIO_RING_F_INDIRECT_DESC) : 0), 20000);
}

static void test_model_packed(void **state)
{
	static const u32 nums[] = { 1, 2, 5, 64, 100, 256 };
	u32 i, k;

	(void)state;
	srand(2);
	for (i = 0; i < ARRAY_SIZE(nums); i++)
		for (k = 0; k < 4; k++)
			run_model(nums[i], F(VIRTIO_F_RING_PACKED) |
				  (k & 1 ? F(VIRTIO_RING_F_EVENT_IDX) : 0) |
				  (k & 2 ? F(VIRTIO_RING_F_INDIRECT_DESC) : 0), 20000);
}

/* From here on: a driver that lies, or a table that does not reach. */

static int get(void)
{
	struct vdpa_vring_req req;

	return vdpa_vring_get(&f->vr, &req);
}

static void expect_broken(int err)
{
	assert_int_equal(get(), err);
	assert_true(vdpa_vring_is_broken(&f->vr));
	/* From now on it is silent, until it is reset. */
	assert_int_equal(get(), 0);
	assert_int_equal(vdpa_vring_flush(&f->vr), 0);
	assert_int_equal(vdpa_vring_kick_enable(&f->vr), 0);
	vdpa_vring_reset(&f->vr);
	assert_false(vdpa_vring_is_broken(&f->vr));
	drv_init(&f->drv);
	assert_int_equal(vdpa_vring_start(&f->vr, &f->cfg), 0);
	assert_int_equal(get(), 0);
}

static void desc(u32 i, u64 addr, u32 len, u16 flags, u16 next)
{
	drv_desc(&f->drv)[i] = (struct vring_desc){ addr, len, flags, next };
}

static void offer(u16 head)
{
	struct vring_avail *avail = drv_avail(&f->drv);

	avail->ring[avail->idx % f->drv.num] = head;
	avail->idx++;
}

static void test_hostile_split(void **state)
{
	const u64 data = IOVA(DATA_OFF), table = IOVA(TABLES_OFF);
	struct vring_desc *t = at(TABLES_OFF);

	(void)state;
	start(8, F(VIRTIO_RING_F_INDIRECT_DESC), true);
	map(DATA_OFF, 0x1000, VHOST_MAP_RW);

	drv_avail(&f->drv)->idx = 9;
	expect_broken(-EINVAL);
	drv_avail(&f->drv)->idx = 0xffff;
	expect_broken(-EINVAL);

	offer(8);
	expect_broken(-EINVAL);
	offer(0xffff);
	expect_broken(-EINVAL);

	desc(0, data, 16, VRING_DESC_F_NEXT, 8);
	offer(0);
	expect_broken(-EINVAL);

	desc(0, data, 16, VRING_DESC_F_NEXT, 1);
	desc(1, data, 16, VRING_DESC_F_NEXT, 0);
	offer(0);
	expect_broken(-ELOOP);
	desc(3, data, 0, VRING_DESC_F_NEXT, 3);
	offer(3);
	expect_broken(-ELOOP);

	/* Device-readable behind device-writable. */
	desc(0, data, 16, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE, 1);
	desc(1, data, 16, 0, 0);
	offer(0);
	expect_broken(-EINVAL);

	desc(0, U64_MAX - 15, 32, 0, 0);
	offer(0);
	expect_broken(-EINVAL);
	desc(0, data, U32_MAX, VRING_DESC_F_NEXT, 1);
	desc(1, data, 1, 0, 0);
	offer(0);
	expect_broken(-E2BIG);

	/* Indirect tables. */
	desc(0, table, 16, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT, 1);
	offer(0);
	expect_broken(-EINVAL);
	desc(0, table, 0, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	expect_broken(-EINVAL);
	desc(0, table, 24, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	expect_broken(-EINVAL);
	desc(0, U64_MAX - 15, 32, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	expect_broken(-EINVAL);
	desc(0, IOVA(GUEST_SIZE), 32, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	expect_broken(-EFAULT);

	memset(t, 0, 32 * 16);
	t[0] = (struct vring_desc){ data, 16, VRING_DESC_F_INDIRECT, 0 };
	desc(0, table, 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	expect_broken(-EINVAL);
	t[0] = (struct vring_desc){ data, 16, VRING_DESC_F_NEXT, 1 };
	desc(0, table, 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	expect_broken(-EINVAL);
	t[0] = (struct vring_desc){ data, 0, VRING_DESC_F_NEXT, 0 };
	desc(0, table, 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	expect_broken(-ELOOP);
	t[0] = (struct vring_desc){ data, 1, VRING_DESC_F_NEXT, 0 };
	desc(0, table, 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	expect_broken(-ELOOP);
}

static void test_indirect_needs_feature(void **state)
{
	(void)state;
	start(8, 0, true);
	desc(0, IOVA(TABLES_OFF), 16, VRING_DESC_F_INDIRECT, 0);
	offer(0);
	expect_broken(-EINVAL);
}

static void pdesc(u32 i, u64 addr, u32 len, u16 id, u16 flags)
{
	drv_pdesc(&f->drv)[i] = (struct vring_packed_desc){
		addr, len, id, flags | packed_flags(true)
	};
}

static void test_hostile_packed(void **state)
{
	const u64 data = IOVA(DATA_OFF), table = IOVA(TABLES_OFF);
	struct vring_packed_desc *t = at(TABLES_OFF);
	u32 i;

	(void)state;
	start(5, F(VIRTIO_F_RING_PACKED) | F(VIRTIO_RING_F_INDIRECT_DESC), true);
	map(DATA_OFF, 0x1000, VHOST_MAP_RW);

	for (i = 0; i < 5; i++)
		pdesc(i, data, 16, i, VRING_DESC_F_NEXT);
	expect_broken(-ELOOP);

	pdesc(0, data, 16, 0, VRING_DESC_F_NEXT | VRING_DESC_F_WRITE);
	pdesc(1, data, 16, 0, 0);
	expect_broken(-EINVAL);

	pdesc(0, table, 16, 0, VRING_DESC_F_INDIRECT | VRING_DESC_F_NEXT);
	expect_broken(-EINVAL);
	pdesc(0, data, 16, 0, VRING_DESC_F_NEXT);
	pdesc(1, table, 16, 0, VRING_DESC_F_INDIRECT);
	expect_broken(-EINVAL);
	pdesc(0, table, 8, 0, VRING_DESC_F_INDIRECT);
	expect_broken(-EINVAL);
	pdesc(0, table, (DRV_MAX_NUM + 1) * 16, 0, VRING_DESC_F_INDIRECT);
	expect_broken(-E2BIG);
	memset(t, 0, 64);
	t[0].flags = VRING_DESC_F_INDIRECT;
	pdesc(0, table, 32, 0, VRING_DESC_F_INDIRECT);
	expect_broken(-EINVAL);
}

static void test_start_checks(void **state)
{
	struct vdpa_vring_config cfg;
	struct vdpa_vring_state pos = { .avail = 5 };

	(void)state;
	start(8, 0, true);
	assert_int_equal(vdpa_vring_start(&f->vr, &f->cfg), -EBUSY);

#define REFUSED(field, value) do { \
	vdpa_vring_reset(&f->vr); \
	cfg = f->cfg; \
	cfg.field = (value); \
	assert_int_equal(vdpa_vring_start(&f->vr, &cfg), -EINVAL); \
	assert_true(vdpa_vring_is_broken(&f->vr)); \
	assert_int_equal(get(), 0); \
} while (0)
	REFUSED(num, 0);
	REFUSED(num, 6);
	REFUSED(num, 512);
	REFUSED(desc, IOVA(DESC_OFF) + 8);
	REFUSED(driver, IOVA(DRIVER_OFF) + 1);
	REFUSED(device, IOVA(DEVICE_OFF) + 2);
	/* Packed needs VERSION_1, and a position inside the ring. */
	REFUSED(features, F(VIRTIO_F_RING_PACKED));
	vdpa_vring_reset(&f->vr);
	vdpa_vring_set_state(&f->vr, &pos);
	cfg = f->cfg;
	cfg.num = 5;
	cfg.features = MODERN | F(VIRTIO_F_RING_PACKED);
	assert_int_equal(vdpa_vring_start(&f->vr, &cfg), -EINVAL);

	assert_int_equal(vdpa_vring_init(&(struct vdpa_vring){}, 0), -EINVAL);
	assert_int_equal(vdpa_vring_init(&(struct vdpa_vring){}, 32769), -EINVAL);
}

/* What the table does not permit is not done, whoever asks. */
static void test_permissions(void **state)
{
	struct vdpa_vring_req req;
	u8 buf[64];

	(void)state;
	memset(buf, 0x77, sizeof(buf));
	start(8, 0, true);
	map(DATA_OFF, 0x100, VHOST_MAP_RO);
	map(DATA_OFF + 0x100, 0x100, VHOST_MAP_WO);

	/* Readable then writable, in the order of the table: fine. */
	desc(0, IOVA(DATA_OFF), 0x10, VRING_DESC_F_NEXT, 1);
	desc(1, IOVA(DATA_OFF + 0x100), 0x10, VRING_DESC_F_WRITE, 0);
	offer(0);
	assert_int_equal(vdpa_vring_get(&f->vr, &req), 1);
	assert_int_equal(vdpa_vring_pull(&f->vr, &req, buf, 0x10), 0x10);
	assert_int_equal(vdpa_vring_push(&f->vr, &req, buf, 0x20), 0x10);
	assert_int_equal(vdpa_vring_put(&f->vr, &req, 0x10), 0);

	/* The other way round: refused, the ring goes on, memory is untouched. */
	desc(0, IOVA(DATA_OFF + 0x100), 0x10, VRING_DESC_F_NEXT, 1);
	desc(1, IOVA(DATA_OFF), 0x10, VRING_DESC_F_WRITE, 0);
	offer(0);
	memset(guest_mem + DATA_OFF, 0x11, 0x100);
	memset(buf, 0x77, sizeof(buf));
	assert_int_equal(vdpa_vring_get(&f->vr, &req), 1);
	assert_int_equal(vdpa_vring_pull(&f->vr, &req, buf, 0x10), -EFAULT);
	assert_int_equal(vdpa_vring_push(&f->vr, &req, buf, 0x10), -EFAULT);
	assert_int_equal(guest_mem[DATA_OFF], 0x11);
	assert_int_equal(vdpa_vring_put(&f->vr, &req, 0), 0);
	assert_true(vdpa_vring_flush(&f->vr) >= 0);
	assert_int_equal(drv_used(&f->drv)->idx, 2);

	/* A change of the table is seen by the next access. */
	desc(0, IOVA(DATA_OFF), 0x10, 0, 0);
	offer(0);
	assert_int_equal(vdpa_vring_get(&f->vr, &req), 1);
	assert_int_equal(vdpa_vring_pull(&f->vr, &req, buf, 1), 1);
	vhost_iotlb_del_range(&f->space.iotlb, IOVA(DATA_OFF), IOVA(DATA_OFF));
	f->space.gen++;
	assert_int_equal(vdpa_vring_pull(&f->vr, &req, buf, 1), -EFAULT);
}

/* The ring's own areas: out of reach, or with the wrong access. */
static void test_ring_out_of_reach(void **state)
{
	static const struct { u64 off; u32 perm; } areas[] = {
		{ DESC_OFF, 0 }, { DRIVER_OFF, 0 }, { DEVICE_OFF, 0 },
		{ DESC_OFF, VHOST_MAP_WO }, { DRIVER_OFF, VHOST_MAP_WO },
		{ DEVICE_OFF, VHOST_MAP_RO },
	};
	u32 i, k;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(areas); i++) {
		struct vdpa_vring_req req;
		int ret, put;

		vdpa_vring_reset(&f->vr);
		vhost_iotlb_reset(&f->space.iotlb);
		start(8, 0, true);
		map(DATA_OFF, 0x1000, VHOST_MAP_RW);
		memset(guest_mem + DEVICE_OFF, 0x33, 0x1000);
		vhost_iotlb_del_range(&f->space.iotlb, IOVA(areas[i].off), IOVA(areas[i].off));
		if (areas[i].perm)
			map(areas[i].off, 0x1000, areas[i].perm);
		f->space.gen++;
		desc(0, IOVA(DATA_OFF), 16, 0, 0);
		offer(0);
		ret = get();
		if (areas[i].off != DEVICE_OFF) {
			assert_int_equal(ret, -EFAULT);
			continue;
		}
		assert_int_equal(ret, 1);
		memset(&req, 0, sizeof(req));
		put = vdpa_vring_put(&f->vr, &req, 0);
		assert_int_equal(put, 0);
		assert_int_equal(vdpa_vring_flush(&f->vr), -EFAULT);
		assert_true(vdpa_vring_is_broken(&f->vr));
		for (k = 0; k < 0x1000; k++)
			assert_int_equal(guest_mem[DEVICE_OFF + k], 0x33);
	}
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_model_split),
		T(test_model_packed),
		T(test_hostile_split),
		T(test_hostile_packed),
		T(test_indirect_needs_feature),
		T(test_start_checks),
		T(test_permissions),
		T(test_ring_out_of_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
