/* JSON, written straight through. Bytes that are not UTF-8 become U+FFFD, for JSON has no way to say them. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/output.h"

/* The length of the UTF-8 sequence at bytes; 0: none (RFC 3629: no surrogates, no long forms, at most U+10FFFF). */
static size_t sequence(const unsigned char *bytes, size_t count)
{
    unsigned char c = bytes[0], low = 0x80, high = 0xBF;
    size_t length = c < 0x80                 ? 1
                    : c >= 0xC2 && c <= 0xDF ? 2
                    : c >= 0xE0 && c <= 0xEF ? 3
                    : c >= 0xF0 && c <= 0xF4 ? 4
                                             : 0;
    if (length == 0 || length > count) return 0;
    if (c == 0xE0) low = 0xA0;
    if (c == 0xED) high = 0x9F;
    if (c == 0xF0) low = 0x90;
    if (c == 0xF4) high = 0x8F;
    for (size_t k = 1; k < length; k++, low = 0x80, high = 0xBF)
        if (bytes[k] < low || bytes[k] > high) return 0;
    return length;
}

static void quoted(cli_out *out, const char *bytes, size_t count)
{
    cli_out_bytes(out, "\"", 1);
    for (size_t k = 0; k < count;) {
        unsigned char c = (unsigned char)bytes[k];
        size_t length = sequence((const unsigned char *)bytes + k, count - k);
        char text[8];
        if (c == '"' || c == '\\') {
            cli_out_bytes(out, (const char[]){'\\', (char)c}, 2);
        } else if (c < 0x20 || c == 0x7F || (c == 0xC2 && length && (unsigned char)bytes[k + 1] < 0xA0)) { /* a terminal obeys it */
            snprintf(text, sizeof text, "\\u%04x", c == 0xC2 ? (unsigned)(unsigned char)bytes[k + 1] : (unsigned)c);
            cli_out_text(out, text);
        } else {
            if (length) cli_out_bytes(out, bytes + k, length);
            else cli_out_text(out, "\\ufffd");
        }
        k += length ? length : 1;
    }
    cli_out_bytes(out, "\"", 1);
}

static void begin(cli_json *json, const char *name)
{
    if (json->comma) cli_out_bytes(json->out, ",", 1);
    json->comma = true;
    if (!name) return;
    quoted(json->out, name, strlen(name));
    cli_out_bytes(json->out, ":", 1);
}

void cli_json_open(cli_json *json, const char *name, char bracket)
{
    begin(json, name);
    cli_out_bytes(json->out, &bracket, 1);
    json->comma = false;
}

void cli_json_close(cli_json *json, char bracket)
{
    cli_out_bytes(json->out, &bracket, 1);
    json->comma = true;
}

void cli_json_string(cli_json *json, const char *name, const char *bytes, size_t count)
{
    begin(json, name);
    quoted(json->out, bytes, count);
}

void cli_json_text(cli_json *json, const char *name, const char *text)
{
    cli_json_string(json, name, text, strlen(text));
}

void cli_json_raw(cli_json *json, const char *name, const char *text)
{
    begin(json, name);
    cli_out_text(json->out, text);
}

void cli_json_real(cli_json *json, const char *name, double value)
{
    char text[32];
    cli_json_raw(json, name, isfinite(value) ? base_real_text(value, text) : "null");
}

void cli_json_integer(cli_json *json, const char *name, int64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%" PRId64, value);
    cli_json_raw(json, name, text);
}

void cli_json_line(cli_json *json)
{
    cli_out_bytes(json->out, "\n", 1);
    json->comma = false;
}
