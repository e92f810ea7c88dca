"""The public C header, read: its enums, structs and functions become ctypes.

tamis.h lies beside this file and is the only place where the library's interface is written down. It is plain and
regular C, so that what follows reads it all; a declaration that it does not understand is an error, not a gap.

Pointers are addresses (c_void_p), which ctypes fills from arrays, byref() and None; `const char *` is bytes (c_char_p)
unless a length goes with it, since such text is not closed by NUL.
"""

from __future__ import annotations

import ctypes
import re
from typing import Any

_SCALARS: dict[str, Any] = {
    "void": None, "char": ctypes.c_char, "signed char": ctypes.c_byte, "unsigned char": ctypes.c_ubyte,
    "int": ctypes.c_int, "float": ctypes.c_float, "double": ctypes.c_double, "size_t": ctypes.c_size_t,
    "uint8_t": ctypes.c_uint8, "int32_t": ctypes.c_int32, "int64_t": ctypes.c_int64, "uint64_t": ctypes.c_uint64,
}  # fmt: skip
_DECLARATION = re.compile(
    r"typedef (?P<kind>enum|struct|union) \w+ \{(?P<body>[^}]*)\} (?P<name>\w+);"
    r"|enum \{(?P<constants>[^}]*)\};"
    r"|typedef struct \w+ (?P<opaque>\w+);"
    r"|TAMIS_API (?P<returns>[\w ]+?[ *]+)(?P<function>tamis_\w+)\((?P<parameters>[^;]*)\);"
)
_CALLBACK = re.compile(r"(?P<returns>[\w ]+?[ *]+)\(\*(?P<name>\w+)\)\((?P<parameters>.*)\)$")
_DECLARATOR = re.compile(r"(?P<stars>(?:\*|const )*)(?P<name>\w+)(?P<dimensions>(?:\[\w+\])*)$")


def _enumerators(body: str) -> dict[str, int]:
    values: dict[str, int] = {}
    for entry in filter(None, (part.strip() for part in body.split(","))):
        name, _, value = entry.partition("=")
        values[name.strip()] = int(value, 0) if value else max(values.values(), default=-1) + 1
    return values


class Header:
    """What a header declares: constants, types by name, and functions as (result, parameters)."""

    def __init__(self, text: str) -> None:
        self.constants: dict[str, int] = {}
        self.types: dict[str, Any] = {}
        self.functions: dict[str, tuple[Any, list[Any]]] = {}
        for name, value in re.findall(r"^#define (TAMIS_\w+) (\d+)$", text, re.M):
            self.constants[name] = int(value)
        text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
        text = re.sub(r"^ *#(?:[^\n]*\\\n)*[^\n]*$", " ", text, flags=re.M)  # preprocessor lines, continued ones too
        text = re.sub(r"\s+", " ", text)
        start = text.index("typedef")
        self._read(text[start : text.rindex(";") + 1])

    def _read(self, text: str) -> None:
        position = 0
        while position < len(text):
            found = _DECLARATION.match(text, position)
            if not found:
                raise ValueError(f"tamis.h: not understood: {text[position:position + 80]}")
            self._declare(found)
            position = found.end() + (text[found.end() : found.end() + 1] == " ")

    def _declare(self, found: re.Match[str]) -> None:
        if found["opaque"]:
            self.types[found["opaque"]] = None
        elif found["function"]:
            parameters = found["parameters"]
            returns = self._type(found["returns"].strip())
            if returns is ctypes.c_char_p and re.search(r"size_t \*length", parameters):
                returns = ctypes.c_void_p
            self.functions[found["function"]] = (returns, self._parameters(parameters))
        elif found["constants"] or found["kind"] == "enum":
            self.constants.update(_enumerators(found["constants"] or found["body"]))
            if found["name"]:
                self.types[found["name"]] = ctypes.c_int
        else:
            base = ctypes.Structure if found["kind"] == "struct" else ctypes.Union
            self.types[found["name"]] = type(found["name"], (base,), {"_fields_": self._fields(found["body"])})

    def _parameters(self, text: str) -> list[Any]:
        if text == "void":
            return []
        return [self._field(part.strip())[0][1] for part in text.split(",")]

    def _fields(self, body: str) -> list[tuple[str, Any]]:
        members: list[tuple[str, Any]] = []
        for declaration in filter(None, (part.strip() for part in body.split(";"))):
            callback = _CALLBACK.match(declaration)
            if callback:
                result = self._type(callback["returns"].strip())
                kind = ctypes.CFUNCTYPE(result, *self._parameters(callback["parameters"]))
                members.append((callback["name"], kind))
            else:
                members += self._field(declaration)
        return members

    def _field(self, declaration: str) -> list[tuple[str, Any]]:
        """`const char *user, *item` or `char column[4][64]`: names and types."""
        first, *others = (part.strip() for part in declaration.split(","))
        found = re.match(r"(?P<base>(?:const |struct |signed |unsigned )*\w+) ?(?P<rest>.*)$", first)
        if not found:
            raise ValueError(f"tamis.h: not understood: {declaration}")
        fields = []
        for part in [found["rest"], *others]:
            declarator = _DECLARATOR.match(part)
            if not declarator:
                raise ValueError(f"tamis.h: not understood: {declaration}")
            kind = self._type(f"{found['base']} {declarator['stars']}")
            for size in reversed(re.findall(r"\w+", declarator["dimensions"])):
                kind = kind * (int(size) if size.isdigit() else self.constants[size])
            fields.append((declarator["name"], kind))
        return fields

    def _type(self, text: str) -> Any:
        stars = text.count("*")
        base = re.sub(r"\*|\b(?:const|struct)\b", " ", text).strip()
        base = re.sub(r"\s+", " ", base)
        if stars:
            return ctypes.c_char_p if stars == 1 and text.startswith("const char ") else ctypes.c_void_p
        return _SCALARS[base] if base in _SCALARS else self.types[base]
