"""What an evaluation comes to, and models compared user by user."""

from __future__ import annotations

import ctypes
import warnings
from typing import TYPE_CHECKING, Any, Iterable, Optional, Sequence, Union

import numpy as np

from ._ids import read_from
from ._library import Handle, call, constants, lib, text, types
from ._memory import Array, outside
from ._options import Options, tables, takes
from ._progress import stoppable
from .errors import DataWarning, UsageError
from .log import as_log, as_logs

if TYPE_CHECKING:
    from .model import Model

__all__ = ["Evaluation", "compare", "metrics"]

Metrics = Union[str, Iterable[str], None]


class Evaluation(dict[str, float]):
    """Means over users by the metrics' names: evaluation["ndcg@20"].

    Attributes
    ----------
    counts : dict
        Users and rows that were scored, unknown ones, ..., as in tamis_evaluation_counts of tamis.h.
    """

    def __init__(self, handle: Handle, wanted: Sequence[str]) -> None:
        self._handle = handle
        names = [text(lib.evaluation_name(handle, k)) for k in range(lib.evaluation_metrics(handle))]
        self._index = {name: k for k, name in enumerate(names)}
        if wanted:
            self._index = {name: k for name, k in self._index.items() if name in wanted or name.split("@")[0] in wanted}
        if wanted and all("@" in name or name in self._index for name in wanted):
            self._index = {name: self._index[name] for name in wanted if name in self._index}
        super().__init__((name, lib.evaluation_mean(handle, k)) for name, k in self._index.items())
        found = types["tamis_evaluation_counts"].from_address(lib.evaluation_count(handle))
        self.counts: dict[str, Any] = {name: getattr(found, name) for name, _ in found._fields_}

    def __reduce__(self) -> Any:
        return dict, (dict(self),)

    def interval(self, metric: str) -> tuple[float, float]:
        """The bootstrap interval of a mean; NaN unless evaluate() was given bootstrap=."""
        low, high = ctypes.c_double(), ctypes.c_double()
        lib.evaluation_interval(self._handle, self._index[metric], ctypes.byref(low), ctypes.byref(high))
        return low.value, high.value

    @property
    def users(self) -> Array:
        """The ids of the users that were scored."""
        return read_from(self._handle, lib.evaluation_user_id, lib.evaluation_users(self._handle)).values

    def per_user(self, metric: str) -> Array:
        """A metric's value for each of users; NaN where it is not defined."""
        count, value, handle, column = lib.evaluation_users(self._handle), lib.evaluation_value, self._handle, self._index[metric]
        return np.fromiter((value(handle, row, column) for row in range(count)), np.float64, count)

    def to_frame(self) -> Any:
        """A pandas.DataFrame with a row per metric: mean and, where there is one, its interval."""
        import pandas

        frame = pandas.DataFrame({"mean": dict(self)})
        intervals = [self.interval(name) for name in self]
        if not np.isnan(np.array(intervals)).all():
            frame["low"], frame["high"] = zip(*intervals)
        return frame

    def to_user_frame(self) -> Any:
        """A pandas.DataFrame with a row per user and a column per metric."""
        import pandas

        return pandas.DataFrame({name: self.per_user(name) for name in self}, index=pandas.Index(self.users, name="user_id"))


def metrics() -> dict[str, str]:
    """The names of all metrics and their definitions; those with a cut-off are asked for as "ndcg@20".

    >>> import tamis
    >>> tamis.metrics()["precision"]
    'share of the first K that are test items: hits / K'
    """
    found: dict[str, str] = {}
    definition = ctypes.c_char_p()
    while name := lib.metric_list(len(found), ctypes.byref(definition)):
        found[text(name)] = text(definition.value)
    return found


def _wanted(metrics: Metrics, options: dict[str, Any]) -> list[str]:
    """["ndcg@20", "auc"] as the library's lists of metrics and of cut-offs, into options."""
    if metrics is None:
        return []
    wanted = metrics.split(",") if isinstance(metrics, str) else list(metrics)
    if not wanted:
        raise UsageError("metrics is an empty list")
    options["metrics"] = list(dict.fromkeys(name.split("@")[0] for name in wanted))
    cutoffs = list(dict.fromkeys(name.split("@", 1)[1] for name in wanted if "@" in name))
    if cutoffs:
        if options.get("cutoffs") is not None:
            raise UsageError('cut-offs stand in the metrics\' names ("ndcg@20") or in cutoffs, not in both')
        options["cutoffs"] = cutoffs
    return wanted


