#!/bin/sh
# A study's files: what a failed write, a kill or a crash leaves of them is healed, what a hand has changed is told, what
# version 0.1.0 has left goes on. tests/fault.c makes the n-th call on the files go wrong, for n after n; then the program
# must say so in a sentence and fail, and the same command must end with the bytes of a run that was left alone.
# SWEEP=1: for every n (make sweep-study); else for a part of them.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS
fault_library || skip "no fault.so"

first=$top/tests/fixtures/0.1.0
# No program of the search path: gnuplot would take longer than all the rest.
study() { # DIR JOBS
    PATH=/nowhere "$TAMIS" robustness "$first/log.csv" -o "$1" --methods bpr,softmax --ratios 0,0.5 --seeds 2 --trials 2 \
        --epochs 3 --factors 4 --cutoffs 5 --patience 5 --jobs "$2" --quiet >out 2>err
}
faulty() { # FAULT PATH DIR JOBS: the same with a fault
    fault=$1 path=$2
    shift 2
    rm -f counts
    (LD_PRELOAD=$place/fault.so FAULT=$fault FAULT_PATH=$path FAULT_COUNT=$place/counts
     export LD_PRELOAD FAULT FAULT_PATH FAULT_COUNT
     study "$@") 2>/dev/null
}
same() { # DIR
    cmp -s "$1/results.csv" whole/results.csv && cmp -s "$1/tuning.csv" whole/tuning.csv &&
        cmp -s "$1/summary.md" whole/summary.md && ! ls "$1"/*.waiting >/dev/null 2>&1
}
study whole 1
check 'the undisturbed run' test $? = 0

# -------------------------------------------------------------------------------------------------- what crashes leave
rows=whole/results.csv
cell=$(sed -n '6,9p' $rows) # the second one; four rows each
heal() { # WHAT: the folder hurt must become whole
    study hurt 2
    check "$1: goes on" test $? = 0
    check "$1: the same files" same hurt
    rm -rf hurt
    cp -r whole hurt
}
cp -r whole hurt
cut_at() { head -c "$1" $rows >hurt/results.csv; }
size=$(wc -c <$rows)
for left in 0 1 20 49 50 51 60 200 300 700 $((size - 1)); do
    cut_at "$left"
    heal "cut after $left bytes"
done
sed 7,8d $rows >hurt/results.csv; heal 'a cell in the middle lacks rows'
sed '$d' $rows >hurt/results.csv; heal 'the last cell lacks a row'
{ head -9 $rows; echo "$cell"; tail -n +10 $rows; } >hurt/results.csv; heal 'a cell twice'
{ head -7 $rows; echo "$cell"; tail -n +10 $rows; } >hurt/results.csv; heal 'half a cell, then all of it'
{ cat $rows; tail -n +2 $rows; } >hurt/results.csv; heal 'everything twice'
{ head -1 $rows; tail -n +10 $rows; sed -n 2,9p $rows; } >hurt/results.csv
study hurt 1
check 'cells in another order stay so' sh -c 'tail -n +2 hurt/results.csv | sort >a; tail -n +2 whole/results.csv | sort | cmp -s - a'
rm -rf hurt
cp -r whole hurt
head -c 9000 /dev/zero >>hurt/results.csv; heal 'zeros at the end'
{ head -9 $rows; head -c 5000 /dev/zero; } >hurt/results.csv; heal 'zeros instead of the rest'
{ head -9 $rows | head -c -30; head -c 500 /dev/zero; } >hurt/results.csv; heal 'zeros from within a row'
{ head -9 $rows | head -c -30; head -c 512 /dev/zero; tail -n +13 $rows | tail -c +20; } >hurt/results.csv; heal 'a block of zeros'
head -c 4096 /dev/zero >hurt/results.csv; heal 'nothing but zeros'
{ head -1 $rows | head -c 9; head -c 99 /dev/zero; } >hurt/results.csv; heal 'zeros from within the header'
waiting=hurt/results.csv.waiting
{ tail -n 8 $rows; } >$waiting; heal 'cells that wait, but are there'
head -9 $rows >hurt/results.csv; sed -n '14,$p' $rows >$waiting; heal 'cells that wait'
head -9 $rows >hurt/results.csv; sed -n '14,$p' $rows | head -c -50 >$waiting; heal 'cells that wait, the last one torn'
head -9 $rows >hurt/results.csv; { sed -n '14,17p' $rows; head -c 99 /dev/zero; } >$waiting; heal 'cells that wait, zeros behind'
head -11 $rows >hurt/results.csv; sed -n '10,17p' $rows >$waiting; heal 'half a cell there, all of it waiting'
head -4 whole/tuning.csv | head -c -9 >hurt/tuning.csv; rm hurt/results.csv; heal 'torn while tuning'
{ cat whole/tuning.csv; sed -n 4,5p whole/tuning.csv; } >hurt/tuning.csv; heal 'trials twice'

# ------------------------------------------------------------------------------------------- what was changed by hand
told() { # LINE WORDS: the folder hurt is refused, and stays as it is
    cp hurt/results.csv before
    study hurt 1
    check "line $1, $2: refused" test $? = 3
    check "line $1, $2: says where" grep -q "^tamis: hurt/results.csv:$1: expected .*$2" err
    check "line $1, $2: says what to do" grep -q 'delete\|choose another output' err
    check "line $1, $2: stays as it was" cmp -s hurt/results.csv before
    sed -i "$1d" hurt/results.csv # as advised
    [ "$1" = 1 ] || study hurt 1
    [ "$1" = 1 ] || check "line $1, $2: is computed again" sh -c 'sort hurt/results.csv >a; sort whole/results.csv | cmp -s - a'
    rm -rf hurt
    cp -r whole hurt
}
sed '7s/\(.*,0\.\)\(.\)/\19/' $rows >hurt/results.csv; told 7 'CRC32'
sed '33s/.$/x/' $rows >hurt/results.csv; told 33 'CRC32'
sed '5s/,bpr,/,bpo,/' $rows >hurt/results.csv; told 5 'CRC32'
sed '5s/,/;/g' $rows >hurt/results.csv; told 5 '7 fields'
sed '5s/$/,seen/' $rows >hurt/results.csv; told 5 '7 fields'
sed '5s/,[^,]*$//' $rows >hurt/results.csv; told 5 '7 fields'
sed '4s/.*/to be checked/' $rows >hurt/results.csv; told 4 'a digest'
sed '4s/.*//' $rows >hurt/results.csv; told 4 'a digest'
sed '4s/$/\r/' $rows >hurt/results.csv; told 4 'CRC32'
sed '1s/$/\r/' $rows >hurt/results.csv; told 1 'the header'
sed '1s/ratio/noise ratio/' $rows >hurt/results.csv; told 1 'the header'
sed -n '2,$p' $rows >hurt/results.csv; told 1 'the header'

# ------------------------------------------------------------------------------------------------- version 0.1.0 went on
# What 0.1.0 trained by default and had tuned is named here, as its trials came out; another search would draw others.
first_study() { # DIR JOBS
    plain='--factors 4 --epochs 3 --patience 5'
    for ratio in 0 0.5; do
        {
            echo "bpr --negatives 1 --no-item-bias --learning-rate 0.1 --regularization 0.01 $plain"
            [ $ratio != 0 ] || echo "softmax --no-item-bias --learning-rate 0.00303 --tau1 0.265 $plain"
            [ $ratio = 0 ] || echo "softmax --no-item-bias --tau1 0.08 $plain"
        } >chosen
        PATH=/nowhere "$TAMIS" robustness "$first/log.csv" -o "$1" --methods bpr,softmax --parameters chosen --ratios $ratio \
            --validation clean --seeds 2 --cutoffs 5 --jobs "$2" --quiet >out 2>err || return
    done
}
old() { # WHAT: the folder hurt becomes what 0.1.0 had made of it, but for the last digits of what is computed here
    first_study hurt 2
    check "0.1.0, $1: goes on" test $? = 0
    sort "$first/study/results.csv" >a
    sort hurt/results.csv >b
    check "0.1.0, $1: results.csv is complete" awk -F, 'FNR == NR { v[FNR] = $NF; $NF = ""; k[FNR] = $0; n = FNR; next }
        { d = v[FNR] - $NF; $NF = ""; bad += $0 != k[FNR] || d > 0.05 || d < -0.05 } END { exit bad || FNR != n }' \
        a b
    check "0.1.0, $1: no checks come in" sh -c '! grep -q check hurt/*.csv'
    rm -rf hurt
    cp -r "$first/study" hurt
    chmod -R u+w hurt
}
keeps() { check "0.1.0, $1: its rows stay" cmp -s "$2" "$3"; }
rm -rf hurt
cp -r "$first/study" hurt
chmod -R u+w hurt
cp -r hurt finished
first_study finished 1
keeps 'finished' finished/results.csv "$first/study/results.csv"
keeps 'finished, its trials' finished/trials.csv "$first/study/trials.csv"
cp -r "$first/unfinished" half
chmod -R u+w half
first_study half 2
check '0.1.0, unfinished: goes on' test $? = 0
head -n "$(grep -c '' "$first/unfinished/results.csv")" half/results.csv | sed '$d' >a
sed '$d' "$first/unfinished/results.csv" | cmp -s - a
check '0.1.0, unfinished: its rows stay' test $? = 0
rm -rf hurt
mv half hurt
old 'unfinished'
rows=$first/study/results.csv
{ head -7 "$rows" | head -c -20; tail -n +6 "$rows"; } >hurt/results.csv; old 'a cell behind a piece of a row'
{ head -9 "$rows"; sed -n 6,9p "$rows"; tail -n +10 "$rows"; } >hurt/results.csv; old 'a cell twice'
{ head -3 "$rows" | head -c -1; tail -n +2 "$rows"; } >hurt/results.csv; old 'all but the end of a line'
{ head -12 "$rows"; head -c 100 /dev/zero; } >hurt/results.csv; old 'zeros at the end'
sed '7s/[^,]*$/high/' "$rows" >hurt/results.csv
first_study hurt 1
check '0.1.0: a value that is no number' test $? = 3
check '0.1.0: says where' grep -q '^tamis: hurt/results.csv:7: expected' err
{ cat "$rows"; sed -n '7s/[^,]*$/0.5/p' "$rows"; } >hurt/results.csv
first_study hurt 1
check '0.1.0: two values for one thing' test $? = 3
check '0.1.0: says where' grep -q '^tamis: hurt/results.csv:34: expected the value that an earlier row' err
sed '7s/,recall@5,/,precision@5,/' "$rows" >hurt/results.csv
first_study hurt 1
check '0.1.0: a row that is missed' test $? = 3
check '0.1.0: says which' grep -q 'expected a row of recall@5 that begins with [0-9a-f]\{32\};' err
mnar() { # DIR LOG ARGUMENT...
    folder=$1 log=$2
    shift 2
    PATH=/nowhere "$TAMIS" study mnar "$log" -o "$folder" --powers 1,2 --seeds 1 --factors 2 --epochs 10 --epsilon 3 --metrics dcg \
        --quiet "$@" >out 2>err
    check "mnar $folder: exit 0" test $? = 0
}
mkdir mnar
head -9 "$first/mnar/results.csv" >mnar/results.csv
mnar mnar "$first/ratings.csv"
head -9 "$first/mnar/results.csv" >a
head -9 mnar/results.csv | cmp -s - a
check '0.1.0, mnar: its rows stay' test $? = 0
check '0.1.0, mnar: the rest is added, and no more' test "$(wc -l <mnar/results.csv | tr -d ' ')" = 13
study hurt 1
check 'what 0.1.0 has tuned is not mixed with what is tuned now' sh -c "grep -q '^results.csv also holds [2-8] runs' hurt/summary.md"

# -------------------------------------------------------------------------------------------------- two runs, other settings
rm -rf hurt
cp -r whole hurt
if command -v flock >/dev/null; then
    flock hurt/results.csv sh -c "PATH=/nowhere '$TAMIS' robustness '$first/log.csv' -o hurt --quiet" >out 2>err
    check 'two runs at once' test $? = 1
    check 'are told' grep -q '^tamis: hurt/results.csv is being written by another run' err
fi
PATH=/nowhere "$TAMIS" robustness "$first/log.csv" -o hurt --methods bpr --ratios 0,0.5 --seeds 1 --trials 1 --epochs 2 --factors 4 \
    --cutoffs 5 --quiet >out 2>err
check 'other settings in the same folder: all before stays' sh -c 'head -n 33 hurt/results.csv | cmp -s - whole/results.csv'
check 'other settings: are said' grep -q '^results.csv also holds 8 runs of other settings' hurt/summary.md
study hurt 1
check 'the first settings again: nothing is added' test "$(wc -l <hurt/results.csv | tr -d ' ')" = $((33 + 8))
check 'the first settings: the same table' sh -c 'grep -v "of other settings" hurt/summary.md | cat -s >a; cat -s whole/summary.md | cmp -s - a'

# what a run rests on is in its digest: ratings, and files that options name
mnar ratings "$first/ratings.csv"
sed '2s/.$/1/;3s/.$/5/' "$first/ratings.csv" >other.csv
mnar ratings other.csv
check 'mnar: other ratings are other runs' test "$(wc -l <ratings/results.csv | tr -d ' ')" = 25
propensities() { # SHIFT
    awk -F, -v shift="$1" 'NR == 1 { print "item_id,propensity"; next } !seen[$2]++ { print $2 "," 0.2 + (NR + shift) % 7 / 10 }' \
        "$first/ratings.csv" >propensity.csv
    mnar known "$first/ratings.csv" --methods known --parameters parameters
}
echo 'known relmf --propensity propensity.csv --epochs 10 --factors 2' >parameters
propensities 0
check 'mnar: three methods' test "$(wc -l <known/results.csv | tr -d ' ')" = 13
propensities 0
check 'mnar: nothing new' test "$(wc -l <known/results.csv | tr -d ' ')" = 13
propensities 3
check 'mnar: other propensities are another run' test "$(wc -l <known/results.csv | tr -d ' ')" = 17

# ----------------------------------------------------------------------------------------------------- calls that fail
count() { awk -v call="$1" '$1 == call { print $2 }' counts; }
cases=0 turn=0
meet() { # FAULT PATH JOBS: a run with a fault, then one without
    turn=$((turn + 1))
    [ -n "${SWEEP-}" ] || [ $((turn % 13)) = 0 ] || return 0
    cases=$((cases + 1)) name="$1 of $2, jobs $3"
    rm -rf hurt
    faulty "$1" "$2" hurt "$3"
    code=$?
    case $code in
        0) check "$name: exit 0, so all is there" same hurt
           check "$name: and nothing is told" test ! -s err
           return ;;
        137) ;;
        130 | 143) check "$name: stops" grep -q 'stopped; the same command goes on where it was' err ;;
        *) check "$name: exit $code" test "$code" = 1
           check "$name: a sentence" test "$(grep -c '^tamis: cannot' err)" = 1 ;;
    esac
    [ $((cases % 4)) != 0 ] || faulty "write:$((cases % 7 + 1)):tear" "$2" hurt "$3" # hurt again
    study hurt $((1 + cases % 3))
    check "$name: goes on" test $? = 0
    check "$name: the same files" same hurt
}
for jobs in 1 2 4; do
    for path in hurt/results.csv hurt/tuning.csv; do
        rm -rf hurt
        faulty '' $path hurt $jobs
        writes=$(count write) syncs=$(count sync)
        n=0
        while [ $n -lt "$writes" ]; do
            n=$((n + 1))
            for how in ENOSPC EIO; do
                for on in '' +; do
                    meet "write:$n$on:$how" $path $jobs
                    meet "write:$n:half write:$((n + 1))$on:$how" $path $jobs
                done
            done
            meet "write:$n:half" $path $jobs
            meet "write:$n:tear" $path $jobs
            meet "write:$n:half write:$((n + 1)):ENOSPC truncate:1+:EIO" $path $jobs
        done
        n=0
        while [ $n -lt "$syncs" ]; do
            n=$((n + 1))
            for on in '' +; do meet "sync:$n$on:EIO" $path $jobs; done
            meet "sync:$n:kill" $path $jobs
        done
    done
    rm -rf hurt
    faulty '' hurt hurt $jobs
    calls=$(count call)
    n=0
    while [ $n -lt "$calls" ]; do # of every file, reports as well
        n=$((n + 1))
        for how in EIO ENOSPC kill term; do meet "call:$n:$how" hurt $jobs; done
    done
