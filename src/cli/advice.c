/* Commands and options that there are not: what was meant, where it can be told.
 *
 * In this order: a word that other programs use for the same thing, an option of the same name elsewhere, a name that is
 * spelled nearly alike. What is advised always exists: a row below counts only where the command has its option. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "base/status.h"
#include "cli/advice.h"
#include "cli/commands.h"
#include "cli/message.h"

enum { NAME_MAX_LENGTH = 63, NONE = 1000 };

typedef struct synonyms {
    const char *name, *words; /* a command or an option; what else it is called, "a|b" */
} synonyms;

static const synonyms commands[] = {
    {"train", "fit|learn|build"},
    {"evaluate", "eval|test|measure|validate|metrics|benchmark"},
    {"recommend", "predict|rank|top|topk|top-k|rec|recs|infer|serve"},
    {"score", "scores|predict-pairs|logits"},
    {"similar", "neighbours|neighbors|nearest|knn|related|sim"},
    {"info", "show|describe|inspect|stats|summary|dump"},
    {"compare", "diff|ttest|significance"},
    {"split", "cut|partition|holdout|train-test-split"},
    {"noise", "corrupt|perturb|inject"},
    {"synth", "generate|simulate|sample|random"},
    {"robustness", "experiment|stress|noise-study"},
    {"tune", "optimize|search|grid|grid-search|hyperopt|sweep|automl"},
    {"audit", "clean|denoise|detect"},
    {"methods", "list|models|algorithms|losses|samplers"},
    {"help", "usage|man|manual"},
};

/* A word may stand in several rows: the first whose option the command has. */
static const synonyms options[] = {
    {"learning-rate", "lr|eta|step|step-size|initial-learning-rate"},
    {"epochs", "n-epochs|num-epochs|max-epochs|iterations|iters|iter|n-iter|num-iterations|passes"},
    {"cutoffs", "k|at|top-k|topk|top|n|ks|cutoff"},
    {"k", "top-k|topk|top|n|num|count|cutoffs|cutoff|limit"},
    {"factors", "n-factors|num-factors|dim|dims|d|k|rank|components|n-components|no-components|latent-dim|embedding-dim|"
                "embedding-size|embeddings|latent-factors|hidden-size"},
    {"regularization", "reg|l2|lambda|reg-lambda|penalty|decay|l2-reg"},
    {"negatives", "neg|num-neg|n-negatives|num-negatives|neg-samples|negative-samples|neg-ratio"},
    {"negative-sampling", "sampler|sampling|negative-sampler"},
    {"batch-size", "batch|bs|minibatch|mini-batch|batchsize"},
    {"optimizer", "opt|optim|solver"},
    {"schedule", "scheduler|lr-schedule|lr-scheduler"},
    {"learning-rate-decay", "lr-decay|gamma"},
    {"patience", "early-stopping|early-stop|early-stopping-rounds"},
    {"item-bias", "bias|biases|use-bias"},
    {"method", "model|algorithm|algo|loss|objective|estimator"},
    {"methods", "method|model|models|algorithms|algos"},
    {"output", "o|out|outfile|out-file|output-file|output-dir|out-dir|outdir|dest|dir|save|save-to|save-model|model-file|model-path|"
               "model-output|export"},
    {"output-format", "fmt|format-output|as|json|csv|markdown|latex"},
    {"validation", "val|valid|dev|val-file|validation-file|validation-data|eval-set|val-data"},
    {"validation-ratio", "val-ratio|val-size|val-split|valid-ratio|validation-split|validation-size|validation-fraction"},
    {"validation-metric", "metric|monitor|eval-metric"},
    {"metrics", "metric|measures|measure"},
    {"metric", "metrics|validation-metric|monitor|measure|objective"},
    {"ratios", "ratio|noise-ratio|noise-ratios|noise-levels|levels"},
    {"test-ratio", "test-size|test-split|test-fraction|holdout|ratio"},
    {"test", "test-file|test-data"},
    {"select", "grid|grid-search|search|tune|tuning|param-grid"},
    {"trials", "budget|n-trials|max-trials|num-trials|tune|tuning"},
    {"minutes", "time|timeout|time-limit|time-budget|max-time|hours|seconds"},
    {"set", "fix|space|search-space|param|params|select|grid"},
    {"options", "config|conf|config-file|params|params-file|options-file"},
    {"uniform", "noise|ratio|noise-ratio|random|rate"},
    {"mask", "exclude|filter|hide|seen|train-mask"},
    {"candidates", "in-stock|stock|allow|include|whitelist|allowlist|only|items"},
    {"exclude", "block|blacklist|blocklist|except|remove|without"},
    {"max-per", "diversity|max-per-group|max-per-category|per-group"},
    {"mask-training", "filter-seen|filter-already-liked-items|remove-seen|exclude-seen"},
    {"jobs", "n-jobs|num-jobs|parallel|workers|n-workers|num-workers"},
    {"threads", "n-threads|num-threads|nthreads|thread|n-jobs|jobs|workers|num-workers|cores|cpus"},
    {"seed", "random-state|random-seed|rng|rng-seed"},
    {"seeds", "runs|repeats|repetitions|n-runs|n-seeds"},
    {"delimiter", "sep|separator|delim|field-separator"},
    {"header", "headers|has-header|skip-header"},
    {"user", "user-id|userid|uid|user-col|user-column|user-field|u"},
    {"item", "item-id|itemid|iid|item-col|item-column|item-field|product|i"},
    {"rating", "ratings|rating-col|rating-column|value|label|r"},
    {"time", "timestamp|timestamps|time-col|time-column|date|ts"},
    {"min-rating", "threshold|rating-threshold|positive-threshold|min-score|min-value"},
    {"min-user-interactions", "min-user|user-core|k-core|core|min-interactions"},
    {"min-item-interactions", "min-item|item-core"},
    {"where", "filter|query|only|keep|condition|if"},
    {"where-not", "without|drop-where|unless|except|remove-where"},
    {"weight", "weights|sample-weight|weight-col|weight-column|confidence|plays|counts"},
    {"event-weight", "event-weights|weights|weight"},
    {"half-life", "decay|time-decay|halflife"},
    {"dislike", "dislikes|negative-feedback|downvotes"},
    {"dislike-below", "max-dislike|negative-threshold"},
    {"noise-from", "noise-column|noise-label|natural|noise-where"},
    {"on-error", "errors|skip-errors|skip-bad|error"},
    {"users", "user|user-list|user-file|user-ids"},
    {"per-user", "user-scores|per-user-output|scores"},
    {"bootstrap", "ci|resamples|intervals|n-bootstrap"},
    {"log", "log-file|logfile|history|metrics-file"},
    {"quiet", "q|silent|no-progress"},
    {"help", "h|usage|man"},
    {"help-all", "all|help-full|full-help"},
    {"version", "v|ver"},
};

