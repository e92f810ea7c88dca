#!/bin/sh
# What the audit says of known noise: four logs, uniform, popular, and uniform noise of a few users, in four amounts each. No model
# is given; the judge is the audit's own.
#   audit.sh [RESULTS]      default: bench/results/audit.tsv; cells that stand there are not run again
# TAMIS: the program; TAMIS_DATASETS: the folder of data sets, see README.md; THREADS: default 1.
set -eu
LC_ALL=C
export LC_ALL
tamis=${TAMIS:-./tamis}
sets=${TAMIS_DATASETS-}
results=${1:-$(dirname "$0")/results/audit.tsv}
if [ ! -f "$sets/ml-100k/ratings.csv" ]; then
    echo "audit: ml-100k is not under TAMIS_DATASETS=$sets" >&2
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
head='log\tnoise\tratio\ttrue\tat most (uniform)\tat most (any)\tnot popular alone\tat least\tusers differ by\tAUC\tprecision'
for q in 0.2 0.3 0.4 0.5; do head="$head\\tdeleted at $q\\tgood\\tnoise found"; done
[ -s "$results" ] || printf "$head\n" >"$results"

figure() { sed -n "s/$1/\\1/p" "$work/told" | head -n 1; }

cell() { # LOG KIND RATIO OPTION...: of tamis noise, the files first
    name=$1 kind=$2 ratio=$3
    shift 3
    ! grep -q "^$name	$kind	$ratio	" "$results" || return 0
    case $kind in
    uniform) set -- "$@" --uniform "$ratio" ;;
    popular) set -- "$@" --popular "$ratio" ;;
    users) set -- "$@" --noisy-users "$ratio" ;;
    none) set -- "$@" --uniform 1e-9 ;;
    esac
    "$tamis" noise "$@" -o "$work/log.csv" --truth "$work/truth.csv" -q
    "$tamis" audit "$work/log.csv" --threads "${THREADS-1}" --truth "$work/truth.csv" -o "$work/suspects.csv" \
        --clean "$work/clean.csv" --at-most-good 0.5 2>"$work/told"
    row=$(awk -F, 'NR > 1 { n++; bad += $3 == 1 } END { printf "%.4f", bad / n }' "$work/truth.csv")
    for pattern in '^noise: at most \([0-9.]*\)%.*' '.*(at most \([0-9.]*\)%, if.*'; do row="$row	$(figure "$pattern")"; done
    row="$row	$(grep -c 'popular items alone cannot' "$work/told" || :)"
    for pattern in '^noise: at least \([0-9.]*\)%.*' '^users: .* differs by \([0-9.]*\) .*' '.*AUC \([0-9.]*\),.*' '.*as many suspects \([0-9.]*\).*'; do
        row="$row	$(figure "$pattern")"
    done
    # the promise of other shares, from the same list of suspects: as study/density.c has it
    row="$row$(awk -F, -v least="$(figure '^noise: at least \([0-9.]*\)%.*')" '
        FNR == 1 { next }
        FNR == NR { if ($3 == 1) { noisy[$1, $2]; all++ } next }
        { n++; r[n] = $3; bad[n] = bad[n - 1] + (($1, $2) in noisy) }
        END {
            for (q = 2; q <= 5; q++) {
                best = 0
                for (k = 1; k <= n && r[k] >= 0.5; k++) {
                    m = least / 100 * n * (1 - r[k])
                    if (r[k + 1] != r[k] && 1 - (m - 2 * sqrt(m)) / k <= q / 10) best = k
                }
                if (best) printf "\t%d\t%.3f\t%.3f", best, 1 - bad[best] / best, bad[best] / (all + !all)
                else printf "\t0\t\t"
            }
        }' "$work/truth.csv" "$work/suspects.csv")"
    printf '%s\t%s\t%s\t%s\n' "$name" "$kind" "$ratio" "$row" >>"$results"
}

amounts='none:0 uniform:0.05 uniform:0.1 uniform:0.2 uniform:0.4 popular:0.05 popular:0.1 popular:0.2 popular:0.4
    users:0.05 users:0.1 users:0.2 users:0.4'
for amount in $amounts; do
    kind=${amount%:*} ratio=${amount#*:}
    cell ml-100k "$kind" "$ratio" "$sets/ml-100k/ratings.csv" --min-rating 4
    cell amazon2014-electronic "$kind" "$ratio" "$sets/amazon2014-electronic/train.csv.gz" --held-out "$sets/amazon2014-electronic/test.csv.gz"
    cell amazon-nbpo "$kind" "$ratio" "$sets/amazon-nbpo/train.csv" --held-out "$sets/amazon-nbpo/test.csv"
done
for amount in $amounts; do # last, as it takes the longest
    kind=${amount%:*} ratio=${amount#*:}
    cell gowalla-quarter "$kind" "$ratio" "$sets/gowalla/train.csv.gz" --where 'user_id<7465' --held-out "$sets/gowalla/test.csv.gz"
done
