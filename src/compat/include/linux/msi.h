/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/msi.h: whether a device can only raise interrupts that are its own.
 */
#ifndef VC_LINUX_MSI_H
#define VC_LINUX_MSI_H

#include <linux/iommu.h>
#include_next <linux/msi.h>

/*
 * VC_HAS_MSI_ISOLATED: 6.3, el9.3. Before, either the IOMMU or the interrupt domain of the platform
 * had to say so. Remove when nothing older is supported.
 */
#if !VC_HAS_MSI_ISOLATED
#include <linux/irqdomain.h>

static inline bool vc_msi_device_has_isolated_msi(struct device *dev)
{
	return device_iommu_capable(dev, IOMMU_CAP_INTR_REMAP) || irq_domain_check_msi_remap();
}
#define msi_device_has_isolated_msi(dev) vc_msi_device_has_isolated_msi(dev)
#endif

#endif /* VC_LINUX_MSI_H */
