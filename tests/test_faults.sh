#!/bin/sh
# Every call on files of every command that reads or writes some goes wrong in turn, in every way that tests/fault.c knows, or
# the program is killed there. Then: it ends well with the bytes of a run that was left alone, or with a sentence; its outputs
# are those of before, or new and whole; and the same command, left alone, makes up for it.
# Then the long ones are killed at random moments of their work.
# SWEEP=1: at every call (make sweep-files); else at some. KILLS=N: so many moments of each, and no calls (make sweep-kills).
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
fault_library || skip "no fault.so"
OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=2 TMPDIR=$place/temporary
export OPENBLAS_NUM_THREADS OMP_NUM_THREADS TMPDIR
mkdir temporary base

gzip -dc "$data/sample.csv.gz" | head -1500 >base/log.csv
gzip -c base/log.csv >base/log.csv.gz
(cd base && "$TAMIS" split log.csv -o parts --seed 3 && rm parts/tamis.manifest && mv parts/train.csv parts/test.csv . && rm -r parts &&
    "$TAMIS" train train.csv -o model --factors 8 --epochs 2 && "$TAMIS" train train.csv -o other --factors 8 --epochs 1) >out 2>err
cut -d, -f1,2 base/test.csv >base/pairs.csv
awk -F, 'NR > 1 { print "{\"user\":\"" $1 "\",\"exclude\":[\"" $2 "\"],\"k\":3}" } NR == 20 { print "{\"model\":\"other\"}" }' base/test.csv >base/requests
requests=requests # which need jansson
"$TAMIS" recommend base/model --requests /dev/null >out 2>err || requests=
check 'what they read' test -s base/model -a -s base/other

gzip -dc "$data/sample.csv.gz" >long.csv
"$TAMIS" train long.csv -o long.model --factors 400 --epochs 1 -q 2>err # whose export takes a while

run() { # COMMAND, within the folder work
    case $1 in
    train) set -- train log.csv -o out --factors 8 --epochs 3 ;;
    packed) set -- train log.csv.gz -o out --method ials --factors 8 --epochs 2 ;;
    checkpoint) set -- train log.csv -o out --method bsl --factors 8 --epochs 3 --checkpoint run.ck --checkpoint-every 1 --resume ;;
    recommend) set -- recommend model -k 3 -o out ;;
    evaluate) set -- evaluate model test.csv -k 5 -o out --per-user users.csv ;;
    compare) set -- compare model other --test test.csv -k 5 -o out ;;
    export) set -- export model out ;;
    fold-bias) set -- export other out --fold-bias --equal-length ;;
    score) set -- score model pairs.csv -o out ;;
    requests) set -- recommend model --requests requests ;; # whose answers are a stream
    split) set -- split log.csv -o out --test-ratio 0.3 --validation-ratio 0.1 ;;
    noise) set -- noise log.csv --uniform 0.2 -o out --truth truth.csv ;;
    audit) set -- audit log.csv -o out --report page.html --clean clean.csv --remove 5 ;;
    synth) set -- synth -o out --users 50 --items 200 --interactions 300 ;;
    tune) set -- tune log.csv -o out --methods bpr --trials 2 --epochs 2 --set factors=4 --jobs 1 ;;
    robustness) set -- robustness log.csv -o out --methods bpr --ratios 0,0.5 --seeds 1 --trials 1 --epochs 2 --factors 4 --cutoffs 5 --jobs 1 --quiet ;;
    long-checkpoint) set -- train ../long.csv -o out --factors 32 --epochs 8 --validation-ratio 0.1 --validation-interval 2 --checkpoint run.ck --checkpoint-every 1 --resume ;;
    long-robustness) set -- robustness ../long.csv -o out --methods bpr,ials --ratios 0,0.3 --seeds 1 --trials 2 --epochs 3 --factors 8 --jobs 2 --checkpoint-every 1 --quiet ;;
    long-split) set -- split ../long.csv -o out --test-ratio 0.3 --validation-ratio 0.1 ;;
    long-export) set -- export ../long.model out --fold-bias ;;
    esac
    (cd work && PATH=/nowhere "$TAMIS" "$@" >../out 2>../err)
}
fresh() { rm -rf work && cp -r base work; }
before() { # OLD: with outputs of another run
    fresh
    [ "$1" = new ] || cp -r "old.$command"/. work/
}
# outputs are what base does not have, but for what a kill may leave and what says when it was made
outputs() { (cd "$1" && find . -type f ! -name '*.tmp-*' ! -name '*.previous' ! -name run.ck ! -name '*.html' ! -name plots.gp | sort | while read -r f; do [ -e "../base/$f" ] || echo "$f"; done); }
whole() { # every output is there, with its bytes
    for f in $(outputs "whole.$command"); do cmp -s "work/$f" "whole.$command/$f" || { echo "$f differs" >>err; return 1; }; done
}
sound_files() { # each output is absent, as before, or whole
    for f in $(outputs work); do
        case $f in *run.ck | *results.csv* | *tuning.csv* | *.trials.csv* | *.saved-* | *.waiting | *checkpoint*) continue ;; esac # looked at by going on
        cmp -s "work/$f" "whole.$command/$f" || cmp -s "work/$f" "old.$command/$f" || { echo "$f is neither old nor new" >>err; return 1; }
    done
}
faults=0 kills=0
meet() { # FAULT OLD
    before "$2"
    (LD_PRELOAD=$place/fault.so FAULT=$1 FAULT_PATH=$place/work
     export LD_PRELOAD FAULT FAULT_PATH
     run "$command") 2>/dev/null
    code=$?
    case $1 in *kill | *tear) kills=$((kills + 1)) ;; *) faults=$((faults + 1)) ;; esac
    where="$command, $1, outputs $2"
    case $code in
    0) check "$where: done, so whole" whole ;;
    1 | 3) check "$where: a sentence" grep -q '^tamis: ' err
           check "$where: outputs are old or new" sound_files
           check "$where: nothing is left" test -z "$(find work -name '*.tmp-*')" ;;
    137) hit=$((hit + 1))
         check "$where: killed" sound_files ;;
    *) check "$where: exit $code" false ;;
    esac
    [ $code = 0 ] && return
    run "$command"
    check "$where: the same command makes up for it" test $? = 0
    check "$where: whole" whole
}

