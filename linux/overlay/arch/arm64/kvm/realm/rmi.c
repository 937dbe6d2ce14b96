// SPDX-License-Identifier: GPL-2.0-only
/*
 * The monitor, once per boot: is it there, does it fit, switch it on.
 *
 * Ends in a static key. When realms cannot be had, KVM goes on without them,
 * and /sys/module/kvm/parameters/rmi names the layer that is missing.
 *
 * Commands: VERSION, FEATURES, RMM_CONFIG_SET, RMM_ACTIVATE,
 * GRANULE_TRACKING_GET, GPT_L1_CREATE, GPT_INFO.
 */
#include <linux/kvm_host.h>
#include <linux/memblock.h>
#include <linux/module.h>
#include <linux/suspend.h>

#include <asm/cpufeature.h>
#include <asm/kvm_mmu.h>
#include <asm/kvm_pgtable.h>
#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

DEFINE_STATIC_KEY_FALSE(kvm_rmi_available);

u64 rmi_feature_regs[RMI_NR_FEATURE_REGS] __ro_after_init;

/* From RMM_ACTIVATE on there are pages that only the monitor may touch */
static bool rmi_active __ro_after_init;

static char rmi_why[64] __ro_after_init = "not initialised";
module_param_string(rmi, rmi_why, sizeof(rmi_why), 0444);
MODULE_PARM_DESC(rmi, "ok, or why there are no realms");

/**
 * kvm_rmi_active() - may a page belong to the monitor?
 *
 * Such pages survive a kexec and cannot be saved or copied.
 */
bool kvm_rmi_active(void)
{
	return rmi_active;
}

/**
 * kvm_realm_ipa_limit() - widest IPA space of a realm, in bits
 */
u32 kvm_realm_ipa_limit(void)
{
	return min_t(u32, get_kvm_ipa_limit(),
		     FIELD_GET(RMI_FEATURE_0_S2SZ, rmi_feature_regs[0]));
}

static const char *rmi_status_name(long ret)
{
	static const char * const names[] = {
		[RMI_SUCCESS]			= "SUCCESS",
		[RMI_ERROR_INPUT]		= "ERROR_INPUT",
		[RMI_ERROR_REALM]		= "ERROR_REALM",
		[RMI_ERROR_REC]			= "ERROR_REC",
		[RMI_ERROR_RTT]			= "ERROR_RTT",
		[RMI_ERROR_NOT_SUPPORTED]	= "ERROR_NOT_SUPPORTED",
		[RMI_BUSY]			= "BUSY",
		[RMI_ERROR_GLOBAL]		= "ERROR_GLOBAL",
		[RMI_ERROR_TRACKING]		= "ERROR_TRACKING",
		[RMI_INCOMPLETE]		= "INCOMPLETE",
		[RMI_BLOCKED]			= "BLOCKED",
		[RMI_ERROR_GPT]			= "ERROR_GPT",
		[RMI_ERROR_GRANULE]		= "ERROR_GRANULE",
	};
	int status = rmi_status(ret);

	if (status >= 0 && status < ARRAY_SIZE(names) && names[status])
		return names[status];

	switch (ret) {
	case -EOPNOTSUPP:
		return "not implemented";
	case -ETIMEDOUT:
		return "timed out";
	case -ENOMEM:
		return "no memory";
	default:
		return "unexpected answer";
	}
}

static __printf(1, 2) bool __init rmi_no(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vscnprintf(rmi_why, sizeof(rmi_why), fmt, args);
	va_end(args);

	kvm_info("no realms: %s\n", rmi_why);
	return false;
}

static bool __init rmi_cpu_has_rme(void)
{
	u64 pfr0 = read_cpuid(ID_AA64PFR0_EL1);

	return cpuid_feature_extract_unsigned_field(pfr0, ID_AA64PFR0_EL1_RME_SHIFT);
}

static bool __init rmi_check_version(void)
{
	unsigned long lower, higher;
	long ret;

	ret = rmi_version(RMI_VERSION_2_0, &lower, &higher);
	if (ret == -EOPNOTSUPP)
		return rmi_no("no monitor");

	if (ret || FIELD_GET(RMI_VERSION_MAJOR, lower) != 2)
		return rmi_no("monitor speaks %lu.%lu to %lu.%lu, needed 2.0",
			      FIELD_GET(RMI_VERSION_MAJOR, lower),
			      FIELD_GET(RMI_VERSION_MINOR, lower),
			      FIELD_GET(RMI_VERSION_MAJOR, higher),
			      FIELD_GET(RMI_VERSION_MINOR, higher));

	kvm_info("RMI version %lu.%lu\n", FIELD_GET(RMI_VERSION_MAJOR, lower),
		 FIELD_GET(RMI_VERSION_MINOR, lower));
	return true;
}

static u64 __init rmi_granule_size(u64 *feature)
{
	switch (PAGE_SIZE) {
	case SZ_4K:
		*feature = RMI_FEATURE_1_GRAN_4K;
		return RMI_GRANULE_SIZE_4K;
	case SZ_16K:
		*feature = RMI_FEATURE_1_GRAN_16K;
		return RMI_GRANULE_SIZE_16K;
	default:
		*feature = RMI_FEATURE_1_GRAN_64K;
		return RMI_GRANULE_SIZE_64K;
	}
}

