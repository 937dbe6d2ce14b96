/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tokens (rsi.md 9, spec/attestation.md), read and verified by tools/token/decode.c, which
 * shares nothing with what makes them.
 */
#define _GNU_SOURCE		/* memmem(), before glibc 2.37 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "abi/rsi.h"
#include "arch/arch.h"
#include "harness/inside.h"
#include "harness/measure.h"
#include "harness/token.h"
#include "harness/world.h"

#define BUFFER	(RAM + 0x1000)		/* IPA of w.data_page */

static struct fetched f;

/* An active world whose EL3 makes real platform tokens. */
static void make(struct world *w)
{
	world_make_active(w);
	token_platform_is(TOKEN_2026, 0);
}

static bool is_bytes(const struct item *map, u64 key, const void *want, size_t nr)
{
	struct item it;

	return map_find(map, key, &it) && it.major == 2 && it.in.bytes == nr &&
	       !memcmp(it.in.at, want, nr);
}

static bool is_text(const struct item *map, u64 key, const char *want)
{
	struct item it;

	return map_find(map, key, &it) && it.major == 3 && it.in.bytes == strlen(want) &&
	       !memcmp(it.in.at, want, strlen(want));
}

/* ---- the whole token, field by field ---- */

static void measured_realm(struct realm *r, u8 hash, u8 rim[64])
{
	static const u64 none[8];
	u64 src = host_page();
	struct rmi_realm_params *p;

	*r = realm_default;
	r->hash = hash;
	realm_create(r);
	p = sim_ram(r->params);
	memset(sim_ram(src), 0x3C, GRANULE_SIZE);
	memset(rim, 0, 64);
	realm_data_init(r, RAM, src, true);
	extend_data(hash, rim, RAM, 1, sim_ram(src));
	realm_data(r, BUFFER, 1);
	realm_init_ripas(r, RAM, RAM_TOP);
	realm_rec(r, true, RAM);
	extend_rec(hash, rim, RAM, none);
	realm_activate(r);
	need(p->hash_algo == hash);
}

static void extend(const struct realm *r, u8 hash, u64 index, u8 rem[64])
{
	u64 x[11] = { 0xC4000193, index, 40 };

	for (unsigned int i = 0; i < 8; i++)
		x[3 + i] = index * 0x1111 + i;
	need_eq(play_call_n(r, 11, x)->after[0], RSI_SUCCESS);
	extend_rem(hash, rem, &x[3], 40);
}

static void check_rems(const struct item *claims, const u8 rem[4][64], size_t bytes)
{
	struct item it, one;
	struct span s;

	if (!check(map_find(claims, 44239, &it) && it.major == 4 && it.value == 4))
		return;
	s = it.in;
	for (unsigned int i = 0; i < 4; i++)
		check(item_next(&s, &one) && one.in.bytes == bytes &&
		      !memcmp(one.in.at, rem[i], bytes));
}

