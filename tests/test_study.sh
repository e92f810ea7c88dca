#!/bin/sh
# tamis robustness through the program: what it writes is recomputed here with awk from results.csv, and a cell is
# recomputed with tamis split, noise, train and evaluate. Runs that are killed: test_ledger.sh.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"

# 300 users of the sample
gzip -dc "$data/sample.csv.gz" | awk -F, 'NR == 1 || (n[$1] || ++users <= 300) && ++n[$1]' >log.csv
printf '# a comment\nslow bpr --epochs 3 --learning-rate 0.02 # and another\n' >parameters
options='--methods slow,bpo,softmax --parameters parameters --ratios 0,0.5 --seeds 3 --trials 2 --epochs 3 --factors 8 --cutoffs 10'

# shellcheck disable=SC2086
tamis robustness log.csv -o whole $options >table.txt
check 'a row per method, ratio, seed and metric' test "$(tail -n +2 whole/results.csv | wc -l)" = $((4 * 2 * 3 * 4))
check 'the control is in it unasked' grep -q '^[0-9a-f]*,bpr,uniform,0.5,3,ndcg@10,0\.' whole/results.csv
check 'fixed methods are not tuned' test "$(tail -n +2 whole/tuning.csv | cut -d, -f4 | sort -u | tr '\n' ' ')" = 'bpo bpr softmax '
check 'as tamis tune does: two trials with one epoch, the first and the better one with three' awk -F, '
    $8 == "ndcg@10" { n[$3, $4, $6]++; if ($6 == 1 && (!(($3, $4) in best) || $9 > best[$3, $4])) { best[$3, $4] = $9; which[$3, $4] = $5 } 
                      if ($6 == 3) last[$3, $4, $5] = 1 }
    END { for (r = 0; r < 1; r += 0.5) for (k = split("bpr bpo softmax", m, " "); k > 0; k--)
              bad += n[r, m[k], 1] != 2 || !last[r, m[k], 1] || !last[r, m[k], which[r, m[k]]] || n[r, m[k], 3] != which[r, m[k]]
          exit bad }' whole/tuning.csv
check 'the best trial is the one that is taken, and all that was drawn is told' awk '
    FNR == NR { split($0, f, ","); if (f[6] == 3 && f[8] == "ndcg@10" && f[9] > best[f[4], f[3]] + 0) { best[f[4], f[3]] = f[9]; text[f[4], f[3]] = f[7] } next }
    /^## Options/ { inside = 1 } !inside { next }
    { split($0, part, / *\| */); for (r = 0; r < 2; r++) told[part[2], r / 2, part[3]] = part[4 + r] }
    END { for (key in best) { split(key, at, SUBSEP); n = split(text[key], drawn, " ")
              for (k = 1; k < n; k += 2) { seen++; bad += told[at[1], at[2], substr(drawn[k], 3)] != drawn[k + 1] } }
          exit bad || seen < 12 }' whole/tuning.csv whole/summary.md

# NAME+distrust is NAME with distrust, whatever NAME is
tamis robustness log.csv -o distrust --methods slow,slow+distrust,user-bpr+distrust --parameters parameters --ratios 0 --seeds 1 --trials 1 \
    --epochs 3 --factors 8 --cutoffs 10 --control slow >/dev/null
check 'distrust goes with any name' test "$(sed -n 's/^| \([a-z+-]*\) | distrust | 0.5 |$/\1/p' distrust/summary.md | tr '\n' ' ')" = \
    'slow+distrust user-bpr+distrust '
printf 'slow bpr --epochs 3\nslow+distrust bpr --epochs 2\n' >named
tamis robustness log.csv -o named.d --methods slow,slow+distrust --parameters named --ratios 0 --seeds 1 --trials 1 --factors 8 --cutoffs 10 \
    --control slow >/dev/null
check 'a row of that name in the file is what is meant' sh -c 'grep -q "^| slow+distrust | epochs | 2 |" named.d/summary.md &&
    ! grep -q "| distrust |" named.d/summary.md'
refuse 2 'there is no method "slow+trust"' robustness log.csv -o d --methods slow+trust --parameters parameters

# the table, from results.csv
awk -F, 'NR > 1 { key = $6 " " $4 " " $2; n[key]++; sum[key] += $7; square[key] += $7 * $7 }
    END { for (key in n) { mean = sum[key] / n[key]
          printf "%s %.4f ± %.4f\n", key, mean, sqrt((square[key] - n[key] * mean * mean) / (n[key] - 1)) } }' whole/results.csv | sort >means
awk '/^## / { metric = $2 } /^\| method / { split($0, ratio, / *\| */) } /^\| [a-z]/ && !/^\| method/ && metric != "Options" { columns = split($0, cell, / *\| */)
     for (k = 3; k < columns; k++) { split(cell[k], word, / *[(<]/); sub(/noise /, "", ratio[k]); print metric, ratio[k], cell[2], word[1] } }' whole/summary.md | sort >shown
