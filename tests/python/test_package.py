"""The package itself: what may import what, types, documentation that is true, the header it reads."""

from __future__ import annotations

import ast
import ctypes
import doctest
import importlib
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator

import numpy as np
import pytest
import tamis
from conftest import TOP
from tamis._library import header, lib
from tamis._options import Options, tables

PACKAGE = TOP / "src" / "python" / "tamis"
MODULES = sorted(PACKAGE.glob("*.py"))


def imports(tree: ast.AST, top_only: bool) -> Iterator[tuple[int, str]]:
    nodes = tree.body if top_only else ast.walk(tree)  # type: ignore[attr-defined]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level and not node.module:
            yield from ((1, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_room(path: Path) -> None:
    """It stands above the C API as the command line does: of tamis it sees the header alone. numpy is all that it needs;
    what it can do without is imported where it is used."""
    tree = ast.parse(path.read_text())
    needed = {name.split(".")[0] for level, name in imports(tree, True) if not level}
    assert needed <= set(sys.stdlib_module_names) | {"numpy"}
    used = {name.split(".")[0] for level, name in imports(tree, False) if not level}
    assert used <= set(sys.stdlib_module_names) | {"numpy", "scipy", "pandas", "tqdm", "IPython"}
    assert len(path.read_text().splitlines()) < 400
    assert f"src/python/tamis/{path.name}" in (TOP / "Makefile.am").read_text()
    assert path.read_text().startswith('"""'), "a file opens with what it does"


def test_modules_make_no_circle() -> None:
    from graphlib import TopologicalSorter

    graph = {path.stem: {name.split(".")[0] for level, name in imports(ast.parse(path.read_text()), True) if level}
             for path in MODULES}  # fmt: skip
    assert list(TopologicalSorter(graph).static_order())


def test_options_stand_nowhere_twice() -> None:
    """What an option may hold, its default and its help are the library's; so no help of an option is in a file."""
    text = re.sub(r"\s+", " ", " ".join(path.read_text() for path in MODULES))
    for name in ("log", "split", "noise", "evaluate", "audit", "robustness"):
        for option in Options(name, tables(name)).rows.values():
            assert len(option.help) < 25 or option.help not in text, option.name


def test_help_shows_the_options() -> None:
    for function, name in ((tamis.read_csv, "log"), (tamis.split, "split"), (tamis.noise, "noise"), (tamis.audit, "audit"),
                           (tamis.robustness, "robustness"), (tamis.Model.evaluate, "evaluate")):  # fmt: skip
        told, signature = inspect.getdoc(function) or "", inspect.signature(function)
        for option in Options(name, tables(name)).rows.values():
            assert option.name in signature.parameters and option.name in told
            assert "{options}" not in told


@pytest.mark.parametrize("method", tamis.methods())
def test_help_of_methods(method: str) -> None:
    kind = getattr(tamis, method.replace("-", "_").upper())
    program = subprocess.run([os.environ["TAMIS"], "methods", method], capture_output=True, text=True, check=True).stdout
    words = re.sub(r"\s+", " ", kind.__doc__)
    assert set(inspect.signature(kind).parameters) == set(kind.options) == set(kind().get_params())
    for name, option in kind.options.items():
        assert f"{name} : " in kind.__doc__ and option.help in words
    assert any(sentence and sentence in re.sub(r"\s+", " ", program) for sentence in words.split(". "))


def test_the_header_is_read_as_the_compiler_reads_it(tmp_path: Path) -> None:
    """Every struct has the size, and every constant the value, that C gives it."""
    structs = {name: kind for name, kind in header.types.items() if inspect.isclass(kind) and hasattr(kind, "_fields_")}
    lines = [f'printf("{name} %zu\\n", sizeof({name}));' for name in structs]
    lines += [f'printf("{name}.{field} %zu\\n", offsetof({name}, {field}));' for name, kind in structs.items() for field, _ in kind._fields_]
    lines += [f'printf("{name} %lld\\n", (long long){name});' for name in header.constants]
    (tmp_path / "sizes.c").write_text('#include "tamis.h"\n#include <stdio.h>\nint main(void)\n{\n' + "\n".join(lines) + "\nreturn 0;\n}\n")
    compiler = os.environ.get("CC", "cc").split()
    subprocess.run([*compiler, "-w", f"-I{TOP}/include", tmp_path / "sizes.c", "-o", tmp_path / "sizes"], check=True)
    told = dict(line.split() for line in subprocess.check_output([tmp_path / "sizes"], text=True).splitlines())
    assert len(structs) > 30 and len(told) == len(lines)
    for name, kind in structs.items():
        assert ctypes.sizeof(kind) == int(told[name]), name
        for field, _ in kind._fields_:
            assert getattr(kind, field).offset == int(told[f"{name}.{field}"]), (name, field)
    for name, value in header.constants.items():
        assert value == int(told[name]), name


def test_every_function_of_the_header_is_there() -> None:
    declared = re.findall(r"(tamis_\w+)\(", " ".join(re.findall(r"^TAMIS_API [^;]*;", (TOP / "include/tamis.h").read_text(), re.M)))
    assert set(header.functions) == set(declared) and len(header.functions) > 100
    for name in header.functions:
        assert getattr(lib, name[len("tamis_") :])


def test_types() -> None:
    mypy = [sys.executable, "-m", "mypy", "--strict", "--ignore-missing-imports", f"--cache-dir={os.devnull}"]
    if subprocess.run([*mypy, "--version"], capture_output=True).returncode:
        message = "mypy is not there (apt-get install mypy)"
        pytest.fail(message) if os.environ.get("TAMIS_NEEDS_PYTHON") else pytest.skip(message)
    told = subprocess.run([*mypy, "tamis"], capture_output=True, text=True, cwd=PACKAGE.parent)
    assert told.returncode == 0, told.stdout


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_examples_in_documentation(path: Path) -> None:
    module = importlib.import_module("tamis" if path.stem == "__init__" else f"tamis.{path.stem}")
    finder = doctest.DocTestFinder()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    for test in finder.find(module):
        runner.run(test)
    assert not runner.failures


def test_public_things_are_documented() -> None:
    for name in tamis.__all__:
        thing = getattr(tamis, name)
        assert inspect.getdoc(thing), name
        if inspect.isclass(thing) and thing.__module__.startswith("tamis"):
            for method, what in vars(thing).items():
                if not method.startswith("_") and callable(what):
                    assert inspect.getdoc(what), f"{name}.{method}"


def test_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = re.search(r"```python\n(.*?)```", (TOP / "README.md").read_text(), re.S)
    assert code is not None
    random = np.random.default_rng(1)
    users = [name for name in ["ann", "bob", *(f"user-{k}" for k in range(40))] for _ in range(20)]
    items = [f"item-{k}" for k in random.integers(0, 60, len(users))]
    monkeypatch.chdir(tmp_path)
    tamis.Log((users, items)).to_csv("clicks.csv.gz")
    exec(code[1], {})
    assert (tmp_path / "clicks.tamis").exists()
