# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh
#
# Runs in the VM of tests/bench/mlx5. A line is: WHAT GIB LOG2_OF_PAGE KEY_COMMANDS ALL_COMMANDS
# PAYLOAD_BYTES NANOSECONDS MAX_PARALLEL.

set -e
model=/sys/kernel/debug/mlx5_model

stat()
{
	awk -v name="$1" '$1 == name { v = $2 } END { print v + 0 }' "$model/$pci/stats"
}

# line WHAT GIB LOG NS: what was counted since the last "reset" of the counters
line()
{
	echo "$1 $2 $3 $(($(stat op_200) + $(stat op_202))) $(stat commands) $(stat payload) $4" \
		"$(stat max_parallel)"
}

now()
{
	awk '{ printf "%.0f\n", $1 * 1000000000 }' /proc/uptime
}

# Whole cycles through vhost-vdpa: commands for keys.
modprobe vhost_vdpa
modprobe mlx5_core
modprobe mlx5_vdpa
pci=$(find "$model" -mindepth 1 -maxdepth 1 -type d | sed 's|.*/||' | sort | head -n 1)
cycle
rmmod vhost_vdpa

# Tables of any size, straight into the driver.
echo 1 >/sys/module/mlx5_core/parameters/synthetic
echo 1000 >/sys/module/mlx5_core/parameters/mkey_us
modprobe vdpa_table
table=/sys/kernel/debug/vdpa_table/b0
echo 1 >"$model/$pci/reset"
begun=$(now)
vdpa dev add name b0 mgmtdev "pci/$pci" max_vqp 1
line add 0 0 $(($(now) - begun))
for what in "1 12" "1 21" "1 30" "16 12" "16 21" "16 30" "256 21" "256 30"; do
	for step in "map $what" change reset close; do
		echo 1 >"$model/$pci/reset"
		echo "$step" >"$table"
		line "${step%% *}" "${what% *}" "${what#* }" "$(cat "$table")"
	done
done
vdpa dev del b0
