"""Logs of interactions: read from files, made of matrices and tables, split, made noisy, written."""

from __future__ import annotations

import ctypes
import os
import warnings
from functools import cached_property
from typing import Any, NamedTuple, Optional, Sequence, Union

import numpy as np

from . import _arrays
from ._ids import Ids, read_from
from ._library import Handle, call, constants, lib, made, path_bytes, spell, text, types
from ._memory import Array, outside, pointer, view
from ._options import Options, tables, takes
from .errors import DataWarning, UsageError

Path = Union[str, "os.PathLike[str]"]

__all__ = ["Log", "Split", "Noisy", "read_csv", "split", "noise"]


class Log:
    """A log of interactions: ids and a sparse matrix of users by items.

    Parameters
    ----------
    data : scipy.sparse matrix, numpy array, pandas.DataFrame, structured array, (users, items) or (users, items, weights)
        A matrix has users for rows and items for columns, numbered from 0, and an interaction wherever it is not zero. A
        table has an interaction per row; its columns are found by the names that `read_csv` knows. Pairs are a tuple of two
        lists of ids. Interactions that stand several times are merged.
    weights : True, str or array, optional
        How much each interaction counts, above 0: True for a matrix's own values, a table's column, or an array with one
        number per interaction. None: all alike.
    user, item, rating, time : str, optional
        A table's columns, where their names do not tell.
    relevance : str, optional
        A table's column of judgements, for a test log of pairs that were judged: above 0 is relevant.

    Attributes
    ----------
    n_users, n_items, n_interactions : int
    user_ids, item_ids : numpy.ndarray
        Per row and column of the matrix, ints or str.

    Examples
    --------
    >>> import tamis
    >>> log = tamis.Log((["ann", "ann", "bob"], ["tea", "rye", "tea"]))
    >>> log
    Log(n_users=2, n_items=2, n_interactions=3)
    >>> list(log.item_ids)
    ['tea', 'rye']
    """

    def __init__(self, data: Any, weights: Any = None, *, user: Optional[str] = None, item: Optional[str] = None,
                 rating: Optional[str] = None, time: Optional[str] = None, relevance: Optional[str] = None) -> None:  # fmt: skip
        columns = {"user": user, "item": item, "rating": relevance or rating, "time": time}
        if _arrays.is_table(data):
            found = _arrays.from_table(data, columns, weights)
        elif any(columns.values()):
            raise UsageError("only a table has columns to be named")
        elif isinstance(data, tuple) and len(data) in (2, 3):
            if len(data) == 3 and weights is not None:
                raise UsageError("weights are given twice, as the third of (users, items, weights) and as weights")
            found = _arrays.from_pairs(data[0], data[1], data[2] if len(data) == 3 else weights)
        else:
            found, unused = _arrays.from_matrix(data, weights)
            if unused:
                warnings.warn("the matrix's values differ and are not used: every interaction counts alike; "
                              "weights=True takes them for weights", DataWarning, stacklevel=outside())  # fmt: skip
        self._take(_from_interactions(found, relevance is not None))
        if found.user_ids is None:
            self._users, self._items = (Ids(n, list, counted=True) for n in (found.users, found.items))

    def _take(self, handle: Handle) -> None:
        self._handle = handle
        self._as_parameter_ = handle
        self._users = read_from(handle, lib.log_user_id, self.n_users)
        self._items = read_from(handle, lib.log_item_id, self.n_items)

    @classmethod
    def _of(cls, handle: Handle, like: Optional[Log] = None) -> Log:
        log = cls.__new__(cls)
        log._take(handle)
        if like is not None:
            log._users, log._items = like._users, like._items
        return log

    @property
    def n_users(self) -> int:
        return int(lib.log_users(self._handle))

    @property
    def n_items(self) -> int:
        return int(lib.log_items(self._handle))

    @property
    def n_interactions(self) -> int:
        return int(lib.log_interactions(self._handle))

    @property
    def shape(self) -> tuple[int, int]:
        return self.n_users, self.n_items

    @property
    def user_ids(self) -> Array:
        return self._users.values

    @property
    def item_ids(self) -> Array:
        return self._items.values

    def __len__(self) -> int:
        return self.n_interactions

    def __repr__(self) -> str:
        return f"Log(n_users={self.n_users}, n_items={self.n_items}, n_interactions={self.n_interactions})"

    def __reduce__(self) -> Any:
        raise TypeError("a log is not pickled; write it with to_csv() and read it with read_csv()")

    @property
    def summary(self) -> dict[str, Any]:
        """What happened to every row that was read: rows, bad, duplicates, ..., as in tamis_log_summary of tamis.h."""
        summary = self._summary()
        values = {name: getattr(summary, name) for name, kind in summary._fields_ if issubclass(kind, ctypes._SimpleCData)}
        return {name: text(value) if isinstance(value, bytes) else value for name, value in values.items() if name != "notes"}

    def _summary(self) -> Any:
        return types["tamis_log_summary"].from_address(lib.log_summarize(self._handle))

    @property
    def notes(self) -> list[str]:
        """What may not be as it was meant, a sentence each."""
        return [spell(text(note.text)) for note in self._notes()]

    def _notes(self) -> list[Any]:
        summary = self._summary()
        return list(summary.note[: min(summary.notes, constants["TAMIS_NOTES"])])

    @cached_property
    def _start(self) -> Array:
        count, at = ctypes.c_int64(), 0
        start = np.zeros(self.n_users + 1, np.int64)
        row, handle, out = lib.log_row, self._handle, ctypes.byref(count)
        for user in range(self.n_users):
            row(handle, user, out)
            at += count.value
            start[user + 1] = at
        return start

    def _values(self, function: Any, kind: Any) -> Optional[Array]:
        """What stands beside the interactions, in their order, as a view."""
        first = function(self._handle, 0)
        return None if first is None else view(first, (self.n_interactions,), kind, self._handle)

    @property
    def users(self) -> Array:
        """The row of each interaction's user, int32."""
        return np.repeat(np.arange(self.n_users, dtype=np.int32), np.diff(self._start))

    @property
    def items(self) -> Array:
        """The row of each interaction's item, int32; a view into the log."""
        count = ctypes.c_int64()
        return view(lib.log_row(self._handle, 0, ctypes.byref(count)), (self.n_interactions,), np.int32, self._handle)

    def items_of(self, user: Any) -> Array:
        """The ids of a user's items."""
        row = int(self._users.known([user], "user")[0])
        count = ctypes.c_int64()
        address = lib.log_row(self._handle, row, ctypes.byref(count))
        return self._items.at(view(address, (count.value,), np.int32, self._handle))

    @property
    def weights(self) -> Optional[Array]:
        """How much each interaction counts, float32; None: all alike."""
        return self._values(lib.log_weight, np.float32)

    @property
    def ratings(self) -> Optional[Array]:
        """Ratings, float32, NaN where there is none; None: the log has none."""
        return self._values(lib.log_rating, np.float32)

    def to_csr(self) -> Any:
        """The log as scipy.sparse.csr_matrix of its weights, or of ones."""
        import scipy.sparse

        values = self.weights if self.weights is not None else np.ones(self.n_interactions, np.float32)
        return scipy.sparse.csr_matrix((values, self.items, self._start), self.shape)

    def to_frame(self) -> Any:
        """The log as pandas.DataFrame with the columns user_id, item_id and, where it has them, rating and weight."""
        import pandas

        frame = {"user_id": self.user_ids[self.users], "item_id": self.item_ids[self.items],
                 "rating": self.ratings, "weight": self.weights}  # fmt: skip
        return pandas.DataFrame({name: values for name, values in frame.items() if values is not None})

    def to_csv(self, path: Path) -> None:
        """Writes the log as CSV, compressed where the name ends in .gz; `read_csv` reads it again."""
        call("log_write", self._handle, path_bytes(path))


