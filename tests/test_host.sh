#!/bin/sh
# The library in a host program (tests/host.c), and the program in an environment, that are not as a tidy machine is.
set -u
HOST=${abs_top_builddir-$PWD}/tests/host
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS" "$HOST"
unset LC_ALL LANG LC_NUMERIC
not_tested() { echo "not tested: $*"; }

# ------------------------------------------------------------------------------------------------------------- locales
# 60 users of the sample, with ratings and times that are no whole numbers; the same pairs as a MatrixMarket file
gzip -dc "$data/sample.csv.gz" | awk -F, '
    NR == 1 { print "user_id,item_id,rating,timestamp"; next }
    (n[$1] || ++users <= 60) && ++n[$1] { printf "%s,%s,%d.%d,%d.25\n", $1, $2, 1 + NR % 4, NR * 7 % 10, 1500000000 + NR }' >log.csv
awk -F, 'BEGIN { print "%%MATRIXMARKET MATRIX COORDINATE REAL GENERAL" } NR > 1 { sub(/^[^0-9]*/, "", $1); sub(/^[^0-9]*/, "", $2)
    line[++n] = $1 + 1 " " $2 + 1 " " $3; if ($1 + 1 > u) u = $1 + 1; if ($2 + 1 > i) i = $2 + 1 }
    END { print u, i, n; for (k = 1; k <= n; k++) print line[k] }' log.csv >log.mtx

# A locale needs no package of locales where localedef can make one: all but its numbers are those of C.
mkdir none locales
printf 'LC_NUMERIC\ndecimal_point ","\nthousands_sep "."\ngrouping 3;3\nEND LC_NUMERIC\n' >numbers
I18NPATH=$place/none localedef -c --no-archive -i ./numbers "$place/locales/comma" >/dev/null 2>&1
localedef -i tr_TR -f ISO-8859-9 "$place/locales/tr_TR" >/dev/null 2>&1 # where a large I is no i
localedef -i ps_AF -f UTF-8 "$place/locales/ps_AF" >/dev/null 2>&1      # whose decimal point takes two bytes
program() ( # NAME LOCALE: what the program writes, its pictures too
    mkdir "$1.program" && cd "$1.program" && LC_ALL=$2 && export LC_ALL &&
    "$TAMIS" split ../log.csv -o parts --quiet 2>../err &&
    "$TAMIS" train parts/train.csv -o program --epochs 2 --learning-rate 0.025 --quiet 2>../err &&
    "$TAMIS" evaluate program parts/test.csv --json 2>../err | sed 's/"seconds":[^,}]*//' >json && grep -q '"ndcg@20":0\.0' json &&
    "$TAMIS" robustness ../log.csv -o study --methods bpr --ratios 0,0.5 --seeds 2 --trials 1 --epochs 1 --quiet >table 2>../err
)
check 'work' "$HOST" work log.csv log.mtx plain 2>err
check 'the program' program plain C
tested=0
for locale in comma tr_TR ps_AF de_DE.UTF-8 fr_FR.UTF-8; do
    # the machine's own ones count where none could be made
    if [ -e "locales/$locale" ]; then LOCPATH=$place/locales; export LOCPATH; elif [ $tested -gt 0 ]; then continue; fi
    "$HOST" work log.csv log.mtx "$locale" "$locale" 2>err
    code=$?
    if [ $code = 77 ]; then
        not_tested "$(cat err)"
    else
        tested=$((tested + 1))
        check "work under $locale" test $code = 0
        check "the program under $locale" program "$locale" "$locale"
        check "the same bytes under $locale" diff -rq plain "$locale"
        check "the program's under $locale" diff -rq plain.program "$locale.program"
    fi
    unset LOCPATH
done

# ------------------------------------------------------------------------------------------------------------- threads
# more are wanted than there may be; the last of them share their limit with a study's two jobs. The search for leaks is a
# process of its own.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
chmod 755 .
mkdir shared
chmod 777 shared
for threads in 1 2 4; do
    OMP_NUM_THREADS=8 "$HOST" few $threads log.csv log.mtx shared/few$threads 2>err
    code=$?
    if [ $code = 77 ]; then not_tested "$threads threads: $(cat err)"; continue; fi
    check "$threads threads where 8 are wanted" test $code = 0
    check "the same bytes with $threads threads" diff -rq plain shared/few$threads
done
# OpenBLAS, which the portable tier asks for, makes threads as it is loaded: beside a team that has taken the last one it is
# done without
TAMIS_CPU=portable OMP_NUM_THREADS=2 "$HOST" few 2 log.csv log.mtx shared/blas 2>err
code=$?
if [ $code = 77 ]; then not_tested "$(cat err)"; else check 'OpenBLAS where no thread is left' test $code = 0; fi
unset ASAN_OPTIONS
OMP_NUM_THREADS=2 "$HOST" fork log.csv log.mtx parent child 2>err
check 'a child after the library was used' test $? = 0
check 'the same bytes in a child' diff -rq parent child

