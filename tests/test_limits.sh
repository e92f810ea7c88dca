#!/bin/sh
# With whatever memory there is, a command does its work or says in a sentence that it cannot, with exit 1; what it would have
# replaced stays.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
case "${SANITIZERS-no}" in no|'') ;; *) skip "sanitizers take terabytes of addresses" ;; esac
(ulimit -v 200000) 2>/dev/null || skip "no bound of memory here"

gzip -dc "$data/sample.csv.gz" | head -20000 >log.csv
tamis train log.csv -o model --epochs 1 --factors 16
for command in 'train log.csv -o out --epochs 1' 'train log.csv -o out --method bsl --epochs 1' 'train log.csv -o out --method ease' \
    'evaluate model log.csv --no-mask-training -o out' 'recommend model -k 5 -o out' 'split log.csv -o parts' \
    'robustness log.csv -o study --methods bpr --ratios 0 --seeds 1 --trials 1 --epochs 1' 'audit log.csv -o out'; do
    done_at=
    for limit in 8000 12000 16000 20000 24000 28000 32000 40000 50000 65000 80000 100000 150000 300000; do
        rm -rf parts study
        echo 'of before' >out
        # shellcheck disable=SC2086
        (ulimit -v $limit; "$TAMIS" $command >/dev/null 2>err)
        code=$?
        case $code in
        0) done_at=$limit ;;
        1) check "$command, $limit KB: a sentence" grep -q '^tamis: ' err
           check "$command, $limit KB: what was there stays" test "$(cat out)" = 'of before' ;;
        127 | 126 | 134 | 139) check "$command, $limit KB: the program was loaded" sh -c "! grep -q '^tamis' err && [ $limit -le 20000 ]" ;; # the loader
        *) check "$command, $limit KB: exit $code" false ;;
        esac
        [ -z "$done_at" ] || break
    done
    check "$command is done in the end" test -n "$done_at"
done

# What training takes is told before it begins, and where it is refused or memory ends in the midst.
wide='train log.csv -o out --epochs 1 --factors 4096 --regularization 0.01 --threads 1'
matches() { grep -qE "$1" err; }
rm -f out
# shellcheck disable=SC2086
{
    tamis $wide --verbose
    check 'the estimate is told with --verbose' \
        matches '^training takes about [0-9.]+ MB of memory with 1 thread, beside [0-9.]+ kB of logs: factors [0-9.]+ MB'
    mv out unbounded
    refuse 2 'and --memory is 1 MB; what would fit: --factors ' $wide --memory 1
    takes=$(sed -n 's/.* takes \([0-9]*\) MB .*/\1/p' err)
    tamis $wide --memory "$takes"
    check 'the same bits with a bound that is enough' cmp out unbounded
    check 'and nothing is said of it' test -z "$(grep memory err)"
    rm out
    refuse 2 "and --memory is $((takes - 1)) MB" $wide --memory $((takes - 1))
    (ulimit -v $((takes * 900)); "$TAMIS" $wide >/dev/null 2>err)
    check 'more than the process may have is refused: exit 1' test $? = 1
    check 'before it begins' matches 'this process may have [0-9.]+ ([kMG]B|bytes); what would fit: --factors'
    for more in 4000 12000 16000 20000 24000; do # beside the program, too little, hardly enough, enough
        rm -f out
        (ulimit -v $((takes * 1000 + more)); "$TAMIS" $wide >/dev/null 2>err)
        code=$?
        check "$more KB more than it takes: trained, or exit 1" test $code = 0 -o $code = 1
        [ $code = 0 ] || check 'refused before it begins, or what it was to take is told' \
            matches "this process may have [0-9.]+ ([kMG]B|bytes); what would fit|not enough memory for .*; training was to take $takes MB beside the log's [0-9]+ MB"
    done
    rm -f out
    for wrong in -1 nan 1X 1e30 0.5 99999999999999999999 ''; do
        refuse 2 "--memory: \"$wrong\"" $wide --memory "$wrong"
    done
}
check 'nothing was written' test ! -e out

# All runs of --select are looked at before the first.
refuse 2 '--select --factors 4096: training bpr on ' train log.csv -o out --validation-ratio 0.1 --select factors=16,4096 --memory 10 --epochs 1
check 'before anything is trained' sh -c '! grep -q ndcg err'
check 'or written' test ! -e out
tamis train log.csv -o out --validation-ratio 0.1 --select factors=16,17 --memory 10 --epochs 1
rm out

# Trainings side by side: fewer of them, to the same bytes.
head -3000 log.csv >small.csv
tunes='tune small.csv --methods ials --trials 3 --epochs 1 --rungs 1 --jobs 3'
studies='robustness small.csv --methods ials --ratios 0,0.2 --seeds 1 --trials 1 --epochs 1 --jobs 3'
# shellcheck disable=SC2086
{
    tamis $tunes -o tuned >/dev/null
    refuse 2 "and --memory is 1 MB; what would fit: --set factors=" $tunes -o other --memory 1
    advised=$(sed -n 's/.*what would fit: --set \(factors=[0-9]*\);.*/\1/p' err)
    tamis $tunes -o advised --memory 1 --set "$advised" >/dev/null
    refuse 2 'and --memory is 1 MB' $tunes -o other --memory 1 --set "factors=$((${advised#factors=} + 1))"
    refuse 2 'and --memory is 1 MB' $tunes -o other --memory 1
    takes=$(sed -n 's/.* takes \([0-9]*\) MB .*/\1/p' err)
    tamis $tunes -o other --memory "$takes" >/dev/null
    check 'tune: one at a time comes to the same' cmp tuned other
    tamis $studies -o study >/dev/null
    refuse 2 'and --memory is 3 MB; what would fit: --factors ' $studies -o other.study --memory 3 --factors 2000
    advised=$(sed -n 's/.*what would fit: --factors \([0-9]*\);.*/\1/p' err)
    tamis $studies -o advised.study --memory 3 --factors "$advised" >/dev/null
    refuse 2 'and --memory is 1 MB; expected other --methods' ${studies%% *} small.csv --methods ease,pop --ratios 0 --seeds 1 --trials 1 -o other.study --memory 1
    echo 'wide ials --factors 900' >lines
    refuse 2 ' in a line of --parameters; else other' robustness small.csv --methods wide --parameters lines --ratios 0 --seeds 1 -o other.study --memory 3
    refuse 2 'and --memory is 1 MB' $studies -o other.study --memory 1
    check 'robustness: nothing was begun' test ! -e other.study
    takes=$(sed -n 's/.* takes \([0-9]*\) MB .*/\1/p' err)
    tamis $studies -o other.study --memory "$takes" >/dev/null
    check 'robustness: one at a time comes to the same' cmp study/results.csv other.study/results.csv
    for wrong in -1 nan 1X ''; do
        refuse 2 "--memory: \"$wrong\"" $tunes -o third --memory "$wrong"
        refuse 2 "--memory: \"$wrong\"" $studies -o third --memory "$wrong"
    done
}
finish
