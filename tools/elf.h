/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of an AArch64 ELF file, and the lines of its code. */
#ifndef TOOLS_ELF_H
#define TOOLS_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct elf {
	const char *name;
	uint8_t *data;
	size_t bytes;
	const void *symbols;
	size_t nr_symbols;
	const char *strings;
	size_t strings_bytes;
};

/* False: no file, or none of this kind; *why says so. */
bool elf_open(struct elf *e, const char *name, const char **why);
/* Its address; false: there is none of this name, or several. */
bool elf_symbol(const struct elf *e, const char *name, uint64_t *address);
/* What the file holds for [address, address + bytes); NULL: not all of it. */
const uint8_t *elf_bytes(const struct elf *e, uint64_t address, uint64_t bytes);
/* The function or variable that holds an address: its name, offset in *offset; NULL: none. */
const char *elf_symbol_at(const struct elf *e, uint64_t address, uint64_t *offset);
/*
 * "rmi_features (rmm/rmi/features.c:8) in serve (rmm/rmi/dispatch.c:77)", by addr2line
 * ($ADDR2LINE); the symbol alone where that is not there. Gives `to`.
 */
char *elf_line(const struct elf *e, uint64_t address, char *to, size_t size);

#endif
