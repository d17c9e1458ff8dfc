// SPDX-License-Identifier: GPL-2.0-only
/*
 * vp_test.c - vp_vdpa and a function that does what QEMU's never do: capabilities that lie, resets
 * that take long, vectors that it has no room for, and being pulled out.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/mm.h>
#include <linux/slab.h>
#include <uapi/linux/vdpa.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_pci.h>

#include "fake_function.h"

#define FEATURES	(BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_F_ACCESS_PLATFORM))
#define STARTED		(VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER |	\
			 VIRTIO_CONFIG_S_FEATURES_OK | VIRTIO_CONFIG_S_DRIVER_OK)

static const struct vdpa_config_ops *ops;
static struct vdpa_device *vdpa;

static int probe(void)
{
	return unit_pci_driver->probe(&fake.pdev, NULL);
}

static int add(void)
{
	const struct vdpa_dev_set_config config = { };
	int err = fake.mgmt->ops->dev_add(fake.mgmt, "v0", &config);

	vdpa = fake.vdpa;
	ops = vdpa ? vdpa->config : NULL;
	return err;
}

static int setup(void **state)
{
	fake_setup();
	return 0;
}

/* Everything was given back, also what belongs to a function that was refused. */
static int teardown(void **state)
{
	if (fake.mgmt)
		unit_pci_driver->remove(&fake.pdev);
	return fake.mapped || fake.regions || fake.enabled || fake.master || fake.allocated ||
	       unit_allocs_live ? -1 : 0;
}

static void ready(void)
{
	assert_int_equal(probe(), 0);
	assert_int_equal(add(), 0);
}

static irqreturn_t count(void *private)
{
	(*(unsigned int *)private)++;
	return IRQ_HANDLED;
}

static void listen(u16 queue, unsigned int *n)
{
	struct vdpa_callback cb = { .callback = count, .private = n };

	*n = 0;
	ops->set_vq_cb(vdpa, queue, &cb);
}

static void start(void)
{
	assert_int_equal(ops->set_driver_features(vdpa, FEATURES), 0);
	ops->set_status(vdpa, STARTED);
}

static void takes_and_gives_back(void **state)
{
	ready();
	assert_int_equal(fake.status, 0);
	assert_true(fake.master);
	assert_int_equal(fake.mgmt->id_table[0].device, 1);
	assert_int_equal(fake.mgmt->max_supported_vqs, FAKE_QUEUES);
	assert_int_equal(ops->get_vq_num_max(vdpa), 256);
	assert_int_equal(ops->get_vq_size(vdpa, 3), 64);
	assert_int_equal(ops->get_config_size(vdpa), sizeof(fake.config));
	/* One at a time, and again after it was deleted. */
	assert_int_equal(add(), -ENOSPC);
	fake.mgmt->ops->dev_del(fake.mgmt, vdpa);
	assert_int_equal(add(), 0);
}

static void capabilities_that_lie(void **state)
{
	static const u8 needed[] = { VIRTIO_PCI_CAP_COMMON_CFG, VIRTIO_PCI_CAP_ISR_CFG,
				     VIRTIO_PCI_CAP_NOTIFY_CFG };
	struct virtio_pci_cap *c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(needed); i++) {
		fake_setup();
		c = &fake_cap(needed[i])->cap;
		c->bar = 6;
		assert_int_equal(probe(), -ENODEV);
		c->bar = 0;
		assert_int_equal(probe(), -ENODEV);
		c->bar = 4;
		c->offset = FAKE_BAR_SIZE;
		assert_int_equal(probe(), -ENODEV);
		c->offset = 0xfffff000;
		c->length = 0x2000;
		assert_int_equal(probe(), -ENODEV);
		c->length = 0;
		assert_int_equal(probe(), -ENODEV);
		c->length = 64;
		c->offset = 0;
		c->cap_len = 8;
		assert_int_equal(probe(), -ENODEV);
	}
	fake_setup();
	fake_cap(VIRTIO_PCI_CAP_COMMON_CFG)->cap.length = 55;
	assert_int_equal(probe(), -ENODEV);
	fake_setup();
	fake_cap(VIRTIO_PCI_CAP_COMMON_CFG)->cap.offset = 2;
	assert_int_equal(probe(), -EINVAL);
}

