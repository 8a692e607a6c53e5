/* What may be shown of a picture, where and when, and who is named under it. */
#include "codec/json.h"
#include "story/card.h"

bool rights_allow(const struct rights *rights, enum channel channel, ms_t at) {
    if (rights->expires && at >= rights->expires) return false;
    if (rights->no_redistribution && (channel == CHANNEL_API || channel == CHANNEL_FEED))
        return false;
    return rights->channels == 0 || (rights->channels >> channel & 1);
}

bool rights_allow_any(const struct rights *rights, ms_t at) {
    return rights_allow(rights, CHANNEL_WEB, at) || rights_allow(rights, CHANNEL_FEED, at) ||
           rights_allow(rights, CHANNEL_API, at);
}

/* ---- the credit line ----------------------------------------------------------------------- */

static bool names(struct span text, struct span name) {
    for (size_t i = 0; i + name.n <= text.n; i++)
        if (span_eq_nocase(span_sub(text, i, name.n), name)) return true;
    return false;
}

void picture_credit_line(const struct picture *p, struct buf *out) {
    const bool is_line =
        span_find(p->credit, '/') < p->credit.n; /* it was put together by its sender */
    const bool together = p->credit.n && p->creator.n && !is_line && !names(p->credit, p->creator);
    const bool holds = !p->copyright.n || names(p->copyright, p->credit);
    if (together && holds && !span_starts(p->credit, SPAN("©"))) buf_str(out, "© ");
    buf_add(out, p->credit.n ? p->credit : p->creator);
    if (!together) return;
    buf_str(out, " / ");
    buf_add(out, p->creator);
}

/* ---- of a card ------------------------------------------------------------------------------ */

#define RIGHTS_KEY "{\"rights\":"

void card_rights_write(const struct rights *rights, struct buf *out) {
    if (!rights->channels && !rights->expires && !rights->no_redistribution) return;
    buf_printf(out, RIGHTS_KEY "[%u,%lld,%d]", rights->channels, (long long)rights->expires,
               rights->no_redistribution);
}

bool card_allows(const struct card *card, enum channel channel, ms_t at) {
    if (card->picture.n == 0) return false;
    if (!span_starts(card->picture, SPAN(RIGHTS_KEY))) return true;
    json_t *root;
    if (json_read(card->picture, &root) != RC_OK) return false;
    const json_t *list = json_object_get(root, "rights");
    const struct rights rights = {.channels = (unsigned)json_integer_value(json_array_get(list, 0)),
                                  .expires = json_integer_value(json_array_get(list, 1)),
                                  .no_redistribution =
                                      json_integer_value(json_array_get(list, 2)) != 0};
    const bool allows = json_array_size(list) == 3 && rights_allow(&rights, channel, at);
    json_decref(root);
    return allows;
}
