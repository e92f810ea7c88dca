"""Python and the command line come to the same bits."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tamis
from conftest import program

EPOCHS = 3


def options_of(method: str) -> dict[str, Any]:
    kind = getattr(tamis, method.replace("-", "_").upper())
    return {name: value for name, value in (("epochs", EPOCHS), ("factors", 8)) if name in kind.options and takes(method)}


def takes(method: str) -> bool:
    return method not in ("pop", "itemknn", "ease")


@pytest.mark.parametrize("method", tamis.methods())
def test_model_files_are_the_same(method: str, drawn: Path, tmp_path: Path, train: tamis.Log) -> None:
    options = options_of(method)
    words = [f"--{name}={value}" for name, value in options.items()]
    program("train", drawn / "train.csv", "--method", method, *words, "-o", tmp_path / "program", "--quiet")
    getattr(tamis, method.replace("-", "_").upper())(**options).fit(train).save(tmp_path / "python")
    assert (tmp_path / "python").read_bytes() == (tmp_path / "program").read_bytes()


@pytest.mark.parametrize("method", tamis.methods())
def test_a_matrix_comes_to_the_same_numbers_as_its_file(method: str, train: tamis.Log) -> None:
    kind = getattr(tamis, method.replace("-", "_").upper())(**options_of(method))
    of_file, of_matrix = kind.fit(train), kind.clone().fit(train.to_csr())
    one, other = of_file.recommend(n=5), of_matrix.recommend(n=5)
    np.testing.assert_array_equal(one.scores, other.scores)
    np.testing.assert_array_equal(one.items, np.asarray(train.item_ids)[other.items])


def test_recommendations(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    rows = list(csv.DictReader(io.StringIO(program("recommend", tmp_path / "m", "-k", 4, "--quiet"))))
    items, scores = model.recommend(n=4)
    assert [row["item_id"] for row in rows] == [str(item) for item in items.ravel()]
    assert [np.float32(row["score"]) for row in rows] == list(scores.ravel())


def test_similar(model: Any, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    item = model.item_ids[7]
    rows = list(csv.DictReader(io.StringIO(program("similar", tmp_path / "m", item, "-k", 5))))
    items, scores = model.similar_items(item, 5)
    assert [row["item_id"] for row in rows] == [str(one) for one in items]
    assert [np.float32(row["score"]) for row in rows] == list(scores)


def test_evaluation(model: Any, drawn: Path, test_log: tamis.Log, tmp_path: Path) -> None:
    model.save(tmp_path / "m")
    told = json.loads(program("evaluate", tmp_path / "m", drawn / "test.csv", "--json", "--quiet"))
    figures = told["metrics"]
    found = model.evaluate(test_log)
    assert len(found) == 19
    for name, mean in found.items():
        assert figures[name] == pytest.approx(mean, abs=1e-12), name


def test_splits_and_noise(drawn: Path, train: tamis.Log, tmp_path: Path) -> None:
    program("split", drawn / "train.csv", "--test-ratio", 0.3, "--validation-ratio", 0.1, "-o", tmp_path / "parts", "--quiet")
    for name, part in tamis.split(train, test_ratio=0.3, validation_ratio=0.1)._asdict().items():
        part.to_csv(tmp_path / "python.csv")
        assert (tmp_path / "python.csv").read_bytes() == (tmp_path / "parts" / f"{name}.csv").read_bytes()
    program("noise", drawn / "train.csv", "--uniform", 0.5, "-o", tmp_path / "noisy.csv", "--quiet")
    tamis.noise(train, uniform=0.5).log.to_csv(tmp_path / "python.csv")
    assert (tmp_path / "python.csv").read_bytes() == (tmp_path / "noisy.csv").read_bytes()


def test_validation(drawn: Path, train: tamis.Log, test_log: tamis.Log, tmp_path: Path) -> None:
    program("train", drawn / "train.csv", "--validation", drawn / "test.csv", "--epochs", 8, "-o", tmp_path / "m", "--quiet")
    model = tamis.BPR(epochs=8).fit(train, validation=test_log)
    model.save(tmp_path / "python")
    assert (tmp_path / "python").read_bytes() == (tmp_path / "m").read_bytes()
    assert model.report_["kept_epoch"] == model.history_[-1].best_epoch
