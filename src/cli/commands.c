/* The commands: one row each, from which parsing, --help, man page and completion are made. */
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "cli/commands.h"

enum { ANY = 1 << 30 };

#define READING {"Reading the log", "log", NULL}, {"What a row counts", "weights", NULL}

static const cli_group train_groups[] = {READING,
                                         {"Training", "train", NULL},
                                         {"Parameters of method", CLI_METHODS, NULL},
                                         {"Parameters of sampler", CLI_SAMPLERS, NULL},
                                         {"Output", NULL, &cli_train_table},
                                         {0}};
static const cli_group evaluate_groups[] = {{"Evaluation", "evaluate", NULL},
                                            {"Intervals", "interval", NULL},
                                            {"Masks, relevance, checks", NULL, &cli_testing_table},
                                            {"Slices, fold-in, output", NULL, &cli_evaluate_table},
                                            {"Reading the test log", "log", NULL},
                                            {"What a row of --fold-in counts", "weights", NULL},
                                            {0}};
static const cli_group compare_groups[] = {{"Comparison", NULL, &cli_compare_table},
                                           {"Tests and intervals", "paired", NULL},
                                           {"Evaluation of models", "evaluate", NULL},
                                           {"Masks, relevance, checks", NULL, &cli_testing_table},
                                           {"Reading the test log", "log", NULL},
                                           {0}};
static const cli_group recommend_groups[] = {{"Users, output", NULL, &cli_recommend_table},
                                             {"Which items", NULL, &cli_selection_table},
                                             {"Recommendation", "recommend", NULL},
                                             {"Reading the log of --history", "log", NULL},
                                             {"What a row of it counts", "weights", NULL},
                                             {0}};
static const cli_group score_groups[] = {{"Scores", NULL, &cli_score_table}, {0}};
static const cli_group similar_groups[] = {{"Neighbours", NULL, &cli_similar_table}, {"Computation", "similar", NULL}, {0}};
static const cli_group info_groups[] = {{"Output", NULL, &cli_info_table}, READING, {0}};
static const cli_group export_groups[] = {{"For indexes of vectors", NULL, &cli_export_table}, {0}};
static const cli_group split_groups[] = {{"Split", "split", NULL}, {"Output", NULL, &cli_split_table}, READING, {0}};
static const cli_group noise_groups[] = {{"Noise", "noise", NULL}, {"Output", NULL, &cli_noise_table}, READING, {0}};
static const cli_group robustness_groups[] = {{"Experiment", "robustness", NULL},
                                              {"Output", NULL, &cli_robustness_table}, READING, {0}};
static const cli_group tune_groups[] = {{"Search", "tune", NULL}, {"Settings, output", NULL, &cli_tune_table}, READING, {0}};
static const cli_group study_groups[] = {{"Exposure skew (mnar)", "mnar", NULL}, {"Output", NULL, &cli_study_table}, {"Reading the log", "log", NULL},
                                         {0}};
static const cli_group audit_groups[] = {{"Audit", "audit", NULL}, {"Output", NULL, &cli_audit_table}, READING, {0}};
static const cli_group synth_groups[] = {{"Synthetic log", "synth", NULL},
                                         {"Fitted to a log", "semi", NULL},
                                         {"Output", NULL, &cli_synth_table},
                                         {"Reading the log of --from", "log", NULL},
                                         {0}};
static const cli_group methods_groups[] = {{"Output", NULL, &cli_methods_table}, {0}};

