// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd.c - the command interface: slots, latency, asynchronous execution, faults.
 *
 * A command waits for one of "slots" slots, takes the time its opcode takes, and only then reaches
 * the engine, so that commands really overlap. What is injected is decided when it is submitted.
 *
 * One thread plays the firmware for asynchronous commands. It costs the processor little more than
 * an interrupt would, so that what a batch takes is the driver's doing. Those that are done at the
 * same time come back in the reverse of their order: none is promised.
 */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "model.h"

static unsigned int base_us, mkey_us, mtt_ns;
module_param(base_us, uint, 0600);
MODULE_PARM_DESC(base_us, "time of a command");
module_param(mkey_us, uint, 0600);
MODULE_PARM_DESC(mkey_us, "time of CREATE_MKEY and DESTROY_MKEY");
module_param(mtt_ns, uint, 0600);
MODULE_PARM_DESC(mtt_ns, "additional time of CREATE_MKEY, per translation entry");
static unsigned int slots = 31;
module_param(slots, uint, 0600);
MODULE_PARM_DESC(slots, "commands that run at the same time");
static unsigned int async_rule = 2;
module_param(async_rule, uint, 0600);
MODULE_PARM_DESC(async_rule, "asynchronous commands for general objects: 0 all accepted, 1 none (-EINVAL), 2 at most 16 at a time (-EBUSY)");

static DEFINE_SPINLOCK(cmd_lock);	/* stats, and all of these */
static unsigned int running;
static unsigned int throttled;
/* Asynchronous commands: in a slot, by the time they are done; and waiting for one. */
static LIST_HEAD(busy);
static LIST_HEAD(waiting);
static DECLARE_WAIT_QUEUE_HEAD(slot_free);
static struct task_struct *firmware;

struct async {
	struct list_head list;
	ktime_t due;
	struct model *model;
	struct mlx5_async_ctx *ctx;
	struct mlx5_async_work *user;
	mlx5_async_cbk_t callback;
	struct model_fault fault;
	bool throttled;
	void *out;
	size_t in_len, out_len;
	u8 in[];
};

/* What shall go wrong with this command. */
static struct model_fault pick_fault(struct model *m, u16 opcode, u16 general)
{
	spin_lock(&cmd_lock);
	if (!m->cmds.total++)
		m->cmds.first = ktime_get();
	spin_unlock(&cmd_lock);
	return model_fault_pick(m, opcode, general);
}

static bool is_general(u16 opcode)
{
	return (opcode & ~3) == M5_CREATE_GENERAL;
}

/* cmd_lock held. */
static bool take_slot(struct model *m)
{
	struct model_cmds *s = &m->cmds;

	if (running >= max(slots, 1U))
		return false;
	running++;
	s->in_flight++;
	s->max_in_flight = max(s->max_in_flight, s->in_flight);
	return true;
}

static bool try_begin(struct model *m)
{
	bool taken;

	spin_lock(&cmd_lock);
	taken = take_slot(m);
	spin_unlock(&cmd_lock);
	return taken;
}

static void begin(struct model *m)
{
	wait_event(slot_free, try_begin(m));
}

static void start_waiting(void);

static void end(struct model *m)
{
	spin_lock(&cmd_lock);
	running--;
	m->cmds.in_flight--;
	m->cmds.last = ktime_get();
	start_waiting();
	spin_unlock(&cmd_lock);
	wake_up(&slot_free);
}

static void add_bytes(struct model *m, size_t bytes)
{
	struct model_cmds *s = &m->cmds;

	spin_lock(&cmd_lock);
	s->bytes += bytes;
	s->max_bytes = max(s->max_bytes, s->bytes);
	spin_unlock(&cmd_lock);
}

static void sub_bytes(struct model *m, size_t bytes)
{
	spin_lock(&cmd_lock);
	m->cmds.bytes -= bytes;
	spin_unlock(&cmd_lock);
}

