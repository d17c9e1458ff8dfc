// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdpa_mock.c - a vdpa device without a function, to test what real ones rarely do.
 *
 * One device, "mock0", that is mapped range by range and has what the simulators lack: a doorbell,
 * an interrupt that can bypass the host, descriptor groups, a config interrupt; and knobs that make
 * its ops fail. Knobs and counters are module parameters in /sys/module/vdpa_mock/parameters/.
 *
 * For the kernel's virtio drivers (virtio_client.c, with device_id= of that one) it also takes
 * notification data and affinities, and has queue 1 do its DMA by another device than queue 0: one
 * that reaches the first 16 MiB only, so that it shows in the addresses. Nothing is served.
 *
 * The doorbell is a page of RAM. The consumer that a bypassed interrupt goes to (KVM elsewhere) is
 * in here too. "hammer" makes a thread call the callbacks of queue 0 and of the configuration all
 * the time.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/eventfd.h>
#include <linux/irqbypass.h>
#include <linux/io.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/spinlock.h>
#include <linux/vdpa.h>
#include <linux/vhost.h>
#include <uapi/linux/virtio_config.h>
#include <uapi/linux/virtio_ids.h>

#define MOCK_VQS	2
#define MOCK_GROUPS	3
#define MOCK_SPACES	2
#define MOCK_NUM_MAX	64
#define MOCK_CONFIG	16

/* Knobs. */
static int reset_error, bind_error, map_error, suspend_error, group_error;
module_param(reset_error, int, 0600);
module_param(bind_error, int, 0600);
module_param(map_error, int, 0600);
module_param(suspend_error, int, 0600);
module_param(group_error, int, 0600);
/* Waits in set_status until the doorbell rings; in_status says that it does. */
static bool block_status, in_status;
module_param(block_status, bool, 0600);
module_param(in_status, bool, 0400);
static int irq = -1;
module_param(irq, int, 0600);
static unsigned int group = 1;
module_param(group, uint, 0600);
static unsigned long bell_offset;
module_param(bell_offset, ulong, 0600);
static unsigned long bell_size = PAGE_SIZE;
module_param(bell_size, ulong, 0600);
static bool hammer;
module_param(hammer, bool, 0600);
static bool use_va;
module_param(use_va, bool, 0400);
/* A parent whose resets can clean its map, as they once did; "cleaned" counts those that shall. */
static bool compat;
module_param(compat, bool, 0400);
/* Take effect when the device is made. */
static unsigned int device_id = VIRTIO_ID_CONSOLE;
module_param(device_id, uint, 0600);
static unsigned long features = BIT_ULL(VIRTIO_F_VERSION_1) | BIT_ULL(VIRTIO_F_ACCESS_PLATFORM) |
				BIT_ULL(VIRTIO_F_RING_PACKED);
module_param(features, ulong, 0600);

/* Counters and state. */
static unsigned int kicks, resets, calls, config_calls, maps, unmaps;
static unsigned int cleaned;
module_param(cleaned, uint, 0600);
static unsigned int bypass_added, bypass_removed, bound, unbound;
static unsigned int kicks_with_data, last_data;
module_param(kicks_with_data, uint, 0600);
module_param(last_data, uint, 0600);
module_param(kicks, uint, 0600);
module_param(resets, uint, 0600);
module_param(calls, uint, 0600);
module_param(config_calls, uint, 0600);
module_param(bypass_added, uint, 0600);
module_param(bypass_removed, uint, 0600);
module_param(bound, uint, 0600);
module_param(unbound, uint, 0600);
module_param(maps, uint, 0600);
module_param(unmaps, uint, 0600);

struct mock {
	struct vdpa_device vdpa;
	spinlock_t lock;
	struct vdpa_callback cb[MOCK_VQS];
	struct vdpa_callback config_cb;
	struct irq_bypass_consumer consumer[MOCK_VQS];
	bool consuming[MOCK_VQS];
	struct vdpa_vq_state state[MOCK_VQS];
	bool ready[MOCK_VQS];
	u32 num[MOCK_VQS];
	u64 desc[MOCK_VQS];
	struct cpumask affinity[MOCK_VQS];
	u64 features;
	u8 status;
	u8 config[MOCK_CONFIG];
};

