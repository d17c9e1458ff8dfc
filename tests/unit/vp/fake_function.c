// SPDX-License-Identifier: GPL-2.0-only
/*
 * fake_function.c - the function's side of every access, and the kernel's side of what the driver
 * calls.
 */
#include "fake_function.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bug.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/slab.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_pci.h>

#define CAPS	0x40
#define CAP_STEP	0x20

struct fake_function fake;

/* Registers are told from memory by being here; nothing is ever stored. */
static u8 bar[FAKE_BAR_SIZE];
static struct {
	u32 first;
	u32 size;
} maps[8];

static void put_cap(unsigned int n, u8 type, u32 offset, u32 length)
{
	struct virtio_pci_notify_cap *c = (void *)(fake.space + CAPS + n * CAP_STEP);

	c->cap.cap_vndr = PCI_CAP_ID_VNDR;
	c->cap.cap_next = n < 3 ? CAPS + (n + 1) * CAP_STEP : 0;
	c->cap.cap_len = sizeof(*c);
	c->cap.cfg_type = type;
	c->cap.bar = 4;
	c->cap.offset = offset;
	c->cap.length = length;
}

void fake_setup(void)
{
	unsigned int i;

	memset(&fake, 0, sizeof(fake));
	memset(maps, 0, sizeof(maps));
	fake.pdev.device = 0x1041;
	fake.pdev.subsystem_vendor = 0x1af4;
	put_cap(0, VIRTIO_PCI_CAP_COMMON_CFG, FAKE_COMMON, 64);
	put_cap(1, VIRTIO_PCI_CAP_ISR_CFG, FAKE_ISR, 1);
	put_cap(2, VIRTIO_PCI_CAP_DEVICE_CFG, FAKE_CONFIG, sizeof(fake.config));
	put_cap(3, VIRTIO_PCI_CAP_NOTIFY_CFG, FAKE_NOTIFY, FAKE_QUEUES * 4);
	fake_cap(VIRTIO_PCI_CAP_NOTIFY_CFG)->notify_off_multiplier = 4;
	fake.offered = BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_F_ACCESS_PLATFORM) | 0x20;
	fake.nqs = FAKE_QUEUES;
	for (i = 0; i < FAKE_QUEUES; i++) {
		fake.queue[i].max = i == 3 ? 64 : 256;
		fake.queue[i].size = fake.queue[i].max;
		fake.queue[i].notify_off = i;
	}
	for (i = 0; i < sizeof(fake.config); i++)
		fake.config[i] = i;
	fake.vectors = FAKE_VECTORS;
	fake.no_vector = FAKE_VECTORS;
	fake.status = VIRTIO_CONFIG_S_DRIVER;
}

struct virtio_pci_notify_cap *fake_cap(u8 type)
{
	int pos;

	for (pos = CAPS; pos; pos = fake.space[pos + 1]) {
		if (fake.space[pos + 3] == type)
			return (void *)(fake.space + pos);
	}
	return NULL;
}

/* Offset in the BAR of an access, which must be aligned and within what is mapped. */
static u32 offset_of(const void *at, unsigned int width)
{
	unsigned long offset = (const u8 *)at - bar;
	unsigned int i;

	BUG_ON(offset % width);
	for (i = 0; i < ARRAY_SIZE(maps); i++) {
		if (offset >= maps[i].first && offset + width <= maps[i].first + maps[i].size)
			break;
	}
	BUG_ON(i == ARRAY_SIZE(maps));
	fake.accesses++;
	fake.last_width = width;
	return offset;
}

static void reset_queue(unsigned int q)
{
	fake.queue[q].size = fake.queue[q].max;
	fake.queue[q].vector = VIRTIO_MSI_NO_VECTOR;
	fake.queue[q].enable = 0;
	memset(fake.queue[q].addr, 0, sizeof(fake.queue[q].addr));
}

static void reset(void)
{
	unsigned int i;

	fake.accepted = 0;
	fake.config_vector = VIRTIO_MSI_NO_VECTOR;
	for (i = 0; i < FAKE_QUEUES; i++)
		reset_queue(i);
}

static u32 read_common(u32 reg)
{
	u16 q = fake.queue_select;

	BUG_ON(reg >= VIRTIO_PCI_COMMON_Q_SIZE && q >= FAKE_QUEUES);
	switch (reg) {
	case VIRTIO_PCI_COMMON_DF:
		return fake.offered >> (32 * fake.offered_select);
	case VIRTIO_PCI_COMMON_MSIX:
		return fake.config_vector;
	case VIRTIO_PCI_COMMON_NUMQ:
		return fake.nqs;
	case VIRTIO_PCI_COMMON_STATUS:
		if (!fake.status || fake.status != 0x80 || !fake.reset_reads)
			return fake.status;
		if (fake.reset_reads > 0 && !--fake.reset_reads)
			fake.status = 0;
		return fake.status;
	case VIRTIO_PCI_COMMON_CFGGENERATION:
		if (fake.flux) {
			fake.flux -= fake.flux > 0;
			fake.generation++;
			fake.config[0]++;
		}
		return fake.generation;
	case VIRTIO_PCI_COMMON_Q_SIZE:
		return fake.queue[q].size;
	case VIRTIO_PCI_COMMON_Q_MSIX:
		return fake.queue[q].vector;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		return fake.queue[q].enable;
	case VIRTIO_PCI_COMMON_Q_NOFF:
		return fake.queue[q].notify_off;
	case VIRTIO_PCI_COMMON_Q_RESET:
		return fake.queue[q].reset;
	}
	BUG_ON(true);
	return 0;
}

