/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Realms: virtual machines of the Arm Confidential Compute Architecture.
 *
 * What the files of arch/arm64/kvm/realm/ offer to each other and to the hooks
 * in KVM.  Whether a VM is a realm is asked with kvm_is_realm() and
 * vcpu_is_rec() of <asm/kvm_host.h>; both are constant false without
 * CONFIG_KVM_ARM_RMI, so that most hooks need no #ifdef.
 *
 * Lock order: kvm->lock > vcpu->mutex > slots_lock > config_lock > (folio,
 * inode invalidate lock) > mmu_lock > mp_state_lock, irq locks.
 */
#ifndef __ASM_KVM_REALM_H
#define __ASM_KVM_REALM_H

#include <linux/kvm_host.h>
#include <linux/list.h>

#include <asm/kvm_pgtable.h>
#include <asm/rmi_smc.h>

struct dentry;

#ifdef CONFIG_KVM_ARM_RMI

/**
 * enum kvm_realm_state - how far a realm is
 * @KVM_REALM_NONE:   only the VM exists, the monitor knows nothing
 * @KVM_REALM_NEW:    there is a realm descriptor; memory can be populated
 * @KVM_REALM_ACTIVE: there are RECs, and it can be run
 * @KVM_REALM_DEAD:   activation failed half way: only teardown is left
 */
enum kvm_realm_state {
	KVM_REALM_NONE,
	KVM_REALM_NEW,
	KVM_REALM_ACTIVE,
	KVM_REALM_DEAD,
};

/**
 * struct kvm_realm - the realm side of a VM
 *
 * Fixed by KVM_CREATE_VM:
 * @ia_bits:	 width of the IPA space; its top bit selects the shared half
 * @start_level: level of the root tables
 * @nr_roots:	 number of concatenated root tables
 *
 * Fixed when the realm descriptor is made:
 * @rd:		 its granule
 * @roots:	 first root table
 * @num_bps:	 breakpoints, minus one
 * @num_wps:	 watchpoints, minus one
 * @sve_vq:	 vector length in 128 bits, 0 without SVE
 * @pmu:	 the realm has a PMU
 *
 * Guarded by slots_lock and config_lock, written with both:
 * @state:	 enum kvm_realm_state
 *
 * Guarded by slots_lock:
 * @cache:	 pages for tables, where there is no vCPU
 *
 * Guarded by mmu_lock (write):
 * @list:	 one page for address lists
 * @split_pool:	 pages for splitting blocks: unmapping never allocates
 * @nr_pool:	 pages in it
 * @nr_blocks:	 private 2 MiB blocks mapped; never more than @nr_pool
 *
 * Once only, the first unexpected answer of the monitor:
 * @fatal:	 set last, when the two below are valid
 * @fatal_fid:	 the command
 * @fatal_ret:	 its result, or a negative errno of the wrapper
 *
 * Any time:
 * @leak_warned: somebody has said that memory was leaked
 */
struct kvm_realm {
	u8 ia_bits;
	s8 start_level;
	u8 nr_roots;

	phys_addr_t rd;
	phys_addr_t roots;
	u8 num_bps;
	u8 num_wps;
	u8 sve_vq;
	bool pmu;

	enum kvm_realm_state state;

	struct kvm_mmu_memory_cache cache;

	u64 *list;
	struct list_head split_pool;
	unsigned long nr_pool;
	unsigned long nr_blocks;

	bool fatal;
	u32 fatal_fid;
	long fatal_ret;

	atomic_t leak_warned;
};

/**
 * struct kvm_rec - the realm side of a vCPU
 *
 * Made with the vCPU:
 * @run:	entry and exit parameters, shared with the monitor
 * @run_pa:	their physical address
 * @window:	one page: the pages that a fault is about to map
 *
 * Set once, when the realm is activated:
 * @rec:	the REC's granule, 0 before
 *
 * Guarded by vcpu->mutex:
 * @regs:	registers of REC_ENTER
 * @result:	result word of the last one
 * @exit:	what the last exit left to be done before the next entry
 * @entered_seq: @on_seq as it was before the last entry
 * @trap_wfe:	the CPU has other tasks
 * @nr_not_injected: exceptions that KVM wanted to inject and could not
 *
 * Guarded by mp_state_lock:
 * @on:		the monitor has it runnable, as far as the host was told
 * @maybe_off:	it was switched off, and perhaps on again since
 * @on_seq:	counts CPU_ONs completed for this vCPU
 */
struct kvm_rec {
	struct rmi_rec_run *run;
	phys_addr_t run_pa;
	struct page **window;
	phys_addr_t rec;

