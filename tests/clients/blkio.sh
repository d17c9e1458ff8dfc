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
version=$("$here/qemu-io" --version | sed -n 's/.*version \([0-9.]*\).*/\1/p')
echo "# qemu-io $version"
base=$(pins)
vdpa dev add name b0 mgmtdev vdpasim_blk
result $? "a block device"
image="driver=virtio-blk-vhost-vdpa,path=/dev/$(node b0),cache.direct=on"

# io NAME COMMAND...: qemu-io succeeds with all of them
io()
{
	name=$1
	shift
	for command in "$@"; do
		set -- "$@" -c "$command"
		shift
	done
	timeout 120 "$here/qemu-io" --image-opts "$image" "$@" >"$dir/out" 2>&1
	status=$?
	grep -q 'failed\|ailure' "$dir/out" && status=1
	[ $status -eq 0 ] || sed 's/^/# /' "$dir/out"
	result $status "$name"
}

io "patterns are read back" "write -P 0x5a 0 1M" "write -P 0xa5 1M 64k" "read -P 0x5a 0 1M" \
	"read -P 0xa5 1M 64k"
io "another process reads them" "read -P 0x5a 0 1M" "read -P 0xa5 1M 64k"
io "a flush" "flush"
io "discarded sectors are zero" "discard 0 512k" "read -P 0 0 512k" "read -P 0x5a 512k 512k"
io "zeroes are written" "write -z 512k 512k" "read -P 0 0 1M" "read -P 0xa5 1M 64k"
io "many requests at once" "aio_write -P 1 8M 1M" "aio_write -P 2 9M 1M" "aio_write -P 3 10M 1M" \
	"aio_flush" "read -P 1 8M 1M" "read -P 2 9M 1M" "read -P 3 10M 1M"

dd if=/dev/urandom of="$dir/random" bs=1M count=16 2>/dev/null
timeout 120 "$here/qemu-img" convert -n --image-opts --target-image-opts \
	"driver=file,filename=$dir/random" "$image" >"$dir/out" 2>&1
status=$?
sed 's/^/# /' "$dir/out"
result $status "qemu-img writes an image"
timeout 120 "$here/qemu-img" convert --image-opts -O raw "$image" "$dir/back" >"$dir/out" 2>&1
status=$?
sed 's/^/# /' "$dir/out"
result $status "qemu-img reads the device"
check "and the same is in it" "$(head -c 16777216 "$dir/back" | md5sum)" = \
	"$(md5sum <"$dir/random")"
rm -f "$dir/random" "$dir/back"

timeout 60 "$here/qemu-io" --image-opts "$image" -c "read 200M 64k" >"$dir/out" 2>&1
grep -q 'failed\|Invalid\|error' "$dir/out"
result $? "a read past the end is an error"

# Killed in the middle of it
"$here/qemu-io" --image-opts "$image" -c "write 0 100M" -c "sleep 100000" >/dev/null 2>&1 &
pid=$!
sleep 3
kill -KILL $pid
wait $pid 2>/dev/null
check "killed: nothing stays pinned" "$(held b0) $(pins)" = "0 $base"
io "killed: the next process writes and reads" "write -P 7 0 1M" "read -P 7 0 1M"
measured test=blkio "pinned=$(counter b0 pages_pinned)" "reused=$(counter b0 pages_reused)" \
	"tables=$(counter b0 set_map_calls)"
plan
