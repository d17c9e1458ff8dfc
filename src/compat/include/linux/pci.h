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

#endif /* VC_LINUX_PCI_H */
