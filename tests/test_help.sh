#!/bin/sh
# What the program says of itself: help that fits a screen, help-all, manual and completion of one mind, examples that run as
# they stand, and advice on words it does not know, which never names what there is not.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
unset -f tamis # examples find the program by its name
mkdir "$place/bin"
printf '#!/bin/sh\nexec "%s" "$@"\n' "$TAMIS" >"$place/bin/tamis"
chmod +x "$place/bin/tamis"
PATH="$place/bin:$PATH"

offered() { grep -oE '^  (-., )?--[a-z0-9-]+' "$1" | sed 's/.*--/--/' | sort -u; } # the options in a help text

tamis --help >program
commands=$(sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p' program | grep -vx tamis)
check 'all commands are listed' test "$(echo "$commands" | wc -w | tr -d ' ')" -ge 16

# ------------------------------------------------------------------------------------------ help, manual, completion
tamis --man | sed 's/\\-/-/g' | tr ',' '\n' | sed -n 's/^.*Fl --*\([a-z0-9][a-z0-9-]*\).*/--\1/p' | sort -u >manual
for shell in bash zsh fish; do tamis completion $shell >completion.$shell; done
for command in $commands; do
    tamis "$command" --help >short
    tamis "$command" --help-all >long
    offered short >few
    offered long >"all.$command"
    check "$command --help fits a screen of 40 lines" test "$(wc -l <short | tr -d ' ')" -le 40
    check "$command --help-all fits 80 columns" awk 'length > 80 { print; bad = 1 } END { exit bad }' long
    check "$command --help shows at most 13 options" test "$(wc -l <few | tr -d ' ')" -le 13
    check "$command --help shows no other options than --help-all" test -z "$(comm -23 few "all.$command")"
    cmp -s few "all.$command" || check "$command --help says how to see all" \
        says "tamis $command --help-all lists all $(wc -l <"all.$command" | tr -d ' ') options" short
    tamis help "$command" >same
    check "tamis help $command is the same" cmp -s short same
    tamis help "$command" --help-all >same
    check "and with --help-all" cmp -s long same
    check "$command: the manual has all options" test -z "$(comm -23 "all.$command" manual)"
    grep "^ *$command:\\*)" completion.bash | tr " '" '\n\n' | grep '^--' | sort -u >bash
    check "$command: bash completes all options" test -z "$(comm -23 "all.$command" bash)"
    sed -n "s/.*seen_subcommand_from $command' -l \\([a-z0-9-]*\\).*/--\\1/p" completion.fish | sort -u >fish
    check "$command: fish completes all options" test -z "$(comm -23 "all.$command" fish)"
    awk -v c="    $command)" '/^    [a-z]*\)$/ { on = $0 == c } on' completion.zsh | grep -oE -e '--[a-z0-9-]+' | sort -u >zsh
    check "$command: zsh completes all options" test -z "$(comm -23 "all.$command" zsh)"
done
check 'train shows twelve options of its many' test "$(tamis train --help | grep -cE '^  (-., )?--')" = 12

# ------------------------------------------------------------------------------------ examples: run in the order of use
awk 'BEGIN { print "user,item,rating"; for (u = 1; u <= 24; u++) for (i = 1; i <= 40; i++)
     if ((u * 7 + i * 3) % 5 == 0 || (u % 4 == i % 4 && (u + i) % 3)) print "u" u ",i" i "," 1 + (u * i) % 5 }' >ratings.csv
cut -d, -f1,2 ratings.csv | gzip >clicks.csv.gz
ran=0
for command in split train evaluate compare recommend similar info export noise audit synth methods completion study robustness; do
    tamis $command --help | awk '/^Examples:/ { on = 1; next } !/^  / { on = 0 } on { sub(/^  /, ""); print }' >examples
    check "$command has an example" test -s examples
    ran=$((ran + $(grep -c '^[a-z]' examples)))
    # each line by itself, as it would be typed
    awk '{ line = line $0 "\n" } !/\\$/ { printf "%s", line > ("example." ++n); close("example." n); line = "" }' examples
    for example in example.*; do
        sh -e "$example" >out 2>err
        check "$(cat "$example")" test $? = 0
    done
    rm -f example.*
done
check "there are many ($ran)" test $ran -ge 20
grep -oE 'tamis (split|train|evaluate|compare|recommend) [^|]*' program >examples
sh -e examples >out 2>err
check 'the examples of tamis --help run' test $? = 0

