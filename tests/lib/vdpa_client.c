// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdpa_client.c - ioctls and IOTLB messages of /dev/vhost-vdpa-N.
 */
#include "vdpa_client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vdpa_admin.h"

int vdpa_open(struct vdpa_client *c, const char *name)
{
	int minor;

	memset(c, 0, sizeof(*c));
	c->fd = -1;
	minor = vdpa_admin_minor(name);
	if (minor < 0)
		return minor;

	c->minor = minor;
	snprintf(c->name, sizeof(c->name), "%s", name);
	snprintf(c->node, sizeof(c->node), "/dev/vhost-vdpa-%d", minor);
	c->fd = open(c->node, O_RDWR | O_CLOEXEC);

	return c->fd < 0 ? -errno : 0;
}

void vdpa_close(struct vdpa_client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

int vdpa_open_as(struct vdpa_client *c, const char *name, uint64_t backend)
{
	int ret;

	ret = vdpa_open(c, name);
	if (ret)
		return ret;

	ret = vdpa_set_owner(c);
	if (!ret)
		ret = vdpa_ack_backend(c, backend);
	if (ret)
		vdpa_close(c);

	return ret;
}

int vdpa_ioctl(const struct vdpa_client *c, unsigned long cmd, const void *arg)
{
	int ret = ioctl(c->fd, cmd, arg);

	return ret < 0 ? -errno : ret;
}

int vdpa_set_owner(const struct vdpa_client *c)
{
	return vdpa_ioctl(c, VHOST_SET_OWNER, NULL);
}

int vdpa_get_backend(const struct vdpa_client *c, uint64_t *features)
{
	return vdpa_ioctl(c, VHOST_GET_BACKEND_FEATURES, features);
}

int vdpa_ack_backend(struct vdpa_client *c, uint64_t features)
{
	int ret = vdpa_ioctl(c, VHOST_SET_BACKEND_FEATURES, &features);

	if (!ret)
		c->backend = features;
	return ret;
}

int vdpa_get_features(const struct vdpa_client *c, uint64_t *features)
{
	return vdpa_ioctl(c, VHOST_GET_FEATURES, features);
}

int vdpa_set_features(const struct vdpa_client *c, uint64_t features)
{
	return vdpa_ioctl(c, VHOST_SET_FEATURES, &features);
}

int vdpa_get_status(const struct vdpa_client *c)
{
	uint8_t status = 0;
	int ret = vdpa_ioctl(c, VHOST_VDPA_GET_STATUS, &status);

	return ret ? ret : status;
}

int vdpa_set_status(const struct vdpa_client *c, uint8_t status)
{
	return vdpa_ioctl(c, VHOST_VDPA_SET_STATUS, &status);
}

int vdpa_reset(const struct vdpa_client *c)
{
	return vdpa_set_status(c, 0);
}

int vdpa_negotiate(const struct vdpa_client *c, uint64_t wanted)
{
	uint64_t offered;
	int ret;

	ret = vdpa_set_status(c, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	if (!ret)
		ret = vdpa_set_status(c, VDPA_S_DRIVER);
	if (!ret)
		ret = vdpa_get_features(c, &offered);
	if (!ret)
		ret = vdpa_set_features(c, offered & wanted);
	if (!ret)
		ret = vdpa_set_status(c, VDPA_S_FEATURES_OK);

	return ret;
}

static struct vhost_vdpa_config *config_alloc(uint32_t off, uint32_t len)
{
	struct vhost_vdpa_config *config = calloc(1, sizeof(*config) + len);

	if (config) {
		config->off = off;
		config->len = len;
	}
	return config;
}

int vdpa_get_config(const struct vdpa_client *c, uint32_t off, void *buf, uint32_t len)
{
	struct vhost_vdpa_config *config = config_alloc(off, len);
	int ret;

	if (!config)
		return -ENOMEM;

	ret = vdpa_ioctl(c, VHOST_VDPA_GET_CONFIG, config);
	if (!ret)
		memcpy(buf, config->buf, len);
	free(config);

	return ret;
}

int vdpa_set_config(const struct vdpa_client *c, uint32_t off, const void *buf, uint32_t len)
{
	struct vhost_vdpa_config *config = config_alloc(off, len);
	int ret;

	if (!config)
		return -ENOMEM;

	memcpy(config->buf, buf, len);
	ret = vdpa_ioctl(c, VHOST_VDPA_SET_CONFIG, config);
	free(config);

	return ret;
}

static int vring_state(const struct vdpa_client *c, unsigned long cmd, unsigned int index,
		       unsigned int num)
{
	struct vhost_vring_state state = { .index = index, .num = num };

	return vdpa_ioctl(c, cmd, &state);
}

int vdpa_vring_num(const struct vdpa_client *c, unsigned int vq, unsigned int num)
{
	return vring_state(c, VHOST_SET_VRING_NUM, vq, num);
}

int vdpa_vring_addr(const struct vdpa_client *c, unsigned int vq, uint64_t desc, uint64_t avail,
		    uint64_t used)
{
	struct vhost_vring_addr addr = {
		.index = vq,
		.desc_user_addr = desc,
		.avail_user_addr = avail,
		.used_user_addr = used,
	};

	return vdpa_ioctl(c, VHOST_SET_VRING_ADDR, &addr);
}

int vdpa_vring_base(const struct vdpa_client *c, unsigned int vq, unsigned int base)
{
	return vring_state(c, VHOST_SET_VRING_BASE, vq, base);
}

int vdpa_get_vring_base(const struct vdpa_client *c, unsigned int vq, unsigned int *base)
{
	struct vhost_vring_state state = { .index = vq };
	int ret = vdpa_ioctl(c, VHOST_GET_VRING_BASE, &state);

	if (!ret)
		*base = state.num;
	return ret;
}

static int vring_file(const struct vdpa_client *c, unsigned long cmd, unsigned int vq, int fd)
{
	struct vhost_vring_file file = { .index = vq, .fd = fd };

	return vdpa_ioctl(c, cmd, &file);
}

int vdpa_vring_kick(const struct vdpa_client *c, unsigned int vq, int fd)
{
	return vring_file(c, VHOST_SET_VRING_KICK, vq, fd);
}

int vdpa_vring_call(const struct vdpa_client *c, unsigned int vq, int fd)
{
	return vring_file(c, VHOST_SET_VRING_CALL, vq, fd);
}

int vdpa_vring_err(const struct vdpa_client *c, unsigned int vq, int fd)
{
	return vring_file(c, VHOST_SET_VRING_ERR, vq, fd);
}

int vdpa_vring_enable(const struct vdpa_client *c, unsigned int vq, bool on)
{
	return vring_state(c, VHOST_VDPA_SET_VRING_ENABLE, vq, on);
}

int vdpa_config_call(const struct vdpa_client *c, int fd)
{
	return vdpa_ioctl(c, VHOST_VDPA_SET_CONFIG_CALL, &fd);
}

int vdpa_group_asid(const struct vdpa_client *c, unsigned int group, unsigned int asid)
{
	return vring_state(c, VHOST_VDPA_SET_GROUP_ASID, group, asid);
}

int vdpa_write_raw(const struct vdpa_client *c, const void *buf, size_t len)
{
	ssize_t ret = write(c->fd, buf, len);

	return ret < 0 ? -errno : (int)ret;
}

int vdpa_message(const struct vdpa_client *c, uint32_t asid, const struct vhost_iotlb_msg *msg)
{
	struct vhost_msg_v2 v2 = { .type = VHOST_IOTLB_MSG_V2, .asid = asid, .iotlb = *msg };
	struct vhost_msg v1 = { .type = VHOST_IOTLB_MSG, .iotlb = *msg };
	size_t len;
	int ret;

	if (c->backend & VDPA_BIT(VHOST_BACKEND_F_IOTLB_MSG_V2)) {
		len = sizeof(v2);
		ret = vdpa_write_raw(c, &v2, len);
	} else {
		len = sizeof(v1);
		ret = vdpa_write_raw(c, &v1, len);
	}
	if (ret < 0)
		return ret;

	return (size_t)ret == len ? 0 : -EIO;
}

int vdpa_map(const struct vdpa_client *c, uint32_t asid, uint64_t iova, uint64_t size,
	     const void *uaddr, uint8_t perm)
{
	struct vhost_iotlb_msg msg = {
		.type = VHOST_IOTLB_UPDATE,
		.iova = iova,
		.size = size,
		.uaddr = (uintptr_t)uaddr,
		.perm = perm,
	};

	return vdpa_message(c, asid, &msg);
}

int vdpa_unmap(const struct vdpa_client *c, uint32_t asid, uint64_t iova, uint64_t size)
{
	struct vhost_iotlb_msg msg = {
		.type = VHOST_IOTLB_INVALIDATE,
		.iova = iova,
		.size = size,
	};

	return vdpa_message(c, asid, &msg);
}

int vdpa_batch_begin(const struct vdpa_client *c, uint32_t asid)
{
	struct vhost_iotlb_msg msg = { .type = VHOST_IOTLB_BATCH_BEGIN };

	return vdpa_message(c, asid, &msg);
}

int vdpa_batch_end(const struct vdpa_client *c, uint32_t asid)
{
	struct vhost_iotlb_msg msg = { .type = VHOST_IOTLB_BATCH_END };

	return vdpa_message(c, asid, &msg);
}
