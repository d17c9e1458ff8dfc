#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What scripts/configure says when a kernel cannot take the bundle: one sentence each. The headers
# are made up: a configuration, a list of exports, and a Makefile that answers the probes as one of
# the kernels in tests/golden did.

LC_ALL=C
export LC_ALL
# shellcheck source=tests/install/tap.sh
. "$(dirname "$0")/tap.sh"

kdir=$work/headers
build=$work/build

# headers FACTS: a kernel that gives these answers and has everything it must have
headers()
{
	rm -rf "$kdir" "$build"
	mkdir -p "$kdir/include/config" "$kdir/include/generated" "$build"
	cp -r "$top/src" "$top/scripts" "$top/VERSION" "$build/"
	echo '#define UTS_RELEASE "9.9.9-test"' >"$kdir/include/generated/utsrelease.h"
	# Whatever must be there is; all else is missing.
	{
		awk '/^[ \t]*(#|$)/ || $2 ~ /n/ { next } { print "CONFIG_" $1 "=y" }' \
			"$top/src/compat/config.list"
		echo "CONFIG_CC_IS_GCC=y"
		echo "CONFIG_X86_64=y"
	} >"$kdir/include/config/auto.conf"
	printf '0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n' >"$kdir/Module.symvers"
	awk '/^[ \t]*(#|$)/ { next } { print $1 }' "$top/src/compat/symbols.list" >"$work/exports"
	sed -n 's/^ \* export: //p' "$top"/src/compat/probes/has_*.c >>"$work/exports"
	sort -u "$work/exports" | while read -r s; do
		printf '0x1\t%s\tvmlinux\tEXPORT_SYMBOL_GPL\t\n' "$s"
	done >>"$kdir/Module.symvers"
	grep -v '^#' "$top/tests/golden/$1.facts" | tr '[:upper:]' '[:lower:]' |
		sed 's/^vc_//; s/ 1$/ yes/; s/ 0$/ no/' >"$kdir/answers"
	printf 'canary_pass yes\ncanary_fail_header no\ncanary_fail_type no\n' >>"$kdir/answers"
	cat >"$kdir/Makefile" <<'MAKE'
modules:
	@for b in $(M)/*.batch; do while read p; do n=$${p##*/}; n=$${n%.c}; \
		grep "^$$n " $(CURDIR)/answers || echo "$$n no"; done <$$b >$${b%.batch}.result; done
MAKE
}

option()
{
	sed -i "/^CONFIG_$1=/d" "$kdir/include/config/auto.conf"
	[ "$2" = n ] || echo "CONFIG_$1=$2" >>"$kdir/include/config/auto.conf"
}

# answer PROBE yes|no
answer()
{
	sed -i "s/^$1 .*/$1 $2/" "$kdir/answers"
}

# shellcheck disable=SC2317  # called by says
configure()
{
	sh "$build/scripts/configure" "$kdir" "$build"
}

