# SPDX-License-Identifier: GPL-2.0-only
TESTS += vring
SRCS_vring := src/vdpa_core/vring.c src/vdpa_core/vring_split.c src/vdpa_core/vring_packed.c \
	src/vdpa_core/iotlb.c
DEPS_vring := src/vdpa_core/vring.h tests/unit/vring_driver.h tests/unit/vring_guest.h
