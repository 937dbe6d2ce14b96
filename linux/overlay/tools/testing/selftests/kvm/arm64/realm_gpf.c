// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host cannot look inside: a private page through /dev/mem is SIGBUS, a read
 * by the kernel fails, the host lives on; and a page that comes back is wiped.
 *
 * Wants CONFIG_DEVMEM without STRICT_DEVMEM, and debugfs for the address.
 */
#include <dirent.h>
#include <setjmp.h>

#include "realm_util.h"

#define MARK	0x5ec2e75ec2e7UL

static struct realm r;
static sigjmp_buf jump;
static volatile int code;

static void on_bus(int sig, siginfo_t *si, void *uc)
{
	code = si->si_code;
	siglongjmp(jump, 1);
}

/* Where the monitor has put a private page: the realm's table in debugfs */
static uint64_t find_pa(uint64_t ipa)
{
	char path[300], line[200], pid[20];
	uint64_t pa = 0;
	struct dirent *d;
	DIR *dir = opendir("/sys/kernel/debug/kvm");

	if (!dir)
		return 0;
	snprintf(pid, sizeof(pid), "%d-", getpid());
	while ((d = readdir(dir))) {
		FILE *f;

		if (strncmp(d->d_name, pid, strlen(pid)))
			continue;
		snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%s/rtt", d->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		while (!pa && fgets(line, sizeof(line), f)) {
			unsigned long long base, size, at;
			char hipas[20], ripas[20];

			if (sscanf(line, "%llx %llx %19s %19s %llx", &base, &size, hipas, ripas,
				   &at) == 5 && ipa >= base && ipa < base + size &&
			    !strcasecmp(hipas, "DATA"))
				pa = at + (ipa - base);
		}
		fclose(f);
	}
	closedir(dir);
	return pa;
}

int main(void)
{
	const uint64_t page = RAM_BASE + 2 * MiB;
	struct granules before = granules();
	struct sigaction sa = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };
	volatile uint64_t seen = 0;
	struct guest_ret g;
	uint64_t pa, buf = 0;
	uint64_t *map;
	int mem;

	realm_init(&r, 1, 4 * MiB);
	ksft_print_header();
	mem = open("/dev/mem", O_RDWR | O_SYNC);
	if (mem < 0)
		ksft_exit_skip("/dev/mem: %s\n", strerror(errno));

	guest_wait(&r, 0);
	guest_call(&r, guest_st64, page, MARK);
	pa = find_pa(page);
	if (!pa)
		ksft_exit_skip("the page is not in debugfs\n");
	ksft_print_msg("private page at %#llx\n", (unsigned long long)pa);

	map = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, mem, pa);
	if (map == MAP_FAILED)
		die("mmap of /dev/mem");
	sigaction(SIGBUS, &sa, NULL);

	if (!sigsetjmp(jump, 1))
		seen = *(volatile uint64_t *)map;
	ksft_test_result(code == SI_KERNEL && seen != MARK, "load: SIGBUS\n");
	code = 0;
	if (!sigsetjmp(jump, 1))
		*(volatile uint64_t *)map = 0;
	ksft_test_result(code == SI_KERNEL, "store: SIGBUS\n");

	errno = 0;
	ksft_test_result(pread(mem, &buf, sizeof(buf), pa) < 0 && errno == EFAULT && buf != MARK,
			 "read by the kernel: EFAULT\n");
	/* write(2) from that page: the kernel reads a user address that faults */
	int null = open("/dev/null", O_WRONLY), pipefd[2];

	if (pipe(pipefd))
		die("pipe");
	errno = 0;
	ksft_test_result(write(pipefd[1], map, 8) < 0 && errno == EFAULT,
			 "the page as a source of write(): EFAULT\n");
	close(null);

	g = guest_call(&r, guest_ld64, page);
	ksft_test_result(g.x[0] == MARK, "the realm still has it\n");

	/* Given back: readable, and nothing of it left */
	if (set_attributes(&r, page, PAGE, false))
		die("KVM_SET_MEMORY_ATTRIBUTES");
	code = 0;
	seen = MARK;
	if (!sigsetjmp(jump, 1)) {
		seen = 0;
		for (unsigned int i = 0; i < PAGE / 8; i++)
			if (((volatile uint64_t *)map)[i] == MARK)
				seen = MARK;
	}
	ksft_test_result(!code && seen != MARK, "given back: wiped\n");

	munmap(map, PAGE);
	realm_free(&r);
	ksft_test_result(granules_are(before), "granules are as before\n");
	realm_finished();
}
