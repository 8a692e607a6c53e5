# How a site stands: counts, processes, and the flags on translations whose originals were changed.
. "$(dirname "$0")/lib.sh"
new_site
printf '\n[edition pt]\nname = A Peça\nlanguage = pt\n' >>"$site/dateline.conf"

# of FILTER: a value of dateline status --json; $s is the object
of() { "$DATELINE" status "$site" --json 2>/dev/null | python3 -c "import json, sys; s = json.load(sys.stdin); print($1)"; }

ok 'before anybody serves it' "$DATELINE" status "$site"
has 'says so' 'nobody serves it' "$scratch/out"
is 'for programs too' 'False 0 0' "$(of 's["served"], s["record"]["entries"], len(s["processes"])')"
serve
is 'served' 'True 5 0' "$(of 's["served"], len(s["processes"]), sum(p["died"] for p in s["processes"])')"

story ferry 'The ferry leaves at seven.' 'headline: The ferry leaves'
story balsa 'A balsa parte às sete.' 'headline: A balsa parte' 'edition: pt' 'translation-of: urn:play:ferry'
ok 'an original' publish "$scratch/ferry.md"
english=$(path_of "$scratch/out")
ok 'its translation' publish "$scratch/balsa.md"
portuguese=$(path_of "$scratch/out")
is 'stories by edition' "[('en', 1, 0, 0), ('pt', 1, 0, 0)]" \
    "$(of '[(e["key"], e["published"], e["withdrawn"], e["notes"]) for e in s["editions"]]')"
is 'all are signed' '2 2' "$(of 's["record"]["entries"], s["record"]["signed"]')"
is 'the root is that of the checkpoint' "$(get /record/checkpoint | sed -n 3p | base64 -d | od -An -tx1 | tr -d ' \n')" \
    "$(of 's["record"]["root"]')"
settled() { [ "$(of 's["queue"]["stories"] + s["queue"]["lists_soon"] + s["queue"]["lists_later"]')" = 0 ]; }
wait_for 'in the end nothing waits' settled
is 'pictures and pages have their bytes' 'True True' "$(of 's["disk"]["pages"] > 0, s["disk"]["free"] > 0')"
is 'no flag' 0 "$(of 'len(s["flags"])')"

flags() { of '[(f["path"], f["original_path"], f["what"], f["note"]) for f in s["flags"]]'; }
sed -i 's/at seven/at eight/' "$scratch/ferry.md"
ok 'an update of the original' publish "$scratch/ferry.md"
is 'raises none' '[]' "$(flags)"
sed -i 's/at eight/at nine/' "$scratch/ferry.md"
ok 'a correction of it' publish "$scratch/ferry.md" --change correction --note 'It leaves at nine, not at eight.'
is 'does' "[('$portuguese', '$english', 'correction', 'It leaves at nine, not at eight.')]" "$(flags)"
ok 'for people' "$DATELINE" status "$site"
has 'which translation' "http://play.example$portuguese" "$scratch/out"
has 'of what' "translates http://play.example$english" "$scratch/out"
has 'and what was told' 'It leaves at nine, not at eight.' "$scratch/out"
unserve
is 'it stays when nobody serves' 1 "$(of 'len(s["flags"])')"
serve
sed -i 's/às sete/às nove/' "$scratch/balsa.md"
ok 'the translation follows' publish "$scratch/balsa.md"
is 'that takes it down' '[]' "$(flags)"
ok 'the original is withdrawn' "$DATELINE" withdraw "$site" "$english" --reason 'The timetable was a draft.'
is 'that raises one' "[('$portuguese', '$english', 'withdrawal', 'The timetable was a draft.')]" "$(flags)"
is 'and is counted' '(0, 1)' "$(of '(s["editions"][0]["published"], s["editions"][0]["withdrawn"])')"
ok 'and restored' "$DATELINE" reinstate "$site" "$english"
is 'that takes it down' '[]' "$(flags)"

# What goes wrong is told, and is the exit code
kill -9 "$(role_pid web)"
died() { [ "$(of 'sum(p["died"] for p in s["processes"])')" = 1 ]; }
wait_for 'a death is counted' died
ok 'which is no failure' "$DATELINE" status "$site"
fails 'an option that is none' 2 'no such option' "$DATELINE" status "$site" --jso
fails 'a site that is none' 5 '' "$DATELINE" status "$scratch/nowhere"

# What is old says so, without a script, and without anybody publishing anything
story long 'Long ago.' 'date: 2024-03-05T12:00:00Z' 'headline: Long ago'
ok 'a story of another year' publish "$scratch/long.md" --archive
long=$(path_of "$scratch/out")
page_has "$long" 'From the archive: <time datetime="2024-03-05T12:00:00Z">Tuesday' && echo 'ok says so at once' || echo 'not ok says so at once'
lacks 'a new one does not' 'From the archive' <(get "$english")
unserve
serve DATELINE_CLOCK=+31449600000
lacks 'nor 364 days later' 'From the archive' <(get "$english")
unserve
serve DATELINE_CLOCK=+31708800000
wait_for 'it does 367 days later' page_has "$english" 'From the archive: <time'
wait_for 'so does its translation' page_has "$portuguese" 'class="note"'
unserve
serve
has 'that stays' 'From the archive' <(get "$english")
unserve
sed -i 's/^old_after_days = 365/old_after_days = 0/' "$site/dateline.conf"
serve
wait_for 'a paper may never say so' sh -c "! curl -s -H 'Host: play.example' http://127.0.0.1:$port$long | grep -q 'From the archive'"
