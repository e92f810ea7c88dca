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
{ echo user_id,item_id; awk -F, '$2 > 2 && $2 < 9 { print $1 "," $3 }' whole.csv; echo 'nobody,"no,thing"'; } >pairs.csv
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
check 'items that are unknown are counted' says 'pairs.csv: 1 of 19 items are not in the model'
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
finish
