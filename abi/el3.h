/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What lies between EL3 and the worlds above it: RMM-EL3 interface 2.0,
 * FIRME (granule service), the boot manifest, the boot table and the header
 * of a monitor image.
 *
 * Contract: spec/el3.md 2-4 and 7, spec/decisions.md 3-7 and 19-24.
 * Includes nothing; the numbers also serve assembly (__ASSEMBLER__).
 */
#ifndef FIEF_ABI_EL3_H
#define FIEF_ABI_EL3_H

/* ---- SMC ranges that EL3 routes (function identifier, SVE hint cleared) ---- */

#define SMC_SVE_HINT		0x00010000	/* SMCCC 1.3: no live SVE state */
#define SMC_UNKNOWN		(-1)

#define RMI_FID_FIRST		0xC4000150	/* first RMI range */
#define RMI_FID_LAST		0xC400018E	/* 0x18F is RMM_RMI_REQ_COMPLETE */
#define RMI_FID2_FIRST		0xC40001D0	/* second RMI range (interface 2.0) */
#define RMI_FID2_LAST		0xC40002CF
#define RMM_EL3_FID_FIRST	0xC40001B0
#define RMM_EL3_FID_LAST	0xC40001CF

/* ---- RMM-EL3 interface ---- */

#define RMM_EL3_VERSION_2_0	0x00020000	/* major [30:16], minor [15:0] */
#define RMM_EL3_MAJOR(v)	(((v) >> 16) & 0x7fff)
#define RMM_EL3_MINOR(v)	((v) & 0xffff)

#define RMM_RMI_REQ_COMPLETE	0xC400018F	/* x1-x8: results for x0-x7 of the host */
#define RMM_GTSI_DELEGATE	0xC40001B0
#define RMM_GTSI_UNDELEGATE	0xC40001B1
#define RMM_ATTEST_GET_REALM_KEY 0xC40001B2
#define RMM_ATTEST_GET_PLAT_TOKEN 0xC40001B3
#define RMM_EL3_FEATURES	0xC40001B4
#define RMM_EL3_TOKEN_SIGN	0xC40001B5
#define RMM_MEC_REFRESH		0xC40001B6
#define RMM_RESERVE_MEMORY	0xC40001BB
#define RMM_BOOT_COMPLETE	0xC40001CF

#define RMM_EL3_OK		0
#define RMM_EL3_UNK		(-1)
#define RMM_EL3_BAD_ADDR	(-2)
#define RMM_EL3_BAD_PAS		(-3)
#define RMM_EL3_NOMEM		(-4)
#define RMM_EL3_INVAL		(-5)
#define RMM_EL3_AGAIN		(-6)
#define RMM_EL3_FAULT		(-7)
#define RMM_EL3_IN_PROGRESS	(-8)

/* RMM_EL3_FEATURES, register 0 */
#define RMM_EL3_FEAT0_TOKEN_SIGN 0x1

/* RMM_RESERVE_MEMORY, x2 */
#define RMM_RESERVE_ALIGN_SHIFT	56		/* log2 of the alignment, 8 bits */
#define RMM_RESERVE_LOCAL_CPU	0x1		/* near the calling CPU, a wish */
#define RMM_RESERVE_FLAGS_MASK	0xffffffff

#define RMM_CURVE_SECP384R1	0
#define RMM_REALM_KEY_BYTES	48

#define RMM_PUBLIC_KEY_BYTES	97	/* 04, X, Y */
#define RMM_SIGNATURE_BYTES	96	/* r, s */
#define RMM_SIGN_MAX_BYTES	512

/* RMM_EL3_TOKEN_SIGN, x1 */
#define RMM_SIGN_PUSH		1
#define RMM_SIGN_PULL		2
#define RMM_SIGN_PUBLIC_KEY	3

#define RMM_SIGN_ECDSA_P384	0
#define RMM_SIGN_SHA384		1

/* RMM_BOOT_COMPLETE, x1 */
#define RMM_BOOT_OK		0
#define RMM_BOOT_UNKNOWN	(-1)
#define RMM_BOOT_VERSION	(-2)
#define RMM_BOOT_CPUS		(-3)
#define RMM_BOOT_CPU_ID		(-4)
#define RMM_BOOT_SHARED_BUFFER	(-5)
#define RMM_BOOT_MANIFEST_VERSION (-6)
#define RMM_BOOT_MANIFEST_DATA	(-7)
#define RMM_BOOT_NO_MEMORY	(-8)

