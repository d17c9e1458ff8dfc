/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fault.h - failures on purpose, in debug builds.
 *
 *   vhost_vdpa/fail_nth_alloc   N: the Nth allocation of the mapping engine from now fails; 0: none
 *   vhost_vdpa/fail_nth_pin     likewise for calls that pin memory
 *   vhost_vdpa/fail_nth_call    likewise for calls of the parent or the IOMMU
 *
 * The files are in debugfs. Allocations that must not fail, because memory is given back, and those
 * that may fail without consequences do not count.
 */
#ifndef VHOST_VDPA_FAULT_H
#define VHOST_VDPA_FAULT_H

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/types.h>

struct vhost_vdpa_faults {
	atomic_t alloc;
	atomic_t pin;
	atomic_t call;
};

extern struct vhost_vdpa_faults vhost_vdpa_faults;

static inline bool vhost_vdpa_fault(atomic_t *nth)
{
	return IS_ENABLED(VDPA_DEBUG) && atomic_read(nth) > 0 && atomic_dec_and_test(nth);
}

static inline bool vhost_vdpa_alloc_fails(void)
{
	return vhost_vdpa_fault(&vhost_vdpa_faults.alloc);
}

#endif /* VHOST_VDPA_FAULT_H */
