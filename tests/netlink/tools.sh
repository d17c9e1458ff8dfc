#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The vdpa tool of several Debian releases against the same modules: what it is told is what the
# device has, and what goes wrong is said. Debian 11's iproute2 (5.10) has no such tool. Prints TAP.

# shellcheck source=tests/virtio/tap.sh
. ./tap.sh

modprobe virtio_net
modprobe virtio_vdpa

# says TEXT COMMAND...: the command succeeds, and the text is part of what it prints
says()
{
	text=$1
	shift
	out=$("$@" 2>&1) || { echo "$out"; return 1; }
	echo "$out"
	case $out in *"$text"*) ;; *) echo "is without: $text"; return 1 ;; esac
}

# fails TEXT COMMAND...: it fails, and says why
fails()
{
	text=$1
	shift
	if out=$("$@" 2>&1); then
		echo "$out"
		return 1
	fi
	echo "$out"
	case $out in *"$text"*) ;; *) echo "is without: $text"; return 1 ;; esac
}

# complains TEXT COMMAND...: it says so; the tool of 6.1 ends with 0 after failures of "vstats"
complains()
{
	text=$1
	shift
	out=$("$@" 2>&1)
	echo "$out"
	case $out in *"$text"*) ;; *) echo "is without: $text"; return 1 ;; esac
}

tool()
{
	"/programs/vdpa-$release/bin/vdpa" "$@"
}

has_driver()
{
	wait_for 30 test -d /sys/bus/vdpa/devices/t0/virtio*/net
}

for release in bookworm trixie; do
	ok "$release: the version" says "vdpa utility, iproute2-" tool -V

	ok "$release: management devices" says '"vdpasim_blk":{"supported_classes":["block"]' \
		tool -j mgmtdev show
	ok "$release: one of them" \
		says '{"mgmtdev":{"vdpasim_net":{"supported_classes":["net"],"max_supported_vqs":17,' \
		tool -j mgmtdev show vdpasim_net
	ok "$release: its features" says '"CTRL_MAC_ADDR"' tool -j mgmtdev show vdpasim_net
	ok "$release: one that is not there" fails "management device not found" \
		tool mgmtdev show nobody

	ok "$release: a network device" tool dev add name t0 mgmtdev vdpasim_net \
		mac 02:00:00:00:00:21 mtu 9000 max_vqp 4
	ok "$release: is shown" says '{"dev":{"t0":{"type":"network","mgmtdev":"vdpasim_net",' \
		tool -j dev show t0
	ok "$release: with its limits" says '"vendor_id":0,"max_vqs":9,"max_vq_size":256}}}' \
		tool -j dev show t0
	ok "$release: and as text" says "t0: type network mgmtdev vdpasim_net" tool dev show
	ok "$release: the same name again" fails "a device of this name exists" \
		tool dev add name t0 mgmtdev vdpasim_net
	ok "$release: its MAC address" says '"mac":"02:00:00:00:00:21"' tool -j dev config show t0
	ok "$release: its MTU" says '"mtu":9000' tool -j dev config show t0
	ok "$release: its pairs of queues" says '"max_vq_pairs":4' tool -j dev config show t0
	ok "$release: its link" says '"up"' tool -j dev config show t0

	ok "$release: its driver comes" has_driver
	ok "$release: what was negotiated" says 'VERSION_1' tool dev config show t0
	ok "$release: statistics of a receive queue" says 'rx packets' \
		tool dev vstats show t0 qidx 0
	ok "$release: statistics of a transmit queue" says '"tx bytes"' \
		tool -j dev vstats show t0 qidx 7
	ok "$release: statistics of the control queue" says 'cvq requests' \
		tool dev vstats show t0 qidx 8
	ok "$release: statistics of no queue" complains "no queue with this index" \
		tool dev vstats show t0 qidx 9

	ok "$release: a block device" tool dev add name t1 mgmtdev vdpasim_blk
	ok "$release: is shown, too" says '"t1":{"type":"block","mgmtdev":"vdpasim_blk"' \
		tool -j dev show
	ok "$release: block devices have no statistics" complains "the device has no statistics" \
		tool dev vstats show t1 qidx 0
	ok "$release: a MAC address is not for block devices" \
		fails "not supported by the management device" \
		tool dev add name t2 mgmtdev vdpasim_blk mac 02:00:00:00:00:22
	ok "$release: all configurations" says '"t0":' tool -j dev config show

	ok "$release: too small an MTU" fails "" tool dev add name t2 mgmtdev vdpasim_net mtu 10

	ok "$release: they go" tool dev del t0
	ok "$release: one after the other" tool dev del t1
	ok "$release: none is left" says '{"dev":{}}' tool -j dev show
	ok "$release: one that is not there goes not" fails "device not found" tool dev del t0
done

# What the tool learnt after 6.1: which features a device has, and a MAC address for one that exists.
features()
{
	tool dev add name t0 mgmtdev vdpasim_net device_features 0x300000020 &&
		says '"t0":{"mac":' tool -j dev config show t0 &&
		not says mtu tool dev config show t0 &&
		tool dev del t0
}

new_mac()
{
	tool dev add name t0 mgmtdev vdpasim_net mac 02:00:00:00:00:21 &&
		tool dev set name t0 mac 02:00:00:00:00:23 &&
		says '"mac":"02:00:00:00:00:23"' tool -j dev config show t0 &&
		fails "not the address of a single station" \
			tool dev set name t0 mac 01:00:5e:00:00:01
}

release=trixie
ok "trixie: features as told" features
ok "trixie: another MAC address" new_mac
ok "trixie: that one goes as well" tool dev del t0
tap_done