done
for fault in open:1+:EROFS open:2+:EACCES write:1+:ENOSPC; do
    rm -rf hurt
    faulty $fault hurt hurt 2
    check "$fault: exit 1" test $? = 1
    check "$fault: a sentence" grep -q '^tamis: cannot write hurt/' err
done

# killed again and again, at the third, tenth, fourth, ... call
rm -rf hurt
n=0
while [ $n -lt 30 ]; do
    n=$((n + 1))
    faulty "call:$((n * 7 % 13 + 6)):kill" hurt hurt $((1 + n % 4))
done
study hurt 2
check 'killed thirty times: goes on' test $? = 0
check 'killed thirty times: the same files' same hurt
mnar quiet "$first/ratings.csv"
n=0
while [ $n -lt 10 ]; do
    n=$((n + 1))
    (LD_PRELOAD=$place/fault.so FAULT="call:$((n * 7 % 13 + 4)):kill" FAULT_PATH=/loud
     export LD_PRELOAD FAULT FAULT_PATH
     mnar "$place/loud" "$first/ratings.csv" --jobs $((1 + n % 4))) >/dev/null 2>&1
done
mnar loud "$first/ratings.csv"
check 'mnar, killed ten times: the same files' sh -c 'cmp -s quiet/results.csv loud/results.csv && cmp -s quiet/summary.md loud/summary.md'

echo "$checks checks, $cases of $turn faults, $failures failures"
[ "$failures" = 0 ]
