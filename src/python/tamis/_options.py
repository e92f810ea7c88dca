"""The library's option tables: every option, its default, range and help are asked of the library, never written here."""

from __future__ import annotations

import ctypes
import inspect
import os
import textwrap
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Callable, Iterator, TypeVar

from . import _library
from ._library import constants, encoded, lib, spell, text, types
from .errors import UsageError

_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Option:
    """One option as Python has it: learning_rate is the command line's --learning-rate."""

    name: str
    kind: int
    range: str
    unit: str
    help: str
    default: Any
    address: int

    def words(self) -> str:
        """What it may hold, for documentation."""
        if self.kind == constants["TAMIS_OPTION_FLAG"]:
            return "bool"
        if self.kind == constants["TAMIS_OPTION_CHOICE"]:
            return "{" + ", ".join(repr(word) for word in self.range.split("|")) + "}"
        noun = {constants["TAMIS_OPTION_REAL"]: "float", constants["TAMIS_OPTION_TEXT"]: "str"}.get(self.kind, "int")
        if self.range.startswith(("[", "(")):
            noun += f" in {self.range}"
        elif self.range:
            noun += f", {self.range}"
        return noun + (f", {self.unit}" if self.unit else "")


def _rows(table: int) -> Iterator[Any]:
    index = 0
    while address := lib.option_row(table, index):
        yield types["tamis_option"].from_address(address)
        index += 1


def tables(*names: str) -> list[int]:
    return [lib.option_find_table(name.encode()) for name in names]


def method_tables(method: str) -> list[int]:
    """The tables of training with a method; none where there is no such method."""
    found: list[int] = []
    while table := lib.train_option_table(method.encode(), len(found)):
        found.append(table)
    return found


def _value(kind: int, written: str) -> Any:
    """A value of the library's own text, as Python has it."""
    if kind == constants["TAMIS_OPTION_FLAG"]:
        return written == "1"
    if kind in (constants["TAMIS_OPTION_INTEGER"], constants["TAMIS_OPTION_SEED"]):
        return int(written)
    if kind == constants["TAMIS_OPTION_REAL"]:
        return written if written == "auto" else float(written) if written else None
    return written or None


def _written(option: Option, value: Any) -> str:
    """A value as text that the library reads."""
    if option.kind == constants["TAMIS_OPTION_FLAG"]:
        if value not in (0, 1):
            raise UsageError(f"{option.name}: {value!r} is neither True nor False")
        return str(int(value))
    if isinstance(value, Integral):
        return str(int(value))
    if isinstance(value, Real):
        return repr(float(value))
    if isinstance(value, os.PathLike):
        return os.fsdecode(value)
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)) and option.kind == constants["TAMIS_OPTION_TEXT"]:
        return ",".join(str(part) for part in value)
    raise UsageError(f"{option.name}: {value!r} is no value for an option ({option.words()})")


class Options:
    """A struct of options with the library's defaults, and what is set in it.

    kind names the struct: "log" is tamis_log_options. start are further arguments of its _init function, in front of
    the error.
    """

    def __init__(self, kind: str, found: list[int], *start: Any) -> None:
        self.struct = types[f"tamis_{kind}_options"]()
        size = ctypes.sizeof(self.struct)
        self._as_parameter_ = ctypes.byref(self.struct)
        if start:
            _library.call(f"{kind}_options_init", self, size, *start)
        else:
            getattr(lib, f"{kind}_options_init")(self, size)
        self._texts: dict[str, bytes] = {}
        self.rows = {option.name: option for option in map(self._option, (row for t in found for row in _rows(t)))}

    def _option(self, row: Any) -> Option:
        name = text(row.name).replace("-", "_")
        return Option(name, row.type, text(row.range), text(row.unit), spell(text(row.help)),
                      _value(row.type, self._text(ctypes.addressof(row))), ctypes.addressof(row))  # fmt: skip

    def _text(self, row: int) -> str:
        buffer = ctypes.create_string_buffer(4096)
        return text(lib.option_text(row, self, buffer, len(buffer)))

    def set(self, values: dict[str, Any]) -> Options:
        """None leaves the default. Raises what the library says of a value, or that there is no such option."""
        for name, value in values.items():
            option = self.rows.get(name)
            if option is None:
                raise UsageError(f'there is no option "{name}"{self._near(name)}')
            if value is not None:
                self._set(option, _written(option, value))
        return self

    def _set(self, option: Option, value: str) -> None:
        if "\0" in value:
            raise UsageError(f"{option.name}: the text holds a NUL character")
        self._texts[option.name] = encoded(value)  # the struct points to it
        _library.call("option_set", option.address, self, self._texts[option.name])

    def _near(self, name: str) -> str:
        import difflib

        near = difflib.get_close_matches(name, self.rows, 1)
        return f"; is it {near[0]}?" if near else f"; there are {', '.join(sorted(self.rows))}"

    def get(self, name: str) -> Any:
        option = self.rows[name]
        return _value(option.kind, self._text(option.address))


def describe(rows: dict[str, Option]) -> str:
    """The rows as a section of parameters in numpy's style."""
    lines = []
    for option in rows.values():
        default = "" if option.default is None else f", default {option.default!r}"
        lines.append(f"{option.name} : {option.words()}{default}")
        lines += textwrap.wrap(option.help, 100, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def signed(rows: dict[str, Option]) -> list[inspect.Parameter]:
    return [inspect.Parameter(row.name, inspect.Parameter.KEYWORD_ONLY, default=row.default) for row in rows.values()]


def takes(kind: str, *names: str) -> Callable[[_Function], _Function]:
    """For a function with **options: its signature and documentation name the options of these tables."""

    def decorate(function: _Function) -> _Function:
        plain = inspect.signature(function)
        own = [parameter for parameter in plain.parameters.values() if parameter.kind is not parameter.VAR_KEYWORD]
        rows = {name: row for name, row in Options(kind, tables(*names)).rows.items() if name not in plain.parameters}
        setattr(function, "__signature__", plain.replace(parameters=own + signed(rows)))
        function.__doc__ = inspect.cleandoc(function.__doc__ or "").replace("{options}", describe(rows))
        return function

    return decorate
