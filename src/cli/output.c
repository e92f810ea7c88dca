/* Output: standard output, whose failure is noticed, or a file that appears when it is complete. */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/writer.h"
#include "cli/mapped.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/text.h"

int cli_out_open(const char *path, cli_out *out)
{
    tamis_error error;
    out->writer = NULL;
    if (!path || strcmp(path, "-") == 0) return 0;
    return cli_status(base_writer_open(path, &out->writer, &error), &error);
}

void cli_out_bytes(cli_out *out, const char *bytes, size_t count)
{
    if (out->writer)
        base_writer_bytes(out->writer, bytes, count);
    else
        (void)fwrite(bytes, 1, count, out->stream ? out->stream : stdout); /* cli_out_close() asks whether all went well */
}

void cli_out_text(cli_out *out, const char *text)
{
    cli_out_bytes(out, text, strlen(text));
}

/* What stands in a file is not to move the cursor when it is looked at. */
static bool field_on_terminal(const cli_out *out, const char *bytes, size_t count)
{
    static int terminal = -1;
    if (terminal < 0) terminal = isatty(STDOUT_FILENO);
    if (out->writer || out->stream || !terminal) return false;
    char *text = cli_clean_copy(bytes, count);
    if (!text || strlen(text) == count) return free(text), false;
    cli_out_text(&(cli_out){.writer = NULL}, text);
    free(text);
    return true;
}

void cli_out_field(cli_out *out, const char *bytes, size_t count)
{
    if (field_on_terminal(out, bytes, count)) return;
    bool plain = count > 0;
    for (size_t k = 0; k < count && plain; k++) plain = !strchr(",\"\r\n", bytes[k]);
    if (plain) {
        cli_out_bytes(out, bytes, count);
        return;
    }
    cli_out_bytes(out, "\"", 1);
    for (size_t k = 0; k < count; k++) {
        if (bytes[k] == '"') cli_out_bytes(out, "\"", 1);
        cli_out_bytes(out, &bytes[k], 1);
    }
    cli_out_bytes(out, "\"", 1);
}

static int pass_on(void *writer, const void *bytes, size_t count)
{
    base_writer_bytes(writer, bytes, count);
    return base_writer_failed(writer);
}

void cli_put_log(base_writer *writer, const tamis_log *log)
{
    if (tamis_log_put(log, &(tamis_sink){writer, pass_on}, NULL)) base_writer_fail(writer, ENOMEM);
}

int cli_out_close(cli_out *out, int code)
{
    tamis_error error;
    base_writer *writer = out->writer;
    out->writer = NULL;
    if (!writer) return code;
    code = cli_mapped_check(code);
    if (code) {
        base_writer_discard(writer);
        return code;
    }
    return cli_status(base_writer_commit(writer, &error), &error);
}

int cli_out_finish(int code)
{
    bool failed = ferror(stdout) != 0;
    errno = 0;
    if (failed) { /* whoever wrote when it failed did not keep the reason: the next write has the same */
        clearerr(stdout);
        putchar('\n');
    }
    if (fflush(stdout) != 0) failed = true;
    int reason = errno;
    /* a standard output that was closed from the start is no error as long as nothing went there */
    if (fclose(stdout) != 0 && errno != EBADF) failed = true;
    if (!failed) return code;
    return cli_fail(code ? code : TAMIS_FAILURE, "cannot write standard output: %s", strerror(reason ? reason : EIO));
}
