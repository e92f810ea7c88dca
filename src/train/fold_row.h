/* The factors of one new user, the items held: see fold_row.c. */
#ifndef TAMIS_TRAIN_FOLD_ROW_H
#define TAMIS_TRAIN_FOLD_ROW_H

#include "train/folding.h"

/* Fills p, a row of the model's factors, and flip, one of its second factorisation, where it has one. Without items both are zero. */
tamis_status fold_user(const folding *f, const fold_row *row, float *p, float *flip, tamis_error *error);

/* A new item's row and, where there are biases, its bias, the users held: row->index are users. Of a method that takes steps only where
 * these would begin: there the users say 1 and as many of all users, drawn alike, say 0. */
tamis_status fold_item(const folding *f, const fold_row *row, float *q, float *bias, tamis_error *error);

#endif
