// SPDX-License-Identifier: BSD-2-Clause
/*
 * /init of every initramfs of this project: in the host, in a realm, in an
 * ordinary guest (decisions-kvm K83 to K85).
 *
 * It finds out what it is to do from files in its own initramfs:
 *   /fief/argv     NUL-separated: the command to run; none: a shell
 *   /fief/env      NUL-separated NAME=VALUE for it; LINES and COLUMNS also
 *                  become the terminal's size
 *   /fief/modules  one path per line: kernel modules to load first, in order
 *   /fief/host     exists: this is the host
 *
 * The terminal is the virtio console, or else the first PL011. A command gets
 * it raw, so that its bytes pass unchanged; a shell gets it as terminals are.
 *
 * A guest says how it ended on the second PL011: "exit N". The host puts N into
 * /share/status instead, and its logs beside it; /share is the folder that the
 * emulator offers over 9p under the name "share".
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MAX_WORDS	256
#define NO_STATUS	(-1)

static bool is_host;
static volatile sig_atomic_t asked;	/* SIGUSR1, SIGUSR2: off; SIGTERM: reset */

/* ---- words to somebody ---- */

static void complain(const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int n, fd;

	strcpy(line, "init: ");
	va_start(ap, fmt);
	vsnprintf(line + 6, sizeof(line) - 7, fmt, ap);
	va_end(ap);
	n = strlen(line);
	line[n++] = '\n';
	/* The kernel's log: there may be no terminal yet, and logs are what gets kept. */
	fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		fd = STDERR_FILENO;
	if (write(fd, line, n) < 0)
		n = 0;
	if (fd != STDERR_FILENO)
		close(fd);
}

/* ---- files ---- */

/* A whole small file, NUL added; NULL when there is none. */
static char *slurp(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *buf;
	ssize_t n;

	if (fd < 0)
		return NULL;
	buf = fstat(fd, &st) ? NULL : malloc(st.st_size + 1);
	n = buf ? read(fd, buf, st.st_size) : -1;
	close(fd);
	if (n < 0)
		return NULL;
	buf[n] = '\0';
	*len = n;
	return buf;
}

/* The NUL-separated words of a file; the array ends with NULL. No file: none. */
static unsigned int words(const char *path, char **out, unsigned int max)
{
	size_t len = 0, at = 0;
	unsigned int n = 0;
	char *buf = slurp(path, &len);

	while (buf && at < len && n < max - 1) {
		out[n++] = buf + at;
		at += strlen(buf + at) + 1;
	}
	out[n] = NULL;
	return n;
}

static bool write_file(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	const char *p = data;
	ssize_t n = 0;

	if (fd < 0)
		return false;
	while (len && (n = write(fd, p, len)) > 0) {
		p += n;
		len -= n;
	}
	return !close(fd) && !len;
}

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char buf[8192];
	ssize_t n;

	while (in >= 0 && out >= 0 && (n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, n) != n)
			break;
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
}

/* ---- getting the system up ---- */

static void mount_at(const char *type, const char *what, const char *where, const char *options)
{
	mkdir(where, 0755);
	if (mount(what, where, type, 0, options) && errno != EBUSY)
		complain("cannot mount %s: %s", where, strerror(errno));
}

static void mount_optional(const char *type, const char *where)
{
	mkdir(where, 0755);
	mount(type, where, type, 0, NULL);
}

static void mount_all(void)
{
	mount_at("proc", "proc", "/proc", NULL);
	mount_at("sysfs", "sysfs", "/sys", NULL);
	mount_at("devtmpfs", "dev", "/dev", NULL);
	mount_optional("devpts", "/dev/pts");
	mount_optional("tmpfs", "/tmp");
	mount_optional("debugfs", "/sys/kernel/debug");
	mkdir("/log", 0777);
}

static void load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		complain("cannot load %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
}

