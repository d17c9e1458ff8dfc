# SPDX-License-Identifier: GPL-2.0-only
# The mapping engine of vhost_vdpa against a fake process and fake parents (engine/).
ENGINE := table.c reconcile.c space.c space_life.c park.c check.c message.c \
	backend_set_map.c backend_dma_map.c backend_iommu.c domain.c \
	pin.c pin_mm.c pin_piece.c pin_segs.c pin_gup.c pin_watch.c pin_va.c \
	fault.c
ENGINE_SRCS := $(ENGINE:%=src/vhost_vdpa/%) src/vdpa_core/iotlb.c \
	tests/unit/engine/fake_mm.c tests/unit/engine/fake_work.c \
	tests/unit/engine/fake_parent.c tests/unit/engine/client.c
ENGINE_DEPS := $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/src/vhost_vdpa/*.h \
	$(TOP)/tests/unit/engine/*.h $(TOP)/tests/unit/engine/include/*/*.h \
	$(TOP)/tests/unit/engine/threads/*/*.h))
ENGINE_CFLAGS := -D_GNU_SOURCE -DVDPA_DEBUG=1 -DVHOST_VDPA_MAX_RANGES=4096UL \
	-I$(TOP)/tests/unit/engine -I$(TOP)/tests/unit/engine/include \
	-I$(TOP)/tests/unit/include -I$(TOP)/src/include \
	-I$(TOP)/src/include/uapi -I$(TOP)/src/vhost_vdpa

ENGINE_TESTS := map_table pin space space_fail space_limit client_trace map_model
TESTS += $(ENGINE_TESTS)
$(foreach t,$(ENGINE_TESTS),$(eval SRCS_$(t) := $(ENGINE_SRCS)))
$(foreach t,$(ENGINE_TESTS),$(eval DEPS_$(t) := $(ENGINE_DEPS)))
$(foreach t,$(ENGINE_TESTS),$(eval CFLAGS_$(t) := $(ENGINE_CFLAGS)))

# The registry alone, with threads: locks of its own in front of the stand-ins.
TESTS += pin_threads
SRCS_pin_threads := $(filter src/vhost_vdpa/pin% %/fault.c,$(ENGINE_SRCS)) \
	tests/unit/engine/fake_mm.c
DEPS_pin_threads := $(ENGINE_DEPS)
CFLAGS_pin_threads := -I$(TOP)/tests/unit/engine/threads $(ENGINE_CFLAGS) -pthread

# Translations in an IOMMU domain: how they are cut, and what a failure half way leaves.
TESTS += backend_iommu
SRCS_backend_iommu := src/vhost_vdpa/backend_iommu.c src/vhost_vdpa/fault.c
DEPS_backend_iommu := $(ENGINE_DEPS)
CFLAGS_backend_iommu := $(ENGINE_CFLAGS)
