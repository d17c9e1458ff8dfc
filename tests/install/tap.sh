# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# What the tests of installation and configuration share. Sourced with $0 in tests/install; each
# check is one line of TAP, and what was said is shown if it is not what was expected.

# shellcheck disable=SC2034  # used by the scripts that source this file
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
count=0
bad=0

result()
{
	count=$((count + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $count - $2"
		return 0
	fi
	echo "not ok $count - $2"
	sed 's/^/# /' "$work/said"
	bad=1
}

# says NAME STATUS TEXT COMMAND...: it ends with that status (0, or "no" for any other), and one of
# the lines it prints contains TEXT
says()
{
	name=$1
	want=$2
	text=$3
	shift 3
	"$@" >"$work/said" 2>&1 && status=0 || status=no
	[ "$status" = "$want" ] && { [ -z "$text" ] || grep -qF -- "$text" "$work/said"; }
	result $? "$name"
}

# silent NAME TEXT COMMAND...: no line it prints contains TEXT
silent()
{
	name=$1
	text=$2
	shift 2
	"$@" >"$work/said" 2>&1 || :
	! grep -qiF -- "$text" "$work/said"
	result $? "$name"
}

finish()
{
	echo "1..$count"
	exit $bad
}
