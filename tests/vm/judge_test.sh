#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Does the judge see what went wrong? Runs on the host; prints TAP.

here=$(cd "$(dirname "$0")" && pwd)
n=0
failed=0

# judge NAME EXPECTED: the stream on stdin must give these verdicts, "WHAT name" each
judge()
{
	n=$((n + 1))
	got=$(awk -f "$here/judge.awk" | awk -F '\t' '$1 != "TIME" { print $1 " " $3 }')
	if [ "$got" = "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		printf '%s\n' "expected:" "$2" "got:" "$got" | sed 's/^/# /'
		failed=1
	fi
}

end='# vm: plan done
# vm: end of job, status 0'

echo 1..13

judge "all well" "PASS a
PASS b c" <<END
# begin tap t
1..2
ok 1 - a
ok 2 - b c
# end t exit 0 ms 10
$end
END

judge "two groups of cmocka" "PASS a
PASS b" <<END
# begin tap t
1..1
ok 1 - a
1..1
ok 1 - b
# end t exit 0 ms 10
$end
END

judge "a failed test" "FAIL a" <<END
# begin tap t
1..1
not ok 1 - a
# end t exit 1 ms 10
$end
END

judge "fewer results than planned" "PASS a
FAIL plan" <<END
# begin tap t
1..2
ok 1 - a
# end t exit 0 ms 10
$end
END

judge "no plan" "PASS a
FAIL plan" <<END
# begin tap t
ok 1 - a
# end t exit 0 ms 10
$end
END

judge "exit code with good results" "PASS a
FAIL exit" <<END
# begin tap t
1..1
ok 1 - a
# end t exit 3 ms 10
$end
END

judge "crash" "PASS a
FAIL crash" <<END
# begin tap t
1..2
ok 1 - a
# end t exit 139 ms 10
$end
END

judge "time limit" "FAIL time limit" <<END
# begin tap t
1..1
# end t exit 124 ms 10
$end
END

judge "the kernel complains" "PASS a
FAIL kernel log clean (after: ok 1 - a)" <<END
# begin tap t
1..1
ok 1 - a
not ok kernel log clean (after: ok 1 - a)
# kernel: WARNING: CPU: 0
# end t exit 0 ms 10
$end
END

judge "set-up fails" "FAIL setup" <<END
# begin cmd load-vdpa
# end load-vdpa exit 1 ms 10
$end
END

judge "the VM dies" "PASS a
FAIL end marker" <<END
# begin tap t
1..2
ok 1 - a
END

judge "skips, as cmocka 1.1, newer cmocka and whole programs print them" "SKIP a
SKIP b
SKIP all" <<END
# begin tap t
1..2
not ok 1 # SKIP a
ok 2 - b # SKIP no such feature
# end t exit 0 ms 10
# begin tap u
1..0 # SKIP nothing to run on
# end u exit 0 ms 10
$end
END

judge "nothing at all" "FAIL end marker" </dev/null

exit $failed
