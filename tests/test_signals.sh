#!/bin/sh
# Signals: whichever asks the program to end, a model that is being trained is saved, also from within an epoch; exit codes;
# what a second one does; other commands end at once and leave nothing. Nothing here waits for a time, only for what is seen.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
env --default-signal=INT true 2>/dev/null || skip "env knows no --default-signal"

alive() { kill -0 "$pid" 2>/dev/null; }
# scripts' background jobs start with SIGINT and SIGQUIT ignored, under nohup also SIGHUP, which a program must respect: env undoes that
start() { env --default-signal=INT,QUIT,HUP,TERM,XCPU "$TAMIS" "$@" >out 2>err & pid=$!; }
until_there() { while alive && [ ! -e "$1" ]; do sleep 0.05; done; }
until_begun() { while alive && [ ! -s running.jsonl ]; do sleep 0.05; done; }
ended() { # WHAT CODE
    wait "$pid"
    code=$?
    check "$1: exit $code, not $2" test $code = "$2"
    sound "$1"
}

gzip -dc "$data/sample.csv.gz" | head -20000 >log.csv
# an epoch that lasts longer than anyone would wait
endless='--negatives 10000 --factors 2048 --epochs 1000000'
# Sends a signal to such a training once it has begun, which shows afterwards: one that had not is tried again, later.
interrupt() { # SIGNAL CODE TRAINING-OPTIONS
    later=0
    while :; do
        rm -f model running.jsonl
        # shellcheck disable=SC2086
        start train log.csv -o model --log running.jsonl $3
        until_there running.jsonl
        sleep $later
        kill -"$1" $pid
        ended "SIG$1, $3" "$2"
        says 'stopped before the first epoch' || break
        later=$((2 * later + 1)) # a busy machine takes its time
    done
}

# ------------------------------------------------------------------------------------------------ within an epoch, saved
# The first epoch may be over before the signal comes, and the signal may come between two epochs: tried again then.
within() { # WHAT TRAINING-OPTIONS
    for _ in 1 2 3 4 5; do
        interrupt TERM 143 "$2"
        says 'stopped within epoch' && break
    done
    epoch=$(sed -n 's/.*stopped within epoch \([0-9]*\):.*/\1/p' err)
    check "$1: says at once what happens" says 'stopping, then saving; Ctrl-C again quits at once and saves nothing'
    check "$1: says what is in the model" says "stopped within epoch $epoch: model holds the factors as they stood there"
    "$TAMIS" info model >info 2>err
    check "$1: the model is whole and finite" grep -q "^ *stopped-within-epoch  *$epoch\$" info
}
within 'each sample' "--method bpr $endless"
within 'each sample, biases' "--method bpo --item-bias --learning-rate 0.0001 $endless"
within "PLD's choice" "--method pld-fresh --pool 64 $endless"
within 'batches' "--batch-size 1024 --optimizer adam $endless"
within 'searched negatives' '--method warp --max-sampled 10000 --factors 2048 --epochs 1000000'
within 'all pairs' '--method relmf --pairs all --factors 2048 --epochs 1000000'
within 'shared negatives' '--method bsl --negatives 8000 --factors 2048 --epochs 1000000'
within 'regressions' '--method ials --factors 2048 --epochs 1000000'
within 'dense regressions' '--method expomf --factors 2048 --epochs 1000000'

# with validation the best epoch is what counts
rm -f running.jsonl
start train log.csv -o model --validation-ratio 0.1 --validation-interval 1 --factors 8 --epochs 1000000 --log running.jsonl
while alive && ! grep -q '"epoch":5,' running.jsonl 2>/dev/null; do sleep 0.05; done
kill -TERM $pid
ended 'validated' 143
best=$(awk '{ at = index($0, "\"ndcg@20\":"); value = substr($0, at + 10) + 0; if (value > most) { most = value; best = NR } }
            END { print best }' running.jsonl)
check "validated: epoch $best is kept" says "epoch $best is saved in model"
"$TAMIS" info model >info 2>err
check 'validated: and the model says so' grep -q "^ *epoch-kept  *$best\$" info

# ---------------------------------------------------------------------------------------------------------- which, codes
for pair in INT:130 QUIT:131 HUP:129 XCPU:152 TERM:143; do
    interrupt "${pair%:*}" "${pair#*:}" "$endless"
    check "SIG${pair%:*}: the model is saved" test -s model
done
# a model of which nothing was trained is none: what was there stays
echo 'of before' >model
rm -f running.jsonl
start train log.csv -o model --factors 4096 --epochs 1000000 --log running.jsonl
until_there running.jsonl
kill -TERM $pid
ended 'before the first epoch, or soon after' 143
if says 'stopped before the first epoch'; then check 'and the former model stays' test "$(cat model)" = 'of before'; fi
# nohup: what was ignored stays ignored
rm -f model running.jsonl
# shellcheck disable=SC2086
(trap '' HUP; exec "$TAMIS" train log.csv -o model --log running.jsonl $endless >out 2>err) & pid=$!
until_there running.jsonl
kill -HUP $pid
kill -HUP $pid
kill -TERM $pid
ended 'nohup: only SIGTERM ends it' 143

# ------------------------------------------------------------------------------------------------------------- a second
mkfifo pipe # saving waits for a reader
rm -f running.jsonl
start train log.csv -o pipe --factors 8 --epochs 1000000 --log running.jsonl
until_begun
kill -TERM $pid
while alive; do kill -TERM $pid 2>/dev/null; sleep 0.1; done
ended 'a second one ends a saving that does not end' 143
check 'the first was answered' says 'stopping, then saving'
rm -f running.jsonl
start train log.csv -o pipe --factors 8 --epochs 1000000 --log running.jsonl
until_begun
for signal in HUP HUP XCPU HUP XCPU HUP HUP XCPU HUP XCPU HUP; do kill -$signal $pid; sleep 0.1; done
cat pipe >saved
ended 'a terminal that has gone, and a limit of CPU time, are no second one' 129
"$TAMIS" info saved >info 2>err
check 'and what was saved is whole' grep -q epochs-trained info
rm -f running.jsonl
start train log.csv -o model --factors 8 --epochs 1000000 --log running.jsonl
until_begun
kill -TERM $pid
kill -TERM $pid 2>/dev/null # as timeout(1) does
ended 'two at once are one' 143
check 'and the model is saved' test -s model

# ---------------------------------------------------------------------------------------- other commands leave nothing
nothing_left() { test -z "$(find . -name '*.tmp-*')"; }
rm -f model
mkfifo feed
"$TAMIS" train - -o model <feed >out 2>err & pid=$!
exec 3>feed
while alive; do kill -TERM $pid 2>/dev/null; sleep 0.05; done
ended 'while a log is read' 143
exec 3>&-
check 'there is no model' test ! -e model
if fault_library; then
    # Without unnamed files: the first of two opens of each of the five is refused. The signal comes before the first write, when all are open.
    for signal in term hup int; do
        rm -rf world
        LD_PRELOAD=$place/fault.so FAULT="open:1:EROFS open:3:EROFS open:5:EROFS open:7:EROFS open:9:EROFS write:1:$signal" \
            FAULT_PATH=world/ env --default-signal=INT,HUP "$TAMIS" synth -o world --users 3000 --items 2000 --interactions 20000 >out 2>err
        code=$?
        check "synth ends by $signal" test $code -gt 128
        check "synth: temporary files are removed on $signal" nothing_left
        check 'synth: and nothing else is there' test -z "$(ls world)"
    done
fi
check 'nothing is left behind' nothing_left
finish
