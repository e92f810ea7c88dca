/* tamis: train recommenders on noisy implicit feedback.
 *
 *   tamis_log *log = NULL;  tamis_model *model = NULL;  tamis_error error;
 *   const char *paths[] = {"clicks.csv.gz"};
 *   if (tamis_log_read(paths, 1, NULL, &log, &error) || tamis_train(log, NULL, NULL, NULL, &model, NULL, &error))
 *       fprintf(stderr, "%s\n", error.text);
 *
 * Conventions, true of every function here unless its comment says otherwise:
 *  - A function that can fail returns a tamis_status (0 = done) and writes one sentence into *error (which may be NULL).
 *  - What a function gives through an out-pointer belongs to the caller, who frees it with tamis_..._free();
 *    on failure the out-pointer is set to NULL. tamis_..._free(NULL) does nothing.
 *  - A const pointer that a function returns belongs to the object it was asked of and lives as long as it.
 *  - Where a function needs a log or a model, NULL is TAMIS_USAGE; functions without a status return 0, NULL, or -1 for what
 *    they find.
 *  - An index (of a user, an item, a metric, a row) must be within the range that its comment names: it is not checked.
 *  - Options may be NULL, which means the defaults. Text inside options stays the caller's and must outlive the call.
 *  - A struct of options begins with its size, which tamis_..._options_default() sets along with the defaults, so that
 *    it can grow at its end. Members that a program's header did not have yet get their defaults; members that the library
 *    does not have yet must be left as tamis_..._options_default() sets them, 0, else TAMIS_USAGE, which is also what
 *    options come to that were never filled in. Structs of results that the caller has room for keep room at their end;
 *    those that a function returns by pointer may grow. All others never change: elements of arrays, pairs of
 *    {context, call}, tamis_error, tamis_user_list.
 *  - Objects are read-only once made, but for the few functions whose comment says "Changes": any number of threads may
 *    read one log or model at the same time, and different objects may be used from different threads freely. What the
 *    library keeps for the process (OpenBLAS once it is loaded, the temporary files to be removed) changes no outcome.
 *  - Numbers are read and written with a decimal point, the same bytes whatever locale the program has set.
 *  - The caller leaves floating point as C starts with it: rounding to nearest, no traps.
 *  - The library never prints, exits, installs signal handlers or changes the caller's OpenMP settings.
 *  - Where a limit (on processes, on address space) allows fewer threads than are wanted, fewer are used, down to one; what
 *    comes out is the same. OpenMP's runtime ends the process when it cannot make a thread, so the library tries before
 *    each team grows; what another process takes between the trial and the team is beyond it.
 *  - In a child of fork() whose parent has used the library, every call runs on one thread, since gcc's OpenMP would wait
 *    for threads that the child does not have. If the parent has used OpenMP for other things only, ask for threads = 1
 *    there, and set OMP_NUM_THREADS=1 for what has no such option (reading logs and models).
 *  - Users are rows 0..users-1 and items 0..items-1, numbered in the order in which they first appear in the log;
 *    ids are byte strings of any content but NUL, kept as they stand in the file. Logs are compared with each other and
 *    with models by id, never by row.
 *  - In comments, s_ui is a score, p_u and q_i rows of factors, clicks_i how many interactions an item has in the log that
 *    is trained on, n_u how many a user has.
 */
#ifndef TAMIS_H
#define TAMIS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(TAMIS_BUILDING) && defined(__GNUC__)
#define TAMIS_API __attribute__((visibility("default")))
#else
#define TAMIS_API
#endif

/* ------------------------------------------------------------------ status */

/* 1 to 4 are also exit codes of the program. */
typedef enum tamis_status {
    TAMIS_OK = 0,       /* done */
    TAMIS_FAILURE = 1,  /* memory, a file that cannot be read or written */
    TAMIS_USAGE = 2,    /* an option or argument out of range, an empty path */
    TAMIS_DATA = 3,     /* the content of a file is wrong: the sentence says file:line:column */
    TAMIS_DIVERGED = 4, /* training ran into non-finite numbers */
    TAMIS_STOPPED = 5,  /* a callback asked to stop */
    TAMIS_ELSEWHERE = 6 /* a file was written, but under another name, which the sentence tells */
} tamis_status;

typedef struct tamis_error {
    char text[1024]; /* one sentence: what, where, what to do; "" after success */
} tamis_error;

/* Asked every few milliseconds of work by the thread that made a long call, which may take seconds or hours; non-zero: the
 * call ends soon. Options have a place for it. */
typedef struct tamis_stop {
    void *context;
    int (*call)(void *context);
} tamis_stop;

/* "0.1.0": the version of the library that is running. */
TAMIS_API const char *tamis_version(void);

/* --------------------------------------------------------------------- log */

/* A log of interactions: the ids and a sparse matrix of users by items in CSR (compressed sparse rows). Every stored pair is
 * a positive, except in a labelled log, see tamis_log_options.relevance. */
typedef struct tamis_log tamis_log;

typedef enum tamis_format { TAMIS_FORMAT_AUTO, TAMIS_FORMAT_CSV, TAMIS_FORMAT_ADJACENCY, TAMIS_FORMAT_MTX,
                            TAMIS_FORMAT_JSONL } tamis_format;
typedef enum tamis_header { TAMIS_HEADER_AUTO, TAMIS_HEADER_YES, TAMIS_HEADER_NO } tamis_header;
typedef enum tamis_quotes { TAMIS_QUOTES_AUTO, TAMIS_QUOTES_CSV, TAMIS_QUOTES_NONE } tamis_quotes;
typedef enum tamis_on_error { TAMIS_ON_ERROR_STOP, TAMIS_ON_ERROR_SKIP } tamis_on_error;
typedef enum tamis_weight_transform { TAMIS_WEIGHT_LOG, TAMIS_WEIGHT_LINEAR, TAMIS_WEIGHT_NONE } tamis_weight_transform;
typedef enum tamis_repeats { TAMIS_REPEATS_MERGE, TAMIS_REPEATS_COUNT, TAMIS_REPEATS_SUM } tamis_repeats;
typedef enum tamis_keep { TAMIS_KEEP_MOST, TAMIS_KEEP_FIRST, TAMIS_KEEP_LAST } tamis_keep;
typedef enum tamis_keep_time { TAMIS_KEEP_TIME_FIRST, TAMIS_KEEP_TIME_LAST } tamis_keep_time;

typedef struct tamis_log_options {
    size_t size;                   /* set by tamis_..._options_default() */
    int format;                    /* tamis_format; AUTO: by the first bytes (MatrixMarket's banner, an object on
                                      the first line), else CSV */
    int header;                    /* tamis_header; AUTO: by the names in the first row */
    const char *user, *item;       /* column name or 1-based position; NULL: recognised by name, else columns 1 and 2 */
    const char *rating, *time;     /* the same; NULL: recognised by name, else absent */
    const char *delimiter;         /* one character, or "tab"; NULL: the one of , tab ; | that the first line holds most */
    int quotes;                    /* tamis_quotes. A field in double quotes may hold delimiters and, doubled, quotes. AUTO: it
                                      closes on the line on which it opens; a quote that opens and does not is a character
                                      like others where tabs part the columns, and makes a bad row elsewhere. CSV: it may
                                      hold line ends too. NONE: quotes are characters like others */
    double min_rating;             /* rows rated below are not positives; -INFINITY: every row is one */
    int64_t min_user_interactions; /* k-core: users, then items, with fewer are dropped, until none is left that has; >= 1 */
    int64_t min_item_interactions; /* the same of items */
    int on_error;                  /* tamis_on_error */
    const char *relevance;         /* column of relevance, read in the place of rating: makes a labelled log, for
                                      test and validation, of pairs that were judged, relevant or not. NULL: none */
    const struct tamis_log_options *beside; /* of a second log, such as a mask: the options that the first one was read
                                      with, which hold as far as this file has what they name. A column's name or
                                      delimiter holds where the first line has it; a position, and that there is no
                                      header, unless that line has known names of user and item; min_rating where there
                                      are ratings; format, header, quotes and on_error anyhow; k-core and relevance never.
                                      What is set here comes first. NULL: none */
    const char *prefix;            /* of a second log: what messages put before the names of column options; "mask-":
                                      --mask-user. NULL: nothing */
    const char *where;     /* rows of CSV files are read where this holds: "COLUMN=VALUE,VALUE...", "COLUMN!=VALUE,VALUE...", or a
                              column with <, <=, > or >= and a number; in double quotes what has blanks or signs around or in it.
                              NULL: all */
    const char *where_not; /* rows for which this holds are left out; NULL: none */
    const char *where_name; /* the option that messages name for both; NULL: "--where" and "--where-not" */
    /* Weights of rows; those of a pair that stands several times are made first, then merged or added up. */
    const char *weight;     /* column of numbers r above 0, which then is not taken for ratings of itself; NULL: none */
    double weight_scale;    /* a in what follows. NAN: 1 over the mean over all rows of r, or of ln(1 + r), and in the end all
                               weights are divided by their mean, as are those by half_life alone */
    int weight_transform;   /* tamis_weight_transform. LOG: the weight is 1 + a ln(1 + r); LINEAR: 1 + a r; NONE: r */
    int repeats;            /* tamis_repeats, of rows of the same user and item. MERGE: one interaction; COUNT: their number is its
                               weight; SUM: their weights add up */
    int keep;               /* tamis_keep, of rows of the same user and item: the largest rating and weight stay, or those of the
                               first or last row, by time where there are times, else by place */
    int keep_time;          /* tamis_keep_time: which time stays */
    const char *event;      /* column of kinds of events; NULL: recognised by name */
    const char *event_weight; /* weights of kinds of events: "view=1,cart=3"; another kind makes a bad row. NULL: none */
    double half_life;       /* days in which a row's weight halves, by its time, in seconds since 1970 (or parts of them, by
                               their size), from now on backwards. NAN: it does not */
    const char *now;        /* a time; NULL: that of the newest row */
    const char *dislike;    /* rows for which this holds (as of where) say no: they are no positives, but the log's dislikes,
                               and need neither weight nor rating. NULL: rows with 1 or true in a column that is called
                                dislike */
    const char *time_format; /* of times, in the words of strptime with English names: "%d.%m.%Y %H:%M"; NULL: numbers, and dates
                               such as 2010-10-19T23:55:27Z or 2010/10/19 */
    int trim;               /* 1: blanks around ids of CSV files are no part of them */
    double dislike_below;   /* the same of rows rated below; at most min_rating if that is given. NAN: none. Of rows of the same
                               user and item the positive stays, or, with keep FIRST or LAST and MERGE, that row */
    int64_t day_limit;      /* above 0: the summary gets the span of the times, and users with more rows on a day (UTC) are noted */
} tamis_log_options;

/* Something that is not wrong with a file, but perhaps with how it was taken. */
typedef enum tamis_note_kind {
    TAMIS_NOTE_COLUMN, /* a column taken as user, item or rating looks like something else; rows wider than the first one */
    TAMIS_NOTE_RATING, /* ratings, labels or kinds of events are there, and every row counts as a positive */
    TAMIS_NOTE_ID,     /* ids that differ by blanks, or stand for a missing value */
    TAMIS_NOTE_FILE,   /* a file was taken in another way than the one before it */
    TAMIS_NOTE_WEIGHT, /* counts or weights are there, and rows count alike; or how rows were weighed */
    TAMIS_NOTE_USER    /* users with more rows on a day than day_limit */
} tamis_note_kind;

typedef struct tamis_note {
    int kind;       /* tamis_note_kind */
    int warning;    /* 1: the log is hardly what was meant; 0: to be known */
    int64_t rows;   /* that it is about, where they were counted; else 0 */
    char text[600]; /* a sentence with what to do, without a full stop; "" past the last */
} tamis_note;

enum { TAMIS_NOTES = 8 };

/* What happened to every row that was read. rows = positives + disliked + below_rating + left_out + bad; interactions = what remains of the
 * positives after merging duplicates and the k-core. The lines of CSV files are rows + headers + empty + continued. */
