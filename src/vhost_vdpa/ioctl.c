// SPDX-License-Identifier: GPL-2.0-only
/*
 * ioctl.c - the ioctls of /dev/vhost-vdpa-N: one table, and the getters too small for a file.
 *
 * User memory is accessed before the locks are taken and after they are dropped, never in between:
 * a client can make such an access wait for as long as it likes (userfaultfd, FUSE), and neither
 * removal of the device nor another process with the file shall wait with it.
 */
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "trace.h"
#include "vhost_vdpa.h"
#include "vring.h"

/* As many regions as vhost accepts by default. */
#define VHOST_VDPA_MEM_REGIONS	64

/**
 * vhost_vdpa_enter() - takes the locks for a request of a client
 * @v: device
 * @how: VHOST_VDPA_NEED_MAP and the others
 *
 * Context: sleeps; takes map_lock if asked for, and ctl_lock.
 * Return: 0 with the locks held, vhost_vdpa_leave() drops them; or, with no lock held, -ENODEV: the
 * device is gone; -EPERM: the caller is not the owner.
 */
int vhost_vdpa_enter(struct vhost_vdpa *v, unsigned int how)
{
	int r = 0;

	if (how & VHOST_VDPA_NEED_MAP)
		mutex_lock(&v->map_lock);
	mutex_lock(&v->ctl_lock);

	if (v->dead)
		r = -ENODEV;
	else if ((how & VHOST_VDPA_NEED_OWNER) && v->mm != current->mm)
		r = -EPERM;
	else if ((how & VHOST_VDPA_NOT_FOREIGN) && v->mm && v->mm != current->mm)
		r = -EPERM;

	if (r)
		vhost_vdpa_leave(v, how);
	return r;
}

/**
 * vhost_vdpa_leave() - drops the locks of vhost_vdpa_enter()
 * @v: device
 * @how: as given to vhost_vdpa_enter()
 */
void vhost_vdpa_leave(struct vhost_vdpa *v, unsigned int how)
{
	mutex_unlock(&v->ctl_lock);
	if (how & VHOST_VDPA_NEED_MAP)
		mutex_unlock(&v->map_lock);
}

static int set_owner(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	return vhost_vdpa_set_owner(v);
}

static int get_device_id(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->num32 = v->vdpa->config->get_device_id(v->vdpa);
	return 0;
}

static int get_status(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->num8 = v->vdpa->config->get_status(v->vdpa);
	return 0;
}

static int set_status(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	u64 begun = trace_vhost_vdpa_status_enabled() ? ktime_get_ns() : 0;
	int err = vhost_vdpa_set_status(v, arg->num8);

	trace_vhost_vdpa_status(v, arg->num8, begun, err);
	return err;
}

static int suspend(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	return vhost_vdpa_suspend(v);
}

static int resume(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	return vhost_vdpa_resume(v);
}

static int get_features(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->num64 = v->vdpa->config->get_device_features(v->vdpa);
	return 0;
}

static int set_features(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	return vhost_vdpa_set_features(v, arg->num64);
}

static int get_backend_features(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->num64 = vhost_vdpa_backend_features_offered(v);
	return 0;
}

static int set_backend_features(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	return vhost_vdpa_set_backend_features(v, arg->num64);
}

static int get_vring_num(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->num16 = v->vdpa->config->get_vq_num_max(v->vdpa);
	return 0;
}

static int get_vqs_count(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->num32 = v->nvqs;
	return 0;
}

static int get_group_num(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->num32 = v->vdpa->ngroups;
	return 0;
}

static int get_as_num(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->num32 = v->vdpa->nas;
	return 0;
}

static int get_iova_range(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->range.first = v->range.first;
	arg->range.last = v->range.last;
	return 0;
}

static int get_config_size(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->num32 = v->vdpa->config->get_config_size(v->vdpa);
	return 0;
}

static int set_config_call(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	return vhost_vdpa_set_config_call(v, arg->fd);
}

/* No thread works for this device, so that whose child it would be does not matter. */
static int set_fork_from_owner(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	if (v->mm)
		return -EBUSY;
	if (arg->num8 != VHOST_FORK_OWNER_TASK && arg->num8 != VHOST_FORK_OWNER_KTHREAD)
		return -EINVAL;
	v->fork_owner = arg->num8;
	return 0;
}

static int get_fork_from_owner(struct vhost_vdpa *v, union vhost_vdpa_arg *arg)
{
	arg->num8 = v->fork_owner;
	return 0;
}

#define OWNER	VHOST_VDPA_NEED_OWNER
#define NATIVE	VHOST_VDPA_NOT_FOREIGN
#define MAP	VHOST_VDPA_NEED_MAP

#define IN(member)	.in = sizeof_field(union vhost_vdpa_arg, member)
#define OUT(member)	.out = sizeof_field(union vhost_vdpa_arg, member)