prepare() { # what $command does when it is left alone, other bytes under the same names, and how often it calls
    fresh
    run "$command"
    check "$command, left alone" test $? = 0
    rm -rf "whole.$command" "old.$command"
    cp -r work "whole.$command"
    mkdir "old.$command" # the same names with other bytes
    case $command in
    *checkpoint | *robustness | tune) ;; # these go on with what is there
    *) for f in $(outputs work); do
           mkdir -p "old.$command/$(dirname "$f")"
           case $f in *manifest) ;; *) echo "of before" >"old.$command/$f" ;; esac
       done ;;
    esac
    fresh
    LD_PRELOAD=$place/fault.so FAULT_COUNT=$place/counts FAULT_PATH=$place/work run "$command"
}
hit=0
meet_moments() { # N: kills $command at so many moments of its work; a short one may end before the system's clock ticks
    prepare
    cpu=$(awk '$1 == "cpu" { print $2 }' counts)
    hit=0 k=0
    for moment in $(awk -v n="$1" -v cpu="$cpu" -v name="$command" 'BEGIN { srand(28 + length(name)); for (n *= 5; n > 0; n--) print 1 + int(rand() * cpu) }'); do
        [ $hit -lt "$1" ] || break
        k=$((k + 1))
        if [ $((k % 2)) = 0 ]; then meet "cpu:$moment:kill" new; else meet "cpu:$moment:kill" old; fi
    done
    echo "$command: killed at $hit of $k moments in $cpu microseconds of work"
}

long='long-checkpoint long-robustness long-split long-export'
if [ -n "${KILLS-}" ]; then
    for command in $long; do
        meet_moments "$KILLS"
        check "$command was killed" test $hit = "$KILLS"
    done
    finish
fi
for command in train packed checkpoint recommend $requests evaluate compare export fold-bias score split noise audit synth tune robustness; do
    prepare
    : >list
    while read -r call count; do
        case $call in
        call) hows=kill ;;
        cpu) continue ;;
        open) hows='EACCES EIO' ;;
        read) hows='EIO EINTR half' ;;
        write) hows='ENOSPC EIO EINTR half tear' ;;
        map) hows=ENOMEM ;;
        unlink) hows=EACCES ;;
        *) hows='EIO' ;;
        esac
        n=0
        while [ $n -lt "$count" ]; do
            n=$((n + 1))
            for how in $hows; do echo "$call:$n:$how" >>list; done
        done
    done <counts
    step=1
    [ -n "${SWEEP-}" ] || step=$(($(wc -l <list) / 12 + 1))
    k=0
    for fault in $(awk -v step=$step 'NR % step == 0' list); do
        k=$((k + 1))
        if [ $((k % 2)) = 0 ]; then meet "$fault" new; else meet "$fault" old; fi
    done
done
for command in $long; do meet_moments 4; done
echo "$faults faults, $kills kills"
finish
