/* Files that are hostile to readers of CSV: quotes, delimiters and line ends in any order. Every physical line is in exactly
 * one count, and what is read is what a plain walk over each line, written for this test alone, expects; where fields span
 * lines, what libcsv reads from files that it accepts. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#if __has_include(<csv.h>)
#include <csv.h>
#define HAVE_LIBCSV
#endif

#include "base/base.h"
#include "base/random.h"
#include "data/log.h"
#include "suites.h"

enum { MOST_BYTES = 6 << 20, MOST_FIELDS = 600, ID = 64 };

typedef struct pair {
    char user[ID], item[ID];
} pair;

/* What a file should come to. */
typedef struct expected {
    int64_t lines, headers, empty, bad, used;
    pair *pairs; /* used of them */
    size_t columns; /* of the first row */
} expected;

static char path_text[200], *bytes;
static size_t count;

static void put(const char *text, size_t length)
{
    ck_assert(count + length < MOST_BYTES);
    memcpy(bytes + count, text, length);
    count += length;
}

/* Ids stay short, so that an expected one can be held; runs of quotes are as likely as single ones. */
static void make_file(base_stream *s, char delimiter, bool header, int pieces)
{
    const char d[] = {delimiter, '\0'};
    const char *const piece[] = {"\"", "\"\"", "\"", "\"\"\"", d, d, d, d, "u1", "u2", "i1", "7", "a b", " ", "x\"", "\xC3\xA9",
                                 "\n", "\n", "\n", "\r\n", "\n\n", "\r", "\"\n", "\r\n\"", ";", ","};
    char head[64];
    int since = 0;
    count = 0;
    snprintf(head, sizeof head, "user_id%citem_id%cnote\n", delimiter, delimiter);
    if (header) put(head, strlen(head));
    for (int k = 0; k < pieces; k++) {
        const char *next = piece[base_below(s, BASE_COUNT(piece))];
        if (++since > 12) next = "\n";
        if (strpbrk(next, "\r\n")) since = 0;
        put(next, strlen(next));
    }
}

/* Fields of a line, quotes undone. -1: a field opens with a quote that does not close; *fields counts those before. */
static int walk(const char *line, size_t length, char delimiter, bool quotes, char field[MOST_FIELDS][ID], size_t *fields, bool *parted)
{
    size_t at = 0;
    *fields = 0;
    for (;;) {
        char *to = field[*fields];
        size_t n = 0, k = at;
        if (quotes && at < length && line[at] == '"') {
            bool hold = false, closed = false;
            for (k = at + 1; k < length; k++) {
                if (line[k] == '"' && k + 1 < length && line[k + 1] == '"') k++;
                else if (line[k] == '"') {
                    closed = k + 1 == length || line[k + 1] == delimiter;
                    break;
                }
                hold |= line[k] == delimiter;
                to[n++] = line[k];
            }
            if (!closed && delimiter != '\t') return -1;
            if (closed) {
                *parted |= hold;
                at = k + 1;
            } else {
                n = 0;
                k = at;
            }
        }
        if (k == at)
            for (; at < length && line[at] != delimiter; at++) to[n++] = line[at];
        to[n] = '\0';
        ++*fields;
        if (at == length) return 0;
        at++;
    }
}

static size_t line_length(const char *line)
{
    size_t length = 0;
    while (line + length < bytes + count && line[length] != '\n' && line[length] != '\r') length++;
    return length;
}

/* The next line that is not empty; NULL: there is none. */
static const char *next_line(const char *line, size_t *length)
{
    while (line < bytes + count && (*line == '\n' || *line == '\r')) line++;
    *length = line_length(line);
    return *length ? line : NULL;
}

/* Fields of a line; where tabs part them and quotes hold tabs, as many as `columns` (0: not known) if one of the readings has. */
static size_t count_fields(const char *line, size_t length, char delimiter, bool quotes, size_t columns, bool *parted)
{
    static char field[MOST_FIELDS][ID];
    size_t fields, again;
    bool other;
    *parted = false;
    const int fault = walk(line, length, delimiter, quotes, field, &fields, parted);
    (void)walk(line, length, delimiter, false, field, &again, &other);
    return fault || (*parted && delimiter == '\t' && columns && fields != columns && again == columns) ? again : fields;
}

