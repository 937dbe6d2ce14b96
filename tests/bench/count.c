/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A plugin for QEMU that counts the instructions each world executes between
 * two marks. It runs inside the emulator: the software measured is the product's,
 * to the byte. Debian ships no header of the plugin interface; what is used of
 * it is declared here, from its documentation. No C library: the emulator may
 * run with another one than the compiler's (tools/lib/qemu.sh).
 *
 * Words: host=FROM:TO realm=FROM:TO	where these two worlds' code runs; EL3's lies below
 *					512 KiB, the monitor's is all the rest
 *	  begin=ADDRESS end=ADDRESS	marks, any number; not counted themselves
 *	  el3stack=FROM:TO stack=FROM:TO  the deepest store into them (the monitor's: offsets into
 *					its image)
 *	  where=N			of the Nth measurement: each instruction's count
 *
 * The first measurement begins at reset. Into the log (-d plugin):
 *	count EL3 MONITOR HOST REALM
 *	at WORLD OFFSET COUNT
 *	stack EL3 MONITOR		so far, after each measurement
 */
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;

/* ---- QEMU's plugin interface ------------------------------------------------ */

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_scoreboard;
typedef struct { struct qemu_plugin_scoreboard *score; size_t offset; } qemu_plugin_u64;

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
u64 qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t bytes);
void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *s, unsigned int cpu);
void qemu_plugin_register_vcpu_tb_trans_cb(u64 id, void (*cb)(u64 id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
					    void (*cb)(unsigned int cpu, void *data), int flags,
					    void *data);
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *insn, int op,
							 qemu_plugin_u64 entry, u64 value);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      void (*cb)(unsigned int cpu, uint32_t info, u64 at, void *data),
				      int flags, int rw, void *data);
void qemu_plugin_outs(const char *s);

#define NO_REGS		0
#define MEM_W		2
#define ADD_U64		0

EXPORT int qemu_plugin_version = PLUGIN_VERSION;
EXPORT int qemu_plugin_install(u64 id, const void *info, int argc, char **argv);

/* ---- what is counted ---------------------------------------------------------- */

enum { EL3, MONITOR, HOST, REALM, NR_WORLDS };
static const char *const names[NR_WORLDS] = { "el3", "monitor", "host", "realm" };

/* One counter per instruction of EL3 and the monitor, one for each other world. */
#define EL3_BYTES	0x80000ULL
#define MONITOR_BYTES	0x200000ULL
#define SLOT_MONITOR	(EL3_BYTES / 4)
#define SLOT_HOST	(SLOT_MONITOR + MONITOR_BYTES / 4)
#define SLOT_REALM	(SLOT_HOST + 1)
#define NR_SLOTS	(SLOT_REALM + 1)

struct range { u64 from, to; };

static struct range host, realm, el3_stack, stack;
static u64 begins[8], ends[8], nr_begins, nr_ends, where = ~0ULL;
static struct qemu_plugin_scoreboard *score;
static u64 before[NR_SLOTS];
static u64 monitor_base, nr_measured;
static u64 el3_low = ~0ULL, low = ~0ULL;

static int in(const struct range *r, u64 at)
{
	return at >= r->from && at < r->to;
}

static u64 slot_of(u64 at)
{
	if (in(&host, at))
		return SLOT_HOST;
	if (in(&realm, at))
		return SLOT_REALM;
	if (at < EL3_BYTES)
		return at / 4;
	if (!monitor_base)		/* it is entered at its first byte */
		monitor_base = at;
	at -= monitor_base;
	return at < MONITOR_BYTES ? SLOT_MONITOR + at / 4 : SLOT_REALM;
}

static int world_of(u64 slot)
{
	return slot < SLOT_MONITOR ? EL3 : slot < SLOT_HOST ? MONITOR : slot < SLOT_REALM ? HOST : REALM;
}

/* ---- output --------------------------------------------------------------------- */

static char line[256];
static unsigned int len;

static void text(const char *s)
{
	while (*s && len < sizeof(line) - 2)
		line[len++] = *s++;
}

static void number(u64 v)
{
	char d[21];
	int n = 20;

	d[n] = 0;
	do
		d[--n] = (char)('0' + v % 10);
	while (v /= 10);
	text(" ");
	text(d + n);
}

