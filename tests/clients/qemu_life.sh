#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What happens to guests of unmodified QEMU: two of them talk over a wire, while one is reset, gets
# more memory, has several queues or shadow virtqueues; and QEMU is killed at random moments. Prints
# TAP.
#
# usage: qemu_life.sh PROGRAM [SEED]

# shellcheck source=tests/clients/guest.sh
. ./guest.sh

mib=192
# A guest's own reset or reboot may pin this much: shadow control queues.
slack=64
seed=${2:-$(date +%s)}
wire=/sys/devices/vdpasim_net/wire

# same LABEL LABEL NAME: from there to there no guest memory was pinned
same()
{
	check "$3: no guest memory is pinned again" "$(between "$1" "$2" pages_pinned)" -le $slack
}

# start_pair: two guests at both ends of a wire
start_pair()
{
	# shellcheck disable=SC2046  # arguments
	guest_start a "$mib,slots=2,maxmem=1G" "nested.ip=10.9.9.1 nested.peer=10.9.9.2" \
		$(nic w0 "" mac=02:00:00:00:00:10)
	# shellcheck disable=SC2046
	guest_start b "$mib" "nested.ip=10.9.9.2 nested.peer=10.9.9.1" \
		$(nic w1 "" mac=02:00:00:00:00:11)
	ready a 1 && ready b 1
}

# talk NAME: pings pass between the two
talk()
{
	ask a ping 20
	check "$1: pings pass" "$answer" = "received 20"
}

wire()
{
	vdpa dev add name w0 mgmtdev vdpasim_net mac 02:00:00:00:00:10 &&
		vdpa dev add name w1 mgmtdev vdpasim_net mac 02:00:00:00:00:11 &&
		echo "w0 w1" >$wire
	result $? "two devices on a wire"
	start_pair
	result $? "wire: two guests boot" || return
	talk "wire"
	say b receive
	sleep 1
	ask a send 4
	sent=$answer
	answer b receive 1
	check "wire: 4 MiB over TCP arrive as they were sent" "$answer" = "${sent:-nothing}"

	snapshot w0 before
	ask a rebind
	check "device reset by the driver" "$answer" = "times 3"
	snapshot w0 after
	same before after "device reset"
	talk "device reset"

	monitor a system_reset
	ready a 2
	result $? "reset button"
	snapshot w0 after
	same before after "reset button"
	talk "reset button"

	plug
	gone a
	gone b
	check "wire: when QEMU has gone nothing is pinned" "$(held w0)/$(held w1)" = 0/0
	rm -f "$dir"/stats.*
}

# Memory is plugged in while frames pass.
plug()
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
	check "memory: the guest has more" "${answer#kib }" -ge $((before + 100000))
	snapshot w0 after
	new=$(between before after pages_pinned)
	check "memory: what is new is pinned" "$new" -ge 32768
	check "memory: nothing else is" "$new" -le $((32768 + slack))
	measured test=plug "pinned=$new" "tables=$(between before after set_map_calls)"
	ask a stream off
	check "memory: frames passed all the time" "${answer#rx }" -gt "$first"
	talk "memory"
	say a reboot
	ready a 3
	result $? "memory: reboot"
	snapshot w0 before
	same after before "memory: reboot"
}

# Shadow virtqueues: QEMU stands between the guest's rings and the device.
shadow()
{
	# shellcheck disable=SC2046  # arguments
	guest_start s "$mib" "" $(nic q0 x-svq=on)
	ready s 1
	result $? "x-svq: the guest boots"
	ask s loop
	check "x-svq: frames come back" "${answer#rx }" -gt 0
	snapshot q0 before
	say s reboot
	ready s 2
	result $? "x-svq: reboot"
	snapshot q0 after
	measured test=svq "pinned=$(between before after pages_pinned)" \
		"tables=$(between before after set_map_calls)"
	# The rings themselves are QEMU's memory, and new ones each time.
	check "x-svq: no reboot pins the guest's memory again" \
		"$(between before after pages_pinned)" -lt $((mib * 256 / 10))
	gone s
	check "x-svq: when QEMU has gone nothing is pinned" "$(held q0)" -eq 0
}

# completed DEVICE QUEUE: descriptors that the device has used
completed()
{
	vdpa dev vstats show "$1" qidx "$2" | sed -n 's/.*completed_desc \([0-9]*\).*/\1/p'
}

queues()
{
	vdpa dev add name m0 mgmtdev vdpasim_net mac 02:00:00:00:00:20 max_vqp 2
	result $? "a device with two pairs of queues"
	# shellcheck disable=SC2046  # arguments
	guest_start m "$mib" "" -smp 2 $(nic m0 queues=2 mq=on,vectors=6)
	ready m 1
	result $? "queues: the guest boots"
	ask m queues
	check "queues: it uses both pairs" "$answer" = "rx 2 tx 2"
	ask m loop
	check "queues: frames come back" "${answer#rx }" -gt 0
	snapshot m0 before
	say m reboot
	ready m 2
	result $? "queues: reboot"
	snapshot m0 after
	same before after "queues: reboot"
	gone m
	check "queues: when QEMU has gone nothing is pinned" "$(held m0)" -eq 0
	vdpa dev del m0
}

# killed AFTER MOMENT: QEMU is killed that many tenths of a second after it was started, or told the
# guest to reboot
killed()
{
	# shellcheck disable=SC2046  # arguments
	guest_start k "$mib" "" $(nic q0)
	if [ "$2" = reboot ]; then
		ready k 1 || return
		say k reboot
	fi
	sleep "$(($1 / 10)).$(($1 % 10))"
	last=$(held q0)
	gone k KILL
	check "kill -9 $1/10 s after $2, $last pages pinned then: none is left" \
		"$(held q0) $(counter q0 pages_parked) $(pins)" = "0 0 $base"
}

kills()
{
	base=$(pins)
	echo "# seed $seed"
	moments=$(awk -v seed="$seed" 'BEGIN {
		srand(seed)
		for (i = 0; i < 8; i++)
			print int(rand() * (i < 6 ? 150 : 80)) (i < 6 ? "start" : "reboot")
	}')
	for moment in $moments; do
		tenths=${moment%%[a-z]*}
		killed "$tenths" "${moment#"$tenths"}"
	done
	# shellcheck disable=SC2046  # arguments
	guest_start k "$mib" "" $(nic q0)
	ready k 1
	result $? "after all that a guest boots"
	gone k
}

guest_program "$1"
reuse Y
wire
shadow
queues
kills
plan
