#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# DPDK's testpmd, unmodified, with a virtio-user port on a simulated vDPA device that sends everything
# back: it forwards what it receives, its port is stopped and started 100 times, and the port is
# detached and attached again. Prints TAP.
#
# usage: dpdk.sh PROGRAM [RESTARTS]     PROGRAM of tests/clients/programs
#
# What goes through is read from the device (vdpa dev vstats), for testpmd's own output comes when it
# ends.

# shellcheck source=tests/clients/guest.sh
. ./guest.sh

place=/programs/$1
restarts=${2:-100}
attaches=5
mac=02:76:64:70:64:6b

# packets QUEUE: of the device, since it runs
packets()
{
	# "rx packets 5312 rx bytes ..."
	vdpa dev vstats show d0 qidx "$1" 2>/dev/null |
		awk '{ for (i = 1; i < NF; i++) if ($i == "packets") n = $(i + 1) }
			END { print n + 0 }'
}

tell()
{
	put "$dir/in" "$*"
}

# moves FROM: until that many more than FROM frames were received
moves()
{
	left=$((patience * 5))
	while [ "$(packets 0)" -lt $(($1 + 64)) ]; do
		left=$((left - 1))
		[ $left -gt 0 ] && kill -0 "$testpmd" 2>/dev/null || return 1
		sleep 0.2
	done
}

# rests: until nothing moves any more
rests()
{
	left=$((patience * 5))
	last=-1
	while now=$(packets 0); [ "$now" -ne "$last" ]; do
		last=$now
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.2
	done
}

restart()
{
	tell stop
	rests || return 1
	tell port stop 0
	tell port start 0
	tell start tx_first
	moves "$last"
}

modprobe vdpa_sim_net
vdpa dev add name d0 mgmtdev vdpasim_net mac $mac
echo 160 >/proc/sys/vm/nr_hugepages
mkdir -p /var/run
mkfifo "$dir/in"
"$place/bin/dpdk-testpmd" -l 0,1 --iova-mode=va --in-memory --no-pci --no-telemetry \
	-d "$place/lib/plugins/librte_net_virtio.so" \
	-d "$place/lib/plugins/librte_mempool_ring.so" \
	--vdev="net_virtio_user0,path=/dev/$(node d0)" -- -i --disable-link-check \
	--eth-peer=0,$mac --total-num-mbufs=2048 <"$dir/in" >"$dir/out" 2>&1 &
testpmd=$!
exec 7>"$dir/in"
version=$(sed -n 's/^dpdk-dev=//p' "$place/versions")
echo "# client DPDK $version ($1)"

snapshot d0 begin
# Not by physical addresses, which testpmd prefers as root: DPDK 22.11 maps those, but hands out its
# own ones for the rings.
tell set fwd mac
tell start tx_first
moves 0
result $? "testpmd forwards what comes back" || tail -n 30 "$dir/out" | sed 's/^/# /'
snapshot d0 up
from=$(packets 0)

done=0
while [ $done -lt "$restarts" ] && restart; do
	done=$((done + 1))
done
check "its port restarts $restarts times and forwards again each time" $done -eq "$restarts"
snapshot d0 restarted
check "no page is pinned for that" "$(between up restarted pages_pinned)" -eq 0
check "and the device is told of no memory" "$(between up restarted set_map_calls)" -eq 0
echo "# $(($(packets 0) - from)) frames"

# A port that is detached closes the node, and the next one begins anew.
done=0
while [ $done -lt $attaches ]; do
	tell stop
	rests || break
	tell port stop 0
	tell port detach 0
	left=$((patience * 5))
	while [ "$(held d0)" -ne 0 ] && [ $left -gt 0 ]; do
		left=$((left - 1))
		sleep 0.2
	done
	[ "$(held d0)" -eq 0 ] || break
	tell "port attach net_virtio_user0,path=/dev/$(node d0)"
	tell port start 0
	tell start tx_first
	moves "$last" || break
	done=$((done + 1))
done
check "detached, its memory is let go; attached again, it forwards" $done -eq $attaches
snapshot d0 attached
measured test=dpdk "restarts=$restarts" "up=$(between begin up pages_pinned)" \
	"again=$(between up restarted pages_pinned)" \
	"resets=$(between up restarted resets)" "frames=$(packets 0)"

tell quit
exec 7>&-
wait $testpmd
status=$?
check "testpmd ends by itself" $status -eq 0
[ $status -eq 0 ] || tail -n 30 "$dir/out" | sed 's/^/# /'
check "and nothing stays pinned" "$(held d0)" -eq 0
vdpa dev del d0
plan
