#!/bin/sh
# tamis recommend --requests: each line is answered by one, in order and at once; the answers are those of lists; wrong lines are told and
# nothing stops; models are swapped without losing a request.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS" "$data/sample.csv.gz"

gzip -dc "$data/sample.csv.gz" | head -4000 >log.csv
tamis train log.csv -o a.tamis --epochs 2 -q --factors 16
tamis train log.csv -o b.tamis --epochs 2 -q --factors 16 --item-bias --seed 2
if ! "$TAMIS" recommend a.tamis --requests /dev/null 2>err; then
    check 'without jansson that is said' says 'was built without jansson; install it'
    [ "$failures" = 0 ] && skip 'no jansson'
    finish
fi
CC=${CC:-cc}
# shellcheck disable=SC2086 # CC may be two words
check 'what is compiled without jansson compiles' $CC -fsyntax-only -D_GNU_SOURCE -I"$top/include" -I"$top/src" "$top/src/cli/request.c"

answers() { "$TAMIS" recommend "$@" 2>err; } # ARGUMENT...: requests come from standard input
ids() { grep -o '"item_id":"[^"]*"' | cut -d'"' -f4; }
list() { sed 's/"origin":"model",//'; }      # an answer as recommend --json writes it

# ------------------------------------------------------------------------------------------------------- the same lists, in order
tail -n +2 log.csv | cut -d, -f1 | sort -u >users
for model in a b; do
    tamis recommend $model.tamis --users users -k 7 --json >$model.lists
done
sed 's/.*/{"user": "&", "k": 7}/' users >requests
for threads in 1 4; do
    answers a.tamis --requests - --threads $threads <requests | list >got
    check "all users, $threads threads" cmp -s a.lists got
done
answers a.tamis --requests requests -k 3 --threads 4 | list >got
check 'of a file, and k of the request comes first' cmp -s a.lists got
sed 's/, "k": 7//' requests | answers a.tamis --requests - -k 7 | list >got
check 'k of the command line' cmp -s a.lists got
printf '%s\r\n%s' '{"user": "u00003"}' '{"k":1,"user":"u00007"}' | answers a.tamis --requests - -k 2 >got
check 'CR LF, and a last line without an end' test "$(sed -n 1p got | ids | wc -l) $(sed -n 2p got | ids | wc -l) $(wc -l <got)" = '2 1 2'
answers a.tamis --requests /dev/null >got
check 'nothing asked, nothing answered' test ! -s got

