// SPDX-License-Identifier: GPL-2.0-only
/*
 * Calls to the monitor, and the operations that take several of them.
 *
 * A command may answer INCOMPLETE: the monitor keeps a context, named by a
 * handle, and the host goes on with OP_CONTINUE, OP_MEM_DONATE or
 * OP_MEM_RECLAIM until a final status appears (RMI: Stateful RMI Operations).
 *
 *   rmi_call()	    operations that move no memory; any context
 *   rmi_sro_call() operations that may; sleeps, one at a time on this host,
 *		    so that one context of the monitor serves them all
 */
#include <linux/delay.h>
#include <linux/kvm_host.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/mutex.h>

#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>

/* How long the monitor may say BUSY or BLOCKED to one call */
#define RMI_PATIENCE_NS		NSEC_PER_SEC

/* Rounds of OP_MEM_DONATE in a row that may take nothing */
#define RMI_IDLE_DONATIONS	16

/* An address list is one page: the monitor reads no further than that */
#define RMI_LIST_ENTRIES	(PAGE_SIZE / sizeof(u64))

/* One SMC; x0 as the wrappers return it */
static long rmi_smc(struct arm_smccc_1_2_regs *regs)
{
	arm_smccc_1_2_smc(regs, regs);

	if (regs->a0 == (unsigned long)SMCCC_RET_NOT_SUPPORTED)
		return -EOPNOTSUPP;
	if ((long)regs->a0 < 0)
		return -EPROTO;
	return regs->a0;
}

/* The same call until the monitor does something about it */
static long rmi_smc_retry(struct arm_smccc_1_2_regs *regs, bool may_sleep)
{
	const struct arm_smccc_1_2_regs args = *regs;
	u64 deadline = 0;

	for (;;) {
		long ret = rmi_smc(regs);
		int status = rmi_status(ret);

		if (status != RMI_BUSY && status != RMI_BLOCKED)
			return ret;

		*regs = args;

		/* BUSY passes by itself, whenever the other CPU runs again */
		if (status == RMI_BUSY) {
			cpu_relax();
			continue;
		}

		/*
		 * BLOCKED passes when the thread that has an operation under
		 * way drives it further: not for ever.
		 */
		if (!deadline)
			deadline = ktime_get_mono_fast_ns() + RMI_PATIENCE_NS;
		else if (ktime_get_mono_fast_ns() > deadline)
			return -ETIMEDOUT;

		if (may_sleep)
			usleep_range(50, 200);
		else
			cpu_relax();
	}
}

static long rmi_op_continue(struct arm_smccc_1_2_regs *regs, u64 handle, bool may_sleep)
{
	*regs = (struct arm_smccc_1_2_regs){
		.a0 = SMC_RMI_OP_CONTINUE, .a1 = handle, .a2 = RMI_CONTINUE_KEEP_GOING,
	};
	return rmi_smc_retry(regs, may_sleep);
}

static long rmi_op_cancel(struct arm_smccc_1_2_regs *regs, u64 handle, bool may_sleep)
{
	*regs = (struct arm_smccc_1_2_regs){ .a0 = SMC_RMI_OP_CANCEL, .a1 = handle };
	return rmi_smc_retry(regs, may_sleep);
}

static bool rmi_is_incomplete(long ret)
{
	return rmi_status(ret) == RMI_INCOMPLETE;
}

static unsigned int rmi_mem_request(long ret)
{
	return FIELD_GET(RMI_RESULT_MEM, ret);
}

/**
 * rmi_call() - a command that moves no memory
 * @regs: in: function and arguments; out: results
 *
 * Spins while the monitor is busy and drives the operation to its end; may be
 * called with spinlocks held.
 *
 * Return: see <asm/rmi_cmds.h>
 */
long rmi_call(struct arm_smccc_1_2_regs *regs)
{
	bool refused = false;
	u64 handle;
	long ret;

	ret = rmi_smc_retry(regs, false);
	handle = regs->a1;

	while (rmi_is_incomplete(ret)) {
		if (rmi_mem_request(ret) == RMI_OP_MEM_REQ_NONE) {
			ret = rmi_op_continue(regs, handle, false);
			continue;
		}

		/* Nothing can be given here. At least leave nothing behind. */
		if (WARN_ON_ONCE(refused || !(ret & RMI_RESULT_CAN_CANCEL)))
			return -EPROTO;
		refused = true;
		ret = rmi_op_cancel(regs, handle, false);
	}

	return refused ? -EPROTO : ret;
}

/*
 * The one operation that moves memory.
 *
 * @lock:  held from the first call to the last
 * @list:  address list shared with the monitor; donations are built in it
 * @nr:	   entries in it
 * @state: RMI_MEM_* of the granules in it
 */
static struct {
	struct mutex lock;
	u64 *list;
	unsigned int nr;
	unsigned int state;
} sro = {
	.lock = __MUTEX_INITIALIZER(sro.lock),
};

