/* What tests/sweep_memory.c makes while memory ends: every public call that allocates, on a log of 24 users and 20 items, with one
 * thread. A new one is a function and a row of the table at the end. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "sweep_calls.h"

enum { USERS = 24, ITEMS = 20, PAIRS = USERS * 8 };

tamis_error sweep_error;
static tamis_log *log_, *held, *noisy; /* of all calls, made before */
static tamis_model *model, *bought;    /* of bpr; of itemknn */
const char *sweep_method;

#define TRY(call)              \
    do {                       \
        status = (call);       \
        if (status) goto done; \
    } while (0)

static void arrays(tamis_log_arrays *a)
{
    static int32_t user[PAIRS], item[PAIRS];
    static float rating[PAIRS], weight[PAIRS];
    static double time[PAIRS];
    for (int k = 0; k < PAIRS; k++) {
        user[k] = k / 8;
        item[k] = (user[k] * 3 + k % 8 * (user[k] % 2 ? 1 : 2)) % ITEMS;
        rating[k] = (float)(1 + (k * 7) % 5);
        weight[k] = (float)(1 + k % 3);
        time[k] = 1e9 + 86400.0 * ((k * 11) % 50);
    }
    tamis_log_arrays_default(a);
    a->users = USERS, a->items = ITEMS, a->count = PAIRS;
    a->user = user, a->item = item, a->rating = rating, a->time = time, a->weight = weight;
}

static tamis_status make_log(void)
{
    tamis_log_arrays a;
    tamis_log *log = NULL;
    arrays(&a);
    const tamis_status status = tamis_log_from_arrays(&a, &log, &sweep_error);
    tamis_log_free(log);
    return status;
}

static tamis_status read_file(const char *path, void (*set)(tamis_log_options *))
{
    tamis_log_options options;
    tamis_log *log = NULL;
    tamis_log_options_default(&options);
    options.on_error = TAMIS_ON_ERROR_SKIP;
    if (set) set(&options);
    const tamis_status status = tamis_log_read(&path, 1, &options, &log, &sweep_error);
    tamis_log_free(log);
    return status;
}

static void set_much(tamis_log_options *o)
{
    o->min_rating = 2;
    o->min_user_interactions = 3;
    o->weight = "weight";
    o->half_life = 10;
    o->dislike_below = 2;
    o->where = "rating!=5";
    o->day_limit = 3;
}

static void set_quotes(tamis_log_options *o)
{
    o->quotes = TAMIS_QUOTES_CSV;
    o->event = "kind";
    o->event_weight = "view=1,buy=3";
    o->repeats = TAMIS_REPEATS_SUM;
}

static tamis_status read_plain(void) { return read_file("log.csv", NULL); }
static tamis_status read_much(void) { return read_file("log.csv", set_much); }
static tamis_status read_packed(void) { return read_file("log.csv.gz", NULL); }
static tamis_status read_quoted(void) { return read_file("events.csv", set_quotes); }
static tamis_status read_lists(void)
{
    tamis_log_options options;
    tamis_log *log = NULL;
    const char *path = "lists.txt";
    tamis_log_options_default(&options);
    options.format = TAMIS_FORMAT_ADJACENCY;
    const tamis_status status = tamis_log_read(&path, 1, &options, &log, &sweep_error);
    tamis_log_free(log);
    return status;
}
static tamis_status read_matrix(void) { return read_file("log.mtx", NULL); }

static tamis_status split(void)
{
    tamis_split_options options;
    tamis_log *part[3] = {NULL, NULL, NULL};
    tamis_leakage leakage;
    tamis_status status = TAMIS_OK;
    for (int how = 0; how < 4 && !status; how++) {
        tamis_split_options_default(&options);
        if (how < 2) options.validation_ratio = 0.1;
        if (how == 1) options.order = TAMIS_SPLIT_TIME;
        if (how == 2) options.last = 1, options.validation_last = 1;
        if (how == 3) options.folds = 4, options.fold = 2, options.validation_fold = 1;
        status = tamis_log_split(log_, &options, &part[0], &part[1], &part[2], &sweep_error);
        if (!status) status = tamis_log_leakage(part[0], part[2], &leakage, &sweep_error);
        for (int k = 0; k < 3; k++) tamis_log_free(part[k]), part[k] = NULL;
    }
    return status;
}

