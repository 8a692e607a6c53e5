#!/usr/bin/env python3
"""t/cut/look.py SITE URL HOST OTHERS: what t/check.py does not look at. OTHERS has lines "NUMBER KIND PATH":
of a page that is "pictured", the picture answers with the bytes of its name (their SHA-256); one that was
"withdrawn" is gone, and stays so. Every file of SITE/media that has its final name has those bytes, too."""
import hashlib, os, re, sys, urllib.error, urllib.request

SITE, URL, HOST, OTHERS = sys.argv[1:5]
faults = pages = files = gone = 0


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
for line in open(OTHERS) if os.path.exists(OTHERS) else []:
    _, kind, path = line.split()
    try:
        if kind == "withdrawn":
            gone += 1
            get(path)
            fault("%s was withdrawn and is there" % path)
            continue
        pages += 1
        names = set(re.findall(rb"/media/[0-9a-f/]*?([0-9a-f]{64})\.(\w+)", get(path)))
        if not names:
            fault("%s has lost its picture" % path)
        for name, end in names:
            if hashlib.sha256(get("/media/%s.%s" % (name.decode(), end.decode()))).hexdigest() != name.decode():
                fault("%s: its picture is another one" % path)
    except urllib.error.HTTPError as e:
        if kind != "withdrawn" or e.code != 410:
            fault("%s (%s): %s" % (path, kind, e))
print("%d pictures, %d pages with one, %d withdrawn, %d faults" % (files, pages, gone, faults))
sys.exit(1 if faults else 0)
