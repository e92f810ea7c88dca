#!/bin/sh
# Checkpoints from the command line: a training that goes on comes to the same file as one that was left alone, on another
# number of threads and with other vectors; a torn checkpoint gives way to the one before it; another log and other options
# are refused; signals write one.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"

gzip -dc "$data/sample.csv.gz" | head -6000 >all.csv
awk 'NR == 1 || NR % 7' all.csv >log.csv
awk 'NR == 1 || NR % 7 == 0' all.csv >held.csv
# A run of EPOCHS writes run.ck at its end and leaves run.ck.previous from epoch 3.
EPOCHS=5
goes_on() { # TRAINING-OPTIONS
    rm -f run.ck* whole once again
    # shellcheck disable=SC2086
    tamis train log.csv -o whole --epochs $EPOCHS --factors 24 --threads 2 $1 -q
    # shellcheck disable=SC2086
    tamis train log.csv -o once --epochs $EPOCHS --factors 24 --threads 2 $1 --checkpoint run.ck --checkpoint-every 3 -q
    check "$1: checkpoints change nothing" cmp -s whole once
    check "$1: there are two" test -s run.ck -a -s run.ck.previous
    for way in 'portable 1' 'native 3'; do
        cp run.ck.previous torn.ck
        rm -f torn.ck.previous
        # shellcheck disable=SC2086
        tier=${way% *}
        [ "$tier" = native ] && unset TAMIS_CPU || { TAMIS_CPU=$tier; export TAMIS_CPU; }
        # shellcheck disable=SC2086
        tamis train log.csv -o again --epochs $EPOCHS --factors 24 --threads "${way#* }" $1 --checkpoint torn.ck --resume
        unset TAMIS_CPU
        check "$1, $way: goes on after epoch 3" says "going on from torn.ck, after epoch 3 of $EPOCHS"
        check "$1, $way: the same bits" cmp -s whole again
    done
}
goes_on ''
goes_on '--item-bias --negative-sampling popularity'
goes_on '--method pld --warmup 1'
goes_on '--method pld-fresh --warmup 1'
goes_on '--method bpr --batch-size 200 --optimizer adam --learning-rate 0.01 --item-bias'
goes_on '--method warp --batch-size 200'
goes_on '--method nbpo --batch-size 0 --regularization 0.06 --flip-regularization 0.3 --flip-factors 8'
goes_on '--method ials'
goes_on '--method expomf'
goes_on '--method warp --distrust 0.5'
goes_on '--method bsl --item-bias --negatives 40 --batch-size 200 --dropout 0.1'
goes_on '--validation-ratio 0.2 --validation-interval 1 --patience 4 --learning-rate 1'
goes_on '--validation held.csv --validation-interval 2'

# ------------------------------------------------------------------------------------------- what is there, and what is not
rm -f run.ck* model
resume() { "$TAMIS" train log.csv -o model --epochs 6 --factors 8 --checkpoint run.ck --checkpoint-every 2 --resume "$@" 2>err; }
check 'without a checkpoint training begins' resume
check 'and that is said' says 'run.ck: no checkpoint yet; training begins'
cp model first
check 'a run that is over is not trained again' resume --log over.jsonl
check 'which is said' says 'going on from run.ck, after epoch 6 of 6'
check 'and there is no epoch' test ! -s over.jsonl
check 'the model is written again' cmp -s model first
tamis info run.ck >info
check 'info says what it is of' grep -q '^checkpoint  *after epoch 6 of 6; ' info
check 'and how it is made' grep -q '^  method  *bpr$' info
check 'a checkpoint is a model' tamis evaluate run.ck held.csv --drop-unknown -q -o figures
tamis train log.csv -o model --epochs 6 --factors 8 --checkpoint run.ck -q
"$TAMIS" train log.csv -o model --epochs 6 --factors 8 --checkpoint run.ck 2>err
check 'one that is overwritten is told of' says 'run.ck holds a checkpoint, whose place a new one takes; --resume would go on from it'

