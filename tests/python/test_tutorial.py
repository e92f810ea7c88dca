"""The tutorial runs from its first cell to its last, and does what other libraries' quick starts do in no more lines."""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import tamis
from conftest import TOP

CELLS = json.loads((TOP / "src/python/tutorial.ipynb").read_text())["cells"]


def ratings(place: Path) -> None:
    """MovieLens 100K where it is there, else a log of the same look."""
    real = Path(os.environ.get("TAMIS_DATASETS", "/nowhere"), "ml-100k", "ratings.csv")
    if real.exists():
        (place / "ratings.csv").symlink_to(real)
        return
    log = tamis.read_csv(TOP / "data" / "sample.csv.gz").to_frame()
    random = np.random.default_rng(1)
    log["rating"], log["timestamp"] = random.integers(3, 6, len(log)), random.integers(10**9, size=len(log))
    log[log["user_id"].isin(log["user_id"].unique()[:900])].to_csv(place / "ratings.csv", index=False)


def run(source: str, names: dict[str, Any]) -> Any:
    """A cell's code; gives the value of its last line, which a notebook shows."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "tutorial", "exec"), names)
    return eval(compile(ast.Expression(last.value), "tutorial", "eval"), names) if isinstance(last, ast.Expr) else None


def test_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    ratings(tmp_path)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    shown = [run("".join(cell["source"]), names) for cell in CELLS if cell["cell_type"] == "code"]
    assert isinstance(shown[0], tamis.Log) and isinstance(names["study"], pandas.DataFrame)
    assert set(names["study"]["method"]) == {"bpr", "ials"}
    assert all(repr(value) for value in shown)
    assert "is recommended" in capsys.readouterr().out


def test_it_is_stored_without_outputs() -> None:
    for cell in CELLS:
        assert cell["cell_type"] == "markdown" or (cell["outputs"] == [] and cell["execution_count"] is None)


def test_as_few_lines_as_others() -> None:
    """lines of a cell: how many lines of code the other library's own text takes for the task."""
    tasks = [cell for cell in CELLS if "task" in cell["metadata"]]
    assert {cell["metadata"]["task"].split(",")[0] for cell in tasks} == {"implicit", "LightFM"}
    for cell in tasks:
        code = [line for line in "".join(cell["source"]).splitlines() if line.strip() and not line.strip().startswith("#")]
        assert len(code) <= cell["metadata"]["lines"]
