/* Tests of the signer's file and process. */
#include "record/testing.h"

#include "record/signer_wire.h"
#include "sys/sandbox.h"
#include "sys/socket.h"

#define ORIGIN "example.org/record"
#define SLOT_BYTES 4096
#define SLOT_SPACING 65536

static struct sha256 leaf_of(uint64_t i) {
    char text[32];
    return merkle_leaf(
        span_of(text, (size_t)snprintf(text, sizeof text, "leaf %llu", (unsigned long long)i)));
}

static struct sha256 root_of(uint64_t size) {
    struct merkle_edge edge = {.size = 0};
    while (edge.size < size) {
        struct sha256 leaf = leaf_of(edge.size);
        merkle_edge_append(&edge, &leaf);
    }
    return merkle_edge_root(&edge);
}

static void make_log(void) {
    file_gone("signer");
    assert_ok(signer_create(&folder, SPAN(ORIGIN)));
}

/* In a process of its own, as `dateline serve` starts it: exit code is the rc. */
static int role_signer(int fd) {
    struct signer *s;
    struct sandbox_options options = {.role = SANDBOX_SIGNER};
    struct sandbox_level level;
    rc code = signer_open(&folder, &s);
    if (code != RC_OK) return (int)code;
    code = sandbox_enter(&options, &level);
    if (code == RC_OK) code = signer_run(s, fd);
    signer_close(s);
    return (int)code;
}

struct running {
    pid_t pid;
    int fd;
};

#ifdef DATELINE_FAULTS
/* A program of its own, with a rule for the fault points. */
static struct running run_with(const char *variable, const char *value) {
    int ends[2];
    assert_ok(socket_pair(ends));
    struct running r = {.pid = start_role("signer", variable, value, ends[1]), .fd = ends[0]};
    socket_close(ends[1]);
    return r;
}
#endif

/* By a mere fork: many are started here. */
static struct running run(void) {
    int ends[2];
    assert_ok(socket_pair(ends));
    struct running r = {.pid = fork(), .fd = ends[0]};
    assert_true(r.pid >= 0);
    if (r.pid == 0) {
        socket_close(ends[0]);
        _exit(role_signer(ends[1]));
    }
    socket_close(ends[1]);
    return r;
}
static int stop(struct running r) {
    socket_close(r.fd);
    return end_of(r.pid);
}

/* The head is signed by the key, and is that of the first `size` leaves. */
static void check_head(const struct signer_head *h, uint64_t size) {
    struct note_key key;
    struct checkpoint c;
    struct sha256 root = root_of(size);
    assert_ok(signer_key(&folder, &key));
    assert_ok(checkpoint_read(span_of(h->note, h->note_bytes), &key, &c));
    assert_int_equal(h->size, size);
    assert_int_equal(c.size, size);
    assert_true(sha256_eq(&h->root, &root));
    assert_true(sha256_eq(&c.root, &root));
}

static rc append_leaves(int fd, uint64_t from, size_t count, struct signer_head *out_head) {
    struct sha256 *leaves = mem_new(count * sizeof *leaves);
    for (size_t i = 0; i < count; i++) leaves[i] = leaf_of(from + i);
    rc code = signer_append(fd, from, leaves, count, out_head);
    mem_free(leaves);
    return code;
}

/* What a signer that starts now says. */
static uint64_t size_now(void) {
    struct running r = run();
    struct signer_head h;
    assert_ok(signer_head(r.fd, &h));
    check_head(&h, h.size);
    assert_int_equal(stop(r), RC_OK);
    return h.size;
}

static void a_new_log(void **state) {
    (void)state;
    struct note_key key, again;
    struct signer *s;
    file_gone("signer");
    assert_code(signer_key(&folder, &key), RC_NOT_FOUND);
    assert_code(signer_open(&folder, &s), RC_NOT_FOUND);
    assert_code(signer_create(&folder, SPAN("two words")), RC_INVALID);
    assert_code(signer_create(&folder, SPAN("")), RC_INVALID);
    file_set("signer.new", SPAN("left behind"));
    make_log();
    assert_ok(signer_key(&folder, &key));
    assert_string_equal(key.name, ORIGIN);
    assert_code(signer_create(&folder, SPAN(ORIGIN)), RC_CONFLICT);
    assert_ok(signer_key(&folder, &again));
    assert_memory_equal(&again, &key, sizeof key);
    struct file_stat stat;
    assert_ok(file_stat(&folder, "signer", &stat));
    assert_int_equal(stat.mode, 0600);
    assert_code(file_stat(&folder, "signer.new", &stat), RC_NOT_FOUND);
    assert_int_equal(size_now(), 0);
    make_log(); /* another log, another key */
    assert_ok(signer_key(&folder, &again));
    assert_memory_not_equal(again.public_key, key.public_key, sizeof key.public_key);
}

