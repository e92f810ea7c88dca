#!/bin/sh
# The Python package, laid out as it is installed, through its tests in tests/python. They take the system's Python with numpy,
# scipy, pandas and pytest, and are passed over where these are missing, but not where TAMIS_NEEDS_PYTHON is set.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
case "${SANITIZERS-no}" in no|'') ;; *) skip "a sanitizer build" ;; esac
library=${abs_top_builddir-$top}/.libs/libtamis.so.1
[ -e "$library" ] || skip "no shared library"
python=${PYTHON_FOR_TESTS-/usr/bin/python3}
if ! "$python" -c 'import numpy, scipy, pandas, pytest' 2>err; then
    cat err
    echo "$python lacks what the tests need: apt-get install python3-numpy python3-scipy python3-pandas python3-pytest"
    [ -z "${TAMIS_NEEDS_PYTHON-}" ] || exit 1
    skip "they cannot be run"
fi

mkdir package package/tamis
ln -s "$top"/src/python/tamis/*.py "$top/src/python/tamis/py.typed" "$top/include/tamis.h" "$library" package/tamis/
PYTHONPATH=$place/package PYTHONDONTWRITEBYTECODE=1 abs_top_srcdir=$top abs_top_builddir=${abs_top_builddir-$top}
export PYTHONPATH PYTHONDONTWRITEBYTECODE abs_top_srcdir abs_top_builddir
unset TAMIS_LIBRARY
# what make install-python puts anywhere finds the installed library by its name, and goes again
into() { ${MAKE:-make} -s -C "$abs_top_builddir" "$@" DESTDIR="$place/at" pythondir=/packages; }
into install-python >err 2>&1
check "it is installed" test -s at/packages/tamis/__init__.py -a -s at/packages/tamis/tamis.h -a -L at/packages/tamis/libtamis.so.1
(cd / && LD_LIBRARY_PATH=$abs_top_builddir/.libs PYTHONPATH=$place/at/packages "$python" -c 'import tamis; tamis.BPR(epochs=1).fit([[0, 1], [1, 0]])') 2>err
check "it trains from there" test $? = 0
into uninstall-python >err 2>&1
check "uninstalled it leaves nothing" test -z "$(find at ! -type d)"
[ "$failures" = 0 ] || exit 1

"$python" -m pytest -q -p no:cacheprovider --rootdir="$top/tests/python" --basetemp="$place/pytest" -ra "$top/tests/python" >err 2>&1
code=$?
tail -n 30 err
[ -z "${TAMIS_NEEDS_PYTHON-}" ] || ! grep -q '^SKIPPED' err || exit 1
exit $code
