/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vp.h - PCI functions for vp_vdpa, and what the kernel log says about them.
 *
 * The VM has them at fixed places, see the suites vp* in tests/suites. Results: 0 or a value, or a
 * negative errno.
 */
#ifndef VP_H
#define VP_H

#include <stdbool.h>
#include <stdint.h>

/* Network devices that loop what is sent, by what is special about their registers. */
#define VP_NET			"0000:00:05.0"	/* a page for each doorbell, enough vectors */
#define VP_NET_SHARED		"0000:00:06.0"	/* two vectors, doorbells side by side */
#define VP_NET_INTX		"0000:00:07.0"	/* no MSI-X */
#define VP_BLK			"0000:00:08.0"	/* a disk that keeps what is written to it */
/* Two functions in one IOMMU group. */
#define VP_NET_GROUP		"0000:00:09.0"
#define VP_NET_SIBLING		"0000:00:09.1"
/* DMA that goes round the IOMMU. */
#define VP_NET_BYPASS		"0000:00:0a.0"

/* Gives function @bdf to @driver ("vp-vdpa", "virtio-pci"), or with NULL to none. */
int vp_bind(const char *bdf, const char *driver);

/* Name of the management device of a function. */
const char *vp_mgmt(const char *bdf);

/* The kernel log from now on: a file descriptor or -errno. */
int vp_log_open(void);

/*
 * Waits until a line of the log has all of @a, @b and @c (NULL: not asked for). 0 or -ETIMEDOUT.
 * Lines that were read before are not looked at again.
 */
int vp_log_wait(int fd, unsigned int seconds, const char *a, const char *b, const char *c);

/* Waits for the IOMMU's complaint that function @bdf accessed @iova without being allowed to. */
int vp_log_fault(int fd, const char *bdf, bool write, uint64_t iova);

#endif /* VP_H */
