/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "abi/el3.h"
#include "abi/rmi.h"
/* RMI_FID_FIRST and _LAST are numbers in both; the list of commands names them once more */
#undef RMI_FID_FIRST
#undef RMI_FID_LAST
#include "abi/rmi/commands.h"
#include "abi/rsi.h"
#include "run/psci.h"
#include "tools/words.h"

/* ---- text ------------------------------------------------------------------- */

struct text { char *to; size_t size, at; };

static struct text text(char *to, size_t size)
{
	*to = '\0';
	return (struct text){ to, size, 0 };
}

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(t->to + t->at, t->size - t->at, fmt, ap);
	va_end(ap);
	t->at += (size_t)n;
	if (t->at >= t->size)
		t->at = t->size - 1;
}

struct name { uint64_t number; const char *name; };
#define N(x)	{ x, #x }

static const char *name_in(const struct name *names, size_t nr, uint64_t number)
{
	for (size_t i = 0; i < nr; i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}
#define NAME_IN(names, number)	name_in(names, ARRAY_SIZE(names), number)

/* ---- the RMI ------------------------------------------------------------------ */

#define MAX_ARGS	8

static const struct {
	const char *name;
	uint64_t fid;
	const char *arg[MAX_ARGS];
} commands[NR_COMMANDS] = {
#define BEGIN			[DEF_CAT(CMD_, CMD)] = { .name = DEF_STR(CMD),
#define COMMAND(id, gate)	.fid = id, .arg = {
#define ARG(name, type)		#name,
#define END			} },
#include "abi/rmi/every.def"
};

static const char *const refusals[NR_REFUSALS] = {
#define FAIL(label, status)	[DEF_CAT(DEF_CAT(CMD, _), label)] = #label,
#include "abi/rmi/every.def"
};

const char *words_command(unsigned int command)
{
	return command < NR_COMMANDS ? commands[command].name : NULL;
}

int words_command_of(uint64_t fid)
{
	for (int i = 0; i < NR_COMMANDS; i++)
		if (commands[i].fid == (fid & 0xFFFEFFFF))	/* SVE hint aside */
			return i;
	return -1;
}

const char *words_refusal(unsigned int refusal)
{
	return refusal < NR_REFUSALS && refusals[refusal] ? refusals[refusal] : "";
}

char *words_call(char *to, size_t size, uint64_t fid, const uint64_t *args, unsigned int nr)
{
	struct text t = text(to, size);
	int c = words_command_of(fid);
	char name[40];

	if (c < 0) {
		add(&t, "%s", words_function(name, sizeof(name), fid));
		for (unsigned int i = 0; i < nr; i++)
			add(&t, " 0x%llx", (unsigned long long)args[i]);
		return to;
	}
	add(&t, "RMI_%s", commands[c].name);
	for (unsigned int i = 0; i < nr && i < MAX_ARGS && commands[c].arg[i]; i++) {
		const char *arg = commands[c].arg[i];

		if (!strcmp(arg, "level"))
			add(&t, " %s %lld", arg, (long long)args[i]);
		else
			add(&t, " %s 0x%llx", arg, (unsigned long long)args[i]);
	}
	return to;
}

static const char *const outputs[NR_COMMANDS][MAX_ARGS] = {
#define BEGIN			[DEF_CAT(CMD_, CMD)] = {
#define OUT(name)		#name,
#define END			},
#include "abi/rmi/every.def"
};

char *words_outputs(char *to, size_t size, uint64_t fid, const uint64_t *outs)
{
	struct text t = text(to, size);
	int c = words_command_of(fid);

	for (unsigned int i = 0; c >= 0 && i < MAX_ARGS && outputs[c][i]; i++)
		add(&t, " %s 0x%llx", outputs[c][i], (unsigned long long)outs[i]);
	return to;
}

static const struct name statuses[] = {
	N(RMI_SUCCESS), N(RMI_ERROR_INPUT), N(RMI_ERROR_REALM), N(RMI_ERROR_REC),
	N(RMI_ERROR_RTT),
	N(RMI_ERROR_NOT_SUPPORTED), N(RMI_ERROR_DEVICE), N(RMI_ERROR_RTT_AUX),
	N(RMI_ERROR_PSMMU_ST), N(RMI_ERROR_DPT), N(RMI_BUSY), N(RMI_ERROR_GLOBAL),
	N(RMI_ERROR_TRACKING), N(RMI_INCOMPLETE), N(RMI_BLOCKED), N(RMI_ERROR_GPT),
	N(RMI_ERROR_GRANULE),
};

static void add_answer(struct text *t, uint64_t x0)
{
	static const char *const mem[] = { "", ", wants memory", ", gives memory back", ", ?" };
	unsigned int status = RMI_STATUS(x0);
	const char *name = NAME_IN(statuses, status);

	if ((uint32_t)x0 == (uint32_t)RMI_UNKNOWN_FID)
		add(t, "no such call");
	else if (name)
		add(t, "%s", name);
	else
		add(t, "status 0x%llx", (unsigned long long)x0);
	if (status == RMI_INCOMPLETE)
		add(t, "%s%s", mem[RMI_MEM(x0)], x0 & RMI_CAN_CANCEL ? ", can be cancelled" : "");
	if (status == RMI_ERROR_RTT || status == RMI_ERROR_TRACKING || status == RMI_ERROR_GPT)
		add(t, ", level %d", (signed char)(x0 >> RMI_LEVEL_SHIFT));
}

char *words_answer(char *to, size_t size, uint64_t x0)
{
	struct text t = text(to, size);
	uint64_t status = RMI_STATUS(x0);

	add_answer(&t, x0);
	if ((status == RMI_ERROR_TRACKING || status == RMI_ERROR_GPT) && x0 >> RMI_ADDRESS_SHIFT)
		add(&t, " at 0x%llx", (unsigned long long)(x0 >> RMI_ADDRESS_SHIFT << 12));
	return to;
}

/* ---- other functions ------------------------------------------------------------ */

static const struct name functions[] = {
	N(RSI_FID_VERSION), N(RSI_FID_FEATURES), N(RSI_FID_MEASUREMENT_READ),
	N(RSI_FID_MEASUREMENT_EXTEND), N(RSI_FID_ATTEST_TOKEN_INIT),
	N(RSI_FID_ATTEST_TOKEN_CONTINUE), N(RSI_FID_REALM_CONFIG), N(RSI_FID_IPA_STATE_SET),
	N(RSI_FID_IPA_STATE_GET), N(RSI_FID_HOST_CALL), N(RSI_FID_VSMMU_GET_INFO),
	N(RSI_FID_ARCH_DEV_ACTIVATE), N(RSI_FID_VDEV_DMA_ENABLE), N(RSI_FID_VDEV_GET_INFO),
	N(RSI_FID_VDEV_P2P_BIND), N(RSI_FID_VDEV_VALIDATE_MAPPING), N(RSI_FID_MEM_GET_PERM_VALUE),
	N(RSI_FID_MEM_SET_PERM_INDEX), N(RSI_FID_MEM_SET_PERM_VALUE), N(RSI_FID_PLANE_ENTER),
	N(RSI_FID_VDEV_DMA_DISABLE), N(RSI_FID_PLANE_SYSREG_READ), N(RSI_FID_PLANE_SYSREG_WRITE),
	N(PSCI_VERSION), N(PSCI_CPU_SUSPEND), N(PSCI_CPU_OFF), N(PSCI_CPU_ON),
	N(PSCI_AFFINITY_INFO), { 0x84000006, "PSCI_MIGRATE_INFO_TYPE" }, N(PSCI_SYSTEM_OFF),
	N(PSCI_SYSTEM_RESET), N(PSCI_FEATURES), N(SMCCC_VERSION),
	{ 0x80000001, "SMCCC_ARCH_FEATURES" },
	N(RMM_RMI_REQ_COMPLETE), N(RMM_GTSI_DELEGATE), N(RMM_GTSI_UNDELEGATE),
	N(RMM_ATTEST_GET_REALM_KEY), N(RMM_ATTEST_GET_PLAT_TOKEN), N(RMM_EL3_FEATURES),
	N(RMM_EL3_TOKEN_SIGN), N(RMM_MEC_REFRESH), N(RMM_RESERVE_MEMORY), N(RMM_BOOT_COMPLETE),
	N(FIRME_SERVICE_VERSION), N(FIRME_SERVICE_FEATURES), N(FIRME_GM_GPI_SET),
	N(FIRME_L1_GPT_CREATE), N(FIRME_L1_GPT_DESTROY), N(FIRME_GM_GPI_OP_CONTINUE),
};

static bool is_psci(uint64_t fid)
{
	return (fid & ~(uint64_t)PSCI_SMC64) >> 8 == PSCI_VERSION >> 8;
}

static const char *function_name(uint64_t fid)
{
	const char *name;

	fid = (uint32_t)fid & ~(uint64_t)SMC_SVE_HINT;
	name = NAME_IN(functions, fid);
	if (!name && is_psci(fid))
		name = NAME_IN(functions, fid & ~(uint64_t)PSCI_SMC64);
	return name;
}

char *words_function(char *to, size_t size, uint64_t fid)
{
	struct text t = text(to, size);
	const char *name = function_name(fid);
	int c = words_command_of(fid);

	if (c >= 0)
		add(&t, "RMI_%s", commands[c].name);
	else if (name && !strncmp(name, "RSI_FID_", 8))
		add(&t, "RSI_%s", name + 8);
	else if (name)
		add(&t, "%s", name);
	else
		add(&t, "function 0x%llx", (unsigned long long)fid);
	return to;
}

const char *words_exit(unsigned int reason)
{
	static const struct name names[] = {
		N(RMI_EXIT_SYNC), N(RMI_EXIT_IRQ), N(RMI_EXIT_FIQ), N(RMI_EXIT_PSCI),
		N(RMI_EXIT_RIPAS_CHANGE), N(RMI_EXIT_HOST_CALL), N(RMI_EXIT_SERROR),
		N(RMI_EXIT_S2AP_CHANGE),
	};
	const char *name = NAME_IN(names, reason);

	return name ? name : "RMI_EXIT_?";
}

const char *words_gpi(unsigned int gpi)
{
	static const struct name names[] = {
		{ GPI_NO_ACCESS, "no access" }, { GPI_SECURE, "Secure" },
		{ GPI_NS, "Non-secure" }, { GPI_ROOT, "Root" }, { GPI_REALM, "Realm" },
		{ GPI_ANY, "any" },
	};
	const char *name = NAME_IN(names, gpi);

	return name ? name : "reserved";
}

/* ---- syndromes ---------------------------------------------------------------------- */

static const struct name classes[] = {
	{ 0x00, "unknown reason or undefined" }, { 0x01, "WFI or WFE" }, { 0x07, "FP access" },
	{ 0x09, "pointer authentication" }, { 0x0a, "LD64B or other" },
	{ 0x0d, "branch target" }, { 0x0e, "illegal state" }, { 0x11, "SVC (AArch32)" },
	{ 0x13, "SMC (AArch32)" }, { 0x14, "MSRR, MRRS or SYSP" }, { 0x15, "SVC" },
	{ 0x16, "HVC" }, { 0x17, "SMC" }, { 0x18, "system register" }, { 0x19, "SVE access" },
	{ 0x1a, "ERET" }, { 0x1c, "pointer authentication failure" }, { 0x1d, "SME access" },
	{ 0x1e, "granule protection check" }, { 0x20, "instruction abort from below" },
	{ 0x21, "instruction abort" }, { 0x22, "PC alignment" },
	{ 0x24, "data abort from below" }, { 0x25, "data abort" }, { 0x26, "SP alignment" },
	{ 0x27, "memory copy or set" }, { 0x2c, "FP exception" }, { 0x2d, "guarded control stack" },
	{ 0x2f, "SError" }, { 0x30, "breakpoint from below" }, { 0x31, "breakpoint" },
	{ 0x32, "step from below" }, { 0x33, "step" }, { 0x34, "watchpoint from below" },
	{ 0x35, "watchpoint" }, { 0x3c, "BRK" },
};

/* DFSC and IFSC; the level is in the code. */
static void add_fault(struct text *t, unsigned int fsc)
{
	static const char *const by_level[] = {
		"address size fault", "translation fault", "access flag fault", "permission fault",
	};

	if (fsc < 0x10)
		add(t, ", %s, level %u", by_level[fsc >> 2], fsc & 3);
	else if (fsc == 0x2b)
		add(t, ", translation fault, level -1");
	else if (fsc == 0x29)
		add(t, ", address size fault, level -1");
	else if (fsc == 0x10)
		add(t, ", external abort");
	else if (fsc == 0x13 || (fsc >= 0x14 && fsc <= 0x17))
		add(t, ", external abort on a walk, level %d", (int)(fsc & 7) - 4);
	else if (fsc == 0x28)
		add(t, ", granule protection fault");
	else if (fsc == 0x23 || (fsc >= 0x24 && fsc <= 0x27))
		add(t, ", granule protection fault on a walk, level %d", (int)(fsc & 7) - 4);
	else if (fsc == 0x21)
		add(t, ", alignment fault");
	else if (fsc == 0x30)
		add(t, ", TLB conflict");
	else if (fsc == 0x35)
		add(t, ", unsupported exclusive or atomic access");
	else
		add(t, ", fault status 0x%x", fsc);
}

char *words_esr(char *to, size_t size, uint64_t esr)
{
	struct text t = text(to, size);
	unsigned int ec = esr >> 26 & 0x3f, iss = esr & 0x1ffffff;
	const char *name = NAME_IN(classes, ec);

	if (name)
		add(&t, "%s", name);
	else
		add(&t, "class 0x%x", ec);
	switch (ec) {
	case 0x20: case 0x21:
		add_fault(&t, iss & 0x3f);
		break;
	case 0x24: case 0x25:
		add(&t, iss >> 6 & 1 ? ", write" : ", read");
		add_fault(&t, iss & 0x3f);
		if (iss >> 7 & 1)
			add(&t, ", of a stage 1 walk");
		break;
	case 0x18:
		add(&t, " S%u_%u_C%u_C%u_%u, %s", iss >> 20 & 3, iss >> 14 & 7, iss >> 10 & 15,
		    iss >> 1 & 15, iss >> 17 & 7, iss & 1 ? "read" : "write");
		break;
	case 0x01:
		add(&t, ": %s", (const char *[]){ "WFI", "WFE", "WFIT", "WFET" }[iss & 3]);
		break;
	case 0x15: case 0x16: case 0x17: case 0x3c:
		add(&t, " #0x%x", iss & 0xffff);
		break;
	}
	return to;
}

/* ---- events --------------------------------------------------------------------------- */

static void add_smc(struct text *t, const struct trace_event *e)
{
	char name[40];
	unsigned int fid = (unsigned int)e->arg[0];
	int32_t status = (int32_t)TRACE_STATUS(e->what);

	add(t, "%s: ", TRACE_NUMBER(e->what) ? "realm world" : "host");
	if (!e->arg[0]) {
		add(t, "SMC from below EL2, refused");
		return;
	}
	add(t, "%s", words_function(name, sizeof(name), fid));
	if (fid == FIRME_GM_GPI_SET) {
		add(t, " base 0x%llx count %llu to %s: %llu changed", e->arg[1], e->arg[2],
		    words_gpi((unsigned int)e->arg[3]), e->arg[4]);
		if (status)
			add(t, ", then %d", status);
		return;
	}
	if (fid == RMM_BOOT_COMPLETE) {		/* does not come back */
		add(t, ": %d", (int)e->arg[1]);
		return;
	}
	add(t, " 0x%llx 0x%llx 0x%llx: %d", e->arg[1], e->arg[2], e->arg[3], status);
	if (e->arg[4] != e->arg[1])
		add(t, ", x1 0x%llx", e->arg[4]);
}

static void add_realm(struct text *t, const struct trace_event *e)
{
	char name[40];

	add(t, "REC 0x%llx: %s: ", e->arg[0], words_function(name, sizeof(name), e->arg[1]));
	if (TRACE_NUMBER(e->what))
		add(t, "leaves to the host");
	else
		add(t, "%d", (int32_t)TRACE_STATUS(e->what));
}

static void add_rmi(struct text *t, const struct trace_event *e)
{
	unsigned int c = TRACE_NUMBER(e->what);
	uint64_t args[TRACE_ARGS];
	char call[300];

	for (unsigned int i = 0; i < TRACE_ARGS; i++)
		args[i] = e->arg[i];
	add(t, "%s: ", words_call(call, sizeof(call), c < NR_COMMANDS ? commands[c].fid : c, args,
				  TRACE_ARGS));
	add_answer(t, TRACE_STATUS(e->what));
	if (TRACE_LABEL(e->what))
		add(t, " (%s)", words_refusal(TRACE_LABEL(e->what)));
}

char *words_event(char *to, size_t size, const struct trace_event *e)
{
	struct text t = text(to, size);
	char more[200];

	switch (TRACE_KIND(e->what)) {
	case TRACE_RMI:
		add_rmi(&t, e);
		break;
	case TRACE_RMI_UNKNOWN:
		add(&t, "%s: no such call", words_function(more, sizeof(more), e->arg[0]));
		break;
	case TRACE_REALM:
		add_realm(&t, e);
		break;
	case TRACE_EXIT:
		add(&t, "REC 0x%llx: exit %s", e->arg[0], words_exit(TRACE_NUMBER(e->what)));
		if (TRACE_STATUS(e->what))
			add(&t, ": %s", words_esr(more, sizeof(more), TRACE_STATUS(e->what)));
		if (e->arg[1])
			add(&t, ", IPA 0x%llx", (e->arg[1] >> 4 & 0xFFFFFFFFFFULL) << 12);
		break;
	case TRACE_PANIC:
		add(&t, "PANIC at image + 0x%llx", e->arg[0]);
		if (TRACE_NUMBER(e->what))
			add(&t, ": %s", words_esr(more, sizeof(more), TRACE_STATUS(e->what)));
		else
			add(&t, ", line %u", TRACE_STATUS(e->what));
		break;
	case TRACE_KEPT:
		add(&t, "EL3 refuses to move 0x%llx: the monitor keeps it, %llu so far", e->arg[0],
		    e->arg[1]);
		break;
	case TRACE_SMC:
		add_smc(&t, e);
		break;
	case TRACE_TRAP:
		add(&t, "%s: trap: %s", TRACE_NUMBER(e->what) ? "realm world" : "host",
		    words_esr(more, sizeof(more), TRACE_STATUS(e->what)));
		break;
	default:
		add(&t, "kind %u, %llx", TRACE_KIND(e->what), e->what);
	}
	return to;
}
