// SPDX-License-Identifier: BSD-2-Clause
/*
 * The command line: kvmtool's letters and a few of our own.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "opts.h"

const char opts_help[] =
"usage: realmvm -k IMAGE [options]\n"
"\n"
"  -k, --kernel FILE      arm64 Image, not compressed\n"
"  -i, --initrd FILE      initial ramdisk; repeatable, joined in order\n"
"  -d, --disk FILE[,ro]   a raw file as virtio disk; repeatable\n"
"  -p, --params TEXT      kernel arguments; repeatable\n"
"  -c, --cpus N           number of CPUs (1)\n"
"  -m, --mem MIB          memory in MiB, or with suffix M or G (256)\n"
"      --realm            a realm of the Arm Confidential Compute Architecture;\n"
"                         else an ordinary VM\n"
"      --pmu              a PMU for the guest\n"
"      --sve-max-vl BITS  SVE, with vectors of at most so many bits\n"
"      --status           end with the status the guest's /init reports; 125 if it\n"
"                         reports none, 126 if the VM could not be made or went wrong\n"
"      --console KIND     the terminal is the guest's virtio console (`virtio') or\n"
"                         its first PL011 (`serial')\n"
"      --log FILE         output of the first PL011: the guest kernel's messages\n"
"      --ctl FILE         output of the second PL011: the control channel\n"
"      --earlycon         early messages of the guest kernel on the first PL011\n"
"      --ipa-bits N       width of the guest's physical address space\n"
"      --die-at N         for tests: SIGKILL to itself before its Nth KVM call\n"
"      --debug            say what is being done\n"
"      --help, --version\n"
"\n"
"Ctrl-A x ends the VM, Ctrl-A Ctrl-A sends one Ctrl-A.\n";

enum {
	OPT_REALM = 256, OPT_STATUS, OPT_CONSOLE, OPT_LOG, OPT_CTL, OPT_EARLYCON,
	OPT_IPA_BITS, OPT_PMU, OPT_SVE, OPT_DIE_AT, OPT_DEBUG, OPT_HELP, OPT_VERSION,
};

static const struct option long_opts[] = {
	{ "kernel",	required_argument,	NULL, 'k' },
	{ "initrd",	required_argument,	NULL, 'i' },
	{ "disk",	required_argument,	NULL, 'd' },
	{ "params",	required_argument,	NULL, 'p' },
	{ "cpus",	required_argument,	NULL, 'c' },
	{ "mem",	required_argument,	NULL, 'm' },
	{ "realm",	no_argument,		NULL, OPT_REALM },
	{ "status",	no_argument,		NULL, OPT_STATUS },
	{ "console",	required_argument,	NULL, OPT_CONSOLE },
	{ "log",	required_argument,	NULL, OPT_LOG },
	{ "ctl",	required_argument,	NULL, OPT_CTL },
	{ "earlycon",	no_argument,		NULL, OPT_EARLYCON },
	{ "ipa-bits",	required_argument,	NULL, OPT_IPA_BITS },
	{ "pmu",	no_argument,		NULL, OPT_PMU },
	{ "sve-max-vl",	required_argument,	NULL, OPT_SVE },
	{ "die-at",	required_argument,	NULL, OPT_DIE_AT },
	{ "debug",	no_argument,		NULL, OPT_DEBUG },
	{ "help",	no_argument,		NULL, OPT_HELP },
	{ "version",	no_argument,		NULL, OPT_VERSION },
	{ NULL, 0, NULL, 0 },
};

static const char *PRINTF(1, 2) wrong(const char *fmt, ...)
{
	static char sentence[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	return sentence;
}

/* A decimal number within [lo, hi] and nothing behind it. */
static bool parse_num(const char *s, u64 lo, u64 hi, u64 *out)
{
	char *end;
	u64 v;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	v = strtoull(s, &end, 10);
	if (errno || *end || v < lo || v > hi)
		return false;
	*out = v;
	return true;
}

static bool parse_mem(const char *s, u64 *bytes)
{
	size_t len = strlen(s);
	char digits[24];
	u64 unit = MIB;

	if (!len || len >= sizeof(digits))
		return false;
	strcpy(digits, s);
	if (digits[len - 1] == 'G' || digits[len - 1] == 'g')
		unit = GIB;
	if (strchr("GgMm", digits[len - 1]))
		digits[len - 1] = '\0';
	if (!parse_num(digits, 1, 1 << 20, bytes))
		return false;
	*bytes *= unit;
	return true;
}

