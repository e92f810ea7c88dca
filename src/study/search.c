/* What a method's options are drawn from: ranges and values, of the option rows or of the caller.
 *
 *   [log:|linear:]LOW..HIGH   a number in between; an x before one: times the method's default
 *   VALUE,VALUE,...           one of them
 *
 * Which options a method is tuned in is not listed anywhere: its rows say what they are drawn from (tamis_option.search), and
 * the check of all options says which have no effect on it. Numbers are rounded to three digits, so that they can be written
 * down and are the same on every machine. Source: Bergstra, Bengio, "Random search for hyper-parameter optimization", JMLR
 * 2012. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/hash.h"
#include "base/locale.h"
#include "base/option.h"
#include "base/random.h"
#include "base/status.h"
#include "base/text.h"
#include "method/method.h"
#include "study/search.h"
#include "train/options.h"

const tamis_option *search_row(const tamis_train_options *options, const char *name)
{
    return train_option_find(options->method, name);
}

/* False, the options being as before: the value is out of range, or without effect beside the others. */
static bool try_value(const tamis_option *row, const char *text, tamis_train_options *options, tamis_error *error)
{
    const tamis_train_options before = *options;
    if (!base_option_set(row, options, text, error) && !base_option_check(&train_option_table, options, error)) return true;
    *options = before;
    return false;
}

static bool is_number(const tamis_option *row)
{
    return row->type == TAMIS_OPTION_INTEGER || row->type == TAMIS_OPTION_REAL;
}

static const char *number_text(const tamis_option *row, double value, char *buffer, size_t size)
{
    base_format(buffer, size, row->type == TAMIS_OPTION_INTEGER ? "%.0f" : "%.3g", value);
    return buffer;
}

static double number_of(const tamis_option *row, const tamis_train_options *options)
{
    char text[64];
    return *base_option_text(row, options, text, sizeof text) ? base_strtod(text, NULL) : (double)NAN;
}

static const char *value_at(const search_values *values, size_t k)
{
    const char *value = values->text;
    while (k-- > 0) value += strlen(value) + 1;
    return value;
}

/* The k-th of those that stand for all that the axis holds: its values, or the ends of its range. NULL past the last. */
static const char *sample(const search_axis *axis, size_t k, char *buffer, size_t size)
{
    if (axis->values) return k < axis->values->count ? value_at(axis->values, k) : NULL;
    return k < 2 ? number_text(axis->row, k ? axis->high : axis->low, buffer, size) : NULL;
}

/* ---- reading */

static bool read_values(const char *text, search_values *values)
{
    values->count = 1;
    for (size_t k = 0; k < sizeof values->text; k++) {
        values->text[k] = text[k] == ',' ? '\0' : text[k];
        if (!text[k]) return true;
        values->count += text[k] == ',';
    }
    return false;
}

tamis_status search_set_read(search_set *set, const char *text, tamis_error *error)
{
    const char *equals = strchr(text, '=');
    char shown[280];
    *set = (search_set){.text = equals ? equals + 1 : text};
    base_quote(shown, sizeof shown, text, strlen(text));
    if (!equals || !equals[1] || equals == text || (size_t)(equals - text) >= sizeof set->name || !read_values(equals + 1, &set->values))
        return base_fail(error, TAMIS_USAGE, "--set %s: expected OPTION=VALUE, OPTION=VALUE,VALUE,... or OPTION=LOW..HIGH", shown);
    for (const char *c = equals; *c; c++)
        if ((unsigned char)*c < ' ' || *c == '"')
            return base_fail(error, TAMIS_USAGE, "--set %s: expected values without quotes and control characters", shown);
    snprintf(set->name, sizeof set->name, "%.*s", (int)(equals - text), text);
    char *colon = strchr(set->name, ':');
    if (colon) *colon = '\0';
    set->method = colon ? set->name : NULL;
    set->option = colon ? colon + 1 : set->name;
    const tamis_option *row = base_option_find(&train_option_table, set->option);
    if (row && (row->neutral || row->role != TAMIS_ROLE_FREE))
        return base_fail(error, TAMIS_USAGE, "--set %s: %s is alike in all trials and no option to search; leave it out", shown,
                         set->option);
    return TAMIS_OK;
}

static bool read_bound(const char *text, size_t length, double fallback, double *value)
{
    char word[64];
    const bool times = length && *text == 'x';
    snprintf(word, sizeof word, "%.*s", (int)length - times, text + times);
    if (length >= sizeof word || !base_parse_real(word, value)) return false;
    if (times) *value *= fallback;
    return isfinite(*value);
}

