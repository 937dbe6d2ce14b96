/* SPDX-License-Identifier: BSD-2-Clause */
/* RIM and REM, against what harness/measure.c computes. */
#include <string.h>

#include "abi/rsi.h"
#include "harness/measure.h"
#include "harness/play.h"
#include "harness/world.h"

static void is(const struct realm *r, u64 index, const u8 want[64])
{
	struct step *s = play_call(r, 0xC4000192, index);

	check_eq(s->after[0], RSI_SUCCESS);
	check(!memcmp(&s->after[1], want, 64));
	check_kept(s, 9);
}

static void make_rec(struct realm *r, bool runnable, u64 pc, const u64 gprs[8])
{
	u64 at = host_page();
	struct rmi_rec_params *p = sim_ram(at);

	r->rec[r->nr_recs] = host_delegated(1, GRANULE_SIZE);
	r->run[r->nr_recs] = host_page();
	p->flags = runnable | 0xF0;		/* other bits do not count */
	p->mpidr = r->nr_recs;
	p->pc = pc;
	memcpy(p->gprs, gprs, sizeof(p->gprs));
	need_eq(sro_finish(rmi(FID_REC_CREATE, r->rd, r->rec[r->nr_recs], at)).x[0], 0);
	r->nr_recs++;
	host_free(at, 1);
}

TEST(initial_measurement)
{
	static const u64 gprs[8] = { 1, 2, 3, 4, 5, 6, 7, ~0ULL };

	for (u8 hash = 0; hash < 3; hash++) {
		struct world w;
		struct realm r = realm_default;
		u8 rim[64] = { 0 }, zero[64] = { 0 };
		u64 src;

		test_note("hash %u", hash);
		world_make_bare(&w);
		r.hash = hash;
		realm_create(&r);
		src = host_page();
		for (unsigned int i = 0; i < GRANULE_SIZE; i++)
			((u8 *)sim_ram(src))[i] = (u8)(i * 7);

		realm_data_init(&r, RAM, src, true);
		extend_data(hash, rim, RAM, 1, sim_ram(src));
		realm_data_init(&r, RAM + 0x5000, src, false);	/* measured without its content */
		extend_data(hash, rim, RAM + 0x5000, 0, NULL);
		realm_data(&r, RAM + 0x7000, 3);		/* these are not measured: */
		realm_init_ripas(&r, RAM, RAM + 0x100000);
		make_rec(&r, true, 0x80000040, gprs);
		extend_rec(hash, rim, 0x80000040, gprs);
		make_rec(&r, false, 0x1234, gprs);		/* nor this */
		realm_activate(&r);

		is(&r, 0, rim);
		for (u64 i = 1; i <= 4; i++)
			is(&r, i, zero);
	}
}

/* Order matters, and each realm has its own. */
TEST(measurement_depends_on_order)
{
	struct world w;
	struct realm a = realm_default, b = realm_default;
	u64 src, none[8] = { 0 };
	u8 one[64], other[64];

	world_make_bare(&w);
	src = host_page();
	realm_create(&a);
	realm_create(&b);
	realm_data_init(&a, RAM, src, true);
	realm_data_init(&b, RAM + 0x1000, src, true);
	realm_data_init(&a, RAM + 0x1000, src, true);
	realm_data_init(&b, RAM, src, true);
	make_rec(&a, true, RAM, none);
	make_rec(&b, true, RAM, none);
	realm_activate(&a);
	realm_activate(&b);
	memcpy(one, &play_call(&a, 0xC4000192, 0)->after[1], 64);
	memcpy(other, &play_call(&b, 0xC4000192, 0)->after[1], 64);
	check(memcmp(one, other, 64));
}

static void extend(const struct realm *r, u8 hash, u8 rem[64], u64 index, u64 size)
{
	u64 x[11] = { 0xC4000193, index, size };
	struct step *s;

	for (unsigned int i = 0; i < 8; i++)
		x[3 + i] = 0x0123456789ABCDEF * (i + 1) + size;
	extend_rem(hash, rem, &x[3], size);
	s = play_call_n(r, 11, x);
	check_eq(s->after[0], RSI_SUCCESS);
	check_kept(s, 1);
}

TEST(extended_measurements)
{
	for (u8 hash = 0; hash < 3; hash++) {
		struct world w;
		struct realm r = realm_default;
		u8 rem[5][64] = { { 0 } }, rim[64];

		test_note("hash %u", hash);
		world_make_bare(&w);
		r.hash = hash;
		realm_create(&r);
		realm_rec(&r, true, RAM);
		realm_activate(&r);
		memcpy(rim, &play_call(&r, 0xC4000192, 0)->after[1], 64);
		for (u64 size = 0; size <= 64; size += size < 8 ? 1 : 7)
			for (u64 i = 1; i <= 4; i++)
				extend(&r, hash, rem[i], i, i == 2 ? 64 : size);
		for (u64 i = 1; i <= 4; i++)
			is(&r, i, rem[i]);
		is(&r, 0, rim);			/* fixed */
	}
}

static void refused(const struct realm *r, u64 fid, u64 index, u64 size)
{
	struct step *s = play_call(r, fid, index, size, 1, 2, 3);

	test_note("index %llu size %llu", (unsigned long long)index, (unsigned long long)size);
	check_eq(s->after[0], RSI_ERROR_INPUT);
	check_kept(s, 1);
}

TEST(measurement_arguments)
{
	static const u64 bad[] = { 5, 6, 255, 256, BIT(32), BIT(32) + 1, BIT(63), ~0ULL };
	struct world w;
	u8 zero[64] = { 0 };

	world_make_active(&w);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		refused(&w.r, 0xC4000192, bad[i], 0);
		refused(&w.r, 0xC4000193, bad[i], 32);
		refused(&w.r, 0xC4000193, 1, bad[i] > 64 ? bad[i] : 65);
	}
	refused(&w.r, 0xC4000193, 0, 32);
	is(&w.r, 1, zero);
}