# A user's whole list, an item a line, and what members of a request make of it.
ask() { printf '%s\n' "$1" | answers a.tamis --requests - -k 5; shift; } # REQUEST
printf 'u00003\n' >user
tamis recommend a.tamis --users user -k 100000 --json | ids >whole
sed -n '2p;9p;30p' whole >some
quoted() { sed 's/.*/"&"/' | paste -sd, -; } # ids on lines as members of an array
ask "{\"user\": \"u00003\", \"candidates\": [$(sort -r some | quoted)]}" | ids >got
check 'candidates' cmp -s some got
sed -n '1,2p;4p' whole >out
ask "{\"user\": \"u00003\", \"exclude\": [$(quoted <out), \"strange\"]}" >answer
ids <answer >got
sed -n '3p;5,8p' whole >wanted
check 'exclusions' cmp -s wanted got
check 'what is unknown is counted' says '"unknown_items":1}' answer
ask '{"user": "u00003", "candidates": []}' >answer
check 'no candidates, no items' says '"items":[]}' answer
ask '{"user": null, "history": [], "k": null}' >answer
check 'nobody gets the most popular items' says '{"origin":"popularity","items":[{' answer
ask '{"user": "nobody"}' | ids >got
printf 'nobody\n' >nobody; tamis recommend a.tamis --users nobody --unknown-users popular -k 5 --json | ids >wanted
check 'a stranger, too' cmp -s wanted got
# histories: of strangers, and beside what is known
for method in bpr ials itemknn; do
    tamis train log.csv -o folded.tamis -q --method $method
    ask_folded() { printf '%s\n' "$1" | answers folded.tamis --requests - -k 100000; }
    ask_folded "{\"user\": \"new\", \"history\": [$(quoted <some)], \"dislikes\": [\"$(sed -n 5p whole)\"]}" >answer
    check "$method: a history is folded in" says '{"user_id":"new","origin":"history","items":[{' answer
    ids <answer | sort >got
    { cat some; sed -n 5p whole; } | sort >named
    check "$method: what it names is not recommended" test -z "$(comm -12 named got)"
    check "$method: all else is" test "$(wc -l <got)" = $(($(tail -n +2 log.csv | cut -d, -f2 | sort -u | wc -l) - 4))
    ask_folded "{\"history\": [$(quoted <some)], \"user\": \"new\"}" >one
    ask_folded "{\"history\": [{\"item\": \"$(sed -n 1p some)\"}, {\"item\": \"$(sed -n 2p some)\", \"weight\": 1.0}, \"$(sed -n 3p some)\"], \"user\": \"new\"}" >two
    check "$method: weights of 1 are none" cmp -s one two
    ask_folded "{\"user\": \"u00003\", \"history\": [$(quoted <some)]}" >answer
    check "$method: beside what the user has" test -z "$(ids <answer | sort | comm -12 - named | grep -v "$(sed -n 5p whole)")"
    check "$method: which is left out, too" test "$(ids <answer | wc -l)" = $(($(wc -l <whole) - 3))
    check "$method: strange items are counted" test "$(ask_folded '{"user":"new","history":["x","y"]}' | sed 's/.*\],//')" = '"unknown_items":2}'
done
# with files that hold for all
sed -n '2,40p' whole >stock
awk 'BEGIN { print "user,item" } NR > 3 && NR < 6 { print "u00003," $1 }' whole >pairs.csv
sed -n '1,8p' whole >mine
printf '{"user":"u00003","candidates":[%s],"exclude":["%s"]}\n' "$(quoted <mine)" "$(sed -n 2p whole)" |
    answers a.tamis --requests - --candidates stock --exclude pairs.csv | ids >got
sed -n '3p;6,8p' whole >wanted
check 'candidates and exclusions of both' cmp -s wanted got
awk -F, 'NR > 1 && !seen[$2]++ { print $2 }' log.csv | awk 'BEGIN { print "item,brand" } { print $1 ",b" substr($1, 2) % 4 }' >brands.csv
tamis recommend a.tamis --users users -k 7 --json --max-per brands.csv:brand=1 --mask pairs.csv --no-mask-training >wanted
answers a.tamis --requests requests --max-per brands.csv:brand=1 --mask pairs.csv --no-mask-training --threads 3 | list >got
check 'limits, masks, training items' cmp -s wanted got
printf 'user,item\n7,1\n7,2\n8,1\n8,3\n' >numbers.csv; tamis train numbers.csv -o numbers -q --epochs 1 --factors 2
printf '{"user":7,"k":9}\n{"user":"7","exclude":[3]}\n' | answers numbers --requests - >got
check 'ids that are numbers' test "$(grep -c '^{"user_id":"7"' got)" = 2
check 'of items, too' says '"items":[]}' got