typedef struct tamis_log_summary {
    int64_t rows, bad, below_rating, duplicates;
    int64_t headers, empty;               /* empty: of adjacency lists, lines without an item */
    int64_t continued;                    /* lines with which a row goes on, by a quoted field that holds line ends */
    int64_t without_rating, without_time; /* positives, where a column for it is known: it is missing or does not parse */
    int64_t core_users, core_items, core_interactions; /* removed by the k-core */
    int64_t users, items, interactions;
    tamis_error first_bad; /* the sentence about the first bad row; "" when there is none */
    int format;            /* tamis_format of the first log */
    int header;            /* 1: the first CSV log's first row names its columns */
    char column[4][64];    /* its columns of user, item, rating and time: a name, or the position from 1; "": none */
    int ratings_differ;    /* 1: the interactions have ratings, which are not all the same */
    int notes;
    tamis_note note[TAMIS_NOTES]; /* the first so many that came up */
    const char *taken;     /* how rows of a format without columns were taken: "lines of a user and items"; NULL: by columns */
    int64_t left_out;      /* rows that where and where_not do not take */
    int64_t weighted;      /* 1: interactions have weights, between these: */
    double least_weight, mean_weight, largest_weight;
    char weight_column[64]; /* that they are made of: a name, or the position from 1; "": none */
    int64_t disliked, dislikes; /* rows that say no; pairs of them, once merged, without those that are positives, too, */
    int64_t both;           /* of which there are so many */
    char dislike_column[64];
    int64_t timed;         /* 1: with day_limit, and rows have times, from first_time to last_time, seconds since 1970: */
    double first_time, last_time;
    int64_t busy_users, busiest_rows; /* users with more rows on a day than day_limit; the most rows of one of them on a day */
    int64_t core_dislikes; /* removed by the k-core, with their users and items */
} tamis_log_summary;

TAMIS_API void tamis_log_options_init(tamis_log_options *options, size_t size);
#define tamis_log_options_default(options) tamis_log_options_init(options, sizeof *(options))

/* A small table, such as the ages of users or the genres of items: a CSV file with a header (plain or gzip, fields
 * separated by what the header holds most of , tab ; |), all of it in memory as text. Rows are numbered without the header.
 * Quotes are those of TAMIS_QUOTES_CSV, between tabs of TAMIS_QUOTES_AUTO.
 * TAMIS_DATA: a row with more or fewer fields than the header, a quote that opens a field and does not close it. */
typedef struct tamis_table tamis_table;
TAMIS_API tamis_status tamis_table_read(const char *path, tamis_table **table, tamis_error *error);
TAMIS_API void tamis_table_free(tamis_table *table);
/* A column by its name, or by its position from 1. TAMIS_DATA: there is none. */
TAMIS_API tamis_status tamis_table_find(const tamis_table *table, const char *name, size_t *column, tamis_error *error);

/* Reads and merges one or more logs, path_count >= 1: CSV or TSV, JSON lines, adjacency lists, MatrixMarket; plain, gzip or zstd (by
 * content); "-" is standard input. A pair that stands several times is kept once, with its largest rating, largest weight and
 * first time (seconds since 1970 UTC), unless options say otherwise. Ratings and times that no option asks for may be missing in any
 * row, or in one of several files.
 * TAMIS_DATA: a bad row (file:line:column, where column counts fields), a missing column, a truncated file, no interaction
 * left; TAMIS_FAILURE: a file that cannot be read, memory. */
TAMIS_API tamis_status tamis_log_read(const char *const *paths, size_t path_count, const tamis_log_options *options,
                                      tamis_log **log, tamis_error *error);

/* Where a column's name stands among those by which tamis_log_read() recognises columns of users, items, ratings, times: from 0, the
 * usual ones first; -1: it is none of them. Of several the one that stands first is taken. Case, blanks, _ and - do not matter. */
typedef enum tamis_column { TAMIS_COLUMN_USER, TAMIS_COLUMN_ITEM, TAMIS_COLUMN_RATING, TAMIS_COLUMN_TIME } tamis_column;
TAMIS_API int64_t tamis_column_place(int column, const char *name);

/* A log from memory: pairs of numbers, or a matrix in compressed rows (CSR), with what may belong to them. Interactions stand
 * in any order, in a row of a CSR matrix too; a pair that stands several times is merged as in tamis_log_read(). */
typedef struct tamis_log_arrays {
    size_t size;            /* set by tamis_log_arrays_default(), which sets all else to 0 */
    int64_t users, items;   /* 1 to 2^31 - 1 each; those without an interaction are in the log, too */
    int64_t count;          /* interactions, 1 or more */
    int labelled;           /* 1: rating is relevance, see tamis_log_options.relevance; none may be missing */
    const int32_t *item;    /* count, each 0 to items - 1 */
    const int32_t *user;    /* count, each 0 to users - 1; or NULL, and: */
    const int64_t *start;   /* users + 1: user u's interactions are start[u] .. start[u+1] - 1; start[users] = count */
    const float *rating;    /* count, NAN: missing; NULL: there are none */
    const double *time;     /* the same; seconds since 1970, or any numbers that ascend with time */
    const char *const *user_id, *const *item_id; /* an id for each, all different; NULL: the numbers in decimal */
    const size_t *user_id_length, *item_id_length; /* their bytes; NULL: closed by NUL */
    const float *weight;    /* count, each finite and above 0: how much an interaction counts; NULL: 1 each */
    int64_t repeats;        /* tamis_repeats; COUNT: there are no weights */
    const unsigned char *dislike; /* count, 1: the user dislikes the item, 0: not; NULL: none does */
} tamis_log_arrays;
TAMIS_API void tamis_log_arrays_init(tamis_log_arrays *arrays, size_t size);
#define tamis_log_arrays_default(arrays) tamis_log_arrays_init(arrays, sizeof *(arrays))

/* The arrays stay the caller's: all is copied, and they may be freed or changed afterwards. The call reads nothing else and
 * keeps nothing, so that any number of threads may make logs at a time. TAMIS_USAGE: a number out of range, an id that is
 * empty or stands twice, arrays that do not fit each other; the sentence says which and where. TAMIS_DATA: no interaction. */
TAMIS_API tamis_status tamis_log_from_arrays(const tamis_log_arrays *arrays, tamis_log **log, tamis_error *error);

/* The same of pairs alone: pair k is (user[k], item[k]). */
TAMIS_API tamis_status tamis_log_from_pairs(const int32_t *user, const int32_t *item, int64_t count, int64_t users,
                                            int64_t items, tamis_log **log, tamis_error *error);
TAMIS_API void tamis_log_free(tamis_log *log);

TAMIS_API const tamis_log_summary *tamis_log_summarize(const tamis_log *log);
/* Rows, columns and non-zeros of the matrix. */
TAMIS_API int64_t tamis_log_users(const tamis_log *log);
TAMIS_API int64_t tamis_log_items(const tamis_log *log);
TAMIS_API int64_t tamis_log_interactions(const tamis_log *log);
/* User u's items, ascending: tamis_log_row(log, u, &n)[0..n-1]. 0 <= user < users. */
TAMIS_API const int32_t *tamis_log_row(const tamis_log *log, int64_t user, int64_t *count);
/* Their ratings, or relevance in a labelled log, as many; NAN: missing; NULL: the log has none. */
TAMIS_API const float *tamis_log_rating(const tamis_log *log, int64_t user);
/* Their weights, finite and above 0, as many; NULL: 1 each. */
TAMIS_API const float *tamis_log_weight(const tamis_log *log, int64_t user);
/* The items that user u dislikes, ascending; none of them is in u's row. */
TAMIS_API const int32_t *tamis_log_dislikes(const tamis_log *log, int64_t user, int64_t *count);
/* The id's bytes (not NUL-terminated) and their number; 0 <= user < users, 0 <= item < items. */
TAMIS_API const char *tamis_log_user_id(const tamis_log *log, int64_t user, size_t *length);
TAMIS_API const char *tamis_log_item_id(const tamis_log *log, int64_t item, size_t *length);

/* Adds the users and items of other that log lacks, without other's interactions: a model trained on log then has factors
 * for them too, and methods on all pairs learn from their silence. Changes log; no other thread may use it meanwhile. */
TAMIS_API tamis_status tamis_log_add_ids(tamis_log *log, const tamis_log *other, tamis_error *error);

/* Writes CSV: user_id,item_id and, where the log has them, rating,timestamp,weight; a missing one as an empty field. Dislikes are
 * rows with 1 in a further column, dislike, which tamis_log_read() takes for what it is. A name in .gz
 * is compressed. Here as everywhere, a file appears under its name when it is complete, or not at all. */
TAMIS_API tamis_status tamis_log_write(const tamis_log *log, const char *path, tamis_error *error);
/* The same bytes, in pieces, to a function of the caller's, in the calling thread; non-zero: it wants no more, and the
 * status is TAMIS_STOPPED. */
typedef struct tamis_sink {
    void *context;
    int (*call)(void *context, const void *bytes, size_t count);
} tamis_sink;
TAMIS_API tamis_status tamis_log_put(const tamis_log *log, const tamis_sink *sink, tamis_error *error);

typedef enum tamis_split_order { TAMIS_SPLIT_RANDOM, TAMIS_SPLIT_TIME } tamis_split_order;

typedef struct tamis_split_options {
    size_t size;                   /* set by tamis_..._options_default() */
    double test_ratio;             /* share of each user's interactions, [0, 1) */
    double validation_ratio;       /* the same; test_ratio + validation_ratio < 1 */
    int order;                     /* tamis_split_order; TIME: the latest go to test, those before to validation */
    uint64_t seed;
    /* In the place of shares one of these: */
    int64_t last;            /* each user's latest so many go to test; 0: not so */
    int64_t validation_last; /* those before to validation */
    const char *test_from;   /* a time: what is not earlier goes to test; NULL: not so */
    const char *validation_from; /* what is not earlier, and is not in test, to validation */
    int64_t folds;           /* each interaction is in one of so many folds, a user's spread over all as evenly as can be; 0: not so */
    int64_t fold;            /* 1..folds: that goes to test */
    int64_t validation_fold; /* that to validation; 0: none */
} tamis_split_options;

TAMIS_API void tamis_split_options_init(tamis_split_options *options, size_t size);
#define tamis_split_options_default(options) tamis_split_options_init(options, sizeof *(options))

/* Cuts a log per user: round(ratio * n) of a user's n interactions each to test and validation, or the last ones, and at least
 * one stays in train; or by a time for all, or into folds, where users may have nothing left in train. The parts have the log's
 * rows of users and items. Dislikes are in train, or where a cut is by time in the part of that time. validation and test may be
 * NULL: not wanted. TAMIS_DATA: a cut by time of a log in which times are missing, or of which nothing is before that time. */
TAMIS_API tamis_status tamis_log_split(const tamis_log *log, const tamis_split_options *options, tamis_log **train,
                                       tamis_log **validation, tamis_log **test, tamis_error *error);

/* Holds users out, with all of their rows: round(ratio * n) of the n users who have any, at random. rest and held have the log's rows of
 * users and items. TAMIS_USAGE: a ratio that is not between 0 and 1, or holds nobody out. */
TAMIS_API tamis_status tamis_log_hold_out(const tamis_log *log, double ratio, uint64_t seed, tamis_log **rest, tamis_log **held,
                                          tamis_error *error);

/* What a test log has in common with the log that was trained on, and should not have. */
typedef struct tamis_leakage {
    int64_t train_rows, test_rows;
    int64_t shared_rows;               /* of the test log, that are in train too */
    int64_t test_users, unknown_users; /* users of the test log; those without a row in train */
    int64_t test_items, unknown_items; /* likewise */
    int timed;                         /* 1: both logs have times */
    int64_t later_rows;                /* of train, later than the same user's first test row */
    int64_t reserved[4]; /* 0, until a later version puts something there */
} tamis_leakage;
TAMIS_API tamis_status tamis_log_leakage(const tamis_log *train, const tamis_log *test, tamis_leakage *leakage,
                                         tamis_error *error);

