# SPDX-License-Identifier: GPL-2.0-only
# Backend features: what is offered for which parent, and what may be acked when.
TESTS += features
SRCS_features := src/vhost_vdpa/features.c
DEPS_features := $(ENGINE_DEPS)
CFLAGS_features := $(ENGINE_CFLAGS)
