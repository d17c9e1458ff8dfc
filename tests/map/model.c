// SPDX-License-Identifier: GPL-2.0-only
/*
 * model.c - random operations on one or more devices against a naive model, the devices' own
 * reads and writes being the judge.
 *
 * The model is an array: for each IOVA page which page of memory was mapped there and with which
 * rights. A page of memory is an instance with a value in its first bytes; memory that is replaced
 * becomes another instance, and who has the old one mapped keeps it. After every step, each
 * device that runs reads every page of the range, and must be able to read exactly what the
 * model says.
 *
 * $TEST_SEED and $TEST_STEPS choose the run; the seed is printed.
 */
#include "vdpa_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define IOVA_PAGES	56
#define MEM_PAGES	40
#define MAX_DEVICES	3
#define MAX_ENTRIES	IOVA_PAGES
#define DEFAULT_STEPS	1500
#define RW		VHOST_ACCESS_RW
#define RO		VHOST_ACCESS_RO
#define WO		VHOST_ACCESS_WO

static const char *const names[MAX_DEVICES] = { VDPA_TEST_NET, "vdpatest-net2", "vdpatest-net3" };
static const uint64_t at = VDPA_RAM_IOVA;

/* A page of memory that exists or existed. */
struct instance {
	uint64_t value;
	unsigned int refs;
};

/* One accepted UPDATE. */
struct entry {
	bool used;
	/* A cleaning reset took it from the device; see struct map_entry in the driver. */
	bool hidden;
	unsigned int first;
	unsigned int n;
	unsigned int va;
	uint8_t perm;
	struct instance *page[IOVA_PAGES];
};

struct device {
	struct vdpa_bench b;
	/* The address space exists: it does from the first UPDATE or BATCH_BEGIN to close. */
	bool used;
	bool running;
	bool in_batch;
	bool loop_mapped;
	bool loop_hidden;
	struct entry entry[MAX_ENTRIES];
};

struct model {
	unsigned int seed;
	unsigned int n_devices;
	uint64_t backend;
	bool read_only;
	uint64_t next_value;
	struct guest_mem ram;
	struct instance *page[MEM_PAGES];
	struct device dev[MAX_DEVICES];
	char what[256];
};

static unsigned int rnd(struct model *m, unsigned int below)
{
	m->seed = m->seed * 1664525 + 1013904223;
	return (m->seed >> 8) % below;
}

static uint8_t *mem_page(struct model *m, unsigned int i)
{
	return m->ram.base + i * GUEST_PAGE;
}

static void put(struct instance *p)
{
	if (p && !--p->refs)
		free(p);
}

static void write_page(struct model *m, unsigned int i)
{
	m->page[i]->value = ++m->next_value * 0x100000001ULL;
	memcpy(mem_page(m, i), &m->page[i]->value, sizeof(uint64_t));
}

static void new_instance(struct model *m, unsigned int i)
{
	put(m->page[i]);
	m->page[i] = calloc(1, sizeof(*m->page[i]));
	assert_non_null(m->page[i]);
	m->page[i]->refs = 1;
	write_page(m, i);
}

static bool persistent(const struct model *m)
{
	return m->backend & VDPA_BIT(VHOST_BACKEND_F_IOTLB_PERSIST);
}

/* A device with whole tables gets everything that is wanted with the next one. */
static void unhide(struct device *d)
{
	unsigned int i;

	if (!vdpa_mode()->batch_mapping)
		return;
	for (i = 0; i < MAX_ENTRIES; i++)
		d->entry[i].hidden = false;
	d->loop_hidden = false;
}

static struct entry *find(struct entry *entry, unsigned int first, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < MAX_ENTRIES; i++)
		if (entry[i].used && entry[i].first < first + n &&
		    first < entry[i].first + entry[i].n)
			return &entry[i];

	return NULL;
}

