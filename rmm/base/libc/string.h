/* SPDX-License-Identifier: BSD-2-Clause */
/* For the fetched library's objects on the target: what they include and we have. */
#include "base/string.h"
