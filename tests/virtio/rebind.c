// SPDX-License-Identifier: GPL-2.0-only
/*
 * rebind.c - a device changes hands between the kernel's virtio drivers and a client of its node,
 * again and again, always while it is working. After each change the data must be right: what one
 * side mapped is gone, and the kernel's 1:1 mapping is there again.
 */
#include "vdpa_test.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>

#define ROUNDS		100
#define RAM_PAGES	16
#define ETHERTYPE	0x88b5		/* for experiments */
#define FRAME		512
#define BLOCK		65536
#define VIRTIO		"virtio_vdpa"
#define VHOST		"vhost_vdpa"

static const struct vdpa_setup net = { .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES };
static const struct vdpa_setup blk = { .dev = VDPA_TEST_BLK, .backend = VDPA_QEMU_BACKEND,
				       .ram_pages = RAM_PAGES };

/* Name of the entry of @dir, or 0 if there is none (yet). */
static bool only_entry(const char *dir, const char *prefix, char *name, size_t size)
{
	struct dirent *entry;
	bool found = false;
	DIR *d = opendir(dir);

	while (d && !found && (entry = readdir(d))) {
		if (entry->d_name[0] != '.' && !strncmp(entry->d_name, prefix, strlen(prefix))) {
			snprintf(name, size, "%.*s", (int)size - 1, entry->d_name);
			found = true;
		}
	}
	if (d)
		closedir(d);
	return found;
}

/* What the kernel made of device @name in class @class ("net", "block"): its name there. */
static void kernel_name(const char *name, const char *class, char *kernel, size_t size)
{
	char dir[512], virtio[64];
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		snprintf(dir, sizeof(dir), "/sys/bus/vdpa/devices/%s", name);
		if (only_entry(dir, "virtio", virtio, sizeof(virtio))) {
			snprintf(dir, sizeof(dir), "/sys/bus/vdpa/devices/%s/%s/%s", name, virtio,
				 class);
			if (only_entry(dir, "", kernel, size))
				return;
		}
		usleep(10000);
	}
	fail_msg("%s: the kernel has no %s device of it", name, class);
}

/* Load until the device is gone. */
struct load {
	pthread_t thread;
	int fd;
	void *buf;
	const struct vdpa_bench *bench;
	atomic_bool stop;
	atomic_ulong done;
};

static void *send_frames(void *arg)
{
	struct load *load = arg;

	while (!atomic_load(&load->stop)) {
		if (send(load->fd, load->buf, FRAME, 0) == FRAME)
			atomic_fetch_add(&load->done, 1);
		else if (errno != ENOBUFS && errno != EAGAIN)
			break;
	}
	return NULL;
}

static void *write_blocks(void *arg)
{
	struct load *load = arg;
	off_t at = BLOCK;

	while (!atomic_load(&load->stop)) {
		if (pwrite(load->fd, load->buf, BLOCK, at) != BLOCK)
			break;
		atomic_fetch_add(&load->done, 1);
		at = at % (64 * BLOCK) + BLOCK;
	}
	return NULL;
}

static void start_load(struct load *load, void *(*fn)(void *))
{
	atomic_store(&load->stop, false);
	atomic_store(&load->done, 0);
	assert_int_equal(pthread_create(&load->thread, NULL, fn, load), 0);
	/* It is under way. */
	while (atomic_load(&load->done) < 3)
		usleep(1000);
}

static void stop_load(struct load *load)
{
	atomic_store(&load->stop, true);
	pthread_join(load->thread, NULL);
}

static void interface_up(int fd, const char *ifname)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	assert_int_equal(ioctl(fd, SIOCGIFFLAGS, &ifr), 0);
	ifr.ifr_flags |= IFF_UP;
	assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &ifr), 0);
}

static bool is_ours(const uint8_t *frame, ssize_t len, const struct sockaddr_ll *from,
		    const uint8_t *sent)
{
	return from->sll_pkttype == PACKET_HOST && len == FRAME && !memcmp(frame, sent, FRAME);
}

