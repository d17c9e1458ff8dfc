// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdpa_admin.c - devices, drivers, parameters and counters through the operator's interfaces.
 */
#include "vdpa_admin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>

#define BUS		"/sys/bus/vdpa"
#define DEBUGFS		"/sys/kernel/debug"
#define WAIT_MS		5000

static void sleep_ms(unsigned int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L };

	nanosleep(&ts, NULL);
}

int vdpa_admin_read(const char *path, char *buf, unsigned int size)
{
	ssize_t len;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	len = read(fd, buf, size - 1);
	if (len < 0) {
		len = -errno;
	} else {
		buf[len] = 0;
		if (len && buf[len - 1] == '\n')
			buf[--len] = 0;
	}
	close(fd);

	return len;
}

int vdpa_admin_write(const char *path, const char *value)
{
	ssize_t len;
	int fd, ret = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;

	len = write(fd, value, strlen(value));
	if (len < 0)
		ret = -errno;
	close(fd);

	return ret;
}

static int reap(pid_t pid, unsigned int seconds)
{
	unsigned int waited;
	int status;
	pid_t got;

	for (waited = 0; waited < seconds * 1000; waited += 10) {
		got = waitpid(pid, &status, WNOHANG);
		if (got == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
		if (got < 0)
			return -errno;
		sleep_ms(10);
	}
	kill(pid, SIGKILL);

	/* A child stuck in the kernel cannot be killed; do not get stuck with it. */
	for (waited = 0; waited < 2000; waited += 10) {
		if (waitpid(pid, &status, WNOHANG) == pid)
			break;
		sleep_ms(10);
	}
	return -ETIMEDOUT;
}

int vdpa_admin_run(unsigned int seconds, const char *const argv[])
{
	char log[4096];
	int ret, out;
	ssize_t len;
	pid_t pid;

	out = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	pid = fork();
	if (pid < 0) {
		ret = -errno;
		goto out;
	}
	if (!pid) {
		if (out >= 0) {
			dup2(out, STDOUT_FILENO);
			dup2(out, STDERR_FILENO);
		}
		execvp(argv[0], (char *const *)argv);
		_exit(127);
	}

	ret = reap(pid, seconds);
	if (ret && out >= 0) {
		len = pread(out, log, sizeof(log) - 1, 0);
		if (len > 0) {
			log[len] = 0;
			printf("# %s: %s", argv[0], log);
		}
	}
out:
	if (out >= 0)
		close(out);
	return ret;
}

bool vdpa_admin_exists(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), BUS "/devices/%s", name);
	return !access(path, F_OK);
}

int vdpa_admin_minor(const char *name)
{
	char path[256], node[64];
	unsigned int waited;
	struct dirent *entry;
	DIR *dir;
	int minor;

	snprintf(path, sizeof(path), BUS "/devices/%s", name);
	for (waited = 0; waited < WAIT_MS; waited += 10) {
		minor = -1;
		dir = opendir(path);
		if (!dir)
			return -errno;
		while ((entry = readdir(dir)))
			if (sscanf(entry->d_name, "vhost-vdpa-%d", &minor) == 1)
				break;
		closedir(dir);

		snprintf(node, sizeof(node), "/dev/vhost-vdpa-%d", minor);
		if (minor >= 0 && !access(node, F_OK))
			return minor;
		sleep_ms(10);
	}

	return -ETIMEDOUT;
}

int vdpa_admin_add_with(const char *name, const char *mgmtdev, const char *attr,
			const char *value)
{
	const char *const argv[] = {
		"vdpa", "dev", "add", "name", name, "mgmtdev", mgmtdev, attr, value, NULL
	};
	char driver[64];
	int ret;

	ret = vdpa_admin_run(20, argv);
	if (ret)
		return ret < 0 ? ret : -EIO;

	ret = vdpa_admin_driver(name, driver, sizeof(driver));
	if (!ret && !strcmp(driver, "vhost_vdpa")) {
		ret = vdpa_admin_minor(name);
		if (ret > 0)
			ret = 0;
	}

	return ret;
}

int vdpa_admin_add(const char *name, const char *mgmtdev)
{
	return vdpa_admin_add_with(name, mgmtdev, NULL, NULL);
}

int vdpa_admin_del(const char *name)
{
	const char *const argv[] = { "vdpa", "dev", "del", name, NULL };
	int ret = vdpa_admin_run(20, argv);

	return ret > 0 ? -EIO : ret;
}

int vdpa_admin_driver(const char *name, char *driver, unsigned int size)
{
	char path[256], target[256];
	const char *base;
	ssize_t len;

	snprintf(path, sizeof(path), BUS "/devices/%s/driver", name);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0) {
		driver[0] = 0;
		return errno == ENOENT && vdpa_admin_exists(name) ? 0 : -errno;
	}
	target[len] = 0;
	base = strrchr(target, '/');
	snprintf(driver, size, "%s", base ? base + 1 : target);

	return 0;
}

int vdpa_admin_bind(const char *name, const char *driver)
{
	char path[256];

	snprintf(path, sizeof(path), BUS "/drivers/%s/bind", driver);
	return vdpa_admin_write(path, name);
}

int vdpa_admin_unbind(const char *name, const char *driver)
{
	char path[256];

	snprintf(path, sizeof(path), BUS "/drivers/%s/unbind", driver);
	return vdpa_admin_write(path, name);
}

int vdpa_admin_override(const char *name, const char *driver)
{
	char path[256];

	snprintf(path, sizeof(path), BUS "/devices/%s/driver_override", name);
	return vdpa_admin_write(path, driver && *driver ? driver : "\n");
}

