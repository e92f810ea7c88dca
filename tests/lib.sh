# What shell tests begin with:
#
#   set -u
#   . "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
#   needs "$TAMIS"
#
# and end with: finish. It leaves them in an empty folder of their own, $place, which goes when they end. $top is the source
# folder, $data its sample logs, $TAMIS the program by its full name.
top=$(cd "${abs_top_srcdir-$(dirname "$0")/..}" && pwd) || exit 99
data=$top/data
TAMIS=${TAMIS-$PWD/tamis}
LC_ALL=C
export LC_ALL TAMIS
place=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$place" 2>/dev/null; rm -rf "$place"' EXIT
trap 'exit 130' INT TERM
cd "$place" || exit 99

checks=0 failures=0
show() { [ ! -s err ] || sed 's/^/  | /' err | head -10; } # of what was just looked at
check() { # WHAT COMMAND...: the command succeeds
    checks=$((checks + 1)) what=$1
    shift
    "$@" && return
    failures=$((failures + 1))
    echo "wrong: $what"
    show
}
says() { grep -qF -e "$1" "${2-err}"; } # TEXT [FILE]: what went to stderr, or stands in the file
sound() { # WHAT: no sanitizer has found anything
    if grep -q -e 'Sanitizer' -e 'runtime error:' err; then check "$1 is sound" false; fi
}
tamis() { # ARGUMENT...: must succeed
    "$TAMIS" "$@" 2>err
    code=$?
    [ $code = 0 ] || check "tamis $* (exit $code)" false
    sound "tamis $*"
    return $code
}
refuse() { # CODE TEXT ARGUMENT...: must end with this exit code and a sentence that holds the text
    wanted=$1 sentence=$2
    shift 2
    "$TAMIS" "$@" >/dev/null 2>err
    code=$?
    check "tamis $*: exit $code, not $wanted" test "$code" = "$wanted"
    check "tamis $*: says $sentence" says "$sentence"
}
near() { # A B [EPSILON]
    awk -v a="$1" -v b="$2" -v e="${3-1e-9}" 'BEGIN { exit !(a != "" && b != "" && a - b < e && b - a < e) }'
}
# fault.so of tests/fault.c, which makes calls go wrong where it is preloaded: not with sanitizers
fault_library() {
    case "${SANITIZERS-no}" in no|'') ;; *) return 1 ;; esac
    # shellcheck disable=SC2086 # CC may be two words
    ${CC:-cc} -O1 -D_GNU_SOURCE -shared -fPIC "$top/tests/fault.c" -o fault.so -ldl 2>err
}
# The test, or the rest of it, cannot be tried here.
skip() { echo "skipped: $*"; [ "$failures" = 0 ] && exit 77; exit 1; }
needs() { for file; do [ -e "$file" ] || skip "there is no $file"; done; }
finish() { echo "$checks checks, $failures failures"; [ "$failures" = 0 ]; exit; }
