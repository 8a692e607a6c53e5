# Lists, feeds and the read API against the standards that they claim; days and translations of several editions; what is
# left of a story when it is withdrawn; and what caches see.
. "$(dirname "$0")/lib.sh"
here=$(dirname "$(readlink -f "$0")")
grep_pages=${DATELINE_OUT:-$here/../out/debug}/t/pages_grep
formats() { python3 "$here/formats.py" "$@"; }

# ---- the demonstration: every address that any answer names
ok 'the demonstration' "${DATELINE_RELEASE:-$DATELINE}" demo "$site"
sed -i 's|^url = .*|url = http://play.example|' "$site/dateline.conf"
rm -rf "$site/pages" # they are made anew of the store, under the other address
ok 'serve' serve
wait_for 'its lists are made' page_has /ar/sitemap-2026-11-1.xml '<urlset'
ok 'every feed, sitemap, page and answer of the API is what its standard says' formats check "http://127.0.0.1:$port" http://play.example
sed -n '$s/^/    /p' "$scratch/out"
has 'some hundred pages are among them' ' text/html' "$scratch/out"
unserve
rm -rf "$site"

# ---- a new site: what is linked is there, though nothing was published
new_site
sed -i 's|^sections =.*|sections = City, World|' "$site/dateline.conf"
printf '\n[edition pt]\nname = A Peça\nlanguage = pt\nzone = Pacific/Auckland\nsections = Cidade\n' >>"$site/dateline.conf"
ok 'serve a new site' serve
is 'a section without stories' 200 "$(get_status /section/world)"
is 'and without corrections' 200 "$(get_status /corrections)"
ok 'all that it links to is there' formats check "http://127.0.0.1:$port" http://play.example

# ---- days. Lisbon in summer is UTC+1 and moves its clocks on 25 October 2026 at 01:00 UTC; Auckland is UTC+13 then.
# at NUMBER EDITION INSTANT: publishes a story of then, as an archive does; says its path
at() {
    story "day$1" 'It happened.' "date: $3" "edition: $2" "headline: Night $1" 'section: City' 'tags: [Night]'
    publish "$scratch/day$1.md" --archive >"$scratch/said" || cat "$scratch/said"
    path_of "$scratch/said"
}
is 'at 23:30 in Lisbon' /2026/10/24/night-1 "$(at 1 en 2026-10-24T22:30:00Z)"
is 'the same moment in Auckland is the day after' /pt/2026/10/25/night-2 "$(at 2 pt 2026-10-24T22:30:00Z)"
is 'at 00:30, before the clocks are moved' /2026/10/25/night-3 "$(at 3 en 2026-10-24T23:30:00Z)"
is 'at 01:30, the first time' /2026/10/25/night-4 "$(at 4 en 2026-10-25T00:30:00Z)"
is 'at 23:30 of the day with 25 hours' /2026/10/25/night-5 "$(at 5 en 2026-10-25T23:30:00Z)"
is 'half an hour later it is over' /2026/10/26/night-6 "$(at 6 en 2026-10-26T00:00:00Z)"
is 'at 23:30 in the summer of Auckland' /pt/2026/01/31/night-7 "$(at 7 pt 2026-01-31T10:30:00Z)"
is 'at 00:30 there' /pt/2026/02/01/night-8 "$(at 8 pt 2026-01-31T11:30:00Z)"
is 'at 23:30 of the day with 23 hours' /2026/03/29/night-9 "$(at 9 en 2026-03-29T22:30:00Z)"
for n in 3 4 5; do wait_for "the 25th has night $n" page_has /2026/10/25 "night-$n\""; done
get /2026/10/25 >"$scratch/page"
lacks 'and not what was before' 'night-1"' "$scratch/page"
lacks 'or after it' 'night-6"' "$scratch/page"
wait_for 'so has the read API' page_has /api/v1/day/2026-10-25/items '"headline":"Night 5"'
wait_for 'the other edition has its own' page_has /pt/api/v1/day/2026-10-25/items '"headline":"Night 2"'
wait_for 'the archive counts by these days' sh -c "curl -s -H 'Host: play.example' http://127.0.0.1:$port/2026/10 | tr -d '\n' | grep -q 'datetime=\"2026-10-25\">[^<]*</time> <span class=\"count\"><bdi>3<'"
wait_for 'the month too' page_has /pt/2026 'datetime="2026-02-01"'
wait_for 'the sitemap of that month' page_has /pt/sitemap-2026-01-1.xml '/pt/2026/01/31/night-7'
wait_for 'the news sitemap has nothing so old' page_has /news-sitemap.xml '<urlset'
get /news-sitemap.xml >"$scratch/page"
lacks 'not one' 'night-' "$scratch/page"
at 10 en "$(date -u -d '-2 days +6 seconds' +%Y-%m-%dT%H:%M:%SZ)" >/dev/null
wait_for 'what is almost two days old is news' page_has /news-sitemap.xml '/night-10<'
wait_for 'and a moment later it is not' sh -c "! curl -sf -H 'Host: play.example' http://127.0.0.1:$port/news-sitemap.xml | grep -q 'night-10'"