int vdpa_admin_param(const char *module, const char *param)
{
	char path[256], value[64];
	int ret;

	snprintf(path, sizeof(path), "/sys/module/%s/parameters/%s", module, param);
	ret = vdpa_admin_read(path, value, sizeof(value));
	if (ret < 0)
		return ret;
	if (value[0] == 'Y')
		return 1;
	if (value[0] == 'N')
		return 0;

	return atoi(value);
}

static const struct {
	const char *name;
	size_t offset;
} counter_names[] = {
#define COUNTER(n) { #n, offsetof(struct vdpa_counters, n) }
	COUNTER(pages_pinned), COUNTER(pages_unpinned), COUNTER(pages_reused), COUNTER(maps),
	COUNTER(unmaps), COUNTER(parks), COUNTER(revives), COUNTER(resets),
	COUNTER(set_map_calls), COUNTER(dma_map_calls), COUNTER(dma_unmap_calls),
#undef COUNTER
};

#define N_COUNTERS	(sizeof(counter_names) / sizeof(counter_names[0]))

static uint64_t *counter(struct vdpa_counters *counters, unsigned int i)
{
	return (uint64_t *)((char *)counters + counter_names[i].offset);
}

int vdpa_counters_read(int minor, struct vdpa_counters *counters)
{
	char path[128], name[64];
	unsigned long long value;
	unsigned int i, found = 0;
	FILE *file;

	snprintf(path, sizeof(path), DEBUGFS "/vhost_vdpa/vhost-vdpa-%d/stats", minor);
	file = fopen(path, "re");
	if (!file && errno == ENOENT) {
		mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
		file = fopen(path, "re");
	}
	if (!file)
		return -errno;

	memset(counters, 0, sizeof(*counters));
	while (fscanf(file, "%63s %llu", name, &value) == 2)
		for (i = 0; i < N_COUNTERS; i++)
			if (!strcmp(name, counter_names[i].name)) {
				*counter(counters, i) = value;
				found++;
			}
	fclose(file);

	return found == N_COUNTERS ? 0 : -EPROTO;
}

struct vdpa_counters vdpa_counters_since(const struct vdpa_counters *before,
					 const struct vdpa_counters *after)
{
	struct vdpa_counters from = *before, diff = *after;
	unsigned int i;

	for (i = 0; i < N_COUNTERS; i++)
		*counter(&diff, i) -= *counter(&from, i);

	return diff;
}

uint64_t vdpa_counters_table_ops(const struct vdpa_counters *counters)
{
	return counters->set_map_calls + counters->dma_map_calls + counters->dma_unmap_calls;
}

long long vdpa_sim_stat(const char *name, const char *stat)
{
	char path[256], row[64];
	long long value, found = -ENOENT;
	FILE *file;

	snprintf(path, sizeof(path), DEBUGFS "/vdpa_sim/%s/stats", name);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fscanf(file, "%63s %lld", row, &value) == 2)
		if (!strcmp(row, stat))
			found = value;
	fclose(file);

	return found;
}

int vdpa_sim_fail_nth(const char *name, const char *op, unsigned int nth)
{
	char path[256], value[16];

	snprintf(path, sizeof(path), DEBUGFS "/vdpa_sim/%s/fail_nth_%s", name, op);
	snprintf(value, sizeof(value), "%u", nth);

	return vdpa_admin_write(path, value);
}

int vdpa_fail_nth(const char *what, unsigned int nth)
{
	char path[256], value[16];

	snprintf(path, sizeof(path), DEBUGFS "/vhost_vdpa/fail_nth_%s", what);
	snprintf(value, sizeof(value), "%u", nth);

	return vdpa_admin_write(path, value);
}

int vdpa_fail_left(const char *what)
{
	char path[256];
	FILE *file;
	int left;

	snprintf(path, sizeof(path), DEBUGFS "/vhost_vdpa/fail_nth_%s", what);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	if (fscanf(file, "%d", &left) != 1)
		left = -EINVAL;
	fclose(file);

	return left;
}

static int read_all(const char *path, char *buf, unsigned int size)
{
	FILE *file = fopen(path, "re");
	size_t len;

	if (!file)
		return -errno;
	len = fread(buf, 1, size, file);
	fclose(file);
	if (len == size)
		return -EFBIG;
	buf[len] = 0;

	return len;
}

int vdpa_tables_read(int minor, char *buf, unsigned int size)
{
	char path[128];

	snprintf(path, sizeof(path), DEBUGFS "/vhost_vdpa/vhost-vdpa-%d/tables", minor);
	return read_all(path, buf, size);
}

int vdpa_sim_map_read(const char *name, char *buf, unsigned int size)
{
	char path[256];

	snprintf(path, sizeof(path), DEBUGFS "/vdpa_sim/%s/map", name);
	return read_all(path, buf, size);
}

int vdpa_drop_ipc_lock(void)
{
	struct __user_cap_header_struct hdr = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &hdr, data))
		return -errno;
	data[0].effective &= ~(1U << CAP_IPC_LOCK);
	if (syscall(SYS_capset, &hdr, data))
		return -errno;

	return 0;
}

long vdpa_proc_pages(const char *field)
{
	size_t len = strlen(field);
	long kb = -ENOENT;
	char line[256];
	FILE *file;

	file = fopen("/proc/self/status", "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file))
		if (!strncmp(line, field, len) && line[len] == ':')
			kb = strtol(line + len + 1, NULL, 10);
	fclose(file);

	return kb < 0 ? kb : kb / 4;
}

long vdpa_pinned_pages(void)
{
	return vdpa_proc_pages("VmPin");
}
