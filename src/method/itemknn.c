/* Item-item nearest neighbours: items that the same users take are alike.
 *
 * Notation: items.h; n_ij users of both i and j, h shrinkage.
 *   cosine, tf-idf  B_ji = Σ_u x_ui x_uj / (|x_i| |x_j|) n_ij / (n_ij + h)
 *   bm25            B_ji = Σ_u x_ui x_uj n_ij / (n_ij + h)
 *   cosine x_ui = c_ui;  tf-idf x_ui = sqrt(c_ui) ln(N / (1 + n_u)), 0 where that is negative;
 *   bm25 x_ui = ln(N / (1 + n_u)) c_ui (k1 + 1) / (c_ui + k1 (1 - b + b n_i / mean n))
 * The logarithm makes users count less who take everything. Of a matrix of ones cosines of bm25's x would be those of tf-idf's,
 * since b is of the item alone; hence its products. */
#include <math.h>

#include "base/base.h"
#include "method/items.h"

enum { SIMILARITY, NEIGHBOURS, SHRINKAGE, K1, B };
enum { COSINE, TF_IDF, BM25 };

static const tamis_option rows[] = {
    METHOD_TUNED(SIMILARITY, choice, "similarity", TAMIS_OPTION_CHOICE, "cosine|tf-idf|bm25", "tf-idf", "",
        "of two items' users; tf-idf, bm25: users with many interactions count less", "cosine,tf-idf,bm25"),
    METHOD_TUNED(NEIGHBOURS, integer, "neighbours", TAMIS_OPTION_INTEGER, "[0,2147483647]", "200", "items",
        "kept of each item's, the most similar ones; 0: all", "log:20..1000"),
    METHOD_TUNED(SHRINKAGE, real, "shrinkage", TAMIS_OPTION_REAL, "[0,inf)", "5", "users",
        "h: similarities count n / (n + h), n being the users that two items have in common", "0,1,5,20,100"),
    METHOD_OPTION(K1, real, "bm25-k1", TAMIS_OPTION_REAL, "[0,1000]", "1.2", "", "bm25: how fast larger weights of interactions saturate",
        .only = "similarity=bm25"),
    METHOD_OPTION(B, real, "bm25-b", TAMIS_OPTION_REAL, "[0,1]", "0.2", "", "bm25: how much an item's popularity counts against it",
        .only = "similarity=bm25"),
};

static double entry(const tamis_parameter *param, const items_pair *p)
{
    if (param[SIMILARITY].choice == COSINE) return p->weight;
    const double rare = fmax(0, log(p->items / (1 + p->of_user)));
    if (param[SIMILARITY].choice == TF_IDF) return rare * sqrt(p->weight);
    const double k1 = param[K1].real, b = param[B].real;
    return rare * p->weight * (k1 + 1) / (p->weight + k1 * (1 - b + b * p->of_item / p->mean));
}

static double similarity(const tamis_parameter *param, const items_two *two)
{
    const double shrunk = two->common / (two->common + param[SHRINKAGE].real);
    if (param[SIMILARITY].choice == BM25) return two->product * shrunk;
    const double lengths = sqrt(two->square_i) * sqrt(two->square_j);
    return lengths > 0 ? two->product / lengths * shrunk : 0;
}

static int64_t neighbours(const tamis_parameter *param)
{
    return param[NEIGHBOURS].integer;
}

static const method_items nearest = {.neighbours = neighbours, .entry = entry, .similarity = similarity};
static const method_preset presets[] = {{"epochs", "1"}};

const method method_itemknn = {
    .name = "itemknn",
    .help = "item-item nearest neighbours: items that the same users take are alike",
    .source = "Sarwar, Karypis, Konstan, Riedl: Item-based collaborative filtering recommendation algorithms, WWW 2001",
    .noise = "None of its own; --shrinkage distrusts items that few users have in common.",
    .use = "A baseline without training, and the quickest personal one. Choose --similarity and --neighbours on validation.",
    .cost = "Σ n_u^2 additions, n_u being the interactions of user u, once. A user's scores cost (interactions) (--neighbours) "
        "additions.",
    .presets = presets,
    .preset_count = BASE_COUNT(presets),
    .options = {"itemknn", rows, BASE_COUNT(rows), sizeof(tamis_train_options), NULL},
    .trainer = METHOD_BY_ITEMS,
    .family = &nearest,
};
