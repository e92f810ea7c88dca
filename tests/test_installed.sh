#!/bin/sh
# Installs into a temporary folder, builds tests/example.c against that copy with pkg-config alone, runs it; checks that
# only tamis_ symbols leave the shared library.
set -eu
case "${SANITIZERS-no}" in no|'') ;; *) echo "a sanitizer build is not installed"; exit 77 ;; esac
command -v pkg-config >/dev/null || { echo "no pkg-config"; exit 77; }
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cd "$abs_top_builddir"
${MAKE:-make} -s install DESTDIR="$root" >"$root/log" 2>&1 || { cat "$root/log"; exit 1; }
pc=$(find "$root" -name tamis.pc)
library=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH="$library/pkgconfig" PKG_CONFIG_SYSROOT_DIR="$root"
static=--static # --disable-shared: the program must name what the library needs
for shared in "$library"/libtamis.so "$library"/libtamis.dylib; do [ -e "$shared" ] && static=; done
# shellcheck disable=SC2046,SC2086
${CC:-cc} -Wall -Werror "$abs_top_srcdir/tests/example.c" -o "$root/example" $(pkg-config $static --cflags --libs tamis)
LD_LIBRARY_PATH="$library" "$root/example"
for file in bin/tamis include/tamis.h share/man/man1/tamis.1 share/bash-completion/completions/tamis \
    share/zsh/site-functions/_tamis share/fish/vendor_completions.d/tamis.fish; do
    [ -n "$(find "$root" -path "*/$file")" ] || { echo "not installed: $file"; exit 1; }
done
if command -v nm >/dev/null && [ -e "$library/libtamis.so" ]; then
    others=$(nm -D --defined-only "$library/libtamis.so" | awk '$3 !~ /^tamis_/ && $2 != "A" {print $3}')
    [ -z "$others" ] || { echo "other symbols leave the library: $others"; exit 1; }
fi
