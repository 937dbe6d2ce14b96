/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The border between the monitor and the machine. rmm/arch/ implements it on
 * R-EL2, sim/ implements it on paper. Nothing else in the monitor touches a
 * system register, an instruction of its own or memory it was not given.
 */
#ifndef RMM_ARCH_ARCH_H
#define RMM_ARCH_ARCH_H

#include "abi/trace.h"
#include "base/types.h"

struct rec;

/* ---- this PE ---------------------------------------------------------- */

/* Linear CPU index, 0 .. arch_nr_cpus() - 1 (RMM-EL3: x0 of the boot). */
unsigned int arch_cpu(void);
unsigned int arch_nr_cpus(void);

/* A physical interrupt (IRQ, FIQ or SError) waits for this PE: ISR_EL1 != 0. */
bool arch_interrupt_pending(void);

/* Stops the machine with a line that names what was wrong. */
_Noreturn void arch_panic(const char *file, int line, const char *what)
	__attribute__((noinline, cold));

/* Remembers an event in this PE's ring; the time is added. Not before the end of the boot. */
void arch_trace(u64 what, const u64 args[TRACE_ARGS]);

/* Boot lines only (decisions 12); formats: %s %d %u %x %lx %llx %p. */
void arch_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* ---- what this machine can do, read once at boot --------------------- */

struct arch_features {
	unsigned int pa_bits;		/* ID_AA64MMFR0.PARange in bits */
	/* bits RMI_F1_GRAN_*: stage 2 has the granule; has it with 52 bits (LPA2, LPA) */
	u8 granules, granules_wide;
	bool vmid16;
	bool fgt, fgt2, hcx, ecv, pauth, sve, sme, mte, ras, pmu, trf, dit, csv2, mpam, mops;
	bool pmu_for_realms, hpmn0;	/* with the traps that a realm's PMU needs */
	bool brbe, recorders, wfxt, tlbi_range, nv, rng;
	unsigned int sve_max_vq;	/* longest vector in 128 bits; 0: no SVE */
	unsigned int nr_breakpoints;	/* counts, not minus one */
	unsigned int nr_watchpoints;
	unsigned int nr_pmu_counters;
	unsigned int nr_list_regs;	/* ICH_LR<n>_EL2 */
	bool icache_dic;		/* CTR_EL0.DIC */
	u64 ich_vtr;			/* ICH_VTR_EL2 */
	u64 midr;
	/* from EL3 (decisions 24) */
	unsigned int pps_bits;		/* protected physical address size */
	unsigned int l0gpt_shift;	/* 30, 34, 36 or 39 */
};
extern struct arch_features arch_features;

/*
 * Raw value of the ID register S3_0_C0_C<crm>_<op2> (crm 1..7, op2 0..7) of
 * this machine; 0 where none is known.
 */
u64 arch_id_register(unsigned int crm, unsigned int op2);

/* ---- what the boot found (el3.md 2.3, decisions 5-7, 29) ------------------ */

#define ARCH_MAX_BANKS	16

struct arch_range { pa_t base; u64 bytes; };

/* DRAM banks of the manifest, rising, not overlapping. */
extern struct arch_range arch_banks[ARCH_MAX_BANKS];
extern unsigned int arch_nr_banks;
/*
 * Memory that is the monitor's (image, bss, stacks, shared buffer) and what
 * arch_reserve() gave since: INTERNAL for ever where it lies in a bank.
 */
extern struct arch_range arch_own[ARCH_MAX_BANKS];
extern unsigned int arch_nr_own;

/*
 * Asks EL3 for zeroed Realm memory (RESERVE_MEMORY), on the boot CPU before
 * BOOT_COMPLETE only. False: refused, nothing taken.
 */
bool arch_reserve(u64 bytes, unsigned int align_log2, pa_t *out);

/*
 * What arch calls in the portable monitor. rmm_init(): once, on the boot CPU,
 * with everything above in place; 0, or the error of BOOT_COMPLETE (el3.md 2.2).
 * rmi_dispatch(): one RMI call; regs[0] = FID without the SVE hint, regs[1..7]
 * its arguments; on return regs[0..7] are the results for the host's x0..x7.
 */
int rmm_init(void);
void rmi_dispatch(u64 regs[8]);

/* ---- memory ------------------------------------------------------------ */