check 'means and deviations of the summary' cmp -s means shown
# Student's t of bpo against bpr by hand: with two degrees of freedom p = 1 - |t| / sqrt(t^2 + 2), so that 95% lie within 4.302653.
# The splits have 0.2 / 0.7 test rows per training row: Nadeau and Bengio's variance is 1/3 + 2/7 of that of one seed.
hand=$(awk -F, '$4 == 0.5 && $6 == "ndcg@10" { v[$2, $5] = $7 }
    END { for (s = 1; s <= 3; s++) { d = v["bpo", s] - v["bpr", s]; sum += d; square += d * d }
          mean = sum / 3; error = sqrt((square - 3 * mean * mean) / 2 * (1 / 3 + 2 / 7)); t = mean / error; if (t < 0) t = -t
          printf "%+.4f (%+.4f to %+.4f), p %.3g, Holm", mean, mean - 4.302653 * error, mean + 4.302653 * error, 1 - t / sqrt(t * t + 2) }' whole/results.csv)
check "bpo at 0.5 is $hand" sh -c "sed -n '/^## ndcg/,/^## recall/p' whole/summary.md | grep '^| bpo' | grep -qF -e '$hand'"

# verdicts on planted figures: without checks, as version 0.1.0 wrote them, they are taken as they stand
plant() { # DIR: "METHOD RATIO SEED VALUE" lines of stdin become its first metric
    awk -F, -v OFS=, 'FNR == NR { split($0, f, " "); value[f[1], f[2], f[3]] = f[4]; next }
        FNR > 1 && (($2, $4, $5) in value) && $6 == "ndcg@10" { $7 = value[$2, $4, $5] } { sub(/,[^,]*$/, ""); print }' - "$1/results.csv" >planted.csv
    mv planted.csv "$1/results.csv"
}
figures() { # METHOD AT-1 AT-2 AT-3: by seed, at both ratios
    for ratio in 0 0.5; do printf '%s %s 1 %s\n%s %s 2 %s\n%s %s 3 %s\n' "$1" $ratio "$2" "$1" $ratio "$3" "$1" $ratio "$4"; done
}
# differences of bpo from softmax .05 .06 .07: mean .06, deviation .01, t = .06 / (.01 sqrt(13/21)) = 7.626, p = .0168 (the largest of
# three, so Holm's too), interval .06 +- 4.302653 * .007868 = .0339
cp -r whole planted
{ figures bpr .2 .2 .2; figures slow .1 .1 .1; figures softmax .25 .25 .25; figures bpo .3 .31 .32; } | plant planted
# shellcheck disable=SC2086
tamis robustness log.csv -o planted $options >table.txt
limits='this holds for this log, its random splits and noise of kind uniform, over 3 seeds, each method tuned with 2 trials per ratio but for slow.'
check 'a verdict comes first' test "$(head -1 table.txt)" = "Take bpo: it has the highest ndcg@10 on average over noise 0 to 0.5 (0.3100), \
more than chance explains (p at most 0.017 after Holm's correction over 3), the next being softmax with 0.2500, lower by 0.0600 (95% interval \
+0.0261 to +0.0939); $limits"
check 'in the summary, too' test "$(sed -n '3s/\*//gp' planted/summary.md)" = "$(head -1 table.txt | sed 's/\.$/./')"
check 'and in the report' sh -c 'grep -q "^<p class=.verdict.>Take bpo: it has the highest" planted/report.html'
check 'the report names log, version, day and command' sh -c 'grep -q "^<p class=.origin.>log.csv" planted/report.html &&
    grep -qE "Made by tamis [0-9.]+ on [0-9]{4}-[0-9]{2}-[0-9]{2} with" planted/report.html &&
    grep -q "^<pre>tamis robustness log.csv -o planted --methods slow,bpo,softmax" planted/report.html'
# now .305 but .33 and .28 at the ratios: differences -.005 .005 .015, and softmax leads at 0.5
rm -rf planted
cp -r whole planted
{ figures bpr .2 .2 .2; figures slow .1 .1 .1; figures bpo .3 .31 .32; for s in 1 2 3; do echo softmax 0 $s .28; echo softmax 0.5 $s .33; done; } | plant planted
# shellcheck disable=SC2086
tamis robustness log.csv -o planted $options >table.txt
check 'no verdict where chance may be it' test "$(head -1 table.txt)" = "Not decided: bpo has the highest ndcg@10 on average over noise 0 to 0.5 (0.3100), \
but by no more than chance explains over softmax, the next being softmax with 0.3050, lower by 0.0050 (95% interval -0.0289 to +0.0389), though \
the highest mean is that of softmax at 0.5; $limits"
# a method below its own control: nbpo without flips is bpo. Differences -.01 0 -.02 at 0, above it at 0.5
own='--methods nbpo --control bpo --ratios 0,0.5 --seeds 3 --trials 1 --epochs 1 --factors 4 --metrics ndcg --cutoffs 10'
# shellcheck disable=SC2086
tamis robustness log.csv -o own $own >/dev/null
for ratio in 0 0.5; do for s in 1 2 3; do echo bpo $ratio $s .2$((s + 4)); [ $ratio = 0 ] || echo nbpo $ratio $s .3$s; done; done >figures
{ cat figures; printf 'nbpo 0 1 .24\nnbpo 0 2 .26\nnbpo 0 3 .25\n'; } | plant own
# shellcheck disable=SC2086
tamis robustness log.csv -o own $own >/dev/null
check 'a method below its own control is warned of' says 'warning: nbpo is below its own control bpo, which does nothing about noise, at noise 0: at 0 its ndcg@10 is 0.2500 against 0.2600 (95% interval of the difference -0.0439 to +0.0239); what it does there costs more than it brings, if not by chance'
# shellcheck disable=SC2086
tamis robustness log.csv -o own $own --seeds 2 >table.txt
check 'two seeds have no interval' sh -c '! grep -q "interval +" own/summary.md && grep -q "^Not decided: .* but 2 seeds are not enough" table.txt &&
    ! grep -q "p [0-9]" own/summary.md && awk "/metric << END/ { inside = 1; next } /^END/ { inside = 0 } inside && NF == 4 && (\$2 != \$3 || \$2 != \$4) { bad = 1 } END { exit bad }" own/plots.gp'
check 'nor is a warning surer than with three' says 'at 0 its ndcg@10 is 0.2500 against 0.2550; what it does there costs more than it brings, if not by chance, which 2 seeds are not enough to tell'
check 'two seeds have a deviation and no test' sh -c 'grep -q "^mean ± standard deviation over 2 seeds; tests from three seeds on$" table.txt &&
    grep -q "Mean ± standard deviation over 2 seeds (1 to 2), measured .* With less than three seeds there are neither intervals nor tests\.$" own/summary.md'

# each method trains as it would alone: with a falling learning rate the best epoch comes late
check 'no method stops early unasked' test -z "$(grep -e '| patience |' whole/summary.md)"
printf 'stops bpr --patience 3 --epochs 4\n' >stops
tamis robustness log.csv -o stops.d --methods stops,bpo --parameters stops --ratios 0 --seeds 1 --trials 1 --epochs 4 --factors 4 \
    --patience 2 >/dev/null
check 'a patience is for those without options of their own' test "$(sed -n 's/^| \([a-z]*\) | patience | \([0-9]*\) .*/\1 \2/p' stops.d/summary.md | tr '\n' ,)" = 'bpr 2,stops 3,bpo 2,'

# A method that is better with noise: here too few epochs, to which rows of popular items add steps. Whom Welch's t over
# seeds finds above its mean without noise is worked out from results.csv: one-sided, 5%, the bound from the density of
# Student's distribution, t = s sqrt(df) / sqrt(1 - s^2) having the density (1 - s^2)^(df / 2 - 1) in s.
printf '%s bpr --negatives 1 --no-item-bias --regularization 0.01 --epochs %s --learning-rate %s\n' brief 8 0.1 short 12 0.1 hasty 4 0.4 >brief
gains='--methods brief,short,hasty --parameters brief --noise popular --ratios 0,1 --trials 1 --factors 8 --cutoffs 10 --metrics ndcg --validation clean'
# shellcheck disable=SC2086
tamis robustness log.csv -o gains $gains --seeds 3 >/dev/null
sed -n 's/^tamis: //; s/^warning: \(.*\)/\1/p' err >warned
awk -F, '
    function share(s, df,  h, x, sum, all) { # P(0 < S < s) of P(0 < S)
        h = 1e-3
        for (x = h / 2; x < 1; x += h) { w = exp((df / 2 - 1) * log(1 - x * x)); all += w; if (x < s) sum += w }
        return sum / all }
    function bound(df,  low, high, k) {
        high = 1
        for (k = 0; k < 30; k++) { middle = (low + high) / 2; if (share(middle, df) < 0.9) low = middle; else high = middle }
        return low * sqrt(df) / sqrt(1 - low * low) }
    $6 == "ndcg@10" { n[$2, $4]++; s[$2, $4] += $7; q[$2, $4] += $7 * $7; name[$2] }
    END { for (m in name) { a = s[m, 0] / 3; b = s[m, 1] / 3
              u = (q[m, 0] - 3 * a * a) / 2 / 3; v = (q[m, 1] - 3 * b * b) / 2 / 3
              least = b - a - bound(2 * (u + v) ^ 2 / (u * u + v * v)) * sqrt(u + v)
              if (least > 0) printf "%s ndcg@10 %.4f at 0 and %.4f at 1 %.4f\n", m, a, b, least } }' gains/results.csv | sort >hand
check 'some gain, others do not' sh -c 'test -s hand && ! grep -q "^bpr" hand'
sed 's/^\([a-z-]*\) is better .* explains: \(ndcg.*\) (with 95% confidence at least +\([0-9.]*\)).*/\1 \2 \3/' warned | sort >told
check 'a gain from noise is warned of' awk 'NR == FNR { split($0, w); hand[$1] = $0; next }
    { k = split($0, a); split(hand[$1], b); for (j = 1; j < k; j++) bad += a[j] != b[j]; d = a[k] - b[k]; bad += d > 2e-4 || d < -2e-4; n++ }
    END { for (m in hand) n--; exit bad || n }' hand told
check 'in the summary too' sh -c 'sed -n "s/^\*\*Warning:\*\* \(.*\)\.$/\1/p" gains/summary.md | cmp -s - warned'
check 'and in the report' sh -c 'sed -n "s/.*<b>Warning:<.b> \(.*\)\.<.p>$/\1/p" gains/report.html | cmp -s - warned'
# shellcheck disable=SC2086
tamis robustness log.csv -o gains1 $gains --seeds 1 >/dev/null
check 'one seed says nothing about chance' sh -c '! grep -q -i warning: err gains1/summary.md gains1/report.html'

# one cell by other commands
tamis split log.csv --test-ratio 0.2 --validation-ratio 0.1 --seed 2 -o parts
tamis noise parts/train.csv --uniform 0.5 --seed 2 --held-out parts/validation.csv --held-out parts/test.csv -o check.csv
rows=$(tail -n +2 parts/train.csv | awk -F, '{ n[$1]++ } END { for (u in n) sum += int(n[u] / 2); print sum + NR }')
check "noise is floor(n / 2) a user" test "$(tail -n +2 check.csv | wc -l | tr -d ' ')" = "$rows"
tamis train parts/train.csv --validation parts/validation.csv --validation-metric ndcg@10 --epochs 3 --learning-rate 0.02 \
    --seed 2 -o model
tamis evaluate model parts/test.csv --mask parts/validation.csv -k 10 --json --metrics ndcg,recall >json
cell=$(awk -F, '$2 == "slow" && $4 == 0 && $5 == 2 && $6 == "ndcg@10" { print $7 }' whole/results.csv)
value=$(tr ',{}' '\n' <json | sed -n 's/^ *"ndcg@10": *//p')
# the numbering of users and items is that of the parts here and of the whole log there: other start values, like figures
check "a cell is about what the commands give: $cell, $value" near "$cell" "$value" 0.02

# ------------------------------------------------------------------------------------------ the report and the plots
check 'the report is closed' sh -c 'tail -1 whole/report.html | grep -q "</html>"'
check 'and has three figures' test "$(grep -c '<figure>' whole/report.html)" = 3
check 'and needs nothing from elsewhere' test -z "$(grep -oE '(src|href)="[^"]*"|url\([^)]*\)|@import' whole/report.html | grep -v 'href="data:,"')"
if command -v gnuplot >/dev/null 2>&1; then
    for plot in metric drop tail; do
        check "$plot.svg is drawn" grep -q '</svg>' whole/$plot.svg
        check "$plot.png is drawn" test -s whole/$plot.png
    done
else
    check 'a missing gnuplot is said' grep -q 'gnuplot is not installed' err
fi

# --------------------------------------------------------------------------- again and side by side (killed: test_ledger.sh)
cp whole/results.csv before.csv
# shellcheck disable=SC2086
tamis robustness log.csv -o whole $options >/dev/null
check 'a finished run adds nothing' cmp -s whole/results.csv before.csv
for jobs in 1 3; do
    # shellcheck disable=SC2086
    tamis robustness log.csv -o jobs$jobs $options --jobs $jobs >/dev/null
    check "the same with $jobs side by side" cmp -s jobs$jobs/results.csv whole/results.csv
done
# shellcheck disable=SC2086
tamis robustness log.csv -o whole $options --seeds 4 >/dev/null
check 'more seeds are appended' sh -c 'head -n 97 whole/results.csv | cmp -s - before.csv'

share=$(awk -F, 'NR > 1 { n[$1]++ } END { for (u in n) { # a fifth for test, noise goes into the rest
    left = n[u] - int(0.2 * n[u] + 0.5); sum += int(0.5 * left); all += left } printf "%.4g", sum / all }' log.csv)
