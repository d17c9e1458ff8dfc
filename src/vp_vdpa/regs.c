// SPDX-License-Identifier: GPL-2.0-only
/*
 * regs.c - the registers of a modern virtio PCI function (virtio 4.1.4.3 to 4.1.4.6).
 *
 * A function that was pulled out reads as ones. Its status field shows that first: two of its bits
 * are reserved, so that no function that is there has all of them set.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "vp_vdpa.h"

#define ALL_ONES	0xff
/* A function may need its time to let go of memory. Far more than any was seen to need. */
#define RESET_SECONDS	5
/* Reads of a configuration that changes all the time. */
#define CONFIG_TRIES	64

static u8 read8(const struct vp_function *fn, unsigned int reg)
{
	return ioread8(fn->common + reg);
}

static u16 read16(const struct vp_function *fn, unsigned int reg)
{
	return ioread16(fn->common + reg);
}

static u32 read32(const struct vp_function *fn, unsigned int reg)
{
	return ioread32(fn->common + reg);
}

static void write8(const struct vp_function *fn, unsigned int reg, u8 value)
{
	iowrite8(value, fn->common + reg);
}

static void write16(const struct vp_function *fn, unsigned int reg, u16 value)
{
	iowrite16(value, fn->common + reg);
}

static void write32(const struct vp_function *fn, unsigned int reg, u32 value)
{
	iowrite32(value, fn->common + reg);
}

/* 64-bit fields may be accessed in halves (4.1.3.1), and must be where that is all there is. */
static void write64(const struct vp_function *fn, unsigned int reg, u64 value)
{
	write32(fn, reg, lower_32_bits(value));
	write32(fn, reg + sizeof(__le32), upper_32_bits(value));
}

static void select_queue(const struct vp_function *fn, u16 index)
{
	write16(fn, VIRTIO_PCI_COMMON_Q_SELECT, index);
}

static u8 read_status(struct vp_function *fn)
{
	u8 status = read8(fn, VIRTIO_PCI_COMMON_STATUS);

	if (status == ALL_ONES && !READ_ONCE(fn->gone)) {
		WRITE_ONCE(fn->gone, true);
		dev_err(&fn->pdev->dev, "the device does not answer any more\n");
	}
	return status;
}

/**
 * vp_is_gone() - whether the function was pulled out
 * @fn: function
 *
 * Context: any.
 */
bool vp_is_gone(struct vp_function *fn)
{
	read_status(fn);
	return READ_ONCE(fn->gone);
}

/**
 * vp_get_status() - reads the device status field (2.1)
 * @fn: function
 *
 * Context: any.
 * Return: the status; of a function that is gone, that it failed and wants a reset, which is as
 * true as it gets.
 */
u8 vp_get_status(struct vp_function *fn)
{
	u8 status = read_status(fn);

	return READ_ONCE(fn->gone) ? VIRTIO_CONFIG_S_FAILED | VIRTIO_CONFIG_S_NEEDS_RESET : status;
}

/**
 * vp_set_status() - writes the device status field
 * @fn: function
 * @status: not 0; vp_reset() is for that
 *
 * Context: any.
 */
void vp_set_status(struct vp_function *fn, u8 status)
{
	write8(fn, VIRTIO_PCI_COMMON_STATUS, status);
}

/**
 * vp_reset() - resets the function, and waits until it says that it is done (4.1.4.3.2)
 * @fn: function
 *
 * One that does not say so may still do DMA, and its addresses would be anybody's memory once it is
 * taken out of its client's IOMMU domain. So it may not use the bus until it was reset.
 *
 * Context: sleeps; fn->lock held.
 * Return: 0: it does no DMA and raises no interrupt; -ENODEV: it is gone; -ETIMEDOUT: it does not
 * answer, and is off the bus.
 */
int vp_reset(struct vp_function *fn)
{
	unsigned long end = jiffies + RESET_SECONDS * HZ;
	u8 status;

	write8(fn, VIRTIO_PCI_COMMON_STATUS, 0);
	for (;;) {
		bool late = time_after(jiffies, end);

		status = read_status(fn);
		if (!status) {
			if (fn->off_bus)
				pci_set_master(fn->pdev);
			fn->off_bus = false;
			return 0;
		}
		if (READ_ONCE(fn->gone))
			return -ENODEV;
		if (late)
			break;
		usleep_range(100, 1000);
	}
	pci_clear_master(fn->pdev);
	fn->off_bus = true;
	dev_err_ratelimited(&fn->pdev->dev, "reset not complete after %d s, status 0x%x\n",
			    RESET_SECONDS, status);
	return -ETIMEDOUT;
}

