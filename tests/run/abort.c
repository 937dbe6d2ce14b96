/* SPDX-License-Identifier: BSD-2-Clause */
/* Aborts of a realm: who hears of them, and what (rmi-exec.md 4.2-4.4, realm-exec.md 5). */
#include <string.h>

#include "harness/inside.h"
#include "harness/play.h"
#include "harness/world.h"

#define NOISE		(BIT(8) | BIT(7))	/* CM, S1PTW: never shown */
#define FSC_PERMISSION	0x0F
#define SHOWN_PROTECTED	(MASK(31, 26) | MASK(12, 11) | BIT(10) | BIT(9) | MASK(5, 0))

static struct world w;
static struct play p;
static struct rmi_rec_exit *e;

static const struct rec *rec(void)
{
	return sim_ram(w.r.rec[0]);
}

static void begin(void)
{
	world_make_active(&w);
	memset(&p, 0, sizeof(p));
	e = &realm_run(&w.r, 0)->exit;
}

static void enter(void)
{
	need_eq(play_enter(&w.r, 0).x[0], RMI_SUCCESS);
}

static void enter_with(u64 flags, u64 gpr0)
{
	realm_run(&w.r, 0)->enter.flags = flags;
	realm_run(&w.r, 0)->enter.gprs[0] = gpr0;
	enter();
	realm_run(&w.r, 0)->enter.flags = 0;
}

/* ---- protected memory ---------------------------------------------------------------- */

TEST(protected_data_abort)
{
	begin();
	play_trap(&p, TRAP_SYNC, esr_mmio(3, 5, true, true, true) | NOISE, 0x123456789ABCDEF8,
		  RAM_VOID);
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->esr, (u64)EC_DABT << 26 | FSC_TRANSLATION);
	check_eq(e->hpfar, RAM_VOID >> 8);
	check_eq(e->far, 0);
	check_eq(e->gprs[0], 0);
	check_eq(rec()->pc, PLAY_PC);
	/* never emulated */
	realm_run(&w.r, 0)->enter.flags = RMI_ENTER_EMUL_MMIO;
	check_status(play_enter(&w.r, 0), RMI_ERROR_REC);
	/* an SEA cannot be asked for either: no effect */
	enter_with(RMI_ENTER_INJECT_SEA, 0);
	check_eq(p.step[0].pc, PLAY_PC);
	check_eq(e->exit_reason, RMI_EXIT_IRQ);
}

TEST(protected_instruction_abort)
{
	begin();
	play_trap(&p, TRAP_SYNC, EC(EC_IABT) | BIT(11) | BIT(10) | NOISE | FSC_TRANSLATION,
		  0x1234, RAM_VOID + 0x5000);
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->esr, (u64)EC_IABT << 26 | BIT(11) | FSC_TRANSLATION);
	check_eq(e->hpfar, (RAM_VOID + 0x5000) >> 8);
	check_eq(e->far, 0);
}

TEST(destroyed_memory)
{
	begin();
	need_eq(rmi(FID_RTT_DATA_UNMAP, w.r.rd, RAM, RAM + 0x1000, 0, 0).x[0], 0);
	play_trap(&p, TRAP_SYNC, esr_mmio(3, 0, false, false, true), 0, RAM);
	play_trap(&p, TRAP_SYNC, EC(EC_IABT) | FSC_TRANSLATION, 0, RAM);
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->esr >> 26, EC_IABT);
}

/* The host mapped it meanwhile, or the abort was a shadow of break-before-make: again. */
TEST(mapped_meanwhile)
{
	begin();
	play_trap(&p, TRAP_SYNC, esr_mmio(3, 0, false, false, true), 0, RAM);
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_IRQ);
	check(p.step[0].seen);
	check_eq(p.step[0].pc, PLAY_PC);
}

/* ---- injection -------------------------------------------------------------------------- */

