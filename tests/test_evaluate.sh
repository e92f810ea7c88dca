#!/bin/sh
# tamis evaluate on judged test logs and with chosen metrics, recomputed with awk from the program's own recommendations;
# and a judged log as validation in training.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"

json() { awk -v key="\"$1\":" '{ at = index($0, key); if (!at) exit 1; rest = substr($0, at + length(key))
                                 match(rest, /^[-+.0-9eE]+/); print substr(rest, 1, RLENGTH) }' "$2"; } # NAME FILE

gzip -dc "$data/sample.csv.gz" >train.csv
gzip -dc "$data/sample-test.csv.gz" | awk -F, '!($1 in u) { u[$1]; n++ } n <= 151' >test.csv # 150 users
tail -n +2 test.csv | cut -d, -f1 | uniq >users
tamis train train.csv -o model --factors 16 --epochs 30 --quiet
tamis recommend model --users users -k 100000 >top.csv # all their unseen items, in order

# A judged log: the test rows are relevant; of the unseen items every 17th is listed and is not; two rows are unknown; a
# pair stands twice with different relevance; one user has nothing relevant, one is unknown.
awk -F, 'FNR == 1 { file++; next }
         file == 1 { test[$1 "," $2]; print $1 "," $2 ",1"; next }
         (FNR * 7) % 17 == 0 { print $1 "," $3 ",0" }' test.csv top.csv >body
user=$(sed -n 1p body | cut -d, -f1)
none=$(sed 's/,.*//' body | sort -u | sed -n 5p)
{ echo user,item,label; awk -F, -v none="$none" '$1 != none || $3 == 0' body; sed -n 1p body | sed 's/1$/0/'
  echo "$user,new-1,1"; echo "$user,new-2,0"; echo "nobody,i00001,1"; } >judged.csv

# by hand: the listed items of each user in the order of top.csv
awk -F, 'FNR == 1 { file++; next }
         file == 1 { u[$1]; pair = $1 "," $2; if (!(pair in label) || $3 > label[pair]) label[pair] = $3; next }
         { pair = $1 "," $3; if (pair in label) { n[$1]++; if (label[pair]) {
               h = ++hits[$1]; r = n[$1]; if (r <= 5) { h5[$1]++; dcg[$1] += log(2) / log(r + 1)
               ap[$1] += h / r; wsdm[$1] += r == 1 ? 1 : log(2) / log(r) } } } }
         END { for (pair in label) { split(pair, part, ","); all[part[1]] += label[pair] }
               for (x in u) { users++; if (!all[x]) { empty++; continue }
                   recall += h5[x] / all[x]; map += ap[x] / all[x]; f1 += 2 * h5[x] / (5 + all[x]); gain += dcg[x]
                   saito += wsdm[x]; ideal = 0; for (k = 1; k <= all[x]; k++) ideal += log(2) / log(k + 1)
                   full += dcg[x] / ideal }
               k = users - empty
               printf "recall@5 %.12f\nmap-full@5 %.12f\nf1@5 %.12f\ndcg@5 %.12f\ndcg-wsdm@5 %.12f\nndcg-full@5 %.12f\n",
                   recall / k, map / k, f1 / k, gain / k, saito / k, full / k
               printf "%d %d\n", users, empty >"counts" }' judged.csv top.csv >expected
read -r users empty <counts
check "one user has nothing relevant" test "$empty" = 1
metrics=recall,map-full,f1,dcg,dcg-wsdm,ndcg-full
tamis evaluate model judged.csv --candidates listed --relevance label --metrics $metrics -k 5 --json --per-user each.csv \
    >listed.json
while read -r name value; do check "$name of listed items" near "$value" "$(json "$name" listed.json)"; done <expected
check 'the user without is left out' test "$(json users listed.json)" = $((users - 1))
check 'and counted' test "$(json empty_users listed.json)" = 1
check 'a column per metric' test "$(sed -n 1p each.csv)" = \
    'user_id,recall@5,map-full@5,f1@5,dcg@5,dcg-wsdm@5,ndcg-full@5'