static const char *add_disk(struct opts *o, char *arg)
{
	struct opt_disk *d = &o->disk[o->nr_disks];
	char *comma = strrchr(arg, ',');

	if (o->nr_disks == MAX_DISKS)
		return wrong("more than %d disks", MAX_DISKS);
	d->ro = comma && !strcmp(comma, ",ro");
	if (d->ro)
		*comma = '\0';
	if (!*arg)
		return wrong("-d wants a file");
	d->path = arg;
	o->nr_disks++;
	return NULL;
}

static const char *add_params(struct opts *o, const char *text)
{
	size_t used = strlen(o->params);

	if (used + !!used + strlen(text) > MAX_CMDLINE)
		return wrong("the kernel arguments are longer than %d bytes", MAX_CMDLINE);
	if (used)
		o->params[used++] = ' ';
	strcpy(o->params + used, text);
	return NULL;
}

static const char *parse_one(struct opts *o, int c, char *arg)
{
	u64 v;

	switch (c) {
	case 'k':
		o->kernel = arg;
		return NULL;
	case 'i':
		if (o->nr_initrds == MAX_INITRDS)
			return wrong("more than %d initial ramdisks", MAX_INITRDS);
		o->initrd[o->nr_initrds++] = arg;
		return NULL;
	case 'd':
		return add_disk(o, arg);
	case 'p':
		return add_params(o, arg);
	case 'c':
		if (!parse_num(arg, 1, MAX_CPUS, &v))
			return wrong("-c wants a number of CPUs from 1 to %d, not `%s'",
				     MAX_CPUS, arg);
		o->cpus = v;
		return NULL;
	case 'm':
		if (!parse_mem(arg, &o->mem) || o->mem < 16 * MIB)
			return wrong("-m wants MiB of memory, at least 16, not `%s'", arg);
		return NULL;
	case OPT_REALM:
		o->realm = true;
		return NULL;
	case OPT_STATUS:
		o->status = true;
		return NULL;
	case OPT_CONSOLE:
		if (strcmp(arg, "virtio") && strcmp(arg, "serial"))
			return wrong("--console wants `virtio' or `serial', not `%s'", arg);
		o->serial = !strcmp(arg, "serial");
		return NULL;
	case OPT_LOG:
		o->log = arg;
		return NULL;
	case OPT_CTL:
		o->ctl = arg;
		return NULL;
	case OPT_EARLYCON:
		o->earlycon = true;
		return NULL;
	case OPT_IPA_BITS:
		if (!parse_num(arg, 32, 52, &v))
			return wrong("--ipa-bits wants a number from 32 to 52, not `%s'", arg);
		o->ipa_bits = v;
		return NULL;
	case OPT_PMU:
		o->pmu = true;
		return NULL;
	case OPT_SVE:
		if (!parse_num(arg, 128, 2048, &v) || v % 128)
			return wrong("--sve-max-vl wants a multiple of 128 up to 2048, not `%s'",
				     arg);
		o->sve_bits = v;
		return NULL;
	case OPT_DIE_AT:
		if (!parse_num(arg, 1, UINT32_MAX, &v))
			return wrong("--die-at wants a number, not `%s'", arg);
		o->die_at = v;
		return NULL;
	case OPT_DEBUG:
		o->debug = true;
		return NULL;
	case OPT_HELP:
		o->help = true;
		return NULL;
	case OPT_VERSION:
		o->version = true;
		return NULL;
	}
	return wrong("unexpected option");
}

const char *opts_parse(struct opts *o, int argc, char **argv)
{
	const char *err;
	int c, at;

	memset(o, 0, sizeof(*o));
	o->cpus = 1;
	o->mem = 256 * MIB;

	optind = 0;		/* glibc: begin anew, tests call this more than once */
	opterr = 0;
	for (;;) {
		at = optind ? optind : 1;
		c = getopt_long(argc, argv, "+:k:i:d:p:c:m:", long_opts, NULL);
		if (c < 0)
			break;
		if (c == ':')
			return wrong("%s wants an argument", argv[at]);
		if (c == '?')
			return wrong("unknown option `%s' (see --help)", argv[at]);
		err = parse_one(o, c, optarg);
		if (err)
			return err;
	}
	if (o->help || o->version)
		return NULL;
	if (optind < argc)
		return wrong("unexpected argument `%s' (see --help)", argv[optind]);
	if (!o->kernel)
		return wrong("no kernel given: use -k IMAGE (see --help)");
	return NULL;
}
