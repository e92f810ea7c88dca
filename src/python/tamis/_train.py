"""Trainings: from the start, and on from a model."""

from __future__ import annotations

import ctypes
import warnings
from typing import Any, Callable, NamedTuple, Optional

from ._library import Handle, call, constants, lib, types
from ._memory import outside
from ._options import Options
from ._progress import Epoch, Training
from .errors import StoppedError, UsageError
from .log import Log

Callback = Optional[Callable[[Epoch], Any]]


class Trained(NamedTuple):
    model: Handle
    history: list[Epoch]
    report: dict[str, Any]


def _trained(model: ctypes.c_void_p, report: Any, training: Training) -> Trained:
    if training.interrupt.count:
        told = f"training was stopped by Ctrl-C; the model is that of epoch {report.kept_epoch}"
        warnings.warn(told, stacklevel=outside())
    values = {name: getattr(report, name) for name, _ in report._fields_ if name != "reserved"}
    return Trained(Handle("model", model.value), training.history, values)


def _training(options: Options, callback: Callback, shown: Optional[bool]) -> Training:
    training = Training(callback, shown, str(options.get("validation_metric")))
    options.struct.stop = ctypes.addressof(training.stop)
    return training


def fit(options: Options, log: Log, validation: Optional[Log], callback: Callback, shown: Optional[bool]) -> Trained:
    model, report = ctypes.c_void_p(), types["tamis_train_report"]()
    with _training(options, callback, shown) as training:
        progress = ctypes.byref(training.progress)
        try:
            call("train", log, validation, options, progress, ctypes.byref(model), ctypes.byref(report))
        except StoppedError:
            training.interrupt.raised()
            raise
    return _trained(model, report, training)


def side(freeze: str) -> int:
    """What stays as it is when a model is trained on."""
    value = constants.get(f"TAMIS_FREEZE_{str(freeze).upper()}")
    if value is None:
        raise UsageError(f'freeze: "{freeze}" is none of none, users, items')
    return value


def go_on(begin: Callable[[], Handle], options: Options, callback: Callback, shown: Optional[bool]) -> Trained:
    """Takes the trainer that begin() makes with these options to its end."""
    model, report, epoch = ctypes.c_void_p(), types["tamis_train_report"](), types["tamis_epoch"]()
    with _training(options, callback, shown) as training:
        trainer = begin()
        while not lib.trainer_done(trainer):
            try:
                call("trainer_epoch", trainer, ctypes.byref(epoch))
            except StoppedError:
                break
            if training.told(ctypes.addressof(epoch)):
                break
        call("trainer_finish", trainer.given_away(), ctypes.byref(model), ctypes.byref(report))
    return _trained(model, report, training)
