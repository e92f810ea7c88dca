/* What the files of the command line share. Of the library they see tamis.h and src/base alone. */
#ifndef TAMIS_CLI_H
#define TAMIS_CLI_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/option.h"
#include "base/writer.h"
#include "tamis.h"

#define CLI_COUNT(array) (sizeof(array) / sizeof *(array))
#if defined(__GNUC__)
#define CLI_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define CLI_PRINTF(f, a)
#endif

/* ---- commands (commands.c): help, man page, completion and parsing all walk this table. */

#define CLI_METHODS "*" /* cli_group.table: the own options of each method in turn */

typedef struct cli_group {
    const char *title;             /* above its rows in --help; NULL ends a list of groups */
    const char *table;             /* a table of the library, by name; NULL: own */
    const tamis_option_table *own; /* rows that only the command line has */
} cli_group;

struct cli_args;

typedef struct cli_command {
    const char *name, *help;
    const char *operands;    /* "LOG... -o MODEL" */
    const char *about;       /* a paragraph */
    int (*run)(const struct cli_args *args);
    const cli_group *groups; /* NULL: no options but the general ones */
    size_t least, most;      /* operands */
    const char *words;       /* what completes an operand: "a|b"; "" for commands; NULL: file names */
    const char *common;      /* "output|method": what --help shows of many options; NULL: all */
    const char *examples;    /* a line each */
} cli_command;

typedef struct cli_general { /* the options that every command has */
    int quiet, help, help_all, version;
} cli_general;

extern const cli_command cli_commands[];
extern const size_t cli_command_count;
const cli_command *cli_command_find(const char *name);

/* The option tables of a command, one after the other; *walk starts as {.command = c}. NULL: past the last. */
typedef struct cli_walk {
    const cli_command *command;
    size_t group, step;
    const char *title, *method; /* of the table just given; method NULL: not a method's */
} cli_walk;
const tamis_option_table *cli_next_table(cli_walk *walk);

/* The short form of an option: "-k"'s 'k'; 0: none. */
char cli_short(const char *name);
/* A choice with the words yes and no is written --name, --no-name or --name=WORD. */
bool cli_is_switch(const tamis_option *row);
bool cli_takes_value(const tamis_option *row);
/* The index-th word of "a|b|c"; NULL past the last. */
const char *cli_word(const char *words, size_t index, size_t *length);

/* ---- arguments (args.c) */

typedef struct cli_given {
    const tamis_option_table *table;
    const tamis_option *row;
    const char *text;
} cli_given;

typedef struct cli_args {
    const cli_command *command;
    const char **operand;
    size_t operands;
    cli_given *given;
    size_t given_count;
} cli_args;

/* 0, or the exit code after the sentence is printed. */
int cli_parse(const cli_command *command, int argc, char **argv, cli_args *args);
void cli_args_clear(cli_args *args);
/* Usage error when an option was given that changes nothing because another was not. */
int cli_check_idle(const cli_args *args, const char *name, bool used, const char *without);
/* The text that was given last to an option; NULL: not given. */
const char *cli_text(const cli_args *args, const char *name);
/* Sets what was given for a table's rows, the last one winning. */
int cli_apply(const cli_args *args, const tamis_option_table *table, void *values);
/* Usage error when the options do not go together. */
int cli_check(const cli_args *args, const tamis_option_table *table, const void *values);
/* tamis_option_find_table() with the defaults filled in, then cli_apply(). */
int cli_read_options(const cli_args *args, const char *table, void *values);
int cli_read_own(const cli_args *args, const tamis_option_table *table, void *values);
/* The method's own rows; a sentence when an option of another method was given. */
int cli_apply_method(const cli_args *args, const char *method, void *values);
int cli_missing(const cli_args *args, const char *what);
int cli_usage(const cli_command *command, const char *format, ...) CLI_PRINTF(2, 3);
/* The row of --name; NULL: the command has none. */
const tamis_option *cli_find_option(const cli_command *command, const char *name);
/* ---- what was meant (advice.c): the usage error, with a command or an option that there is */
int cli_unknown_command(const char *name);
int cli_unknown_option(const cli_command *command, const char *name);

