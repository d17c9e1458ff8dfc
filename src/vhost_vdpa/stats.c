// SPDX-License-Identifier: GPL-2.0-only
/*
 * stats.c - counters in debugfs: vhost_vdpa/vhost-vdpa-N/stats. Debug builds also let calls fail on
 * purpose there (fault.h).
 */
#include <linux/debugfs.h>
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "fault.h"
#include "space.h"

static struct dentry *root;

static int stats_show(struct seq_file *m, void *unused)
{
	struct vhost_vdpa *v = m->private;
	const struct {
		const char *name;
		const atomic64_t *value;
	} rows[] = {
		{ "pages_pinned", &v->stats.pages_pinned },
		{ "pages_unpinned", &v->stats.pages_unpinned },
		{ "pages_reused", &v->stats.pages_reused },
		{ "maps", &v->stats.maps },
		{ "unmaps", &v->stats.unmaps },
		{ "parks", &v->stats.parks },
		{ "revives", &v->stats.revives },
		{ "resets", &v->stats.resets },
		{ "set_map_calls", &v->stats.set_map_calls },
		{ "dma_map_calls", &v->stats.dma_map_calls },
		{ "dma_unmap_calls", &v->stats.dma_unmap_calls },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		seq_printf(m, "%s %lld\n", rows[i].name, (long long)atomic64_read(rows[i].value));
	seq_printf(m, "pages_parked %ld\n", atomic_long_read(&v->parked.npages));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(stats);

/* The tables of an open device, a line per range; map_lock keeps them still. */
static int tables_show(struct seq_file *m, void *unused)
{
	struct vhost_vdpa *v = m->private;
	struct map_entry *e;
	u32 asid;

	mutex_lock(&v->map_lock);
	for (asid = 0; v->spaces && asid < v->nas; asid++) {
		struct vhost_vdpa_space *s = &v->spaces[asid];

		if (s->initial)
			seq_printf(m, "%u initial\n", asid);
		map_table_for_each(e, &s->wanted)
			seq_printf(m, "%u wanted 0x%llx 0x%llx %u%s\n", asid,
				   e->first << PAGE_SHIFT, map_entry_pages(e) << PAGE_SHIFT,
				   e->perm, map_entry_hidden(&s->wanted, e) ? " hidden" : "");
		map_table_for_each(e, &s->device)
			seq_printf(m, "%u device 0x%llx 0x%llx %u\n", asid,
				   e->first << PAGE_SHIFT, map_entry_pages(e) << PAGE_SHIFT,
				   e->perm);
	}
	mutex_unlock(&v->map_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(tables);

void vhost_vdpa_stats_init(void)
{
	root = debugfs_create_dir("vhost_vdpa", NULL);
	if (!IS_ENABLED(VDPA_DEBUG))
		return;
	debugfs_create_atomic_t("fail_nth_alloc", 0600, root, &vhost_vdpa_faults.alloc);
	debugfs_create_atomic_t("fail_nth_pin", 0600, root, &vhost_vdpa_faults.pin);
	debugfs_create_atomic_t("fail_nth_call", 0600, root, &vhost_vdpa_faults.call);
}

void vhost_vdpa_stats_exit(void)
{
	debugfs_remove_recursive(root);
}

void vhost_vdpa_stats_add(struct vhost_vdpa *v)
{
	v->debugfs = debugfs_create_dir(dev_name(&v->dev), root);
	debugfs_create_file("stats", 0444, v->debugfs, v, &stats_fops);
	/* User memory layout: not for everybody. */
	debugfs_create_file("tables", 0400, v->debugfs, v, &tables_fops);
}

void vhost_vdpa_stats_del(struct vhost_vdpa *v)
{
	debugfs_remove_recursive(v->debugfs);
	v->debugfs = NULL;
}
