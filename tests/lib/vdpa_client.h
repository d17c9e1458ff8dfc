/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vdpa_client.h - a small client of /dev/vhost-vdpa-N, for tests, demo and benchmark.
 *
 * Every function returns 0 or a positive result, or a negative errno as the kernel gave it.
 * Nothing retries and nothing repairs: what a test sees is what the driver did.
 */
#ifndef VDPA_CLIENT_H
#define VDPA_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/vhost.h>
#include <linux/vhost_types.h>
#include <linux/virtio_config.h>

#define VDPA_BIT(n)	(1ULL << (n))

/* What every QEMU release to date acknowledges: bits 1 to 4. */
#define VDPA_QEMU_BACKEND	(VDPA_BIT(VHOST_BACKEND_F_IOTLB_MSG_V2) | \
				 VDPA_BIT(VHOST_BACKEND_F_IOTLB_BATCH) | \
				 VDPA_BIT(VHOST_BACKEND_F_IOTLB_ASID) | \
				 VDPA_BIT(VHOST_BACKEND_F_SUSPEND))

/* A client that relies on mappings that outlive a reset. */
#define VDPA_PERSIST_BACKEND	(VDPA_QEMU_BACKEND | VDPA_BIT(VHOST_BACKEND_F_IOTLB_PERSIST))

#define VDPA_S_DRIVER		(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER)
#define VDPA_S_FEATURES_OK	(VDPA_S_DRIVER | VIRTIO_CONFIG_S_FEATURES_OK)
#define VDPA_S_DRIVER_OK	(VDPA_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK)

/**
 * struct vdpa_client - one open node
 * @fd: the node, or -1
 * @minor: N of /dev/vhost-vdpa-N
 * @name: name of the vdpa device
 * @node: path of the node
 * @backend: backend features acknowledged through vdpa_ack_backend(); selects the message form
 */
struct vdpa_client {
	int fd;
	int minor;
	char name[64];
	char node[64];
	uint64_t backend;
};

/* Opens the node of vdpa device @name; waits up to 5 s for the node to appear. */
int vdpa_open(struct vdpa_client *c, const char *name);
void vdpa_close(struct vdpa_client *c);

/* Open, SET_OWNER and SET_BACKEND_FEATURES(@backend). */
int vdpa_open_as(struct vdpa_client *c, const char *name, uint64_t backend);

/* Any ioctl: result or -errno. */
int vdpa_ioctl(const struct vdpa_client *c, unsigned long cmd, const void *arg);

int vdpa_set_owner(const struct vdpa_client *c);
int vdpa_get_backend(const struct vdpa_client *c, uint64_t *features);
int vdpa_ack_backend(struct vdpa_client *c, uint64_t features);
int vdpa_get_features(const struct vdpa_client *c, uint64_t *features);
int vdpa_set_features(const struct vdpa_client *c, uint64_t features);
int vdpa_get_status(const struct vdpa_client *c);
int vdpa_set_status(const struct vdpa_client *c, uint8_t status);
int vdpa_reset(const struct vdpa_client *c);

/* Status and features up to FEATURES_OK; @wanted is cut down to what the device offers. */
int vdpa_negotiate(const struct vdpa_client *c, uint64_t wanted);

int vdpa_get_config(const struct vdpa_client *c, uint32_t off, void *buf, uint32_t len);
int vdpa_set_config(const struct vdpa_client *c, uint32_t off, const void *buf, uint32_t len);

int vdpa_vring_num(const struct vdpa_client *c, unsigned int vq, unsigned int num);
int vdpa_vring_addr(const struct vdpa_client *c, unsigned int vq, uint64_t desc, uint64_t avail,
		    uint64_t used);
int vdpa_vring_base(const struct vdpa_client *c, unsigned int vq, unsigned int base);
int vdpa_get_vring_base(const struct vdpa_client *c, unsigned int vq, unsigned int *base);
int vdpa_vring_kick(const struct vdpa_client *c, unsigned int vq, int fd);
int vdpa_vring_call(const struct vdpa_client *c, unsigned int vq, int fd);
int vdpa_vring_err(const struct vdpa_client *c, unsigned int vq, int fd);
int vdpa_vring_enable(const struct vdpa_client *c, unsigned int vq, bool on);
int vdpa_config_call(const struct vdpa_client *c, int fd);
int vdpa_group_asid(const struct vdpa_client *c, unsigned int group, unsigned int asid);

/*
 * IOTLB messages. The form follows the acknowledged features: v2 if IOTLB_MSG_V2 is among them,
 * v1 otherwise. 0 if the kernel took the whole message.
 */
int vdpa_message(const struct vdpa_client *c, uint32_t asid, const struct vhost_iotlb_msg *msg);
int vdpa_map(const struct vdpa_client *c, uint32_t asid, uint64_t iova, uint64_t size,
	     const void *uaddr, uint8_t perm);
int vdpa_unmap(const struct vdpa_client *c, uint32_t asid, uint64_t iova, uint64_t size);
int vdpa_batch_begin(const struct vdpa_client *c, uint32_t asid);
int vdpa_batch_end(const struct vdpa_client *c, uint32_t asid);

/* write() of @len raw bytes: number of bytes taken or -errno. */
int vdpa_write_raw(const struct vdpa_client *c, const void *buf, size_t len);

#endif /* VDPA_CLIENT_H */
