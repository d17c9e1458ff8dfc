# SPDX-License-Identifier: GPL-2.0-only
#
# The targets for people. What the kernel's build system sees is in Kbuild.

.DEFAULT_GOAL := help
.SUFFIXES:

TOP     := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
VERSION := $(strip $(file <$(TOP)/VERSION))

# The kernel to build for. Only asked by targets that build: tests choose their own kernels.
ifneq ($(filter configure modules kbuild-modules report install dkms-install,$(MAKECMDGOALS)),)

ifeq ($(KDIR),)
KDIR := $(shell sh $(TOP)/scripts/kdir $(or $(KERNEL),$(shell uname -r)))
ifeq ($(KDIR),)
$(error No kernel headers for '$(or $(KERNEL),the running kernel)': install them, or give KDIR=)
endif
endif

RELEASE := $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"$$/\1/p' \
	$(KDIR)/include/generated/utsrelease.h 2>/dev/null)
BUILD   ?= out/build/$(or $(RELEASE),unknown)
# What the kernel build must see is absolute.
override BUILD := $(abspath $(BUILD))

endif

# At least as many jobs as processors, unless make was told otherwise.
JOBS := $(if $(filter -j%,$(MAKEFLAGS))$(findstring jobserver,$(MAKEFLAGS)),,-j$(or \
	$(shell getconf _NPROCESSORS_ONLN 2>/dev/null),1))

KBUILD = $(MAKE) --no-print-directory $(JOBS) -C $(KDIR) M=$(BUILD) VC_ROOT=$(BUILD) \
	$(strip $(file <$(BUILD)/generated/make.args)) $(if $(PLACEHOLDERS),VC_PLACEHOLDERS=1) \
	$(if $(VC_SYMVERS),KBUILD_EXTRA_SYMBOLS=$(VC_SYMVERS)) $(if $(W),W=$(W)) $(if $(C),C=$(C)) \
	$(if $(DEBUG)$(VC_TESTS),VC_CFLAGS=-DVDPA_DEBUG=1) \
	$(KBUILD_ARGS)

# For the scripts; empty ones are as good as none.
export KERNEL SUITE TEST EVERY ACCEL DKMS_ARGS DKMS_SRC VC_SYMVERS VC_NO_SYMVERS VC_RECONFIGURE

# "CC" has a built-in default in make; only one that somebody chose is passed on.
ifneq ($(filter command line environment override,$(origin CC)),)
export CC
else
unexport CC
endif

help:
	@echo 'vdpa-dkms $(VERSION): the vDPA stack of the newest kernel as DKMS modules'
	@echo
	@echo '  make modules         build the modules into out/build/<kernel>'
	@echo '  make install         build and install them for KERNEL, without DKMS'
	@echo '  make dkms-install    register with DKMS, build and install for KERNEL'
	@echo '  make dkms-remove     take the bundle out of DKMS again, all kernels'
	@echo '  make report          what was built, and for which kernel'
	@echo
	@echo '  make demo            show in a VM what a reset costs with and without persistence'
	@echo '  make check           tests in a VM: SUITE=, TEST=, ACCEL=kvm|tcg'
	@echo '  make check-all       the same on every kernel of tests/matrix'
	@echo '  make check-debug     the suites on a kernel with lockdep, KASAN, kmemleak and the like'
	@echo '  make check-clients   QEMUs of several releases as clients, in VMs'
	@echo '  make bench           measurements'
	@echo '  make bench-mlx5      firmware commands of mlx5_vdpa, on the model'
	@echo '  make lint            rules of the house: style, probes, sparse, W=1, shellcheck'
	@echo '  make clean           remove out/'
	@echo
	@echo '  KERNEL=<release>     a kernel under /lib/modules, or a name from tests/matrix'
	@echo '  KDIR=<folder>        the headers of the kernel to build for'
	@echo '  BUILD=<folder>       where to build (default out/build/<release>)'
	@echo '  DEBUG=1              check the invariants of the mapping tables at run time'
	@echo '  W=1 C=2              more warnings, sparse; CC= and LLVM=1 as for the kernel'

configure:
	@sh $(TOP)/scripts/sync $(TOP) $(BUILD)
	@sh $(TOP)/scripts/configure $(abspath $(KDIR)) $(BUILD)
	@sh $(TOP)/scripts/check-facts $(BUILD)

modules: configure
	@$(MAKE) --no-print-directory kbuild-modules BUILD=$(BUILD) KDIR=$(KDIR)
	@sh $(TOP)/scripts/report $(BUILD)

# For dkms (PLACEHOLDERS=1), what stands in for a module that this kernel cannot have is put in its place.
# A second make, because make.args is an output of configure.
kbuild-modules:
	+@$(KBUILD) modules
	@$(if $(PLACEHOLDERS),for ko in $(BUILD)/generated/absent/*.ko; do m=$${ko##*/}; \
		[ ! -e "$$ko" ] || cp "$$ko" "$(BUILD)/src/$${m%.ko}/"; done)

report:
	@sh $(TOP)/scripts/report $(BUILD)

# Without dkms: what is built goes where dkms would put it, under INSTALL_MOD_PATH if given.
install: modules
	@$(if $(findstring VC_UNCHECKED,$(file <$(BUILD)/generated/make.args)),$(error \
		Not installed: built without a list of the symbols that $(RELEASE) exports))
	+@$(KBUILD) INSTALL_MOD_DIR=updates/dkms modules_install
	@cd $(TOP) && sh scripts/dkms-guard post-install $(RELEASE) - $(INSTALL_MOD_PATH)/lib/modules

dkms-install:
	@$(if $(RELEASE),,$(error No kernel headers in '$(KDIR)': give KERNEL= or KDIR=))
	@sh $(TOP)/scripts/dkms-install $(RELEASE) $(abspath $(KDIR))

dkms-remove:
	dkms remove vdpa-dkms/$(VERSION) --all $(DKMS_ARGS)
	rm -rf $(or $(DKMS_SRC),/usr/src)/vdpa-dkms-$(VERSION)

demo:
	@$(TOP)/tests/vm/demo

check:
	@$(TOP)/tests/vm/check

# QEMUs of several Debian releases: most of an hour. The tables in docs are made from it.
check-clients:
	@KERNEL="$(or $(KERNEL),6.12)" SUITE="$(or $(SUITE),client-*)" $(TOP)/tests/vm/check

check-all:
	@KERNEL=all $(TOP)/tests/vm/check

# On a kernel that watches locks, memory and DMA, which is built first.
check-debug:
	@KERNEL=debug EVERY=1 $(TOP)/tests/vm/check

bench:
	@$(TOP)/tests/bench/run

bench-mlx5:
	@$(TOP)/tests/bench/mlx5

lint:
	@sh $(TOP)/scripts/lint

clean:
	rm -rf $(TOP)/out

.PHONY: help configure modules kbuild-modules report install dkms-install dkms-remove demo check \
	check-clients check-all check-debug bench bench-mlx5 lint clean
