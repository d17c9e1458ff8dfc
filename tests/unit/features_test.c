// SPDX-License-Identifier: GPL-2.0-only
/*
 * features_test.c - backend features: what is offered for which parent, and what may be acked.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "vhost_vdpa.h"

#define B(name)	BIT_ULL(VHOST_BACKEND_F_##name)
#define ALWAYS	(B(IOTLB_MSG_V2) | B(IOTLB_BATCH) | B(IOTLB_ASID))

static u64 granted;

int vdpa_set_features(struct vdpa_device *vdpa, u64 features)
{
	return 0;
}

static u64 grants(const struct vdpa_device *vdpa)
{
	return granted;
}

static int device_op(struct vdpa_device *vdpa)
{
	return 0;
}

static u32 desc_group(struct vdpa_device *vdpa, u16 idx)
{
	return 0;
}

static int whole_table(struct vdpa_device *vdpa, unsigned int asid, struct vhost_iotlb *iotlb)
{
	return 0;
}

static int initial_table(struct vdpa_device *vdpa, unsigned int asid)
{
	return 0;
}

static const struct {
	const char *what;
	struct vdpa_config_ops ops;
	u64 granted;
	u64 offered;
} parents[] = {
	{ "platform's IOMMU", { }, 0, ALWAYS | B(IOTLB_PERSIST) },
	{ "own translation", { .set_map = whole_table }, 0, ALWAYS },
	{ "keeps mappings", { .set_map = whole_table, .reset_map = initial_table }, 0,
	  ALWAYS | B(IOTLB_PERSIST) },
	{ "says that it does", { .set_map = whole_table, .get_backend_features = grants },
	  B(IOTLB_PERSIST), ALWAYS | B(IOTLB_PERSIST) },
	{ "grants bit 6", { .set_map = whole_table, .get_backend_features = grants },
	  B(ENABLE_AFTER_DRIVER_OK), ALWAYS | B(ENABLE_AFTER_DRIVER_OK) },
	{ "grants what it cannot", { .set_map = whole_table, .get_backend_features = grants },
	  B(SUSPEND) | B(RESUME) | B(DESC_ASID) | BIT_ULL(40), ALWAYS },
	{ "suspends", { .set_map = whole_table, .suspend = device_op }, 0, ALWAYS | B(SUSPEND) },
	{ "resumes", { .set_map = whole_table, .resume = device_op }, 0, ALWAYS | B(RESUME) },
	{ "descriptor groups", { .set_map = whole_table, .get_vq_desc_group = desc_group }, 0,
	  ALWAYS | B(DESC_ASID) },
};

#define N_PARENTS	(sizeof(parents) / sizeof(parents[0]))

/* One bit is acked if it is offered; bit 6 by anybody, bit 7 not without bit 3. */
static int one_bit(unsigned int bit, u64 offered)
{
	if (bit == VHOST_BACKEND_F_DESC_ASID)
		return -EINVAL;
	if (bit == VHOST_BACKEND_F_ENABLE_AFTER_DRIVER_OK || offered & BIT_ULL(bit))
		return 0;
	return -EOPNOTSUPP;
}

static void test_parents(void **state)
{
	unsigned int i, bit;

	for (i = 0; i < N_PARENTS; i++) {
		const u64 offered = parents[i].offered, desc = B(DESC_ASID) | B(IOTLB_ASID);
		struct vdpa_device vdpa = { .config = &parents[i].ops };
		struct vhost_vdpa v = { .vdpa = &vdpa };

		granted = parents[i].granted;
		if (vhost_vdpa_backend_features_offered(&v) != offered)
			print_error("%s\n", parents[i].what);
		assert_int_equal(vhost_vdpa_backend_features_offered(&v), offered);
		assert_int_equal(vhost_vdpa_set_backend_features(&v, offered), 0);
		assert_int_equal(v.backend_features, offered);
		for (bit = 0; bit < 64; bit++) {
			int want = one_bit(bit, offered);

			v.backend_features = B(IOTLB_MSG_V2);
			assert_int_equal(vhost_vdpa_set_backend_features(&v, BIT_ULL(bit)), want);
			assert_int_equal(v.backend_features,
					 want ? B(IOTLB_MSG_V2) : BIT_ULL(bit));
		}
		assert_int_equal(vhost_vdpa_set_backend_features(&v, desc),
				 offered & B(DESC_ASID) ? 0 : -EOPNOTSUPP);
		/* Nonsense is nonsense only if all of it is known. */
		assert_int_equal(vhost_vdpa_set_backend_features(&v, B(DESC_ASID) | BIT_ULL(40)),
				 -EOPNOTSUPP);
	}
}

static void test_times(void **state)
{
	struct vdpa_config_ops ops = { };
	struct vdpa_device vdpa = { .config = &ops };
	struct vhost_vdpa v = { .vdpa = &vdpa };

	assert_int_equal(vhost_vdpa_set_backend_features(&v, ALWAYS), 0);
	v.driver_ok = true;
	assert_int_equal(vhost_vdpa_set_backend_features(&v, ALWAYS), 0);
	assert_int_equal(vhost_vdpa_set_backend_features(&v, 0), -EBUSY);
	assert_int_equal(vhost_vdpa_set_backend_features(&v, ALWAYS | B(IOTLB_PERSIST)), -EBUSY);
	v.driver_ok = false;
	v.in_batch = true;
	assert_int_equal(vhost_vdpa_set_backend_features(&v, B(IOTLB_BATCH)), -EBUSY);
	assert_int_equal(v.backend_features, ALWAYS);
	v.in_batch = false;
	assert_int_equal(vhost_vdpa_set_backend_features(&v, 0), 0);
	assert_int_equal(v.backend_features, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parents),
		cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
