// SPDX-License-Identifier: GPL-2.0-only
/*
 * control.c - what is asked of a device at work: addresses, VLANs and numbers of queues by the
 * control queue, to suspend, to go on, to go on elsewhere; and firmware that fails at every step of
 * that. A request that failed changed nothing: the device works as before. The control queue always
 * answers.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/virtio_net.h>

#include "m5_bench.h"

#define DEV		M5_DEV
#define DEV2		"m5-b"
#define RAM_PAGES	16
#define CVQ		4
#define FEATURES	(NET_LOOP_FEATURES | VDPA_BIT(VIRTIO_NET_F_MQ) | \
			 VDPA_BIT(VIRTIO_NET_F_CTRL_VQ) | VDPA_BIT(VIRTIO_NET_F_CTRL_VLAN) | \
			 VDPA_BIT(VIRTIO_NET_F_CTRL_MAC_ADDR))

/* Rings of the control queue and of the second pair, then the command. */
#define MORE_IOVA	0x5000000000ULL
#define MORE_PAGES	10
#define COMMAND		(9 * GUEST_PAGE)
#define DATA		(COMMAND + 64)
#define ACK		(COMMAND + 128)

static const uint64_t at = VDPA_RAM_IOVA;
static const struct vdpa_setup setup = {
	.dev = DEV, .backend = VDPA_QEMU_BACKEND, .ram_pages = RAM_PAGES
};

struct client {
	struct vdpa_bench b;
	struct guest_mem more;
	struct vring_driver cvq;
	int kick;
	/*
	 * How many requests were refused, commands of the firmware, whether only a reset helps,
	 * pairs of queues that were asked for last and granted.
	 */
	unsigned int refused, commands;
	bool broken;
	unsigned int pairs;
};

static int attach(struct client *c, unsigned int vq, struct vring_driver *r, unsigned int page)
{
	int ret;

	vring_driver_init(r, false, 16, c->more.base + page * GUEST_PAGE,
			  MORE_IOVA + page * GUEST_PAGE);
	ret = vdpa_vring_num(&c->b.c, vq, 16);
	ret = ret ?: vdpa_vring_addr(&c->b.c, vq, r->desc_iova, r->driver_iova, r->device_iova);
	ret = ret ?: vdpa_vring_base(&c->b.c, vq, 0);
	return ret ?: vdpa_vring_enable(&c->b.c, vq, true);
}

static void client_open(struct client *c)
{
	struct vring_driver unused;

	memset(c, 0, sizeof(*c));
	c->pairs = 1;
	assert_ok(vdpa_bench_open(&c->b, &setup));
	assert_ok(guest_mem_alloc(&c->more, MORE_PAGES * GUEST_PAGE, GUEST_MEM_ANON));
	c->kick = eventfd(0, EFD_CLOEXEC);
	assert_ok(vdpa_bench_map_all(&c->b, at));
	assert_ok(vdpa_map(&c->b.c, 0, MORE_IOVA, c->more.size, c->more.base, VHOST_ACCESS_RW));
	assert_ok(vdpa_negotiate(&c->b.c, FEATURES));
	net_loop_rewind(&c->b.loop, c->b.loop.iova);
	assert_ok(net_loop_attach(&c->b.loop, &c->b.c));
	assert_ok(attach(c, 2, &unused, 0));
	assert_ok(attach(c, 3, &unused, 3));
	assert_ok(attach(c, CVQ, &c->cvq, 6));
	assert_ok(vdpa_vring_kick(&c->b.c, CVQ, c->kick));
	assert_ok(vdpa_set_status(&c->b.c, VDPA_S_DRIVER_OK));
}

static void client_close(struct client *c)
{
	vdpa_bench_close(&c->b);
	guest_mem_free(&c->more);
	close(c->kick);
}

/* The device works, or says that it does not. */
static void check(struct client *c)
{
	uint64_t value = 0;
	int status = vdpa_get_status(&c->b.c);

	assert_true(status >= 0);
	if (status & VIRTIO_CONFIG_S_NEEDS_RESET) {
		c->broken = true;
		return;
	}
	assert_ok(net_loop_read(&c->b.loop, at, &value, sizeof(value)));
	assert_true(value == guest_mem_mark(1, 0));
}

/* As many queues run, and get packets, as were granted. */
static void check_pairs(struct client *c)
{
	unsigned int pairs = 0, running = 0;
	char line[128];
	FILE *f = fopen("/sys/kernel/debug/mlx5_vdpa/" DEV "/queues", "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		sscanf(line, "rqt %*s tir %*s pairs %u", &pairs);
		running += !!strstr(line, " ready ");
	}
	fclose(f);
	assert_int_equal(pairs, c->pairs);
	assert_int_equal(running, 2 * c->pairs);
}

/* One command, which is answered whatever comes of it. */
static void ask(struct client *c, uint8_t class, uint8_t cmd, const void *data, uint32_t len)
{
	struct virtio_net_ctrl_hdr hdr = { .class = class, .cmd = cmd };
	volatile uint8_t *ack = c->more.base + ACK;
	struct vring_seg seg[] = {
		{ MORE_IOVA + COMMAND, sizeof(hdr), false },
		{ MORE_IOVA + DATA, len, false },
		{ MORE_IOVA + ACK, 1, true },
	};
	uint64_t one = 1;
	uint32_t used;
	int waited;

	if (c->broken)
		return;
	memcpy(c->more.base + COMMAND, &hdr, sizeof(hdr));
	memcpy(c->more.base + DATA, data, len);
	*ack = 0xff;
	assert_true(vring_driver_add(&c->cvq, seg, 3) >= 0);
	assert_int_equal(write(c->kick, &one, sizeof(one)), sizeof(one));
	for (waited = 0; waited < 30000 && vring_driver_get(&c->cvq, &used) < 0; waited++)
		usleep(1000);
	assert_true(*ack == VIRTIO_NET_OK || *ack == VIRTIO_NET_ERR);
	c->refused += *ack;
	if (class == VIRTIO_NET_CTRL_MQ && *ack == VIRTIO_NET_OK)
		c->pairs = *(const uint16_t *)data;
	check(c);
	if (!c->broken)
		check_pairs(c);
}