static void check_sea(const struct step *s, u64 ec, u64 vector, u64 far)
{
	check_eq(s->pc, PLAY_VBAR + vector);
	check_eq(s->pstate_after & 0x3DF, 0x3C5);		/* EL1h, DAIF */
	check_eq(sim_pe()->el1[EL1_ELR], PLAY_PC);
	check_eq(sim_pe()->el1[EL1_ESR] >> 26, ec);
	check_eq(sim_pe()->el1[EL1_ESR] & 0x3F, 0x10);
	check(sim_pe()->el1[EL1_ESR] & BIT(9));			/* EA */
	check(!(sim_pe()->el1[EL1_ESR] & BIT(24)));		/* no ISV, nor what belongs to it */
	check_eq(sim_pe()->el1[EL1_ESR] & MASK(23, 14), 0);
	if (far)
		check_eq(sim_pe()->el1[EL1_FAR], far);
	for (unsigned int i = 0; i < 31; i++)
		check_eq(s->after[i], secret(i));
}

static void takes_sea(u64 esr, u64 ipa, u64 ec)
{
	begin();
	test_note("esr 0x%llx at 0x%llx", (unsigned long long)esr, (unsigned long long)ipa);
	play_trap(&p, TRAP_SYNC, esr, 0xFA12345678, ipa)->pstate = 0x3C5;
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_IRQ);			/* the host hears nothing */
	check_sea(&p.step[0], ec, 0x200, 0xFA12345678);
	check_eq(sim_pe()->el1[EL1_SPSR], 0x3C5);
}

TEST(what_the_realm_takes_itself)
{
	u64 data = esr_mmio(3, 1, false, false, true), fetch = EC(EC_IABT) | FSC_TRANSLATION;

	takes_sea(data, RAM_TOP, 0x25);				/* EMPTY */
	takes_sea(fetch, RAM_TOP, 0x21);
	takes_sea(data, NO_TABLE, 0x25);
	begin();
	u64 shared = w.shared;
	takes_sea(fetch, shared, 0x21);				/* no code from shared memory */
	takes_sea(fetch, shared + 0x100000, 0x21);
	takes_sea((fetch & ~0x3FULL) | FSC_PERMISSION, shared, 0x21);
}

/* ---- beyond the IPA space: an Address Size Fault of the realm's stage 1 (decisions 77) ------- */

static void takes_address_size(u64 esr, u64 far, u64 ipa, u64 want)
{
	const struct step *s = &p.step[0];

	test_note("esr 0x%llx at 0x%llx", (unsigned long long)esr, (unsigned long long)ipa);
	play_trap(&p, TRAP_SYNC, esr, far, ipa)->pstate = 0x3C5;
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_IRQ);			/* the host hears nothing */
	check_eq(s->pc, PLAY_VBAR + 0x200);
	check_eq(s->pstate_after & 0x3DF, 0x3C5);
	check_eq(sim_pe()->el1[EL1_ELR], PLAY_PC);
	check_eq(sim_pe()->el1[EL1_FAR], far);
	check_eq(sim_pe()->el1[EL1_ESR], want);
	check_kept(s, 0);
}

#define DABT	(0x25ULL << 26 | BIT(25))
#define FETCHED	(0x21ULL << 26 | BIT(25))

TEST(beyond_the_space_with_stage_1_off)
{
	u64 data = esr_mmio(3, 1, false, false, true), fetch = EC(EC_IABT) | FSC_TRANSLATION;

	begin();
	takes_address_size(data, BIT(33), BIT(33), DABT);
	begin();
	takes_address_size(data | BIT(6) | BIT(8), BIT(51), BIT(51), DABT | BIT(6) | BIT(8));
	begin();
	takes_address_size(fetch, BIT(33) + RAM, BIT(33) + RAM, FETCHED);
	begin();
	takes_address_size((data & ~0x3FULL) | 0x2B, BIT(33), BIT(33), DABT);
}

/*
 * Two tables of the realm's, at RAM + 0x1000 and + 0x2000; 39 bits of VA in 4 KiB
 * granules start at level 1.
 */
