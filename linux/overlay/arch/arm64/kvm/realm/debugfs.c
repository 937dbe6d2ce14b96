// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be seen of realms in debugfs.
 *
 *   rmi/granules	pages that are delegated, donated and leaked; tests compare
 *			it before and after
 *   kvm/<pid>-<fd>/rtt	what the tables of one realm say, by RTT_READ_ENTRY:
 *			ipa size hipas ripas pa
 */
#include <linux/debugfs.h>
#include <linux/kvm_host.h>
#include <linux/seq_file.h>

#include <asm/kvm_pgtable.h>
#include <asm/kvm_realm.h>
#include <asm/rmi_cmds.h>

static int granules_show(struct seq_file *m, void *unused)
{
	seq_printf(m, "delegated %ld\ndonated %ld\nleaked %ld\n",
		   atomic_long_read(&rmi_nr_delegated),
		   atomic_long_read(&rmi_nr_donated),
		   atomic_long_read(&rmi_nr_leaked));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(granules);

void __init kvm_rmi_debugfs_init(void)
{
	debugfs_create_file("granules", 0444, debugfs_create_dir("rmi", NULL), NULL,
			    &granules_fops);
}

/* One open file: the entry found last */
struct rtt_iter {
	struct kvm *kvm;
	gpa_t ipa;
	struct rmi_rtt_entry e;
};

static u64 rtt_iter_size(const struct rtt_iter *it)
{
	return kvm_granule_size(it->e.level);
}

/* An entry that says anything: mapped, or not EMPTY */
static bool rtt_iter_find(struct rtt_iter *it)
{
	struct kvm_realm *realm = kvm_to_realm(it->kvm);

	guard(write_lock)(&it->kvm->mmu_lock);

	while (realm->rd && it->ipa < BIT_ULL(realm->ia_bits)) {
		if (rmi_rtt_read_entry(realm->rd, it->ipa, KVM_PGTABLE_LAST_LEVEL, &it->e) ||
		    it->e.level > KVM_PGTABLE_LAST_LEVEL)
			return false;
		if (it->e.state != RMI_RTTE_VOID || it->e.ripas != RMI_RIPAS_EMPTY)
			return true;
		it->ipa = ALIGN_DOWN(it->ipa, rtt_iter_size(it)) + rtt_iter_size(it);
		cond_resched_rwlock_write(&it->kvm->mmu_lock);
	}

	return false;
}

/* The position is the page number of the IPA */
static void *rtt_seq_start(struct seq_file *m, loff_t *pos)
{
	struct rtt_iter *it = m->private;

	it->ipa = (gpa_t)*pos << PAGE_SHIFT;
	if (!rtt_iter_find(it))
		return NULL;
	*pos = it->ipa >> PAGE_SHIFT;
	return it;
}

static void *rtt_seq_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct rtt_iter *it = m->private;

	it->ipa = ALIGN_DOWN(it->ipa, rtt_iter_size(it)) + rtt_iter_size(it);
	*pos = it->ipa >> PAGE_SHIFT;
	if (!rtt_iter_find(it))
		return NULL;
	*pos = it->ipa >> PAGE_SHIFT;
	return it;
}

static void rtt_seq_stop(struct seq_file *m, void *v)
{
}

static int rtt_seq_show(struct seq_file *m, void *v)
{
	static const char * const ripas[] = { "EMPTY", "RAM", "DESTROYED", "DEV" };
	struct rtt_iter *it = m->private;
	bool shared = kvm_realm_ipa_is_shared(it->kvm, it->ipa);
	bool mapped = it->e.state == RMI_RTTE_DATA;
	u64 pa = it->e.desc;

	/* A shared entry has its attributes in the low bits */
	if (shared)
		pa &= GENMASK_ULL(49, PAGE_SHIFT);

	seq_printf(m, "%012llx %llx %s %s %llx\n", it->ipa, rtt_iter_size(it),
		   mapped ? (shared ? "MAPPED_NS" : "DATA") :
		   it->e.state == RMI_RTTE_VOID ? (shared ? "UNMAPPED_NS" : "VOID") : "OTHER",
		   it->e.ripas < ARRAY_SIZE(ripas) ? ripas[it->e.ripas] : "?",
		   mapped ? pa : 0);
	return 0;
}

static const struct seq_operations rtt_sops = {
	.start	= rtt_seq_start,
	.next	= rtt_seq_next,
	.stop	= rtt_seq_stop,
	.show	= rtt_seq_show,
};

static int rtt_open(struct inode *inode, struct file *file)
{
	struct kvm *kvm = inode->i_private;
	struct rtt_iter *it;

	if (!kvm_get_kvm_safe(kvm))
		return -ENOENT;

	it = __seq_open_private(file, &rtt_sops, sizeof(*it));
	if (!it) {
		kvm_put_kvm(kvm);
		return -ENOMEM;
	}
	it->kvm = kvm;
	return 0;
}

static int rtt_release(struct inode *inode, struct file *file)
{
	kvm_put_kvm(inode->i_private);
	return seq_release_private(inode, file);
}

static const struct file_operations rtt_fops = {
	.owner	 = THIS_MODULE,
	.open	 = rtt_open,
	.read	 = seq_read,
	.llseek	 = seq_lseek,
	.release = rtt_release,
};

/**
 * kvm_realm_create_debugfs() - the files of one realm
 * @kvm: the VM
 */
void kvm_realm_create_debugfs(struct kvm *kvm)
{
	debugfs_create_file("rtt", 0400, kvm->debugfs_dentry, kvm, &rtt_fops);
}
