#!/bin/sh
# Runs the recipes of a quality table and compares what comes out with what the table holds.
#   quality.sh TABLE [CASE...]     all cases, or those named; exit 1 when a figure differs by more than 0.0005
#   quality.sh --update TABLE ...  writes the figures that came out into the table
# TAMIS: the program; TAMIS_DATASETS: the folder of data sets (see README.md). A case whose data are missing is skipped.
set -eu
tolerance=0.0005
update=
if [ "${1-}" = --update ]; then update=1; shift; fi
table=$1
shift
tamis=${TAMIS:-./tamis}
datasets=${TAMIS_DATASETS-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tab=$(printf '\t')

# Makes train and test of a data set for one seed; the names are those of the table's second column.
# $with goes to train, $how to evaluate.
prepare() {
    with='' how='--metrics precision,recall,f1,hit,ndcg,ndcg-full,map,map-full,mrr,auc'
    case $1 in
        ml-100k)
            [ -f "$datasets/ml-100k/ratings.csv" ] || return 1
            "$tamis" split "$datasets/ml-100k/ratings.csv" --min-rating 4 --test-ratio 0.2 --seed "$2" -o "$work/data" -q
            train=$work/data/train.csv test=$work/data/test.csv ;;
        gowalla)
            train=$datasets/gowalla/train.csv.gz test=$datasets/gowalla/test.csv.gz ;;
        amazon-test|amazon-validation) # as published: each run's best epoch on the part that is reported
            train=$datasets/amazon-nbpo/train.csv test=$datasets/amazon-nbpo/${1#amazon-}.csv
            with="--validation $test --validation-metric ndcg@20 --validation-interval 2" ;;
        coat)
            train=$datasets/coat/train.csv test=$datasets/coat/test.csv
            with="--ids $datasets/coat/test.csv --validation $datasets/coat/validation.csv --validation-relevance relevant
                --validation-metric map-full-snips@3 --validation-interval 1 --patience 5"
            how="$how --candidates listed --relevance relevant --empty-users zero" ;;
        ml-100k-noise-*)
            train=$datasets/ml-100k-noise/train-${1##*-}.csv test=$datasets/ml-100k-noise/test.csv
            with="--validation $datasets/ml-100k-noise/validation.csv --validation-metric recall@20"
            how="$how --mask $datasets/ml-100k-noise/validation.csv" ;;
        sample)
            here=$(dirname "$table")/../data
            train=$here/sample.csv.gz test=$here/sample-truth.csv.gz ;;
        *) echo "quality: unknown data set $1" >&2; exit 2 ;;
    esac
    for part in $with; do # files among the options
        case $part in "$datasets"/*) [ -f "$part" ] || return 1 ;; esac
    done
    [ -f "$train" ] && [ -f "$test" ]
}

cases=$(awk -F"$tab" 'NR > 1 && $1 != last { print $1; last = $1 }' "$table")
[ $# -eq 0 ] || cases=$*
: >"$work/figures"
for case in $cases; do
    data=$(awk -F"$tab" -v c="$case" '$1 == c { print $2; exit }' "$table")
    recipe=$(awk -F"$tab" -v c="$case" '$1 == c { print $3; exit }' "$table")
    seeds=$(awk -F"$tab" -v c="$case" '$1 == c { print $4; exit }' "$table")
    cutoffs=$(awk -F"$tab" -v c="$case" '$1 == c { n = split($5, a, "@"); if (n > 1) print a[2] }' "$table" |
        sort -nu | paste -sd, -)
    [ -n "$data" ] || { echo "quality: no case $case in $table" >&2; exit 2; }
    for seed in $seeds; do
        if ! prepare "$data" "$seed"; then
            echo "$case: skipped, its data are not under TAMIS_DATASETS" >&2
            continue 2
        fi
        # shellcheck disable=SC2086
        "$tamis" train "$train" -o "$work/model" -q --seed "$seed" $with $recipe
        # shellcheck disable=SC2086
        "$tamis" evaluate "$work/model" "$test" -q -k "$cutoffs" --json $how >"$work/json"
        tr ',{}' '\n' <"$work/json" | sed -n "s/^ *\"\\([a-z0-9-]*@[0-9]*\\|auc\\)\": *\\([0-9.e-]*\\).*/$case$tab\\1$tab\\2/p" \
            >>"$work/figures"
    done
done

awk -F"$tab" -v OFS="$tab" -v tolerance=$tolerance -v update="$update" '
    FILENAME == ARGV[1] { n[$1, $2]++; sum[$1, $2] += $3; square[$1, $2] += $3 * $3; next }
    FNR == 1 { print; next }
    !n[$1, $5] { if (update) print; next }
    {
        m = n[$1, $5]; mean = sum[$1, $5] / m
        sd = m > 1 ? sqrt((square[$1, $5] - m * mean * mean > 0 ? square[$1, $5] - m * mean * mean : 0) / (m - 1)) : 0
        was = $7; $7 = sprintf("%.4f", mean); $8 = m > 1 ? sprintf("%.4f", sd) : "-"
        if (!update && (was - mean > tolerance || mean - was > tolerance)) { $9 = "differs from " was; bad = 1 }
        print
    }
    END { exit bad }' "$work/figures" "$table" >"$work/out" && status=0 || status=$?
if [ -n "$update" ]; then
    cp "$work/out" "$table"
else
    cut -f 1,2,4- "$work/out" | column -t -s "$tab" 2>/dev/null || cat "$work/out"
fi
exit "$status"