/* Of the first row; where its quotes hold tabs, the second one tells how many columns to look for. */
static size_t first_columns(char delimiter, bool quotes)
{
    size_t length, more, columns;
    bool parted, other;
    const char *first = next_line(bytes, &length);
    if (!first) return 0;
    columns = count_fields(first, length, delimiter, quotes, 0, &parted);
    const char *second = next_line(first + length, &more);
    if (!parted || !second) return columns;
    return count_fields(first, length, delimiter, quotes, count_fields(second, more, delimiter, quotes, 0, &other), &parted);
}

static void expect_line(expected *e, const char *line, size_t length, char delimiter, int quotes, bool header)
{
    static char field[MOST_FIELDS][ID];
    size_t fields;
    bool parted = false;
    if (length == 0) {
        e->empty++;
        return;
    }
    if (header && !e->headers) {
        e->headers++;
        return;
    }
    const bool quoted = quotes != TAMIS_QUOTES_NONE;
    if (!walk(line, length, delimiter, quoted, field, &fields, &parted) &&
        count_fields(line, length, delimiter, quoted, e->columns, &parted) != fields)
        (void)walk(line, length, delimiter, false, field, &fields, &parted);
    if (fields < 2 || !field[0][0] || !field[1][0]) {
        e->bad++;
        return;
    }
    memcpy(e->pairs[e->used].user, field[0], strlen(field[0]));
    memcpy(e->pairs[e->used++].item, field[1], strlen(field[1]));
}

static expected expect(char delimiter, int quotes, bool header)
{
    expected e = {.pairs = calloc(count + 1, sizeof *e.pairs), .columns = first_columns(delimiter, quotes != TAMIS_QUOTES_NONE)};
    for (size_t at = 0; at < count;) {
        const size_t length = line_length(bytes + at), end = at + length;
        e.lines++;
        expect_line(&e, bytes + at, length, delimiter, quotes, header);
        at = end + 1 + (end + 1 < count && bytes[end] == '\r' && bytes[end + 1] == '\n');
    }
    return e;
}

/* ---- libcsv */

#ifdef HAVE_LIBCSV
typedef struct asked {
    expected *e;
    pair row;
    size_t field;
    bool header;
} asked;

static int no_space(unsigned char c)
{
    (void)c;
    return 0;
}

static void on_field(void *text, size_t length, void *context)
{
    asked *a = context;
    char *to = a->field == 0 ? a->row.user : a->field == 1 ? a->row.item : NULL;
    if (to) memcpy(to, text, length < ID ? length : ID - 1);
    a->field++;
}

static void on_row(int end, void *context)
{
    asked *a = context;
    (void)end;
    if (a->header && !a->e->headers)
        a->e->headers++;
    else if (a->field > 1 && a->row.user[0] && a->row.item[0])
        a->e->pairs[a->e->used++] = a->row;
    else
        a->e->bad++;
    a->row = (pair){.user = ""};
    a->field = 0;
}

/* False: it refuses the file, for a quote that opens nothing or does not close. */
static bool ask_libcsv(char delimiter, bool header, expected *e)
{
    struct csv_parser parser;
    asked a = {.e = e, .header = header};
    e->headers = e->bad = e->used = 0;
    csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI);
    csv_set_delim(&parser, (unsigned char)delimiter);
    csv_set_space_func(&parser, no_space);
    const bool done = csv_parse(&parser, bytes, count, on_field, on_row, &a) == count && csv_fini(&parser, on_field, on_row, &a) == 0;
    csv_free(&parser);
    return done;
}
#else
static bool ask_libcsv(char delimiter, bool header, expected *e)
{
    (void)delimiter;
    (void)header;
    (void)e;
    return false;
}
#endif

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(pair));
}

/* Each pair once, in order. */
static size_t sort_pairs(pair *pairs, size_t n)
{
    size_t kept = 0;
    qsort(pairs, n, sizeof *pairs, by_bytes);
    for (size_t k = 0; k < n; k++)
        if (!kept || by_bytes(&pairs[kept - 1], &pairs[k]) != 0) pairs[kept++] = pairs[k];
    return kept;
}