/* ---- --select OPTION=VALUE,VALUE... (select.c) */
enum { CLI_SELECT = 8 };
typedef struct cli_selected {
    const tamis_option *row;
    const char *values; /* one after the other, each closed by NUL */
    int64_t count;
} cli_selected;
typedef struct cli_select {
    cli_selected option[CLI_SELECT];
    char *text[CLI_SELECT];
    size_t options;
    int64_t runs; /* combinations */
} cli_select;
int cli_select_read(const cli_args *args, const tamis_train_options *training, cli_select *select);
/* Sets a run's values, and says them: "--flip-rate 0.1 --epochs 20". */
int cli_select_apply(const cli_select *select, int64_t run, tamis_train_options *training, char *said, size_t size);
void cli_select_clear(cli_select *select);

/* ---- help (help.c, man.c, completion.c) */
void cli_help_program(void);
void cli_help_command(const cli_command *command, bool all);
void cli_help_option(const tamis_option *row);
/* Text on lines of 80, from column `at` on, further lines indented. */
void cli_wrap(const char *text, size_t at, size_t indent);
void cli_man(void);
int cli_complete(const char *shell);
/* "above 0, below 1": what may be written for an option, for people. Returns buffer. */
const char *cli_range_text(const tamis_option *row, char *buffer, size_t size);
/* The placeholder of its value: N, X, FILE, a|b. */
const char *cli_placeholder(const tamis_option *row);
/* The training defaults that a method changes, as options; "" when none. Returns buffer. */
const char *cli_presets(const char *method, char *buffer, size_t size);
/* help, then range, default and unit. Returns buffer. */
const char *cli_option_text(const tamis_option *row, char *buffer, size_t size);

/* ---- messages and numbers (message.c) */
extern bool cli_quiet;
/* Prints "tamis: sentence" on stderr; gives code back. */
int cli_fail(int code, const char *format, ...) CLI_PRINTF(2, 3);
/* The library's status as exit code, its sentence printed. */
int cli_status(tamis_status status, const tamis_error *error);
/* A line on stderr unless --quiet. */
void cli_note(const char *format, ...) CLI_PRINTF(1, 2);
/* "warning: 12 of 34 test items ..." */
void cli_warn_share(int64_t part, int64_t all, const char *noun, const char *what);
/* 1,234,567. Returns buffer (at least 32 bytes). */
const char *cli_count(int64_t number, char *buffer);
/* "1 epoch", "1,234 epochs". Returns buffer (at least 64 bytes); the noun is cut where it does not fit. */
const char *cli_plural(int64_t number, const char *noun, char *buffer);
/* The shortest text that reads back to the same number; float or double. Returns buffer (at least 32 bytes). */
const char *cli_float(float value, char *buffer);
const char *cli_real(double value, char *buffer);
/* Control characters, which a terminal obeys, as \xNN, as far as there is room. Returns the length. */
size_t cli_clean(const char *bytes, size_t count, char *buffer, size_t size);
char *cli_clean_copy(const char *bytes, size_t count); /* all of it, in malloc'ed memory */
/* Bytes from outside, fit for a message. Returns buffer. */
const char *cli_quote(const char *bytes, size_t length, char *buffer, size_t size);

/* ---- files (file.c) */
bool cli_is_model(const char *path);
/* Reads logs and tells on stderr what was found. */
int cli_read_log(const char *const *paths, size_t count, const tamis_log_options *options, tamis_log **log);
/* The same where ratings are used, or do not matter: without notes of some kinds. */
#define CLI_SILENT_RATING (1u << TAMIS_NOTE_RATING)
int cli_read_log_silent(const char *const *paths, size_t count, const tamis_log_options *options, unsigned silent, tamis_log **log);
/* How a second log is read beside the first one: with what --NAME-user and --NAME-item say, and with the first one's options
 * as far as its file has what they name; without the k-core, and with every row a positive where it has no ratings. */
