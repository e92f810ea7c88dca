/* A method is a row: what the trainer, the help, the man page, the completion and the tests need to know about a loss.
 * To add one, copy bpr.c, and add its line to METHOD_TABLE below. */
#ifndef TAMIS_METHOD_H
#define TAMIS_METHOD_H

#include "base/base.h"
#include "kernel/kernel.h"

typedef struct method_preset {
    const char *option, *value; /* a training option whose default differs for this method */
} method_preset;

typedef struct method {
    const char *name;
    const char *help;   /* one line */
    const char *source; /* the paper */
    const method_preset *presets;
    size_t preset_count;
    tamis_option_table options; /* its own options, in tamis_train_options.param */
    /* The loss on x = s_ui - s_uj; context is the options' param array. */
    kernel_pair_loss pair;
} method;

#define METHOD_TABLE(row) row(bpr)

#define METHOD_DECLARE(name) extern const method method_##name;
METHOD_TABLE(METHOD_DECLARE)

/* NULL past the last; NULL for an unknown name. */
const method *method_get(size_t index);
const method *method_find(const char *name);

#endif
