// SPDX-License-Identifier: GPL-2.0-only
/*
 * The life of a realm: what user space may ask for, the realm descriptor, the
 * first contents, the RECs, activation, and the end.
 *
 * State moves NONE -> NEW -> ACTIVE with slots_lock and config_lock held, and
 * to DEAD when the way to ACTIVE fails half way. Teardown goes by what exists,
 * not by the state, so that it serves every half-made realm.
 *
 * Commands: REALM_CREATE, RTT_DATA_MAP_INIT, REC_CREATE, REALM_ACTIVATE,
 * REC_DESTROY, REALM_TERMINATE, REALM_DESTROY.
 */
#include <linux/kvm_host.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>

#include <asm/kvm_emulate.h>
#include <asm/kvm_mmu.h>
#include <asm/kvm_pgtable.h>
#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>

#include <kvm/arm_psci.h>
#include <kvm/arm_vgic.h>

/* Pages that one round of populate holds references to */
#define POPULATE_BATCH		64U

/**
 * kvm_realm_fatal() - the monitor answered what nobody expected
 * @kvm: the VM; no ioctl works on it from now on
 * @fid: the command
 * @ret: its result
 *
 * The first one is kept, for KVM_EXIT_INTERNAL_ERROR. May be called with
 * spinlocks held.
 *
 * Return: -EIO
 */
int kvm_realm_fatal(struct kvm *kvm, u32 fid, long ret)
{
	static DEFINE_SPINLOCK(lock);
	struct kvm_realm *realm = kvm_to_realm(kvm);

	scoped_guard(spinlock, &lock) {
		if (!realm->fatal) {
			realm->fatal_fid = fid;
			realm->fatal_ret = ret;
			/* Pairs with the acquire of those who report it */
			smp_store_release(&realm->fatal, true);
			kvm_err("realm of pid %d: RMI call %#x: unexpected result %#lx\n",
				task_pid_nr(current), fid, ret);
		}
	}

	kvm_vm_dead(kvm);
	return -EIO;
}

/* ---- what user space may ask for ---------------------------------------- */

/**
 * kvm_realm_ext_allowed() - does a capability mean anything for a realm?
 * @ext: KVM_CAP_*
 *
 * Serves KVM_CHECK_EXTENSION and KVM_ENABLE_CAP; everything else is answered
 * with 0 and -EINVAL.
 */
bool kvm_realm_ext_allowed(long ext)
{
	switch (ext) {
	case KVM_CAP_IRQCHIP:
	case KVM_CAP_USER_MEMORY:
	case KVM_CAP_NR_VCPUS:
	case KVM_CAP_IOEVENTFD:
	case KVM_CAP_MAX_VCPUS:
	case KVM_CAP_ONE_REG:
	case KVM_CAP_ARM_PSCI:
	case KVM_CAP_ARM_PSCI_0_2:
	case KVM_CAP_MAX_VCPU_ID:
	case KVM_CAP_MSI_DEVID:
	case KVM_CAP_IMMEDIATE_EXIT:
	case KVM_CAP_ARM_VM_IPA_SIZE:
	case KVM_CAP_ARM_PTRAUTH_ADDRESS:
	case KVM_CAP_ARM_PTRAUTH_GENERIC:
	case KVM_CAP_ARM_RMI:
		return true;
	case KVM_CAP_ARM_PMU_V3:
		return rmi_feature_regs[0] & RMI_FEATURE_0_PMU;
	case KVM_CAP_ARM_SVE:
		return rmi_feature_regs[0] & RMI_FEATURE_0_SVE;
	default:
		return false;
	}
}

/**
 * kvm_realm_vm_ioctl_allowed() - is there such a VM ioctl for a realm?
 * @ioctl: its number
 */
bool kvm_realm_vm_ioctl_allowed(unsigned int ioctl)
{
	switch (ioctl) {
	case KVM_ARM_SET_DEVICE_ADDR:
	case KVM_ARM_MTE_COPY_TAGS:
	case KVM_ARM_SET_COUNTER_OFFSET:
		return false;
	default:
		return true;
	}
}

