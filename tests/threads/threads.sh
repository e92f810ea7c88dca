#!/bin/sh
# threads.sh: ThreadSanitizer over everything that the program does with several threads. It builds in ./threads-build with clang,
# whose OpenMP tells the sanitizer of its barriers (libarcher; gcc's does not, and false alarms would be all that one sees).
#
# Every method trains and is folded in and ranked with; then the other commands. A report of a data race fails; so does a
# parallel region of src/ that was not run by several threads, since nothing was looked at there. First a race that is
# there on purpose (race.c) has to be found, and its mended twin has not.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
threads=4
mkdir -p threads-build/build || exit 99
make -s distdir distdir=threads-build/source >/dev/null || exit 99 # a tree that is configured serves no other
cd threads-build/build || exit 99
[ -f Makefile ] || ../source/configure CC="${THREADS_CC-clang}" --enable-sanitizers=thread >configure.out || exit 99
make -s tamis tests/threads/race $(sed -n 's/^UNIT = //p' Makefile) >make.out 2>&1 || { tail -20 make.out; exit 99; }
cc -O1 -shared -fPIC "$top/tests/threads/regions.c" -o regions.so -ldl || exit 99
build=$PWD
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 99
# passive: on few processors threads must not spin while they wait
OMP_WAIT_POLICY=passive OMP_NUM_THREADS=$threads REGIONS=$work/regions LC_ALL=C
export OMP_WAIT_POLICY OMP_NUM_THREADS REGIONS LC_ALL
# OpenBLAS, which is not instrumented, does its part with one thread
OPENBLAS_NUM_THREADS=1
export OPENBLAS_NUM_THREADS
: >regions
ran=0 failed=0
wrong() { failed=$((failed + 1)); echo "wrong: $*"; }
sanitized() { # PROGRAM ARGUMENT...
    rm -f race.*
    TSAN_OPTIONS="ignore_noninstrumented_modules=1 exitcode=66 log_path=$work/race" LD_PRELOAD=$build/regions.so "$@" >out 2>err
}
tamis() { # ARGUMENT...
    ran=$((ran + 1))
    sanitized "$build/tamis" "$@"
    code=$?
    for report in race.*; do
        [ -e "$report" ] || continue
        wrong "tamis $*"
        head -40 "$report"
    done
    [ $code = 0 ] || { wrong "tamis $*: exit $code"; head -5 err; }
}

for trainer in sgd batch; do
    tries=0
    until sanitized "$build/tests/threads/race" plain $trainer; [ $? = 66 ]; do # which a busy machine may run one after another
        tries=$((tries + 1))
        [ $tries -lt 20 ] || { wrong "the race that is planted in $trainer is not found"; break; }
    done
    sanitized "$build/tests/threads/race" atomic $trainer || { wrong "a false alarm in $trainer"; cat race.* 2>/dev/null | head -40; }
done

tamis synth -o world --users 3000 --items 900 --interactions 100000 --seed 2
tamis synth -o shop --events --interactions 20000
awk -F, 'NR == 1 { print "item_id,brand" } NR > 1 && !seen[$2]++ { print $2 ",b" NR % 7 }' world/train.csv >brands.csv
# a rating, a time, a weight and a kind for each row
awk -F, 'NR == 1 { print $0 ",rating,timestamp,plays,kind"; next }
    { print $0 "," 1 + NR % 5 "," 1600000000 + NR * 7919 % 9000000 "," 1 + NR % 4 "," (NR % 3 ? "view" : "buy") }' world/train.csv >log.csv
gzip -c log.csv >log.csv.gz
head -3000 log.csv >ratings.csv
tamis split log.csv -o parts --validation-ratio 0.1 --hold-out-users 0.1
log=parts/train.csv test=parts/test.csv history=parts/history.csv

# every method is trained, measured on users who are folded in, recommended with, gone on from, and asked for lists
plain="$("$build/tamis" methods | awk '/^Methods/ { on = 1; next } /^$/ { on = 0 } on && /^  [a-z]/ { print $1 }')"
methods=0
for method in $plain; do
    methods=$((methods + 1))
    case $method in
    pop | itemknn | ease) options= ;; # trained at once
    *) options='--factors 8 --epochs 2 --validation-interval 1' ;;
    esac
    # shellcheck disable=SC2086
    tamis train $log -o $method.model --method $method $options --validation parts/validation.csv
    tamis evaluate $method.model $test --fold-in $history -k 5
    tamis recommend $method.model -k 5 -o lists.csv
    case $method in pop | itemknn | ease) continue ;; esac
    # shellcheck disable=SC2086
    tamis train $history -o warm.model --method $method --factors 8 --epochs 1 --from $method.model