static void whole(u8 hash, enum token_generation g)
{
	static const char *const name[] = { "sha-256", "sha-512", "sha-384" };
	static const char *const profile[] = {
		"tag:arm.com,2026:realm#2.0.0", "tag:arm.com,2024:realm#2.0.0",
		"tag:arm.com,2023:realm#1.0.0",
	};
	const size_t bytes = hash == 0 ? 32 : hash == 1 ? 64 : 48;
	u8 rim[64], rem[4][64] = { { 0 } };
	struct cca_token t;
	struct item it;
	struct world w;
	struct realm r;
	u64 page;

	test_note("hash %u, generation %u", hash, g);
	world_make_bare(&w);
	token_platform_is(g, 0);
	measured_realm(&r, hash, rim);
	/* where the realm's buffer lies */
	page = sim_realm_access(realm_vttbr(&r), realm_vtcr(&r), BUFFER, SIM_WRITE).pa;
	extend(&r, hash, 1, rem[0]);
	extend(&r, hash, 3, rem[2]);
	extend(&r, hash, 3, rem[2]);

	need_eq(token_fetch(&r, 0, 0x5A, BUFFER, page, GRANULE_SIZE, &f), RSI_SUCCESS);
	if (!token_check(&f, 0x5A, &t))
		return;
	check_eq(t.tag, g == TOKEN_2023 ? 399 : 907);
	check_eq(t.realm.claims.value, g == TOKEN_2023 ? 8 : 10);
	check(is_text(&t.realm.claims, 265, profile[g]));
	check(is_bytes(&t.realm.claims, 44235,
		       ((struct rmi_realm_params *)sim_ram(r.params))->rpv, 64));
	check(is_text(&t.realm.claims, 44236, name[hash]));
	check(is_text(&t.realm.claims, 44240, "sha-256"));
	check(is_bytes(&t.realm.claims, 44238, rim, bytes));
	check_rems(&t.realm.claims, rem, bytes);
	check(map_find(&t.realm.claims, 44243, &it) == (g != TOKEN_2023) &&
	      (g == TOKEN_2023 || (it.major == 0 && it.value == 0)));
	check(map_find(&t.realm.claims, 256, &it) == (g != TOKEN_2023) &&
	      (g == TOKEN_2023 || it.in.at[0] == 1));
}

TEST(token_is_whole_and_valid)
{
	for (u8 hash = 0; hash < 3; hash++)
		for (unsigned int g = 0; g < NR_TOKEN_GENERATIONS; g++)
			whole(hash, g);
}

/* A verifier that never says no proves nothing. */
TEST(token_with_any_bit_changed_is_refused)
{
	struct cca_token t;
	struct world w;
	unsigned int accepted = 0;

	make(&w);
	need_eq(token_fetch(&w.r, 0, 1, BUFFER, w.data_page, GRANULE_SIZE, &f), RSI_SUCCESS);
	need(token_check(&f, 1, &t));
	for (size_t i = 0; i < f.nr; i += 3) {
		f.bytes[i] ^= (u8)(1 << i % 8);
		accepted += !cca_parse(&t, f.bytes, f.nr) && !cca_verify(&t, token_platform_key());
		f.bytes[i] ^= (u8)(1 << i % 8);
	}
	check_eq(accepted, 0);
	check(cca_parse(&t, f.bytes, f.nr - 1));
}

/* Each realm has an identity that no other one has, with or without randomness. */
TEST(instance_ids_differ)
{
	struct world w;
	struct realm r[4];
	u8 id[4][33];

	world_make_bare(&w);
	for (unsigned int i = 0; i < 4; i++) {
		sim_el3.no_random = i >= 2;
		r[i] = realm_default;
		realm_create(&r[i]);
		inside_instance_id(r[i].rd, id[i]);
		check_eq(id[i][0], 1);
		for (unsigned int k = 0; k < i; k++)
			check(memcmp(id[i], id[k], 33));
	}
}

/* ---- how it is delivered ---- */

TEST(token_in_pieces)
{
	static const u64 chunk[] = { 1, 7, 64, 100, 1000, 4095, 4096 };
	static u8 first[40000];
	struct cca_token t;
	struct world w;
	size_t nr = 0;

	make(&w);
	for (unsigned int i = 0; i < ARRAY_SIZE(chunk); i++) {
		test_note("%llu bytes at a time", (unsigned long long)chunk[i]);
		need_eq(token_fetch(&w.r, 0, 3, BUFFER, w.data_page, chunk[i], &f), RSI_SUCCESS);
		token_check(&f, 3, &t);
		if (nr)		/* the signature depends on nothing else */
			check(f.nr == nr && !memcmp(f.bytes, first, nr));
		nr = f.nr;
		memcpy(first, f.bytes, nr);
	}
}

