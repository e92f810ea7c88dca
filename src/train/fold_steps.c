/* Steps on a new user's factors p, the items held, by the samples and loss that the method trains with.
 *
 * Each step draws the user's samples anew, as a batch of training would, some passes over its interactions together where it has few:
 *   g = 1/S Σ_samples w (-dL/ds) (q_i - q_j or q) - λ' p,  S positives
 * λ' is what L2 comes to per positive: a step of SGD holds a row back once per sample, one of a mini-batch once per batch that the row
 * is in, or per batch. Steps are Adam's (Kingma, Ba, ICLR 2015), whose length does not depend on the loss's scale: at first a
 * share of the root mean square of a trained row's factors, falling to 0. So the steps average over what they draw. */
#include <math.h>
#include <string.h>

#include "base/base.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/status.h"
#include "train/draw.h"
#include "train/fold_steps.h"
#include "train/minibatch.h"
#include "train/optimizer.h"

enum { FEWER_STEPS = 25 /* where each has several negatives */, LEAST_SAMPLES = 32 };

/* A training of one user. */
typedef struct one_user {
    train_run run;
    tamis_model model;
    tamis_log log;
    matrix matrix, dislikes;
    int64_t start[2], dislike_start[2];
    minibatch batch;
    float negative_scale;
    float *weights;      /* c / mean c; NULL: alike */
    int64_t passes, each; /* over the row in a step; edges of a pass */
    double decay;        /* λ' / λ */
    int steps;
} one_user;

double fold_decays(const tamis_train_options *o, double share, double touched, double touches)
{
    const double batch = (double)o->batch_size;
    const bool lazy = o->optimizer == TAMIS_OPTIMIZER_ADAGRAD || o->optimizer == TAMIS_OPTIMIZER_LAZY_ADAM;
    if (batch == 0 || o->optimizer == TAMIS_OPTIMIZER_LAZY_SGD) return touches;
    if (o->optimizer == TAMIS_OPTIMIZER_SGD) return 1 / (share * batch);
    return (lazy ? 1 - pow(1 - touched, batch) : 1) / share; /* of the mean over a batch */
}

static double decays_per_positive(const one_user *u)
{
    const double edges = (double)(u->run.all_pairs ? u->model.items : u->log.matrix->nnz);
    const double all = u->run.all_pairs ? (double)u->run.seen->users * edges : (double)u->run.seen->matrix->nnz;
    const double share = edges / (all > edges ? all : edges);
    return fold_decays(&u->run.options, share, share, (double)u->run.options.negatives + (u->run.method->pair ? 0 : 1));
}

static void set_up(const folding *f, const fold_row *row, float *p, float *flip, one_user *u)
{
    const double items = (double)f->item.count, n = (double)row->count, negatives = (double)f->run.options.negatives;
    u->start[1] = row->count;
    u->matrix = (matrix){.rows = 1, .columns = f->item.count, .nnz = row->count, .start = u->start, .index = row->index};
    u->log = (tamis_log){.users = 1, .items = f->item.count, .matrix = &u->matrix};
    u->dislike_start[1] = row->dislikes;
    u->dislikes = (matrix){.rows = 1, .columns = f->item.count, .nnz = row->dislikes, .start = u->dislike_start, .index = row->dislike};
    if (f->run.options.dislike_share > 0 && row->dislikes) u->run.dislikes = &u->dislikes;
    u->run.certain = u->run.dislikes && (f->run.all_pairs || f->run.method->every_pair);
    u->model = (tamis_model){.users = 1, .items = f->item.count, .factors = f->run.model->factors, .stride = f->run.model->stride,
                             .user_factors = p, .item_factors = f->run.model->item_factors, .item_bias = f->run.model->item_bias};
    u->run.options = f->run.options;
    u->run.options.seed = base_mix(f->run.options.seed ^ row->key);
    u->run.method = f->run.method;
    u->run.context = f->run.context;
    u->run.sampler = f->run.sampler;
    u->run.positives = f->run.positives;
    u->run.kernel = f->run.kernel;
    u->run.seen = &f->log;
    u->run.log = &u->log;
    u->run.item_clicks = f->run.item_clicks;
    u->run.slot = f->run.slot;
    u->run.weights = f->run.weights;
    u->run.row_weights = u->weights;
    u->run.all_pairs = f->run.all_pairs;
    u->run.any_negative = f->run.any_negative;
    u->run.positive_scale = f->run.positive_scale;
    u->negative_scale = (float)((double)f->run.positive_scale * (items - n) / (n * negatives));
    if (f->run.negative_scale) u->run.negative_scale = &u->negative_scale;
    u->run.model = &u->model;
    u->run.factorisations = f->run.method->two_scores ? 2 : 1;
    u->run.factors[0] = (train_factors){p, f->run.model->item_factors, f->run.model->stride, f->run.model->factors,
                                        f->run.options.user_regularization, 0};
    u->run.factors[1] = (train_factors){flip, f->run.model->flip_item, f->run.model->flip_stride, f->run.model->flip_factors,
                                        f->run.options.param[METHOD_FLIP_REGULARIZATION].real, 0};
    u->run.state = &u->batch;
    u->run.step = INT64_MAX / 2; /* what grows over training is grown */
    u->each = draw_samples(&u->run) * draw_edges_each(&u->run);
    const int64_t samples = row->count * f->run.options.negatives;
    u->passes = samples < LEAST_SAMPLES && !u->run.all_pairs ? (LEAST_SAMPLES + samples - 1) / samples : 1;
    u->decay = decays_per_positive(u);
    u->steps = f->run.options.negatives > 2 && !u->run.all_pairs ? FEWER_STEPS : FOLD_STEPS;
}

