# Standing pages: published, changed, compared, linked to at the foot of every page, recorded like stories; what may
# not be; kills and rebuilds; taken away.
. "$(dirname "$0")/lib.sh"

new_site
printf '[edition ar]\nname = مسرحية\nlanguage = ar\n' >>"$site/dateline.conf"
page() { "$DATELINE" page "$site" "$@"; }
# write NAME TEXT LINE…: a page in $scratch/NAME.md with these front matter lines.
write() {
    local name=$1 text=$2
    shift 2
    { echo ---; printf '%s\n' "$@"; printf -- '---\n%s\n' "$text"; } >"$scratch/$name.md"
}
foot_has() { get "$1" | sed -n '/<footer/,$p' | grep -qF -- "$2"; }
foot_lacks() { ! foot_has "$1" "$2"; }
all_feet_have() {
    local at
    for at in / "$path" /latest /archive /section/city /nowhere; do foot_has "$at" "$1" || return 1; done
}
all_feet_lack() {
    local at
    for at in / "$path" /latest /archive /section/city /nowhere; do foot_lacks "$at" "$1" || return 1; done
}
entries_of() { "$DATELINE" record verify "$site" 2>/dev/null | sed -n 's/.*: \([0-9]*\) entries.*/\1/p'; }

# ---- nobody serves: a command works alone
story news 'It happened.' 'section: City'
publish "$scratch/news.md" >"$scratch/said"
path=$(path_of "$scratch/said")
write about 'We print **what** we know. We have done so since 1874.' 'title: About the Play' 'short: About' 'slug: about' 'order: 10'
page "$scratch/about.md" >"$scratch/said" 2>&1
has 'published, with address and version' 'published http://play.example/about  version 1' "$scratch/said"
page "$scratch/about.md" >"$scratch/said" 2>&1
has 'the same again is no version' 'unchanged http://play.example/about  version 1' "$scratch/said"
is 'and no entry' 2 "$(entries_of)"

# ---- a crash between every two steps: the same command finishes what was begun
for point in publish.before-commit publish.after-commit publish.after-journal publish.after-signer publish.before-flip publish.after-flip; do
    n=$((${n:-0} + 1))
    write crash "Text $n of a page, of all others." 'title: Crashed' 'slug: crashed'
    DATELINE_CRASH=core/$point page "$scratch/crash.md" >"$scratch/crashed" 2>&1
    is "a crash at $point is one" 1 "$(($? != 0))"
    page "$scratch/crash.md" >"$scratch/said" 2>&1
    has "after it there is version $n" "http://play.example/crashed  version $n" "$scratch/said"
    is 'and one entry' $((2 + n)) "$(entries_of)"
done
"$DATELINE" withdraw "$site" /crashed --reason 'Only a trial.' >/dev/null 2>&1

serve
is 'it is served' 200 "$(get_status /about)"
ok 'the foot of every page leads to it, without a rebuild of the next start' all_feet_have '<a href="/about">About</a>'
lacks 'none was due' 'rebuild: begun' "$scratch/log"
get /about >"$scratch/page"
has 'its text' 'We print <strong>what</strong> we know.' "$scratch/page"
has 'its version' 'Version <bdi>1</bdi>' "$scratch/page"
has 'what it is for machines' '"@type":"AboutPage"' "$scratch/page"
has 'its own address' '<link rel="canonical" href="http://play.example/about">' "$scratch/page"
get /about/v/1 >"$scratch/page"
has 'the first version says that it is' 'This is the first version.' "$scratch/page"
has 'versions are not for search engines' '<meta name="robots" content="noindex">' "$scratch/page"
has 'each has its own address' '<link rel="canonical" href="http://play.example/about/v/1">' "$scratch/page"

# ---- another version, while it is served
write about 'We print **only** what we know. We have done so since 1874.' 'title: About the Play' 'short: About' 'slug: about' 'order: 10' \
    'note: Says "only" now.'
