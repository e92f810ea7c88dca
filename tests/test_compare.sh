#!/bin/sh
# tamis compare: differences, counts, t and signs recomputed with awk from the values per user; files and models agree;
# runs; forms of output; what cannot be.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"

column() { # NAME FILE: of the first row of a CSV whose first fields have no quotes
    awk -F, -v name="$1" 'NR == 1 { for (k = 1; k <= NF; k++) if ($k == name) at = k } NR == 2 { print $at }' "$2"; }

gzip -dc "$data/sample.csv.gz" | awk -F, 'NR == 1 || !($1 in u) { u[$1]; n++ } n <= 601' >train.csv
gzip -dc "$data/sample-test.csv.gz" | awk -F, 'NR == FNR { u[$1]; next } $1 in u' train.csv - >test.csv
for seed in 1 2 3; do
    tamis train train.csv -o "a$seed" --factors 8 --epochs 4 --no-item-bias --seed "$seed" --quiet
    tamis train train.csv -o "b$seed" --factors 8 --epochs 12 --no-item-bias --seed "$seed" --quiet
    tamis evaluate "a$seed" test.csv --metrics ndcg,recall -k 10 --per-user "a$seed.csv" >/dev/null
    tamis evaluate "b$seed" test.csv --metrics ndcg,recall -k 10 --per-user "b$seed.csv" >/dev/null
done

# by hand, the second file's users turned around
{ head -1 b1.csv; tail -n +2 b1.csv | sort -r; } >turned.csv
tamis compare a1.csv turned.csv --output-format csv >files.csv
awk -F, 'FNR == 1 { next } NR == FNR { a[$1] = $2; next }
         { d = $2 - a[$1]; n++; s += d; ss += d * d; better += d > 0; equal += d == 0; worse += d < 0 }
         END { m = s / n; sd = sqrt((ss - n * m * m) / (n - 1))
               printf "%d %.15g %d %d %d %.15g\n", n, m, better, equal, worse, m / (sd / sqrt(n)) }' a1.csv b1.csv >hand
read -r n mean better equal worse t <hand
check 'pairs' test "$(column pairs files.csv)" = "$n"
check 'difference' near "$(column difference files.csv)" "$mean"
check 'better' test "$(column better files.csv)" = "$better"
check 'equal' test "$(column equal files.csv)" = "$equal"
check 'worse' test "$(column worse files.csv)" = "$worse"
tamis compare a1.csv b1.csv --output-format json >files.json
check 't' near "$(sed 's/.*"metric":"ndcg@10"[^}]*"t":\([-0-9.e+]*\).*/\1/' files.json)" "$t"
check 'p of a large sample' near "$(column t_p files.csv)" \
    "$(awk -v t="$t" 'BEGIN { if (t < 0) t = -t; h = 1e-4; for (x = t; x < 12; x += h) s += exp(-(x + h / 2) ^ 2 / 2) * h
                              printf "%.12f", 2 * s / sqrt(8 * atan2(1, 1)) }')" 2e-3
check 'the interval holds the difference' awk -v l="$(column low files.csv)" -v m="$mean" -v h="$(column high files.csv)" \
    'BEGIN { exit !(l < m && m < h) }'
tamis compare a1.csv a1.csv --output-format csv >same.csv
check 'nothing is no difference' test "$(column t_p same.csv),$(column wilcoxon_p same.csv),$(column permutation_p same.csv)" = 1,1,1

# models give what their files give; threads do not matter
tamis compare --test test.csv a1 b1 --metrics ndcg,recall -k 10 --output-format csv | cut -d, -f4-21 >models.cut
cut -d, -f4-21 files.csv >files.cut
check 'models and files' cmp -s models.cut files.cut
tamis compare --test test.csv a1 b1 --metrics ndcg,recall -k 10 --output-format csv --threads 3 | cut -d, -f4-21 >threads.cut
check 'threads' cmp -s models.cut threads.cut

