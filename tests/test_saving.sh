#!/bin/sh
# What took long to make is saved whatever happens: without /proc or unnamed files, when the name cannot be taken, on a full
# disk, in a directory that has gone; through links; with the mode that the umask asks for. Faults come from tests/fault.c.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
mkdir temporary
TMPDIR=$place/temporary
export TMPDIR

tamis() { # CODE ARGUMENT...
    wanted=$1
    shift
    "$TAMIS" "$@" 2>err
    code=$?
    check "tamis $*: exit $code, not $wanted" test $code = "$wanted"
    sound "tamis $*"
}
nothing_left() { test -z "$(find . -name '*.tmp-*')"; }
same() { cmp -s whole "$1"; }

gzip -dc "$data/sample.csv.gz" | head -4000 >log.csv
train() { # CODE MODEL
    tamis "$1" train log.csv -o "$2" --factors 8 --epochs 3
}
train 0 whole

# ------------------------------------------------------------------------------------------------------------- faults
if fault_library; then
    broken() { # FAULTS PATH CODE ARGUMENT...: a command some of whose calls go wrong
        faults=$1 path=$2
        shift 2
        LD_PRELOAD=$place/fault.so FAULT=$faults FAULT_PATH=$path
        export LD_PRELOAD FAULT FAULT_PATH
        "$@"
        unset LD_PRELOAD FAULT FAULT_PATH
    }
    for fault in ENOENT EIO EACCES; do
        broken "link:1+:$fault" unlinked train 0 unlinked
        check "a file that cannot be linked ($fault) is saved all the same" same unlinked
        rm unlinked
    done
    mkdir named
    broken 'open:1:EROFS open:3:EROFS' named/ train 0 named/model # the first and third: unnamed files, of check and save
    check 'without unnamed files' same named/model
    for fault in EBUSY EACCES EIO; do
        broken "rename:1:$fault" denied train 1 denied
        check "where renaming fails ($fault) the model is kept beside" same denied.saved-1
        check "and that is said ($fault)" says '; what was to be written is complete in denied.saved-1'
        check "with what was trained ($fault)" says 'trained 3 epochs'
        rm denied.saved-1
    done
    echo 'of before' >denied.saved-1
    broken 'rename:1:EBUSY' denied train 1 denied
    check 'a name in use is not taken' test "$(cat denied.saved-1)" = 'of before'
    check 'but the next one' same denied.saved-2
    broken 'rename:1+:EBUSY' denied train 1 denied
    kept=$(sed -n 's/.* is complete in //p' err)
    check 'and under its temporary name if all else fails' same "$kept"
    rm -f "$kept"
    mkdir full
    for fault in 'write:1+:ENOSPC' 'write:3+:ENOSPC' 'sync:1+:EIO' 'open:2+:ENOSPC'; do
        broken "$fault" full/ train 1 full/model
        check "$fault: in the temporary directory" same temporary/model.saved-1
        check "$fault: says so" says "; the model is saved as $place/temporary/model.saved-1 instead"
        check "$fault: nothing else" test -z "$(ls full)"
        rm -f temporary/*
    done
    broken 'write:1+:ENOSPC' "$place" train 1 full/model
    kept=$(sed -n 's/.* is saved as \(.*\) instead/\1/p' err)
    check 'or in /tmp' test "${kept%/*}" = /tmp
    check 'whole' same "$kept"
    rm -f "$kept"
    broken 'write:1+:ENOSPC' / train 1 full/model
    check 'or nowhere, which is said' says 'could be saved nowhere'
    broken 'write:2:half write:4:EINTR' partly train 0 partly
    check 'writes in pieces' same partly
    check 'nothing is left of all that' nothing_left
fi

# the real thing, where we may make a place of our own
alone() { unshare -rm sh -c "$@" 2>err; }
if alone 'mount -t tmpfs none /proc' && alone 'mount --bind log.csv log.csv'; then
    alone "mount -t tmpfs none /proc && '$TAMIS' train log.csv -o without --factors 8 --epochs 3"
    check 'without /proc: exit 0' test $? = 0
    check 'without /proc' same without
    echo old >mounted
    alone "mount --bind mounted mounted && '$TAMIS' train log.csv -o mounted --factors 8 --epochs 3"
    check 'a mounted file: exit 1' test $? = 1
    check 'a mounted file: before training' says '--output: cannot replace mounted: it is mounted on its own; mount its directory'
    check 'a mounted file is left as it is' test "$(cat mounted)" = old
fi

# a directory that goes away during training
mkdir gone
"$TAMIS" train log.csv -o gone/model --factors 8 --epochs 1000000 --log running.jsonl 2>err &
pid=$!
while kill -0 $pid 2>/dev/null && [ ! -s running.jsonl ]; do sleep 0.05; done
rmdir gone
kill -TERM $pid
wait $pid
check 'a directory that has gone: exit 1' test $? = 1
check 'and the model is elsewhere' test -s temporary/model.saved-1
"$TAMIS" info temporary/model.saved-1 >info 2>err
check 'whole' grep -q 'epochs-trained' info

# -------------------------------------------------------------------------------------------------------------- links
mkdir far
ln -s far/target link && ln -s link link2
train 0 link2
check 'a link of links is written through, even to what is not there yet' same far/target
check 'and stays a link' test "$(readlink link2) $(readlink link)" = 'link far/target'
echo old >far/target
chmod 604 far/target
train 0 link
check 'or to what is there' same far/target
check 'whose mode is kept' test "$(find far/target -perm 604)" = far/target
ln -s ../far/inner far/relative
train 0 far/relative
check 'a relative link is read from its own directory' same far/inner
ln -s circle1 circle2 && ln -s circle2 circle1
train 1 circle1
check 'a circle is refused' says 'symbolic links'
ln -s nowhere/model astray
train 1 astray
check 'a link to nowhere is refused' says 'cannot write astray: No such file or directory'
"$TAMIS" recommend whole -k 1 -o /dev/stdout >direct 2>err
"$TAMIS" recommend whole -k 1 >through 2>err
check '/dev/stdout is what it is' cmp -s direct through
tamis 1 recommend whole -k 1 -o /dev/full
check 'a full device' says 'No space left on device'

# -------------------------------------------------------------------------------------------------------------- modes
for mask in 022 077 002; do
    (umask $mask; : >"plain$mask"; "$TAMIS" recommend whole -k 1 -o "top$mask.csv" 2>err)
    check "umask $mask" test "$(find . -name "top$mask.csv" -perm "$(stat -c %a "plain$mask" 2>/dev/null || stat -f %Lp "plain$mask")")"
done

# --------------------------------------------------------------------------------------- two outputs, one file, none yet
rm -f one two both
ln -s both one
ln -s both two
for pair in 'one two' 'new ./new' "$place/new new"; do
    # shellcheck disable=SC2086
    set -- $pair
    tamis 2 noise log.csv --uniform 0.2 -o "$1" --truth "$2"
    check "$1 and $2" says '--output and --truth are the same file'
    tamis 2 evaluate whole log.csv --per-user "$1" -o "$2"
    check "$1 and $2 of evaluate" says '--output and --per-user are the same file'
done
check 'none of them is made' test ! -e both -a ! -e new
tamis 2 audit whole log.csv -o suspects.csv --hidden hidden.csv
check 'an audit without what it needs' says 'no flip probabilities'
check 'does not begin' test ! -e suspects.csv
(ulimit -f 8; trap - XFSZ; "$TAMIS" train log.csv -o large --factors 64 --epochs 1 2>err)
check 'a file that may not grow is told' says 'File too large'

check 'nothing is left behind' nothing_left
finish
