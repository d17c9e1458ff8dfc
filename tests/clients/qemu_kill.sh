#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# QEMU is killed at random moments: nothing stays pinned, and the next guest can use the device. Prints
# TAP.
#
# usage: qemu_kill.sh PROGRAM [SEED]

# shellcheck source=tests/clients/guest.sh
. ./guest.sh

mib=192
seed=${2:-$(date +%s)}

# kill_start: a guest on the device
kill_start()
{
	# shellcheck disable=SC2046  # arguments
	guest_start k "$mib" "" $(nic q0)
}

# kill_boot: a guest that is up
kill_boot()
{
	kill_start
	ready k 1
	result $? "kill -9: the next guest boots"
}

# tenths N LIMIT: a random number below LIMIT, for round N
tenths()
{
	awk -v seed=$((seed + $1)) -v limit="$2" 'BEGIN { srand(seed); rand(); print int(rand() * limit) }'
}

# killed MOMENT TENTHS: QEMU is killed that long after it was started ("start"), after the first of
# its memory was pinned ("pinned"), after the guest was told to reboot, or to send ("loop")
killed()
{
	case $1 in
	start) kill_start ;;
	pinned)
		kill_start
		until [ "$(held q0)" -gt 0 ] || ! alive k; do sleep 0.1; done
		;;
	*)
		kill_boot || return
		say k "$1"
		;;
	esac
	sleep "$(($2 / 10)).$(($2 % 10))"
	last=$(held q0)
	gone k KILL
	echo "# killed $2/10 s after $1, with $last pages pinned"
	check "kill -9 after $1: nothing stays pinned" \
		"$(held q0) $(counter q0 pages_parked) $(pins)" = "0 0 $base"
}

kills()
{
	base=$(pins)
	begun=$(date +%s)
	kill_boot || return
	# Moments are spread over the time that a boot takes here today.
	span=$((($(date +%s) - begun) * 10 + 10))
	gone k
	echo "# seed $seed, a boot takes $((span / 10)) s"
	round=0
	for kind in start start start pinned pinned reboot reboot loop; do
		round=$((round + 1))
		limit=$span
		case $kind in pinned | loop) limit=20 ;; esac
		killed $kind "$(tenths $round "$limit")"
	done
	kill_boot
	ask k loop
	check "kill -9: and its frames come back" "${answer#rx }" -gt 0
	gone k
}

guest_program "$1"
reuse Y
kills
plan
