// SPDX-License-Identifier: GPL-2.0-only
/*
 * vqs.c - virtqueues of a virtio device over vdpa: creation, notification both ways, affinity.
 *
 * The virtio core and its drivers see to it that find_vqs, del_vqs and the affinity ops of one
 * device do not run at the same time.
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/group_cpus.h>
#include <linux/interrupt.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/virtio_ring.h>

#include "virtio_vdpa.h"

static bool notify(struct virtqueue *vq)
{
	struct vdpa_device *vdpa = vdev_to_vdpa(vq->vdev);

	vdpa->config->kick_vq(vdpa, vq->index);
	return true;
}

/* With VIRTIO_F_NOTIFICATION_DATA, which is only accepted if the parent has this op. */
static bool notify_with_data(struct virtqueue *vq)
{
	struct vdpa_device *vdpa = vdev_to_vdpa(vq->vdev);

	vdpa->config->kick_vq_with_data(vdpa, vring_notification_data(vq));
	return true;
}

/*
 * A parent may call these two from any context. synchronize_rcu() is how one waits for them: the
 * virtio core does when it breaks a device, and so does virtio_vdpa_del_vqs().
 */
static irqreturn_t vq_callback(void *private)
{
	irqreturn_t ret;

	rcu_read_lock();
	ret = vring_interrupt(0, private);
	rcu_read_unlock();
	return ret;
}

static irqreturn_t config_callback(void *private)
{
	rcu_read_lock();
	virtio_config_changed(private);
	rcu_read_unlock();
	return IRQ_HANDLED;
}

/* Tells the device about a virtqueue's ring and starts it. Returns 0 or -errno. */
static int activate_vq(struct vdpa_device *vdpa, struct virtqueue *vq)
{
	const struct vdpa_config_ops *ops = vdpa->config;
	struct vdpa_callback cb = {
		.callback = vq->callback ? vq_callback : NULL,
		.private = vq,
	};
	struct vdpa_vq_state state = {};
	int ret;

	/* In a packed ring both wrap counters start at 1 (virtio 2.8.1). */
	if (virtio_has_feature(vq->vdev, VIRTIO_F_RING_PACKED)) {
		state.packed.last_avail_counter = 1;
		state.packed.last_used_counter = 1;
	}

	ops->set_vq_cb(vdpa, vq->index, &cb);
	ops->set_vq_num(vdpa, vq->index, virtqueue_get_vring_size(vq));

	ret = ops->set_vq_address(vdpa, vq->index, virtqueue_get_desc_addr(vq),
				  virtqueue_get_avail_addr(vq), virtqueue_get_used_addr(vq));
	if (ret)
		return ret;

	ret = ops->set_vq_state(vdpa, vq->index, &state);
	if (ret)
		return ret;

	ops->set_vq_ready(vdpa, vq->index, true);
	return 0;
}

/* Stops a virtqueue. Its callback may still be running, until the caller has synchronized. */
static void deactivate_vq(struct vdpa_device *vdpa, u16 index)
{
	const struct vdpa_config_ops *ops = vdpa->config;
	struct vdpa_callback cb = {};

	ops->set_vq_ready(vdpa, index, false);
	ops->set_vq_cb(vdpa, index, &cb);
}

static struct virtqueue *create_vq(struct virtio_device *vdev, u16 index,
				   const struct virtqueue_info *info)
{
	struct vdpa_device *vdpa = vdev_to_vdpa(vdev);
	const struct vdpa_config_ops *ops = vdpa->config;
	u16 max, min = 1;
	union virtio_map map;
	struct virtqueue *vq;
	int ret;

	if (index >= vdpa->nvqs)
		return ERR_PTR(-ENOENT);

	/* Somebody else's, or not stopped by the last reset. */
	if (ops->get_vq_ready(vdpa, index))
		return ERR_PTR(-ENOENT);

	max = ops->get_vq_size ? ops->get_vq_size(vdpa, index) : ops->get_vq_num_max(vdpa);
	if (!max)
		return ERR_PTR(-ENOENT);
	if (ops->get_vq_num_min)
		min = ops->get_vq_num_min(vdpa);

	map = ops->get_vq_map ? ops->get_vq_map(vdpa, index) : vdpa_get_map(vdpa);

	vq = vring_create_virtqueue_map(index, max, ops->get_vq_align(vdpa), vdev, true,
					max != min, info->ctx,
					virtio_has_feature(vdev, VIRTIO_F_NOTIFICATION_DATA) ?
						notify_with_data : notify,
					info->callback, info->name, map);
	if (!vq)
		return ERR_PTR(-ENOMEM);
	virtqueue_set_num_max(vq, max);

	/* Drivers that map buffers by themselves do it for the whole device. */
	if (index == 0)
		virtio_device_set_vmap(vdev, map);

	ret = activate_vq(vdpa, vq);
	if (ret) {
		deactivate_vq(vdpa, index);
		vring_del_virtqueue(vq);
		return ERR_PTR(ret);
	}
	return vq;
}

/**
 * virtio_vdpa_del_vqs() - virtio_config_ops.del_vqs
 * @vdev: the device
 */
