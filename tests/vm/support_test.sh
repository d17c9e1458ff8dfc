#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Does the README say about kernels what tests/matrix says? Runs on the host.

here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..

echo 1..1
table=$("$here/support")
found=$(awk '/^<!-- support:/ { on = 1; next } on && !/^\|/ { exit } on { print }' "$top/README.md")
if [ -n "$table" ] && [ "$table" = "$found" ]; then
	echo "ok 1 - the support table of the README is that of tests/matrix"
	exit 0
fi
echo "not ok 1 - the support table of the README is that of tests/matrix"
echo "# run tests/vm/support --update"
exit 1
