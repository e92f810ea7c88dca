/* PLD's resampling: for a user, one of a pool of its own interactions, in proportion to exp(-loss / temperature). Items
 * that stand out by their loss among the same user's others - likely noise - are rarely chosen.
 * Source: Zhang, Cao, Wu, Sun, Shen, Cheng, WWW 2025. */
#include "kernel/scalar.h"
#include "train/draw.h"

enum { MOST_POOL = 64, ROOM = DRAW_BLOCK * (MOST_POOL + 1) };

typedef struct pools {
    int count, scored;                 /* items of a pool; rows of it in score[]: the negative behind them, for pairs */
    int64_t place[ROOM];               /* in the log, count per sample */
    int32_t user[ROOM], item[ROOM];    /* scored per sample */
    _Alignas(64) float score[ROOM], loss[ROOM];
} pools;

/* Without replacement where the user has that many. */
static void draw_pool(const tamis_log *log, draw_sample *s, int count, int64_t *place)
{
    const uint32_t n = (uint32_t)(log->start[s->user + 1] - log->start[s->user]);
    for (int k = 0; k < count; k++) {
        bool again;
        do {
            place[k] = log->start[s->user] + base_below(&s->stream, n);
            again = false;
            for (int other = 0; other < k && n >= (uint32_t)count; other++) again = again || place[other] == place[k];
        } while (again);
    }
}

/* loss[count * k + c]: of item c in pool k. score[] becomes a place to work. */
static void take_losses(const train_state *state, const draw_sample *s, pools *p, int n)
{
    const method *m = state->method;
    const int64_t all = (int64_t)n * p->count, padded = (all + 15) / 16 * 16;
    for (int k = 0; k < n; k++) { /* in place: where it is read lies never before where it is written */
        const float *from = p->score + k * p->scored, against = m->pair && s[k].negative >= 0 ? from[p->count] : 0;
        for (int c = 0; c < p->count; c++) p->score[k * p->count + c] = from[c] - against;
    }
    for (int64_t k = all; k < padded; k++) p->score[k] = 0;
    if (m->pair ? m->pair == kernel_logistic_pair : !m->point || m->point == kernel_logistic_point) {
        state->kernel->logistic_pairs(p->score, p->loss, padded);
        return;
    }
    for (int64_t k = 0; k < all; k++) {
        double loss = 0;
        if (m->pair)
            (void)m->pair(state->context, p->score[k], &loss);
        else
            (void)m->point(state->context, p->score[k], 1, &loss);
        p->loss[k] = (float)loss;
    }
}

/* loss[] becomes the chances, up to a factor per pool. */
static void take_chances(const train_state *state, pools *p, int n)
{
    const float scale = (float)(1 / state->options.temperature);
    const int64_t all = (int64_t)n * p->count, padded = (all + 15) / 16 * 16;
    for (int k = 0; k < n; k++) {
        float *loss = p->loss + k * p->count, least = loss[0];
        for (int c = 1; c < p->count; c++) least = loss[c] < least ? loss[c] : least;
        for (int c = 0; c < p->count; c++) loss[c] = (least - loss[c]) * scale;
    }
    for (int64_t k = all; k < padded; k++) p->loss[k] = 0;
    (void)state->kernel->exp_sum(p->loss, padded, 0);
}

static int choose(const float *chance, int count, base_stream *stream)
{
    double sum = 0;
    for (int c = 0; c < count; c++) sum += (double)chance[c];
    double at = base_uniform(stream) * sum;
    for (int c = 0; c < count - 1; c++)
        if ((at -= (double)chance[c]) < 0) return c;
    return count - 1;
}

void draw_personal(const train_state *state, draw_sample *s, int n)
{
    const tamis_log *log = state->log;
    const tamis_model *model = state->model;
    pools p;
    p.count = (int)(state->options.pool < MOST_POOL ? state->options.pool : MOST_POOL);
    p.scored = p.count + (state->method->pair != NULL);
    float score[ROOM];
    for (int k = 0; k < n; k++) {
        int64_t *place = p.place + k * p.count;
        int32_t *user = p.user + k * p.scored, *item = p.item + k * p.scored;
        s[k].negative = draw_negative(state, s[k].user, &s[k].stream);
        draw_pool(log, &s[k], p.count, place);
        for (int c = 0; c < p.scored; c++) user[c] = s[k].user;
        for (int c = 0; c < p.count; c++) item[c] = log->item[place[c]];
        if (state->method->pair) item[p.count] = s[k].negative < 0 ? item[0] : s[k].negative;
    }
    state->kernel->scores(model->user_factors, p.user, model->item_factors, p.item, (int64_t)n * p.scored, model->stride,
                          score);
    for (int k = 0; k < n * p.scored; k++) p.score[k] = score[k] += model->item_bias ? model->item_bias[p.item[k]] : 0;
    take_losses(state, s, &p, n);
    take_chances(state, &p, n);
    for (int k = 0; k < n; k++) {
        const int chosen = choose(p.loss + k * p.count, p.count, &s[k].stream);
        s[k].at = p.place[k * p.count + chosen];
        s[k].item = log->item[s[k].at];
        s[k].score = score[k * p.scored + chosen];
        if (state->method->pair) s[k].negative_score = score[k * p.scored + p.count];
    }
}
