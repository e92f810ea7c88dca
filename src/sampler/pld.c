/* PLD's resampling: for a user, one of a pool of its own interactions, in proportion to exp(-loss / temperature). Items
 * that stand out by their loss among the same user's others - likely noise - are rarely chosen.
 * Source: Zhang, Cao, Wu, Sun, Shen, Cheng, WWW 2025. */
#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "kernel/scalar.h"
#include "sampler/sampler.h"

enum { NEGATIVE }; /* place of the option */
enum { AUTO, SAME };
enum {
    MOST_POOL = 64, /* as the option allows */
    USUAL_POOL = 5, /* has a loop of its own */
    ROOM = SAMPLER_BLOCK * (MOST_POOL + 1)
};

typedef struct pools {
    int64_t count, scored;             /* items of a pool; rows of it in score[]: the negative behind them, for pairs */
    int64_t at[ROOM];               /* in the log, count per sample */
    int32_t user[ROOM], item[ROOM];    /* scored per sample */
    _Alignas(64) float score[ROOM], loss[ROOM];
} pools;

/* From the interactions of s->user, without replacement where there are that many: any set of them alike, one draw each,
 * of 32 bits, which is as good as exact for a user's interactions.
 * Source: Bentley, Floyd, "A sample of brilliance", CACM 1987. */
static inline void draw_pool(const tamis_log *log, sampler_sample *s, int64_t count, int64_t *at)
{
    const int64_t start = log->matrix->start[s->user];
    const uint32_t n = (uint32_t)(log->matrix->start[s->user + 1] - start);
    base_stream stream = s->stream;
    const bool enough = n >= (uint32_t)count;
    uint64_t word = 0;
    for (int k = 0; k < count; k++, word <<= 32) {
        const uint32_t among = enough ? n - (uint32_t)(count - k) + 1 : n;
        if (k % 2 == 0) word = base_next(&stream);
        at[k] = start + (int64_t)((word >> 32) * among >> 32);
    }
    for (int k = 1; enough && k < count; k++) {
        int64_t taken = 0;
        for (int other = 0; other < k; other++) taken |= -(int64_t)(at[other] == at[k]);
        at[k] = (taken & (start + n - (count - k))) | (~taken & at[k]);
    }
    s->stream = stream;
}

/* loss[count * k + c]: of item c in pool k, which lies at that at[] in the log. score[] is overwritten. */
static inline void take_losses(const sampler_view *view, const sampler_sample *s, pools *p, int n, int64_t count)
{
    const method *m = view->method;
    const int64_t scored = p->scored, all = n * count, padded = BASE_PADDED(all);
    for (int k = 0; k < n; k++) { /* in place: where it is read lies never before where it is written */
        const float *from = p->score + k * scored, against = m->pair && s[k].negative >= 0 ? from[count] : 0;
        for (int64_t c = 0; c < count; c++) p->score[k * count + c] = from[c] - against;
    }
    for (int64_t k = all; k < padded; k++) p->score[k] = 0;
    if (m->pair ? m->pair == kernel_logistic_pair : !m->point || m->point == kernel_logistic_point) {
        view->kernel->logistic_losses(p->score, p->loss, padded);
        return;
    }
    for (int64_t k = 0; k < all; k++) {
        const sampler_sample *of = &s[k / count];
        const kernel_sample sample = {p->score[k], 1, of->user, view->log->matrix->index[p->at[k]], m->pair ? of->negative : -1};
        double loss = 0;
        (void)(m->pair ? m->pair : m->point)(view->context, &sample, &loss);
        p->loss[k] = (float)loss;
    }
}

/* loss[] becomes the chances, up to a factor per pool: c exp(-loss / temperature), c the interaction's weight. */
static inline void take_chances(const sampler_view *view, pools *p, int n, int64_t count)
{
    const float scale = (float)(1 / view->options->temperature);
    const int64_t all = n * count, padded = BASE_PADDED(all);
    for (int k = 0; k < n; k++) {
        float *loss = p->loss + k * count, least = loss[0];
        for (int64_t c = 1; c < count; c++) least = loss[c] < least ? loss[c] : least;
        for (int64_t c = 0; c < count; c++) loss[c] = (least - loss[c]) * scale;
    }
    for (int64_t k = all; k < padded; k++) p->loss[k] = 0;
    (void)view->kernel->exp_sum(p->loss, padded, 0);
    for (int64_t k = 0; view->weight && k < all; k++) p->loss[k] *= view->weight[p->at[k]];
}

