// SPDX-License-Identifier: GPL-2.0-only
/*
 * net_loop.c - a looping net device as a DMA engine under the test's control.
 *
 * Each frame carries a sequence number in its source address. Every operation ends with a bare
 * frame, the barrier: when it is back, all frames before it were either received or dropped, since
 * the device works in order. So a dropped frame needs no waiting time to be seen.
 */
#include "net_loop.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define RING_NUM	128
#define RX_QUEUE	0
#define TX_QUEUE	1

#define VNET_HDR	12
#define FRAME_HDR	(VNET_HDR + 14)
#define SEQ_OFFSET	(VNET_HDR + 6)
#define PAYLOAD_OFFSET	32
#define ETHERTYPE	0x88b5

/* As a destination: the slot itself. No buffer can be there, it would wrap around. */
#define IN_SLOT		UINT64_MAX

static unsigned long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000UL + ts.tv_nsec / 1000000UL;
}

static size_t tx_offset(unsigned int slot)
{
	return 2 * VRING_DRIVER_BYTES + slot * NET_LOOP_SLOT_BYTES;
}

static size_t rx_offset(unsigned int slot)
{
	return tx_offset(NET_LOOP_SLOTS) + slot * NET_LOOP_SLOT_BYTES;
}

void net_loop_rewind(struct net_loop *l, uint64_t iova)
{
	l->iova = iova;
	vring_driver_init(&l->rx, l->packed, RING_NUM, l->mem, iova);
	vring_driver_init(&l->tx, l->packed, RING_NUM, l->mem + VRING_DRIVER_BYTES,
			  iova + VRING_DRIVER_BYTES);
	l->rx_base = vring_driver_base(&l->rx);
	l->tx_base = vring_driver_base(&l->tx);
	l->rx_posted = 0;
	l->tx_posted = 0;
	l->rx_busy = 0;
	l->tx_busy = 0;
}

int net_loop_init(struct net_loop *l, void *mem, uint64_t iova)
{
	int *fds[] = { &l->rx_kick, &l->rx_call, &l->tx_kick, &l->tx_call };
	unsigned int i;

	memset(l, 0, sizeof(*l));
	l->mem = mem;
	l->timeout_ms = 30000;
	for (i = 0; i < 4; i++)
		*fds[i] = -1;
	for (i = 0; i < 4; i++) {
		*fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (*fds[i] < 0) {
			net_loop_exit(l);
			return -errno;
		}
	}
	net_loop_rewind(l, iova);

	return 0;
}

