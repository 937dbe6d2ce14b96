/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the two payloads: what the host asks of the realm at each host call. */
#ifndef PLAN_H
#define PLAN_H

#define REALM_IPA	0x80000000UL	/* its image: no other world runs code at such an address */
#define REALM_PAGES	16
#define RIPAS_IPA	0x40000000UL	/* 1 GiB that the realm makes RAM */
#define GIB		0x40000000UL

/* gprs[0] of the answer; gprs[1] its argument, gprs[0] of the next call the result */
enum {
	DO_NOTHING,
	DO_SPIN,		/* gprs[1] turns */
	DO_MMIO_READ,		/* of gprs[1], three times */
	DO_MMIO_WRITE,
	DO_WFI,			/* three times */
	DO_SYSREG,		/* three times */
	DO_RIPAS,		/* RIPAS_IPA, 1 GiB, to RAM, once */
	DO_IRQ,			/* take one; the counter in the handler is the result */
	DO_RSI_VERSION,		/* measured by the realm; the counter's advance is the result */
	DO_MEASURE_EXTEND,
	DO_REALM_CONFIG,
	DO_TOKEN,		/* 0: there are none */
};

#define TOKEN_FAILED	1	/* measured, but there is no token at the end */

#endif
