/* SHA-256 of a file. */
#ifndef TAMIS_BASE_SHA256_H
#define TAMIS_BASE_SHA256_H

#include "tamis.h"

/* The SHA-256 of a file's bytes as 64 hexadecimal digits, as sha256sum prints it. */
tamis_status base_sha256(const char *path, char text[65], tamis_error *error);

#endif