static u64 *tables(u64 tcr, u64 sctlr)
{
	struct rec *r;

	begin();
	r = sim_ram(w.r.rec[0]);
	r->sys.sctlr_el1 = sctlr;
	r->sys.tcr_el1 = tcr;
	r->sys.ttbr0_el1 = RAM + 0x1000;
	r->sys.ttbr1_el1 = RAM + 0x1000;
	return sim_ram(w.data_page);
}

#define T0_39	25ULL
#define T1_39	(25ULL << 16 | 2ULL << 30)	/* TG1: 4 KiB */
#define LEAF	1ULL
#define TABLE	3ULL

TEST(beyond_the_space_by_level)
{
	u64 data = esr_mmio(3, 1, false, false, true), fetch = EC(EC_IABT) | FSC_TRANSLATION;
	u64 walk = (data & ~(BIT(24) | MASK(23, 14))) | BIT(7), high = 0xFFFFFF8000000000;
	u64 *t;

	/* a block of 1 GiB */
	t = tables(T0_39, BIT(0));
	t[3] = BIT(33) | LEAF;
	takes_address_size(data, 0xC0000123, BIT(33) + 0x123, DABT | 1);
	/* a block of 2 MiB, by a fetch, in the upper range */
	t = tables(T1_39, BIT(0));
	t[3] = (RAM + 0x2000) | TABLE;
	t[512 + 5] = BIT(33) | LEAF;
	takes_address_size(fetch, high + 0xC0A00000, BIT(33), FETCHED | 2);
	/* a page, by a table that is the realm's own third */
	t = tables(T0_39, BIT(0));
	t[3] = (RAM + 0x2000) | TABLE;
	t[512 + 5] = (RAM + 0x1000) | TABLE;
	t[7] = BIT(40) | TABLE;
	takes_address_size(data, 0xC0A07000, BIT(40), DABT | 3);
	/* the table itself is beyond: hardware stopped on its way there */
	t = tables(T0_39, BIT(0));
	t[3] = (RAM + 0x2000) | TABLE;
	t[512 + 5] = BIT(33) | TABLE;
	takes_address_size(walk, 0xC0A07000, BIT(33), DABT | 2);
	/* so is the first one: TTBR0_EL1 */
	tables(T0_39, BIT(0));
	((struct rec *)sim_ram(w.r.rec[0]))->sys.ttbr0_el1 = BIT(34);
	takes_address_size(walk, 0xC0A07000, BIT(34), DABT | 0);
	/* big endian */
	t = tables(T0_39, BIT(0) | BIT(25));
	t[3] = __builtin_bswap64(BIT(33) | LEAF);
	takes_address_size(data, 0xC0000000, BIT(33), DABT | 1);
	/* 52 bits of VA start at level -1: its entry names a table beyond */
	t = tables(12 | BIT(59), BIT(0));
	t[3] = BIT(33) | TABLE;
	takes_address_size(walk, 3ULL << 48, BIT(33), (DABT | 0x29));
	/* 52 bits of address in 4 KiB granules: [51:50] in 9:8 */
	t = tables(T0_39 | BIT(59), BIT(0));
	t[3] = 2ULL << 8 | LEAF;
	takes_address_size(data, 0xC0000000, BIT(51), DABT | 1);
	/* 64 KiB granules, 42 bits: level 2, [51:48] in 15:12 */
	t = tables(22 | 1ULL << 14 | 6ULL << 32, BIT(0));
	((struct rec *)sim_ram(w.r.rec[0]))->sys.ttbr0_el1 = RAM;
	t[1] = 8ULL << 12 | LEAF;
	takes_address_size(data, 0x201ULL << 29, BIT(51), DABT | 2);
	/* 16 KiB granules, 36 bits: level 2 */
	t = tables(28 | 2ULL << 14, BIT(0));
	((struct rec *)sim_ram(w.r.rec[0]))->sys.ttbr0_el1 = RAM;
	t[2] = BIT(33) | LEAF;
	takes_address_size(data, 0x202ULL << 25, BIT(33), DABT | 2);
	/* sizes that no hardware walks: fewer bits than a page has, more than 52 */
	tables(52, BIT(0));
	takes_address_size(data, 0xC0000000, BIT(33), DABT);
	tables(11 | BIT(59), BIT(0));
	takes_address_size(data, 0xC0000000, BIT(33), DABT);
}

