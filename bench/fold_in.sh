#!/bin/sh
# Strong generalisation: a tenth of the users is held out of training altogether, and folded in from what would have been their training
# rows. Beside it stand the same users, trained: with these rows in the log. `whole` histories are all of a user's rows, `short` ones the
# first one to five of them.
#   fold_in.sh [RESULTS]      default: bench/results/fold_in.tsv; cells that stand there are not run again
# TAMIS: the program; TAMIS_DATASETS: the folder of data sets, see README.md; THREADS: default 1; LOGS, METHODS, SEEDS, HISTORIES: what is run.
set -eu
LC_ALL=C
export LC_ALL
tamis=${TAMIS:-./tamis}
sets=${TAMIS_DATASETS-}
results=${1:-$(dirname "$0")/results/fold_in.tsv}
if [ ! -f "$sets/ml-100k/ratings.csv" ]; then
    echo "fold_in: ml-100k is not under TAMIS_DATASETS=$sets" >&2
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -s "$results" ] || printf 'log\thistory\tmethod\tseed\tusers\ttrained\tfolded in\tratio\n' >"$results"

parts() { # LOG SEED HISTORY: train.csv, history.csv, test.csv
    case $1 in
    ml-100k) "$tamis" split "$sets/ml-100k/ratings.csv" --min-rating 4 --hold-out-users 0.1 --seed "$2" -q -o "$work" ;;
    gowalla) # which has a test log of its own
        "$tamis" split "$sets/gowalla/train.csv.gz" --hold-out-users 0.1 --test-ratio 0 --seed "$2" -q -o "$work"
        gzip -dc "$sets/gowalla/test.csv.gz" | awk -F, 'FNR == NR { held[$1] = 1; next } FNR == 1 || $1 in held' "$work/history.csv" - >"$work/test.csv"
        ;;
    esac
    [ "$3" = whole ] || {
        awk -F, 'FNR == 1 { print; next } !($1 in most) { most[$1] = 1 + users++ % 5 } ++rows[$1] <= most[$1]' "$work/history.csv" >"$work/short.csv"
        mv "$work/short.csv" "$work/history.csv"
    }
}

recipe() { # LOG METHOD: what is not a default
    case $1-$2 in
    gowalla-ials) echo --epochs 4 --regularization 0.008 --unobserved-weight 0.01 ;;
    gowalla-warp) echo --learning-rate 0.05 --regularization 0.003 ;;
    esac
}

ndcg() { # MODEL OPTION...
    model=$1
    shift
    "$tamis" evaluate "$model" "$work/test.csv" "$@" --threads "${THREADS-1}" -k 20 --metrics ndcg --output-format csv -q >"$work/figures.csv"
    awk -F, 'FNR == 1 { for (k = 1; k <= NF; k++) at[$k] = k; next } { print $at["mean"]; exit }' "$work/figures.csv"
}

cell() { # LOG HISTORY METHOD SEED
    ! grep -q "^$1	$2	$3	$4	" "$results" || return 0
    parts "$1" "$4" "$2"
    set -- "$1" "$2" "$3" "$4" $(recipe "$1" "$3")
    log=$1 history=$2 method=$3 seed=$4
    shift 4
    "$tamis" train "$work/train.csv" "$work/history.csv" --method "$method" --seed "$seed" --threads "${THREADS-1}" "$@" -q -o "$work/trained.tamis"
    "$tamis" train "$work/train.csv" --method "$method" --seed "$seed" --threads "${THREADS-1}" "$@" -q -o "$work/without.tamis"
    trained=$(ndcg "$work/trained.tamis")
    folded=$(ndcg "$work/without.tamis" --fold-in "$work/history.csv")
    users=$(tail -n +2 "$work/history.csv" | cut -d, -f1 | sort -u | wc -l)
    awk -v t="$trained" -v f="$folded" -v row="$log	$history	$method	$seed	$users" \
        'BEGIN { printf "%s\t%.4f\t%.4f\t%.3f\n", row, t, f, f / t }' >>"$results"
}

for log in ${LOGS-ml-100k gowalla}; do
    for seed in ${SEEDS-1 2 3 4 5}; do
        for history in ${HISTORIES-whole short}; do
            for method in ${METHODS-ials bpr warp softmax bsl pld}; do cell "$log" "$history" "$method" "$seed"; done
        done
    done
done
