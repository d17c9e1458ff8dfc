#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# libblkio's virtio-blk-vhost-vdpa driver, through qemu-io and qemu-img, on a simulated block device.
# Prints TAP.
#
# usage: blkio.sh PROGRAM

# shellcheck source=tests/clients/guest.sh
. ./guest.sh

here=/programs/$1/bin

# run PROGRAM ARGS...: for as long as it may take; what it says is in $dir/out
run()
{
	tool=$1
	shift
	timeout "$patience" "$here/$tool" "$@" >"$dir/out" 2>&1
}

# io NAME COMMAND...: qemu-io succeeds with all of them
io()
{
	title=$1
	shift
	for command in "$@"; do
		set -- "$@" -c "$command"
		shift
	done
	run qemu-io --image-opts "$image" "$@"
	status=$?
	# Of a pattern that differs it only speaks.
	! grep -qi 'failed\|error' "$dir/out" || status=1
	[ $status -eq 0 ] || sed 's/^/# /' "$dir/out"
	result $status "$title"
}

# refused NAME COMMAND: qemu-io says that this cannot be done
refused()
{
	run qemu-io --image-opts "$image" -c "$2"
	grep -qi 'failed\|invalid\|error\|out of range' "$dir/out"
	result $? "$1"
	sed 's/^/# /' "$dir/out"
}

# clean NAME: nobody has anything pinned
clean()
{
	check "$1: nothing stays pinned" "$(held b0) $(pins)" = "0 $base"
}

copies()
{
	dd if=/dev/urandom of="$dir/random" bs=1M count=16 2>/dev/null
	run qemu-img convert -n --image-opts --target-image-opts \
		"driver=file,filename=$dir/random" "$image"
	result $? "qemu-img writes an image" || sed 's/^/# /' "$dir/out"
	run qemu-img convert --image-opts -O raw "$image" "$dir/back"
	result $? "qemu-img reads the device" || sed 's/^/# /' "$dir/out"
	check "and the same is in it" "$(head -c 16777216 "$dir/back" | md5sum)" = \
		"$(md5sum <"$dir/random")"
	rm -f "$dir/random" "$dir/back"
}

errors()
{
	refused "a read past the end is an error" "read 200M 64k"
	echo 1 >/sys/kernel/debug/vdpa_sim/b0/fail_nth_set_map
	refused "a device that refuses its table is an error" "read 0 64k"
	echo 0 >/sys/kernel/debug/vdpa_sim/b0/fail_nth_set_map
	clean "refused table"
	io "refused table: the next process writes and reads" "write -P 6 0 1M" "read -P 6 0 1M"

	# Killed in the middle of it
	"$here/qemu-io" --image-opts "$image" -c "write 0 100M" -c "sleep 100000" >/dev/null 2>&1 &
	pid=$!
	for _ in $(seq "$patience"); do
		[ "$(held b0)" -eq 0 ] || break
		sleep 1
	done
	last=$(held b0)
	kill -KILL $pid
	wait $pid 2>/dev/null
	check "kill -9: it had memory pinned" "$last" -gt 0
	clean "kill -9"
	io "kill -9: the next process writes and reads" "write -P 7 0 1M" "read -P 7 0 1M"
}

version=$("$here/qemu-io" --version | sed -n 's/.*version \([0-9.]*\).*/\1/p')
[ -n "$version" ] || {
	echo "Bail out! qemu-io does not run"
	exit 1
}
library=$(sed -n 's/^libblkio1=\([0-9.]*\).*/\1/p' "/programs/$1/versions")
echo "# client libblkio $library in qemu-io $version ($1)"
vdpa dev add name b0 mgmtdev vdpasim_blk
result $? "a block device"
base=$(pins)
image="driver=virtio-blk-vhost-vdpa,path=/dev/$(node b0),cache.direct=on"

io "patterns are read back" "write -P 0x5a 0 1M" "write -P 0xa5 1M 64k" "read -P 0x5a 0 1M" \
	"read -P 0xa5 1M 64k"
io "another process reads them" "read -P 0x5a 0 1M" "read -P 0xa5 1M 64k"
io "a flush" "flush"
io "discarded sectors are zero" "discard 0 512k" "read -P 0 0 512k" "read -P 0x5a 512k 512k"
io "zeroes are written" "write -z 512k 512k" "read -P 0 0 1M" "read -P 0xa5 1M 64k"
io "many requests at once" "aio_write -P 1 8M 1M" "aio_write -P 2 9M 1M" "aio_write -P 3 10M 1M" \
	"aio_flush" "read -P 1 8M 1M" "read -P 2 9M 1M" "read -P 3 10M 1M"
clean "when they have ended"
copies
errors
plan
