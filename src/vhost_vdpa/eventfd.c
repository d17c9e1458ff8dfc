// SPDX-License-Identifier: GPL-2.0-only
/*
 * eventfd.c - eventfds of virtqueues: kick (client to device), call and err (device to client),
 * and the bypass that carries a device's interrupt straight into a guest.
 *
 * Lifetime of a call eventfd: the parent may know it from two sides, our callback and
 * vdpa_callback.trigger. The callback reads it under vq->lock. The trigger is the parent's until
 * set_vq_cb() returned, so a replaced eventfd is only given up after that.
 *
 * A kick runs in the context of whoever signals the eventfd, with the lock of its wait queue held
 * and interrupts off. remove_wait_queue() takes the same lock, so that no kick is under way when it
 * returns; removal relies on that.
 */
#include <linux/eventfd.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "vhost_vdpa.h"
#include "vring.h"

static int kick_wake(wait_queue_entry_t *wait, unsigned int mode, int sync, void *key)
{
	struct vhost_vdpa_vq *vq = container_of(wait, struct vhost_vdpa_vq, kick_wait);
	struct vdpa_device *vdpa = vq->v->vdpa;

	if (key_to_poll(key) & EPOLLIN)
		vdpa->config->kick_vq(vdpa, vq->index);
	return 0;
}

static void kick_found(struct file *file, wait_queue_head_t *queue, poll_table *table)
{
	struct vhost_vdpa_vq *vq = container_of(table, struct vhost_vdpa_vq, kick_table);

	vq->kick_queue = queue;
	add_wait_queue(queue, &vq->kick_wait);
}

/* Listens to vq->kick; what was signalled before counts. */
static void kick_on(struct vhost_vdpa_vq *vq)
{
	struct vdpa_device *vdpa = vq->v->vdpa;

	if (vfs_poll(vq->kick, &vq->kick_table) & EPOLLIN)
		vdpa->config->kick_vq(vdpa, vq->index);
}

static void kick_off(struct vhost_vdpa_vq *vq)
{
	if (!vq->kick_queue)
		return;
	remove_wait_queue(vq->kick_queue, &vq->kick_wait);
	vq->kick_queue = NULL;
}

/* VHOST_SET_VRING_KICK. On error the former eventfd stays. */
int vhost_vdpa_set_vring_kick(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	struct file *file = NULL;

	if (arg->file.fd != VHOST_FILE_UNBIND) {
		file = eventfd_fget(arg->file.fd);
		if (IS_ERR(file))
			return PTR_ERR(file);
		/* Its counter is full: it could not be signalled. */
		if (vfs_poll(file, NULL) & EPOLLERR) {
			fput(file);
			return -EINVAL;
		}
	}

	if (file != vq->kick) {
		kick_off(vq);
		swap(file, vq->kick);
		if (vq->kick)
			kick_on(vq);
	}
	if (file)
		fput(file);
	return 0;
}

/* vdpa_callback.callback of a virtqueue: any context. */
static irqreturn_t call(void *private)
{
	struct vhost_vdpa_vq *vq = private;
	unsigned long flags;

	spin_lock_irqsave(&vq->lock, flags);
	if (vq->call_ctx)
		eventfd_signal(vq->call_ctx);
	spin_unlock_irqrestore(&vq->lock, flags);
	return IRQ_HANDLED;
}

/* Only costs speed if it fails: call() runs anyway where nobody took the interrupt over. */
static void bypass_on(struct vhost_vdpa_vq *vq)
{
	struct vhost_vdpa *v = vq->v;
	int irq, r;

	if (!vq->call_ctx || !v->vdpa->config->get_vq_irq)
		return;
	irq = v->vdpa->config->get_vq_irq(v->vdpa, vq->index);
	if (irq < 0)
		return;

	r = irq_bypass_register_producer(&vq->bypass, vq->call_ctx, irq);
	if (r)
		dev_info_ratelimited(&v->vdpa->dev,
				     "virtqueue %u: interrupt %d cannot bypass the host: %d\n",
				     vq->index, irq, r);
	vq->bypass_on = !r;
}

static void bypass_off(struct vhost_vdpa_vq *vq)
{
	if (!vq->bypass_on)
		return;
	irq_bypass_unregister_producer(&vq->bypass);
	vq->bypass_on = false;
}

/* Swaps @ctx with *@slot, so that callbacks see one or the other; returns the former one. */
static struct eventfd_ctx *replace(struct vhost_vdpa_vq *vq, struct eventfd_ctx **slot,
				   struct eventfd_ctx *ctx)
{
	unsigned long flags;

	spin_lock_irqsave(&vq->lock, flags);
	swap(*slot, ctx);
	spin_unlock_irqrestore(&vq->lock, flags);
	return ctx;
}

static struct eventfd_ctx *get_ctx(int fd)
{
	return fd == VHOST_FILE_UNBIND ? NULL : eventfd_ctx_fdget(fd);
}

static void put_ctx(struct eventfd_ctx *ctx)
{
	if (ctx)
		eventfd_ctx_put(ctx);
}

