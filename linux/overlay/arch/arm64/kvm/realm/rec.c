// SPDX-License-Identifier: GPL-2.0-only
/*
 * Running a REC: loading it on a CPU, what is written into the entry page, the
 * call itself, and what is read from the exit page before interrupts are
 * opened again.
 *
 * The registers of a realm are the monitor's.  What KVM keeps in vcpu->arch
 * for a REC is a copy of what the last exit showed, for the emulation code and
 * for user space; only the entry page goes back.
 *
 * Realm Management Monitor specification: REC entry, REC exit.
 */

#include <linux/context_tracking.h>
#include <linux/kvm_host.h>
#include <linux/sched/stat.h>

#include <asm/daifflags.h>
#include <asm/kvm_asm.h>
#include <asm/kvm_emulate.h>
#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>

#include <kvm/arm_arch_timer.h>
#include <kvm/arm_vgic.h>

/**
 * kvm_realm_rec_load() - kvm_arch_vcpu_load() for a REC
 * @vcpu: the vCPU
 * @cpu:  the CPU it is going to run on
 *
 * Stage 2, VMID, traps, debug and EL1 registers of a REC are the monitor's:
 * nothing of them is loaded.  The FP registers are treated as for any vCPU,
 * although the monitor switches them: loading leaves PSTATE.SM and ZA zero, so
 * that no streaming state is live in REC_ENTER, and takes fp_owner from the
 * vCPU that may have run here before.
 */
void kvm_realm_rec_load(struct kvm_vcpu *vcpu, int cpu)
{
	vcpu->cpu = cpu;

	kvm_timer_vcpu_load(vcpu);
	kvm_vgic_load(vcpu);
	kvm_arch_vcpu_load_fp(vcpu);

	vcpu->arch.rec->trap_wfe = !single_task_running();
	vcpu->arch.pid = pid_nr(vcpu->pid);
}

/**
 * kvm_realm_rec_put() - kvm_arch_vcpu_put() for a REC
 * @vcpu: the vCPU
 */
void kvm_realm_rec_put(struct kvm_vcpu *vcpu)
{
	kvm_arch_vcpu_put_fp(vcpu);
	kvm_timer_vcpu_put(vcpu);
	kvm_vgic_put(vcpu);

	vcpu->cpu = -1;
}

/**
 * kvm_realm_pre_run() - finish what the last exit to user space left open
 * @vcpu: the vCPU, not loaded
 *
 * Called at the start of KVM_RUN.  Each step is taken once: what was done stays
 * done when a later one fails.
 *
 * Return: 1 to go on, 0 with kvm_run filled, or a negative errno: -EINVAL for
 * a realm that is not active.
 */
int kvm_realm_pre_run(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	int ret = 1;

	lockdep_assert_held(&vcpu->mutex);

	if (kvm_realm_state(vcpu->kvm) != KVM_REALM_ACTIVE)
		return -EINVAL;

	if (vcpu->run->exit_reason == KVM_EXIT_MMIO)
		kvm_handle_mmio_return(vcpu);

	if (rec->exit.ripas)
		ret = kvm_realm_set_ripas(vcpu);

	if (ret > 0 && rec->exit.psci_user)
		ret = kvm_realm_psci_return(vcpu);

	return ret;
}

/**
 * kvm_realm_mmio_return() - the answer to an emulated access goes to the monitor
 * @vcpu: the vCPU; for a read the data is in kvm_run
 *
 * Data is no wider than the access.  Sign extension, the choice of the register
 * and the step over the instruction are the monitor's.
 */
void kvm_realm_mmio_return(struct kvm_vcpu *vcpu)
{
	struct rmi_rec_enter *enter = &vcpu->arch.rec->run->enter;

	if (!kvm_vcpu_dabt_iswrite(vcpu))
		enter->gprs[0] = kvm_mmio_read_buf(vcpu->run->mmio.data,
						   kvm_vcpu_dabt_get_as(vcpu));
	enter->flags |= RMI_REC_ENTER_EMULATED_MMIO;
}

/**
 * kvm_realm_inject_sea() - a synchronous external abort at the next entry
 * @vcpu: the vCPU
 *
 * The monitor injects one only for an access that left the realm with a data
 * abort in the shared half.
 *
 * Return: 1
 */
int kvm_realm_inject_sea(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;

	lockdep_assert_held(&vcpu->mutex);

	if (!rec->exit.shared_dabt) {
		kvm_realm_cannot_inject(vcpu, "external abort");
		return 1;
	}

	rec->run->enter.flags |= RMI_REC_ENTER_INJECT_SEA;
	return 1;
}

/**
 * kvm_realm_cannot_inject() - an exception that the host cannot give to a realm
 * @vcpu: the vCPU
 * @what: its name
 *
 * A realm can provoke this: a line in the log, no splat.
 */
void kvm_realm_cannot_inject(struct kvm_vcpu *vcpu, const char *what)
{
	vcpu->arch.rec->nr_not_injected++;
	kvm_pr_unimpl("realm vCPU %d: %s not injected (esr %#llx, %llu so far)\n",
		      vcpu->vcpu_id, what, kvm_vcpu_get_esr(vcpu),
		      vcpu->arch.rec->nr_not_injected);
}

/**
 * kvm_realm_rec_flush() - the entry page, just before the entry
 * @vcpu: the vCPU, loaded
 *
 * WFI always traps, as KVM does without GICv4: the host's scheduler shall have
 * the CPU.
 */
