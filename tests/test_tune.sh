#!/bin/sh
# tamis tune through the program: what it prints and writes, that tamis train --options comes to the figure that was told,
# that a run that is killed again and again ends with the same files, and what is wrong in files of options.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"

# 300 users of the sample
gzip -dc "$data/sample.csv.gz" | awk -F, 'NR == 1 || (n[$1] || ++users <= 300) && ++n[$1]' >log.csv
settings='--methods bpr,softmax --trials 5 --rungs 3 --epochs 9 --set factors=8 --set bpr:negatives=1,2 --metric recall@10 --seed 4'
# shellcheck disable=SC2086
tune() { (file=$1; shift; exec "$TAMIS" tune log.csv -o "$file" $settings "$@" 2>err); }

tune best.options >table
check 'it succeeds' test $? = 0
check 'a row per trial, and the head' test "$(wc -l <table | tr -d ' ')" = 11
check 'the best of the last rung come first' awk 'NR > 1 { bad += $4 > last && NR > 2; bad += $4 == last && $1 > value + 0; last = $4; value = $1 }
    END { exit bad > 0 }' table
check 'five trials of each, the defaults among those with all epochs' awk 'NR > 1 { n[$2]++; first += $3 == 1 && $4 == 9 }
    END { exit !(n["bpr"] == 5 && n["softmax"] == 5 && first == 2) }' table
check 'what is set is so in all' test "$(grep -c -e '--factors 8 ' table)" = 10
check 'and drawn from what was said' sh -c '! awk "\$2 == \"bpr\"" table | grep -v -e "--negatives [12]\( \|$\)"'
# the ledger: of each method 5 trials with 1 epoch, 2 (5/3, rounded up) or, with the first, 3 with 3, 1 or 2 with 9; two rows each
check 'the ledger has every rung' awk -F, 'NR == 1 { head = $0 } NR > 1 { n[$2, $4]++ }
    END { for (k in n) bad += n[k] % 2
          exit bad || head != "digest,method,trial,epochs,options,metric,value,check" ||
               n["bpr", 1] != 10 || n["softmax", 1] != 10 || n["bpr", 3] < 4 || n["bpr", 3] > 6 || n["bpr", 9] < 2 || n["bpr", 9] > 4 }' \
    best.options.trials.csv
check 'the table has the figures of the ledger' awk -F, 'FNR == NR { if ($6 == "recall@10") value[$2, $3, $4] = $7; next }
    FNR > 1 { split($0, f, " +"); v = value[f[2], f[3], f[4]]; bad += !(v - f[1] < 6e-5 && f[1] - v < 6e-5) } END { exit bad > 0 }' \
    best.options.trials.csv table
check 'the file names method and options of the first row' awk 'FNR == NR { if (FNR == 2) { method = $2
        for (k = 6; k <= NF; k += 2) if ($k ~ /^--/) option[substr($k, 3)] = $(k + 1) } next }
    /^#/ { next } $1 == "method" { bad += $2 != method; seen++; next } $1 == "epochs" { bad += $2 != 9; next }
    { name = $1; sub(/^no-/, "", name); value = $0 ~ /^no-/ ? 0 : NF == 1 ? 1 : $2; bad += option[name] != value; seen++ }
    END { for (name in option) seen--; exit bad || seen != 1 }' table best.options

# train --options comes to the same
tamis train log.csv --options best.options --validation-ratio 0.1 --validation-metric recall@10 --seed 4 -o best.tamis
value=$(awk 'NR == 2 { print $1 }' table) kept=$(awk 'NR == 2 { print $5 }' table)
check 'the same epoch and figure' grep -qE "(kept epoch $kept, )?recall@10 $value" err
tamis info best.tamis >info
check 'its method is the best one' grep -q "method *$(awk 'NR == 2 { print $2 }' table)\$" info
tamis train log.csv --epochs 2 --options best.options --factors 5 -o best.tamis -q
tamis info best.tamis >info
check 'the command line comes first' sh -c 'grep -q "^  epochs *2$" info && grep -q "^  factors *5$" info'
printf '# a comment\n\n  --method = warp \nfactors\t7\r\nitem-bias\nepochs=3\n  # another\nno-item-bias' >some
printf 'factors 6\nquotes none' >more
tamis train log.csv --options some --options more -o some.tamis -q
tamis info some.tamis >info
check 'all ways to write a line; the second file wins' sh -c 'grep -q "^  method *warp$" info && grep -q "^  factors *6$" info &&
    grep -q "^  epochs *3$" info && grep -q "^  item-bias *0$" info'

