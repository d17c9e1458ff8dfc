# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Puts what a guest inside the VM needs into the VM's root file system: a small guest under /nested,
# and if wanted the host's own unmodified QEMU and its firmware. Sourced after image.sh.

# nested_firmware DIR FILE: from wherever the distribution keeps it, to where QEMU is told to look
nested_firmware()
{
	for place in /usr/share/seabios /usr/share/qemu /usr/lib/ipxe/qemu; do
		if [ -e "$place/$2" ]; then
			cp -L "$place/$2" "$1/nested/"
			return
		fi
	done
	die "QEMU's $2 is missing: apt-get install seabios qemu-system-x86"
}

# nested_qemu DIR: the host's QEMU
nested_qemu()
{
	need qemu-system-x86_64 qemu-system-x86
	mkdir -p "$1/nested"
	image_file "$1" "$(command -v qemu-system-x86_64)" nested/qemu-system-x86_64
	for file in bios-256k.bin kvmvapic.bin linuxboot_dma.bin; do
		nested_firmware "$1" "$file"
	done
}

# nested_guest DIR KROOT KVER VMLINUZ WORK: the guest's kernel is the VM's own, its root file
# system is made in WORK
nested_guest()
{
	need mke2fs e2fsprogs
	mkdir -p "$1/nested"
	cp "$4" "$1/nested/vmlinuz"
	image_new "$5"
	image_stock "$5" "$2" "$3" virtio_pci virtio_net virtio_blk ext4 crc32c_generic
	image_file "$5" "$(command -v mke2fs)" sbin/mke2fs
	cp "$VM/guest/nested-init" "$5/init"
	image_pack "$5" "$3" "$1/nested/initramfs"
	gzip -1 -f "$1/nested/initramfs"
}
