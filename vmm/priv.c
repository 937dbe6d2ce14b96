// SPDX-License-Identifier: BSD-2-Clause
/*
 * Dropping privileges: identity, then system calls.
 *
 * A guest that found a hole in a device would have: the open files, this
 * process's memory, and the calls listed here. No open, no exec, no sockets.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "priv.h"
#include "util.h"

#define NOBODY	65534

static const u16 allowed[] = {
	/* devices and the loop; ioctl has a list of its own */
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_preadv, SYS_pwritev, SYS_fdatasync,
	SYS_epoll_pwait, SYS_epoll_ctl, SYS_getrandom, SYS_close,
	/* conversions and memory of our own */
	SYS_madvise, SYS_fallocate, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_brk, SYS_mremap,
	/* threads, signals, time */
	SYS_clone, SYS_clone3, SYS_set_robust_list, SYS_rseq, SYS_futex, SYS_sched_yield,
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
	SYS_getpid, SYS_gettid, SYS_tgkill, SYS_kill, SYS_clock_nanosleep, SYS_nanosleep,
	SYS_clock_gettime, SYS_exit, SYS_exit_group,
	/* stdio at the end */
	SYS_fstat, SYS_newfstatat, SYS_lseek,
};

/* Not TIOCSTI, which types on the user's terminal. Besides these: all of KVM's. */
static const u32 allowed_ioctls[] = { TCGETS, TCSETS, TCSETSW, TIOCGWINSZ };

#define MAX_CODE	(ARRAY_SIZE(allowed) * 2 + ARRAY_SIZE(allowed_ioctls) * 2 + 16)

static struct sock_filter code[MAX_CODE];
static unsigned int nr_code;

static void stmt(u16 op, u32 k)
{
	code[nr_code++] = (struct sock_filter)BPF_STMT(op, k);
}

/* If what is loaded is k: end with what; else go on. */
static void if_is(u32 k, u32 what)
{
	code[nr_code++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, 0, 1);
	stmt(BPF_RET | BPF_K, what);
}

static void load(size_t field)
{
	stmt(BPF_LD | BPF_W | BPF_ABS, field);
}

/* The first 32 bits of an argument, little endian: requests are no longer. */
static void write_ioctl_filter(void)
{
	unsigned int i;

	load(offsetof(struct seccomp_data, args[1]));
	for (i = 0; i < ARRAY_SIZE(allowed_ioctls); i++)
		if_is(allowed_ioctls[i], SECCOMP_RET_ALLOW);
	stmt(BPF_ALU | BPF_AND | BPF_K, 0xff00);
	if_is(KVMIO << 8, SECCOMP_RET_ALLOW);
	stmt(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
}

static void write_filter(void)
{
	unsigned int i;

	load(offsetof(struct seccomp_data, arch));
	code[nr_code++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						       AUDIT_ARCH_AARCH64, 1, 0);
	stmt(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	load(offsetof(struct seccomp_data, nr));
	for (i = 0; i < ARRAY_SIZE(allowed); i++)
		if_is(allowed[i], SECCOMP_RET_ALLOW);
	/* A library that asks for something new gets an error, not a dead VM. */
	code[nr_code++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 1, 0);
	stmt(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	write_ioctl_filter();
}

static void filter_calls(void)
{
	struct sock_fprog prog = { .filter = code };

	write_filter();
	prog.len = nr_code;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
		debug("the host kernel cannot filter system calls: %s", strerror(errno));
}

void priv_drop(void)
{
	if (!geteuid()) {
		if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
		    setresuid(NOBODY, NOBODY, NOBODY))
			die("cannot give up root: %s", strerror(errno));
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("cannot give up privileges: %s", strerror(errno));
	filter_calls();
}
