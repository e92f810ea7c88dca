#!/bin/sh
# The main job through the program alone, on the sample: logs in, model, metrics, recommendations, NumPy files out.
# What is checked comes from the logs themselves, recomputed here with awk, or must be equal between two ways to do it.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"

digest() { # the model's numbers and ids, whatever stands in its notes
    rm -rf digest
    tamis export "$1" digest && cat digest/* | cksum
}
json() { awk -v key="\"$1\":" '{ at = index($0, key); if (!at) exit 1; rest = substr($0, at + length(key))
                                 match(rest, /^[-+.0-9eE]+/); print substr(rest, 1, RLENGTH) }' "$2"; } # NAME FILE

gzip -dc "$data/sample.csv.gz" >train.csv
gzip -dc "$data/sample-test.csv.gz" >test.csv
users=$(tail -n +2 train.csv | cut -d, -f1 | sort -u | wc -l | tr -d ' ')
items=$(tail -n +2 train.csv | cut -d, -f2 | sort -u | wc -l | tr -d ' ')
rows=$(tail -n +2 train.csv | wc -l | tr -d ' ')
quick='--factors 16 --epochs 40 --learning-rate 0.1 --regularization 0.02 --no-item-bias'

# ---------------------------------------------------------------------------------------------------- train, info, log
# shellcheck disable=SC2086
{
tamis train "$data/sample.csv.gz" -o model $quick --log log.jsonl
check 'train says what it read' says 'duplicates'
check 'no bar without a terminal' test "$(tr -d '\n' <err | tr '\r\033' '!!' | grep -c '!')" = 0
check 'the log has a line per epoch' test "$(grep -c '^{"epoch":[0-9]*,"loss":[0-9.e-]*,.*}$' log.jsonl)" = 40
tamis train train.csv -o model2 $quick --quiet
check 'quiet is quiet' test ! -s err
}
losses=$(sed 's/.*"loss":\([^,]*\),.*/\1/' log.jsonl | sed -n '1p;$p' | tr '\n' ' ')
check "the loss falls: $losses" awk -v l="$losses" 'BEGIN { split(l, a, " "); exit !(a[2] < 0.8 * a[1] && a[2] > 0) }'
tamis info model >info.txt
check 'info: factors' grep -q '^factors  *16$' info.txt
tamis info model --json >info.json
check 'info: users' test "$(json users info.json)" = "$users"
check 'info: items' test "$(json items info.json)" = "$items"
check 'info: interactions' test "$(json interactions info.json)" = "$rows"
check 'info: options' test "$(json epochs info.json)" = 40

# --------------------------------------------------------------------------------------------------------- evaluation
tamis evaluate model test.csv -k 5,10,20 >table
for metric in precision recall hit ndcg map mrr auc; do
    check "the table has $metric" grep -q "^$metric  *0\\.[0-9][0-9][0-9][0-9]" table
done
tamis evaluate model test.csv -k 5,10,20 --json --per-user per-user.csv >metrics.json
check 'JSON is one line' test "$(wc -l <metrics.json | tr -d ' ')" = 1
tested=$(tail -n +2 test.csv | cut -d, -f1 | sort -u | wc -l | tr -d ' ')
check 'users of the test' test "$(json users metrics.json)" = "$tested"
check 'a row per user' test "$(wc -l <per-user.csv | tr -d ' ')" = $((tested + 1))
awk -F, 'NR == 1 { for (k = 2; k <= NF; k++) name[k] = $k; n = NF; next }
         { for (k = 2; k <= n; k++) if ($k != "") { sum[k] += $k; count[k]++ } }
         END { for (k = 2; k <= n; k++) printf "%s %.17g\n", name[k], sum[k] / count[k] }' per-user.csv >means
check 'per-user metrics' test "$(wc -l <means | tr -d ' ')" = 19
while read -r name mean; do
    check "the mean of $name over users" near "$mean" "$(json "$name" metrics.json)"
done <means
ndcg=$(json ndcg@10 metrics.json)
check 'the table shows the same' grep -q "^ndcg  *[0-9.]*  *$(printf '%.4f' "$ndcg") " table

# The recommendations are what the metrics are of: recall@10 and ndcg@10 again, from the lists.
tamis recommend model >top.csv
awk -F, 'FNR == 1 { file++; next }
         file == 1 { seen[$1 "," $2] = 1; next }
         file == 2 { count[$1]++; test[$1 "," $2] = 1; next }
         { rank[$1]++; pair = $1 "," $3
           bad += $2 != rank[$1] || (pair in seen) || (rank[$1] > 1 && $4 > last) || twice[pair]++
           last = $4
           if (pair in test) { hits[$1]++; dcg[$1] += log(2) / log($2 + 1) } }
         END { for (u in rank) bad += rank[u] != 10
               for (u in rank) listed++
               for (u in count) { users++; recall += hits[u] / count[u]; ideal = 0
                   for (k = 1; k <= 10 && k <= count[u]; k++) ideal += log(2) / log(k + 1)
                   ndcg += dcg[u] / ideal }
               printf "%d %d %.12f %.12f\n", bad, listed, recall / users, ndcg / users }' \
    train.csv test.csv top.csv >again
read -r bad listed recall_again ndcg_again <again
check 'ten unseen items for each user, best first' test "$bad $listed" = "0 $users"
check 'recall@10 from the lists' near "$recall_again" "$(json recall@10 metrics.json)"
check 'ndcg@10 from the lists' near "$ndcg_again" "$ndcg"

popularity=$(awk -F, 'FNR == 1 { file++; next }
    file == 1 { seen[$1 "," $2] = 1; clicks[$2]++; next }
    { liked[$1 "," $2] = 1; user[$1] = 1 }
    END { for (r = 0; r < 200; r++) { best = ""; for (i in clicks) if (best == "" || clicks[i] > clicks[best]) best = i
              order[r] = best; delete clicks[best] }
          for (u in user) { n = 0
              for (r = 0; r < 200 && n < 10; r++) {
                  pair = u "," order[r]
                  if (!(pair in seen)) { n++; hit += pair in liked }
              }
              all += n }
          print hit / all }' train.csv test.csv)
check "twice as precise as popularity ($popularity)" awk -v p="$popularity" -v m="$(json precision@10 metrics.json)" \
    'BEGIN { exit !(p > 0 && m > 2 * p) }'

# Masks: the recommended ten of everyone masked, none of them is ranked.
tail -n +2 top.csv | awk -F, 'BEGIN { print "user,item" } { print $1 "," $3 }' >mask.csv
tamis evaluate model mask.csv --mask mask.csv -k 10 --json >masked.json
check 'what is masked is a miss' near "$(json recall@10 masked.json)" 0 1e-15
tamis evaluate model mask.csv -k 10 --json >top.json
check 'the ten best are hit' near "$(json recall@10 top.json)" 1 1e-12

# Unknown ids are misses: with as many unknown rows again, each user's recall is half.
awk -F, '{ print } NR > 1 { print $1 ",new-" $2 }' test.csv >unknown.csv
tamis evaluate model unknown.csv -k 20 --json >unknown.json
check 'unknown items stay in the denominator' near "$(json recall@20 unknown.json)" \
    "$(awk -v r="$(json recall@20 metrics.json)" 'BEGIN { printf "%.17g", r / 2 }')"
tamis evaluate model unknown.csv -k 20 --json --drop-unknown >dropped.json
check 'or are left out' near "$(json recall@20 dropped.json)" "$(json recall@20 metrics.json)"

# ------------------------------------------------------------------------------------------- recommendations, similar
printf 'u00007\nu00003\r\n\nu00007\n' | tamis recommend model --users - -k 3 >some.csv
check 'users of a list, in its order' test "$(cut -d, -f1,2 some.csv | tr '\n' ' ')" = \
    'user_id,rank u00007,1 u00007,2 u00007,3 u00003,1 u00003,2 u00003,3 u00007,1 u00007,2 u00007,3 '
check 'the same as for all' test "$(sed -n '2,4p' some.csv)" = "$(grep '^u00007,' top.csv | head -3)"
printf '\357\273\277user_id\r\nu00007\r\nu00003\r\nu00007\r\n' | gzip >list.gz
tamis recommend model --users list.gz -k 3 >packed.csv
check 'a list with a byte-order mark, a header, CRLF, gzipped' cmp -s some.csv packed.csv
printf 'u00007\n' >one; tamis recommend model --users one -k 3 --json >some.json
for name in named.json named.jsonl named.json.gz; do
    tamis recommend model --users one -k 3 -o $name
    if [ "${name%.gz}" = "$name" ]; then cp $name plain; else gzip -dc $name >plain; fi
    check "$name is JSON" cmp -s plain some.json
done
tamis recommend model --users one -k 3 -o not.json --no-json
check 'unless it is said' test "$(head -1 not.json)" = user_id,rank,item_id,score
check 'recommendations as JSON' \
    grep -q '^{"user_id":"u00007","items":\[{"item_id":"i[0-9]*","score":[-0-9.e]*},.*}\]}$' some.json
tamis recommend model --users one -k 100000 -o many.csv.gz
seen=$(grep -c '^u00007,' train.csv)
check 'fewer only when fewer exist' test "$(gzip -dc many.csv.gz | wc -l | tr -d ' ')" = $((items - seen + 1))
tamis similar model i00001 -k 5 >similar.csv
check 'five neighbours' test "$(wc -l <similar.csv | tr -d ' ')" = 6
# shellcheck disable=SC2016
check 'by falling cosine, itself left out' awk -F, '
    NR > 1 && ($3 > 1.000001 || (NR > 2 && $3 > last) || $2 == "i00001") { exit 1 }
    { last = $3 }' similar.csv

# --------------------------------------------------------------------------------------------------------- NumPy files
# shellcheck disable=SC2086
tamis train train.csv -o biased ${quick% *} --item-bias
tamis export biased arrays
header() { dd if="$1" bs=1 count=10 2>/dev/null | od -An -tx1 | tr -d ' \n'; }
array() { # FILE SHAPE NUMBERS
    check "$1: magic, version 1.0, 118 bytes of header" test "$(header "$1")" = 934e554d505901007600
    check "$1: header" test "$(dd if="$1" bs=1 skip=10 count=118 2>/dev/null | tr -s ' ' | sed 's/, }/}/; s/ $//')" = \
        "{'descr': '<f4', 'fortran_order': False, 'shape': ($2)}"
    check "$1: size" test "$(wc -c <"$1" | tr -d ' ')" = $((128 + 4 * $3))
}
array arrays/user_factors.npy "$users, 16" $((users * 16))
array arrays/item_factors.npy "$items, 16" $((items * 16))
array arrays/item_bias.npy "$items," "$items"
tail -n +2 train.csv | awk -F, '!($1 in u) { u[$1]; print $1 }' >users.txt
tail -n +2 train.csv | awk -F, '!($2 in i) { i[$2]; print $2 }' >items.txt
check 'users in order of appearance' cmp -s users.txt arrays/user_ids.txt
check 'items in order of appearance' cmp -s items.txt arrays/item_ids.txt
# a score by hand: row of the user . row of the item + bias
first_user=$(head -1 users.txt)
tamis recommend biased --users - -k 1 <users.txt | sed -n 2p >best
item=$(cut -d, -f3 best) row=$(grep -n "^$(cut -d, -f3 best)\$" items.txt | cut -d: -f1)
floats() { dd if="$1" bs=4 skip=$((32 + $2)) count="$3" 2>/dev/null | od -An -v -tf4; }
score=$({ floats arrays/user_factors.npy 0 16; floats arrays/item_factors.npy $((16 * (row - 1))) 16
          floats arrays/item_bias.npy $((row - 1)) 1; } | tr -s ' \n' '  ' |
        awk '{ for (k = 1; k <= 16; k++) s += $k * $(16 + k); printf "%.9g", s + $33 }')
check "the score of $first_user and $item from the arrays" near "$score" "$(cut -d, -f4 best)" 1e-4

# ------------------------------------------------------------- the same numbers, however many threads, in whatever form
whole=$(digest model)
check 'gzip and plain give the same' test "$whole" = "$(digest model2)"
for threads in 1 2 3 8; do
    # shellcheck disable=SC2086
    tamis train train.csv -o other $quick --threads $threads
    check "the same with $threads threads" test "$whole" = "$(digest other)"
done
same() { # WHAT ARGUMENT...
    same_what=$1
    shift
    # shellcheck disable=SC2086
    tamis train "$@" -o other $quick
    check "the same from $same_what" test "$whole" = "$(digest other)"
}
cp "$data/sample.csv.gz" misleading.txt
cp train.csv misleading.gz
same 'gzip under another name' misleading.txt
same 'plain text named .gz' misleading.gz
same 'standard input' - <train.csv
same 'gzip on standard input' - <"$data/sample.csv.gz"
sed 's/,/	/; s/$/\r/' train.csv >a.tsv
same 'tabs and CRLF' a.tsv
{ printf '\357\273\277"item_id:token","x","user_id:token"\n'
  sed '1d; s/\([^,]*\),\(.*\)/"\2",x,"\1"/' train.csv; } >q.csv
same 'quotes, a byte-order mark, columns elsewhere' q.csv --user 3 --item 1
tail -n +2 train.csv >bare.csv
same 'no header' bare.csv
{ cat train.csv; tail -n +2 train.csv; } >twice.csv
same 'every row twice' twice.csv
head -1000 train.csv >part1.csv; { head -1 train.csv; tail -n +1001 train.csv; } >part2.csv
same 'two files' part1.csv part2.csv
tail -n +2 train.csv | awk -F, '$1 != user { if (user) print line; line = user = $1 }
    { line = line " " $2 } END { print line }' >lists.txt
same 'adjacency lists' lists.txt --format adjacency
# MatrixMarket's ids are the row and column numbers: the factors are the same, the ids are not
tail -n +2 train.csv | awk -F, -v r="$rows" '!($1 in u) { u[$1] = ++m } !($2 in i) { i[$2] = ++n }
    { row[NR] = u[$1] " " i[$2] }
    END { print "%%MatrixMarket matrix coordinate pattern general\n" m, n, r
          for (k = 1; k <= r; k++) print row[k] }' >a.mtx
# shellcheck disable=SC2086
tamis train a.mtx -o other $quick && tamis export other mtx && tamis export model csv
check 'the same from MatrixMarket' cmp -s mtx/item_factors.npy csv/item_factors.npy
check 'and the users' cmp -s mtx/user_factors.npy csv/user_factors.npy

# -------------------------------------------------------------------------------------------------------------- noise
tamis noise train.csv --uniform 0.2 --popular 0.1 --drop 0.1 --held-out test.csv -o noisy.csv --truth marks.csv
check 'noise: the truth marks each row of the log in its order' sh -c '
    awk -F, "NR > 1 && \$3 >= 0 { print \$1 \",\" \$2 }" marks.csv >marked; tail -n +2 noisy.csv | cmp -s - marked'
check 'noise: injected rows are neither in the log nor held out' awk -F, '
    FNR == 1 { file++; next } file < 3 { known[$1, $2] = file; n[$1] += file == 1; next }
    { bad += ($3 == 1) == (($1, $2) in known); kind[$1, $4]++; bad += $3 == -1 && known[$1, $2] != 1 }
    END { for (u in n) { bad += kind[u, "uniform"] != int(n[u] / 5) || kind[u, "popular"] != int(n[u] / 10)
                         bad += kind[u, "drop"] != int(n[u] / 10) || kind[u, "clean"] + kind[u, "drop"] != n[u] }
          exit bad > 0 }' train.csv test.csv marks.csv
cp noisy.csv before.csv
tamis noise train.csv --uniform 0.2 --popular 0.1 --drop 0.1 --held-out test.csv -o noisy.csv
check 'noise: the same seed, the same noise' cmp -s noisy.csv before.csv
{ echo user_id,item_id; for user in a b; do for item in 1 2 3 4 5 6 7 8 9; do echo "$user,$item"; done; done
  for item in 10 11 12 13 14 15 16 17 18 19; do echo "c,$item"; done; } >few.csv
tamis noise few.csv --uniform 0.1 -o fewer.csv # 9, 9 and 10 rows: 0, 0 and 1 are injected
check 'noise: what a share was rounded down to is told' says '0.03571 injected per clean row, where 0.1 was asked for'
tamis noise few.csv --popular 0.05 --drop 0.05 -o fewer.csv
check 'noise: a share that comes to nothing is warned of' says 'warning: 0 injected per clean row, where 0.05 was asked for'
check 'noise: likewise of hidden rows' says 'warning: 0 hidden per clean row, where 0.05 was asked for'
# ratings and times that are missing stay so, in rows that are written out again
awk 'BEGIN { print "user_id,item_id,rating,timestamp"; for (u = 0; u < 6; u++) for (i = 0; i < 12; i++)
    print "u" u ",i" (u + i) "," ((u + i) % 3 ? "n/a" : 4) "," (i % 2 ? "" : 100 + i) }' >gaps.csv
tamis split gaps.csv -o gaps --test-ratio 0.25
check 'split: missing ratings and times are counted' \
    says 'gaps.csv: 72 rows read (columns user_id, item_id); 48 without a rating (column rating), 36 without a time (column timestamp); 0 bad'
check 'split: and stay missing' sh -c 'cat gaps/train.csv gaps/test.csv | awk -F, "
    /user_id/ { next } { n++; bad += NF != 4 || (substr(\$2, 2) % 3 ? \$3 != \"\" : \$3 != 4)
    bad += (substr(\$2, 2) - substr(\$1, 2)) % 2 ? \$4 != \"\" : \$4 != 100 + substr(\$2, 2) - substr(\$1, 2) }
    END { exit bad || n != 72 }"'
tamis noise gaps.csv --uniform 0.25 -o gaps2.csv --truth gaps-truth.csv
check 'noise: missing ratings and times stay so' sh -c '
    [ "$(grep -c ",4,\|,,\|,4$\|,$" gaps2.csv)" = 90 ] && ! grep -q nan gaps2.csv && [ "$(wc -l <gaps2.csv)" = 91 ]'
"$TAMIS" noise train.csv -o noisy.csv 2>err
check 'noise needs an amount' test $? = 2

# ---------------------------------------------------------------- several runs, ids without interactions, propensities
# shellcheck disable=SC2086
{
tamis train train.csv -o best $quick --validation-ratio 0.1 --select learning-rate=0.001,0.1 --select epochs=2,10
check 'each combination is a run' test "$(grep -c '^tamis: .*: ndcg@20 \|^--learning-rate .* --epochs .*: ndcg@20 ' err)" = 4
tamis train train.csv -o same $quick --validation-ratio 0.1 --learning-rate 0.1 --epochs 10
check 'the best of them is kept' test "$(digest best)" = "$(digest same)"
tamis info best >info.txt
check 'and says its values' grep -q 'learning-rate *0.1$' info.txt
"$TAMIS" train train.csv -o none --select epochs=1,2 2>err
check 'without validation there is no best' test $? = 2
printf 'user_id,item_id\nnobody,nothing\n' >more.csv
tamis train train.csv -o wide $quick --ids more.csv --epochs 2
check 'ids are added' says 'adds 1 user and 1 item'
tamis info wide >info.txt
check 'and are in the model' grep -q "users *$(printf "%d" $((users + 1)) | sed 's/\([0-9]\)\([0-9][0-9][0-9]\)$/\1,\2/')" info.txt
{ echo item,propensity; tail -n +2 train.csv | cut -d, -f2 | sort -u | sed 's/$/,0.5/'; } >half.csv
tamis train train.csv -o half --method relmf --pairs sampled --epochs 2 --propensity half.csv
tamis train train.csv -o power --method relmf --pairs sampled --epochs 2 --propensity-power 0 --clip 0
check 'propensities count' test "$(digest half)" != "$(digest power)"
sed 's/,0\.5$/,1/' half.csv >one.csv
tamis train train.csv -o one --method relmf --pairs sampled --epochs 2 --propensity one.csv --clip 0
check 'those of 1 are no weights' test "$(digest one)" = "$(digest power)"
}

# -------------------------------------------------------------------------------------------------------------- split
tamis split train.csv -o parts --test-ratio 0.2 --validation-ratio 0.1 --seed 3
for part in train validation test; do tail -n +2 parts/$part.csv | cut -d, -f1,2; done | sort >together
tail -n +2 train.csv | sort >all
check 'the parts make up the log' cmp -s together all
awk -F, 'FNR == 1 { file++; next } file == 1 { n[$1]++ } file == 2 { v[$1]++ } file == 3 { t[$1]++ }
         END { for (u in n) { all = n[u] + v[u] + t[u]
                   d = t[u] - 0.2 * all; e = v[u] - 0.1 * all
                   bad += d > 0.501 || d < -0.501 || e > 0.501 || e < -0.501 }
               exit bad > 0 }' parts/train.csv parts/validation.csv parts/test.csv
check 'ratios hold for each user' test $? = 0
tamis split train.csv -o parts2 --test-ratio 0.2 --validation-ratio 0.1 --seed 3
check 'the same seed, the same split' diff -r parts parts2
tamis split train.csv -o parts2 --test-ratio 0.2
check 'a part of an earlier split is taken away' test ! -e parts2/validation.csv
check 'and said' says 'renamed parts2/validation.csv to parts2/validation.csv~: it looks like an earlier split'
echo 'my notes' >parts2/validation.csv
tamis split train.csv -o parts2 --test-ratio 0.2
check 'what is of other making stays' test "$(cat parts2/validation.csv)" = 'my notes'
check 'and is said' says 'parts2/validation.csv was there before and is not of this split'
tamis export biased exported; tamis export model exported
check 'the bias of an earlier export is taken away' test ! -e exported/item_bias.npy
check 'and said as well' says 'renamed exported/item_bias.npy to exported/item_bias.npy~'
check 'the rest is there' test "$(find exported -type f ! -name '*~' | wc -l | tr -d ' ')" = 5 # with the manifest
tamis split train.csv -o parts2 --test-ratio 0.2 --validation-ratio 0.1 --seed 4
check 'nothing is removed that was written' test -z "$(grep renamed err)"
check 'another seed, another split' test "$(cksum <parts/test.csv)" != "$(cksum <parts2/test.csv)"

# ------------------------------------------------------------------------------------------ validation, early stopping
tamis train parts/train.csv -o best --validation parts/validation.csv --factors 8 --epochs 60 --learning-rate 0.2 \
    --regularization 0 --patience 3 --validation-interval 1 --validation-interval 1 --log validated.jsonl --validation-metric recall@10
awk '{ at = index($0, "\"recall@10\":"); if (!at) exit 1; value = substr($0, at + 12) + 0
       if (value > best) { best = value; epoch = NR } }
     END { printf "%d %d %.17g\n", epoch, NR, best }' validated.jsonl >best.txt
read -r epoch epochs value <best.txt
check "stopped early ($epoch of $epochs)" test "$epochs" -lt 60
check 'after three without a better one' test $((epochs - epoch)) = 3
check 'says which epoch is kept' says "kept epoch $epoch"
tamis info best --json >best.json
check 'and the model knows' test "$(json epoch-kept best.json)" = "$epoch"
tamis evaluate best parts/validation.csv -k 10 --json >kept.json
check 'the kept epoch is the best one' near "$(json recall@10 kept.json)" "$value"

cat parts/validation.csv >overlapping.csv
sed -n '2,4p' parts/train.csv >>overlapping.csv # three rows that are trained on
printf 'stranger,%s\n' "$(sed -n 2p parts/train.csv | cut -d, -f2)" >>overlapping.csv
tamis train parts/train.csv -o best2 --validation overlapping.csv --factors 4 --epochs 1
held=$(tail -n +2 overlapping.csv | wc -l | tr -d ' ')
check 'a validation log that overlaps training is warned of' says "warning: 3 of $(echo "$held" | sed 's/\(...\)$/,\1/') validation rows are in the training log too"
check 'one user in hundreds is not' sh -c '! grep -q "no row in the training log" err'
awk 'NR == 1 || NR % 2 { print; next } { print "x" $0 }' parts/validation.csv >strange.csv
tamis train parts/train.csv -o best2 --validation strange.csv --factors 4 --epochs 1
check 'foreign users are' says 'have no row in the training log'
tamis info best2 --json >best.json
known=$(awk -F, 'FNR == NR { user[$1]; next } FNR > 1 && $1 in user' parts/train.csv strange.csv | wc -l | tr -d ' ')
check 'and the model tells how many rows it was validated on' test "$(json validation-rows best.json)" = "$known"
tamis train parts/train.csv -o best2 --validation parts/validation.csv --method bpo --regularization 0 --validation-interval 10
check 'overfitting from the start is told' says 'the best epoch came early'
"$TAMIS" train parts/train.csv -o best2 --validation parts/train.csv 2>err
check 'a validation log that is all trained on is refused' test $? = 3
check 'and why' says 'every row of --validation parts/train.csv is in the training log'
for option in '--patience 2' '--validation-metric map@5' '--validation-interval 3' '--validation-power 1'; do
    # shellcheck disable=SC2086
    "$TAMIS" train train.csv -o best2 $option 2>err
    check "$option without validation is refused" test $? = 2
    check "$option: what it needs" says 'needs --validation or --validation-ratio'
done
TAMIS_CPU=abacus tamis info best >info.txt
check 'an unknown TAMIS_CPU is warned of' says 'TAMIS_CPU=abacus is none of the tiers'
TAMIS_CPU=portable tamis info best >info.txt
check 'a known one is not' test ! -s err

# -------------------------------------------------------------------------------------------------------------- Ctrl-C
# Scripts' background jobs start with SIGINT ignored, which a program must respect: env undoes that, where it can.
# More about signals is in tests/test_signals.sh.
start() { # a training that would last for hours
    rm -f interrupted running.jsonl
    "$@" "$TAMIS" train train.csv -o interrupted --factors 32 --epochs 1000000 --log running.jsonl 2>err &
    pid=$!
    while kill -0 "$pid" 2>/dev/null && [ "$(wc -l 2>/dev/null <running.jsonl || echo 0)" -lt 3 ]; do sleep 0.1; done
}
stopped() {
    wait "$pid"
    code=$?
    check "$1: exit $2" test "$code" = "$2"
    check "$1: says at once what happens" says 'stopping, then saving; Ctrl-C again quits at once'
    check "$1: says what was kept" grep -q -e 'is saved in interrupted' -e 'interrupted holds the factors' err
    if tamis evaluate interrupted test.csv --json >interrupted.json; then
        check "$1: the model works" awk -v m="$(json ndcg@10 interrupted.json)" 'BEGIN { exit !(m > 0) }'
    fi
}
if env --default-signal=INT true 2>/dev/null; then
    start env --default-signal=INT
    kill -INT "$pid"
    stopped 'Ctrl-C' 130
fi
start env
kill -TERM "$pid"
stopped 'SIGTERM' 143

# --------------------------------------------------------------------------------------------------------------- help
for command in train evaluate recommend similar info export split noise robustness audit study synth methods completion; do
    tamis help $command >help.txt
    check "help of $command" says "tamis $command" help.txt
done
tamis methods pld >page.txt
check 'a method has a page' grep -q '^Noise:' page.txt
tamis methods >methods.txt
check 'methods' says bpr methods.txt
check 'nothing is left behind' test -z "$(find . -name '*.tmp*')"

finish
