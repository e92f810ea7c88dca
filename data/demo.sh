#!/bin/sh
# The main job on the sample log: train, evaluate, recommend, and compare with the known truth.
# usage: data/demo.sh TAMIS FOLDER-OF-THE-SAMPLE
set -eu
tamis=$1
data=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() {
    printf '\n$ tamis' && for word; do printf ' %s' "${word#"$work/"}"; done && printf '\n'
    "$tamis" "$@"
}

run train "$data/sample.csv.gz" -o "$work/sample.tamis" --validation-ratio 0.1
run evaluate "$work/sample.tamis" "$data/sample-test.csv.gz"

user=$(gzip -dc "$data/sample-test.csv.gz" | sed -n '2s/,.*//p')
echo "$user" >"$work/users.txt"
printf '\n$ echo %s | tamis recommend sample.tamis --users -\n' "$user"
"$tamis" recommend "$work/sample.tamis" --users - <"$work/users.txt" -q >"$work/recommended.csv"
gzip -dc "$data/sample-truth.csv.gz" >"$work/truth.csv"
awk -F, 'NR == FNR { liked[$1 "," $2] = 1; next }
         FNR == 1 { print $0 ",truly_liked"; next }
         { print $0 "," (($1 "," $3) in liked ? "yes" : "no") }' "$work/truth.csv" "$work/recommended.csv"

echo
echo "How far do ten recommendations for each user agree with what the users truly like?"
"$tamis" recommend "$work/sample.tamis" -q >"$work/all.csv"
awk -F, 'FNR == 1 { file++; next }
         file == 1 { liked[$1 "," $2] = 1; pairs++; items[$2] = 1; users[$1] = 1; next }
         { shown++; right += (($1 "," $3) in liked) }
         END { for (i in items) n++; for (u in users) m++
               printf "%d of %d recommendations (%.1f%%) are truly liked; picked blindly it would be %.1f%%.\n",
                      right, shown, 100 * right / shown, 100 * pairs / n / m }' "$work/truth.csv" "$work/all.csv"
