// SPDX-License-Identifier: BSD-2-Clause
/*
 * memhog MIB [SECONDS]: hold that much memory, touched, for so long (for ever).
 * Prints "held" once it has it; status 1 if it cannot get it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	size_t mib = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
	char *p = MAP_FAILED;

	if (mib)
		p = mmap(NULL, mib << 20, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		fprintf(stderr, "memhog: cannot have %zu MiB\n", mib);
		return 1;
	}
	memset(p, 0x5a, mib << 20);
	printf("held\n");
	fflush(stdout);
	if (argc > 2)
		sleep(atoi(argv[2]));
	else
		pause();
	return 0;
}