static void request(struct client *c, unsigned long what)
{
	if (c->broken)
		return;
	if (vdpa_ioctl(&c->b.c, what, NULL)) {
		c->refused++;
		/* It goes on, or is still suspended; either way it can be told to go on. */
		if (what == VHOST_VDPA_RESUME && vdpa_ioctl(&c->b.c, what, NULL)) {
			c->broken = true;
			return;
		}
		check(c);
	} else if (what == VHOST_VDPA_RESUME) {
		check(c);
	}
}

/* The second function goes on where the first one stopped, if that could be stopped. */
static void go_elsewhere(struct client *c, struct vdpa_client *to)
{
	unsigned int refused = c->refused, rx, tx;
	uint64_t value = 0;

	request(c, VHOST_VDPA_SUSPEND);
	if (c->broken || c->refused != refused)
		return;
	assert_ok(vdpa_get_vring_base(&c->b.c, 0, &rx));
	assert_ok(vdpa_get_vring_base(&c->b.c, 1, &tx));
	assert_int_equal(rx, c->b.loop.rx.last_used);
	assert_int_equal(tx, c->b.loop.tx.last_used);
	if (vdpa_reset(&c->b.c))
		c->refused++;
	m5_go_on(&c->b, to, at, rx, tx);
	assert_ok(net_loop_read(&c->b.loop, at, &value, sizeof(value)));
	assert_true(value == guest_mem_mark(1, 0));
}

static void requests(struct client *c)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 9 };
	static const uint16_t one = 1, two = 2, vid = 5;

	ask(c, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET, &two, 2);
	ask(c, VIRTIO_NET_CTRL_MAC, VIRTIO_NET_CTRL_MAC_ADDR_SET, mac, 6);
	ask(c, VIRTIO_NET_CTRL_VLAN, VIRTIO_NET_CTRL_VLAN_ADD, &vid, 2);
	ask(c, VIRTIO_NET_CTRL_MQ, VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET, &one, 2);
	ask(c, VIRTIO_NET_CTRL_VLAN, VIRTIO_NET_CTRL_VLAN_DEL, &vid, 2);
	request(c, VHOST_VDPA_SUSPEND);
	request(c, VHOST_VDPA_RESUME);
}

static void assert_clean(unsigned int n)
{
	assert_int_equal(m5_stat(n, "live"), 0);
	assert_int_equal(m5_stat(n, "buffers"), 0);
	assert_int_equal(m5_stat(n, "switch_macs"), 0);
}

/* All of it, with something that goes wrong from the first request on; how it went. */
static struct client sequence(const char *fault)
{
	struct vdpa_client second;
	struct client c;

	m5_forget_complaints();
	assert_ok(vdpa_admin_add_with(DEV, m5_mgmt(0), "max_vqp", "2"));
	assert_ok(vdpa_admin_add_with(DEV2, m5_mgmt(1), "max_vqp", "1"));
	assert_ok(vdpa_open_as(&second, DEV2, VDPA_QEMU_BACKEND));
	client_open(&c);
	check(&c);
	m5_reset_stats(0);
	if (fault)
		assert_ok(m5_set(0, "inject", fault));
	requests(&c);
	go_elsewhere(&c, &second);
	m5_set(0, "inject", "clear");
	c.commands = m5_stat(0, "commands");
	assert_int_equal(m5_get_file(0, "audit"), 0);
	vdpa_close(&second);
	client_close(&c);
	return c;
}

static void end(void)
{
	assert_ok(vdpa_admin_del(DEV));
	assert_ok(vdpa_admin_del(DEV2));
	assert_clean(0);
	assert_clean(1);
	assert_int_equal(m5_complaints(), 0);
}

static unsigned int without_fault(void)
{
	struct client c = sequence(NULL);

	assert_int_equal(c.refused, 0);
	assert_false(c.broken);
	end();
	return c.commands;
}

static void sweep(const char *action, unsigned int stride)
{
	unsigned int commands = without_fault(), step, refused = 0, broken = 0;
	long pinned = vdpa_pinned_pages();
	struct client c;
	char fault[64];

	assert_true(commands > 20);
	for (step = 1; step <= commands; step += stride) {
		snprintf(fault, sizeof(fault), "0 %u %s", step, action);
		c = sequence(fault);
		refused += !!c.refused;
		broken += c.broken;
		end();
		assert_pinned(pinned);
	}
	printf("# %s: %u commands, %u sequences with a request refused, %u broken\n", action,
	       commands, refused, broken);
	assert_true(refused > commands / stride / 4);
	without_fault();
}

static void works(void **state)
{
	without_fault();
}

static void status(void **state)
{
	sweep("status 1", 1);
}

static void timeout(void **state)
{
	sweep("timeout", 5);
}

static int nothing(void **state)
{
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(works),
		cmocka_unit_test(status),
		cmocka_unit_test(timeout),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("mlx5 control", tests, nothing, nothing);
}
