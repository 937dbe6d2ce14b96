/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/hash.h"
#include "base/require.h"
#include "base/string.h"
#include "mem/call.h"
#include "realm/measure.h"
#include "realm/rd.h"

bool measure_content(struct call *c, struct hash_state *h, const void *content, u64 bytes,
		     u64 *at, u8 digest[64])
{
	while (*at < bytes) {
		hash_more(h, (const u8 *)content + *at, SLICE_HASH);
		*at += SLICE_HASH;
		if (slice_over(c, 1))
			return false;
	}
	if (*at > bytes)
		return true;
	hash_end(h, digest);
	++*at;
	return !slice_over(c, 1);
}

void measure_data(struct rd *rd, ipa_t ipa, u64 flags, const u8 digest[64])
{
	struct rmi_measure_data d = {
		.desc_type = RMI_MEASURE_DATA, .len = sizeof(d), .ipa = ipa.raw, .flags = flags,
	};

	memcpy(d.rim, rd->measurement[0], sizeof(d.rim));
	if (digest)
		memcpy(d.content, digest, sizeof(d.content));
	hash(rd->hash_algo, &d, sizeof(d), rd->measurement[0]);
}

const void *measure_rec_image(struct call *c, u64 flags, u64 pc, const u64 gprs[8])
{
	struct rmi_rec_params *image = call_page(c);

	memset(image, 0, sizeof(*image));
	image->flags = flags;
	image->pc = pc;
	memcpy(image->gprs, gprs, sizeof(image->gprs));
	return image;
}

void measure_rec(struct rd *rd, const u8 digest[64])
{
	struct rmi_measure_rec d = { .desc_type = RMI_MEASURE_REC, .len = sizeof(d) };

	memcpy(d.rim, rd->measurement[0], sizeof(d.rim));
	memcpy(d.content, digest, sizeof(d.content));
	hash(rd->hash_algo, &d, sizeof(d), rd->measurement[0]);
}

/* 128 bytes: the old value, then the low `size` bytes of the new one, both padded. */
void measure_extend(struct rd *rd, unsigned int index, const u8 value[64], unsigned int size)
{
	u8 both[2 * RMI_MEASURE_BYTES] = { 0 };

	require(index >= 1 && index < RMI_NR_MEASUREMENTS && size <= RMI_MEASURE_BYTES);
	memcpy(both, rd->measurement[index], RMI_MEASURE_BYTES);
	memcpy(both + RMI_MEASURE_BYTES, value, size);
	hash(rd->hash_algo, both, sizeof(both), rd->measurement[index]);
}