# runs
tamis compare a1.csv,a2.csv,a3.csv b1.csv,b2.csv,b3.csv --output-format csv -o quoted.csv
sed 's/"[^"]*"/Q/g' quoted.csv >runs.csv
check 'rows over users and over runs' test "$(cut -d, -f4 runs.csv | sort | uniq -c | tr -s ' \n' ' ')" = ' 1 over 2 runs 2 users '
awk -F, 'FNR == 1 { file++; next } { s[file] += $2; n[file]++ }
         END { for (k = 1; k <= 3; k++) { d = s[k + 3] / n[k + 3] - s[k] / n[k]; m += d / 3; dd += d * d }
               printf "%.15g\n", m / sqrt((dd - 3 * m * m) / 2 / 3) }' a1.csv a2.csv a3.csv b1.csv b2.csv b3.csv >hand
grep ',runs,3,' runs.csv | head -1 >row
check 't over three runs' near "$(cut -d, -f16 row)" \
    "$(awk '{ t = $1 < 0 ? -$1 : $1; printf "%.15g", 1 - t / sqrt(2 + t * t) }' hand)" # two degrees of freedom
check 'signs of three runs: 2 of 8' near "$(cut -d, -f20 row)" 0.25
tamis compare a1.csv,a2.csv,a3.csv b1.csv,b2.csv,b3.csv >table
check 'mean and deviation' grep -q '^ndcg@10 *0\.[0-9]* ± 0\.[0-9]* *0\.[0-9]* ± 0\.[0-9]*$' table
check 'over runs' grep -q '^over runs' table
check 'one line says what it can be traced by' test "$(sed '1,/^over runs/d' table | sed '1,/^$/d' | wc -l | tr -d ' ')" = 1
check 'and where there is more' grep -q "; B run: b3.csv sha256 $(sha256sum b3.csv | cut -c1-12); users: .* (more with --verbose)$" table
tamis compare a1.csv,a2.csv,a3.csv b1.csv,b2.csv,b3.csv --verbose >verbose
check 'whole checksums' grep -q "^B run: b3.csv sha256 $(sha256sum b3.csv | cut -d' ' -f1)$" verbose
check 'the same figures' sh -c 'sed "/^A run/,\$d" verbose >a; sed "/^A run/,\$d" table | cmp -s - a'
tamis compare a1.csv,a2.csv,a3.csv b1.csv,b2.csv,b3.csv --output-format json >verbose.json
check 'in JSON all of it' awk -F': ' 'NR == FNR { json = json $0; next } /^over runs/ { on = 1 } on && /^$/ { facts = 1; next }
    facts && !index(json, "\"" $1 "\":\"" substr($0, length($1) + 3) "\"") { bad++ } facts { n++ } END { exit bad || n < 10 }' verbose.json verbose

# Seven files of ten users, each above the first by 0.866 in the mean, of standard error 1/3: t = 2.598 with nine degrees of
# freedom, whose two-sided 5% point is 2.262. Alone each interval leaves out 0; of seven it must not, as p, 7 x .029, tells.
{ echo user_id,ndcg@10; for u in 0 1 2 3 4 5 6 7 8 9; do echo "$u,0"; done; } >z.csv
for k in 1 2 3 4 5 6 7; do awk -F, 'NR == 1 { print; next } { printf "%s,%.15g\n", $1, 0.866 + ($1 % 2 ? 1 : -1) }' z.csv >"z$k.csv"; done
tamis compare z.csv z1.csv z2.csv z3.csv z4.csv z5.csv z6.csv z7.csv --output-format csv >seven.csv
check 'alone' near "$(column low seven.csv)" "$(awk 'BEGIN { print 0.866 - 2.262157 / 3 }')" 1e-5
check 'Holm, seven times' near "$(column t_p_holm seven.csv)" "$(column t_p seven.csv | awk '{ printf "%.15g", 7 * $1 }')"
check 'jointly 0 is within, as p says' awk -v l="$(column joint_low seven.csv)" -v p="$(column t_p_holm seven.csv)" \
    'BEGIN { exit !(l < 0 && p > 0.2) }'
