// SPDX-License-Identifier: GPL-2.0-only
/*
 * The realm's stage 2 tables (RTTs). They are the monitor's: what is mapped is
 * asked for and taken back by commands, one owner at a time, with mmu_lock
 * held for write.
 *
 * Private half: the kernel knows what it has mapped from one bit per page and
 * one per block of each memory slot. Nothing here allocates: tables come from
 * caches that the caller has filled, and for each block mapped one page is put
 * aside, so that it can be split when a part of it has to go.
 *
 * Shared half: nothing is remembered. What is unmapped comes back by faults.
 *
 * Commands: RTT_CREATE, RTT_DESTROY, RTT_FOLD, RTT_READ_ENTRY, RTT_DATA_MAP,
 * RTT_DATA_UNMAP, RTT_UNPROT_MAP, RTT_UNPROT_UNMAP.
 */
#include <linux/kvm_host.h>
#include <linux/mm.h>

#include <asm/kvm_mmu.h>
#include <asm/kvm_pgtable.h>
#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>
#include <asm/stage2_pgtable.h>

#define LEAF			KVM_PGTABLE_LAST_LEVEL
#define LIST_ENTRIES		(PAGE_SIZE / sizeof(u64))

/* Bytes that one entry at @level maps */
static u64 entry_bytes(int level)
{
	return kvm_granule_size(level);
}

static bool is_rtt_error(long ret)
{
	return rmi_status(ret) == RMI_ERROR_RTT;
}

/**
 * kvm_realm_topup() - fill the realm's cache of table pages
 * @kvm: the VM, slots_lock held
 *
 * Enough for a walk from the root to a page.
 *
 * Return: 0 or -ENOMEM
 */
int kvm_realm_topup(struct kvm *kvm)
{
	struct kvm_mmu_memory_cache *mc = &kvm_to_realm(kvm)->cache;

	lockdep_assert_held(&kvm->slots_lock);

	mc->gfp_zero = __GFP_ZERO;
	return kvm_mmu_topup_memory_cache(mc, kvm_mmu_cache_min_pages(&kvm->arch.mmu) + 1);
}

/* A page from a cache. Never allocates. */
static void *cache_take(struct kvm_mmu_memory_cache *mc)
{
	return mc->nobjs ? mc->objects[--mc->nobjs] : NULL;
}

static void cache_give_back(struct kvm_mmu_memory_cache *mc, void *page)
{
	mc->objects[mc->nobjs++] = page;
}

static void free_table(struct kvm *kvm, phys_addr_t pa)
{
	kvm_account_pgtable_pages(__va(pa), -1);
	rmi_free_delegated(kvm, pa);
}

/**
 * realm_rtt_create() - hang in a table
 * @kvm:   the VM
 * @mc:    where its page comes from
 * @ipa:   any address that the table covers
 * @level: its level
 *
 * An entry that maps a block or has a RIPAS hands both down to the table.
 *
 * Return: 0, -ENOMEM when the cache is empty (fill it and try again), -EIO
 */
int realm_rtt_create(struct kvm *kvm, struct kvm_mmu_memory_cache *mc, gpa_t ipa, int level)
{
	phys_addr_t pa;
	void *page;
	long ret;

	lockdep_assert_held_write(&kvm->mmu_lock);

	page = cache_take(mc);
	if (!page)
		return -ENOMEM;

	pa = __pa(page);
	if (rmi_delegate_page(pa)) {
		cache_give_back(mc, page);
		return kvm_realm_fatal(kvm, SMC_RMI_GRANULE_RANGE_DELEGATE, RMI_ERROR_INPUT);
	}

	ret = rmi_rtt_create(kvm_to_realm(kvm)->rd, pa,
			     ALIGN_DOWN(ipa, entry_bytes(level - 1)), level);
	if (ret) {
		rmi_free_delegated(kvm, pa);
		return kvm_realm_fatal(kvm, SMC_RMI_RTT_CREATE, ret);
	}

	kvm_account_pgtable_pages(page, 1);
	return 0;
}

/* ---- private half: map ----------------------------------------------------- */

