// SPDX-License-Identifier: GPL-2.0-only
/*
 * config.c - what devices are configured to: attributes at creation, feature provisioning, what
 * VDPA_CMD_DEV_CONFIG_GET shows, VDPA_CMD_DEV_ATTR_SET, and statistics.
 */
#include "vdpa_nl.h"
#include "vdpa_test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/virtio_blk.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_net.h>

#define NET	"nl-net"
#define BLK	"nl-blk"

static const uint8_t mac[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 };
static const uint8_t mac2[6] = { 0x02, 0x11, 0x22, 0x33, 0x44, 0x66 };
static const uint8_t multicast[6] = { 0x01, 0, 0x5e, 0, 0, 1 };

static struct vdpa_nl nl;

static int setup(void **state)
{
	return vdpa_nl_open(&nl);
}

static int teardown(void **state)
{
	vdpa_nl_del(&nl, NET);
	vdpa_nl_del(&nl, BLK);
	vdpa_nl_close(&nl);
	return 0;
}

static void begin_add(const char *name, const char *mgmtdev)
{
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_NEW, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, name);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, mgmtdev);
}

static int add(void)
{
	return vdpa_nl_talk(&nl, NULL, NULL);
}

/* All numbers of one answer; -1: not there. */
struct values {
	int64_t v[VDPA_ATTR_MAX];
	uint8_t mac[6];
	int answers;
};

static int take_values(uint8_t cmd, vdpa_nl_attrs attrs, void *data)
{
	struct values *values = data;
	int i;

	values->answers++;
	for (i = 0; i < VDPA_ATTR_MAX; i++) {
		values->v[i] = -1;
		if (!attrs[i])
			continue;
		switch (mnl_attr_get_payload_len(attrs[i])) {
		case 1:
			values->v[i] = mnl_attr_get_u8(attrs[i]);
			break;
		case 2:
			values->v[i] = mnl_attr_get_u16(attrs[i]);
			break;
		case 4:
			values->v[i] = mnl_attr_get_u32(attrs[i]);
			break;
		case 8:
			values->v[i] = mnl_attr_get_u64(attrs[i]);
			break;
		}
	}
	if (attrs[VDPA_ATTR_DEV_NET_CFG_MACADDR])
		memcpy(values->mac, mnl_attr_get_payload(attrs[VDPA_ATTR_DEV_NET_CFG_MACADDR]), 6);
	return 0;
}

static struct values config_of(const char *name)
{
	struct values values = {};

	vdpa_nl_begin(&nl, VDPA_CMD_DEV_CONFIG_GET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, name);
	assert_ok(vdpa_nl_talk(&nl, take_values, &values));
	assert_int_equal(values.answers, 1);
	return values;
}

static uint64_t supported(const char *mgmtdev)
{
	struct values values = {};

	vdpa_nl_begin(&nl, VDPA_CMD_MGMTDEV_GET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, mgmtdev);
	assert_ok(vdpa_nl_talk(&nl, take_values, &values));
	return values.v[VDPA_ATTR_DEV_SUPPORTED_FEATURES];
}

static void net_attributes(void **state)
{
	struct values c;

	begin_add(NET, VDPA_MGMT_NET);
	mnl_attr_put(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MACADDR, 6, mac);
	mnl_attr_put_u16(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MTU, 9000);
	mnl_attr_put_u16(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MAX_VQP, 4);
	assert_ok(add());

	c = config_of(NET);
	assert_memory_equal(c.mac, mac, 6);
	assert_int_equal(c.v[VDPA_ATTR_DEV_ID], VIRTIO_ID_NET);
	assert_int_equal(c.v[VDPA_ATTR_DEV_NET_CFG_MTU], 9000);
	assert_int_equal(c.v[VDPA_ATTR_DEV_NET_CFG_MAX_VQP], 4);
	assert_int_equal(c.v[VDPA_ATTR_DEV_NET_STATUS] & VIRTIO_NET_S_LINK_UP,
			 VIRTIO_NET_S_LINK_UP);
	assert_true(c.v[VDPA_ATTR_DEV_FEATURES] & VDPA_BIT(VIRTIO_NET_F_MQ));
	/* Nobody has negotiated anything yet. */
	assert_int_equal(c.v[VDPA_ATTR_DEV_NEGOTIATED_FEATURES], -1);
}

/* A field that no offered feature announces is not shown. */
static void net_provisioned(void **state)
{
	uint64_t features = VDPA_BIT(VIRTIO_F_VERSION_1) | VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM) |
			    VDPA_BIT(VIRTIO_NET_F_MAC);
	struct values c;

	begin_add(NET, VDPA_MGMT_NET);
	mnl_attr_put(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MACADDR, 6, mac);
	mnl_attr_put_u64(nl.nlh, VDPA_ATTR_DEV_FEATURES, features);
	assert_ok(add());

	c = config_of(NET);
	assert_int_equal(c.v[VDPA_ATTR_DEV_FEATURES], features);
	assert_memory_equal(c.mac, mac, 6);
	assert_int_equal(c.v[VDPA_ATTR_DEV_NET_CFG_MTU], -1);
	assert_int_equal(c.v[VDPA_ATTR_DEV_NET_CFG_MAX_VQP], -1);
	assert_int_equal(c.v[VDPA_ATTR_DEV_NET_STATUS], -1);
}

