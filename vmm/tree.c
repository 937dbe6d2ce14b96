// SPDX-License-Identifier: BSD-2-Clause
/*
 * The device tree, written front to back with libfdt.
 */
#include <libfdt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "map.h"
#include "tree.h"

#define PHANDLE_GIC	1
#define PHANDLE_CLOCK	2

#define IRQ_SPI		0
#define IRQ_PPI		1
#define IRQ_EDGE_RISING	1
#define IRQ_LEVEL_HIGH	4

static void begin(void *fdt, const char *fmt, ...) PRINTF(2, 3);

/*
 * libfdt's errors are not looked at one by one: TREE_MAX_BYTES is several times
 * what the largest tree takes (vmm/tests/tree.c builds that one), and a broken
 * structure makes fdt_finish() fail.
 */
static void begin(void *fdt, const char *fmt, ...)
{
	char name[64];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(name, sizeof(name), fmt, ap);
	va_end(ap);
	fdt_begin_node(fdt, name);
}

static void prop_strings(void *fdt, const char *name, const char *a, const char *b)
{
	char both[64];
	size_t la = strlen(a) + 1, lb = strlen(b) + 1;

	memcpy(both, a, la);
	memcpy(both + la, b, lb);
	fdt_property(fdt, name, both, la + lb);
}

/* n pairs of address and size, two cells each */
static void prop_reg(void *fdt, unsigned int n, ...)
{
	fdt64_t cells[8];
	unsigned int i;
	va_list ap;

	va_start(ap, n);
	for (i = 0; i < 2 * n; i++)
		cells[i] = cpu_to_fdt64(va_arg(ap, u64));
	va_end(ap);
	fdt_property(fdt, "reg", cells, 2 * n * sizeof(cells[0]));
}

static void prop_irq(void *fdt, u32 kind, u32 nr, u32 flags)
{
	fdt32_t cells[3] = { cpu_to_fdt32(kind), cpu_to_fdt32(nr), cpu_to_fdt32(flags) };

	fdt_property(fdt, "interrupts", cells, sizeof(cells));
}

static void node_chosen(void *fdt, const struct tree_facts *f)
{
	/* No stdout-path: earlycon would take it, without the shared bit (rsi.md 13.3). */
	begin(fdt, "chosen");
	fdt_property_string(fdt, "bootargs", f->bootargs);
	if (f->initrd_end > f->initrd_start) {
		fdt_property_u64(fdt, "linux,initrd-start", f->initrd_start);
		fdt_property_u64(fdt, "linux,initrd-end", f->initrd_end);
	}
	fdt_end_node(fdt);
}

/* Fixed names for the UARTs: without them ttyAMA0 is whichever probes first. */
static void node_aliases(void *fdt)
{
	char path[32];
	unsigned int i;

	begin(fdt, "aliases");
	for (i = 0; i < 2; i++) {
		char name[12];

		snprintf(name, sizeof(name), "serial%u", i);
		snprintf(path, sizeof(path), "/serial@%llx", (unsigned long long)MAP_PL011(i));
		fdt_property_string(fdt, name, path);
	}
	fdt_end_node(fdt);
}

static void node_memory(void *fdt, const struct tree_facts *f)
{
	begin(fdt, "memory@%llx", (unsigned long long)f->ram_base);
	fdt_property_string(fdt, "device_type", "memory");
	prop_reg(fdt, 1, f->ram_base, f->ram_size);
	fdt_end_node(fdt);
}

static void node_cpus(void *fdt, const struct tree_facts *f)
{
	unsigned int i;

	begin(fdt, "cpus");
	fdt_property_u32(fdt, "#address-cells", 2);
	fdt_property_u32(fdt, "#size-cells", 0);
	for (i = 0; i < f->nr_cpus; i++) {
		begin(fdt, "cpu@%llx", (unsigned long long)vcpu_mpidr(i));
		fdt_property_string(fdt, "device_type", "cpu");
		fdt_property_string(fdt, "compatible", "arm,armv8");
		fdt_property_string(fdt, "enable-method", "psci");
		fdt_property_u64(fdt, "reg", vcpu_mpidr(i));
		fdt_end_node(fdt);
	}
	fdt_end_node(fdt);
}

/* RSI is SMC only, and Linux takes PSCI's conduit for it. */
static void node_psci(void *fdt, const struct tree_facts *f)
{
	begin(fdt, "psci");
	prop_strings(fdt, "compatible", "arm,psci-1.0", "arm,psci-0.2");
	fdt_property_string(fdt, "method", f->realm ? "smc" : "hvc");
	fdt_end_node(fdt);
}

static void node_timer(void *fdt)
{
	static const u32 ppi[] = { 13, 14, 11, 10 };
	fdt32_t cells[12];
	unsigned int i;

	for (i = 0; i < 4; i++) {
		cells[3 * i] = cpu_to_fdt32(IRQ_PPI);
		cells[3 * i + 1] = cpu_to_fdt32(ppi[i]);
		cells[3 * i + 2] = cpu_to_fdt32(IRQ_LEVEL_HIGH);
	}
	begin(fdt, "timer");
	fdt_property_string(fdt, "compatible", "arm,armv8-timer");
	fdt_property(fdt, "interrupts", cells, sizeof(cells));
	fdt_property(fdt, "always-on", NULL, 0);
	fdt_end_node(fdt);
}

static void node_pmu(void *fdt)
{
	begin(fdt, "pmu");
	fdt_property_string(fdt, "compatible", "arm,armv8-pmuv3");
	prop_irq(fdt, IRQ_PPI, PPI_PMU, IRQ_LEVEL_HIGH);
	fdt_end_node(fdt);
}

