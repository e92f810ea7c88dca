/* Export for others: NumPy arrays and lists of ids.
 *
 * NumPy format 1.0: "\x93NUMPY", version bytes 1 0, u16 (little endian) length of what follows, a Python dictionary as
 * text, spaces and a line feed so that the data start at a multiple of 64; then the numbers in C order.
 *
 * Further dimensions for indexes of vectors, q an item's row of factors, b its bias, p a user's:
 *   (p, 1) . (q, b) = p . q + b
 *   with r = sqrt(max_j (|q_j|^2 + b_j^2) - |q|^2 - b^2) all (q, b, r) are of one length, so that the cosine with (p, 1, 0), and the
 *   distance to it, order items as the product does (Bachrach et al., RecSys 2014). */
#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/files.h"
#include "base/option.h"
#include "base/set.h"
#include "base/status.h"
#include "base/writer.h"
#include "model/model.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTE_ORDER_SIGN ">"
#else
#define BYTE_ORDER_SIGN "<"
#endif

static tamis_status check_ids(const id_map *ids, const char *kind, tamis_error *error)
{
    for (int64_t k = 0; k < ids->count; k++) {
        size_t length;
        const char *id = id_map_get(ids, k, &length);
        char shown[280];
        if (memchr(id, '\n', length) || memchr(id, '\r', length))
            return base_fail(error, TAMIS_DATA,
                             "%s id \"%s\" holds a line break, but %s_ids.txt has one id a line; rename it in the log",
                             kind, base_quote(shown, sizeof shown, id, length), kind);
    }
    return TAMIS_OK;
}

static void write_header(base_writer *writer, const char *type, const char *shape)
{
    char header[256];
    int text = snprintf(header + 10, sizeof header - 10, "{'descr': '%s%s', 'fortran_order': False, 'shape': %s, }", BYTE_ORDER_SIGN,
                        type, shape);
    size_t used = 10 + (size_t)text, total = (used + 1 + 63) / 64 * 64;
    memcpy(header, "\x93NUMPY\x01\x00", 8); /* NOLINT(bugprone-not-null-terminated-result): bytes, of which the last is 0 */
    header[8] = (char)((total - 10) & 0xFF);
    header[9] = (char)((total - 10) >> 8);
    memset(header + used, ' ', total - used - 1);
    header[total - 1] = '\n';
    base_writer_bytes(writer, header, total);
}

static void write_array(base_writer *writer, const parameter *p)
{
    char shape[64];
    const float *row = *p->data;
    const bool wide = p->stride > 1; /* biases are a vector */
    snprintf(shape, sizeof shape, wide ? "(%" PRId64 ", %" PRId64 ")" : "(%" PRId64 ",)", p->rows, p->width);
    write_header(writer, "f4", shape);
    for (int64_t r = 0; r < p->rows; r++, row += p->stride) base_writer_bytes(writer, row, (size_t)p->width * sizeof *row);
}

/* What stands behind the factors of a row. */
typedef struct further {
    int64_t bias, length; /* how many dimensions of each: 0 or 1 */
    const float *biases;  /* of items; NULL: of users */
    double longest;       /* max_j (|q_j|^2 + b_j^2) */
} further;

/* |q|^2 + b^2 */
static double squared(const float *row, int64_t width, const float *bias)
{
    double sum = bias ? (double)*bias * (double)*bias : 0;
    for (int64_t k = 0; k < width; k++) sum += (double)row[k] * (double)row[k];
    return sum;
}

static further further_of_items(const tamis_model *m, const tamis_export_options *o)
{
    further f = {.bias = o->fold_bias && m->item_bias, .length = o->equal_length != 0};
    f.biases = f.bias ? m->item_bias : NULL;
    for (int64_t i = 0; f.length && i < m->items; i++) {
        const double size = squared(m->item_factors + (size_t)i * m->stride, m->factors, f.biases ? f.biases + i : NULL);
        if (size > f.longest) f.longest = size;
    }
    return f;
}

static void write_factors(base_writer *writer, const parameter *p, const further *f)
{
    char shape[64];
    const float *row = *p->data;
    const bool items = p->side == PARAMETER_OF_ITEMS;
    snprintf(shape, sizeof shape, "(%" PRId64 ", %" PRId64 ")", p->rows, p->width + f->bias + f->length);
    write_header(writer, "f4", shape);
    for (int64_t r = 0; r < p->rows; r++, row += p->stride) {
        const float *bias = items && f->bias ? f->biases + r : NULL;
        const float more[] = {bias ? *bias : 1.0f, items ? (float)sqrt(f->longest - squared(row, p->width, bias)) : 0.0f};
        base_writer_bytes(writer, row, (size_t)p->width * sizeof *row);
        if (f->bias) base_writer_bytes(writer, &more[0], sizeof *more);
        if (f->length) base_writer_bytes(writer, &more[1], sizeof *more);
    }
}

