# Processes that die, disks that are full, syncs that fail: what readers see, what editors are told.
. "$(dirname "$0")/lib.sh"
new_site
sed -i 's/^reserve_mb.*/reserve_mb = 4/' "$site/dateline.conf"
story one 'The first.'
publish "$scratch/one.md" >/dev/null
serve || exit 1
path=$(get / | grep -o '/2[^"]*story-one' | head -n 1)

# Core is dead: readers do not notice.
kill -STOP "$(role_pid core)"
is 'core stands still: a page' 200 "$(get_status "$path")"
is 'and what is not there' 404 "$(get_status /nothing)"
kill -CONT "$(role_pid core)"
kill -9 "$(role_pid core)"
is 'core is killed: a page' 200 "$(get_status "$path")"
story two 'The second.'
ok 'publishing goes on' publish "$scratch/two.md"
has 'its death is counted' '"child":"core"' "$scratch/log"
kill -9 "$(role_pid signer)"
story three 'The third.'
wait_for 'the signer is killed: publishing goes on' publish "$scratch/three.md"

# A web dies: the others' readers do not notice, it is started again and counted.
kill -9 "$(role_pid web 1)"
for n in 1 2 3 4 5; do is "a web is killed: page $n" 200 "$(get_status "$path")"; done
wait_for 'it is started again' sh -c "[ \$(pgrep -P $served -f 'role web ' | wc -l) = 2 ]"
has 'and counted' 'web 0: running' "$site/run/status"
has 'in run/status' 'died 1 times' "$site/run/status"
ok 'doctor shows it' sh -c "'$DATELINE' doctor '$site' | grep -q 'died 1 times'"

# SIGHUP: every process is replaced, nobody notices.
before=$(role_pid core)
kill -HUP "$served"
bad=0
for n in $(seq 100); do [ "$(get_status "$path")" = 200 ] || bad=$((bad + 1)); done
is 'a reload: 100 pages' 0 "$bad"
wait_for 'core is another one' sh -c "p=\$(pgrep -P $served -f 'role core '); [ -n \"\$p\" ] && [ \$p != $before ]"
ok 'rebuild' "$DATELINE" rebuild "$site"
bad=0
for n in $(seq 100); do [ "$(get_status "$path")" = 200 ] || bad=$((bad + 1)); done
is 'pages change places: 100 pages' 0 "$bad"
unserve

# A sync fails: core ends, says so, and is not started again behind anybody's back.
story four 'The fourth.'
for n in 1 2 3 4 5 6 7 8 9; do
    : >"$scratch/log"
    serve "DATELINE_FAULT=core/sync:$n:EIO" || break
    early=$(grep -c 'is down for good' "$scratch/log")
    timeout 20 "$DATELINE" publish "$site" "$scratch/four.md" >"$scratch/said" 2>&1
    code=$?
    if [ $code != 0 ] && grep -q 'is down for good' "$scratch/log"; then
        echo "ok a failed sync is final: core is down for good (sync $n, $([ "$early" = 0 ] && echo publishing || echo starting))"
        has 'its last message says why' 'sync' "$scratch/log"
        is 'readers are served' 200 "$(get_status "$path")"
        sleep 0.5
        is 'it stays down' '' "$(role_pid core)"
    fi
    unserve
    [ $code != 0 ] || break
    [ "$early" = 1 ] || published=failed
done
is 'it was tried while publishing' failed "${published:-}"
unserve
: >"$scratch/log"
serve
ok 'after a restart it is published' publish "$scratch/four.md"
ok 'once' sh -c "[ \$(curl -s -H 'Host: play.example' http://127.0.0.1:$port/ | grep -c 'story-four\"') -le 2 ]"
ok 'the record holds' "$DATELINE" record verify "$site"
unserve

# A full disk, for real, where this machine lets us make a small one.
small=$scratch/small
mkdir "$small"
if mount -t tmpfs -o size=40m none "$small" 2>/dev/null; then
    trap 'unserve; umount "$small"; rm -rf "$scratch"' EXIT
    site=$small/site
    new_site
    sed -i 's/^reserve_mb.*/reserve_mb = 4/' "$site/dateline.conf"
    publish "$scratch/one.md" >/dev/null
    serve
    token=$("$DATELINE" token add "$site" x 2>/dev/null)
    path=$(get / | grep -o '/2[^"]*story-one' | head -n 1)
    dd if=/dev/zero of="$small/filler" bs=1M 2>/dev/null
    code=201
    for n in $(seq 100); do
        printf -- '---\nuri: urn:full:%d\nheadline: Full %d\n---\n\n%s\n' $n $n "$(head -c 20000 /dev/urandom | base64)" >"$scratch/full.md"
        code=$(curl -s -o "$scratch/answer" -w '%{http_code}' -H 'Host: play.example' -H "Authorization: Bearer $token" \
            -H 'Content-Type: text/markdown' --data-binary @"$scratch/full.md" "http://127.0.0.1:$port/api/v1/items")
        [ "$code" = 201 ] || break
    done
    is 'a full disk answers 507' 507 "$code"
    has 'and says so' 'full' "$scratch/answer"
    is 'readers notice nothing' 200 "$(get_status "$path")"
    rm "$small/filler"
    wait_for 'freed space resumes it' publish "$scratch/full.md"
    is 'without a restart' 1 "$(grep -c '"child":"core".*"started"\|"started".*"child":"core"' "$scratch/log")"
    ok 'the record holds after it' "$DATELINE" record verify "$site"
    ok 'fsck after it' "$DATELINE" fsck "$site"
    unserve
else
    echo '    no right to mount a small file system: the full disk was played by faults only (c_steps)'
fi
