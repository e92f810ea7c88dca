/* The unit-test suites; main.c runs each of them. */
#ifndef TAMIS_TEST_SUITES_H
#define TAMIS_TEST_SUITES_H
#include <check.h>
Suite *base_suite(void);
Suite *data_suite(void);
Suite *rounds_suite(void);
Suite *recognise_suite(void);
Suite *model_suite(void);
Suite *rank_suite(void);
Suite *statistic_suite(void);
Suite *measure_suite(void);
Suite *kernel_suite(void);
Suite *method_suite(void);
Suite *train_suite(void);
Suite *solve_suite(void);
Suite *noise_suite(void);
Suite *audit_suite(void);
Suite *synth_suite(void);
Suite *contrast_suite(void);
Suite *tiles_suite(void);
Suite *checkpoint_suite(void);
#endif
