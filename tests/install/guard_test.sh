#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# scripts/dkms-guard: all or nothing, foreign modules, signatures. Modules are text files here, and
# modinfo reads their fields from them.

# shellcheck source=tests/install/tap.sh
. "$(dirname "$0")/tap.sh"

kernel=9.9.9-test
tree=$work/lib/modules
dkms=$work/dkms
mod=$tree/$kernel
version=$(cat "$top/VERSION")
ours=$(sed -n 's/^BUILT_MODULE_NAME\[[0-9]*\]="\(.*\)"$/\1/p' "$top/dkms.conf")

mkdir -p "$work/bin"
cat >"$work/bin/modinfo" <<'SH'
#!/bin/sh
[ "$1" = -F ] && sed -n "s/^$2: //p" "$3"
SH
chmod +x "$work/bin/modinfo"
PATH=$work/bin:$PATH
export PATH
export VDPA_DKMS_MODPROBE_D="$work/modprobe.d" VDPA_DKMS_SYS="$work/sys"

# module FILE [VERSION [VERMAGIC [SIGNER]]]
module()
{
	mkdir -p "$(dirname "$1")"
	{
		[ -z "${2:-}" ] || echo "version: $2"
		echo "vermagic: ${3:-$kernel} SMP mod_unload"
		[ -z "${4:-}" ] || echo "signer: $4"
	} >"$1"
}

# fresh: built and installed, on a kernel with a vDPA of its own; nothing enforced
fresh()
{
	rm -rf "$tree" "$dkms" "$work/sys" "$work/modprobe.d"
	for m in $ours; do
		module "$dkms/vdpa-dkms/$version/$kernel/x86_64/module/$m.ko" "$version"
		module "$mod/updates/dkms/$m.ko" "$version" "$kernel" "${1:-}"
	done
	module "$mod/kernel/drivers/vdpa/vdpa.ko"
	{
		echo "kernel/drivers/vdpa/vdpa.ko:"
		echo "kernel/drivers/vdpa/vdpa_user/vduse.ko.xz: kernel/drivers/vdpa/vdpa.ko"
		echo "kernel/drivers/vdpa/pds/pds-vdpa.ko: kernel/x.ko updates/dkms/vdpa.ko"
		echo "kernel/drivers/vhost/vhost_vdpa.ko: kernel/drivers/vdpa/vdpa.ko"
		echo "kernel/drivers/net/other.ko: kernel/x.ko"
	} >"$mod/modules.dep"
	mkdir -p "$work/sys/module/module/parameters" "$work/sys/kernel/security"
	echo N >"$work/sys/module/module/parameters/sig_enforce"
	echo '[none] integrity confidentiality' >"$work/sys/kernel/security/lockdown"
}

# shellcheck disable=SC2317  # called by says
guard()
{
	(cd "$top" && sh scripts/dkms-guard "$1" "$kernel" "$dkms" "$tree")
}

fresh
says "all is built" 0 "" guard pre-install

fresh
rm "$dkms"/vdpa-dkms/*/*/x86_64/module/vhost_vdpa.ko
says "one is missing: nothing is installed" no "vhost_vdpa was not built" guard pre-install

fresh
module "$dkms/vdpa-dkms/$version/$kernel/x86_64/module/vdpa.ko" "$version" 1.2.3
says "built for another kernel" no "vdpa was built for '1.2.3 SMP mod_unload'" guard pre-install

fresh
echo kernel/drivers/vdpa/vdpa.ko >"$mod/modules.builtin"
says "built into the kernel" no "vdpa is built into $kernel and cannot be replaced by a module" \
	guard pre-install

fresh
rm "$mod/updates/dkms/virtio_vdpa.ko"
says "half installed is undone" no "not installed or not the ones that will be loaded: virtio_vdpa" \
	guard post-install
[ ! -e "$mod/updates/dkms/vdpa.ko" ]
result $? "none of it is left"

fresh
says "users of the kernel's own bus are named" 0 "not usable with this one: vduse pds_vdpa" \
	guard post-install
grep -q '^install vduse ' "$work/modprobe.d/vdpa-dkms-$kernel.conf" &&
	grep -q '^install pds_vdpa ' "$work/modprobe.d/vdpa-dkms-$kernel.conf"
result $? "and kept from loading"
! grep -q '^install \(vhost_vdpa\|other\|vdpa\) ' "$work/modprobe.d/vdpa-dkms-$kernel.conf"
result $? "nothing else is"
says "removal takes that back" 0 "" guard post-remove
[ ! -e "$work/modprobe.d/vdpa-dkms-$kernel.conf" ]
result $? "with the file"

fresh
rm "$mod/modules.dep"
silent "a kernel without vDPA has none" "not usable" guard post-install

fresh
silent "no word about what is there" "not available" guard post-install
echo 'description: Not available: this kernel has no PCI.' >>"$mod/updates/dkms/vp_vdpa.ko"
says "a module that this kernel cannot have is named" 0 \
	"vp_vdpa is not available on $kernel: this kernel has no PCI." guard post-install

silent "no word about signatures where none is asked for" signed guard post-install
fresh
echo 'none [integrity] confidentiality' >"$work/sys/kernel/security/lockdown"
says "Secure Boot and modules without a signature" 0 \
	"this machine loads signed modules only (Secure Boot), and these are not signed" guard post-install
fresh "DKMS key"
echo Y >"$work/sys/module/module/parameters/sig_enforce"
says "Secure Boot and a signature of one's own" 0 "the key of 'DKMS key' must be enrolled" \
	guard post-install

finish
