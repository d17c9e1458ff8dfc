# SPDX-License-Identifier: GPL-2.0-only
#
# Lines of mlx5_guest.sh to a Markdown table on stdout and to json=FILE.
#
# The in-tree driver of 6.12, by its source: D + 1 commands for a table of D pieces of 1 GiB, its old
# keys destroyed two seconds later; on a change all of that again; an entry per page of the backing.
# One command takes 1 ms, 31 run at a time.

function ceil(x)
{
	return int(x) == x ? x : int(x) + 1
}

function record(name, value, unit, ours, peer)
{
	printf "%s\n  {\"name\": \"%s\", \"kernel\": \"%s\", \"value\": %s, \"unit\": \"%s\", " \
		"\"ours\": %s, \"peer\": %s}", n++ ? "," : "", name, kernel, value, unit, ours, \
		peer == "" ? "null" : peer >json
}

function page(log2)
{
	return log2 == 12 ? "4 KiB" : log2 == 21 ? "2 MiB" : log2 == 30 ? "1 GiB" : "-"
}

BEGIN {
	printf "[" >json
	print "| step | memory | pages | key commands | in-tree | all commands | payload, bytes | in-tree |" \
		" ms | in parallel |"
	print "|---|---|---|---|---|---|---|---|---|---|"
}

$1 == "cycle" {
	# cycle KIND COMMANDS
	record("reset_" $2 "_mkey_cmds", $3, "commands", $3, $2 == "qemu" ? $4 : 0)
	next
}

NF == 8 {
	peer = ""
	bytes = ""
	if ($1 == "map") {
		peer = $2 + 1
		bytes = $2 * 16 * ceil(2 ^ (30 - $3) / 2)
	} else if ($1 == "change") {
		peer = 2 * ($2 + 1) + 1
	} else if ($1 == "reset") {
		peer = 0
	} else if ($1 == "close") {
		peer = $2 + 2
	}
	printf "| %s | %s | %s | %d | %s | %d | %d | %s | %.1f | %d |\n", $1, $2 ? $2 " GiB" : "-",
		page($3), $4, peer, $5, $6, bytes, $7 / 1e6, $8
	ns[$1, $2, $3] = $7
	payload[$1, $2, $3] = $6
	if ($1 != "add")
		record("mlx5_" $1 "_" $2 "g_" $3 "_cmds", $4, "commands", $4, peer)
}

END {
	ideal = ceil(256 / 31)
	if (("map", 256, 30) in ns)
		record("map_256g_time_over_ideal", sprintf("%.2f", ns["map", 256, 30] / 1e6 / ideal),
			"ratio", sprintf("%.3f", ns["map", 256, 30] / 1e6), ideal)
	if (("map", 1, 12) in payload && payload["map", 1, 21])
		record("payload_4k_over_huge",
			sprintf("%.1f", payload["map", 1, 12] / payload["map", 1, 21]), "ratio",
			payload["map", 1, 21], payload["map", 1, 12])
	print "\n]" >json
}