# README's, from splitting the log to the study of noise; its blocks are run one by one, as someone would paste them
mkdir readme
(
    cd readme || exit
    gzip -dc ../clicks.csv.gz | awk -F, 'NR > 1 { $2 = "item-" substr($2, 2) + 2 } { print $1 "," $2 }' | gzip >clicks.csv.gz
    printf 'u1\nu7\n' >users.txt
    cp ../ratings.csv .
    awk '/^## /{ on = /Use it on your log|Noise/ } /^```/ { block = on && $0 == "```sh"; n += block; next } block { print >("block." n) }' \
        "$top/README.md"
)
check 'README has blocks of commands' test -s readme/block.3
# how long a search goes on is not for a test to wait for
sed -i '/^tamis tune/s/\( *--minutes 30\)*$/ --methods bpr,ials --trials 1/' readme/block.*
for block in readme/block.*; do
    (cd readme && sh -e "../$block" >../out 2>../err)
    check "README: $(cat "$block")" test $? = 0
done

# ------------------------------------------------------------------------------------------------------------- advice
refuse() { # 'literal part of the sentence' ARGUMENT...
    sentence=$1
    shift
    tamis "$@" >out 2>err </dev/null
    check "tamis $*: a usage error" test $? = 2
    check "tamis $*: says $sentence" says "$sentence"
    check "tamis $*: nothing on standard output" test ! -s out
}
refuse 'did you mean --learning-rate?' train --lr 0.1
refuse 'did you mean --learning-rate?' train --Learning_Rate=0.1
refuse 'did you mean --factors?' train --n-factors 8
refuse 'did you mean --factors?' train --k 8
refuse 'did you mean --cutoffs?' evaluate --k 8
refuse 'did you mean --k?' recommend --top-k 8
refuse 'did you mean --batch-size?' train --batch 8
refuse 'did you mean --regularization?' train --reg 1
refuse 'did you mean --regularization?' train --lambda 1
refuse 'did you mean --epochs?' train --n-epochs=3
refuse 'did you mean --output?' train --output-file m
refuse 'did you mean --no-item-bias?' train --no-item-bais
refuse 'did you mean --validation-metric?' train --metric ndcg@10
refuse 'did you mean --metrics?' evaluate --metric ndcg
refuse 'did you mean --threads?' train --n-jobs 2
refuse 'did you mean --jobs?' robustness --n-jobs 2
refuse 'files need none: tamis evaluate MODEL TEST...' evaluate --model m
refuse 'it is an option of evaluate, compare' train --cutoffs 5
refuse 'the same command with the same --output goes on where it was' robustness --resume
refuse 'train has no option --frobnicate' train --frobnicate
refuse 'did you mean recommend?' predict
refuse 'did you mean recommend?' rank
refuse 'did you mean train?' fit
refuse 'did you mean train?' TRAIN
refuse 'did you mean evaluate?' eval
refuse 'there is no command "frobnicate"' frobnicate
check 'and nothing is advised' sh -c '! grep -q "did you mean" err'

# Every word of the tables: what it is called here must exist, in some command at least.
sed -n '/^static const synonyms commands/,/^};/s/^ *{"\([^"]*\)", "\([^"]*\)"},*$/\1 \2/p' "$top/src/cli/advice.c" >table
check 'commands have other names' test "$(wc -l <table | tr -d ' ')" -ge 10
while read -r name words; do
    check "$name is a command" sh -c 'tamis help "$1" >out' - "$name"
    for word in $(echo "$words" | tr '|' ' '); do refuse "did you mean $name?" "$word"; done
done <table
sed -n '/^static const synonyms options/,/^};/p' "$top/src/cli/advice.c" | tr -d '\n' | tr '{' '\n' |
    sed -n 's/^"\([^"]*\)",/\1 /; s/[" },;]*$//; s/[" ]*|*"  *"/|/g; s/ *"/ /p' >table
check 'options have other names' test "$(wc -l <table | tr -d ' ')" -ge 40
newline='
'
has() { # COMMAND OPTION
    eval "list=\$all_$1"
    case $newline$list$newline in *"$newline--$2$newline"*) return 0 ;; esac
    return 1
}
for command in $commands; do eval "all_$command=\$(cat all.$command)"; done
while read -r name words; do
    found=
    for command in $commands; do has "$command" "$name" && found=$command && break; done
    check "--$name, which is advised, is an option of some command" test -n "$found"
    [ -n "$found" ] || continue
    for word in $(echo "$words" | tr '|' ' '); do
        has "$found" "$word" && continue
        advised=$("$TAMIS" "$found" "--$word" 2>&1)
        advised=${advised##*did you mean --}
        check "$found --$word: --${advised%%\?*} is advised, which it has" has "$found" "${advised%%\?*}"
    done
done <table

# --------------------------------------------------------------------------------------- without a word, and cut short
for command in $commands; do
    tamis "$command" >out 2>err </dev/null
    code=$?
    case $command in
        methods|help) check "$command alone lists" test $code = 0 ;;
        *) check "$command alone is a usage error" test $code = 2
           check "$command alone says how it is written" says ": tamis $command " ;;
    esac
done
for call in '--help' 'train --help-all' 'methods' 'completion zsh' '--man'; do
    # shellcheck disable=SC2086
    { tamis $call 2>err; echo $? >code; } | head -c 1 >out
    check "$call | head: no complaint" test ! -s err
done

finish
