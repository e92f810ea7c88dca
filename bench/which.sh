#!/bin/sh
# Eleven methods, two of them also with --distrust 0.5, by their defaults on four logs: a fifth of each user's interactions is for test, three splits.
#   which.sh [RESULTS]      default: bench/results/which.tsv; cells that stand there are not run again
# TAMIS: the program; TAMIS_DATASETS: the folder of data sets, see README.md; THREADS: default 1.
set -eu
LC_ALL=C
export LC_ALL
tamis=${TAMIS:-./tamis}
sets=${TAMIS_DATASETS-}
results=${1:-$(dirname "$0")/results/which.tsv}
if [ ! -f "$sets/ml-100k/ratings.csv" ]; then
    echo "which: ml-100k is not under TAMIS_DATASETS=$sets" >&2
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -s "$results" ] || printf 'log\tmethod\tseed\tndcg@20\trecall@20\n' >"$results"

log() { # NAME OPTION...: of tamis split, the files first
    name=$1
    shift
    for seed in 1 2 3; do
        for method in pop itemknn ease bpr warp ials softmax bsl slatk pld pld-fresh ials+distrust softmax+distrust; do
            ! grep -q "^$name	$method	$seed	" "$results" || continue
            [ -f "$work/$name-$seed/train.csv" ] || "$tamis" split "$@" --test-ratio 0.2 --seed "$seed" -o "$work/$name-$seed" 2>"$work/said"
            distrust=
            [ "${method%+distrust}" = "$method" ] || distrust='--distrust 0.5'
            # shellcheck disable=SC2086
            "$tamis" train "$work/$name-$seed/train.csv" --method "${method%+distrust}" $distrust --seed "$seed" -o "$work/model" --threads "${THREADS-1}" 2>"$work/said"
            "$tamis" evaluate "$work/model" "$work/$name-$seed/test.csv" --metrics ndcg,recall -k 20 --drop-unknown --json >"$work/figures" 2>"$work/said"
            figure() { tr -d '\n ' <"$work/figures" | sed "s/.*\"$1@20\":\([0-9.e-]*\).*/\1/"; }
            printf '%s\t%s\t%s\t%.4f\t%.4f\n' "$name" "$method" "$seed" "$(figure ndcg)" "$(figure recall)" >>"$results"
        done
    done
}
log ml-100k "$sets/ml-100k/ratings.csv" --min-rating 4
log health "$sets/amazon2014-health/train.csv.gz"
log amazon-nbpo "$sets/amazon-nbpo/train.csv"
log electronic "$sets/amazon2014-electronic/train.csv.gz"
