/* Text that grows, fields of rows, and digests of what a figure hangs on. */
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/locale.h"
#include "base/memory.h"
#include "base/random.h"
#include "base/text.h"
#include "data/log.h"
#include "study/text.h"

void study_add(study_text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = base_vformat(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0 || !base_grow(&text->bytes, &text->capacity, text->used + (size_t)length + 1, 1)) {
        text->failed = true;
    } else {
        base_vformat(text->bytes + text->used, (size_t)length + 1, format, again);
        text->used += (size_t)length;
    }
    va_end(again);
}

void study_add_bytes(study_text *text, const char *bytes, size_t count)
{
    if (!base_grow(&text->bytes, &text->capacity, text->used + count + 1, 1)) {
        text->failed = true;
        return;
    }
    memcpy(text->bytes + text->used, bytes, count);
    text->used += count;
    text->bytes[text->used] = '\0';
}

void study_text_clear(study_text *text)
{
    free(text->bytes);
    *text = (study_text){0};
}

static void write_digest(uint64_t a, uint64_t b, study_digest digest)
{
    snprintf(digest, STUDY_DIGEST + 1, "%016" PRIx64 "%016" PRIx64, a, b);
}

void study_digest_of(const char *text, study_digest digest)
{
    uint64_t a = base_hash(text, strlen(text)), b = UINT64_C(0x6A09E667F3BCC909);
    for (const char *c = text; *c; c++) b = base_mix(b + (unsigned char)*c);
    write_digest(a, b, digest);
}

void study_digest_log(const tamis_log *log, bool ratings, study_digest digest)
{
    uint64_t sum[2];
    log_fingerprint(log, ratings, sum);
    write_digest(sum[0], sum[1], digest);
}

static const char *field(const char *row, int k, char *buffer, size_t size)
{
    for (; k > 0; k--) {
        row += strcspn(row, ",\n");
        if (*row == ',') row++;
    }
    snprintf(buffer, size, "%.*s", (int)strcspn(row, ",\n"), row);
    return buffer;
}

bool study_value(const char *rows, int column, const char *metric, double *value)
{
    char text[64];
    for (const char *row = rows; row && *row; row = strchr(row, '\n') + 1) {
        if (strcmp(field(row, column - 1, text, sizeof text), metric) != 0) continue;
        *value = (double)NAN;
        return strcmp(field(row, column, text, sizeof text), "nan") == 0 || base_parse_real(text, value);
    }
    return false;
}
