"""A class for each method, made of the library's own tables: tamis.BPR is method "bpr", tamis.ROBUST_BPR "robust-bpr"."""

from __future__ import annotations

import ctypes
import functools
import inspect
import textwrap

from ._library import call, lib, made, notes, path_bytes, spell, text, types
from ._options import Options, _value, describe, method_tables, signed
from .errors import UsageError
from .log import Path
from .model import Model

__all__ = ["class_of", "load", "methods"]


def methods() -> list[str]:
    """The names of all methods.

    >>> import tamis
    >>> "bpr" in tamis.methods()
    True
    """
    names: list[str] = []
    while name := lib.method_list(len(names), None, None):
        names.append(text(name))
    return names


def class_names() -> dict[str, str]:
    """The classes' names and their methods'."""
    return {method.replace("-", "_").upper(): method for method in methods()}


@functools.lru_cache(maxsize=None)
def class_of(method: str) -> type[Model]:
    """The class of a method's name, such as "bpr"."""
    page = types["tamis_method_page"]()
    call("method_describe", method.encode(), ctypes.byref(page))
    rows = Options("train", method_tables(method), method.encode()).rows
    del rows["method"]
    name = method.replace("-", "_").upper()
    words = [spell(text(getattr(page, part))) for part in ("help", "noise", "use", "cost", "source")]
    what, noise, use, cost, source = words
    paragraphs = [f"{what[:1].upper()}{what[1:]}.", noise, use, f"Cost: {cost}" if cost else "", f"Source: {source}"]
    about = "\n\n".join(textwrap.fill(paragraph, 110) for paragraph in paragraphs if paragraph)
    made_class = type(name, (Model,), {"method": method, "options": rows, "__module__": "tamis",
                                       "__doc__": f"{about}\n\nParameters\n----------\n{describe(rows)}\n"})  # fmt: skip
    setattr(made_class, "__signature__", inspect.Signature(signed(rows)))
    return made_class


def load(path: Path, copy: bool = False) -> Model:
    """Reads a model file, written by save() or by the command line.

    Parameters
    ----------
    path : str or path
    copy : bool
        Read it into memory; else it is mapped, and must be replaced by renaming, not written over, while it is in use.

    Returns
    -------
    Model
        Of the class of its method, with the options that it was trained with.
    """
    handle = made("model", "model_load_copy" if copy else "model_load", path_bytes(path))
    noted = notes(handle)
    method = noted.get("method", "")
    if method not in methods():
        raise UsageError(f'{path} is a model of the method "{method}", which this version does not have')
    kind = class_of(method)
    given = {}
    for name, option in kind.options.items():
        written = noted.get(name.replace("_", "-"))
        if written is not None and _value(option.kind, written) != option.default:
            given[name] = _value(option.kind, written)
    model = kind(**given)
    model._take(handle)
    return model
