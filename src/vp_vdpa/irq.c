// SPDX-License-Identifier: GPL-2.0-only
/*
 * irq.c - interrupts of a function, and the callbacks they lead to.
 *
 * Vector 0 is for changes of the configuration, and each queue with a callback has one of its own,
 * as far as there are that many; the queues for which there is none share vector 1 or, if there is
 * only one at all, vector 0. A function without MSI-X has its INTx line, and the ISR status says
 * what it means.
 *
 * Vectors are allocated when DRIVER_OK is written, since only then it is known who wants one, and
 * stay over a reset: most drivers want the same ones again. The function itself forgets them
 * in a reset, so that nothing comes while it is in one.
 */
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "vp_vdpa.h"

/* ISR status (4.1.4.5); uapi/linux/virtio_pci.h names the other bit only. */
#define ISR_QUEUE	0x1

/* Sets up a callback that calls nothing. */
void vp_callback_init(struct vp_callback *c)
{
	spin_lock_init(&c->lock);
}

/**
 * vp_callback_set() - replaces a callback
 * @c: where
 * @cb: what to call from now on; its callback may be NULL
 *
 * Context: any but that of the callback. On return the former one is not running.
 */
void vp_callback_set(struct vp_callback *c, const struct vdpa_callback *cb)
{
	unsigned long flags;

	spin_lock_irqsave(&c->lock, flags);
	c->cb = *cb;
	spin_unlock_irqrestore(&c->lock, flags);
}

static irqreturn_t call(struct vp_callback *c)
{
	irqreturn_t ret = IRQ_HANDLED;
	unsigned long flags;

	spin_lock_irqsave(&c->lock, flags);
	if (c->cb.callback)
		ret = c->cb.callback(c->cb.private);
	spin_unlock_irqrestore(&c->lock, flags);
	return ret;
}

static irqreturn_t queue_interrupt(int irq, void *data)
{
	struct vp_queue *q = data;

	return call(&q->callback);
}

/* Queues without a vector of their own. A callback that has nothing to do finds out. */
static void call_others(struct vp_vdpa *vp)
{
	u16 i;

	for (i = 0; i < vp->nqs; i++) {
		if (vp->queues[i].irq < 0)
			call(&vp->queues[i].callback);
	}
}

static irqreturn_t shared_interrupt(int irq, void *data)
{
	call_others(data);
	return IRQ_HANDLED;
}

static irqreturn_t config_interrupt(int irq, void *data)
{
	struct vp_vdpa *vp = data;

	call(&vp->config_callback);
	if (vp->shared_irq < 0)
		call_others(vp);
	return IRQ_HANDLED;
}

/* Reading the ISR status takes the interrupt back. */
static irqreturn_t intx_interrupt(int irq, void *data)
{
	struct vp_vdpa *vp = data;
	u8 isr = ioread8(vp->fn->isr);

	if (!isr || vp_is_gone(vp->fn))
		return IRQ_NONE;
	if (isr & VIRTIO_PCI_ISR_CONFIG)
		call(&vp->config_callback);
	if (isr & ISR_QUEUE)
		call_others(vp);
	return IRQ_HANDLED;
}

/* Vectors for vector 0 and for @nqueues queues: how many there are, or -errno. */
static int alloc_vectors(struct vp_vdpa *vp, unsigned int nqueues)
{
	struct pci_dev *pdev = vp->fn->pdev;
	int n;

	vp->intx = false;
	n = pci_alloc_irq_vectors(pdev, 1, nqueues + 1, PCI_IRQ_MSIX);
	if (n < 0) {
		n = pci_alloc_irq_vectors(pdev, 1, 1, PCI_IRQ_INTX);
		vp->intx = n > 0;
	}
	if (n > 0)
		vp->nvectors = n;
	return n;
}

static int request_queue(struct vp_vdpa *vp, u16 index, u16 vector)
{
	struct pci_dev *pdev = vp->fn->pdev;
	struct vp_queue *q = &vp->queues[index];
	int irq = pci_irq_vector(pdev, vector);
	int err;

	snprintf(q->name, sizeof(q->name), "vp-vdpa[%s]-%u", pci_name(pdev), index);
	err = request_irq(irq, queue_interrupt, 0, q->name, q);
	if (err)
		return err;
	q->vector = vector;
	q->irq = irq;
	/* Only costs speed if it fails. */
	if (q->has_affinity)
		irq_set_affinity_and_hint(irq, q->affinity);
	return 0;
}

static int request_common(struct vp_vdpa *vp)
{
	struct pci_dev *pdev = vp->fn->pdev;
	int irq = pci_irq_vector(pdev, 0);
	int err;

	snprintf(vp->name, sizeof(vp->name), "vp-vdpa[%s]-%s", pci_name(pdev),
		 vp->intx ? "intx" : "config");
	err = request_irq(irq, vp->intx ? intx_interrupt : config_interrupt,
			  vp->intx ? IRQF_SHARED : 0, vp->name, vp);
	if (!err)
		vp->irq = irq;
	return err;
}