static bool __init rmi_check_features(void)
{
	u64 granule;
	int i;

	for (i = 0; i < RMI_NR_FEATURE_REGS; i++)
		rmi_feature_regs[i] = rmi_features(i);

	rmi_granule_size(&granule);
	if (!(rmi_feature_regs[1] & granule))
		return rmi_no("page size");

	/* With LPA2 KVM's stage 2 geometry has more input bits than without */
	if (kvm_lpa2_is_enabled() && !(rmi_feature_regs[0] & RMI_FEATURE_0_LPA2))
		return rmi_no("LPA2");

	if (!(rmi_feature_regs[1] & RMI_FEATURE_1_HASH_SHA_256))
		return rmi_no("SHA-256");

	/*
	 * A REC never passes through __kvm_vcpu_run(), where trapped accesses
	 * to the CPU interface are served.
	 */
	if (!cpus_have_final_cap(ARM64_HAS_ICH_HCR_EL2_TDIR))
		return rmi_no("GIC: no ICH_HCR_EL2.TDIR");
	if (static_branch_unlikely(&vgic_v3_cpuif_trap))
		return rmi_no("GIC: trapping");

	return true;
}

/*
 * The configuration can be written only before activation, and there is one
 * activation per boot of the monitor.
 */
static bool __init rmi_activate(void)
{
	struct rmi_rmm_config *config;
	u64 granule;
	long ret;

	config = (struct rmi_rmm_config *)get_zeroed_page(GFP_KERNEL);
	if (!config)
		return rmi_no("activation: no memory");

	config->tracking_region_size = RMI_TRACKING_SIZE_DEFAULT;
	config->rmi_granule_size = rmi_granule_size(&granule);
	ret = rmi_rmm_config_set(virt_to_phys(config));
	free_page((unsigned long)config);
	if (ret)
		return rmi_no("activation: %s", rmi_status_name(ret));

	rmi_active = true;
	ret = rmi_rmm_activate();
	if (ret)
		return rmi_no("activation: %s", rmi_status_name(ret));

	return true;
}

/* Every page that may be delegated must have a state in the monitor */
static bool __init rmi_check_tracking(phys_addr_t start, phys_addr_t end)
{
	while (start < end) {
		unsigned long category, state;
		phys_addr_t next;

		if (rmi_granule_tracking_get(start, end, &category, &state, &next) ||
		    category != RMI_MEM_CATEGORY_CONVENTIONAL ||
		    state != RMI_TRACKING_FINE || next <= start)
			return rmi_no("tracking of %pa", &start);
		start = next;
	}

	return true;
}

/* ... and a protection field of its own, not one for a whole region */
static bool __init rmi_check_gpt(phys_addr_t start, phys_addr_t end)
{
	unsigned int l0gptsz = FIELD_GET(RMI_FEATURE_1_L0GPTSZ, rmi_feature_regs[1]);
	phys_addr_t size = 1ULL << (30 + l0gptsz);
	phys_addr_t pa;

	for (pa = ALIGN_DOWN(start, size); pa < end; pa += size) {
		unsigned long state;
		long ret = rmi_gpt_l1_create(pa);

		if (!ret || rmi_status(ret) == RMI_ERROR_GPT)
			continue;

		/* Made by the platform, and not to be changed */
		if (rmi_status(ret) == RMI_ERROR_GLOBAL &&
		    !rmi_gpt_info(pa, pa + size, &state) && state == RMI_GPT_PLAT)
			continue;

		return rmi_no("GPT of %pa", &pa);
	}

	return true;
}

static bool __init rmi_check_memory(void)
{
	phys_addr_t start, end;
	u64 i;

	/* Leaves out what firmware keeps: such ranges are marked no-map */
	for_each_mem_range(i, &start, &end) {
		start = PAGE_ALIGN_DOWN(start);
		end = PAGE_ALIGN(end);
		if (!rmi_check_tracking(start, end) || !rmi_check_gpt(start, end))
			return false;
	}

	return true;
}

/* An image would have to hold pages that cannot be read */
static int rmi_pm_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	if (action == PM_HIBERNATION_PREPARE)
		return notifier_from_errno(-EBUSY);
	return NOTIFY_DONE;
}

static struct notifier_block rmi_pm_nb = {
	.notifier_call = rmi_pm_notify,
};

static bool __init rmi_probe(void)
{
	if (!is_kernel_in_hyp_mode())
		return rmi_no("no VHE");

	/* Before any SMC: without EL3 it is an Undefined instruction */
	if (!rmi_cpu_has_rme())
		return rmi_no("no FEAT_RME");

	if (arm_smccc_1_1_get_conduit() != SMCCC_CONDUIT_SMC)
		return rmi_no("no monitor");

	return rmi_check_version() && rmi_check_features() && rmi_activate() && rmi_check_memory();
}

/**
 * kvm_init_rmi() - find out whether realms can be made
 *
 * Called once, from kvm_arm_init(), when the GIC is known.
 */
void __init kvm_init_rmi(void)
{
	bool ok = rmi_probe();

	if (rmi_active) {
		register_pm_notifier(&rmi_pm_nb);
		kvm_rmi_debugfs_init();
	}
	if (!ok)
		return;

	strscpy(rmi_why, "ok");
	static_branch_enable(&kvm_rmi_available);
	kvm_info("realms available, IPA size limit: %u bits\n", kvm_realm_ipa_limit());
}