const cli_command cli_commands[] = {
    {"train", "learn a model from logs", "LOG... -o MODEL",
     "Reads one or more logs of interactions (a file, a folder of files, a pattern in quotes such as 'part-*.csv', or - for standard input), trains a model on them and writes "
     "it to MODEL. With validation the epoch that did best is kept, else the last one. Ctrl-C ends the training "
     "at once and saves the model.",
     cmd_train, train_groups, 1, ANY, NULL,
     "output|method|validation-ratio|validation|epochs|learning-rate|regularization|factors|select|user|item|min-rating",
     "tamis train clicks.csv.gz -o clicks.tamis --validation-ratio 0.1\n"
     "tamis train clicks.csv.gz -o warp.tamis --method warp\n"
     "tamis train clicks.csv.gz -o tuned.tamis --validation-ratio 0.1 \\\n"
     "    --select regularization=0.003,0.01,0.03\n"
     "tamis train clicks.csv.gz -o long.tamis --checkpoint long.ck --resume\n"},
    {"evaluate", "measure a model on held-out logs", "MODEL TEST...",
     "Ranks all items for each user of the test logs, the user's training items left out, and prints the metrics' "
     "means over users; of folds (m1,m2 t1,t2) or runs (m1,m2 t) theirs, too.",
     cmd_evaluate, evaluate_groups, 2, ANY, NULL,
     "cutoffs|metrics|mask|drop-unknown|slice|bootstrap|per-user|output-format|output|user|item|min-rating",
     "tamis evaluate clicks.tamis parts/test.csv\n"
     "tamis evaluate clicks.tamis parts/test.csv --mask parts/validation.csv \\\n"
     "    --metrics ndcg,recall -k 20\n"
     "tamis evaluate clicks.tamis parts/test.csv --slice popularity --bootstrap 1000\n"},
    {"compare", "compare models user by user", "A B...",
     "Compares models on the test log of --test, or without it files that evaluate --per-user has written: each with the "
     "first, user by user. Prints the difference of the means with an interval, how many users are better and worse "
     "off, and the p of a paired t-test, Wilcoxon's signed-rank test and a permutation test; of several comparisons "
     "intervals are joint ones and p are Holm's, so that both hold for all that is printed. Runs of one method with several "
     "seeds are joined by commas (a1,a2,a3 b1,b2,b3): then a user's value is the mean over runs, and the runs' means are "
     "compared as well, the first with the first and so on. With as many test logs in --test each run is a fold.",
     cmd_compare, compare_groups, 2, ANY, NULL,
     "test|metrics|cutoffs|mask|confidence|verbose|output-format|output|user|item|min-rating",
     "tamis compare --test parts/test.csv clicks.tamis warp.tamis \\\n"
     "    --metrics ndcg,recall -k 20\n"},
    {"recommend", "list the best unseen items of users", "MODEL",
     "Writes the items with the highest scores that a user has not interacted with: user_id,rank,item_id,score.",
     cmd_recommend, recommend_groups, 1, 1, NULL,
     "users|unknown-users|requests|k|mask|candidates|exclude|max-per|json|output",
     "tamis recommend clicks.tamis -k 10 -o recommended.csv\n"
     "echo u1 | tamis recommend clicks.tamis --users -\n"
     "echo '{\"user\": \"u1\", \"k\": 3}' | tamis recommend clicks.tamis --requests -\n"},
    {"score", "score given pairs of users and items", "MODEL PAIRS",
     "Reads a CSV file with a column of users and a column of items (- for standard input) row by row and writes the model's score of each: "
     "user_id,item_id,score, in the same order. Pairs that the model has no score for have an empty one, and are counted.",
     cmd_score, score_groups, 2, 2, NULL, NULL,
     "tamis score clicks.tamis parts/test.csv -o scores.csv\n"},
    {"similar", "list the nearest items of items, or users of users", "MODEL [ITEM...]",
     "Writes the items whose factors have the largest cosine with those of ITEM, an item id: rank,item_id,score; of several, or with --items, "
     "--users or --all: item_id,rank,similar_item_id,score. Of itemknn and ease: those with the largest numbers in its row of the item-item "
     "matrix.",
     cmd_similar, similar_groups, 1, ANY, NULL, NULL,
     "tamis similar clicks.tamis i1 -k 5\n"
     "tamis similar clicks.tamis --all items -o neighbours.csv.gz\n"
     "echo u1 | tamis similar clicks.tamis --users -\n"},
    {"info", "say what is in a log or a model", "MODEL|LOG...",
     "Of a log: what its rows came to, how active users and how popular items are, when rows were made, and what looks wrong, before "
     "anything is trained. Of a model: its sizes and how it was made.",
     cmd_info, info_groups, 1, ANY, NULL,
     "json|day-limit|user|item|rating|time|min-rating|where-not",
     "tamis info clicks.csv.gz\n"
     "tamis info clicks.tamis\n"},
    {"export", "write a model for NumPy and others", "MODEL DIR",
     "Writes user_factors.npy, item_factors.npy, item_bias.npy (where there is one), user_ids.txt and item_ids.txt "
     "into DIR; of itemknn and ease, in the place of factors, neighbour_start.npy, neighbour_item.npy and neighbour_value.npy: row j "
     "has what an interaction with item j adds to the scores of others, as scipy.sparse.csr_matrix((value, item, start)) takes it.",
     cmd_export, export_groups, 2, 2, NULL, NULL,
     "tamis export clicks.tamis factors\n"
     "tamis export clicks.tamis vectors --fold-bias\n"},
    {"split", "cut logs into train, validation and test", "LOG... -o DIR",
     "Cuts each user's interactions into train.csv, validation.csv (if asked for) and test.csv in DIR: by shares, by the last ones of "
     "each user, by a time for all, or into folds. With --hold-out-users these are cut from some users alone, whose other rows are "
     "history.csv, and the others stay whole.", cmd_split,
     split_groups, 1, ANY, NULL,
     "output|test-ratio|validation-ratio|order|last|test-from|folds|fold|hold-out-users|user|item|time|min-rating",
     "tamis split clicks.csv.gz --test-ratio 0.2 --validation-ratio 0.1 -o parts\n"
     "tamis split clicks.csv.gz --folds 5 --fold 1 -o fold1\n"},
    {"noise", "put noise into a log", "LOG... -o FILE",
     "Writes the log with injected rows, or with rows hidden, and with --truth which rows these are. Injected items are "
     "never the user's own, nor those of the --held-out logs.",
     cmd_noise, noise_groups, 1, ANY, NULL,
     "output|uniform|popular|noisy-users|drop|held-out|truth|seed|user|item|min-rating",
     "tamis noise parts/train.csv --uniform 0.2 --held-out parts/test.csv \\\n"
     "    -o noisy.csv --truth truth.csv\n"},
    {"robustness", "find the method that stands noise in a log", "LOG... -o DIR",
     "Trains methods on the log with more and more noise put in and measures them on clean held-out interactions, over "
     "several seeds, each tuned with as many trials. Says which to take; writes results.csv, a summary, plots and "
     "report.html into DIR. A run that was stopped or killed goes "
     "on where it was when the same command is given again.",
     cmd_robustness, robustness_groups, 1, ANY, NULL,
     "output|methods|ratios|noise|noise-from|seeds|trials|validation|user|item|min-rating",
     "tamis robustness clicks.csv.gz -o robustness \\\n"
     "    --methods bpr,warp,pld --ratios 0,0.2,0.5\n"},
    {"tune", "find the method and options that do best", "LOG... -o FILE",
     "Trains methods with many options on a part of the log and keeps those that rank the rest of it best. Each method has as many "
     "trials, the first one with its defaults. A trial is begun with a part of the epochs; the best third goes on, trained anew with "
     "three times as many, and so on, and the first trial with them. The same command, given again, goes on where it was stopped.",
     cmd_tune, tune_groups, 1, ANY, NULL,
     "output|methods|trials|minutes|set|metric|jobs|user|item|min-rating",
     "tamis tune clicks.csv.gz -o best.options --methods bpr,warp --trials 6\n"
     "tamis tune clicks.csv.gz -o bpr.options --methods bpr --trials 4 \\\n"
     "    --set regularization=0.003..0.1 --set factors=16,32\n"},
    {"study", "run an experiment on a world with known truth", "mnar LOG... -o DIR",
     "mnar: fits relevance and exposure to a log with ratings, draws clicks with more and more uneven exposure, and measures "
     "on true relevance what methods learn from them, beside an oracle that is told it.",
     cmd_study, study_groups, 2, ANY, "mnar",
     "output|powers|methods|seeds|epsilon|metrics|jobs|user|item|rating",
     "tamis study mnar ratings.csv -o skew --methods mf,relmf --seeds 3\n"},
    {"audit", "find the interactions that look like noise", "[MODEL] LOG...",
     "Lists the log's interactions by suspicion: 0 to 1, how far down a model that has not seen the interaction ranks it "
     "among what the user has no interaction with. Says how much of the log is noise, at most and, under an assumption, at least. "
     "MODEL says which method and options to use; without it ials, with options that follow from the log.",
     cmd_audit, audit_groups, 1, ANY, NULL,
     "output|truth|noise-from|clean|at-most-good|remove|users|items|report|user|item|min-rating",
     "tamis audit clicks.csv.gz -o suspects.csv\n"
     "tamis audit clicks.csv.gz -o suspects.csv \\\n"
     "    --clean cleaned.csv --at-most-good 0.4 --report audit.html\n"},
    {"synth", "draw a log with known truth", "-o DIR",
     "Draws a synthetic log and writes train.csv (with noise), test.csv, truth.csv (all that is truly liked and not in "
     "train.csv) and noise.csv (the rows of train.csv that are noise) into DIR.",
     cmd_synth, synth_groups, 0, 0, NULL,
     "output|users|items|interactions|noise-ratio|relevant-share|test-ratio|from|power|seed",
     "tamis synth -o drawn --users 2000 --items 1000 \\\n"
     "    --interactions 50000 --noise-ratio 0.2\n"},
    {"methods", "list the training methods", "[METHOD]",
     "Prints the methods, the negative samplers and the metrics there are; or what one method is for, what it costs and "
     "its options.",
     cmd_methods, methods_groups, 0, 1, "", NULL,
     "tamis methods pld\n"},
    {"completion", "print a shell's completion script", "bash|zsh|fish",
     "Prints a script that completes tamis's commands and options in that shell.", cmd_completion, NULL, 1, 1,
     "bash|zsh|fish", NULL,
     "tamis completion bash >tamis-completion.bash\n"},
    {"help", "explain a command", "[COMMAND]", "Prints the same as COMMAND --help.", cmd_help, NULL, 0, 1, "", NULL, NULL},
};
const size_t cli_command_count = BASE_COUNT(cli_commands);

