# Backups: made while stories are published, looked through, spoilt, interrupted at every step, and put back.
. "$(dirname "$0")/lib.sh"
dest=$scratch/dest
backup() { "$DATELINE" backup "$site" "$dest" "$@"; }
restore() { "$DATELINE" restore "$dest" "$@"; }
backups() { ls "$dest/backups"; }
newest() { backups | tail -n 1; }
was_killed() { [ "$1" = 137 ] || [ "$1" = 159 ]; } # by itself, or by its sandbox on its way to it
# Everything in DEST that counts, by name and content.
dest_state() { (cd "$dest" && find backups pieces dateline-backup -type f | sort | xargs sha256sum); }
# every_answer FILE: status, ETag and place of each address that the page store of $site knows, as $site answers now. (Of
# an encoding, the ETag of its text: with how much effort it was compressed depends on how much came at once.)
every_answer() {
    python3 - "$port" "$site/pages" "$scratch/addresses" >"$1" <<'PY'
import glob, hashlib, http.client, os, re, sys
port, pages, known = int(sys.argv[1]), sys.argv[2], sys.argv[3]
if not os.path.exists(known):
    found = set()
    for name in glob.glob(pages + "/**/*", recursive=True):
        if os.path.isfile(name):
            found |= {m.group().decode() for m in re.finditer(rb"/[A-Za-z0-9/._%~-]{0,200}", open(name, "rb").read())}
    open(known, "w").write("\n".join(sorted(found)))
c = http.client.HTTPConnection("127.0.0.1", port)
for path in open(known).read().split("\n"):
    for encoding in "identity", "gzip":
        c.request("GET", path, headers={"Host": "play.example", "Accept-Encoding": encoding})
        r = c.getresponse()
        body = r.read()
        if r.status not in (400, 404):
            tag = r.getheader("ETag") or hashlib.sha256(body).hexdigest()
            print(path, encoding, r.status, tag if encoding == "identity" else tag[:33], r.getheader("Location"))
PY
}

new_site
sed -i 's/^sections = .*/sections = City, Sport/' "$site/dateline.conf"
cat >>"$site/dateline.conf" <<'CONF'

[edition ar]
name = الموقع
language = ar-u-nu-latn
zone = Asia/Riyadh
sections = المدينة
CONF
"$DATELINE" record export-key "$site" >"$scratch/seed" 2>/dev/null
"$DATELINE" theme export "$site" spare >/dev/null
png "$scratch/photo.png" 640 400
for n in 1 2 3 4 5 6 7 8; do
    story "s$n" "Story $n as it was." 'section: City' "tags: [Harbour, Tag $((n % 3))]"
    publish "$scratch/s$n.md"
done >"$scratch/said"
story pictured 'With a picture.' 'picture: photo.png' 'picture-alt: Stripes' 'picture-credit: © PLAY' 'tags: [Harbour]'
story arabic 'نص الخبر.' 'headline: خبر' 'edition: ar' 'section: المدينة' 'language: ar' 'translation-of: urn:play:s1'
story s2 'Story 2, corrected.' 'section: City' 'headline: Story two'
publish "$scratch/pictured.md" "$scratch/arabic.md" >/dev/null
publish "$scratch/s2.md" --change correction --note 'It was wrong.' >/dev/null
"$DATELINE" withdraw "$site" urn:play:s3 --reason 'It was not so.' >/dev/null

