/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/msi_api.h: MSI-X vectors one by one.
 */
#ifndef VC_LINUX_MSI_API_H
#define VC_LINUX_MSI_API_H

/*
 * VC_HAS_PCI_MSIX_ALLOC_IRQ_AT: until 6.1 (el9.2) all vectors of a function are allocated at once,
 * by its driver: there are none for others, and they are told so.
 * The newer header includes nothing, and linux/pci.h includes it.
 * Remove when nothing older than 6.2 is supported.
 */
#if VC_HAS_PCI_MSIX_ALLOC_IRQ_AT
#include_next <linux/msi_api.h>
#else
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/types.h>

struct pci_dev;

struct msi_map {
	int index;
	int virq;
};

#define MSI_ANY_INDEX UINT_MAX

static inline bool pci_msix_can_alloc_dyn(struct pci_dev *dev)
{
	return false;
}

static inline struct msi_map pci_msix_alloc_irq_at(struct pci_dev *dev, unsigned int index,
						   const void *affdesc)
{
	struct msi_map map = { .index = -EOPNOTSUPP };

	return map;
}

static inline void pci_msix_free_irq(struct pci_dev *dev, struct msi_map map)
{
}
#endif

#endif /* VC_LINUX_MSI_API_H */
