/* SPDX-License-Identifier: GPL-2.0-only */
/* pci.h: userspace stand-in for the test of vp_vdpa. */
#ifndef UNIT_VP_PCI_H
#define UNIT_VP_PCI_H

#include <linux/device.h>
#include <linux/mod_devicetable.h>
#include <linux/types.h>

#ifndef BUILD_BUG_ON_ZERO
#define BUILD_BUG_ON_ZERO(e) ((int)sizeof(struct { int : (-!!(e)); }))
#endif

#define PCI_CAP_ID_VNDR 0x09
#define PCI_STD_NUM_BARS 6
#define IORESOURCE_IO 0x100
#define IORESOURCE_MEM 0x200
#define PCI_IRQ_INTX 1
#define PCI_IRQ_MSIX 4

struct pci_dev {
	struct device dev;
	u16 device;
	u16 subsystem_vendor;
	u16 subsystem_device;
};

struct pci_driver {
	const char *name;
	int (*probe)(struct pci_dev *pdev, const struct pci_device_id *id);
	void (*remove)(struct pci_dev *pdev);
};

/* The driver under test, for its test. */
#define module_pci_driver(drv) struct pci_driver *unit_pci_driver = &(drv)

extern struct pci_driver *unit_pci_driver;

static inline const char *pci_name(const struct pci_dev *pdev)
{
	return "0000:00:05.0";
}

static inline void *pci_get_drvdata(struct pci_dev *pdev)
{
	return dev_get_drvdata(&pdev->dev);
}

static inline void pci_set_drvdata(struct pci_dev *pdev, void *data)
{
	dev_set_drvdata(&pdev->dev, data);
}

#define dev_info_ratelimited dev_err
#define dev_warn dev_err

/* Implemented by ../../fake_function.c. */
int pci_enable_device(struct pci_dev *pdev);
void pci_disable_device(struct pci_dev *pdev);
void pci_set_master(struct pci_dev *pdev);
void pci_clear_master(struct pci_dev *pdev);
int pci_read_config_byte(struct pci_dev *pdev, int at, u8 *value);
int pci_read_config_dword(struct pci_dev *pdev, int at, u32 *value);
int pci_find_capability(struct pci_dev *pdev, int id);
int pci_find_next_capability(struct pci_dev *pdev, u8 pos, int id);
unsigned long pci_resource_flags(struct pci_dev *pdev, int bar);
u64 pci_resource_len(struct pci_dev *pdev, int bar);
u64 pci_resource_start(struct pci_dev *pdev, int bar);
int pci_request_selected_regions(struct pci_dev *pdev, int bars, const char *name);
void pci_release_selected_regions(struct pci_dev *pdev, int bars);
void __iomem *pci_iomap_range(struct pci_dev *pdev, int bar, unsigned long offset,
			      unsigned long max);
void pci_iounmap(struct pci_dev *pdev, void __iomem *at);
int pci_alloc_irq_vectors(struct pci_dev *pdev, unsigned int min, unsigned int max,
			  unsigned int flags);
void pci_free_irq_vectors(struct pci_dev *pdev);
int pci_irq_vector(struct pci_dev *pdev, unsigned int n);

#endif
