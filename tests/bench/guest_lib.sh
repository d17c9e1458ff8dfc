# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# guest_lib.sh - what the scripts share that measure in a VM. They set $stack, and $prefix for the
# names of results; $failed counts.

# The in-tree default of 2048 entries is too small for scattered memory.
LIMIT=16777216
prefix=
failed=0

die()
{
	echo "${0##*/}: $*"
	dmesg | tail -n 30
	exit 1
}

# stock_load: the kernel's own vhost_vdpa and what it needs. Ours have the same names.
stock_load()
{
	while read -r ko; do
		param=
		case $ko in */vhost_vdpa.ko) param=max_iotlb_entries=$LIMIT ;; esac
		insmod "$ko" $param || die "$ko does not load"
	done </bench/stock.order
}

stock_unload()
{
	sed 's|.*/||; s|\.ko$||; s|-|_|g; 1!G; h; $!d' /bench/stock.order |
		while read -r m; do [ -z "$m" ] || [ ! -d "/sys/module/$m" ] || rmmod "$m"; done
}

# measure PROGRAM ARG...: its results, marked with the stack
measure()
{
	"$@" >/tmp/result 2>&1
	status=$?
	# shellcheck disable=SC2154  # by the script
	sed "s/^BENCH /BENCH $stack $prefix/" /tmp/result
	if [ $status -ne 0 ]; then
		echo "FAILED $stack $*: exit code $status"
		failed=1
	fi
}

# Before anything is measured. Free pages that the allocator keeps per CPU come back in any order: a
# test that leaves scattered memory behind would change the next one. Keep as few as possible. And
# the kernel has work left for a while after it has booted, which the first stack would pay for.
quiet()
{
	echo 1000000 >/proc/sys/vm/percpu_pagelist_high_fraction
	sleep 30
}

# finish: the exit code; the kernel must not have complained
finish()
{
	dmesg | grep -E 'WARNING:|BUG:|Oops|blocked for more than' && failed=1
	exit $failed
}
