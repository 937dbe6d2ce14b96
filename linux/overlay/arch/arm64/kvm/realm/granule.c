// SPDX-License-Identifier: GPL-2.0-only
/*
 * Granules: pages that go to the realm world and come back.
 *
 * A page that is DELEGATED cannot be touched by the host; it must never reach
 * the page allocator in that state. What the monitor does not give back is
 * leaked on purpose, and counted.
 *
 * Commands: GRANULE_RANGE_DELEGATE, GRANULE_RANGE_UNDELEGATE.
 */
#include <linux/kvm_host.h>
#include <linux/mm.h>

#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>

/* In pages; what debugfs shows. A donated page is not counted as delegated. */
atomic_long_t rmi_nr_delegated;
atomic_long_t rmi_nr_donated;
atomic_long_t rmi_nr_leaked;

/**
 * rmi_delegate() - give contiguous granules to the realm world
 * @base: first byte, page aligned
 * @top:  end, page aligned
 *
 * May be called with spinlocks held. Any refusal ends it: the monitor answers
 * RMI_ERROR_INPUT for a granule that is delegated already.
 *
 * Return: where it ended; [@base, return value) is DELEGATED.
 */
phys_addr_t rmi_delegate(phys_addr_t base, phys_addr_t top)
{
	phys_addr_t pa = base;

	while (pa < top) {
		phys_addr_t next;

		if (rmi_granule_range_delegate(pa, top, &next))
			break;
		if (WARN_ON_ONCE(next <= pa || next > top))
			break;
		atomic_long_add((next - pa) >> PAGE_SHIFT, &rmi_nr_delegated);
		pa = next;
	}

	return pa;
}

/**
 * rmi_undelegate() - take contiguous granules back
 * @base: first byte, page aligned
 * @top:  end, page aligned
 *
 * May be called with spinlocks held. Granules come back wiped.
 *
 * Return: where it ended; [@base, return value) is the host's again, and
 * nothing above it may be freed.
 */
phys_addr_t rmi_undelegate(phys_addr_t base, phys_addr_t top)
{
	phys_addr_t pa = base;

	while (pa < top) {
		phys_addr_t next;

		if (rmi_granule_range_undelegate(pa, top, &next))
			break;
		if (WARN_ON_ONCE(next <= pa || next > top))
			break;
		atomic_long_sub((next - pa) >> PAGE_SHIFT, &rmi_nr_delegated);
		pa = next;
	}

	return pa;
}

/* As rmi_delegate(), for one page. Return: 0 or -EIO */
int rmi_delegate_page(phys_addr_t pa)
{
	return rmi_delegate(pa, pa + PAGE_SIZE) == pa ? -EIO : 0;
}

/* As rmi_undelegate(), for one page. Return: 0, or -EIO: do not free it */
int rmi_undelegate_page(phys_addr_t pa)
{
	return rmi_undelegate(pa, pa + PAGE_SIZE) == pa ? -EIO : 0;
}

/**
 * rmi_count_leak() - say that pages are lost until the next boot
 * @kvm:   the realm they belonged to, or NULL
 * @pages: how many
 */
void rmi_count_leak(struct kvm *kvm, unsigned long pages)
{
	atomic_long_add(pages, &rmi_nr_leaked);
	if (!kvm || !kvm->arch.realm || !atomic_xchg(&kvm->arch.realm->leak_warned, 1))
		pr_warn("RMI: the monitor does not give back %lu page(s): leaked\n", pages);
}

/**
 * rmi_alloc_delegated() - a page for an object of the monitor
 * @gfp: allocation flags
 *
 * Return: its physical address, DELEGATED, or 0
 */
phys_addr_t rmi_alloc_delegated(gfp_t gfp)
{
	unsigned long va = __get_free_page(gfp);

	if (!va)
		return 0;

	if (rmi_delegate_page(__pa(va))) {
		free_page(va);
		return 0;
	}

	return __pa(va);
}

/**
 * rmi_free_delegated() - free a page that is DELEGATED
 * @kvm: its realm, for the warning, or NULL
 * @pa:  the page, allocated by itself or split
 */
void rmi_free_delegated(struct kvm *kvm, phys_addr_t pa)
{
	if (rmi_undelegate_page(pa))
		rmi_count_leak(kvm, 1);
	else
		free_page((unsigned long)__va(pa));
}

/**
 * rmi_undelegate_gmem() - take back pages that belong to a guest_memfd
 * @kvm:  the realm
 * @base: first byte
 * @top:  end
 *
 * They are freed by whoever owns the file. A page that does not come back
 * keeps an extra reference, so that it never reaches the allocator.
 */
void rmi_undelegate_gmem(struct kvm *kvm, phys_addr_t base, phys_addr_t top)
{
	phys_addr_t pa = base;

	while ((pa = rmi_undelegate(pa, top)) < top) {
		get_page(phys_to_page(pa));
		rmi_count_leak(kvm, 1);
		pa += PAGE_SIZE;
	}
}
