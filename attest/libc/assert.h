/* SPDX-License-Identifier: BSD-2-Clause */
/* The fetched library includes it and uses nothing of it. */
