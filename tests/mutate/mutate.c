/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mutate SEED COUNT FOLDER FILE...
 *
 * Picks COUNT small changes among all that can be made in the files, the same
 * ones for the same seed and files, and writes for the n-th
 *	FOLDER/n.c	the changed file
 *	FOLDER/n.txt	"FILE", "LINE", "what was changed", "the line", one a line
 * Each change is one a tired programmer makes: another comparison, a bound off by
 * one, an argument of && lost, a check or a call left out.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


struct file {
	const char *name;
	char **lines;
	size_t nr;
};

struct mutation {
	const struct file *file;
	size_t line;
	size_t nr_lines;		/* replaced: 1, or 2 with the statement that follows */
	size_t at, length;		/* what of the line goes; length 0: all of it */
	const char *what, *with;	/* what is said, and what stands there instead */
};

static struct mutation *all;
static size_t nr_all, room;

static void die(const char *what, const char *which)
{
	fprintf(stderr, "mutate: %s: %s\n", what, which);
	exit(2);
}

static void add(const struct file *f, size_t line, size_t nr_lines, size_t at, size_t length,
		const char *what, const char *with)
{
	if (nr_all == room) {
		room = room ? 2 * room : 1024;
		all = realloc(all, room * sizeof(*all));
		if (!all)
			die("out of memory", f->name);
	}
	all[nr_all++] = (struct mutation){ f, line, nr_lines, at, length, what, with };
}

/* ---- what can be changed in a line ---------------------------------------- */

static const struct { const char *from, *to, *what; } swaps[] = {
	{ "<=", "<", "<= becomes <" },		{ ">=", ">", ">= becomes >" },
	{ " < ", " <= ", "< becomes <=" },	{ " > ", " >= ", "> becomes >=" },
	{ "==", "!=", "== becomes !=" },	{ "!=", "==", "!= becomes ==" },
	{ "&&", "||", "&& becomes ||" },	{ "||", "&&", "|| becomes &&" },
	{ " + ", " - ", "+ becomes -" },	{ " - ", " + ", "- becomes +" },
	{ " | ", " & ", "| becomes &" },	{ " & ", " | ", "& becomes |" },
	{ "true", "false", "true becomes false" },
	{ "false", "true", "false becomes true" },
};

static const char *skip_tabs(const char *text)
{
	return text + strspn(text, "\t");
}

static const char *next_line(const struct file *f, size_t n)
{
	return n + 1 < f->nr ? skip_tabs(f->lines[n + 1]) : "";
}

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

static bool ends(const char *text, const char *with)
{
	size_t a = strlen(text), b = strlen(with);

	return a >= b && !strcmp(text + a - b, with);
}

static bool is_word_end(char c)
{
	return !isalnum((unsigned char)c) && c != '_';
}

/* The word or path around at: "r->top" of "base < r->top ? ..." */
static size_t operand_before(const char *text, const char *at, const char **from)
{
	const char *p = at;

	while (p > text && (!is_word_end(p[-1]) || strchr(".>-[]", p[-1])))
		p--;
	*from = p;
	return (size_t)(at - p);
}

static size_t operand_after(const char *at)
{
	const char *p = at;

	while (*p && (!is_word_end(*p) || *p == '.' || *p == '[' || *p == ']' ||
		      begins(p, "->") || (*p == '>' && p[-1] == '-')))
		p++;
	return (size_t)(p - at) + 2 * begins(p, "()");
}

/* "a < b ? a : b": the smaller or larger of two. Whether equals count as less shows nowhere. */
static bool is_choice_of_two(const char *text, const char *at, size_t length)
{
	const char *a, *b = at + length;
	size_t na = operand_before(text, at, &a), nb = operand_after(b);
	char one[200], other[200];

	snprintf(one, sizeof(one), " ? %.*s : %.*s", (int)na, a, (int)nb, b);
	snprintf(other, sizeof(other), " ? %.*s : %.*s", (int)nb, b, (int)na, a);
	return na && nb && (begins(b + nb, one) || begins(b + nb, other));
}

/* "if (a > b)", "a = b;": the same in two lines. */
static bool is_limit(const char *text, const char *at, size_t length, const char *next)
{
	const char *a, *b = at + length;
	size_t na = operand_before(text, at, &a), nb = operand_after(b);
	char one[200];

	snprintf(one, sizeof(one), "%.*s = %.*s;", (int)na, a, (int)nb, b);
	return na && nb && a > text && a[-1] == '(' && !strcmp(b + nb, ")") && !strcmp(next, one);
}

static bool in_string(const char *text, const char *at)
{
	bool inside = false;

	for (; text < at; text++)
		if (*text == '"')
			inside = !inside;
	return inside;
}

static void find_swaps(const struct file *f, size_t n)
{
	const char *text = f->lines[n], *next = next_line(f, n);

	for (size_t i = 0; i < sizeof(swaps) / sizeof(swaps[0]); i++) {
		size_t length = strlen(swaps[i].from);

		for (const char *p = text; (p = strstr(p, swaps[i].from)); p += length) {
			if (in_string(text, p))
				continue;
			if (strchr("<>", swaps[i].from[1]) &&
			    (is_choice_of_two(text, p, length) || is_limit(text, p, length, next)))
				continue;
			if (isalpha((unsigned char)*p) && !(is_word_end(p[-1]) && is_word_end(p[length])))
				continue;
			add(f, n, 1, (size_t)(p - text), length, swaps[i].what, swaps[i].to);
		}
	}
}

