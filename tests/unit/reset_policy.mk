# SPDX-License-Identifier: GPL-2.0-only
TESTS += reset_policy
SRCS_reset_policy := src/vhost_vdpa/reset_policy.c
CFLAGS_reset_policy := -I$(TOP)/src/vhost_vdpa
