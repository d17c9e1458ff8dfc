#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A guest of unmodified QEMU with shadow virtqueues (x-svq=on), and one with two pairs of queues. Both
# reboot. Prints TAP.
#
# usage: qemu_queues.sh PROGRAM

# shellcheck source=tests/clients/guest.sh
. ./guest.sh

mib=192

# Shadow virtqueues: QEMU stands between the guest's rings and the device.
shadow()
{
	# shellcheck disable=SC2046  # arguments
	guest_start s "$mib" "" $(nic q0 x-svq=on)
	ready s 1
	result $? "x-svq: the guest boots" || return
	ask s loop
	check "x-svq: frames come back" "${answer#rx }" -gt 0
	snapshot q0 before
	again s say s reboot
	result $? "x-svq: reboot"
	snapshot q0 after
	same "x-svq: reboot"
	cost svq
	ask s loop
	check "x-svq: frames come back after it" "${answer#rx }" -gt 0
	gone s
	check "x-svq: when QEMU has gone nothing is pinned" "$(held q0)" -eq 0
}

# taken DEVICE QUEUE: frames that the device took from it
taken()
{
	vdpa dev vstats show "$1" qidx "$2" | sed -n "s/.*tx[ _]packets \([0-9]*\).*/\1/p"
}

# spread NAME: frames that one processor sends go through one queue, and those of the other through
# the other
spread()
{
	first=$(taken m0 1)
	second=$(taken m0 3)
	ask m loop 1
	check "$1: frames of one processor come back" "${answer#rx }" -gt 0
	ask m loop 2
	check "$1: frames of the other come back" "${answer#rx }" -gt 0
	check "$1: through the first queue" "$(taken m0 1)" -gt "${first:-999999}"
	check "$1: through the second queue" "$(taken m0 3)" -gt "${second:-999999}"
}

queues()
{
	vdpa dev add name m0 mgmtdev vdpasim_net mac 02:00:00:00:00:20 max_vqp 2
	result $? "queues: a device with two pairs"
	# shellcheck disable=SC2046  # arguments
	guest_start m "$mib" "" -smp 2 $(nic m0 queues=2 mq=on,vectors=6)
	ready m 1
	result $? "queues: the guest boots" || return
	ask m queues
	check "queues: it uses both pairs" "$answer" = "rx 2 tx 2"
	spread queues
	snapshot m0 before
	again m say m reboot
	result $? "queues: reboot"
	snapshot m0 after
	same "queues: reboot"
	cost queues
	spread "queues: reboot"
	gone m
	check "queues: when QEMU has gone nothing is pinned" "$(held m0)" -eq 0
	vdpa dev del m0
}

guest_program "$1"
reuse Y
shadow
queues
plan
