// SPDX-License-Identifier: BSD-2-Clause
/*
 * realmvm: one command, one guest. The order of things is that of
 * decisions-kvm K74; each step dies with a sentence or succeeds.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "blk.h"
#include "console.h"
#include "ctl.h"
#include "image.h"
#include "kvm.h"
#include "loop.h"
#include "map.h"
#include "opts.h"
#include "out.h"
#include "pl011.h"
#include "priv.h"
#include "rng.h"
#include "term.h"
#include "tree.h"
#include "vm.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

#define LOG_LIMIT	(16 * MIB)

/* Everything a guest is made of, once per process. */
static struct opts opts;
static struct vm vm;
static struct image image;
static struct console console;
static struct rng rng;
static struct blk blk[MAX_DISKS];
static struct pl011 uart[2];
static struct irq uart_irq[2];
static struct ctl ctl;
static struct out terminal_out, log_out, ctl_out;
static bool have_log, have_ctl;

/* ---- where bytes go ---- */

static size_t send_terminal(void *arg, const u8 *data, size_t n)
{
	(void)arg;
	if (have_log)
		out_put(&log_out, data, n);
	return out_put(&terminal_out, data, n);
}

static size_t terminal_room(void *arg)
{
	(void)arg;
	return out_room(&terminal_out);
}

static size_t send_log(void *arg, const u8 *data, size_t n)
{
	(void)arg;
	if (have_log)
		out_put(&log_out, data, n);
	return n;
}

static size_t send_ctl(void *arg, const u8 *data, size_t n)
{
	(void)arg;
	ctl_take(&ctl, data, n);
	if (have_ctl)
		out_put(&ctl_out, data, n);
	return n;
}

static size_t sink_serial(void *arg, const u8 *data, size_t n)
{
	(void)arg;
	return pl011_receive(&uart[0], data, n);
}

static size_t sink_console(void *arg, const u8 *data, size_t n)
{
	(void)arg;
	return console_receive(&console, data, n);
}

static void terminal_drained(void *arg)
{
	(void)arg;
	if (opts.serial)
		pl011_drained(&uart[0]);
	else
		console_drained(&console);
}

static void user_leaves(void *arg)
{
	(void)arg;
	vm_end(&vm, VM_LEFT, "left");
}

/* ---- making the devices ---- */

static int open_output(const char *what, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		die("cannot write the %s `%s': %s", what, path, strerror(errno));
	return fd;
}

static void open_outputs(void)
{
	have_log = opts.log;
	have_ctl = opts.ctl;
	if (have_log)
		out_init(&log_out, open_output("log", opts.log), NULL, NULL);
	if (have_ctl)
		out_init(&ctl_out, open_output("control log", opts.ctl), NULL, NULL);
	/* A guest that writes for ever must not fill the host's disk. */
	log_out.limit = LOG_LIMIT;
	ctl_out.limit = LOG_LIMIT;
	out_init(&terminal_out, STDOUT_FILENO, terminal_drained, NULL);
	ctl_init(&ctl);
}

static void make_uart(unsigned int n)
{
	struct bus_dev d = {
		.name = "pl011", .base = MAP_PL011(n), .size = MAP_PL011_SIZE,
		.read = pl011_read, .write = pl011_write, .dev = &uart[n],
	};

	irq_init_level(&uart_irq[n], vm.fd, SPI_PL011(n));
	pl011_init(&uart[n], &uart_irq[n]);
	bus_add(&vm.bus, d);
}

static void make_uarts(void)
{
	make_uart(0);
	make_uart(1);
	uart[0].send = opts.serial ? send_terminal : send_log;
	uart[0].send_room = opts.serial ? terminal_room : NULL;
	uart[0].hungry = opts.serial ? term_hungry : NULL;
	uart[1].send = send_ctl;
}

static void check_disks(void)
{
	unsigned int i;

	for (i = 0; i < opts.nr_disks; i++)
		blk_init(&blk[i], &vm.mem, opts.disk[i].path, opts.disk[i].ro, i);
}

static unsigned int nr_virtio(void)
{
	return !opts.serial + 1 + opts.nr_disks;
}

static void make_virtio(void)
{
	unsigned int cols = 0, rows = 0, slot = 0, i;

	if (!opts.serial) {
		console_init(&console, &vm.mem, &terminal_out);
		console.hungry = term_hungry;
		if (term_size(&cols, &rows))
			console_resize(&console, cols, rows);
		virtio_attach(&console.v, &vm.bus, vm.fd, slot++);
	}
	rng_init(&rng, &vm.mem);
	virtio_attach(&rng.v, &vm.bus, vm.fd, slot++);
	for (i = 0; i < opts.nr_disks; i++)
		virtio_attach(&blk[i].v, &vm.bus, vm.fd, slot++);
}

/* ---- the tree ---- */