static u16 taken(u32 vector)
{
	return vector < fake.no_vector ? vector : VIRTIO_MSI_NO_VECTOR;
}

static void write_common(u32 reg, u32 value)
{
	u16 q = fake.queue_select;
	u32 n;

	BUG_ON(reg >= VIRTIO_PCI_COMMON_Q_SIZE && q >= FAKE_QUEUES);
	switch (reg) {
	case VIRTIO_PCI_COMMON_DFSELECT:
		fake.offered_select = value;
		return;
	case VIRTIO_PCI_COMMON_GFSELECT:
		fake.accepted_select = value;
		return;
	case VIRTIO_PCI_COMMON_GF:
		fake.accepted &= ~(0xffffffffULL << (32 * fake.accepted_select));
		fake.accepted |= (u64)value << (32 * fake.accepted_select);
		return;
	case VIRTIO_PCI_COMMON_MSIX:
		fake.config_vector = taken(value);
		return;
	case VIRTIO_PCI_COMMON_STATUS:
		if (!value)
			reset();
		/* 0x80, that it failed, stands for a reset that takes its time. */
		fake.status = !value && fake.reset_reads ? 0x80 : value;
		return;
	case VIRTIO_PCI_COMMON_Q_SELECT:
		fake.queue_select = value;
		return;
	case VIRTIO_PCI_COMMON_Q_SIZE:
		if (value <= fake.queue[q].max)
			fake.queue[q].size = value;
		return;
	case VIRTIO_PCI_COMMON_Q_MSIX:
		fake.queue[q].vector = taken(value);
		return;
	case VIRTIO_PCI_COMMON_Q_ENABLE:
		/* There is no such value but 1. */
		fake.bad_disable += value != 1;
		fake.queue[q].enable = 1;
		return;
	case VIRTIO_PCI_COMMON_Q_RESET:
		reset_queue(q);
		return;
	}
	n = (reg - VIRTIO_PCI_COMMON_Q_DESCLO) / 4;
	BUG_ON(n >= 6);
	fake.queue[q].addr[n / 2] |= (u64)value << (32 * (n % 2));
}

static u32 read_bar(const void *at, unsigned int width)
{
	u32 offset = offset_of(at, width), value = 0;

	if (fake.gone)
		return ~0U;
	if (offset == FAKE_ISR) {
		value = fake.isr;
		fake.isr = 0;
	} else if (offset >= FAKE_CONFIG && offset < FAKE_NOTIFY) {
		memcpy(&value, fake.config + offset - FAKE_CONFIG, width);
	} else {
		value = read_common(offset - FAKE_COMMON);
	}
	return value;
}

static void write_bar(void *at, unsigned int width, u32 value)
{
	u32 offset = offset_of(at, width);

	if (fake.gone)
		return;
	if (offset >= FAKE_NOTIFY) {
		fake.bell = value;
		fake.bell_at = offset - FAKE_NOTIFY;
		fake.bells++;
	} else if (offset >= FAKE_CONFIG) {
		memcpy(fake.config + offset - FAKE_CONFIG, &value, width);
	} else {
		write_common(offset - FAKE_COMMON, value);
	}
}

u8 ioread8(const void __iomem *at)
{
	return read_bar(at, 1);
}

u16 ioread16(const void __iomem *at)
{
	return read_bar(at, 2);
}

u32 ioread32(const void __iomem *at)
{
	return read_bar(at, 4);
}

void iowrite8(u8 value, void __iomem *at)
{
	write_bar(at, 1, value);
}

void iowrite16(u16 value, void __iomem *at)
{
	write_bar(at, 2, value);
}

void iowrite32(u32 value, void __iomem *at)
{
	write_bar(at, 4, value);
}

/* PCI */

int pci_enable_device(struct pci_dev *pdev)
{
	fake.enabled = true;
	return 0;
}

void pci_disable_device(struct pci_dev *pdev)
{
	fake.enabled = false;
}

void pci_set_master(struct pci_dev *pdev)
{
	fake.master = true;
}

void pci_clear_master(struct pci_dev *pdev)
{
	fake.master = false;
}

int pci_read_config_byte(struct pci_dev *pdev, int at, u8 *value)
{
	*value = fake.space[at];
	return 0;
}

