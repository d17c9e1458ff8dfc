# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the VM scripts share: paths, messages, look-ups in tests/matrix.
# Sourced, with $0 in tests/vm.

# shellcheck disable=SC2034  # used by the scripts that source this file
VM=$(cd "$(dirname "$0")" && pwd)
TESTS=$(dirname "$VM")
TOP=$(dirname "$TESTS")
CACHE=${VDPA_DKMS_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/vdpa-dkms}

PATH=$PATH:/usr/sbin:/sbin

say()
{
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die()
{
	say "$*"
	exit 1
}

# need TOOL PACKAGE: stop with a useful sentence if TOOL is not installed
need()
{
	command -v "$1" >/dev/null 2>&1 ||
		die "'$1' is missing: apt-get install $2 (or run tests/vm/deps)"
}

# matrix_kernels TIER|any: names of the kernels of that tier, in file order
matrix_kernels()
{
	awk -v tier="$1" '$1 == "kernel" && (tier == "any" || $3 == tier) { print $2 }' \
		"$TESTS/matrix"
}

# matrix_field NAME TIER|SUITES|PATTERN; the tier of a tree is "tree"
matrix_field()
{
	awk -v name="$1" -v field="$2" '
		BEGIN { col["TIER"] = 3; col["SUITES"] = 4; col["PATTERN"] = 5 }
		$1 == "tree" && $2 == name && field == "TIER" { print "tree"; exit }
		$1 == "kernel" && $2 == name { print $(col[field]); exit }' "$TESTS/matrix"
}

# tree_built DIR: a kernel that was built there, to be booted, not only prepared for modules
tree_built()
{
	[ -f "$1/arch/x86/boot/bzImage" ] && [ -f "$1/modules.order" ]
}

# matrix_skip NAME SUITE:TEST:CASE: prints the reason and succeeds if the skip is known
matrix_skip()
{
	while read -r word name pattern reason; do
		[ "$word" = skip ] || continue
		# both sides are patterns by design
		# shellcheck disable=SC2254
		case $1 in $name) ;; *) continue ;; esac
		# shellcheck disable=SC2254
		case $2 in $pattern) ;; *) continue ;; esac
		printf '%s\n' "$reason"
		return 0
	done <"$TESTS/matrix"
	return 1
}
