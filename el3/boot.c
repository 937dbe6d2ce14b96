/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From reset to the worlds, in order; spec/decisions.md 9 has the same list.
 */
#include "el3.h"

struct cpu cpus[MAX_CPUS] __attribute__((aligned(64)));
u32 nr_cpus;
struct machine machine;

static u64 secram_next;

void *secram_alloc(u64 bytes, u64 align)
{
	u64 a;

	if (!secram_next)
		secram_next = (u64)secram_free;
	a = ALIGN_UP(secram_next, align);
	if (bytes > SECRAM_BYTES || a + bytes > SECRAM_BASE + SECRAM_BYTES)
		return NULL;
	secram_next = a + bytes;
	return (void *)a;
}

bool is_dram(u64 base, u64 bytes)
{
	for (u32 i = 0; i < machine.nr_banks; i++) {
		const struct bank *b = &machine.banks[i];

		if (base >= b->base && bytes <= b->size && base - b->base <= b->size - bytes)
			return true;
	}
	return false;
}

static void read_boot_table(void)
{
	const struct boot_table *t = (const void *)FLASH_BOOT_TABLE;
	u64 initrd = t->initrd_end - t->initrd_start;

	if (memcmp(t->magic, BOOT_TABLE_MAGIC, sizeof(t->magic)) ||
	    t->version != BOOT_TABLE_VERSION)
		die("no boot table of version %u at %x: this flash image was not made by mkflash",
		    (u64)BOOT_TABLE_VERSION, (u64)FLASH_BOOT_TABLE);
	if (!is_dram(t->ns_entry, 4))
		die("the host's entry point %x is not in DRAM", t->ns_entry);
	if (!is_dram(t->ns_entry, t->ns_bytes))
		die("the host's image of %x bytes at %x does not fit into DRAM", t->ns_bytes,
		    t->ns_entry);
	if (initrd && !is_dram(t->initrd_start, initrd))
		die("the initrd %x - %x is not in DRAM", t->initrd_start, t->initrd_end);
	machine.table = t;
}

/* A payload there would be erased or unreachable: better said now than found out later. */
static void refuse_overlap(void)
{
	const struct boot_table *t = machine.table;

	if (monitor_overlaps(t->ns_entry, t->ns_bytes ? t->ns_bytes : 4))
		die("the host's image at %x lies in the monitor's memory (%x - %x)", t->ns_entry,
		    monitor_base(), monitor_base() + monitor_bytes());
	if (t->initrd_end != t->initrd_start &&
	    monitor_overlaps(t->initrd_start, t->initrd_end - t->initrd_start))
		die("the initrd %x - %x lies in the monitor's memory (%x - %x)", t->initrd_start,
		    t->initrd_end, monitor_base(), monitor_base() + monitor_bytes());
}

static void __attribute__((noreturn)) start(struct cpu *c, bool cold)
{
	feature_reset_ctx(c);
	if (has_pauth())
		pauth_load(&c->host);		/* zero, as after reset */
	c->host.elr_el3 = c->entry;
	c->host.x[0] = c->context_id;
	monitor_then_host(c, cold);
}

void __attribute__((noreturn)) boot_primary(void)
{
	struct cpu *c = &cpus[0];
	u64 dram = 0;

	write_sysreg(tpidr_el3, c);
	c->host.stack = (u64)stacks + STACK_BYTES;	/* for own_fault */
	console_init();
	say("Fief EL3 firmware");

	trace_init(c);
	feature_find();
	mmu_build();
	cpu_mmu_on();
	tree_read();
	for (u32 i = 0; i < machine.nr_banks; i++) {
		mmu_add_dram(&machine.banks[i]);
		dram += machine.banks[i].size;
	}
	read_boot_table();
	monitor_place();
	refuse_overlap();
	gpt_build();
	cpu_gpc_on();
	say("%u CPUs, %u MiB of DRAM, granule protection on", (u64)nr_cpus, dram >> 20);
	monitor_load();
	tree_for_host();

	gic_init();				/* the other CPUs come to boot_secondary */
	feature_apply();
	gic_cpu_init();
	c->state = CPU_ON_PENDING;
	c->entry = machine.table->ns_entry;
	c->context_id = DRAM_BASE;
	start(c, true);
}

/* Every CPU but the first, once, and again after each CPU_OFF. */
void __attribute__((noreturn)) cpu_wait_and_start(struct cpu *c)
{
	gic_park(c);
	start(c, false);
}

void __attribute__((noreturn)) boot_secondary(u64 index)
{
	struct cpu *c = &cpus[index];

	write_sysreg(tpidr_el3, c);
	c->host.stack = (u64)stacks + (index + 1) * STACK_BYTES;
	if (!c->trace)
		trace_init(c);
	feature_apply();
	gic_cpu_init();
	if (c->state == CPU_SUSPENDED)
		start(c, false);
	cpu_wait_and_start(c);
}
