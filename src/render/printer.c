#include "render/printer.h"

#include "render/escape.h"

static void begin(struct printer *p, const char *name) {
    if (p->comma) buf_char(p->out, ',');
    p->comma = true;
    if (!name) return;
    escape_json(p->out, span_str(name));
    buf_char(p->out, ':');
}

void print_open(struct printer *p, const char *name, char bracket) {
    begin(p, name);
    buf_char(p->out, bracket);
    p->comma = false;
}

void print_close(struct printer *p, char bracket) {
    buf_char(p->out, bracket);
    p->comma = true;
}

void print_text(struct printer *p, const char *name, struct span text) {
    if (text.n == 0) return;
    begin(p, name);
    escape_json(p->out, text);
}

void print_integer(struct printer *p, const char *name, int64_t value) {
    begin(p, name);
    buf_i64(p->out, value);
}
