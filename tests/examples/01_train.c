/* Train a recommender on a log of clicks and save it.
 *
 *   01_train clicks.csv.gz model.tamis
 *
 * cc 01_train.c $(pkg-config --cflags --libs tamis) -o 01_train */
#include <stdio.h>
#include <tamis.h>

int main(int argc, char **argv)
{
    tamis_log *log = NULL;
    tamis_model *model = NULL;
    tamis_train_options options;
    tamis_train_report report;
    tamis_error error;
    if (argc != 3) return fprintf(stderr, "usage: 01_train LOG MODEL\n"), TAMIS_USAGE;

    /* A method's defaults; "bsl" and the others: tamis methods. Then what this log wants. */
    tamis_status status = tamis_train_options_default(&options, "bpr", &error);
    options.epochs = 100;
    options.validation_ratio = 0.1; /* held out of the log, to keep the best epoch */

    /* Every call says how it went, and in error.text what to do. NULL for options of reading: columns are recognised. */
    const char *paths[] = {argv[1]};
    if (!status) status = tamis_log_read(paths, 1, NULL, &log, &error);
    if (!status) status = tamis_train(log, NULL, &options, NULL, &model, &report, &error);
    if (!status) status = tamis_model_save(model, argv[2], &error);
    if (status)
        fprintf(stderr, "%s\n", error.text);
    else
        printf("%lld users, %lld items; epoch %lld of %lld is the best: ndcg@20 %.4f\n", (long long)tamis_model_users(model),
               (long long)tamis_model_items(model), (long long)report.kept_epoch, (long long)report.epochs, report.validation);

    tamis_model_free(model); /* NULL does nothing */
    tamis_log_free(log);
    return status;
}