static void appends_and_heads(void **state) {
    (void)state;
    make_log();
    struct running r = run();
    struct signer_head h, again;
    assert_ok(signer_head(r.fd, &h));
    check_head(&h, 0);
    uint64_t size = 0;
    static const size_t counts[] = {1, 2, 5, 248, 1, SIGNER_BATCH_MAX, 3};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        assert_ok(append_leaves(r.fd, size, counts[i], &h));
        check_head(&h, size += counts[i]);
        assert_ok(signer_head(r.fd, &again));
        assert_int_equal(again.note_bytes, h.note_bytes);
        assert_memory_equal(again.note, h.note, h.note_bytes);
    }
    struct signer_head kept = h;
    assert_code(append_leaves(r.fd, size - 1, 1, &h), RC_CONFLICT);
    assert_why("cannot be appended");
    assert_code(append_leaves(r.fd, size + 1, 1, &h), RC_CONFLICT);
    assert_code(append_leaves(r.fd, 0, 1, &h), RC_CONFLICT);
    assert_memory_equal(&kept, &h, sizeof h); /* outputs are written on success only */
    assert_ok(signer_head(r.fd, &h));
    check_head(&h, size);
    assert_int_equal(stop(r), RC_OK);
    assert_int_equal(size_now(), size);
}

/* ---- where the file belongs ------------------------------------------------------------------ */

/* `bytes` into the same file. */
static void put_back(struct span bytes) {
    struct file f;
    assert_ok(file_open(&folder, "signer", FILE_WRITE, &f));
    assert_ok(file_write_at(&f, 0, bytes));
    file_close(&f);
}

static void assert_refused(const char *why) {
    struct signer *s;
    assert_code(signer_open(&folder, &s), RC_CONFLICT);
    assert_why(why);
    assert_why("dateline record adopt");
}

static void a_copy_is_refused_until_adopted(void **state) {
    (void)state;
    make_log();
    struct running r = run();
    struct signer_head h;
    assert_ok(append_leaves(r.fd, 0, 7, &h));
    assert_int_equal(stop(r), RC_OK);
    struct note_key key, again;
    uint8_t seed[NOTE_SEED_BYTES];
    assert_ok(signer_key(&folder, &key));
    struct buf copy = file_bytes("signer");
    file_set("copy", buf_span(&copy));
    assert_ok(file_rename(&folder, "copy", "signer"));
    assert_refused("another file");
    assert_code(signer_export_seed(&folder, seed), RC_CONFLICT);
    assert_ok(signer_key(&folder, &again)); /* the key can be read anywhere */
    assert_memory_equal(&again, &key, sizeof key);
    assert_int_equal(end_of(run().pid), RC_CONFLICT);
    assert_ok(file_set_mode(&folder, "signer", 0644));
    assert_ok(signer_adopt(&folder));
    struct file_stat stat;
    assert_ok(file_stat(&folder, "signer", &stat));
    assert_int_equal(stat.mode, 0600);
    assert_int_equal(size_now(), 7);
    assert_ok(signer_key(&folder, &again));
    assert_memory_equal(&again, &key, sizeof key);
    buf_done(&copy);
}

static void an_older_state_put_back_is_refused(void **state) {
    (void)state;
    make_log();
    struct running r = run();
    struct signer_head h;
    assert_ok(append_leaves(r.fd, 0, 7, &h));
    struct buf older = file_bytes("signer");
    assert_ok(append_leaves(r.fd, 7, 7, &h));
    assert_int_equal(stop(r), RC_OK);
    file_gone("signer"); /* the new file may well get the old one's inode, but not its birth */
    file_set("signer", buf_span(&older));
    assert_refused("another file");
    buf_done(&older);
}

