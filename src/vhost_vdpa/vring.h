/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vring.h - virtqueues as a client of /dev/vhost-vdpa-N sees them.
 */
#ifndef VHOST_VDPA_VRING_H
#define VHOST_VDPA_VRING_H

#include <linux/irqbypass.h>
#include <linux/poll.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

struct eventfd_ctx;
struct file;
struct vhost_vdpa;
union vhost_vdpa_arg;

/**
 * struct vhost_vdpa_vq - a virtqueue
 * @v: its device; constant
 * @index: its number; constant
 * @busyloop: value of VHOST_SET_VRING_BUSYLOOP_TIMEOUT, without effect: nothing polls. ctl_lock
 * @lock: protects @call_ctx and @err_ctx against callbacks; irq-safe
 * @call_ctx: signalled when buffers were used, or NULL. Written under ctl_lock and @lock
 * @err_ctx: signalled when the device goes away, or NULL. Written under ctl_lock and @lock
 * @bypass: carries the parent's interrupt straight into a guest. ctl_lock
 * @bypass_on: @bypass is registered, for @call_ctx. ctl_lock
 * @kick: eventfd by which the client notifies, or NULL. ctl_lock
 * @kick_queue: wait queue of @kick that @kick_wait is in, or NULL. ctl_lock
 * @kick_wait: runs when @kick is signalled
 * @kick_table: finds @kick_queue
 */
struct vhost_vdpa_vq {
	struct vhost_vdpa *v;
	u16 index;
	u32 busyloop;

	spinlock_t lock;
	struct eventfd_ctx *call_ctx;
	struct eventfd_ctx *err_ctx;

	struct irq_bypass_producer bypass;
	bool bypass_on;

	struct file *kick;
	wait_queue_head_t *kick_queue;
	wait_queue_entry_t kick_wait;
	poll_table kick_table;
};

/* Life cycle. */
int vhost_vdpa_vrings_alloc(struct vhost_vdpa *v);
void vhost_vdpa_vrings_free(struct vhost_vdpa *v);
struct vhost_vdpa_vq *vhost_vdpa_vring(struct vhost_vdpa *v, u32 index);

/* All of them. ctl_lock held. */
void vhost_vdpa_vrings_bypass_on(struct vhost_vdpa *v);
void vhost_vdpa_vrings_bypass_off(struct vhost_vdpa *v);
void vhost_vdpa_vrings_kick_off(struct vhost_vdpa *v);
void vhost_vdpa_vrings_detach(struct vhost_vdpa *v);
void vhost_vdpa_vrings_signal(struct vhost_vdpa *v);
void vhost_vdpa_vrings_release(struct vhost_vdpa *v);

/* Requests. ctl_lock held, vhost_vdpa_set_group_asid() also map_lock. 0 or -errno. */
int vhost_vdpa_set_vring_num(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_set_vring_addr(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_set_vring_base(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_get_vring_base(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_set_vring_enable(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_get_vring_size(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_get_vring_group(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_get_vring_desc_group(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_set_group_asid(struct vhost_vdpa *v, union vhost_vdpa_arg *arg);
int vhost_vdpa_set_vring_busyloop(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_get_vring_busyloop(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);

/* Eventfds (eventfd.c). */
int vhost_vdpa_set_vring_kick(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_set_vring_call(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
int vhost_vdpa_set_vring_err(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);

#endif /* VHOST_VDPA_VRING_H */