static void same_pairs(const tamis_log *log, expected *e)
{
    const size_t n = (size_t)tamis_log_interactions(log);
    pair *got = calloc(n + 1, sizeof *got);
    size_t at = 0, length;
    for (int64_t u = 0; u < tamis_log_users(log); u++)
        for (int64_t k = log->matrix->start[u]; k < log->matrix->start[u + 1]; k++, at++) {
            const char *id = tamis_log_user_id(log, u, &length);
            memcpy(got[at].user, id, length < ID ? length : ID - 1);
            id = tamis_log_item_id(log, log->matrix->index[k], &length);
            memcpy(got[at].item, id, length < ID ? length : ID - 1);
        }
    ck_assert_uint_eq(sort_pairs(got, n), n);
    ck_assert_uint_eq(sort_pairs(e->pairs, (size_t)e->used), n);
    ck_assert_int_eq(memcmp(got, e->pairs, n * sizeof *got), 0);
    free(got);
}

static tamis_status read_file(char delimiter, int quotes, bool header, tamis_log **log, tamis_error *error)
{
    const char *paths[] = {path_text}, d[] = {delimiter, '\0'};
    tamis_log_options options;
    tamis_log_options_default(&options);
    options.delimiter = d;
    options.quotes = quotes;
    options.header = header ? TAMIS_HEADER_YES : TAMIS_HEADER_NO;
    options.on_error = TAMIS_ON_ERROR_SKIP;
    FILE *file = fopen(path_text, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, count, file), count);
    fclose(file);
    return tamis_log_read(paths, 1, &options, log, error);
}

static int64_t files_asked, lines_asked; /* about which libcsv was asked, and in quotes of them */

/* Returns how many lines went on in quotes. */
static int64_t check_file(char delimiter, int quotes, bool header)
{
    tamis_log *log;
    tamis_error error;
    int64_t continued = 0;
    expected e = expect(delimiter, quotes, header);
    const tamis_status status = read_file(delimiter, quotes, header, &log, &error);
    const bool answered = quotes == TAMIS_QUOTES_CSV && ask_libcsv(delimiter, header, &e);
    const bool known = quotes != TAMIS_QUOTES_CSV || answered; /* what to expect, row by row */
    if (status) { /* nothing to read, or a first row without two columns */
        ck_assert_int_eq(status, TAMIS_DATA);
        if (known) ck_assert_msg(e.used == 0 || e.columns < 2 || strstr(error.text, "the quote"), "%s", error.text);
    } else {
        const tamis_log_summary *s = tamis_log_summarize(log);
        continued = s->continued;
        ck_assert_int_eq(s->rows + s->headers + s->empty + s->continued, e.lines);
        ck_assert_int_eq(s->rows, s->bad + s->interactions + s->duplicates);
        ck_assert_int_eq(s->headers, header);
        if (known) {
            ck_assert_int_eq(s->bad, e.bad);
            same_pairs(log, &e);
        }
        if (quotes != TAMIS_QUOTES_CSV) {
            ck_assert_int_eq(s->empty, e.empty);
            ck_assert_int_eq(continued, 0);
        }
        files_asked += answered;
        lines_asked += answered ? continued : 0;
    }
    tamis_log_free(log);
    free(e.pairs);
    return continued;
}

static void setup(void)
{
    const char *directory = getenv("TMPDIR");
    snprintf(path_text, sizeof path_text, "%.150s/tamis-quotes-XXXXXX", directory ? directory : "/tmp");
    close(mkstemp(path_text));
    bytes = malloc(MOST_BYTES);
    ck_assert_ptr_nonnull(bytes);
}

static void teardown(void)
{
    unlink(path_text);
    free(bytes);
}

START_TEST(every_line_is_in_one_count)
{
    static const char delimiters[] = ",\t;|";
    int64_t continued = 0;
    for (int k = 0; k < 2400; k++) {
        base_stream s = base_stream_key(22, BASE_FOR_SYNTH, (uint64_t)k, 0);
        make_file(&s, delimiters[k % 4], k % 5 > 0, 1 + (int)base_below(&s, 120));
        continued += check_file(delimiters[k % 4], k / 4 % 3, k % 5 > 0);
    }
    ck_assert_int_gt(continued, 100);
}
END_TEST

