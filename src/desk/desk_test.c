#include "desk/desk.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/buf.h"

static struct sha256 content(uint8_t byte) {
    struct sha256 hash = {.bytes = {byte}};
    return hash;
}

/* Every role × act × state, written out: what is not in this list is refused. */
static void test_law(void **state) {
    (void)state;
    unsigned allowed = 0;
    for (enum desk_role role = 0; role < DESK_ROLES; role++)
        for (enum desk_act act = 0; act < DESK_ACTS; act++)
            for (enum story_state s = 0; s < STORY_STATE_COUNT; s++)
                allowed += desk_may(role, act, s);
    assert_int_equal(allowed, 3 * 4 /* nothing */ + 2 * 7 + 1 /* restore */ + 2);
    for (enum desk_act act = DESK_PUBLISH; act < DESK_ACTS; act++)
        for (enum desk_role role = 0; role < DESK_ROLES; role++) {
            bool again = act == DESK_WITHDRAW && role != DESK_CLOCK;
            bool back = act == DESK_RESTORE && role == DESK_OPERATOR;
            assert_int_equal(desk_may(role, act, STORY_WITHDRAWN), again || back);
            assert_false(desk_may(role, act, STORY_DESTROYED));
        }
    assert_true(desk_may(DESK_CLOCK, DESK_PUBLISH, STORY_PRIVATE));
    assert_false(desk_may(DESK_CLOCK, DESK_WITHDRAW, STORY_PUBLISHED));
    assert_false(desk_may(DESK_CLOCK, DESK_HOLD, STORY_PRIVATE));
    assert_false(desk_may(DESK_ROLES, DESK_NOTHING, STORY_PRIVATE));
    assert_false(desk_may(DESK_OPERATOR, DESK_ACTS, STORY_PRIVATE));
}

/* Every role × act × state × kind of change, of stories that stand and of retracted ones, in words:
 * what is not in this list is refused. */
static void test_changes(void **state) {
    (void)state;
    static const char expected[] =
        "nothing private OSC: none; retracted: none\n"
        "nothing published OSC: none; retracted: none\n"
        "nothing withdrawn OSC: none; retracted: none\n"
        "nothing destroyed OSC: none; retracted: none\n"
        "publish private OSC: none; retracted:\n"
        "revise published OSC: minor update clarification correction editors-note retraction; "
        "retracted: minor clarification correction editors-note\n"
        "hold private OS: none minor update clarification correction editors-note retraction; "
        "retracted: minor clarification correction editors-note\n"
        "hold published OS: none minor update clarification correction editors-note retraction; "
        "retracted: minor clarification correction editors-note\n"
        "withdraw published OS: none; retracted: none\n"
        "withdraw withdrawn OS: none; retracted: none\n"
        "drop private OS: none; retracted: none\n"
        "restore withdrawn O: none; retracted: none\n";
    char memory[8192];
    struct buf law;
    buf_init_fixed(&law, memory, sizeof memory);
    for (enum desk_act act = 0; act < DESK_ACTS; act++)
        for (enum story_state s = 0; s < STORY_STATE_COUNT; s++) {
            static const char letters[DESK_ROLES] = {'O', 'S', 'C'};
            char roles[DESK_ROLES + 1] = "";
            size_t n = 0;
            for (enum desk_role role = 0; role < DESK_ROLES; role++)
                if (desk_may(role, act, s)) roles[n++] = letters[role];
            if (n == 0) continue;
            buf_printf(&law, "%s " SPAN_FMT " %s:", desk_act_word(act),
                       SPAN_ARG(story_state_word(s)), roles);
            for (int retracted = 0; retracted < 2; retracted++) {
                if (retracted) buf_str(&law, "; retracted:");
                for (enum change change = 0; change < CHANGE_COUNT; change++)
                    if (desk_may_change(act, change, retracted))
                        buf_printf(&law, " " SPAN_FMT, SPAN_ARG(change_word(change)));
            }
            buf_char(&law, '\n');
        }
    assert_false(law.over);
    buf_char(&law, 0);
    assert_string_equal(law.p, expected);
    assert_false(desk_may_change(DESK_ACTS, CHANGE_NONE, false));
    assert_false(desk_may_change(DESK_REVISE, CHANGE_COUNT, false));
}

