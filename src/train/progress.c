/* What a run tells its caller: epochs, and what is no error but worth a sentence. */
#include <stdarg.h>

#include "base/locale.h"
#include "train/progress.h"

static tamis_status after(train_run *run, tamis_epoch *epoch, tamis_error *error)
{
    (void)error;
    if (run->progress->call(run->progress->context, epoch)) run->asked_to_stop = true;
    return TAMIS_OK;
}

static const run_callback callback = {.after = after};

void progress_open(train_run *run, const tamis_progress *progress)
{
    if (!progress || !progress->call) return;
    run->progress = progress;
    run->callback[run->callbacks++] = &callback;
}

void progress_tell(const train_run *run, const char *format, ...)
{
    const tamis_tell *tell = run->options.tell;
    char sentence[1600];
    va_list arguments;
    if (!tell) return;
    va_start(arguments, format);
    (void)base_vformat(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    tell->call(tell->context, sentence);
}
