#!/bin/sh
# Every option that a message, README or the manual names is one that the program has; what a command's own file names, that
# command has. The options are those that help tells, COMMAND --help for each command.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"

# Options in the text of a C file: in its string literals, comments left out, "a" "b" being one. A name that printf makes is
# none; nor is --no-NAME, which every switch has.
literals() {
    awk '{ text = text $0 "\n" }
        END { n = length(text)
              for (k = 1; k <= n; k++) {
                  c = substr(text, k, 1)
                  if (in_string) {
                      if (c == "\\") { out = out substr(text, k, 2); k++ } else if (c == "\"") in_string = 0; else out = out c
                  } else if (substr(text, k, 2) == "/*") { k += index(substr(text, k), "*/")
                  } else if (substr(text, k, 2) == "//") { k += index(substr(text, k), "\n") - 1
                  } else if (c == "'\''") { k += substr(text, k + 1, 1) == "\\" ? 3 : 2
                  } else if (c == "\"") { in_string = 1
                  } else if (c !~ /[ \n]/) out = out "\n" }
              print out }' "$@"; }
options() { grep -oE -e '(^|[^a-zA-Z0-9-])--[a-z][a-z0-9-]*' | sed 's/^.*--/--/; s/^--no-//; s/^--//; s/-$//; /^$/d' | sort -u; }

commands=$(cd "$top/src/cli" && for file in cmd_*.c; do file=${file#cmd_}; echo "${file%.c}"; done)
printf '%s\n' man help-all >hidden # what the build asks for, and help itself
for command in $commands; do
    "$TAMIS" "$command" --help-all >help 2>/dev/null || "$TAMIS" "$command" --help >help
    sed -n 's/^ \{2,6\}\(-[a-zA-Z], *\)\{0,1\}\(--.*\)/\2/p' help | options >"options.$command"
    check "$command has options" test -s "options.$command"
    cat "options.$command"
done | cat - "$place/hidden" | sort -u >all
check 'options are found' test "$(wc -l <all)" -ge 100

for file in "$top"/src/*/*.[ch]; do
    literals "$file" | options | comm -23 - all >strange
    check "${file#"$top/"} names $(tr '\n' ' ' <strange)" test ! -s strange
done
for command in $commands; do # what another command has stands behind its name, or before it
    file=$top/src/cli/cmd_$command.c
    [ -f "$file" ] || continue
    others=$(echo "$commands" | grep -vx "$command" | paste -sd'|' -)
    literals "$file" | sed -E "s/(^|[^a-z])($others) --[a-z-]*//g; s/--[a-z-]* of tamis ($others)//g" | options |
        comm -23 - "options.$command" >strange
    check "cmd_$command.c names $(tr '\n' ' ' <strange)" test ! -s strange
done
# of other programs: configure, pkg-config, the scripts beside, other recommenders
printf '%s\n' enable-sanitizers enable-coverage enable-werror enable-static with-python prefix cflags libs update lr n-factors >known
sort -u known all >either
for file in README.md CHANGELOG.md CONTRIBUTING.md bench/README.md data/README.md; do
    options <"$top/$file" | comm -23 - either >strange
    check "$file names $(tr '\n' ' ' <strange)" test ! -s strange
done
sed 's/\\-/-/g; s/^\.[A-Z][a-z] Fl -/--/; s/ Fl -/ --/g' "$top/man/tamis.1.in" | options | comm -23 - either >strange
check "the manual names $(tr '\n' ' ' <strange)" test ! -s strange

finish