static void test_notes_and_dates(void **state) {
    (void)state;
    static const struct {
        enum change change;
        bool note, date;
        enum change_place place;
    } rows[CHANGE_COUNT] = {
        {CHANGE_NONE, false, false, CHANGE_UNTOLD},
        {CHANGE_MINOR, false, false, CHANGE_UNTOLD},
        {CHANGE_UPDATE, false, true, CHANGE_UNTOLD},
        {CHANGE_CLARIFICATION, true, true, CHANGE_FOOT},
        {CHANGE_CORRECTION, true, true, CHANGE_FOOT},
        {CHANGE_EDITORS_NOTE, true, true, CHANGE_TOP},
        {CHANGE_RETRACTION, true, true, CHANGE_TOP},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(rows[i].change, i);
        assert_int_equal(desk_change_needs_note(rows[i].change), rows[i].note);
        assert_int_equal(desk_change_moves_date(rows[i].change), rows[i].date);
        assert_int_equal(change_place(rows[i].change), rows[i].place);
    }
}

/* Place × state × retracted: the places where it is met, in the order of their table. */
static void test_places(void **state) {
    (void)state;
    for (enum story_state s = 0; s < STORY_STATE_COUNT; s++)
        for (int retracted = 0; retracted < 2; retracted++) {
            const char *expected = s != STORY_PUBLISHED ? "" : retracted ? "PTAC" : "PfFRTAC";
            static const char letters[DESK_PLACES] = {'P', 'f', 'F', 'R', 'T', 'A', 'C'};
            char met[DESK_PLACES + 1] = "";
            size_t n = 0;
            for (enum desk_place place = 0; place < DESK_PLACES; place++)
                if (desk_shows(place, s, retracted)) met[n++] = letters[place];
            assert_string_equal(met, expected);
        }
    assert_false(desk_shows(DESK_PLACES, STORY_PUBLISHED, false));
}

static void test_pages(void **state) {
    (void)state;
    const struct sha256 one = content(1), two = content(2);
    struct desk_verdict verdict;
    for (enum desk_role role = 0; role < DESK_ROLES; role++) {
        struct desk_facts facts = {.known = false};
        rc code = desk_decide_page(role, &facts, &one, &verdict);
        assert_int_equal(code, role == DESK_OPERATOR ? RC_OK : RC_DENIED);
    }
    struct desk_facts facts = {.known = false};
    assert_int_equal(desk_decide_page(DESK_OPERATOR, &facts, &one, &verdict), RC_OK);
    assert_int_equal(verdict.act, DESK_PUBLISH);
    assert_int_equal(verdict.change, CHANGE_NONE);
    facts = (struct desk_facts){.known = true, .state = STORY_PUBLISHED, .content = one};
    assert_int_equal(desk_decide_page(DESK_OPERATOR, &facts, &one, &verdict), RC_OK);
    assert_int_equal(verdict.act, DESK_NOTHING);
    assert_int_equal(desk_decide_page(DESK_OPERATOR, &facts, &two, &verdict), RC_OK);
    assert_int_equal(verdict.act, DESK_REVISE);
    assert_int_equal(verdict.change, CHANGE_UPDATE);
    for (enum story_state s = STORY_WITHDRAWN; s <= STORY_DESTROYED; s++) {
        facts.state = s;
        assert_int_equal(desk_decide_page(DESK_OPERATOR, &facts, &one, &verdict), RC_DENIED);
        assert_int_equal(desk_decide_page(DESK_OPERATOR, &facts, &two, &verdict), RC_DENIED);
    }
}

struct row {
    const char *name;
    struct desk_wish wish;
    struct desk_facts facts;
    rc code;
    enum desk_act act;
    enum change change;
};