/* ------------------------------------------------------------------- noise */

/* Noise to put into a log. Each share is of a user's interactions n_u; several add up. */
typedef struct tamis_noise_options {
    size_t size;                   /* set by tamis_..._options_default() */
    double uniform; /* floor(uniform n_u) items, each as likely, that the user has no interaction with */
    double popular; /* the same, items in proportion to their interactions */
    double users;   /* this share of the users, at random, get floor(users_ratio n_u) uniform items each; the others none */
    double drop;    /* floor(drop n_u) of the user's own interactions are taken away, but never the last one */
    int paper_protocol; /* 1: injected items may be among the held-out ones, as in the PLD authors' script */
    uint64_t seed;
    double users_ratio; /* see users */
    const tamis_log *const *held_out; /* logs whose interactions, matched by id, are not injected either; NULL: none */
    size_t held_outs;                 /* how many */
} tamis_noise_options;

TAMIS_API void tamis_noise_options_init(tamis_noise_options *options, size_t size);
#define tamis_noise_options_default(options) tamis_noise_options_init(options, sizeof *(options))

/* The name of a kind of noise and what it does; NULL past the last. kind 0 is "clean": rows that were there. */
TAMIS_API const char *tamis_noise_kind(size_t kind, const char **help);

/* Puts noise into a log: the items of injected rows are drawn among the log's items, without those the user has in log
 * or in a held-out one; rating, weight and time are those of one of the user's own rows. The noisy log has the log's rows of users
 * and items. *kind gets one kind per interaction of the noisy log, in the order of its rows, to be freed with tamis_free();
 * *dropped the pairs taken away, or NULL when there are none. kind and dropped may be NULL: not wanted. */
TAMIS_API tamis_status tamis_log_noise(const tamis_log *log, const tamis_noise_options *options, tamis_log **noisy,
                                       uint8_t **kind, tamis_log **dropped, tamis_error *error);
/* Frees an array that a function has given. */
TAMIS_API void tamis_free(void *memory);

/* ---------------------------------------------------------- synthetic logs */

/* UNIFORM: any user, any item. POPULAR: items in proportion to how much they are seen. POSITION: the item at place k of a list
 * that is the same for all, and has nothing to do with exposure, in proportion to 1 / k. USERS: any item, but all of it by a
 * tenth of the users. */
typedef enum tamis_synth_noise { TAMIS_SYNTH_UNIFORM, TAMIS_SYNTH_POPULAR, TAMIS_SYNTH_POSITION, TAMIS_SYNTH_USERS
} tamis_synth_noise;

typedef struct tamis_synth_options {
    size_t size;                   /* set by tamis_..._options_default() */
    int64_t users, items;
    int64_t interactions;  /* about so many clean interactions are drawn, before noise and merging */
    int64_t factors;       /* of the true preferences */
    double exposure_power; /* items are seen in proportion to rank^-power */
    double activity_power; /* a user's activity ~ (1 - v)^-power, v uniform in (0,1): 0 = all alike */
    double noise_ratio;    /* injected pairs that are not liked, as a share of the clean ones */
    double relevant_share; /* share of items that a user truly likes */
    double test_ratio;     /* share of each user's clean interactions held out */
    int no_truth;          /* 1: truth.csv is not written */
    int noise;             /* tamis_synth_noise: which pairs noise_ratio injects */
    uint64_t seed;
    int64_t threads;       /* 0: as many as OpenMP offers; never changes the result */
    int events;            /* 1: a shop's log in the place of train.csv and test.csv */
    int64_t reserved;      /* 0, until a later version puts something there */
} tamis_synth_options;

TAMIS_API void tamis_synth_options_init(tamis_synth_options *options, size_t size);
#define tamis_synth_options_default(options) tamis_synth_options_init(options, sizeof *(options))

/* With events there is events.csv in the place of train.csv and test.csv: kinds (view, cart, purchase) and times of events over 60 days,
 * user by user; noise is viewed, now and then put into the cart and never bought, and tastes change with time. test_ratio has no effect.
 * Draws a log with known truth and writes into the directory (made if missing): train.csv (clean and noise, mixed),
 * test.csv (held-out clean interactions), truth.csv (every pair that is truly liked and not in train.csv),
 * noise.csv (the rows of train.csv that are noise), propensity.csv (per item how likely it is to be seen, relative to the
 * one seen most). Memory does not grow with the interactions. The same options give the same bytes everywhere, for any
 * number of threads. */
TAMIS_API tamis_status tamis_synth(const tamis_synth_options *options, const char *directory, tamis_error *error);

/* ---------------------------------------------------------------- training */

#define TAMIS_METHOD_PARAMETERS 16
#define TAMIS_SAMPLER_PARAMETERS 128

/* Of mini-batches. SGD: gradients summed over the batch, L2 decay of all rows; LAZY_SGD: the same, L2 decay of a row once per
 * sample that it is in; ADAGRAD (Duchi et al., JMLR 2011), LAZY_ADAM: mean gradients, rows of the batch alone; ADAM (Kingma and
 * Ba, ICLR 2015): mean gradients, all rows. */
typedef enum tamis_optimizer { TAMIS_OPTIMIZER_SGD, TAMIS_OPTIMIZER_ADAGRAD, TAMIS_OPTIMIZER_ADAM,
                               TAMIS_OPTIMIZER_LAZY_ADAM, TAMIS_OPTIMIZER_LAZY_SGD } tamis_optimizer;
/* AUTO: all pairs of a user and an item where there are at most four million, else sampled ones. */
typedef enum tamis_pairs { TAMIS_PAIRS_SAMPLED, TAMIS_PAIRS_ALL, TAMIS_PAIRS_AUTO } tamis_pairs;

/* One of a method's or a sampler's own options; its row in the option table says which member is in use. */
typedef union tamis_parameter {
    int64_t integer;
    double real;
    int choice;
} tamis_parameter;

typedef enum tamis_schedule { TAMIS_SCHEDULE_CONSTANT, TAMIS_SCHEDULE_LINEAR, TAMIS_SCHEDULE_COSINE,
                              TAMIS_SCHEDULE_EXPONENTIAL } tamis_schedule;

/* Where factors start. UNIFORM: all above 0, so that every score is at first, too. */
typedef enum tamis_init { TAMIS_INIT_NORMAL, TAMIS_INIT_UNIFORM } tamis_init;

/* What a loss of the caller's own is asked about. The library fills it in, and may give it more members at its end. */
typedef struct tamis_sample {
    size_t size;        /* set by the library */
    int64_t user, item; /* rows; item: the positive of a pair, or the one that has the score */
    int64_t negative;   /* pairwise: the row of the other item, -1: the user has all; pointwise: -1 */
    double score;       /* pairwise: the difference s_ui - s_uj; pointwise: s_ui */
    double label;       /* pointwise: 1 or 0, for relmf Y / propensity; pairwise: 1 */
    int64_t epoch;      /* from 1 */
} tamis_sample;

/* A loss of the caller's own, in the place of the method's: that of "bpr" and other pairwise methods on the difference of
 * scores of a positive and a negative, that of "bpo", "relmf" and other pointwise ones on one score and its label. All else is
 * the method's: samples, weights, defaults. */
typedef struct tamis_loss {
    size_t size;      /* set by tamis_loss_default(), which sets all else to 0 */
    const char *name; /* recorded in the model */
    void *context;
    int64_t pairwise; /* 1: on a difference; 0: on one score */
    /* Gives the loss and writes its derivative by the score, both finite for every finite score. Called by all threads of
     * the training at once, and often: it must be pure, or a model no longer depends on its seed alone. With batch_size 0
     * it runs where denormal numbers are zeros. */
    double (*call)(void *context, const tamis_sample *sample, double *derivative);
} tamis_loss;
TAMIS_API void tamis_loss_init(tamis_loss *loss, size_t size);
#define tamis_loss_default(loss) tamis_loss_init(loss, sizeof *(loss))

/* Told sentences, without a full stop, about what is no error: where a run goes on from, a checkpoint that could not be
 * written. */
typedef struct tamis_tell {
    void *context;
    void (*call)(void *context, const char *sentence);
} tamis_tell;

typedef struct tamis_train_options {
    size_t size;                  /* set by tamis_train_options_default() */
    const char *method;           /* a name from tamis_method_list() */
    int64_t factors;              /* d, 1..4096 */
    int item_bias;                /* 1: score = p.q + b_item */
    int64_t epochs;               /* passes over the log at most, >= 1 */
    double learning_rate;         /* of the first epoch */
    int schedule;                 /* tamis_schedule: how it goes on */
    double learning_rate_decay;   /* linear, cosine: the last epoch's rate as a share of the first's;
                                     exponential: factor per epoch */
    double regularization;        /* L2 weight of every role that is not set below (those are NAN by default) */
    double user_regularization, item_regularization; /* of p_u; of q_i of a positive */
    double negative_regularization, bias_regularization; /* of q_j of a sampled negative; of item biases */
    int64_t negatives;            /* sampled per positive */
    const char *negative_sampling; /* a name from tamis_sampler_list(), such as "uniform" */
    double popularity_power;      /* popularity: draws item i in proportion to clicks_i^power */
    const char *positive_sampling; /* "log": each interaction once per epoch; "pld": PLD's personal-loss resampling */
    int64_t pool;                 /* pld: a user's items that compete, 1..64 */
    double temperature;           /* pld: an item is chosen in proportion to exp(-loss / temperature) */
    int64_t warmup;               /* pld: epochs of plain sampling first */
    int64_t max_sampled;          /* warp: draws per positive at most */
    int pairs;                    /* tamis_pairs; ALL: a pointwise method's epoch takes every user-item pair once */
    int64_t batch_size;           /* samples per mini-batch; 0: an update after each sample (SGD) */
    int optimizer;                /* tamis_optimizer, for batches */
    double weight_decay;          /* ADAM, LAZY_ADAM: a row is multiplied by 1 - learning rate * this at its updates */
    double propensity_power;      /* propensity of item i: (clicks_i / max clicks)^power */
    const char *propensity;       /* a CSV file of known propensities in its place; NULL: none. Below a header, item and
                                     propensity, or user, item and propensity; each in (0,1]. Items or users that are
                                     not in the log are passed over; what is in the log must be in the file */
    int init;                     /* tamis_init */
    double init_scale;            /* NORMAL: each factor starts as N(0, init_scale^2 / factors), so that this is about the
                                     length of a start vector; UNIFORM: as U(0, init_scale) / sqrt(factors) */
    uint64_t seed;
    int64_t threads;              /* 0: as many as OpenMP offers; never changes the result */
    double validation_ratio;      /* hold out this share of each user's interactions; 0: none */
    const char *validation_metric; /* such as "ndcg@20", or "ndcg-snips@20": see tamis_evaluate_options */
    double validation_power;      /* -ips, -snips: a hit on item i counts (most clicks / clicks_i)^power */
    int64_t validation_interval;  /* epochs between validations; 0: chosen by the sizes of log and validation */
    int64_t patience;             /* stop after so many validations without a better one; 0: never */
    tamis_parameter param[TAMIS_METHOD_PARAMETERS]; /* the method's own options, see tamis_option_find_table() */
    const tamis_loss *loss;       /* NULL: the method's own */
    const tamis_stop *stop;       /* NULL: never; else training ends within the epoch, see tamis_train_report.within */
    const char *checkpoint;       /* a file that is written as the run goes on, and from which it can be gone on with: see
                                     tamis_trainer_save(). One that cannot be written is told, and training goes on. NULL:
                                     none */
    const char *checkpoint_every; /* "10": epochs; "5m": minutes, at the end of an epoch; and at the end of the run, early or
                                     not. Stopped within an epoch, the epoch's start is written; an epoch that will take less
                                     than about a second is finished first */
    int resume;                   /* 1: the run goes on from the checkpoint, if there is one: to the bits that it would have
                                     come to undisturbed, on any number of threads and any CPU */
    const tamis_tell *tell;       /* NULL: nobody */
    tamis_parameter sampler_param[TAMIS_SAMPLER_PARAMETERS]; /* samplers' own options that are not above, see
                                                                tamis_train_option_table() */
    double distrust;              /* 0: interactions weigh alike, or as the log says; above, to 0.95: less, as far as models
                                     that have not seen them find them unlikely, learnt from the log; for any method */
    double dislike_share;         /* above 0, training learns from the log's dislikes: this share of the negatives of a user who
                                     has any is drawn from them; methods that take all pairs or solve for factors take each for
                                     certain, whatever the share */
    int64_t memory;               /* MB that training may take beside its logs, see tamis_train_memory(): kept by fewer threads, to the
                                     same bits; where one takes more, TAMIS_USAGE with what would fit. 0: as much as the
                                     machine, a container or the process may have; more is TAMIS_FAILURE */
} tamis_train_options;

