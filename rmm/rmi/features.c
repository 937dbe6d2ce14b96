/* SPDX-License-Identifier: BSD-2-Clause */
#include "realm/features.h"
#include "rmi/rmi.h"

/* RMI_FEATURES: an unknown index reads zero. */
status_t rmi_features(struct call *c, const struct features_args *a)
{
	give(c, 1, feature_register(a->index));
	return done(c);
}