check "what the ratio came to ($share) is told" grep -q "per row of training and validation of the first seed: $share at 0.5\." whole/summary.md
# users: a tenth of them get all of it, in all as much as of other kinds
tamis robustness log.csv -o few --noise users --validation clean --methods bpr --ratios 0,0.5 --seeds 1 --trials 1 --epochs 2 --factors 4 >/dev/null
tamis split log.csv --test-ratio 0.2 --validation-ratio 0.1 --seed 1 -o first
tamis noise first/train.csv --noisy-users 0.1 --noisy-user-ratio 5 --seed 1 --held-out first/validation.csv --held-out first/test.csv \
    -o few.csv --truth few.truth
check 'a tenth of 300 users is noisy, floor(5 n) rows each' awk -F, 'FNR == NR { if (FNR > 1) n[$1]++; next }
    $3 == 1 { noise[$1]++ } END { for (u in noise) { users++; bad += noise[u] != 5 * n[u] } exit bad || users != 30 }' first/train.csv few.truth
share=$(awk -F, 'FNR > 1 { noise += $3; all += !$3 } END { printf "%.4g", noise / all }' few.truth)
check "so the study has it ($share)" grep -q "training row of the first seed: $share at 0.5\." few/summary.md
# natural noise: rows rated 1 or 2, of users and items that have others
awk -F, 'NR == 1 { print "user_id,item_id,rating"; next } { print $1 "," $2 "," 3 + NR % 3; u[NR] = $1; i[NR] = $2 }
    END { for (k = 2; k <= NR; k += 4) print u[k] "," i[NR + 2 - k] "," 1 + k % 2 }' log.csv >rated.csv
