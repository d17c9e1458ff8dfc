// SPDX-License-Identifier: GPL-2.0-only
/*
 * cmd.c - the command interface: slots, latency, asynchronous execution, faults.
 *
 * A command waits for one of "slots" slots, takes the time its opcode takes, and only then reaches
 * the engine, so that commands really overlap. What is injected is decided when it is submitted.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/moduleparam.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

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

enum fault_kind { FAULT_NONE, FAULT_STATUS, FAULT_TIMEOUT, FAULT_SUBMIT, FAULT_DEAD };

/* The @nth command from now on of @opcode (0: any), and of @general if that is not 0. */
struct fault {
	struct model *model;
	u16 opcode, general;
	u32 nth;
	u32 times;
	enum fault_kind kind;
	int value;
};

#define FAULTS 8
static struct fault faults[FAULTS];

static DEFINE_SPINLOCK(cmd_lock);	/* faults, stats, running, throttled */
static unsigned int running;
static unsigned int throttled;
static DECLARE_WAIT_QUEUE_HEAD(slot_free);
static struct workqueue_struct *cmd_wq;

struct async {
	struct work_struct work;
	struct model *model;
	struct mlx5_async_ctx *ctx;
	struct mlx5_async_work *user;
	mlx5_async_cbk_t callback;
	struct fault fault;
	bool throttled;
	void *out;
	size_t in_len, out_len;
	u8 in[];
};

static bool is_general(u16 opcode)
{
	return (opcode & ~3) == M5_CREATE_GENERAL;
}

/* What shall go wrong with this command; @async: submission, too. */
static struct fault pick_fault(struct model *m, u16 opcode, u16 general)
{
	struct fault picked = {};
	int i;

	spin_lock(&cmd_lock);
	m->cmds.total++;
	for (i = 0; i < FAULTS; i++) {
		struct fault *f = &faults[i];

		if (f->kind == FAULT_NONE || f->model != m || (f->opcode && f->opcode != opcode) ||
		    (f->general && f->general != general))
			continue;
		if (f->nth > 1) {
			f->nth--;
			continue;
		}
		if (picked.kind == FAULT_NONE)
			picked = *f;
		if (!--f->times)
			f->kind = FAULT_NONE;
	}
	spin_unlock(&cmd_lock);
	return picked;
}

static bool take_slot(void)
{
	bool taken;

	spin_lock(&cmd_lock);
	taken = running < max(slots, 1U);
	running += taken;
	spin_unlock(&cmd_lock);
	return taken;
}

static void begin(struct model *m)
{
	struct model_cmds *s = &m->cmds;

	wait_event(slot_free, take_slot());
	spin_lock(&cmd_lock);
	s->in_flight++;
	s->max_in_flight = max(s->max_in_flight, s->in_flight);
	spin_unlock(&cmd_lock);
}

