// SPDX-License-Identifier: GPL-2.0-only
/*
 * cvq.c - the control queue (virtio 1.3, 5.1.6.5), which the firmware knows nothing of.
 *
 * It is served in dev->wq, with dev->lock held for writing, as commands change what only holders of
 * that may change; so no table is replaced while a ring is read through it.
 */
#include <linux/etherdevice.h>
#include <linux/string.h>

#include "mlx5_vdpa.h"

/* Commands that are served before others get the lock. */
#define ROUND_COMMANDS 16

static bool pull(struct mlx5v_dev *dev, struct vdpa_vring_req *req, void *buf, size_t len)
{
	return vdpa_vring_pull(&dev->cvq.ring, req, buf, len) == len;
}

static int ctrl_mac(struct mlx5v_dev *dev, struct vdpa_vring_req *req, u8 cmd)
{
	u8 mac[ETH_ALEN];

	if (cmd != VIRTIO_NET_CTRL_MAC_ADDR_SET || !mlx5v_has(dev, VIRTIO_NET_F_CTRL_MAC_ADDR))
		return -EOPNOTSUPP;
	if (!pull(dev, req, mac, sizeof(mac)) || !is_valid_ether_addr(mac))
		return -EINVAL;
	return mlx5v_set_mac(dev, mac);
}

/* As many queues as before a command that failed. */
static void restore_pairs(struct mlx5v_dev *dev, u16 vqs)
{
	dev->cur_vqs = vqs;
	mlx5v_queues_stop(dev, false);
	if (mlx5v_queues_start(dev) || mlx5v_rx_set_pairs(dev, vqs / 2))
		mlx5v_broken(dev);
}

/* Fewer queues: packets stop coming before the queues stop. More queues: the other way round. */
static int set_pairs(struct mlx5v_dev *dev, u16 pairs)
{
	u16 before = dev->cur_vqs;
	int err = 0;

	if (2 * pairs < before)
		err = mlx5v_rx_set_pairs(dev, pairs);
	if (err)
		return err;
	dev->cur_vqs = 2 * pairs;
	if (2 * pairs < before)
		err = mlx5v_queues_stop(dev, false);
	else
		err = mlx5v_queues_start(dev);
	if (!err)
		err = mlx5v_rx_set_pairs(dev, pairs);
	if (err)
		restore_pairs(dev, before);
	return err;
}

static int ctrl_mq(struct mlx5v_dev *dev, struct vdpa_vring_req *req, u8 cmd)
{
	__virtio16 raw;
	u16 pairs;

	if (cmd != VIRTIO_NET_CTRL_MQ_VQ_PAIRS_SET || !mlx5v_has(dev, VIRTIO_NET_F_MQ))
		return -EOPNOTSUPP;
	if (!pull(dev, req, &raw, sizeof(raw)))
		return -EINVAL;
	pairs = __virtio16_to_cpu(mlx5v_little_endian(dev), raw);
	if (pairs < VIRTIO_NET_CTRL_MQ_VQ_PAIRS_MIN || pairs > dev->max_vqs / 2)
		return -EINVAL;
	if (2 * pairs == dev->cur_vqs)
		return 0;
	return set_pairs(dev, pairs);
}