static void forget(struct entry *e)
{
	unsigned int i;

	for (i = 0; i < e->n; i++)
		put(e->page[i]);
	memset(e, 0, sizeof(*e));
}

static void step_map(struct model *m, struct device *d)
{
	unsigned int n = 1 + rnd(m, rnd(m, 4) ? 6 : 30), first, va, i;
	uint8_t perm = RW;
	struct entry *e;
	int expected;

	if (n > MEM_PAGES)
		n = MEM_PAGES;
	first = rnd(m, IOVA_PAGES - n + 1);
	va = rnd(m, MEM_PAGES - n + 1);
	if (m->read_only && !rnd(m, 3))
		perm = rnd(m, 4) ? RO : WO;

	expected = find(d->entry, first, n) ? -EEXIST : 0;
	snprintf(m->what, sizeof(m->what), "map %u+%u to memory %u, perm %u", first, n, va, perm);
	vdpa_assert_result(vdpa_map(&d->b.c, 0, at + first * GUEST_PAGE, n * GUEST_PAGE,
				    mem_page(m, va), perm), expected, m->what, __FILE__, __LINE__);
	d->used = true;
	if (expected)
		return;

	for (e = d->entry; e->used; e++)
		;
	e->used = true;
	e->first = first;
	e->n = n;
	e->va = va;
	e->perm = perm;
	for (i = 0; i < n; i++) {
		e->page[i] = m->page[va + i];
		e->page[i]->refs++;
	}
	if (!d->in_batch)
		unhide(d);
}

static void unmap(struct model *m, struct device *d, unsigned int first, unsigned int n)
{
	struct entry *e;

	snprintf(m->what, sizeof(m->what), "unmap %u+%u", first, n);
	vdpa_assert_result(vdpa_unmap(&d->b.c, 0, at + first * GUEST_PAGE, n * GUEST_PAGE),
			   d->used ? 0 : -EINVAL, m->what, __FILE__, __LINE__);
	if (!d->used)
		return;
	/* What overlaps goes as a whole. */
	while ((e = find(d->entry, first, n)))
		forget(e);
	if (!d->in_batch)
		unhide(d);
}

static void step_unmap(struct model *m, struct device *d)
{
	unsigned int n = 1 + rnd(m, 8), first = rnd(m, IOVA_PAGES - n + 1);

	unmap(m, d, first, n);
}

static void unmap_all(struct model *m, struct device *d)
{
	unsigned int i;

	for (i = 0; i < MAX_ENTRIES; i++)
		if (d->entry[i].used)
			unmap(m, d, d->entry[i].first, d->entry[i].n);
}

/* What QEMU does around a reset: the same addresses again, cut differently. */
static void step_cycle(struct model *m, struct device *d)
{
	struct entry old[MAX_ENTRIES];
	unsigned int i, k, cut;

	snprintf(m->what, sizeof(m->what), "unmap all, map all");
	memcpy(old, d->entry, sizeof(old));
	for (i = 0; i < MAX_ENTRIES; i++)
		for (k = 0; k < old[i].n; k++)
			old[i].page[k]->refs++;
	unmap_all(m, d);

	for (i = 0; i < MAX_ENTRIES; i++) {
		struct entry *e;
		unsigned int done = 0;

		if (!old[i].used)
			continue;
		while (done < old[i].n) {
			cut = rnd(m, 2) ? old[i].n - done : 1 + rnd(m, old[i].n - done);
			assert_ok(vdpa_map(&d->b.c, 0, at + (old[i].first + done) * GUEST_PAGE,
					   cut * GUEST_PAGE, mem_page(m, old[i].va + done),
					   old[i].perm));
			for (e = d->entry; e->used; e++)
				;
			memset(e, 0, sizeof(*e));
			e->used = true;
			e->first = old[i].first + done;
			e->n = cut;
			e->va = old[i].va + done;
			e->perm = old[i].perm;
			for (k = 0; k < cut; k++) {
				/* What is at the address now, not what was. */
				e->page[k] = m->page[e->va + k];
				e->page[k]->refs++;
			}
			done += cut;
		}
	}
	for (i = 0; i < MAX_ENTRIES; i++)
		for (k = 0; k < old[i].n; k++)
			put(old[i].page[k]);
	if (!d->in_batch)
		unhide(d);
}

