#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Is the VM what the other suites take for granted?

n=0
failed=0

# check NAME COMMAND...: one TAP line
check()
{
	n=$((n + 1))
	name=$1
	shift
	if said=$("$@" 2>&1); then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		printf '%s\n' "$said" | sed 's/^/# /'
		failed=1
	fi
}

# ours NAME: modprobe would take the bundle's module, not the distribution's
# shellcheck disable=SC2317  # called through check
ours()
{
	modprobe --show-depends "$1" | tail -n 1 | grep "updates/dkms/$1.ko"
}

echo 1..5
check "debugfs is mounted" test -d /sys/kernel/debug/tracing
check "shared memory is mounted" sh -c 'echo x >/dev/shm/x && rm /dev/shm/x'
check "modprobe finds our vdpa first" ours vdpa
check "the loaded vdpa is ours" grep -q . /sys/module/vdpa/version
check "the vdpa netlink family answers" vdpa mgmtdev show
exit $failed
