#!/bin/sh
# Digests of what training, evaluation and a study come to: SHA-256 of user factors, item factors and biases after three
# epochs, of an evaluation's metrics, of a study's results. They show that a change of the code changed no bit.
#   digests.sh TABLE [LOG...]      compares; the logs of the table, or those named (sample, ml-100k); exit 1: a difference
#   digests.sh --update TABLE      writes the table anew
# TAMIS: the program; TAMIS_DATASETS: the folder with ml-100k/ratings.csv. A log that is missing is skipped, saying so.
set -u
LC_ALL=C
export LC_ALL
update=
[ "${1-}" != --update ] || { update=1; shift; }
table=${1:?which table?}
shift
tamis=${TAMIS:-./tamis}
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# every method as it is by default, the recipes of bench/quality.tsv, and ways of training that neither of them takes
recipes() {
    {
        for method in $("$tamis" completion bash | sed -n "s/.*train:--method) words='\([^']*\)'.*/\1/p"); do echo "--method $method"; done
        awk -F'\t' 'NR > 1 { gsub(/--validation-ratio [0-9.]+ */, "", $3); gsub(/--epochs [0-9]+ */, "", $3); sub(/ +$/, "", $3)
                             if ($3 != "") print $3 }' "$here/bench/quality.tsv"
        cat <<'END'
--item-bias --init uniform --init-scale 1
--negative-sampling popularity --negatives 3
--validation-ratio 0.1 --validation-interval 1 --patience 1 --learning-rate 1
--batch-size 300 --optimizer adagrad --item-bias
--batch-size 300 --optimizer lazy-adam --negative-sampling popularity
--batch-size 300 --optimizer lazy-sgd --item-bias
--batch-size 300 --optimizer sgd --negative-sampling warp
--method bpo --positive-sampling pld --warmup 1
--method bpo --positive-sampling pld --warmup 1 --batch-size 300
--method pld-fresh --warmup 1 --item-bias --pool 7
--method pld --warmup 1 --item-bias --pool 7
--positive-sampling user
--positive-sampling user --batch-size 300
--method warp --positive-sampling pld --warmup 1
--method nbpo --variant surrogate --batch-size 300 --optimizer adam
--method nbpo --variant original --batch-size 0 --item-bias
--method relmf --pairs all --batch-size 300 --optimizer adam
--method ubpr --variant unbiased
--method wmf --batch-size 0 --optimizer sgd
END
    } | awk '!seen[$0]++'
}

sum() { # FILE...
    cat "$@" 2>/dev/null | sha256sum | cut -c1-16
}

prepare() { # LOG: train.csv and test.csv into $work/LOG
    mkdir -p "$work/$1"
    case $1 in
        sample) gzip -dc "$here/data/sample.csv.gz" | awk -F, 'NR == 1 || (n[$1] || ++users <= 300) && ++n[$1]' >"$work/log.csv" ;;
        ml-100k)
            [ -f "${TAMIS_DATASETS-}/ml-100k/ratings.csv" ] || { echo "skipped: ml-100k is not in TAMIS_DATASETS"; return 1; }
            cp "$TAMIS_DATASETS/ml-100k/ratings.csv" "$work/log.csv" ;;
        *) echo "there is no log $1"; exit 2 ;;
    esac
    rating=
    [ "$1" = sample ] || rating='--min-rating 4'
    # shellcheck disable=SC2086
    "$tamis" split "$work/log.csv" $rating --test-ratio 0.2 --seed 1 -o "$work/$1" -q
}

train() { # LOG SEED RECIPE: three epochs, where there are any
    # shellcheck disable=SC2086
    "$tamis" train "$work/$1/train.csv" $3 --epochs 3 --seed "$2" -o "$work/model" -q >"$work/said" 2>&1 || {
        grep -q 'epochs has no effect' "$work/said" &&
            "$tamis" train "$work/$1/train.csv" $3 --seed "$2" -o "$work/model" -q >"$work/said" 2>&1
    }
}

line() { # LOG SEED RECIPE
    rm -rf "$work/factors"
    train "$@" &&
        "$tamis" export "$work/model" "$work/factors" -q >"$work/said" 2>&1 &&
        "$tamis" evaluate "$work/model" "$work/$1/test.csv" -k 5,20 --json -q >"$work/json" 2>"$work/said" ||
        { printf '%s\t%s\t%s\tfailed: %s\n' "$1" "$2" "$3" "$(head -1 "$work/said")"; return; }
    sed 's/.*"metrics":{\([^}]*\)}.*/\1/' "$work/json" >"$work/metrics"
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$(sum "$work/factors/user_factors.npy")" \
        "$(sum "$work/factors/item_factors.npy" "$work"/factors/neighbour_*.npy)" "$(sum "$work/factors/item_bias.npy")" "$(sum "$work/metrics")"
}

study() { # LOG
    "$tamis" robustness "$work/$1/train.csv" -o "$work/study-$1" --methods bpr,pld,nbpo,bsl --ratios 0,0.5 --seeds 2 --trials 1 --validation clean \
        --epochs 3 --factors 8 --patience 0 -q >"$work/said" 2>&1
    cut -d, -f2-7 "$work/study-$1/results.csv" >"$work/results"
    printf '%s\t%s\t%s\t%s\n' "$1" 1 robustness "$(sum "$work/results")"
}

logs=${*:-sample ml-100k}
printf 'log\tseed\trecipe\tuser factors\titem factors\titem biases\tmetrics\n' >"$work/table"
for log in $logs; do
    prepare "$log" || continue
    recipes >"$work/recipes"
    while IFS= read -r recipe; do
        for seed in 1 2; do line "$log" $seed "$recipe"; done
    done <"$work/recipes" >>"$work/table"
    study "$log" >>"$work/table"
done
[ -z "$update" ] || { cp "$work/table" "$table"; exit; }
awk -F'\t' -v logs=" $logs " 'FNR == NR { old[$1 FS $2 FS $3] = $0; next }
    FNR > 1 { n++; if (old[$1 FS $2 FS $3] != $0) { bad++; print "differs: " $0; print "    was: " old[$1 FS $2 FS $3] } }
    END { print n " digests compared, " bad + 0 " differ"; exit bad > 0 || n == 0 }' "$table" "$work/table"
