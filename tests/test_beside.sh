#!/bin/sh
# A second log beside a first one (masks, validation, held-out, ids, truth, the training log): its columns are found in its
# own first line. What a command gives must not depend on what the second file's columns are called, where they stand and
# what parts them.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
fail() {
    failures=$((failures + 1))
    echo "check $checks: $1"
    sed 's/^/  | /' err | head -10
}
tamis() { # OUT ARGUMENT...: must succeed
    out=$1
    shift
    checks=$((checks + 1))
    "$TAMIS" "$@" >"$out" 2>err </dev/null || fail "tamis $* (exit $?)"
}
same() { cmp -s "$1" "$2" || fail "$3"; }
refuse() { # CODE SENTENCE ARGUMENT...
    wanted=$1 text=$2
    shift 2
    checks=$((checks + 1))
    "$TAMIS" "$@" >out 2>err </dev/null
    code=$?
    [ $code = "$wanted" ] || fail "tamis $*: exit $code, expected $wanted"
    grep -qF -e "$text" err || fail "tamis $*: does not say: $text"
}
says() { grep -qF -e "$1" err || fail "does not say: $1"; }

# 40 users, 30 items, ratings 1 to 5; three in five rows to train, one each to validation and test
awk 'BEGIN { for (u = 0; u < 40; u++) for (i = 0; i < 30; i++) if ((u * 7 + i * 5 + u * i) % 3)
     print "u" u ",i" i "," 1 + (u * i + u) % 5 }' >rows
for part in 'train 0 1 2' 'validation 3' 'test 4'; do
    awk -v part="$part" 'BEGIN { FS = ","; n = split(part, want, " ") } { for (k = 2; k <= n; k++) if (NR * 13 % 31 % 5 == want[k]) print }' \
        rows >"${part%% *}.rows"
done
named() { { echo "$1"; cat "$2"; } >"$3"; } # HEADER ROWS FILE
named kunde,artikel,stars train.rows train.csv
named kunde,artikel,stars validation.rows validation.csv
named kunde,artikel,stars test.rows test.csv
names='--user kunde --item artikel'

# the same rows in other dress: as tamis split writes them; no header; other names; other places; other delimiters
dress() { # PART
    named user_id,item_id,rating "$1.rows" "$1-split.csv"
    cp "$1.rows" "$1-bare.csv"
    awk -F, '{ print $2 ";" $3 ";" $1 }' "$1.rows" >"$1.turned"
    named 'Item ID;Rating;User ID' "$1.turned" "$1-turned.csv"
    named 'what;stars;who' "$1.turned" "$1-strange.csv"
    awk -F, '{ print $1 "\t" $2 }' "$1.rows" >"$1.two"
    named "$(printf 'uid\tiid')" "$1.two" "$1-two.tsv"
}
for part in train validation test; do dress $part; done
files() { echo "$1-split.csv $1-bare.csv $1-turned.csv $1-two.tsv"; }