const cli_command *cli_command_find(const char *name)
{
    for (size_t k = 0; k < cli_command_count; k++)
        if (strcmp(cli_commands[k].name, name) == 0) return &cli_commands[k];
    return NULL;
}

static const tamis_option general_rows[] = {
    BASE_OPTION(cli_general, quiet, "quiet", TAMIS_OPTION_FLAG, NULL, "0", "", "print nothing but errors on stderr"),
    BASE_OPTION(cli_general, help, "help", TAMIS_OPTION_FLAG, NULL, "0", "", "print what a command does and its options, of many those needed most"),
    BASE_OPTION(cli_general, help_all, "help-all", TAMIS_OPTION_FLAG, NULL, "0", "", "print all its options"),
    BASE_OPTION(cli_general, version, "version", TAMIS_OPTION_FLAG, NULL, "0", "",
               "print the version, CPU tier and OpenBLAS core"),
};
CLI_TABLE(cli_general_table, "general", general_rows, cli_general);

enum { OF_SAMPLERS = 2 }; /* behind the tables of all runs and of the method: see tamis_train_option_table() */

const tamis_option_table *cli_next_table(cli_walk *walk)
{
    static const cli_group none = {0};
    const cli_group *groups = walk->command && walk->command->groups ? walk->command->groups : &none;
    for (const cli_group *group = &groups[walk->group]; group->title; group = &groups[++walk->group], walk->step = 0) {
        const tamis_option_table *table;
        const bool methods = group->table && strcmp(group->table, CLI_METHODS) == 0;
        const bool samplers = group->table && strcmp(group->table, CLI_SAMPLERS) == 0;
        walk->title = group->title;
        walk->method = walk->sampler = NULL;
        if (!methods && !samplers) {
            if (walk->step++ > 0) continue;
            return group->rows ? group->rows : tamis_option_find_table(group->table);
        }
        while (methods && (walk->method = tamis_method_list(walk->step, NULL, NULL))) {
            walk->step++;
            table = tamis_option_find_table(walk->method);
            if (table && table->count) return table;
        }
        while (samplers && (table = tamis_train_option_table(NULL, OF_SAMPLERS + walk->step))) {
            walk->step++;
            walk->sampler = table->name;
            if (table->count) return table;
        }
    }
    walk->method = walk->sampler = NULL;
    walk->title = "General";
    return walk->step++ == 0 ? &cli_general_table : NULL; /* every command has these, last */
}