static tamis_status noise(void)
{
    tamis_noise_options options;
    tamis_log *made = NULL, *dropped = NULL;
    uint8_t *kind = NULL;
    const tamis_log *const out[] = {held};
    tamis_noise_options_default(&options);
    options.uniform = options.popular = options.drop = 0.2;
    options.users = 0.1;
    options.held_out = out;
    options.held_outs = 1;
    const tamis_status status = tamis_log_noise(log_, &options, &made, &kind, &dropped, &sweep_error);
    tamis_free(kind);
    tamis_log_free(made);
    tamis_log_free(dropped);
    return status;
}

static int swallow(void *context, const void *bytes, size_t n)
{
    (void)context, (void)bytes, (void)n;
    return 0;
}

static tamis_status write_log(void)
{
    tamis_sink sink = {NULL, swallow};
    tamis_status status = tamis_log_write(log_, "out.csv.gz", &sweep_error);
    if (!status) status = tamis_log_put(log_, &sink, &sweep_error);
    return status;
}

static tamis_status synth(void)
{
    tamis_synth_options options;
    tamis_semi_options semi;
    tamis_synth_options_default(&options);
    options.users = options.items = 30;
    options.interactions = 200;
    options.relevant_share = 0.5;
    options.factors = 4;
    options.threads = 1;
    tamis_status status = tamis_synth(&options, "world", &sweep_error);
    tamis_semi_options_default(&semi);
    semi.factors = 4;
    semi.threads = 1;
    if (!status) status = tamis_synth_from(log_, &semi, "semi", &sweep_error);
    return status;
}

static tamis_status small(tamis_train_options *o, const char *name)
{
    const tamis_status status = tamis_train_options_default(o, name, &sweep_error);
    o->threads = 1;
    if (strcmp(name, "pop") == 0 || strcmp(name, "itemknn") == 0 || strcmp(name, "ease") == 0) return status; /* without factors */
    o->epochs = 3;
    o->factors = 4;
    return status;
}

static tamis_status train(void)
{
    tamis_train_options o;
    tamis_model *made = NULL;
    tamis_status status = small(&o, sweep_method);
    if (!status) status = tamis_train(log_, held, &o, NULL, &made, NULL, &sweep_error);
    tamis_model_free(made);
    return status;
}

static tamis_status train_memory(void)
{
    tamis_train_options o;
    tamis_memory memory;
    const tamis_status status = small(&o, sweep_method);
    return status ? status : tamis_train_memory(log_, held, &o, &memory, &sweep_error);
}

static tamis_status train_with(const char *name, void (*set)(tamis_train_options *))
{
    tamis_train_options o;
    tamis_model *made = NULL;
    tamis_status status = small(&o, name);
    set(&o);
    if (!status) status = tamis_train(log_, NULL, &o, NULL, &made, NULL, &sweep_error);
    tamis_model_free(made);
    return status;
}

static void set_adam(tamis_train_options *o) { o->batch_size = 32, o->optimizer = TAMIS_OPTIMIZER_ADAM, o->validation_ratio = 0.2; }
static void set_adagrad(tamis_train_options *o) { o->batch_size = 32, o->optimizer = TAMIS_OPTIMIZER_ADAGRAD, o->negative_sampling = "popularity"; }
static void set_distrust(tamis_train_options *o) { o->distrust = 0.5; }
static void set_user(tamis_train_options *o) { o->positive_sampling = "user"; }
static tamis_status train_adam(void) { return train_with("bpr", set_adam); }
static tamis_status train_adagrad(void) { return train_with("nbpo", set_adagrad); }
static tamis_status train_distrust(void) { return train_with("bpr", set_distrust); }
static tamis_status train_users(void) { return train_with("bpr", set_user); }

static void set_propensity(tamis_train_options *o) { o->propensity = "propensity.csv"; }
static tamis_status train_propensity(void) { return train_with("relmf", set_propensity); }

