/* A model's vectors for other programs, and read in place.
 *
 *   04_export model.tamis vectors/
 *
 * Writes vectors/user_factors.npy and the like, for numpy.load() and indexes of nearest neighbours; then works out one score
 * from the mapped model to show how its arrays lie. */
#include <stdio.h>
#include <tamis.h>

/* The score by which the model ranks: p_u . q_i + b_i. */
static double score(const tamis_model *model, int64_t user, int64_t item)
{
    size_t user_stride, item_stride; /* rows are padded, so that each begins on a line of the cache */
    const float *p = tamis_model_user_factors(model, &user_stride) + (size_t)user * user_stride;
    const float *q = tamis_model_item_factors(model, &item_stride) + (size_t)item * item_stride;
    const float *bias = tamis_model_item_bias(model); /* NULL: the model has none */
    double sum = bias ? (double)bias[item] : 0;
    for (int64_t k = 0; k < tamis_model_factors(model); k++) sum += (double)p[k] * (double)q[k];
    return sum;
}

int main(int argc, char **argv)
{
    tamis_model *model = NULL;
    tamis_hit best;
    tamis_error error;
    if (argc != 3) return fprintf(stderr, "usage: 04_export MODEL DIR\n"), TAMIS_USAGE;

    tamis_status status = tamis_model_load(argv[1], &model, &error); /* mapped: opening a model of gigabytes is quick */
    if (!status) status = tamis_model_export(model, argv[2], &error);

    const char *name, *value; /* how the model was made */
    for (size_t k = 0; !status && (name = tamis_model_note(model, k, &value)); k++)
        if (*value) printf("%s=%s\n", name, value);

    /* The best item of the first user has the score that the library says. */
    const int64_t user = 0;
    if (!status) status = tamis_recommend(model, &user, 1, 1, 1, &best, &error);
    if (!status && best.item >= 0) {
        size_t length, other;
        const char *item = tamis_model_item_id(model, best.item, &length), *id = tamis_model_user_id(model, user, &other);
        printf("user %.*s, item %.*s: %.6f = %.6f\n", (int)other, id, (int)length, item, (double)best.score,
               score(model, user, best.item));
    }
    if (status) fprintf(stderr, "%s\n", error.text);
    tamis_model_free(model);
    return status;
}