void net_loop_exit(struct net_loop *l)
{
	int *fds[] = { &l->rx_kick, &l->rx_call, &l->tx_kick, &l->tx_call };
	unsigned int i;

	for (i = 0; i < 4; i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}

int net_loop_map(const struct net_loop *l, const struct vdpa_client *c)
{
	return vdpa_map(c, 0, l->iova, NET_LOOP_BYTES, l->mem, VHOST_ACCESS_RW);
}

int net_loop_unmap(const struct net_loop *l, const struct vdpa_client *c)
{
	return vdpa_unmap(c, 0, l->iova, NET_LOOP_BYTES);
}

static int attach_ring(const struct vdpa_client *c, unsigned int vq, const struct vring_driver *r,
		       unsigned int base, int kick, int call)
{
	int ret;

	ret = vdpa_vring_num(c, vq, r->num);
	if (!ret)
		ret = vdpa_vring_addr(c, vq, r->desc_iova, r->driver_iova, r->device_iova);
	if (!ret)
		ret = vdpa_vring_base(c, vq, base);
	if (!ret)
		ret = vdpa_vring_call(c, vq, call);
	if (!ret)
		ret = vdpa_vring_kick(c, vq, kick);
	if (!ret)
		ret = vdpa_vring_enable(c, vq, true);

	return ret;
}

int net_loop_attach(struct net_loop *l, const struct vdpa_client *c)
{
	int ret;

	l->c = c;
	ret = attach_ring(c, RX_QUEUE, &l->rx, l->rx_base, l->rx_kick, l->rx_call);
	if (!ret)
		ret = attach_ring(c, TX_QUEUE, &l->tx, l->tx_base, l->tx_kick, l->tx_call);

	return ret;
}

int net_loop_start(struct net_loop *l, const struct vdpa_client *c)
{
	uint64_t features = NET_LOOP_FEATURES;
	int ret;

	if (l->packed)
		features |= VDPA_BIT(VIRTIO_F_RING_PACKED);

	ret = vdpa_negotiate(c, features);
	if (!ret)
		ret = net_loop_attach(l, c);
	if (!ret)
		ret = vdpa_set_status(c, VDPA_S_DRIVER_OK);

	return ret;
}

/* One received frame: which slot its header is in, its number and its length. */
struct received {
	unsigned int slot;
	uint32_t seq;
	uint32_t len;
};

static int free_slot(uint64_t busy)
{
	return ~busy ? __builtin_ctzll(~busy) : -ENOSPC;
}

/* @payload: NULL for none, or where the device is to write what follows the frame header. */
static int post_rx(struct net_loop *l, const struct vring_seg *payload)
{
	struct vring_seg seg[2];
	int slot, id;

	slot = free_slot(l->rx_busy);
	if (slot < 0)
		return slot;

	memset(l->mem + rx_offset(slot), 0, NET_LOOP_SLOT_BYTES);
	seg[0].iova = l->iova + rx_offset(slot);
	seg[0].len = FRAME_HDR;
	seg[0].device_writes = true;
	if (payload) {
		seg[1] = *payload;
		if (seg[1].iova == IN_SLOT)
			seg[1].iova = seg[0].iova + PAYLOAD_OFFSET;
		seg[1].device_writes = true;
	}
	id = vring_driver_add(&l->rx, seg, payload ? 2 : 1);
	if (id < 0)
		return id;

	l->rx_slot[id] = slot;
	l->rx_busy |= 1ULL << slot;
	l->rx_posted++;

	return slot;
}

/* Returns the sequence number of the frame in @seq. */
static int post_tx(struct net_loop *l, const struct vring_seg *payload, const void *data,
		   uint32_t *seq)
{
	struct vring_seg seg[2];
	uint8_t *hdr;
	int slot, id;

	slot = free_slot(l->tx_busy);
	if (slot < 0)
		return slot;

	*seq = ++l->seq;
	hdr = l->mem + tx_offset(slot);
	memset(hdr, 0, FRAME_HDR);
	memset(hdr + VNET_HDR, 0xff, 6);
	hdr[SEQ_OFFSET] = 0x02;
	memcpy(hdr + SEQ_OFFSET + 1, seq, sizeof(*seq));
	hdr[VNET_HDR + 12] = ETHERTYPE >> 8;
	hdr[VNET_HDR + 13] = ETHERTYPE & 0xff;

	seg[0].iova = l->iova + tx_offset(slot);
	seg[0].len = FRAME_HDR;
	seg[0].device_writes = false;
	if (payload) {
		seg[1] = *payload;
		if (data) {
			memcpy(hdr + PAYLOAD_OFFSET, data, payload->len);
			seg[1].iova = seg[0].iova + PAYLOAD_OFFSET;
		}
		seg[1].device_writes = false;
	}
	id = vring_driver_add(&l->tx, seg, payload ? 2 : 1);
	if (id < 0)
		return id;

	l->tx_slot[id] = slot;
	l->tx_busy |= 1ULL << slot;
	l->tx_posted++;

	return 0;
}

static void kick(int fd)
{
	uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) != sizeof(one))
		perror("eventfd");
}

static void reap_tx(struct net_loop *l)
{
	uint32_t len;
	int id;

	while ((id = vring_driver_get(&l->tx, &len)) >= 0) {
		l->tx_busy &= ~(1ULL << l->tx_slot[id]);
		l->tx_posted--;
	}
}

static int reap_rx(struct net_loop *l, struct received *r)
{
	uint32_t len;
	int id;

	id = vring_driver_get(&l->rx, &len);
	if (id < 0)
		return id;

	r->slot = l->rx_slot[id];
	r->len = len;
	memcpy(&r->seq, l->mem + rx_offset(r->slot) + SEQ_OFFSET + 1, sizeof(r->seq));
	l->rx_busy &= ~(1ULL << r->slot);
	l->rx_posted--;

	return 0;
}

/*
 * Collects received frames until @barrier is among them and all that was sent is used. Frames
 * before it go to @got, at most @max; returns their number or -ETIMEDOUT.
 */
static int collect(struct net_loop *l, uint32_t barrier, struct received *got, unsigned int max)
{
	unsigned long end = now_ms() + l->timeout_ms, now;
	struct pollfd pfd = { .fd = l->rx_call, .events = POLLIN };
	bool seen = false;
	unsigned int n = 0;
	struct received r;
	uint64_t count;
	int ret;

	for (;;) {
		reap_tx(l);
		while (!(ret = reap_rx(l, &r))) {
			if (r.seq == barrier)
				seen = true;
			else if (n < max)
				got[n++] = r;
		}
		if (ret != -EAGAIN)
			return ret;
		if (seen && !l->tx_posted)
			return n;

		now = now_ms();
		if (now >= end)
			return -ETIMEDOUT;
		/* Not longer than 20 ms: a missed interrupt is another test's business. */
		poll(&pfd, 1, 20);
		if (read(l->rx_call, &count, sizeof(count)) < 0 && errno != EAGAIN)
			return -errno;
	}
}

/*
 * Nothing is outstanding afterwards: waits for frames that are under way, from an operation that
 * timed out, and uses up receive buffers that dropped frames have left behind.
 */
