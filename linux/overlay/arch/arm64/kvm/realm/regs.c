// SPDX-License-Identifier: GPL-2.0-only
/*
 * What user space may see and set of a realm's vCPU.
 *
 * Until the realm is activated a vCPU is a description of the REC that will be
 * made: X0 to X7 and the PC of vCPU 0, the number of breakpoints and
 * watchpoints, the vector length.  Afterwards X0 to X30 carry what an exit asks
 * of user space, and nothing else means anything.
 */

#include <linux/kvm_host.h>
#include <linux/uaccess.h>

#include <asm/kvm_emulate.h>
#include <asm/kvm_realm.h>
#include <asm/rmi_smc.h>
#include <asm/sysreg.h>

#define CORE_REG_U64(field)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
				 KVM_REG_ARM_CORE_REG(field))

/* ID_AA64DFR0_EL1 */
#define REG_DFR0		ARM64_SYS_REG(3, 0, 0, 5, 0)

/**
 * kvm_realm_vcpu_features() - bits of kvm_vcpu_init.features[0] a realm may ask for
 */
unsigned long kvm_realm_vcpu_features(void)
{
	unsigned long features = KVM_VCPU_VALID_FEATURES;

	clear_bit(KVM_ARM_VCPU_EL1_32BIT, &features);
	clear_bit(KVM_ARM_VCPU_HAS_EL2, &features);
	clear_bit(KVM_ARM_VCPU_HAS_EL2_E2H0, &features);
	clear_bit(KVM_ARM_VCPU_PMU_V3_STRICT, &features);
	if (!(rmi_feature_regs[0] & RMI_FEATURE_0_PMU))
		clear_bit(KVM_ARM_VCPU_PMU_V3, &features);
	if (!(rmi_feature_regs[0] & RMI_FEATURE_0_SVE))
		clear_bit(KVM_ARM_VCPU_SVE, &features);

	return features;
}

/**
 * kvm_realm_vcpu_init() - may KVM_ARM_VCPU_INIT go on?
 * @vcpu:      the vCPU
 * @init:      the features it is to have
 * @power_off: set for every vCPU but 0: the others are started by the realm
 *
 * Return: 0, -EBUSY when the realm was activated: RECs cannot be reset, or -EINVAL
 * when the monitor was told of a realm with or without SVE or PMU and this is another.
 */
int kvm_realm_vcpu_init(struct kvm_vcpu *vcpu, const struct kvm_vcpu_init *init,
			bool *power_off)
{
	const struct kvm_realm *realm = kvm_to_realm(vcpu->kvm);
	unsigned long features = init->features[0];

	if (kvm_realm_state(vcpu->kvm) >= KVM_REALM_ACTIVE)
		return -EBUSY;
	if (kvm_realm_state(vcpu->kvm) == KVM_REALM_NEW &&
	    (test_bit(KVM_ARM_VCPU_SVE, &features) != !!realm->sve_vq ||
	     test_bit(KVM_ARM_VCPU_PMU_V3, &features) != realm->pmu))
		return -EINVAL;

	if (vcpu->vcpu_id)
		*power_off = true;

	return 0;
}

/**
 * kvm_realm_sve_max_vl() - longest vector of a realm's vCPU
 * @host_max_vl: longest of an ordinary vCPU, in bytes
 */
unsigned int kvm_realm_sve_max_vl(unsigned int host_max_vl)
{
	unsigned int vq = FIELD_GET(RMI_FEATURE_0_SVE_VL, rmi_feature_regs[0]) + 1;

	return min(host_max_vl, sve_vl_from_vq(vq));
}

/**
 * kvm_realm_vcpu_vq() - vector length of a vCPU in 128 bits, 0 without SVE
 * @vcpu: the vCPU
 */
unsigned int kvm_realm_vcpu_vq(const struct kvm_vcpu *vcpu)
{
	return vcpu_has_sve(vcpu) ? sve_vq_from_vl(vcpu->arch.sve_max_vl) : 0;
}

/**
 * kvm_realm_vcpu_attr_allowed() - has a realm's vCPU this attribute?
 * @attr: of KVM_SET_DEVICE_ATTR and its kin
 *
 * No stolen time; and the monitor lets a realm count every event.
 */
bool kvm_realm_vcpu_attr_allowed(const struct kvm_device_attr *attr)
{
	switch (attr->group) {
	case KVM_ARM_VCPU_TIMER_CTRL:
		return true;
	case KVM_ARM_VCPU_PMU_V3_CTRL:
		return rmi_feature_regs[0] & RMI_FEATURE_0_PMU &&
		       attr->attr != KVM_ARM_VCPU_PMU_V3_FILTER;
	default:
		return false;
	}
}

/* What the monitor is told when the realm is created can no longer change */
static bool realm_is_described(struct kvm *kvm)
{
	return kvm_realm_state(kvm) != KVM_REALM_NONE;
}

/**
 * kvm_realm_check_set_reg() - may user space set a register?
 * @vcpu: the vCPU
 * @id:   KVM_SET_ONE_REG's id
 *
 * Return: 0, -EINVAL for a register that is the monitor's, -EPERM for one that
 * went into the realm descriptor.
 */
int kvm_realm_check_set_reg(struct kvm_vcpu *vcpu, u64 id)
{
	switch (id) {
	case CORE_REG_U64(regs.regs[0]) ... CORE_REG_U64(regs.regs[30]):
	case CORE_REG_U64(regs.pc):
	case REG_DFR0:
		return 0;
	case KVM_REG_ARM64_SVE_VLS:
		return realm_is_described(vcpu->kvm) ? -EPERM : 0;
	default:
		return -EINVAL;
	}
}

