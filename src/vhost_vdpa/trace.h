/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - tracepoints vhost_vdpa:*
 *
 * Every event names the device by the N of /dev/vhost-vdpa-N. Addresses and lengths are in bytes.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vhost_vdpa

#if !defined(VHOST_VDPA_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VHOST_VDPA_TRACE_H

#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/tracepoint.h>

#include "vhost_vdpa.h"

/* A range enters or leaves the device's table. */
DECLARE_EVENT_CLASS(vhost_vdpa_table,
	TP_PROTO(const struct vhost_vdpa *v, u32 asid, const struct map_entry *e),
	TP_ARGS(v, asid, e),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(u32, asid)
		__field(u64, iova)
		__field(u64, size)
		__field(u32, perm)
	),
	TP_fast_assign(
		__entry->minor = v->minor;
		__entry->asid = asid;
		__entry->iova = e->first << PAGE_SHIFT;
		__entry->size = map_entry_pages(e) << PAGE_SHIFT;
		__entry->perm = e->perm;
	),
	TP_printk("vhost-vdpa-%d asid=%u iova=0x%llx size=0x%llx perm=%u", __entry->minor,
		  __entry->asid, __entry->iova, __entry->size, __entry->perm)
);

DEFINE_EVENT(vhost_vdpa_table, vhost_vdpa_map,
	TP_PROTO(const struct vhost_vdpa *v, u32 asid, const struct map_entry *e),
	TP_ARGS(v, asid, e)
);

DEFINE_EVENT(vhost_vdpa_table, vhost_vdpa_unmap,
	TP_PROTO(const struct vhost_vdpa *v, u32 asid, const struct map_entry *e),
	TP_ARGS(v, asid, e)
);

/* A request for memory: what it pinned and what was pinned already. */
TRACE_EVENT(vhost_vdpa_pin,
	TP_PROTO(const struct vhost_vdpa *v, unsigned long va, unsigned long npages,
		 const struct pin_count *count, int err),
	TP_ARGS(v, va, npages, count, err),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(u64, uaddr)
		__field(u64, size)
		__field(u64, pinned)
		__field(u64, reused)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->minor = v->minor;
		__entry->uaddr = (u64)va << PAGE_SHIFT;
		__entry->size = (u64)npages << PAGE_SHIFT;
		__entry->pinned = count->pinned << PAGE_SHIFT;
		__entry->reused = count->reused << PAGE_SHIFT;
		__entry->err = err;
	),
	TP_printk("vhost-vdpa-%d uaddr=0x%llx size=0x%llx pinned=0x%llx reused=0x%llx error=%d",
		  __entry->minor, __entry->uaddr, __entry->size, __entry->pinned,
		  __entry->reused, __entry->err)
);

TRACE_EVENT(vhost_vdpa_unpin,
	TP_PROTO(const struct vhost_vdpa *v, u64 npages),
	TP_ARGS(v, npages),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(u64, size)
	),
	TP_fast_assign(
		__entry->minor = v->minor;
		__entry->size = npages << PAGE_SHIFT;
	),
	TP_printk("vhost-vdpa-%d size=0x%llx", __entry->minor, __entry->size)
);

/* Memory is kept although it was unmapped; memory that was kept, or shared, is used again. */
DECLARE_EVENT_CLASS(vhost_vdpa_memory,
	TP_PROTO(const struct vhost_vdpa *v, unsigned long va, unsigned long npages),
	TP_ARGS(v, va, npages),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(u64, uaddr)
		__field(u64, size)
	),
	TP_fast_assign(
		__entry->minor = v->minor;
		__entry->uaddr = (u64)va << PAGE_SHIFT;
		__entry->size = (u64)npages << PAGE_SHIFT;
	),
	TP_printk("vhost-vdpa-%d uaddr=0x%llx size=0x%llx", __entry->minor, __entry->uaddr,
		  __entry->size)
);

DEFINE_EVENT(vhost_vdpa_memory, vhost_vdpa_park,
	TP_PROTO(const struct vhost_vdpa *v, unsigned long va, unsigned long npages),
	TP_ARGS(v, va, npages)
);