static void provisioning_refused(void **state)
{
	uint64_t some = VDPA_BIT(VIRTIO_F_VERSION_1) | VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM);
	uint64_t all = supported(VDPA_MGMT_NET);

	assert_true(all && all != ~0ULL);

	begin_add(NET, VDPA_MGMT_NET);
	mnl_attr_put_u64(nl.nlh, VDPA_ATTR_DEV_FEATURES, some | (~all & -~all));
	assert_err(add(), EINVAL);
	assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_FEATURES);

	begin_add(NET, VDPA_MGMT_NET);
	mnl_attr_put_u64(nl.nlh, VDPA_ATTR_DEV_FEATURES, some);
	mnl_attr_put(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MACADDR, 6, mac);
	assert_err(add(), EINVAL);
	assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_NET_CFG_MACADDR);
	assert_non_null(strstr(nl.message, "VIRTIO_NET_F_MAC"));

	begin_add(NET, VDPA_MGMT_NET);
	mnl_attr_put_u64(nl.nlh, VDPA_ATTR_DEV_FEATURES, some);
	mnl_attr_put_u16(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MTU, 1500);
	assert_err(add(), EINVAL);
	assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_NET_CFG_MTU);

	begin_add(NET, VDPA_MGMT_NET);
	mnl_attr_put_u64(nl.nlh, VDPA_ATTR_DEV_FEATURES, some);
	mnl_attr_put_u16(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MAX_VQP, 2);
	assert_err(add(), EINVAL);
	assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_NET_CFG_MAX_VQP);

	assert_false(vdpa_admin_exists(NET));
}

/* One pair needs no VIRTIO_NET_F_MQ. */
static void one_pair(void **state)
{
	begin_add(NET, VDPA_MGMT_NET);
	mnl_attr_put_u64(nl.nlh, VDPA_ATTR_DEV_FEATURES,
			 VDPA_BIT(VIRTIO_F_VERSION_1) | VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM));
	mnl_attr_put_u16(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MAX_VQP, 1);
	assert_ok(add());
}

static void blk_config(void **state)
{
	struct values c;
	int i;

	begin_add(BLK, VDPA_MGMT_BLK);
	assert_ok(add());

	c = config_of(BLK);
	assert_int_equal(c.v[VDPA_ATTR_DEV_ID], VIRTIO_ID_BLOCK);
	for (i = VDPA_ATTR_DEV_BLK_CFG_CAPACITY; i < VDPA_ATTR_MAX; i++) {
		if (c.v[i] < 0)
			print_error("attribute %d is missing\n", i);
		assert_true(c.v[i] >= 0);
	}
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_CFG_CAPACITY], 0x40000);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_CFG_BLK_SIZE], 512);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_CFG_SIZE_MAX], 0x1000);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_CFG_SEG_MAX], 32);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_CFG_NUM_QUEUES], 1);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_READ_ONLY], 0);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_FLUSH], 1);
	for (i = VDPA_ATTR_DEV_NET_CFG_MACADDR; i <= VDPA_ATTR_DEV_NET_CFG_MTU; i++)
		assert_int_equal(c.v[i], -1);
}

/* Only what is announced: without TOPOLOGY and DISCARD their fields are gone, flush is 0. */
static void blk_provisioned(void **state)
{
	uint64_t features = VDPA_BIT(VIRTIO_F_VERSION_1) | VDPA_BIT(VIRTIO_F_ACCESS_PLATFORM) |
			    VDPA_BIT(VIRTIO_BLK_F_BLK_SIZE);
	struct values c;

	begin_add(BLK, VDPA_MGMT_BLK);
	mnl_attr_put_u64(nl.nlh, VDPA_ATTR_DEV_FEATURES, features);
	assert_ok(add());

	c = config_of(BLK);
	assert_int_equal(c.v[VDPA_ATTR_DEV_FEATURES], features);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_CFG_BLK_SIZE], 512);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_CFG_MIN_IO_SIZE], -1);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_CFG_MAX_DISCARD_SEC], -1);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_CFG_MAX_WRITE_ZEROES_SEG], -1);
	assert_int_equal(c.v[VDPA_ATTR_DEV_BLK_FLUSH], 0);
}

