"""Ids of users and items: byte strings in the library, ints or str here.

Ids are ints where each is a whole number in plain decimals ("17", not "017" or "1e3"), else str. Asked for by either:
5 and "5" are one id.
"""

from __future__ import annotations

import ctypes
from functools import cached_property
from typing import Any, Callable, Optional

import numpy as np

from ._library import encoded, text
from .errors import DataError, UsageError

_LONGEST_INT = 20


def _as_ints(texts: list[bytes]) -> Optional[np.ndarray[Any, Any]]:
    if not texts or max(map(len, texts)) > _LONGEST_INT:
        return None
    try:
        numbers = np.array(texts).astype(np.int64)
    except (ValueError, OverflowError):
        return None
    return numbers if [b"%d" % number for number in numbers.tolist()] == texts else None


class Ids:
    """The ids of a log's or a model's users or items, in the order of their rows."""

    def __init__(self, count: int, read: Callable[[], list[bytes]], counted: bool = False) -> None:
        self.count = count
        self._read = read
        self._counted = counted  # known to be 0, 1, 2, ...

    @cached_property
    def values(self) -> np.ndarray[Any, Any]:
        """One id per row: int64, or str in an array of objects."""
        if self._counted:
            return np.arange(self.count)
        texts = self._read()
        numbers = _as_ints(texts)
        if numbers is not None:
            return numbers
        words = np.empty(self.count, object)
        words[:] = [text(one) for one in texts]
        return words

    @cached_property
    def counted(self) -> bool:
        """Whether the ids are the rows: 0, 1, 2, ..."""
        return self._counted or (self.values.dtype != object and bool((self.values == np.arange(self.count)).all()))

    @cached_property
    def _sorted(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        order = np.argsort(self.values, kind="stable")
        return order, self.values[order]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {str(value): row for row, value in enumerate(self.values.tolist())}

    def rows(self, asked: Any) -> np.ndarray[Any, Any]:
        """The row of each id that is asked for, -1 where it is unknown."""
        wanted = asked if isinstance(asked, np.ndarray) else np.asarray(_listed(asked))
        if wanted.ndim != 1:
            raise UsageError(f"ids are a list, not an array of {wanted.ndim} dimensions")
        if wanted.dtype.kind not in "iu" or (not self._counted and self.values.dtype == object):
            found = (self._places.get(plain(value), -1) for value in wanted.tolist())
            return np.fromiter(found, np.int64, len(wanted))
        if self.counted:
            return np.where((wanted >= 0) & (wanted < self.count), wanted, -1).astype(np.int64, copy=False)
        order, values = self._sorted
        place = np.minimum(np.searchsorted(values, wanted), self.count - 1)
        found_rows: np.ndarray[Any, Any] = np.where(values[place] == wanted, order[place], -1)
        return found_rows

    def known(self, asked: Any, what: str) -> np.ndarray[Any, Any]:
        """The same, where an unknown one is an error."""
        rows = self.rows(asked)
        if len(rows) and rows.min() < 0:
            unknown = np.asarray(_listed(asked), object)[np.flatnonzero(rows < 0)[0]]
            raise UsageError(f'{what} "{unknown}" is not known')
        return rows

    def at(self, rows: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """The ids of rows; of row -1: -1, or None where ids are str."""
        if self.counted:
            return rows
        found: np.ndarray[Any, Any] = self.values[rows]
        if rows.size and rows.min() < 0:
            found[rows < 0] = None if found.dtype == object else -1
        return found


def _listed(asked: Any) -> Any:
    """What numpy shall not turn into one kind: ids of several kinds stay what they are."""
    if hasattr(asked, "to_numpy"):
        return asked.to_numpy()
    if isinstance(asked, (list, tuple)) and not all(type(value) is int for value in asked):
        values = np.empty(len(asked), object)
        values[:] = asked
        return values
    return asked


def plain(value: Any) -> str:
    return text(value) if isinstance(value, bytes) else str(value)


def is_single(asked: Any) -> bool:
    """Whether one id is asked for, not a list of them."""
    return isinstance(asked, (str, bytes)) or bool(np.ndim(asked) == 0)


def read_from(handle: Any, function: Any, count: int) -> Ids:
    """The ids that a function such as tamis_log_user_id() gives."""

    def read() -> list[bytes]:
        length = ctypes.c_size_t()
        at, string = ctypes.byref(length), ctypes.string_at
        return [string(function(handle, row, at), length.value) for row in range(count)]

    return Ids(count, read)


class Texts:
    """Ids as the library takes them: an array of addresses and one of lengths."""

    def __init__(self, values: Any, what: str) -> None:
        texts = [encoded(plain(value)) for value in values]
        self._bytes = b"\0".join(texts)
        if self._bytes.count(b"\0") >= max(len(texts), 1):
            raise DataError(f"the id of a {what} holds a NUL character")
        self.lengths = np.fromiter(map(len, texts), np.uint64, len(texts))
        start = ctypes.cast(ctypes.c_char_p(self._bytes), ctypes.c_void_p).value or 0
        self.addresses = np.zeros(len(texts), np.uint64)
        np.cumsum(self.lengths[:-1] + 1, out=self.addresses[1:])
        self.addresses += np.uint64(start)
