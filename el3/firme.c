/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FIRME: base, granule and attestation service. spec/el3.md 7, spec/decisions.md 19-23,
 * docs/decisions/attestation.md.
 */
#include "el3.h"

static s64 version(u64 service)
{
	if (service == FIRME_SERVICE_BASE || service == FIRME_SERVICE_GRANULE ||
	    service == FIRME_SERVICE_ATTEST)
		return FIRME_VERSION_1_0;
	return FIRME_NOT_SUPPORTED;
}

static s64 features(struct ctx *c)
{
	u64 service = c->x[1] & 0xff, reg = c->x[2];

	c->x[1] = 0;
	if (version(service) < 0)
		return FIRME_NOT_SUPPORTED;
	if (reg > 1)
		return FIRME_INVALID;
	if (service == FIRME_SERVICE_BASE)
		c->x[1] = reg ? FIRME_BASE1_GRANULE | FIRME_BASE1_ATTEST :
				FIRME_BASE0_VERSION | FIRME_BASE0_FEATURES;
	else if (service == FIRME_SERVICE_ATTEST)
		c->x[1] = reg ? 0 : FIRME_AT0_PAT_GET |
				    (attest_signs() ? FIRME_AT0_RAT_SIGN : FIRME_AT0_RAK_GET);
	else
		c->x[1] = reg ? gpt_feature_register() :
			FIRME_GM0_GPI_SET | FIRME_GM0_L1_CREATE | FIRME_GM0_L1_DESTROY;
	return FIRME_OK;
}

/* Only the realm world moves granules, and only between the host and itself. */
static s64 gpi_set(struct ctx *c)
{
	u64 base = c->x[1], count = c->x[2], gpi = c->x[3];
	s64 err;

	c->x[1] = 0;
	if (!is_realm(c) || (gpi != GPI_REALM && gpi != GPI_NS))
		return FIRME_DENIED;
	c->x[1] = gpt_move(base, count, gpi == GPI_REALM ? GPI_NS : GPI_REALM, gpi, &err);
	return err;
}

static s64 l1_destroy(struct ctx *c)
{
	u64 region = c->x[1];

	c->x[1] = 0;
	return is_realm(c) ? gpt_table_destroy(region, &c->x[1]) : FIRME_DENIED;
}

/* The services of RMM-EL3 under other numbers. */
static s64 attest(struct ctx *c, u32 fid)
{
	u64 *x = c->x, got = 0, left = 0;
	s64 err;

	if (!is_realm(c))
		return FIRME_DENIED;
	if (fid == FIRME_PAT_GET)
		err = attest_platform_token(x[1], x[2], x[3], &got, &left);
	else if (fid == FIRME_RAK_GET)
		err = attest_realm_key(x[1], x[2], x[3], &got);
	else
		err = attest_token_sign(x[1], x[2], x[3], x[4], &got);
	x[1] = got;
	if (fid == FIRME_PAT_GET)
		x[2] = left;
	switch (err) {
	case RMM_EL3_OK:
		return FIRME_OK;
	case RMM_EL3_AGAIN:
		return FIRME_INCOMPLETE;
	case RMM_EL3_UNK:
		return FIRME_NOT_SUPPORTED;
	default:
		return FIRME_INVALID;
	}
}

void firme(struct ctx *c, u32 fid)
{
	s64 r;

	switch (fid) {
	case FIRME_SERVICE_VERSION:
		r = version(c->x[1] & 0xff);
		break;
	case FIRME_SERVICE_FEATURES:
		r = features(c);
		break;
	case FIRME_GM_GPI_SET:
		r = gpi_set(c);
		break;
	case FIRME_L1_GPT_CREATE:
		r = is_realm(c) ? gpt_table_create(c->x[1], c->x[2]) : FIRME_DENIED;
		break;
	case FIRME_L1_GPT_DESTROY:
		r = l1_destroy(c);
		break;
	case FIRME_PAT_GET:
	case FIRME_RAK_GET:
	case FIRME_RAT_SIGN:
		r = attest(c, fid);
		break;
	default:
		r = FIRME_NOT_SUPPORTED;
	}
	c->x[0] = (u64)r;
}
