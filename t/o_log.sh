# The log as a file: a line a request and a line an act, none cut or lost while it is put away under the hands of those
# who write; nobody but the supervisor has it open; moved away and SIGHUP, it begins anew.
. "$(dirname "$0")/lib.sh"

new_site
sed -i 's/^log.to = .*/log.to = file/; s/^log.access = .*/log.access = on/; s/^log.rotate_mb = .*/log.rotate_mb = 1/; s/^log.keep = .*/log.keep = 2/' "$site/dateline.conf"
log=$site/log/dateline.log

# serve() of lib.sh reads the port from standard error; here it stands in the file.
serve_to_file() {
    local i
    "$DATELINE" serve "$site" --listen 127.0.0.1:0 --webs 2 2>>"$scratch/log" &
    served=$!
    for i in $(seq 200); do
        port=$(sed -n 's/.*"listening".*"port":\([0-9]*\).*/\1/p' "$scratch/log" "$log" 2>/dev/null | tail -n 1)
        [ -n "$port" ] && [ "$(get_status /)" != 000 ] && return 0
        sleep 0.05
    done
    return 1
}
# ask COUNT PATH: so many requests, eight at a time.
ask() { curl --no-progress-meter -o /dev/null -Z --parallel-max 8 -H 'Host: play.example' "http://127.0.0.1:$port$2?[1-$1]"; }

serve_to_file
is 'served' 200 "$(get_status /)"

token=$("$DATELINE" token add "$site" wire | grep -o 'dl_[A-Za-z0-9_-]*' | head -n 1)
story first 'The first.'
ok 'a story by a command' publish "$scratch/first.md"
story second 'The second.'
is 'one by the API' 201 "$(get_status /api/v1/items -X POST -H "Authorization: Bearer $token" -H 'Content-Type: text/markdown' --data-binary "@$scratch/second.md")"
is 'and one that is refused' 422 "$(get_status /api/v1/items -X POST -H "Authorization: Bearer $token" -H 'Content-Type: text/markdown' --data-binary 'nothing')"
wait_for 'a line says who published what' grep -q '"message":"publish","by":"command","path":"/[^"]*first"' "$log"
has 'the API by its token’s name' '"message":"publish","by":"wire"' "$log"
has 'what was refused, and why' '"message":"refused","by":"wire","code":"INVALID","why":"' "$log"
lacks 'never the token' "$token" "$log"

web=$(role_pid web)
is 'a web process has no file to write to' 0 "$(find "/proc/$web/fd" -lname '*.log*' | wc -l)"
ask 9000 /there-is-no-such-page-and-this-is-why-its-address-is-long-enough-to-fill-a-log
sleep 1.5
is 'put away, and only two are kept' 'dateline.log dateline.log.1 dateline.log.2' "$(cd "$site/log" && echo *)"
is 'every line is whole' 0 "$(cat "$site"/log/* | python3 -c '
import json, sys
bad = 0
for line in sys.stdin.buffer:
    try: bad += not json.loads(line)["time"]
    except Exception: bad += 1
print(bad)')"
is 'none is larger than it may be' '' "$(find "$site/log" -size +1100k)"

mv "$log" "$scratch/moved.log"
kill -HUP "$served"
wait_for 'moved away and SIGHUP: a new one' grep -q 'read anew' "$log"
wait_for 'and it goes on answering' status_is / 200
unserve
has 'to its last line' '"message":"stopped"' "$log"

# The same without limit: nothing is lost while it grows.
sed -i 's/^log.rotate_mb = .*/log.rotate_mb = 0/' "$site/dateline.conf"
rm -f "$site"/log/*
serve_to_file
ask 6000 /x
sleep 1
ask 16 /x # so that each web process has a line in which to tell what it lost: it does not wait for a log that is behind
unserve
lost=$(grep -o '"lost":[0-9]*' "$log" | awk -F: '{n += $2} END {print n + 0}')
is 'each of 6,016 requests has a line, or is told as lost' 6016 $(($(grep -cF '"path":"/x"' "$log") + lost))
