/* Users alike: a sample's user is drawn among all who have interactions, then one of the user's items, in proportion to its weight.
 * Active users count no more than others, and nothing is denoised: the control of what chooses among a user's items. */
#include "base/random.h"
#include "sampler/sampler.h"

static bool active(const tamis_train_options *options, int64_t epoch)
{
    (void)options;
    (void)epoch;
    return true;
}

static double weight_of_all(const sampler_view *view, int32_t user)
{
    const int64_t from = view->log->matrix->start[user], to = view->log->matrix->start[user + 1];
    double sum = 0;
    for (int64_t k = from; view->weight && k < to; k++) sum += (double)view->weight[k];
    return view->weight ? sum : (double)(to - from);
}

/* all: of the user's weights. */
static int64_t draw_item(const sampler_view *view, int32_t user, double all, base_stream *stream)
{
    const int64_t from = view->log->matrix->start[user], to = view->log->matrix->start[user + 1];
    if (!view->weight) return from + base_below(stream, (uint32_t)(to - from));
    double left = base_uniform(stream) * all;
    int64_t k = from;
    while (k + 1 < to && (left -= (double)view->weight[k]) >= 0) k++;
    return k;
}

static void draw(const sampler_view *view, sampler_sample *s, int n)
{
    for (int k = 0; k < n; k++) {
        s[k].at = draw_item(view, s[k].user, weight_of_all(view, s[k].user), &s[k].stream);
        s[k].item = view->log->matrix->index[s[k].at];
    }
}

static void choose(const sampler_view *view, void *work, int32_t user, int64_t samples, base_stream *stream, uint16_t *times)
{
    const double all = weight_of_all(view, user);
    (void)work;
    for (; samples > 0; samples--) {
        uint16_t *n = &times[draw_item(view, user, all, stream)];
        *n = (uint16_t)(*n + (*n < UINT16_MAX));
    }
}

const positive_sampler positive_user = {
    .name = "user",
    .help = "a user among all alike, then one of its items: active users count no more than others",
    .options = {.name = "user"},
    .active = active,
    .draw = draw,
    .choose = choose,
};
