/* Items are drawn in proportion to (their interactions)^popularity_power.
 * Source: Rendle, Freudenthaler, "Improving pairwise learning for item recommendation from implicit feedback", WSDM 2014
 * (power 1); powers around 0.75 after Mikolov et al., NIPS 2013. */
#include <math.h>

#include "sampler/sampler.h"

static double weight(int64_t interactions, const tamis_train_options *options)
{
    return pow((double)interactions, options->popularity_power);
}

static const tamis_option rows[] = {
    BASE_OPTION(tamis_train_options, popularity_power, "popularity-power", TAMIS_OPTION_REAL, "[0,10]", "0.75", "",
                "items are drawn in proportion to interactions^power", .search = "linear:0..1.5"),
};

const sampler sampler_popularity = {
    .name = "popularity",
    .help = "in proportion to interactions^popularity-power",
    .options = SAMPLER_OPTIONS("popularity", rows),
    .weight = weight,
};