for facts in "$top"/tests/golden/*.facts; do
	k=$(basename "$facts" .facts)
	headers "$k"
	says "the answers of $k are complete" 0 PROBES configure
	sort "$build/generated/facts" >"$work/now"
	grep -v '^#' "$facts" | sort | diff - "$work/now" >"$work/said"
	result $? "and lead to the facts that are kept"
done

# --- options

for o in VDPA VHOST_VDPA VIRTIO_VDPA VDPA_SIM VDPA_SIM_NET VDPA_SIM_BLOCK MLX5_VDPA_NET; do
	headers 6.1
	option $o y
	says "$o=y" no "9.9.9-test has CONFIG_$o=y: " configure
done
says "built in: what it means" no "is built into this kernel and cannot be replaced by a module" configure

for o in VDPA VHOST_VDPA; do
	headers 6.1
	option $o m
	says "$o=m is what it replaces" 0 PROBES configure
done

headers 6.1
option MODULES n
says "no modules at all" no "a kernel without loadable modules cannot take this bundle" configure

headers 6.1
option MODVERSIONS n
says "no MODVERSIONS: goes on, with a note" 0 "note: CONFIG_MODVERSIONS=n: " configure

headers 6.1
says "no PCI: only the drivers of PCI functions are left out" 0 \
	"vp_vdpa is not built for 9.9.9-test: this kernel has no PCI (CONFIG_PCI)" configure
grep -q ' VC_SKIP=mlx5_vdpa:vp_vdpa$' "$build/generated/make.args"
result $? "and those are vp_vdpa and mlx5_vdpa"
# dkms wants a file of each name; what stands in for a module says why it is missing.
grep -qx '#define VC_ABSENT "this kernel has no PCI (CONFIG_PCI)[.]"' "$build/generated/absent/vp_vdpa.c" &&
	[ "$(sort "$build/generated/absent/Kbuild" | tr '\n' ' ')" = "obj-m += mlx5_vdpa.o obj-m += vp_vdpa.o " ]
result $? "each has a placeholder with the reason"
option PCI y
for s in pci_iomap_range pci_request_selected_regions; do
	printf '0x1\t%s\tvmlinux\tEXPORT_SYMBOL\t\n' $s >>"$kdir/Module.symvers"
done
configure >"$work/said" 2>&1
[ -e "$build/generated/absent/mlx5_vdpa.c" ] && [ ! -e "$build/generated/absent/vp_vdpa.c" ]
result $? "and loses it when the reason is gone"

headers 6.1
silent "the kernel's vhost_iotlb is not asked for" iotlb configure

# --- compiler

headers 6.1
echo 'CONFIG_CC_VERSION_TEXT="gcc (Test) 99.1.0"' >>"$kdir/include/config/auto.conf"
says "another compiler than the kernel's: goes on, with a warning" 0 \
	"warning: the kernel was built with 'gcc (Test) 99.1.0', the modules are built with" configure

says "a compiler that does not exist" no "CC is set to 'no-such-cc', which does not run" \
	env CC=no-such-cc sh "$build/scripts/configure" "$kdir" "$build"

headers 6.1
option CC_IS_GCC n
option CC_IS_CLANG y
says "gcc for a kernel of clang's" no "modules for it cannot be built with gcc" \
	env CC=gcc sh "$build/scripts/configure" "$kdir" "$build"

# gcc 9 gave the unlikely half of a function another name.
headers 6.1
configure >/dev/null 2>&1
grep -q VC_TOOL_CFLAGS "$build/generated/make.args"
result $((! $?)) "an objtool that knows the names of this compiler"
mkdir -p "$kdir/tools/objtool"
printf '\0.cold.\0' >"$kdir/tools/objtool/objtool"
says "an objtool that does not" 0 "" env CC=gcc VC_RECONFIGURE=1 \
	sh "$build/scripts/configure" "$kdir" "$build"
grep -q ' VC_TOOL_CFLAGS=-fno-reorder-blocks-and-partition\b' "$build/generated/make.args"
result $? "gets functions in one piece"

# --- kbuild without our Makefile

# by_kbuild FACTS: our Kbuild as "make -C <headers> M=<folder>" comes to it, on such a kernel
by_kbuild()
{
	headers "$1"
	cp "$top/Kbuild" "$build/"
	mkdir -p "$kdir/scripts"
	cat >"$kdir/scripts/Makefile.build" <<'MAKE'
include $(M)/Kbuild
all: ; @echo "obj-m:$(obj-m)"; echo "flags:$(subdir-ccflags-y)"
MAKE
}

# shellcheck disable=SC2317  # called by says
kbuild()
{
	env -u MAKEFLAGS make -s --no-print-directory -C "$kdir" -f scripts/Makefile.build M="$build" \
		objtree=. CC=gcc all
}

by_kbuild 6.12
says "kbuild alone: what cannot be built is left out" 0 "vp_vdpa is not built for 9.9.9-test" kbuild
grep -qx 'obj-m:src/vdpa_core/ src/vhost_vdpa/ src/virtio_vdpa/ src/vdpa_sim/ *' "$work/said"
result $? "and all else is there"
[ -f "$build/generated/facts.h" ]
result $? "with the facts"
rm "$kdir/Module.symvers"
says "kbuild alone, without a list of exports: the modules say so" 0 \
	"VDPA_DKMS_VERSION=\"$(cat "$top/VERSION")-unchecked\"" kbuild
option VDPA y
says "kbuild alone, on a kernel that is refused" no "vDPA is built into this kernel" kbuild
by_kbuild 6.12
option CC_IS_GCC n
option CC_IS_CLANG y
says "kbuild alone, with the wrong compiler" no "modules for it cannot be built with gcc" kbuild

# --- headers

# Only "make modules_prepare" was run: a build test.
headers 6.12
rm "$kdir/Module.symvers"
says "no list of exports and no kernel: goes on, and says what that is worth" 0 \
	"no list of exported symbols (Module.symvers) in '$kdir': exports are not checked" configure
says "and again where nothing is new" 0 "exports are not checked" configure
grep -q '\bKBUILD_MODPOST_WARN=1 VC_UNCHECKED=1\b' "$build/generated/make.args"
result $? "and kbuild and the modules are told"
grep -qx 'VC_HAS_GROUP_CPUS_EVENLY 1' "$build/generated/facts"
result $? "what is declared counts as exported"
cp "$work/exports" "$work/list"
sed -i 's/.*/0x1\t&\tvmlinux\tEXPORT_SYMBOL_GPL\t/' "$work/list"
says "a list that is elsewhere" 0 PROBES env VC_SYMVERS="$work/list" \
	sh "$build/scripts/configure" "$kdir" "$build"