/* Free @bytes of @desc, from @skip on. Pages are split: each has its own count. */
static void sro_free_range(u64 desc, unsigned long skip, bool delegated)
{
	phys_addr_t pa = rmi_range_pa(desc) + skip;
	phys_addr_t top = rmi_range_pa(desc) + rmi_range_bytes(desc);

	while (pa < top) {
		phys_addr_t ok = delegated ? rmi_undelegate(pa, top) : top;

		for (; pa < ok; pa += PAGE_SIZE)
			__free_page(phys_to_page(pa));
		if (pa < top) {
			rmi_count_leak(NULL, 1);
			pa += PAGE_SIZE;
		}
	}
}

/* Free what is in the list, but for its first @taken granules */
static void sro_free_list(unsigned long taken)
{
	unsigned long skip = taken << PAGE_SHIFT;
	unsigned int i;

	for (i = 0; i < sro.nr; i++) {
		unsigned long bytes = rmi_range_bytes(sro.list[i]);
		unsigned long head = min(skip, bytes);

		sro_free_range(sro.list[i], head, sro.state == RMI_MEM_DELEGATED);
		skip -= head;
	}
	sro.nr = 0;
}

/*
 * Append @blocks blocks at @page to the list, where possible to its last
 * entry, and delegate them if that is wanted. Takes over the pages.
 */
static int sro_add(struct page *page, unsigned int size, unsigned long blocks)
{
	phys_addr_t pa = page_to_phys(page);
	u64 desc = rmi_range_desc(pa, size, blocks, sro.state);
	u64 *last = sro.nr ? &sro.list[sro.nr - 1] : NULL;

	if (sro.state == RMI_MEM_DELEGATED) {
		phys_addr_t top = pa + rmi_range_bytes(desc);
		phys_addr_t done = rmi_delegate(pa, top);

		if (done < top) {
			sro_free_range(rmi_range_desc(pa, 0, (done - pa) >> PAGE_SHIFT, 0), 0, true);
			for (; done < top; done += PAGE_SIZE)
				__free_page(phys_to_page(done));
			return -EIO;
		}
	}

	if (last && rmi_range_pa(*last) + rmi_range_bytes(*last) == pa &&
	    FIELD_GET(RMI_RANGE_COUNT, *last) + blocks <= RMI_RANGE_COUNT_MAX) {
		blocks += FIELD_GET(RMI_RANGE_COUNT, *last);
		*last = rmi_range_desc(rmi_range_pa(*last), size, blocks, sro.state);
		return 0;
	}

	sro.list[sro.nr++] = desc;
	return 0;
}

static struct page *sro_alloc(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp, order);

	if (page && order)
		split_page(page, order);
	return page;
}

/* A contiguous request: one allocation, aligned to its size */
static int sro_gather_contig(unsigned int size, unsigned long count, gfp_t gfp)
{
	unsigned long pages = count << (size * (PAGE_SHIFT - 3));
	unsigned long p, total = roundup_pow_of_two(pages);
	unsigned int order = ilog2(total);
	struct page *page;
	int ret = 0;

	if (order > MAX_PAGE_ORDER || count > RMI_RANGE_COUNT_MAX)
		return -ENOMEM;

	page = sro_alloc(gfp, order);
	if (!page)
		return -ENOMEM;

	ret = sro_add(page, size, count);
	for (p = pages; p < total; p++)
		__free_page(page + p);
	return ret;
}

/*
 * Blocks from anywhere. Large allocations first: each one is one entry of the
 * list and one delegation. A list that is full is a donation by itself; the
 * monitor then asks for the rest.
 */
static int sro_gather_blocks(unsigned int size, unsigned long count, gfp_t gfp)
{
	unsigned int block_order = size * (PAGE_SHIFT - 3);
	unsigned int extra = size ? 0 : 4;

	if (block_order > MAX_PAGE_ORDER)
		return -ENOMEM;

	while (count && sro.nr < RMI_LIST_ENTRIES) {
		struct page *page;
		int ret;

		while (extra && BIT(extra) > count)
			extra -= 2;

		page = sro_alloc(extra ? (gfp & ~__GFP_NOFAIL) | __GFP_NORETRY | __GFP_NOWARN : gfp,
				 block_order + extra);
		if (!page && extra) {
			extra -= 2;
			continue;
		}
		if (!page)
			return -ENOMEM;

		ret = sro_add(page, size, BIT(extra));
		if (ret)
			return ret;
		count -= BIT(extra);
	}

	return 0;
}

/*
 * Serve a donate request. On return @regs and *@ret are those of
 * OP_MEM_DONATE, unless it was not called: then a negative errno is returned
 * and nothing is in the list.
 */