TEST(token_beyond_a_page)
{
	static const size_t padding[] = { 3000, 4096, 9000, 15000 };
	struct cca_token t;

	for (unsigned int i = 0; i < ARRAY_SIZE(padding); i++)
		for (size_t hunk = 1000; hunk <= 4096; hunk += 3096) {
			struct world w;

			test_note("padding %zu, hunks of %zu", padding[i], hunk);
			make(&w);
			token_platform_is(i & 1 ? TOKEN_2024 : TOKEN_2026, padding[i]);
			sim_el3.hunk = hunk;
			need_eq(token_fetch(&w.r, 0, 9, BUFFER, w.data_page, 4096, &f), RSI_SUCCESS);
			check(f.nr > padding[i]);
			token_check(&f, 9, &t);
		}
}

TEST(token_of_no_bytes_at_a_time)
{
	struct cca_token t;
	struct world w;
	struct step s;

	make(&w);
	need_eq(token_init(&w.r, 0, 4, NULL), RSI_SUCCESS);
	for (unsigned int i = 0; i < 5; i++) {
		check_eq(token_continue(&w.r, 0, BUFFER, 4095, 0, &s), RSI_INCOMPLETE);
		check_eq(s.after[1], 0);
	}
	need_eq(token_fetch_rest(&w.r, 0, BUFFER, w.data_page, 4096, &f), RSI_SUCCESS);
	token_check(&f, 4, &t);
}

/* What counts is what was there at INIT; a new INIT ends the old token, whatever its state. */
TEST(token_is_of_its_init)
{
	struct cca_token t;
	struct world w;
	u8 zero[64] = { 0 }, rem[4][64] = { { 0 } };

	make(&w);
	need_eq(token_init(&w.r, 0, 6, NULL), RSI_SUCCESS);
	extend(&w.r, 0, 2, rem[1]);
	need_eq(token_fetch_rest(&w.r, 0, BUFFER, w.data_page, 4096, &f), RSI_SUCCESS);
	if (token_check(&f, 6, &t))
		check_rems(&t.realm.claims, (const u8[4][64]){ { 0 } }, 32);
	check(memcmp(rem[1], zero, 64));

	for (unsigned int calls = 0; calls < 4; calls++) {
		need_eq(token_init(&w.r, 0, 7, NULL), RSI_SUCCESS);
		sim_interrupt_after(calls == 1 ? 20 : 0);
		for (unsigned int i = 0; i < calls; i++)
			token_continue(&w.r, 0, BUFFER, 0, 10, NULL);
		sim_interrupt_after(0);
		need_eq(token_fetch(&w.r, 0, 8, BUFFER, w.data_page, 4096, &f), RSI_SUCCESS);
		if (token_check(&f, 8, &t))
			check_rems(&t.realm.claims, rem, 32);
	}
}

/* ---- interrupts ---- */

TEST(token_in_slices)
{
	struct cca_token t;
	struct world w;
	struct step s;
	unsigned int first = 0, second = 0;

	make(&w);
	for (unsigned int round = 0; round < 2; round++) {
		unsigned int *n = round ? &second : &first;

		need_eq(token_init(&w.r, 0, 5, NULL), RSI_SUCCESS);
		sim_interrupt_after(1);
		do {
			check_eq(token_continue(&w.r, 0, BUFFER, 0, 1, &s), RSI_INCOMPLETE);
		} while (!s.after[1] && ++*n < 1000);
		sim_interrupt_after(0);
		f.bytes[0] = *(u8 *)sim_ram(w.data_page);
		need_eq(token_continue(&w.r, 0, BUFFER, 0, 4096, &s), RSI_SUCCESS);
		memcpy(f.bytes + 1, sim_ram(w.data_page), s.after[1]);
		f.nr = 1 + s.after[1];
		token_check(&f, 5, &t);
	}
	/* the first one makes the public key and the platform token, too */
	check(first > 100 && second > 50 && second < first);
	check_eq(sim_el3.nr_keys, 1);
	check_eq(sim_el3.nr_tokens, 1);
}

