# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# The bundle against one kernel of tests/matrix, built or only asked about, and judged. Sourced by
# check, which has fail, pass and skip, and sets $out, $jobs (of make) and $tree.
#
# shellcheck disable=SC2154  # these

# find_kernel KERNEL PART: KVER and KDIR, and $bare=1 if its tree has no list of exported symbols.
# PART is what is needed of it: "complete" to boot it, "headers".
find_kernel()
{
	KDIR=
	bare=
	if [ "$(matrix_field "$1" TIER)" = tree ]; then
		if [ ! -f "$tree/Makefile" ]; then
			fail "$1" "tree" "say with KDIR= where a prepared tree of it is"
			return 1
		fi
		KDIR=$(realpath "$tree")
		KVER=$(make -s --no-print-directory -C "$KDIR" kernelrelease)
		[ -s "$KDIR/Module.symvers" ] || bare=1
		return 0
	fi
	rc=0
	[ "$2" = complete ] && part= || part=--headers
	# shellcheck disable=SC2086  # an option or none
	"$VM/fetch-kernel" $part "$1" >"$out/$1/fetched" || rc=$?
	case $rc in
	0) eval "$(cat "$out/$1/fetched")" ;;
	3)
		if [ "$2" = headers ]; then
			skip "$1" "fetch" "apt does not offer it any more"
		else
			fail "$1" "fetch" "apt does not offer it any more"
		fi
		return 1
		;;
	*)
		fail "$1" "fetch" "the kernel could not be fetched"
		return 1
		;;
	esac
}

# depends_on_private BUILD: modules that link to what no kernel promises to keep
depends_on_private()
{
	built_modules "$1" | while read -r ko; do
		modinfo -F depends "$ko" | tr ',' '\n' | grep -Ex 'vhost|vhost_iotlb|vringh' |
			sed "s/^/${ko##*/} needs /"
	done
}

# warnings LOG: what modpost says of a tree without a list of exported symbols is about the tree
warnings()
{
	if [ -n "$bare" ]; then
		grep '[0-9]: warning:' "$1"
	else
		grep '[0-9]: warning:\|^WARNING: modpost' "$1"
	fi
}

# our_make KERNEL TARGET: for the kernel in $KDIR, into $build, with $jobs jobs
our_make()
{
	case $1 in
	*-arm64) cross="ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-" ;;
	*-clang) cross="CC=clang" ;;
	*) cross= ;;
	esac
	# What a debugger would read is a third of the work, and nobody debugs here.
	# shellcheck disable=SC2086  # arguments or none
	VC_JOBS=$jobs make -s -C "$TOP" "$2" JOBS="-j$jobs" KDIR="$KDIR" \
		BUILD="$build" VC_TESTS=1 \
		KBUILD_ARGS="CONFIG_DEBUG_INFO= CONFIG_DEBUG_INFO_BTF_MODULES=" $cross
}

# check_facts KERNEL LOG: are the answers to the probes those of tests/golden?
check_facts()
{
	golden=$("$TOP/scripts/golden" name "$KVER" "$1")
	if [ ! -e "$TESTS/golden/$golden.facts" ]; then
		printf 'note  %s: no facts are kept of %s: scripts/golden record %s %s\n' "$1" "$KVER" \
			"$golden" "$build"
	elif "$TOP/scripts/golden" check "$golden" "$build" >"$2.facts" 2>&1; then
		pass "$1" "answers the probes as tests/golden/$golden.facts says"
	else
		cat "$2.facts"
		fail "$1" "facts" "differ from tests/golden/$golden.facts"
	fi
}

# ask KERNEL: the probes only
ask()
{
	log=$out/$1/probe.log
	t0=$(date +%s)
	if ! our_make "$1" configure >"$log" 2>&1; then
		tail -n 30 "$log"
		fail "$1" "probes of $KVER" "see $log"
		return 1
	fi
	pass "$1" "probes of $KVER answered in $(($(date +%s) - t0)) s"
	check_facts "$1" "$log"
}

# build_modules KERNEL: counted as a test; a warning is a failure
build_modules()
{
	log=$out/$1/build.log
	t0=$(date +%s)
	rc=0
	our_make "$1" modules >"$log" 2>&1 || rc=$?
	if [ $rc -ne 0 ]; then
		tail -n 30 "$log"
		fail "$1" "build for $KVER" "see $log"
		return 1
	fi
	if warnings "$log" >"$log.warnings"; then
		head -n 10 "$log.warnings"
		fail "$1" "build for $KVER" "with warnings, see $log"
	else
		pass "$1" "built for $KVER in $(($(date +%s) - t0)) s"
	fi

	depends_on_private "$build" >"$log.private"
	[ ! -s "$log.private" ] ||
		fail "$1" "modules stand alone" "$(head -n 1 "$log.private")"
	check_facts "$1" "$log"
}

# build_job boot|build|probe KERNEL: leaves in $out/KERNEL/built the release and where its modules
# are, for the suites that wait for it; an empty file if there are none
build_job()
{
	[ "$1" = boot ] && part=complete || part=headers
	find_kernel "$2" "$part" || return 0
	build=${BUILD:-$TOP/out/build/$KVER}
	case $2 in *-clang) build=$build-clang ;; esac
	if [ "$1" = probe ]; then
		ask "$2" || return 0
	elif [ -z "$BUILD" ]; then
		build_modules "$2" || return 0
	fi
	echo "$KVER $build" >"$out/$2/built.new"
}