/* As if the file had been made with another value in what it is bound to. */
static void another_binding_is_refused(void **state) {
    (void)state;
    static const struct {
        size_t at;
        const char *why;
    } cases[] = {{32, "another machine"}, {71, "another file"}, {79, "another file"}};
    make_log();
    for (size_t k = 0; k < COUNT_OF(cases); k++) {
        struct buf b = file_bytes("signer");
        for (unsigned i = 0; i < 2; i++) {
            uint8_t *slot = (uint8_t *)b.p + i * SLOT_SPACING;
            slot[cases[k].at] ^= 1;
            struct sha256 check = sha256_of(span_of(slot, SLOT_BYTES - 32));
            memcpy(slot + SLOT_BYTES - 32, check.bytes, 32);
        }
        put_back(buf_span(&b));
        buf_done(&b);
        assert_refused(cases[k].why);
        assert_ok(signer_adopt(&folder));
        assert_int_equal(size_now(), 0);
    }
}

static void one_at_a_time(void **state) {
    (void)state;
    make_log();
    struct running r = run();
    struct signer_head h;
    struct signer *s;
    uint8_t seed[NOTE_SEED_BYTES];
    assert_ok(signer_head(r.fd, &h));
    assert_code(signer_open(&folder, &s), RC_BUSY);
    assert_why("signer ");
    assert_code(signer_adopt(&folder), RC_BUSY);
    assert_code(signer_export_seed(&folder, seed), RC_BUSY);
    assert_int_equal(end_of(run().pid), RC_BUSY);
    assert_ok(append_leaves(r.fd, 0, 3, &h));
    check_head(&h, 3);
    kill(r.pid, SIGKILL);
    assert_int_equal(stop(r), -SIGKILL);
    assert_int_equal(size_now(), 3); /* the lock went with it */
}

static void the_seed_is_given_out_once(void **state) {
    (void)state;
    make_log();
    struct note_key key, again;
    uint8_t seed[NOTE_SEED_BYTES], second[NOTE_SEED_BYTES] = {0}, zeros[NOTE_SEED_BYTES] = {0};
    assert_ok(signer_key(&folder, &key));
    assert_ok(signer_export_seed(&folder, seed));
    assert_ok(note_key_of_seed(SPAN(ORIGIN), seed, &again));
    assert_memory_equal(&again, &key, sizeof key);
    assert_code(signer_export_seed(&folder, second), RC_GONE);
    assert_memory_equal(second, zeros, sizeof zeros);
    /* Whichever slot is lost. */
    struct buf b = file_bytes("signer");
    for (unsigned i = 0; i < 2; i++) {
        struct file f;
        assert_ok(file_open(&folder, "signer", FILE_WRITE, &f));
        assert_ok(file_write_at(&f, 0, buf_span(&b)));
        assert_ok(file_write_at(&f, i * SLOT_SPACING + 300, SPAN("damage")));
        file_close(&f);
        assert_code(signer_export_seed(&folder, second), RC_GONE);
    }
    buf_done(&b);
    assert_int_equal(size_now(), 0);
    assert_code(signer_export_seed(&folder, second), RC_GONE);
}

/* In a process of its own: reads the key again and again. */
static int role_reader(void) {
    struct note_key first, key;
    rc code = signer_key(&folder, &first);
    for (unsigned i = 0; i < 2000 && code == RC_OK; i++) {
        code = signer_key(&folder, &key);
        if (code == RC_OK && memcmp(&first, &key, sizeof key) != 0) return 95;
    }
    return (int)code;
}

static void the_key_is_read_while_the_signer_writes(void **state) {
    (void)state;
    make_log();
    struct running r = run();
    struct signer_head h;
    pid_t reader = start_role("reader", "", "", -1);
    for (uint64_t size = 0; size < 500; size++) assert_ok(append_leaves(r.fd, size, 1, &h));
    assert_int_equal(end_of(reader), RC_OK);
    assert_int_equal(stop(r), RC_OK);
}

/* ---- torn slots ------------------------------------------------------------------------------ */

/* Of the slot that an append writes, any set of sectors is there: the state is the old one or the
 * new. */