page "$scratch/about.md" >"$scratch/said" 2>&1
has 'other text is the next version' 'revised http://play.example/about  version 2' "$scratch/said"
get /about >"$scratch/page"
has 'it is shown at once' '<strong>only</strong> what we know' "$scratch/page"
has 'with what was changed' 'Says &quot;only&quot; now.' "$scratch/page"
has 'and the versions before' '<a href="/about/v/1">' "$scratch/page"
get /about/v/2 >"$scratch/page"
has 'what was deleted is marked' '<del><span class="quiet">removed: </span><strong>what</strong> </del>' "$scratch/page"
has 'what was inserted too' '<ins><span class="quiet">added: </span><strong>only</strong> what </ins>' "$scratch/page"
has 'what stayed is not' '</ins>we know. We have done so since 1874.' "$scratch/page"
get /about/v/1 >"$scratch/page"
has 'the first is as it was' 'We print <strong>what</strong> we know.' "$scratch/page"
is 'there is no third' 404 "$(get_status /about/v/3)"
entry=$(get /about | sed -n 's|.*/record/opening/\([0-9]*\).json.*|\1|p' | head -n 1)
get "/record/revision/$entry.json" >"$scratch/out"
has 'it is recorded as a page' '"standing":{"note":"Says \"only\" now.","order":10}' "$scratch/out"
get "/record/tile/entries/000.p/$(get /record/checkpoint | sed -n 2p)" >"$scratch/out"
has 'by an entry of its own type' 'type standards' "$scratch/out"
is 'its short address leads there' "/about" "$(get "/s/$(get "/record/revision/$entry.json" | sed 's/.*"code":"\([^"]*\)".*/\1/')" -o /dev/null -w '%{redirect_url}' | sed 's|.*\(/about\)|\1|')"
page "$scratch/about.md" --note 'Only the note is another.' >"$scratch/said" 2>&1
has 'a note alone is no change' 'unchanged' "$scratch/said"

# ---- more of them: the foot and its order
write ethics 'Well.' 'title: How we work' 'slug: ethics' 'order: 5'
page "$scratch/ethics.md" --note 'The first.' >"$scratch/said" 2>&1
wait_for 'a new page stands at the foot of all others' all_feet_have '<a href="/ethics">How we work</a>'
has 'since they were made anew' 'rebuild: done' "$scratch/log"
is 'in the order of their numbers' '/ethics /about' "$(get / | sed -n '/<footer/,$p' | grep -o 'href="/\(about\|ethics\)"' | tr -d '"' | cut -d= -f2 | xargs)"
get /ethics >"$scratch/page"
has 'the note of the command is told' 'The first.' "$scratch/page"
"$DATELINE" page "$site" --list >"$scratch/out" 2>&1
is 'they are listed' '/ethics order 5 version 1, /about order 10 version 2' "$(cut -f 1-3 "$scratch/out" | tr '\t' ' ' | paste -sd , | sed 's/,/, /g')"
write about 'نطبع ما نعرف.' 'title: من نحن' 'slug: about' 'edition: ar' 'translation-of: /about'
page "$scratch/about.md" >"$scratch/said" 2>&1
has 'another edition has its own' 'published http://play.example/ar/about  version 1' "$scratch/said"
wait_for 'at its own foot' foot_has /ar '<a href="/ar/about">من نحن</a>'
ok 'and not at the first' foot_lacks / '/ar/about">من نحن'
wait_for 'they name each other' page_has /about '<link rel="alternate" hreflang="ar" href="http://play.example/ar/about">'
has 'both ways' '<link rel="alternate" hreflang="en" href="http://play.example/about">' <(get /ar/about)
wait_for 'the sitemap has all of them' page_has /sitemap-pages.xml 'http://play.example/ar/about'
has 'and no version' 2 <(get /sitemap-pages.xml | grep -c 'play.example/\(ar/\)\?about<')
has 'the index knows' '/sitemap-pages.xml' <(get /sitemap.xml)

