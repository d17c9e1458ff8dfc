/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vdpa_nl.h - the "vdpa" generic netlink family as a program sees it, without the vdpa tool: every
 * attribute of a request is put by the test, also wrong ones.
 */
#ifndef VDPA_NL_H
#define VDPA_NL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/vdpa.h>

#define VDPA_NL_BUF 4096		/* small: a dump of many devices takes several */

/**
 * struct vdpa_nl - a connection to the family
 * @sock: the socket
 * @family: number of the family
 * @group: number of the multicast group for devices, 0 if the kernel has none
 * @seq: sequence number of the last request
 * @message: what the kernel said about the last error, "" if nothing
 * @bad_attr: type of the attribute that the last error is about, 0 if the kernel named none
 * @buf: the request being built
 * @nlh: its header
 */
struct vdpa_nl {
	struct mnl_socket *sock;
	uint16_t family;
	uint32_t group;
	uint32_t seq;
	char message[256];
	uint16_t bad_attr;
	char buf[VDPA_NL_BUF];
	struct nlmsghdr *nlh;
};

/* Attributes of an answer by type; NULL where there is none. Valid during the callback. */
typedef struct nlattr *vdpa_nl_attrs[VDPA_ATTR_MAX + 1];

/* Called for each answer; non-zero ends the exchange with that (negative) result. */
typedef int (*vdpa_nl_fn)(uint8_t cmd, vdpa_nl_attrs attrs, void *data);

/* 0 or -errno. -ENOENT: the family does not exist. */
int vdpa_nl_open(struct vdpa_nl *nl);
void vdpa_nl_close(struct vdpa_nl *nl);

/* Starts a request; then mnl_attr_put...(nl->nlh, ...). @flags: 0 or NLM_F_DUMP. */
void vdpa_nl_begin(struct vdpa_nl *nl, uint8_t cmd, uint16_t flags);

/* Sends it and hears what comes back until acknowledged. 0 or -errno; @fn may be NULL. */
int vdpa_nl_talk(struct vdpa_nl *nl, vdpa_nl_fn fn, void *data);

/* The two halves of a dump, to do something in between: @once hears one buffer only. */
int vdpa_nl_send(struct vdpa_nl *nl);
/* 1: more to come, 0: all done, or -errno. */
int vdpa_nl_hear(struct vdpa_nl *nl, vdpa_nl_fn fn, void *data);

/* Joins the multicast group; waits up to @ms for one message. -EAGAIN: none came. */
int vdpa_nl_join(struct vdpa_nl *nl);
int vdpa_nl_wait(struct vdpa_nl *nl, unsigned int ms, vdpa_nl_fn fn, void *data);

/* Whole requests that most tests need. @mgmtdev without a bus. */
int vdpa_nl_add(struct vdpa_nl *nl, const char *name, const char *mgmtdev);
int vdpa_nl_del(struct vdpa_nl *nl, const char *name);
int vdpa_nl_get(struct vdpa_nl *nl, const char *name);

#endif /* VDPA_NL_H */
