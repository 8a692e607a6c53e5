# What the record does when its files are old, lost, copied or foreign.
. "$(dirname "$0")/lib.sh"
new_site
for n in 1 2 3; do
    story "s$n" "Story $n as it was."
    publish "$scratch/s$n.md" >"$scratch/said-$n"
done
size() { get /record/checkpoint | sed -n 2p; }

# An older database is put back: the record goes on, and says what is lost.
cp "$site/store/dateline.db" "$scratch/old.db"
story s1 'Story 1, corrected.'
publish "$scratch/s1.md" --change correction --note 'The first was wrong.' >/dev/null
story s4 'Story 4 as it was.'
publish "$scratch/s4.md" >/dev/null
rm -f "$site"/store/*
cp "$scratch/old.db" "$site/store/dateline.db"
ok 'with an older database: serve' serve
has 'the log says so' 'the database was older than the record' "$scratch/log"
is 'nothing that was signed is gone' 5 "$(size)"
path=$("$DATELINE" publish "$site" "$scratch/s2.md" | sed -n 's|.*http://play.example||p')
is 'what it has is served' 200 "$(get_status "$path")"
is 'a lost text is said to be lost' '{"entry":3,"lost":true,"version":1}' "$(get /record/opening/3.json)"
get "$(path_of "$scratch/said-1")" >"$scratch/page"
has 'its story says so' 'lost' "$scratch/page"
ok 'the record holds' "$DATELINE" record verify "$site"
story s5 'Story 5.'
ok 'and goes on' publish "$scratch/s5.md"
is 'with the next entry' 6 "$(size)"
story s1 'Story 1, corrected again.'
ok 'a new version of the story' publish "$scratch/s1.md"
get "$(path_of "$scratch/out")" >"$scratch/page"
lacks 'heals it' 'was lost' "$scratch/page"
ok 'the record holds again' "$DATELINE" record verify "$site"
ok 'fsck' "$DATELINE" fsck "$site"
unserve

# The journal is lost: the database writes it anew, if it is what was signed.
rm "$site/record/journal"
ok 'without a journal: serve' serve
story s6 'Story 6.'
ok 'publishing goes on' publish "$scratch/s6.md"
ok 'the record holds, without the journal' "$DATELINE" record verify "$site"
unserve

# Both are older than what was signed: serving goes on, signing stops.
cp "$site/store/dateline.db" "$scratch/old.db"
cp "$site/record/journal" "$scratch/old.journal"
story s7 'Story 7.'
publish "$scratch/s7.md" >/dev/null
rm -f "$site"/store/* "$site/record/journal"
cp "$scratch/old.db" "$site/store/dateline.db"
cp "$scratch/old.journal" "$site/record/journal"
ok 'with both lost: serve' serve
has 'the log says what to do' 'Put back record/journal' "$scratch/log"
is 'readers are served' 200 "$(get_status /)"
is 'the story that only the pages have, too' 200 "$(get_status "$(get / | grep -o '/2[^"]*story-s7' | head -n 1)")"
is 'with the head that was signed' 9 "$(size)"
story s8 'Story 8.'
fails 'nothing is published' 10 'Put back record/journal' publish "$scratch/s8.md"
unserve

# A site of its own, copied.
site2=$scratch/copy
site=$scratch/fresh
new_site
publish "$scratch/s1.md" >/dev/null
cp -a "$site" "$site2"
fails 'a copied site does not sign' 8 'dateline record adopt' "$DATELINE" publish "$site2" "$scratch/s2.md"
ok 'the original does' publish "$scratch/s2.md"
fails 'verify of the copy tells its head' 5 'no such' "$DATELINE" withdraw "$site" nothing --reason x
ok 'adopt' "$DATELINE" record adopt "$site2"
ok 'and the copy signs' "$DATELINE" publish "$site2" "$scratch/s3.md"
ok 'its record holds' "$DATELINE" record verify "$site2"

# Foreign: another site's database
site3=$scratch/other
"$DATELINE" init "$site3" --url http://play.example >/dev/null
"$DATELINE" publish "$site3" "$scratch/s3.md" >/dev/null
rm -f "$site3"/store/*
cp "$site/store/dateline.db" "$site3/store/"
site=$site3
serve
fails 'a database of another record' 10 'two logs' publish "$scratch/s6.md"
is 'but readers are served' 200 "$(get_status /)"
unserve

# record build, and verify against it
mkdir "$scratch/raw"
for n in $(seq 300); do printf 'entry %d' "$n" >"$scratch/raw/$(printf %04d "$n")"; done
seed=$(printf '%064d' 7)
ok 'record build' "$DATELINE" record build "$scratch/tlog" "$scratch"/raw/* --key "$seed" --origin play.example/record
ok 'record verify of a folder' "$DATELINE" record verify "$scratch/tlog"
printf x >>"$scratch/tlog/tile/entries/000"
fails 'a changed bundle is found' 9 'FAULT' "$DATELINE" record verify "$scratch/tlog"
