# SPDX-License-Identifier: GPL-2.0-only
# vp_vdpa against a PCI function in memory (vp/).
TESTS += vp
SRCS_vp := src/vp_vdpa/main.c src/vp_vdpa/ops.c src/vp_vdpa/irq.c src/vp_vdpa/regs.c \
	src/vp_vdpa/caps.c tests/unit/vp/fake_function.c
DEPS_vp := $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/src/vp_vdpa/*.h $(TOP)/tests/unit/vp/*.h \
	$(TOP)/tests/unit/vp/include/*/*.h $(TOP)/tests/unit/vp/include/uapi/linux/*.h))
CFLAGS_vp := -DKBUILD_MODNAME='"vp_vdpa"' -DVDPA_DKMS_VERSION='"test"' \
	-I$(TOP)/tests/unit/vp -I$(TOP)/tests/unit/vp/include \
	-I$(TOP)/tests/unit/engine/include -I$(TOP)/tests/unit/include -I$(TOP)/src/include \
	-I$(TOP)/src/include/uapi -I$(TOP)/src/vp_vdpa
