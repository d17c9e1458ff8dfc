#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's virtio-net over two functions of the modelled card, each in its own network namespace:
# traffic, and what the control queue is for (addresses, VLANs, queues). Prints TAP.

# shellcheck source=tests/virtio/tap.sh
. ./tap.sh
# shellcheck source=tests/virtio/pair.sh
. ./pair.sh

model=/sys/kernel/debug/mlx5_model
ethtool=/programs/ethtool/bin/ethtool

modprobe virtio_net
modprobe virtio_vdpa
modprobe 8021q

functions=$(find $model -mindepth 1 -maxdepth 1 -type d | sed 's|.*/||' | sort)
p0=$(echo "$functions" | sed -n 1p)
p1=$(echo "$functions" | sed -n 2p)

# netdev FUNCTION: the virtio device is below the function that does its DMA
netdev()
{
	basename "$(echo "/sys/bus/pci/devices/$1"/virtio*/net/*)"
}

has_netdev()
{
	wait_for 10 test -d "/sys/bus/pci/devices/$1"/virtio*/net
}

# m5 FUNCTION NAME: a line of its statistics
m5()
{
	awk -v name="$2" '$1 == name { v = $2 } END { print v + 0 }' "$model/$1/stats"
}

# stat DEVICE QUEUE NAME: one number of "vdpa dev vstats show"
stat()
{
	vdpa dev vstats show "$1" qidx "$2" | sed -n "s/.*$3 \([0-9]*\).*/\1/p"
}

add()
{
	vdpa dev add name k0 mgmtdev "pci/$p0" mac 02:00:00:00:00:10 max_vqp 2 &&
		vdpa dev add name k1 mgmtdev "pci/$p1" mac 02:00:00:00:00:11 max_vqp 2 &&
		has_netdev "$p1"
}

# What a function sends does not come back to it.
echo 0 >"$model/$p0/loopback"
echo 0 >"$model/$p1/loopback"
echo 1 >"$model/$p0/reset"
echo 1 >"$model/$p1/reset"
ok "two functions with two pairs of queues" add
e0=$(netdev "$p0")
e1=$(netdev "$p1")

ok "the interfaces come up" pair_up
[ "$tap_failed" = 0 ] || { tap_done; exit; }

# flood ADDRESS: none may be lost
flood()
{
	ping -c 3 -w 20 "$1" && ping -q -c 200 -i 0.01 -s 1400 -w 60 "$1" | grep ' 0% packet loss'
}

ok "200 large pings, none lost" flood 10.9.0.2

pair_bulk 4

counted()
{
	[ "$(stat k0 0 received_desc)" -gt 0 ] && [ "$(stat k0 4 completed_desc)" -gt 0 ] &&
		[ "$(stat k0 4 received_desc)" = "$(stat k0 4 completed_desc)" ]
}

ok "descriptors of a queue and of the control queue are counted" counted

# queues N: as many pairs are in use, by the driver and by the RQ table
queues()
{
	before=$(stat k0 4 completed_desc)
	$ethtool -L "$e0" combined "$1" || return 1
	$ethtool -l "$e0" | awk '/^Current/ { cur = 1 } cur && /^Combined/ { print $2 }' |
		grep -qx "$1" || return 1
	[ "$(stat k0 4 completed_desc)" -gt "$before" ] && flood 10.9.0.2
}

ok "one pair of queues" queues 1
ok "two pairs of queues" queues 2
refused "three pairs of queues" $ethtool -L "$e0" combined 3

# streams N: a transfer per port, of which some are sent by the second pair
streams()
{
	before=$(stat k0 3 completed_desc)
	for port in 6001 6002 6003 6004; do
		in_peer sh -c "sleep 20 | nc -l -p $port >/dev/null" >/dev/null 2>&1 &
	done
	sleep 1
	for port in 6001 6002 6003 6004; do
		taskset $((1 + port % 2)) sh -c "head -c 200000 /tmp/sent | nc -w 5 10.9.0.2 $port" \
			>/dev/null 2>&1 &
	done
	wait_for 20 sh -c "[ \$(vdpa dev vstats show k0 qidx 3 |
		sed -n 's/.*completed_desc \([0-9]*\).*/\1/p') -gt $((before + 20)) ]"
}

ok "the second pair carries traffic" streams

new_mac()
{
	ip link set "$e0" address 02:00:00:00:00:99 &&
		vdpa dev config show k0 | grep 02:00:00:00:00:99 && flood 10.9.0.2
}

