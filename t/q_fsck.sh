# fsck: it names what is wrong, whatever it is; and nothing is wrong where nothing is.
. "$(dirname "$0")/lib.sh"
: "${FLIPS:=280}" "${SEED:=1}" "${LIVE:=20}"
flips=${DATELINE_OUT:-$(dirname "$DATELINE")}/t/flips
new_site
fsck() { "$DATELINE" fsck "$site" "$@"; }
# found NAME TEXT: fsck says so, and exits with 9.
found() { fails "$1" 9 "$2" fsck; }

# ---- a site that nobody has started yet
ok 'a new site is in order' fsck
has 'and waits to be started' 'store/dateline.db: is not there: the site was never started' "$scratch/out"
cp -a "$site/record" "$scratch/record"
flip() { python3 - "$@" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    byte = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([byte ^ 4]))
PY
}
for at in journal:7 signer:9 signer:5000 signer:65560; do
    flip "$site/record/${at%:*}" "${at#*:}"
    found "but for a bit of its $at" "record/${at%:*}, byte "
    cat "$scratch/record/${at%:*}" >"$site/record/${at%:*}"
done
rm -r "$scratch/record"
ok 'put back, it is in order' fsck

# ---- a site with some of everything
png "$scratch/a.png" 700 500
story pictured 'With a picture.' 'section: City' 'tags: [Harbour, "person: Ada Lotz"]' 'byline: Ada Lotz' 'picture: a.png' \
    'picture-alt: Stripes.' 'picture-credit: THE PLAY'
for n in 1 2 3 4 5 6; do
    story "s$n" "Story $n as it was." 'section: City' "tags: [Harbour, Number $n]"
    publish "$scratch/s$n.md" >"$scratch/said-$n"
