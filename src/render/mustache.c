/*
 * Parsing turns the source into a tree of nodes, with the specification's rules about white space
 * already applied: a tag that stands alone on its line has taken the line with it. Text is cut into
 * lines, since a partial's indentation goes in front of each line of it; a node knows whether it
 * begins a line of its template (`begins_line`).
 *
 * Inheritance, as far as white space goes:
 *   - A parent, from its opening tag to its closing one, stands alone if nothing but white space is
 *     before the one and after the other on their lines.
 *   - An argument (a block directly in a parent) whose opening tag ends its line begins with the
 * next line (`fresh`) and loses that line's indentation from each of its lines (`strip`).
 *   - A block that an argument replaces gives it its own indentation (`indent`): that of its
 * default text if it has one on a line of its own, else that of the tag.
 */
#include "render/mustache.h"

#include "base/utf8.h"
#include "render/escape.h"

enum node_kind {
    NODE_TEXT,
    NODE_FIELD,
    NODE_SECTION,
    NODE_INVERTED,
    NODE_PARTIAL,
    NODE_PARENT,
    NODE_BLOCK
};

struct node {
    enum node_kind kind;
    bool raw;         /* FIELD: {{{x}}} or {{&x}} */
    bool dynamic;     /* PARTIAL, PARENT: the name is a field's */
    bool begins_line; /* of the template */
    bool alone;       /* PARTIAL, PARENT, BLOCK: has its line for itself */
    bool fresh;       /* BLOCK as an argument: begins on the line after its tag */
    uint32_t at;      /* in the source */
    struct span text; /* TEXT: itself; else the name */
    struct span indent;
    size_t strip;
    struct node *first, *next; /* what is inside; what follows */
};

struct mustache {
    struct span name, source;
    struct node *first;
};

static rc complain(const struct mustache *t, size_t at, rc code, const char *what,
                   struct span about) {
    size_t line = 1, line_at = 0;
    for (size_t i = 0; i < at && i < t->source.n; i++)
        if (t->source.p[i] == '\n') line++, line_at = i + 1;
    size_t column = 1 + utf8_count(span_sub(t->source, line_at, at - line_at));
    about = span_sub(about, 0, 128);
    return rc_fail(code, SPAN_FMT ".mustache:%zu:%zu: %s" SPAN_FMT "%s", SPAN_ARG(t->name), line,
                   column, what, SPAN_ARG(about), about.n ? "}}" : "");
}

/* ---- parsing --------------------------------------------------------------------------------- */

#define DELIMITER_BYTES_MAX 16

struct level {
    struct node *node; /* that is open; NULL: the template */
    struct node **tail;
    struct node *last;
    size_t content_at;  /* where what is inside begins */
    bool clean_before;  /* PARENT: nothing stood before it on its line … */
    struct node *space; /* … but this */
};

struct parser {
    struct arena *arena;
    struct mustache *template;
    struct span source;
    size_t at;
    struct span open, close; /* delimiters */
    struct level levels[MUSTACHE_NESTING_MAX + 1];
    unsigned depth;
};

struct tag {
    char kind; /* # ^ / ! > < $ & { =, or 'x' for {{x}} */
    bool dynamic;
    struct span name;
    size_t at, end;
    struct span indent;             /* the white space before it, if nothing else is on its line */
    bool clean_before, clean_after; /* nothing but white space on its line */
    size_t next_line;
};

static rc parse_fail(const struct parser *p, size_t at, rc code, const char *what,
                     struct span about) {
    return complain(p->template, at, code, what, about);
}

static size_t find(struct span s, size_t from, struct span what) {
    struct span rest = span_from(s, from);
    const char *hit = rest.n ? memmem(rest.p, rest.n, what.p, what.n) : NULL;
    return hit ? (size_t)(hit - s.p) : s.n;
}

