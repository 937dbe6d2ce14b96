/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * state SOCKET --rmm ELF --el3 ELF [WHAT [ARGUMENT...]]: what a running machine holds.
 *
 *	(nothing)	all of it: granule protection, granules, realms, calls
 *	granule ADDR	the granule at an address
 *	gpt ADDR	its entry in the granule protection tables
 *	rtt RD [IPA]	a realm's tables, or the entry that translates an IPA
 *	rec ADDR	a REC
 *	trace [N]	the last N events of each CPU, monitor and EL3
 *
 * The monitor is looked for in memory by its code. Its structures are read through
 * its own headers: the host is little endian and LP64 like the monitor, and both
 * were built from the same sources, or the code would not be found.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/el3.h"
#undef RMI_FID_FIRST
#undef RMI_FID_LAST
#include "arch/cpu.h"
#include "mem/region.h"
#include "mem/s2.h"
#include "mem/sro.h"
#include "realm/rd.h"
#include "tools/elf.h"
#include "tools/machine.h"
#include "tools/words.h"

_Static_assert(sizeof(void *) == 8 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "as the monitor");

static struct elf rmm, el3;
static bool has_rmm, has_el3;
static u64 image;			/* where the monitor lies */

/* ---- reading ---------------------------------------------------------------- */

static void read_pa(u64 at, void *to, size_t bytes)
{
	if (!machine_read(at, to, bytes))
		die("there is no memory at 0x%" PRIx64, at);
}

static bool try_rmm_variable(const char *name, void *to, size_t bytes)
{
	u64 at;

	if (!elf_symbol(&rmm, name, &at))
		return false;
	read_pa(image + at, to, bytes);
	return true;
}

static void rmm_variable(const char *name, void *to, size_t bytes)
{
	if (!try_rmm_variable(name, to, bytes))
		die("the monitor has no variable '%s'", name);
}

static bool el3_variable(const char *name, void *to, size_t bytes)
{
	u64 at;

	return has_el3 && elf_symbol(&el3, name, &at) && machine_read(at, to, bytes);
}

/* All of it: another build may begin alike, and have other structures. */
static bool is_monitor_at(u64 at)
{
	const u8 *code;
	u8 bytes[256];

	for (u64 i = 0; (code = elf_bytes(&rmm, i, sizeof(bytes))); i += sizeof(bytes))
		if (!machine_read(at + i, bytes, sizeof(bytes)) || memcmp(bytes, code, sizeof(bytes)))
			return false;
	return true;
}

/* The monitor's code, from the top of memory down: EL3s place it there or thereabouts. */
static bool find_monitor(void)
{
	u64 base = machine_dram_base();

	if (!elf_bytes(&rmm, 0, PAGE_SIZE))
		return false;
	for (image = base + machine_dram_bytes() - PAGE_SIZE; image >= base; image -= PAGE_SIZE)
		if (is_monitor_at(image))
			return true;
	return false;
}

/* ---- runs: equal neighbours as one line ---------------------------------------- */

static struct run {
	u64 base, bytes;
	char what[100];
} run;

static void run_end(void)
{
	if (run.bytes)
		printf("  0x%-12" PRIx64 " 0x%-12" PRIx64 " %s\n", run.base, run.base + run.bytes,
		       run.what);
	run.bytes = 0;
}

static void run_add(u64 base, u64 bytes, const char *what)
{
	if (run.bytes && base == run.base + run.bytes && !strcmp(what, run.what)) {
		run.bytes += bytes;
		return;
	}
	run_end();
	run.base = base;
	run.bytes = bytes;
	snprintf(run.what, sizeof(run.what), "%s", what);
}

/* ---- granule protection ------------------------------------------------------------ */

static struct {
	u64 l0, nr_l0;
	unsigned int region_bits;
	bool there;
} gpt;

static void gpt_find(void)
{
	gpt.there = el3_variable("l0", &gpt.l0, 8) && el3_variable("nr_l0", &gpt.nr_l0, 8) &&
		    el3_variable("region_bits", &gpt.region_bits, 4) && gpt.l0 && gpt.nr_l0 &&
		    gpt.nr_l0 < 1 << 20 && gpt.region_bits >= 30 && gpt.region_bits <= 39;
}

