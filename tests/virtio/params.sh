#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Parameters of the simulators that change what devices do: shared data of block devices, limits of
# tables, kinds of rings. Each time with the modules loaded anew. Prints TAP.

# shellcheck source=tests/virtio/tap.sh
. ./tap.sh

modprobe virtio_net
modprobe virtio_blk
modprobe virtio_vdpa

# reload PARAMETER-OF-vdpa_sim PARAMETER-OF-vdpa_sim_blk: one argument each, or empty
reload()
{
	modprobe -r vdpa_sim_net vdpa_sim_blk vdpa_sim
	# shellcheck disable=SC2086  # nothing, if empty
	modprobe vdpa_sim $1 && modprobe vdpa_sim_blk $2 && modprobe vdpa_sim_net
}

disk_of()
{
	basename "$(echo "/sys/bus/vdpa/devices/$1"/virtio*/block/*)"
}

add_disk()
{
	vdpa dev add name "$1" mgmtdev vdpasim_blk &&
		wait_for 30 test -d "/sys/bus/vdpa/devices/$1"/virtio*/block
}

two_disks()
{
	reload "" "$1" && add_disk b0 && add_disk b1
}

# What is written on b0 can be read on b1.
is_shared()
{
	head -c 65536 /dev/urandom > /tmp/data
	dd if=/tmp/data of="/dev/$(disk_of b0)" bs=4k seek=77 conv=fsync 2> /dev/null
	echo 3 > /proc/sys/vm/drop_caches
	dd if="/dev/$(disk_of b1)" bs=4k skip=77 count=16 2> /dev/null | cmp -s - /tmp/data
}

# With one of two devices gone, the other one keeps it.
outlives_one()
{
	vdpa dev del b0 && echo 3 > /proc/sys/vm/drop_caches &&
		dd if="/dev/$(disk_of b1)" bs=4k skip=77 count=16 2> /dev/null | cmp - /tmp/data
}

ok "two disks" two_disks
refused "do not share their data" is_shared
ok "two disks with shared_backend" two_disks shared_backend=1
ok "share their data" is_shared
ok "also when one of them is gone" outlives_one
ok "and it goes" vdpa dev del b1

add_net()
{
	vdpa dev add name n0 mgmtdev vdpasim_net
}

# A device needs two entries for the identity it starts with.
ok "max_iotlb_entries=1" reload max_iotlb_entries=1
refused "is too few for a device" add_net
ok "max_iotlb_entries=-1" reload max_iotlb_entries=-1
refused "is none" add_net
ok "max_iotlb_entries=2" reload max_iotlb_entries=2
ok "is enough" add_net
ok "and goes" vdpa dev del n0

features()
{
	add_net && cat /sys/bus/vdpa/devices/n0/virtio*/features
	vdpa dev del n0
}

# The driver uses no more than there are processors.
four_queues()
{
	vdpa dev show b0 | grep 'max_vqs 4 '
}

# Bit 34, counted from the left.
packed()
{
	[ "$(features | cut -c 35)" = "$1" ]
}

ok "without ring_features" reload "" ""
ok "rings are split" packed 0
ok "with ring_features" reload ring_features=1
ok "rings can be packed" packed 1
ok "num_queues=4" reload "" num_queues=4
ok "a disk" add_disk b0
ok "has four" four_queues
ok "goes" vdpa dev del b0
ok "everything goes" modprobe -r vdpa_sim_net vdpa_sim_blk vdpa_sim
tap_done
