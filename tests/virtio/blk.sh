#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's virtio-blk over a simulated device: data, a file system, discard, removal. Prints
# TAP.

# shellcheck source=tests/virtio/tap.sh
. ./tap.sh

fio=/programs/fio/bin/fio
e2fs=/programs/e2fsprogs/bin

modprobe virtio_blk
modprobe virtio_vdpa

add_disk()
{
	vdpa dev add name b0 mgmtdev vdpasim_blk &&
		wait_for 30 test -d /sys/bus/vdpa/devices/b0/virtio*/block
}

ok "a device" add_disk
disk=$(basename "$(echo /sys/bus/vdpa/devices/b0/virtio*/block/*)")
dev=/dev/$disk

ok "its size is 128 MiB" test "$(cat "/sys/block/$disk/size")" = 262144
ok "its serial number" test "$(cat "/sys/block/$disk/serial")" = vdpa_blk_sim

queues()
{
	set -- "/sys/block/$disk/mq/"*
	[ $# = "$(cat /sys/module/vdpa_sim_blk/parameters/num_queues)" ]
}

ok "as many queues as the module was told to" queues

drop()
{
	sync
	echo 3 > /proc/sys/vm/drop_caches
}

head -c 33554432 /dev/urandom > /tmp/data

write_read()
{
	dd if=/tmp/data of="$dev" bs=1M seek=90 conv=fsync 2>&1 && drop &&
		dd if="$dev" of=/tmp/back bs=64k skip=1440 count=512 2>&1 && cmp /tmp/data /tmp/back
}

parallel()
{
	for i in 0 1 2 3; do
		dd if=/tmp/data of="$dev" bs=4k seek=$((i * 2048)) skip=$((i * 512)) count=2048 \
			conv=fsync 2> /dev/null &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086
	wait $pids
	drop
	for i in 0 1 2 3; do
		dd if="$dev" bs=4k skip=$((i * 2048)) count=2048 2> /dev/null |
			cmp - "/tmp/part$i" || return 1
	done
}

for i in 0 1 2 3; do
	dd if=/tmp/data of="/tmp/part$i" bs=4k skip=$((i * 512)) count=2048 2> /dev/null
done

ok "what was written is read back, to the last sector but 6 MiB" write_read

last_sector()
{
	dd if=/tmp/data of="$dev" bs=512 seek=262143 count=1 conv=fsync 2>&1 && drop &&
		dd if="$dev" bs=512 skip=262143 2> /dev/null | cmp -n 512 - /tmp/data
}

ok "the last sector" last_sector
refused "nothing behind the last sector" dd if=/tmp/data of="$dev" bs=512 seek=262144 count=1
ok "four writers at once" parallel

# Two jobs in their own halves; each block says where it belongs, and is read back.
fio_blocks()
{
	$fio --name=blocks --filename="$dev" --ioengine=libaio --direct=1 --iodepth=16 \
		--numjobs=2 --size=8m --offset_increment=64m --group_reporting \
		--verify=crc32c --verify_fatal=1 "$@"
}

ok "fio: blocks of 4 KiB in any order, verified" fio_blocks --rw=randwrite --bs=4k
ok "fio: blocks of all sizes, verified" fio_blocks --rw=randwrite --bsrange=512-128k
ok "fio: one after the other, large, verified" fio_blocks --rw=write --bs=256k
ok "fio: each block discarded, then written, verified" fio_blocks --rw=trimwrite --bs=4k

fio_files()
{
	$fio --name=files --directory=/tmp/mnt --nrfiles=8 --size=12m --bs=8k --verify=sha1 \
		--verify_fatal=1 "$@"
}

filesystem()
{
	$e2fs/mke2fs -q -F -t ext4 "$dev" && mkdir -p /tmp/mnt &&
		mount -t ext4 "$dev" /tmp/mnt && cp /tmp/data /tmp/mnt/a &&
		fio_files --rw=write --do_verify=0 --end_fsync=1 && umount /tmp/mnt && drop &&
		mount -t ext4 -o discard "$dev" /tmp/mnt && cmp /tmp/data /tmp/mnt/a &&
		fio_files --rw=read && rm /tmp/mnt/a && umount /tmp/mnt && drop &&
		mount -t ext4 "$dev" /tmp/mnt && fio_files --rw=read && umount /tmp/mnt &&
		$e2fs/e2fsck -fn "$dev"
}

# ext4 asks for crc32c by name, which finds no module in so small a system.
modprobe crc32c_generic 2> /dev/null
modprobe ext4
ok "a journaling file system keeps its files over remounts, and is sound" filesystem

zeroed()
{
	blkdiscard "$dev" && drop && dd if="$dev" bs=1M 2> /dev/null | cmp -n 134217728 - /dev/zero
}

free_kb()
{
	sed -n 's/MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

# Freed pages wait in lists per CPU before they count as free: be generous.
gives_memory_back()
{
	for i in 0 32 64 96; do
		dd if=/tmp/data of="$dev" bs=1M seek=$i conv=fsync 2> /dev/null
	done
	drop
	before=$(free_kb)
	blkdiscard "$dev"
	drop
	after=$(free_kb)
	[ $((after - before)) -gt 60000 ] || { echo "$before $after"; return 1; }
}

ok "discarded sectors read as zeroes" zeroed
ok "and give their memory back" gives_memory_back

remove_busy()
{
	dd if=/dev/zero of="$dev" bs=4k 2> /dev/null &
	writer=$!
	sleep 0.5
	vdpa dev del b0 && wait_for 30 not kill -0 $writer
}

ok "removal under load" remove_busy
ok "the disk is gone" wait_for 30 test ! -e "/sys/block/$disk"
tap_done
