/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RSI: what a realm asks of the monitor (rsi.md). One file per command.
 */
#ifndef RMM_RSI_RSI_H
#define RMM_RSI_RSI_H

#include "abi/rsi.h"
#include "mem/s2.h"
#include "run/run.h"

/* fid: one of the range RSI_FID_VERSION .. RSI_FID_PLANE_SYSREG_WRITE */
enum outcome rsi_handle(struct stay *s, u64 fid);

/* X0 = status, the SMC is done, the realm goes on. */
enum outcome rsi_return(struct stay *s, u64 status);

/*
 * One page of the realm for the length of a command (rsi.md 1.2). NULL: *next
 * says how the command ends. Else rsi_put_page() ends it.
 */
struct rsi_page {
	struct s2_walk walk;
	void *view;
};
void *rsi_get_page(struct stay *s, u64 ipa, struct rsi_page *p, enum outcome *next);
void rsi_put_page(struct stay *s, struct rsi_page *p);

/* On the next entry. LEAVE: the structure is not mapped, the call stays pending. */
enum outcome rsi_host_call_complete(struct stay *s);

enum outcome rsi_version(struct stay *s);
enum outcome rsi_features(struct stay *s);
enum outcome rsi_measurement_read(struct stay *s);
enum outcome rsi_measurement_extend(struct stay *s);
enum outcome rsi_attestation_token_init(struct stay *s);
enum outcome rsi_attestation_token_continue(struct stay *s);
enum outcome rsi_realm_config(struct stay *s);
enum outcome rsi_ipa_state_set(struct stay *s);
enum outcome rsi_ipa_state_get(struct stay *s);
enum outcome rsi_host_call(struct stay *s);
/* Commands of 1.1 for realms that have no planes and no devices (decisions 82). */
enum outcome rsi_no_plane(struct stay *s);
enum outcome rsi_no_device(struct stay *s);

#endif
