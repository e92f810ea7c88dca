#!/bin/sh
# The direction of dependencies: a room includes only itself and rooms below it; the command line only tamis.h and base; OpenMP,
# OpenBLAS and zlib stay in their rooms; the library neither prints, exits nor handles signals; numbers and letters
# mean the same in every locale; every file is in the tarball.
set -u
cd "${abs_top_srcdir:-.}/src" || exit 1
rooms="base kernel data method sampler model rank train study"
bad=0
complain() { echo "$*"; bad=1; }
below=
for room in $rooms; do
    below="$below $room"
    for file in "$room"/*.[ch]; do
        for included in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file"); do
            from=${included%%/*}
            [ "$included" = tamis.h ] && continue
            case " $below " in
                *" $from "*) ;;
                *) complain "$file includes $included, which is not below it" ;;
            esac
        done
    done
done
for file in cli/*.[ch]; do
    for included in $(sed -n 's/^#include "\([^"]*\)".*/\1/p' "$file"); do
        case $included in
            tamis.h|base/*|cli/*) ;;
            *) complain "$file includes $included; the command line sees tamis.h and base only" ;;
        esac
    done
done
for file in $(ls base/*.[ch] | grep -v -e base/threads.c -e base/checksum.c) kernel/*.[ch] method/*.[ch] sampler/*.[ch] model/*.[ch] cli/*.[ch]; do
    grep -Hn '#pragma omp' "$file" && complain "OpenMP loops belong in data, rank, train and base/checksum.c"
done
grep -n '#pragma omp parallel' */*.c | grep -v -e base_team -e base/threads.c && complain "a team that cannot be made ends the process: num_threads(base_team(...))"
for file in $(grep -l 'cblas\.h' */*.[ch]); do
    case $file in rank/blas.[ch]) ;; *) complain "$file: OpenBLAS belongs in rank/blas.c, which loads it when it is needed" ;; esac
done
for file in $(grep -rl '<csv\.h>' .); do
    case $file in ./base/libcsv.c) ;; *) complain "$file: libcsv belongs in base/libcsv.c" ;; esac
done
for room in $rooms; do
    grep -nE '(^|[^a-z_])(printf|fprintf|puts|fputs|perror|exit|abort|signal|sigaction|omp_set_[a-z_]*|setenv|putenv|unsetenv|srand|srandom|rand|chdir|umask|strtok|localtime|gmtime|atexit|fesetround|feenableexcept) *\(' "$room"/*.c /dev/null &&
        complain "the library prints, exits or touches what belongs to the process"
done
# The program stays in the locale "C"; the library is called from any, so that only base/locale.c may ask it.
grep -nE '(setlocale|newlocale|uselocale) *\(' cli/* && complain "the program does not take over the locale"
real='%[-+ #0]*[0-9*]*([.][0-9*]+)?l?[aefgAEFG]'
for room in $rooms; do
    for file in "$room"/*.[ch]; do
        [ "$file" = base/locale.c ] && continue
        grep -nE '(^|[^a-z_])(strto[df]|strtold|ato[f]|v[a-z]*printf|[a-z]*scanf|(is|to)(upper|lower)|is(alnum|alpha|blank|cntrl|digit|graph|print|punct|space|xdigit)|strn?casecmp|strcoll|strxfrm|localeconv|setlocale|newlocale|uselocale|strftime|regcomp|fnmatch) *\(' "$file" /dev/null &&
            complain "$file: base_vformat(), base_strtod(), base_lower() do this whatever the locale is"
        # a statement that writes a real number by printf, on one line or several
        awk -v real="$real" '{ text = text " " $0 }
            /[;{}][ ]*$/ { if (text ~ /[^a-z_]s?n?printf *\(/ && text ~ real) { print FILENAME ":" FNR ": " text; bad = 1 } text = "" }
            END { exit bad }' "$file" || complain "$file: base_format() writes numbers, whatever the locale is"
    done
done
for file in */*.[ch]; do
    grep -qF "src/$file" ../Makefile.am || complain "$file is not listed in Makefile.am"
done
[ -e cli/main.c ] || complain "no cli/main.c: run from the source folder"
exit $bad