/* The same in files of more than a round, and of chunks that several threads scan: one small file again and again. */
START_TEST(whatever_the_cut)
{
    const int most = omp_get_max_threads();
    for (int k = 0; k < 6; k++) {
        base_stream s = base_stream_key(23, BASE_FOR_SYNTH, (uint64_t)k, 0);
        const char delimiter = k % 2 ? '\t' : ',';
        make_file(&s, delimiter, true, 40000 + k);
        put("\n", 1);
        char *once = malloc(count);
        const size_t begin = strcspn(bytes, "\n") + 1, length = count - begin;
        memcpy(once, bytes, count);
        for (int again = 0; again < (k < 2 ? 60 : 3); again++) put(once + begin, length);
        free(once);
        omp_set_num_threads(1 + k % 3);
        (void)check_file(delimiter, k / 2, true);
    }
    omp_set_num_threads(most);
}
END_TEST

/* Fields that are quoted as they have to be, but too few, too many or none, between line ends of all kinds. */
START_TEST(as_libcsv_reads)
{
    static const char *const part[] = {"\"\"", "\"\"", "\n", "\r\n", "\r", ",", "a", "b ", "\"\"\n\"\"", "\t"};
    files_asked = lines_asked = 0;
    for (int k = 0; k < 400; k++) {
        base_stream s = base_stream_key(25, BASE_FOR_SYNTH, (uint64_t)k, 0);
        const char d[] = {",\t"[k % 2], '\0'};
        count = 0;
        for (int row = 0; row < 30; row++) {
            for (int field = 0, fields = (int)base_below(&s, 5); field < fields; field++) {
                const bool quoted = base_below(&s, 2);
                if (field) put(d, 1);
                if (quoted) put("\"", 1);
                for (int n = (int)base_below(&s, 4); n > 0; n--) {
                    const char *text = quoted ? part[base_below(&s, BASE_COUNT(part))] : "c";
                    put(text, strlen(text));
                }
                if (quoted) put("\"", 1);
            }
            const char *const end = k % 2 ? "\n" : row % 5 ? "\r\n" : "\r";
            if (row < 29 || k % 3) put(end, strlen(end));
        }
        (void)check_file(*d, TAMIS_QUOTES_CSV, k % 5 > 0);
    }
#ifdef HAVE_LIBCSV
    ck_assert_int_gt(files_asked, 300);
    ck_assert_int_gt(lines_asked, 1000);
#endif
}
END_TEST

/* Fields of anything, quoted as they have to be: with --quotes csv what is read is what was meant. */
START_TEST(csv_reads_what_is_quoted)
{
    static const char *const part[] = {"\"", "\"\"", ",", "\n", "\r\n", "\r", "a", "b", " ", "\"\n\"", ",\""};
    enum { ROWS = 3000 };
    for (int k = 0; k < 20; k++) {
        base_stream s = base_stream_key(24, BASE_FOR_SYNTH, (uint64_t)k, 0);
        expected e = {.used = ROWS, .pairs = calloc(ROWS, sizeof *e.pairs)};
        tamis_log *log;
        tamis_error error;
        count = 0;
        put("user_id,note,item_id\n", 21);
        for (int row = 0; row < ROWS; row++) {
            char note[ID] = "";
            char *const text[] = {e.pairs[row].user, note, e.pairs[row].item};
            for (int field = 0; field < 3; field++) {
                for (int n = 1 + (int)base_below(&s, 5); n > 0; n--) strcat(text[field], part[base_below(&s, BASE_COUNT(part))]);
                if (field) put(",", 1);
                put("\"", 1);
                for (const char *c = text[field]; *c; c++) put(*c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
                put("\"", 1);
            }
            put(k % 2 ? "\n" : "\r\n", k % 2 ? 1 : 2);
        }
        ck_assert_msg(read_file(',', TAMIS_QUOTES_CSV, true, &log, &error) == TAMIS_OK, "%s", error.text);
        ck_assert_int_eq(tamis_log_summarize(log)->bad, 0);
        ck_assert_int_eq(tamis_log_summarize(log)->rows, ROWS);
        same_pairs(log, &e);
        tamis_log_free(log);
        free(e.pairs);
    }
}
END_TEST

Suite *quotes_suite(void)
{
    Suite *suite = suite_create("quotes");
    TCase *tests = tcase_create("quotes");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, every_line_is_in_one_count);
    tcase_add_test(tests, whatever_the_cut);
    tcase_add_test(tests, as_libcsv_reads);
    tcase_add_test(tests, csv_reads_what_is_quoted);
    suite_add_tcase(suite, tests);
    return suite;
}