/* Trained by half, and gone on with from the checkpoint. */
static tamis_status checkpoint(void)
{
    tamis_train_options o;
    tamis_status status = TAMIS_OK;
    (void)unlink("go.ck");
    (void)unlink("go.ck.previous");
    for (int part = 1; part <= 2 && !status; part++) {
        tamis_model *made = NULL;
        status = small(&o, "warp");
        o.checkpoint = "go.ck";
        o.checkpoint_every = "1";
        o.resume = part == 2;
        if (!status) status = tamis_train(log_, held, &o, NULL, &made, NULL, &sweep_error);
        tamis_model_free(made);
    }
    return status;
}

static tamis_status resume(void)
{
    tamis_train_options o;
    tamis_trainer *trainer = NULL;
    tamis_model *made = NULL;
    tamis_epoch epoch;
    tamis_resume_options how;
    tamis_status status = small(&o, "bsl");
    if (status) return status;
    tamis_resume_options_default(&how);
    how.threads = 1;
    TRY(tamis_trainer_new(log_, held, &o, &trainer, &sweep_error));
    TRY(tamis_trainer_epoch(trainer, &epoch, &sweep_error));
    TRY(tamis_trainer_save(trainer, "run.ck", &sweep_error));
    tamis_trainer_free(trainer);
    trainer = NULL;
    TRY(tamis_trainer_resume("run.ck", log_, held, &how, &trainer, &sweep_error));
    while (!tamis_trainer_done(trainer)) TRY(tamis_trainer_epoch(trainer, &epoch, &sweep_error));
    status = tamis_trainer_finish(trainer, &made, NULL, &sweep_error);
    trainer = NULL;
done:
    tamis_trainer_free(trainer);
    tamis_model_free(made);
    return status;
}

static tamis_status files(void)
{
    tamis_model *loaded = NULL;
    static const char *const ids[] = {"3", "5", "nobody"};
    static const size_t lengths[] = {1, 1, 6};
    const tamis_user_list list = {ids, lengths, 3};
    tamis_status status;
    TRY(tamis_model_save(model, "saved.tamis", &sweep_error));
    TRY(tamis_model_load("saved.tamis", &loaded, &sweep_error));
    TRY(tamis_model_mask(loaded, held, &sweep_error));
    (void)tamis_model_find_user(loaded, "3", 1);
    TRY(tamis_model_export(loaded, "exported", &sweep_error));
    tamis_model_free(loaded);
    loaded = NULL;
    TRY(tamis_model_load_copy("saved.tamis", &loaded, &sweep_error));
    tamis_model_free(loaded);
    loaded = NULL;
    TRY(tamis_model_load_users("saved.tamis", &list, &loaded, &sweep_error));
done:
    tamis_model_free(loaded);
    return status;
}

/* Of a model that is loaded anew: what folding in takes of it is made once. */
static tamis_status fold(void)
{
    static const int32_t item[] = {3, 1, 2}, no[] = {5, 3};
    static const float weight[] = {1, 2, 1};
    tamis_model *loaded = NULL, *user = NULL, *folded = NULL;
    tamis_log *rest = NULL, *users = NULL;
    tamis_trainer *trainer = NULL;
    tamis_train_options o;
    tamis_history h;
    tamis_fold_options one_thread;
    tamis_status status;
    float row[16];
    tamis_fold_options_default(&one_thread);
    one_thread.threads = 1;
    tamis_history_default(&h);
    h.item = item, h.weight = weight, h.count = 3, h.dislike = no, h.dislikes = 2;
    TRY(tamis_model_save(model, "fold.tamis", &sweep_error));
    TRY(tamis_model_load_copy("fold.tamis", &loaded, &sweep_error));
    TRY(tamis_model_fold_in(loaded, &h, &user, &sweep_error));
    TRY(tamis_model_fold_in_item(loaded, &h, row, NULL, &sweep_error));
    TRY(tamis_log_hold_out(held, 0.5, 1, &rest, &users, &sweep_error));
    TRY(tamis_model_fold_in_log(loaded, users, &one_thread, &folded, NULL, &sweep_error));
    TRY(tamis_model_train_options(loaded, &o, &sweep_error));
    o.threads = 1, o.epochs = 1;
    TRY(tamis_train_fits(loaded, users, NULL, &o, &sweep_error));
    TRY(tamis_trainer_from_model(loaded, users, NULL, &o, TAMIS_FREEZE_NONE, &trainer, &sweep_error));
done:
    tamis_trainer_free(trainer);
    tamis_model_free(loaded);
    tamis_model_free(user);
    tamis_model_free(folded);
    tamis_log_free(rest);
    tamis_log_free(users);
    return status;
}