static bool gpt_l0(u64 pa, u64 *d)
{
	return pa >> gpt.region_bits < gpt.nr_l0 &&
	       machine_read(gpt.l0 + (pa >> gpt.region_bits) * 8, d, 8);
}

static void show_gpt_entry(u64 pa)
{
	u64 d, word;

	if (!gpt.there || !gpt_l0(pa, &d)) {
		printf("0x%" PRIx64 ": no entry in the granule protection tables\n", pa);
	} else if ((d & 0xf) == 1) {
		printf("0x%" PRIx64 ": %s, a block of level 0\n", pa, words_gpi(d >> 4 & 0xf));
	} else {
		u64 table = d & 0x000ffffffffff000ULL;
		u64 at = table + ((pa & (BIT(gpt.region_bits) - 1)) >> 16) * 8;

		read_pa(at, &word, 8);
		printf("0x%" PRIx64 ": %s, by the table of level 1 at 0x%" PRIx64 " (L0 entry 0x%"
		       PRIx64 ", word 0x%" PRIx64 ")\n", pa,
		       words_gpi(word >> (pa >> 12 & 15) * 4 & 0xf), table, d, word);
	}
}

static void show_gpt(void)
{
	static u64 words[1 << 12];
	u64 size = BIT(gpt.region_bits), d;

	printf("Granule protection (level 0 at 0x%" PRIx64 ", regions of 2^%u)\n", gpt.l0,
	       gpt.region_bits);
	for (u64 n = 0; n < gpt.nr_l0; n++) {
		if (!gpt_l0(n * size, &d))
			break;
		if ((d & 0xf) == 1) {
			run_add(n * size, size, words_gpi(d >> 4 & 0xf));
			continue;
		}
		for (u64 at = 0; at < size; ) {
			u64 here = size - at < sizeof(words) / 8 << 16 ? size - at : sizeof(words) / 8 << 16;

			read_pa((d & 0x000ffffffffff000ULL) + (at >> 16) * 8, words, here >> 13);
			for (u64 p = 0; p < here; p += PAGE_SIZE)
				run_add(n * size + at + p, PAGE_SIZE,
					words_gpi(words[p >> 16] >> (p >> 12 & 15) * 4 & 0xf));
			at += here;
		}
	}
	run_end();
}

/* ---- granules --------------------------------------------------------------------------- */

static struct region regions[MAX_REGIONS];
static unsigned int nr_regions;
static u16 *words_of[MAX_REGIONS];	/* metadata of a region, NULL: untracked */

static u64 nr_granules(const struct region *r)
{
	return (r->top - r->base) >> GRANULE_SHIFT;
}

static void granules_read(void)
{
	rmm_variable("granule_geometry", &granule_geometry, sizeof(granule_geometry));
	rmm_variable("nr_regions", &nr_regions, sizeof(nr_regions));
	if (nr_regions > MAX_REGIONS)
		die("%u regions: this is no monitor of these sources", nr_regions);
	rmm_variable("regions", regions, nr_regions * sizeof(regions[0]));
	for (unsigned int i = 0; i < nr_regions; i++) {
		if (!regions[i].granules)
			continue;
		words_of[i] = calloc(nr_granules(&regions[i]), 2);
		read_pa((u64)regions[i].granules, words_of[i], nr_granules(&regions[i]) * 2);
	}
}

static enum granule_type type_of(u16 word)
{
	return granule_type(&(struct granule){ word });
}

static const char *type_name(u16 word)
{
	enum granule_type t = type_of(word);

	return t < NR_GRANULE_TYPES ? granule_facts[t].name : "?";
}

/* The word of a granule; false: not tracked. */
static bool granule_word(u64 pa, u16 *word)
{
	for (unsigned int i = 0; i < nr_regions; i++) {
		if (pa < regions[i].base || pa >= regions[i].top || !words_of[i])
			continue;
		*word = words_of[i][(pa - regions[i].base) >> GRANULE_SHIFT];
		return true;
	}
	return false;
}

