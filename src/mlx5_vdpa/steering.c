// SPDX-License-Identifier: GPL-2.0-only
/*
 * steering.c - how received packets find a queue.
 *
 *	embedded switch	lets packets for the device's address reach the function (MPFS)
 *	flow table	one rule for the address and one for multicast, for each VLAN
 *	TIR		hashes
 *	RQ table	lists the receive queues in use
 *
 * The flow table lives as long as the device. RQ table and TIR exist whenever the objects do that
 * they list, so that they need no command at DRIVER_OK. Rules exist while the driver runs.
 *
 * Without VIRTIO_NET_F_CTRL_VLAN there is one pair of rules, which does not look at tags. With it,
 * there is one for packets without a tag, and one for each VLAN the driver asked for.
 *
 * Context of everything here: sleeps; dev->lock held for writing, unless nobody else knows the
 * device.
 */
#include <linux/etherdevice.h>
#include <linux/log2.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/mlx5/fs.h>
#include <linux/mlx5/mpfs.h>

#include "mlx5_vdpa.h"

/* Two rules for each of 4096 VLANs, twice while the address changes, and some. */
#define TABLE_ENTRIES	0x8000
#define TABLE_GROUPS	2

#define UNTAGGED	VLAN_N_VID

/**
 * struct mlx5v_rule - what is received of a VLAN
 * @vid: its number, or UNTAGGED
 * @unicast: rule for the device's address, or NULL
 * @next: rule for the address that will be the device's, while it changes
 * @multicast: rule for multicast and broadcast, or NULL
 */
struct mlx5v_rule {
	u16 vid;
	struct mlx5_flow_handle *unicast;
	struct mlx5_flow_handle *next;
	struct mlx5_flow_handle *multicast;
};

/*
 * RQ table and TIR
 */

static int rqt_entries(u16 pairs)
{
	return roundup_pow_of_two(pairs);
}

/* Fill in which queues an RQ table lists; -ENODEV if one of them has no object. */
static int fill_rqtc(struct mlx5v_dev *dev, void *rqtc, u16 pairs)
{
	int i, n = rqt_entries(pairs);
	__be32 *list = MLX5_ADDR_OF(rqtc, rqtc, rq_num);

	MLX5_SET(rqtc, rqtc, list_q_type, MLX5V_RQT_VIRTIO_NET_Q);
	MLX5_SET(rqtc, rqtc, rqt_actual_size, n);
	for (i = 0; i < n; i++) {
		struct mlx5v_queue *q = &dev->queues[2 * (i % pairs)];

		if (q->state == MLX5V_STATE_NONE || q->state == MLX5V_STATE_LOST)
			return -ENODEV;
		list[i] = cpu_to_be32(q->obj);
	}
	return 0;
}

static int rqt_create(struct mlx5v_dev *dev, u16 pairs)
{
	u32 out[MLX5_ST_SZ_DW(create_rqt_out)] = {};
	int max = rqt_entries(dev->max_vqs / 2);
	int inlen = MLX5_ST_SZ_BYTES(create_rqt_in) + max * MLX5_ST_SZ_BYTES(rq_num);
	void *in, *rqtc;
	int err;

	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	MLX5_SET(create_rqt_in, in, opcode, MLX5_CMD_OP_CREATE_RQT);
	MLX5_SET(create_rqt_in, in, uid, dev->uid);
	rqtc = MLX5_ADDR_OF(create_rqt_in, in, rqt_context);
	MLX5_SET(rqtc, rqtc, rqt_max_size, max);
	err = fill_rqtc(dev, rqtc, pairs);
	if (!err)
		err = mlx5v_exec(dev, in, inlen, out, sizeof(out));
	kvfree(in);
	if (err)
		return err;
	dev->rx.rqtn = MLX5_GET(create_rqt_out, out, rqtn);
	dev->rx.pairs = pairs;
	dev->rx.rqt_exists = true;
	return 0;
}

