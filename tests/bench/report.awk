# SPDX-License-Identifier: GPL-2.0-only
#
# Turns the lines that tests/bench/run collected, "KERNEL STACK NAME VALUE UNIT", into
# results.json, results.md and the data files of the plots.
#
# usage: awk -v out=DIR -f report.awk LINES...
#
# A name that ends in _ratio is the in-tree stack's value over ours: above 1 is better
# for us. Names of issues and documents are fixed by the list in goals().

function goals()
{
	# name of the ratio, name of the measurement; what both stacks' values come from
	add("reset_cycle_qemu_4g_ratio", "reset_cycle_qemu_4096m", 100)
	add("reset_cycle_qemu_2g_ratio", "reset_cycle_qemu_2048m", 0)
	add("reset_cycle_qemu_1g_ratio", "reset_cycle_qemu_1024m", 0)
	add("reset_cycle_qemu_256m_ratio", "reset_cycle_qemu_256m", 0)
	add("reset_cycle_persist_4g_ratio", "reset_cycle_persist_4096m", 0)
	add("map_4k_ratio", "map_4k", 2)
	add("map_4k_scattered_ratio", "map_4k_scattered", 2)
	add("map_memfd_ratio", "map_memfd", 0)
	add("map_thp_ratio", "map_thp", 3)
	add("map_hugetlb_ratio", "map_hugetlb", 3)
	add("unmap_4k_ratio", "unmap_4k", 2)
	add("unmap_4k_scattered_ratio", "unmap_4k_scattered", 2)
	add("unmap_memfd_ratio", "unmap_memfd", 0)
	add("unmap_thp_ratio", "unmap_thp", 20)
	add("unmap_hugetlb_ratio", "unmap_hugetlb", 20)
	add("close_4k_ratio", "close_4k", 0)
	add("close_thp_ratio", "close_thp", 0)
	add("ranges_map_4k_ratio", "ranges_map_4k", 0)
	add("ranges_map_thp_ratio", "ranges_map_thp", 0)
	add("ranges_unmap_4k_ratio", "ranges_unmap_4k", 0)
	add("ranges_unmap_thp_ratio", "ranges_unmap_thp", 0)
	add("iommu_map_4k_ratio", "iommu_map_4k", 0)
	add("iommu_map_4k_scattered_ratio", "iommu_map_4k_scattered", 0)
	add("iommu_map_thp_ratio", "iommu_map_thp", 0)
	add("iommu_unmap_4k_ratio", "iommu_unmap_4k", 0)
	add("iommu_unmap_4k_scattered_ratio", "iommu_unmap_4k_scattered", 0)
	add("iommu_unmap_thp_ratio", "iommu_unmap_thp", 0)
	add("map_single_of_16384_ratio", "map_single_of_16384", 0)
	add("unmap_single_of_16384_ratio", "unmap_single_of_16384", 0)
	add("devices_8_map_ratio", "devices_8_map_thp", 0)
	add("kmem_per_gib_4k_ratio", "kmem_4k_scattered", 0)
	add("kmem_per_gib_thp_ratio", "kmem_thp", 0)
	add("net_packets_per_second_64_ratio", "net_packet_64", 1)
	add("net_packets_per_second_1500_ratio", "net_packet_1500", 1)
	add("blk_iops_4k_ratio", "blk_read_4096", 1)
	add("blk_write_iops_4k_ratio", "blk_write_4096", 1)
	add("blk_read_iops_512_ratio", "blk_read_512", 1)
	add("blk_write_iops_512_ratio", "blk_write_512", 1)
}

function add(ratio, name, goal)
{
	ratios[++nratios] = ratio
	source[ratio] = name
	target[ratio] = goal
}

function have(k, s, name)
{
	return (k SUBSEP s SUBSEP name) in value
}

function number(v)
{
	return v == "" ? "null" : v + 0
}

function json(k, name, v, unit, ours, peer)
{
	printf "%s\n  {\"name\": \"%s\", \"kernel\": \"%s\", \"value\": %s, \"unit\": \"%s\", " \
		"\"ours\": %s, \"peer\": %s}", njson++ ? "," : "", name, k, number(v), unit,
		number(ours), number(peer) >jsonfile
}

function get(k, s, name)
{
	return have(k, s, name) ? value[k, s, name] : ""
}

# 1234567 ns as people read it
function ns(v)
{
	if (v == "")
		return "-"
	if (v >= 1e6)
		return sprintf("%.2f ms", v / 1e6)
	return sprintf("%.1f µs", v / 1e3)
}

function shown(v, u)
{
	if (v == "")
		return "-"
	if (u ~ /^ns/)
		return ns(v) (u == "ns" ? "" : substr(u, 3))
	if (u ~ /^bytes/)
		return sprintf("%.0f KiB%s", v / 1024, substr(u, 6))
	return sprintf("%g %s", v, u)
}

