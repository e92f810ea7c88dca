"""Users and items that a model was not trained with: what is known of them, as the library takes it."""

from __future__ import annotations

import ctypes
from typing import Any, Optional

import numpy as np

from ._arrays import is_sparse
from ._ids import Ids, plain
from ._library import Handle, call, encoded, lib, made, types
from .errors import UsageError


def is_several(history: Any) -> bool:
    """Whether these are the items of several users: a sparse matrix with a row for each, or a list of lists."""
    if isinstance(history, (str, bytes)) or not hasattr(history, "__len__"):
        raise UsageError(f"{history!r} is one id; expected a list of items")
    return is_sparse(history) or (len(history) > 0 and isinstance(history, (list, tuple)) and not _is_id(history[0]))


def _is_id(value: Any) -> bool:
    return isinstance(value, (str, bytes)) or np.ndim(value) == 0 and not isinstance(value, (dict, set))


def listed(history: Any) -> list[Any]:
    """The items of each user."""
    if is_sparse(history):
        matrix = history.tocsr()
        return [matrix.indices[a:b] for a, b in zip(matrix.indptr, matrix.indptr[1:])]
    return list(history) if is_several(history) else [history]


def _struct(ids: Ids, rows_of: Any, name: Optional[Any]) -> tuple[Any, tuple[Any, ...]]:
    """A history of ids, or of {id: weight}, and the arrays that it points to. Ids that the model does not know are left out."""
    weights = np.fromiter(rows_of.values(), np.float32, len(rows_of)) if isinstance(rows_of, dict) else None
    rows = ids.rows(list(rows_of) if isinstance(rows_of, (dict, set)) else rows_of)
    known = rows >= 0
    row = np.ascontiguousarray(rows[known], np.int32)
    weight = None if weights is None else np.ascontiguousarray(weights[known])
    history = types["tamis_history"]()
    lib.history_init(ctypes.byref(history), ctypes.sizeof(history))
    history.item, history.count = row.ctypes.data, len(row)
    history.weight = None if weight is None else weight.ctypes.data
    if name is not None:
        history.id = encoded(plain(name))
        history.id_length = len(history.id)
    return history, (row, weight)


def folded(model: Handle, ids: Ids, items: Any, name: Optional[Any]) -> Handle:
    """A model of one user, who has these items, or {item: weight}."""
    history, _kept = _struct(ids, items, name)
    return made("model", "model_fold_in", model, ctypes.byref(history))


def folded_item(model: Handle, ids: Ids, users: Any, name: Optional[Any]) -> tuple[Any, float]:
    """The row and the bias of a new item that has these users, or {user: weight}."""
    history, _kept = _struct(ids, users, name)
    stride, bias = ctypes.c_size_t(), ctypes.c_float(0)
    lib.model_item_factors(model, ctypes.byref(stride))
    row = np.zeros(max(stride.value, 1), np.float32)
    call("model_fold_in_item", model, ctypes.byref(history), row.ctypes.data, ctypes.byref(bias))
    return row[: int(lib.model_factors(model))], bias.value
