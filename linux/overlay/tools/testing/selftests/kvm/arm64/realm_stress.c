// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random calls on realms, by several threads at once, in any order and with
 * arguments that are mostly right. Nothing is expected of the answers; but the
 * host must stay healthy, and when a process is gone (some are killed) all
 * granules must be back.
 *
 *   realm_stress [SEED [ROUNDS]]
 *
 * The seed is printed; one round is one process.
 */
#include <sys/prctl.h>
#include <sys/wait.h>

#include "realm_util.h"

#define RAM		(16 * MiB)
#define NR_THREADS	3

static struct realm r;
static char *buf;

/* Shared with the processes: what went through, so that an idle test shows */
static struct {
	unsigned long runs, calls, faults, populated, converted;
} *did;

#define count(what)	__atomic_add_fetch(&did->what, 1, __ATOMIC_RELAXED)

struct rnd {
	uint64_t state;
};

static uint64_t rnd(struct rnd *s, uint64_t below)
{
	s->state ^= s->state << 13;
	s->state ^= s->state >> 7;
	s->state ^= s->state << 17;
	return s->state % below;
}

static bool chance(struct rnd *s, int percent)
{
	return rnd(s, 100) < (uint64_t)percent;
}

/* An address in RAM as a rule, aligned as a rule */
static uint64_t some_gpa(struct rnd *s)
{
	uint64_t gpa = RAM_BASE + rnd(s, RAM / PAGE) * PAGE;

	if (chance(s, 20))
		gpa &= ~(2 * MiB - 1);
	if (chance(s, 3))
		gpa += rnd(s, PAGE);
	if (chance(s, 3))
		gpa |= SHARED;
	if (chance(s, 2))
		gpa = rnd(s, -1UL);
	return gpa;
}

static uint64_t some_size(struct rnd *s)
{
	uint64_t size = PAGE << rnd(s, 12);

	if (chance(s, 3))
		size = 0;
	if (chance(s, 3))
		size = rnd(s, -1UL);
	return size;
}

static int some_vcpu(struct rnd *s)
{
	return r.vcpu[rnd(s, r.nr_vcpus)];
}

static void op_run(struct rnd *s)
{
	int cpu = chance(s, 80) ? 0 : rnd(s, r.nr_vcpus);
	struct guest_ret g;

	/* Not more than so many exits; the alarm ends what spins or sleeps */
	for (int i = rnd(s, 30); i >= 0; i--) {
		struct kvm_run *run = r.run[cpu];

		run->immediate_exit = chance(s, 5);
		count(runs);
		if (ioctl(r.vcpu[cpu], KVM_RUN, 0)) {
			if (errno == EINTR && !cpu)
				continue;
			if (errno != EFAULT || run->exit_reason != KVM_EXIT_MEMORY_FAULT)
				return;
			count(faults);
			if (chance(s, 80))
				set_attributes(&r, run->memory_fault.gpa, run->memory_fault.size,
					       run->memory_fault.flags &
					       KVM_MEMORY_EXIT_FLAG_PRIVATE);
			continue;
		}
		if (guest_returned(&r, cpu, run->exit_reason, &g)) {
			static const char *const fns[] = {
				guest_nop, guest_ld64, guest_st64, guest_stp, guest_fill,
				guest_fill, guest_ripas, guest_ripas, guest_smc, guest_check,
				guest_sgi,
				guest_gic, guest_wfe,
			};
			const char *fn = fns[rnd(s, ARRAY_SIZE(fns))];
			/* Not its own code, as a rule */
			uint64_t a = (some_gpa(s) & ~(PAGE - 1)) + (chance(s, 95) ? MiB : 0);
			uint64_t b = (some_size(s) & (MiB - 1)) & ~(PAGE - 1);

			count(calls);
			if (chance(s, 40))
				a ^= SHARED;
			if (fn == guest_ripas)
				b += a;
			if (fn == guest_gic) {
				a = SHARED | GICD_BASE;
				b = SHARED | GICR_BASE;
			}
			if (fn == guest_smc) {
				static const uint32_t fids[] = {
					0xc4000003, 0xc4000004, 0x84000002, 0x84000000, 0xc4000197,
					0xc4000198, 0xc4000190, 0xc4000196, 0xc4000001,
				};

				b = a;
				a = fids[rnd(s, ARRAY_SIZE(fids))];
				if (a == 0xc4000003 || a == 0xc4000004)
					b = rnd(s, MAX_VCPUS);
			}
			for (int n = 0; n < 5; n++) {
				uint64_t v[5] = { fn - guest_start, a, b, guest_pa(guest_entry),
						  rnd(s, 2) };

				if (fn == guest_ripas)
					v[3] = rnd(s, 2);
				set_reg(&r, cpu, REG_X(n), v[n]);
			}
		} else if (run->exit_reason != KVM_EXIT_MMIO &&
			   run->exit_reason != KVM_EXIT_HYPERCALL) {
			return;
		}
	}
}

static void op_memory(struct rnd *s)
{
	uint64_t gpa = some_gpa(s), size = some_size(s), off = gpa - RAM_BASE;

	switch (rnd(s, 6)) {
	case 0:
	case 1:
		if (!set_attributes(&r, gpa, size, chance(s, 50)))
			count(converted);
		break;
	case 2:
		if (!populate(&r, gpa, size & (MiB - 1), buf, chance(s, 50)))
			count(populated);
		break;
	case 3:
		fallocate(r.gmem, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, off, size);
		break;
	case 4:
		if (off < RAM && size <= RAM - off)
			madvise(r.ram + (off & ~(PAGE - 1)), size, MADV_DONTNEED);
		break;
	case 5:
		/* The whole slot goes, and perhaps comes back */
		if (chance(s, 2)) {
			set_slot(&r, 0, RAM_BASE, 0, r.ram, -1, 0, 0);
			if (chance(s, 80))
				set_slot(&r, 0, RAM_BASE, RAM, r.ram, r.gmem, 0, 0);
		}
		if (chance(s, 20))
			set_slot(&r, 1 + rnd(s, 3), RAM_BASE + RAM + rnd(s, 8) * MiB,
				 chance(s, 30) ? 0 : MiB, r.ram, chance(s, 40) ? r.gmem : -1,
				 rnd(s, 16) * MiB, 0);
		break;
	}
}