static bool pages_contiguous(struct page **pages, unsigned int nr)
{
	unsigned long pfn = page_to_pfn(pages[0]);
	unsigned int i;

	for (i = 1; i < nr; i++)
		if (page_to_pfn(pages[i]) != pfn + i)
			return false;

	return true;
}

/* Pages of @pages[@i..] that follow each other. Return: how many */
static unsigned int pages_stretch(struct page **pages, unsigned int i, unsigned int nr)
{
	unsigned int n = 1;

	while (i + n < nr && page_to_pfn(pages[i + n]) == page_to_pfn(pages[i]) + n)
		n++;

	return n;
}

static void pool_add(struct kvm_realm *realm, void *page)
{
	list_add(&virt_to_page(page)->lru, &realm->split_pool);
	realm->nr_pool++;
}

static void *pool_take(struct kvm_realm *realm)
{
	struct page *page = list_first_entry_or_null(&realm->split_pool, struct page, lru);

	if (!page)
		return NULL;

	list_del(&page->lru);
	realm->nr_pool--;
	return page_address(page);
}

/**
 * realm_free_pool() - free the pages put aside for splitting
 * @kvm: the VM; no block is mapped any more
 */
void realm_free_pool(struct kvm *kvm)
{
	void *page;

	while ((page = pool_take(kvm_to_realm(kvm))))
		free_page((unsigned long)page);
}

/*
 * One block at level 2. Return: 0, 1 if it has to be pages after all, or a
 * negative errno.
 */
static int map_block(struct kvm *kvm, struct kvm_mmu_memory_cache *mc,
		     struct kvm_memory_slot *slot, gfn_t gfn, phys_addr_t pa)
{
	struct kvm_realm *realm = kvm_to_realm(kvm);
	gpa_t ipa = gfn_to_gpa(gfn), top = ipa + PMD_SIZE, out;
	u64 flags = FIELD_PREP(RMI_MAP_ADDR_TYPE, RMI_ADDR_TYPE_SINGLE);
	u64 desc = rmi_range_desc(pa, 1, 1, RMI_MEM_DELEGATED);
	bool folded = false;

	for (;;) {
		phys_addr_t table;
		long ret;
		int err;

		/* The page that a later split needs comes first */
		if (!mc->nobjs)
			return 1;

		ret = rmi_rtt_data_map(realm->rd, ipa, top, flags, desc, &out);
		if (!ret && out == top)
			break;
		if (!is_rtt_error(ret))
			return kvm_realm_fatal(kvm, SMC_RMI_RTT_DATA_MAP, ret);

		if (rmi_level(ret) < LEAF - 1) {
			err = realm_rtt_create(kvm, mc, ipa, rmi_level(ret) + 1);
			if (err)
				return err;
			continue;
		}

		/* A table that was needed once, with nothing in it now? */
		if (folded || rmi_rtt_fold(realm->rd, ipa, LEAF, &table))
			return 1;
		free_table(kvm, table);
		folded = true;
	}

	pool_add(realm, cache_take(mc));
	realm->nr_blocks++;
	set_bit(realm_block_index(slot, gfn), slot->arch.blocks);
	return 0;
}

/*
 * Pages @from to @nr, with lists of stretches. Return: pages up to which it is
 * done; *@err is set when that is not @nr.
 */
static unsigned int map_pages(struct kvm *kvm, struct kvm_mmu_memory_cache *mc,
			      struct kvm_memory_slot *slot, gfn_t gfn,
			      struct page **pages, unsigned int nr, int *err)
{
	struct kvm_realm *realm = kvm_to_realm(kvm);
	unsigned int done = 0;