/* The registers of KVM_GET_REG_LIST beside the core ones */
static unsigned long copy_other_indices(struct kvm_vcpu *vcpu, u64 ids[2])
{
	unsigned long n = 0;

	if (vcpu_has_sve(vcpu))
		ids[n++] = KVM_REG_ARM64_SVE_VLS;
	ids[n++] = REG_DFR0;

	return n;
}

/**
 * kvm_realm_num_regs() - registers in KVM_GET_REG_LIST, the core ones aside
 * @vcpu: the vCPU
 */
unsigned long kvm_realm_num_regs(struct kvm_vcpu *vcpu)
{
	u64 ids[2];

	return copy_other_indices(vcpu, ids);
}

/**
 * kvm_realm_copy_reg_indices() - the ids that kvm_realm_num_regs() counts
 * @vcpu:     the vCPU
 * @uindices: where the core registers end
 *
 * Return: 0 or -EFAULT
 */
int kvm_realm_copy_reg_indices(struct kvm_vcpu *vcpu, u64 __user *uindices)
{
	u64 ids[2];
	unsigned long n = copy_other_indices(vcpu, ids);

	return copy_to_user(uindices, ids, n * sizeof(*ids)) ? -EFAULT : 0;
}

/* Lower a field of @val, minus one encoded, to what the monitor offers */
static u64 limit_count(u64 val, u64 mask, u64 offered)
{
	u64 field = (val & mask) >> __ffs(mask);

	field = min(field, max(offered, 1ULL));
	return (val & ~mask) | (field << __ffs(mask));
}

/**
 * kvm_realm_limit_dfr0() - ID_AA64DFR0_EL1 of a realm before user space lowers it
 * @val: its value for an ordinary VM
 */
u64 kvm_realm_limit_dfr0(u64 val)
{
	u64 reg0 = rmi_feature_regs[0];

	val = limit_count(val, ID_AA64DFR0_EL1_BRPs_MASK,
			  FIELD_GET(RMI_FEATURE_0_NUM_BPS, reg0));
	val = limit_count(val, ID_AA64DFR0_EL1_WRPs_MASK,
			  FIELD_GET(RMI_FEATURE_0_NUM_WPS, reg0));
	if (FIELD_GET(ID_AA64DFR0_EL1_CTX_CMPs_MASK, val) >
	    FIELD_GET(ID_AA64DFR0_EL1_BRPs_MASK, val)) {
		u64 brps = FIELD_GET(ID_AA64DFR0_EL1_BRPs_MASK, val);

		val &= ~ID_AA64DFR0_EL1_CTX_CMPs_MASK;
		val |= FIELD_PREP(ID_AA64DFR0_EL1_CTX_CMPs_MASK, brps);
	}

	return val;
}

/**
 * kvm_realm_check_dfr0() - is a value for ID_AA64DFR0_EL1 acceptable?
 * @val:   what user space wants
 * @limit: what kvm_realm_limit_dfr0() offers
 *
 * Breakpoints, watchpoints and what depends on them may be lowered; at least
 * two of each are left, as the architecture has it.
 *
 * Return: 0 or -EINVAL
 */
int kvm_realm_check_dfr0(u64 val, u64 limit)
{
	const u64 lower = ID_AA64DFR0_EL1_BRPs_MASK | ID_AA64DFR0_EL1_WRPs_MASK |
			  ID_AA64DFR0_EL1_CTX_CMPs_MASK | ID_AA64DFR0_EL1_DebugVer_MASK;
	u64 brps = FIELD_GET(ID_AA64DFR0_EL1_BRPs_MASK, val);
	u64 wrps = FIELD_GET(ID_AA64DFR0_EL1_WRPs_MASK, val);
	u64 ctx = FIELD_GET(ID_AA64DFR0_EL1_CTX_CMPs_MASK, val);
	u64 ver = FIELD_GET(ID_AA64DFR0_EL1_DebugVer_MASK, val);

	if ((val ^ limit) & ~lower)
		return -EINVAL;
	if (!brps || brps > FIELD_GET(ID_AA64DFR0_EL1_BRPs_MASK, limit))
		return -EINVAL;
	if (!wrps || wrps > FIELD_GET(ID_AA64DFR0_EL1_WRPs_MASK, limit))
		return -EINVAL;
	if (ctx > brps || ctx > FIELD_GET(ID_AA64DFR0_EL1_CTX_CMPs_MASK, limit))
		return -EINVAL;
	if (ver < ID_AA64DFR0_EL1_DebugVer_IMP ||
	    ver > FIELD_GET(ID_AA64DFR0_EL1_DebugVer_MASK, limit))
		return -EINVAL;

	return 0;
}

/**
 * kvm_realm_dfr0_is_fixed() - has the value gone into the realm descriptor?
 * @kvm: the VM
 */
bool kvm_realm_dfr0_is_fixed(struct kvm *kvm)
{
	lockdep_assert_held(&kvm->arch.config_lock);

	return realm_is_described(kvm);
}

/**
 * kvm_realm_set_vcpu_events() - KVM_SET_VCPU_EVENTS
 * @vcpu:   the vCPU
 * @events: what user space wants
 *
 * The only event a realm can be given is the answer to an access that user
 * space is emulating: an external abort instead of data.
 *
 * Return: 0 or -EINVAL
 */
int kvm_realm_set_vcpu_events(struct kvm_vcpu *vcpu, struct kvm_vcpu_events *events)
{
	if (events->exception.serror_pending)
		return -EINVAL;
	if (!events->exception.ext_dabt_pending)
		return 0;
	if (!vcpu->mmio_needed)
		return -EINVAL;

	vcpu->mmio_needed = 0;
	kvm_realm_inject_sea(vcpu);
	return 0;
}
