#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# tests/vm/check: which jobs there are, and what is made of what they say. Runs on the host, in a tree
# of its own where kernels, builds and VMs are small scripts.

# shellcheck source=tests/install/tap.sh
. "$(dirname "$0")/../install/tap.sh"

unset KERNEL SUITE TEST BUILD KDIR EVERY PLAN VMS V VM_OUT builds
vm=$work/tests/vm
mkdir -p "$work/scripts" "$work/tests/unit" "$work/tests/golden" "$vm"
cp "$top/tests/vm/check" "$top/tests/vm/modules.sh" "$top/tests/vm/lib.sh" "$top/tests/vm/image.sh" \
	"$top/tests/vm/judge.awk" "$vm"
cp "$top/scripts/golden" "$work/scripts"

cat >"$work/tests/matrix" <<'END'
kernel old boot s p
kernel new boot s p
kernel third build s p
kernel gone build s p
kernel new-rt probe s p
kernel other late s p
skip old b:* it has none
skip new a:t:known why
END
cat >"$work/tests/suites" <<'END'
Suite: a
Test: t

Suite: b
Test: u

Suite: ab
Check: new
Test: v

Suite: far
Check: clients
Test: w
END
cat >"$work/Makefile" <<'END'
configure modules:
	@mkdir -p $(BUILD)/generated $(BUILD)/src
	@echo "$@ $(KDIR)" >>$(BUILD).log
	@echo VC_HAS_A 1 >$(BUILD)/generated/facts
	@if [ -e $(CURDIR)/broken ]; then grep -qx $(KDIR) $(CURDIR)/broken && exit 2 || :; fi
	@if [ -e $(CURDIR)/warns ]; then echo "x.c:1:2: warning: what"; fi
END
printf 'all:\n\t@printf "# some_test\\n1..1\\nok 1 - unit\\n"\n' >"$work/tests/unit/Makefile"
printf 'all:\n' >"$work/tests/Makefile"
cat >"$vm/fetch-kernel" <<'END'
#!/bin/sh
for name; do :; done
[ "$name" != "$(cat "$(dirname "$0")/gone")" ] || exit 3
[ "$name" != "$(cat "$(dirname "$0")/away")" ] || exit 1
printf "KVER='%s.1'\nKDIR='%s'\n" "$name" "$name"
END
cat >"$vm/run" <<'END'
#!/bin/sh
mkdir -p "$VM_OUT/$1/$3"
echo "$1 $3 $(ls "$2/generated")" >>"$VM_OUT/vms"
name=good
[ "$1 $3" != "$(cat "$(dirname "$0")/bad")" ] || name=bad
what=PASS
[ $name = good ] || what=FAIL
printf '%s\tt\t%s\twhy\nTIME\tt\t10\n' $what $name >"$VM_OUT/$1/$3/results"
[ "$1 $3" != "new a" ] || printf 'SKIP\tt\tknown\tx\n' >>"$VM_OUT/$1/$3/results"
END
printf '#!/bin/sh\n' >"$vm/deps"
chmod +x "$vm/fetch-kernel" "$vm/run" "$vm/deps"
echo VC_HAS_A 1 >"$work/tests/golden/new-rt.facts"

again()
{
	rm -rf "$work/out" "$work/broken" "$work/warns"
	echo gone >"$vm/gone"
	: >"$vm/away"
	: >"$vm/bad"
}

# check ARGUMENT...: what it says, also in $work/log
# shellcheck disable=SC2317  # called by says
check()
{
	"$vm/check" VMS=2 "$@" >"$work/log" 2>&1 && code=0 || code=$?
	cat "$work/log"
	return "$code"
}

# shellcheck disable=SC2317  # as above
plan()
{
	"$vm/check" PLAN=1 "$@" | grep -v '^skip' | tr '\n' ';'
}

again
says "a kernel is built while the one before it is tested; builds and probes come last" 0 \
	"boot old;unit;boot new;suite old a;suite new a;suite new b;suite new ab;build third;build gone;probe new-rt;" \
	plan
says "all of it: every suite, every kernel is built" 0 \
	"suite old a;suite old ab;suite new a;suite new b;suite new ab;build third;build gone;build new-rt;build other;" \
	plan KERNEL=all
says "a kernel by its name is built" 0 "unit;build new-rt;" plan KERNEL=new-rt
says "suites by patterns, on kernels that are booted" 0 \
	"boot old;boot new;suite old ab;suite new b;suite new ab;" plan "SUITE=?b b"
says "one test" 0 "boot new;suite new b;" plan TEST=u KERNEL=new
says "suites of clients, if asked for" 0 "boot new;suite new far;" plan SUITE=far KERNEL=new

again
says "all is well" 0 "10 passed, 0 failed, 3 skipped" check
result "$(grep -c 'generated\|facts' "$work/out/vm/vms" | sed 's/^4$/0/')" \
	"every VM has the modules of its kernel"
says "a kernel that apt has no more is a line" 0 "skip  gone: fetch: apt does not offer it any more" \
	cat "$work/log"
says "a kernel is only asked" 0 "configure new-rt" cat "$work/out/build/new-rt.1.log"
silent "and not built" modules cat "$work/out/build/new-rt.1.log"
says "what ran is kept" 0 "new new.1 boot" cat "$work/out/vm/ran"
says "with the number of suites" 0 " 3 3 4" grep '^new ' "$work/out/vm/ran"
says "of the others, too" 0 "new-rt new-rt.1 probe" cat "$work/out/vm/ran"
silent "but not of one that is gone" gone cat "$work/out/vm/ran"

again
echo new >"$vm/gone"
says "one that is to be booted must be there" no "FAIL  new: fetch: apt does not offer it" check

again
echo third >"$vm/away"
says "a mirror that does not answer is a failure" no "third: fetch: the kernel could not be fetched" check

again
echo new >"$work/broken"
says "a build that fails" no "FAIL  new: build for new.1" check
silent "has no suites" "^new" cat "$work/out/vm/vms"

again
echo "old" >"$work/warns"
says "a warning is a failure" no "with warnings" check

again
echo "new b" >"$vm/bad"
says "a test that fails" no "  new b t: bad: why" check
silent "is not recorded" "^new boot" cat "$work/out/vm/ran"
says "the others are" 0 "old old.1 boot" cat "$work/out/vm/ran"

again
echo VC_HAS_A 0 >"$work/tests/golden/new-rt.facts"
says "a fact that has changed" no "FAIL  new-rt: facts: differ" check

again
says "a suite that nobody knows" no "nothing matches SUITE='nosuch'" check SUITE=nosuch

silent "is nothing to build for" "built\|fetch" cat "$work/log"

finish