static struct device *mock_root, *mock_low;
static struct mock *mock;
static struct page *bell;
static struct task_struct *hammerer;

static struct mock *to_mock(struct vdpa_device *vdpa)
{
	return container_of(vdpa, struct mock, vdpa);
}

static int get_bell(char *buf, const struct kernel_param *kp)
{
	return sprintf(buf, "%u\n", READ_ONCE(*(u32 *)page_address(bell)));
}

static const struct kernel_param_ops bell_ops = { .get = get_bell };
module_param_cb(bell, &bell_ops, NULL, 0400);

static void call_config(struct mock *m)
{
	unsigned long flags;

	spin_lock_irqsave(&m->lock, flags);
	if (m->config_cb.callback) {
		m->config_cb.callback(m->config_cb.private);
		config_calls++;
	}
	spin_unlock_irqrestore(&m->lock, flags);
}

static int set_config(const char *val, const struct kernel_param *kp)
{
	unsigned long flags;

	if (!mock)
		return -ENODEV;
	spin_lock_irqsave(&mock->lock, flags);
	mock->config[0] = val[0];
	spin_unlock_irqrestore(&mock->lock, flags);
	call_config(mock);
	return 0;
}

static const struct kernel_param_ops config_ops = { .set = set_config };
module_param_cb(config, &config_ops, NULL, 0200);

static void call(struct mock *m, u16 idx)
{
	unsigned long flags;

	spin_lock_irqsave(&m->lock, flags);
	if (m->cb[idx].callback) {
		m->cb[idx].callback(m->cb[idx].private);
		calls++;
	}
	spin_unlock_irqrestore(&m->lock, flags);
}

static int mock_hammer(void *data)
{
	unsigned int i;

	while (!kthread_should_stop()) {
		if (!READ_ONCE(hammer)) {
			msleep(20);
			continue;
		}
		for (i = 0; i < 100; i++) {
			call(data, 0);
			call_config(data);
		}
		usleep_range(20, 40);
	}
	return 0;
}

static int mock_set_vq_address(struct vdpa_device *vdpa, u16 idx, u64 desc, u64 driver, u64 device)
{
	to_mock(vdpa)->desc[idx] = desc;
	return 0;
}

static void mock_set_vq_num(struct vdpa_device *vdpa, u16 idx, u32 num)
{
	to_mock(vdpa)->num[idx] = num;
}

/* What the driver said about its queues, one a line. */
static int get_rings(char *buf, const struct kernel_param *kp)
{
	int i, len = 0;

	if (!mock)
		return -ENODEV;
	for (i = 0; i < MOCK_VQS; i++)
		len += scnprintf(buf + len, PAGE_SIZE - len,
				 "%d ready=%d num=%u desc=%llu avail=%u/%u used=%u/%u cpus=%*pbl\n",
				 i, mock->ready[i], mock->num[i], mock->desc[i],
				 mock->state[i].packed.last_avail_idx,
				 mock->state[i].packed.last_avail_counter,
				 mock->state[i].packed.last_used_idx,
				 mock->state[i].packed.last_used_counter,
				 cpumask_pr_args(&mock->affinity[i]));
	return len;
}

static const struct kernel_param_ops rings_ops = { .get = get_rings };
module_param_cb(rings, &rings_ops, NULL, 0400);

static void mock_kick_vq(struct vdpa_device *vdpa, u16 idx)
{
	WRITE_ONCE(kicks, kicks + 1);
}

static void mock_kick_vq_with_data(struct vdpa_device *vdpa, u32 data)
{
	WRITE_ONCE(last_data, data);
	WRITE_ONCE(kicks_with_data, kicks_with_data + 1);
}

static int mock_set_vq_affinity(struct vdpa_device *vdpa, u16 idx, const struct cpumask *cpu_mask)
{
	cpumask_copy(&to_mock(vdpa)->affinity[idx], cpu_mask ?: cpu_possible_mask);
	return 0;
}