	while (done < nr) {
		unsigned int i, n, entries = 0;
		gpa_t ipa = gfn_to_gpa(gfn + done), out;
		u64 flags;
		long ret;

		for (i = done; i < nr && entries < LIST_ENTRIES; i += n) {
			n = min_t(unsigned int, pages_stretch(pages, i, nr), RMI_RANGE_COUNT_MAX);
			realm->list[entries++] = rmi_range_desc(page_to_phys(pages[i]), 0, n,
								RMI_MEM_DELEGATED);
		}

		flags = FIELD_PREP(RMI_MAP_ADDR_TYPE, RMI_ADDR_TYPE_LIST) |
			FIELD_PREP(RMI_MAP_LIST_COUNT, entries);
		ret = rmi_rtt_data_map(realm->rd, ipa, gfn_to_gpa(gfn + i), flags,
				       virt_to_phys(realm->list), &out);
		if (!ret && out > ipa) {
			bitmap_set(slot->arch.pages, gfn + done - slot->base_gfn,
				   (out - ipa) >> PAGE_SHIFT);
			done += (out - ipa) >> PAGE_SHIFT;
			continue;
		}

		if (is_rtt_error(ret) && rmi_level(ret) < LEAF)
			*err = realm_rtt_create(kvm, mc, ipa, rmi_level(ret) + 1);
		else
			*err = kvm_realm_fatal(kvm, SMC_RMI_RTT_DATA_MAP, ret);
		if (*err)
			break;
	}

	return done;
}

/**
 * realm_map_private() - give pages to the realm
 * @kvm:   the VM
 * @mc:    table pages
 * @slot:  the memory slot
 * @gfn:   first guest page
 * @pages: guest_memfd pages, not delegated, references held by the caller
 * @nr:    how many; they do not cross the end of one leaf table, and none of
 *	   them is mapped (their bits are clear)
 *
 * Return: 0; or -ENOMEM, -EIO, when a part may be mapped. Pages that are not
 * mapped are the host's again.
 */
int realm_map_private(struct kvm *kvm, struct kvm_mmu_memory_cache *mc,
		      struct kvm_memory_slot *slot, gfn_t gfn,
		      struct page **pages, unsigned int nr)
{
	unsigned int i, n, ready = 0, mapped = 0;
	int err = 0;

	lockdep_assert_held_write(&kvm->mmu_lock);

	/* One call for each stretch: that is where the time goes */
	while (ready < nr) {
		phys_addr_t pa = page_to_phys(pages[ready]), top, done;

		n = pages_stretch(pages, ready, nr);
		top = pa + n * PAGE_SIZE;
		done = rmi_delegate(pa, top);
		ready += (done - pa) >> PAGE_SHIFT;
		if (done < top) {
			err = kvm_realm_fatal(kvm, SMC_RMI_GRANULE_RANGE_DELEGATE,
					      RMI_ERROR_INPUT);
			goto out;
		}
	}

	if (nr == REALM_BLOCK_PAGES && IS_ALIGNED(gfn, REALM_BLOCK_PAGES) &&
	    IS_ALIGNED(page_to_pfn(pages[0]), REALM_BLOCK_PAGES) && pages_contiguous(pages, nr)) {
		err = map_block(kvm, mc, slot, gfn, page_to_phys(pages[0]));
		if (err < 0)
			goto out;
		if (!err) {
			bitmap_set(slot->arch.pages, gfn - slot->base_gfn, nr);
			return 0;
		}
		err = 0;
	}

	mapped = map_pages(kvm, mc, slot, gfn, pages, nr, &err);
out:
	for (i = mapped; i < ready; i += n) {
		n = pages_stretch(pages, i, ready);
		rmi_undelegate_gmem(kvm, page_to_phys(pages[i]),
				    page_to_phys(pages[i]) + n * PAGE_SIZE);
	}
	return err;
}

/* ---- private half: unmap --------------------------------------------------- */

/* The page for it was put aside when the block was mapped */
static int split_block(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t gfn)
{
	struct kvm_realm *realm = kvm_to_realm(kvm);
	struct kvm_mmu_memory_cache mc = {};
	void *page = pool_take(realm);
	void *objects[1];
	int err;

	if (WARN_ON_ONCE(!page))
		return kvm_realm_fatal(kvm, SMC_RMI_RTT_CREATE, -ENOMEM);

	mc.objects = objects;
	mc.capacity = 1;
	cache_give_back(&mc, page);
	err = realm_rtt_create(kvm, &mc, gfn_to_gpa(gfn), LEAF);
	if (mc.nobjs)
		free_page((unsigned long)cache_take(&mc));
	if (err)
		return err;

	clear_bit(realm_block_index(slot, gfn), slot->arch.blocks);
	realm->nr_blocks--;
	return 0;
}

