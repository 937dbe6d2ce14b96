/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers across every way out of a realm and back. All of x0-x30, every second vector and
 * the realm's system registers are poisoned before and compared afterwards; what may
 * differ stands in this table and nowhere else. Included by realm.c.
 */

#define INSNS(X)							\
	X(smc) X(load) X(store) X(wait) X(sgi) X(id)
#define X(n) void cross_##n(const u64 in[5], u64 after[31]);
INSNS(X)
#undef X

#define CROSS_POISON(n)	(0xfeed000000000000UL + (u64)(n))	/* as crossing.S has it */

struct crossing {
	const char *name;
	void (*go)(const u64 in[5], u64 after[31]);
	u64 in[5];			/* x0-x4 */
	u32 results;			/* registers that the realm asked to be changed: bit n is xn */
	u64 mode;			/* of the host */
};

static const struct crossing crossings[] = {
	/*							x0-x4 before		changed */
	{ "registers across RSI_VERSION",	cross_smc,   { 0xC4000190, 0x10000 },			7, 0 },
	{ "registers across RSI_FEATURES",	cross_smc,   { 0xC4000191, 0 },			3, 0 },
	{ "registers across RSI_IPA_STATE_GET",	cross_smc,   { 0xC4000198, 0, 0x1000 },		7, 0 },
	{ "registers across RSI_IPA_STATE_SET",	cross_smc,   { 0xC4000197, 0x118000, 0x119000, 1, 1 },	7, 0 },
	{ "registers across RSI_HOST_CALL",	cross_smc,   { 0xC4000199, (u64)&host_call_page },	1, 0 },
	{ "registers across RSI refused",	cross_smc,   { 0xC4000196, 1 },			1, 0 },
	{ "registers across SMC that is none",	cross_smc,   { 0x8400ffff, 1, 2, 3, 4 },		1, 0 },
	{ "registers across PSCI_VERSION",	cross_smc,   { 0x84000000, 1, 2, 3, 4 },		0xf, 0 },
	{ "registers across PSCI CPU_SUSPEND",	cross_smc,   { 0xC4000001, 1, 2, 3, 4 },		0xf, 0 },
	{ "registers across MMIO read",		cross_load,  { 0, 0, HALF_BIT | 0x9000 },		2, MODE_EMULATE },
	{ "registers across MMIO write",		cross_store, { 0, 5, HALF_BIT | 0x9000 },		0, MODE_EMULATE },
	{ "registers across fault of a load",	cross_load,  { 0, 0, 0x11a000 },			2, 0 },
	{ "registers across fault of a store",	cross_store, { 0, 5, 0x11b000 },			0, 0 },
	{ "registers across permission fault",	cross_store, { 0, 5, HALF_BIT | 0x22000 },		0, MODE_MAP_RO },
	{ "registers across trapped WFI",	cross_wait,  { 0 },					0, MODE_TRAP_WFX },
	{ "registers across SGI",		cross_sgi,   { 0, 0x1234 },				0, 0 },
	{ "registers across ID register",	cross_id,    { 0 },					2, 0 },
};

#define REALM_REGISTERS(X)							\
	X(elr_el1) X(spsr_el1) X(tpidr_el0) X(tpidrro_el0) X(tpidr_el1) X(sp_el0)	\
	X(sctlr_el1) X(cpacr_el1) X(tcr_el1) X(ttbr0_el1) X(ttbr1_el1) X(esr_el1) X(far_el1)	\
	X(mair_el1) X(amair_el1) X(afsr0_el1) X(afsr1_el1) X(vbar_el1) X(contextidr_el1)	\
	X(cntkctl_el1) X(par_el1) X(csselr_el1) X(cntv_cval_el0) X(cntp_cval_el0)	\
	X(cntv_ctl_el0) X(cntp_ctl_el0) X(midr_el1) X(mpidr_el1)			\
	X(s3_0_c2_c1_0) X(s3_0_c2_c1_1) X(s3_0_c2_c1_2) X(s3_0_c2_c1_3)		\
	X(s3_0_c2_c2_0) X(s3_0_c2_c2_1) X(s3_0_c2_c2_2) X(s3_0_c2_c2_3)		\
	X(s3_0_c2_c3_0) X(s3_0_c2_c3_1) X(s3_3_c13_c0_7) X(s3_0_c13_c0_7)		\
	X(nzcv) X(daif) X(fpcr) X(fpsr) X(s3_0_c4_c6_0) X(s3_0_c12_c12_7)

static const char *const realm_register_names[] = {
#define X(r) #r,
	REALM_REGISTERS(X)
#undef X
};
#define NR_REALM_REGISTERS	(sizeof(realm_register_names) / sizeof(realm_register_names[0]))

