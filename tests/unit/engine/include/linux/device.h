/* SPDX-License-Identifier: GPL-2.0-only */
/* device.h: userspace stand-in for tests of the mapping engine. */
#ifndef UNIT_ENGINE_DEVICE_H
#define UNIT_ENGINE_DEVICE_H

#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/types.h>

struct device {
	void *drvdata;
	int refs;
};

struct device_driver {
	const char *name;
};

struct device_attribute;
struct module;

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->drvdata;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->drvdata = data;
}

static inline struct device *get_device(struct device *dev)
{
	dev->refs++;
	return dev;
}

static inline void put_device(struct device *dev)
{
	dev->refs--;
}

static inline const char *dev_name(const struct device *dev)
{
	return "dev";
}

#define dev_err(d, ...) do { (void)(d); printk(__VA_ARGS__); } while (0)
#define dev_err_ratelimited dev_err
#define dev_warn_ratelimited dev_err
#define dev_warn_once dev_err
#define dev_dbg_ratelimited dev_err

#endif