static const struct cpumask *mock_get_vq_affinity(struct vdpa_device *vdpa, u16 idx)
{
	return &to_mock(vdpa)->affinity[idx];
}

static union virtio_map mock_get_vq_map(struct vdpa_device *vdpa, u16 idx)
{
	union virtio_map map = { .dma_dev = idx ? mock_low : mock_root };

	return map;
}

static int mock_add(struct irq_bypass_consumer *cons, struct irq_bypass_producer *prod)
{
	bypass_added++;
	return 0;
}

static void mock_del(struct irq_bypass_consumer *cons, struct irq_bypass_producer *prod)
{
	bypass_removed++;
}

static void mock_set_vq_cb(struct vdpa_device *vdpa, u16 idx, struct vdpa_callback *cb)
{
	struct mock *m = to_mock(vdpa);
	struct irq_bypass_consumer *cons = &m->consumer[idx];
	unsigned long flags;

	spin_lock_irqsave(&m->lock, flags);
	m->cb[idx] = *cb;
	spin_unlock_irqrestore(&m->lock, flags);

	if (m->consuming[idx])
		irq_bypass_unregister_consumer(cons);
	m->consuming[idx] = false;
	if (!cb->trigger)
		return;
	memset(cons, 0, sizeof(*cons));
	cons->add_producer = mock_add;
	cons->del_producer = mock_del;
	m->consuming[idx] = !irq_bypass_register_consumer(cons, cb->trigger);
}

static void mock_set_vq_ready(struct vdpa_device *vdpa, u16 idx, bool ready)
{
	to_mock(vdpa)->ready[idx] = ready;
}

static bool mock_get_vq_ready(struct vdpa_device *vdpa, u16 idx)
{
	return to_mock(vdpa)->ready[idx];
}

static int mock_set_vq_state(struct vdpa_device *vdpa, u16 idx, const struct vdpa_vq_state *state)
{
	to_mock(vdpa)->state[idx] = *state;
	return 0;
}

static int mock_get_vq_state(struct vdpa_device *vdpa, u16 idx, struct vdpa_vq_state *state)
{
	*state = to_mock(vdpa)->state[idx];
	return 0;
}

static struct vdpa_notification_area mock_get_vq_notification(struct vdpa_device *vdpa, u16 idx)
{
	struct vdpa_notification_area area = {
		.addr = page_to_phys(bell) + bell_offset,
		.size = bell_size,
	};

	return area;
}

static int mock_get_vq_irq(struct vdpa_device *vdpa, u16 idx)
{
	return irq;
}

static u32 mock_get_vq_align(struct vdpa_device *vdpa)
{
	return PAGE_SIZE;
}

static u32 mock_get_vq_group(struct vdpa_device *vdpa, u16 idx)
{
	return group;
}

static u64 mock_get_device_features(struct vdpa_device *vdpa)
{
	return features;
}

/* Persistence is granted; the other bit is nothing that a parent could grant. */
static u64 mock_get_backend_features(const struct vdpa_device *vdpa)
{
	return BIT_ULL(VHOST_BACKEND_F_IOTLB_PERSIST) | BIT_ULL(63);
}

static int mock_set_driver_features(struct vdpa_device *vdpa, u64 accepted)
{
	if (accepted & ~mock_get_device_features(vdpa))
		return -EINVAL;
	to_mock(vdpa)->features = accepted;
	return 0;
}

static u64 mock_get_driver_features(struct vdpa_device *vdpa)
{
	return to_mock(vdpa)->features;
}

static void mock_set_config_cb(struct vdpa_device *vdpa, struct vdpa_callback *cb)
{
	struct mock *m = to_mock(vdpa);
	unsigned long flags;

	spin_lock_irqsave(&m->lock, flags);
	m->config_cb = *cb;
	spin_unlock_irqrestore(&m->lock, flags);
}

static u16 mock_get_vq_num_max(struct vdpa_device *vdpa)
{
	return MOCK_NUM_MAX;
}

static u32 mock_get_device_id(struct vdpa_device *vdpa)
{
	return device_id;
}