def _from_interactions(found: _arrays.Interactions, labelled: bool) -> Handle:
    arrays = types["tamis_log_arrays"]()
    lib.log_arrays_init(ctypes.byref(arrays), ctypes.sizeof(arrays))
    arrays.users, arrays.items, arrays.count, arrays.labelled = found.users, found.items, found.count, labelled
    for name in ("item", "user", "start", "rating", "time", "weight", "dislike"):
        setattr(arrays, name, pointer(getattr(found, name)))
    users, items = _arrays.texts(found.user_ids, "user"), _arrays.texts(found.item_ids, "item")
    if users is not None and items is not None:
        arrays.user_id, arrays.user_id_length = pointer(users.addresses), pointer(users.lengths)
        arrays.item_id, arrays.item_id_length = pointer(items.addresses), pointer(items.lengths)
    return made("log", "log_from_arrays", ctypes.byref(arrays))


def as_log(data: Any, weights: Any = None) -> Log:
    """What a method was given, as a log."""
    if isinstance(data, Log):
        if weights is not None:
            raise UsageError("a log has its weights already; give them where it is made: Log(data, weights=...)")
        return data
    if isinstance(data, (str, os.PathLike)):
        return read_csv(data, weight=weights)
    return Log(data, weights)


def as_logs(data: Any) -> list[Log]:
    """What a method was given, one log or a list of them."""
    return [as_log(one) for one in (data if isinstance(data, (list, tuple)) else [data])]


