/* What would make a training take less memory. */
#ifndef TAMIS_TRAIN_MEMORY_ADVICE_H
#define TAMIS_TRAIN_MEMORY_ADVICE_H

#include <stdint.h>

#include "base/text.h"
#include "tamis.h"

/* Who asks: how options are said there, and which there are. */
typedef enum memory_asker {
    MEMORY_TRAIN,
    MEMORY_AGAIN, /* goes on from a model or a checkpoint, whose sizes stay */
    MEMORY_TUNE,
    MEMORY_STUDY,
    MEMORY_LINES /* the same of a method whose options stand in a line of --parameters */
} memory_asker;

typedef struct memory_question {
    memory_asker asker;
    const tamis_train_options *options;
    const tamis_option *automatic; /* see cross_option(); NULL: none */
    int64_t items;
    double bytes; /* that it may take */
    double (*takes)(const void *context, const tamis_train_options *options);
    const void *context;
} memory_question;

/* Adds what would do: "--factors 24", "--batch-size 100", each by itself; or where nothing does alone, the fewest options that do
 * together: "--factors 24 and --batch-size 100 together". Nothing: not even all of them do. */
void memory_advice(const memory_question *question, base_list *list);

#endif
