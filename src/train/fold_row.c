/* A new user's factors p, the items' q and b held: what the method's own loss over this one row is least at, or near.
 *
 * Notation: H the user's items, n of them, with weights c_i; N items in all, d factors, mean q̄, G = Σ q q' over all items.
 *   ials     (α G + Σ_H c q q' + λ_u I) p = Σ_H c q,  λ_u = λ (Σ_H c + α N)^ν, exactly what a half epoch solves
 *   expomf   the same with every pair's weight inferred from the last p, some rounds of it, and of a new item its prior, too
 *   others   begin at the ridge solution of score 1 on H and 0 on n items drawn alike, in expectation
 *              (n/N Σ (q - q̄)(q - q̄)' + Σ_H c (q - q̄)(q - q̄)' + μ I) p = Σ_H c (q - q̄),
 *            scaled to the mean length of trained users with as many items; then take steps on the method's own samples and loss
 *            (fold_steps.c, fold_softmax.c) */
#include <math.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "method/als.h"
#include "train/fold_item_softmax.h"
#include "train/fold_item_steps.h"
#include "train/fold_row.h"
#include "train/fold_softmax.h"
#include "train/fold_steps.h"
#include "train/fold_system.h"

enum { EXPOSURE_ROUNDS = 10 };

static double weight_of(const fold_row *row, int64_t k)
{
    return row->weight ? (double)row->weight[k] : 1;
}

static void put(const fold_system *s, double scale, float *p)
{
    for (size_t k = 0; k < s->width; k++) p[k] = (float)(scale * s->right[k]);
}

static tamis_status unsolvable(tamis_error *error)
{
    return base_fail(error, TAMIS_DATA, "the system of a folded-in row has no solution: the model's factors are too large, or its "
                                        "regularization is 0 and there are too few items; train with more of it");
}

static tamis_status solve_ials(const folding *f, const fold_side *other, const fold_row *row, fold_system *s, float *p, tamis_error *error)
{
    const method_als *how = f->run.method->family;
    const tamis_train_options *o = &f->run.options;
    const double regularization = other == &f->item ? o->user_regularization : o->item_regularization;
    const double alpha = how->unobserved(o->param);
    double sum = 0;
    fold_system_add_matrix(s, other->gram, f->run.model->stride, alpha);
    for (int64_t k = 0; k < row->count; k++) {
        fold_system_add(s, other->rows + (size_t)row->index[k] * f->run.model->stride, NULL, weight_of(row, k), 1);
        sum += weight_of(row, k);
    }
    const double no = alpha < 1 ? 1 - alpha : 0; /* a dislike weighs 1 in all */
    for (int64_t k = 0; k < row->dislikes && o->dislike_share > 0; k++) {
        fold_system_add(s, other->rows + (size_t)row->dislike[k] * f->run.model->stride, NULL, no, 0);
        sum += no;
    }
    if (!fold_system_solve(s, regularization * pow(sum + alpha * (double)other->count, how->exponent(o->param))))
        return unsolvable(error);
    put(s, 1, p);
    return TAMIS_OK;
}

/* As s, begun anew, by the scores of p. own_prior: of a new item, whose next value it becomes; NULL: those of the other side's items. */
static bool infer_system(const folding *f, const fold_side *other, const fold_row *row, const float *p, float *own_prior, fold_system *s)
{
    const method_als *how = f->run.method->family;
    const size_t stride = f->run.model->stride;
    als_exposure exposure;
    double exposed = 0;
    fold_system_clear(s);
    if (!fold_system_new(s, (size_t)f->run.model->factors)) return false;
    how->describe(f->run.options.param, &exposure);
    const int64_t dislikes = f->run.options.dislike_share > 0 ? row->dislikes : 0;
    int64_t at = 0, no = 0;
    for (int64_t r = 0; r < other->count; r++) {
        const float *q = other->rows + (size_t)r * stride, score = f->run.kernel->dot(p, q, stride);
        float weight;
        if (at < row->count && row->index[at] == r) {
            fold_system_add(s, q, NULL, exposure.precision * weight_of(row, at++), 1);
            exposed += exposure.precision;
            continue;
        }
        how->expect(&exposure, &score, own_prior ? own_prior : &f->exposure[r], 0, 1, &weight, NULL);
        if (no < dislikes && row->dislike[no] == r) {
            weight = (float)exposure.precision;
            no++;
        }
        fold_system_add(s, q, NULL, (double)weight, 0);
        exposed += (double)weight;
    }
    if (own_prior) *own_prior = (float)how->prior(&exposure, exposed / exposure.precision, other->count);
    return true;
}

