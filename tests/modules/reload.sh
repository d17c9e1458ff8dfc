#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Modules load and unload in every legal order, and are refused in any other. Prints TAP.
#
# usage: reload.sh [ROUNDS [SEED]]

rounds=${1:-50}
seed=${2:-7}

# Each module after those it needs.
modules="vdpa vhost_vdpa virtio_vdpa vdpa_sim vdpa_sim_net vdpa_sim_blk vp_vdpa"

needs()
{
	case $1 in
	vdpa) ;;
	vdpa_sim_net | vdpa_sim_blk) echo "vdpa vdpa_sim" ;;
	*) echo vdpa ;;
	esac
}

count=0
failed=0

result()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=$((failed + 1))
	fi
}

loaded()
{
	[ -d "/sys/module/$1" ]
}

# order SEED REVERSE: a random order that respects needs(), the other way round for unloading
order()
{
	for m in $modules; do
		echo "$m $(needs "$m")"
	done | awk -v seed="$1" -v reverse="$2" '
		{ name[NR] = $1; for (i = 2; i <= NF; i++) need[$1] = need[$1] " " $i }
		function ready(m,   a, k, n) {
			n = split(need[m], a, " ")
			for (k = 1; k <= n; k++)
				if (!(a[k] in done))
					return 0
			return 1
		}
		END {
			srand(seed)
			for (left = NR; left; ) {
				i = 1 + int(rand() * NR)
				if ((name[i] in done) || !ready(name[i]))
					continue
				done[name[i]] = 1
				left--
				out[left] = name[i]
			}
			for (i = 0; i < NR; i++)
				print out[reverse ? i : NR - 1 - i]
		}'
}

load_all()
{
	for m in $(order "$1" 0); do
		modprobe "$m" || { echo "# modprobe $m: $?"; return 1; }
		loaded "$m" || return 1
	done
}

unload_all()
{
	for m in $(order "$1" 1); do
		rmmod "$m" || { echo "# rmmod $m: $?"; return 1; }
		! loaded "$m" || return 1
	done
}

unload_whatever()
{
	for m in $(order 1 1); do
		! loaded "$m" || rmmod "$m"
	done
}

# Until the node of the device is there, at most 5 s; prints it.
node()
{
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		for n in /sys/bus/vdpa/devices/"$1"/vhost-vdpa-*; do
			if [ -c "/dev/${n##*/}" ]; then
				echo "/dev/${n##*/}"
				return 0
			fi
		done
		sleep 0.2
	done
	return 1
}

any_order()
{
	i=0
	while [ "$i" -lt "$rounds" ]; do
		load_all $((seed + i)) || return 1
		unload_all $((seed + 1000 + i)) || return 1
		i=$((i + 1))
	done
}

any_order_with_devices()
{
	i=0
	while [ "$i" -lt $((rounds / 5)) ]; do
		load_all $((seed + i)) || return 1
		vdpa dev add name m0 mgmtdev vdpasim_net || return 1
		vdpa dev add name m1 mgmtdev vdpasim_blk || return 1
		vdpa dev del m0 || return 1
		vdpa dev del m1 || return 1
		unload_all $((seed + 2000 + i)) || return 1
		i=$((i + 1))
	done
}

needed_modules_stay()
{
	load_all "$seed" || return 1
	! rmmod vdpa 2>/dev/null || return 1
	! rmmod vdpa_sim 2>/dev/null || return 1
	loaded vdpa && loaded vdpa_sim && unload_all "$seed"
}

# Without virtio_vdpa, which would take the device if it was loaded first.
load_for_clients()
{
	load_all "$seed" && rmmod virtio_vdpa
}

open_node_keeps_its_module()
{
	load_for_clients || return 1
	vdpa dev add name m0 mgmtdev vdpasim_net || return 1
	path=$(node m0) || return 1
	exec 3<>"$path" || return 1
	refused=1
	! rmmod vhost_vdpa 2>/dev/null || refused=0
	exec 3>&-
	[ "$refused" = 1 ] || return 1
	rmmod vhost_vdpa || return 1
	! loaded vhost_vdpa || return 1
	# The device stays, without a driver, and gets it back.
	[ -e /sys/bus/vdpa/devices/m0 ] && [ ! -e /sys/bus/vdpa/devices/m0/driver ] || return 1
	[ ! -e "$path" ] || return 1
	modprobe vhost_vdpa && node m0 >/dev/null || return 1
	vdpa dev del m0 && unload_whatever
}

parent_goes_with_its_devices()
{
	load_all "$seed" || return 1
	vdpa dev add name m0 mgmtdev vdpasim_net || return 1
	vdpa dev add name m1 mgmtdev vdpasim_net || return 1
	rmmod vdpa_sim_net || return 1
	[ ! -e /sys/bus/vdpa/devices/m0 ] && [ ! -e /sys/bus/vdpa/devices/m1 ] || return 1
	unload_whatever
	! loaded vdpa
}

parent_goes_under_a_client()
{
	load_for_clients || return 1
	vdpa dev add name m0 mgmtdev vdpasim_net || return 1
	path=$(node m0) || return 1
	exec 3<>"$path" || return 1
	# busybox leaves a watcher behind for a second, which must not have the node open.
	timeout 10 rmmod vdpa_sim_net 3>&-
	gone=$?
	vdpa dev show >/dev/null || gone=1
	exec 3>&-
	[ "$gone" -eq 0 ] || return 1
	unload_whatever
	! loaded vdpa
}

unload_whatever
for test in any_order any_order_with_devices needed_modules_stay open_node_keeps_its_module \
	parent_goes_with_its_devices parent_goes_under_a_client; do
	case $test in
	any_order) name="all modules load and unload in $rounds random legal orders, seed $seed" ;;
	any_order_with_devices) name="the same with devices made and deleted in between" ;;
	needed_modules_stay) name="a module that another needs is not unloaded" ;;
	open_node_keeps_its_module) name="vhost_vdpa stays while a node is open, not longer" ;;
	parent_goes_with_its_devices) name="a parent's module takes its devices along" ;;
	parent_goes_under_a_client) name="a parent's module goes under a client with an open node" ;;
	esac
	# Not in a subshell: file descriptors and modules are those of this shell.
	if "$test"; then
		result 0 "$name"
	else
		result 1 "$name"
		exec 3>&-
		unload_whatever
	fi
done
echo "1..$count"
[ "$failed" -eq 0 ]
