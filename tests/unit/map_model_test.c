// SPDX-License-Identifier: GPL-2.0-only
/*
 * map_model_test.c - the mapping engine against a naive model, page by page, at random.
 *
 * Three devices of one process. The model knows for each page of I/O address space which frame the
 * client asked for, and what the device must see of that. After every step: the wanted tables are
 * the model's; a running device sees exactly what it should; a device that does not run reaches
 * only what its table says; exactly the frames in some table are pinned, and the charge is the
 * number of pins. Pins, allocations and calls of the parents fail at random; a failed message
 * must have changed nothing.
 *
 * ITER=n sets the number of steps, SEED=n repeats one run (printed when a step goes wrong), LOG=1
 * prints the steps.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <linux/jiffies.h>
#include <linux/shrinker.h>

#include "client.h"

#define NDEV	3
#define VAS	48	/* pages of the process */
#define IOVAS	64	/* pages of an address space */
#define STEPS	2000	/* per run, with one choice of devices */

struct mpage {
	unsigned long addr;
	unsigned int perm;
	unsigned int id;	/* of the mapping; 0: none */
	bool hidden;
};

struct view {
	unsigned long addr;
	unsigned int perm;
};

struct mdev {
	struct client c;
	bool open;
	bool whole;
	bool lost;	/* the parent may have less than the engine thinks */
	bool used[FAKE_NAS];
	struct mpage wanted[FAKE_NAS][IOVAS];
	struct view due[FAKE_NAS][IOVAS];	/* what the device sees while it runs */
	struct view seen[FAKE_NAS][IOVAS];	/* after the last step */
};

static struct mdev devs[NDEV];
static unsigned long long seed, step;
static unsigned int next_id;
static bool logging, injected, limited, large_pages;
static u64 charge_before;

#define CHECK(c) do { \
	if (!(c)) { \
		fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #c); \
		abort(); \
	} \
} while (0)
#define LOG(...) do { \
	if (logging) { \
		fprintf(stderr, "%llu: ", step); \
		fprintf(stderr, __VA_ARGS__); \
		fputc('\n', stderr); \
	} \
} while (0)

static void on_abort(int sig)
{
	fprintf(stderr, "map_model: SEED=%llu, step %llu\n", seed, step);
}

static unsigned int pick(unsigned int n)
{
	return fake_random() % n;
}

/*
 * What the tables say
 */

static void read_table(const struct map_table *t, struct mpage *out)
{
	struct map_entry *e;

	memset(out, 0, IOVAS * sizeof(*out));
	map_table_for_each(e, t) {
		struct pin_chunk chunk;
		struct pin_iter it;
		u64 page = e->first;
		unsigned long i;

		pin_iter_start(&it, &e->segs);
		while (pin_iter_next(&it, &chunk)) {
			for (i = 0; i < chunk.npages; i++, page++) {
				CHECK(page < IOVAS && !out[page].id);
				out[page] = (struct mpage){
					.addr = (chunk.addr >> PAGE_SHIFT) + i, .perm = e->perm,
					.id = 1, .hidden = map_entry_hidden(t, e),
				};
			}
		}
		CHECK(page == e->last + 1);
	}
}

static void read_parent(const struct fake_table *t, struct view *out)
{
	unsigned int i;
	u64 page;

	memset(out, 0, IOVAS * sizeof(*out));
	for (i = 0; i < t->n; i++) {
		const struct fake_range *r = &t->range[i];

		for (page = r->first; page <= r->last; page++) {
			CHECK(page < IOVAS && !out[page].perm);
			out[page] = (struct view){ r->addr + page - r->first, r->perm };
		}
	}
}

static void visible(const struct mpage *in, struct view *out)
{
	unsigned int i;

	for (i = 0; i < IOVAS; i++)
		out[i] = in[i].id && !in[i].hidden ?
			 (struct view){ in[i].addr, in[i].perm } : (struct view){ };
}

static bool views_equal(const struct view *a, const struct view *b)
{
	return !memcmp(a, b, IOVAS * sizeof(*a));
}

/*
 * What must hold after every step
 */

static u64 needed[64 * VAS];	/* frame needed in step n + 1 */
static unsigned long nneeded;

