/* What an audit has found, for its report. */
#ifndef TAMIS_STUDY_AUDIT_REPORT_H
#define TAMIS_STUDY_AUDIT_REPORT_H

#include "study/density.h"
#include "tamis.h"

struct tamis_audit {
    int64_t count;
    tamis_suspect *suspect;
    int64_t *at;      /* which interaction of the log a suspect is */
    double *position; /* suspicion of each */
    tamis_audit_bound bound;
    density spread, popular_spread; /* of r, and of r among items drawn by popularity; empty unless cross-fitted */
    tamis_audit_group *group[2];    /* users, items */
    int64_t groups[2];
};

#endif
