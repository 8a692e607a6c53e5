# What plays share. A play is a shell script that prints "ok …" or "not ok …", a line a claim; whatever else it
# prints is read when it fails. DATELINE is the program under test.
set -u
: "${DATELINE:=$(dirname "$(readlink -f "$0")")/../out/debug/dateline}"
export LC_ALL=C.UTF-8
scratch=$(mktemp -d /tmp/dateline-play-XXXXXX)
site=$scratch/site
served= port=
trap 'unserve; rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM

# ok NAME COMMAND…: the command succeeds.
ok() {
    local name=$1
    shift
    if "$@" >"$scratch/out" 2>&1; then
        echo "ok $name"
    else
        sed 's/^/    /' "$scratch/out"
        echo "not ok $name"
        return 1
    fi
}
# is NAME WANTED GOT
is() {
    if [ "$2" = "$3" ]; then
        echo "ok $1"
    else
        printf '    wanted: %s\n    got:    %s\n' "$2" "$3"
        echo "not ok $1"
        return 1
    fi
}
# has NAME TEXT FILE
has() {
    if grep -qF -- "$2" "$3"; then
        echo "ok $1"
    else
        printf '    no "%s" in:\n' "$2"
        head -c 2000 "$3" | sed 's/^/    /'
        echo "not ok $1"
        return 1
    fi
}
lacks() {
    if grep -qF -- "$2" "$3"; then
        printf '    "%s" is in it\n' "$2"
        echo "not ok $1"
        return 1
    fi
    echo "ok $1"
}
# fails NAME EXIT_CODE TEXT COMMAND…: it ends so, and says this.
fails() {
    local name=$1 wanted=$2 text=$3 code
    shift 3
    "$@" >"$scratch/out" 2>&1
    code=$?
    if [ $code = "$wanted" ] && grep -qF -- "$text" "$scratch/out"; then
        echo "ok $name"
    else
        printf '    exit %s (wanted %s):\n' $code "$wanted"
        sed 's/^/    /' "$scratch/out"
        echo "not ok $name"
        return 1
    fi
}

new_site() {
    "$DATELINE" init "$site" --name 'The Play' --url http://play.example --zone Europe/Lisbon >/dev/null
}

# serve [ENV=VALUE…]: on a free port, told in $port; waits until it answers.
serve() {
    env "$@" "$DATELINE" serve "$site" --listen 127.0.0.1:0 --webs 2 2>>"$scratch/log" &
    served=$!
    local i
    port=
    for i in $(seq 200); do
        [ -n "$port" ] || port=$(grep '"listening"' "$scratch/log" | tail -n 1 | sed -n 's/.*"port":\([0-9]*\).*/\1/p')
        [ -z "$port" ] || case $(get_status /) in 000 | 503) ;; *) return 0 ;; esac
        sleep 0.05
    done
    echo "    serve did not come up:"
    tail -n 20 "$scratch/log" | sed 's/^/    /'
    return 1
}
unserve() {
    [ -n "$served" ] || return 0
    kill "$served" 2>/dev/null
    wait "$served" 2>/dev/null
    served=
    : >"$scratch/log.old"
    cat "$scratch/log" >>"$scratch/log.old"
    : >"$scratch/log"
}
# The process of a role of the supervisor that runs: role NAME [WHICH]
role_pid() {
    pgrep -P "$served" -f "role $1 " | sed -n "${2:-1}p"
}

get() {
    curl -sS --max-time 20 -H 'Host: play.example' "${@:2}" "http://127.0.0.1:$port$1"
}
get_status() {
    curl -s -o /dev/null --max-time 20 -w '%{http_code}' -H 'Host: play.example' "${@:2}" "http://127.0.0.1:$port$1"
}
# wait_for NAME COMMAND…: it succeeds within ten seconds.
wait_for() {
    local i name=$1
    shift
    for i in $(seq 200); do
        "$@" >/dev/null 2>&1 && { echo "ok $name"; return 0; }
        sleep 0.05
    done
    echo "not ok $name"
    return 1
}
status_is() { [ "$(get_status "$1")" = "$2" ]; }
page_has() { get "$1" | grep -qF -- "$2"; }

# story NAME TEXT [LINE…]: writes $scratch/NAME.md with uri urn:play:NAME and these front matter lines.
story() {
    local name=$1 text=$2
    shift 2
    {
        echo ---
        echo "uri: urn:play:$name"
        printf '%s\n' "$@"
        grep -q '^headline:' <<<"$(printf '%s\n' "$@")" || echo "headline: Story $name"
        echo ---
        echo
        printf '%s\n' "$text"
    } >"$scratch/$name.md"
}
# png FILE WIDTH HEIGHT [SEED]: a picture, another one for each seed; with "header" for a seed it has no pixels.
png() {
    python3 - "$@" <<'PY'
import struct, sys, zlib
name, width, height, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), (sys.argv[4:] + ["0"])[0]
chunk = lambda t, d: struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d))
pixels = b"" if seed == "header" else b"".join(
    b"\0" + bytes((x * (int(seed) + 1) + y) % 251 for x in range(width)) for y in range(height))
open(name, "wb").write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
                       + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b""))
PY
}
publish() { "$DATELINE" publish "$site" "$@"; }
path_of() { sed -n 's|.*http://play.example\(/[^ ]*\).*|\1|p' "$1" | head -n 1; }