static int drain(struct net_loop *l)
{
	unsigned long end = now_ms() + l->timeout_ms;
	struct received r;
	uint32_t seq;
	int ret;

	while (l->rx_posted || l->tx_posted) {
		while (l->rx_posted > l->tx_posted) {
			ret = post_tx(l, NULL, NULL, &seq);
			if (ret)
				return ret;
			kick(l->tx_kick);
		}
		if (now_ms() >= end)
			return -ETIMEDOUT;
		usleep(1000);
		reap_tx(l);
		do {
			ret = reap_rx(l, &r);
		} while (!ret);
		if (ret != -EAGAIN)
			return ret;
	}

	return 0;
}

/* One frame of @len payload bytes from @src, or from @data, to @dst or IN_SLOT. */
static int transfer(struct net_loop *l, uint64_t src, const void *data, uint64_t dst,
		    uint32_t len, struct received *r)
{
	struct vring_seg from = { .iova = src, .len = len };
	struct vring_seg to = { .iova = dst, .len = len };
	uint32_t seq, barrier;
	int ret;

	ret = drain(l);
	if (!ret)
		ret = post_rx(l, &to);
	if (ret >= 0)
		ret = post_rx(l, NULL);
	if (ret >= 0)
		ret = post_tx(l, &from, data, &seq);
	if (ret >= 0)
		ret = post_tx(l, NULL, NULL, &barrier);
	if (ret < 0)
		return ret;

	kick(l->rx_kick);
	kick(l->tx_kick);
	memset(r, 0, sizeof(*r));
	ret = collect(l, barrier, r, 1);
	if (ret < 0)
		return ret;
	if (!ret)
		return -EFAULT;

	return r->seq == seq && r->len == FRAME_HDR + len ? 0 : -EIO;
}

int net_loop_copy(struct net_loop *l, uint64_t src, uint64_t dst, uint32_t len)
{
	struct received r;

	return len > NET_LOOP_MAX_COPY ? -EMSGSIZE : transfer(l, src, NULL, dst, len, &r);
}

int net_loop_read(struct net_loop *l, uint64_t iova, void *buf, uint32_t len)
{
	struct received r;
	int ret;

	if (len > NET_LOOP_SMALL)
		return -EMSGSIZE;
	ret = transfer(l, iova, NULL, IN_SLOT, len, &r);
	if (!ret)
		memcpy(buf, l->mem + rx_offset(r.slot) + PAYLOAD_OFFSET, len);

	return ret;
}

int net_loop_write(struct net_loop *l, uint64_t iova, const void *buf, uint32_t len)
{
	struct received r;

	return len > NET_LOOP_SMALL ? -EMSGSIZE : transfer(l, 0, buf, iova, len, &r);
}

/* As many as slots and descriptors allow, the barrier's not counted. */
#define PEEK_BATCH	(NET_LOOP_SLOTS - 1)

static int peek_batch(struct net_loop *l, const uint64_t *iova, unsigned int n, uint64_t *value,
		      bool *ok)
{
	struct vring_seg to = { .iova = IN_SLOT, .len = sizeof(uint64_t) };
	struct received got[PEEK_BATCH];
	uint32_t first = 0, barrier, seq;
	unsigned int i;
	int ret, k;

	ret = drain(l);
	if (ret)
		return ret;

	for (i = 0; i <= n; i++) {
		ret = post_rx(l, &to);
		if (ret < 0)
			return ret;
	}
	for (i = 0; i < n; i++) {
		struct vring_seg from = { .iova = iova[i], .len = sizeof(uint64_t) };

		ok[i] = false;
		ret = post_tx(l, &from, NULL, &seq);
		if (ret)
			return ret;
		if (!i)
			first = seq;
	}
	ret = post_tx(l, NULL, NULL, &barrier);
	if (ret)
		return ret;

	kick(l->rx_kick);
	kick(l->tx_kick);
	ret = collect(l, barrier, got, PEEK_BATCH);
	if (ret < 0)
		return ret;

	for (k = 0; k < ret; k++) {
		i = got[k].seq - first;
		if (i >= n || got[k].len != FRAME_HDR + sizeof(uint64_t))
			continue;
		ok[i] = true;
		memcpy(&value[i], l->mem + rx_offset(got[k].slot) + PAYLOAD_OFFSET,
		       sizeof(uint64_t));
	}

	return 0;
}

int net_loop_peek(struct net_loop *l, const uint64_t *iova, unsigned int n, uint64_t *value,
		  bool *ok)
{
	unsigned int done, now;
	int ret = 0;

	for (done = 0; done < n && !ret; done += now) {
		now = n - done < PEEK_BATCH ? n - done : PEEK_BATCH;
		ret = peek_batch(l, iova + done, now, value + done, ok + done);
	}

	return ret;
}
