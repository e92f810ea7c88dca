#!/bin/sh
# Installs into a temporary folder: the program runs from there as it is, tests/examples build against that copy with
# pkg-config alone and do what they say, all that tamis.h declares and nothing else leaves the shared library, and uninstalling takes
# every file away again.
set -eu
case "${SANITIZERS-no}" in no|'') ;; *) echo "a sanitizer build is not installed"; exit 77 ;; esac
command -v pkg-config >/dev/null || { echo "no pkg-config"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cd "$abs_top_builddir"
fail() { echo "$*"; exit 1; }
build() { ${MAKE:-make} -s "$@" DESTDIR="$root/at" >"$root/log" 2>&1 || { cat "$root/log"; exit 1; }; }

# a package's build must leave the machine's cache of libraries alone
mkdir "$root/bin"
printf '#!/bin/sh\ntouch "%s/refreshed"\n' "$root" >"$root/bin/ldconfig"
chmod +x "$root/bin/ldconfig"
PATH="$root/bin:$PATH"
build install
[ ! -e "$root/refreshed" ] || fail "ldconfig was run though DESTDIR was given"

pc=$(find "$root/at" -name tamis.pc)
library=$(dirname "$(dirname "$pc")")
program=$(find "$root/at" -path '*/bin/tamis')
(
    unset LD_LIBRARY_PATH
    cd "$root"
    "$program" --version | grep -q '^tamis [0-9]' || fail "the installed program does not run"
    "$program" synth -o drawn --users 30 --items 30 --interactions 200 --relevant-share 0.5 --quiet
    "$program" train drawn/train.csv -o model --epochs 2 --quiet
    "$program" recommend model -k 1 | grep -q '^[^,]*,1,' || fail "the installed program recommends nothing"
)
if command -v readelf >/dev/null; then
    ! readelf -d "$program" | grep -iE 'r(un)?path' || fail "the program names a folder to look for libraries in"
fi

export PKG_CONFIG_PATH="$library/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root/at"
static=--static # --disable-shared: the program must name what the library needs
for shared in "$library"/libtamis.so "$library"/libtamis.dylib; do [ -e "$shared" ] && static=; done
for source in "$abs_top_srcdir"/tests/examples/*.c; do
    # pkg-config escapes what is special in a folder's name
    eval "${CC:-cc} -Wall -Wextra -Werror -pthread '$source' -o '$root/$(basename "$source" .c)' $(pkg-config $static --cflags --libs tamis)"
done
(
    LD_LIBRARY_PATH=$library
    export LD_LIBRARY_PATH
    cd "$root"
    sample=$abs_top_srcdir/data/sample.csv.gz
    ./01_train "$sample" model | grep -q '^3000 users, 2000 items; epoch [0-9]* of 100 is the best: ndcg@20 0\.[0-9]*$' || fail "01_train"
    [ "$("$program" info model --json | grep -o '"users":[0-9]*')" = '"users":3000' ] || fail "01_train: its model"
    ./01_train none.csv model 2>said && fail "01_train takes a log that is not there"
    grep -q none.csv said || fail "01_train: no sentence"
    ./02_own_loss "$sample" >said || fail "02_own_loss"
    awk '/^epoch/ { if (NR > 1 && $5 >= last) exit 1; last = $5; n++ } END { exit n != 10 }' said || fail "02_own_loss: the loss does not fall"
    grep -q '^trained with the loss smooth-hinge$' said || fail "02_own_loss: not in the model"
    ./03_evaluate "$sample" bpr wmf >said || fail "03_evaluate"
    awk '$2 == "ndcg@20" { mean[++n] = $3 } / - / { d = $4 + 0 } END { d -= mean[1] - mean[2]; exit !(n == 2 && d < 2e-4 && d > -2e-4) }' said ||
        fail "03_evaluate: the difference of means is another one"
    ./04_export model vectors | awk '/^user / { n++; if ($(NF - 2) != $NF) exit 1 } END { exit n != 1 }' || fail "04_export: two scores"
    for file in user_factors.npy item_factors.npy user_ids.txt item_ids.txt; do [ -s "vectors/$file" ] || fail "04_export: no $file"; done
    "$program" recommend model -k 5 2>err | awk -F, 'NR > 1 { if ($1 != user && NR > 2) print line; if ($1 != user) line = user = $1; line = line "," $3 }
        END { print line }' | LC_ALL=C sort >expected
    { cat vectors/user_ids.txt; echo '!reload'; cat vectors/user_ids.txt; } | ./05_serve model >said || fail "05_serve"
    LC_ALL=C sort -u said | cmp - expected && [ "$(wc -l <said)" = 6000 ] || fail "05_serve answers something else than tamis recommend"
    echo nobody | ./05_serve model | grep -q '^nobody: unknown$' || fail "05_serve: an unknown user"
) || exit 1
for file in bin/tamis include/tamis.h share/man/man1/tamis.1 share/bash-completion/completions/tamis \
    share/zsh/site-functions/_tamis share/fish/vendor_completions.d/tamis.fish; do
    [ -n "$(find "$root/at" -path "*/$file")" ] || fail "not installed: $file"
