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
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "priv.h"

#define NOBODY	65534

static const u16 allowed[] = {
	/* devices and the loop */
	SYS_ioctl, SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_preadv, SYS_pwritev,
	SYS_fdatasync, SYS_epoll_pwait, SYS_epoll_ctl, SYS_getrandom, SYS_close,
	/* conversions and memory of our own */
	SYS_madvise, SYS_fallocate, SYS_mmap, SYS_munmap, SYS_mprotect, SYS_brk, SYS_mremap,
	/* threads, signals, time */
	SYS_clone, SYS_clone3, SYS_set_robust_list, SYS_rseq, SYS_futex, SYS_sched_yield,
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_restart_syscall,
	SYS_getpid, SYS_gettid, SYS_tgkill, SYS_kill, SYS_clock_nanosleep, SYS_nanosleep,
	SYS_clock_gettime, SYS_prctl, SYS_exit, SYS_exit_group,
	/* stdio at the end */
	SYS_fstat, SYS_newfstatat, SYS_lseek,
};

static void filter_calls(bool debugging)
{
	enum { N = ARRAY_SIZE(allowed) };
	struct sock_filter code[N + 6];
	struct sock_fprog prog = { .filter = code };
	unsigned int at = 0, i;

	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  offsetof(struct seccomp_data, arch));
	code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						  AUDIT_ARCH_AARCH64, 1, 0);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						  offsetof(struct seccomp_data, nr));
	for (i = 0; i < N; i++)
		code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i],
							  N - i, 0);
	/* A library that asks for something new gets an error, not a dead VM. */
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	prog.len = at;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) && debugging)
		debug("the host kernel cannot filter system calls: %s", strerror(errno));
}

void priv_drop(bool debugging)
{
	if (!geteuid()) {
		if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
		    setresuid(NOBODY, NOBODY, NOBODY))
			die("cannot give up root: %s", strerror(errno));
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("cannot give up privileges: %s", strerror(errno));
	filter_calls(debugging);
}
