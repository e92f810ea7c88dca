/* Names joined by commas. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/joined.h"
#include "cli/message.h"

int cli_joined_read(const cli_command *command, const char *text, cli_joined *list)
{
    size_t most = 1;
    for (const char *at = text; *at; at++) most += *at == ',';
    *list = (cli_joined){.text = strdup(text), .part = calloc(most, sizeof *list->part)};
    if (!list->text || !list->part) return cli_fail(TAMIS_FAILURE, "not enough memory for names");
    char *at = list->text;
    if (access(text, F_OK) == 0) most = 1;
    for (; list->count < most; list->count++) {
        list->part[list->count] = at;
        if (most == 1) continue;
        at += strcspn(at, ",");
        if (*at) *at++ = '\0';
        if (!*list->part[list->count])
            return cli_usage(command, "\"%.200s\" has an empty name; expected names joined by single commas", text);
    }
    return 0;
}

int cli_joined_check(const cli_command *command, const char *text, const cli_joined *list)
{
    for (size_t k = 1; k < list->count; k++)
        for (size_t j = 0; j < k; j++)
            if (strcmp(list->part[j], list->part[k]) == 0)
                return cli_usage(command, "\"%.200s\" names %.200s twice; expected each once", text, list->part[k]);
    return 0;
}

const char *cli_joined_at(const cli_joined *list, size_t k)
{
    return list->part[list->count == 1 ? 0 : k];
}

void cli_joined_clear(cli_joined *list)
{
    free(list->text);
    free(list->part);
    *list = (cli_joined){0};
}
