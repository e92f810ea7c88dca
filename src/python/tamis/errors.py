"""Exceptions: what the library's statuses become. The sentence is the library's own: what, where, what to do."""

from __future__ import annotations

import re
from typing import Optional


class Error(Exception):
    """Whatever the library could not do."""


class FailureError(Error, OSError):
    """Memory, or a file that cannot be read or written."""

    def __str__(self) -> str:
        return str(self.args[0])


class UsageError(Error, ValueError):
    """An option or argument that is out of range or does not fit the others."""


class DataError(Error, ValueError):
    """What a log or a file holds is wrong.

    Attributes
    ----------
    file : str or None
    line, column : int or None
        Where, counted from 1; columns count fields.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.file: Optional[str] = None
        self.line: Optional[int] = None
        self.column: Optional[int] = None
        place = re.match(r"(?P<file>[^:]+(?::[^:\d][^:]*)*):(?P<line>\d+)(?::(?P<column>\d+))?:", sentence)
        if place:
            self.file, self.line = place["file"], int(place["line"])
            self.column = int(place["column"]) if place["column"] else None


class DivergedError(Error, ArithmeticError):
    """Training ran into numbers that are not finite."""


class StoppedError(Error):
    """A callback stopped the work before there was anything to keep."""


class DataWarning(UserWarning):
    """Something about a log that is not wrong, but hardly meant."""
