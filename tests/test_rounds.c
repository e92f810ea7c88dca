/* Logs of several rounds: plain rows in chunks, several threads at a time, and everything else in between row by row,
 * against an account that is kept while the file is written. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/base.h"
#include "base/random.h"
#include "data/index.h"
#include "data/log.h"
#include "suites.h"

enum { USERS = 700, ITEMS = 900, ROWS = 520000 };

/* What stands in a file beside plain rows. */
enum {
    ODD = 1,     /* bad rows, empty lines, carriage returns */
    SPAN = 2,    /* quoted fields that hold line ends, in the middle third of the file alone; read with --quotes csv */
    CLOSED = 4,  /* every row has quoted fields */
    BARE = 8,    /* tabs, and quotes that open nothing; some users' names begin with one */
    NUMBERS = 16 /* numbers are missing here and there */
};

typedef struct account {
    int kind;
    char delimiter;
    int64_t empty, continued, unrated, wide;
    int32_t user_number[USERS], item_number[ITEMS]; /* in order of appearance; -1: not yet */
    int32_t users, items;
    float *rating;   /* of user * ITEMS + item, by what the file calls them; 0: no such pair */
    int64_t rows, bad, below, lines, first_bad, bytes;
} account;

static char path_text[200];

static FILE *new_log(void)
{
    const char *directory = getenv("TMPDIR");
    snprintf(path_text, sizeof path_text, "%.150s/tamis-rounds-XXXXXX", directory ? directory : "/tmp");
    FILE *file = fdopen(mkstemp(path_text), "w");
    ck_assert_ptr_nonnull(file);
    return file;
}

static void note_row(account *a, int user, int item, float rating)
{
    if (a->user_number[user] < 0) a->user_number[user] = a->users++;
    if (a->item_number[item] < 0) a->item_number[item] = a->items++;
    float *place = &a->rating[user * ITEMS + item];
    if (!(rating > 0)) rating = *place > 0 ? *place : NAN; /* a rating counts before one that is missing */
    if (rating > *place || isnan(*place) || isnan(rating)) *place = rating;
}

/* A user's id, long for every ninth, so that it does not fit where short ones do. */
static const char *user_name(const account *a, int user, char *text, size_t size)
{
    snprintf(text, size, user % 9 ? "%su%d" : "%sa-user-with-a-name-longer-than-the-others-%d",
             a->kind & BARE && user % 5 == 0 ? "\"" : "", user);
    return text;
}

/* A row that is read: fields joined by the delimiter, the last one a comment, which is not used. */
static void write_good(FILE *file, const account *a, const char *user, int item, const char *rating, uint32_t shape, bool span)
{
    const char d = a->delimiter;
    static const char *const bare[] = {"\"heroes\"", "\"heroes", "the 12\"", "\"a\" b", "\"", "\"\"\"", "5\" x \"y\"", ""};
    if (span) /* a quoted line end, and a quote that stands for itself */
        fprintf(file, "\"%s\"%ci%d%c%s%c\"two\nlines, and a \"\" quote\"", user, d, item, d, rating, d);
    else if (a->kind & CLOSED)
        fprintf(file, shape % 3 ? "\"%s\"%ci%d%c\"%s\"%c\"a%c \"\"b\"\"\"" : "%s%c\"i%d\"%c%s%c\"\"%cx", user, d, item, d,
                rating, d, d);
    else
        fprintf(file, "%s%ci%d%c%s%c%s", user, d, item, d, rating, d,
                a->kind & BARE ? bare[shape % 8] : shape % 2 ? "some text, more" : "");
}