static tamis_status rank(void)
{
    static const int64_t users[] = {0, 3};
    tamis_hit hits[2 * 5];
    tamis_status status = TAMIS_OK;
    for (int which = 0; which < 2 && !status; which++) {
        status = tamis_recommend(which ? bought : model, users, 2, 5, 1, hits, &sweep_error);
        if (!status) status = tamis_similar(which ? bought : model, 1, 5, hits, &sweep_error);
    }
    return status;
}

/* Of a model that is loaded anew: how popular items are is counted once. User -1 is unknown. */
static tamis_status serve(void)
{
    static const int64_t users[] = {0, 3, -1}, items[] = {2, 4, 5}, excluded_start[] = {0, 1, 1, 2};
    static const int32_t candidate[] = {0, 2, 3, 5, 7, 11, 13}, excluded[] = {3, 7};
    static int32_t group[ITEMS];
    const tamis_group_limit limit = {.group = group, .most = 2};
    unsigned char origin[3];
    tamis_model *loaded = NULL;
    tamis_recommend_options o;
    tamis_similar_options s;
    tamis_export_options x;
    tamis_hit hits[3 * 4];
    float scores[3];
    tamis_status status;
    for (int k = 0; k < ITEMS; k++) group[k] = k % 3;
    tamis_recommend_options_default(&o);
    o.threads = 1, o.origin = origin;
    o.candidates = candidate, o.candidate_count = 7;
    o.excluded_start = excluded_start, o.excluded_item = excluded;
    o.limit = &limit, o.limits = 1;
    tamis_similar_options_default(&s);
    s.threads = 1;
    tamis_export_options_default(&x);
    x.fold_bias = x.equal_length = 1;
    TRY(tamis_model_save(model, "serve.tamis", &sweep_error));
    TRY(tamis_model_load_copy("serve.tamis", &loaded, &sweep_error));
    TRY(tamis_recommend_from(loaded, users, 3, 4, &o, hits, &sweep_error));
    TRY(tamis_score(loaded, users, items, 3, 1, scores, &sweep_error));
    TRY(tamis_similar_rows(loaded, items, 3, 4, &s, hits, &sweep_error));
    s.of_users = 1;
    TRY(tamis_similar_rows(loaded, items, 3, 4, &s, hits, &sweep_error));
    s.of_users = 0;
    TRY(tamis_recommend_from(bought, users, 2, 4, &o, hits, &sweep_error));
    TRY(tamis_score(bought, users, items, 3, 1, scores, &sweep_error));
    TRY(tamis_similar_rows(bought, items, 3, 4, &s, hits, &sweep_error));
    status = tamis_model_export_as(loaded, "exported", &x, &sweep_error);
done:
    tamis_model_free(loaded);
    return status;
}

static tamis_status evaluate(void)
{
    tamis_evaluate_options o;
    tamis_evaluation *evaluation = NULL;
    tamis_table *table = NULL;
    tamis_metrics metrics;
    tamis_status status;
    const tamis_log *const masks[] = {noisy};
    tamis_slice slice[2] = {{TAMIS_SLICE_POPULARITY, NULL, 0}, {TAMIS_SLICE_ITEMS, NULL, 1}};
    tamis_evaluate_options_default(&o);
    TRY(tamis_table_read("genres.csv", &table, &sweep_error));
    slice[1].table = table;
    o.slice = slice;
    o.slices = 2;
    o.bootstrap = 20;
    o.threads = 1;
    o.metrics = "ndcg,recall-snips,coverage,gini";
    TRY(tamis_evaluate(model, held, masks, 1, &o, &evaluation, &sweep_error));
    TRY(tamis_measure(bought, held, 5, 1, &metrics, &sweep_error));
    tamis_evaluation_free(evaluation);
    evaluation = NULL;
    o.candidates = "sampled:5";
    o.metrics = "map";
    TRY(tamis_evaluate(bought, held, NULL, 0, &o, &evaluation, &sweep_error));
done:
    tamis_evaluation_free(evaluation);
    tamis_table_free(table);
    return status;
}

