/* What gcc's analyzer cannot see from within one file: who writes a sentence gives back a status that is not TAMIS_OK. */
#include "base/status.h"
#include "cli/message.h"

#define base_fail(error, status, ...) (base_fail(error, status, __VA_ARGS__), (status))
#define base_no_memory(...) (base_no_memory(__VA_ARGS__), TAMIS_FAILURE)
#define base_null(...) (base_null(__VA_ARGS__), TAMIS_USAGE)
#define cli_fail(code, ...) (cli_fail(code, __VA_ARGS__), (int)(code))
#define cli_usage(...) (cli_usage(__VA_ARGS__), (int)TAMIS_USAGE)
#define cli_missing(...) (cli_missing(__VA_ARGS__), (int)TAMIS_USAGE)