static int rqt_modify(struct mlx5v_dev *dev, u16 pairs)
{
	u32 out[MLX5_ST_SZ_DW(modify_rqt_out)] = {};
	int inlen = MLX5_ST_SZ_BYTES(modify_rqt_in) +
		    rqt_entries(pairs) * MLX5_ST_SZ_BYTES(rq_num);
	void *in;
	int err;

	in = kvzalloc(inlen, GFP_KERNEL);
	if (!in)
		return -ENOMEM;
	MLX5_SET(modify_rqt_in, in, opcode, MLX5_CMD_OP_MODIFY_RQT);
	MLX5_SET(modify_rqt_in, in, uid, dev->uid);
	MLX5_SET(modify_rqt_in, in, rqtn, dev->rx.rqtn);
	MLX5_SET(modify_rqt_in, in, bitmask.rqn_list, 1);
	err = fill_rqtc(dev, MLX5_ADDR_OF(modify_rqt_in, in, ctx), pairs);
	if (!err)
		err = mlx5v_exec(dev, in, inlen, out, sizeof(out));
	kvfree(in);
	if (!err)
		dev->rx.pairs = pairs;
	return err;
}

static int rqt_destroy(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(destroy_rqt_in)] = {};
	int err;

	if (!dev->rx.rqt_exists)
		return 0;
	MLX5_SET(destroy_rqt_in, in, opcode, MLX5_CMD_OP_DESTROY_RQT);
	MLX5_SET(destroy_rqt_in, in, uid, dev->uid);
	MLX5_SET(destroy_rqt_in, in, rqtn, dev->rx.rqtn);
	err = mlx5v_exec_free(dev, "table of receive queues", in, sizeof(in));
	if (!err)
		dev->rx.rqt_exists = false;
	return err;
}

static int tir_create(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(create_tir_in)] = {};
	u32 out[MLX5_ST_SZ_DW(create_tir_out)] = {};
	void *tirc = MLX5_ADDR_OF(create_tir_in, in, ctx);
	void *key = MLX5_ADDR_OF(tirc, tirc, rx_hash_toeplitz_key);
	void *outer = MLX5_ADDR_OF(tirc, tirc, rx_hash_field_selector_outer);
	unsigned int i;
	int err;

	MLX5_SET(create_tir_in, in, opcode, MLX5_CMD_OP_CREATE_TIR);
	MLX5_SET(create_tir_in, in, uid, dev->uid);
	MLX5_SET(tirc, tirc, disp_type, MLX5_TIRC_DISP_TYPE_INDIRECT);
	MLX5_SET(tirc, tirc, indirect_table, dev->rx.rqtn);
	MLX5_SET(tirc, tirc, transport_domain, dev->tdn);
	MLX5_SET(tirc, tirc, rx_hash_fn, MLX5_RX_HASH_FN_TOEPLITZ);
	/* Both directions of a connection are to meet in one queue: a key of one repeated word. */
	MLX5_SET(tirc, tirc, rx_hash_symmetric, 1);
	for (i = 0; i < MLX5_FLD_SZ_BYTES(tirc, rx_hash_toeplitz_key); i += 2) {
		((u8 *)key)[i] = 0x6d;
		((u8 *)key)[i + 1] = 0x5a;
	}
	MLX5_SET(rx_hash_field_select, outer, l3_prot_type, MLX5_L3_PROT_TYPE_IPV4);
	MLX5_SET(rx_hash_field_select, outer, l4_prot_type, MLX5_L4_PROT_TYPE_TCP);
	MLX5_SET(rx_hash_field_select, outer, selected_fields,
		 MLX5_HASH_FIELD_SEL_SRC_IP | MLX5_HASH_FIELD_SEL_DST_IP |
		 MLX5_HASH_FIELD_SEL_L4_SPORT | MLX5_HASH_FIELD_SEL_L4_DPORT);
	err = mlx5v_exec(dev, in, sizeof(in), out, sizeof(out));
	if (err)
		return err;
	dev->rx.tirn = MLX5_GET(create_tir_out, out, tirn);
	dev->rx.tir_exists = true;
	return 0;
}

