#!/bin/sh
# What must not work, and how the program says so: malformed inputs, impossible options, damaged models, outputs that
# cannot be written. A case is one call of refuse:
#
#   refuse CODE 'literal part of the sentence' ARGUMENT...     must end with CODE, say so on stderr, write nothing
#   accept 'literal part of stdout or stderr' ARGUMENT...      must end with 0
#
# put and the other makers before it prepare its input, in a directory that is emptied after each case; the log ../log
# and the model ../model are sound. TAMIS_VALGRIND=1 runs every case under valgrind.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
TMPDIR=$place # where a model goes that cannot be saved where it should
export TMPDIR
mkdir case && cd case || exit 99
cases=0

if [ "${TAMIS_VALGRIND-0}" = 1 ]; then
    command -v valgrind >/dev/null || skip "no valgrind"
    # instructions that valgrind knows
    TAMIS_CPU=avx2 OMP_NUM_THREADS=2
    export TAMIS_CPU OMP_NUM_THREADS
fi
run() {
    if [ "${TAMIS_VALGRIND-0}" = 1 ]; then
        set -- valgrind -q --error-exitcode=99 --leak-check=full --show-leak-kinds=definite,indirect \
            --errors-for-leak-kinds=definite "$TAMIS" "$@"
    else
        set -- "$TAMIS" "$@"
    fi
    "$@"
}