/**
 * vp_read_features() - reads the features that the function offers, as far as they fit
 * @fn: function
 *
 * Context: fn->lock held.
 */
u64 vp_read_features(struct vp_function *fn)
{
	u64 features;

	write32(fn, VIRTIO_PCI_COMMON_DFSELECT, 0);
	features = read32(fn, VIRTIO_PCI_COMMON_DF);
	write32(fn, VIRTIO_PCI_COMMON_DFSELECT, 1);
	return features | (u64)read32(fn, VIRTIO_PCI_COMMON_DF) << 32;
}

/**
 * vp_write_features() - accepts features
 * @fn: function
 * @features: a subset of what it offers
 *
 * Context: fn->lock held.
 */
void vp_write_features(struct vp_function *fn, u64 features)
{
	write32(fn, VIRTIO_PCI_COMMON_GFSELECT, 0);
	write32(fn, VIRTIO_PCI_COMMON_GF, lower_32_bits(features));
	write32(fn, VIRTIO_PCI_COMMON_GFSELECT, 1);
	write32(fn, VIRTIO_PCI_COMMON_GF, upper_32_bits(features));
}

/* Most virtqueues that the function has. */
u16 vp_num_queues(struct vp_function *fn)
{
	return read16(fn, VIRTIO_PCI_COMMON_NUMQ);
}

/* Where the doorbell of queue @index is, in units of the multiplier. fn->lock held. */
u16 vp_notify_offset(struct vp_function *fn, u16 index)
{
	select_queue(fn, index);
	return read16(fn, VIRTIO_PCI_COMMON_Q_NOFF);
}

/* Entries of queue @index: the most it can have, until another size was set. fn->lock held. */
u16 vp_get_queue_size(struct vp_function *fn, u16 index)
{
	select_queue(fn, index);
	return read16(fn, VIRTIO_PCI_COMMON_Q_SIZE);
}

/* Sets the entries of queue @index. fn->lock held. */
void vp_set_queue_size(struct vp_function *fn, u16 index, u16 size)
{
	select_queue(fn, index);
	write16(fn, VIRTIO_PCI_COMMON_Q_SIZE, size);
}

/* Sets where the areas of queue @index are, as the function sees them. fn->lock held. */
void vp_set_queue_address(struct vp_function *fn, u16 index, u64 desc, u64 driver, u64 device)
{
	select_queue(fn, index);
	write64(fn, VIRTIO_PCI_COMMON_Q_DESCLO, desc);
	write64(fn, VIRTIO_PCI_COMMON_Q_AVAILLO, driver);
	write64(fn, VIRTIO_PCI_COMMON_Q_USEDLO, device);
}

/* Whether queue @index is enabled. fn->lock held. */
bool vp_queue_enabled(struct vp_function *fn, u16 index)
{
	select_queue(fn, index);
	return read16(fn, VIRTIO_PCI_COMMON_Q_ENABLE) == 1;
}

/* Enables queue @index. There is no way to write the opposite (4.1.4.3.2). fn->lock held. */
void vp_enable_queue(struct vp_function *fn, u16 index)
{
	select_queue(fn, index);
	write16(fn, VIRTIO_PCI_COMMON_Q_ENABLE, 1);
}

/* Whether the function can stop one queue, once VIRTIO_F_RING_RESET is accepted. */
bool vp_has_queue_reset(const struct vp_function *fn)
{
	return (fn->features & BIT_ULL(VIRTIO_F_RING_RESET)) &&
	       fn->common_len >= VIRTIO_PCI_COMMON_Q_RESET + sizeof(__le16);
}

/**
 * vp_reset_queue() - stops a single queue (2.6.1, 4.1.4.3.1)
 * @fn: function for which vp_has_queue_reset() is true
 * @index: the queue
 *
 * Context: sleeps; fn->lock held.
 * Return: 0: it uses neither ring nor buffers; -ENODEV, -ETIMEDOUT.
 */
