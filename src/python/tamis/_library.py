"""The shared library: found, loaded, called. A status that is not 0 becomes an exception."""

from __future__ import annotations

import ctypes
import os
import re
from pathlib import Path
from typing import Any, Optional

from . import errors
from ._header import Header

_HERE = Path(__file__).parent
_NAME = "libtamis.so.1"

header = Header((_HERE / "tamis.h").read_text(encoding="utf-8"))
types = header.types
constants = header.constants


def _load() -> ctypes.CDLL:
    """$TAMIS_LIBRARY, the library that came with the package, or the one that the system's loader finds."""
    beside = _HERE / _NAME
    return ctypes.CDLL(os.environ.get("TAMIS_LIBRARY") or (str(beside) if beside.exists() else _NAME))


class _Library:
    """The library's functions by their names without tamis_, each with the types that the header gives it."""

    def __init__(self) -> None:
        self._loaded = _load()

    def __getattr__(self, name: str) -> Any:
        if "tamis_" + name not in header.functions:
            raise AttributeError(f"tamis.h declares no function tamis_{name}")
        result, parameters = header.functions["tamis_" + name]
        function = getattr(self._loaded, "tamis_" + name)
        function.restype, function.argtypes = result, parameters
        setattr(self, name, function)
        return function


lib = _Library()

_EXCEPTIONS: dict[int, type[errors.Error]] = {
    constants["TAMIS_FAILURE"]: errors.FailureError,
    constants["TAMIS_USAGE"]: errors.UsageError,
    constants["TAMIS_DATA"]: errors.DataError,
    constants["TAMIS_DIVERGED"]: errors.DivergedError,
    constants["TAMIS_STOPPED"]: errors.StoppedError,
    constants["TAMIS_ELSEWHERE"]: errors.FailureError,
}


def text(value: Optional[bytes]) -> str:
    """Bytes of a file or an id as str; what is no UTF-8 survives there and back."""
    return (value or b"").decode("utf-8", "surrogateescape")


def encoded(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


def path_bytes(path: Any) -> bytes:
    name: bytes = os.fsencode(os.fspath(path))
    if b"\0" in name:
        raise errors.UsageError("a file's name holds a NUL character")
    if not name:
        raise errors.UsageError("a file's name is empty")
    return name


def call(name: str, *arguments: Any) -> None:
    """Calls a function that ends in tamis_error *error, without it; raises what it tells."""
    error = types["tamis_error"]()
    status = getattr(lib, name)(*arguments, ctypes.byref(error))
    if status:
        raise _EXCEPTIONS[status](spell(text(error.text)))


def spell(sentence: str) -> str:
    """A sentence of the library with its options as Python has them: learning_rate for --learning-rate."""
    return re.sub(r"--([a-z][a-z0-9-]*[a-z0-9])", lambda found: found[1].replace("-", "_"), sentence)


class Handle:
    """One object of the library, freed with the last that holds it. ctypes takes it where a pointer is wanted."""

    __slots__ = ("_as_parameter_", "_free")

    def __init__(self, kind: str, address: Optional[int]) -> None:
        self._as_parameter_ = address
        self._free = getattr(lib, kind + "_free")

    def given_away(self) -> Optional[int]:
        """The object's address, for a function that frees it."""
        address, self._as_parameter_ = self._as_parameter_, None
        return address

    def __del__(self) -> None:
        self._free(self._as_parameter_)


def made(kind: str, name: str, *arguments: Any) -> Handle:
    """Calls a function whose out-pointer stands just before its error, and takes what it gives."""
    out = ctypes.c_void_p()
    call(name, *arguments, ctypes.byref(out))
    return Handle(kind, out.value)


def notes(model: Handle) -> dict[str, str]:
    """How a model was made."""
    value = ctypes.c_char_p()
    found: dict[str, str] = {}
    while name := lib.model_note(model, len(found), ctypes.byref(value)):
        found[text(name)] = text(value.value)
    return found


def version() -> str:
    return text(lib.version())
