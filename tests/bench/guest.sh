#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The part of the benchmark that runs in the VM: loads one stack after the other and
# runs the same programs on each. Prints "BENCH STACK NAME VALUE UNIT" lines.
#
# usage: guest.sh STACK...
#
#   peer     the kernel's own stack
#   ours     this bundle
#   noreuse  this bundle with pin_reuse=N
#
# Environment: WHAT (kmem, cycle, map, single, devices, data, ranges; all by default), MIB (size
# of maps), CYCLE_MIBS and CYCLES (sizes and number of resets).

set -u
WHAT=${WHAT:-kmem cycle map single devices data ranges}
MIB=${MIB:-512}
CYCLE_MIBS=${CYCLE_MIBS:-256 1024 2048 4096}
CYCLES=${CYCLES:-5}
KINDS=${KINDS:-4k 4k_scattered memfd thp hugetlb}
DEVICES="b0 b1 b2 b3 b4 b5 b6 b7"
TRACE=/sys/kernel/tracing
stack=
# shellcheck source=tests/bench/guest_lib.sh
. /tests/guest_lib.sh

# load STACK batch_mapping: the two sets of modules have the same names
load()
{
	stack=$1
	case $stack in
	peer)
		stock_load
		insmod /bench/vringh.ko || die "vringh"
		insmod /bench/vdpa_sim.ko use_va=0 batch_mapping="$2" max_iotlb_entries=$LIMIT ||
			die "vdpa_sim"
		insmod /bench/vdpa_sim_net.ko || die "vdpa_sim_net"
		insmod /bench/vdpa_sim_blk.ko || die "vdpa_sim_blk"
		;;
	*)
		reuse=Y
		[ "$stack" = ours ] || reuse=N
		modprobe vhost_vdpa pin_reuse=$reuse || die "vhost_vdpa"
		modprobe vdpa_sim use_va=0 batch_mapping="$2" max_iotlb_entries=$LIMIT ||
			die "vdpa_sim"
		modprobe vdpa_sim_net || die "vdpa_sim_net"
		modprobe vdpa_sim_blk || die "vdpa_sim_blk"
		;;
	esac
	for d in $DEVICES; do
		vdpa dev add name "$d" mgmtdev vdpasim_net || die "no device $d"
	done
	vdpa dev add name blk0 mgmtdev vdpasim_blk || die "no device blk0"
}

unload()
{
	for d in $DEVICES blk0; do
		vdpa dev del "$d" || die "device $d cannot be deleted"
	done
	rmmod vdpa_sim_net vdpa_sim_blk vdpa_sim || die "the simulators cannot be unloaded"
	case $stack in
	peer)
		rmmod vringh
		stock_unload
		;;
	*) rmmod vhost_vdpa vdpa || die "our modules cannot be unloaded" ;;
	esac
}

# 2 MiB pages: taken only while they are needed, from memory that is not fragmented yet
hugepages()
{
	echo "$1" >/proc/sys/vm/nr_hugepages
	[ "$(cat /proc/sys/vm/nr_hugepages)" = "$1" ] || die "no $1 huge pages"
}

want()
{
	case " $WHAT " in *" $1 "*) return 0 ;; esac
	return 1
}

map_kinds()
{
	for kind in $KINDS; do
		[ "$kind" != hugetlb ] || hugepages $((MIB / 2))
		measure first_map b0 "$kind" "$MIB"
		[ "$kind" != hugetlb ] || hugepages 0
	done
}

# What an in-tree parent is asked to do in one reset cycle: it has no counter, a probe
# on the function has.
count_set_map()
{
	[ "$stack" = peer ] || return 0
	echo 'p:bench/set_map vdpasim_set_map' >$TRACE/kprobe_events || die "no kprobe"
	first=$(probe_hits 1)
	second=$(probe_hits 3)
	echo >$TRACE/kprobe_events
	echo "BENCH $stack reset_cycle_qemu_table_ops $(((second - first) / 2)) calls"
}

probe_hits()
{
	before=$(awk '$1 == "set_map" { print $2 }' $TRACE/kprobe_profile)
	echo 1 >$TRACE/events/bench/set_map/enable
	reset_cycle b0 "$1" 64 >/dev/null || die "reset_cycle"
	echo 0 >$TRACE/events/bench/set_map/enable
	after=$(awk '$1 == "set_map" { print $2 }' $TRACE/kprobe_profile)
	echo $((after - before))
}

run_stack()
{
	load "$1" 1
	if want kmem && [ "$stack" != noreuse ]; then
		measure kmem b0 thp "$MIB"
		measure kmem b0 4k_scattered "$MIB"
	fi
	if want cycle; then
		# shellcheck disable=SC2086  # a list of sizes
		measure reset_cycle b0 "$CYCLES" $CYCLE_MIBS
		count_set_map
	fi
	want map && [ "$stack" != noreuse ] && map_kinds
	want single && [ "$stack" != noreuse ] && measure single_pages b0 1024 16384
	if want devices; then
		for n in 1 2 4 8; do
			# shellcheck disable=SC2046,SC2086  # a list of names
			measure devices thp "$MIB" $(echo $DEVICES | cut -d ' ' -f 1-$n)
		done
	fi
	if want data && [ "$stack" != noreuse ]; then
		measure data b0 net 64 100
		measure data b0 net 1500 100
		for op in read write; do
			measure data blk0 $op 512 100
			measure data blk0 $op 4096 100
		done
	fi
	unload
	if want ranges && [ "$stack" != noreuse ]; then
		load "$1" 0
		prefix=ranges_
		measure first_map b0 thp "$MIB"
		measure first_map b0 4k "$MIB"
		prefix=
		unload
	fi
}

quiet
for s in "$@"; do
	run_stack "$s"
done
finish
