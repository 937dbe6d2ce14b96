/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PSCI 1.1 for the host. spec/decisions.md 15-17.
 */
#include "el3.h"

#define PSCI_SMC64		0x40000000
#define PSCI_VERSION		0x84000000
#define PSCI_CPU_SUSPEND	0x84000001
#define PSCI_CPU_OFF		0x84000002
#define PSCI_CPU_ON		0x84000003
#define PSCI_AFFINITY_INFO	0x84000004
#define PSCI_MIGRATE_INFO_TYPE	0x84000006
#define PSCI_SYSTEM_OFF		0x84000008
#define PSCI_SYSTEM_RESET	0x84000009
#define PSCI_FEATURES		0x8400000A
#define SMCCC_VERSION		0x80000000

#define PSCI_1_1		0x10001
#define PSCI_SUCCESS		0
#define PSCI_NOT_SUPPORTED	(-1)
#define PSCI_INVALID_PARAMETERS	(-2)
#define PSCI_DENIED		(-3)
#define PSCI_ALREADY_ON		(-4)
#define PSCI_ON_PENDING		(-5)
#define PSCI_INVALID_ADDRESS	(-9)

#define POWER_STATE_DOWN	BIT(16)
#define POWER_STATE_LEVEL	(3ULL << 24)

#define PL061_DIR		0x400
#define PL061_PIN(n)		(4U << (n))	/* address of the data register for one pin */
#define PIN_OFF			0
#define PIN_RESET		1

static lock_t psci_lock;

static struct cpu *find(u64 mpidr)
{
	for (u32 i = 0; i < MAX_CPUS; i++)
		if (cpus[i].present && (cpus[i].mpidr & ~BIT(31)) == mpidr)
			return &cpus[i];
	return NULL;
}

static bool may_enter(u64 entry)
{
	return !(entry & 3) && is_dram(entry, 4) && !monitor_overlaps(entry, 4);
}

static s64 cpu_on(u64 target, u64 entry, u64 context_id)
{
	struct cpu *c = find(target);
	s64 r = PSCI_SUCCESS;

	if (!c)
		return PSCI_INVALID_PARAMETERS;
	if (!may_enter(entry))
		return PSCI_INVALID_ADDRESS;

	lock(&psci_lock);
	if (c->state == CPU_ON || c->state == CPU_SUSPENDED) {
		r = PSCI_ALREADY_ON;
	} else if (c->state == CPU_ON_PENDING) {
		r = PSCI_ON_PENDING;
	} else {
		c->entry = entry;
		c->context_id = context_id;
		__atomic_store_n(&c->state, CPU_ON_PENDING, __ATOMIC_RELEASE);
		gic_kick(c);
	}
	unlock(&psci_lock);
	return r;
}

/* Nobody may be the last to leave. Does not return when it succeeds. */
static s64 cpu_off(void)
{
	struct cpu *me = this_cpu();
	u32 others = 0;

	lock(&psci_lock);
	for (u32 i = 0; i < MAX_CPUS; i++)
		others += &cpus[i] != me && cpus[i].present &&
			  __atomic_load_n(&cpus[i].state, __ATOMIC_ACQUIRE) != CPU_OFF;
	if (!others) {
		unlock(&psci_lock);
		return PSCI_DENIED;
	}
	trace(TRACE_SMC, &me->host, PSCI_SUCCESS, PSCI_CPU_OFF, 0, 0);
	me->host.rmi = 0;
	__atomic_store_n(&me->state, CPU_OFF, __ATOMIC_RELEASE);
	unlock(&psci_lock);
	cpu_wait_and_start(me);
}

static s64 affinity_info(u64 target, u64 level)
{
	static const s64 answer[] = {
		[CPU_ON] = 0, [CPU_SUSPENDED] = 0, [CPU_OFF] = 1, [CPU_ON_PENDING] = 2,
	};
	struct cpu *c = find(target);

	if (!c || level)
		return PSCI_INVALID_PARAMETERS;
	return answer[__atomic_load_n(&c->state, __ATOMIC_ACQUIRE)];
}

