/* The audit's options, for the table of tables. */
#ifndef TAMIS_STUDY_AUDIT_H
#define TAMIS_STUDY_AUDIT_H

#include "tamis.h"

extern const tamis_option_table audit_option_table;

#endif
