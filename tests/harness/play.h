/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A realm on the paper machine: a list of what it does next. Before each step all
 * its registers hold a secret that must never reach the host; after the step, when
 * it runs again, its registers are kept for the test to look at.
 */
#ifndef TESTS_PLAY_H
#define TESTS_PLAY_H

#include "arch/arch.h"
#include "host.h"
#include "realm/rec.h"
#include "sim/sim.h"

#define PLAY_STEPS	32
#define PLAY_PC		0x80000000ULL
#define PLAY_VBAR	0x80008000ULL

/* The secret in register n. */
#define SECRET		0x5EC4E70000000000ULL
static inline u64 secret(unsigned int n) { return SECRET + n; }

struct step {
	struct trap trap;
	unsigned int nr_x;		/* registers x[0..] are set, the others are secret */
	u64 x[31];
	u64 pstate;			/* 0: as it is */
	void (*also)(struct rec *rec, void *arg);
	void *arg;

	/* filled when the realm runs again */
	bool seen;
	u64 after[31];
	u64 pc, pstate_after;		/* where it goes on; PLAY_PC + 4 after a served trap */
};

struct play {
	struct step step[PLAY_STEPS];
	unsigned int nr, at;
};

/* This PE's realm plays p from its first step on. When all is played: an IRQ. */
void play_start(struct play *p);

/* Each adds a step and gives it. */
struct step *play_trap(struct play *p, enum trap_kind kind, u64 esr, u64 far, u64 ipa);
struct step *play_smc_n(struct play *p, unsigned int nr, const u64 *x);
#define play_smc(p, ...)						\
	play_smc_n(p, sizeof((const u64[]){ __VA_ARGS__ }) / 8, (const u64[]){ __VA_ARGS__ })
struct step *play_irq(struct play *p);
/* An access to a system register by X3, which holds value before it. */
struct step *play_sysreg(struct play *p, unsigned int op0, unsigned int op1, unsigned int crn,
			 unsigned int crm, unsigned int op2, bool read, u64 value);

#define EC(ec)		((u64)(ec) << 26 | BIT(25))	/* with IL */
#define EC_WFX		0x01
#define EC_FP		0x07
#define EC_SVE		0x19
#define EC_SME		0x1D
#define EC_HVC		0x16
#define EC_SMC		0x17
#define EC_SYSREG	0x18
#define EC_IABT		0x20
#define EC_DABT		0x24
#define FSC_TRANSLATION	0x07

/* Data abort with a valid syndrome: size 0..3, register, write, sign-extending, 64 bit. */
u64 esr_mmio(unsigned int size, unsigned int srt, bool write, bool sse, bool sf);
u64 esr_sysreg(unsigned int op0, unsigned int op1, unsigned int crn, unsigned int crm,
	       unsigned int op2, unsigned int rt, bool read);

/*
 * Enters REC i and looks at the exit: nothing secret in it, all that is not listed
 * for its reason zero, timers there (rmi-exec.md 4.1).
 */
struct rmi_result play_enter(const struct realm *r, unsigned int i);

/* One call by REC 0 that the monitor serves without the host; the registers after it. */
struct step *play_call_n(const struct realm *r, unsigned int nr, const u64 *x);
#define play_call(r, ...)						\
	play_call_n(r, sizeof((const u64[]){ __VA_ARGS__ }) / 8, (const u64[]){ __VA_ARGS__ })
/* The same for one that ends in an exit; the exit structure. */
struct rmi_rec_exit *play_exit_n(const struct realm *r, struct play *p, unsigned int nr,
				 const u64 *x);
#define play_exit(r, p, ...)						\
	play_exit_n(r, p, sizeof((const u64[]){ __VA_ARGS__ }) / 8, (const u64[]){ __VA_ARGS__ })
/* Registers from x[first] to x[30] hold what the realm had in them. */
void check_kept(const struct step *s, unsigned int first);
/* A read of play_sysreg was served, and no other register changed: what it gave. */
u64 check_read(const struct step *s);
/* An access ended in the realm's own handler, as an Undefined instruction. */
void check_undefined(const struct step *s);

#endif