/* The realm goes on with an interrupt waiting: what it takes is the host's. */
TEST(interrupt_while_a_token_is_made)
{
	struct world w;
	struct play p = { 0 };
	struct step *s;

	make(&w);
	need_eq(token_init(&w.r, 0, 5, NULL), RSI_SUCCESS);
	sim_interrupt_after(3);
	s = play_smc(&p, FID_TOKEN_CONTINUE, BUFFER, 0, 4096);
	play_irq(&p);
	play_start(&p);
	need_eq(play_enter(&w.r, 0).x[0], 0);
	check_eq(realm_run(&w.r, 0)->exit.exit_reason, RMI_EXIT_IRQ);
	check_eq(s->after[0], RSI_INCOMPLETE);
	check_eq(s->after[1], 0);
	check_eq(s->pc, PLAY_PC + 4);
}

/* ---- refusals ---- */

static void input(const struct realm *r, u64 at, u64 offset, u64 size)
{
	struct step s;

	test_note("at 0x%llx + 0x%llx, 0x%llx bytes", (unsigned long long)at,
		  (unsigned long long)offset, (unsigned long long)size);
	check_eq(token_continue(r, 0, at, offset, size, &s), RSI_ERROR_INPUT);
	check_eq(s.after[1], 0);
}

static void all_bad_arguments(const struct world *w)
{
	static const u64 offset[] = { 4096, 4097, BIT(32), BIT(63), ~0ULL };
	const u64 at[] = { BUFFER + 1, BUFFER + 2048, w->shared, BIT(33), ~0xFFFULL, BIT(52), RAM_TOP,
			   NO_TABLE, 0 };

	for (unsigned int i = 0; i < ARRAY_SIZE(at); i++)
		input(&w->r, at[i], 0, 4096);
	for (unsigned int i = 0; i < ARRAY_SIZE(offset); i++)
		input(&w->r, BUFFER, offset[i], 0);
	for (u64 size = 0; size < 4096; size += 1365) {
		input(&w->r, BUFFER, size, 4097 - size);
		input(&w->r, BUFFER, size, 0 - size - !size);
		input(&w->r, BUFFER, size, BIT(63));
	}
}

TEST(token_arguments)
{
	struct cca_token t;
	struct world w;

	make(&w);
	all_bad_arguments(&w);			/* before the state is looked at */
	need_eq(token_init(&w.r, 0, 2, NULL), RSI_SUCCESS);
	all_bad_arguments(&w);
	token_continue(&w.r, 0, BUFFER, 0, 0, NULL);
	all_bad_arguments(&w);
	/* and it has lost nothing */
	need_eq(token_fetch_rest(&w.r, 0, BUFFER, w.data_page, 4096, &f), RSI_SUCCESS);
	token_check(&f, 2, &t);
}

TEST(token_state)
{
	struct world w;
	struct step s;

	make(&w);
	for (unsigned int i = 0; i < 2; i++) {
		check_eq(token_continue(&w.r, 0, BUFFER, 0, 4096, &s), RSI_ERROR_STATE);
		check_eq(s.after[1], 0);
		need_eq(token_fetch(&w.r, 0, 2, BUFFER, w.data_page, 4096, &f), RSI_SUCCESS);
	}
	check_eq(token_continue(&w.r, 0, BUFFER, 0, 0, &s), RSI_ERROR_STATE);
}

/* The buffer is not mapped: the host hears of it, the realm repeats. */
TEST(token_buffer_not_mapped)
{
	for (unsigned int ready = 0; ready < 2; ready++) {
		struct rmi_rec_exit *e;
		struct cca_token t;
		struct world w;
		struct play p;

		make(&w);
		need_eq(token_init(&w.r, 0, 2, NULL), RSI_SUCCESS);
		if (ready)
			token_continue(&w.r, 0, BUFFER, 0, 0, NULL);
		e = play_exit(&w.r, &p, FID_TOKEN_CONTINUE, RAM_VOID, 0, 4096);
		check_eq(e->exit_reason, RMI_EXIT_SYNC);
		check_eq(e->esr, 0x24ULL << 26 | 7);
		check_eq(e->hpfar, RAM_VOID >> 8);
		need_eq(token_fetch_rest(&w.r, 0, RAM_VOID, realm_data(&w.r, RAM_VOID, 1), 4096, &f),
			RSI_SUCCESS);
		token_check(&f, 2, &t);
	}
}

