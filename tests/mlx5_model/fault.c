// SPDX-License-Identifier: GPL-2.0-only
/*
 * fault.c - what shall go wrong with which command.
 */
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "model.h"

#define FAULTS 8
static struct model_fault faults[FAULTS];
static DEFINE_SPINLOCK(fault_lock);	/* faults */

/* What shall go wrong with a command that is submitted now. */
struct model_fault model_fault_pick(struct model *m, u16 opcode, u16 general)
{
	struct model_fault picked = {};
	int i;

	spin_lock(&fault_lock);
	for (i = 0; i < FAULTS; i++) {
		struct model_fault *f = &faults[i];

		if (f->kind == M5_FAULT_NONE || f->model != m ||
		    (f->opcode && f->opcode != opcode) || (f->general && f->general != general))
			continue;
		if (f->nth > 1) {
			f->nth--;
			continue;
		}
		if (picked.kind == M5_FAULT_NONE)
			picked = *f;
		if (!--f->times)
			f->kind = M5_FAULT_NONE;
	}
	spin_unlock(&fault_lock);
	return picked;
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
		spin_lock(&fault_lock);
		for (i = 0; i < FAULTS; i++) {
			if (faults[i].model == m)
				faults[i].kind = M5_FAULT_NONE;
		}
		spin_unlock(&fault_lock);
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
	spin_lock(&fault_lock);
	for (i = 0; i < FAULTS && faults[i].kind != M5_FAULT_NONE; i++)
		;
	if (i < FAULTS) {
		struct model_fault *f = &faults[i];

		f->model = m;
		f->opcode = opcode;
		f->general = general;
		f->nth = nth;
		f->times = times;
		f->value = value;
		if (!strcmp(action, "status"))
			f->kind = M5_FAULT_STATUS;
		else if (!strcmp(action, "timeout"))
			f->kind = M5_FAULT_TIMEOUT;
		else if (!strcmp(action, "dead"))
			f->kind = M5_FAULT_DEAD;
		else if (!strcmp(action, "submit"))
			f->kind = M5_FAULT_SUBMIT;
		if (f->kind == M5_FAULT_SUBMIT)
			f->value = -(int)value;
		n = f->kind == M5_FAULT_NONE ? -EINVAL : 0;
	} else {
		n = -ENOSPC;
	}
	spin_unlock(&fault_lock);
	return n;
}

/* What has not happened yet. */
void model_fault_show(struct seq_file *s, struct model *m)
{
	struct model_fault copy[FAULTS];
	int i;

	spin_lock(&fault_lock);
	memcpy(copy, faults, sizeof(copy));
	spin_unlock(&fault_lock);
	for (i = 0; i < FAULTS; i++) {
		if (copy[i].kind != M5_FAULT_NONE && copy[i].model == m)
			seq_printf(s, "%#x:%#x %u left\n", copy[i].opcode, copy[i].general,
				   copy[i].nth);
	}
}