/* What there is no option for, and why. */
static const struct {
    const char *commands, *words, *sentence;
} notes[] = {
    {"robustness|study|tune", "resume|restart|continue|restore",
     "it needs none: the same command with the same --output goes on where it was"},
    {NULL, "resume|restart|continue|restore|checkpoint",
     "there is nothing to go on from: robustness and study go on by themselves when the same command is given again"},
    {NULL, "gpu|cuda|device", "everything runs on the processor"},
    {"train", "debug", "--verbose says what it takes of memory; all else there is to say it says anyhow"},
    {NULL, "verbose|debug", "it says all there is to say, and less with --quiet"},
};

/* What stands without an option. */
static const char inputs[] = "model|log|logs|data|dataset|file|files|in|input|infile|train|train-file|train-data|test|test-file";

static bool has_word(const char *words, const char *word)
{
    size_t length, wanted = strlen(word);
    const char *at;
    for (size_t k = 0; (at = base_option_word(words, k, &length)); k++)
        if (length == wanted && memcmp(at, word, length) == 0) return true;
    return false;
}

/* ---- the nearest name: edit distance with exchanged neighbours */

typedef struct nearest { /* of the names given one by one */
    const char *text, *name;
    size_t distance;
} nearest;

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t edit_distance(const char *a, const char *b)
{
    size_t row[3][NAME_MAX_LENGTH + 1], n = strlen(a), m = strlen(b);
    if (n > NAME_MAX_LENGTH || m > NAME_MAX_LENGTH) return NONE;
    for (size_t j = 0; j <= m; j++) row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(least(last[j], now[j - 1]) + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], before[j - 2] + 1);
        }
    }
    return row[n % 3][m];
}