static void end(struct model *m)
{
	spin_lock(&cmd_lock);
	running--;
	m->cmds.in_flight--;
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

static void spend(u16 opcode, size_t len)
{
	u64 us = base_us;

	if (opcode == M5_CREATE_MKEY || opcode == M5_DESTROY_MKEY)
		us += mkey_us;
	if (opcode == M5_CREATE_MKEY && len > M5_MKEY_BYTES)
		us += div_u64((u64)(len - M5_MKEY_BYTES) / 8 * mtt_ns, 1000);
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

/* 0 with a status in @out, or an error of the transport. */
static int run(struct model *m, const struct fault *f, const void *in, size_t in_len, void *out,
	       size_t out_len)
{
	u16 opcode = m5_get(in, M5_IN_OPCODE);
	int ret = 0;

	begin(m);
	if (!m->dev.dead)
		spend(opcode, in_len);
	mutex_lock(&model_lock);
	if (f->kind == FAULT_DEAD)
		model_die(m);
	if (m->dev.dead) {
		ret = dead_result(opcode, out, out_len);
	} else if (f->kind == FAULT_TIMEOUT) {
		memset(out, 0, out_len);
		ret = -ETIMEDOUT;
	} else if (f->kind == FAULT_STATUS) {
		m5_fake_status(&m->dev, in, in_len, out, out_len, f->value, 0xfa017);
	} else {
		m5_exec(&m->dev, in, in_len, out, out_len);
		/* A queue that goes on may have frames waiting, here or at another function. */
		if (opcode == M5_MODIFY_GENERAL) {
			struct model *other;

			list_for_each_entry(other, &models, list)
				other->work = true;
		}
	}
	mutex_unlock(&model_lock);
	end(m);
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
	struct fault f;
	int ret;

	might_sleep();
	f = pick_fault(m, opcode, is_general(opcode) ? m5_get(in, M5_GEN_TYPE) : 0);
	add_bytes(m, in_size);
	ret = run(m, &f, in, in_size, out, out_size);
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

void mlx5_cmd_init_async_ctx(struct mlx5_core_dev *dev, struct mlx5_async_ctx *ctx)
{
	ctx->dev = dev;
	atomic_set(&ctx->num_inflight, 1);
	init_completion(&ctx->inflight_done);
}
EXPORT_SYMBOL(mlx5_cmd_init_async_ctx);

static void put_ctx(struct mlx5_async_ctx *ctx)
{
	if (atomic_dec_and_test(&ctx->num_inflight))
		complete(&ctx->inflight_done);
}

void mlx5_cmd_cleanup_async_ctx(struct mlx5_async_ctx *ctx)
{
	if (!atomic_dec_and_test(&ctx->num_inflight))
		wait_for_completion(&ctx->inflight_done);
}
EXPORT_SYMBOL(mlx5_cmd_cleanup_async_ctx);

static void async_run(struct work_struct *work)
{
	struct async *a = container_of(work, struct async, work);
	struct mlx5_async_ctx *ctx = a->ctx;
	int ret;

	ret = run(a->model, &a->fault, a->in, a->in_len, a->out, a->out_len);
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
	if (a->fault.kind == FAULT_SUBMIT) {
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
	INIT_WORK(&a->work, async_run);
	queue_work(cmd_wq, &a->work);
	return 0;

refuse:
	kvfree(a);
	return ret;
}
EXPORT_SYMBOL(mlx5_cmd_exec_cb);

int model_helper(struct model *m, u16 opcode)
{
	struct fault f = pick_fault(m, opcode, 0);
	int ret = 0;

	begin(m);
	if (!m->dev.dead)
		spend(opcode, 0);
	mutex_lock(&model_lock);
	if (f.kind == FAULT_DEAD)
		model_die(m);
	if (m->dev.dead)
		ret = -EIO;
	else if (f.kind == FAULT_TIMEOUT)
		ret = -ETIMEDOUT;
	else if (f.kind == FAULT_STATUS)
		ret = status_errno(f.value);
	mutex_unlock(&model_lock);
	end(m);
	spin_lock(&cmd_lock);
	m->cmds.helpers++;
	spin_unlock(&cmd_lock);
	return ret;
}

/*
 * "OPCODE[:TYPE] NTH ACTION [VALUE] [times N]", ACTION one of status, timeout, submit, dead. OPCODE
 * 0 is any, VALUE a firmware status or a positive errno. "clear" takes all away.
 */
int model_fault_parse(struct model *m, char *text)
{
	unsigned int opcode, general = 0, nth, value = 0, times = 1;
	char action[16];
	int i, n;

	if (!strncmp(text, "clear", 5)) {
		spin_lock(&cmd_lock);
		for (i = 0; i < FAULTS; i++) {
			if (faults[i].model == m)
				faults[i].kind = FAULT_NONE;
		}
		spin_unlock(&cmd_lock);
		return 0;
	}
	if (sscanf(text, "%x:%x %u %15s %i times %u", &opcode, &general, &nth, action, &value,
		   &times) < 4) {
		general = 0;
		n = sscanf(text, "%x %u %15s %i times %u", &opcode, &nth, action, &value, &times);
		if (n < 3)
			return -EINVAL;
	}
	if (!nth || !times)
		return -EINVAL;
	spin_lock(&cmd_lock);
	for (i = 0; i < FAULTS && faults[i].kind != FAULT_NONE; i++)
		;
	if (i < FAULTS) {
		struct fault *f = &faults[i];

		f->model = m;
		f->opcode = opcode;
		f->general = general;
		f->nth = nth;
		f->times = times;
		f->value = value;
		if (!strcmp(action, "status"))
			f->kind = FAULT_STATUS;
		else if (!strcmp(action, "timeout"))
			f->kind = FAULT_TIMEOUT;
		else if (!strcmp(action, "dead"))
			f->kind = FAULT_DEAD;
		else if (!strcmp(action, "submit"))
			f->kind = FAULT_SUBMIT;
		if (f->kind == FAULT_SUBMIT)
			f->value = -(int)value;
		n = f->kind == FAULT_NONE ? -EINVAL : 0;
	} else {
		n = -ENOSPC;
	}
	spin_unlock(&cmd_lock);
	return n;
}

/* What has not happened yet. */
void model_fault_show(struct seq_file *s, struct model *m)
{
	struct fault copy[FAULTS];
	int i;

	spin_lock(&cmd_lock);
	memcpy(copy, faults, sizeof(copy));
	spin_unlock(&cmd_lock);
	for (i = 0; i < FAULTS; i++) {
		if (copy[i].kind != FAULT_NONE && copy[i].model == m)
			seq_printf(s, "%#x:%#x %u left\n", copy[i].opcode, copy[i].general,
				   copy[i].nth);
	}
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
	cmd_wq = alloc_workqueue("mlx5_model", WQ_UNBOUND, 128);
	return cmd_wq ? 0 : -ENOMEM;
}

void model_cmd_exit(void)
{
	destroy_workqueue(cmd_wq);
}
