"""tamis trains recommenders on noisy implicit feedback.

    import tamis
    train, validation, test = tamis.split("clicks.csv.gz", validation_ratio=0.1)
    model = tamis.WARP(factors=64).fit(train, validation=validation)
    model.evaluate(test, ["ndcg@20", "recall@20"], mask=[validation])
    items, scores = model.recommend(["ann", "bob"], n=10)

There is a class for each method, named like it in capitals: tamis.BPR, tamis.WARP, tamis.IALS, tamis.SOFTMAX, ...;
tamis.methods() lists them, and help(tamis.BPR) says what each does, when to use it, and its options.
"""

from __future__ import annotations

from ._classes import class_names as _class_names, class_of as _class_of, load, methods
from ._library import version as _version
from ._progress import Epoch
from ._recommend import Recommendations
from .errors import DataError, DataWarning, DivergedError, Error, FailureError, StoppedError, UsageError
from .evaluation import Evaluation, compare, metrics
from .log import Log, Noisy, Split, noise, read_csv, split
from .model import Model
from .studies import Audit, audit, robustness, synth

__version__ = _version()
__all__ = [
    "Audit", "DataError", "DataWarning", "DivergedError", "Epoch", "Error", "Evaluation", "FailureError", "Log", "Model",
    "Noisy", "Recommendations", "Split", "StoppedError", "UsageError", "audit", "compare", "load", "methods", "metrics",
    "noise", "read_csv", "robustness", "split", "synth",
]  # fmt: skip


def __getattr__(name: str) -> type[Model]:
    method = _class_names().get(name)
    if method is None:
        raise AttributeError(f"module 'tamis' has no attribute {name!r}; its methods are {', '.join(_class_names())}")
    return _class_of(method)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__", *_class_names()])