#define RMM_SHARED_BUFFER_BYTES	0x1000

/* ---- FIRME ---- */

#define FIRME_SERVICE_VERSION	0xC4000400	/* x1 [7:0] service */
#define FIRME_SERVICE_FEATURES	0xC4000401	/* x1 [7:0] service, x2 register */
#define FIRME_GM_GPI_SET	0xC4000402	/* x1 base, x2 count, x3 GPI -> x1 done */
#define FIRME_PAT_GET		0xC4000408	/* [own] as GET_PLAT_TOKEN, GET_REALM_KEY, TOKEN_SIGN */
#define FIRME_RAK_GET		0xC4000409
#define FIRME_RAT_SIGN		0xC400040A
#define FIRME_L1_GPT_CREATE	0xC400040E	/* x1 base of the L0 region, x2 memory */
#define FIRME_L1_GPT_DESTROY	0xC400040F	/* x1 base -> x1 memory */
#define FIRME_GM_GPI_OP_CONTINUE 0xC4000412
#define FIRME_FID_FIRST		0xC4000400
#define FIRME_FID_LAST		0xC4000412

#define FIRME_SERVICE_BASE	0
#define FIRME_SERVICE_GRANULE	1
#define FIRME_SERVICE_IDE	2
#define FIRME_SERVICE_MECID	3
#define FIRME_SERVICE_ATTEST	4

#define FIRME_VERSION_1_0	0x10000

#define FIRME_OK		0
#define FIRME_NOT_SUPPORTED	(-1)
#define FIRME_INVALID		(-2)
#define FIRME_ABORTED		(-3)
#define FIRME_INCOMPLETE	(-4)
#define FIRME_DENIED		(-5)
#define FIRME_BUSY		(-6)
#define FIRME_CONFLICT		(-7)
#define FIRME_EXISTS		(-8)
#define FIRME_NO_ENTRY		(-9)
#define FIRME_NO_MEMORY		(-10)
#define FIRME_BAD_DATA		(-11)

/* base service, register 0 and 1 */
#define FIRME_BASE0_VERSION	0x1
#define FIRME_BASE0_FEATURES	0x2
#define FIRME_BASE1_GRANULE	0x10000
#define FIRME_BASE1_IDE		0x20000
#define FIRME_BASE1_MECID	0x40000
#define FIRME_BASE1_ATTEST	0x80000		/* [own] */

/* [own] attestation service, register 0 */
#define FIRME_AT0_PAT_GET	0x1
#define FIRME_AT0_RAK_GET	0x2
#define FIRME_AT0_RAT_SIGN	0x4

/* granule service, register 0 and 1 */
#define FIRME_GM0_GPI_SET	0x1
#define FIRME_GM0_OP_CONTINUE	0x2
#define FIRME_GM0_L1_CREATE	0x4
#define FIRME_GM0_L1_DESTROY	0x8
#define FIRME_GM1_PGS(x)	((x) & 3)	/* as GPCCR_EL3: 0 4K, 1 64K, 2 16K */
#define FIRME_GM1_L0GPTSZ(x)	(((x) >> 2) & 0xf)	/* 0 1G, 4 16G, 6 64G, 9 512G */
#define FIRME_GM1_PPS(x)	(((x) >> 6) & 7)

#define FIRME_GPI_SET_MAX	512		/* granules EL3 does in one call */

/* granule protection information */
#define GPI_NO_ACCESS		0x0
#define GPI_SECURE		0x8
#define GPI_NS			0x9
#define GPI_ROOT		0xA
#define GPI_REALM		0xB
#define GPI_ANY			0xF

/* ---- boot manifest 0.5 ---- */

#define RMM_MANIFEST_VERSION_0_5 0x00000005

#define RMM_CONSOLE_NAME_BYTES	8

#ifndef __ASSEMBLER__

/* Every pointer is a physical address inside the shared buffer. */
struct rmm_manifest_list {
	unsigned long long count;
	unsigned long long ptr;
	unsigned long long checksum;	/* count + ptr + all words of the array + this = 0 */
};

struct rmm_manifest_root_complexes {
	unsigned long long count;
	unsigned int version;
	unsigned int padding;
	unsigned long long ptr;
	unsigned long long checksum;
};

