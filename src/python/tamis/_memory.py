"""The library's memory as numpy arrays, arrays as the library's pointers; whose line of code a warning is about."""

from __future__ import annotations

import sys
from typing import Any, Optional

import numpy as np

Array = np.ndarray[Any, Any]


def outside() -> int:
    """How many calls up the caller of this package is, for warnings."""
    depth, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").split(".")[0] == __name__.split(".")[0]:
        depth, frame = depth + 1, frame.f_back
    return depth


def view(address: int, shape: tuple[int, ...], kind: Any, owner: Any, strides: Optional[tuple[int, ...]] = None) -> Array:
    """Memory of the library as a read-only array, which keeps its owner."""

    class _Memory:
        __array_interface__ = {"data": (address or 1, True), "shape": shape, "typestr": np.dtype(kind).str,
                               "strides": strides, "version": 3}  # fmt: skip

        def __init__(self) -> None:
            self.owner = owner

    return np.asarray(_Memory())


def pointer(array: Optional[Array]) -> Optional[int]:
    return None if array is None else array.ctypes.data