static void need(unsigned long pfn)
{
	u64 *mark = &needed[pfn - FAKE_PFN];

	nneeded += *mark != step + 1;
	*mark = step + 1;
}

static void check_space(struct mdev *d, unsigned int as)
{
	const struct vhost_vdpa_space *s = &d->c.v.spaces[as];
	struct mpage wanted[IOVAS], device[IOVAS];
	struct view view[IOVAS];
	unsigned int i;

	read_table(&s->wanted, wanted);
	read_table(&s->device, device);
	read_parent(&d->c.p.as[as], view);
	for (i = 0; i < IOVAS; i++) {
		const struct mpage *m = &d->wanted[as][i];

		CHECK(!wanted[i].id == !m->id);
		if (m->id) {
			CHECK(wanted[i].addr == m->addr && wanted[i].perm == m->perm);
			CHECK(wanted[i].hidden == m->hidden);
			need(m->addr);
		}
		if (device[i].id)
			need(device[i].addr);
		/* The parent has what the engine thinks it has. */
		if (view[i].perm)
			CHECK(device[i].addr == view[i].addr && device[i].perm == view[i].perm);
		else
			CHECK(!device[i].id || d->lost);
	}
	if (d->c.v.driver_ok) {
		CHECK(views_equal(view, d->due[as]));
		CHECK(!d->c.p.as[as].initial);
	}
	memcpy(d->seen[as], view, sizeof(view));
}

static void check_all(void)
{
	struct map_entry *e;
	unsigned long pfn, pinned = 0;
	unsigned int i, as;

	nneeded = 0;
	for (i = 0; i < NDEV; i++) {
		struct mdev *d = &devs[i];
		u64 parked = 0;

		if (!d->open) {
			CHECK(!d->c.v.spaces && !d->c.v.pins);
			for (as = 0; as < d->c.v.nas; as++)
				CHECK(!d->c.p.as[as].n);
			continue;
		}
		for (as = 0; as < d->c.v.nas; as++)
			check_space(d, as);
		map_table_for_each(e, &d->c.v.parked.table) {
			struct pin_chunk chunk;
			struct pin_iter it;

			parked += map_entry_pages(e);
			pin_iter_start(&it, &e->segs);
			while (pin_iter_next(&it, &chunk))
				for (pfn = 0; pfn < chunk.npages; pfn++)
					need((chunk.addr >> PAGE_SHIFT) + pfn);
		}
		if (d->c.v.pins)
			CHECK(atomic_long_read(&d->c.v.pins->charged) ==
			      atomic_long_read(&d->c.v.pins->pinned));
		CHECK(parked == (u64)atomic_long_read(&d->c.v.parked.npages));
		CHECK(!parked || (!d->c.v.driver_ok && d->c.v.pin_reuse));
	}
	/* What is needed is pinned, with the large page that it is part of, and nothing else. */
	for (pfn = FAKE_PFN; pfn < FAKE_PFN + 32 * VAS; pfn++) {
		unsigned long large = pin_large_pages(pfn_to_page(pfn)), other = pfn & -large;
		bool is_needed = false;

		for (; other < (pfn & -large) + large; other++)
			is_needed |= needed[other - FAKE_PFN] == step + 1;
		CHECK(!fake_pins(pfn) == !is_needed);
		pinned += needed[pfn - FAKE_PFN] == step + 1;
	}
	CHECK(pinned == nneeded);
	/* A page is charged for each of its pins, and a large one has fewer pins than pages. */
	CHECK(fake_pinned <= (unsigned long)atomic64_read(&fake_mm.pinned_vm));
	CHECK(nneeded <= (unsigned long)atomic64_read(&fake_mm.pinned_vm));
	CHECK(large_pages || fake_pinned == (unsigned long)atomic64_read(&fake_mm.pinned_vm));
}

/* A message failed: nothing changed, but that unwanted memory may have been given up. */
static void check_unchanged(struct mdev *d)
{
	struct view view[IOVAS];
	unsigned int as, i;

	CHECK(injected || limited);
	for (as = 0; as < d->c.v.nas; as++) {
		read_parent(&d->c.p.as[as], view);
		for (i = 0; i < IOVAS; i++)
			CHECK(!memcmp(&view[i], &d->seen[as][i], sizeof(view[i])) ||
			      (limited && !view[i].perm && !d->c.v.driver_ok));
	}
	CHECK((u64)atomic64_read(&fake_mm.pinned_vm) <= charge_before);
	CHECK(limited || (u64)atomic64_read(&fake_mm.pinned_vm) == charge_before);
}

