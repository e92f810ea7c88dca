/* Which of two methods ranks better, and by more than chance explains?
 *
 *   03_evaluate clicks.csv.gz bpr pld
 *
 * Each user's interactions are cut into train and test, both methods are trained on the same part, and the users' values of
 * ndcg@20 compared pair by pair. */
#include <stdio.h>
#include <stdlib.h>
#include <tamis.h>

static tamis_error error;

/* A call that must succeed: the sentence says what is wrong. */
static void must(tamis_status status)
{
    if (!status) return;
    fprintf(stderr, "%s\n", error.text);
    exit(status);
}

static tamis_evaluation *train_and_evaluate(const char *method, const tamis_log *train, const tamis_log *test)
{
    tamis_train_options training;
    tamis_evaluate_options options;
    tamis_model *model;
    tamis_evaluation *evaluation;
    must(tamis_train_options_default(&training, method, &error));
    training.epochs = 30;
    must(tamis_train(train, NULL, &training, NULL, &model, NULL, &error));

    tamis_evaluate_options_default(&options);
    options.metrics = "ndcg,recall";
    options.cutoffs = "20";
    options.bootstrap = 1000; /* for intervals of the means */
    must(tamis_evaluate(model, test, NULL, 0, &options, &evaluation, &error));
    tamis_model_free(model); /* the evaluation holds what it needs */

    for (size_t m = 0; m < tamis_evaluation_metrics(evaluation); m++) {
        double low, high;
        tamis_evaluation_interval(evaluation, m, &low, &high);
        printf("%-8s %-10s %.4f  95%% %.4f to %.4f\n", method, tamis_evaluation_name(evaluation, m),
               tamis_evaluation_mean(evaluation, m), low, high);
    }
    return evaluation;
}

int main(int argc, char **argv)
{
    tamis_log *log, *train, *test;
    tamis_evaluation *evaluation[2];
    tamis_split_options split;
    tamis_paired paired;
    if (argc != 4) return fprintf(stderr, "usage: 03_evaluate LOG METHOD METHOD\n"), TAMIS_USAGE;

    const char *paths[] = {argv[1]};
    must(tamis_log_read(paths, 1, NULL, &log, &error));
    tamis_split_options_default(&split);
    split.test_ratio = 0.2;
    split.validation_ratio = 0;
    must(tamis_log_split(log, &split, &train, NULL, &test, &error));
    for (int k = 0; k < 2; k++) evaluation[k] = train_and_evaluate(argv[2 + k], train, test);

    /* Both have the same users in the same rows, since the test log is the same. */
    const int64_t users = tamis_evaluation_users(evaluation[0]);
    double *value[2];
    for (int k = 0; k < 2; k++) {
        value[k] = malloc((size_t)users * sizeof *value[k]);
        if (!value[k]) return fprintf(stderr, "not enough memory\n"), TAMIS_FAILURE;
        for (int64_t u = 0; u < users; u++) value[k][u] = tamis_evaluation_value(evaluation[k], u, 0);
    }
    must(tamis_paired_compare(value[0], value[1], users, NULL, &paired, &error));
    printf("%s - %s: %+.4f, 95%% %+.4f to %+.4f; t-test p %.2g, Wilcoxon p %.2g, over %lld users\n", argv[2], argv[3],
           paired.mean, paired.low, paired.high, paired.t_p, paired.wilcoxon_p, (long long)paired.pairs);

    for (int k = 0; k < 2; k++) {
        tamis_evaluation_free(evaluation[k]);
        free(value[k]);
    }
    tamis_log_free(log);
    tamis_log_free(train);
    tamis_log_free(test);
    return 0;
}