/**
 * kvm_realm_check_memslot() - may a realm have this memory slot?
 * @kvm: the VM
 * @new: the slot
 *
 * The guest reaches it at two addresses, so it has to lie in the private half.
 *
 * Return: 0, -EINVAL or -EFAULT
 */
int kvm_realm_check_memslot(struct kvm *kvm, const struct kvm_memory_slot *new)
{
	if (new->flags & (KVM_MEM_READONLY | KVM_MEM_LOG_DIRTY_PAGES))
		return -EINVAL;

	/* One backing cannot be private and shared at once */
	if (kvm_memslot_is_gmem_only(new))
		return -EINVAL;

	if (gfn_to_gpa(new->base_gfn + new->npages) > kvm_realm_shared_bit(kvm))
		return -EFAULT;

	return 0;
}

/**
 * kvm_realm_prepare_memslot() - remember what of a slot is mapped
 * @new: a new slot that can no longer be refused
 *
 * Return: 0 or -ENOMEM
 */
int kvm_realm_prepare_memslot(struct kvm_memory_slot *new)
{
	unsigned long nr_blocks;

	if (!kvm_slot_has_gmem(new))
		return 0;

	nr_blocks = realm_block_index(new, new->base_gfn + new->npages - 1) + 1;
	new->arch.pages = kvcalloc(BITS_TO_LONGS(new->npages), sizeof(long), GFP_KERNEL_ACCOUNT);
	new->arch.blocks = kvcalloc(BITS_TO_LONGS(nr_blocks), sizeof(long), GFP_KERNEL_ACCOUNT);
	if (!new->arch.pages || !new->arch.blocks) {
		kvm_realm_free_memslot(new);
		return -ENOMEM;
	}

	return 0;
}

/* The other end; nothing of the slot is mapped any more */
void kvm_realm_free_memslot(struct kvm_memory_slot *slot)
{
	kvfree(slot->arch.pages);
	kvfree(slot->arch.blocks);
	slot->arch = (struct kvm_arch_memory_slot){};
}

/**
 * kvm_arch_supports_gmem_init_shared() - may memory files start shared?
 * @kvm: the VM
 *
 * Not for a realm: shared memory is mapped by user space, from elsewhere.
 */
bool kvm_arch_supports_gmem_init_shared(struct kvm *kvm)
{
	return !kvm_is_realm(kvm);
}

/* ---- creation ------------------------------------------------------------- */

/**
 * kvm_realm_init_vm() - KVM_CREATE_VM of a realm
 * @kvm:  the VM, nothing of it made yet
 * @type: as user space gave it
 *
 * Return: 0, -EINVAL or -ENOMEM
 */
int kvm_realm_init_vm(struct kvm *kvm, unsigned long type)
{
	unsigned int bits = KVM_VM_TYPE_ARM_IPA_SIZE(type) ?: KVM_PHYS_SHIFT;
	struct kvm_realm *realm;

	if (!static_branch_unlikely(&kvm_rmi_available))
		return -EINVAL;
	if (type & KVM_VM_TYPE_ARM_PROTECTED)
		return -EINVAL;
	if (bits < ARM64_MIN_PARANGE_BITS || bits > kvm_realm_ipa_limit())
		return -EINVAL;

	realm = kzalloc_obj(*realm, GFP_KERNEL_ACCOUNT);
	if (!realm)
		return -ENOMEM;

	realm->list = (u64 *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!realm->list) {
		kfree(realm);
		return -ENOMEM;
	}

	realm->ia_bits = bits;
	INIT_LIST_HEAD(&realm->split_pool);
	kvm->arch.realm = realm;
	return 0;
}

/**
 * kvm_realm_max_vcpus() - how many vCPUs a realm can have
 */
int kvm_realm_max_vcpus(void)
{
	return BIT(FIELD_GET(RMI_FEATURE_1_MAX_RECS_ORDER, rmi_feature_regs[1])) - 1;
}

