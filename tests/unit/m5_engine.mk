# SPDX-License-Identifier: GPL-2.0-only
# The engine of the device model, and the strictness that its users rely on.
M5_DIR := tests/mlx5_model
TESTS += m5_engine
SRCS_m5_engine := $(patsubst $(TOP)/%,%,$(wildcard $(TOP)/$(M5_DIR)/engine*.c))
DEPS_m5_engine := $(M5_DIR)/engine.h $(M5_DIR)/engine_bits.h
CFLAGS_m5_engine := -I$(TOP)/$(M5_DIR)
