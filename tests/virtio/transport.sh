#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What virtio_vdpa makes of a device, by a driver and a device without a function (tests/kmod):
# sizes and positions of rings, affinity, notification data, who does the DMA of a queue, features
# that are not passed on, config interrupts, errors. Prints TAP.

# shellcheck source=tests/virtio/tap.sh
. ./tap.sh

mock=/sys/module/vdpa_mock/parameters
client=/sys/module/virtio_client/parameters

version_1=$((1 << 32))
access_platform=$((1 << 33))
ring_packed=$((1 << 34))
notification_data=$((1 << 38))
ring_reset=$((1 << 40))
plain=$((version_1 | access_platform))

# make_device FEATURES: made anew, and taken by the driver unless find_vqs fails
make_device()
{
	echo 0 > $mock/present
	echo "$1" > $mock/features
	echo 1 > $mock/present
}

# ring QUEUE FIELD: of what the driver told the device
ring()
{
	sed -n "s/^$1 .*$2=\([^ ]*\).*/\1/p" $mock/rings
}

negotiated()
{
	[ $(($(cat $client/negotiated) & $1)) = "$1" ]
}

same()
{
	[ "$1" = "$2" ] || { echo "got $1, expected $2"; cat $mock/rings; return 1; }
}

kernel_has()
{
	grep -qw "$1" /proc/kallsyms
}

split()
{
	make_device $plain && negotiated $plain && same "$(ring 0 ready)" 1 &&
		same "$(ring 1 ready)" 1 && same "$(ring 0 num)" 64 &&
		same "$(ring 0 avail)" 0/0 && same "$(ring 0 used)" 0/0
}

packed()
{
	make_device $((plain | ring_packed)) && negotiated $ring_packed &&
		same "$(ring 0 avail)" 0/1 && same "$(ring 0 used)" 0/1 &&
		same "$(ring 1 avail)" 0/1
}

one_queue()
{
	echo 1 > $client/queues
	make_device $plain && same "$(ring 0 ready)" 1 && same "$(ring 1 ready)" 0
	result=$?
	echo 2 > $client/queues
	return $result
}

ok "a split ring starts at 0" split
ok "a packed ring starts at 0 with both wrap counters 1" packed
ok "no more queues than the driver asks for" one_queue

spread()
{
	make_device $plain && same "$(ring 0 cpus)" 0 && same "$(ring 1 cpus)" 1
}

all_cpus=$(cat /sys/devices/system/cpu/possible)

first_anywhere()
{
	echo 1 > $client/anywhere
	make_device $plain && same "$(ring 0 cpus)" "$all_cpus" &&
		same "$(ring 1 cpus)" "$(cat /sys/devices/system/cpu/possible)"
	result=$?
	echo 0 > $client/anywhere
	return $result
}

pinned()
{
	make_device $plain && echo 0 > $client/pin && same "$(ring 1 cpus)" 0 &&
		echo -1 > $client/pin && same "$(ring 1 cpus)" "$all_cpus"
}

ok "two queues are spread over two processors" spread
ok "queues that may run anywhere are left out of that" first_anywhere
ok "a driver can move a queue" pinned

# plain_kicks, data_kicks: so far
plain_kicks()
{
	cat $mock/kicks
}

data_kicks()
{
	cat $mock/kicks_with_data
}

kick_plain()
{
	make_device $plain
	was=$(plain_kicks)
	was_data=$(data_kicks)
	echo 1 > $client/send && same "$(plain_kicks)" $((was + 1)) &&
		same "$(data_kicks)" "$was_data"
}

# Split: the number of the queue, and the next index above it. Packed: the next slot, and the wrap
# counter at the top.
kick_split()
{
	make_device $((plain | notification_data)) && negotiated $notification_data || return 1
	was=$(plain_kicks)
	echo 1 > $client/send && same "$(cat $mock/last_data)" $((1 | 1 << 16)) &&
		echo 1 > $client/send && same "$(cat $mock/last_data)" $((1 | 2 << 16)) &&
		echo 0 > $client/send && same "$(cat $mock/last_data)" $((1 << 16)) &&
		same "$(plain_kicks)" "$was"
}

kick_packed()
{
	make_device $((plain | notification_data | ring_packed)) &&
		echo 1 > $client/send && same "$(cat $mock/last_data)" $((1 | 1 << 16 | 1 << 31)) &&
		echo 1 > $client/send && same "$(cat $mock/last_data)" $((1 | 2 << 16 | 1 << 31))
}

kick_refused()
{
	make_device $((plain | notification_data)) && not negotiated $notification_data || return 1
	was=$(plain_kicks)
	echo 1 > $client/send && same "$(plain_kicks)" $((was + 1))
}

ok "a kick" kick_plain
if kernel_has vring_notification_data; then
	ok "a kick with data, split" kick_split
	ok "a kick with data, packed" kick_packed
else
	ok "kicks with data are not accepted where the kernel has none" kick_refused
fi

not_passed_on()
{
	make_device $((plain | ring_reset)) && not negotiated $ring_reset
}

ok "reset of a single ring is not accepted: no op could do it" not_passed_on

# Queue 1 reaches 16 MiB only; the kernel does not put the other one there without need.
low=$((1 << 24))

own_device()
{
	make_device $plain
	cat $mock/rings
	[ "$(ring 1 desc)" -lt $low ] && [ "$(ring 0 desc)" -ge $low ]
}

# Before, all queues of a device were mapped for its parent. Nothing translates here, so it works.
shared_device()
{
	make_device $plain
	cat $mock/rings
	[ "$(ring 0 desc)" -ge $low ] && [ "$(ring 1 desc)" -ge $low ] && echo 1 > $client/send
}

if kernel_has vring_create_virtqueue_map || kernel_has vring_create_virtqueue_dma; then
	ok "each queue is mapped for the device that does its DMA" own_device
else
	ok "queues are mapped for the parent where the kernel knows no other way" shared_device
fi

config_change()
{
	make_device $plain
	was=$(cat $client/config_changes)
	echo 5 > $mock/config && same "$(cat $client/config_changes)" $((was + 1))
}

ok "a config interrupt reaches the driver" config_change

again()
{
	for i in 1 2 3 4 5 6 7 8 9 10; do
		make_device $((plain | (i % 2) * ring_packed)) && echo 1 > $client/send || return 1
	done
}

ok "made and removed ten times, with buffers left in the rings" again

# What vhost_vdpa or a virtio driver mapped is not a reset's business.
resets_keep_the_map()
{
	was=$(cat $mock/resets)
	make_device $plain && [ "$(cat $mock/resets)" -gt "$was" ] && same "$(cat $mock/cleaned)" 0
}

ok "no reset cleans the map" resets_keep_the_map
tap_done
