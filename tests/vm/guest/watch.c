// SPDX-License-Identifier: GPL-2.0-only
/*
 * Runs the tests of one suite inside the VM, one after the other, and watches the
 * kernel log meanwhile: a complaint of the kernel is a failed test.
 *
 * usage: watch PLAN
 *
 * A line of PLAN is "KIND NAME SECONDS COMMAND...", COMMAND being run by the
 * shell. KIND "tap" prints TAP itself; KIND "cmd" passes if it exits 0, and if it
 * fails the rest of the plan is not run.
 *
 * Every test runs on a pseudo terminal, so that its lines arrive when they are
 * printed and none is lost when it crashes. Output lines are passed on as they
 * are. Lines added here: "# begin NAME", "# end NAME exit CODE ms MS", "not ok
 * kernel log ..." with the log as diagnostics, and "# vm: plan done" last.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_LEN	4096
#define LOG_RECORD_MAX	8192
#define LOG_DIAG_LINES	60

/* Written by the kernel only when something is wrong with it. */
static const char *const complaints[] = {
	"BUG:", "BUG ", "kernel BUG at", "WARNING: CPU", "WARNING: possible",
	"WARNING: suspicious", "WARNING: at ", "WARNING: inconsistent", "Oops:",
	"general protection fault", "Kernel panic", "possible recursive locking",
	"possible circular locking", "inconsistent lock state", "bad unlock balance",
	"held lock freed", "lock held when returning", "suspicious RCU usage",
	"sleeping function called from", "scheduling while atomic", "soft lockup",
	"hard LOCKUP", "detected stall", "blocked for more than", "refcount_t:",
	"UBSAN:", "KASAN:", "KCSAN:", "KFENCE:", "corruption", "corrupted",
	"Bad page state", "Bad rss-counter", "Attempt to free", "stack-protector",
	"unable to handle", "Unable to handle", "unregister_netdevice: waiting",
	"Objects remaining in", "ODEBUG:",
};

static char last_result[LINE_MAX_LEN] = "start";
static int diag_left;

static long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool is_complaint(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(complaints) / sizeof(complaints[0]); i++) {
		const char *hit = strstr(text, complaints[i]);

		/* whole words only: "DEBUG: on" is no complaint */
		if (hit && (hit == text || !isalnum((unsigned char)hit[-1])))
			return true;
	}
	return false;
}

/* Reads what is new in the kernel log and reports the complaints in it. */
static void check_log(int kmsg)
{
	char record[LOG_RECORD_MAX];
	char *text, *end;
	ssize_t len;

	for (;;) {
		len = read(kmsg, record, sizeof(record) - 1);
		if (len < 0 && errno == EPIPE)		/* overwritten: go on with the next */
			continue;
		if (len <= 0)
			return;
		record[len] = '\0';
		text = strchr(record, ';');
		if (!text)
			continue;
		text++;
		end = strchr(text, '\n');
		if (end)
			*end = '\0';
		if (is_complaint(text) && diag_left <= 0) {
			printf("not ok kernel log clean (after: %s)\n", last_result);
			diag_left = LOG_DIAG_LINES;
		}
		if (diag_left > 0) {
			printf("# kernel: %s\n", text);
			diag_left--;
		}
		fflush(stdout);
	}
}

static void pass_line(const char *line)
{
	if (!strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7))
		snprintf(last_result, sizeof(last_result), "%s", line);
	printf("%s\n", line);
	fflush(stdout);
}

static int open_pty(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (master < 0 || grantpt(master) || unlockpt(master)) {
		perror("# vm: pseudo terminal");
		exit(2);
	}
	return master;
}

