/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * machines FILE: the document FILE with its tables of states as the monitor has them
 * now, to standard output. Between the two marks each table is printed from the
 * monitor's own (granule_facts and its kin) and from abi/rmi/.
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "abi/rmi/commands.h"
#include "mem/granule.h"
#include "mem/region.h"
#include "mem/sro.h"
#include "realm/rd.h"

#define BEGINS	"<!-- tables begin: make -C tools doc -->"
#define ENDS	"<!-- tables end -->"

static void print_set(unsigned int set, const char *(*name)(unsigned int), unsigned int nr)
{
	const char *comma = "";

	if (!set)
		printf("-");
	for (unsigned int i = 0; i < nr; i++) {
		if (!(set & 1U << i))
			continue;
		printf("%s%s", comma, name(i));
		comma = ", ";
	}
}

static const char *granule_name(unsigned int i) { return granule_facts[i].name; }
static const char *realm_name(unsigned int i) { return realm_facts[i].name; }
static const char *rmm_name(unsigned int i) { return rmm_facts[i].name; }

static void granules(void)
{
	printf("## Granules (`rmm/mem/granule.c`)\n\n"
	       "| state | may become | lock rank | most references |\n|---|---|--:|--:|\n");
	for (unsigned int i = 0; i < NR_GRANULE_TYPES; i++) {
		printf("| %s | ", granule_facts[i].name);
		print_set(granule_facts[i].may_become, granule_name, NR_GRANULE_TYPES);
		printf(" | %u | %u |\n", granule_facts[i].lock_rank, granule_facts[i].most_refs);
	}
}

static void regions(void)
{
	printf("\n## Regions that are COARSE (`rmm/mem/region.c`)\n\n| state of all of it | may become |\n|---|---|\n");
	for (unsigned int i = 0; i < NR_GRANULE_TYPES; i++) {
		if (!region_may_become[i] && i != INTERNAL)
			continue;
		printf("| %s | ", granule_facts[i].name);
		print_set(region_may_become[i], granule_name, NR_GRANULE_TYPES);
		printf(" |\n");
	}
}

static void realms(void)
{
	printf("\n## Realms (`rmm/realm/rd.c`)\n\n| state | may become |\n|---|---|\n");
	for (unsigned int i = 0; i < NR_REALM_STATES; i++) {
		printf("| %s | ", realm_facts[i].name);
		print_set(realm_facts[i].may_become, realm_name, NR_REALM_STATES);
		printf(" |\n");
	}
}

enum gate { GATE_ANY, GATE_INIT, GATE_ACTIVE };

static const struct { const char *name; enum gate gate; } commands[NR_COMMANDS] = {
#define BEGIN			[DEF_CAT(CMD_, CMD)] = { DEF_STR(CMD),
#define COMMAND(fid, when)	GATE_##when
#define END			},
#include "abi/rmi/every.def"
};

static void commands_of(enum gate gate)
{
	const char *comma = "";

	for (unsigned int i = 0; i < NR_COMMANDS; i++) {
		if (commands[i].gate != gate)
			continue;
		printf("%s%s", comma, commands[i].name);
		comma = ", ";
	}
}

static void monitor(void)
{
	printf("\n## The monitor (`rmm/mem/region.c`, gates of `abi/rmi/`)\n\n"
	       "| state | may become | commands that are open, besides those of any state |\n"
	       "|---|---|---|\n");
	for (unsigned int i = 0; i < RMI_NR_STATES; i++) {
		printf("| %s | ", rmm_facts[i].name);
		print_set(rmm_facts[i].may_become, rmm_name, RMI_NR_STATES);
		printf(" | ");
		if (i == RMI_STATE_INTERMEDIATE)
			printf("-");
		else
			commands_of(i == RMI_STATE_INIT ? GATE_INIT : GATE_ACTIVE);
		printf(" |\n");
	}
	printf("\nIn any state: ");
	commands_of(GATE_ANY);
	printf(".\n");
}

static void operations(void)
{
	printf("\n## Operations (`rmm/mem/sro.c`)\n\n| phase | follow-up that serves it |\n|---|---|\n");
	for (unsigned int i = 0; i < NR_OP_PHASES; i++)
		printf("| %s | %s |\n", op_phase_facts[i].name,
		       commands[op_phase_facts[i].follow_up].name);
}

int main(int argc, char **argv)
{
	FILE *f = argc == 2 ? fopen(argv[1], "r") : NULL;
	bool ours = false;
	char line[4096];

	if (!f) {
		fputs("usage: machines FILE\n", stderr);
		return 1;
	}
	while (fgets(line, sizeof(line), f)) {
		if (!strncmp(line, ENDS, strlen(ENDS)))
			ours = false;
		if (!ours)
			fputs(line, stdout);
		if (strncmp(line, BEGINS, strlen(BEGINS)))
			continue;
		ours = true;
		granules();
		regions();
		realms();
		monitor();
		operations();
	}
	return ours;		/* the second mark is missing */
}
