# ninjs there and back: what one site gives out of every story of the demonstration, in each of its versions, is sent into another,
# empty one; and there the same is recorded, but for ids, times, addresses and the files that are made of pictures.
. "$(dirname "$0")/lib.sh"
demo=$scratch/demo
mkdir "$demo"
cp "$(dirname "$0")"/../demo/en/*.md "$demo"
for file in "$(dirname "$0")"/../demo/ar/*.md; do cp "$file" "$demo/z-$(basename "$file")"; done # behind what they translate
cp -r "$(dirname "$0")/../demo/pictures" "$demo"
export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=0}"
# open NAME: a site of two editions, served; its folder and port
new_one() {
    site=$scratch/$1
    "$DATELINE" init "$site" --name 'The Play' --url "http://$1.example" --zone Etc/GMT-2 >/dev/null
    printf '\n[edition ar]\nname = The other\nlanguage = ar-u-nu-latn\nzone = Etc/GMT-3\n' >>"$site/dateline.conf"
    : >"$scratch/log"
    ok "serve $1" serve
}
new_one first
first_served=$served first_port=$port
new_one second
trap 'kill $first_served 2>/dev/null; wait $first_served 2>/dev/null; unserve; rm -rf "$scratch"' EXIT
cat >"$scratch/there_and_back.py" <<'PY'
import json, os, re, subprocess, sys, urllib.request
dateline, demo, scratch, ports = sys.argv[1], sys.argv[2], sys.argv[3], dict(first=sys.argv[4], second=sys.argv[5])

def get(site, path):
    ask = urllib.request.Request(f'http://127.0.0.1:{ports[site]}{path}', headers={'Host': f'{site}.example'})
    with urllib.request.urlopen(ask, timeout=60) as answer:
        return answer.read()

def publish(site, files):
    """Their paths, in order."""
    run = subprocess.run([dateline, 'publish', f'{scratch}/{site}', '--archive', *files], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f'publish in {site}: {run.stdout[-2000:]}{run.stderr[-2000:]}')
    left_out = [line for line in run.stdout.splitlines() if 'left out' in line]
    if left_out:
        sys.exit(f'{site}: {left_out}')
    return re.findall(rf'^[a-z]+ http://{site}\.example(/\S+)', run.stdout, re.M)

def item_of(site, path):
    item = json.loads(get(site, path + '.json'))
    url, = (i['value'] for i in item['altIds'] if i['role'] == 'canonical')
    return item, json.loads(get(site, url.split('.example')[1]))

def take_along(item, folder):
    """Its pictures beside it, and named so: each in one size, by whatever name the item has for it."""
    text = json.dumps(item, ensure_ascii=False)
    for association in item.get('associations', []):
        for rendition in association.get('renditions', []):
            path = rendition['href'].split('.example')[1]
            widest = max((r for r in association['renditions'] if r['contentType'] == 'image/jpeg'), key=lambda r: r['width'])
            os.makedirs(folder + '/media', exist_ok=True)
            with open(folder + path, 'wb') as file:
                file.write(get('first', widest['href'].split('.example')[1]))
    return text.replace('http://first.example/media/', 'media/').replace('\\"/media/', '\\"media/').replace('\\", /media/', '\\", media/')

same = {}  # the id of a story there -> here
def plain(canonical, here):
    """What must be the same."""
    c = json.loads(json.dumps(canonical))
    for name in ('story', 'path', 'code', 'published', 'updated'):
        del c[name]
    for name in ('translationOf',):
        if name in c and not here:
            c[name] = same[c[name]]
    if 'related' in c and not here:
        c['related'] = [same[i] for i in c['related']]
    # what may not be passed on is not there, and the blocks that show it
    kept = [i for i, p in enumerate(c.get('pictures', [])) if not p.get('noRedistribution')]
    if len(kept) < len(c.get('pictures', [])):
        if c.get('leadPicture') and 0 not in kept:
            del c['leadPicture']
        c['blocks'] = [b for b in c['blocks'] if b.get('picture', None) is None or b['picture'] in kept]
        for b in c['blocks']:
            if 'picture' in b:
                b['picture'] = kept.index(b['picture'])
        c['pictures'] = [c['pictures'][i] for i in kept]
        if not kept:
            del c['pictures']
    for p in c.get('pictures', []):
        del p['renditions']
        p.pop('colour', None) # of other bytes
    for correction in c.get('corrections', []):
        del correction['at']
    return c

files = sorted(f'{demo}/{n}' for n in os.listdir(demo) if n.endswith('.md'))
waves = {}
for file in files:
    version = re.search(r'-(\d)\.md$', file)
    waves.setdefault(int(version.group(1)) if version else 1, []).append(file)
stories = revisions = differ = 0
for wave in sorted(waves):
    paths = publish('first', waves[wave])
    assert len(paths) == len(waves[wave]), (paths, waves[wave])
    sent = []
    for number, path in enumerate(paths):
        try:
            item, canonical = item_of('first', path)
        except urllib.error.HTTPError as gone:
            assert gone.code == 410, gone
            continue
        folder = f'{scratch}/sent/{wave}-{number}'
        os.makedirs(folder)
        with open(folder + '/item.json', 'w') as file:
            file.write(take_along(item, folder))
        sent.append((folder + '/item.json', canonical))
    back = publish('second', [file for file, canonical in sent])
    assert len(back) == len(sent)
    for path, (file, there) in zip(back, sent):
        item, here = item_of('second', path)
        same[there['story']] = here['story']
    for path, (file, there) in zip(back, sent):
        item, here = item_of('second', path)
        revisions += 1
        a, b = plain(there, False), plain(here, True)
        if a != b:
            differ += 1
            for name in sorted(set(a) | set(b)):
                if a.get(name) != b.get(name):
                    print(f'{there["path"]}: {name}:\n  {json.dumps(a.get(name), ensure_ascii=False)[:600]}\n  {json.dumps(b.get(name), ensure_ascii=False)[:600]}')
print(f'{len(same)} stories, {revisions} versions, {differ} of them otherwise')
sys.exit(1 if differ or len(same) < 50 or revisions < 60 else 0)
PY
ok 'every version of every story comes out as it was' python3 "$scratch/there_and_back.py" "$DATELINE" "$demo" "$scratch" "$first_port" "$port"
tail -n 1 "$scratch/out" | sed 's/^/    /'
ok 'record verify' "$DATELINE" record verify "$scratch/second"