/* ---- EL3 ---- */

static void fails_then_works(const struct world *w)
{
	struct cca_token t;

	need_eq(token_init(&w->r, 0, 2, NULL), RSI_SUCCESS);
	check_eq(token_continue(&w->r, 0, BUFFER, 0, 4096, NULL), RSI_ERROR_UNKNOWN);
	check_eq(token_continue(&w->r, 0, BUFFER, 0, 4096, NULL), RSI_ERROR_STATE);
	sim_el3.refuses = false;
	token_platform_is(TOKEN_2026, 0);
	need_eq(token_fetch(&w->r, 0, 3, BUFFER, w->data_page, 4096, &f), RSI_SUCCESS);
	token_check(&f, 3, &t);
}

TEST(el3_refuses)
{
	for (unsigned int after = 0; after < 3; after++) {
		struct world w;

		test_note("after %u interrupted calls", after);
		make(&w);
		need_eq(token_init(&w.r, 0, 2, NULL), RSI_SUCCESS);
		sim_interrupt_after(1);
		for (unsigned int i = 0; i < after; i++)
			token_continue(&w.r, 0, BUFFER, 0, 0, NULL);
		sim_interrupt_after(0);
		sim_el3.refuses = true;
		fails_then_works(&w);
	}
}

TEST(el3_gives_a_key_that_is_none)
{
	struct world w;

	make(&w);
	memset(sim_el3.key, 0xFF, 48);		/* beyond the order */
	need_eq(token_init(&w.r, 0, 2, NULL), RSI_SUCCESS);
	check_eq(token_continue(&w.r, 0, BUFFER, 0, 4096, NULL), RSI_ERROR_UNKNOWN);
	memset(sim_el3.key, 0x33, 48);
	sim_el3.refuses = true;
	fails_then_works(&w);
}

TEST(el3_says_again)
{
	for (unsigned int again = 1; again < 8; again++)
		for (unsigned int signs = 0; signs < 2; signs++) {
			struct cca_token t;
			struct world w;

			make(&w);
			if (signs)
				token_el3_signs();
			sim_el3.again = again;
			sim_el3.hunk = 300;
			need_eq(token_fetch(&w.r, 0, 3, BUFFER, w.data_page, 4096, &f), RSI_SUCCESS);
			check_eq(sim_el3.again, 0);
			token_check(&f, 3, &t);
		}
}

static size_t nothing(const u8 *challenge, size_t bytes, u8 *out, size_t room)
{
	(void)challenge, (void)bytes, (void)out, (void)room;
	return 0;
}

static size_t too_much(const u8 *challenge, size_t bytes, u8 *out, size_t room)
{
	(void)challenge, (void)bytes;
	memset(out, 0, room);
	return 0x4001;
}

TEST(platform_token_too_long)
{
	for (size_t hunk = 512; hunk <= 4096; hunk *= 2) {
		struct world w;

		make(&w);
		sim_el3.platform = too_much;
		sim_el3.hunk = hunk;
		fails_then_works(&w);
	}
}

/* What is no COSE_Sign1, or none with a profile, is passed on: the newest format is around it. */
TEST(platform_token_of_another_kind)
{
	struct world w;

	make(&w);
	sim_el3.platform = nothing;
	need_eq(token_fetch(&w.r, 0, 3, BUFFER, w.data_page, 4096, &f), RSI_SUCCESS);
	check(f.nr > 500 && !memcmp(f.bytes, "\xD9\x03\x8B\xA2\x19\xAC\xCA\x82\x19\x01\x07\x40", 12));
}

