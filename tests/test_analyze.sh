#!/bin/sh
# Static analysis of src: the quickest tool; with TAMIS_ANALYZE=all, as in continuous integration, every one that is installed
# (make analyze). One at a time, beside other tests.
set -u
case ${TAMIS_ANALYZE-} in
all) tools= ;;
*) tools=cppcheck; command -v cppcheck >/dev/null || { echo "skipped: there is no cppcheck"; exit 77; } ;;
esac
cd "${abs_top_builddir-.}" && JOBS=1 ${MAKE:-make} -s analyze TOOLS="$tools"
