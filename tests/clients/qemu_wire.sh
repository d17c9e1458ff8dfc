#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Two guests of unmodified QEMU talk over a wire between their devices, while one is reset in several
# ways and gets more memory. Prints TAP.
#
# usage: qemu_wire.sh PROGRAM

# shellcheck source=tests/clients/guest.sh
. ./guest.sh

mib=192
wire=/sys/devices/vdpasim_net/wire

# pair: two guests at both ends of a wire
pair()
{
	vdpa dev add name w0 mgmtdev vdpasim_net mac 02:00:00:00:00:10 &&
		vdpa dev add name w1 mgmtdev vdpasim_net mac 02:00:00:00:00:11 &&
		echo "w0 w1" >$wire
	result $? "wire: two devices on it" || return
	# shellcheck disable=SC2046  # arguments
	guest_start a "$mib,slots=2,maxmem=1G" "nested.ip=10.9.9.1 nested.peer=10.9.9.2" \
		$(nic w0 "" mac=02:00:00:00:00:10)
	# shellcheck disable=SC2046
	guest_start b "$mib" "nested.ip=10.9.9.2 nested.peer=10.9.9.1" \
		$(nic w1 "" mac=02:00:00:00:00:11)
	ready a 1 && ready b 1
	result $? "wire: two guests boot"
}

# talk NAME: pings pass between the two
talk()
{
	ask a ping 20
	check "$1: pings pass" "$answer" = "received 20"
}

traffic()
{
	talk "wire"
	say b receive
	ask a send 4
	sent=$answer
	answer b receive 1
	check "wire: 4 MiB over TCP arrive as they were sent" "$answer" = "${sent:-nothing}"
}

# The guest's driver lets the device go; then the whole guest is reset.
resets()
{
	snapshot w0 before
	ask a rebind
	check "device reset: the driver lets go and binds again" "$answer" = "times 3"
	snapshot w0 after
	same "device reset"
	cost rebind
	talk "device reset"

	snapshot w0 before
	again a monitor a system_reset
	result $? "reset button: the guest comes up"
	snapshot w0 after
	same "reset button"
	talk "reset button"
}

# Memory is plugged in while frames pass.
memory()
{
	ask a memory
	before=${answer#kib }
	ask a stream on
	first=${answer#rx }
	snapshot w0 before
	monitor a object-add '{"qom-type": "memory-backend-ram", "id": "m1", "size": 134217728}'
	monitor a device_add '{"driver": "pc-dimm", "id": "d1", "memdev": "m1"}'
	for _ in $(seq 60); do
		ask a memory || break
		[ "${answer#kib }" -le "$before" ] || break
		sleep 1
	done
	check "memory: the guest has more" "${answer#kib }" -ge $((before + 100000)) ||
		tail -n 3 "$dir/a/qmp" "$dir/a/err" | sed 's/^/# /'
	snapshot w0 after
	new=$(between before after pages_pinned)
	check "memory: what is new is pinned, and nothing else" "$new" -eq 32768
	cost plug
	# More than there was before
	ask a touch $((before / 1024))
	check "memory: it can be used" "$answer" = "mib $((before / 1024))"
	ask a stream off
	check "memory: frames passed all the time" "${answer#rx }" -gt "$first"
	talk "memory"
	snapshot w0 before
	again a say a reboot
	result $? "memory: reboot"
	snapshot w0 after
	same "memory: reboot"
	talk "memory: reboot"
}

guest_program "$1"
reuse Y
if pair; then
	traffic
	resets
	memory
	gone a
	gone b
	check "wire: when QEMU has gone nothing is pinned" "$(held w0)/$(held w1)" = 0/0
fi
plan
