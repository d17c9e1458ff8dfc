#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The part of tests/bench/iommu that runs in the VM: gives a virtio PCI function to one stack after
# the other and runs the same program. Prints "BENCH STACK NAME VALUE UNIT" lines.
#
# usage: iommu_guest.sh STACK...      peer, ours
#
# Environment: MIB and KINDS of memory.

set -u
MIB=${MIB:?}
KINDS=${KINDS:?}
LIMIT=4194304
function=0000:00:05.0
pci=/sys/bus/pci
failed=0

die()
{
	echo "iommu_guest.sh: $*"
	dmesg | tail -n 30
	exit 1
}

load()
{
	case $1 in
	peer)
		while read -r ko; do
			param=
			case $ko in */vhost_vdpa.ko) param=max_iotlb_entries=$LIMIT ;; esac
			insmod "$ko" $param || die "$ko does not load"
		done </bench/stock.order
		modprobe virtio_pci || die "virtio_pci"
		insmod /bench/vp_vdpa.ko || die "vp_vdpa"
		;;
	*) modprobe -a vhost_vdpa vp_vdpa || die "our modules" ;;
	esac
	echo vp-vdpa >$pci/devices/$function/driver_override
	[ ! -e $pci/devices/$function/driver ] || echo $function >$pci/devices/$function/driver/unbind
	echo $function >$pci/drivers/vp-vdpa/bind || die "$function is not taken"
	vdpa dev add name b0 mgmtdev pci/$function || die "no device"
}

unload()
{
	vdpa dev del b0 || die "the device cannot be deleted"
	echo $function >$pci/drivers/vp-vdpa/unbind
	rmmod vp_vdpa || die "vp_vdpa cannot be unloaded"
	case $1 in
	peer)
		sed 's|.*/||; s|\.ko$||; s|-|_|g; 1!G; h; $!d' /bench/stock.order |
			while read -r m; do [ -z "$m" ] || rmmod "$m"; done
		;;
	*) rmmod vhost_vdpa vdpa || die "our modules cannot be unloaded" ;;
	esac
}

# As in guest.sh: free pages that are kept per CPU come back in any order.
echo 1000000 >/proc/sys/vm/percpu_pagelist_high_fraction

for stack in "$@"; do
	load "$stack"
	for kind in $KINDS; do
		# One kind of large pages is enough here.
		[ "$kind" != hugetlb ] || continue
		first_map b0 "$kind" "$MIB" >/tmp/result 2>&1 || {
			echo "FAILED $stack $kind"
			failed=1
		}
		sed "s/^BENCH /BENCH $stack iommu_/" /tmp/result
	done
	unload "$stack"
done
dmesg | grep -E 'WARNING:|BUG:|Oops|blocked for more than' && failed=1
exit $failed