# ---- translations: each names each, or none
hreflang() { get "$1" | grep -o '<link rel="alternate" hreflang="[^"]*" href="[^"]*"' | sed 's/.*hreflang="\([^"]*\)" href="http:..play.example\([^"]*\)"/\1 \2/' | sort | tr '\n' ';'; }
hreflang_is() { [ "$(hreflang "$1")" = "$2" ]; }
of() { publish "$scratch/$1.md" >"$scratch/said" && path_of "$scratch/said"; }
story ferry 'The ferry sails.' 'headline: Ferry sails' 'section: City'
story tide 'The tide turns.' 'headline: Tide turns' 'section: City'
story barco 'O barco parte.' 'headline: Barco parte' 'edition: pt' 'translation-of: urn:play:ferry' 'section: Cidade'
ferry=$(of ferry) tide=$(of tide) barco=$(of barco)
both="en $ferry;pt $barco;"
wait_for 'the original names its translation' hreflang_is "$ferry" "$both"
is 'which names the same' "$both" "$(hreflang "$barco")"
is 'others name nothing' '' "$(hreflang "$tide")"
sed -i 's/^translation-of:.*/translation-of: urn:play:tide/' "$scratch/barco.md"
echo 'Era outra.' >>"$scratch/barco.md"
ok 'a revision says that it translates another story' publish "$scratch/barco.md"
other="en $tide;pt $barco;"
is 'so it does, at once' "$other" "$(hreflang "$barco")"
wait_for 'the other names it' hreflang_is "$tide" "$other"
wait_for 'the first does not any more' hreflang_is "$ferry" ''
sed -i '/^translation-of:/d' "$scratch/barco.md"
echo 'Era nenhuma.' >>"$scratch/barco.md"
ok 'a revision says that it translates nothing' publish "$scratch/barco.md"
wait_for 'the other does not name it any more' hreflang_is "$tide" ''
is 'and it names none' '' "$(hreflang "$barco")"
sed -i '2a translation-of: urn:play:ferry' "$scratch/barco.md"
ok 'and back' publish "$scratch/barco.md"
wait_for 'the first names it again' hreflang_is "$ferry" "$both"
story outro 'O barco parte outra vez.' 'headline: Outro barco' 'edition: pt' 'translation-of: urn:play:barco' 'section: Cidade'
outro=$(of outro)
is 'a second one in its language names none' '' "$(hreflang "$outro")"
sleep 1
is 'and none names it' "$both" "$(hreflang "$ferry")"

# ---- an update that comes as a new item
story storm1 'The storm begins.' 'headline: Storm begins' 'section: City' 'tags: [Storm]'
storm=$(of storm1)
short=$(get "$storm" | grep -o '/s/[2-9a-z]*' | head -n 1)
story storm2 'The storm is over.' 'headline: Storm is over' 'section: City' 'tags: [Storm]' 'updates: urn:play:storm1'
ok 'an item of another name that updates it' publish "$scratch/storm2.md"
has 'is its next revision' 'revised' "$scratch/out"
over=$(path_of "$scratch/out")
is 'under the same short address' "$over" "$(get "$short" -o /dev/null -w '%{redirect_url}' | sed 's|http://[^/]*||')"
is 'the old address leads there' "$over" "$(get "$storm" -o /dev/null -w '%{redirect_url}' | sed 's|http://[^/]*||')"
cat >"$scratch/storm3.json" <<'J'
{"uri": "urn:play:storm3", "type": "text", "language": "en", "headlines": [{"value": "Storm leaves a mess"}],
 "bodies": [{"contentType": "text/plain", "value": "The mess is being cleared."}], "subjects": [{"name": "Storm"}],
 "associations": [{"name": "earlier", "uri": "urn:play:storm2", "rel": "evolvedFrom", "type": "text"}]}
J
ok 'so is ninjs that evolved from it' publish "$scratch/storm3.json"
has 'the next revision' 'revised' "$scratch/out"
mess=$(path_of "$scratch/out")
is 'of the same story' "$mess" "$(get "$short" -o /dev/null -w '%{redirect_url}' | sed 's|http://[^/]*||')"
wait_for 'the tag has it once' sh -c "[ \"\$(curl -s -H 'Host: play.example' http://127.0.0.1:$port/tag/storm/feed.xml | grep -c '<item>')\" = 1 ]"

