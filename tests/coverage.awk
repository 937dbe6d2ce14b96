# SPDX-License-Identifier: BSD-2-Clause
# gcov -b -n over rmm/ and attest/: percent of lines and of branches taken, per file and together.
# Status 1 when the monitor's own files (rmm/) are below the aim.
function numbers(text,   a) { sub(/.*:/, "", text); split(text, a, "% of "); percent = a[1]; of = a[2] }
/^File/ { name = $2; gsub(/\047/, "", name); ours = name ~ /^(rmm|attest)\/.*\.c$/ }
/^Lines executed/ && ours && !(name in lines) { numbers($0); lines[name] = percent; nr_lines[name] = of }
/^Taken at least once/ && ours { numbers($0); taken[name] = percent; nr_taken[name] = of }
END {
	for (n in lines) {
		printf "%6.1f %% lines %6.1f %% branches  %s\n", lines[n], n in taken ? taken[n] : 100, n | "sort -n"
		if (n !~ /^rmm/)
			continue
		nl += nr_lines[n]
		hl += lines[n] * nr_lines[n] / 100
		nb += nr_taken[n]
		hb += taken[n] * nr_taken[n] / 100
	}
	close("sort -n")
	if (!nl || !nb) {
		print "coverage: nothing was counted"
		exit 1
	}
	printf "%6.1f %% of %d lines, %.1f %% of %d branches of rmm/; the aim is 95 %% and 90 %%\n",
		100 * hl / nl, nl, 100 * hb / nb, nb
	exit 100 * hl / nl < 95 || 100 * hb / nb < 90
}