tamis compare z.csv z1.csv z2.csv z3.csv z4.csv z5.csv z6.csv z7.csv >table
check 'its columns say so' grep -q '^over users  *difference  joint low  joint high .*  Holm p: t  Wilcoxon  permutation$' table
check 'for how many' grep -q '; intervals: 0.95 for 7 comparisons together (Bonferroni), Student.s; p: two-sided, Holm.s correction for these;' table
check 'joint intervals are shown' grep -q "^ndcg@10  *H - A  *+0.8660  *$(printf '%+.4f' "$(column joint_low seven.csv)") " table
tamis compare z.csv z1.csv >table
check 'of one comparison nothing is corrected' sh -c 'grep -q "  difference      low     high  better" table && ! grep -q -e Holm -e Bonf table'
tamis compare a1.csv b1.csv a2.csv b2.csv a3.csv b3.csv >table
check 'no interval leaves out 0 beside a p above .05' awk '$2 ~ /^[B-F]$/ && $3 == "-" { n++; bad += ($6 > 0 || $7 < 0) && $11 >= 0.05 }
    END { exit bad || n != 10 }' table
tamis compare a1.csv b1.csv --bootstrap 100 >table
check 'too few resamples are warned of' grep -q 'warning: 100 resamples are few for the intervals of 2 comparisons; --bootstrap 800 leaves 10 beyond each end, ' err
tamis compare a1.csv b1.csv --bootstrap 800 >table
tamis compare a1.csv b1.csv --bootstrap 800 --confidence 0.9999999 >table
check 'more than can be had are not asked for' grep -q 'warning: 800 resamples are few for the intervals of 2 comparisons; --bootstrap 0 takes' err
tamis compare a1.csv b1.csv --bootstrap 800 >table
check 'enough are not' sh -c '! grep -q warning err'
tamis compare a1.csv b1.csv --output-format markdown >table
check 'markdown' grep -q '^| --- | ---: | ---: |$' table
tamis compare a1.csv b1.csv --output-format latex >table
check 'latex' grep -q '^\\begin{tabular}{lrr}$' table

tamis compare --test test.csv a1 b1 --metrics coverage,recall-snips -k 10 >table
check 'coverage has no differences' test "$(grep -c '^coverage@10' table)" = 1
check 'weighted ones have' test "$(grep -c '^recall-snips@10' table)" = 2

# folds: each run has a test log of its own
for fold in 1 2 3; do
    tamis split train.csv -o "f$fold" --folds 3 --fold "$fold" --quiet
    tamis train "f$fold/train.csv" -o "fa$fold" --method pop --quiet
    tamis train "f$fold/train.csv" -o "fb$fold" --factors 8 --epochs 6 --quiet
    for one in a b; do tamis evaluate "f$one$fold" "f$fold/test.csv" --metrics ndcg,coverage -k 10 --per-user "f$one$fold.csv" --output-format csv >"f$one$fold.all"; done
done
tests=f1/test.csv,f2/test.csv,f3/test.csv
tamis evaluate fb1,fb2,fb3 "$tests" --metrics ndcg,coverage -k 10 --output-format csv >folds.csv
for fold in 1 2 3; do
    check "fold $fold" test "$(awk -F, -v f="$fold" '$1 == "ndcg@10" && $2 == f { print $5 }' folds.csv)" = "$(awk -F, '$1 == "ndcg@10" { print $6 }' "fb$fold.all")"