# ------------------------------------------------------------------------------------------------------------- makers
put() { # FILE FORMAT [ARGUMENT...]
    put_file=$1
    shift
    # shellcheck disable=SC2059
    printf "$@" >"$put_file"
}
first() { dd if="$1" bs=1 count="$2" 2>/dev/null; } # FILE BYTES
size() { wc -c <"$1" | tr -d ' '; }
flip() { # FILE OFFSET: turns the lowest bit of one byte
    byte=$(dd if="$1" bs=1 skip="$2" count=1 2>/dev/null | od -An -tu1 | tr -d ' ')
    # shellcheck disable=SC2059
    printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
damage() { # OFFSET: a copy of the model with one bit turned
    cp ../model bad
    flip bad "$1"
}
crc32() { gzip -c | tail -c 8 | dd bs=1 count=4 2>/dev/null; } # as gzip notes it: little-endian, as on this machine
long() { awk -v n="$1" 'BEGIN { s = "abcdefgh"; while (length(s) < n) s = s s; print substr(s, 1, n) }'; } # BYTES

# ------------------------------------------------------------------------------------------------------------- checks
fail() {
    failures=$((failures + 1))
    echo "case $cases: $1"
    echo "  tamis $arguments"
    sed 's/^/  | /' ../err | cut -c 1-400 | head -20
}
# These run for every case: few programs are started for each, which would cost more than the cases themselves.
newline='
'
state() { # names and contents
    set -- * .[!.]*
    [ "$*" = '* .[!.]*' ] && return
    ls -ARF
    find . -type f -exec cksum {} +
}
sound() { # no report of a sanitizer or valgrind, no crash
    case $said in
        *Sanitizer*|*'runtime error:'*|*"$newline"==[0-9]*==*) ;;
        *) [ "$code" -ge 134 ] || [ "$code" = 99 ] || return 0 ;;
    esac
    fail "exit $code, with a report"
    return 1
}
says() {
    case $said in *"$1"*) return 0 ;; esac
    return 1
}
sentences() { # exactly one
    case $said in *"${newline}tamis: "*"${newline}tamis: "*) return 1 ;; esac
    says "${newline}tamis: "
}
reset() {
    rm -rf ./* ./.[!.]* 2>/dev/null && return
    chmod -R u+w .
    rm -rf ./* ./.[!.]*
}
refuse() {
    wanted=$1 text=$2
    shift 2
    cases=$((cases + 1)) arguments="$*"
    before=$(state)
    run "$@" >../out 2>../err </dev/null
    code=$?
    after=$(state) said="$newline$(cat ../err)"
    if sound; then
        if [ "$code" != "$wanted" ]; then fail "exit $code, expected $wanted"
        elif ! says "$text"; then fail "the sentence does not say: $text"
        elif ! sentences; then fail "not one sentence"
        elif [ -s ../out ]; then fail "something on standard output"
        elif [ "$before" != "$after" ]; then fail "files were left or changed: $before -> $after"
        fi
    fi
    reset
}
accept() {
    text=$1
    shift
    cases=$((cases + 1)) arguments="$*"
    run "$@" >../out 2>../err </dev/null
    code=$? said="$newline$(cat ../err ../out)"
    if sound; then
        if [ "$code" != 0 ]; then fail "exit $code, expected 0"
        elif ! says "$text"; then fail "the output does not say: $text"
        fi
    fi
    reset
}

# 30 users, 20 items; user u has the items of its parity, but for two
awk 'BEGIN { print "user,item,rating"; for (u = 0; u < 30; u++) for (i = u % 2; i < 20; i += 2)
     if (i != u % 20 && i != (u + 4) % 20) print "u" u ",i" i "," 1 + (u + i) % 5 }' >../log
arguments="train ../log -o ../model --factors 4 --epochs 3" code=0
# shellcheck disable=SC2086
run $arguments 2>../err || { fail "the model all other cases need"; exit 1; }
said=$(cat ../err)
sound || exit 1

# -------------------------------------------------------------------------------------------- files that are no tables
refuse 1 'cannot open nothing.csv: No such file or directory' train nothing.csv -o m
mkdir clicks.csv; refuse 3 'clicks.csv: no log in this folder' train ../log --validation clicks.csv -o m
# zstd: frames written by hand (RFC 8878), of one block that is not compressed: magic, header, size, block header, block
frame() { put "$1" '(\265/\375\040\020\201\000\000user,item\nu1,i1\n'; } # FILE
further() { printf '(\265/\375\040\006\061\000\000u2,i2\n'; }
frame z
if run info z 2>&1 | grep -q 'is packed by zstd; unpack it first'; then
    frame z; refuse 3 'z is packed by zstd; unpack it first, as in: zstd -dc FILE | tamis ... -' info z
else
    frame z; accept '1 row read (columns user, item)' info z
    frame z; further >>z; accept '2 rows read' info z
    frame z; put s 'P*M\030\003\000\000\000abc'; cat s z s >t; further >>t; accept '2 rows read' info t
    frame z; gzip -c z >y; refuse 3 'y is packed by zstd' info y
    for cut in 4 5 8 11 23 24; do frame z; first z "$cut" >t; refuse 3 't: the zstd data ends too early: the file is truncated' info t; done
    frame z; further >t; first t 9 >>z; refuse 3 'z: the zstd data ends too early' info z
    frame z; printf 'u3,i3\n' >>z; refuse 3 'z: after the end of the zstd data stand bytes that are not zstd' info z
    put z '(\265/\375\040\020\207\000\000user,item\nu1,i1\n'; refuse 3 'z: the zstd data is damaged (' info z
    put z '(\265/\375\040\003\031\000\000a\000b'; refuse 3 'a NUL byte' info z
    if command -v zstd >/dev/null; then
        awk 'BEGIN { print "user,item"; for (k = 0; k < 400000; k++) print "u" k % 1000 ",i" k }' | zstd -q -19 >z
        accept '400,000 rows read' info z
    fi
fi
# JSON lines
put j '{"user":"u1","item":1}\n{"user":"u1","item":2}\n'
if run info j 2>&1 | grep -q 'built without jansson'; then
    refuse 3 'j is JSON, an object a line' info j
    put j 'user,item\n'; refuse 3 'this program was built without jansson' info j --format jsonl
else
    accept '2 rows read (columns user, item); 0 bad' train j -o m --epochs 1
    put j '{"user":"u1","item":1}\n'; accept '1 row read (columns user, item); 0 bad' train j -o m --epochs 1
    put j '\n {"user":"u1","item":1}\r\n \n{"item":"x,\\n\\"y","other":{"a":[]},"user":-7}'
    accept '2 rows read (columns user, item); 0 bad; 0 duplicates; 2 users x 2 items' train j -o m --epochs 1
    # the same log as CSV and as JSON: the same bytes of a split
    put j.csv 'user,item,rating,time,kind,plays\na,x,5,1577836800,play,2\na,"y z",1,1577836801,skip,1\nb,x,4.5,1577836802,play,30\nb,w,2,1577836803,play,1\n'
    put j '{"plays":2,"user":"a","item":"x","rating":5,"time":1577836800,"kind":"play"}\n{"user":"a","item":"y z","rating":1.0,"plays":1,"time":1577836801,"kind":"skip"}\n{"user":"b","kind":"play","item":"x","rating":4.5e0,"time":1577836802,"plays":30,"tags":["t"]}\n{"user":"b","item":"w","rating":2,"time":"2020-01-01T00:00:03Z","kind":"play","plays":1.0}'
    for log in j j.csv; do
        "$TAMIS" split $log -o of-$log --test-ratio 0.5 --weight plays --dislike kind=skip --where 'rating>0' -q 2>../err || fail "$log"
    done
    cmp of-j/train.csv of-j.csv/train.csv && cmp of-j/test.csv of-j.csv/test.csv || fail 'JSON and CSV come to different logs'
    grep -q . of-j/train.csv || fail 'nothing in it'
    for log in j j.csv; do rm -r of-$log $log; done
    put j '{"user":"a","item":"x","dislike":true}\n{"user":"a","item":"y","dislike":false}\n'; accept '1 dislike (column dislike)' train j -o m --epochs 1
    put j '{"user":"a","item":"x"}\n{"user":"a","item":\n'; refuse 3 'j:2:19: the line is no JSON object: ' info j
    put j '{"user":"a","item":"x"}\n{"user":"a","item":\n'; accept '2 rows read (columns user, item); 1 bad' train j -o m --on-error skip --epochs 1
    put j '{"user":"a","item":"x"}\n[1,2]\n'; refuse 3 'j:2:1: the line is no JSON object: it is an array' info j
    put j '{"user":"a","item":"x"}\n17\n'; refuse 3 'j:2:' info j
    put j '{"user":"a","item":"x"} {"user":"a","item":"y"}\n'; refuse 3 'j:1:' info j
    put j '{"user":"a","user":"b","item":"x"}\n'; refuse 3 'duplicate object key' info j
    put j '{"user":"a","item":"x"}\n{"user":"a","item":99999999999999999999}\n'; refuse 3 'too big integer' info j
    put j '{"user":"a","item":"x"}\n{"user":"a"}\n'; refuse 3 'j:2:2: the item id is empty' info j
    put j '{"user":"a","item":"x"}\n{"user":null,"item":"x"}\n'; refuse 3 'j:2:1: the user id is empty' info j
    put j '{"user":"a","item":"x"}\n{"user":{"id":1},"item":"x"}\n'; refuse 3 'j:2:1: "user" holds an object; expected text or a number' info j
    put j '{"user":"a","item":["x"]}\n'; refuse 3 'j:1:2: "item" holds an array' info j
    put j '{"user":"a\\u0000","item":"x"}\n'; refuse 3 'j:1:' info j
    put j '{"user":"a\377","item":"x"}\n'; refuse 3 'j:1:' info j
    put j '{"user":"a","item":"x"}\n{"user":"a\000","item":"x"}\n'; refuse 3 'a NUL byte' info j
    put j '{"u":"a","i":"x","k":3}\n'; accept '1 row read (columns u, k)' train j -o m --item k --epochs 1
    put j '{"who":"a","what":"x","k":3}\n'; refuse 3 "j:1: no column is known as the user's; name it with --user, one of who, what, k" info j --item k
    put j '{}\n{}\n'; refuse 3 'j:1: the objects of the first lines have no names' info j
    awk 'BEGIN { for (k = 0; k < 1024; k++) print "{\"user\":\"a\",\"item\":" k "}"; print "{\"user\":\"a\",\"item\":-1,\"late\":1}" }' >j
    accept 'j: names that come up after the first 1024 lines, such as "late", are passed over' train j -o m --epochs 1
    put j 'user,item\nu1,i1\n'; refuse 3 'j:1:4: the line is no JSON object (' info j --format jsonl
    put j ''; refuse 3 'no interaction: there is no row of data; expected an object a line' train j -o m --format jsonl
    put j '{"user":"a","item":"x"}\n'; refuse 2 '--delimiter is about CSV' info j --delimiter ,
    put j '{"user":"a","item":"x"}\n'; refuse 2 '--quotes is about CSV' info j --quotes none
    put j '{"user":"a","item":"x"}\n'; refuse 2 '--no-header is about CSV' info j --no-header
    { printf '{"user":"a","item":"x","text":"'; long 1048576; printf '"}\n'; } >j; refuse 3 'j is JSON; make CSV of it' info j --format jsonl
    { printf '{"user":"a","item":"x"}\n{"user":"a","item":"y","text":"'; long 1048576; printf '"}\n'; } >j; refuse 3 'j:2:1: the row does not end within 1 MiB' info j
    awk 'BEGIN { for (k = 0; k < 60000; k++) printf "{\"user\":\"u%d\",\"item\":%d,\"text\":\"%s\"}\n", k % 1000, k, "some text to pass" }' >j
    accept '60,000 rows read (columns user, item); 0 bad; 0 duplicates; 1,000 users x 60,000 items' train j -o m --method pop
    printf '{"user":"a","item":"x"}\n{"user":"b","item":"y"}\n' | gzip >j; accept '2 rows read' train j -o m --epochs 1
    put j '{"user":"a","item":"x"}\n{"user":"a","item":"y"}\n'; accept 'users' evaluate ../model ../log --mask j
fi
rm -rf ./*
# folders and patterns
mkdir clicks.csv; refuse 3 'clicks.csv: no log in this folder; expected logs' train clicks.csv -o m
mkdir c; : >c/_SUCCESS; refuse 3 'c: no log in this folder; passed over: _SUCCESS; expected logs' info c
mkdir c; ln -s nowhere c/a; refuse 1 'cannot open c/a: No such file' info c
refuse 3 'part-*: no file matches; expected logs' info 'part-*'
refuse 3 'x?.csv: no file matches; expected logs' evaluate ../model 'x?.csv'
refuse 2 'the path is empty' info ''
mkdir c c/deep; put c/b.csv 'user,item\nu1,i1\n'; cp c/b.csv c/.hidden; cp c/b.csv c/_temporary
accept 'passed over: ' info c
mkdir c c/deep; put c/b.csv 'user,item\nu1,i1\n'; accept 'c: 1 file, by name; passed over: deep/' info c
mkdir c; put c/a 'user,item\nu1,i1\n'; put c/b 'user,item\nu2,\n'; refuse 3 'c/b:2:2: ' info c
mkdir c; put c/b 'u2,i1,x\n'; put c/a 'user,item\nu1,i1\n'; put c/B ''; accept '3 files, c/B to c/b' info 'c/*'
put 'a*.csv' 'user,item\nu1,i1\n'; put ab.csv 'bad\n'; accept '1 row read' info 'a*.csv'
# also where options name logs
mkdir c; put c/a 'user,item\nu1,i1\n'; put c/b 'u2,i2\n'; accept 'c: 2 files, by name' evaluate ../model ../log --mask c
mkdir c; put c/a 'user,item\nu1,i1\n'; put c/b 'u2,i2\n'; accept 'mask: c, several files: no checksum' evaluate ../model ../log --mask c --verbose
mkdir c; put c/a 'user,item\nu1,i1\n'; put c/b 'user,item\nu2,\n'; refuse 3 'c/b:2:2: ' evaluate ../model ../log --mask 'c/*'
mkdir c; put c/a 'user,item\nu1,i1\n'; accept 'c/*: 1 file, by name' train ../log --validation 'c/*' -o m --epochs 1
mkdir c; put c/a 'user,item\nu1,i1\n'; accept 'c/*: 1 file, by name' evaluate ../model ../log --train 'c/*'
refuse 3 'part-*: no file matches; expected logs' evaluate ../model ../log --mask 'part-*'
put 'a*.csv' 'user,item\nu1,i1\n'; accept '1 row read' evaluate ../model ../log --mask 'a*.csv'
put a.csv ''; refuse 3 'a.csv: no interaction: there is no row of data' train a.csv -o m
put a.csv 'user,item\n'; refuse 3 'a.csv: no interaction: there is no row of data' train a.csv -o m
put a.csv '\n\n\r\n\n'; refuse 3 'a.csv: no interaction: there is no row of data' train a.csv -o m
put a.csv '\n   \n'; refuse 3 'a.csv:2: ' train a.csv -o m
put a.csv '# a\n# b\n'; refuse 3 'a.csv:1: ' train a.csv -o m
put a.csv '\357\273\277'; refuse 3 'a.csv: no interaction: there is no row of data' train a.csv -o m
put a.csv 'user,item\nu1,i1\nu\0002,i2\n'; refuse 3 'a.csv:3:1: a NUL byte' train a.csv -o m
put a.csv '\0\0\0\0\0\0\0\0'; refuse 3 'a.csv:1:1: a NUL byte' train a.csv -o m
put a.csv '\377\376u\0s\0,\0i\0\n\0001\0,\0002\0\n\0'; refuse 3 'a.csv is UTF-16 text; convert it' train a.csv -o m
refuse 3 'standard input: no interaction: there is no row of data' train - -o m
refuse 1 'cannot open nothing.csv' train ../log nothing.csv -o m
put a.csv 'user,item\nu1\n'; refuse 3 'a.csv:2:2: the row has 1 column' train ../log a.csv -o m

# -------------------------------------------------------------------------------------------------------- broken gzip
gzip -c ../log >../log.gz
gzip_size=$(size ../log.gz)
first ../log.gz 1 >a.csv.gz; refuse 3 'a.csv.gz:1: ' train a.csv.gz -o m
for cut in 2 5 12 100 $((gzip_size - 9)) $((gzip_size - 5)) $((gzip_size - 1)); do
    first ../log.gz "$cut" >a.csv.gz
    refuse 3 'a.csv.gz: the gzip data ends too early: the file is truncated' train a.csv.gz -o m
done
cp ../log.gz a.gz; flip a.gz $((gzip_size - 8)); refuse 3 'a.gz: the gzip data is damaged' train a.gz -o m
cp ../log.gz a.gz; flip a.gz $((gzip_size - 1)); refuse 3 'a.gz: the gzip data is damaged' train a.gz -o m
cp ../log.gz a.gz; flip a.gz $((gzip_size / 2)); refuse 3 'a.gz: the gzip data is damaged' train a.gz -o m
{ cat ../log.gz; printf 'garbage'; } >a.gz; refuse 3 'a.gz: after the end of the gzip data' train a.gz -o m
put a ''; gzip a; refuse 3 'a.gz: no interaction: there is no row of data' train a.gz -o m

# -------------------------------------------------------------------------------------------------------- rows of CSV
{ echo user,item; long 2000000; echo u1,i1; } >a.csv
refuse 3 'a.csv:2:1: the row does not end within 1 MiB' train a.csv -o m
put a.csv 'user,item\nu1,i1\nu2,"i2\nu3,i3\n'
refuse 3 'a.csv:3:2: the quote that opens this field is not closed on its line; expected --quotes none' train a.csv -o m
put a.csv 'user,item\nu1,i1\nu2,"i2\nu3,i3"\n'; refuse 3 'or --quotes csv if fields span lines' train a.csv -o m
put a.csv 'user,item\nu1,i1\nu2,"i2\nu3,i3\n'
refuse 3 'a.csv:3:2: the quote that opens this field is closed neither within' train a.csv -o m --quotes csv
put a.csv 'user,item\nu1,i1\nu2,"i2\nu3,i3\n'; accept '3 rows read (columns user, item); 1 bad' \
    train a.csv -o m --quotes csv --on-error skip --epochs 1
put a.csv 'user,item\nu1,i1\nu2,"i2\nu3,i3\n'; accept '3 rows read (columns user, item); 0 bad' \
    train a.csv -o m --quotes none --epochs 1
put a.csv 'user,item\nu1,i1\nu2,"i2\nu3,i3"\nu4,i4\n'
accept '3 rows read (columns user, item); 1 line end inside quoted fields; 0 bad' train a.csv -o m --quotes csv --epochs 1
# names with a bare quote, as in exports of listening histories
bare='u1\t"heroes\nu2\tbjork\nu2\tblur\nu3\tthe 12"\nu4\tbjork\n'
commas=$(printf '%s' "$bare" | sed 's/\\t/,/g')
two='(no header: user = column 1, item = column 2)' three='(no header: user = column 1, item = column 2, rating = column 3)'
put a.tsv "$bare"; accept ": 5 rows read $two; 0 bad; " train a.tsv -o m --epochs 1
put a.tsv "$bare"; accept ": 5 rows read $two; 0 bad; " train a.tsv -o m --epochs 1 --on-error skip
put a.tsv "$bare"; accept ": 2 rows read $two; 3 line ends inside quoted fields; 0 bad; " train a.tsv -o m --epochs 1 --quotes csv
put a.csv "$commas"; refuse 3 'a.csv:1:2: the quote that opens this field' train a.csv -o m
put a.csv "$commas"; accept ": 5 rows read $two; 0 bad; " train a.csv -o m --epochs 1 --quotes none
put a.csv "$commas"; accept ": 5 rows read $two; 1 bad; " train a.csv -o m --epochs 1 --on-error skip
put a.csv 'u1|"ab|5\nu2|"b"c|5\nu3|d|5\nu4|e"|5\n'; refuse 3 'a.csv:1:2: the quote' train a.csv -o m
put a.csv 'u1|"ab|5\nu2|"b"c|5\nu3|d|5\nu4|e"|5\n'; accept ": 4 rows read $three; 2 bad; " train a.csv -o m --epochs 1 --on-error skip
put a.csv 'u1|"ab|5\nu2|"b"c|5\nu3|d|5\nu4|e"|5\n'; accept ": 4 rows read $three; 0 bad; " train a.csv -o m --epochs 1 --quotes none
put a.tsv 'u1\t"Weird Al" Yankovic\nu1\t"x\ty"\nu2\t"\n'; accept ": 3 rows read $two; 0 bad; " train a.tsv -o m --epochs 1
# what stands in a column that is not used does not matter, but may hide those behind it
put a.csv 'user,item,note\nu1,i1,"never\nu2,i2,"text" more\nu3,i3,\n'; accept ': 3 rows read' train a.csv -o m --epochs 1
put a.csv 'note,user,item\n"never,u1,i1\nx,u2,i2\n'; refuse 3 'a.csv:2:1: the quote' train a.csv -o m
put a.csv 'note,user,item\n"never,u1,i1\nx,u2,i2\n'; accept ': 2 rows read (columns user, item); 1 bad' \
    train a.csv -o m --epochs 1 --on-error skip
put a.csv 'user,item,note,rating\nu1,i1,"never,4\nu2,i2,x,3\n'; accept '; 1 without a rating (column rating); 0 bad' \
    train a.csv -o m --epochs 1
put a.csv 'user,artist,plays\nu1,Earth, Wind & Fire,7\nu2,blur,3,\nu2,bjork,3\n'
accept 'warning: a.csv:2: the row has 4 columns and the first row 3 (1 such row), so that users and items may be taken' \
    train a.csv -o m --epochs 1
put a.csv '"user","item"\n"1","u1","i1"\n"2","u2","i2"\n'; accept '2: the row has 3 columns and the first row 2 (2 such rows), so' \
    train a.csv -o m --epochs 1 # as R writes tables, with the names of its rows
put a.csv 'user;item;note\nu1;i1;"x;y"\nu2;i2;z\n'; accept 'expected --quotes auto if quotes stand around text' \
    train a.csv -o m --epochs 1 --quotes none
put a.csv 'user,item,"note\nu1,i1,x\nu2,i2,y\n'; accept ': 2 rows read (columns user, item); 0 bad' train a.csv -o m --epochs 1
for value in Auto CSV '' yes 'none '; do refuse 2 "--quotes: \"$value\" is none of" train ../log -o m --quotes "$value"; done
put a.csv 'user,item\nu1,i1\n"u2"x,i2\n'; refuse 3 'a.csv:3:1: text follows the quote' train a.csv -o m
put a.csv 'user,item\nu1,i1\nu2\nu3,i3\n'; refuse 3 'a.csv:3:2: the row has 1 column' train a.csv -o m
put a.csv 'user,item\nu1,i1\n,i2\nu3,i3\n'; refuse 3 'a.csv:3:1: the user id is empty' train a.csv -o m
put a.csv 'user,item\nu1,i1\nu2,\nu3,i3\n'; refuse 3 'a.csv:3:2: the item id is empty' train a.csv -o m
put a.csv 'user,item\nu1,i1\n"",i2\n'; refuse 3 'a.csv:3:1: the user id is empty' train a.csv -o m
put a.csv 'user,item\r\nu1,i1\r\n\r\nu2\r\n'; refuse 3 'a.csv:4:2: the row has 1 column' train a.csv -o m
put a.csv 'user,item\n"u\n\n1",i1\nu2\n'; refuse 3 'a.csv:5:2: the row has 1 column' train a.csv -o m --quotes csv
put a.csv 'user,item\nu1,i1\n\nu2\n'; gzip a.csv; refuse 3 'a.csv.gz:4:2: the row has 1 column' train a.csv.gz -o m
put a.csv 'id\nu1\nu2\n'; refuse 3 'a.csv:1: the first row has 1 column' train a.csv -o m
put a.csv 'user,item\nu1,i1\n'; refuse 3 'a.csv:1: the first row has 1 column' train a.csv -o m --delimiter ';'
put a.csv 'user,item\nu1,i1\n'; refuse 2 '--delimiter: "" is not one character' train a.csv -o m --delimiter ''
put a.csv 'user,item\nu1,i1\n'; refuse 2 '--delimiter: "::" is not one character' train a.csv -o m --delimiter '::'
put a.csv 'user,item\nu1,i1\n'; refuse 2 '--delimiter: """ is not one character' train a.csv -o m --delimiter '"'
put a.csv 'user,item\nu1\nu2\n'; refuse 3 'a.csv: no interaction: every row is bad, 2 in all; the first: a.csv:2:2: ' \
    train a.csv -o m --on-error skip
put a.csv 'user,item\nu1,i1\nu1,i2\nu1,i3\nu2\nu2,i1\nu2,i4\n'
accept 'first bad row: a.csv:5:2: ' train a.csv -o m --on-error skip --factors 2 --epochs 1

# ------------------------------------------------------------------------------------------------------------ columns
refuse 3 '../log:1: there is no column "customer" (--user); the columns are user, item, rating' \
    train ../log -o m --user customer
refuse 3 '../log:1: there is no column "product" (--item); the columns are user, item, rating' \
    train ../log -o m --item product
refuse 3 '../log:1: there is no column "stars" (--rating); the columns are user, item, rating' \
    train ../log -o m --rating stars
refuse 3 '../log:1: there is no column "when" (--time); the columns are user, item, rating' \
    train ../log -o m --time when
refuse 3 '../log:1: there is no column 4 (--item)' train ../log -o m --item 4
refuse 3 '../log:1: there is no column 0 (--user)' train ../log -o m --user 0
refuse 2 '--item' train ../log -o m --user user --item user
refuse 2 '--item' train ../log -o m --user 2 --item 2
refuse 2 '--item' train ../log -o m --user 2 --item item
put a.csv 'u1,i1\nu2,i2\n'; refuse 2 '--user "user" is a name, but --no-header' \
    train a.csv -o m --no-header --user user

# what was read is told
accept '../log: 240 rows read (columns user, item); 0 bad; ' train ../log -o m --epochs 1
accept 'ratings (column rating) are not used: every row counts as a positive; --min-rating X' train ../log -o m --epochs 1
accept '(columns user, item); 96 below rating 3 (column rating); 0 bad' train ../log -o m --epochs 1 --min-rating 3
put a.csv 'u1,i1,5\nu1,i2,3\nu2,i1,2\n'; accept '1 below rating 3 (column 3); 0 bad' train a.csv -o m --epochs 1 --min-rating 3
put a.csv 'u1,i1,5\nu1,i2,3\nu2,i1,2\n'; accept 'ratings (column 3) are not used' train a.csv -o m --epochs 1
put a.csv 'user_id,item_id,user\nu1,i1,3\n'
accept 'a.csv: 1 row read (columns user_id, item_id); 0 bad; 0 duplicates; 1 user x 1 item, 1 interaction' split a.csv -o d --test-ratio 0
accept 'trained 1 epoch in' train ../log -o m --epochs 1
put a.csv 'x,who,what\n1,u1,7\n2,u2,8\n'
accept '2 rows read (columns who, what)' train a.csv -o m --epochs 1 --user 2 --item 3

# what was taken without a name is told, and doubted aloud
put a.csv 'u1,i1,5,9\nu1,i2,3,8\nu2,i1,2,7\n'
accept '3 rows read (no header: user = column 1, item = column 2, rating = column 3, time = column 4); 0 bad' \
    split a.csv -o d --test-ratio 0
put a.csv 'i1,u1\ni2,u1\ni1,u2\n'; accept '3 rows read (no header: user = column 2, item = column 1); 0 bad' \
    train a.csv -o m --epochs 1 --user 2 --item 1
put a.txt '0 1 2\n1 1 3\n'; accept '4 rows read (lines of a user and items); 0 bad' train a.txt -o m --epochs 1 --format adjacency
put a.mtx '%%%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n2 2 1\n'; accept '2 rows read (rows are users, columns items); 0 bad' train a.mtx -o m --epochs 1
click='1,2014-04-07T10:51:09.277Z,214536502,0\n1,2014-04-07T10:54:09.868Z,214536500,0\n2,2014-04-07T13:56:37.614Z,214662742,0\n'
put a.csv "$click"
accept 'warning: a.csv: column 2, taken as item, looks like times (such as 2014-04-07T10:51:09.277Z); --item 3 takes the one that looks' \
    train a.csv -o m --epochs 1
put a.csv "$click"; accept '3 rows read (no header: user = column 1, item = column 3); 0 bad' train a.csv -o m --epochs 1 --item 3
put a.csv "$click"
accept 'warning: a.csv: column 2, taken as item, looks like times (such as 2014-04-07T10:51:09.277Z); --mask-item 3 takes the one that' \
    recommend ../model --mask a.csv -k 1
put a.csv "$click"; accept '(no header: user = column 1, item = column 3' recommend ../model --mask a.csv --mask-item 3 -k 1
put a.csv 'user_id,item_id,click\nu1,i1,1\nu1,i2,0\nu2,i1,1\n'
accept 'ratings (column click) are not used: every row counts as a positive, also 1 with 0; --min-rating 1 keeps those with 1' \
    train a.csv -o m --epochs 1
put a.csv 'user_id,item_id,click\nu1,i1,1\nu1,i2,0\nu2,i1,1\n'
accept '3 rows read (columns user_id, item_id); 1 below rating 1 (column click)' train a.csv -o m --epochs 1 --min-rating 1
put a.csv 'user_id,item_id\nu1,i1\nu1 ,i2\nu2,i1\n'; accept 'warning: user ids that differ from another by blanks alone: 1' \
    split a.csv -o d --test-ratio 0

# a table without its header would lose its first row
put p.csv 'i0,0.5\ni1,0.4\n'
refuse 3 "p.csv:1:2: 0.5 stands where the column's name belongs" train ../log -o m --method relmf --propensity p.csv
put p.csv '\nu0,i0,1\nu1,i1,0.4\n'
refuse 3 "p.csv:2:3: 1 stands where the column's name belongs" train ../log -o m --method relmf --propensity p.csv
put p.csv 'i0,0.5\ni1,0.4\n'
refuse 3 "p.csv:1:2: 0.5 stands where the column's name belongs" evaluate ../model ../log --metrics recall-snips --propensity p.csv

# ------------------------------------------------------------------------------------------------------------ ratings
for value in abc nan inf -1e999 0x10 '"4,5"' 4x '' --4 1e 4.5.6; do
    put a.csv 'user,item,rating\nu1,i1,4\nu1,i2,%s\n' "$value"
    refuse 3 'a.csv:3:3: rating "' train a.csv -o m --min-rating 1
    put a.csv 'user,item,score\nu1,i1,4\nu1,i2,%s\n' "$value"
    refuse 3 '" is not a number; expected one such as 4 or 3.5' train a.csv -o m --rating score
done
# what is not used is not parsed; what is written out again stays missing
for value in n/a '' like '"4,5"' 1e999 '"'; do
    put a.csv 'user,item,rating\nu1,i1,4\nu1,i2,%s\n' "$value"
    accept ': 2 rows read (columns user, item); 1 without a rating (column rating); 0 bad' train a.csv -o m --epochs 1
    put a.csv 'user,item,date\nu1,i1,2010-10-19\nu1,i2,%s\n' "$value"
    accept ': 2 rows read (columns user, item); ' split a.csv -o d --test-ratio 0
done
put a.csv 'user,item,rating\nu1,i1,4\nu1,i2,\033[31m4\n'
refuse 3 'a.csv:3:3: rating "\x1B[31m4"' train a.csv -o m --min-rating 1
put a.csv 'user,item,time\nu1,i1,1\nu1,i2,yesterday\n'
refuse 3 'a.csv:3:3: time "yesterday" is neither a number nor a date' train a.csv -o m --time time
put a.csv 'user,item\nu1,i1\n'; refuse 3 'a.csv:1: --min-rating needs ratings' train a.csv -o m --min-rating 3
refuse 3 '../log: no interaction: 240 rows are rated below --min-rating 6' train ../log -o m --min-rating 6
refuse 2 '--min-rating: "four"' train ../log -o m --min-rating four
refuse 3 'no interaction: none of the 30 users and 20 items is left with --min-' \
    train ../log -o m --min-user-interactions 1000
refuse 3 'no interaction: none of the 30 users and 20 items is left with --min-' \
    train ../log -o m --min-item-interactions 1000
refuse 2 '--min-user-interactions: "-1"' train ../log -o m --min-user-interactions -1
refuse 2 '--format: "xml" is none of' train ../log -o m --format xml
refuse 2 '--on-error: "ignore" is none of' train ../log -o m --on-error ignore

# ---------------------------------------------------------------------------------------------------- adjacency lists
put a.txt ''; refuse 3 'a.txt: no interaction: there is no row of data' train a.txt -o m --format adjacency
put a.txt 'u1,i1\nu2,i2\n'; refuse 3 'or no --format adjacency if it is CSV' train a.txt -o m --format adjacency
put a.txt 'u1\nu2\n'; refuse 3 'a.txt: no interaction: there is no row of data' train a.txt -o m --format adjacency
put a.txt '0 1 2\n1 3\0004\n'; refuse 3 'a.txt:2:2: a NUL byte' train a.txt -o m --format adjacency
put a.txt '0 1 2\n'; refuse 3 'a.txt: --min-rating needs ratings' train a.txt -o m --format adjacency --min-rating 2

# ------------------------------------------------------------------------------------------------------- MatrixMarket
mtx() { # LINES-AFTER-THE-BANNER...
    printf '%%%%MatrixMarket matrix coordinate real general\n' >a.mtx
    printf '%s\n' "$@" >>a.mtx
}
put a.mtx '%%%%MatrixMarket\n2 2 1\n1 1 1\n'; refuse 3 'a.mtx:1:1: expected a sparse matrix' train a.mtx -o m
put a.mtx '1 1 1\n'; refuse 3 'a.mtx:1:1: expected a sparse matrix' train a.mtx -o m --format mtx
put a.mtx '%%%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n4\n'
refuse 3 'a.mtx:1:1: expected a sparse matrix' train a.mtx -o m
put a.mtx '%%%%MatrixMarket matrix coordinate complex general\n2 2 1\n1 1 1 0\n'
refuse 3 'a.mtx:1:4: expected real, integer or pattern' train a.mtx -o m
put a.mtx '%%%%MatrixMarket matrix coordinate real symmetric\n2 2 1\n1 1 1\n'
refuse 3 'a.mtx:1:5: expected a general matrix' train a.mtx -o m
put a.mtx '%%%%MatrixMarket matrix coordinate real general\n'
refuse 3 'expected the line of three sizes' train a.mtx -o m
mtx '% only comments'; refuse 3 'expected the line of three sizes' train a.mtx -o m
mtx '2 2' '1 1 1'; refuse 3 'a.mtx:2:1: expected the line of three sizes' train a.mtx -o m
mtx '-2 2 1' '1 1 1'; refuse 3 'a.mtx:2:1: expected the line of three sizes' train a.mtx -o m
mtx '2 99999999999999999999 1' '1 1 1'; refuse 3 'a.mtx:2:2: expected the line of three sizes' train a.mtx -o m
mtx '2 2 1' '0 1 1'; refuse 3 'a.mtx:3:1: the row "0" is not a whole number from 1 to 2' train a.mtx -o m
mtx '% c' '2 2 1' '1 3 1'; refuse 3 'a.mtx:4:2: the column "3" is not a whole number from 1 to 2' train a.mtx -o m
mtx '2 2 1' '1 x 1'; refuse 3 'a.mtx:3:2: the column "x" is not a whole number from 1 to 2' train a.mtx -o m
mtx '2 2 1' '1 1 x'; refuse 3 'a.mtx:3:3: rating "x" is not a number' train a.mtx -o m
mtx '2 2 1' '1'; refuse 3 'a.mtx:3:2: the entry has 1 word' train a.mtx -o m
mtx '2 2 1' '1 1 1 1'; refuse 3 'a.mtx:3:4: the entry has 4 words' train a.mtx -o m
mtx '2 2 2' '1 1 1'; refuse 3 'but the head says 2; the file is truncated' train a.mtx -o m
mtx '2 2 99999999999999' '1 1 1'; refuse 3 'but the head says 99999999999999; the file is trunc' train a.mtx -o m
mtx '2 2 1' '1 1 1' '2 2 1'; refuse 3 'a.mtx:4:1: more entries than the 1 that the head says' train a.mtx -o m
# sizes are bounds, which allocate nothing
mtx '3000000000 4000000000 2' '2999999999 4000000000 1' '1 1 1'; accept '2 users x 2 items' train a.mtx -o m --epochs 1

# --------------------------------------------------------------------------------------------------- training options
for value in 0 -1 abc 1e99 99999999999999999999 4097 1.5 '' ' 8' 8x nan; do
    refuse 2 "--factors: \"$value\"" train ../log -o m --factors "$value"
done
for value in nan -1 0 inf 1e999 fast ''; do
    refuse 2 "--learning-rate: \"$value\"" train ../log -o m --learning-rate "$value"
done
refuse 2 '--epochs: "0"' train ../log -o m --epochs 0
refuse 2 '--negatives: "0"' train ../log -o m --negatives 0
refuse 2 '--regularization: "-0.1"' train ../log -o m --regularization -0.1
refuse 2 '--validation-ratio: "1.5"' train ../log -o m --validation-ratio 1.5
refuse 2 '--validation-ratio: "1"' train ../log -o m --validation-ratio 1
refuse 2 '--threads: "-1"' train ../log -o m --threads -1
refuse 2 '--seed: "-1"' train ../log -o m --seed -1
refuse 2 '--seed: "one"' train ../log -o m --seed one
refuse 2 '--schedule: "warm"' train ../log -o m --schedule warm
refuse 2 'there is no method "magic"; there are: bpr' train ../log -o m --method magic
refuse 2 'there is no sampler "magic"; there are: uniform' train ../log -o m --negative-sampling magic
for value in magic@5 ndcg@0 ndcg@-1 ndcg@x ndcg@ @5 '' auc@5 ndcg@99999999999999999999; do
    refuse 2 "there is no metric \"$value\"" train ../log -o m --validation-ratio 0.2 --validation-metric "$value"
done
refuse 1 'cannot open v.csv: No such file' train ../log -o m --validation v.csv
refuse 3 '../model is a tamis model; expected a log' train ../model -o m
refuse 2 'give the test log with --test' compare ../model ../model
refuse 2 'validation-ratio 0.001 holds nothing out' train ../log -o m --validation-ratio 0.001
put v.csv 'user,item\nnobody,i1\n'; refuse 3 'has no user to evaluate' train ../log -o m --validation v.csv
refuse 4 'training diverged in epoch' train ../log -o m --learning-rate 1e6
refuse 4 'use a lower --learning-rate' train ../log -o m --learning-rate 1e30 --regularization 1 --item-bias

# ------------------------------------------------------------------------------------------- the shape of the command
put w.csv 'user,item,n\na,x,2\na,y,-1\n'
refuse 3 'w.csv:3:3: weight "-1" is not a number above 0' train w.csv -o m --weight n
put w.csv 'user,item,n\na,x,2\na,y,3\nb,x,1\n'
accept 'weights 1 to 3, mean 2 (column n)' train w.csv -o m --weight n --weight-transform none --epochs 1
put w.csv 'user,item,n\na,x,2\na,x,3\nb,x,1\n'
accept 'weights 1 to 2, mean 1.5 (rows of a pair)' train w.csv -o m --repeats count --epochs 1
put w.csv 'user,item,n\na,x,2\n'
refuse 3 'w.csv:1: there is no column "plays" (--weight)' train w.csv -o m --weight plays
refuse 2 '--half-life: "0"' train ../log -o m --half-life 0
refuse 2 'no effect without --weight' train ../log -o m --weight-scale 2
refuse 2 '--repeats sum' train ../log -o m --repeats count --weight 3
refuse 2 '--weight has no effect without --fold-in' evaluate ../model ../log --weight n
refuse 2 'give --weight-scale' robustness ../log -o d --noise-from 'rating<=2' --weight rating
refuse 2 'give --now' robustness ../log -o d --noise-from 'rating<=2' --half-life 3
put d.csv 'user,item,stars,kind\na,x,5,play\na,y,1,skip\nb,x,4,play\n'
accept '1 dislike (column stars); 2 users x 2 items, 2 interactions' train d.csv -o m --rating stars --dislike-below 2 --epochs 1
put d.csv 'user,item,stars,kind\na,x,5,play\na,y,1,skip\nb,x,4,play\n'
accept '1 dislike (column kind); 2 users x 2 items, 2 interactions' train d.csv -o m --dislike kind=skip --epochs 1
put d.csv 'user,item,stars,kind\na,x,5,play\na,y,1,skip\nb,x,4,play\n'
accept '; 0 dislikes (column kind); 2 users' train d.csv -o m --dislike kind=skipped --epochs 1
put d.csv 'user,item,stars,kind\na,x,5,play\na,y,1,skip\nb,x,4,play\n'
accept '; 0 left out by --where-not; ' train d.csv -o m --where-not kind=skipped --epochs 1
put d.csv 'user,item,dislike\na,x,False\na,y,True\nb,x,False\n'
accept '1 dislike (column dislike); 2 users x 2 items, 2 interactions' train d.csv -o m --epochs 1
put d.csv 'user,item,dislike\na,x,FALSE\na,y,TRUE\nb,x,FALSE\n'
accept '1 dislike (column dislike); 2 users x 2 items, 2 interactions' train d.csv -o m --epochs 1
for option in --where --where-not --dislike; do
    refuse 2 "$option is given twice, of which one would count" train ../log -o m $option 'user_id=a' $option 'item_id=b'
done
put d.csv 'user,item,dislike\na,x,0\na,y,1\nb,x,0\n'
accept '1 dislike (column dislike); 2 users x 2 items, 2 interactions' train d.csv -o m --epochs 1
put d.csv 'user,item,dislike\na,x,0\na,y,1\nb,x,0\n'
accept '' train d.csv -o m --epochs 1 --dislike-share 1
for share in 1.01 -0.1 nan x ''; do refuse 2 '--dislike-share' train d.csv -o m --dislike-share "$share"; done
for method in ease softmax bsl slatk psl; do
    refuse 2 "--dislike-share has no effect on $method" train d.csv -o m --method $method --dislike-share 0.1
done
accept 'the log has no dislikes, so that dislike-share has no effect' train ../log -o m --epochs 1 --dislike-share 0.1
refuse 2 '--dislike-below 4 is above --min-rating 3' train ../log -o m --min-rating 3 --dislike-below 4
refuse 2 '--dislike skip: expected one of = != < <= > >=' train ../log -o m --dislike skip
refuse 3 'there is no column "kind" (--dislike)' train ../log -o m --dislike kind=skip
refuse 2 '--dislike-below: "nan"' train ../log -o m --dislike-below nan
put t.csv 'user,item,time\na,x,2019-10-01 00:00:00 UTC\na,y,2019-10-02\nb,x,2019-10-03\n'
accept 'test.csv: 1 user and 0 items are not in train' split t.csv -o d --test-from 2019-10-03
put t.csv 'user,item,time\na,x,01.10.2019\na,y,02.10.2019\nb,x,03.10.2019\n'
accept 'd/test.csv: 1 interaction' split t.csv -o d --last 1 --time-format %d.%m.%Y
put t.csv 'user,item,time\na,x,01.10.2019\n'
refuse 3 'time "01.10.2019" is neither a number nor a date' split t.csv -o d --last 1
put t.csv 'user,item,time\na,x,01.10.2019\n'
refuse 2 '--last holds nothing out' split t.csv -o d --last 1 --time-format %d.%m.%Y
refuse 2 '%Q is not known' split ../log -o d --time-format '%Y %d %Q'
refuse 3 'but --last needs a time in every row' split ../log -o d --last 1
refuse 2 '--test-ratio is a share, and --last cuts otherwise' split ../log -o d --last 1 --test-ratio 0.1
refuse 2 '--folds 5 needs the --fold for test' split ../log -o d --folds 5
refuse 2 '--folds: "-1"' split ../log -o d --folds -1
accept 'd/validation.csv' split ../log -o d --folds 5 --fold 1 --validation-fold 2
refuse 2 '--last and --folds are two ways' split ../log -o d --folds 5 --fold 1 --last 1
put b.csv 'user,item\na,x\n a,y\n'
accept '1 user x 2 items' train b.csv -o m --trim --epochs 1
put b.csv 'user,item\na,x\n a,y\n'
accept 'such as " a", in 1 rows; --trim takes it off' train b.csv -o m --epochs 1
refuse 2 'which command?'
refuse 2 'no command "trian"; did you mean train?' trian ../log
refuse 2 'no option --epoch; did you mean --epochs?' train ../log -o m --epoch 3
refuse 2 'no option --no-such-thing' train ../log -o m --no-such-thing
refuse 2 'no option -x' train ../log -o m -x
put -clicks.csv 'user,item\nu1,i1\n'; refuse 2 'no option -c; the file is ./-clicks.csv' train -clicks.csv -o m
put -clicks.csv 'user,item\nu1,i1\nu1,i2\n'; accept '2 rows read' train -o m --epochs 1 -- -clicks.csv
put -clicks.csv 'user,item\nu1,i1\nu1,i2\n'; accept '2 rows read' train ./-clicks.csv -o ./-m --epochs 1
refuse 2 '--factors needs a value' train ../log -o m --factors
refuse 2 '--factors needs a value' train ../log --factors -o m --epochs 3
refuse 2 '--factors needs a value' train ../log --factors --epochs 3 -o m
refuse 2 'train needs -o MODEL' train ../log
refuse 2 'train needs more arguments' train -o m
refuse 2 'evaluate needs more arguments' evaluate ../model
refuse 2 'is a model, which is described alone' info ../model extra
refuse 2 '--user is about logs, but ../model is a model' info ../model --user 1
refuse 2 '--day-limit' info ../log --day-limit 0
refuse 2 '--day-limit' info ../log --day-limit nan
refuse 3 'no interaction: there is no row of data' info /dev/null
refuse 2 'split needs -o DIR' split ../log
refuse 2 'test-ratio 0.001 holds nothing out' split ../log -o d --test-ratio 0.001
refuse 2 'validation-ratio 0.001 holds nothing out' split ../log -o d --validation-ratio 0.001
refuse 2 'synth needs -o DIR' synth
refuse 2 'there is no completion for "ksh"; expected bash, zsh or fish' completion ksh
refuse 2 'no command ""' ''
refuse 2 'a command comes before options' --quiet train

# ------------------------------------------------------------------------------------------------------------ outputs
refuse 1 'cannot write nowhere/m: No such file or directory' train ../log -o nowhere/m --epochs 1
mkdir d; refuse 1 'cannot write d: Is a directory' train ../log -o d --epochs 1
put d ''; refuse 1 'cannot write d/m: Not a directory' train ../log -o d/m --epochs 1
refuse 1 'cannot write /dev/full: No space left on device' train ../log -o /dev/full --epochs 1
refuse 1 'cannot write nowhere/log: No such file' train ../log -o m --log nowhere/log --epochs 1
mkdir d; refuse 1 'cannot write d: Is a directory' recommend ../model -o d
refuse 1 'cannot write nowhere/u.csv: No such file' evaluate ../model ../log --per-user nowhere/u.csv
# what is read is not written, whatever it is called, and standard input is read once
grep -v '^u1,' ../log >a.csv
refuse 2 '--output would overwrite a.csv, which is an input' train a.csv -o a.csv --epochs 1
cp ../log a.csv; ln a.csv b.csv; refuse 2 '--output would overwrite b.csv, which' train ../log a.csv -o b.csv --epochs 1
cp ../log a.csv; ln -s a.csv b.csv; refuse 2 '--output would overwrite ./b.csv' train a.csv -o ./b.csv --epochs 1
cp ../log a.csv; refuse 2 '--log would overwrite a.csv' train a.csv -o m --log a.csv --epochs 1
cp ../log v.csv; refuse 2 '--output would overwrite v.csv' train ../log --validation v.csv -o v.csv --epochs 1
refuse 2 '--output and --log are the same file' train ../log -o m --log m --epochs 1
cp ../model m; refuse 2 '--output would overwrite m, which' recommend m -o m
put u 'u1\n'; refuse 2 '--output would overwrite u, which' recommend ../model --users u -o u
cp ../log t.csv; refuse 2 '--per-user would overwrite t.csv' evaluate ../model t.csv --per-user t.csv
cp ../log t.csv; refuse 2 '--per-user would overwrite t.csv' evaluate ../model ../log --mask t.csv --per-user t.csv
cp ../model m; refuse 2 '--per-user would overwrite m' evaluate m ../log --per-user m
mkdir d; cp ../log d/train.csv; refuse 2 '--output would overwrite d/train.csv' split d/train.csv -o d
mkdir d; cp ../log d/validation.csv; refuse 2 '--output would overwrite d/validation.csv' split d/validation.csv -o d/
mkdir d; cp ../model d/item_bias.npy; refuse 2 'DIR would overwrite d/item_bias.npy' export d/item_bias.npy d
refuse 2 'standard input (-) is named 2 times' train - --validation - -o m
refuse 2 'standard input (-) is named 2 times' train - - -o m
refuse 2 'standard input (-) is named 2 times' evaluate ../model - --mask -
refuse 2 'standard input (-) is named 3 times' evaluate ../model ../log --mask - --mask - --mask -
for name in '' -; do
    refuse 2 '--output: ' train ../log -o "$name" --epochs 1
    refuse 2 '--log: ' train ../log -o m --log "$name" --epochs 1
    refuse 2 '--per-user: ' evaluate ../model ../log --per-user "$name"
    refuse 2 '--output: ' split ../log -o "$name"
    refuse 2 '--output: ' synth -o "$name"
    refuse 2 'DIR: ' export ../model "$name"
done
refuse 2 '--output: "" is no name' recommend ../model -o ''
refuse 2 '--output: this cannot go to standard output' train ../log -o -
refuse 1 '--log: cannot write nowhere/log' train nothing.csv -o m --log nowhere/log # before hours of work
accept '' recommend ../model -o -
accept '' train ../log -o /dev/null --epochs 1
put d ''; refuse 1 'directory d: ' split ../log -o d
put d ''; refuse 1 'directory d: ' synth -o d --users 20 --items 20 --interactions 10 --relevant-share 0.2
put d ''; refuse 1 'directory d: ' export ../model d
for call in 'info ../model' 'recommend ../model' 'similar ../model i1' 'evaluate ../model ../log' 'help' 'methods' \
    'completion bash' '--version' '--help'; do
    cases=$((cases + 1)) arguments="$call >/dev/full"
    # shellcheck disable=SC2086
    run $call >/dev/full 2>../err
    code=$? said=$(cat ../err)
    if sound; then
        [ "$code" = 1 ] || fail "exit $code, expected 1"
        grep -qF 'cannot write standard output: No space left on device' ../err || fail "no sentence about the device"
    fi
done

# ------------------------------------------------------------------------------------------------------- broken models
refuse 1 'cannot open nothing: No such file' info nothing
mkdir bad; refuse 1 'bad: is a directory' similar bad i1
put bad ''; refuse 3 'bad: is empty' similar bad i1
put bad 'user,item\nu1,i1\n'; refuse 3 'bad: not a tamis model' recommend bad
awk 'BEGIN { srand(1); for (k = 0; k < 3000; k++) printf "%c", 1 + int(rand() * 126) }' >bad
refuse 3 'bad: not a tamis model' evaluate bad ../log
model_size=$(size ../model)
for cut in 1 8 63 64 500 $((model_size / 2)) $((model_size - 1)); do
    first ../model "$cut" >bad; refuse 3 'bad: is truncated' info bad
done
{ cat ../model; printf x; } >bad; refuse 3 'bad: holds' info bad
damage 0; refuse 3 'bad: not a tamis model' similar bad i1
for offset in 9 12 17 24 30 40 61; do damage "$offset"; refuse 3 'bad: its header is damaged' info bad; done
damage 70; refuse 3 'bad: its section table is damaged' info bad
for offset in 2 3 4 5 6 7; do
    damage $((model_size * offset / 8)); refuse 3 'damaged' recommend bad
done
damage $((model_size - 1)); refuse 3 'damaged' similar bad i1
# the next version of the format, with a header that is sound
first ../model 60 >bad; printf '\003' | dd of=bad bs=1 seek=12 conv=notrunc 2>/dev/null
crc32 <bad >../crc; cat ../crc >>bad; tail -c +65 ../model >>bad
refuse 3 'bad: written by a newer version' info bad

# -------------------------------------------------------------------- evaluation, recommendation, neighbours, splitting
put t.csv 'user,item\nx,y\nx,z\n'; accept 'counted as misses: 2 rows of 1 unknown user, 0 rows of' evaluate ../model t.csv -k 5
put t.csv 'user,item\nx,i1\n'; refuse 3 'has no user to evaluate' evaluate ../model t.csv --drop-unknown
for value in 0 -5 abc '' '5,' ',5' '5,,10' 1.5 99999999999999999999 '5 10'; do
    refuse 2 "--cutoffs: \"$value\" is no list of cut-offs" evaluate ../model ../log -k "$value"
done
refuse 1 'cannot open nothing: No such file' evaluate ../model ../log --mask nothing
put t.csv 'user,item\nu1\n'; refuse 3 't.csv:2:2: the row has 1 column' evaluate ../model t.csv
for value in 0 -5 abc '' 3000000000; do
    refuse 2 "-k: \"$value\"" recommend ../model -k "$value"
    refuse 2 "-k: \"$value\"" similar ../model i1 -k "$value"
done
put u.txt 'u1\nnobody\n'; refuse 3 'u.txt:2: user "nobody" is not in the model' recommend ../model --users u.txt
put u.txt 'user\n'; accept 'u.txt: there is no user' recommend ../model --users u.txt
put u.txt ''; accept 'u.txt: there is no user' recommend ../model --users u.txt
put u.txt 'name,user\nx,"u1"\ny,u2,3\n'; refuse 3 'u.txt:3:3: the row has 3 columns; expected 2' recommend ../model --users u.txt
put u.txt 'name,user\nx,"u1"\ny\n'; refuse 3 'u.txt:3:1: the row has 1 column; expected 2' recommend ../model --users u.txt
put u.txt 'name,user\nx,"u1"\ny,"u2\n'; refuse 3 'u.txt:3:2: the quote that opens this field is not closed' recommend ../model --users u.txt
put u.txt 'name,user\nx,"u1"\ny,\n'; refuse 3 'u.txt:3:2: the id is missing' recommend ../model --users u.txt
put u.txt 'u1,2\n'; refuse 3 'u.txt:1: user "u1,2" is not in the model' recommend ../model --users u.txt
put i.txt 'x\ny\n'; refuse 3 'i.txt: none of its items is in the model' recommend ../model --candidates i.txt
put i.txt 'x\ni1\n'; accept 'i.txt: 1 of 2 items are not in the model and cannot be recommended' recommend ../model --candidates i.txt
put i.txt 'item\ni1\n'; accept '' recommend ../model --candidates i.txt
put i.txt ''; refuse 3 'i.txt: none of its items' recommend ../model --candidates i.txt
refuse 1 'nothing: No such file' recommend ../model --candidates nothing
put i.txt 'x\0\n'; refuse 3 'i.txt:1:1: ' recommend ../model --exclude i.txt
put r.csv 'user_id,item_id,rating\nu1,i1,5\nu1,i2,5\nu2,i1,5\n'
put v.csv 'user_id,item_id,rating\nu1,i3,1\n'
refuse 3 'v.csv: no interaction: 1 row is rated below --min-rating 4 and 0 are bad' train r.csv --validation v.csv --min-rating 4 -o x
refuse 2 'train has no option --no-distrust' train r.csv --no-distrust 1 -o x
put i.txt 'user,item\nu1,i1\nu1,i9999\n'; accept 'i.txt: 1 of 2 items are not in the model' recommend ../model --exclude i.txt
put i.txt 'user,item\nu1\n'; refuse 3 'i.txt:2:1: the row has 1 column' recommend ../model --exclude i.txt
for value in '' b.csv b.csv:brand b.csv:=2 b.csv:brand=0 b.csv:brand=-1 b.csv:brand=x b.csv:brand=1.5 :brand=1 b.csv:brand=99999999999999999999; do
    refuse 2 "--max-per: \"$value\" is no limit; expected FILE:COLUMN=N" recommend ../model --max-per "$value"
done
put b.csv 'item,brand\ni1,a\ni2,b\ni1,b\n'; refuse 3 'b.csv:4: item "i1" stands twice, with different brand' recommend ../model --max-per b.csv:brand=1
put b.csv 'item,brand\ni1,a\n'; refuse 3 'b.csv:1: there is no column "colour"' recommend ../model --max-per b.csv:colour=1
put b.csv 'item,brand\ni1,a\ni2,b\n'; accept 'have no brand and are not limited' recommend ../model --max-per b.csv:brand=1
refuse 2 '--unknown-users has no effect without --users' recommend ../model --unknown-users skip
refuse 2 'standard input (-) is named 2 times' recommend ../model --users - --candidates -
put u.txt 'u1\nuser_id\n'; refuse 3 'u.txt:2: user "user_id" is not in the model' recommend ../model --users u.txt
put u.txt 'u1\n'; gzip u.txt; first u.txt.gz 15 >u; refuse 3 'u: the gzip data ends too early' recommend ../model --users u
put u.txt 'u1\nnobody\n'; accept 'u.txt: 1 line passed over, whose user the' \
    recommend ../model --users u.txt --on-error skip
accept 'warning: 240 of 240 test rows are masked' evaluate ../model ../log
refuse 1 'nothing: No such file' recommend ../model --users nothing
refuse 3 'item "nothing" is not in the model' similar ../model nothing
refuse 2 '--test-ratio: "1"' split ../log -o d --test-ratio 1
refuse 2 '--test-ratio 0.6 and --validation-ratio 0.4 leave nothing to train on' \
    split ../log -o d --test-ratio 0.6 --validation-ratio 0.4
refuse 3 '../log: no column is known to hold times, but --order time needs' split ../log -o d --order time
put a.csv 'user,item,time\nu1,i1,5\nu1,i2,\n'; refuse 3 'a.csv:3:3: the time is missing' split a.csv -o d --order time
put a.csv 'user,item,time\nu1,i1,5\nu1,i2,soon\n'
refuse 3 'a.csv:3:3: time "soon" is neither a number nor a date, but' split a.csv -o d --order time
put a.csv 'user,item,time\nu1,i1,5\nu1,i2,\nu1,i3,4\n'
accept '1 bad' split a.csv -o d --test-ratio 0 --order time --time time --on-error skip
refuse 2 '--relevant-share: "1"' synth -o d --relevant-share 1
refuse 2 '--interactions 1000 is more than the 10 pairs that are liked' \
    synth -o d --users 10 --items 10 --interactions 1000

checks=$cases
finish
