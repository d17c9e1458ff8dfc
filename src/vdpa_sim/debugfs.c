// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs.c - what a simulated device did and holds, and calls to fail on purpose.
 *
 *   vdpa_sim/NAME/stats              counters, one "name value" per line
 *   vdpa_sim/NAME/map                all translations: "asid first last address access"
 *   vdpa_sim/NAME/fail_nth_set_map   N: the Nth set_map from now fails with -ENOMEM; 0: none
 *   vdpa_sim/NAME/fail_nth_dma_map   likewise for dma_map
 */
#include <linux/debugfs.h>
#include <linux/limits.h>
#include <linux/seq_file.h>

#include "vdpa_sim.h"

static struct dentry *root;

static int stats_show(struct seq_file *s, void *unused)
{
	struct vdpasim *sim = s->private;
	unsigned int i;

	seq_printf(s, "set_map_calls %lld\n", atomic64_read(&sim->count.set_map));
	seq_printf(s, "dma_map_calls %lld\n", atomic64_read(&sim->count.dma_map));
	seq_printf(s, "dma_unmap_calls %lld\n", atomic64_read(&sim->count.dma_unmap));
	seq_printf(s, "reset_map_calls %lld\n", atomic64_read(&sim->count.reset_map));
	seq_printf(s, "resets %lld\n", atomic64_read(&sim->count.resets));
	seq_printf(s, "clean_resets %lld\n", atomic64_read(&sim->count.clean_resets));
	seq_printf(s, "work %lld\n", atomic64_read(&sim->count.work));

	down_read(&sim->map_lock);
	for (i = 0; i < sim->type->nas; i++) {
		seq_printf(s, "as%u_entries %u\n", i, sim->spaces[i].vs.iotlb.nmaps);
		seq_printf(s, "as%u_identity %u\n", i, sim->spaces[i].identity);
		seq_printf(s, "as%u_changes %llu\n", i, sim->spaces[i].vs.gen);
	}
	up_read(&sim->map_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

static int map_show(struct seq_file *s, void *unused)
{
	static const char * const access[] = { "-", "ro", "wo", "rw" };
	struct vdpasim *sim = s->private;
	struct vhost_iotlb_map *map;
	unsigned int i;

	down_read(&sim->map_lock);
	for (i = 0; i < sim->type->nas; i++) {
		struct vhost_iotlb *table = &sim->spaces[i].vs.iotlb;

		for (map = vhost_iotlb_itree_first(table, 0, U64_MAX); map;
		     map = vhost_iotlb_itree_next(map, 0, U64_MAX))
			seq_printf(s, "%u 0x%llx 0x%llx 0x%llx %s\n", i, map->start, map->last,
				   map->addr, access[map->perm & VHOST_MAP_RW]);
	}
	up_read(&sim->map_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(map);

void vdpasim_debugfs_add(struct vdpasim *sim)
{
	sim->debugfs = debugfs_create_dir(dev_name(&sim->vdpa.dev), root);
	debugfs_create_file("stats", 0400, sim->debugfs, sim, &stats_fops);
	debugfs_create_file("map", 0400, sim->debugfs, sim, &map_fops);
	debugfs_create_atomic_t("fail_nth_set_map", 0600, sim->debugfs, &sim->fail_nth_set_map);
	debugfs_create_atomic_t("fail_nth_dma_map", 0600, sim->debugfs, &sim->fail_nth_dma_map);
}

void vdpasim_debugfs_remove(struct vdpasim *sim)
{
	debugfs_remove_recursive(sim->debugfs);
	sim->debugfs = NULL;
}

void vdpasim_debugfs_init(void)
{
	root = debugfs_create_dir("vdpa_sim", NULL);
}

void vdpasim_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
