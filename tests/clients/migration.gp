# SPDX-License-Identifier: GPL-2.0-only
#
# What a live migration pins again, against guest size.
# usage: gnuplot -e "dir='...'; out='...'" migration.gp

set terminal svg size 800,500 background rgb 'white' font 'sans,14'
set output out
set title 'Pages pinned while a guest migrates'
set xlabel 'guest memory, MiB'
set ylabel 'pages'
set logscale x 2
set logscale y 10
set yrange [1:]
set grid
set key center right
plot dir.'/source' using 1:2 with linespoints lw 2 title 'source, pin\_reuse=N', \
     dir.'/target' using 1:2 with linespoints lw 2 title 'target, pin\_reuse=N', \
     dir.'/source' using 1:3 with linespoints lw 2 title 'source', \
     dir.'/target' using 1:3 with linespoints lw 2 title 'target'
