// SPDX-License-Identifier: GPL-2.0-only
/*
 * front.c - how drivers learn of a function: an auxiliary device, or mlx5_register_interface().
 */
#include <linux/slab.h>

#include "model.h"

#if VC_HAS_MLX5_ADEV

static void release(struct device *dev)
{
	kfree(container_of(dev, struct mlx5_adev, adev.dev));
}

int model_front_add(struct model *m)
{
	struct mlx5_adev *madev = kzalloc(sizeof(*madev), GFP_KERNEL);
	int err;

	if (!madev)
		return -ENOMEM;
	madev->mdev = m->mdev;
	madev->adev.name = model_aname;
	madev->adev.id = m->index;
	madev->adev.dev.parent = m->mdev->device;
	madev->adev.dev.release = release;
	err = auxiliary_device_init(&madev->adev);
	if (err) {
		kfree(madev);
		return err;
	}
	err = auxiliary_device_add(&madev->adev);
	if (err) {
		auxiliary_device_uninit(&madev->adev);
		return err;
	}
	m->front = madev;
	return 0;
}

void model_front_del(struct model *m)
{
	struct mlx5_adev *madev = m->front;

	if (!madev)
		return;
	auxiliary_device_delete(&madev->adev);
	auxiliary_device_uninit(&madev->adev);
	m->front = NULL;
}

#else

/* Drivers and functions meet in either order; @interfaces and all pairs are under front_lock. */
static LIST_HEAD(interfaces);
static LIST_HEAD(pairs);
static DEFINE_MUTEX(front_lock);
static LIST_HEAD(functions);

struct pair {
	struct list_head list;
	struct mlx5_interface *intf;
	struct model *model;
	void *context;
};

struct function {
	struct list_head list;
	struct model *model;
};

static void join(struct mlx5_interface *intf, struct model *m)
{
	struct pair *pair = kzalloc(sizeof(*pair), GFP_KERNEL);

	if (!pair)
		return;
	pair->intf = intf;
	pair->model = m;
	pair->context = intf->add(m->mdev);
	if (!pair->context) {
		kfree(pair);
		return;
	}
	if (intf->attach)
		intf->attach(m->mdev, pair->context);
	list_add(&pair->list, &pairs);
}

static void part(struct mlx5_interface *intf, struct model *m)
{
	struct pair *pair, *n;

	list_for_each_entry_safe(pair, n, &pairs, list) {
		if ((intf && pair->intf != intf) || (m && pair->model != m))
			continue;
		pair->intf->remove(pair->model->mdev, pair->context);
		list_del(&pair->list);
		kfree(pair);
	}
}

int mlx5_register_interface(struct mlx5_interface *intf)
{
	struct function *f;

	if (!intf->add || !intf->remove)
		return -EINVAL;
	mutex_lock(&front_lock);
	list_add_tail(&intf->list, &interfaces);
	list_for_each_entry(f, &functions, list)
		join(intf, f->model);
	mutex_unlock(&front_lock);
	return 0;
}
EXPORT_SYMBOL(mlx5_register_interface);

void mlx5_unregister_interface(struct mlx5_interface *intf)
{
	mutex_lock(&front_lock);
	part(intf, NULL);
	list_del(&intf->list);
	mutex_unlock(&front_lock);
}
EXPORT_SYMBOL(mlx5_unregister_interface);

int model_front_add(struct model *m)
{
	struct function *f = kzalloc(sizeof(*f), GFP_KERNEL);
	struct mlx5_interface *intf;

	if (!f)
		return -ENOMEM;
	f->model = m;
	mutex_lock(&front_lock);
	list_add_tail(&f->list, &functions);
	list_for_each_entry(intf, &interfaces, list)
		join(intf, m);
	mutex_unlock(&front_lock);
	m->front = f;
	return 0;
}

void model_front_del(struct model *m)
{
	struct function *f = m->front;

	if (!f)
		return;
	mutex_lock(&front_lock);
	part(NULL, m);
	list_del(&f->list);
	mutex_unlock(&front_lock);
	kfree(f);
	m->front = NULL;
}

#endif