static void node_gic(void *fdt, const struct tree_facts *f)
{
	begin(fdt, "interrupt-controller@%llx", (unsigned long long)MAP_GICD);
	fdt_property_string(fdt, "compatible", "arm,gic-v3");
	fdt_property_u32(fdt, "#interrupt-cells", 3);
	fdt_property_u32(fdt, "#address-cells", 2);
	fdt_property_u32(fdt, "#size-cells", 2);
	fdt_property(fdt, "interrupt-controller", NULL, 0);
	prop_reg(fdt, 2, MAP_GICD, MAP_GICD_SIZE, MAP_GICR, MAP_GICR_SIZE * f->nr_cpus);
	fdt_property_u32(fdt, "phandle", PHANDLE_GIC);
	fdt_end_node(fdt);
}

static void node_clock(void *fdt)
{
	begin(fdt, "clock");
	fdt_property_string(fdt, "compatible", "fixed-clock");
	fdt_property_u32(fdt, "#clock-cells", 0);
	fdt_property_u32(fdt, "clock-frequency", 24000000);
	fdt_property_u32(fdt, "phandle", PHANDLE_CLOCK);
	fdt_end_node(fdt);
}

static void node_pl011(void *fdt, unsigned int n)
{
	fdt32_t clocks[2] = { cpu_to_fdt32(PHANDLE_CLOCK), cpu_to_fdt32(PHANDLE_CLOCK) };

	begin(fdt, "serial@%llx", (unsigned long long)MAP_PL011(n));
	prop_strings(fdt, "compatible", "arm,pl011", "arm,primecell");
	prop_reg(fdt, 1, MAP_PL011(n), MAP_PL011_SIZE);
	prop_irq(fdt, IRQ_SPI, SPI_PL011(n), IRQ_LEVEL_HIGH);
	fdt_property(fdt, "clocks", clocks, sizeof(clocks));
	prop_strings(fdt, "clock-names", "uartclk", "apb_pclk");
	fdt_end_node(fdt);
}

/* Without dma-coherent the guest would clean caches over, and remap, every buffer. */
static void node_virtio(void *fdt, unsigned int n)
{
	begin(fdt, "virtio@%llx", (unsigned long long)MAP_VIRTIO(n));
	fdt_property_string(fdt, "compatible", "virtio,mmio");
	prop_reg(fdt, 1, MAP_VIRTIO(n), MAP_VIRTIO_SIZE);
	prop_irq(fdt, IRQ_SPI, SPI_VIRTIO(n), IRQ_EDGE_RISING);
	fdt_property(fdt, "dma-coherent", NULL, 0);
	fdt_end_node(fdt);
}

u64 tree_build(const struct tree_facts *f, void *buf, u64 room)
{
	unsigned int i;

	memset(buf, 0, room);
	fdt_create(buf, room);
	fdt_finish_reservemap(buf);
	begin(buf, "%s", "");
	fdt_property_string(buf, "compatible", "linux,dummy-virt");
	fdt_property_u32(buf, "#address-cells", 2);
	fdt_property_u32(buf, "#size-cells", 2);
	fdt_property_u32(buf, "interrupt-parent", PHANDLE_GIC);
	node_chosen(buf, f);
	node_aliases(buf);
	node_memory(buf, f);
	node_cpus(buf, f);
	node_psci(buf, f);
	node_timer(buf);
	if (f->pmu)
		node_pmu(buf);
	node_gic(buf, f);
	node_clock(buf);
	for (i = 0; i < 2; i++)
		node_pl011(buf, i);
	for (i = 0; i < f->nr_virtio; i++)
		node_virtio(buf, i);
	fdt_end_node(buf);
	if (fdt_finish(buf))
		return 0;
	return fdt_totalsize(buf);
}

/* Is a parameter beginning with name (which ends in '=') among the words? */
static bool has_param(const char *params, const char *name)
{
	const char *p = params;

	while ((p = strstr(p, name))) {
		if (p == params || p[-1] == ' ')
			return true;
		p++;
	}
	return false;
}

static bool __attribute__((format(printf, 3, 4)))
add_word(char *out, size_t room, const char *fmt, ...)
{
	size_t used = strlen(out);
	va_list ap;
	int n;

	if (used && used + 1 < room) {
		out[used++] = ' ';
		out[used] = '\0';
	}
	va_start(ap, fmt);
	n = vsnprintf(out + used, room - used, fmt, ap);
	va_end(ap);
	return n >= 0 && (size_t)n < room - used;
}

bool tree_bootargs(char *out, size_t room, const char *params, bool realm, u64 ram_size,
		   bool earlycon, u64 shared_bit)
{
	unsigned int slabs = ram_size < 256 * MIB ? 4096 : 8192;
	bool fits = true;

	*out = '\0';
	if (*params)
		fits &= add_word(out, room, "%s", params);
	if (!has_param(params, "console="))
		fits &= add_word(out, room, "console=ttyAMA0");
	/* A guest that panics ends; nobody could reach it any more. */
	if (!has_param(params, "panic="))
		fits &= add_word(out, room, "panic=-1");
	/* 7.3 leaves a bounce buffer of 1 MiB per GiB; one slab is 2 KiB (K77) */
	if (realm && !has_param(params, "swiotlb="))
		fits &= add_word(out, room, "swiotlb=%u", slabs);
	if (earlycon && !has_param(params, "earlycon="))
		fits &= add_word(out, room, "earlycon=pl011,mmio32,0x%llx",
				 (unsigned long long)(MAP_PL011(0) | (realm ? shared_bit : 0)));
	return fits;
}
