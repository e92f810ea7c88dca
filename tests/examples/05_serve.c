/* Recommendations in a service: one model, many threads, a new model without a pause.
 *
 *   05_serve model.tamis <ids
 *
 * Reads a user's id a line and answers with a line: the id and the five best items. The line "!reload" takes the model anew
 * from its file, which was replaced by another under the same name (by rename, as tamis train does). Two threads answer; a
 * model is read-only, so they share it without locks, and the last one who uses an old model frees it. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tamis.h>

enum { WORKERS = 2, BEST = 5, LINE = 1024 };

typedef struct served { /* a model and how many hold it */
    tamis_model *model;
    int holders;
} served;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static served *current;
static const char *path;

static served *hold(void)
{
    pthread_mutex_lock(&lock);
    current->holders++;
    served *held = current;
    pthread_mutex_unlock(&lock);
    return held;
}

static void drop(served *held)
{
    pthread_mutex_lock(&lock);
    const int last = --held->holders == 0;
    pthread_mutex_unlock(&lock);
    if (!last) return;
    tamis_model_free(held->model);
    free(held);
}

/* The one before stays in use where the file is not a model, and by requests that are being answered. */
static tamis_status reload(tamis_error *error)
{
    served *fresh = malloc(sizeof *fresh), *before;
    tamis_model *model;
    if (!fresh) return snprintf(error->text, sizeof error->text, "not enough memory"), TAMIS_FAILURE;
    const tamis_status status = tamis_model_load(path, &model, error);
    if (status) return free(fresh), status;
    *fresh = (served){model, 1};
    pthread_mutex_lock(&lock);
    before = current;
    current = fresh;
    pthread_mutex_unlock(&lock);
    if (before) drop(before);
    return TAMIS_OK;
}

static void answer(const tamis_model *model, const char *id)
{
    tamis_hit hits[BEST];
    tamis_error error;
    char line[LINE * (BEST + 1)];
    int used = snprintf(line, sizeof line, "%s", id);
    const int64_t user = tamis_model_find_user(model, id, strlen(id));
    if (user < 0) {
        snprintf(line + used, sizeof line - (size_t)used, ": unknown");
    } else if (tamis_recommend(model, &user, 1, BEST, 1, hits, &error)) { /* one thread: the workers are the others */
        snprintf(line + used, sizeof line - (size_t)used, ": %s", error.text);
    } else {
        for (int k = 0; k < BEST && hits[k].item >= 0; k++) {
            size_t length;
            const char *item = tamis_model_item_id(model, hits[k].item, &length);
            used += snprintf(line + used, sizeof line - (size_t)used, ",%.*s", length < LINE ? (int)length : LINE, item);
            if ((size_t)used >= sizeof line) break;
        }
    }
    puts(line); /* a whole line at once: threads do not mix theirs */
}

static void *work(void *nothing)
{
    char line[LINE];
    (void)nothing;
    while (fgets(line, sizeof line, stdin)) { /* stdio locks: each line goes to one worker */
        line[strcspn(line, "\r\n")] = '\0';
        if (strcmp(line, "!reload") == 0) {
            tamis_error error;
            if (reload(&error)) fprintf(stderr, "%s\n", error.text);
            continue;
        }
        served *held = hold();
        answer(held->model, line);
        drop(held);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t worker[WORKERS];
    tamis_error error;
    if (argc != 2) return fprintf(stderr, "usage: 05_serve MODEL\n"), TAMIS_USAGE;
    path = argv[1];
    const tamis_status status = reload(&error);
    if (status) return fprintf(stderr, "%s\n", error.text), status;
    int started = 0;
    while (started < WORKERS && pthread_create(&worker[started], NULL, work, NULL) == 0) started++;
    if (!started) work(NULL);
    for (int k = 0; k < started; k++) pthread_join(worker[k], NULL);
    drop(current);
    return 0;
}