# torn: damaged, cut short, gone; both
tear() { # HOW
    rm -f run.ck*
    "$TAMIS" train log.csv -o first --epochs 6 --factors 8 --checkpoint run.ck --checkpoint-every 4 -q
    case $1 in
        damaged) printf x | dd of=run.ck bs=1 seek=3000 conv=notrunc 2>/dev/null ;;
        short) head -c 5000 run.ck >piece && mv piece run.ck ;;
        empty) : >run.ck ;;
        gone) rm run.ck ;;
    esac
}
for how in damaged short empty gone; do
    tear $how
    rm -f model
    check "$how: the one before is taken" resume
    check "$how: which is said" says 'the checkpoint before it is taken'
    check "$how: after epoch 4" says 'going on from run.ck.previous, after epoch 4 of 6'
    check "$how: to the same model" cmp -s model first
    tamis info run.ck >info
    check "$how: and there is a new one" grep -q '^checkpoint  *after epoch 6 of 6; ' info
done
tear damaged
cp run.ck run.ck.previous
refuse 3 'run.ck: ' train log.csv -o model --epochs 6 --factors 8 --checkpoint run.ck --resume

# the log of epochs is that of one run
tear gone
"$TAMIS" train log.csv -o model --epochs 6 --factors 8 --log epochs.jsonl -q
cut() { sed 's/"seconds":[^,]*,//; s/"samples_per_second":[^,}]*//' "$1"; }
cp epochs.jsonl whole.jsonl
check 'it goes on with the log, too' resume --log epochs.jsonl
cut epochs.jsonl >a; cut whole.jsonl >b
check 'whose lines are those of one run' cmp -s a b

# ------------------------------------------------------------------------------------------------------- what is refused
same='train log.csv -o model --epochs 6 --factors 8 --checkpoint run.ck --resume'
# shellcheck disable=SC2086
{
    refuse 2 'begun with --learning-rate 0.12, and this one has 0.2' $same --learning-rate 0.2
    refuse 2 'begun with --epochs 6, and this one has 7' $same --epochs 7
    refuse 2 'begun with --method bpr, and this one has pld' $same --method pld
    refuse 2 'begun with --seed 1, and this one has 2' $same --seed 2
    refuse 2 'begun without a validation log; expected the same' $same --validation held.csv
    head -4000 log.csv >other.csv
    refuse 3 'is the checkpoint of a training on another log' train other.csv -o model --epochs 6 --factors 8 --checkpoint run.ck --resume
    cp first plain
    # the same file name, with other propensities in it
    propensities() { awk -F, -v p="$1" 'NR == 1 { print "item_id,propensity"; next } !seen[$2]++ { print $2 "," p }' log.csv >theta.csv; }
    theirs='train log.csv -o model --method relmf --factors 8 --propensity theta.csv --checkpoint theta.ck'
    propensities 0.5
    tamis $theirs --epochs 2
    tamis $theirs --epochs 2 --resume
    propensities 0.25
    refuse 3 'its propensities differ' $theirs --epochs 2 --resume
    refuse 3 'plain: is a model, but no checkpoint' train log.csv -o model --epochs 6 --factors 8 --checkpoint plain --resume
    base='train log.csv -o model --epochs 2'
    refuse 2 '--resume has no effect without --checkpoint' $base --resume
    refuse 2 '--checkpoint-every has no effect without --checkpoint' $base --checkpoint-every 3
    for bad in '' 0 -1 1.5 m 0m -1m nanm infm 1h 5mm '1e999m' 99999999999999999999; do
        refuse 2 "--checkpoint-every: \"$bad\" is neither a number of epochs, such as 10, nor one of minutes, such as 5m" \
            $base --checkpoint c --checkpoint-every "$bad"
    done
    refuse 2 'is no name' $base --checkpoint ''
    refuse 2 'cannot go to standard output' $base --checkpoint -
    refuse 2 '--output and --checkpoint are the same file' $base --checkpoint model
    refuse 2 'would overwrite log.csv, which is an input' $base --checkpoint log.csv
    refuse 2 'which is another file of this training' train log.csv -o c.previous --epochs 2 --checkpoint c
    refuse 1 'cannot write' $base --checkpoint nowhere/c
    refuse 2 '--checkpoint is of one run, and --select makes several' $base --checkpoint c --select factors=4,8 --validation-ratio 0.1
}
check 'nothing was written meanwhile' test ! -e c

