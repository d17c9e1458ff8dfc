# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# For tests that run guests under QEMU inside a test VM: guests that are started, talked to and
# killed, and the counters of the devices that they use. Prints TAP. Sourced.
#
# A guest has a name and a directory $dir/NAME: "console" is what it said, "qmp" what QEMU's monitor
# said, "err" QEMU's messages.

dir=$(mktemp -d)
program=
keeper=
count=0
failed=0
# Seconds to wait for anything: a limit for what hangs, far above what emulation takes.
patience=${PATIENCE:-500}

# guest_program [NAME]: QEMU of a disk of programs, or the host's own
guest_program()
{
	if [ -n "${1:-}" ]; then
		program=/programs/$1/bin/qemu-system-x86_64
		firmware=
	else
		program=/nested/qemu-system-x86_64
		firmware="-L /nested"
	fi
	version=$($program --version | sed -n 's/.*version \([0-9.]*\).*/\1/p')
	[ -n "$version" ] || {
		echo "Bail out! $program does not run"
		exit 1
	}
	echo "# client QEMU $version (${1:-of this machine})"
	modprobe kvm-amd || {
		echo "1..0 # SKIP no virtualization in this VM"
		exit 0
	}
	# KVM patches its own code while the last guest whose local APIC is off switches it on. The
	# emulator of this VM at times does not survive that (see tests/vm/run), so there is
	# always one more, which never runs.
	# shellcheck disable=SC2086  # arguments, or none
	"$program" $firmware -M pc -accel kvm -cpu host -m 16 -nodefaults -no-user-config \
		-display none -S </dev/null >"$dir/keeper" 2>&1 &
	keeper=$!
}

# result STATUS NAME
result()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
	else
		echo "not ok $count - $2"
		failed=$((failed + 1))
		return 1
	fi
}

# check NAME VALUE OPERATOR LIMIT
check()
{
	# shellcheck disable=SC1072,SC1073  # the operator is an argument
	test "${2:-none}" "$3" "$4" 2>/dev/null
	status=$?
	[ $status -eq 0 ] || echo "# '$2' $3 '$4' does not hold"
	result $status "$1"
}

plan()
{
	echo "1..$count"
	[ -z "$keeper" ] || kill "$keeper"
	rm -rf "$dir"
	[ $failed -eq 0 ]
}

# measured KEY=VALUE...: for the tables in docs, see tests/clients/report
measured()
{
	echo "# measured qemu=$version $*"
}

# node DEVICE: its /dev/vhost-vdpa-N, without /dev/
node()
{
	for n in /sys/bus/vdpa/devices/"$1"/vhost-vdpa-*; do
		basename "$n"
	done
}

# counter DEVICE NAME
counter()
{
	awk -v name="$2" '$1 == name { print $2 }' \
		"/sys/kernel/debug/vhost_vdpa/$(node "$1")/stats"
}

# snapshot DEVICE LABEL: keeps the counters; at LABEL NAME is one of them
snapshot()
{
	cp "/sys/kernel/debug/vhost_vdpa/$(node "$1")/stats" "$dir/stats.$2"
}

at()
{
	awk -v name="$2" '$1 == name { print $2 }' "$dir/stats.$1"
}

# between LABEL LABEL NAME
between()
{
	echo $(($(at "$2" "$3") - $(at "$1" "$3")))
}

# held DEVICE: pages pinned now
held()
{
	echo $(($(counter "$1" pages_pinned) - $(counter "$1" pages_unpinned)))
}

# pins: pages that the kernel itself believes to be pinned by anybody
pins()
{
	# Counters of each processor are added up first.
	cat /proc/sys/vm/stat_refresh >/dev/null
	awk '$1 == "nr_foll_pin_acquired" { n += $2 } $1 == "nr_foll_pin_released" { n -= $2 }
		END { print n + 0 }' /proc/vmstat
}

# A guest's own reset or reboot may pin this much: shadow control queues.
reset_slack=64

# same NAME: between the snapshots "before" and "after" no guest memory was pinned
same()
{
	new=$(between before after pages_pinned)
	check "$1: no guest memory is pinned again" "$new" -le $reset_slack
}

# cost KIND: of what lies between the snapshots, for the tables
cost()
{
	measured test=change "what=$1" "pinned=$(between before after pages_pinned)" \
		"reused=$(between before after pages_reused)" \
		"tables=$(between before after set_map_calls)"
}

