#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Live migration between two unmodified QEMUs, each with a vDPA device of its own, while the guest
# talks to this VM's kernel over a wire that is moved to the new device. What was pinned on both sides
# is counted, and our tracepoints say what each part took. Prints TAP.
#
# usage: qemu_migrate.sh PROGRAM SIZES REUSES [NIC-OPTIONS]
#
# SIZES in MiB and REUSES (on, off) are lists: "256 1024", "on off". Shadow virtqueues are what QEMU
# needs to migrate; versions before 8.0 must be told with x-svq=on, others switch to them themselves.

# shellcheck source=tests/clients/guest.sh
. ./guest.sh

mac=02:00:00:00:00:30
wire=/sys/devices/vdpasim_net/wire
tracing=/sys/kernel/tracing
# Firmware, shadow virtqueues, rings
slack=1024
options=${4:-}

devices()
{
	vdpa dev add name m0 mgmtdev vdpasim_net mac $mac &&
		vdpa dev add name m1 mgmtdev vdpasim_net mac $mac &&
		vdpa dev add name h0 mgmtdev vdpasim_net mac 02:00:00:00:00:31 || return
	# The other end of the wire is a NIC of this VM's own kernel.
	h=/sys/bus/vdpa/devices/h0
	echo virtio_vdpa >$h/driver_override
	echo h0 >$h/driver/unbind
	echo h0 >/sys/bus/vdpa/drivers/virtio_vdpa/bind
	modprobe virtio_net
	host=
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		for place in "$h"/virtio*/net/*; do
			[ ! -d "$place" ] || host=$(basename "$place")
		done
		[ -z "$host" ] || break
		sleep 1
	done
	ip addr add 10.9.9.2/24 dev "$host" && ip link set "$host" up
}

# connect DEVICE: the wire to this VM's kernel
connect()
{
	[ -z "$(cat $wire)" ] || echo h0 >$wire
	echo "$1 h0" >$wire
}

# nic_start NAME DEVICE MIB QEMU-ARGS...
nic_start()
{
	who=$1
	device=$2
	size=$3
	shift 3
	# shellcheck disable=SC2046  # arguments
	guest_start "$who" "$size" "nested.ip=10.9.9.1 nested.peer=10.9.9.2" \
		$(nic "$device" "$options" mac=$mac) "$@"
}

# parts DEVICE: what the tracepoints say that the client had to wait for it, in microseconds. A batch
# belongs to what was in it.
parts()
{
	awk -v node="$(node "$1")" '
		$0 !~ node " " { next }
		{
			took = status = kind = ""
			for (i = 1; i <= NF; i++) {
				if ($i ~ /^[0-9]+ns$/) took = $i + 0
				if ($i ~ /^status=/) status = substr($i, 8)
				if ($i ~ /^(update|invalidate|batch-begin|batch-end)$/) kind = $i
			}
		}
		/vhost_vdpa_status:/ && status == "0x0" { reset += took; resets++ }
		/vhost_vdpa_status:/ && status ~ /^0x[0-9a-f]*[4-7c-f]$/ { run += took; runs++ }
		/vhost_vdpa_message:/ {
			if (kind == "update") { map += took; maps++; last = kind }
			if (kind == "invalidate") { unmap += took; unmaps++; last = kind }
			if (kind == "batch-end" && last == "update") map += took
			if (kind == "batch-end" && last == "invalidate") unmap += took
		}
		END {
			printf "reset=%.0f resets=%d unmap=%.0f unmaps=%d map=%.0f maps=%d run=%.0f runs=%d\n",
				reset / 1000, resets, unmap / 1000, unmaps, map / 1000, maps, run / 1000, runs
		}' "$dir/trace"
}

# slowest DEVICE: the messages that took longest, for whoever wonders about a sum
slowest()
{
	grep "$(node "$1") " "$dir/trace" | sed -n 's/^.* \([0-9.]*\): vhost_vdpa_\(.*[^0-9]\([0-9]*\)ns.*\)/\3 \1 \2/p' |
		sort -rn | head -n 4 | cut -d ' ' -f 2- | sed 's/^/# slow: /'
}

# migrate MIB REUSE
migrate()
{
	size=$1
	title="$1 MiB, reuse $2"
	case $2 in on) reuse Y ;; *) reuse N ;; esac
	echo 0 >$tracing/tracing_on
	echo >$tracing/trace
	echo 1 >$tracing/events/vhost_vdpa/vhost_vdpa_message/enable
	echo 1 >$tracing/events/vhost_vdpa/vhost_vdpa_status/enable

	connect m0
	snapshot m0 source0
	snapshot m1 target0
	nic_start source m0 "$size"
	ready source 1
	result $? "$title: the guest boots" || return 1
	nic_start target m1 "$size" -incoming "unix:$dir/migration"
	# Once it answers it also listens.
	await target qmp '"return"' 1
	result $? "$title: the other side waits" || return 1
	monitor target migrate-set-capabilities \
		'{"capabilities": [{"capability": "events", "state": true}]}'
	monitor source migrate-set-capabilities \
		'{"capabilities": [{"capability": "events", "state": true}]}'
	# Emulation is slow: what would not converge on it shall nevertheless.
	monitor source migrate-set-parameters '{"max-bandwidth": 10737418240, "downtime-limit": 3000}'
	ask source ping 10
	check "$title: pings pass before" "$answer" = "received 10"
	ask source stream on
	snapshot m0 source1
	snapshot m1 target1

	echo 1 >$tracing/tracing_on
	monitor source migrate "{\"uri\": \"unix:$dir/migration\"}"
	await source qmp '"status": "completed"\|"status": "failed"\|"error"' 1
	! grep -q '"status": "failed"\|"error"' "$dir/source/qmp" "$dir/target/qmp"
	if ! result $? "$title: migration completes"; then
		monitor source query-migrate
		sleep 2
		for side in source target; do
			tail -n 6 "$dir/$side/qmp" "$dir/$side/err" | cut -c 1-400 | sed 's/^/# /'
		done
		return 1
	fi
	await target qmp '"RESUME"' 1
	result $? "$title: the guest goes on at the other side" || return 1
	connect m1
	monitor source query-migrate
	await source qmp '"downtime"' 1
	downtime=$(sed -n 's/.*"downtime": \([0-9]*\).*/\1/p' "$dir/source/qmp" | tail -n 1)

	# Its console is at the other side now, and pings never stopped there.
	before=
	ask target rx && before=${answer#rx }
	sleep 2
	ask target rx
	check "$title: traffic goes on" "${answer#rx }" -gt "${before:-999999999}"
	# Not before: QEMU 7.2 says that the guest runs while it still maps its memory.
	echo 0 >$tracing/tracing_on
	cp $tracing/trace "$dir/trace"
	snapshot m0 source2
	snapshot m1 target2
	ask target stream off
	ask target ping 10
	check "$title: pings pass after" "$answer" = "received 10"
	gone source
	gone target
	check "$title: when QEMU has gone nothing is pinned" "$(held m0)/$(held m1)" = 0/0
	measured test=migrate "mib=$size" "reuse=$2" side=source "downtime=$downtime" \
		"pinned=$(between source0 source2 pages_pinned)" \
		"again=$(between source1 source2 pages_pinned)" \
		"reused=$(between source1 source2 pages_reused)" \
		"tables=$(between source1 source2 set_map_calls)" "$(parts m0)"
	measured test=migrate "mib=$size" "reuse=$2" side=target "downtime=$downtime" \
		"pinned=$(between target0 target2 pages_pinned)" \
		"again=$(between target1 target2 pages_pinned)" \
		"reused=$(between target1 target2 pages_reused)" \
		"tables=$(between target1 target2 set_map_calls)" "$(parts m1)"
	slowest m0
	slowest m1
	[ -z "${TRACE:-}" ] || sed 's/^/# trace /' "$dir/trace"
	if [ "$2" = on ]; then
		for side in source target; do
			check "$title: no guest memory is pinned twice at the $side" \
				"$(between ${side}0 ${side}2 pages_pinned)" -lt $((size * 256 + slack))
		done
	fi
}

# refusal: what QEMU says that must be told of shadow virtqueues, and is not
refusal()
{
	told=$options
	options=
	nic_start alone m0 256
	await alone qmp '"return"' 1
	monitor alone migrate "{\"uri\": \"unix:$dir/nobody\"}"
	await alone qmp '"error"' 1
	result $? "without $told it refuses to migrate"
	sed -n 's/.*"desc": "\([^"]*\)".*/# it says: \1/p' "$dir/alone/qmp"
	gone alone
	options=$told
}

guest_program "$1"
devices
result $? "two devices, and the other end of the wire"
case $options in *x-svq=on*) refusal ;; esac
for mib in $2; do
	for mode in $3; do
		migrate "$mib" "$mode"
		# A guest that is left over from what failed
		for side in source target; do
			[ ! -e "$dir/$side/pid" ] || gone $side KILL
		done
	done
done
plan