/* Fills in the defaults of a method (NULL: "bpr"). TAMIS_USAGE: no such method. */
TAMIS_API tamis_status tamis_train_options_init(tamis_train_options *options, size_t size, const char *method,
                                                tamis_error *error);
#define tamis_train_options_default(options, method, error)                                                            \
    tamis_train_options_init(options, sizeof *(options), method, error)

/* A part of what a training takes: "factors"; "an epoch", for what is there during one. */
typedef struct tamis_memory_part {
    const char *name;
    int64_t bytes;
} tamis_memory_part;

typedef struct tamis_memory {
    int64_t bytes;    /* the most that is allocated at a time, beside the logs that are given */
    int64_t threads;  /* with so many: fewer than were asked for where the options' bound wants it */
    int64_t log_bytes; /* what the logs take that are given */
    int64_t parts;
    tamis_memory_part part[12]; /* the largest first; together bytes, if there are not more */
    int64_t reserved[8];
} tamis_memory;
/* What training will take, computed from the log's sizes and the options: at most a fifth too much, hardly too little. Threads' stacks
 * and the program itself are not in it. validation: as for tamis_train(). Where one thread takes more than options->memory, which
 * tamis_train() would refuse, it is told of one thread all the same. */
TAMIS_API tamis_status tamis_train_memory(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                                          tamis_memory *memory, tamis_error *error);

/* Puts numbers where options say "auto" (NAN), as a run on this log would: by the method's rules, which look at the numbers of
 * users, items and interactions, and some at how much of the log a model can foretell, for which a small one is trained.
 * TAMIS_USAGE: "auto" where the method has no rule. */
TAMIS_API tamis_status tamis_train_options_fit(tamis_train_options *options, const tamis_log *log, tamis_error *error);
/* A method's rule: the option it is for, and the rule in words. index beyond the last: NULL. */
TAMIS_API const char *tamis_method_rule(const char *method, size_t index, const char **text);

/* One epoch, as told to the progress callback and written to logs. */
typedef struct tamis_epoch {
    int64_t epoch, epochs;   /* 1-based; how many at most */
    double loss;             /* mean over the epoch's samples, without the L2 term */
    double learning_rate;
    double seconds;          /* this epoch's training alone */
    double total_seconds;    /* training so far, validation left out */
    int64_t samples;         /* trained on in this epoch: (user, positive, negative), or (user, item, label) */
    double validation;       /* NAN: none in this epoch */
    double best_validation;  /* NAN: none yet */
    int64_t best_epoch;      /* 0: none yet */
    int64_t reserved[4]; /* 0, until a later version puts something there */
} tamis_epoch;

/* Called after each epoch in the thread that called tamis_train(). Non-zero: stop cleanly after this epoch. */
typedef struct tamis_progress {
    void *context;
    int (*call)(void *context, const tamis_epoch *epoch);
} tamis_progress;

typedef struct tamis_train_report {
    int64_t epochs;       /* trained to their end */
    int64_t kept_epoch;   /* the epoch whose factors the model holds; where it equals `within`, a part of that epoch */
    int64_t within;       /* the epoch in which training was stopped; 0: not within one */
    double validation;    /* the metric after kept_epoch; NAN: none */
    double seconds;       /* training alone, without validation */
    int64_t samples;      /* of all epochs */
    int stopped_early;    /* 1: patience was over */
    int interrupted;      /* 1: a callback stopped it */
    int unsaved;          /* 1: the last checkpoint that was asked for could not be written */
    int64_t reserved[4]; /* 0, until a later version puts something there */
} tamis_train_report;

/* A trained model: ids, factors, item biases, the log's interactions (to mask them) and how it was made. */
typedef struct tamis_model tamis_model;

/* Trains on a log. validation (may be NULL) is matched by id; with options->validation_ratio it is cut from the log.
 * Where the log has weights c, an interaction counts as c rows for ials and expomf, and as c / (mean c) rows for the others, so
 * that learning rates keep their meaning; popularity and propensities count interactions.
 * With validation, the model is the best epoch's; of a labelled one the rows of relevance above 0 are its positives.
 * The same seed and options give the same bits for any number of threads and on any CPU. Model and log share ids and
 * interactions by reference count; either may be freed first. progress and report may be NULL. When a callback ends the run,
 * the status is TAMIS_OK and report->interrupted is 1; stopped within an epoch and without a validated one, the model holds
 * the factors as they stand. TAMIS_USAGE: options that do not fit the method; TAMIS_DIVERGED: the loss or a factor is no
 * longer finite; TAMIS_STOPPED: before anything was trained. */
TAMIS_API tamis_status tamis_train(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                                   const tamis_progress *progress, tamis_model **model, tamis_train_report *report,
                                   tamis_error *error);

/* The same run step by step, for callers who want to look at the model, or do something else, between epochs:
 *
 *   for (status = tamis_trainer_new(...); !status && !tamis_trainer_done(trainer);)
 *       status = tamis_trainer_epoch(trainer, &epoch, &error);
 *   status = status ? status : tamis_trainer_finish(trainer, &model, &report, &error);
 *
 * One thread at a time may use a trainer; it trains with options->threads threads of its own. */
typedef struct tamis_trainer tamis_trainer;

/* Prepares a run; nothing is trained yet. log, validation (which may be NULL) and what options point to must outlive it. */
TAMIS_API tamis_status tamis_trainer_new(const tamis_log *log, const tamis_log *validation, const tamis_train_options *options,
                                         tamis_trainer **trainer, tamis_error *error);
/* 1: all epochs are trained, patience is over, or it was stopped. */
TAMIS_API int tamis_trainer_done(const tamis_trainer *trainer);
/* Trains one epoch, and validates when it is time to. epoch may not be NULL. TAMIS_DIVERGED: the trainer can only be freed;
 * TAMIS_STOPPED: it can only be finished. */
TAMIS_API tamis_status tamis_trainer_epoch(tamis_trainer *trainer, tamis_epoch *epoch, tamis_error *error);
/* What the run was to take of memory, as computed before it began. */
TAMIS_API void tamis_trainer_memory(const tamis_trainer *trainer, tamis_memory *memory);
/* The model as it stands after the last epoch: to evaluate or save, not while an epoch runs. It belongs to the trainer. */
TAMIS_API const tamis_model *tamis_trainer_model(const tamis_trainer *trainer);
/* Ends the run, early or not: gives the model, with validation that of the best epoch, and frees the trainer, whatever
 * happens. report may be NULL. */
TAMIS_API tamis_status tamis_trainer_finish(tamis_trainer *trainer, tamis_model **model, tamis_train_report *report,
                                            tamis_error *error);
TAMIS_API void tamis_trainer_free(tamis_trainer *trainer);

/* The options that a model was trained with, as for another log: what was found from the log is "auto" again, and checkpoints are none. Text
 * in them is the model's. TAMIS_USAGE: it does not say. */
TAMIS_API tamis_status tamis_model_train_options_init(const tamis_model *model, tamis_train_options *options, size_t size,
                                                      tamis_error *error);
#define tamis_model_train_options(model, options, error) tamis_model_train_options_init(model, options, sizeof *(options), error)

/* Warm start: the run of a model that goes on with a log of new rows. It trains on the model's own interactions, each of weight 1, and
 * the log's; users and items that the model knows start from their rows, bit for bit, new ones by fold-in from their interactions with
 * known ones, and without such as in any training. The new model has the old one's users and items first. An optimiser's moments start
 * at zero. options NULL: those that the model was trained with; others must be of its method and factors. freeze: the rows of one side
 * stay as they are; a method that updates after each sample then trains in batches of 256. log, validation and what options point to
 * must outlive the trainer. Item-item models are made anew, of all interactions. */
typedef enum tamis_freeze { TAMIS_FREEZE_NONE, TAMIS_FREEZE_USERS, TAMIS_FREEZE_ITEMS } tamis_freeze;
TAMIS_API tamis_status tamis_trainer_from_model(const tamis_model *model, const tamis_log *log, const tamis_log *validation,
                                                const tamis_train_options *options, int freeze, tamis_trainer **trainer,
                                                tamis_error *error);

/* Whether tamis_train() would begin, or with from (NULL: without) tamis_trainer_from_model(), as far as memory goes: TAMIS_USAGE where one
 * thread takes more than options->memory, TAMIS_FAILURE where it takes more than there is; the sentence says what would fit. For several
 * runs, before the first. */
TAMIS_API tamis_status tamis_train_fits(const tamis_model *from, const tamis_log *log, const tamis_log *validation,
                                        const tamis_train_options *options, tamis_error *error);

/* A checkpoint: all that the run depends on, that is factors, the optimiser's moments, the best epoch, how far it is. The file
 * is also a model file, of the model as it stands. What was under the name before is kept as NAME.previous. TAMIS_USAGE: the
 * training was stopped within an epoch. */
TAMIS_API tamis_status tamis_trainer_save(tamis_trainer *trainer, const char *path, tamis_error *error);

/* What a run that goes on takes from its caller; all else is the checkpoint's. */
typedef struct tamis_resume_options {
    size_t size;                   /* set by tamis_..._options_default() */
    int64_t threads;         /* as in tamis_train_options */
    const tamis_loss *loss;  /* the caller's own, where the run had one; else NULL */
    const tamis_stop *stop;  /* as in tamis_train_options */
    int *fell_back;          /* gets 1 where NAME.previous was taken, else 0; NULL: not wanted */
} tamis_resume_options;
TAMIS_API void tamis_resume_options_init(tamis_resume_options *options, size_t size);
#define tamis_resume_options_default(options) tamis_resume_options_init(options, sizeof *(options))

/* Goes on from there, to the bits that the run would have come to undisturbed, on any number of threads and any CPU. log,
 * validation and what options (NULL: zeros) point to must outlive the trainer. Where the file is missing or damaged,
 * NAME.previous is taken. TAMIS_DATA: log or validation are not those of the run, or neither file is sound; TAMIS_USAGE: a
 * validation log or a loss where the run had none, or none where it had one. */
TAMIS_API tamis_status tamis_trainer_resume(const char *path, const tamis_log *log, const tamis_log *validation,
                                            const tamis_resume_options *options, tamis_trainer **trainer, tamis_error *error);

/* ------------------------------------------------------------------- model */

TAMIS_API void tamis_model_free(tamis_model *model);

/* Writes the model file, which tamis_model_load() reads on any machine of the same byte order. TAMIS_ELSEWHERE: it is complete,
 * but under another name. */
TAMIS_API tamis_status tamis_model_save(const tamis_model *model, const char *path, tamis_error *error);

/* Maps a model file. Every size is checked against the file and every section against its CRC32.
 * TAMIS_DATA: not a model, truncated, damaged, or of a newer version.
 * The file must stay as it is until the model is freed: a new one takes its place by rename, as tamis_model_save() does,
 * not by being written into it (as cp does), after which what the model holds changes, or reading it ends the process
 * (SIGBUS). Where that cannot be promised, load a copy. */
TAMIS_API tamis_status tamis_model_load(const char *path, tamis_model **model, tamis_error *error);
/* The same, read into memory of the model's own: the file may do what it likes afterwards, and if it changes meanwhile, that
 * is TAMIS_DATA. Takes its size in memory where mappings of a file are one for all processes. */
