"""Studies: the noise study, the audit; Ctrl-C in them."""

from __future__ import annotations

import csv
import os
import signal
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tamis

SMALL: dict[str, Any] = {"methods": ["bpr", "pop"], "ratios": [0, 0.5], "seeds": 3, "trials": 1, "epochs": 2, "factors": 4}


def test_robustness(train: tamis.Log, tmp_path: Path) -> None:
    frame = tamis.robustness(train, tmp_path / "study", **SMALL)
    assert set(frame["method"]) == {"bpr", "pop"} and set(frame["ratio"]) == {0, 0.5} and len(frame) >= 8
    with open(tmp_path / "study" / "results.csv") as file:
        values = [float(row["value"]) for row in csv.DictReader(file)
                  if row["method"] == "pop" and row["metric"] == "ndcg@20" and float(row["ratio"]) == 0.5]  # fmt: skip
    row = frame[(frame["method"] == "pop") & (frame["metric"] == "ndcg@20") & (frame["ratio"] == 0.5)].iloc[0]
    assert len(values) == 3 and row["mean"] == pytest.approx(np.mean(values), abs=1e-6)
    assert frame.attrs["verdict"] in frame.attrs["report"] and "<svg" in frame.attrs["report"]
    again = tamis.robustness(train, tmp_path / "study", **SMALL)
    assert again.equals(frame)
    with pytest.raises(tamis.UsageError, match="ratios"):
        tamis.robustness(train, ratios=[-1])


def test_a_notebook_shows_the_plot(train: tamis.Log, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setitem(sys.modules, "ipykernel", types.ModuleType("ipykernel"))
    display = types.SimpleNamespace(HTML=str, display=shown.append)
    monkeypatch.setitem(sys.modules, "IPython", types.ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", display)  # type: ignore[arg-type]
    tamis.robustness(train, show_progress=False, **{**SMALL, "seeds": 1})
    assert len(shown) == 1 and "&lt;svg" in shown[0]


def test_robustness_without_pandas(train: tamis.Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    rows = tamis.robustness(train, **{**SMALL, "seeds": 1})
    assert isinstance(rows, list) and rows[0].keys() >= {"method", "metric", "ratio", "mean"}


def test_ctrl_c_ends_a_study(train: tamis.Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tamis._progress

    monkeypatch.setattr(tamis._progress.Bar, "show", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):
        tamis.robustness(train, tmp_path / "study", **SMALL)
    monkeypatch.undo()
    assert len(tamis.robustness(train, tmp_path / "study", **SMALL)) >= 8


def test_audit(train: tamis.Log, drawn: Path) -> None:
    found = tamis.audit(train, folds=3)
    assert len(found) == len(train) and (np.diff(found.suspicion) <= 0).all()
    noise = tamis.read_csv(drawn / "noise.csv")
    wrong = set(zip(noise.user_ids[noise.users].tolist(), noise.item_ids[noise.items].tolist()))
    is_noise = np.array([pair in wrong for pair in zip(found.users.tolist(), found.items.tolist())])
    assert is_noise.sum() == len(wrong)
    assert is_noise[: len(found) // 2].mean() > is_noise[len(found) // 2 :].mean()
    assert 0 <= found.bound["share"] <= 1
    assert found.removable(0.0) == 0 and len(found.clean(10)) == len(train) - 10
    assert found.to_frame().columns.tolist() == ["user_id", "item_id", "suspicion"]
