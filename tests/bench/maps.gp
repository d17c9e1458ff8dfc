# SPDX-License-Identifier: GPL-2.0-only
#
# Cost of the first map and the last unmap. usage: gnuplot -e "dir='...'; kernel='...'" maps.gp

set terminal svg size 800,500 background rgb 'white' font 'sans,14'
set output dir.'/map-unmap.svg'
set title 'First map and last unmap, Linux '.kernel
set ylabel 'ms per GiB (instruction clock)'
set logscale y
set yrange [0.01:]
set grid ytics
set style data histograms
set style fill solid 0.8
set xtics noenhanced
plot dir.'/maps.dat' using 2:xtic(1) title 'map, in-tree', '' using 3 title 'map, ours', \
     '' using 4 title 'unmap, in-tree', '' using 5 title 'unmap, ours'