static bool granule_is_a(u64 pa, enum granule_type type)
{
	u16 word;

	return granule_word(pa, &word) && type_of(word) == type;
}

static void show_granule(u64 pa)
{
	u16 word;

	if (granule_word(pa, &word))
		printf("0x%" PRIx64 ": %s, %u references%s\n", ALIGN_DOWN(pa, GRANULE_SIZE),
		       type_name(word), granule_refs(&(struct granule){ word }),
		       word & GRANULE_LOCK ? ", locked" : "");
	else
		printf("0x%" PRIx64 ": not tracked by the monitor\n", pa);
	show_gpt_entry(pa);
}

static void show_granules(void)
{
	u64 count[NR_GRANULE_TYPES] = { 0 };
	unsigned int locked = 0;

	for (unsigned int i = 0; i < nr_regions; i++) {
		for (u64 n = 0; words_of[i] && n < nr_granules(&regions[i]); n++) {
			u16 word = words_of[i][n];

			count[type_of(word) % NR_GRANULE_TYPES]++;
			locked += !!(word & GRANULE_LOCK);
		}
	}
	printf("Granules by state:");
	for (unsigned int t = 0; t < NR_GRANULE_TYPES; t++)
		printf(" %s %" PRIu64, granule_facts[t].name, count[t]);
	printf("; locked %u\n", locked);
	for (unsigned int i = 0; i < nr_regions; i++) {
		if (!words_of[i])
			run_add(regions[i].base, regions[i].top - regions[i].base,
				!regions[i].coarse ? "untracked" :
				regions[i].whole == DATA ? "coarse, mapped" :
				regions[i].whole == DELEGATED ? "coarse, delegated" : "coarse");
		for (u64 n = 0; words_of[i] && n < nr_granules(&regions[i]); n++)
			run_add(regions[i].base + n * GRANULE_SIZE, GRANULE_SIZE,
				type_name(words_of[i][n]));
	}
	run_end();
}

/* ---- trees -------------------------------------------------------------------------------- */

static const char *const ripas_names[] = { "EMPTY", "RAM", "DESTROYED", "DEV" };

static void entry_words(const struct s2_entry *e, char *to, size_t size)
{
	if (e->ns)
		snprintf(to, size, "%s", e->state == S2_DATA ? "MAPPED_NS" : "UNMAPPED_NS");
	else
		snprintf(to, size, "%s %s", e->state == S2_DATA ? "DATA" : "VOID",
			 ripas_names[e->ripas & 3]);
}

static u64 tables_at[S2_LAST_LEVEL + 2];	/* counts, from level -1 on */

/* Leaves with an address: scattered ones are one run, rows of them too. */
static struct { u64 ipa, bytes, oa, next; bool row, any; char what[60]; int level; } leaf;

static void leaf_end(void)
{
	if (!leaf.any)
		return;
	printf("    0x%-12" PRIx64 " 0x%-12" PRIx64 " level %d  %s", leaf.ipa, leaf.ipa + leaf.bytes,
	       leaf.level, leaf.what);
	if (leaf.next)
		printf(leaf.row ? " at 0x%" PRIx64 "\n" : " at 0x%" PRIx64 " and elsewhere\n", leaf.oa);
	else
		putchar('\n');
	leaf.any = false;
}

static void leaf_add(const struct s2_entry *e, u64 ipa, int level)
{
	char what[60];
	u64 size = s2_size(level), oa = e->state == S2_DATA ? e->oa.raw : 0;

	entry_words(e, what, sizeof(what));
	if (leaf.any && !strcmp(what, leaf.what) && leaf.level == level &&
	    ipa == leaf.ipa + leaf.bytes) {
		leaf.row &= oa == leaf.next;
	} else {
		leaf_end();
		leaf.any = leaf.row = true;
		leaf.ipa = ipa;
		leaf.bytes = 0;
		leaf.oa = oa;
		leaf.level = level;
		strcpy(leaf.what, what);
	}
	leaf.bytes += size;
	leaf.next = oa ? oa + size : 0;
}

