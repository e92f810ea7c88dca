#!/bin/sh
# The main job on the sample log: train, evaluate, recommend, and compare with the known truth. The commands shown are
# those that are run, and can be typed again: model and recommendations stay.
# usage: data/demo.sh TAMIS FOLDER-OF-THE-SAMPLE
set -eu
tamis=$1
data=$2
model=sample.tamis
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

run "$tamis" train "$data/sample.csv.gz" -o "$model" --validation-ratio 0.1
run "$tamis" evaluate "$model" "$data/sample-test.csv.gz"

user=$(gzip -dc "$data/sample-test.csv.gz" | sed -n '2s/,.*//p')
printf '\n$ echo %s | %s recommend %s --users -\n' "$user" "$tamis" "$model"
echo "$user" | "$tamis" recommend "$model" --users - >"$work/recommended.csv"
cat "$work/recommended.csv"

# The sample is synthetic, so that it is known what its users like.
gzip -dc "$data/sample-truth.csv.gz" >"$work/truth.csv"
awk -F, -v user="$user" 'NR == FNR { liked[$1 "," $2] = 1; next }
         FNR > 1 { shown++; if (($1 "," $3) in liked) { right++; items = items " " $3 } }
         END { printf "\nOf these %d, %s truly likes %d:%s\n", shown, user, right, items }' \
    "$work/truth.csv" "$work/recommended.csv"

printf '\n$ %s recommend %s -o sample-recommended.csv\n' "$tamis" "$model"
"$tamis" recommend "$model" -o sample-recommended.csv
awk -F, 'FNR == 1 { file++; next }
         file == 1 { liked[$1 "," $2] = 1; pairs++; items[$2] = 1; users[$1] = 1; next }
         { shown++; right += (($1 "," $3) in liked) }
         END { for (i in items) n++; for (u in users) m++
               printf "\nOf all %d recommendations %.1f%% are truly liked; picked blindly it would be %.1f%%.\n",
                      shown, 100 * right / shown, 100 * pairs / n / m }' "$work/truth.csv" sample-recommended.csv
