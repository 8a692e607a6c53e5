/* The longest common subsequence, by the table that every textbook has, is the second opinion. */
#include "codec/diff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"

struct pair {
    const char *old_text, *new_text;
    size_t compared;
};

static bool same(void *arg, size_t i, size_t j) {
    struct pair *p = arg;
    p->compared++;
    assert_true(i < strlen(p->old_text) && j < strlen(p->new_text));
    return p->old_text[i] == p->new_text[j];
}

/* "a-b+c": a kept, b deleted, c inserted; deletions first. */
static void script(const char *old_text, const char *new_text, const char *wanted) {
    struct pair p = {old_text, new_text, 0};
    bool old_kept[64], new_kept[64];
    char got[256] = "", *at = got;
    size_t n = strlen(old_text), m = strlen(new_text), i = 0, j = 0;
    assert_true(diff(n, m, same, &p, old_kept, new_kept));
    while (i < n || j < m) {
        if (i < n && !old_kept[i]) {
            *at++ = '-';
            *at++ = old_text[i++];
        } else if (j < m && !new_kept[j]) {
            *at++ = '+';
            *at++ = new_text[j++];
        } else {
            assert_true(i < n && j < m && old_text[i] == new_text[j]);
            *at++ = old_text[i++];
            j++;
        }
    }
    *at = 0;
    assert_string_equal(got, wanted);
}

static void small_ones_are_as_expected(void **state) {
    (void)state;
    script("", "", "");
    script("", "ab", "+a+b");
    script("ab", "", "-a-b");
    script("abc", "abc", "abc");
    script("abc", "axc", "a-b+xc");
    script("abc", "xyz", "-a-b-c+x+y+z");
    script("abcd", "bd", "-ab-cd");
    script("aab", "ab", "a-ab");
    script("ab", "aab", "a+ab");
}

static size_t longest_common(const char *a, size_t n, const char *b, size_t m) {
    size_t table[65][65] = {{0}};
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            size_t left = table[i][j - 1], up = table[i - 1][j];
            table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1 : left > up ? left : up;
        }
    return table[n][m];
}

static void random_ones_are_shortest(void **state) {
    (void)state;
    srand(7);
    for (int round = 0; round < 20000; round++) {
        char old_text[65] = "", new_text[65] = "";
        size_t n = (size_t)rand() % 40, m = (size_t)rand() % 40, kept = 0, k = 0, letters;
        letters = 1 + (size_t)rand() % 6;
        for (size_t i = 0; i < n; i++) old_text[i] = (char)('a' + (size_t)rand() % letters);
        for (size_t i = 0; i < m; i++) new_text[i] = (char)('a' + (size_t)rand() % letters);
        struct pair p = {old_text, new_text, 0};
        bool old_kept[64], new_kept[64];
        assert_true(diff(n, m, same, &p, old_kept, new_kept));
        for (size_t i = 0; i < n; i++) {
            if (!old_kept[i]) continue;
            while (k < m && !new_kept[k]) k++;
            assert_true(k < m && old_text[i] == new_text[k]);
            k++;
            kept++;
        }
        while (k < m) assert_false(new_kept[k++]);
        assert_int_equal(kept, longest_common(old_text, n, new_text, m));
    }
}

/* So many letters more, in the middle. */
static void apart(size_t deleted, size_t inserted, bool wanted) {
    size_t n = 10 + deleted, m = 10 + inserted, kept = 0;
    char *old_text = mem_new(n + 1), *new_text = mem_new(m + 1);
    bool *old_kept = mem_new(n), *new_kept = mem_new(m);
    memset(old_text, 'x', n);
    memset(new_text, 'x', m);
    memset(old_text + 5, 'o', deleted);
    memset(new_text + 5, 'n', inserted);
    struct pair p = {old_text, new_text, 0};
    assert_int_equal(diff(n, m, same, &p, old_kept, new_kept), wanted);
    for (size_t i = 0; i < n; i++) kept += old_kept[i];
    assert_int_equal(kept, 10);
    kept = 0;
    for (size_t i = 0; i < m; i++) kept += new_kept[i];
    assert_int_equal(kept, 10);
    assert_true(p.compared < (n + m) * (DIFF_COST_MAX + 2));
    mem_free(old_text);
    mem_free(new_text);
    mem_free(old_kept);
    mem_free(new_kept);
}

static void the_cost_is_limited(void **state) {
    (void)state;
    apart(DIFF_COST_MAX, 0, true);
    apart(DIFF_COST_MAX + 1, 0, false);
    apart(0, DIFF_COST_MAX, true);
    apart(DIFF_COST_MAX / 2, DIFF_COST_MAX / 2, true);
    apart(DIFF_COST_MAX / 2, DIFF_COST_MAX / 2 + 1, false);
    apart(20000, 20000, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_ones_are_as_expected),
        cmocka_unit_test(random_ones_are_shortest),
        cmocka_unit_test(the_cost_is_limited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
