/* NBPO: an item without a vote may be a positive whose label was flipped, with chance γ_ui = σ(φ_ui), where φ is a second
 * factorisation; positives are never flipped from negatives.
 *
 *   P(Y=1) = (1-γ) σ(s)        P(Y=0) = σ(-s) + γ σ(s) = D
 * Ascent directions on (s, φ), by variant:
 *   original   log-likelihood      positive (σ(-s), -γ)                        negative ((γ-1) σ(s) σ(-s), γ (1-γ) σ(s)) / D
 *   surrogate  likelihood          positive (1-γ) σ(s) (σ(-s), -γ)             negative ((γ-1) σ(s) σ(-s), γ (1-γ) σ(s))
 *   nbpo       the paper's final   positive ((1-γ) σ(-s), -γ σ(s))             negative (γ σ(-s) - σ(s), (1-γ) σ(s))
 * The last is not the gradient of one function; each factorisation follows its own with the other held.
 * The loss that is told is the negative log-likelihood. Source: Yu, Qin, SIGIR 2020. */
#include "base/base.h"
#include "method/method.h"

enum { VARIANT };
enum { NBPO, ORIGINAL, SURROGATE };

static const _Alignas(64) float zero[16];

/* Of sixteen samples: σ and softplus of a score and of its opposite; x is one score per sample. */
typedef struct logistic {
    _Alignas(64) float up[16], down[16], softplus_up[16], softplus_down[16]; /* σ(x), σ(-x), softplus(x), softplus(-x) */
} logistic;

static void take_logistic(const kernel_tier *kernel, const float *x, logistic *l)
{
    for (int k = 0; k < 16; k++) {
        l->up[k] = x[k];
        l->down[k] = -x[k];
    }
    kernel->logistic_points(l->up, zero, l->softplus_up, 16);
    kernel->logistic_points(l->down, zero, l->softplus_down, 16);
    for (int k = 0; k < 16; k++) {
        l->up[k] = -l->up[k];
        l->down[k] = -l->down[k];
    }
}

static void gradients(int variant, bool positive, float yes, float no, float flip, float keep, float gradient[METHOD_FACTORISATIONS])
{
    switch (variant) {
    case ORIGINAL: {
        const float mixture = no + flip * yes;
        gradient[0] = positive ? no : -keep * yes * no / mixture;
        gradient[1] = positive ? -flip : flip * keep * yes / mixture;
        break;
    }
    case SURROGATE:
        gradient[0] = (positive ? keep : -keep) * yes * no;
        gradient[1] = (positive ? -flip : flip) * keep * yes;
        break;
    default:
        gradient[0] = positive ? keep * no : flip * no - yes;
        gradient[1] = positive ? -flip * yes : keep * yes;
        break;
    }
}

/* The loss: positive -ln(1-γ) - ln σ(s) = softplus(φ) + softplus(-s); negative -ln D = softplus(s) - softplus(z) with
 * z = s - softplus(-φ), for D = (1 + γ e^s) / (1 + e^s) and γ e^s = e^z. */
static void two_scores(const void *context, const kernel_tier *kernel, int64_t n, float *const score[METHOD_FACTORISATIONS],
                  const float *target, float *const gradient[METHOD_FACTORISATIONS], float *loss)
{
    const tamis_parameter *param = context;
    for (int64_t from = 0; from < n; from += 16) {
        logistic s, phi;
        _Alignas(64) float z[16], softplus_z[16];
        take_logistic(kernel, score[0] + from, &s);
        take_logistic(kernel, score[1] + from, &phi);
        for (int k = 0; k < 16; k++) z[k] = score[0][from + k] - phi.softplus_down[k];
        kernel->logistic_points(z, zero, softplus_z, 16);
        for (int k = 0; k < 16; k++) {
            const bool positive = target[from + k] > 0;
            float each[METHOD_FACTORISATIONS];
            gradients(param[VARIANT].choice, positive, s.up[k], s.down[k], phi.up[k], phi.down[k], each);
            gradient[0][from + k] = each[0];
            gradient[1][from + k] = each[1];
            loss[from + k] = positive ? phi.softplus_up[k] + s.softplus_down[k] : s.softplus_up[k] - softplus_z[k];
        }
    }
}

static void weigh(const tamis_train_options *options, const method_exposure *exposure, method_weights *weights)
{
    (void)exposure;
    if (options->pairs != TAMIS_PAIRS_ALL) weights->positive_weight = (float)options->negatives;
}

static const method_start start[METHOD_FACTORISATIONS] = {{0, 1, 0, 1}, {0, 5, -5, 0}};

static const method_preset presets[] = {
    {"negatives", "4"},        {"batch-size", "5000"},   {"optimizer", "sgd"},
    {"learning-rate", "0.05"}, {"regularization", "1"},  {"schedule", "exponential"},
    {"learning-rate-decay", "0.99"}, {"epochs", "200"},  {"factors", "50"},
};

static const tamis_option rows[] = {
    METHOD_OPTION(VARIANT, choice, "variant", TAMIS_OPTION_CHOICE, "nbpo|original|surrogate", "nbpo", "",
                  "the paper's final directions, or the gradient of log-likelihood or likelihood"),
    METHOD_OPTION(METHOD_FLIP_FACTORS, integer, "flip-factors", TAMIS_OPTION_INTEGER, "[1,4096]", "50", "",
                  "factors of the flip probabilities"),
    METHOD_TUNED(METHOD_FLIP_REGULARIZATION, real, "flip-regularization", TAMIS_OPTION_REAL, "[0,inf)", "5", "",
                  "L2 weight of the flip probabilities' factors", "log:x0.1..x10"),
};

const method method_nbpo = {
    .name = "nbpo",
    .control = {.name = "bpo"},
    .help = "pointwise, and learns beside it which unseen items are positives with a flipped label",
    .source = "Yu, Qin: Sampler design for implicit feedback data by noisy-label robust learning, SIGIR 2020",
    .noise = "Some unseen items are positives whose label was flipped; interactions are never wrong.",
    .use = "Sparse logs in which much that is liked was never seen. It ranks popular items first: on the clean MovieLens 100K it "
        "found hardly any rare one. Tuned it was level there with bpo and bpr, with uniform noise, too, and 3 and 4% below them with "
        "real noise (rows rated 1 to 3). tamis export writes the factors of its flip "
        "probabilities. As published, each batch updates all rows; for larger logs take --batch-size 0 --regularization "
        "0.06 --flip-regularization 0.3, which updates after each sample and ranks about as well (keep --negatives times "
        "--learning-rate well below 1). The defaults suit --variant nbpo; published for original: --learning-rate 0.005 "
        "--flip-regularization 0.5, for surrogate: --learning-rate 0.002 --regularization 0.05 --flip-regularization "
        "0.01.",
    .cost = "Per batch an update of every row of two factorisations, and (1 + --negatives) scores of both per "
        "interaction. With --batch-size 0 about twice bpr's per sample.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = METHOD_OPTIONS("nbpo", rows),
    .two_scores = two_scores,
    .start = start,
    .weigh = weigh,
};
