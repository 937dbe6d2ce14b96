// SPDX-License-Identifier: BSD-2-Clause
/*
 * The control channel, Ctrl-A, the reasons for no realms, the bus.
 */
#include "bus.h"
#include "ctl.h"
#include "term.h"
#include "test.h"
#include "why.h"

static int status_of(const char *text)
{
	struct ctl c;

	ctl_init(&c);
	ctl_take(&c, (const u8 *)text, strlen(text));
	return c.status;
}

static void test_ctl(void)
{
	CHECK(status_of("") == -1);
	CHECK(status_of("exit 7") == -1);
	CHECK(status_of("exit 7\n") == 7);
	CHECK(status_of("exit 7\r\n") == 7);
	CHECK(status_of("hello\nexit 0\n") == 0);
	CHECK(status_of("exit 1\nexit 2\n") == 2);
	CHECK(status_of("exit 255\n") == 255);
	CHECK(status_of("exit 256\n") == -1);
	CHECK(status_of("exit 99999999999999\n") == -1);
	CHECK(status_of("exit -1\n") == -1);
	CHECK(status_of("exit \n") == -1);
	CHECK(status_of("exit\n") == -1);
	CHECK(status_of(" exit 3\n") == -1);
	CHECK(status_of("exit 3 \n") == -1);
	CHECK(status_of("exit 000000000000000000000000000000000000000003\n") == -1);
	CHECK(status_of("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\nexit 4\n") == 4);
}

static void test_escape(void)
{
	bool esc = false, leave = false;
	u8 a[] = { 'a', 1, 1, 'b', 1, 'c', 'd' };
	u8 b[] = { 'x' }, c[] = { 1 };

	CHECK(term_filter(&esc, a, sizeof(a), &leave) == 4 && !memcmp(a, "a\001bd", 4));
	CHECK(!leave && !esc);
	CHECK(term_filter(&esc, b, 1, &leave) == 1 && !leave);
	CHECK(term_filter(&esc, c, 1, &leave) == 0 && esc);
	CHECK(term_filter(&esc, b, 1, &leave) == 0 && leave);
}

static void test_why(void)
{
	char out[160];

	CHECK(strstr(why_words(NULL, out, sizeof(out)), "no realm support"));
	CHECK(!why_words("ok", out, sizeof(out)));
	CHECK(strstr(why_words("no FEAT_RME", out, sizeof(out)), "CPU"));
	CHECK(strstr(why_words("no monitor", out, sizeof(out)), "RMM"));
	CHECK(strstr(why_words("monitor speaks 1.0 to 1.0, needed 2.0", out, sizeof(out)),
		     "needed 2.0"));
	CHECK(strstr(why_words("something new", out, sizeof(out)), "something new"));
}

static u64 read_off(void *dev, u32 off, u32 len)
{
	return off + 1000 * len;
}

static void write_off(void *dev, u32 off, u32 len, u64 val)
{
	*(u64 *)dev = off + val;
}

static void test_bus(void)
{
	struct bus b = { 0 };
	u64 got = 0;

	bus_add(&b, (struct bus_dev){ .base = 0x1000, .size = 0x100, .read = read_off,
				      .write = write_off, .dev = &got });
	CHECK(bus_read(&b, 0x1010, 4) == 4016);
	CHECK(bus_read(&b, 0x10fc, 4) == 4252);
	CHECK(bus_read(&b, 0x10fe, 4) == 0);
	CHECK(bus_read(&b, 0xffe, 4) == 0);
	CHECK(bus_read(&b, ~0ULL - 1, 8) == 0);
	bus_write(&b, 0x1020, 4, 5);
	CHECK(got == 0x25);
	bus_write(&b, 0x2000, 4, 5);
	CHECK(got == 0x25);
}

int main(void)
{
	test_ctl();
	test_escape();
	test_why();
	test_bus();
	printf("vmm/small: ok\n");
	return 0;
}
