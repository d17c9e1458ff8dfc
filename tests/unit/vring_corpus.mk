# SPDX-License-Identifier: GPL-2.0-only
TESTS += vring_corpus
SRCS_vring_corpus = $(SRCS_vring)
DEPS_vring_corpus = $(DEPS_vring) tests/fuzz/vring_fuzz.c
CFLAGS_vring_corpus := -I$(TOP)/tests/unit -DCORPUS=\"$(TOP)/tests/fuzz/corpus\"
