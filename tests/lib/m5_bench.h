/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * m5_bench.h - the usual fixture of tests of mlx5_vdpa: a device of the first function, and a
 * client that has it open.
 */
#ifndef M5_BENCH_H
#define M5_BENCH_H

#include "m5.h"
#include "vdpa_test.h"

#define M5_DEV	"m5-a"

/* As vdpa_setup_bench(), for a setup whose device is M5_DEV. */
int m5_setup_bench(void **state);

/*
 * The device is as it was before the client came, then it goes without a trace; and the model has
 * had nothing to complain about.
 */
int m5_teardown_bench(void **state);

/*
 * @to, which has no driver yet, goes on with the rings of the loop at these positions, and with all
 * guest memory at @at.
 */
void m5_go_on(struct vdpa_bench *b, struct vdpa_client *to, uint64_t at, unsigned int rx,
	      unsigned int tx);

#define m5_test(fn, setup) \
	{ #fn, fn, m5_setup_bench, m5_teardown_bench, (void *)(setup) }

#endif /* M5_BENCH_H */