/**
 * realm_make_table() - hang in a table where the monitor wants one
 * @kvm:   the VM
 * @ipa:   any private address that the table covers
 * @level: its level
 *
 * As realm_rtt_create(), also where a block is mapped: that is none afterwards.
 *
 * Return: 0, -ENOMEM when the VM's cache is empty (fill it and try again), -EIO
 */
int realm_make_table(struct kvm *kvm, gpa_t ipa, int level)
{
	gfn_t gfn = gpa_to_gfn(ipa);
	struct kvm_memory_slot *slot = gfn_to_memslot(kvm, gfn);

	if (level == LEAF && slot && slot->arch.blocks &&
	    test_bit(realm_block_index(slot, gfn), slot->arch.blocks))
		return split_block(kvm, slot, gfn);

	return realm_rtt_create(kvm, &kvm_to_realm(kvm)->cache, ipa, level);
}

/*
 * The monitor does not let go of pages: they must never be freed. An extra
 * reference sees to that; which pages they are only the monitor knows.
 */
static void abandon_pages(struct kvm *kvm, gfn_t gfn, gfn_t end)
{
	for (; gfn < end; gfn++) {
		gpa_t ipa = gfn_to_gpa(gfn);
		struct rmi_rtt_entry e;

		if (rmi_rtt_read_entry(kvm_to_realm(kvm)->rd, ipa, LEAF, &e) ||
		    e.state != RMI_RTTE_DATA)
			continue;

		get_page(phys_to_page(e.desc + (ipa & (entry_bytes(e.level) - 1))));
		rmi_count_leak(kvm, 1);
	}
}

/* All pages of [@gfn, @end) are mapped, and lie under one leaf table */
static void unmap_stretch(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t gfn, gfn_t end)
{
	struct kvm_realm *realm = kvm_to_realm(kvm);
	unsigned long block = realm_block_index(slot, gfn);
	bool is_block = test_bit(block, slot->arch.blocks);
	u64 flags = FIELD_PREP(RMI_MAP_ADDR_TYPE, RMI_ADDR_TYPE_LIST) |
		    FIELD_PREP(RMI_MAP_LIST_COUNT, LIST_ENTRIES);

	if (is_block && end - gfn < REALM_BLOCK_PAGES) {
		if (split_block(kvm, slot, gfn)) {
			abandon_pages(kvm, gfn, end);
			bitmap_clear(slot->arch.pages, gfn - slot->base_gfn, end - gfn);
			return;
		}
		is_block = false;
	}

	while (gfn < end) {
		gpa_t ipa = gfn_to_gpa(gfn), out;
		unsigned long i, count;
		gfn_t next;
		long ret;

		ret = rmi_rtt_data_unmap(realm->rd, ipa, gfn_to_gpa(end), flags,
					 virt_to_phys(realm->list), &out, &count);
		if (ret || out <= ipa || out > gfn_to_gpa(end) || count > LIST_ENTRIES) {
			kvm_realm_fatal(kvm, SMC_RMI_RTT_DATA_UNMAP, ret);
			abandon_pages(kvm, gfn, end);
			next = end;
			count = 0;
		} else {
			next = gpa_to_gfn(out);
		}

		for (i = 0; i < count; i++) {
			phys_addr_t pa = rmi_range_pa(realm->list[i]);

			rmi_undelegate_gmem(kvm, pa, pa + rmi_range_bytes(realm->list[i]));
		}
		bitmap_clear(slot->arch.pages, gfn - slot->base_gfn, next - gfn);
		gfn = next;
	}

	if (is_block) {
		clear_bit(block, slot->arch.blocks);
		realm->nr_blocks--;
		free_page((unsigned long)pool_take(realm));
	}
}

/*
 * Take private pages of one slot away from the realm. They are the host's
 * afterwards, wiped, and DESTROYED to the realm if they were RAM.
 */
