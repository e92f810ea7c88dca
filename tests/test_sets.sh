#!/bin/sh
# Files that belong together: whatever fails or kills, they are all of before or all new; and where a kill comes between two
# of them, whoever reads one of before is told. Faults come from tests/fault.c.
set -u
. "${abs_top_srcdir-$(dirname "$0")/..}/tests/lib.sh"
needs "$TAMIS"
fault_library || skip "no fault.so"
mkdir temporary
TMPDIR=$place/temporary
export TMPDIR

tamis() { # all must succeed
    "$TAMIS" "$@" >out 2>err
    check "tamis $*: exit $?" test $? = 0
}
broken() { # FAULTS PATH ARGUMENT...
    faults=$1 path=$2
    shift 2
    LD_PRELOAD=$place/fault.so FAULT=$faults FAULT_PATH=$path "$TAMIS" "$@" >out 2>err
}

gzip -dc "$data/sample.csv.gz" | head -3000 >log.csv
warns() { "$TAMIS" noise "$1" --drop 0.5 -o read.csv 2>err; says "warning: $1 is not the one that tamis split made"; }

# ----------------------------------------------------------------------------------- split: every call, in every way
before() { rm -rf parts && cp -r old parts; }
tamis split log.csv -o old --test-ratio 0.2 --validation-ratio 0.1 --seed 1
tamis split log.csv -o new --test-ratio 0.3 --seed 2
for part in train validation test; do check "of a whole set nobody is told: $part" sh -c "! grep -q warning err"; done
state() { # of each part: o(ld), n(ew), - (none)
    for part in train validation test; do
        if [ ! -e parts/$part.csv ]; then printf -
        elif cmp -s parts/$part.csv old/$part.csv; then printf o
        elif cmp -s parts/$part.csv new/$part.csv; then printf n
        else printf '?'; fi
    done
}
before
LD_PRELOAD=$place/fault.so FAULT_COUNT=$place/counts FAULT_PATH=parts/ "$TAMIS" split log.csv -o parts --test-ratio 0.3 --seed 2 2>err
calls=$(awk '$1 == "call" { print $2 }' counts)
check "calls are counted: $calls" test "$calls" -gt 10
told=0 n=0
while [ $n -lt "$calls" ]; do
    n=$((n + 1))
    for how in ENOSPC EBUSY term kill; do
        before
        broken "call:$n:$how" parts/ split log.csv -o parts --test-ratio 0.3 --seed 2
        code=$? now=$(state)
        what="call $n, $how: exit $code, parts $now"
        cp err err.split
        check "$what: whole files" test "${now#*\?}" = "$now"
        case $how in
            term) check "$what: not mixed" grep -q -e '^ooo$' -e '^n-n$' <<EOF
$now
EOF
                  check "$what: ends" test $code = 143 ;;
            kill) check "$what: ends" test $code = 137 ;;
            *) if [ "$code $now" = '0 non' ]; then check "$what: says so" says 'parts/validation.csv was there before'
               else check "$what: fails, or did not need the call" grep -q -e '^1 ' -e '^0 n-n$' <<EOF
$code $now
EOF
               fi
               [ $code = 0 ] || check "$what: says why" grep -q '^tamis: cannot ' err ;;
        esac
        for part in train test validation; do # what is old beside something new is told
            case $now in
                ooo) ;;
                *o*) if cmp -s parts/$part.csv old/$part.csv; then
                         told=$((told + 1))
                         check "$what: $part.csv is of before" warns parts/$part.csv
                     fi ;;
            esac
        done
        check "$what: nothing is left" sh -c "[ $how = kill ] || [ -z \"\$(find parts -name '*.tmp-*')\" ]"
    done
done
check "mixed sets were seen: $told" test $told -gt 3
# killed and done again: all is well
before
broken 'rename:2:kill' parts/ split log.csv -o parts --test-ratio 0.3 --seed 2
tamis split log.csv -o parts --test-ratio 0.3 --seed 2
check 'done again: new' test "$(state)" = n-n
check 'done again: nobody is told' sh -c '! grep -q warning err'
tamis noise parts/train.csv --drop 0.5 -o read.csv
check 'done again: nor when it is read' sh -c '! grep -q warning err'

# ------------------------------------------------------------------------------------------------- changed by the user
before
sed '2d' parts/train.csv >shorter && cp shorter parts/train.csv
check 'a row less is told' warns parts/train.csv
sed '2s/.$/x/' old/train.csv >parts/train.csv
check 'a byte in its place as well' warns parts/train.csv
check 'how to live with it' says 'or remove the line there if you changed the file yourself'
tamis evaluate old/../nothing --version
tamis train parts/train.csv -o model --epochs 1 --factors 4
check 'it is read all the same' test -s model
sed '/ train\.csv$/d' parts/tamis.manifest >fewer && mv fewer parts/tamis.manifest
tamis noise parts/train.csv --drop 0.5 -o read.csv
check 'without the line nobody is told' sh -c '! grep -q warning err'
(cd parts && "$TAMIS" noise test.csv --drop 0.5 -o ../read.csv 2>../err)
check 'nor of those that are as they were, from within the directory' sh -c '! grep -q warning err'
for manifest in '' 'x' '- -' '# made together by
' 'zz zz test.csv
' '00000000 99999999999999999999999 test.csv' "$(printf '\001\377')"; do
    printf '%s' "$manifest" >parts/tamis.manifest
    "$TAMIS" noise parts/test.csv --drop 0.5 -o read.csv 2>err
    check 'a manifest that is none does no harm' test $? = 0
