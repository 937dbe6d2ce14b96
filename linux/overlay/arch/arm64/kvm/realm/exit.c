// SPDX-License-Identifier: GPL-2.0-only
/*
 * REC exits, by reason.
 *
 * KVM's own table is not used: the PC of a realm is not moved and no exception
 * is built by the host, the monitor does both.  So INCREMENT_PC and
 * PENDING_EXCEPTION are never left set for a REC.
 *
 * Realm Management Monitor specification: REC exit.
 */

#include <linux/acpi.h>
#include <linux/arm-smccc.h>
#include <linux/kvm_host.h>

#include <asm/acpi.h>
#include <asm/esr.h>
#include <asm/kvm_asm.h>
#include <asm/kvm_emulate.h>
#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>
#include <asm/traps.h>

#include <kvm/arm_arch_timer.h>
#include <kvm/arm_hypercalls.h>

#include <uapi/linux/psci.h>

#include "../trace_handle_exit.h"

/**
 * kvm_realm_report_fatal() - tell user space what the monitor said
 * @vcpu:   the vCPU
 * @fid:    the command
 * @result: its result word, or the errno of its wrapper
 * @reason: the exit reason it belongs to, 0 if to none
 *
 * The VM is dead from here on.
 *
 * Return: 0, with KVM_EXIT_INTERNAL_ERROR filled in
 */
int kvm_realm_report_fatal(struct kvm_vcpu *vcpu, u32 fid, long result, u64 reason)
{
	struct kvm_run *run = vcpu->run;

	kvm_realm_fatal(vcpu->kvm, fid, result);

	run->exit_reason = KVM_EXIT_INTERNAL_ERROR;
	run->internal.suberror = KVM_INTERNAL_ERROR_UNEXPECTED_EXIT_REASON;
	run->internal.ndata = 3;
	run->internal.data[0] = fid;
	run->internal.data[1] = result;
	run->internal.data[2] = reason;

	return 0;
}

/* An exit that nobody here can serve: the entry itself was a success */
static int rec_unexpected_exit(struct kvm_vcpu *vcpu)
{
	return kvm_realm_report_fatal(vcpu, SMC_RMI_REC_ENTER, RMI_SUCCESS,
				      vcpu->arch.rec->exit.reason);
}

/*
 * The monitor has moved the PC already.  With the time-out forms gprs[0] is the
 * time to wake up at; rec_sync_fault_info() has made the syndrome name X0.
 */
static int rec_handle_wfx(struct kvm_vcpu *vcpu)
{
	u64 esr = kvm_vcpu_get_esr(vcpu);
	bool is_wfe = esr & ESR_ELx_WFx_ISS_WFE;

	trace_kvm_wfx_arm64(*vcpu_pc(vcpu), is_wfe);
	if (is_wfe)
		vcpu->stat.wfe_exit_stat++;
	else
		vcpu->stat.wfi_exit_stat++;

	if (esr & ESR_ELx_WFx_ISS_WFxT) {
		u64 until = vcpu->arch.rec->run->exit.gprs[0];

		if (!(esr & ESR_ELx_WFx_ISS_RV)) {
			esr &= ~ESR_ELx_WFx_ISS_WFxT;
		} else {
			if (kvm_phys_timer_read() >= until)
				return 1;
			vcpu_set_reg(vcpu, 0, until);
		}
	}

	if (is_wfe) {
		kvm_vcpu_on_spin(vcpu, vcpu_mode_priv(vcpu));
	} else {
		if (esr & ESR_ELx_WFx_ISS_WFxT)
			vcpu_set_flag(vcpu, IN_WFIT);
		kvm_vcpu_wfi(vcpu);
	}

	return 1;
}

/*
 * Our monitor reports Rt as 0, others tell which register it was: data goes
 * through gprs[0] either way.
 */
static int rec_handle_sysreg(struct kvm_vcpu *vcpu)
{
	struct rmi_rec_run *run = vcpu->arch.rec->run;
	int rt = kvm_vcpu_sys_get_rt(vcpu);

	vcpu_set_reg(vcpu, rt, run->exit.gprs[0]);
	kvm_handle_sys_reg(vcpu);
	run->enter.gprs[0] = vcpu_get_reg(vcpu, rt);

	vcpu_clear_flag(vcpu, INCREMENT_PC);
	return 1;
}

static int rec_handle_abort(struct kvm_vcpu *vcpu)
{
	/*
	 * An external abort was reported, and given to the realm where it could
	 * not be restarted.  What is left is the host's log.
	 */
	if (kvm_vcpu_abt_issea(vcpu)) {
		apei_claim_sea(NULL);
		return 1;
	}

	/* Write data, where the emulation looks for it; it is masked already */
	if (vcpu->arch.rec->exit.shared_dabt && kvm_vcpu_dabt_isvalid(vcpu) &&
	    kvm_vcpu_dabt_iswrite(vcpu))
		vcpu_set_reg(vcpu, kvm_vcpu_dabt_get_rd(vcpu),
			     vcpu->arch.rec->run->exit.gprs[0]);

	return kvm_realm_guest_abort(vcpu);
}

static int rec_handle_sync(struct kvm_vcpu *vcpu)
{
	switch (kvm_vcpu_trap_get_class(vcpu)) {
	case ESR_ELx_EC_WFx:
		return rec_handle_wfx(vcpu);
	case ESR_ELx_EC_SYS64:
		return rec_handle_sysreg(vcpu);
	case ESR_ELx_EC_DABT_LOW:
	case ESR_ELx_EC_IABT_LOW:
		return rec_handle_abort(vcpu);
	default:
		return rec_unexpected_exit(vcpu);
	}
}

