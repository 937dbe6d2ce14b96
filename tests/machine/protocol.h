/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between the two payloads: immediates of RSI_HOST_CALL. The realm tests, the
 * host serves, and shows on request what it saw of the realm.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef long s64;

#define CALL_REPORT	1	/* gprs[0] passed, gprs[1..8] name */
#define CALL_MODE	2	/* gprs[0]: how the host answers from now on */
#define CALL_SEEN	3	/* gprs[0..]: struct seen, then cleared */
#define CALL_DONE	4
#define CALL_ECHO	5	/* gprs come back inverted */
#define CALL_INJECT	6	/* gprs[0]: virtual interrupt to inject at the next entry */
#define CALL_BENCH	8	/* again and again after CALL_DONE, while gprs[0] is 1 */
#define CALL_SHAPE	9	/* gprs[0]: vector length of the realm in 128 bits, 0: no SVE;
				   gprs[1]: event counters plus 1, 0: no PMU */
#define CALL_TOKEN	10	/* gprs[0] bytes of a token in gprs[1..30]: the host prints them */
#define CALL_TWICE	11	/* of CONTEXT_ALONE: this REC is on two CPUs at once */
#define CALL_SECONDARY	7	/* from the second REC: gprs[0] its context */

/* Contexts of the second REC */
#define CONTEXT_ONCE	0x77
#define CONTEXT_WORK	0x99	/* FP, registers and a shared page, over and over */
#define CONTEXT_SPIN	0xaa	/* no exits of its own, for ever */
#define CONTEXT_CALLS	0xbb	/* the same, but calls its monitor all the time */
#define CONTEXT_ALONE	0xcc	/* of a storm: looks whether it is on one CPU only */
#define WORK_ROUNDS	2000
#define SHARED_DEAD	0xdeaddeaddeaddeadUL

#define MODE_NONE	0
#define MODE_EMULATE	1	/* unprotected aborts: emulate, data EMULATED */
#define MODE_SEA	2	/* inject an external abort */
#define MODE_MAP	3	/* map a host page */
#define MODE_TRAP_WFX	4
#define MODE_REJECT	5	/* RIPAS changes are rejected */
#define MODE_HALF	6	/* RIPAS changes go one page and stop */
#define MODE_MAP_RO	7	/* map a host page, read only; a write then is emulated */
#define MODE_GPF	8	/* map a page, then delegate it */

#define EMULATED	0x8182838485868788UL
#define SHARED_WORD	0x5348415245444d45UL

struct seen {
	u64 nr_exits, reason, esr, far, hpfar, gpr0, gpr1, cntv_ctl, cntv_cval, nr_faults,
	    overflow;
};

#endif
