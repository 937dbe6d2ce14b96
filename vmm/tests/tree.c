// SPDX-License-Identifier: BSD-2-Clause
/*
 * The device tree read back, and the kernel arguments.
 */
#include <libfdt.h>

#include "map.h"
#include "opts.h"
#include "test.h"
#include "tree.h"

static u8 one[TREE_MAX_BYTES], two[TREE_MAX_BYTES];
static char args[MAX_CMDLINE + 1];

static const struct tree_facts largest = {
	.realm = true, .ram_base = MAP_RAM, .ram_size = 31 * GIB,
	.initrd_start = 0x41000000, .initrd_end = 0x42000000,
	.bootargs = args, .nr_cpus = MAX_CPUS, .nr_virtio = MAX_VIRTIO,
	.pmu = true,
};

static const char *string_at(const char *path, const char *prop)
{
	int node = fdt_path_offset(one, path), len;
	const char *s;

	CHECK(node >= 0);
	s = fdt_getprop(one, node, prop, &len);
	CHECK(s && len > 0);
	return s;
}

static u64 reg_at(const char *path, unsigned int cell64)
{
	const char *p = string_at(path, "reg");
	fdt64_t v;

	memcpy(&v, p + 8 * cell64, 8);
	return fdt64_to_cpu(v);
}

static void test_largest(void)
{
	char path[64];
	unsigned int i;
	u64 len;

	memset(args, 'x', MAX_CMDLINE);
	len = tree_build(&largest, one, sizeof(one));
	CHECK(len && len < sizeof(one) / 2);
	CHECK(!fdt_check_header(one));
	CHECK(tree_build(&largest, two, sizeof(two)) == len && !memcmp(one, two, sizeof(one)));
	CHECK(strlen(string_at("/chosen", "bootargs")) == MAX_CMDLINE);
	CHECK(!strcmp(string_at("/pmu", "compatible"), "arm,armv8-pmuv3"));
	for (i = 0; i < MAX_CPUS; i++) {
		snprintf(path, sizeof(path), "/cpus/cpu@%llx", (unsigned long long)vcpu_mpidr(i));
		CHECK(reg_at(path, 0) == vcpu_mpidr(i));
	}
	for (i = 0; i < MAX_VIRTIO; i++) {
		snprintf(path, sizeof(path), "/virtio@%llx", (unsigned long long)MAP_VIRTIO(i));
		CHECK(reg_at(path, 0) == MAP_VIRTIO(i));
		CHECK(fdt_getprop(one, fdt_path_offset(one, path), "dma-coherent", NULL));
	}
}

static void test_contents(void)
{
	struct tree_facts f = largest;
	int chosen;

	strcpy(args, "console=ttyAMA0");
	CHECK(tree_build(&f, one, sizeof(one)));
	CHECK(!strcmp(string_at("/psci", "method"), "smc"));
	CHECK(!strcmp(string_at("/aliases", "serial1"), "/serial@9010000"));
	CHECK(reg_at("/memory@40000000", 1) == 31 * GIB);
	CHECK(reg_at("/interrupt-controller@8000000", 3) == MAX_CPUS * MAP_GICR_SIZE);
	chosen = fdt_path_offset(one, "/chosen");
	CHECK(!fdt_getprop(one, chosen, "stdout-path", NULL));
	CHECK(!fdt_getprop(one, chosen, "rng-seed", NULL));
	CHECK(fdt_getprop(one, chosen, "linux,initrd-start", NULL));

	f.realm = f.pmu = false;
	f.initrd_end = f.initrd_start;
	CHECK(tree_build(&f, one, sizeof(one)));
	CHECK(!strcmp(string_at("/psci", "method"), "hvc"));
	CHECK(!fdt_getprop(one, fdt_path_offset(one, "/chosen"), "linux,initrd-start", NULL));
	CHECK(fdt_path_offset(one, "/pmu") < 0);
}

static void test_bootargs(void)
{
	const u64 shared = 1ULL << 35;

	CHECK(tree_bootargs(args, sizeof(args), "", false, 256 * MIB, false, 0));
	CHECK(!strcmp(args, "console=ttyAMA0 panic=-1"));
	CHECK(tree_bootargs(args, sizeof(args), "a", true, 256 * MIB, true, shared));
	CHECK(!strcmp(args, "a console=ttyAMA0 panic=-1 swiotlb=8192 "
			    "earlycon=pl011,mmio32,0x809000000"));
	CHECK(tree_bootargs(args, sizeof(args), "xswiotlb=1", true, 255 * MIB, false, shared));
	CHECK(strstr(args, " swiotlb=4096"));
	CHECK(tree_bootargs(args, sizeof(args), "console=hvc0 swiotlb=1 panic=9", true, GIB,
			    false, shared));
	CHECK(!strcmp(args, "console=hvc0 swiotlb=1 panic=9"));
	CHECK(tree_bootargs(args, sizeof(args), "q", false, GIB, true, 0));
	CHECK(strstr(args, "mmio32,0x9000000"));
	CHECK(!tree_bootargs(args, 20, "abcdefgh", false, GIB, false, 0));
}

int main(void)
{
	test_largest();
	test_contents();
	test_bootargs();
	printf("vmm/tree: ok\n");
	return 0;
}