# ------------------------------------------------------------------------------------------------------------------ wrong lines
wrong() { # SENTENCE FORMAT: the line is answered by an error that says so, and what is asked behind it by a list
    expected=$1
    # shellcheck disable=SC2059
    { printf "$2"; printf '\n{"user":"u00003","k":1}\n'; } | answers a.tamis --requests - --threads 2 >got
    check "exit 0 after: $2" test $? = 0
    check "$2: says $expected" grep -qF -e "{\"error\":\"request 1: $expected" got
    check "$2: goes on" test "$(tail -1 got | ids)" = "$(head -1 whole)"
    check "$2: two answers" test "$(wc -l <got | tr -d ' ')" = 2
    sound "$2"
}
wrong 'this is no JSON' ''
wrong 'this is no JSON' '   '
wrong 'this is no JSON' '{'
wrong 'this is no JSON' '{"user":"u00003"} {"user":"u00003"}'
wrong 'this is no JSON' '{"user":"u00003",}'
wrong 'this is no JSON' "{'user':'u00003'}"
wrong 'this is no JSON' '{"user":"a\\000b"}'
wrong 'this is no JSON' '{"user":"a\000b"}'
wrong 'this is no JSON' '\000'
wrong 'this is no JSON' '{"user":"\377\376"}'
wrong 'this is no JSON' '{"user":"\303"}'
wrong 'this is no JSON' '{"user":"\355\240\200"}'
wrong 'this is no JSON' '{"user":"u00003","k":99999999999999999999}'
wrong 'this is no JSON' '{"user":"u00003","user":"u00007"}'
wrong 'this is no JSON' '{"user":NaN}'
wrong 'this is no object' '[]'
wrong 'this is no object' '["u00003"]'
wrong 'there is neither \"user\" nor \"history\"' '{}'
wrong 'there is neither \"user\" nor \"history\"' '{"k":5}'
wrong 'there is neither \"user\" nor \"history\"' '{"user":null}'
wrong 'there is no member \"User\"' '{"User":"u00003"}'
wrong 'there is no member \"canditates\"' '{"user":"u00003","canditates":[]}'
wrong '\"user\" is no id' '{"user":["u00003"]}'
wrong '\"user\" is no id' '{"user":1.5}'
wrong '\"user\" is no id' '{"user":true}'
for k in 0 -1 1.0 '"5"' '[]' true 2147483648; do
    wrong '\"k\" is no whole number from 1 to 2147483647' "{\"user\":\"u00003\",\"k\":$k}"
done
for name in history dislikes candidates exclude; do
    wrong "\\\"$name\\\" is no array" "{\"user\":\"u00003\",\"$name\":\"i1\"}"
    wrong "\\\"$name\\\" has something else than item ids at place 2" "{\"user\":\"u00003\",\"$name\":[\"i1\",null]}"
    wrong "\\\"$name\\\" has something else than item ids at place 1" "{\"user\":\"u00003\",\"$name\":[[]]}"
done
wrong '\"candidates\" has something else' '{"user":"u00003","candidates":[{"item":"i1"}]}'
wrong '\"history\" has an object that is no item' '{"user":"u00003","history":[{"id":"i1"}]}'
wrong '\"history\" has an object that is no item' '{"user":"u00003","history":[{"item":"i1","wait":1}]}'
for weight in 0 -1 '"1"' 1e300; do
    wrong '\"history\" has a weight that is no number above 0' "{\"user\":\"u00003\",\"history\":[{\"item\":\"i1\",\"weight\":$weight}]}"
done
wrong '\"model\" is no file' '{"model":""}'
wrong '\"model\" is no file' '{"model":5}'
wrong '\"model\" stands beside other members' '{"model":"b.tamis","user":"u00003"}'
wrong 'cannot open nothing: No such file' '{"model":"nothing"}'
wrong 'log.csv: not a tamis model' '{"model":"log.csv"}'
head -c 3000 a.tamis >torn; wrong 'torn: ' '{"model":"torn"}'
deep() { awk -v n="$1" 'BEGIN { printf "{\"user\":"; for (k = 0; k < n; k++) printf "["; print "" } '; }
{ deep 100000; echo '{"user":"u00003","k":1}'; } | answers a.tamis --requests - >got
check 'deep nesting' grep -q '^{"error":"request 1: this is no JSON' got
check 'goes on' test "$(tail -1 got | ids)" = "$(head -1 whole)"
huge() { awk 'BEGIN { printf "{\"user\":\"u00003\",\"exclude\":[\"x\""; for (k = 0; k < 2200000; k++) printf ",\"i%05d\"", k % 99999; print "]}" }'; }
{ huge; echo '{"user":"u00003","k":1}'; } | answers a.tamis --requests - >got
check 'a line of 19 MB' says '{"error":"request 1: the line has more than 16 MiB"}' got
check 'goes on' test "$(tail -1 got | ids)" = "$(head -1 whole)"
cp b.tamis noise
{ cat noise; printf '\n{"user":"u00003","k":1}\n'; } | answers a.tamis --requests - --threads 4 >got
check 'bytes of a model have an answer a line' test "$(wc -l <got)" -eq "$(($(tr -cd '\n' <noise | wc -c) + 2))"
check 'goes on' test "$(tail -1 got | ids)" = "$(head -1 whole)"
for option in '--users users' '--output x' '--json'; do
    # shellcheck disable=SC2086
    refuse 2 "${option%% *} has no effect with --requests" recommend a.tamis --requests - $option
