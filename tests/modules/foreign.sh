#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A kernel that brings a vDPA of its own: both sets of modules are on disk, only ours is used, and
# what was built for the kernel's own bus does not get onto ours, by whatever way it comes.

# shellcheck source=tests/virtio/tap.sh
. /tests/tap.sh

kernel=$(uname -r)
tree=/lib/modules/$kernel

# Every kernel that has a vDPA has the first three; the simulators, not Debian's.
ours="vdpa vhost_vdpa virtio_vdpa vdpa_sim vdpa_sim_net vdpa_sim_blk"
always="vdpa vhost_vdpa virtio_vdpa"

# theirs MODULE: the file that the kernel has of that name
theirs()
{
	find "$tree/kernel" -name "$1.ko*" | head -n 1
}

loaded()
{
	[ -d "/sys/module/$1" ]
}

# comes_first MODULE: modprobe has taken ours
comes_first()
{
	case $(modinfo -n "$1") in
	*/updates/dkms/*) ;;
	*) modinfo -n "$1"; return 1 ;;
	esac
	[ -n "$(cat "/sys/module/$1/version")" ]
}

# stays_out COMMAND...: it fails, and the module it names last is not there afterwards
stays_out()
{
	module=$1
	shift
	if "$@"; then
		echo "was accepted: $*"
		return 1
	fi
	! loaded "$module"
}

# refused_by_loader MODULE: put in directly, past modprobe and its configuration
refused_by_loader()
{
	dmesg -c >/dev/null
	stays_out "$1" insmod "$(theirs "$1")" || return 1
	dmesg | grep -E "^.*$1: (Unknown symbol __?vdpa|disagrees about version of symbol)" ||
		{ dmesg; return 1; }
}

# said_why MODULE: modprobe refuses it with a sentence that names it
said_why()
{
	stays_out "$1" modprobe "$1" 2>/tmp/why || { cat /tmp/why; return 1; }
	grep "^$1: not loaded, it was built for another vdpa bus" /tmp/why || { cat /tmp/why; return 1; }
}

device_works()
{
	vdpa dev add name f0 mgmtdev vdpasim_net && [ -e /dev/vhost-vdpa-0 ] &&
		vdpa dev config show f0 && vdpa dev del f0
}

for m in $always; do
	ok "the kernel has a $m of its own" [ -n "$(theirs "$m")" ]
done
for m in $ours; do
	modprobe "$m"
	ok "$m is ours" comes_first "$m"
done

# Every module of the kernel that depends on a vdpa.ko and has no counterpart here.
strangers=
# shellcheck disable=SC2013  # words
for f in $(awk '/[ \/]vdpa\.ko/ && /^kernel\// { sub(/:.*/, ""); print }' "$tree/modules.dep"); do
	m=$(basename "$f" | sed 's/\.ko.*//; s/-/_/g')
	[ -n "$(find "$tree/updates" -name "$m.ko*")" ] || strangers="$strangers $m"
done
echo "# of the kernel's own bus:$strangers"
ok "vduse is one of them" sh -c "echo '$strangers' | grep -w vduse"

for m in $strangers; do
	# What it needs besides the bus; of that, nothing is ours to judge.
	for dep in $(modinfo -F depends "$(theirs "$m")" | tr ',' ' '); do
		[ "$dep" = vdpa ] || modprobe -q "$dep"
	done
	ok "$m is refused by the loader" refused_by_loader "$m"
done
ok "devices work on" device_works

# What the installation adds: an explanation.
mkdir -p /tests/src/compat
mv /tests/optional.list /tests/src/compat/
ok "the installation names them" sh -c "
	cd /tests && VDPA_DKMS_MODPROBE_D=/etc/modprobe.d sh ./dkms-guard post-install '$kernel' - \
		/lib/modules >/tmp/guard 2>&1 || { cat /tmp/guard; exit 1; }
	for m in $strangers; do grep -w \$m /tmp/guard || exit 1; done"
for m in $strangers; do
	ok "modprobe says why it does not load $m" said_why "$m"
done
ok "vdpa-doctor finds ours in use" sh -c '
	sh /tests/vdpa-doctor >/tmp/doctor; [ $? -ne 1 ] || { cat /tmp/doctor; exit 1; }
	grep "^ok *vhost_vdpa .*loaded, .*/updates/dkms/" /tmp/doctor'
ok "and sees what was kept out" sh -c '
	rm -f /etc/modprobe.d/vdpa-dkms-*.conf; sh /tests/vdpa-doctor >/tmp/doctor
	grep "^look *vduse .*nothing in modprobe.d" /tmp/doctor || { cat /tmp/doctor; exit 1; }'

# The other way round: ours do not get onto the kernel's bus.
modprobe -r vdpa_sim_blk vdpa_sim_net vdpa_sim virtio_vdpa vhost_vdpa vdpa
ok "all of ours are gone" not loaded vdpa
ok "the kernel's own bus loads" insmod "$(theirs vdpa)"
for m in vhost_vdpa virtio_vdpa vdpa_sim; do
	ok "our $m is refused by the kernel's bus" stays_out "$m" insmod \
		"$(find "$tree/updates" -name "$m.ko*")"
done
rmmod vdpa
modprobe vdpa

tap_done
