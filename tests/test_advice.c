/* Advice that can be taken: an option that a page, a refusal or a divergence of a method names is one that the method has.
 * Walks the table of methods, so that a new one is tried too. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "method/items.h"
#include "method/method.h"
#include "suites.h"
#include "train/options.h"

static tamis_error error;

static const tamis_option *find(const method *m, const char *name)
{
    return train_option_find(m->name, name);
}

/* Values to try instead of the default, of any option; those that are out of its range are refused by it. */
static const char *const values[] = {"1", "0", "0.5", "2", "7", "pld", "popularity", "warp", "map@5", "known.csv", "constant", "exponential",
    "cosine", "sampled", "all", "auto", "adam", "lazy-adam", "adagrad", "lazy-sgd", "sgd", "uniform", "normal", "squared", "original",
    "surrogate", "unbiased", "bm25"};

static bool set(const method *m, tamis_train_options *o, const char *name, const char *value)
{
    const tamis_option *row = find(m, name);
    return row && !tamis_option_set(row, o, value, NULL);
}

/* Whether a method takes an option with a value (NULL: any but the default), be it in batches or sample by sample. */
static bool takes(const method *m, const char *name, const char *value)
{
    static const char *const around[][2] = {{NULL, NULL}, {"batch-size", "1024"}, {"batch-size", "0"}, {"pairs", "sampled"}};
    for (size_t a = 0; a < BASE_COUNT(around); a++)
        for (size_t v = 0; v < BASE_COUNT(values); v++) {
            tamis_train_options o;
            char now[100], usual[100];
            ck_assert(!tamis_train_options_default(&o, m->name, NULL));
            tamis_option_text(find(m, name), &o, usual, sizeof usual);
            if (around[a][0] && strcmp(around[a][0], name) == 0) continue;
            if (around[a][0] && !set(m, &o, around[a][0], around[a][1])) continue;
            if (!set(m, &o, name, value ? value : values[v])) continue;
            tamis_option_text(find(m, name), &o, now, sizeof now);
            if ((value || strcmp(now, usual) != 0) && !tamis_option_check(&train_option_table, &o, NULL)) return true;
        }
    return false;
}

/* The next --name of a text and the word behind it, cut at what ends a sentence; false: none. */
static bool next_option(const char **text, char name[60], char value[60])
{
    const char *at = *text ? strstr(*text, "--") : NULL;
    if (!at) return false;
    at += 2;
    size_t n = 0;
    while (n < 59 && (islower((unsigned char)at[n]) || at[n] == '-' || isdigit((unsigned char)at[n]))) n++;
    snprintf(name, 60, "%.*s", (int)n, at);
    at += n;
    *value = '\0';
    if (strncmp(at, ", such as ", 10) == 0) at += 9;
    if (*at == ' ' && strncmp(at + 1, "--", 2) != 0) {
        n = strcspn(at + 1, " ,;:)");
        while (n > 0 && at[n] == '.') n--;
        snprintf(value, 60, "%.*s", (int)(n < 59 ? n : 59), at + 1);
    }
    *text = at;
    return true;
}

/* All that a text names but the option it is about. Gives how many. */
static int check_advice(const method *m, const char *text, const char *about)
{
    char name[60], value[60];
    int named = 0;
    for (const char *at = text; next_option(&at, name, value);) {
        if (strcmp(name, about) == 0) continue;
        ck_assert_msg(find(m, name) != NULL, "%s: \"%s\" names --%s, which it has not", m->name, text, name);
        tamis_train_options o;
        ck_assert(!tamis_train_options_default(&o, m->name, NULL));
        const bool given = *value && set(m, &o, name, value);
        ck_assert_msg(takes(m, name, given ? value : NULL), "%s: \"%s\" names --%s %s, which it does not take", m->name, text, name,
                      given ? value : "");
        named++;
    }
    return named;
}

