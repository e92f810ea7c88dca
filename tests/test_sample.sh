#!/bin/sh
# The sample in data/ is what the command in data/README.md makes, byte for byte; a shop's events agree with each other.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"

# the command itself: the lines from "tamis synth" on, as long as they end in a backslash
options=$(awk '/^    tamis synth /, !/\\$/ { sub(/\\$/, ""); print }' "$data/README.md")
[ -n "$options" ] || { echo "data/README.md shows no command"; exit 1; }
options=${options#*tamis synth -o DIR }
# shellcheck disable=SC2086
tamis synth -o . $options --quiet

for name in train test truth noise; do
    case $name in train) packed=sample.csv.gz ;; *) packed=sample-$name.csv.gz ;; esac
    gzip -dc "$data/$packed" >sample.csv
    check "$packed, byte for byte" cmp sample.csv "$name.csv"
    check "$packed is below 1 MB" test "$(wc -c <"$data/$packed")" -lt 1000000
    rows=$(awk 'END { printf "%d,%03d", int((NR - 1) / 1000), (NR - 1) % 1000 }' "$name.csv")
    check "data/README.md says $rows rows of $packed" says "| $packed | $rows |" "$data/README.md"
done

# a shop's events: what can be counted without knowing how they are drawn
tamis synth -o shop --events --users 400 --items 300 --interactions 6000 --noise-ratio 0.5 --relevant-share 0.1 --quiet
check 'no train and test' test ! -e shop/train.csv -a ! -e shop/test.csv
check 'its columns' test "$(head -1 shop/events.csv)" = 'user_id,item_id,event,time'
awk -F, 'FNR == 1 { file++; next } { pair = $1 "," $2 } file == 1 { noise[pair] } file == 2 { truth[pair] }
    file == 3 { if ($1 == user && $4 < time) unordered++; user = $1; time = $4; if ($4 < "2024-01-01 00:00:00" || $4 > "2024-02-29 23:59:59 UTC") outside++
                kinds[$3]++; liked = !(pair in noise); all[pair]; if ($3 == "purchase" && !liked) wrong++; if (liked && pair in truth) twice++
                if (!(pair in seen) && $3 != "view") late++; seen[pair]; if ($3 == "cart") cart[liked]++; pairs[liked] += !(pair in counted); counted[pair]
                if ($3 == "purchase" && !(pair in carted)) uncarted++; if ($3 == "cart") carted[pair] }
    END { for (p in noise) missing += !(p in all)
          printf "%d %d %d %d %d %d %d\n", unordered, outside, wrong, twice, late, uncarted, missing
          printf "%d %.3f %.3f %d %d\n", pairs[1], cart[1] / pairs[1], cart[0] / pairs[0], kinds["view"], kinds["purchase"] }' shop/noise.csv shop/truth.csv shop/events.csv >counted
check 'in order, within 60 days, no noise bought, no pair both met and not, first a view, a cart before a purchase, all noise there' \
    test "$(head -1 counted)" = '0 0 0 0 0 0 0'
# of about 6,000 liked pairs a third is put into the cart, of 3,000 others a fiftieth: within four standard deviations
check 'liked pairs, and how many of them reach the cart' awk 'NR == 2 { exit !($1 > 5700 && $1 < 6300 && $2 > 0.309 && $2 < 0.358 && $3 > 0.009 && $3 < 0.031 && $4 > $5) }' counted
tamis synth -o other --events --users 400 --items 300 --interactions 6000 --noise-ratio 0.5 --relevant-share 0.1 --threads 3 --quiet
check 'threads do not show' cmp shop/events.csv other/events.csv
refuse 2 '--test-ratio does not go with --events' synth -o other --events --test-ratio 0.1
refuse 2 '--events does not go with --from' synth -o other --events --from shop/events.csv
tamis synth -o other --users 400 --items 300 --interactions 6000 --relevant-share 0.1
check 'events of before are put aside' test ! -e other/events.csv -a -e other/events.csv~

# README shows the end of the demo: its figures, as they are (times and paths apart)
sh "$data/demo.sh" "$TAMIS" "$data" >demo 2>&1
shown() { sed 's/ *$//; s/.*; kept epoch/kept epoch/' "$1" | grep -v '^\$\|^$\|^\.\.\.$\| rows read '; }
awk '/^\$ .*train .*sample\.csv/ { on = 1 } /^```/ { on = 0 } on' "$top/README.md" >readme
shown demo >demo.lines
check 'README shows the demo' test "$(shown readme | wc -l)" -gt 10
check 'and what comes of it' test -z "$(shown readme | grep -vxFf demo.lines)"
finish
