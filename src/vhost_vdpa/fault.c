// SPDX-License-Identifier: GPL-2.0-only
/* fault.c - counters of failures on purpose; see fault.h. */
#include "fault.h"

struct vhost_vdpa_faults vhost_vdpa_faults;