# ---- what caches see: a tag changes when, and only when, the bytes do
settled() { sleep 1; } # lists follow within some tenths of a second
settled
# Made as an archive is, with less effort; without brotli where nobody may come: then again, it is the same.
ok 'all pages are made anew' "$DATELINE" rebuild "$site"
settled
ok 'all tags' formats snapshot "http://127.0.0.1:$port" http://play.example "$scratch/tags-1"
ok 'and once more' "$DATELINE" rebuild "$site"
settled
ok 'all tags again' formats snapshot "http://127.0.0.1:$port" http://play.example "$scratch/tags-2"
ok 'have the same tags' formats compare "$scratch/tags-1" "$scratch/tags-2"
has 'all of them' ' 0 changed, 0 new, 0 gone' "$scratch/out"
sed -i 's/The ferry sails\./The ferry sails again./' "$scratch/ferry.md"
ok 'a story is revised' publish "$scratch/ferry.md" --change correction --note 'It had sailed before.'
sed -i 's/^headline:.*/headline: Tide turns at noon/' "$scratch/tide.md"
tide=$(of tide)
settled
ok 'tags after it' formats snapshot "http://127.0.0.1:$port" http://play.example "$scratch/tags-3"
ok 'what changed has another tag, what did not has not' formats compare "$scratch/tags-2" "$scratch/tags-3"
changed=$(sed -n 's/.* the same, \([0-9]*\) changed.*/\1/p' "$scratch/out")
is 'lists and feeds were among it' yes "$([ "${changed:-0}" -gt 20 ] && echo yes)"

# ---- a story that is withdrawn: whatever named it, in the very flip that withdraws it
story gone 'It is said that the mayor left.' 'headline: Mayor leaves Averil' 'section: City' 'byline: Mara Vale' \
    'tags: [person: The Mayor, Storm, Town hall]'
story beside 'It is said that the clerk stays.' 'headline: Clerk stays' 'section: City' 'tags: [person: The Mayor, Town hall]'
story vai 'O presidente vai.' 'headline: Presidente vai' 'edition: pt' 'section: Cidade' 'translation-of: urn:play:gone'
gone=$(of gone)
code=$(get "$gone" | grep -o '/s/[2-9a-z]*' | head -n 1)
beside=$(of beside) vai=$(of vai)
ok 'a correction' publish "$scratch/gone.md" --change correction --note 'The mayor is a woman.'
sed -i 's/^headline: Mayor.*/headline: Mayor leaves the town/' "$scratch/gone.md"
new=$(of gone)
wait_for 'it stands beside another story' page_has "$beside" 'Mayor leaves the town'
wait_for 'and is named by its translation' page_has "$vai" "$new"
settled
unserve
"$grep_pages" "$site" 'Mayor leaves' "$code" "$new" >"$scratch/found"
named=$(cut -d' ' -f2 "$scratch/found" | sort -u | wc -l)
is 'many addresses name it' yes "$([ "$named" -gt 25 ] && echo yes || echo "$named")"
DATELINE_CRASH=core/publish.after-flip timeout 60 "$DATELINE" withdraw "$site" "$new" --reason 'It was not so.' >"$scratch/crashed" 2>&1
is 'core is killed as soon as it is withdrawn' no "$([ $? = 0 ] && echo yes || echo no)"
# others FILE: but its own: address, ninjs, short address, and the addresses that it had
others() { awk -v own="$new" -v code="$code" -v old="$gone" '{
    if ($2 != own && $2 != own ".json" && $2 != code && $2 != old && $2 != old ".json") print }' "$1"; }
"$grep_pages" "$site" 'Mayor leaves' "$code" "$new" >"$scratch/found"
is 'right after the flip none but its own does' '' "$(others "$scratch/found")"
"$grep_pages" "$site" 'It is said that the mayor' >"$scratch/found"
is 'its text is nowhere' '' "$(cat "$scratch/found")"
ok 'serve again' serve
is 'it is gone' 410 "$(get_status "$new")"
is 'its short address too' 410 "$(get_status "$code")"
settled
ok 'nothing links to it' formats check "http://127.0.0.1:$port" http://play.example
unserve
"$grep_pages" "$site" 'Mayor leaves' "$code" "$new" >"$scratch/found"
is 'and when all has settled' '' "$(others "$scratch/found")"
ok 'fsck' "$DATELINE" fsck "$site"
