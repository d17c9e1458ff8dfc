# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# pair.sh - two network interfaces that are connected: $e0 here, $e1 in a network namespace of its
# own, which ends with the test. Sourced after tap.sh; the functions want $e0 and $e1.
#
# shellcheck disable=SC2154  # by the test

unshare -n sleep 100000 >/dev/null 2>&1 &
peer=$!
trap 'kill $peer' EXIT

in_peer()
{
	nsenter -t $peer -n "$@"
}

pair_up()
{
	ip link set "$e1" netns $peer &&
		in_peer ip addr add 10.9.0.2/24 dev "$e1" && in_peer ip link set "$e1" up &&
		ip addr add 10.9.0.1/24 dev "$e0" && ip link set "$e0" up
}

to_peer()
{
	rm -f /tmp/got
	in_peer sh -c 'sleep 60 | nc -l -p 5001 >/tmp/got' >/dev/null 2>&1 &
	sleep 1
	sh -c '{ cat /tmp/sent; sleep 2; } | nc -w 20 10.9.0.2 5001' >/dev/null 2>&1 &
	wait_for 60 cmp /tmp/sent /tmp/got
}

from_peer()
{
	rm -f /tmp/got
	sh -c 'sleep 60 | nc -l -p 5002 >/tmp/got' >/dev/null 2>&1 &
	sleep 1
	in_peer sh -c '{ cat /tmp/sent; sleep 2; } | nc -w 20 10.9.0.1 5002' >/dev/null 2>&1 &
	wait_for 60 cmp /tmp/sent /tmp/got
}

# pair_bulk MIB: two tests
pair_bulk()
{
	head -c $(($1 * 1024 * 1024)) /dev/urandom >/tmp/sent
	ok "$1 MiB over TCP arrive whole" to_peer
	ok "and back" from_peer
}