static void unmap_private(struct kvm *kvm, struct kvm_memory_slot *slot,
			  gfn_t start, gfn_t end, bool may_block)
{
	gfn_t base = slot->base_gfn, gfn = start;

	lockdep_assert_held_write(&kvm->mmu_lock);

	if (!slot->arch.pages)
		return;

	while (gfn < end) {
		gfn_t stop;

		gfn = base + find_next_bit(slot->arch.pages, end - base, gfn - base);
		if (gfn >= end)
			break;

		stop = min(end, round_down(gfn, REALM_BLOCK_PAGES) + REALM_BLOCK_PAGES);
		stop = base + find_next_zero_bit(slot->arch.pages, stop - base, gfn - base);
		unmap_stretch(kvm, slot, gfn, stop);
		gfn = stop;

		/* Who takes the lock meanwhile cannot map: this is an invalidation */
		if (may_block)
			cond_resched_rwlock_write(&kvm->mmu_lock);
	}
}

/* ---- shared half ------------------------------------------------------------ */

/* Unmap what one entry maps, or a part of it that is made of smaller entries */
static gpa_t unprot_unmap_once(struct kvm *kvm, gpa_t ipa, gpa_t top)
{
	phys_addr_t rd = kvm_to_realm(kvm)->rd;
	gpa_t out, base;
	long ret;

	ret = rmi_rtt_unprot_unmap(rd, ipa, top, &out);
	if (!ret && out > ipa)
		return out;

	if (!is_rtt_error(ret) || rmi_level(ret) > LEAF) {
		kvm_realm_fatal(kvm, SMC_RMI_RTT_UNPROT_UNMAP, ret);
		return top;
	}

	/* Larger than the range: all of it goes, and comes back by faults */
	base = ALIGN_DOWN(ipa, entry_bytes(rmi_level(ret)));
	top = base + entry_bytes(rmi_level(ret));
	ret = rmi_rtt_unprot_unmap(rd, base, top, &out);
	/* The caller gives the pages away: not being sure ends the VM */
	if (ret || out < top)
		kvm_realm_fatal(kvm, SMC_RMI_RTT_UNPROT_UNMAP, ret);
	return top;
}

static void unmap_shared(struct kvm *kvm, gpa_t start, gpa_t end, bool may_block)
{
	gpa_t ipa = start | kvm_realm_shared_bit(kvm);
	gpa_t top = ipa + (end - start);

	lockdep_assert_held_write(&kvm->mmu_lock);

	while (ipa < top) {
		ipa = unprot_unmap_once(kvm, ipa, top);
		if (may_block)
			cond_resched_rwlock_write(&kvm->mmu_lock);
	}
}

/*
 * What is in the way of a mapping at @level: another page or block, other
 * attributes, or a table that holds only shared mappings (which does not make
 * it live). Return: true if it is gone.
 */
static bool unprot_clear_way(struct kvm *kvm, gpa_t ipa, int level)
{
	phys_addr_t rd = kvm_to_realm(kvm)->rd, table;
	struct rmi_rtt_entry e;
	gpa_t base, next;

	if (rmi_rtt_read_entry(rd, ALIGN_DOWN(ipa, entry_bytes(level)), level, &e))
		return false;

	base = ALIGN_DOWN(ipa, entry_bytes(e.level));
	switch (e.state) {
	case RMI_RTTE_TABLE:
		if (rmi_rtt_destroy(rd, base, e.level + 1, &table, &next))
			return false;
		free_table(kvm, table);
		return true;
	case RMI_RTTE_DATA:
		return !rmi_rtt_unprot_unmap(rd, base, base + entry_bytes(e.level), &next);
	default:
		return false;
	}
}

static int size_to_level(unsigned long size)
{
	int level = LEAF;

	while (entry_bytes(level) < size)
		level--;

	return level;
}

