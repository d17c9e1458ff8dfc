# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# tap.sh - TAP for shell tests: source it, run checks, end with tap_done.

tap_count=0
tap_failed=0

# ok NAME COMMAND...: the command must succeed; what it prints is shown if it does not.
ok()
{
	name=$1
	shift
	tap_count=$((tap_count + 1))
	if out=$("$@" 2>&1); then
		echo "ok $tap_count - $name"
	else
		echo "not ok $tap_count - $name"
		echo "$out" | sed 's/^/# /'
		tap_failed=$((tap_failed + 1))
	fi
}

# refused NAME COMMAND...: the command must fail.
refused()
{
	name=$1
	shift
	ok "$name" not "$@"
}

not()
{
	! "$@"
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for()
{
	left=$(($1 * 10))
	shift
	until "$@" > /dev/null 2>&1; do
		left=$((left - 1))
		if [ $left -le 0 ]; then
			echo "waited too long for: $*"
			return 1
		fi
		sleep 0.1
	done
}

tap_done()
{
	echo "1..$tap_count"
	[ $tap_failed -eq 0 ]
}