static void ttbr(u64 v) { ((struct rec *)sim_ram(w.r.rec[0]))->sys.ttbr0_el1 = v; }

/* The address of a table in its two or three pieces: too high by each of them alone. */
TEST(beyond_the_space_by_a_table)
{
	u64 walk = (esr_mmio(3, 1, false, false, true) & ~(BIT(24) | MASK(23, 14))) | BIT(7);
	static const u64 high_4k[] = { BIT(33), BIT(47), BIT(48), BIT(49), 1 << 8, 2 << 8 };
	static const u64 high_64k[] = { BIT(33), BIT(47), 1 << 12, 8 << 12 };
	u64 *t;

	for (unsigned int i = 0; i < ARRAY_SIZE(high_4k); i++) {
		t = tables(T0_39 | BIT(59), BIT(0));
		t[3] = high_4k[i] | TABLE;
		takes_address_size(walk, 0xC0A07000, BIT(33), DABT | 1);
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(high_64k); i++) {
		t = tables(22 | 1ULL << 14 | 6ULL << 32, BIT(0));
		ttbr(RAM);
		t[1] = high_64k[i] | TABLE;
		takes_address_size(walk, 0x201ULL << 29, BIT(33), DABT | 2);
	}
	/* within: the next level is looked at; there is nothing, or a page that lies beyond */
	t = tables(22 | 1ULL << 14, BIT(0));
	ttbr(RAM);
	t[1] = RAM | TABLE;
	t[6] = BIT(33) | TABLE;
	takes_address_size(walk, 0x201ULL << 29 | 0x206ULL << 16, BIT(33), DABT | 3);
	t = tables(T0_39, BIT(0));			/* no LPA2: [9:8] and [49:48] are no address */
	t[3] = BIT(49) | 3 << 8 | (RAM + 0x2000) | TABLE;
	takes_address_size(walk, 0xC0A07000, BIT(33), DABT | 2);
	/* TTBR0_EL1: [5:2] are [51:48] where there are 52 bits, or else the table's */
	tables(T0_39 | BIT(59) | 6ULL << 32, BIT(0));
	ttbr((RAM + 0x1000) | 1 << 2);
	takes_address_size(walk, 0xC0A07000, BIT(33), DABT | 0);
	tables(22 | 1ULL << 14 | 6ULL << 32, BIT(0));
	ttbr(RAM | 8 << 2);
	takes_address_size(walk, 0x201ULL << 29, BIT(33), DABT | 0);
	t = tables(T0_39 | 6ULL << 32, BIT(0));
	ttbr((RAM + 0x1000) | 8 << 2);
	t[4 + 3] = BIT(33) | TABLE;
	takes_address_size(walk, 0xC0A07000, BIT(33), DABT | 1);
	t = tables(T0_39 | BIT(59), BIT(0));
	ttbr((RAM + 0x1000) | 8 << 2);
	t[4 + 3] = BIT(33) | TABLE;
	takes_address_size(walk, 0xC0A07000, BIT(33), DABT | 1);
	t = tables(T0_39 | BIT(59) | 6ULL << 32, BIT(0));
	ttbr((RAM + 0x1000) | 1);			/* CnP */
	t[3] = BIT(33) | TABLE;
	takes_address_size(walk, 0xC0A07000, BIT(33), DABT | 1);
}