/**
 * struct vhost_vdpa_request - an ioctl
 * @cmd: its number
 * @in: bytes of argument that the client gives
 * @out: bytes of argument that the client gets back, if the request succeeds
 * @how: for vhost_vdpa_enter()
 * @handle: carries it out, ctl_lock (and with MAP, map_lock) held; 0 or -errno
 * @handle_vq: the same for a request whose argument starts with a virtqueue index
 */
struct vhost_vdpa_request {
	unsigned int cmd;
	u8 in;
	u8 out;
	u8 how;
	int (*handle)(struct vhost_vdpa *v, union vhost_vdpa_arg *arg);
	int (*handle_vq)(struct vhost_vdpa_vq *vq, union vhost_vdpa_arg *arg);
};

/*
 * The argument of a request, from or to the client. Single words, which most of them are, take the
 * short way: a reset is a handful of requests.
 */
static int arg_in(union vhost_vdpa_arg *arg, const void __user *argp, unsigned int size)
{
	switch (size) {
	case 0:
		return 0;
	case sizeof(arg->num8):
		return get_user(arg->num8, (const u8 __user *)argp);
	case sizeof(arg->num32):
		return get_user(arg->num32, (const u32 __user *)argp);
	case sizeof(arg->num64):
		return get_user(arg->num64, (const u64 __user *)argp);
	default:
		return copy_from_user(arg, argp, size) ? -EFAULT : 0;
	}
}

static int arg_out(const union vhost_vdpa_arg *arg, void __user *argp, unsigned int size)
{
	switch (size) {
	case 0:
		return 0;
	case sizeof(arg->num8):
		return put_user(arg->num8, (u8 __user *)argp);
	case sizeof(arg->num32):
		return put_user(arg->num32, (u32 __user *)argp);
	case sizeof(arg->num64):
		return put_user(arg->num64, (u64 __user *)argp);
	default:
		return copy_to_user(argp, arg, size) ? -EFAULT : 0;
	}
}

/*
 * Sizes are written out: the sizes and directions encoded in the numbers are not always true
 * (VHOST_GET_VRING_BUSYLOOP_TIMEOUT). What only reads is open to whoever holds the file, as in
 * mainline. What writes is the owner's, if there is one: there, any holder could reset the device.
 * What a reset consists of comes first.
 */
static const struct vhost_vdpa_request requests[] = {
	{ VHOST_VDPA_SET_STATUS, IN(num8), .how = NATIVE | MAP, .handle = set_status },
	{ VHOST_VDPA_GET_STATUS, OUT(num8), .handle = get_status },
	{ VHOST_GET_FEATURES, OUT(num64), .handle = get_features },
	{ VHOST_SET_FEATURES, IN(num64), .how = NATIVE, .handle = set_features },

	{ VHOST_SET_OWNER, .how = MAP, .handle = set_owner },
	{ VHOST_SET_FORK_FROM_OWNER, IN(num8), .handle = set_fork_from_owner },
	{ VHOST_GET_FORK_FROM_OWNER, OUT(num8), .handle = get_fork_from_owner },
	{ VHOST_GET_BACKEND_FEATURES, OUT(num64), .handle = get_backend_features },
	{ VHOST_SET_BACKEND_FEATURES, IN(num64), .how = NATIVE | MAP,
	  .handle = set_backend_features },

	{ VHOST_VDPA_GET_DEVICE_ID, OUT(num32), .handle = get_device_id },
	{ VHOST_VDPA_SUSPEND, .how = NATIVE, .handle = suspend },
	{ VHOST_VDPA_RESUME, .how = NATIVE, .handle = resume },
	{ VHOST_VDPA_SET_CONFIG_CALL, IN(fd), .how = NATIVE, .handle = set_config_call },
	{ VHOST_VDPA_GET_CONFIG_SIZE, OUT(num32), .handle = get_config_size },
	{ VHOST_VDPA_GET_IOVA_RANGE, OUT(range), .handle = get_iova_range },
	{ VHOST_VDPA_GET_VRING_NUM, OUT(num16), .handle = get_vring_num },
	{ VHOST_VDPA_GET_VQS_COUNT, OUT(num32), .handle = get_vqs_count },
	{ VHOST_VDPA_GET_GROUP_NUM, OUT(num32), .handle = get_group_num },
	{ VHOST_VDPA_GET_AS_NUM, OUT(num32), .handle = get_as_num },
	{ VHOST_VDPA_SET_GROUP_ASID, IN(state), .how = OWNER | MAP,
	  .handle = vhost_vdpa_set_group_asid },

	{ VHOST_VDPA_GET_VRING_GROUP, IN(state), OUT(state), .how = OWNER,
	  .handle_vq = vhost_vdpa_get_vring_group },
	{ VHOST_VDPA_GET_VRING_DESC_GROUP, IN(state), OUT(state), .how = OWNER,
	  .handle_vq = vhost_vdpa_get_vring_desc_group },
	{ VHOST_VDPA_GET_VRING_SIZE, IN(state), OUT(state), .how = OWNER,
	  .handle_vq = vhost_vdpa_get_vring_size },
	{ VHOST_VDPA_SET_VRING_ENABLE, IN(state), .how = OWNER,
	  .handle_vq = vhost_vdpa_set_vring_enable },
	{ VHOST_SET_VRING_NUM, IN(state), .how = OWNER, .handle_vq = vhost_vdpa_set_vring_num },
	{ VHOST_SET_VRING_ADDR, IN(addr), .how = OWNER, .handle_vq = vhost_vdpa_set_vring_addr },
	{ VHOST_SET_VRING_BASE, IN(state), .how = OWNER, .handle_vq = vhost_vdpa_set_vring_base },
	{ VHOST_GET_VRING_BASE, IN(state), OUT(state), .how = OWNER,
	  .handle_vq = vhost_vdpa_get_vring_base },
	{ VHOST_SET_VRING_KICK, IN(file), .how = OWNER, .handle_vq = vhost_vdpa_set_vring_kick },
	{ VHOST_SET_VRING_CALL, IN(file), .how = OWNER, .handle_vq = vhost_vdpa_set_vring_call },
	{ VHOST_SET_VRING_ERR, IN(file), .how = OWNER, .handle_vq = vhost_vdpa_set_vring_err },
	{ VHOST_SET_VRING_BUSYLOOP_TIMEOUT, IN(state), .how = OWNER,
	  .handle_vq = vhost_vdpa_set_vring_busyloop },
	{ VHOST_GET_VRING_BUSYLOOP_TIMEOUT, IN(state), OUT(state), .how = OWNER,
	  .handle_vq = vhost_vdpa_get_vring_busyloop },
};