/*
 * Assertions are there for our own mistakes: weaker ones show nothing. commit() is one:
 * from there on refuse() stops the machine. Trace events are changed like all else:
 * tests/mem/trace.c reads them.
 */
static bool is_assertion(const char *s)
{
	return begins(s, "require(") || begins(s, "expect(") || begins(s, "commit(") ||
	       begins(s, "arch_print(");
}

static void find_lost_statement(const struct file *f, size_t n)
{
	const char *s = skip_tabs(f->lines[n]);
	size_t name = strspn(s, "abcdefghijklmnopqrstuvwxyz_0123456789");
	size_t place = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789->.[]*");

	if (!ends(s, ";"))
		return;
	if (name && s[name] == '(' && ends(s, ");"))
		add(f, n, 1, 0, 0, "call left out", ";");
	if (place && (begins(s + place, " = ") || begins(s + place, " += ") ||
		      begins(s + place, " -= ") || begins(s + place, " |= ")))
		add(f, n, 1, 0, 0, "assignment left out", ";");
}

static void find_lost_check(const struct file *f, size_t n)
{
	const char *text = f->lines[n], *s = skip_tabs(text);
	const char *next = next_line(f, n);

	if (!begins(s, "if (") || !ends(s, ")"))
		return;
	add(f, n, 1, (size_t)(s - text) + 4, 0, "condition turned round", NULL);
	if ((begins(next, "return") || begins(next, "break;") || begins(next, "continue;")) &&
	    ends(next, ";"))
		add(f, n, 2, 0, 0, "check left out", ";");
}

static void find_in(const struct file *f)
{
	bool comment = false;

	for (size_t n = 0; n < f->nr; n++) {
		const char *s = skip_tabs(f->lines[n]);

		comment |= begins(s, "/*");
		if (!comment && f->lines[n][0] == '\t' && *s && !strchr("#[{}*", *s) && !ends(s, "\\") &&
		    !is_assertion(s)) {
			find_swaps(f, n);
			find_lost_statement(f, n);
			find_lost_check(f, n);
		}
		if (strstr(s, "*/"))
			comment = false;
	}
}

/* ---- files ------------------------------------------------------------------- */

static void read_file(struct file *f)
{
	FILE *in = fopen(f->name, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t got;

	if (!in)
		die("cannot read", f->name);
	while ((got = getline(&line, &size, in)) >= 0) {
		if (got && line[got - 1] == '\n')
			line[got - 1] = 0;
		f->lines = realloc(f->lines, (f->nr + 1) * sizeof(*f->lines));
		f->lines[f->nr++] = strdup(line);
	}
	free(line);
	fclose(in);
}

static void write_line(FILE *out, const struct mutation *m)
{
	const char *text = m->file->lines[m->line];

	if (!m->with)		/* if (x) becomes if (!(x)) */
		fprintf(out, "%.*s!(%.*s))\n", (int)m->at, text,
			(int)(strlen(text) - m->at - 1), text + m->at);
	else if (!m->length)
		fprintf(out, "\t%s\n", m->with);
	else
		fprintf(out, "%.*s%s%s\n", (int)m->at, text, m->with, text + m->at + m->length);
}

static FILE *open_for(const char *folder, size_t n, const char *suffix)
{
	char name[4096];
	FILE *out;

	snprintf(name, sizeof(name), "%s/%zu.%s", folder, n, suffix);
	out = fopen(name, "w");
	if (!out)
		die("cannot write", name);
	return out;
}

static void write_mutation(const char *folder, size_t n, const struct mutation *m)
{
	FILE *out = open_for(folder, n, "c"), *txt = open_for(folder, n, "txt");

	for (size_t i = 0; i < m->file->nr; i++) {
		if (i == m->line)
			write_line(out, m);
		else if (i > m->line && i < m->line + m->nr_lines)
			fputc('\n', out);
		else
			fprintf(out, "%s\n", m->file->lines[i]);
	}
	fprintf(txt, "%s\n%zu\n%s\n%s\n", m->file->name, m->line + 1, m->what,
		skip_tabs(m->file->lines[m->line]));
	if (fclose(out) | fclose(txt))
		die("cannot write into", folder);
}

/* splitmix64: the same everywhere */
static uint64_t seed;
static uint64_t next_random(void)
{
	uint64_t z = seed += 0x9E3779B97F4A7C15;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
	z = (z ^ z >> 27) * 0x94D049BB133111EB;
	return z ^ z >> 31;
}

int main(int argc, char **argv)
{
	size_t count;

	if (argc < 5)
		die("usage", "mutate SEED COUNT FOLDER FILE...");
	seed = strtoull(argv[1], NULL, 0);
	count = strtoull(argv[2], NULL, 0);
	for (int i = 4; i < argc; i++) {
		struct file *f = calloc(1, sizeof(*f));

		f->name = argv[i];
		read_file(f);
		find_in(f);
	}
	if (count > nr_all)
		count = nr_all;
	for (size_t n = 0; n < count; n++) {
		size_t pick = n + next_random() % (nr_all - n);
		struct mutation m = all[pick];

		all[pick] = all[n];
		all[n] = m;
		write_mutation(argv[3], n + 1, &m);
	}
	printf("%zu of %zu\n", count, nr_all);
	return 0;
}
