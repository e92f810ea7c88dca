#!/bin/sh
# Defaults, which follow from the log, against what a search finds: for six methods on five logs, NDCG@20 of the test part by the
# defaults and by `tamis tune` with 30 trials (8 on Gowalla), which sees the training part alone.
#   defaults.sh [RESULTS]      default: bench/results/defaults.tsv; cells that stand there are not run again
# TAMIS: the program; TAMIS_DATASETS: the folder of data sets, see README.md; THREADS: default 1.
set -eu
LC_ALL=C
export LC_ALL
tamis=${TAMIS:-./tamis}
sets=${TAMIS_DATASETS-}
threads=${THREADS-1}
results=${1:-$(dirname "$0")/results/defaults.tsv}
if [ ! -f "$sets/ml-100k/ratings.csv" ]; then
    echo "defaults: ml-100k is not under TAMIS_DATASETS=$sets" >&2
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -s "$results" ] || printf 'log\tmethod\tseed\tdefaults\ttuned\tfound\n' >"$results"

quietly() { "$@" 2>"$work/said" || { cat "$work/said" >&2; exit 1; }; }

figure() { # SEED OPTION...: NDCG@20 of a model trained with them
    seed=$1
    shift
    quietly "$tamis" train "$work/train.csv" --seed "$seed" "$@" -o "$work/model" --threads "$threads" -q
    quietly "$tamis" evaluate "$work/model" "$work/test.csv" --metrics ndcg -k 20 --drop-unknown --threads "$threads" --json >"$work/figures"
    tr -d '\n ' <"$work/figures" | sed 's/.*"ndcg@20":\([0-9.e-]*\).*/\1/'
}

log() { # NAME TRIALS SEEDS METHODS; the training and the test part lie in work
    for method in $4; do
        ! grep -q "^$1	$method	" "$results" || continue
        rm -f "$work"/options*
        quietly "$tamis" tune "$work/train.csv" --methods "$method" --trials "$2" -o "$work/options" --threads "$threads" -q >"$work/tried"
        found=$(grep -v '^#' "$work/options" | sed '/^method /d; s/^/--/' | tr '\n' ' ')
        for seed in $3; do
            printf '%s\t%s\t%s\t%.4f\t%.4f\t%s\n' "$1" "$method" "$seed" "$(figure "$seed" --method "$method")" \
                "$(figure "$seed" --options "$work/options")" "${found% }"
        done >"$work/rows"
        cat "$work/rows" >>"$results"
    done
}
parts() { quietly "$tamis" split "$@" --test-ratio 0.2 --validation-ratio 0.1 --seed 7 -o "$work" -q; }

methods="ials bpr warp pld softmax bsl"
parts "$sets/ml-100k/ratings.csv" --min-rating 4
log ml-100k 30 "1 2 3" "$methods"
parts "$sets/amazon2014-health/train.csv.gz"
log health 30 "1 2 3" "$methods"
parts "$sets/amazon-nbpo/train.csv"
log amazon-nbpo 30 "1 2 3" "$methods"
parts "$sets/amazon2014-electronic/train.csv.gz"
log electronic 30 "1 2 3" "$methods"
for part in train test; do gzip -dc "$sets/gowalla/$part.csv.gz" >"$work/$part.csv"; done
log gowalla 8 1 "$methods"
