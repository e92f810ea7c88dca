/* A data race to be found: a loss of the caller's own, which all threads of a training call, counts its calls.
 *
 *   race plain sgd|batch     in a variable of all threads: ThreadSanitizer has to tell it
 *   race atomic sgd|batch    as it should be: nothing to tell
 *
 * So the sanitizer sees what the library's threads do side by side, and takes what OpenMP orders for ordered. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "tamis.h"

enum { USERS = 4000, ITEMS = 1000, EACH = 5 };
static long plain;
static atomic_long atomic;

static double hinge(void *context, const tamis_sample *sample, double *derivative)
{
    if (context) atomic_fetch_add_explicit(&atomic, 1, memory_order_relaxed);
    else plain++;
    *derivative = sample->score < 1 ? -1 : 0;
    return sample->score < 1 ? 1 - sample->score : 0;
}

int main(int argc, char **argv)
{
    static int32_t user[USERS * EACH], item[USERS * EACH];
    tamis_log_arrays arrays;
    tamis_train_options options;
    tamis_log *log = NULL;
    tamis_model *model = NULL;
    tamis_loss loss;
    tamis_error error;
    if (argc != 3) return fputs("usage: race plain|atomic sgd|batch\n", stderr), TAMIS_USAGE;
    for (int k = 0; k < USERS * EACH; k++) {
        user[k] = k / EACH;
        item[k] = (user[k] * 7 + k % EACH * 13) % ITEMS;
    }
    tamis_log_arrays_default(&arrays);
    arrays.users = USERS, arrays.items = ITEMS, arrays.count = USERS * EACH;
    arrays.user = user, arrays.item = item;
    tamis_status status = tamis_log_from_arrays(&arrays, &log, &error);
    if (!status) status = tamis_train_options_default(&options, "bpr", &error);
    tamis_loss_default(&loss);
    loss.name = "hinge";
    loss.pairwise = 1;
    loss.call = hinge;
    loss.context = strcmp(argv[1], "atomic") == 0 ? &atomic : NULL;
    options.loss = &loss;
    options.epochs = 10;
    options.factors = 8;
    options.threads = 4;
    if (strcmp(argv[2], "batch") == 0) options.batch_size = 2000;
    if (!status) status = tamis_train(log, NULL, &options, NULL, &model, NULL, &error);
    if (status) fprintf(stderr, "race: %s\n", error.text);
    tamis_model_free(model);
    tamis_log_free(log);
    return (int)status;
}