static void the_first_usable_one_counts(void **state)
{
	struct virtio_pci_cap *c = &fake_cap(VIRTIO_PCI_CAP_DEVICE_CFG)->cap;

	/* Its place is taken by a notification capability of a reserved BAR. */
	c->cfg_type = VIRTIO_PCI_CAP_NOTIFY_CFG;
	c->bar = 7;
	ready();
	assert_int_equal(ops->get_config_size(vdpa), 0);
}

static void doorbells_out_of_range(void **state)
{
	fake.queue[2].notify_off = 4;
	assert_int_equal(probe(), -EINVAL);
	fake.queue[2].notify_off = 0xffff;
	fake_cap(VIRTIO_PCI_CAP_NOTIFY_CFG)->notify_off_multiplier = 0xffffffff;
	assert_int_equal(probe(), -EINVAL);
	/* And one that moves after the check. */
	fake_setup();
	assert_int_equal(probe(), 0);
	fake.queue[2].notify_off = 5;
	assert_int_equal(add(), -EINVAL);
	fake.vdpa->config->free(fake.vdpa);
	kfree(fake.vdpa);
	fake.vdpa = NULL;
}

static void doorbells_of_two_bytes(void **state)
{
	fake.offered |= BIT_ULL(VIRTIO_F_NOTIFICATION_DATA);
	fake_cap(VIRTIO_PCI_CAP_NOTIFY_CFG)->cap.length = 14;
	ready();
	assert_false(ops->get_device_features(vdpa) & BIT_ULL(VIRTIO_F_NOTIFICATION_DATA));
	start();
	ops->kick_vq(vdpa, 3);
	assert_int_equal(fake.bell, 3);
	assert_int_equal(fake.bell_at, 12);
}

static void doorbells_with_data(void **state)
{
	fake.offered |= BIT_ULL(VIRTIO_F_NOTIFICATION_DATA);
	ready();
	assert_true(ops->get_device_features(vdpa) & BIT_ULL(VIRTIO_F_NOTIFICATION_DATA));
	start();
	ops->kick_vq_with_data(vdpa, 0x80050002);
	assert_int_equal(fake.bell, 0x80050002);
	assert_int_equal(fake.bell_at, 8);
	ops->kick_vq_with_data(vdpa, 0x80050004);
	assert_int_equal(fake.bells, 1);
}

static void kicks_wait_for_driver_ok(void **state)
{
	ready();
	ops->kick_vq(vdpa, 1);
	assert_int_equal(fake.bells, 0);
	start();
	assert_int_equal(fake.bells, 1);
	assert_int_equal(fake.bell, 1);
	assert_int_equal(ops->reset(vdpa), 0);
	ops->kick_vq(vdpa, 1);
	assert_int_equal(ops->reset(vdpa), 0);
	start();
	assert_int_equal(fake.bells, 1);
}

static void mapped_doorbells(void **state)
{
	struct vdpa_notification_area area;

	ready();
	area = ops->get_vq_notification(vdpa, 1);
	assert_true(area.addr == 0xfe000000 + FAKE_NOTIFY + 4);
	assert_int_equal(area.size, 4);
	unit_pci_driver->remove(&fake.pdev);

	/* All queues have the same one, and the rest of the page is no doorbell. */
	fake_setup();
	fake_cap(VIRTIO_PCI_CAP_NOTIFY_CFG)->notify_off_multiplier = 0;
	ready();
	area = ops->get_vq_notification(vdpa, 3);
	assert_int_equal(area.size, FAKE_QUEUES * 4);
	unit_pci_driver->remove(&fake.pdev);

	fake_setup();
	fake_cap(VIRTIO_PCI_CAP_NOTIFY_CFG)->notify_off_multiplier = 0;
	fake_cap(VIRTIO_PCI_CAP_NOTIFY_CFG)->cap.length = PAGE_SIZE;
	ready();
	area = ops->get_vq_notification(vdpa, 3);
	assert_int_equal(area.size, PAGE_SIZE);
}