/* Options that stand one behind the other are one recipe. */
static void check_recipes(const method *m, const char *text)
{
    char name[60], value[60];
    tamis_train_options o;
    const char *end = NULL;
    for (const char *at = text; next_option(&at, name, value);) {
        const tamis_option *row = find(m, name);
        const char *start = at - strlen(name) - 2;
        if (strcmp(name, "select") == 0) { /* of the command line: OPTION=VALUE,... */
            value[strcspn(value, "=")] = '\0';
            ck_assert_msg(find(m, value) && takes(m, value, NULL), "%s: --select %s", m->name, value);
            continue;
        }
        ck_assert_msg(row != NULL, "%s: its page names --%s, which it has not", m->name, name);
        if (!end || start != end + 1) ck_assert(!tamis_train_options_default(&o, m->name, NULL));
        const bool flag = row->type == TAMIS_OPTION_FLAG;
        if (!flag && (!*value || !set(m, &o, name, value))) { /* named alone */
            ck_assert_msg(takes(m, name, NULL), "%s: its page names --%s, which it does not take", m->name, name);
            end = NULL;
            continue;
        }
        if (flag) set(m, &o, name, "1");
        end = flag ? at : at + 1 + strlen(value);
        if (strncmp(end, " --", 3) == 0) continue;
        ck_assert_msg(!tamis_option_check(&train_option_table, &o, &error), "%s: \"%s\": %s", m->name, text, error.text);
    }
}

START_TEST(pages_name_own_options)
{
    const method *m;
    for (size_t k = 0; (m = method_get(k)); k++) {
        check_recipes(m, m->noise);
        check_recipes(m, m->use);
        check_recipes(m, m->cost);
    }
}
END_TEST

/* Each option of each method with other values: what is refused is refused with words that help. */
START_TEST(refusals_name_own_options)
{
    const method *m;
    int refused = 0, named = 0;
    for (size_t k = 0; (m = method_get(k)); k++) {
        const tamis_option_table *table;
        for (size_t t = 0; (table = tamis_train_option_table(m->name, t)); t++)
            for (size_t r = 0; r < table->count; r++)
                for (size_t v = 0; v < BASE_COUNT(values); v++) {
                    tamis_train_options o;
                    const char *name = table->rows[r].name;
                    ck_assert(!tamis_train_options_default(&o, m->name, NULL));
                    if (strcmp(name, "method") == 0 || !set(m, &o, name, values[v])) continue;
                    if (!tamis_option_check(&train_option_table, &o, &error)) continue;
                    if (strncmp(error.text, "there is no", 11) == 0) continue; /* such a metric */
                    named += check_advice(m, error.text, name);
                    refused++;
                }
    }
    ck_assert_int_gt(refused, 300);
    ck_assert_int_gt(named, 50);
}
END_TEST

START_TEST(divergence_names_own_options)
{
    static const char *const extreme[][4] = {{"learning-rate", "1e30"}, {"learning-rate", "1e38", "item-bias", "1"},
        {"learning-rate", "0.01", "regularization", "1000"}, {"regularization", "1e300"}, {"unobserved-weight", "1e300"}};
    static int32_t user[200], item[200];
    tamis_log *log;
    tamis_model *model;
    const method *m;
    for (int n = 0; n < 200; n++) user[n] = n / 10, item[n] = (n * n + n / 10) % 31;
    ck_assert(!tamis_log_from_pairs(user, item, 200, 20, 31, &log, &error));
    for (size_t k = 0; (m = method_get(k)); k++) {
        int seen = 0;
        if (m->trainer == METHOD_BY_ITEMS && !((const method_items *)m->family)->inverse) continue; /* sums of numbers that are in the log */
        for (size_t e = 0; e < BASE_COUNT(extreme); e++) {
            tamis_train_options o;
            ck_assert(!tamis_train_options_default(&o, m->name, &error));
            o.epochs = 6;
            o.factors = 8;
            train_options_idle(&o);
            if (!set(m, &o, extreme[e][0], extreme[e][1]) || (extreme[e][2] && !set(m, &o, extreme[e][2], extreme[e][3]))) continue;
            if (tamis_option_check(&train_option_table, &o, NULL)) continue;
            tamis_status status = tamis_train(log, NULL, &o, NULL, &model, NULL, &error);
            tamis_model_free(model);
            if (status != TAMIS_DIVERGED) continue;
            ck_assert_msg(check_advice(m, error.text, "") > 0, "%s: %s", m->name, error.text);
            seen++;
        }
        ck_assert_msg(seen > 0, "%s does not diverge whatever its options; give this test others", m->name);
    }
    tamis_log_free(log);
}
END_TEST

Suite *advice_suite(void)
{
    Suite *suite = suite_create("advice");
    TCase *tests = tcase_create("advice");
    tcase_add_test(tests, pages_name_own_options);
    tcase_add_test(tests, refusals_name_own_options);
    tcase_add_test(tests, divergence_names_own_options);
    suite_add_tcase(suite, tests);
    return suite;
}