void cli_beside(const cli_args *args, const char *prefix, const tamis_log_options *first, tamis_log_options *reading);
/* Usage error when --NAME-user or --NAME-item was given without --NAME. prefix: "NAME-". */
int cli_check_beside(const cli_args *args, const char *prefix);
/* The rows of these two options; field: const char *[2]. */
#define CLI_COLUMNS(type, field, name)                                                                                 \
    CLI_OPTION(type, field[0], name "-user", TAMIS_OPTION_TEXT, "COLUMN", NULL, "",                                    \
               "the column of users in --" name ": a name or a position; else found as in any log"),                   \
    CLI_OPTION(type, field[1], name "-item", TAMIS_OPTION_TEXT, "COLUMN", NULL, "", "the same of items")
int cli_load(const char *path, tamis_model **model);
/* Before anything is read or written. Usage errors: standard input is named twice; */
int cli_check_inputs(const cli_args *args);
/* what was given to the option is no name, is standard output, or is one of the inputs. And that it can be written,
 * rather than to fail after hours of work. */
int cli_check_output(const cli_args *args, const char *option);
/* Whether two names are of one file that exists, or are spelled alike. */
bool cli_same_file(const char *a, const char *b);

/* The files that a command writes into a directory: not all of them each time, and one that an earlier run has left
 * would pass for this run's. */
enum { CLI_PARTS = 8 };
typedef struct cli_parts {
    const char *command, *directory;
    const char *name[CLI_PARTS];
    unsigned long long there[CLI_PARTS]; /* inode of what was there before; 0: nothing */
} cli_parts;
/* Usage error when the directory has no name, or one of the files is an input. what: the option or operand. */
int cli_parts_check(cli_parts *parts, const cli_args *args, const char *what);
/* After writing: what became of those that were there before and were not written anew. */
void cli_parts_tell(const cli_parts *parts);

/* ---- output (output.c): standard output, or a file that appears when complete */
typedef struct cli_out {
    base_writer *writer; /* NULL: standard output */
} cli_out;
int cli_out_open(const char *path, cli_out *out); /* NULL or "-": standard output */
void cli_out_bytes(cli_out *out, const char *bytes, size_t count);
void cli_out_text(cli_out *out, const char *text);
void cli_out_field(cli_out *out, const char *bytes, size_t count); /* CSV, quoted where it has to be */
void cli_put_log(base_writer *writer, const tamis_log *log); /* its rows, as tamis_log_write() writes them */
int cli_out_close(cli_out *out, int code);                         /* code 0: keep it; else throw it away */
/* Before a model file is loaded: from now on SIGBUS in it is an error that names it (mapped.c). */
void cli_mapped(const char *path);
/* code, or that of an error: the file has changed since. */
int cli_mapped_check(int code);
/* Flushes standard output; the sentence and code 1 when that fails. */
int cli_out_finish(int code);

/* ---- what must not be lost (save.c) */
typedef tamis_status (*cli_saving)(const void *context, const char *path, tamis_error *error);
/* Saves it at the path or, where that fails, beside it, in $TMPDIR or in /tmp, says where, and gives code 1. */
int cli_save(const char *path, const char *what, cli_saving save, const void *context);
/* Files that belong together, each written in one go. */
typedef struct cli_file {
    const char *path; /* NULL or "-": standard output */
    const char *what; /* for the sentence: "the figures" */
    void (*write)(const void *context, cli_out *out); /* NULL: not wanted */
} cli_file;
/* None takes its name before all are complete; what cannot be written goes elsewhere, likewise. */
int cli_write_files(const cli_file *files, size_t count, const void *context);