/*
 * The Realm-PAS view of one granule (or of a run of granules in a row). The
 * caller holds the granule or owns it otherwise. arch_unview() ends it; on the
 * machine that is nothing, on paper a touch after it is an error.
 */
void *arch_view(pa_t granule);
void arch_unview(void *view);

/*
 * Copies between a buffer of the monitor and host memory through the NS view.
 * Each host byte is touched at most once. False: the access took a granule
 * protection or external fault; the contents of dst are then unspecified.
 * Sizes: any up to 4096 that does not cross an RMI granule.
 */
bool arch_ns_read(void *dst, ns_t src, size_t bytes);
bool arch_ns_write(ns_t dst, const void *src, size_t bytes);
/* Zeroes; address and size are multiples of 512. */
bool arch_ns_zero(ns_t dst, size_t bytes);

/* Zeroes one whole granule through the Realm view (DC ZVA). */
void arch_wipe(pa_t granule);
/* Copies one whole host granule into a Realm granule; false as above. */
bool arch_copy_from_ns(pa_t dst, ns_t src);
/* Makes instructions written to memory visible everywhere (IC IALLUIS where DIC = 0). */
void arch_sync_icache(void);

/* ---- granule protection, through EL3 ----------------------------------- */

/*
 * Moves up to `count` pages (GPT granules) from base to Realm (or back to
 * Non-secure); mem/gpt.h moves RMI granules. Gives the number moved, counted from
 * base; 0: the first one was refused. It may be fewer when the next one is refused,
 * or an interrupt waits.
 * Contents are not touched by EL3: wipe before giving back.
 */
u64 arch_gpt_to_realm(pa_t base, u64 count);
u64 arch_gpt_to_ns(pa_t base, u64 count);

/*
 * Level 1 tables, each of a region of l0gpt_shift bits that begins at `region`. An
 * EL3 that neither makes nor removes them is taken to have all.
 */
bool arch_l1_is_table(pa_t region);
/*
 * L1_MEMORY: not as aligned as it is long, not Non-secure, or below a block of its own;
 * what is done belongs to EL3. Removing gives it back, wiped and Non-secure.
 */
enum l1_answer { L1_DONE, L1_EXISTS, L1_MEMORY, L1_REFUSED };
enum l1_answer arch_l1_create(pa_t region, pa_t memory);
enum l1_answer arch_l1_destroy(pa_t region, pa_t *memory);

/* ---- attestation, through EL3 (el3.md 4) --------------------------------- */

/* EL3_AGAIN: it works on it in slices of its own, or on somebody else's: ask again. */
enum el3_answer { EL3_DONE, EL3_AGAIN, EL3_REFUSED };

/* The private scalar of the realm attestation key. */
enum el3_answer arch_attest_key(u8 key[48]);
/*
 * The platform token, hunk by hunk, each at most one granule. challenge: the hash
 * that it must contain, for the first hunk (until that is there); NULL: the next.
 */
enum el3_answer arch_attest_platform(const u8 *challenge, size_t challenge_bytes, u8 *out,
				     size_t room, size_t *got, size_t *left);

/* EL3 keeps the key to itself and signs: then arch_attest_key() is refused. */
bool arch_attest_signs(void);
enum el3_answer arch_attest_public(u8 public[97]);
/* The ticket comes back with the signature: whoever pulls may get another one's. */
enum el3_answer arch_attest_push(u64 ticket, const u8 digest[48]);
enum el3_answer arch_attest_pull(u64 *ticket, u8 signature[96]);

/* A word nobody can guess; false: this machine has none (now). */
bool arch_random(u64 *word);

/* ---- atomics and locks ------------------------------------------------- */

/*
 * Bit 15 of the word is the lock; acquire / release. The word is 16 bits wide. Who
 * waits looks at the rest of the word each time round (granule_lock_as()).
 */
bool arch_bitlock_try(u16 *word);
void arch_bitlock_release(u16 *word);
/* The same, and the rest of the word becomes that of `value`. */
void arch_bitlock_release_as(u16 *word, u16 value);

typedef struct { u32 word; } spinlock_t;
void arch_spin_lock(spinlock_t *l);
void arch_spin_unlock(spinlock_t *l);

static inline u64 arch_load_acquire64(const u64 *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}
static inline void arch_store_release64(u64 *p, u64 v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}
/* Gives true and writes `to` if *p was `from`; acquire-release. */
bool arch_cas64(u64 *p, u64 from, u64 to);
u64 arch_fetch_add64(u64 *p, u64 v);