natural='--methods bpr --seeds 2 --trials 1 --epochs 2 --factors 4'
# shellcheck disable=SC2086
tamis robustness rated.csv -o natural --noise-from 'rating<=2' $natural >/dev/null
check 'its rows are told' grep -qE 'rated.csv: .* left out by --noise-from' err
# shellcheck disable=SC2086
tamis robustness rated.csv -o clean --where-not 'rating<=2' --ratios 0 $natural >/dev/null
check 'shares of 0, a half and all' test "$(tail -n +2 natural/results.csv | cut -d, -f3,4 | sort -u | tr '\n' ' ')" = 'natural,0 natural,0.5 natural,1 '
awk -F, '$4 == 0 { print $5, $6, $7 }' natural/results.csv >a
awk -F, '$4 == 0 { print $5, $6, $7 }' clean/results.csv | cmp -s - a
check 'without the noise it is the log without these rows' test $? = 0
check 'with it, it is not' sh -c 'awk -F, "\$4 == 1 { print \$5, \$6, \$7 }" natural/results.csv >b; ! cmp -s a b'
# of the noisy pairs that are not clean, 7 of 8 go to train: 0.1 / (1 - 0.2) to validation
share=$(awk -F, 'NR > 1 && $3 > 2 { clean[$1, $2]; n++ } NR > 1 && $3 <= 2 { bad[$1, $2] }
    END { for (p in bad) noise += !(p in clean); print noise * 7 / 8 / (n * 0.7) }' rated.csv)
told=$(sed -n 's/^Noisy rows in training.* \([0-9.]*\) at 1\./\1/p' natural/summary.md)
check "noise in training: $told, about $share" near "$told" "$share" 0.03
refuse 2 '--noise does not go with --noise-from' robustness rated.csv -o bad --noise-from 'rating<=2' --noise popular
refuse 2 '--where does not go with --noise-from' robustness rated.csv -o bad --noise-from 'rating<=2' --where 'rating>1'
refuse 2 'which standard input (-) cannot be' robustness - -o bad --noise-from 'rating<=2'
refuse 2 '--ratios: 1.5 of the rows that are noise; expected 0 to 1' robustness rated.csv -o bad --noise-from 'rating<=2' --ratios 0,1.5
refuse 2 '--noise-from rating<=: expected a number at character 9' robustness rated.csv -o bad --noise-from 'rating<='
refuse 3 'there is no column "stars" (--noise-from)' robustness rated.csv -o bad --noise-from 'stars<=2'
refuse 3 'all 6910 rows are left out by --noise-from; expected a predicate that does not hold for all' robustness log.csv -o bad --noise-from 'user_id!=nobody'
refuse 3 'left out by --noise-from; expected a predicate that holds for some' robustness log.csv -o bad --noise-from 'user_id=nobody'
refuse 2 '--noise: uniform stands there twice; give it once' robustness log.csv -o bad --noise uniform+popular+uniform
refuse 2 '--control: there is no method "nosuch"' robustness log.csv -o bad --control nosuch
# a training that would last for hours
"$TAMIS" robustness log.csv -o long --methods bpr --ratios 0 --seeds 1 --trials 1 --epochs 1000000 --patience 0 >/dev/null 2>err &
pid=$!
while kill -0 $pid 2>/dev/null && [ ! -s long/results.csv ]; do sleep 0.1; done
kill -TERM $pid
wait $pid
check 'a study stops in the middle of a training' test $? = 143
check 'and says what it does' grep -q 'stopped; the same command goes on where it was' err
check 'nothing of it is kept' test "$(wc -l <long/results.csv | tr -d ' ')" = 1

# ------------------------------------------------------------------------------------------------------------- audit
tamis noise log.csv --uniform 0.3 -o noisy.csv --truth marks.csv
tamis train noisy.csv -o model --factors 8 --epochs 20
tamis audit model noisy.csv --truth marks.csv -o suspects.csv --clean cleaned.csv --remove 0.1
rows=$(tail -n +2 noisy.csv | wc -l | tr -d ' ')
check 'audit: every interaction, each once' sh -c '
    tail -n +2 suspects.csv | cut -d, -f1,2 | sort >a; tail -n +2 noisy.csv | sort | cmp -s - a'
check 'audit: the most suspicious first' sh -c 'tail -n +2 suspects.csv | cut -d, -f3 | sort -c -g -r'
auc=$(awk -F, 'FNR == 1 { next } FNR == NR { noise[$1, $2] = $3; next }
    noise[$1, $2] == 1 { bad++; next } { sum += bad; good++ } END { printf "%.3f", sum / bad / good }' marks.csv suspects.csv)
check "audit: AUC $auc" sh -c "sed -n 's/.*AUC \\([0-9.]*\\),.*/\\1/p' err | awk -v a=$auc '{ d = \$1 - a } END { exit !(NR == 1 && d * d < 1e-5) }'"
check 'audit: --clean leaves out a tenth' test "$(tail -n +2 cleaned.csv | wc -l | tr -d ' ')" = $((rows - (rows + 5) / 10))
head -n $((1 + (rows + 5) / 10)) suspects.csv | tail -n +2 | cut -d, -f1,2 | sort >worst
tail -n +2 cleaned.csv | sort >kept
check 'audit: the worst ones' test -z "$(comm -12 worst kept)"
grep '^truth.*AUC' err >told
grep '^noise' err >told.noise
awk -F, 'NR == 1 || $3 == 1 { print $1 "," $2 }' marks.csv >only.csv
tamis audit model noisy.csv --truth only.csv -o again.csv
check 'audit: a list of the noisy rows will do' sh -c 'grep "^truth" err | cmp -s - told'
awk -F, '{ print $0 "," (NR > 1 ? (NR % 2 ? "n/a" : -NR) : "rating") }' only.csv >rated.csv
tamis audit model noisy.csv --truth rated.csv -o again.csv
check 'audit: whatever they are rated' sh -c 'grep "^truth" err | cmp -s - told'
rm again.csv
bound=$(sed -n 's/^noise: at most \([0-9.]*\)% of the log, if noise is uniform over items (.*/\1/p' told.noise)
check "audit: at most $bound%, the least that a bar gives" near "$bound" "$(awk -F, '
    NR > 1 { n++; unknown += $3 == 0.5 } # 0.5: nothing is known of it
    NR > 1 && $3 != 0.5 { for (k = 1; k < 20; k++) above[k] += $3 >= int(1024 * k / 20) / 1024 }
    END { least = 1; for (k = 1; k < 20; k++) { share = ((sqrt(above[k] + 1) + 1) ^ 2 / (1 - int(1024 * k / 20) / 1024) + unknown) / n
              if (share < least) least = share }
          print 100 * least }' suspects.csv)" 0.4 # a position is the middle of a range, of which a bar may have a part above it
unknown=$(sed -n 's/^unknown: of \([0-9]*\) interactions.*/\1/p' err)
check "audit: of $unknown nothing is known, which no item of one row is missing from" \
    test "$unknown" -ge "$(tail -n +2 noisy.csv | cut -d, -f2 | sort | uniq -u | wc -l)" -a "$unknown" -le "$(grep -c ',0.500000$' suspects.csv)"
check 'audit: which is no less than what was put in' awk -v bound="$bound" -v share="$(awk -F, '
    NR > 1 { n++; noise += $3 == 1 } END { print 100 * noise / n }' marks.csv)" 'BEGIN { exit !(bound >= share) }'
check 'audit: no interval, which would not hold' sh -c '! grep -q -i -e interval -e confidence told.noise'
tamis audit model noisy.csv -o again.csv --clean cleaned.csv --remove 7
check 'audit: --remove 7 leaves out seven' test "$(tail -n +2 cleaned.csv | wc -l | tr -d ' ')" = $((rows - 7))
rm again.csv cleaned.csv
refuse 2 '--clean needs --remove: how much to leave out, as a share of the log such as 0.1 or a count such as 1000' \
    audit model noisy.csv --clean cleaned.csv -o again.csv
refuse 2 '--remove has no effect without --clean' audit model noisy.csv -o again.csv --remove 0.1
refuse 2 '--remove: 2.5 is neither a share below 1 nor a whole number' audit model noisy.csv -o again.csv --clean cleaned.csv --remove 2.5
refuse 2 '--remove 1e-06 comes to none of' audit model noisy.csv -o again.csv --clean cleaned.csv --remove 1e-6
for all in "$rows" 1e99 0.99999; do
    refuse 2 'comes to all or more of' audit model noisy.csv -o again.csv --clean cleaned.csv --remove "$all"
done
for word in 0 -0.1 nan inf half ''; do
    refuse 2 '--remove: ' audit model noisy.csv -o again.csv --clean cleaned.csv --remove "$word"
done
check 'audit: and nothing is written then' test ! -e again.csv -a ! -e cleaned.csv
tamis audit noisy.csv -o again.csv --truth marks.csv --users users.csv --items items.csv --report audit.html --clean cleaned.csv --at-most-good 0.01
check 'audit: where nothing can be deleted, nothing is, and that is said' says 'cleaned.csv: all 8,853 interactions; nothing can be left out if at most 1%'
check 'audit: the log is whole' test "$(wc -l <cleaned.csv)" = "$(wc -l <noisy.csv)"
check 'audit: the assumption is printed' says '%, assumed that true interactions thin out'
check 'audit: mean suspicion of users' awk -F, 'FNR == 1 { next } FNR == NR { n[$1]++; sum[$1] += $3; next }
    { rows++; d = $3 - sum[$1] / n[$1]; bad += d > 2e-6 || d < -2e-6 || $2 != n[$1] || (rows > 1 && $4 > last); last = $4 }
    END { for (u in n) all++; exit bad || rows != all }' again.csv users.csv
check 'audit: of items' awk -F, 'FNR == 1 { next } FNR == NR { n[$2]++; sum[$2] += $3; next }
    { rows++; d = $3 - sum[$1] / n[$1]; bad += d > 2e-6 || d < -2e-6 || $2 != n[$1] }
    END { for (i in n) all++; exit bad || rows != all }' again.csv items.csv
check 'audit: two pictures, and no address beside their name space' sh -c '[ "$(grep -c "</svg>" audit.html)" -ge 2 ] && ! grep -o "https*://[^\"]*" audit.html | grep -v -q w3.org'
awk -F, 'FNR == NR { noise[$1, $2] = $3; next } FNR == 1 { print $0 ",rating"; next } { print $0 "," (noise[$1, $2] == 1 ? 1 : 5) }' marks.csv noisy.csv >graded.csv
grep '^truth.*AUC' err | sed 's/.*AUC/AUC/' >told
# dislikes are told apart from what is audited, and of what a study is of
awk -F, 'NR > 1 && $3 <= 2' graded.csv >low.csv
tamis audit graded.csv -o again.csv --dislike-below 3 --report audit.html
check 'dislikes are not judged' says "dislikes: $(awk 'END { print NR }' low.csv | sed ':a;s/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/;ta') pairs, which are no interactions and are not judged"
check 'nor in the list' sh -c 'cut -d, -f1,2 low.csv | sort >a; cut -d, -f1,2 again.csv | sort | comm -12 a - | cmp -s - /dev/null'
check 'the page says so' grep -q " interactions, $(awk 'END { print NR }' low.csv) dislikes beside them<" audit.html
tamis robustness graded.csv -o disliked --dislike-below 3 --methods pop --control pop --ratios 0 --seeds 1 --trials 1 --cutoffs 10 >table.txt
check 'one seed has neither' sh -c 'grep -q "^of one seed; tests from three seeds on$" table.txt && grep -q "One seed (1), measured" disliked/summary.md &&
    ! grep -q -e deviation -e "1 seeds" table.txt disliked/summary.md'
check 'a study does' grep -q " interactions, $(awk 'END { print NR }' low.csv) dislikes beside them; " disliked/summary.md
tamis audit graded.csv -o again.csv --noise-from 'rating<=2'
check 'audit: --noise-from says the same as --truth' sh -c 'grep "^truth.*AUC" err | sed "s/.*AUC/AUC/" | cmp -s - told'
rm again.csv cleaned.csv
refuse 2 '--remove and --at-most-good both say how much' audit noisy.csv -o again.csv --clean cleaned.csv --remove 7 --at-most-good 0.2
refuse 2 '--at-most-good has no effect without --clean' audit noisy.csv -o again.csv --at-most-good 0.2
refuse 2 '--at-most-good needs --score cross-fitted' audit model noisy.csv -o again.csv --clean cleaned.csv --at-most-good 0.2 --score fitted
refuse 2 '--truth and --noise-from both say' audit noisy.csv -o again.csv --truth marks.csv --noise-from 'rating<=2'
refuse 2 '--where does not go with --noise-from' audit graded.csv -o again.csv --where 'rating>1' --noise-from 'rating<=2'
refuse 2 'which standard input (-) cannot be' audit - -o again.csv --noise-from 'rating<=2'
for word in 0 1 -0.1 nan inf half ''; do
    refuse 2 '--at-most-good: ' audit noisy.csv -o again.csv --clean cleaned.csv --at-most-good "$word"
done
refuse 2 'model is a model; name the log as well' audit model
refuse 2 '--hidden needs a model of nbpo before the log' audit noisy.csv -o again.csv --hidden hidden.csv
for score in fitted personal; do
    refuse 2 "--score $score needs a model before the log" audit noisy.csv -o again.csv --score $score
done
tamis audit noisy.csv --truth marks.csv -o judged.csv --threads 1
check 'audit: without a model the judge tells noise, too' sh -c "sed -n 's/.*AUC \\([0-9.]*\\),.*/\\1/p' err | awk '{ exit !(\$1 > 0.6) }'"
tamis audit noisy.csv -o again.csv --threads 3
check 'audit: on any number of threads' cmp -s judged.csv again.csv
rm again.csv
refuse 2 '--output and --clean are the same file' audit model noisy.csv -o again.csv --clean again.csv --remove 0.1

# --------------------------------------------------------------------------------------- a method that diverges
printf 'wild bpr --learning-rate 1e30 --epochs 3\nmild bpr --epochs 3\n' >diverging
divided='--parameters diverging --ratios 0,0.5 --seeds 2 --trials 1 --cutoffs 10 --metrics ndcg'
# shellcheck disable=SC2086
tamis robustness log.csv -o apart $divided --methods wild,mild,pld --control bpr --epochs 2 >/dev/null
# gnuplot takes a block for each method: the k-th one must hold the k-th method's means, whoever diverged
cut -d, -f2 apart/results.csv | awk 'NR > 1 && !seen[$1]++' >order
check 'each curve of plots.gp is that of its method' awk -F, '
    FILENAME == "order" { name[methods++] = $1; next }
    FILENAME == "apart/results.csv" { if ($6 == "ndcg@10") { sum[$2, $4] += $7; n[$2, $4] += $7 != "nan" } next }
    /^\$metric << END/ { inside = 1; index_of = 0; next } /^END/ { inside = 0; next } !inside { next }
    /^$/ { empty++; next }
    { if (empty >= 2) index_of++; empty = 0; split($0, x, " "); rows++
      if (n[name[index_of], x[1]] == 0) bad += x[2] != "NaN"
      else { d = x[2] - sum[name[index_of], x[1]] / 2; bad += d > 1e-5 || d < -1e-5 } }
    END { exit bad || rows != 8 || methods != 4 }' order apart/results.csv apart/plots.gp
# shellcheck disable=SC2086
tamis robustness log.csv -o apart $divided --methods mild --control wild >/dev/null
check 'a control that diverged is not the best' grep -q 'Noise 0.5: mild has the highest mean, 0\.[0-9]*; wild, the control, diverged\.' apart/report.html
# shellcheck disable=SC2086
tamis robustness log.csv -o alone $divided --methods wild --control wild >/dev/null
check 'nor alone' grep -q 'Noise 0: wild, the control, diverged, and so did all others\.' alone/report.html

# -------------------------------------------------------------------------------------------------------------- mnar
awk 'BEGIN { srand(1); print "user_id,item_id,rating"
    for (u = 0; u < 80; u++) for (i = 0; i < 60; i++) if (rand() < 0.9 / (1 + i / 6))
        print "u" u ",i" i "," (u % 2 == i % 2 ? 4 + int(2 * rand()) : 1 + int(2 * rand())) }' >ratings.csv
study='--powers 1,2 --seeds 2 --factors 4 --epochs 30 --epsilon 3'
# shellcheck disable=SC2086
tamis study mnar ratings.csv -o mnar $study >mnar.txt
check 'mnar: a row per method, power, seed, metric' test "$(tail -n +2 mnar/results.csv | wc -l)" = $((3 * 2 * 2 * 6))
check 'mnar: the oracle knows best' awk -F, '$6 == "map@5" { sum[$2] += $7 } END { exit !(sum["oracle"] > sum["mf"] + 0.2) }' mnar/results.csv
# shellcheck disable=SC2086
tamis study mnar ratings.csv -o mnar3 $study --jobs 3 >/dev/null
check 'mnar: the same with three side by side' cmp -s mnar/results.csv mnar3/results.csv
check 'mnar: its report speaks of power' grep -q 'power to which exposure is raised' mnar/report.html
tamis synth --from ratings.csv -o world --power 2 --epsilon 3 --from-factors 4 --seed 5
check 'synth --from: clicks, what was missed, and chances agree' awk -F, '
    FNR == 1 { file++; next } file == 1 { train[$1, $2]; rows++; next } file == 2 { test[$1, $2]; rows++; next }
    file == 3 { bad += ($5 && $6) != (($1, $2) in train) || ($5 && !$6) != (($1, $2) in test) || $3 <= 0 || $4 <= 0
                rows -= $5; relevant += $5; chance += $3; spread += $3 * (1 - $3); sum[$2] += $4; users[$2]++; next }
    { bad += $2 - sum[$1] / users[$1] > 1e-5 || sum[$1] / users[$1] - $2 > 1e-5 }
    END { d = (relevant - chance) / sqrt(spread); exit bad || rows || d > 4 || d < -4 }' \
    world/train.csv world/test.csv world/relevance.csv world/propensity.csv
refuse 2 '--items does not go with --from' synth --from ratings.csv -o world --items 5
refuse 3 'log.csv: no column is known to hold ratings, but relevance is fitted to ratings' study mnar log.csv -o bad
refuse 2 'there is no study "nosuch"' study nosuch log.csv -o bad

# -------------------------------------------------------------------------------------------------------- bad input
refuse 2 'there is no method "nosuch"' robustness log.csv -o bad --methods nosuch
refuse 2 'is none of noisy|clean' robustness log.csv -o bad --validation dirty
refuse 2 '--ratios: 0.1 does not rise' robustness log.csv -o bad --ratios 0.3,0.1
refuse 3 '--ratios: 0.001 comes to no row at all' robustness log.csv -o bad --ratios 0,0.001
tamis noise log.csv --noisy-users 1 --noisy-user-ratio 1000 -o bad.csv
check 'noise: users who have everything then are told of' says "$(awk -F, 'NR > 1 { n++; u[$1]; i[$2] }
    END { for (k in u) users++; for (k in i) items++; printf "%.4g", (users * items - n) / n }' log.csv) injected per clean row of a noisy user, where 1000 was asked for"
tamis noise log.csv --noisy-users 0.1 --noisy-user-ratio 0 -o bad.csv
check 'noise: and users who make none' says 'warning: --noisy-users 0.1 comes to no row; ask for more'
rm bad.csv
refuse 2 '--noisy-user-ratio has no effect without --noisy-users' noise log.csv --uniform 0.1 --noisy-user-ratio 3 -o bad
refuse 2 'there is no kind "loud"' robustness log.csv -o bad --noise loud
refuse 2 'leave nothing to train on' robustness log.csv -o bad --test-ratio 0.9 --validation-ratio 0.2
printf 'x bpr --learning-rate fast\n' >parameters
refuse 3 'parameters:1: --learning-rate: "fast" is not a number' robustness log.csv -o bad --parameters parameters
printf '\nx bpr --colour red\n' >parameters
refuse 3 'parameters:2: method bpr has no option --colour' robustness log.csv -o bad --parameters parameters
printf 'x bpr --epochs 3\ny pld\n\nx bpr --epochs 9\n' >parameters
refuse 3 'parameters:4: a second line for x; expected one each' robustness log.csv -o bad --parameters parameters
tamis robustness log.csv -o many --methods bpr --ratios 0 --seeds 1 --trials 1 --epochs 1 --metrics precision,recall,hit,ndcg,map,mrr,auc \
    --cutoffs 1,2,3,4,5,6,7,8,9,10,15,20 >/dev/null
check 'no metric is left out' test "$(cut -d, -f6 many/results.csv | tail -n +2 | sort -u | wc -l | tr -d ' ')" = $((2 * (6 * 12 + 1)))
check 'nor one of the tables' test "$(grep -c '^## ' many/summary.md)" = $((2 * (6 * 12 + 1) + 1))
for option in '--seed 5' '--method pld' '--validation-metric map@5' '--threads 2' '--validation-ratio 0.2' '--validation-power 1' \
    '--checkpoint file' '--checkpoint-every 3'; do # would be overruled, or one file for all cells
    echo "x bpr $option" >parameters
    refuse 3 "parameters:1: ${option% *} is the study's own to set; leave it out" robustness log.csv -o bad --parameters parameters
done
mkdir other
echo 'my notes' >other/results.csv
refuse 3 'choose another output' robustness log.csv -o other --methods bpr --ratios 0 --seeds 1 --trials 1 --epochs 1
check 'and it stays as it was' test "$(cat other/results.csv)" = 'my notes'

finish