done
rm parts/tamis.manifest && mkdir parts/tamis.manifest
tamis noise parts/test.csv --drop 0.5 -o read.csv
check 'nor a directory' sh -c '! grep -q warning err'

# --------------------------------------------------------- the others: ENOSPC leaves what was there, term does not mix
tamis train log.csv -o biased --epochs 2 --factors 4 --item-bias
tamis train log.csv -o plain --epochs 1 --factors 4
awk 'BEGIN { srand(1); print "user_id,item_id,rating"
    for (u = 0; u < 30; u++) for (i = 0; i < 20; i++) if (rand() < 0.5) print "u" u ",i" i "," 1 + int(5 * rand()) }' >ratings.csv
all() { # NAME DIRECTORY, then as $first and $second two commands that write other files there
    name=$1
    rm -rf a b target
    eval "$first" && mv target a && eval "$second" && mv target b
    (cd a && find . -type f ! -name tamis.manifest | sort) | while read -r file; do
        cmp -s "a/$file" "b/$file" || echo "$file"
    done >names.a
    check "$1: files differ" test -s names.a
    cp -r a target
    LD_PRELOAD=$place/fault.so FAULT_COUNT=$place/counts FAULT_PATH=target/ sh -c "$second"
    calls=$(awk '$1 == "call" { print $2 }' counts)
    n=0
    while [ $n -lt "$calls" ]; do
        n=$((n + 1))
        for how in ENOSPC term; do
            rm -rf target temporary && cp -r a target && mkdir temporary
            LD_PRELOAD=$place/fault.so FAULT="call:$n:$how" FAULT_PATH=target/ sh -c "$second" 2>err
            code=$?
            of_a=0 of_b=0 count=0
            while read -r file; do
                count=$((count + 1))
                if [ -e "target/$file~" ] || cmp -s "target/$file" "b/$file"; then of_b=$((of_b + 1))
                elif cmp -s "target/$file" "a/$file"; then of_a=$((of_a + 1)); fi
            done <names.a
            check "$name, call $n, $how, exit $code: $of_a of before, $of_b new, of $count" test $((of_a + of_b)) = $count
            [ $how = ENOSPC ] || check "$name, call $n, term, exit $code: not mixed: $of_a, $of_b" test $((of_a * of_b)) = 0
            # what cannot be unlinked stays
            [ $how = ENOSPC ] || check "$name, call $n, $how: nothing is left" test -z "$(find target -name '*.tmp-*')"
        done
    done
}
first="'$TAMIS' export biased target 2>err" second="'$TAMIS' export plain target 2>err"
all export
first="'$TAMIS' synth -o target --users 60 --items 40 --interactions 100 2>err"
second="'$TAMIS' synth -o target --users 60 --items 40 --interactions 100 --seed 2 2>err"
all synth
first="'$TAMIS' synth --from ratings.csv -o target --from-factors 2 2>err"
second="'$TAMIS' synth --from ratings.csv -o target --from-factors 2 --seed 2 2>err"
all 'synth --from'
first="mkdir -p target && '$TAMIS' noise log.csv --uniform 0.2 -o target/noisy.csv --truth target/truth.csv 2>err"
second="mkdir -p target && '$TAMIS' noise log.csv --uniform 0.2 --seed 2 -o target/noisy.csv --truth target/truth.csv 2>err"
all noise
first="mkdir -p target && '$TAMIS' audit plain log.csv --score fitted -o target/suspects.csv --clean target/clean.csv --remove 100 2>err"
second="mkdir -p target && '$TAMIS' audit biased log.csv --score fitted -o target/suspects.csv --clean target/clean.csv --remove 100 2>err"
"$TAMIS" audit --help >help; grep -q -e '--remove ' help || { first=$(echo "$first" | sed 's/--remove 100/--share 0.1/') second=$(echo "$second" | sed 's/--remove 100/--share 0.1/'); }
all audit

# what took hours goes elsewhere when it cannot be written
mkdir full
broken write:1+:ENOSPC full/ audit plain log.csv --score fitted -o full/suspects.csv
check 'audit on a full disk: exit 1' test $? = 1
check 'and says where it is' says "; the list of suspects is saved as $place/temporary/suspects.csv.saved-1 instead"
"$TAMIS" audit plain log.csv --score fitted -o suspects.csv 2>err
check 'whole' cmp -s suspects.csv temporary/suspects.csv.saved-1
broken write:1+:ENOSPC full/ evaluate plain log.csv --mask-training=no -o full/figures --per-user full/users.csv
check 'evaluate on a full disk: exit 1' test $? = 1
check 'both files' test -s temporary/figures.saved-1 -a -s temporary/users.csv.saved-1
broken write:1+:ENOSPC full/ evaluate plain log.csv --mask-training=no --per-user full/users.csv
check 'the table is printed all the same' grep -q '^ndcg' out
broken write:1+:ENOSPC full/ recommend plain -o full/top.csv
check 'recommend on a full disk: exit 1' test $? = 1
check 'and nothing is left there' test -z "$(ls full)"
"$TAMIS" audit plain log.csv --score fitted --hidden hidden.csv -o x.csv 2>err
check '--hidden of a model that has none is refused before all else' test $? = 2 -a ! -e x.csv

cp ratings.csv target/train.csv
"$TAMIS" synth --from target/train.csv -o target --from-factors 2 2>err
check 'synth does not overwrite its input' test $? = 2
check 'and says so' says 'target/train.csv'

finish