void virtio_vdpa_del_vqs(struct virtio_device *vdev)
{
	struct vdpa_device *vdpa = vdev_to_vdpa(vdev);
	struct vdpa_callback cb = {};
	struct virtqueue *vq, *next;

	vdpa->config->set_config_cb(vdpa, &cb);
	list_for_each_entry(vq, &vdev->vqs, list)
		deactivate_vq(vdpa, vq->index);

	/* A callback that had started before does not see its virtqueue freed. */
	synchronize_rcu();

	list_for_each_entry_safe(vq, next, &vdev->vqs, list)
		vring_del_virtqueue(vq);
}

/*
 * Spreads @nvqs virtqueues over the processors as a driver asks for with @desc: some at the start
 * and at the end may run anywhere, the others come in sets, each of which covers all processors.
 * Returns an array of masks to kfree(), or NULL: nothing to spread or no memory.
 */
static struct cpumask *spread_vqs(unsigned int nvqs, struct irq_affinity *desc)
{
	unsigned int first = desc->pre_vectors, last, set, i, n;
	struct cpumask *masks, *group;

	if (nvqs <= desc->pre_vectors + desc->post_vectors)
		return NULL;
	last = nvqs - desc->post_vectors;

	if (desc->calc_sets) {
		desc->calc_sets(desc, last - first);
	} else {
		desc->nr_sets = 1;
		desc->set_size[0] = last - first;
	}

	masks = kcalloc(nvqs, sizeof(*masks), GFP_KERNEL);
	if (!masks)
		return NULL;
	for (i = 0; i < nvqs; i++)
		cpumask_setall(&masks[i]);

	for (set = 0; set < desc->nr_sets; set++) {
		group = group_cpus_evenly(desc->set_size[set], &n);
		if (!group) {
			kfree(masks);
			return NULL;
		}
		for (i = 0; i < n && first + i < last; i++)
			cpumask_copy(&masks[first + i], &group[i]);
		kfree(group);
		first = min(first + desc->set_size[set], last);
	}
	return masks;
}

/**
 * virtio_vdpa_find_vqs() - virtio_config_ops.find_vqs
 * @vdev: the device
 * @nvqs: number of entries in the two arrays
 * @vqs: receives the virtqueues
 * @vqs_info: what they are to be; entries without a name are left out
 * @desc: how to spread them over processors, or NULL
 *
 * Return: 0, or -errno with no virtqueue left behind: -ENOENT if the device has not that many.
 */
int virtio_vdpa_find_vqs(struct virtio_device *vdev, unsigned int nvqs, struct virtqueue *vqs[],
			 struct virtqueue_info vqs_info[], struct irq_affinity *desc)
{
	struct vdpa_device *vdpa = vdev_to_vdpa(vdev);
	const struct vdpa_config_ops *ops = vdpa->config;
	struct vdpa_callback cb = { .callback = config_callback, .private = vdev };
	struct cpumask *masks = NULL;
	unsigned int i, index = 0;
	int ret = 0;

	/* Affinity is for speed: without it everything still works. */
	if (desc && ops->set_vq_affinity)
		masks = spread_vqs(nvqs, desc);

	for (i = 0; i < nvqs; i++) {
		if (!vqs_info[i].name) {
			vqs[i] = NULL;
			continue;
		}

		vqs[i] = create_vq(vdev, index, &vqs_info[i]);
		if (IS_ERR(vqs[i])) {
			ret = PTR_ERR(vqs[i]);
			dev_err(&vdev->dev, "virtqueue %u (%s): error %d\n", index,
				vqs_info[i].name, ret);
			break;
		}
		if (masks)
			ops->set_vq_affinity(vdpa, index, &masks[index]);
		index++;
	}
	kfree(masks);

	if (ret)
		virtio_vdpa_del_vqs(vdev);
	else
		ops->set_config_cb(vdpa, &cb);
	return ret;
}

/**
 * virtio_vdpa_set_vq_affinity() - virtio_config_ops.set_vq_affinity
 * @vq: the virtqueue
 * @cpu_mask: where its callbacks are to run; NULL: anywhere
 *
 * Return: 0, also if the parent cannot do that, or -errno.
 */
int virtio_vdpa_set_vq_affinity(struct virtqueue *vq, const struct cpumask *cpu_mask)
{
	struct vdpa_device *vdpa = vdev_to_vdpa(vq->vdev);

	if (!vdpa->config->set_vq_affinity)
		return 0;
	return vdpa->config->set_vq_affinity(vdpa, vq->index, cpu_mask);
}

/**
 * virtio_vdpa_get_vq_affinity() - virtio_config_ops.get_vq_affinity
 * @vdev: the device
 * @index: index of a virtqueue
 *
 * Return: where its callbacks run, or NULL if that is not known.
 */
const struct cpumask *virtio_vdpa_get_vq_affinity(struct virtio_device *vdev, int index)
{
	struct vdpa_device *vdpa = vdev_to_vdpa(vdev);

	if (!vdpa->config->get_vq_affinity)
		return NULL;
	return vdpa->config->get_vq_affinity(vdpa, index);
}
