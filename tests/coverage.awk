# SPDX-License-Identifier: BSD-2-Clause
# gcov -b -n, summed over rmm/: percent of lines and of branches taken, per file.
function numbers(text,   a) { sub(/.*:/, "", text); split(text, a, "% of "); percent = a[1]; of = a[2] }
/^$/ { ours = 0 }
/^File/ { name = $2; gsub(/\047/, "", name); ours = name ~ /^rmm\/.*\.c$/ }
/^Lines executed/ && ours { numbers($0); lines[name] = percent; nl += of; hl += percent * of / 100 }
/^Taken at least once/ && ours { numbers($0); taken[name] = percent; nb += of; hb += percent * of / 100 }
END {
	for (n in lines)
		printf "%6.1f %% lines %6.1f %% branches  %s\n", lines[n], taken[n], n | "sort -n"
	close("sort -n")
	printf "%6.1f %% of %d lines, %.1f %% of %d branches\n", 100 * hl / nl, nl, 100 * hb / nb, nb
}
