// SPDX-License-Identifier: BSD-2-Clause
/*
 * Command lines, good and bad.
 */
#include "opts.h"
#include "test.h"

static const char *parse(struct opts *o, const char *line)
{
	static char copy[4096];
	char *argv[64] = { "realmvm" }, *word, *rest;
	int argc = 1;

	strcpy(copy, line);
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[argc++] = word;
	return opts_parse(o, argc, argv);
}

static void bad(const char *line, const char *says)
{
	struct opts o;
	const char *err = parse(&o, line);

	if (!err || !strstr(err, says)) {
		fprintf(stderr, "`%s': said `%s', not `%s'\n", line, err ? err : "nothing", says);
		exit(1);
	}
}

static void test_good(void)
{
	struct opts o;

	CHECK(!parse(&o, "-k Image"));
	CHECK(o.cpus == 1 && o.mem == 256 * MIB && !o.realm && !o.serial && !o.status);
	CHECK(!strcmp(o.kernel, "Image"));

	CHECK(!parse(&o, "--kernel=K -i a --initrd b -d x -d y,ro -p one -p two -c 4 -m 1G "
		     "--realm --status --earlycon --ipa-bits 40 --console serial --log L "
		     "--ctl C --die-at 17 --debug"));
	CHECK(o.nr_initrds == 2 && !strcmp(o.initrd[1], "b"));
	CHECK(o.nr_disks == 2 && !o.disk[0].ro && o.disk[1].ro && !strcmp(o.disk[1].path, "y"));
	CHECK(!strcmp(o.params, "one two"));
	CHECK(o.cpus == 4 && o.mem == GIB && o.realm && o.status && o.earlycon && o.serial);
	CHECK(o.ipa_bits == 40 && o.die_at == 17 && o.debug);
	CHECK(!strcmp(o.log, "L") && !strcmp(o.ctl, "C"));

	CHECK(!o.pmu && !o.sve_bits);
	CHECK(!parse(&o, "-k K --pmu --sve-max-vl 512") && o.pmu && o.sve_bits == 512);

	CHECK(!parse(&o, "-k K -m 129") && o.mem == 129 * MIB);
	CHECK(!parse(&o, "-k K -m 512M") && o.mem == 512 * MIB);
	CHECK(!parse(&o, "--help") && o.help);
	CHECK(!parse(&o, "--version") && o.version);
}

static void test_bad(void)
{
	bad("", "no kernel");
	bad("-k K --sve-max-vl 0", "--sve-max-vl");
	bad("-k K --sve-max-vl 200", "--sve-max-vl");
	bad("-k K --sve-max-vl 4096", "--sve-max-vl");
	bad("-k", "-k wants an argument");
	bad("-k K --mem", "wants an argument");
	bad("-k K --frob", "--frob");
	bad("-k K -q", "unknown option");
	bad("-k K more", "more");
	bad("-k K -c 0", "number of CPUs");
	bad("-k K -c 33", "number of CPUs");
	bad("-k K -c -1", "number of CPUs");
	bad("-k K -c 2x", "number of CPUs");
	bad("-k K -m 0", "-m wants");
	bad("-k K -m 15", "-m wants");
	bad("-k K -m M", "-m wants");
	bad("-k K -m 99999999999999999999", "-m wants");
	bad("-k K -m 18446744073709551615", "-m wants");
	bad("-k K -m 0x100", "-m wants");
	bad("-k K --ipa-bits 31", "--ipa-bits");
	bad("-k K --ipa-bits 53", "--ipa-bits");
	bad("-k K --console tv", "--console");
	bad("-k K --die-at x", "--die-at");
	bad("-k K -d ,ro", "-d wants");
	bad("-k K -d a -d a -d a -d a -d a -d a -d a -d a -d a", "more than 8 disks");
}

static void test_long_params(void)
{
	char line[MAX_CMDLINE + 64] = "-k K -p ";
	size_t at = strlen(line);
	struct opts o;

	memset(line + at, 'a', MAX_CMDLINE);
	line[at + MAX_CMDLINE] = '\0';
	CHECK(!parse(&o, line) && strlen(o.params) == MAX_CMDLINE);
	strcat(line, "a");
	bad(line, "longer than");
}

int main(void)
{
	test_good();
	test_bad();
	test_long_params();
	printf("vmm/opts: ok\n");
	return 0;
}
