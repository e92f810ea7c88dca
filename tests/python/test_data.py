"""What a log can be made of, and what is refused: a wrong input is an exception with a sentence, never a crash."""

from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest
import scipy.sparse
import tamis

USERS, ITEMS = ["ann", "bob", "ann", "cay", "bob"], ["tea", "tea", "rye", "oat", "rye"]


def pairs(log: tamis.Log) -> list[tuple[Any, Any]]:
    return sorted(zip(log.user_ids[log.users].tolist(), log.item_ids[log.items].tolist()))


EXPECTED = sorted(zip(USERS, ITEMS))


@pytest.mark.parametrize("data", [
    pandas.DataFrame({"userId": USERS, "movieId": ITEMS}),
    pandas.DataFrame({"movie": ["x"] * 5, "movie_id": ITEMS, "user": USERS}),
    (USERS, ITEMS),
    (np.array(USERS), np.array(ITEMS)),
    (pandas.Series(USERS), pandas.Series(ITEMS, dtype="category")),
    (np.array(USERS, object), [item.encode() for item in ITEMS]),
    np.array(list(zip(USERS, ITEMS)), [("user_id", "U9"), ("item_id", "U9")]),
])  # fmt: skip
def test_pairs_of_ids(data: Any) -> None:
    log = tamis.Log(data)
    assert log.shape == (3, 3) and len(log) == 5
    assert log.user_ids.tolist() == ["ann", "bob", "cay"] and log.item_ids.tolist() == ["tea", "rye", "oat"]
    assert pairs(log) == EXPECTED


@pytest.mark.parametrize("kind", [np.int8, np.int64, np.uint16, np.float32, object, str])
def test_ids_that_are_numbers(kind: Any) -> None:
    users, items = np.array([7, 3, 7]), np.array([5, 5, 1])
    log = tamis.Log((users.astype(kind), items.astype(kind)))
    if kind is np.float32:
        assert log.user_ids.tolist() == ["7.0", "3.0"]
    else:
        assert log.user_ids.tolist() == [7, 3] and log.item_ids.tolist() == [5, 1]
        model = tamis.POP().fit(log)
        assert model.recommend("3", 1).items.tolist() == model.recommend([3], 1).items[0].tolist() == [1]
        assert model.recommend(np.array([3], np.uint8), 1).items.tolist() == [[1]]


