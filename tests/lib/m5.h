/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * m5.h - a function of the modelled mlx5 card: what it counted, what shall go wrong with it.
 *
 * Functions are named by their PCI addresses, in that order. Results: 0 or a value, or -errno.
 */
#ifndef M5_H
#define M5_H

#include <stdbool.h>
#include <stdint.h>

/* PCI address of function @n, "0000:00:03.0", or NULL. */
const char *m5_pci(unsigned int n);
/* Name of its management device, as the vdpa tool wants it. */
const char *m5_mgmt(unsigned int n);

/* One line of the function's stats; 0 if it is not there (an opcode that never came). */
long long m5_stat(unsigned int n, const char *name);
/* CREATE_MKEY and DESTROY_MKEY so far. */
long long m5_mkey_cmds(unsigned int n);
/* Counters and complaints of the function start again. */
void m5_reset_stats(unsigned int n);
/* One of the function's files, see tests/mlx5_model/debugfs.c. */
int m5_set(unsigned int n, const char *file, const char *value);
long long m5_get_file(unsigned int n, const char *file);
/* Faults that were asked for and have not happened. */
bool m5_inject_pending(unsigned int n);

/* Complaints of all functions, also of those that were removed; prints them. */
long long m5_complaints(void);
void m5_forget_complaints(void);

/* PCI driver: the function goes and comes. */
int m5_unbind(unsigned int n);
int m5_bind(unsigned int n);
/* A parameter of the model. */
int m5_param(const char *name, const char *value);

#endif /* M5_H */
