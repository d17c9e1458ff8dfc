# SPDX-License-Identifier: GPL-2.0-only
#
# Cost of a reset against guest size. usage: gnuplot -e "dir='...'; kernel='...'" cycles.gp

set terminal svg size 800,500 background rgb 'white' font 'sans,14'
set output dir.'/reset-cycle.svg'
set title 'One device reset, QEMU''s messages, Linux '.kernel
set xlabel 'guest memory, MiB'
set ylabel 'time (instruction clock), µs'
set logscale xy 2
set logscale y 10
set grid
set key left top
plot dir.'/cycles.dat' using 1:2 with linespoints lw 2 title 'in-tree', \
     '' using 1:3 with linespoints lw 2 title 'ours, pin\_reuse=N', \
     '' using 1:4 with linespoints lw 2 title 'ours', \
     '' using 1:5 with linespoints lw 2 title 'ours, client keeps its map'
