/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fake_function.h - a virtio PCI function in memory: capabilities, registers, interrupts, and what
 * a real one would not do to anybody.
 */
#ifndef FAKE_FUNCTION_H
#define FAKE_FUNCTION_H

#include <linux/interrupt.h>
#include <linux/pci.h>
#include <linux/vdpa.h>

#define FAKE_QUEUES	4
#define FAKE_VECTORS	8
#define FAKE_BAR_SIZE	0x4000
#define FAKE_COMMON	0x0000
#define FAKE_ISR	0x1000
#define FAKE_CONFIG	0x2000
#define FAKE_NOTIFY	0x3000

/**
 * struct fake_function - the function, all of it open to the test
 * @pdev: as the driver sees it
 * @space: configuration space; the capabilities start at 0x40
 * @mapped: ranges of the BAR that are mapped now
 * @accesses: number of accesses to registers, of which @last_width was the last one's width
 * @gone: pulled out
 * @reset_reads: reads of the status until a reset is complete; negative: it never is
 * @flux: reads of the generation for which it changes; negative: always
 * @no_vector: MSI-X vectors from this one on are refused by the function
 * @vectors: MSI-X vectors that it has
 * @handlers: of each interrupt
 */
struct fake_function {
	struct pci_dev pdev;
	u8 space[256];
	int mapped;
	bool enabled;
	bool master;
	int regions;

	u64 offered;
	u64 accepted;
	u32 offered_select;
	u32 accepted_select;
	u16 config_vector;
	u16 nqs;
	u8 status;
	u8 generation;
	u16 queue_select;
	struct {
		u16 max;
		u16 size;
		u16 vector;
		u16 enable;
		u16 notify_off;
		u16 reset;
		u64 addr[3];
	} queue[FAKE_QUEUES];
	u8 isr;
	u8 config[64];

	unsigned int accesses;
	unsigned int last_width;
	u32 bell;
	u32 bell_at;
	unsigned int bells;
	bool gone;
	int reset_reads;
	int flux;
	unsigned int no_vector;
	unsigned int bad_disable;

	unsigned int vectors;
	unsigned int allocated;
	unsigned int allocations;
	bool intx;
	struct {
		irq_handler_t handler;
		void *data;
		const struct cpumask *hint;
	} irq[FAKE_VECTORS];

	/* the vdpa core */
	struct vdpa_mgmt_dev *mgmt;
	struct vdpa_device *vdpa;
};

extern struct fake_function fake;

/* A working network function with everything in BAR 4. */
void fake_setup(void);

/* The capability of type @type, to be changed. */
struct virtio_pci_notify_cap *fake_cap(u8 type);

/* Raises MSI-X vector @n, or the INTx line. */
irqreturn_t fake_raise(unsigned int n);

#endif /* FAKE_FUNCTION_H */
