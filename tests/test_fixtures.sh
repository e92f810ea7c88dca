#!/bin/sh
# What earlier versions wrote is read: models of 0.1.0 give the recommendations that 0.1.0 gave.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
fixtures=$top/tests/fixtures/0.1.0
case $(printf '\001\000\000\000' | od -An -t d4 | tr -d ' ') in
    1) ;;
    *) skip "the model files are little-endian, this machine is not" ;;
esac

wrong() { failures=$((failures + 1)); echo "wrong: $*"; }

for model in bpr nbpo; do
    "$TAMIS" info "$fixtures/$model.tamis" >info.txt || wrong "info $model.tamis"
    grep -q "^  method  *$model\$" info.txt || wrong "$model.tamis tells its method"
    "$TAMIS" recommend "$fixtures/$model.tamis" -k 5 -o "$model.csv" || wrong "recommend $model.tamis"
    # rows to the letter, but scores to six digits after the point; ids hold commas, so the score is cut from the end
    for side in old new; do
        file=$model.csv
        [ $side = new ] || file=$fixtures/$model.csv
        sed 's/,[^,]*$//' "$file" >"rows.$side"
        sed -n '2,$s/.*,//p' "$file" >"scores.$side"
    done
    cmp -s rows.old rows.new || wrong "the recommendations of $model.tamis"
    paste scores.old scores.new |
        awk '{ d = $1 - $2; if (d < 0) d = -d; if (NF != 2 || d > 1e-6) bad++ } END { exit bad || NR != 200 }' ||
        wrong "the scores of $model.tamis"
done
finish
