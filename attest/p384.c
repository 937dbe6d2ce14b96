/* SPDX-License-Identifier: BSD-2-Clause */
/* The one file that knows the library behind ECDSA. */
#include <string.h>

#include <mbedtls/ecdsa.h>
#include <mbedtls/hmac_drbg.h>

#include "attest/p384.h"

struct p384_job {
	mbedtls_ecp_group curve;
	mbedtls_mpi key;
	mbedtls_hmac_drbg_context blinding;
	bool signs;
	union {
		struct {
			uint8_t digest[P384_DIGEST_BYTES];
			mbedtls_mpi r, s;
			mbedtls_ecdsa_restart_ctx restart;
		} sign;
		struct {
			mbedtls_ecp_point point;
			mbedtls_ecp_restart_ctx restart;
		} public;
	};
};

static bool prepare(struct p384_job *job, const uint8_t *key, const uint8_t *digest,
		    const uint8_t *entropy)
{
	uint8_t seed[P384_KEY_BYTES + P384_DIGEST_BYTES + P384_ENTROPY_BYTES] = { 0 };
	int err;

	memcpy(seed, key, P384_KEY_BYTES);
	if (digest)
		memcpy(seed + P384_KEY_BYTES, digest, P384_DIGEST_BYTES);
	memcpy(seed + P384_KEY_BYTES + P384_DIGEST_BYTES, entropy, P384_ENTROPY_BYTES);
	mbedtls_hmac_drbg_init(&job->blinding);
	err = mbedtls_hmac_drbg_seed_buf(&job->blinding,
					 mbedtls_md_info_from_type(MBEDTLS_MD_SHA384), seed,
					 sizeof(seed));
	mbedtls_platform_zeroize(seed, sizeof(seed));

	mbedtls_ecp_group_init(&job->curve);
	mbedtls_mpi_init(&job->key);
	mbedtls_ecp_set_max_ops(1);		/* each step as short as can be */
	return !err && !mbedtls_ecp_group_load(&job->curve, MBEDTLS_ECP_DP_SECP384R1) &&
	       !mbedtls_mpi_read_binary(&job->key, key, P384_KEY_BYTES) &&
	       !mbedtls_ecp_check_privkey(&job->curve, &job->key);
}

static struct p384_job *begin(struct pool *p, const uint8_t *key, const uint8_t *digest,
			      const uint8_t *entropy)
{
	struct p384_job *job = pool_take(p, sizeof(*job));
	bool ok;

	if (!job)
		return NULL;
	*pool_here() = p;
	ok = prepare(job, key, digest, entropy);
	*pool_here() = NULL;
	return ok ? job : NULL;
}

struct p384_job *p384_sign(struct pool *p, const uint8_t key[P384_KEY_BYTES],
			   const uint8_t digest[P384_DIGEST_BYTES],
			   const uint8_t entropy[P384_ENTROPY_BYTES])
{
	struct p384_job *job = begin(p, key, digest, entropy);

	if (!job)
		return NULL;
	job->signs = true;
	memcpy(job->sign.digest, digest, P384_DIGEST_BYTES);
	mbedtls_mpi_init(&job->sign.r);
	mbedtls_mpi_init(&job->sign.s);
	mbedtls_ecdsa_restart_init(&job->sign.restart);
	return job;
}

struct p384_job *p384_public(struct pool *p, const uint8_t key[P384_KEY_BYTES],
			     const uint8_t entropy[P384_ENTROPY_BYTES])
{
	struct p384_job *job = begin(p, key, NULL, entropy);

	if (!job)
		return NULL;
	mbedtls_ecp_point_init(&job->public.point);
	mbedtls_ecp_restart_init(&job->public.restart);
	return job;
}

static int sign_step(struct p384_job *job, uint8_t *out)
{
	int err = mbedtls_ecdsa_sign_det_restartable(
		&job->curve, &job->sign.r, &job->sign.s, &job->key, job->sign.digest,
		P384_DIGEST_BYTES, MBEDTLS_MD_SHA384, mbedtls_hmac_drbg_random, &job->blinding,
		&job->sign.restart);

	if (!err)
		err = mbedtls_mpi_write_binary(&job->sign.r, out, P384_SIGNATURE_BYTES / 2);
	if (!err)
		err = mbedtls_mpi_write_binary(&job->sign.s, out + P384_SIGNATURE_BYTES / 2,
					       P384_SIGNATURE_BYTES / 2);
	return err;
}

static int public_step(struct p384_job *job, uint8_t *out)
{
	size_t bytes;
	int err = mbedtls_ecp_mul_restartable(&job->curve, &job->public.point, &job->key,
					      &job->curve.G, mbedtls_hmac_drbg_random,
					      &job->blinding, &job->public.restart);

	if (!err)
		err = mbedtls_ecp_point_write_binary(&job->curve, &job->public.point,
						     MBEDTLS_ECP_PF_UNCOMPRESSED, &bytes, out,
						     P384_PUBLIC_BYTES);
	return err;
}

enum p384_step p384_step(struct pool *p, struct p384_job *job, uint8_t *out)
{
	int err;

	*pool_here() = p;
	err = job->signs ? sign_step(job, out) : public_step(job, out);
	*pool_here() = NULL;
	if (err == MBEDTLS_ERR_ECP_IN_PROGRESS)
		return P384_MORE;
	return err ? P384_FAILED : P384_DONE;
}