static int tir_destroy(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(destroy_tir_in)] = {};
	int err;

	if (!dev->rx.tir_exists)
		return 0;
	MLX5_SET(destroy_tir_in, in, opcode, MLX5_CMD_OP_DESTROY_TIR);
	MLX5_SET(destroy_tir_in, in, uid, dev->uid);
	MLX5_SET(destroy_tir_in, in, tirn, dev->rx.tirn);
	err = mlx5v_exec_free(dev, "TIR", in, sizeof(in));
	if (!err)
		dev->rx.tir_exists = false;
	return err;
}

/*
 * Rules
 */

static struct mlx5_flow_handle *add_rule(struct mlx5v_dev *dev, const u8 *mac, u16 vid)
{
	struct mlx5_flow_destination dest = {
		.type = MLX5_FLOW_DESTINATION_TYPE_TIR,
		.tir_num = dev->rx.tirn,
	};
	struct mlx5_flow_act act = { .action = MLX5_FLOW_CONTEXT_ACTION_FWD_DEST };
	struct mlx5_flow_handle *handle;
	struct mlx5_flow_spec *spec;
	void *mask, *value;
	u8 *dmac_mask;

	spec = kvzalloc(sizeof(*spec), GFP_KERNEL);
	if (!spec)
		return ERR_PTR(-ENOMEM);
	spec->match_criteria_enable = MLX5_MATCH_OUTER_HEADERS;
	mask = MLX5_ADDR_OF(fte_match_param, spec->match_criteria, outer_headers);
	value = MLX5_ADDR_OF(fte_match_param, spec->match_value, outer_headers);
	dmac_mask = MLX5_ADDR_OF(fte_match_set_lyr_2_4, mask, dmac_47_16);
	/* For multicast, only the bit that says so counts. */
	if (is_multicast_ether_addr(mac))
		dmac_mask[0] = 1;
	else
		eth_broadcast_addr(dmac_mask);
	ether_addr_copy(MLX5_ADDR_OF(fte_match_set_lyr_2_4, value, dmac_47_16), mac);
	if (mlx5v_has(dev, VIRTIO_NET_F_CTRL_VLAN)) {
		MLX5_SET(fte_match_set_lyr_2_4, mask, cvlan_tag, 1);
		MLX5_SET_TO_ONES(fte_match_set_lyr_2_4, mask, first_vid);
		if (vid != UNTAGGED) {
			MLX5_SET(fte_match_set_lyr_2_4, value, cvlan_tag, 1);
			MLX5_SET(fte_match_set_lyr_2_4, value, first_vid, vid);
		}
	}
	handle = mlx5_add_flow_rules(dev->rx.table, spec, &act, &dest, 1);
	kvfree(spec);
	return handle;
}

static int install_one(struct mlx5v_dev *dev, const u8 *mac, u16 vid,
		       struct mlx5_flow_handle **slot)
{
	struct mlx5_flow_handle *handle = add_rule(dev, mac, vid);

	if (IS_ERR(handle))
		return PTR_ERR(handle);
	*slot = handle;
	return 0;
}

static void remove_one(struct mlx5_flow_handle **slot)
{
	if (*slot)
		mlx5_del_flow_rules(*slot);
	*slot = NULL;
}

static void uninstall(struct mlx5v_rule *rule)
{
	remove_one(&rule->unicast);
	remove_one(&rule->multicast);
}

/* A device without an address receives multicast only. */
static int install(struct mlx5v_dev *dev, struct mlx5v_rule *rule)
{
	static const u8 any_multicast[ETH_ALEN] = { 1 };
	int err;

	if (!is_zero_ether_addr(dev->config.mac)) {
		err = install_one(dev, dev->config.mac, rule->vid, &rule->unicast);
		if (err)
			return err;
	}
	err = install_one(dev, any_multicast, rule->vid, &rule->multicast);
	if (err)
		uninstall(rule);
	return err;
}

static void uninstall_all(struct mlx5v_dev *dev)
{
	struct mlx5v_rule *rule;
	unsigned long vid;

	xa_for_each(&dev->rx.rules, vid, rule)
		uninstall(rule);
}