static int ctrl_vlan(struct mlx5v_dev *dev, struct vdpa_vring_req *req, u8 cmd)
{
	__virtio16 raw;
	u16 vid;

	if (!mlx5v_has(dev, VIRTIO_NET_F_CTRL_VLAN) || !pull(dev, req, &raw, sizeof(raw)))
		return -EINVAL;
	vid = __virtio16_to_cpu(mlx5v_little_endian(dev), raw);
	switch (cmd) {
	case VIRTIO_NET_CTRL_VLAN_ADD:
		return mlx5v_vlan_add(dev, vid);
	case VIRTIO_NET_CTRL_VLAN_DEL:
		mlx5v_vlan_del(dev, vid);
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static virtio_net_ctrl_ack command(struct mlx5v_dev *dev, struct vdpa_vring_req *req)
{
	struct virtio_net_ctrl_hdr hdr;
	int err = -EINVAL;

	if (pull(dev, req, &hdr, sizeof(hdr))) {
		switch (hdr.class) {
		case VIRTIO_NET_CTRL_MAC:
			err = ctrl_mac(dev, req, hdr.cmd);
			break;
		case VIRTIO_NET_CTRL_MQ:
			err = ctrl_mq(dev, req, hdr.cmd);
			break;
		case VIRTIO_NET_CTRL_VLAN:
			err = ctrl_vlan(dev, req, hdr.cmd);
			break;
		}
	}
	return err ? VIRTIO_NET_ERR : VIRTIO_NET_OK;
}

/* Serve some commands; true if there may be more. */
static bool serve(struct mlx5v_dev *dev)
{
	struct vdpa_vring *ring = &dev->cvq.ring;
	unsigned int budget = ROUND_COMMANDS;
	struct vdpa_vring_req req;
	bool more = false;
	int ret = 0;

	while (budget-- && (ret = vdpa_vring_get(ring, &req)) > 0) {
		virtio_net_ctrl_ack ack;
		ssize_t written;

		dev->cvq.received++;
		ack = command(dev, &req);
		written = vdpa_vring_push(ring, &req, &ack, sizeof(ack));
		ret = vdpa_vring_put(ring, &req, max_t(ssize_t, written, 0));
		if (ret)
			break;
		dev->cvq.completed++;
		more = !budget;
	}
	if (ret >= 0) {
		ret = vdpa_vring_flush(ring);
		if (ret > 0)
			mlx5v_call(&dev->cvq.call);
	}
	if (ret >= 0) {
		ret = vdpa_vring_kick_enable(ring);
		more |= ret > 0;
	}
	if (ret < 0) {
		mlx5v_warn(dev, "the control queue does not work until the next reset: bad ring or descriptor (error %d)\n",
			   ret);
		return false;
	}
	return more;
}

static void cvq_work(struct work_struct *work)
{
	struct mlx5v_dev *dev = container_of(work, struct mlx5v_dev, cvq.work);

	down_write(&dev->lock);
	if (dev->cvq.running && !vdpa_vring_is_broken(&dev->cvq.ring) && serve(dev))
		mlx5v_cvq_kick(dev);
	up_write(&dev->lock);
}

/* Atomic, any context. */
void mlx5v_cvq_kick(struct mlx5v_dev *dev)
{
	if (READ_ONCE(dev->cvq.running))
		queue_work(dev->wq, &dev->cvq.work);
}

/* Give the ring the table of its address space. dev->lock held for writing. */
void mlx5v_cvq_bind(struct mlx5v_dev *dev)
{
	unsigned int asid = dev->group_asid[MLX5V_GROUP_CVQ];

	vdpa_vring_set_space(&dev->cvq.ring, &dev->spaces[asid]->vs);
}

/**
 * mlx5v_cvq_start() - serves the control queue, if it shall be
 * @dev: device
 *
 * Context: dev->lock held for writing.
 * Return: 0; -EINVAL: what the driver set is not possible.
 */
int mlx5v_cvq_start(struct mlx5v_dev *dev)
{
	struct mlx5v_cvq *cvq = &dev->cvq;
	struct vdpa_vring_config cfg = {
		.desc = cvq->desc,
		.driver = cvq->driver,
		.device = cvq->device,
		.num = cvq->num,
		.features = dev->features,
		.mem = &vdpa_vring_mem_phys,
	};
	int err;

	if (!cvq->ready || cvq->running || !mlx5v_running(dev) ||
	    !mlx5v_has(dev, VIRTIO_NET_F_CTRL_VQ))
		return 0;
	err = vdpa_vring_start(&cvq->ring, &cfg);
	if (err) {
		mlx5v_warn(dev, "the control queue cannot have %u entries at 0x%llx, 0x%llx, 0x%llx\n",
			   cvq->num, cvq->desc, cvq->driver, cvq->device);
		return err;
	}
	WRITE_ONCE(cvq->running, true);
	mlx5v_cvq_kick(dev);
	return 0;
}

/* Serve it no more; its position stays known. dev->lock held for writing. */
void mlx5v_cvq_stop(struct mlx5v_dev *dev)
{
	WRITE_ONCE(dev->cvq.running, false);
	vdpa_vring_stop(&dev->cvq.ring);
}

/* Forget what the driver set. dev->lock held for writing. */
void mlx5v_cvq_reset(struct mlx5v_dev *dev)
{
	struct mlx5v_cvq *cvq = &dev->cvq;

	mlx5v_cvq_stop(dev);
	vdpa_vring_reset(&cvq->ring);
	cvq->desc = 0;
	cvq->driver = 0;
	cvq->device = 0;
	cvq->num = MLX5V_QUEUE_SIZE;
	cvq->ready = false;
	cvq->received = 0;
	cvq->completed = 0;
}

int mlx5v_cvq_init(struct mlx5v_dev *dev)
{
	mlx5v_call_init(&dev->cvq.call);
	INIT_WORK(&dev->cvq.work, cvq_work);
	dev->cvq.num = MLX5V_QUEUE_SIZE;
	return vdpa_vring_init(&dev->cvq.ring, MLX5V_QUEUE_SIZE);
}

/* dev->wq is idle, or gone. */
void mlx5v_cvq_exit(struct mlx5v_dev *dev)
{
	vdpa_vring_cleanup(&dev->cvq.ring);
}