/*
 * An interrupt that is pending for the host ends the wait and is taken above. After a
 * power-down the CPU comes up at the host's entry, as after CPU_ON: the monitor is
 * entered warm, and nothing of either world's registers is kept. This machine has no
 * switch for a core's power; EL3 gives up its own set-up as if it had.
 */
static s64 cpu_suspend(u64 power_state, u64 entry, u64 context_id)
{
	struct cpu *me = this_cpu();

	if (power_state & POWER_STATE_LEVEL)
		return PSCI_INVALID_PARAMETERS;
	if (!(power_state & POWER_STATE_DOWN)) {
		wfi();
		return PSCI_SUCCESS;
	}
	if (!may_enter(entry))
		return PSCI_INVALID_ADDRESS;
	trace(TRACE_SMC, &me->host, PSCI_SUCCESS, PSCI_CPU_SUSPEND, power_state, 0);
	lock(&psci_lock);
	me->entry = entry;
	me->context_id = context_id;
	me->host.rmi = 0;
	__atomic_store_n(&me->state, CPU_SUSPENDED, __ATOMIC_RELEASE);
	unlock(&psci_lock);
	wfi();
	cpu_restart(me->index);
}

static s64 features(u64 fid)
{
	switch ((u32)fid) {
	case PSCI_CPU_SUSPEND: case PSCI_CPU_SUSPEND | PSCI_SMC64:
	case PSCI_CPU_ON: case PSCI_CPU_ON | PSCI_SMC64:
	case PSCI_AFFINITY_INFO: case PSCI_AFFINITY_INFO | PSCI_SMC64:
	case PSCI_VERSION: case PSCI_CPU_OFF: case PSCI_MIGRATE_INFO_TYPE:
	case PSCI_SYSTEM_OFF: case PSCI_SYSTEM_RESET: case PSCI_FEATURES:
	case SMCCC_VERSION:
		return PSCI_SUCCESS;
	}
	return PSCI_NOT_SUPPORTED;
}

bool psci(struct ctx *c, u32 fid)
{
	u64 wide = fid & PSCI_SMC64 ? ~0ULL : 0xffffffff;
	u64 a1 = c->x[1] & wide, a2 = c->x[2] & wide, a3 = c->x[3] & wide;
	s64 r;

	switch (fid) {
	case PSCI_VERSION:
		r = PSCI_1_1;
		break;
	case PSCI_CPU_SUSPEND: case PSCI_CPU_SUSPEND | PSCI_SMC64:
		r = cpu_suspend(c->x[1] & 0xffffffff, a2, a3);
		break;
	case PSCI_CPU_OFF:
		r = cpu_off();
		break;
	case PSCI_CPU_ON: case PSCI_CPU_ON | PSCI_SMC64:
		r = cpu_on(a1, a2, a3);
		break;
	case PSCI_AFFINITY_INFO: case PSCI_AFFINITY_INFO | PSCI_SMC64:
		r = affinity_info(a1, a2);
		break;
	case PSCI_MIGRATE_INFO_TYPE:
		r = 2;				/* no trusted OS, nothing to migrate */
		break;
	case PSCI_SYSTEM_OFF:
		machine_off(false);
	case PSCI_SYSTEM_RESET:
		machine_off(true);
	case PSCI_FEATURES:
		r = features(a1);
		break;
	default:
		return false;
	}
	c->x[0] = (u64)r;
	return true;
}

void machine_pull(bool reset)
{
	unsigned int pin = reset ? PIN_RESET : PIN_OFF;

	mmio_write(SECURE_GPIO + PL061_DIR, BIT(PIN_OFF) | BIT(PIN_RESET));
	mmio_write(SECURE_GPIO + PL061_PIN(pin), 1U << pin);
	for (;;)
		wfi();
}

/* RAM outlives both on this machine, and the next boot has no protection over it. */
void machine_off(bool reset)
{
	gpt_wipe_realm();
	say(reset ? "reset" : "power off");
	machine_pull(reset);
}
