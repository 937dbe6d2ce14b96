/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The monitor seen from below: where it lives, how it starts, what it may
 * ask. spec/el3.md 2-4, spec/decisions.md 5-7, 16.
 *
 * Its block, at the top of the first bank, Realm PAS:
 *	image and bss | pool for RESERVE_MEMORY | shared buffer (last page)
 */
#include "el3.h"

/* Without our header (another project's monitor) nobody says how much it needs. */
#define FOREIGN_MONITOR_BYTES	0x2000000ULL
/* Alignment losses and small wishes of the monitor, beside the metadata. */
#define POOL_SLACK		0x10000ULL
/* A host may have pages of 64 KiB; what lies below is its own. */
#define BLOCK_ALIGN		0x10000ULL

_Static_assert(sizeof(struct rmm_manifest) == 0xa8, "");
_Static_assert(offsetof(struct rmm_manifest, console) == 0x28, "");
_Static_assert(offsetof(struct rmm_manifest, root_complex) == 0x88, "");
_Static_assert(sizeof(struct rmm_memory_bank) == 16 && sizeof(struct rmm_console) == 48, "");
_Static_assert(offsetof(struct rmm_image_header, magic) == RMM_IMAGE_MAGIC_OFFSET, "");
_Static_assert(offsetof(struct rmm_image_header, bytes_wanted) == RMM_IMAGE_BYTES_OFFSET, "");
_Static_assert(offsetof(struct boot_table, args) == BOOT_TABLE_ARGS_OFFSET, "");

static u64 block_base, block_bytes;
static u64 pool_next, pool_end;
static lock_t pool_lock;
static lock_t boot_lock;
static bool dead;			/* set once, by any CPU, under boot_lock */
static bool announced;			/* CPU 0 said that the monitor started */

u64 monitor_base(void)
{
	return block_base;
}

u64 monitor_bytes(void)
{
	return block_bytes;
}

static const struct rmm_image_header *image(void)
{
	return (const void *)(FLASH_BASE + machine.table->monitor_offset);
}

bool monitor_is_steady(void)
{
	return block_bytes && !memcmp(image()->magic, RMM_IMAGE_MAGIC, sizeof(image()->magic)) &&
	       image()->flags & RMM_IMAGE_STEADY;
}

bool monitor_overlaps(u64 base, u64 bytes)
{
	return block_bytes && base < block_base + block_bytes && block_base < base + bytes;
}

static u64 shared_buffer(void)
{
	return block_base + block_bytes - RMM_SHARED_BUFFER_BYTES;
}

/* Bytes the image wants from its load address; 0 when it cannot be used, and says why. */
static u64 image_wants(void)
{
	const struct boot_table *t = machine.table;
	const struct rmm_image_header *h = image();

	if (!t->monitor_bytes) {
		say("no monitor in this flash image");
		return 0;
	}
	if (t->monitor_offset & 7 || t->monitor_bytes < sizeof(*h) ||
	    t->monitor_offset > FLASH_BYTES || t->monitor_bytes > FLASH_BYTES - t->monitor_offset) {
		say("monitor refused: the boot table places it outside the flash");
		return 0;
	}
	if (memcmp(h->magic, RMM_IMAGE_MAGIC, sizeof(h->magic))) {
		say("monitor without a header of ours: it gets %u MiB",
		    FOREIGN_MONITOR_BYTES >> 20);
		return FOREIGN_MONITOR_BYTES;
	}
	if (h->version != RMM_IMAGE_VERSION) {
		say("monitor refused: header version %u, this firmware knows %u", (u64)h->version,
		    (u64)RMM_IMAGE_VERSION);
		return 0;
	}
	if (h->bytes_wanted & (PAGE - 1) || h->bytes_wanted < t->monitor_bytes) {
		say("monitor refused: its header wants %x bytes for an image of %x",
		    h->bytes_wanted, t->monitor_bytes);
		return 0;
	}
	return h->bytes_wanted;
}

/* 2 bytes for each granule; whole GiBs, because that is how a monitor tracks. */
static u64 metadata_bytes(void)
{
	u64 bytes = 0;

	if (machine.table->flags & BOOT_FLAG_NO_METADATA)
		return 0;
	for (u32 i = 0; i < machine.nr_banks; i++) {
		const struct bank *b = &machine.banks[i];

		bytes += (ALIGN_UP(b->base + b->size, GIB) - ALIGN_DOWN(b->base, GIB)) / PAGE * 2;
	}
	return bytes;
}