static void flush(void)
{
	line[len++] = '\n';
	line[len] = 0;
	qemu_plugin_outs(line);
	len = 0;
}

/* ---- marks ------------------------------------------------------------------------ */

static void begin(unsigned int cpu, void *data)
{
	const u64 *now = qemu_plugin_scoreboard_find(score, cpu);

	(void)data;
	for (u64 i = 0; i < NR_SLOTS; i++)
		before[i] = now[i];
}

static void end(unsigned int cpu, void *data)
{
	const u64 *now = qemu_plugin_scoreboard_find(score, cpu);
	u64 worlds[NR_WORLDS] = { 0 };

	(void)data;
	for (u64 i = 0; i < NR_SLOTS; i++)
		worlds[world_of(i)] += now[i] - before[i];
	text("count");
	for (int w = 0; w < NR_WORLDS; w++)
		number(worlds[w]);
	flush();
	text("stack");
	number(el3_low < el3_stack.to ? el3_stack.to - el3_low : 0);
	number(low < stack.to ? stack.to - low : 0);
	flush();
	if (nr_measured++ != where)
		return;
	for (u64 i = 0; i < SLOT_HOST; i++) {
		if (now[i] == before[i])
			continue;
		text("at ");
		text(names[world_of(i)]);
		number((i < SLOT_MONITOR ? i : i - SLOT_MONITOR) * 4);
		number(now[i] - before[i]);
		flush();
	}
}

static void store(unsigned int cpu, uint32_t info, u64 at, void *data)
{
	(void)cpu;
	(void)info;
	(void)data;
	if (in(&el3_stack, at) && at < el3_low)
		el3_low = at;
	at -= monitor_base;
	if (in(&stack, at) && at < low)
		low = at;
}

static void translated(u64 id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb);

	(void)id;
	for (size_t i = 0; i < n; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		u64 at = qemu_plugin_insn_vaddr(insn), slot = slot_of(at);
		int is_mark = 0;

		for (u64 k = 0; k < nr_begins; k++) {
			if (begins[k] == at) {
				qemu_plugin_register_vcpu_insn_exec_cb(insn, begin, NO_REGS, NULL);
				is_mark = 1;
			}
		}
		for (u64 k = 0; k < nr_ends; k++) {
			if (ends[k] == at) {
				qemu_plugin_register_vcpu_insn_exec_cb(insn, end, NO_REGS, NULL);
				is_mark = 1;
			}
		}
		if (is_mark)
			continue;
		qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, ADD_U64,
			(qemu_plugin_u64){ score, slot * sizeof(u64) }, 1);
		if (slot < SLOT_HOST)
			qemu_plugin_register_vcpu_mem_cb(insn, store, NO_REGS, MEM_W, NULL);
	}
}

/* ---- words --------------------------------------------------------------------------- */

/* What stands behind NAME=; NULL: another word. */
static const char *value(const char *word, const char *name)
{
	while (*name)
		if (*word++ != *name++)
			return NULL;
	return *word == '=' ? word + 1 : NULL;
}

/* Hexadecimal, without 0x. */
static u64 hex(const char **s)
{
	u64 v = 0;

	for (;; ++*s) {
		char c = **s;

		if (c >= '0' && c <= '9')
			v = v << 4 | (u64)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (u64)(c - 'a' + 10);
		else
			return v;
	}
}

static struct range range(const char *s)
{
	struct range r = { .from = hex(&s) };

	if (*s == ':')
		s++;
	r.to = hex(&s);
	return r;
}

int qemu_plugin_install(u64 id, const void *info, int argc, char **argv)
{
	const char *v;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if ((v = value(argv[i], "host")))
			host = range(v);
		else if ((v = value(argv[i], "realm")))
			realm = range(v);
		else if ((v = value(argv[i], "el3stack")))
			el3_stack = range(v);
		else if ((v = value(argv[i], "stack")))
			stack = range(v);
		else if ((v = value(argv[i], "where")))
			where = hex(&v);
		else if ((v = value(argv[i], "begin")) && nr_begins < 8)
			begins[nr_begins++] = hex(&v);
		else if ((v = value(argv[i], "end")) && nr_ends < 8)
			ends[nr_ends++] = hex(&v);
		else
			return -1;
	}
	score = qemu_plugin_scoreboard_new(NR_SLOTS * sizeof(u64));
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