done
if command -v nm >/dev/null && [ -e "$library/libtamis.so" ]; then
    nm -D --defined-only "$library/libtamis.so" | awk '$2 != "A" { print $3 }' | sort >"$root/offered"
    tr '\n' ' ' <"$abs_top_srcdir/include/tamis.h" | grep -oE 'TAMIS_API [^;(]*\(' | grep -oE 'tamis_[a-z0-9_]*\(' |
        tr -d '(' | sort >"$root/declared"
    [ "$(wc -l <"$root/declared")" -gt 50 ] || fail "tamis.h declares next to nothing"
    diff "$root/declared" "$root/offered" || fail "what tamis.h declares (<) is not what the library offers (>)"
    # what the library keeps for the process: base/threads.c, base/place.c and rank/blas.c say why; the rest is the compiler's
    kept=$(nm -f sysv "$library/libtamis.so" | awk -F'|' '$7 ~ /^ *[.](data|bss|tdata|tbss)$/ { sub(/ *$/, "", $1)
        if ($1 !~ /^(growing|owner|kept|once|loaded|remembered|taking|__TMC_END__|__cpu_(model|features2)|__dso_handle|completed[.][0-9]+)$/) print $1 }')
    [ -z "$kept" ] || fail "the library keeps for the process: $kept"
fi
# hardened where the linker knows how: addresses that cannot be known or written to, calls that know their buffers' sizes
program=$(find "$root/at" -path '*/bin/tamis')
if command -v readelf >/dev/null && readelf -h "$program" >/dev/null 2>&1 && grep -q "^HARD_LDFLAGS = .*relro" Makefile; then
    ! grep -q '^PIE_LDFLAGS = -pie' Makefile || readelf -h "$program" | grep -q 'Type: *DYN' || fail "the program's place in memory is fixed"
    for file in "$program" "$library/libtamis.so"; do
        readelf -lW "$file" | grep -q GNU_RELRO || fail "$file: no relro"
        readelf -dW "$file" | grep -q BIND_NOW || fail "$file: symbols are bound later"
        ! readelf -lW "$file" | grep -q 'GNU_STACK.* RWE' || fail "$file: the stack can be run"
        grep -q "^HARD_CFLAGS = .*FORTIFY" Makefile || continue
        readelf --dyn-syms -W "$file" | grep -q '__stack_chk_fail' || fail "$file: no guard on the stack"
        readelf --dyn-syms -W "$file" | grep -q '_chk@' || fail "$file: no checked calls"
    done
fi

build uninstall
left=$(find "$root/at" ! -type d)
[ -z "$left" ] || fail "not uninstalled: $left"