static void step_batch(struct model *m, struct device *d)
{
	if (d->in_batch) {
		snprintf(m->what, sizeof(m->what), "batch end");
		assert_ok(vdpa_batch_end(&d->b.c, 0));
		d->in_batch = false;
		unhide(d);
	} else {
		snprintf(m->what, sizeof(m->what), "batch begin");
		assert_ok(vdpa_batch_begin(&d->b.c, 0));
		d->in_batch = true;
		d->used = true;
	}
}

static void step_reset(struct model *m, struct device *d)
{
	unsigned int i, n = 1 + rnd(m, 3);

	snprintf(m->what, sizeof(m->what), "reset, %u times", n);
	while (n--)
		assert_ok(vdpa_reset(&d->b.c));
	d->running = false;
	if (!persistent(m)) {
		for (i = 0; i < MAX_ENTRIES; i++)
			d->entry[i].hidden = d->entry[i].used;
		d->loop_hidden = d->loop_mapped;
	}
}

static void step_start(struct model *m, struct device *d)
{
	if (d->running)
		return;
	if (d->in_batch)
		step_batch(m, d);
	snprintf(m->what, sizeof(m->what), "start");
	if (d->loop_hidden)
		assert_ok(net_loop_unmap(&d->b.loop, &d->b.c));
	if (d->loop_hidden || !d->loop_mapped) {
		assert_ok(net_loop_map(&d->b.loop, &d->b.c));
		unhide(d);
	}
	d->used = true;
	d->loop_mapped = true;
	d->loop_hidden = false;
	net_loop_rewind(&d->b.loop, VDPA_LOOP_IOVA);
	assert_ok(net_loop_start(&d->b.loop, &d->b.c));
	d->running = true;
}

static void step_reopen(struct model *m, struct device *d)
{
	unsigned int i;

	snprintf(m->what, sizeof(m->what), "close and open");
	vdpa_close(&d->b.c);
	for (i = 0; i < MAX_ENTRIES; i++)
		forget(&d->entry[i]);
	d->used = false;
	d->running = false;
	d->in_batch = false;
	d->loop_mapped = false;
	d->loop_hidden = false;
	assert_ok(vdpa_open_as(&d->b.c, names[d - m->dev], m->backend));
}