done
ok 'a story with a picture' publish "$scratch/pictured.md"
story s1 'Story 1, corrected.' 'headline: Another headline' 'section: City'
publish "$scratch/s1.md" --change correction --note 'The first was wrong.' >/dev/null
"$DATELINE" withdraw "$site" urn:play:s2 --reason 'It was of another place.' >/dev/null
"$DATELINE" withdraw "$site" urn:play:s4 --reason 'A demand.' --legal --authority 'A court' --demanded 2026-11-20 >/dev/null
"$DATELINE" reinstate "$site" urn:play:s4 >/dev/null
"$DATELINE" withdraw "$site" urn:play:s6 --reason 'A demand.' --legal --authority 'A court' >/dev/null
story chooser 'It chooses.' 'related: [urn:play:s3]' 'picture: a.png' 'picture-alt: Stripes.' 'picture-credit: THE PLAY' 'picture-expires: 2090-01-01'
ok 'a lease, and a chosen story' publish "$scratch/chooser.md"
printf -- '---\ntitle: About\norder: 10\n---\n\nWho we are.\n' >"$scratch/about.md"
ok 'a standing page' "$DATELINE" page "$site" "$scratch/about.md"
sed -i 's/Who we are/Who we all are/' "$scratch/about.md"
ok 'another version of it' "$DATELINE" page "$site" "$scratch/about.md" --note 'All of us.'
story later 'Not yet.' 'embargo: 2099-01-01T00:00:00Z'
publish "$scratch/later.md" >/dev/null
"$DATELINE" token add "$site" wire >/dev/null 2>&1
"$DATELINE" theme export "$site" >/dev/null
(cd "$site/themes/own" && find . -type f ! -name gone.mustache -delete)
sed -i 's/^theme = *$/theme = own/' "$site/dateline.conf"
ok 'serve, with a theme of its own' serve
wait_for 'pages are of that theme' page_has / 'Another headline'
sleep 3
unserve
ok 'a sound site is in order' fsck
has 'and it says what was looked at' '15 entries, ' "$scratch/out"
cp "$scratch/out" "$scratch/said"
has 'everything' 'everything is in order' "$scratch/said"
lacks 'with nothing to remark' 'note' "$scratch/said"
fsck --json >"$scratch/json"
ok '--json: an object a line' python3 -c '
import json, sys
lines = [json.loads(l) for l in open(sys.argv[1])]
assert len(lines) == 1 and lines[0]["faults"] == 0 and lines[0]["stories"] == 9, lines' "$scratch/json"
keep() { rm -rf "$scratch/sound" && cp -a "$site" "$scratch/sound"; }
# The signer's file stays what it is: it knows when it is a copy.
restore() {
    chmod 600 "$site/record/signer"
    mv "$site/record/signer" "$scratch/signer"
    rm -rf "$site" && cp -a "$scratch/sound" "$site"
    mv "$scratch/signer" "$site/record/signer"
}
keep
sql() { python3 -c '
import sqlite3, sys
db = sqlite3.connect(sys.argv[1] + "/store/dateline.db")
db.execute("PRAGMA journal_mode=WAL")
for statement in sys.argv[2:]: db.execute(statement)
db.commit()
db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
db.close()' "$site" "$@"; }
# broken NAME TEXT STATEMENT…: what no bit alone would do
broken() {
    local name=$1 text=$2
    shift 2
    sql "$@"
    found "$name" "$text"
    restore
}

# ---- one flipped bit
ok "$FLIPS flipped bits, each named or without effect" "$flips" "$DATELINE" "$site" "$SEED" "$FLIPS"
sed 's/^/    /' "$scratch/out"
restore

# ---- rows
broken 'a headline that lists show' 'headline: is "Another"' "UPDATE stories SET headline = 'Another' WHERE uri = 'urn:play:s3'"
broken 'a state against the log' 'state: published is not what its entries say' "UPDATE stories SET state = 'published' WHERE uri = 'urn:play:s2'"
broken 'a withdrawn story that is shown' 'is shown, against the story' \
    "UPDATE list_places SET shown = 1 WHERE stands = 1 AND story = (SELECT row FROM stories WHERE uri = 'urn:play:s2')"
broken 'another correction' 'told its readers is another thing there' "UPDATE notes SET text = 'Nothing was wrong.'"
broken 'a correction that is gone' 'told its readers is not there' 'DELETE FROM notes'
broken 'another place at the foot' 'standing: is not what its newest text says' 'UPDATE stories SET standing = 5 WHERE standing IS NOT NULL'
broken 'a list that a text does not know' 'of which its newest text says nothing' \
    "UPDATE lists SET key = 'tag/other' WHERE key = 'tag/number-3'"
broken 'a path that is gone' 'is not kept as that of stories row' "DELETE FROM paths WHERE story = 3"
broken 'a path that leads elsewhere' 'to its story; it is another' "UPDATE paths SET story = 4 WHERE story = 3"
broken 'an act without its parts' 'acts' "UPDATE acts SET parts = '[]'"
broken 'what a sender is told' 'stories, row 3: was changed since it was written' "UPDATE stories SET version = 7 WHERE row = 3"
broken 'a held draft' 'held, id 1: was changed' "UPDATE held SET due = 1"
broken 'a token that was never given' 'tokens, id' "INSERT INTO tokens (name, hash, made) VALUES ('thief', randomblob(32), 1)"
broken 'a row that refers to nothing' 'refers to a row of' "INSERT INTO uris (uri, story) VALUES ('urn:x', 99)"
broken 'entries that are gone' 'entry 3: is missing' 'DELETE FROM revisions WHERE entry = 3' 'DELETE FROM entries WHERE idx = 3'
broken 'the texts of a story, gone' 'revisions' "UPDATE revisions SET canonical = NULL, salts = NULL WHERE entry = 3"
broken 'a forged text' 'its parts and salts give another root' \
    "UPDATE revisions SET canonical = CAST(replace(CAST(canonical AS TEXT), 'Story 3 as', 'Story 3 is') AS BLOB) WHERE entry = 2"
broken 'another schema' 'the schema is not that of version' 'CREATE TABLE strange (x)'

# ---- files
picture=$(find "$site/media" -name '*.jpg' | head -n 1)
rm "$picture"
found 'a picture that is gone' "${picture#"$site"/}: is not there"
restore
truncate -s -3 "$site/record/journal"
found 'a journal without its end' 'were signed'
restore
printf 'more' >>"$site/record/journal"
found 'a journal with more behind it' 'no whole record'
restore
chmod 644 "$site/record/signer"
found 'a key that others can read' 'record/signer: has the mode 0644'
restore
: >"$site/media/ab.jpg.tmp"
mkdir "$site/pages/7.new"
fsck >"$scratch/out"
has 'what is left over is named' 'pages/7.new' "$scratch/out"
restore
truncate -s 100000 "$site/pages/"*/data.mdb
found 'pages that were cut' 'behind the end of the file'
restore
rm -r "$site/pages"/*
fsck >"$scratch/out"
has 'no pages at all are no fault' 'there is no page store' "$scratch/out"
restore
echo '# edited' >>"$site/dateline.conf"
fsck >"$scratch/out"
has 'an edited configuration is a note' 'dateline.conf: is not what the site was started with' "$scratch/out"
echo 'colour = blue' >>"$site/dateline.conf"
found 'a broken one a fault' 'dateline.conf:'
restore
echo broken >"$site/store/dateline.db"
found 'no database' 'store/dateline.db'
restore

# ---- pages that are not what the database says: an older page store, a newer one
cp -a "$site/pages" "$scratch/pages"
publish "$scratch/s1.md" >/dev/null
story s3 'Story 3, again.' 'headline: Third' 'section: City'
publish "$scratch/s3.md" >/dev/null
"$DATELINE" withdraw "$site" urn:play:s4 --reason 'A test.' >/dev/null
ok 'in order after more was published' fsck
rm -r "$site/pages" && cp -a "$scratch/pages" "$site/pages"
fsck >"$scratch/out"
has 'an older page store: entries wait to be carried' 'on are not carried to them' "$scratch/out"
ok 'the next core carries them' publish "$scratch/s3.md"
ok 'and all is in order' fsck
rm -r "$site/store" && cp -a "$scratch/sound/store" "$site/store"
found 'an older database' 'in record/journal, and not in the database: it is older'
has 'the pages know it too' 'the pages have entries up to' "$scratch/out"
has 'and which addresses differ' ' is not of its story' "$scratch/out"
"$DATELINE" publish "$site" "$scratch/s1.md" >/dev/null 2>&1
ok 'refilled from the journal, in order' fsck
keep

# ---- killed: what is in the WAL only
serve
"$DATELINE" token add "$site" second >/dev/null 2>&1
story s5 'Story 5, again.' 'headline: Fifth' 'section: City'
publish "$scratch/s5.md" >/dev/null
sleep 3
kill -KILL "$(role_pid core)" "$served"
for role in core web signer media; do pkill -KILL -P "$served" -f "role $role " 2>/dev/null; done
wait "$served" 2>/dev/null
served=
: >"$scratch/log"
sleep 1
ok 'after kill -9, the WAL there' test -s "$site/store/dateline.db-wal"
before=$(cd "$site" && find store record pages media -type f | sort | xargs sha256sum | sha256sum)
ok 'in order' fsck
is 'nothing was written, nothing made' "$before" "$(cd "$site" && find store record pages media -type f | sort | xargs sha256sum | sha256sum)"
ok 'flipped bits with a WAL' "$flips" "$DATELINE" "$site" "$SEED" $((FLIPS / 2))
sed 's/^/    /' "$scratch/out"

# ---- restored without its key
ok 'backup' "$DATELINE" backup "$site" "$scratch/backup"
ok 'restored' "$DATELINE" restore "$scratch/backup" "$scratch/restored"
ok 'which is in order' "$DATELINE" fsck "$scratch/restored"
has 'and told' 'record/signer: is not there: the site was restored without it' "$scratch/out"
ok 'flipped bits there' "$flips" "$DATELINE" "$scratch/restored" "$SEED" $((FLIPS / 4))
has 'also of its head' 'head: ' "$scratch/out"
sed 's/^/    /' "$scratch/out"
python3 - "$scratch/restored/record/journal" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.truncate(20)
PY
fails 'a journal that ends before the head of the backup' 9 'were signed' "$DATELINE" fsck "$scratch/restored"
rm -rf "$scratch/restored" "$scratch/backup"

# ---- a disk that cannot be written to (if this machine lets us have one)
read_only() { unshare -m bash -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && "$2" fsck "$1"' - "$site" "$DATELINE"; }
if unshare -m true 2>/dev/null; then
    ok 'from a disk that cannot be written to, with a WAL' read_only
fi
ok 'what was only in the WAL is taken up' publish "$scratch/s5.md"
if unshare -m true 2>/dev/null; then
    ok 'and from such a disk without one' read_only
fi

# ---- while it is served
ok 'serve' serve
(
    n=0
    while [ ! -f "$scratch/stop" ]; do
        n=$((n + 1))
        story "live$((n % 30))" "Text $n." "headline: Headline $n" 'section: City' "tags: [Harbour, Live $((n % 7))]"
        publish "$scratch/live$((n % 30)).md" >/dev/null 2>&1 && echo published >>"$scratch/live"
        [ $((n % 11)) != 0 ] || "$DATELINE" withdraw "$site" "urn:play:live$(((n - 5) % 30))" --reason 'A test.' >/dev/null 2>&1
    done
) &
writer=$!
runs=0 bad=0
for ((end = SECONDS + LIVE; SECONDS < end; )); do
    fsck >"$scratch/live-said" 2>&1 || { bad=$((bad + 1)) && cat "$scratch/live-said"; }
    runs=$((runs + 1))
done
is "beside a site that publishes: no false alarm" 0 "$bad"
ok "in $runs runs" test "$runs" -ge 5
ok 'and did publish' test "$(wc -l <"$scratch/live")" -ge 20
flip "$site/record/journal" 200
found 'a flipped bit is named there too' 'record/journal, byte 200'
touch "$scratch/stop"
wait $writer
unserve
