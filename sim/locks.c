/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Locks that know their owner. A PE is a thread: taking a lock twice, giving back
 * a foreign one, going against the rank, or returning from a call with one held
 * is a fault, and so is waiting for longer than any call may last.
 */
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "arch/arch.h"
#include "sim/atomics.h"
#include "sim/internal.h"

#undef __atomic_load_n
#undef __atomic_store_n

#define LOCK_BIT	0x8000u
#define MAX_HELD	1024	/* a range command locks a run of 512 */
#define PATIENCE_S	20

struct held {
	const void *word;
	int rank;
	bool judged;		/* its rank was compared with those taken before */
};

static _Thread_local struct held held[MAX_HELD];
static _Thread_local unsigned int nr_held;
_Thread_local bool sim_in_call;
static int (*rank_of)(const void *word);

void sim_locks_power_on(void)
{
	nr_held = 0;
	sim_schedule(0, 0);
}

void sim_lock_rank(int (*rank)(const void *word))
{
	rank_of = rank;
}

unsigned int sim_locks_held(void)
{
	return nr_held;
}

/*
 * Who takes a granule looks at its type afterwards and gives it back at once when
 * it is not what was asked for. So a lock is judged when the PE goes on with it.
 */
static void judge(void)
{
	for (unsigned int i = 0; i < nr_held; i++) {
		if (held[i].judged || !held[i].rank)
			continue;
		for (unsigned int k = 0; k < i; k++)
			if (held[k].rank > held[i].rank)
				sim_fault("lock of rank %d taken while one of rank %d is held",
					  held[i].rank, held[k].rank);
		held[i].judged = true;
	}
}

static void check_may_take(const void *word)
{
	judge();
	for (unsigned int i = 0; i < nr_held; i++)
		if (held[i].word == word)
			sim_fault("lock %p taken twice by one PE", word);
	if (nr_held == MAX_HELD)
		sim_fault("one PE holds %u locks", nr_held);
}

static void remember(const void *word)
{
	sim_progress();
	sim_work(60);
	held[nr_held++] = (struct held){ word, rank_of ? rank_of(word) : 0, false };
}

static void forget(const void *word)
{
	sim_progress();
	for (unsigned int i = 0; i < nr_held; i++) {
		if (held[i].word != word)
			continue;
		for (; i + 1 < nr_held; i++)
			held[i] = held[i + 1];
		nr_held--;
		return;
	}
	sim_fault("lock %p given back by a PE that does not hold it", word);
}

static void wait_a_little(time_t since, const void *word)
{
	if (sim_must_wait())
		return;
	sched_yield();
	if (time(NULL) - since > PATIENCE_S)
		sim_fault("lock %p: waited %d s, a deadlock", word, PATIENCE_S);
}

static bool take_bit(u16 *word)
{
	return !(__atomic_fetch_or(word, LOCK_BIT, __ATOMIC_ACQUIRE) & LOCK_BIT);
}

bool arch_bitlock_try(u16 *word)
{
	check_may_take(word);
	sim_give_way();
	if (!take_bit(word)) {
		if (!sim_must_wait())	/* whoever asks again waits for another PE */
			sched_yield();
		return false;
	}
	remember(word);
	return true;
}

void arch_bitlock_release(u16 *word)
{
	forget(word);
	__atomic_fetch_and(word, (u16)~LOCK_BIT, __ATOMIC_RELEASE);
	sim_give_way();
}

void arch_bitlock_release_as(u16 *word, u16 value)
{
	forget(word);
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	sim_give_way();
}

void arch_spin_lock(spinlock_t *l)
{
	time_t since = time(NULL);

	check_may_take(l);
	sim_give_way();
	while (__atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE))
		wait_a_little(since, l);
	remember(l);
}

void arch_spin_unlock(spinlock_t *l)
{
	forget(l);
	__atomic_store_n(&l->word, 0, __ATOMIC_RELEASE);
	sim_give_way();
}

/* The monitor's plain atomics, by sim/atomics.h; tests look at its state too. */
void sim_atomic(void)
{
	if (sim_in_call)
		sim_give_way();
}

bool arch_cas64(u64 *p, u64 from, u64 to)
{
	sim_give_way();
	return __atomic_compare_exchange_n(p, &from, to, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

u64 arch_fetch_add64(u64 *p, u64 v)
{
	sim_give_way();
	return __atomic_fetch_add(p, v, __ATOMIC_ACQ_REL);
}

void sim_locks_call_end(void)
{
	judge();
	if (nr_held)
		sim_fault("the call returned with %u lock(s) held, first %p", nr_held,
			  held[0].word);
}