static void realm_read(u64 *v)
{
#define X(r) *v++ = read_sysreg(r);
	REALM_REGISTERS(X)
#undef X
}

static void realm_poison(u64 n)
{
	const u64 v = 0x7007000000000000UL + n * 0x1000;

	write_sysreg(elr_el1, v + 0x10);
	write_sysreg(spsr_el1, 0x20000005);
	write_sysreg(tpidr_el0, v + 1);
	write_sysreg(tpidrro_el0, v + 2);
	write_sysreg(tpidr_el1, v + 3);
	write_sysreg(sp_el0, v + 4);
	write_sysreg(sctlr_el1, (read_sysreg(sctlr_el1) & ~0x50000UL) | (n & 1) << 16 | (~n & 1) << 18);
	write_sysreg(csselr_el1, 4);
	write_sysreg(amair_el1, v + 20);
	write_sysreg(afsr0_el1, 0x21 + n);
	write_sysreg(afsr1_el1, 0x22 + n);
	write_sysreg(tcr_el1, 0x3510 + n);
	write_sysreg(ttbr0_el1, v & ~0xffff000000000000UL);
	write_sysreg(ttbr1_el1, (v & ~0xffff000000000000UL) + 0x8000);
	write_sysreg(esr_el1, 0x5000000 + n);
	write_sysreg(far_el1, v + 5);
	write_sysreg(mair_el1, v + 6);
	write_sysreg(contextidr_el1, 7 + n);
	write_sysreg(cntkctl_el1, 0x303);
	write_sysreg(par_el1, 0x801);
	write_sysreg(cntv_cval_el0, v | 1UL << 62);
	write_sysreg(cntp_cval_el0, v | 1UL << 61);
	write_sysreg(s3_0_c2_c1_0, v + 8);
	write_sysreg(s3_0_c2_c1_1, v + 9);
	write_sysreg(s3_0_c2_c1_2, v + 10);
	write_sysreg(s3_0_c2_c1_3, v + 11);
	write_sysreg(s3_0_c2_c2_0, v + 12);
	write_sysreg(s3_0_c2_c2_1, v + 13);
	write_sysreg(s3_0_c2_c2_2, v + 14);
	write_sysreg(s3_0_c2_c2_3, v + 15);
	write_sysreg(s3_0_c2_c3_0, v + 16);
	write_sysreg(s3_0_c2_c3_1, v + 17);
	write_sysreg(s3_3_c13_c0_7, v + 18);
	write_sysreg(s3_0_c13_c0_7, v + 19);
	write_sysreg(nzcv, 0xfUL << 28 & n << 28);
	write_sysreg(fpcr, 0x03000000);
	write_sysreg(fpsr, 0x1f);
	isb();
}

static int cross(const struct crossing *k, u64 n)
{
	static u64 before[NR_REALM_REGISTERS], after[NR_REALM_REGISTERS], x_after[31], in[5];
	static u8 v[FP_BYTES] __attribute__((aligned(16))), v_after[FP_BYTES] __attribute__((aligned(16)));
	const char *wrong = 0;
	u64 i;

	for (i = 0; i < 5; i++)
		in[i] = k->in[i] & ~HALF_BIT;
	if (k->in[2] & HALF_BIT)
		in[2] |= half;
	for (i = 0; i < FP_BYTES; i++)
		v[i] = (u8)(i * 11 + n);
	fp_put(v);
	realm_poison(n);
	realm_read(before);
	k->go(in, x_after);
	realm_read(after);
	fp_get(v_after);
	for (i = 0; i < NR_REALM_REGISTERS; i++)
		if (before[i] != after[i])
			wrong = realm_register_names[i];
	for (i = 0; i < 31; i++)
		if (x_after[i] != (i < 5 ? in[i] : CROSS_POISON(i)) && !(k->results >> i & 1))
			wrong = "x";
	for (i = 0; i < FP_BYTES; i++)
		if (v[i] != v_after[i])
			wrong = "v";
	if (wrong)
		check(wrong, 0);
	return !wrong;
}

static void registers(void)
{
	u64 tcr = read_sysreg(tcr_el1), ttbr0 = read_sysreg(ttbr0_el1), i;

	write_sysreg(cpacr_el1, read_sysreg(cpacr_el1) | 3 << 20);
	isb();
	for (i = 0; i < sizeof(crossings) / sizeof(crossings[0]); i++) {
		int ok;

		mode(crossings[i].mode);
		ok = cross(&crossings[i], i);
		mode(MODE_NONE);
		check(crossings[i].name, ok);
	}
	write_sysreg(tcr_el1, tcr);
	write_sysreg(ttbr0_el1, ttbr0);
	isb();
}
