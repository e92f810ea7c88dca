#!/bin/sh
# Users who are held out, folded in and recommended to, and a model that is gone on with: parts are recomputed with awk, lists and
# figures of folded-in users compared with those of the same users known, where a method solves for them exactly.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS" "$data/sample.csv.gz"

gzip -dc "$data/sample.csv.gz" | head -4000 >log.csv
tamis split log.csv --hold-out-users 0.25 --validation-ratio 0.1 --seed 3 -o parts -q
users_of() { for file; do tail -n +2 "parts/$file.csv" | cut -d, -f1; done | sort -u; }
check 'a quarter of the users is held out' test "$(users_of history test | wc -l)" = "$(users_of train validation history test | awk 'END { print int(NR * 0.25 + 0.5) }')"
check 'they are in no other part' test -z "$(users_of history test | sort >held; users_of train validation | comm -12 held -)"
check 'no row is lost' test "$(cat parts/*.csv | grep -vc '^user_id')" = "$(tail -n +2 log.csv | cut -d, -f1,2 | sort -u | wc -l)"
tamis split log.csv --hold-out-users 0.25 --seed 3 -o again -q
check 'the same seed holds the same users out' test "$(tail -n +2 again/history.csv | cut -d, -f1 | sort -u)" = "$(users_of history)"

# An item-item model of all rows, and one of the others' rows whose B is the same, since it stands in a file: fold-in is a product.
tamis train parts/train.csv --method ease -o rest -q
tamis recommend rest --history parts/history.csv -k 5 -o lists.csv
check 'it says how many are folded in' says "$(users_of history | wc -l) users folded in"
check 'lists of the users of the history alone' test "$(tail -n +2 lists.csv | cut -d, -f1 | sort -u)" = "$(users_of history)"
check 'what is in a history is not recommended' test -z "$(tail -n +2 lists.csv | cut -d, -f1,3 | sort >a; tail -n +2 parts/history.csv | cut -d, -f1,2 | sort | comm -12 a -)"
first=$(users_of train | head -1)
echo "$first" >known
tamis recommend rest --users known -k 5 >without.csv
tamis recommend rest --users known --history parts/history.csv -k 5 >with.csv
check 'users who are not in the history keep their lists' cmp -s without.csv with.csv
grep "^$first," parts/train.csv | { echo user_id,item_id; sed 's/^[^,]*/stranger/'; } >stranger.csv
tamis recommend rest --history stranger.csv -k 5 | sed "s/^stranger/$first/" >as.csv
check 'a stranger with a known history gets the same list' cmp -s without.csv as.csv

# Figures: users who are folded in are known, those who are not are misses.
tamis train parts/train.csv --method ials -o ials -q
tamis evaluate ials parts/test.csv --fold-in parts/history.csv -k 10 --metrics recall --output-format csv >folded.csv
tamis evaluate ials parts/test.csv -k 10 --metrics recall --output-format csv >misses.csv
value() { awk -F, 'NR == 2 { print $6 }' "$1"; }
check 'who is not folded in is a miss' near 0 "$(value misses.csv)"
check 'who is folded in is not' awk "BEGIN { exit !($(value folded.csv) > 0.02) }"
check 'the file is among the facts' grep -q 'fold-in: parts/history.csv sha256' folded.csv

# What is wrong with a history.
{ cat parts/history.csv; echo 'somebody,no-such-item'; echo 'stranger,no-such-item'; } | cut -d, -f1,2 >odd.csv
tamis recommend ials --history odd.csv -k 3 -o odd-lists.csv
left=$(awk -F, 'FNR == 1 { next } FNR == NR { known[$2]; next } !($2 in known) { n++ } END { print n }' parts/train.csv odd.csv)
check 'unknown items are told' says "$left rows left out, of"
check 'users of whom no row is left are told' says 'no row is left of 2 users'
printf 'user_id,item_id\na,b\nc,d\n' >strangers.csv
refuse 3 "none of the history's 2 items" evaluate ials parts/test.csv --fold-in strangers.csv
printf 'user_id,item_id\n' >empty.csv
refuse 3 empty.csv recommend ials --history empty.csv
refuse 1 nowhere.csv recommend ials --history nowhere.csv
refuse 2 --history-user recommend ials --history-user 1
refuse 2 --fold-in-item evaluate ials parts/test.csv --fold-in-item 1
refuse 2 --history recommend ials --history odd.csv --requests -
refuse 2 hold-out-users split log.csv --hold-out-users 0.2 --folds 5 --fold 1 -o folds
for share in -0.1 1 nan x; do refuse 2 hold-out-users split log.csv --hold-out-users $share -o none; done
refuse 2 'less than one of them' split log.csv --hold-out-users 0.0001 -o none

