/* How popular items are: by this, users without interactions are recommended to. */
#ifndef TAMIS_MODEL_POPULARITY_H
#define TAMIS_MODEL_POPULARITY_H

#include "model/model.h"

/* Per item its interactions in the log that was trained on, as a score: from 2^24 on rounded. Counted when it is first asked
 * for, by any thread. TAMIS_USAGE: the model holds some of its users only, and did not count. */
tamis_status model_popularity(const tamis_model *model, const float **popularity, tamis_error *error);

#endif