static int install_all(struct mlx5v_dev *dev)
{
	struct mlx5v_rule *rule;
	unsigned long vid;
	int err;

	xa_for_each(&dev->rx.rules, vid, rule) {
		err = install(dev, rule);
		if (err) {
			uninstall_all(dev);
			return err;
		}
	}
	return 0;
}

static int add_vid(struct mlx5v_dev *dev, u16 vid)
{
	struct mlx5v_rule *rule;
	int err;

	if (xa_load(&dev->rx.rules, vid))
		return 0;
	rule = kzalloc(sizeof(*rule), GFP_KERNEL_ACCOUNT);
	if (!rule)
		return -ENOMEM;
	rule->vid = vid;
	err = xa_err(xa_store(&dev->rx.rules, vid, rule, GFP_KERNEL_ACCOUNT));
	if (err)
		goto free;
	/* Without a TIR there is nothing to send packets to; rx_up() comes to it. */
	if (dev->rx.tir_exists)
		err = install(dev, rule);
	if (err)
		goto erase;
	return 0;

erase:
	xa_erase(&dev->rx.rules, vid);
free:
	kfree(rule);
	return err;
}

/* The driver wants packets of VLAN @vid. It is no error if it has them. */
int mlx5v_vlan_add(struct mlx5v_dev *dev, u16 vid)
{
	if (vid >= VLAN_N_VID)
		return -EINVAL;
	return add_vid(dev, vid);
}

void mlx5v_vlan_del(struct mlx5v_dev *dev, u16 vid)
{
	struct mlx5v_rule *rule;

	if (vid >= VLAN_N_VID)
		return;
	rule = xa_erase(&dev->rx.rules, vid);
	if (!rule)
		return;
	uninstall(rule);
	kfree(rule);
}

/* The driver begins to run: let packets in. */
int mlx5v_rules_on(struct mlx5v_dev *dev)
{
	return add_vid(dev, UNTAGGED);
}

/* The driver is gone, and with it all it asked for. */
void mlx5v_rules_off(struct mlx5v_dev *dev)
{
	struct mlx5v_rule *rule;
	unsigned long vid;

	xa_for_each(&dev->rx.rules, vid, rule) {
		uninstall(rule);
		xa_erase(&dev->rx.rules, vid);
		kfree(rule);
	}
}

/*
 * The whole
 */

/**
 * mlx5v_rx_up() - makes RQ table and TIR, and the rules there were
 * @dev: device; receive queues in use have an object
 *
 * Nothing is done if they are there.
 *
 * Return: 0; or -errno, with nothing left behind.
 */
int mlx5v_rx_up(struct mlx5v_dev *dev)
{
	int err = 0;

	if (dev->rx.tir_exists)
		return 0;
	if (!dev->rx.rqt_exists)
		err = rqt_create(dev, dev->cur_vqs / 2);
	if (!err)
		err = tir_create(dev);
	if (!err)
		err = install_all(dev);
	if (err)
		mlx5v_rx_down(dev);
	return err;
}

/**
 * mlx5v_rx_down() - undoes mlx5v_rx_up(), so that objects can go
 * @dev: device
 *
 * Return: 0; or -errno: objects may still be listed.
 */
int mlx5v_rx_down(struct mlx5v_dev *dev)
{
	int err;

	uninstall_all(dev);
	err = tir_destroy(dev);
	if (!err)
		err = rqt_destroy(dev);
	return err;
}

/* Receive on another number of queues, all of which have an object. */
int mlx5v_rx_set_pairs(struct mlx5v_dev *dev, u16 pairs)
{
	if (!dev->rx.rqt_exists || dev->rx.pairs == pairs)
		return 0;
	return rqt_modify(dev, pairs);
}

int mlx5v_rx_init(struct mlx5v_dev *dev)
{
	struct mlx5_flow_table_attr attr = {
		.max_fte = TABLE_ENTRIES,
		.autogroup.max_num_groups = TABLE_GROUPS,
	};
	struct mlx5_flow_namespace *ns;
	struct mlx5_flow_table *table;

	ns = mlx5_get_flow_namespace(dev->mdev, MLX5_FLOW_NAMESPACE_BYPASS);
	if (!ns) {
		mlx5v_err(dev, "the function has no flow tables for received packets\n");
		return -EOPNOTSUPP;
	}
	table = mlx5_create_auto_grouped_flow_table(ns, &attr);
	if (IS_ERR(table))
		return PTR_ERR(table);
	dev->rx.table = table;
	return 0;
}

