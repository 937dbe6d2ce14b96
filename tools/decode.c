/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * decode [--rmm ELF] [--el3 ELF] [FILE]: console logs of the monitor and EL3 with
 * their crashes and their rings of events in words; other lines pass as they are.
 *
 * What it knows: KVM's "unexpected result"; "RMM: panic", its ESR and lr lines, "RMM: trace"
 * and "RMM: in call"; "EL3: CRASH" with its PC and ESR lines, "EL3: trace". Status 0, or 1 when a file
 * cannot be read.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/el3.h"
#undef RMI_FID_FIRST
#undef RMI_FID_LAST
#include "abi/rmi.h"
#include "abi/rmi/commands.h"
#include "abi/trace.h"
#include "arch/mmu.h"
#include "tools/elf.h"
#include "tools/words.h"

#define WORDS	(sizeof(struct trace_event) / 8)

static struct elf rmm, el3;
static bool has_rmm, has_el3;
static uint64_t image;			/* where the monitor lies; 0: not known yet */
static enum { IN_NOTHING, IN_EL3, IN_MONITOR } crash;
static struct { uint64_t last; bool any; } ring[2][64];

/* ---- pieces of a line --------------------------------------------------------- */

/* The number after `word`, base 16 with or without 0x. */
static bool number_after(const char *line, const char *word, uint64_t *v)
{
	const char *at = strstr(line, word);
	char *end;

	if (!at)
		return false;
	*v = strtoull(at + strlen(word), &end, 16);
	return end != at + strlen(word);
}

static unsigned int numbers(const char *at, uint64_t *v, unsigned int max)
{
	unsigned int n = 0;
	char *end;

	for (; n < max; n++, at = end) {
		v[n] = strtoull(at, &end, 16);
		if (end == at)
			break;
	}
	return n;
}

static void say_where(const char *what, const struct elf *e, bool there, uint64_t address)
{
	char line[800];

	if (there)
		printf("    %s: %s\n", what, elf_line(e, address, line, sizeof(line)));
}

/* ---- the rings --------------------------------------------------------------------- */

static bool is_trace(const char *line, const char *head, unsigned int who)
{
	uint64_t v[WORDS] = { 0 };
	struct trace_event e;
	unsigned int cpu, n;
	char words[500];
	int at = 0;

	if (strncmp(line, head, strlen(head)) ||
	    sscanf(line + strlen(head), " %u:%n", &cpu, &at) != 1 || !at || cpu >= 64)
		return false;
	n = numbers(line + strlen(head) + at, v, WORDS);
	if (n < 2)
		return false;
	memcpy(&e, v, sizeof(e));
	printf("%.3s CPU %u ", head, cpu);
	if (ring[who][cpu].any)
		printf("%+12" PRId64 "  ", (int64_t)(e.time - ring[who][cpu].last));
	else
		printf("%12" PRIu64 "  ", (uint64_t)e.time);
	ring[who][cpu].last = e.time;
	ring[who][cpu].any = true;
	printf("%s\n", words_event(words, sizeof(words), &e));
	if (TRACE_KIND(e.what) == TRACE_PANIC)
		say_where("there", &rmm, has_rmm, e.arg[0] - (TRACE_NUMBER(e.what) ? 0 : 4));
	return true;
}

static bool is_call(const char *line)
{
	uint64_t v[8] = { 0 };
	unsigned int cpu;
	char words[500];
	int at = 0;

	if (sscanf(line, "RMM: in call %u:%n", &cpu, &at) != 1 || !at || !numbers(line + at, v, 8))
		return false;
	printf("RMM CPU %u is inside %s\n", cpu, words_call(words, sizeof(words), v[0], v + 1, 7));
	return true;
}

static void check_counts(const char *line)
{
	unsigned int commands, refusals;

	if (sscanf(line, "RMM: trace of %u commands, %u refusals", &commands, &refusals) != 2)
		return;
	if (commands != NR_COMMANDS || refusals != NR_REFUSALS)
		printf("    this monitor was built from other sources than these names (%u commands, "
		       "%u refusals): names of commands and refusals may be wrong\n", NR_COMMANDS,
		       NR_REFUSALS);
}

/* ---- crashes ------------------------------------------------------------------------- */

static void say_far(uint64_t far)
{
	uint64_t offset;
	const char *name;

	if (far >= NS_VIEW)
		printf("    FAR: host memory at 0x%" PRIx64 "\n", far - NS_VIEW);
	else if (image && has_rmm && far >= image && far - image < 0x1000000 &&
		 (name = elf_symbol_at(&rmm, far - image, &offset)))
		printf("    FAR: %s + 0x%" PRIx64 "\n", name, offset);
	else if (far)
		printf("    FAR: 0x%" PRIx64 " as the Realm world sees it\n", far);
}

