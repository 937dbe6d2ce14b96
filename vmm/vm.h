/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The virtual machine: made step by step (decisions-kvm K74), run by one
 * thread per vCPU, ended by whoever has a reason first.
 */
#ifndef VMM_VM_H
#define VMM_VM_H

#include <pthread.h>
#include <stdatomic.h>
#include <linux/kvm.h>

#include "bus.h"
#include "image.h"
#include "mem.h"

enum vm_end {
	VM_RUNS,
	VM_OFF,			/* the guest powered off */
	VM_RESET,		/* ... or asked for a reset */
	VM_LEFT,		/* the user left (Ctrl-A x) */
	VM_BROKEN,		/* cannot go on; vm->why says why */
};

struct vm;

struct vcpu {
	struct vm *vm;
	unsigned int id;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
	atomic_bool finished;

	/* this thread's own: the last memory fault that changed nothing */
	u64 fault_gpa, fault_size, fault_flags;
	bool fault_seen;
};

struct vm {
	/* never changes once vCPUs run */
	int kvm_fd, fd;
	bool realm;
	unsigned int ipa_bits;
	unsigned int sve_bits;	/* longest vector; 0: no SVE */
	bool pmu;
	u64 shared_bit;		/* of a realm; else 0 */
	struct mem mem;
	struct bus bus;
	struct vcpu *vcpus;
	unsigned int nr_vcpus;

	atomic_bool stop;

	/* guarded by end_lock */
	pthread_mutex_t end_lock;
	enum vm_end end;
	char why[200];
};

/* K73: the width that is asked for. forced 0: choose. Dies when RAM does not fit. */
unsigned int vm_ipa_bits(bool realm, u64 ram_size, unsigned int forced);

/* The steps of K74, in this order. Each dies with a sentence. */
void vm_open(struct vm *vm, bool realm, unsigned int ipa_bits);		/* 2, 3 */
void vm_memory(struct vm *vm, u64 size);				/* 4 to 6 */
void vm_vcpus(struct vm *vm, unsigned int n);				/* 7 */
void vm_gic(struct vm *vm);						/* 8 */
void vm_load(struct vm *vm, const struct blob *b);			/* 9 */
void vm_boot_registers(struct vm *vm, u64 entry, u64 tree);		/* 10 */
void vm_start(struct vm *vm);						/* 12 */

/* Ask every vCPU to stop and wait for them; false when one does not in time. */
bool vm_join(struct vm *vm, unsigned int ms);

/* The VM ends, for this reason unless another came first. Any thread. */
void vm_end(struct vm *vm, enum vm_end end, const char *why, ...) PRINTF(3, 4);

/* A vCPU's thread. */
void *vcpu_main(void *vcpu);

#endif