/* Nothing was ever there: an unprotected entry that maps nothing, or VOID and EMPTY. */
static bool is_nothing(const struct s2_entry *e)
{
	return e->state == S2_VOID && (e->ns || e->ripas == RMI_RIPAS_EMPTY);
}

/* A machine may have been stopped in the middle of making it, or be broken. */
static bool has_shape(const struct s2 *s2)
{
	return s2->start_level >= -1 && s2->start_level <= S2_LAST_LEVEL && s2->ipa_bits <= 52 &&
	       s2->nr_roots && s2->nr_roots <= S2_MAX_ROOTS;
}

static void show_table(const struct s2 *s2, u64 table, u64 ipa, int level)
{
	u64 entries[S2_ENTRIES];

	tables_at[level + 1]++;
	if (!granule_is_a(table, RTT))
		printf("    0x%" PRIx64 " is named as a table of level %d and is none\n", table, level);
	if (!machine_read(table, entries, sizeof(entries))) {
		printf("    0x%" PRIx64 " is named as a table of level %d and is no memory\n", table, level);
		return;
	}
	for (unsigned int i = 0; i < S2_ENTRIES; i++) {
		u64 at = ipa + i * s2_size(level);
		struct s2_entry e;

		if (at >= s2_ipa_top(s2))
			break;
		e = s2_decode(s2, entries[i], level, !s2_is_protected(s2, at));
		if (e.state == S2_TABLE && level < S2_LAST_LEVEL)
			show_table(s2, e.oa.raw, at, level + 1);
		else if (is_nothing(&e))
			leaf_end();
		else
			leaf_add(&e, at, level);
	}
}

static void show_tree(const struct s2 *s2)
{
	if (!has_shape(s2)) {
		printf("  RTT: none yet, or no more\n");
		return;
	}
	memset(tables_at, 0, sizeof(tables_at));
	printf("  RTT: %u bits, %u root(s) of level %d at 0x%" PRIx64 "\n", s2->ipa_bits, s2->nr_roots,
	       s2->start_level, s2->root.raw);
	for (unsigned int i = 0; i < s2->nr_roots; i++)
		show_table(s2, s2->root.raw + i * GRANULE_SIZE,
			   i * (s2_size(s2->start_level) << S2_STRIDE), s2->start_level);
	leaf_end();
	printf("    tables:");
	for (int level = s2->start_level; level <= S2_LAST_LEVEL; level++)
		printf(" %" PRIu64 " of level %d", tables_at[level + 1], level);
	putchar('\n');
}

/* The way of a walk, one line a level. */
static void show_walk(const struct s2 *s2, u64 ipa)
{
	int level = s2->start_level;
	u64 table;

	if (!has_shape(s2))
		die("that realm has no tables yet, or no more");
	table = s2->root.raw + (ipa >> (s2_shift(level) + S2_STRIDE)) * GRANULE_SIZE;
	if (ipa >= s2_ipa_top(s2))
		die("0x%" PRIx64 " is beyond the realm's %u bits", ipa, s2->ipa_bits);
	for (;; level++) {
		u64 d, index = ipa >> s2_shift(level) & (S2_ENTRIES - 1);
		struct s2_entry e;
		char what[60];

		read_pa(table + index * 8, &d, 8);
		e = s2_decode(s2, d, level, !s2_is_protected(s2, ipa));
		printf("  level %d: table 0x%" PRIx64 ", entry %" PRIu64 " is 0x%" PRIx64, level, table,
		       index, d);
		if (e.state != S2_TABLE || level == S2_LAST_LEVEL) {
			entry_words(&e, what, sizeof(what));
			printf(": %s", what);
			if (e.state == S2_DATA)
				printf(" at 0x%" PRIx64, e.oa.raw);
			putchar('\n');
			return;
		}
		printf(": table\n");
		table = e.oa.raw;
	}
}