static void every_tear_of_a_slot(void **state) {
    (void)state;
    make_log();
    struct running r = run();
    struct signer_head h;
    assert_ok(append_leaves(r.fd, 0, 7, &h));
    struct buf old = file_bytes("signer");
    assert_ok(append_leaves(r.fd, 7, 4, &h));
    struct buf new = file_bytes("signer");
    assert_int_equal(stop(r), RC_OK);
    assert_int_equal(old.n, SLOT_SPACING + SLOT_BYTES);
    size_t slot = memcmp(old.p, new.p, SLOT_BYTES) == 0 ? SLOT_SPACING : 0;
    assert_memory_equal(old.p + SLOT_SPACING - slot, new.p + SLOT_SPACING - slot, SLOT_BYTES);
    unsigned olds = 0, news = 0;
    for (unsigned mask = 0; mask < 256; mask++) {
        struct buf torn;
        buf_init(&torn, 1 << 20);
        buf_add(&torn, buf_span(&old));
        for (unsigned i = 0; i < 8; i++) {
            size_t at = slot + i * 512;
            if (mask >> i & 1) memcpy(torn.p + at, new.p + at, 512);
        }
        put_back(buf_span(&torn));
        buf_done(&torn);
        uint64_t size = size_now();
        assert_true(size == 7 || size == 11);
        olds += size == 7;
        news += size == 11;
    }
    assert_true(news >= 1 && olds >= 128); /* without the sector with the check it is the old one */
    /* Any byte of the newer slot changed: the older. Of both: refused. */
    for (size_t at = 0; at < SLOT_BYTES; at += 61) {
        put_back(buf_span(&new));
        struct file f;
        assert_ok(file_open(&folder, "signer", FILE_WRITE, &f));
        char changed = (char)(new.p[slot + at] ^ 64);
        assert_ok(file_write_at(&f, slot + at, span_of(&changed, 1)));
        file_close(&f);
        assert_int_equal(size_now(), 7);
    }
    /* The newer one in the other's place does not count. */
    struct buf moved;
    buf_init(&moved, 1 << 20);
    memset(buf_room(&moved, new.n), 0, new.n);
    memcpy(moved.p + SLOT_SPACING - slot, new.p + slot, SLOT_BYTES);
    put_back(buf_span(&moved));
    buf_done(&moved);
    struct signer *s;
    assert_code(signer_open(&folder, &s), RC_CORRUPT);
    memset(new.p + SLOT_BYTES - 1, 0, 1);
    memset(new.p + SLOT_SPACING + 30, 77, 1);
    put_back(buf_span(&new));
    struct note_key key;
    assert_code(signer_open(&folder, &s), RC_CORRUPT);
    assert_why("neither");
    assert_code(signer_adopt(&folder), RC_CORRUPT);
    assert_code(signer_key(&folder, &key), RC_CORRUPT);
    buf_done(&old);
    buf_done(&new);
}

/* ---- killed, and failing --------------------------------------------------------------------- */

#ifdef DATELINE_FAULTS
static void killed_at_every_step(void **state) {
    (void)state;
    static const char *const points[] = {"signer.after-write", "signer.after-sync",
                                         "signer.after-sign", "signer.after-answer"};
    make_log();
    uint64_t size = 0;
    for (unsigned round = 0; round < 40; round++) {
        const char *point = points[round % COUNT_OF(points)];
        char rule[64];
        snprintf(rule, sizeof rule, "%s:%u", point, 1 + round / 4);
        struct running r = run_with("DATELINE_CRASH", rule);
        struct signer_head h;
        rc code = RC_OK;
        uint64_t asked = size;
        while (code == RC_OK) {
            size_t count = 1 + (size_t)below(20);
            asked = size + count;
            code = append_leaves(r.fd, size, count, &h);
            if (code == RC_OK) check_head(&h, size = asked);
        }
        assert_int_equal(code, RC_BUSY);
        int end = stop(r); /* a fault point in the sandbox: kill() itself is what ends it */
        assert_true(end == -SIGKILL || end == -SIGSYS);
        uint64_t now = size_now(); /* checks the head, too */
        if (now != size && now != asked) {
            fail_msg("%s: acknowledged %llu, asked for %llu, has %llu", rule,
                     (unsigned long long)size, (unsigned long long)asked, (unsigned long long)now);
        }
        if (strcmp(point, "signer.after-sync") == 0 && round / 4) assert_int_equal(now, asked);
        size = now;
    }
}