/* Attributes of a network device for one of another class. */
static void wrong_class(void **state)
{
	begin_add(BLK, VDPA_MGMT_BLK);
	mnl_attr_put(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MACADDR, 6, mac);
	assert_err(add(), EOPNOTSUPP);
	assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_NET_CFG_MACADDR);
	assert_false(vdpa_admin_exists(BLK));
}

static int set_mac(const char *name, const uint8_t *addr)
{
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_ATTR_SET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, name);
	if (addr)
		mnl_attr_put(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MACADDR, 6, addr);
	return vdpa_nl_talk(&nl, NULL, NULL);
}

static void attr_set(void **state)
{
	struct values c;

	begin_add(NET, VDPA_MGMT_NET);
	mnl_attr_put(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MACADDR, 6, mac);
	assert_ok(add());

	assert_ok(set_mac(NET, mac2));
	c = config_of(NET);
	assert_memory_equal(c.mac, mac2, 6);
}

static void attr_set_refused(void **state)
{
	struct values c;

	begin_add(NET, VDPA_MGMT_NET);
	mnl_attr_put(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MACADDR, 6, mac);
	assert_ok(add());
	begin_add(BLK, VDPA_MGMT_BLK);
	assert_ok(add());

	assert_err(set_mac(NET, multicast), EINVAL);
	assert_int_equal(nl.bad_attr, VDPA_ATTR_DEV_NET_CFG_MACADDR);
	assert_err(set_mac(NET, NULL), EOPNOTSUPP);
	assert_err(set_mac(BLK, mac2), EOPNOTSUPP);
	assert_err(set_mac("nl-nobody", mac2), ENODEV);

	vdpa_nl_begin(&nl, VDPA_CMD_DEV_ATTR_SET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, NET);
	mnl_attr_put(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MACADDR, 6, mac2);
	mnl_attr_put_u16(nl.nlh, VDPA_ATTR_DEV_NET_CFG_MTU, 1500);
	assert_err(vdpa_nl_talk(&nl, NULL, NULL), EOPNOTSUPP);

	c = config_of(NET);
	assert_memory_equal(c.mac, mac, 6);
}

static int stats(const char *name, uint32_t queue, vdpa_nl_fn fn, void *data)
{
	vdpa_nl_begin(&nl, VDPA_CMD_DEV_VSTATS_GET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, name);
	mnl_attr_put_u32(nl.nlh, VDPA_ATTR_DEV_QUEUE_INDEX, queue);
	return vdpa_nl_talk(&nl, fn, data);
}

static void vstats(void **state)
{
	struct values s = {};
	struct vdpa_client c;
	uint64_t features;

	begin_add(NET, VDPA_MGMT_NET);
	assert_ok(add());
	assert_err(stats(NET, 0, NULL, NULL), EAGAIN);

	assert_ok(vdpa_open_as(&c, NET, VDPA_QEMU_BACKEND));
	assert_ok(vdpa_get_features(&c, &features));
	assert_ok(vdpa_negotiate(&c, features));

	assert_int_equal(config_of(NET).v[VDPA_ATTR_DEV_NEGOTIATED_FEATURES], features);
	assert_ok(stats(NET, 0, take_values, &s));
	assert_int_equal(s.answers, 1);
	assert_int_equal(s.v[VDPA_ATTR_DEV_QUEUE_INDEX], 0);
	assert_int_equal(s.v[VDPA_ATTR_DEV_NEGOTIATED_FEATURES], features);
	assert_int_equal(s.v[VDPA_ATTR_DEV_VENDOR_ATTR_VALUE], 0);
	assert_ok(stats(NET, 2, NULL, NULL));

	assert_err(stats(NET, 3, NULL, NULL), EINVAL);
	assert_err(stats(NET, 0x8001, NULL, NULL), ERANGE);
	assert_err(stats(NET, UINT32_MAX, NULL, NULL), ERANGE);
	vdpa_close(&c);
}

static void vstats_refused(void **state)
{
	begin_add(BLK, VDPA_MGMT_BLK);
	assert_ok(add());
	assert_err(stats(BLK, 0, NULL, NULL), EOPNOTSUPP);
	assert_err(stats("nl-nobody", 0, NULL, NULL), ENODEV);

	vdpa_nl_begin(&nl, VDPA_CMD_DEV_VSTATS_GET, 0);
	mnl_attr_put_strz(nl.nlh, VDPA_ATTR_DEV_NAME, BLK);
	assert_err(vdpa_nl_talk(&nl, NULL, NULL), EINVAL);
	assert_non_null(strstr(nl.message, "DEV_QUEUE_INDEX"));
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		test(net_attributes),
		test(net_provisioned),
		test(provisioning_refused),
		test(one_pair),
		test(blk_config),
		test(blk_provisioned),
		test(wrong_class),
		test(attr_set),
		test(attr_set_refused),
		test(vstats),
		test(vstats_refused),
	};

	return vdpa_test_main("netlink/config", tests, NULL, argc, argv);
}