/* What the realm's tables say now is not what hardware saw: any level, but no harm. */
TEST(beyond_the_space_and_changed)
{
	u64 data = esr_mmio(3, 1, false, false, true), *t;

	t = tables(T0_39, BIT(0));
	t[3] = 0;
	takes_address_size(data, 0xC0000000, BIT(33), DABT | 1);
	t = tables(T0_39, BIT(0));
	t[3] = w.shared | TABLE;		/* not looked at */
	takes_address_size(data, 0xC0000000, BIT(33), DABT | 2);
	t = tables(T0_39, BIT(0));
	t[3] = RAM_VOID | TABLE;
	takes_address_size(data, 0xC0000000, BIT(33), DABT | 2);
	tables(T0_39 | 3ULL << 14, BIT(0));	/* a granule size that is none */
	takes_address_size(data, 0xC0000000, BIT(33), DABT | 0);
	tables(63, BIT(0));
	takes_address_size(data, 0, BIT(33), DABT | 0);
	tables(0, BIT(0));
	takes_address_size(data, 0, BIT(33), DABT | 0);
}

TEST(vectors_and_levels)
{
	static const struct { u64 pstate, vector, ec; } c[] = {
		{ 0x3C5, 0x200, 0x25 }, { 0x3C4, 0x000, 0x25 }, { 0x000, 0x400, 0x24 },
		{ 0x010, 0x600, 0x24 }, { 0x1D0 /* AArch32 User */, 0x600, 0x24 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		begin();
		test_note("PSTATE 0x%x", (unsigned int)c[i].pstate);
		play_trap(&p, TRAP_SYNC, esr_mmio(2, 1, false, false, true), 0x55000, RAM_TOP)
			->pstate = c[i].pstate | BIT(31) | BIT(24);
		play_start(&p);
		enter();
		check_sea(&p.step[0], c[i].ec, c[i].vector, 0x55000);
		check(p.step[0].pstate_after & BIT(31));	/* flags kept */
	}
}

/* What the handler starts with: of the old state, of SCTLR_EL1, of the machine; all else zero. */
TEST(state_of_the_handler)
{
	for (unsigned int n = 0; n < 32; n++) {
		bool span = n & 1, dssbs = n & 2, mte = n & 4, pan = n & 8, all = n & 16;
		struct rec *r;

		begin();
		test_note("case %u", n);
		arch_features.mte = mte;
		r = sim_ram(w.r.rec[0]);
		r->sys.sctlr_el1 = (span ? BIT(23) : 0) | (dssbs ? BIT(44) : 0);
		play_trap(&p, TRAP_SYNC, esr_mmio(2, 1, false, false, true), 0x55000, RAM_TOP)->pstate =
			0x3C5 | (pan ? BIT(22) : 0) | (all ? ~(BIT(22) | MASK(9, 0)) & MASK(31, 0) : 0);
		play_start(&p);
		enter();
		check_eq(p.step[0].pstate_after, 0x3C5 | (pan || !span ? BIT(22) : 0) |
			 (dssbs ? BIT(12) : 0) | (mte ? BIT(25) : 0) | (all ? MASK(31, 28) | BIT(24) : 0));
	}
	arch_features.mte = true;
}

/* ---- unprotected memory ------------------------------------------------------------------- */

static void mmio(unsigned int size, unsigned int srt, bool write, bool sse, bool sf, u64 at)
{
	begin();
	play_trap(&p, TRAP_SYNC, esr_mmio(size, srt, write, sse, sf) | NOISE,
		  0xFFFF000012345000 | (at & 0xFFF), at);
	play_start(&p);
	enter();
}

static u64 size_mask(unsigned int size)
{
	return size == 3 ? ~0ULL : (1ULL << (8u << size)) - 1;
}

TEST(mmio_writes)
{
	for (unsigned int size = 0; size < 4; size++)
		for (unsigned int srt = 0; srt < 32; srt += 31) {
			begin();
			u64 at = w.shared + 0x5008;

			play_trap(&p, TRAP_SYNC,
				  esr_mmio(size, srt, true, false, size == 3) | NOISE,
				  0xFFFF000012345008, at);
			p.step[0].nr_x = 1;
			p.step[0].x[0] = 0x8899AABBCCDDEEFF;
			play_start(&p);
			enter();
			test_note("write of %u bytes from x%u", 1u << size, srt);
			check_eq(e->exit_reason, RMI_EXIT_SYNC);
			check_eq(e->esr, (u64)EC_DABT << 26 | BIT(24) | (u64)size << 22 |
					 (size == 3 ? BIT(15) : 0) | BIT(6) | FSC_TRANSLATION);
			check_eq(e->far, 0x008);
			check_eq(e->hpfar, (at & ~0xFFFULL) >> 8);
			check_eq(e->gprs[0], srt == 31 ? 0 : 0x8899AABBCCDDEEFF & size_mask(size));
			enter_with(RMI_ENTER_EMUL_MMIO, 0xBAD);
			check_eq(p.step[0].pc, PLAY_PC + 4);
			check_eq(p.step[0].after[0], 0x8899AABBCCDDEEFF);
			check_kept(&p.step[0], 0);
		}
}

TEST(mmio_reads)
{
	u64 value = 0xF1E2D3C4B5A69788;		/* negative in each size; then positive */

	for (unsigned int size = 0; size < 4; size++)
		for (unsigned int kind = 0; kind < 8; kind++) {
			bool sse = kind & 1, sf = kind & 2;
			u64 want;

			value = kind & 4 ? 0x7162534435261708 : 0xF1E2D3C4B5A69788;
			want = value & size_mask(size);

			if (sse && size < 3 && want >> ((8u << size) - 1))
				want |= ~size_mask(size);
			if (!sf)
				want = (u32)want;
			begin();
			mmio(size, 9, false, sse, sf, w.shared + 0x5010);
			test_note("read of %u bytes, sign %d, 64 bit %d", 1u << size, sse, sf);
			check_eq(e->gprs[0], 0);
			check_eq(e->esr & (BIT(21) | MASK(20, 16) | BIT(14) | NOISE | BIT(25)), 0);
			enter_with(RMI_ENTER_EMUL_MMIO, value);
			check_eq(p.step[0].after[9], want);
			check_eq(p.step[0].pc, PLAY_PC + 4);
			for (unsigned int i = 0; i < 31; i++)
				if (i != 9)
					check_eq(p.step[0].after[i], secret(i));
		}
	mmio(3, 31, false, false, true, w.shared + 0x5010);	/* into XZR */
	enter_with(RMI_ENTER_EMUL_MMIO, value);
	check_eq(p.step[0].pc, PLAY_PC + 4);
	check_kept(&p.step[0], 0);
}

/* Not emulated: the same instruction again. And a flag is good for one exit only. */
TEST(mmio_again)
{
	begin();
	mmio(2, 3, false, false, true, w.shared + 0x6000);
	enter_with(0, 0xBAD);
	check_eq(p.step[0].pc, PLAY_PC);
	check_eq(p.step[0].after[3], secret(3));
	check_status(rmi(FID_REC_ENTER, w.r.rec[0], w.r.run[0]), RMI_SUCCESS);
	realm_run(&w.r, 0)->enter.flags = RMI_ENTER_EMUL_MMIO;
	check_status(rmi(FID_REC_ENTER, w.r.rec[0], w.r.run[0]), RMI_ERROR_REC);
}

TEST(mmio_not_emulatable)
{
	u64 esr = (esr_mmio(2, 3, true, false, true) & ~BIT(24)) | NOISE;

	begin();
	play_trap(&p, TRAP_SYNC, esr, 0x1238, w.shared + 0x6000);
	play_start(&p);
	enter();
	check_eq(e->esr, (u64)EC_DABT << 26 | BIT(25) | FSC_TRANSLATION);
	check_eq(e->far, 0);
	check_eq(e->gprs[0], 0);
	realm_run(&w.r, 0)->enter.flags = RMI_ENTER_EMUL_MMIO;
	check_status(play_enter(&w.r, 0), RMI_ERROR_REC);
	/* an SEA may be injected; it wins over the emulation */
	enter_with(RMI_ENTER_INJECT_SEA | RMI_ENTER_EMUL_MMIO, 1);
	check_eq(p.step[0].pc, PLAY_VBAR + 0x200);
}

TEST(host_injects_an_sea)
{
	begin();
	mmio(2, 3, false, false, true, w.shared + 0x6000);
	enter_with(RMI_ENTER_INJECT_SEA | RMI_ENTER_EMUL_MMIO, 0xBAD);
	check_sea(&p.step[0], 0x25, 0x200, 0xFFFF000012345000);
}

/* A permission fault of a mapped shared page is emulatable like a missing one. */
TEST(shared_permission_fault)
{
	begin();
	play_trap(&p, TRAP_SYNC, (esr_mmio(2, 3, true, false, true) & ~0x3FULL) | FSC_PERMISSION, 0,
		  w.shared);
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->esr & 0x3F, FSC_PERMISSION);
	check(e->esr & BIT(24));
	check_eq(e->gprs[0], (u32)secret(3));
}

