#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A simulated block device under QEMU's generic vhost-vdpa device (QEMU 8 and newer): a file system
# with checksums, reboots, errors, removal. Prints TAP.
#
# usage: qemu_block.sh PROGRAM

# shellcheck source=tests/clients/guest.sh
. ./guest.sh

mib=192

start_disk()
{
	guest_start d "$mib" nested.disk=1 -device "vhost-vdpa-device-pci,vhostdev=/dev/$(node b0)"
}

files()
{
	ask d files 8
	check "$1: files read back as they were written" "$answer" = "verified 4"
}

# A guest uses it, over a reboot.
use()
{
	start_disk
	ready d 1
	result $? "a guest boots on it" || return
	files "first boot"
	ask d beyond
	check "the last sector can be written, nothing past it" "$answer" = "last ok past failed"
	snapshot b0 before
	again d say d reboot
	result $? "reboot"
	snapshot b0 after
	same reboot
	cost block
	files "second boot"
	gone d
	check "when QEMU has gone nothing is pinned" "$(held b0)" -eq 0
}

# A device refuses its table: what QEMU makes of it depends on the release, but it is told.
refused()
{
	echo 1 >/sys/kernel/debug/vdpa_sim/b0/fail_nth_set_map
	start_disk
	await d err 'Cannot allocate memory' 1
	result $? "refused table: QEMU says so"
	head -n 3 "$dir/d/err" | sed 's/^/# /'
	gone d
	check "refused table: nothing stays pinned" "$(held b0)" -eq 0
	echo 0 >/sys/kernel/debug/vdpa_sim/b0/fail_nth_set_map
	start_disk
	ready d 1
	result $? "refused table: the next guest boots"
	ask d read
	check "refused table: and reads" "$answer" = ok
}

# The device goes while that guest has it. QEMU need not like it, but nothing may hang or stay pinned.
removed()
{
	timeout 60 vdpa dev del b0
	result $? "the device is deleted under the guest"
	check "deleted: QEMU lives" "$(alive d && echo yes)" = yes
	gone d
	check "deleted: when QEMU has gone nothing is pinned" "$(pins)" -eq "$base"
	vdpa dev add name b0 mgmtdev vdpasim_blk
	start_disk
	ready d 1
	result $? "deleted: a new device serves the next guest"
	files "deleted"
	gone d
}

guest_program "$1"
reuse Y
base=$(pins)
vdpa dev add name b0 mgmtdev vdpasim_blk
result $? "a block device"
use
refused
removed
plan