/* ---- stage 2 of realms -------------------------------------------------- */

/* Single-copy atomic store of a descriptor, ordered before later TLB maintenance. */
void arch_s2_write(u64 *entry, u64 descriptor);
u64 arch_s2_read(const u64 *entry);
/* Makes new valid descriptors visible to walks of other PEs (DSB ISHST). */
void arch_s2_publish(void);

/*
 * Removes what any PE may have cached for [base, base + bytes) of the address
 * space `vmid` whose VTCR/VTTBR are given (stage 2 entries of every level and
 * combined stage 1+2 entries). Returns after the invalidation is complete.
 */
void arch_tlb_flush_range(u64 vttbr, u64 vtcr, ipa_t base, u64 bytes);
void arch_tlb_flush_vmid(u64 vttbr, u64 vtcr);

/* VTCR_EL2 for a realm of `s2sz` bits starting at `start_level` (-1..3), of the granule in force. */
u64 arch_vtcr(unsigned int s2sz, int start_level, bool lpa2);
/* VTTBR_EL2 from table base and VMID. */
u64 arch_vttbr(pa_t root, unsigned int vmid);

/* ---- running a REC ------------------------------------------------------ */

/* Why the realm stopped. Values of struct trap.kind. */
enum trap_kind { TRAP_SYNC, TRAP_IRQ, TRAP_FIQ, TRAP_SERROR };

struct trap {
	enum trap_kind kind;
	u64 esr, far, hpfar;
};

/*
 * One stay in a realm, in this order:
 *   arch_rec_load(rec)            host EL1 state put away, the REC's loaded,
 *                                 timers, traps (rec->trap_wfi/wfe), VTTBR/VTCR
 *   arch_rec_run(rec, &trap) ...  ERET; back at the next exception to R-EL2.
 *                                 rec->gprs, pc, pstate are current after it;
 *                                 EL1 registers stay in hardware
 *   arch_rec_save(rec)            everything back; host state restored
 * FP/SIMD is switched lazily inside (arch_rec_simd on the first trap).
 */
void arch_rec_load(struct rec *rec);
void arch_rec_run(struct rec *rec, struct trap *trap);
void arch_rec_save(struct rec *rec);
/*
 * The realm touched FP/SIMD, or SVE that it has (rec->sve_vq): host state saved, realm
 * state loaded, trap off.
 */
void arch_rec_simd(struct rec *rec);

/*
 * What the hardware has of rec->debug and rec->pmu. arch_rec_debug(): it was changed, and
 * is there from now on if rec->parts_wanted says so. arch_rec_pmu(): the realm touched its
 * PMU; it is the realm's until the end of the stay.
 */
void arch_rec_debug(struct rec *rec);
void arch_rec_pmu(struct rec *rec);
/* PMCR_EL0 and the overflow flags of the loaded PMU; flags and enabled interrupts set. */
struct arch_pmu { u64 pmcr, ovs; };
void arch_pmu_read(struct arch_pmu *p);
void arch_pmu_write(u64 ovs, u64 inten);

/* EL1 registers of the loaded REC that the portable code reads or changes. */
enum arch_el1 {
	EL1_SCTLR, EL1_VBAR, EL1_ELR, EL1_SPSR, EL1_ESR, EL1_FAR,
	EL1_TCR, EL1_TTBR0, EL1_TTBR1, EL1_MDSCR, NR_ARCH_EL1
};
u64 arch_el1_read(enum arch_el1 reg);
void arch_el1_write(enum arch_el1 reg, u64 value);

/* EL1 timers of the loaded REC: CTL with ISTATUS, CVAL. */
struct arch_timers { u64 cntp_ctl, cntp_cval, cntv_ctl, cntv_cval; };
void arch_timers_read(struct arch_timers *t);
/* Hardware signal of asserted timers masked, others open (realm-exec.md 7). */
void arch_timers_mask(bool phys, bool virt);

/* The virtual interrupt interface as the host left it (decisions 70). */
u64 arch_ich_lr(unsigned int n);	/* n < arch_features.nr_list_regs */
void arch_ich_disable(void);		/* ICH_HCR_EL2.En = 0, nothing else */

/* A virtual SError for the loaded REC (VSESR_EL2, HCR_EL2.VSE). */
void arch_inject_vserror(u64 esr_iss);

#endif
