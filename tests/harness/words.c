/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdio.h>

#include "abi/rmi.h"
#include "words.h"

struct command {
	const char *name;
	u64 fid;
	const char *args[8];		/* null ends them */
	const char *outs[8];
};

/* Two passes over each .def: what goes in, what comes out. */
#define BEGIN		{ .name = DEF_STR(CMD),
#define COMMAND(f, gate) .fid = f, .args = { 0
#define ARG(name, type)	, #name
#define END		} },
static const struct command commands[] = {
#include "abi/rmi/every.def"
};

#define BEGIN		{ .outs = { 0
#define OUT(name)	, #name
#define END		} },
static const struct command outputs[] = {
#include "abi/rmi/every.def"
};

static const char *const statuses[] = {
	"SUCCESS", "INPUT", "REALM", "REC", "RTT", "NOT_SUPPORTED", "DEVICE", "RTT_AUX", "PSMMU_ST",
	"DPT", "BUSY", "GLOBAL", "TRACKING", "INCOMPLETE", "BLOCKED", "GPT", "GRANULE",
};

static unsigned int number_of(u64 fid)
{
	unsigned int i = 0;

	while (i < ARRAY_SIZE(commands) && commands[i].fid != (fid & 0xFFFFFFFF))
		i++;
	return i;
}

const char *words_command(u64 fid)
{
	unsigned int n = number_of(fid);

	return n < ARRAY_SIZE(commands) ? commands[n].name : NULL;
}

static size_t put(char *text, size_t room, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
static size_t put(char *text, size_t room, size_t at, const char *fmt, ...)
{
	va_list ap;
	int n;

	if (at >= room)
		return at;
	va_start(ap, fmt);
	n = vsnprintf(text + at, room - at, fmt, ap);
	va_end(ap);
	return at + (size_t)n;
}

void words_result(char *text, size_t room, u64 x0)
{
	u64 status = RMI_STATUS(x0);
	size_t at;

	if (x0 == RMI_UNKNOWN_FID || status >= ARRAY_SIZE(statuses)) {
		put(text, room, 0, x0 == RMI_UNKNOWN_FID ? "unknown" : "0x%llx",
		    (unsigned long long)x0);
		return;
	}
	at = put(text, room, 0, "%s", statuses[status]);
	if (status == RMI_ERROR_RTT)
		put(text, room, at, " at level %d", (signed char)(x0 >> RMI_LEVEL_SHIFT));
	if (status == RMI_INCOMPLETE)
		put(text, room, at, "%s%s", RMI_MEM(x0) == RMI_MEM_DONATE ? ", donate" :
		    RMI_MEM(x0) == RMI_MEM_RECLAIM ? ", reclaim" : ", continue",
		    x0 & RMI_CAN_CANCEL ? ", may be cancelled" : "");
}

void words_call(char *text, size_t room, const u64 in[8], const u64 out[8], const char *label)
{
	unsigned int n = number_of(in[0]);
	size_t at;

	if (n == ARRAY_SIZE(commands)) {
		at = put(text, room, 0, "0x%llx(0x%llx)", (unsigned long long)in[0],
			 (unsigned long long)in[1]);
	} else {
		at = put(text, room, 0, "%s(", commands[n].name);
		for (unsigned int i = 1; commands[n].args[i]; i++)
			at = put(text, room, at, "%s%s 0x%llx", i > 1 ? ", " : "",
				 commands[n].args[i], (unsigned long long)in[i]);
		at = put(text, room, at, ")");
	}
	if (!out)
		return;
	at = put(text, room, at, " = ");
	if (at < room)
		words_result(text + at, room - at, out[0]);
	while (at < room && text[at])
		at++;
	if (label && *label)
		at = put(text, room, at, " (%s)", label);
	for (unsigned int i = 1; n < ARRAY_SIZE(commands) && outputs[n].outs[i]; i++)
		at = put(text, room, at, "%s%s 0x%llx", i > 1 ? ", " : ": ", outputs[n].outs[i],
			 (unsigned long long)out[i]);
	if (RMI_STATUS(out[0]) == RMI_INCOMPLETE && out[0] != RMI_UNKNOWN_FID)
		put(text, room, at, "; x1 0x%llx, x2 0x%llx", (unsigned long long)out[1],
		    (unsigned long long)out[2]);
}
