#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The part of the demonstration that runs in the VM.
#
# usage: demo.sh MIB ROUNDS

set -eu

die()
{
	echo "demo: $*"
	dmesg | tail -n 30
	exit 1
}

echo "Debian $(uname -r), in a VM. Modules, as modprobe finds them:"
modprobe -a vhost_vdpa || die "vhost_vdpa does not load"
modprobe vdpa_sim use_va=0 || die "vdpa_sim does not load"
modprobe vdpa_sim_net || die "vdpa_sim_net does not load"
for m in vdpa vhost_vdpa vdpa_sim vdpa_sim_net; do
	file=$(modinfo -n $m)
	printf '  %-14s %-10s %s\n' $m "$(cat /sys/module/$m/version)" "$file"
	case $file in
	*/updates/dkms/*) ;;
	*) die "$m is not the module that DKMS installed" ;;
	esac
done

echo
echo "# vdpa mgmtdev show"
vdpa mgmtdev show
echo "# vdpa dev add name demo0 mgmtdev vdpasim_net mac 52:54:00:12:34:56"
vdpa dev add name demo0 mgmtdev vdpasim_net mac 52:54:00:12:34:56 || die "no device"
echo "# vdpa dev show"
vdpa dev show
[ -c /dev/vhost-vdpa-0 ] || die "/dev/vhost-vdpa-0 did not appear"

status=0
reset_cost demo0 "$1" "$2" || status=$?

vdpa dev del demo0 || die "the device cannot be deleted"
modprobe -r vdpa_sim_net vhost_vdpa || die "the modules cannot be unloaded"
if dmesg | grep -E 'WARNING:|BUG:|Oops|blocked for more than'; then
	die "the kernel complained"
fi
exit $status