/**
 * kvm_realm_vcpu_create() - the realm side of a new vCPU
 * @vcpu: the vCPU
 *
 * The REC itself is made when the realm is activated.
 *
 * Return: 0 or -ENOMEM
 */
int kvm_realm_vcpu_create(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec;

	rec = kzalloc_obj(*rec, GFP_KERNEL_ACCOUNT);
	if (!rec)
		return -ENOMEM;

	rec->run = (struct rmi_rec_run *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	rec->window = (struct page **)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!rec->run || !rec->window) {
		free_page((unsigned long)rec->run);
		free_page((unsigned long)rec->window);
		kfree(rec);
		return -ENOMEM;
	}
	rec->run_pa = virt_to_phys(rec->run);

	vcpu->arch.rec = rec;
	return 0;
}

/**
 * kvm_realm_vcpu_destroy() - take a vCPU's REC down
 * @vcpu: the vCPU, which cannot run any more
 */
void kvm_realm_vcpu_destroy(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;

	if (!rec)
		return;

	if (rec->rec) {
		if (rmi_rec_destroy(rec->rec)) {
			/* The REC, and what was donated for it, is the monitor's for ever */
			rmi_count_leak(vcpu->kvm, 1);
		} else {
			rmi_free_delegated(vcpu->kvm, rec->rec);
		}
	}

	free_page((unsigned long)rec->run);
	free_page((unsigned long)rec->window);
	kfree(rec);
	vcpu->arch.rec = NULL;
}

/* Root tables: contiguous, aligned to their number. Return: PA or 0 */
static phys_addr_t realm_alloc_roots(unsigned int nr)
{
	unsigned int order = get_order(nr * PAGE_SIZE);
	struct page *page = alloc_pages(GFP_KERNEL_ACCOUNT, order);
	phys_addr_t pa, top, done;

	if (!page)
		return 0;
	split_page(page, order);

	pa = page_to_phys(page);
	top = pa + nr * PAGE_SIZE;
	done = rmi_delegate(pa, top);
	if (done == top)
		return pa;

	for (; pa < done; pa += PAGE_SIZE)
		rmi_free_delegated(NULL, pa);
	for (; pa < top; pa += PAGE_SIZE)
		__free_page(phys_to_page(pa));
	return 0;
}

static void realm_free_roots(struct kvm *kvm, phys_addr_t pa, unsigned int nr)
{
	for (; nr--; pa += PAGE_SIZE)
		rmi_free_delegated(kvm, pa);
}

/*
 * Breakpoints and watchpoints, minus one each. The ID register counts only
 * when it has been set up: populate may come before the first vCPU is, when it
 * reads zero, which is no valid number.
 */
static void realm_choose_debug(struct kvm *kvm, struct kvm_realm *realm)
{
	u64 dfr0;

	if (test_bit(KVM_ARCH_FLAG_ID_REGS_INITIALIZED, &kvm->arch.flags))
		dfr0 = kvm_read_vm_id_reg(kvm, SYS_ID_AA64DFR0_EL1);
	else
		dfr0 = kvm_realm_limit_dfr0(read_sanitised_ftr_reg(SYS_ID_AA64DFR0_EL1));

	realm->num_bps = SYS_FIELD_GET(ID_AA64DFR0_EL1, BRPs, dfr0);
	realm->num_wps = SYS_FIELD_GET(ID_AA64DFR0_EL1, WRPs, dfr0);
}

/* SVE and PMU as vCPU 0 has them now; the others are compared at the first run */
static void realm_choose_features(struct kvm *kvm, struct kvm_realm *realm)
{
	struct kvm_vcpu *vcpu = kvm_get_vcpu(kvm, 0);

	realm->sve_vq = vcpu ? kvm_realm_vcpu_vq(vcpu) : 0;
	realm->pmu = vcpu && kvm_vcpu_has_pmu(vcpu);
}

