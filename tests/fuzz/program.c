/* The program's own readers: whole commands on one file, beside small files and models that are made once. The first byte says which
 * command. In words and in the file ~ stands for the folder where these lie. What is printed goes nowhere. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/args.h"
#include "cli/commands.h"
#include "cli/options_file.h"
#include "place.h"
#include "program.h"

enum { WORDS = 16 };

typedef struct line {
    const char *word[WORDS]; /* of a command line; all in one thread */
} line;

/* ---- commands */

/* In malloc'ed memory. */
static char *expand(const char *bytes, size_t size, size_t *length)
{
    const char *folder = fuzz_folder();
    const size_t each = strlen(folder);
    size_t used = 0, marks = 0;
    for (size_t k = 0; k < size; k++) marks += bytes[k] == '~';
    char *text = malloc(size + marks * each + 1);
    if (!text) abort();
    for (size_t k = 0; k < size; k++) {
        const bool mark = bytes[k] == '~';
        memcpy(text + used, mark ? folder : bytes + k, mark ? each : 1);
        used += mark ? each : 1;
    }
    text[used] = '\0';
    *length = used;
    return text;
}

/* As main() does it. */
static int run(const line *given)
{
    char *word[WORDS] = {0};
    cli_args args;
    size_t length;
    int count = 0;
    for (; given->word[count]; count++) word[count] = expand(given->word[count], strlen(given->word[count]), &length);
    const cli_command *command = cli_command_find(word[0]);
    if (!command || cli_parse(command, count - 1, word + 1, &args)) abort();
    int code = cli_options_files(&args);
    if (!code) code = command->run(&args);
    cli_args_clear(&args);
    for (int k = 0; k < count; k++) free(word[k]);
    return code;
}

static void write_text(const char *name, const char *text)
{
    fuzz_file(name, (const uint8_t *)text, strlen(text));
}

/* What stands beside the file. */
static void prepare(void)
{
    static const char *const methods[] = {"bpr", "ials", "softmax", "ease", "itemknn"};
    static bool ready;
    if (ready) return;
    ready = true;
    if (!freopen("/dev/null", "w", stdout)) abort();
    write_text("log.csv", "user,item,rating\nu1,i1,5\nu1,i2,4\nu1,i6,1\nu2,i2,5\nu2,i3,3\nu3,i1,4\nu3,i4,5\nu4,i5,5\nu4,i1,3\nu5,i3,4\n"
                          "u5,i6,5\nu6,i4,4\nu6,i2,1\nu7,i5,4\nu7,i6,3\nu8,i1,1\n");
    write_text("test.csv", "user,item\nu1,i3\nu2,i1\nu3,i5\n7,i2\n");
    write_text("brands.csv", "item,brand\ni1,a\ni2,a\ni3,b\ni4,\n");
    write_text("stock", "i1\ni2\ni3\ni6\n");
    write_text("seen.csv", "user,item\nu1,i3\nu2,i1\nnew,i2\n");
    write_text("values.csv", "user_id,ndcg@5,recall@5\nu1,0.5,1\nu2,,0\nu3,1,0.25\n");
    for (size_t k = 0; k < BASE_COUNT(methods); k++) {
        char path[32];
        snprintf(path, sizeof path, "~/%s", methods[k]);
        if (run(&(line){{"train", "~/log.csv", "-o", path, "--method", methods[k], "--dislike-below", "2", "--threads", "1"}})) abort();
    }
}

static void take(const line *lines, size_t count, const uint8_t *bytes, size_t size)
{
    size_t length;
    prepare();
    if (size < 1) return;
    char *text = expand((const char *)bytes + 1, size - 1, &length);
    fuzz_file("file", (const uint8_t *)text, length);
    free(text);
    (void)run(&lines[bytes[0] % count]);
}

/* ---- their files */

/* Options are read, and then there is no log. */
void take_options(const uint8_t *bytes, size_t size)
{
    static const line lines[] = {
        {{"train", "~/none.csv", "-o", "~/out", "--options", "~/file"}},
        {{"train", "~/none.csv", "-o", "~/out", "--options", "~/file", "--method", "warp", "--from", "~/bpr"}},
        {{"train", "~/none.csv", "-o", "~/out", "--options", "~/file", "--validation-ratio", "0.2", "--select", "factors=2,4"}},
    };
    take(lines, BASE_COUNT(lines), bytes, size);
}

void take_requests(const uint8_t *bytes, size_t size)
{
    static const line lines[] = {
        {{"recommend", "~/bpr", "--requests", "~/file", "--threads", "1"}},
        {{"recommend", "~/ials", "--requests", "~/file", "--threads", "1", "-k", "3"}},
        {{"recommend", "~/softmax", "--requests", "~/file", "--threads", "1", "--candidates", "~/stock", "--exclude", "~/seen.csv", "--max-per",
          "~/brands.csv:brand=1"}},
        {{"recommend", "~/ease", "--requests", "~/file", "--threads", "1", "--no-mask-training"}},
        {{"recommend", "~/itemknn", "--requests", "~/file", "--threads", "1", "--mask", "~/test.csv"}},
    };
    take(lines, BASE_COUNT(lines), bytes, size);
}

void take_lists(const uint8_t *bytes, size_t size)
{
    static const line lines[] = {
        {{"recommend", "~/bpr", "--users", "~/file", "--unknown-users", "popular", "--threads", "1"}},
        {{"recommend", "~/bpr", "--candidates", "~/file", "--threads", "1"}},
        {{"recommend", "~/ials", "--exclude", "~/file", "--json", "--threads", "1"}},
        {{"recommend", "~/bpr", "--max-per", "~/file:brand=1", "--threads", "1"}},
        {{"recommend", "~/bpr", "--max-per", "~/file:2=1", "--threads", "1"}},
        {{"recommend", "~/softmax", "--history", "~/file", "--on-error", "skip", "--threads", "1"}},
        {{"recommend", "~/ease", "--history", "~/file", "--history-user", "2", "--history-item", "1", "--threads", "1"}},
        {{"recommend", "~/itemknn", "--mask", "~/file", "--threads", "1"}},
        {{"score", "~/bpr", "~/file", "--threads", "1"}},
        {{"score", "~/ease", "~/file", "--user", "2", "--item", "1", "--on-error", "skip", "--threads", "1"}},
        {{"similar", "~/bpr", "--items", "~/file", "--on-error", "skip", "--threads", "1"}},
        {{"similar", "~/bpr", "--users", "~/file", "--json", "--threads", "1"}},
        {{"compare", "~/values.csv", "~/file"}},
        {{"compare", "~/file", "~/values.csv", "--output-format", "json"}},
        {{"evaluate", "~/bpr", "~/file", "--threads", "1"}},
        {{"evaluate", "~/bpr", "~/test.csv", "--slice", "items:~/file:brand", "--threads", "1"}},
        {{"evaluate", "~/ials", "~/test.csv", "--propensity", "~/file", "--metrics", "ndcg-snips", "--threads", "1"}},
        {{"evaluate", "~/ease", "~/test.csv", "--fold-in", "~/file", "--output-format", "csv", "--threads", "1"}},
        {{"train", "~/log.csv", "-o", "~/out", "--method", "relmf", "--epochs", "1", "--propensity", "~/file", "--threads", "1"}},
        {{"train", "~/log.csv", "-o", "~/out", "--epochs", "1", "--validation", "~/file", "--ids", "~/file", "--threads", "1"}},
        {{"info", "~/file"}},
        {{"audit", "~/log.csv", "--truth", "~/file", "--folds", "2", "--threads", "1"}},
    };
    take(lines, BASE_COUNT(lines), bytes, size);
}