/* AArch32 at EL0: never emulatable (realm-exec.md 5.6). */
TEST(mmio_from_aarch32)
{
	begin();
	play_trap(&p, TRAP_SYNC, esr_mmio(2, 3, true, false, false), 0, w.shared + 0x6000)->pstate =
		0x10;
	play_start(&p);
	enter();
	check_eq(e->esr & BIT(24), 0);
	check_eq(e->gprs[0], 0);
}

/* ---- external aborts and SErrors ----------------------------------------------------------- */

TEST(external_abort_reported)
{
	begin();
	play_trap(&p, TRAP_SYNC, EC(EC_DABT) | 3 << 11 | NOISE | BIT(6) | 0x10, 0x123,
		  RAM); /* UEO */
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->esr, (u64)EC_DABT << 26 | 3 << 11 | 0x10);
	check_eq(e->far | e->hpfar, 0);
	enter();
	check_eq(p.step[0].pc, PLAY_PC);			/* restartable */
}

TEST(external_abort_recoverable)
{
	begin();
	play_trap(&p, TRAP_SYNC, EC(EC_DABT) | BIT(9) | 0x10, 0x123, RAM)->pstate = 0x3C5;
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->esr, (u64)EC_DABT << 26 | BIT(9) | 0x10);
	enter();
	check_sea(&p.step[0], 0x25, 0x200, 0x123);
}

