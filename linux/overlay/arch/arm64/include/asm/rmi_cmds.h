/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One inline function per command of the Realm Management Interface.
 *
 * All take physical addresses and return
 *
 *   0		RMI_SUCCESS
 *   > 0	the result word: rmi_status(), rmi_level()
 *   < 0	-EOPNOTSUPP: the monitor does not know the command,
 *		-ETIMEDOUT: it said BUSY or BLOCKED for too long,
 *		-EPROTO: it asked for what this command may not ask for,
 *		-ENOMEM, -ECANCELED: an operation that wants memory was given
 *		up, and everything is as before
 *
 * rmi_call() may be used with spinlocks held; rmi_sro_call() sleeps.
 */
#ifndef __ASM_RMI_CMDS_H
#define __ASM_RMI_CMDS_H

#include <linux/gfp_types.h>
#include <linux/kvm_types.h>

#include <asm/rmi_smc.h>

long rmi_call(struct arm_smccc_1_2_regs *regs);
long rmi_sro_call(struct arm_smccc_1_2_regs *regs, gfp_t gfp);

#define __rmi_regs(fid, ...)	((struct arm_smccc_1_2_regs){ (fid), ##__VA_ARGS__ })

/**
 * rmi_version() - negotiate the version of the interface
 * @want:   version wanted
 * @lower:  what the monitor would speak, valid on failure too
 * @higher: the highest it speaks, valid on failure too
 */
static inline long rmi_version(unsigned long want, unsigned long *lower, unsigned long *higher)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_VERSION, want);
	long ret = rmi_call(&regs);

	*lower = regs.a1;
	*higher = regs.a2;
	return ret;
}

static inline u64 rmi_features(unsigned long index)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_FEATURES, index);

	return rmi_call(&regs) ? 0 : regs.a1;
}

static inline long rmi_rmm_config_set(phys_addr_t config)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RMM_CONFIG_SET, config);

	return rmi_call(&regs);
}

/* May ask for memory.  It comes back only with RMM_DEACTIVATE. */
static inline long rmi_rmm_activate(void)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RMM_ACTIVATE);

	return rmi_sro_call(&regs, GFP_KERNEL);
}

static inline long rmi_granule_tracking_get(phys_addr_t base, phys_addr_t top,
					    unsigned long *category, unsigned long *state,
					    phys_addr_t *out_top)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_GRANULE_TRACKING_GET, base, top);
	long ret = rmi_call(&regs);

	*category = regs.a1;
	*state = regs.a2;
	*out_top = regs.a3;
	return ret;
}

/**
 * rmi_granule_range_delegate() - give granules to the realm world
 * @out_top: where the monitor stopped.  On success everything below is
 *	     delegated; a short answer is no error.
 */
static inline long rmi_granule_range_delegate(phys_addr_t base, phys_addr_t top,
					      phys_addr_t *out_top)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_GRANULE_RANGE_DELEGATE, base, top);
	long ret = rmi_call(&regs);

	*out_top = ret ? base : regs.a1;
	return ret;
}

/* The other way: everything below @out_top is the host's again, and wiped. */
static inline long rmi_granule_range_undelegate(phys_addr_t base, phys_addr_t top,
						phys_addr_t *out_top)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_GRANULE_RANGE_UNDELEGATE, base, top);
	long ret = rmi_call(&regs);

	*out_top = ret ? base : regs.a1;
	return ret;
}

/* RMI_ERROR_GPT: there is a table already.  May ask for memory. */
static inline long rmi_gpt_l1_create(phys_addr_t base)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_GPT_L1_CREATE, base);

	return rmi_sro_call(&regs, GFP_KERNEL);
}

static inline long rmi_gpt_info(phys_addr_t base, phys_addr_t top, unsigned long *state)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_GPT_INFO, base, top);
	long ret = rmi_call(&regs);

	*state = regs.a2;
	return ret;
}

static inline long rmi_realm_create(phys_addr_t rd, phys_addr_t params)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_REALM_CREATE, rd, params);

	return rmi_sro_call(&regs, GFP_KERNEL_ACCOUNT);
}

static inline long rmi_realm_activate(phys_addr_t rd)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_REALM_ACTIVATE, rd);

	return rmi_call(&regs);
}

static inline long rmi_realm_terminate(phys_addr_t rd)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_REALM_TERMINATE, rd);

	return rmi_sro_call(&regs, GFP_KERNEL_ACCOUNT);
}

static inline long rmi_realm_destroy(phys_addr_t rd)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_REALM_DESTROY, rd);

	return rmi_sro_call(&regs, GFP_KERNEL_ACCOUNT);
}

static inline long rmi_rec_create(phys_addr_t rd, phys_addr_t rec, phys_addr_t params)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_REC_CREATE, rd, rec, params);

	return rmi_sro_call(&regs, GFP_KERNEL_ACCOUNT);
}

static inline long rmi_rec_destroy(phys_addr_t rec)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_REC_DESTROY, rec);

	return rmi_sro_call(&regs, GFP_KERNEL_ACCOUNT);
}

/* The registers of REC_ENTER; apart, as filling them may call memset() */
static inline void rmi_rec_enter_regs(struct arm_smccc_1_2_regs *regs, phys_addr_t rec,
				      phys_addr_t run)
{
	*regs = __rmi_regs(SMC_RMI_REC_ENTER, rec, run);
}

