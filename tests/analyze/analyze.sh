#!/bin/sh
# analyze.sh [TOOL...]: reads the sources with cppcheck, clang-tidy and gcc -fanalyzer, as far as these are installed. Silence is
# the only good answer. What is right all the same is said where it stands, with its reason: "cppcheck-suppress NAME" or
# "NOLINTNEXTLINE(NAME)" on the line above; for gcc "analyzer: NAME" at the end of the line that it complains of. Whole checks that
# are not asked are listed in .clang-tidy and below, with reasons.
# Exit status 77: there is none of them. FLAGS: for the compiler (make analyze gives them); JOBS: so many files at a time.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
cd "$top" || exit 99
place=$(mktemp -d) || exit 99
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT TERM
# kernel/portable.c is the kernels' one body, which the others compile with other flags, for processors that this one may not be
files=$(ls src/*/*.c | grep -v -e kernel/avx -e kernel/neon)
jobs=${JOBS-$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)}
[ $# -gt 0 ] || set -- cppcheck clang-tidy gcc
bad=0 asked=0
each() { # COMMAND...: of several files at a time, each with an output of its own
    # shellcheck disable=SC2086
    printf '%s\n' $files | xargs -n 4 -P "$jobs" "$@"
}

cppcheck_looks() {
    # --check-library is not asked: it wants the kind of every function; style and information are matters of taste
    # shellcheck disable=SC2086
    cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability --inline-suppr -j "$jobs" \
        --suppress=missingIncludeSystem $(printf '%s\n' $FLAGS | grep -e '^-[ID]') $files >"$place/found" 2>&1
}
tidy_looks() {
    each sh -c 'for f; do clang-tidy --quiet "$f" -- $FLAGS 2>>"'"$place"'/noise"; done' tidy >"$place/found"
    grep 'error:' "$place/noise" >>"$place/found"
}
gcc_looks() {
    # malloc-leak is not asked: gcc takes what a structure of another function keeps for lost; leaks are what make sweep-memory and
    # the sanitizers look for
    each sh -c 'for f; do
            case $f in src/base/status.c | src/cli/message.c) known= ;; *) known="-include tests/analyze/returns.h" ;; esac
            gcc -O1 -fanalyzer -Wno-analyzer-malloc-leak -fdiagnostics-plain-output $FLAGS $known -c "$f" -o /dev/null 2>&1
        done' gcc | grep -E '(warning|error):' | sort -u | while read -r line; do
        at=${line%%: *} check=${line##*-Wanalyzer-}
        file=${at%%:*} number=${at#*:}
        sed -n "${number%%:*}p" "$file" | grep -q "analyzer: ${check%]}" || echo "$line"
    done >"$place/found"
}

for tool; do
    command -v "$tool" >/dev/null || { echo "there is no $tool"; continue; }
    asked=$((asked + 1))
    case $tool in
    cppcheck) cppcheck_looks ;;
    clang-tidy) tidy_looks ;;
    gcc) gcc_looks ;;
    esac
    found=$(grep -cE '(warning|error|performance|portability):' "$place/found")
    echo "$tool: $(printf '%s\n' "$files" | wc -l) files, $found complaints"
    [ "$found" = 0 ] || { cat "$place/found"; bad=1; }
done
[ $asked -gt 0 ] || exit 77
exit $bad
