/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The layouts of abi/ proved by the compiler. No code comes out of this file;
 * it is part of every build that uses the headers.
 */
#include <stddef.h>
#include <stdint.h>

#include "rmi.h"
#include "rsi.h"

#define AT(type, field, offset) \
	_Static_assert(offsetof(struct type, field) == (offset), #type "." #field)
#define SIZE(type, bytes) \
	_Static_assert(sizeof(struct type) == (bytes), "size of " #type)

SIZE(rmi_rmm_config, 0x1000);
AT(rmi_rmm_config, tracking_region_size, 0x000);
AT(rmi_rmm_config, rmi_granule_size, 0x008);

SIZE(rmi_realm_params, 0x1000);
AT(rmi_realm_params, flags0, 0x000);
AT(rmi_realm_params, s2sz, 0x008);
AT(rmi_realm_params, sve_vl, 0x010);
AT(rmi_realm_params, num_bps, 0x018);
AT(rmi_realm_params, num_wps, 0x020);
AT(rmi_realm_params, pmu_num_ctrs, 0x028);
AT(rmi_realm_params, hash_algo, 0x030);
AT(rmi_realm_params, num_aux_planes, 0x038);
AT(rmi_realm_params, rpv, 0x400);
AT(rmi_realm_params, ats_plane, 0x440);
AT(rmi_realm_params, rtt_base, 0x808);
AT(rmi_realm_params, rtt_level_start, 0x810);
AT(rmi_realm_params, rtt_num_start, 0x818);
AT(rmi_realm_params, flags1, 0x820);
AT(rmi_realm_params, max_num_vdevs, 0x828);
AT(rmi_realm_params, aux_rtt_base, 0xF80);

SIZE(rmi_rec_params, 0x1000);
AT(rmi_rec_params, flags, 0x000);
AT(rmi_rec_params, mpidr, 0x100);
AT(rmi_rec_params, pc, 0x200);
AT(rmi_rec_params, gprs, 0x300);

SIZE(rmi_rec_enter, 0x800);
AT(rmi_rec_enter, flags, 0x000);
AT(rmi_rec_enter, gprs, 0x200);

SIZE(rmi_rec_exit, 0x800);
AT(rmi_rec_exit, exit_reason, 0x000);
AT(rmi_rec_exit, esr, 0x100);
AT(rmi_rec_exit, far, 0x108);
AT(rmi_rec_exit, hpfar, 0x110);
AT(rmi_rec_exit, rtt_tree, 0x118);
AT(rmi_rec_exit, gprs, 0x200);
AT(rmi_rec_exit, cntp_ctl, 0x400);
AT(rmi_rec_exit, cntp_cval, 0x408);
AT(rmi_rec_exit, cntv_ctl, 0x410);
AT(rmi_rec_exit, cntv_cval, 0x418);
AT(rmi_rec_exit, ripas_base, 0x500);
AT(rmi_rec_exit, ripas_top, 0x508);
AT(rmi_rec_exit, ripas_value, 0x510);
AT(rmi_rec_exit, imm, 0x600);
AT(rmi_rec_exit, plane, 0x608);
AT(rmi_rec_exit, pmu_ovf_status, 0x700);

SIZE(rmi_rec_run, 0x1000);
AT(rmi_rec_run, exit, 0x800);

SIZE(rmi_measure_data, 0x100);
AT(rmi_measure_data, len, 0x08);
AT(rmi_measure_data, rim, 0x10);
AT(rmi_measure_data, ipa, 0x50);
AT(rmi_measure_data, flags, 0x58);
AT(rmi_measure_data, content, 0x60);

SIZE(rmi_measure_rec, 0x100);
AT(rmi_measure_rec, rim, 0x10);
AT(rmi_measure_rec, content, 0x50);

SIZE(rsi_realm_config, 0x1000);
AT(rsi_realm_config, ipa_width, 0x000);
AT(rsi_realm_config, hash_algo, 0x008);
AT(rsi_realm_config, num_aux_planes, 0x010);
AT(rsi_realm_config, gicv3_vtr, 0x018);
AT(rsi_realm_config, ats_plane, 0x020);
AT(rsi_realm_config, rpv, 0x200);

SIZE(rsi_host_call, 0x100);
AT(rsi_host_call, imm, 0x000);
AT(rsi_host_call, gprs, 0x008);