# ---- while stories are published
ok 'serve' serve
(
    for n in $(seq 1000); do
        [ -e "$scratch/enough" ] && break
        story "p$n" "Published during a backup, number $n." 'section: Sport' "tags: [Tag $((n % 7))]"
        "$DATELINE" publish "$site" "$scratch/p$n.md" >/dev/null || break
        rm "$scratch/p$n.md"
        echo "$n" >"$scratch/published"
    done
) &
publisher=$!
wait_for 'stories pour in' test -s "$scratch/published"
ok 'a backup meanwhile' backup
first=$(newest)
first_new=$(sed -n 's/.*; \([0-9]*\) bytes in .*/\1/p' "$scratch/out")
before=$(cat "$scratch/published")
lacks 'it has a signed head' 'no signed head' "$scratch/out"
for n in 2 3 4; do ok "backup $n meanwhile" backup; done
has 'a later one writes less' '' <(n=$(sed -n 's/.*; \([0-9]*\) bytes in .*/\1/p' "$scratch/out"); [ "$n" -lt "$first_new" ] && echo)
is 'and stories went on' yes "$([ "$(cat "$scratch/published")" -gt "$before" ] && echo yes)"
touch "$scratch/enough"
wait "$publisher"
is 'there are four' 4 "$(backups | wc -l)"
ok 'all are what was written, the newest is a whole site' "$DATELINE" backup --verify "$dest"
has 'it says so' 'is a whole site' "$scratch/out"
has 'the site remembers it' "name $(newest)" "$site/run/backup"
is 'the key is in none of its bytes' '' "$(python3 - "$dest" "$scratch/seed" <<'PY'
import os, sys
seed = open(sys.argv[2]).read().strip()
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        bytes = open(os.path.join(folder, name), "rb").read()
        if bytes.fromhex(seed) in bytes or seed.encode() in bytes: print(name)
PY
)"

# ---- elsewhere
ok 'every page anew' "$DATELINE" rebuild "$site"
every_answer "$scratch/answers"
is 'there are many addresses' yes "$([ "$(wc -l <"$scratch/answers")" -gt 200 ] && echo yes || wc -l "$scratch/answers")"
ok 'a backup of that moment' backup
unserve
origin=$site
site=$scratch/elsewhere
ok 'restored elsewhere' restore "$site"
has 'it says that it cannot sign' 'record import-key' "$scratch/out"
fails 'not into what is there' 6 'not empty' restore "$site"
is 'the database is the same' "$(sha256sum <"$origin/record/journal")" "$(sha256sum <"$site/record/journal")"
is 'so is the theme' '' "$(diff -r "$origin/themes" "$site/themes")"
ok 'it serves without its signer' serve
wait_for 'all its pages' page_has / 'Story s1'
sleep 1
every_answer "$scratch/answers.elsewhere"
is 'every address answers as it did, its record too' '' "$(diff "$scratch/answers" "$scratch/answers.elsewhere" | head -n 20)"
story late 'Too late.'
fails 'it publishes nothing' 10 'record import-key' publish "$scratch/late.md"
ok 'the record holds' "$DATELINE" record verify "$site" --key "$("$DATELINE" record key "$origin")"
ok 'it can be backed up' "$DATELINE" backup "$site" "$scratch/dest-elsewhere"
unserve
printf '%064d\n' 7 >"$scratch/wrong"
fails 'another key is refused' 4 'the key of another record' "$DATELINE" record import-key "$site" "$scratch/wrong"
fails 'nonsense too' 3 'is no key' "$DATELINE" record import-key "$site" "$scratch/late.md"
ok 'its own is not' "$DATELINE" record import-key "$site" "$scratch/seed"
fails 'once' 6 'has its signer' "$DATELINE" record import-key "$site" "$scratch/seed"
ok 'now it publishes' publish "$scratch/late.md"
ok 'the record holds on' "$DATELINE" record verify "$site" --key "$("$DATELINE" record key "$origin")"
ok 'fsck' "$DATELINE" fsck "$site"
rm -rf "$site"
ok 'restored with its key' restore "$site" --key "$scratch/seed"
ok 'serve' serve
wait_for 'all its pages' page_has / 'Story s1'
sleep 1
every_answer "$scratch/answers.key"
is 'every address answers as it did, the head too' '' "$(diff "$scratch/answers" "$scratch/answers.key" | head -n 20)"
ok 'and it goes on' publish "$scratch/late.md"
unserve
ok 'the record holds on' "$DATELINE" record verify "$site"
rm -rf "$site"

# By hand, as docs/operator.md says.
hand=$scratch/hand
mkdir "$hand"
(
    cd "$dest" || exit
    grep '^list ' "backups/$(newest)" | while read -r _ list _ _; do
        while read -r hash _ path; do
            mkdir -p "$hand/$(dirname "$path")"
            cat "pieces/${hash:0:2}/$hash" >>"$hand/$path"
        done <"pieces/${list:0:2}/$list"
    done
)
ok 'by hand: a restored site' restore "$scratch/tool"
is 'by hand: the same files' '' "$(cd "$hand" && find . -type f | while read -r f; do cmp "$f" "$scratch/tool/$f" 2>&1; done)"
rm -rf "$hand" "$scratch/tool"