/**
 * rmi_rec_enter() - run a REC
 * @regs: from rmi_rec_enter_regs(); overwritten
 *
 * Nothing is retried here: the caller has interrupts masked and is between
 * guest_state_enter_irqoff() and guest_state_exit_irqoff().
 *
 * Return: the raw result word.
 */
static __always_inline unsigned long rmi_rec_enter(struct arm_smccc_1_2_regs *regs)
{
	arm_smccc_1_2_smc(regs, regs);
	return regs->a0;
}

/* @status: PSCI_RET_SUCCESS or PSCI_RET_DENIED (target named by @rec until bet1) */
static inline long rmi_psci_complete(phys_addr_t rec, unsigned long status)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_PSCI_COMPLETE, rec, status);

	return rmi_call(&regs);
}

static inline long rmi_rtt_create(phys_addr_t rd, phys_addr_t rtt, gpa_t ipa, int level)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_CREATE, rd, rtt, ipa, level);

	return rmi_call(&regs);
}

/**
 * rmi_rtt_destroy() - take a table out of the tree
 * @level: level of the table
 * @rtt:   on success, the table's granule, DELEGATED
 * @top:   next IPA with something live, on success and on RMI_ERROR_RTT
 */
static inline long rmi_rtt_destroy(phys_addr_t rd, gpa_t ipa, int level,
				   phys_addr_t *rtt, gpa_t *top)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_DESTROY, rd, ipa, level);
	long ret = rmi_call(&regs);

	*rtt = regs.a1;
	*top = regs.a2;
	return ret;
}

static inline long rmi_rtt_fold(phys_addr_t rd, gpa_t ipa, int level, phys_addr_t *rtt)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_FOLD, rd, ipa, level);
	long ret = rmi_call(&regs);

	*rtt = regs.a1;
	return ret;
}

/* What RTT_READ_ENTRY tells: a walk that ends early is a success */
struct rmi_rtt_entry {
	unsigned long level;
	unsigned long state;	/* RMI_RTTE_* */
	u64 desc;
	unsigned long ripas;	/* RMI_RIPAS_* */
};

static inline long rmi_rtt_read_entry(phys_addr_t rd, gpa_t ipa, int level,
				      struct rmi_rtt_entry *e)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_READ_ENTRY, rd, ipa, level);
	long ret = rmi_call(&regs);

	e->level = regs.a1;
	e->state = regs.a2;
	e->desc = regs.a3;
	e->ripas = regs.a4;
	return ret;
}

static inline long rmi_rtt_data_map_init(phys_addr_t rd, phys_addr_t data, gpa_t ipa,
					 phys_addr_t src, unsigned long flags)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_DATA_MAP_INIT, rd, data, ipa,
						    src, flags);

	return rmi_call(&regs);
}

/*
 * The map and unmap commands.  @flags has the address type and the number of
 * list entries; @oaddr is a range descriptor (SINGLE), or the address of a
 * list of them (LIST).
 */
static inline long rmi_rtt_data_map(phys_addr_t rd, gpa_t base, gpa_t top, unsigned long flags,
				    u64 oaddr, gpa_t *out_top)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_DATA_MAP, rd, base, top,
						    flags, oaddr);
	long ret = rmi_call(&regs);

	*out_top = ret ? base : regs.a1;
	return ret;
}

/* @out_count: entries of the list that were filled */
static inline long rmi_rtt_data_unmap(phys_addr_t rd, gpa_t base, gpa_t top, unsigned long flags,
				      phys_addr_t list, gpa_t *out_top, unsigned long *out_count)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_DATA_UNMAP, rd, base, top,
						    flags, list);
	long ret = rmi_call(&regs);

	*out_top = ret ? base : regs.a1;
	*out_count = ret ? 0 : regs.a3;
	return ret;
}

static inline long rmi_rtt_unprot_map(phys_addr_t rd, gpa_t base, gpa_t top, unsigned long flags,
				      u64 oaddr, gpa_t *out_top)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_UNPROT_MAP, rd, base, top,
						    flags, oaddr);
	long ret = rmi_call(&regs);

	*out_top = ret ? base : regs.a1;
	return ret;
}

/* The host knows its own pages: nothing is returned but how far it got */
static inline long rmi_rtt_unprot_unmap(phys_addr_t rd, gpa_t base, gpa_t top, gpa_t *out_top)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_UNPROT_UNMAP, rd, base, top,
						    RMI_ADDR_TYPE_NONE, 0);
	long ret = rmi_call(&regs);

	*out_top = ret ? base : regs.a1;
	return ret;
}

static inline long rmi_rtt_init_ripas(phys_addr_t rd, gpa_t base, gpa_t top, gpa_t *out_top)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_INIT_RIPAS, rd, base, top);
	long ret = rmi_call(&regs);

	*out_top = ret ? base : regs.a1;
	return ret;
}

static inline long rmi_rtt_set_ripas(phys_addr_t rd, phys_addr_t rec, gpa_t base, gpa_t top,
				     gpa_t *out_top)
{
	struct arm_smccc_1_2_regs regs = __rmi_regs(SMC_RMI_RTT_SET_RIPAS, rd, rec, base, top);
	long ret = rmi_call(&regs);

	*out_top = ret ? base : regs.a1;
	return ret;
}

#endif /* __ASM_RMI_CMDS_H */
