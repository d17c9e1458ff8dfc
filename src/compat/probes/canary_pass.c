// SPDX-License-Identifier: GPL-2.0-only
/*
 * Must compile on every kernel. If it does not, the answers of all other probes mean nothing.
 */
#include <linux/module.h>

static int __init canary(void)
{
	return 0;
}
module_init(canary);