# ---- an older day
ok 'the first backup' restore "$site" --at "$first"
older=$("$DATELINE" record verify "$scratch/nothing" 2>&1 | wc -l)
is 'has fewer entries' yes "$([ "$(stat -c %s "$site/record/journal")" -lt "$(stat -c %s "$origin/record/journal")" ] && echo yes)"
rm -rf "$site"
fails 'before the first there is none' 5 'no backup was made by' restore "$site" --at 2001-01-01
fails 'a time is a time' 2 '--at' restore "$site" --at yesterday
is 'and no folder is left' no "$([ -e "$site" ] && echo yes || echo no)"

# ---- under the running log
site=$origin
story n1 'Published after the backup.'
publish "$scratch/n1.md" >"$scratch/said-n1"
story s1 'Story 1, after the backup.' 'section: City'
publish "$scratch/s1.md" >/dev/null
"$DATELINE" withdraw "$site" urn:play:s4 --reason 'Withdrawn after the backup.' >/dev/null
sed -i 's/^name = The Play/name = The Other Play/' "$site/dateline.conf"
rm -rf "$site"/media/*
ok 'serve' serve
size() { get /record/checkpoint | sed -n 2p; }
was=$(size)
fails 'not while it is served' 10 'end dateline serve first' restore "$site" --store-only
unserve
ok 'the database of the backup, under its log' restore "$site" --store-only
aside=$(ls -d "$site"/before-restore-*)
is 'what was there is kept aside' 'dateline.conf store' "$(ls "$aside" | xargs)"
has 'the configuration too' 'The Other Play' "$aside/dateline.conf"
has 'the old one is in force' 'name = The Play' "$site/dateline.conf"
is 'nothing else is left' no "$([ -e "$site/restoring" ] || [ -e "$site/store/restored" ] && echo yes || echo no)"
ok 'serve' serve
has 'the record fills in' 'the database was older than the record' "$scratch/log"
is 'nothing that was signed is gone' "$was" "$(size)"
is 'a picture is served again' 200 "$(get_status "$(grep -o '^/media/[^ ]*' "$scratch/answers" | head -n 1)")"
is 'what was withdrawn since stays withdrawn' 410 "$(get_status "$(grep -o '/2[^ ]*story-s4' "$scratch/answers" | head -n 1)")"
ok 'it publishes' publish "$scratch/n1.md"
is 'behind what was signed' $((was + 1)) "$(size)"
unserve
ok 'the record holds' "$DATELINE" record verify "$site"
ok 'fsck' "$DATELINE" fsck "$site"
rm -rf "$site"/before-restore-*

# ---- interrupted
ok 'a backup to begin with' backup
kept=$(backups | wc -l)
ok 'serve' serve
killed=0
for at in after-piece:1 after-piece:3 after-database after-rename:1 after-rename:2 before-manifest; do
    story "k$killed" "Killed at $at." 'section: City'
    publish "$scratch/k$killed.md" >/dev/null
    DATELINE_CRASH=backup.$at backup >/dev/null 2>&1
    was_killed $? && killed=$((killed + 1))
    is "killed at $at: no backup of it" "$kept" "$(backups | wc -l)"
    "$DATELINE" backup --verify "$dest" >"$scratch/out" 2>&1 || { cat "$scratch/out"; echo "not ok killed at $at: the others are whole"; }
done
is 'it was killed each time' 6 "$killed"
DATELINE_CRASH=backup.after-manifest backup >/dev/null 2>&1
is 'killed behind the manifest: it is there' $((kept + 1)) "$(backups | wc -l)"
ok 'the next one goes on' backup
ok 'all are whole' "$DATELINE" backup --verify "$dest"
for at in after-drop:1 after-drop:2 after-remove:1; do
    DATELINE_CRASH=backup.$at backup --keep 3 >/dev/null 2>&1
    "$DATELINE" backup --verify "$dest" >"$scratch/out" 2>&1 || { cat "$scratch/out"; echo "not ok killed while removing, $at"; }
done
ok 'three are to stay' backup --keep 3
is 'three stay' 3 "$(backups | wc -l)"
ok 'they are whole' "$DATELINE" backup --verify "$dest"
lacks 'and nothing else is there' 'of no backup' "$scratch/out"
unserve

site=$scratch/again
killed=0
for at in after-file:1 after-file:9 after-file:30 before-config; do
    DATELINE_CRASH=restore.$at "$DATELINE" restore "$dest" "$site" --key "$scratch/seed" >/dev/null 2>&1
    was_killed $? && killed=$((killed + 1))
    fails "killed at $at: it is no site yet" 5 'it is no site' "$DATELINE" record key "$site"
done
is 'it was killed each time' 4 "$killed"
fails 'another backup does not go there' 6 'was interrupted here' restore "$site" --at "$(backups | head -n 1)"
ok 'again: restored' restore "$site" --key "$scratch/seed"
ok 'it publishes' publish "$scratch/late.md"
ok 'the record holds' "$DATELINE" record verify "$site"
ok 'fsck' "$DATELINE" fsck "$site"

# Under its log: one database is in force, whole, at every moment.
killed=0
for at in after-file:1 after-file:2 before-exchange after-exchange after-aside after-replace:1 after-replace:5; do
    story "l$killed" "Lost at $at."
    publish "$scratch/l$killed.md" >/dev/null || echo "not ok published before $at"
    sed -i 's/^name = .*/name = Spoilt/' "$site/dateline.conf"
    DATELINE_CRASH=restore.$at "$DATELINE" restore "$dest" "$site" --store-only >/dev/null 2>&1
    was_killed $? && killed=$((killed + 1))
    "$DATELINE" token list "$site" >/dev/null 2>&1 # the next core, which refills an older database from the journal
    "$DATELINE" fsck "$site" >"$scratch/out" 2>&1 || { cat "$scratch/out"; echo "not ok killed at $at: the site is whole"; }