static void step_replace(struct model *m)
{
	unsigned int n = 1 + rnd(m, 6), first = rnd(m, MEM_PAGES - n + 1), i;
	void *addr = mem_page(m, first), *p;

	snprintf(m->what, sizeof(m->what), "replace memory %u+%u", first, n);
	if (vdpa_mode()->use_va) {
		/* The device follows the process: the same instance as far as it can tell. */
		assert_ok(guest_mem_replace(&m->ram, first * GUEST_PAGE, n * GUEST_PAGE));
		for (i = first; i < first + n; i++)
			write_page(m, i);
		return;
	}

	if (rnd(m, 2)) {
		assert_int_equal(madvise(addr, n * GUEST_PAGE, MADV_DONTNEED), 0);
	} else {
		p = mmap(addr, n * GUEST_PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		assert_true(p == addr);
	}
	for (i = first; i < first + n; i++)
		new_instance(m, i);
}

static void step_write(struct model *m)
{
	unsigned int n = 1 + rnd(m, MEM_PAGES), first = rnd(m, MEM_PAGES - n + 1), i;

	snprintf(m->what, sizeof(m->what), "write memory %u+%u", first, n);
	for (i = first; i < first + n; i++)
		write_page(m, i);
}

/* The device writes to a page, and it must arrive, or must not. */
static void step_device_writes(struct model *m, struct device *d)
{
	unsigned int page = rnd(m, IOVA_PAGES);
	struct entry *e = find(d->entry, page, 1);
	uint64_t value = ++m->next_value * 0x100000001ULL, found;
	struct instance *p;
	int expected;

	if (!d->running || (d->in_batch && vdpa_mode()->batch_mapping))
		return;
	expected = e && !e->hidden && (e->perm & WO) ? 0 : -EIO;
	snprintf(m->what, sizeof(m->what), "device writes page %u", page);
	vdpa_assert_result(net_loop_write(&d->b.loop, at + page * GUEST_PAGE, &value,
					  sizeof(value)), expected, m->what, __FILE__, __LINE__);
	if (expected)
		return;

	p = e->page[page - e->first];
	p->value = value;
	if (p == m->page[e->va + page - e->first]) {
		memcpy(&found, mem_page(m, e->va + page - e->first), sizeof(found));
		assert_true(found == value);
	}
}

static void check_view(struct model *m, struct device *d)
{
	uint64_t iova[IOVA_PAGES], value[IOVA_PAGES];
	bool ok[IOVA_PAGES], expected;
	struct entry *e;
	unsigned int i;

	for (i = 0; i < IOVA_PAGES; i++)
		iova[i] = at + i * GUEST_PAGE;
	assert_ok(net_loop_peek(&d->b.loop, iova, IOVA_PAGES, value, ok));

	for (i = 0; i < IOVA_PAGES; i++) {
		e = find(d->entry, i, 1);
		expected = e && !e->hidden && (e->perm & RO);
		if (expected == ok[i] && (!ok[i] || value[i] == e->page[i - e->first]->value))
			continue;
		print_error("%s, after \"%s\": page %u: device %s %#llx, model %s %#llx\n",
			    d->b.c.name, m->what, i, ok[i] ? "reads" : "cannot read",
			    ok[i] ? (unsigned long long)value[i] : 0ULL,
			    expected ? "has" : "has nothing,",
			    expected ? (unsigned long long)e->page[i - e->first]->value : 0ULL);
		fail();
	}
}

/*
 * While all devices run nothing is parked: each instance that is mapped anywhere is pinned once.
 * Read-only pins are not used for writing, so the count is exact without them.
 */
static void check_pins(struct model *m)
{
	struct instance *seen[MAX_DEVICES * IOVA_PAGES];
	unsigned int i, k, n = 0, s;
	long loops = 0;
	struct device *d;

	if (m->read_only || vdpa_mode()->use_va)
		return;
	for (d = m->dev; d < m->dev + m->n_devices; d++) {
		if (!d->running || d->in_batch)
			return;
		loops += VDPA_LOOP_PAGES;
		for (i = 0; i < MAX_ENTRIES; i++) {
			struct entry *e = &d->entry[i];

			for (k = 0; k < e->n; k++) {
				for (s = 0; s < n && seen[s] != e->page[k]; s++)
					;
				if (s == n)
					seen[n++] = e->page[k];
			}
		}
	}
	if (vdpa_pinned_pages() != (long)n + loops)
		print_error("after \"%s\"\n", m->what);
	assert_pinned(n + loops);
}

static void step(struct model *m)
{
	struct device *d = &m->dev[rnd(m, m->n_devices)];

	switch (rnd(m, 20)) {
	case 0 ... 6:
		step_map(m, d);
		break;
	case 7 ... 10:
		step_unmap(m, d);
		break;
	case 11:
		step_batch(m, d);
		break;
	case 12:
		if (rnd(m, 2))
			step_cycle(m, d);
		else
			step_reset(m, d);
		break;
	case 13:
		step_reset(m, d);
		step_cycle(m, d);
		break;
	case 14 ... 15:
		step_start(m, d);
		break;
	case 16:
		step_replace(m);
		break;
	case 17:
		step_write(m);
		break;
	case 18:
		step_device_writes(m, d);
		break;
	case 19:
		if (!rnd(m, 8))
			step_reopen(m, d);
		break;
	}
}

static unsigned int from_environment(const char *name, unsigned int otherwise)
{
	const char *value = getenv(name);

	return value && *value ? strtoul(value, NULL, 0) : otherwise;
}

static void run_model(struct model *m)
{
	unsigned int steps = from_environment("TEST_STEPS", DEFAULT_STEPS), i, k;
	struct device *d;

	printf("# seed %u, %u steps\n", m->seed, steps);
	for (i = 0; i < MEM_PAGES; i++)
		new_instance(m, i);

	for (i = 0; i < steps; i++) {
		step(m);
		for (k = 0; k < m->n_devices; k++) {
			d = &m->dev[k];
			/* In a batch a whole-table device has the table from before. */
			if (d->running && !(d->in_batch && vdpa_mode()->batch_mapping))
				check_view(m, d);
		}
		check_pins(m);
	}
}

static int open_devices(struct model *m)
{
	unsigned int i;
	int ret;

	ret = guest_mem_alloc(&m->ram, MEM_PAGES * GUEST_PAGE, vdpa_mode_memory());
	for (i = 0; i < m->n_devices && !ret; i++) {
		struct vdpa_setup setup = { .dev = names[i], .backend = m->backend };

		ret = vdpa_bench_open(&m->dev[i].b, &setup);
	}

	return ret;
}

struct variant {
	unsigned int devices;
	uint64_t backend;
	bool read_only;
};

static int setup(void **state)
{
	const struct variant *v = *state;
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return -1;
	*state = m;
	m->seed = from_environment("TEST_SEED", 20240117);
	m->n_devices = v->devices;
	m->backend = v->backend;
	m->read_only = v->read_only;

	return open_devices(m);
}

static int teardown(void **state)
{
	struct model *m = *state;
	unsigned int i;
	long pinned;

	for (i = 0; i < m->n_devices; i++)
		vdpa_bench_close(&m->dev[i].b);
	guest_mem_free(&m->ram);
	pinned = vdpa_pinned_pages();
	if (pinned)
		print_error("%ld pages are still pinned\n", pinned);
	free(m);

	return pinned ? -1 : 0;
}

static void random_operations(void **state)
{
	run_model(*state);
}

static int group(void **state)
{
	unsigned int i;
	int ret = vdpa_group_net(state);

	for (i = 1; i < MAX_DEVICES && !ret; i++)
		ret = vdpa_admin_add(names[i], VDPA_MGMT_NET);

	return ret;
}

static int group_end(void **state)
{
	unsigned int i;
	int ret = 0;

	for (i = 1; i < MAX_DEVICES && !ret; i++)
		ret = vdpa_admin_del(names[i]);

	return ret ? ret : vdpa_group_end(state);
}

int main(int argc, char **argv)
{
	static const struct variant one = { 1, VDPA_PERSIST_BACKEND, true };
	static const struct variant one_rw = { 1, VDPA_PERSIST_BACKEND, false };
	static const struct variant one_compat = { 1, VDPA_QEMU_BACKEND, true };
	static const struct variant three = { 3, VDPA_PERSIST_BACKEND, true };
	static const struct variant three_rw = { 3, VDPA_PERSIST_BACKEND, false };
	static const struct variant three_compat = { 3, VDPA_QEMU_BACKEND, false };
#define T(name, v) { name, random_operations, setup, teardown, (void *)&v }
	const struct CMUnitTest tests[] = {
		T("one device, persistent map, pins counted", one_rw),
		T("one device, persistent map, all access rights", one),
		T("one device, old client", one_compat),
		T("three devices, persistent map, pins counted", three_rw),
		T("three devices, persistent map, all access rights", three),
		T("three devices, old client, pins counted", three_compat),
	};

	vdpa_test_begin(argc, argv);
	return cmocka_run_group_tests_name("map/model", tests, group, group_end);
}
