"""While C works: what is told of it, and Ctrl-C.

The library asks callbacks in between. Ctrl-C only sets a flag meanwhile, which they answer with: an exception in a callback
would be lost. Signals are the main thread's, so that work in other threads has none of this.
"""

from __future__ import annotations

import ctypes
import signal
import sys
import threading
from typing import Any, Callable, NamedTuple, Optional

from ._library import call, types


class Epoch(NamedTuple):
    """An epoch of training, as a callback is told of it.

    epoch counts from 1 to epochs at most; loss is the mean over the epoch's samples; seconds is this epoch's training;
    validation is the metric after it, NaN where none was taken; best_epoch is 0 before the first.
    """

    epoch: int
    epochs: int
    loss: float
    learning_rate: float
    seconds: float
    total_seconds: float
    samples: int
    validation: float
    best_validation: float
    best_epoch: int


def _shown(wanted: Optional[bool]) -> bool:
    """By default in a notebook and on a terminal."""
    if wanted is None:
        return "ipykernel" in sys.modules or bool(sys.stderr and sys.stderr.isatty())
    return wanted


class _Line:
    """A line that is written anew, where there is no tqdm."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.text = ""
        self.done = 0

    def set_postfix_str(self, text: str, refresh: bool = True) -> None:
        self.text = text

    def update(self, count: int) -> None:
        self.done += count
        sys.stderr.write(f"\r{self.done}/{self.total} {self.text}\x1b[K")
        sys.stderr.flush()

    def close(self) -> None:
        sys.stderr.write("\n")


class Bar:
    """A tqdm bar where tqdm is there, a line else, nothing where none is wanted."""

    def __init__(self, wanted: Optional[bool]) -> None:
        self._wanted = _shown(wanted)
        self._bar: Any = None
        self._done = 0

    def show(self, done: int, total: int, text: str) -> None:
        if not self._wanted:
            return
        if self._bar is None:
            try:
                from tqdm import tqdm
            except ImportError:
                self._bar = _Line(total)
            else:
                self._bar = tqdm(total=total)
        self._bar.set_postfix_str(text, refresh=False)
        self._bar.update(done - self._done)
        self._done = done

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


class Interrupt:
    """Counts Ctrl-C while it is entered, in the main thread and where nobody else handles it."""

    def __init__(self) -> None:
        self.count = 0
        self._before: Any = None

    def __enter__(self) -> Interrupt:
        mine = threading.current_thread() is threading.main_thread()
        if mine and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            self._before = signal.signal(signal.SIGINT, self._take)
        return self

    def _take(self, *_: Any) -> None:
        self.count += 1

    def __exit__(self, *_: Any) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def stop(self, after: int = 1) -> Any:
        """A tamis_stop that asks for the end once so many have come."""
        return hook("tamis_stop", lambda: int(self.count >= after))

    def raised(self) -> None:
        if self.count:
            raise KeyboardInterrupt


def stoppable(struct: Any, name: str, *arguments: Any) -> None:
    """Calls a function whose options, struct, have a stop: Ctrl-C ends it."""
    with Interrupt() as interrupt:
        stop = interrupt.stop()
        struct.stop = ctypes.addressof(stop)
        try:
            call(name, *arguments)
        finally:
            interrupt.raised()


def hook(kind: str, answer: Callable[..., int]) -> Any:
    """A {context, call} of the library's whose call is answer, without the context."""
    struct = types[kind]()
    call = dict(types[kind]._fields_)["call"]
    struct.call = call(lambda _, *rest: answer(*rest))
    return struct


class Training:
    """The callbacks of a training: bar, the caller's callback, Ctrl-C after the epoch, a second one at once."""

    def __init__(self, callback: Optional[Callable[[Epoch], Any]], wanted: Optional[bool], metric: str) -> None:
        self.interrupt = Interrupt()
        self.history: list[Epoch] = []
        self.raised: Optional[BaseException] = None
        self._callback, self._metric = callback, metric
        self._bar = Bar(wanted)
        self.progress = hook("tamis_progress", self.told)
        self.stop = self.interrupt.stop(2)

    def told(self, address: int) -> int:
        try:
            told = types["tamis_epoch"].from_address(address)
            epoch = Epoch(*(getattr(told, name) for name in Epoch._fields))
            self.history.append(epoch)
            best = f", {self._metric} {epoch.best_validation:.4f} (epoch {epoch.best_epoch})" if epoch.best_epoch else ""
            self._bar.show(epoch.epoch, epoch.epochs, f"loss {epoch.loss:.4f}{best}")
            return int(bool(self._callback and self._callback(epoch)) or self.interrupt.count > 0)
        except BaseException as error:  # handed on when C has returned
            self.raised = error
            return 1

    def __enter__(self) -> Training:
        self.interrupt.__enter__()
        return self

    def __exit__(self, *_: Any) -> None:
        self.interrupt.__exit__()
        self._bar.close()
        if self.raised is not None:
            raised, self.raised = self.raised, None
            raise raised


def study(run: Callable[[Any], None], wanted: Optional[bool]) -> None:
    """Runs run(progress), a study, in a thread, while this one waits and takes Ctrl-C. What it has finished stays in its
    directory."""
    bar, failed, entered = Bar(wanted), [], Interrupt()

    def told(address: Optional[int]) -> int:
        try:
            if address:
                step = types["tamis_study_step"].from_address(address)
                bar.show(step.done, step.cells, (step.phase or b"").decode())
        except Exception as error:
            failed.append(error)
        return int(bool(failed) or entered.count > 0)

    def work() -> None:
        try:
            run(ctypes.byref(progress))
        except Exception as error:
            failed.append(error)

    progress = hook("tamis_study_progress", told)
    with entered:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    bar.close()
    entered.raised()
    if failed:
        raise failed[0]