static void functions_that_are_refused(void **state)
{
	fake.offered &= ~BIT_ULL(VIRTIO_F_ACCESS_PLATFORM);
	assert_int_equal(probe(), -EOPNOTSUPP);
	fake_setup();
	fake.offered &= ~BIT_ULL(VIRTIO_F_VERSION_1);
	assert_int_equal(probe(), -EOPNOTSUPP);
	fake_setup();
	fake.nqs = 0;
	assert_int_equal(probe(), -EINVAL);
	fake_setup();
	fake.pdev.device = 0x1080;
	assert_int_equal(probe(), -ENODEV);
	fake_setup();
	fake.gone = true;
	assert_int_equal(probe(), -ENODEV);
	/* A transitional one names its type elsewhere. */
	fake_setup();
	fake.pdev.device = 0x1001;
	fake.pdev.subsystem_device = 2;
	ready();
	assert_int_equal(ops->get_device_id(vdpa), 2);
}

static void features(void **state)
{
	struct vdpa_dev_set_config config = { .mask = BIT_ULL(VDPA_ATTR_DEV_FEATURES) };

	fake.offered |= BIT_ULL(VIRTIO_F_SR_IOV) | BIT_ULL(VIRTIO_F_NOTIF_CONFIG_DATA) |
			BIT_ULL(VIRTIO_F_RING_RESET) | BIT_ULL(VIRTIO_F_ADMIN_VQ);
	assert_int_equal(probe(), 0);
	assert_true(fake.mgmt->supported_features == (FEATURES | 0x20));
	config.device_features = FEATURES | 0x40;
	assert_int_equal(fake.mgmt->ops->dev_add(fake.mgmt, "v0", &config), -EINVAL);
	config.device_features = 0x20;
	assert_int_equal(fake.mgmt->ops->dev_add(fake.mgmt, "v0", &config), -EINVAL);
	config.device_features = FEATURES;
	assert_int_equal(fake.mgmt->ops->dev_add(fake.mgmt, "v0", &config), 0);
	vdpa = fake.vdpa;
	ops = vdpa->config;
	assert_true(ops->get_device_features(vdpa) == FEATURES);
	assert_int_equal(ops->set_driver_features(vdpa, FEATURES | 0x20), -EINVAL);
	assert_int_equal(ops->set_driver_features(vdpa, 0), -EINVAL);
	assert_true(fake.accepted == 0);
	assert_int_equal(ops->set_driver_features(vdpa, FEATURES), 0);
	assert_true(ops->get_driver_features(vdpa) == FEATURES);
	/* What is of use to the driver alone. */
	assert_true(fake.accepted == (FEATURES | BIT_ULL(VIRTIO_F_RING_RESET)));
}

static void resets(void **state)
{
	unsigned int n;

	ready();
	start();
	listen(0, &n);
	fake.reset_reads = 10;
	assert_int_equal(ops->reset(vdpa), 0);
	assert_int_equal(fake.status, 0);
	assert_true(ops->get_driver_features(vdpa) == 0);
	fake_raise(0);
	assert_int_equal(n, 0);

	/* One that does not stop does no DMA either, until it has. */
	assert_true(fake.master);
	fake.reset_reads = -1;
	assert_int_equal(ops->reset(vdpa), -ETIMEDOUT);
	assert_false(fake.master);
	fake.reset_reads = 0;
	assert_int_equal(ops->reset(vdpa), 0);
	assert_true(fake.master);
}

static void pulled_out(void **state)
{
	struct vdpa_vq_state initial = { };
	u8 buf[8];

	ready();
	start();
	fake.gone = true;
	assert_int_equal(ops->get_status(vdpa),
			 VIRTIO_CONFIG_S_FAILED | VIRTIO_CONFIG_S_NEEDS_RESET);
	assert_int_equal(ops->reset(vdpa), -ENODEV);
	assert_false(ops->get_vq_ready(vdpa, 0));
	ops->set_vq_ready(vdpa, 0, false);
	ops->set_vq_ready(vdpa, 0, true);
	ops->kick_vq(vdpa, 0);
	ops->get_config(vdpa, 0, buf, sizeof(buf));
	assert_int_equal(ops->set_vq_state(vdpa, 0, &initial), -EOPNOTSUPP);
	ops->set_status(vdpa, STARTED);
	assert_int_equal(add(), -ENOSPC);
}

static void status_of_no_device(void **state)
{
	ready();
	ops->set_status(vdpa, 0xff & ~VIRTIO_CONFIG_S_DRIVER_OK);
	assert_int_equal(fake.status, 0x8b);
	assert_int_equal(ops->get_status(vdpa), 0x8b);
}

