/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vdpa_admin.h - what an operator does: devices, drivers, parameters, counters.
 *
 * Devices are made with the `vdpa` tool, so that every test also is one of the management
 * interface as users reach it. Results: 0 or a value, or a negative errno.
 */
#ifndef VDPA_ADMIN_H
#define VDPA_ADMIN_H

#include <stdbool.h>
#include <stdint.h>

/* Management devices of the simulators. */
#define VDPA_MGMT_NET	"vdpasim_net"
#define VDPA_MGMT_BLK	"vdpasim_blk"

/*
 * Runs a command without a shell, output discarded unless it fails. Exit code, or -errno if it
 * could not be run, or -ETIMEDOUT if it had to be killed after @seconds.
 */
int vdpa_admin_run(unsigned int seconds, const char *const argv[]);

/* Devices. vdpa_admin_add() also waits for the node if the device is bound to vhost_vdpa. */
int vdpa_admin_add(const char *name, const char *mgmtdev);
int vdpa_admin_add_with(const char *name, const char *mgmtdev, const char *attr,
			const char *value);
int vdpa_admin_del(const char *name);
bool vdpa_admin_exists(const char *name);

/* Minor of the node of device @name; waits up to 5 s for /dev/vhost-vdpa-N. */
int vdpa_admin_minor(const char *name);

/* Name of the driver a device is bound to, "" if none. */
int vdpa_admin_driver(const char *name, char *driver, unsigned int size);
int vdpa_admin_bind(const char *name, const char *driver);
int vdpa_admin_unbind(const char *name, const char *driver);
/* @driver "" or NULL clears the override. */
int vdpa_admin_override(const char *name, const char *driver);

/* Whole-file helpers; reading strips the trailing newline. */
int vdpa_admin_read(const char *path, char *buf, unsigned int size);
int vdpa_admin_write(const char *path, const char *value);

/* Boolean or integer module parameter; -ENOENT if module or parameter is missing. */
int vdpa_admin_param(const char *module, const char *param);

/**
 * struct vdpa_counters - debugfs vhost_vdpa/vhost-vdpa-N/stats
 *
 * The names are those of the file; see struct vhost_vdpa_stats in the driver for their meaning.
 */
struct vdpa_counters {
	uint64_t pages_pinned;
	uint64_t pages_unpinned;
	uint64_t pages_reused;
	uint64_t maps;
	uint64_t unmaps;
	uint64_t parks;
	uint64_t revives;
	uint64_t resets;
	uint64_t set_map_calls;
	uint64_t dma_map_calls;
	uint64_t dma_unmap_calls;
};

/* Reads all counters of /dev/vhost-vdpa-@minor; -EPROTO if one of them is missing. */
int vdpa_counters_read(int minor, struct vdpa_counters *counters);

/* @after - @before, member by member. */
struct vdpa_counters vdpa_counters_since(const struct vdpa_counters *before,
					 const struct vdpa_counters *after);

/* Calls that change a translation: set_map + dma_map + dma_unmap. */
uint64_t vdpa_counters_table_ops(const struct vdpa_counters *counters);

/* Simulator @name: a counter of its debugfs file "stats", or -errno. */
long long vdpa_sim_stat(const char *name, const char *stat);

/* Simulator @name: the @nth call of @op ("set_map" or "dma_map") from now on fails; 0: none. */
int vdpa_sim_fail_nth(const char *name, const char *op, unsigned int nth);

/*
 * Debug builds of vhost_vdpa: the @nth call of kind @what ("alloc", "pin", "call") from now fails;
 * 0: none. vdpa_fail_left() is how many calls before it are left, 0 once it has happened.
 */
int vdpa_fail_nth(const char *what, unsigned int nth);
int vdpa_fail_left(const char *what);

/*
 * What the driver (/dev/vhost-vdpa-@minor) and the simulator @name hold in their tables, as text
 * to compare. Number of bytes, or -errno; -EFBIG if @size is too small.
 */
int vdpa_tables_read(int minor, char *buf, unsigned int size);
int vdpa_sim_map_read(const char *name, char *buf, unsigned int size);

/* Drops CAP_IPC_LOCK, without which RLIMIT_MEMLOCK does not apply to root. */
int vdpa_drop_ipc_lock(void);

/* A "Vm..." line of /proc/self/status in pages of 4 KiB. */
long vdpa_proc_pages(const char *field);

/* Pages pinned and charged to this process. */
long vdpa_pinned_pages(void);

#endif /* VDPA_ADMIN_H */