static u32 mock_get_vendor_id(struct vdpa_device *vdpa)
{
	return 0;
}

static u8 mock_get_status(struct vdpa_device *vdpa)
{
	return to_mock(vdpa)->status;
}

static void mock_set_status(struct vdpa_device *vdpa, u8 status)
{
	while (READ_ONCE(block_status) && !READ_ONCE(*(u32 *)page_address(bell))) {
		WRITE_ONCE(in_status, true);
		msleep(20);
	}
	WRITE_ONCE(in_status, false);
	to_mock(vdpa)->status = status;
}

/* Like real devices, it forgets its callbacks; the bypass must be gone before. */
static int mock_reset(struct vdpa_device *vdpa)
{
	struct mock *m = to_mock(vdpa);
	unsigned long flags;

	if (reset_error)
		return reset_error;
	resets++;
	spin_lock_irqsave(&m->lock, flags);
	memset(m->cb, 0, sizeof(m->cb));
	memset(&m->config_cb, 0, sizeof(m->config_cb));
	spin_unlock_irqrestore(&m->lock, flags);
	memset(m->state, 0, sizeof(m->state));
	memset(m->ready, 0, sizeof(m->ready));
	m->features = 0;
	m->status = 0;
	return 0;
}

static int mock_compat_reset(struct vdpa_device *vdpa, u32 flags)
{
	if (flags & VDPA_RESET_F_CLEAN_MAP)
		cleaned++;
	return mock_reset(vdpa);
}

static int mock_suspend(struct vdpa_device *vdpa)
{
	return suspend_error;
}

static size_t mock_get_config_size(struct vdpa_device *vdpa)
{
	return MOCK_CONFIG;
}

static void mock_get_config(struct vdpa_device *vdpa, unsigned int offset, void *buf,
			    unsigned int len)
{
	memcpy(buf, to_mock(vdpa)->config + offset, len);
}

static void mock_set_config(struct vdpa_device *vdpa, unsigned int offset, const void *buf,
			    unsigned int len)
{
	memcpy(to_mock(vdpa)->config + offset, buf, len);
}

static int mock_dma_map(struct vdpa_device *vdpa, unsigned int asid, u64 iova, u64 size, u64 pa,
			u32 perm, void *opaque)
{
	if (map_error)
		return map_error;
	maps++;
	return 0;
}

static int mock_dma_unmap(struct vdpa_device *vdpa, unsigned int asid, u64 iova, u64 size)
{
	unmaps++;
	return 0;
}

static int mock_set_group_asid(struct vdpa_device *vdpa, unsigned int group_index,
			       unsigned int asid)
{
	return group_error;
}

static int mock_bind_mm(struct vdpa_device *vdpa, struct mm_struct *mm)
{
	if (bind_error)
		return bind_error;
	bound++;
	return 0;
}

static void mock_unbind_mm(struct vdpa_device *vdpa)
{
	unbound++;
}

static struct vdpa_config_ops mock_ops = {
	.set_vq_address		= mock_set_vq_address,
	.set_vq_num		= mock_set_vq_num,
	.kick_vq		= mock_kick_vq,
	.kick_vq_with_data	= mock_kick_vq_with_data,
	.set_vq_cb		= mock_set_vq_cb,
	.set_vq_ready		= mock_set_vq_ready,
	.get_vq_ready		= mock_get_vq_ready,
	.set_vq_state		= mock_set_vq_state,
	.get_vq_state		= mock_get_vq_state,
	.get_vq_notification	= mock_get_vq_notification,
	.get_vq_irq		= mock_get_vq_irq,
	.get_vq_align		= mock_get_vq_align,
	.get_vq_group		= mock_get_vq_group,
	.get_vq_desc_group	= mock_get_vq_group,
	.get_device_features	= mock_get_device_features,
	.get_backend_features	= mock_get_backend_features,
	.set_driver_features	= mock_set_driver_features,
	.get_driver_features	= mock_get_driver_features,
	.set_config_cb		= mock_set_config_cb,
	.get_vq_num_max		= mock_get_vq_num_max,
	.get_device_id		= mock_get_device_id,
	.get_vendor_id		= mock_get_vendor_id,
	.get_status		= mock_get_status,
	.set_status		= mock_set_status,
	.reset			= mock_reset,
	.suspend		= mock_suspend,
	.get_config_size	= mock_get_config_size,
	.get_config		= mock_get_config,
	.set_config		= mock_set_config,
	.set_vq_affinity	= mock_set_vq_affinity,
	.get_vq_affinity	= mock_get_vq_affinity,
	.dma_map		= mock_dma_map,
	.dma_unmap		= mock_dma_unmap,
	.set_group_asid		= mock_set_group_asid,
	.get_vq_map		= mock_get_vq_map,
	.bind_mm		= mock_bind_mm,
	.unbind_mm		= mock_unbind_mm,
};