static void monitor_line(const char *line)
{
	uint64_t v, offset, far;
	char words[300];

	if (strstr(line, "RMM: ") && number_after(line, " image ", &v))
		image = v;
	if (strstr(line, "RMM: panic: ") && number_after(line, "image at ", &v))
		image = v;
	if (strstr(line, "RMM: panic: ")) {
		crash = IN_MONITOR;
		if (number_after(line, ") at ", &v))
			say_where("there", &rmm, has_rmm, v - 4);
		return;
	}
	if (crash != IN_MONITOR)
		return;
	if (number_after(line, "  ESR ", &v) && number_after(line, "(image + ", &offset)) {
		printf("    ESR: %s\n", words_esr(words, sizeof(words), v));
		if ((v >> 26 & 0x3f) >= 0x20 && (v >> 26 & 0x3f) <= 0x25 &&
		    number_after(line, " FAR ", &far))
			say_far(far);
		say_where("ELR", &rmm, has_rmm, offset);
	}
	if (number_after(line, "  lr ", &v) && image)
		say_where("lr", &rmm, has_rmm, v - image - 4);
}

static void el3_line(const char *line)
{
	uint64_t v;
	char words[300];

	if (strstr(line, "monitor of ") && number_after(line, " at ", &v))
		image = v;
	if (strstr(line, "CRASH in EL3"))
		crash = IN_EL3;
	else if (strstr(line, "CRASH on CPU"))
		crash = strstr(line, "from EL2 of the realm world") ? IN_MONITOR : IN_NOTHING;
	if (number_after(line, "  PC ", &v)) {
		if (crash == IN_EL3)
			say_where("PC", &el3, has_el3, v);
		if (crash == IN_MONITOR && image)
			say_where("PC", &rmm, has_rmm, v - image);
	}
	if (number_after(line, "  ESR ", &v))
		printf("    ESR: %s\n", words_esr(words, sizeof(words), v));
}

/* What KVM says of an answer: "RMI call 0xc4000158: unexpected result 0x1". */
static void kernel_line(const char *line)
{
	uint64_t fid, x0;
	char name[60], words[120];

	if (number_after(line, "RMI call ", &fid) && number_after(line, "unexpected result ", &x0))
		printf("    %s: %s\n", words_function(name, sizeof(name), fid),
		       words_answer(words, sizeof(words), x0));
}

static void decode(const char *line)
{
	if (is_trace(line, "RMM: trace", 0) || is_trace(line, "EL3: trace", 1) || is_call(line))
		return;
	fputs(line, stdout);
	check_counts(line);
	if (!strncmp(line, "EL3: ", 5))
		el3_line(line);
	else
		monitor_line(line);
	kernel_line(line);
}

/* ---- the whole -------------------------------------------------------------------------- */

static void take_elf(struct elf *e, bool *has, const char *name)
{
	const char *why;

	*has = elf_open(e, name, &why);
	if (!*has)
		fprintf(stderr, "decode: %s %s: no functions and lines of it\n", name, why);
}

int main(int argc, char **argv)
{
	size_t room = 0;
	char *line = NULL;
	FILE *in = stdin;
	ssize_t n;
	int i;

	for (i = 1; i + 1 < argc && !strncmp(argv[i], "--", 2); i += 2) {
		if (!strcmp(argv[i], "--rmm"))
			take_elf(&rmm, &has_rmm, argv[i + 1]);
		else if (!strcmp(argv[i], "--el3"))
			take_elf(&el3, &has_el3, argv[i + 1]);
		else
			break;
	}
	if (argc > i + 1 || (argc == i + 1 && argv[i][0] == '-' && argv[i][1])) {
		fputs("usage: decode [--rmm ELF] [--el3 ELF] [FILE]\n", stderr);
		return 1;
	}
	if (i < argc && strcmp(argv[i], "-"))
		in = fopen(argv[i], "r");
	if (!in) {
		fprintf(stderr, "decode: cannot read %s\n", argv[i]);
		return 1;
	}
	while ((n = getline(&line, &room, in)) > 0) {
		if (strlen(line) == (size_t)n)
			decode(line);
		else			/* bytes that are no text */
			fwrite(line, 1, (size_t)n, stdout);
	}
	free(line);
	return 0;
}
