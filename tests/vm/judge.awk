# SPDX-License-Identifier: GPL-2.0-only
#
# Judges what a suite printed (see guest/watch.c). Output, tab separated:
#
#   PASS TEST NAME
#   FAIL TEST NAME REASON   (what the test printed next, if it gave none)
#   SKIP TEST NAME REASON
#   TIME TEST MS            after each test

function flush()
{
	if (pending != "") {
		gsub(/\t/, " ", words)
		print pending words
	}
	pending = words = ""
	nwords = 0
}

function emit(what, name, why)
{
	flush()
	gsub(/\t/, " ", name); gsub(/\t/, " ", why)
	pending = sprintf("%s\t%s\t%s\t%s", what, test == "" ? "-" : test, name, why)
	wants_words = what == "FAIL" && why == ""
	if (what == "FAIL")
		failures++
}

function result(line)
{
	sub(/^(not )?ok[ \t]*[0-9]*[ \t]*(-[ \t]*)?/, "", line)
	return line
}

function after_skip(line)
{
	sub(/.*#[ \t]*[Ss][Kk][Ii][Pp][A-Za-z]*[:]?[ \t]*/, "", line)
	return line
}

function before_skip(line)
{
	sub(/[ \t]*#[ \t]*[Ss][Kk][Ii][Pp].*/, "", line)
	return line == "" ? "all" : line
}

BEGIN { skip = "#[ \t]*[Ss][Kk][Ii][Pp]" }

/^# begin / {
	kind = $3; test = $4; planned = -1; seen = 0; failures = 0
	inside = 1
	next
}

/^not ok kernel log/ || /^(not )?ok no memory leaks/ {
	emit($1 == "ok" ? "PASS" : "FAIL", result($0), "")
	next
}

/^# end / {
	code = $5
	if (kind == "cmd") {
		if (code != 0)
			emit("FAIL", "setup", "exit code " code)
	} else if (code == 124) {
		emit("FAIL", "time limit", "still running after its time; " seen " results so far")
	} else if (code >= 128) {
		emit("FAIL", "crash", "ended by signal " (code - 128))
	} else {
		if (planned < 0)
			emit("FAIL", "plan", "printed no plan (1..N)")
		else if (planned != seen)
			emit("FAIL", "plan", "planned " planned ", ran " seen)
		if (code != 0 && !failures)
			emit("FAIL", "exit", "exit code " code)
	}
	flush()
	printf "TIME\t%s\t%s\n", test, $7
	inside = 0
	next
}

/^# vm: plan done$/ { done = 1; test = ""; next }
/^# vm: end of job, status/ { ended = 1; next }

# A few of the lines after a failure go into the summary.
pending != "" && wants_words && nwords < 4 && !/^(not )?ok/ && !/^1\.\./ && !/^# begin/ {
	line = $0
	sub(/^#[ \t]*/, "", line)
	words = words (nwords++ ? " | " : "") line
}

!inside || kind != "tap" { next }

/^1\.\.[0-9]+/ {
	if (planned < 0)
		planned = 0
	planned += substr($1, 4)
	if ($1 == "1..0" && $0 ~ skip)
		emit("SKIP", "all", after_skip($0))
	next
}

/^ok( |$)/ || /^not ok( |$)/ {
	seen++
	if ($0 ~ skip) {
		# cmocka 1.1 puts the name behind the word
		name = before_skip(result($0))
		emit("SKIP", name == "all" ? after_skip($0) : name, after_skip($0))
	} else {
		emit($1 == "ok" ? "PASS" : "FAIL", result($0), "")
	}
	next
}

END {
	if (!done || !ended)
		emit("FAIL", "end marker", "the VM did not come to its end" \
			(inside ? ", stopped in " test : ""))
	flush()
}
