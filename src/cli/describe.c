/* A log described: what its rows came to, how active users and how popular items are, what looks wrong. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/date.h"
#include "base/status.h"
#include "cli/describe.h"
#include "cli/json.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/table.h"
#include "cli/text.h"

enum { TOP = 5, BINS = 34, WIDTH = 80 };

static const char *const role[] = {"user", "item", "rating", "time"}; /* as tamis_log_summary.column */

typedef struct entry {
    int64_t interactions, index;
} entry;

/* Users, or items, by how many interactions they have. */
typedef struct side {
    const char *noun, *most; /* "user", "most active users" */
    const char *(*id)(const tamis_log *log, int64_t index, size_t *length);
    int64_t count, interactions, single; /* single: those with one interaction */
    entry *entry;                        /* the largest first */
    int64_t bin[BINS], bin_interactions[BINS];
    double median, top_share; /* of a hundredth of them, at least one */
} side;

static int larger_first(const void *a, const void *b)
{
    const entry *x = a, *y = b;
    if (x->interactions != y->interactions) return x->interactions < y->interactions ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Bin 0 is of none, bin b of 2^(b-1) to 2^b - 1. */
static int bin_of(int64_t interactions)
{
    int bin = 0;
    for (; interactions && bin < BINS - 1; interactions >>= 1) bin++;
    return bin;
}

static int64_t bin_from(int bin)
{
    return bin ? INT64_C(1) << (bin - 1) : 0;
}

static int64_t bin_to(int bin)
{
    return bin ? (INT64_C(1) << bin) - 1 : 0;
}

static double share(int64_t part, int64_t all)
{
    return all ? (double)part / (double)all : 0;
}

static void sum_up(side *s)
{
    const int64_t n = s->count, top = n < 100 ? 1 : n / 100;
    int64_t of_top = 0;
    qsort(s->entry, (size_t)n, sizeof *s->entry, larger_first);
    for (int64_t k = 0; k < n; k++) {
        const int64_t interactions = s->entry[k].interactions;
        s->bin[bin_of(interactions)]++;
        s->bin_interactions[bin_of(interactions)] += interactions;
        s->single += interactions == 1;
        if (k < top) of_top += interactions;
    }
    const int64_t low = (n - 1) / 2, high = n / 2;
    s->median = ((double)s->entry[low].interactions + (double)s->entry[high].interactions) / 2;
    s->top_share = share(of_top, s->interactions);
}

static int count(const tamis_log *log, side *users, side *items)
{
    int64_t n;
    *users = (side){.noun = "user", .most = "most active users", .id = tamis_log_user_id, .count = tamis_log_users(log)};
    *items = (side){.noun = "item", .most = "most popular items", .id = tamis_log_item_id, .count = tamis_log_items(log)};
    users->interactions = items->interactions = tamis_log_interactions(log);
    users->entry = calloc((size_t)users->count, sizeof *users->entry);
    items->entry = calloc((size_t)items->count, sizeof *items->entry);
    if (!users->entry || !items->entry) return cli_fail(TAMIS_FAILURE, "not enough memory to count interactions");
    for (int64_t i = 0; i < items->count; i++) items->entry[i].index = i;
    for (int64_t u = 0; u < users->count; u++) {
        const int32_t *item = tamis_log_row(log, u, &n);
        users->entry[u] = (entry){n, u};
        for (int64_t k = 0; k < n; k++) items->entry[item[k]].interactions++;
    }
    sum_up(users);
    sum_up(items);
    return 0;
}

/* Of the ratings that are not missing. False: there are none. */
static bool rate(const tamis_log *log, double *least, double *mean, double *most)
{
    int64_t n, rated = 0;
    double sum = 0;
    for (int64_t u = 0; u < tamis_log_users(log); u++) {
        const float *rating = tamis_log_rating(log, u);
        (void)tamis_log_row(log, u, &n);
        for (int64_t k = 0; rating && k < n; k++) {
            const double r = (double)rating[k];
            if (isnan(r)) continue;
            if (!rated || r < *least) *least = r;
            if (!rated || r > *most) *most = r;
            sum += r;
            rated++;
        }
    }
    *mean = rated ? sum / (double)rated : 0;
    return rated > 0;
}

/* ---- for people */

/* A line, in which ids, names and paths from outside may stand. */
static void print(cli_out *out, const char *format, ...) BASE_PRINTF(2, 3);
static void print(cli_out *out, const char *format, ...)
{
    char text[1400], plain[2800];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    base_clean(plain, sizeof plain, text, strlen(text));
    cli_out_text(out, plain);
    cli_out_text(out, "\n");
}

/* "64-127": returns its length. */
static int name_bin(int bin, char text[48])
{
    if (bin_from(bin) == bin_to(bin)) return snprintf(text, 48, "%" PRId64, bin_from(bin));
    return snprintf(text, 48, "%" PRId64 "-%" PRId64, bin_from(bin), bin_to(bin));
}

static void print_histogram(const side *s, cli_out *out)
{
    char name[48], counted[32], bar[WIDTH + 1];
    const int last = bin_of(s->entry[0].interactions), first = bin_of(s->entry[s->count - 1].interactions);
    const int names = name_bin(last, name) > 12 ? name_bin(last, name) : 12; /* "interactions" */
    const int counts = (int)strlen(cli_count(s->count, counted)) > 5 ? (int)strlen(counted) : 5;
    const int room = WIDTH - names - counts - 26;
    int64_t most = 1;
    for (int b = first; b <= last; b++)
        if (s->bin[b] > most) most = s->bin[b];
    print(out, "%*s  %*s  %6s  %6s", names, "interactions", counts, s->noun[0] == 'u' ? "users" : "items", "share", "of all");
    for (int b = first; b <= last; b++) {
        const int length = (int)((double)s->bin[b] / (double)most * room + 0.5), shown = s->bin[b] && !length ? 1 : length;
        memset(bar, '#', (size_t)shown);
        bar[shown] = '\0';
        name_bin(b, name);
        print(out, "%*s  %*s  %5.1f%%  %5.1f%%%s%s", names, name, counts, cli_count(s->bin[b], counted), 100 * share(s->bin[b], s->count),
              100 * share(s->bin_interactions[b], s->interactions), shown ? "  " : "", bar);
    }
}

static void print_top(const tamis_log *log, const side *s, cli_out *out)
{
    cli_table table = {.columns = 3};
    char id[280], counted[32];
    size_t length;
    cli_table_cell(&table, "%s", s->most);
    cli_table_cell(&table, "%s", "interactions");
    cli_table_cell(&table, "%s", "share");
    for (int64_t k = 0; k < TOP && k < s->count; k++) {
        const char *text = s->id(log, s->entry[k].index, &length);
        cli_table_cell(&table, "%.40s", base_quote(id, sizeof id, text, length));
        cli_table_cell(&table, "%s", cli_count(s->entry[k].interactions, counted));
        cli_table_cell(&table, "%.2f%%", 100 * share(s->entry[k].interactions, s->interactions));
    }
    cli_table_print(&table, out);
}

static void print_side(const tamis_log *log, const side *s, cli_out *out)
{
    char least[32], most[32], top[64];
    print(out, "of a%s %s: %s to %s interactions, mean %.1f, median %.1f", s->noun[0] == 'u' ? "" : "n", s->noun,
          cli_count(s->entry[s->count - 1].interactions, least), cli_count(s->entry[0].interactions, most),
          share(s->interactions, s->count), s->median);
    print_histogram(s, out);
    print_top(log, s, out);
    print(out, "the first hundredth, %s: %.1f%% of all", cli_plural(s->count < 100 ? 1 : s->count / 100, s->noun, top), 100 * s->top_share);
}

static void put_counts(cli_table *table, const tamis_log_summary *s)
{
    const struct {
        const char *name;
        int64_t value;
        bool always;
    } counts[] = {{"rows", s->rows, true},
                  {"  bad", s->bad, true},
                  {"  left out", s->left_out, false},
                  {"  below --min-rating", s->below_rating, false},
                  {"  repeats", s->duplicates, true},
                  {"  removed by k-core", s->core_interactions, false},
                  {"users", s->users, true},
                  {"items", s->items, true},
                  {"interactions", s->interactions, true},
                  {"dislikes", s->dislikes, false}};
    char text[32];
    for (size_t k = 0; k < BASE_COUNT(counts); k++) {
        if (!counts[k].always && !counts[k].value) continue;
        cli_table_cell(table, "%s", counts[k].name);
        cli_table_cell(table, "%s", cli_count(counts[k].value, text));
    }
}

static void put_columns(cli_table *table, const tamis_log_summary *s)
{
    char text[400] = "";
    for (size_t k = 0, used = 0; k < BASE_COUNT(role); k++)
        if (*s->column[k]) used += (size_t)snprintf(text + used, sizeof text - used, "%s%s = %s", used ? ", " : "", role[k], s->column[k]);
    if (s->taken) snprintf(text, sizeof text, "none: %s", s->taken);
    if (!*text) return;
    cli_table_cell(table, "columns");
    cli_table_cell(table, "%s", text);
}

static void put_values(cli_table *table, const tamis_log *log)
{
    const tamis_log_summary *s = tamis_log_summarize(log);
    double least, mean, most;
    char a[40], b[40];
    cli_table_cell(table, "density");
    cli_table_cell(table, "%.3g%%", 100 * (double)s->interactions / ((double)s->users * (double)s->items));
    if (rate(log, &least, &mean, &most)) {
        cli_table_cell(table, "ratings");
        cli_table_cell(table, "%.4g to %.4g, mean %.4g", least, most, mean);
    }
    if (s->weighted) {
        cli_table_cell(table, "weights");
        cli_table_cell(table, "%.4g to %.4g, mean %.4g", s->least_weight, s->largest_weight, s->mean_weight);
    }
    if (!s->timed) return;
    cli_table_cell(table, "times");
    cli_table_cell(table, "%s to %s, %.1f days", date_text(s->first_time, a), date_text(s->last_time, b), (s->last_time - s->first_time) / 86400);
}

static void print_doubts(const tamis_log_summary *s, const side *users, const side *items, cli_out *out)
{
    char a[64], b[64];
    print(out, "what to look at");
    if (s->bad) print(out, "- %s bad; the first: %s", cli_plural(s->bad, "row", a), s->first_bad.text);
    for (int k = 0; k < s->notes; k++) print(out, "- %s%s", s->note[k].warning ? "warning: " : "", s->note[k].text);
    const side *sides[] = {users, items};
    for (size_t k = 0; k < 2; k++)
        if (sides[k]->single)
            print(out, "- %s of %s with one interaction (%.1f%%): %s 2 leaves them out", cli_count(sides[k]->single, b),
                  cli_plural(sides[k]->count, sides[k]->noun, a), 100 * share(sides[k]->single, sides[k]->count),
                  k ? "--min-item-interactions" : "--min-user-interactions");
    if (!s->bad && !s->notes && !users->single && !items->single) print(out, "- nothing");
}

static void describe_text(const cli_args *args, const tamis_log *log, const side *users, const side *items)
{
    cli_out out = {0};
    cli_table table = {.columns = 2, .left = true};
    const tamis_log_summary *s = tamis_log_summarize(log);
    cli_table_cell(&table, "log");
    if (args->operands == 1) cli_table_cell(&table, "%s", args->operand[0]);
    else cli_table_cell(&table, "%zu files, %s to %s", args->operands, args->operand[0], args->operand[args->operands - 1]);
    put_columns(&table, s);
    put_counts(&table, s);
    put_values(&table, log);
    cli_table_print(&table, &out);
    cli_out_text(&out, "\n");
    print_side(log, users, &out);
    cli_out_text(&out, "\n");
    print_side(log, items, &out);
    cli_out_text(&out, "\n");
    print_doubts(s, users, items, &out);
}

/* ---- for programs */

static void side_json(const tamis_log *log, const side *s, const char *name, cli_json *json)
{
    size_t length;
    cli_json_open(json, name, '{');
    cli_json_integer(json, "least", s->entry[s->count - 1].interactions);
    cli_json_integer(json, "most", s->entry[0].interactions);
    cli_json_real(json, "mean", share(s->interactions, s->count));
    cli_json_real(json, "median", s->median);
    cli_json_integer(json, "with_one", s->single);
    cli_json_real(json, "share_of_first_hundredth", s->top_share);
    cli_json_open(json, "histogram", '[');
    for (int b = 0; b < BINS; b++) {
        if (!s->bin[b]) continue;
        cli_json_open(json, NULL, '{');
        cli_json_integer(json, "from", bin_from(b));
        cli_json_integer(json, "to", bin_to(b));
        cli_json_integer(json, "count", s->bin[b]);
        cli_json_integer(json, "interactions", s->bin_interactions[b]);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
    cli_json_open(json, "top", '[');
    for (int64_t k = 0; k < TOP && k < s->count; k++) {
        const char *id = s->id(log, s->entry[k].index, &length);
        cli_json_open(json, NULL, '{');
        cli_json_string(json, "id", id, length);
        cli_json_integer(json, "interactions", s->entry[k].interactions);
        cli_json_real(json, "share", share(s->entry[k].interactions, s->interactions));
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
    cli_json_close(json, '}');
}

static void spread_json(cli_json *json, const char *name, double least, double mean, double most)
{
    cli_json_open(json, name, '{');
    cli_json_real(json, "least", least);
    cli_json_real(json, "mean", mean);
    cli_json_real(json, "most", most);
    cli_json_close(json, '}');
}

static void summary_json(const tamis_log_summary *s, cli_json *json)
{
    const struct {
        const char *name;
        int64_t value;
    } counts[] = {{"rows", s->rows}, {"bad", s->bad}, {"left_out", s->left_out}, {"below_rating", s->below_rating},
                  {"repeats", s->duplicates}, {"removed_by_core", s->core_interactions}, {"users", s->users}, {"items", s->items},
                  {"interactions", s->interactions}, {"dislikes", s->dislikes}, {"busy_users", s->busy_users},
                  {"busiest_rows", s->busiest_rows}};
    cli_json_open(json, "columns", '{');
    for (size_t k = 0; k < BASE_COUNT(role); k++)
        if (*s->column[k]) cli_json_text(json, role[k], s->column[k]);
    cli_json_close(json, '}');
    for (size_t k = 0; k < BASE_COUNT(counts); k++) cli_json_integer(json, counts[k].name, counts[k].value);
    if (s->weighted) spread_json(json, "weights", s->least_weight, s->mean_weight, s->largest_weight);
    if (!s->timed) return;
    cli_json_real(json, "first_time", s->first_time);
    cli_json_real(json, "last_time", s->last_time);
}

static void describe_json(const cli_args *args, const tamis_log *log, const side *users, const side *items)
{
    cli_out out = {0};
    cli_json json = {.out = &out};
    const tamis_log_summary *s = tamis_log_summarize(log);
    double least, mean, most;
    cli_json_open(&json, NULL, '{');
    cli_json_open(&json, "logs", '[');
    for (size_t k = 0; k < args->operands; k++) cli_json_text(&json, NULL, args->operand[k]);
    cli_json_close(&json, ']');
    summary_json(s, &json);
    if (rate(log, &least, &mean, &most)) spread_json(&json, "ratings", least, mean, most);
    side_json(log, users, "per_user", &json);
    side_json(log, items, "per_item", &json);
    cli_json_open(&json, "notes", '[');
    for (int k = 0; k < s->notes; k++) {
        cli_json_open(&json, NULL, '{');
        cli_json_raw(&json, "warning", s->note[k].warning ? "true" : "false");
        cli_json_text(&json, "text", s->note[k].text);
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    cli_json_close(&json, '}');
    cli_json_line(&json);
}

int cli_describe_log(const cli_args *args, const tamis_log *log, bool json)
{
    side users, items;
    const int code = count(log, &users, &items);
    if (!code) (json ? describe_json : describe_text)(args, log, &users, &items);
    free(users.entry);
    free(items.entry);
    return code;
}