# ---- what may not be
write bad 'x' 'title: T' 'slug: archive'
fails 'an address of the site' 6 'slug: "archive" begins other addresses' page "$scratch/bad.md"
write bad 'x' 'title: T' 'slug: "2026"'
fails 'a year' 6 'slug: "2026" begins other addresses' page "$scratch/bad.md"
write bad 'x' 'title: T' 'slug: ar'
fails "an edition's" 6 'slug: "ar" begins other addresses' page "$scratch/bad.md"
write bad 'x' 'title: T' 'headline: T'
fails 'a key of news' 3 'bad.md: line 3: there is no key "headline"' page "$scratch/bad.md"
write bad '![A pier](pier.jpg)' 'title: T'
fails 'a picture' 3 'a standing page is text' page "$scratch/bad.md"
write bad "$(head -c 70000 /dev/zero | tr '\0' x)" 'title: T'
fails 'too much text' 3 'at most 65536' page "$scratch/bad.md"
write bad 'x' 'title: T' 'translation-of: /ethics'
fails 'a translation within the edition' 3 'is no standing page of another edition' page "$scratch/bad.md"
write bad 'x' 'title: T' 'edition: ar' "translation-of: $path"
fails 'a translation of a story' 3 'is no standing page of another edition' page "$scratch/bad.md"
story bad 'x' 'translation-of: /about'
fails 'a story that translates a page' 3 'is a standing page, and no story' publish "$scratch/bad.md"
story bad 'x' 'updates: /about'
fails 'a story that updates one' 3 'is a standing page, and no story' publish "$scratch/bad.md"
fails 'nothing at all' 2 'a page is missing' page
fails 'a list of something' 2 '--list takes no pages' page --list "$scratch/about.md"
token=$("$DATELINE" token add "$site" agency)
is 'no token may write them' 405 "$(get_status /pages -X POST -H "Authorization: Bearer $token" --data-binary '# T

x')"

# ---- kills, and everything anew
for i in 1 2 3 4 5 6; do
    write rules "Rule $i of many, and of none." 'title: Rules' 'slug: rules' "note: The rule is $i."
    page "$scratch/rules.md" >"$scratch/said" 2>&1 &
    sleep 0.0$i
    kill -9 "$(role_pid core)" 2>/dev/null
    wait $!
    wait_for "core is back after kill $i" status_is / 200
    for t in 1 2 3 4 5 6 7 8 9; do
        page "$scratch/rules.md" >"$scratch/said" 2>&1 && break
        sleep 0.3
    done
    has "what was killed is sent again, $i" "http://play.example/rules  version $i" "$scratch/said"
done
get /rules/v/6 >"$scratch/page"
has 'the last change' '6 </ins>of many' "$scratch/page"
wait_for 'its link is everywhere' all_feet_have '<a href="/rules">Rules</a>'
"$DATELINE" rebuild "$site" >"$scratch/out" 2>&1
for at in /about /about/v/1 /about/v/2 /rules /rules/v/1 /rules/v/6 /ar/about /ethics; do
    is "after a rebuild $at is there" 200 "$(get_status $at)"
done
ok 'the foot too' all_feet_have '<a href="/rules">Rules</a>'
ok 'the independent checker finds no fault' python3 "$(dirname "$0")/check.py" "$site" "http://127.0.0.1:$port" play.example
ok 'the record holds' "$DATELINE" record verify "$site"

# ---- taken away
"$DATELINE" withdraw "$site" /rules --reason 'There are no rules.' >"$scratch/said" 2>&1
has 'withdrawn' 'withdrawn http://play.example/rules' "$scratch/said"
is 'it answers that it is gone' 410 "$(get_status /rules)"
is 'so do its versions' '410 410' "$(get_status /rules/v/1) $(get_status /rules/v/6)"
get /rules >"$scratch/page"
has 'as a page' 'This page was withdrawn' "$scratch/page"
has 'and why' 'There are no rules.' "$scratch/page"
ok 'its own foot names it no more' foot_lacks /rules '<a href="/rules">'
wait_for 'no foot does' all_feet_lack '<a href="/rules">'
fails 'its address is not given again' 4 'give another slug' page "$scratch/rules.md"
wait_for 'the sitemap lacks it' bash -c "! curl -s -H 'Host: play.example' http://127.0.0.1:$port/sitemap-pages.xml | grep -q /rules"
ok 'the record holds, and withholds it' "$DATELINE" record verify "$site"
ok 'the independent checker agrees' python3 "$(dirname "$0")/check.py" "$site" "http://127.0.0.1:$port" play.example
ok 'store, record and pages are in order' "$DATELINE" fsck "$site"
unserve
lacks 'the foot was never left behind' 'the links at the foot stay' "$scratch/log.old"
