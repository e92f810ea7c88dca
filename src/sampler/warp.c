/* WARP: negatives are drawn until one scores above the positive less the margin; how many draws that took says how badly
 * the positive is ranked, and weighs the sample: ln(max(1, floor((N - 1) / draws))).
 * Source: Weston, Bengio, Usunier, "WSABIE", IJCAI 2011.
 *
 * With chance dislike-share the first few draws are from the user's dislikes, if there are any; if none of them will do, the search
 * begins as if they had not been made.
 *
 * All samples of a block search side by side, a few draws each in a round. */
#include <math.h>

#include "sampler/sampler.h"

enum { TRIES = 4, ROOM = SAMPLER_BLOCK * TRIES };

typedef struct searches {
    int32_t user[ROOM], item[ROOM];
    float score[ROOM];
    int waiting[SAMPLER_BLOCK], count; /* samples that have not found one */
    int64_t drawn;                  /* by each of them before this round */
    int tries;                      /* in this round */
    bool disliked;                  /* it draws from the users' dislikes */
} searches;

static void take_scores(const sampler_view *view, searches *w, int n)
{
    view->kernel->scores(view->user_factors, w->user, view->item_factors, w->item, n, view->stride, w->score);
    for (int k = 0; k < n && view->item_bias; k++) w->score[k] += view->item_bias[w->item[k]];
}

/* Looks through what sample s drew; whether it goes on. */
static bool goes_on(const sampler_view *view, const searches *w, sampler_sample *s, int at)
{
    for (int t = 0; t < w->tries; t++) {
        if (!(w->score[at + t] > s->score - 1)) continue;
        const double rank = floor((double)(view->items - 1) / (double)(w->drawn + t + 1));
        s->weight = (float)log(rank > 1 ? rank : 1);
        s->negative = w->item[at + t];
        s->negative_score = w->score[at + t];
        return false;
    }
    return true;
}

static void search_round(const sampler_view *view, searches *w, sampler_sample *s)
{
    int drawn = 0, left = 0;
    for (int k = 0; k < w->count; k++) {
        sampler_sample *sample = &s[w->waiting[k]];
        int32_t j = 0;
        for (int t = 0; t < w->tries && j >= 0; t++) {
            j = w->disliked ? sampler_dislike(view, sample->user, &sample->stream) : sampler_unseen(view, sample->user, &sample->stream);
            w->user[drawn + t] = sample->user;
            w->item[drawn + t] = j;
        }
        if (j < 0) continue; /* the user has every item */
        w->waiting[left++] = w->waiting[k];
        drawn += w->tries;
    }
    take_scores(view, w, drawn);
    w->count = 0;
    for (int k = 0; k < left; k++)
        if (goes_on(view, w, &s[w->waiting[k]], k * w->tries)) w->waiting[w->count++] = w->waiting[k];
    w->drawn += w->tries;
}

/* A round among dislikes. */
static void search_dislikes(const sampler_view *view, searches *w, sampler_sample *s, int n)
{
    w->count = 0;
    for (int k = 0; k < n; k++)
        if (sampler_takes_dislike(view, s[k].user, &s[k].stream)) w->waiting[w->count++] = k;
    w->disliked = true;
    w->drawn = 0;
    w->tries = (int)(view->options->max_sampled < TRIES ? view->options->max_sampled : TRIES);
    search_round(view, w, s);
    w->disliked = false;
}

static void search(const sampler_view *view, sampler_sample *s, int n)
{
    searches w;
    w.disliked = false;
    for (int k = 0; k < n; k++) {
        w.user[k] = s[k].user;
        w.item[k] = s[k].item < 0 ? 0 : s[k].item;
        s[k].negative = -1;
    }
    take_scores(view, &w, n);
    for (int k = 0; k < n; k++) s[k].negative_score = s[k].score = s[k].item < 0 ? s[k].score : w.score[k];
    if (view->dislikes) search_dislikes(view, &w, s, n);
    w.count = 0;
    w.drawn = 0;
    for (int k = 0; k < n; k++)
        if (s[k].negative < 0) w.waiting[w.count++] = k;
    for (const int64_t most = view->options->max_sampled; w.count > 0 && w.drawn < most;) {
        w.tries = (int)(most - w.drawn < TRIES ? most - w.drawn : TRIES);
        search_round(view, &w, s);
    }
}

/* Early in training one in a few draws will do, later most are made. */
static int64_t scores(const tamis_train_options *options)
{
    return options->max_sampled / 4;
}

/* Each draw up to the last, d = 1, 2, ... D, would have been that item with chance 1/N, and would then have weighed ln (N / d): in all
 * Σ_d ln (N / d) / N, which is about D (ln (N / D) + 1) / N. */
static double weight_of_another(const sampler_view *view, const sampler_sample *s)
{
    const double items = (double)view->items, most = (double)view->options->max_sampled;
    const double draws = s->negative < 0 ? most : items / exp((double)s->weight), last = draws < most ? draws : most;
    return last < items ? last * (log(items / last) + 1) : items;
}

static const tamis_option rows[] = {
    BASE_OPTION(tamis_train_options, max_sampled, "max-sampled", TAMIS_OPTION_INTEGER, "[1,10000]", "100", "draws",
                "per positive, at most"),
};

const sampler sampler_warp = {
    .name = "warp",
    .options = SAMPLER_OPTIONS("warp", rows),
    .help = "the first of max-sampled that outscores the positive less 1, weighed by how soon it came",
    .search = search,
    .scores = scores,
    .weight_of_another = weight_of_another,
};
