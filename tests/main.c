/* Runs the unit-test suites; CK_RUN_SUITE=name picks one. */
#include <stdlib.h>

#include "suites.h"

int main(void)
{
    setenv("CK_DEFAULT_TIMEOUT", "0", 0); /* none: how long a test takes is the machine's business */
    SRunner *runner = srunner_create(base_suite());
    srunner_add_suite(runner, matrix_suite());
    srunner_add_suite(runner, arrays_suite());
    srunner_add_suite(runner, weights_suite());
    srunner_add_suite(runner, row_weights_suite());
    srunner_add_suite(runner, dislikes_suite());
    srunner_add_suite(runner, dislike_share_suite());
    srunner_add_suite(runner, split_suite());
    srunner_add_suite(runner, data_suite());
    srunner_add_suite(runner, rounds_suite());
    srunner_add_suite(runner, quotes_suite());
    srunner_add_suite(runner, recognise_suite());
    srunner_add_suite(runner, model_suite());
    srunner_add_suite(runner, rank_suite());
    srunner_add_suite(runner, statistic_suite());
    srunner_add_suite(runner, measure_suite());
    srunner_add_suite(runner, kernel_suite());
    srunner_add_suite(runner, method_suite());
    srunner_add_suite(runner, advice_suite());
    srunner_add_suite(runner, train_suite());
    srunner_add_suite(runner, als_suite());
    srunner_add_suite(runner, items_suite());
    srunner_add_suite(runner, memory_suite());
    srunner_add_suite(runner, recommend_suite());
    srunner_add_suite(runner, noise_suite());
    srunner_add_suite(runner, audit_suite());
    srunner_add_suite(runner, synth_suite());
    srunner_add_suite(runner, softmax_suite());
    srunner_add_suite(runner, sgd_suite());
    srunner_add_suite(runner, checkpoint_suite());
    srunner_add_suite(runner, ledger_suite());
    srunner_add_suite(runner, tune_suite());
    srunner_add_suite(runner, predicate_suite());
    srunner_add_suite(runner, natural_suite());
    srunner_add_suite(runner, distrust_suite());
    srunner_add_suite(runner, fold_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
