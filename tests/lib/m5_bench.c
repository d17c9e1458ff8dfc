// SPDX-License-Identifier: GPL-2.0-only
/*
 * m5_bench.c - see m5_bench.h.
 */
#include "m5_bench.h"

int m5_setup_bench(void **state)
{
	int ret;

	m5_forget_complaints();
	ret = vdpa_admin_add(M5_DEV, m5_mgmt(0));
	return ret ?: vdpa_setup_bench(state);
}

int m5_teardown_bench(void **state)
{
	int bad = vdpa_teardown_bench(state);

	if (m5_stat(0, "live_mkey") > 1) {
		print_error("%lld keys after the client has gone\n", m5_stat(0, "live_mkey"));
		bad = -1;
	}
	if (vdpa_admin_del(M5_DEV))
		bad = -1;
	if (m5_stat(0, "live") || m5_stat(0, "buffers")) {
		print_error("%lld objects and %lld buffers left over\n", m5_stat(0, "live"),
			    m5_stat(0, "buffers"));
		bad = -1;
	}
	if (m5_complaints())
		bad = -1;
	return bad;
}

void m5_go_on(struct vdpa_bench *b, struct vdpa_client *to, uint64_t at, unsigned int rx,
	      unsigned int tx)
{
	assert_ok(vdpa_negotiate(to, NET_LOOP_FEATURES));
	assert_ok(vdpa_batch_begin(to, 0));
	assert_ok(net_loop_map(&b->loop, to));
	assert_ok(vdpa_map(to, 0, at, b->ram.size, b->ram.base, VHOST_ACCESS_RW));
	assert_ok(vdpa_batch_end(to, 0));
	b->loop.rx_base = rx;
	b->loop.tx_base = tx;
	assert_ok(net_loop_attach(&b->loop, to));
	assert_ok(vdpa_set_status(to, VDPA_S_DRIVER_OK));
}
