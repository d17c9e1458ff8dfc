// SPDX-License-Identifier: GPL-2.0-only
/*
 * guest_mem.c - memory to map into devices.
 */
#include "guest_mem.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE	(2UL << 20)

static size_t round_up(size_t size, size_t to)
{
	return (size + to - 1) / to * to;
}

int guest_mem_alloc(struct guest_mem *m, size_t size, enum guest_mem_kind kind)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS, err;
	size_t area = round_up(size, GUEST_PAGE);

	memset(m, 0, sizeof(*m));
	m->fd = -1;
	m->size = size;

	switch (kind) {
	case GUEST_MEM_SHARED:
		m->fd = memfd_create("guest", MFD_CLOEXEC);
		if (m->fd < 0)
			return -errno;
		if (ftruncate(m->fd, area)) {
			err = -errno;
			close(m->fd);
			return err;
		}
		flags = MAP_SHARED;
		break;
	case GUEST_MEM_ANON:
		break;
	case GUEST_MEM_THP:
		area = round_up(size, HUGE) + HUGE;
		break;
	case GUEST_MEM_HUGETLB:
		area = round_up(size, HUGE);
		flags |= MAP_HUGETLB;
		break;
	}

	m->area_size = area;
	m->area = mmap(NULL, area, PROT_READ | PROT_WRITE, flags, m->fd, 0);
	if (m->area == MAP_FAILED) {
		err = -errno;
		if (m->fd >= 0)
			close(m->fd);
		return err;
	}
	m->base = m->area;
	if (kind == GUEST_MEM_THP)
		m->base = (uint8_t *)round_up((uintptr_t)m->area, HUGE);
	if (kind == GUEST_MEM_THP || kind == GUEST_MEM_ANON)
		madvise(m->area, area, kind == GUEST_MEM_THP ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);

	memset(m->base, 0, size);

	return 0;
}

void guest_mem_free(struct guest_mem *m)
{
	if (m->area && m->area != MAP_FAILED)
		munmap(m->area, m->area_size);
	if (m->fd >= 0)
		close(m->fd);
	m->area = NULL;
	m->base = NULL;
	m->fd = -1;
}

uint64_t guest_mem_mark(uint64_t tag, size_t page)
{
	return (tag << 32) ^ (page * 0x9e3779b97f4a7c15ULL) ^ 0x5555aaaa00000001ULL;
}

void guest_mem_fill(void *base, size_t size, uint64_t tag)
{
	size_t page;
	uint64_t mark;

	for (page = 0; page < size / GUEST_PAGE; page++) {
		mark = guest_mem_mark(tag, page);
		memcpy((uint8_t *)base + page * GUEST_PAGE, &mark, sizeof(mark));
	}
}

int guest_mem_replace(struct guest_mem *m, size_t at, size_t size)
{
	int flags = MAP_FIXED | (m->fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS);
	off_t offset = 0;
	void *addr;

	if (munmap(m->base + at, size))
		return -errno;
	if (m->fd >= 0) {
		/* The old part of the file stays alive for whoever has it pinned. */
		offset = lseek(m->fd, 0, SEEK_END);
		if (offset < 0 || ftruncate(m->fd, offset + size))
			return -errno;
	}
	addr = mmap(m->base + at, size, PROT_READ | PROT_WRITE, flags, m->fd, offset);

	return addr == MAP_FAILED ? -errno : 0;
}