/* One row in one of many shapes. */
static void write_row(FILE *file, account *a, base_stream *s, bool span)
{
    const int user = (int)(base_below(s, USERS) * (uint64_t)base_below(s, USERS) / USERS), item = (int)base_below(s, ITEMS);
    int rating = 1 + (int)base_below(s, 5);
    const uint32_t shape = base_below(s, 1000);
    const char *end = base_below(s, 4) ? "\n" : "\r\n", d = a->delimiter;
    char name[80], number[16];
    const bool odd = a->kind & ODD;
    user_name(a, user, name, sizeof name);
    a->rows++;
    a->lines++;
    if (odd && shape < 5) { /* a bad row, the first of which is told */
        static const char *const bad[] = {"%s", "%s%c", "%ci%d%c3%cx", "%s%ci%d%cmany%cx", "%s%ci%d"};
        if (a->bad++ == 0) a->first_bad = a->lines;
        if (shape == 2)
            fprintf(file, bad[shape], d, item, d, d);
        else
            fprintf(file, bad[shape], name, d, item, d, d);
        fputs(end, file);
        return;
    }
    if (odd && shape == 5 && d == ',' && !(a->kind & SPAN)) { /* the same: a quote that does not close on its line */
        if (a->bad++ == 0) a->first_bad = a->lines;
        fprintf(file, shape % 2 ? "\"%s,i%d,3,x%s" : "%s,\"i%d\"7,3%s", name, item, end);
        return;
    }
    if (odd && shape < 8) { /* empty lines are no rows */
        fprintf(file, "%s%s", end, end);
        a->lines += 2;
        a->empty += 2;
    }
    snprintf(number, sizeof number, "%d", rating);
    if (a->kind & NUMBERS && shape % 3 == 0) {
        static const char *const none[] = {"", "n/a", "like", "4 of 5"};
        snprintf(number, sizeof number, "%s", none[shape % 4]);
        a->unrated++;
        rating = 0;
    }
    if (rating == 1 && !(a->kind & NUMBERS))
        a->below++;
    else
        note_row(a, user, item, (float)rating);
    if (odd && shape < 40 && !span) { /* a carriage return alone ends a row, too */
        fprintf(file, "%s%ci%d%c%d.0%cx\r", name, d, item, d, rating, d);
        a->rows++;
        a->lines++;
        a->below += rating == 1;
    }
    span &= shape < 30;
    write_good(file, a, name, item, number, shape, span);
    if (!span) a->wide += a->kind & CLOSED ? shape % 3 == 0 : !(a->kind & BARE) && shape % 2; /* what has another column */
    a->lines += span;
    a->continued += span;
    fputs(end, file);
}

static void write_log(account *a, int kind)
{
    *a = (account){.kind = kind, .delimiter = kind & BARE ? '\t' : ',', .rating = calloc((size_t)USERS * ITEMS, sizeof *a->rating)};
    memset(a->user_number, -1, sizeof a->user_number);
    memset(a->item_number, -1, sizeof a->item_number);
    base_stream s = base_stream_key(9, BASE_FOR_SYNTH, (uint64_t)kind & ODD, (uint64_t)kind & ~(uint64_t)ODD);
    FILE *file = new_log();
    const char d = a->delimiter;
    fprintf(file, "user%citem%crating%ccomment\n", d, d, d);
    a->lines = 1;
    for (int k = 0; k < ROWS; k++) write_row(file, a, &s, kind & SPAN && k > ROWS / 3 && k < 2 * (ROWS / 3));
    fprintf(file, "u1%ci1%c5%clast row without a line end", d, d, d);
    a->rows++;
    a->lines++;
    note_row(a, 1, 1, 5);
    a->bytes = ftell(file);
    fclose(file);
}

