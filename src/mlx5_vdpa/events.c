// SPDX-License-Identifier: GPL-2.0-only
/*
 * events.c - callbacks to the driver, interrupts of queues, the state of the link.
 */
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/mlx5/vport.h>

#include "mlx5_vdpa.h"

/*
 * Callbacks
 */

void mlx5v_call_init(struct mlx5v_call *call)
{
	spin_lock_init(&call->lock);
}

/**
 * mlx5v_call_set() - sets what to call
 * @call: where
 * @cb: copied; NULL for nothing
 *
 * Context: any but from within the callback. On return the former one is not running and will not
 * be called.
 */
void mlx5v_call_set(struct mlx5v_call *call, const struct vdpa_callback *cb)
{
	static const struct vdpa_callback none;
	unsigned long flags;

	spin_lock_irqsave(&call->lock, flags);
	call->cb = cb ? *cb : none;
	spin_unlock_irqrestore(&call->lock, flags);
}

/**
 * mlx5v_call() - tells the driver
 * @call: what to call
 *
 * Context: any, also hard interrupts.
 * Return: what the callback returned, IRQ_HANDLED if there is none.
 */
irqreturn_t mlx5v_call(struct mlx5v_call *call)
{
	irqreturn_t ret = IRQ_HANDLED;
	unsigned long flags;

	spin_lock_irqsave(&call->lock, flags);
	if (call->cb.callback)
		ret = call->cb.callback(call->cb.private);
	spin_unlock_irqrestore(&call->lock, flags);
	return ret;
}

/**
 * mlx5v_config_changed() - tells the driver that the configuration space, or the status, changed
 * @dev: device
 *
 * Context: dev->lock held for writing.
 */
void mlx5v_config_changed(struct mlx5v_dev *dev)
{
	atomic_inc(&dev->generation);
	if (dev->status & VIRTIO_CONFIG_S_DRIVER_OK)
		mlx5v_call(&dev->config_call);
}

/*
 * Interrupts of queues: where function and kernel can, each queue has a vector of its own, which a
 * hypervisor can hand on to the guest. The others signal through a completion queue (channel.c).
 */

static irqreturn_t queue_irq(int irq, void *data)
{
	struct mlx5v_queue *q = data;

	mlx5v_call(&q->call);
	return IRQ_HANDLED;
}

static bool irq_alloc(struct mlx5v_queue *q)
{
	struct pci_dev *pdev = q->dev->mdev->pdev;
	struct msi_map map;

	map = pci_msix_alloc_irq_at(pdev, MSI_ANY_INDEX, NULL);
	if (map.index < 0 || !map.virq)
		return false;
	snprintf(q->irq_name, sizeof(q->irq_name), "%s-vq-%u", dev_name(&q->dev->vdpa.dev),
		 q->index);
	if (request_irq(map.virq, queue_irq, 0, q->irq_name, q)) {
		pci_msix_free_irq(pdev, map);
		return false;
	}
	q->irq = map;
	return true;
}

/**
 * mlx5v_irqs_alloc() - gives queues interrupts of their own
 * @dev: device without objects
 *
 * As many as there are; it is no error if there are none.
 *
 * Context: sleeps.
 */
void mlx5v_irqs_alloc(struct mlx5v_dev *dev)
{
	unsigned int i;

	if (!dev->caps->msix || !pci_msix_can_alloc_dyn(dev->mdev->pdev))
		return;
	for (i = 0; i < dev->max_vqs; i++)
		if (!irq_alloc(&dev->queues[i]))
			return;
}

/**
 * mlx5v_irqs_free() - takes them back
 * @dev: device without objects
 *
 * Context: sleeps.
 */
void mlx5v_irqs_free(struct mlx5v_dev *dev)
{
	unsigned int i;

	for (i = 0; i < dev->max_vqs; i++) {
		struct mlx5v_queue *q = &dev->queues[i];

		if (!q->irq.virq)
			continue;
		free_irq(q->irq.virq, q);
		pci_msix_free_irq(dev->mdev->pdev, q->irq);
		q->irq.virq = 0;
	}
}

/*
 * The link
 */

/**
 * mlx5v_link_up() - whether the function's port has a link
 * @dev: device
 *
 * Context: sleeps; one command.
 */
bool mlx5v_link_up(struct mlx5v_dev *dev)
{
	u32 in[MLX5_ST_SZ_DW(query_vport_state_in)] = {};
	u32 out[MLX5_ST_SZ_DW(query_vport_state_out)] = {};

	MLX5_SET(query_vport_state_in, in, opcode, MLX5_CMD_OP_QUERY_VPORT_STATE);
	MLX5_SET(query_vport_state_in, in, op_mod, MLX5_VPORT_STATE_OP_MOD_VNIC_VPORT);
	if (mlx5v_exec(dev, in, sizeof(in), out, sizeof(out)))
		return false;
	return MLX5_GET(query_vport_state_out, out, state) == VPORT_STATE_UP;
}

static void link_work(struct work_struct *work)
{
	struct mlx5v_dev *dev = container_of(work, struct mlx5v_dev, link_work);
	__virtio16 bit = (__virtio16 __force)cpu_to_le16(VIRTIO_NET_S_LINK_UP);
	bool up;

	if (!(dev->offered & BIT_ULL(VIRTIO_NET_F_STATUS)))
		return;
	up = mlx5v_link_up(dev);
	down_write(&dev->lock);
	/* A suspended device does not change; resuming looks again. */
	if (!dev->suspended && !!(dev->config.status & bit) != up) {
		dev->config.status ^= bit;
		mlx5v_config_changed(dev);
	}
	up_write(&dev->lock);
}

/* Atomic. */
static int link_event(struct notifier_block *nb, unsigned long event, void *param)
{
	struct mlx5v_dev *dev = container_of(nb, struct mlx5v_dev, link_nb);
	struct mlx5_eqe *eqe = param;

	if (event != MLX5_EVENT_TYPE_PORT_CHANGE ||
	    (eqe->sub_type != MLX5_PORT_CHANGE_SUBTYPE_DOWN &&
	     eqe->sub_type != MLX5_PORT_CHANGE_SUBTYPE_ACTIVE))
		return NOTIFY_DONE;
	queue_work(dev->wq, &dev->link_work);
	return NOTIFY_OK;
}

/**
 * mlx5v_link_on() - begins to follow the state of the link
 * @dev: device
 *
 * Context: sleeps.
 */
void mlx5v_link_on(struct mlx5v_dev *dev)
{
	INIT_WORK(&dev->link_work, link_work);
	dev->link_nb.notifier_call = link_event;
	mlx5_notifier_register(dev->mdev, &dev->link_nb);
	dev->link_nb_on = true;
	/* Whatever happened until now. */
	queue_work(dev->wq, &dev->link_work);
}

/**
 * mlx5v_link_off() - undoes mlx5v_link_on()
 * @dev: device; also one that was never told to follow
 *
 * Context: sleeps; dev->lock not held.
 */
void mlx5v_link_off(struct mlx5v_dev *dev)
{
	if (!dev->link_nb_on)
		return;
	mlx5_notifier_unregister(dev->mdev, &dev->link_nb);
	cancel_work_sync(&dev->link_work);
	dev->link_nb_on = false;
}