/*
 * Steps
 */

static bool inject(void)
{
	injected = !pick(6);
	if (!injected)
		return false;
	switch (pick(3)) {
	case 0:
		unit_fail_alloc = 1 + pick(8);
		break;
	case 1:
		fake_fail_pin = 1 + pick(3);
		break;
	default:
		fake_fail_call = 1 + pick(4);
	}
	return true;
}

static void inject_end(void)
{
	/* What is still armed did not strike. */
	if (unit_fail_alloc || fake_fail_pin || fake_fail_call)
		injected = false;
	unit_fail_alloc = 0;
	fake_fail_pin = 0;
	fake_fail_call = 0;
}

/* The device's table was made equal to the wanted one. */
static void synced(struct mdev *d, unsigned int as)
{
	visible(d->wanted[as], d->due[as]);
}

static void accepted(struct mdev *d, unsigned int as)
{
	unsigned int i;

	if (d->whole && d->c.v.in_batch)
		return;
	for (i = 0; d->whole && i < IOVAS; i++)
		d->wanted[as][i].hidden = false;
	if (d->whole && d->c.v.driver_ok)
		d->lost = false;
	synced(d, as);
}

static void step_map(struct mdev *d)
{
	unsigned int as = pick(d->c.v.nas), iova = pick(IOVAS), va = pick(VAS), i;
	unsigned int n = 1 + pick(pick(4) ? 6 : 24);
	u8 perm = 1 + pick(3);
	int expect = 0, err;

	n = min(n, IOVAS - iova);
	n = min(n, VAS + 2 - va);
	for (i = 0; i < n && !expect; i++)
		if (d->wanted[as][iova + i].id)
			expect = -EEXIST;
	if (d->c.v.in_batch && d->c.v.batch_asid != as)
		expect = -EINVAL;
	else
		d->used[as] = true;
	for (i = 0; i < n && !expect; i++) {
		struct vm_area_struct *vma = NULL;

		mmap_read_lock(&fake_mm);
		if (va + i < VAS && fake_frame(va + i))
			vma = find_vma(&fake_mm, (FAKE_VA + va + i) << PAGE_SHIFT);
		mmap_read_unlock(&fake_mm);
		if (!vma || (perm & WO && !(vma->vm_flags & VM_WRITE)))
			expect = -EFAULT;
	}
	inject();
	err = client_map(&d->c, as, iova, n, va, perm);
	inject_end();
	LOG("map dev %zd as %u iova %u+%u va %u perm %u: %d, expected %d%s", d - devs, as, iova, n,
	    va, perm, err, expect, injected ? ", injected" : "");
	if (expect && !injected && !limited)
		CHECK(err == expect);
	CHECK(err || !expect);
	if (err) {
		CHECK(err == expect || injected || limited);
		injected = true;
		check_unchanged(d);
		return;
	}
	next_id++;
	for (i = 0; i < n; i++)
		d->wanted[as][iova + i] = (struct mpage){
			.addr = fake_frame(va + i), .perm = perm, .id = next_id,
		};
	accepted(d, as);
}

static void step_unmap(struct mdev *d)
{
	unsigned int as = pick(d->c.v.nas), iova = pick(IOVAS), n = 1 + pick(pick(3) ? 8 : IOVAS);
	unsigned int i, k, id;
	int err;

	n = min(n, IOVAS - iova);
	inject();
	err = client_unmap(&d->c, as, iova, n);
	inject_end();
	LOG("unmap dev %zd as %u iova %u+%u: %d%s", d - devs, as, iova, n, err,
	    injected ? ", injected" : "");
	if (!d->used[as] || (d->c.v.in_batch && d->c.v.batch_asid != as)) {
		CHECK(err == -EINVAL);
		return;
	}
	if (err) {
		check_unchanged(d);
		return;
	}
	for (i = iova; i < iova + n; i++) {
		id = d->wanted[as][i].id;
		for (k = 0; id && k < IOVAS; k++)
			if (d->wanted[as][k].id == id)
				d->wanted[as][k] = (struct mpage){ };
	}
	accepted(d, as);
}