ok "a new address, by the control queue" new_mac
ok "the switch knows one address" test "$(m5 "$p0" switch_macs)" = 1
refused "an address for several" ip link set "$e0" address 03:00:00:00:00:99

vlan_up()
{
	rules=$(m5 "$p0" live_flow_rule)
	ip link add link "$e0" name v0 type vlan id 5 &&
		in_peer ip link add link "$e1" name v1 type vlan id 5 &&
		ip addr add 10.9.5.1/24 dev v0 && ip link set v0 up &&
		in_peer ip addr add 10.9.5.2/24 dev v1 && in_peer ip link set v1 up &&
		[ "$(m5 "$p0" live_flow_rule)" -eq $((rules + 2)) ] && flood 10.9.5.2
}

vlan_down()
{
	rules=$(m5 "$p0" live_flow_rule)
	ip link del v0 && [ "$(m5 "$p0" live_flow_rule)" -eq $((rules - 2)) ] && flood 10.9.0.2
}

# tagged: how many frames come in while twenty to a group are sent in the VLAN
tagged()
{
	before=$(m5 "$p0" rx_frames)
	in_peer ping -I v1 -q -c 20 -i 0.05 -w 3 224.0.0.9 >/dev/null 2>&1
	echo $(($(m5 "$p0" rx_frames) - before))
}

vlan_in()
{
	[ "$(tagged)" -ge 20 ]
}

vlan_out()
{
	[ "$(tagged)" -lt 10 ]
}

ok "a VLAN" vlan_up
ok "its frames are received" vlan_in
ok "no VLAN" vlan_down
ok "its frames are not received any more" vlan_out
in_peer ip link del v1

link_is()
{
	wait_for 10 grep -qx "$1" "/sys/class/net/$e0/carrier"
}

ok "the link goes" sh -c "echo 0 >$model/$p0/link"
ok "the interface has no carrier" link_is 0
ok "the link comes" sh -c "echo 1 >$model/$p0/link"
ok "the interface has one" link_is 1
ok "and works" flood 10.9.0.2

# A driver that goes and comes resets the device twice: no command for memory.
rebind()
{
	keys=$(($(m5 "$p0" op_200) + $(m5 "$p0" op_202)))
	echo k0 >/sys/bus/vdpa/drivers/virtio_vdpa/unbind &&
		echo k0 >/sys/bus/vdpa/drivers/virtio_vdpa/bind &&
		has_netdev "$p0" || return 1
	e0=$(netdev "$p0")
	ip addr add 10.9.0.1/24 dev "$e0" && ip link set "$e0" up && flood 10.9.0.2 || return 1
	[ $(($(m5 "$p0" op_200) + $(m5 "$p0" op_202))) -eq "$keys" ]
}

ok "another driver, and not one command for keys" rebind

clean()
{
	[ "$(cat "$model/errors" "$model/faults" | sort -u)" = 0 ] || cat "$model/log"
	for p in "$p0" "$p1"; do
		[ ! -e "$model/$p" ] && continue
		[ "$(m5 "$p" errors) $(m5 "$p" faults)" = "0 0" ] || cat "$model/$p/log"
	done | grep . && return 1
	[ "$(cat "$model/errors")" = 0 ]
}

ok "the model has no complaint" clean

remove_busy()
{
	ping -q -i 0.001 -w 5 10.9.0.2 >/dev/null 2>&1 &
	sleep 0.3
	vdpa dev del k1 && vdpa dev del k0
}

ok "removal of both under traffic" remove_busy
ok "nothing is left over" test "$(m5 "$p0" live) $(m5 "$p1" live) $(m5 "$p0" buffers) $(m5 "$p0" switch_macs)" = "0 0 0 0"

add_again()
{
	vdpa dev add name k0 mgmtdev "pci/$p0" && vdpa dev add name k1 mgmtdev "pci/$p1" &&
		has_netdev "$p1" || return 1
	e0=$(netdev "$p0")
	e1=$(netdev "$p1")
	pair_up && flood 10.9.0.2
}

unbind_busy()
{
	ping -q -i 0.001 -w 5 10.9.0.2 >/dev/null 2>&1 &
	sleep 0.3
	echo "$p1" >/sys/bus/pci/drivers/mlx5_core/unbind &&
		not test -e /sys/bus/vdpa/devices/k1 &&
		echo "$p1" >/sys/bus/pci/drivers/mlx5_core/bind && vdpa dev del k0
}

ok "functions with default settings" add_again
ok "a function goes while it works" unbind_busy
ok "still no complaint" clean
modprobe -r virtio_vdpa 8021q
tap_done
