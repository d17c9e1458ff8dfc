// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI-X vectors can be allocated one by one, after MSI-X was enabled. It need not be an exported
 * function: without CONFIG_PCI_MSI it is an inline one.
 *
 * since: 6.2, el9.3
 */
#include <linux/pci.h>
#include <linux/msi_api.h>

static inline void has_pci_msix_alloc_irq_at(void)
{
	struct msi_map (*fn)(struct pci_dev *dev, unsigned int index,
			     const struct irq_affinity_desc *affdesc) = pci_msix_alloc_irq_at;

	(void)fn;
}