/* Listed candidates of a log that says what is relevant. */
static tamis_status judged(void)
{
    tamis_evaluate_options o;
    tamis_evaluation *evaluation = NULL;
    tamis_log_options how;
    tamis_log *log = NULL;
    const char *path = "log.csv";
    tamis_status status;
    tamis_log_options_default(&how);
    tamis_evaluate_options_default(&o);
    how.relevance = "rating";
    o.candidates = "listed";
    o.relevant_from = 3;
    o.threads = 1;
    TRY(tamis_log_read(&path, 1, &how, &log, &sweep_error));
    TRY(tamis_evaluate(model, log, NULL, 0, &o, &evaluation, &sweep_error));
done:
    tamis_evaluation_free(evaluation);
    tamis_log_free(log);
    return status;
}

static tamis_status paired(void)
{
    double a[30], b[30];
    tamis_paired_options o;
    tamis_paired out;
    for (int k = 0; k < 30; k++) a[k] = k % 7, b[k] = k % 5;
    tamis_paired_options_default(&o);
    o.bootstrap = 20;
    o.permutations = 100;
    o.threads = 1;
    return tamis_paired_compare(a, b, 30, &o, &out, &sweep_error);
}

static void forget(const char *directory)
{
    static const char *const names[] = {"results.csv", "tuning.csv", "results.csv.waiting", "tuning.csv.waiting"};
    char path[100];
    for (size_t k = 0; k < BASE_COUNT(names); k++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[k]);
        (void)unlink(path);
    }
}

static tamis_status robustness(void)
{
    tamis_robustness_options o;
    tamis_robustness *study = NULL;
    tamis_robustness_options_default(&o);
    o.methods = "bpr,ials";
    o.ratios = "0,0.5";
    o.seeds = 2;
    o.trials = 2;
    o.epochs = 2;
    o.factors = 4;
    o.threads = o.jobs = 1;
    o.metrics = "ndcg";
    o.cutoffs = "5";
    forget("robustness");
    const tamis_status status = tamis_robustness_run(log_, &o, "robustness", NULL, &study, &sweep_error);
    tamis_robustness_free(study);
    return status;
}

static tamis_status natural(void)
{
    tamis_robustness_options o;
    tamis_robustness *study = NULL;
    tamis_robustness_options_default(&o);
    o.methods = "bpr,named";
    o.parameters = "parameters";
    o.natural = held;
    o.ratios = "1";
    o.seeds = 1;
    o.trials = 1;
    o.epochs = 2;
    o.factors = 4;
    o.threads = o.jobs = 1;
    o.metrics = "ndcg";
    o.cutoffs = "5";
    forget("natural");
    const tamis_status status = tamis_robustness_run(log_, &o, "natural", NULL, &study, &sweep_error);
    tamis_robustness_free(study);
    return status;
}

static tamis_status mnar(void)
{
    tamis_mnar_options o;
    tamis_robustness *study = NULL;
    tamis_mnar_options_default(&o);
    o.powers = "1";
    o.seeds = 1;
    o.epochs = 2;
    o.factors = 4;
    o.threads = o.jobs = 1;
    forget("mnar");
    const tamis_status status = tamis_mnar_run(log_, &o, "mnar", NULL, &study, &sweep_error);
    tamis_robustness_free(study);
    return status;
}

static tamis_status tune(void)
{
    tamis_tune_options o;
    tamis_tune *made = NULL;
    tamis_train_options best;
    tamis_status status;
    static const char *const set[] = {"factors=4"};
    tamis_tune_options_default(&o);
    o.methods = "bpr,ials";
    o.trials = 3;
    o.epochs = 3;
    o.threads = o.jobs = 1;
    o.set = set;
    o.sets = 1;
    (void)unlink("trials.csv");
    (void)unlink("trials.csv.waiting");
    TRY(tamis_tune_run(log_, NULL, &o, "trials.csv", NULL, &made, &sweep_error));
    TRY(tamis_tune_best(made, NULL, &best, &sweep_error));
    TRY(tamis_tune_save(made, "best.options", &sweep_error));
done:
    tamis_tune_free(made);
    return status;
}

