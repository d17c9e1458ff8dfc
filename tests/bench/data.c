// SPDX-License-Identifier: GPL-2.0-only
/*
 * data.c - what a simulated device takes per packet or per block request.
 *
 * usage: data DEVICE net|read|write BYTES ROUNDS
 *
 * net: frames of BYTES loop from the transmit to the receive queue; read, write: block requests of
 * BYTES, one after the other from the start of the disk. A round has 64 of them, with one kick for
 * each queue. The time is that of driver and device together; the driver's share, which is the same
 * for every stack, is what a ring costs in userspace.
 *
 * All sectors have been written before the clock starts, so that no stack has an easier disk.
 */
#include <poll.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/virtio_blk.h>

#include "bench.h"
#include "vring_driver.h"

#define DEPTH		64
#define RING_NUM	256
#define VNET_HDR	12
#define ETH_HDR		14

struct queue {
	struct vring_driver ring;
	int kick;
	int call;
};

struct device {
	struct vdpa_client c;
	struct guest_mem ram;
	struct queue vq[2];
	unsigned int nvqs;
	uint64_t data;
	uint32_t bytes;
};

static void kick(const struct queue *q)
{
	uint64_t one = 1;

	if (write(q->kick, &one, sizeof(one)) != sizeof(one))
		must("kick", -errno);
}

/* Takes DEPTH used buffers; a device that stands still ends the program. */
static void collect(struct queue *q)
{
	struct pollfd pfd = { .fd = q->call, .events = POLLIN };
	unsigned int done = 0;
	uint64_t count;
	uint32_t len;

	for (;;) {
		while (vring_driver_get(&q->ring, &len) >= 0)
			done++;
		if (done >= DEPTH)
			return;
		if (poll(&pfd, 1, 10000) != 1)
			must("the device", -ETIMEDOUT);
		if (read(q->call, &count, sizeof(count)) < 0)
			must("call", -errno);
	}
}

static void attach(struct device *d, unsigned int vq)
{
	struct queue *q = &d->vq[vq];
	uint64_t at = vq * VRING_DRIVER_BYTES;

	q->kick = eventfd(0, EFD_CLOEXEC);
	q->call = eventfd(0, EFD_CLOEXEC);
	vring_driver_init(&q->ring, false, RING_NUM, d->ram.base + at, at);
	must("num", vdpa_vring_num(&d->c, vq, RING_NUM));
	must("addr", vdpa_vring_addr(&d->c, vq, q->ring.desc_iova, q->ring.driver_iova,
				     q->ring.device_iova));
	must("base", vdpa_vring_base(&d->c, vq, 0));
	must("call", vdpa_vring_call(&d->c, vq, q->call));
	must("kick", vdpa_vring_kick(&d->c, vq, q->kick));
	must("enable", vdpa_vring_enable(&d->c, vq, true));
}

static void net_round(struct device *d)
{
	uint32_t len = VNET_HDR + ETH_HDR + d->bytes, slot = (len + 63) & ~63U;
	unsigned int i;

	for (i = 0; i < DEPTH; i++) {
		struct vring_seg rx = { d->data + i * slot, len, true };
		struct vring_seg tx = { d->data + (DEPTH + i) * slot, len, false };

		must("rx", vring_driver_add(&d->vq[0].ring, &rx, 1));
		must("tx", vring_driver_add(&d->vq[1].ring, &tx, 1));
	}
	kick(&d->vq[0]);
	kick(&d->vq[1]);
	collect(&d->vq[1]);
	collect(&d->vq[0]);
}

/* Where a round's block requests have their data. */
static uint8_t *blocks(const struct device *d)
{
	return d->ram.base + d->data + DEPTH * (16 + 1);
}

static void blk_round(struct device *d, uint32_t type)
{
	uint64_t headers = d->data, status = headers + DEPTH * 16, data = status + DEPTH;
	struct virtio_blk_outhdr hdr = { .type = type };
	unsigned int i;

	for (i = 0; i < DEPTH; i++) {
		struct vring_seg seg[] = {
			{ headers + i * 16, sizeof(hdr), false },
			{ data + i * (uint64_t)d->bytes, d->bytes, type == VIRTIO_BLK_T_IN },
			{ status + i, 1, true },
		};

		hdr.sector = i * (d->bytes / 512);
		memcpy(d->ram.base + headers + i * 16, &hdr, sizeof(hdr));
		d->ram.base[status + i] = 0xff;
		must("request", vring_driver_add(&d->vq[0].ring, seg, 3));
	}
	kick(&d->vq[0]);
	collect(&d->vq[0]);
	for (i = 0; i < DEPTH; i++)
		if (d->ram.base[status + i])
			must("block request", -EIO);
}