@takes("log", "log", "weights")
def read_csv(paths: Union[Path, Sequence[Path]], *, beside: Optional[dict[str, Any]] = None, relevance: Optional[str] = None,
             **options: Any) -> Log:  # fmt: skip
    """Reads logs from files: CSV or TSV, JSON lines, adjacency lists, MatrixMarket; plain, gzip or zstd.

    Parameters
    ----------
    paths : str, path, or a list of them
        Several files make one log.
    relevance : str, optional
        Column of judgements, for a test log of pairs that were judged: above 0 is relevant.
    {options}

    Returns
    -------
    Log

    Raises
    ------
    DataError
        A bad row, with its file, line and column; a missing column; nothing left.

    Warns
    -----
    DataWarning
        What is hardly meant, such as a column of ratings that is taken for items.
    """
    names = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    array = (ctypes.c_char_p * len(names))(*map(path_bytes, names))
    reading = Options("log", tables("log", "weights")).set(options)
    if relevance is not None:
        wanted = relevance.encode()
        reading.struct.relevance = wanted
    if not names:
        raise UsageError("no file to read")
    log = Log._of(made("log", "log_read", array, len(names), reading))
    for note in log._notes():
        if note.warning:
            warnings.warn(spell(text(note.text)), DataWarning, stacklevel=outside())
    return log


class Split(NamedTuple):
    """Three logs with the same rows of users and items; validation is None where none was asked for."""

    train: Log
    validation: Optional[Log]
    test: Log


@takes("split", "split")
def split(data: Any, **options: Any) -> Split:
    """Cuts a log per user into train, validation and test.

    Parameters
    ----------
    data : Log, or what Log takes
    {options}

    Returns
    -------
    Split
        Named train, validation, test; validation is None unless the options ask for one.

    Examples
    --------
    >>> import numpy as np, tamis
    >>> train, validation, test = tamis.split(np.ones((20, 10)), test_ratio=0.3)
    >>> len(train), validation, len(test)
    (140, None, 60)
    """
    log = as_log(data)
    parts = [ctypes.c_void_p() for _ in range(3)]
    call("log_split", log, Options("split", tables("split")).set(options), *map(ctypes.byref, parts))
    train, validation, test = (Log._of(Handle("log", part.value), log) for part in parts)
    return Split(train, validation if len(validation) else None, test)


class Noisy(NamedTuple):
    """A noisy log, and which of its interactions are noise: of each the kind, such as "uniform", or "clean"."""

    log: Log
    kind: Array


@takes("noise", "noise")
def noise(data: Any, *, held_out: Sequence[Any] = (), **options: Any) -> Noisy:
    """Puts noise into a log, to see what it does to a method.

    Parameters
    ----------
    data : Log, or what Log takes
    held_out : log, or list of logs
        Their interactions are not injected, so that a test log stays clean.
    {options}

    Returns
    -------
    Noisy
        log, and kind: one word per interaction, in the order of log.users and log.items.

    Examples
    --------
    >>> import numpy as np, tamis
    >>> noisy = tamis.noise(np.eye(10, 40) + np.eye(10, 40, 10), uniform=0.5)
    >>> len(noisy.log), int((noisy.kind == "uniform").sum())
    (30, 10)
    """
    log = as_log(data)
    given = Options("noise", tables("noise")).set(options)
    logs = as_logs(held_out)
    pointers = (ctypes.c_void_p * len(logs))(*(one._handle._as_parameter_ for one in logs))
    given.struct.held_out, given.struct.held_outs = ctypes.addressof(pointers) if logs else None, len(logs)
    noisy, kinds = ctypes.c_void_p(), ctypes.c_void_p()
    call("log_noise", log, given, ctypes.byref(noisy), ctypes.byref(kinds), None)
    made_noisy = Log._of(Handle("log", noisy.value), log)
    words: list[str] = []
    while word := lib.noise_kind(len(words), None):
        words.append(text(word))
    codes = np.frombuffer(ctypes.string_at(kinds.value or 0, len(made_noisy)), np.uint8)
    lib.free(kinds)
    return Noisy(made_noisy, np.array(words)[codes])