static int role_export(void) {
    uint8_t seed[NOTE_SEED_BYTES];
    return (int)signer_export_seed(&folder, seed);
}

static int role_create(void) {
    return (int)signer_create(&folder, SPAN(ORIGIN));
}

static int role_adopt(void) {
    return (int)signer_adopt(&folder);
}

static void commands_killed_at_every_step(void **state) {
    (void)state;
    uint8_t seed[NOTE_SEED_BYTES];
    /* Export: once the mark is there, it stays; nobody got the seed. */
    make_log();
    assert_int_equal(end_of(start_role("export", "DATELINE_CRASH", "signer.after-sync", -1)),
                     -SIGKILL);
    assert_code(signer_export_seed(&folder, seed), RC_GONE);
    assert_int_equal(size_now(), 0);
    /* Create: there is no log, and a second attempt makes one; or there is one. */
    static const char *const points[] = {"signer.after-write", "signer.after-sync",
                                         "signer.after-rename"};
    for (size_t i = 0; i < COUNT_OF(points); i++) {
        file_gone("signer");
        assert_int_equal(end_of(start_role("create", "DATELINE_CRASH", points[i], -1)), -SIGKILL);
        assert_code(signer_create(&folder, SPAN(ORIGIN)), i < 2 ? RC_OK : RC_CONFLICT);
        assert_int_equal(size_now(), 0);
    }
    /* Adopt: not done, or done. */
    struct buf b = file_bytes("signer");
    file_gone("signer");
    file_set("signer", buf_span(&b));
    assert_int_equal(end_of(start_role("adopt", "DATELINE_CRASH", "signer.after-sync", -1)),
                     -SIGKILL);
    assert_int_equal(size_now(), 0);
    buf_done(&b);
}

static void every_call_fails(void **state) {
    (void)state;
    static const char *const errors[] = {"ENOSPC", "EIO"};
    for (size_t e = 0; e < COUNT_OF(errors); e++) {
        unsigned full = 0, gone = 0;
        make_log();
        for (unsigned n = 1; n < 100; n++) {
            char rule[64];
            snprintf(rule, sizeof rule, "sys:%u:%s", n, errors[e]);
            uint64_t size = size_now(), asked = size;
            struct running r = run_with("DATELINE_FAULT", rule);
            struct signer_head h;
            rc code = RC_OK;
            for (unsigned i = 0; i < 3 && code == RC_OK; i++) {
                asked = size + 2;
                code = append_leaves(r.fd, size, 2, &h);
                if (code == RC_OK) check_head(&h, size = asked);
                if (code == RC_FULL || code == RC_IO) { /* nothing happened, and it goes on */
                    assert_ok(signer_head(r.fd, &h));
                    check_head(&h, size);
                    full++;
                    code = RC_OK;
                }
            }
            int end = stop(r);
            if (end == RC_OK && code == RC_OK && n > 30) break;
            if (code == RC_BUSY) {
                gone++;
                assert_true(end > 0 && end < RC_COUNT);
            } else {
                assert_int_equal(code, RC_OK);
            }
            uint64_t now = size_now();
            assert_true(now == size || (code == RC_BUSY && now == asked));
        }
        print_message("%s: %u appends refused, %u signers ended\n", errors[e], full, gone);
        assert_true(full >= 3 && gone >= 8);
        /* A command that fails leaves what was there. */
        for (unsigned n = 1; n < 40; n++) {
            char rule[64];
            snprintf(rule, sizeof rule, "sys:%u:%s", n, errors[e]);
            file_gone("signer");
            int code = end_of(start_role("create", "DATELINE_FAULT", rule, -1));
            assert_true(code >= 0 && code < RC_COUNT);
            struct file_stat stat;
            bool there = file_stat(&folder, "signer", &stat) == RC_OK;
            if (code == RC_OK) assert_true(there);
            if (!there) make_log();
            assert_int_equal(size_now(), 0);
        }
    }
}
#endif

/* ---- messages -------------------------------------------------------------------------------- */

