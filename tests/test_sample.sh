#!/bin/sh
# The sample in data/ is what the command in data/README.md makes, byte for byte.
set -eu
TAMIS=${TAMIS-$PWD/tamis}
[ -x "$TAMIS" ] || { echo "no program at $TAMIS"; exit 77; }
data=${abs_top_srcdir-$(dirname "$0")/..}/data
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# the command itself: the lines from "tamis synth" on, as long as they end in a backslash
options=$(awk '/^    tamis synth /, !/\\$/ { sub(/\\$/, ""); print }' "$data/README.md")
[ -n "$options" ] || { echo "data/README.md shows no command"; exit 1; }
options=${options#*tamis synth -o DIR }
# shellcheck disable=SC2086
"$TAMIS" synth -o "$place" $options --quiet

failed=0
for name in train test truth noise; do
    case $name in train) packed=sample.csv.gz ;; *) packed=sample-$name.csv.gz ;; esac
    gzip -dc "$data/$packed" | cmp - "$place/$name.csv" || failed=1
    [ "$(wc -c <"$data/$packed")" -lt 1000000 ] || { echo "$packed is 1 MB or more"; failed=1; }
    rows=$(awk 'END { printf "%d,%03d", int((NR - 1) / 1000), (NR - 1) % 1000 }' "$place/$name.csv")
    grep -qF "| $packed | $rows |" "$data/README.md" || { echo "README does not say $rows rows of $packed"; failed=1; }
done
exit $failed
