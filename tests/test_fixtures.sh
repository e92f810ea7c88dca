#!/bin/sh
# What earlier versions wrote is read: models of 0.1.0 give the recommendations that 0.1.0 gave, and runs go on from checkpoints of each
# version of the file to the models that they came to then.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
fixtures=$top/tests/fixtures/0.1.0
case $(printf '\001\000\000\000' | od -An -t d4 | tr -d ' ') in
    1) ;;
    *) skip "the model files are little-endian, this machine is not" ;;
esac

wrong() { failures=$((failures + 1)); echo "wrong: $*"; }

# MODEL CSV: its lists are those of the file. Rows to the letter, but scores to six digits after the point; ids hold commas, so the
# score is cut from the end.
recommends() {
    "$TAMIS" recommend "$1" -k 5 -o lists.csv -q || wrong "recommend $1"
    for side in old new; do
        file=lists.csv
        [ $side = new ] || file=$2
        sed 's/,[^,]*$//' "$file" >"rows.$side"
        sed -n '2,$s/.*,//p' "$file" >"scores.$side"
    done
    cmp -s rows.old rows.new || wrong "the recommendations of $1"
    paste scores.old scores.new |
        awk -v rows="$(wc -l <scores.old)" '{ d = $1 - $2; if (d < 0) d = -d; if (NF != 2 || d > 1e-6) bad++ } END { exit bad || NR != rows || NR < 40 }' ||
        wrong "the scores of $1"
}
kind() { od -An -t u4 -j 12 -N 4 "$1" | tr -d ' '; } # of file

for model in bpr nbpo; do
    "$TAMIS" info "$fixtures/$model.tamis" >info.txt || wrong "info $model.tamis"
    grep -q "^  method  *$model\$" info.txt || wrong "$model.tamis tells its method"
    recommends "$fixtures/$model.tamis" "$fixtures/$model.csv"
done

# Each version of the file, as models and as checkpoints; version-N/README.md says how they were made.
for version in 1 2; do
    at=$top/tests/fixtures/version-$version
    for file in "$at"/*.ck "$at"/*.tamis; do
        [ ! -e "$file" ] || [ "$(kind "$file")" = $version ] || wrong "$file is of version $(kind "$file")"
    done
    for model in "$at"/*.tamis; do [ ! -e "$model" ] || recommends "$model" "${model%.tamis}.csv"; done
    for run in bpr adam; do
        options=
        [ $run = bpr ] || options='--batch-size 50 --optimizer adam --validation-ratio 0.2 --validation-interval 1'
        cp "$at/$run.ck" run.ck
        rm -f run.ck.previous
        # shellcheck disable=SC2086
        "$TAMIS" train "$fixtures/log.csv" -o again.tamis --factors 4 --item-bias --negatives 1 --epochs 6 --seed 5 $options --checkpoint run.ck --resume 2>err ||
            { wrong "version $version: going on from $run.ck"; cat err; }
        grep -q 'going on from run.ck, after epoch 3 of 6' err || wrong "version $version: where $run.ck goes on"
        recommends again.tamis "$at/$run.csv"
    done
done
# nothing is behind in the tests when there is a new one
"$TAMIS" train "$fixtures/log.csv" -o now.tamis --factors 4 --epochs 1 -q
[ "$(kind now.tamis)" = $version ] || wrong "files are of version $(kind now.tamis) now; keep one in tests/fixtures/version-$(kind now.tamis), as a checkpoint, too"
finish
