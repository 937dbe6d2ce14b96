/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's device tree: read for DRAM, CPUs and the reach of PCIe, then turned
 * into what the host may know (spec/decisions.md 10). In place, at the start
 * of DRAM; the tree's own total size is the room.
 *
 * Runs on the primary before any world does: libfdt may use FP registers.
 */
#include <libfdt.h>

#include "el3.h"

static void *tree(void)
{
	return NS_VIEW(DRAM_BASE);
}

static const char *device_type(int node)
{
	const char *s = fdt_getprop(tree(), node, "device_type", NULL);

	return s ? s : "";
}

static u64 cells(const fdt32_t *p, int n)
{
	u64 v = 0;

	while (n--)
		v = v << 32 | fdt32_to_cpu(*p++);
	return v;
}

static void read_memory(int node)
{
	int len = 0, ac = fdt_address_cells(tree(), 0), sc = fdt_size_cells(tree(), 0);
	const fdt32_t *reg = fdt_getprop(tree(), node, "reg", &len);

	for (; reg && len >= (ac + sc) * 4; len -= (ac + sc) * 4, reg += ac + sc) {
		if (machine.nr_banks == MAX_BANKS)
			die("the device tree has more than %u memory banks", (u64)MAX_BANKS);
		machine.banks[machine.nr_banks++] = (struct bank){
			.base = cells(reg, ac), .size = ALIGN_DOWN(cells(reg + ac, sc), PAGE),
		};
	}
}

/* The windows of PCIe: 3 cells of bus address, 2 of CPU address, 2 of size. */
static void read_pcie(int node)
{
	int len = 0;
	const fdt32_t *r = fdt_getprop(tree(), node, "ranges", &len);

	for (; r && len >= 28; len -= 28, r += 7) {
		u64 top = cells(r + 3, 2) + cells(r + 5, 2);

		if (top > machine.device_top)
			machine.device_top = top;
	}
}

/* #address-cells of /cpus is 1 or 2: the whole of "reg" is the MPIDR. ~0: not readable. */
static u64 cpu_mpidr(int node)
{
	int len = 0;
	const fdt32_t *reg = fdt_getprop(tree(), node, "reg", &len);

	return reg && (len == 4 || len == 8) ? cells(reg, len / 4) : ~0ULL;
}

/* QEMU's GICv3 machine has clusters of 16. */
static u64 cpu_index(u64 mpidr)
{
	return mpidr >> 16 ? ~0ULL : (mpidr & 0xff) + (mpidr >> 8 & 0xff) * 16;
}

static void read_cpu(int node)
{
	u64 mpidr = cpu_mpidr(node), index = cpu_index(mpidr);

	if (index >= MAX_CPUS)
		return;
	cpus[index].present = true;
	cpus[index].index = index;
	cpus[index].mpidr = BIT(31) | mpidr;
	nr_cpus++;
}

/* One pass over a node's properties: asking for each by name costs a pass each. */
struct facts { const char *device_type, *status, *secure_status; };

static struct facts facts_of(int node)
{
	struct facts f = { "", "", "" };
	const char *name, *value;
	int p;

	fdt_for_each_property_offset(p, tree(), node) {
		value = fdt_getprop_by_offset(tree(), p, &name, NULL);
		if (!value)
			continue;
		if (!strcmp(name, "device_type"))
			f.device_type = value;
		else if (!strcmp(name, "status"))
			f.status = value;
		else if (!strcmp(name, "secure-status"))
			f.secure_status = value;
	}
	return f;
}

/* What only the secure world may see; offsets hold until the tree is changed. */
#define MAX_SECURE	16
static int secure_nodes[MAX_SECURE];
static int nr_secure_nodes;

static void read_node(int node)
{
	struct facts f = facts_of(node);
	bool disabled = !strcmp(f.status, "disabled");

	if ((disabled && !strcmp(f.secure_status, "okay")) ||
	    !strcmp(fdt_get_name(tree(), node, NULL), "secure-chosen")) {
		if (nr_secure_nodes == MAX_SECURE)
			die("the device tree has more than %u secure devices", (u64)MAX_SECURE);
		secure_nodes[nr_secure_nodes++] = node;
	} else if (!strcmp(f.device_type, "cpu")) {
		read_cpu(node);
	} else if (!strcmp(f.device_type, "pci")) {
		read_pcie(node);
	} else if (!strcmp(f.device_type, "memory") && !disabled) {
		read_memory(node);
	}
}

/* From the bottom up, neighbours (NUMA nodes) as one: protection does not care whose they are. */
static void sort_banks(void)
{
	struct bank *banks = machine.banks;
	u32 i, j, n = 0;

	for (i = 1; i < machine.nr_banks; i++) {
		struct bank b = banks[i];

		for (j = i; j && banks[j - 1].base > b.base; j--)
			banks[j] = banks[j - 1];
		banks[j] = b;
	}
	for (i = 1; i < machine.nr_banks; i++) {
		if (banks[n].base + banks[n].size == banks[i].base)
			banks[n].size += banks[i].size;
		else
			banks[++n] = banks[i];
	}
	machine.nr_banks = n + 1;
}

