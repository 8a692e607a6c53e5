#!/usr/bin/env python3
"""t/cut/pictures.py SITE URL HOST PICTURED: of each page whose path stands in PICTURED, the picture answers with
the bytes of its name (their SHA-256), and so does every file of SITE/media that has its final name."""
import hashlib, os, re, sys, urllib.request

SITE, URL, HOST, PICTURED = sys.argv[1:5]
faults = pages = files = 0


def get(path):
    with urllib.request.urlopen(urllib.request.Request(URL + path, headers={"Host": HOST}), timeout=20) as answer:
        return answer.read()


def fault(text):
    global faults
    faults += 1
    print("FAULT", text)


for folder, _, names in os.walk(os.path.join(SITE, "media")):
    for name in names:
        m = re.fullmatch(r"([0-9a-f]{64})\.\w+", name)
        if not m:
            continue
        files += 1
        if hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest() != m.group(1):
            fault("media file %s: other bytes than its name says" % name)
for path in open(PICTURED).read().split() if os.path.exists(PICTURED) else []:
    pages += 1
    try:
        names = re.findall(rb"/media/[0-9a-f/]*?([0-9a-f]{64})\.(\w+)", get(path))
        if not names:
            fault("%s has lost its picture" % path)
        for name, kind in set(names):
            if hashlib.sha256(get("/media/%s.%s" % (name.decode(), kind.decode()))).hexdigest() != name.decode():
                fault("%s: its picture is another one" % path)
    except OSError as e:
        fault("%s: its picture: %s" % (path, e))
print("%d pictures, %d of them on acknowledged pages, %d faults" % (files, pages, faults))
sys.exit(1 if faults else 0)
