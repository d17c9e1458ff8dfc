// SPDX-License-Identifier: GPL-2.0-only
/*
 * export.c - what mlx5_core offers to drivers besides commands: buffers, doorbells, completion
 * queues, events, addresses. Names and meaning are those of the real module.
 */
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <linux/mlx5/cq.h>
#include <linux/mlx5/eq.h>
#include <linux/mlx5/mpfs.h>
#include <linux/mlx5/vport.h>

#include "model.h"

#define OP_QUERY_NIC	0x754
#define OP_ALLOC_UAR	0x802
#define OP_CREATE_EQ	0x301
#define OP_SET_L2	0x829
#define OP_DEL_L2	0x82b

void mlx5_frag_buf_free(struct mlx5_core_dev *dev, struct mlx5_frag_buf *buf)
{
	int i;

	for (i = 0; i < buf->npages && buf->frags[i].buf; i++)
		dma_free_coherent(dev->device, PAGE_SIZE, buf->frags[i].buf, buf->frags[i].map);
	kvfree(buf->frags);
	atomic_dec(&to_model(dev)->buffers);
}
EXPORT_SYMBOL_GPL(mlx5_frag_buf_free);

int mlx5_frag_buf_alloc_node(struct mlx5_core_dev *dev, int size, struct mlx5_frag_buf *buf,
			     int node)
{
	int i;

	buf->size = size;
	buf->npages = DIV_ROUND_UP(size, PAGE_SIZE);
	buf->page_shift = PAGE_SHIFT;
	buf->frags = kvcalloc(buf->npages, sizeof(*buf->frags), GFP_KERNEL);
	if (!buf->frags)
		return -ENOMEM;
	atomic_inc(&to_model(dev)->buffers);
	for (i = 0; i < buf->npages; i++) {
		buf->frags[i].buf = dma_alloc_coherent(dev->device, PAGE_SIZE, &buf->frags[i].map,
						       GFP_KERNEL);
		if (!buf->frags[i].buf) {
			mlx5_frag_buf_free(dev, buf);
			return -ENOMEM;
		}
	}
	return 0;
}
EXPORT_SYMBOL_GPL(mlx5_frag_buf_alloc_node);

void mlx5_fill_page_frag_array_perm(struct mlx5_frag_buf *buf, __be64 *pas, u8 perm)
{
	int i;

	WARN_ON(perm & ~3);
	for (i = 0; i < buf->npages; i++)
		pas[i] = cpu_to_be64(buf->frags[i].map | perm);
}
EXPORT_SYMBOL_GPL(mlx5_fill_page_frag_array_perm);

void mlx5_fill_page_frag_array(struct mlx5_frag_buf *buf, __be64 *pas)
{
	mlx5_fill_page_frag_array_perm(buf, pas, 0);
}
EXPORT_SYMBOL_GPL(mlx5_fill_page_frag_array);

/* The real one packs records into pages; one page each finds those that write past theirs. */
int mlx5_db_alloc_node(struct mlx5_core_dev *dev, struct mlx5_db *db, int node)
{
	db->db = dma_alloc_coherent(dev->device, PAGE_SIZE, &db->dma, GFP_KERNEL);
	if (!db->db)
		return -ENOMEM;
	db->index = 0;
	atomic_inc(&to_model(dev)->buffers);
	return 0;
}
EXPORT_SYMBOL_GPL(mlx5_db_alloc_node);

void mlx5_db_free(struct mlx5_core_dev *dev, struct mlx5_db *db)
{
	dma_free_coherent(dev->device, PAGE_SIZE, db->db, db->dma);
	atomic_dec(&to_model(dev)->buffers);
}
EXPORT_SYMBOL_GPL(mlx5_db_free);

struct mlx5_uars_page *mlx5_get_uars_page(struct mlx5_core_dev *mdev)
{
	struct model *m = to_model(mdev);
	struct mlx5_uars_page *uar;
	int err;

	err = model_helper(m, OP_ALLOC_UAR);
	if (err)
		return ERR_PTR(err);
	mutex_lock(&model_lock);
	uar = m->uar;
	if (!uar) {
		uar = kzalloc(sizeof(*uar), GFP_KERNEL);
		if (uar) {
			uar->map = (void __force __iomem *)get_zeroed_page(GFP_KERNEL);
			uar->mdev = mdev;
			m->uar = uar;
		}
	}
	if (uar && uar->map) {
		uar->index = m5_uar_get(&m->dev);
		m->uar_users++;
	} else {
		uar = ERR_PTR(-ENOMEM);
	}
	mutex_unlock(&model_lock);
	return uar;
}
EXPORT_SYMBOL(mlx5_get_uars_page);

