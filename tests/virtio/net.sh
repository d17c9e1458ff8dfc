#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's virtio-net over two simulated devices that a wire connects, each in its own network
# namespace: traffic, the control queue, several queues, statistics, removal. Prints TAP.

# shellcheck source=tests/virtio/tap.sh
. ./tap.sh
# shellcheck source=tests/virtio/pair.sh
. ./pair.sh

wire=/sys/devices/vdpasim_net/wire
iperf3=/programs/iperf3/bin/iperf3
bulk_mib=${1:-16}

modprobe virtio_net
modprobe virtio_vdpa

netdev()
{
	basename "$(echo "/sys/bus/vdpa/devices/$1"/virtio*/net/*)"
}

# stat DEVICE QUEUE NAME: one number of "vdpa dev vstats show"
stat()
{
	vdpa dev vstats show "$1" qidx "$2" | sed -n "s/.* $3 \([0-9]*\) .*/\1/p"
}

add_pair()
{
	vdpa dev add name w0 mgmtdev vdpasim_net mac 02:00:00:00:00:10 max_vqp 2 &&
		vdpa dev add name w1 mgmtdev vdpasim_net mac 02:00:00:00:00:11 max_vqp 2 &&
		wait_for 30 test -d /sys/bus/vdpa/devices/w1/virtio*/net
}

ok "two devices with two pairs of queues" add_pair
e0=$(netdev w0)
e1=$(netdev w1)

write()
{
	echo "$1" > $wire
}

wired()
{
	[ "$(cat $wire)" = "w0 w1" ] || [ "$(cat $wire)" = "w1 w0" ]
}

refused "a wire to nowhere" write "w0 nothing"
refused "a wire to itself" write "w0 w0"
ok "a wire" write "w0 w1"
ok "it is shown" wired
refused "a second wire for one device" write "w1 w0"

ok "the interfaces come up" pair_up
ok "ping" ping -c 3 -w 20 10.9.0.2

flood()
{
	ping -q -c 300 -i 0.01 -s 1400 -w 60 10.9.0.2 | grep ' 0% packet loss'
}

ok "300 large pings, none lost" flood

pair_bulk "$bulk_mib"

listening()
{
	in_peer cat /proc/net/tcp /proc/net/tcp6 | grep -q ':1451 [0-9A-F:]* 0A'
}

# iperf ARGUMENT...: the server is in the other namespace, at its usual port (1451 in hexadecimal)
iperf()
{
	in_peer $iperf3 -s -1 > /tmp/iperf.server 2>&1 &
	server=$!
	wait_for 30 listening || return 1
	if ! $iperf3 -c 10.9.0.2 -J "$@" > /tmp/iperf.json 2>&1; then
		cat /tmp/iperf.json /tmp/iperf.server
		kill $server
		return 1
	fi
	wait $server
}

# iperf_received KIND BYTES ARGUMENT...: at least so many arrived
iperf_received()
{
	kind=$1
	least=$2
	shift 2
	iperf "$@" || return 1
	bytes=$(sed -n "/\"$kind\"/,/}/s/.*\"bytes\":[^0-9]*\([0-9]*\).*/\1/p" /tmp/iperf.json |
		head -n 1)
	[ "${bytes:-0}" -ge "$least" ] || { cat /tmp/iperf.json; return 1; }
}

# The server does not count what is still in its buffers when the client is done.
half=$((bulk_mib * 1024 * 1024 / 2))
ok "iperf3, $bulk_mib MiB there over two connections" \
	iperf_received sum_received $half -n "${bulk_mib}M" -P 2
ok "iperf3, $bulk_mib MiB back" iperf_received sum_received $half -n "${bulk_mib}M" -R
# Frames that a slow machine drops are not sent again.
ok "iperf3 over UDP" iperf_received sum_received 300000 -u -b 5M -n 1M

ok "both pairs of queues are in use" test -d "/sys/class/net/$e0/queues/tx-1"

two_queues()
{
	[ "$(stat w0 1 'tx packets')" -gt 0 ] && [ "$(stat w0 3 'tx packets')" -ge 0 ] &&
		[ "$(stat w0 4 'cvq successes')" -gt 0 ] &&
		[ "$(stat w0 4 'cvq errors')" = 0 ]
}

ok "statistics of every queue" two_queues

# total DEVICE NAME...: the sum of these statistics over both pairs
total()
{
	dev=$1
	shift
	sum=0
	for name; do
		queue=0
		[ "${name%% *}" = rx ] || queue=1
		sum=$((sum + $(stat "$dev" $queue "$name") + $(stat "$dev" $((queue + 2)) "$name")))
	done
	echo $sum
}

# put_on_wire DEVICE, taken_off DEVICE: packets it handed over; packets it was handed, whatever
# became of them
put_on_wire()
{
	echo $(($(total "$1" "tx packets") - $(total "$1" "tx drops")))
}

taken_off()
{
	total "$1" "rx packets" "rx errors" "rx overruns" "rx drops"
}

counts()
{
	echo "w0 to w1: $(put_on_wire w0) sent, $(taken_off w1) seen"
	echo "w1 to w0: $(put_on_wire w1) sent, $(taken_off w0) seen"
}

# The interfaces send of their own accord (neighbour discovery, the end of a connection), and two
# devices cannot be read at the same moment. With both interfaces down there is nobody to send.
links()
{
	ip link set "$e0" "$1" && in_peer ip link set "$e1" "$1"
}

# What was sent before may be on its way yet: everything stands still, and nothing is missing.
settled()
{
	before=$(counts)
	sleep 0.3
	[ "$(counts)" = "$before" ] &&
		[ "$(put_on_wire w0)" -eq "$(taken_off w1)" ] &&
		[ "$(put_on_wire w1)" -eq "$(taken_off w0)" ]
}

# Both directions carried the bulk of a transfer.
plenty()
{
	[ "$(put_on_wire w0)" -gt $((bulk_mib * 500)) ] &&
		[ "$(put_on_wire w1)" -gt $((bulk_mib * 500)) ]
}

sums_agree()
{
	links down || return 1
	if ! wait_for 30 settled || ! plenty; then
		counts
		return 1
	fi
	links up && wait_for 60 ping -c 1 -w 2 10.9.0.2
}

ok "every packet sent is accounted for at the other end, both ways" sums_agree

new_mac()
{
	before=$(stat w0 4 'cvq successes')
	ip link set "$e0" address 02:00:00:00:00:99 &&
		[ "$(stat w0 4 'cvq successes')" -gt "$before" ] &&
		vdpa dev config show w0 | grep 02:00:00:00:00:99 &&
		ping -c 3 -w 20 10.9.0.2
}

ok "a new MAC address, told over the control queue" new_mac

# Without a wire, a device hears itself only.
ok "cut the wire" write w0
ok "no wire is shown" test -z "$(cat $wire)"
refused "nobody answers" ping -c 2 -w 3 10.9.0.2
ok "connect again" write "w1 w0"
ok "ping again" ping -c 3 -w 20 10.9.0.2

remove_busy()
{
	ping -q -i 0.001 -w 5 10.9.0.2 > /dev/null 2>&1 &
	sleep 0.3
	vdpa dev del w1 && [ -z "$(cat $wire)" ] && vdpa dev del w0
}

ok "removal of both under traffic" remove_busy
tap_done
