// SPDX-License-Identifier: GPL-2.0-only
/*
 * message.c - write() on the node: IOTLB messages of <linux/vhost_types.h>.
 *
 * One write carries one message: struct vhost_msg (version 1), or struct vhost_msg_v2, whose
 * address space counts only if the client acked VHOST_BACKEND_F_IOTLB_ASID.
 *
 * Unlike the kernel's vhost, which turns every error into -EFAULT, the client gets the error that
 * happened.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uio.h>

#include "space.h"
#include "trace.h"

/*
 * Takes the fields of a message apart, without any lock: user memory can make us wait for as long
 * as it likes. Returns the length a client is told, or -errno.
 */
static ssize_t parse(struct iov_iter *from, u32 *asid, struct vhost_iotlb_msg *msg)
{
	size_t hole;
	ssize_t len;
	int type;

	if (iov_iter_count(from) < sizeof(type))
		return -EINVAL;
	if (!copy_from_iter_full(&type, sizeof(type), from))
		return -EFAULT;
	*asid = 0;
	switch (type) {
	case VHOST_IOTLB_MSG:
		hole = offsetof(struct vhost_msg, iotlb) - sizeof(type);
		len = sizeof(struct vhost_msg);
		break;
	case VHOST_IOTLB_MSG_V2:
		if (iov_iter_count(from) < sizeof(*asid))
			return -EINVAL;
		if (!copy_from_iter_full(asid, sizeof(*asid), from))
			return -EFAULT;
		hole = 0;
		len = sizeof(struct vhost_msg_v2);
		break;
	default:
		return -EINVAL;
	}
	if (iov_iter_count(from) < hole + sizeof(*msg))
		return -EINVAL;
	iov_iter_advance(from, hole);
	if (!copy_from_iter_full(msg, sizeof(*msg), from))
		return -EFAULT;
	return len;
}

static bool range_valid(const struct vhost_iotlb_msg *msg)
{
	return msg->size && msg->iova + msg->size - 1 >= msg->iova;
}

/*
 * May the client map there? Unmapping is not bounded like this: clients that want to start afresh
 * unmap everything there could be (DPDK: 0 to U64_MAX - 1), whatever the device can translate.
 */
static bool range_mappable(const struct vhost_vdpa *v, const struct vhost_iotlb_msg *msg)
{
	return range_valid(msg) && msg->iova >= v->range.first &&
	       msg->iova + msg->size - 1 <= v->range.last;
}

/* May the caller send messages for an address space now? map_lock held. */
static int admit(const struct vhost_vdpa *v, u32 *asid)
{
	if (v->dead)
		return -ENODEV;
	if (!v->mm || v->mm != current->mm)
		return -EPERM;
	if (!vhost_vdpa_backend_has(v, VHOST_BACKEND_F_IOTLB_ASID))
		*asid = 0;
	/* One batch at a time, and nothing in between for another address space. */
	if (v->in_batch && v->batch_asid != *asid)
		return -EINVAL;
	return 0;
}

static int dispatch(struct vhost_vdpa *v, u32 asid, const struct vhost_iotlb_msg *msg)
{
	switch (msg->type) {
	case VHOST_IOTLB_INVALIDATE:
		return range_valid(msg) ? vhost_vdpa_unmap(v, asid, msg) : -EINVAL;
	case VHOST_IOTLB_BATCH_BEGIN:
		return vhost_vdpa_batch_begin(v, asid);
	case VHOST_IOTLB_BATCH_END:
		return vhost_vdpa_batch_end(v, asid);
	default:
		return -EINVAL;
	}
}

/* What needs no more than a change of tables. */
static int handle(struct vhost_vdpa *v, u32 asid, const struct vhost_iotlb_msg *msg)
{
	struct vhost_vdpa_digest before;
	int err;

	mutex_lock(&v->map_lock);
	err = admit(v, &asid);
	if (!err) {
		vhost_vdpa_digest(v, &before);
		err = dispatch(v, asid, msg);
		/* A batch that fails at its end leaves what the client made of it. */
		if (err && msg->type != VHOST_IOTLB_BATCH_END)
			vhost_vdpa_check_unchanged(v, &before);
		vhost_vdpa_check(v);
	}
	mutex_unlock(&v->map_lock);
	return err;
}

/*
 * UPDATE. Memory is pinned between two turns with map_lock; the first one finds out whether that is
 * worth while, the second one decides.
 */
static int update(struct vhost_vdpa *v, u32 asid, const struct vhost_iotlb_msg *msg)
{
	struct vhost_vdpa_mapping m = { };
	struct vhost_vdpa_digest before;
	int err;

	mutex_lock(&v->map_lock);
	err = admit(v, &asid);
	if (!err)
		err = range_mappable(v, msg) ? vhost_vdpa_map_begin(v, asid, msg, &m) : -EINVAL;
	mutex_unlock(&v->map_lock);

	if (!err)
		err = vhost_vdpa_map_pin(v, &m);
	if (!err) {
		mutex_lock(&v->map_lock);
		err = admit(v, &asid);
		if (!err) {
			vhost_vdpa_digest(v, &before);
			err = vhost_vdpa_map_commit(v, &m);
			if (err)
				vhost_vdpa_check_unchanged(v, &before);
			vhost_vdpa_check(v);
		}
		mutex_unlock(&v->map_lock);
	}
	vhost_vdpa_map_end(v, &m);
	return err;
}

/**
 * vhost_vdpa_message_write() - handle one message
 * @v: device
 * @from: what the client wrote
 *
 * Context: sleeps; takes map_lock, but not while memory is pinned.
 * Return: length of the message; -EINVAL for what cannot be understood or is out of range;
 * -EFAULT if @from cannot be read; -ENODEV if the device is gone; -EPERM if the caller is not the
 * owner; or what vhost_vdpa_map_commit() and its neighbours return.
 */
ssize_t vhost_vdpa_message_write(struct vhost_vdpa *v, struct iov_iter *from)
{
	struct vhost_iotlb_msg msg;
	ssize_t len;
	u64 begun;
	u32 asid;
	int err;

	len = parse(from, &asid, &msg);
	if (len < 0)
		return len;
	begun = trace_vhost_vdpa_message_enabled() ? ktime_get_ns() : 0;

	err = msg.type == VHOST_IOTLB_UPDATE ? update(v, asid, &msg) : handle(v, asid, &msg);
	trace_vhost_vdpa_message(v, asid, &msg, begun, err);
	if (err) {
		dev_dbg_ratelimited(&v->dev,
				    "message type %u asid %u iova 0x%llx size 0x%llx: error %d\n",
				    msg.type, asid, msg.iova, msg.size, err);
		len = err;
	}
	return len;
}
