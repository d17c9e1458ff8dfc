# SPDX-License-Identifier: GPL-2.0-only
# vp_vdpa against a PCI function in memory (vp/). Names that the system's headers lack come from the
# shadow headers, as they do in the module.
TESTS += vp
SRCS_vp := src/vp_vdpa/main.c src/vp_vdpa/ops.c src/vp_vdpa/irq.c src/vp_vdpa/regs.c \
	src/vp_vdpa/caps.c tests/unit/vp/fake_function.c
DEPS_vp := $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/src/vp_vdpa/*.h $(TOP)/tests/unit/vp/*.h \
	$(TOP)/tests/unit/vp/include/*/*.h $(TOP)/src/compat/include/uapi/linux/virtio_*.h))
CFLAGS_vp := -DKBUILD_MODNAME='"vp_vdpa"' -DVDPA_DKMS_VERSION='"test"' \
	-I$(TOP)/tests/unit/vp -I$(TOP)/tests/unit/vp/include \
	-I$(TOP)/tests/unit/engine/include -I$(TOP)/tests/unit/include -I$(TOP)/src/include \
	-I$(TOP)/src/include/uapi -I$(TOP)/src/vp_vdpa \
	-include $(TOP)/src/compat/include/uapi/linux/virtio_config.h \
	-include $(TOP)/src/compat/include/uapi/linux/virtio_pci.h