void kvm_realm_rec_flush(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	struct rmi_rec_enter *enter = &rec->run->enter;

	lockdep_assert_irqs_disabled();

	enter->flags |= RMI_REC_ENTER_TRAP_WFI;
	if (rec->trap_wfe)
		enter->flags |= RMI_REC_ENTER_TRAP_WFE;

	/* Not earlier: user space may write results until it enters for good */
	if (rec->exit.host_call) {
		for (int i = 0; i < RMI_NR_GPRS; i++)
			enter->gprs[i] = vcpu_get_reg(vcpu, i);
		rec->exit.host_call = false;
	}

	rmi_rec_enter_regs(&rec->regs, rec->rec, rec->run_pa);

	/* A CPU_ON completed from here on is newer than what this entry shows */
	rec->entered_seq = READ_ONCE(rec->on_seq);
}

/**
 * kvm_realm_rec_enter() - REC_ENTER
 * @vcpu: the vCPU, loaded
 *
 * kvm_arm_vcpu_enter_exit() and __kvm_vcpu_run() for a REC.  noinstr: RCU does
 * not watch between guest_state_enter_irqoff() and guest_state_exit_irqoff().
 *
 * Return: ARM_EXCEPTION_IRQ if an interrupt is waiting for the host, else
 * ARM_EXCEPTION_TRAP; the result word is in @vcpu->arch.rec->result.
 */
int noinstr kvm_realm_rec_enter(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	unsigned long result;

	/*
	 * With interrupts masked by priority only, the GIC would not signal
	 * those of lower priority while the realm runs.  See __kvm_vcpu_run().
	 * Outside of what follows, as both ends tell the tracer.
	 */
	local_daif_mask();
	pmr_sync();

	guest_state_enter_irqoff();
	result = rmi_rec_enter(&rec->regs);
	guest_state_exit_irqoff();

	local_daif_restore(DAIF_PROCCTX_NOIRQ);

	rec->result = result;
	if (result)
		return ARM_EXCEPTION_TRAP;

	switch (rec->run->exit.exit_reason) {
	case RMI_EXIT_IRQ:
	case RMI_EXIT_FIQ:
		return ARM_EXCEPTION_IRQ;
	default:
		return ARM_EXCEPTION_TRAP;
	}
}

/* The syndrome as the emulation code expects it, from the exit page */
static void rec_sync_fault_info(struct kvm_vcpu *vcpu, const struct rmi_rec_exit *exit)
{
	struct kvm_vcpu_fault_info *fault = &vcpu->arch.fault;
	struct kvm_rec *rec = vcpu->arch.rec;
	gpa_t ipa;

	rec->exit.shared_dabt = false;
	*fault = (struct kvm_vcpu_fault_info){};

	switch (exit->exit_reason) {
	case RMI_EXIT_SYNC:
		fault->esr_el2 = exit->esr;
		switch (ESR_ELx_EC(exit->esr)) {
		case ESR_ELx_EC_DABT_LOW:
			ipa = FIELD_GET(HPFAR_EL2_FIPA, exit->hpfar) << 12;
			rec->exit.shared_dabt = kvm_realm_ipa_is_shared(vcpu->kvm, ipa);
			fallthrough;
		case ESR_ELx_EC_IABT_LOW:
			fault->far_el2 = exit->far;
			/* NS set is how KVM knows that HPFAR is valid */
			fault->hpfar_el2 = exit->hpfar | HPFAR_EL2_NS;
			break;
		case ESR_ELx_EC_WFx:
			/* The timeout is in gprs[0], whatever register the realm used */
			fault->esr_el2 &= ~(u64)ESR_ELx_WFx_ISS_RN;
			break;
		}
		break;
	case RMI_EXIT_SERROR:
		fault->esr_el2 = exit->esr;
		break;
	case RMI_EXIT_PSCI:
		fault->esr_el2 = FIELD_PREP(ESR_ELx_EC_MASK, ESR_ELx_EC_SMC64) | ESR_ELx_IL;
		break;
	case RMI_EXIT_HOST_CALL:
		fault->esr_el2 = FIELD_PREP(ESR_ELx_EC_MASK, ESR_ELx_EC_HVC64) | ESR_ELx_IL |
				 exit->imm;
		break;
	}
}

/**
 * kvm_realm_pmu_overflow() - is the overflow interrupt of the realm's PMU due?
 * @vcpu: the vCPU; as of its last exit
 */
bool kvm_realm_pmu_overflow(const struct kvm_vcpu *vcpu)
{
	return vcpu->arch.rec->run->exit.pmu_ovf_status;
}

/**
 * kvm_realm_rec_sync() - right after REC_ENTER, before the vGIC is read back
 * @vcpu: the vCPU, loaded
 *
 * The levels of the timer interrupts change here, so that the vGIC sees them,
 * and before interrupts are opened.  A refused entry left the exit page alone,
 * and what was asked of it (flags) stays for the next one.
 */
void kvm_realm_rec_sync(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	struct rmi_rec_exit *exit = &rec->run->exit;

	lockdep_assert_irqs_disabled();

	if (rec->result) {
		vcpu->arch.fault.esr_el2 = 0;
		return;
	}

	rec->run->enter.flags = 0;
	rec->exit.reason = exit->exit_reason;
	rec->maybe_off = false;

	rec_sync_fault_info(vcpu, exit);
	kvm_timer_rec_sync(vcpu, exit);
}
