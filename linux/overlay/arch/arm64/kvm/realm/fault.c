// SPDX-License-Identifier: GPL-2.0-only
/*
 * Stage 2 aborts of a realm.
 *
 * Private half: a page of the slot's guest_memfd, and with it as much of the
 * 2 MiB around it as is wanted and not there yet; delegating and mapping many
 * pages costs little more than one. Shared half: host memory as for any VM,
 * or emulated devices.
 *
 * User space rules over each page with its attribute: a realm that reaches
 * for the wrong side is reported to it (KVM_EXIT_MEMORY_FAULT, -EFAULT).
 *
 * Commands: RTT_READ_ENTRY; those of rtt.c.
 */
#include <linux/kvm_host.h>

#include <asm/kvm_emulate.h>
#include <asm/kvm_mmu.h>
#include <asm/kvm_pgtable.h>
#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>
#include <asm/stage2_pgtable.h>

#include "../trace.h"

/* Pages around a fault that are taken along; fits rec->window */
#define WINDOW_PAGES	512UL
static_assert(WINDOW_PAGES * sizeof(struct page *) <= PAGE_SIZE);
static_assert(REALM_BLOCK_PAGES % WINDOW_PAGES == 0 || REALM_BLOCK_PAGES < WINDOW_PAGES);

/* The page is on the other side, or nowhere. Return: -EFAULT */
static int memory_fault(struct kvm_vcpu *vcpu, gpa_t gpa, bool private)
{
	kvm_prepare_memory_fault_exit(vcpu, ALIGN_DOWN(gpa, PAGE_SIZE), PAGE_SIZE,
				      kvm_is_write_fault(vcpu),
				      kvm_vcpu_trap_is_exec_fault(vcpu), private);
	return -EFAULT;
}

/*
 * The page is there, and the realm faulted all the same: another vCPU was
 * faster, or the realm may not use it. Without asking, a realm whose page user
 * space has destroyed would fault for ever.
 */
static int populated_fault(struct kvm_vcpu *vcpu, struct kvm_memory_slot *slot, gpa_t gpa)
{
	struct kvm *kvm = vcpu->kvm;
	struct rmi_rtt_entry e;
	bool mapped;
	long ret;

	scoped_guard(write_lock, &kvm->mmu_lock) {
		mapped = test_bit(gpa_to_gfn(gpa) - slot->base_gfn, slot->arch.pages);
		ret = rmi_rtt_read_entry(kvm_to_realm(kvm)->rd, ALIGN_DOWN(gpa, PAGE_SIZE),
					 KVM_PGTABLE_LAST_LEVEL, &e);
	}

	/* The bit and the table have to agree */
	if (ret || (mapped && e.state != RMI_RTTE_DATA))
		return kvm_realm_fatal(kvm, SMC_RMI_RTT_READ_ENTRY, ret);

	if (e.ripas == RMI_RIPAS_DESTROYED)
		return memory_fault(vcpu, gpa, true);

	/* It may have been unmapped since: the next fault tells */
	return 1;
}

/* Private by attribute, and not there yet */
static bool page_is_wanted(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t gfn)
{
	return !test_bit(gfn - slot->base_gfn, slot->arch.pages) && kvm_mem_is_private(kvm, gfn);
}

/* The run of wanted pages around @gfn within its window: [*start, *end) */
static void find_window(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t gfn,
			gfn_t *start, gfn_t *end)
{
	unsigned long size = min(WINDOW_PAGES, REALM_BLOCK_PAGES);
	gfn_t low = max(round_down(gfn, size), slot->base_gfn);
	gfn_t high = min(round_down(gfn, size) + size, slot->base_gfn + slot->npages);

	*start = gfn;
	while (*start > low && page_is_wanted(kvm, slot, *start - 1))
		(*start)--;

	*end = gfn + 1;
	while (*end < high && page_is_wanted(kvm, slot, *end))
		(*end)++;
}

static void put_window(struct page **pages, unsigned int nr)
{
	while (nr)
		put_page(pages[--nr]);
}

/* Take references to pages [@start, @end) of the file. Return: 0 or errno */
static int get_window(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t start, gfn_t end,
		      struct page **pages)
{
	gfn_t gfn;

	for (gfn = start; gfn < end; gfn++) {
		kvm_pfn_t pfn;
		int ret;

		ret = kvm_gmem_get_pfn(kvm, slot, gfn, &pfn, &pages[gfn - start], NULL);
		if (ret) {
			put_window(pages, gfn - start);
			return ret;
		}
	}

	return 0;
}

/* Return: 0, -EAGAIN (back to the guest, it faults again), or an errno */
static int map_window(struct kvm_vcpu *vcpu, struct kvm_memory_slot *slot, gfn_t start, gfn_t end,
		      unsigned long seq)
{
	struct kvm *kvm = vcpu->kvm;

	guard(write_lock)(&kvm->mmu_lock);

	if (mmu_invalidate_retry(kvm, seq))
		return -EAGAIN;

	/* Another vCPU may have been here since we looked */
	if (find_next_bit(slot->arch.pages, end - slot->base_gfn,
			  start - slot->base_gfn) < end - slot->base_gfn)
		return -EAGAIN;

	return realm_map_private(kvm, &vcpu->arch.mmu_page_cache, slot, start,
				 vcpu->arch.rec->window, end - start);
}

