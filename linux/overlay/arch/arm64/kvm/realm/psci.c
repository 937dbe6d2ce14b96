// SPDX-License-Identifier: GPL-2.0-only
/*
 * PSCI of a realm.
 *
 * The monitor checks each call, carries out what is its own and then leaves
 * with the function identifier, so that the host can schedule accordingly.
 * Only CPU_ON waits for an answer (PSCI_COMPLETE): until then the caller cannot
 * be entered.
 *
 * Two views of "on" exist.  The monitor's is the true one; KVM's mp_state only
 * says whether the vCPU's thread should try.  They are kept together like this:
 *
 *  - CPU_ON is completed under the target's mp_state_lock, and on_seq counts it.
 *  - Each entry notes on_seq first.  A CPU_OFF that comes out of an entry with
 *    an older count may have been overtaken by a CPU_ON: then the thread does
 *    not stop but tries to enter, and the monitor decides.
 *  - An entry that is refused for a vCPU which may be off stops the thread,
 *    unless yet another CPU_ON was completed since.
 *
 * Nothing of this shows in KVM_RUN.
 *
 * Realm Management Monitor specification: RMI_PSCI_COMPLETE, PSCI.
 */

#include <linux/arm-smccc.h>
#include <linux/kvm_host.h>

#include <asm/kvm_emulate.h>
#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>

#include <kvm/arm_hypercalls.h>
#include <kvm/arm_psci.h>

#include <uapi/linux/psci.h>

/* The thread of a vCPU goes to sleep before its next entry */
static void rec_stop(struct kvm_vcpu *vcpu)
{
	lockdep_assert_held(&vcpu->arch.mp_state_lock);

	vcpu->arch.rec->on = false;
	WRITE_ONCE(vcpu->arch.mp_state.mp_state, KVM_MP_STATE_STOPPED);
	kvm_make_request(KVM_REQ_SLEEP, vcpu);
}

/**
 * kvm_realm_rec_is_off() - was an entry refused because the REC is off?
 * @vcpu: the vCPU whose REC_ENTER returned RMI_ERROR_REC
 *
 * If so its thread sleeps until the CPU_ON comes.  Also true if one came
 * meanwhile: then the entry is simply repeated.
 */
bool kvm_realm_rec_is_off(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;

	guard(spinlock)(&vcpu->arch.mp_state_lock);

	if (rec->on_seq != rec->entered_seq)
		return true;

	if (rec->on && !rec->maybe_off)
		return false;

	rec->maybe_off = false;
	rec_stop(vcpu);
	return true;
}

/* CPU_OFF: the monitor has made the REC not runnable */
static void rec_cpu_off(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;

	guard(spinlock)(&vcpu->arch.mp_state_lock);

	if (rec->on_seq == rec->entered_seq)
		rec_stop(vcpu);
	else
		rec->maybe_off = true;
}

/*
 * Let the caller's CPU_ON succeed.  PSCI_COMPLETE comes first and the target is
 * woken after it, so that no entry is too early.  Whether the target was off,
 * and what its registers are, is between the monitor and the realm.
 */
static long rec_cpu_on_accept(struct kvm_vcpu *vcpu, struct kvm_vcpu *target)
{
	struct kvm_rec *rec = target->arch.rec;
	long ret;

	guard(spinlock)(&target->arch.mp_state_lock);

	ret = rmi_psci_complete(vcpu->arch.rec->rec, PSCI_RET_SUCCESS);
	if (ret)
		return ret;

	rec->on = true;
	WRITE_ONCE(rec->on_seq, rec->on_seq + 1);
	WRITE_ONCE(target->arch.mp_state.mp_state, KVM_MP_STATE_RUNNABLE);
	kvm_vcpu_wake_up(target);
	return 0;
}

static int rec_cpu_on(struct kvm_vcpu *vcpu, bool accept)
{
	u64 mpidr = vcpu->arch.rec->exit.psci_mpidr;
	struct kvm_vcpu *target = kvm_mpidr_to_vcpu(vcpu->kvm, mpidr);
	long ret = RMI_ERROR_INPUT;

	if (!target || !accept)
		ret = rmi_psci_complete(vcpu->arch.rec->rec, (unsigned long)PSCI_RET_DENIED);

	/* A target that is on cannot be denied: the caller gets ALREADY_ON */
	if (target && rmi_status(ret) == RMI_ERROR_INPUT)
		ret = rec_cpu_on_accept(vcpu, target);

	if (ret)
		return kvm_realm_report_fatal(vcpu, SMC_RMI_PSCI_COMPLETE, ret, RMI_EXIT_PSCI);
	return 1;
}

/**
 * kvm_realm_handle_psci() - REC exit due to PSCI
 * @vcpu: the vCPU
 *
 * Arguments are in X0 to X3 for whoever handles the call.  Results other than
 * CPU_ON's are not passed on: the monitor has given its own.
 *
 * Return: as kvm_realm_handle_exit()
 */
int kvm_realm_handle_psci(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;
	bool to_user;
	u8 action;
	u32 fid;

	for (int i = 0; i < 4; i++)
		vcpu_set_reg(vcpu, i, rec->run->exit.gprs[i]);

	fid = smccc_get_function(vcpu);
	action = kvm_smccc_filter_action(vcpu, fid);
	to_user = action == KVM_SMCCC_FILTER_FWD_TO_USER;

	switch (fid) {
	case PSCI_0_2_FN_CPU_ON:
	case PSCI_0_2_FN64_CPU_ON:
		rec->exit.psci_mpidr = smccc_get_arg1(vcpu);
		if (!to_user)
			return rec_cpu_on(vcpu, action == KVM_SMCCC_FILTER_HANDLE);
		rec->exit.psci_user = true;
		break;
	case PSCI_0_2_FN_CPU_OFF:
		/* Off it is, whatever user space thinks of it */
		rec_cpu_off(vcpu);
		if (!to_user)
			return 1;
		break;
	}

	return kvm_smccc_call_handler(vcpu);
}

/**
 * kvm_realm_psci_return() - user space has answered a CPU_ON
 * @vcpu: the vCPU that called, X0 as user space left it
 *
 * Return: as kvm_realm_pre_run()
 */
int kvm_realm_psci_return(struct kvm_vcpu *vcpu)
{
	int answer = vcpu_get_reg(vcpu, 0);

	vcpu->arch.rec->exit.psci_user = false;
	return rec_cpu_on(vcpu, answer == PSCI_RET_SUCCESS || answer == PSCI_RET_ALREADY_ON);
}
