/* What a training will take of memory: computed before it begins, held against --memory or against what there is. */
#ifndef TAMIS_TRAIN_MEMORY_H
#define TAMIS_TRAIN_MEMORY_H

#include "train/memory_advice.h"
#include "tamis.h"

/* Of a run whose options are there and nothing else: notes what it will take, lowers the number of threads where that makes it fit,
 * which is told, and fails where even one takes too much, with what would fit. */
tamis_status memory_fit(tamis_trainer *run, const tamis_log *log, const tamis_log *validation, tamis_error *error);
/* The same without noting, lowering or telling anything. */
tamis_status memory_check(const tamis_trainer *run, const tamis_log *log, const tamis_log *validation, tamis_error *error);
/* Adds to a sentence that says that memory ended what training was to take. Returns status. */
tamis_status memory_ended(const tamis_trainer *run, tamis_status status, tamis_error *error);

typedef struct memory_training {
    const tamis_train_options *options;    /* which are checked */
    const tamis_log *log, *validation;     /* validation NULL: none */
    const tamis_model *from;               /* whose rows are in the log, too; NULL: none */
    memory_asker asker;
} memory_training;

/* The bytes that it takes with one thread. */
double memory_least(const memory_training *training);
/* With what options it would fit into so many, see memory_advice(). */
void memory_advise(const memory_training *training, double bytes, base_list *list);
/* The bytes of --memory, or where that is 0 what there is; text: "--memory is 100 MB". */
double memory_bound(int64_t memory, char text[80]);

#endif