static inline int64_t choose(const float *chance, int64_t count, base_stream *stream)
{
    float sum = 0, up_to = 0;
    for (int64_t c = 0; c < count; c++) sum += chance[c];
    const float at = (float)base_uniform(stream) * sum;
    int64_t chosen = 0;
    for (int64_t c = 0; c < count - 1; c++) {
        up_to += chance[c];
        chosen += at >= up_to;
    }
    return chosen;
}

static void draw(const sampler_view *view, sampler_sample *s, int n)
{
    const tamis_log *log = view->log;
    pools p;
    p.count = view->options->pool;
    p.scored = p.count + (view->method->pair != NULL);
    float score[ROOM];
    for (int k = 0; k < n; k++) {
        int64_t *at = p.at + k * p.count;
        int32_t *user = p.user + k * p.scored, *item = p.item + k * p.scored;
        s[k].negative = sampler_negative(view, s[k].user, &s[k].stream);
        draw_pool(log, &s[k], p.count, at);
        for (int64_t c = 0; c < p.scored; c++) user[c] = s[k].user;
        for (int64_t c = 0; c < p.count; c++) item[c] = log->matrix->index[at[c]];
        if (view->method->pair) item[p.count] = s[k].negative < 0 ? item[0] : s[k].negative;
    }
    view->kernel->scores(view->user_factors, p.user, view->item_factors, p.item, n * p.scored, view->stride,
                          score);
    for (int64_t k = 0; k < n * p.scored; k++) p.score[k] = score[k] += view->item_bias ? view->item_bias[p.item[k]] : 0;
    take_losses(view, s, &p, n, p.count);
    take_chances(view, &p, n, p.count);
    for (int k = 0; k < n; k++) {
        const int64_t chosen = choose(p.loss + k * p.count, p.count, &s[k].stream);
        s[k].at = p.at[k * p.count + chosen];
        s[k].item = log->matrix->index[s[k].at];
        s[k].score = score[k * p.scored + chosen];
        if (view->method->pair) s[k].negative_score = score[k * p.scored + p.count];
    }
}

/* ------------------------------------------------- a whole epoch, for training sample by sample */

/* One thread's place to work on a user. */
typedef struct owner {
    pools p;
    float *user_score;               /* scores of the user's items */
    int32_t *zero;            /* row 0 as often as there are items */
    sampler_sample sample[SAMPLER_BLOCK];
} owner;

static void work_free(void *work)
{
    owner *o = work;
    if (!o) return;
    base_free(o->user_score);
    base_free(o->zero);
    base_free(o);
}

/* Of a user's items, and of a block. */
static size_t most_items(const tamis_log *log)
{
    size_t most = SAMPLER_BLOCK;
    for (int64_t u = 0; u < log->users; u++) {
        const size_t n = (size_t)(log->matrix->start[u + 1] - log->matrix->start[u]);
        most = n > most ? n : most;
    }
    return most;
}

static double work_bytes(const tamis_log *log)
{
    return sizeof(owner) + (double)most_items(log) * (sizeof(float) + sizeof(int32_t));
}

static void *work_new(const sampler_view *view)
{
    const size_t most = most_items(view->log);
    owner *o = base_alloc(1, sizeof *o); /* aligned as its members ask */
    if (!o) return NULL;
    o->p.count = view->options->pool;
    o->p.scored = o->p.count + (view->method->pair != NULL);
    o->user_score = base_alloc_raw(most, sizeof *o->user_score);
    o->zero = base_alloc(most, sizeof *o->zero);
    if (o->user_score && o->zero) return o;
    work_free(o);
    return NULL;
}

static void score_items(const sampler_view *view, const owner *o, int32_t user, const int32_t *item, int64_t n, float *score)
{
    view->kernel->scores(view->item_factors, item, view->user_factors + (size_t)user * view->stride, o->zero, n,
                          view->stride, score);
    for (int64_t k = 0; view->item_bias && k < n; k++) score[k] += view->item_bias[item[k]];
}

/* n <= SAMPLER_BLOCK pools of `count`, of one user, and what is chosen from each. SHARED pools in a row stand against the
 * same negative: the law of each is as with its own, and most of the rows that would be read for negatives are not. */
