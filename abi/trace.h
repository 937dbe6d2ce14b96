/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the monitor and EL3 remember: a ring of events on each CPU, numbers only,
 * always on. Tools read it (`./fief state`, `./fief gdb`), a panic prints its end,
 * `./fief decode` says it in words.
 *
 * No secret is in it: of a realm's calls the function and the status, of an exit
 * what the host is told. Includes nothing.
 */
#ifndef ABI_TRACE_H
#define ABI_TRACE_H

#define TRACE_EVENTS	64		/* a power of two */
#define TRACE_ARGS	6

enum trace_kind {
	TRACE_NONE,
	TRACE_RMI,		/* number: the command, label: the refusal; x1-x6 */
	TRACE_RMI_UNKNOWN,	/* x0-x5 */
	TRACE_REALM,		/* a realm's call. number: 1 when it leaves to the host; REC, FID */
	TRACE_EXIT,		/* number: the reason, status: ESR; REC, HPFAR, both as the host sees them */
	TRACE_PANIC,		/* number: how, status: line or ESR; address in the image */
	TRACE_SMC,		/* EL3, all but the RMI. number: 0 host, 1 realm world; x0-x3, then
				   x1 of the answer (of GPI_SET: how many granules changed) */
	TRACE_TRAP,		/* EL3. number: the same, status: ESR */
	TRACE_KEPT,		/* the monitor. EL3 does not move it: a granule, how many there are */
	NR_TRACE_KINDS
};

struct trace_event {
	unsigned long long time;	/* CNTPCT */
	unsigned long long what;	/* kind [7:0], number [15:8], label [31:16], status [63:32] */
	unsigned long long arg[TRACE_ARGS];
};

struct trace_ring {
	unsigned long long next;	/* counts for ever */
	struct trace_event event[TRACE_EVENTS];
};

#define TRACE_WHAT(kind, number, label, status)				\
	((unsigned long long)(unsigned int)(status) << 32 |		\
	 (unsigned long long)(label) << 16 | (unsigned long long)(number) << 8 | (kind))
#define TRACE_KIND(what)	((unsigned int)(what) & 0xff)
#define TRACE_NUMBER(what)	((unsigned int)(what) >> 8 & 0xff)
#define TRACE_LABEL(what)	((unsigned int)(what) >> 16)
#define TRACE_STATUS(what)	((unsigned int)((what) >> 32))

#endif