/* Tell the monitor what realm is wanted (RMI: RmiRealmParams) */
static void realm_fill_params(struct kvm *kvm, struct kvm_realm *realm,
			      struct rmi_realm_params *params)
{
	params->s2sz = realm->ia_bits;
	params->num_bps = realm->num_bps;
	params->num_wps = realm->num_wps;
	params->hash_algo = RMI_HASH_SHA_256;
	params->rtt_base = realm->roots;
	params->rtt_level_start = realm->start_level;
	params->rtt_num_start = realm->nr_roots;

	/* Until bet2 this was the realm's choice; now the monitor ignores it */
	if (kvm_lpa2_is_enabled())
		params->flags0 |= RMI_REALM_FLAGS0_LPA2;

	if (realm->sve_vq) {
		params->flags0 |= RMI_REALM_FLAGS0_SVE;
		params->sve_vl = realm->sve_vq - 1;
	}
	if (realm->pmu) {
		params->flags0 |= RMI_REALM_FLAGS0_PMU;
		params->pmu_num_ctrs = min_t(u64, kvm->arch.nr_pmu_counters,
					     FIELD_GET(RMI_FEATURE_0_PMU_NUM_CTRS,
						       rmi_feature_regs[0]));
	}
}

/*
 * NONE -> NEW. Return: 0, -ENOMEM, -EIO; nothing is kept on failure, and
 * -ENOMEM may be tried again.
 */
static int realm_create_rd(struct kvm *kvm)
{
	struct kvm_realm *realm = kvm_to_realm(kvm);
	u64 vtcr = kvm->arch.mmu.vtcr;
	struct rmi_realm_params *params;
	phys_addr_t rd;
	int err = -ENOMEM;
	long ret;

	lockdep_assert_held(&kvm->slots_lock);
	lockdep_assert_held(&kvm->arch.config_lock);

	realm->start_level = KVM_PGTABLE_LAST_LEVEL + 1 - VTCR_EL2_LVLS(vtcr);
	realm->nr_roots = kvm_pgtable_stage2_pgd_size(vtcr) >> PAGE_SHIFT;
	realm_choose_debug(kvm, realm);
	realm_choose_features(kvm, realm);

	params = (struct rmi_realm_params *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!params)
		return -ENOMEM;

	rd = rmi_alloc_delegated(GFP_KERNEL_ACCOUNT);
	if (!rd)
		goto out_free_params;

	realm->roots = realm_alloc_roots(realm->nr_roots);
	if (!realm->roots)
		goto out_free_rd;

	realm_fill_params(kvm, realm, params);
	ret = rmi_realm_create(rd, virt_to_phys(params));
	if (ret) {
		if (ret != -ENOMEM)
			err = kvm_realm_fatal(kvm, SMC_RMI_REALM_CREATE, ret);
		goto out_free_roots;
	}

	realm->rd = rd;
	WRITE_ONCE(realm->state, KVM_REALM_NEW);
	free_page((unsigned long)params);
	return 0;

out_free_roots:
	realm_free_roots(kvm, realm->roots, realm->nr_roots);
	realm->roots = 0;
out_free_rd:
	rmi_free_delegated(kvm, rd);
out_free_params:
	free_page((unsigned long)params);
	return err;
}

/* ---- first contents -------------------------------------------------------- */

/* One batch: contiguous guest pages of one slot */
struct populate {
	struct kvm *kvm;
	struct kvm_memory_slot *slot;
	gfn_t gfn;
	unsigned int nr;
	unsigned long flags;
	struct page *src[POPULATE_BATCH];
	struct page *dst[POPULATE_BATCH];
	bool delegated[POPULATE_BATCH];
};

/* How many pages from @gfn on can be taken at once. Return: number or errno */
static int populate_clip(struct populate *p, unsigned long max)
{
	struct kvm_memory_slot *slot = gfn_to_memslot(p->kvm, p->gfn);
	unsigned int n;

	if (!slot || !kvm_slot_has_gmem(slot))
		return -EINVAL;

	p->slot = slot;
	max = min3(max, (unsigned long)POPULATE_BATCH, slot->base_gfn + slot->npages - p->gfn);
	for (n = 0; n < max; n++) {
		gfn_t gfn = p->gfn + n;

		if (!kvm_mem_is_private(p->kvm, gfn))
			return n ?: -EINVAL;
		if (test_bit(gfn - slot->base_gfn, slot->arch.pages))
			return n ?: -EEXIST;
	}

	return n;
}

