// SPDX-License-Identifier: GPL-2.0-only
/*
 * module_init() and module_exit() give the attributes of the function to its alias.
 *
 * since: 5.0, el9.0
 */
#include <linux/module.h>

static inline void has_module_init_copy(void)
{
#ifndef __copy
#error "there is nothing to copy attributes with"
#endif
}
