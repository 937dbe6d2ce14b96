/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A REC's attestation token (rsi.md 9, spec/attestation.md 2 to 4). It lives in a granule
 * of the REC's own; whoever runs the REC owns it.
 */
#ifndef RMM_REALM_TOKEN_H
#define RMM_REALM_TOKEN_H

#include "abi/rmi.h"
#include "realm/platform.h"
#include "realm/rd.h"

#define TOKEN_CHALLENGE_BYTES	64
/* Claims: longest with 64-byte measurements. */
#define REALM_CLAIMS_MAX	704
#define REALM_TOKEN_MAX		(REALM_CLAIMS_MAX + COSE_SIGN1_BYTES)
/* Both, and what holds them together. */
#define TOKEN_MAX		(PLATFORM_TOKEN_MAX + REALM_TOKEN_MAX + 32)

enum token_phase { TOKEN_NONE, TOKEN_BEGUN, TOKEN_SIGNING, TOKEN_READY };

struct token {
	enum token_phase phase;			/* zero: as the wiped granule is */
	struct signing signing;
	size_t delivered, realm_bytes;
	u8 challenge[TOKEN_CHALLENGE_BYTES];	/* these two as TOKEN_INIT found them */
	u8 measurement[RMI_NR_MEASUREMENTS][RMI_MEASURE_BYTES];
	u8 digest[P384_DIGEST_BYTES];
	union {
		u8 pool[P384_POOL_BYTES];	/* while signing */
		u8 realm[REALM_TOKEN_MAX];	/* when ready */
	} __attribute__((aligned(16)));
};

/* The one that was under way is given up. The RD is locked: measurements are read. */
void token_begin(struct token *t, const struct rd *rd, const u8 challenge[TOKEN_CHALLENGE_BYTES]);
/* Of one that is begun and not ready. STEP_DONE: now it is. STEP_FAILED: it is given up. */
enum step token_step(struct token *t, const struct rd *rd);
/* The next bytes of one that is ready, at most room; with the last one it is TOKEN_NONE. */
size_t token_deliver(struct token *t, void *to, size_t room);

#endif