def evaluate(model: Handle, test: Any, metrics: Metrics, mask: Sequence[Any], options: dict[str, Any]) -> Evaluation:
    wanted = _wanted(metrics, options)
    given = Options("evaluate", tables("evaluate", "interval")).set(options)
    logs = as_logs(mask)
    masks = (ctypes.c_void_p * len(logs))(*(one._handle._as_parameter_ for one in logs))
    out = ctypes.c_void_p()
    stoppable(given.struct, "evaluate", model, as_log(test), masks, len(logs), given, ctypes.byref(out))
    found = Evaluation(Handle("evaluation", out.value), wanted)
    _doubt(found.counts, given.struct.unknown_users != constants["TAMIS_UNKNOWN_USERS_MISS"])
    return found


def _doubt(count: dict[str, Any], strangers: bool) -> None:
    """Warns of figures that come of the wrong test log."""
    misses = {
        "of unknown users": 0 if strangers else count["unknown_user_rows"],
        "of unknown items": count["unknown_item_rows"],
        "masked, in the log that the model was trained on or in mask": count["masked_rows"],
    }
    for what, rows in misses.items():
        if 2 * rows > count["rows"]:
            warnings.warn(f"{rows} of {count['rows']} test rows are {what}; is this the right test log?",
                          DataWarning, stacklevel=outside())  # fmt: skip


@takes("paired", "paired")
def compare(models: Sequence[Model], test: Any, metrics: Metrics = "ndcg@20", *, mask: Sequence[Any] = (),
            names: Optional[Sequence[str]] = None, **options: Any) -> Any:  # fmt: skip
    """Compares models with the first of them, user by user on one test log.

    Parameters
    ----------
    models : list of fitted models
        Each is compared with the first.
    test : Log, or what Log takes
    metrics : str or list of str
        Such as "ndcg@20".
    mask : log, or list of logs
        Left out of the ranking too, such as the validation part.
    names : list of str, optional
        What to call them; else by their methods.
    {options}

    Returns
    -------
    list of dict, or pandas.DataFrame where pandas is there
        A row per metric and model: means, their difference with its interval, wins, ties and losses, two-sided p of
        Student's paired t, Wilcoxon's and the permutation test, and p_holm, the first of these corrected (Holm) over all rows.
    """
    log = as_log(test)
    evaluations = [model.evaluate(log, metrics, mask=mask) for model in models]
    called = list(names) if names is not None else [type(model).__name__ for model in models]
    if len(models) < 2 or len(called) != len(models):
        raise UsageError("expected two models or more, and as many names")
    rows: list[dict[str, Any]] = [
        {"metric": metric, "model": name, "baseline": called[0], "mean": one[metric], "baseline_mean": evaluations[0][metric]}
        | _paired(one, evaluations[0], metric, options)
        for metric in evaluations[0]
        for name, one in zip(called[1:], evaluations[1:])
    ]
    p = (ctypes.c_double * len(rows))(*[row["t_p"] for row in rows])
    adjusted = (ctypes.c_double * len(rows))()
    lib.holm(p, len(rows), adjusted)
    for row, value in zip(rows, adjusted):
        row["p_holm"] = value
    return framed(rows)


def _paired(one: Evaluation, other: Evaluation, metric: str, options: dict[str, Any]) -> dict[str, Any]:
    a, b = one.per_user(metric), other.per_user(metric)
    if len(a) != len(b) or (one.users != other.users).any():
        place = {user: row for row, user in enumerate(other.users.tolist())}
        both = [(row, place[user]) for row, user in enumerate(one.users.tolist()) if user in place]
        a, b = a[[row for row, _ in both]], b[[row for _, row in both]]
    kept = ~(np.isnan(a) | np.isnan(b))
    a, b = np.ascontiguousarray(a[kept]), np.ascontiguousarray(b[kept])
    paired = types["tamis_paired"]()
    given = Options("paired", tables("paired")).set(options)
    call("paired_compare", a.ctypes.data, b.ctypes.data, len(a), given, ctypes.byref(paired))
    shown = ("mean", "low", "high", "wins", "ties", "losses", "t_p", "wilcoxon_p", "permutation_p")
    values = {name: getattr(paired, name) for name in shown}
    return {"users": paired.pairs, "difference": values.pop("mean"), **values}


def framed(rows: list[dict[str, Any]]) -> Any:
    """Rows as pandas.DataFrame where pandas is there."""
    try:
        import pandas
    except ImportError:
        return rows
    return pandas.DataFrame(rows)
