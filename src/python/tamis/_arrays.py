"""What users have their interactions in, as arrays that the library reads: a sparse matrix, a table, pairs.

Arrays of the right type are passed as they are; the library makes the one copy that is the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Optional

import numpy as np

from ._ids import Texts
from ._library import constants, encoded, lib
from ._memory import Array
from .errors import DataError, UsageError


#: Roles of columns, by which a table's columns are recognised as those of a CSV file are.
ROLES = ("user", "item", "rating", "time")


@dataclass
class Interactions:
    """Rows and columns of the interactions, with what belongs to them, as in tamis_log_arrays."""

    users: int
    items: int
    item: Array
    user: Optional[Array] = None
    start: Optional[Array] = None
    rating: Optional[Array] = None
    time: Optional[Array] = None
    weight: Optional[Array] = None
    dislike: Optional[Array] = None
    user_ids: Optional[Array] = None
    item_ids: Optional[Array] = None

    @property
    def count(self) -> int:
        return len(self.item)


def is_sparse(data: Any) -> bool:
    return hasattr(data, "tocsr")


def is_table(data: Any) -> bool:
    return hasattr(data, "columns") or (isinstance(data, np.ndarray) and data.dtype.names is not None)


def _weights(values: Any, count: int) -> Array:
    try:
        weight = np.ascontiguousarray(values, np.float32)
    except (TypeError, ValueError):
        raise UsageError("weights are no numbers; expected one per interaction") from None
    if weight.shape != (count,):
        raise UsageError(f"weights have the shape {weight.shape}; expected {count} numbers, one per interaction")
    return weight


def _stand_out(values: Array, place: Any) -> None:
    """Refuses values of a matrix that are no interactions."""
    if not len(values) or (values.min() > 0 and values.max() < np.inf):  # without an array of their own
        return
    wrong = int(np.flatnonzero(~((values > 0) & (values < np.inf)))[0])
    user, item = place(wrong)
    raise DataError(
        f"the matrix holds {values[wrong]} in row {user}, column {item}; expected numbers above 0 for interactions and "
        "nothing where there is none"
    )


def from_matrix(matrix: Any, weights: Any) -> tuple[Interactions, bool]:
    """A matrix of users by items; weights: True for its own values. Also whether its values differ and go unused."""
    matrix = matrix.tocsr() if is_sparse(matrix) else _Dense(np.asarray(matrix))
    if matrix.dtype.kind not in "biuf":
        raise UsageError(f"the matrix holds {matrix.dtype}; expected numbers")
    if np.count_nonzero(matrix.data) < len(matrix.data):
        matrix = matrix.copy()
        matrix.eliminate_zeros()
    start, values = np.ascontiguousarray(matrix.indptr, np.int64), matrix.data[: matrix.indptr[-1]]
    _stand_out(values, lambda k: (int(np.searchsorted(start, k, "right")) - 1, int(matrix.indices[k])))
    users, items = matrix.shape
    found = Interactions(users, items, start=start, item=_rows(matrix.indices[: len(values)]))
    if weights is True:
        found.weight = _weights(values, found.count)
    elif is_sparse(weights):
        other = weights.tocsr()
        if (other.indptr != matrix.indptr).any() or (other.indices != matrix.indices).any():
            raise UsageError("the matrix of weights has other entries than that of interactions")
        found.weight = _weights(other.data, found.count)
    elif weights is not None:
        found.weight = _weights(weights, found.count)
    return found, weights is None and len(values) > 0 and bool(values.min() != values.max())


class _Dense:
    """The entries of a dense matrix, in compressed rows."""

    def __init__(self, matrix: Array) -> None:
        if matrix.ndim != 2:
            raise UsageError(
                "expected a matrix of users by items (scipy.sparse or numpy), a DataFrame, or (users, items) or "
                "(users, items, weights)"
            )
        self.shape, self.dtype = matrix.shape, matrix.dtype
        user, self.indices = np.nonzero(matrix)
        self.data = matrix[user, self.indices]
        self.indptr = np.zeros(matrix.shape[0] + 1, np.int64)
        np.cumsum(np.bincount(user, minlength=matrix.shape[0]), out=self.indptr[1:])


def _rows(values: Any) -> Array:
    return np.ascontiguousarray(values, np.int32)


def numbered(values: Any, what: str) -> tuple[Array, Array]:
    """Ids as numbers in the order in which they first appear, and the ids in that order."""
    if hasattr(values, "factorize"):  # pandas
        codes, ids = values.factorize()
        if len(codes) and codes.min() < 0:
            raise DataError(f"row {int(np.argmin(codes))} (from 0) has no {what}")
        return _rows(codes), np.asarray(ids)
    values = np.asarray(values)
    if values.ndim != 1:
        raise UsageError(f"{what}s have {values.ndim} dimensions; expected one")
    if values.dtype.kind == "f":
        missing = np.flatnonzero(np.isnan(values))
        if len(missing):
            raise DataError(f"row {int(missing[0])} (from 0) has no {what}")
    if values.dtype == object:
        places: dict[Any, int] = {}
        codes = np.fromiter((places.setdefault(value, len(places)) for value in values.tolist()), np.int32, len(values))
        if None in places:
            raise DataError(f"row {values.tolist().index(None)} (from 0) has no {what}")
        ids = np.empty(len(places), object)
        ids[:] = list(places)
        return codes, ids
    ids, first, codes = np.unique(values, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    return rank[codes], ids[order]


def _seconds(values: Any) -> Array:
    """Times as seconds since 1970; NaN where there is none."""
    times = values.to_numpy() if hasattr(values, "to_numpy") else np.asarray(values)
    if times.dtype.kind == "M":
        seconds = times.astype("datetime64[ns]").astype(np.int64) / 1e9
        return np.where(np.isnat(times), np.nan, seconds)
    return np.ascontiguousarray(times, np.float64)


def from_pairs(users: Any, items: Any, weights: Any = None) -> Interactions:
    """Pairs (users[k], items[k]) of ids."""
    user, user_ids = numbered(users, "user")
    item, item_ids = numbered(items, "item")
    if len(user) != len(item):
        raise UsageError(f"{len(user)} users and {len(item)} items; expected as many of both")
    found = Interactions(len(user_ids), len(item_ids), item, user=user, user_ids=user_ids, item_ids=item_ids)
    if weights is not None:
        found.weight = _weights(weights, found.count)
    return found


def _named(table: Any) -> list[str]:
    return [str(name) for name in (table.columns if hasattr(table, "columns") else table.dtype.names)]


def recognised(names: list[str], role: str) -> Optional[str]:
    """The column that tamis_log_read() would take for this role."""
    column = constants["TAMIS_COLUMN_" + role.upper()]
    places = [(int(lib.column_place(column, encoded(name))), name) for name in names]
    return min(((place, name) for place, name in places if place >= 0), default=(-1, None))[1]


def from_table(table: Any, columns: dict[str, Optional[str]], weights: Any) -> Interactions:
    """A DataFrame or a structured array, whose columns are found by name as in a CSV file."""
    names = _named(table)
    taken = dict(columns)
    for role in ROLES:
        if taken.get(role) is None:
            taken[role] = recognised([name for name in names if name not in taken.values()], role)
        elif taken[role] not in names:
            raise DataError(f'there is no column "{taken[role]}" ({role}); the columns are {", ".join(names)}')
    if taken["user"] is None or taken["item"] is None:
        lacking = "user" if taken["user"] is None else "item"
        raise DataError(
            f"no column is known as the {lacking}'s; name it: Log(data, {lacking}=...), one of {', '.join(names)}"
        )
    if isinstance(weights, str):
        if weights not in names:
            raise DataError(f'there is no column "{weights}" (weights); the columns are {", ".join(names)}')
        weights = table[weights]
    found = from_pairs(table[taken["user"]], table[taken["item"]], weights)
    if taken["rating"]:
        found.rating = np.ascontiguousarray(table[taken["rating"]], np.float32)
    if taken["time"]:
        found.time = _seconds(table[taken["time"]])
    if "dislike" in names:
        found.dislike = np.ascontiguousarray(np.asarray(table["dislike"]) == 1, np.uint8)
    return found


def texts(ids: Optional[Array], what: str) -> Optional[Texts]:
    return None if ids is None else Texts(ids.tolist(), what)
