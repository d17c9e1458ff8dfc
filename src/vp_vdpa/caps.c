// SPDX-License-Identifier: GPL-2.0-only
/*
 * caps.c - where a function has its registers (virtio 4.1.4): the walk over its capabilities.
 *
 * What the function says about itself is not taken for granted: every range is checked against the
 * BAR that it is said to be in before it is mapped, and every doorbell against the range that is
 * mapped.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>

#include "vp_vdpa.h"

/* Up to the queue addresses; everything of 1.0 is mandatory. */
#define COMMON_MIN	(VIRTIO_PCI_COMMON_Q_USEDHI + sizeof(__le32))
/* What 1.2 added at the end, as far as it is used here. */
#define COMMON_MAX	(VIRTIO_PCI_COMMON_Q_RESET + sizeof(__le16))
/* No device type has nearly as much configuration. */
#define CONFIG_MAX	PAGE_SIZE

/**
 * struct vp_range - registers as a capability describes them
 * @pos: the capability, in configuration space
 * @bar: BAR
 * @offset: first byte in the BAR
 * @length: number of bytes, not 0, all within the BAR
 */
struct vp_range {
	int pos;
	u8 bar;
	u32 offset;
	u32 length;
};

/* True if the capability at @pos is one that can be used, with at least @min bytes. */
static bool read_range(struct pci_dev *pdev, int pos, u8 cap_size, u32 min, struct vp_range *range)
{
	resource_size_t size;
	u8 cap_len;

	pci_read_config_byte(pdev, pos + offsetof(struct virtio_pci_cap, cap_len), &cap_len);
	pci_read_config_byte(pdev, pos + offsetof(struct virtio_pci_cap, bar), &range->bar);
	pci_read_config_dword(pdev, pos + offsetof(struct virtio_pci_cap, offset), &range->offset);
	pci_read_config_dword(pdev, pos + offsetof(struct virtio_pci_cap, length), &range->length);
	range->pos = pos;

	/* Reserved BAR numbers are to be ignored (4.1.4.1). */
	if (cap_len < cap_size || range->bar >= PCI_STD_NUM_BARS || range->length < min)
		return false;
	if (!(pci_resource_flags(pdev, range->bar) & (IORESOURCE_MEM | IORESOURCE_IO)))
		return false;
	size = pci_resource_len(pdev, range->bar);
	return range->offset <= size && range->length <= size - range->offset;
}

/* The first capability of that type that can be used (4.1.4.1): 0 or -ENOENT. */
static int find_range(struct pci_dev *pdev, u8 type, u8 cap_size, u32 min, struct vp_range *range)
{
	int pos;
	u8 t;

	for (pos = pci_find_capability(pdev, PCI_CAP_ID_VNDR); pos;
	     pos = pci_find_next_capability(pdev, pos, PCI_CAP_ID_VNDR)) {
		pci_read_config_byte(pdev, pos + offsetof(struct virtio_pci_cap, cfg_type), &t);
		if (t == type && read_range(pdev, pos, cap_size, min, range))
			return 0;
	}
	return -ENOENT;
}

static void __iomem *map_range(struct vp_function *fn, const struct vp_range *range, u32 align,
			       u32 length)
{
	void __iomem *at = NULL;

	if (IS_ALIGNED(range->offset, align))
		at = pci_iomap_range(fn->pdev, range->bar, range->offset, length);
	if (!at)
		dev_err(&fn->pdev->dev, "cannot map %u bytes at 0x%x of BAR %u\n", length,
			range->offset, range->bar);
	return at;
}

static void unmap(struct vp_function *fn, void __iomem **at)
{
	if (*at)
		pci_iounmap(fn->pdev, *at);
	*at = NULL;
}

static int notify_range(struct vp_function *fn, struct vp_range *range)
{
	return find_range(fn->pdev, VIRTIO_PCI_CAP_NOTIFY_CFG,
			  sizeof(struct virtio_pci_notify_cap), sizeof(__le16), range);
}

/**
 * vp_regions_open() - finds and maps all registers but the doorbells
 * @fn: function, enabled
 *
 * Context: sleeps.
 * Return: 0; -ENODEV: not a modern virtio function; or another -errno.
 */
