// SPDX-License-Identifier: GPL-2.0-only
/*
 * vdpa_nl.c - the "vdpa" generic netlink family through libmnl.
 */
#include "vdpa_nl.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#ifndef NETLINK_EXT_ACK
#define NETLINK_EXT_ACK 11
#endif

static int parse_mcgrps(const struct nlattr *groups, uint32_t *id)
{
	const struct nlattr *group, *attr;

	mnl_attr_for_each_nested(group, groups) {
		const char *name = NULL;
		uint32_t number = 0;

		mnl_attr_for_each_nested(attr, group) {
			if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_NAME)
				name = mnl_attr_get_str(attr);
			else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GRP_ID)
				number = mnl_attr_get_u32(attr);
		}
		if (name && !strcmp(name, VDPA_GENL_MCGRP_DEVICE_NAME))
			*id = number;
	}
	return 0;
}

static int family_cb(const struct nlmsghdr *nlh, void *data)
{
	struct vdpa_nl *nl = data;
	const struct nlattr *attr;

	mnl_attr_for_each(attr, nlh, sizeof(struct genlmsghdr)) {
		if (mnl_attr_get_type(attr) == CTRL_ATTR_FAMILY_ID)
			nl->family = mnl_attr_get_u16(attr);
		else if (mnl_attr_get_type(attr) == CTRL_ATTR_MCAST_GROUPS)
			parse_mcgrps(attr, &nl->group);
	}
	return MNL_CB_OK;
}

static void begin(struct vdpa_nl *nl, uint16_t type, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *genl;

	memset(nl->buf, 0, sizeof(nl->buf));
	nl->nlh = mnl_nlmsg_put_header(nl->buf);
	nl->nlh->nlmsg_type = type;
	nl->nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	nl->nlh->nlmsg_seq = ++nl->seq;
	genl = mnl_nlmsg_put_extra_header(nl->nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = VDPA_GENL_VERSION;
}

/* -errno with what went wrong in the library or system call. */
static int failed(void)
{
	return errno ? -errno : -EIO;
}

int vdpa_nl_open(struct vdpa_nl *nl)
{
	char answer[VDPA_NL_BUF];
	int one = 1, ret;
	ssize_t len;

	memset(nl, 0, sizeof(*nl));
	nl->seq = time(NULL);
	nl->sock = mnl_socket_open(NETLINK_GENERIC);
	if (!nl->sock)
		return failed();
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) ||
	    mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &one, sizeof(one)))
		goto err;

	begin(nl, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(nl->nlh, CTRL_ATTR_FAMILY_NAME, VDPA_GENL_NAME);
	if (vdpa_nl_send(nl))
		goto err;
	do {
		len = mnl_socket_recvfrom(nl->sock, answer, sizeof(answer));
		if (len < 0)
			goto err;
		ret = mnl_cb_run(answer, len, nl->seq, mnl_socket_get_portid(nl->sock), family_cb,
				 nl);
	} while (ret > MNL_CB_STOP);
	if (ret < 0)
		goto err;
	return 0;
err:
	ret = failed();
	vdpa_nl_close(nl);
	return ret;
}

void vdpa_nl_close(struct vdpa_nl *nl)
{
	if (nl->sock)
		mnl_socket_close(nl->sock);
	nl->sock = NULL;
}

void vdpa_nl_begin(struct vdpa_nl *nl, uint8_t cmd, uint16_t flags)
{
	begin(nl, nl->family, cmd, flags);
}

int vdpa_nl_send(struct vdpa_nl *nl)
{
	nl->message[0] = 0;
	nl->bad_attr = 0;
	errno = 0;
	return mnl_socket_sendto(nl->sock, nl->nlh, nl->nlh->nlmsg_len) < 0 ? failed() : 0;
}

/* What an extended acknowledgement says: its text, and which attribute of the request it means. */
static void parse_ext_ack(struct vdpa_nl *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*err);
	const struct nlattr *attr;
	uint32_t offset;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += err->msg.nlmsg_len - sizeof(err->msg);

	mnl_attr_for_each(attr, nlh, skip) {
		switch (mnl_attr_get_type(attr)) {
		case NLMSGERR_ATTR_MSG:
			snprintf(nl->message, sizeof(nl->message), "%s", mnl_attr_get_str(attr));
			break;
		case NLMSGERR_ATTR_OFFS:
			offset = mnl_attr_get_u32(attr);
			if (offset + sizeof(struct nlattr) <= nl->nlh->nlmsg_len)
				nl->bad_attr = mnl_attr_get_type((void *)(nl->buf + offset));
			break;
		}
	}
}

