// SPDX-License-Identifier: BSD-2-Clause
/*
 * A vCPU's thread: run, serve the exit, run again. decisions-kvm K79, K80.
 * Nothing here dies: a guest may end its own VM, never the process.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "kvm.h"
#include "kvm_abi.h"
#include "kvm_arm_rmi.h"
#include "vm.h"

#define SYSTEM_SHUTDOWN	1
#define SYSTEM_RESET	2

static void do_mmio(struct vcpu *c)
{
	struct kvm_run *run = c->run;
	u32 len = run->mmio.len;
	u64 val = 0;

	if (len > sizeof(val))
		return;
	if (run->mmio.is_write) {
		memcpy(&val, run->mmio.data, len);
		bus_write(&c->vm->bus, run->mmio.phys_addr, len, val);
	} else {
		val = bus_read(&c->vm->bus, run->mmio.phys_addr, len);
		memcpy(run->mmio.data, &val, len);
	}
}

/*
 * The guest, or KVM for it, wants memory private or shared. Outside RAM nothing
 * is changed: KVM then refuses the guest's request when it runs again. A fault
 * that comes back although nothing was to be changed would come back for ever.
 */
static bool do_memory_fault(struct vcpu *c)
{
	struct kvm_memory_fault_exit f;
	struct vm *vm = c->vm;
	enum convert_result r;
	bool private;

	memcpy(&f, &c->run->mmio, sizeof(f));	/* any member of the union: its start */
	private = f.flags & KVM_MEMORY_EXIT_FLAG_PRIVATE;
	r = mem_convert(&vm->mem, vm->fd, f.gpa, f.size, private);
	debug("cpu %u: memory fault 0x%llx + 0x%llx wants %s: %d", c->id, (unsigned long long)f.gpa,
	      (unsigned long long)f.size, private ? "private" : "shared", r);
	if (r == CONVERT_DONE) {
		c->fault_seen = false;
		return true;
	}
	if (r == CONVERT_FAILED) {
		vm_end(vm, VM_BROKEN, "memory at 0x%llx cannot be made %s: %s",
		       (unsigned long long)f.gpa, private ? "private" : "shared", strerror(errno));
		return false;
	}
	if (c->fault_seen && c->fault_gpa == f.gpa && c->fault_size == f.size &&
	    c->fault_flags == f.flags) {
		vm_end(vm, VM_BROKEN, "CPU %u uses %s memory at 0x%llx that it does not have",
		       c->id, private ? "private" : "shared", (unsigned long long)f.gpa);
		return false;
	}
	c->fault_seen = true;
	c->fault_gpa = f.gpa;
	c->fault_size = f.size;
	c->fault_flags = f.flags;
	return true;
}

static bool do_system_event(struct vcpu *c)
{
	u32 type = c->run->system_event.type;

	if (type == SYSTEM_SHUTDOWN)
		vm_end(c->vm, VM_OFF, "power off");
	else if (type == SYSTEM_RESET)
		vm_end(c->vm, VM_RESET, "reset");
	else
		vm_end(c->vm, VM_BROKEN, "the guest crashed (system event %u)", type);
	return false;
}

/* The realm is over; the vCPU that ended it has the reason, and is about to say it. */
static bool do_shutdown(struct vcpu *c)
{
	const struct timespec tick = { .tv_nsec = 10000000 };
	int i;

	for (i = 0; i < 100 && !atomic_load(&c->vm->stop); i++)
		nanosleep(&tick, NULL);
	vm_end(c->vm, VM_BROKEN, "the realm cannot be entered any more, and nobody ended it");
	return false;
}

static bool do_internal_error(struct vcpu *c)
{
	const struct kvm_run *r = c->run;

	if (r->internal.suberror == KVM_INTERNAL_ERROR_REALM && r->internal.ndata >= 3)
		vm_end(c->vm, VM_BROKEN,
		       "the monitor answered what nobody expected: command 0x%llx, status 0x%llx, "
		       "exit reason 0x%llx", (unsigned long long)r->internal.data[0],
		       (unsigned long long)r->internal.data[1],
		       (unsigned long long)r->internal.data[2]);
	else
		vm_end(c->vm, VM_BROKEN, "internal error %u of the host's KVM",
		       r->internal.suberror);
	return false;
}

/* Returns whether to run again. */
static bool do_exit(struct vcpu *c)
{
	switch (c->run->exit_reason) {
	case KVM_EXIT_MMIO:
		do_mmio(c);
		return true;
	case KVM_EXIT_INTR:
		return true;
	case KVM_EXIT_MEMORY_FAULT:
		return do_memory_fault(c);
	case KVM_EXIT_SYSTEM_EVENT:
		return do_system_event(c);
	case KVM_EXIT_SHUTDOWN:
		return do_shutdown(c);
	case KVM_EXIT_INTERNAL_ERROR:
		return do_internal_error(c);
	}
	vm_end(c->vm, VM_BROKEN, "exit %u of KVM is not one we know", c->run->exit_reason);
	return false;
}

static bool run_once(struct vcpu *c)
{
	int err;

	if (!kvm_ioctl(c->fd, KVM_RUN, 0)) {
		if (c->run->exit_reason != KVM_EXIT_MEMORY_FAULT)
			c->fault_seen = false;
		return do_exit(c);
	}
	err = errno;
	if (err == EINTR || err == EAGAIN)
		return true;
	if (err == EFAULT && c->run->exit_reason == KVM_EXIT_MEMORY_FAULT)
		return do_memory_fault(c);
	vm_end(c->vm, VM_BROKEN, "CPU %u cannot run: %s", c->id, strerror(err));
	return false;
}

void *vcpu_main(void *arg)
{
	struct vcpu *c = arg;

	while (!atomic_load(&c->vm->stop) && run_once(c))
		;
	atomic_store(&c->finished, true);
	return NULL;
}