int vp_regions_open(struct vp_function *fn)
{
	struct vp_range common, isr, notify, config;
	struct pci_dev *pdev = fn->pdev;
	bool has_config;
	int err;

	if (find_range(pdev, VIRTIO_PCI_CAP_COMMON_CFG, sizeof(struct virtio_pci_cap), COMMON_MIN,
		       &common) ||
	    find_range(pdev, VIRTIO_PCI_CAP_ISR_CFG, sizeof(struct virtio_pci_cap), sizeof(u8),
		       &isr) ||
	    notify_range(fn, &notify)) {
		dev_err(&pdev->dev,
			"no modern virtio device: common, ISR or notification registers missing\n");
		return -ENODEV;
	}
	/* Only types with configuration have it. */
	has_config = !find_range(pdev, VIRTIO_PCI_CAP_DEVICE_CFG, sizeof(struct virtio_pci_cap), 1,
				 &config);

	fn->bars = BIT(common.bar) | BIT(isr.bar) | BIT(notify.bar);
	if (has_config)
		fn->bars |= BIT(config.bar);
	err = pci_request_selected_regions(pdev, fn->bars, KBUILD_MODNAME);
	if (err)
		return err;

	fn->common_len = min_t(u32, common.length, COMMON_MAX);
	fn->common = map_range(fn, &common, sizeof(__le32), fn->common_len);
	fn->isr = map_range(fn, &isr, 1, sizeof(u8));
	if (has_config) {
		fn->config_len = min_t(u32, config.length, CONFIG_MAX);
		fn->config = map_range(fn, &config, sizeof(__le32), fn->config_len);
	}
	if (!fn->common || !fn->isr || (has_config && !fn->config)) {
		vp_regions_close(fn);
		return -EINVAL;
	}
	return 0;
}

/**
 * vp_regions_close() - undoes vp_regions_open() and vp_map_doorbells()
 * @fn: function
 */
void vp_regions_close(struct vp_function *fn)
{
	unmap(fn, &fn->notify);
	unmap(fn, &fn->config);
	unmap(fn, &fn->isr);
	unmap(fn, &fn->common);
	pci_release_selected_regions(fn->pdev, fn->bars);
}

/**
 * vp_map_doorbells() - maps what the queues need of the notification structure
 * @fn: function that is in reset, with nqs set
 *
 * Context: sleeps; fn->lock held.
 * Return: 0, or -EINVAL if a queue's doorbell is not where the function says doorbells are.
 */
int vp_map_doorbells(struct vp_function *fn)
{
	struct pci_dev *pdev = fn->pdev;
	struct vp_range range;
	u64 need = 0, offset;
	u16 i;
	int err;

	err = notify_range(fn, &range);
	if (err || !(fn->bars & BIT(range.bar)))
		return -EINVAL;
	pci_read_config_dword(pdev, range.pos + offsetof(struct virtio_pci_notify_cap,
							 notify_off_multiplier),
			      &fn->notify_multiplier);

	for (i = 0; i < fn->nqs; i++) {
		offset = (u64)vp_notify_offset(fn, i) * fn->notify_multiplier;
		need = max(need, offset);
	}
	if (need + sizeof(__le16) > range.length) {
		dev_err(&pdev->dev, "doorbell at %llu, but there are only %u bytes of them\n", need,
			range.length);
		return -EINVAL;
	}
	/* A doorbell has two bytes, and four with VIRTIO_F_NOTIFICATION_DATA (4.1.4.4). */
	fn->notify_len = min_t(u64, need + sizeof(__le32), range.length);
	fn->notify_data = need + sizeof(__le32) <= range.length &&
			  IS_ALIGNED(range.offset, sizeof(__le32)) &&
			  IS_ALIGNED(fn->notify_multiplier, sizeof(__le32));
	fn->notify_size = range.length;
	fn->notify = map_range(fn, &range, sizeof(__le16), fn->notify_len);
	if (!fn->notify)
		return -EINVAL;
	if (pci_resource_flags(pdev, range.bar) & IORESOURCE_MEM)
		fn->notify_pa = pci_resource_start(pdev, range.bar) + range.offset;
	return 0;
}

/**
 * vp_find_doorbell() - finds the doorbell of a queue
 * @fn: function whose doorbells are mapped
 * @index: the queue
 * @q: its doorbell members are set
 *
 * Context: fn->lock held.
 * Return: 0, or -EINVAL if the function's answer has changed to one that is out of range.
 */
int vp_find_doorbell(struct vp_function *fn, u16 index, struct vp_queue *q)
{
	u64 offset = (u64)vp_notify_offset(fn, index) * fn->notify_multiplier;

	if (!IS_ALIGNED(offset, sizeof(__le16)) || offset + sizeof(__le16) > fn->notify_len) {
		dev_err(&fn->pdev->dev, "queue %u: doorbell at %llu is out of range\n", index,
			offset);
		return -EINVAL;
	}
	q->doorbell = fn->notify + offset;
	/* Up to the next one; if all queues have the same one, it is the whole structure. */
	q->doorbell_size = fn->notify_size - offset;
	if (fn->notify_multiplier)
		q->doorbell_size = min_t(u64, q->doorbell_size, fn->notify_multiplier);
	q->doorbell_pa = fn->notify_pa ? fn->notify_pa + offset : 0;
	return 0;
}
