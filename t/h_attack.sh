# What a stranger, the holder of a token, a web process that was taken over, and a command that leaves too early can do: nothing
# that stops the others.
. "$(dirname "$0")/lib.sh"
new_site
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}"
serve || exit 1
token=$("$DATELINE" token add "$site" sender 2>/dev/null)
# send FILE TYPE: the status; the answer is in $scratch/answer.
send() {
    curl -s -o "$scratch/answer" -w '%{http_code}' --max-time 60 -H 'Host: play.example' -H "Authorization: Bearer $token" \
        -H "Content-Type: ${2:-text/markdown}" --data-binary @"$1" "http://127.0.0.1:$port/api/v1/items"
}
fill() { head -c "$2" /dev/zero | tr '\0' "$1"; }

# A story is taken only if its pages can be made: else no other could be published ever after.
{
    printf -- '---\nuri: urn:attack:long\nheadline: Long\n---\n'
    for n in 1 2 3 4 5; do printf '\n%s\n' "$(fill "'" 200000)"; done
} >"$scratch/long.md"
is 'a story whose page is six times as long' 201 "$(send "$scratch/long.md")"
story after 'The next.'
is 'does not stop the next' 201 "$(send "$scratch/after.md")"

# However long and often revised, it can be withdrawn.
for n in $(seq 40); do
    { printf -- '---\nuri: urn:attack:often\nheadline: Often\n---\n'; for k in 1 2 3 4; do printf '\n%s\n' "$(fill "$((n % 10))" 240000)"; done; } >"$scratch/often.md"
    code=$(send "$scratch/often.md")
done
is 'forty long revisions' 200 "$code"
path=$(sed -n 's/.*"path":"\([^"]*\)".*/\1/p' "$scratch/answer")
is 'are shown' 200 "$(get_status "$path")"
ok 'and withdrawn' "$DATELINE" withdraw "$site" urn:attack:often --reason law
is 'are gone' 410 "$(get_status "$path")"
is 'with their openings' 410 "$(get_status /record/opening/12.json)"
is 'and the next is taken' 201 "$(story next 'The next.'; send "$scratch/next.md")"

# A picture goes with the last story that shows it.
png "$scratch/pic.png" 20 30
for name in pic-one pic-two; do
    story $name "Text." 'picture: pic.png'
    publish "$scratch/$name.md" >"$scratch/out"
done
picture=$(get "$(path_of "$scratch/out")" | grep -o '/media/[0-9a-f]*\.jpg' | head -n 1)
is 'a picture of two stories' 200 "$(get_status "$picture")"
ok 'one is withdrawn' "$DATELINE" withdraw "$site" urn:play:pic-one --reason law
is 'the other still shows it' 200 "$(get_status "$picture")"
story pic-two 'Without.'
ok 'which is revised' publish "$scratch/pic-two.md"
is 'and it is gone' 404 "$(get_status "$picture")"
story pic-three 'Text.' 'picture: pic.png'
ok 'a third one' publish "$scratch/pic-three.md"
is 'brings it back' 200 "$(get_status "$picture")"
ok 'a rebuild' "$DATELINE" rebuild "$site"
is 'keeps it' 200 "$(get_status "$picture")"
ok 'that is withdrawn too' "$DATELINE" withdraw "$site" urn:play:pic-three --reason law
wait_for 'and it is gone for good' status_is "$picture" 404

# What is published is answered so, whatever there is to remark.
python3 - >"$scratch/remarks.json" <<'P'
import json
body = "".join('<ul><li><iframe src="https://e.example/%s%d"></iframe>x</li></ul>' % ("a" * 1900, n) for n in range(64))
print(json.dumps({"uri": "urn:attack:remarks", "headline": "Remarks", "body_xhtml": body}))
P
is 'a hundred kilobytes of remarks' 201 "$(send "$scratch/remarks.json" application/json)"

# A note is held against its limit before an embargo, not behind it.
fill x 9000 >"$scratch/note"
story embargo 'Later.' 'embargo: 2999-01-01T00:00:00Z'
code=$(curl -s -o "$scratch/answer" -w '%{http_code}' -H 'Host: play.example' -H "Authorization: Bearer $token" \
    -F "item=@$scratch/embargo.md;type=text/markdown" -F "note=<$scratch/note" "http://127.0.0.1:$port/api/v1/items")
is 'a note that is too long' 413 "$code"
has 'is named' 'note' "$scratch/answer"

# Commands that leave before they are answered: core finds their sockets closed when it answers.
core=$(role_pid core)
kill -STOP "$core"
python3 - "$site/run/core.sock" <<'P'
import socket, struct, sys
def call(number, path):
    return struct.pack(">BBQQ", 1, 1, 0, number) + struct.pack(">Q4H", 0, 4, len(path), 0, 0) + b"POST" + path
for n in range(40):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(sys.argv[1])
    s.send(call(1, b"/nothing" if n % 2 else b"/api/v1/items"))
    s.send(call(2, b"/nothing"))
    s.close()
P
kill -CONT "$core"
story last 'The last.'
ok 'commands that leave too early' publish "$scratch/last.md"
has 'cost core nothing' 'core: running' "$site/run/status"
is 'it has not died' "$core" "$(role_pid core)"
ok 'the record holds' "$DATELINE" record verify "$site"
ok 'fsck' "$DATELINE" fsck "$site"
unserve

timeout 300 python3 "$(dirname "$0")/attack_web.py" "$DATELINE" "$site" "$token" 2>>"$scratch/log"
ok 'after the web: the record holds' "$DATELINE" record verify "$site"