static int hand_over(const struct nlmsghdr *nlh, vdpa_nl_fn fn, void *data)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	vdpa_nl_attrs attrs = {};
	struct nlattr *attr;

	if (!fn)
		return 0;
	mnl_attr_for_each(attr, nlh, sizeof(*genl)) {
		uint16_t type = mnl_attr_get_type(attr);

		if (type <= VDPA_ATTR_MAX)
			attrs[type] = attr;
	}
	return fn(genl->cmd, attrs, data);
}

int vdpa_nl_hear(struct vdpa_nl *nl, vdpa_nl_fn fn, void *data)
{
	char answer[VDPA_NL_BUF];
	const struct nlmsgerr *err;
	struct nlmsghdr *nlh;
	ssize_t len;
	int left, ret;

	len = mnl_socket_recvfrom(nl->sock, answer, sizeof(answer));
	if (len < 0)
		return failed();

	left = len;
	for (nlh = (void *)answer; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_seq != nl->seq)
			continue;
		switch (nlh->nlmsg_type) {
		case NLMSG_ERROR:
			err = mnl_nlmsg_get_payload(nlh);
			parse_ext_ack(nl, nlh);
			return err->error;
		case NLMSG_DONE:
			return *(const int *)mnl_nlmsg_get_payload(nlh);
		default:
			ret = hand_over(nlh, fn, data);
			if (ret)
				return ret;
		}
	}
	return 1;
}

int vdpa_nl_talk(struct vdpa_nl *nl, vdpa_nl_fn fn, void *data)
{
	int ret;

	ret = vdpa_nl_send(nl);
	if (ret)
		return ret;
	do {
		ret = vdpa_nl_hear(nl, fn, data);
	} while (ret > 0);
	return ret;
}

int vdpa_nl_join(struct vdpa_nl *nl)
{
	int group = nl->group;

	if (!group)
		return -ENOENT;
	errno = 0;
	return mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) ?
		failed() : 0;
}

int vdpa_nl_wait(struct vdpa_nl *nl, unsigned int ms, vdpa_nl_fn fn, void *data)
{
	struct pollfd pfd = { .fd = mnl_socket_get_fd(nl->sock), .events = POLLIN };
	char answer[VDPA_NL_BUF];
	ssize_t len;
	int ready;

	errno = 0;
	ready = poll(&pfd, 1, ms);
	if (ready <= 0)
		return ready ? failed() : -EAGAIN;
	len = mnl_socket_recvfrom(nl->sock, answer, sizeof(answer));
	if (len < (ssize_t)MNL_NLMSG_HDRLEN)
		return failed();
	return hand_over((void *)answer, fn, data);
}

int vdpa_nl_add(struct vdpa_nl *nl, const char *name, const char *mgmtdev)
{
	vdpa_nl_begin(nl, VDPA_CMD_DEV_NEW, 0);
	mnl_attr_put_strz(nl->nlh, VDPA_ATTR_DEV_NAME, name);
	mnl_attr_put_strz(nl->nlh, VDPA_ATTR_MGMTDEV_DEV_NAME, mgmtdev);
	return vdpa_nl_talk(nl, NULL, NULL);
}

int vdpa_nl_del(struct vdpa_nl *nl, const char *name)
{
	vdpa_nl_begin(nl, VDPA_CMD_DEV_DEL, 0);
	mnl_attr_put_strz(nl->nlh, VDPA_ATTR_DEV_NAME, name);
	return vdpa_nl_talk(nl, NULL, NULL);
}

int vdpa_nl_get(struct vdpa_nl *nl, const char *name)
{
	vdpa_nl_begin(nl, VDPA_CMD_DEV_GET, 0);
	mnl_attr_put_strz(nl->nlh, VDPA_ATTR_DEV_NAME, name);
	return vdpa_nl_talk(nl, NULL, NULL);
}