/* Every pair of the log is in the account with its rating, and as many as there are. */
static void compare(const tamis_log *log, const account *a)
{
    const tamis_log_summary *summary = tamis_log_summarize(log);
    int64_t pairs = 0, wrong = 0;
    char name[80], text[24], first[300];
    for (int k = 0; k < USERS * ITEMS; k++) pairs += a->rating[k] > 0 || isnan(a->rating[k]);
    ck_assert_int_eq(summary->rows, a->rows);
    ck_assert_int_eq(summary->bad, a->bad);
    ck_assert_int_eq(summary->below_rating, a->below);
    ck_assert_int_eq(summary->empty, a->empty);
    ck_assert_int_eq(summary->continued, a->continued);
    ck_assert_int_eq(summary->without_rating, a->unrated);
    ck_assert_int_eq(summary->rows + summary->headers + summary->empty + summary->continued, a->lines);
    ck_assert_int_eq(summary->interactions, pairs);
    int64_t wide = 0;
    for (int k = 0; k < summary->notes; k++)
        if (strstr(summary->note[k].text, "columns and the first row 4")) wide += summary->note[k].rows;
    ck_assert_int_eq(wide, a->wide);
    ck_assert_int_eq(summary->duplicates, a->rows - a->bad - a->below - pairs);
    ck_assert_int_eq(summary->users, a->users);
    ck_assert_int_eq(summary->items, a->items);
    snprintf(first, sizeof first, "%s:%lld:", path_text, (long long)a->first_bad);
    ck_assert(a->bad ? strncmp(summary->first_bad.text, first, strlen(first)) == 0 : !summary->first_bad.text[0]);
    for (int user = 0; user < USERS; user++) {
        if (a->user_number[user] < 0) continue;
        user_name(a, user, name, sizeof name);
        ck_assert_int_eq(id_map_find(log->user_ids, name, strlen(name)), a->user_number[user]);
        for (int64_t k = log->matrix->start[a->user_number[user]]; k < log->matrix->start[a->user_number[user] + 1]; k++) {
            size_t length;
            const char *id = id_map_get(log->item_ids, log->matrix->index[k], &length); /* not closed by NUL */
            if (length >= sizeof text) ck_abort_msg("a long id of an item");
            memcpy(text, id, length);
            text[length] = '\0';
            const int item = atoi(text + 1);
            snprintf(text, sizeof text, "i%d", item);
            wrong += id_map_find(log->item_ids, text, strlen(text)) != log->matrix->index[k] ||
                     a->item_number[item] != log->matrix->index[k] || 
                     (isnan(log->rating[k]) ? !isnan(a->rating[user * ITEMS + item])
                                            : a->rating[user * ITEMS + item] != log->rating[k]);
        }
    }
    ck_assert_int_eq(wrong, 0); /* one assertion: check is slow at a million */
}

static void pack(void)
{
    static char buffer[1 << 16];
    FILE *plain = fopen(path_text, "rb");
    char packed[220];
    snprintf(packed, sizeof packed, "%s.gz", path_text);
    gzFile out = gzopen(packed, "wb1");
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, plain)) > 0;) ck_assert_int_eq(gzwrite(out, buffer, (unsigned)n), (int)n);
    gzclose(out);
    fclose(plain);
    ck_assert_int_eq(rename(packed, path_text), 0);
}

START_TEST(rounds_read_what_stands_there)
{
    static const int kinds[] = {0, ODD, ODD | SPAN, CLOSED | SPAN, ODD | CLOSED, ODD | BARE, NUMBERS};
    const int most = omp_get_max_threads();
    for (size_t kind = 0; kind < BASE_COUNT(kinds); kind++) {
        account a;
        tamis_log_options options;
        tamis_error error;
        write_log(&a, kinds[kind]);
        ck_assert_int_gt(a.bytes, 9 << 20); /* three rounds */
        tamis_log_options_default(&options);
        if (kinds[kind] != NUMBERS) options.min_rating = 2;
        if (kinds[kind] & SPAN) options.quotes = TAMIS_QUOTES_CSV;
        options.on_error = TAMIS_ON_ERROR_SKIP;
        for (int threads = 1; threads <= 3; threads += 2) {
            const char *paths[] = {path_text};
            tamis_log *log;
            if (threads == 3) pack();
            omp_set_num_threads(threads);
            ck_assert_msg(tamis_log_read(paths, 1, &options, &log, &error) == TAMIS_OK, "%s", error.text);
            compare(log, &a);
            tamis_log_free(log);
        }
        unlink(path_text);
        free(a.rating);
    }
    omp_set_num_threads(most);
}
END_TEST

/* Times: whole seconds up to row `whole`, behind it what needs a double. Rows come user by user, or one of each in turn. */
static double time_of(int row, int whole)
{
    return row < whole ? 4294967295.0 - 7.0 * row : row % 2 ? -1.0 - row : row + 0.25;
}

static void user_and_item(int row, bool grouped, int *user, int *item)
{
    *user = grouped ? row / ITEMS : row % USERS;
    *item = grouped ? row % ITEMS : row / USERS;
}