tamis evaluate model judged.csv --candidates listed --relevance label --metrics $metrics -k 5 --json --empty-users zero \
    >zero.json
check 'or counts with 0' near "$(json recall@5 zero.json)" \
    "$(awk -v r="$(json recall@5 listed.json)" -v n="$users" 'BEGIN { printf "%.17g", r * (n - 1) / n }')"
tamis evaluate model judged.csv --candidates listed --relevance label --metrics $metrics -k 5 --threads 3 >table
check 'the table says what was ranked' grep -q 'candidates: the items listed for the user, training items not masked' table
check 'and who was left out' grep -q '^left out: 1 user without a relevant test item' table
check 'and has a row per metric' grep -q '^ndcg-full  *0\.' table

# Rows that are not relevant are of no account among all items.
{ head -1 judged.csv; grep ',1$' judged.csv; } >relevant.csv
tamis evaluate model relevant.csv --json | sed 's/,"seconds.*//' >plain.json
tamis evaluate model judged.csv --relevance label --json | sed 's/,"relevance":.*//' >labelled.json
check 'all items: the relevant rows alone' test "$(cat plain.json)" = "$(cat labelled.json)"
tamis evaluate model judged.csv --relevance 3 --relevant-from 1 --json | sed 's/,"relevance":.*//' >from.json
check 'from 1 is above 0' cmp -s from.json labelled.json
tamis evaluate model judged.csv --relevance label --no-mask-training --metrics auc >table
check 'training items unmasked' grep -q 'training items not masked' table
check 'auc alone' grep -q '^auc  *0\.' table

# Users whom the model does not know: misses, or ranked by popularity, as recommend does.
echo stranger >strangers
tamis recommend model --users strangers --unknown-users popular -k 5 2>err | cut -d, -f3 >popular
{ echo user,item; for n in 3 6; do echo "stranger,$(sed -n ${n}p popular)"; done; } >stranger.csv # ranks 2 and 5
for candidates in all sampled:100000; do
    tamis evaluate model stranger.csv --metrics recall,mrr -k 4,5 --candidates $candidates --json >got.json
    check 'a stranger is missed' test "$(json recall@5 got.json) $(grep -o '"unknown":"[a-z]*"' got.json)" = '0 "unknown":"miss"'
    tamis evaluate model stranger.csv --metrics recall,mrr -k 4,5 --candidates $candidates --unknown-users popular --json >got.json
    check 'or ranked by popularity' test "$(json recall@4 got.json) $(json recall@5 got.json) $(json mrr@4 got.json)" = '0.5 1 0.5'
    check 'as JSON says' grep -q '"unknown_users":1,"unknown_user_rows":2,.*"unknown":"popular"' got.json
done
echo stranger,strange >>stranger.csv
tamis evaluate model stranger.csv --metrics recall -k 5 --unknown-users popular >table
check 'as the table says' grep -q '^ranked by popularity: 1 unknown user with 3 test rows$' table
check 'unknown items are misses still' grep -q '^counted as misses: 1 row of unknown items, 0 rows of masked items$' table
refuse 2 '--unknown-users popular ranks for users whom --drop-unknown leaves out' evaluate model stranger.csv --unknown-users popular --drop-unknown
refuse 2 'is none of miss|popular' evaluate model stranger.csv --unknown-users skip

# Validation on a judged log is validation on its relevant rows.
tamis train train.csv -o one --factors 8 --epochs 5 --validation relevant.csv --validation-metric map-full@3 --log one.log
tamis train train.csv -o two --factors 8 --epochs 5 --validation judged.csv --validation-relevance label \
    --validation-metric map-full@3 --log two.log
sed 's/.*"map-full@3"/"map-full@3"/' one.log >one.metric
sed 's/.*"map-full@3"/"map-full@3"/' two.log >two.metric
check 'validation values' grep -q '"map-full@3":0\.' one.metric
check 'the same validation' cmp -s one.metric two.metric

