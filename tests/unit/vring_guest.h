/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vring_guest.h - a guest's memory for ring tests: translated by a table, checked for stray writes.
 *
 * Addresses behind the table are offsets into guest_mem, which is exactly GUEST_SIZE bytes on the
 * heap, so that ASan sees any access beside it.
 */
#ifndef UNIT_VRING_GUEST_H
#define UNIT_VRING_GUEST_H

#include <stdlib.h>

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/vdpa_vring.h>

#define GUEST_SIZE 0x20000u

static u8 *guest_mem;
static unsigned long guest_bad_accesses;

static bool guest_has(u64 addr, u64 len)
{
	if (addr < GUEST_SIZE && len <= GUEST_SIZE - addr)
		return true;
	guest_bad_accesses++;
	return false;
}

static int guest_read(u64 addr, void *buf, size_t len)
{
	if (!guest_has(addr, len))
		return -EFAULT;
	memcpy(buf, guest_mem + addr, len);
	return 0;
}

static int guest_write(u64 addr, const void *buf, size_t len)
{
	if (!guest_has(addr, len))
		return -EFAULT;
	memcpy(guest_mem + addr, buf, len);
	return 0;
}

static int guest_load16(u64 addr, u16 *val)
{
	if (addr & 1)
		abort();
	return guest_read(addr, val, sizeof(*val));
}

static int guest_store16(u64 addr, u16 val)
{
	if (addr & 1)
		abort();
	return guest_write(addr, &val, sizeof(val));
}

static const struct vdpa_vring_mem guest_accessors = {
	.read = guest_read,
	.write = guest_write,
	.load16 = guest_load16,
	.store16 = guest_store16,
};

#endif
