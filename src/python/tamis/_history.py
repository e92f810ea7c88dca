"""Users whom a model was not trained with: what is known of them, as the library takes it."""

from __future__ import annotations

import ctypes
from typing import Any, Optional

import numpy as np

from ._arrays import is_sparse
from ._ids import Ids, plain
from ._library import Handle, encoded, lib, made, types
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


def folded(model: Handle, ids: Ids, items: Any, name: Optional[Any]) -> Handle:
    """A model of one user, who has these items, or {item: weight}. Items that the model does not know are left out."""
    weights = np.fromiter(items.values(), np.float32, len(items)) if isinstance(items, dict) else None
    rows = ids.rows(list(items) if isinstance(items, (dict, set)) else items)
    known = rows >= 0
    item = np.ascontiguousarray(rows[known], np.int32)
    weight = None if weights is None else np.ascontiguousarray(weights[known])
    history = types["tamis_history"]()
    lib.history_init(ctypes.byref(history), ctypes.sizeof(history))
    history.item, history.count = item.ctypes.data, len(item)
    history.weight = None if weight is None else weight.ctypes.data
    if name is not None:
        history.id = encoded(plain(name))
        history.id_length = len(history.id)
    return made("model", "model_fold_in", model, ctypes.byref(history))