/* Return: 0, 1 if it has to be a page, or a negative errno */
static int map_shared(struct kvm *kvm, struct kvm_mmu_memory_cache *mc, gpa_t gpa,
		      phys_addr_t pa, unsigned long size, u64 flags)
{
	gpa_t ipa = gpa | kvm_realm_shared_bit(kvm), out;
	int level = size_to_level(size);
	u64 desc = rmi_range_desc(pa, LEAF - level, 1, 0);
	unsigned int tries;

	/* Each round goes one level down or takes one thing out of the way */
	for (tries = 0; tries < 16; tries++) {
		long ret;
		int err;

		ret = rmi_rtt_unprot_map(kvm_to_realm(kvm)->rd, ipa, ipa + size, flags, desc, &out);
		if (!ret)
			return 0;
		if (!is_rtt_error(ret))
			return kvm_realm_fatal(kvm, SMC_RMI_RTT_UNPROT_MAP, ret);

		if (unprot_clear_way(kvm, ipa, min(rmi_level(ret), level)))
			continue;
		if (rmi_level(ret) >= level)
			return level < LEAF ? 1 : -EAGAIN;

		err = realm_rtt_create(kvm, mc, ipa, rmi_level(ret) + 1);
		if (err)
			return err;
	}

	return level < LEAF ? 1 : -EAGAIN;
}

/**
 * kvm_realm_map_shared() - map host memory into the shared half
 * @vcpu:      the vCPU that faulted; its cache has been topped up
 * @gpa:       guest address, without the shared bit, aligned to @size
 * @pa:	       what to map there
 * @size:      page, PMD or PUD size
 * @fault_gpa: an address in it, mapped alone where the block cannot be had
 * @prot:      what the host may do itself
 *
 * Called with mmu_lock held for write. Whatever was mapped there is replaced.
 *
 * Return: 0, -EAGAIN, -ENOMEM, -EFAULT for device memory, -EIO
 */
int kvm_realm_map_shared(struct kvm_vcpu *vcpu, gpa_t gpa, phys_addr_t pa, unsigned long size,
			 gpa_t fault_gpa, enum kvm_pgtable_prot prot)
{
	struct kvm_mmu_memory_cache *mc = &vcpu->arch.mmu_page_cache;
	u64 flags = FIELD_PREP(RMI_MAP_ADDR_TYPE, RMI_ADDR_TYPE_SINGLE);
	struct kvm *kvm = vcpu->kvm;
	u64 s2ap = 0;
	int ret;

	lockdep_assert_held_write(&kvm->mmu_lock);

	if (prot & KVM_PGTABLE_PROT_DEVICE)
		return -EFAULT;

	if (prot & KVM_PGTABLE_PROT_R)
		s2ap |= RMI_S2AP_READ;
	if (prot & KVM_PGTABLE_PROT_W)
		s2ap |= RMI_S2AP_WRITE;
	flags |= FIELD_PREP(RMI_MAP_S2AP, s2ap);
	flags |= FIELD_PREP(RMI_MAP_MEMATTR, prot & KVM_PGTABLE_PROT_NORMAL_NC ?
			    RMI_MEMATTR_NORMAL_NC : RMI_MEMATTR_NORMAL_WB);

	ret = map_shared(kvm, mc, gpa, pa, size, flags);
	if (ret == 1) {
		fault_gpa = ALIGN_DOWN(fault_gpa, PAGE_SIZE);
		ret = map_shared(kvm, mc, fault_gpa, pa + (fault_gpa - gpa), PAGE_SIZE, flags);
	}
	return ret;
}

/* ---- where unmaps come from ---------------------------------------------- */

static void unmap_slot_range(struct kvm *kvm, struct kvm_memory_slot *slot, gfn_t start, gfn_t end,
			     enum kvm_gfn_range_filter filter, bool may_block)
{
	/* No descriptor, nothing mapped */
	if (!kvm_to_realm(kvm)->rd)
		return;

	if (filter & KVM_FILTER_SHARED)
		unmap_shared(kvm, gfn_to_gpa(start), gfn_to_gpa(end), may_block);
	if (filter & KVM_FILTER_PRIVATE)
		unmap_private(kvm, slot, start, end, may_block);
}

/**
 * kvm_realm_unmap_gfn_range() - kvm_unmap_gfn_range() for a realm
 * @kvm:   the VM
 * @range: obeyed exactly: taking away private pages destroys the realm's data
 */