static inline void choose_some(const sampler_view *view, owner *o, int32_t user, int n, int64_t count, base_stream *stream,
                               uint16_t *times)
{
    enum { SHARED = 8 };
    _Static_assert(SAMPLER_BLOCK % SHARED == 0, "negatives of a block");
    const bool pair = view->method->pair != NULL;
    const int64_t start = view->log->matrix->start[user];
    pools *p = &o->p;
    int32_t negative[SAMPLER_BLOCK / SHARED];
    float against[SAMPLER_BLOCK / SHARED] = {0};
    int negatives = 0;
    for (int k = 0; k < n; k++) {
        sampler_sample *s = &o->sample[k];
        s->user = user;
        s->stream = *stream;
        if (k % SHARED == 0) {
            s->negative = pair ? sampler_negative(view, user, &s->stream) : -1;
            negative[negatives++] = s->negative < 0 ? view->log->matrix->index[start] : s->negative;
        } else {
            s->negative = s[-1].negative;
        }
        draw_pool(view->log, s, count, p->at + k * count);
        *stream = s->stream;
    }
    if (pair) score_items(view, o, user, negative, negatives, against);
    for (int k = 0; k < n; k++) {
        float *score = p->score + k * p->scored;
        for (int64_t c = 0; c < count; c++) score[c] = o->user_score[p->at[k * count + c] - start];
        if (pair) score[count] = against[k / SHARED];
    }
    take_losses(view, o->sample, p, n, count);
    take_chances(view, p, n, count);
    for (int k = 0; k < n; k++) {
        const int64_t at = p->at[k * count + choose(p->loss + k * count, count, stream)];
        times[at] = (uint16_t)(times[at] + (times[at] < UINT16_MAX));
    }
}

static void choose_epoch(const sampler_view *view, void *work, int32_t user, int64_t samples, base_stream *stream, uint16_t *times)
{
    owner *o = work;
    const tamis_log *log = view->log;
    const int64_t start = log->matrix->start[user];
    score_items(view, o, user, log->matrix->index + start, log->matrix->start[user + 1] - start, o->user_score);
    for (; samples > 0; samples -= SAMPLER_BLOCK) {
        const int some = samples < SAMPLER_BLOCK ? (int)samples : SAMPLER_BLOCK;
        if (o->p.count == USUAL_POOL)
            choose_some(view, o, user, some, USUAL_POOL, stream, times);
        else
            choose_some(view, o, user, some, o->p.count, stream, times);
    }
}

static bool active(const tamis_train_options *options, int64_t epoch)
{
    return epoch >= options->warmup;
}

static int64_t scores(const tamis_train_options *options)
{
    return options->pool;
}

static const tamis_option rows[] = {
    BASE_OPTION(tamis_train_options, pool, "pool", TAMIS_OPTION_INTEGER, "[1,64]", "5", "items",
                "a user's items that compete to be trained on", .search = "linear:2..10"),
    BASE_OPTION(tamis_train_options, temperature, "temperature", TAMIS_OPTION_REAL, "(0,inf)", "0.1", "",
                "one is chosen in proportion to exp(-loss / temperature)", .search = "log:0.03..30"),
    SAMPLER_OPTION(POSITIVE, pld, NEGATIVE, choice, "pool-negative", TAMIS_OPTION_CHOICE, "auto|same|fresh", "auto", "",
                   "what the chosen item is trained against: the negative that it was chosen with, as published, or a fresh one; auto: "
                   "same in batches, fresh sample by sample",
                   .only = "method:pairs"),
    BASE_OPTION(tamis_train_options, warmup, "warmup", TAMIS_OPTION_INTEGER, "[0,1000000]", "5", "epochs",
                "of plain sampling first"),
};

static bool keeps_negative(const tamis_train_options *options)
{
    const int negative = options->sampler_param[SAMPLER_PLACE(POSITIVE, pld, NEGATIVE)].choice;
    return negative == SAME || (negative == AUTO && options->batch_size > 0);
}

const positive_sampler positive_pld = {
    .name = "pld",
    .options = SAMPLER_OPTIONS("pld", rows),
    .help = "one of a pool of the user's items, by their losses: see tamis methods pld",
    .by_loss = true,
    .active = active,
    .keeps_negative = keeps_negative,
    .draw = draw,
    .scores = scores,
    .work_new = work_new,
    .work_bytes = work_bytes,
    .choose = choose_epoch,
    .work_free = work_free,
};
