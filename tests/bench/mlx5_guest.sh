#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The part of tests/bench/mlx5 that runs in the VM: one driver after the other on the same card.
#
# usage: mlx5_guest.sh STACK...      peer, ours
#
# Prints for a step with a table of memory that does not exist
#   BENCH STACK table STEP GIB LOG2_OF_PAGE KEY_COMMANDS_AT_ONCE KEY_COMMANDS ALL_COMMANDS PAYLOAD_BYTES
#	NANOSECONDS MAX_PARALLEL
# where the in-tree driver has some commands left to do when the step is over; and what cycle.c prints:
#   BENCH STACK cycle KIND KEY_COMMANDS ALL_COMMANDS NANOSECONDS
#   BENCH STACK errors N

set -u
# shellcheck source=tests/bench/guest_lib.sh
. /tests/guest_lib.sh
model=/sys/kernel/debug/mlx5_model
table=/sys/kernel/debug/vdpa_table/b0
# Not 16 GiB of single pages: four million entries of a table, and most of the time.
sizes="1:12 1:21 1:30 16:21 16:30 256:21 256:30"

stat()
{
	awk -v name="$1" '$1 == name { v = $2 } END { print v + 0 }' "$model/$pci/stats"
}

keys()
{
	echo $(($(stat op_200) + $(stat op_202)))
}

# step STEP GIB LOG: what it takes, as the model and the table counted it
step()
{
	at_once=$(keys)
	if [ "$1" = add ] || [ "$1" = del ]; then
		ns=$(stat span_ns)
	else
		ns=$(cat $table)
	fi
	parallel=$(stat max_parallel)
	# The in-tree driver ends keys that are not needed any more 2 s later.
	sleep 3
	echo "BENCH $stack table $* $at_once $(keys) $(stat commands) $(stat payload) $ns $parallel"
}

load()
{
	case $stack in
	peer)
		stock_load
		for m in vringh mlx5_core mlx5_vdpa; do
			param=
			# It has a limit of its own, and some slips.
			[ $m != mlx5_vdpa ] || param=max_iotlb_entries=$LIMIT
			[ $m != mlx5_core ] || param=lenient=1
			insmod /bench/$m.ko $param || die "$m does not load"
		done
		;;
	*) modprobe -a vhost_vdpa mlx5_core mlx5_vdpa || die "our modules" ;;
	esac
	pci=$(find $model -mindepth 1 -maxdepth 1 -type d | sed 's|.*/||' | sort | head -n 1)
	echo 1000 >/sys/module/mlx5_core/parameters/mkey_us
}

unload()
{
	rmmod vdpa_table mlx5_vdpa mlx5_core || die "the driver cannot be unloaded"
	case $stack in
	peer)
		rmmod vringh || die "vringh cannot be unloaded"
		stock_unload
		;;
	*) rmmod vdpa || die "our modules cannot be unloaded" ;;
	esac
}

# Without vhost_vdpa, so that vdpa_table gets the device.
tables()
{
	rmmod vhost_vdpa || die "vhost_vdpa cannot be unloaded"
	echo 1 >/sys/module/mlx5_core/parameters/synthetic
	case $stack in
	peer) insmod /bench/vdpa_table.ko ;;
	*) modprobe vdpa_table ;;
	esac || die "vdpa_table does not load"
	echo 1 >"$model/$pci/reset"
	vdpa dev add name b0 mgmtdev "pci/$pci" max_vqp 1 || die "no device"
	step add 0 0
	for size in $sizes; do
		gib=${size%:*}
		log=${size#*:}
		for what in "map $gib $log" change reset close; do
			echo 1 >"$model/$pci/reset"
			echo "$what" >$table || die "$what of $gib GiB in pages of 2^$log"
			step "${what%% *}" "$gib" "$log"
			[ "$(stat errors)" = 0 ] || die "$(cat "$model/$pci/log")"
		done
	done
	echo 1 >"$model/$pci/reset"
	vdpa dev del b0 || die "the device cannot be deleted"
	step del 0 0
	[ "$(stat live)" = 0 ] || die "objects are left behind"
}

quiet
for stack in "$@"; do
	load
	# shellcheck disable=SC2046  # no argument or one
	cycle $([ "$stack" = ours ] || echo lenient) >/tmp/cycle || failed=1
	sed -E "s/^(cycle|errors) /BENCH $stack &/" /tmp/cycle
	tables
	unload
done
finish
