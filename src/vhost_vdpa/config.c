// SPDX-License-Identifier: GPL-2.0-only
/*
 * config.c - configuration space: reading, writing, and the eventfd that tells of changes.
 */
#include <linux/eventfd.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "vhost_vdpa.h"

/* The number of bytes before the client's data. */
#define CONFIG_HEAD	offsetof(struct vhost_vdpa_config, buf)

/* A range that is not within the configuration space is refused as a whole. */
static bool config_range_ok(const struct vhost_vdpa *v, const struct vhost_vdpa_config *c)
{
	size_t size = v->vdpa->config->get_config_size(v->vdpa);

	return c->len && c->off <= size && c->len <= size - c->off;
}

/**
 * vhost_vdpa_get_config() - VHOST_VDPA_GET_CONFIG
 * @v: device
 * @argp: what to read, and where to put it
 *
 * Context: sleeps; takes ctl_lock.
 * Return: 0 or -errno: -EINVAL: outside the configuration space.
 */
long vhost_vdpa_get_config(struct vhost_vdpa *v, struct vhost_vdpa_config __user *argp)
{
	struct vhost_vdpa_config c;
	void *buf = NULL;
	int r;

	if (copy_from_user(&c, argp, CONFIG_HEAD))
		return -EFAULT;

	r = vhost_vdpa_enter(v, 0);
	if (r)
		return r;
	if (!config_range_ok(v, &c)) {
		r = -EINVAL;
	} else {
		/* Zeroed: a parent need not fill all of it. */
		buf = kvzalloc(c.len, GFP_KERNEL_ACCOUNT);
		if (buf)
			vdpa_get_config(v->vdpa, c.off, buf, c.len);
		else
			r = -ENOMEM;
	}
	vhost_vdpa_leave(v, 0);

	if (!r && copy_to_user(argp->buf, buf, c.len))
		r = -EFAULT;
	kvfree(buf);
	return r;
}

/**
 * vhost_vdpa_set_config() - VHOST_VDPA_SET_CONFIG
 * @v: device
 * @argp: where to write, and what
 *
 * Context: sleeps; takes ctl_lock.
 * Return: 0 or -errno: -EINVAL: outside the configuration space; -EPERM: another process owns it.
 */
long vhost_vdpa_set_config(struct vhost_vdpa *v, struct vhost_vdpa_config __user *argp)
{
	struct vhost_vdpa_config c;
	void *buf;
	int r;

	if (copy_from_user(&c, argp, CONFIG_HEAD))
		return -EFAULT;

	/* First see whether it fits, so that no client decides how much memory is used. */
	r = vhost_vdpa_enter(v, VHOST_VDPA_NOT_FOREIGN);
	if (r)
		return r;
	if (!config_range_ok(v, &c))
		r = -EINVAL;
	vhost_vdpa_leave(v, VHOST_VDPA_NOT_FOREIGN);
	if (r)
		return r;

	buf = vmemdup_user(argp->buf, c.len);
	if (IS_ERR(buf))
		return PTR_ERR(buf);

	r = vhost_vdpa_enter(v, VHOST_VDPA_NOT_FOREIGN);
	if (!r) {
		vdpa_set_config(v->vdpa, c.off, buf, c.len);
		vhost_vdpa_leave(v, VHOST_VDPA_NOT_FOREIGN);
	}
	kvfree(buf);
	return r;
}

/* vdpa_callback.callback for changes: any context. */
static irqreturn_t config_changed(void *private)
{
	vhost_vdpa_config_signal(private);
	return IRQ_HANDLED;
}

/**
 * vhost_vdpa_config_signal() - tells the client that it should look
 * @v: device
 *
 * Context: any.
 */
void vhost_vdpa_config_signal(struct vhost_vdpa *v)
{
	unsigned long flags;

	spin_lock_irqsave(&v->config_lock, flags);
	if (v->config_ctx)
		eventfd_signal(v->config_ctx);
	spin_unlock_irqrestore(&v->config_lock, flags);
}

static struct eventfd_ctx *replace_ctx(struct vhost_vdpa *v, struct eventfd_ctx *ctx)
{
	unsigned long flags;

	spin_lock_irqsave(&v->config_lock, flags);
	swap(v->config_ctx, ctx);
	spin_unlock_irqrestore(&v->config_lock, flags);
	return ctx;
}

/**
 * vhost_vdpa_set_config_call() - VHOST_VDPA_SET_CONFIG_CALL
 * @v: device
 * @fd: eventfd or VHOST_FILE_UNBIND
 *
 * Context: sleeps; ctl_lock held.
 * Return: 0 or -errno with the former eventfd still in place.
 */
int vhost_vdpa_set_config_call(struct vhost_vdpa *v, int fd)
{
	struct vdpa_callback cb = {};
	struct eventfd_ctx *ctx = NULL;

	if (fd != VHOST_FILE_UNBIND) {
		ctx = eventfd_ctx_fdget(fd);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
		cb.callback = config_changed;
		cb.private = v;
	}

	/* Only the callback knows the eventfd: nothing uses the former one once it is replaced. */
	ctx = replace_ctx(v, ctx);
	if (ctx)
		eventfd_ctx_put(ctx);
	v->vdpa->config->set_config_cb(v->vdpa, &cb);
	return 0;
}

/**
 * vhost_vdpa_config_detach() - makes the parent forget our callback
 * @v: device that was reset, whether that worked or not
 *
 * Context: sleeps; ctl_lock held.
 */
void vhost_vdpa_config_detach(struct vhost_vdpa *v)
{
	struct vdpa_callback none = {};

	if (v->config_ctx)
		v->vdpa->config->set_config_cb(v->vdpa, &none);
}

/**
 * vhost_vdpa_config_release() - gives up the eventfd that a client left
 * @v: device after vhost_vdpa_config_detach()
 */
void vhost_vdpa_config_release(struct vhost_vdpa *v)
{
	struct eventfd_ctx *ctx = replace_ctx(v, NULL);

	if (ctx)
		eventfd_ctx_put(ctx);
}
