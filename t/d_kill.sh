# kill -9 of any process at any moment, while stories are published and read: KILLS times (100). The independent
# checker looks after every tenth and at the end.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$0")
kills=${KILLS:-100}
new_site
serve || exit 1
touch "$scratch/acknowledged"

# Publishes one story after another, and writes down what was acknowledged.
publisher() {
    local n=0 said path
    while [ ! -e "$scratch/stop" ]; do
        n=$((n + 1))
        printf -- '---\nuri: urn:kill:%d\nheadline: Kill story %d\ntags: [Kill, Tag %d]\n---\n\nText %d, said once.\n' \
            $n $n $((n % 7)) $n >"$scratch/kill-$n.md"
        while [ ! -e "$scratch/stop" ]; do
            said=$(timeout 60 "$DATELINE" publish "$site" "$scratch/kill-$n.md" 2>/dev/null) || { sleep 0.02; continue; }
            path=$(sed -n 's|.*http://play.example\(/[^ ]*\).*|\1|p' <<<"$said" | head -n 1)
            echo "urn:kill:$n $path Text $n, said once." >>"$scratch/acknowledged"
            break
        done
        rm -f "$scratch/kill-$n.md"
    done
}
check() {
    python3 "$here/check.py" "$site" "http://127.0.0.1:$port" play.example "$scratch/acknowledged" "$scratch/heads"
}
publisher &
publishing=$!
bad=0 killed=0
for ((i = 1; i <= kills; i++)); do
    sleep "0.$(printf %03d $((RANDOM % 200)))"
    case $((RANDOM % 8)) in
        0 | 1 | 2) pid=$(role_pid core) ;;
        3 | 4) pid=$(role_pid signer) ;;
        5 | 6) pid=$(role_pid web $((RANDOM % 2 + 1))) ;;
        7) pid=$served ;;
    esac
    [ -n "$pid" ] && kill -9 "$pid" 2>/dev/null && killed=$((killed + 1))
    if [ "$pid" = "$served" ]; then
        wait "$served" 2>/dev/null
        : >"$scratch/log"
        serve || { bad=$((bad + 1)); break; }
    fi
    if [ $((i % 10)) = 0 ]; then
        # What is served now is whole, whatever is under way.
        for try in $(seq 100); do [ "$(get_status /record/checkpoint)" = 200 ] && break; sleep 0.05; done
        check >"$scratch/checked" 2>&1 || { bad=$((bad + 1)); cat "$scratch/checked"; }
    fi
done
touch "$scratch/stop"
wait $publishing
wait_for 'it serves in the end' status_is / 200
story last 'The last one.'
wait_for 'it publishes in the end' publish "$scratch/last.md"
check >"$scratch/checked" 2>&1 || bad=$((bad + 1))
sed 's/^/    /' "$scratch/checked"
echo "    $killed kills, $(wc -l <"$scratch/acknowledged") stories acknowledged"
is 'the checker finds nothing wrong' 0 "$bad"
ok 'record verify' "$DATELINE" record verify "$site"
ok 'fsck' "$DATELINE" fsck "$site"