# ------------------------------------------------------------------------------------------------- evaluate, compare
quick='--factors 4 --epochs 5'
# shellcheck disable=SC2086
{
tamis out train train.csv $names -o model $quick
tamis out train train.csv $names -o other $quick --seed 2
tamis none evaluate model test.csv $names
tamis wanted evaluate model test.csv $names --mask validation.csv
! cmp -s none wanted || fail 'a mask changes nothing'
for file in $(files validation); do
    tamis got evaluate model test.csv $names --mask "$file"
    same wanted got "evaluate --mask $file"
done
tamis got evaluate model test.csv $names --mask validation-strange.csv --mask-user who --mask-item what
same wanted got 'evaluate --mask-user who'
tamis got evaluate model test.csv $names --mask validation-strange.csv --mask-user 3 --mask-item 1
same wanted got 'evaluate --mask-user 3'
tamis got evaluate model test.csv --user 1 --item 2 --mask validation-turned.csv # positions are those of the test log
same wanted got 'evaluate --user 1 --mask with a header'
sed 's|; test: [^;]*||' wanted >wanted2
tamis got evaluate model test-bare.csv --no-header --mask validation-turned.csv
sed 's|; test: [^;]*||' got >got2
same wanted2 got2 'evaluate --no-header --mask with a header'
tamis got evaluate model test-turned.csv --delimiter ';' --mask validation-split.csv
sed 's|; test: [^;]*||' got >got2
same wanted2 got2 'evaluate --delimiter --mask with another'
refuse 3 'validation-strange.csv:1: the first row (what, stars, who) looks like a header' \
    evaluate model test.csv $names --mask validation-strange.csv
says 'name them with --mask-user NAME --mask-item NAME'
refuse 3 'there is no column "kunde" (--mask-user); the columns are what, stars, who' \
    evaluate model test.csv $names --mask validation-strange.csv --mask-user kunde --mask-item what
refuse 2 '--mask-user has no effect without --mask' evaluate model test.csv $names --mask-user who
refuse 2 '--train-item has no effect without --train' evaluate model test.csv $names --train-item what

# ratings below --min-rating are no positives, in the mask either; without ratings all are
tamis wanted evaluate model test.csv $names --rating stars --min-rating 3 --mask validation.csv
awk -F, '$3 >= 3' validation.rows >high.rows
named user_id,item_id high.rows high.csv
cut -d, -f1,2 high.rows >high.two
named user_id,item_id high.two high.csv
for file in validation-split.csv validation-turned.csv high.csv; do
    tamis got evaluate model test.csv $names --rating stars --min-rating 3 --mask "$file"
    same wanted got "evaluate --min-rating --mask $file"
done

tamis wanted compare model other --test test.csv $names --mask validation.csv
sed 's|; mask: [^;]*||' wanted >wanted2
for file in $(files validation); do
    tamis got compare model other --test test.csv $names --mask "$file"
    sed 's|; mask: [^;]*||' got >got2
    same wanted2 got2 "compare --mask $file"
done

# rows of the training log in the test log are told, whatever either calls its columns
cat test.rows train.rows | awk 'NR % 2' >leaky.rows
named kunde,artikel,stars leaky.rows leaky.csv
tamis out evaluate model leaky.csv $names --train train.csv
grep 'are in --train too' err >told
[ -s told ] || fail 'no leak is told'
for file in $(files train); do
    tamis out evaluate model leaky.csv $names --train "$file"
    grep 'are in --train too' err >told2
    same told told2 "evaluate --train $file"
done

# --------------------------------------------------------------------------------------------------------------- train
tamis out train train.csv $names -o wanted $quick --validation validation.csv
model() { "$TAMIS" export "$1" exported 2>err && cat exported/*.npy exported/*.txt >"$1.bytes"; rm -rf exported; }
model wanted
for file in $(files validation); do
    tamis out train train.csv $names -o got $quick --validation "$file"
    model got
    same wanted.bytes got.bytes "train --validation $file"
done
tamis out train train.csv $names -o got $quick --validation validation-strange.csv --validation-user who --validation-item what
model got
same wanted.bytes got.bytes 'train --validation-user'
awk -F, '{ print "new" $1 "," $2 "," $3 }' test.rows >more.rows
dress more
named kunde,artikel,stars more.rows more.csv
for file in more.csv $(files more); do
    tamis out train train.csv $names -o got $quick --ids "$file"
    says "$file adds $(cut -d, -f1 more.rows | sort -u | wc -l | tr -d ' ') users and 0 items"
done
tamis out train train.csv $names -o got $quick --ids more-strange.csv --ids-user who --ids-item what
says "adds $(cut -d, -f1 more.rows | sort -u | wc -l | tr -d ' ') users"

# an adjacency list beside CSV, and the other way round
awk -F, '{ of[$1] = of[$1] " " $2 } END { for (u in of) print u of[u] }' train.rows | sort >train.txt
tamis out train train.txt --format adjacency -o listed $quick
tamis wanted evaluate listed test.csv $names --mask validation.csv
awk -F, '{ of[$1] = of[$1] " " $2 } END { for (u in of) print u of[u] }' test.rows | sort >test.txt
tamis got evaluate listed test.txt --format adjacency --mask validation-split.csv
grep -v '^test' wanted | grep '^[a-z]*  ' >wanted2
grep -v '^test' got | grep '^[a-z]*  ' >got2
[ -s wanted2 ] || fail 'no figures'
same wanted2 got2 'evaluate --format adjacency --mask CSV'

# ---------------------------------------------------------------------------------------------- noise, audit, recommend
tamis out noise train.csv $names --uniform 0.3 --held-out test.csv -o wanted
for file in $(files test); do
    tamis out noise train.csv $names --uniform 0.3 --held-out "$file" -o got
    same wanted got "noise --held-out $file"
done
tamis out noise train.csv $names --uniform 0.3 --held-out test-strange.csv --held-out-user who --held-out-item what -o got
same wanted got 'noise --held-out-user'
tamis out noise train.csv $names --uniform 0.3 --held-out test.csv -o noisy.csv --truth truth.csv
sed 's/user_id,item_id/kunde,artikel/' noisy.csv >noisy-named.csv
sed 's/user_id,item_id,/kunde,artikel,/' truth.csv >truth-named.csv
tamis out train noisy.csv -o noisy $quick
tamis wanted audit noisy noisy-named.csv $names --truth truth-named.csv
grep -v truth err >told
tamis got audit noisy noisy-named.csv $names --truth truth.csv
grep -v truth err >told2
same wanted got 'audit --truth'
same told told2 'audit --truth: the figures'
tamis wanted recommend model --mask validation-split.csv
for file in $(files validation); do
    tamis got recommend model --mask "$file"
    same wanted got "recommend --mask $file"
done
tamis got recommend model --mask validation-strange.csv --mask-user who --mask-item what
same wanted got 'recommend --mask-user'
sed '3s/.*/odd/' validation-split.csv >odd.csv
refuse 3 'odd.csv:3:2: the row has 1 column' recommend model --mask odd.csv
tamis got recommend model --mask odd.csv --on-error skip
says '1 bad'
# names with bare quotes between commas, which --quotes none reads, and the same as tamis writes them
for part in train validation test; do
    sed 's/^/"/' "$part.rows" >"$part.quotes"
    named kunde,artikel,stars "$part.quotes" "$part-quotes.csv"
    tamis out split "$part-quotes.csv" $names --quotes none --test-ratio 0 -o written
    mv written/train.csv "$part-written.csv"
done
says 'written/train.csv: '
refuse 3 'train-quotes.csv:2:1: the quote that opens this field' train train-quotes.csv $names -o quotes
tamis out train train-quotes.csv $names --quotes none -o quotes $quick
tamis none evaluate quotes test-quotes.csv $names --quotes none
tamis wanted evaluate quotes test-quotes.csv $names --quotes none --mask validation-quotes.csv
! cmp -s none wanted || fail 'a mask of names with quotes changes nothing'
tamis got evaluate quotes test-quotes.csv $names --quotes none --mask validation-written.csv
same wanted got 'evaluate --quotes none --mask written by tamis'
tamis got evaluate quotes test-written.csv --mask validation-written.csv
sed 's|; test: [^;]*||' wanted >wanted2
sed 's|; test: [^;]*||' got >got2
same wanted2 got2 'evaluate of what tamis has written'
named user,item,stars validation.quotes known.csv
refuse 3 'known.csv:2:1: the quote that opens this field is not closed on its line; expected quotes around' recommend quotes --mask known.csv
if grep -e --quotes -e --on-error err >/dev/null; then fail 'recommend names an option that it does not have'; fi
awk -F, '{ print $1, $2 }' validation.rows >spaces.txt
refuse 3 "tr -s ' ' ',' <FILE" recommend model --mask spaces.txt
}
finish