done
for metric in ndcg@10 coverage@10; do
    awk -F, -v m="$metric" '$1 == m && $2 ~ /^[123]$/ { s += $5; ss += $5 * $5 } END { printf "%.15g %.15g\n", s / 3, sqrt((ss - s * s / 3) / 2) }' folds.csv >hand
    read -r mean deviation <hand
    check "mean of $metric" near "$(awk -F, -v m="$metric" '$1 == m && $2 == "mean" { print $5 }' folds.csv)" "$mean"
    check "deviation of $metric" near "$(awk -F, -v m="$metric" '$1 == m && $2 == "deviation" { print $5 }' folds.csv)" "$deviation" 1e-6
done
tamis evaluate fb1,fb2,fb3 "$tests" --metrics ndcg -k 10 >table
check 'a column per fold' grep -q '^  *mean  deviation  fold 1  fold 2  fold 3$' table
tamis evaluate fb1,fb2,fb3 "$tests" --metrics ndcg -k 10 --json >folds.json
check 'JSON' grep -q '"folds":\[{"model":"fb1","test":\["f1/test.csv"\]' folds.json
tamis evaluate fb1,fb2 f3/test.csv --metrics ndcg -k 10 >table
check 'runs' grep -q '^  *mean  *deviation  *run 1  *run 2$' table
tamis compare --test "$tests" fa1,fa2,fa3 fb1,fb2,fb3 --metrics ndcg,coverage -k 10 --output-format csv -o quoted.csv
sed 's/"[^"]*"/Q/g' quoted.csv >folds.csv
# a user's value is the mean over the folds that have the user; by folds, t = mean / (s sqrt(1/3 + test rows / training rows))
awk -F, 'FNR == 1 { file++; next } $2 != "" { s[$1] += file > 3 ? $2 : -$2; n[$1]++ }
         END { for (u in s) { m += 2 * s[u] / n[u]; users++ } printf "%d %.15g\n", users, m / users }' fa1.csv fa2.csv fa3.csv fb1.csv fb2.csv fb3.csv >hand
read -r users mean <hand
check 'users of any fold' test "$(grep ',users,' folds.csv | cut -d, -f5)" = "$users"
check 'their difference' near "$(grep ',users,' folds.csv | cut -d, -f8)" "$mean" 1e-6
rows=$(cat f1/test.csv f2/test.csv f3/test.csv | wc -l) trained=$(cat f1/train.csv f2/train.csv f3/train.csv | wc -l)
for fold in 1 2 3; do cat "fa$fold.all" "fb$fold.all"; done | awk -F, -v rows="$((rows - 3))" -v trained="$((trained - 3))" '$1 == "ndcg@10" { v[++n] = $6 }
    END { for (k = 2; k <= 6; k += 2) { d = v[k] - v[k - 1]; m += d / 3; dd += d * d }
          t = m / sqrt((dd - 3 * m * m) / 2 * (1 / 3 + rows / trained)); if (t < 0) t = -t; printf "%.15g\n", 1 - t / sqrt(2 + t * t) }' >hand