# A weighted validation metric is the one that evaluation has, where the test's items were clicked and its users are known.
cut -d, -f2 train.csv | sort -u >clicked
awk -F, 'NR == FNR { known[$1]; next } FNR == 1 || $2 in known' clicked relevant.csv >weighable.csv
tamis train train.csv -o weighted --factors 8 --epochs 5 --validation weighable.csv --validation-metric map-full-snips@3 \
    --validation-power 0.8 --validation-interval 5 --log epochs.log
tail -n 1 epochs.log >weighted.log
tamis evaluate weighted weighable.csv --drop-unknown --metrics map-full-snips -k 3 --propensity-power 0.8 --propensity-clip 1e-9 --json \
    >weighted.json
check 'a weighted validation has hits' awk -v v="$(json map-full-snips@3 weighted.log)" 'BEGIN { exit !(v > 0) }'
check 'a weighted validation is that of evaluation' \
    near "$(json map-full-snips@3 weighted.log)" "$(json map-full-snips@3 weighted.json)"

# Users whom the model does not know are a share of the test log's, whether they are scored or left out.
{ head -2 test.csv; echo stranger,1; echo newcomer,2; } | cut -d, -f1,2 >strangers.csv
for dropped in '' --drop-unknown; do
    # shellcheck disable=SC2086
    tamis evaluate model strangers.csv $dropped >table
    check "unknown users $dropped" grep -qF 'warning: 2 of 3 test users have no training data' err
done

# ------------------------------------------------------------------------------- slices, weights, intervals, forms
awk -F, 'NR > 1 { print $1 "," (substr($1, length($1)) % 2 ? "odd" : "even") }' test.csv | sort -u >pairs
{ echo id,parity; cat pairs; } >parity.csv
tamis evaluate model test.csv --metrics ndcg,recall-snips -k 10 --slice users:parity.csv:parity --bootstrap 200 \
    --slice popularity --output-format csv --per-user each.csv >slices.csv
check 'a row per metric and group' test "$(wc -l <slices.csv)" = 13
for group in odd even; do
    check "slice $group" near "$(grep "^ndcg@10,parity,$group," slices.csv | cut -d, -f6)" \
        "$(awk -F, -v g=$group 'NR == FNR { in_group[$1] = $2 == g; next }
           FNR > 1 && in_group[$1] { s += $2; n++ } END { printf "%.15g", s / n }' parity.csv each.csv)"
done
{ cat parity.csv; sed -n 2,4p parity.csv; } >twice.csv # says the same twice
tamis evaluate model test.csv --metrics ndcg,recall-snips -k 10 --slice users:twice.csv:parity --output-format csv >twice
check 'a group that is given twice' sh -c 'grep ",parity," slices.csv | cut -d, -f1-6 >one; grep ",parity," twice | cut -d, -f1-6 | cmp -s one -'
{ cat parity.csv; sed -n '3s/,.*/,neither/p' parity.csv; } >twice.csv
refuse 3 "twice.csv:$(grep -c '' twice.csv): another group of the same user than before" evaluate model test.csv --slice users:twice.csv:parity
awk -F, 'NR == 1 { print "id,half" } NR > 1 && !seen[$2]++ { print $2 ",a" } NR == 9 { print $2 ",b" }' test.csv >twice.csv
refuse 3 'another group of the same item than before; expected one each' evaluate model test.csv --slice items:twice.csv:half
check 'an interval around the figure' awk -F, '$1 == "ndcg@10" && $6 != 0 && !($7 < $6 && $6 < $8) { exit 1 }' slices.csv
check 'checksum of the model' grep -q "model: model sha256 $(sha256sum model | cut -d' ' -f1)" slices.csv
tamis evaluate model test.csv --metrics ndcg,recall-snips -k 10 --slice users:parity.csv:2 --bootstrap 200 \
    --slice popularity --output-format csv --threads 3 -o again.csv
