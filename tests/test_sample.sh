#!/bin/sh
# The sample in data/ is what the command in data/README.md makes, byte for byte.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"

# the command itself: the lines from "tamis synth" on, as long as they end in a backslash
options=$(awk '/^    tamis synth /, !/\\$/ { sub(/\\$/, ""); print }' "$data/README.md")
[ -n "$options" ] || { echo "data/README.md shows no command"; exit 1; }
options=${options#*tamis synth -o DIR }
# shellcheck disable=SC2086
tamis synth -o . $options --quiet

for name in train test truth noise; do
    case $name in train) packed=sample.csv.gz ;; *) packed=sample-$name.csv.gz ;; esac
    gzip -dc "$data/$packed" >sample.csv
    check "$packed, byte for byte" cmp sample.csv "$name.csv"
    check "$packed is below 1 MB" test "$(wc -c <"$data/$packed")" -lt 1000000
    rows=$(awk 'END { printf "%d,%03d", int((NR - 1) / 1000), (NR - 1) % 1000 }' "$name.csv")
    check "data/README.md says $rows rows of $packed" says "| $packed | $rows |" "$data/README.md"
done
finish
