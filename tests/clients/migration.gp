# SPDX-License-Identifier: GPL-2.0-only
#
# What a migration waits for in vhost_vdpa, against guest size.
# usage: gnuplot -e "dir='...'; out='...'" migration.gp

set terminal svg size 800,500 background rgb 'white' font 'sans,14'
set output out
set title 'Live migration: resets, unmaps, maps and DRIVER\_OK'
set xlabel 'guest memory, MiB'
set ylabel 'ms in vhost\_vdpa'
set logscale x 2
set logscale y 10
set grid
set key left top
plot dir.'/source' using 1:2 with linespoints lw 2 title 'source, pin\_reuse=N', \
     '' using 1:3 with linespoints lw 2 title 'source', \
     dir.'/target' using 1:2 with linespoints lw 2 title 'target, pin\_reuse=N', \
     '' using 1:3 with linespoints lw 2 title 'target'