START_TEST(rows_keep_times_and_ratings)
{
    static const int whole[] = {USERS * ITEMS, USERS * ITEMS - 200000, USERS * ITEMS - 200000, 100, 0};
    const int most = omp_get_max_threads();
    for (size_t k = 0; k < BASE_COUNT(whole); k++) {
        const bool grouped = k % 2;
        FILE *file = new_log();
        fputs("user,item,rating,time\n", file);
        for (int row = 0; row < USERS * ITEMS; row++) {
            int user, item;
            user_and_item(row, grouped, &user, &item);
            fprintf(file, "u%d,i%d,%d,%.2f\n", user, item, 1 + row % 5, time_of(row, whole[k]));
        }
        fclose(file);
        for (int threads = 1; threads <= 3; threads += 2) {
            const char *paths[] = {path_text};
            tamis_log *log;
            tamis_error error;
            omp_set_num_threads(threads);
            ck_assert_msg(tamis_log_read(paths, 1, NULL, &log, &error) == TAMIS_OK, "%s", error.text);
            ck_assert_int_eq(tamis_log_interactions(log), USERS * ITEMS);
            int wrong = 0;
            for (int row = 0; row < USERS * ITEMS; row++) { /* numbers by appearance are the file's own here */
                int user, item;
                user_and_item(row, grouped, &user, &item);
                const int64_t at = log->matrix->start[user] + item;
                wrong += log->matrix->index[at] != item || times_at(&log->time, at) != time_of(row, whole[k]) ||
                         log->rating[at] != (float)(1 + row % 5);
            }
            ck_assert_int_eq(wrong, 0);
            tamis_log_free(log);
        }
        unlink(path_text);
    }
    omp_set_num_threads(most);
}
END_TEST

/* the first bad row of a file stops the reading, whatever else is bad in later chunks of its round */
START_TEST(first_bad_row_is_told)
{
    account a;
    tamis_log *log;
    tamis_error error;
    write_log(&a, ODD);
    const char *paths[] = {path_text};
    tamis_log_options options;
    tamis_log_options_default(&options);
    options.min_rating = 1;
    char first[300];
    snprintf(first, sizeof first, "%s:%lld:", path_text, (long long)a.first_bad);
    ck_assert_int_eq(tamis_log_read(paths, 1, &options, &log, &error), TAMIS_DATA);
    ck_assert_msg(strncmp(error.text, first, strlen(first)) == 0, "%s", error.text);
    unlink(path_text);
    free(a.rating);
}
END_TEST

/* A quoted field may begin behind a carriage return, which ends a row where no line feed follows, and may hold one. */
START_TEST(quotes_behind_carriage_returns)
{
    FILE *file = new_log();
    fputs("user_id,item_id\na,b\r\"c\nz,y\nq\r\",d\nx,y\n", file);
    fclose(file);
    const char *paths[] = {path_text};
    tamis_log *log;
    tamis_error error;
    tamis_log_options options;
    tamis_log_options_default(&options);
    options.quotes = TAMIS_QUOTES_CSV;
    ck_assert_msg(tamis_log_read(paths, 1, &options, &log, &error) == TAMIS_OK, "%s", error.text);
    ck_assert_int_eq(tamis_log_interactions(log), 3); /* a b; c.. d; x y */
    ck_assert_int_eq(tamis_log_users(log), 3);
    tamis_log_free(log);
    unlink(path_text);
}
END_TEST

/* Fields of nearly 1 MiB across the ends of rounds; a row's CR LF at the end of a round, in it, and cut in two, which is one
 * line end all the same. */
START_TEST(quotes_across_rounds)
{
    enum { ROUND = 4 << 20, FIELD = 700000, ROW_COUNT = 15 };
    const char *paths[] = {path_text};
    tamis_log_options options;
    tamis_log_options_default(&options);
    options.quotes = TAMIS_QUOTES_CSV;
    for (int before = 0; before < 4; before++) {
        tamis_log *log;
        tamis_error error;
        FILE *file = new_log();
        fputs("user_id,item_id,note\r\n\"u\n\",i,\r\n", file);
        for (long rest = ROUND + before - ftell(file), next; rest; rest -= next) { /* the last row ends where it should */
            next = rest < 20 ? rest : 10;
            fprintf(file, "u,%.*s,n\r\n", (int)next - 6, "i0123456789012345");
        }
        for (int row = 0; row < ROW_COUNT; row++) {
            fprintf(file, "v%d,i,\"", row);
            for (int k = 0; k < FIELD; k += 7) fputs("ab\"\"c\r\n", file);
            fputs("\"\r\n", file);
        }
        fclose(file);
        ck_assert_msg(tamis_log_read(paths, 1, &options, &log, &error) == TAMIS_OK, "%s", error.text);
        const tamis_log_summary *s = tamis_log_summarize(log);
        ck_assert_int_eq(s->users, 2 + ROW_COUNT);
        ck_assert_int_eq(s->empty + s->bad, 0);
        ck_assert_int_eq(s->continued, 1 + ROW_COUNT * FIELD / 7);
        tamis_log_free(log);
        unlink(path_text);
    }
}
END_TEST