/* Take references to sources and destinations. Return: 0 or errno */
static int populate_pin(struct populate *p, unsigned long uaddr)
{
	unsigned int nr_dst = 0;
	int n, ret = 0;

	n = get_user_pages_fast(uaddr, p->nr, 0, p->src);
	if (n <= 0)
		return -EFAULT;
	p->nr = n;

	while (nr_dst < p->nr && !ret) {
		kvm_pfn_t pfn;

		ret = kvm_gmem_get_pfn(p->kvm, p->slot, p->gfn + nr_dst, &pfn,
				       &p->dst[nr_dst], NULL);
		if (!ret)
			nr_dst++;
	}

	/* Those that came without a partner */
	while (p->nr > nr_dst)
		put_page(p->src[--p->nr]);

	return p->nr ? 0 : ret;
}

/*
 * Delegate each physically contiguous stretch with one call. The references
 * keep the pages from the allocator, whatever happens to the file meanwhile.
 */
static void populate_delegate(struct populate *p)
{
	unsigned int i, end;

	memset(p->delegated, 0, sizeof(p->delegated));
	for (i = 0; i < p->nr; i = end) {
		phys_addr_t pa = page_to_phys(p->dst[i]), done;

		for (end = i + 1; end < p->nr; end++)
			if (page_to_phys(p->dst[end]) != pa + (end - i) * PAGE_SIZE)
				break;

		done = rmi_delegate(pa, pa + (end - i) * PAGE_SIZE);
		for (; pa < done; pa += PAGE_SIZE)
			p->delegated[i++] = true;
	}
}

/* DATA_MAP_INIT of page @i, with the tables it needs. mmu_lock is held. */
static int populate_map(struct populate *p, unsigned int i)
{
	struct kvm_realm *realm = kvm_to_realm(p->kvm);
	gpa_t ipa = gfn_to_gpa(p->gfn + i);

	for (;;) {
		long ret;
		int err;

		ret = rmi_rtt_data_map_init(realm->rd, page_to_phys(p->dst[i]), ipa,
					    page_to_phys(p->src[i]), p->flags);
		if (!ret) {
			set_bit(p->gfn + i - p->slot->base_gfn, p->slot->arch.pages);
			p->delegated[i] = false;
			return 0;
		}

		if (rmi_status(ret) != RMI_ERROR_RTT || rmi_level(ret) >= KVM_PGTABLE_LAST_LEVEL)
			return kvm_realm_fatal(p->kvm, SMC_RMI_RTT_DATA_MAP_INIT, ret);

		err = realm_rtt_create(p->kvm, &realm->cache, ipa, rmi_level(ret) + 1);
		if (err)
			return err;
	}
}

/*
 * Populate one batch. Return: pages done, at least one; or an errno, -EAGAIN
 * when the memory file changed under us.
 */
static int populate_batch(struct populate *p, unsigned long uaddr, unsigned long max)
{
	struct kvm *kvm = p->kvm;
	unsigned long seq;
	unsigned int i;
	int ret;

	ret = populate_clip(p, max);
	if (ret < 0)
		return ret;
	p->nr = ret;

	seq = kvm->mmu_invalidate_seq;
	/* Pairs with the smp_wmb() in kvm_mmu_invalidate_end() */
	smp_rmb();

	ret = populate_pin(p, uaddr);
	if (ret)
		return ret;

	populate_delegate(p);

	for (i = 0; i < p->nr && !ret; i++) {
		ret = kvm_realm_topup(kvm);
		if (ret)
			break;

		guard(write_lock)(&kvm->mmu_lock);

		if (mmu_invalidate_retry_gfn(kvm, seq, p->gfn + i))
			ret = -EAGAIN;
		else if (!p->delegated[i])
			ret = kvm_realm_fatal(kvm, SMC_RMI_GRANULE_RANGE_DELEGATE, RMI_ERROR_INPUT);
		else
			ret = populate_map(p, i);
		if (ret)
			break;
	}
	max = i;

	for (i = 0; i < p->nr; i++) {
		if (p->delegated[i])
			rmi_undelegate_gmem(kvm, page_to_phys(p->dst[i]),
					    page_to_phys(p->dst[i]) + PAGE_SIZE);
		put_page(p->dst[i]);
		put_page(p->src[i]);
	}

	return max ?: ret;
}

