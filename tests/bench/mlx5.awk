# SPDX-License-Identifier: GPL-2.0-only
#
# Lines of mlx5_guest.sh to Markdown tables on stdout and to json=FILE, in the form of report.awk.
#
# Besides what was measured there is what the in-tree driver of 6.12 does by its source, D pieces of
# 1 GiB mapped: D + 1 keys made, and the physical key or the D + 1 old ones ended two seconds later. On
# a change all of it again. An entry per page of the backing. A command takes 1 ms, 31 run at a time.

function ceil(x)
{
	return int(x) == x ? x : int(x) + 1
}

function json_number(v)
{
	return v == "" ? "null" : v + 0
}

function record(name, value, unit, ours, peer)
{
	printf "%s\n  {\"name\": \"%s\", \"kernel\": \"%s\", \"value\": %s, \"unit\": \"%s\", " \
		"\"ours\": %s, \"peer\": %s}", n++ ? "," : "", name, kernel, json_number(value), unit, \
		json_number(ours), json_number(peer) >json
}

# both NAME UNIT WHAT...: one that is counted or measured for both
function both(name, unit, what)
{
	record(name, got["ours", what], unit, got["ours", what], got["peer", what])
}

function page(log2)
{
	return log2 == 12 ? "4 KiB" : log2 == 21 ? "2 MiB" : "1 GiB"
}

function formula(step, gib)
{
	# D + 1 pieces from "change" on, which plugs memory in. Adding and deleting a device of two
	# queues is without what functions of mlx5_core do inside.
	return step == "map" ? gib + 2 : step == "change" ? 2 * gib + 3 : \
		step == "reset" ? 0 : step == "close" ? gib + 3 : step == "add" ? 39 : 22
}

# In-tree, the second number are those that are left for later; they are all for keys.
function commands(stack, at,   later)
{
	if (got[stack, at, "all"] == "")
		return ""
	later = got[stack, at, "keys"] - got[stack, at, "at_once"]
	return later ? got[stack, at, "all"] - later " + " later : got[stack, at, "all"]
}

function ms(stack, what)
{
	return got[stack, what] != "" ? sprintf("%.2f", got[stack, what] / 1e6) : ""
}

$2 == "table" {
	at = $3 SUBSEP $4 SUBSEP $5
	if (!(at in seen))
		order[++steps] = at
	seen[at] = 1
	got[$1, at, "at_once"] = $6
	got[$1, at, "keys"] = $7
	got[$1, at, "all"] = $8
	got[$1, at, "payload"] = $9
	got[$1, at, "ns"] = $10
	got[$1, at, "parallel"] = $11
}

$2 == "cycle" {
	if (!($3 in kinds))
		kind[++nkinds] = $3
	kinds[$3] = 1
	got[$1, $3, "keys"] = $4
	got[$1, $3, "all"] = $5
	got[$1, $3, "ns"] = $6
}

$2 == "errors" {
	got[$1, "errors"] = $3
}

function report_tables(   i, p, at, name)
{
	print "| step | memory, pages | commands | in-tree | by its source | payload, bytes | in-tree |" \
		" ms | in-tree |"
	print "|---|---|---|---|---|---|---|---|---|"
	for (i = 1; i <= steps; i++) {
		at = order[i]
		split(at, p, SUBSEP)
		printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", p[1],
			p[2] ? p[2] " GiB, " page(p[3]) : "-", commands("ours", at), commands("peer", at),
			formula(p[1], p[2]), got["ours", at, "payload"], got["peer", at, "payload"],
			ms("ours", at SUBSEP "ns"), ms("peer", at SUBSEP "ns")
		name = "mlx5_" p[1] (p[2] ? "_" p[2] "g_" p[3] : "")
		both(name "_cmds", "commands", at SUBSEP "keys")
		both(name "_all_cmds", "commands", at SUBSEP "all")
		both(name "_payload", "bytes", at SUBSEP "payload")
		both(name "_ns", "ns", at SUBSEP "ns")
		both(name "_parallel", "commands", at SUBSEP "parallel")
	}
}

function report_cycles(   i)
{
	print ""
	print "| a running device | key commands | in-tree | all commands | in-tree | ms | in-tree |"
	print "|---|---|---|---|---|---|---|"
	for (i = 1; i <= nkinds; i++) {
		k = kind[i]
		printf "| %s | %s | %s | %s | %s | %s | %s |\n", k, got["ours", k, "keys"],
			got["peer", k, "keys"], got["ours", k, "all"], got["peer", k, "all"],
			ms("ours", k SUBSEP "ns"), ms("peer", k SUBSEP "ns")
		name = (k == "plug" ? "" : "reset_") k
		both(name "_mkey_cmds", "commands", k SUBSEP "keys")
		both(name "_all_cmds", "commands", k SUBSEP "all")
		both(name "_ns", "ns", k SUBSEP "ns")
	}
	printf "\nErrors that the model counted: %s, in-tree %s.\n", got["ours", "errors"],
		got["peer", "errors"]
}

# over STACK A B: the first by the second, where both are there
function over(stack, a, b)
{
	return got[stack, a] && got[stack, b] ? sprintf("%.1f", got[stack, a] / got[stack, b]) : ""
}

END {
	printf "[" >json
	report_tables()
	report_cycles()
	at = "map" SUBSEP 256 SUBSEP 30 SUBSEP "ns"
	ideal = ceil(256 / 31) * 1e6
	for (i = 1; i <= split("ours peer", stacks, " "); i++) {
		s = stacks[i]
		time[s] = got[s, at] != "" ? sprintf("%.2f", got[s, at] / ideal) : ""
		huge[s] = over(s, "map" SUBSEP 1 SUBSEP 12 SUBSEP "payload",
			"map" SUBSEP 1 SUBSEP 21 SUBSEP "payload")
	}
	record("map_256g_time_over_ideal", time["ours"], "ratio", time["ours"], time["peer"])
	record("payload_4k_over_huge", huge["ours"], "ratio", huge["ours"], huge["peer"])
	both("mlx5_model_errors", "errors", "errors")
	print "\n]" >json
}