int vp_reset_queue(struct vp_function *fn, u16 index)
{
	unsigned long end = jiffies + RESET_SECONDS * HZ;

	select_queue(fn, index);
	write16(fn, VIRTIO_PCI_COMMON_Q_RESET, 1);
	for (;;) {
		bool late = time_after(jiffies, end);

		if (vp_is_gone(fn))
			return -ENODEV;
		if (!read16(fn, VIRTIO_PCI_COMMON_Q_RESET) &&
		    !read16(fn, VIRTIO_PCI_COMMON_Q_ENABLE))
			return 0;
		if (late)
			return -ETIMEDOUT;
		usleep_range(100, 1000);
	}
}

/**
 * vp_set_queue_vector() - says which MSI-X vector a queue raises
 * @fn: function
 * @index: the queue
 * @vector: index of the vector
 *
 * Context: fn->lock held.
 * Return: 0, or -EBUSY if the function has no room for it (4.1.5.1.2).
 */
int vp_set_queue_vector(struct vp_function *fn, u16 index, u16 vector)
{
	select_queue(fn, index);
	write16(fn, VIRTIO_PCI_COMMON_Q_MSIX, vector);
	return read16(fn, VIRTIO_PCI_COMMON_Q_MSIX) == vector ? 0 : -EBUSY;
}

/**
 * vp_set_config_vector() - says which MSI-X vector a change of the configuration raises
 * @fn: function
 * @vector: index of the vector
 *
 * Context: fn->lock held.
 * Return: as vp_set_queue_vector().
 */
int vp_set_config_vector(struct vp_function *fn, u16 vector)
{
	write16(fn, VIRTIO_PCI_COMMON_MSIX, vector);
	return read16(fn, VIRTIO_PCI_COMMON_MSIX) == vector ? 0 : -EBUSY;
}

/* Changes with the configuration. Any context. */
u8 vp_generation(struct vp_function *fn)
{
	return read8(fn, VIRTIO_PCI_COMMON_CFGGENERATION);
}

/*
 * A field is to be accessed by its own width (4.1.3.1). A driver that reads one field asks for
 * exactly that; what reads more than one gets bytes, which every device can do.
 */
static void read_fields(struct vp_function *fn, unsigned int offset, void *buf, unsigned int len)
{
	void __iomem *at = fn->config + offset;
	unsigned int i;
	__le16 w;
	__le32 l;

	if (len == sizeof(w) && IS_ALIGNED(offset, sizeof(w))) {
		w = cpu_to_le16(ioread16(at));
		memcpy(buf, &w, sizeof(w));
	} else if ((len == sizeof(l) || len == 2 * sizeof(l)) && IS_ALIGNED(offset, sizeof(l))) {
		for (i = 0; i < len; i += sizeof(l)) {
			l = cpu_to_le32(ioread32(at + i));
			memcpy(buf + i, &l, sizeof(l));
		}
	} else {
		for (i = 0; i < len; i++)
			((u8 *)buf)[i] = ioread8(at + i);
	}
}

/**
 * vp_read_config() - reads configuration that did not change meanwhile (2.5.2)
 * @fn: function
 * @offset: first byte
 * @buf: where to
 * @len: number of bytes; the range is within the configuration
 *
 * Context: any.
 */
void vp_read_config(struct vp_function *fn, unsigned int offset, void *buf, unsigned int len)
{
	unsigned int tries = CONFIG_TRIES;
	u8 before, after = vp_generation(fn);

	do {
		before = after;
		read_fields(fn, offset, buf, len);
		after = vp_generation(fn);
	} while (before != after && --tries);
	if (!tries)
		dev_warn_ratelimited(&fn->pdev->dev, "the configuration keeps changing\n");
}

/**
 * vp_write_config() - writes configuration
 * @fn: function
 * @offset: first byte
 * @buf: what to write
 * @len: number of bytes; the range is within the configuration
 *
 * Context: any.
 */
void vp_write_config(struct vp_function *fn, unsigned int offset, const void *buf,
		     unsigned int len)
{
	void __iomem *at = fn->config + offset;
	unsigned int i;
	__le16 w;
	__le32 l;

	if (len == sizeof(w) && IS_ALIGNED(offset, sizeof(w))) {
		memcpy(&w, buf, sizeof(w));
		iowrite16(le16_to_cpu(w), at);
	} else if ((len == sizeof(l) || len == 2 * sizeof(l)) && IS_ALIGNED(offset, sizeof(l))) {
		for (i = 0; i < len; i += sizeof(l)) {
			memcpy(&l, buf + i, sizeof(l));
			iowrite32(le32_to_cpu(l), at + i);
		}
	} else {
		for (i = 0; i < len; i++)
			iowrite8(((const u8 *)buf)[i], at + i);
	}
}
