/* Labels of suspects: which of them are noise, by a log of the truth. */
#include <stdlib.h>
#include <string.h>

#include "cli/labels.h"

/* The truth's rows are found by sorting both by the pair's ids. */
typedef struct pair {
    const char *user, *item;
    size_t user_length, item_length;
    int64_t at; /* of a suspect; -1: of the truth */
    signed char noise;
} pair;

static int by_pair(const void *a, const void *b)
{
    const pair *x = a, *y = b;
    size_t n = x->user_length < y->user_length ? x->user_length : y->user_length;
    int order = memcmp(x->user, y->user, n);
    if (order || x->user_length != y->user_length) return order ? order : x->user_length < y->user_length ? -1 : 1;
    n = x->item_length < y->item_length ? x->item_length : y->item_length;
    order = memcmp(x->item, y->item, n);
    if (order || x->item_length != y->item_length) return order ? order : x->item_length < y->item_length ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at); /* the truth first */
}

static bool same_pair(const pair *x, const pair *y)
{
    return x->user_length == y->user_length && x->item_length == y->item_length &&
           memcmp(x->user, y->user, x->user_length) == 0 && memcmp(x->item, y->item, x->item_length) == 0;
}

static pair pair_of(const tamis_log *log, int64_t user, int32_t item)
{
    pair p = {.at = -1};
    p.user = tamis_log_user_id(log, user, &p.user_length);
    p.item = tamis_log_item_id(log, item, &p.item_length);
    return p;
}

signed char *cli_labels(const tamis_audit *audit, const tamis_log *log, const tamis_log *truth, bool marked)
{
    int64_t n, m = tamis_log_interactions(truth), count = 0, row;
    const tamis_suspect *suspect = tamis_audit_suspects(audit, &n);
    pair *all = malloc((size_t)(n + m + 1) * sizeof *all);
    signed char *noise = calloc((size_t)n + 1, 1);
    if (!all || !noise) {
        free(all);
        free(noise);
        return NULL;
    }
    for (int64_t u = 0; u < tamis_log_users(truth); u++) {
        const int32_t *item = tamis_log_row(truth, u, &row);
        const float *mark = tamis_log_rating(truth, u);
        for (int64_t k = 0; k < row; k++) {
            all[count] = pair_of(truth, u, item[k]);
            all[count++].noise = !marked || mark[k] > 0;
        }
    }
    for (int64_t k = 0; k < n; k++) {
        all[count] = pair_of(log, suspect[k].user, suspect[k].item);
        all[count++].at = k;
        noise[k] = marked ? -1 : 0; /* a file of noise alone leaves the others clean */
    }
    qsort(all, (size_t)count, sizeof *all, by_pair);
    for (int64_t k = 1; k < count; k++)
        if (all[k].at >= 0 && all[k - 1].at < 0 && same_pair(&all[k], &all[k - 1])) noise[all[k].at] = all[k - 1].noise;
    free(all);
    return noise;
}