# it goes on: the same files, whatever ran side by side and however often it was killed
cp best.options.trials.csv whole.csv
tune best.options >again
check 'once more: the same table' cmp -s table again
check 'and nothing added' cmp -s best.options.trials.csv whole.csv
tune other.options --jobs 3 --threads 4 >again
check 'with other jobs and threads: the same table' cmp -s table again
check 'the same ledger' cmp -s other.options.trials.csv whole.csv
check 'the same options' cmp -s best.options other.options
for lines in 1 4 9 14 20; do # killed when so many rows are there, or later
    # shellcheck disable=SC2086
    "$TAMIS" tune log.csv -o killed.options $settings --jobs 2 >/dev/null 2>&1 &
    child=$!
    while kill -0 $child 2>/dev/null && [ "$(cat killed.options.trials.csv 2>/dev/null | wc -l)" -lt $lines ]; do :; done
    kill -9 $child 2>/dev/null
    wait $child 2>/dev/null
done
head -c -7 killed.options.trials.csv >torn && cat torn >killed.options.trials.csv
tune killed.options >again
check 'killed: the same table' cmp -s table again
check 'killed: the same ledger' cmp -s killed.options.trials.csv whole.csv
check 'killed: nothing else is left' test "$(ls killed.* | tr '\n' ' ')" = 'killed.options killed.options.trials.csv '
tune clock.options --trials 0 --minutes 0.0001 >/dev/null
trials=$(awk -F, '$6 == "trials" { print $7 }' clock.options.trials.csv)
check 'the ledger says how many trials there were' test "${trials:-0}" -ge 1
tune clock.options --trials 0 --minutes 0.0001 >/dev/null
check 'and it stays so' test "$(grep -c ',trials,' clock.options.trials.csv)" = 1

# on a log of its own
tamis split log.csv --test-ratio 0 --validation-ratio 0.2 -o parts -q
tamis tune parts/train.csv --validation parts/validation.csv -o own.options --methods bpr --trials 2 --epochs 3 --metric recall@10 >table
check 'says how to go on' grep -q 'next: tamis train LOG --options own.options --validation parts/validation.csv -o MODEL' err
tamis train parts/train.csv --options own.options --validation parts/validation.csv --validation-metric recall@10 -o own.tamis
check 'and that comes to the same' grep -q "recall@10 $(awk 'NR == 2 { print $1 }' table)" err
refuse 2 'give one' tune parts/train.csv --validation parts/validation.csv --validation-ratio 0.1 -o x
refuse 2 '--validation-relevance needs --validation' tune parts/train.csv --validation-relevance rating -o x
refuse 3 'every row of --validation parts/train.csv is in the training log' tune parts/train.csv --validation parts/train.csv -o x
printf 'user_id,item_id\nnobody,nothing\n' >foreign.csv
refuse 3 'no user to evaluate' tune parts/train.csv --validation foreign.csv -o x --methods bpr
rm -f x.trials.csv

# what cannot be
refuse 2 'tune needs -o FILE' tune log.csv
refuse 2 '--trials: "-1"' tune log.csv -o x --trials -1
refuse 2 '--minutes: "nan"' tune log.csv -o x --minutes nan
refuse 2 '--rungs: "0"' tune log.csv -o x --rungs 0
refuse 2 '--validation-ratio: "1"' tune log.csv -o x --validation-ratio 1
refuse 2 'there is no metric "clicks@3"' tune log.csv -o x --metric clicks@3
refuse 2 'there is no method "nobody"' tune log.csv -o x --methods bpr,nobody
refuse 2 'none of --methods has an option "tau1"' tune log.csv -o x --methods bpr --set tau1=0.1
refuse 2 'expected LOW..HIGH' tune log.csv -o x --methods bpr --set regularization=1..
refuse 2 'which is an input' tune log.csv -o log.csv
refuse 1 'cannot' tune log.csv -o nowhere/x
refuse 2 'did you mean --set' tune log.csv -o x --space factors=3
refuse 2 'goes on where it was' tune log.csv -o x --resume
check 'nothing was written' test ! -e x -a ! -e x.trials.csv
echo 'not a ledger' >x.trials.csv
refuse 3 'x.trials.csv:1: expected the header digest,method,trial' tune log.csv -o x --methods bpr --trials 1 --epochs 1
wrong() { # FILE:LINE:COLUMN 'literal part of the sentence' TEXT
    printf "$3" >wrong.options
    refuse 3 "tamis: wrong.options:$1: " train log.csv -o x --options wrong.options
    check "$3: says $2" grep -qF -e "$2" err
}
wrong 2:9 'expected a whole number' 'method bpr\nfactors x\n'
wrong 1:14 'expected a whole number' '  --factors =x'
wrong 3:1 'did you mean --factors?' '# 1\n\nfactorz 3\n'
wrong 2:6 'is an option of softmax, bsl, slatk, psl, not of bpr' 'method bpr\ntau1 3\n'
wrong 1:1 '--factors needs a value' 'factors'
wrong 1:1 'is not a number' 'factors ='
wrong 1:1 'expected the name of an option' '=3'
wrong 1:1 'has no place in a file' 'options wrong.options'
wrong 1:1 'has no place in a file' 'help'
wrong 1:1 'takes no value' 'item-bias 1'
refuse 1 'cannot open nobody' train log.csv -o x --options nobody
refuse 2 'there is no method "nobody"' train log.csv -o x --options some --method nobody

finish