check 't over folds' near "$(grep ',folds,3,' folds.csv | head -1 | cut -d, -f16)" "$(cat hand)" 1e-5
check 'other tests take folds for independent' test "$(grep ',folds,3,' folds.csv | head -1 | cut -d, -f18-21)" = ',,,'
tamis compare --test "$tests" fa1,fa2,fa3 fb1,fb2,fb3 --metrics ndcg -k 10 >table
check 'by fold' grep -q '^ndcg@10  B  0\.[0-9]*  0\.[0-9]*  0\.[0-9]*$' table
tamis compare --test f1/test.csv,f2/test.csv fa1,fa2 fb1,fb2 --metrics ndcg -k 10 --output-format csv >a.csv
tamis compare --test f1/test.csv,f2/test.csv fa1,fa2 fb1,fb2 --metrics ndcg -k 10 --output-format csv --mask f2/test.csv,f1/test.csv >b.csv
check 'a mask per fold' sh -c '! cmp -s a.csv b.csv'
refuse 2 '"fa1" is 1 of the 3 models that there should be' compare --test "$tests" fa1 fb1
refuse 2 '--test names 2 logs and then 3' compare --test f1/test.csv,f2/test.csv --test "$tests" fa1,fa2 fb1,fb2
refuse 2 'names 3 files for 2 models' compare --test f1/test.csv,f2/test.csv fa1,fa2 fb1,fb2 --mask "$tests"
refuse 2 'names 3 test logs for 2 models; expected one for each' evaluate fb1,fb2 "$tests"
refuse 2 'has an empty name' evaluate fb1,,fb2 f1/test.csv
refuse 2 '"f1/test.csv,f2/test.csv" names 2 test logs for one model; expected a model for each' evaluate fb1 f1/test.csv,f2/test.csv
refuse 2 '"fb1,fb2,fb1" names fb1 twice' evaluate fb1,fb2,fb1 "$tests"
refuse 2 'names f1/test.csv twice' evaluate fb1,fb2 f1/test.csv,f1/test.csv
refuse 2 '"fa2,fa2" names fa2 twice' compare --test f1/test.csv,f2/test.csv fa2,fa2 fb1,fb2
refuse 2 'names f2/test.csv twice' compare --test f2/test.csv,f2/test.csv fa1,fa2 fb1,fb2
for option in '--slice popularity' '--bootstrap 9' '--per-user x'; do
    # shellcheck disable=SC2086
    refuse 2 "is about one model, and \"fb1,fb2\" is several" evaluate fb1,fb2 f1/test.csv $option
done
cp fb1 'fb,1'
tamis evaluate 'fb,1' f1/test.csv --metrics ndcg -k 10 >table
check 'a name with a comma' grep -q '^ndcg' table

# users that are not in both
{ head -1 a1.csv; tail -n +2 a1.csv | head -40; echo '"no,body",1,1'; } >few.csv
tamis compare few.csv b1.csv --output-format csv >out
check 'those in common' test "$(column pairs out)" = 40
check 'and a warning' grep -q 'only the 40 users that all have in common' err

# ------------------------------------------------------------------------------------------------------ what cannot be
refuse 2 'more arguments' compare a1.csv
refuse 2 'empty name' compare a1.csv b1.csv,
refuse 1 'cannot' compare a1.csv missing.csv
printf 'a,b\n1,2\n' >bad.csv
refuse 3 'these are no values per user' compare a1.csv bad.csv
{ head -1 a1.csv; echo u,x,1; } >bad.csv
refuse 3 'bad.csv:2:2: ndcg@10 "x" is not a number' compare a1.csv bad.csv
{ head -1 a1.csv; echo u,1; } >bad.csv
refuse 3 'bad.csv:2:2: the row has 2 fields; expected 3' compare a1.csv bad.csv
{ head -1 a1.csv; echo u,1,1; } >bad.csv
refuse 3 'no user in all of them' compare a1.csv bad.csv
{ cat a1.csv; sed -n 3p a1.csv; } >bad.csv # which row holds?
refuse 3 "bad.csv:$(grep -c '' bad.csv): a second row of user $(sed -n '3s/,.*//p' a1.csv); expected one each" compare a1.csv bad.csv
sed '5{p;s/,0[0-9.]*/,0.5/;}' a1.csv >bad.csv
refuse 3 'bad.csv:6: a second row of user' compare bad.csv a1.csv
{ head -1 a1.csv; printf '"u, 1",0,0\nu2,0,0\n"u, 1",1,1\n'; } >bad.csv
refuse 3 'bad.csv:4: a second row of user u, 1; expected one each' compare bad.csv bad.csv
cut -d, -f1,2 a1.csv >bad.csv
refuse 3 'different columns' compare a1.csv bad.csv
refuse 2 'confidence' compare a1.csv b1.csv --confidence 1
refuse 2 'would overwrite' compare --test test.csv a1 b1 -o test.csv

finish