static void questions_are_strict(void **state) {
    (void)state;
    struct sha256 leaves[3] = {leaf_of(0), leaf_of(1), leaf_of(2)};
    struct signer_question q = {.kind = SIGNER_APPEND,
                                .tag = 77,
                                .from = 5,
                                .count = 3,
                                .leaves = leaves},
                           got;
    struct buf b;
    buf_init(&b, SIGNER_QUESTION_MAX + 100);
    signer_question_write(&q, &b);
    assert_int_equal(b.n, 32 + 96);
    assert_true(signer_question_read(buf_span(&b), &got));
    assert_true(got.kind == q.kind && got.tag == 77 && got.from == 5 && got.count == 3);
    assert_memory_equal(got.leaves, leaves, sizeof leaves);
    for (size_t n = 0; n < b.n; n++) assert_false(signer_question_read(span_of(b.p, n), &got));
    for (size_t i = 0; i < 32; i++) { /* but for tag and from every bit is looked at */
        for (unsigned bit = 0; bit < 8; bit++) {
            b.p[i] = (char)(b.p[i] ^ (1 << bit));
            bool ok = signer_question_read(buf_span(&b), &got);
            assert_int_equal(ok, i >= 8 && i < 24);
            b.p[i] = (char)(b.p[i] ^ (1 << bit));
        }
    }
    buf_char(&b, 0);
    assert_false(signer_question_read(buf_span(&b), &got));
    buf_clear(&b);
    q = (struct signer_question){.kind = SIGNER_HEAD, .tag = 1};
    signer_question_write(&q, &b);
    assert_true(signer_question_read(buf_span(&b), &got));
    b.p[16] = 1;
    assert_false(signer_question_read(buf_span(&b), &got));
    /* 0 and SIGNER_BATCH_MAX + 1 hashes */
    buf_clear(&b);
    q = (struct signer_question){.kind = SIGNER_APPEND};
    signer_question_write(&q, &b);
    assert_false(signer_question_read(buf_span(&b), &got));
    struct sha256 *many = mem_new((SIGNER_BATCH_MAX + 1) * sizeof *many);
    q.count = SIGNER_BATCH_MAX;
    q.leaves = many;
    buf_clear(&b);
    signer_question_write(&q, &b);
    assert_true(signer_question_read(buf_span(&b), &got));
    buf_add(&b, span_of(many, sizeof *many));
    b.p[27] = 1;
    b.p[26] = 4;
    assert_false(signer_question_read(buf_span(&b), &got));
    mem_free(many);
    buf_done(&b);
}

static void nonsense_does_not_stop_the_signer(void **state) {
    (void)state;
    make_log();
    struct running r = run();
    struct signer_head h;
    static char large[SIGNER_QUESTION_MAX + 1];
    memset(large, 'x', sizeof large);
    assert_ok(append_leaves(r.fd, 0, 5, &h));
    assert_ok(socket_send(r.fd, SPAN("x"), 1000));
    assert_ok(socket_send(r.fd, SPAN("DLs1 and then something that is no question"), 1000));
    assert_ok(socket_send(r.fd, span_of(large, sizeof large), 1000));
    assert_ok(socket_send(r.fd, span_of(large, sizeof large - 1), 1000));
    assert_ok(signer_head(r.fd, &h));
    check_head(&h, 5);
    assert_int_equal(stop(r), RC_OK);
}

/* Something that answers as the signer does, and then not quite. */
enum lie {
    NONE,
    STALE_FIRST,
    EMPTY,
    CUT,
    LONGER,
    MAGIC,
    KIND,
    CODE,
    SIZE,
    ROOT,
    NOTE,
    WHY,
    ANOTHER_SIZE,
    LIES
};

