/* Fold-in: a user of 50 items, an item of 50 users, d = 64, on one core, by each method. */
#include <math.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/random.h"
#include "bench.h"
#include "method/als.h"

enum { INTERACTIONS = 50, FACTORS = 64, ROWS = 100 /* folded in, each with interactions of its own */ };

static void fold_user(const tamis_model *model, const tamis_history *history)
{
    tamis_error error;
    tamis_model *user;
    bench_must(tamis_model_fold_in(model, history, &user, &error), &error);
    tamis_model_free(user);
}

static void fold_item(const tamis_model *model, const tamis_history *history)
{
    tamis_error error;
    float row[FACTORS + 16];
    bench_must(tamis_model_fold_in_item(model, history, row, NULL, &error), &error);
}

/* Microseconds per row, once the model has what all of them need. others: on the other side. */
static double fold(const tamis_model *model, int64_t others, void (*one)(const tamis_model *, const tamis_history *))
{
    double begin = 0;
    for (int r = -1; r < ROWS; r++) {
        int32_t other[INTERACTIONS];
        tamis_history history;
        base_stream stream = {(uint64_t)r + 7};
        for (int k = 0; k < INTERACTIONS; k++) other[k] = (int32_t)base_below(&stream, (uint32_t)others);
        tamis_history_default(&history);
        history.item = other;
        history.count = INTERACTIONS;
        one(model, &history);
        if (r < 0) begin = base_seconds();
    }
    return (base_seconds() - begin) / ROWS * 1e6;
}

void bench_fold(bench *b)
{
    tamis_log *log = bench_skewed_log(3000, 4000, 80000);
    const method *m;
    for (size_t k = 0; (m = method_get(k)); k++) {
        tamis_train_options options;
        tamis_model *model;
        tamis_error error;
        bench_must(tamis_train_options_default(&options, m->name, &error), &error);
        options.epochs = 1;
        if (m->trainer != METHOD_BY_ITEMS) options.factors = FACTORS;
        bench_must(tamis_train(log, NULL, &options, NULL, &model, NULL, &error), &error);
        const bool all_items = options.pairs != TAMIS_PAIRS_SAMPLED || (m->trainer == METHOD_BY_ALS && ((const method_als *)m->family)->describe);
        bench_note(b, "us per user", fold(model, tamis_model_items(model), fold_user), "a millisecond", 1000, BENCH_LOWER,
                   all_items ? (double)NAN : 1, "%s", m->name);
        if (m->trainer != METHOD_BY_ITEMS)
            bench_note(b, "us per item", fold(model, tamis_model_users(model), fold_item), "a millisecond", 1000, BENCH_LOWER, (double)NAN, "%s",
                       m->name);
        tamis_model_free(model);
    }
    tamis_log_free(log);
}
