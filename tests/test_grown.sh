#!/bin/sh
# Structs of options that grow do not break programs: a second library is compiled whose options, and other structs that may
# grow, have one more member at their end. A program compiled with today's header runs with it, and one compiled with the
# longer header runs with today's library, both to the same bytes.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
case "${SANITIZERS-no}" in no|'') ;; *) skip "a sanitizer build" ;; esac
build=${abs_top_builddir-$top}
shared=$build/.libs
[ -e "$shared/libtamis.so" ] || skip "no shared library"
value() { sed -n "s/^$1 = //p" "$build/Makefile"; }

mkdir plain grown objects
cp "$top/include/tamis.h" plain/
into() { file=$1; shift; "$@" >"$file" 2>err; }

may_grow='tamis_([a-z]+_options|log_arrays|loss|sample|log_summary|evaluation_counts|option|study_step|audit_bound)'
sed -E "s/^\} $may_grow;/    int64_t grown;\n&/" plain/tamis.h >grown/tamis.h
check "every struct of options got a member" \
    test "$(grep -c '^ *int64_t grown;' grown/tamis.h)" = "$(grep -cE "^\} $may_grow;" plain/tamis.h)"
check "there are some" test "$(grep -c '^ *int64_t grown;' grown/tamis.h)" -ge 12
# what is new would lie in an old struct's padding
check "structs of options end in a member of eight bytes" \
    awk '{ sub(/\/\*.*/, "") }
         /^\} tamis_([a-z]+_options|log_arrays|loss);/ && last !~ /^ *((u?int64_t|double|size_t|tamis_parameter) |.*\*)/ { print; bad = 1 }
         /^    [^ ].*;/ { last = $0 } END { exit bad }' plain/tamis.h

# all of the library in one command, as the Makefile lists it
cat >compile <<END
case \$1 in */avx2.c) tier="-mavx2 -mfma -mprfchw" ;; */avx512.c) tier="-mavx512f -mavx512dq -mavx512bw -mavx512vl -mavx2 -mfma -mprfchw" ;; *) tier= ;; esac
exec $CC -c -w -O0 -fPIC -std=gnu17 -fvisibility=hidden -ffp-contract=off -fno-math-errno $(value OPENMP_CFLAGS) \$tier \\
    -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DTAMIS_BUILDING -DTAMIS_VERSION='"$(value PACKAGE_VERSION)"' \\
    -DOPENBLAS_LIBRARY='"$(value OPENBLAS_LIBRARY)"' $(value OPENBLAS_CFLAGS) $(value ZLIB_CFLAGS) \\
    -Igrown -I"$top/src" "$top/\$1" -o objects/\$(echo \$1 | tr / _).o
END
case $(uname -m) in x86_64|amd64) other=neon ;; aarch64|arm64) other=avx ;; *) other='avx\|neon' ;; esac
grep -o 'src/[a-z]*/[a-z_0-9]*\.c' "$top/Makefile.am" | grep -v -e '^src/cli' -e "$other" | sort -u |
    xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 1 sh compile >err 2>&1 || { sed 's/^/  | /' err; exit 99; }
$CC -shared $(value OPENMP_CFLAGS) objects/*.o $(value CSV_LIBS) $(value ZLIB_LIBS) $(value LIBS) -lm \
    -Wl,-soname,"$(readelf -d "$shared/libtamis.so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" -o grown/libtamis.so || exit 99
ln -s libtamis.so "grown/$(readelf -d grown/libtamis.so | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')"

for header in plain grown; do
    define=; [ $header = plain ] || define=-DGROWN
    for program in grown host; do
        check "$program.c compiles with the $header header" $CC $define -w -D_GNU_SOURCE -I$header "$top/tests/$program.c" \
            -L"$shared" -ltamis -o $header/$program 2>err
    done
done
printf 'user_id,item_id,rating,timestamp\n' >log.csv
awk 'BEGIN { for (u = 0; u < 30; u++) for (k = 0; k < 8; k++) print "u" u ",i" (u * 7 + k * k) % 40 "," 1 + (u + k) % 5 "." k "," 1000 + u * k }' >>log.csv
awk 'BEGIN { print "%%MatrixMarket matrix coordinate real general\n30 40 240"
    for (u = 0; u < 30; u++) for (k = 0; k < 8; k++) print u + 1, (u * 7 + k * k) % 40 + 1, 1 + (u + k) % 5 }' >log.mtx
for header in plain grown; do
    for library in "$shared" grown; do
        name=$header.$(basename "$library")
        check "what is behind a struct stays, $name" into $name.says env LD_LIBRARY_PATH="$library" $header/grown
        check "host, $name" env LD_LIBRARY_PATH="$library" $header/host work log.csv log.mtx $name 2>err
        check "the same bytes, $name" diff -rq plain..libs $name
    done
done
check "an option that the library does not have is refused" says 'a later version' grown..libs.says
check "one that it has is not" test ! -s grown.grown.says
finish