static bool begins_line(struct span s, size_t at) {
    return at == 0 || s.p[at - 1] == '\n';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

static bool is_space(char c) {
    return is_blank(c) || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

static struct span blanks_at(struct span s, size_t at) {
    size_t end = at;
    while (end < s.n && is_blank(s.p[end])) end++;
    return span_sub(s, at, end - at);
}

static void look_around(const struct parser *p, struct tag *tag) {
    struct span s = p->source;
    size_t from = tag->at;
    while (from > 0 && is_blank(s.p[from - 1])) from--;
    tag->clean_before = begins_line(s, from);
    if (tag->clean_before) tag->indent = span_sub(s, from, tag->at - from);
    size_t to = tag->end;
    while (to < s.n && is_blank(s.p[to])) to++;
    if (to + 1 < s.n && s.p[to] == '\r' && s.p[to + 1] == '\n') to++;
    tag->clean_after = to == s.n || s.p[to] == '\n';
    tag->next_line = to == s.n ? to : to + 1;
}

/* Reads the tag whose opening delimiter is at `at`. */
static rc read_tag(const struct parser *p, size_t at, struct tag *out_tag) {
    struct span s = p->source;
    struct tag tag = {.kind = 'x', .at = at};
    size_t inside = at + p->open.n;
    if (inside < s.n && s.p[inside] && strchr("#^/!><$&{=", s.p[inside])) tag.kind = s.p[inside++];

    size_t stop = inside;
    char before = tag.kind == '{' ? '}' : tag.kind == '=' ? '=' : 0;
    while ((stop = find(s, stop, p->close)) < s.n) {
        if (!before) break;
        /* "}}}" ends with the last three: the brace belongs to the name's end */
        if (stop > inside && s.p[stop - 1] == before) break;
        if (s.p[stop] == before && stop + p->close.n < s.n &&
            stop + 1 == find(s, stop + 1, p->close)) {
            stop++;
            break;
        }
        stop++;
    }
    if (stop == s.n) return parse_fail(p, at, RC_INVALID, "the tag is not closed", SPAN(""));
    tag.end = stop + p->close.n;
    tag.name = span_trim(span_sub(s, inside, stop - inside - (before ? 1 : 0)));
    look_around(p, &tag);
    if (tag.kind != '!' && tag.kind != '=') {
        if ((tag.kind == '>' || tag.kind == '<' || tag.kind == '/') && tag.name.n &&
            tag.name.p[0] == '*') {
            tag.dynamic = true;
            tag.name = span_trim(span_from(tag.name, 1));
        }
        bool bad = tag.name.n == 0;
        for (size_t i = 0; i < tag.name.n; i++) bad = bad || is_space(tag.name.p[i]);
        if (bad)
            return parse_fail(p, at, RC_INVALID, "a tag needs a name without white space, not {{",
                              tag.name);
        if (tag.name.n > MUSTACHE_NAME_BYTES_MAX)
            return parse_fail(p, at, RC_TOO_BIG, "the name is too long: {{", tag.name);
    }
    *out_tag = tag;
    return RC_OK;
}

static rc set_delimiters(struct parser *p, const struct tag *tag) {
    struct span s = tag->name, open = {0}, close = {0};
    size_t i = 0;
    while (i < s.n && !is_space(s.p[i])) i++;
    open = span_sub(s, 0, i);
    close = span_trim(span_from(s, i));
    bool bad = open.n == 0 || close.n == 0 || open.n > DELIMITER_BYTES_MAX ||
               close.n > DELIMITER_BYTES_MAX || span_find(s, '=') != s.n;
    for (i = 0; i < close.n; i++) bad = bad || is_space(close.p[i]);
    if (bad)
        return parse_fail(p, tag->at, RC_INVALID,
                          "delimiters are set by two words without \"=\", not {{=", s);
    p->open = open;
    p->close = close;
    return RC_OK;
}

static struct node *node_new(struct parser *p, enum node_kind kind, size_t at, struct span text) {
    struct node *node = ARENA_NEW(p->arena, struct node);
    if (!node) return NULL;
    node->kind = kind;
    node->at = (uint32_t)at;
    node->text = text;
    node->begins_line = begins_line(p->source, at);
    struct level *level = &p->levels[p->depth];
    *level->tail = node;
    level->tail = &node->next;
    level->last = node;
    return node;
}

static rc out_of_memory(const struct parser *p) {
    return parse_fail(p, p->at, RC_TOO_BIG, "the template has too many pieces", SPAN(""));
}

static rc add_text(struct parser *p, size_t from, size_t to) {
    struct level *level = &p->levels[p->depth];
    /* between a parent's arguments text means nothing */
    if (level->node && level->node->kind == NODE_PARENT) return RC_OK;
    while (from < to) {
        struct span rest = span_sub(p->source, from, to - from);
        size_t n = span_find(rest, '\n');
        if (n < rest.n) n++;
        if (!node_new(p, NODE_TEXT, from, span_sub(rest, 0, n))) return out_of_memory(p);
        from += n;
    }
    return RC_OK;
}

static rc push(struct parser *p, struct node *node, size_t content_at) {
    if (p->depth == MUSTACHE_NESTING_MAX)
        return parse_fail(p, node->at, RC_TOO_BIG, "nested too deeply: {{", node->text);
    p->levels[++p->depth] =
        (struct level){.node = node, .tail = &node->first, .content_at = content_at};
    return RC_OK;
}

static bool in_parent(const struct parser *p) {
    const struct node *node = p->levels[p->depth].node;
    return node && node->kind == NODE_PARENT;
}

/* The indentation of the first line from `at`, unless the closing tag stands there already. */
static bool first_indent(const struct parser *p, size_t at, size_t close_at, struct span *out) {
    struct span blanks = blanks_at(p->source, at);
    if (at + blanks.n >= close_at) return false;
    *out = blanks;
    return true;
}

static rc close_block(struct parser *p, const struct tag *tag) {
    struct level level = p->levels[p->depth];
    struct node *block = level.node;
    p->depth--;
    bool argument = in_parent(p);
    p->depth++;
    struct span inner = {0};
    bool has_inner = first_indent(p, level.content_at, tag->at, &inner);
    if (argument) {
        if (block->fresh && has_inner) block->strip = inner.n;
        TRY(add_text(p, p->at, tag->at - (tag->clean_before ? tag->indent.n : 0)));
        p->at = tag->end;
    } else {
        if (block->alone && has_inner) block->indent = inner;
        bool alone = tag->clean_before && tag->clean_after;
        TRY(add_text(p, p->at, tag->at - (alone ? tag->indent.n : 0)));
        p->at = alone ? tag->next_line : tag->end;
    }
    return RC_OK;
}

static rc close_tag(struct parser *p, const struct tag *tag) {
    struct level *level = &p->levels[p->depth];
    struct node *node = level->node;
    if (!node)
        return parse_fail(p, tag->at, RC_INVALID, "nothing is open that could end here: {{/",
                          tag->name);
    if (!span_eq(node->text, tag->name) || node->dynamic != tag->dynamic)
        return parse_fail(p, tag->at, RC_INVALID, "something else must be closed first, by {{/",
                          node->text);
    bool alone = tag->clean_before && tag->clean_after;
    if (node->kind == NODE_BLOCK) {
        TRY(close_block(p, tag));
    } else if (node->kind == NODE_PARENT) {
        node->alone = level->clean_before && tag->clean_after;
        if (node->alone && level->space) level->space->text.n = 0;
        if (node->alone && level->space) level->space->begins_line = false;
        if (!node->alone) node->indent = (struct span){0};
        p->at = node->alone ? tag->next_line : tag->end;
    } else {
        TRY(add_text(p, p->at, tag->at - (alone ? tag->indent.n : 0)));
        p->at = alone ? tag->next_line : tag->end;
    }
    p->depth--;
    return RC_OK;
}

static rc open_parent(struct parser *p, const struct tag *tag) {
    TRY(add_text(p, p->at, tag->at));
    struct node *space = tag->indent.n && !in_parent(p) ? p->levels[p->depth].last : NULL;
    struct node *node = node_new(p, NODE_PARENT, tag->at, tag->name);
    if (!node) return out_of_memory(p);
    node->dynamic = tag->dynamic;
    node->indent = tag->indent;
    p->at = tag->end;
    TRY(push(p, node, tag->end));
    p->levels[p->depth].clean_before = tag->clean_before;
    p->levels[p->depth].space = space;
    return RC_OK;
}

static rc open_block(struct parser *p, const struct tag *tag) {
    bool argument = in_parent(p);
    bool alone = !argument && tag->clean_before && tag->clean_after;
    TRY(add_text(p, p->at, tag->at - (alone ? tag->indent.n : 0)));
    struct node *node = node_new(p, NODE_BLOCK, tag->at, tag->name);
    if (!node) return out_of_memory(p);
    node->alone = alone;
    node->fresh = argument && tag->clean_after;
    node->indent = tag->indent;
    p->at = alone || node->fresh ? tag->next_line : tag->end;
    return push(p, node, p->at);
}

/* All other tags: {{x}} {{{x}}} {{&x}} {{#x}} {{^x}} {{>x}} {{!…}} {{=…=}}. */
static rc plain_tag(struct parser *p, const struct tag *tag) {
    bool field = tag->kind == 'x' || tag->kind == '{' || tag->kind == '&';
    bool alone = !field && tag->clean_before && tag->clean_after;
    TRY(add_text(p, p->at, tag->at - (alone ? tag->indent.n : 0)));
    p->at = alone ? tag->next_line : tag->end;
    if (tag->kind == '!') return RC_OK;
    if (tag->kind == '=') return set_delimiters(p, tag);
    enum node_kind kind = field              ? NODE_FIELD
                          : tag->kind == '#' ? NODE_SECTION
                          : tag->kind == '^' ? NODE_INVERTED
                                             : NODE_PARTIAL;
    struct node *node = node_new(p, kind, tag->at, tag->name);
    if (!node) return out_of_memory(p);
    node->raw = tag->kind == '{' || tag->kind == '&';
    node->dynamic = tag->dynamic;
    if (alone) {
        node->alone = true;
        node->begins_line = false;
        if (kind == NODE_PARTIAL) node->indent = tag->indent;
    }
    return kind == NODE_SECTION || kind == NODE_INVERTED ? push(p, node, p->at) : RC_OK;
}

rc mustache_parse(struct arena *a, struct span name, struct span source,
                  const struct mustache **out_template) {
    struct mustache *t = ARENA_NEW(a, struct mustache);
    if (!t) return rc_fail(RC_TOO_BIG, SPAN_FMT ".mustache:1:1: the arena is full", SPAN_ARG(name));
    *t = (struct mustache){.name = name, .source = source};
    if (source.n > MUSTACHE_BYTES_MAX)
        return rc_fail(RC_TOO_BIG, SPAN_FMT ".mustache:1:1: over %u bytes", SPAN_ARG(name),
                       MUSTACHE_BYTES_MAX);
    struct parser p = {.arena = a,
                       .template = t,
                       .source = source,
                       .open = SPAN("{{"),
                       .close = SPAN("}}"),
                       .levels = {{.tail = &t->first}}};
    for (;;) {
        size_t tag_at = find(source, p.at, p.open);
        if (tag_at == source.n) break;
        struct tag tag = {0};
        TRY(read_tag(&p, tag_at, &tag));
        switch (tag.kind) {
        case '/': TRY(close_tag(&p, &tag)); break;
        case '<': TRY(open_parent(&p, &tag)); break;
        case '$': TRY(open_block(&p, &tag)); break;
        default: TRY(plain_tag(&p, &tag)); break;
        }
    }
    TRY(add_text(&p, p.at, source.n));
    if (p.depth)
        return parse_fail(&p, p.levels[p.depth].node->at, RC_INVALID, "it is never closed: {{",
                          p.levels[p.depth].node->text);
    *out_template = t;
    return RC_OK;
}

/* ---- rendering ------------------------------------------------------------------------------- */

struct context {
    const struct value *value;
    const struct context *outer;
};

/* The arguments of a parent that is being rendered. */
struct frame {
    const struct mustache *template; /* that they stand in */
    const struct node *parent;
    const struct frame *outer;
};

struct renderer {
    const struct mustache_set *set;
    const struct mustache *template; /* whose nodes are being rendered */
    const struct context *context;
    const struct frame *frame;
    struct buf *out;
    bool strict, whole;
    bool indented; /* the next line's indentation is written already */
    unsigned depth;
    uint32_t steps;
    size_t strip;
    size_t indent_n;
    char indent[MUSTACHE_INDENT_BYTES_MAX];
};

const struct mustache *mustache_find(const struct mustache_set *set, struct span name) {
    for (size_t i = 0; i < set->count; i++)
        if (span_eq(set->templates[i]->name, name)) return set->templates[i];
    return NULL;
}

static rc render_nodes(struct renderer *r, const struct node *first);

static rc render_fail(const struct renderer *r, const struct node *node, rc code,
                      const char *what) {
    return complain(r->template, node->at, code, what, node->text);
}

/* *out is NULL for a name that is unknown; in strict mode that is an error. */
static rc look_up(const struct renderer *r, const struct node *node, const struct value **out) {
    struct span rest = node->text;
    const struct value *hit = NULL;
    *out = NULL;
    if (rest.n == 1 && rest.p[0] == '.') {
        *out = r->context->value;
        return RC_OK;
    }
    struct span first = span_cut(&rest, '.');
    for (const struct context *c = r->context; c && !hit; c = c->outer)
        if (c->value->kind == VALUE_MAP) hit = value_field(c->value, first);
    while (hit && rest.p) {
        struct span part = span_cut(&rest, '.');
        if (hit->kind == VALUE_ABSENT) break;
        hit = hit->kind == VALUE_MAP ? value_field(hit, part) : NULL;
    }
    if (!hit && r->strict) return render_fail(r, node, RC_INVALID, "there is no such field: {{");
    *out = hit;
    return RC_OK;
}

static bool is_true(const struct value *v) {
    if (!v) return false;
    switch (v->kind) {
    case VALUE_ABSENT: return false;
    case VALUE_TEXT:
    case VALUE_HTML: return v->text.n > 0;
    case VALUE_BOOL: return v->truth;
    case VALUE_LIST: return v->first != NULL;
    case VALUE_INTEGER:
    case VALUE_MAP: return true;
    }
    return false;
}

/* What a section over it can name is what stands around it. */
static bool is_scalar(const struct value *v) {
    return v && v->kind != VALUE_ABSENT && v->kind != VALUE_LIST && v->kind != VALUE_MAP;
}

static void begin_line(struct renderer *r, const struct node *node) {
    if (!node->begins_line) return;
    if (!r->indented) buf_add(r->out, span_of(r->indent, r->indent_n));
    r->indented = false;
}

static void render_text(struct renderer *r, const struct node *node) {
    struct span text = node->text;
    begin_line(r, node);
    if (node->begins_line)
        for (size_t i = 0; i < r->strip && text.n && is_blank(text.p[0]); i++)
            text = span_from(text, 1);
    buf_add(r->out, text);
}

static rc render_field(struct renderer *r, const struct node *node) {
    const struct value *v;
    begin_line(r, node);
    TRY(look_up(r, node, &v));
    if (!v) return RC_OK;
    bool html = v->kind == VALUE_HTML;
    if (r->strict && v->kind != VALUE_ABSENT) {
        if (node->raw && !html)
            return render_fail(r, node, RC_INVALID, "only html may be written unescaped: {{{");
        if (!node->raw && html)
            return render_fail(r, node, RC_INVALID, "html is written by three braces, not by {{");
        if (v->kind == VALUE_LIST || v->kind == VALUE_MAP)
            return render_fail(r, node, RC_INVALID, "a list or a map cannot be written: {{");
    }
    switch (v->kind) {
    case VALUE_TEXT:
    case VALUE_HTML:
        if (node->raw)
            buf_add(r->out, v->text);
        else
            escape_html(r->out, v->text);
        break;
    case VALUE_INTEGER: buf_i64(r->out, v->integer); break;
    case VALUE_BOOL: buf_str(r->out, v->truth ? "true" : "false"); break;
    case VALUE_ABSENT:
    case VALUE_LIST:
    case VALUE_MAP: break;
    }
    return RC_OK;
}

static rc render_within(struct renderer *r, const struct node *node, const struct value *v) {
    struct context inner = {.value = v, .outer = r->context};
    r->context = &inner;
    rc code = render_nodes(r, node->first);
    r->context = inner.outer;
    return code;
}

static rc render_section(struct renderer *r, const struct node *node) {
    const struct value *v;
    begin_line(r, node);
    TRY(look_up(r, node, &v));
    if (node->kind == NODE_INVERTED)
        return is_true(v) && !r->whole ? RC_OK : render_nodes(r, node->first);
    if (!is_true(v) && !(r->whole && is_scalar(v))) return RC_OK;
    if (v->kind != VALUE_LIST) return render_within(r, node, v);
    for (const struct value *item = v->first; item; item = item->next)
        TRY(render_within(r, node, item));
    return RC_OK;
}

static rc push_indent(struct renderer *r, const struct node *node) {
    struct span more = span_from(node->indent, r->strip);
    if (more.n > sizeof r->indent - r->indent_n)
        return render_fail(r, node, RC_TOO_BIG, "indented too far: {{");
    if (more.n) memcpy(r->indent + r->indent_n, more.p, more.n);
    r->indent_n += more.n;
    return RC_OK;
}

/* A partial, or a parent with its arguments. */
static rc render_partial(struct renderer *r, const struct node *node) {
    struct span name = node->text;
    if (node->dynamic) {
        const struct value *v;
        TRY(look_up(r, node, &v));
        if (!v || v->kind != VALUE_TEXT) {
            if (r->strict)
                return render_fail(r, node, RC_INVALID, "a partial's name is text, not this: {{*");
            return RC_OK;
        }
        name = v->text;
    }
    if (!node->alone) begin_line(r, node);
    const struct mustache *t = mustache_find(r->set, name);
    if (!t) {
        if (r->strict) return render_fail(r, node, RC_INVALID, "there is no such template: {{>");
        return RC_OK;
    }
    const struct mustache *template = r->template;
    const struct frame *outer = r->frame;
    struct frame frame = {.template = template, .parent = node, .outer = outer};
    size_t indent_n = r->indent_n, strip = r->strip;
    TRY(push_indent(r, node));
    r->template = t;
    r->strip = 0;
    r->indented = !node->alone;
    if (node->kind == NODE_PARENT) r->frame = &frame;
    rc code = render_nodes(r, t->first);
    r->frame = outer;
    r->indented = false;
    r->strip = strip;
    r->indent_n = indent_n;
    if (code == RC_OK) r->template = template;
    return code;
}

/* The argument for a block: that of the outermost parent which has one. */
static const struct node *argument_of(struct renderer *r, struct span name,
                                      const struct frame **out_frame) {
    const struct node *hit = NULL;
    for (const struct frame *f = r->frame; f; f = f->outer)
        for (const struct node *n = f->parent->first; n; n = n->next, r->steps++)
            if (n->kind == NODE_BLOCK && span_eq(n->text, name)) {
                hit = n;
                *out_frame = f;
                break;
            }
    return hit;
}

static rc render_block(struct renderer *r, const struct node *node) {
    const struct frame *from = NULL, *frame = r->frame;
    const struct node *argument = argument_of(r, node->text, &from);
    if (!node->alone) begin_line(r, node);
    if (!argument) return render_nodes(r, node->first);
    const struct mustache *template = r->template;
    size_t indent_n = r->indent_n, strip = r->strip;
    TRY(push_indent(r, node));
    if (node->alone && !argument->fresh) {
        if (!r->indented) buf_add(r->out, span_of(r->indent, r->indent_n));
        r->indented = false;
    } else if (!node->alone) {
        r->indented = argument->fresh;
    }
    r->template = from->template;
    r->frame = from->outer; /* the blocks in it are the child's own */
    r->strip = argument->strip;
    rc code = render_nodes(r, argument->first);
    r->frame = frame;
    r->indented = false;
    r->strip = strip;
    r->indent_n = indent_n;
    if (code == RC_OK) r->template = template;
    return code;
}

static rc render_node(struct renderer *r, const struct node *node) {
    switch (node->kind) {
    case NODE_TEXT: render_text(r, node); return RC_OK;
    case NODE_FIELD: return render_field(r, node);
    case NODE_SECTION:
    case NODE_INVERTED: return render_section(r, node);
    case NODE_PARTIAL:
    case NODE_PARENT: return render_partial(r, node);
    case NODE_BLOCK: return render_block(r, node);
    }
    return RC_OK;
}

static rc render_nodes(struct renderer *r, const struct node *first) {
    if (!first) return RC_OK;
    if (r->depth == MUSTACHE_DEPTH_MAX)
        return render_fail(r, first, RC_TOO_BIG, "sections and partials are nested too deeply: {{");
    r->depth++;
    for (const struct node *node = first; node; node = node->next) {
        if (++r->steps > MUSTACHE_STEPS_MAX)
            return render_fail(r, node, RC_TOO_BIG, "the page has too many pieces: {{");
        TRY(render_node(r, node));
        if (r->out->over)
            return render_fail(r, node, RC_TOO_BIG, "the page is over its size limit at {{");
    }
    r->depth--;
    return RC_OK;
}

rc mustache_render(const struct mustache *template, const struct mustache_set *partials,
                   const struct value *const *contexts, size_t count, enum mustache_mode mode,
                   struct buf *out) {
    struct context stack[4];
    CHECK(count >= 1 && count <= COUNT_OF(stack));
    for (size_t i = 0; i < count; i++)
        stack[i] = (struct context){.value = contexts[i], .outer = i ? &stack[i - 1] : NULL};
    struct renderer r = {.set = partials,
                         .template = template,
                         .context = &stack[count - 1],
                         .out = out,
                         .strict = mode != MUSTACHE_LENIENT,
                         .whole = mode == MUSTACHE_WHOLE};
    return render_nodes(&r, template->first);
}
