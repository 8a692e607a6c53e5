# A crash between every two steps; then every system call and every database step fails once, for every n. After
# each: the next command finishes what was begun, nothing is lost, doubled or unrecorded, and no repair is needed.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")

# fresh: a site with one story.
fresh() {
    rm -rf "$site"
    new_site
    story first 'The first.'
    publish "$scratch/first.md" >/dev/null
}
# after NAME: what must hold, whatever happened.
after() {
    local name=$1 before=$2
    if ! publish "$scratch/second.md" >"$scratch/said" 2>&1; then
        sed 's/^/    /' "$scratch/said"
        echo "not ok $name: published in the end"
        return 1
    fi
    local size
    size=$("$DATELINE" record verify "$site" 2>&1) || { echo "    $size"; echo "not ok $name: the record holds"; return 1; }
    if ! grep -q ": 2 entries, 2 stories; 2 opened" <<<"$size"; then
        echo "    $size (before: $before)"
        echo "not ok $name: nothing lost or doubled"
        return 1
    fi
}

story second 'The second.'
points='core/publish.before-commit core/publish.after-commit core/publish.after-journal core/publish.after-signer
    core/publish.before-flip core/publish.after-flip'
points+=" $(grep -rhoE 'fault_point\("(journal|signer|pages|store)\.[a-z-]+"' "$here/../src" | sed 's/.*"\(.*\)"/\1/' | sort -u | tr '\n' ' ')"
for point in $points; do
    fresh
    DATELINE_CRASH=$point timeout 60 "$DATELINE" publish "$site" "$scratch/second.md" >"$scratch/crashed" 2>&1
    code=$?
    after "crash at $point" "exit $code" && echo "ok crash at $point (exit $code)"
    [ $code != 0 ] || grep -q 'signer\.\(create\|export\|adopt\)' <<<"$point" || echo "    note: $point was not passed"
done

# every PROCESS WHAT ERROR: the n-th fails, for all n there are.
every() {
    local process=$1 what=$2 error=$3 n code good=0 most
    fresh
    rm -f "$scratch/count"
    DATELINE_FAULT_COUNT=$scratch/count publish "$scratch/second.md" >/dev/null
    most=$(sed -n "s/^$process .*$what \([0-9]*\).*/\1/p" "$scratch/count" | tail -n 1)
    if [ -z "$most" ] || [ "$most" = 0 ]; then
        cat "$scratch/count"
        echo "not ok $process $what: nothing was counted"
        return
    fi
    for ((n = 1; n <= most; n++)); do
        fresh
        DATELINE_FAULT=$process/$what:$n${error:+:$error} timeout 60 "$DATELINE" publish "$site" "$scratch/second.md" \
            >"$scratch/crashed" 2>&1
        code=$?
        after "$process: $what $n of $most fails ${error:-}" "exit $code" && good=$((good + 1))
    done
    is "$process: each of $most $what fails once ${error:-}" "$most" "$good"
}
every core db ''
every core sys EIO
every signer sys EIO
every core sys ENOSPC