static void configuration(void **state)
{
	u8 buf[80];
	__le16 w;

	ready();
	memset(buf, 0xee, sizeof(buf));
	fake.flux = 3;
	ops->get_config(vdpa, 0, buf, 16);
	assert_int_equal(buf[0], fake.config[0]);
	fake.flux = -1;
	fake.accesses = 0;
	ops->get_config(vdpa, 0, buf, 1);
	assert_true(fake.accesses < 200);
	fake.flux = 0;

	/* A field is accessed by its own width. */
	ops->get_config(vdpa, 6, &w, 2);
	assert_int_equal(w, 0x0706);
	ops->set_config(vdpa, 6, "\x11\x22", 2);
	assert_int_equal(fake.last_width, 2);
	assert_int_equal(fake.config[7], 0x22);
	ops->set_config(vdpa, 8, "abcdefgh", 8);
	assert_int_equal(fake.last_width, 4);
	assert_memory_equal(fake.config + 8, "abcdefgh", 8);
	ops->set_config(vdpa, 7, "xy", 2);
	assert_int_equal(fake.last_width, 1);

	/* Beyond the end. */
	ops->get_config(vdpa, 60, buf, 20);
	assert_int_equal(buf[3], 63);
	assert_int_equal(buf[4], 4);
	ops->get_config(vdpa, 64, buf, 1);
	ops->set_config(vdpa, 62, "1234", 4);
	assert_memory_equal(fake.config + 62, "12", 2);
}

static void own_vectors(void **state)
{
	unsigned int n[3], config;
	struct vdpa_callback cb = { .callback = count, .private = &config };
	struct cpumask mask = { 5 };

	ready();
	config = 0;
	ops->set_config_cb(vdpa, &cb);
	listen(0, &n[0]);
	listen(2, &n[2]);
	assert_int_equal(ops->set_vq_affinity(vdpa, 2, &mask), 0);
	start();
	assert_int_equal(fake.allocated, 3);
	assert_int_equal(fake.config_vector, 0);
	assert_int_equal(fake.queue[0].vector, 1);
	assert_int_equal(fake.queue[2].vector, 2);
	assert_int_equal(ops->get_vq_irq(vdpa, 2), 102);
	assert_int_equal(ops->get_vq_irq(vdpa, 1), -EINVAL);
	assert_int_equal(fake.irq[2].hint->bits, 5);
	fake_raise(2);
	assert_int_equal(n[2], 1);
	assert_int_equal(n[0], 0);
	assert_int_equal(config, 0);

	/* A callback that comes late shares vector 0. */
	listen(1, &n[1]);
	assert_int_equal(fake.queue[1].vector, 0);
	fake_raise(0);
	assert_int_equal(n[1], 1);
	assert_int_equal(config, 1);

	/* The same ones again: nothing is allocated, but the function is told. */
	assert_int_equal(ops->reset(vdpa), 0);
	assert_int_equal(fake.queue[2].vector, VIRTIO_MSI_NO_VECTOR);
	listen(0, &n[0]);
	listen(2, &n[2]);
	start();
	assert_int_equal(fake.allocations, 1);
	assert_int_equal(fake.queue[2].vector, 2);
	/* Others: again. */
	assert_int_equal(ops->reset(vdpa), 0);
	listen(1, &n[1]);
	start();
	assert_int_equal(fake.allocations, 2);
	assert_int_equal(fake.allocated, 2);
	assert_int_equal(ops->get_vq_irq(vdpa, 1), 101);
}

static void too_few_vectors(void **state)
{
	unsigned int n[FAKE_QUEUES], vectors, i, q;

	for (vectors = 0; vectors <= 4; vectors++) {
		fake_setup();
		fake.vectors = vectors;
		ready();
		for (q = 0; q < FAKE_QUEUES; q++)
			listen(q, &n[q]);
		start();
		assert_int_equal(fake.status, STARTED);
		assert_int_equal(fake.allocated, vectors ? vectors : 1);
		assert_int_equal(fake.intx, !vectors);
		if (!vectors)
			fake.isr = 1;
		for (i = 0; i < fake.allocated; i++)
			fake_raise(i);
		for (q = 0; q < FAKE_QUEUES; q++) {
			assert_int_equal(n[q], 1);
			if (vectors)
				assert_true(fake.queue[q].vector < vectors);
		}
		if (!vectors) {
			/* Not ours, or a change of the configuration only. */
			assert_int_equal(fake_raise(0), IRQ_NONE);
			fake.isr = 2;
			assert_int_equal(fake_raise(0), IRQ_HANDLED);
			assert_int_equal(n[0], 1);
		}
		unit_pci_driver->remove(&fake.pdev);
		assert_int_equal(fake.allocated, 0);
	}
}

