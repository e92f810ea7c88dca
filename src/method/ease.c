/* EASE, a linear autoencoder in closed form: each item's column of X from the other items' columns.
 *
 *   minimise |X - X B|² + λ |B|², diagonal of B 0:   P = (X'X + λI)⁻¹,  B_ji = -P_ji / P_ii
 * X holds the weights c_ui, λ is --regularization. Unlike itemknn it has negative entries, and explains away what a third item
 * has to do with two others.
 * Source: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019. */
#include "base/base.h"
#include "base/status.h"
#include "method/items.h"

enum { NEIGHBOURS };

static const tamis_option rows[] = {
    METHOD_OPTION(NEIGHBOURS, integer, "neighbours", TAMIS_OPTION_INTEGER, "[0,2147483647]", "1000", "items",
        "kept of each item's, those with the largest weights, be they below 0; 0: all, as published"),
};

static int64_t neighbours(const tamis_parameter *param)
{
    return param[NEIGHBOURS].integer;
}

static tamis_status check(const void *options, tamis_error *error)
{
    if (((const tamis_train_options *)options)->regularization > 0) return TAMIS_OK;
    return base_fail(error, TAMIS_USAGE, "--regularization: ease needs an L2 weight above 0, such as 250");
}

static const method_items linear = {.neighbours = neighbours, .inverse = true};
static const method_preset presets[] = {{"epochs", "1"}, {"regularization", "250"}};

const method method_ease = {
    .name = "ease",
    .help = "a linear model of each item by all others, in closed form",
    .source = "Steck: Embarrassingly shallow autoencoders for sparse data, WWW 2019",
    .noise = "None of its own; a higher --regularization trusts single users less.",
    .use = "The strongest baseline without training on three logs of four, itemknn on the other; only --regularization is to be "
        "chosen. Up to some ten thousand items, since its time grows with their cube and its memory with their square.",
    .cost = "N^3 / 2 multiplications of N items, once, and 2 N^2 bytes of memory; 8 N (--neighbours) bytes of model.",
    .presets = presets,
    .preset_count = BASE_COUNT(presets),
    .options = {"ease", rows, BASE_COUNT(rows), sizeof(tamis_train_options), check},
    .trainer = METHOD_BY_ITEMS,
    .family = &linear,
};