TAMIS_API tamis_status tamis_model_load_copy(const char *path, tamis_model **model, tamis_error *error);

typedef struct tamis_user_list {
    const char *const *id; /* id[k] has length[k] bytes, 0 <= k < count */
    const size_t *length;
    size_t count;
} tamis_user_list;

/* Loads what recommendations for some users take: the items, and of the list's users those that the model knows, each
 * once, in the list's order; the model holds these alone. It reads and checks only the parts of the file that it takes:
 * damage elsewhere in the file stays unseen. Errors as above. */
TAMIS_API tamis_status tamis_model_load_users(const char *path, const tamis_user_list *list, tamis_model **model,
                                              tamis_error *error);

/* Writes user_factors.npy, item_factors.npy (float32, C order, one row per id), item_bias.npy where there is one,
 * user_ids.txt and item_ids.txt (one id a line, in row order) into the directory, made if missing; of an item-item model, in the
 * place of factors, neighbour_start.npy (int64), neighbour_item.npy (int32) and neighbour_value.npy (float32), the rows of
 * tamis_model_neighbours() in CSR; for nbpo also
 * flip_user_factors.npy and flip_item_factors.npy: the chance that user u's unseen item i is a flipped positive is the
 * logistic function of their rows' dot product.
 * TAMIS_DATA: an id that holds a line break. */
TAMIS_API tamis_status tamis_model_export(const tamis_model *model, const char *directory, tamis_error *error);
/* Further dimensions of the factors, for indexes that know nothing of biases. */
typedef struct tamis_export_options {
    size_t size;          /* set by tamis_..._options_default() */
    int64_t fold_bias;    /* 1: where there are biases, items have theirs and users 1 as a further dimension, in the place of item_bias.npy:
                             the inner product of two rows is the score */
    int64_t equal_length; /* 1: a further dimension, in which users have 0, makes all items as long as the longest: cosines and distances
                             order items as inner products do */
} tamis_export_options;
TAMIS_API void tamis_export_options_init(tamis_export_options *options, size_t size);
#define tamis_export_options_default(options) tamis_export_options_init(options, sizeof *(options))
/* TAMIS_USAGE: dimensions of an item-item model, which has no factors. */
TAMIS_API tamis_status tamis_model_export_as(const tamis_model *model, const char *directory, const tamis_export_options *options,
                                             tamis_error *error);

/* users, items: rows of the two matrices of factors; factors: their width, 0 for an item-item model; interactions: how many it
 * counts as seen. */
TAMIS_API int64_t tamis_model_users(const tamis_model *model);
TAMIS_API int64_t tamis_model_items(const tamis_model *model);
TAMIS_API int64_t tamis_model_factors(const tamis_model *model);
TAMIS_API int64_t tamis_model_interactions(const tamis_model *model);
/* Float32 matrices, users x factors and items x factors: row r begins at float r * stride, stride >= factors, and what is
 * between is zero. 64-byte aligned. A score is s_ui = p_u . q_i + b_i. NULL: an item-item model. */
TAMIS_API const float *tamis_model_user_factors(const tamis_model *model, size_t *stride);
TAMIS_API const float *tamis_model_item_factors(const tamis_model *model, size_t *stride);
TAMIS_API const float *tamis_model_item_bias(const tamis_model *model); /* b, one per item; NULL: no bias */
/* Of an item-item model the row of item j, 0 <= j < items: the items whose scores an interaction with j adds to, ascending, and
 * how much, B_ji: s_ui is b_i and the sum of c_uj B_ji over the items j that u was trained on, with their weights. value may be
 * NULL. NULL: the model has no such matrix. */
TAMIS_API const int32_t *tamis_model_neighbours(const tamis_model *model, int64_t item, const float **value, int64_t *count);
/* Adds a log's interactions, matched by id, to what this model counts as seen: they are then neither recommended nor
 * ranked. Changes the model in memory, not its file; no other thread may use the model meanwhile. */
TAMIS_API tamis_status tamis_model_mask(tamis_model *model, const tamis_log *log, tamis_error *error);
/* User u's items in the log it was trained on, and in those that mask it, ascending. 0 <= user < users. */
TAMIS_API const int32_t *tamis_model_row(const tamis_model *model, int64_t user, int64_t *count);
/* The items that user u dislikes by that log, ascending: tamis_recommend() leaves them out, but evaluations rank them, so that
 * models with and without dislikes are measured alike. */
TAMIS_API const int32_t *tamis_model_dislikes(const tamis_model *model, int64_t user, int64_t *count);
/* Of all users. */
TAMIS_API int64_t tamis_model_dislike_count(const tamis_model *model);
TAMIS_API const char *tamis_model_user_id(const tamis_model *model, int64_t user, size_t *length);
TAMIS_API const char *tamis_model_item_id(const tamis_model *model, int64_t item, size_t *length);
/* The row of an id of so many bytes; -1: unknown. */
TAMIS_API int64_t tamis_model_find_user(const tamis_model *model, const char *id, size_t length);
TAMIS_API int64_t tamis_model_find_item(const tamis_model *model, const char *id, size_t length);
/* How it was made, line by line: version, the options by their names, epochs-trained, epoch-kept, validation.
 * index counts from 0; NULL past the last. */
TAMIS_API const char *tamis_model_note(const tamis_model *model, size_t index, const char **value);

/* ----------------------------------------------------------------- fold-in */

/* What is known of a user whom a model was not trained with, or of whom there is news. */
typedef struct tamis_history {
    size_t size;            /* set by tamis_history_default(), which sets all else to 0 */
    const int32_t *item;    /* count rows of the model's items, in any order; of one that stands twice the first counts */
    int64_t count;
    const float *weight;    /* count, each finite and above 0; NULL: 1 each */
    const int32_t *dislike; /* dislikes rows of items; those that are in item[], too, are none */
    int64_t dislikes;
    const char *id;         /* of id_length bytes: methods that sample draw by the model's seed and this; NULL: "" */
    size_t id_length;
} tamis_history;
TAMIS_API void tamis_history_init(tamis_history *history, size_t size);
#define tamis_history_default(history) tamis_history_init(history, sizeof *(history))

/* Folds a user in: gives a model of this one user, row 0, whose items are the model's, and which counts the history as seen. All that
 * takes a model takes it. The model stays as it is, and stays until both are freed, in whatever order; any number of threads may fold
 * into one at a time, and the first call makes what all of them use. The items held, p_u is what the method's own loss over the
 * user's row is least at: exactly for ials and item-item methods, after steps of the method's samples for others. The same history
 * and id give the same bits. Without items p_u is zero. TAMIS_USAGE: a row that is none of the model's, a weight that is none; a model
 * whose training is not finished, or had a loss of its caller's own. */
TAMIS_API tamis_status tamis_model_fold_in(const tamis_model *model, const tamis_history *history, tamis_model **user,
                                           tamis_error *error);

/* Folds a new item in, the users held, as a warm start begins: history->item and dislike are rows of users, id is the item's. Fills
 * factors, of as many floats as the model's items' stride, and *bias (may be NULL), the mean of items with about so many users; 0: the
 * model has none. For ials exactly what half an epoch solves; for others by steps of the method's samples and loss, in which the item is
 * the positive of its users, and a negative of others as often as training would draw it. Without users the row is zero. TAMIS_USAGE as
 * above, and an item-item model, which has no factors. */
TAMIS_API tamis_status tamis_model_fold_in_item(const tamis_model *model, const tamis_history *history, float *factors, float *bias,
                                                tamis_error *error);

typedef struct tamis_fold_options {
    size_t size;            /* set by tamis_..._options_default() */
    int64_t threads;        /* 0: as many as OpenMP offers; never changes the result */
    const tamis_stop *stop; /* NULL: never; else TAMIS_STOPPED */
} tamis_fold_options;
TAMIS_API void tamis_fold_options_init(tamis_fold_options *options, size_t size);
#define tamis_fold_options_default(options) tamis_fold_options_init(options, sizeof *(options))

typedef struct tamis_fold_report {
    int64_t users, new_users;            /* folded in; those of them whom the model does not know */
    int64_t rows;                        /* that they were folded in from, with those of the model's log */
    int64_t unknown_items, unknown_rows; /* of the history, which the model does not know; their rows and dislikes, which are left out */
    int64_t left_users;                  /* of whom no row is left, no dislike either, and who are not in the folded model if they are new */
    double seconds;
    int64_t reserved[4]; /* 0, until a later version puts something there */
} tamis_fold_report;

/* Folds in all users of a log, matched by id: gives a model of the model's users and, behind them, of the log's new ones. Users of both
 * are folded in from their rows of both; those of the model's log weigh 1. Items' clicks, by which popularity and propensities are
 * counted, remain those of the model's log. report may be NULL. TAMIS_DATA: the model knows none of the log's items. */
TAMIS_API tamis_status tamis_model_fold_in_log(const tamis_model *model, const tamis_log *history, const tamis_fold_options *options,
                                               tamis_model **folded, tamis_fold_report *report, tamis_error *error);

/* -------------------------------------------------------------- evaluation */

/* AUTO: masked among all items, not among listed ones. */
typedef enum tamis_mask_training { TAMIS_MASK_TRAINING_AUTO, TAMIS_MASK_TRAINING_YES, TAMIS_MASK_TRAINING_NO
} tamis_mask_training;
typedef enum tamis_empty_users { TAMIS_EMPTY_USERS_DROP, TAMIS_EMPTY_USERS_ZERO } tamis_empty_users;
typedef enum tamis_unknown_users { TAMIS_UNKNOWN_USERS_MISS, TAMIS_UNKNOWN_USERS_POPULAR } tamis_unknown_users;

typedef struct tamis_evaluate_options {
    size_t size;                   /* set by tamis_..._options_default() */
    const char *cutoffs;  /* "5,10,20": the metrics' k, each >= 1 */
    int drop_unknown;     /* 1: test rows of unknown users or items are left out, not scored as misses */
    int64_t threads;      /* 0: as many as OpenMP offers; never changes the result */
    const char *metrics;  /* "recall,ndcg": names from tamis_metric_list(); NULL: the default ones */
    const char *candidates; /* what is ranked for a user: "all" items of the model; "listed": those that a labelled
                               test log lists for the user; "sampled:100": the relevant ones and 100 that are drawn from
                               the rest. NULL: all */
    int mask_training;    /* tamis_mask_training: whether the user's items in the model's log are left out */
    double relevant_from; /* in a labelled test log rows of this relevance and more are relevant; NAN: above 0 */
    int empty_users;      /* tamis_empty_users: those without a relevant test item are left out, or count with 0 */
    int unknown_users;    /* tamis_unknown_users: nothing is found for users whom the model does not know; or items are ranked for
                             them, and for those without interactions in its log, by popularity, as tamis_recommend() does */
    uint64_t seed;        /* of what is drawn */
    /* for metrics with -ips and -snips: the propensity of item i is (clicks_i / max clicks)^power in the model's log, or as
       a table says (ids in its first column, propensities from 0 to 1 in its second; NULL: none); of an unknown item 0. A hit
       weighs 1 / max(propensity, clip). Source: Yang et al., RecSys 2018. */
    double propensity_power, propensity_clip;
    const tamis_table *propensities;
    const struct tamis_slice *slice; /* further figures, of groups of users or items */
    size_t slices;
    int64_t rare_threshold; /* by popularity: items of at most so many clicks are "rare"; 0: head, middle, tail */
    int64_t bootstrap;      /* resamples of users for the intervals; 0: none */
    double confidence;      /* of the intervals */
    int64_t memory;         /* MB that an evaluation may take beside model and logs: where needed by fewer threads;
                               TAMIS_USAGE when one is too many. 0: no bound */
    const tamis_stop *stop; /* NULL: never; else TAMIS_STOPPED */
} tamis_evaluate_options;