static _Noreturn void role_liar(int fd, enum lie lie) {
    static char message[SIGNER_QUESTION_MAX], bytes[SIGNER_ANSWER_MAX + 1];
    size_t n;
    struct signer_question q;
    if (socket_receive(fd, message, sizeof message, -1, &n) != RC_OK) _exit(1);
    if (!signer_question_read(span_of(message, n), &q)) _exit(2);
    char note[NOTE_BYTES_MAX];
    struct buf b, text;
    struct checkpoint c = {.origin = SPAN(ORIGIN),
                           .size = q.from + q.count + (lie == ANOTHER_SIZE)};
    buf_init_fixed(&text, note, sizeof note);
    checkpoint_write(&c, &text);
    buf_str(&text, "\nand a signature");
    struct signer_answer a = {
        .kind = q.kind, .tag = q.tag, .size = c.size, .root = c.root, .note = buf_span(&text)};
    buf_init_fixed(&b, bytes, sizeof bytes);
    if (lie == STALE_FIRST) {
        struct signer_answer stale = {.kind = q.kind, .tag = q.tag ^ 1, .code = RC_FULL};
        signer_answer_write(&stale, &b);
        if (socket_send(fd, buf_span(&b), -1) != RC_OK) _exit(3);
        buf_clear(&b);
    }
    signer_answer_write(&a, &b);
    switch (lie) {
    case NONE:
    case STALE_FIRST:
    case ANOTHER_SIZE:
    case LIES: break;
    case EMPTY: _exit(0);
    case CUT: b.n--; break;
    case LONGER: buf_char(&b, 'x'); break;
    case MAGIC: b.p[0] = 'd'; break;
    case KIND: b.p[4] = (char)(128 | SIGNER_HEAD); break;
    case CODE: b.p[5] = RC_COUNT; break;
    case SIZE: b.p[20] = 9; break;
    case ROOT: b.p[50] = 9; break;
    case NOTE: b.p[64 + 19] = '8'; break;
    case WHY: b.p[5] = RC_FULL; break; /* an error that brings a head */
    }
    _exit(socket_send(fd, buf_span(&b), -1) == RC_OK ? 0 : 4);
}

static void answers_are_not_trusted(void **state) {
    (void)state;
    for (enum lie lie = NONE; lie < LIES; lie++) {
        int ends[2];
        assert_ok(socket_pair(ends));
        pid_t pid = fork();
        if (pid == 0) role_liar(ends[1], lie);
        socket_close(ends[1]);
        struct signer_head h = {.size = 4711};
        rc code = append_leaves(ends[0], 5, 2, &h);
        rc wanted = lie == NONE || lie == STALE_FIRST ? RC_OK : lie == EMPTY ? RC_BUSY : RC_CORRUPT;
        if (code != wanted) fail_msg("lie %d: %s (%s)", (int)lie, rc_name(code), rc_why());
        assert_int_equal(h.size, code == RC_OK ? 7 : 4711);
        socket_close(ends[0]);
        assert_int_equal(end_of(pid), 0);
    }
}

/* ---- all together ---------------------------------------------------------------------------- */

static rc count_put(void *arg, const struct tile *tile, struct span path, struct span bytes) {
    (void)tile, (void)path, (void)bytes;
    ++*(size_t *)arg;
    return RC_OK;
}

/* Random entries in random batches through journal, signer and tiles; the signer is killed now and
 * then, and what it missed is taken from the journal. */
static void end_to_end(void **state) {
    (void)state;
    make_log();
    file_gone("journal");
    struct journal *j;
    struct tiles *t = tiles_new();
    struct merkle_edge all = {.size = 0};
    struct running r = run();
    struct note_key key;
    struct signer_head h;
    size_t puts = 0;
    assert_ok(journal_open(&folder, &j));
    assert_ok(signer_key(&folder, &key));
    for (unsigned round = 0; round < 120; round++) {
        static char bytes[SIGNER_BATCH_MAX][ENTRY_BYTES_MAX];
        static struct span entries[SIGNER_BATCH_MAX];
        static struct sha256 leaves[SIGNER_BATCH_MAX];
        size_t count = 1 + (size_t)below(below(5) ? 20 : SIGNER_BATCH_MAX);
        uint64_t from = journal_size(j);
        for (size_t i = 0; i < count; i++) {
            entries[i] = span_of(bytes[i], 1 + (size_t)below(ENTRY_BYTES_MAX));
            random_bytes(bytes[i], entries[i].n);
            leaves[i] = merkle_leaf(entries[i]);
            merkle_edge_append(&all, &leaves[i]);
        }
        assert_ok(journal_append(j, from, entries, count));
        if (below(4) == 0) { /* it dies before it is asked: journal > signer */
            kill(r.pid, SIGKILL);
            assert_int_equal(stop(r), -SIGKILL);
            r = run();
            assert_ok(signer_head(r.fd, &h));
            assert_int_equal(h.size, from);
            struct arena *a = arena_new(1 << 20);
            struct span *again;
            size_t n;
            assert_ok(journal_read(j, a, h.size, SIGNER_BATCH_MAX, &again, &n));
            assert_int_equal(n, count);
            for (size_t i = 0; i < n; i++) leaves[i] = merkle_leaf(again[i]);
            arena_free(a);
        }
        assert_ok(signer_append(r.fd, from, leaves, count, &h));
        assert_ok(tiles_append(t, entries, count, count_put, &puts));
        struct sha256 root = merkle_edge_root(&all), of_tiles = tiles_root(t);
        struct checkpoint c;
        assert_ok(checkpoint_read(span_of(h.note, h.note_bytes), &key, &c));
        assert_int_equal(c.size, all.size);
        assert_int_equal(tiles_size(t), all.size);
        assert_true(sha256_eq(&c.root, &root) && sha256_eq(&of_tiles, &root));
    }
    assert_true(puts > 0);
    assert_int_equal(stop(r), RC_OK);
    journal_close(j);
    tiles_free(t);
}