void kvm_realm_unmap_gfn_range(struct kvm *kvm, struct kvm_gfn_range *range)
{
	unmap_slot_range(kvm, range->slot, range->start, range->end, range->attr_filter,
			 range->may_block);
}

/**
 * kvm_realm_unmap_memslot() - a slot is about to go
 * @kvm:  the VM, mmu_lock held
 * @slot: the slot
 */
void kvm_realm_unmap_memslot(struct kvm *kvm, struct kvm_memory_slot *slot)
{
	unmap_slot_range(kvm, slot, slot->base_gfn, slot->base_gfn + slot->npages,
			 KVM_FILTER_SHARED | KVM_FILTER_PRIVATE, true);
}

/**
 * kvm_realm_unmap_all() - the VMM's memory goes away, or the VM does
 * @kvm: the VM; RECs may still exist but not run
 *
 * May be called again.
 */
void kvm_realm_unmap_all(struct kvm *kvm)
{
	struct kvm_memory_slot *slot;
	int bkt, idx;

	idx = srcu_read_lock(&kvm->srcu);
	write_lock(&kvm->mmu_lock);
	kvm_for_each_memslot(slot, bkt, kvm_memslots(kvm))
		kvm_realm_unmap_memslot(kvm, slot);
	write_unlock(&kvm->mmu_lock);
	srcu_read_unlock(&kvm->srcu, idx);
}

/* The side that a page leaves is unmapped before its attribute changes */
bool kvm_arch_pre_set_memory_attributes(struct kvm *kvm, struct kvm_gfn_range *range)
{
	bool to_private = range->arg.attributes & KVM_MEMORY_ATTRIBUTE_PRIVATE;

	if (!kvm_is_realm(kvm))
		return false;

	/* Common code leaves the filter uninitialised here */
	range->attr_filter = to_private ? KVM_FILTER_SHARED : KVM_FILTER_PRIVATE;
	kvm_realm_unmap_gfn_range(kvm, range);
	return false;
}

bool kvm_arch_post_set_memory_attributes(struct kvm *kvm, struct kvm_gfn_range *range)
{
	return false;
}

/* ---- teardown ---------------------------------------------------------------- */

/*
 * Destroy all tables at @level and below in [@start, @end). A table that has
 * tables under it answers RMI_ERROR_RTT with its own level.
 */
static void destroy_level(struct kvm *kvm, int level, gpa_t start, gpa_t end)
{
	phys_addr_t rd = kvm_to_realm(kvm)->rd;
	u64 span = entry_bytes(level - 1);
	bool descended = false;
	gpa_t ipa = start;

	while (ipa < end) {
		phys_addr_t table;
		gpa_t next;
		long ret;

		cond_resched_rwlock_write(&kvm->mmu_lock);

		ret = rmi_rtt_destroy(rd, ipa, level, &table, &next);
		if (!ret) {
			free_table(kvm, table);
		} else if (is_rtt_error(ret) && rmi_level(ret) >= level &&
			   level < LEAF && !descended) {
			destroy_level(kvm, level + 1, ipa, ipa + span);
			descended = true;
			continue;
		} else if (!is_rtt_error(ret) || rmi_level(ret) >= level) {
			kvm_err("RMI_RTT_DESTROY(%#llx, %d): %#lx\n", ipa, level, ret);
			next = 0;
		}

		/* The next thing in the same table, or its end */
		ipa = max(ALIGN_DOWN(next, span), ipa + span);
		descended = false;
	}
}

/**
 * realm_destroy_tables() - all tables but the roots
 * @kvm: the VM; nothing private is mapped and no REC exists
 */
void realm_destroy_tables(struct kvm *kvm)
{
	struct kvm_realm *realm = kvm_to_realm(kvm);

	write_lock(&kvm->mmu_lock);
	if (realm->start_level < LEAF)
		destroy_level(kvm, realm->start_level + 1, 0, BIT_ULL(realm->ia_bits));
	write_unlock(&kvm->mmu_lock);
}