/* POPULARITY: relevant items in head, middle and tail: those with the most clicks that together have a third of all, the
 * next third, the rest. ACTIVITY: users by their training clicks, "light", "medium", "heavy", a third of the evaluated
 * each. USERS, ITEMS: by the text in a column of a table whose first column holds ids; at most 100 different ones.
 * By items means that only the relevant items of a group count as relevant, and the users who have one; what is ranked
 * stays the same. */
typedef enum tamis_slice_by { TAMIS_SLICE_POPULARITY, TAMIS_SLICE_ACTIVITY, TAMIS_SLICE_USERS, TAMIS_SLICE_ITEMS
} tamis_slice_by;
typedef struct tamis_slice {
    int by; /* tamis_slice_by */
    const tamis_table *table;
    size_t column;
} tamis_slice;

TAMIS_API void tamis_evaluate_options_init(tamis_evaluate_options *options, size_t size);
#define tamis_evaluate_options_default(options) tamis_evaluate_options_init(options, sizeof *(options))

/* The outcome: per metric one mean over users, and one value per user. */
typedef struct tamis_evaluation tamis_evaluation;

/* Ranks all items for each user of the test log, the user's items in the model's log masked, ties broken by item row
 * (the lower row first), and averages over the users with at least one relevant test item. A relevant test item that is
 * unknown, or masked because it is in the model's log, is a miss: it stays in recall's denominator. Listed candidates
 * that are unknown and not relevant rank below all known ones.
 * masks: further logs whose interactions are masked as well (such as a validation part); matched by id.
 * Metrics, as man tamis defines them; by default precision, recall, hit, ndcg, map, mrr at each cut-off, and auc.
 * TAMIS_USAGE: listed candidates, but the test log is not labelled; TAMIS_DATA: scores overflow. */
TAMIS_API tamis_status tamis_evaluate(const tamis_model *model, const tamis_log *test, const tamis_log *const *masks,
                                      size_t mask_count, const tamis_evaluate_options *options,
                                      tamis_evaluation **evaluation, tamis_error *error);
TAMIS_API void tamis_evaluation_free(tamis_evaluation *evaluation);

/* How many users have values, and how many metrics; below, 0 <= row < users and 0 <= metric < metrics. */
TAMIS_API int64_t tamis_evaluation_users(const tamis_evaluation *evaluation);
TAMIS_API size_t tamis_evaluation_metrics(const tamis_evaluation *evaluation);
TAMIS_API const char *tamis_evaluation_name(const tamis_evaluation *evaluation, size_t metric);  /* "ndcg@20" */
TAMIS_API double tamis_evaluation_mean(const tamis_evaluation *evaluation, size_t metric);
/* The bootstrap interval of a mean; NAN: none was asked for, or the metric is of all lists together (coverage, gini). */
TAMIS_API void tamis_evaluation_interval(const tamis_evaluation *evaluation, size_t metric, double *low, double *high);
/* The slices' groups, one after another: "popularity", "tail", how many users have figures in it, and relevant rows. mean, low
 * and high have one value per metric. 0 <= index < groups. */
typedef struct tamis_slice_figures {
    const char *slice, *group;
    int64_t users, rows;
    const double *mean, *low, *high; /* NAN: not defined, no interval */
    int64_t reserved[4]; /* 0, until a later version puts something there */
} tamis_slice_figures;
TAMIS_API size_t tamis_evaluation_groups(const tamis_evaluation *evaluation);
TAMIS_API void tamis_evaluation_group(const tamis_evaluation *evaluation, size_t index, tamis_slice_figures *figures);
/* Per user, row r of the evaluation: the id in the test log and the value of a metric; NAN: not defined. */
TAMIS_API const char *tamis_evaluation_user_id(const tamis_evaluation *evaluation, int64_t row, size_t *length);
TAMIS_API double tamis_evaluation_value(const tamis_evaluation *evaluation, int64_t row, size_t metric);
typedef struct tamis_evaluation_counts {
    int64_t users, rows;               /* users scored; their relevant test rows */
    int64_t unknown_users;             /* test users whom the model does not know */
    int64_t unknown_user_rows, unknown_item_rows, masked_rows; /* rows: of unknown users; of known users with an unknown
                                                                  item; with an item that is masked for the user;
                                                                  relevant ones alone */
    double seconds;
    int64_t empty_users;               /* test users without a relevant row: left out, or scored 0 */
    int64_t candidate_rows;            /* listed: the rows of the users scored, relevant or not */
    int64_t unknown_candidates;        /* of these, not relevant and with an unknown user or item: ranked last */
    int64_t train_rows;                /* relevant rows that are in the model's log too */
    int64_t test_items, unknown_items; /* different items of the test log; those that the model does not know */
    int64_t drawn_candidates;          /* sampled: over all users */
    double effective_rows;             /* (Σ w)² / Σ w² over the relevant rows; NAN: nothing is weighted */
} tamis_evaluation_counts;
TAMIS_API const tamis_evaluation_counts *tamis_evaluation_count(const tamis_evaluation *evaluation);

/* The usual metrics at one cut-off, by the usual rules (all items, the model's log masked), of a log that is matched by id:
 * nothing is kept, and only the first ranks are looked for, so that it is quick. threads as in the options. */
typedef struct tamis_metrics {
    double precision, recall, hit, ndcg, map, mrr;
    int64_t users, rows; /* users scored; their relevant test rows */
    double seconds;
    int64_t reserved[4]; /* 0, until a later version puts something there */
} tamis_metrics;
TAMIS_API tamis_status tamis_measure(const tamis_model *model, const tamis_log *test, int64_t cutoff, int64_t threads,
                                     tamis_metrics *metrics, tamis_error *error);

/* The names a metric option takes: "ndcg", ... and their one-line definitions; those that have an IPS and a SNIPS version
 * take -ips and -snips too ("ndcg-snips"), see man tamis. NULL past the last. */
TAMIS_API const char *tamis_metric_list(size_t index, const char **help);

/* -------------------------------------------------------- paired statistics */

typedef struct tamis_paired_options {
    size_t size;                   /* set by tamis_..._options_default() */
    double confidence;    /* of the intervals */
    int64_t comparisons;  /* looked at together: joint intervals hold for all of them at once with this confidence */
    int64_t bootstrap;    /* resamples of the pairs; 0: no bootstrap interval */
    int64_t permutations; /* drawn where there are more than 20 differences; of fewer all 2^n are tried */
    uint64_t seed;
    int64_t threads;      /* 0: as many as OpenMP offers; never changes the result */
    double overlap;       /* pairs are splits of one log, which share training rows: test rows per training row, by which Student's
                             t and intervals are corrected (Nadeau and Bengio, Machine Learning 2003); 0: pairs are independent */
} tamis_paired_options;

TAMIS_API void tamis_paired_options_init(tamis_paired_options *options, size_t size);
#define tamis_paired_options_default(options) tamis_paired_options_init(options, sizeof *(options))

/* How a compares with b, pair by pair: the same users under two models, or the same seeds under two methods.
 * All p are two-sided. */
typedef struct tamis_paired {
    int64_t pairs, wins, ties, losses;    /* a > b, a = b, a < b */
    double mean, deviation;               /* of a - b; the deviation with pairs - 1, NAN of one pair */
    double low, high;                     /* Student's interval of the mean; NAN of one pair */
    double joint_low, joint_high;         /* the same by Bonferroni's correction for options->comparisons */
    double bootstrap_low, bootstrap_high; /* percentiles over resampled pairs; NAN: not asked for */
    double bootstrap_joint_low, bootstrap_joint_high;
    double t, t_p;                        /* Student's paired t, pairs - 1 degrees of freedom; of one pair NAN and 1 */
    double wilcoxon, wilcoxon_p;          /* sum of ranks of the positive differences, zeros left out */
    double permutation_p;                 /* of the mean under random signs */
    int wilcoxon_exact, permutation_exact; /* 1: over all signs; 0: normal approximation; drawn permutations */
    int64_t reserved[4]; /* 0, until a later version puts something there */
} tamis_paired;

/* Compares a[k] with b[k], 0 <= k < count. Sources: Wilcoxon, Biometrics Bulletin 1945; Fisher's randomisation test as in
 * Smucker et al., CIKM 2007. TAMIS_USAGE: no pair; TAMIS_DATA: a value is not finite. */
TAMIS_API tamis_status tamis_paired_compare(const double *a, const double *b, int64_t count,
                                            const tamis_paired_options *options, tamis_paired *paired,
                                            tamis_error *error);

/* Holm's correction (Scandinavian Journal of Statistics 1979) of several p that are looked at together: adjusted[k] for p[k],
 * none of them NAN. Comparing it with 0.05 keeps the chance of any false alarm below 0.05. Where a joint interval of Student's leaves out 0, so does its t_p, so
 * corrected, stay below 1 - confidence. */
TAMIS_API void tamis_holm(const double *p, size_t count, double *adjusted);

/* ---------------------------------------------------------- recommendation */

typedef struct tamis_hit {
    int32_t item;
    float score;
} tamis_hit;

/* The k best items for each of count users (rows of the model), without those that it counts as seen. hits: count x k, of user
 * users[r] at hits[r * k], best first, ties by item row; where fewer than k items are left, the rest have item = -1. threads as
 * in options. Users without interactions in the log that was trained on get the most popular items, those with the most
 * interactions in it, and these numbers as scores; so does -1, a user who is unknown. Memory beyond hits is bounded, whatever the number of items. TAMIS_USAGE:
 * k < 1, or a user who is none of the model's; TAMIS_DATA: scores overflow. */
TAMIS_API tamis_status tamis_recommend(const tamis_model *model, const int64_t *users, size_t count, int64_t k,
                                       int64_t threads, tamis_hit *hits, tamis_error *error);

/* Where a list comes from: POPULARITY: the user has no interactions in the log that was trained on. */
typedef enum tamis_origin { TAMIS_ORIGIN_MODEL, TAMIS_ORIGIN_POPULARITY } tamis_origin;

/* At most so many items of a group, such as a brand, in a list: of items by score, one whose group has as many already is passed
 * over. */
typedef struct tamis_group_limit {
    const int32_t *group; /* of each item of the model; below 0: in none */
    int64_t most;         /* 1 or more */
} tamis_group_limit;

/* Which items may be recommended in one call. The model stays as it is, so that any number of threads may use it, each with options
 * of its own. Lists of items are rows of the model, ascending, each once. */
typedef struct tamis_recommend_options {
    size_t size;                 /* set by tamis_..._options_default() */
    int64_t threads;             /* 0: as many as OpenMP offers; never changes the result */
    int mask_training;           /* 0: the users' training interactions are recommended too, but neither what tamis_model_mask()
                                    added nor dislikes */
    const int32_t *candidates;   /* only these are recommended, such as what is in stock; NULL: all items */
    int64_t candidate_count;
    const int32_t *excluded;     /* these are not, to no user of the call; NULL: none */
    int64_t excluded_count;
    const int64_t *excluded_start; /* to user users[r] of the call items excluded_item[excluded_start[r]] ..
                                      excluded_item[excluded_start[r + 1] - 1] are not; excluded_start[0] = 0. NULL: none */
    const int32_t *excluded_item;
    const tamis_group_limit *limit; /* several hold together */
    size_t limits;               /* how many */
    unsigned char *origin;       /* gets a tamis_origin for each user of the call; NULL: not wanted */
    const tamis_stop *stop;      /* NULL: never; else TAMIS_STOPPED */
} tamis_recommend_options;
TAMIS_API void tamis_recommend_options_init(tamis_recommend_options *options, size_t size);
#define tamis_recommend_options_default(options) tamis_recommend_options_init(options, sizeof *(options))
/* As tamis_recommend(), of the items that options allow. */
TAMIS_API tamis_status tamis_recommend_from(const tamis_model *model, const int64_t *users, size_t count, int64_t k,
                                            const tamis_recommend_options *options, tamis_hit *hits, tamis_error *error);

/* The scores of pairs, users[k] with items[k], rows of the model. NAN: one of them is -1, unknown, or the user has no interactions in
 * the log that was trained on. TAMIS_USAGE: a row out of range; TAMIS_DATA: scores overflow. */
