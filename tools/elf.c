/* SPDX-License-Identifier: BSD-2-Clause */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/elf.h"

static bool inside(const struct elf *e, uint64_t at, uint64_t bytes)
{
	return at <= e->bytes && bytes <= e->bytes - at;
}

static bool find_symbols(struct elf *e)
{
	const Elf64_Ehdr *h = (const void *)e->data;
	const Elf64_Shdr *s;

	if (!inside(e, 0, sizeof(*h)) || memcmp(h->e_ident, ELFMAG, SELFMAG) ||
	    h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != EM_AARCH64 ||
	    h->e_shentsize != sizeof(*s) || !inside(e, h->e_shoff, h->e_shnum * sizeof(*s)))
		return false;
	s = (const void *)(e->data + h->e_shoff);
	for (unsigned int i = 0; i < h->e_shnum; i++) {
		if (s[i].sh_type != SHT_SYMTAB || s[i].sh_link >= h->e_shnum ||
		    !inside(e, s[i].sh_offset, s[i].sh_size) ||
		    !inside(e, s[s[i].sh_link].sh_offset, s[s[i].sh_link].sh_size))
			continue;
		e->symbols = e->data + s[i].sh_offset;
		e->nr_symbols = s[i].sh_size / sizeof(Elf64_Sym);
		e->strings = (const char *)e->data + s[s[i].sh_link].sh_offset;
		e->strings_bytes = s[s[i].sh_link].sh_size;
		return e->strings_bytes && !e->strings[e->strings_bytes - 1];
	}
	return false;
}

bool elf_open(struct elf *e, const char *name, const char **why)
{
	int fd = open(name, O_RDONLY);
	struct stat st;

	*e = (struct elf){ .name = name };
	*why = "cannot be read";
	if (fd < 0)
		return false;
	if (fstat(fd, &st) || !st.st_size) {
		close(fd);
		return false;
	}
	e->bytes = (size_t)st.st_size;
	e->data = mmap(NULL, e->bytes, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (e->data == MAP_FAILED)
		return false;
	*why = "is no AArch64 ELF file with symbols";
	return find_symbols(e);
}

static const char *name_of(const struct elf *e, const Elf64_Sym *s)
{
	return s->st_name < e->strings_bytes ? e->strings + s->st_name : "";
}

bool elf_symbol(const struct elf *e, const char *name, uint64_t *address)
{
	const Elf64_Sym *s = e->symbols;
	unsigned int found = 0;

	for (size_t i = 0; i < e->nr_symbols; i++) {
		const char *is = name_of(e, &s[i]);
		size_t n = strlen(name);

		/* link-time optimisation adds .lto_priv.0 and the like to static ones */
		if (s[i].st_shndx == SHN_UNDEF || strncmp(is, name, n) || (is[n] && is[n] != '.'))
			continue;
		*address = s[i].st_value;
		found++;
	}
	return found == 1;
}

const uint8_t *elf_bytes(const struct elf *e, uint64_t address, uint64_t bytes)
{
	const Elf64_Ehdr *h = (const void *)e->data;
	const Elf64_Shdr *s = (const void *)(e->data + h->e_shoff);

	for (unsigned int i = 0; i < h->e_shnum; i++)
		if (s[i].sh_type == SHT_PROGBITS && s[i].sh_flags & SHF_ALLOC &&
		    address >= s[i].sh_addr && address - s[i].sh_addr < s[i].sh_size &&
		    bytes <= s[i].sh_size - (address - s[i].sh_addr) &&
		    inside(e, s[i].sh_offset, s[i].sh_size))
			return e->data + s[i].sh_offset + (address - s[i].sh_addr);
	return NULL;
}

const char *elf_symbol_at(const struct elf *e, uint64_t address, uint64_t *offset)
{
	const Elf64_Sym *s = e->symbols, *best = NULL;

	for (size_t i = 0; i < e->nr_symbols; i++) {
		unsigned int type = ELF64_ST_TYPE(s[i].st_info);

		if (s[i].st_shndx == SHN_UNDEF || s[i].st_shndx >= SHN_LORESERVE ||
		    (type != STT_FUNC && type != STT_OBJECT && type != STT_NOTYPE) ||
		    name_of(e, &s[i])[0] == '$' || s[i].st_value > address)
			continue;
		if (!best || s[i].st_value > best->st_value ||
		    (s[i].st_value == best->st_value && s[i].st_size > best->st_size))
			best = &s[i];
	}
	if (!best)
		return NULL;
	*offset = address - best->st_value;
	return name_of(e, best);
}

/* "/where/it/was/built/rmm/mem/s2.c:12 (discriminator 3)" from "rmm/" on */
static const char *short_file(char *line)
{
	static const char *const rooms[] = { "/rmm/", "/el3/", "/abi/", "/library/", "/arch/" };
	char *end = strstr(line, " (discriminator");

	if (end)
		*end = '\0';
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++) {
		char *at = strstr(line, rooms[i]);

		if (at)
			return at + 1;
	}
	return strncmp(line, "el3/", 4) && strchr(line, '/') ? strrchr(line, '/') + 1 : line;
}

char *elf_line(const struct elf *e, uint64_t address, char *to, size_t size)
{
	const char *tool = getenv("ADDR2LINE");
	char command[4400], function[300], file[600];
	size_t at = 0;
	uint64_t offset;
	FILE *f;

	*to = '\0';
	/* the name is ours or the user's own: quoted, and refused with a quote in it */
	if (!strchr(e->name, '\'') &&
	    snprintf(command, sizeof(command), "%s -f -i -e '%s' 0x%llx 2>/dev/null",
		     tool ? tool : "aarch64-linux-gnu-addr2line", e->name,
		     (unsigned long long)address) < (int)sizeof(command) &&
	    (f = popen(command, "r"))) {
		while (fgets(function, sizeof(function), f) && fgets(file, sizeof(file), f) &&
		       function[0] != '?' && at < size) {
			function[strcspn(function, "\n")] = '\0';
			file[strcspn(file, "\n")] = '\0';
			at += (size_t)snprintf(to + at, size - at, "%s%s (%s)", at ? " in " : "",
					       function, short_file(file));
		}
		pclose(f);
	}
	if (!at) {
		const char *name = elf_symbol_at(e, address, &offset);

		snprintf(to, size, name ? "%s + 0x%llx" : "nothing known", name,
			 (unsigned long long)offset);
	}
	return to;
}