/* ---- realms and RECs ---------------------------------------------------------------------- */

static void show_rec(u64 at)
{
	static const char *const pending[] = { "", ", waits for PSCI_COMPLETE", ", in a host call" };
	struct rec rec;

	if (!granule_is_a(at, REC)) {
		printf("  0x%" PRIx64 " is no REC\n", at);
		return;
	}
	read_pa(at, &rec, sizeof(rec));
	printf("  REC 0x%" PRIx64 ": MPIDR 0x%" PRIx64 ", %s%s, PC 0x%" PRIx64 " PSTATE 0x%" PRIx64 "%s",
	       at, rec.mpidr, rec.runnable ? "runnable" : "off", rec.running ? ", running" : "", rec.pc,
	       rec.pstate, pending[rec.pending % 3]);
	if (rec.ripas.active)
		printf(", asks 0x%" PRIx64 "..0x%" PRIx64 " to be %s", rec.ripas.addr, rec.ripas.top,
		       ripas_names[rec.ripas.value & 3]);
	printf(", realm 0x%" PRIx64 "\n", rec.rd.raw);
}

static void read_rd(u64 at, struct rd *rd)
{
	if (!granule_is_a(at, RD))
		die("0x%" PRIx64 " is no realm descriptor", at);
	read_pa(at, rd, sizeof(*rd));
}

static void show_realm(u64 at)
{
	static const unsigned int hash_bytes[] = { [RMI_HASH_SHA256] = 32, [RMI_HASH_SHA384] = 48,
						   [RMI_HASH_SHA512] = 64 };
	struct rd rd;
	unsigned int recs = 0;
	u64 nr;

	read_rd(at, &rd);
	nr = rd.next_index < MAX_RECS ? rd.next_index : MAX_RECS;
	for (u64 i = 0; i < nr; i++)
		recs += rd_rec(&rd, i).raw != 0;
	printf("Realm 0x%" PRIx64 ": %s, VMID %u, %u bits, %u RECs, %u of them running, %u operations\n",
	       at, realm_facts[rd.life >> 32 & 3].name, rd.vmid, rd.s2.ipa_bits, recs,
	       (unsigned int)rd.life, rd.nr_operations);
	printf("  RIM ");
	for (unsigned int i = 0; i < hash_bytes[rd.hash_algo % 3]; i++)
		printf("%02x", rd.measurement[0][i]);
	putchar('\n');
	for (u64 i = 0; i < nr; i++)
		if (rd_rec(&rd, i).raw)
			show_rec(rd_rec(&rd, i).raw);
	show_tree(&rd.s2);
}

static void show_realms(void)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < nr_regions; i++) {
		for (u64 k = 0; words_of[i] && k < nr_granules(&regions[i]); k++) {
			if (type_of(words_of[i][k]) != RD)
				continue;
			show_realm(regions[i].base + k * GRANULE_SIZE);
			n++;
		}
	}
	if (!n)
		printf("No realms\n");
}

/* ---- calls, operations, events ------------------------------------------------------------- */

static unsigned int cpus_there(void)
{
	unsigned int n = 0;

	rmm_variable("nr_cpus", &n, sizeof(n));
	return n < MAX_CPUS ? n : MAX_CPUS;
}

static void show_calls(void)
{
	u64 state = 0, inside[MAX_CPUS * 8];

	rmm_variable("state", &state, 8);
	printf("Monitor at 0x%" PRIx64 ", %s\n", image,
	       state < RMI_NR_STATES ? rmm_facts[state].name : "?");
	rmm_variable("callers", inside, sizeof(inside));
	for (unsigned int cpu = 0; cpu < cpus_there(); cpu++) {
		char words[400];
		u64 regs[8];

		if (!inside[cpu * 8])
			continue;
		read_pa(inside[cpu * 8], regs, sizeof(regs));
		printf("  CPU %u is inside %s\n", cpu, words_call(words, sizeof(words), regs[0], regs + 1, 7));
	}
}