TAMIS_API tamis_status tamis_score(const tamis_model *model, const int64_t *users, const int64_t *items, size_t count,
                                   int64_t threads, float *scores, tamis_error *error);

typedef struct tamis_similar_options {
    size_t size;            /* set by tamis_..._options_default() */
    int of_users;           /* 1: rows are users, and so are the hits' "items" */
    int64_t threads;        /* 0: as many as OpenMP offers; never changes the result */
    const tamis_stop *stop; /* NULL: never; else TAMIS_STOPPED */
} tamis_similar_options;
TAMIS_API void tamis_similar_options_init(tamis_similar_options *options, size_t size);
#define tamis_similar_options_default(options) tamis_similar_options_init(options, sizeof *(options))
/* As tamis_similar(), of count items, or users by their factors: of rows[n] at hits[n * k]. Users without interactions in the log that
 * was trained on are like nobody. TAMIS_USAGE: users of an item-item model. */
TAMIS_API tamis_status tamis_similar_rows(const tamis_model *model, const int64_t *rows, size_t count, int64_t k,
                                          const tamis_similar_options *options, tamis_hit *hits, tamis_error *error);

/* The k items most similar to item, by the cosine of their factors, of an item-item model by its row of the matrix, itself left
 * out; hits as above. TAMIS_USAGE: a model of pop. */
TAMIS_API tamis_status tamis_similar(const tamis_model *model, int64_t item, int64_t k, tamis_hit *hits,
                                     tamis_error *error);

/* ------------------------------------------------------------- experiments */

/* What a study tells at the start of a phase, text being "", and after each of its cells, which text names: how many cells of
 * all phases are there, of how many. NULL instead of a step, every few milliseconds: only asks. One call at a time, from any
 * thread; non-zero: stop, within an epoch too. A stopped or killed study goes on where it was when it is run again. */
typedef struct tamis_study_step {
    const char *phase; /* "tuning", "training" */
    const char *text;
    int64_t done, cells;
} tamis_study_step;
typedef struct tamis_study_progress {
    void *context;
    int (*call)(void *context, const tamis_study_step *step);
} tamis_study_progress;

/* Whether a study's validation part is as noisy as the log that it was cut from, which is all that anybody has, or clean. */
typedef enum tamis_study_validation { TAMIS_STUDY_NOISY, TAMIS_STUDY_CLEAN } tamis_study_validation;

/* How methods stand noise. Per seed: a split per user, noise into what is not test, training with the epoch that is best on
 * validation kept, evaluation on the clean test part, training (noise included) and validation items masked. */
typedef struct tamis_robustness_options {
    size_t size;                   /* set by tamis_..._options_default() */
    const char *methods;    /* "bpr,pld": methods, or names from `parameters` */
    const char *ratios;     /* "0,0.1,0.3": share of noise */
    const char *noise;      /* kinds from tamis_noise_kind(), joined by +, each at the ratio */
    int64_t seeds;          /* runs per method and ratio: seed, seed + 1, ... each with its own split, noise and start */
    const char *control;    /* what the others are compared with; always in the table */
    const char *parameters; /* file of "NAME [METHOD] --option value ...": these are not tuned. NULL: none */
    int64_t trials;         /* per method and ratio, as tamis_tune_run() makes them, on the first seed's validation part; the
                               first one has the method's defaults. 1: those, untried */
    const char *metrics;    /* as for evaluation; the first one at the first cut-off also decides in validation */
    const char *cutoffs;
    double test_ratio, validation_ratio;
    int64_t epochs, factors; /* 0: as the method has it */
    int64_t patience;        /* validations without a better one before training stops; 0: as the method has it, never */
    double head;             /* tail metrics count the test items outside this share of items, the most popular ones */
    int paper_protocol;      /* see tamis_noise_options */
    uint64_t seed;
    int64_t threads;
    int64_t jobs;            /* cells side by side; 0: one per thread on logs of less than two million interactions, else 1 */
    const tamis_log *natural; /* rows that are noise, of users and items of the log, matched by id: they are in train and
                                 validation, never in test, and a ratio is the chance of each to be there, 0 to 1. NULL: noise
                                 of the kinds in `noise` is put into train */
    const char *checkpoint_every; /* "1m": a cell's training is saved after so many minutes; "10": epochs; a run that was killed
                               goes on within it */
    int validation;          /* tamis_study_validation; of natural noise clean is that it is in train alone */
    const char *log_name;    /* for the report: what the log is called, and the command that made the study. NULL: not told */
    const char *command;
    int64_t memory;          /* MB that cells side by side may take, kept by fewer jobs; 0: as much as the machine has */
} tamis_robustness_options;

TAMIS_API void tamis_robustness_options_init(tamis_robustness_options *options, size_t size);
#define tamis_robustness_options_default(options) tamis_robustness_options_init(options, sizeof *(options))

/* A method at a ratio in a metric, over seeds. */
typedef struct tamis_robustness_row {
    const char *method, *metric;
    double ratio;
    int64_t seeds;
    double mean, deviation;  /* deviation with seeds - 1; NAN: one seed, or a run diverged */
    double low, high;        /* Student's 95% interval of the mean, corrected as below; NAN: less than three seeds */
    double drop;             /* 1 - mean / mean at the first ratio; NAN: that is 0 */
    double difference;       /* mean of method - control, seed by seed */
    double p, p_holm;        /* paired t-test over seeds against the control at this ratio, with Nadeau and Bengio's correction
                                for splits of one log, which overlap; corrected over the methods. NAN: the control itself, or
                                less than three seeds */
    double difference_low, difference_high; /* the 95% interval of difference that belongs to p */
} tamis_robustness_row;

typedef struct tamis_robustness tamis_robustness;

/* Runs it, or what is missing of it, and writes into the directory, made if missing: results.csv and tuning.csv (appended
 * cell by cell, in the same order whatever happens), summary.md, report.html, plots.gp for gnuplot. */
TAMIS_API tamis_status tamis_robustness_run(const tamis_log *log, const tamis_robustness_options *options,
                                            const char *directory, const tamis_study_progress *progress,
                                            tamis_robustness **robustness, tamis_error *error);
/* Rows by metric, then ratio, then method, each by its index from 0; NULL past the last. */
TAMIS_API const tamis_robustness_row *tamis_robustness_rows(const tamis_robustness *robustness, size_t index);
/* Which method to take, in a sentence with its reason and limits: whose first metric is highest on average over the ratios,
 * and whether more than chance sets it apart from the others. */
TAMIS_API const char *tamis_robustness_verdict(const tamis_robustness *robustness);
/* What makes the table doubtful, a sentence each: that a method is better with noise than at the first ratio, by more than
 * chance explains (Welch's t over seeds, one-sided, 5%); that one is below its own control, which is the same without what
 * it does about noise. NULL past the last. */
TAMIS_API const char *tamis_robustness_warning(const tamis_robustness *robustness, size_t index);
TAMIS_API void tamis_robustness_free(tamis_robustness *robustness);

/* Methods and their options, searched by successive halving: each method's trials are trained for a part of its epochs, and
 * the best third of them anew, with three times the epochs and a schedule of that length, and so on. The first trial has the
 * defaults and is in every rung. The same seed comes to the same, for any number of threads and jobs. */
typedef struct tamis_tune_options {
    size_t size;             /* set by tamis_..._options_default() */
    const char *methods;     /* "bpr,warp": each has as many trials */
    int64_t trials;          /* per method; 0: 12, or with minutes as many as there is time for, at most 1000 */
    double minutes;          /* [0, 1e6]: no new trials are begun when those that there are will take so long; 0: no clock */
    int64_t rungs;           /* rounds of halving, 1 to 6; each keeps the best third; 1: all trials have all epochs */
    int64_t epochs;          /* of the last rung; 0: as the method has it */
    const char *metric;      /* as tamis_train_options.validation_metric */
    double validation_ratio; /* cut from the log as tamis_train() does, where there is no validation log */
    uint64_t seed;
    int64_t threads;
    int64_t jobs;            /* as in tamis_robustness_options */
    const char *const *set;  /* of `sets` texts: "[METHOD:]OPTION=VALUE" is not searched, "=VALUE,VALUE,..." and
                                "=[log:|linear:]LOW..HIGH" are what it is drawn from; of other options see tamis_option.search */
    size_t sets;
    int64_t memory;          /* as in tamis_robustness_options */
} tamis_tune_options;
TAMIS_API void tamis_tune_options_init(tamis_tune_options *options, size_t size);
#define tamis_tune_options_default(options) tamis_tune_options_init(options, sizeof *(options))

/* A trial in the last rung that it was in. */
typedef struct tamis_tune_row {
    const char *method;
    int64_t trial, rung;        /* from 1 */
    int64_t epochs, kept_epoch; /* of its schedule; the best one */
    double value;               /* of the metric in validation; NAN: it diverged */
    const char *options;        /* what was set and drawn: "--learning-rate 0.03 --item-bias 1" */
    size_t method_index;        /* of the method in options */
} tamis_tune_row;

typedef struct tamis_tune tamis_tune;

/* Runs it, or what is missing of it. path: the ledger, a CSV file of trials, to which they are appended in the same order
 * whatever happens; it also has how many of them a clock let begin. validation may be NULL. TAMIS_DIVERGED: all trials of a
 * method have. */
TAMIS_API tamis_status tamis_tune_run(const tamis_log *log, const tamis_log *validation, const tamis_tune_options *options,
                                      const char *path, const tamis_study_progress *progress, tamis_tune **tune,
                                      tamis_error *error);
/* The best first: by rung, then by value, each by its index from 0; NULL past the last. */
TAMIS_API const tamis_tune_row *tamis_tune_rows(const tamis_tune *tune, size_t index);
TAMIS_API int64_t tamis_tune_trials(const tamis_tune *tune); /* per method */
/* The best options of a method (NULL: of all), which live as long as tune. TAMIS_USAGE: it was not tuned. */
TAMIS_API tamis_status tamis_tune_best_init(const tamis_tune *tune, const char *method, tamis_train_options *options,
                                            size_t size, tamis_error *error);
#define tamis_tune_best(tune, method, options, error) tamis_tune_best_init(tune, method, options, sizeof *(options), error)
/* Writes the best ones as tamis train --options reads them, as other files are written. */
TAMIS_API tamis_status tamis_tune_save(const tamis_tune *tune, const char *path, tamis_error *error);
TAMIS_API void tamis_tune_free(tamis_tune *tune);

/* Exposure-skew curves on a log with known truth, after Saito et al., WSDM 2020: relevance and exposure are fitted to a
 * log with ratings, logs are drawn from them whose exposure is raised to a power, and methods trained on the clicks are
 * measured on true relevance. */
typedef struct tamis_mnar_options {
    size_t size;                   /* set by tamis_..._options_default() */
    const char *powers;   /* "0.5,1,2,3,4": exposure is raised to each */
    const char *methods;  /* "mf,relmf": trained on clicks; "oracle", mf on true relevance, is added */
    const char *parameters; /* as for tamis_robustness_options */
    int64_t seeds;
    double epsilon;       /* [-10, 20]: relevance is the logistic function of (predicted rating, within 1 to 5, - epsilon) */
    int64_t factors;      /* of both factorisations, and of the methods that no parameters fix */
    int64_t epochs;       /* 0: as the method has it */
    const char *metrics, *cutoffs;
    double head;
    uint64_t seed;
    int64_t threads, jobs;
} tamis_mnar_options;
TAMIS_API void tamis_mnar_options_init(tamis_mnar_options *options, size_t size);
#define tamis_mnar_options_default(options) tamis_mnar_options_init(options, sizeof *(options))
/* As tamis_robustness_run(); rows' ratio is the power, control "mf". */
TAMIS_API tamis_status tamis_mnar_run(const tamis_log *log, const tamis_mnar_options *options, const char *directory,
                                      const tamis_study_progress *progress, tamis_robustness **study, tamis_error *error);

/* One such log into a directory: train.csv (clicks), test.csv (what is relevant and was not clicked), relevance.csv (per
 * pair its chance of relevance and of exposure, 0/1 whether it was relevant and seen), propensity.csv (per item the mean
 * chance of exposure). */
