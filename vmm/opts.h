/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command line (decisions-kvm section 9, K83, K84).
 */
#ifndef VMM_OPTS_H
#define VMM_OPTS_H

#include "util.h"

#define MAX_INITRDS	16
#define MAX_DISKS	8
#define MAX_CPUS	32
#define MAX_CMDLINE	2047	/* what an arm64 kernel takes, less the NUL */

struct opt_disk {
	const char *path;
	bool ro;
};

struct opts {
	const char *kernel;
	const char *initrd[MAX_INITRDS];
	unsigned int nr_initrds;
	struct opt_disk disk[MAX_DISKS];
	unsigned int nr_disks;
	char params[MAX_CMDLINE + 1];	/* all -p joined by blanks */
	unsigned int cpus;
	u64 mem;			/* bytes, a multiple of 1 MiB */
	unsigned int ipa_bits;		/* 0: choose */
	unsigned int sve_bits;		/* longest vector; 0: no SVE */
	bool pmu;
	bool realm;
	bool status;
	bool earlycon;
	bool serial;			/* the terminal is PL011 0, not virtio */
	bool debug;
	const char *log;		/* output of PL011 0 */
	const char *ctl;		/* output of PL011 1 */
	unsigned long die_at;		/* 0: never */
	bool help, version;
};

/*
 * Fill *o from the command line. Returns NULL, or one sentence about the first
 * thing that is wrong (static memory, good until the next call). Strings in
 * *o point into argv.
 */
const char *opts_parse(struct opts *o, int argc, char **argv);

extern const char opts_help[];

#endif