static int sro_donate(struct arm_smccc_1_2_regs *regs, long *ret, u64 handle, gfp_t gfp,
		      unsigned long *taken)
{
	u64 req = regs->a2;
	unsigned int size = FIELD_GET(RMI_DONATE_SIZE, req);
	unsigned long count = FIELD_GET(RMI_DONATE_COUNT, req);
	int err;

	sro.nr = 0;
	sro.state = FIELD_GET(RMI_DONATE_STATE, req);
	if (!count || (sro.state != RMI_MEM_DELEGATED && sro.state != RMI_MEM_UNDELEGATED))
		return -EOPNOTSUPP;

	/* A refusal to wait for order 0 pages would leave no way out */
	if (!(*ret & RMI_RESULT_CAN_CANCEL))
		gfp |= __GFP_NOFAIL;

	if (req & RMI_DONATE_CONTIG)
		err = sro_gather_contig(size, count, gfp);
	else
		err = sro_gather_blocks(size, count, gfp);
	if (err) {
		sro_free_list(0);
		return err;
	}

	*regs = (struct arm_smccc_1_2_regs){
		.a0 = SMC_RMI_OP_MEM_DONATE, .a1 = handle,
		.a2 = virt_to_phys(sro.list), .a3 = sro.nr,
	};
	*ret = rmi_smc_retry(regs, true);

	/* Valid whatever the status; the rest of a block may come back too */
	*taken = *ret < 0 ? 0 : regs->a1;
	atomic_long_add(*taken, &rmi_nr_donated);
	if (sro.state == RMI_MEM_DELEGATED)
		atomic_long_sub(*taken, &rmi_nr_delegated);
	sro_free_list(*taken);
	return 0;
}

/* Take back what the monitor has to give */
static long sro_reclaim(struct arm_smccc_1_2_regs *regs, u64 handle)
{
	unsigned long i, n;
	long ret;

	*regs = (struct arm_smccc_1_2_regs){
		.a0 = SMC_RMI_OP_MEM_RECLAIM, .a1 = handle,
		.a2 = virt_to_phys(sro.list), .a3 = RMI_LIST_ENTRIES,
	};
	ret = rmi_smc_retry(regs, true);
	if (ret < 0)
		return ret;

	n = min_t(unsigned long, regs->a1, RMI_LIST_ENTRIES);
	for (i = 0; i < n; i++) {
		u64 desc = sro.list[i];
		unsigned long pages = rmi_range_bytes(desc) >> PAGE_SHIFT;
		bool delegated = FIELD_GET(RMI_RANGE_STATE, desc) == RMI_MEM_DELEGATED;

		if (!pages || WARN_ON_ONCE(!pfn_valid(PHYS_PFN(rmi_range_pa(desc)))))
			continue;

		atomic_long_sub(pages, &rmi_nr_donated);
		if (delegated)
			atomic_long_add(pages, &rmi_nr_delegated);
		sro_free_range(desc, 0, delegated);
	}

	return ret;
}

/**
 * rmi_sro_call() - a command that may move memory
 * @regs: in: function and arguments; out: results
 * @gfp:  how to allocate what the monitor asks for
 *
 * When the memory cannot be had, the operation is cancelled and everything is
 * as before the call. Signals are not looked at.
 *
 * Return: see <asm/rmi_cmds.h>
 */
long rmi_sro_call(struct arm_smccc_1_2_regs *regs, gfp_t gfp)
{
	unsigned int idle = 0;
	bool failed = false;
	u64 handle;
	int err = 0;
	long ret;

	guard(mutex)(&sro.lock);

	if (!sro.list) {
		sro.list = (u64 *)get_zeroed_page(GFP_KERNEL);
		if (!sro.list)
			return -ENOMEM;
	}

	ret = rmi_smc_retry(regs, true);
	handle = regs->a1;

	while (rmi_is_incomplete(ret)) {
		unsigned long taken;

		cond_resched();

		switch (rmi_mem_request(ret)) {
		case RMI_OP_MEM_REQ_NONE:
			ret = rmi_op_continue(regs, handle, true);
			break;

		case RMI_OP_MEM_REQ_DONATE:
			if (!err) {
				err = sro_donate(regs, &ret, handle, gfp, &taken);
				if (err)
					continue;
				idle = taken ? 0 : idle + 1;
				if (idle >= RMI_IDLE_DONATIONS)
					err = -EPROTO;
				/* A refused donation ends the operation: see why */
				failed = !rmi_is_incomplete(ret);
				break;
			}
			if (WARN_ON_ONCE(!(ret & RMI_RESULT_CAN_CANCEL)))
				return -EPROTO;	/* the operation stays behind */
			ret = rmi_op_cancel(regs, handle, true);
			failed = !rmi_is_incomplete(ret);
			break;

		case RMI_OP_MEM_REQ_RECLAIM:
			ret = sro_reclaim(regs, handle);
			failed = !rmi_is_incomplete(ret);
			break;

		default:
			WARN_ON_ONCE(1);
			return -EPROTO;
		}

		/* After a failed transfer the last word comes from OP_CONTINUE */
		if (failed && ret >= 0) {
			failed = false;
			ret = rmi_op_continue(regs, handle, true);
		}
	}

	if (err && ret)
		return err == -ENOMEM ? -ENOMEM : -ECANCELED;
	return ret;
}