static u64 time_of(u16 opcode, size_t len)
{
	u64 us = base_us;

	if (opcode == M5_CREATE_MKEY || opcode == M5_DESTROY_MKEY)
		us += mkey_us;
	if (opcode == M5_CREATE_MKEY && len > M5_MKEY_BYTES)
		us += div_u64((u64)(len - M5_MKEY_BYTES) / 8 * mtt_ns, 1000);
	return us;
}

static void spend(struct model *m, u16 opcode, size_t len)
{
	u64 us = m->dev.dead ? 0 : time_of(opcode, len);

	if (us)
		usleep_range(us, us + 1);
}

/* As the real one: without firmware, what destroys succeeds and the rest fails. */
static int dead_result(u16 opcode, void *out, size_t out_len)
{
	memset(out, 0, out_len);
	switch (opcode) {
	case M5_DESTROY_MKEY:
	case M5_DESTROY_CQ:
	case M5_DESTROY_QP:
	case M5_2RST_QP:
	case M5_DEALLOC_PD:
	case M5_DEALLOC_TD:
	case M5_DESTROY_TIR:
	case M5_DESTROY_TIS:
	case M5_DESTROY_RQT:
	case M5_DESTROY_GENERAL:
	case M5_DESTROY_UCTX:
	case M5_DESTROY_UMEM:
		return 0;
	}
	m5_put(out, M5_OUT_STATUS, 0xfe);
	m5_put(out, M5_OUT_SYNDROME, 0xbadd00de);
	return -EIO;
}

/* When its time is over. 0 with a status in @out, or an error of the transport. */
static int run(struct model *m, const struct model_fault *f, const void *in, size_t in_len,
	       void *out, size_t out_len)
{
	u16 opcode = m5_get(in, M5_IN_OPCODE);
	int ret = 0;

	mutex_lock(&model_lock);
	if (f->kind == M5_FAULT_DEAD)
		model_die(m);
	if (m->dev.dead) {
		ret = dead_result(opcode, out, out_len);
	} else if (f->kind == M5_FAULT_TIMEOUT) {
		memset(out, 0, out_len);
		ret = -ETIMEDOUT;
	} else if (f->kind == M5_FAULT_STATUS) {
		m5_fake_status(&m->dev, in, in_len, out, out_len, f->value, 0xfa017);
	} else {
		m5_exec(&m->dev, in, in_len, out, out_len);
		/* Queues that go on have frames waiting; others took the place of a stopped one. */
		if (opcode == M5_MODIFY_GENERAL || opcode == M5_MODIFY_RQT)
			model_wake_all();
	}
	mutex_unlock(&model_lock);
	return ret;
}

static int status_errno(u8 status)
{
	switch (status) {
	case 0x00:
		return 0;
	case 0x02:
	case 0x03:
	case 0x05:
	case 0x09:
	case 0x0a:
	case 0x10:
	case 0x30:
	case 0x40:
		return -EINVAL;
	case 0x06:
		return -EBUSY;
	case 0x08:
		return -ENOMEM;
	case 0x0f:
		return -EAGAIN;
	default:
		return -EIO;
	}
}

int mlx5_cmd_exec(struct mlx5_core_dev *dev, void *in, int in_size, void *out, int out_size)
{
	struct model *m = to_model(dev);
	u16 opcode = m5_get(in, M5_IN_OPCODE);
	struct model_fault f;
	int ret;

	might_sleep();
	f = pick_fault(m, opcode, is_general(opcode) ? m5_get(in, M5_GEN_TYPE) : 0);
	add_bytes(m, in_size);
	begin(m);
	spend(m, opcode, in_size);
	ret = run(m, &f, in, in_size, out, out_size);
	end(m);
	sub_bytes(m, in_size);
	return ret ?: status_errno(m5_get(out, M5_OUT_STATUS));
}
EXPORT_SYMBOL(mlx5_cmd_exec);

#if VC_HAS_MLX5_CMD_CHECK
int mlx5_cmd_check(struct mlx5_core_dev *dev, int err, void *in, void *out)
{
	if (err && err != -EREMOTEIO)
		return err;
	return status_errno(m5_get(out, M5_OUT_STATUS));
}
EXPORT_SYMBOL(mlx5_cmd_check);
#endif