static bool load_modules(void)
{
	size_t len;
	char *list = slurp("/fief/modules", &len), *line, *rest;

	if (!list)
		return false;
	for (line = strtok_r(list, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		load_module(line);
	free(list);
	return true;
}

static void mount_share(bool wait)
{
	const struct timespec tick = { .tv_nsec = 50000000 };
	int i;

	mkdir("/share", 0755);
	for (i = 0; i < (wait ? 40 : 1); i++) {
		if (!mount("share", "/share", "9p", 0,
			   "trans=virtio,version=9p2000.L,msize=131072"))
			return;
		nanosleep(&tick, NULL);
	}
	complain("no shared folder: %s", strerror(errno));
}

/* ---- the terminal ---- */

static bool has_virtio_console(void)
{
	DIR *d = opendir("/sys/bus/virtio/devices");
	struct dirent *e;
	char path[320], *id;
	bool found = false;
	size_t len;

	while (d && (e = readdir(d)) && !found) {
		snprintf(path, sizeof(path), "/sys/bus/virtio/devices/%s/device", e->d_name);
		id = slurp(path, &len);
		found = id && strtoul(id, NULL, 16) == 3;
		free(id);
	}
	if (d)
		closedir(d);
	return found;
}

static void set_mode(int fd, bool raw)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return;
	if (raw) {
		cfmakeraw(&t);
	} else {
		t.c_iflag |= ICRNL | IXON;
		t.c_oflag |= OPOST | ONLCR;
		t.c_lflag |= ICANON | ECHO | ECHOE | ECHOK | ISIG | IEXTEN;
	}
	tcsetattr(fd, TCSANOW, &t);
}

/*
 * Input may be waiting: whoever opens the terminal first makes the kernel take
 * it in. So the mode is set at once, and this process keeps it open: closing
 * would throw away what came in, and on some terminals the mode.
 */
static bool hold_terminal(const char *name, bool raw)
{
	int fd = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return false;
	set_mode(fd, raw);
	return true;
}

/*
 * The name of the terminal. Device nodes of consoles that are not there exist,
 * so only opening tells; a driver that was just loaded may need a moment.
 */
static const char *find_terminal(bool wait, bool raw)
{
	const struct timespec tick = { .tv_nsec = 20000000 };
	int i;

	for (i = 0; i < (wait && has_virtio_console() ? 100 : 1); i++) {
		if (hold_terminal("/dev/hvc0", raw))
			return "/dev/hvc0";
		nanosleep(&tick, NULL);
	}
	if (hold_terminal("/dev/ttyAMA0", raw))
		return "/dev/ttyAMA0";
	return "/dev/console";
}

static void set_size(int fd, char **env)
{
	struct winsize ws = { 0 };

	for (; *env; env++) {
		if (!strncmp(*env, "LINES=", 6))
			ws.ws_row = atoi(*env + 6);
		if (!strncmp(*env, "COLUMNS=", 8))
			ws.ws_col = atoi(*env + 8);
	}
	if (ws.ws_row && ws.ws_col)
		ioctl(fd, TIOCSWINSZ, &ws);
}

/* In the child: a session of its own on that terminal. */
static void take_terminal(const char *name, bool raw, char **env)
{
	int fd;

	setsid();
	fd = open(name, O_RDWR);
	if (fd < 0)
		_exit(126);
	ioctl(fd, TIOCSCTTY, 1);
	set_mode(fd, raw);
	set_size(fd, env);
	dup2(fd, 0);
	dup2(fd, 1);
	dup2(fd, 2);
	if (fd > 2)
		close(fd);
}

/* ---- running something ---- */

static char *base_env[] = {
	"PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "HOME=/", "TERM=vt102", NULL,
};

static void run_child(char **argv, char **env, const char *terminal, bool raw)
{
	char **e;

	signal(SIGUSR1, SIG_DFL);
	signal(SIGUSR2, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	take_terminal(terminal, raw, env);
	for (e = base_env; *e; e++)
		putenv(*e);
	for (e = env; *e; e++)
		if (strchr(*e, '='))
			putenv(*e);
	/* A leading dash makes it a login shell, and is no part of its name. */
	execvp(*argv[0] == '-' ? argv[0] + 1 : argv[0], argv);
	fprintf(stderr, "%s: %s\r\n", argv[0], strerror(errno));
	_exit(errno == ENOENT ? 127 : 126);
}

static void was_asked(int sig)
{
	asked = sig;
}

/* Reap everybody until the command ends, or somebody calls poweroff or reboot. */
static int wait_for(pid_t pid)
{
	int status;
	pid_t p;

	while (!asked) {
		p = wait(&status);
		if (p < 0 && errno == ECHILD)
			return NO_STATUS;
		if (p != pid)
			continue;
		return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	}
	return NO_STATUS;
}

static int run(char **argv, char **env, const char *terminal, bool raw)
{
	pid_t pid = fork();
	int status;

	if (pid < 0) {
		complain("cannot start %s: %s", argv[0], strerror(errno));
		return 126;
	}
	if (!pid)
		run_child(argv, env, terminal, raw);
	status = wait_for(pid);
	/* `poweroff' typed at the shell is a good end; under a command it is none. */
	return status == NO_STATUS && asked && !raw ? 0 : status;
}

/* ---- the end ---- */

static void drain(const char *terminal)
{
	int fd = open(terminal, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		return;
	tcdrain(fd);
	close(fd);
}

static void report_guest(int status)
{
	char line[16];
	struct termios t;
	int fd, n;

	if (status == NO_STATUS)
		return;
	fd = open("/dev/ttyAMA1", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return;
	if (!tcgetattr(fd, &t)) {
		cfmakeraw(&t);
		tcsetattr(fd, TCSANOW, &t);
	}
	n = snprintf(line, sizeof(line), "exit %d\n", status);
	if (write(fd, line, n) == n)
		tcdrain(fd);
	close(fd);
}

static void keep_logs(void)
{
	static char log[1 << 20];
	char from[320], to[320];
	DIR *d = opendir("/log");
	struct dirent *e;
	int n;

	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(from, sizeof(from), "/log/%s", e->d_name);
		snprintf(to, sizeof(to), "/share/%s", e->d_name);
		copy_file(from, to);
	}
	if (d)
		closedir(d);
	n = klogctl(3, log, sizeof(log));	/* SYSLOG_ACTION_READ_ALL */
	if (n > 0)
		write_file("/share/host-kernel.log", log, n);
}

/* The status last and at once: who sees it may rely on the logs. */
static void report_host(int status)
{
	char line[16];
	int n;

	keep_logs();
	if (status == NO_STATUS)
		return;
	n = snprintf(line, sizeof(line), "%d\n", status);
	if (!write_file("/share/status.new", line, n) ||
	    rename("/share/status.new", "/share/status"))
		complain("cannot write the status: %s", strerror(errno));
}

/* On a terminal shared with the kernel its last words would end the command's output. */
static void hush(const char *terminal)
{
	if (strcmp(terminal, "/dev/hvc0"))
		write_file("/proc/sys/kernel/printk", "0", 1);
}

static void finish(int status, const char *terminal)
{
	drain(terminal);
	hush(terminal);
	if (is_host)
		report_host(status);
	else
		report_guest(status);
	sync();
	reboot(asked == SIGTERM ? RB_AUTOBOOT : RB_POWER_OFF);
	for (;;)
		pause();
}

int main(void)
{
	static char *argv[MAX_WORDS], *env[MAX_WORDS];
	static char *shell[] = { "-sh", NULL };
	struct sigaction sa = { .sa_handler = was_asked };
	const char *terminal;
	bool modules, command;
	int status;

	sigaction(SIGUSR1, &sa, NULL);
	sigaction(SIGUSR2, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	mount_all();
	is_host = !access("/fief/host", F_OK);
	modules = load_modules();
	mount_optional("configfs", "/sys/kernel/config");	/* may be a module */
	if (is_host)
		mount_share(modules);
	command = words("/fief/argv", argv, MAX_WORDS);
	words("/fief/env", env, MAX_WORDS);
	terminal = find_terminal(modules, command);
	if (command)
		status = run(argv, env, terminal, true);
	else
		status = run(shell, env, terminal, false);
	finish(status, terminal);
	return 0;
}
