// SPDX-License-Identifier: GPL-2.0-only
/*
 * irq_consumer.c - stands for KVM at the other end of an interrupt bypass: whoever registers a
 * producer for one of its eventfds is met here.
 *
 *   /sys/kernel/debug/irq_consumer	write "add FD" or "clear"; read: a line for each eventfd in
 *					the order they came: the interrupt that it is connected to
 *					now, or -1, and how often it was connected to one
 */
#include <linux/debugfs.h>
#include <linux/eventfd.h>
#include <linux/irqbypass.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "text_file.h"

#define CONSUMERS	8

static struct consumer {
	struct irq_bypass_consumer cons;
	struct eventfd_ctx *ctx;
	int irq;
	unsigned int times;
} consumers[CONSUMERS];

static unsigned int count;
static DEFINE_MUTEX(lock);	/* both; an interrupt is written under the bypass manager's lock */
static struct dentry *file;

static int add(struct irq_bypass_consumer *cons, struct irq_bypass_producer *prod)
{
	struct consumer *c = container_of(cons, struct consumer, cons);

	WRITE_ONCE(c->irq, prod->irq);
	c->times++;
	return 0;
}

static void del(struct irq_bypass_consumer *cons, struct irq_bypass_producer *prod)
{
	WRITE_ONCE(container_of(cons, struct consumer, cons)->irq, -1);
}

static int consume(int fd)
{
	struct consumer *c = &consumers[count];
	int err;

	if (count == CONSUMERS)
		return -ENOSPC;
	memset(c, 0, sizeof(*c));
	c->irq = -1;
	c->ctx = eventfd_ctx_fdget(fd);
	if (IS_ERR(c->ctx))
		return PTR_ERR(c->ctx);
	c->cons.add_producer = add;
	c->cons.del_producer = del;
	err = irq_bypass_register_consumer(&c->cons, c->ctx);
	if (err)
		eventfd_ctx_put(c->ctx);
	else
		count++;
	return err;
}

static void clear(void)
{
	for (; count; count--) {
		irq_bypass_unregister_consumer(&consumers[count - 1].cons);
		eventfd_ctx_put(consumers[count - 1].ctx);
	}
}

static int consumer_show(struct seq_file *s, void *unused)
{
	unsigned int i;

	mutex_lock(&lock);
	for (i = 0; i < count; i++)
		seq_printf(s, "%d %u\n", READ_ONCE(consumers[i].irq), consumers[i].times);
	mutex_unlock(&lock);
	return 0;
}

static int consumer_store(void *unused, const char *text)
{
	int fd, err = -EINVAL;

	mutex_lock(&lock);
	if (sscanf(text, "add %d", &fd) == 1) {
		err = consume(fd);
	} else if (!strncmp(text, "clear", 5)) {
		clear();
		err = 0;
	}
	mutex_unlock(&lock);
	return err;
}
DEFINE_TEXT_FILE(consumer);

static int __init consumer_init(void)
{
	file = debugfs_create_file("irq_consumer", 0600, NULL, NULL, &consumer_fops);
	return 0;
}

static void __exit consumer_exit(void)
{
	debugfs_remove(file);
	clear();
}

module_init(consumer_init);
module_exit(consumer_exit);
MODULE_DESCRIPTION("Interrupt bypass consumers for eventfds of processes, for tests");
MODULE_LICENSE("GPL");
