/* Fold-in: a user of 50 items, d = 64, on one core, by each method. */
#include <math.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/random.h"
#include "bench.h"
#include "method/als.h"

enum { ITEMS = 50, FACTORS = 64, USERS = 100 /* folded in, each with items of its own */ };

/* Microseconds per user, once the model has what all of them need. */
static double fold(const tamis_model *model)
{
    tamis_error error;
    double begin = 0;
    for (int u = -1; u < USERS; u++) {
        int32_t item[ITEMS];
        tamis_history history;
        tamis_model *user;
        base_stream stream = {(uint64_t)u + 7};
        for (int k = 0; k < ITEMS; k++) item[k] = (int32_t)base_below(&stream, (uint32_t)tamis_model_items(model));
        tamis_history_default(&history);
        history.item = item;
        history.count = ITEMS;
        bench_must(tamis_model_fold_in(model, &history, &user, &error), &error);
        tamis_model_free(user);
        if (u < 0) begin = base_seconds();
    }
    return (base_seconds() - begin) / USERS * 1e6;
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
        bench_note(b, "us per user", fold(model), "a millisecond", 1000, BENCH_LOWER, all_items ? (double)NAN : 1, "%s", m->name);
        tamis_model_free(model);
    }
    tamis_log_free(log);
}