/* Also for a device without a flow table. */
void mlx5v_rx_exit(struct mlx5v_dev *dev)
{
	if (dev->rx.table)
		mlx5_destroy_flow_table(dev->rx.table);
	dev->rx.table = NULL;
}

/*
 * Addresses
 */

/*
 * The function that owns the embedded switch, if the same driver runs it: another one's data must
 * not be taken for mlx5_core's.
 */
static struct mlx5_core_dev *switch_owner(struct mlx5v_dev *dev)
{
	struct pci_dev *pdev = dev->mdev->pdev;
	struct pci_dev *pf = pci_physfn(pdev);

	if (!pf->dev.driver || pf->dev.driver != pdev->dev.driver)
		return NULL;
	return pci_get_drvdata(pf);
}

static int switch_add(struct mlx5v_dev *dev, const u8 *mac)
{
	struct mlx5_core_dev *owner = switch_owner(dev);
	u8 addr[ETH_ALEN];

	if (!owner || is_zero_ether_addr(mac))
		return 0;
	ether_addr_copy(addr, mac);
	return mlx5_mpfs_add_mac(owner, addr);
}

static void switch_del(struct mlx5v_dev *dev, const u8 *mac)
{
	struct mlx5_core_dev *owner = switch_owner(dev);
	u8 addr[ETH_ALEN];
	int err;

	if (!owner || is_zero_ether_addr(mac))
		return;
	ether_addr_copy(addr, mac);
	err = mlx5_mpfs_del_mac(owner, addr);
	if (err)
		mlx5v_warn(dev, "the embedded switch keeps address %pM: %d\n", mac, err);
}

/* Tell the embedded switch of the address of a new device. */
int mlx5v_mpfs_add(struct mlx5v_dev *dev)
{
	int err = switch_add(dev, dev->config.mac);

	if (!err)
		ether_addr_copy(dev->mpfs_mac, dev->config.mac);
	return err;
}

void mlx5v_mpfs_del(struct mlx5v_dev *dev)
{
	switch_del(dev, dev->mpfs_mac);
	eth_zero_addr(dev->mpfs_mac);
}

/* Rules for a new address beside those for the present one. */
static int install_next(struct mlx5v_dev *dev, const u8 *mac)
{
	struct mlx5v_rule *rule;
	unsigned long vid;
	int err;

	/* Without a TIR no rule is installed, and rx_up() takes the address it finds. */
	if (!dev->rx.tir_exists)
		return 0;
	xa_for_each(&dev->rx.rules, vid, rule) {
		err = install_one(dev, mac, vid, &rule->next);
		if (err)
			goto undo;
	}
	return 0;

undo:
	xa_for_each(&dev->rx.rules, vid, rule)
		remove_one(&rule->next);
	return err;
}

/**
 * mlx5v_set_mac() - gives a device another address
 * @dev: device
 * @mac: valid address
 *
 * For a moment both are received, but never none.
 *
 * Return: 0; or -errno, with the old address in force.
 */
int mlx5v_set_mac(struct mlx5v_dev *dev, const u8 *mac)
{
	struct mlx5v_rule *rule;
	unsigned long vid;
	int err;

	if (ether_addr_equal(mac, dev->config.mac))
		return 0;
	err = switch_add(dev, mac);
	if (err)
		return err;
	err = install_next(dev, mac);
	if (err) {
		switch_del(dev, mac);
		return err;
	}
	xa_for_each(&dev->rx.rules, vid, rule) {
		remove_one(&rule->unicast);
		swap(rule->unicast, rule->next);
	}
	mlx5v_mpfs_del(dev);
	ether_addr_copy(dev->mpfs_mac, mac);
	ether_addr_copy(dev->config.mac, mac);
	return 0;
}