cut -d, -f1-8 slices.csv >one
cut -d, -f1-8 again.csv >two
check 'the same at any number of threads' cmp -s one two
tamis evaluate model test.csv --metrics recall,recall-snips -k 10 --propensity-clip 1 --json >json
check 'weights of 1 change nothing but the average' grep -q '"effective_rows":'"$(json rows json)" json
tamis evaluate model test.csv >table
sums="model: model sha256 $(sha256sum model | cut -c1-12); test: test.csv sha256 $(sha256sum test.csv | cut -c1-12)"
check 'one line below the table' test "$(tail -n 2 table)" = "
$sums; tamis: $("$TAMIS" --version | sed -n '1s/^tamis //p') (more with --verbose)"
tamis evaluate model test.csv --output-format markdown >table
check 'in markdown with what else matters' grep -q "^- $sums; candidates: all; masked: training items masked; tamis: .* (more with --verbose)$" table
tamis evaluate model test.csv --verbose >table
check 'verbose: whole checksums' grep -q "^test: test.csv sha256 $(sha256sum test.csv | cut -d' ' -f1)$" table
tamis evaluate model test.csv --output-format markdown --verbose >table
check 'markdown' grep -q '^- ndcg: sum over the hits of 1 / log2' table
tamis evaluate model test.csv --output-format latex --metrics ndcg-full --verbose >table
check 'latex' grep -q '^ndcg-full & 0\.' table
check 'latex facts are comments' grep -q '^% test: test.csv sha256 ' table
tamis evaluate model test.csv --candidates sampled:50 -k 10 >table
check 'sampled candidates are called so' grep -q 'candidates: SAMPLED, the test items and 50 others a user' table
tamis evaluate model test.csv --metrics ndcg,coverage,gini,tail -k 5 --json >json
tamis recommend model --users users -k 5 >top5.csv
check 'coverage' near "$(json coverage@5 json)" \
    "$(tail -n +2 top5.csv | cut -d, -f3 | sort -u | wc -l | awk '{ printf "%.15g", $1 / '"$(tail -n +2 train.csv | cut -d, -f2 | sort -u | wc -l)"' }')"

# the same figures with any kernels, OpenBLAS's or ours, and whoever else is evaluated
tamis evaluate model test.csv -k 3,20 --output-format csv --per-user whole.csv | cut -d, -f1-6 >one
for setting in TAMIS_CPU=portable 'TAMIS_CPU=portable OPENBLAS_NUM_THREADS=4' TAMIS_CPU=avx2; do
    # shellcheck disable=SC2086
    env $setting "$TAMIS" evaluate model test.csv -k 3,20 --output-format csv -q | cut -d, -f1-6 >two
    check "$setting" cmp -s one two
done
tamis evaluate model test.csv -k 3,20 --output-format csv --threads 64 --memory 3 | cut -d, -f1-6 >two
check 'in little memory' cmp -s one two
{ head -1 test.csv; tail -n 300 test.csv; } >part.csv
tamis evaluate model part.csv -k 3,20 --per-user some.csv >/dev/null
last=$(tail -1 test.csv | cut -d, -f1)
check 'a user alone' test "$(grep "^$last," some.csv)" = "$(grep "^$last," whole.csv)"

# warnings
"$TAMIS" evaluate model train.csv --metrics ndcg >/dev/null 2>err
check 'the training log as test' grep -q 'is this the right test log' err
{ cat test.csv; sed -n 2,4p train.csv; } >leaking.csv
"$TAMIS" evaluate model leaking.csv --metrics ndcg --train train.csv >/dev/null 2>err
check 'rows of the training log' grep -q '^warning: 3 of [0-9,]* test rows are in the log that the model was trained on' err
check 'and by --train' grep -q '^warning: 3 of [0-9,]* test rows are in --train too' err
printf 'user,item,time\na,x,5\na,y,7\nb,x,1\n' >past.csv
printf 'user,item,time\na,z,6\nb,z,2\nc,x,9\n' >future.csv
tamis train past.csv -o timed --factors 2 --epochs 1 --quiet
"$TAMIS" evaluate timed future.csv --metrics ndcg --train past.csv >/dev/null 2>err
check 'training later than the test' grep -q '^1 of 3 training rows are later than the same user' err
check 'users without training' grep -q '^warning: 1 of 3 test users have no row in --train' err
check 'are told once' test "$(grep -c 'test users' err)" = 1
"$TAMIS" evaluate timed future.csv --metrics ndcg >/dev/null 2>err
check 'users without training' grep -q '^warning: 1 of 3 test users have no training data' err
check 'items never seen' grep -q '^warning: 1 of 2 test items were never seen in training' err
"$TAMIS" evaluate timed future.csv --metrics recall-ips >/dev/null 2>err
check 'few effective rows' grep -q '^warning: the weights of -ips and -snips rest on few rows: 3 test rows' err

