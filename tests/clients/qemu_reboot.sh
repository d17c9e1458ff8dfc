#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A guest under the distribution's unmodified QEMU, on a simulated vDPA device, boots and reboots
# three times: once as it is by default, once with vhost_vdpa.pin_reuse=N. What QEMU asks for
# (its own trace) and what was pinned for it (our counters) are compared. Prints TAP.
#
# QEMU never acks IOTLB_PERSIST. At each reboot it resets the device, unmaps all of the guest's
# memory and maps it again.

stats=/sys/kernel/debug/vhost_vdpa/vhost-vdpa-0/stats
dir=$(mktemp -d)
guest_mib=${1:-192}
guest_pages=$((guest_mib * 256))
boots=4
# What QEMU maps besides the guest's memory: shadow control queues, some pages per boot.
slack=$((32 * boots))
boot_time=${2:-150}

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

counter()
{
	awk -v name="$1" '$1 == name { print $2 }' "$stats"
}

# check NAME VALUE OPERATOR LIMIT
check()
{
	# shellcheck disable=SC1072,SC1073  # the operator is an argument
	test "${2:-none}" "$3" "$4" 2>/dev/null
	status=$?
	[ $status -eq 0 ] || echo "# $2 $3 $4 does not hold"
	result $status "$1"
}

# Waits for the n-th boot of the guest, remembers the counters then.
wait_boot()
{
	limit=$((boot_time * 2))
	while [ "$(grep -c 'nested: ready' "$dir/console")" -lt "$1" ]; do
		limit=$((limit - 1))
		if [ $limit -eq 0 ] || ! kill -0 "$qemu" 2>/dev/null; then
			tail -n 15 "$dir/console" "$dir/qemu.err" | sed 's/^/# /'
			return 1
		fi
		sleep 0.5
	done
	cp "$stats" "$dir/stats.$1"
}

at()
{
	awk -v name="$2" '$1 == name { print $2 }' "$dir/stats.$1"
}

start_guest()
{
	rm -f "$dir"/*
	: >"$dir/console"
	begun=$(counter pages_pinned)
	begun_reused=$(counter pages_reused)
	qemu-system-x86_64 -L /nested -M pc -accel kvm -cpu host -m "$guest_mib" \
		-nodefaults -no-user-config -display none -serial "file:$dir/console" \
		-kernel /nested/vmlinuz -initrd /nested/initramfs.gz \
		-append "console=ttyS0 panic=-1 quiet mitigations=off" \
		-netdev type=vhost-vdpa,vhostdev=/dev/vhost-vdpa-0,id=n0 \
		-device virtio-net-pci,netdev=n0,disable-legacy=on,romfile= \
		-trace 'vhost_vdpa_dma_map' -D "$dir/trace" 2>"$dir/qemu.err" &
	qemu=$!
}

# Pages that QEMU asked to have mapped, from its own trace of each message.
asked()
{
	awk '/vhost_vdpa_dma_map / {
		for (i = 1; i < NF; i++)
			if ($i == "size:") { v = $(i + 1); sub(/^0x/, "", v); n += hex(v) }
	}
	function hex(s,   k, x) {
		s = tolower(s)
		for (k = 1; k <= length(s); k++)
			x = x * 16 + index("0123456789abcdef", substr(s, k, 1)) - 1
		return x
	}
	END { printf "%d\n", n / 4096 }' "$dir/trace"
}

# run TITLE: boot, and reboot three times
run()
{
	start_guest
	for boot in $(seq $boots); do
		wait_boot "$boot"
		status=$?
		result $status "$1: boot $boot, the NIC comes up"
		[ $status -eq 0 ] || break
	done
	kill "$qemu" 2>/dev/null
	wait "$qemu" 2>/dev/null
	[ "$status" -eq 0 ] || return 1
	if grep 'nested: ready' "$dir/console" | grep -qv 'rx [1-9]'; then
		grep 'nested: ready' "$dir/console" | sed 's/^/# /'
		result 1 "$1: frames come back in each boot"
	else
		result 0 "$1: frames come back in each boot"
	fi
	echo "# $1: QEMU asked for $(asked) pages; pinned $(($(counter pages_pinned) - begun)), reused $(($(counter pages_reused) - begun_reused))"
	# Both see every message: what was pinned or found pinned is what QEMU asked for.
	check "$1: QEMU's trace and the counters agree" "$(asked)" -eq \
		$(($(counter pages_pinned) - begun + $(counter pages_reused) - begun_reused))
	pinned=$(($(at $boots pages_pinned) - $(at 1 pages_pinned)))
	tables=$(($(at $boots set_map_calls) - $(at 1 set_map_calls)))
	echo "# $1: per reboot: $((pinned / (boots - 1))) pages pinned, $((tables / (boots - 1))) tables set"
	check "$1: when QEMU has gone nothing is pinned" \
		"$(($(counter pages_pinned) - $(counter pages_unpinned)))" -eq 0
}

modprobe kvm-amd || {
	echo "1..0 # SKIP no virtualization in this VM"
	exit 0
}

echo Y >/sys/module/vhost_vdpa/parameters/pin_reuse
if run "reuse"; then
	check "reuse: the first boot pins the guest's memory" "$(($(at 1 pages_pinned) - begun))" \
		-ge "$guest_pages"
	check "reuse: no reboot pins the guest's memory again" "$pinned" -le $slack
fi

echo N >/sys/module/vhost_vdpa/parameters/pin_reuse
if run "no reuse"; then
	check "no reuse: each reboot pins all of it again, as kernels without reuse do" "$pinned" \
		-ge $((guest_pages * (boots - 1)))
fi
echo Y >/sys/module/vhost_vdpa/parameters/pin_reuse

echo "1..$count"
rm -rf "$dir"
[ $failed -eq 0 ]
