"""Experiments: how methods stand noise, what in a log looks like noise, logs with known truth."""

from __future__ import annotations

import ctypes
import html
import sys
import tempfile
from typing import Any, Optional

import numpy as np

from ._library import Handle, call, lib, path_bytes, text, types
from ._memory import Array
from ._options import Options, tables, takes
from ._progress import Training, study
from .evaluation import framed
from .log import Log, Path, as_log
from .model import Model

__all__ = ["robustness", "audit", "Audit", "synth"]


@takes("robustness", "robustness")
def robustness(data: Any, directory: Optional[Path] = None, *, natural: Any = None, show_progress: Optional[bool] = None,
               **options: Any) -> Any:  # fmt: skip
    """How methods stand noise: more and more of it is put into training, each method tuned, and tested on what is clean.

    Parameters
    ----------
    data : Log, or what Log takes
    directory : str or path, optional
        Where results.csv, report.html and what is finished are kept; the same call goes on from there, after Ctrl-C too.
        None: a temporary one, which is removed.
    natural : Log, or what Log takes, optional
        Rows that are noise, to be put in instead of drawn noise.
    {options}

    Returns
    -------
    pandas.DataFrame, or list of dict where pandas is not there
        A row per metric, ratio of noise and method, as in tamis_robustness_row of tamis.h. attrs has "verdict", which method
        to take in a sentence; "warnings"; and "report", a page with plots and tables, which a notebook shows.
    """
    log, noise = as_log(data), None if natural is None else as_log(natural)
    given = Options("robustness", tables("robustness")).set(options)
    given.struct.natural = None if noise is None else noise._handle._as_parameter_
    out = ctypes.c_void_p()
    with tempfile.TemporaryDirectory() as place:
        name = path_bytes(place if directory is None else directory)
        study(lambda told: call("robustness_run", log, given, name, told, ctypes.byref(out)), show_progress)
        with open(name + b"/report.html", encoding="utf-8") as file:
            report = file.read()
    found = Handle("robustness", out.value)
    rows: list[dict[str, Any]] = []
    while address := lib.robustness_rows(found, len(rows)):
        row = types["tamis_robustness_row"].from_address(address)
        values = ((name, getattr(row, name)) for name, _ in row._fields_)
        rows.append({name: text(value) if isinstance(value, bytes) else value for name, value in values})
    return _told(framed(rows), found, report)


def _told(frame: Any, found: Handle, report: str) -> Any:
    if isinstance(frame, list):
        return frame
    warned: list[str] = []
    while sentence := lib.robustness_warning(found, len(warned)):
        warned.append(text(sentence))
    frame.attrs.update(verdict=text(lib.robustness_verdict(found)), warnings=warned, report=report)
    if "ipykernel" in sys.modules:
        from IPython.display import HTML, display

        page = html.escape(report)  # in a frame of its own, so that its style stays there
        display(HTML(f'<iframe srcdoc="{page}" width="100%" height="640" style="border: 0"></iframe>'))
    return frame


class Audit:
    """How suspicious each interaction of a log is of being noise.

    Attributes
    ----------
    users, items : numpy.ndarray
        The ids of each suspect, the most suspicious first.
    suspicion : numpy.ndarray
        0 to 1.
    bound : dict
        How much of the log is noise, at most and at least, as in tamis_audit_bound of tamis.h.
    """

    def __init__(self, handle: Handle, log: Log) -> None:
        self._handle, self._log = handle, log
        count = ctypes.c_int64()
        address = lib.audit_suspects(handle, ctypes.byref(count))
        kind = np.dtype({"names": ["user", "item", "suspicion"], "formats": ["<i4", "<i4", "<f8"]}, align=True)
        suspects = np.frombuffer(ctypes.string_at(address, count.value * kind.itemsize), kind)
        self.users: Array = log.user_ids[suspects["user"]]
        self.items: Array = log.item_ids[suspects["item"]]
        self.suspicion: Array = suspects["suspicion"]
        bound = types["tamis_audit_bound"].from_address(lib.audit_noise(handle))
        self.bound = {name: getattr(bound, name) for name, _ in bound._fields_}
        self.bound["assumption"] = text(self.bound["assumption"])

    def __len__(self) -> int:
        return len(self.suspicion)

    def to_frame(self) -> Any:
        """A pandas.DataFrame of user_id, item_id and suspicion, the most suspicious first."""
        import pandas

        return pandas.DataFrame({"user_id": self.users, "item_id": self.items, "suspicion": self.suspicion})

    def removable(self, at_most_good: float) -> int:
        """How many of the first can be removed so that at most this share of them is good."""
        return int(lib.audit_removable(self._handle, at_most_good, None))

    def clean(self, count: int) -> Log:
        """The log without the first so many."""
        out = ctypes.c_void_p()
        call("audit_clean", self._handle, self._log, count, ctypes.byref(out))
        return Log._of(Handle("log", out.value), self._log)


@takes("audit", "audit")
def audit(data: Any, model: Optional[Model] = None, *, show_progress: Optional[bool] = None, **options: Any) -> Audit:
    """How suspicious each interaction of a log is of being noise, and how much noise there is at most.

    Parameters
    ----------
    data : Log, or what Log takes
    model : fitted model, optional
        Tells method and options of the cross-fitted models; None: IALS.
    {options}

    Returns
    -------
    Audit
    """
    log = as_log(data)
    given = Options("audit", tables("audit")).set(options)
    out = ctypes.c_void_p()
    with Training(None, show_progress, "") as training:
        stop = training.interrupt.stop()
        given.struct.stop = ctypes.addressof(stop)
        try:
            call("audit_run", None if model is None else model._model, log, given, ctypes.byref(training.progress), ctypes.byref(out))
        finally:
            training.interrupt.raised()
    return Audit(Handle("audit", out.value), log)


@takes("synth", "synth")
def synth(directory: Path, **options: Any) -> None:
    """Draws a log with known truth and writes it into a directory: train.csv, test.csv, truth.csv, noise.csv,
    propensity.csv.

    Parameters
    ----------
    directory : str or path
    {options}

    Examples
    --------
    >>> import tempfile, tamis
    >>> with tempfile.TemporaryDirectory() as place:
    ...     tamis.synth(place, users=50, items=40, interactions=300, relevant_share=0.5)
    ...     log = tamis.read_csv(place + "/train.csv")
    >>> log.n_users <= 50
    True
    """
    call("synth", Options("synth", tables("synth")).set(options), path_bytes(directory))
