#!/usr/bin/env python3
"""The independent checker: t/check.py SITE URL HOST [ACKNOWLEDGED [HEADS]]

Reads only what readers get from URL and the raw files of SITE; shares nothing with the program but
docs/record-format.md. SITE's processes may have been killed a moment ago and serve again now.

  ACKNOWLEDGED  lines "URI PATH TEXT": the program has said that this is published
  HEADS         a file of checkpoints seen earlier, one after another; the newest is added to it

It finds: a bad signature, a root that is not the entries', a head that an earlier one contradicts, an
entry that journal, database and bundles do not agree on, a break in a story's chain, an opening or a
commitment that is wrong, a story page that is not recorded, an acknowledged story that is lost, doubled
or shown otherwise. Prints a line each, and exits with 1.
"""
import base64, hashlib, json, os, re, sqlite3, struct, sys, urllib.error, urllib.parse, urllib.request

SITE, URL, HOST = sys.argv[1:4]
faults = 0


def fault(text):
    global faults
    faults += 1
    print("FAULT", text)


# ---- Ed25519, verification only (RFC 8032 §5.1.7) ------------------------------------------------
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
I = pow(2, (P - 1) // 4, P)


def add(a, b):
    (x1, y1, z1, t1), (x2, y2, z2, t2) = a, b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    x, y, z, w = f - e, f + e, d - c, d + c
    return (x * z % P, y * w % P, z * w % P, x * y % P)


def times(n, point):
    total = (0, 1, 1, 0)
    while n:
        if n & 1:
            total = add(total, point)
        point = add(point, point)
        n >>= 1
    return total


def point_of(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * I % P
    if (x * x - x2) % P or y >= P:
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def same(a, b):
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed_by(key, message, signature):
    a, r, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    return same(times(s, BASE), add(r, times(h, a)))


# ---- reading ----------------------------------------------------------------------------------------
class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


opener = urllib.request.build_opener(NoRedirect)


def get(path):
    request = urllib.request.Request(URL + path, headers={"Host": HOST})
    try:
        with opener.open(request, timeout=20) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as e:
        return e.code, e.read(), e.headers


def tile_name(index):
    groups = ["%03d" % (index % 1000)]
    while index >= 1000:
        index //= 1000
        groups.insert(0, "x%03d" % (index % 1000))
    return "/".join(groups)


# ---- the tree (RFC 6962 §2.1) --------------------------------------------------------------------------
def sha(data):
    return hashlib.sha256(data).digest()


def root_of(hashes):
    if not hashes:
        return sha(b"")
    row = list(hashes)
    # Bottom up: pairs are joined, an odd last one moves up as it is; the same tree as RFC 6962's.
    while len(row) > 1:
        row = [sha(b"\1" + row[i] + row[i + 1]) if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)]
    return row[0]


def jcs(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


# A canonical revision, cut (§4).
def parts_of(revision):
    parts = []
    for name in sorted(revision):
        value = revision[name]
        if name in ("blocks", "bylines", "corrections", "tags"):
            parts += [[[name, i], element] for i, element in enumerate(value)]
        elif name == "pictures":
            for i, picture in enumerate(value):
                for member in sorted(picture):
                    if member == "renditions":
                        parts += [[[name, i, member, k], r] for k, r in enumerate(picture[member])]
                    else:
                        parts.append([[name, i, member], picture[member]])
        else:
            parts.append([[name], value])
    return [jcs(part) for part in parts]


def read_checkpoint(note, key):
    body, _, signatures = note.partition(b"\n\n")
    lines = (body + b"\n").split(b"\n")
    name, number, public = key
    for line in signatures.split(b"\n"):
        words = line.split(b" ")
        if len(words) == 3 and words[0] == "—".encode() and words[1] == name:
            raw = base64.b64decode(words[2])
            if raw[:4] == number and signed_by(public, body + b"\n", raw[4:]):
                return int(lines[1]), base64.b64decode(lines[2])
    return None


def main():
    status, text, _ = get("/record/key")
    name, number, public = text.strip().split(b"+", 2)
    public = base64.b64decode(public)[1:]
    key = (name, bytes.fromhex(number.decode()), public)
    if sha(name + b"\n\1" + public)[:4] != key[1]:
        fault("the key's number is not its own")
    status, note, _ = get("/record/checkpoint")
    head = read_checkpoint(note, key) if status == 200 else None
    if head is None:
        fault("the checkpoint is not signed: %d %r" % (status, note[:80]))
        return
    size, root = head

    entries = []
    for n in range((size + 255) // 256):
        width = min(256, size - 256 * n)
        path = "/record/tile/entries/" + tile_name(n) + ("" if width == 256 else ".p/%d" % width)
        status, bundle, _ = get(path)
        at = 0
        while status == 200 and at < len(bundle):
            n_bytes = struct.unpack(">H", bundle[at : at + 2])[0]
            entries.append(bundle[at + 2 : at + 2 + n_bytes])
            at += 2 + n_bytes
        if len(entries) != 256 * n + width:
            fault("%s: %d, %d entries" % (path, status, len(entries)))
            return
    leaves = [sha(b"\0" + e) for e in entries]
    if root_of(leaves) != root:
        fault("the root is not that of the %d entries" % size)
    level, row = 0, leaves
    while row:
        for n in range((len(row) + 255) // 256):
            part = row[256 * n : 256 * n + 256]
            path = "/record/tile/%d/%s%s" % (level, tile_name(n), "" if len(part) == 256 else ".p/%d" % len(part))
            status, tile, _ = get(path)
            if status != 200 or tile != b"".join(part):
                fault("%s is not what the entries give (%d)" % (path, status))
        row = [root_of(row[256 * n : 256 * n + 256]) for n in range(len(row) // 256)]
        level += 1

    # Heads seen earlier
    if len(sys.argv) > 5:
        heads = sys.argv[5]
        seen = open(heads, "rb").read().split(b"\n\0\n") if os.path.exists(heads) else []
        for old in seen:
            if not old:
                continue
            earlier = read_checkpoint(old, key)
            if earlier is None or earlier[0] > size or root_of(leaves[: earlier[0]]) != earlier[1]:
                fault("an earlier head of size %s is not of this log" % (earlier and earlier[0]))
        if note not in seen:
            open(heads, "ab").write(note + b"\n\0\n")

    # The journal
    journal = open(os.path.join(SITE, "record/journal"), "rb").read()
    magic = b"dateline-journal/v1\n"
    if not journal.startswith(magic):
        fault("the journal does not begin as one")
    at, journaled = len(magic), []
    while at + 10 <= len(journal):
        n, index = struct.unpack(">HQ", journal[at : at + 10])
        record = journal[at : at + 10 + n]
        tail = journal[at + 10 + n : at + 20 + n]
        if len(tail) < 10 or tail[:8] != sha(record)[:8] or tail[8:] != record[:2] or index != len(journaled):
            break
        journaled.append(record[10:])
        at += 20 + n
    if journaled[:size] != entries:
        fault("the journal's entries are not those of the bundles")

    # The database
    db = sqlite3.connect("file:%s?mode=ro" % urllib.parse.quote(os.path.join(SITE, "store/dateline.db")), uri=True)
    stored = [bytes(row[0]) for row in db.execute("SELECT bytes FROM entries ORDER BY idx LIMIT ?", (size,))]
    if stored != entries:
        fault("the database's entries are not those of the bundles")
    if [row[0] for row in db.execute("PRAGMA integrity_check")] != ["ok"]:
        fault("SQLite finds the database damaged")
    doubled = db.execute("SELECT uri, count(*) FROM stories WHERE uri IS NOT NULL GROUP BY uri HAVING count(*) > 1").fetchall()
    if doubled:
        fault("stories of one uri: %r" % doubled)

    # Chains and commitments
    newest, numbers, withdrawn, standing = {}, {}, set(), {}
    fields = []
    for i, e in enumerate(entries):
        m = re.fullmatch(
            rb"dateline-entry/v1\ntype ([a-z]+)\nstory ([0-9a-f]{32}|-)\nrevision (\d+|-)\nprevious (\d+|-)\n"
            rb"time ([-0-9T:.Z]+)\nparts (\d+)\nroot ([0-9a-f]{64})\n", e)
        if not m:
            fault("entry %d is not canonical" % i)
            fields.append(None)
            continue
        kind, story, number, previous, _, parts, root_text = m.groups()
        fields.append((kind, story, int(parts), bytes.fromhex(root_text.decode())))
        if previous != (b"%d" % newest[story] if story in newest else b"-"):
            fault("entry %d: previous is %s" % (i, previous.decode()))
        newest[story] = i
        if kind in (b"revision", b"correction", b"standards"):
            if standing.setdefault(story, kind == b"standards") != (kind == b"standards"):
                fault("entry %d: a %s, of what is %s" % (i, kind.decode(), "a page" if standing[story] else "a story"))
            numbers[story] = numbers.get(story, 0) + 1
            if int(number) != numbers[story]:
                fault("entry %d: revision %s, but it is the %d." % (i, number.decode(), numbers[story]))
        if kind == b"withdrawal":
            withdrawn.add(story)
        if kind == b"restore":
            withdrawn.discard(story)
    for i, f in enumerate(fields):
        if f is None:
            continue
        status, text, _ = get("/record/opening/%d.json" % i)
        if status == 410 and (f[1] in withdrawn or b'"lost":true' in text):
            continue
        if status != 200:
            fault("opening %d: %d" % (i, status))
            continue
        opening = json.loads(text)
        if "seed" in opening:
            status, text, _ = get("/record/revision/%d.json" % i)
            if status != 200:
                fault("revision %d: %d, and its opening has a seed" % (i, status))
                continue
            seed = bytes.fromhex(opening["seed"])
            parts = [
                {"part": part, "salt": sha(b"dateline-salt/v1\0" + seed + struct.pack(">Q", k)).hex()}
                for k, part in enumerate(parts_of(json.loads(text)))
            ]
        else:
            parts = opening["parts"]
        hashes = [
            sha(b"\0" + (bytes.fromhex(p["commitment"]) if "commitment" in p else
                sha(b"dateline-commit/v1\0" + bytes.fromhex(p["salt"]) + struct.pack(">Q", len(p["part"].encode())) + p["part"].encode())))
            for p in parts
        ]
        if len(parts) != f[2] or root_of(hashes) != f[3]:
            fault("opening %d does not give the entry's root" % i)

    # What was acknowledged
    if len(sys.argv) > 4 and os.path.exists(sys.argv[4]):
        shown = {}
        for line in open(sys.argv[4], encoding="utf-8"):
            uri, path, text = line.rstrip("\n").split(" ", 2)
            shown[uri] = (path, text)
        for uri, (path, text) in shown.items():
            status, page, _ = get(path)
            if status != 200 or text.encode() not in page:
                fault("%s was acknowledged at %s, which answers %d without it" % (uri, path, status))
                continue
            m = re.search(rb"/record/opening/(\d+)\.json", page)
            # The site goes on while this looks: a story may be newer than the head read above.
            if m and int(m.group(1)) >= size:
                later = read_checkpoint(get("/record/checkpoint")[1], key)
                m = m if later and int(m.group(1)) < later[0] else None
            if not m:
                fault("%s: its page names no recorded entry" % path)
            count = db.execute("SELECT count(*) FROM stories WHERE uri = ?", (uri,)).fetchone()[0]
            if count != 1:
                fault("%s: %d stories" % (uri, count))
    print("%d entries, %d stories, %d faults" % (size, len(newest), faults))


main()
sys.exit(1 if faults else 0)