TEST(external_abort_of_a_fetch)
{
	begin();
	play_trap(&p, TRAP_SYNC, EC(EC_IABT) | 3 << 11 | BIT(9) | 0x10, 0x123, RAM);
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SYNC);
	check_eq(e->esr, (u64)EC_IABT << 26 | 3 << 11 | BIT(9) | 0x10);
	begin();
	play_trap(&p, TRAP_SYNC, EC(EC_IABT) | 0x15, 0x124, RAM)->pstate =
		0x3C5; /* on a walk, UER */
	play_start(&p);
	enter();
	enter();
	check_sea(&p.step[0], 0x21, 0x200, 0x124);
}

/* A fault that no mapping cures: the realm's own. */
TEST(other_faults)
{
	takes_sea((esr_mmio(3, 1, false, false, true) & ~0x3FULL) | 0x21, RAM,
		  0x25); /* alignment */
	takes_sea((esr_mmio(3, 1, false, false, true) & ~0x3FULL) | 0x03, RAM,
		  0x25); /* address size */
}

/* Each status: the host's, when it is a fault of stage 2 or an error of memory; else the realm's. */
TEST(every_fault_status)
{
	for (u64 fsc = 0; fsc < 64; fsc++)
		for (unsigned int kind = 0; kind < 4; kind++) {
			bool fetch = kind & 1, is_beyond = kind & 2;
			bool external = fsc == 0x10 || fsc == 0x13 || (fsc >= 0x14 && fsc < 0x18);
			bool mapping = (fsc >= 4 && fsc < 0x10) || fsc == 0x2B;
			u64 at = is_beyond ? BIT(40) : RAM_VOID, esr = fetch ? EC(EC_IABT) : EC(EC_DABT);

			begin();
			test_note("status 0x%x, kind %u", (unsigned int)fsc, kind);
			play_trap(&p, TRAP_SYNC, esr | 3 << 11 | fsc, 0x123, at)->pstate = 0x3C5;
			play_start(&p);
			enter();
			if (external || (mapping && !is_beyond)) {
				check_eq(e->exit_reason, RMI_EXIT_SYNC);
				check_eq(e->hpfar, external ? 0 : RAM_VOID >> 8);
				check_eq(e->esr & 0x3F, fsc);
				continue;
			}
			check_eq(e->exit_reason, RMI_EXIT_IRQ);
			check_eq(p.step[0].pc, PLAY_VBAR + 0x200);
			check_eq(sim_pe()->el1[EL1_ESR] & 0x3F, mapping ? 0 : 0x10);
		}
}