/* What a context has to wait with differs between kernels, so all of them wait here. */
static DECLARE_WAIT_QUEUE_HEAD(ctx_idle);

void mlx5_cmd_init_async_ctx(struct mlx5_core_dev *dev, struct mlx5_async_ctx *ctx)
{
	ctx->dev = dev;
	atomic_set(&ctx->num_inflight, 1);
}
EXPORT_SYMBOL(mlx5_cmd_init_async_ctx);

/* Its owner may free it as soon as the count is 0. */
static void put_ctx(struct mlx5_async_ctx *ctx)
{
	if (atomic_dec_and_test(&ctx->num_inflight))
		wake_up_all(&ctx_idle);
}

void mlx5_cmd_cleanup_async_ctx(struct mlx5_async_ctx *ctx)
{
	put_ctx(ctx);
	wait_event(ctx_idle, !atomic_read(&ctx->num_inflight));
}
EXPORT_SYMBOL(mlx5_cmd_cleanup_async_ctx);

/* Into its slot, which it has. cmd_lock held. */
static void start(struct async *a)
{
	struct async *other;
	u64 us = a->model->dev.dead ? 0 : time_of(m5_get(a->in, M5_IN_OPCODE), a->in_len);
	struct list_head *after = &busy;

	a->due = ktime_add_us(ktime_get(), us);
	list_for_each_entry_reverse(other, &busy, list) {
		if (ktime_compare(other->due, a->due) <= 0) {
			after = &other->list;
			break;
		}
	}
	list_add(&a->list, after);
	if (after == &busy)
		wake_up_process(firmware);
}

static void start_waiting(void)
{
	struct async *a;

	while ((a = list_first_entry_or_null(&waiting, struct async, list)) &&
	       take_slot(a->model)) {
		list_del(&a->list);
		start(a);
	}
}

static void finish(struct async *a)
{
	struct mlx5_async_ctx *ctx = a->ctx;
	int ret;

	ret = run(a->model, &a->fault, a->in, a->in_len, a->out, a->out_len);
	end(a->model);
	sub_bytes(a->model, a->in_len);
	if (a->throttled) {
		spin_lock(&cmd_lock);
		throttled--;
		spin_unlock(&cmd_lock);
	}
	if (!ret && m5_get(a->out, M5_OUT_STATUS))
		ret = VC_HAS_MLX5_CMD_CHECK ? -EREMOTEIO :
		      status_errno(m5_get(a->out, M5_OUT_STATUS));
	/* As from an interrupt: the callback must not sleep. */
	local_bh_disable();
	preempt_disable();
	a->callback(ret, a->user);
	preempt_enable();
	local_bh_enable();
	kvfree(a);
	put_ctx(ctx);
}

/* What is done by now, last first; if that is nothing, @next is when something will be, or 0. */
static void take_due(struct list_head *done, ktime_t *next)
{
	ktime_t now = ktime_get();
	struct async *a;

	*next = 0;
	spin_lock(&cmd_lock);
	while ((a = list_first_entry_or_null(&busy, struct async, list))) {
		if (ktime_after(a->due, now)) {
			*next = a->due;
			break;
		}
		list_move(&a->list, done);
	}
	/* Whoever adds an earlier one from here on wakes this thread. */
	if (list_empty(done))
		set_current_state(TASK_IDLE);
	spin_unlock(&cmd_lock);
}

static int firmware_thread(void *unused)
{
	struct async *a, *n;
	LIST_HEAD(done);
	ktime_t next;

	while (!kthread_should_stop()) {
		take_due(&done, &next);
		if (!list_empty(&done)) {
			list_for_each_entry_safe(a, n, &done, list) {
				list_del(&a->list);
				finish(a);
			}
			cond_resched();
		} else if (!kthread_should_stop()) {
			schedule_hrtimeout(next ? &next : NULL, HRTIMER_MODE_ABS);
		}
		__set_current_state(TASK_RUNNING);
	}
	return 0;
}