static tamis_status read_range(const search_space *space, const char *text, search_axis *axis, tamis_error *error)
{
    const double fallback = number_of(axis->row, &space->base);
    const bool linear = strncmp(text, "linear:", 7) == 0, logarithmic = strncmp(text, "log:", 4) == 0;
    const char *start = text + (linear ? 7 : logarithmic ? 4 : 0), *dots = strstr(start, "..");
    axis->logarithmic = logarithmic || (!linear && axis->row->search && strncmp(axis->row->search, "log:", 4) == 0);
    if (!dots || !read_bound(start, (size_t)(dots - start), fallback, &axis->low) ||
        !read_bound(dots + 2, strlen(dots + 2), fallback, &axis->high) || axis->low > axis->high)
        return base_fail(error, TAMIS_USAGE, "--set %s=%.60s: expected LOW..HIGH, two numbers, the smaller one first", axis->row->name, text);
    if (axis->logarithmic && !(axis->low > 0))
        return base_fail(error, TAMIS_USAGE, "--set %s=%.60s: expected LOW above 0, since it is drawn by its logarithm, or linear:LOW..HIGH",
                         axis->row->name, text);
    return TAMIS_OK;
}

static tamis_status read_axis(const search_space *space, const char *text, const search_values *values, search_axis *axis,
                              tamis_error *error)
{
    if (is_number(axis->row) && strstr(text, "..")) return read_range(space, text, axis, error);
    axis->values = values;
    return TAMIS_OK;
}