/* Frames to its own address: a device without a wire hears itself. Returns the open socket. */
static void drive_net(const char *name, unsigned int round, struct load *load)
{
	struct sockaddr_ll addr = { .sll_family = AF_PACKET, .sll_protocol = htons(ETHERTYPE) };
	struct timeval wait = { .tv_sec = 1 };
	static uint8_t frame[FRAME];
	uint8_t got[2048];
	struct sockaddr_ll from;
	struct ifreq ifr = { 0 };
	socklen_t from_len;
	char ifname[IFNAMSIZ];
	unsigned int tries;
	bool heard = false;
	ssize_t len;

	kernel_name(name, "net", ifname, sizeof(ifname));
	load->fd = socket(AF_PACKET, SOCK_RAW, htons(ETHERTYPE));
	assert_true(load->fd >= 0);
	interface_up(load->fd, ifname);
	addr.sll_ifindex = if_nametoindex(ifname);
	assert_int_equal(bind(load->fd, (void *)&addr, sizeof(addr)), 0);
	assert_int_equal(setsockopt(load->fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)), 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	assert_int_equal(ioctl(load->fd, SIOCGIFHWADDR, &ifr), 0);
	memcpy(frame, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	memcpy(frame + ETH_ALEN, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	frame[2 * ETH_ALEN] = ETHERTYPE >> 8;
	frame[2 * ETH_ALEN + 1] = ETHERTYPE & 0xff;
	memset(frame + ETH_HLEN, round, FRAME - ETH_HLEN);

	/* The first ones may be lost while the interface comes up. */
	for (tries = 0; tries < 20 && !heard; tries++) {
		if (send(load->fd, frame, FRAME, 0) != FRAME)
			continue;
		do {
			from_len = sizeof(from);
			len = recvfrom(load->fd, got, sizeof(got), 0, (void *)&from, &from_len);
			heard = len > 0 && is_ours(got, len, &from, frame);
		} while (len > 0 && !heard);
	}
	assert_true(heard);
	load->buf = frame;
	start_load(load, send_frames);
}

/* A block is written, read back, and then more are written. */
static void drive_blk(const char *name, unsigned int round, struct load *load)
{
	char disk[32], path[64];
	void *back = NULL;

	kernel_name(name, "block", disk, sizeof(disk));
	snprintf(path, sizeof(path), "/dev/%s", disk);
	load->fd = open(path, O_RDWR | O_DIRECT | O_CLOEXEC);
	assert_true(load->fd >= 0);
	assert_int_equal(posix_memalign(&load->buf, 4096, BLOCK), 0);
	assert_int_equal(posix_memalign(&back, 4096, BLOCK), 0);
	memset(load->buf, round + 1, BLOCK);
	assert_int_equal(pwrite(load->fd, load->buf, BLOCK, 0), BLOCK);
	assert_int_equal(pread(load->fd, back, BLOCK, 0), BLOCK);
	assert_memory_equal(back, load->buf, BLOCK);
	free(back);
	start_load(load, write_blocks);
}

/* Everything a client does, until the device is taken away or it is told to stop. */
static void *client_calls(void *arg)
{
	struct load *load = arg;
	const struct vdpa_bench *b = load->bench;
	uint64_t iova = VDPA_RAM_IOVA + 0x200000000ULL, one = 1;

	while (!atomic_load(&load->stop)) {
		if (vdpa_map(&b->c, 0, iova, b->ram.size, b->ram.base, VHOST_ACCESS_RW) ||
		    vdpa_unmap(&b->c, 0, iova, b->ram.size) ||
		    vdpa_vring_call(&b->c, 0, b->loop.rx_call))
			break;
		if (write(b->loop.tx_kick, &one, sizeof(one)) < 0)
			break;
		atomic_fetch_add(&load->done, 1);
	}
	return NULL;
}

static void drive_client(struct vdpa_bench *b, const char *name, bool is_net, struct load *load)
{
	assert_ok(vdpa_open_as(&b->c, name, VDPA_QEMU_BACKEND));
	net_loop_rewind(&b->loop, VDPA_LOOP_IOVA);
	assert_ok(net_loop_map(&b->loop, &b->c));
	assert_ok(vdpa_bench_map_ram(b, VDPA_RAM_IOVA));
	if (is_net) {
		assert_ok(net_loop_start(&b->loop, &b->c));
		vdpa_bench_sees(b, VDPA_RAM_IOVA, 0, RAM_PAGES, 1);
	} else {
		assert_ok(vdpa_negotiate(&b->c, ~0ULL));
		assert_ok(vdpa_vring_kick(&b->c, 0, b->loop.tx_kick));
		assert_ok(vdpa_set_status(&b->c, VDPA_S_DRIVER_OK));
	}
	load->bench = b;
	start_load(load, client_calls);
}

static void change_hands(struct vdpa_bench *b, const char *name)
{
	const bool is_net = !strcmp(name, VDPA_TEST_NET);
	struct load load;
	unsigned int i;

	vdpa_close(&b->c);
	for (i = 0; i < ROUNDS; i++) {
		assert_ok(vdpa_admin_unbind(name, VHOST));
		assert_ok(vdpa_admin_bind(name, VIRTIO));
		if (is_net)
			drive_net(name, i, &load);
		else
			drive_blk(name, i, &load);
		assert_ok(vdpa_admin_unbind(name, VIRTIO));
		stop_load(&load);
		close(load.fd);
		if (!is_net)
			free(load.buf);

		assert_ok(vdpa_admin_bind(name, VHOST));
		assert_int_not_equal(vdpa_admin_minor(name), -1);
		drive_client(b, name, is_net, &load);
		/* The client is done, or it is taken by surprise. */
		if (i % 2) {
			stop_load(&load);
			vdpa_close(&b->c);
			assert_pinned(b->pinned_before);
			continue;
		}
		assert_ok(vdpa_admin_unbind(name, VHOST));
		stop_load(&load);
		assert_err(vdpa_get_status(&b->c), ENODEV);
		vdpa_close(&b->c);
		assert_pinned(b->pinned_before);
		assert_ok(vdpa_admin_bind(name, VHOST));
	}
}

static void net_changes_hands(void **state)
{
	change_hands(*state, VDPA_TEST_NET);
}

static void blk_changes_hands(void **state)
{
	change_hands(*state, VDPA_TEST_BLK);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		vdpa_test("net: changes hands 100 times under load", net_changes_hands, &net),
		vdpa_test("blk: changes hands 100 times under load", blk_changes_hands, &blk),
	};

	return vdpa_test_main("virtio/rebind", tests, vdpa_group_both, argc, argv);
}
