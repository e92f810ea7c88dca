/* One epoch of any trainer: its learning rate before, its report after. */
#include <math.h>

#include "base/clock.h"
#include "base/status.h"
#include "base/watch.h"
#include "train/epoch.h"

/* The learning rate of epoch t = 0, 1, ... of T. */
static double rate_at(const tamis_train_options *o, int64_t t)
{
    const double pi = 3.14159265358979323846, end = o->learning_rate_decay;
    double done = o->epochs > 1 ? (double)t / (double)(o->epochs - 1) : 0;
    switch ((tamis_schedule)o->schedule) {
    case TAMIS_SCHEDULE_LINEAR: return o->learning_rate * (1 - done * (1 - end));
    case TAMIS_SCHEDULE_COSINE: return o->learning_rate * (end + (1 - end) * 0.5 * (1 + cos(pi * done)));
    case TAMIS_SCHEDULE_EXPONENTIAL: return o->learning_rate * pow(end, (double)t);
    case TAMIS_SCHEDULE_CONSTANT: break;
    }
    return o->learning_rate;
}

tamis_status epoch_ask(train_run *run, tamis_error *error)
{
    run->watch.stop = run->options.stop;
    base_worked(&run->watch, BASE_WATCH_WORK); /* asked at least once an epoch */
    if (!base_stopped(&run->watch)) return TAMIS_OK;
    return base_fail(error, TAMIS_STOPPED, "stopped %s", run->epoch ? "between two epochs" : "before the first epoch");
}

tamis_status epoch_run(train_run *run, tamis_epoch *report, tamis_error *error)
{
    const double begin = base_seconds(), rate = rate_at(&run->options, run->epoch);
    double loss = 0;
    int64_t samples = 0;
    tamis_status status = run->trainer->epoch(run, rate, &loss, &samples, error);
    if (status) return status;
    if (base_stopped(&run->watch)) {
        run->within = run->epoch + 1;
        return base_fail(error, TAMIS_STOPPED, "stopped within epoch %lld", (long long)run->within);
    }
    run->epoch++;
    *report = (tamis_epoch){.epoch = run->epoch,
                            .epochs = run->options.epochs,
                            .loss = samples ? loss / (double)samples : 0,
                            .learning_rate = rate,
                            .seconds = base_seconds() - begin,
                            .samples = samples,
                            .validation = (double)NAN,
                            .best_validation = run->best.value,
                            .best_epoch = run->best.epoch};
    run->total_seconds += report->seconds;
    run->total_samples += samples;
    report->total_seconds = run->total_seconds;
    return TAMIS_OK;
}
