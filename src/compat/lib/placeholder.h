/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * placeholder.h - a module that stands in for one that this kernel cannot have.
 *
 * scripts/configure writes a file with VC_ABSENT, the reason from src/compat/optional.list, for
 * each such module. Who asks for it is told; nothing loads it unasked, for it has no alias. The
 * kernel's own module of the name could not work on our bus anyway.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

static int __init placeholder_init(void)
{
	pr_err("not available: %s\n", VC_ABSENT);
	return -EOPNOTSUPP;
}
module_init(placeholder_init);

MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_LICENSE("GPL");
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("Not available: " VC_ABSENT);
