#!/bin/sh
# tamis info of logs: figures that were counted by hand, JSON that says the same, what looks wrong.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
row() { grep -qE -e "^$1\$" info; } # an extended regular expression for a whole line
value() { sed "s/.*\"$1\":\([^,}]*\).*/\1/" json; } # of the first so named, where it is told once

# a: 4 items, one of them twice; b: 2; c: 1. x: 3 users; y: 2; z, v: 1
cat >log.csv <<'END'
user,item,rating,time,weight
a,x,5,2020-01-01 00:00:00,1
a,x,3,2020-01-03 12:00:00,1
a,y,4,2020-01-02 00:00:00,2
a,z,1,2020-01-01 06:00:00,3
a,v,2,2020-01-01 06:00:00,1
b,x,5,2020-01-01 06:00:00,1
b,y,5,2020-01-01 06:00:00,1
c,x,3,2020-01-01 06:00:00,7
c,q,bad,2020-01-01 06:00:00,7
END
tamis info log.csv --weight weight --rating rating --on-error skip --weight-transform none >info
check 'rows' row 'rows  *9'
check 'bad rows' row '  bad  *1'
check 'repeats' row '  repeats  *1'
check 'users' row 'users  *3'
check 'items' row 'items  *4'
check 'interactions' row 'interactions  *7'
check 'density, 7 of 12' row 'density  *58.3%'
check 'ratings: the largest of a pair stays' row 'ratings  *1 to 5, mean 3.571'
check 'weights, 16/7' row 'weights  *1 to 7, mean 2.286'
check 'the span, of repeats too' row 'times  *2020-01-01T00:00:00Z to 2020-01-03T12:00:00Z, 2.5 days'
check 'activity' row 'of a user: 1 to 4 interactions, mean 2.3, median 2.0'
check 'popularity' row 'of an item: 1 to 3 interactions, mean 1.8, median 1.5'
check 'the most active' row 'a  *4  57.14%'
check 'the most popular' row 'x  *3  42.86%'
check 'users with four' row ' *4-7  *1  *33.3%  *57.1%  #+'
check 'users with two' row ' *2-3  *1  *33.3%  *28.6%  #+'
check 'items with one' row ' *1  *2  *50.0%  *28.6%  #+'
check 'the first bad row' grep -q '^- 1 row bad; the first: log.csv:10:3: ' info
check 'items with one user' row '- 2 of 4 items with one interaction \(50.0%\): --min-item-interactions 2 leaves them out'
check '80 columns' awk '!/^- / && length > 80 { exit 1 }' info

tamis info log.csv --weight weight --rating rating --on-error skip --json >json
for pair in rows:9 bad:1 repeats:1 users:3 items:4 busy_users:0 first_time:1577836800 last_time:1578052800; do
    check "JSON: $pair" test "$(value "${pair%:*}")" = "${pair#*:}"
done
check 'JSON: histogram' says '"histogram":[{"from":1,"to":1,"count":1,"interactions":1},{"from":2,"to":3,"count":1,"interactions":2},{"from":4,"to":7,"count":1,"interactions":4}]' json
check 'JSON: top' says '"top":[{"id":"x","interactions":3,' json
if command -v python3 >/dev/null; then check 'JSON is JSON' python3 -m json.tool json /dev/null; fi

# a user with 6 rows on the second of three days, of which 3 are of one item; another with 4 a day
awk 'BEGIN { print "user_id,item_id,timestamp"; day = 86400 * 18262
     for (k = 0; k < 6; k++) print "bot,i" (k < 3 ? 0 : k) "," day + 86400 + k * 17279
     for (k = 0; k < 8; k++) print "fan,i" k "," day + k * 21600
     print "bot,i9," day - 1; print "bot,i8," day + 2 * 86400 }' >busy.csv