/* VHOST_SET_VRING_CALL. On error the former eventfd stays. */
int vhost_vdpa_set_vring_call(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	struct eventfd_ctx *ctx = get_ctx(arg->file.fd);
	struct vdpa_callback cb = {};
	struct vhost_vdpa *v = vq->v;

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);

	bypass_off(vq);
	if (ctx) {
		cb.callback = call;
		cb.private = vq;
		cb.trigger = ctx;
	}
	ctx = replace(vq, &vq->call_ctx, ctx);
	v->vdpa->config->set_vq_cb(v->vdpa, vq->index, &cb);
	put_ctx(ctx);

	if (v->driver_ok)
		bypass_on(vq);
	return 0;
}

/* VHOST_SET_VRING_ERR. On error the former eventfd stays. */
int vhost_vdpa_set_vring_err(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg)
{
	struct eventfd_ctx *ctx = get_ctx(arg->file.fd);

	if (IS_ERR(ctx))
		return PTR_ERR(ctx);
	put_ctx(replace(vq, &vq->err_ctx, ctx));
	return 0;
}

/**
 * vhost_vdpa_vrings_alloc() - makes the virtqueues of a new device
 * @v: device, with its vdpa device set
 *
 * Context: sleeps.
 * Return: 0 or -ENOMEM.
 */
int vhost_vdpa_vrings_alloc(struct vhost_vdpa *v)
{
	struct vhost_vdpa_vq *vq;
	u32 i;

	v->vqs = kvcalloc(v->nvqs, sizeof(*v->vqs), GFP_KERNEL);
	if (!v->vqs)
		return -ENOMEM;

	for (i = 0; i < v->nvqs; i++) {
		vq = &v->vqs[i];
		vq->v = v;
		vq->index = i;
		spin_lock_init(&vq->lock);
		init_waitqueue_func_entry(&vq->kick_wait, kick_wake);
		init_poll_funcptr(&vq->kick_table, kick_found);
	}
	return 0;
}

/**
 * vhost_vdpa_vrings_free() - undoes vhost_vdpa_vrings_alloc()
 * @v: device that nobody has open
 */
void vhost_vdpa_vrings_free(struct vhost_vdpa *v)
{
	kvfree(v->vqs);
}

/**
 * vhost_vdpa_vrings_bypass_on() - lets interrupts go straight into guests, where that is possible
 * @v: device that has DRIVER_OK: a parent's interrupts are fixed from then on
 */
void vhost_vdpa_vrings_bypass_on(struct vhost_vdpa *v)
{
	u32 i;

	for (i = 0; i < v->nvqs; i++)
		bypass_on(&v->vqs[i]);
}

/**
 * vhost_vdpa_vrings_bypass_off() - undoes vhost_vdpa_vrings_bypass_on()
 * @v: device that is about to be reset
 */
void vhost_vdpa_vrings_bypass_off(struct vhost_vdpa *v)
{
	u32 i;

	for (i = 0; i < v->nvqs; i++)
		bypass_off(&v->vqs[i]);
}

/**
 * vhost_vdpa_vrings_kick_off() - stops listening to the client
 * @v: device that is given up
 *
 * When this returns, the parent's kick_vq is not called any more and is not running.
 */
void vhost_vdpa_vrings_kick_off(struct vhost_vdpa *v)
{
	u32 i;

	for (i = 0; i < v->nvqs; i++)
		kick_off(&v->vqs[i]);
}

/**
 * vhost_vdpa_vrings_detach() - makes the parent forget our callbacks and eventfds
 * @v: device that was reset, whether that worked or not
 */
void vhost_vdpa_vrings_detach(struct vhost_vdpa *v)
{
	struct vdpa_callback none = {};
	u32 i;

	for (i = 0; i < v->nvqs; i++) {
		if (v->vqs[i].call_ctx)
			v->vdpa->config->set_vq_cb(v->vdpa, i, &none);
	}
}

/**
 * vhost_vdpa_vrings_signal() - wakes whatever waits for one of the virtqueues
 * @v: device that went away
 */
void vhost_vdpa_vrings_signal(struct vhost_vdpa *v)
{
	struct vhost_vdpa_vq *vq;
	unsigned long flags;
	u32 i;

	for (i = 0; i < v->nvqs; i++) {
		vq = &v->vqs[i];
		spin_lock_irqsave(&vq->lock, flags);
		if (vq->err_ctx)
			eventfd_signal(vq->err_ctx);
		if (vq->call_ctx)
			eventfd_signal(vq->call_ctx);
		spin_unlock_irqrestore(&vq->lock, flags);
	}
}

/**
 * vhost_vdpa_vrings_release() - gives up what a client left in the virtqueues
 * @v: device after kick_off, bypass_off and detach
 */
void vhost_vdpa_vrings_release(struct vhost_vdpa *v)
{
	struct vhost_vdpa_vq *vq;
	u32 i;

	for (i = 0; i < v->nvqs; i++) {
		vq = &v->vqs[i];
		put_ctx(replace(vq, &vq->call_ctx, NULL));
		put_ctx(replace(vq, &vq->err_ctx, NULL));
		if (vq->kick)
			fput(vq->kick);
		vq->kick = NULL;
		vq->busyloop = 0;
	}
}
