/*
 * What happens to an item. Follow flow_submit() and you know the system.
 *
 * Promises, and what a crash behind each step leaves:
 * 1. One transaction of the store holds the revision's canonical bytes, its log entry and the outbox
 *    row, for all items of the batch. Before its commit: nothing has happened.
 * 2. pump() journals, signs and flips. A crash in it leaves rows in the outbox; core's next start pumps
 *    them: recovery is the normal path. The sender had no answer, sends the item again, and finds
 *    that it is there (same uri, same content).
 * 3. The answer goes out when the flip is durable: the story's own URL answers, under a signed head.
 * 4. Lists and feeds follow in flow_work(), but for a withdrawal, which leaves them in its own flip. So do what
 *    is withdrawn and what is retracted with the boxes of related stories (related.c).
 */
#include "flow/inner.h"
#include "sys/clock.h"
#include "sys/fault.h"
#include "sys/log.h"

/* The item's answer, out of what was planned. */
static void answer(struct arena *a, const struct intent *intent, const struct plan *plan,
                   struct flow_item *item) {
    char id[2 * STORY_ID_BYTES + 1];
    const struct story_row *row = plan->stores ? &plan->act.row : &plan->row;
    item->act = plan->verdict.act;
    item->due = plan->holds ? plan->held.due : 0;
    item->entry = plan->stores ? plan->act.entry_index : row->last_entry;
    if (plan->known || plan->stores) {
        story_id_hex(&row->id, id);
        item->story = arena_copy(a, span_str(id));
        item->path = row->path;
        item->revision = row->number;
        item->code_url = arena_printf(a, "/s/" SPAN_FMT, SPAN_ARG(row->code));
    }
    if (!intent) return;
    item->remarks = ARENA_ARRAY(a, struct span, intent->remark_count + 1);
    for (size_t i = 0; item->remarks && i < intent->remark_count; i++)
        item->remarks[item->remark_count++] = intent->remarks[i].text;
}

static void refuse(struct arena *a, rc code, struct flow_item *item) {
    item->code = code;
    item->why = arena_copy(a, span_str(*rc_why() ? rc_why() : rc_text(code)));
    if (!item->why.p) item->why = span_str(rc_text(code));
}

/* Its pages are made while the store, the journal and the signer sync (make.c). */
static rc begin_making(struct flow *f, struct plan *plan) {
    f->fresh[f->fresh_count++] = plan;
    if (!making_fits(f->fresh_count - 1, f->fresh_weight)) return RC_OK; /* later, by the pump */
    f->fresh_weight += plan->act.canonical.n;
    TRY(story_begin(f, &plan->act.row.id, STORY_AT_ONCE, &plan->story));
    return entry_begin(f, plan->act.entry_index, &plan->opening);
}

/* What this batch knew lives in its arena. */
static void forget_fresh(struct flow *f, size_t keep) {
    while (f->fresh_count > keep) {
        struct plan *plan = f->fresh[--f->fresh_count];
        making_free(plan->story);
        making_free(plan->opening);
        plan->story = plan->opening = NULL;
    }
    if (keep == 0) f->fresh_weight = 0;
}

/* What a batch did. */
struct batch {
    ms_t now;
    bool wrote;
    bool pages; /* standing pages are among it: the foot may be another one */
};

/* In the open transaction: the whole item, or nothing of it. */
static rc take_item(struct flow *f, struct arena *a, struct flow_item *item, struct batch *batch) {
    struct intent intent = {0};
    struct plan *plan = ARENA_NEW(a, struct plan);
    if (!plan)
        return rc_fail(RC_TOO_BIG, "the batch needs more memory than one operation may have");
    TRY(plan_item(f, a, item, batch->now, &intent, plan));
    if (arena_over(a))
        return rc_fail(RC_TOO_BIG, "the batch needs more memory than one operation may have");
    if (plan->stores || plan->holds || plan->drops) {
        TRY(plan_store(f, plan));
        batch->wrote = true;
    }
    answer(a, &intent, plan, item);
    if (!plan->stores) return RC_OK;
    if (!plan->act.row.standing) return begin_making(f, plan);
    batch->pages = true;
    return RC_OK;
}

/* What was committed becomes public; first the foot, so that it stands under what is made now. */
static rc carry(struct flow *f, bool pages) {
    if (pages) {
        forget_fresh(f, 0); /* the pump makes it anew */
        rc code = foot_renew(f);
        if (code == RC_FATAL) return code;
        if (code != RC_OK)
            log_event(LOG_ERROR, "the links at the foot stay as they were", LOG_WHY());
    }
    return pump(f);
}

rc store_end(struct flow *f, rc code) {
    if (code == RC_OK) return store_commit(f->store);
    store_rollback(f->store);
    return code;
}

/* Can anything be taken now? If the last pump did not come through, it is tried first. */
static rc ready(struct flow *f) {
    if (f->stopped) return rc_fail(RC_BUSY, "%s", f->why);
    if (f->disk_full) TRY(reserve_keep(f));
    if (f->behind) TRY(pump(f));
    return RC_OK;
}

