/* Which options, set lower, make a training fit. Those of a set shrink by the same factor, as little as can be. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/locale.h"
#include "train/memory_advice.h"
#include "train/options.h"

/* An option that may help. */
typedef struct lever {
    const tamis_option *row;
    int64_t value; /* of a size, as it is; 0: it is set to `to` */
    double to;
    bool off;      /* a file's name becomes none */
} lever;

enum { LEVERS = 8 };

typedef struct levers {
    lever at[LEVERS];
    int count;
} levers;

static void add(levers *all, const memory_question *q, const char *name, lever l)
{
    l.row = train_option_find(q->options->method, name);
    if (l.row) all->at[all->count++] = l;
}

static levers levers_of(const memory_question *q)
{
    static const struct {
        const char *name;
        bool of_batches; /* without them it changes nothing; others are of the model that is gone on from */
    } sizes[] = {{"factors", false}, {"neighbours", false}, {"flip-factors", false}, {"batch-size", true}, {"negatives", true}};
    const tamis_train_options *o = q->options;
    levers all = {.count = 0};
    for (size_t k = 0; k < BASE_COUNT(sizes); k++) {
        const tamis_option *row = train_option_find(o->method, sizes[k].name);
        int64_t value;
        if (!row || (sizes[k].of_batches ? o->batch_size == 0 : q->asker == MEMORY_AGAIN)) continue;
        memcpy(&value, (const char *)o + row->offset, sizeof value);
        if (value == 0) value = q->items; /* all of them */
        if (value > 1) add(&all, q, sizes[k].name, (lever){.value = value});
    }
    if (o->checkpoint && !o->resume) add(&all, q, "checkpoint", (lever){.off = true});
    if (q->asker == MEMORY_STUDY || q->asker == MEMORY_LINES) return all;
    if (o->distrust > 0) add(&all, q, "distrust", (lever){.to = 0});
    if (q->automatic) add(&all, q, q->automatic->name, (lever){.to = 1});
    return all;
}

static int64_t shrunk(const lever *l, double factor)
{
    const int64_t value = (int64_t)floor(factor * (double)l->value);
    return value > 1 ? value : 1;
}

/* set: the levers, as bits. */
static bool fits(const memory_question *q, const levers *all, unsigned set, double factor)
{
    tamis_train_options o = *q->options;
    for (int k = 0; k < all->count; k++) {
        const lever *l = &all->at[k];
        char *place = (char *)&o + l->row->offset;
        const int64_t value = l->value ? shrunk(l, factor) : 0;
        const void *const none = NULL;
        if (!(set >> k & 1)) continue;
        if (l->off) memcpy(place, &none, sizeof none);
        else if (l->value) memcpy(place, &value, sizeof value);
        else memcpy(place, &l->to, sizeof l->to);
    }
    return q->takes(q->context, &o) <= q->bytes;
}

/* The largest factor with which a set fits that fits with the smallest. */
static double largest_factor(const memory_question *q, const levers *all, unsigned set)
{
    double low = 0, high = 1;
    for (int k = 0; k < 50; k++) {
        const double middle = (low + high) / 2;
        *(fits(q, all, set, middle) ? &low : &high) = middle;
    }
    return low;
}

static void say(const memory_question *q, const lever *l, double factor, char *text, size_t size)
{
    const char *name = l->row->name;
    const bool set = q->asker == MEMORY_TUNE, lines = q->asker == MEMORY_LINES || (q->asker == MEMORY_STUDY && strcmp(name, "factors") != 0);
    if (l->value)
        base_format(text, size, "%s%s%c%" PRId64 "%s", set ? "--set " : "--", name, set ? '=' : ' ', shrunk(l, factor),
                    lines ? " in a line of --parameters" : "");
    else if (l->to > 0)
        base_format(text, size, "a number for %s%s, which else is found from the log", set ? "--set " : "--", name);
    else if (set)
        base_format(text, size, "--set %s=0", name);
    else
        base_format(text, size, "no --%s", name);
}

static int count_bits(unsigned set)
{
    int count = 0;
    for (; set; set &= set - 1) count++;
    return count;
}

/* "--factors 24 and --batch-size 100 together" */
static void add_set(const memory_question *q, const levers *all, unsigned set, double factor, base_list *list)
{
    char text[500];
    size_t used = 0;
    for (int k = 0; k < all->count; k++) {
        if (!(set >> k & 1)) continue;
        if (used) used += (size_t)snprintf(text + used, sizeof text - used, " and ");
        say(q, &all->at[k], factor, text + used, sizeof text - used);
        used += strlen(text + used);
    }
    base_list_add(list, text, count_bits(set) > 1 ? " together" : "");
}

void memory_advice(const memory_question *q, base_list *list)
{
    const levers all = levers_of(q);
    for (int many = 1; many <= all.count && !*list->text; many++) {
        unsigned best = 0; /* that shrinks least, of several together */
        double most = 0;
        for (unsigned set = 1; set < 1u << all.count; set++) {
            if (count_bits(set) != many || !fits(q, &all, set, 0)) continue;
            const double factor = largest_factor(q, &all, set);
            if (many == 1) add_set(q, &all, set, factor, list);
            if (best && factor <= most) continue;
            best = set;
            most = factor;
        }
        if (many > 1 && best) add_set(q, &all, best, most, list);
    }
}