void tree_read(void)
{
	int node;

	if (fdt_check_header(tree()))
		die("no device tree at %x", DRAM_BASE);
	machine.device_top = GIB;
	for (node = fdt_next_node(tree(), 0, NULL); node >= 0;
	     node = fdt_next_node(tree(), node, NULL))
		read_node(node);
	if (!machine.nr_banks || !cpus[0].present)
		die("the device tree names no memory or no CPU 0");
	sort_banks();
}

/* ---- the host's tree ---- */

static void check(int err, const char *what)
{
	if (err < 0)
		die("cannot write the host's device tree: %s: %s", what, fdt_strerror(err));
}

/* Nodes are blanked, not cut out: offsets stay, and nothing has to move. */
static void drop(int node, const char *what)
{
	check(fdt_nop_node(tree(), node), what);
}

static void drop_secure(void)
{
	while (nr_secure_nodes)
		drop(secure_nodes[--nr_secure_nodes], "secure node");
}

/*
 * CPUs beyond MAX_CPUS stay asleep for ever: the host is not told of them.
 * The map of CPUs would then refer to nodes that are gone.
 */
static void drop_surplus_cpus(int parent)
{
	int node, next, map;
	u64 dropped = 0;

	for (node = fdt_first_subnode(tree(), parent); node >= 0; node = next) {
		next = fdt_next_subnode(tree(), node);
		if (strcmp(device_type(node), "cpu") || cpu_index(cpu_mpidr(node)) < MAX_CPUS)
			continue;
		drop(node, "cpu");
		dropped++;
	}
	if (!dropped)
		return;
	say("%u CPUs beyond the first %u stay off", dropped, (u64)MAX_CPUS);
	map = fdt_subnode_offset(tree(), parent, "cpu-map");
	if (map >= 0)
		drop(map, "cpu-map");
}

static void enable_cpus(void)
{
	int node, parent = fdt_path_offset(tree(), "/cpus");

	check(parent, "cpus");
	drop_surplus_cpus(parent);
	fdt_for_each_subnode(node, tree(), parent)
		if (!strcmp(device_type(node), "cpu"))
			check(fdt_setprop_string(tree(), node, "enable-method", "psci"), "cpu");
}

/* A search of the whole root costs as much as an attempt to add. */
static int root_node(const char *name)
{
	int node = fdt_add_subnode(tree(), 0, name);

	if (node == -FDT_ERR_EXISTS)
		node = fdt_subnode_offset(tree(), 0, name);
	check(node, name);
	return node;
}

static void add_psci(void)
{
	static const char compatible[] = "arm,psci-1.0\0arm,psci-0.2";
	int node = root_node("psci");

	check(fdt_setprop(tree(), node, "compatible", compatible, sizeof(compatible)), "psci");
	check(fdt_setprop_string(tree(), node, "method", "smc"), "psci");
}

static void add_reserved(void)
{
	char name[] = "monitor@0000000000000000";
	int parent, node;
	u64 v = monitor_base();

	parent = root_node("reserved-memory");
	check(fdt_setprop_u32(tree(), parent, "#address-cells", 2), "reserved-memory");
	check(fdt_setprop_u32(tree(), parent, "#size-cells", 2), "reserved-memory");
	check(fdt_setprop_empty(tree(), parent, "ranges"), "reserved-memory");
	if (!monitor_bytes())
		return;
	for (int i = 15; i >= 0; i--, v >>= 4)
		name[8 + i] = "0123456789abcdef"[v & 15];
	for (v = 8; name[v] == '0'; v++)
		;
	memmove(name + 8, name + v, sizeof(name) - v);
	node = fdt_add_subnode(tree(), parent, name);
	check(node, "monitor's memory");
	check(fdt_setprop_u64(tree(), node, "reg", monitor_base()), "monitor's memory");
	check(fdt_appendprop_u64(tree(), node, "reg", monitor_bytes()), "monitor's memory");
	check(fdt_setprop_empty(tree(), node, "no-map"), "monitor's memory");
}

static void add_chosen(void)
{
	const struct boot_table *t = machine.table;
	int node = root_node("chosen");

	if (t->args[0])
		check(fdt_setprop_string(tree(), node, "bootargs", t->args), "bootargs");
	if (t->initrd_start == t->initrd_end)
		return;
	check(fdt_setprop_u64(tree(), node, "linux,initrd-start", t->initrd_start), "initrd");
	check(fdt_setprop_u64(tree(), node, "linux,initrd-end", t->initrd_end), "initrd");
}

void tree_for_host(void)
{
	drop_secure();
	enable_cpus();
	add_psci();
	add_reserved();
	add_chosen();
	clean_dcache(tree(), fdt_off_dt_strings(tree()) + fdt_size_dt_strings(tree()));
}
