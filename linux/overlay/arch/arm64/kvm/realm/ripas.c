// SPDX-License-Identifier: GPL-2.0-only
/*
 * RIPAS: whether a page of the private half is RAM to the realm.
 *
 * It is set for the guest's memory before the realm runs (INIT_RIPAS), and
 * changed later only because the realm asks for it (SET_RIPAS).  A realm names
 * any range it likes, so what is granted is bounded by what user space has:
 * only pages in slots with a guest_memfd, whose attribute says what the realm
 * asks for.  That also bounds the tables a realm can make the host build.
 *
 * Realm Management Monitor specification: RMI_RTT_INIT_RIPAS, RMI_RTT_SET_RIPAS.
 */

#include <linux/kvm_host.h>
#include <linux/sched/signal.h>

#include <asm/kvm_mmu.h>
#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>

#define RTT_LAST_LEVEL	3

/*
 * The monitor stopped at an entry that covers more than the range: one more
 * level.  Anything else it may say of a walk cannot be helped from here.
 */
static int ripas_make_table(struct kvm *kvm, gpa_t ipa, long ret)
{
	int level = rmi_level(ret);

	if (rmi_status(ret) != RMI_ERROR_RTT || level >= RTT_LAST_LEVEL)
		return -ENXIO;

	return realm_make_table(kvm, ipa, level + 1);
}

/**
 * kvm_realm_init_ripas() - declare a range RAM before the realm runs
 * @kvm:   the VM; its realm is NEW
 * @start: first byte
 * @end:   first byte after it; both page aligned and in the private half
 *
 * Pages that were populated are RAM already and stay as they are.
 *
 * Return: 0, -ENOMEM, -EINTR (fatal signal), or -EIO for an answer that nobody
 * expected.
 */
int kvm_realm_init_ripas(struct kvm *kvm, gpa_t start, gpa_t end)
{
	phys_addr_t rd = kvm_to_realm(kvm)->rd;

	lockdep_assert_held(&kvm->slots_lock);

	while (start < end) {
		long ret;
		int err;

		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();

		err = kvm_realm_topup(kvm);
		if (err)
			return err;

		scoped_guard(write_lock, &kvm->mmu_lock) {
			gpa_t top;

			ret = rmi_rtt_init_ripas(rd, start, end, &top);
			if (!ret)
				start = top;
			else
				err = ripas_make_table(kvm, start, ret);
		}

		if (err == -ENXIO)
			return kvm_realm_fatal(kvm, SMC_RMI_RTT_INIT_RIPAS, ret);
		if (err)
			return err;
	}

	return 0;
}

/*
 * How much of a request user space has agreed to, from its base on: it agrees by
 * having set the attribute, and refuses by leaving it.
 */
static gpa_t ripas_agreed_top(struct kvm *kvm, gpa_t base, gpa_t top, bool ram)
{
	gfn_t gfn = gpa_to_gfn(base), end = gpa_to_gfn(top);

	lockdep_assert_held(&kvm->slots_lock);

	while (gfn < end) {
		struct kvm_memory_slot *slot = gfn_to_memslot(kvm, gfn);
		gfn_t slot_end;

		if (!slot || !kvm_slot_has_gmem(slot))
			break;

		slot_end = min(end, slot->base_gfn + slot->npages);
		if (kvm_range_has_memory_attributes(kvm, gfn, slot_end,
						    KVM_MEMORY_ATTRIBUTE_PRIVATE,
						    ram ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0)) {
			gfn = slot_end;
			continue;
		}

		while (gfn < slot_end && kvm_mem_is_private(kvm, gfn) == ram) {
			gfn++;
			if (!(gfn % 1024))
				cond_resched();
		}
		if (gfn < slot_end)
			break;
	}

	return gfn_to_gpa(gfn);
}

/*
 * One step over at most @top.  @rec->exit.ripas_base moves with what was done.
 * Return: 0, -ENXIO if the monitor goes no further, or a negative errno.
 */
static int ripas_step(struct kvm_vcpu *vcpu, gpa_t top)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	struct kvm *kvm = vcpu->kvm;
	gpa_t reached;
	long ret;
	int err;

	err = kvm_realm_topup(kvm);
	if (err)
		return err;

	guard(write_lock)(&kvm->mmu_lock);

	ret = rmi_rtt_set_ripas(kvm_to_realm(kvm)->rd, rec->rec, rec->exit.ripas_base, top,
				&reached);
	if (ret < 0 || (ret && rmi_status(ret) != RMI_ERROR_RTT))
		return kvm_realm_fatal(kvm, SMC_RMI_RTT_SET_RIPAS, ret);
	if (ret)
		return ripas_make_table(kvm, rec->exit.ripas_base, ret);

	/* In front of a page that was destroyed, and the realm did not allow that */
	if (reached <= rec->exit.ripas_base)
		return -ENXIO;

	rec->exit.ripas_base = reached;
	return 0;
}

/**
 * kvm_realm_set_ripas() - carry out a RIPAS change that user space has seen
 * @vcpu: the vCPU that asked, not loaded
 *
 * The realm learns how far it got, and asks again for the rest; so a partial
 * change is always good enough, and the loop ends early when somebody wants
 * this thread.  With no page changed RAM is refused, be it that user space does
 * not agree, or that the realm did not allow the change of a page that was
 * destroyed: it would ask for the same range for ever.  There is no way to
 * refuse the other direction, the realm just sees no progress.
 *
 * Return: 1 to go on, 0 with kvm_run filled, -ENOMEM if not even one page could
 * be changed (KVM_RUN may be repeated)
 */
int kvm_realm_set_ripas(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	struct kvm *kvm = vcpu->kvm;
	gpa_t start = rec->exit.ripas_base;
	gpa_t top = rec->exit.ripas_top;
	int err = 0;

	if (start < top && top <= kvm_realm_shared_bit(kvm)) {
		guard(mutex)(&kvm->slots_lock);

		top = ripas_agreed_top(kvm, start, top, rec->exit.ripas_ram);
		while (!err && rec->exit.ripas_base < top) {
			err = ripas_step(vcpu, top);
			if (rec->exit.ripas_base > start && signal_pending(current))
				break;
			cond_resched();
		}
	} else {
		top = start;
	}

	if (err == -EIO) {
		struct kvm_realm *realm = kvm_to_realm(kvm);

		return kvm_realm_report_fatal(vcpu, realm->fatal_fid, realm->fatal_ret,
					      RMI_EXIT_RIPAS_CHANGE);
	}
	if (err && err != -ENXIO && rec->exit.ripas_base == start)
		return err;

	if (rec->exit.ripas_base == start && rec->exit.ripas_ram)
		rec->run->enter.flags |= RMI_REC_ENTER_RIPAS_REJECT;
	rec->exit.ripas = false;
	return 1;
}
