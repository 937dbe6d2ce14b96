/* SPDX-License-Identifier: BSD-2-Clause */
#include "abi/rmi.h"
#include "arch/arch.h"
#include "base/hash.h"
#include "base/require.h"
#include "base/string.h"
#include "realm/platform.h"

/* What the RAK is hashed with for the platform's binding: the word of claim 44240 is sha-256. */
#define BINDING_BYTES	32

enum stage { WANTS_KEY, MAKES_PUBLIC, WANTS_TOKEN, WANTS_MORE };

/* One CPU at a time: nobody waits, who comes second is told STEP_BUSY. */
static u64 at_work;

/* Set once: from then on platform and private_key are constant. */
static u64 complete;

/* guarded by at_work */
static enum stage stage;
static u8 private_key[P384_KEY_BYTES];
static u8 public_key[P384_PUBLIC_BYTES];
static u8 pool_memory[P384_POOL_BYTES] __attribute__((aligned(16)));
static struct pool pool;
static struct p384_job *job;
static struct platform platform;

/*
 * The one request that EL3 works on (ticket; 0: none), and answers until they are collected,
 * by ticket. Whose answer is gone asks again: a realm that never collects holds up nobody.
 */
#define NR_ANSWERS	16
static u64 asked;
static struct { u64 ticket; u8 signature[P384_SIGNATURE_BYTES]; } answers[NR_ANSWERS];
static u64 last_ticket;

static struct pool *pools[MAX_CPUS];

struct pool **pool_here(void)
{
	return &pools[arch_cpu()];
}

static bool begin_work(void)
{
	return arch_cas64(&at_work, 0, 1);
}

static void end_work(void)
{
	arch_store_release64(&at_work, 0);
}

void random_bytes(u8 out[32])
{
	static u64 nr_without;
	struct { u64 word[4], nr; } seed = { 0 };
	u8 digest[HASH_MAX_BYTES];
	unsigned int n = 0;

	while (n < 4 && arch_random(&seed.word[n]))
		n++;
	if (n == 4) {
		memcpy(out, seed.word, 32);
		return;
	}
	seed.nr = arch_fetch_add64(&nr_without, 1);
	hash(RMI_HASH_SHA256, &seed, sizeof(seed), digest);
	memcpy(out, digest, 32);
}

/* ---- the steps ---- */

static enum step answered(enum el3_answer a)
{
	return a == EL3_REFUSED ? STEP_FAILED : STEP_MORE;
}

static enum step get_key(void)
{
	enum el3_answer a;
	u8 entropy[32];

	if (arch_attest_signs()) {
		a = arch_attest_public(public_key);
		if (a == EL3_DONE)
			stage = WANTS_TOKEN;
		return answered(a);
	}
	a = arch_attest_key(private_key);
	if (a != EL3_DONE)
		return answered(a);
	random_bytes(entropy);
	pool_begin(&pool, pool_memory, sizeof(pool_memory));
	job = p384_public(&pool, private_key, entropy);
	if (!job)
		return STEP_FAILED;
	stage = MAKES_PUBLIC;
	return STEP_MORE;
}

static enum step make_public(void)
{
	enum p384_step s = p384_step(&pool, job, public_key);

	if (s == P384_MORE)
		return STEP_MORE;
	pool_wipe(&pool);
	stage = s == P384_DONE ? WANTS_TOKEN : WANTS_KEY;
	return s == P384_DONE ? STEP_MORE : STEP_FAILED;
}

static enum token_generation generation_of(const u8 *token, size_t bytes)
{
	static const char *const profile[NR_TOKEN_GENERATIONS] = {
		[TOKEN_2024] = PLAT_PROFILE_2024, [TOKEN_2023] = PLAT_PROFILE_2023,
	};
	struct cbor_in text;

	for (unsigned int g = 1; g < NR_TOKEN_GENERATIONS; g++) {
		size_t n = sizeof(PLAT_PROFILE_2024) - 1;

		_Static_assert(sizeof(PLAT_PROFILE_2024) == sizeof(PLAT_PROFILE_2023), "n");
		if (cose_find_text(token, bytes, CLAIM_PROFILE, &text) &&
		    (size_t)(text.end - text.at) >= n && !memcmp(text.at, profile[g], n))
			return g;
	}
	return TOKEN_2026;
}