static void make_tree(void)
{
	static char bootargs[MAX_CMDLINE + 1];
	struct tree_facts f = {
		.realm = opts.realm,
		.ram_base = MAP_RAM,
		.ram_size = opts.mem,
		.bootargs = bootargs,
		.nr_cpus = opts.cpus,
		.pmu = opts.pmu,
		.nr_virtio = nr_virtio(),
	};
	u64 len;

	if (!tree_bootargs(bootargs, sizeof(bootargs), opts.params, opts.realm, opts.mem,
			   opts.earlycon, vm.shared_bit))
		die("the kernel arguments are longer than %d bytes with ours", MAX_CMDLINE);
	image_place(&image, MAP_RAM, opts.mem, TREE_MAX_BYTES);
	if (image.initrd.len) {
		f.initrd_start = image.initrd.gpa;
		f.initrd_end = image.initrd.gpa + image.initrd.len;
	}
	blob_alloc(&image.tree, TREE_MAX_BYTES);
	len = tree_build(&f, image.tree.data, TREE_MAX_BYTES);
	if (!len)
		die("the device tree does not fit into %llu KiB",
		    (unsigned long long)(TREE_MAX_BYTES / KIB));
	image.tree.len = len;
	debug("kernel arguments: %s", bootargs);
}

static void load(const char *what, struct blob *b)
{
	if (b->len)
		debug("%s at 0x%llx, %llu bytes", what, (unsigned long long)b->gpa,
		      (unsigned long long)b->len);
	vm_load(&vm, b);
	blob_free(b);
}

/* ---- running and ending ---- */

static struct watch signal_watch;

static void signal_came(void *arg)
{
	struct signalfd_siginfo si;
	unsigned int cols, rows;

	(void)arg;
	if (read(signal_watch.fd, &si, sizeof(si)) != sizeof(si))
		return;
	if (si.ssi_signo != SIGWINCH)
		vm_end(&vm, VM_BROKEN, "ended by signal %u", si.ssi_signo);
	else if (!opts.serial && term_size(&cols, &rows))
		console_resize(&console, cols, rows);
}

static void take_signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		die("cannot wait for signals: %s", strerror(errno));
	loop_add(&signal_watch, fd, signal_came, NULL);
}

static void start_terminal(void)
{
	struct term t = {
		.sink = opts.serial ? sink_serial : sink_console,
		.leave = user_leaves,
	};

	die_hook = term_restore;
	term_start(&t);
}

static void start_threads(void)
{
	out_start(&terminal_out);
	if (have_log)
		out_start(&log_out);
	if (have_ctl)
		out_start(&ctl_out);
	vm_start(&vm);
}

static void flush_outputs(void)
{
	out_flush(&terminal_out, 1000);
	if (have_log)
		out_flush(&log_out, 1000);
	if (have_ctl)
		out_flush(&ctl_out, 1000);
}

/* K84: the guest's own status, or one of ours and a sentence. */
static int final_status(void)
{
	switch (vm.end) {
	case VM_OFF:
	case VM_RESET:
		if (!opts.status)
			return 0;
		if (ctl.status >= 0)
			return ctl.status;
		fprintf(stderr, "realmvm: the guest went away (%s) without a status\n", vm.why);
		return EXIT_NO_STATUS;
	case VM_LEFT:
		return 0;
	default:
		fprintf(stderr, "realmvm: %s\n", vm.why);
		return EXIT_BROKEN;
	}
}

static void prepare(int argc, char **argv)
{
	const char *err = opts_parse(&opts, argc, argv);

	if (err)
		die("%s", err);
	if (opts.help) {
		fputs(opts_help, stdout);
		exit(0);
	}
	if (opts.version) {
		puts("realmvm " VERSION);
		exit(0);
	}
	if (opts.debug)
		debug_enable();
	kvm_die_at(opts.die_at);
}

int main(int argc, char **argv)
{
	unsigned int ipa_bits;
	int status;

	prepare(argc, argv);
	ipa_bits = vm_ipa_bits(opts.realm, opts.mem, opts.ipa_bits);
	image_load(&image, opts.kernel, opts.initrd, opts.nr_initrds);
	check_disks();
	open_outputs();
	loop_init();

	vm_open(&vm, opts.realm, ipa_bits);
	make_tree();
	vm_memory(&vm, opts.mem);
	vm.sve_bits = opts.sve_bits;
	vm.pmu = opts.pmu;
	vm_vcpus(&vm, opts.cpus);
	vm_gic(&vm);
	make_uarts();
	make_virtio();
	load("kernel", &image.kernel);
	load("initrd", &image.initrd);
	load("tree", &image.tree);
	vm_boot_registers(&vm, image.entry, image.tree.gpa);
	close(vm.kvm_fd);

	take_signals();
	start_terminal();
	priv_drop();
	start_threads();
	debug("running");
	loop_run(&vm.stop);

	if (!vm_join(&vm, 5000))
		vm_end(&vm, VM_BROKEN, "a CPU of the guest does not stop");
	flush_outputs();
	term_restore();
	debug("ended: %s; %lu calls of KVM", vm.why, kvm_nr_calls());
	status = final_status();
	fflush(stderr);
	_exit(status);	/* threads that write output may still be blocked in it */
}