	struct arm_smccc_1_2_regs regs;
	unsigned long result;
	struct {
		u8 reason;		/* RMI_EXIT_* of the last exit */
		bool shared_dabt;	/* it was a data abort in the shared half */
		bool host_call;		/* X0 to X30 are wanted back */
		bool psci_user;		/* CPU_ON is answered by user space */
		u64 psci_mpidr;		/* target of the CPU_ON */
		bool ripas;		/* RIPAS change was sent to user space */
		bool ripas_ram;		/* it asks for RAM, else EMPTY */
		gpa_t ripas_base;	/* how far it got */
		gpa_t ripas_top;
	} exit;
	u64 entered_seq;
	bool trap_wfe;
	u64 nr_not_injected;

	bool on;
	bool maybe_off;
	u64 on_seq;
};

static inline struct kvm_realm *kvm_to_realm(struct kvm *kvm)
{
	return kvm->arch.realm;
}

static inline enum kvm_realm_state kvm_realm_state(struct kvm *kvm)
{
	return READ_ONCE(kvm->arch.realm->state);
}

/* The bit that makes an IPA shared; also the first byte beyond the private half */
static inline gpa_t kvm_realm_shared_bit(struct kvm *kvm)
{
	return BIT_ULL(kvm->arch.realm->ia_bits - 1);
}

static inline bool kvm_realm_ipa_is_shared(struct kvm *kvm, gpa_t ipa)
{
	return ipa & kvm_realm_shared_bit(kvm);
}

/* Pages that one entry of the last but one level maps */
#define REALM_BLOCK_PAGES	PTRS_PER_PTE

/* Index of a page's block in slot->arch.blocks */
static inline unsigned long realm_block_index(const struct kvm_memory_slot *slot, gfn_t gfn)
{
	return gfn / REALM_BLOCK_PAGES - slot->base_gfn / REALM_BLOCK_PAGES;
}

/* As user space and memory slots number it */
static inline gpa_t kvm_realm_ipa_to_gpa(struct kvm *kvm, gpa_t ipa)
{
	return ipa & ~kvm_realm_shared_bit(kvm);
}

/* ------------------------------------------------------------------------ */
/* realm/rmi.c: the monitor, once per boot					*/

extern u64 rmi_feature_regs[RMI_NR_FEATURE_REGS];

void kvm_init_rmi(void);
bool kvm_rmi_active(void);

/* realm/granule.c: delegation, counted ------------------------------------ */

phys_addr_t rmi_delegate(phys_addr_t base, phys_addr_t top);
phys_addr_t rmi_undelegate(phys_addr_t base, phys_addr_t top);
int rmi_delegate_page(phys_addr_t pa);
int rmi_undelegate_page(phys_addr_t pa);
phys_addr_t rmi_alloc_delegated(gfp_t gfp);
void rmi_free_delegated(struct kvm *kvm, phys_addr_t pa);
void rmi_undelegate_gmem(struct kvm *kvm, phys_addr_t base, phys_addr_t top);
void rmi_count_leak(struct kvm *kvm, unsigned long pages);

extern atomic_long_t rmi_nr_delegated;
extern atomic_long_t rmi_nr_donated;
extern atomic_long_t rmi_nr_leaked;

/* realm/realm.c: life cycle ------------------------------------------------ */

int kvm_realm_fatal(struct kvm *kvm, u32 fid, long ret);

int kvm_realm_init_vm(struct kvm *kvm, unsigned long type);
int kvm_realm_populate(struct kvm *kvm, struct kvm_arm_rmi_populate __user *uarg);
void kvm_realm_free_memslot(struct kvm_memory_slot *slot);

/* realm/rtt.c: the realm's tables ------------------------------------------ */

int kvm_realm_topup(struct kvm *kvm);
int realm_rtt_create(struct kvm *kvm, struct kvm_mmu_memory_cache *mc, gpa_t ipa, int level);
int realm_make_table(struct kvm *kvm, gpa_t ipa, int level);
int realm_map_private(struct kvm *kvm, struct kvm_mmu_memory_cache *mc,
		      struct kvm_memory_slot *slot, gfn_t gfn,
		      struct page **pages, unsigned int nr);
void realm_destroy_tables(struct kvm *kvm);
void realm_free_pool(struct kvm *kvm);

/* realm/fault.c: stage 2 faults -------------------------------------------- */

int kvm_realm_guest_abort(struct kvm_vcpu *vcpu);

/* realm/ripas.c ------------------------------------------------------------- */

int kvm_realm_init_ripas(struct kvm *kvm, gpa_t start, gpa_t end);
int kvm_realm_set_ripas(struct kvm_vcpu *vcpu);

/* realm/exit.c: reporting --------------------------------------------------- */

int kvm_realm_report_fatal(struct kvm_vcpu *vcpu, u32 fid, long result, u64 reason);

/* realm/psci.c --------------------------------------------------------------- */