struct rmm_manifest {
	unsigned int version;
	unsigned int padding;
	unsigned long long plat_data;
	struct rmm_manifest_list dram;		/* 0x10, rmm_memory_bank */
	struct rmm_manifest_list console;	/* 0x28, rmm_console */
	struct rmm_manifest_list ncoh_region;	/* 0x40, rmm_memory_bank */
	struct rmm_manifest_list coh_region;	/* 0x58, rmm_memory_bank */
	struct rmm_manifest_list smmu;		/* 0x70 */
	struct rmm_manifest_root_complexes root_complex; /* 0x88 */
};

struct rmm_memory_bank {
	unsigned long long base;
	unsigned long long size;	/* bytes */
};

struct rmm_sign_request {
	unsigned int algorithm;			/* 0x00 */
	unsigned int pad0;
	unsigned long long cookie;		/* 0x08: both come back with the signature */
	unsigned long long ticket;		/* 0x10 */
	unsigned int hash;			/* 0x18 */
	unsigned int pad1;
	unsigned char digest[64];		/* 0x20 */
};

struct rmm_sign_response {
	unsigned long long cookie;		/* 0x00 */
	unsigned long long ticket;		/* 0x08 */
	unsigned short bytes;			/* 0x10 */
	unsigned char signature[RMM_SIGN_MAX_BYTES];	/* 0x12 */
};

struct rmm_console {
	unsigned long long base;
	unsigned long long map_pages;
	char name[RMM_CONSOLE_NAME_BYTES];	/* "pl011", zero padded */
	unsigned long long clk_in_hz;
	unsigned long long baud_rate;
	unsigned long long flags;
};

#endif /* !__ASSEMBLER__ */

/* ---- monitor image: flat, entered at byte 0, loadable at any 4 KiB boundary ---- */

#define RMM_IMAGE_MAGIC_OFFSET	0x08
#define RMM_IMAGE_MAGIC		"FIEF-RMM"
#define RMM_IMAGE_BYTES_OFFSET	0x10		/* u64: image, bss, boot stacks; 4 KiB multiple */
#define RMM_IMAGE_VERSION_OFFSET 0x18		/* u32 */
#define RMM_IMAGE_VERSION	1
/*
 * Between RMI_REQ_COMPLETE and the next call the monitor keeps nothing in registers: each call
 * finds the program counter behind BOOT_COMPLETE and the EL2 registers of Realm world as they
 * were at it, on this CPU; any general register but x0-x7 may hold anything. It saves the host's
 * PAuth keys before it changes them and has put them back when it completes.
 */
#define RMM_IMAGE_STEADY	1

#ifndef __ASSEMBLER__
struct rmm_image_header {
	unsigned int branch[2];
	char magic[8];
	unsigned long long bytes_wanted;
	unsigned int version;
	unsigned int flags;
};
#endif

/* ---- flash image and boot table (little endian) ---- */

#define FLASH_BYTES		0x04000000	/* flash 0 of QEMU virt */
#define FLASH_BOOT_TABLE	0x0007F000
#define FLASH_MONITOR		0x00080000

#define BOOT_TABLE_MAGIC	"FIEFBOOT"
#define BOOT_TABLE_VERSION	1
#define BOOT_TABLE_ARGS_OFFSET	0x40
#define BOOT_TABLE_ARGS_MAX	2048		/* bytes, NUL included */

#define BOOT_FLAG_L0_BLOCKS	0x1		/* DRAM without firmware stays L0 blocks */
#define BOOT_FLAG_NO_METADATA	0x2		/* pool without room for granule metadata */
#define BOOT_FLAG_EL3_SIGNS	0x10		/* EL3 keeps the realm attestation key */
#define BOOT_FLAG_TOKEN_SHIFT	8		/* enum token_generation of the platform token */
#define BOOT_FLAG_TOKEN_MASK	0x300

#ifndef __ASSEMBLER__
struct boot_table {
	char magic[8];
	unsigned int version;
	unsigned int flags;
	unsigned long long monitor_offset;	/* from the start of flash */
	unsigned long long monitor_bytes;	/* 0: none */
	unsigned long long ns_entry;		/* PA, EL2, x0 = device tree */
	unsigned long long initrd_start;
	unsigned long long initrd_end;		/* equal to start: none */
	unsigned long long ns_bytes;		/* of the image at ns_entry; 0: not said */
	char args[BOOT_TABLE_ARGS_MAX];		/* empty: keep what the tree has */
};
#endif

#endif /* FIEF_ABI_EL3_H */