/* A round's data: no two sectors are alike. */
static uint8_t pattern(size_t i)
{
	return i + i / 512;
}

static void blk_prepare(struct device *d)
{
	size_t i;

	for (i = 0; i < DEPTH * (size_t)d->bytes; i++)
		blocks(d)[i] = pattern(i);
	blk_round(d, VIRTIO_BLK_T_OUT);
	memset(blocks(d), 0, DEPTH * (size_t)d->bytes);
}

/* What was measured must have happened: reads got the pattern, writes put zeroes in its place. */
static void blk_check(struct device *d, uint32_t type)
{
	size_t i;

	if (type == VIRTIO_BLK_T_OUT) {
		memset(blocks(d), 0xff, DEPTH * (size_t)d->bytes);
		blk_round(d, VIRTIO_BLK_T_IN);
	}
	for (i = 0; i < DEPTH * (size_t)d->bytes; i++)
		if (blocks(d)[i] != (type == VIRTIO_BLK_T_OUT ? 0 : pattern(i)))
			must("data of the disk", -EIO);
}

/* Frames to everybody, so that no filter drops them. */
static void net_prepare(struct device *d)
{
	uint32_t slot = (VNET_HDR + ETH_HDR + d->bytes + 63) & ~63U;
	unsigned int i;

	for (i = 0; i < DEPTH; i++)
		memset(d->ram.base + d->data + (DEPTH + i) * slot + VNET_HDR, 0xff, 6);
}

int main(int argc, char **argv)
{
	uint32_t type = VIRTIO_BLK_T_IN;
	struct device d = { .nvqs = 1 };
	unsigned int rounds, i;
	uint64_t begin = 0;
	char name[64];
	bool net;

	if (argc != 5 || (strcmp(argv[2], "net") && strcmp(argv[2], "read") &&
			  strcmp(argv[2], "write"))) {
		fprintf(stderr, "usage: data DEVICE net|read|write BYTES ROUNDS\n");
		return 2;
	}
	bench_setup();
	net = !strcmp(argv[2], "net");
	if (!strcmp(argv[2], "write"))
		type = VIRTIO_BLK_T_OUT;
	d.bytes = strtoul(argv[3], NULL, 0);
	rounds = strtoul(argv[4], NULL, 0);
	d.nvqs = net ? 2 : 1;
	d.data = 2 * VRING_DRIVER_BYTES;
	must("memory", bench_alloc(&d.ram, 4 * MIB, "thp"));
	must("open", vdpa_open_as(&d.c, argv[1], VDPA_QEMU_BACKEND));
	must("negotiate", vdpa_negotiate(&d.c, BENCH_FEATURES));
	bench_map(&d.c, &d.ram);
	for (i = 0; i < d.nvqs; i++)
		attach(&d, i);
	must("DRIVER_OK", vdpa_set_status(&d.c, VDPA_S_DRIVER_OK));
	if (net)
		net_prepare(&d);
	else
		blk_prepare(&d);

	/* The first round fills caches. */
	for (i = 0; i <= rounds; i++) {
		if (i == 1)
			begin = now_ns();
		if (net)
			net_round(&d);
		else
			blk_round(&d, type);
	}
	begin = now_ns() - begin;
	if (!net)
		blk_check(&d, type);
	else if (memcmp(d.ram.base + d.data + VNET_HDR, "\xff\xff\xff\xff\xff\xff", 6))
		must("looped frame", -EIO);

	snprintf(name, sizeof(name), "%s_%u",
		 net ? "net_packet" : type == VIRTIO_BLK_T_IN ? "blk_read" : "blk_write", d.bytes);
	bench_result(name, (double)begin / rounds / DEPTH, "ns");
	vdpa_close(&d.c);
	guest_mem_free(&d.ram);

	return 0;
}
