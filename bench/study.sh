#!/bin/sh
# Runs an experiment from a file of its settings: study.sh FILE.conf DIR [OPTION...]
# A line of the file is a comment (#), "command NAME", "log PATH" (below TAMIS_DATASETS), or an option of the command.
# TAMIS: the program; TAMIS_DATASETS: the folder of data sets, see README.md. An unfinished DIR goes on where it was.
set -eu
conf=$1 directory=$2
shift 2
tamis=${TAMIS:-./tamis}
command=$(sed -n 's/^command //p' "$conf")
log=$(sed -n 's/^log //p' "$conf")
options=$(grep '^--' "$conf")
if [ -n "$log" ] && [ ! -f "${TAMIS_DATASETS-}/$log" ]; then
    echo "study: $log is not under TAMIS_DATASETS=${TAMIS_DATASETS-}" >&2
    exit 77
fi
# shellcheck disable=SC2086
"$tamis" $command ${log:+"$TAMIS_DATASETS/$log"} $options -o "$directory" "$@"
# where the data lie on this machine is nobody's matter
for page in "$directory"/report.html "$directory"/summary.md; do
    [ ! -f "$page" ] || sed -i "s|${TAMIS_DATASETS-.}/||g" "$page"
done