function markdown(k,	i, r, n, o, p)
{
	printf "## %s\n\n", k >mdfile
	printf "| ratio | in-tree | ours | in-tree/ours | goal |\n|---|---|---|---|---|\n" >mdfile
	for (i = 1; i <= nratios; i++) {
		r = ratios[i]
		n = source[r]
		o = get(k, "ours", n)
		p = get(k, "peer", n)
		if (o == "" || p == "" || o <= 0 || p <= 0)
			continue
		printf "| %s | %s | %s | **%.1f** | %s |\n", r, shown(p, unit[n]), shown(o, unit[n]),
			p / o, target[r] ? target[r] : "" >mdfile
	}
	printf "\nAll measurements:\n\n| name | in-tree | ours | ours, pin_reuse=N |\n" \
		"|---|---|---|---|\n" >mdfile
	for (i = 1; i <= nnames; i++) {
		n = names[i]
		printf "| %s | %s | %s | %s |\n", n, shown(get(k, "peer", n), unit[n]),
			shown(get(k, "ours", n), unit[n]), shown(get(k, "noreuse", n), unit[n]) >mdfile
	}
	printf "\n" >mdfile
}

function results(k,	i, r, n, o, p)
{
	for (i = 1; i <= nratios; i++) {
		r = ratios[i]
		n = source[r]
		o = get(k, "ours", n)
		p = get(k, "peer", n)
		if (o != "" && p != "" && o > 0 && p > 0)
			json(k, r, sprintf("%.3f", p / o), "ratio", o, p)
	}
	o = eight_over_one(k, "ours")
	if (o != "")
		json(k, "devices_8_pinned_over_1", o, "ratio", o, eight_over_one(k, "peer"))
	worst("reset_cycle_qemu_repinned_pages", k, "pages")
	worst("reset_cycle_qemu_table_ops", k, "calls")
	for (i = 1; i <= nnames; i++) {
		n = names[i]
		if (n == "reset_cycle_qemu_table_ops")
			continue
		o = get(k, "ours", n)
		json(k, n, o, unit[n], o, get(k, "peer", n))
		if (have(k, "noreuse", n))
			json(k, n "_noreuse", get(k, "noreuse", n), unit[n], get(k, "noreuse", n),
				get(k, "peer", n))
	}
}

# Pages charged for eight devices against one
function eight_over_one(k, s,	one)
{
	one = get(k, s, "devices_1_pinned_thp")
	if (!one || !have(k, s, "devices_8_pinned_thp"))
		return ""
	return value[k, s, "devices_8_pinned_thp"] / one
}

# One figure for all sizes: the largest
function worst(name, k, u,	i, o, p)
{
	o = p = ""
	for (i = 1; i <= nnames; i++) {
		if (names[i] != name && index(names[i], name "_") != 1)
			continue
		o = larger(o, get(k, "ours", names[i]))
		p = larger(p, get(k, "peer", names[i]))
	}
	if (o != "")
		json(k, name, o, u, o, p)
}

function larger(a, b)
{
	if (a == "")
		return b
	return b != "" && b + 0 > a + 0 ? b : a
}

# MiB, in-tree, ours, ours without reuse, ours with a client that keeps its map
function plot_cycles(k,	i, m, file)
{
	file = out "/" k "/cycles.dat"
	for (i = 1; i <= nnames; i++) {
		if (names[i] !~ /^reset_cycle_qemu_[0-9]+m$/)
			continue
		m = names[i]
		sub(/.*_/, "", m)
		print m + 0, us(k, "peer", names[i]), us(k, "noreuse", names[i]),
			us(k, "ours", names[i]), us(k, "ours", "reset_cycle_persist_" m) >file
	}
	close(file)
}

function us(k, s, n)
{
	return have(k, s, n) ? value[k, s, n] / 1e3 : "NaN"
}

# kind, in-tree map, our map, in-tree unmap, our unmap; ms per GiB
function plot_maps(k,	i, kind, file)
{
	file = out "/" k "/maps.dat"
	for (i = 1; i <= nnames; i++) {
		if (names[i] !~ /^map_/ || names[i] ~ /^map_single_/)
			continue
		kind = substr(names[i], 5)
		print kind, ms(k, "peer", "map_" kind), ms(k, "ours", "map_" kind),
			ms(k, "peer", "unmap_" kind), ms(k, "ours", "unmap_" kind) >file
	}
	close(file)
}

function ms(k, s, n)
{
	return have(k, s, n) ? value[k, s, n] / 1e6 : "NaN"
}

BEGIN {
	jsonfile = out "/results.json"
	mdfile = out "/results.md"
	goals()
}

{
	value[$1, $2, $3] = $4
	unit[$3] = $5
	if (!seen[$3]++)
		names[++nnames] = $3
	if (!kernel[$1]++)
		kernels[++nkernels] = $1
}

END {
	printf "[" >jsonfile
	for (j = 1; j <= nkernels; j++) {
		markdown(kernels[j])
		results(kernels[j])
		plot_cycles(kernels[j])
		plot_maps(kernels[j])
	}
	printf "\n]\n" >jsonfile
}
