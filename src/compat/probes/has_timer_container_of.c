// SPDX-License-Identifier: GPL-2.0-only
/*
 * from_timer() has its newer name.
 *
 * since: 6.16
 */
#include <linux/timer.h>

#ifndef timer_container_of
#error "still from_timer()"
#endif
