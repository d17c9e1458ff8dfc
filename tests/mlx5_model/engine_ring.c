// SPDX-License-Identifier: GPL-2.0-only
/*
 * engine_ring.c - the data path: split virtqueues, frames, steering.
 *
 * All that is read or written goes through the keys of the virtqueue. Where the rings or a buffer
 * cannot be reached the queue goes to the error state, as the device's does.
 */
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "engine.h"

#define DESC_NEXT		1
#define DESC_WRITE		2
#define DESC_INDIRECT		4
#define AVAIL_NO_INTERRUPT	1
#define NEEDS_CSUM		1
#define FEATURE_MRG_RXBUF	(1 << 2)

/* virtio fields are little-endian here: VERSION_1 or a little-endian host. */
static u16 le16(const u8 *p)
{
	return p[0] | p[1] << 8;
}

static u32 le32(const u8 *p)
{
	return le16(p) | (u32)le16(p + 2) << 16;
}

static void put_le16(u8 *p, u16 v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static void put_le32(u8 *p, u32 v)
{
	put_le16(p, v);
	put_le16(p + 2, v >> 16);
}

static struct m5_mkey *ring_key(struct m5_vq *vq)
{
	return vq->desc_mkey ?: vq->mkey;
}

/* The queue's owner made a mistake. */
static int broken(struct m5_dev *dev, struct m5_vq *vq, const char *why)
{
	if (why)
		m5_fault(dev, "virtqueue %u: %s", vq->index, why);
	if (vq->counters)
		vq->counters->bad_desc++;
	vq->state = M5_VQ_ERR;
	return -EFAULT;
}

static int read_desc(struct m5_dev *dev, struct m5_mkey *key, u64 table, u32 i, struct m5_seg *desc)
{
	u8 raw[16];
	int err = m5_key_read(dev, key, table + 16ULL * i, raw, sizeof(raw));

	if (err)
		return err;
	desc->addr = le32(raw) | (u64)le32(raw + 4) << 32;
	desc->len = le32(raw + 8);
	desc->flags = le16(raw + 12);
	desc->next = le16(raw + 14);
	return 0;
}

/* The buffer at position @index of the available ring: 1, 0 if there is none, or an error. */
static int fetch(struct m5_dev *dev, struct m5_vq *vq, u16 index, struct m5_chain *chain)
{
	struct m5_mkey *key = ring_key(vq);
	u64 table = vq->desc;
	u32 size = vq->size, i, steps = 0;
	struct m5_seg desc;
	u8 raw[2];

	if (m5_key_read(dev, key, vq->avail + 2, raw, 2))
		return broken(dev, vq, NULL);
	if ((u16)(le16(raw) - vq->hw_used) > vq->size)
		return broken(dev, vq, "more buffers available than the ring has entries");
	vq->prefetched = le16(raw);
	if (le16(raw) == index)
		return 0;
	if (m5_key_read(dev, key, vq->avail + 4 + 2 * (index & (vq->size - 1)), raw, 2))
		return broken(dev, vq, NULL);
	chain->head = le16(raw);
	chain->count = 0;
	chain->bytes = 0;
	for (i = chain->head;; i = desc.next) {
		if (i >= size || steps++ >= size)
			return broken(dev, vq, "descriptors outside of the table, or in a circle");
		if (read_desc(dev, key, table, i, &desc))
			return broken(dev, vq, NULL);
		if (desc.flags & DESC_INDIRECT) {
			if (table != vq->desc || desc.flags & DESC_NEXT || desc.len % 16 ||
			    !desc.len || desc.len / 16 > 65535)
				return broken(dev, vq, "bad indirect descriptor");
			key = vq->mkey;
			table = desc.addr;
			size = desc.len / 16;
			steps = 0;
			desc.next = 0;
			continue;
		}
		if (chain->count == M5_SEGMENTS)
			return broken(dev, vq, "too many segments in a buffer");
		chain->seg[chain->count++] = desc;
		chain->bytes += desc.len;
		if (!(desc.flags & DESC_NEXT))
			return 1;
	}
}

static int put_used(struct m5_dev *dev, struct m5_vq *vq, u16 slot, u16 head, u32 len)
{
	u8 raw[8];

	put_le32(raw, head);
	put_le32(raw + 4, len);
	return m5_key_write(dev, ring_key(vq), vq->used + 4 + 8 * (slot & (vq->size - 1)), raw, 8);
}

/* @count used entries become visible, and the driver hears of them if it wants to. */
static int publish(struct m5_dev *dev, struct m5_vq *vq, u16 count)
{
	u8 raw[2];

	/* No barriers: all of this is done under locks or by one thread. */
	put_le16(raw, vq->hw_used + count);
	if (m5_key_write(dev, ring_key(vq), vq->used + 2, raw, 2))
		return broken(dev, vq, NULL);
	vq->hw_used += count;
	vq->received += count;
	vq->completed += count;
	if (vq->counters) {
		vq->counters->received += count;
		vq->counters->completed += count;
	}
	if (m5_key_read(dev, ring_key(vq), vq->avail, raw, 2))
		return broken(dev, vq, NULL);
	if (!(le16(raw) & AVAIL_NO_INTERRUPT))
		m5_event(dev, vq);
	return 0;
}

static u32 header_bytes(const struct m5_vq *vq)
{
	return vq->version_1 || (vq->features & FEATURE_MRG_RXBUF) ? 12 : 10;
}

/* The checksum that the sender left to the device. */
static bool checksum(u8 *frame, u32 len, u32 start, u32 offset)
{
	u32 sum = 0, i;

	if (start + offset + 2 > len)
		return false;
	for (i = start; i + 1 < len; i += 2)
		sum += frame[i] << 8 | frame[i + 1];
	if (i < len)
		sum += frame[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	sum = ~sum & 0xffff;
	if (!sum)
		sum = 0xffff;
	frame[start + offset] = sum >> 8;
	frame[start + offset + 1] = sum;
	return true;
}

static int transmit(struct m5_dev *dev, struct m5_vq *vq, struct m5_chain *chain)
{
	u32 hdr = header_bytes(vq), done = 0, i;
	u8 *buf = dev->frame;

	if (chain->bytes < hdr + 14 || chain->bytes > M5_FRAME_MAX)
		return broken(dev, vq, "a frame too short or too long");
	for (i = 0; i < chain->count; i++) {
		if (chain->seg[i].flags & DESC_WRITE)
			return broken(dev, vq, "a frame in a buffer to be written");
		if (m5_key_read(dev, vq->mkey, chain->seg[i].addr, buf + done, chain->seg[i].len))
			return broken(dev, vq, NULL);
		done += chain->seg[i].len;
	}
	if (buf[1])
		return broken(dev, vq, "segmentation, which was not negotiated");
	if ((buf[0] & NEEDS_CSUM) && !checksum(buf + hdr, done - hdr, le16(buf + 6), le16(buf + 8)))
		return broken(dev, vq, "a checksum outside of the frame");
	if (!dev->host->send(dev, buf + hdr, done - hdr))
		return -EAGAIN;
	dev->tx_frames++;
	if (put_used(dev, vq, vq->hw_used, chain->head, 0))
		return broken(dev, vq, NULL);
	return publish(dev, vq, 1);
}

unsigned int m5_poll(struct m5_dev *dev)
{
	unsigned int work = 0;
	struct m5_obj *obj;

	if (dev->dead)
		return 0;
	m5_cq_poll(dev);
	list_for_each_entry(obj, &dev->objs[M5_T_VQ], node) {
		struct m5_vq *vq = (struct m5_vq *)obj;
		int budget = 64;

		if (!(vq->index & 1))
			continue;
		while (vq->state == M5_VQ_RDY && budget-- &&
		       fetch(dev, vq, vq->hw_used, &dev->tx_chain) > 0) {
			if (transmit(dev, vq, &dev->tx_chain) == -EAGAIN)
				break;
			work++;
		}
	}
	return work;
}

/* Writes @len bytes behind the first @skip ones of a buffer. */
static int scatter(struct m5_dev *dev, struct m5_vq *vq, struct m5_chain *chain, u32 skip,
		   const u8 *data, u32 len)
{
	u32 i;

	for (i = 0; i < chain->count && len; i++) {
		struct m5_seg *seg = &chain->seg[i];
		u32 n;

		if (!(seg->flags & DESC_WRITE))
			return broken(dev, vq, "a receive buffer that is to be read");
		if (skip >= seg->len) {
			skip -= seg->len;
			continue;
		}
		n = min(seg->len - skip, len);
		if (m5_key_write(dev, vq->mkey, seg->addr + skip, data, n))
			return broken(dev, vq, NULL);
		data += n;
		len -= n;
		skip = 0;
	}
	return 0;
}

static bool deliver(struct m5_dev *dev, struct m5_vq *vq, const u8 *frame, u32 len)
{
	bool merge = vq->features & FEATURE_MRG_RXBUF;
	u32 hdr = header_bytes(vq), done = 0, buffers = 0;
	u8 head[12] = {}, num[2];
	struct m5_chain *chain;

	if (vq->state != M5_VQ_RDY)
		return false;
	do {
		u32 skip = buffers ? 0 : hdr, n;
		int ret;

		/* The first one is needed again for the number of buffers. */
		chain = &dev->rx_chain[!!buffers];
		ret = fetch(dev, vq, vq->hw_used + buffers, chain);

		if (ret <= 0)
			return false;
		if (chain->bytes <= skip || (!merge && chain->bytes - skip < len)) {
			broken(dev, vq, "a receive buffer too small for a frame");
			return false;
		}
		n = min_t(u64, chain->bytes - skip, len - done);
		if (!buffers && scatter(dev, vq, chain, 0, head, hdr))
			return false;
		if (scatter(dev, vq, chain, skip, frame + done, n))
			return false;
		if (put_used(dev, vq, vq->hw_used + buffers, chain->head, skip + n)) {
			broken(dev, vq, NULL);
			return false;
		}
		done += n;
		buffers++;
	} while (done < len);
	if (hdr == 12) {
		put_le16(num, buffers);
		if (scatter(dev, vq, &dev->rx_chain[0], 10, num, 2))
			return false;
	}
	return !publish(dev, vq, buffers);
}

/* Flows keep to one queue: addresses and ports, as far as the frame has them. */
static u32 flow_hash(const u8 *frame, u32 len)
{
	u32 hash = 0, i;

	if (len < 38 || frame[12] != 0x08 || frame[13] || frame[14] != 0x45)
		return 0;
	for (i = 26; i < 38; i++)
		hash ^= frame[i] << (i % 2 * 3);
	return hash ^ hash >> 4;
}

static bool matches(const struct m5_match *match, const u8 *frame, u32 len)
{
	bool tagged = len >= 18 && frame[12] == 0x81 && !frame[13];
	int i;

	for (i = 0; i < 6; i++) {
		if ((frame[i] ^ match->mac[i]) & match->mac_mask[i])
			return false;
	}
	if (!match->vlan_matters)
		return true;
	if (tagged != match->tagged)
		return false;
	return !tagged || ((frame[14] << 8 | frame[15]) & 0xfff) == match->vid;
}

/* The rule that wants the frame, and the queue it leads to. */
static struct m5_rule *route(struct m5_dev *dev, const u8 *frame, u32 len, struct m5_vq **vq)
{
	struct m5_obj *obj;

	if (dev->dead || !dev->link_up || len < 14)
		return NULL;
	list_for_each_entry(obj, &dev->objs[M5_T_RULE], node) {
		struct m5_rule *rule = (struct m5_rule *)obj;
		struct m5_rqt *rqt = rule->tir->rqt;

		if (!matches(&rule->match, frame, len))
			continue;
		*vq = rqt->vq[flow_hash(frame, len) & (rqt->actual - 1)];
		return rule;
	}
	return NULL;
}

bool m5_paused(struct m5_dev *dev, const u8 *frame, u32 len)
{
	struct m5_vq *vq;

	return route(dev, frame, len, &vq) && vq->state == M5_VQ_SUSPEND;
}

bool m5_receive(struct m5_dev *dev, const u8 *frame, u32 len)
{
	struct m5_rule *rule;
	struct m5_vq *vq;

	rule = route(dev, frame, len, &vq);
	if (!rule)
		return false;
	rule->hits++;
	if (deliver(dev, vq, frame, len))
		dev->rx_frames++;
	else
		dev->rx_dropped++;
	return true;
}