char cli_short(const char *name)
{
    static const struct {
        const char *name;
        char letter;
    } shorts[] = {{"output", 'o'}, {"cutoffs", 'k'}, {"k", 'k'}, {"quiet", 'q'}, {"help", 'h'}, {"version", 'V'}};
    for (size_t k = 0; k < BASE_COUNT(shorts); k++)
        if (strcmp(shorts[k].name, name) == 0) return shorts[k].letter;
    return 0;
}

bool cli_is_switch(const tamis_option *row)
{
    bool yes = false, no = false;
    size_t length;
    const char *word;
    if (row->type != TAMIS_OPTION_CHOICE) return false;
    for (size_t k = 0; (word = base_option_word(row->range, k, &length)); k++) {
        yes |= length == 3 && memcmp(word, "yes", 3) == 0;
        no |= length == 2 && memcmp(word, "no", 2) == 0;
    }
    return yes && no;
}

bool cli_takes_value(const tamis_option *row)
{
    return row->type != TAMIS_OPTION_FLAG && !cli_is_switch(row);
}

/* By its name, or where letter is not 0 by its short form. */
const tamis_option *cli_find_row(const cli_command *command, const char *name, size_t length, char letter,
                                    const tamis_option_table **table)
{
    cli_walk walk = {.command = command};
    while ((*table = cli_next_table(&walk)))
        for (size_t k = 0; k < (*table)->count; k++) {
            const tamis_option *row = &(*table)->rows[k];
            if (letter ? cli_short(row->name) == letter
                       : strlen(row->name) == length && memcmp(row->name, name, length) == 0)
                return row;
        }
    return NULL;
}

const tamis_option *cli_find_option(const cli_command *command, const char *name)
{
    const tamis_option_table *table;
    return cli_find_row(command, name, strlen(name), 0, &table);
}
