#!/bin/sh
# The house (CONTRIBUTING.md): a room includes only itself and rooms below it, and files no circle; a header is of one .c
# file, without bodies of functions; few parameters; OpenMP, OpenBLAS and zlib stay in their rooms; the library neither
# prints, exits nor handles signals; numbers and letters mean the same in every locale; every file is in the tarball.
set -u
cd "${abs_top_srcdir:-.}/src" || exit 1
rooms="base kernel matrix data method sampler model rank train study"
bad=0
complain() { echo "$*"; bad=1; }
includes() { sed -n 's/^#include "\([^"]*\)".*/\1/p' "$1"; }
# What stands on standard input, a sentence a line, is wrong.
told() { while read -r sentence; do complain "$sentence"; done; }
below=
for room in $rooms; do
    below="$below $room"
    for file in "$room"/*.[ch]; do
        for included in $(includes "$file"); do
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
    for included in $(includes "$file"); do
        case $included in
            tamis.h|base/*|cli/*) ;;
            *) complain "$file includes $included; the command line sees tamis.h and base only" ;;
        esac
    done
done

# Files: a .c and its .h are one, and an #include leads from one to another. tsort tells a circle.
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
for file in */*.[ch]; do
    for included in $(includes "$file"); do
        [ "${included%.h}" = "${file%.[ch]}" ] || echo "${file%.[ch]} ${included%.h}"
    done
done >"$place/edges"
tsort "$place/edges" 2>&1 >/dev/null | awk '/loop/ { if (circle) print circle; circle = ""; next }
    { circle = circle (circle ? ", " : "") $NF; if (!first[NR]) first[NR] = $NF } END { if (circle) print circle }' |
    sed 's/^\([^,]*\), /\1 includes in a circle /' >"$place/circles"
told <"$place/circles"

# Text without comments, strings and preprocessor lines, a declaration or definition at a time
cat >"$place/declarations.awk" <<'END'
function parameters(text, at,   depth, commas, c) { # from the parenthesis at `at`; `behind` is what follows it
    for (depth = commas = 0; at <= length(text); at++) {
        c = substr(text, at, 1)
        depth += (c == "(") - (c == ")")
        commas += c == "," && depth == 1
        if (depth == 0) break
    }
    behind = substr(text, at + 1)
    return commas + 1
}
function look(file, text,   at, c, depth, before, name) {
    depth = 0
    while (match(text, /[({};]/)) {
        at = RSTART; c = substr(text, at, 1); before = substr(text, 1, at - 1); behind = substr(text, at + 1)
        if (c == ";" && depth == 0) inlined = external = 0
        if (depth == 0 && before ~ /inline/) inlined = 1
        if (depth == 0 && before ~ /(typedef|extern|static) /) external = 1
        if (c == "{" && before !~ /extern s *$/) depth++
        if (c == "}" && --depth == 0) inlined = external = 0
        if (c == "(" && substr(text, at) ~ /^\(\*[a-z_0-9]*(\[[^]]*\])?\) *\(/) { # a pointer to a function
            name = substr(text, at); sub(/\).*/, ")", name)
            c = parameters(text, at + length(name))
            if (c > 7) print "parameters", file, name " has " c " parameters"
        } else if (c == "(" && depth == 0) {
            name = before; sub(/ *$/, "", name); sub(/.*[^a-z_0-9]/, "", name)
            c = parameters(text, at)
            if (name == "") { text = behind; continue }
            if (c > 7) print "parameters", file, name " has " c " parameters"
            if (file ~ /h$/ && inlined && behind ~ /^ *[{]/) print "inline", file, "has the body of " name
            if (file ~ /h$/ && !inlined && !external && behind ~ /^[^;{]*;/) print "declares", file, name
        }
        text = behind
    }
}
FNR == 1 { if (text) look(file, text); text = ""; file = FILENAME; comment = continued = inlined = external = 0; sub(/.*[.][.]\//, "", file) }
{
    line = $0
    if (continued || line ~ /^ *#/) { continued = line ~ /\\$/; next }
    gsub(/\\./, "", line); gsub(/"[^"]*"/, "s", line); gsub(/'[^']*'/, "c", line); gsub(/\/\*([^*]|\*[^\/])*\*\//, " ", line)
    if (comment) { if (!match(line, /\*\//)) next; line = substr(line, RSTART + 2); comment = 0 }
    if (match(line, /\/\*/)) { line = substr(line, 1, RSTART - 1); comment = 1 }
    text = text " " line
}
END { look(file, text) }
END
awk -f "$place/declarations.awk" */*.[ch] ../include/tamis.h >"$place/found"
# cblas's own functions have as many as they have
sed -n 's/^parameters //p' "$place/found" | grep -v 'sgemm' >"$place/long"
told <"$place/long"
sed -n 's/^inline //p' "$place/found" | grep -v -e '^kernel/' -e '^base/random.h' -e "^base/hash.h" -e "^data/index.h" >"$place/inline" # in the innermost loops
told <"$place/inline"
sed -n 's/^declares //p' "$place/found" | grep -v -e '^kernel/' -e '^include/' | while read -r header name; do
    grep -qE "^[a-z].*[^a-z_0-9]$name\\(" "${header%h}c" 2>/dev/null || echo "$header declares $name, which ${header%h}c does not define"
done >"$place/strange"
told <"$place/strange"

# every public function that takes a log or a model is given NULL in tests/test_arrays.c
tr '\n' ' ' <../include/tamis.h | grep -oE 'TAMIS_API [^;]*;' |
    grep -E '[(,] *(const )?tamis_(log|model) \*[^*]' | grep -oE 'tamis_[a-z_]+\(' | while read -r name; do
    grep -qF "$name" ../tests/test_arrays.c || echo "$name"
done >"$place/untried"
while read -r name; do complain "tests/test_arrays.c does not try $name...) without a log or model"; done <"$place/untried"

for file in $(ls base/*.[ch] | grep -v -e base/threads.c -e base/checksum.c) kernel/*.[ch] method/*.[ch] sampler/*.[ch] model/*.[ch] cli/*.[ch]; do
    grep -Hn '#pragma omp' "$file" && complain "OpenMP loops belong in data, rank, train and base/checksum.c"
done
grep -n '#pragma omp parallel' */*.c | grep -v -e base_team -e base/threads.c && complain "a team that cannot be made ends the process: num_threads(base_team(...))"
for file in $(grep -l 'cblas\.h' */*.[ch]); do
    case $file in rank/blas.[ch]) ;; *) complain "$file: OpenBLAS belongs in rank/blas.c, which loads it when it is needed" ;; esac
done
for file in $(grep -rl '<csv\.h>' .); do
    case $file in ./base/row.c) ;; *) complain "$file: libcsv belongs in base/row.c" ;; esac
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
grep -nE 'tcase_set_time[o]ut|[^a-z_-]timeout(=| +[0-9])' ../tests/*.c ../tests/*.sh ../tests/python/*.py && complain "a busy machine takes its time: no test has a limit"
[ -e cli/main.c ] || complain "no cli/main.c: run from the source folder"
exit $bad
