# What shell tests begin with:
#   . "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
#   needs "$TAMIS"        (where the program is run)
#   ...; finish
# It leaves them in an empty folder of their own, $place, which goes when they end; $top is the source folder, $TAMIS the
# program by its full name, $data the sample logs.
top=$(cd "${abs_top_srcdir-$(dirname "$0")/..}" && pwd) || exit 99
TAMIS=${TAMIS-$PWD/tamis}
data=$top/data
place=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$place" 2>/dev/null; rm -rf "$place"' EXIT
trap 'exit 130' INT TERM
cd "$place" || exit 99
unset LC_ALL LANG LC_NUMERIC

checks=0 failures=0
# check WHAT COMMAND...: the command succeeds. What it wrote into err is shown where it does not.
check() {
    checks=$((checks + 1)) what=$1
    shift
    "$@" && return
    failures=$((failures + 1))
    echo "wrong: $what"
    [ ! -s err ] || sed 's/^/  | /' err | head -10
}
# All of the test, or the rest of it, cannot be tried here.
skip() { echo "skipped: $*"; [ "$failures" = 0 ] && exit 77; exit 1; }
needs() { for file; do [ -e "$file" ] || skip "there is no $file"; done; }
finish() { echo "$checks checks, $failures failures"; [ "$failures" = 0 ]; exit; }
