// SPDX-License-Identifier: GPL-2.0-only
/*
 * A domain says which addresses it can translate.
 *
 * since: 3.4
 */
#include <linux/iommu.h>

static inline void has_iommu_domain_geometry(void)
{
	struct iommu_domain domain = {
		.geometry = { .aperture_start = 0, .aperture_end = 0, .force_aperture = true },
	};

	(void)domain;
}
