// SPDX-License-Identifier: GPL-2.0-only
/*
 * net_wire.c - the simulated network device: a wire between two of them.
 *
 *   echo "vdpa0 vdpa1" > /sys/devices/vdpasim_net/wire      connect
 *   echo "vdpa0" > /sys/devices/vdpasim_net/wire            disconnect
 *   cat /sys/devices/vdpasim_net/wire                       pairs connected, one per line
 *
 * What a device on a wire transmits is put into the in-queue of the other one, whose own thread
 * receives it from there: no thread ever works on two devices. wire_lock, held while packets are
 * handed over, makes sure that the receiver does not go away meanwhile.
 *
 * Lock order: wire_mutex, wire_lock, wire.lock of a device.
 */
#include <linux/device.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "net.h"

#define IN_QUEUE_MAX 1024

static DEFINE_MUTEX(wire_mutex);
static DEFINE_SPINLOCK(wire_lock);
static LIST_HEAD(all_nets);

static void disconnect(struct vdpasim_net *net)
{
	struct vdpasim_net *peer = net->wire.peer;

	if (!peer)
		return;
	spin_lock(&wire_lock);
	WRITE_ONCE(net->wire.peer, NULL);
	WRITE_ONCE(peer->wire.peer, NULL);
	spin_unlock(&wire_lock);
}

static struct vdpasim_net *find_net(const char *name)
{
	struct vdpasim_net *net;

	list_for_each_entry(net, &all_nets, wire.all)
		if (!strcmp(dev_name(&net->sim.vdpa.dev), name))
			return net;
	return NULL;
}

void vdpasim_net_wire_add(struct vdpasim_net *net)
{
	spin_lock_init(&net->wire.lock);
	INIT_LIST_HEAD(&net->wire.in);
	mutex_lock(&wire_mutex);
	list_add_tail(&net->wire.all, &all_nets);
	mutex_unlock(&wire_mutex);
}

void vdpasim_net_wire_remove(struct vdpasim_net *net)
{
	mutex_lock(&wire_mutex);
	disconnect(net);
	list_del(&net->wire.all);
	mutex_unlock(&wire_mutex);
	vdpasim_net_wire_flush(net);
}

static void free_packets(struct list_head *packets)
{
	struct vdpasim_net_packet *packet, *next;

	list_for_each_entry_safe(packet, next, packets, node)
		kfree(packet);
}

/* Forget what arrived and was not received. */
void vdpasim_net_wire_flush(struct vdpasim_net *net)
{
	LIST_HEAD(packets);

	spin_lock(&net->wire.lock);
	list_splice_init(&net->wire.in, &packets);
	net->wire.in_len = 0;
	spin_unlock(&net->wire.lock);
	free_packets(&packets);
}

/* A packet with a copy of the frame at @data, transmitted on queue pair @pair; NULL: no memory. */
struct vdpasim_net_packet *vdpasim_net_wire_packet(const void *data, unsigned int len,
						   unsigned int pair)
{
	struct vdpasim_net_packet *packet = kmalloc(sizeof(*packet) + len,
						    GFP_KERNEL_ACCOUNT | __GFP_NOWARN);

	if (packet) {
		packet->pair = pair;
		packet->len = len;
		memcpy(packet->data, data, len);
	}
	return packet;
}

/* Hand packets over to the other end; what it cannot take is lost, and counted there. */
void vdpasim_net_wire_send(struct vdpasim_net *net, struct list_head *packets)
{
	struct vdpasim_net_packet *packet;
	struct vdpasim_net *peer;

	if (list_empty(packets))
		return;
	spin_lock(&wire_lock);
	peer = net->wire.peer;
	if (peer && READ_ONCE(peer->sim.running)) {
		spin_lock(&peer->wire.lock);
		while (!list_empty(packets) && peer->wire.in_len < IN_QUEUE_MAX) {
			packet = list_first_entry(packets, struct vdpasim_net_packet, node);
			list_move_tail(&packet->node, &peer->wire.in);
			peer->wire.in_len++;
		}
		spin_unlock(&peer->wire.lock);
		list_for_each_entry(packet, packets, node)
			atomic64_inc(&peer->rx[0].overruns);
		vdpasim_kick(&peer->sim);
	}
	spin_unlock(&wire_lock);
	free_packets(packets);
}

/* The next packet that arrived, to be freed by the caller; NULL if there is none. */
struct vdpasim_net_packet *vdpasim_net_wire_receive(struct vdpasim_net *net)
{
	struct vdpasim_net_packet *packet;

	/* A packet that is missed here comes with a kick. */
	if (!READ_ONCE(net->wire.in_len))
		return NULL;
	spin_lock(&net->wire.lock);
	packet = list_first_entry_or_null(&net->wire.in, struct vdpasim_net_packet, node);
	if (packet) {
		list_del(&packet->node);
		net->wire.in_len--;
	}
	spin_unlock(&net->wire.lock);
	return packet;
}

/* Undo vdpasim_net_wire_receive(). */
void vdpasim_net_wire_unreceive(struct vdpasim_net *net, struct vdpasim_net_packet *packet)
{
	spin_lock(&net->wire.lock);
	list_add(&packet->node, &net->wire.in);
	net->wire.in_len++;
	spin_unlock(&net->wire.lock);
}

static ssize_t wire_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct vdpasim_net *net;
	ssize_t len = 0;

	mutex_lock(&wire_mutex);
	list_for_each_entry(net, &all_nets, wire.all)
		/* Each wire once, from one of its ends. */
		if (net->wire.peer && net < net->wire.peer)
			len += scnprintf(buf + len, PAGE_SIZE - len, "%s %s\n",
					 dev_name(&net->sim.vdpa.dev),
					 dev_name(&net->wire.peer->sim.vdpa.dev));
	mutex_unlock(&wire_mutex);
	return len;
}

static ssize_t wire_store(struct device *dev, struct device_attribute *attr, const char *buf,
			  size_t count)
{
	char *names, *rest, *name[2];
	struct vdpasim_net *a, *b = NULL;
	ssize_t ret = -ENODEV;

	names = kstrndup(buf, count, GFP_KERNEL);
	if (!names)
		return -ENOMEM;
	rest = strim(names);
	name[0] = strsep(&rest, " ");
	name[1] = rest ? skip_spaces(rest) : NULL;

	mutex_lock(&wire_mutex);
	a = find_net(name[0]);
	if (name[1])
		b = find_net(name[1]);
	if (!a || (name[1] && !b))
		goto unlock;
	ret = -EINVAL;
	if (a == b)
		goto unlock;
	ret = -EBUSY;
	if (b && (a->wire.peer || b->wire.peer))
		goto unlock;
	ret = count;
	if (!b) {
		disconnect(a);
		goto unlock;
	}
	spin_lock(&wire_lock);
	WRITE_ONCE(a->wire.peer, b);
	WRITE_ONCE(b->wire.peer, a);
	spin_unlock(&wire_lock);
unlock:
	mutex_unlock(&wire_mutex);
	kfree(names);
	return ret;
}
static DEVICE_ATTR_RW(wire);

int vdpasim_net_wire_init(struct device *dev)
{
	return device_create_file(dev, &dev_attr_wire);
}

void vdpasim_net_wire_exit(struct device *dev)
{
	device_remove_file(dev, &dev_attr_wire);
}
