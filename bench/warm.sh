#!/bin/sh
# Warm start: a model of a part of the log goes on with the rest of it, in a third of its epochs. Beside it stand the same method trained on
# all rows at once, and the model as it was before. `rows`: the new rows are each user's latest half (ml-100k) or a random half (gowalla);
# `users`: all rows of a random half of the users, whom the model then has never seen.
#   warm.sh [RESULTS]      default: bench/results/warm.tsv; cells that stand there are not run again
# TAMIS: the program; TAMIS_DATASETS: the folder of data sets, see README.md; THREADS: default 1; LOGS, METHODS, SEEDS, CUTS: what is run.
set -eu
LC_ALL=C
export LC_ALL
tamis=${TAMIS:-./tamis}
sets=${TAMIS_DATASETS-}
results=${1:-$(dirname "$0")/results/warm.tsv}
if [ ! -f "$sets/ml-100k/ratings.csv" ]; then
    echo "warm: ml-100k is not under TAMIS_DATASETS=$sets" >&2
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -s "$results" ] || printf 'log\tnew\tmethod\tseed\tepochs at once\tepochs warm\tat once\twarm\tbefore\tratio\n' >"$results"

parts() { # LOG CUT SEED: all.csv, old.csv, new.csv, test.csv
    case $1 in
    ml-100k)
        "$tamis" split "$sets/ml-100k/ratings.csv" --min-rating 4 --order time -q -o "$work/all"
        mv "$work/all/train.csv" "$work/all.csv"
        mv "$work/all/test.csv" "$work/test.csv"
        order=time
        ;;
    gowalla)
        gzip -dc "$sets/gowalla/train.csv.gz" >"$work/all.csv"
        gzip -dc "$sets/gowalla/test.csv.gz" >"$work/test.csv"
        order=random
        ;;
    esac
    case $2 in
    rows)
        "$tamis" split "$work/all.csv" --order $order --test-ratio 0.5 --seed "$3" -q -o "$work/halves"
        mv "$work/halves/test.csv" "$work/new.csv"
        ;;
    users)
        "$tamis" split "$work/all.csv" --hold-out-users 0.5 --test-ratio 0 --seed "$3" -q -o "$work/halves"
        mv "$work/halves/history.csv" "$work/new.csv"
        ;;
    esac
    mv "$work/halves/train.csv" "$work/old.csv"
}

ndcg() { # MODEL
    "$tamis" evaluate "$1" "$work/test.csv" --mask "$work/all.csv" --threads "${THREADS-1}" -k 20 --metrics ndcg --output-format csv -q >"$work/figures.csv"
    awk -F, 'FNR == 1 { for (k = 1; k <= NF; k++) at[$k] = k; next } { print $at["mean"]; exit }' "$work/figures.csv"
}

cell() { # LOG CUT METHOD SEED
    ! grep -q "^$1	$2	$3	$4	" "$results" || return 0
    parts "$1" "$2" "$4"
    row="$1	$2	$3	$4" method=$3 seed=$4
    "$tamis" train "$work/all.csv" --method "$method" --seed "$seed" --threads "${THREADS-1}" -q -o "$work/all.tamis"
    "$tamis" train "$work/old.csv" --method "$method" --seed "$seed" --threads "${THREADS-1}" -q -o "$work/old.tamis"
    epochs=$("$tamis" info "$work/all.tamis" | awk '$1 == "epochs-trained" { print $2 }')
    third=$((epochs / 3))
    "$tamis" train --from "$work/old.tamis" "$work/new.csv" --epochs "$third" --threads "${THREADS-1}" -q -o "$work/warm.tamis"
    awk -v a="$(ndcg "$work/all.tamis")" -v w="$(ndcg "$work/warm.tamis")" -v b="$(ndcg "$work/old.tamis")" -v row="$row	$epochs	$third" \
        'BEGIN { printf "%s\t%.4f\t%.4f\t%.4f\t%.3f\n", row, a, w, b, w / a }' >>"$results"
}

for log in ${LOGS-ml-100k gowalla}; do
    for seed in ${SEEDS-1 2 3 4 5}; do
        for cut in ${CUTS-rows users}; do
            for method in ${METHODS-bpr ials bsl}; do cell "$log" "$cut" "$method" "$seed"; done
        done
    done
done
