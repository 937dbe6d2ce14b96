/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Services of EL3 (el3.md 4, 7; decisions 19-24): granule protection through
 * FIRME with ranges, FIRME one by one, or GTSI, whatever this EL3 has; memory;
 * attestation, with the shared buffer between us.
 */
#include "arch/arch.h"
#include "arch/el3.h"
#include "arch/mmu.h"
#include "arch/smc.h"
#include "arch/sysreg.h"
#include "base/string.h"

/* What lies in it is one call's, under the lock. */
static spinlock_t buffer_lock;
static u8 *buffer;
static bool signs;
static bool l1_service;			/* EL3 makes and removes L1 tables */

static enum { GTSI, FIRME_SINGLE, FIRME_RANGE } granule_service;

static void granules_probe(void)
{
	static const u8 pps[] = { 32, 36, 40, 42, 44, 48, 52 };
	struct smc_result r;

	r = smc(FIRME_SERVICE_VERSION, FIRME_SERVICE_GRANULE, 0, 0, 0);
	if ((s64)r.x0 < 0 || (u32)r.x0 >> 16 != 1)
		return;
	r = smc(FIRME_SERVICE_FEATURES, FIRME_SERVICE_GRANULE, 0, 0, 0);
	if (r.x0 || !(r.x1 & FIRME_GM0_GPI_SET))
		return;
	granule_service = FIRME_RANGE;
	l1_service = r.x1 & FIRME_GM0_L1_CREATE && r.x1 & FIRME_GM0_L1_DESTROY;

	r = smc(FIRME_SERVICE_FEATURES, FIRME_SERVICE_GRANULE, 1, 0, 0);
	if (r.x0)
		return;
	if (FIRME_GM1_PPS(r.x1) < ARRAY_SIZE(pps))
		arch_features.pps_bits = pps[FIRME_GM1_PPS(r.x1)];
	arch_features.l0gpt_shift = 30 + (unsigned int)FIRME_GM1_L0GPTSZ(r.x1);
}

void el3_probe(u64 shared_buffer)
{
	struct smc_result r;

	buffer = (u8 *)shared_buffer;
	granules_probe();
	r = smc(RMM_EL3_FEATURES, 0, 0, 0, 0);
	signs = !(u32)r.x0 && r.x1 & RMM_EL3_FEAT0_TOKEN_SIGN;
}

const char *el3_granule_service(void)
{
	return granule_service == GTSI ? "GTSI" : "FIRME";
}

/* As many granules as one SMC moves, at most count. */
static u64 gpi_set(u64 base, u64 count, u64 gpi)
{
	struct smc_result r;

	if (granule_service == GTSI) {
		r = smc(gpi == GPI_REALM ? RMM_GTSI_DELEGATE : RMM_GTSI_UNDELEGATE, base, 0, 0, 0);
		return (u32)r.x0 == 0;
	}
	if (granule_service == FIRME_SINGLE)
		count = 1;
	r = smc(FIRME_GM_GPI_SET, base, count, gpi, 0);
	if (r.x0 == 0 && r.x1)
		return r.x1 < count ? r.x1 : count;
	if (count == 1)
		return 0;

	/* An EL3 that takes single granules only (decisions 21) refuses the count, not the granule. */
	r = smc(FIRME_GM_GPI_SET, base, 1, gpi, 0);
	if (r.x0)
		return 0;
	granule_service = FIRME_SINGLE;
	return 1;
}

static u64 gpi_set_all(u64 base, u64 count, u64 gpi)
{
	u64 done = 0, n;

	do {		/* an EL3 that does not take ranges: look for interrupts in between */
		n = gpi_set(base + done * PAGE_SIZE, count - done, gpi);
		done += n;
	} while (n && done < count && !arch_interrupt_pending());
	return done;
}

u64 arch_gpt_to_realm(pa_t base, u64 count)
{
	return gpi_set_all(base.raw, count, GPI_REALM);
}

u64 arch_gpt_to_ns(pa_t base, u64 count)
{
	return gpi_set_all(base.raw, count, GPI_NS);
}

bool arch_l1_is_table(pa_t region)
{
	/* no memory: refused, but "there is one" is the first thing EL3 looks at (decisions 22) */
	return !l1_service || (s64)smc(FIRME_L1_GPT_CREATE, region.raw, 0, 0, 0).x0 == FIRME_EXISTS;
}

enum l1_answer arch_l1_create(pa_t region, pa_t memory)
{
	switch ((s64)smc(FIRME_L1_GPT_CREATE, region.raw, memory.raw, 0, 0).x0) {
	case FIRME_OK:
		return L1_DONE;
	case FIRME_EXISTS:
		return L1_EXISTS;
	case FIRME_INVALID:
	case FIRME_DENIED:
		return L1_MEMORY;
	default:
		return L1_REFUSED;
	}
}

enum l1_answer arch_l1_destroy(pa_t region, pa_t *memory)
{
	struct smc_result r = smc(FIRME_L1_GPT_DESTROY, region.raw, 0, 0, 0);