static void mock_del_device(void)
{
	if (!mock)
		return;
	if (hammerer)
		kthread_stop(hammerer);
	hammerer = NULL;
	vdpa_unregister_device(&mock->vdpa);
	mock = NULL;
}

static int mock_add_device(void)
{
	int r;

	mock = vdpa_alloc_device(struct mock, vdpa, mock_root, &mock_ops, NULL, MOCK_GROUPS,
				 MOCK_SPACES, "mock0", use_va);
	if (IS_ERR(mock)) {
		r = PTR_ERR(mock);
		mock = NULL;
		return r;
	}
	spin_lock_init(&mock->lock);
	mock->vdpa.vmap.dma_dev = mock_root;
	r = vdpa_register_device(&mock->vdpa, MOCK_VQS);
	if (r) {
		put_device(&mock->vdpa.dev);
		mock = NULL;
		return r;
	}
	hammerer = kthread_run(mock_hammer, mock, "vdpa-mock");
	if (IS_ERR(hammerer)) {
		hammerer = NULL;
		mock_del_device();
		return -ENOMEM;
	}
	return 0;
}

/* The device is there (1) or removed (0). */
static int set_present(const char *val, const struct kernel_param *kp)
{
	/* Also called for an argument of modprobe, before there is anything. */
	if (!mock_root)
		return -EINVAL;
	if (val[0] == '0')
		mock_del_device();
	else if (!mock)
		return mock_add_device();
	return 0;
}

static const struct kernel_param_ops present_ops = { .set = set_present };
module_param_cb(present, &present_ops, NULL, 0200);

static struct device *mock_dma_device(const char *name, unsigned int bits)
{
	struct device *dev = root_device_register(name);

	if (!IS_ERR(dev)) {
		dev->dma_mask = &dev->coherent_dma_mask;
		dev->coherent_dma_mask = DMA_BIT_MASK(bits);
	}
	return dev;
}

static int __init mock_init(void)
{
	int r;

	bell = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!bell)
		return -ENOMEM;
	mock_root = mock_dma_device("vdpa_mock", 64);
	if (IS_ERR(mock_root)) {
		r = PTR_ERR(mock_root);
		goto err_bell;
	}
	mock_low = mock_dma_device("vdpa_mock_low", 24);
	if (IS_ERR(mock_low)) {
		r = PTR_ERR(mock_low);
		goto err_root;
	}
	if (compat)
		mock_ops.compat_reset = mock_compat_reset;
	kernel_param_lock(THIS_MODULE);
	r = mock_add_device();
	kernel_param_unlock(THIS_MODULE);
	if (r)
		goto err_low;
	return 0;

err_low:
	root_device_unregister(mock_low);
err_root:
	root_device_unregister(mock_root);
	mock_root = NULL;
err_bell:
	__free_page(bell);
	return r;
}

static void __exit mock_exit(void)
{
	mock_del_device();
	root_device_unregister(mock_low);
	root_device_unregister(mock_root);
	__free_page(bell);
}

module_init(mock_init);
module_exit(mock_exit);
MODULE_LICENSE("GPL");
MODULE_VERSION(VDPA_DKMS_VERSION);
MODULE_AUTHOR("vdpa-dkms developers");
MODULE_DESCRIPTION("vDPA device for tests of vhost_vdpa");
