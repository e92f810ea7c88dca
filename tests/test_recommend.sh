#!/bin/sh
# tamis recommend with candidates, exclusions, limits of groups and users without interactions: what it writes is recomputed with awk
# from the whole lists and from the log.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS" "$data/sample.csv.gz"

gzip -dc "$data/sample.csv.gz" | head -4000 >log.csv
tamis train log.csv -o model --epochs 3 -q
printf 'u00007\nu00003\nu00010\n' >users
tamis recommend model --users users -k 100000 >whole.csv
tamis recommend model --users users -k 100000 --no-mask-training >all.csv

# From whole lists: a file, an awk condition on user $1 and item $3, what must come of it.
best() { # WHOLE CONDITION: the first five of each user that fulfil it
    awk -F, "BEGIN { while ((getline line <\"candidates\") > 0) candidate[line]
                     while ((getline line <\"items\") > 0) left_out[line]
                     while ((getline line <\"pairs.csv\") > 0) pair[line] }
        NR == 1 { print; next } ($2) && n[\$1]++ < 5 { print \$1 \",\" n[\$1] \",\" \$3 \",\" \$4 }" "$1"
}
awk -F, 'NR > 1 && $2 % 3 == 0 { print $3 }' whole.csv | sort -u >candidates
awk -F, 'NR > 1 && $2 < 4 { print $3 }' whole.csv | sort -u >items
{ echo user_id,item_id; awk -F, '$2 > 2 && $2 < 9 { print $1 "," $3 }' whole.csv; echo 'nobody,"no,thing"'; awk -F, 'NR == 2 { print "nobody," $3 }' whole.csv; } >pairs.csv
same() { # WHAT WHOLE CONDITION ARGUMENT...
    said=$1 from=$2 condition=$3
    shift 3
    best "$from" "$condition" >wanted.csv
    tamis recommend model --users users -k 5 "$@" >got.csv
    check "$said" cmp -s wanted.csv got.csv
}
same 'candidates' whole.csv '$3 in candidate' --candidates candidates
same 'items for nobody' whole.csv '!($3 in left_out)' --exclude items
same 'items not for some users' whole.csv '!($1 "," $3 in pair)' --exclude pairs.csv
check 'items that are unknown are counted' says 'pairs.csv: 1 of 20 items are not in the model'
check 'rows of users who are unknown are counted' says 'pairs.csv: 1 row of users who are not in the model'
same 'all of them' whole.csv '$3 in candidate && !($3 in left_out) && !($1 "," $3 in pair)' \
    --candidates candidates --exclude items --exclude pairs.csv
same 'what users have already' all.csv '1' --no-mask-training
same 'candidates of these' all.csv '$3 in candidate' --no-mask-training --candidates candidates
same 'a mask still holds' all.csv '!($1 "," $3 in pair)' --no-mask-training --mask pairs.csv
check 'all.csv has the whole catalogue' test "$(grep -c '^u00007,' all.csv)" = "$(tail -n +2 log.csv | cut -d, -f2 | sort -u | wc -l | tr -d ' ')"

# Limits of groups: down the whole list, an item whose brand or colour is full is passed over. The first item is in no brand.
awk -F, 'NR > 1 && !seen[$2]++ { print $2 }' log.csv |
    awk 'BEGIN { print "item,brand,colour" } { print $1 "," (NR == 1 ? "" : "b" substr($1, 2) % 7) "," substr($1, 6) % 3 }' >groups.csv
limited() { # BRANDS COLOURS
    awk -F, -v brands="$1" -v colours="$2" 'NR == FNR { brand[$1] = $2; colour[$1] = $3; next } FNR == 1 { print; next }
        n[$1] == 5 { next }
        { b = $1 "," brand[$3]; c = $1 "," colour[$3] }
        (brand[$3] == "" || of[b] < brands) && in_colour[c] < colours { of[b]++; in_colour[c]++; print $1 "," ++n[$1] "," $3 "," $4 }' groups.csv whole.csv
}
limited 1 99 >wanted.csv
tamis recommend model --users users -k 5 --max-per groups.csv:brand=1 >got.csv
check 'one of a brand' cmp -s wanted.csv got.csv
check 'and what has none is told' says 'groups.csv: 1 of the model'
limited 2 1 >wanted.csv
tamis recommend model --users users -k 5 --max-per groups.csv:brand=2 --max-per groups.csv:colour=1 >got.csv
check 'two of a brand and one of a colour' cmp -s wanted.csv got.csv
check 'which are three items' test "$(grep -c '^u00003,' got.csv)" = 3

# Users without interactions: the log's most popular items, among the candidates.
popular() { # [CONDITION]
    awk -F, 'NR > 1 { if (!($2 in n)) row[$2] = ++items; n[$2]++ } END { for (i in n) print n[i] "," row[i] "," i }' log.csv |
        sort -t, -k1,1nr -k2,2n |
        awk -F, 'BEGIN { while ((getline line <"candidates") > 0) candidate[line]; print "user_id,rank,item_id,score" }
            ('"${1-1}"') && n < 5 { print "\"new, one\"," ++n "," $3 "," $1 }'
}
printf 'name,User ID\nx,"new, one"\n' >new.csv
for method in bpr ials bsl; do
    tamis train log.csv -o cold --epochs 1 -q --method $method --factors 8
    tamis recommend cold --users new.csv --unknown-users popular -k 5 >got.csv
    popular >wanted.csv
    check "$method: a cold user gets the popularity list" cmp -s wanted.csv got.csv
    check "$method: which is told" says '1 user without interactions got the most popular items'
    tamis recommend cold --users new.csv --unknown-users popular -k 5 --candidates candidates >got.csv
    popular '$3 in candidate' >wanted.csv
    check "$method: among the candidates" cmp -s wanted.csv got.csv
done
tamis recommend model --users new.csv --unknown-users popular -k 1 --json >got.json
check 'JSON says where it comes from' grep -q '^{"user_id":"new, one","origin":"popularity","items":\[{"item_id":"i[0-9]*","score":[0-9]*}\]}$' got.json
printf 'user_id,item_id\n"new, one",%s\n' "$(sed -n '2s/[^"]*"[^"]*",1,\([^,]*\),.*/\1/p' wanted.csv)" >pair.csv
tamis recommend model --users new.csv --unknown-users popular -k 4 --candidates candidates --exclude pair.csv >got.csv
tail -n +3 wanted.csv | cut -d, -f4- >left; tail -n +2 got.csv | cut -d, -f4- >right
check 'exclusions hold for unknown users' cmp -s left right
cut -d, -f1 all.csv | sed -n 2p >one; awk -F, 'NR > 1 && $1 == "u00007" { print $2 }' log.csv >own
tamis recommend model --users one --candidates own >got.csv
check 'who has nothing left is counted' says '1 user got nothing: no item is left that may be recommended'
check 'and gets no row' test "$(wc -l <got.csv | tr -d ' ')" = 1

# Lists of users: plain, CSV with quotes, tabs, a header that is a user's id
printf 'user\tname\n"u00007"\tx\nu00003\t"y"\n' >users.tsv
tamis recommend model --users users.tsv -k 5 >got.csv
head -2 users >two; tamis recommend model --users two -k 5 >wanted.csv
check 'users in a column between tabs' cmp -s wanted.csv got.csv
tamis recommend model --users got.csv -k 1 >again.csv
check 'users of a list that was written' test "$(grep -c '^u00007,1,' again.csv)" = 5
printf 'user,item\nuser,i1\nuser,i2\nv,i1\n' >tiny.csv; tamis train tiny.csv -o tiny -q --epochs 1 --factors 2
printf 'user\nv\n' | tamis recommend tiny --users - -k 2 -q >got.csv
check 'a first line that is a user is one' test "$(sed -n 2p got.csv | cut -d, -f1)" = v
printf 'user\n' | tamis recommend tiny --users - -k 2 --no-mask-training -q >got.csv
check 'with all that it has' test "$(grep -c '^user,' got.csv)" = 2

# ------------------------------------------------------------------------------------------------------------- scores of pairs
for method in 'bpr --epochs 2' itemknn; do
    # shellcheck disable=SC2086
    tamis train log.csv -o scored -q --method $method
    tamis recommend scored --users users -k 100000 --no-mask-training >lists.csv
    awk -F, 'NR > 1 { print $3 "," NR "," $1 }' lists.csv | sort >pairs
    { echo item,n,user; cat pairs; } >pairs.csv
    awk -F, 'NR == FNR { score[$1 "," $3] = $4; next } FNR == 1 { print "user_id,item_id,score"; next } { print $3 "," $1 "," score[$3 "," $1] }' \
        lists.csv pairs.csv >wanted.csv
    for threads in 1 3; do
        tamis score scored pairs.csv --threads $threads >got.csv
        check "$method: scores are those of lists, $threads threads" cmp -s wanted.csv got.csv
    done
done
gzip pairs.csv; tamis score scored - -o got.csv.gz <pairs.csv.gz
gzip -dc got.csv.gz >got.csv
check 'packed in and out' cmp -s wanted.csv got.csv
printf 'x,u00007,i9\n"a ""b"", c",nobody,i00001\n1,u00007\n' >odd.csv
tamis score model odd.csv --user 2 --item 3 --on-error skip >got.csv
printf 'user_id,item_id,score\nu00007,i9,\nnobody,i00001,\n' >wanted.csv
check 'what is unknown has no score' cmp -s wanted.csv got.csv
check 'its users' says 'odd.csv: 1 of 2 pairs without a score: the model does not know the user'
check 'and items are counted' says 'the model does not know the item'
check 'bad rows too' says 'odd.csv: 1 bad row left out; the first: odd.csv:3:2: the row has 2 columns'
refuse 3 'odd.csv:3:2: the row has 2 columns; expected 3' score model odd.csv --user 2 --item 3
refuse 3 'odd.csv:1: there is no column "who"' score model odd.csv --user who
refuse 3 'column 2 is taken for users and items' score model odd.csv --user 2
printf 'u1\n' >odd.csv; refuse 3 'odd.csv:1: there is one column' score model odd.csv
printf 'user,item\nu1,\n' >odd.csv; refuse 3 'odd.csv:2:2: the id is missing' score model odd.csv
printf 'user,item\nu1,"x\n' >odd.csv; refuse 3 'odd.csv:2:2: the quote' score model odd.csv
: >odd.csv; tamis score model odd.csv >got.csv; check 'an empty file' says 'odd.csv: there is no row'
refuse 1 'cannot open nothing' score model nothing
refuse 2 'standard input (-) is named 2 times' score - -

# ------------------------------------------------------------------------------------------------------------------ neighbours
tamis similar model --all items -k 3 >all.csv
check 'all items have three' test "$(wc -l <all.csv | tr -d ' ')" = $((1 + 3 * $(tail -n +2 log.csv | cut -d, -f2 | sort -u | wc -l)))
some=$(tail -n +2 log.csv | cut -d, -f2 | sort -u | head -3)
# shellcheck disable=SC2086
tamis similar model $some -k 3 --threads 2 >some.csv
for item in $some; do
    tamis similar model "$item" -k 3 | tail -n +2 | sed "s/^/$item,/"
done >wanted.csv
tail -n +2 some.csv >got.csv
check 'several are as each alone' cmp -s wanted.csv got.csv
grep -E "^($(echo $some | tr ' ' '|'))," all.csv | sort >one; sort wanted.csv >two
check 'and as in all' cmp -s one two
{ echo product; echo "$some"; echo strange; } >items.csv
tamis similar model --items items.csv -k 3 --on-error skip >got.csv
check 'and of a file' cmp -s some.csv got.csv
check 'whose strangers are counted' says 'items.csv: 1 line passed over'
refuse 3 'items.csv:5: item "strange" is not in the model' similar model --items items.csv
tamis export model arrays 2>err
floats() { od -An -v -tf4 -j 128 -w$(($2 * 4)) "$1"; } # FILE COLUMNS: a row a line
tamis similar model --users users -k 100000 >got.csv
paste -d, arrays/user_ids.txt - <<END | awk -F, -v me=u00003 '{ n = split($2, x, " "); for (k = 1; k <= n; k++) p[$1, k] = x[k]; id[NR] = $1; d = n }
        function dot(a, b,   s, k) { for (k = 1; k <= d; k++) s += p[a, k] * p[b, k]; return s }
        END { for (r = 1; r <= NR; r++) if (id[r] != me) printf "%s %.9f\n", id[r], dot(me, id[r]) / sqrt(dot(me, me) * dot(id[r], id[r])) }' |
$(floats arrays/user_factors.npy 64)
END
    sort -k2,2gr | head -20 >wanted
awk -F, '$1 == "u00003" { print $3, $4 }' got.csv | head -20 >got
check 'users by the cosine of their factors' awk 'NR == FNR { id[NR] = $1; v[NR] = $2; next } id[FNR] != $1 || (v[FNR] - $2) ^ 2 > 1e-10 { exit 1 }' wanted got
check 'all others, but not oneself' test "$(grep -c '^u00003,' got.csv)" = $(($(wc -l <arrays/user_ids.txt) - 1))
tamis similar model --users users -k 1 --json >got.json
check 'JSON' grep -q '^{"user_id":"u00003","users":\[{"user_id":"u[0-9]*","score":[0-9.]*}\]}$' got.json
tamis train log.csv -o pop -q --method pop
# shellcheck disable=SC2086
refuse 2 'the model knows how popular items are' similar pop $(echo $some | cut -d' ' -f1)
"$TAMIS" similar pop $(echo $some | cut -d' ' -f1) >got.csv 2>err
check 'what is refused has no head either' test ! -s got.csv
refuse 2 'the model knows which items are alike, and nothing of users' similar scored --users users
refuse 2 'the items come from one place' similar model i00001 --all items
refuse 2 'similar needs an item' similar model

# ---------------------------------------------------------------------------------------------------------- indexes of vectors
tamis train log.csv -o biased --epochs 3 -q --item-bias --factors 6
tamis recommend biased --users users -k 12 --no-mask-training >lists.csv
ranked() { # FOLDER COLUMNS ORDER: the first items of u00003 by product, cosine or distance
    floats "$1/user_factors.npy" "$2" | paste -d' ' "$1/user_ids.txt" - | grep '^u00003 ' >user
    floats "$1/item_factors.npy" "$2" | paste -d' ' "$1/item_ids.txt" - | cat user - |
        awk -v order="$3" 'NR == 1 { for (k = 2; k <= NF; k++) p[k] = $k; next }
            { product = size = distance = 0
              for (k = 2; k <= NF; k++) { product += p[k] * $k; size += $k ^ 2; distance += (p[k] - $k) ^ 2 }
              printf "%s %.9g\n", $1, order == "product" ? product : order == "cosine" ? product / sqrt(size) : -distance }' |
        sort -k2,2gr | head -12 | cut -d' ' -f1
}
awk -F, '$1 == "u00003" { print $3 }' lists.csv >wanted
tamis export biased vectors --fold-bias
ranked vectors 7 product >got
check '--fold-bias: inner products rank as scores' cmp -s wanted got
check 'and the bias has no file' test ! -e vectors/item_bias.npy
tamis export biased equal --fold-bias --equal-length
for order in product cosine distance; do
    ranked equal 8 $order >got
    check "--equal-length: $order" cmp -s wanted got
done
tamis export biased equal
check 'without them a bias stands alone' test -e equal/item_bias.npy
refuse 2 'the model has no factors to which dimensions could be added' export scored vectors --fold-bias
finish
