/* Structs of the caller's that the library fills in, with bytes behind them that it must leave alone, whichever version of
 * tamis.h it was compiled with: see test_grown.sh. */
#include <stdio.h>
#include <string.h>

#include <tamis.h>

#define MUST(condition)                                                                              \
    do {                                                                                             \
        if (!(condition)) {                                                                          \
            fprintf(stderr, "%s:%d: %s %s\n", __FILE__, __LINE__, #condition, error.text);           \
            return 1;                                                                                \
        }                                                                                            \
    } while (0)

enum { GUARD = 256, MARK = 0xa5 };

static int is_whole(const unsigned char *guard)
{
    for (int k = 0; k < GUARD; k++)
        if (guard[k] != MARK) return 0;
    return 1;
}

/* A struct in front of marked bytes. */
#define GUARDED(type, name)               \
    struct {                              \
        type it;                          \
        unsigned char guard[GUARD];       \
    } name;                               \
    memset(&name, MARK, sizeof name)

#define FILLED(options)                                                     \
    do {                                                                    \
        GUARDED(options, o);                                                \
        options##_default(&o.it);                                           \
        MUST(o.it.size == sizeof o.it && is_whole(o.guard));                \
    } while (0)

static int filled(void)
{
    tamis_error error = {""};
    FILLED(tamis_log_options);
    FILLED(tamis_split_options);
    FILLED(tamis_noise_options);
    FILLED(tamis_synth_options);
    FILLED(tamis_resume_options);
    FILLED(tamis_evaluate_options);
    FILLED(tamis_recommend_options);
    FILLED(tamis_similar_options);
    FILLED(tamis_export_options);
    FILLED(tamis_paired_options);
    FILLED(tamis_robustness_options);
    FILLED(tamis_mnar_options);
    FILLED(tamis_semi_options);
    FILLED(tamis_audit_options);
    FILLED(tamis_tune_options);
    FILLED(tamis_log_arrays);
    FILLED(tamis_loss);
    GUARDED(tamis_train_options, o);
    MUST(!tamis_train_options_default(&o.it, "pld", &error));
    MUST(o.it.size == sizeof o.it && is_whole(o.guard));
    MUST(!tamis_option_check(tamis_option_find_table("train"), &o.it, &error));
    memset(&o, 0, sizeof o);
    MUST(tamis_option_check(tamis_option_find_table("train"), &o.it, &error) == TAMIS_USAGE); /* never filled in */
    return 0;
}

static int results(void)
{
    const int32_t user[] = {0, 0, 1, 1, 2, 2, 3, 3}, item[] = {0, 1, 1, 2, 0, 2, 3, 4};
    const double a[] = {1, 2, 4}, b[] = {0, 1, 1};
    tamis_error error;
    tamis_log *log;
    tamis_model *model;
    tamis_train_options options;
    GUARDED(tamis_train_report, report);
    GUARDED(tamis_leakage, leakage);
    GUARDED(tamis_metrics, metrics);
    GUARDED(tamis_paired, paired);
    GUARDED(tamis_epoch, epoch);
    GUARDED(tamis_method_page, page);
    MUST(!tamis_log_from_pairs(user, item, 8, 4, 5, &log, &error));
    MUST(!tamis_train_options_default(&options, NULL, &error));
    options.epochs = 2;
    MUST(!tamis_train(log, NULL, &options, NULL, &model, &report.it, &error) && report.it.epochs == 2);
    MUST(!tamis_log_leakage(log, log, &leakage.it, &error) && leakage.it.shared_rows == 8);
    MUST(!tamis_measure(model, log, 2, 1, &metrics.it, &error));
    MUST(!tamis_paired_compare(a, b, 3, NULL, &paired.it, &error) && paired.it.wins == 3);
    MUST(!tamis_method_describe("bpr", &page.it, &error) && page.it.help);
    tamis_trainer *trainer;
    MUST(!tamis_trainer_new(log, NULL, &options, &trainer, &error));
    MUST(!tamis_trainer_epoch(trainer, &epoch.it, &error) && epoch.it.epoch == 1);
    tamis_trainer_free(trainer);
    MUST(is_whole(report.guard) && is_whole(leakage.guard) && is_whole(metrics.guard) && is_whole(paired.guard));
    MUST(is_whole(epoch.guard) && is_whole(page.guard));
    tamis_model_free(model);
    tamis_log_free(log);
    return 0;
}

#ifdef GROWN
/* A program of a later version: it is served as long as it does not ask for what there is not. */
static int later(void)
{
    tamis_error error;
    tamis_paired_options options;
    tamis_paired paired;
    const double a[] = {1, 2, 4}, b[] = {0, 1, 1};
    tamis_paired_options_default(&options);
    MUST(options.grown == 0 && !tamis_paired_compare(a, b, 3, &options, &paired, &error));
    options.grown = 1;
    const int refused = tamis_paired_compare(a, b, 3, &options, &paired, &error) == TAMIS_USAGE;
    if (refused) printf("%s\n", error.text);
    return 0;
}
#else
static int later(void)
{
    return 0;
}
#endif

int main(void)
{
    return filled() || results() || later();
}