static tamis_status solve_expomf(const folding *f, const fold_side *other, const fold_row *row, fold_system *s, float *p,
                                 tamis_error *error)
{
    const bool item = other == &f->user;
    const double regularization = item ? f->run.options.item_regularization : f->run.options.user_regularization;
    als_exposure exposure;
    ((const method_als *)f->run.method->family)->describe(f->run.options.param, &exposure);
    float prior = (float)exposure.start;
    for (int round = 0; round < EXPOSURE_ROUNDS; round++) {
        if (!infer_system(f, other, row, p, item ? &prior : NULL, s))
            return base_no_memory(error, "folding in", s->width, s->width * sizeof *s->matrix);
        if (!fold_system_solve(s, regularization)) return unsolvable(error);
        put(s, 1, p);
    }
    return TAMIS_OK;
}

static double square_of(const double *row, size_t d)
{
    double sum = 0;
    for (size_t k = 0; k < d; k++) sum += row[k] * row[k];
    return sum;
}

/* Where steps begin. What has all of the other side, or rows that are all alike, says nothing beside their mean: it begins along that. */
static tamis_status start(const folding *f, const fold_side *other, const fold_row *row, fold_system *s, float *p, tamis_error *error)
{
    const size_t d = s->width, stride = f->run.model->stride;
    const double n = (double)row->count, all = (double)other->count, *mean = other->mean;
    double trace = 0, squares = 0;
    fold_system_add_matrix(s, other->gram, stride, n / all);
    for (size_t a = 0; a < d; a++) squares += s->matrix[a * d + a];
    for (size_t a = 0; a < d; a++)
        for (size_t b = 0; b <= a; b++) s->matrix[a * d + b] -= n * mean[a] * mean[b];
    for (int64_t k = 0; k < row->count; k++)
        fold_system_add(s, other->rows + (size_t)row->index[k] * stride, mean, weight_of(row, k), 1);
    for (size_t a = 0; a < d; a++) trace += s->matrix[a * d + a];
    if (square_of(s->right, d) > 1e-10 * n * squares) {
        if (!fold_system_solve(s, 0.1 * trace / (double)d + 1e-12)) return unsolvable(error);
    } else {
        memcpy(s->right, mean, d * sizeof *mean);
    }
    const double square = square_of(s->right, d);
    put(s, square > 0 ? folding_length(other == &f->item ? &f->user : &f->item, row->count) / sqrt(square) : 0, p);
    return TAMIS_OK;
}

/* What is solved: all of a method by least squares, else where steps begin. */
static tamis_status solve(const folding *f, const fold_side *other, const fold_row *row, float *p, tamis_error *error)
{
    fold_system s;
    if (!fold_system_new(&s, (size_t)f->run.model->factors))
        return base_no_memory(error, "folding in", s.width, s.width * sizeof *s.matrix);
    const tamis_status status = (f->exposure                                    ? solve_expomf
                                 : f->run.method->trainer == METHOD_BY_ALS ? solve_ials
                                                                           : start)(f, other, row, &s, p, error);
    fold_system_clear(&s);
    return status;
}

tamis_status fold_user(const folding *f, const fold_row *row, float *p, float *flip, tamis_error *error)
{
    const train_run *run = &f->run;
    for (size_t k = 0; k < run->model->stride; k++) p[k] = 0;
    for (size_t k = 0; k < run->model->flip_stride; k++) flip[k] = 0;
    if (row->count == 0) return TAMIS_OK;
    const tamis_status status = solve(f, &f->item, row, p, error);
    if (status || run->method->trainer == METHOD_BY_ALS) return status;
    for (size_t k = 0; k < run->model->flip_stride; k++) flip[k] = f->flip[k];
    return run->method->trainer == METHOD_BY_SOFTMAX ? fold_softmax(f, row, p, error) : fold_steps(f, row, p, flip, error);
}

tamis_status fold_item(const folding *f, const fold_row *row, float *q, float *bias, tamis_error *error)
{
    const train_run *run = &f->run;
    const float own = run->model->item_bias ? (float)folding_bias(f, row->count) : 0;
    for (size_t k = 0; k < run->model->stride; k++) q[k] = 0;
    if (run->model->item_bias) *bias = own;
    if (row->count == 0) return TAMIS_OK;
    const tamis_status status = solve(f, &f->user, row, q, error);
    if (status || run->method->trainer == METHOD_BY_ALS) return status;
    return run->method->trainer == METHOD_BY_SOFTMAX ? fold_item_softmax(f, row, own, q, error) : fold_item_steps(f, row, own, q, error);
}