static pid_t start(int master, const char *command)
{
	struct termios mode;
	pid_t pid = fork();
	int slave;

	if (pid)
		return pid;
	setsid();
	slave = open(ptsname(master), O_RDWR);
	if (slave < 0)
		_exit(127);
	tcgetattr(slave, &mode);
	cfmakeraw(&mode);
	tcsetattr(slave, TCSANOW, &mode);
	dup2(slave, 0);
	dup2(slave, 1);
	dup2(slave, 2);
	if (slave > 2)
		close(slave);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Runs one command; returns its exit code, 128 + signal, or 124 after the time limit. */
static int run(int kmsg, const char *command, long seconds)
{
	long deadline = now_ms() + seconds * 1000;
	char line[LINE_MAX_LEN];
	size_t used = 0;
	bool expired = false;
	bool open = true;
	int master = open_pty();
	pid_t pid = start(master, command);
	int status = 0;
	bool alive = true;

	if (pid < 0) {
		perror("# vm: fork");
		exit(2);
	}
	while (open) {
		struct pollfd fds[2] = {
			{ .fd = master, .events = POLLIN },
			{ .fd = kmsg, .events = POLLIN },
		};
		char buf[1024];
		ssize_t len, i;

		poll(fds, 2, 200);
		if (fds[1].revents & POLLIN)
			check_log(kmsg);
		if (!expired && now_ms() > deadline) {
			expired = true;
			kill(-pid, SIGKILL);
			kill(pid, SIGKILL);
		}
		if (alive && waitpid(pid, &status, WNOHANG) == pid)
			alive = false;
		if (!(fds[0].revents & (POLLIN | POLLHUP))) {
			/* A daemon it left behind may hold the terminal open. */
			if (!alive)
				break;
			continue;
		}
		len = read(master, buf, sizeof(buf));
		if (len <= 0) {
			/* EIO: the last user closed it, or has not opened it yet. */
			if (!alive)
				open = false;
			else
				usleep(2000);
			continue;
		}
		for (i = 0; i < len; i++) {
			if (buf[i] == '\r')
				continue;
			if (buf[i] != '\n' && used < sizeof(line) - 1) {
				line[used++] = isprint((unsigned char)buf[i]) || buf[i] == '\t' ||
					       (buf[i] & 0x80) ? buf[i] : '?';
				continue;
			}
			line[used] = '\0';
			used = 0;
			pass_line(line);
		}
	}
	if (used) {
		line[used] = '\0';
		pass_line(line);
	}
	close(master);
	if (alive) {
		kill(-pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	check_log(kmsg);
	if (expired)
		return 124;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/*
 * Of the kernel's own making: to bind a device by hand while it is removed leaves the reason why
 * its probe was deferred.
 */
static const char known_leak[] = "device_set_deferred_probe_reason";

/* One object that nothing points to, with its lines of text. True if it counts. */
static bool report_leak(const char *object, bool any)
{
	const char *line;
	int len;

	if (!object[0] || strstr(object, known_leak))
		return false;
	if (!any)
		printf("not ok no memory leaks\n");
	for (line = object; *line; line += len + (line[len] == '\n')) {
		len = strcspn(line, "\n");
		printf("# kmemleak: %.*s\n", len, line);
	}
	return true;
}

/*
 * Kernels built with kmemleak report what nothing points to any more. What the first scan finds may
 * be in a register only, so it counts if it still is there at the second.
 */
static void check_leaks(void)
{
	char line[256], object[8192] = "";
	FILE *f = fopen("/sys/kernel/debug/kmemleak", "r+");
	bool any = false;

	if (!f)
		return;
	fputs("scan", f);
	fflush(f);
	sleep(6);
	fputs("scan", f);
	fflush(f);
	rewind(f);
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "unreferenced", 12)) {
			any |= report_leak(object, any);
			object[0] = '\0';
		}
		strncat(object, line, sizeof(object) - strlen(object) - 1);
	}
	any |= report_leak(object, any);
	if (!any)
		printf("ok no memory leaks\n");
	fclose(f);
}

int main(int argc, char **argv)
{
	char plan_line[LINE_MAX_LEN];
	int kmsg, failed = 0;
	FILE *plan;

	if (argc != 2) {
		fprintf(stderr, "usage: watch PLAN\n");
		return 2;
	}
	plan = fopen(argv[1], "re");
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (!plan || kmsg < 0) {
		perror("# vm: plan or /dev/kmsg");
		return 2;
	}
	lseek(kmsg, 0, SEEK_END);	/* what the boot itself said is not judged */

	while (fgets(plan_line, sizeof(plan_line), plan)) {
		char kind[8], name[256];
		long seconds, begin;
		int at = 0, code;

		plan_line[strcspn(plan_line, "\n")] = '\0';
		if (sscanf(plan_line, "%7s %255s %ld %n", kind, name, &seconds, &at) < 3 || !at) {
			printf("# vm: bad line in the plan: %s\n", plan_line);
			return 2;
		}
		printf("# begin %s %s\n", kind, name);
		fflush(stdout);
		snprintf(last_result, sizeof(last_result), "start of %s", name);
		diag_left = 0;
		begin = now_ms();
		code = run(kmsg, plan_line + at, seconds);
		printf("# end %s exit %d ms %ld\n", name, code, now_ms() - begin);
		fflush(stdout);
		failed |= code;
		if (code && !strcmp(kind, "cmd")) {
			printf("# vm: the rest needs %s and is not run\n", name);
			break;
		}
	}
	fclose(plan);
	check_leaks();
	check_log(kmsg);
	printf("# vm: plan done\n");
	fflush(stdout);
	return failed ? 1 : 0;
}