void monitor_place(void)
{
	const struct bank *b = &machine.banks[0];
	u64 wants = image_wants(), top = ALIGN_DOWN(b->base + b->size, MIB2);
	u64 need;

	if (!wants)
		return;
	if (top > VIEW_BYTES)
		top = VIEW_BYTES;		/* what EL3 itself reaches */
	need = wants + metadata_bytes() + POOL_SLACK + RMM_SHARED_BUFFER_BYTES;
	need = ALIGN_UP(need, BLOCK_ALIGN);
	if (need > b->size / 2) {
		say("monitor refused: it needs %u MiB of a bank of %u MiB", need >> 20,
		    b->size >> 20);
		return;
	}
	block_bytes = need;
	block_base = top - need;
	pool_next = block_base + wants;
	pool_end = shared_buffer();
	if (machine.table->flags & BOOT_FLAG_NO_METADATA)
		pool_end = pool_next + POOL_SLACK;	/* not what rounding left over either */
}

/* ---- boot manifest ---- */

static u64 sum(u64 start, const void *array, u64 bytes)
{
	const u64 *w = array;

	for (; bytes; bytes -= 8)
		start += *w++;
	return start;
}

/* *array* is seen by EL3, *pa* is what the monitor will see. */
static struct rmm_manifest_list list(u64 count, u64 pa, const void *array, u64 bytes)
{
	return (struct rmm_manifest_list){ count, pa, -sum(count + pa, array, bytes) };
}

static void write_manifest(void)
{
	u64 pa = shared_buffer();
	struct rmm_manifest *m = REALM_VIEW(pa);
	struct rmm_memory_bank *banks = (void *)(m + 1);
	struct rmm_console *uart = (void *)(banks + machine.nr_banks);
	u64 banks_pa = pa + sizeof(*m), uart_pa = banks_pa + machine.nr_banks * sizeof(*banks);

	memset(m, 0, RMM_SHARED_BUFFER_BYTES);
	for (u32 i = 0; i < machine.nr_banks; i++)
		banks[i] = (struct rmm_memory_bank){ machine.banks[i].base, machine.banks[i].size };
	*uart = (struct rmm_console){
		.base = UART0_BASE, .map_pages = 1, .name = "pl011",
		.clk_in_hz = 24000000, .baud_rate = 115200,
	};
	m->version = RMM_MANIFEST_VERSION_0_5;
	m->dram = list(machine.nr_banks, banks_pa, banks, machine.nr_banks * sizeof(*banks));
	m->console = list(1, uart_pa, uart, sizeof(*uart));
	clean_dcache(m, RMM_SHARED_BUFFER_BYTES);	/* read with the MMU off */
}

void monitor_load(void)
{
	u64 bytes = machine.table->monitor_bytes;
	void *to = REALM_VIEW(block_base);

	if (!block_bytes)
		return;
	memcpy(to, image(), bytes);
	clean_dcache(to, bytes);
	__asm__ volatile("ic ialluis" ::: "memory");
	dsb(sy);
	write_manifest();
	say("monitor of %u KiB at %x, its memory ends at %x", bytes >> 10, block_base,
	    block_base + block_bytes);
}

/* ---- entering ---- */

static void __attribute__((noreturn)) enter(struct ctx *c)
{
	el2_load(c);
	resume(c);
}

void monitor_then_host(struct cpu *c, bool cold)
{
	struct ctx *r = &c->realm;

	if (!block_bytes || __atomic_load_n(&dead, __ATOMIC_ACQUIRE)) {
		if (cold)
			say("NO REALM WORLD: every RMI call will answer -1; the host starts all "
			    "the same");
		c->state = CPU_ON;
		enter(&c->host);
	}
	r->elr_el3 = block_base;
	r->x[0] = c->index;
	if (cold) {
		r->x[1] = RMM_EL3_VERSION_2_0;
		r->x[2] = nr_cpus;
		r->x[3] = shared_buffer();
	}
	enter(r);
}

static const char *boot_error(s64 e)
{
	static const char *const words[] = {
		"unknown", "interface version", "too many CPUs", "CPU id", "shared buffer",
		"manifest version", "manifest data", "not enough memory",
	};

	return e < 0 && e >= -(s64)ARRAY_SIZE(words) ? words[-e - 1] : "undefined code";
}

/* Under boot_lock: no CPU may open the way again that was just closed. */
static void bury(s64 result, u32 cpu)
{
	__atomic_store_n(&dead, true, __ATOMIC_RELEASE);
	for (u32 i = 0; i < MAX_CPUS; i++)
		__atomic_store_n(&cpus[i].host.rmi, 0, __ATOMIC_RELEASE);
	say("the monitor failed to start on CPU %u: %d (%s)", (u64)cpu, result, boot_error(result));
	say("NO REALM WORLD: every RMI call answers -1; the host goes on");
}