static void write_ids(base_writer *writer, const id_map *ids)
{
    for (int64_t k = 0; k < ids->count; k++) {
        size_t length;
        const char *id = id_map_get(ids, k, &length);
        base_writer_bytes(writer, id, length);
        base_writer_bytes(writer, "\n", 1);
    }
}

static void write_vector(base_writer *writer, const char *type, const void *bytes, int64_t count, size_t size)
{
    char shape[32];
    snprintf(shape, sizeof shape, "(%" PRId64 ",)", count);
    write_header(writer, type, shape);
    if (count) base_writer_bytes(writer, bytes, (size_t)count * size);
}

/* A file of the set; *writer is NULL where it is not to be there. */
static tamis_status add_file(base_set *set, const char *name, bool absent, base_writer **writer, tamis_error *error)
{
    *writer = NULL;
    return base_set_add(set, name, absent ? NULL : writer, error);
}

/* The item-item matrix in compressed rows, as scipy.sparse.csr_matrix((value, item, start)) takes it. */
static tamis_status add_neighbours(const tamis_model *model, base_set *set, tamis_error *error)
{
    const matrix *m = model->neighbours.items;
    const struct {
        const char *name, *type;
        const void *bytes;
        int64_t count;
        size_t size;
    } vector[] = {{"neighbour_start.npy", "i8", m ? m->start : NULL, m ? m->rows + 1 : 0, sizeof(int64_t)},
                  {"neighbour_item.npy", "i4", m ? m->index : NULL, m ? m->nnz : 0, sizeof(int32_t)},
                  {"neighbour_value.npy", "f4", model->neighbours.value, m ? m->nnz : 0, sizeof(float)}};
    tamis_status status = TAMIS_OK;
    base_writer *writer;
    for (size_t k = 0; k < BASE_COUNT(vector) && !status; k++) {
        status = add_file(set, vector[k].name, !m, &writer, error);
        if (!status && m) write_vector(writer, vector[k].type, vector[k].bytes, vector[k].count, vector[k].size);
    }
    return status;
}

void tamis_export_options_init(tamis_export_options *options, size_t size)
{
    const tamis_export_options defaults = {.size = sizeof defaults};
    base_option_give(&defaults, sizeof defaults, options, size);
}

/* All files are complete before the first one appears under its name. */
static tamis_status write_files(const tamis_model *model, const tamis_export_options *options, const char *directory, tamis_error *error)
{
    const further more = further_of_items(model, options);
    const parameters arrays = model_parameters((tamis_model *)(uintptr_t)model); /* not written through */
    const id_map *ids[] = {model->user_ids, model->item_ids};
    const int files = arrays.count + 2;
    char name[64];
    base_set *set = NULL;
    tamis_status status = check_ids(model->user_ids, "user", error);
    if (!status) status = check_ids(model->item_ids, "item", error);
    if (!status) status = base_path_check(directory, error);
    if (!status) status = base_set_new(directory, "tamis export", "\x93NUMPY", &set, error);
    for (int k = 0; k < files && !status; k++) {
        const bool array = k < arrays.count, folded = more.bias && k == MODEL_ITEM_BIAS,
                   absent = array && (folded || !*arrays.at[k].data);
        base_writer *writer;
        snprintf(name, sizeof name, "%s%s", array ? arrays.at[k].name : k == arrays.count ? "user_ids" : "item_ids",
                 array ? ".npy" : ".txt");
        status = add_file(set, name, absent, &writer, error);
        if (status || absent) continue;
        if (k == MODEL_USER_FACTORS || k == MODEL_ITEM_FACTORS)
            write_factors(writer, &arrays.at[k], &more);
        else if (array)
            write_array(writer, &arrays.at[k]);
        else
            write_ids(writer, ids[k - arrays.count]);
    }
    if (!status) status = add_neighbours(model, set, error);
    if (!status) return base_set_commit(set, error);
    base_set_discard(set);
    return status;
}

tamis_status tamis_model_export_as(const tamis_model *model, const char *directory, const tamis_export_options *given, tamis_error *error)
{
    tamis_export_options options = {.size = sizeof options};
    base_clear(error);
    if (!model) return base_null(error, "the model");
    const tamis_status status = base_option_adopt(given, &options, sizeof options, error);
    if (status) return status;
    if ((options.fold_bias || options.equal_length) && !model->factors)
        return base_fail(error, TAMIS_USAGE, "the model has no factors to which dimensions could be added; expected one of another method, such "
                                             "as bpr");
    return write_files(model, &options, directory, error);
}

tamis_status tamis_model_export(const tamis_model *model, const char *directory, tamis_error *error)
{
    return tamis_model_export_as(model, directory, NULL, error);
}
