/* The unit-test suites; main.c runs each of them. */
#ifndef TAMIS_TEST_SUITES_H
#define TAMIS_TEST_SUITES_H
#include <check.h>

/* check notes every assertion that holds in a file, a system call each, and there are millions: here only failures are told. */
#undef ck_assert
#undef ck_assert_msg
#define ck_assert_msg(holds, ...)                   \
    do {                                            \
        if (!(holds)) ck_abort_msg(__VA_ARGS__);    \
    } while (0)
#define ck_assert(holds) ck_assert_msg(holds, "%s", #holds)

Suite *base_suite(void);
Suite *matrix_suite(void);
Suite *arrays_suite(void);
Suite *weights_suite(void);
Suite *row_weights_suite(void);
Suite *dislikes_suite(void);
Suite *split_suite(void);
Suite *data_suite(void);
Suite *rounds_suite(void);
Suite *quotes_suite(void);
Suite *recognise_suite(void);
Suite *model_suite(void);
Suite *rank_suite(void);
Suite *statistic_suite(void);
Suite *measure_suite(void);
Suite *kernel_suite(void);
Suite *method_suite(void);
Suite *advice_suite(void);
Suite *train_suite(void);
Suite *als_suite(void);
Suite *items_suite(void);
Suite *memory_suite(void);
Suite *recommend_suite(void);
Suite *noise_suite(void);
Suite *audit_suite(void);
Suite *synth_suite(void);
Suite *softmax_suite(void);
Suite *sgd_suite(void);
Suite *checkpoint_suite(void);
Suite *ledger_suite(void);
Suite *tune_suite(void);
Suite *predicate_suite(void);
Suite *dislike_share_suite(void);
Suite *natural_suite(void);
Suite *distrust_suite(void);
Suite *fold_suite(void);
#endif