# ------------------------------------------------------------------------------------------------------ what cannot be
refuse 2 'is none of all, listed, sampled:N' evaluate model test.csv --candidates sampled:0
refuse 2 'is about recommendations from all items' evaluate model test.csv --candidates sampled:9 --metrics gini
refuse 2 'expected a bound of at least that' evaluate model test.csv --memory 1 --bootstrap 1000000
refuse 2 'is none of popularity, activity' evaluate model test.csv --slice age
refuse 2 'expected users:FILE:COLUMN' evaluate model test.csv --slice users:parity.csv
refuse 3 'there is no column "age"; the columns are id, parity' evaluate model test.csv --slice users:parity.csv:age
refuse 1 'cannot open' evaluate model test.csv --slice items:missing.csv:x
printf 'item,theta\ni00001,0.5\n' >theta.csv
refuse 3 'expected a propensity for each item' evaluate model test.csv --metrics recall-ips --propensity theta.csv
refuse 3 'parity.csv:2:2: parity "' evaluate model test.csv --metrics recall-ips --propensity parity.csv
refuse 2 'there is no metric "hit-snips"' evaluate model test.csv --metrics hit-snips
refuse 2 'name the test log'\''s column' evaluate model judged.csv --candidates listed
refuse 2 'needs --relevance' evaluate model judged.csv --relevant-from 1
refuse 2 'in the place of ratings' evaluate model judged.csv --relevance label --min-rating 1
refuse 2 'in the place of ratings' evaluate model judged.csv --relevance label --rating label
refuse 3 'there is no column "lable" (the relevance); the columns are user, item, label' \
    evaluate model judged.csv --relevance lable
refuse 3 "both the item's and the relevance's" evaluate model judged.csv --relevance item
refuse 3 'judged.csv:2:1: relevance "' evaluate model judged.csv --user label --item item --relevance user
refuse 3 'needs a column of relevance, but an adjacency list has none' \
    evaluate model judged.csv --relevance 3 --format adjacency
refuse 3 'have no relevant row' evaluate model judged.csv --relevance label --relevant-from 2
refuse 2 'there is no metric "ndgc"' evaluate model judged.csv --metrics recall,ndgc
refuse 2 '"ndcg@20" holds a cutoff; write ndcg here' evaluate model judged.csv --metrics recall,ndcg@20
refuse 2 'has no option --k; did you mean --cutoffs?' evaluate model test.csv --k 20
refuse 2 'no effect without --item-bias' train train.csv -o m --no-item-bias --bias-regularization 0.3
refuse 2 'no effect without --bootstrap' evaluate model test.csv --confidence 0.9
refuse 2 'no effect without --slice popularity' evaluate model test.csv --rare-threshold 3 --slice activity
for option in --propensity --propensity-clip --propensity-power; do
    refuse 2 'no effect without a metric with -ips or -snips' evaluate model test.csv $option 1
done
refuse 2 'not both' evaluate model test.csv --metrics recall-ips --propensity theta.csv --propensity-power 1
refuse 2 'no effect without the --slice' compare --test test.csv model model --rare-threshold 3
refuse 2 'needs --validation,' train train.csv -o m --validation-relevance label
refuse 3 'there is no column "lable" (the relevance)' \
    train train.csv -o m --validation judged.csv --validation-relevance lable
check 'no model' test ! -e m

finish