rc flow_submit(struct flow *f, struct arena *a, struct flow_item *items, size_t count) {
    CHECK(count <= FLOW_BATCH_MAX);
    rc code = ready(f);
    if (code == RC_OK) code = store_begin(f->store);
    const bool begun = code == RC_OK;
    struct batch batch = {.now = clock_wall_ms()};
    for (size_t i = 0; i < count && code == RC_OK; i++) {
        struct flow_item *item = &items[i];
        struct batch with = batch;
        const size_t fresh = f->fresh_count;
        rc_why_clear();
        if ((code = store_savepoint(f->store)) != RC_OK) break;
        item->code = take_item(f, a, item, &with);
        if (item->code != RC_OK && arena_over(a) && i > 0) /* the memory went to others */
            item->code = rc_fail(RC_BUSY, "too much came at once; send it again");
        if (item->code == RC_FULL || item->code == RC_FATAL || item->code == RC_CORRUPT) {
            code = item->code; /* the transaction is lost, so all of them are */
            break;
        }
        if (item->code == RC_OK) {
            code = store_savepoint_keep(f->store);
            batch = with;
        } else {
            refuse(a, item->code, item);
            forget_fresh(f, fresh);
            store_savepoint_back(f->store);
        }
    }
    fault_point("publish.before-commit");
    if (code == RC_OK && batch.wrote) {
        code = store_commit(f->store);
        fault_point("publish.after-commit");
        if (code == RC_OK) code = carry(f, batch.pages);
    } else if (begun) {
        store_rollback(f->store);
    }
    forget_fresh(f, 0);
    if (code == RC_FULL) reserve_give_up(f);
    /* What did not become public has no answer of success: its sender sends it again. */
    for (size_t i = 0; code != RC_OK && i < count; i++) {
        if (items[i].code == RC_OK) refuse(a, code, &items[i]);
    }
    return code == RC_FATAL ? code : RC_OK;
}

/* A story as a person names it, for an act without a text. */
static rc ready_for(struct flow *f, struct arena *a, struct span story, struct story_row *row) {
    TRY(ready(f));
    rc code = find_story(f, a, story, row);
    if (code != RC_NOT_FOUND) return code;
    return rc_fail(code,
                   SPAN_FMT ": no such story (a path, an address, a short code, a uri or an id)",
                   SPAN_ARG(story));
}

/* What was planned in the open transaction becomes public. */
static rc do_act(struct flow *f, struct arena *a, rc code, const struct plan *plan,
                 struct flow_item *out_item) {
    if (code == RC_OK && plan->stores) code = plan_store(f, plan);
    code = store_end(f, code);
    if (code == RC_OK) code = carry(f, plan->row.standing > 0);
    if (code == RC_FULL) reserve_give_up(f);
    TRY(code);
    answer(a, NULL, plan, out_item);
    return RC_OK;
}

rc flow_withdraw(struct flow *f, struct arena *a, enum desk_role role, struct span story,
                 const struct withdrawal *why, struct flow_item *out_item) {
    struct withdrawal withdrawal;
    struct plan plan = {0};
    const ms_t now = clock_wall_ms();
    TRY(withdrawal_make(a, why->reason, why->authority, why->demanded, &withdrawal));
    TRY(ready_for(f, a, story, &plan.row));
    struct desk_facts facts = {.known = true, .state = plan.row.state};
    plan.known = true;
    TRY(withdrawal_said(f, a, &plan.row, &withdrawal, &facts.said));
    const struct desk_wish wish = {.canceled = true, .legal = withdrawal.status == 451};
    rc code = desk_decide(role, &wish, &facts, now, &plan.verdict);
    if (code != RC_OK) return rc_in(code, SPAN_FMT ": ", SPAN_ARG(story));
    TRY(store_begin(f->store));
    if (plan.verdict.act == DESK_WITHDRAW)
        code = plan_withdrawal(f, a, &plan.row, &withdrawal, now, &plan);
    return do_act(f, a, code, &plan, out_item);
}

rc flow_restore(struct flow *f, struct arena *a, enum desk_role role, struct span story,
                struct flow_item *out_item) {
    struct plan plan = {.verdict = {.act = DESK_RESTORE}, .known = true};
    TRY(ready_for(f, a, story, &plan.row));
    if (!desk_may(role, DESK_RESTORE, plan.row.state))
        return rc_fail(plan.row.state == STORY_PUBLISHED ? RC_CONFLICT : RC_DENIED,
                       SPAN_FMT ": it is " SPAN_FMT ", and only what is withdrawn is restored",
                       SPAN_ARG(story), SPAN_ARG(story_state_word(plan.row.state)));
    TRY(store_begin(f->store));
    return do_act(f, a, plan_restore(f, a, &plan.row, clock_wall_ms(), &plan), &plan, out_item);
}
