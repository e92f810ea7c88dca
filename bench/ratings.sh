#!/bin/sh
# What ratings say beside clicks: MovieLens 100K, tested on ratings of 4 and 5, in five random splits. Each method by its defaults
# learns from all rows alike; weighed by their rating; from ratings of 4 and 5 alone; from 3 to 5, with 1 and 2 as dislikes; and from
# these dislikes as negatives, too (--dislike-share 0.1). What the user has rated in training, whatever the rating, is left out of
# the lists in all of these; "dislikes in lists" leaves out 3 to 5 alone, as if nothing were known of dislikes.
# Differences are from "all rows", joint 95% intervals and Holm's p of t over the five splits, corrected for what they share.
#   ratings.sh [RESULTS]      default: bench/results/ratings.tsv
# TAMIS: the program; TAMIS_DATASETS: the folder of data sets, see README.md; THREADS: default 1.
set -eu
LC_ALL=C
export LC_ALL
tamis=${TAMIS:-./tamis}
log=${TAMIS_DATASETS-}/ml-100k/ratings.csv
results=${1:-$(dirname "$0")/results/ratings.tsv}
if [ ! -f "$log" ]; then
    echo "ratings: ml-100k is not under TAMIS_DATASETS=${TAMIS_DATASETS-}" >&2
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
seeds="1 2 3 4 5"

options() { # CASE
    case $1 in
    weights) echo --weight rating --weight-transform none ;;
    positives) echo --min-rating 4 ;;
    dislikes) echo --dislike-below 3 ;;
    learnt) echo --dislike-below 3 --dislike-share 0.1 ;;
    esac
}
joined() { # PATTERN with % for the seed
    for seed in $seeds; do printf '%s,' "$work/$(echo "$1" | sed "s/%/$seed/")"; done | sed 's/,$//'
}

for seed in $seeds; do
    "$tamis" split "$log" -o "$work/$seed" --test-ratio 0.2 --seed "$seed" -q
    awk -F, 'NR == 1 || $3 >= 4 { print $1 "," $2 }' "$work/$seed/test.csv" >"$work/$seed/good.csv"
    cut -d, -f1,2 "$work/$seed/train.csv" >"$work/$seed/seen.csv"
done
printf 'method\tlearns from\tNDCG@20\tdeviation\tdifference\tlow\thigh\tp\n' >"$work/table"
for method in ials bpr; do
    for case in all weights positives dislikes learnt; do
        for seed in $seeds; do
            # shellcheck disable=SC2046
            "$tamis" train "$work/$seed/train.csv" -o "$work/$seed/$method-$case" --method "$method" --seed "$seed" \
                --threads "${THREADS-1}" $(options $case) -q 2>"$work/said" || { cat "$work/said" >&2; exit 1; }
        done
    done
    "$tamis" compare --test "$(joined %/good.csv)" --mask "$(joined %/seen.csv)" "$(joined "%/$method-all")" "$(joined "%/$method-weights")" \
        "$(joined "%/$method-positives")" "$(joined "%/$method-dislikes")" "$(joined "%/$method-learnt")" \
        --metrics ndcg -k 20 --output-format csv -q >"$work/compared" 2>"$work/said" || { cat "$work/said" >&2; exit 1; }
    for case in all weights positives dislikes learnt shown; do
        mask="--mask $(joined %/seen.csv)" model=$case
        [ $case != shown ] || mask='' model=dislikes
        # shellcheck disable=SC2086
        "$tamis" evaluate "$(joined "%/$method-$model")" "$(joined %/good.csv)" $mask --metrics ndcg -k 20 --output-format csv -q 2>"$work/said" |
            sed 's/"[^"]*"//g' >"$work/figures"
        case $case in
        all) what='all rows' ;; weights) what='all, weighed by rating' ;; positives) what='4 and 5' ;;
        dislikes) what='3 to 5; 1 and 2 are dislikes' ;; learnt) what='3 to 5, and dislikes' ;; shown) what='3 to 5; dislikes in lists' ;;
        esac
        difference=$(sed 's/"[^"]*"/Q/g' "$work/compared" | grep ,folds, | awk -F, -v case=$case 'BEGIN { row["weights"] = 1; row["positives"] = 2; row["dislikes"] = 3; row["learnt"] = 4 }
            NR == row[case] { printf "%+.4f\t%+.4f\t%+.4f\t%.2g", $8, $11, $12, $17 }')
        awk -F, -v method=$method -v what="$what" -v difference="${difference:--	-	-	-}" '$2 == "mean" { mean = $5 } $2 == "deviation" { deviation = $5 }
            END { printf "%s\t%s\t%.4f\t%.4f\t%s\n", method, what, mean, deviation, difference }' "$work/figures" >>"$work/table"
    done
done
mv "$work/table" "$results"
