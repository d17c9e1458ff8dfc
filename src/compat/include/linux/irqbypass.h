/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/irqbypass.h: producers that are registered with eventfd and interrupt number.
 */
#ifndef VC_LINUX_IRQBYPASS_H
#define VC_LINUX_IRQBYPASS_H

#include <linux/errno.h>
#include_next <linux/irqbypass.h>

struct eventfd_ctx;

/*
 * Without the manager there is nobody to bypass to; the header has no stubs for that. It is part
 * of every kernel that can run VMs.
 */
#if !IS_ENABLED(CONFIG_IRQ_BYPASS_MANAGER)
static inline int vc_irq_bypass_register(struct irq_bypass_producer *producer,
					 struct eventfd_ctx *eventfd, int irq)
{
	return -EOPNOTSUPP;
}

static inline void vc_irq_bypass_unregister(struct irq_bypass_producer *producer)
{
}
#define irq_bypass_register_producer vc_irq_bypass_register
#define irq_bypass_unregister_producer vc_irq_bypass_unregister

/*
 * VC_HAS_IRQ_BYPASS_EVENTFD: until 6.16 the caller filled in an anonymous token. Those kernels
 * look producers up by token when they unregister, so that one that was refused (-EBUSY) must not
 * keep its token: it would take away the producer it lost against.
 * Remove when nothing older than 6.17 is supported.
 */
#elif !VC_HAS_IRQ_BYPASS_EVENTFD
static inline int vc_irq_bypass_register(struct irq_bypass_producer *producer,
					 struct eventfd_ctx *eventfd, int irq)
{
	int ret;

	producer->token = eventfd;
	producer->irq = irq;
	ret = irq_bypass_register_producer(producer);
	if (ret)
		producer->token = NULL;
	return ret;
}

static inline void vc_irq_bypass_unregister(struct irq_bypass_producer *producer)
{
	irq_bypass_unregister_producer(producer);
	producer->token = NULL;
}

static inline int vc_irq_bypass_register_consumer(struct irq_bypass_consumer *consumer,
						  struct eventfd_ctx *eventfd)
{
	consumer->token = eventfd;
	return irq_bypass_register_consumer(consumer);
}
#define irq_bypass_register_producer vc_irq_bypass_register
#define irq_bypass_unregister_producer vc_irq_bypass_unregister
#define irq_bypass_register_consumer vc_irq_bypass_register_consumer
#endif

#endif /* VC_LINUX_IRQBYPASS_H */