done

# other ways of the trainers
for options in '--batch-size 0 --negatives 4' '--batch-size 4000' '--batch-size 4000 --optimizer adam' '--batch-size 4000 --optimizer lazy-adam' \
    '--positive-sampling user' '--item-bias --negative-sampling popularity' '--weight plays --half-life 10' '--repeats count' '--distrust 0.5' \
    '--dislike-below 2 --dislike-share 0.5' '--method warp --dislike-below 2 --dislike-share 0.5' '--method mf --dislike-below 2 --dislike-share 0.5' \
    '--method bpo --batch-size 0 --item-bias' '--method nbpo --batch-size 0' '--method mf --pairs sampled' '--method warp --batch-size 0 --optimizer sgd --negative-sampling uniform' \
    '--method pld-fresh --batch-size 0' '--method ials --solve-factors 0 --weight plays' '--method ials --dislike-below 2 --dislike-share 0.5' \
    '--method slatk --top-interval 1' '--method bsl --dropout 0.1 --checkpoint run.ck --checkpoint-every 1' \
    '--method bsl --dropout 0.1 --checkpoint run.ck --checkpoint-every 1 --resume' '--select learning-rate=0.1,0.2 --validation-ratio 0.1' \
    '--event kind --event-weight view=1,buy=3'; do
    # shellcheck disable=SC2086
    tamis train log.csv.gz -o other.model --epochs 2 --factors 8 $options
done

# what is done with models and logs
tamis evaluate bpr.model parts/validation.csv -k 5,10 --bootstrap 200 --slice popularity --slice activity --per-user users.csv
tamis evaluate bpr.model parts/validation.csv --candidates sampled:50
tamis evaluate bpr.model parts/validation.csv --metrics coverage,gini,novelty,tail,ndcg-ips --unknown-users popular
tamis compare --test parts/validation.csv bpr.model ials.model
awk -F, 'NR > 1 && NR < 3000 { print "{\"user\":\"" $1 "\",\"k\":3,\"exclude\":[\"" $2 "\"]}" } NR == 1500 { print "{\"model\":\"ials.model\"}" }
    NR > 1 && NR < 300 { print "{\"history\":[\"" $2 "\"],\"k\":3}" }' $log >requests
tamis recommend bpr.model --requests requests
tamis recommend bpr.model --history $history -k 5 -o lists.csv
tamis recommend ease.model --history $history -k 5 --max-per brands.csv:brand=1 -o lists.csv
tamis similar bpr.model --all items -k 5 -o lists.csv
tamis score bpr.model $test -o lists.csv
tamis export bpr.model vectors
tamis info log.csv
tamis info bpr.model
tamis noise log.csv --uniform 0.2 --popular 0.1 -o noisy.csv --truth truth.csv
tamis audit $log -o suspects.csv --clean clean.csv --remove 0.1 --report page.html
tamis audit nbpo.model $log --hidden hidden.csv -o suspects.csv
tamis synth -o semi --from ratings.csv
tamis tune $log -o best.options --methods bpr,ials,softmax --trials 3 --epochs 3 --set factors=4 --jobs 4
tamis robustness $log -o robust --methods bpr,ials --ratios 0,0.3 --seeds 2 --trials 2 --epochs 2 --factors 4 --jobs 4
tamis robustness $log -o alone --methods pld --ratios 0 --seeds 1 --trials 1 --epochs 2 --factors 4 --jobs 1
tamis study mnar ratings.csv -o exposed --powers 1,2 --seeds 1 --jobs 4

# one model, one log, in several threads of a program at once
if grep -q '^UNIT = tests/unit' "$build/Makefile"; then
    for suite in matrix fold recommend; do
        ran=$((ran + 1))
        CK_RUN_SUITE=$suite CK_FORK=no sanitized "$build/tests/unit" || { wrong "the unit tests of $suite"; cat race.* out 2>/dev/null | head -40; }
    done
fi

# regions that nobody ran with several threads; that of base/threads.c has its number of threads from these
awk '{ if ($2 > most[$1]) most[$1] = $2 } END { for (k in most) if (most[k] > 1) print k }' regions | sort >looked
(cd "$build/../source" && grep -n '#pragma omp parallel' src/*/*.c) | sed 's/^\([^:]*:[0-9]*\):.*/\1/' | sort >there
comm -13 looked there >missed
while read -r region; do wrong "$region was run by one thread"; done <missed
echo "$ran commands with $threads threads, $methods methods, $(comm -12 looked there | wc -l) of $(wc -l <there) parallel regions; $failed wrong"
[ $failed = 0 ]