/* ---- JSON (json.c): written straight through, commas kept track of */
typedef struct cli_json {
    cli_out *out;
    bool comma;
} cli_json;
void cli_json_open(cli_json *json, const char *name, char bracket); /* name NULL: an element of an array */
void cli_json_close(cli_json *json, char bracket);
void cli_json_string(cli_json *json, const char *name, const char *bytes, size_t count);
void cli_json_text(cli_json *json, const char *name, const char *text);
void cli_json_real(cli_json *json, const char *name, double value); /* not finite: null */
void cli_json_integer(cli_json *json, const char *name, int64_t value);
void cli_json_raw(cli_json *json, const char *name, const char *text);
void cli_json_line(cli_json *json); /* ends a line of output; the next value starts afresh */

/* ---- aligned tables (table.c): the first column to the left, the others to the right */
typedef struct cli_table {
    char **cell;
    size_t count, capacity, columns;
    bool left; /* all columns to the left */
} cli_table;
void cli_table_cell(cli_table *table, const char *format, ...) CLI_PRINTF(2, 3);
void cli_table_print(cli_table *table, cli_out *out); /* and frees it */
/* How figures are written: the words of --output-format in this order. */
typedef enum cli_form { CLI_TABLE_TEXT, CLI_JSON_TEXT, CLI_CSV, CLI_MARKDOWN, CLI_LATEX } cli_form;
#define CLI_FORMS "table|json|csv|markdown|latex"
bool cli_form_is_text(cli_form form); /* for people: not JSON, CSV */
#define CLI_VERBOSE(type) \
    CLI_OPTION(type, verbose, "verbose", TAMIS_OPTION_FLAG, NULL, "0", "", \
               "below a table: whole checksums, rules, seeds and definitions, which JSON and CSV hold anyway")
void cli_table_print_as(cli_table *table, cli_form form, cli_out *out); /* not JSON, CSV; and frees it */

/* ---- evaluating (testing.c): what evaluate and compare share */
typedef struct cli_testing {
    const cli_args *args;
    tamis_log_options reading;
    tamis_evaluate_options options;
    const char *relevance;     /* the test log's column; NULL: none */
    const char *propensity;    /* a file; NULL: none */
    tamis_table *propensities; /* what it holds */
    const char *const *tests;  /* the test log's files */
    size_t test_count;
    tamis_log *test, **mask;
    size_t masks;
    int64_t items; /* of the model, once it has run */
} cli_testing;
int cli_testing_options(cli_testing *testing, const cli_args *args); /* reads no file */
int cli_testing_read(cli_testing *testing, const char *const *tests, size_t count);
int cli_testing_run(cli_testing *testing, const tamis_model *model, tamis_evaluation **outcome);
void cli_testing_clear(cli_testing *testing);
bool cli_testing_sampled(const cli_testing *testing); /* once it has run: fewer than all items are ranked */
bool cli_testing_listed(const cli_testing *testing);
bool cli_testing_masks_training(const cli_testing *testing);
const char *cli_testing_masked(const cli_testing *testing); /* "training items masked" */

/* What a figure can be traced by, line by line. */
typedef struct cli_fact_line {
    char *name, *text;
} cli_fact_line;
typedef struct cli_facts {
    bool brief; /* one line for people, checksums cut to 12 digits */
    cli_fact_line *line;
    size_t count, capacity;
    int code; /* 0, or what an error that has been said leaves the program with */
} cli_facts;
void cli_fact(cli_facts *facts, const char *name, const char *format, ...) CLI_PRINTF(3, 4);
void cli_fact_file(cli_facts *facts, const char *what, const char *path); /* with its SHA-256, of a regular file */
void cli_testing_facts(const cli_testing *testing, cli_facts *facts);
void cli_facts_metric(cli_facts *facts, const char *name); /* the definition of "ndcg@20" */
void cli_facts_print(const cli_facts *facts, cli_form form, cli_out *out);
void cli_facts_json(const cli_facts *facts, cli_json *json);
void cli_facts_field(const cli_facts *facts, cli_out *out);
void cli_facts_clear(cli_facts *facts);

