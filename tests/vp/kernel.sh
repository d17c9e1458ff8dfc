#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's own virtio-net and virtio-blk over virtio PCI functions as vdpa devices, and the same
# functions back with virtio-pci. Prints TAP.

# shellcheck source=tests/virtio/tap.sh
. ./tap.sh

net=0000:00:0b.0
blk=0000:00:08.0
pci=/sys/bus/pci
vdpa=/sys/bus/vdpa

modprobe -a virtio_net virtio_blk virtio_vdpa virtio_pci

# to DRIVER FUNCTION: from whatever has it
to()
{
	echo "$1" >$pci/devices/"$2"/driver_override
	[ ! -e $pci/devices/"$2"/driver ] || echo "$2" >$pci/devices/"$2"/driver/unbind
	echo "$2" >$pci/drivers/"$1"/bind
}

# in_kernel NAME: to virtio_vdpa, whoever took it first
in_kernel()
{
	[ ! -e $vdpa/devices/"$1"/driver ] || echo "$1" >$vdpa/devices/"$1"/driver/unbind
	echo "$1" >$vdpa/drivers/virtio_vdpa/bind
}

add()
{
	to vp-vdpa "$2" && vdpa dev add name "$1" mgmtdev pci/"$2" && in_kernel "$1"
}

netdev()
{
	basename "$(echo "$1"/virtio*/net/*)"
}

# ping_gateway DIRECTORY: QEMU's user network answers. The virtio device is below the function that
# does its DMA, whichever driver it is
ping_gateway()
{
	wait_for 30 test -d "$1"/virtio*/net || return 1
	e=$(netdev "$1")
	ip addr add 10.0.2.15/24 dev "$e" && ip link set "$e" up || return 1
	ping -q -c 20 -i 0.05 -s 1000 -w 30 10.0.2.2 | grep ' 0% packet loss'
}

# Three interrupts, of which that of the receive queue has handled what ping did.
interrupted()
{
	awk -v name="vp-vdpa[$net]" 'index($0, name) { n++; if (/-0$/) hits = $2 + $3 }
		END { exit n < 3 || !hits }' /proc/interrupts
}

# disk_works DIRECTORY: what is written comes back, past the page cache
disk_works()
{
	wait_for 30 test -d "$1"/virtio*/block || return 1
	d=/dev/$(basename "$(echo "$1"/virtio*/block/*)")
	wait_for 30 test -b "$d" || return 1
	head -c 4194304 /dev/urandom >/tmp/pattern
	dd if=/tmp/pattern of="$d" bs=64k seek=16 conv=fsync 2>/dev/null || return 1
	echo 3 >/proc/sys/vm/drop_caches
	dd if="$d" of=/tmp/readback bs=64k skip=16 count=64 2>/dev/null
	cmp /tmp/pattern /tmp/readback
}

ok "virtio-net over vp_vdpa" add k0 $net
ok "20 pings, none lost" ping_gateway $pci/devices/$net
ok "its queues have interrupts of their own" interrupted
ok "its link is shown by the vdpa tool" sh -c 'vdpa dev config show k0 | grep "link up"'
ok "virtio-blk over vp_vdpa" add k1 $blk
ok "what is written is read back" disk_works $pci/devices/$blk
ok "the network is deleted while it is up" vdpa dev del k0
ok "the disk is deleted" vdpa dev del k1
ok "no interrupt of it is left" not grep vp-vdpa /proc/interrupts

ok "the function goes back to virtio-pci" to virtio-pci $net
ok "and works there" ping_gateway $pci/devices/$net
ok "the disk does, too" to virtio-pci $blk
ok "and has what was written" disk_works $pci/devices/$blk
ok "and to vp-vdpa again" add k0 $net
ok "where it still works" ping_gateway $pci/devices/$net
ok "unbound while it is up" sh -c "echo $net >$pci/drivers/vp-vdpa/unbind"
ok "its vdpa device went with it" not test -e $vdpa/devices/k0
echo >$pci/devices/$net/driver_override
echo $blk >$pci/devices/$blk/driver/unbind
echo >$pci/devices/$blk/driver_override
modprobe -r virtio_vdpa

tap_done