# --------------------------------------------------------------------------------------------------------------- signals
# One that comes within an epoch leaves the epoch's start; going on, again and again, comes to the model of a run left alone.
if env --default-signal=INT true 2>/dev/null; then
    set -- train log.csv --epochs 6 --factors 64 --negatives 20 --threads 2
    tamis "$@" -o whole -q
    rm -f run.ck* model
    rounds=0 stopped=0
    while [ $rounds -lt 40 ]; do
        rounds=$((rounds + 1))
        rm -f running.jsonl
        env --default-signal=TERM "$TAMIS" "$@" -o model --checkpoint run.ck --checkpoint-every 2 --resume --log running.jsonl 2>err & pid=$!
        while kill -0 $pid 2>/dev/null && [ ! -s running.jsonl ]; do :; done # an epoch is over
        [ $rounds -lt 6 ] && kill -TERM $pid 2>/dev/null
        wait $pid
        code=$?
        [ $code = 0 ] && break
        stopped=$((stopped + 1))
        check "stopped: exit $code" test $code = 143
        says 'trained 6 epochs' || check 'stopped: a checkpoint is there' says 'the same command with --resume goes on from run.ck'
    done
    check "went on $stopped times to the model of a run left alone" cmp -s model whole
    rm -f run.ck* model running.jsonl
    "$TAMIS" "$@" -o model --checkpoint run.ck --checkpoint-every 1 --log running.jsonl 2>err & pid=$!
    while kill -0 $pid 2>/dev/null && [ ! -s running.jsonl ]; do :; done
    kill -KILL $pid 2>/dev/null
    wait $pid 2>/dev/null
    tamis "$@" -o model --checkpoint run.ck --resume -q
    check 'killed: goes on to the same model' cmp -s model whole
fi

# --------------------------------------------------------------------------------------------------- within a study's runs
study() { # DIRECTORY: in the background
    "$TAMIS" robustness log.csv -o "$1" --methods bpr --ratios 0 --seeds 2 --trials 1 --epochs 40 --factors 32 --jobs 1 \
        --checkpoint-every 1 -q 2>err & pid=$!
}
study quiet
wait $pid
check 'a study is over' test $? = 0
check 'and leaves no checkpoint' test -z "$(find quiet -name '*checkpoint*')"
killed=0
for _ in 1 2 3 4 5; do
    study loud
    while kill -0 $pid 2>/dev/null && [ -z "$(find loud -name '*.checkpoint' 2>/dev/null)" ]; do :; done
    kill -KILL $pid 2>/dev/null && killed=$((killed + 1))
    wait $pid 2>/dev/null
done
for file in loud/*.checkpoint; do
    [ -e "$file" ] || continue
    tamis info "$file" >info
    check "killed $killed times: a run's checkpoint" grep -q '^checkpoint  *after epoch [0-9]* of 40; ' info
done
: >loud/0123456789abcdef0123456789abcdef.checkpoint # of other settings
: >loud/mine.checkpoint
study loud
wait $pid
check 'it is over' test $? = 0
check 'with the same results' cmp -s quiet/results.csv loud/results.csv
check 'and leaves none but what is not its own' test "$(find loud -name '*checkpoint*')" = loud/mine.checkpoint
refuse 2 'is neither a number of epochs' robustness log.csv -o bad --checkpoint-every 1h

# ------------------------------------------------------------------------------------------------- a disk that is full
if fault_library; then
    rm -f run.ck* model
    LD_PRELOAD=$place/fault.so FAULT='write:2:ENOSPC' FAULT_PATH=run.ck "$TAMIS" train log.csv -o model --epochs 6 --factors 8 \
        --checkpoint run.ck --checkpoint-every 6 2>err
    code=$?
    if says 'no checkpoint is written'; then
        check "a checkpoint that cannot be written: exit $code" test $code = 1
        check 'and the model is saved all the same' cmp -s model first
    fi
fi
finish