# ------------------------------------------------------------------------------------- a model that changes while it is read
# The program has read and checked it when its first line comes, and waits while nobody takes the rest.
"$TAMIS" train log.csv -o model --epochs 1 --quiet 2>err
mkfifo lines
for change in truncated overwritten replaced; do
    cp model changing
    "$TAMIS" recommend changing -k 200 >lines 2>err &
    program=$!
    exec 3<lines
    read -r first <&3
    case $change in
        truncated) : >changing ;;
        overwritten) dd if=/dev/zero of=changing bs=4096 count=1000 conv=notrunc 2>/dev/null ;;
        replaced) cp model other && mv other changing ;;
    esac
    cat <&3 >rest
    exec 3<&-
    wait $program
    code=$?
    case $change in
        replaced) check 'a model that another replaces' test $code = 0 -a "$(wc -l <rest)" -eq 12000 ;;
        *) check "a model that is $change: exit $code" test $code = 1
           check "a model that is $change is named" grep -q '^tamis: changing changed while it was read; ' err ;;
    esac
done

# many threads fall into the hole at once: the mask is awaited when the model is there already
cp model changing
mkfifo mask
OMP_NUM_THREADS=8 "$TAMIS" evaluate changing log.csv --mask mask >rest 2>err &
program=$!
exec 3>mask
: >changing
head -2 log.csv >&3
exec 3>&-
wait $program
code=$?
check "many threads in a truncated model: exit $code" test $code = 1
check 'one of them says so' test "$(grep -c '^tamis: changing changed while it was read; ' err)" = 1

# ------------------------------------------------------------------------------- what stands in a file and a terminal obeys
escape=$(printf '\033[31mred\302\2332J')
printf 'user_id,item_id\na,%s\nb,%s\na,plain\nb,plain\nb,%s2\n' "$escape" "$escape" "$escape" >evil.csv
printf 'item,propensity\n%s,0.5\nplain,0.5\n%s2,0.5\n' "$escape" "$escape" >"$escape.csv"
"$TAMIS" train evil.csv -o evil --method relmf --propensity "$escape.csv" --epochs 1 --quiet 2>err
check 'a model with escape sequences' test $? = 0
obeyed() { LC_ALL=C grep -q "$(printf '\033\\|\302\233')" "$1"; }
"$TAMIS" info evil >shown
check 'info shows them' grep -qF 'x1B[31mred\xC2\x9B2J.csv' shown
"$TAMIS" info evil --json >>shown
"$TAMIS" evaluate "evil" evil.csv --mask "$escape.csv" >>shown 2>&1
"$TAMIS" similar evil "$escape-" >>shown 2>&1
"$TAMIS" evaluate evil "$escape" >>shown 2>&1
"$TAMIS" train evil.csv -o x --user "$escape" >>shown 2>&1
check 'nothing that is told has them' test "$(obeyed shown && echo yes)" = ''
"$TAMIS" similar evil plain -k 2 >bytes
check 'data keep them' obeyed bytes
if script -qec true /dev/null >/dev/null 2>&1; then
    script -qec "'$TAMIS' similar evil plain -k 2; '$TAMIS' recommend evil -k 2 --no-mask-training" /dev/null </dev/null >terminal 2>&1
    check 'ids on a terminal' grep -qF 'red\xC2\x9B' terminal
    check 'and nothing that it obeys' test "$(obeyed terminal && echo yes)" = ''
else
    skip 'a terminal: no script(1)'
fi

# ------------------------------------------------------------------------------------------------- checksums and pictures
"$TAMIS" evaluate model log.csv --metrics ndcg -k 5 --json 2>err >json
check 'a file is told with its checksum' grep -qF "log.csv sha256 $(sha256sum log.csv | cut -d' ' -f1)" json
cp log.csv gone.csv # which goes while the mask is still awaited
mkfifo pipe
"$TAMIS" evaluate model gone.csv --mask pipe --metrics ndcg -k 5 --json >json 2>err &
program=$!
exec 3>pipe
rm gone.csv
cat log.csv >&3
exec 3>&-
wait $program
code=$?
check 'a checksum that cannot be had is an error' test $code = 1 -a ! -s json
check 'and told' grep -q '^tamis: cannot read gone.csv: .*, for its checksum' err
cat log.csv >pipe &
"$TAMIS" evaluate model pipe --metrics ndcg -k 5 --json 2>err >json
check 'a pipe without one' grep -qF 'pipe, a pipe: no checksum' json
if command -v gnuplot >/dev/null 2>&1; then
    printf 'far bpr --epochs 2 --learning-rate 1e30\nwide bpr --epochs 2 --learning-rate 1e30 --factors 8\n' >parameters
    "$TAMIS" robustness log.csv -o far --methods far,wide --control far --parameters parameters --ratios 0,0.5 --seeds 2 >shown 2>err
    check 'no picture where all diverged' grep -q 'nothing to plot' err
    check 'and none is left' test "$(ls far | grep -c -e svg -e png)" = 0
    mkdir bin full
    printf '#!/bin/sh\n: >metric.svg\nexit 0\n' >bin/gnuplot
    chmod +x bin/gnuplot
    PATH=$place/bin:$PATH "$TAMIS" robustness log.csv -o full --methods bpr --ratios 0,0.5 --seeds 2 --trials 1 --epochs 1 >shown 2>err
    check 'pictures that are pieces' grep -q '6 of its 6 pictures are missing' err
    check 'are removed' test ! -e full/metric.svg
fi
for name in 'a`id`' "a'b" 'a\b' "$(printf 'a\033b')"; do
    printf '%s bpr --epochs 2\n' "$name" >parameters
    "$TAMIS" robustness log.csv -o named --methods bpr --parameters parameters >shown 2>err
    check "a name that gnuplot would take for more: $name" grep -q 'parameters:1: expected a name' err
done

finish
