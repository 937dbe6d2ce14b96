/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several PEs, one at a time: each is a thread, and a baton goes round by a seed. It
 * may change hands at every lock, atomic, GPT change and TLB operation, so a seed
 * repeats an interleaving exactly. Who waits for a lock gives it on; when all only
 * wait, nothing will ever move again.
 *
 * With ThreadSanitizer there is no baton: threads run as they like.
 */
#include <semaphore.h>

#include "sim/internal.h"

#define PATIENCE	20000		/* turns in a row in which everybody only waited */

static struct {
	bool on;
	unsigned int nr, odds;		/* PEs; one in `odds` give-ways changes hands */
	u64 random;
	unsigned int waits;
	bool here[SIM_MAX_CPUS];
	sem_t turn[SIM_MAX_CPUS];
} s;

void sim_schedule(unsigned int nr_pes, u64 seed)
{
	s.on = nr_pes && !SIM_TSAN;
	s.nr = nr_pes;
	s.random = seed * 0x9E3779B97F4A7C15ULL + 1;
	s.odds = 2 + (unsigned int)(seed % 13);
	s.waits = 0;
	for (unsigned int i = 0; i < nr_pes; i++) {
		s.here[i] = true;
		sem_init(&s.turn[i], 0, 0);
	}
	if (s.on)
		sem_post(&s.turn[0]);
}

static u64 next_random(void)
{
	s.random ^= s.random << 13;
	s.random ^= s.random >> 7;
	s.random ^= s.random << 17;
	return s.random;
}

/* Somebody else who is still there; ourselves when there is nobody. */
static unsigned int somebody(void)
{
	unsigned int n = (unsigned int)(next_random() % s.nr);

	for (unsigned int i = 0; i < s.nr; i++, n = (n + 1) % s.nr)
		if (s.here[n] && n != sim_cpu)
			return n;
	return sim_cpu;
}

static void hand_to(unsigned int pe)
{
	if (pe == sim_cpu)
		return;
	sem_post(&s.turn[pe]);
	while (sem_wait(&s.turn[sim_cpu]))
		;
}

void sim_schedule_enter(void)
{
	if (s.on)
		while (sem_wait(&s.turn[sim_cpu]))
			;
}

void sim_schedule_leave(void)
{
	unsigned int next;

	if (!s.on)
		return;
	s.here[sim_cpu] = false;
	next = somebody();
	if (next != sim_cpu)
		sem_post(&s.turn[next]);
}

void sim_give_way(void)
{
	if (!s.on)
		return;
	if (next_random() % s.odds == 0)
		hand_to(somebody());
}

void sim_progress(void)
{
	if (s.on)
		s.waits = 0;
}

bool sim_must_wait(void)
{
	if (!s.on)
		return false;
	if (++s.waits > PATIENCE)
		sim_fault("a deadlock: every PE waits");
	hand_to(somebody());
	return true;
}
