/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * uapi/linux/virtio_pci.h: registers that older headers do not name. Macros announce themselves, so
 * that no probe is needed.
 */
#ifndef VC_UAPI_LINUX_VIRTIO_PCI_H
#define VC_UAPI_LINUX_VIRTIO_PCI_H

#include_next <uapi/linux/virtio_pci.h>

#ifndef VIRTIO_PCI_COMMON_Q_RESET
#define VIRTIO_PCI_COMMON_Q_RESET	58
#endif

#endif /* VC_UAPI_LINUX_VIRTIO_PCI_H */