void mlx5_put_uars_page(struct mlx5_core_dev *mdev, struct mlx5_uars_page *up)
{
	struct model *m = to_model(mdev);

	mutex_lock(&model_lock);
	if (!m->dev.dead)
		m5_uar_put(&m->dev, up->index);
	if (!--m->uar_users) {
		free_page((unsigned long __force)up->map);
		kfree(up);
		m->uar = NULL;
	}
	mutex_unlock(&model_lock);
}
EXPORT_SYMBOL(mlx5_put_uars_page);

static int eqn_of(struct mlx5_core_dev *dev, unsigned int vector, int *eqn)
{
	int err = model_helper(to_model(dev), OP_CREATE_EQ);

	if (err)
		return err;
	if (vector)
		return -ENOENT;
	*eqn = to_model(dev)->dev.eqn;
	return 0;
}

#if VC_HAS_MLX5_COMP_EQN_GET
int mlx5_comp_eqn_get(struct mlx5_core_dev *dev, u16 vecidx, int *eqn)
{
	return eqn_of(dev, vecidx, eqn);
}
EXPORT_SYMBOL(mlx5_comp_eqn_get);
#else
int mlx5_vector2eqn(struct mlx5_core_dev *dev, int vector, int *eqn)
{
	return eqn_of(dev, vector, eqn);
}
EXPORT_SYMBOL(mlx5_vector2eqn);
#endif

int mlx5_core_create_cq(struct mlx5_core_dev *dev, struct mlx5_core_cq *cq, u32 *in, int inlen,
			u32 *out, int outlen)
{
	struct model *m = to_model(dev);
	struct model_cq *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	int err;

	if (!entry)
		return -ENOMEM;
	/* Completions may come as soon as the firmware knows the queue. */
	if (!cq->comp || !cq->set_ci_db || !cq->arm_db || cq->cqe_sz != 64) {
		mutex_lock(&model_lock);
		m5_error(&m->dev, "CQ goes live before its handler and doorbells are set");
		mutex_unlock(&model_lock);
	}
	entry->mcq = cq;
	cq->cons_index = 0;
	cq->arm_sn = 0;
	refcount_set(&cq->refcount, 1);
	init_completion(&cq->free);
	memset(out, 0, outlen);
	m5_put(in, M5_IN_OPCODE, M5_CREATE_CQ);
	cq->uid = m5_get(in, M5_IN_UID);
	err = mlx5_cmd_exec(dev, in, inlen, out, outlen);
	if (err) {
		kfree(entry);
		return err;
	}
	mutex_lock(&model_lock);
	cq->cqn = m5_get(out, M5_OUT_ID);
	list_add_tail(&entry->list, &m->cqs);
	mutex_unlock(&model_lock);
	return 0;
}
EXPORT_SYMBOL(mlx5_core_create_cq);

int mlx5_core_destroy_cq(struct mlx5_core_dev *dev, struct mlx5_core_cq *cq)
{
	struct model *m = to_model(dev);
	struct model_cq *entry, *n;
	u8 in[M5_HEADER] = {}, out[M5_HEADER];

	/*
	 * The real one forgets the queue first, too, and if the command fails its owner may end the
	 * queue by itself. The handler runs under this lock: behind it, it does not run any more.
	 */
	mutex_lock(&model_lock);
	list_for_each_entry_safe(entry, n, &m->cqs, list) {
		if (entry->mcq == cq) {
			list_del(&entry->list);
			kfree(entry);
		}
	}
	mutex_unlock(&model_lock);
	m5_put(in, M5_IN_OPCODE, M5_DESTROY_CQ);
	m5_put(in, M5_IN_ID, cq->cqn);
	m5_put(in, M5_IN_UID, cq->uid);
	return mlx5_cmd_exec(dev, in, sizeof(in), out, sizeof(out));
}
EXPORT_SYMBOL(mlx5_core_destroy_cq);

void model_irq(struct m5_dev *dev, u32 cqn)
{
	struct model *m = dev->priv;
	struct model_cq *entry;
	struct mlx5_eqe eqe = {};

	list_for_each_entry(entry, &m->cqs, list) {
		if (entry->mcq->cqn != cqn)
			continue;
		entry->mcq->arm_sn++;
		/* As in the tasklet of an event queue. */
		local_bh_disable();
		if (entry->mcq->comp)
			entry->mcq->comp(entry->mcq, &eqe);
		local_bh_enable();
		return;
	}
}