int kvm_realm_handle_psci(struct kvm_vcpu *vcpu);
int kvm_realm_psci_return(struct kvm_vcpu *vcpu);
bool kvm_realm_rec_is_off(struct kvm_vcpu *vcpu);

/* realm/debugfs.c ------------------------------------------------------------ */

void kvm_rmi_debugfs_init(void);

#else /* !CONFIG_KVM_ARM_RMI */

static inline void kvm_init_rmi(void) { }
static inline bool kvm_rmi_active(void) { return false; }

#endif

/*
 * Called from hooks behind kvm_is_realm() or vcpu_is_rec(): declared without
 * CONFIG_KVM_ARM_RMI too, where the calls are dead.
 */

/* realm/rmi.c, realm.c */
u32 kvm_realm_ipa_limit(void);
int kvm_realm_max_vcpus(void);
bool kvm_realm_ext_allowed(long ext);
bool kvm_realm_vm_ioctl_allowed(unsigned int ioctl);
int kvm_realm_check_memslot(struct kvm *kvm, const struct kvm_memory_slot *new);
int kvm_realm_prepare_memslot(struct kvm_memory_slot *new);
void kvm_realm_destroy_vm(struct kvm *kvm);
int kvm_realm_vcpu_create(struct kvm_vcpu *vcpu);
void kvm_realm_vcpu_destroy(struct kvm_vcpu *vcpu);
int kvm_realm_check_first_run(struct kvm_vcpu *vcpu);
int kvm_realm_first_run(struct kvm_vcpu *vcpu);

/* realm/rtt.c */
int kvm_realm_map_shared(struct kvm_vcpu *vcpu, gpa_t gpa, phys_addr_t pa, unsigned long size,
			 gpa_t fault_gpa, enum kvm_pgtable_prot prot);
void kvm_realm_unmap_gfn_range(struct kvm *kvm, struct kvm_gfn_range *range);
void kvm_realm_unmap_memslot(struct kvm *kvm, struct kvm_memory_slot *slot);
void kvm_realm_unmap_all(struct kvm *kvm);

/* mmu.c */
int kvm_realm_user_mem_abort(struct kvm_vcpu *vcpu, gpa_t gpa, struct kvm_memory_slot *memslot,
			     unsigned long hva);

/* realm/debugfs.c */
void kvm_realm_create_debugfs(struct kvm *kvm);

/* realm/rec.c: running */
int kvm_realm_pre_run(struct kvm_vcpu *vcpu);
void kvm_realm_rec_flush(struct kvm_vcpu *vcpu);
int kvm_realm_rec_enter(struct kvm_vcpu *vcpu);
void kvm_realm_rec_sync(struct kvm_vcpu *vcpu);
void kvm_realm_rec_load(struct kvm_vcpu *vcpu, int cpu);
void kvm_realm_rec_put(struct kvm_vcpu *vcpu);
int kvm_realm_inject_sea(struct kvm_vcpu *vcpu);
void kvm_realm_cannot_inject(struct kvm_vcpu *vcpu, const char *what);
void kvm_realm_mmio_return(struct kvm_vcpu *vcpu);
bool kvm_realm_pmu_overflow(const struct kvm_vcpu *vcpu);

/* realm/exit.c */
int kvm_realm_handle_exit(struct kvm_vcpu *vcpu);

/* realm/regs.c: what user space may see and set of a vCPU */
unsigned long kvm_realm_vcpu_features(void);
int kvm_realm_vcpu_init(struct kvm_vcpu *vcpu, const struct kvm_vcpu_init *init,
			bool *power_off);
unsigned int kvm_realm_sve_max_vl(unsigned int host_max_vl);
unsigned int kvm_realm_vcpu_vq(const struct kvm_vcpu *vcpu);
bool kvm_realm_vcpu_attr_allowed(const struct kvm_device_attr *attr);
int kvm_realm_check_set_reg(struct kvm_vcpu *vcpu, u64 id);
unsigned long kvm_realm_num_regs(struct kvm_vcpu *vcpu);
int kvm_realm_copy_reg_indices(struct kvm_vcpu *vcpu, u64 __user *uindices);
u64 kvm_realm_limit_dfr0(u64 val);
int kvm_realm_check_dfr0(u64 val, u64 limit);
bool kvm_realm_dfr0_is_fixed(struct kvm *kvm);
int kvm_realm_set_vcpu_events(struct kvm_vcpu *vcpu, struct kvm_vcpu_events *events);

/* arch_timer.c */
struct rmi_rec_exit;
void kvm_timer_rec_sync(struct kvm_vcpu *vcpu, const struct rmi_rec_exit *exit);

/* hypercalls.c */
u8 kvm_smccc_filter_action(struct kvm_vcpu *vcpu, u32 func_id);

#endif /* __ASM_KVM_REALM_H */