static void show_ring(const char *who, unsigned int cpu, const struct trace_ring *r, u64 most)
{
	u64 last = 0;

	if (most > TRACE_EVENTS)
		most = TRACE_EVENTS;
	for (u64 i = r->next > most ? r->next - most : 0; i < r->next; i++) {
		const struct trace_event *e = &r->event[i % TRACE_EVENTS];
		char words[500];

		words_event(words, sizeof(words), e);
		printf("%s CPU %u ", who, cpu);
		printf(last ? "%+12lld  %s\n" : "%12lld  %s\n", (long long)(e->time - last), words);
		last = e->time;
	}
}

static void show_trace(u64 most)
{
	struct trace_ring r;
	u64 at;

	for (unsigned int cpu = 0; has_rmm && cpu < cpus_there(); cpu++) {
		if (!elf_symbol(&rmm, "cpus", &at))
			die("the monitor has no variable 'cpus'");
		read_pa(image + at + cpu * sizeof(struct cpu) + offsetof(struct cpu, trace), &r, sizeof(r));
		show_ring("RMM", cpu, &r, most);
	}
	for (unsigned int cpu = 0; has_el3 && cpu < 8 && elf_symbol(&el3, "rings", &at); cpu++)
		if (machine_read(at + cpu * sizeof(r), &r, sizeof(r)))
			show_ring("EL3", cpu, &r, r.next < 1ULL << 40 ? most : 0);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static u64 number(const char *text)
{
	char *end;
	u64 v = strtoull(text, &end, 0);

	if (end == text || *end)
		die("'%s' is no number", text);
	return v;
}

static void take_elf(struct elf *e, bool *has, const char *name)
{
	const char *why;

	*has = elf_open(e, name, &why);
	if (!*has)
		die("%s %s", name, why);
}

static void show(char **what, int n)
{
	u64 a = n > 1 ? number(what[1]) : 0;
	struct rd rd;

	if (!n) {
		show_calls();
		if (gpt.there)
			show_gpt();
		show_granules();
		show_realms();
	} else if (!strcmp(what[0], "granule") && n == 2) {
		show_granule(a);
	} else if (!strcmp(what[0], "gpt") && n == 2) {
		show_gpt_entry(a);
	} else if (!strcmp(what[0], "rec") && n == 2) {
		if (!granule_is_a(a, REC))
			die("0x%" PRIx64 " is no REC", a);
		show_rec(a);
	} else if (!strcmp(what[0], "rtt") && (n == 2 || n == 3)) {
		read_rd(a, &rd);
		if (n == 2)
			show_tree(&rd.s2);
		else
			show_walk(&rd.s2, number(what[2]));
	} else if (!strcmp(what[0], "trace") && n <= 2) {
		show_trace(n == 2 ? a : TRACE_EVENTS);
	} else {
		die("takes: granule ADDR, gpt ADDR, rtt RD [IPA], rec ADDR, trace [N], or nothing");
	}
}

int main(int argc, char **argv)
{
	int i;

	if (argc < 2)
		die("usage: state SOCKET [--rmm ELF] [--el3 ELF] [WHAT [ARGUMENT...]]");
	for (i = 2; i + 1 < argc && !strncmp(argv[i], "--", 2); i += 2) {
		if (!strcmp(argv[i], "--rmm"))
			take_elf(&rmm, &has_rmm, argv[i + 1]);
		else if (!strcmp(argv[i], "--el3"))
			take_elf(&el3, &has_el3, argv[i + 1]);
		else
			die("unknown option '%s'", argv[i]);
	}
	machine_open(argv[1]);
	gpt_find();
	if (has_rmm && !find_monitor()) {
		has_rmm = false;
		fputs("fief: state: the monitor of this build is not in that machine's memory\n", stderr);
	}
	if (has_rmm)
		granules_read();
	if (has_rmm || (argc > i && !strcmp(argv[i], "gpt")) || (argc > i && !strcmp(argv[i], "trace")))
		show(argv + i, argc - i);
	else if (argc == i && gpt.there)
		show_gpt();
	machine_close();
	return has_rmm ? 0 : 1;
}