TEST(el3_signs)
{
	struct cca_token t;
	struct world w;

	make(&w);
	token_el3_signs();
	for (unsigned int i = 1; i < 4; i++) {
		sim_el3.lost = i == 2;		/* that answer is nobody's: it is asked again */
		need_eq(token_fetch(&w.r, 0, (u8)i, BUFFER, w.data_page, 4096, &f), RSI_SUCCESS);
		token_check(&f, (u8)i, &t);
	}
	check_eq(sim_el3.nr_signatures, 4);
	check_eq(sim_el3.nr_keys, 0);
}

/* ---- several RECs ---- */

struct two {
	struct world w;
	u64 page;			/* of the other realm, at BUFFER */
};

static void make_two(struct two *two)
{
	struct realm *o = &two->w.o;

	make(&two->w);
	realm_table(o, RAM, 3);
	realm_init_ripas(o, RAM, RAM_TOP);
	two->page = realm_data(o, BUFFER, 1);
	realm_activate(o);
}

/* Slice by slice in turn, on two CPUs; each gets its own. */
static void take_turns(struct two *two, bool el3_signs)
{
	static struct fetched g;
	struct cca_token t;
	struct step s;

	make_two(two);
	if (el3_signs)
		token_el3_signs();
	sim_el3.hunk = 200;
	need_eq(token_init(&two->w.r, 0, 0x11, NULL), RSI_SUCCESS);
	sim_be_cpu(1);
	need_eq(token_init(&two->w.o, 0, 0x22, NULL), RSI_SUCCESS);
	for (unsigned int i = 0; i < 400; i++) {
		sim_be_cpu(i % 2);
		sim_interrupt_after(1);
		need_eq(token_continue(i % 2 ? &two->w.o : &two->w.r, 0, BUFFER, 0, 0, &s),
			RSI_INCOMPLETE);
		sim_interrupt_after(0);
	}
	sim_be_cpu(3);				/* and it may move */
	need_eq(token_fetch_rest(&two->w.o, 0, BUFFER, two->page, 4096, &g), RSI_SUCCESS);
	need_eq(token_fetch_rest(&two->w.r, 0, BUFFER, two->w.data_page, 4096, &f), RSI_SUCCESS);
	token_check(&f, 0x11, &t);
	token_check(&g, 0x22, &t);
}

TEST(two_realms_take_turns)
{
	static struct two two;

	take_turns(&two, false);
	check_eq(sim_el3.nr_keys, 1);
	check_eq(sim_el3.nr_tokens, 1);
}

TEST(two_realms_take_turns_at_el3)
{
	static struct two two;

	take_turns(&two, true);
	check(sim_el3.nr_pushes < 10);
}

/* Whoever asks for the answer to another one's request and is refused has lost nothing of its own. */
TEST(el3_refuses_to_sign)
{
	static struct two two;
	struct cca_token t;

	make_two(&two);
	token_el3_signs();
	need_eq(token_init(&two.w.o, 0, 0x22, NULL), RSI_SUCCESS);
	need_eq(token_init(&two.w.r, 0, 0x11, NULL), RSI_SUCCESS);
	sim_interrupt_after(1);
	while (!sim_el3.nr_pushes)
		need_eq(token_continue(&two.w.o, 0, BUFFER, 0, 0, NULL), RSI_INCOMPLETE);
	need_eq(token_continue(&two.w.r, 0, BUFFER, 0, 0, NULL), RSI_INCOMPLETE);
	sim_el3.refuses = true;
	need_eq(token_continue(&two.w.r, 0, BUFFER, 0, 0, NULL), RSI_INCOMPLETE);
	check_eq(token_continue(&two.w.r, 0, BUFFER, 0, 0, NULL), RSI_ERROR_UNKNOWN);
	sim_el3.refuses = false;
	need_eq(token_continue(&two.w.o, 0, BUFFER, 0, 0, NULL), RSI_INCOMPLETE);
	check_eq(sim_el3.nr_pushes, 2);		/* again: its first request is gone */
	sim_el3.refuses = true;
	check_eq(token_continue(&two.w.o, 0, BUFFER, 0, 0, NULL), RSI_ERROR_UNKNOWN);
	sim_el3.refuses = false;
	sim_interrupt_after(0);
	need_eq(token_fetch(&two.w.r, 0, 0x11, BUFFER, two.w.data_page, 4096, &f), RSI_SUCCESS);
	token_check(&f, 0x11, &t);
}