static void nearer(nearest *best, const char *name)
{
    size_t length = strlen(best->text), distance = edit_distance(best->text, name);
    if (distance && length >= 3 && strncmp(best->text, name, length) == 0) distance = 1; /* an abbreviation */
    if (distance > 3 || distance * 2 > length) return;
    if (best->name && best->distance <= distance) return;
    best->name = name;
    best->distance = distance;
}

/* --Learning_Rate is --learning-rate. Returns buffer. */
static const char *usual_spelling(const char *name, char *buffer, size_t size)
{
    size_t k = 0;
    for (; name[k] && k + 1 < size; k++) buffer[k] = name[k] == '_' ? '-' : (char)tolower((unsigned char)name[k]);
    buffer[k] = '\0';
    return buffer;
}

/* ---- commands */

int cli_unknown_command(const char *name)
{
    char shown[280], usual[NAME_MAX_LENGTH + 1];
    nearest best = {.text = usual_spelling(name, usual, sizeof usual)};
    base_quote(shown, sizeof shown, name, strlen(name));
    for (size_t k = 0; k < BASE_COUNT(commands) && !best.name; k++)
        if (has_word(commands[k].words, usual)) best.name = commands[k].name;
    for (size_t k = 0; k < cli_command_count && (!best.name || best.distance); k++) nearer(&best, cli_commands[k].name);
    if (best.name) return cli_usage(NULL, "there is no command \"%s\"; did you mean %s?", shown, best.name);
    return cli_usage(NULL, "there is no command \"%s\"", shown);
}

/* ---- options */

static const char *synonym_of(const cli_command *command, const char *word)
{
    const tamis_option *row = cli_find_option(command, word); /* with other letters than the name that was typed */
    if (row) return row->name;
    for (size_t k = 0; k < BASE_COUNT(options); k++)
        if (has_word(options[k].words, word) && cli_find_option(command, options[k].name)) return options[k].name;
    return NULL;
}

static const char *note_on(const cli_command *command, const char *word)
{
    for (size_t k = 0; k < BASE_COUNT(notes); k++)
        if ((!notes[k].commands || has_word(notes[k].commands, command->name)) && has_word(notes[k].words, word))
            return notes[k].sentence;
    return NULL;
}

/* "evaluate, compare": the other commands that have it; "" when none. Returns buffer. */
static const char *who_has(const cli_command *command, const char *name, char *buffer, size_t size)
{
    size_t used = 0;
    buffer[0] = '\0';
    for (size_t k = 0; k < cli_command_count && used < size; k++)
        if (&cli_commands[k] != command && cli_find_option(&cli_commands[k], name))
            used += (size_t)snprintf(buffer + used, size - used, "%s%s", used ? ", " : "", cli_commands[k].name);
    return buffer;
}

static const char *nearest_option(const cli_command *command, const char *text, bool flags)
{
    nearest best = {.text = text};
    cli_walk walk = {.command = command};
    for (const tamis_option_table *table; (table = cli_next_table(&walk));)
        for (size_t k = 0; k < table->count; k++)
            if (!flags || !cli_takes_value(&table->rows[k])) nearer(&best, table->rows[k].name);
    return best.name;
}

int cli_unknown_option(const cli_command *command, const char *name)
{
    char shown[280], usual[NAME_MAX_LENGTH + 1], others[400];
    base_quote(shown, sizeof shown, name, strlen(name));
    usual_spelling(name, usual, sizeof usual);
    const bool no = strncmp(usual, "no-", 3) == 0;
    const char *note = note_on(command, usual), *meant = synonym_of(command, usual);
    if (note) return cli_usage(command, "%s has no option --%s; %s", command->name, shown, note);
    if (meant) return cli_usage(command, "%s has no option --%s; did you mean --%s?", command->name, shown, meant);
    if (command->most && has_word(inputs, usual))
        return cli_usage(command, "%s has no option --%s; files need none: tamis %s %s", command->name, shown, command->name,
                         command->operands);
    const bool own = no && cli_find_option(command, usual + 3);
    if (!own && *who_has(command, no ? usual + 3 : usual, others, sizeof others))
        return cli_usage(command, "%s has no option --%s; it is an option of %s", command->name, shown, others);
    meant = nearest_option(command, no ? usual + 3 : usual, no);
    if (meant) return cli_usage(command, "%s has no option --%s; did you mean --%s%s?", command->name, shown, no ? "no-" : "", meant);
    return cli_usage(command, "%s has no option --%s", command->name, shown);
}
