// SPDX-License-Identifier: GPL-2.0-only
/*
 * steering.c - flow tables of the receive side: which frames a function takes.
 *
 * Only what virtio emulation uses: one table in the bypass name space, rules that look at the
 * destination address and perhaps the VLAN, and forward to a TIR.
 */
#include <linux/slab.h>
#include <linux/mlx5/fs.h>

#include "model.h"

#define OP_CREATE_TABLE	0x930
#define OP_SET_FTE	0x936

/* Match parameters: outer headers come first. */
#define MATCH_MAC	0x40
#define MATCH_VID	0x74, 12
#define MATCH_CVLAN	0x90, 1

struct mlx5_flow_table {
	struct model *model;
	u32 id;
};

struct mlx5_flow_handle {
	struct model *model;
	u32 id;
};

/* A function has one name space, so that is the function itself under another name. */
struct mlx5_flow_namespace *mlx5_get_flow_namespace(struct mlx5_core_dev *dev,
						    enum mlx5_flow_namespace_type type)
{
	if (type != MLX5_FLOW_NAMESPACE_BYPASS)
		return NULL;
	return (struct mlx5_flow_namespace *)to_model(dev);
}
EXPORT_SYMBOL(mlx5_get_flow_namespace);

struct mlx5_flow_table *mlx5_create_auto_grouped_flow_table(struct mlx5_flow_namespace *ns,
							    struct mlx5_flow_table_attr *attr)
{
	struct mlx5_flow_table *ft = kzalloc(sizeof(*ft), GFP_KERNEL);
	struct model *m = (struct model *)ns;
	int err;
	u8 status;

	if (!ft)
		return ERR_PTR(-ENOMEM);
	err = model_helper(m, OP_CREATE_TABLE);
	if (err) {
		kfree(ft);
		return ERR_PTR(err);
	}
	ft->model = m;
	mutex_lock(&model_lock);
	if (attr->autogroup.max_num_groups < 2)
		m5_error(&ft->model->dev, "a table of one group cannot match two ways");
	status = m5_table_create(&ft->model->dev, attr->max_fte, &ft->id);
	mutex_unlock(&model_lock);
	if (status) {
		kfree(ft);
		return ERR_PTR(-EINVAL);
	}
	return ft;
}
EXPORT_SYMBOL(mlx5_create_auto_grouped_flow_table);

int mlx5_destroy_flow_table(struct mlx5_flow_table *ft)
{
	u8 status = 0;

	mutex_lock(&model_lock);
	if (!ft->model->dev.dead)
		status = m5_table_destroy(&ft->model->dev, ft->id);
	mutex_unlock(&model_lock);
	if (status)
		return -EBUSY;
	kfree(ft);
	return 0;
}
EXPORT_SYMBOL(mlx5_destroy_flow_table);

#if VC_HAS_MLX5_CMD_CHECK
u32 mlx5_flow_table_id(struct mlx5_flow_table *ft)
{
	return ft->id;
}
EXPORT_SYMBOL(mlx5_flow_table_id);
#endif

struct mlx5_flow_handle *mlx5_add_flow_rules(struct mlx5_flow_table *ft,
					     const struct mlx5_flow_spec *spec,
					     struct mlx5_flow_act *act,
					     struct mlx5_flow_destination *dest, int num_dest)
{
	struct mlx5_flow_handle *rule = kzalloc(sizeof(*rule), GFP_KERNEL);
	struct m5_match match = {};
	u8 status;
	int err;

	if (!rule)
		return ERR_PTR(-ENOMEM);
	err = model_helper(ft->model, OP_SET_FTE);
	if (err) {
		kfree(rule);
		return ERR_PTR(err);
	}
	if (spec && spec->match_criteria_enable) {
		memcpy(match.mac_mask, (const u8 *)spec->match_criteria + MATCH_MAC / 8, 6);
		memcpy(match.mac, (const u8 *)spec->match_value + MATCH_MAC / 8, 6);
		match.vlan_matters = m5_get(spec->match_criteria, MATCH_CVLAN);
		match.tagged = m5_get(spec->match_value, MATCH_CVLAN);
		match.vid = m5_get(spec->match_value, MATCH_VID);
	}
	rule->model = ft->model;
	mutex_lock(&model_lock);
	if (ft->model->dev.dead) {
		status = M5_INT_ERR;
	} else if (num_dest != 1 || dest->type != MLX5_FLOW_DESTINATION_TYPE_TIR ||
		   act->action != MLX5_FLOW_CONTEXT_ACTION_FWD_DEST) {
		m5_error(&ft->model->dev, "flow rule that does not just forward to a TIR");
		status = M5_BAD_PARAM;
	} else {
		status = m5_rule_add(&ft->model->dev, ft->id, dest->tir_num, &match, &rule->id);
	}
	mutex_unlock(&model_lock);
	if (status) {
		kfree(rule);
		return ERR_PTR(status == M5_LIMIT ? -ENOSPC : -EINVAL);
	}
	return rule;
}
EXPORT_SYMBOL(mlx5_add_flow_rules);

void mlx5_del_flow_rules(struct mlx5_flow_handle *rule)
{
	mutex_lock(&model_lock);
	if (!rule->model->dev.dead)
		m5_rule_del(&rule->model->dev, rule->id);
	model_wake_all();
	mutex_unlock(&model_lock);
	kfree(rule);
}
EXPORT_SYMBOL(mlx5_del_flow_rules);