/* One that never comes back for its signature holds up nobody, and gets it later. */
TEST(one_realm_does_not_collect)
{
	static struct two two;
	struct cca_token t;

	make_two(&two);
	token_el3_signs();
	need_eq(token_init(&two.w.o, 0, 0x22, NULL), RSI_SUCCESS);
	sim_interrupt_after(1);
	while (!sim_el3.nr_pushes)
		need_eq(token_continue(&two.w.o, 0, BUFFER, 0, 0, NULL), RSI_INCOMPLETE);
	sim_interrupt_after(0);
	need_eq(token_fetch(&two.w.r, 0, 0x11, BUFFER, two.w.data_page, 4096, &f), RSI_SUCCESS);
	token_check(&f, 0x11, &t);
	need_eq(token_fetch_rest(&two.w.o, 0, BUFFER, two.page, 4096, &f), RSI_SUCCESS);
	token_check(&f, 0x22, &t);
}

/* ---- nothing stays behind ---- */

static bool holds(u64 page, const u8 *what, size_t nr)
{
	return memmem(sim_ram(page), GRANULE_SIZE, what, nr) != NULL;
}

static bool holds_key(u64 page)
{
	u8 reversed[48];

	for (unsigned int i = 0; i < 48; i++)		/* as little-endian limbs */
		reversed[i] = sim_el3.key[47 - i];
	return holds(page, sim_el3.key, 48) || holds(page, reversed, 48);
}

TEST(no_key_stays_in_the_rec)
{
	struct world w;
	u64 page;

	make(&w);
	page = inside_token_page(w.r.rec[0]);
	need_eq(token_fetch(&w.r, 0, 1, BUFFER, w.data_page, 4096, &f), RSI_SUCCESS);
	check(is_wiped(page));
	need_eq(token_init(&w.r, 0, 1, NULL), RSI_SUCCESS);
	sim_interrupt_after(1);
	token_continue(&w.r, 0, BUFFER, 0, 0, NULL);
	token_continue(&w.r, 0, BUFFER, 0, 0, NULL);
	check(holds_key(page));			/* so that the checks below can fail */
	sim_interrupt_after(0);
	token_continue(&w.r, 0, BUFFER, 0, 0, NULL);
	check(!holds_key(page) && !is_wiped(page));
	need_eq(token_init(&w.r, 0, 1, NULL), RSI_SUCCESS);
	check(!holds_key(page));
}

TEST(rec_destroyed_while_signing)
{
	static struct two two;
	struct cca_token t;
	u64 page, rec;

	make_two(&two);
	need_eq(token_fetch(&two.w.r, 0, 1, BUFFER, two.w.data_page, 4096, &f), RSI_SUCCESS);
	rec = two.w.o.rec[0];
	page = inside_token_page(rec);
	need_eq(token_init(&two.w.o, 0, 1, NULL), RSI_SUCCESS);
	sim_interrupt_after(1);
	for (unsigned int i = 0; i < 20; i++)
		token_continue(&two.w.o, 0, BUFFER, 0, 0, NULL);
	sim_interrupt_after(0);
	check(holds_key(page));
	need_eq(status_of(sro_finish(rmi(FID_REC_DESTROY, rec))), 0);
	check(is_wiped(page));
	need_eq(token_fetch(&two.w.r, 0, 1, BUFFER, two.w.data_page, 4096, &f), RSI_SUCCESS);
	token_check(&f, 1, &t);
}

