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
function=0000:00:05.0
pci=/sys/bus/pci
# shellcheck source=tests/bench/guest_lib.sh
. /tests/guest_lib.sh
prefix=iommu_

load()
{
	case $1 in
	peer)
		stock_load
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
	peer) stock_unload ;;
	*) rmmod vhost_vdpa vdpa || die "our modules cannot be unloaded" ;;
	esac
}

quiet
for stack in "$@"; do
	load "$stack"
	for kind in $KINDS; do
		# One kind of large pages is enough here.
		[ "$kind" = hugetlb ] || measure first_map b0 "$kind" "$MIB"
	done
	unload "$stack"
done
finish
