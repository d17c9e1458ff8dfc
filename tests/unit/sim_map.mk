# SPDX-License-Identifier: GPL-2.0-only
TESTS += sim_map
SRCS_sim_map := src/vdpa_sim/map.c src/vdpa_core/iotlb.c
DEPS_sim_map := src/vdpa_sim/vdpa_sim.h
CFLAGS_sim_map := -I$(TOP)/tests/unit/engine/include -I$(TOP)/tests/unit/include \
	-I$(TOP)/src/include -I$(TOP)/src/include/uapi -I$(TOP)/src/vdpa_sim