done
is 'it was killed each time' 7 "$killed"
ok 'again: restored' restore "$site" --store-only
is 'nothing is left of it' no "$([ -e "$site/restoring" ] || [ -e "$site/store/restored" ] && echo yes || echo no)"
is 'no database was thrown away' yes "$([ "$(ls -d "$site"/before-restore-*/store | wc -l)" -ge 4 ] && echo yes)"
has 'the configuration is back' 'name = The Play' "$site/dateline.conf"
ok 'it publishes' publish "$scratch/n1.md"
ok 'the record holds' "$DATELINE" record verify "$site"
ok 'fsck' "$DATELINE" fsck "$site"
site=$origin

# ---- spoilt
flip() { python3 - "$1" "$2" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2])); b = f.read(1); f.seek(int(sys.argv[2])); f.write(bytes([b[0] ^ 1]))
PY
}
piece_of() { # PATH: a piece of this file in the newest backup
    local list hash
    grep '^list ' "$dest/backups/$(newest)" | while read -r _ list _ _; do
        hash=$(grep " $1\$" "$dest/pieces/${list:0:2}/$list" | head -n 1 | cut -d' ' -f1)
        [ -z "$hash" ] || echo "$dest/pieces/${hash:0:2}/$hash"
    done | head -n 1
}
for path in store/dateline.db record/journal dateline.conf "$(cd "$site" && ls media/*/*.jpg | head -n 1)"; do
    piece=$(piece_of "$path")
    flip "$piece" 17
    fails "a flipped bit in $path is found" 9 "$path: $dest/pieces" "$DATELINE" backup --verify "$dest"
    fails "it is not restored" 9 "$(basename "$piece")" restore "$scratch/spoilt"
    rm -rf "$scratch/spoilt"
    ok 'the next backup mends it' backup --keep 3
    ok 'all is whole' "$DATELINE" backup --verify "$dest"