/* ---- values per user (scores.c) */
typedef struct cli_scores {
    int64_t users;
    size_t metrics;
    char **id;
    char (*name)[64];
    double *value; /* users x metrics; NAN: not defined */
} cli_scores;
int cli_scores_take(const tamis_evaluation *evaluation, cli_scores *scores);
int cli_scores_read(const char *path, cli_scores *scores); /* as evaluate --per-user wrote it */
int cli_scores_align(cli_scores *scores, size_t count);    /* keeps the users that are in all, in one order */
void cli_scores_clear(cli_scores *scores);

/* ---- signals (signal.c) */
void cli_signal_listen(void);     /* from here on temporary files are removed before one ends the program */
void cli_signal_save(bool on);    /* on: it does not end the program, which looks for it and saves what it has */
/* What the handler writes to stderr at the first one; NULL: nothing. Must stay in memory. */
void cli_signal_say(const char *text);
/* 0: there was none; else the exit code for it. */
int cli_interrupted(void);
extern const tamis_stop cli_stop; /* when there was one */

/* ---- the line of progress (line.c) */
double cli_now(void); /* seconds, of a clock that nobody sets */
/* "[##........] what 2/10  part  part": parts in order of worth; those that do not fit are left out, and the bar before the
 * first of them. */
void cli_line_show(const char *what, int64_t done, int64_t all, const char *const *parts, size_t count);
/* Before something else is written to stderr. */
void cli_line_clear(void);
/* The same for a signal handler: it stays, and what follows begins a line. */
void cli_line_leave(void);
const char *cli_eta(double seconds, char *buffer, size_t size); /* "ETA 1:02:03"; "": years. Returns buffer. */

/* ---- progress (progress.c) */
typedef struct cli_progress {
    tamis_progress progress; /* what tamis_train() is given */
    const char *metric;      /* NULL: no validation */
    const char *log_path;
    FILE *log;               /* JSON lines; NULL: none */
    int log_error;           /* errno of the first failure */
    double last;             /* value of validation; 0: none yet */
    double start, seconds;   /* wall clock; seconds once it is closed, validation included */
} cli_progress;
int cli_progress_open(cli_progress *progress, const char *log_path, const char *metric, int64_t epochs);
int cli_progress_close(cli_progress *progress); /* clears the bar, closes the log; 0 or 1 */

/* ---- one file per command */
int cmd_train(const cli_args *args);
int cmd_evaluate(const cli_args *args);
int cmd_compare(const cli_args *args);
int cmd_recommend(const cli_args *args);
int cmd_similar(const cli_args *args);
int cmd_info(const cli_args *args);
int cmd_export(const cli_args *args);
int cmd_split(const cli_args *args);
int cmd_noise(const cli_args *args);
int cmd_robustness(const cli_args *args);
int cmd_audit(const cli_args *args);
int cmd_study(const cli_args *args);
int cmd_synth(const cli_args *args);
int cmd_methods(const cli_args *args);
int cmd_completion(const cli_args *args);
int cmd_help(const cli_args *args);

/* Their own option tables, beside the functions that read them. */
extern const tamis_option_table cli_general_table, cli_train_table, cli_evaluate_table, cli_testing_table,
    cli_compare_table, cli_recommend_table,
    cli_similar_table, cli_info_table, cli_split_table, cli_synth_table, cli_methods_table;
extern const tamis_option_table cli_noise_table, cli_robustness_table, cli_audit_table, cli_study_table;
typedef struct cli_study { /* how far a study is */
    int64_t done, cells, computed; /* computed: by this run */
    double start, last, shown;     /* last: when a cell was done */
    const char *phase;
    char text[200];
} cli_study;
/* Shows its progress, context being a cli_study. */
int cli_study_tell(void *context, const tamis_study_step *step);
/* From here on it is said that a signal loses nothing. */
void cli_study_listen(void);
/* Prints its table, runs gnuplot on plots.gp in the directory or says why not. */
int cli_study_finish(const tamis_robustness *study, const char *axis, const char *control, const char *directory);

#define CLI_OPTION BASE_OPTION
#define CLI_TABLE(symbol, name, rows, type) \
    const tamis_option_table symbol = {name, rows, CLI_COUNT(rows), sizeof(type), NULL}

#endif
