# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Builds the root file system of a test VM in a directory and packs it as an
# initramfs. Sourced after lib.sh.

# image_new DIR: busybox, kmod, the vdpa tool and the guest's own programs
image_new()
{
	need busybox busybox-static
	need cpio cpio
	need kmod kmod
	need dash dash
	need vdpa iproute2
	rm -rf "$1"
	mkdir -p "$1/bin" "$1/sbin" "$1/usr/bin" "$1/usr/sbin" "$1/vm" "$1/tests" "$1/root" \
		"$1/proc" "$1/sys" "$1/dev" "$1/run" "$1/tmp" "$1/etc" "$1/mnt" "$1/lib/modules"
	cp "$(command -v busybox)" "$1/bin/busybox"
	# dash, kmod and iproute2 are the real ones (busybox's own shell would prefer
	# its built-in modprobe): leave out busybox's versions of them
	for applet in $(busybox --list); do
		case $applet in
		busybox | sh | modprobe | insmod | rmmod | lsmod | modinfo | depmod | init) ;;
		*) ln -s busybox "$1/bin/$applet" ;;
		esac
	done
	image_file "$1" "$(command -v dash)" bin/sh
	image_file "$1" "$(command -v kmod)" bin/kmod
	for applet in modprobe insmod rmmod lsmod modinfo depmod; do
		ln -s ../bin/kmod "$1/sbin/$applet"
	done
	image_file "$1" "$(command -v vdpa)" sbin/vdpa
	cp "$VM/guest/init" "$1/init"
}

# image_file DIR FILE [PLACE]: copy a program or script and the libraries it needs
image_file()
{
	place=${3:-tests/${2##*/}}
	mkdir -p "$1/$(dirname "$place")"
	cp -L "$2" "$1/$place"
	for lib in $(ldd "$2" 2>/dev/null | grep -o '/[^ ]*'); do
		[ -e "$1$lib" ] && continue
		mkdir -p "$1$(dirname "$lib")"
		cp -L "$lib" "$1$lib"
	done
}

# image_module_put FILE DIR: a module, decompressed
image_module_put()
{
	mkdir -p "$2"
	base=${1##*/}
	case $base in
	*.xz) xz -dc "$1" >"$2/${base%.xz}" ;;
	*.zst) zstd -qdc "$1" >"$2/${base%.zst}" ;;
	*.gz) gzip -dc "$1" >"$2/${base%.gz}" ;;
	*) cp "$1" "$2/$base" ;;
	esac
}

# image_stock DIR KROOT KVER MODULE...: the distribution's modules of these
# names, where the kernel has them as files, and all that they depend on
image_stock()
{
	dst=$1
	tree=$2/lib/modules/$3
	dstmod=$dst/lib/modules/$3
	shift 3
	mkdir -p "$dstmod"
	cp "$tree/modules.builtin" "$tree/modules.order" "$dstmod/"
	[ ! -e "$tree/modules.builtin.modinfo" ] || cp "$tree/modules.builtin.modinfo" "$dstmod/"
	awk -v want="$*" '
		function plain(path)
		{
			sub(/.*\//, "", path); sub(/\.ko.*/, "", path); gsub(/-/, "_", path)
			return path
		}
		BEGIN {
			gsub(/-/, "_", want); n = split(want, w, " ")
			for (i = 1; i <= n; i++) wanted[w[i]] = 1
		}
		{
			file = $1; sub(/:$/, "", file)
			if (!(plain(file) in wanted)) next
			print file
			for (i = 2; i <= NF; i++) print $i
		}' "$tree/modules.dep" | sort -u | while read -r file; do
		image_module_put "$tree/$file" "$dstmod/$(dirname "$file")"
	done
}

# built_modules BUILD: the bundle's modules in a build directory, and those of tests/kmod
built_modules()
{
	find "$1/src" "$1/tests" -name '*.ko' 2>/dev/null | sort
}

# image_ours DIR KROOT KVER FILE...: our modules, placed where DKMS puts them, and
# the distribution's modules that they need
image_ours()
{
	odir=$1
	oroot=$2
	over=$3
	shift 3
	deps=
	for ko in "$@"; do
		image_module_put "$ko" "$odir/lib/modules/$over/updates/dkms"
		deps="$deps $(modinfo -F depends "$ko" | tr ',' ' ')"
	done
	for ko in "$@"; do
		own=$(basename "$ko" | sed 's/\.ko.*//; s/-/_/g')
		deps=$(printf ' %s ' "$deps" | sed "s/ /  /g; s/ $own / /g")
	done
	# shellcheck disable=SC2086  # a list of names
	image_stock "$odir" "$oroot" "$over" $deps
}

# image_pack DIR KVER FILE: index the modules, write the initramfs
image_pack()
{
	depmod -b "$1" "$2"
	(cd "$1" && find . | cpio -o -H newc -R 0:0 --quiet) >"$3"
}