static int private_abort(struct kvm_vcpu *vcpu, gpa_t gpa)
{
	struct kvm_mmu_memory_cache *mc = &vcpu->arch.mmu_page_cache;
	struct page **pages = vcpu->arch.rec->window;
	gfn_t gfn = gpa_to_gfn(gpa), start, end;
	struct kvm *kvm = vcpu->kvm;
	struct kvm_memory_slot *slot;
	unsigned long seq;
	int ret;

	slot = gfn_to_memslot(kvm, gfn);
	if (!slot || !kvm_slot_has_gmem(slot))
		return memory_fault(vcpu, gpa, true);

	/* About to be deleted: the next fault finds it gone */
	if (slot->flags & KVM_MEMSLOT_INVALID)
		return 1;

	/* Tables down to the page, and one page to split a block with */
	ret = kvm_mmu_topup_memory_cache(mc, kvm_mmu_cache_min_pages(&kvm->arch.mmu) + 2);
	if (ret)
		return ret;

	/* Attributes, bits and pages are all looked at under this number */
	seq = kvm->mmu_invalidate_seq;
	/* Pairs with the smp_wmb() in kvm_mmu_invalidate_end() */
	smp_rmb();

	if (!kvm_mem_is_private(kvm, gfn))
		return memory_fault(vcpu, gpa, true);

	if (test_bit(gfn - slot->base_gfn, slot->arch.pages))
		return populated_fault(vcpu, slot, gpa);

	find_window(kvm, slot, gfn, &start, &end);
	ret = get_window(kvm, slot, start, end, pages);
	if (ret && end - start > 1) {
		/* Then at least the one that is needed */
		start = gfn;
		end = gfn + 1;
		ret = get_window(kvm, slot, start, end, pages);
	}
	if (ret) {
		memory_fault(vcpu, gpa, true);
		return ret;
	}

	ret = map_window(vcpu, slot, start, end, seq);
	put_window(pages, end - start);

	return ret && ret != -EAGAIN ? ret : 1;
}

/*
 * The monitor shows the syndrome of an access that can be emulated, and of the
 * others just that there was one. Taken as a write, as a read-only mapping of
 * the zero page would not satisfy one, and it would fault for ever.
 */
static void assume_write(struct kvm_vcpu *vcpu)
{
	if (!kvm_vcpu_trap_is_iabt(vcpu) && !kvm_vcpu_dabt_isvalid(vcpu))
		vcpu->arch.fault.esr_el2 |= ESR_ELx_WNR;
}

static int shared_abort(struct kvm_vcpu *vcpu, gpa_t gpa)
{
	struct kvm *kvm = vcpu->kvm;
	gfn_t gfn = gpa_to_gfn(gpa);
	struct kvm_memory_slot *slot;
	unsigned long hva;
	bool writable;
	int ret;

	assume_write(vcpu);

	slot = gfn_to_memslot(kvm, gfn);
	if (slot && kvm_mem_is_private(kvm, gfn))
		return memory_fault(vcpu, gpa, false);

	hva = gfn_to_hva_memslot_prot(slot, gfn, &writable);
	if (kvm_is_error_hva(hva) || (kvm_is_write_fault(vcpu) && !writable)) {
		/* A device, if anything */
		gpa |= FAR_TO_FIPA_OFFSET(kvm_vcpu_get_hfar(vcpu));
		return io_mem_abort(vcpu, gpa);
	}

	ret = kvm_realm_user_mem_abort(vcpu, ALIGN_DOWN(gpa, PAGE_SIZE), slot, hva);
	return ret ?: 1;
}

/**
 * kvm_realm_guest_abort() - data or instruction abort of a REC
 * @vcpu: the vCPU; its fault information is filled from the exit page
 *
 * Not for external aborts.
 *
 * Return: 1 to go back to the realm, 0 with kvm_run filled, or an errno;
 * -EFAULT may come with KVM_EXIT_MEMORY_FAULT
 */
int kvm_realm_guest_abort(struct kvm_vcpu *vcpu)
{
	struct kvm *kvm = vcpu->kvm;
	u64 esr = kvm_vcpu_get_esr(vcpu);
	gpa_t ipa = kvm_vcpu_get_fault_ipa(vcpu);
	gpa_t gpa = kvm_realm_ipa_to_gpa(kvm, ipa);

	trace_kvm_guest_fault(*vcpu_pc(vcpu), esr, kvm_vcpu_get_hfar(vcpu), ipa);

	/* The monitor keeps what lies beyond the IPA space, and its own faults */
	if (ipa == INVALID_GPA || gpa >= kvm_realm_shared_bit(kvm) ||
	    (!esr_fsc_is_translation_fault(esr) && !esr_fsc_is_permission_fault(esr)))
		return kvm_realm_fatal(kvm, SMC_RMI_REC_ENTER, RMI_SUCCESS);

	guard(srcu)(&kvm->srcu);

	if (kvm_realm_ipa_is_shared(kvm, ipa))
		return shared_abort(vcpu, gpa);
	return private_abort(vcpu, gpa);
}
