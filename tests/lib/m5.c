// SPDX-License-Identifier: GPL-2.0-only
/*
 * m5.c - see m5.h.
 */
#include "m5.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vdpa_admin.h"

#define ROOT	"/sys/kernel/debug/mlx5_model"
#define DRIVER	"/sys/bus/pci/drivers/mlx5_core"
#define MAX	4

static char pci[MAX][32];
static unsigned int functions;

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* All devices the driver could have, bound at this moment or not. */
static void find(void)
{
	struct dirent *entry;
	char path[320], id[16];
	DIR *dir;

	if (functions)
		return;
	dir = opendir("/sys/bus/pci/devices");
	if (!dir)
		return;
	while ((entry = readdir(dir)) && functions < MAX) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/device", entry->d_name);
		if (vdpa_admin_read(path, id, sizeof(id)) < 0 ||
		    (strcmp(id, "0x1110") && strcmp(id, "0x0010")))
			continue;
		snprintf(pci[functions++], sizeof(pci[0]), "%.31s", entry->d_name);
	}
	closedir(dir);
	qsort(pci, functions, sizeof(pci[0]), by_name);
}

const char *m5_pci(unsigned int n)
{
	find();
	return n < functions ? pci[n] : NULL;
}

const char *m5_mgmt(unsigned int n)
{
	static char name[MAX][48];

	if (!m5_pci(n))
		return NULL;
	snprintf(name[n], sizeof(name[n]), "pci/%s", pci[n]);
	return name[n];
}

static int read_file(unsigned int n, const char *file, char *buf, unsigned int size)
{
	char path[128];

	if (!m5_pci(n))
		return -ENODEV;
	snprintf(path, sizeof(path), ROOT "/%s/%s", pci[n], file);
	return vdpa_admin_read(path, buf, size);
}

long long m5_stat(unsigned int n, const char *name)
{
	static char buf[8192];
	char *line;
	size_t len = strlen(name);
	int ret = read_file(n, "stats", buf, sizeof(buf));

	if (ret < 0)
		return ret;
	for (line = strtok(buf, "\n"); line; line = strtok(NULL, "\n")) {
		if (!strncmp(line, name, len) && line[len] == ' ')
			return atoll(line + len + 1);
	}
	return 0;
}

long long m5_mkey_cmds(unsigned int n)
{
	return m5_stat(n, "op_200") + m5_stat(n, "op_202");
}

int m5_set(unsigned int n, const char *file, const char *value)
{
	char path[128];

	if (!m5_pci(n))
		return -ENODEV;
	snprintf(path, sizeof(path), ROOT "/%s/%s", pci[n], file);
	return vdpa_admin_write(path, value);
}

long long m5_get_file(unsigned int n, const char *file)
{
	char buf[64];
	int ret = read_file(n, file, buf, sizeof(buf));

	return ret < 0 ? ret : atoll(buf);
}

bool m5_inject_pending(unsigned int n)
{
	char buf[512];

	return read_file(n, "inject", buf, sizeof(buf)) >= 0 && buf[0];
}

void m5_reset_stats(unsigned int n)
{
	m5_set(n, "reset", "1");
}

static long long number(const char *path)
{
	char buf[32];

	return vdpa_admin_read(path, buf, sizeof(buf)) < 0 ? 0 : atoll(buf);
}

static void tell(const char *text)
{
	const char *p;

	printf("# ");
	for (p = text; *p; p++) {
		putchar(*p);
		if (*p == '\n' && p[1])
			printf("# ");
	}
	putchar('\n');
}

long long m5_complaints(void)
{
	static char log[32768];
	long long n = number(ROOT "/errors") + number(ROOT "/faults");
	unsigned int i;

	for (i = 0; m5_pci(i); i++) {
		long long here = m5_stat(i, "errors") + m5_stat(i, "faults");

		if (here > 0) {
			n += here;
			if (read_file(i, "log", log, sizeof(log)) >= 0)
				tell(log);
		}
	}
	if (n && vdpa_admin_read(ROOT "/log", log, sizeof(log)) >= 0 && log[0])
		tell(log);
	return n;
}

void m5_forget_complaints(void)
{
	unsigned int i;

	vdpa_admin_write(ROOT "/clear", "1");
	for (i = 0; m5_pci(i); i++)
		m5_reset_stats(i);
}

int m5_unbind(unsigned int n)
{
	return m5_pci(n) ? vdpa_admin_write(DRIVER "/unbind", pci[n]) : -ENODEV;
}

int m5_bind(unsigned int n)
{
	return m5_pci(n) ? vdpa_admin_write(DRIVER "/bind", pci[n]) : -ENODEV;
}

int m5_param(const char *name, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/module/mlx5_core/parameters/%s", name);
	return vdpa_admin_write(path, value);
}
