// SPDX-License-Identifier: GPL-2.0-only
/*
 * vring_mem.c - how a ring reaches memory: physical pages, or a process's address space.
 *
 * Physical addresses come from translation tables, and a table may be the identity: whoever
 * programs the device may then name any address there is. What is not RAM is refused.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/highmem.h>
#include <linux/ioport.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vdpa_vring.h>

/*
 * The page of physical address @addr, or NULL. Memory that was never given to the page allocator
 * (the kernel's image, early allocations, the zero page, but also holes and firmware areas inside a
 * populated section) is marked reserved: there the resource tree decides.
 */
static struct page *ram_page(u64 addr)
{
	unsigned long pfn = addr >> PAGE_SHIFT;
	struct page *page;

	if (pfn != addr >> PAGE_SHIFT || !pfn_valid(pfn))
		return NULL;
	page = pfn_to_page(pfn);
	if (unlikely(PageReserved(page)) && !page_is_ram(pfn))
		return NULL;
	return page;
}

static int phys_read(u64 addr, void *buf, size_t len)
{
	while (len) {
		size_t off = offset_in_page(addr), n = min_t(size_t, len, PAGE_SIZE - off);
		struct page *page = ram_page(addr);
		void *va;

		if (unlikely(!page))
			return -EFAULT;
		va = kmap_local_page(page);
		memcpy(buf, va + off, n);
		kunmap_local(va);
		addr += n;
		buf += n;
		len -= n;
	}
	return 0;
}

static int phys_write(u64 addr, const void *buf, size_t len)
{
	while (len) {
		size_t off = offset_in_page(addr), n = min_t(size_t, len, PAGE_SIZE - off);
		struct page *page = ram_page(addr);
		void *va;

		if (unlikely(!page))
			return -EFAULT;
		va = kmap_local_page(page);
		memcpy(va + off, buf, n);
		kunmap_local(va);
		addr += n;
		buf += n;
		len -= n;
	}
	return 0;
}

static int phys_load16(u64 addr, u16 *val)
{
	struct page *page = ram_page(addr);
	void *va;

	if (unlikely(!page))
		return -EFAULT;
	va = kmap_local_page(page);
	*val = READ_ONCE(*(u16 *)(va + offset_in_page(addr)));
	kunmap_local(va);
	return 0;
}

static int phys_store16(u64 addr, u16 val)
{
	struct page *page = ram_page(addr);
	void *va;

	if (unlikely(!page))
		return -EFAULT;
	va = kmap_local_page(page);
	WRITE_ONCE(*(u16 *)(va + offset_in_page(addr)), val);
	kunmap_local(va);
	return 0;
}

const struct vdpa_vring_mem vdpa_vring_mem_phys = {
	.read = phys_read,
	.write = phys_write,
	.load16 = phys_load16,
	.store16 = phys_store16,
};
EXPORT_SYMBOL_GPL(vdpa_vring_mem_phys);

static int user_read(u64 addr, void *buf, size_t len)
{
	if (addr != (unsigned long)addr)
		return -EFAULT;
	return copy_from_user(buf, (void __user *)(unsigned long)addr, len) ? -EFAULT : 0;
}

static int user_write(u64 addr, const void *buf, size_t len)
{
	if (addr != (unsigned long)addr)
		return -EFAULT;
	return copy_to_user((void __user *)(unsigned long)addr, buf, len) ? -EFAULT : 0;
}

static int user_load16(u64 addr, u16 *val)
{
	if (addr != (unsigned long)addr)
		return -EFAULT;
	return get_user(*val, (u16 __user *)(unsigned long)addr);
}

static int user_store16(u64 addr, u16 val)
{
	if (addr != (unsigned long)addr)
		return -EFAULT;
	return put_user(val, (u16 __user *)(unsigned long)addr);
}

const struct vdpa_vring_mem vdpa_vring_mem_user = {
	.read = user_read,
	.write = user_write,
	.load16 = user_load16,
	.store16 = user_store16,
};
EXPORT_SYMBOL_GPL(vdpa_vring_mem_user);
