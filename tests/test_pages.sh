#!/bin/sh
# Pages of the manual with commands, behind a $, and what they print: the commands run, and print that.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
PATH=$(dirname "$TAMIS"):$PATH
export PATH

for page in "$top"/man/*.7; do
    # each command in a file of its own, N.run, and the lines below it in N.shown
    awk '/^\.Bd -literal/ { on = 1; next } /^\.Ed/ { on = 0; next } !on { next }
         { sub(/\\e$/, "\\"); gsub(/\\e/, "\\"); gsub(/\\-/, "-") }
         !more && sub(/^\$ /, "") { n++; new = 1 }
         { file = sprintf("%03d.%s", n, new || more ? "run" : "shown"); print >file; more = (new || more) && /\\$/; new = 0 }' "$page"
    for run in *.run; do
        shown=${run%.run}.shown
        sh -e "$run" >out 2>err
        check "${page##*/}: $(head -1 "$run")" test $? = 0
        sound "${page##*/}: $(head -1 "$run")"
        [ -f "$shown" ] || continue
        sed 's/ *$//' out | head -n "$(wc -l <"$shown")" >printed
        check "${page##*/}: what $(head -1 "$run") prints" cmp "$shown" printed
    done
    check "${page##*/} has commands" test -s 001.run
    rm -rf ./*
done
finish