grep -q VC_UNCHECKED "$build/generated/make.args"
result $((! $?)) "and then nothing is unchecked"
says "a list that is not there" no "no list of exported symbols in '$work/none'" \
	env VC_SYMVERS="$work/none" sh "$build/scripts/configure" "$kdir" "$build"

headers 6.1
rm "$kdir/Module.symvers"
: >"$kdir/vmlinux"
says "no list of exports of a kernel that was built" no \
	"no list of exported symbols in '$kdir/Module.symvers': modules built without it may not load" \
	configure
rm "$kdir/vmlinux"
printf '0x1\tx\tdrivers/x\tEXPORT_SYMBOL\t\n' >"$kdir/Module.symvers"
says "a list without the kernel's own" no "no list of exported symbols in" configure

headers 6.1
rm "$kdir/include/config/auto.conf"
says "headers that are not prepared" no "run 'make modules_prepare' there" configure

headers 6.1
rm "$kdir/Makefile"
says "no headers" no "install the headers package of that kernel" configure

headers 6.1
sed -i '/	pin_user_pages_fast	/d' "$kdir/Module.symvers"
says "a symbol that is not exported any more" no pin_user_pages_fast configure

headers 6.1
sed -i '/	vring_interrupt	/d' "$kdir/Module.symvers"
says "and which module needs it" no \
	"9.9.9-test does not export vring_interrupt, needed by virtio_vdpa" configure

# --- forms

headers 6.1
answer has_eventfd_signal_count no
says "an interface in a form nobody has seen" no \
	"vdpa-dkms: eventfd_signal on 9.9.9-test has none of the known forms: eventfd_signal() in linux/eventfd.h" \
	configure
says "and where the compiler's words are" no "generated/probes/has_*.log" configure

headers 6.1
answer has_iommu_map_gfp yes
says "two forms at once" no "iommu_map on 9.9.9-test has several forms at once" configure

# What a kernel may lack must not be taken for lacking if it only looks different.
headers 6.12
answer has_vring_notification_data no
says "an optional interface in a new form" no \
	"vring_notification on 9.9.9-test has none of the known forms" configure
answer has_vring_notification_any no
says "an optional interface that is missing" 0 PROBES configure

headers 6.1
answer has_iommu_msi_cookie no
says "half of a change of headers" no "msi_cookie on 9.9.9-test has none of the known forms" configure
answer has_dma_iommu_msi_cookie yes
answer has_irq_domain_msi_remap no
says "and of what another one stands on" no "msi_isolated on 9.9.9-test has none of the known forms" \
	configure
answer has_msi_isolated yes
says "both from a newer kernel than the rest" 0 PROBES configure

headers 7.3
answer has_virtio_device_map no
says "half of a change that was backported" no "virtio_map on 9.9.9-test has none of the known forms" \
	configure

headers 6.1
option MLX5_CORE m
option MLX5_CORE_EN y
answer has_mlx5_vector2eqn no
says "mlx5_core in a form nobody has seen: only mlx5_vdpa is left out" 0 \
	"mlx5_vdpa is not built for 9.9.9-test: this kernel's mlx5_core offers its event queues" configure

# Declared, but not for modules: as if it were not there.
headers 6.12
sed -i '/	group_cpus_evenly	/d' "$kdir/Module.symvers"
says "an optional interface that is not exported" 0 PROBES configure
grep -qx 'VC_HAS_GROUP_CPUS_EVENLY 0' "$build/generated/facts"
result $? "counts as missing"

finish
