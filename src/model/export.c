/* Export for others: NumPy arrays and lists of ids.
 *
 * NumPy format 1.0: "\x93NUMPY", version bytes 1 0, u16 (little endian) length of what follows, a Python dictionary as
 * text, spaces and a line feed so that the data start at a multiple of 64; then the numbers in C order. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/model.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define FLOAT32 ">f4"
#else
#define FLOAT32 "<f4"
#endif

enum { USER_FACTORS, ITEM_FACTORS, ITEM_BIAS, USER_IDS, ITEM_IDS, FLIP_USER, FLIP_ITEM, FILES };

static const char *const names[FILES] = {"user_factors.npy", "item_factors.npy", "item_bias.npy", "user_ids.txt",
                                         "item_ids.txt",     "flip_user_factors.npy",
                                         "flip_item_factors.npy"};

static tamis_status check_ids(const base_ids *ids, const char *kind, tamis_error *error)
{
    for (size_t k = 0; k < ids->count; k++) {
        size_t length;
        const char *id = base_ids_get(ids, (int64_t)k, &length);
        char shown[280];
        if (memchr(id, '\n', length) || memchr(id, '\r', length))
            return base_fail(error, TAMIS_DATA,
                             "%s id \"%s\" holds a line break, but %s_ids.txt has one id a line; rename it in the log",
                             kind, base_quote(shown, sizeof shown, id, length), kind);
    }
    return TAMIS_OK;
}

static void write_array(tamis_writer *writer, const float *rows, int64_t count, int64_t width, size_t stride,
                        bool matrix)
{
    char header[256], shape[64];
    snprintf(shape, sizeof shape, matrix ? "(%" PRId64 ", %" PRId64 ")" : "(%" PRId64 ",)", count, width);
    int text = snprintf(header + 10, sizeof header - 10,
                        "{'descr': '" FLOAT32 "', 'fortran_order': False, 'shape': %s, }", shape);
    size_t used = 10 + (size_t)text, total = (used + 1 + 63) / 64 * 64;
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)((total - 10) & 0xFF);
    header[9] = (char)((total - 10) >> 8);
    memset(header + used, ' ', total - used - 1);
    header[total - 1] = '\n';
    tamis_writer_bytes(writer, header, total);
    for (int64_t r = 0; r < count; r++, rows += stride) tamis_writer_bytes(writer, rows, (size_t)width * sizeof *rows);
}

static void write_ids(tamis_writer *writer, const base_ids *ids)
{
    for (size_t k = 0; k < ids->count; k++) {
        size_t length;
        const char *id = base_ids_get(ids, (int64_t)k, &length);
        tamis_writer_bytes(writer, id, length);
        tamis_writer_bytes(writer, "\n", 1);
    }
}

/* All files are complete before the first one appears under its name. */
tamis_status tamis_model_export(const tamis_model *model, const char *directory, tamis_error *error)
{
    base_clear(error);
    tamis_writer *writer[FILES] = {NULL};
    char path[4096];
    tamis_status status = check_ids(&model->user_ids, "user", error);
    if (!status) status = check_ids(&model->item_ids, "item", error);
    if (!status) status = base_directory(directory, error);
    for (int k = 0; k < FILES && !status; k++) {
        if ((k == ITEM_BIAS && !model->item_bias) || (k >= FLIP_USER && !model->flip_user)) continue;
        if (!base_join(path, sizeof path, directory, names[k]))
            status = base_fail(error, TAMIS_FAILURE, "the name of the directory is too long: %.60s...", directory);
        else
            status = tamis_writer_open(path, &writer[k], error);
    }
    if (!status) {
        write_array(writer[USER_FACTORS], model->user_factors, model->users, model->factors, model->stride, true);
        write_array(writer[ITEM_FACTORS], model->item_factors, model->items, model->factors, model->stride, true);
        if (model->item_bias) write_array(writer[ITEM_BIAS], model->item_bias, model->items, 1, 1, false);
        if (model->flip_user) {
            write_array(writer[FLIP_USER], model->flip_user, model->users, model->flip_factors, model->flip_stride, true);
            write_array(writer[FLIP_ITEM], model->flip_item, model->items, model->flip_factors, model->flip_stride, true);
        }
        write_ids(writer[USER_IDS], &model->user_ids);
        write_ids(writer[ITEM_IDS], &model->item_ids);
    }
    for (int k = 0; k < FILES && !status; k++) {
        if (!writer[k]) continue;
        status = tamis_writer_commit(writer[k], error);
        writer[k] = NULL;
    }
    for (int k = 0; k < FILES; k++) tamis_writer_discard(writer[k]);
    return status;
}