static int request_shared(struct vp_vdpa *vp)
{
	struct pci_dev *pdev = vp->fn->pdev;
	int irq = pci_irq_vector(pdev, 1);
	int err;

	snprintf(vp->shared_name, sizeof(vp->shared_name), "vp-vdpa[%s]-queues", pci_name(pdev));
	err = request_irq(irq, shared_interrupt, 0, vp->shared_name, vp);
	if (!err)
		vp->shared_irq = irq;
	return err;
}

static int set_up(struct vp_vdpa *vp)
{
	unsigned int wanted = 0, own;
	u16 i, next, common = 0;
	int n, err;

	for (i = 0; i < vp->nqs; i++) {
		/* The bus driver sets callbacks and status one after the other: no lock needed. */
		vp->queues[i].wants_irq = !!vp->queues[i].callback.cb.callback;
		wanted += vp->queues[i].wants_irq;
	}
	n = alloc_vectors(vp, wanted);
	if (n < 0)
		return n;

	own = wanted;
	next = 1;
	if (n <= wanted) {
		own = max(n - 2, 0);
		common = n > 1;
		next = 2;
		dev_info_ratelimited(&vp->fn->pdev->dev,
				     "%d interrupt vectors: %u of %u queues share one\n", n,
				     wanted - own, wanted);
	}

	/* Which queues have an interrupt of their own must be known before the first one comes. */
	for (i = 0; i < vp->nqs; i++) {
		vp->queues[i].vector = common;
		if (!vp->queues[i].wants_irq || !own)
			continue;
		own--;
		err = request_queue(vp, i, next++);
		if (err)
			return err;
	}
	if (common) {
		err = request_shared(vp);
		if (err)
			return err;
	}
	return request_common(vp);
}

/* Tells the function, which has forgotten it in the last reset. */
static int program(struct vp_vdpa *vp)
{
	int err;
	u16 i;

	if (vp->intx)
		return 0;
	err = vp_set_config_vector(vp->fn, 0);
	for (i = 0; i < vp->nqs && !err; i++)
		err = vp_set_queue_vector(vp->fn, i, vp->queues[i].vector);
	return err;
}

/* Whether the queues that want an interrupt are those of the last time. */
static bool still_right(const struct vp_vdpa *vp)
{
	u16 i;

	if (!vp->nvectors)
		return false;
	for (i = 0; i < vp->nqs; i++) {
		if (vp->queues[i].wants_irq != !!vp->queues[i].callback.cb.callback)
			return false;
	}
	return true;
}

/**
 * vp_irqs_start() - interrupts for a function that is about to get DRIVER_OK
 * @vp: device; queues that have a callback get an interrupt of their own if possible. Others share
 *	one, so that a callback that is set later is called, too
 *
 * Context: sleeps; fn->lock held.
 * Return: 0 or -errno with no interrupt set up.
 */
int vp_irqs_start(struct vp_vdpa *vp)
{
	int err = 0;

	if (!still_right(vp)) {
		vp_irqs_free(vp);
		err = set_up(vp);
	}
	if (!err)
		err = program(vp);
	if (err)
		vp_irqs_free(vp);
	return err;
}

/**
 * vp_irqs_free() - gives all interrupts back
 * @vp: device that is in reset, or does not have DRIVER_OK yet
 *
 * Context: sleeps; fn->lock held. No callback is running on return.
 */
void vp_irqs_free(struct vp_vdpa *vp)
{
	u16 i;

	if (vp->irq >= 0)
		free_irq(vp->irq, vp);
	vp->irq = -1;
	if (vp->shared_irq >= 0)
		free_irq(vp->shared_irq, vp);
	vp->shared_irq = -1;

	for (i = 0; i < vp->nqs; i++) {
		struct vp_queue *q = &vp->queues[i];

		if (q->irq < 0)
			continue;
		/* An interrupt must not be freed with a hint that may be freed, too. */
		irq_set_affinity_and_hint(q->irq, NULL);
		free_irq(q->irq, q);
		q->irq = -1;
	}
	if (vp->nvectors)
		pci_free_irq_vectors(vp->fn->pdev);
	vp->nvectors = 0;
}

/**
 * vp_irq_affinity() - says where a queue's interrupt is to be handled, now and later
 * @q: the queue
 * @mask: where; NULL: anywhere
 *
 * Context: sleeps; fn->lock held.
 * Return: 0 or -errno.
 */
int vp_irq_affinity(struct vp_queue *q, const struct cpumask *mask)
{
	if (!mask) {
		q->has_affinity = false;
		return q->irq < 0 ? 0 : irq_set_affinity_and_hint(q->irq, NULL);
	}
	if (!cpumask_available(q->affinity) && !zalloc_cpumask_var(&q->affinity, GFP_KERNEL))
		return -ENOMEM;
	cpumask_copy(q->affinity, mask);
	q->has_affinity = true;
	return q->irq < 0 ? 0 : irq_set_affinity_and_hint(q->irq, q->affinity);
}
