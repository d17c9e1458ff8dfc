// SPDX-License-Identifier: GPL-2.0-only
/*
 * Must not compile: the header does not exist. If it does, the compiler's verdict gets lost.
 */
#include <linux/vdpa_dkms_no_such_header.h>
