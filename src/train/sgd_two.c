/* A chunk of samples of a method with two factorisations: by groups of samples, which are spread over the chunk as the
 * kernels spread theirs, first the scores of both factorisations, then the gradients, then the updates of both. */
#include "base/base.h"
#include "train/sgd_two.h"

enum { GROUP = 32, GROUPS = SGD_CHUNK / GROUP };

/* The chunk, group after group: group g is duos g, g + groups, g + 2 groups, ..., a duo being samples 2k and 2k + 1. */
typedef struct lists {
    int32_t user[SGD_CHUNK], item[SGD_CHUNK];
    float target[SGD_CHUNK], weight[SGD_CHUNK];
    int64_t start[GROUPS + 1];
} lists;

static int64_t regroup(const kernel_points *from, int64_t count, lists *to)
{
    const int64_t groups = (count + GROUP - 1) / GROUP;
    int64_t n = 0;
    for (int64_t g = 0; g < groups; g++) {
        to->start[g] = n;
        for (int64_t duo = g; 2 * duo < count; duo += groups)
            for (int64_t s = 2 * duo; s < 2 * duo + 2 && s < count; s++, n++) {
                to->user[n] = from->user[s];
                to->item[n] = from->item[s];
                to->target[n] = from->target[s];
                to->weight[n] = from->weight[s];
            }
    }
    to->start[groups] = n;
    return groups;
}

/* left: samples of this group and of those behind. */
static void run_group(const train_run *run, kernel_points *const of[METHOD_FACTORISATIONS], const lists *l, int64_t at, int64_t n,
                      int64_t left)
{
    _Alignas(64) float score[METHOD_FACTORISATIONS][GROUP], gradient[METHOD_FACTORISATIONS][GROUP], target[GROUP] = {0}, loss[GROUP];
    const int32_t *user = l->user + at, *item = l->item + at;
    const int64_t padded = BASE_PADDED(n);
    for (int64_t k = 0; k < n; k++) target[k] = l->target[at + k];
    for (int h = 0; h < METHOD_FACTORISATIONS; h++) {
        run->kernel->scores(of[h]->users, user, of[h]->items, item, n, of[h]->stride, score[h]);
        for (int64_t k = 0; of[h]->bias && k < n; k++) score[h][k] += of[h]->bias[(size_t)item[k] * KERNEL_BIAS];
        for (int64_t k = n; k < padded; k++) score[h][k] = 0;
    }
    run->method->two_scores(run->context, run->kernel, padded, (float *const[]){score[0], score[1]}, target,
                         (float *const[]){gradient[0], gradient[1]}, loss);
    for (int h = 0; h < METHOD_FACTORISATIONS; h++) {
        kernel_points call = *of[h];
        call.user = user;
        call.item = item;
        call.count = n;
        for (int64_t k = 0; k < n; k++) gradient[h][k] *= l->weight[at + k];
        run->kernel->steps(&call, gradient[h], left); /* asks for the next group's rows meanwhile */
    }
    for (int64_t k = 0; k < n; k++) of[0]->loss_sum += (double)l->weight[at + k] * (double)loss[k];
}

void sgd_two(const train_run *run, kernel_points *const of[METHOD_FACTORISATIONS], int64_t count)
{
    lists l;
    const int64_t groups = regroup(of[0], count, &l);
    for (int64_t g = 0; g < groups; g++)
        run_group(run, of, &l, l.start[g], l.start[g + 1] - l.start[g], count - l.start[g]);
}
