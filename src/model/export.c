/* Export for others: NumPy arrays and lists of ids.
 *
 * NumPy format 1.0: "\x93NUMPY", version bytes 1 0, u16 (little endian) length of what follows, a Python dictionary as
 * text, spaces and a line feed so that the data start at a multiple of 64; then the numbers in C order. */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
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
    memcpy(header, "\x93NUMPY\x01\x00", 8);
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

/* All files are complete before the first one appears under its name. */
tamis_status tamis_model_export(const tamis_model *model, const char *directory, tamis_error *error)
{
    base_clear(error);
    if (!model) return base_null(error, "the model");
    const parameters arrays = model_parameters((tamis_model *)(uintptr_t)model); /* not written through */
    const id_map *ids[] = {model->user_ids, model->item_ids};
    const int files = arrays.count + 2;
    char name[64];
    base_set *set = NULL;
    tamis_status status = check_ids(model->user_ids, "user", error);
    if (!status) status = check_ids(model->item_ids, "item", error);
    if (!status) status = base_set_new(directory, "tamis export", "\x93NUMPY", &set, error);
    for (int k = 0; k < files && !status; k++) {
        const bool array = k < arrays.count, absent = array && !*arrays.at[k].data;
        base_writer *writer;
        snprintf(name, sizeof name, "%s%s", array ? arrays.at[k].name : k == arrays.count ? "user_ids" : "item_ids",
                 array ? ".npy" : ".txt");
        status = add_file(set, name, absent, &writer, error);
        if (status || absent) continue;
        if (array)
            write_array(writer, &arrays.at[k]);
        else
            write_ids(writer, ids[k - arrays.count]);
    }
    if (!status) status = add_neighbours(model, set, error);
    if (!status) return base_set_commit(set, error);
    base_set_discard(set);
    return status;
}
