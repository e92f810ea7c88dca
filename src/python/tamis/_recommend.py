"""A call for recommendations as the library takes it."""

from __future__ import annotations

import ctypes
from typing import Any, NamedTuple, Sequence

import numpy as np

from ._history import is_several, listed
from ._ids import Ids
from ._library import Handle, types
from ._memory import Array
from ._options import Options
from ._progress import stoppable
from .errors import UsageError

_HIT = np.dtype([("item", np.int32), ("score", np.float32)])


#: Where a user's list is from, as tamis_origin counts, and behind these what a call folds in.
ORIGINS = np.array(["model", "popularity", "history"])
_POPULARITY, _HISTORY = 1, 2


class _Lists(NamedTuple):
    items: Array
    scores: Array


class Recommendations(_Lists):
    """items and scores, best first: of one user or item n each, of several a row of n for each.

    Where fewer than n are left, the rest has the score NaN and the item -1, or None where ids are str.
    origins says where a user's list is from: "model"; "history", folded in by this call; "popularity", of who has no interactions
    that the model knows. A str for one user, an array of them for several; None for items that are similar.
    """

    origins: Any = None


def hits(shape: tuple[int, ...]) -> Array:
    return np.empty(shape, _HIT)


def taken(found: Array, ids: Ids, origin: Any = None) -> Recommendations:
    """Rows, scores and origins as the library gives them, as ids, scores and names."""
    scores = found["score"]
    none = found["item"] < 0
    if none.any():
        scores = np.where(none, np.float32(np.nan), scores)
    lists = Recommendations(ids.at(found["item"]), scores)
    if origin is not None:
        lists.origins = str(ORIGINS[origin]) if np.ndim(origin) == 0 else ORIGINS[origin]
    return lists


def rows(items: Any, ids: Ids) -> Array:
    """Rows of items, ascending, each once; those that the model does not know cannot be recommended anyhow."""
    found = np.unique(ids.rows(items))
    return np.ascontiguousarray(found[found >= 0], np.int32)


def _missing(group: Any) -> bool:
    """Whether it is None, or what pandas has in its place: NaN, NaT, NA."""
    try:
        return group is None or bool(group != group)
    except TypeError:  # NA says neither
        return True


class Request:
    """tamis_recommend_options, with the arrays that it points to."""

    def __init__(self, ids: Ids, count: int, threads: int) -> None:
        self.options = Options("recommend", [])
        self.options.struct.threads = threads
        self._ids, self._count = ids, count
        self._kept: list[Any] = []

    def _pointer(self, array: Array) -> int:
        self._kept.append(array)
        return int(array.ctypes.data)

    def only(self, candidates: Any) -> None:
        array = rows(candidates, self._ids)
        if not len(array):
            raise UsageError("the model knows none of the candidates")
        self.options.struct.candidates, self.options.struct.candidate_count = self._pointer(array), len(array)

    def without(self, exclude: Any) -> None:
        if is_several(exclude):
            self._without_per_user(exclude)
            return
        array = rows(exclude, self._ids)
        self.options.struct.excluded, self.options.struct.excluded_count = self._pointer(array), len(array)

    def _without_per_user(self, exclude: Any) -> None:
        exclude = listed(exclude)
        if len(exclude) != self._count:
            raise UsageError(f"exclude has {len(exclude)} lists for {self._count} users")
        lists = [rows(list(one) if isinstance(one, set) else one, self._ids) for one in exclude]
        start = np.zeros(len(lists) + 1, np.int64)
        np.cumsum([len(one) for one in lists], out=start[1:])
        self.options.struct.excluded_start = self._pointer(start)
        self.options.struct.excluded_item = self._pointer(np.concatenate([*lists, np.zeros(1, np.int32)]))

    def at_most(self, limits: Sequence[tuple[Any, int]]) -> None:
        """limits: (a group's name or None for each item, how many of a group)."""
        array = (types["tamis_group_limit"] * len(limits))()
        for place, (groups, most) in zip(array, limits):
            if len(groups) != self._ids.count:
                raise UsageError(f"a limit has {len(groups)} groups; expected one for each of {self._ids.count} items")
            number: dict[Any, int] = {}
            codes = [-1 if _missing(group) else number.setdefault(group, len(number)) for group in np.asarray(groups, object).tolist()]
            place.group, place.most = self._pointer(np.array(codes, np.int32)), most
        self._kept.append(array)
        self.options.struct.limit, self.options.struct.limits = ctypes.addressof(array), len(limits)

    def run(self, model: Handle, users: Array, n: int) -> tuple[Array, Array]:
        """The hits of each user, and their origins."""
        found, origin = hits((len(users), n)), np.zeros(len(users), np.uint8)
        self.options.struct.origin = self._pointer(origin)
        stoppable(self.options.struct, "recommend_from", model, users.ctypes.data, len(users), n, self.options, found.ctypes.data)
        return found, origin


def of_history(origin: Array) -> Array:
    """The origins of users who are folded in."""
    return np.where(origin == _POPULARITY, origin, np.uint8(_HISTORY))


def number(n: Any) -> int:
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise UsageError(f"n: {n!r} is no whole number of at least 1")
    return int(n)