/* A third and fourth column that look like ratings and times for a long while, in a file beside one that has both. */
START_TEST(guesses_that_fail_late)
{
    enum { ROW_COUNT = 60000, FAIL = 50000 };
    char first[200];
    for (int kind = 0; kind < 3; kind++) { /* 1: the rating fails, 2: the time */
        FILE *file = new_log();
        snprintf(first, sizeof first, "%s", path_text);
        fputs("user_id,item_id,rating,time\na,i0,5,7\na,i1,4,6\n", file);
        fclose(file);
        file = new_log();
        for (int k = 0; k < ROW_COUNT; k++)
            fprintf(file, "u%d,i%d,%s,%s\n", k / 1000, k % 1000, kind == 1 && k == FAIL ? "x" : "3", kind == 2 && k == FAIL ? "y" : "9");
        fclose(file);
        const char *paths[] = {first, path_text};
        tamis_log *log;
        tamis_error error;
        ck_assert_msg(tamis_log_read(paths, 2, NULL, &log, &error) == TAMIS_OK, "%s", error.text);
        ck_assert_int_eq(tamis_log_interactions(log), ROW_COUNT + 2);
        ck_assert_int_eq(tamis_log_summarize(log)->without_rating, kind == 1 ? ROW_COUNT : 0);
        ck_assert_int_eq(tamis_log_summarize(log)->without_time, kind == 2 ? ROW_COUNT : 0);
        int wrong = 0;
        for (int64_t k = 0; k < ROW_COUNT + 2; k++) {
            const double rating = (double)log->rating[k], time = times_at(&log->time, k);
            if (k < 2) wrong += rating != (double)(5 - k) || time != (double)(7 - k);
            else wrong += (kind == 1 ? !isnan(rating) : rating != 3) || (kind == 2 ? !isnan(time) : time != 9);
        }
        ck_assert_int_eq(wrong, 0);
        tamis_log_free(log);
        unlink(first);
        unlink(path_text);
    }
}
END_TEST

/* Ids of every length up to LONGEST, LETTERS of each, alike but for one byte at any place. */
enum { LONGEST = 40, LETTERS = 3 };

static void make_id(char *id, int length, int place, int letter)
{
    memset(id, '0', (size_t)length);
    id[place] = "0a\xFF"[letter];
    id[length] = '\0';
}

START_TEST(ids_differ_in_any_byte)
{
    char id[LONGEST + 1];
    FILE *file = new_log();
    fputs("user_id,item_id\n", file);
    for (int again = 0; again < 2; again++)
        for (int length = 1; length <= LONGEST; length++)
            for (int place = 0; place < length; place++)
                for (int letter = 0; letter < LETTERS; letter++) {
                    make_id(id, length, place, letter);
                    fprintf(file, again ? "%s,\"%s\"\n" : "%s,%s\n", id, id); /* and without quotes: the same ids */
                }
    fclose(file);
    const char *paths[] = {path_text};
    tamis_log *log;
    tamis_error error;
    ck_assert_msg(tamis_log_read(paths, 1, NULL, &log, &error) == TAMIS_OK, "%s", error.text);
    const int different = LONGEST + LONGEST * (LONGEST + 1) / 2 * (LETTERS - 1); /* all zeros once a length */
    ck_assert_int_eq(tamis_log_users(log), different);
    ck_assert_int_eq(tamis_log_items(log), different);
    ck_assert_int_eq(tamis_log_interactions(log), different);
    for (int64_t user = 0; user < different; user++) {
        size_t user_length, item_length;
        const char *user_id = tamis_log_user_id(log, user, &user_length);
        const char *item_id = tamis_log_item_id(log, log->matrix->index[log->matrix->start[user]], &item_length);
        ck_assert_int_eq(log->matrix->start[user], user);
        ck_assert_uint_eq(user_length, item_length);
        ck_assert_int_eq(memcmp(user_id, item_id, user_length), 0);
    }
    tamis_log_free(log);
    unlink(path_text);
}
END_TEST