# guest_start NAME MIB KERNEL-ARGS QEMU-ARGS...
guest_start()
{
	d=$dir/$1
	mib=$2
	words=$3
	rm -rf "$d"
	mkdir "$d"
	shift 3
	mkfifo "$d/con.in" "$d/con.out" "$d/mon.in" "$d/mon.out"
	cat "$d/con.out" >"$d/console" &
	cat "$d/mon.out" >"$d/qmp" &
	# shellcheck disable=SC2086  # arguments, or none
	"$program" $firmware -M pc -accel kvm -cpu host -m "$mib" \
		-nodefaults -no-user-config -display none -serial "pipe:$d/con" \
		-chardev "pipe,id=mon,path=$d/mon" -mon chardev=mon,mode=control \
		-kernel /nested/vmlinuz -initrd /nested/initramfs.gz \
		-append "console=ttyS0 panic=-1 quiet mitigations=off $words" \
		-D "$d/trace" "$@" 2>"$d/err" </dev/null &
	echo $! >"$d/pid"
	qmp "$d" qmp_capabilities
}

alive()
{
	kill -0 "$(cat "$dir/$1/pid")" 2>/dev/null
}

# put FIFO LINE: QEMU holds the other end open, for as long as it lives
put()
{
	timeout 120 sh -c "printf '%s\n' \"\$1\" >\"\$2\"" put "$2" "$1"
}

# qmp DIRECTORY COMMAND [ARGUMENTS]
qmp()
{
	if [ -n "${3:-}" ]; then
		put "$1/mon.in" "{\"execute\": \"$2\", \"arguments\": $3}"
	else
		put "$1/mon.in" "{\"execute\": \"$2\"}"
	fi
}

# monitor NAME COMMAND [ARGUMENTS]: a command of QMP
monitor()
{
	name=$1
	shift
	qmp "$dir/$name" "$@"
}

# lines FILE PATTERN
lines()
{
	grep -c -e "$2" "$1"
}

# await NAME FILE PATTERN COUNT: until that many lines match; fails if QEMU ends, or nothing comes
await()
{
	left=$((patience * 2))
	while [ "$(lines "$dir/$1/$2" "$3")" -lt "$4" ]; do
		left=$((left - 1))
		if [ $left -eq 0 ] || ! alive "$1"; then
			# It may have been its last word.
			[ "$(lines "$dir/$1/$2" "$3")" -ge "$4" ] && return 0
			echo "# $1: no '$3' in $2 ($4)"
			tail -n 12 "$dir/$1/console" "$dir/$1/err" "$dir/$1/qmp" | tr -d '\r' |
				cut -c 1-300 | sed 's/^/# /'
			return 1
		fi
		sleep 0.5
	done
}

# ready NAME BOOT: the guest has come up that many times
ready()
{
	await "$1" console 'nested: ready' "$2"
}

# again NAME COMMAND...: with that the guest comes up once more
again()
{
	who=$1
	boots=$(lines "$dir/$who/console" 'nested: ready')
	shift
	"$@"
	ready "$who" $((boots + 1))
}

# say NAME COMMAND [ARGUMENTS]: to the guest, without waiting
say()
{
	name=$1
	shift
	put "$dir/$name/con.in" "$*"
}

# ask NAME COMMAND [ARGUMENTS]: what the guest answers, in $answer
ask()
{
	name=$1
	shift
	answers=$(lines "$dir/$name/console" "nested: $1:")
	say "$name" "$@"
	answer "$name" "$1" $((answers + 1))
}

# answer NAME COMMAND N: the n-th answer to that command, in $answer
# shellcheck disable=SC2034  # used by those who source this
answer()
{
	answer=
	await "$1" console "nested: $2:" "$3" || return 1
	answer=$(sed -n "s/\r//g; s/.*nested: $2: //p" "$dir/$1/console" | sed -n "$3p")
}

# gone NAME [SIGNAL]: ends QEMU (TERM), and waits for it
gone()
{
	pid=$(cat "$dir/$1/pid")
	kill "-${2:-TERM}" "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
}

# reuse Y|N: for nodes opened from now on. Emulation on a busy machine may take minutes for a boot that
# takes seconds: what a reboot costs is counted here, not how long it may take.
reuse()
{
	echo 1800000 >/sys/module/vhost_vdpa/parameters/pin_reuse_ms
	echo "$1" >/sys/module/vhost_vdpa/parameters/pin_reuse
}

# nic DEVICE [NETDEV-OPTIONS [NIC-OPTIONS]]: QEMU's arguments for a NIC on it
nic()
{
	echo "-netdev type=vhost-vdpa,vhostdev=/dev/$(node "$1"),id=n0${2:+,$2}" \
		"-device virtio-net-pci,netdev=n0,disable-legacy=on,romfile=${3:+,$3}"
}
