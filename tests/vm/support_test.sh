#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Do README.md and docs/kernels.md say about kernels what tests/matrix, tests/recorded and
# tests/golden say? Runs on the host.

here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
count=0
bad=0

# same NAME FILE MARK COMMAND...: the table below the mark is what the command prints
same()
{
	name=$1
	found=$(awk -v mark="<!-- $3:" 'index($0, mark) == 1 { on = 1; next }
		on && !/^\|/ { exit } on { print }' "$2")
	shift 3
	table=$("$@")
	count=$((count + 1))
	if [ -n "$table" ] && [ "$table" = "$found" ]; then
		echo "ok $count - $name"
	else
		echo "not ok $count - $name"
		echo "# run $* --update"
		bad=1
	fi
}

echo 1..2
same "the support table of the README" "$top/README.md" support "$here/support"
same "the table of docs/kernels.md" "$top/docs/kernels.md" kernels "$top/scripts/golden" docs
exit $bad
