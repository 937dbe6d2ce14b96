/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why this host makes no realms, in words (decisions-kvm K5).
 */
#ifndef VMM_WHY_H
#define VMM_WHY_H

#include <stddef.h>

#define WHY_FILE	"/sys/module/kvm/parameters/rmi"

/*
 * The sentence for what WHY_FILE says (NULL: no such file), or NULL when it
 * says realms can be made. out is used for sentences with details in them.
 */
const char *why_words(const char *said, char *out, size_t room);

/* Read WHY_FILE; as above. */
const char *why_no_realms(char *out, size_t room);

#endif
