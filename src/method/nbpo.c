/* NBPO: an item without a vote may be a positive whose label was flipped, with chance γ_ui = σ(φ_ui), where φ is a second
 * factorisation; positives are never flipped from negatives.
 *
 *   P(Y=1) = (1-γ) σ(s)        P(Y=0) = σ(-s) + γ σ(s) = D
 * Ascent directions on (s, φ), by variant:
 *   original   log-likelihood      positive (σ(-s), -γ)                        negative ((γ-1) σ(s) σ(-s), γ (1-γ) σ(s)) / D
 *   surrogate  likelihood          positive (1-γ) σ(s) (σ(-s), -γ)             negative ((γ-1) σ(s) σ(-s), γ (1-γ) σ(s))
 *   nbpo       the paper's final   positive ((1-γ) σ(-s), -γ σ(s))             negative (γ σ(-s) - σ(s), (1-γ) σ(s))
 * The last is not the gradient of one function; each head follows its own with the other held.
 * The loss that is told is the negative log-likelihood. Source: Yu, Qin, SIGIR 2020. */
#include "kernel/scalar.h"
#include "method/method.h"

enum { VARIANT };
enum { NBPO, ORIGINAL, SURROGATE };

/* -ln σ(s) and the like, from sums of softplus */
static double negative_log_likelihood(float s, float phi, bool positive)
{
    if (positive) return (double)scalar_softplus(phi) + (double)scalar_softplus(-s);
    /* D = σ(-s) + γ σ(s) = (1 + γ e^s) / (1 + e^s), and 1 + γ e^s = 1 + e^(s - softplus(-φ)) */
    return (double)scalar_softplus(s) - (double)scalar_softplus(s - scalar_softplus(-phi));
}

static void heads(const void *context, const float score[METHOD_HEADS], float target, float slope[METHOD_HEADS],
                  double *loss)
{
    const tamis_parameter *param = context;
    const float s = score[0], phi = score[1];
    const float yes = scalar_sigmoid(s), no = scalar_sigmoid(-s), flip = scalar_sigmoid(phi), keep = scalar_sigmoid(-phi);
    const bool positive = target > 0;
    *loss += negative_log_likelihood(s, phi, positive);
    switch (param[VARIANT].choice) {
    case ORIGINAL: {
        const float mixture = no + flip * yes;
        slope[0] = positive ? no : -keep * yes * no / mixture;
        slope[1] = positive ? -flip : flip * keep * yes / mixture;
        break;
    }
    case SURROGATE:
        slope[0] = (positive ? keep : -keep) * yes * no;
        slope[1] = (positive ? -flip : flip) * keep * yes;
        break;
    default:
        slope[0] = positive ? keep * no : flip * no - yes;
        slope[1] = positive ? -flip * yes : keep * yes;
        break;
    }
}

static void weigh(const tamis_train_options *options, const method_exposure *exposure, method_weights *weights)
{
    (void)exposure;
    if (options->pairs != TAMIS_PAIRS_ALL) weights->positive_weight = (float)options->negatives;
}

static const method_start start[METHOD_HEADS] = {{0, 1, 0, 1}, {0, 5, -5, 0}};

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
    METHOD_OPTION(METHOD_FLIP_REGULARIZATION, real, "flip-regularization", TAMIS_OPTION_REAL, "[0,inf)", "5", "",
                  "L2 weight of the flip probabilities' factors"),
};

const method method_nbpo = {
    .name = "nbpo",
    .help = "pointwise, and learns beside it which unseen items are positives with a flipped label",
    .source = "Yu, Qin: Sampler design for implicit feedback data by noisy-label robust learning, SIGIR 2020",
    .noise = "Some unseen items are positives whose label was flipped; interactions are never wrong.",
    .use = "Sparse logs in which much that is liked was never seen. tamis export writes the factors of its flip "
        "probabilities. Small to middling logs: each batch updates all rows. The defaults suit --variant "
        "nbpo; published for original: --learning-rate 0.005 --flip-regularization 0.5, for surrogate: "
        "--learning-rate 0.002 --regularization 0.05 --flip-regularization 0.01.",
    .cost = "Per batch an update of every row of two factorisations, and (1 + --negatives) scores of both per "
        "interaction.",
    .presets = presets, .preset_count = BASE_COUNT(presets),
    .options = METHOD_OPTIONS("nbpo", rows),
    .heads = heads,
    .start = start,
    .weigh = weigh,
};