static int populate_check(struct kvm *kvm, const struct kvm_arm_rmi_populate *args)
{
	if (args->reserved || args->flags & ~KVM_ARM_RMI_POPULATE_FLAGS_MEASURE)
		return -EINVAL;

	if (!args->source_uaddr ||
	    !PAGE_ALIGNED(args->base | args->size | args->source_uaddr))
		return -EINVAL;

	if (args->base + args->size < args->base ||
	    args->base + args->size > kvm_realm_shared_bit(kvm) ||
	    args->source_uaddr + args->size < args->source_uaddr)
		return -EINVAL;

	return 0;
}

static int populate_range(struct kvm *kvm, struct kvm_arm_rmi_populate *args)
{
	struct populate *p;
	int ret = 0;

	p = kzalloc_obj(*p, GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;

	p->kvm = kvm;
	p->flags = args->flags & KVM_ARM_RMI_POPULATE_FLAGS_MEASURE ? RMI_MEASURE_CONTENT : 0;

	while (args->size) {
		unsigned long done;

		if (fatal_signal_pending(current)) {
			ret = -EINTR;
			break;
		}
		cond_resched();

		p->gfn = gpa_to_gfn(args->base);
		ret = populate_batch(p, args->source_uaddr, args->size >> PAGE_SHIFT);
		if (ret == -EAGAIN)
			continue;
		if (ret < 0)
			break;

		done = (unsigned long)ret << PAGE_SHIFT;
		args->base += done;
		args->source_uaddr += done;
		args->size -= done;
		ret = 0;
	}

	kfree(p);
	return ret;
}

/**
 * kvm_realm_populate() - KVM_ARM_RMI_POPULATE
 * @kvm:  the VM, a realm
 * @uarg: struct kvm_arm_rmi_populate; progress is written back in every case
 *
 * Pages go in ascending order, each once: the order is measured. slots_lock is
 * held throughout, so that slots, attributes and state stand still.
 *
 * Return: 0 or
 *   -EINVAL	bad argument, not a guest_memfd slot, not private
 *   -EEXIST	a page is populated already
 *   -EBUSY	the realm is active
 *   -ENXIO	the realm is dead
 *   -EFAULT	source not readable
 *   -ENOMEM, -EINTR
 *   -EIO	unexpected answer of the monitor; the VM is dead
 */
int kvm_realm_populate(struct kvm *kvm, struct kvm_arm_rmi_populate __user *uarg)
{
	struct kvm_arm_rmi_populate args;
	int ret;

	if (copy_from_user(&args, uarg, sizeof(args)))
		return -EFAULT;

	ret = populate_check(kvm, &args);
	if (ret)
		return ret;

	guard(mutex)(&kvm->slots_lock);

	scoped_guard(mutex, &kvm->arch.config_lock) {
		switch (kvm_realm_state(kvm)) {
		case KVM_REALM_NONE:
			ret = realm_create_rd(kvm);
			break;
		case KVM_REALM_NEW:
			break;
		case KVM_REALM_ACTIVE:
			ret = -EBUSY;
			break;
		case KVM_REALM_DEAD:
			ret = -ENXIO;
			break;
		}
	}

	if (!ret)
		ret = populate_range(kvm, &args);

	if (copy_to_user(uarg, &args, sizeof(args)))
		ret = -EFAULT;
	return ret;
}

/* ---- first run --------------------------------------------------------------- */

/**
 * kvm_realm_check_first_run() - is everything there that a realm needs?
 * @vcpu: the vCPU that is run for the first time
 *
 * Nothing has been changed yet: user space may repair it and try again.
 *
 * Return: 0, -EOPNOTSUPP (no GIC in the kernel), -ENODEV (not initialised),
 * -EINVAL (vCPU ids with a hole, one that is not initialised or has no PSCI,
 * SVE or PMU other than those of vCPU 0, or of the realm that was described to
 * the monitor already), -EPERM (SVE not finalized)
 */
int kvm_realm_check_first_run(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;
	bool described = kvm_realm_state(kvm) == KVM_REALM_NEW;
	const struct kvm_realm *realm = kvm_to_realm(kvm);
	unsigned int id, nr, vq = realm->sve_vq;
	bool pmu = realm->pmu;

	if (kvm_realm_state(kvm) == KVM_REALM_ACTIVE)
		return 0;

	if (!irqchip_in_kernel(kvm))
		return -EOPNOTSUPP;
	if (!vgic_initialized(kvm))
		return -ENODEV;

	/* From here on none can be added: kvm_arch_vcpu_precreate() */
	nr = atomic_read(&kvm->online_vcpus);
	for (id = 0; id < nr; id++) {
		struct kvm_vcpu *v = kvm_get_vcpu_by_id(kvm, id);

		if (!v || !kvm_vcpu_initialized(v) ||
		    !vcpu_has_feature(v, KVM_ARM_VCPU_PSCI_0_2))
			return -EINVAL;
		if (!kvm_arm_vcpu_is_finalized(v))
			return -EPERM;
		if (!id && !described) {
			vq = kvm_realm_vcpu_vq(v);
			pmu = kvm_vcpu_has_pmu(v);
		}
		if (kvm_realm_vcpu_vq(v) != vq || kvm_vcpu_has_pmu(v) != pmu)
			return -EINVAL;
	}

	return 0;
}

/* Return: 0, -ENOMEM, or -EIO */
static int realm_create_rec(struct kvm *kvm, struct kvm_vcpu *vcpu, struct rmi_rec_params *params)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	bool boot = !vcpu->vcpu_id;
	phys_addr_t pa;
	long ret;

	memset(params, 0, sizeof(*params));
	params->mpidr = kvm_vcpu_get_mpidr_aff(vcpu) & (RMI_MPIDR_AFF0 | RMI_MPIDR_AFF123);
	if (boot) {
		params->flags = RMI_REC_RUNNABLE;
		params->pc = *vcpu_pc(vcpu);
		for (int i = 0; i < ARRAY_SIZE(params->gprs); i++)
			params->gprs[i] = vcpu_get_reg(vcpu, i);
	}

	pa = rmi_alloc_delegated(GFP_KERNEL_ACCOUNT);
	if (!pa)
		return -ENOMEM;

	ret = rmi_rec_create(kvm_to_realm(kvm)->rd, pa, virt_to_phys(params));
	if (ret) {
		rmi_free_delegated(kvm, pa);
		return ret == -ENOMEM ? -ENOMEM : kvm_realm_fatal(kvm, SMC_RMI_REC_CREATE, ret);
	}

	rec->rec = pa;
	scoped_guard(spinlock, &vcpu->arch.mp_state_lock)
		rec->on = boot;

	/* The others start when the realm says so, not when user space does */
	if (!boot)
		kvm_arm_vcpu_power_off(vcpu);
	return 0;
}

