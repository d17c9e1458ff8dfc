/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guest_mem.h - memory as a VMM would back a guest with, and patterns to recognise it by.
 */
#ifndef GUEST_MEM_H
#define GUEST_MEM_H

#include <stddef.h>
#include <stdint.h>

#define GUEST_PAGE	4096UL

/**
 * enum guest_mem_kind - what is behind the addresses
 * @GUEST_MEM_SHARED: a memfd, mapped shared; the only kind a use_va device can reach
 * @GUEST_MEM_ANON: private anonymous 4 KiB pages
 * @GUEST_MEM_THP: private anonymous memory, 2 MiB aligned, transparent huge pages asked for
 * @GUEST_MEM_HUGETLB: 2 MiB hugetlb pages; -ENOMEM if the pool is too small
 */
enum guest_mem_kind {
	GUEST_MEM_SHARED,
	GUEST_MEM_ANON,
	GUEST_MEM_THP,
	GUEST_MEM_HUGETLB,
};

/**
 * struct guest_mem - one block of it
 * @base: first byte, page-aligned (2 MiB for the huge kinds)
 * @size: bytes
 * @fd: the memfd of GUEST_MEM_SHARED, else -1
 */
struct guest_mem {
	uint8_t *base;
	size_t size;
	int fd;
	void *area;
	size_t area_size;
};

/* Allocated and touched, all zero. 0 or -errno. */
int guest_mem_alloc(struct guest_mem *m, size_t size, enum guest_mem_kind kind);
void guest_mem_free(struct guest_mem *m);

/* The first 8 bytes of each page get a value that is unique to (@tag, page index). */
uint64_t guest_mem_mark(uint64_t tag, size_t page);
void guest_mem_fill(void *base, size_t size, uint64_t tag);

/*
 * Replaces @size bytes at @at by fresh zero pages of the same kind, as a VMM that unplugs and
 * plugs memory does: munmap and mmap at the same address.
 */
int guest_mem_replace(struct guest_mem *m, size_t at, size_t size);

#endif /* GUEST_MEM_H */
