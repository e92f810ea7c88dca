/* Cells side by side. */
#include <math.h>

#include "base/status.h"
#include "base/threads.h"
#include "study/jobs.h"

static const double MB = 1e6;

static void share_threads(study_jobs *j, int threads)
{
    j->threads = threads > j->jobs ? threads / j->jobs : 1;
}

study_jobs jobs_wanted(int64_t jobs, int64_t threads, bool large)
{
    const int all = base_threads(threads);
    study_jobs j = {.jobs = jobs > 0 ? (int)jobs : large ? 1 : all};
    share_threads(&j, all);
    return j;
}

static tamis_status refuse(const study_cell_takes *each, double bound, const char *text, bool asked, tamis_error *error)
{
    base_list fit = {0};
    if (each->training.log) memory_advise(&each->training, bound - each->beside, &fit);
    return base_fail(error, asked ? TAMIS_USAGE : TAMIS_FAILURE, "a training of %s takes %.0f MB of memory with one thread, and %s; %s%s%sother "
                     "--methods, or fewer users and items, such as by --min-user-interactions and --min-item-interactions", each->name,
                     ceil(each->bytes / MB), text, *fit.text ? "what would fit: " : "expected ", fit.text, *fit.text ? "; else " : "");
}

tamis_status jobs_fit(study_jobs *j, int64_t threads, int64_t memory, const study_cell_takes *each, tamis_error *error)
{
    char text[80];
    const double bound = memory_bound(memory, text);
    if (each->bytes > bound) return refuse(each, bound, text, memory > 0, error);
    const double most = floor(bound / (each->bytes + MB)); /* a cell's share is rounded down */
    if (most < j->jobs) j->jobs = most > 1 ? (int)most : 1;
    j->memory = memory / j->jobs;
    share_threads(j, base_threads(threads));
    return TAMIS_OK;
}
