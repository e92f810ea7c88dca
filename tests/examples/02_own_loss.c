/* A loss of one's own in the place of a method's, without touching the library.
 *
 *   02_own_loss clicks.csv.gz
 *
 * The loss is a hinge whose corner is rounded, on x = s_ui - s_uj, the score of a clicked item less that of one that was not:
 *   L(x) = 0 for x >= 1,  (1 - x)^2 / 2 for 0 < x < 1,  1/2 - x for x <= 0.
 * Pairs that are right by a margin of 1 cost nothing, and far-out pairs, which noise makes, pull no harder than others. A user
 * of n clicks weighs 100 / (100 + n), so that the busiest do not rule.
 * Source: Rennie and Srebro, "Loss functions for preference levels", IJCAI 2005 workshop, "smooth hinge". */
#include <stdio.h>
#include <string.h>
#include <tamis.h>

/* Called by all threads at once: it must hang on its arguments alone, and be finite for every finite score. */
static double smooth_hinge(void *context, const tamis_sample *sample, double *derivative)
{
    const tamis_log *log = context;
    const double x = sample->score;
    int64_t clicks;
    if (x >= 1) return *derivative = 0;
    (void)tamis_log_row(log, sample->user, &clicks); /* it also knows whose score it is: sample->item, ->negative, ->epoch */
    const double weight = 100 / (100 + (double)clicks);
    *derivative = weight * (x > 0 ? x - 1 : -1);
    return weight * (x > 0 ? (1 - x) * (1 - x) / 2 : 0.5 - x);
}

int main(int argc, char **argv)
{
    tamis_loss loss;
    tamis_log *log = NULL;
    tamis_trainer *trainer = NULL;
    tamis_model *model = NULL;
    tamis_train_options options;
    tamis_epoch epoch;
    tamis_error error;
    if (argc != 2) return fprintf(stderr, "usage: 02_own_loss LOG\n"), TAMIS_USAGE;

    tamis_status status = tamis_train_options_default(&options, "bpr", &error); /* samples, steps and defaults are bpr's */
    tamis_loss_default(&loss);
    loss.name = "smooth-hinge";
    loss.pairwise = 1; /* on s_ui - s_uj */
    loss.call = smooth_hinge;
    options.loss = &loss;
    options.epochs = 10;
    options.validation_ratio = 0.1;
    options.validation_interval = 1; /* after every epoch */
    const char *paths[] = {argv[1]};
    if (!status) status = tamis_log_read(paths, 1, NULL, &log, &error);
    loss.context = log;

    /* Epoch by epoch, to look at the run; tamis_train() is the same loop. */
    if (!status) status = tamis_trainer_new(log, NULL, &options, &trainer, &error);
    while (!status && !tamis_trainer_done(trainer)) {
        status = tamis_trainer_epoch(trainer, &epoch, &error);
        if (!status) printf("epoch %2lld  mean loss %.4f  ndcg@20 %.4f\n", (long long)epoch.epoch, epoch.loss, epoch.validation);
    }
    if (!status) {
        status = tamis_trainer_finish(trainer, &model, NULL, &error); /* frees it; the model is the best epoch's */
        trainer = NULL;
    }
    const char *name, *value; /* the model says what it was trained with */
    for (size_t k = 0; !status && (name = tamis_model_note(model, k, &value)); k++)
        if (strcmp(name, "own-loss") == 0) printf("trained with the loss %s\n", value);
    if (status) fprintf(stderr, "%s\n", error.text);

    tamis_trainer_free(trainer);
    tamis_model_free(model);
    tamis_log_free(log);
    return status;
}