/* The same when the public key of all realms was in the making: the next one goes on with it. */
TEST(rec_destroyed_while_the_key_is_made)
{
	static struct two two;
	struct cca_token t;

	make_two(&two);
	need_eq(token_init(&two.w.o, 0, 1, NULL), RSI_SUCCESS);
	sim_interrupt_after(1);
	for (unsigned int i = 0; i < 20; i++)
		token_continue(&two.w.o, 0, BUFFER, 0, 0, NULL);
	sim_interrupt_after(0);
	need_eq(status_of(sro_finish(rmi(FID_REC_DESTROY, two.w.o.rec[0]))), 0);
	need_eq(token_fetch(&two.w.r, 0, 1, BUFFER, two.w.data_page, 4096, &f), RSI_SUCCESS);
	token_check(&f, 1, &t);
	check_eq(sim_el3.nr_keys, 1);
}

/* ---- two CPUs at the same time ---- */

struct maker {
	const struct realm *r;
	u64 page;
	u8 challenge;
	unsigned int cpu, nr_entries, nr_waits;	/* calls that gave nothing */
	u64 status;
	struct fetched got;
};

/* The realm of one CPU: INIT, then CONTINUE to the end. */
static void makes(void *arg, struct rec *rec, struct trap *trap)
{
	struct maker *m = arg;

	if (!m->nr_entries++) {
		for (unsigned int i = 1; i < 9; i++)
			memset(&rec->gprs[i], m->challenge, 8);
		rec->gprs[0] = FID_TOKEN_INIT;
	} else {
		if (m->nr_entries > 2) {	/* the first answer is INIT's */
			m->status = rec->gprs[0];
			need(rec->gprs[1] <= 300);
			memcpy(m->got.bytes + m->got.nr, sim_ram(m->page), rec->gprs[1]);
			m->got.nr += rec->gprs[1];
			m->nr_waits += !rec->gprs[1];
		}
		if (m->nr_entries > 2 && m->status != RSI_INCOMPLETE) {
			trap->kind = TRAP_IRQ;
			return;
		}
		memcpy(rec->gprs, (const u64[]){ FID_TOKEN_CONTINUE, BUFFER, 0, 300 }, 32);
	}
	trap->kind = TRAP_SYNC;
	trap->esr = EC(EC_SMC);
}

static void enters(void *arg)
{
	struct maker *m = arg;
	u64 regs[8] = { FID_REC_ENTER, m->r->rec[0], m->r->run[0] };

	sim_thread_call_begin();
	rmi_dispatch(regs);
	sim_thread_call_end();
}

static void *one_cpu(void *arg)
{
	struct maker *m = arg;

	sim_be_cpu(m->cpu);
	sim_realm_is(makes, m);
	sim_schedule_enter();
	if (!sim_try(enters, m, false))
		_Exit(3);
	sim_schedule_leave();
	return NULL;
}

TEST(race_of_tokens)
{
	static struct two two;
	static struct maker m[2];
	unsigned int waits = 0;

	for (u64 seed = 1; seed <= 20; seed++) {
		struct cca_token t;
		pthread_t thread[2];

		test_note("seed %llu", (unsigned long long)seed);
		make_two(&two);
		token_platform_key();
		if (seed & 1)
			token_el3_signs();
		sim_el3.hunk = 100;
		m[0] = (struct maker){ .r = &two.w.r, .page = two.w.data_page, .challenge = 1 };
		m[1] = (struct maker){ .r = &two.w.o, .page = two.page, .challenge = 2, .cpu = 1 };
		sim_faults_end_process(true);
		sim_schedule(2, seed);
		for (unsigned int i = 0; i < 2; i++)
			need(!pthread_create(&thread[i], NULL, one_cpu, &m[i]));
		for (unsigned int i = 0; i < 2; i++)
			pthread_join(thread[i], NULL);
		sim_schedule(0, 0);
		sim_faults_end_process(false);
		for (unsigned int i = 0; i < 2; i++) {
			check_eq(m[i].status, RSI_SUCCESS);
			token_check(&m[i].got, m[i].challenge, &t);
			waits += m[i].nr_waits;
		}
		check_eq(sim_el3.nr_tokens, 1);
	}
	check(waits > 2 * 20);			/* one call is for the work; more: the other one had it */
}