static void op_vcpu(struct rnd *s)
{
	struct kvm_vcpu_events ev = { .exception.ext_dabt_pending = chance(s, 50),
				      .exception.serror_pending = chance(s, 20) };
	struct kvm_mp_state mp = { .mp_state = chance(s, 50) ? KVM_MP_STATE_RUNNABLE :
							       KVM_MP_STATE_STOPPED };
	int fd = some_vcpu(s), cpu = rnd(s, r.nr_vcpus);
	uint64_t v;

	switch (rnd(s, 8)) {
	case 0:
		ioctl(fd, KVM_SET_VCPU_EVENTS, &ev);
		break;
	case 1:
		ioctl(fd, KVM_SET_MP_STATE, &mp);
		break;
	case 2:
		ioctl(fd, KVM_GET_MP_STATE, &mp);
		break;
	case 3:
		set_reg(&r, cpu, REG_X(rnd(s, 31)), rnd(s, -1UL));
		break;
	case 4:
		get_reg(&r, cpu, REG_X(rnd(s, 34)), &v);
		break;
	case 5:
		set_reg(&r, cpu, REG_DFR0, rnd(s, -1UL));
		get_reg(&r, cpu, REG_DFR0, &v);
		break;
	case 6:
		vcpu_init(&r, cpu, 1 << KVM_ARM_VCPU_PSCI_0_2 |
			  (chance(s, 20) ? rnd(s, 1 << 8) : 0));
		break;
	case 7: {
		uint32_t line = 1U << 24 | (32 + rnd(s, 20));
		struct kvm_irq_level irq = { .irq = line, .level = chance(s, 50) };

		ioctl(r.vm, KVM_IRQ_LINE, &irq);
		break;
	}
	}
}

static void *thread(void *arg)
{
	struct rnd s = { .state = (uint64_t)arg };

	for (int i = 0; i < 150; i++) {
		switch (rnd(&s, 4)) {
		case 0:
		case 1:
			op_run(&s);
			break;
		case 2:
			op_memory(&s);
			break;
		case 3:
			op_vcpu(&s);
			break;
		}
	}
	return NULL;
}

static void tick(int sig)
{
}

/* One process: a realm that is complete, or lacks something, and its threads */
static void child(uint64_t seed)
{
	struct sigaction sa = { .sa_handler = tick };
	struct rnd s = { .state = seed };
	pthread_t t[NR_THREADS];
	struct itimerval it = { { 0, 10000 }, { 0, 10000 } };

	sigaction(SIGALRM, &sa, NULL);
	r.kvm = open_kvm();
	r.vm = create_realm_vm(r.kvm);
	make_ram(&r, RAM);
	make_vcpus(&r, 1 + rnd(&s, MAX_VCPUS));
	if (chance(&s, 95))
		make_gic(&r, chance(&s, 95));
	filter(&r, GUEST_CALL, 1, KVM_SMCCC_FILTER_FWD_TO_USER);
	if (chance(&s, 95))
		load_guest(&r);
	buf = mmap(NULL, MiB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	setitimer(ITIMER_REAL, &it, NULL);

	for (int i = 0; i < NR_THREADS; i++)
		if (pthread_create(&t[i], NULL, thread, (void *)(seed * 1000003 + i + 1)))
			die("pthread_create");
	for (int i = 0; i < NR_THREADS; i++)
		pthread_join(t[i], NULL);
	exit(0);
}

static bool did_all(void)
{
	return did->runs && did->calls && did->faults && did->populated && did->converted;
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) :
				   (uint64_t)getpid() << 40 ^ (uint64_t)time(NULL) << 20 ^ clock();
	int rounds = argc > 2 ? atoi(argv[2]) : 10, clean = 0, i;
	struct granules before = granules();
	struct rnd s = { .state = seed | 1 };

	close(create_realm_vm(open_kvm()));
	did = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (did == MAP_FAILED)
		die("mmap");
	ksft_print_header();
	ksft_print_msg("seed %#llx\n", (unsigned long long)seed);

	/* Not all kinds of work need have come up by then: some more rounds */
	for (i = 0; i < rounds || (i < 5 * rounds && !did_all()); i++) {
		uint64_t sub = rnd(&s, -1UL) | 1;
		int status;
		pid_t pid;

		fflush(stdout);
		pid = fork();
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			child(sub);
		}
		if (chance(&s, 40)) {
			usleep(rnd(&s, 1500000));
			kill(pid, SIGKILL);
		} else {
			/* A realm that is off for good leaves threads asleep */
			for (int n = 0; n < 400 && !waitpid(pid, &status, WNOHANG); n++)
				usleep(10000);
			kill(pid, SIGKILL);
		}
		waitpid(pid, &status, 0);
		if (granules_are(before))
			clean++;
		else
			ksft_print_msg("round %d (%#llx): granules are missing\n", i,
				       (unsigned long long)sub);
	}
	ksft_print_msg("%lu runs, %lu guest calls, %lu memory faults, %lu populated, "
		       "%lu converted\n", did->runs, did->calls, did->faults, did->populated,
		       did->converted);
	ksft_test_result(did_all(), "something of all kinds was done\n");
	ksft_test_result(clean == i, "all granules back after each round\n");
	realm_finished();
}
