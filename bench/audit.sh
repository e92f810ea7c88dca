#!/bin/sh
# How well each method's audit tells noise: trains on MovieLens 100K (rating 4 and above) with uniform noise, a fifth of each
# user's rows added, audits that log, and prints a table.
#   audit.sh [METHOD...]      all methods, or those named; each with its defaults
# TAMIS: the program; TAMIS_DATASETS: the folder of data sets, see README.md.
set -eu
tamis=${TAMIS:-./tamis}
log=${TAMIS_DATASETS-}/ml-100k/ratings.csv
if [ ! -f "$log" ]; then
    echo "audit: ml-100k is not under TAMIS_DATASETS=${TAMIS_DATASETS-}" >&2
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- $("$tamis" methods | awk '/^Negative/ { exit } /^ / { print $1 }')
"$tamis" noise "$log" --min-rating 4 --uniform 0.2 -o "$work/log.csv" --truth "$work/truth.csv" -q
printf 'method\tAUC\tprecision\ttrue share\tat most\n'
for method; do
    "$tamis" train "$work/log.csv" --method "$method" -o "$work/model" -q
    "$tamis" audit "$work/model" "$work/log.csv" --truth "$work/truth.csv" -o "$work/suspects.csv" 2>&1 |
        sed -n 's/^noise: at most \([0-9.]*\)% of the log.*/bound \1/p
            s/^truth: .* noise, \([0-9.]*\)% of the log; AUC \([0-9.]*\), precision among as many suspects \([0-9.]*\).*/truth \1 \2 \3/p' |
        awk -v method="$method" -v OFS='\t' '{ for (k = 2; k <= 4; k++) f[$1, k] = $k }
            END { print method, f["truth", 3], f["truth", 4], f["truth", 2], f["bound", 2] }'
done