static void step_batch(struct mdev *d)
{
	unsigned int as = pick(d->c.v.nas);
	bool begin = pick(2), was = d->c.v.in_batch, other = was && d->c.v.batch_asid != as;
	int err;

	inject();
	err = client_batch(&d->c, as, begin);
	inject_end();
	LOG("batch %s dev %zd as %u: %d%s", begin ? "begin" : "end", d - devs, as, err,
	    injected ? ", injected" : "");
	if (other || (!begin && !d->used[as])) {
		CHECK(err == -EINVAL);
		return;
	}
	if (begin) {
		CHECK(!err);
		d->used[as] = true;
		return;
	}
	CHECK(!err || injected);
	CHECK(!d->c.v.in_batch);
	if (err)
		check_unchanged(d);
	else if (was)
		accepted(d, as);
}

static void step_driver_ok(struct mdev *d)
{
	unsigned int as;
	int err;

	inject();
	err = client_driver_ok(&d->c);
	inject_end();
	LOG("driver_ok dev %zd: %d%s", d - devs, err, injected ? ", injected" : "");
	CHECK(!err || injected);
	if (err)
		return;
	d->lost = false;
	for (as = 0; as < d->c.v.nas; as++)
		synced(d, as);
}

static void step_reset(struct mdev *d)
{
	enum vhost_vdpa_map_fate fate = pick(2) ? VHOST_VDPA_MAP_KEPT : pick(4);
	unsigned int as, i;

	if (d->c.v.nas == 1)
		fate = VHOST_VDPA_MAP_KEPT;
	if (fate == VHOST_VDPA_MAP_CLEAN_LATER && !d->c.v.pin_reuse)
		fate = VHOST_VDPA_MAP_CLEANED;
	if (fate == VHOST_VDPA_MAP_LOST) {
		if (pick(2))
			fake_clean(&d->c.p);
		d->lost |= d->whole;
	}
	if (fate == VHOST_VDPA_MAP_CLEANED)
		d->lost = false;
	LOG("reset dev %zd fate %d", d - devs, fate);
	client_reset(&d->c, fate);
	for (as = 0; fate != VHOST_VDPA_MAP_KEPT && as < d->c.v.nas; as++)
		for (i = 0; i < IOVAS; i++)
			d->wanted[as][i].hidden = d->wanted[as][i].id;
}

static void step_memory(void)
{
	unsigned int first = pick(VAS), n = min(1 + pick(12), VAS - first), i, what = pick(6);

	LOG("memory %u+%u: %u", first, n, what);
	if (what == 0) {
		fake_unmap(first, n);
		return;
	}
	if (what <= 2) {
		for (i = 0; i < n && fake_frame(first + i); i++)
			;
		fake_protect(first, i, what == 1 || pick(2));
		return;
	}
	if (what == 3 && large_pages && (first & -FAKE_LARGE) + FAKE_LARGE <= VAS)
		fake_make_large(first & -FAKE_LARGE);
	else
		fake_replace(first, n);
}

/* What is parked, or in a device's table without being wanted, is still the process's memory. */
static void check_settled(const bool *over)
{
	struct map_entry *e;
	unsigned int i, as;

	for (i = 0; i < NDEV; i++) {
		struct mdev *d = &devs[i];

		if (!d->open || d->c.v.driver_ok)
			continue;
		map_table_for_each(e, &d->c.v.parked.table) {
			struct pin_chunk chunk;
			struct pin_iter it;
			u64 va = e->first;
			unsigned long k;

			pin_iter_start(&it, &e->segs);
			while (pin_iter_next(&it, &chunk))
				for (k = 0; k < chunk.npages; k++, va++)
					CHECK((chunk.addr >> PAGE_SHIFT) + k ==
					      fake_frame(va - FAKE_VA));
		}
	}
	for (i = 0; i < NDEV; i++) {
		struct mdev *d = &devs[i];

		if (!over[i] || injected)
			continue;
		CHECK(!atomic_long_read(&d->c.v.parked.npages));
		for (as = 0; as < d->c.v.nas; as++)
			map_table_for_each(e, &d->c.v.spaces[as].device)
				CHECK(map_table_find(&d->c.v.spaces[as].wanted, e->first, e->last));
	}
}

