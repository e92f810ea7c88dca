/* Completion scripts for bash, zsh and fish, from the rows of commands and options. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/option.h"
#include "base/status.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/message.h"

/* ---- the values an option is completed with */

static const char *method_word(size_t index)
{
    return tamis_method_list(index, NULL, NULL);
}

/* The index-th word that can follow the option; NULL past the last. */
static const char *value_word(const tamis_option *row, size_t index, char *buffer, size_t size)
{
    size_t length = 0;
    const char *word = NULL;
    if (row->type == TAMIS_OPTION_CHOICE)
        word = base_option_word(row->range, index, &length);
    else if (strcmp(row->name, "method") == 0)
        word = method_word(index);
    else if (strcmp(row->name, "negative-sampling") == 0)
        word = tamis_sampler_list(index, NULL);
    else if (strcmp(row->name, "positive-sampling") == 0)
        word = tamis_positive_sampler_list(index, NULL);
    if (!word) return NULL;
    snprintf(buffer, size, "%.*s", length ? (int)length : (int)strlen(word), word);
    return buffer;
}

static bool has_words(const tamis_option *row)
{
    char word[80];
    return value_word(row, 0, word, sizeof word) != NULL;
}

static bool is_file(const tamis_option *row)
{
    return row->file != TAMIS_FILE_NONE;
}

static void print_words(const tamis_option *row, const char *between)
{
    char word[80];
    for (size_t k = 0; value_word(row, k, word, sizeof word); k++) printf("%s%s", k ? between : "", word);
}

/* Inside single quotes, in zsh's specifications with a backslash before what it gives a meaning to. */
static void quoted(const char *text, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("'\\''", stdout);
            continue;
        }
        if (strchr(special, *text)) putchar('\\');
        putchar(*text);
    }
}

static void operand_words(const cli_command *command)
{
    size_t length;
    const char *word;
    if (!command->words) return;
    for (size_t k = 0; !*command->words && k < cli_command_count; k++) printf("%s ", cli_commands[k].name);
    for (size_t k = 0; *command->words && (word = base_option_word(command->words, k, &length)); k++)
        printf("%.*s ", (int)length, word);
}

/* ---- bash */

static void bash_case(const cli_command *command, const tamis_option *row)
{
    char letter = cli_short(row->name);
    if (!cli_takes_value(row)) return;
    printf("        %s:--%s", command->name, row->name);
    if (letter) printf("|%s:-%c", command->name, letter);
    if (has_words(row)) {
        fputs(") words='", stdout);
        print_words(row, " ");
        puts("' ;;");
    } else {
        puts(is_file(row) ? ") return ;;" : ") compopt +o default; return ;;");
    }
}

static void bash_command(const cli_command *command)
{
    cli_walk walk = {.command = command};
    for (const tamis_option_table *table; (table = cli_next_table(&walk));)
        for (size_t k = 0; k < table->count; k++) bash_case(command, &table->rows[k]);
    printf("        %s:*) words='", command->name);
    operand_words(command);
    walk = (cli_walk){.command = command};
    for (const tamis_option_table *table; (table = cli_next_table(&walk));)
        for (size_t k = 0; k < table->count; k++) {
            printf("--%s ", table->rows[k].name);
            if (cli_is_switch(&table->rows[k])) printf("--no-%s ", table->rows[k].name);
        }
    printf("'%s ;;\n", command->words ? "" : "; [[ $current == -* ]] || return");
}

static void bash(void)
{
    puts("# bash completion for tamis; an empty answer means file names\n"
         "_tamis()\n{\n"
         "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} words=\n"
         "    COMPREPLY=()\n"
         "    if [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
         "    if [[ $current == = ]]; then current=; fi\n"
         "    if [[ $COMP_CWORD -eq 1 ]]; then");
    fputs("        words='", stdout);
    for (size_t k = 0; k < cli_command_count; k++) printf("%s ", cli_commands[k].name);
    puts("--help --version'\n    else\n        case ${COMP_WORDS[1]}:$previous in");
    for (size_t k = 0; k < cli_command_count; k++) bash_command(&cli_commands[k]);
    puts("        esac\n    fi\n    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\n"
         "complete -o default -F _tamis tamis");
}

/* ---- zsh */

