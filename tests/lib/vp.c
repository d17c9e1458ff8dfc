// SPDX-License-Identifier: GPL-2.0-only
/*
 * vp.c - PCI functions through sysfs, the kernel log through /dev/kmsg.
 */
#include "vp.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "vdpa_admin.h"

#define PCI	"/sys/bus/pci"

int vp_bind(const char *bdf, const char *driver)
{
	char path[128];
	int ret;

	snprintf(path, sizeof(path), PCI "/devices/%s/driver_override", bdf);
	ret = vdpa_admin_write(path, driver ? driver : "\n");
	if (ret)
		return ret;
	snprintf(path, sizeof(path), PCI "/devices/%s/driver/unbind", bdf);
	ret = vdpa_admin_write(path, bdf);
	if (ret && ret != -ENOENT)
		return ret;
	if (!driver)
		return 0;
	snprintf(path, sizeof(path), PCI "/drivers/%s/bind", driver);
	return vdpa_admin_write(path, bdf);
}

const char *vp_mgmt(const char *bdf)
{
	static char name[32];

	snprintf(name, sizeof(name), "pci/%s", bdf);
	return name;
}

int vp_log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	lseek(fd, 0, SEEK_END);
	return fd;
}

static bool has(const char *line, const char *what)
{
	return !what || strstr(line, what);
}

int vp_log_wait(int fd, unsigned int seconds, const char *a, const char *b, const char *c)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char line[2048];
	time_t end = time(NULL) + seconds;
	ssize_t len;

	for (;;) {
		len = read(fd, line, sizeof(line) - 1);
		if (len >= 0) {
			line[len] = 0;
			if (has(line, a) && has(line, b) && has(line, c))
				return 0;
			continue;
		}
		/* EPIPE: lines were lost, go on with those that are there. */
		if (errno == EPIPE)
			continue;
		if (errno != EAGAIN)
			return -errno;
		if (time(NULL) > end)
			return -ETIMEDOUT;
		poll(&pfd, 1, 100);
	}
}

int vp_log_fault(int fd, const char *bdf, bool write, uint64_t iova)
{
	char addr[32];

	/* "DMAR: [DMA Read NO_PASID] Request device [00:05.0] fault addr 0x6000000000 ..." */
	snprintf(addr, sizeof(addr), "%" PRIx64 " ", iova);
	return vp_log_wait(fd, 6, write ? "[DMA Write" : "[DMA Read", bdf + strlen("0000:"), addr);
}
