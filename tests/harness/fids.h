/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Function identifiers written down a second time, from rmi.md 4.1 and not from
 * abi/rmi/, with how many result registers each has (rmi.md 4.3, x0 included).
 */
#ifndef TESTS_FIDS_H
#define TESTS_FIDS_H

#define RMI_FIDS(F)					\
	F(VERSION,			0x150, 3)	\
	F(RTT_DATA_MAP_INIT,		0x153, 1)	\
	F(REALM_ACTIVATE,		0x157, 1)	\
	F(REALM_CREATE,			0x158, 1)	\
	F(REALM_DESTROY,		0x159, 1)	\
	F(REC_CREATE,			0x15A, 1)	\
	F(REC_DESTROY,			0x15B, 1)	\
	F(REC_ENTER,			0x15C, 1)	\
	F(RTT_CREATE,			0x15D, 1)	\
	F(RTT_DESTROY,			0x15E, 3)	\
	F(RTT_READ_ENTRY,		0x161, 5)	\
	F(PSCI_COMPLETE,		0x164, 1)	\
	F(FEATURES,			0x165, 2)	\
	F(RTT_FOLD,			0x166, 2)	\
	F(RTT_INIT_RIPAS,		0x168, 2)	\
	F(RTT_SET_RIPAS,		0x169, 2)	\
	F(RMM_CONFIG_SET,		0x16E, 1)	\
	F(GRANULE_TRACKING_GET,		0x1E1, 4)	\
	F(GRANULE_TRACKING_SET,		0x1E3, 1)	\
	F(RMM_CONFIG_GET,		0x1EC, 1)	\
	F(RMM_STATE_GET,		0x1EE, 2)	\
	F(GRANULE_RANGE_DELEGATE,	0x1F1, 2)	\
	F(GRANULE_RANGE_UNDELEGATE,	0x1F2, 2)	\
	F(GPT_L1_CREATE,		0x1F3, 1)	\
	F(GPT_L1_DESTROY,		0x1F4, 1)	\
	F(RTT_DATA_MAP,			0x1F5, 2)	\
	F(RTT_DATA_UNMAP,		0x1F6, 4)	\
	F(RTT_UNPROT_MAP,		0x1FB, 2)	\
	F(RTT_UNPROT_UNMAP,		0x1FC, 4)	\
	F(REALM_TERMINATE,		0x201, 1)	\
	F(RMM_ACTIVATE,			0x202, 1)	\
	F(OP_CONTINUE,			0x203, 3)	\
	F(OP_MEM_DONATE,		0x208, 3)	\
	F(OP_MEM_RECLAIM,		0x209, 2)	\
	F(OP_CANCEL,			0x20A, 1)	\
	F(RMM_DEACTIVATE,		0x20F, 1)	\
	F(GPT_INFO,			0x211, 3)

#define F_ENUM(name, low, outs) FID_##name = 0xC4000000 | low,
enum { RMI_FIDS(F_ENUM) };
#undef F_ENUM

#endif
