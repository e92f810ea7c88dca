"""200 random calls against what numpy makes of the factors: recommendations, similar items, scores, metrics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse
import tamis
from conftest import draw

METHODS = ["BPR", "WARP", "IALS", "SOFTMAX", "MF", "NBPO"]
FORMS = [scipy.sparse.csr_matrix, scipy.sparse.coo_matrix, scipy.sparse.csc_matrix, scipy.sparse.csr_array, np.asarray]


def scores_of(model: Any) -> np.ndarray[Any, Any]:
    scores = model.user_factors.astype(np.float64) @ model.item_factors.astype(np.float64).T
    return scores if model.item_bias is None else scores + model.item_bias


def best(scores: np.ndarray[Any, Any], allowed: np.ndarray[Any, Any], n: int) -> list[int]:
    """The n best, ties by row."""
    order = sorted(np.flatnonzero(allowed), key=lambda item: (-scores[item], item))
    return [int(item) for item in order[:n]]


@pytest.fixture(scope="module", params=range(50))
def case(request: pytest.FixtureRequest) -> tuple[Any, np.ndarray[Any, Any], np.random.Generator]:
    """A random matrix in one of its forms, and a model of it."""
    random = np.random.default_rng(request.param)
    matrix = draw(random)
    method = METHODS[request.param % len(METHODS)]
    data = FORMS[request.param % len(FORMS)](matrix.astype(np.float32))
    model = getattr(tamis, method)(factors=int(random.integers(1, 20)), epochs=2, seed=int(request.param)).fit(data)
    return model, matrix, random


def test_recommend(case: Any) -> None:
    model, matrix, random = case
    users, items = matrix.shape
    scores, n = order_of(model, matrix), int(random.integers(1, 12))
    asked = random.integers(0, users, int(random.integers(1, 10)))
    allowed = np.ones((len(asked), items), bool)
    options: dict[str, Any] = {"filter_seen": bool(random.integers(2))}
    if options["filter_seen"]:
        allowed &= ~matrix[asked]
    if random.integers(2):
        options["candidates"] = random.integers(0, items, int(random.integers(1, items)))
        allowed &= np.isin(np.arange(items), options["candidates"])
    choice = random.integers(3)
    if choice == 1:
        options["exclude"] = random.integers(0, items, 4).tolist()
        allowed[:, options["exclude"]] = False
    elif choice == 2:
        options["exclude"] = [random.integers(0, items, int(random.integers(0, 5))) for _ in asked]
        for row, out in enumerate(options["exclude"]):
            allowed[row, out] = False
    found = model.recommend(asked, n, **options)
    assert found.items.shape == found.scores.shape == (len(asked), n)
    for row, user in enumerate(asked):
        expected = best(scores[user], allowed[row], n)
        assert found.items[row].tolist() == expected + [-1] * (n - len(expected))
        np.testing.assert_array_equal(found.scores[row, : len(expected)], scores[user, expected])
        assert np.isnan(found.scores[row, len(expected) :]).all()


def test_score(case: Any) -> None:
    model, matrix, random = case
    scores = scores_of(model)
    users, items = (random.integers(0, size, 20) for size in matrix.shape)
    np.testing.assert_allclose(model.score(users, items), scores[users, items], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model.score(users[0], items), scores[users[0], items], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model.score(users, items[0]), scores[users, items[0]], rtol=1e-4, atol=1e-5)
    one = model.score(int(users[0]), int(items[0]))
    assert type(one) is float and one == model.score(users[:1], items[:1])[0]
    assert np.isnan(model.score([0, matrix.shape[0]], [matrix.shape[1], 0])).all()


@pytest.mark.parametrize("side", ["item", "user"])
def test_similar(case: Any, side: str) -> None:
    model, matrix, random = case
    matrix = matrix if side == "item" else matrix.T
    factors = getattr(model, f"{side}_factors").astype(np.float64)
    lengths = np.linalg.norm(factors, axis=1)
    item, n = int(random.integers(matrix.shape[1])), int(random.integers(1, matrix.shape[1]))
    cosines = factors @ factors[item] / np.where(lengths * lengths[item] > 0, lengths * lengths[item], 1)
    found = getattr(model, f"similar_{side}s")(item, n)
    several = getattr(model, f"similar_{side}s")([item, 0], n)
    assert several.items.shape == (2, n) and several.items[0].tolist() == found.items.tolist()
    assert len(set(found.items.tolist())) == n and item not in found.items
    np.testing.assert_allclose(found.scores, cosines[found.items], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.scores, np.sort(np.delete(cosines, item))[::-1][:n], rtol=1e-4, atol=1e-5)


def test_evaluate(case: Any) -> None:
    model, matrix, random = case
    test = scipy.sparse.csr_matrix((random.random(matrix.shape) < 0.3) & ~matrix)
    if not test.nnz:
        test = scipy.sparse.csr_matrix(~matrix)
    if not test.nnz:
        pytest.skip("the matrix is full")
    k = int(random.integers(1, 15))
    wanted = [f"{name}@{k}" for name in ("ndcg", "recall", "precision", "hit", "mrr", "map")]
    sums = dict.fromkeys(wanted, 0.0)
    scores = order_of(model, matrix)
    users = np.flatnonzero(np.diff(test.indptr))
    for user in users:
        relevant = set(test[user].indices.tolist())
        ranked = best(scores[user], ~matrix[user], matrix.shape[1])[:k]
        hits = [place for place, item in enumerate(ranked, 1) if item in relevant]
        ideal = sum(1 / np.log2(place + 1) for place in range(1, min(k, len(relevant)) + 1))
        values = [sum(1 / np.log2(place + 1) for place in hits) / ideal, len(hits) / len(relevant), len(hits) / k,
                  float(bool(hits)), 1 / hits[0] if hits else 0.0,
                  sum((number + 1) / place for number, place in enumerate(hits)) / min(k, len(relevant))]  # fmt: skip
        for name, value in zip(wanted, values):
            sums[name] += value / len(users)
    found = model.evaluate(test, wanted)
    assert list(found) == wanted
    for name in wanted:
        assert found[name] == pytest.approx(sums[name], abs=1e-9), name


def order_of(model: Any, matrix: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Scores in the library's own float32, by which it ranks: all of them, from recommendations."""
    scores = np.full(matrix.shape, -np.inf)
    found = model.recommend(None, matrix.shape[1], filter_seen=False)
    for user in range(matrix.shape[0]):
        scores[user, found.items[user]] = found.scores[user]
    np.testing.assert_allclose(scores, scores_of(model), rtol=1e-4, atol=1e-5)
    return scores


def test_round_trip(case: Any) -> None:
    model, matrix, random = case
    log = tamis.Log(scipy.sparse.csr_matrix(matrix.astype(np.float32)))
    assert (log.to_csr().toarray() == matrix).all()
    weights = random.uniform(0.5, 2, int(matrix.sum())).astype(np.float32)
    weighted = scipy.sparse.csr_matrix(matrix.astype(np.float32))
    weighted.data[:] = weights
    np.testing.assert_array_equal(tamis.Log(weighted, weights=True).to_csr().toarray(), weighted.toarray())
