// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring_fuzz.c - the device side of a virtqueue against any content of guest memory.
 *
 * The input is a script: which ring to start over which memory, then, again and again, bytes that
 * the driver writes anywhere and what the device does meanwhile. Judged are memory safety (ASan,
 * UBSan), that the device writes only where the table lets it, and that it stays within bounds that
 * a simulator relies on: lengths of requests, work per request, silence of a broken ring.
 */
#include <linux/slab.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ring.h>

#include "vring_guest.h"

#define CHECK(c) do { if (!(c)) abort(); } while (0)

#define NUM_MAX 64

struct input {
	const u8 *p, *end;
};

static u8 in8(struct input *in)
{
	return in->p < in->end ? *in->p++ : 0;
}

static u16 in16(struct input *in)
{
	u16 lo = in8(in);

	return lo | in8(in) << 8;
}

/*
 * Where the table leads, in order of IOVA: read-only, write-only, both, nothing, then one that ends
 * in the middle of a page and one that leads beyond guest memory.
 */
static const struct {
	u64 iova, len, addr;
	u32 perm;
} layout[] = {
	{ 0x00000, 0x04000, 0x00000, VHOST_MAP_RO },
	{ 0x04000, 0x04000, 0x04000, VHOST_MAP_WO },
	{ 0x08000, 0x04321, 0x08000, VHOST_MAP_RW },
	{ 0x0c321, 0x01000, 0x0c322, VHOST_MAP_RW },
	{ 0x10000, 0x08000, 0x10000, VHOST_MAP_RW },
	{ 0x18000, 0x10000, 0x1f000, VHOST_MAP_RW },
	{ U64_MAX - 0xfff, 0x1000, 0x18000, VHOST_MAP_RO },
};

static u8 *before;

/* What no writable entry leads to: [0, 0x4000), the odd byte at 0xc321, and what is beyond all. */
static const struct {
	u32 from, to;
} untouchable[] = {
	{ 0x00000, 0x04000 },
	{ 0x0c321, 0x0c322 },
	{ 0x0d322, 0x10000 },
	{ 0x18000, 0x1f000 },
};

static void check_writes(void)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(untouchable); i++)
		CHECK(!memcmp(guest_mem + untouchable[i].from, before + untouchable[i].from,
			      untouchable[i].to - untouchable[i].from));
}

/* The driver writes: a few words anywhere, or a run of bytes. */
static void scribble(struct input *in)
{
	u32 off = in16(in) << 1, len = in8(in), i;

	for (i = 0; i < len && off + i < GUEST_SIZE && in->p < in->end; i++) {
		guest_mem[off + i] = in8(in);
		before[off + i] = guest_mem[off + i];
	}
}

static void serve(struct vdpa_vring *vr, struct input *in, u8 how)
{
	static u8 buf[4096];
	struct vdpa_vring_req req;
	unsigned int budget = 1 + (how & 63);
	int ret;

	vdpa_vring_kick_disable(vr);
	while (budget-- && (ret = vdpa_vring_get(vr, &req)) > 0) {
		u64 total = req.out_len + req.in_len;
		ssize_t n;

		CHECK(total <= U32_MAX);
		CHECK(req.nr_segs <= vr->num_max);
		if (how & 0x40) {
			vdpa_vring_unget(vr, &req);
			CHECK(vdpa_vring_get(vr, &req) != 0);
			if (vdpa_vring_is_broken(vr))
				return;
		}
		n = vdpa_vring_pull(vr, &req, buf, 1 + in8(in) * 16);
		CHECK(n <= (ssize_t)sizeof(buf));
		n = vdpa_vring_pull(vr, &req, buf, sizeof(buf));
		if (n < 0)
			memset(buf, 0xee, sizeof(buf));
		if (how & 0x80)
			vdpa_vring_skip_in(vr, &req, req.in_len / 2);
		n = vdpa_vring_push(vr, &req, buf, 1 + in8(in) * 16);
		CHECK(n <= 4081);
		CHECK(req.out_len + req.in_len <= total);
		vdpa_vring_put(vr, &req, n > 0 ? n : 0);
	}
	vdpa_vring_flush(vr);
	ret = vdpa_vring_kick_enable(vr);
	CHECK(ret <= 1);
	if (vdpa_vring_is_broken(vr)) {
		CHECK(vdpa_vring_get(vr, &req) == 0);
		CHECK(vdpa_vring_flush(vr) == 0);
		CHECK(vdpa_vring_kick_enable(vr) == 0);
	}
}

static void start(struct vdpa_vring *vr, struct input *in)
{
	struct vdpa_vring_config cfg = { .mem = &guest_accessors };
	struct vdpa_vring_state pos;
	u8 features = in8(in);

	cfg.features = (features & 1 ? BIT_ULL(VIRTIO_F_RING_PACKED) : 0) |
		       (features & 2 ? BIT_ULL(VIRTIO_RING_F_EVENT_IDX) : 0) |
		       (features & 4 ? BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC) : 0) |
		       (features & 8 ? 0 : BIT_ULL(VIRTIO_F_VERSION_1));
	cfg.num = in8(in) % (NUM_MAX + 2);
	cfg.desc = (u64)in16(in) << 1;
	cfg.driver = (u64)in16(in) << 1;
	cfg.device = (u64)in16(in) << 1;
	if (features & 16) {
		/* The usual: a ring that works. */
		cfg.desc = 0x10000;
		cfg.driver = 0x12000;
		cfg.device = 0x14000;
		cfg.num = features & 1 ? 5 : 8;
	}
	if (features & 32) {
		pos.avail = in16(in);
		pos.used = in16(in);
		pos.avail_wrap = features & 64;
		pos.used_wrap = features & 128;
		vdpa_vring_set_state(vr, &pos);
	}
	if (vdpa_vring_start(vr, &cfg))
		CHECK(vr->broken || vr->running);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, data + size };
	struct vdpa_vring_space space = {};
	struct vdpa_vring vr;
	unsigned int i, steps;

	if (!guest_mem) {
		guest_mem = malloc(GUEST_SIZE);
		before = malloc(GUEST_SIZE);
	}
	memset(guest_mem, 0, GUEST_SIZE);
	memset(before, 0, GUEST_SIZE);
	vhost_iotlb_init(&space.iotlb, 0, 0);
	for (i = 0; i < ARRAY_SIZE(layout); i++)
		CHECK(!vhost_iotlb_add_range(&space.iotlb, layout[i].iova,
					     layout[i].iova + (layout[i].len - 1), layout[i].addr,
					     layout[i].perm));
	CHECK(!vdpa_vring_init(&vr, NUM_MAX));
	vdpa_vring_set_space(&vr, &space);
	start(&vr, &in);

	for (steps = 0; in.p < in.end && steps < 200; steps++) {
		u8 op = in8(&in);

		switch (op & 7) {
		case 0:
		case 1:
		case 2:
		case 3:
			scribble(&in);
			break;
		case 4:
		case 5:
			serve(&vr, &in, in8(&in));
			break;
		case 6:
			if (op & 8) {
				vdpa_vring_stop(&vr);
			} else {
				vdpa_vring_reset(&vr);
			}
			start(&vr, &in);
			break;
		case 7:
			/* The table changes under a running ring: same layout, other place. */
			vhost_iotlb_del_range(&space.iotlb, layout[op >> 3 & 3].iova,
					      layout[op >> 3 & 3].iova);
			space.gen++;
			break;
		}
	}
	check_writes();

	vdpa_vring_cleanup(&vr);
	vhost_iotlb_reset(&space.iotlb);
	CHECK(unit_allocs_live == 0);
	return 0;
}