/* The monitor wants ascending REC index; KVM's MPIDR follows vcpu_id */
static int realm_create_recs(struct kvm *kvm)
{
	unsigned int id, nr = atomic_read(&kvm->online_vcpus);
	struct rmi_rec_params *params;
	int ret = 0;

	params = (struct rmi_rec_params *)get_zeroed_page(GFP_KERNEL_ACCOUNT);
	if (!params)
		return -ENOMEM;

	for (id = 0; id < nr && !ret; id++)
		ret = realm_create_rec(kvm, kvm_get_vcpu_by_id(kvm, id), params);

	free_page((unsigned long)params);
	return ret;
}

/* All memory that can be private starts as RAM */
static int realm_init_ripas(struct kvm *kvm)
{
	struct kvm_memory_slot *slot;
	int bkt, ret;

	kvm_for_each_memslot(slot, bkt, kvm_memslots(kvm)) {
		if (!kvm_slot_has_gmem(slot))
			continue;
		ret = kvm_realm_init_ripas(kvm, gfn_to_gpa(slot->base_gfn),
					   gfn_to_gpa(slot->base_gfn + slot->npages));
		if (ret)
			return ret;
	}

	return 0;
}

static int realm_activate(struct kvm *kvm)
{
	struct kvm_realm *realm = kvm_to_realm(kvm);
	long ret;

	if (kvm_realm_state(kvm) == KVM_REALM_NONE) {
		ret = realm_create_rd(kvm);
		if (ret)
			return ret;
	}

	ret = realm_create_recs(kvm);
	if (ret)
		return ret;

	ret = realm_init_ripas(kvm);
	if (ret)
		return ret;

	ret = rmi_realm_activate(realm->rd);
	if (ret)
		return kvm_realm_fatal(kvm, SMC_RMI_REALM_ACTIVATE, ret);

	WRITE_ONCE(realm->state, KVM_REALM_ACTIVE);
	return 0;
}

