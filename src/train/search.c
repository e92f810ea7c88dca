/* WARP's search: draws negatives until one scores above the positive less the margin 1; the fewer draws it took, the worse
 * the positive's rank. All samples of a block search side by side, a few draws each in a round.
 * Source: Weston, Bengio, Usunier, IJCAI 2011. */
#include <math.h>

#include "train/draw.h"

enum { TRIES = 4, ROOM = DRAW_BLOCK * TRIES };

typedef struct searches {
    int32_t user[ROOM], item[ROOM];
    float score[ROOM];
    int waiting[DRAW_BLOCK], count; /* samples that have not found one */
    int64_t drawn;                  /* by each of them before this round */
    int tries;                      /* in this round */
} searches;

static void take_scores(const train_state *state, searches *w, int n)
{
    const tamis_model *model = state->model;
    state->kernel->scores(model->user_factors, w->user, model->item_factors, w->item, n, model->stride, w->score);
    for (int k = 0; k < n && model->item_bias; k++) w->score[k] += model->item_bias[w->item[k]];
}

/* Looks through what sample s drew; whether it goes on. */
static bool goes_on(const train_state *state, const searches *w, draw_sample *s, int at)
{
    for (int t = 0; t < w->tries; t++) {
        if (!(w->score[at + t] > s->score - 1)) continue;
        const double rank = floor((double)(state->model->items - 1) / (double)(w->drawn + t + 1));
        s->weight = (float)log(rank > 1 ? rank : 1);
        s->negative = w->item[at + t];
        s->negative_score = w->score[at + t];
        return false;
    }
    return true;
}

static void search_round(const train_state *state, searches *w, draw_sample *s)
{
    int drawn = 0, left = 0;
    for (int k = 0; k < w->count; k++) {
        draw_sample *own = &s[w->waiting[k]];
        int32_t j = 0;
        for (int t = 0; t < w->tries && j >= 0; t++) {
            j = draw_negative(state, own->user, &own->stream);
            w->user[drawn + t] = own->user;
            w->item[drawn + t] = j;
        }
        if (j < 0) continue; /* the user has every item */
        w->waiting[left++] = w->waiting[k];
        drawn += w->tries;
    }
    take_scores(state, w, drawn);
    w->count = 0;
    for (int k = 0; k < left; k++)
        if (goes_on(state, w, &s[w->waiting[k]], k * w->tries)) w->waiting[w->count++] = w->waiting[k];
    w->drawn += w->tries;
}

void draw_searched(const train_state *state, draw_sample *s, int n)
{
    searches w;
    w.count = n;
    w.drawn = 0;
    for (int k = 0; k < n; k++) {
        w.user[k] = s[k].user;
        w.item[k] = s[k].item;
        w.waiting[k] = k;
        s[k].negative = -1;
    }
    take_scores(state, &w, n);
    for (int k = 0; k < n; k++) s[k].negative_score = s[k].score = w.score[k];
    for (const int64_t most = state->options.max_sampled; w.count > 0 && w.drawn < most;) {
        w.tries = (int)(most - w.drawn < TRIES ? most - w.drawn : TRIES);
        search_round(state, &w, s);
    }
}
