#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A machine whose IOMMU is absent, or does not keep DMA coherent with the caches: no client may have
# the function, and the log says why. The kernel's own drivers may. Prints TAP.

# shellcheck source=tests/virtio/tap.sh
. ./tap.sh

net=0000:00:05.0

add()
{
	echo vp-vdpa >/sys/bus/pci/devices/$net/driver_override
	[ ! -e /sys/bus/pci/devices/$net/driver ] ||
		echo $net >/sys/bus/pci/devices/$net/driver/unbind
	echo $net >/sys/bus/pci/drivers/vp-vdpa/bind && vdpa dev add name n0 mgmtdev pci/$net
}

open_fails()
{
	node=/dev/$(basename /sys/bus/vdpa/devices/n0/vhost-vdpa-*)
	wait_for 30 test -c "$node" || return 1
	# 524 is what mainline returns, which no program has a text for.
	out=$( (: <>"$node") 2>&1) && return 1
	echo "$out"
	echo "$out" | grep -e 524
}

said()
{
	[ "$(dmesg | grep -c "n0.*$net is not behind a cache coherent IOMMU")" = 1 ]
}

ok "a vdpa device" add
ok "its node cannot be opened" open_fails
ok "one line says why" said

modprobe -a virtio_net virtio_vdpa
in_kernel()
{
	echo n0 >/sys/bus/vdpa/drivers/vhost_vdpa/unbind &&
		echo n0 >/sys/bus/vdpa/drivers/virtio_vdpa/bind
}

frames_loop()
{
	wait_for 30 test -d /sys/bus/pci/devices/$net/virtio*/net || return 1
	e=$(basename "$(echo /sys/bus/pci/devices/$net/virtio*/net/*)")
	ip addr add 10.9.8.7/24 dev "$e" && ip link set "$e" up || return 1
	# Nobody answers, but what asks for the address comes back.
	ping -c 4 -w 6 10.9.8.6
	[ "$(cat /sys/class/net/"$e"/statistics/rx_packets)" -ge 3 ]
}

ok "the kernel's own driver takes it" in_kernel
ok "and frames go round" frames_loop
ok "it is deleted" vdpa dev del n0
echo $net >/sys/bus/pci/drivers/vp-vdpa/unbind
modprobe -r virtio_vdpa

tap_done
