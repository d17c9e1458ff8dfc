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
slack=64

start_disk()
{
	guest_start d "$mib" nested.disk=1 -device "vhost-vdpa-device-pci,vhostdev=/dev/$(node b0)"
}

files()
{
	ask d files 8
	check "$1: files read back as they were written" "$answer" = "verified 4"
}

guest_program "$1"
reuse Y
base=$(pins)
vdpa dev add name b0 mgmtdev vdpasim_blk
result $? "a block device"

start_disk
ready d 1
result $? "a guest boots on it"
files "first boot"
ask d beyond
check "the last sector can be written, nothing past it" "$answer" = "last ok past failed"
snapshot b0 before
say d reboot
ready d 2
result $? "reboot"
snapshot b0 after
measured test=block "pinned=$(between before after pages_pinned)" \
	"tables=$(between before after set_map_calls)"
check "reboot: no guest memory is pinned again" "$(between before after pages_pinned)" -le $slack
files "second boot"
gone d
check "when QEMU has gone nothing is pinned" "$(held b0)" -eq 0

# A device that refuses its table does not run, and QEMU says so.
echo 1 >/sys/kernel/debug/vdpa_sim/b0/fail_nth_set_map
start_disk
await d err 'vhost' 1
result $? "a table that the device refuses is an error of QEMU's"
gone d
check "refused table: nothing stays pinned" "$(held b0)" -eq 0
echo 0 >/sys/kernel/debug/vdpa_sim/b0/fail_nth_set_map
start_disk
ready d 1
result $? "refused table: the next guest boots"
ask d read
check "refused table: and reads" "$answer" = ok

# The device goes while it is in use. QEMU need not like it, but nothing may hang or stay pinned.
timeout 60 vdpa dev del b0
result $? "the device is deleted under the guest"
check "deleted: QEMU lives" "$(alive d && echo yes)" = yes
gone d
check "deleted: when QEMU has gone nothing is pinned" "$(pins)" -eq "$base"
vdpa dev add name b0 mgmtdev vdpasim_blk
start_disk
ready d 1
result $? "deleted: a new device serves the next guest"
gone d
plan
