// SPDX-License-Identifier: BSD-2-Clause
/*
 * The kernel names the layer in a few words; the user gets a sentence.
 */
#include <stdio.h>
#include <string.h>

#include "util.h"
#include "why.h"

static const struct {
	const char *said;
	const char *words;
} table[] = {
	{ "no VHE",	"the host kernel does not run at EL2 with VHE" },
	{ "no FEAT_RME", "the CPU has no Realm Management Extension (FEAT_RME)" },
	{ "no monitor",	"no monitor (RMM) answers: the firmware started none, or it failed" },
	{ "page size",	"the monitor does not know the host kernel's page size" },
	{ "LPA2",	"the host kernel uses LPA2 and the monitor does not" },
	{ "SHA-256",	"the monitor cannot measure with SHA-256" },
	{ "GIC: no ICH_HCR_EL2.TDIR", "the GIC cannot trap ICC_DIR_EL1 (ICH_HCR_EL2.TDIR)" },
	{ "GIC: trapping", "the host kernel has to trap the GIC's CPU interface" },
};

static bool begins(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

const char *why_words(const char *said, char *out, size_t room)
{
	size_t i;

	if (!said)
		return "the host kernel has no realm support (KVM without KVM_ARM_RMI)";
	if (!strcmp(said, "ok"))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (!strcmp(said, table[i].said))
			return table[i].words;
	if (begins(said, "monitor speaks") || begins(said, "activation") ||
	    begins(said, "tracking of") || begins(said, "GPT of"))
		snprintf(out, room, "monitor (RMM): %s", said);
	else
		snprintf(out, room, "the host kernel says: %s", said);
	return out;
}

const char *why_no_realms(char *out, size_t room)
{
	char said[128];
	FILE *f = fopen(WHY_FILE, "re");
	const char *got;

	if (!f)
		return why_words(NULL, out, room);
	got = fgets(said, sizeof(said), f);
	fclose(f);
	said[strcspn(said, "\n")] = '\0';
	return why_words(got ? said : "nothing", out, room);
}
