/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * linux/msi_api.h: what names an MSI-X vector.
 */
#ifndef VC_LINUX_MSI_API_H
#define VC_LINUX_MSI_API_H

/*
 * VC_HAS_MSI_MAP: until 6.1 (el9.2) there is no such header. The functions are in linux/pci.h,
 * which includes this one; the newer header includes nothing.
 * Remove when nothing older than 6.2 is supported.
 */
#if VC_HAS_MSI_MAP
#include_next <linux/msi_api.h>
#else
#include <linux/kernel.h>

struct msi_map {
	int index;
	int virq;
};

#define MSI_ANY_INDEX UINT_MAX
#endif

#endif /* VC_LINUX_MSI_API_H */