#undef OWNER
#undef NATIVE
#undef MAP
#undef IN
#undef OUT

static int handle(struct vhost_vdpa *v, const struct vhost_vdpa_request *req,
		  union vhost_vdpa_arg *arg)
{
	struct vhost_vdpa_vq *vq;

	if (req->handle)
		return req->handle(v, arg);

	/* The index is the first member of every argument of these requests. */
	vq = vhost_vdpa_vring(v, arg->state.index);
	return vq ? req->handle_vq(vq, arg) : -ENOBUFS;
}

/*
 * Other vhost devices reach guest memory through this table. A vdpa device does not: it has its
 * own mapping, made by IOTLB messages. The table is checked and forgotten.
 */
static long set_mem_table(struct vhost_vdpa *v, struct vhost_memory __user *argp)
{
	struct vhost_memory_region region;
	struct vhost_memory mem;
	u32 i;
	int r;

	r = vhost_vdpa_enter(v, VHOST_VDPA_NEED_OWNER);
	if (r)
		return r;
	vhost_vdpa_leave(v, VHOST_VDPA_NEED_OWNER);

	if (copy_from_user(&mem, argp, sizeof(mem)))
		return -EFAULT;
	if (mem.padding)
		return -EOPNOTSUPP;
	if (mem.nregions > VHOST_VDPA_MEM_REGIONS)
		return -E2BIG;

	for (i = 0; i < mem.nregions; i++) {
		if (copy_from_user(&region, &argp->regions[i], sizeof(region)))
			return -EFAULT;
		if (!region.memory_size ||
		    region.memory_size - 1 > U64_MAX - region.guest_phys_addr ||
		    region.memory_size - 1 > U64_MAX - region.userspace_addr)
			return -EFAULT;
	}
	return 0;
}

/**
 * vhost_vdpa_ioctl() - file_operations.unlocked_ioctl
 * @file: open node
 * @cmd: request
 * @uarg: user address of its argument
 *
 * Context: process; sleeps.
 * Return: 0 or -errno; -ENOIOCTLCMD (-ENOTTY in userspace) for what is no request of this device,
 * which includes the dirty log and worker requests of other vhost devices.
 */
long vhost_vdpa_ioctl(struct file *file, unsigned int cmd, unsigned long uarg)
{
	struct vhost_vdpa *v = file->private_data;
	void __user *argp = (void __user *)uarg;
	const struct vhost_vdpa_request *req;
	union vhost_vdpa_arg arg = {};
	int r;

	switch (cmd) {
	case VHOST_VDPA_GET_CONFIG:
		return vhost_vdpa_get_config(v, argp);
	case VHOST_VDPA_SET_CONFIG:
		return vhost_vdpa_set_config(v, argp);
	case VHOST_SET_MEM_TABLE:
		return set_mem_table(v, argp);
	}

	for (req = requests; req->cmd != cmd; req++) {
		if (req == &requests[ARRAY_SIZE(requests) - 1])
			return -ENOIOCTLCMD;
	}

	r = arg_in(&arg, argp, req->in);
	if (r)
		return r;

	r = vhost_vdpa_enter(v, req->how);
	if (r)
		return r;
	r = handle(v, req, &arg);
	vhost_vdpa_leave(v, req->how);

	return r ? r : arg_out(&arg, argp, req->out);
}
