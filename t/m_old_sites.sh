# Sites that earlier programs left (t/sites): each opens, answers at all its addresses, is verified, and goes on.
. "$(dirname "$0")/lib.sh"

for old in "$(dirname "$0")"/sites/*.tar.xz; do
    day=$(basename "$old" .tar.xz)
    rm -rf "$site"
    tar -C "$scratch" -xJf "$old"
    ok "$day: its record is whole" "$DATELINE" record verify "$site"
    # It is a copy on another machine: it serves, and signs only when somebody says that this one goes on.
    story new 'A story of today.' 'section: City' 'tags: [Old]'
    fails "$day: it does not sign unasked" 8 'dateline record adopt' publish "$scratch/new.md"
    ok "$day: adopted" "$DATELINE" record adopt "$site"
    ok "$day: nothing contradicts anything" "$DATELINE" fsck "$site"
    serve || { echo "not ok $day: serves"; continue; }
    bad=
    while read -r status address; do
        got=$(get_status "$address")
        case $status:$got in "$got:$status" | 200:301 | 200:308) ;; *) bad+=" $address:$got" ;; esac
    done <"$site/addresses"
    is "$day: every address answers as it did" '' "$bad"
    get / >"$scratch/front"
    has "$day: the front shows its stories" 'One that was corrected' "$scratch/front"
    lacks "$day: and not what was withdrawn" 'One that is gone' "$scratch/front"
    get /ar >"$scratch/front"
    has "$day: so does the other edition's" 'خبر بالعربية' "$scratch/front"
    ok "$day: a story of today" publish "$scratch/new.md"
    wait_for "$day: stands on its front" page_has / 'Story new'
    story corrected 'The text of corrected, once more.' 'headline: Corrected twice' 'section: City'
    ok "$day: an old story is corrected today" publish --change correction --note 'It was a Thursday.' "$scratch/corrected.md"
    wait_for "$day: which its address shows" page_has / 'Corrected twice'
    ok "$day: rebuilt" "$DATELINE" rebuild "$site"
    unserve
    ok "$day: the record goes on from the old one" "$DATELINE" record verify "$site"
    ok "$day: and agrees with what is stored" "$DATELINE" fsck "$site"
done