done
refuse 1 'cannot open nothing' recommend a.tamis --requests nothing
refuse 1 'cannot open nothing' recommend nothing --requests /dev/null
refuse 2 'standard input (-) is named 2 times' recommend a.tamis --requests - --candidates -

# ------------------------------------------------------------------------------------------------------------- models that are swapped
# Twenty reloads with requests in between, to a name under which another file is each time; four threads. What must come is known.
cp a.tamis served.tamis
: >all; : >wanted
for n in 1 2 3 4 5 6 7 8 9 10; do
    for model in b a; do
        { printf '{"model":"%s.tamis"}\n' $model; cat requests; } >>all
        { printf '{"model":"%s.tamis"}\n' $model; cat $model.lists; } >>wanted
    done
done
answers a.tamis --requests all --threads 4 | list >got
check 'none of twenty reloads loses a request' cmp -s wanted got
# one at a time, by a pipe that stays open: an answer comes before the next is asked; the file is swapped and written over meanwhile
mkfifo asked told
"$TAMIS" recommend served.tamis --requests - --threads 3 <asked >told 2>err &
serving=$!
exec 5>asked 6<told
line=1
talk() { # REQUEST: its answer in $answer
    printf '%s\n' "$1" >&5
    IFS= read -r answer <&6
}
lists() { # MODEL: three users have its lists
    for n in 1 20 90; do
        talk "{\"user\":\"$(sed -n ${n}p users)\",\"k\":7}"
        check "user $n has the list of $1" test "$(printf '%s\n' "$answer" | list)" = "$(sed -n ${n}p "$1.lists")"
    done
}
lists a
for n in 1 2 3; do
    for model in b a; do
        cp $model.tamis new; mv new served.tamis
        talk '{"model":"served.tamis"}'
        check 'the new model is told' test "$answer" = '{"model":"served.tamis"}'
        lists $model
    done
done
dd if=b.tamis of=served.tamis bs=1000 count=100 conv=notrunc 2>/dev/null
lists a
talk '{"model":"served.tamis"}'
check 'a file that was written over is refused' test "${answer#*served.tamis: }" != "$answer"
lists a
: >served.tamis
lists a
check 'nothing was said on stderr' test ! -s err
exec 5>&-
wait $serving
check 'the end of requests ends it' test $? = 0
check 'with nothing more' test "$(cat <&6)" = ''
exec 6<&-
# signals, and nobody who listens
"$TAMIS" recommend a.tamis --requests - <asked >told 2>err &
serving=$!
exec 5>asked 6<told
talk '{"user":"u00003","k":1}'
kill -TERM $serving # INT is ignored in the background
{ wait $serving; } 2>/dev/null
check 'a signal ends it' test $? = 143
exec 5>&- 6<&-
check 'a pipe that is closed ends it' test "$( (while cat requests 2>/dev/null; do :; done | "$TAMIS" recommend a.tamis --requests - 2>err; echo $? >code) | head -1 | ids | wc -l | tr -d ' ')" = 7
if [ -c /dev/full ]; then
    "$TAMIS" recommend a.tamis --requests requests >/dev/full 2>err
    check 'a full disk: exit 1' test $? = 1
    check 'which is said' says 'cannot write standard output'
fi
finish