/*
 * Calls that would change KVM's view of a CPU behind the monitor's back, that
 * promise entropy which the host could choose, or that describe time and
 * memory of a vCPU which the host does not have.
 */
static bool rec_host_call_refused(struct kvm_vcpu *vcpu)
{
	u32 fid = smccc_get_function(vcpu);

	switch (fid) {
	case PSCI_0_2_FN_BASE ... PSCI_0_2_FN(0x1f):
	case PSCI_0_2_FN64_BASE ... PSCI_0_2_FN64(0x1f):
	case ARM_SMCCC_TRNG_VERSION:
	case ARM_SMCCC_TRNG_FEATURES:
	case ARM_SMCCC_TRNG_GET_UUID:
	case ARM_SMCCC_TRNG_RND32:
	case ARM_SMCCC_TRNG_RND64:
	case ARM_SMCCC_VENDOR_HYP_KVM_PTP_FUNC_ID:
	case ARM_SMCCC_HV_PV_TIME_FEATURES:
	case ARM_SMCCC_HV_PV_TIME_ST:
		return true;
	case ARM_SMCCC_ARCH_FEATURES_FUNC_ID:
		return smccc_get_arg1(vcpu) == ARM_SMCCC_HV_PV_TIME_FEATURES;
	default:
		return false;
	}
}

/* All 31 registers in; all 31 go back with the next entry */
static int rec_handle_host_call(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;

	for (int i = 0; i < RMI_NR_GPRS; i++)
		vcpu_set_reg(vcpu, i, rec->run->exit.gprs[i]);
	rec->exit.host_call = true;

	trace_kvm_hvc_arm64(*vcpu_pc(vcpu), vcpu_get_reg(vcpu, 0), rec->run->exit.imm);
	vcpu->stat.hvc_exit_stat++;

	if (rec_host_call_refused(vcpu)) {
		smccc_set_retval(vcpu, SMCCC_RET_NOT_SUPPORTED, 0, 0, 0);
		return 1;
	}

	return kvm_smccc_call_handler(vcpu);
}

/*
 * User space is asked first: it decides whether the page may be private or
 * shared.  The change itself is made at the next KVM_RUN, in ripas.c.
 */
static int rec_handle_ripas_change(struct kvm_vcpu *vcpu)
{
	struct rmi_rec_exit *exit = &vcpu->arch.rec->run->exit;
	struct kvm_rec *rec = vcpu->arch.rec;

	rec->exit.ripas = true;
	rec->exit.ripas_base = exit->ripas_base;
	rec->exit.ripas_top = exit->ripas_top;
	rec->exit.ripas_ram = exit->ripas_value == RMI_RIPAS_RAM;

	kvm_prepare_memory_fault_exit(vcpu, exit->ripas_base,
				      exit->ripas_top - exit->ripas_base,
				      false, false, rec->exit.ripas_ram);
	return -EFAULT;
}

/* What the host has to know of it; the monitor has told the realm */
static int rec_handle_serror(struct kvm_vcpu *vcpu)
{
	u64 esr = kvm_vcpu_get_esr(vcpu);

	if (arm64_is_ras_serror(esr))
		arm64_is_fatal_ras_serror(NULL, esr);
	return 1;
}

static int rec_handle_refused_entry(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;

	switch (rmi_status(rec->result)) {
	case RMI_ERROR_REALM:
		/* Another vCPU has switched the realm off */
		vcpu->run->exit_reason = KVM_EXIT_SHUTDOWN;
		return 0;
	case RMI_ERROR_REC:
		if (kvm_realm_rec_is_off(vcpu))
			return 1;
		break;
	case RMI_BUSY:
	case RMI_BLOCKED:
		/* The loop looks for signals before it tries again */
		return 1;
	}

	return kvm_realm_report_fatal(vcpu, SMC_RMI_REC_ENTER, rec->result, 0);
}

static int rec_handle_exit(struct kvm_vcpu *vcpu)
{
	struct kvm_rec *rec = vcpu->arch.rec;

	if (rec->result)
		return rec_handle_refused_entry(vcpu);

	switch (rec->exit.reason) {
	case RMI_EXIT_SYNC:
		return rec_handle_sync(vcpu);
	case RMI_EXIT_IRQ:
	case RMI_EXIT_FIQ:
		return 1;
	case RMI_EXIT_PSCI:
		return kvm_realm_handle_psci(vcpu);
	case RMI_EXIT_RIPAS_CHANGE:
		return rec_handle_ripas_change(vcpu);
	case RMI_EXIT_HOST_CALL:
		return rec_handle_host_call(vcpu);
	case RMI_EXIT_SERROR:
		return rec_handle_serror(vcpu);
	default:
		return rec_unexpected_exit(vcpu);
	}
}

/**
 * kvm_realm_handle_exit() - handle_exit() for a REC
 * @vcpu: the vCPU, loaded, preemptible
 *
 * Return: 1 to enter again, 0 with kvm_run filled, or a negative errno (-EFAULT
 * comes with KVM_EXIT_MEMORY_FAULT).  Whatever the monitor said that nobody
 * expected is 0 with KVM_EXIT_INTERNAL_ERROR, and the VM is dead.
 */
int kvm_realm_handle_exit(struct kvm_vcpu *vcpu)
{
	struct kvm_realm *realm = kvm_to_realm(vcpu->kvm);
	int ret = rec_handle_exit(vcpu);

	/* Met deeper down, where there is no vCPU to report it with */
	if (ret == -EIO && smp_load_acquire(&realm->fatal))
		return kvm_realm_report_fatal(vcpu, realm->fatal_fid, realm->fatal_ret,
					      vcpu->arch.rec->exit.reason);
	return ret;
}