/**
 * kvm_realm_first_run() - make the realm run
 * @vcpu: a vCPU that is run for the first time
 *
 * Does nothing for all but the first. There is no way back from a failure:
 * RECs cannot be taken out of the measurement.
 *
 * Return: 0, -EINVAL when the realm is dead already, -ENOMEM, -EINTR, -EIO
 */
int kvm_realm_first_run(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;
	int ret;

	if (kvm_realm_state(kvm) == KVM_REALM_ACTIVE)
		return 0;

	guard(mutex)(&kvm->slots_lock);
	guard(mutex)(&kvm->arch.config_lock);

	switch (kvm_realm_state(kvm)) {
	case KVM_REALM_ACTIVE:
		return 0;
	case KVM_REALM_DEAD:
		return -EINVAL;
	default:
		break;
	}

	ret = realm_activate(kvm);
	if (ret) {
		WRITE_ONCE(kvm_to_realm(kvm)->state, KVM_REALM_DEAD);
		kvm_vm_dead(kvm);
	}
	return ret;
}

/* ---- the end ------------------------------------------------------------------ */

static void realm_destroy_rd(struct kvm *kvm)
{
	struct kvm_realm *realm = kvm_to_realm(kvm);
	long ret;

	ret = rmi_realm_terminate(realm->rd);
	if (ret)
		kvm_err("RMI_REALM_TERMINATE: %#lx\n", ret);

	realm_destroy_tables(kvm);

	ret = rmi_realm_destroy(realm->rd);
	if (ret) {
		kvm_err("RMI_REALM_DESTROY: %#lx\n", ret);
		rmi_count_leak(kvm, 1 + realm->nr_roots);
		return;
	}

	rmi_free_delegated(kvm, realm->rd);
	realm_free_roots(kvm, realm->roots, realm->nr_roots);
}

/**
 * kvm_realm_destroy_vm() - give everything back
 * @kvm: the VM; its vCPUs are destroyed. Anything may be missing.
 *
 * What fails is leaked and counted, and the rest goes on.
 */
void kvm_realm_destroy_vm(struct kvm *kvm)
{
	struct kvm_realm *realm = kvm_to_realm(kvm);

	if (realm->rd) {
		kvm_realm_unmap_all(kvm);
		realm_destroy_rd(kvm);
	}

	realm_free_pool(kvm);
	kvm_mmu_free_memory_cache(&realm->cache);
	free_page((unsigned long)realm->list);
	kfree(realm);
	kvm->arch.realm = NULL;
}