/* Vectors of virtqueues are the driver's: it asked the PCI core for them. */
void model_msix(struct m5_dev *dev, u32 vector)
{
	struct model *m = dev->priv;
	int irq = pci_irq_vector(m->mdev->pdev, vector);

	if (irq < 0)
		m5_error(dev, "vector %u, which nobody has", vector);
	else
		irq_inject_interrupt(irq);
}

int mlx5_notifier_register(struct mlx5_core_dev *dev, struct notifier_block *nb)
{
	return atomic_notifier_chain_register(&to_model(dev)->notifiers, nb);
}
EXPORT_SYMBOL(mlx5_notifier_register);

int mlx5_notifier_unregister(struct mlx5_core_dev *dev, struct notifier_block *nb)
{
	return atomic_notifier_chain_unregister(&to_model(dev)->notifiers, nb);
}
EXPORT_SYMBOL(mlx5_notifier_unregister);

void model_link(struct model *m, bool up)
{
	struct mlx5_eqe eqe = {
		.type = MLX5_EVENT_TYPE_PORT_CHANGE,
		.sub_type = up ? MLX5_PORT_CHANGE_SUBTYPE_ACTIVE : MLX5_PORT_CHANGE_SUBTYPE_DOWN,
	};

	mutex_lock(&model_lock);
	m->dev.link_up = up;
	model_wake_all();
	mutex_unlock(&model_lock);
	atomic_notifier_call_chain(&m->notifiers, MLX5_EVENT_TYPE_PORT_CHANGE, &eqe);
}

int mlx5_query_nic_vport_mac_address(struct mlx5_core_dev *mdev, u16 vport, bool other, u8 *addr)
{
	int err = model_helper(to_model(mdev), OP_QUERY_NIC);

	if (!err)
		memcpy(addr, to_model(mdev)->mac, 6);
	return err;
}
EXPORT_SYMBOL_GPL(mlx5_query_nic_vport_mac_address);

int mlx5_query_nic_vport_mtu(struct mlx5_core_dev *mdev, u16 *mtu)
{
	int err = model_helper(to_model(mdev), OP_QUERY_NIC);

	if (!err)
		*mtu = to_model(mdev)->dev.mtu;
	return err;
}
EXPORT_SYMBOL_GPL(mlx5_query_nic_vport_mtu);

/*
 * Which addresses the embedded switch lets in. Each function has a switch of its own here: what
 * matters is that each address that is added is taken back.
 */
static int find_mac(struct model *m, const u8 *mac)
{
	int i;

	for (i = 0; i < M5_SWITCH_MACS; i++) {
		if (!memcmp(m->switch_macs[i], mac, 6))
			return i;
	}
	return -1;
}

int mlx5_mpfs_add_mac(struct mlx5_core_dev *dev, u8 *mac)
{
	static const u8 none[6];
	struct model *m = to_model(dev);
	int i, err;

	err = model_helper(m, OP_SET_L2);
	if (err)
		return err;
	mutex_lock(&model_lock);
	if (find_mac(m, mac) >= 0)
		m5_error(&m->dev, "%pM is added to the switch twice", mac);
	i = find_mac(m, none);
	if (i >= 0)
		memcpy(m->switch_macs[i], mac, 6);
	else
		err = -ENOSPC;
	mutex_unlock(&model_lock);
	return err;
}
EXPORT_SYMBOL(mlx5_mpfs_add_mac);

/* As the real one: the address is forgotten whatever the firmware says. */
int mlx5_mpfs_del_mac(struct mlx5_core_dev *dev, u8 *mac)
{
	struct model *m = to_model(dev);
	int i, err = model_helper(m, OP_DEL_L2);

	mutex_lock(&model_lock);
	i = find_mac(m, mac);
	if (i >= 0)
		memset(m->switch_macs[i], 0, 6);
	else
		m5_error(&m->dev, "%pM is taken from the switch, which does not have it", mac);
	mutex_unlock(&model_lock);
	return err;
}
EXPORT_SYMBOL(mlx5_mpfs_del_mac);

unsigned int model_switch_macs(const struct model *m)
{
	unsigned int i, n = 0;

	for (i = 0; i < M5_SWITCH_MACS; i++)
		n += !!memchr_inv(m->switch_macs[i], 0, 6);
	return n;
}

struct dentry *mlx5_debugfs_get_dev_root(struct mlx5_core_dev *dev)
{
	return to_model(dev)->driver_dir;
}
EXPORT_SYMBOL(mlx5_debugfs_get_dev_root);
