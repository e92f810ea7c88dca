/* What is known of a set's manifest by who reads it. */
#ifndef TAMIS_BASE_SET_H
#define TAMIS_BASE_SET_H

#define SET_MANIFEST "tamis.manifest"
enum { SET_MOST = 32 }; /* files of a set */

#endif