def test_table_as_its_file(tmp_path: Path) -> None:
    table = pandas.DataFrame({"user": USERS, "item": ITEMS, "rating": [5, 4, np.nan, 1, 2],
                              "timestamp": pandas.to_datetime([3, 1, 2, 5, 4], unit="D")})  # fmt: skip
    table.to_csv(tmp_path / "log.csv", index=False)
    tamis.Log(table).to_csv(tmp_path / "one.csv")
    tamis.read_csv(tmp_path / "log.csv").to_csv(tmp_path / "other.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "other.csv").read_bytes()
    later = tamis.split(table, last=1).test
    assert pairs(later) == [("ann", "tea"), ("bob", "rye")] or len(later) == 3
    back = tamis.Log(table).to_frame()
    assert list(back.columns) == ["user_id", "item_id", "rating"] and len(back) == 5


def test_columns_by_name() -> None:
    table = pandas.DataFrame({"who": USERS, "what": ITEMS, "times": [1, 2, 3, 4, 5]})
    log = tamis.Log(table, user="who", item="what", weights="times")
    assert pairs(log) == EXPECTED and log.weights is not None and sorted(log.weights.tolist()) == [1, 2, 3, 4, 5]
    with pytest.raises(tamis.DataError, match="user=..."):
        tamis.Log(table)
    with pytest.raises(tamis.DataError, match='no column "nobody".*who, what, times'):
        tamis.Log(table, user="nobody", item="what")


def test_relevance() -> None:
    judged = pandas.DataFrame({"user_id": [0, 0, 1], "item_id": [1, 2, 0], "judged": [1, 0, 1]})
    model = tamis.IALS(factors=2, epochs=1).fit(np.eye(3))
    counts = model.evaluate(tamis.Log(judged, relevance="judged"), ["ndcg@2"], candidates="listed").counts
    assert counts["rows"] == 2 and counts["candidate_rows"] == 3


def test_matrices() -> None:
    dense = np.array([[0, 2, 0], [1, 0, 0], [0, 0, 0]], np.float64)
    for form in (np.array, scipy.sparse.csr_matrix, scipy.sparse.coo_array, scipy.sparse.lil_matrix, scipy.sparse.dok_matrix):
        log = tamis.Log(form(dense), weights=True)
        assert (log.to_csr().toarray() == dense).all(), form
        assert log.user_ids.tolist() == [0, 1, 2] and log.shape == (3, 3)
    stored = scipy.sparse.csr_matrix(dense)
    stored.data[0] = 0
    assert len(tamis.Log(stored)) == 1 and stored.nnz == 2  # the caller's matrix stays as it was


def test_values_that_are_not_used_are_told() -> None:
    with pytest.warns(tamis.DataWarning, match="weights=True"):
        tamis.Log(np.array([[1, 2], [3, 0]]))


def test_lists_of_lists_are_matrices() -> None:
    assert tamis.Log([[0, 1], [1, 1]]).to_csr().toarray().tolist() == [[0, 1], [1, 1]]


def test_weights() -> None:
    ones = scipy.sparse.csr_matrix(np.ones((2, 3)))
    weights = ones.copy()
    weights.data[:] = [1, 2, 3, 4, 5, 6]
    for given in (weights, weights.data, weights.data.tolist()):
        log = tamis.Log(ones, given)
        assert log.weights is not None and log.weights.tolist() == [1, 2, 3, 4, 5, 6]
    assert tamis.Log((["a"], ["b"], [2.5])).to_csr().toarray().tolist() == [[2.5]]


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize("data, weights, sentence", [
    ([[1, -1]], None, "holds -1 in row 0, column 1"),
    ([[0, 1.0], [0, NAN]], None, "holds nan in row 1, column 1"),
    ([[0, INF]], None, "holds inf"),
    (np.zeros((3, 3)), None, "no interaction"),
    (np.zeros((0, 3)), None, ""),
    (np.ones((2, 2, 2)), None, "expected a matrix"),
    (np.array(["a", "b"]), None, "expected a matrix"),
    (np.array([["a", "b"]]), None, "expected numbers"),
    (scipy.sparse.eye(3, dtype=complex), None, "expected numbers"),
    (None, None, "expected a matrix"),
    (7, None, "expected a matrix"),
    ((["a"], ["b", "c"]), None, "1 users and 2 items"),
    ((["a"],), None, "expected numbers"),
    ((1, 2), None, "dimensions"),
    (([["a"]], ["b"]), None, "dimensions"),
    (([None], ["b"]), None, "row 0 .* has no user"),
    (([1.5, NAN], [1, 2]), None, "row 1 .* has no user"),
    ((pandas.Series(["a", None]), pandas.Series(["b", "c"])), None, "row 1 .* has no user"),
    (([""], ["b"]), None, "empty"),
    ((["a\0b"], ["b"]), None, "NUL"),
    (np.ones((2, 2)), [1, 2, 3], "3"),
    (np.ones((2, 2)), [1, 2, 3, 0], "above 0"),
    (np.ones((2, 2)), [1, 2, 3, NAN], "above 0"),
    (scipy.sparse.csr_matrix(np.ones((2, 2))), scipy.sparse.eye(2), "other entries"),
    ((["a"], ["b"], [1]), [1], "twice"),
    (pandas.DataFrame({"x": [1]}), None, "no column is known as the user's"),
    (pandas.DataFrame({"user": [1], "item": [1]}), "plays", 'no column "plays"'),
])  # fmt: skip
def test_refused(data: Any, weights: Any, sentence: str) -> None:
    with pytest.raises((tamis.UsageError, tamis.DataError), match=sentence) as told:
        tamis.Log(np.array(data) if type(data) is list else data, weights)
    assert isinstance(told.value, ValueError)


def test_place_of_a_bad_row(tmp_path: Path) -> None:
    path = tmp_path / "clicks.csv"
    path.write_text("user,item,rating\na,b,4\na,c,good\n")
    with pytest.raises(tamis.DataError, match='rating "good" is not a number') as told:
        tamis.read_csv(path, min_rating=4)
    assert (told.value.file, told.value.line, told.value.column) == (str(path), 3, 3)
    assert "on_error skip" in str(told.value) and "--" not in str(told.value)
    assert len(tamis.read_csv(path, min_rating=4, on_error="skip")) == 1
    with pytest.raises(tamis.FailureError, match="nowhere.csv") as failed:
        tamis.read_csv(tmp_path / "nowhere.csv")
    assert isinstance(failed.value, OSError)


def test_reading(tmp_path: Path) -> None:
    for name, text in (("a.csv.gz", "u,i\n1,2\n1,3\n"), ("b.csv.gz", "u,i\n2,2\n")):
        with gzip.open(tmp_path / name, "wt") as file:
            file.write(text)
    log = tamis.read_csv([tmp_path / "a.csv.gz", str(tmp_path / "b.csv.gz")])
    assert pairs(log) == [(1, 2), (1, 3), (2, 2)]
    assert log.summary["rows"] == 3 and log.summary["headers"] == 2
    with pytest.raises(tamis.UsageError, match="no file"):
        tamis.read_csv([])


def test_ids_of_any_bytes(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_bytes(b"user,item\n\xff\xfe,caf\xc3\xa9\n007,1e3\n")
    log = tamis.read_csv(tmp_path / "log.csv")
    model = tamis.POP().fit(log)
    assert log.item_ids.tolist() == ["café", "1e3"] and log.user_ids[1] == "007"
    assert model.recommend(log.user_ids[0], 1).items.tolist() == model.recommend(b"\xff\xfe", 1).items.tolist() == ["1e3"]
    log.to_csv(tmp_path / "again.csv")
    assert tamis.read_csv(tmp_path / "again.csv").user_ids.tolist() == log.user_ids.tolist()


def test_a_warning_of_the_library(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("user,item,rating\nann,x,1\n ann,y,5\n")
    with pytest.warns(tamis.DataWarning, match="blanks.*; trim takes it off") as told:
        log = tamis.read_csv(tmp_path / "log.csv")
    assert told[0].filename == __file__ and any("rating" in note for note in log.notes)


def test_memory() -> None:
    """A log is the one copy of a matrix of which nothing has to be converted."""
    program = """
import re, numpy as np, scipy.sparse, tamis
def peak(what): return 1024 * int(re.search(what + r":\\s+(\\d+)", open("/proc/self/status").read())[1])
users, each, items = 100_000, 40, 20_000
item = (np.arange(users, dtype=np.int32)[:, None] % 500 + 500 * np.arange(each, dtype=np.int32)).ravel()
matrix = scipy.sparse.csr_matrix((np.ones(len(item), np.int8), item, np.arange(0, len(item) + 1, each)), (users, items))
tamis.Log(np.eye(3))
open("/proc/self/clear_refs", "w").write("5")
before, size = peak("VmRSS"), item.nbytes + 8 * users
log = tamis.Log(matrix)
print((peak("VmRSS") - before) / size, (peak("VmHWM") - before) / size)
"""
    kept, most = map(float, subprocess.check_output([sys.executable, "-c", program], text=True).split())
    assert kept < 1.5 and most < 2.7, (kept, most)  # ids and their index besides; while it is made, the library's working memory


def test_noise_and_its_truth(drawn: Path, train: tamis.Log, test_log: tamis.Log) -> None:
    noisy, kind = tamis.noise(train, uniform=0.5, popular=0.2, held_out=[test_log])
    before, after = set(pairs(train)), pairs(noisy)
    injected = {pair for pair, word in zip(zip(noisy.user_ids[noisy.users], noisy.item_ids[noisy.items]), kind) if word != "clean"}
    assert len(after) == len(kind) and set(kind) == {"clean", "uniform", "popular"}
    assert set(after) - before == injected and not injected & set(pairs(test_log))


def test_split_into_folds(train: tamis.Log) -> None:
    folds = [pairs(tamis.split(train, folds=4, fold=fold).test) for fold in range(1, 5)]
    assert sorted(sum(folds, [])) == pairs(train)
    parts = tamis.split(train, test_ratio=0.2, validation_ratio=0.2)
    assert parts.validation is not None
    assert sorted(sum((pairs(part) for part in parts if part is not None), [])) == pairs(train)
