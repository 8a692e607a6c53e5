"""A web process that was taken over: sits on web's end of the channel of a real core, which it starts as the supervisor
does, and does what no web would. attack_web.py DATELINE SITE TOKEN; a line a claim."""
import os, signal, socket, struct, subprocess, sys, tempfile, time

dateline, site, token = sys.argv[1:4]
os.environ.setdefault("ASAN_OPTIONS", "detect_leaks=0") # core ends with what it has
CALL, GO, DATA, END, ABORT, ANSWER = range(1, 7)
EPOCH = 7

def pair():
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

def memory(content):
    fd = os.memfd_create("attack")
    os.write(fd, content)
    return fd

def role(name, **fds):
    text = ",".join(f"{key}={fd}" for key, fd in fds.items())
    for fd in fds.values():
        os.set_inheritable(fd, True)
    return subprocess.Popen([dateline, "role", name, site, "--index", "0", "--fds", text], close_fds=False)

def claim(name, good, why=""):
    print(("ok " if good else "not ok ") + name, flush=True)
    if not good:
        print("   ", why, flush=True)

config = memory(open(site + "/dateline.conf", "rb").read())
signer_core, signer_own = pair()
web, core_web = pair()
control = memory(struct.pack("<QQ", 0, EPOCH) + bytes(176))
pin = memory(bytes(16))
signer = role("signer", config=config, core=signer_own.fileno())
core = role("core", config=config, signer=signer_core.fileno(), web=core_web.fileno(), pin=pin, control=control)
signer_core.close(), signer_own.close()

def head(kind, number, epoch=EPOCH):
    return struct.pack(">BBQQ", kind, 1, epoch, number)

def call(number, method="POST", path="/api/v1/items", auth="", kind="text/markdown", size=0, epoch=EPOCH):
    texts = [t.encode("latin-1") for t in (method, path, auth, kind)]
    return head(CALL, number, epoch) + struct.pack(">Q4H", size, *map(len, texts)) + b"".join(texts)

def hear(number, seconds=60):
    """The answer to this call: its status; whatever else comes is dropped."""
    end = time.monotonic() + seconds
    web.setblocking(True)
    while time.monotonic() < end:
        web.settimeout(max(0.01, end - time.monotonic()))
        try:
            m = web.recv(65536)
        except socket.timeout:
            break
        kind, _, _, got = struct.unpack(">BBQQ", m[:18])
        if kind == ANSWER and got == number:
            return struct.unpack(">H", m[18:20])[0]
    return 0

def send(*messages):
    web.settimeout(60)
    for m in messages:
        web.send(m)

def resident():
    for line in open(f"/proc/{core.pid}/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) // 1024

bearer = "Bearer " + token
item = b"---\nuri: urn:web:%d\nheadline: From the web\n---\n\nText.\n"
number = 1
send(call(number, auth=bearer), head(DATA, number) + item % 1, head(END, number))
claim("a call with a token is taken", hear(number) == 201)

for method, path in (("POST", "/withdraw"), ("GET", "/tokens"), ("POST", "/tokens"), ("POST", "/rebuild"), ("POST", "/check"),
                     ("GET", "/status"), ("POST", "/tokens/revoke"), ("GET", "/api/v1/items"), ("POST", "/api/v1/items/")):
    number += 1
    send(call(number, method, path, auth=bearer), head(END, number))
    claim(f"{method} {path} is no call of a web", hear(number) == 404)

number += 1
send(call(number), head(DATA, number) + item % 2, head(END, number))
claim("no token, no item", hear(number) == 401)
for auth in ("Bearer ", "Bearer " + token[:-1], "Bearer " + token + "x", "bearer", "Basic " + token, "Bearer " + "x" * 8000):
    number += 1
    send(call(number, auth=auth), head(DATA, number) + item % 2, head(END, number))
    claim(f"nor for {auth[:12]}", hear(number) in (401, 403))

# What is no message, or of no call.
send(b"\0", b"\1\1", b"\xff" * 65000, head(9, 1), head(CALL, 1), head(GO, 1), head(ANSWER, 1) + bytes(6), head(DATA, 1))
send(head(DATA, 999) + b"x", head(END, 999), head(ABORT, 999), head(END, 0), call(5, epoch=EPOCH + 1), call(0, path="/../x"))
send(call(998, auth=bearer, size=2**64 - 1), head(ABORT, 998), head(DATA, 998) + b"x", head(END, 998))
send(call(997, auth=bearer), call(997, auth=bearer), head(END, 997), head(END, 997), head(DATA, 997) + b"x", head(ABORT, 997))
web.send(b"")
number = 1000
send(call(number, auth=bearer), head(DATA, number) + item % 3, head(END, number))
claim("after all that an item is taken", hear(number) == 201)

# Many calls, no answer taken: what waits for a caller is bounded.
before, sent = resident(), 0
web.setblocking(False)
end = time.monotonic() + 20
quiet = 0
while sent < 200000 and quiet < 100 and time.monotonic() < end:
    try:
        web.send(call(100000 + sent))
        sent, quiet = sent + 1, 0
    except BlockingIOError:
        time.sleep(0.01)
        quiet += 1
claim("who takes no answers is not heard on", quiet == 100, f"{sent} calls sent")
claim("and costs core little", resident() - before < 64, f"{before} MB, then {resident()} MB")
number = 2000000
web.settimeout(0.2)
try:
    while True:
        web.recv(65536)
except socket.timeout:
    pass
send(call(number, auth=bearer), head(DATA, number) + item % 4, head(END, number))
claim("who takes them is heard again", hear(number) == 201)

# Bodies that never end: bounded together.
opened = 0
for n in range(8):
    number = 3000000 + n
    send(call(number, auth=bearer))
    for _ in range(1000):
        try:
            send(head(DATA, number) + bytes(61440))
        except OSError:
            break
    opened += 1
claim("uploads without an end: core stays small", resident() < 1500, f"{resident()} MB")
for n in range(8):
    send(head(ABORT, 3000000 + n))
number = 4000000
send(call(number, auth=bearer), head(DATA, number) + item % 5, head(END, number))
claim("and takes items when they are given up", hear(number) == 201)

# It ends its side, for good: core must not turn in circles.
web.shutdown(socket.SHUT_WR)
def ticks():
    fields = open(f"/proc/{core.pid}/stat").read().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])
time.sleep(0.5)
begun = ticks()
time.sleep(2)
claim("a side that was ended costs no time", ticks() - begun < 50, f"{ticks() - begun} ticks of 200")
claim("core lives", core.poll() is None)
core.send_signal(signal.SIGTERM)
claim("and ends in order", core.wait(60) == 0)
core_web.close()
signer.terminate()
signer.wait(60)
