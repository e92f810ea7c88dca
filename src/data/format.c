/* The table of file formats. */
#include "base/base.h"
#include "data/format.h"

#define ROW(name, about) &log_format_##name,
static const log_format *const formats[] = {LOG_FORMAT_TABLE(ROW)};

const log_format *log_format_get(int format)
{
    return formats[format - 1];
}

int log_format_recognise(const char *bytes, size_t count)
{
    for (size_t k = 0; k < BASE_COUNT(formats); k++)
        if (formats[k]->recognise && formats[k]->recognise(bytes, count)) return (int)k + 1;
    return 1;
}
