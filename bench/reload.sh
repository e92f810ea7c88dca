#!/bin/sh
# Reloading while requests are answered: tamis recommend --requests with 4 threads and 20 reloads, by turns of two models of about a
# gigabyte, with requests in between. Every line must be answered, in its place, and by the model that was named last before it: the models
# answer every user differently, and what they answer is known from tamis recommend.
#   reload.sh      needs 4 GB of memory and 3 GB of disk
# TAMIS: the program; REQUESTS: between two reloads, default 2000; USERS: of the models, default 3500000, which makes a gigabyte.
set -eu
LC_ALL=C
export LC_ALL
tamis=${TAMIS:-./tamis}
requests=${REQUESTS:-2000}
users=${USERS:-3500000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# A synthetic log in which each user has an item; two trainings, which differ in their seeds alone.
awk -v n="$users" 'BEGIN { print "user,item"; for (u = 0; u < n; u++) printf "u%07d,i%05d\n", u, u * 7919 % 20011 }' >"$work/log.csv"
for model in a b; do
    seed=1
    [ $model = a ] || seed=2
    "$tamis" train "$work/log.csv" -o "$work/$model" --method bpr --factors 64 --epochs 1 --seed $seed -q
done
rm "$work/log.csv"

# Users at equal distances, and the answer of either model to each: a list of 10.
awk -v n="$users" -v r="$requests" 'BEGIN { for (k = 0; k < r; k++) printf "u%07d\n", int(k * n / r) }' >"$work/users"
for model in a b; do
    "$tamis" recommend "$work/$model" --users "$work/users" -k 10 --json |
        sed 's/^{"user_id":"\([^"]*\)",/{"user_id":"\1","origin":"model",/' >"$work/$model.lists"
done
if paste -d '\n' "$work/a.lists" "$work/b.lists" | awk 'NR % 2 { a = $0; next } a == $0 { same = 1 } END { exit !same }'; then
    echo "reload: the two models answer a user alike" >&2
    exit 1
fi
sed 's/.*/{"user":"&"}/' "$work/users" >"$work/asking"
: >"$work/requests"
: >"$work/expected"
for n in 1 2 3 4 5 6 7 8 9 10; do
    for model in b a; do
        { cat "$work/asking"; echo "{\"model\":\"$work/$model\"}"; } >>"$work/requests"
        if [ $model = b ]; then cat "$work/a.lists"; else cat "$work/b.lists"; fi >>"$work/expected"
        echo "{\"model\":\"$work/$model\"}" >>"$work/expected"
    done
done
cat "$work/asking" >>"$work/requests"
cat "$work/a.lists" >>"$work/expected"

begin=$(date +%s)
"$tamis" recommend "$work/a" --requests "$work/requests" --threads 4 -k 10 >"$work/answers"
end=$(date +%s)
if ! cmp "$work/expected" "$work/answers" >&2; then
    awk 'FNR == 1 { file++ } file == 1 { expected[FNR] = $0; lines = FNR; next } expected[FNR] != $0 { wrong++ }
         END { printf "reload: %d lines expected, %d came, %d of them wrong\n", lines, FNR, wrong }' "$work/expected" "$work/answers" >&2
    exit 1
fi
echo "20 reloads of $(wc -c <"$work/a" | awk '{ printf "%.2f", $1 / 1e9 }') GB, $((21 * requests)) requests, 4 threads, $((end - begin)) s: none lost, none" \
    "out of order, all by the model in force"
