/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/pci.h: names that came later. Macros announce themselves, so that no probe is needed.
 */
#ifndef VC_LINUX_PCI_H
#define VC_LINUX_PCI_H

#include_next <linux/pci.h>

/* PCI_IRQ_INTX: the name since 6.8 (el10.0). Remove when nothing older is supported. */
#ifndef PCI_IRQ_INTX
#define PCI_IRQ_INTX		PCI_IRQ_LEGACY
#endif

/* PCI_STD_NUM_BARS: 5.5 (el8.3), the number of BARs. Remove when nothing older is supported. */
#ifndef PCI_STD_NUM_BARS
#define PCI_STD_NUM_BARS	6
#endif

/*
 * VC_HAS_PCI_MSIX_ALLOC_IRQ_AT: until 6.1 (el9.2) all vectors of a function are allocated at once,
 * by its driver: there are none for others, and they are told so.
 * Remove when nothing older than 6.2 is supported.
 */
#if !VC_HAS_PCI_MSIX_ALLOC_IRQ_AT
#include <linux/errno.h>
#include <linux/msi_api.h>

static inline bool vc_pci_msix_can_alloc_dyn(struct pci_dev *dev)
{
	return false;
}

static inline struct msi_map vc_pci_msix_alloc_irq_at(struct pci_dev *dev, unsigned int index,
						      const void *affdesc)
{
	struct msi_map map = { .index = -EOPNOTSUPP };

	return map;
}

static inline void vc_pci_msix_free_irq(struct pci_dev *dev, struct msi_map map)
{
}
#define pci_msix_can_alloc_dyn vc_pci_msix_can_alloc_dyn
#define pci_msix_alloc_irq_at vc_pci_msix_alloc_irq_at
#define pci_msix_free_irq vc_pci_msix_free_irq
#endif

#endif /* VC_LINUX_PCI_H */