tamis info busy.csv --day-limit 3 >info
check 'more rows than a person makes' says 'warning: user "bot" has 6 rows on 2020-01-02, more than a person makes; 1 more user has more than 3 on a day; --where-not user_id=ID leaves one out' info
tamis info busy.csv --day-limit 4 >info
check 'as many as the limit are not too many' says '2020-01-02, more than a person makes; --where-not' info
tamis info busy.csv --day-limit 6 >info
check 'nobody makes more' test "$(grep -c person info)" = 0
sed 's/$/000/; 1s/000$//' busy.csv >milli.csv
tamis info milli.csv --day-limit 4 --json >json
check 'milliseconds: the same user' test "$(value busy_users)" = 1
check 'milliseconds: the same rows' test "$(value busiest_rows)" = 6
check 'one unit' test "$(grep -c 'in one unit' json)" = 0
sed '3s/$/000/' busy.csv >mixed.csv
tamis info mixed.csv >info
check 'seconds and milliseconds' grep -q '^- warning: times from 15[0-9]* to 157[0-9]*000 are hardly all in one unit; all are read as 1/1000 of a second$' info
tamis info - <busy.csv >info
check 'standard input' row 'log  *-'
tamis train busy.csv -o model --epochs 1
check 'training does not look at days' test "$(grep -c person err)" = 0
tamis info model >info
check 'a model is known by its first bytes' row 'model  *model'

# a folder and a pattern are the files in the order of their names: the same model as of these, not as of another order
mkdir -p parts/deep
for part in 10 2 B a; do printf 'user,item\n%s,x\nu%s,y\n' "$part" "$part" >"parts/$part.csv"; done
: >parts/_SUCCESS; echo junk >parts/.10.csv.crc
tamis train parts/10.csv parts/2.csv parts/B.csv parts/a.csv -o named --epochs 2
tamis train parts/a.csv parts/B.csv parts/2.csv parts/10.csv -o turned --epochs 2
tamis train parts -o folder --epochs 2
check 'what was passed over' test "$(sed -n 's/^parts: 4 files, by name; passed over: //p' err | tr ',' '\n' | tr -d ' ' | sort | tr '\n' ' ')" = '.10.csv.crc _SUCCESS deep/ '
tamis train 'parts/*.csv' -o pattern --epochs 2
check 'a folder' cmp named folder
check 'a pattern' cmp named pattern
check 'order matters' test "$(cmp named turned >/dev/null 2>&1; echo $?)" = 1
tamis train parts/2.csv parts parts/10.csv -o twice --epochs 1
check 'a file that is named twice' says 'warning: 2 files named more than once, and read as often, such as parts/10.csv' err
tamis train parts/2.csv parts/10.csv -o twice --epochs 1
check 'each once' test "$(grep -c 'more than once' err)" = 0
"$TAMIS" evaluate named parts >info 2>err
check 'test logs may be a folder, too' says 'parts: 4 files, by name'

{ cat log.csv; sed 's/^c,/d,/' log.csv; } >behind.csv
tamis info behind.csv >info
check 'a header among the rows' grep -q "^- warning: 1 row of a user \"user\" and an item \"item\", as the header names the columns: .*; --where-not '1=user' leaves them out$" info
tamis info behind.csv --where-not 1=user >info
check 'no header among the rows' test "$(grep -c 'one behind the other' info)" = 0

# the k-core takes dislikes of users and items away that it takes away: of c, who has one interaction, y and z
printf 'user,item,rating\na,x,5\na,y,5\nb,x,5\nb,y,5\nc,x,5\nc,y,1\nc,z,1\na,z,1\n' >core.csv
tamis info core.csv --dislike-below 2 --min-user-interactions 2 >info
check 'dislikes that the k-core removes' says 'k-core removed 1 user, 1 item, 1 interaction, 3 dislikes; 0 dislikes' err

printf 'u\033[31m,i1\nb,i1\n' >evil
tamis info evil --no-header >info
check 'a terminal obeys no id' test "$(tr -cd '\033' <info | wc -c | tr -d ' ')" = 0
finish