/* Arrays of a step's edges, and of zeros for its users. */
static void *make_room(one_user *u)
{
    enum { SHARED = 6, EACH = 5 }; /* by all factorisations; of one */
    minibatch *b = &u->batch;
    const size_t edges = (size_t)(u->each * u->passes), heads = (size_t)u->run.factorisations;
    base_part parts[SHARED + EACH * METHOD_FACTORISATIONS] = {{&b->user, edges}, {&b->item, edges}, {&b->target, edges}, {&b->weight, edges},
                                                              {&b->loss, edges}, {&u->run.user_of, (size_t)u->matrix.nnz} /* 0, the one user */};
    for (size_t h = 0; h < heads; h++) {
        const size_t stride = u->run.factors[h].stride;
        const base_part more[EACH] = {{&b->score[h], edges}, {&b->gradient[h], edges}, {&b->user_moments[h].first, stride},
                                      {&b->user_moments[h].second, stride}, {&b->item_gradient[h], stride}};
        memcpy(parts + SHARED + EACH * h, more, sizeof more);
    }
    return base_alloc_parts(parts, SHARED + EACH * heads);
}

static void step(one_user *u, const double size[METHOD_FACTORISATIONS], int t)
{
    minibatch *b = &u->batch;
    team alone = TEAM_NEW(NULL);
    const member me = {&alone, 0};
    const int64_t edges = u->each * u->passes;
    alone.size = 1;
    for (int64_t k = 0; k < u->passes; k++) {
        const int64_t at = k * u->each;
        u->run.epoch = u->run.options.epochs + t * u->passes + k;
        draw_batch(&u->run, &me, 0, draw_samples(&u->run),
                   &(draw_edges){b->user + at, b->item + at, b->target + at, b->weight + at, b->score[0] + at});
    }
    minibatch_score(&u->run, edges);
    (void)minibatch_weigh(&u->run, edges, 1 / (float)(draw_samples(&u->run) * u->passes));
    for (int h = 0; h < u->run.factorisations; h++) {
        const train_factors *factors = &u->run.factors[h];
        kernel_step c = folding_step(size[h], factors->user_regularization * u->decay, t, u->steps); /* analyzer: use-of-uninitialized-value, set for each factorisation */
        u->run.kernel->combine(factors->item, b->item, b->gradient[h], edges, factors->stride, b->item_gradient[h]);
        u->run.kernel->adam(factors->user, b->user_moments[h].first, b->user_moments[h].second, b->item_gradient[h], factors->stride, &c);
    }
}

static double root_mean_square(const float *row, const train_factors *factors, const kernel_tier *kernel)
{
    return sqrt((double)kernel->dot(row, row, factors->stride) / (double)factors->width);
}

tamis_status fold_steps(const folding *f, const fold_row *row, float *p, float *flip, tamis_error *error)
{
    one_user *u = base_alloc(1, sizeof *u);
    float *weights = row->weight ? base_alloc((size_t)row->count, sizeof *weights) : NULL, *memory = NULL;
    double sum = 0, size[METHOD_FACTORISATIONS];
    if (u && (weights || !row->weight)) {
        for (int64_t k = 0; k < row->count && weights; k++) sum += (double)row->weight[k];
        for (int64_t k = 0; k < row->count && weights; k++) weights[k] = (float)((double)row->weight[k] * (double)row->count / sum);
        u->weights = weights;
        set_up(f, row, p, flip, u);
        memory = make_room(u);
    }
    if (memory) {
        for (int h = 0; h < u->run.factorisations; h++) size[h] = root_mean_square(u->run.factors[h].user, &u->run.factors[h], f->run.kernel);
        for (int t = 0; t < u->steps; t++) step(u, size, t);
    }
    base_free(memory);
    base_free(weights);
    base_free(u);
    return memory ? TAMIS_OK : base_no_memory(error, "folding in", (size_t)row->count, sizeof *p);
}