static void test_decisions(void **state) {
    (void)state;
    const ms_t now = 1000;
    const struct sha256 a = content(1), b = content(2);
    const struct desk_facts none = {0};
    const struct desk_facts v3 = {
        .known = true, .state = STORY_PUBLISHED, .has_version = true, .version = 3, .content = a};
    const struct desk_facts plain = {.known = true, .state = STORY_PUBLISHED, .content = a};
    const struct desk_facts gone = {
        .known = true, .state = STORY_WITHDRAWN, .has_version = true, .version = 3, .content = a};
    const struct desk_facts held = {
        .held = true, .held_has_version = true, .held_version = 2, .held_content = a};
    struct desk_facts retracted = v3;
    retracted.retracted = true;
    struct desk_facts said = gone;
    said.said = true;
    struct desk_facts both = v3;
    both.held = true, both.held_content = b, both.held_has_version = true, both.held_version = 4;
#define V(v, c) .has_version = true, .version = (v), .content = (c)
    const struct row rows[] = {
        {"a new one", {.content = a}, none, RC_OK, DESK_PUBLISH, CHANGE_NONE},
        {"a new one that claims to correct",
         {.content = a, .change = CHANGE_CORRECTION},
         none,
         RC_OK,
         DESK_PUBLISH,
         CHANGE_NONE},
        {"under embargo",
         {.content = a, .embargoed_until = 1001},
         none,
         RC_OK,
         DESK_HOLD,
         CHANGE_NONE},
        {"the embargo ends now",
         {.content = a, .embargoed_until = 1000},
         none,
         RC_OK,
         DESK_PUBLISH,
         CHANGE_NONE},
        {"the same again", {V(3, a)}, v3, RC_OK, DESK_NOTHING, CHANGE_NONE},
        {"same version, other content", {V(3, b)}, v3, RC_CONFLICT, 0, 0},
        {"lower version", {V(2, b)}, v3, RC_CONFLICT, 0, 0},
        {"lower version, same content", {V(2, a)}, v3, RC_CONFLICT, 0, 0},
        {"higher version", {V(4, b)}, v3, RC_OK, DESK_REVISE, CHANGE_UPDATE},
        {"higher version, same content", {V(4, a)}, v3, RC_OK, DESK_REVISE, CHANGE_UPDATE},
        {"no version, same content", {.content = a}, v3, RC_OK, DESK_NOTHING, CHANGE_NONE},
        {"no version, other content", {.content = b}, v3, RC_OK, DESK_REVISE, CHANGE_UPDATE},
        {"none on their side", {V(1, b)}, plain, RC_OK, DESK_REVISE, CHANGE_UPDATE},
        {"minor", {.content = b, .change = CHANGE_MINOR}, plain, RC_OK, DESK_REVISE, CHANGE_MINOR},
        {"correction without a note",
         {.content = b, .change = CHANGE_CORRECTION},
         plain,
         RC_INVALID,
         0,
         0},
        {"correction",
         {.content = b, .change = CHANGE_CORRECTION, .has_note = true},
         plain,
         RC_OK,
         DESK_REVISE,
         CHANGE_CORRECTION},
        {"update under embargo",
         {V(4, b), .embargoed_until = 2000},
         v3,
         RC_OK,
         DESK_HOLD,
         CHANGE_UPDATE},
        {"held again", {V(2, a), .embargoed_until = 2000}, held, RC_OK, DESK_NOTHING, CHANGE_NONE},
        {"held again, same version changed",
         {V(2, b), .embargoed_until = 2000},
         held,
         RC_CONFLICT,
         0,
         0},
        {"held, then sent without embargo", {V(2, a)}, held, RC_OK, DESK_PUBLISH, CHANGE_NONE},
        {"older than what is held", {V(1, a)}, held, RC_CONFLICT, 0, 0},
        {"cancel", {.canceled = true}, v3, RC_OK, DESK_WITHDRAW, 0},
        {"cancel, whatever else is said",
         {V(1, b), .canceled = true, .embargoed_until = 9999},
         v3,
         RC_OK,
         DESK_WITHDRAW,
         0},
        {"cancel what is held", {.canceled = true}, held, RC_OK, DESK_DROP, 0},
        {"cancel what is published and held", {.canceled = true}, both, RC_OK, DESK_WITHDRAW, 0},
        {"cancel again", {.canceled = true}, gone, RC_OK, DESK_NOTHING, 0},
        {"cancel by law", {.canceled = true, .legal = true}, v3, RC_OK, DESK_WITHDRAW, 0},
        {"what is gone, now by law",
         {.canceled = true, .legal = true},
         gone,
         RC_OK,
         DESK_WITHDRAW,
         0},
        {"by law again", {.canceled = true, .legal = true}, said, RC_OK, DESK_NOTHING, 0},
        {"cancel nothing", {.canceled = true}, none, RC_NOT_FOUND, 0, 0},
        {"after a withdrawal", {V(4, b)}, gone, RC_DENIED, 0, 0},
        {"a note with a minor change",
         {.content = b, .change = CHANGE_MINOR, .has_note = true},
         plain,
         RC_INVALID,
         0,
         0},
        {"a note with an update", {.content = b, .has_note = true}, plain, RC_INVALID, 0, 0},
        {"a note with a first publication",
         {.content = b, .change = CHANGE_CORRECTION, .has_note = true},
         none,
         RC_OK,
         DESK_PUBLISH,
         CHANGE_NONE},
        {"the same again, with a note",
         {.content = a, .has_note = true},
         plain,
         RC_OK,
         DESK_NOTHING,
         CHANGE_NONE},
        {"retraction",
         {.content = b, .change = CHANGE_RETRACTION, .has_note = true},
         v3,
         RC_OK,
         DESK_REVISE,
         CHANGE_RETRACTION},
        {"an update of a retracted one", {V(4, b)}, retracted, RC_DENIED, 0, 0},
        {"an update of it, held", {V(4, b), .embargoed_until = 2000}, retracted, RC_DENIED, 0, 0},
        {"a second retraction",
         {V(4, b), .change = CHANGE_RETRACTION, .has_note = true},
         retracted,
         RC_DENIED,
         0,
         0},
        {"a note on a retracted one",
         {V(4, b), .change = CHANGE_EDITORS_NOTE, .has_note = true},
         retracted,
         RC_OK,
         DESK_REVISE,
         CHANGE_EDITORS_NOTE},
        {"the retracted one again", {V(3, a)}, retracted, RC_OK, DESK_NOTHING, CHANGE_NONE},
        {"withdraw a retracted one", {.canceled = true}, retracted, RC_OK, DESK_WITHDRAW, 0},
        {"continues a story, lower version of its own",
         {V(1, b), .continues = true},
         v3,
         RC_OK,
         DESK_REVISE,
         CHANGE_UPDATE},
        {"continues a story, says the same",
         {V(9, a), .continues = true},
         v3,
         RC_OK,
         DESK_NOTHING,
         CHANGE_NONE},
        {"continues a story that was withdrawn",
         {V(1, b), .continues = true},
         gone,
         RC_DENIED,
         0,
         0},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct desk_verdict verdict = {0};
        rc code = desk_decide(DESK_SENDER, &rows[i].wish, &rows[i].facts, now, &verdict);
        if (code != rows[i].code ||
            (code == RC_OK && (verdict.act != rows[i].act || verdict.change != rows[i].change)))
            fail_msg("%s: %s, %s", rows[i].name, rc_name(code), desk_act_word(verdict.act));
    }
    /* The clock releases what is held though the held draft itself stands there. */
    struct desk_verdict verdict;
    struct desk_wish due = {V(2, a), .embargoed_until = 1000};
    assert_int_equal(desk_decide(DESK_CLOCK, &due, &held, now, &verdict), RC_OK);
    assert_int_equal(verdict.act, DESK_PUBLISH);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_law),
                                       cmocka_unit_test(test_changes),
                                       cmocka_unit_test(test_notes_and_dates),
                                       cmocka_unit_test(test_places),
                                       cmocka_unit_test(test_decisions),
                                       cmocka_unit_test(test_pages)};
    return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