# What a row of a history counts: the same lists as of a file in which it is done already. Every third row is rated 1, the others 5.
awk -F, 'NR == 1 { print "user_id,item_id,rating"; next } { print $1 "," $2 "," (NR % 3 ? 5 : 1) }' parts/history.csv >rated.csv
awk -F, 'NR == 1 || $3 > 1' rated.csv | cut -d, -f1,2 >liked.csv
awk -F, 'NR > 1 && $3 == 1 { print $1 "," $2 }' rated.csv >disliked
tamis recommend ials --history rated.csv -k 5 -o lists.csv
check 'ratings that are not used are told' says 'ratings (column rating) are not used'
tamis recommend ials --history parts/history.csv -k 5 -o wanted.csv
check 'and count as rows' cmp -s wanted.csv lists.csv
tamis recommend ials --history liked.csv -k 5 -o wanted.csv
for bound in '--min-rating 3' '--where rating>=3'; do
    # shellcheck disable=SC2086
    tamis recommend ials --history rated.csv $bound -k 5 -o lists.csv
    check "$bound leaves out what is rated below" cmp -s wanted.csv lists.csv
done
tamis recommend ials --history liked.csv -k 2000 -o whole.csv
awk -F, 'NR == FNR { no[$1 "," $2]; next } FNR == 1 { print; next } !($1 "," $3 in no) && n[$1]++ < 5 { print $1 "," n[$1] "," $3 "," $4 }' \
    disliked whole.csv >wanted.csv
for said in '--dislike-below 3' '--dislike rating=1'; do
    # shellcheck disable=SC2086
    tamis recommend ials --history rated.csv $said -k 5 -o lists.csv
    check "$said: no positives" cmp -s wanted.csv lists.csv
done
tamis evaluate ials parts/test.csv --fold-in rated.csv --dislike-below 3 -k 10 --metrics recall --output-format csv >disliking.csv
tamis evaluate ials parts/test.csv --fold-in liked.csv -k 10 --metrics recall --output-format csv >liking.csv
check 'nor in an evaluation' near "$(value liking.csv)" "$(value disliking.csv)"
check 'where they would have counted' sh -c "! cmp -s folded.csv disliking.csv"
tamis evaluate ials parts/test.csv --fold-in rated.csv -k 10 --metrics recall >lists.csv
check 'which says that ratings are not used' says 'ratings (column rating) are not used'
awk -F, 'NR == 1 { print "user_id,item_id,plays"; next } { print $1 "," $2 "," 1 + NR % 4 }' parts/history.csv >played.csv
awk -F, 'NR == 1 { print $1 "," $2; next } { for (k = 0; k < $3; k++) print $1 "," $2 }' played.csv >repeated.csv
tamis recommend ials --history repeated.csv --repeats count -k 5 -o wanted.csv
tamis recommend ials --history played.csv --weight plays --weight-transform none -k 5 -o lists.csv
check 'weights are numbers of rows' cmp -s wanted.csv lists.csv
tamis recommend ials --history played.csv -k 5 -o lists.csv
check 'counts that are not used are told' says '--weight plays'
check 'and change nothing' sh -c '! cmp -s wanted.csv lists.csv'
for option in '--min-rating 3' '--dislike-below 3' '--weight plays' '--where a=1' '--user 1'; do
    # shellcheck disable=SC2086
    refuse 2 "${option%% *} has no effect without --history" recommend ials $option
done
for option in '--dislike-below 3' '--weight plays' '--repeats count'; do
    # shellcheck disable=SC2086
    refuse 2 "${option%% *} has no effect without --fold-in" evaluate ials parts/test.csv $option
done
refuse 2 'is above --min-rating' recommend ials --history rated.csv --min-rating 2 --dislike-below 3
refuse 2 'is above --min-rating' evaluate ials parts/test.csv --fold-in rated.csv --min-rating 2 --dislike-below 3
refuse 3 'needs ratings' recommend ials --history liked.csv --dislike-below 3
refuse 2 dislike-below recommend ials --history rated.csv --dislike-below nan
refuse 3 'rated.csv:1: there is no column "who"' recommend ials --history rated.csv --user who
refuse 3 'rated.csv:1: there is no column "who"' recommend ials --history rated.csv --history-item who