static void step_work(void)
{
	struct shrink_control sc = { .nr_to_scan = 128 };
	unsigned int what = pick(4), i;
	bool over[NDEV];

	if (what == 0)
		jiffies += msecs_to_jiffies(*unit_param_pin_reuse_ms) * pick(4) / 2;
	if (what == 1 && unit_shrinker->count_objects(unit_shrinker, &sc) != SHRINK_EMPTY)
		unit_shrinker->scan_objects(unit_shrinker, &sc);
	for (i = 0; i < NDEV; i++)
		over[i] = devs[i].open && !devs[i].c.v.driver_ok && devs[i].c.v.parked.waiting &&
			  time_after_eq(jiffies, devs[i].c.v.parked.deadline);
	inject();
	unit_run_work();
	inject_end();
	LOG("work %u at %lu%s", what, jiffies, injected ? ", injected" : "");
	check_settled(over);
}

static void step_limit(void)
{
	limited = pick(3);
	fake_memlock = limited ? pick(3 * VAS) : ULONG_MAX;
	LOG("limit %ld", (long)fake_memlock);
}

static void step_open_close(struct mdev *d)
{
	unsigned int as;
	int err;

	if (d->open) {
		client_close(&d->c);
		d->open = false;
		for (as = 0; d->c.p.ops.reset_map && as < d->c.v.nas; as++)
			CHECK(d->c.p.as[as].initial);
		LOG("close dev %zd", d - devs);
		return;
	}
	*unit_param_pin_reuse = pick(5);
	inject();
	err = client_open(&d->c);
	inject_end();
	LOG("open dev %zd reuse %d: %d", d - devs, *unit_param_pin_reuse, err);
	CHECK(!err || injected);
	if (err)
		return;
	d->open = true;
	d->lost = false;
	memset(d->used, 0, sizeof(d->used));
	memset(d->wanted, 0, sizeof(d->wanted));
	memset(d->seen, 0, sizeof(d->seen));
}

static void one_step(void)
{
	struct mdev *d = &devs[pick(NDEV)];
	unsigned int what = pick(100);

	charge_before = atomic64_read(&fake_mm.pinned_vm);
	injected = false;
	if (what < 2)
		step_limit();
	else if (what < 12)
		step_memory();
	else if (what < 22)
		step_work();
	else if (!d->open || what < 23)
		step_open_close(d);
	else if (what < 58)
		step_map(d);
	else if (what < 76)
		step_unmap(d);
	else if (what < 84)
		step_batch(d);
	else if (what < 92)
		step_reset(d);
	else if (!d->c.v.driver_ok)
		step_driver_ok(d);
	check_all();
}

static void one_run(void)
{
	unsigned int i;

	fake_seed(seed);
	jiffies = pick(1000000);
	limited = false;
	fake_mm_init(VAS, pick(2));
	large_pages = pick(2);
	for (i = 0; i < NDEV; i++) {
		enum fake_kind kind = pick(3);

		client_probe(&devs[i].c, kind, pick(2), false);
		devs[i].open = false;
		devs[i].whole = kind == FAKE_SET_MAP;
	}
	for (step = 0; step < STEPS; step++)
		one_step();
	for (i = 0; i < NDEV; i++) {
		if (devs[i].open)
			client_close(&devs[i].c);
		client_remove(&devs[i].c);
	}
	fake_mm_fini();
	memset(needed, 0, sizeof(needed));
}

static void model(void **state)
{
	const char *iter = getenv("ITER"), *first = getenv("SEED");
	unsigned long long runs = iter ? strtoull(iter, NULL, 0) / STEPS : 300, i;

	signal(SIGABRT, on_abort);
	logging = getenv("LOG");
	assert_int_equal(vhost_vdpa_park_module_init(), 0);
	seed = first ? strtoull(first, NULL, 0) : (unsigned long long)time(NULL) << 20;
	print_message("map_model: %llu runs of %u steps from SEED=%llu\n", runs, STEPS, seed);
	for (i = 0; i < (first && !iter ? 1 : runs); i++, seed++)
		one_run();
	vhost_vdpa_park_module_exit();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