typedef struct tamis_semi_options {
    size_t size;                   /* set by tamis_..._options_default() */
    double power, epsilon; /* as in tamis_mnar_options */
    int64_t factors;
    uint64_t seed;
    int64_t threads;
} tamis_semi_options;
TAMIS_API void tamis_semi_options_init(tamis_semi_options *options, size_t size);
#define tamis_semi_options_default(options) tamis_semi_options_init(options, sizeof *(options))
TAMIS_API tamis_status tamis_synth_from(const tamis_log *log, const tamis_semi_options *options, const char *directory,
                                        tamis_error *error);

/* How suspicious each interaction of a log is of being noise, and how much noise there is at most. */
typedef enum tamis_audit_score {
    TAMIS_AUDIT_AUTO,     /* PERSONAL where the model was trained with PLD's resampling, else CROSS_FITTED */
    TAMIS_AUDIT_CROSS,    /* the share of the items without interaction that models trained on the other folds rank above */
    TAMIS_AUDIT_FITTED,   /* the same by the model itself, which has seen the interaction */
    TAMIS_AUDIT_PERSONAL  /* the share of the user's own interactions with a smaller loss in the model */
} tamis_audit_score;

typedef struct tamis_audit_options {
    size_t size;                   /* set by tamis_..._options_default() */
    int score;         /* tamis_audit_score */
    int64_t folds;     /* cross-fitting: the log in so many parts, a model trained for each on the others */
    uint64_t seed;
    int64_t threads;
    const tamis_stop *stop; /* NULL: never; else TAMIS_STOPPED */
} tamis_audit_options;
TAMIS_API void tamis_audit_options_init(tamis_audit_options *options, size_t size);
#define tamis_audit_options_default(options) tamis_audit_options_init(options, sizeof *(options))

typedef struct tamis_suspect {
    int32_t user, item; /* rows of the log */
    double suspicion;   /* 0 to 1 */
} tamis_suspect;

/* How much of the log is noise; NAN where the score has not been cross-fitted. True interactions that no model foretells look
 * like noise and are counted in the upper bounds, so that there may be far less. */
typedef struct tamis_audit_bound {
    double share;   /* at most, if noise is uniform over items: of the log's interactions, two standard errors included */
    double above;   /* interactions of this suspicion and more were counted for it */
    double popular; /* at most, if noise follows the items' popularity, is uniform, or is a mix of both */
    double least;   /* at least, under the assumption */
    const char *assumption;
    double users_spread; /* standard deviation between users of the share of interactions of suspicion 0.5 and more, beyond
                            chance; on clean logs 0.02 to 0.07, with noise of a few users mostly above 0.08 */
    int not_popular; /* 1: noise by popularity alone cannot explain the lower bound */
    int64_t unknown; /* interactions of which nothing tells what they are: of an item that the folds trained on have not, or of a
                        user who has all others; they have suspicion 0.5, and the upper bounds count them as noise */
} tamis_audit_bound;

/* A user or item of the log. */
typedef struct tamis_audit_group {
    int32_t row;
    int64_t interactions;
    double suspicion; /* mean of theirs */
    double excess;    /* of the mean over that of the log, in standard errors */
} tamis_audit_group;

typedef struct tamis_audit tamis_audit;
/* The model tells method and options of the folds' models; NULL: ials, with options that follow from the log. The log may be
 * another than the one the model was trained on, unless the score is FITTED or PERSONAL: those need its users and items.
 * progress: as for training, once per epoch of each fold. */
TAMIS_API tamis_status tamis_audit_run(const tamis_model *model, const tamis_log *log, const tamis_audit_options *options,
                                       const tamis_progress *progress, tamis_audit **audit, tamis_error *error);
TAMIS_API void tamis_audit_free(tamis_audit *audit);
/* The most suspicious first. */
TAMIS_API const tamis_suspect *tamis_audit_suspects(const tamis_audit *audit, int64_t *count);
TAMIS_API const tamis_audit_bound *tamis_audit_noise(const tamis_audit *audit);
/* How many of the most suspicious can be removed so that at most this share of them is good, going by the lower bound and its
 * assumption: 0 where there is none. Only suspicions of 0.5 and more. good: the share estimated; may be NULL. */
TAMIS_API int64_t tamis_audit_removable(const tamis_audit *audit, double at_most_good, double *good);
/* Of all users, items: those farthest above the log's mean suspicion first. */
TAMIS_API const tamis_audit_group *tamis_audit_users(const tamis_audit *audit, int64_t *count);
TAMIS_API const tamis_audit_group *tamis_audit_items(const tamis_audit *audit, int64_t *count);
/* An HTML page with pictures of how suspicion is spread over interactions, users and items. */
TAMIS_API tamis_status tamis_audit_report(const tamis_audit *audit, const tamis_log *log, const tamis_sink *sink, tamis_error *error);
/* Against the truth: noise[k] is 1 where suspect k is noise, 0 where it is clean, -1 unknown. auc: the chance that a noisy
 * one stands before a clean one, ties counting half; precision: among as many suspects as there are noisy ones. NAN where
 * one kind is missing. */
TAMIS_API void tamis_audit_judge(const tamis_audit *audit, const signed char *noise, double *auc, double *precision);
/* The log without the first count suspects. */
TAMIS_API tamis_status tamis_audit_clean(const tamis_audit *audit, const tamis_log *log, int64_t count, tamis_log **clean,
                                         tamis_error *error);

/* A pair without interaction that may be a positive all the same. */
typedef struct tamis_hidden {
    int32_t user, item; /* rows of the model */
    double probability; /* that it is one, given that it has no interaction: of nbpo's model
                           flip * sigma(s) / (sigma(-s) + flip * sigma(s)) */
} tamis_hidden;
/* The count most probable ones, best first, ties by user and item; *found of them. All pairs are looked at: progress, which
 * may be NULL, is told of users in the calling thread, and asked in between. TAMIS_USAGE: the model has no flip
 * probabilities, which nbpo learns. */
TAMIS_API tamis_status tamis_model_hidden(const tamis_model *model, size_t count, int64_t threads,
                                          const tamis_study_progress *progress, tamis_hidden *hidden, size_t *found,
                                          tamis_error *error);

/* ------------------------------------------------- what there is (advanced) */

/* The methods, negative samplers: name, one-line help, source. NULL past the last. */
TAMIS_API const char *tamis_method_list(size_t index, const char **help, const char **source);
/* A method's page in the manual, each a sentence or a few. */
typedef struct tamis_method_page {
    const char *help, *source;
    const char *noise; /* what it takes to be wrong in a log */
    const char *use;   /* when to use it, and what to set */
    const char *cost;  /* of an epoch; d: the number of factors */
    const char *reserved[4]; /* NULL, until a later version puts something there */
} tamis_method_page;
/* TAMIS_USAGE: no such method. */
TAMIS_API tamis_status tamis_method_describe(const char *name, tamis_method_page *page, tamis_error *error);
TAMIS_API const char *tamis_sampler_list(size_t index, const char **help);
/* Likewise where positives come from. */
TAMIS_API const char *tamis_positive_sampler_list(size_t index, const char **help);

typedef enum tamis_option_type {
    TAMIS_OPTION_INTEGER, /* int64_t */
    TAMIS_OPTION_SEED,    /* uint64_t */
    TAMIS_OPTION_REAL,    /* double */
    TAMIS_OPTION_FLAG,    /* int, 0 or 1; takes no value on the command line */
    TAMIS_OPTION_CHOICE,  /* int, an index into the words of `range` */
    TAMIS_OPTION_TEXT     /* const char * */
} tamis_option_type;

/* Whether an option names a file, and what is done with it. STREAM: it is written, and - is standard output; DIRECTORY: files
 * are written into it. */
typedef enum tamis_option_file { TAMIS_FILE_NONE, TAMIS_FILE_INPUT, TAMIS_FILE_OUTPUT, TAMIS_FILE_STREAM, TAMIS_FILE_DIRECTORY
} tamis_option_file;

/* One option: how it is called, where it lies in its struct, what it may hold. */
/* Whether runs that are compared with each other, as studies and tuning do, may differ in an option. */
typedef enum tamis_option_role {
    TAMIS_ROLE_FREE,
    TAMIS_ROLE_RUN,    /* says which run it is, and is the study's to set: method, seed */
    TAMIS_ROLE_JUDGE,  /* what validation looks at, alike in all of them */
    TAMIS_ROLE_LENGTH  /* how long a run is: tuning sets it in rungs */
} tamis_option_role;

typedef struct tamis_option {
    const char *name;        /* "learning-rate": --learning-rate on the command line */
    tamis_option_type type;
    size_t offset;
    const char *range;       /* numbers: "[0,1)", "(0,inf)"; choices: "a|b|c"; text: what to write, such as "FILE" */
    const char *fallback;    /* the default as text; NULL: unset (NULL pointer, NAN) */
    const char *unit;        /* "epochs", ""... */
    const char *help;        /* one line */
    const char *search;      /* what tuning draws it from: "log:LOW..HIGH", "linear:LOW..HIGH", or values separated by commas; x
                                before a number: times the method's default. NULL: it is not tuned of itself */
    int file;                /* tamis_option_file */
    const char *only;        /* when it has an effect: "OPTION=VALUE|VALUE", that option being so; "OPTION", that option being
                                set; "method:WORD", the method being one that WORD applies to (steps, pairs, exposure); "validation",
                                there being something to validate on; or several of these, separated by blanks, each of which must
                                hold. NULL: always */
    int neutral;             /* 1: never changes what comes out, such as threads */
    int automatic;           /* 1: "auto" (NAN) is a value: a method's rule finds one from the log, tamis_train_options_fit() */
    int role;                /* tamis_option_role */
} tamis_option;

typedef struct tamis_option_table tamis_option_table;

/* The options of training with a method (NULL: "bpr"), table after table: what all runs have, the method's own, each sampler's;
 * NULL: past the last, or no such method. All lie in tamis_train_options, and tamis_option_check() of the first, which is
 * "train", checks them all. */
TAMIS_API const tamis_option_table *tamis_train_option_table(const char *method, size_t index);
/* The tables "log", "weights" (of tamis_log_options too), "split", "noise", "synth", "robustness", "tune", "mnar", "semi",
 * "audit", "train", "evaluate", "recommend", "similar", "interval" (of tamis_evaluate_options too), "paired"; and a method's own options, which live in
 * tamis_train_options.param, under the method's name. NULL: no such table. */
TAMIS_API const tamis_option_table *tamis_option_find_table(const char *name);
/* An option of the table; NULL past the last. */
TAMIS_API const tamis_option *tamis_option_row(const tamis_option_table *table, size_t index);
/* How many bytes the table's struct has in this library. */
TAMIS_API size_t tamis_option_size(const tamis_option_table *table);
/* Fills a struct that the caller has `size` bytes for: the size itself, and the default of each row that lies within. */
TAMIS_API void tamis_option_defaults(const tamis_option_table *table, void *options, size_t size);
/* Parses text into the option, checks its range. The sentence names the option, the text, and what was expected. */
TAMIS_API tamis_status tamis_option_set(const tamis_option *row, void *options, const char *text, tamis_error *error);
/* Checks all of a struct: every row's range, names, and how options go together. */
TAMIS_API tamis_status tamis_option_check(const tamis_option_table *table, const void *options, tamis_error *error);
/* The value as text that tamis_option_set() reads back to the same bits; "" when unset. Returns buffer. */
TAMIS_API const char *tamis_option_text(const tamis_option *row, const void *options, char *buffer, size_t size);

/* The CPU tier in use: "portable", "avx2", "avx512", "neon" (set TAMIS_CPU to force one). */
TAMIS_API const char *tamis_cpu_tier(void);
/* The core that OpenBLAS takes this processor for; "none": it is not there, or cannot have its threads. Loads it. */
TAMIS_API const char *tamis_blas_core(void);

#ifdef __cplusplus
}
#endif
#endif