# Users of whom nothing is known get the most popular items, whether all of the file is of unknown items or some; less what they dislike.
tail -n +2 parts/train.csv | awk -F, '{ if (!($2 in n)) order[++all] = $2; n[$2]++ } END { for (k = 1; k <= all; k++) print n[order[k]], k, order[k] }' |
    sort -k1,1nr -k2,2n | awk '{ print NR "," $3 "," $1 }' >popular
head -3 popular | sed 's/^/a,/' >a
head -3 popular | sed 's/^/c,/' | cat a - | { echo user_id,rank,item_id,score; cat -; } >wanted.csv
tamis recommend ials --history strangers.csv -k 3 -o lists.csv
check 'strangers get what is popular' cmp -s wanted.csv lists.csv
check 'which is told' says '2 users without interactions got the most popular items'
"$TAMIS" recommend ials --history - -k 3 <strangers.csv >piped.csv 2>piped.err
check 'also from standard input' cmp -s wanted.csv piped.csv
check 'by its name' says "warning: standard input: the model knows none" piped.err
check 'and warned of' says "warning: strangers.csv: the model knows none of the history's 2 items"
favourite=$(head -1 popular | cut -d, -f2)
{ echo user_id,item_id,rating; grep "^$(users_of history | head -1)," parts/history.csv | sed 's/$/,5/'; echo a,b,5; echo "e,$favourite,1"; } >odd.csv
tamis recommend ials --history odd.csv --dislike-below 3 -k 3 -o lists.csv
check 'beside others, too' test "$(grep '^a,' lists.csv)" = "$(cat a)"
check 'but not what they dislike' test "$(grep '^e,' lists.csv | cut -d, -f3,4)" = "$(sed -n 2,4p popular | cut -d, -f2,3)"
check 'and are counted' says 'no row is left of 1 user'
tamis recommend ials --history odd.csv --dislike-below 3 -k 3 --json | grep '"a"' >lists.json
if echo '{"user": "a", "history": ["b"], "k": 3}' | "$TAMIS" recommend ials --requests - >answer.json 2>err; then
    check 'a request is answered alike' test "$(sed 's/,"unknown_items":1//' answer.json)" = "$(cat lists.json)"
fi

# Going on from a model: what it was made with, what it has seen, and what stays.
tamis train parts/train.csv --method bpr --factors 8 --epochs 4 -o old -q
"$TAMIS" train --from old parts/history.csv --epochs 2 -o new 2>err
# all of history's users were held out; its items are known where they stand in train
ids() { tail -n +2 parts/$1.csv | cut -d, -f$2 | sort -u; }
ids train 2 >known
users=$(ids history 1 | wc -l) items=$(ids history 2 | wc -l) news=$(ids history 2 | comm -23 - known | wc -l)
check 'what is new is told' grep -qx "new to old: $users of $users users, $news of $items items" err
tail -n +2 parts/history.csv | sed 's/^/u/; s/,/,i/' >spelt-otherwise
"$TAMIS" train --from old spelt-otherwise --epochs 1 -o none 2>err
check 'ids of another kind are warned of' grep -q 'warning: old knows none of the log' err
rm none
noted() { "$TAMIS" info "$1" | awk -v name="$2" '$1 == name { print $2; exit }'; }
check 'options are the old ones' test "$(noted new factors)-$(noted new method)-$(noted new epochs-trained)" = 8-bpr-2
users_of train history >all-users
tamis recommend new --users all-users -k 100000 >rest.csv
check 'what either log holds is seen' test -z "$(tail -n +2 rest.csv | cut -d, -f1,3 | sort >a; cat parts/train.csv parts/history.csv | cut -d, -f1,2 | sort | comm -12 a -)"
for side in users items; do
    tamis train --from old parts/train.csv --freeze $side --epochs 2 -o frozen -q
    tamis export old a-$side -q
    tamis export frozen b-$side -q
    check "--freeze $side" cmp -s a-$side/${side%s}_factors.npy b-$side/${side%s}_factors.npy
    other=$([ $side = users ] && echo item || echo user)
    check "--freeze $side leaves the other free" sh -c "! cmp -s a-$side/${other}_factors.npy b-$side/${other}_factors.npy"
done
refuse 2 'is of bpr' train --from old parts/history.csv --method warp -o none
refuse 2 'the model has 8' train --from old parts/history.csv --factors 9 -o none
refuse 2 --freeze train parts/train.csv --freeze items -o none
refuse 1 nowhere train --from nowhere parts/history.csv -o none
refuse 3 log.csv train --from log.csv parts/history.csv -o none
finish
