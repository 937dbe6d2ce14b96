/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EL3 of the paper machine, as far as attestation goes: what it gives is the test's
 * (sim_el3), how it gives it is the interface's.
 */
#include <string.h>

#include "arch/arch.h"
#include "sim/internal.h"

struct sim_el3 sim_el3;

static u8 token[64 * 1024];
static size_t token_bytes, token_given;
static struct { bool full; u64 ticket; u8 digest[48]; } request;
static u64 random_state;

static size_t blob(const u8 *challenge, size_t bytes, u8 *out, size_t room)
{
	(void)room;
	memcpy(out, challenge, bytes);
	return bytes;
}

static void not_set(const u8 digest[48], u8 signature[96])
{
	(void)digest;
	memset(signature, 0x55, 96);
}

void sim_el3_power_on(void)
{
	memset(&sim_el3, 0, sizeof(sim_el3));
	for (unsigned int i = 0; i < sizeof(sim_el3.key); i++)
		sim_el3.key[i] = (u8)(0x11 + 5 * i);
	sim_el3.platform = blob;
	sim_el3.sign = not_set;
	sim_el3.hunk = GRANULE_SIZE;
	token_bytes = token_given = 0;
	request.full = false;
	random_state = 1;
}

/* True: *a is the answer, and nothing happens. */
static bool says_no(enum el3_answer *a)
{
	sim_give_way();
	*a = sim_el3.refuses ? EL3_REFUSED : EL3_AGAIN;
	if (sim_el3.refuses || !sim_el3.again)
		return sim_el3.refuses;
	sim_el3.again--;
	return true;
}

enum el3_answer arch_attest_key(u8 key[48])
{
	enum el3_answer a;

	if (sim_el3.signs)
		return EL3_REFUSED;
	if (says_no(&a))
		return a;
	memcpy(key, sim_el3.key, 48);
	sim_el3.nr_keys++;
	return EL3_DONE;
}

enum el3_answer arch_attest_platform(const u8 *challenge, size_t challenge_bytes, u8 *out,
				     size_t room, size_t *got, size_t *left)
{
	enum el3_answer a;

	*got = *left = 0;
	if (says_no(&a))
		return a;
	if (challenge) {
		token_given = 0;
		token_bytes = sim_el3.platform(challenge, challenge_bytes, token, sizeof(token));
		sim_el3.nr_tokens++;
	} else if (token_given >= token_bytes) {
		return EL3_REFUSED;
	}
	*got = token_bytes - token_given;
	if (*got > sim_el3.hunk)
		*got = sim_el3.hunk;
	if (*got > room)
		*got = room;
	memcpy(out, token + token_given, *got);
	token_given += *got;
	*left = token_bytes - token_given;
	return EL3_DONE;
}

bool arch_attest_signs(void)
{
	return sim_el3.signs;
}

enum el3_answer arch_attest_public(u8 public[97])
{
	enum el3_answer a;

	if (!sim_el3.signs)
		return EL3_REFUSED;
	if (says_no(&a))
		return a;
	memcpy(public, sim_el3.public, 97);
	return EL3_DONE;
}

enum el3_answer arch_attest_push(u64 ticket, const u8 digest[48])
{
	enum el3_answer a;

	if (!sim_el3.signs)
		return EL3_REFUSED;
	if (says_no(&a))
		return a;
	if (request.full)
		sim_fault("a second signature is asked of EL3 before the first was given");
	request.full = true;
	request.ticket = ticket;
	memcpy(request.digest, digest, 48);
	sim_el3.nr_pushes++;
	return EL3_DONE;
}

enum el3_answer arch_attest_pull(u64 *ticket, u8 signature[96])
{
	enum el3_answer a;

	if (!request.full)
		sim_fault("a signature is pulled that nobody asked for");
	if (says_no(&a)) {
		request.full = a != EL3_REFUSED;
		return a;
	}
	*ticket = sim_el3.lost ? ~0ULL : request.ticket;
	sim_el3.lost = false;
	sim_el3.sign(request.digest, signature);
	request.full = false;
	sim_el3.nr_signatures++;
	return EL3_DONE;
}

bool arch_random(u64 *word)
{
	if (sim_el3.no_random)
		return false;
	*word = __atomic_add_fetch(&random_state, 0x9E3779B97F4A7C15, __ATOMIC_RELAXED);
	return true;
}
