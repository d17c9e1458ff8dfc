#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A guest under unmodified QEMU, on a simulated vDPA device, boots, reboots three times and ends: once
# as it is by default, once with vhost_vdpa.pin_reuse=N. What QEMU asks for (its own trace) and what
# was pinned for it (our counters) are compared. Prints TAP.
#
# usage: qemu_reboot.sh [PROGRAM]     of tests/clients/programs; the host's QEMU if not given
#
# QEMU never acks IOTLB_PERSIST. At each reboot it resets the device, unmaps all of the guest's
# memory and maps it again.

# shellcheck source=tests/clients/guest.sh
. ./guest.sh

mib=192
pages=$((mib * 256))
reboots=3
# What QEMU maps besides the guest's memory: shadow control queues, some pages per boot.
slack=$((32 * (reboots + 1)))

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
	END { printf "%d\n", n / 4096 }' "$dir/g/trace"
}

# calls LABEL LABEL: operations on the device's table
calls()
{
	echo $(($(between "$1" "$2" set_map_calls) + $(between "$1" "$2" dma_map_calls) + \
		$(between "$1" "$2" dma_unmap_calls)))
}

# report TITLE: the counts of each phase
report()
{
	from=begin
	for phase in boot reboot1 reboot2 reboot3 shutdown; do
		measured test=reboot "reuse=$1" "mib=$mib" "phase=$phase" \
			"pinned=$(between $from $phase pages_pinned)" \
			"reused=$(between $from $phase pages_reused)" \
			"tables=$(calls $from $phase)"
		from=$phase
	done
}

# run TITLE: boot, reboot, end
run()
{
	snapshot q0 begin
	# shellcheck disable=SC2046  # arguments
	guest_start g "$mib" "" $(nic q0) -trace vhost_vdpa_dma_map
	ready g 1
	result $? "$1: the guest boots, its NIC comes up" || return 1
	snapshot q0 boot
	for boot in $(seq $reboots); do
		say g reboot
		ready g $((boot + 1))
		result $? "$1: reboot $boot" || break
		snapshot q0 "reboot$boot"
	done
	gone g
	[ -e "$dir/stats.reboot$reboots" ] || return 1
	snapshot q0 shutdown
	! grep 'nested: ready' "$dir/g/console" | grep -v 'rx [1-9]'
	result $? "$1: frames come back in each boot"

	# Both see every message: what was pinned or found pinned is what QEMU asked for.
	check "$1: QEMU's trace and the counters agree" "$(asked)" -eq \
		$(($(between begin shutdown pages_pinned) + $(between begin shutdown pages_reused)))
	check "$1: when QEMU has gone nothing is pinned" "$(held q0)" -eq 0
	report "$1"
	pinned=$(between boot reboot$reboots pages_pinned)
	rm -f "$dir"/stats.*
}

guest_program "${1:-}"

reuse Y
if run on; then
	check "on: no reboot pins the guest's memory again" "$pinned" -le $slack
fi

reuse N
if run off; then
	check "off: each reboot pins all of it again, as kernels without reuse do" "$pinned" \
		-ge $((pages * reboots))
fi
reuse Y

plan
