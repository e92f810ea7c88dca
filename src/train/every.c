/* How often: epochs or minutes. */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "train/every.h"

tamis_status every_parse(const char *text, int64_t *epochs, double *seconds, tamis_error *error)
{
    char number[32];
    const size_t length = strlen(text);
    double minutes = 0;
    *epochs = 0;
    *seconds = 0;
    if (base_parse_integer(text, epochs) && *epochs >= 1) return TAMIS_OK;
    if (length > 1 && length < sizeof number && text[length - 1] == 'm') {
        memcpy(number, text, length - 1);
        number[length - 1] = '\0';
        if (base_parse_real(number, &minutes) && minutes > 0 && isfinite(minutes)) {
            *epochs = 0;
            *seconds = 60 * minutes;
            return TAMIS_OK;
        }
    }
    char shown[280];
    return base_fail(error, TAMIS_USAGE, "--checkpoint-every: \"%s\" is neither a number of epochs, such as 10, nor one of minutes, such "
                     "as 5m", base_quote(shown, sizeof shown, text, length));
}
