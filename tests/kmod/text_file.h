/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * text_file.h - debugfs files of test modules that are shown by seq_file and take one short command
 * per write.
 */
#ifndef TESTS_KMOD_TEXT_FILE_H
#define TESTS_KMOD_TEXT_FILE_H

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/uaccess.h>

#define TEXT_FILE_MAX 64

/*
 * Defines name_fops: name_show(seq_file, unused) shows, name_store(private, text) takes a text that
 * it may change and returns 0 or -errno. What the file was created with is private for both.
 */
#define DEFINE_TEXT_FILE(name)							\
static int name##_open(struct inode *inode, struct file *file)			\
{										\
	return single_open(file, name##_show, inode->i_private);		\
}										\
										\
static ssize_t name##_write(struct file *file, const char __user *buf,		\
			    size_t len, loff_t *pos)				\
{										\
	char text[TEXT_FILE_MAX] = "";					\
	int err;								\
										\
	if (len >= sizeof(text))						\
		return -EINVAL;							\
	if (copy_from_user(text, buf, len))					\
		return -EFAULT;							\
	text[len] = 0;								\
	err = name##_store(((struct seq_file *)file->private_data)->private,	\
			   text);						\
	return err ?: len;							\
}										\
										\
static const struct file_operations name##_fops = {				\
	.owner = THIS_MODULE,							\
	.open = name##_open,							\
	.read = seq_read,							\
	.write = name##_write,							\
	.llseek = seq_lseek,							\
	.release = single_release,						\
}

#endif /* TESTS_KMOD_TEXT_FILE_H */