/* Every value must be in the option's range. */
static tamis_status check_values(const search_axis *axis, tamis_error *error)
{
    char buffer[64];
    const char *value;
    tamis_train_options scratch = {0};
    for (size_t k = 0; (value = sample(axis, k, buffer, sizeof buffer)); k++) {
        if (axis->row->type == TAMIS_OPTION_FLAG && strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
            return base_fail(error, TAMIS_USAGE, "--set %s=%.60s: expected 0 or 1", axis->row->name, value);
        tamis_status status = base_option_set(axis->row, &scratch, value, error);
        if (status) return status;
    }
    return TAMIS_OK;
}

/* Whether it makes a difference to this method, the other options being as they are. */
static bool has_effect(const search_space *space, const search_axis *axis, tamis_error *why)
{
    char buffer[64], now[300], other[300];
    const char *value;
    base_option_text(axis->row, &space->base, now, sizeof now);
    for (size_t k = 0; (value = sample(axis, k, buffer, sizeof buffer)); k++) {
        tamis_train_options options = space->base;
        if (try_value(axis->row, value, &options, why) &&
            strcmp(base_option_text(axis->row, &options, other, sizeof other), now) != 0)
            return true;
    }
    return false;
}

/* ---- what a space is made of */

static bool is_known(const search_space *space, const tamis_option *row)
{
    for (size_t k = 0; k < space->fixes; k++)
        if (space->fixed[k] == row) return true;
    for (size_t k = 0; k < space->axes; k++)
        if (space->axis[k].row == row) return true;
    return false;
}

/* The first trial has the method's default where the caller allows it, else what is nearest. */
static void fit_base(search_space *space, const search_axis *axis)
{
    char buffer[64], now[300];
    const char *value;
    tamis_train_options options;
    base_option_text(axis->row, &space->base, now, sizeof now);
    for (size_t k = 0; axis->values && k < axis->values->count; k++) {
        options = space->base; /* 1 and 1.0 are one value */
        if (try_value(axis->row, value_at(axis->values, k), &options, NULL) &&
            strcmp(base_option_text(axis->row, &options, buffer, sizeof buffer), now) == 0)
            return;
    }
    const double number = number_of(axis->row, &space->base);
    if (!axis->values && number >= axis->low && number <= axis->high) return;
    const size_t first = !axis->values && number > axis->high;
    for (size_t k = first; (value = sample(axis, k, buffer, sizeof buffer)); k++)
        if (try_value(axis->row, value, &space->base, NULL)) return;
}

/* Uses a set where the method has the option and it has an effect by now. */
static tamis_status take_set(search_space *space, search_set *set, tamis_error *error)
{
    search_axis axis = {.row = search_row(&space->base, set->option)};
    if (!axis.row || is_known(space, axis.row)) return TAMIS_OK;
    if (space->fixes == SEARCH_AXES || space->axes == SEARCH_AXES)
        return base_fail(error, TAMIS_USAGE, "--set: more than %d options; give fewer", SEARCH_AXES);
    tamis_status status = read_axis(space, set->text, &set->values, &axis, error);
    if (!status) status = check_values(&axis, error);
    if (status) return status;
    if (axis.values && set->values.count == 1) {
        if (!try_value(axis.row, set->values.text, &space->base, &set->why)) return TAMIS_OK;
        space->fixed[space->fixes++] = axis.row;
    } else {
        if (!has_effect(space, &axis, &set->why)) return TAMIS_OK;
        fit_base(space, &axis);
        space->axis[space->axes++] = axis;
    }
    set->used = true;
    return TAMIS_OK;
}

static bool is_single(const search_set *set)
{
    return set->values.count == 1 && !strstr(set->text, "..");
}

/* One for the method alone comes before one for all that have the option. */
static bool is_mine(const search_space *space, const search_set *set)
{
    return set->method && strcmp(set->method, space->name) == 0;
}

static bool is_for(const search_space *space, const search_set *one, const search_set *set, size_t sets)
{
    if (one->method) return is_mine(space, one);
    for (size_t k = 0; k < sets; k++)
        if (is_mine(space, &set[k]) && strcmp(set[k].option, one->option) == 0) return false;
    return true;
}

/* Sets may need each other, in any order: a temperature has an effect once a sampler is set that looks at it. Single values
 * come before what is drawn. */
static tamis_status take_sets(search_space *space, search_set *set, size_t sets, tamis_error *error)
{
    tamis_status status = TAMIS_OK;
    for (int drawn = 0; drawn < 2; drawn++)
        for (size_t before = SIZE_MAX; before != space->fixes + space->axes && !status;) {
            before = space->fixes + space->axes;
            for (size_t k = 0; k < sets && !status; k++)
                if (is_single(&set[k]) == !drawn && is_for(space, &set[k], set, sets)) status = take_set(space, &set[k], error);
        }
    return status;
}

static tamis_status take_row(search_space *space, const tamis_option *row, tamis_error *error)
{
    search_axis axis = {.row = row};
    if (!row->search || is_known(space, row) || space->axes == SEARCH_AXES) return TAMIS_OK;
    const bool range = strstr(row->search, "..") != NULL;
    if (!range && (space->row_values == BASE_COUNT(space->of_rows) || !read_values(row->search, &space->of_rows[space->row_values])))
        return base_fail(error, TAMIS_FAILURE, "the row of --%s has too many values to search", row->name);
    if (read_axis(space, row->search, &space->of_rows[space->row_values], &axis, NULL)) return TAMIS_OK; /* times a default of 0 */
    if (!has_effect(space, &axis, NULL)) return TAMIS_OK;
    space->row_values += !range;
    space->axis[space->axes++] = axis;
    return TAMIS_OK;
}

tamis_status search_open(search_space *space, search_set *set, size_t sets, tamis_error *error)
{
    const tamis_option_table *table;
    tamis_status status = take_sets(space, set, sets, error);
    for (size_t t = 0; (table = tamis_train_option_table(space->base.method, t)); t++)
        for (size_t k = 0; k < table->count && !status; k++) status = take_row(space, &table->rows[k], error);
    return status;
}

/* ---- drawing */

static const char *draw(const search_axis *axis, base_stream *stream, char *buffer, size_t size)
{
    const double u = base_uniform(stream);
    if (axis->values) return value_at(axis->values, (size_t)(u * (double)axis->values->count));
    const double value = axis->logarithmic ? axis->low * pow(axis->high / axis->low, u) : axis->low + u * (axis->high - axis->low);
    return number_text(axis->row, value, buffer, size);
}

void search_draw(const search_space *space, uint64_t seed, int64_t trial, int attempt, tamis_train_options *options)
{
    /* by the method, so that what is compared with its own control, such as NAME+distrust, is tried with the same values */
    const uint64_t name = base_hash(space->base.method, strlen(space->base.method));
    *options = space->base;
    for (size_t k = 0; k < space->axes && trial > 0; k++) {
        const search_axis *axis = &space->axis[k];
        const uint64_t option = base_hash(axis->row->name, strlen(axis->row->name));
        base_stream stream = base_stream_key(seed, BASE_FOR_TUNING, base_mix(name ^ option), ((uint64_t)attempt << 32) + (uint64_t)trial);
        char buffer[64];
        (void)try_value(axis->row, draw(axis, &stream, buffer, sizeof buffer), options, NULL);
    }
}

void search_largest(const search_space *space, tamis_train_options *options)
{
    char text[64];
    *options = space->base;
    for (size_t a = 0; a < space->axes; a++) {
        const search_axis *axis = &space->axis[a];
        const tamis_option *row = axis->row;
        double most = axis->values ? -(double)INFINITY : axis->high;
        tamis_train_options one = *options;
        for (size_t k = 0; axis->values && k < axis->values->count; k++)
            if (try_value(row, value_at(axis->values, k), &one, NULL)) most = fmax(most, number_of(row, &one));
        if (is_number(row) && isfinite(most)) (void)try_value(row, number_text(row, most, text, sizeof text), options, NULL);
    }
}

bool search_text(const search_space *space, const tamis_train_options *options, char *buffer, size_t size)
{
    size_t used = 0;
    buffer[0] = '\0';
    for (size_t k = 0; k < space->fixes + space->axes && used < size; k++) {
        const tamis_option *row = k < space->fixes ? space->fixed[k] : space->axis[k - space->fixes].row;
        char value[SEARCH_WORDS];
        base_option_text(row, options, value, sizeof value);
        used += (size_t)snprintf(buffer + used, size - used, "%s--%s %s", used ? " " : "", row->name, value);
    }
    return used < size;
}