int mlx5_cmd_exec_cb(struct mlx5_async_ctx *ctx, void *in, int in_size, void *out, int out_size,
		     mlx5_async_cbk_t callback, struct mlx5_async_work *work)
{
	struct model *m = to_model(ctx->dev);
	u16 opcode = m5_get(in, M5_IN_OPCODE);
	struct async *a;
	int ret = 0;

	if (is_general(opcode) && async_rule == 1)
		return -EINVAL;
	a = kvzalloc(struct_size(a, in, in_size), GFP_KERNEL);
	if (!a)
		return -ENOMEM;
	if (is_general(opcode) && async_rule == 2) {
		spin_lock(&cmd_lock);
		if (throttled >= 16)
			ret = -EBUSY;
		else
			throttled++;
		spin_unlock(&cmd_lock);
		if (ret)
			goto refuse;
		a->throttled = true;
	}
	a->fault = pick_fault(m, opcode, is_general(opcode) ? m5_get(in, M5_GEN_TYPE) : 0);
	if (a->fault.kind == M5_FAULT_SUBMIT) {
		ret = a->fault.value;
		spin_lock(&cmd_lock);
		throttled -= a->throttled;
		spin_unlock(&cmd_lock);
		goto refuse;
	}
	if (WARN_ON(!atomic_inc_not_zero(&ctx->num_inflight))) {
		ret = -EIO;
		goto refuse;
	}
	work->ctx = ctx;
	work->user_callback = callback;
	a->model = m;
	a->ctx = ctx;
	a->user = work;
	a->callback = callback;
	a->out = out;
	a->in_len = in_size;
	a->out_len = out_size;
	memcpy(a->in, in, in_size);
	add_bytes(m, in_size);
	spin_lock(&cmd_lock);
	m->cmds.submitted_async++;
	spin_unlock(&cmd_lock);
	spin_lock(&cmd_lock);
	if (take_slot(m))
		start(a);
	else
		list_add_tail(&a->list, &waiting);
	spin_unlock(&cmd_lock);
	return 0;

refuse:
	kvfree(a);
	return ret;
}
EXPORT_SYMBOL(mlx5_cmd_exec_cb);

int model_helper(struct model *m, u16 opcode)
{
	struct model_fault f = pick_fault(m, opcode, 0);
	int ret = 0;

	begin(m);
	spend(m, opcode, 0);
	mutex_lock(&model_lock);
	if (f.kind == M5_FAULT_DEAD)
		model_die(m);
	if (m->dev.dead)
		ret = -EIO;
	else if (f.kind == M5_FAULT_TIMEOUT)
		ret = -ETIMEDOUT;
	else if (f.kind == M5_FAULT_STATUS)
		ret = status_errno(f.value);
	mutex_unlock(&model_lock);
	end(m);
	spin_lock(&cmd_lock);
	m->cmds.helpers++;
	spin_unlock(&cmd_lock);
	return ret;
}

void model_cmd_show(struct seq_file *s, struct model *m)
{
	struct model_cmds copy;

	spin_lock(&cmd_lock);
	copy = m->cmds;
	spin_unlock(&cmd_lock);
	seq_printf(s, "commands %llu\nasync %llu\nhelpers %llu\n", copy.total,
		   copy.submitted_async, copy.helpers);
	seq_printf(s, "max_parallel %u\nmax_bytes_in_flight %llu\n", copy.max_in_flight,
		   copy.max_bytes);
	seq_printf(s, "span_ns %lld\n", copy.total ? ktime_sub(copy.last, copy.first) : 0);
}

void model_cmd_forget(struct model *m)
{
	struct model_cmds *s = &m->cmds;

	spin_lock(&cmd_lock);
	s->total = 0;
	s->submitted_async = 0;
	s->helpers = 0;
	s->max_in_flight = s->in_flight;
	s->max_bytes = s->bytes;
	spin_unlock(&cmd_lock);
}

int model_cmd_init(void)
{
	firmware = kthread_run(firmware_thread, NULL, "mlx5_firmware");
	return PTR_ERR_OR_ZERO(firmware);
}

void model_cmd_exit(void)
{
	kthread_stop(firmware);
}
