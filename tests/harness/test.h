/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A test is a function that runs on a fresh machine in a process of its own. It is
 * one case, and so is each test_case() in it; a case passes when all its checks do.
 * The runner prints what failed and the total of cases.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include "base/types.h"

struct test {
	const char *name, *file;
	void (*fn)(void);
	struct test *next;
};

void test_register(struct test *t);

#define TEST(id)								\
	static void test_##id(void);						\
	__attribute__((constructor)) static void register_##id(void)		\
	{									\
		static struct test t = { #id, __BASE_FILE__, test_##id, NULL };	\
		test_register(&t);						\
	}									\
	static void test_##id(void)

/* One check; false: prints where, why, and what stands in test_note(). */
bool test_check(bool ok, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#define check(cond)		test_check(cond, __FILE__, __LINE__, "%s", #cond)
#define check_eq(a, b)		test_check_eq((u64)(a), (u64)(b), __FILE__, __LINE__, #a, #b)
bool test_check_eq(u64 a, u64 b, const char *file, int line, const char *sa, const char *sb);

/*
 * Building a world must work; when it does not the case cannot go on: a fault.
 */
#define need(cond)		((cond) ? (void)0 : test_need(__FILE__, __LINE__, #cond))
#define need_eq(a, b)		test_need_eq((u64)(a), (u64)(b), __FILE__, __LINE__, #a, #b)
_Noreturn void test_need(const char *file, int line, const char *what);
void test_need_eq(u64 a, u64 b, const char *file, int line, const char *sa, const char *sb);

/* Said before each failure until it is set again (which case of a table). */
void test_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Runs a case of its own; a fault of the paper machine in it fails it. */
void test_case(void (*fn)(void *), void *arg);
/* The case that runs turns out to be none: not counted. */
void test_skip(void);

/* From --seed, else from the clock; printed when something fails. */
u64 test_seed(void);
/* Log2 of the RMI granule that worlds are to have (-g). */
unsigned int test_granule(void);
/* Seconds one random test may take (--seconds). */
unsigned int test_seconds(void);
/* From --steps: after how many it ends instead; 0: not given. */
u64 test_steps(void);
/* From --log: where each call is written in words; null: nowhere. */
const char *test_log(void);
/* From --file: what is run again; null: not given. */
const char *test_file(void);
/* Without the runner: did it end well, all checks true? */
bool test_one(void (*fn)(void *), void *arg);

/* xorshift64*, the same on every host. */
struct rng { u64 s; };
u64 rng_next(struct rng *r);
u64 rng_below(struct rng *r, u64 n);

#endif