static tamis_status audit(void)
{
    tamis_audit_options o;
    tamis_audit *made = NULL;
    tamis_log *clean = NULL;
    tamis_status status;
    const tamis_sink sink = {NULL, swallow};
    tamis_audit_options_default(&o);
    o.threads = 1;
    TRY(tamis_audit_run(NULL, noisy, &o, NULL, &made, &sweep_error));
    TRY(tamis_audit_report(made, noisy, &sink, &sweep_error));
    TRY(tamis_audit_clean(made, noisy, 5, &clean, &sweep_error));
done:
    tamis_audit_free(made);
    tamis_log_free(clean);
    return status;
}

const sweep_call sweep_calls[] = {
    {"arrays", make_log, false},          {"read", read_plain, false},
    {"read much", read_much, false},      {"read packed", read_packed, false},
    {"read quoted", read_quoted, false},  {"read lists", read_lists, false},
    {"read matrix", read_matrix, false},  {"split", split, false},
    {"noise", noise, false},              {"write", write_log, false},
    {"synth", synth, false},              {"train", train, true},
    {"train adam", train_adam, false},    {"train adagrad", train_adagrad, false},
    {"train distrust", train_distrust, false}, {"train users", train_users, false},
    {"train propensity", train_propensity, false}, {"train memory", train_memory, true}, {"train checkpoint", checkpoint, false},
    {"resume", resume, false},            {"files", files, false},
    {"rank", rank, false},                {"evaluate", evaluate, false},
    {"fold", fold, false},                {"serve", serve, false},
    {"evaluate judged", judged, false},   {"paired", paired, false},
    {"robustness", robustness, false},    {"robustness natural", natural, false},
    {"mnar", mnar, false},                {"tune", tune, false},
    {"audit", audit, false},              {NULL, NULL, false},
};

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    if (!file || fputs(text, file) == EOF || fclose(file)) exit(99);
}

void sweep_prepare(void)
{
    char propensities[ITEMS * 16] = "item,propensity\n";
    for (int i = 0; i < ITEMS; i++)
        snprintf(propensities + strlen(propensities), sizeof propensities - strlen(propensities), "%d,0.%d\n", i, i + 10);
    tamis_split_options split_options;
    tamis_log_arrays a;
    tamis_log *whole;
    tamis_train_options o;
    arrays(&a);
    tamis_split_options_default(&split_options);
    bool done = !tamis_log_from_arrays(&a, &whole, &sweep_error) && !tamis_log_write(whole, "log.csv", &sweep_error) &&
                !tamis_log_write(whole, "log.csv.gz", &sweep_error) && !tamis_log_split(whole, &split_options, &log_, NULL, &held, &sweep_error) &&
                !tamis_log_split(log_, &split_options, &noisy, NULL, NULL, &sweep_error);
    tamis_log_free(whole);
    done = done && !small(&o, "bpr") && !tamis_train(log_, NULL, &o, NULL, &model, NULL, &sweep_error);
    done = done && !small(&o, "itemknn") && !tamis_train(log_, NULL, &o, NULL, &bought, NULL, &sweep_error);
    if (!done) {
        printf("not ok: %s\n", sweep_error.text);
        exit(1);
    }
    write_file("lists.txt", "1 a b c\n2 b\n3 c d\n");
    write_file("log.mtx", "%%MatrixMarket matrix coordinate real general\n3 3 4\n1 1 2\n1 2 1\n2 3 1\n3 1 5\n");
    write_file("events.csv", "user,item,kind\n\"a\"\"b\",x,view\n\"a\nb\",x,buy\nc,\"y,z\",view\nc,x,view\nc,x,buy\n");
    write_file("parameters", "named bpr --epochs 1\n");
    write_file("propensity.csv", propensities);
    write_file("genres.csv", "item,genre\n1,drama\n2,noir\n3,drama\n4,noir\n");
}

void sweep_close(void)
{
    tamis_model_free(model);
    tamis_model_free(bought);
    tamis_log_free(log_);
    tamis_log_free(held);
    tamis_log_free(noisy);
}
