#!/bin/sh
# Progress on terminals: one line that rewrites itself and never wraps, however narrow; plain lines where TERM is dumb;
# messages on lines of their own; a study's cells of all phases counted together. script(1) is the terminal.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
[ "$(script -qec 'echo works' /dev/null </dev/null 2>/dev/null | tr -d '\r')" = works ] || skip "no script(1) that runs commands"

show() { tr '\r\033' '!^' <screen | tail -n 12 | cut -c 1-300 | sed 's/^/  | /'; }
# TERM COLUMNS ARGUMENT...: on a terminal that leaves line ends as they are; what it shows goes into the file screen
terminal() {
    TERM=$1
    export TERM
    stty="stty -opost -echo cols $2"
    shift 2
    # shellcheck disable=SC2016
    printf '%s\necho $$ >pid\nexec "$TAMIS" %s\n' "$stty" "$*" >started
    script -qec 'sh ./started' /dev/null >screen 2>&1 </dev/null
}
esc=$(printf '\033')
states() { tr '\r' '\n' <screen | sed -n "s/^\(..*\)$esc\[K\$/\1/p"; } # of the line that rewrites itself
others() { tr '\r' '\n' <screen | sed "/.$esc\[K\$/d; s/^$esc\[K//"; }  # what stands on lines of its own
state() { states | grep -q -e "$1"; }
other() { others | grep -q -e "$1"; }
fits() { states | awk -v most="$1" 'length > most { print; bad = 1 } END { exit bad || !NR }'; }
plain() { [ "$(tr -cd '\r\033' <screen | wc -c | tr -d ' ')" = 0 ]; }

awk 'BEGIN { print "user,item"; for (u = 0; u < 60; u++) for (i = u % 3; i < 40; i += 3) if ((u + i) % 4) print "u" u ",i" i }' >log.csv
study='--methods bpr,bpo --ratios 0,0.3 --seeds 3 --trials 2 --epochs 3 --factors 4'
cells=$((2 * 2 * (2 + 1) + 2 * 2 * 3)) # two methods at two ratios: two trials, the better of them again, three seeds

# --------------------------------------------------------------------------------------------------------- training
terminal xterm 80 train log.csv -o model --epochs 30 --validation-ratio 0.1
check 'training counts its epochs' state '^\[##########\] epoch 30/30  ETA 0:00  loss '
check 'it fits 80 columns' fits 79
check 'the summary is on a line of its own' other '^trained 30 epochs in '
terminal xterm 20 train log.csv -o model --epochs 30
check 'it fits 20 columns' fits 19
check 'without the bar' state '^epoch 30/30'
for columns in 9 2; do
    terminal xterm $columns train log.csv -o model --epochs 3
    check "it fits $columns columns" fits $((columns - 1))
done
terminal dumb 80 train log.csv -o model --epochs 30
check 'a dumb terminal gets no control characters' plain
terminal '' 80 train log.csv -o model --epochs 30
check 'nor does one without a name' plain
terminal xterm 80 train log.csv -o model --epochs 30 --quiet
check 'quiet is quiet' test ! -s screen

# -------------------------------------------------------------------------------------------------------------- study
# shellcheck disable=SC2086
terminal xterm 80 robustness log.csv -o study $study
check 'a study begins with all its cells before it' state "^\[\.\.\.\.\.\.\.\.\.\.\] 0/$cells  tuning"
all=$((($(wc -l <study/tuning.csv) - 1) / 2 + 2 * 2 * 3)) # the first trial is trained again even where it is not the better one
check 'and ends with none' state "^\[##########\] $all/$all  ETA 0:00  training  "
check 'and says the time left' state "\] $((all - 1))/$all  ETA [0-9:]*  training  bp"
states | sed -n "s/.*\] \([0-9]*\)\/[0-9]* .*/\1/p" | uniq >counts
check 'trials and trainings are counted on' test "$(tr '\n' ' ' <counts)" = "$(awk -v n=$all 'BEGIN { for (k = 0; k <= n; k++) printf "%d ", k }')"
check 'it fits' fits 79
check 'the table begins a line' other '^ndcg@20  *noise 0'
# shellcheck disable=SC2086
terminal xterm 20 robustness log.csv -o narrow $study
check 'a study fits 20 columns' fits 19
check 'and says the time left' state "^$((all - 1))/$all  ETA [0-9:]*"
# shellcheck disable=SC2086
terminal dumb 20 robustness log.csv -o dumb $study
check 'a study on a dumb terminal' plain
check 'shows whole lines' grep -qx "\[\.\.\.\.\.\.\.\.\.\.\] 0/$cells" screen
mkdir again
head -n 9 study/results.csv >again/results.csv # two cells of twelve, and all trials
cp study/tuning.csv again
# shellcheck disable=SC2086
terminal xterm 80 robustness log.csv -o again $study
check 'what is found counts as done' state "\] $((all - 10))/$all  training\$"

terminal xterm 80 audit model log.csv -o suspects.csv --folds 3
check 'an audit counts the epochs of all folds' state '^\[##########\] epoch 90/90  ETA 0:00'
check 'what it says begins a line' other '^noise: '

# ------------------------------------------------------------------------------------------------------------ signals
interrupted() { # STATE ARGUMENT...: once its line shows that, which has to be left before something is said
    rm -f pid screen
    awaited=$1
    shift
    terminal xterm 80 "$@" --epochs 1000000 &
    while kill -0 $! 2>/dev/null && { [ ! -s pid ] || ! grep -q "$awaited" screen; }; do sleep 0.1; done 2>/dev/null
    kill -TERM "$(cat pid)"
    wait $!
}
interrupted 'epoch [1-9]' train log.csv -o model
check 'train: what it will do is on a line of its own' other '^stopping'
check 'train: and what it did' other '^interrupted after'
interrupted ' 0/1 ' robustness log.csv -o stopped --methods bpr --ratios 0 --seeds 1 --trials 1 --patience 0
check 'robustness: what it says is on a line of its own' test "$(others | grep -c '^\(tamis: \)\{0,1\}stop')" = "$(grep -c stop screen)"
check 'robustness: it says it' other '^tamis: stopped;'

finish