DEFINE_EVENT(vhost_vdpa_memory, vhost_vdpa_revive,
	TP_PROTO(const struct vhost_vdpa *v, unsigned long va, unsigned long npages),
	TP_ARGS(v, va, npages)
);

/* @why is enum vhost_vdpa_reset_why, @fate is enum vhost_vdpa_map_fate, @flags VDPA_RESET_F_*. */
TRACE_EVENT(vhost_vdpa_reset,
	TP_PROTO(const struct vhost_vdpa *v, int why, u32 flags, int fate, int err),
	TP_ARGS(v, why, flags, fate, err),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(int, why)
		__field(u32, flags)
		__field(int, fate)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->minor = v->minor;
		__entry->why = why;
		__entry->flags = flags;
		__entry->fate = fate;
		__entry->err = err;
	),
	TP_printk("vhost-vdpa-%d why=%s flags=0x%x map=%s error=%d", __entry->minor,
		  __print_symbolic(__entry->why, { 0, "open" }, { 1, "ioctl" }, { 2, "release" }),
		  __entry->flags,
		  __print_symbolic(__entry->fate, { 0, "kept" }, { 1, "cleaned" },
				   { 2, "clean-later" }, { 3, "lost" }),
		  __entry->err)
);

/* A comparison of the two tables, and what came of it; @how is enum vhost_vdpa_sync. */
TRACE_EVENT(vhost_vdpa_reconcile,
	TP_PROTO(const struct vhost_vdpa *v, u32 asid, int how, int err),
	TP_ARGS(v, asid, how, err),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(u32, asid)
		__field(int, how)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->minor = v->minor;
		__entry->asid = asid;
		__entry->how = how;
		__entry->err = err;
	),
	TP_printk("vhost-vdpa-%d asid=%u %s error=%d", __entry->minor, __entry->asid,
		  __print_symbolic(__entry->how, { 0, "add" }, { 1, "remove" }, { 2, "all" }),
		  __entry->err)
);

/*
 * What a client asked for, and for how many nanoseconds it had to wait; @begun is ktime_get_ns()
 * then, or 0 if nobody was watching yet.
 */
TRACE_EVENT(vhost_vdpa_message,
	TP_PROTO(const struct vhost_vdpa *v, u32 asid, const struct vhost_iotlb_msg *msg,
		 u64 begun, int err),
	TP_ARGS(v, asid, msg, begun, err),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(u32, asid)
		__field(u32, type)
		__field(u32, perm)
		__field(u64, iova)
		__field(u64, size)
		__field(u64, uaddr)
		__field(u64, took)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->minor = v->minor;
		__entry->asid = asid;
		__entry->type = msg->type;
		__entry->perm = msg->perm;
		__entry->iova = msg->iova;
		__entry->size = msg->size;
		__entry->uaddr = msg->uaddr;
		__entry->took = begun ? ktime_get_ns() - begun : 0;
		__entry->err = err;
	),
	TP_printk("vhost-vdpa-%d asid=%u %s iova=%#llx+%#llx uaddr=%#llx perm=%u error=%d %lluns",
		  __entry->minor, __entry->asid,
		  __print_symbolic(__entry->type, { VHOST_IOTLB_UPDATE, "update" },
				   { VHOST_IOTLB_INVALIDATE, "invalidate" },
				   { VHOST_IOTLB_BATCH_BEGIN, "batch-begin" },
				   { VHOST_IOTLB_BATCH_END, "batch-end" }),
		  __entry->iova, __entry->size, __entry->uaddr, __entry->perm, __entry->err,
		  __entry->took)
);

TRACE_EVENT(vhost_vdpa_status,
	TP_PROTO(const struct vhost_vdpa *v, u8 status, u64 begun, int err),
	TP_ARGS(v, status, begun, err),
	TP_STRUCT__entry(
		__field(int, minor)
		__field(u8, status)
		__field(u64, took)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->minor = v->minor;
		__entry->status = status;
		__entry->took = begun ? ktime_get_ns() - begun : 0;
		__entry->err = err;
	),
	TP_printk("vhost-vdpa-%d status=0x%x error=%d %lluns", __entry->minor,
		  __entry->status, __entry->err, __entry->took)
);

#endif /* VHOST_VDPA_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