/* A signer out of the exported seed signs the very same head, and goes on. */
static void a_signer_is_made_of_its_seed(void **state) {
    (void)state;
    uint8_t seed[NOTE_SEED_BYTES];
    struct signer_head before, after;
    struct note_key key, again;
    struct merkle_edge edge = {0};
    make_log();
    struct running r = run();
    assert_ok(append_leaves(r.fd, 0, 300, &before));
    assert_int_equal(stop(r), RC_OK);
    assert_ok(signer_key(&folder, &key));
    assert_ok(signer_export_seed(&folder, seed));
    for (uint64_t i = 0; i < 300; i++) {
        struct sha256 leaf = leaf_of(i);
        merkle_edge_append(&edge, &leaf);
    }
    assert_code(signer_import(&folder, SPAN(ORIGIN), seed, &edge), RC_CONFLICT);
    file_gone("signer");
    assert_ok(signer_import(&folder, SPAN(ORIGIN), seed, &edge));
    assert_ok(signer_key(&folder, &again));
    assert_memory_equal(&again, &key, sizeof key);
    assert_code(signer_export_seed(&folder, seed), RC_GONE);
    r = run();
    assert_ok(signer_head(r.fd, &after));
    assert_int_equal(after.note_bytes, before.note_bytes);
    assert_memory_equal(after.note, before.note, before.note_bytes);
    assert_ok(append_leaves(r.fd, 300, 2, &after));
    check_head(&after, 302);
    assert_int_equal(stop(r), RC_OK);
}

int main(int argc, char **argv) {
    if (argc == 3) {
        rc code = file_open(NULL, argv[2], FILE_FOLDER, &folder);
        if (code != RC_OK) return (int)code;
        if (strcmp(argv[1], "signer") == 0) return role_signer(3);
        if (strcmp(argv[1], "reader") == 0) return role_reader();
#ifdef DATELINE_FAULTS
        if (strcmp(argv[1], "export") == 0) return role_export();
        if (strcmp(argv[1], "create") == 0) return role_create();
        if (strcmp(argv[1], "adopt") == 0) return role_adopt();
#endif
        return 96;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_log),
        cmocka_unit_test(appends_and_heads),
        cmocka_unit_test(a_copy_is_refused_until_adopted),
        cmocka_unit_test(an_older_state_put_back_is_refused),
        cmocka_unit_test(another_binding_is_refused),
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(the_seed_is_given_out_once),
        cmocka_unit_test(a_signer_is_made_of_its_seed),
        cmocka_unit_test(the_key_is_read_while_the_signer_writes),
        cmocka_unit_test(every_tear_of_a_slot),
#ifdef DATELINE_FAULTS
        cmocka_unit_test(killed_at_every_step),
        cmocka_unit_test(commands_killed_at_every_step),
        cmocka_unit_test(every_call_fails),
#endif
        cmocka_unit_test(questions_are_strict),
        cmocka_unit_test(nonsense_does_not_stop_the_signer),
        cmocka_unit_test(answers_are_not_trusted),
        cmocka_unit_test(end_to_end),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