static void zsh_option(const tamis_option *row)
{
    char letter = cli_short(row->name);
    bool value = cli_takes_value(row);
    if (letter)
        printf(" \\\n            '(-%c --%s)'{-%c%s,--%s%s}'[", letter, row->name, letter, value ? "+" : "", row->name,
               value ? "=" : "");
    else
        printf(" \\\n            '--%s%s[", row->name, value ? "=" : "");
    quoted(row->help, "[]:\\");
    fputs("]", stdout);
    if (value) {
        putchar(':');
        quoted(row->type == TAMIS_OPTION_CHOICE ? "word" : cli_placeholder(row), "[]:\\");
        putchar(':');
        if (has_words(row)) {
            putchar('(');
            print_words(row, " ");
            putchar(')');
        } else if (is_file(row)) {
            fputs("_files", stdout);
        }
    }
    putchar('\'');
    if (cli_is_switch(row)) printf(" \\\n            '--no-%s'", row->name);
}

static void zsh(void)
{
    puts("#compdef tamis\n\n_tamis() {\n    local -a commands\n    commands=(");
    for (size_t k = 0; k < cli_command_count; k++) {
        printf("        '%s:", cli_commands[k].name);
        quoted(cli_commands[k].help, ":\\");
        puts("'");
    }
    puts("    )\n    if (( CURRENT == 2 )); then\n"
         "        _describe -t commands command commands\n"
         "        _arguments '--help[print help]' '--version[print the version]'\n        return\n    fi\n"
         "    local command=${words[2]}\n    shift words\n    (( CURRENT-- ))\n    case $command in");
    for (size_t c = 0; c < cli_command_count; c++) {
        const cli_command *command = &cli_commands[c];
        cli_walk walk = {.command = command};
        printf("    %s)\n        _arguments -s", command->name);
        for (const tamis_option_table *table; (table = cli_next_table(&walk));)
            for (size_t k = 0; k < table->count; k++) zsh_option(&table->rows[k]);
        fputs(" \\\n            '*:argument:", stdout);
        if (command->words) {
            putchar('(');
            operand_words(command);
            puts(")' ;;");
        } else {
            puts("_files' ;;");
        }
    }
    puts("    esac\n}\n\nif [[ ${funcstack[1]} == _tamis ]]; then _tamis \"$@\"; else compdef _tamis tamis; fi");
}

/* ---- fish */

static void fish_option(const cli_command *command, const tamis_option *row)
{
    char letter = cli_short(row->name);
    printf("complete -c tamis -n '__fish_seen_subcommand_from %s' -l %s", command->name, row->name);
    if (letter) printf(" -s %c", letter);
    if (cli_takes_value(row)) fputs(is_file(row) ? " -r -F" : " -x", stdout);
    if (cli_takes_value(row) && has_words(row)) {
        fputs(" -a '", stdout);
        print_words(row, " ");
        putchar('\'');
    }
    fputs(" -d '", stdout);
    quoted(row->help, "\\");
    puts("'");
    if (cli_is_switch(row))
        printf("complete -c tamis -n '__fish_seen_subcommand_from %s' -l no-%s\n", command->name, row->name);
}

static void fish(void)
{
    puts("# fish completion for tamis\n"
         "complete -c tamis -n __fish_use_subcommand -f -l help -s h -d 'print help'\n"
         "complete -c tamis -n __fish_use_subcommand -f -l version -s V -d 'print the version'");
    for (size_t c = 0; c < cli_command_count; c++) {
        const cli_command *command = &cli_commands[c];
        cli_walk walk = {.command = command};
        printf("complete -c tamis -n __fish_use_subcommand -f -a %s -d '", command->name);
        quoted(command->help, "\\");
        puts("'");
        if (command->words) {
            printf("complete -c tamis -n '__fish_seen_subcommand_from %s' -f -a '", command->name);
            operand_words(command);
            puts("'");
        }
        for (const tamis_option_table *table; (table = cli_next_table(&walk));)
            for (size_t k = 0; k < table->count; k++) fish_option(command, &table->rows[k]);
    }
}

int cli_complete(const char *shell)
{
    static const struct {
        const char *name;
        void (*print)(void);
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    for (size_t k = 0; k < BASE_COUNT(shells); k++)
        if (strcmp(shells[k].name, shell) == 0) {
            shells[k].print();
            return 0;
        }
    char shown[280];
    return cli_usage(cli_command_find("completion"),
                     "there is no completion for \"%s\"; expected bash, zsh or fish",
                     base_quote(shown, sizeof shown, shell, strlen(shell)));
}