done
list=$(sed -n 's/^list \(..\)\([0-9a-f]*\) [0-9]* store$/\1\/\1\2/p' "$dest/backups/$(newest)")
flip "$dest/pieces/$list" 70
fails 'in a list' 9 "store: $dest/pieces/$list" "$DATELINE" backup --verify "$dest"
flip "$dest/pieces/$list" 70
flip "$dest/backups/$(newest)" 40
fails 'in a manifest' 9 "backups/$(newest): its bytes are not those" "$DATELINE" backup --verify "$dest"
flip "$dest/backups/$(newest)" 40
flip "$dest/dateline-backup" 40
fails 'in what says whose they are' 9 'backup' "$DATELINE" backup --verify "$dest"
flip "$dest/dateline-backup" 40
ok 'all is whole again' "$DATELINE" backup --verify "$dest"
rm "$(piece_of store/dateline.db)"
fails 'a piece that is gone is missed' 9 'store/dateline.db' "$DATELINE" backup --verify "$dest"
ok 'and mended' backup --keep 3
ok 'all is whole once more' "$DATELINE" backup --verify "$dest"
photo=$(cd "$site" && ls media/*/*.jpg | head -n 1)
flip "$site/$photo" 100
rm -rf "$scratch/new-dest"
fails 'a picture of the site that is damaged is told' 9 "$photo: is damaged" "$DATELINE" backup "$site" "$scratch/new-dest"
ok 'an older backup has it whole' backup --keep 3
ok 'and puts it back' restore "$site" --store-only
is 'as it was' "$(basename "$photo" .jpg)" "$(sha256sum <"$site/$photo" | cut -d' ' -f1)"

# ---- refused
fails 'not in the site' 6 "site's own folder" "$DATELINE" backup "$site" "$site/backups"
mkdir "$site/log/there"
fails 'nor deeper' 6 "site's own folder" "$DATELINE" backup "$site" "$site/log/there"
is 'and nothing is left there' '' "$(ls "$site/log/there")"
fails "not into another folder" 6 'is not empty' "$DATELINE" backup "$site" "$scratch"
is 'in which nothing is left' no "$([ -e "$scratch/lock" ] && echo yes || echo no)"
"$DATELINE" init "$scratch/other" --url http://play.example >/dev/null
fails "not to another site's" 6 'the keys differ' "$DATELINE" backup "$scratch/other" "$dest"
fails "nor from it" 6 'of another record' "$DATELINE" restore "$dest" "$scratch/other" --store-only
exec 9>>"$dest/lock"
flock 9
fails 'one at a time' 10 'locked by' backup
fails 'to look, too' 10 'locked by' "$DATELINE" backup --verify "$dest"
exec 9>&-
fails 'no backups, no restore' 5 'holds no backups' "$DATELINE" restore "$site" "$scratch/x"

# ---- a full disk, a disk that fails
ok 'serve' serve
story full 'Another one.' 'section: City'
publish "$scratch/full.md" >/dev/null
full=0
for n in 25 40 55 70 85 100 115 130; do
    story "f$n" "Another one, $n." 'section: City'
    publish "$scratch/f$n.md" >/dev/null
    dest_state >"$scratch/before"
    DATELINE_FAULT=sys:$n:ENOSPC backup >"$scratch/out" 2>&1
    code=$?
    [ $code = 7 ] && full=$((full + 1))
    # (0: it was a file that need not be, such as the lock's holder)
    [ $code = 0 ] || is "full at call $n: DEST is as before" '' "$(dest_state | diff "$scratch/before" -)"
    "$DATELINE" backup --verify "$dest" >"$scratch/out" 2>&1 || { cat "$scratch/out"; echo "not ok full at $n: what was there is whole"; }
done
is 'a full disk was met' yes "$([ $full -ge 3 ] && echo yes || echo "$full")"
ok 'with space again it goes on' backup
unserve
mkdir "$scratch/small"
if mount -t tmpfs -o size=300k tmpfs "$scratch/small" 2>/dev/null; then
    fails 'a disk that is too small' 7 'what this backup had written is taken back' "$DATELINE" backup "$site" "$scratch/small/dest"
    is 'DEST is as before' '' "$(find "$scratch/small/dest/pieces" "$scratch/small/dest/backups" "$scratch/small/dest/new" -type f)"
    umount "$scratch/small"
else
    echo 'ok a disk that is too small (skipped: no tmpfs can be mounted)'
fi
