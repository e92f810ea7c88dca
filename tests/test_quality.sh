#!/bin/sh
# README's figures are those of the quality table, and the quick rows of that table are what this build reaches. make quality
# runs all of them.
set -eu
table="${abs_top_srcdir:?}/bench/quality.tsv"

# A row of README's table, "| data | `recipe` ... | METRIC / METRIC | figure / figure | published | run here |": the recipe's
# options in any order (--clip 0.1 is the default), figures to four digits, the reference in one of the two columns.
awk -F'\t' '
    function sorted(recipe,  option, n, k, j, text) { # options of a recipe in order
        sub(/ --clip 0\.1/, "", recipe)
        n = split(recipe, option, /(^| )--/)
        for (k = 2; k <= n; k++) for (j = k + 1; j <= n; j++)
            if (option[j] < option[k]) { text = option[k]; option[k] = option[j]; option[j] = text }
        text = ""
        for (k = 2; k <= n; k++) text = text " --" option[k]
        return text }
    NR == FNR { key = $2 sorted($3) " " $5; mean[key] = $7; reference[key] = $6; next }
    /^\| (Gowalla|Amazon|Coat|MovieLens)/ {
        n = split($0, cell, / *\| */)
        data = "gowalla"
        if (cell[2] ~ /Amazon/) data = cell[2] ~ /validation/ ? "amazon-validation" : "amazon-test"
        if (cell[2] ~ /Coat/) data = "coat"
        if (cell[2] ~ /MovieLens/) data = "ml-100k-noise-0.5"
        split(cell[3], part, /`/)
        metrics = split(tolower(cell[4]), metric, " / "); split(cell[5], figure, " / ")
        beside = cell[6] cell[7]; sub(/ *\(.*/, "", beside); split(beside, other, " / ")
        for (k = 1; k <= metrics; k++) {
            name = metric[k]; sub(/^map@/, "map-full@", name)
            key = data sorted(part[2]) " " name
            if (!(key in mean)) { print "README: no row of the quality table is " key; bad = 1; continue }
            if (mean[key] + 0 != figure[k] + 0) { print "README: " key " is " mean[key] ", not " figure[k]; bad = 1 }
            if (reference[key] + 0 != other[k] + 0 && !(part[3] ~ /not as published/)) {
                print "README: " key " stands beside " reference[key] ", not " other[k]; bad = 1 }
            seen++ } }
    END { if (seen < 20) { print "README: only " seen + 0 " figures are found"; bad = 1 } exit bad }
' "$table" "${abs_top_srcdir:?}/README.md"

case "${SANITIZERS-no}" in no|'') ;; *) echo "too slow with sanitizers"; exit 77 ;; esac
cases=sample-bpr
if [ -f "${TAMIS_DATASETS-}/ml-100k/ratings.csv" ]; then
    cases="$cases ml-100k-bpr"
else
    echo "ml-100k is skipped: TAMIS_DATASETS does not name a folder that holds it"
fi
# shellcheck disable=SC2086
exec sh "${abs_top_srcdir:?}/bench/quality.sh" "$table" $cases