/* The call does not return: the monitor's next instruction runs at the next RMI. */
static struct ctx *boot_complete(struct ctx *c)
{
	struct cpu *cpu = this_cpu();
	s64 result = (int32_t)c->x[1];

	if (cpu->state == CPU_ON) {		/* it has started before */
		c->x[0] = (u64)RMM_EL3_UNK;
		return c;
	}
	lock(&boot_lock);
	if (result)
		bury(result, cpu->index);
	else if (!dead)
		cpu->host.rmi = 1;
	unlock(&boot_lock);
	if (!result && !cpu->index && !announced)
		say("monitor started");
	announced = true;
	c->serve_elr = c->elr_el3;
	c->serve_spsr = c->spsr_el3;
	__atomic_store_n(&cpu->state, CPU_ON, __ATOMIC_RELEASE);
	return world_change(c, &cpu->host);
}

/* ---- services ---- */

bool in_shared_buffer(u64 pa, u64 bytes)
{
	return pa >= shared_buffer() && bytes <= RMM_SHARED_BUFFER_BYTES &&
	       pa - shared_buffer() <= RMM_SHARED_BUFFER_BYTES - bytes;
}

static s64 reserve_memory(struct ctx *c)
{
	u64 bytes = c->x[1], align_bits = c->x[2] >> RMM_RESERVE_ALIGN_SHIFT;
	u64 flags = c->x[2] & ~(0xffULL << RMM_RESERVE_ALIGN_SHIFT), pa;
	s64 err = RMM_EL3_NOMEM;

	if (!bytes || flags & ~(u64)RMM_RESERVE_LOCAL_CPU || align_bits > 63)
		return RMM_EL3_INVAL;
	if (align_bits < 12)
		align_bits = 12;
	if (align_bits > 40 || bytes > block_bytes)
		return RMM_EL3_NOMEM;
	bytes = ALIGN_UP(bytes, PAGE);

	lock(&pool_lock);
	pa = ALIGN_UP(pool_next, 1ULL << align_bits);
	if (pa <= pool_end && bytes <= pool_end - pa) {
		pool_next = pa + bytes;
		zero_lines(REALM_VIEW(pa), bytes);
		clean_dcache(REALM_VIEW(pa), bytes);	/* the monitor's MMU may be off */
		c->x[1] = pa;
		err = RMM_EL3_OK;
	}
	unlock(&pool_lock);
	return err;
}

static s64 gtsi(const struct ctx *c, unsigned int from, unsigned int to)
{
	s64 err;

	if (gpt_move(c->x[1], 1, from, to, &err))
		return RMM_EL3_OK;
	return err == FIRME_DENIED ? RMM_EL3_BAD_PAS : RMM_EL3_BAD_ADDR;
}

static s64 features(struct ctx *c)
{
	if (c->x[1])
		return RMM_EL3_INVAL;
	c->x[1] = attest_signs() ? RMM_EL3_FEAT0_TOKEN_SIGN : 0;
	return RMM_EL3_OK;
}

/* Range 0x1B0-0x1CF and RMI_REQ_COMPLETE, from the realm world. */
struct ctx *monitor_service(struct ctx *c)
{
	if (c->x[0] == RMM_BOOT_COMPLETE)
		return boot_complete(c);
	if (__atomic_load_n(&dead, __ATOMIC_ACQUIRE)) {
		c->x[0] = (u64)RMM_EL3_UNK;
		return c;
	}
	switch ((u32)c->x[0]) {
	case RMM_GTSI_DELEGATE:
		c->x[0] = (u64)gtsi(c, GPI_NS, GPI_REALM);
		break;
	case RMM_GTSI_UNDELEGATE:
		c->x[0] = (u64)gtsi(c, GPI_REALM, GPI_NS);
		break;
	case RMM_ATTEST_GET_REALM_KEY:
		c->x[0] = (u64)attest_realm_key(c->x[1], c->x[2], c->x[3], &c->x[1]);
		break;
	case RMM_ATTEST_GET_PLAT_TOKEN:
		c->x[0] = (u64)attest_platform_token(c->x[1], c->x[2], c->x[3], &c->x[1], &c->x[2]);
		break;
	case RMM_EL3_TOKEN_SIGN:
		c->x[0] = (u64)attest_token_sign(c->x[1], c->x[2], c->x[3], c->x[4], &c->x[1]);
		break;
	case RMM_EL3_FEATURES:
		c->x[0] = (u64)features(c);
		break;
	case RMM_RESERVE_MEMORY:
		c->x[0] = (u64)reserve_memory(c);
		break;
	default:
		c->x[0] = (u64)RMM_EL3_UNK;
	}
	return c;
}
