# SPDX-License-Identifier: BSD-2-Clause
# With -fdata-sections: each variable's section renamed, the counters of gcov left alone.
$2 ~ /^\.data\./ && $2 !~ /gcov|rel\.ro/ { printf "--rename-section %s=rmm_data ", $2 }
$2 ~ /^\.bss\./ && $2 !~ /gcov/ { printf "--rename-section %s=rmm_bss,alloc ", $2 }