/* Telephone numbers, their last and middle digits, and the like: few may want one bucket. Of 10^5 ids in 2^16 buckets, 13
 * in one has a chance below 10^-3 where places are random. */
START_TEST(ids_spread)
{
    enum { IDS = 100000, ROOM = 1 << 18, BUCKETS = ROOM / INDEX_BUCKET, DIGITS = 5 };
    static const char *const shapes[] = {"+4930#####", "#####", "1#2#3#4#5#", "555##-###7", "#.#.#.#.#ab", "u###xxxx##", "0000####00#",
                                         "a-name-that-is-long-#####", "#####-a-name-that-is-long"};
    for (size_t s = 0; s < BASE_COUNT(shapes); s++) {
        uint8_t *wanted = calloc(BUCKETS, 1), most = 0;
        const id_index index = {.room = ROOM};
        ck_assert_ptr_nonnull(wanted);
        for (int k = 0; k < IDS; k++) {
            char id[48], digits[16];
            int next = 0;
            snprintf(digits, sizeof digits, "%05d", k);
            snprintf(id, sizeof id, "%s", shapes[s]);
            for (char *c = id; *c; c++)
                if (*c == '#') *c = digits[next++];
            ck_assert_int_eq(next, DIGITS);
            const index_key key = index_key_of(id, strlen(id));
            uint8_t *bucket = &wanted[index_place(&index, &key) / INDEX_BUCKET];
            if (++*bucket > most) most = *bucket;
        }
        ck_assert_msg(most < 13, "%s: %d in one bucket", shapes[s], most);
        free(wanted);
    }
}
END_TEST

START_TEST(numbers_of_any_length)
{
    const char digits[] = "739184062519840375", odd[] = {'/', ':', (char)('9' | 0x80), ' ', 'e', '\1'};
    const int longest = (int)sizeof digits - 1;
    FILE *file = new_log();
    fputs("user_id,item_id,rating,timestamp\n", file);
    int64_t bad = 0;
    for (int length = 1; length <= longest; length++) {
        fprintf(file, "u,i%d,%.*s,%.*s\n", length, length, digits + longest - length, length, digits);
        for (int place = 0; place < length; place++)
            for (size_t k = 0; k < sizeof odd; k++) {
                char number[32];
                snprintf(number, sizeof number, "%.*s", length, digits);
                number[place] = odd[k];
                if (odd[k] == ' ' && (place == 0 || place == length - 1) && length > 1) continue; /* may be trimmed */
                if (odd[k] == 'e' && place > 0 && place < length - 1) continue;                   /* a number */
                fprintf(file, "u,odd,%s,1\n", number);
                bad++;
            }
    }
    fclose(file);
    const char *paths[] = {path_text};
    tamis_log_options options;
    tamis_log *log;
    tamis_error error;
    tamis_log_options_default(&options);
    options.rating = "rating";
    options.on_error = TAMIS_ON_ERROR_SKIP;
    ck_assert_msg(tamis_log_read(paths, 1, &options, &log, &error) == TAMIS_OK, "%s", error.text);
    ck_assert_int_eq(tamis_log_summarize(log)->bad, bad);
    ck_assert_int_eq(tamis_log_interactions(log), longest);
    for (int length = 1; length <= longest; length++) {
        char number[32];
        snprintf(number, sizeof number, "%.*s", length, digits);
        ck_assert_double_eq(times_at(&log->time, length - 1), strtod(number, NULL));
        ck_assert_float_eq(log->rating[length - 1], strtof(digits + longest - length, NULL));
    }
    tamis_log_free(log);
    unlink(path_text);
}
END_TEST

Suite *rounds_suite(void)
{
    Suite *suite = suite_create("rounds");
    TCase *tests = tcase_create("rounds");
    tcase_add_test(tests, rounds_read_what_stands_there);
    tcase_add_test(tests, rows_keep_times_and_ratings);
    tcase_add_test(tests, first_bad_row_is_told);
    tcase_add_test(tests, quotes_behind_carriage_returns);
    tcase_add_test(tests, quotes_across_rounds);
    tcase_add_test(tests, guesses_that_fail_late);
    tcase_add_test(tests, ids_differ_in_any_byte);
    tcase_add_test(tests, ids_spread);
    tcase_add_test(tests, numbers_of_any_length);
    suite_add_tcase(suite, tests);
    return suite;
}
