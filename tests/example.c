/* What a C program that uses tamis looks like: train on a log in memory, recommend. Built against the installed copy. */
#include <stdio.h>
#include <tamis.h>

int main(void)
{
    /* three users like items 0..2, three like items 3..5, each has one left to discover */
    const int32_t user[] = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5}, item[] = {0, 1, 1, 2, 0, 2, 3, 4, 4, 5, 3, 5};
    tamis_error error;
    tamis_log *log = NULL;
    tamis_model *model = NULL;
    tamis_train_options options;
    tamis_train_options_default(&options, "bpr", NULL);
    options.factors = 4;
    options.epochs = 300;
    options.init_scale = 0.5;
    if (tamis_log_from_pairs(user, item, 12, 6, 6, &log, &error) ||
        tamis_train(log, NULL, &options, NULL, &model, NULL, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    const int32_t expected[] = {2, 0, 1, 5, 3, 4};
    int wrong = 0;
    for (int64_t u = 0; u < 6; u++) {
        tamis_hit best;
        if (tamis_recommend(model, &u, 1, 1, 1, &best, &error)) return 1;
        size_t length;
        const char *id = tamis_model_item_id(model, best.item, &length);
        printf("user %d: item %.*s\n", (int)u, (int)length, id);
        wrong += best.item != expected[u];
    }
    tamis_model_free(model);
    tamis_log_free(log);
    return wrong != 0;
}