/* Of the first hunk: with the binding. */
static enum step get_token(bool first)
{
	struct platform *p = &platform;
	u8 binding[HASH_MAX_BYTES];
	size_t got, left, room;
	enum el3_answer a;

	if (first) {
		p->token_bytes = 0;
		cose_key(public_key, p->key);
		hash(RMI_HASH_SHA256, p->key, sizeof(p->key), binding);
	}
	room = sizeof(p->token) - p->token_bytes;
	a = arch_attest_platform(first ? binding : NULL, BINDING_BYTES, p->token + p->token_bytes,
				 room, &got, &left);
	if (a != EL3_DONE) {
		if (a == EL3_REFUSED)
			stage = WANTS_TOKEN;
		return answered(a);
	}
	p->token_bytes += got;
	if (left > room - got || (left && !got)) {
		stage = WANTS_TOKEN;
		return STEP_FAILED;
	}
	if (left) {
		stage = WANTS_MORE;
		return STEP_MORE;
	}
	p->generation = generation_of(p->token, p->token_bytes);
	arch_store_release64(&complete, 1);
	return STEP_DONE;
}

enum step platform_step(void)
{
	enum step s;

	if (arch_load_acquire64(&complete))
		return STEP_DONE;
	if (!begin_work())
		return STEP_BUSY;
	if (arch_load_acquire64(&complete))
		s = STEP_DONE;
	else if (stage == WANTS_KEY)
		s = get_key();
	else if (stage == MAKES_PUBLIC)
		s = make_public();
	else
		s = get_token(stage == WANTS_TOKEN);
	end_work();
	return s;
}

const struct platform *platform_get(void)
{
	require(arch_load_acquire64(&complete));
	return &platform;
}

/* ---- signatures ---- */

enum step signing_begin(struct signing *s, void *memory, const u8 digest[P384_DIGEST_BYTES])
{
	u8 entropy[32];

	*s = (struct signing){ 0 };
	if (arch_attest_signs())
		return STEP_MORE;
	random_bytes(entropy);
	pool_begin(&s->pool, memory, P384_POOL_BYTES);
	s->job = p384_sign(&s->pool, private_key, digest, entropy);
	return s->job ? STEP_MORE : STEP_FAILED;
}

/* Whosever signature it is. */
static enum step pull(u64 ours)
{
	u8 signature[P384_SIGNATURE_BYTES];
	u64 ticket, was = asked;
	enum el3_answer a = arch_attest_pull(&ticket, signature);

	if (a == EL3_AGAIN)
		return STEP_MORE;
	asked = 0;
	if (a == EL3_REFUSED)
		return was == ours ? STEP_FAILED : STEP_MORE;
	answers[ticket % NR_ANSWERS].ticket = ticket;
	memcpy(answers[ticket % NR_ANSWERS].signature, signature, sizeof(signature));
	return STEP_MORE;
}

static enum step el3_step(struct signing *s, const u8 *digest, u8 *signature)
{
	unsigned int n = s->ticket % NR_ANSWERS;
	enum el3_answer a;

	if (s->ticket && answers[n].ticket == s->ticket) {
		memcpy(signature, answers[n].signature, P384_SIGNATURE_BYTES);
		answers[n].ticket = 0;
		return STEP_DONE;
	}
	if (asked)
		return pull(s->ticket);
	a = arch_attest_push(last_ticket + 1, digest);
	if (a == EL3_DONE)
		asked = s->ticket = ++last_ticket;
	return answered(a);
}

enum step signing_step(struct signing *s, const u8 digest[P384_DIGEST_BYTES],
		       u8 signature[P384_SIGNATURE_BYTES])
{
	enum step step;

	if (s->job) {
		switch (p384_step(&s->pool, s->job, signature)) {
		case P384_MORE:
			return STEP_MORE;
		case P384_DONE:
			return STEP_DONE;
		default:
			return STEP_FAILED;
		}
	}
	if (!begin_work())
		return STEP_BUSY;
	step = el3_step(s, digest, signature);
	end_work();
	return step;
}