int pci_read_config_dword(struct pci_dev *pdev, int at, u32 *value)
{
	memcpy(value, fake.space + at, sizeof(*value));
	return 0;
}

int pci_find_capability(struct pci_dev *pdev, int id)
{
	return CAPS;
}

int pci_find_next_capability(struct pci_dev *pdev, u8 pos, int id)
{
	return fake.space[pos + 1];
}

unsigned long pci_resource_flags(struct pci_dev *pdev, int n)
{
	return n == 4 ? IORESOURCE_MEM : 0;
}

u64 pci_resource_len(struct pci_dev *pdev, int n)
{
	return n == 4 ? FAKE_BAR_SIZE : 0;
}

u64 pci_resource_start(struct pci_dev *pdev, int n)
{
	return 0xfe000000;
}

int pci_request_selected_regions(struct pci_dev *pdev, int bars, const char *name)
{
	fake.regions |= bars;
	return 0;
}

void pci_release_selected_regions(struct pci_dev *pdev, int bars)
{
	fake.regions &= ~bars;
}

void __iomem *pci_iomap_range(struct pci_dev *pdev, int n, unsigned long offset, unsigned long max)
{
	unsigned int i;

	BUG_ON(n != 4 || !max || offset + max > FAKE_BAR_SIZE);
	for (i = 0; maps[i].size; i++)
		BUG_ON(i + 1 == ARRAY_SIZE(maps));
	maps[i].first = offset;
	maps[i].size = max;
	fake.mapped++;
	return bar + offset;
}

void pci_iounmap(struct pci_dev *pdev, void __iomem *at)
{
	unsigned int i;

	for (i = 0; !maps[i].size || bar + maps[i].first != (u8 *)at; i++)
		BUG_ON(i + 1 == ARRAY_SIZE(maps));
	maps[i].size = 0;
	fake.mapped--;
}

/* Interrupts */

int pci_alloc_irq_vectors(struct pci_dev *pdev, unsigned int min, unsigned int max,
			  unsigned int flags)
{
	BUG_ON(fake.allocated);
	if (flags == PCI_IRQ_MSIX && !fake.vectors)
		return -ENOSPC;
	fake.intx = flags == PCI_IRQ_INTX;
	fake.allocated = fake.intx || max < fake.vectors ? max : fake.vectors;
	fake.allocations++;
	return fake.allocated;
}

void pci_free_irq_vectors(struct pci_dev *pdev)
{
	unsigned int i;

	for (i = 0; i < FAKE_VECTORS; i++)
		BUG_ON(fake.irq[i].handler);
	fake.allocated = 0;
}

int pci_irq_vector(struct pci_dev *pdev, unsigned int n)
{
	BUG_ON(n >= fake.allocated);
	return 100 + n;
}

int request_irq(unsigned int irq, irq_handler_t handler, unsigned long flags, const char *name,
		void *data)
{
	BUG_ON(fake.irq[irq - 100].handler || !name[0]);
	fake.irq[irq - 100].handler = handler;
	fake.irq[irq - 100].data = data;
	return 0;
}

void free_irq(unsigned int irq, void *data)
{
	BUG_ON(!fake.irq[irq - 100].handler || fake.irq[irq - 100].data != data);
	BUG_ON(fake.irq[irq - 100].hint);
	fake.irq[irq - 100].handler = NULL;
}

int irq_set_affinity_and_hint(unsigned int irq, const struct cpumask *mask)
{
	fake.irq[irq - 100].hint = mask;
	return 0;
}

irqreturn_t fake_raise(unsigned int n)
{
	BUG_ON(!fake.irq[n].handler);
	return fake.irq[n].handler(100 + n, fake.irq[n].data);
}

/* The vdpa core */

struct vdpa_device *__vdpa_alloc_device(struct device *parent,
					const struct vdpa_config_ops *config,
					const struct virtio_map_ops *map,
					unsigned int ngroups, unsigned int nas, size_t size,
					const char *name, bool use_va)
{
	struct vdpa_device *vdev = kzalloc(size, GFP_KERNEL);

	if (!vdev)
		return ERR_PTR(-ENOMEM);
	vdev->config = config;
	vdev->dev.refs = 1;
	fake.vdpa = vdev;
	return vdev;
}

int _vdpa_register_device(struct vdpa_device *vdev, u32 nvqs)
{
	vdev->nvqs = nvqs;
	return 0;
}

void _vdpa_unregister_device(struct vdpa_device *vdev)
{
	vdev->config->free(vdev);
	kfree(vdev);
	fake.vdpa = NULL;
}

int vdpa_mgmtdev_register(struct vdpa_mgmt_dev *mdev)
{
	fake.mgmt = mdev;
	return 0;
}

void vdpa_mgmtdev_unregister(struct vdpa_mgmt_dev *mdev)
{
	if (fake.vdpa)
		mdev->ops->dev_del(mdev, fake.vdpa);
	fake.mgmt = NULL;
}
