#!/bin/sh
# fuzz.sh SECONDS [TARGET...]: libFuzzer on the readers, in ./fuzz-build, which is set up with clang and its sanitizers. What it
# finds stays in fuzz-build/found/TARGET and goes on growing in the next run; a fault ends a target, and its input lies in fuzz-build.
# An input that made a fault belongs into tests/fuzz/corpus, which make check feeds to the readers.
set -eu
seconds=$1
shift
top=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p fuzz-build/build
make -s distdir distdir=fuzz-build/source >/dev/null # a tree that is configured serves no other
cd fuzz-build/build
[ -f Makefile ] || ../source/configure CC="${FUZZ_CC-clang}" --enable-sanitizers=fuzzer-no-link,address,undefined >configure.out
make -s libtamis-all.la libtamis-cli.la tests/fuzzer
cd ..
# shellcheck disable=SC2046 # a word each
[ $# -gt 0 ] || set -- $(ls "$top/tests/fuzz/corpus")
failed=0
for target; do
    mkdir -p "found/$target"
    echo "$target: $seconds seconds"
    FUZZ_TARGET=$target ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 ./build/tests/fuzzer -max_total_time="$seconds" -rss_limit_mb=4096 \
        -max_len=65536 -timeout=20 -print_final_stats=1 -close_fd_mask=3 -artifact_prefix="$target-" "found/$target" "$top/tests/fuzz/corpus/$target" 2>"$target.log" || {
        tail -40 "$target.log" >&2
        failed=1
        continue
    }
    grep -E 'stat::number_of_executed_units|DONE|cov:' "$target.log" | tail -2
done
exit $failed
