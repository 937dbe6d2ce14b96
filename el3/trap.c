/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions that reach EL3 from below, and faults of EL3 itself.
 *
 * Below: SMCs; the first use of PAuth by the realm world; anything else is a
 * feature that EL3 did not enable and goes back as Undefined, with one line
 * for each register, so that a newer CPU model is diagnosed instead of hung
 * (spec/decisions.md 13). A granule protection check that fails for another
 * reason than the GPI is ours: broken tables.
 */
#include "el3.h"

#define EC(esr)		((esr) >> 26 & 0x3f)
#define EC_UNKNOWN	0x00
#define EC_PAC		0x09
#define EC_SMC32	0x13
#define EC_SMC64	0x17
#define EC_SYSREG	0x18
#define EC_GPC		0x1e
#define ESR_IL		BIT(25)

#define SPSR_EL(spsr)	((spsr) >> 2 & 3)
#define SPSR_AARCH32	BIT(4)
#define SPSR_SPX	BIT(0)
#define SPSR_DAIF	(15ULL << 6)
#define SPSR_NZCV_DIT	(0xfULL << 28 | BIT(24))
#define SPSR_PAN	BIT(22)
#define SCTLR_SPAN	BIT(23)
#define HCR_TGE		BIT(27)

#define SCR_APK_API	(BIT(16) | BIT(17))

#define MAX_SEEN	32

static const struct { u8 ec; const char *name; } ec_names[] = {
	{ 0x00, "unknown reason or undefined" }, { 0x01, "WFI or WFE" }, { 0x07, "FP access" },
	{ 0x09, "pointer authentication" }, { 0x0a, "LD64B or other" }, { 0x0e, "illegal state" },
	{ 0x13, "SMC (AArch32)" }, { 0x14, "MSRR, MRRS or SYSP" }, { 0x17, "SMC" },
	{ 0x18, "system register" },
	{ 0x19, "SVE access" }, { 0x1d, "SME access" }, { 0x1e, "granule protection check" },
	{ 0x20, "instruction abort from below" }, { 0x21, "instruction abort" },
	{ 0x22, "PC alignment" }, { 0x24, "data abort from below" }, { 0x25, "data abort" },
	{ 0x26, "SP alignment" }, { 0x2d, "GCS" }, { 0x2f, "SError" }, { 0x3c, "BRK" },
};

static const char *ec_name(u64 esr)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(ec_names); i++)
		if (ec_names[i].ec == EC(esr))
			return ec_names[i].name;
	return "?";
}

/* EC 0x1E says in GPCSC what went wrong; its fault status is always that of a GPF. */
static const char *gpc_name(u64 esr)
{
	switch (esr >> 14 & 0x3f) {
	case 0x00: return ", address size fault in the L0 table or registers";
	case 0x01: return ", address size fault in an L1 table";
	case 0x04: return ", walk fault in the L0 table or registers";
	case 0x05: return ", walk fault in an L1 table";
	case 0x0c: return ", granule protection fault";
	case 0x14: return ", external abort on the L0 table";
	case 0x15: return ", external abort on an L1 table";
	}
	return "";
}

static const char *fault_name(u64 esr)
{
	unsigned int fsc = esr & 0x3f, ec = EC(esr);

	if (ec == EC_GPC)
		return gpc_name(esr);
	if (ec != 0x20 && ec != 0x21 && ec != 0x24 && ec != 0x25)
		return "";
	if (fsc == 0x28 || (fsc >= 0x23 && fsc <= 0x27))
		return ", granule protection fault";
	if (fsc == 0x10 || (fsc >= 0x13 && fsc <= 0x17))
		return ", external abort";
	switch (fsc & 0x3c) {
	case 0x00: return ", address size fault";
	case 0x04: return ", translation fault";
	case 0x08: return ", access flag fault";
	case 0x0c: return ", permission fault";
	}
	return fsc == 0x21 ? ", alignment fault" : "";
}

static const char *world_name(const struct ctx *c)
{
	return is_realm(c) ? "realm world" : "host";
}

/* ---- crash reports ---- */

static void say_syndrome(u64 esr)
{
	say("  ESR %x: EC %x, %s%s, ISS %x", esr, EC(esr), ec_name(esr), fault_name(esr),
	    esr & 0x1ffffff);
}

static void say_registers(const struct ctx *c)
{
	for (unsigned int i = 0; i < 30; i += 3)
		say("  x%u %x  x%u %x  x%u %x", (u64)i, c->x[i], (u64)i + 1, c->x[i + 1],
		    (u64)i + 2, c->x[i + 2]);
	say("  x30 %x  sp_el0 %x  spsr %x  scr %x", c->x[30], c->sp_el0, c->spsr_el3,
	    read_sysreg(scr_el3));
}

static void __attribute__((noreturn)) crash_below(const struct ctx *c, u64 esr, const char *what)
{
	say("CRASH on CPU %u: %s from EL%u of the %s", (u64)this_cpu()->index, what,
	    SPSR_EL(c->spsr_el3), world_name(c));
	say("  PC %x  FAR %x", c->elr_el3, read_sysreg(far_el3));
	say_syndrome(esr);
	say_registers(c);
	trace_say();
	machine_pull(false);
}

void __attribute__((noreturn)) el3_async(struct ctx *c)
{
	crash_below(c, read_sysreg(esr_el3), "an interrupt or SError that EL3 does not take");
}

void __attribute__((noreturn)) el3_own_fault(u64 vector)
{
	static const char *const kinds[] = { "synchronous", "IRQ", "FIQ", "SError" };

	say("CRASH in EL3: %s exception (vector %u)", kinds[vector & 3], vector);
	say("  PC %x  FAR %x  SPSR %x", read_sysreg(elr_el3), read_sysreg(far_el3),
	    read_sysreg(spsr_el3));
	say_syndrome(read_sysreg(esr_el3));
	trace_say();
	machine_pull(false);
}

