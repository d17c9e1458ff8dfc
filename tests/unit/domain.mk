# SPDX-License-Identifier: GPL-2.0-only
# The IOMMU domain of a device, and what of it is reserved.
TESTS += domain
SRCS_domain := src/vhost_vdpa/domain.c
DEPS_domain := $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/src/vhost_vdpa/*.h)) \
	tests/unit/domain/include/linux/iommu.h
CFLAGS_domain := -I$(TOP)/tests/unit/domain/include \
	-I$(TOP)/tests/unit/engine -I$(TOP)/tests/unit/engine/include \
	-I$(TOP)/tests/unit/include -I$(TOP)/src/include \
	-I$(TOP)/src/include/uapi -I$(TOP)/src/vhost_vdpa