	*memory = pa(r.x1);
	return r.x0 ? L1_REFUSED : L1_DONE;
}

bool arch_reserve(u64 bytes, unsigned int align_log2, pa_t *out)
{
	struct smc_result r;

	bytes = ALIGN_UP(bytes, PAGE_SIZE);
	if (align_log2 < PAGE_SHIFT)
		align_log2 = PAGE_SHIFT;
	if (arch_nr_own == ARCH_MAX_BANKS)
		return false;
	r = smc(RMM_RESERVE_MEMORY, bytes, (u64)align_log2 << 56, 0, 0);
	if ((u32)r.x0 || !r.x1 || !IS_ALIGNED(r.x1, PAGE_SIZE))
		return false;
	if (!mmu_map_realm(r.x1, bytes, MAP_DATA))
		return false;
	mmu_publish();
	arch_own[arch_nr_own++] = (struct arch_range){ pa(r.x1), bytes };
	*out = pa(r.x1);
	return true;
}

/* ---- attestation ---- */

static enum el3_answer answer(struct smc_result r)
{
	switch ((int32_t)r.x0) {
	case RMM_EL3_OK:
		return EL3_DONE;
	case RMM_EL3_AGAIN:
		return EL3_AGAIN;
	default:
		return EL3_REFUSED;
	}
}

/* The buffer's first bytes, of which nothing stays there. */
static void take(void *to, size_t bytes)
{
	memcpy(to, buffer, bytes);
	memset(buffer, 0, bytes);
}

enum el3_answer arch_attest_key(u8 key[RMM_REALM_KEY_BYTES])
{
	struct smc_result r;

	arch_spin_lock(&buffer_lock);
	r = smc(RMM_ATTEST_GET_REALM_KEY, (u64)buffer, PAGE_SIZE, RMM_CURVE_SECP384R1, 0);
	take(key, RMM_REALM_KEY_BYTES);
	arch_spin_unlock(&buffer_lock);
	return r.x1 == RMM_REALM_KEY_BYTES ? answer(r) : EL3_REFUSED;
}

enum el3_answer arch_attest_platform(const u8 *challenge, size_t challenge_bytes, u8 *out,
				     size_t room, size_t *got, size_t *left)
{
	struct smc_result r;
	u64 size = room < PAGE_SIZE ? room : PAGE_SIZE;
	enum el3_answer a;

	arch_spin_lock(&buffer_lock);
	if (challenge)
		memcpy(buffer, challenge, challenge_bytes);
	r = smc(RMM_ATTEST_GET_PLAT_TOKEN, (u64)buffer, size, challenge ? challenge_bytes : 0, 0);
	a = answer(r);
	if (a == EL3_DONE && r.x1 > size)
		a = EL3_REFUSED;
	if (a == EL3_DONE)
		take(out, r.x1);
	arch_spin_unlock(&buffer_lock);
	*got = r.x1;
	*left = r.x2;
	return a;
}

bool arch_attest_signs(void)
{
	return signs;
}

enum el3_answer arch_attest_public(u8 public[RMM_PUBLIC_KEY_BYTES])
{
	struct smc_result r;

	arch_spin_lock(&buffer_lock);
	r = smc(RMM_EL3_TOKEN_SIGN, RMM_SIGN_PUBLIC_KEY, (u64)buffer, PAGE_SIZE,
		RMM_CURVE_SECP384R1);
	take(public, RMM_PUBLIC_KEY_BYTES);
	arch_spin_unlock(&buffer_lock);
	return answer(r) == EL3_DONE && r.x1 != RMM_PUBLIC_KEY_BYTES ? EL3_REFUSED : answer(r);
}

enum el3_answer arch_attest_push(u64 ticket, const u8 digest[48])
{
	struct rmm_sign_request *q = (void *)buffer;
	struct smc_result r;

	arch_spin_lock(&buffer_lock);
	*q = (struct rmm_sign_request){
		.algorithm = RMM_SIGN_ECDSA_P384, .ticket = ticket, .hash = RMM_SIGN_SHA384,
	};
	memcpy(q->digest, digest, 48);
	r = smc(RMM_EL3_TOKEN_SIGN, RMM_SIGN_PUSH, (u64)buffer, sizeof(*q), 0);
	arch_spin_unlock(&buffer_lock);
	return answer(r);
}

enum el3_answer arch_attest_pull(u64 *ticket, u8 signature[RMM_SIGNATURE_BYTES])
{
	struct rmm_sign_response a;
	struct smc_result r;

	arch_spin_lock(&buffer_lock);
	r = smc(RMM_EL3_TOKEN_SIGN, RMM_SIGN_PULL, (u64)buffer, PAGE_SIZE, 0);
	take(&a, sizeof(a));
	arch_spin_unlock(&buffer_lock);
	*ticket = a.ticket;
	memcpy(signature, a.signature, RMM_SIGNATURE_BYTES);
	return answer(r) == EL3_DONE && a.bytes != RMM_SIGNATURE_BYTES ? EL3_REFUSED : answer(r);
}