/* ---- reflection ---- */

static lock_t seen_lock;
static u64 seen[MAX_SEEN];
static unsigned int nr_seen;

/* The register or feature, without direction and Rt: what the line is printed once for. */
static u64 trap_key(u64 esr)
{
	return EC(esr) == EC_SYSREG ? esr & ~0x3e1ULL : esr & ~0x1ffffffULL;
}

static bool is_first(u64 key)
{
	bool first = true;

	lock(&seen_lock);
	for (unsigned int i = 0; i < nr_seen; i++)
		first &= seen[i] != key;
	if (first && nr_seen < MAX_SEEN)
		seen[nr_seen++] = key;
	else if (first)
		first = false;			/* enough said */
	unlock(&seen_lock);
	return first;
}

static void report(const struct ctx *c, u64 esr)
{
	u64 iss = esr & 0x1ffffff;

	if (EC(esr) == EC_SYSREG)
		say("register S%u_%u_C%u_C%u_%u is not enabled here: %s from EL%u of the %s, "
		    "PC %x, answered Undefined",
		    iss >> 20 & 3, iss >> 14 & 7, iss >> 10 & 15, iss >> 1 & 15, iss >> 17 & 7,
		    iss & 1 ? "read" : "write", SPSR_EL(c->spsr_el3), world_name(c),
		    c->elr_el3);
	else
		say("trap to EL3 (EC %x, %s, ISS %x) from EL%u of the %s, PC %x, answered "
		    "Undefined", EC(esr), ec_name(esr), iss, SPSR_EL(c->spsr_el3),
		    world_name(c), c->elr_el3);
}

/* Vector offset of a synchronous exception for a target EL. */
static u64 vector_offset(u64 spsr, unsigned int target)
{
	if (SPSR_EL(spsr) != target)
		return spsr & SPSR_AARCH32 ? 0x600 : 0x400;
	return spsr & SPSR_SPX ? 0x200 : 0;
}

static u64 spsr_in_handler(u64 spsr, u64 sctlr, unsigned int target)
{
	u64 new = (spsr & (SPSR_NZCV_DIT | SPSR_PAN)) | SPSR_DAIF | target << 2 | SPSR_SPX;

	if (!(sctlr & SCTLR_SPAN))
		new |= SPSR_PAN;
	return spsr & SPSR_AARCH32 ? new & ~SPSR_NZCV_DIT : new;
}

/* As the architecture would take an Undefined Instruction exception there. */
static void reflect(struct ctx *c)
{
	u64 spsr = c->spsr_el3, from = SPSR_EL(spsr);
	u64 esr = (u64)EC_UNKNOWN << 26 | ESR_IL;

	if (from == 2 || (from == 0 && read_sysreg(hcr_el2) & HCR_TGE)) {
		write_sysreg(elr_el2, c->elr_el3);
		write_sysreg(spsr_el2, spsr);
		write_sysreg(esr_el2, esr);
		c->elr_el3 = read_sysreg(vbar_el2) + vector_offset(spsr, 2);
		c->spsr_el3 = spsr_in_handler(spsr, from == 2 ? read_sysreg(sctlr_el2) : 0, 2);
	} else {
		write_sysreg(elr_el1, c->elr_el3);
		write_sysreg(spsr_el1, spsr);
		write_sysreg(esr_el1, esr);
		c->elr_el3 = read_sysreg(vbar_el1) + vector_offset(spsr, 1);
		c->spsr_el3 = spsr_in_handler(spsr, read_sysreg(sctlr_el1), 1);
	}
}

/* ---- PAuth of the realm world ---- */

static bool is_pauth_key(u64 esr)
{
	u64 iss = esr & 0x1ffffff;

	/* op0 3, op1 0, CRn 2, CRm 1-3 */
	return EC(esr) == EC_SYSREG && (iss >> 20 & 3) == 3 && !(iss >> 14 & 7) &&
	       (iss >> 10 & 15) == 2 && (iss >> 1 & 15) >= 1 && (iss >> 1 & 15) <= 3;
}

/*
 * Since the world was entered the host's keys lay in the registers, out of
 * reach. Now they are exchanged; switch.S sees SCR_EL3.APK on the way out.
 */
static bool pauth_take(struct ctx *c, u64 esr)
{
	u64 scr = read_sysreg(scr_el3);

	if (!is_realm(c) || scr & SCR_APK_API)
		return false;
	if (EC(esr) != EC_PAC && !is_pauth_key(esr))
		return false;
	pauth_save(&this_cpu()->host);
	pauth_load(c);
	write_sysreg(scr_el3, scr | SCR_APK_API);
	isb();
	return true;
}

struct ctx *world_change(struct ctx *from, struct ctx *to)
{
	if (is_realm(from) && !(from->flags & BIT(F_STEADY)) &&
	    read_sysreg(scr_el3) & SCR_APK_API) {
		pauth_save(from);
		pauth_load(to);
	}
	el2_save(from);
	el2_load(to);
	return to;
}

/* What to go on with: usually the same context, one instruction further or at a handler. */
struct ctx *el3_trap(struct ctx *c, u64 esr)
{
	switch (EC(esr)) {
	case EC_SMC64:
	case EC_SMC32:
		return smc(c);
	case EC_GPC:
		crash_below(c, esr, "a granule protection check that no table allows");
	case EC_PAC:
	case EC_SYSREG:
		if (pauth_take(c, esr))
			return c;
	}
	trace(TRACE_TRAP, c, esr, 0, 0, 0);
	if (is_first(trap_key(esr)))
		report(c, esr);
	reflect(c);
	return c;
}