static void vectors_that_are_refused(void **state)
{
	unsigned int n;

	fake.no_vector = 1;
	ready();
	listen(0, &n);
	start();
	assert_int_equal(fake.status, (STARTED & ~VIRTIO_CONFIG_S_DRIVER_OK) |
				      VIRTIO_CONFIG_S_FAILED);
	assert_int_equal(fake.allocated, 0);
}

static void sizes_and_addresses(void **state)
{
	ready();
	ops->set_vq_num(vdpa, 3, 128);
	ops->set_vq_ready(vdpa, 3, true);
	assert_false(ops->get_vq_ready(vdpa, 3));
	ops->set_vq_num(vdpa, 3, 32);
	assert_int_equal(ops->set_vq_address(vdpa, 3, 0x123456789a000, 0x1000, 0x2000), 0);
	assert_true(fake.queue[3].addr[0] == 0x123456789a000);
	ops->set_vq_ready(vdpa, 3, true);
	assert_true(ops->get_vq_ready(vdpa, 3));
	assert_int_equal(ops->set_vq_address(vdpa, 3, 0, 0, 0), -EBUSY);
}

static void stopping_a_queue(void **state)
{
	ready();
	start();
	ops->set_vq_ready(vdpa, 0, true);
	/* It cannot; nothing is written that no function understands. */
	ops->set_vq_ready(vdpa, 0, false);
	assert_int_equal(fake.bad_disable, 0);
	assert_true(ops->get_vq_ready(vdpa, 0));
	unit_pci_driver->remove(&fake.pdev);

	fake_setup();
	fake.offered |= BIT_ULL(VIRTIO_F_RING_RESET);
	ready();
	start();
	ops->set_vq_ready(vdpa, 0, true);
	ops->set_vq_ready(vdpa, 1, true);
	ops->set_vq_ready(vdpa, 0, false);
	assert_false(ops->get_vq_ready(vdpa, 0));
	assert_true(ops->get_vq_ready(vdpa, 1));
	assert_int_equal(fake.bad_disable, 0);

	/* It has neither address nor vector now, and gets none before the next start. */
	ops->set_vq_ready(vdpa, 0, true);
	assert_false(ops->get_vq_ready(vdpa, 0));
	assert_int_equal(ops->reset(vdpa), 0);
	start();
	ops->set_vq_ready(vdpa, 0, true);
	assert_true(ops->get_vq_ready(vdpa, 0));
	assert_int_not_equal(fake.queue[0].vector, VIRTIO_MSI_NO_VECTOR);
}

static void no_memory(void **state)
{
	long i;

	for (i = 1; i <= 4; i++) {
		fake_setup();
		unit_fail_alloc = i;
		if (!probe()) {
			if (add() && fake.vdpa) {
				fake.vdpa->config->free(fake.vdpa);
				kfree(fake.vdpa);
				fake.vdpa = NULL;
			}
			unit_pci_driver->remove(&fake.pdev);
		}
		assert_int_equal(unit_allocs_live, 0);
		assert_int_equal(fake.mapped, 0);
		assert_false(fake.enabled);
	}
	unit_fail_alloc = 0;
}

#define test(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(takes_and_gives_back),
		test(capabilities_that_lie),
		test(the_first_usable_one_counts),
		test(doorbells_out_of_range),
		test(doorbells_of_two_bytes),
		test(doorbells_with_data),
		test(kicks_wait_for_driver_ok),
		test(mapped_doorbells),
		test(functions_that_are_refused),
		test(features),
		test(resets),
		test(pulled_out),
		test(status_of_no_device),
		test(configuration),
		test(own_vectors),
		test(too_few_vectors),
		test(vectors_that_are_refused),
		test(sizes_and_addresses),
		test(stopping_a_queue),
		test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
