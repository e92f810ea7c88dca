#!/bin/sh
# The quick rows of the quality table: what this build reaches is what the table says. make quality runs all of them.
set -eu
table="${abs_top_srcdir:?}/bench/quality.tsv"
case "${SANITIZERS-no}" in no|'') ;; *) echo "too slow with sanitizers"; exit 77 ;; esac
cases=sample-bpr
if [ -f "${TAMIS_DATASETS-}/ml-100k/ratings.csv" ]; then
    cases="$cases ml-100k-bpr"
else
    echo "ml-100k is skipped: TAMIS_DATASETS does not name a folder that holds it"
fi
# shellcheck disable=SC2086
exec sh "${abs_top_srcdir:?}/bench/quality.sh" "$table" $cases