static void serror(u64 esr)
{
	begin();
	play_trap(&p, TRAP_SERROR, 0x2FULL << 26 | BIT(25) | esr | 0x11, 0, 0);
	play_start(&p);
	enter();
	check_eq(e->exit_reason, RMI_EXIT_SERROR);
	check_eq(e->esr, 0x2FULL << 26 | (esr & (MASK(12, 10) | BIT(9))) | 0x11);
}

TEST(serrors)
{
	serror(1 << 10 | BIT(9) | BIT(13));	/* UEU: to the realm too */
	check(sim_pe()->vserror);
	serror(3 << 10);			/* UER */
	check(sim_pe()->vserror);
	serror(2 << 10);			/* UEO */
	check(!sim_pe()->vserror);
	serror(6 << 10);			/* corrected */
	check(!sim_pe()->vserror);
}

/* What is not contained ends the realm, not the monitor; the host hears why. */
TEST(uncontainable)
{
	static const struct { enum trap_kind kind; u64 esr, shown; } c[] = {
		{ TRAP_SERROR, 0x2FULL << 26 | 0x11, 0x2FULL << 26 | 0x11 },	/* UC */
		{ TRAP_SERROR, 0x2FULL << 26 | 4 << 10 | 0x11, 0x2FULL << 26 | 4 << 10 | 0x11 },
		{ TRAP_SERROR, 0x2FULL << 26 | BIT(24) | BIT(20), 0x2FULL << 26 | BIT(24) },
		{ TRAP_SERROR, 0x2FULL << 26 | BIT(24) | 6 << 10 | 0x11,
		  0x2FULL << 26 | BIT(24) | 6 << 10 | 0x11 },			/* IDS: no AET */
		{ TRAP_SERROR, 0x2FULL << 26, 0x2FULL << 26 },			/* uncategorised */
		{ TRAP_SYNC, (u64)EC_DABT << 26 | 2 << 11 | 0x10,		/* SET = UC */
		  (u64)EC_DABT << 26 | 2 << 11 | 0x10 },
		{ TRAP_SYNC, (u64)EC_IABT << 26 | 1 << 11 | 0x14, (u64)EC_IABT << 26 | 1 << 11 | 0x14 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(c); i++) {
		begin();
		test_note("case %u", i);
		play_trap(&p, c[i].kind, c[i].esr, 0x123, RAM);
		play_start(&p);
		enter();
		check_eq(e->exit_reason, c[i].kind == TRAP_SYNC ? RMI_EXIT_SYNC : RMI_EXIT_SERROR);
		check_eq(e->esr, c[i].shown);
		check_eq(e->far | e->hpfar, 0);
		check(!sim_pe()->vserror);
		/* nothing of it runs again, and all of it can be taken down */
		check_status(rmi(FID_REC_ENTER, w.r.rec[0], w.r.run[0]), RMI_ERROR_REALM);
		check(!p.step[0].seen);
		need_eq(rmi(FID_REALM_TERMINATE, w.r.rd).x[0], RMI_SUCCESS);
	}
}
